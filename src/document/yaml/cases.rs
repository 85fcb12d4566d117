//! Texts with every leaf marked by hand, and what must hold for all texts: spans, paths, and that tokens can take the
//! place of values and give it back.

use proptest::prelude::*;

use super::Yaml;
use crate::document::{Format, Scan, Splicer};
use crate::error::Error;
use crate::leaf::{Carrier, Leaf, LeafKind, Span};

/// Marks stand around each value, `«…»`; all other leaves are left unmarked.
const VALUES: &[&str] = &[
    "a: «x»\nb: «1.0»\nc: «0o17»\nd: «yes»\ne: «~»\nf: «null»\n",
    "# head\n\na: «x» # right\n  # odd indentation\nb:  # behind the key\n  # before\n  c: «y»   # t\n\n# tail\n",
    "a: «one\n  two\n\n  three» # c\nb: «z»\n",
    "a: «x#y»\nb: «a:b»\nc: «http://h/p?q=#x»\nd: «x» #\n",
    "a: «\"x \\\" y\"» # c\nb: «\"multi\n\n   line\\\n   more \\u00e9 \\x41\"»\nc: «\"\"»\n",
    "a: «'it''s'» # c\nb: «'multi\n\n   line'»\nc: «''»\n",
    "a: «|\n  l1\n   l2\n\n  l3»\nb: «z»\n",
    "a: «|-\n  l1»\n\n\n# c\nb: «z»\n",
    "a: «|\n  l1»\n\nb: «z»\n",
    "a: «|+\n  l1\n\n»\nb: «z»\n",
    "a: «|+\n  l1\n»\n# c\nb: «z»\n",
    "a: «|+»\nb: «|+\n»\nc: «|+\n\n»\n",
    "a: «>2\n    x\n  y»\nb: «z»\n",
    "a: «>2- # hdr comment\n   x\n  y»\n # less\nb: «z»\n",
    "a: «| # c1\n  x # not a comment»\nb: «z»\n",
    "a: «|\n\n\n  x»\nb: «z»\n",
    "a: «|\n  x\n   »\n \nb: «z»\n",
    "a: «|\n  x»",
    "a: «|\n  x  »",
    "a: «|+\n  x\n\n»\n",
    "a: «|-\n  x»\n\n\n",
    "a: «|»\nb: «z»\n",
    "a: «|-»\n\nb: «>+»  # c\n",
    "a: «|-»   # c\n\n\nb: «z»\n",
    "- «|\n x»\n- «>-\n a\n b»\n- «y»\n",
    "--- «|\nabc\ndef»\n",
    "«|\nabc\ndef»\n",
    "- k: «|\n    x\n     y»\n  l: «>\n    p\n\n    q»\n-   - «|\n      d»\n",
    "a: «|\n  \tx\n  y\t»\nb: «z»\n",
    "a: «|\n  ünï — 🎉\n  日本語»\nb: «z»\n",
    "a: «|\n  ---\n  ...\n  x»\nb: «z»\n",
    "clé: «é»\nk: «日本» # ü\n\"🎉\": «\"🎉\"»\nb: «z»\n",
    "a: {k: «v», \"q\": «\"w\"», e: «'s'», n: [«1», «2» , {z: «3»}] } # c\nb: «z»\n",
    "a: {\n  k: «v», # c1\n  # c2\n  \"q\":«\"w\"»,\n  l: [\n    «1»,\n    «two\n words», # c3\n  ],\n}\n",
    "a: [k: «v», «x», {y}]\n",
    "a: {}\nb: []\nc: [ ]\nd: «x»\n",
    "a: [«http://x.y/z»,«b»]\nb: {u: «http://x:80»}\n",
    "{\"a\":«\"x\"»,\"b\":[«1»,«true»,«null»,{\"c\":«-1.5e3»}],\"d\" :«\"e\"»}\n",
    "{\n\t\"a\": «\"x\n\ty\"»,\n\t\"b\": «z\n\tz»\n}\n",
    "a: &x «v»\nb: *x\nc: &m\n  k: «v»\nd:\n  <<: *m\n  l: «w»\ne: {<<: *m, q: «r»}\nf: &y\n  «late»\n",
    "a: &x !!str «v»\nb: !!int &y «5»\nc: !local «\"q\"»\nd: !<tag:x,2000:y> «z»\ne: ! «n»\nf: &l !!binary # c\n  «|\n  R0lG\n  ODlh»\n",
    "%YAML 1.2\n%TAG !e! tag:e,2000:\n---\na: !e!foo «x»\n",
    "# h\n---\na: «x»\n...\n# mid\n---\nb: «y»\n--- «scalar doc»\n---\n- «z»\n...\n",
    "--- «|\n x»\n--- «>\n y»\n...\n...\n# c\n--- «|-\n z»\n",
    "a:\nb: # c\nc: «\"\"»\nd:\n  - \n  -\n  - «x»\ne: !!null\nf: &a\ng: «z»\n",
    "\"a b\": «x»\n'c: d': «y»\n\"e\\\"f\": «z»\n? g\n: «h»\n? i\n? j\n: «|\n k»\n",
    "a:\n- «x»\n- «y»\nb:\n  - «p»\n  -   «q»\n  - - «r»\n    - «s»\nc:\n- - «|1\n   t»\n  - «|\n   u»\n",
    "a:\t«x»\t# c\nb: \t «y» \nc:\t[«1»,\t«2»]\n",
    "a: «x»   \nb:   «\"y\"»  \n\t\nc: «z»\n",
    "a: «x»\nb: «y»",
    "a:\n  «x»\nb:\n\n   «\"y\"»\nc:\n # c\n   «long\n   plain»\n",
    "a: «-1»\nb: «-x»\nc: «?x»\nd: «:x»\ne: «---x»\nf: «--- x»\n",
    "a:\n  b: «|\n    x\n    y»\n  # c\n  c: «z»\n",
    "a:\n  b: «|+\n    x\n»\n  # c\n  c: «z»\n",
    "«just a scalar»\n",
    "«one\ntwo»\n",
    "«\"a\n b\"»\n",
    "a::b: «x»\nc:d: «y»\n\"k\": «z»\n",
    "a: «ENC[AES256_GCM,data:abc=,iv:x=,tag:y=,type:str]»\nb: «\"ENC[...]\"»\n",
    "a:\n b:\n  c:\n   d:\n    - e:\n       - f: «g»\n         h: «|\n          i»\n",
    "tpl: «\"{{ .Values.x }}\"»\nb: «>-\n  {{ include \"x\" . |\n  nindent 4 }}»\n",
    "a: «'C:\\dir'»\nb: «C:\\x»\n",
    "a: «|4\n      six\n    four»\nb: «z»\n",
    "a: «|\n  \n  x»\nb: «z»\n",
    "- «a»\n# c\n- «b»\n  # d\n- # e\n  «c»\n",
    "a: &a {k: «v»}\nb: &b {l: «w»}\nc:\n  <<: [*a, *b]\n  m: «x»\n",
    "a : «x»\n\"b\" : «y»\n",
    ": «x»\n",
    "{: «x», b: «y»}\n",
    "&a k: «v»\n!!str l: «w»\n",
];

