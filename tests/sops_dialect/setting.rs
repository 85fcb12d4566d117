//! Setting and taking out single values of plaintexts.

use sops_rs::Error;
use sops_rs::document::Value;
use sops_rs::document::sops::Store;
use sops_rs::file::sops::{self, KeyPath};

fn set(store: Store, text: &str, path: &str, json: &str) -> Result<Option<String>, Error> {
    let value = Value::from_json(json).expect("JSON");
    let path = KeyPath::parse(path).expect("a path");
    let text = sops::set(text.as_bytes(), store, &path, &value)?;
    Ok(text.map(|text| String::from_utf8(text.to_vec()).expect("text")))
}

fn unset(store: Store, text: &str, path: &str) -> Result<String, Error> {
    let path = KeyPath::parse(path).expect("a path");
    let text = sops::unset(text.as_bytes(), store, &path)?;
    Ok(String::from_utf8(text.to_vec()).expect("text"))
}

const YAML: &str = "\
# top
a: 'x' # why
db:
  user: app
  # port
  port: 5432

list:
- one
# two
- 'two'
flow: {k: [1, 2]}
empty:
";

#[test]
fn only_the_place_in_yaml_changes() {
    for (path, json, old, new) in [
        ("[\"a\"]", "\"y\"", "a: 'x' # why", "a: 'y' # why"),
        ("[\"db\"]['port']", "1", "port: 5432", "port: 1"),
        ("[\"db\"][\"port\"]", "1.0", "port: 5432", "port: 1.0"),
        ("[\"db\"][\"port\"]", "9223372036854775808", "port: 5432", "port: 9.223372036854776e+18"),
        ("[\"db\"][\"host\"]", "\"h\"", "port: 5432\n", "port: 5432\n  host: h\n"),
        ("[\"db\"][\"new\"][\"deep\"][0]", "true", "port: 5432\n", "port: 5432\n  new:\n    deep:\n      - true\n"),
        ("[\"list\"][0]", "\"1\"", "- one", "- \"1\""),
        ("[\"list\"][2]", "\"2\"", "- 'two'", "- '2'"),
        ("[\"list\"][3]", "\"3\"", "- 'two'\n", "- 'two'\n- \"3\"\n"),
        ("[\"list\"][99]", "\"x\"", "- 'two'\n", "- 'two'\n- x\n"),
        ("[\"flow\"][\"k\"][1]", "null", "[1, 2]", "[1, null]"),
        ("[\"flow\"][\"k\"][2]", "{\"a\": 1}", "[1, 2]", "[1, 2, {a: 1}]"),
        ("[\"empty\"]", "\"\"", "empty:\n", "empty: \"\"\n"),
        ("[\"empty\"][\"k\"]", "1", "empty:\n", "empty:\n  k: 1\n"),
        // What is in the way gives way.
        ("[\"a\"][\"b\"]", "1", "a: 'x' # why\n", "a: # why\n  b: 1\n"),
        ("[\"list\"]", "\"x\"", "list:\n- one\n# two\n- 'two'\n", "list: x\n"),
        ("[\"flow\"]", "[1]", "{k: [1, 2]}", "[1]"),
        ("[\"z\"]", "\"a\\nb\\n\"", "empty:\n", "empty:\nz: |\n  a\n  b\n"),
    ] {
        let expected = YAML.replace(old, new);
        assert_ne!(expected, YAML, "{path}");
        assert_eq!(set(Store::Yaml, YAML, path, json).expect(path), Some(expected), "{path} {json}");
    }
}

#[test]
fn texts_that_yaml_takes_for_something_else_get_quotes() {
    for text in [
        "yes",
        "1_000",
        "2001-01-01",
        "1:30",
        "0b1",
        "012",
        ".5",
        "1e3",
        "0x1F",
        "~",
        "<<",
        "=",
        ".inf",
        "- x",
        "a: b",
        "08",
        "+1",
        "null",
        "2001-1-1",
        "y",
        "1.",
        "-.inf",
    ] {
        let json = serde_json::to_string(text).expect("JSON");
        let changed = set(Store::Yaml, "# top\nk: v # why\nl: [a]\n", "[\"k\"]", &json).expect(text).expect(text);
        assert!(changed.starts_with("# top\nk: ") && changed.ends_with(" # why\nl: [a]\n"), "{changed}");
        let changed = set(Store::Yaml, "# top\nk: v # why\nl: [a]\n", "[\"l\"][1]", &json).expect(text).expect(text);
        assert!(changed.starts_with("# top\nk: v # why\nl: [a, "), "{changed}");
        let changed = set(Store::Yaml, "# top\nk: v # why\n", "[\"m\"]", &json).expect(text).expect(text);
        assert!(changed.starts_with("# top\nk: v # why\nm: "), "{changed}");
        let path = format!("[{json}]");
        let changed = set(Store::Yaml, "# top\nk: v # why\n", &path, "1").expect(text).expect(text);
        assert!(changed.starts_with("# top\nk: v # why\n"), "{changed}");
    }
}

