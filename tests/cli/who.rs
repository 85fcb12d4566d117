//! `who`.

use serde_json::{Value, json};
use sops_rs::document::format_by_name;
use sops_rs::file::{Document, NewSection, Plan, encrypt};
use sops_rs::keys::{NoInteraction, Recipient};
use sops_rs::select::PathGlob;

use super::harness::{ME, STRANGER, World};

/// A world with files for me, for the stranger, for both, and one with a section.
fn world() -> World {
    let world = World::ready();
    world.config("  - files: [mine.yaml]\n    recipients: [me]\n  - files: [\"**\"]\n    recipients: [me, stranger]\n");
    world.file("mine.yaml", "a: canary-7f3a91\n");
    world.file("more/both.env", "A=canary-7f3a91\n");
    assert!(world.run(&["encrypt", "-i", "mine.yaml", "more/both.env"]).output().status.success());
    world.file("plain.yaml", "a: 1\n");
    world.file("about.json", "{\"a\": \"x\", \"sops\": {\"mac\": \"x\", \"version\": \"3.9.0\"}}");
    let yaml = format_by_name("yaml").expect("a format");
    let text = b"kind: x\na: 1\ndb:\n  p: canary-7f3a91\n  host: h\n";
    let document = Document::parse(text, yaml).expect("a document");
    let reader = |name: &str, key: &str| (name.to_owned(), Recipient::parse(key).expect("a recipient"));
    let globs = |glob| vec![PathGlob::parse(glob).expect("a glob")];
    let section = NewSection {
        name: "database".into(),
        paths: globs("db.**"),
        recipients: vec![reader("me", ME)],
        key_groups: None,
    };
    let mut plan = Plan::for_recipients([reader("me", ME), reader("other", STRANGER)]);
    plan.sections = vec![section];
    plan.selection.clear = vec![PathGlob::parse("kind").expect("a glob"), PathGlob::parse("**.host").expect("a glob")];
    world.file("parts.yaml", encrypt(&document, &plan, &NoInteraction).expect("encrypted").text);
    world
}

#[test]
fn the_readers_of_files_are_listed_with_a_mark_at_ones_own() {
    let world = world();
    world
        .run(&["who", "mine.yaml", "more/both.env"])
        .gives("mine.yaml\n  me  {ME}  (you)\nmore/both.env\n  me        {ME}  (you)\n  stranger  {STRANGER}\n", "");
    let parts = "parts.yaml\n  me     {ME}  (you)\n  other  {STRANGER}\n  section database: db.**\n  me  {ME}  (you)\n";
    world.run(&["who", "parts.yaml"]).gives(parts, "");
    let input = world.read("mine.yaml");
    world.run(&["who", "--input-type", "yaml", "-"]).stdin(input).gives("-\n  me  {ME}  (you)\n", "");
}

#[test]
fn the_readers_of_one_value_are_those_of_its_section() {
    let world = world();
    world.run(&["who", "parts.yaml", "a"]).gives("a\n  me     {ME}  (you)\n  other  {STRANGER}\n", "");
    let clear = "db.host\n  clear: everybody who has the file\n";
    world.run(&["who", "parts.yaml", "[\"db\"]"]).gives(&format!("db.p\n  me  {{ME}}  (you)\n{clear}"), "");
    world.run(&["who", "parts.yaml", "db.host"]).gives(clear, "");
    let error = "sops-rs: error: `parts.yaml`: no value at `b.yaml`\nsops-rs: hint: there is no file `b.yaml` either\n";
    world.run(&["who", "parts.yaml", "b.yaml"]).fails(1, error);
    let error = "sops-rs: error: `parts.yaml`: no value at `db.hots`\nsops-rs: hint: did you mean `db.host`?\n\
                 sops-rs: hint: there is no file `db.hots` either\n";
    world.run(&["who", "parts.yaml", "db.hots"]).fails(1, error);
    let error = "sops-rs: error: `b[`: a bracket is not closed\n";
    world.run(&["who", "parts.yaml", "b["]).fails(91, error);
    let output = world.run(&["who", "--json", "parts.yaml", "db"]).output();
    let value: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let readers = json!([{ "name": "me", "group": null, "recipient": ME, "own": true }]);
    let expected = json!([
        { "path": "db.p", "sealed": true, "section": "database", "readers": readers },
        { "path": "db.host", "sealed": false, "section": null, "readers": null },
    ]);
    assert_eq!(value, expected);
}

