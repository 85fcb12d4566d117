//! `encrypt -o` onto a file that exists.

use super::harness::{ME, PROGRAM, STRANGER, STRANGER_FILE, World};

const OLD: &str = "a: 1 # one\nb: canary-7f3a91\nlist:\n  - x\n  - y\n";

/// The lines of `new` that are not in `old`, and how many there are of both.
fn changed_lines(old: &str, new: &str) -> Vec<usize> {
    assert_eq!(old.lines().count(), new.lines().count());
    old.lines().zip(new.lines()).enumerate().filter(|(_, (a, b))| a != b).map(|(number, _)| number + 1).collect()
}

#[test]
fn a_changed_value_changes_one_line() {
    let world = World::ready();
    for (name, old, new, line) in [
        ("a.yaml", OLD, OLD.replace("canary-7f3a91", "other"), 2),
        ("a.json", "{\n\"a\": 1,\n\"b\": [true, null]\n}\n", "{\n\"a\": 1,\n\"b\": [false, null]\n}\n".into(), 3),
        ("a.env", "# c\nA=1\nB=2\n", "# c\nA=1\nB=3\n".into(), 3),
    ] {
        world.file(name, old);
        assert!(world.run(&["encrypt", "-i", name]).output().status.success());
        let before = world.read(name);
        let run = world.run(&["encrypt", "--filename-override", name, "-o", name, "-"]).stdin(&new);
        let output = run.output();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.ends_with("none clear; 1 of them new or changed\n"), "{said}");
        assert_eq!(changed_lines(&before, &world.read(name)), [line], "{name}");
        world.run(&["decrypt", name]).gives(&new, "");
    }
}

#[test]
fn the_same_content_changes_no_byte() {
    let world = World::ready();
    world.file("plain.yaml", OLD);
    world.file("a.yaml", OLD);
    assert!(world.run(&["encrypt", "-i", "a.yaml"]).output().status.success());
    let before = world.read("a.yaml");
    world
        .run(&["encrypt", "-o", "a.yaml", "plain.yaml"])
        .gives("", "`plain.yaml`: 4 values and 1 comment encrypted, none clear; none of them new or changed\n");
    assert_eq!(world.read("a.yaml"), before);
}

#[test]
fn a_new_reader_is_confirmed_and_leaves_the_values_as_they_are() {
    let world = World::ready();
    world.file("plain.yaml", OLD);
    world.file("a.yaml", OLD);
    assert!(world.run(&["encrypt", "-i", "a.yaml"]).output().status.success());
    let before = world.read("a.yaml");
    world.config("  - files: [\"**\"]\n    recipients: [me, stranger]\n");
    let refused = world.run(&["encrypt", "-o", "a.yaml", "plain.yaml"]).output();
    assert_eq!(refused.status.code(), Some(1), "nobody is there to confirm the new reader");
    assert_eq!(world.read("a.yaml"), before);
    world.run(&["encrypt", "-y", "-o", "a.yaml", "plain.yaml"]).gives(
        "",
        "`a.yaml`: the rule changed\n  new reader: `stranger` ({STRANGER})\n\
         `plain.yaml`: 4 values and 1 comment encrypted, none clear; none of them new or changed\n",
    );
    let after = world.read("a.yaml");
    let body = |text: &str| text[..text.find("sops-rs:").expect("a block")].to_owned();
    assert_eq!(body(&before), body(&after));
    world.run(&["decrypt", "a.yaml"]).gives(OLD, "");
    world.file("stranger.txt", STRANGER_FILE);
    std::fs::remove_file(world.home(".config/sops-rs/keys.txt")).unwrap();
    world.run(&["decrypt", "--identity", "stranger.txt", "a.yaml"]).gives(OLD, "");
}

