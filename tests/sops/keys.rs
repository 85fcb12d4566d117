//! Recipients, key groups and the MAC: what decrypts, what does not, and how they are changed.

use std::fs;

use serde_json::{Value as Json, json};

use crate::formats::{opened, yaml};
use crate::harness::World;
use crate::program::{A, B, C, Sops, is_oracle, ready, refused, succeeds, testdata};

/// A world with a file whose `.sops.yaml` has this rule.
fn encrypted(rule: &str) -> World {
    let world = World::new();
    world.file(".sops.yaml", format!("creation_rules:\n  - {rule}\n"));
    world.file("a.yaml", "a: secret\nb: [1, two]\n");
    world.gives_text(&["encrypt", "-i", "a.yaml"]);
    world
}

fn groups(thresholds: &str, groups: &[&[&str]]) -> String {
    let groups: Vec<_> = groups.iter().map(|keys| format!("{{age: [{}]}}", keys.join(", "))).collect();
    format!("{{{thresholds} key_groups: [{}]}}", groups.join(", "))
}

/// Whether the identities of this file open `a.yaml`; if not, the data key is what is missing.
fn opens(world: &World, identities: &str) -> bool {
    let keys = testdata("sops/keys").join(identities);
    let output = world.sops(&["decrypt", "a.yaml"]).env("SOPS_AGE_KEY_FILE", keys).output();
    let code = output.status.code();
    assert!(code == Some(0) || code == Some(128), "{code:?}: {}", String::from_utf8_lossy(&output.stderr));
    assert!(code == Some(0) || String::from_utf8_lossy(&output.stderr).contains("Failed to get the data key"));
    code == Some(0)
}

/// The recipients of `a.yaml`, group by group.
fn recipients(world: &World) -> Vec<Vec<String>> {
    let metadata = &yaml(&world.read("a.yaml"))["sops"];
    let of = |group: &Json| -> Vec<_> {
        let keys = group["age"].as_array().into_iter().flatten();
        keys.map(|key| key["recipient"].as_str().expect("a text").to_owned()).collect()
    };
    match metadata["key_groups"].as_array() {
        Some(groups) => groups.iter().map(of).collect(),
        None => vec![of(metadata)],
    }
}

#[test]
fn any_recipient_opens_a_file_without_groups() {
    let world = encrypted(&format!("age: '{A},{B}'"));
    assert_eq!(recipients(&world), [[A, B]]);
    for (identities, is_open) in
        [("a.txt", true), ("b.txt", true), ("c.txt", false), ("bc.txt", true), ("nope.txt", false)]
    {
        assert_eq!(opens(&world, identities), is_open, "{identities}");
    }
    let secret = fs::read_to_string(testdata("sops/keys/b.txt")).expect("an identity");
    let run = world.sops(&["decrypt", "a.yaml"]).env("SOPS_AGE_KEY", &secret);
    assert_eq!(
        succeeds(run.env("SOPS_AGE_KEY_FILE", "/dev/null")),
        "a: secret\nb:\n    - 1\n    - two\n".replace(
            "b:\n    - 1\n    - two\n",
            if is_oracle() { "b:\n    - 1\n    - two\n" } else { "b: [1, two]\n" }
        )
    );
    let run = world
        .sops(&["decrypt", "a.yaml"])
        .env("SOPS_AGE_KEY_CMD", format!("/bin/echo '{}'", secret.lines().last().expect("a key")));
    succeeds(run.env("SOPS_AGE_KEY_FILE", "/dev/null"));
    world.home_file(".config/sops/age/keys.txt", &secret);
    let mut run = world.sops(&["decrypt", "a.yaml"]);
    run.command.env_remove("SOPS_AGE_KEY_FILE");
    succeeds(run);
}

