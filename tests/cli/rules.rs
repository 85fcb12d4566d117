//! Which rule applies to a file, as the program finds it.

use super::harness::{ME, World};

#[test]
fn no_config_is_told() {
    let world = World::new();
    world.file("a.env", "A=canary-7f3a91\n");
    world.run(&["encrypt", "-i", "a.env"]).fails(
        61,
        "sops-rs: error: `a.env`: no `.sops-rs.yaml` or `.sops.yaml` in its folder or above\n\
         sops-rs: hint: make one with `sops-rs init`, or name a recipient with -r/--recipient\n",
    );
}

#[test]
fn no_rule_lists_the_rules_that_were_tried() {
    let world = World::new();
    world.config("  - files: [\"prod/**\", .env]\n    recipients: [me]\n  - files: [dev/*]\n    recipients: [me]\n");
    world.file("a.yaml", "a: canary-7f3a91\n");
    world.run(&["encrypt", "-i", "a.yaml"]).fails(
        1,
        "sops-rs: error: `a.yaml`: no rule in `.sops-rs.yaml` matches it\n\
         sops-rs: hint: tried: line 6 (`prod/**`, `.env`)\n\
         sops-rs: hint: tried: line 8 (`dev/*`)\n\
         sops-rs: hint: add a rule for it, or name a recipient with -r/--recipient\n",
    );
}

#[test]
fn a_rule_that_encrypts_nothing_is_an_error() {
    let world = World::new();
    world.config("  - files: [\"*\"]\n    recipients: [me]\n    encrypt: [\"pasword\", \"db.**\"]\n");
    world.file("a.yaml", "password: canary-7f3a91\n");
    world.run(&["encrypt", "-i", "a.yaml"]).fails(
        23,
        "sops-rs: error: `a.yaml`: the rule encrypts nothing in this file: none of its globs matches a value\n\
         sops-rs: hint: its `encrypt` globs: `pasword`, `db.**`\n",
    );
}

#[test]
fn mistakes_in_the_config_are_told_with_their_place() {
    let world = World::new();
    world.file("a.yaml", "password: canary-7f3a91\n");
    for (rules, error) in [
        (
            "  - files: [\"*\"]\n    recipients: [mee]\n",
            "line 7, column 18: unknown recipient or group `mee`; did you mean `me`?",
        ),
        (
            "  - files: [\"*\"]\n    recipients: [me]\n    encript: []\n",
            "line 8, column 5: unknown field `encript` in a rule; did you mean `encrypt`?",
        ),
    ] {
        world.config(rules);
        world.run(&["encrypt", "-i", "a.yaml"]).fails(1, &format!("sops-rs: error: `.sops-rs.yaml`: {error}\n"));
    }
}

#[test]
fn the_nearest_config_above_the_file_counts_wherever_one_stands() {
    let world = World::ready();
    world.file("app/secrets/a.yaml", "a: 1\n");
    world.file("app/secrets/b.yaml", "a: 1\n");
    world.file(
        "app/.sops-rs.yaml",
        format!("version: 1\nrecipients: {{near: {ME}}}\nrules: [{{files: [\"secrets/*\"], recipients: [near]}}]\n"),
    );
    let said = |name: &str| format!("`{name}`: 1 value encrypted, none clear\n");
    world.run(&["encrypt", "-i", "app/secrets/a.yaml"]).gives("", &said("app/secrets/a.yaml"));
    world.run(&["encrypt", "-i", "../app/./secrets/b.yaml"]).within("app").gives("", &said("../app/./secrets/b.yaml"));
    for name in ["app/secrets/a.yaml", "app/secrets/b.yaml"] {
        assert!(world.read(name).contains("- name: near\n"));
    }
}

#[test]
fn another_config_can_be_named() {
    let world = World::ready();
    world.file("a.yaml", "a: 1\n");
    let text = format!("version: 1\nrecipients: {{other: {ME}}}\nrules: [{{files: [\"*\"], recipients: [other]}}]\n");
    world.file("other.yaml", &text);
    world.file("below/other.yaml", &text);
    let output = world.run(&["encrypt", "--config", "other.yaml", "a.yaml"]).output();
    assert!(String::from_utf8(output.stdout).unwrap().contains("- name: other\n"));
    world.run(&["encrypt", "--config", "below/other.yaml", "a.yaml"]).fails(
        1,
        "sops-rs: error: `a.yaml`: is not below the folder of `below/other.yaml`\n\
         sops-rs: hint: rules speak of the files below their config file\n",
    );
    world
        .run(&["encrypt", "--config", "gone.yaml", "a.yaml"])
        .fails(100, "sops-rs: error: `[root]/work/gone.yaml`: cannot be read: no such file\n");
}

/// Only the superuser can give files away, so nobody else can make the case.
#[cfg(unix)]
#[test]
fn a_config_of_somebody_else_is_not_trusted() {
    let world = World::ready();
    world.file("sub/a.env", "A=canary-7f3a91\n");
    let config = world.path(".sops-rs.yaml");
    if std::os::unix::fs::chown(&config, Some(65_534), None).is_err() {
        return;
    }
    world.run(&["encrypt", "-i", "sub/a.env"]).fails(
        1,
        "sops-rs: error: `.sops-rs.yaml`: belongs to another user, who could make themselves a reader\n\
         sops-rs: hint: if that is meant to be, say so with --config .sops-rs.yaml\n",
    );
    let said = world.run(&["encrypt", "--config", ".sops-rs.yaml", "-i", "sub/a.env"]).output();
    assert!(said.status.success());
}