#[test]
fn what_stands_there_already_changes_nothing() {
    for (path, json) in [
        ("[\"a\"]", "\"x\""),
        ("[\"db\"][\"port\"]", "5432"),
        ("[\"db\"]", "{\"user\": \"app\", \"port\": 5432}"),
        ("[\"empty\"]", "null"),
        ("[\"flow\"][\"k\"]", "[1, 2]"),
    ] {
        // A comment is no value, but it would be lost.
        let expected = if path == "[\"db\"]" { 1 } else { 0 };
        let changed = set(Store::Yaml, YAML, path, json).expect(path);
        assert_eq!(changed.iter().count(), expected, "{path} {changed:?}");
    }
}

#[test]
fn values_are_taken_out_of_yaml() {
    for (path, old, new) in [
        ("[\"a\"]", "a: 'x' # why\n", ""),
        ("[\"db\"][\"user\"]", "  user: app\n", ""),
        ("[\"list\"][2]", "- 'two'\n", ""),
        ("[\"flow\"][\"k\"][0]", "[1, 2]", "[2]"),
        ("[\"flow\"][\"k\"]", "{k: [1, 2]}", "{}"),
        ("[\"empty\"]", "empty:\n", ""),
    ] {
        assert_eq!(unset(Store::Yaml, YAML, path).expect(path), YAML.replace(old, new), "{path}");
    }
    let missing = |path| matches!(unset(Store::Yaml, YAML, path), Err(Error::PathNotFound { .. }));
    assert!(missing("[\"zz\"]") && missing("[\"list\"][9]") && missing("[\"db\"][\"zz\"][\"y\"]"));
}

#[test]
fn what_has_no_place_is_refused() {
    for path in ["[\"list\"][\"k\"]", "[\"db\"][0]", "[0]", "[\"list\"][1]", ""] {
        let error = set(Store::Yaml, YAML, path, "1").expect_err(path);
        assert!(matches!(error, Error::Misplaced { .. }), "{path} {error}");
    }
    for path in ["[\"a\"][\"b\"]", "[\"list\"][\"k\"]", ""] {
        assert!(matches!(unset(Store::Yaml, YAML, path), Err(Error::Misplaced { .. })), "{path}");
    }
    let unrepresentable = |result| matches!(result, Err(Error::Unrepresentable { .. }));
    assert!(unrepresentable(set(Store::Dotenv, "A=1\n", "[\"A\"]", "null")));
    assert!(unrepresentable(set(Store::Dotenv, "A=1\n", "[\"A\"][\"b\"]", "1")));
    assert!(unrepresentable(set(Store::Dotenv, "A=1\n", "[\"A=B\"]", "1")));
    assert!(unrepresentable(set(Store::Dotenv, "A=1\n", "[\"A\"]", "\"x\\\\ny\"")));
    assert!(unrepresentable(set(Store::Ini, "[s]\nk = v\n", "[\"k\"]", "1")));
    assert!(unrepresentable(set(Store::Ini, "[s]\nk = v\n", "[\"s\"][\"k\"][\"x\"]", "1")));
    assert!(unrepresentable(set(Store::Binary, "x", "[\"data\"]", "1")));
}

