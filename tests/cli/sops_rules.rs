//! Who may read a file of SOPS, and which rule says so: rules of both programs, and keys that nobody vouches for.

use super::harness::{ME, STRANGER, World};

const YAML: &str = "a: canary-7f3a91\nkind: x\n";

fn sops_config(world: &World, rule: &str) {
    world.file(".sops.yaml", format!("creation_rules:\n{rule}"));
}

fn world(rule: &str) -> World {
    let world = World::new();
    world.identity();
    sops_config(&world, rule);
    world.file("a.yaml", YAML);
    let output = world.run(&["encrypt", "-i", "a.yaml"]).output();
    assert!(output.status.success(), "{output:?}");
    world
}

/// The token of the first value.
fn token(world: &World) -> String {
    world.read("a.yaml").lines().next().expect("a line").to_owned()
}

/// Puts a key into the metadata, as anybody can.
fn smuggle(world: &World) {
    let text = world.read("a.yaml");
    let entry = format!("    age:\n        - recipient: {STRANGER}\n          enc: x\n");
    assert!(text.contains("    age:\n"), "{text}");
    world.file("a.yaml", text.replacen("    age:\n", &entry, 1));
}

#[test]
fn a_new_data_key_is_not_wrapped_for_a_key_that_just_stands_in_the_file() {
    let world = world(&format!("  - age: {ME}\n"));
    smuggle(&world);
    let before = world.read("a.yaml");
    let output = world.run(&["rotate", "a.yaml"]).output();
    let said = world.normalised(&String::from_utf8(output.stderr).expect("UTF-8"));
    assert_eq!((output.status.code(), world.read("a.yaml")), (Some(1), before.clone()), "{said}");
    let error =
        "sops-rs: error: `a.yaml`: is encrypted to `{STRANGER}`, which no rule names; anybody can put a key there\n";
    assert!(said.contains(error), "{said}");
    // The rule's keys are all that updatekeys wraps for, and who goes must not know the data key.
    let drift = "  no reader any more: `age` ({STRANGER})\n  new data key: every value is encrypted anew\n";
    world.run(&["updatekeys", "--check", "a.yaml"]).ends(
        1,
        &format!("`a.yaml`\n{drift}"),
        "sops-rs: error: 1 of 1 file is not as the rules say\nsops-rs: hint: without --check they are changed\n",
    );
    let old = token(&world);
    world
        .run(&["updatekeys", "-y", "a.yaml"])
        .gives("", &format!("`a.yaml`\n{drift}`a.yaml`: changed, under a new data key\n"));
    assert!(!world.read("a.yaml").contains(STRANGER) && token(&world) != old);
    world.run(&["decrypt", "a.yaml"]).gives(YAML, "");
    // Whoever says so knows what they do.
    world.file("a.yaml", before);
    world.run(&["rotate", "--yes", "a.yaml"]).gives(
        "",
        "sops-rs: warning: `a.yaml` is encrypted to `{STRANGER}`, which no rule names; it may read on\n\
         sops-rs: warning: not as the rules say: `a.yaml`; see `sops-rs updatekeys --check`\n\
         `a.yaml`: every value is encrypted anew under a new data key\n",
    );
    assert!(world.read("a.yaml").contains(STRANGER));
}

#[test]
fn a_file_of_sops_in_the_place_of_one_of_ours_is_told() {
    let world = World::new();
    world.identity();
    world.config("  - files: [\"**\"]\n    recipients: [me]\n");
    world.of_sops("a.yaml", YAML);
    let warning = "sops-rs: warning: `a.yaml`: is a file of SOPS, whose keys and metadata nobody has signed, but its rule says \
                   `dialect: native`; if it is meant to be here, `sops-rs convert --to native a.yaml` changes it\n";
    world.run(&["decrypt", "a.yaml"]).gives(YAML, warning);
    world.run(&["get", "a.yaml", "kind"]).gives("x", warning);
    world.run(&["exec-env", "a.yaml", "--", "sh", "-c", "echo $kind"]).gives("\n", warning);
    world.run(&["set", "a.yaml", "b", "c"]).gives("", &format!("{warning}`a.yaml`: `b` is set\n"));
    let changed = "`a.yaml`: every value is encrypted anew under a new data key\n";
    world.run(&["rotate", "a.yaml"]).gives("", &format!("{warning}{changed}"));
    let output = world.run(&["edit", "--with", "true", "a.yaml"]).output();
    assert!(world.normalised(&String::from_utf8(output.stderr).expect("UTF-8")).starts_with(warning));
    // Where SOPS's own rules speak of it, or ours say so, it is in its place.
    world.file(".sops.yaml", format!("creation_rules:\n  - age: {ME}\n"));
    world.run(&["get", "a.yaml", "kind"]).gives("x", "");
    std::fs::remove_file(world.path(".sops.yaml")).expect("removed");
    world.config("  - files: [\"**\"]\n    recipients: [me]\n    dialect: sops\n");
    world.run(&["get", "a.yaml", "kind"]).gives("x", "");
}

