//! Merges of what files hold, in all formats.

use super::support::{Outcome, outcome};

fn clean(format: &str, base: &str, ours: &str, theirs: &str, merged: &str) {
    assert_eq!(outcome(format, base, ours, theirs), Outcome::Clean(merged.to_owned()), "{format}: {base}");
}

fn conflict(format: &str, base: &str, ours: &str, theirs: &str, sides: [&str; 2], conflicts: &[&str]) {
    let conflicts = conflicts.iter().map(|&conflict| conflict.to_owned()).collect();
    let expected = Outcome::Conflict(sides[0].to_owned(), sides[1].to_owned(), conflicts);
    assert_eq!(outcome(format, base, ours, theirs), expected, "{format}: {base}");
}

#[test]
fn neighbours_change() {
    clean("yaml", "a: 1\nb: 2\n", "a: 9\nb: 2\n", "a: 1\nb: 8\n", "a: 9\nb: 8\n");
    clean(
        "json",
        "{\n  \"a\": 1,\n  \"b\": 2\n}\n",
        "{\n  \"a\": 9,\n  \"b\": 2\n}\n",
        "{\n  \"a\": 1,\n  \"b\": 8\n}\n",
        "{\n  \"a\": 9,\n  \"b\": 8\n}\n",
    );
    clean("json", "{\"a\":1,\"b\":2}", "{\"a\":9,\"b\":2}", "{\"a\":1,\"b\":8}", "{\"a\":9,\"b\":8}");
    clean("dotenv", "A=1\nB=2\n", "A=9\nB=2\n", "A=1\nB=8\n", "A=9\nB=8\n");
    clean("toml", "[t]\na = 1\nb = 2\n", "[t]\na = 9\nb = 2\n", "[t]\na = 1\nb = 8\n", "[t]\na = 9\nb = 8\n");
    clean("ini", "[t]\na = 1\nb = 2\n", "[t]\na = 9\nb = 2\n", "[t]\na = 1\nb = 8\n", "[t]\na = 9\nb = 8\n");
    clean("properties", "a=1\nb=2\n", "a=9\nb=2\n", "a=1\nb=8\n", "a=9\nb=8\n");
    clean(
        "yaml",
        "a: {b: 1, c: [2, 3]}\n",
        "a: {b: 9, c: [2, 3]}\n",
        "a: {b: 1, c: [2, 8]}\n",
        "a: {b: 9, c: [2, 8]}\n",
    );
    clean("yaml", "- a: 1\n  b: 2\n- c\n", "- a: 9\n  b: 2\n- c\n", "- a: 1\n  b: 2\n- d\n", "- a: 9\n  b: 2\n- d\n");
    clean("yaml", "a: |\n  x\nb: 2\n", "a: |\n  y\n  z\nb: 2\n", "a: |\n  x\nb: 8\n", "a: |\n  y\n  z\nb: 8\n");
}

#[test]
fn both_add_at_one_place() {
    clean("yaml", "a: 1\nz: 2\n", "a: 1\nb: x\nz: 2\n", "a: 1\nc: y\nz: 2\n", "a: 1\nb: x\nc: y\nz: 2\n");
    clean("yaml", "a: 1", "a: 1\nb: x", "a: 1\nc: y", "a: 1\nb: x\nc: y");
    clean(
        "yaml",
        "m:\n  a: 1\nz: 2\n",
        "m:\n  a: 1\n  b: x\nz: 2\n",
        "m:\n  a: 1\nn: y\nz: 2\n",
        "m:\n  a: 1\n  b: x\nn: y\nz: 2\n",
    );
    clean(
        "yaml",
        "m:\n  a: 1\nz: 2\n",
        "m:\n  a: 1\nn: y\nz: 2\n",
        "m:\n  a: 1\n  b: x\nz: 2\n",
        "m:\n  a: 1\n  b: x\nn: y\nz: 2\n",
    );
    clean(
        "json",
        "{\n  \"a\": 1\n}\n",
        "{\n  \"a\": 1,\n  \"b\": 2\n}\n",
        "{\n  \"a\": 1,\n  \"c\": 3\n}\n",
        "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3\n}\n",
    );
    clean("json", "{\"a\":1}", "{\"a\":1,\"b\":2}", "{\"a\":1,\"c\":{\"d\":3}}", "{\"a\":1,\"b\":2,\"c\":{\"d\":3}}");
    clean("dotenv", "A=1\n", "A=1\n# b\nB=2\n", "A=1\nC=3\n", "A=1\n# b\nB=2\nC=3\n");
    clean(
        "toml",
        "[t]\na = 1\n",
        "[t]\na = 1\nb = 2\n",
        "[t]\na = 1\n\n[u]\nc = 3\n",
        "[t]\na = 1\nb = 2\n\n[u]\nc = 3\n",
    );
    clean(
        "toml",
        "[t]\na = 1\n",
        "[t]\na = 1\n\n[u]\nb = 2\n",
        "[t]\na = 1\nc = 3\n",
        "[t]\na = 1\nc = 3\n\n[u]\nb = 2\n",
    );
    clean(
        "ini",
        "[t]\na = 1\n",
        "[t]\na = 1\n\n[u]\nb = 2\n",
        "[t]\na = 1\nc = 3\n",
        "[t]\na = 1\nc = 3\n\n[u]\nb = 2\n",
    );
    clean("properties", "a=1\n", "a=1\nb=2\n", "a=1\nc=3\n", "a=1\nb=2\nc=3\n");
    // The same entry is one entry, wherever it stands.
    clean(
        "yaml",
        "a: 1\nm: 0\nz: 2\n",
        "a: 1\nb: x\nm: 0\nz: 2\n",
        "a: 1\nm: 0\nb: x\nz: 2\n",
        "a: 1\nb: x\nm: 0\nz: 2\n",
    );
}

