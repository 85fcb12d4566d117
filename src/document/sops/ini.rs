//! INI as SOPS reads it, which is go-ini's way: `#` and `;` begin a comment nearly anywhere, quotes are dropped, and
//! all comments of a key or section count as one.

use std::borrow::Cow;

use crate::document::{KeyedScan, Root, Scan};
use crate::error::Error;
use crate::leaf::{Carrier, Leaf, LeafKind, PathId, PathTree, Segment, Span};

/// The section of keys that stand before the first one.
const DEFAULT_SECTION: &str = "DEFAULT";
const BLANKS: [char; 5] = [' ', '\t', '\r', '\u{b}', '\u{c}'];

/// The leaves and keys of `text`; sections are keys of the root. The path of a comment is that of the section or key
/// that it belongs to.
pub(super) fn keyed_scan(text: &str) -> Result<KeyedScan, Error> {
    let mut scanner = Scanner {
        text,
        at: if text.starts_with('\u{feff}') { 3 } else { 0 },
        leaves: Vec::new(),
        paths: PathTree::default(),
        keys: Vec::new(),
        section: None,
        pending: Vec::new(),
    };
    while scanner.at < text.len() {
        scanner.line()?;
    }
    let section = scanner.section();
    scanner.settle(section);
    scanner.leaves.sort_by_key(|leaf| leaf.span);
    let root = Root::Map(Span::new(0..text.len()));
    Ok(KeyedScan {
        scan: Scan { leaves: scanner.leaves, paths: scanner.paths, documents: 1, root },
        keys: scanner.keys,
    })
}

/// The value that go-ini takes from the source of a leaf.
pub(super) fn decode(source: &str) -> Cow<'_, str> {
    for quote in ["\"\"\"", "`"] {
        if let Some(inner) = source.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return Cow::Borrowed(inner);
        }
    }
    let joined = join_lines(source);
    match unquoted(&joined) {
        Some(inner) => Cow::Owned(inner.to_owned()),
        None => joined,
    }
}

/// `value` as go-ini writes it; none for what it cannot read again.
pub(super) fn spell(value: &str) -> Option<Cow<'_, str>> {
    let wrapped = |quote: &str| Cow::Owned([quote, value, quote].concat());
    let spelled = if value.contains(['\n', '`']) {
        wrapped("\"\"\"")
    } else if value.contains(['#', ';']) {
        wrapped("`")
    } else if value.trim() != value {
        wrapped("\"")
    } else {
        Cow::Borrowed(value)
    };
    let line = format!("k = {spelled}\n");
    let scanned = keyed_scan(&line).ok()?;
    let is_same = match scanned.scan.leaves.as_slice() {
        [leaf] => leaf.kind == LeafKind::Plain && decode(leaf.span.of(&line)) == value,
        _ => false,
    };
    is_same.then_some(spelled)
}

struct Scanner<'t> {
    text: &'t str,
    at: usize,
    leaves: Vec<Leaf>,
    paths: PathTree,
    keys: Vec<(PathId, u32)>,
    section: Option<PathId>,
    /// Comments that belong to the next key or section.
    pending: Vec<Span>,
}

impl<'t> Scanner<'t> {
    fn line(&mut self) -> Result<(), Error> {
        let end = line_end(self.text, self.at);
        let line = &self.text[self.at..end];
        let start = self.at + (line.len() - line.trim_start_matches(BLANKS).len());
        self.at = (end + 1).min(self.text.len());
        if end == self.text.len() {
            self.at = end;
        }
        match self.text.as_bytes().get(start) {
            _ if start >= end => Ok(()),
            Some(b'#' | b';') => {
                self.comment(start, end);
                Ok(())
            }
            Some(b'[') => self.section_line(start, end),
            _ => self.key_line(start, end),
        }
    }

    fn comment(&mut self, start: usize, end: usize) {
        let len = self.text[start..end].trim_end_matches(BLANKS).len();
        self.pending.push(Span::new(start..start + len));
    }

