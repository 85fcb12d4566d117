//! Encrypting and decrypting in every format, from files and standard input, to files and standard output.

use std::fs;

use serde_json::{Value as Json, json};

use crate::harness::World;
use crate::program::{Sops, is_oracle, ready, refused, succeeds, testdata};
use crate::values;

/// Whether this is an encrypted value of this type.
pub(crate) fn is_token(value: &Json, kind: &str) -> bool {
    let text = value.as_str().unwrap_or_default();
    text.starts_with("ENC[AES256_GCM,data:") && text.ends_with(&format!(",type:{kind}]"))
}

/// The one document of an encrypted file.
pub(crate) fn yaml(text: &str) -> Json {
    let mut documents = values::yaml(text);
    assert_eq!(documents.len(), 1, "{text}");
    documents.remove(0)
}

/// The values of an encrypted file, as JSON.
#[track_caller]
pub(crate) fn opened(world: &World, name: &str) -> Json {
    values::json(&world.gives_text(&["decrypt", "--output-type", "json", name]))
}

#[test]
fn each_format_is_encrypted_with_its_metadata() {
    let world = ready();
    world.file("a.json", "{\n    \"foo\": 2,\n    \"bar\": \"baz\"\n}");
    world.file("a.yaml", "foo: 2\nbar: baz");
    world.file("a.env", "foo=2\nbar=baz");
    world.file("a.ini", "[s]\nfoo = 2\nbar = baz");
    world.file("a.txt", "foo: 2");
    let of_json = values::json(&world.gives_text(&["encrypt", "a.json"]));
    let of_yaml = yaml(&world.gives_text(&["encrypt", "a.yaml"]));
    for value in [&of_json, &of_yaml] {
        assert!(is_token(&value["bar"], "str") && value["sops"]["mac"].is_string(), "{value}");
        assert_eq!(value.as_object().expect("a map").keys().collect::<Vec<_>>(), ["foo", "bar", "sops"]);
    }
    // Up to 3.13.1 SOPS makes floats of JSON's integers.
    assert!(is_token(&of_json["foo"], if is_oracle() { "float" } else { "int" }) && is_token(&of_yaml["foo"], "int"));
    let of_dotenv = values::dotenv(&world.gives_text(&["encrypt", "a.env"]));
    assert!(is_token(&of_dotenv["foo"], "str") && is_token(&of_dotenv["sops_mac"], "str"), "{of_dotenv}");
    let of_ini = values::ini(&world.gives_text(&["encrypt", "a.ini"]));
    assert!(is_token(&of_ini["s"]["foo"], "str") && is_token(&of_ini["sops"]["mac"], "str"), "{of_ini}");
    let of_text = values::json(&world.gives_text(&["encrypt", "a.txt"]));
    assert!(is_token(&of_text["data"], "str") && is_token(&of_text["sops"]["mac"], "str"), "{of_text}");
}

#[test]
fn files_of_sops_decrypt_to_their_formats() {
    let world = ready();
    for (name, file) in [
        ("yaml-basic.enc.yaml", "yaml-basic.yaml"),
        ("json-basic.enc.json", "json-basic.json"),
        ("dotenv-basic.enc.env", "dotenv-basic.env"),
        ("ini-basic.enc.ini", "ini-basic.ini"),
    ] {
        world.file(name, fs::read(testdata("sops/positive").join(name)).expect("a vector"));
        let expected = fs::read_to_string(testdata("sops/expected").join(file)).expect("its plaintext");
        assert_eq!(world.gives_text(&["decrypt", name]), expected);
    }
    // SOPS 3.13.0 and 3.13.1 write line breaks as they are, between three quotes.
    let ini = world.read("ini-basic.enc.ini");
    let (before, rest) = ini.split_once("-----BEGIN AGE").expect("a wrapped key");
    let (key, after) = rest.split_once("FILE-----\\n\n").expect("its end");
    let key = key.replace("\\n", "\n");
    world.file("other.ini", format!("{before}\"\"\"-----BEGIN AGE{key}FILE-----\n\"\"\"\n{after}"));
    assert_eq!(world.gives_text(&["decrypt", "other.ini"]), world.gives_text(&["decrypt", "ini-basic.enc.ini"]));
}