#[test]
fn only_the_place_in_other_formats_changes() {
    let json = "{\n  \"a\": \"x\",\n  \"l\": [1, {\"b\": null}]\n}\n";
    let env = "# c\nA=\"q\"\n\nB=2";
    let ini = "; top\ng=1\n[s]\n; c\nkey   = v ; why\nlong2 = `a#b`\n\n[t]\nx: y\n";
    for (store, text, path, value, old, new) in [
        (Store::Json, json, "[\"a\"]", "5", "\"x\"", "5"),
        (Store::Json, json, "[\"l\"][1][\"b\"]", "[true]", "null", "[\n    true\n  ]"),
        (Store::Json, json, "[\"l\"][2]", "\"<\"", "null}]", "null}, \"<\"]"),
        (Store::Json, json, "[\"n\"][\"m\"]", "1", "}]\n}", "}],\n  \"n\": {\n    \"m\": 1\n  }\n}"),
        (Store::Dotenv, env, "[\"A\"]", "\"x y\\nz\"", "A=\"q\"", "A=x y\\nz"),
        (Store::Dotenv, env, "[\"A\"]", "true", "A=\"q\"", "A=true"),
        (Store::Dotenv, env, "[\"A\"]", "5", "A=\"q\"", "A=5"),
        (Store::Dotenv, env, "[\"A\"]", "1.0", "A=\"q\"", "A=1.0"),
        (Store::Dotenv, env, "[\"C\"]", "\" v \"", "B=2", "B=2\nC= v \n"),
        (Store::Ini, ini, "[\"s\"][\"key\"]", "\"w\"", "= v ;", "= w ;"),
        (Store::Ini, ini, "[\"s\"][\"long2\"]", "\"p;q\"", "`a#b`", "`p;q`"),
        (Store::Ini, ini, "[\"s\"][\"n\"]", "1", "`a#b`\n", "`a#b`\nn     = 1\n"),
        (Store::Ini, ini, "[\"s\"][\"longer2\"]", "1", "`a#b`\n", "`a#b`\nlonger2 = 1\n"),
        (Store::Ini, ini, "[\"t\"][\"n\"]", "\"\"", "x: y\n", "x: y\nn: \n"),
        (Store::Ini, ini, "[\"DEFAULT\"][\"h\"]", "2", "g=1\n", "g=1\nh=2\n"),
        (Store::Ini, ini, "[\"u\"][\"k\"]", "\"v\"", "x: y\n", "x: y\n\n[u]\nk = v\n"),
        (Store::Ini, ini, "[\"u\"]", "{\"k\": \"v\", \"a=b\": true}", "x: y\n", "x: y\n\n[u]\nk = v\n`a=b` = true\n"),
        (Store::Binary, "old", "[\"data\"]", "\"new\"", "old", "new"),
    ] {
        let expected = text.replace(old, new);
        assert_ne!(expected, text, "{path}");
        assert_eq!(set(store, text, path, value).expect(path), Some(expected), "{path} {value}");
    }
    for (store, text, path, old, new) in [
        (Store::Json, json, "[\"l\"][0]", "[1, ", "["),
        (Store::Json, json, "[\"l\"][1][\"b\"]", "{\"b\": null}", "{}"),
        (Store::Dotenv, env, "[\"A\"]", "A=\"q\"\n", ""),
        (Store::Dotenv, env, "[\"B\"]", "B=2", ""),
        (Store::Ini, ini, "[\"s\"][\"key\"]", "key   = v ; why\n", ""),
        (Store::Ini, ini, "[\"s\"]", "[s]\n; c\nkey   = v ; why\nlong2 = `a#b`\n\n", ""),
        (Store::Ini, ini, "[\"t\"]", "\n[t]\nx: y\n", ""),
    ] {
        assert_eq!(unset(store, text, path).expect(path), text.replace(old, new), "{path}");
    }
}

#[test]
fn copies_of_an_alias_do_not_change_with_it() {
    let text = "base: &b {x: 1} # kept\nother: *b\n";
    let changed = set(Store::Yaml, text, "[\"base\"][\"x\"]", "2").expect("a change").expect("a change");
    assert_eq!(changed, "base:\n    # kept\n    x: 2\nother:\n    x: 1\n");
    let changed = set(Store::Yaml, text, "[\"other\"][\"x\"]", "2").expect("a change").expect("a change");
    assert_eq!(changed, "base:\n    # kept\n    x: 1\nother:\n    x: 2\n");
}

#[test]
fn no_error_of_a_change_holds_a_value() {
    const CANARY: &str = "CANARY7f3a";
    for (store, text, path) in [
        (Store::Yaml, format!("a: {CANARY}\n"), "[\"a\"][0"),
        (Store::Yaml, format!("a: [{CANARY}]\n"), "[\"a\"][\"x\"]"),
        (Store::Dotenv, format!("A={CANARY}\n"), "[\"A\"][\"b\"]"),
    ] {
        let result = KeyPath::parse(path).and_then(|path| sops::unset(text.as_bytes(), store, &path));
        let error = result.expect_err("no such place");
        assert!(!format!("{error} {error:?}").contains(CANARY), "{error:?}");
    }
}
