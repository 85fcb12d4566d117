//! `git textconv`: what git's own diffs show of encrypted files.

use std::fs;

use super::harness::{CANARY, ME, STRANGER, World};

const TEXT: &str = "db:\n  user: app\n  password: hunter2 # old\nhosts:\n  - a\n  - b\n";

/// A repository with one encrypted file in it, and the drivers.
fn world() -> World {
    let world = World::ready();
    world.config("  - files: [\"*.enc.*\", .env]\n    recipients: [me]\n");
    world.repository();
    world.encrypted_by_rule("app.enc.yaml", TEXT);
    install(&world);
    world.commit("first");
    world
}

/// Installs without the hook: these tests commit what they like.
fn install(world: &World) {
    let output = world.shell("sops-rs git install --no-hook").output();
    assert!(output.status.success(), "{output:?}");
}

/// `text` with the marks numbered in the order of their first appearance, and the keys of readers short.
fn numbered(text: &str) -> String {
    let mut seen: Vec<String> = Vec::new();
    let mut parts = text.split("‹sealed ");
    let mut out = parts.next().expect("a part").to_owned();
    for part in parts {
        let (mark, rest) = part.split_once('›').expect("closed");
        assert!(mark.len() == 16 && mark.bytes().all(|byte| byte.is_ascii_hexdigit()), "{mark}");
        let number = seen.iter().position(|other| other == mark).unwrap_or_else(|| {
            seen.push(mark.to_owned());
            seen.len() - 1
        });
        out.push_str(&format!("‹{number}›{rest}"));
    }
    let lines = out.lines().map(|line| match line.split_once(": data key ") {
        Some((before, _)) => format!("{before}: data key …\n"),
        None => format!("{line}\n"),
    });
    lines.collect::<String>().replace(ME, "ME").replace(STRANGER, "STRANGER")
}

/// The lines of a diff that begin with `+` or `-`.
fn changed(diff: &str) -> Vec<&str> {
    diff.lines()
        .filter(|line| line.starts_with(['+', '-']) && !line.starts_with("+++") && !line.starts_with("---"))
        .collect()
}

const READERS: &str = "# sops-rs: encrypt `**`\n# sops-rs: clear nothing\n# sops-rs: comments encrypt\n\
                       # sops-rs: clear values pinned\n# sops-rs: data key …\n# sops-rs: reader me ME\n";

#[test]
fn a_file_is_shown_with_marks_and_its_readers() {
    let world = world();
    let shown = world.run(&["git", "textconv", "app.enc.yaml"]).output();
    assert!(shown.status.success() && shown.stderr.is_empty());
    let text = "db:\n  user: ‹0›\n  password: ‹1› # ‹2›\nhosts:\n  - ‹3›\n  - ‹4›\n";
    assert_eq!(numbered(&String::from_utf8(shown.stdout).expect("UTF-8")), format!("{text}{READERS}"));
}

#[test]
fn a_diff_shows_exactly_the_values_that_changed_and_needs_no_key() {
    let world = world();
    assert!(world.run(&["set", "app.enc.yaml", "db.password", "x"]).output().status.success());
    // The link of the value before it changes, and does not show.
    assert!(world.run(&["unset", "app.enc.yaml", "hosts[0]"]).output().status.success());
    fs::remove_dir_all(world.home(".config")).expect("removed");
    let diff = numbered(&world.git(&["diff"]));
    assert_eq!(changed(&diff), ["-  password: ‹1› # ‹2›", "+  password: ‹3› # ‹2›", "-  - ‹4›"], "{diff}");
    world.commit("second");
    for arguments in [&["log", "-p", "-1"][..], &["show"], &["diff", "HEAD~"]] {
        assert!(numbered(&world.git(arguments)).contains("+  password: ‹3› # ‹2›\n"), "{arguments:?}");
    }
    assert!(world.git(&["blame", "app.enc.yaml"]).contains("password: ‹sealed "));
    assert!(world.git(&["diff", "--no-textconv", "HEAD~"]).contains("ENC[1:"), "the file itself can be had, too");
}