#[test]
fn who_shuts_themselves_out_is_asked() {
    let world = World::ready();
    world.file("plain.yaml", OLD);
    world.file("a.yaml", OLD);
    assert!(world.run(&["encrypt", "-i", "-r", ME, "-r", STRANGER, "a.yaml"]).output().status.success());
    let said = "`a.yaml`: the rule changed, every value is encrypted anew under a new data key\n  \
                no reader any more: `recipient-1` ({ME})\n  \
                another name: `recipient-2` → `recipient-1` ({STRANGER})\n\
                sops-rs: warning: you will not be able to open this afterwards: `a.yaml`\n";
    let mut run = world.command("/usr/bin/setsid");
    run.command.args(["--wait", PROGRAM, "encrypt", "-r", STRANGER, "-o", "a.yaml", "plain.yaml"]);
    run.fails(
        1,
        &format!(
            "{said}sops-rs: nobody can be asked, there is no terminal (no such device or address)\n\
             sops-rs: error: `a.yaml`: the readers were not confirmed, the file was not changed\n\
             sops-rs: hint: check the keys of new readers against their owners', then add -y/--yes\n"
        ),
    );
    let done = "`plain.yaml`: 4 values and 1 comment encrypted, none clear\n";
    world.run(&["encrypt", "-y", "-r", STRANGER, "-o", "a.yaml", "plain.yaml"]).gives("", &format!("{said}{done}"));
}

#[test]
fn a_removed_reader_makes_everything_encrypted_anew() {
    let world = World::ready();
    world.file("plain.yaml", OLD);
    world.file("a.yaml", OLD);
    assert!(world.run(&["encrypt", "-i", "-r", ME, "-r", STRANGER, "a.yaml"]).output().status.success());
    world.run(&["encrypt", "-r", ME, "-o", "a.yaml", "plain.yaml"]).gives(
        "",
        "`a.yaml`: the rule changed, every value is encrypted anew under a new data key\n  \
         no reader any more: `recipient-2` ({STRANGER})\n\
         `plain.yaml`: 4 values and 1 comment encrypted, none clear\n",
    );
    assert!(world.read("a.yaml").contains("      follows: "));
    world.run(&["decrypt", "a.yaml"]).gives(OLD, "");
    world.file("stranger.txt", STRANGER_FILE);
    std::fs::remove_file(world.home(".config/sops-rs/keys.txt")).unwrap();
    assert_eq!(world.run(&["decrypt", "--identity", "stranger.txt", "a.yaml"]).output().status.code(), Some(128));
}

#[test]
fn a_plaintext_is_overwritten_by_force_only() {
    let world = World::ready();
    world.file("plain.yaml", OLD);
    world.file("notes.yaml", "precious: canary-7f3a91\n");
    world.run(&["encrypt", "-o", "notes.yaml", "plain.yaml"]).fails(
        3,
        "sops-rs: error: `notes.yaml`: exists and is not a file that sops-rs encrypted\n\
         sops-rs: hint: write elsewhere, or overwrite it with --force\n",
    );
    world
        .run(&["encrypt", "--force", "-o", "notes.yaml", "plain.yaml"])
        .gives("", "`plain.yaml`: 4 values and 1 comment encrypted, none clear\n");
    world.run(&["decrypt", "notes.yaml"]).gives(OLD, "");
    world.run(&["encrypt", "-o", "plain.yaml", "plain.yaml"]).fails(
        8,
        "sops-rs: error: `plain.yaml`: is input and output\n\
         sops-rs: hint: use -i/--in-place to replace a file by its encrypted form\n",
    );
}

#[test]
fn an_empty_file_may_be_overwritten() {
    let world = World::ready();
    world.file("plain.yaml", "a: 1\n");
    world.file("new.yaml", "");
    world.run(&["encrypt", "-o", "new.yaml", "plain.yaml"]).gives("", "`plain.yaml`: 1 value encrypted, none clear\n");
}

#[test]
fn a_file_that_one_cannot_open_stays() {
    let world = World::new();
    world.file("plain.yaml", OLD);
    world.encrypted("a.yaml", OLD);
    let output = world.run(&["encrypt", "-r", ME, "-o", "a.yaml", "plain.yaml"]).output();
    assert_eq!(output.status.code(), Some(128));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("sops-rs: error: `a.yaml`: no identity matched its recipient\n"), "{said}");
}
