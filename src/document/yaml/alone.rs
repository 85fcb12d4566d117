//! A value read alone, as if it stood in its leaf's place: its meaning, and whether it is a value and nothing else.
//!
//! Whoever holds the key of one section chooses what its leaves open to. A source that is more or less than one value
//! (`"` here and `"` in a later leaf) would make other leaves say something else (verify, step 8).

use std::borrow::Cow;

use granit_parser::{Event, Parser};
use zeroize::Zeroizing;

use super::{scan, syntax};
use crate::document::Scan;
use crate::leaf::{Carrier, Leaf, LeafKind, PathId, PathTree, Segment};

/// The value that a reader takes from `source` in the place of `leaf`.
pub(super) fn decode<'t>(source: &'t str, leaf: &Leaf) -> Option<Cow<'t, str>> {
    if leaf.kind == LeafKind::Plain && !source.contains('\n') {
        return Some(Cow::Borrowed(source));
    }
    if let Some(inner) = simple_quoted(source) {
        return Some(Cow::Borrowed(inner));
    }
    let wrapped = Wrapped::new(source, leaf);
    for step in Parser::new_from_str_with_options(&wrapped.text, syntax::parser_options()) {
        if let (Event::Scalar(value, ..), _) = step.ok()? {
            return Some(Cow::Owned(value.into_owned()));
        }
    }
    None
}

/// Whether `source`, in the place of `leaf`, is exactly one value that fills it.
pub(super) fn is_one_value(source: &str, leaf: &Leaf) -> bool {
    let flow = leaf.carrier == Carrier::DoubleQuoted;
    is_simple_plain(source, flow)
        || simple_quoted(source).is_some_and(|inner| all(inner, |byte| matches!(byte, b'\t' | b' '..=b'~')))
        || (!flow && is_simple_block_scalar(source, usize::from(leaf.indent)))
        || Wrapped::new(source, leaf).holds_one_value()
}

/// A text in which one value stands as in its leaf's place, with another value behind it that must survive.
struct Wrapped {
    text: Zeroizing<String>,
    start: usize,
    len: usize,
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Block,
    Flow,
    Root,
}

impl Wrapped {
    fn new(source: &str, leaf: &Leaf) -> Self {
        let place = match leaf.carrier {
            // Between brackets, indentation means nothing to the parser.
            Carrier::DoubleQuoted => Place::Flow,
            // A path tree's first node is the first document, so the leaf is that document's root.
            _ if leaf.path == FIRST_DOCUMENT => Place::Root,
            _ => Place::Block,
        };
        let indent = if place == Place::Block { usize::from(leaf.indent) } else { 0 };
        let mut text = Zeroizing::new(String::with_capacity(source.len() + 2 * indent + 16));
        text.extend(std::iter::repeat_n(' ', indent));
        text.push_str(match place {
            Place::Block => "- ",
            Place::Flow => "[",
            Place::Root => "--- ",
        });
        let start = text.len();
        text.push_str(source);
        if place == Place::Flow {
            text.push_str(", e]");
        } else {
            text.push('\n');
            text.extend(std::iter::repeat_n(' ', indent));
            text.push_str(if place == Place::Root { "--- e\n" } else { "- e\n" });
        }
        Self { text, start, len: source.len(), place }
    }

    fn holds_one_value(&self) -> bool {
        let Ok(Scan { leaves, paths, documents, .. }) = scan::scan(&self.text) else { return false };
        let [value, sentinel] = leaves.as_slice() else { return false };
        let is_item = |leaf: &Leaf, n| match self.place {
            Place::Root => paths.segments(leaf.path) == [Segment::Document(n)],
            _ => paths.segments(leaf.path) == [Segment::Document(0), Segment::Index(n)],
        };
        value.kind.is_value()
            && value.span.range() == (self.start..self.start + self.len)
            && is_item(value, 0)
            && sentinel.kind == LeafKind::Plain
            && is_item(sentinel, 1)
            && documents == if self.place == Place::Root { 2 } else { 1 }
    }
}

const FIRST_DOCUMENT: PathId = PathId(PathTree::ROOT.0 + 1);