/// The text without its marks, and the spans that they mark.
fn unmark(marked: &str) -> (String, Vec<Span>) {
    let (mut text, mut spans, mut start) = (String::new(), Vec::new(), 0);
    for c in marked.chars() {
        match c {
            '«' => start = text.len(),
            '»' => spans.push(Span::new(start..text.len())),
            _ => text.push(c),
        }
    }
    (text, spans)
}

fn scan(text: &str) -> Scan {
    Yaml.scan(text).unwrap_or_else(|error| panic!("{error}: {text:?}"))
}

fn shape(leaf: &Leaf) -> (bool, LeafKind, Carrier, crate::leaf::PathId, u16) {
    let kind = if leaf.kind.is_value() { LeafKind::Plain } else { leaf.kind };
    (leaf.kind.is_value(), kind, leaf.carrier, leaf.path, leaf.indent)
}

/// Puts a token in every value's and comment's place and takes it out again.
fn check_tokens(text: &str) {
    let before = scan(text);
    assert!(before.leaves.is_sorted_by(|a, b| a.span.end <= b.span.start), "{text:?}: {:?}", before.leaves);
    let mut sealer = Splicer::new(text, before.leaves.len(), 0);
    for leaf in &before.leaves {
        let source = leaf.span.of(text);
        if leaf.kind.is_value() || leaf.kind.is_comment() {
            assert!(Yaml.is_one_leaf(source, leaf), "I3: {source:?} in {text:?}");
            assert!(Yaml.decode(text, leaf).is_ok(), "{source:?} in {text:?}");
            sealer.replace(leaf.span, |out| {
                out.push_str(match leaf.carrier {
                    Carrier::Bare => "ENC[1:abc]",
                    Carrier::Comment(_) => "# ENC[1:abc]",
                    Carrier::DoubleQuoted => "\"ENC[1:abc]\"",
                });
            });
        } else {
            sealer.keep(leaf.span);
        }
    }
    let sealed = sealer.finish();
    let after = scan(&sealed.text);
    assert_eq!(after.leaves.iter().map(|leaf| leaf.span).collect::<Vec<_>>(), sealed.spans, "I4: {text:?}");
    assert!(after.leaves.iter().map(shape).eq(before.leaves.iter().map(shape)), "I4: {text:?}");
    assert_eq!((after.paths, after.documents), (before.paths, before.documents), "I4: {text:?}");
    let mut opener = Splicer::new(&sealed.text, before.leaves.len(), 0);
    for (token, leaf) in after.leaves.iter().zip(&before.leaves) {
        opener.replace(token.span, |out| out.push_str(leaf.span.of(text)));
    }
    assert_eq!(*opener.finish().text, text, "I1");
}

