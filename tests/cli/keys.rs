//! `keys`.

use super::harness::{ME, MY_FILE, STRANGER, STRANGER_FILE, World};

#[test]
fn identities_are_listed_by_place_with_the_names_of_the_config() {
    let world = World::ready();
    world.file("both.txt", format!("{STRANGER_FILE}{MY_FILE}AGE-PLUGIN-MIRROR-1D4JEE5\n"));
    world.home_file(".ssh/id_ed25519", include_str!("../../testdata/keys/ssh_ed25519_passphrase"));
    let ssh = include_str!("../../testdata/keys/ssh_ed25519_passphrase.pub");
    let ssh = ssh.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    let run = || world.run(&["keys"]).env("SOPS_AGE_KEY_FILE", "both.txt");
    let expected = format!(
        "~/.ssh/id_ed25519\n  {ssh}, behind a passphrase\n\
         both.txt (SOPS_AGE_KEY_FILE)\n  {{STRANGER}} `stranger`\n  {{ME}} `me`\n  \
         of the plugin `age-plugin-mirror`, which alone knows its recipient\n\
         ~/.config/sops-rs/keys.txt\n  {{ME}} `me`\n"
    );
    run().gives(&expected, "");
    // A config that is wrong is no reason not to list them.
    world.file(".sops-rs.yaml", "rules: x\n");
    run().gives(&expected.replace(" `me`", "").replace(" `stranger`", ""), "");
}

#[test]
fn commands_are_run_only_when_that_is_asked_for() {
    let world = World::new();
    world.file("key.txt", STRANGER_FILE);
    let run = |arguments: &[&str]| {
        let run = world.run(&[&["keys"], arguments].concat()).env("PATH", "/usr/bin:/bin");
        run.env("SOPS_AGE_KEY_CMD", "sh -c 'echo ran >> ran; cat key.txt'")
    };
    run(&[]).gives("SOPS_AGE_KEY_CMD\n  a command; --unlock runs it\n", "");
    assert!(!world.path("ran").exists());
    run(&["--unlock"]).gives("SOPS_AGE_KEY_CMD\n  {STRANGER}\n", "");
    assert_eq!(world.read("ran"), "ran\n");
}

#[test]
fn a_passphrase_is_not_asked_for_and_secrets_are_not_shown() {
    let world = World::new();
    world.file("locked.txt", include_bytes!("../../testdata/keys/locked_stranger.txt"));
    world
        .run(&["keys", "--identity", "locked.txt"])
        .gives("locked.txt\n  behind a passphrase; --unlock asks for it\n", "");
    world.identity();
    for arguments in [&["keys"][..], &["keys", "--json"], &["keys", "--unlock"]] {
        let output = world.run(arguments).env("SOPS_AGE_KEY", STRANGER_FILE.lines().last().expect("a key")).output();
        let all = [output.stdout, output.stderr].concat();
        let all = String::from_utf8(all).expect("UTF-8");
        assert!(all.contains(ME) && all.contains(STRANGER), "{all}");
        assert!(!all.contains("SECRET"), "{all}");
    }
}

#[test]
fn machines_read_json() {
    let world = World::ready();
    let output = world.run(&["keys", "--json"]).output();
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let expected = serde_json::json!([
        { "place": "~/.config/sops-rs/keys.txt", "sort": "silent", "recipient": ME, "name": "me" },
    ]);
    assert_eq!(value["identities"], expected);
    assert!(value["empty_places"].as_array().expect("a list").contains(&"SOPS_AGE_KEY".into()));
}

#[test]
fn without_an_identity_it_says_what_to_do() {
    let world = World::new();
    let output = world.run(&["keys"]).output();
    assert!(output.status.success() && output.stdout.is_empty());
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(said.starts_with("no identity; looked at `SOPS_AGE_SSH_PRIVATE_KEY_FILE`, "), "{said}");
    assert!(said.ends_with("\nmake one with `sops-rs init`, or name one with --identity FILE\n"), "{said}");
    let error = "sops-rs: error: `gone.txt` (`SOPS_AGE_KEY_FILE`): cannot be read: no such file\n";
    world.run(&["keys"]).env("SOPS_AGE_KEY_FILE", "gone.txt").fails(128, error);
}
