//! `updatekeys`: readers and policy as the rule says.

use super::harness::{STRANGER_FILE, World};

const TEXT: &str = "a: canary-7f3a91 # one\nkind: x\n";
const BOTH: &str = "  - files: [\"**\"]\n    recipients: [me, stranger]\n";

/// Encrypted files of the one reader.
fn world(names: &[&str]) -> World {
    let world = World::ready();
    for name in names {
        world.file(name, TEXT);
    }
    assert!(world.run(&[&["encrypt", "-i"], names].concat()).output().status.success());
    world
}

fn body(text: &str) -> &str {
    &text[..text.find("sops-rs:").expect("a block")]
}

#[test]
fn a_new_reader_gets_the_data_key_that_is_there() {
    let world = world(&["a.yaml", "b.yaml", "deep/c.yaml"]);
    let before = world.read("deep/c.yaml");
    world.config(BOTH);
    let change = "3 files: `a.yaml`, `b.yaml`, `deep/c.yaml`\n  new reader: `stranger` ({STRANGER})\n";
    world.run(&["updatekeys", "-r", "--check"]).ends(
        1,
        change,
        "sops-rs: error: 3 of 3 files are not as the rules say\nsops-rs: hint: without --check they are changed\n",
    );
    world.run(&["updatekeys", "-r", "-y"]).gives("", &format!("{change}3 files changed, the data keys are the same\n"));
    let after = world.read("deep/c.yaml");
    assert_eq!(body(&before), body(&after));
    world.run(&["updatekeys", "-r", "--check"]).gives("", "3 files: as the rules say\n");
    world.run(&["updatekeys", "a.yaml"]).gives("", "1 file: as the rules say\n");
    assert_eq!(world.read("deep/c.yaml"), after);
    world.file("stranger.txt", STRANGER_FILE);
    std::fs::remove_file(world.home(".config/sops-rs/keys.txt")).unwrap();
    world.run(&["decrypt", "--identity", "stranger.txt", "deep/c.yaml"]).gives(TEXT, "");
}

#[test]
fn a_reader_who_goes_leaves_a_new_data_key_behind() {
    let world = world(&["a.yaml"]);
    world.config(BOTH);
    assert!(world.run(&["updatekeys", "-y", "a.yaml"]).output().status.success());
    let before = world.read("a.yaml");
    world.config("  - files: [\"**\"]\n    recipients: [me]\n");
    world.run(&["updatekeys", "-y", "a.yaml"]).gives(
        "",
        "`a.yaml`\n  no reader any more: `stranger` ({STRANGER})\n  new data key: every value is encrypted anew\n\
         `a.yaml`: changed, under a new data key\n",
    );
    assert_ne!(body(&before), body(&world.read("a.yaml")));
    world.run(&["decrypt", "a.yaml"]).gives(TEXT, "");
    world.file("stranger.txt", STRANGER_FILE);
    std::fs::remove_file(world.home(".config/sops-rs/keys.txt")).unwrap();
    assert_eq!(world.run(&["decrypt", "--identity", "stranger.txt", "a.yaml"]).output().status.code(), Some(128));
}

#[test]
fn a_changed_policy_is_shown_and_what_becomes_clear_is_named() {
    let world = world(&["a.yaml", "b.yaml"]);
    world.config(
        "  - files: [a.yaml]\n    recipients: [me]\n    clear: [kind]\n    comments: clear\n\
         \x20 - files: [b.yaml]\n    recipients: [me]\n",
    );
    world.run(&["updatekeys", "-y", "a.yaml", "b.yaml"]).gives(
        "",
        "`a.yaml`\n  policy: `clear`: nothing → `kind`\n  policy: `comments`: `encrypt` → `clear`\n\
         \x20 new data key: every value is encrypted anew\n\
         sops-rs: warning: `a.yaml`: encrypted so far, clear from now on: `kind`\n\
         `a.yaml`: changed, under a new data key\n",
    );
    assert!(body(&world.read("a.yaml")).ends_with(" # one\nkind: x\n"));
    world.run(&["decrypt", "a.yaml"]).gives(TEXT, "");
}

#[test]
fn another_name_is_only_a_label() {
    let world = world(&["a.yaml"]);
    let config = world.read(".sops-rs.yaml").replace("  me:", "  alice:").replace("[me]", "[alice]");
    world.file(".sops-rs.yaml", config);
    let before = world.read("a.yaml");
    world
        .run(&["updatekeys", "-y", "a.yaml"])
        .gives("", "`a.yaml`\n  another name: `me` → `alice` ({ME})\n`a.yaml`: changed, the data key is the same\n");
    assert_eq!(body(&before), body(&world.read("a.yaml")));
}

