use proptest::prelude::*;

use super::*;
use crate::document::{MAX_NESTING, battery, format_for_name};
use crate::leaf::{Carrier, LeafKind};

mod suite;

/// Path, source, kind and decoded value of each leaf.
fn leaves(text: &str) -> Vec<(String, &str, LeafKind, String)> {
    let scan = Toml.scan(text).expect("a TOML text");
    let describe = |leaf: &Leaf| {
        let path = scan.paths.display(leaf.path).to_string();
        let decoded = Toml.decode(text, leaf).expect("a leaf").into_owned();
        (path, leaf.span.of(text), leaf.kind, decoded)
    };
    scan.leaves.iter().map(describe).collect()
}

/// The paths and sources of all leaves, as one text.
fn shown(text: &str) -> String {
    leaves(text).iter().map(|(path, source, ..)| format!("{path}={source} ")).collect::<String>().trim_end().to_owned()
}

fn refusal(text: &str) -> (usize, usize, String) {
    match Toml.scan(text) {
        Err(Error::Syntax { at, what }) => (at.line, at.column, what.to_owned()),
        Err(Error::DuplicateKey { at, key }) => (at.line, at.column, format!("twice: {key}")),
        other => panic!("{text:?}: {other:?}"),
    }
}

const EVERY_SORT: &str = "\u{feff}# head\r\n\r\nbare = 1_000 # c\r\n\"q k\".'d.o' = 'l'\r\n[t] # of t\r\n\
    s = \"a\\tb\"\r\nm = \"\"\"\r\nl1 \\\r\n   l2\"\"\"\"\r\nl = '''\r\nx'''\r\nd = 1979-05-27 07:32:00Z\r\nf = -inf\r\n\
    a = [ 1, [ ], { x = true, y.z = {} }, # in a\r\n ]\r\n[[items]]\r\nn = 0x_f\r\n[[items]]\r\n[[items.sub]]\r\nn = 1.5e3\r\n\
    [empty] # e\r\n[[none]]\r\n[t.u]\r\nv = 07:32:00.5";

#[test]
fn a_file_of_every_sort_of_line() {
    let text = EVERY_SORT.replace("0x_f", "0xf_f");
    let expected = [
        (".", "# head", LeafKind::Comment, "# head"),
        ("bare", "1_000", LeafKind::Plain, "1_000"),
        (".", "# c", LeafKind::Comment, "# c"),
        ("\"q k\".\"d.o\"", "'l'", LeafKind::Quoted, "l"),
        ("t", "# of t", LeafKind::Comment, "# of t"),
        ("t.s", "\"a\\tb\"", LeafKind::Quoted, "a\tb"),
        ("t.m", "\"\"\"\r\nl1 \\\r\n   l2\"\"\"\"", LeafKind::Quoted, "l1 l2\""),
        ("t.l", "'''\r\nx'''", LeafKind::Quoted, "x"),
        ("t.d", "1979-05-27 07:32:00Z", LeafKind::Plain, "1979-05-27 07:32:00Z"),
        ("t.f", "-inf", LeafKind::Plain, "-inf"),
        ("t.a[0]", "1", LeafKind::Plain, "1"),
        ("t.a[1]", "[", LeafKind::EmptyList, "["),
        ("t.a[2].x", "true", LeafKind::Plain, "true"),
        ("t.a[2].y.z", "{", LeafKind::EmptyMap, "{"),
        ("t.a", "# in a", LeafKind::Comment, "# in a"),
        ("items[0].n", "0xf_f", LeafKind::Plain, "0xf_f"),
        ("items[1].sub[0].n", "1.5e3", LeafKind::Plain, "1.5e3"),
        ("empty", "[", LeafKind::EmptyMap, "["),
        ("empty", "# e", LeafKind::Comment, "# e"),
        ("none[0]", "[", LeafKind::EmptyMap, "["),
        ("t.u.v", "07:32:00.5", LeafKind::Plain, "07:32:00.5"),
    ];
    let found = leaves(&text);
    let found: Vec<_> = found.iter().map(|(path, source, kind, value)| (&**path, *source, *kind, &**value)).collect();
    assert_eq!(found, expected);
    assert!(battery::check(&Toml, &text));
}

