use proptest::prelude::*;

use super::*;
use crate::document::{battery, format_for_name};

/// Source, kind and decoded value of each leaf.
fn leaves(text: &str) -> Vec<(String, &str, LeafKind, String)> {
    let scan = Dotenv.scan(text).expect("a dotenv text");
    let describe = |leaf: &Leaf| {
        let path = scan.paths.display(leaf.path).to_string();
        let decoded = Dotenv.decode(text, leaf).expect("a leaf").into_owned();
        (path, leaf.span.of(text), leaf.kind, decoded)
    };
    scan.leaves.iter().map(describe).collect()
}

/// The only leaf of `line`, alone and in front of another line.
fn only(line: &str) -> (LeafKind, String, String, Carrier) {
    let text = format!("{line}\nLAST=1\n");
    let scan = Dotenv.scan(&text).expect("a dotenv text");
    assert_eq!(scan.paths.display(scan.leaves[scan.leaves.len() - 1].path).to_string(), "LAST", "{line}");
    let leaf = &scan.leaves[0];
    let decoded = Dotenv.decode(&text, leaf).expect("a leaf").into_owned();
    (leaf.kind, leaf.span.of(&text).to_owned(), decoded, leaf.carrier)
}

fn refusal(text: &str) -> (usize, usize, &'static str) {
    match Dotenv.scan(text) {
        Err(Error::Syntax { at, what }) => (at.line, at.column, what),
        other => panic!("{text:?}: {other:?}"),
    }
}

#[test]
fn a_file_of_every_sort_of_line() {
    let text = "\u{feff}# head\r\n\r\nA=v # c\r\nexport B='x'  # note \r\n\tC = \"l1\r\nl2\" \r\nD=\r\nE\r\n  # end";
    let expected = [
        (".", "# head", LeafKind::Comment, "# head"),
        ("A", "v # c", LeafKind::Plain, "v"),
        ("B", "'x'", LeafKind::Quoted, "x"),
        (".", "# note ", LeafKind::Comment, "# note "),
        ("C", " \"l1\r\nl2\"", LeafKind::Quoted, "l1\r\nl2"),
        ("D", "", LeafKind::EmptyValue, ""),
        ("E", "", LeafKind::NoValue, ""),
        (".", "# end", LeafKind::Comment, "# end"),
    ];
    let found = leaves(text);
    let found: Vec<_> = found.iter().map(|(path, source, kind, value)| (&**path, *source, *kind, &**value)).collect();
    assert_eq!(found, expected);
    assert!(battery::check(&Dotenv, text));
}

#[test]
fn bare_values_are_the_whole_rest_of_the_line() {
    for (line, source, decoded) in [
        ("A=v v", "v v", "v v"),
        ("A= v ", " v ", "v"),
        ("A=  ", "  ", ""),
        ("A=v#c", "v#c", "v#c"),
        ("A=v\t# c", "v\t# c", "v"),
        ("A=#c", "#c", "#c"),
        ("A= #c", " #c", ""),
        ("A=a=b", "a=b", "a=b"),
        ("A=\\n$5", "\\n$5", "\\n$5"),
        ("A=v\\", "v\\", "v\\"),
        ("A={\"a\": 1}", "{\"a\": 1}", "{\"a\": 1}"),
        ("A=\"a\" b", "\"a\" b", "\"a\" b"),
        ("A=\"a\"#b", "\"a\"#b", "\"a\"#b"),
        ("A='it'\\''s'", "'it'\\''s'", "'it'\\''s'"),
        ("A.b-C=1", "1", "1"),
        ("Дата=1", "1", "1"),
        ("export=1", "1", "1"),
        ("export =1", "1", "1"),
        ("exportA=1", "1", "1"),
    ] {
        assert_eq!(only(line), (LeafKind::Plain, source.to_owned(), decoded.to_owned(), Carrier::Bare), "{line}");
    }
}

