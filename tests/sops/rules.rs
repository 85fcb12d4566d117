//! `.sops.yaml`, the options that take its place, and what they leave clear.

use serde_json::json;

use crate::formats::{is_token, opened, yaml};
use crate::harness::World;
use crate::program::{A, B, Sops, is_oracle, ready, refused, succeeds};
use crate::values;

const PLAIN: &str = "\
secret: s
public: p
# note
password_enc: x
deep:
    secret_key: [1, 2]
    clear_unencrypted: {a: b}
    other: text # sops:enc
";

/// Encrypts [`PLAIN`] with these options, and gives the metadata and whether five places are encrypted.
fn selected(world: &World, options: &[&str]) -> (serde_json::Value, [bool; 5]) {
    world.file("a.yaml", PLAIN);
    world.gives_text(&[&["encrypt", "-i"], options, &["a.yaml"]].concat());
    let file = yaml(&world.read("a.yaml"));
    let places = [
        &file["secret"],
        &file["public"],
        &file["password_enc"],
        &file["deep"]["secret_key"][0],
        &file["deep"]["clear_unencrypted"]["a"],
    ];
    let is_encrypted = places.map(|value| is_token(value, "str") || is_token(value, "int"));
    let plain = opened(world, "a.yaml");
    assert_eq!(plain, values::yaml(PLAIN)[0]);
    (file["sops"].clone(), is_encrypted)
}

const SELECTORS: [(&str, &str, [bool; 5]); 4] = [
    ("unencrypted-suffix", "_unencrypted", [true, true, true, true, false]),
    ("encrypted-suffix", "_enc", [false, false, true, false, false]),
    ("unencrypted-regex", "^(public|deep)$", [true, false, true, false, false]),
    ("encrypted-regex", "^secret", [true, false, false, true, false]),
];

#[test]
fn selectors_choose_what_is_encrypted() {
    let (metadata, is_encrypted) = selected(&ready(), &[]);
    assert_eq!(is_encrypted, SELECTORS[0].2);
    assert_eq!(metadata["unencrypted_suffix"], "_unencrypted");
    for (name, value, expected) in SELECTORS {
        let world = ready();
        let (metadata, is_encrypted) = selected(&world, &[&format!("--{name}"), value]);
        assert_eq!(is_encrypted, expected, "{name}");
        let field = name.replace('-', "_");
        assert_eq!(metadata[&field], value);
        world.file(".sops.yaml", format!("creation_rules:\n  - age: {A}\n    {field}: {value}\n"));
        let (metadata, is_encrypted) = selected(&world, &[]);
        assert_eq!((is_encrypted, &metadata[&field]), (expected, &json!(value)), "{name} in the config");
        // The file's own rule holds for what is added.
        world.gives_text(&["set", "a.yaml", "[\"other_enc\"]", "\"v\""]);
        assert_eq!(
            is_token(&yaml(&world.read("a.yaml"))["other_enc"], "str"),
            ["_enc", "_unencrypted", "^(public|deep)$"].contains(&value)
        );
    }
    let world = ready();
    world.file("a.yaml", PLAIN);
    world.refuses(8, &["encrypt", "--encrypted-regex", "a", "--unencrypted-regex", "b", "a.yaml"]);
}

#[test]
fn comments_choose_what_is_encrypted() {
    let plain = "plain: 1\n# sops:enc\nc1: v1\nc2: v2\n# sops:enc\n# after\nc3: {x: 1, y: 2}\nc4: w\n";
    let world = World::new();
    for (kind, encrypted) in [("encrypted", ["c1", "c3"]), ("unencrypted", ["c2", "c4"])] {
        world.file(".sops.yaml", format!("creation_rules:\n  - age: {A}\n    {kind}_comment_regex: sops:enc\n"));
        world.file("a.yaml", plain);
        world.gives_text(&["encrypt", "-i", "a.yaml"]);
        let text = world.read("a.yaml");
        let file = yaml(&text);
        for key in ["c1", "c2", "c3", "c4"] {
            let value = if key == "c3" { &file[key]["x"] } else { &file[key] };
            assert_eq!(value.as_str().is_some_and(|text| text.starts_with("ENC[")), encrypted.contains(&key), "{text}");
        }
        assert_eq!(text.matches("# sops:enc").count(), 2, "{text}");
        assert_eq!(opened(&world, "a.yaml"), values::yaml(plain)[0]);
    }
}

