//! Key groups of the native dialect, through all commands that have to do with readers.

use serde_json::{Value, json};

use super::harness::{ME, STRANGER, STRANGER_FILE, World};

/// Another identity, which is named `second` here.
const SECOND_FILE: &str = include_str!("../../testdata/keys/x25519_second.txt");
const SECOND: &str = "age12tn05emldsmghyn2y979mae40um39h6rm4579v4aq02t3zut25ssfag6u6";
const TEXT: &str = "a: canary-7f3a91 # one\nkind: x\n";
const THREE: &str = "key_groups: [[me], [stranger], [second]], threshold: 2";

fn rule(world: &World, fields: &str) {
    let names = format!("  me: {ME}\n  stranger: {STRANGER}\n  second: {SECOND}\n");
    world.file(
        ".sops-rs.yaml",
        format!("version: 1\nrecipients:\n{names}rules:\n  - {{files: ['*.yaml'], {fields}}}\n"),
    );
}

/// An encrypted file that two of three groups open, and the identities of the second and the third one.
fn world() -> World {
    let world = World::new();
    world.identity();
    rule(&world, THREE);
    world.file("second.txt", SECOND_FILE);
    world.file("stranger.txt", STRANGER_FILE);
    world.file("a.yaml", TEXT);
    world.run(&["encrypt", "-i", "a.yaml"]).gives("", "`a.yaml`: 2 values and 1 comment encrypted, none clear\n");
    world
}

fn body(text: &str) -> &str {
    &text[..text.find("sops-rs:").expect("a block")]
}

#[test]
fn a_file_opens_with_one_identity_of_each_group_that_is_needed() {
    let world = world();
    for file in ["second.txt", "stranger.txt"] {
        world.run(&["decrypt", "--identity", file, "a.yaml"]).gives(TEXT, "");
        world.run(&["get", "--identity", file, "a.yaml", "a"]).gives("canary-7f3a91", "");
    }
    let both = ["exec-env", "--identity", "second.txt", "a.yaml", "--", "/bin/sh", "-c", "test $KIND = x"];
    world.run(&both).gives("", "");
    world.run(&["decrypt", "a.yaml"]).fails(
        128,
        "sops-rs: error: `a.yaml`: 1 of its 3 key groups opened (number 1), and 2 are needed\n\
         sops-rs: hint: key group 2 is `stranger` ({STRANGER})\n\
         sops-rs: hint: key group 3 is `second` (age1…)\n\
         sops-rs: hint: tried: `~/.config/sops-rs/keys.txt`\n\
         sops-rs: hint: nothing at `SOPS_AGE_SSH_PRIVATE_KEY_FILE`, `SOPS_AGE_SSH_PRIVATE_KEY_CMD`, `~/.ssh/id_ed25519`, \
         `~/.ssh/id_rsa`, `SOPS_AGE_KEY`, `SOPS_AGE_KEY_FILE`, `SOPS_AGE_KEY_CMD`, `~/.config/sops/age/keys.txt`\n\
         sops-rs: hint: name an identity of another key group with --identity FILE\n",
    );
}

#[test]
fn a_value_is_set_and_the_file_is_rotated_with_its_groups() {
    let world = world();
    world.run(&["set", "--identity", "second.txt", "a.yaml", "kind", "other"]).gives("", "`a.yaml`: `kind` is set\n");
    let before = world.read("a.yaml");
    world
        .run(&["rotate", "--identity", "second.txt", "a.yaml"])
        .gives("", "`a.yaml`: every value is encrypted anew under a new data key\n");
    assert_ne!(body(&before), body(&world.read("a.yaml")));
    world.run(&["updatekeys", "a.yaml", "--check"]).gives("", "1 file: as the rules say\n");
    world.run(&["decrypt", "--identity", "stranger.txt", "a.yaml"]).gives(&TEXT.replace("x\n", "other\n"), "");
    world.run(&["rotate", "-r", "--skip-locked"]).gives(
        "",
        "sops-rs: warning: left as they are, since no identity opens them: `a.yaml`\n\
         no encrypted file was found\n",
    );
    world
        .shell("EDITOR=\"sed -i s/other/more/\" sops-rs edit --identity second.txt a.yaml")
        .gives("", "`a.yaml`: 2 values and 1 comment encrypted, none clear; 1 of them new or changed\n");
}