#[test]
fn quoted_values_run_from_quote_to_quote() {
    for (line, source, decoded, carrier) in [
        ("A=\"v # x\"", "\"v # x\"", "v # x", Carrier::Bare),
        ("A= 'v'", " 'v'", "v", Carrier::Bare),
        ("A='v'\t", "'v'", "v", Carrier::DoubleQuoted),
        ("A=`v \"q\"` # c", "`v \"q\"`", "v \"q\"", Carrier::DoubleQuoted),
        ("A=\"\"", "\"\"", "", Carrier::Bare),
        ("A='x\n# no comment\n'", "'x\n# no comment\n'", "x\n# no comment\n", Carrier::Bare),
        (r#"A="\n\r\t\\\"\$\x\é""#, r#""\n\r\t\\\"\$\x\é""#, "\n\r\t\\\"$\\x\\é", Carrier::Bare),
        (r"A='it\'s \n'", r"'it\'s \n'", r"it\'s \n", Carrier::Bare),
        (r"A=`\`", r"`\`", r"\", Carrier::Bare),
    ] {
        assert_eq!(only(line), (LeafKind::Quoted, source.to_owned(), decoded.to_owned(), carrier), "{line}");
    }
}

#[test]
fn refusals_name_the_place_and_no_value() {
    const UNCLOSED: &str = "the quoted value is not closed, or something stands behind its quote";
    const KEY_VALUE: &str = "expected KEY=value";
    const RESERVED: &str = "this key is reserved for metadata";
    for (text, place) in [
        ("A=1\nB C\n", (2, 1, KEY_VALUE)),
        ("A=1\n  B C=1\n", (2, 3, KEY_VALUE)),
        ("=1\n", (1, 1, KEY_VALUE)),
        ("A: v\n", (1, 1, KEY_VALUE)),
        ("export A B\n", (1, 8, KEY_VALUE)),
        ("a/b=1\n", (1, 1, KEY_VALUE)),
        ("A\n=1\n", (2, 1, KEY_VALUE)),
        ("A=\"v\nB=x\n", (1, 3, UNCLOSED)),
        ("A= 'v\nB=x' y\n", (1, 4, UNCLOSED)),
        ("A='C:\\dir\\'\n", (1, 3, UNCLOSED)),
        ("A=\"x\\\"", (1, 3, UNCLOSED)),
        ("A=1\n# c\\\n", (2, 4, "a comment must not end in a backslash, it hides the next line")),
        ("A=\"1\" # c\\", (1, 10, "a comment must not end in a backslash, it hides the next line")),
        ("A=1\r", (1, 4, "a carriage return must stand before a line feed")),
        ("A=\"1\r2\n\"", (1, 5, "a carriage return must stand before a line feed")),
        ("A=\"1\n2\r3\"", (2, 2, "a carriage return must stand before a line feed")),
        ("sops_rs__x=1\n", (1, 1, RESERVED)),
        ("export sops_rs__x\n", (1, 8, RESERVED)),
        ("sops_mac=1\n", (1, 1, RESERVED)),
        ("sops_version=1\n", (1, 1, RESERVED)),
        ("A='\nsops_rs__x=1'\n", (2, 1, "a line that begins like metadata cannot be part of a value")),
    ] {
        assert_eq!(refusal(text), place, "{text:?}");
    }
    let twice = Error::DuplicateKey { at: Position { line: 3, column: 8 }, key: "A".to_owned() };
    assert_eq!(Dotenv.scan("A=1\nB=1\nexport A=2\nB=2\n"), Err(twice));
}

#[test]
fn only_a_leaf_that_fits_its_place_is_one() {
    let text = "A=x\nB='x' # c\n";
    let scan = Dotenv.scan(text).expect("a dotenv text");
    let [bare, quoted, comment] = &scan.leaves[..] else { panic!("three leaves") };
    for good in ["x", " x # y", "'x'", " 'x'", "\"a\nB=1\"", "#"] {
        assert!(Dotenv.is_one_leaf(good, bare), "{good:?}");
    }
    for bad in ["", "x\ny", "x\n", "x\r", "'x", "'x' ", "'x' # c", "'a\nb' c", "'\r'"] {
        assert!(!Dotenv.is_one_leaf(bad, bare), "{bad:?}");
    }
    assert!(Dotenv.is_one_leaf("`x\ny`", quoted));
    for bad in ["x", "'x' y", "'x' # c", "# c"] {
        assert!(!Dotenv.is_one_leaf(bad, quoted), "{bad:?}");
    }
    assert!(Dotenv.is_one_leaf("#", comment));
    for bad in ["", "c", " # c", "# c\\", "# c\nA=1", "# c\r"] {
        assert!(!Dotenv.is_one_leaf(bad, comment), "{bad:?}");
    }
}

#[test]
fn the_block_is_the_run_of_lines_at_the_end() {
    let with = |text: &str| {
        Dotenv.detach(text, "sops-rs").map(|found| found.map(|found| (found.rest.into_owned(), found.line)))
    };
    let metadata = |line, what| Err(Error::Metadata { line, what });
    assert_eq!(with("A=1\nsops_rs__v=1\n"), Ok(Some(("A=1\n".to_owned(), 2))));
    assert_eq!(with("sops_rs__v=1\nsops_rs__w=1"), Ok(Some((String::new(), 1))));
    assert_eq!(with("A=sops_rs__v\n"), Ok(None));
    assert_eq!(with("A=1\nsops_rs__v=1\n\n"), metadata(2, "something stands behind the metadata"));
    assert_eq!(with("sops_rs__v=1\nA=1\n"), metadata(1, "something stands behind the metadata"));
    assert_eq!(with("A=1\nsops_rs__v=1\nsops_rs__v=2\n"), metadata(3, "a field stands twice"));
    // The first of two blocks stays behind, and no scan accepts it.
    assert_eq!(with("sops_rs__v=1\nA=1\nsops_rs__v=1\n"), Ok(Some(("sops_rs__v=1\nA=1\n".to_owned(), 3))));
    assert_eq!(refusal("sops_rs__v=1\nA=1\n").0, 1);
}

#[test]
fn names_that_are_claimed() {
    for name in [".env", ".env.production", "db.env"] {
        assert_eq!(format_for_name(name).map(Format::name), Some("dotenv"), "{name}");
    }
    for name in ["env", ".envrc", "a.env.txt"] {
        assert!(!Dotenv.claims(name), "{name}");
    }
    assert_eq!(format_for_name(".env.json").map(Format::name), Some("json"));
}

fn texts() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        "[ a-z0-9#$\\\\{}:é'\"`]{0,8}",
        "[ \t]?\"([a-z #'`\n=]|\\\\[n\"\\\\])*\"( +#[a-z ]*)?[ ]{0,2}",
        "[ ]?'[a-z\"\n#]*'( # [a-z'\"]*)?",
        "`[^`\r\u{0}-\u{8}]{0,5}`",
        "\"[a-z]*\"[a-z#]",
    ];
    let line = prop_oneof![
        6 => ("(export )?", "[ ]?=", value).prop_map(|(export, equals, value)| (export, equals + &value)),
        1 => Just((String::new(), String::new())),
    ];
    let filler = "(\n|[ \t]*\n|#[ a-z=\"']{0,5}\n| # é\t\n)?";
    proptest::collection::vec((line, filler), 0..8).prop_map(|lines| {
        let number = |(n, ((export, rest), filler)): (usize, ((String, String), String))| {
            format!("{filler}{export}K{n}{rest}\n")
        };
        lines.into_iter().enumerate().map(number).collect()
    })
}

proptest! {
    #[test]
    fn the_battery(text in texts()) {
        battery::check(&Dotenv, &text);
    }

    #[test]
    fn the_battery_on_changed_texts(text in battery::mutated(texts())) {
        battery::check(&Dotenv, &text);
    }

    #[test]
    fn garbage_never_panics(text: String) {
        battery::check(&Dotenv, &text);
        let _ = Dotenv.detach(&text, "sops-rs");
    }
}

#[test]
fn most_generated_texts_are_valid() {
    let counts = (battery::accepted(&Dotenv, texts()), battery::accepted(&Dotenv, battery::mutated(texts())));
    assert!(counts.0 > 80 && counts.1 > 40, "{counts:?}");
}
