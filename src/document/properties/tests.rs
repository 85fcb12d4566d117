use proptest::prelude::*;

use super::*;
use crate::document::{battery, format_for_name};

/// Path, source, kind and decoded value of each leaf.
fn leaves(text: &str) -> Vec<(String, String, LeafKind, String)> {
    let scan = Properties.scan(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
    let describe = |leaf: &Leaf| {
        let path = scan.paths.display(leaf.path).to_string();
        let decoded = Properties.decode(text, leaf).expect("a leaf").into_owned();
        (path, leaf.span.of(text).to_owned(), leaf.kind, decoded)
    };
    scan.leaves.iter().map(describe).collect()
}

fn refusal(text: &str) -> (usize, usize, String) {
    match Properties.scan(text) {
        Err(Error::Syntax { at, what }) => (at.line, at.column, what.to_owned()),
        Err(Error::DuplicateKey { at, key }) => (at.line, at.column, format!("twice: {key}")),
        other => panic!("{text:?}: {other:?}"),
    }
}

#[test]
fn a_file_of_every_sort_of_line() {
    let text = "\u{feff}# head\r\n ! note \r\n\r\ndb.url = jdbc:x//h?a=b # no comment \r\n  db.user:app\r\npassword \\u0073\\\r\n    \
        ecret\r\n\r\na\\ b\\=c=\\\r\n  # of value\r\nempty=\r\nempty2 :  \r\nnone\r\nlast  =  = x\\\\";
    let expected = [
        (".", "# head", LeafKind::Comment, "# head"),
        (".", "! note ", LeafKind::Comment, "! note "),
        ("db.url", "jdbc:x//h?a=b # no comment ", LeafKind::Plain, "jdbc:x//h?a=b # no comment "),
        ("db.user", "app", LeafKind::Plain, "app"),
        ("password", "\\u0073\\\r\n    ecret", LeafKind::Plain, "secret"),
        ("a b=c", "\\\r\n  # of value", LeafKind::Plain, "# of value"),
        ("empty", "", LeafKind::EmptyValue, ""),
        ("empty2", "", LeafKind::EmptyValue, ""),
        ("none", "", LeafKind::NoValue, ""),
        ("last", "= x\\\\", LeafKind::Plain, "= x\\"),
    ];
    let found = leaves(text);
    assert_eq!(found.len(), expected.len());
    for ((path, source, kind, value), expected) in found.iter().zip(expected) {
        let path = path.trim_matches('"');
        assert_eq!((path, source.as_str(), *kind, value.as_str()), expected);
    }
    assert!(battery::check(&Properties, text));
}

#[test]
fn escapes_are_javas() {
    for (source, expected) in [
        ("a\\tb\\nc\\rd\\fe", Some("a\tb\nc\rd\u{c}e")),
        ("\\:\\=\\#\\!\\ \\q\\\\", Some(":=#! q\\")),
        ("\\u00e9\\ud83d\\ude00", Some("é😀")),
        ("a\\\n \t b", Some("ab")),
        ("a\\\r\n  b", Some("ab")),
        ("\\u12", None),
        ("\\u+123", None),
        ("\\ud83d", None),
        ("\\uude0", None),
    ] {
        assert_eq!(entry::decode(source).as_deref(), expected, "{source:?}");
    }
}

#[test]
fn refusals_name_the_place_and_no_value() {
    const RESERVED: &str = "this key is reserved for metadata";
    const LIKE_METADATA: &str = "a line that begins like metadata cannot be part of a value";
    for (text, place) in [
        ("a=1\n=CANARY\n", (2, 1, "expected a key")),
        ("a\\\nb=1\n", (1, 1, "a key must not go on on the next line")),
        ("a=CANARY\\", (1, 10, "the line goes on, but nothing follows on the next one")),
        ("a=CANARY\\\n", (1, 10, "the line goes on, but nothing follows on the next one")),
        ("a=x\\\n \nb=1\n", (1, 5, "the line goes on, but nothing follows on the next one")),
        ("a=\\u00g0\n", (1, 3, entry::BROKEN_ESCAPE)),
        ("\\u00g0=1\n", (1, 1, entry::BROKEN_ESCAPE)),
        ("a=1\n\\u0061=2\n", (2, 1, "twice: a")),
        ("a=1\r", (1, 4, "a carriage return must stand before a line feed")),
        ("# c\\\n", (1, 4, "a comment must not end in a backslash, it hides the next line")),
        ("sops=1\n", (1, 1, RESERVED)),
        ("sops-rs=1\n", (1, 1, RESERVED)),
        (" sops_rs__x=1\n", (1, 2, RESERVED)),
        ("sops\\u005frs__x=1\n", (1, 1, RESERVED)),
        ("a=\\\nsops_rs__x=1\n", (2, 1, LIKE_METADATA)),
    ] {
        let (line, column, what) = refusal(text);
        assert_eq!((line, column, what.as_str()), place, "{text:?}");
    }
}

#[test]
fn only_a_leaf_that_fits_its_place_is_one() {
    let scan = Properties.scan("a=x\n! c\n").expect("properties");
    let [value, comment] = &scan.leaves[..] else { panic!("two leaves") };
    for good in ["x", "x ", "# x", "=x", "x\\\n y", "\\\n\\\n y", "x\\\\", "\\ x"] {
        assert!(Properties.is_one_leaf(good, value), "{good:?}");
    }
    for bad in ["", " x", "\tx", "x\n", "x\ny", "x\\", "x\\\n", "\nx", "x\\\\\ny", "\\u0", "x\ry"] {
        assert!(!Properties.is_one_leaf(bad, value), "{bad:?}");
    }
    assert!(Properties.is_one_leaf("! c", comment) && Properties.is_one_leaf("#", comment));
    for bad in ["", "c", " # c", "# c\\", "# c\nA=1", "; c"] {
        assert!(!Properties.is_one_leaf(bad, comment), "{bad:?}");
    }
}

#[test]
fn names_that_are_claimed() {
    for name in ["application.properties", "A.PROPERTIES"] {
        assert_eq!(format_for_name(name).map(Format::name), Some("properties"), "{name}");
    }
}

fn texts() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        "[a-z0-9#!:= é'\"]{0,8}",
        "([a-z]|\\\\[nt\\\\:=]|\\\\u00e9){0,5}",
        "[a-z]{0,3}(\\\\\n[ \t]{0,2}[a-z#=!]{1,3}){1,3}",
    ];
    let line = ("[ \t]{0,2}", "(\\\\ |\\\\=|\\.)?", "([ ]?[=:][ ]?| )", value)
        .prop_map(|(indent, key, delimiter, value)| (format!("{indent}k{key}"), delimiter + &value));
    let filler = "(\n|[ \t]*\n|#[ a-z=\"']{0,5}\n| ! é\t\n|none[a-z]{9}\n)?";
    proptest::collection::vec((line, filler), 0..8).prop_map(|lines| {
        let number =
            |(n, ((key, rest), filler)): (usize, ((String, String), String))| format!("{filler}{key}{n}{rest}\n");
        lines.into_iter().enumerate().map(number).collect()
    })
}

proptest! {
    #[test]
    fn the_battery(text in texts()) {
        battery::check(&Properties, &text);
    }

    #[test]
    fn the_battery_on_changed_texts(text in battery::mutated(texts())) {
        battery::check(&Properties, &text);
    }

    #[test]
    fn garbage_never_panics(text: String) {
        battery::check(&Properties, &text);
        let _ = Properties.detach(&text, "sops-rs");
    }
}

#[test]
fn most_generated_texts_are_valid() {
    let counts = (battery::accepted(&Properties, texts()), battery::accepted(&Properties, battery::mutated(texts())));
    assert!(counts.0 > 80 && counts.1 > 40, "{counts:?}");
}
