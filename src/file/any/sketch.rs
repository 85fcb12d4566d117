//! What everybody may see of a file: its text, with a short mark in the place of each token.

use std::borrow::Cow;

use sha2::{Digest as _, Sha256};

use super::Metadata;
use super::detect::sops_file;
use crate::dialect::{native, sops};
use crate::document::Format;
use crate::error::Error;
use crate::file::document::encrypted_text;

/// An encrypted file for eyes without a key. Nothing in it is authenticated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sketch {
    /// The metadata.
    pub metadata: Metadata,
    /// The text without them, [`marked`].
    pub text: String,
}

impl Sketch {
    /// Reads a file; none when it is not encrypted.
    ///
    /// # Errors
    /// Those of [`status`](super::status).
    pub fn read(bytes: &[u8], format: &'static dyn Format) -> Result<Option<Self>, Error> {
        if let Some((sealed, store)) = sops_file(bytes, format)? {
            let text = marked(&sealed.body()).into_owned();
            return Ok(Some(Self { metadata: Metadata::of_sops(&sealed, store), text }));
        }
        let Some(text) = encrypted_text(bytes, format)? else { return Ok(None) };
        let Some(detached) = format.detach(text, native::METADATA_KEY)? else { return Ok(None) };
        let metadata = native::Metadata::from_block(detached.block, detached.line)?;
        // What does not have the layout that it says is no less worth seeing.
        let body = format.body(Cow::Borrowed(&detached.rest), metadata.layout).unwrap_or(Cow::Borrowed(&detached.rest));
        let text = marked(&body).into_owned();
        Ok(Some(Self { metadata: Metadata::Native(metadata), text }))
    }
}