#[test]
fn values_of_other_types_are_texts_in_ini() {
    let world = ready();
    let text = "the_section:\n  int: 123\n  float: 1.23\n  bool: true\n  date: 2025-01-02\n  timestamp: 2025-01-02 03:04:05\n  \
                utc_timestamp: 2025-01-02T03:04:05Z\n  string: this is a string";
    world.file("a.yaml", text);
    world.gives_text(&["encrypt", "-i", "a.yaml"]);
    assert_eq!(
        world.gives_text(&["decrypt", "--output-type", "ini", "a.yaml"]),
        "[the_section]\nint           = 123\nfloat         = 1.23\nbool          = true\n\
         date          = 2025-01-02T00:00:00Z\ntimestamp     = 2025-01-02T03:04:05Z\n\
         utc_timestamp = 2025-01-02T03:04:05Z\nstring        = this is a string\n"
    );
}

#[test]
fn times_stay_times() {
    let world = ready();
    world.file("a.yaml", "a: 2024-01-01\nb: 2006-01-02T15:04:05+07:06");
    world.gives_text(&["encrypt", "-i", "a.yaml"]);
    let encrypted = yaml(&world.read("a.yaml"));
    assert!(is_token(&encrypted["a"], "time") && is_token(&encrypted["b"], "time"), "{encrypted}");
    world.gives_text(&["decrypt", "-i", "a.yaml"]);
    assert_eq!(world.read("a.yaml"), "a: 2024-01-01T00:00:00Z\nb: 2006-01-02T15:04:05+07:06\n");
}

#[test]
fn binary_files_come_back() {
    let world = ready();
    let all: Vec<u8> = (0..=255).collect();
    for (name, bytes) in [
        ("test.binary", &b"\"\"{}this_is_binary_data"[..]),
        ("multi-byte", "wörld 日本語 😀\r\n\n".as_bytes()),
        ("every-byte.bin", &all),
        ("empty.txt", b""),
        ("like.json.txt", b"{\"a\": 1}"),
    ] {
        world.file(name, bytes);
        world.gives_text(&["encrypt", "-i", name]);
        assert!(world.read(name).starts_with('{'), "{name}");
        assert_eq!(world.sops(&["decrypt", name]).output().stdout, bytes, "{name}");
        world.gives_text(&["decrypt", "-i", name]);
        assert_eq!(fs::read(world.path(name)).expect("a file"), bytes, "{name}");
    }
}

#[test]
fn standard_input_is_encrypted_and_decrypted() {
    let world = ready();
    let run = world.sops(&["encrypt", "--filename-override", "test.yaml", "--output-type", "json"]);
    let encrypted = succeeds(run.stdin("foo: 2\nbar: baz\n"));
    let value = values::json(&encrypted);
    assert!(is_token(&value["foo"], "int") && is_token(&value["bar"], "str") && value["sops"].is_object(), "{value}");
    let run = world.sops(&["decrypt", "--input-type", "json", "--output-type", "yaml"]);
    assert_eq!(succeeds(run.stdin(&encrypted)), "foo: 2\nbar: baz\n");
    let run = world.sops(&["decrypt", "--filename-override", "x.json", "--output-type", "dotenv"]);
    assert_eq!(succeeds(run.stdin(&encrypted)), "foo=2\nbar=baz\n");
    let run = world.sops(&["-d", "--input-type", "json", "--output-type", "json", "/dev/stdin"]);
    assert_eq!(succeeds(run.stdin(&encrypted)), "{\n\t\"foo\": 2,\n\t\"bar\": \"baz\"\n}\n");
    refused(&world, 8, world.sops(&["encrypt"]).stdin("a: b\n"));
    refused(&world, 8, world.sops(&["decrypt", "-i"]).stdin(&encrypted));
    refused(&world, 1, world.sops(&["decrypt"]).stdin("no metadata"));
}