#[test]
fn i3_every_value_has_exactly_its_span() {
    for marked in VALUES {
        let mut texts = vec![(*marked).to_owned(), marked.replace('\n', "\r\n")];
        if !marked.starts_with('%') {
            texts.push(format!("# ünïcödé 🎉\n{marked}"));
            texts.push(format!("\u{feff}{marked}"));
        }
        for marked in texts {
            let (text, spans) = unmark(&marked);
            let found: Vec<_> = scan(&text).leaves.iter().filter(|l| l.kind.is_value()).map(|l| l.span).collect();
            let show = |spans: &[Span]| spans.iter().map(|span| span.of(&text).to_owned()).collect::<Vec<_>>();
            assert_eq!(show(&found), show(&spans), "{text:?}");
            assert_eq!(found, spans, "{text:?}");
            check_tokens(&text);
        }
    }
}

/// Every leaf as kind, path and source.
fn leaves(text: &str) -> Vec<(LeafKind, String, String)> {
    let scan = scan(text);
    let show = |leaf: &Leaf| (leaf.kind, scan.paths.display(leaf.path).to_string(), leaf.span.of(text).to_owned());
    scan.leaves.iter().map(show).collect()
}

fn leaf(kind: LeafKind, path: &str, source: &str) -> (LeafKind, String, String) {
    (kind, path.to_owned(), source.to_owned())
}

#[test]
fn what_carries_meaning_without_being_a_value_is_a_leaf() {
    use LeafKind::{Alias, Anchor, Comment, Directive, EmptyList, EmptyMap, EmptyValue, Plain, Quoted, Tag};
    assert_eq!(
        leaves("%YAML 1.2  # y\n%X a#b \n---\na: &x !!str v\nb: [*x, {}, [ ]]\n<<: *x\n---\n- !t # c\n- |\n  t\n"),
        [
            leaf(Directive, ".", "%YAML 1.2"),
            leaf(Comment, ".", "# y"),
            leaf(Directive, ".", "%X a#b"),
            leaf(Anchor, "a", "&x"),
            leaf(Tag, "a", "!!str"),
            leaf(Plain, "a", "v"),
            leaf(Alias, "b[0]", "*x"),
            leaf(EmptyMap, "b[1]", "{"),
            leaf(EmptyList, "b[2]", "["),
            leaf(Alias, "<<", "*x"),
            leaf(Tag, "#1[0]", "!t"),
            leaf(EmptyValue, "#1[0]", ""),
            leaf(Comment, "#1", "# c"),
            leaf(Quoted, "#1[1]", "|\n  t"),
        ]
    );
}

#[test]
fn an_anchor_of_a_key_is_not_one_of_its_value() {
    use LeafKind::{Anchor, Plain, Tag};
    let v = || leaf(Plain, "k", "v");
    assert_eq!(leaves("k: &a v"), [leaf(Anchor, "k", "&a"), v()]);
    assert_eq!(leaves("&a k: v"), [leaf(Anchor, "k", "&a k"), v()]);
    assert_eq!(leaves("&a\nk: v"), [leaf(Anchor, ".", "&a"), v()]);
    assert_eq!(leaves("&a !t k: v"), [leaf(Anchor, "k", "&a"), leaf(Tag, "k", "!t k"), v()]);
    assert_eq!(leaves("!t &a k: v"), [leaf(Tag, "k", "!t"), leaf(Anchor, "k", "&a k"), v()]);
}

