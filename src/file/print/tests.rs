use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

use crate::document::format_by_name;
use crate::error::Error;
use crate::file::{Document, Tree};

fn tree(text: &str, format: &str) -> Tree {
    let format = format_by_name(format).expect("a format");
    let document = Document::parse(text.as_bytes(), format).unwrap_or_else(|error| panic!("{error}: {text}"));
    Tree::of(&document).expect("a tree")
}

fn printed(json: &str, format: &str) -> Result<String, (String, &'static str)> {
    match tree(json, "json").print(format_by_name(format).expect("a format")) {
        Ok(text) => Ok(text.to_string()),
        Err(Error::Unrepresentable { path, what }) => Err((path, what)),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn toml_has_values_first_and_tables_behind() {
    let json = r#"{"t": {"x": {"y": 1}, "e": {}}, "a": "é\n\u007f\"", "n": [1, [true], {"k k": -1.50}, []],
        "l": [{"b": {"c": 1}, "a": 1e5}, {}], "d.e": ""}"#;
    let toml = "a = \"é\\n\\u007f\\\"\"\nn = [1, [true], { \"k k\" = -1.50 }, []]\n\"d.e\" = \"\"\n\n[t.x]\ny = 1\n\n[t.e]\n\n\
        [[l]]\na = 1e5\n\n[l.b]\nc = 1\n\n[[l]]\n";
    assert_eq!(printed(json, "toml").as_deref(), Ok(toml));
    let dates = "d = 1979-05-27 07:32:00\nf = [inf, 1_0, 0x1F, '1979-05-27']\n";
    let toml = tree(dates, "toml").print(format_by_name("toml").expect("a format")).expect("it fits");
    assert_eq!(*toml, "d = 1979-05-27 07:32:00\nf = [inf, 10, 31, \"1979-05-27\"]\n");
    let yaml = tree(dates, "toml").print(format_by_name("yaml").expect("a format")).expect("it fits");
    assert_eq!(*yaml, "d: \"1979-05-27 07:32:00\"\nf:\n  - inf\n  - 10\n  - 31\n  - \"1979-05-27\"\n");
}

#[test]
fn yaml_has_no_line_breaks_of_other_readers() {
    let json = r#"{"a\u0085": "x\u2028- y\u007f\u009b\ufeff é\u00a0"}"#;
    let yaml = printed(json, "yaml").expect("it fits");
    assert_eq!(yaml, "\"a\\u0085\": \"x\\u2028- y\\u007f\\u009b\\ufeff é\u{a0}\"\n");
    let again = tree(&yaml, "yaml").print(format_by_name("json").expect("a format")).expect("it fits");
    assert_eq!(*again, *tree(json, "json").print(format_by_name("json").expect("a format")).expect("it fits"));
}

#[test]
fn ini_has_sections() {
    let json = r#"{"s": {"a": "x y", "b": " #é", "c": "it's; so", "n": 1.0, "t": true, "e": ""}, "r": "1",
        "Peer": [{"k": "a=b:c"}, {}], "z": {}}"#;
    let ini = "r = 1\n\n[s]\na = x y\nb = \" #é\"\nc = \"it's; so\"\nn = 1.0\nt = true\ne = \n\n[Peer]\nk = a=b:c\n\n[Peer]\n\n[z]\n";
    assert_eq!(printed(json, "ini").as_deref(), Ok(ini));
    let again = tree(ini, "ini").print(format_by_name("ini").expect("a format")).expect("it fits");
    assert_eq!(*again, ini);
}

#[test]
fn properties_are_escaped() {
    let json = r##"{"a b=c": "  x #\\\n\té", "#": 1, "e": "", "t": true}"##;
    let properties = "a\\ b\\=c=\\ \\ x \\#\\\\\\n\\té\n\\#=1\ne=\nt=true\n";
    assert_eq!(printed(json, "properties").as_deref(), Ok(properties));
    let json = tree(properties, "properties").print(format_by_name("json").expect("a format")).expect("it fits");
    let expected = json!({"a b=c": "  x #\\\n\té", "#": "1", "e": "", "t": "true"});
    assert_eq!(serde_json::from_str::<Json>(&json).ok(), Some(expected));
}