#[test]
fn tables_may_be_written_in_many_ways() {
    for (text, expected) in [
        ("a.b = 1\na.c.d = 2\n", "a.b=1 a.c.d=2"),
        ("[a.b]\nx = 1\n[a]\ny = 2\n", "a.b.x=1 a.y=2"),
        ("[a.b.c]\nx = 1\n[a]\nb.y = 2\n", "a.b.c.x=1 a.b.y=2"),
        ("[a]\nb.x = 1\n[a.b.c]\ny = 2\n", "a.b.x=1 a.b.c.y=2"),
        ("[a]\n[\"a\".b]\n['a'.c]\nx = 1\n", "a.b=[ a.c.x=1"),
        ("[[a]]\n[[a.b]]\nx=1\n[[a.b]]\nx=2\n[a.c]\n[[a]]\n", "a[0].b[0].x=1 a[0].b[1].x=2 a[0].c=[ a[1]=["),
        ("a = {b.c = 1, b.d = 2}\n", "a.b.c=1 a.b.d=2"),
        ("a = {\n b = 1, # c\n}\n", "a.b=1 a=# c"),
        ("a = [ # c\n]\nb = { # d\n}\n", "a=[ a=# c b={ b=# d"),
        ("a = [[[]], [{}]]", "a[0][0]=[ a[1][0]={"),
        ("sub.sops = 1\n[sub2.sops-rs]\n", "sub.sops=1 sub2.sops-rs=["),
        ("[sops-rs-x]\n[sops-rs_y]\n", "sops-rs-x=[ sops-rs_y=["),
        ("", ""),
    ] {
        assert_eq!(shown(text), expected, "{text:?}");
        assert!(battery::check(&Toml, text), "{text:?}");
    }
}

#[test]
fn every_value_gets_a_token_in_double_quotes() {
    let text = EVERY_SORT.replace("0x_f", "0xf");
    for leaf in Toml.scan(&text).expect("a TOML text").leaves.iter().filter(|leaf| leaf.kind.is_value()) {
        assert_eq!(leaf.carrier, Carrier::DoubleQuoted);
    }
}

#[test]
fn keys_that_stand_twice_are_refused() {
    for (text, place) in [
        ("a = 1\na = 2", (2, 1, "twice: a")),
        ("a = 1\n\"\\u0061\" = 2", (2, 1, "twice: a")),
        ("a = {b = 1, b = 2}", (1, 13, "twice: b")),
        ("a = {b.c = 1, b.c = 2}", (1, 17, "twice: c")),
        ("[a]\n[a]", (2, 2, "twice: a")),
        ("[a]\n[b]\n[a]", (3, 2, "twice: a")),
        ("a.b = 1\n[a]", (2, 2, "twice: a")),
        ("[a]\nb.c = 1\n[a.b]", (3, 4, "twice: b")),
        ("[[a]]\n[a]", (2, 2, "twice: a")),
        ("[a]\n[[a]]", (2, 3, "twice: a")),
        ("[a.b]\n[[a]]", (2, 3, "twice: a")),
        ("a = []\n[[a]]", (2, 3, "twice: a")),
        ("[a.b]\nx = 1\n[a]\nb = 2", (4, 1, "twice: b")),
    ] {
        assert_eq!(refusal(text), (place.0, place.1, place.2.to_owned()), "{text:?}");
    }
    for (text, place) in [
        ("a = 1\na.b = 2", (2, 1)),
        ("a = 1\n[a.b]", (2, 2)),
        ("a = {}\na.b = 2", (2, 1)),
        ("a = {}\n[a.b]", (2, 2)),
        ("a = [{}]\n[[a.b]]", (2, 3)),
        ("[a.b]\n[a]\nb.c = 1", (3, 1)),
        ("[[a]]\n[b]\nx=1\n[c]\na.y=1\nc.z = 1\n[c.c.d]\n[c.a]\n", (8, 4)),
        ("[[a.b]]\n[a]\nb.c = 1", (3, 1)),
        ("a = {b = {}, b.c = 1}", (1, 14)),
    ] {
        let (line, column, what) = refusal(text);
        let expected = if text.ends_with("[c.a]\n") {
            "twice: a"
        } else {
            "nothing can be added here: this key has its value already"
        };
        assert_eq!((line, column, what.as_str()), (place.0, place.1, expected), "{text:?}");
    }
}

/// Else one could move a secret from one item to another without a trace: `z` is in the second item of `a`, and would be
/// in the first one without the second `[[a]]`, yet its place and what it shares with `y` are the same.
#[test]
fn items_of_a_list_of_tables_stand_together() {
    const APART: &str = "the items of a list of tables must stand together, with no other table between them";
    for (text, place) in [
        ("[[a]]\nx = 1\n[b]\ny = 1\n[[a]]\n[a.c]\nz = 1\n", (5, 3)),
        ("[[a]]\nx = 1\n[b]\ny = 1\n[a.c]\nz = 1\n", (5, 2)),
        ("[[a]]\n[[a.b]]\nx = 1\n[a.c]\ny = 1\n[[a.b]]\nz = 1\n", (6, 5)),
        ("[[a]]\n[b]\n[[a]]\n", (3, 3)),
    ] {
        assert_eq!(refusal(text), (place.0, place.1, APART.to_owned()), "{text:?}");
    }
    for good in ["[[a]]\n[a.b]\n[[a]]\n[a.b]\n", "[[a]]\n[[a.b]]\n[[a.b]]\n[[a]]\n[[a.b]]\n", "[[a.b]]\n[a.c]\n[[d]]\n"]
    {
        assert!(battery::check(&Toml, good), "{good:?}");
    }
}