#[test]
fn everybody_is_listed_with_their_files() {
    let world = world();
    let all = "me  {ME}  (you)\n  mine.yaml\n  more/both.env\n  parts.yaml\n\
               other, stranger  {STRANGER}\n  more/both.env\n  parts.yaml  (default)\n";
    world.run(&["who"]).gives(all, "");
    world.run(&["who", "more"]).gives("me  {ME}  (you)\n  more/both.env\nstranger  {STRANGER}\n  more/both.env\n", "");
    world.file("none/a.txt", "x");
    world.run(&["who", "none"]).gives("", "no encrypted file was found\n");
    // In a repository it is all of it, from wherever one is.
    world.shell("git init -q").gives("", "");
    let here = all.replace("  more/", "  ").replace("  mine", "  ../mine").replace("  parts", "  ../parts");
    world.run(&["who"]).env("PATH", "/usr/local/bin:/usr/bin:/bin").within("more").gives(&here, "");
}

#[test]
fn the_files_of_a_reader_are_listed_by_name_or_key() {
    let world = world();
    for reader in ["other", "stranger", STRANGER] {
        world.run(&["who", "-r", reader]).gives("more/both.env\nparts.yaml\n", "");
    }
    world.run(&["who", "--recipient", "me", "more"]).gives("more/both.env\n", "");
    let output = world.run(&["who", "--json", "--recipient", "me"]).output();
    let value: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(value, json!(["mine.yaml", "more/both.env", "parts.yaml"]));
    let error =
        "sops-rs: error: nobody here has the name `bob`\nsops-rs: hint: the readers are `me`, `other`, `stranger`\n";
    world.run(&["who", "-r", "bob"]).fails(1, error);
    // Known to the config, but reading nothing.
    world.run(&["who", "-r", "stranger", "mine.yaml"]).gives("", "");
}

#[test]
fn what_is_not_encrypted_has_no_readers() {
    let world = world();
    let error = "sops-rs: error: `plain.yaml`: not encrypted: no `sops-rs` or `sops` metadata\n\
                 sops-rs: hint: encrypt it with `sops-rs encrypt -i plain.yaml`\n";
    world.run(&["who", "plain.yaml"]).fails(1, error);
    world.run(&["who", "gone.yaml"]).fails(100, "sops-rs: error: `gone.yaml`: cannot be read: no such file\n");
}

#[test]
fn a_file_that_cannot_be_read_makes_the_answer_a_failure() {
    let world = world();
    let text = world.read("mine.yaml");
    world.file("more/bad.yaml", text.replace("version: 1", "version: 9"));
    let error = "sops-rs: error: `more/bad.yaml`: metadata: line 2: this version of the format is not known; \
                 a newer sops-rs may read it\n";
    let table = "me  {ME}  (you)\n  more/both.env\nstranger  {STRANGER}\n  more/both.env\n";
    world.run(&["who", "more"]).ends(1, table, error);
}

#[test]
fn machines_read_json() {
    let world = world();
    let output = world.run(&["who", "--json", "parts.yaml"]).output();
    let value: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let (me, other) = (
        json!({ "name": "me", "group": null, "recipient": ME, "own": true }),
        json!({ "name": "other", "group": null, "recipient": STRANGER, "own": false }),
    );
    let expected = json!([{ "file": "parts.yaml", "sections": [
        { "name": "default", "paths": [], "threshold": null, "readers": [me, other] },
        { "name": "database", "paths": ["db.**"], "threshold": null, "readers": [me] },
    ] }]);
    assert_eq!(value, expected);
    let output = world.run(&["who", "--json", "more"]).output();
    let value: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let files = json!([{ "file": "more/both.env", "sections": null }]);
    let expected = json!([
        { "names": ["me"], "recipient": ME, "own": true, "files": files },
        { "names": ["stranger"], "recipient": STRANGER, "own": false, "files": files },
    ]);
    assert_eq!(value, expected);
}
