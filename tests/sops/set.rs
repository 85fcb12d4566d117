//! `set` and `unset`, and their older form.

use serde_json::json;

use crate::formats::{is_token, opened, yaml};
use crate::harness::World;
use crate::program::{Sops, is_oracle, ready, refused, succeeds};
use crate::values;

/// A world with an encrypted JSON and an encrypted YAML file of the same values.
fn encrypted() -> World {
    let world = ready();
    world.file("a.json", r#"{"a": 2, "b": "ba"}"#);
    world.file("a.yaml", "a: 2\nb: ba");
    world.gives_text(&["encrypt", "-i", "a.json"]);
    world.gives_text(&["encrypt", "-i", "a.yaml"]);
    world
}

#[test]
fn a_map_takes_the_place_of_a_value_or_is_added() {
    for name in ["a.json", "a.yaml"] {
        let world = encrypted();
        world.gives_text(&["set", name, r#"["a"]"#, r#"{"aa": "aaa"}"#]);
        world.gives_text(&["set", name, r#"["c"]"#, r#"{"cc": "ccc", "l": [1, "x", {"y": true}]}"#]);
        let file = yaml(&world.read(name).replace('\t', " "));
        assert!(is_token(&file["a"]["aa"], "str") && is_token(&file["c"]["cc"], "str"), "{file}");
        assert!(is_token(&file["c"]["l"][2]["y"], "bool"), "{file}");
        let values = json!({ "a": { "aa": "aaa" }, "b": "ba", "c": { "cc": "ccc", "l": [1, "x", { "y": true }] } });
        assert_eq!(opened(&world, name), values);
    }
}

#[test]
fn a_value_comes_from_a_file_or_standard_input() {
    let world = encrypted();
    world.file("value.json", r#"{"cc": "ccc"}"#);
    world.gives_text(&["set", "--value-file", "a.json", r#"["c"]"#, "value.json"]);
    let run = world.sops(&["set", "--value-stdin", "a.json", r#"["d"]"#]);
    assert_eq!(succeeds(run.stdin("\"from standard input\"")), "");
    let values = json!({ "a": 2, "b": "ba", "c": { "cc": "ccc" }, "d": "from standard input" });
    assert_eq!(opened(&world, "a.json"), values);
    let run = world.sops(&["set", "--value-stdin", "--value-file", "a.json", r#"["d"]"#]);
    refused(&world, 1, run.stdin("1"));
    world.refuses(1, &["set", "--value-file", "a.json", r#"["c"]"#, "nope.json"]);
}

#[test]
fn a_text_is_set_in_both_forms() {
    for name in ["a.json", "a.yaml"] {
        let world = encrypted();
        world.gives_text(&["set", name, r#"["a"]"#, r#""aaa""#]);
        world.gives_text(&["--set", r#"["b"] "b b""#, "-i", name]);
        world.gives_text(&["--set", r#"["c"]["d"] {"e": null}"#, name]);
        world.gives_text(&["decrypt", "-i", name]);
        let plain = yaml(&world.read(name).replace('\t', " "));
        assert_eq!(plain, json!({ "a": "aaa", "b": "b b", "c": { "d": { "e": null } } }));
    }
}

#[test]
fn lists_grow_and_values_keep_their_types() {
    let world = ready();
    world.file("a.yaml", "l: [x, y]\nn: 1\n");
    world.gives_text(&["encrypt", "-i", "a.yaml"]);
    world.gives_text(&["set", "a.yaml", "[\"l\"][1]", "\"z\""]);
    world.gives_text(&["set", "a.yaml", "[\"l\"][9]", "true"]);
    world.gives_text(&["set", "a.yaml", "[\"n\"]", "1.5"]);
    world.gives_text(&["set", "a.yaml", "[\"new\"][0][\"k\"]", "\"v\""]);
    assert_eq!(opened(&world, "a.yaml"), json!({ "l": ["x", "z", true], "n": 1.5, "new": [{ "k": "v" }] }));
    let file = yaml(&world.read("a.yaml"));
    assert!(is_token(&file["l"][2], "bool") && is_token(&file["n"], "float") && is_token(&file["l"][1], "str"));
}

#[test]
fn the_other_formats_are_set_too() {
    let world = ready();
    world.file("a.env", "# c\nA=x\n");
    world.file("a.ini", "[s]\na = x\n");
    for name in ["a.env", "a.ini"] {
        world.gives_text(&["encrypt", "-i", name]);
    }
    world.gives_text(&["set", "a.env", "[\"A\"]", "\"two\\nlines\""]);
    world.gives_text(&["set", "a.env", "[\"B\"]", "true"]);
    assert_eq!(world.gives_text(&["decrypt", "a.env"]), "# c\nA=two\\nlines\nB=true\n");
    world.gives_text(&["set", "a.ini", "[\"s\"][\"a\"]", "\"y\""]);
    world.gives_text(&["set", "a.ini", "[\"t\"][\"b\"]", "\"z\""]);
    let plain = values::ini(&world.gives_text(&["decrypt", "a.ini"]));
    assert_eq!((&plain["s"]["a"], &plain["t"]["b"]), (&json!("y"), &json!("z")));
}

#[test]
fn what_is_equal_is_written_unless_idempotent() {
    let world = encrypted();
    let before = world.read("a.json");
    world.gives_text(&["set", "--output-type", "yaml", "--idempotent", "a.json", r#"["b"]"#, r#""ba""#]);
    assert_eq!(world.read("a.json"), before);
    world.gives_text(&["set", "--output-type", "yaml", "a.json", r#"["b"]"#, r#""ba""#]);
    let after = world.read("a.json");
    assert!(after.starts_with("a: "), "{after}");
    let plain = world.gives_text(&["decrypt", "--input-type", "yaml", "--output-type", "yaml", "a.json"]);
    assert_eq!(plain, "a: 2\nb: ba\n");
}

#[test]
fn what_is_wrong_is_refused() {
    let world = encrypted();
    world.refuses(7, &["set", "a.json", r#"["a"]"#, "no json"]);
    world.refuses(7, &["set", "a.json", "a", "1"]);
    world.refuses(100, &["set", "a.json", r#"["a"]"#]);
    world.refuses(2, &["set", "nope.json", r#"["a"]"#, "1"]);
    world.refuses(7, &["unset", "a.json", "a"]);
    world.refuses(100, &["unset", "a.json"]);
    let stderr = world.refuses(1, &["unset", "a.json", r#"["zz"]"#]);
    assert!(stderr.contains("zz"), "{stderr}");
    world.refuses(2, &["unset", "nope.json", r#"["a"]"#]);
    if !is_oracle() {
        // SOPS refuses this since 3.12.2.
        world.refuses(203, &["set", "a.json", r#"["sops"]"#, "1"]);
    }
}

#[test]
fn values_and_items_are_removed() {
    for name in ["a.json", "a.yaml"] {
        let world = ready();
        world.file(name, r#"{"a": 2, "b": "ba", "c": [1,2]}"#);
        world.gives_text(&["encrypt", "-i", name]);
        world.gives_text(&["unset", name, r#"["a"]"#]);
        let before = world.read(name);
        assert_eq!(opened(&world, name), json!({ "b": "ba", "c": [1, 2] }));
        world.gives_text(&["unset", "--idempotent", name, r#"["a"]"#]);
        assert_eq!(world.read(name), before);
        world.gives_text(&["unset", name, r#"["c"][0]"#]);
        let before = world.read(name);
        assert_eq!(opened(&world, name), json!({ "b": "ba", "c": [2] }));
        world.gives_text(&["unset", "--idempotent", name, r#"["c"][1]"#]);
        assert_eq!(world.read(name), before);
    }
}

#[test]
fn what_is_not_set_keeps_its_token() {
    let world = encrypted();
    let before = yaml(&world.read("a.yaml"));
    world.gives_text(&["set", "a.yaml", "[\"b\"]", "\"other\""]);
    let after = yaml(&world.read("a.yaml"));
    assert_eq!(before["a"], after["a"]);
    assert_ne!(before["b"], after["b"]);
    assert_eq!(before["sops"]["age"], after["sops"]["age"]);
}
