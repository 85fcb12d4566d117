//! Scanning an encrypted text without reading its tokens character by character.
//!
//! Nearly all of an encrypted text is base64, of which a scanner learns nothing. So each token is shortened to one of the
//! same sort, the short text is scanned, and the spans are moved to where they belong. That is sound for a token that
//! fills a value or a comment: formats take such a content as it is, however long. When a token stands anywhere else (in a
//! key, an anchor, a value with more in it), or the short text is refused, the whole text is scanned as it is: keys,
//! clear values and errors are always those of the real text. And no plaintext depends on it alone: the text that is
//! released was scanned whole and has the same structure (verify, step 8).

use crate::document::sops::Store;
use crate::document::{Format, KeyedScan, Root, Scan};
use crate::error::Error;
use crate::leaf::{Leaf, Span};

/// The tokens of a dialect.
struct Tokens {
    /// The token whose bracket stands at this offset of a text.
    read: fn(&[u8], usize) -> Option<Found>,
    /// What may stand before one in a comment.
    signs: &'static [&'static str],
}

/// Where a token ends, and what is left of it.
type Found = (usize, &'static str);

static NATIVE: Tokens = Tokens { read: native_token, signs: &["# ", "; "] };
static SOPS: Tokens = Tokens { read: sops_token, signs: &["#", "# ", "; "] };

/// [`Format::scan`], with the same result; and the short text, if that gave it.
pub(super) fn scan(format: &dyn Format, text: &str) -> Result<(Scan, Option<Folded>), Error> {
    let folded = Folded::new(text, &NATIVE);
    match format.scan(&folded.text).ok().and_then(|scan| folded.unfold(scan)) {
        Some(scan) => Ok((scan, Some(folded))),
        None => Ok((format.scan(text)?, None)),
    }
}

/// The same for a text that may differ from an earlier one in tokens alone. Then its short text is the same, and so is
/// what a scan of that would find: a scan depends on the text and on nothing else.
pub(super) fn scan_like(
    format: &dyn Format,
    text: &str,
    (before, scan_before): (&Folded, &Scan),
) -> Result<(Scan, Option<Folded>), Error> {
    let folded = Folded::new(text, &NATIVE);
    if folded.text != before.text {
        return scan(format, text);
    }
    match folded.unfold(before.fold(scan_before.clone())) {
        Some(scan) => Ok((scan, Some(folded))),
        None => Ok((format.scan(text)?, None)),
    }
}

/// The same for a file of the sops dialect, with its keys.
pub(super) fn keyed_scan(store: Store, text: &str) -> Result<KeyedScan, Error> {
    let folded = Folded::new(text, &SOPS);
    let unfold = |found: KeyedScan| {
        let keys = found.keys.iter().map(|&(path, start)| (path, folded.unfolded_offset(start))).collect();
        Some(KeyedScan { scan: folded.unfold(found.scan)?, keys })
    };
    match store.keyed_scan(&folded.text).ok().and_then(unfold) {
        Some(scan) => Ok(scan),
        None => store.keyed_scan(text),
    }
}

/// A text with its tokens shortened.
pub(super) struct Folded {
    text: String,
    tokens: Vec<Token>,
    signs: &'static [&'static str],
}

/// Where a token ends up, and where it ended.
struct Token {
    short: Span,
    end: u32,
}

impl Folded {
    fn new(text: &str, sort: &'static Tokens) -> Self {
        // No token has less than 100 bytes, and with a short key before it that is most of its line.
        let mut folded = Self {
            text: String::with_capacity(text.len() / 4),
            tokens: Vec::with_capacity(text.len() / 128),
            signs: sort.signs,
        };
        let mut copied = 0;
        let mut from = 0;
        while let Some(found) = text[from..].find('[') {
            let bracket = from + found;
            from = bracket + 1;
            if !text[copied..bracket].ends_with("ENC") {
                continue;
            }
            let Some((end, short)) = (sort.read)(text.as_bytes(), bracket) else { continue };
            folded.text.push_str(&text[copied..bracket - "ENC".len()]);
            let start = folded.text.len();
            folded.text.push_str(short);
            folded.tokens.push(Token { short: Span::new(start..folded.text.len()), end: Span::new(end..end).end });
            (copied, from) = (end, end);
        }
        folded.text.push_str(&text[copied..]);
        folded
    }

