//! `init`.

use super::harness::{ME, MY_FILE, STRANGER, World};

const NEXT: &str =
    "next: `sops-rs edit .env` makes an encrypted file; one that is there already: `sops-rs encrypt -i .env`\n";

#[test]
fn it_makes_all_that_the_next_command_needs_and_nothing_twice() {
    let world = World::new();
    world.run(&["init"]).gives(
        "",
        &format!(
            "identity: made `[root]/home/.config/sops-rs/keys.txt`; keep it secret, and keep a copy\n\
             recipient: age1…\nconfig: made `.sops-rs.yaml`; commit it\n{NEXT}"
        ),
    );
    assert_eq!(world.snapshot()[&world.home(".config/sops-rs/keys.txt")].0 & 0o777, 0o600);
    let before = world.snapshot();
    let again = format!(
        "identity: `~/.config/sops-rs/keys.txt` (there already)\nrecipient: age1…\n\
         config: `.sops-rs.yaml` (there already)\n{NEXT}"
    );
    world.run(&["init"]).gives("", &again);
    assert_eq!(world.snapshot(), before);
    world.file(".env", "A=1\n");
    world.run(&["encrypt", "-i", ".env"]).gives("", "`.env`: 1 value encrypted, none clear\n");
    assert!(world.read(".env").contains("__name=me\n"));
}

#[test]
fn an_identity_that_is_there_is_used_under_a_name() {
    let world = World::new();
    let said = format!(
        "identity: `SOPS_AGE_KEY` (there already)\nrecipient: {{ME}}\nconfig: made `.sops-rs.yaml`; commit it\n{NEXT}"
    );
    let key = MY_FILE.lines().last().unwrap();
    world.run(&["init", "--name", "alice"]).env("SOPS_AGE_KEY", key).gives("", &said);
    assert!(world.read(".sops-rs.yaml").contains(&format!("\n  alice: {ME}\n")));
    assert!(!world.home(".config").exists());
}

#[test]
fn a_config_above_counts_and_a_newcomer_is_told_how_to_get_in() {
    let world = World::new();
    world.identity();
    world.file(
        ".sops-rs.yaml",
        format!("version: 1\nrecipients: {{a: {STRANGER}}}\nrules: [{{files: [\"*\"], recipients: [a]}}]\n"),
    );
    world.file("app/x", "");
    world.run(&["init", "--name", "bob"]).within("app").gives(
        "",
        "identity: `~/.config/sops-rs/keys.txt` (there already)\nrecipient: {ME}\n\
         config: `[root]/work/.sops-rs.yaml` (there already)\n\
         next: you cannot read its files yet; add `bob: {ME}` to its `recipients` and rules, \
         and ask a reader to run `sops-rs updatekeys -r`\n",
    );
}

#[test]
fn a_wrong_name_is_refused_before_anything_is_made() {
    let error = "sops-rs: error: `--name a b`: is not a name: a letter or a digit, then at most 63 letters, digits and `._@+-`\n";
    World::new().run(&["init", "--name", "a b"]).fails(1, error);
}