#[test]
fn readers_who_come_leave_the_data_key_and_those_who_go_do_not() {
    let world = world(&format!("  - age: {ME}\n"));
    let before = world.read("a.yaml");
    sops_config(&world, &format!("  - age: {ME},{STRANGER}\n"));
    world
        .run(&["updatekeys", "-y", "a.yaml"])
        .gives("", "`a.yaml`\n  new reader: `age` ({STRANGER})\n`a.yaml`: changed, the data key is the same\n");
    let both = world.read("a.yaml");
    assert_eq!(token(&world), before.lines().next().expect("a line"));
    let stranger = world.run(&["decrypt", "a.yaml"]).env("SOPS_AGE_KEY", super::harness::STRANGER_FILE);
    stranger.gives(YAML, "");
    world.run(&["updatekeys", "a.yaml"]).gives("", "1 file: as the rules say\n");
    assert_eq!(world.read("a.yaml"), both);
    sops_config(&world, &format!("  - age: {ME}\n"));
    world.run(&["updatekeys", "-y", "a.yaml"]).gives(
        "",
        "`a.yaml`\n  no reader any more: `age` ({STRANGER})\n  new data key: every value is encrypted anew\n\
         `a.yaml`: changed, under a new data key\n",
    );
    assert_ne!(token(&world), before.lines().next().expect("a line"));
    // Another selector, too, and what it clears is told.
    sops_config(&world, &format!("  - age: {ME}\n    encrypted_regex: ^a$\n"));
    world.run(&["updatekeys", "-y", "a.yaml"]).gives(
        "",
        "`a.yaml`\n  policy: `selector`: `unencrypted_suffix: _unencrypted` → `encrypted_regex: ^a$`\n  \
         new data key: every value is encrypted anew\n\
         sops-rs: warning: `a.yaml`: encrypted so far, clear from now on: `kind`\n\
         `a.yaml`: changed, under a new data key\n",
    );
    assert!(world.read("a.yaml").contains("\nkind: x\n"));
}

#[test]
fn a_key_that_cannot_be_wrapped_for_is_kept_or_refused() {
    let world = world(&format!("  - age: {ME}\n"));
    let kms = "    kms:\n        - arn: arn:aws:kms:eu-west-1:1:key/2\n          created_at: \"2026-01-02T03:04:05Z\"\n          enc: eA==\n";
    let text = world.read("a.yaml").replacen("    lastmodified", &format!("{kms}    lastmodified"), 1);
    world.file("a.yaml", &text);
    let drifted = "sops-rs: warning: `a.yaml`: its policy or its readers are not those of its rule; bring the file up to date \
                   with `sops-rs updatekeys a.yaml`\n`a.yaml`: `a` is set\n";
    world.run(&["set", "a.yaml", "a", "new"]).gives("", drifted);
    assert!(world.read("a.yaml").contains("arn: arn:aws:kms:eu-west-1:1:key/2"));
    let before = world.read("a.yaml");
    let output = world.run(&["rotate", "--yes", "a.yaml"]).output();
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(!output.status.success() && said.contains("arn:aws:kms:eu-west-1:1:key/2"), "{said}");
    assert_eq!(world.read("a.yaml"), before);
}

#[test]
fn a_rule_of_ours_can_make_files_of_sops() {
    let world = World::new();
    world.identity();
    world.config("  - files: [\"*.yaml\"]\n    recipients: [me]\n    dialect: sops\n    encrypted_regex: ^a$\n  - files: [\"**\"]\n    recipients: [me]\n");
    world.file("a.yaml", YAML);
    world.file("b.env", "B=1\n");
    world
        .run(&["encrypt", "-i", "a.yaml", "b.env"])
        .gives("", "`a.yaml`: 1 value encrypted, 1 clear\n`b.env`: 1 value encrypted, none clear\n");
    let text = world.read("a.yaml");
    assert!(text.contains("\nkind: x\n") && text.contains("\n    encrypted_regex: \"^a$\"\n"), "{text}");
    assert!(world.read("b.env").contains("sops_rs__"));
    // Mixed repositories just work.
    world.run(&["exec-env", "a.yaml", "b.env", "--", "sh", "-c", "echo $A $B"]).gives("canary-7f3a91 1\n", "");
    world.run(&["who"]).gives("age, me  {ME}  (you)\n  a.yaml\n  b.env\n", "");
    world.run(&["rotate", "-r"]).gives("", "2 files: every value is encrypted anew under new data keys\n");
    world.run(&["updatekeys", "-r", "--check"]).gives("", "2 files: as the rules say\n");
    // A rule that finds nothing to encrypt is a mistake.
    world.file("c.yaml", "kind: x\n");
    world.run(&["encrypt", "-i", "c.yaml"]).fails(
        23,
        "sops-rs: error: `c.yaml`: the rule encrypts nothing in this file: no value has what `encrypted_regex: ^a$` asks for\n\
         sops-rs: hint: look at the rule's selector: its regular expressions are about single keys, not about paths\n",
    );
    world.config("  - files: [\"*.yaml\"]\n    recipients: [me]\n    dialect: sops\n    encrypt: [a]\n");
    world.run(&["encrypt", "c.yaml"]).fails(
        1,
        "sops-rs: error: `.sops-rs.yaml`: line 9, column 5: `encrypt` cannot be said in files of SOPS; it has `encrypted_regex` and \
         five more selectors\n",
    );
}

