//! The program called `sops`: where its config and its keys come from, and whom it wraps data keys for.

use std::os::unix::fs::symlink;

use super::harness::{ME, MY_FILE, PROGRAM, Run, STRANGER, STRANGER_FILE, World};

/// A fingerprint that `tests/gpg/gpg` takes for one of its own.
const FINGERPRINT: &str = "85D77543B3D624B63CEA9E6DBC17301B491B3F21";

fn sops<'w>(world: &'w World, arguments: &[&str]) -> Run<'w> {
    let link = world.home("sops");
    if !link.exists() {
        symlink(PROGRAM, &link).expect("a link");
    }
    let mut run = world.command(link.to_str().expect("UTF-8"));
    // What only stands in for `gpg` is a shell script.
    run.command.args(arguments).env("PATH", "/usr/local/bin:/usr/bin:/bin");
    run.env("SOPS_GPG_EXEC", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/gpg/gpg"))
}

fn rule(keys: &str) -> String {
    format!("creation_rules:\n  - {keys}\n")
}

/// A world in which `a.yaml` is encrypted to [`ME`].
fn encrypted() -> World {
    let world = World::new();
    world.identity();
    world.file("a.yaml", "a: x\n");
    sops(&world, &["encrypt", "-i", "--age", ME, "a.yaml"]).gives("", "");
    world
}

fn second(world: &World) {
    world.home_file("stranger.txt", STRANGER_FILE);
}

/// A report without its line breaks.
fn unwrapped(said: &str) -> String {
    said.split_whitespace().filter(|word| *word != "|").collect::<Vec<_>>().join(" ")
}

#[test]
fn rules_are_about_the_path_by_which_the_user_came() {
    let world = World::new();
    world.identity();
    world.file("real/.sops.yaml", rule(&format!("{{path_regex: '^x\\.yaml$', age: {ME}}}")));
    world.file("real/x.yaml", "a: x\n");
    symlink(world.path("real"), world.path("link")).expect("a link");
    let file = world.path("link/x.yaml");
    let run = || sops(&world, &["encrypt", "-i", file.to_str().expect("UTF-8")]).within("link");
    // Only the shell knows by which name the user came.
    run().env("PWD", world.path("link")).gives("", "");
    assert!(world.read("real/x.yaml").contains("sops:"));

    world.file("real/x.yaml", "a: x\n");
    for elsewhere in ["relative", "/nowhere", "/"] {
        let output = run().env("PWD", elsewhere).output();
        assert_eq!(output.status.code(), Some(1), "PWD is not where the program runs: {elsewhere}");
    }
}

#[test]
fn a_named_config_comes_before_the_one_that_is_found() {
    let world = encrypted();
    world.file(".sops.yaml", "creation_rules: [\n");
    let wrong = "`.sops.yaml`: line 2, column 1: this is not valid YAML: did not find expected node content\n";
    let output = sops(&world, &["decrypt", "a.yaml"]).output();
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(1), "every command needs a config that can be read");
    assert!(said.starts_with(&wrong[..14]), "{said}");
    for config in ["/dev/null", "other.yaml"] {
        world.file("other.yaml", rule(&format!("age: {ME}")));
        sops(&world, &["--config", config, "decrypt", "a.yaml"]).gives("a: x\n", "");
        sops(&world, &["decrypt", "a.yaml"]).env("SOPS_CONFIG", config).gives("a: x\n", "");
    }
    let run = sops(&world, &["--config", "/dev/null", "decrypt", "a.yaml"]);
    run.env("SOPS_CONFIG", "missing").gives("a: x\n", "");
    let output = sops(&world, &["decrypt", "a.yaml"]).env("SOPS_CONFIG", "missing").output();
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn wrong_places_of_keys_are_told_only_when_nothing_fits() {
    let world = encrypted();
    world.home_file(".ssh/id_rsa", "rubbish\n");
    let run = |command: &str| {
        sops(&world, &["decrypt", "a.yaml"])
            .env("SOPS_AGE_KEY", "rubbish")
            .env("SOPS_AGE_KEY_FILE", "")
            .env("XDG_CONFIG_HOME", "/nonexistent")
            .env("SOPS_AGE_KEY_CMD", command)
    };
    run(&format!("echo {}", MY_FILE.lines().last().expect("a key"))).gives("a: x\n", "");
    let output = run("false").output();
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(128), "{said}");
    assert!(said.starts_with("Failed to get the data key required to decrypt the SOPS file.\n"), "{said}");
    let words = unwrapped(&said);
    for what in
        ["'SOPS_AGE_KEY', line 1: not an identity", "'SOPS_AGE_KEY_FILE' is set, but empty", "not an ssh private key"]
    {
        assert!(words.contains(what), "{what}: {said}");
    }
}