#[test]
fn empty_values_stand_behind_their_indicator() {
    let empty = |text: &str| -> Vec<u32> {
        scan(text).leaves.iter().filter(|l| l.kind == LeafKind::EmptyValue).map(|l| l.span.start).collect()
    };
    assert_eq!(empty("a:  # c\nb :\nc: &x # d\nd: !t &y\n"), [2, 11, 17, 30]);
    assert_eq!(empty("-\n- # -\n- - \n  -\n- &a\n"), [1, 3, 11, 16, 21]);
    assert_eq!(empty("{a, b: , ? c, \"d\":, : }"), [2, 6, 12, 18, 21]);
    assert_eq!(empty("? a\n? b\n# :\n:\n"), [3, 13]);
    assert_eq!(empty("---\n# c\n--- # d\n...\n--- &a"), [3, 11, 26]);
    assert_eq!(empty("[a: , b: ]"), [3, 8]);
    assert_eq!(empty("?  # c\n"), [1]);
    assert_eq!(empty("{? , a: b}"), [2]);
}

#[test]
fn indentation_is_that_of_the_innermost_block_collection() {
    let indents = |text: &str| scan(text).leaves.iter().map(|leaf| leaf.indent).collect::<Vec<_>>();
    assert_eq!(indents("x"), [0]);
    assert_eq!(indents("a: 1\nb:\n   c: 1\n   d: [1, {e: 1}]\n"), [0, 3, 3, 3]);
    assert_eq!(indents("a:\n- 1\n- - 1\n  -   b: 1\nc:\n  - 1\n"), [0, 2, 6, 2]);
    assert_eq!(indents("a:\n  b:\n  # c\n  - - 1\n  - 1\n"), [2, 4, 2]);
    assert_eq!(indents("- é: &x\n    &y b: 1\n"), [2, 4, 4]);
}

#[test]
fn the_root_is_a_map_when_a_further_key_can_follow() {
    use crate::document::Root;
    let root = |text: &str| (scan(text).root, scan(text).documents);
    assert_eq!(root("# c\na: 1\nb: 2 # d\n"), (Root::Map(Span::new(4..13)), 1));
    assert_eq!(root("x\n---\n"), (Root::Other(Span::new(2..2)), 2));
    assert_eq!(root(""), (Root::Other(Span::new(0..0)), 0));
    assert_eq!(root("# c\n").1, 0);
    for text in ["  a: 1", "{a: 1}", "- 1", "x", "a: 1\n...", "a: 1\n---", "a: 1\n--- x", "a: 1\n? "] {
        assert!(matches!(root(text).0, Root::Other(_)), "{text:?}");
    }
    for text in ["a:", "x\n--- # c\na: 1", "\u{feff}a: 1", "--- &x !!map\na: 1", "? a"] {
        assert!(matches!(root(text).0, Root::Map(_)), "{text:?}");
    }
}

#[test]
fn keys_that_cannot_be_told_or_kept_apart_are_refused() {
    let refused = |text: &str| Yaml.scan(text).expect_err("a bad key").to_string();
    for (text, what) in [
        ("a: 1\nb: 2\n\"a\": 3", "line 3, column 1: the key `a` stands twice in one map"),
        ("x:\n- {é: 1, \"\\u00e9\": 2}", "line 2, column 10: the key `é` stands twice in one map"),
        ("? [a]\n: 1", "line 1, column 3: a list or map as a key is not supported"),
        ("{{a: 1}: 2}", "line 1, column 2: a list or map as a key is not supported"),
        ("? |\n  a\n: 1", "line 2, column 3: a block scalar as a key is not supported"),
        ("a: &x 1\n*x : 2", "line 2, column 1: an alias as a key is not supported"),
        ("&a : 1", "line 1, column 3: an anchor or tag on an empty key is not supported"),
        ("!a : 1", "line 1, column 3: an anchor or tag on an empty key is not supported"),
        ("sops: 1", "line 1, column 1: the root keys `sops` and `sops-rs` are reserved for metadata"),
        ("a: 1\n---\n{'sops-rs': 1}", "line 3, column 2: the root keys `sops` and `sops-rs` are reserved for metadata"),
    ] {
        assert_eq!(refused(text), what, "{text:?}");
    }
    for text in ["a: {sops: 1}", "- sops: 1", "a: 1\nA: 2", "a: {a: 1}", "- a: 1\n- a: 1", "a: 1\n---\na: 1"] {
        assert!(Yaml.scan(text).is_ok(), "{text:?}");
    }
}