const TOML: &str = "# why\n[db]\npassword = \"canary-7f3a91\" # who\nport = 5432\nday = 1979-05-27\n";

#[test]
fn toml_stays_toml_by_a_rule_of_ours() {
    let world = World::new();
    world.identity();
    world.config("  - files: [\"**\"]\n    recipients: [me]\n    dialect: sops\n");
    world.file("a.toml", TOML);
    world.run(&["encrypt", "-i", "a.toml"]).gives("", "`a.toml`: 3 values and 2 comments encrypted, none clear\n");
    let text = world.read("a.toml");
    assert!(text.contains("\n[sops]\n") && text.contains("\npassword = \"ENC[AES256_GCM,"), "{text}");
    world.run(&["decrypt", "a.toml"]).gives(TOML, "");
    world.run(&["get", "a.toml", "db.day"]).gives("1979-05-27", "");
    world.run(&["set", "--json", "a.toml", "db.port", "1"]).gives("", "`a.toml`: `db.port` is set\n");
    world.run(&["set", "a.toml", "db.user", "me"]).gives("", "`a.toml`: `db.user` is set\n");
    world.run(&["unset", "a.toml", "db.day"]).gives("", "`a.toml`: `db.day` is gone\n");
    world.run(&["rotate", "a.toml"]).gives("", "`a.toml`: every value is encrypted anew under a new data key\n");
    let expected = TOML.replace("5432", "1").replace("day = 1979-05-27", "user = \"me\"");
    world.run(&["decrypt", "a.toml"]).gives(&expected, "");
    world.run(&["exec-env", "a.toml", "--", "sh", "-c", "echo $DB_PASSWORD $DB_PORT"]).gives("canary-7f3a91 1\n", "");
}

/// Others will read such a file with the real program.
#[test]
fn toml_is_binary_by_a_rule_of_sops() {
    let world = world(&format!("  - age: {ME}\n"));
    world.file("a.toml", TOML);
    world.run(&["encrypt", "-i", "a.toml"]).gives("", "`a.toml`: encrypted whole, as binary\n");
    assert!(world.read("a.toml").starts_with("{\n\t\"data\": \"ENC["));
    world.run(&["decrypt", "a.toml"]).gives(TOML, "");
}

#[test]
fn the_nearest_config_counts_and_ours_comes_first_in_one_folder() {
    let world = World::new();
    world.identity();
    sops_config(&world, &format!("  - age: {ME}\n"));
    world.file(
        "sub/.sops-rs.yaml",
        format!("version: 1\nrecipients: {{me: {ME}}}\nrules: [{{files: [\"**\"], recipients: [me]}}]\n"),
    );
    world.file("sub/deep/.sops.yaml", format!("creation_rules:\n  - age: {ME}\n"));
    for (name, is_sops) in [("a.yaml", true), ("sub/a.yaml", false), ("sub/deep/a.yaml", true)] {
        world.file(name, YAML);
        let output = world.run(&["encrypt", "-i", name]).output();
        assert!(output.status.success(), "{output:?}");
        assert_eq!(world.read(name).contains("\nsops:\n"), is_sops, "{name}");
    }
    // A named recipient makes a native file everywhere.
    world.file("b.yaml", YAML);
    assert!(world.run(&["encrypt", "-i", "-r", ME, "b.yaml"]).output().status.success());
    assert!(world.read("b.yaml").contains("\nsops-rs:\n"));
    // While a repository goes over, a file goes by the config of its own dialect.
    world.config("  - files: [\"**\"]\n    recipients: [me]\n");
    world.run(&["updatekeys", "a.yaml"]).gives("", "1 file: as the rules say\n");
    std::fs::remove_file(world.path(".sops.yaml")).expect("removed");
    world.run(&["updatekeys", "a.yaml"]).fails(
        1,
        "sops-rs: error: `a.yaml`: the file is of the dialect `sops`, and its rule says `native`\n\
         sops-rs: hint: `sops-rs convert --to native a.yaml` changes it\n",
    );
}