#[test]
fn a_command_is_told_whose_key_is_wanted() {
    let world = encrypted();
    world.home_file(ME, MY_FILE);
    let command = format!("sh -c 'cat {}$SOPS_AGE_RECIPIENT'", world.home("").display());
    let run = sops(&world, &["decrypt", "a.yaml"]).env("XDG_CONFIG_HOME", "/nonexistent");
    run.env("SOPS_AGE_KEY_CMD", command).gives("a: x\n", "");
}

#[test]
fn pgp_keys_go_through_gpg_in_the_order_asked_for() {
    let world = World::new();
    world.identity();
    world.file("a.yaml", "a: x\n");
    sops(&world, &["encrypt", "-i", "--age", STRANGER, "--pgp", FINGERPRINT, "a.yaml"]).gives("", "");
    assert!(world.read("a.yaml").contains(&format!("fp: {FINGERPRINT}")));
    // No identity of age fits, so this is what `gpg` opened.
    sops(&world, &["decrypt", "a.yaml"]).gives("a: x\n", "");
    for order in ["pgp,age", "pgp", "kms,pgp"] {
        let run = sops(&world, &["decrypt", "a.yaml"]).env("SOPS_AGE_KEY_CMD", "touch asked");
        run.env("SOPS_DECRYPTION_ORDER", order).gives("a: x\n", "");
        assert!(!world.path("asked").exists(), "age was tried first: {order}");
    }
    sops(&world, &["decrypt", "--decryption-order", "age,pgp", "a.yaml"]).gives("a: x\n", "");
    for (option, variable) in [("age,age", "pgp"), ("", "pgp,x,pgp")] {
        let arguments = ["decrypt", "--decryption-order", option, "a.yaml"];
        let arguments = if option.is_empty() { &["decrypt", "a.yaml"][..] } else { &arguments };
        let output = sops(&world, arguments).env("SOPS_DECRYPTION_ORDER", variable).output();
        assert_eq!(output.status.code(), Some(112));
    }
    let run = sops(&world, &["decrypt", "a.yaml"]).env("SOPS_GPG_EXEC", "/nonexistent/gpg");
    let said = String::from_utf8(run.output().stderr).expect("UTF-8");
    assert!(unwrapped(&said).contains("the program `/nonexistent/gpg` is not there"), "{said}");
}

#[test]
fn nothing_is_wrapped_for_a_key_that_nobody_has_named() {
    let world = encrypted();
    second(&world);
    // Anybody can write this, and would read on after the next rotation.
    let entry = format!("        - recipient: {STRANGER}\n          enc: x\n    lastmodified");
    world.file("a.yaml", world.read("a.yaml").replacen("    lastmodified", &entry, 1));
    let before = world.read("a.yaml");
    for arguments in [&["rotate", "-i", "a.yaml"][..], &["groups", "add", "-i", "-f", "a.yaml", "--age", ME]] {
        let output = sops(&world, arguments).output();
        let said = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(said.contains(STRANGER) && said.contains("nobody else has confirmed"), "{said}");
        assert_eq!(world.read("a.yaml"), before);
    }
    // A new reader gets what the file has, and whoever stands there gets nothing by that.
    world.file(".sops.yaml", rule(&format!("age: {ME}")));
    sops(&world, &["updatekeys", "-y", "a.yaml"]).output();
    assert!(!world.read("a.yaml").contains(STRANGER), "the rule does not name it");
    sops(&world, &["decrypt", "a.yaml"]).gives("a: x\n", "");
}

