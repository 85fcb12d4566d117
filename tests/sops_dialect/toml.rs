//! TOML, which SOPS does not have: random files for the properties of all formats, and what only it can do.

use std::fs;
use std::path::Path;

use sops_rs::data_key::DataKey;
use sops_rs::dialect::sops::Rule;
use sops_rs::document::sops::Store;
use sops_rs::error::Error;
use sops_rs::file::sops::{self, MacCheck};

use crate::documents::Random;
use crate::{decrypted, encrypted, metadata, time};

const VALUES: &[&str] = &[
    "\"x\"",
    "\"\"",
    "'lit'",
    "\"it's\\n\\u00e9\"",
    "\"\"\"\nline one\n  \"line\" two\\\\ \n\"\"\"",
    "'''\nraw \\ 'text'\n'''",
    "\"\"\"one\"\"\"",
    "42",
    "-7",
    "1_000",
    "0xFF",
    "3.25",
    "1e3",
    "-0.0",
    "inf",
    "nan",
    "true",
    "false",
    "1979-05-27T07:32:00Z",
    "1979-05-27 00:32:00.50-07:00",
    "1979-05-27T07:32:00",
    "1979-05-27",
    "07:32:00.25",
    "[]",
    "[1, 'b', [true]] # in line",
    "[\n  \"a\", # first\n  # before\n  \"b\",\n  # last\n]",
    "{}",
    "{ a = 1, b_unencrypted = \"c\" } # behind",
    "\"x\" # why",
];

/// A random file behind `out`.
pub(crate) fn write(random: &mut Random, out: &mut String) {
    statements(random, out);
    for number in 0..random.below(4) {
        let name = random.of(&["a", "table", "x_unencrypted", "\"q. r\".s", "b.c"]);
        let (open, close) = random.of(&["[ ]", "[ ]", "[[ ]]"]).split_once(' ').expect("two brackets");
        let header = format!("{open}{name}_{number}{close}");
        for _ in 0..open.len() {
            comment(random, out);
            out.push_str(&header);
            out.push_str(random.of(&["\n", "\n", " # header\n"]));
            statements(random, out);
        }
    }
    comment(random, out);
}

fn statements(random: &mut Random, out: &mut String) {
    for number in 0..random.below(5) {
        comment(random, out);
        let key = random.of(&["k", "key", "secret", "y_unencrypted", "d.o.t", "'quoted k'.l"]);
        out.push_str(&format!("{key}{number} = {}\n", random.of(VALUES)));
    }
}

fn comment(random: &mut Random, out: &mut String) {
    if random.chance(30) {
        out.push_str(random.of(&["# note\n", "\n", "\n# x y\n\n", "#\n", "# clear\n# x\n", "  # indented\n"]));
    }
}

#[test]
fn values_keep_their_types_and_strings_their_quotes() {
    let plain = r#"# <top>
title = '<literal>'

[a.b] # <header>
int = 0xFF
float = 1.0
big = 1e6
at = 1979-05-27 07:32:00.50Z
local = 1979-05-27T07:32
day = 1979-05-27
clock = 07:32:00
text = """
<one>
"two" \\ three
"""
raw = '''
C:\new
'''
short = """<short>"""
list = [ 1, "<item>", { c = true } ] # <behind>
empty = ''

[[items]]
name = "<name>"

[[items]]
"#;
    let (text, key) = encrypted(plain, Store::Toml, None);
    assert!(text.contains("\n\n[sops]\n") && text.contains("\n\n[[sops.age]]\n"), "{text}");
    let body = text.split("[sops]").next().expect("a body");
    for hidden in ["<", "1979-", "07:", "\"two", ":\\", "= 1", "true"] {
        assert!(!body.contains(hidden), "{hidden}: {text}");
    }
    let expected = plain
        .replace("0xFF", "255")
        .replace("1e6", "1e+06")
        .replace("1979-05-27 07:32:00.50Z", "1979-05-27T07:32:00.5Z")
        .replace("1979-05-27T07:32\n", "1979-05-27T07:32:00\n");
    assert_eq!(decrypted(&text, Store::Toml, &key), expected);
    for (name, kind) in [("int", "int"), ("float", "float"), ("at", "time"), ("day", "time"), ("short", "str")] {
        let line = text.lines().find(|line| line.starts_with(name)).expect("a line");
        assert!(line.contains(&format!(",type:{kind}]\"")), "{line}");
    }
}

#[test]
fn tokens_are_bound_to_keys_and_not_to_headers() {
    let (text, key) = encrypted("[a]\nb.c = \"x\"\n\n[[l]]\nk = \"y\"\n", Store::Toml, None);
    let moved = text.replacen("[a]\nb.c = ", "[a.b]\nc = ", 1).replacen("[[l]]\nk = ", "[[l]]\n\n[[l]]\nk = ", 1);
    assert_ne!(moved, text);
    assert_eq!(decrypted(&moved, Store::Toml, &key), "[a.b]\nc = \"x\"\n\n[[l]]\n\n[[l]]\nk = \"y\"\n");
}