#[test]
fn comments_of_list_items_choose_too() {
    if is_oracle() {
        return; // SOPS cannot read this back until the version after 3.13.2.
    }
    // The older form has options for it, since the name is a global one; so has `encrypt` in that version.
    for arguments in [&["-e", "-i", "a.yaml"][..], &["encrypt", "-i", "a.yaml"]] {
        let world = ready();
        world.file("a.yaml", "items:\n  # sops:enc\n  # trigger it\n  - real value");
        let option = ["--encrypted-comment-regex", "sops:enc"];
        let arguments = if arguments[0] == "-e" {
            [&option, arguments].concat()
        } else {
            [&arguments[..1], &option, &arguments[1..]].concat()
        };
        world.gives_text(&arguments);
        let text = world.read("a.yaml");
        assert!(text.contains("# sops:enc") && !text.contains("real value") && !text.contains("trigger it"), "{text}");
        let plain = world.gives_text(&["decrypt", "a.yaml"]);
        let lines: Vec<_> = plain.lines().map(str::trim_start).collect();
        assert_eq!(lines, ["items:", "# sops:enc", "# trigger it", "- real value"]);
    }
}

#[test]
fn comments_are_encrypted_and_come_back() {
    let world = ready();
    let plain = "# first comment in file\nlorem: ipsum # this-is-a-comment\ndolor:\n    # in a map\n    sit: amet\nlist:\n    - foo\n    # in a list\n    - bar\n";
    world.file("a.yaml", plain);
    let encrypted = world.gives_text(&["encrypt", "a.yaml"]);
    for comment in ["first comment", "this-is-a-comment", "in a map", "in a list"] {
        assert!(!encrypted.contains(comment), "{encrypted}");
    }
    world.file("a.yaml", &encrypted);
    let decrypted = world.gives_text(&["decrypt", "a.yaml"]);
    for comment in ["# first comment in file\n", "# this-is-a-comment\n", "    # in a map\n", "    # in a list\n"] {
        assert!(decrypted.contains(comment), "{decrypted}");
    }
    assert_eq!(values::yaml(&decrypted), values::yaml(plain));
    // A comment that somebody added is shown as it is.
    world.file("a.yaml", format!("# added in clear\n{encrypted}"));
    let output = world.sops(&["decrypt", "a.yaml"]).output();
    assert!(
        output.status.success() && String::from_utf8_lossy(&output.stdout).contains("# added in clear\n"),
        "{output:?}"
    );
}

#[test]
fn the_mac_may_cover_encrypted_values_only() {
    let world = ready();
    world.file(
        ".sops.yaml",
        format!("creation_rules:\n  - age: {A}\n    encrypted_regex: ^secret\n    mac_only_encrypted: true\n"),
    );
    let (metadata, _) = selected(&world, &[]);
    assert_eq!(metadata["mac_only_encrypted"], json!(true));
    let text = world.read("a.yaml");
    world.file("a.yaml", text.replace("public: p\n", "public: changed\nmore: 1\n"));
    assert_eq!(opened(&world, "a.yaml")["public"], "changed");
    world.file(".sops.yaml", format!("creation_rules:\n  - age: {A}\n    encrypted_regex: ^secret\n"));
    selected(&world, &[]);
    let text = world.read("a.yaml");
    world.file("a.yaml", text.replace("public: p\n", "public: changed\n"));
    world.refuses(51, &["decrypt", "a.yaml"]);
    // As an option, in the older form.
    world.file("b.yaml", "a: 1\nb_unencrypted: x\n");
    world.file(".sops.yaml", format!("creation_rules:\n  - age: {A}\n"));
    world.gives_text(&["--mac-only-encrypted", "-e", "-i", "b.yaml"]);
    assert_eq!(yaml(&world.read("b.yaml"))["sops"]["mac_only_encrypted"], json!(true));
}

#[test]
fn the_first_rule_whose_pattern_is_found_in_the_path_holds() {
    let world = World::new();
    let rules = format!(
        "creation_rules:\n  - path_regex: '^prod/.*\\.yaml$'\n    age: {B}\n  - path_regex: \\.yaml$\n    age: {A}\n"
    );
    world.file(".sops.yaml", &rules);
    for (name, recipient) in [("prod/a.yaml", B), ("x/prod/a.yaml", A), ("a.yaml", A)] {
        world.file(name, "a: b\n");
        let encrypted = yaml(&world.gives_text(&["encrypt", name]));
        assert_eq!(encrypted["sops"]["age"][0]["recipient"], recipient, "{name}");
    }
    // The config is looked for from the folder of the call, upwards; the path is taken from the config's folder.
    let run = world.sops(&["encrypt", "a.yaml"]).within("prod");
    assert_eq!(yaml(&succeeds(run))["sops"]["age"][0]["recipient"], B);
    // Outside of that folder the whole path is tested.
    world.home_file("far/prod/a.yaml", "a: b\n");
    let far = world.home("far/prod/a.yaml").display().to_string();
    assert_eq!(yaml(&world.gives_text(&["encrypt", &far]))["sops"]["age"][0]["recipient"], A);
    world.file("a.json", "{}");
    let stderr = world.refuses(1, &["encrypt", "a.json"]);
    assert!(stderr.contains("error loading config: no matching creation rules found"), "{stderr}");
    world.refuses(1, &["encrypt", "--age", A, "a.json"]);
}