#[test]
fn output_goes_to_the_named_file() {
    let world = ready();
    world.file("a.binary", "foo");
    assert_eq!(world.gives_text(&["encrypt", "--output", "out.txt", "a.binary"]), "");
    assert_eq!(world.read("a.binary"), "foo");
    assert_eq!(world.gives_text(&["--decrypt", "--output", "plain", "out.txt"]), "");
    assert_eq!(world.read("plain"), "foo");
    // What is there is replaced.
    world.gives_text(&["encrypt", "--output", "plain", "a.binary"]);
    assert_eq!(world.gives_text(&["decrypt", "plain"]), "foo");
    world.refuses(8, &["decrypt", "-i", "--output", "x", "out.txt"]);
}

#[test]
fn the_override_says_format_and_rule() {
    let world = ready();
    world.file(
        ".sops.yaml",
        format!("creation_rules:\n  - path_regex: '^in/[^/]*\\.json$'\n    age: {}\n", crate::program::A),
    );
    world.file("plain", "{\"a\": \"b\"}");
    let encrypted = world.gives_text(&["encrypt", "--filename-override", "in/x.json", "plain"]);
    assert!(is_token(&values::json(&encrypted)["a"], "str"), "{encrypted}");
    let stderr = world.refuses(1, &["encrypt", "plain"]);
    assert!(stderr.contains("no matching creation rules found"), "{stderr}");
}

#[test]
fn formats_are_converted() {
    let world = ready();
    world.file("a.yaml", "# c\na: 1\nb: text\nc: true\nd: 1.5\ne: null\n");
    world.gives_text(&["encrypt", "-i", "a.yaml"]);
    let of = |kind: &str| world.gives_text(&["decrypt", "--output-type", kind, "a.yaml"]);
    assert_eq!(of("json"), "{\n\t\"a\": 1,\n\t\"b\": \"text\",\n\t\"c\": true,\n\t\"d\": 1.5,\n\t\"e\": null\n}\n");
    assert_eq!(of("yaml"), "# c\na: 1\nb: text\nc: true\nd: 1.5\ne: null\n");
    world.gives_text(&["unset", "a.yaml", "[\"e\"]"]);
    assert_eq!(of("dotenv"), "# c\na=1\nb=text\nc=true\nd=1.5\n");
    // A word that is no format says nothing.
    assert_eq!(of("toast"), of("yaml"));
    world.gives_text(&[
        "encrypt",
        "--output-type",
        "json",
        "--output",
        "b.json",
        "--filename-override",
        "b.yaml",
        ".sops.yaml",
    ]);
    assert!(is_token(&values::json(&world.read("b.json"))["creation_rules"][0]["age"], "str"));
    world.file("deep.yaml", "a: {b: c}\n");
    world.gives_text(&["encrypt", "-i", "deep.yaml"]);
    world.refuses(4, &["decrypt", "--output-type", "dotenv", "deep.yaml"]);
    world.refuses(4, &["decrypt", "--output-type", "binary", "deep.yaml"]);
}

#[test]
fn a_part_is_extracted() {
    let world = ready();
    world.file("a.yaml", "multiline: |\n  multi\n  line");
    world.gives_text(&["encrypt", "-i", "a.yaml"]);
    assert_eq!(world.gives_text(&["decrypt", "--extract", "[\"multiline\"]", "a.yaml"]), "multi\nline");
    world.file("b.yaml", "a: {b: [x, 2, {c: true}]}\nd: 1.5\n");
    world.gives_text(&["encrypt", "-i", "b.yaml"]);
    let extract = |path: &str| world.gives_text(&["decrypt", "--extract", path, "b.yaml"]);
    assert_eq!(extract("[\"a\"]['b'][0]"), "x");
    assert_eq!(extract("['a'][\"b\"][1]"), "2\n");
    assert_eq!(extract("[\"d\"]"), "1.5\n");
    assert_eq!(extract("[\"a\"][\"b\"][2]"), "c: true\n");
    assert_eq!(values::yaml(&extract("[\"a\"]")), [json!({ "b": ["x", 2, { "c": true }] })]);
    let as_json = world.gives_text(&["decrypt", "--output-type", "json", "--extract", "[\"a\"]", "b.yaml"]);
    assert_eq!(values::json(&as_json), json!({ "b": ["x", 2, { "c": true }] }));
    world.gives_text(&["-d", "--extract", "[\"d\"]", "--output", "out", "b.yaml"]);
    assert_eq!(world.read("out"), "1.5\n");
    world.refuses(1, &["decrypt", "--extract", "[\"zz\"]", "b.yaml"]);
    world.refuses(1, &["decrypt", "--extract", "[\"a\"][\"b\"][7]", "b.yaml"]);
    world.refuses(91, &["decrypt", "--extract", "a", "b.yaml"]);
    // SOPS crashes here, with exit status 2.
    world.refuses(if is_oracle() { 2 } else { 1 }, &["decrypt", "--extract", "[\"d\"][\"x\"]", "b.yaml"]);
}