#[test]
fn refusals_name_the_place_and_no_value() {
    const RESERVED: &str = "this key is reserved for metadata and cannot stand at the root";
    const LIKE_METADATA: &str = "a line that begins like metadata cannot be part of a value";
    for (text, place) in [
        ("a = 1\nb = CANARY\n", (2, 5, "string values must be quoted")),
        ("a = \"CANARY\nb = 1\n", (1, 5, "invalid basic string")),
        ("a = 1 \"CANARY\"\n", (1, 7, "unexpected key or value")),
        ("CANARY\n", (1, 7, "key with no value")),
        ("a = ['1' '2']\n", (1, 10, "missing comma between array elements")),
        ("a = [1\n", (1, 7, "unclosed array")),
        ("a = \"\\q\"\n", (1, 5, "missing escaped value")),
        ("a = 1__0\n", (1, 5, "`_` may only go between digits")),
        ("# c\u{7f}\n", (1, 1, "invalid comment character")),
        ("a = 1\rb = 2\n", (1, 6, "carriage return must be followed by newline")),
        ("sops = 1\n", (1, 1, RESERVED)),
        ("\"sops-rs\".a = 1\n", (1, 1, RESERVED)),
        ("x = 1\n[sops]\n", (2, 2, RESERVED)),
        ("[[ sops-rs ]]\n", (1, 4, RESERVED)),
        ("a = '''\n[sops-rs]'''\n", (2, 1, LIKE_METADATA)),
        ("a = '''\n[sops-rs.x]\n'''\n", (2, 1, LIKE_METADATA)),
    ] {
        let (line, column, what) = refusal(text);
        assert_eq!((line, column, what.as_str()), place, "{text:?}");
    }
}

#[test]
fn nesting_is_bounded() {
    let deep = |depth: usize| format!("a = {}1{}", "[".repeat(depth), "]".repeat(depth));
    let inline = |depth: usize| format!("a = {}1{}", "{b=".repeat(depth), "}".repeat(depth));
    let dotted = |depth: usize| format!("{}a = 1", "b.".repeat(depth));
    let header = |depth: usize| format!("[{}a]\n", "b.".repeat(depth - 1));
    for text in [deep, inline, dotted, header].map(|text| (text(MAX_NESTING - 1), text(MAX_NESTING))) {
        assert!(battery::check(&Toml, &text.0));
        assert!(matches!(Toml.scan(&text.1), Err(Error::Limit { .. })), "{}", text.1);
    }
    for bomb in ["[", "{a=", "[{a=", "[[", "a."] {
        let what = Toml.scan(&format!("a = {}", bomb.repeat(100_000)));
        assert!(what.is_err());
        assert!(!Toml.is_one_leaf(&bomb.repeat(100_000), &Toml.scan("a = 1").expect("a text").leaves[0]));
    }
}

#[test]
fn only_a_leaf_that_fits_its_place_is_one() {
    let scan = Toml.scan("a = 1 # c\n").expect("a TOML text");
    let [value, comment] = &scan.leaves[..] else { panic!("two leaves") };
    for good in ["1", "\"x\"", "'x'", "\"\"\"\nx\n\"\"\"", "'''\n'x'''", "1979-05-27 07:32:00", "-inf", "0o17", "1.5"] {
        assert!(Toml.is_one_leaf(good, value), "{good:?}");
    }
    for bad in [
        "",
        " ",
        "x",
        "1 ",
        " 1",
        "1 # c",
        "1\n",
        "1\nb = 2",
        "1, 2",
        "1]",
        "1}",
        "[]",
        "[1]",
        "{}",
        "{a=1}",
        "\"x",
        "\"x\" ",
        "\"x\"y",
        "'x' # c",
        "\"\\q\"",
        "\"\"\"x\"\"",
        "\"x\n\"",
        "1__0",
        "= 1",
        "#",
        "\u{feff}1",
        "'''x''''''",
    ] {
        assert!(!Toml.is_one_leaf(bad, value), "{bad:?}");
    }
    assert!(Toml.is_one_leaf("#", comment));
    assert!(Toml.is_one_leaf("# c\\", comment));
    for bad in ["", "c", " # c", "# c\nA=1", "# c\r", "# c\u{7f}", "; c"] {
        assert!(!Toml.is_one_leaf(bad, comment), "{bad:?}");
    }
}