#[test]
fn another_config_is_named_by_option_or_variable() {
    let world = ready();
    world.file("conf/rules", format!("creation_rules:\n  - age: {B}\n"));
    world.file("a.yaml", "a: b\n");
    let recipient = |run| yaml(&succeeds(run))["sops"]["age"][0]["recipient"].clone();
    assert_eq!(recipient(world.sops(&["encrypt", "a.yaml"])), A);
    assert_eq!(recipient(world.sops(&["--config", "conf/rules", "encrypt", "a.yaml"])), B);
    assert_eq!(recipient(world.sops(&["--config=conf/rules", "-e", "a.yaml"])), B);
    assert_eq!(recipient(world.sops(&["encrypt", "a.yaml"]).env("SOPS_CONFIG", "conf/rules")), B);
    // No rules and no keys.
    let stderr = world.refuses(1, &["--config", "/dev/null", "encrypt", "a.yaml"]);
    assert!(stderr.contains("config file not found, or has no creation rules, and no keys provided"), "{stderr}");
    assert_eq!(recipient(world.sops(&["--config", "/dev/null", "encrypt", "--age", B, "a.yaml"])), B);
    world.refuses(1, &["--config", "nope.yaml", "encrypt", "a.yaml"]);
    world.file("broken", "a: [\n");
    world.refuses(1, &["--config", "broken", "filestatus", "a.yaml"]);
}

#[test]
fn keys_of_options_and_variables_replace_those_of_the_rule() {
    let world = ready();
    world.file("a.yaml", "a: b\n");
    let recipients = |run| {
        let metadata = yaml(&succeeds(run))["sops"].clone();
        let keys = metadata["age"].as_array().expect("keys").iter();
        keys.map(|key| key["recipient"].as_str().expect("a text").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(recipients(world.sops(&["encrypt", "--age", B, "a.yaml"])), [B]);
    assert_eq!(recipients(world.sops(&["-e", "-a", &format!("{B}, {A}"), "a.yaml"])), [B, A]);
    assert_eq!(recipients(world.sops(&["encrypt", "a.yaml"]).env("SOPS_AGE_RECIPIENTS", format!("{B},{A}"))), [B, A]);
    world.refuses(1, &["encrypt", "--age", "foo", "a.yaml"]);
}

#[test]
fn stores_say_the_indentation() {
    let world = World::new();
    let stores = "stores:\n  yaml: {indent: 2}\n  json: {indent: 3}\n";
    world.file(".sops.yaml", format!("creation_rules:\n  - age: {A}\n{stores}"));
    world.file("a.json", "{\"a\": {\"b\": [1, \"x\"]}}");
    world.gives_text(&["encrypt", "-i", "a.json"]);
    assert_eq!(world.gives_text(&["decrypt", "--output-type", "yaml", "a.json"]), "a:\n  b:\n    - 1\n    - x\n");
    world.file("b.yaml", "a:\n  b: [1, x]\n");
    world.gives_text(&["encrypt", "-i", "b.yaml"]);
    assert_eq!(
        world.gives_text(&["decrypt", "--output-type", "json", "b.yaml"]),
        "{\n   \"a\": {\n      \"b\": [\n         1,\n         \"x\"\n      ]\n   }\n}\n"
    );
    world.file(".sops.yaml", format!("creation_rules:\n  - age: {A}\nstores:\n  yaml: {{indent: -2}}\n"));
    world.refuses(4, &["decrypt", "--output-type", "yaml", "a.json"]);
}

#[test]
fn an_unusable_pattern_is_refused() {
    let world = World::new();
    world.file(".sops.yaml", format!("creation_rules:\n  - path_regex: 'a['\n    age: {A}\n"));
    world.file("a.yaml", "a: b\n");
    world.refuses(1, &["encrypt", "a.yaml"]);
    if !is_oracle() {
        // SOPS leaves everything in clear.
        let world = ready();
        world.file("a.yaml", "a: b\n");
        refused(&world, 1, world.sops(&["encrypt", "--encrypted-regex", "a[", "a.yaml"]));
    }
}