#[test]
fn what_sops_passes_over_in_its_config_is_told_once() {
    let world = World::new();
    world.identity();
    sops_config(&world, &format!("  - age: {ME}\n    encrypt_regex: ^a$\n"));
    world.file("a.yaml", YAML);
    world.file("b.yaml", YAML);
    let warning = "sops-rs: warning: `.sops.yaml`: line 3, column 5: unknown field `encrypt_regex` in a rule, which is ignored; did \
                   you mean `encrypted_regex`?\n";
    let done = "`a.yaml`: 2 values encrypted, none clear\n`b.yaml`: 2 values encrypted, none clear\n";
    world.run(&["encrypt", "-i", "a.yaml", "b.yaml"]).gives("", &format!("{warning}{done}"));
    let findings = String::from_utf8(world.run(&["doctor"]).output().stdout).expect("UTF-8");
    assert!(findings.contains("config: `.sops.yaml` of SOPS, 1 rule\n"), "{findings}");
    assert!(findings.contains("unknown field `encrypt_regex`"), "{findings}");
    assert!(findings.contains("files: 2 files encrypted\n"), "{findings}");
}

#[test]
fn init_leaves_a_repository_of_sops_alone() {
    let world = world(&format!("  - age: {ME}\n"));
    let before = world.snapshot();
    let output = world.run(&["init"]).output();
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(output.status.success() && said.contains("config: `.sops.yaml` of SOPS (there already)"), "{said}");
    assert!(world.snapshot() == before);
}

#[test]
fn a_key_that_somebody_put_there_a_second_time_is_not_read() {
    let world = World::new();
    world.identity();
    for (name, plaintext, place, more) in [
        ("a.json", "{\"a\": \"x\", \"b\": 1}\n", "\"b\":", "\"a\": \"\", \"b\":"),
        ("a.env", "a=x\nb=1\n", "\nb=", "\na=\nb="),
    ] {
        world.of_sops(name, plaintext);
        world.file(name, world.read(name).replacen(place, more, 1));
        let error =
            format!("sops-rs: error: `{name}`: `a` stands twice in one map, and it cannot be told which one counts\n");
        world.run(&["get", name, "a"]).fails(1, &error);
        world.run(&["exec-env", name, "--", "true"]).fails(1, &error);
    }
}

#[test]
fn a_config_is_not_encrypted() {
    let world = world(&format!("  - age: {ME}\n"));
    let config = world.read(".sops.yaml");
    world.file(".sops-rs.yaml", "version: 1\n");
    for name in [".sops.yaml", ".sops-rs.yaml"] {
        let error = format!(
            "sops-rs: error: `{name}`: holds the rules by which files are encrypted, and would not be read any more\n"
        );
        world.run(&["encrypt", "-i", name]).fails(23, &error);
        world.run(&["encrypt", "-i", "-r", ME, name]).fails(23, &error);
    }
    assert_eq!((world.read(".sops.yaml"), world.read(".sops-rs.yaml")), (config, "version: 1\n".to_owned()));
}

#[test]
fn what_is_wrong_with_a_rule_is_said_once() {
    let world = World::new();
    world.file("a.yaml", YAML);
    sops_config(&world, "  - age: age1xyz\n");
    let error =
        "sops-rs: error: `.sops.yaml`: line 2, column 10: rule 1: `age`: this age recipient is mistyped or cut off\n";
    world.run(&["encrypt", "a.yaml"]).fails(1, error);
    sops_config(&world, &format!("  - path_regex: b\n    age: {ME}\n"));
    world.run(&["encrypt", "a.yaml"]).fails(
        1,
        "sops-rs: error: loading config: no matching creation rules found: no rule in `.sops.yaml` is for `a.yaml`\n\
         sops-rs: hint: tried: line 2 (`b`)\n",
    );
}

#[test]
fn quotes_around_a_value_are_told_where_the_path_is_written_as_sops_does() {
    let world = world(&format!("  - age: {ME}\n"));
    let said = "`a.yaml`: `[\"a\"]` is set\n";
    let warned = format!("sops-rs: warning: the quotes are a part of the value; with --json they are not\n{said}");
    world.run(&["set", "a.yaml", "[\"a\"]", "\"x\""]).gives("", &warned);
    world.run(&["get", "a.yaml", "a"]).gives("\"x\"", "");
    world.run(&["set", "--json", "a.yaml", "[\"a\"]", "\"x\""]).gives("", said);
    world.run(&["get", "a.yaml", "a"]).gives("x", "");
}