#[test]
fn nothing_is_done_that_nobody_confirmed() {
    let world = world(&["a.yaml"]);
    world.config(BOTH);
    let run = world.command("/usr/bin/setsid");
    let mut run = run;
    run.command.args(["--wait", super::harness::PROGRAM, "updatekeys", "a.yaml"]);
    run.fails(
        1,
        "`a.yaml`\n  new reader: `stranger` ({STRANGER})\n\
         sops-rs: nobody can be asked, there is no terminal (no such device or address)\n\
         sops-rs: error: not confirmed, no file was changed\n\
         sops-rs: hint: check the keys of new readers against their owners', then add -y/--yes\n",
    );
}

#[test]
fn who_shuts_themselves_out_is_warned() {
    let world = world(&["a.yaml", "b.yaml", "c.yaml"]);
    world.config(
        "  - files: [c.yaml]\n    recipients: [me, stranger]\n  - files: [\"**\"]\n    recipients: [stranger]\n",
    );
    let said = "`a.yaml`, `b.yaml`\n  new reader: `stranger` ({STRANGER})\n  no reader any more: `me` ({ME})\n  \
                new data key: every value is encrypted anew\n`c.yaml`\n  new reader: `stranger` ({STRANGER})\n";
    let said = said.replacen("`a.yaml`", "2 files: `a.yaml`", 1);
    let warning = "sops-rs: warning: you will not be able to open this afterwards: `a.yaml`, `b.yaml`\n";
    let done = "3 files changed, 2 of them under new data keys\n";
    world.run(&["updatekeys", "-r", "-y"]).gives("", &format!("{said}{warning}{done}"));
    assert_eq!(world.run(&["decrypt", "a.yaml"]).output().status.code(), Some(128));
    // Who has another key that stays is not shut out.
    world.file("stranger.txt", STRANGER_FILE);
    world.config("  - files: [\"**\"]\n    recipients: [stranger]\n");
    world.run(&["updatekeys", "--identity", "stranger.txt", "-y", "c.yaml"]).gives(
        "",
        "`c.yaml`\n  no reader any more: `me` ({ME})\n  new data key: every value is encrypted anew\n\
         `c.yaml`: changed, under a new data key\n",
    );
}

#[test]
fn every_file_needs_a_rule() {
    let world = world(&["a.yaml", "b.yaml"]);
    world.config("  - files: [a.yaml]\n    recipients: [me, stranger]\n");
    let no_rule = "sops-rs: error: `b.yaml`: no rule in `.sops-rs.yaml` matches it\n\
                   sops-rs: hint: tried: line 6 (`a.yaml`)\n\
                   sops-rs: hint: add a rule for it\n\
                   sops-rs: hint: none of the files was changed\n";
    world.run(&["updatekeys", "-r", "-y"]).fails(1, no_rule);
    world.run(&["updatekeys", "-r", "--check"]).fails(1, no_rule);
    std::fs::remove_file(world.path(".sops-rs.yaml")).unwrap();
    world.run(&["updatekeys", "a.yaml"]).fails(
        61,
        "sops-rs: error: `a.yaml`: no `.sops-rs.yaml` or `.sops.yaml` in its folder or above\n\
         sops-rs: hint: make one with `sops-rs init`\n",
    );
}

#[test]
fn a_reader_who_was_slipped_into_the_file_gets_nothing() {
    let world = world(&["a.yaml"]);
    world.config(BOTH);
    assert!(world.run(&["updatekeys", "-y", "a.yaml"]).output().status.success());
    // Somebody takes the stranger's place in the file; the rule removes the stranger.
    let forged = world.read("a.yaml").replace(super::harness::STRANGER, "age1mirror18cedd3");
    world.file("a.yaml", forged);
    world.config("  - files: [\"**\"]\n    recipients: [me]\n");
    world.run(&["updatekeys", "-y", "a.yaml"]).fails(
        51,
        "`a.yaml`\n  no reader any more: `stranger` (age1mirror18cedd3)\n  new data key: every value is encrypted anew\n\
         sops-rs: error: `a.yaml`: `sops-rs.sections.default` does not verify (metadata MAC): changed by somebody without its data key, or damaged\n\
         sops-rs: hint: its recipients or its policy were changed; restore the last good version from git\n",
    );
}