/// `text` with `‹sealed …›` in the place of every token of either dialect, well-formed or not otherwise: quotes and all else
/// stay. What looks like a mark already gets a second `‹`, so that nobody passes a plaintext off as sealed.
///
/// The mark is a function of what is sealed, and not of the link to what follows: so it tells which values two versions
/// of a file have in common. It has 64 bits, so that nobody finds another seal that looks the same.
#[must_use]
pub fn marked(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut copied = 0;
    // Searches for one text are much faster than for one of two.
    let (mut token, mut mark) = (text.find(START), text.find(MARK));
    while let Some(start) = token.into_iter().chain(mark).min() {
        out.push_str(&text[copied..start]);
        copied = start;
        let mut next = start + 1;
        if mark == Some(start) {
            out.push('‹');
            next = start + MARK.len();
        } else if let Some((len, seal)) = native::seal_text(&text[start..]).or_else(|| sops::seal_text(&text[start..]))
        {
            push_mark(seal, &mut out);
            copied = start + len;
            next = copied;
        }
        let find = |what: &str| text[next..].find(what).map(|at| next + at);
        token = token.filter(|at| *at >= next).or_else(|| token.and_then(|_| find(START)));
        mark = mark.filter(|at| *at >= next).or_else(|| mark.and_then(|_| find(MARK)));
    }
    if out.is_empty() {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

/// What tokens of both dialects begin with.
const START: &str = "ENC[";

/// What a mark begins with.
const MARK: &str = "‹sealed ";

fn push_mark(seal: &str, out: &mut String) {
    out.push_str(MARK);
    out.push_str(&fingerprint(seal.as_bytes()));
    out.push('›');
}

/// A short name for `bytes`, which no others have: 16 digits.
#[must_use]
pub fn fingerprint(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digest = Sha256::digest(bytes);
    let digits = digest[..8].iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::document::format_by_name;
    use crate::file::{Document, IdentityUnlock, Plan, encrypt, update};
    use crate::keys::{Identities, NoInteraction, generate_x25519};

    #[test]
    fn only_what_is_sealed_decides_about_a_mark() {
        let same = ["ENC[1:AAAA:BBBB]", "ENC[1:AAAA:CCCC]", "ENC[1:AAAA]"].map(|token| marked(token).into_owned());
        assert_eq!(same[0], "‹sealed 63c1dd951ffedf6f›");
        assert!(same.iter().all(|mark| *mark == same[0]));
        assert_ne!(marked("ENC[1:AAAB:BBBB]"), same[0]);
        let sops = "ENC[AES256_GCM,data:AA==,iv:BB/+=,tag:CC==,type:str]";
        for (part, other) in [("data:AA", "data:AB"), ("iv:BB", "iv:BA"), ("tag:CC", "tag:CD")] {
            assert_ne!(marked(&sops.replace(part, other)), marked(sops), "{part}");
        }
        assert!(marked(sops).starts_with("‹sealed ") && marked(sops).ends_with('›'));
    }

    #[test]
    fn what_is_no_token_stays() {
        for text in [
            "",
            "ENC[",
            "ENC[1:",
            "ENC[1:]",
            "ENC[1:AA",
            "ENC[1:A A]",
            "ENC[2:AAAA]",
            "é ENC[x] ENC[AES256_GCM,data:é]",
        ] {
            assert_eq!(marked(text), text);
        }
        assert_eq!(marked("a ENC[ENC[1:AAAA]]\n"), "a ENC[‹sealed 63c1dd951ffedf6f›]\n");
    }

    #[test]
    fn nobody_writes_a_mark_by_hand() {
        let mark = "‹sealed 63c1dd951ffedf6f›";
        assert_eq!(marked(mark), format!("‹{mark}"));
        assert_eq!(
            marked(&format!("a: {mark} ENC[1:AAAA] ‹{mark}ENC[\n")),
            format!("a: ‹{mark} {mark} ‹‹{mark}ENC[\n")
        );
    }

    proptest! {
        /// Each piece comes out as it does alone, wherever it stands.
        #[test]
        fn marks_are_made_piece_by_piece(pieces in proptest::collection::vec(
            prop_oneof![
                Just("ENC[1:AAAA:BBBB]"), Just("ENC[1:AAAA]"), Just("ENC[AES256_GCM,data:A=,iv:B,tag:C,type:str]"), Just("ENC[x "),
                Just("‹sealed 12› "), Just("‹"), Just("é\r\n"), Just("\"a: ]"),
            ], 0..12)) {
            let alone: String = pieces.iter().map(|piece| marked(piece)).collect();
            let all = pieces.concat();
            prop_assert_eq!(marked(&all), alone);
        }

        #[test]
        fn any_text_can_be_marked(text in "[ENC\\[1:AES256_GCM,data/+=é\\]\n‹sealed ]{0,60}") {
            prop_assert_eq!(marked(&text).lines().count(), text.lines().count());
        }
    }

    #[test]
    fn a_file_of_any_format_is_its_plaintext_with_marks() {
        let (secret, recipient) = generate_x25519();
        let mut identities = Identities::new();
        identities.add_identity_file(secret.as_bytes(), "a test").expect("an identity");
        let unlock = IdentityUnlock { identities: &identities, interaction: &NoInteraction };
        let plan = Plan::for_recipients([("me".to_owned(), recipient)]);
        for (format, old, new, lines) in [
            ("yaml", "a: x\n# c\nb:\n  - y\n", "a: x\n# c\nb:\n  - z\n", &[3][..]),
            ("yaml", "a: x", "a: y", &[0]),
            ("json", "{\"a\": \"x\",\n\"b\": 1}", "{\"a\": \"x\",\n\"b\": 2}", &[1]),
            ("json", "[\"x\",\n1]\n", "[\"x\",\n2]\n", &[1]),
            ("dotenv", "A=x\nB=y\n", "A=x\nB=z\n", &[1]),
            ("ini", "[s]\na = x\nb = y\n", "[s]\na = z\nb = y\n", &[1]),
            ("toml", "a = \"x\"\nb = 1\n", "a = \"x\"\nb = 2\n", &[1]),
            ("properties", "a=x\nb=y\n", "a=x\nb=z\n", &[1]),
        ] {
            let format = format_by_name(format).expect("a format");
            let document = |text: &str| Document::parse(text.as_bytes(), format).expect("well-formed");
            let first = encrypt(&document(old), &plan, &NoInteraction).expect("encrypted").text;
            let second = update(first.as_bytes(), &document(new), &unlock).expect("updated").text;
            let sketch = |text: &str| Sketch::read(text.as_bytes(), format).expect("readable").expect("encrypted").text;
            let (first, second) = (sketch(&first), sketch(&second));
            let changed: Vec<_> = first.lines().zip(second.lines()).enumerate().filter(|(_, (a, b))| a != b).collect();
            assert_eq!(changed.iter().map(|(number, _)| *number).collect::<Vec<_>>(), lines, "{first}{second}");
            assert_eq!((first.lines().count(), first.ends_with('\n')), (old.lines().count(), old.ends_with('\n')));
        }
    }
}