#[test]
fn several_documents_are_one_file() {
    let world = ready();
    world.file("a.yaml", "a: 1\n---\na: x\nb: [y]\n");
    world.gives_text(&["encrypt", "-i", "a.yaml"]);
    let documents = values::yaml(&world.read("a.yaml"));
    assert!(documents.len() == 2 && documents[0]["sops"] == documents[1]["sops"] && documents[0]["sops"].is_object());
    let plain = world.gives_text(&["decrypt", "a.yaml"]);
    assert_eq!(values::yaml(&plain), [json!({ "a": 1 }), json!({ "a": "x", "b": ["y"] })]);
}

#[test]
fn a_root_in_braces_is_still_taken_for_yaml() {
    let world = ready();
    world.file("a.yaml", "{\"a\": 1, \"b\": [x, {\"c\": null}]}");
    world.gives_text(&["encrypt", "-i", "a.yaml"]);
    let text = world.read("a.yaml");
    // Clients look for this line, and take what begins with a brace for JSON.
    assert!(text.lines().any(|line| line == "sops:") && !text.starts_with('{'), "{text}");
    assert_eq!(opened(&world, "a.yaml"), json!({ "a": 1, "b": ["x", { "c": null }] }));
}

#[test]
fn what_is_encrypted_is_not_encrypted_again() {
    let world = ready();
    for (name, text) in [("a.yaml", "a: b\n"), ("a.json", "{\"a\": 1}"), ("a.env", "A=b\n"), ("a.ini", "[s]\na = b\n")]
    {
        world.file(name, text);
        world.gives_text(&["encrypt", "-i", name]);
        let stderr = world.refuses(203, &["encrypt", "-i", name]);
        assert!(stderr.contains("top-level entry called"), "{stderr}");
        world.refuses(203, &["-e", name]);
    }
    world.file("empty.yaml", "");
    world.refuses(92, &["encrypt", "empty.yaml"]);
    world.file("list.json", "[1]");
    world.refuses(2, &["encrypt", "list.json"]);
    world.refuses(100, &["encrypt", "nope.yaml"]);
    world.refuses(100, &["-e", "nope.yaml"]);
    world.refuses(100, &["-d", "nope.yaml"]);
}

#[test]
fn filestatus_tells_whether_a_file_is_encrypted() {
    let world = ready();
    for (name, text) in [("a.yaml", "a: b\n"), ("a.json", "{\"a\": 1}"), ("a.env", "A=b\n"), ("a.txt", "{}")] {
        world.file(name, text);
        assert_eq!(world.gives_text(&["filestatus", name]), "{\"encrypted\":false}\n", "{name}");
        world.gives_text(&["encrypt", "-i", name]);
        let run = world.sops(&["filestatus", name]).env("SOPS_AGE_KEY_FILE", "/nonexistent");
        assert_eq!(succeeds(run), "{\"encrypted\":true}\n", "{name}");
    }
    world.file("typed", "a: b\n");
    assert_eq!(world.gives_text(&["filestatus", "--input-type", "yaml", "typed"]), "{\"encrypted\":false}\n");
    world.refuses(1, &["filestatus", "nope.yaml"]);
}