    fn section_line(&mut self, start: usize, end: usize) -> Result<(), Error> {
        let close = self.text[start..end].rfind(']').map(|at| start + at);
        let close = close.filter(|&close| close > start + 1);
        let close = close.ok_or_else(|| Error::syntax(self.text, start, "expected a section's name and `]`"))?;
        let name = &self.text[start + 1..close];
        let path = self.paths.child(PathTree::ROOT, Segment::Key { text: name, quoted: false });
        self.keys.push((path, Span::new(start..start).start));
        self.section = Some(path);
        if let Some(at) = self.text[close..end].find(['#', ';']) {
            self.comment(close + at, end);
        }
        self.settle(path);
        Ok(())
    }

    fn key_line(&mut self, start: usize, end: usize) -> Result<(), Error> {
        let line = &self.text[start..end];
        let refuse = |what| Err(Error::syntax(self.text, start, what));
        let quote = ["\"\"\"", "\"", "`"].into_iter().find(|quote| line.starts_with(quote));
        let (key, behind) = match quote {
            Some(quote) => {
                let Some(close) = line[quote.len()..].find(quote).map(|at| at + quote.len()) else {
                    return refuse("the quoted key is not closed");
                };
                (&line[quote.len()..close], close + quote.len())
            }
            None => (line, 0),
        };
        let Some(delimiter) = line[behind..].find(['=', ':']).map(|at| at + behind) else {
            return refuse("expected `key = value`, `[section]` or a comment");
        };
        let key = if quote.is_some() { key } else { &line[..delimiter] }.trim_matches(BLANKS);
        if key.is_empty() || key == "-" {
            return refuse("a key must have a name");
        }
        let section = self.section();
        let path = self.paths.child(section, Segment::Key { text: key, quoted: false });
        self.keys.push((path, Span::new(start..start).start));
        self.value(path, start + delimiter + 1, end)?;
        self.settle(path);
        Ok(())
    }

    /// The value that begins behind its delimiter at `from` on the line that ends at `end`.
    fn value(&mut self, path: PathId, from: usize, mut end: usize) -> Result<(), Error> {
        let text = self.text;
        let start = from + (text[from..end].len() - text[from..end].trim_start_matches(BLANKS).len());
        let quote = ["\"\"\"", "`"].into_iter().find(|quote| text[start..end].starts_with(quote));
        if let Some(quote) = quote {
            let open = start + quote.len();
            // go-ini takes the last quote of the line, or else the first one of the lines below.
            let close = text[open..end].rfind(quote).or_else(|| text[open..].find(quote));
            let close = close.ok_or_else(|| Error::syntax(text, start, "the quoted value is not closed"))?;
            let behind = open + close + quote.len();
            let line_end = line_end(text, behind);
            if !text[behind..line_end].trim_matches(BLANKS).is_empty() {
                return Err(Error::syntax(text, behind, "what stands behind a quoted value would be lost"));
            }
            self.at = (line_end + 1).min(text.len());
            self.push(path, start..behind);
            return Ok(());
        }
        // A backslash at the end of a line joins the next one.
        while text[start..end].trim_end_matches(BLANKS).ends_with('\\') {
            if end == text.len() {
                return Err(Error::syntax(text, end - 1, "the backslash at the end of the file continues nothing"));
            }
            end = line_end(text, end + 1);
            self.at = (end + 1).min(text.len());
        }
        let mut source = text[start..end].trim_end_matches(BLANKS);
        if !source.contains('\n')
            && let Some(at) = source.find(['#', ';'])
        {
            self.comment(start + at, end);
            source = source[..at].trim_end_matches(BLANKS);
        }
        self.push(path, start..start + source.len());
        Ok(())
    }

    fn push(&mut self, path: PathId, range: std::ops::Range<usize>) {
        let kind = match decode(&self.text[range.clone()]) {
            value if value.is_empty() => LeafKind::EmptyValue,
            _ => LeafKind::Plain,
        };
        self.leaves.push(Leaf { span: Span::new(range), path, kind, carrier: Carrier::Bare, indent: 0 });
    }