#[test]
fn readers_and_policies_show_by_name() {
    let world = world();
    world.config("  - files: [\"*.enc.*\"]\n    recipients: [me, stranger]\n    clear: [\"db.user\"]\n");
    assert!(world.run(&["updatekeys", "--yes", "app.enc.yaml"]).output().status.success());
    let diff = numbered(&world.git(&["diff"]));
    let lines = changed(&diff);
    for line in [
        "+# sops-rs: reader stranger STRANGER",
        "-# sops-rs: clear nothing",
        "+# sops-rs: clear `db.user`",
        "+  user: app",
    ] {
        assert!(lines.contains(&line), "{line}: {diff}");
    }
    assert!(!lines.iter().any(|line| line.contains("reader me")));
}

#[test]
fn files_of_sops_are_shown_without_what_changes_each_time() {
    let world = world();
    world.of_sops("sops.enc.yaml", "a: 1\n# note\nb: x\n");
    install(&world);
    world.commit("a file of SOPS");
    assert!(world.run(&["set", "sops.enc.yaml", "b", "z"]).output().status.success());
    let diff = numbered(&world.git(&["diff"]));
    assert_eq!(changed(&diff), ["-b: ‹2›", "+b: ‹3›"], "{diff}");
    let shown = world.run(&["git", "textconv", "sops.enc.yaml"]).output();
    let readers =
        "# sops: unencrypted_suffix _unencrypted\n# sops: the MAC is over all values\n# sops: reader age ME\n";
    assert_eq!(numbered(&String::from_utf8_lossy(&shown.stdout)), format!("a: ‹0›\n#‹1›\nb: ‹2›\n{readers}"));
}

#[test]
fn the_plaintext_is_shown_to_those_who_ask_and_can_read_it() {
    let world = world();
    assert!(world.run(&["set", "app.enc.yaml", "db.password", "x"]).output().status.success());
    let run = world.git_run(&["diff"]).env("SOPS_RS_SHOW", "1").output();
    let diff = String::from_utf8(run.stdout).expect("UTF-8");
    assert_eq!(changed(&diff), ["-  password: hunter2 # old", "+  password: x # old"]);
    let run = world.git_run(&["diff"]).env("SOPS_RS_SHOW", "0").output();
    assert!(!String::from_utf8_lossy(&run.stdout).contains("hunter2"));
    assert!(world.shell("sops-rs git install --no-hook --show").output().status.success());
    assert!(world.git(&["diff"]).contains("-  password: hunter2 # old\n"));
    // Without a key, or with one behind a passphrase, nobody is asked.
    let locked = include_str!("../../testdata/keys/locked_stranger.txt");
    for identity in [None, Some(locked)] {
        fs::remove_file(world.home(".config/sops-rs/keys.txt")).expect("removed");
        world.home_file(".config/sops-rs/keys.txt", identity.unwrap_or_default());
        let diff = world.git(&["diff", "-U9"]);
        assert!(diff.contains("\n # sops-rs: not decrypted: no identity matched its recipient\n"), "{diff}");
        assert!(numbered(&diff).contains("+  password: ‹3› # ‹2›\n"), "{diff}");
    }
}