#[test]
fn a_selector_of_comments_counts_for_what_follows() {
    let plain = "# secret\na = '<1>'\nb = '<2>' # secret\nc = '<3>'\n\n# secret\n[t]\nd = '<4>'\n\n[u]\ne = '<5>'\n\
        f = [\n  # secret\n  '<6>',\n  '<7>',\n]\n";
    let (text, key) = encrypted(plain, Store::Toml, Rule::new("encrypted_comment_regex", "secret"));
    for (mark, is_clear) in
        [("<1>", false), ("<2>", false), ("<3>", true), ("<4>", false), ("<5>", true), ("<6>", false), ("<7>", true)]
    {
        assert_eq!(text.contains(mark), is_clear, "{mark}: {text}");
    }
    assert_eq!(decrypted(&text, Store::Toml, &key), plain);
}

#[test]
fn metadata_may_stand_anywhere() {
    let (text, key) = encrypted("a = 1\n\n[b]\nc = 2 # d\n", Store::Toml, None);
    let (body, block) = text.split_at(text.find("[sops]").expect("a block"));
    let (first, second) = body.split_at(body.find("[b]").expect("a table"));
    let moved = format!("{first}{block}\n{second}");
    assert_eq!(decrypted(&moved, Store::Toml, &key), "a = 1\n\n[b]\nc = 2 # d\n\n");
}

#[test]
fn changes_are_found() {
    let plain = "a = \"x\"\nb = \"y\"\nn_unencrypted = 1\n\n[t]\na = 3\nd = 1979-05-27\n";
    let (text, key) = encrypted(plain, Store::Toml, None);
    let line = |name: &str| text.lines().find(|line| line.starts_with(name)).expect("a line").to_owned();
    let value = |line: &str| line.split_once(" = ").expect("a value").1.to_owned();
    let (a, b) = (line("a = "), line("b = "));
    for tampered in [
        text.replacen(&value(&a), &value(&b), 1),
        text.replacen("n_unencrypted = 1", "n_unencrypted = 2", 1),
        text.replacen("b = ", "c = ", 1),
        text.replacen("[t]", "[u]", 1),
        text.replacen(&format!("{a}\n"), "", 1),
        text.replacen(&a, "a = \"x\"", 1),
        text.replacen(&a, "a = 1", 1),
        text.replacen("type:int", "type:time", 1),
        text.replacen("type:time", "type:bool", 1),
        text.replacen("type:str", "type:int", 1),
        text.replacen("lastmodified = \"2026", "lastmodified = \"2027", 1),
    ] {
        assert_ne!(tampered, text);
        assert!(sops::decrypt(tampered.as_bytes(), Store::Toml, &key, MacCheck::Require).is_err(), "{tampered}");
    }
}

#[test]
fn a_time_without_an_offset_is_no_value_elsewhere() {
    let (text, key) = encrypted("[t]\nd = 1979-05-27\n", Store::Toml, None);
    let token = text.lines().find_map(|line| line.strip_prefix("d = ")).expect("a token");
    let sops =
        "\"sops\": {\"lastmodified\": \"2026-01-02T03:04:05Z\", \"version\": \"3.13.2\", \"age\": [{\"enc\": \"\"}]}";
    let json = format!("{{\"t\": {{\"d\": {token}}}, {sops}}}");
    let opened = sops::decrypt(json.as_bytes(), Store::Json, &key, MacCheck::Ignore);
    let Err(error @ Error::Sops(_)) = opened else { panic!("{opened:?}") };
    assert!(error.to_string().contains("t.d"), "{error}");
}

#[test]
fn what_has_no_place_is_refused() {
    let key = DataKey::generate().expect("randomness");
    for plain in ["sops = 1\n", "[sops]\na = 1\n", "a = 9223372036854775808\n", "a = 07:32:60\n", "b =\n"] {
        let (metadata, _) = metadata(None, &key);
        assert!(sops::encrypt(plain.as_bytes(), Store::Toml, &key, metadata).is_err(), "{plain}");
    }
}

/// The files under `testdata/sops/toml` were made once, so that files of earlier versions keep opening.
#[test]
fn kept_files_open() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/sops/toml");
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect("a file");
    let key = DataKey::from_bytes(&std::array::from_fn::<u8, 32, _>(|n| n as u8)).expect("32 bytes");
    for name in ["types", "comments", "mac-only"] {
        let sealed = read(&format!("{name}.enc.toml"));
        let expected = read(&format!("{name}.toml"));
        assert_eq!(decrypted(&sealed, Store::Toml, &key), expected, "{name}");
        // What is encrypted again is the same but for the MAC.
        let later = time("2026-11-22T10:00:00Z");
        let (old, new) = (sealed.as_bytes(), expected.as_bytes());
        let again = sops::update(old, new, Store::Toml, &key, later, MacCheck::Require).expect("a good file");
        let stays = |line: &&str| !line.starts_with("mac =") && !line.starts_with("lastmodified =");
        assert!(again.lines().filter(stays).eq(sealed.lines().filter(stays)), "{name}: {again}");
    }
}
