use proptest::prelude::*;

use super::*;
use crate::document::{battery, format_for_name};

/// The paths, sources and kinds of all leaves, as one text.
fn shown(text: &str) -> String {
    let scan = Ini.scan(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
    let describe = |leaf: &Leaf| {
        let sign = match leaf.kind {
            LeafKind::Plain => "=",
            LeafKind::Quoted => "=q ",
            LeafKind::EmptyValue => "=e",
            LeafKind::NoValue => "=n",
            LeafKind::EmptyMap => "=m ",
            _ => " ",
        };
        format!("{}{sign}{}|", scan.paths.display(leaf.path), leaf.span.of(text).escape_debug())
    };
    scan.leaves.iter().map(describe).collect()
}

fn refusal(text: &str) -> (usize, usize, String) {
    match Ini.scan(text) {
        Err(Error::Syntax { at, what }) => (at.line, at.column, what.to_owned()),
        Err(Error::DuplicateKey { at, key }) => (at.line, at.column, format!("twice: {key}")),
        other => panic!("{text:?}: {other:?}"),
    }
}

#[test]
fn a_file_of_every_sort_of_line() {
    let text = "\u{feff}; head\r\nroot = 1\r\n\r\n[a] # of a\r\n  x=  v ; c \r\ny : \"q # x\" ; c\r\nz = 'it'\t\r\nw=\r\nflag\r\n\
        list =\r\n    one\r\n\ttwo ; c\r\n# end of a\r\n[a b \"c\"]\r\n[empty];x\r\nlast = \"a\" \"b\"";
    let expected = ". ; head|root=1|a # of a|a.x=v ; c |a.y=\\\"q # x\\\" ; c|a.z=q \\'it\\'|a.w=e|a.flag=n|\
        a.list=\\r\\n    one\\r\\n\\ttwo ; c|a # end of a|\"a b \\\"c\\\"\"=m [|empty ;x|empty.last=\\\"a\\\" \\\"b\\\"|";
    assert_eq!(shown(text), expected);
    assert!(battery::check(&Ini, text));
}

#[test]
fn values_are_what_readers_take() {
    for (line, expected) in [
        ("k = v", "v"),
        ("k=v ", "v"),
        ("k = v ; c", "v"),
        ("k = v # c", "v"),
        ("k = v#c;d", "v#c;d"),
        ("k = # c", "# c"),
        ("k = \"a b\" ; c", "a b"),
        ("k = 'a \\n'", "a \\n"),
        ("k = \"a\" b", "\"a\" b"),
        ("k = \"a\" ; it's \"b\"", "a"),
        ("k = \"a\\\" ; b", "\"a\\\""),
        ("k = a=b:c", "a=b:c"),
        ("k:v=w", "v=w"),
        ("k = http://x:80", "http://x:80"),
        ("k =\n  a ; c\n  b", "\na\nb"),
        ("  k = a\n   b", "a\nb"),
    ] {
        let scan = Ini.scan(line).unwrap_or_else(|error| panic!("{line:?}: {error}"));
        assert_eq!(Ini.decode(line, &scan.leaves[0]).as_deref(), Ok(expected), "{line:?}");
        assert!(battery::check(&Ini, line), "{line:?}");
    }
}

#[test]
fn a_section_that_repeats_is_a_list() {
    let text = "[Interface]\nPrivateKey = x=\n[Peer]\nPublicKey = a\n[Peer]\n# none\n[Peer]\nPublicKey = b\n";
    assert_eq!(
        shown(text),
        "Interface.PrivateKey=x=|Peer[0].PublicKey=a|Peer[1]=m [|Peer[1] # none|Peer[2].PublicKey=b|"
    );
    assert!(battery::check(&Ini, text));
    let what = "sections of one name must stand together, with no other section between them";
    assert_eq!(refusal("[a]\nx=1\n[b]\n[a]\ny=1\n"), (4, 1, what.to_owned()));
}

#[test]
fn refusals_name_the_place_and_no_value() {
    const ENTRY: &str = "expected `key = value`; a file that is no INI is encrypted with --input-type binary";
    const HEADER: &str = "expected the header of a section, with nothing behind it but a comment";
    const BRACKET: &str =
        "a comment behind a header must not hold `]`: some readers take the name to go on up to there";
    const QUOTE: &str = "the quoted value is not closed on its line";
    const BACKSLASH: &str = "a value must not end in a backslash: some readers take the next line for a part of it";
    const DEEPER: &str = "this line is indented deeper than the key above: some readers take it for a part of that value, some for a line of its own";
    const APART: &str =
        "this line is indented deeper than the key above, but does not follow it: readers disagree about what it is";
    for (text, place) in [
        ("a = 1\nno word\n", (2, 1, ENTRY)),
        ("a = 1\nMIIB/CANARY\n", (2, 1, ENTRY)),
        (" = 1\n", (1, 2, ENTRY)),
        ("\"a\" = 1\n", (1, 1, ENTRY)),
        ("server { a: 1\n", (1, 1, ENTRY)),
        ("<Host *:80>\n", (1, 1, ENTRY)),
        ("listen 80; a=1\n", (1, 1, ENTRY)),
        ("[a\n", (1, 1, "the header of the section is not closed")),
        ("[]\n", (1, 1, HEADER)),
        ("[[a]]\n", (1, 1, HEADER)),
        ("[a] b = 1\n", (1, 1, HEADER)),
        ("[a] ; b]\n", (1, 1, BRACKET)),
        ("[a] ; ENC[1:b]]\n", (1, 1, BRACKET)),
        ("[a] ;ENC[1:b]\n", (1, 1, BRACKET)),
        ("a = \"x\nb = 1\n", (1, 5, QUOTE)),
        ("a = 'x\n", (1, 5, QUOTE)),
        ("a = `x\ny`\n", (1, 5, QUOTE)),
        ("a = \"\"\"x\ny\"\"\"\n", (1, 5, QUOTE)),
        ("a = \"x\" \\\n", (1, 5, QUOTE)),
        ("a = x \\\nCANARY\n", (1, 7, BACKSLASH)),
        ("a =\n  x\\\nCANARY\n", (2, 4, BACKSLASH)),
        ("# c\\\n", (1, 4, "a comment must not end in a backslash, it hides the next line")),
        ("a = \"x\" ; c\\\n", (1, 5, QUOTE)),
        ("a = 1\n  b = 2\n", (2, 3, DEEPER)),
        ("a = 1\n  [b]\n", (2, 3, DEEPER)),
        ("a = 1\n  x\n  b: 2\n", (3, 3, DEEPER)),
        ("a = 1\n\n  x\n", (3, 3, APART)),
        ("a = 1\n# c\n  x\n", (3, 3, APART)),
        ("a = \"1\"\n  x\n", (2, 3, APART)),
        ("a\n  x\n", (2, 3, APART)),
        ("a = 1\r", (1, 6, "a carriage return must stand before a line feed")),
        ("sops = 1\n", (1, 1, "this key is reserved for metadata")),
        ("sops-rs: 1\n", (1, 1, "this key is reserved for metadata")),
        ("[sops]\n", (1, 1, "this section is reserved for metadata")),
        (" [ sops-rs ]\n", (1, 2, "this section is reserved for metadata")),
        ("[sops-rs.x]\n", (1, 1, "a line that begins like metadata cannot be part of a value")),
        ("a = 1\n[b]\na = 1\na: 2\n", (4, 1, "twice: a")),
        ("a = 1\n[a]\n", (2, 1, "twice: a")),
    ] {
        let (line, column, what) = refusal(text);
        assert_eq!((line, column, what.as_str()), place, "{text:?}");
    }
    for good in [
        "[a]\n  x = 1\n  y = 2\n[b]\n    z = 1\n",
        "[a]\nsops = 1\n[sops-rs-x]\n",
        "a = 1\n  # c\nb = 2\n",
        "a = C:\\\\x\n",
    ] {
        assert!(battery::check(&Ini, good), "{good:?}");
    }
}

#[test]
fn only_a_leaf_that_fits_its_place_is_one() {
    let scan = Ini.scan("a=x\nb='x' \n; c\n").expect("an INI text");
    let [bare, quoted, comment] = &scan.leaves[..] else { panic!("three leaves") };
    for good in ["x", "x # y", "'x'", "x ", "[x]", "x=y", "\n  x", "x\n y\n z", "'x' # c"] {
        assert!(Ini.is_one_leaf(good, bare), "{good:?}");
    }
    for bad in
        ["", " x", "x\ny", "x\n", "x\n  y=1", "x\n  [y]", "x\r", "'x", "'x' ", "x\\", "x\n\n y", "x\n# c", "`x`y\\"]
    {
        assert!(!Ini.is_one_leaf(bad, bare), "{bad:?}");
    }
    assert!(Ini.is_one_leaf("\"y\"", quoted));
    for bad in ["x", "'x' y", "'x' # c", "; c", "`x`"] {
        assert!(!Ini.is_one_leaf(bad, quoted), "{bad:?}");
    }
    assert!(Ini.is_one_leaf("; c", comment) && Ini.is_one_leaf("#", comment));
    for bad in ["", "c", " # c", "# c\\", "# c\nA=1", "# c\r"] {
        assert!(!Ini.is_one_leaf(bad, comment), "{bad:?}");
    }
}

#[test]
fn the_block_is_a_section_of_its_own_at_the_end() {
    let with =
        |text: &str| Ini.detach(text, "sops-rs").map(|found| found.map(|found| (found.rest.into_owned(), found.line)));
    assert_eq!(with("[a]\nx=1\n[sops-rs]\nsops_rs__v=1\n"), Ok(Some(("[a]\nx=1\n".to_owned(), 3))));
    assert_eq!(with("[a]\nx = [sops-rs]\n"), Ok(None));
    for bad in [
        "[sops-rs]\n",
        "[sops-rs]",
        "[sops-rs]\nv=1\n",
        "[sops-rs]\nsops_rs__v=1\n[b]\n",
        "[sops-rs] ; c\nsops_rs__v=1\n",
    ] {
        assert!(matches!(with(bad), Err(Error::Metadata { .. })), "{bad:?}");
    }
}

#[test]
fn names_that_are_claimed() {
    for name in ["a.ini", "setup.cfg", "wg0.conf", "A.INI"] {
        assert_eq!(format_for_name(name).map(Format::name), Some("ini"), "{name}");
    }
    assert!(!Ini.claims("ini"));
}

fn texts() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        "[ a-z0-9#$;{}:=é'\"`]{0,8}",
        "\"[a-z #';=]*\"( +[;#][a-z ]*)?[ ]{0,2}",
        "'[a-z\"#]*'( # [a-z'\"]*)?",
        "[a-z]{0,3}(\n    [a-z;][a-z ]{0,3}){1,3}",
    ];
    let line = prop_oneof![
        6 => (" {0,2}", "[ ]?[=:][ \t]?", value).prop_map(|(indent, delimiter, value)| (indent, delimiter + &value)),
        1 => Just((String::new(), String::new())),
        1 => Just(("[".to_owned(), "] ; c".to_owned())),
        1 => Just(("[x".to_owned(), "]".to_owned())),
    ];
    let filler = "(\n|[ \t]*\n|[#;][ a-z=\"']{0,5}\n| # é\t\n)?";
    proptest::collection::vec((line, filler), 0..8).prop_map(|lines| {
        let number = |(n, ((before, rest), filler)): (usize, ((String, String), String))| {
            let n = if before == "[x" { String::new() } else { n.to_string() };
            format!("{filler}{before}k{n}{rest}\n")
        };
        lines.into_iter().enumerate().map(number).collect()
    })
}

proptest! {
    #[test]
    fn the_battery(text in texts()) {
        battery::check(&Ini, &text);
    }

    #[test]
    fn the_battery_on_changed_texts(text in battery::mutated(texts())) {
        battery::check(&Ini, &text);
    }

    #[test]
    fn garbage_never_panics(text: String) {
        battery::check(&Ini, &text);
        let _ = Ini.detach(&text, "sops-rs");
    }
}

#[test]
fn most_generated_texts_are_valid() {
    let counts = (battery::accepted(&Ini, texts()), battery::accepted(&Ini, battery::mutated(texts())));
    assert!(counts.0 > 40 && counts.1 > 20, "{counts:?}");
}