#[test]
fn one_side_takes_out_or_lays_out_anew() {
    clean("yaml", "a: 1\nb: 2\nc: 3\n", "a: 1\nc: 3\n", "a: 1\nb: 2\nc: 9\n", "a: 1\nc: 9\n");
    clean(
        "json",
        "{\n  \"a\": 1,\n  \"b\": 2\n}",
        "{\n  \"a\": 1\n}",
        "{\n  \"a\": 5,\n  \"b\": 2\n}",
        "{\n  \"a\": 5\n}",
    );
    clean(
        "yaml",
        "m:\n  a: 1\n  b: 2\n",
        "m:\n    a: 1\n    b: 2\n",
        "m:\n  a: 1\n  b: 9\n  c: 3\n",
        "m:\n    a: 1\n    b: 9\n    c: 3\n",
    );
    clean("yaml", "c: 1\nb: 2\na: 3\n", "a: 3\nb: 2\nc: 1\n", "c: 1\nb: 9\na: 3\nd: 4\n", "a: 3\nd: 4\nb: 9\nc: 1\n");
    clean("yaml", "a: 1 # x\nb: 2\n", "a: 1 # y\nb: 2\n", "a: 9 # x\nb: 2\n", "a: 9 # y\nb: 2\n");
    clean("yaml", "a: 1\nb: 2\n", "a: '1'\nb: 2\n", "# c\na: 1\nb: 2\n", "# c\na: '1'\nb: 2\n");
}

#[test]
fn what_cannot_stand_together_conflicts() {
    conflict(
        "yaml",
        "a: 1\nb: 2\nc: 3\n",
        "a: 8\nb: 5\nc: 3\n",
        "a: 9\nb: 2\nc: 6\n",
        ["a: 8\nb: 5\nc: 6\n", "a: 9\nb: 5\nc: 6\n"],
        &["a Changed"],
    );
    conflict("yaml", "a: 1\nb: 2\n", "a: 1\n", "a: 1\nb: 3\n", ["a: 1\n", "a: 1\nb: 3\n"], &["b Removed"]);
    conflict(
        "json",
        "{\"a\":1,\"b\":2}",
        "{\"a\":1}",
        "{\"a\":5,\"b\":3}",
        ["{\"a\":5}", "{\"a\":5,\"b\":3}"],
        &["b Removed"],
    );
    conflict("dotenv", "A=1\n", "A=1\nB=x\n", "A=1\nB=y\n", ["A=1\nB=x\n", "A=1\nB=y\n"], &["B Added"]);
    conflict("yaml", "- a\n", "- a\n- b\n", "- a\n- c\n", ["- a\n- b\n", "- a\n- c\n"], &[". List"]);
    conflict(
        "yaml",
        "m: {a: 1}\n",
        "m: {a: 1, b: 2}\n",
        "m: {a: 1, c: 3}\n",
        ["m: {a: 1, b: 2}\n", "m: {a: 1, c: 3}\n"],
        &["m Changed"],
    );
}
