//! Identities, from every place where one may be.

use super::harness::{CANARY, ME, MIRROR, MY_FILE, Run, STRANGER, STRANGER_FILE, World};

const SSH: &str = include_str!("../../testdata/keys/ssh_ed25519");
const RSA: &str = include_str!("../../testdata/keys/ssh_rsa");

/// A world with one file for all keys of the tests, and no identity.
fn world() -> World {
    let world = World::new();
    let ssh = include_str!("../../testdata/keys/ssh_ed25519.pub");
    let rsa = include_str!("../../testdata/keys/ssh_rsa.pub");
    world.file("a.env", "A=canary-7f3a91\n");
    let run = world.run(&["encrypt", "-i", "-r", ME, "-r", ssh.trim(), "-r", rsa.trim(), "a.env"]);
    run.gives("", "`a.env`: 1 value encrypted, none clear\n");
    world
}

#[test]
fn every_variable_is_read() {
    let secret = MY_FILE.lines().last().unwrap();
    let world = world();
    world.file("key.txt", MY_FILE);
    world.file("ssh key", SSH);
    let key_cmd = format!("cat '{}'", world.path("key.txt").display());
    let ssh_cmd = format!("cat '{}'", world.path("ssh key").display());
    for (name, value) in [
        ("SOPS_AGE_KEY", secret),
        ("SOPS_AGE_KEY", MY_FILE),
        ("SOPS_AGE_KEY_FILE", "key.txt"),
        ("SOPS_AGE_KEY_CMD", &key_cmd),
        ("SOPS_AGE_SSH_PRIVATE_KEY_FILE", "ssh key"),
        ("SOPS_AGE_SSH_PRIVATE_KEY_CMD", &ssh_cmd),
    ] {
        world.run(&["decrypt", "a.env"]).env("PATH", "/usr/bin:/bin").env(name, value).gives("A=canary-7f3a91\n", "");
    }
}

#[test]
fn a_post_quantum_reader_reads() {
    let file = include_str!("../../testdata/keys/hybrid.txt");
    let recipient = file.lines().find_map(|line| line.strip_prefix("# public key: ")).unwrap();
    let world = World::new();
    for name in ["a.yaml", "a.json", "a.env"] {
        let text = match name {
            "a.json" => "{\"a\": \"canary-7f3a91\"}\n",
            "a.env" => "A=canary-7f3a91\n",
            _ => "a: canary-7f3a91\n",
        };
        world.file(name, text);
        let run = world.run(&["encrypt", "-i", "-r", recipient, name]);
        run.gives("", &format!("`{name}`: 1 value encrypted, none clear\n"));
        world.run(&["decrypt", name]).env("SOPS_AGE_KEY", file.lines().last().unwrap()).gives(text, "");
    }
}

#[test]
fn every_default_place_is_read() {
    for (name, text) in [
        (".config/sops-rs/keys.txt", MY_FILE),
        (".config/sops/age/keys.txt", MY_FILE),
        (".ssh/id_ed25519", SSH),
        (".ssh/id_rsa", RSA),
    ] {
        let world = world();
        world.home_file(name, text);
        world.run(&["decrypt", "a.env"]).gives("A=canary-7f3a91\n", "");
    }
}

#[test]
fn named_files_are_read_several_of_them() {
    let world = world();
    world.file("mine", MY_FILE);
    world.file("other", STRANGER_FILE);
    world.file("both", format!("{STRANGER_FILE}{MY_FILE}"));
    world.run(&["decrypt", "--identity", "other", "--identity", "mine", "a.env"]).gives("A=canary-7f3a91\n", "");
    world.run(&["decrypt", "--identity", "both", "a.env"]).gives("A=canary-7f3a91\n", "");
    let run = world.run(&["exec-env", "--identity", "mine", "a.env", "--", "/bin/sh", "-c", "echo $A"]);
    run.gives("canary-7f3a91\n", "");
}