#[test]
fn a_reader_who_comes_needs_no_new_data_key_and_other_groups_do() {
    let world = world();
    rule(&world, "key_groups: [[me], [stranger]], threshold: 2");
    let lost = "`a.yaml`\n  no reader any more: `second` (age1…), key group 3\n";
    let anew = "  new data key: every value is encrypted anew\n";
    let changed = "`a.yaml`: changed, under a new data key\n";
    let update = ["updatekeys", "--identity", "stranger.txt", "-y", "a.yaml"];
    world.run(&update).gives("", &format!("{lost}{anew}{changed}"));

    rule(&world, "key_groups: [[me, second], [stranger]], threshold: 2");
    let before = world.read("a.yaml");
    let gained = "`a.yaml`\n  new reader: `second` (age1…), key group 1\n`a.yaml`: changed, the data key is the same\n";
    world.run(&update).gives("", gained);
    assert_eq!(body(&before), body(&world.read("a.yaml")));

    rule(&world, THREE);
    let moved = "`a.yaml`\n  key group of `second` (age1…): 1 → 3\n";
    world.run(&update).gives("", &format!("{moved}{anew}{changed}"));

    rule(&world, &THREE.replace("threshold: 2", "threshold: 3"));
    let needed = "`a.yaml`\n  key groups needed: 2 → 3\n";
    let warning = "sops-rs: warning: you will not be able to open this afterwards: `a.yaml`\n";
    world.run(&update).gives("", &format!("{needed}{anew}{warning}{changed}"));
    assert_eq!(world.run(&update).output().status.code(), Some(0), "nothing is left to do");

    rule(&world, "recipients: [me]");
    let alone = "`a.yaml`\n  no reader any more: `second` (age1…), key group 3\n  \
                 no reader any more: `stranger` ({STRANGER}), key group 2\n  key group of `me` ({ME}): 1 → none\n  \
                 key groups needed: 3 → none\n";
    let all = [&["updatekeys", "--identity", "second.txt"], &update[1..]].concat();
    world.run(&all).gives("", &format!("{alone}{anew}{changed}"));
    world.run(&["decrypt", "a.yaml"]).gives(TEXT, "");

    rule(&world, THREE);
    let output = world.run(&["updatekeys", "-y", "a.yaml"]).output();
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(output.status.success() && said.contains(warning), "{said}");
}

#[test]
fn an_output_file_keeps_its_groups_and_tokens() {
    let world = world();
    let before = world.read("a.yaml");
    let over = ["encrypt", "--identity", "second.txt", "--filename-override", "a.yaml", "-o", "a.yaml", "-"];
    let said = "standard input: 2 values and 1 comment encrypted, none clear; 1 of them new or changed\n";
    let said = said.replace("standard input", "`a.yaml`");
    world.run(&over).stdin(TEXT.replace("x\n", "y\n")).gives("", &said);
    let after = world.read("a.yaml");
    let line = |text: &str, start: &str| text.lines().find(|line| line.starts_with(start)).map(str::to_owned);
    assert_eq!(before.lines().filter(|line| line.contains("wrapped_key")).count(), 3);
    let kept = before.lines().filter(|line| after.contains(line)).count();
    assert!(kept >= before.lines().count() - 2, "{kept}");
    assert_ne!(line(&before, "kind: "), line(&after, "kind: "));
}

#[test]
fn who_and_explain_tell_the_groups() {
    let world = world();
    let groups = "  key groups: 2 of 3 needed\n  key group 1:\n  me  {ME}  (you)\n  \
                  key group 2:\n  stranger  {STRANGER}\n  key group 3:\n  second  age1…\n";
    world.run(&["who", "a.yaml"]).gives(&format!("a.yaml\n{groups}"), "");
    world.run(&["who", "a.yaml", "kind"]).gives(&format!("kind\n{groups}"), "");
    let json =
        |arguments: &[&str]| -> Value { serde_json::from_slice(&world.run(arguments).output().stdout).expect("JSON") };
    let section = &json(&["who", "--json", "a.yaml"])[0]["sections"][0];
    assert_eq!((&section["threshold"], &section["readers"][2]["name"]), (&json!(2), &json!("second")));
    assert_eq!(section["readers"][2]["group"], json!(3));
    let value = &json(&["who", "--json", "a.yaml", "kind"])[0];
    assert_eq!(value["readers"][1]["group"], json!(2));
    let policy = &json(&["explain", "--json", "a.yaml"])[0]["policy"];
    assert_eq!((&policy["threshold"], &policy["readers"][1]["group"]), (&json!(2), &json!(3)));

    let explained = "  readers:\n    me        {ME}\n    second    age1…\n    stranger  {STRANGER}\n  \
                     key groups: 2 of 3 needed\n    key group 1: `me`\n    key group 2: `stranger`\n    key group 3: `second`\n";
    let output = world.run(&["explain", "a.yaml"]).output();
    let said = world.normalised(&String::from_utf8(output.stdout).expect("UTF-8"));
    assert!(said.contains(explained), "{said}");
}

#[test]
fn a_file_whose_rule_needs_other_groups_is_told() {
    let world = world();
    rule(&world, &THREE.replace("threshold: 2", "threshold: 3"));
    let output = world.run(&["explain", "a.yaml"]).output();
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(said.contains("not as the rule says") && said.ends_with("    key groups needed: 2 → 3\n"), "{said}");
    let output = world.run(&["doctor"]).output();
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(said.contains("encrypted, but not as their rules say: `a.yaml`"), "{said}");
}

#[test]
fn a_rule_whose_groups_do_not_fit_is_refused() {
    let world = world();
    rule(&world, "key_groups: [[me], [strnger]], threshold: 2");
    world.file("b.yaml", TEXT);
    world.run(&["encrypt", "-i", "b.yaml"]).fails(
        1,
        "sops-rs: error: `.sops-rs.yaml`: line 7, column 45: unknown recipient or group `strnger`; did you mean `stranger`?\n",
    );
}