#[test]
fn what_a_format_cannot_hold_is_named() {
    for (json, format, path, what) in [
        ("[1]", "toml", ".", "TOML holds keys with values"),
        (r#"{"a": {"b c": [1, null]}}"#, "toml", "a.\"b c\"[1]", "TOML has no null"),
        (r#"{"a": 9223372036854775808}"#, "toml", "a", "TOML has no whole numbers of more than 64 bits"),
        ("1", "ini", ".", "INI holds sections and keys"),
        (r#"{"a": {"b": {}}}"#, "ini", "a.b", "INI nests no deeper than sections and keys"),
        (r#"{"a": [1, 2]}"#, "ini", "a", "INI holds no lists of values"),
        (r#"{"a": []}"#, "ini", "a", "INI holds a list only of two or more maps, as sections of one name"),
        (r#"{"a": null}"#, "ini", "a", "INI has no null"),
        (r#"{"a=b": 1}"#, "ini", "a=b", "this cannot be a key in INI"),
        (r#"{"a]": {}}"#, "ini", "a]", "this cannot be the name of a section in INI"),
        (
            r#"{"a": {"b": "x\ny"}}"#,
            "ini",
            "a.b",
            "INI holds no line breaks, nor both sorts of quotes where one is needed",
        ),
        (r#"{"a": {}}"#, "properties", "a", "properties hold no maps and lists"),
        (r#"{"": 1}"#, "properties", "", "properties have no empty keys"),
        (r#"{"a": 1}"#, "binary", ".", "only a binary file can be printed as one"),
    ] {
        assert_eq!(printed(json, format), Err((path.to_owned(), what)), "{json}");
    }
}

fn values() -> impl Strategy<Value = Json> {
    let text = prop_oneof!["[ a-zé#;=:'\"\\\\\\[{-]{0,6}", any::<String>()];
    let scalar =
        prop_oneof![text.prop_map(Json::from), any::<i32>().prop_map(Json::from), any::<bool>().prop_map(Json::from)];
    scalar.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            proptest::collection::btree_map("[a-z .\"]{0,3}", inner, 0..4)
                .prop_map(|map| Json::from(Map::from_iter(map))),
        ]
    })
}

/// Scalars as texts, as in formats without types.
fn as_texts(json: &Json) -> Json {
    match json {
        Json::Object(map) => map.iter().map(|(key, value)| (key.clone(), as_texts(value))).collect(),
        Json::Array(items) => items.iter().map(as_texts).collect(),
        Json::String(text) => Json::from(text.as_str()),
        other => Json::from(other.to_string()),
    }
}

proptest! {
    /// What is printed is read again as the same values, wherever the format accepts it.
    #[test]
    fn what_is_printed_is_read_again(map in proptest::collection::btree_map("[a-z]{1,3}", values(), 0..5)) {
        let json = Json::from(Map::from_iter(map));
        for format in ["toml", "ini", "properties"] {
            let Ok(text) = printed(&json.to_string(), format) else { continue };
            let format = format_by_name(format).expect("a format");
            // Control characters that no plaintext may hold are printed all the same.
            let Ok(document) = Document::parse(text.as_bytes(), format) else {
                prop_assert!(format.check_characters(&text).is_err(), "{} {text}", format.name());
                continue;
            };
            let again = Tree::of(&document).expect("a tree");
            let again = again.print(format_by_name("json").expect("a format")).expect("JSON holds everything");
            let again: Json = serde_json::from_str(&again).expect("JSON");
            let expected = if format.name() == "toml" { json.clone() } else { as_texts(&json) };
            prop_assert_eq!(again, expected, "{} {}", format.name(), text);
        }
    }
}