#[test]
fn groups_are_opened_by_as_many_as_the_threshold_says() {
    for (threshold, two_do) in [("shamir_threshold: 2,", true), ("", false)] {
        let world = encrypted(&groups(threshold, &[&[A], &[B], &[C]]));
        assert_eq!(recipients(&world), [[A], [B], [C]]);
        assert_eq!(yaml(&world.read("a.yaml"))["sops"]["shamir_threshold"], json!(if two_do { 2 } else { 3 }));
        for identities in ["ab.txt", "bc.txt", "ac.txt"] {
            assert_eq!(opens(&world, identities), two_do, "{identities}");
        }
        assert!(opens(&world, "abc.txt") && !opens(&world, "a.txt") && !opens(&world, "wrong.txt"));
    }
    let world = encrypted(&groups("", &[&[A], &[B]]));
    assert!(opens(&world, "ab.txt") && !opens(&world, "a.txt"));
    // What is set with all keys at hand is opened by them.
    let keys = testdata("sops/keys/ab.txt");
    succeeds(world.sops(&["set", "a.yaml", "[\"a\"]", "\"new\""]).env("SOPS_AGE_KEY_FILE", &keys));
    assert!(succeeds(world.sops(&["decrypt", "a.yaml"]).env("SOPS_AGE_KEY_FILE", &keys)).starts_with("a: new\n"));
}

#[test]
fn groups_without_keys_are_refused() {
    for rule in ["path_regex: ''", "key_groups: []", "key_groups: [{}]"] {
        let world = World::new();
        world.file(".sops.yaml", format!("creation_rules:\n  - {rule}\n"));
        world.file("a.yaml", "a: secret");
        for arguments in [&["encrypt", "-i", "a.yaml"][..], &["-e", "a.yaml"]] {
            let stderr = world.refuses(1, arguments);
            assert_eq!(stderr, "Could not generate data key: [empty key group provided]\n", "{rule}");
        }
    }
    let world = World::new();
    world.file(".sops.yaml", format!("creation_rules:\n  - {}\n", groups("shamir_threshold: 3,", &[&[A], &[B]])));
    world.file("a.yaml", "a: secret");
    world.refuses(1, &["encrypt", "-i", "a.yaml"]);
}

#[test]
fn a_missing_or_other_mac_is_refused_unless_ignored() {
    let world = encrypted(&format!("age: {A}"));
    let text = world.read("a.yaml");
    let mac = text.lines().find(|line| line.trim_start().starts_with("mac: ")).expect("a MAC");
    world.file("none.yaml", text.replace(&format!("{mac}\n"), ""));
    let list = text.lines().find(|line| line.starts_with("a: ")).expect("a value");
    world.file("less.yaml", text.replace(&format!("{list}\n"), ""));
    for name in ["none.yaml", "less.yaml"] {
        let stderr = world.refuses(51, &["decrypt", name]);
        assert!(stderr.contains("MAC mismatch"), "{stderr}");
        world.refuses(51, &["-d", name]);
        world.refuses(51, &["rotate", "-i", name]);
        assert!(world.gives_text(&["decrypt", "--ignore-mac", name]).contains("two"));
        assert!(world.gives_text(&["-d", "--ignore-mac", name]).contains("two"));
    }
}

#[test]
fn rotate_makes_a_new_data_key_for_the_recipients() {
    let world = encrypted(&format!("age: '{A},{B}'"));
    let before = yaml(&world.read("a.yaml"));
    let printed = yaml(&world.gives_text(&["rotate", "a.yaml"]));
    assert_eq!(yaml(&world.read("a.yaml")), before);
    assert!(printed["a"] != before["a"] && printed["sops"]["age"][0]["enc"] != before["sops"]["age"][0]["enc"]);
    world.gives_text(&["rotate", "-i", "a.yaml"]);
    assert_ne!(yaml(&world.read("a.yaml"))["a"], before["a"]);
    assert!(opens(&world, "a.txt") && opens(&world, "b.txt"));
    world.gives_text(&["-r", "-i", "a.yaml"]);
    assert!(opens(&world, "a.txt") && opens(&world, "b.txt"));
    assert_eq!(opened(&world, "a.yaml"), json!({ "a": "secret", "b": [1, "two"] }));
}

