//! `rotate`: everything sealed anew, in one file and in many.

use super::harness::{ME, STRANGER, STRANGER_FILE, World};

const TEXT: &str = "a: canary-7f3a91 # one\nb: [1, 2]\n";
const ANEW: &str = "every value is encrypted anew under a new data key";

/// The tokens of a file, in order.
fn tokens(text: &str) -> Vec<&str> {
    text.split("ENC[1:").skip(1).filter_map(|rest| rest.split(']').next()).collect()
}

#[test]
fn a_file_is_sealed_anew_in_place() {
    let world = World::ready();
    world.encrypted("a.yaml", TEXT);
    world.chmod("a.yaml", 0o640);
    let before = world.read("a.yaml");
    for arguments in [&["rotate", "a.yaml"][..], &["rotate", "-i", "a.yaml"]] {
        let run = world.run(arguments);
        run.gives(
            "",
            &format!(
                "sops-rs: warning: not as the rules say: `a.yaml`; see `sops-rs updatekeys --check`\n`a.yaml`: {ANEW}\n"
            ),
        );
    }
    let after = world.read("a.yaml");
    assert!(after.contains("      follows: ") && !before.contains("follows: "));
    assert_eq!(tokens(&before).len(), tokens(&after).len());
    assert!(tokens(&before).iter().all(|token| !after.contains(token)));
    assert_eq!(world.mode("a.yaml"), 0o640);
    world.run(&["decrypt", "a.yaml"]).gives(TEXT, "");
}

#[test]
fn the_result_can_go_elsewhere() {
    let world = World::ready();
    world.file("a.yaml", TEXT);
    world.run(&["encrypt", "-i", "a.yaml"]).gives("", "`a.yaml`: 3 values and 1 comment encrypted, none clear\n");
    let before = world.read("a.yaml");
    world.run(&["rotate", "-o", "b.yaml", "a.yaml"]).gives("", &format!("`a.yaml`: {ANEW}\n"));
    let output = world.run(&["rotate", "-o", "-", "a.yaml"]).output();
    world.file("c.yaml", output.stdout);
    assert_eq!(world.read("a.yaml"), before);
    world.run(&["decrypt", "b.yaml"]).gives(TEXT, "");
    world.run(&["decrypt", "c.yaml"]).gives(TEXT, "");
    world
        .run(&["rotate", "-o", "-", "a.yaml", "b.yaml"])
        .fails(8, "sops-rs: error: `b.yaml`: is a second file, and -o/--output takes one\n");
    world
        .run(&["rotate", "-"])
        .stdin(before)
        .fails(8, "sops-rs: error: standard input cannot be replaced: -i/--in-place needs a file\n");
}

#[test]
fn a_whole_repository_is_rotated_from_wherever_one_is() {
    let world = World::ready();
    world.file("plain.yaml", "a: 1\n");
    world.file("about_sops.yaml", "a: 1\nsops:\n    mac: x\n    version: 3.9.0\n");
    let names = ["a.yaml", "b.json", "deep/er/.env", "deep/c.yaml", "deep/key.p12", "target/d.yaml"];
    for name in names {
        world.file(name, if name.ends_with("env") { "A=1\n" } else { "{\"a\": 1}\n" });
    }
    assert!(world.run(&[&["encrypt", "-i"], &names[..]].concat()).output().status.success());
    let before = names.map(|name| world.read(name));
    world.run(&["rotate", "-r", "target"]).gives("", &format!("`target/d.yaml`: {ANEW}\n"));
    world
        .run(&["rotate", "-r", "a.yaml", "deep", "deep/er", "./a.yaml"])
        .gives("", "4 files: every value is encrypted anew under new data keys\n");
    let git = world.shell("git init -q && echo target > .gitignore").output();
    assert!(git.status.success(), "{git:?}");
    world
        .run(&["rotate", "-r", "--jobs", "3"])
        .within("deep")
        .gives("", "5 files: every value is encrypted anew under new data keys\n");
    world
        .run(&["rotate", "-r"])
        .within("target")
        .gives("", "5 files: every value is encrypted anew under new data keys\n");
    for (name, before) in names.iter().zip(before) {
        assert_ne!(world.read(name), before, "{name}");
    }
    world.run(&["decrypt", "deep/er/.env"]).gives("A=1\n", "");
    // Whatever they are called: nobody who left may keep a key.
    world.file("binary/key.p12", b"\0\xff");
    assert!(world.run(&["encrypt", "-i", "binary/key.p12"]).output().status.success());
    world.file("binary/app.secrets", "A=1\n");
    assert!(world.run(&["encrypt", "-i", "--input-type", "dotenv", "binary/app.secrets"]).output().status.success());
    world.run(&["rotate", "-r", "binary"]).gives("", "2 files: every value is encrypted anew under new data keys\n");
    let output = world.run(&["decrypt", "binary/key.p12"]).output();
    assert_eq!(output.stdout, b"\0\xff");
    world.file("empty/x.txt", "");
    world.run(&["rotate", "-r", "empty"]).gives("", "no encrypted file was found\n");
}