#[test]
fn whoever_is_removed_does_not_read_on() {
    let world = encrypted();
    second(&world);
    let stranger = || sops(&world, &["decrypt", "a.yaml"]).env("SOPS_AGE_KEY_FILE", world.home("stranger.txt"));
    let stranger = || stranger().env("XDG_CONFIG_HOME", "/nonexistent");
    let token = || world.read("a.yaml").lines().next().expect("a line").to_owned();
    let first = token();
    world.file(".sops.yaml", rule(&format!("age: '{ME},{STRANGER}'")));
    sops(&world, &["updatekeys", "-y", "a.yaml"]).output();
    stranger().gives("a: x\n", "");
    assert_eq!(token(), first, "who comes gets the data key that there is");
    world.file(".sops.yaml", rule(&format!("age: {ME}")));
    sops(&world, &["updatekeys", "-y", "a.yaml"]).output();
    assert_eq!(stranger().output().status.code(), Some(128));
    assert_ne!(token(), first, "whoever goes knows the old data key");
    sops(&world, &["decrypt", "a.yaml"]).gives("a: x\n", "");
}

#[test]
fn keys_of_other_services_stay_until_they_are_removed_by_name() {
    let world = encrypted();
    let arn = "arn:aws:kms:us-east-1:1:key/x";
    let entry = format!(
        "    kms:\n        - arn: {arn}\n          created_at: \"2026-01-01T00:00:00Z\"\n          enc: what only the service opens\n    lastmodified"
    );
    world.file("a.yaml", world.read("a.yaml").replacen("    lastmodified", &entry, 1));
    world.file(".sops.yaml", rule(&format!("{{age: '{ME},{STRANGER}', kms: '{arn}'}}")));
    sops(&world, &["updatekeys", "-y", "a.yaml"]).output();
    let with_stranger = world.read("a.yaml");
    assert!(
        with_stranger.contains("enc: what only the service opens") && with_stranger.contains(STRANGER),
        "{with_stranger}"
    );
    let output = sops(&world, &["rotate", "-i", "a.yaml"]).output();
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(output.status.code() == Some(1) && said.contains(arn), "{said}");
    assert_eq!(world.read("a.yaml"), with_stranger);
    sops(&world, &["rotate", "-i", "--rm-kms", arn, "a.yaml"]).gives("", "");
    assert!(!world.read("a.yaml").contains("kms:"));
    sops(&world, &["decrypt", "a.yaml"]).gives("a: x\n", "");
}

#[test]
fn a_new_key_of_a_group_gets_the_share_of_its_group() {
    let world = World::new();
    world.identity();
    second(&world);
    world.file("a.yaml", "a: x\n");
    let groups = |second: &str| format!("key_groups: [{{age: [{ME}]}}, {second}]");
    world.file(".sops.yaml", rule(&groups(&format!("{{pgp: [{FINGERPRINT}]}}"))));
    sops(&world, &["encrypt", "-i", "a.yaml"]).gives("", "");
    let before = world.read("a.yaml");
    world.file(".sops.yaml", rule(&groups(&format!("{{pgp: [{FINGERPRINT}], age: [{STRANGER}]}}"))));
    sops(&world, &["updatekeys", "-y", "a.yaml"]).output();
    let after = world.read("a.yaml");
    // Nothing of what was there before is another one now.
    let new = after.lines().filter(|line| !before.lines().any(|old| old == *line));
    assert!(after.contains(STRANGER) && new.filter(|line| line.contains("ENC[")).count() == 0, "{after}");
    let run = sops(&world, &["decrypt", "a.yaml"]).env("SOPS_GPG_EXEC", "/nonexistent/gpg");
    run.env("SOPS_AGE_KEY_FILE", world.home("stranger.txt")).gives("a: x\n", "");
    let alone = sops(&world, &["decrypt", "a.yaml"]).env("SOPS_GPG_EXEC", "/nonexistent/gpg").output();
    let said = String::from_utf8(alone.stderr).expect("UTF-8");
    assert!(said.contains("Group 0: SUCCESS") && said.contains("only 1 part(s)"), "{said}");
}
