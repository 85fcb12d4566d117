//! Merges of what files hold, in all formats.

use std::fs;
use std::path::Path;

use super::support::{Outcome, outcome};

fn clean(format: &str, base: &str, ours: &str, theirs: &str, merged: &str) {
    assert_eq!(outcome(format, base, ours, theirs), Outcome::Clean(merged.to_owned()), "{format}: {base}");
}

fn conflict(format: &str, base: &str, ours: &str, theirs: &str, sides: [&str; 2], conflicts: &[&str]) {
    let conflicts = conflicts.iter().map(|&conflict| conflict.to_owned()).collect();
    let expected = Outcome::Conflict(sides[0].to_owned(), sides[1].to_owned(), conflicts);
    assert_eq!(outcome(format, base, ours, theirs), expected, "{format}: {base}");
}

/// The files in `testdata/merge`: one folder for each format.
#[test]
fn the_vectors_merge() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/merge");
    for (format, extension) in [
        ("yaml", "yaml"),
        ("json", "json"),
        ("dotenv", "env"),
        ("toml", "toml"),
        ("ini", "ini"),
        ("properties", "properties"),
        ("binary", "txt"),
    ] {
        let read = |name: &str| {
            fs::read_to_string(folder.join(format).join(name).with_extension(extension)).expect("a file of the vector")
        };
        let [base, ours, theirs, merged] = ["base", "ours", "theirs", "merged"].map(read);
        clean(format, &base, &ours, &theirs, &merged);
        // The other way round the additions of both change places, and nothing else does.
        let sorted = |text: &str| {
            let mut lines: Vec<String> = text.lines().map(|line| line.trim_end_matches(',').to_owned()).collect();
            lines.sort_unstable();
            lines
        };
        match outcome(format, &base, &theirs, &ours) {
            Outcome::Clean(text) => assert_eq!(sorted(&text), sorted(&merged), "{format}"),
            conflict => panic!("{format}: {conflict:?}"),
        }
    }
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
fn additions_come_to_stand_where_their_format_wants_them() {
    // In TOML no value follows a table; in INI columns mean nothing.
    clean(
        "toml",
        "a = 1\n\n[t]\nx = 2\n",
        "a = 1\n\n[s]\ny = 3\n\n[t]\nx = 2\n",
        "a = 1\nb = 4\n\n[t]\nx = 5\n",
        "a = 1\nb = 4\n\n[s]\ny = 3\n\n[t]\nx = 5\n",
    );
    clean(
        "toml",
        "a = [\n  1,\n  2,\n]\n[t]\nx = 3\n",
        "a = [\n  1,\n  2,\n]\nb = 4\n[t]\nx = 3\n",
        "a = [\n  1,\n  9,\n]\n",
        "a = [\n  1,\n  9,\n]\nb = 4\n",
    );
    clean(
        "ini",
        "[s]\nlong_name = 1\nz = 2\n",
        "[s]\nb = 0\nlong_name = 1\nz = 2\nc = 3\n",
        "[s]\nlong_name = 1\n# d\nd = 4\n",
        "[s]\nb = 0\nlong_name = 1\nc = 3\n# d\nd = 4\n",
    );
    clean("yaml", "- a\n- b\n- c\n", "- x\n- a\n- b\n- c\n", "- A\n- b\n", "- x\n- A\n- b\n");
}

#[test]
fn the_line_of_a_dash_takes_whichever_entry_is_first() {
    clean(
        "yaml",
        "- k: 1\n  l: 2\n",
        "- o: 8\n  k: 1\n  l: 2\n",
        "- t: 9\n  k: 1\n  l: 2\n",
        "- o: 8\n  t: 9\n  k: 1\n  l: 2\n",
    );
    clean("yaml", "- k: 1\n  l: 2\n", "- l: 2\n", "- k: 1\n  l: 9\n", "- l: 9\n");
}

#[test]
fn a_map_that_one_side_renamed_takes_the_changes_of_the_other() {
    let theirs = "m:\n  a: 1\n  b: 2\n  c: 3\n  d: 9\n";
    clean(
        "yaml",
        "m:\n  a: 1\n  b: 2\n  c: 3\n  d: 4\n",
        "n:\n  a: 1\n  b: 2\n  c: 3\n  d: 4\n",
        theirs,
        "n:\n  a: 1\n  b: 2\n  c: 3\n  d: 9\n",
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

/// Both new entries would have the comment above them.
#[test]
fn an_entry_that_both_sides_renamed_conflicts_when_it_has_a_comment() {
    let [base, ours, theirs] = ["b", "c", "d"].map(|key| format!("a: 1\n# about it\n{key}: 2\nz: 3\n"));
    conflict("yaml", &base, &ours, &theirs, [&ours, &theirs], &[". Comment"]);
}

#[test]
fn a_comment_that_one_side_changed_is_not_lost_where_the_other_moved_its_item() {
    let (base, ours, theirs) = ("l:\n- 1\n# c1\n- 2\n", "l:\n# c1\n- 2\n- 1\n", "l:\n- 1\n# c2\n- 2\n");
    for (ours, theirs) in [(ours, theirs), (theirs, ours)] {
        match outcome("yaml", base, ours, theirs) {
            Outcome::Clean(text) => assert!(text.contains("# c2\n- 2"), "{text}"),
            Outcome::Conflict(..) => {}
        }
    }
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