#[test]
fn whatever_is_wrong_with_a_file_it_is_shown() {
    let world = world();
    let encrypted = world.read("app.enc.yaml");
    let conflicted = format!("<<<<<<< ours\n{encrypted}=======\n{encrypted}>>>>>>> theirs\n");
    let truncated = &encrypted[..encrypted.len() / 2];
    let tampered = encrypted.replace("version: 1", "version: 2");
    world.file("plain.enc.yaml", "a: b\u{1b}[31m\n");
    world.file("latin.enc.yaml", b"a: \xe9\n");
    world.file("binary.enc.yaml", b"a\0b");
    world.file("empty.enc.yaml", "");
    world.file("-x.enc.yaml", "a: b\n");
    world.run(&["git", "textconv", "plain.enc.yaml"]).gives("a: b\u{1b}[31m\n", "");
    assert_eq!(world.run(&["git", "textconv", "latin.enc.yaml"]).output().stdout, b"a: \xe9\n");
    world.run(&["git", "textconv", "binary.enc.yaml"]).gives("‹binary, 3 bytes, 59b271ae1bbcb1d3›\n", "");
    world.run(&["git", "textconv", "empty.enc.yaml"]).gives("", "");
    world.run(&["git", "textconv", "--", "-x.enc.yaml"]).gives("a: b\n", "");
    world.run(&["git", "textconv", "gone.enc.yaml"]).gives("‹`gone.enc.yaml`: cannot be read: no such file›\n", "");
    world.run(&["git", "textconv", "."]).gives("‹`.`: is a directory›\n", "");
    for (text, expected) in [(&*conflicted, 10), (truncated, 2), (&tampered, 5)] {
        world.file("broken.enc.yaml", text);
        let shown = world.run(&["git", "textconv", "broken.enc.yaml"]).output();
        assert!(shown.status.success() && shown.stderr.is_empty());
        let shown = String::from_utf8(shown.stdout).expect("UTF-8");
        assert!(shown.matches("‹sealed ").count() >= expected, "{shown}");
    }
    world.git(&["add", "--all"]);
    world.git(&["commit", "--quiet", "-m", "odd files"]);
    assert!(world.git(&["show", "--", "binary.enc.yaml"]).contains("+‹binary, 3 bytes, 59b271ae1bbcb1d3›"));
    assert!(world.git_run(&["log", "-p"]).output().status.success());
}

#[test]
fn every_format_and_the_names_of_git_s_temporary_files_are_known() {
    let world = world();
    for (name, text, shown) in [
        ("a.enc.json", "{\"a\": \"x\"}\n", "{\"a\": \"‹0›\"}\n"),
        ("a.enc.toml", "a = \"x\"\n", "a = \"‹0›\"\n"),
        ("a.enc.ini", "[s]\na = x\n", "[s]\na = ‹0›\n"),
        ("a.enc.env", "A=x", "A=‹0›\n"),
        ("a.enc.txt", "any text\n", "{\n  \"data\": \"‹0›\"\n}\n"),
    ] {
        world.encrypted_by_rule(name, text);
        // As versions of git before 2.37 name them.
        world.file(&format!("qRv3xZ_{name}"), world.read(name));
        for name in [name.to_owned(), format!("qRv3xZ_{name}")] {
            let output = world.run(&["git", "textconv", &name]).output();
            let text = numbered(&String::from_utf8(output.stdout).expect("UTF-8"));
            assert!(text.starts_with(shown) && text.ends_with(READERS), "{name}: {text}");
        }
    }
    world.encrypted_by_rule(".env", "A=x\n");
    world.file("ab12_.env", world.read(".env"));
    let output = world.run(&["git", "textconv", "ab12_.env"]).output();
    assert!(numbered(&String::from_utf8_lossy(&output.stdout)).starts_with("A=‹0›\n# sops-rs"));
}

#[test]
fn without_the_program_git_shows_files_as_they_are() {
    let world = world();
    world.file("app.enc.yaml", format!("a: {CANARY}\n"));
    let run = world.git_run(&["diff"]).env("PATH", "/usr/local/bin:/usr/bin:/bin").output();
    assert!(run.status.success() && run.stderr.is_empty(), "{run:?}");
    let diff = String::from_utf8(run.stdout).expect("UTF-8");
    assert!(diff.contains("-  user: ENC[1:") && diff.contains(&format!("+a: {CANARY}\n")), "{diff}");
}