/// What stands in quotes when it is all on one line and nothing in it is escaped.
fn simple_quoted(source: &str) -> Option<&str> {
    let quote = *source.as_bytes().first().filter(|byte| matches!(byte, b'"' | b'\''))?;
    let inner = source.get(1..source.len().checked_sub(1)?)?;
    let ends = source.len() >= 2 && source.as_bytes()[source.len() - 1] == quote;
    let plain = all(inner, |byte| byte != quote && byte != b'\\' && byte != b'\n' && byte != b'\r');
    (ends && plain).then_some(inner)
}

/// Whether `source` is certainly a plain scalar on one line: the usual cases only.
pub(super) fn is_simple_plain(source: &str, flow: bool) -> bool {
    let bytes = source.as_bytes();
    let starts = bytes.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_'));
    // Blanks, and what else matters only before or behind a blank: the second pass is rarely needed.
    let harmless = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.' | b'/' | b'=' | b'_');
    starts
        && (all(source, harmless)
            || bytes.iter().enumerate().all(|(n, byte)| match byte {
                b'#' => false,
                b' ' => bytes.get(n + 1).is_some_and(|next| *next != b' '),
                b':' => bytes.get(n + 1).is_some_and(|next| next.is_ascii_alphanumeric() || *next == b'/'),
                b',' | b'[' | b']' | b'{' | b'}' => !flow,
                b'!'..=b'~' => true,
                _ => false,
            }))
}

/// Whether `source` is certainly a block scalar below a collection of column `indent`: a header without an
/// explicit indentation, then lines of ASCII that are all indented as the first one or more.
fn is_simple_block_scalar(source: &str, indent: usize) -> bool {
    let Some(rest) = source.strip_prefix(['|', '>']) else { return false };
    let rest = rest.strip_prefix(['+', '-']).unwrap_or(rest);
    let Some(content) = rest.strip_prefix('\n').or_else(|| rest.strip_prefix("\r\n")) else { return false };
    let mut column = None;
    let mut ends_with_content = false;
    for line in content.split('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.is_empty() {
            ends_with_content = false;
            continue;
        }
        let blanks = line.bytes().take_while(|&byte| byte == b' ').count();
        let column = *column.get_or_insert(blanks);
        let is_text = all(line, |byte| matches!(byte, b' '..=b'~'));
        if column <= indent || blanks < column || blanks == line.len() || !is_text {
            return false;
        }
        ends_with_content = true;
    }
    ends_with_content && !source.ends_with(['\n', '\r'])
}