    /// The scan of the whole text, given that of the short one; none when a token is not all that a value or a comment
    /// holds.
    fn unfold(&self, mut scan: Scan) -> Option<Scan> {
        let mut tokens = self.tokens.iter();
        let mut next = tokens.next();
        let mut cut = 0;
        for leaf in &mut scan.leaves {
            let start = leaf.span.start + cut;
            if let Some(token) = next.filter(|token| token.short.start < leaf.span.end) {
                if !self.is_filled(leaf, token.short) {
                    return None;
                }
                cut = token.end - token.short.end;
                next = tokens.next();
            }
            leaf.span = Span { start, end: leaf.span.end + cut };
        }
        if next.is_some() {
            return None;
        }
        scan.root = match scan.root {
            Root::Map(span) => Root::Map(self.unfolded(span)),
            Root::Other(span) => Root::Other(self.unfolded(span)),
        };
        Some(scan)
    }

    /// The reverse of [`Folded::unfold`].
    fn fold(&self, mut scan: Scan) -> Scan {
        let mut tokens = self.tokens.iter();
        let mut next = tokens.next();
        let mut cut = 0;
        for leaf in &mut scan.leaves {
            let start = leaf.span.start - cut;
            if let Some(token) = next.filter(|token| token.end <= leaf.span.end) {
                cut = token.end - token.short.end;
                next = tokens.next();
            }
            leaf.span = Span { start, end: leaf.span.end - cut };
        }
        scan.root = match scan.root {
            Root::Map(span) => Root::Map(self.folded(span)),
            Root::Other(span) => Root::Other(self.folded(span)),
        };
        scan
    }

    /// A span of the whole text, in the short one.
    fn folded(&self, span: Span) -> Span {
        let folded = |offset: u32| {
            let before = self.tokens.partition_point(|token| token.end <= offset);
            let last = before.checked_sub(1).map(|last| &self.tokens[last]);
            offset - last.map_or(0, |token| token.end - token.short.end)
        };
        Span { start: folded(span.start), end: folded(span.end) }
    }

    /// Whether `token` is the whole content of `leaf`, quotes or comment sign aside.
    fn is_filled(&self, leaf: &Leaf, token: Span) -> bool {
        let before = self.text.get(leaf.span.start as usize..token.start as usize);
        let behind = self.text.get(token.end as usize..leaf.span.end as usize);
        match (before, behind) {
            (Some(sign), Some("")) if self.signs.contains(&sign) => leaf.kind.is_comment(),
            (Some(""), Some("")) | (Some("\""), Some("\"")) | (Some("'"), Some("'")) | (Some("`"), Some("`")) => {
                leaf.kind.is_value()
            }
            _ => false,
        }
    }

    /// A span of the short text, in the whole one. No token begins or ends in the middle of a root.
    fn unfolded(&self, span: Span) -> Span {
        Span { start: self.unfolded_offset(span.start), end: self.unfolded_offset(span.end) }
    }

    /// An offset of the short text, in the whole one.
    fn unfolded_offset(&self, offset: u32) -> u32 {
        let before = self.tokens.partition_point(|token| token.short.end <= offset);
        let last = before.checked_sub(1).map(|last| &self.tokens[last]);
        offset + last.map_or(0, |token| token.end - token.short.end)
    }
}

/// Whether the token is canonical does not matter here, only that it has no other characters.
fn native_token(bytes: &[u8], bracket: usize) -> Option<Found> {
    let seal_end = end_of_base64(bytes, behind(bytes, bracket, b"[1:")?)?;
    let has_link = bytes.get(seal_end) == Some(&b':');
    let end = if has_link { end_of_base64(bytes, seal_end + 1)? } else { seal_end };
    Some((behind(bytes, end, b"]")?, if has_link { "ENC[1:A:A]" } else { "ENC[1:A]" }))
}