    fn section(&mut self) -> PathId {
        *self.section.get_or_insert_with(|| {
            self.paths.child(PathTree::ROOT, Segment::Key { text: DEFAULT_SECTION, quoted: false })
        })
    }

    /// Gives the comments so far to `owner`.
    fn settle(&mut self, owner: PathId) {
        for span in self.pending.drain(..) {
            let carrier = Carrier::Comment(self.text.as_bytes()[span.start as usize]);
            self.leaves.push(Leaf { span, path: owner, kind: LeafKind::Comment, carrier, indent: 0 });
        }
    }
}

fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |len| at + len)
}

/// Lines that a backslash continues, as one.
fn join_lines(source: &str) -> Cow<'_, str> {
    if !source.contains("\\\n") && !source.contains("\\\r\n") {
        return Cow::Borrowed(source);
    }
    let lines = source.split('\n').map(|line| line.trim_matches(BLANKS));
    Cow::Owned(lines.map(|line| line.strip_suffix('\\').unwrap_or(line)).collect())
}

/// What stands in single or double quotes that surround a value.
fn unquoted(source: &str) -> Option<&str> {
    ['"', '\''].into_iter().find_map(|quote| {
        let inner = source.strip_prefix(quote)?.strip_suffix(quote)?;
        // go-ini looks whether the closing quote is the first one behind the opening one.
        (!inner.contains(quote)).then_some(inner)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(text: &str) -> Vec<(String, String)> {
        let KeyedScan { scan, .. } = keyed_scan(text).expect("an INI text");
        let value = |leaf: &Leaf| match leaf.kind {
            LeafKind::Comment => leaf.span.of(text).to_owned(),
            _ => decode(leaf.span.of(text)).into_owned(),
        };
        scan.leaves.iter().map(|leaf| (scan.paths.display(leaf.path).to_string(), value(leaf))).collect()
    }

    #[test]
    fn values_are_read_as_go_ini_does() {
        let text = "g = 1\n; c\n[ s ] # d\na=\"x # y\"\nb : 'q'\nc = `a#b`\nd = \"\"\"p\nq\"\"\"\ne = one \\\n two\nf=\n`k=1` = 2\n";
        let found = leaves(text);
        let found: Vec<_> = found.iter().map(|(path, value)| (path.as_str(), value.as_str())).collect();
        assert_eq!(
            found,
            [
                ("DEFAULT.g", "1"),
                ("\" s \"", "; c"),
                ("\" s \"", "# d"),
                ("\" s \".a", "\"x"),
                ("\" s \".a", "# y\""),
                ("\" s \".b", "q"),
                ("\" s \".c", "a#b"),
                ("\" s \".d", "p\nq"),
                ("\" s \".e", "one two"),
                ("\" s \".f", ""),
                ("\" s \".\"k=1\"", "2"),
            ]
        );
        for bad in ["x\n", "[a\n", "[]\n", "= 1\n", "a = `x\n", "\"a = 1\n", "a = `x` y\n"] {
            assert!(keyed_scan(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn values_are_spelled_as_go_ini_does() {
        for (value, expected) in [
            ("a b", Some("a b")),
            ("a#b", Some("`a#b`")),
            (" x", Some("\" x\"")),
            ("a\nb", Some("\"\"\"a\nb\"\"\"")),
            ("a`#", Some("\"\"\"a`#\"\"\"")),
            ("x\\", None),
            ("\"x\"", None),
        ] {
            assert_eq!(spell(value).as_deref(), expected, "{value}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_spelled_is_read_again(value in "[a-z #;\"'`\\\\\n=:é]{1,12}") {
            if let Some(spelled) = spell(&value) {
                proptest::prop_assert_eq!(decode(&spelled), value.as_str());
            }
        }
    }
}