#[test]
fn one_file_that_fails_leaves_all_as_they_were() {
    let world = World::ready();
    for name in ["a.yaml", "b.yaml", "d.yaml", "e.yaml"] {
        world.file(name, TEXT);
    }
    assert!(world.run(&["encrypt", "-i", "a.yaml", "b.yaml"]).output().status.success());
    assert!(world.run(&["encrypt", "-i", "-r", STRANGER, "d.yaml", "e.yaml"]).output().status.success());
    let good = world.read("b.yaml");
    let token = format!("ENC[1:{}]", tokens(&good)[0]);
    world.file("b.yaml", good.replace(&token, &token.replacen("ENC[1:", "ENC[1:AAAA", 1)));
    let output = world.run(&["rotate", "-r", "--skip-locked"]);
    output.fails(
        25,
        "sops-rs: error: `b.yaml`: line 1, column 4: `a` holds a malformed token\n\
         sops-rs: hint: restore the last good version from git, then make the change on the decrypted file\n\
         sops-rs: hint: none of the files was changed\n",
    );
    world.file("b.yaml", good);
    let output = world.run(&["rotate", "-r"]).output();
    assert_eq!(output.status.code(), Some(128));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("sops-rs: error: `d.yaml`: no identity matched its recipient\n"), "{said}");
    assert_eq!(said.matches("hint: leave such files out with --skip-locked\n").count(), 1, "{said}");
    assert_eq!(said.matches("hint: encrypted to ").count(), 1, "{said}");
    world.run(&["rotate", "-r", "--skip-locked"]).gives(
        "",
        "sops-rs: warning: left as they are, since no identity opens them: `d.yaml`, `e.yaml`\n\
         2 files: every value is encrypted anew under new data keys\n",
    );
}

#[test]
fn what_is_not_encrypted_or_not_there_is_refused() {
    let world = World::ready();
    world.file("plain.yaml", TEXT);
    world.run(&["rotate", "plain.yaml"]).fails(
        1,
        "sops-rs: error: `plain.yaml`: not encrypted: no `sops-rs` or `sops` metadata\n\
         sops-rs: hint: encrypt it with `sops-rs encrypt -i plain.yaml`\n",
    );
    world.run(&["rotate", "gone.yaml"]).fails(100, "sops-rs: error: `gone.yaml`: cannot be read: no such file\n");
    world.run(&["rotate", "-r", "gone"]).fails(100, "sops-rs: error: `gone`: cannot be read: no such file\n");
    world.run(&["rotate", "."]).fails(
        2,
        "sops-rs: error: `.`: is a directory\n\
         sops-rs: hint: add -r/--recursive for all encrypted files in it\n",
    );
    world.run(&["rotate"]).fails(
        1,
        "sops-rs: error: missing: `<FILE>...`\n\
         sops-rs: hint: see `sops-rs rotate --help`\n",
    );
}

#[test]
fn the_readers_are_those_of_the_file_and_not_of_the_rule() {
    let world = World::ready();
    world.file("a.yaml", TEXT);
    assert!(world.run(&["encrypt", "-i", "-r", ME, "-r", STRANGER, "a.yaml"]).output().status.success());
    world.run(&["rotate", "a.yaml"]).gives(
        "",
        &format!(
            "sops-rs: warning: not as the rules say: `a.yaml`; see `sops-rs updatekeys --check`\n`a.yaml`: {ANEW}\n"
        ),
    );
    world.file("stranger.txt", STRANGER_FILE);
    std::fs::remove_file(world.home(".config/sops-rs/keys.txt")).unwrap();
    world.run(&["decrypt", "--identity", "stranger.txt", "a.yaml"]).gives(TEXT, "");
}