/// What is left has all characters of the token that mean something anywhere, but for the `=` behind base64: that would
/// only if there were no other one before it, and then the token were in a key.
fn sops_token(bytes: &[u8], bracket: usize) -> Option<Found> {
    let field = |at, name| {
        let end = end_of_base64(bytes, behind(bytes, at, name)?)?;
        Some(end + bytes[end..].iter().take(2).take_while(|&&byte| byte == b'=').count())
    };
    let data = field(bracket, b"[AES256_GCM,data:")?;
    let nonce = field(data, b",iv:")?;
    let tag = field(nonce, b",tag:")?;
    let kind = behind(bytes, tag, b",type:")?;
    let end = kind + bytes[kind..].iter().take(8).take_while(|byte| byte.is_ascii_lowercase()).count();
    Some((behind(bytes, end, b"]")?, "ENC[A,A:A]"))
}

/// The offset behind `text`, if that stands at `at`.
fn behind(bytes: &[u8], at: usize, text: &[u8]) -> Option<usize> {
    bytes.get(at..)?.starts_with(text).then_some(at + text.len())
}

/// The offset of the first byte behind the base64 that begins at `from`; none when nothing does.
fn end_of_base64(bytes: &[u8], from: usize) -> Option<usize> {
    let is_base64 = |byte: u8| (byte | 0x20).is_ascii_lowercase() || matches!(byte, b'/'..=b'9' | b'+');
    // Without branches, in chunks: this runs over every byte of every seal.
    let whole = |chunk: &&[u8]| chunk.iter().fold(true, |so_far, &byte| so_far & is_base64(byte));
    let chunks = from + 32 * bytes[from..].chunks_exact(32).take_while(whole).count();
    let end = chunks + bytes[chunks..].iter().take_while(|&&byte| is_base64(byte)).count();
    (end > from).then_some(end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::document::FORMATS;

    const TOKEN: &str = "ENC[1:abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/:QUJD]";
    const SOPS_TOKEN: &str = "ENC[AES256_GCM,data:ab+/cdef==,iv:0123456789+=,tag:A/z=,type:comment]";
    const COMMENT: &str = "ENC[1:abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/]";

    fn format(name: &str) -> &'static dyn Format {
        crate::document::format_by_name(name).expect("a format")
    }

    /// The scan of `text`, and again from that of a text with other tokens.
    fn scan_only(format: &dyn Format, text: &str) -> Result<Scan, Error> {
        let (found, folded) = scan(format, text)?;
        if let Some(folded) = folded {
            let other = text.replace("ABCDEFG", "ABCDEFGabcdefg").replace("0123456789", "01");
            let (again, _) = scan_like(format, &other, (&folded, &found))?;
            assert_eq!(again, scan(format, &other)?.0, "{text:?}");
        }
        Ok(found)
    }

    /// Whether the short text alone gives the scan of `text`.
    fn folds(name: &str, text: &str) -> bool {
        let text = text.replace("TOKEN", TOKEN).replace("COMMENT", COMMENT);
        assert_eq!(scan_only(format(name), &text), format(name).scan(&text), "{text:?}");
        let folded = Folded::new(&text, &NATIVE);
        format(name).scan(&folded.text).ok().and_then(|scan| folded.unfold(scan)).is_some()
    }

    #[test]
    fn tokens_are_shortened() {
        let text = format!("a: {TOKEN}\n# {COMMENT}\nb: ENC[2:x:y] ENC[1:] ENC[1:é:x] ENC[1:x:] ENC[1::x] [1:x]");
        let folded = Folded::new(&text, &NATIVE);
        assert_eq!(
            folded.text,
            "a: ENC[1:A:A]\n# ENC[1:A]\nb: ENC[2:x:y] ENC[1:] ENC[1:é:x] ENC[1:x:] ENC[1::x] [1:x]"
        );
        assert_eq!(folded.tokens.len(), 2);
    }

    #[test]
    fn texts_as_we_write_them_fold() {
        for text in [
            "a: TOKEN\nb:\n  - TOKEN # COMMENT\n  - {c: \"TOKEN\", d: [\"TOKEN\", 1]}\n# COMMENT\n",
            "a: 'TOKEN'\n---\nb: TOKEN",
            "a: &x TOKEN\nb: *x\nc: !t TOKEN\nd:\n",
            "TOKEN",
        ] {
            assert!(folds("yaml", text), "{text:?}");
        }
        assert!(folds("json", "{\"a\": \"TOKEN\", \"b\": [\"TOKEN\", {}, null]} "));
        assert!(folds("dotenv", "# COMMENT\nA=TOKEN\nB=\"TOKEN\" # COMMENT\nC=`TOKEN`\nD\nE="));
    }

    #[test]
    fn a_token_anywhere_else_is_read_whole() {
        for text in [
            "TOKEN: 1",
            "\"TOKEN\": 1",
            "a: TOKEN TOKEN",
            "a: xTOKEN",
            "a: \" TOKEN\"",
            "a: TOKEN\n  b",
            "a: |\n  TOKEN\n",
            "a: &TOKEN x",
            "a: [TOKEN]",
            "#TOKEN",
            "#  TOKEN",
            "# TOKEN ",
            "a: | # TOKEN\n  x\n",
            "? TOKEN\n: TOKEN",
        ] {
            assert!(!folds("yaml", text), "{text:?}");
        }
        assert!(!folds("json", "{\"TOKEN\": \"TOKEN\"}"));
        assert!(!folds("dotenv", "A=x TOKEN"));
    }

    #[test]
    fn errors_are_those_of_the_whole_text() {
        let text = format!("a: {TOKEN}\nb: {TOKEN}\na: {TOKEN} \"x\": y");
        let error = scan_only(format("yaml"), &text).expect_err("not YAML");
        assert_eq!(Err(error), format("yaml").scan(&text));
    }

    #[test]
    fn texts_full_of_beginnings_cost_no_time() {
        let text = "ENC[1:AAAA".repeat(200_000);
        assert_eq!(Folded::new(&text, &NATIVE).text, text);
        let text = "ENC[AES256_GCM,data:AAAA".repeat(100_000);
        assert_eq!(Folded::new(&text, &SOPS).text, text);
    }

    /// Texts in which tokens stand where they belong, and where they do not.
    fn texts() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            8 => prop::sample::select(vec![
                "a: ", "b:\n  ", "- ", "\n", "\n", "\n  ", "\"", "\"", "'", "# ", "# ", " ", "{", "}", "[", "]", ", ", ": ",
                "? ", "&x ", "!t ", "|\n  ", "---\n", "KEY=", "export ", "\"k\": ", "`", ";", "\r\n", "é", "~", "%", ":", "x",
            ]).prop_map(str::to_owned),
            4 => prop::sample::select(vec![TOKEN, COMMENT]).prop_map(str::to_owned),
            1 => "ENC\\[1:[A-Za-z:+/\\]]{0,4}",
            1 => "[A-Z]{1}=",
        ];
        (prop::collection::vec(piece, 0..24), any::<bool>()).prop_map(|(pieces, long)| {
            // What begins a key may be no longer than 1024 characters.
            let text = pieces.concat();
            if long { text.replace("0123456789", &"0123456789".repeat(120)) } else { text }
        })
    }

    /// Texts of lines as they are written, with up to three changes.
    fn lines() -> impl Strategy<Value = String> {
        let line = prop::sample::select(vec![
            "a: TOKEN\n",
            "b: TOKEN # COMMENT\n",
            "c:\n  d: 'TOKEN'\n",
            "# COMMENT\n",
            "e:\n- TOKEN\n- f: TOKEN\n  g: 1\n",
            "h: {i: \"TOKEN\", j: [\"TOKEN\"]}\n",
            "---\n",
            "k: &l TOKEN\n",
            "m: *l\n",
            "n: |\n  x\n",
        ]);
        let lines = prop::collection::vec(line, 0..6)
            .prop_map(|lines| lines.concat().replace("TOKEN", TOKEN).replace("COMMENT", COMMENT));
        crate::document::battery::mutated(lines)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn the_short_way_finds_what_the_long_way_finds(text in prop_oneof![texts(), lines()]) {
            for format in FORMATS {
                prop_assert_eq!(scan_only(*format, &text), format.scan(&text), "{} of {:?}", format.name(), text);
            }
            let text = text.replace(TOKEN, SOPS_TOKEN).replace(COMMENT, SOPS_TOKEN).replace("# ENC", "#ENC");
            for store in Store::ALL {
                let parts = |found: KeyedScan| (found.scan, found.keys);
                let (short, long) = (keyed_scan(store, &text).map(parts), store.keyed_scan(&text).map(parts));
                prop_assert_eq!(short, long, "{} of {:?}", store.name(), text);
            }
        }
    }
}