#[test]
fn rotate_adds_and_removes_recipients() {
    let world = encrypted(&format!("age: '{A},{B}'"));
    world.gives_text(&["rotate", "-i", "--add-age", C, "--rm-age", B, "a.yaml"]);
    assert_eq!(recipients(&world), [[A, C]]);
    assert!(opens(&world, "a.txt") && opens(&world, "c.txt") && !opens(&world, "b.txt"));
    world.gives_text(&["-r", "-i", "--rm-age", C, "a.yaml"]);
    assert_eq!(recipients(&world), [[A]]);
    let stderr = world.refuses(1, &["rotate", "-i", "--rm-age", A, "a.yaml"]);
    assert!(stderr.contains("empty key group provided"), "{stderr}");
    world.refuses(49, &["rotate", "-i", "--add-age", B, "nope.yaml"]);
    world.refuses(2, &["rotate", "-i", "nope.yaml"]);
}

#[test]
fn updatekeys_follows_the_rules() {
    let world = encrypted(&format!("age: '{A},{B}'"));
    let before = yaml(&world.read("a.yaml"));
    world.file(".sops.yaml", format!("creation_rules:\n  - age: '{A},{C}'\n"));
    let output = world.sops(&["updatekeys", "a.yaml"]).stdin("n\n").output();
    assert_eq!((output.status.code(), yaml(&world.read("a.yaml"))), (Some(0), before.clone()));
    let output = world.sops(&["updatekeys", "a.yaml"]).stdin("y\n").output();
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{output:?}");
    for line in [format!("    {A}"), format!("+++ {C}"), format!("--- {B}")] {
        assert!(stdout.lines().any(|printed| printed.starts_with(&line)), "{line} is not in {stdout}");
    }
    assert_eq!(recipients(&world), [[A, C]]);
    assert!(opens(&world, "c.txt") && !opens(&world, "b.txt"));
    let after = yaml(&world.read("a.yaml"));
    // SOPS keeps the data key, which the removed reader may still know.
    assert_eq!(after["a"] == before["a"], is_oracle());
    let output = world.sops(&["updatekeys", "-y", "a.yaml"]).output();
    assert!(output.status.success() && yaml(&world.read("a.yaml")) == after);
    // A reader who comes leaves the values as they are.
    world.file(".sops.yaml", format!("creation_rules:\n  - age: '{A},{C},{B}'\n"));
    assert!(world.sops(&["updatekeys", "-y", "a.yaml"]).output().status.success());
    let grown = yaml(&world.read("a.yaml"));
    assert!(recipients(&world) == [[A, C, B]] && opens(&world, "b.txt"));
    assert_eq!((&grown["a"], &grown["sops"]["mac"]), (&after["a"], &after["sops"]["mac"]));
    world.refuses(1, &["updatekeys", "-y", "nope.yaml"]);
    fs::remove_file(world.path(".sops.yaml")).expect("removed");
    world.refuses(1, &["updatekeys", "-y", "a.yaml"]);
}

#[test]
fn updatekeys_goes_from_one_group_to_several() {
    let world = encrypted(&format!("age: {A}"));
    world.file(".sops.yaml", format!("creation_rules:\n  - {}\n", groups("", &[&[A], &[B, C]])));
    let output = world.sops(&["updatekeys", "--yes", "a.yaml"]).output();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(recipients(&world), [vec![A], vec![B, C]]);
    assert!(opens(&world, "ab.txt") && opens(&world, "ac.txt") && !opens(&world, "a.txt") && !opens(&world, "bc.txt"));
}