/// Whether all bytes of `text` are as `is` says, without a branch for each: this runs over every byte of every leaf.
fn all(text: &str, is: impl Fn(u8) -> bool) -> bool {
    text.bytes().fold(true, |so_far, byte| so_far & is(byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::leaf::Span;

    fn leaf(carrier: Carrier, indent: u16) -> Leaf {
        // A path that is no document's.
        let mut paths = PathTree::default();
        let document = paths.child(PathTree::ROOT, Segment::Document(0));
        let path = paths.child(document, Segment::Index(0));
        Leaf { span: Span::new(0..0), path, kind: LeafKind::Plain, carrier, indent }
    }

    #[test]
    fn one_value_fills_its_text() {
        for source in [
            "x",
            "-1",
            "x#y",
            "a:b",
            "http://h/p?q=#x",
            "--- x",
            "é",
            "x y  z",
            "\"a\"",
            "''",
            "'it''s'",
            "\"a\\\"\\n\"",
            "\"a\n    b\"",
            "one\n    two\n\n    three",
            "|\n    x",
            "|-\r\n    x\r\n\r\n    y",
            ">2-  # c\n     x\n    y",
            "|+\n    x\n\n",
            "|",
            ">-",
            "|+",
            "ENC[1:abc]",
        ] {
            assert!(is_one_value(source, &leaf(Carrier::Bare, 2)), "{source:?}");
        }
        for source in ["x", "\"a\"", "a:b", "one\ntwo", "'a\n\tb'", "\"ENC[1:abc]\""] {
            assert!(is_one_value(source, &leaf(Carrier::DoubleQuoted, 2)), "{source:?}");
        }
    }

    #[test]
    fn b2_no_other_leaf_can_be_smuggled_in() {
        for source in [
            "",
            " ",
            " x",
            "x ",
            "x\n",
            "\"",
            "'",
            "\"a",
            "a\"\nb: \"c",
            "1\nx: \"evil\"",
            "!!tag v",
            "&a v",
            "*a",
            "v # c",
            "# c",
            "a: b",
            "a:",
            "? x",
            "- x",
            "[x]",
            "{x: y}",
            "[",
            "{}",
            "x\n  y",
            "x\n--- y",
            "x\n...\n",
            "\"a\n  b\"",
            "|\n  x",
            "|\n    x\n  y",
            "|\n    x\n",
            "|1\n  x",
            "|\n    x\n- y",
            "| x",
            "\"a\" b",
            "\"a\", \"b\"",
            "@x",
            "`x",
            "%x",
            "x\u{0}",
            "|\n\n      \n    x",
            "|\n    x\n# c",
            "|\n    x\n  # c",
            "\u{feff}x",
            "x\n    # c\n    y",
        ] {
            assert!(!is_one_value(source, &leaf(Carrier::Bare, 2)), "{source:?}");
        }
        for source in [
            "",
            "x]",
            "x, y",
            "x: y",
            "\"a\", \"b\"",
            "\"a\": \"b\"",
            "? x",
            "- x",
            "[x]",
            "{}",
            "x # c\n",
            "x #",
            "|\n  x",
            "&a",
            "&a x",
            "*a",
            "!t x",
            "\"a",
            "x, e]\n- [x",
            "x}",
            "x:",
            "\"a\":",
            "x\n--- y",
        ] {
            assert!(!is_one_value(source, &leaf(Carrier::DoubleQuoted, 2)), "{source:?}");
        }
    }

    #[test]
    fn the_root_of_the_first_document_needs_no_indentation() {
        let mut root = leaf(Carrier::Bare, 0);
        root.path = FIRST_DOCUMENT;
        for source in ["a\nb", "|\na\nb", "\"a\nb\"", "x"] {
            assert!(is_one_value(source, &root), "{source:?}");
            assert_eq!(is_one_value(source, &leaf(Carrier::Bare, 0)), source == "x", "{source:?}");
        }
        for source in ["x\n--- y", "x\n...", "a: b", "- x", "\"", ""] {
            assert!(!is_one_value(source, &root), "{source:?}");
        }
    }

    #[test]
    fn values_are_decoded() {
        let quoted = Leaf { kind: LeafKind::Quoted, ..leaf(Carrier::Bare, 2) };
        let block = |source: &str| decode(source, &quoted).map(Cow::into_owned);
        let plain = Leaf { kind: LeafKind::Plain, ..leaf(Carrier::Bare, 2) };
        assert_eq!(decode("a  b", &plain).as_deref(), Some("a  b"));
        assert_eq!(decode("a\n    b\r\n\r\n    c", &plain).as_deref(), Some("a b\nc"));
        assert_eq!(block("'it''s'").as_deref(), Some("it's"));
        assert_eq!(block("\"\\x41\\n\"").as_deref(), Some("A\n"));
        assert_eq!(block("\"a b\"").as_deref(), Some("a b"));
        assert_eq!(block("|2\n     x\n    y").as_deref(), Some(" x\ny\n"));
        assert_eq!(block("|+\n    x\n\n").as_deref(), Some("x\n\n\n"), "the last line break is outside of the span");
        assert_eq!(block(">-\n    x\n    y").as_deref(), Some("x y"));
        assert_eq!(decode("\"a\n\tb\"", &Leaf { carrier: Carrier::DoubleQuoted, ..quoted }).as_deref(), Some("a b"));
        assert_eq!(block("\"").as_deref(), None);
    }

    proptest! {
        #[test]
        fn the_fast_paths_agree_with_the_parser(
            source in "[ax1/_]?[-a1#: ,.'\"\\[\\]{}\\\\|>+&*!%@?é\t]{0,8}|[|>][+-]?\r?\n( {0,5}[a#:]?\r?\n?){0,4}|(['\"]).{0,6}['\"]",
            flow: bool,
            indent in 0u16..4,
        ) {
            let leaf = leaf(if flow { Carrier::DoubleQuoted } else { Carrier::Bare }, indent);
            prop_assert_eq!(is_one_value(&source, &leaf), Wrapped::new(&source, &leaf).holds_one_value());
        }
    }
}
