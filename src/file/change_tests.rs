//! Texts before and after a change, by hand; and what must hold whatever the text.

use super::change::{Scanning, with_value, without_value};
use super::document::Document;
use super::path_query::PathQuery;
use crate::document::{Value, format_by_name};
use crate::error::Error;

fn document(format: &str, text: &str) -> Document {
    let format = format_by_name(format).expect("a format");
    Document::parse(text.as_bytes(), format).unwrap_or_else(|error| panic!("{error}: {text:?}"))
}

/// `text` after a change: a value in JSON, or `-` for none.
fn changed(format: &str, text: &str, path: &str, value: &str) -> Result<String, Error> {
    let old = document(format, text);
    let query = PathQuery::parse(path).expect("a path");
    let changed = if value == "-" {
        Some(without_value(&old, &query)?)
    } else {
        with_value(&old, &query, &Value::from_json(value).expect("JSON"), Scanning::Now)?
    };
    Ok(changed.map_or_else(|| text.to_owned(), |changed| changed.document.text().to_owned()))
}

#[track_caller]
fn check(format: &str, cases: &[(&str, &str, &str, &str)]) {
    let mut wrong = String::new();
    for (text, path, value, expected) in cases {
        let found = changed(format, text, path, value).unwrap_or_else(|error| format!("{error}"));
        if found != *expected {
            wrong += &format!("{path} = {value} in {text:?}\n   gives {found:?}\n     not {expected:?}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn yaml_scalars_keep_their_quotes() {
    check(
        "yaml",
        &[
            ("a: x # c\nb: 1\n", "a", "\"v\"", "a: v # c\nb: 1\n"),
            ("a: 'x'\n", "a", "\"it's\"", "a: 'it''s'\n"),
            ("a: \"x\"\n", "a", "\"q\\\"\"", "a: \"q\\\"\"\n"),
            ("a: x\n", "a", "\"123\"", "a: \"123\"\n"),
            ("a: x\n", "a", "123", "a: 123\n"),
            ("a: 1\n", "a", "true", "a: true\n"),
            ("a: 1\n", "a", "\"true\"", "a: \"true\"\n"),
            ("a: x\n", "a", "\"\"", "a: \"\"\n"),
            ("a: x\n", "a", "\"a: b\"", "a: \"a: b\"\n"),
            ("a: x\n", "a", "\"# b\"", "a: \"# b\"\n"),
            ("a: x\n", "a", "\"b #c\"", "a: \"b #c\"\n"),
            ("a: x\n", "a", "\"postgres://u:p@h/d?x=1\"", "a: postgres://u:p@h/d?x=1\n"),
            ("a: x\n", "a", "\"two words\"", "a: two words\n"),
            ("a: x\n", "a", "\"two\\nlines\"", "a: |-\n  two\n  lines\n"),
            ("a: x\nb: 1\n", "a", "\"two\\nlines\\n\"", "a: |\n  two\n  lines\nb: 1\n"),
            ("a: x", "a", "\"two\\nlines\\n\"", "a: \"two\\nlines\\n\""),
            ("a: x\n", "a", "\"u\\u2028v\"", "a: \"u\\u2028v\"\n"),
            ("a: |\n    x\n    v\nb: 1\n", "a", "\"z\\n\"", "a: |\n    z\nb: 1\n"),
            ("a:\n  b: |-\n    x\n    v\n  c: 1\n", "a.b", "\"p\\n\\nq\"", "a:\n  b: |-\n    p\n\n    q\n  c: 1\n"),
            ("a: |\r\n  x\r\nb: 1\r\n", "a", "\"v\\nz\\n\"", "a: |\r\n  v\r\n  z\r\nb: 1\r\n"),
            ("a: |\n  x\nb: 1\n", "a", "\" v\\nz\"", "a: \" v\\nz\"\nb: 1\n"),
            ("a:\nb: 1\n", "a", "\"x\"", "a: x\nb: 1\n"),
            ("a: # c\nb: 1\n", "a", "\"x\"", "a: x # c\nb: 1\n"),
            ("a: {b: x, c: \"v\"} # c\n", "a.b", "\"p,q\"", "a: {b: \"p,q\", c: \"v\"} # c\n"),
            ("a: [x, v]\n", "a[1]", "\"z\"", "a: [x, z]\n"),
            ("- x\n- v\n", "[1]", "\"z\"", "- x\n- z\n"),
            ("a: &k x\nb: *k\n", "a", "\"z\"", "a: &k z\nb: *k\n"),
            ("a: !!str 5\n", "a", "\"6\"", "a: !!str \"6\"\n"),
            ("a: x\n--- # two\na: v\n", "#1.a", "\"z\"", "a: x\n--- # two\na: z\n"),
            ("1: x\n", "[\"1\"]", "\"z\"", "1: z\n"),
            ("a: one\n  two # c\n", "a", "\"z\"", "a: z # c\n"),
            ("a: 'same'\n", "a", "\"same\"", "a: 'same'\n"),
        ],
    );
}

#[test]
fn yaml_maps_and_lists_grow() {
    check(
        "yaml",
        &[
            ("a: x\n", "b", "\"v\"", "a: x\nb: v\n"),
            ("a: x", "b", "\"v\"", "a: x\nb: v"),
            ("a: x\r\n", "b", "\"v\"", "a: x\r\nb: v\r\n"),
            ("a: x # c\n\n# end\n", "b", "\"v\"", "a: x # c\nb: v\n\n# end\n"),
            ("a:\n  b: x\nc: 1\n", "a.d", "\"v\"", "a:\n  b: x\n  d: v\nc: 1\n"),
            ("a:\n    b: x\nc: 1\n", "d.e.f", "1", "a:\n    b: x\nc: 1\nd:\n    e:\n        f: 1\n"),
            (
                "a:\n  b:\n    c: |\n      x\n      v\nd: 1\n",
                "a.e",
                "\"v\"",
                "a:\n  b:\n    c: |\n      x\n      v\n  e: v\nd: 1\n",
            ),
            ("a:\n  - x\n  - v # c\nb: 1\n", "a[2]", "\"z\"", "a:\n  - x\n  - v # c\n  - z\nb: 1\n"),
            ("a:\n- x\nb: 1\n", "a[1]", "\"z\"", "a:\n- x\n- z\nb: 1\n"),
            ("a:\n- name: x\n  m: 1\nb: 1\n", "a[1].name", "\"z\"", "a:\n- name: x\n  m: 1\n- name: z\nb: 1\n"),
            ("a:\n- name: x\n  m: 1\nb: 1\n", "a[0].o", "\"z\"", "a:\n- name: x\n  m: 1\n  o: z\nb: 1\n"),
            ("- - x\n  - v\n- z\n", "[0][2]", "1", "- - x\n  - v\n  - 1\n- z\n"),
            ("a: {b: 1} # c\nd: 1\n", "a.c", "\"x\"", "a: {b: 1, c: x} # c\nd: 1\n"),
            ("a: {\n  b: 1, # c\n  c: 2\n}\nd: 1\n", "a.e", "\"x\"", "a: {\n  b: 1, # c\n  c: 2,\n  e: x\n}\nd: 1\n"),
            ("a: [1, 2,]\n", "a[2]", "3", "a: [1, 2, 3,]\n"),
            ("{\"a\": 1}\n", "b", "\"x\"", "{\"a\": 1, \"b\": x}\n"),
            ("a: {} # c\nb: 1\n", "a.c", "\"x\"", "a: # c\n  c: x\nb: 1\n"),
            ("a: []\nb: 1\n", "a[0]", "\"x\"", "a:\n  - x\nb: 1\n"),
            ("a:\nb: 1\n", "a.c[0].d", "\"x\"", "a:\n  c:\n    - d: x\nb: 1\n"),
            ("a: ~\nb: 1\n", "a.c", "\"x\"", "a:\n  c: x\nb: 1\n"),
            (
                "a: x\nb: 1\n",
                "a",
                "{\"c\":[1,{\"d\":\"e\"}],\"f\":{}}",
                "a:\n  c:\n    - 1\n    - d: e\n  f: {}\nb: 1\n",
            ),
            ("- x # c\n- v\n", "[1]", "{\"a\":1,\"b\":[2]}", "- x # c\n- a: 1\n  b:\n    - 2\n"),
            ("a:\n  b: 1\n  c: 2\nd: 3\n", "a", "{\"e\":1}", "a:\n  e: 1\nd: 3\n"),
            ("a: {b: 1}\nd: 3\n", "a", "[1,\"x\"]", "a: [1, x]\nd: 3\n"),
            ("a:\n  b: 1\nd: 3\n", "a", "[]", "a: []\nd: 3\n"),
            ("a:\n - x\n # c\n - x\nd: 3\n", "a", "[]", "a: []\nd: 3\n"),
            ("a:\n - x\n # c\n - x\nd: 3\n", "a", "[[\"x\"],[]]", "a:\n  - - x\n  - []\nd: 3\n"),
            ("a:\n - x\n # c\n - x\nd:\n - x", "a", "[[\"x\"],[]]", "a:\n  - - x\n  - []\nd:\n - x"),
            ("a: &x\n  b: 1\nc: {<<: *x}\n", "a.d", "2", "a: &x\n  b: 1\n  d: 2\nc: {<<: *x}\n"),
            ("a: x\n", "on", "\"v\"", "a: x\n\"on\": v\n"),
            ("a: x\n", "\"k: k\"", "\"v\"", "a: x\n\"k: k\": v\n"),
            ("a: x\n...\n", "b", "1", "a: x\nb: 1\n...\n"),
            ("a: x\n---\nb: 1\n", "c", "1", "a: x\nc: 1\n---\nb: 1\n"),
            ("\u{feff}a: x\n", "b", "1", "\u{feff}a: x\nb: 1\n"),
            ("a: x\n", "b", "\"p\\nq\\n\"", "a: x\nb: |\n  p\n  q\n"),
            ("a: x", "b", "\"p\\nq\\n\"", "a: x\nb: \"p\\nq\\n\""),
            ("  a: x\n", "b", "1", "  a: x\n  b: 1\n"),
            ("a: |+\n  x\n\nb:\n  c: 1\n", "d", "1", "a: |+\n  x\n\nb:\n  c: 1\nd: 1\n"),
            ("a: |+\n  x\n\n", "d", "1", "a: |+\n  x\n\nd: 1\n"),
            ("a: *x\n", "b", "1", "a: *x\nb: 1\n"),
        ],
    );
}

#[test]
fn yaml_entries_are_taken_out() {
    check(
        "yaml",
        &[
            ("a: x\nb: y # c\nc: z\n", "b", "-", "a: x\nc: z\n"),
            ("a: x\nb: y", "b", "-", "a: x"),
            ("a: x\r\nb: y", "b", "-", "a: x"),
            ("a: x\nb: y", "a", "-", "b: y"),
            ("# top\na: x\n# of b\nb: y\n", "a", "-", "# top\n# of b\nb: y\n"),
            ("a:\n  b: 1\n  c: 2\nd: 3\n", "a.c", "-", "a:\n  b: 1\nd: 3\n"),
            ("a:\n  b: 1\n  c: 2\nd: 3\n", "a", "-", "d: 3\n"),
            ("a: # c\n  # d\n  b: 1 # e\nd: 3\n", "a.b", "-", "a: {} # c\n  # d\nd: 3\n"),
            ("a:\n  b: 1\nd: 3\n", "a.b", "-", "a: {}\nd: 3\n"),
            ("a:\n- b\nd: 3\n", "a[0]", "-", "a: []\nd: 3\n"),
            ("a:\n  - b\n  - c\nd: 3\n", "a[0]", "-", "a:\n  - c\nd: 3\n"),
            ("a:\n  - b: 1\n    c: 2\n  - d: 1\n", "a[0].b", "-", "a:\n  - c: 2\n  - d: 1\n"),
            ("a:\n  - b: 1\n    # of c\n    c: 2\n", "a[0].b", "-", "a:\n  -\n    # of c\n    c: 2\n"),
            ("a:\n  - b: 1\n    c: 2\n  - d: 1\n", "a[1].d", "-", "a:\n  - b: 1\n    c: 2\n  - {}\n"),
            ("a:\n  - b: 1\n    c: 2\n  - d: 1\n", "a[0]", "-", "a:\n  - d: 1\n"),
            ("a: {b: 1, c: 2}\n", "a.b", "-", "a: {c: 2}\n"),
            ("a: {b: 1, c: 2}\n", "a.c", "-", "a: {b: 1}\n"),
            ("a: {b: 1}\n", "a.b", "-", "a: {}\n"),
            ("a: [1, 2, 3]\n", "a[1]", "-", "a: [1, 3]\n"),
            ("a: |\n  x\n  y\nb: 1\n", "a", "-", "b: 1\n"),
            ("a: &x {b: 1}\nc: 1\n", "a", "-", "c: 1\n"),
            ("&x a: 1\nc: 1\n", "a", "-", "c: 1\n"),
            ("\u{feff}a: 1\nc: 1\n", "a", "-", "\u{feff}c: 1\n"),
            ("a:\nb: 1\n", "a", "-", "b: 1\n"),
            ("a: [1,\n  2]\nb: 1\n", "a", "-", "b: 1\n"),
            ("- - x\n  - y\n- z\n", "[0][0]", "-", "- - y\n- z\n"),
        ],
    );
}

#[test]
fn json_keeps_its_layout() {
    check(
        "json",
        &[
            ("{\"a\": 1}", "a", "\"x\"", "{\"a\": \"x\"}"),
            ("{\"a\": 1}", "b", "\"x\"", "{\"a\": 1, \"b\": \"x\"}"),
            ("{\"a\":1}", "b.c", "[1,2]", "{\"a\":1,\"b\":{\"c\":[1,2]}}"),
            ("{}", "b", "1", "{\"b\": 1}"),
            (
                "{\n  \"a\": {\n    \"b\": 1\n  }\n}\n",
                "a.c",
                "{\"d\":[]}",
                "{\n  \"a\": {\n    \"b\": 1,\n    \"c\": {\n      \"d\": []\n    }\n  }\n}\n",
            ),
            ("{\n\t\"a\": {}\n}\n", "a.c", "1", "{\n\t\"a\": {\n\t\t\"c\": 1\n\t}\n}\n"),
            ("{\n  \"a\": [1, 2]\n}\n", "a[2]", "3", "{\n  \"a\": [1, 2, 3]\n}\n"),
            (
                "{\n  \"a\": [\n    1\n  ]\n}\n",
                "a[1]",
                "{\"b\":2}",
                "{\n  \"a\": [\n    1,\n    {\n      \"b\": 2\n    }\n  ]\n}\n",
            ),
            ("{\r\n  \"a\": 1\r\n}", "b", "{\"c\":2}", "{\r\n  \"a\": 1,\r\n  \"b\": {\r\n    \"c\": 2\r\n  }\r\n}"),
            ("[1, [2]]", "[1][1]", "null", "[1, [2, null]]"),
            (
                "{\"a\": {\"b\": [1, {\"c\": 2}], \"d\": 3}}",
                "a.b[1].e",
                "4",
                "{\"a\": {\"b\": [1, {\"c\": 2, \"e\": 4}], \"d\": 3}}",
            ),
            ("{\"a\": {\"b\": 1}, \"c\": 2}", "a", "{\"x\":1}", "{\"a\": {\"x\": 1}, \"c\": 2}"),
            ("{\"a\": 1, \"b\": 2}", "a", "-", "{\"b\": 2}"),
            ("{\"a\": 1, \"b\": 2}", "b", "-", "{\"a\": 1}"),
            ("{\n  \"a\": 1,\n  \"b\": {\n    \"c\": 2\n  }\n}\n", "b.c", "-", "{\n  \"a\": 1,\n  \"b\": {}\n}\n"),
            ("{\n  \"a\": 1,\n  \"b\": [2, 3]\n}\n", "b[0]", "-", "{\n  \"a\": 1,\n  \"b\": [3]\n}\n"),
            ("{\n  \"a\": 1,\n  \"b\": 2\n}\n", "b", "-", "{\n  \"a\": 1\n}\n"),
            ("{\"a\": \"x\\u0041\"}", "a", "\"xA\"", "{\"a\": \"x\\u0041\"}"),
            ("{\"a\": 1.0}", "a", "1.00", "{\"a\": 1.00}"),
            ("\"x\"", "[0]", "1", "`[0]` lies below a value that is no map or list: unset that first"),
        ],
    );
}

#[test]
fn dotenv_lines_change() {
    check(
        "dotenv",
        &[
            ("A=x\nB=y\n", "A", "\"z\"", "A=z\nB=y\n"),
            ("A=x\n", "B", "\"z\"", "A=x\nB=z\n"),
            ("A=x", "B", "\"z\"", "A=x\nB=z"),
            ("A=x\r\n", "B", "\"z\"", "A=x\r\nB=z\r\n"),
            ("A=x # c\n", "A", "\"z\"", "A=z # c\n"),
            ("A=x # c\n", "A", "\"z z\"", "A='z z' # c\n"),
            ("A='x' # c\n", "A", "\"it's\"", "A=\"it's\" # c\n"),
            ("A= \"x\"\n", "A", "\"$y\"", "A= \"\\$y\"\n"),
            ("A=`x`\n", "A", "\"it's\"", "A=`it's`\n"),
            ("A=one two\n", "A", "\"three four\"", "A=three four\n"),
            ("A=x\n", "A", "\"p\\nq\"", "A=\"p\\nq\"\n"),
            ("A=x\n", "A", "\"\"", "A=\n"),
            ("A=\n", "A", "\"x\"", "A=x\n"),
            ("A\n", "A", "\"x\"", "A=x\n"),
            ("export A=x\n", "A", "5", "export A=5\n"),
            ("A=5\n", "A", "5", "A=5\n"),
            ("A=x\nB=y # c\nC=z\n", "B", "-", "A=x\nC=z\n"),
            ("A=x\nB=y", "B", "-", "A=x"),
            ("A=x\nB=\"p\nq\"\nC=z\n", "B", "-", "A=x\nC=z\n"),
            (
                "A=x\n",
                "A",
                "\"p\\u0001q\"",
                "`A`: a dotenv file has no spelling for this value: a control character is in it",
            ),
            ("A=x\n", "B C", "1", "`B C`: a dotenv key has letters, digits, `_`, `.` and `-` only"),
            ("A=x\n", "A", "[1]", "`A`: dotenv holds no maps, no lists and no null"),
            ("A=x\n", "A", "null", "`A`: dotenv holds no maps, no lists and no null"),
            ("A=x\n", "A.b", "1", "`A.b` lies below a value that is no map or list: unset that first"),
        ],
    );
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let cases = [
        ("a: &x {b: 1}\nc: *x\n", "c.b", "2", "`c.b` lies below an alias: set it where the anchor stands"),
        ("a: &x 1\nc: *x\n", "c", "2", "`c` is an alias: set the value where the anchor stands"),
        ("a: &x 1\nc: *x\n", "a", "-", "`a` has an anchor that an alias elsewhere stands for"),
        (
            "a: &x {b: {c: 1}}\nd:\n  <<: *x\n",
            "d.b.c",
            "2",
            "`d.b.c` may lie below what `<<` merges in: set it where that stands",
        ),
        (
            "a: &x {b: 1}\nd:\n  <<: *x\n",
            "d.b",
            "-",
            "`d.b` does not stand there itself; it may be one that `<<` merges in",
        ),
        ("a: !!int 5\n", "a", "\"x\"", "`a` has a tag that says how it is to be read: unset it first"),
        ("a: {b: 1}\n", "a", "\"x\"", "`a` is a map or a list, and one value would replace all of it: unset it first"),
        ("a: x\n", "a.b", "1", "`a.b` lies below a value that is no map or list: unset that first"),
        (
            "a: [1]\n",
            "a[2]",
            "1",
            "`a[2]` lies behind the end of the list; a new item is the one that follows the last",
        ),
        ("a: [1]\n", "a.b", "1", "`a.b` names a key, but there is a list"),
        ("a: {b: 1}\n", "a[0]", "1", "`a[0]` names an item, but there is a map"),
        ("a: 1\n", "b[1]", "1", "`b[1]` lies behind the end of the list; the first item of a new one is [0]"),
        ("password: 1\n", "pasword", "-", "no value at `pasword`"),
        ("a: 1\n", "#1.a", "1", "no value at `#1.a`"),
        ("a: 1\n", "sops", "1", "line 2, column 1: the root keys `sops` and `sops-rs` are reserved for metadata"),
    ];
    check("yaml", &cases);
}

#[test]
fn toml_tables_keep_their_layout() {
    check(
        "toml",
        &[
            ("a = \"x\" # c\nb = 1\n", "a", "\"v\"", "a = \"v\" # c\nb = 1\n"),
            ("a = 'x'\n", "a", "\"C:\\\\v\"", "a = 'C:\\v'\n"),
            ("a = 'x'\n", "a", "\"it's\"", "a = \"it's\"\n"),
            ("a = 1\n", "a", "\"2\"", "a = \"2\"\n"),
            ("a = 1\n", "a", "2.50", "a = 2.50\n"),
            ("a = 1979-05-27\n", "a", "\"1979-05-27\"", "a = \"1979-05-27\"\n"),
            ("a = \"\"\"\nx\ny\"\"\"\n", "a", "\"p\\nq\\n\"", "a = \"\"\"\np\nq\n\"\"\"\n"),
            ("a = 1\n\n[t]\nx = 1\n", "b", "\"v\"", "a = 1\nb = \"v\"\n\n[t]\nx = 1\n"),
            ("[t]\nx = 1\n", "b", "\"v\"", "b = \"v\"\n[t]\nx = 1\n"),
            ("[t]\nx = 1\n\n[u]\n", "t.z", "2", "[t]\nx = 1\nz = 2\n\n[u]\n"),
            ("[t]\n  x = 1\n", "t.z", "2", "[t]\n  x = 1\n  z = 2\n"),
            ("[t] # c\n[u]\nx = 1\n", "t.z", "2", "[t] # c\nz = 2\n[u]\nx = 1\n"),
            ("a.b = 1\nc = 2\n", "a.d", "3", "a.b = 1\na.d = 3\nc = 2\n"),
            ("a = {b = 1}\n", "a.c", "2", "a = {b = 1, c = 2}\n"),
            ("a = [1, 2]\n", "a[2]", "3", "a = [1, 2, 3]\n"),
            ("a = [\n  1,\n  2, # c\n]\n", "a[2]", "3", "a = [\n  1,\n  2,\n  3, # c\n]\n"),
            ("a = []\n", "a[0]", "3", "a = [3]\n"),
            ("a = {}\n", "a.b", "3", "a = { b = 3 }\n"),
            ("a = 1\n", "db.pool.size", "3", "a = 1\n\n[db.pool]\nsize = 3\n"),
            ("a = 1", "db", "{\"x\":[1,{\"y\":\"z\"}]}", "a = 1\n\n[db]\nx = [1, { y = \"z\" }]"),
            ("[[p]]\nx = 1\n[[p]]\nx = 2\n[q]\n", "p[2].x", "3", "[[p]]\nx = 1\n[[p]]\nx = 2\n\n[[p]]\nx = 3\n[q]\n"),
            ("[[p]]\nx = 1\n[[p]]\nx = 2\n", "p[0].z", "3", "[[p]]\nx = 1\nz = 3\n[[p]]\nx = 2\n"),
            ("[a.b]\nx = 1\n", "a.z", "2", "[a.b]\nx = 1\n\n[a]\nz = 2\n"),
            ("a = 1\nb = 2 # c\n", "b", "-", "a = 1\n"),
            ("a = 1\nb = 2", "b", "-", "a = 1"),
            ("a = {b = 1, c = 2}\n", "a.b", "-", "a = {c = 2}\n"),
            ("a = [1, 2]\n", "a[1]", "-", "a = [1]\n"),
            ("[t]\nx = 1\n[u]\nz = 1\n", "t", "-", "[u]\nz = 1\n"),
            ("[t]\nx = 1\n[u]\nz = 1\n", "t.x", "-", "[t]\n[u]\nz = 1\n"),
            ("[[p]]\nx = 1\n[[p]]\nx = 2\n", "p[0]", "-", "[[p]]\nx = 2\n"),
            ("a.b = 1\nc = 2\n", "a", "-", "c = 2\n"),
            ("a.b = 1\nc = 2\n", "a.b", "-", "c = 2\n"),
            ("a = 1\r\n", "b", "2", "a = 1\r\nb = 2\r\n"),
            ("a = 1\n", "a", "null", "`a`: TOML has no null"),
            ("a = 1\n", "a", "99999999999999999999", "`a`: TOML has no whole numbers of more than 64 bits"),
        ],
    );
}

#[test]
fn ini_sections_keep_their_layout() {
    check(
        "ini",
        &[
            ("[s]\na = x\n", "s.a", "\"v\"", "[s]\na = v\n"),
            ("[s]\na = x ; c\n", "s.a", "\"v w\"", "[s]\na = v w ; c\n"),
            ("[s]\na = 'x' # c\n", "s.a", "\"it's\"", "[s]\na = \"it's\" # c\n"),
            ("[s]\na=x\n", "s.a", "\"p#q\"", "[s]\na=\"p#q\"\n"),
            ("[s]\na =\nb = 1\n", "s.a", "\"v\"", "[s]\na = v\nb = 1\n"),
            ("[s]\na\nb = 1\n", "s.a", "\"v\"", "[s]\na = v\nb = 1\n"),
            ("[s]\na=x\n\n[t]\n", "s.b", "1", "[s]\na=x\nb=1\n\n[t]\n"),
            ("[s]\n  a: x\n", "s.b", "1", "[s]\n  a: x\n  b: 1\n"),
            ("[s] ; c\n[t]\na = 1\n", "s.b", "1", "[s] ; c\nb = 1\n[t]\na = 1\n"),
            ("[s]\na = 1\n", "t.b", "1", "[s]\na = 1\n\n[t]\nb = 1\n"),
            ("[s]\na = 1\n", "b", "1", "b = 1\n[s]\na = 1\n"),
            ("z = 1\n[s]\na = 1\n", "b", "1", "z = 1\nb = 1\n[s]\na = 1\n"),
            (
                "[p]\na = 1\n[p]\na = 2\n[q]\nb = 1\n",
                "p[2].a",
                "3",
                "[p]\na = 1\n[p]\na = 2\n\n[p]\na = 3\n[q]\nb = 1\n",
            ),
            ("[s]\na = 1\nb = 2 ; c\n", "s.b", "-", "[s]\na = 1\n"),
            ("[s]\na = 1\n", "s.a", "-", "[s]\n"),
            ("[s]\na = 1\n\n[t]\n# c\nb = 1\nd = 2\n[u]\n", "t", "-", "[s]\na = 1\n[u]\n"),
            ("[s]\na = one\n  two\nb = 1\n", "s.a", "-", "[s]\nb = 1\n"),
            (
                "[s]\na = 1\n",
                "s.a",
                "\"p\\nq\"",
                "`s.a`: INI holds no line breaks, nor a value that needs quotes and has both sorts of them",
            ),
            ("[s]\na = 1\n", "s.b.c", "1", "`s.b`: INI nests no deeper than sections and keys"),
        ],
    );
}

#[test]
fn properties_are_escaped() {
    check(
        "properties",
        &[
            ("a.b=x\n", "\"a.b\"", "\" p\\nq#\"", "a.b=\\ p\\nq\\#\n"),
            ("a = x\n", "b c", "\"v\"", "a = x\nb\\ c = v\n"),
            ("a x\n", "b", "\"v\"", "a x\nb=v\n"),
            ("a\nb:1\n", "a", "\"v\"", "a:v\nb:1\n"),
            ("a=x\\\n  z\nb=1\n", "a", "-", "b=1\n"),
            ("a=x", "b", "\"\"", "a=x\nb="),
        ],
    );
}

#[test]
fn what_a_scan_will_find_is_foretold() {
    for (format, text, path, value) in [
        ("yaml", "a: 1\nb:\n  - x # c\n  - {d: \"y\"}\ne: |\n  z\n", "b[0]", "\"# v\""),
        ("yaml", "a: 1\nb: |\n  x\nc: &k z\n", "b", "\"v\\nw\\n\""),
        ("json", "{\"a\": [1, {\"b\": \"x\"}], \"c\": {}}", "a[1].b", "12345"),
        ("dotenv", "A=1\nB='x y' # c\nC=\n", "B", "\"v\""),
        ("toml", "a = 1\n[t]\nb = 'x'\nc = 2\n", "t.b", "\"v w\""),
        ("ini", "[s]\na = 1\nb = 2\n[t]\n", "s.a", "\"v\""),
        ("properties", "a=1\nb=2\n", "a", "\"v w\""),
    ] {
        let old = document(format, text);
        let query = PathQuery::parse(path).expect("a path");
        let value = Value::from_json(value).expect("JSON");
        let changed = with_value(&old, &query, &value, Scanning::Later).expect("possible").expect("a change");
        assert!(changed.is_foretold && changed.is_as_foretold(), "{path} in {text:?}");
    }
}