#[test]
fn the_block_begins_at_the_last_header_of_its_name() {
    let with =
        |text: &str| Toml.detach(text, "sops-rs").map(|found| found.map(|found| (found.rest.into_owned(), found.line)));
    let misspelled =
        |line| Err(Error::Metadata { line, what: "the header of the metadata is not spelled as it must be" });
    assert_eq!(with("a = 1\n[sops-rs]\nv = 1\n"), Ok(Some(("a = 1\n".to_owned(), 2))));
    assert_eq!(with("[sops-rs]\r\nv = 1"), Ok(Some((String::new(), 1))));
    assert_eq!(with("\u{feff}[sops-rs]\nv = 1"), Ok(Some(("\u{feff}".to_owned(), 1))));
    assert_eq!(with("a = 1 # [sops-rs]\n[x]\n[sops-rs-x]\n"), Ok(None));
    assert_eq!(with("a = 1\n[sops-rs] # c\nv = 1\n"), misspelled(2));
    assert_eq!(with("a = 1\n[sops-rs.x]\nv = 1\n"), misspelled(2));
    assert!(matches!(with("[sops-rs]\nv = 1\n[x]\n"), Err(Error::Metadata { line: 3, .. })));
    // The first of two blocks stays behind, and no scan accepts it.
    let two = "[sops-rs]\nv = 1\n[sops-rs]\nv = 1\n";
    assert_eq!(with(two), Ok(Some(("[sops-rs]\nv = 1\n".to_owned(), 3))));
    assert_eq!(refusal("[sops-rs]\nv = 1\n").0, 1);
}

#[test]
fn names_that_are_claimed() {
    for name in ["a.toml", "a.TOML", ".env.toml"] {
        assert_eq!(format_for_name(name).map(Format::name), Some("toml"), "{name}");
    }
    for name in ["toml", "a.toml.txt"] {
        assert!(!Toml.claims(name), "{name}");
    }
}

fn texts() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        "-?[1-9][0-9]{0,3}(\\.[0-9]{1,2})?",
        "(true|inf|0x1F|1979-05-27( |T)07:32:00|07:32:00)",
        "\"([a-z #'é=\\[]|\\\\[nt\"\\\\])*\"",
        "'[a-z\"#\\\\{]*'",
        "\"\"\"\n?([a-z #'\n]|\"a)*\"\"\"",
        "'''([a-z\"\n]|'b)*'''",
    ];
    let value = scalar.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            (proptest::collection::vec(inner.clone(), 0..3), "[ \n]?( # c\n)?")
                .prop_map(|(items, filler)| format!("[{filler}{}]", items.join(&format!("{filler},{filler}")))),
            (proptest::collection::vec(inner, 0..3), "[ ]?").prop_map(|(items, blank)| {
                let items: Vec<_> = items.iter().enumerate().map(|(n, item)| format!("k{n}{blank}={item}")).collect();
                format!("{{{blank}{}}}", items.join(", "))
            }),
        ]
    });
    let line = prop_oneof![
        6 => ("(a\\.|\"b c\"\\.)?", "[ ]?=[ \t]{0,2}", value, "([ \t]?#[a-z]{0,3})?")
            .prop_map(|(way, equals, value, rest)| (way, format!("{equals}{value}{rest}"))),
        1 => Just(("[".to_owned(), "]".to_owned())),
        1 => Just(("[[".to_owned(), "]] # of list".to_owned())),
        1 => Just(("[[l".to_owned(), "]]".to_owned())),
    ];
    let filler = "(\n|[ \t]*\n|#[ a-z=\"']{0,5}\n| # é\t\n)?";
    proptest::collection::vec((line, filler), 0..8).prop_map(|lines| {
        let number = |(n, ((way, rest), filler)): (usize, ((String, String), String))| {
            let n = if way == "[[l" { String::new() } else { n.to_string() };
            format!("{filler}{way}k{n}{rest}\n")
        };
        lines.into_iter().enumerate().map(number).collect()
    })
}

proptest! {
    #[test]
    fn the_battery(text in texts()) {
        battery::check(&Toml, &text);
    }

    #[test]
    fn the_battery_on_changed_texts(text in battery::mutated(texts())) {
        battery::check(&Toml, &text);
    }

    #[test]
    fn garbage_never_panics(text: String) {
        battery::check(&Toml, &text);
        let _ = Toml.detach(&text, "sops-rs");
    }
}

#[test]
fn most_generated_texts_are_valid() {
    let counts = (battery::accepted(&Toml, texts()), battery::accepted(&Toml, battery::mutated(texts())));
    assert!(counts.0 > 80 && counts.1 > 40, "{counts:?}");
}