#[test]
fn a_further_root_without_indentation_is_refused() {
    let error = Yaml.scan("a: 1\n--- |\nb: 1\n").expect_err("an unindented root");
    assert!(matches!(error, Error::Syntax { what, .. } if what.starts_with("a further document")));
    assert!(Yaml.scan("a: 1\n--- |\n b: 1\n--- \"x\n y\"\n").is_ok());
}

#[test]
fn a_comment_that_the_parser_takes_for_a_part_of_a_value_is_refused() {
    let error = Yaml.scan("- [\n  a\n\t # c\n b ]\n").expect_err("a comment in a value");
    assert!(matches!(error, Error::Syntax { what, .. } if what.starts_with("a comment inside")));
}

#[test]
fn deep_and_wide_texts_take_linear_time() {
    let comments = "# c\n".repeat(20_000);
    assert_eq!(scan(&format!("{comments}a:\n{comments}  - x\n")).leaves.len(), 40_001);
    let blanks = format!("a: |+{}b: |{}c: 1", "\n".repeat(50_000), "\n ".repeat(50_000) + "\n");
    assert_eq!(scan(&blanks).leaves.len(), 3);
    let keys: String = (0..50_000).map(|n| format!("k{n}:\n")).collect();
    assert_eq!(scan(&keys).leaves.len(), 50_000);
}

/// A line of a document, indented by hand so that most texts are valid.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9é]{0,3}( [a-z#:]{1,2})?",
        "\"[a-z '#,:]{0,4}(\\\\n|\\\\\"|é)?\"",
        "'[a-z \"#,:]{0,4}('')?'",
        "[|>][+-]?[1-3]?( # c)?\n( {6,9}[a-z#:]{0,2}\n?){0,3}",
        "(&a |!t |!!str &b )(x|\"y\")?",
        "[a-z]\n {6,8}[a-z]",
        Just("*a".to_owned()),
        Just("{k: v, \"q\":'w', e: , n: [1, {}, []], # c\n y}".to_owned()),
        Just("# c\n      x".to_owned()),
    ]
}

fn document() -> impl Strategy<Value = String> {
    let line = (0_usize..4, any::<bool>(), value(), 0_u32..1000, "( # [a-z\"é]{0,3})?\n{1,2}");
    let lines = prop::collection::vec(line, 0..8);
    (lines, prop_oneof![Just("\n"), Just("\r\n")], any::<bool>()).prop_map(|(lines, newline, marker)| {
        let mut text = String::from(if marker { "--- # é\n" } else { "" });
        let mut last = 0;
        for (depth, item, value, n, end) in lines {
            // A deeper line needs a parent without a value.
            let depth = depth.min(last);
            let indent = " ".repeat(2 * depth);
            let key = if item { format!("- k{n}: ") } else { format!("k{n}: ") };
            text.push_str(&format!("{indent}{key}{value}{end}"));
            last = if value.is_empty() { depth + 1 } else { depth };
        }
        text.replace('\n', newline)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn tokens_take_the_place_of_values_and_give_it_back(text in document()) {
        if Yaml.scan(&text).is_ok() {
            check_tokens(&text);
        }
    }

    #[test]
    fn no_text_makes_the_scan_panic(text in "([-?:,\\[\\]{}#&*!|>'\"%@` \n\t]|a|---|\\.\\.\\.|é|\u{feff}|: |\n  |- ){0,24}") {
        if let Ok(scan) = Yaml.scan(&text) {
            for leaf in scan.leaves.iter().filter(|leaf| leaf.kind.is_value()) {
                prop_assert!(Yaml.is_one_leaf(leaf.span.of(&text), leaf), "{:?}", leaf);
                prop_assert!(Yaml.decode(&text, leaf).is_ok());
            }
        }
    }
}