#[test]
fn an_identity_that_was_asked_for_must_be_there_and_right() {
    let world = world();
    world.file("bad", format!("{CANARY}\n"));
    let missing = "cannot be read: no such file";
    let wrong = "not an identity: `AGE-SECRET-KEY-1…` or `AGE-PLUGIN-…` is expected";
    let fails = |run: Run<'_>, error: &str| run.fails(128, &format!("sops-rs: error: {error}\n"));
    fails(world.run(&["decrypt", "--identity", "gone", "a.env"]), &format!("`gone`: {missing}"));
    fails(world.run(&["decrypt", "--identity", "bad", "a.env"]), &format!("`bad`, line 1: {wrong}"));
    let run = || world.run(&["decrypt", "a.env"]);
    let gone = format!("`gone` (`SOPS_AGE_KEY_FILE`): {missing}");
    fails(run().env("SOPS_AGE_KEY_FILE", "gone"), &gone);
    fails(run().env("SOPS_AGE_KEY", CANARY), &format!("`SOPS_AGE_KEY`, line 1: {wrong}"));
    let run = run().env("SOPS_AGE_KEY_CMD", "false").env("PATH", "/usr/bin:/bin");
    run.fails(1, "sops-rs: error: `a.env`: `SOPS_AGE_KEY_CMD`: the command failed (exit status: 1)\n");
}

#[test]
fn who_has_no_identity_is_told_where_one_was_looked_for() {
    world().run(&["decrypt", "a.env"]).fails(
        128,
        "sops-rs: error: `a.env`: no identity matched any of its 3 recipients\n\
         sops-rs: hint: encrypted to `recipient-1` ({ME}), \
         `recipient-2` (ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOLf…), \
         `recipient-3` (ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQCW…)\n\
         sops-rs: hint: you have no identity; looked at `SOPS_AGE_SSH_PRIVATE_KEY_FILE`, \
         `SOPS_AGE_SSH_PRIVATE_KEY_CMD`, `~/.ssh/id_ed25519`, `~/.ssh/id_rsa`, `SOPS_AGE_KEY`, `SOPS_AGE_KEY_FILE`, \
         `SOPS_AGE_KEY_CMD`, `~/.config/sops/age/keys.txt`, `~/.config/sops-rs/keys.txt`\n\
         sops-rs: hint: make one with `sops-rs init` and ask a reader to add it, or name one with --identity FILE\n",
    );
}

#[test]
fn who_has_the_wrong_identity_is_told_who_reads_the_file_and_what_was_tried() {
    let world = World::new();
    world.config("  - files: [\"*\"]\n    recipients: [stranger]\n");
    world.file("a.env", "A=canary-7f3a91\n");
    world.run(&["encrypt", "-i", "a.env"]).gives("", "`a.env`: 1 value encrypted, none clear\n");
    world.identity();
    world.home_file(".ssh/id_ed25519", SSH);
    let error = "sops-rs: error: `a.env`: no identity matched its recipient\n\
         sops-rs: hint: encrypted to `stranger` ({STRANGER})\n\
         sops-rs: hint: tried: `~/.ssh/id_ed25519`, `~/.config/sops-rs/keys.txt`\n\
         sops-rs: hint: nothing at `SOPS_AGE_SSH_PRIVATE_KEY_FILE`, `SOPS_AGE_SSH_PRIVATE_KEY_CMD`, `~/.ssh/id_rsa`, \
         `SOPS_AGE_KEY`, `SOPS_AGE_KEY_FILE`, `SOPS_AGE_KEY_CMD`, `~/.config/sops/age/keys.txt`\n\
         sops-rs: hint: ask a reader to add your recipient, or name another identity with --identity FILE\n";
    world.run(&["decrypt", "a.env"]).fails(128, error);
    world.run(&["decrypt", "-i", "a.env"]).fails(128, error);
    world.run(&["exec-env", "a.env", "--", "/bin/touch", "ran"]).fails(128, error);
    assert!(world.read("a.env").contains(STRANGER));
}

#[test]
fn an_empty_variable_and_a_broken_default_file_are_warnings() {
    let world = world();
    world.home_file(".config/sops/age/keys.txt", CANARY);
    world.identity();
    let said = "sops-rs: warning: `SOPS_AGE_KEY` is set, but empty\n\
                sops-rs: warning: `~/.config/sops/age/keys.txt`, line 1: not an identity: \
                `AGE-SECRET-KEY-1…` or `AGE-PLUGIN-…` is expected\n";
    world.run(&["decrypt", "a.env"]).env("SOPS_AGE_KEY", "").gives("A=canary-7f3a91\n", said);
}

#[test]
fn a_missing_plugin_is_named() {
    let world = World::new();
    world.file("a.env", "A=canary-7f3a91\n");
    let error = "cannot wrap the data key for age1mirror18cedd3: the plugin `age-plugin-mirror` is not on the PATH";
    world.run(&["encrypt", "-r", MIRROR, "a.env"]).fails(23, &format!("sops-rs: error: `a.env`: {error}\n"));
}
