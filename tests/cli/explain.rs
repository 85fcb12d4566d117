//! `explain`.

use serde_json::{Value, json};

use super::harness::{ME, World};

const RULES: &str = "  - files: [\"dev/**\", \"*.dev.yaml\"]\n    recipients: [me]\n  - files: [\"*.yaml\"]\n    recipients: [me, stranger]\n    \
                     clear: [kind]\n    clear_values: free\n  - files: [\"a.*\"]\n    recipients: [me]\n";

/// What is said of every file for which the second rule applies.
const SECOND: &str = "  config: .sops-rs.yaml\n  \
                      rule 1 (line 6): does not apply, no match with `dev/**`, `*.dev.yaml`\n  \
                      rule 2 (line 8): applies, `*.yaml` matches\n  \
                      rule 3 (line 12): comes too late, though `a.*` matches\n  \
                      readers:\n    me        {ME}\n    stranger  {STRANGER}\n  \
                      encrypts `**`\n  leaves clear `kind`\n  comments: encrypt; clear_values: free\n";

#[test]
fn every_rule_is_judged_and_what_it_makes_of_the_file_is_told() {
    let world = World::ready();
    world.config(RULES);
    world.run(&["explain", "a.yaml"]).gives(&format!("a.yaml\n{SECOND}  there is no such file yet\n"), "");
    world.file("a.yaml", "kind: x\na: canary-7f3a91 # note\nb: [1]\nnone:\n");
    let plain = "  not encrypted; encrypting would make it: 2 values and 1 comment encrypted, 1 clear\n";
    world.run(&["explain", "a.yaml"]).gives(&format!("a.yaml\n{SECOND}{plain}"), "");
    let values = "    clear: kind\n    encrypted: a\n    encrypted: b[0]\n";
    world.run(&["explain", "-v", "a.yaml"]).gives(&format!("a.yaml\n{SECOND}{plain}{values}"), "");
    assert!(world.run(&["encrypt", "-i", "a.yaml"]).output().status.success());
    let encrypted = "  encrypted, as the rule says: 2 values and 1 comment encrypted, 1 clear\n";
    world.run(&["explain", "--verbose", "a.yaml"]).gives(&format!("a.yaml\n{SECOND}{encrypted}{values}"), "");
}

#[test]
fn a_file_that_drifted_from_its_rule_is_told() {
    let world = World::ready();
    world.config(RULES);
    world.encrypted("a.yaml", "kind: x\na: canary-7f3a91\n");
    let drifted = "  encrypted, but not as the rule says: 2 values encrypted, none clear\n    \
                   new reader: `stranger` ({STRANGER})\n    another name: `recipient-1` → `me` ({ME})\n    \
                   policy: `clear`: nothing → `kind`\n    policy: `clear_values`: `pinned` → `free`\n";
    world.run(&["explain", "a.yaml"]).gives(&format!("a.yaml\n{SECOND}{drifted}"), "");
}

#[test]
fn no_rule_and_files_that_do_not_fit_are_explained_too() {
    let world = World::ready();
    world.config("  - files: [\"*.yaml\"]\n    recipients: [me]\n  - files: [\"**\"]\n    recipients: [me]\n    sections: [{name: a, paths: [a], recipients: [me]}]\n");
    let head = |name: &str| format!("{name}\n  config: .sops-rs.yaml\n");
    let readers = "  readers:\n    me  {ME}\n  readers of section a (`a`):\n    me  {ME}\n  encrypts `**`\n  comments: encrypt; clear_values: pinned\n";
    world.file("bad.yaml", "a: [canary-7f3a91\n");
    let output = world.run(&["explain", "bad.yaml"]).output();
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let last = text.lines().last().expect("a line");
    assert!(output.status.success() && last.starts_with("  cannot be encrypted or read: line "), "{last}");
    assert!(!text.contains("canary"), "{text}");
    world.file("note.txt", "x");
    let rules = "  rule 1 (line 6): does not apply, no match with `*.yaml`\n  rule 2 (line 8): applies, `**` matches\n";
    let unsupported = "  cannot be done: line 10, column 5: rule 2: `sections` is not supported by this version\n";
    world
        .run(&["explain", "note.txt"])
        .gives(&format!("{}{rules}{readers}{unsupported}  not encrypted\n", head("note.txt")), "");
    world.config("  - files: [\"*.yaml\"]\n    recipients: [me]\n");
    world.of_sops("s.env", "A=x\n");
    world.file("p.env", "A=1\n");
    let none = "  rule 1 (line 6): does not apply, no match with `*.yaml`\n  \
                no rule applies: the file cannot be encrypted without -r/--recipient\n";
    let expected = format!(
        "{}{none}  encrypted in the dialect of SOPS: 1 value encrypted, none clear\n{}{none}  not encrypted\n",
        head("s.env"),
        head("p.env")
    );
    world.run(&["explain", "s.env", "p.env"]).gives(&expected, "");
}

#[test]
fn the_config_can_be_named_and_must_be_there() {
    let world = World::new();
    let error = "sops-rs: error: `a.yaml`: no `.sops-rs.yaml` or `.sops.yaml` in its folder or above\n\
                 sops-rs: hint: make one with `sops-rs init`\n";
    world.run(&["explain", "a.yaml"]).fails(61, error);
    world.file(
        "c.yaml",
        format!("version: 1\nrecipients: {{me: {ME}}}\nrules: [{{files: [x.env], recipients: [me]}}]\n"),
    );
    world.file("x.env", "A=1\n");
    let expected = "x.env\n  config: c.yaml\n  rule 1 (line 3): applies, `x.env` matches\n  readers:\n    me  {ME}\n  \
                    encrypts `**`\n  comments: encrypt; clear_values: pinned\n  \
                    not encrypted; encrypting would make it: 1 value encrypted, none clear\n";
    world.run(&["explain", "--config", "c.yaml", "x.env"]).gives(expected, "");
}

#[test]
fn machines_read_json() {
    let world = World::ready();
    world.config(RULES);
    world.file("a.yaml", "kind: x\na: canary-7f3a91 # note\n");
    let output = world.run(&["explain", "--json", "a.yaml"]).output();
    let value: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let value = &value[0];
    assert_eq!((&value["rule"], &value["state"], &value["changes"]), (&json!(2), &json!("plain"), &Value::Null));
    assert_eq!(value["rules"][0], json!({ "rule": 1, "line": 6, "files": ["dev/**", "*.dev.yaml"], "match": null }));
    assert_eq!(value["policy"]["readers"][0], json!({ "name": "me", "recipient": ME }));
    assert_eq!((&value["encrypted_values"], &value["clear_values"]), (&json!(["a"]), &json!(["kind"])));
    assert_eq!(value["encrypted_comments"], json!(1));
}