#[test]
fn groups_are_added_and_deleted() {
    let world = encrypted(&groups("shamir_threshold: 2,", &[&[A], &[B]]));
    let keys = testdata("sops/keys/abc.txt");
    let run = |arguments: &[&str]| world.sops(arguments).env("SOPS_AGE_KEY_FILE", &keys);
    succeeds(run(&["groups", "add", "-f", "a.yaml", "--age", C, "-i"]));
    assert_eq!(recipients(&world), [[A], [B], [C]]);
    assert!(opens(&world, "bc.txt") && !opens(&world, "c.txt"));
    // Keys that only stand in the file get no new data key from us; SOPS looks at no rule here.
    world.file(".sops.yaml", format!("creation_rules:\n  - {}\n", groups("shamir_threshold: 2,", &[&[B], &[C]])));
    let printed = succeeds(run(&["groups", "delete", "-f", "a.yaml", "0"]));
    assert_eq!(yaml(&printed)["sops"]["key_groups"].as_array().map(Vec::len), Some(2));
    succeeds(run(&["groups", "delete", "-f", "a.yaml", "-i", "0"]));
    assert_eq!(recipients(&world), [[B], [C]]);
    assert!(opens(&world, "bc.txt") && !opens(&world, "ab.txt"));
    refused(&world, 1, run(&["groups", "delete", "-f", "a.yaml", "-i", "0"]));
    if !is_oracle() {
        // SOPS writes a file that nobody can open any more.
        refused(&world, 1, run(&["groups", "add", "-f", "a.yaml", "-i"]));
        refused(&world, 1, run(&["groups", "add", "-f", "a.yaml", "-i", "--age", "age1nobody"]));
    }
}

#[test]
fn keys_of_other_services_stay() {
    let world = encrypted(&format!("age: {A}"));
    let kms = "    kms:\n        - arn: arn:aws:kms:us-east-1:1:key/2\n          context:\n            x: \"y\"\n          created_at: \"2026-01-02T03:04:05Z\"\n          \
               enc: AQICAHg=\n          aws_profile: \"\"\n";
    world.file("a.yaml", world.read("a.yaml").replacen("sops:\n", &format!("sops:\n{kms}"), 1));
    world.gives_text(&["set", "a.yaml", "[\"a\"]", "\"new\""]);
    succeeds(world.sops(&["edit", "a.yaml"]).env("EDITOR", "sh -c 'echo c: d >> \"$0\"'"));
    let metadata = &yaml(&world.read("a.yaml"))["sops"];
    assert_eq!(metadata["kms"][0]["enc"], "AQICAHg=");
    assert_eq!(metadata["kms"][0]["context"], json!({ "x": "y" }));
    assert_eq!(opened(&world, "a.yaml")["c"], "d");
}

#[test]
fn what_needs_a_service_fails_with_a_reason() {
    if is_oracle() {
        return; // SOPS would call it.
    }
    let world = ready();
    world.file("a.yaml", "a: b\n");
    let arn = "arn:aws:kms:us-east-1:111122223333:key/x";
    let stderr = world.refuses(1, &["encrypt", "--kms", arn, "a.yaml"]);
    assert!(stderr.contains("kms"), "{stderr}");
    world.gives_text(&["encrypt", "-i", "a.yaml"]);
    for (arguments, word) in [
        (&["publish", "a.yaml"][..], "publish"),
        (&["keyservice"], "keyservice"),
        (&["rotate", "-i", "--add-kms", arn, "a.yaml"], "kms"),
        (&["decrypt", "--enable-local-keyservice=false", "--keyservice", "tcp://127.0.0.1:1", "a.yaml"], "keyservice"),
    ] {
        let output = world.sops(arguments).output();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && stderr.contains(word), "{arguments:?}: {stderr}");
    }
    // A new data key cannot be wrapped for a service, so that reader would be lost.
    let kms = format!(
        "    kms:\n        - arn: {arn}\n          created_at: \"2026-01-02T03:04:05Z\"\n          enc: AQICAHg=\n"
    );
    world.file("a.yaml", world.read("a.yaml").replacen("sops:\n", &format!("sops:\n{kms}"), 1));
    let stderr = world.refuses(1, &["rotate", "-i", "a.yaml"]);
    assert!(stderr.contains("kms"), "{stderr}");
}

#[test]
fn the_order_of_keys_is_checked() {
    let world = ready();
    world.file("a.yaml", "a: b\n");
    world.gives_text(&["encrypt", "-i", "a.yaml"]);
    assert_eq!(world.gives_text(&["decrypt", "--decryption-order", "pgp,age", "a.yaml"]), "a: b\n");
    world.refuses(112, &["decrypt", "--decryption-order", "age,pgp,age", "a.yaml"]);
    refused(&world, 112, world.sops(&["decrypt", "a.yaml"]).env("SOPS_DECRYPTION_ORDER", "age,age"));
}
