//! `doctor`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::Value;

use super::harness::{MY_FILE, STRANGER, World};

/// A world that is in order, with one encrypted file in a repository.
fn world() -> World {
    let world = World::ready();
    fs::set_permissions(world.home(".config/sops-rs/keys.txt"), fs::Permissions::from_mode(0o600)).expect("set");
    fs::set_permissions(world.home(".config/sops-rs"), fs::Permissions::from_mode(0o700)).expect("set");
    world.config("  - files: [\"*.env\"]\n    recipients: [me]\n");
    world.shell("git init -q").gives("", "");
    world.file("a.env", "A=canary-7f3a91\n");
    assert!(world.run(&["encrypt", "-i", "a.env"]).output().status.success());
    assert!(world.run(&["git", "install"]).output().status.success());
    world
}

/// What it finds: verdict, check and text, without what is left behind on this machine by others.
fn findings(world: &World, variables: &[(&str, &str)]) -> Vec<String> {
    let mut run =
        world.run(&["doctor", "--json"]).env("PATH", "/usr/local/bin:/usr/bin:/bin").env("EDITOR", "/bin/true");
    run = run.env("XDG_RUNTIME_DIR", world.path("run"));
    for (name, value) in variables {
        run = run.env(name, value);
    }
    let output = run.output();
    let list: Vec<Value> = serde_json::from_slice(&output.stdout).expect("JSON");
    let failed = list.iter().filter(|finding| finding["verdict"] == "failed").count();
    assert_eq!(output.status.code(), Some(i32::from(failed > 0)));
    assert_eq!(output.stderr.is_empty(), failed == 0);
    let text = |finding: &Value| finding.as_str().expect("a text").to_owned();
    let own = list.iter().filter(|finding| {
        finding["check"] != "leftovers" || text(&finding["what"]).contains(&*world.path("").to_string_lossy())
    });
    own.filter(|finding| finding["check"] != "git" || finding["verdict"] != "ok")
        .map(|finding| {
            let hints: Vec<_> = finding["hints"].as_array().expect("a list").iter().map(text).collect();
            let all = [text(&finding["verdict"]), text(&finding["check"]), text(&finding["what"]), hints.join(" | ")];
            world.normalised(all.join(": ").trim_end_matches(": "))
        })
        .collect()
}

const FINE: [&str; 4] = [
    "ok: identity: 1 in `~/.config/sops-rs/keys.txt`",
    "ok: config: `.sops-rs.yaml`, 1 rule and 2 recipients",
    "ok: files: 1 file encrypted",
    "ok: editor: there is one",
];

/// What is found besides that all is fine.
#[track_caller]
fn finds(world: &World, variables: &[(&str, &str)], expected: &[&str]) {
    let found = findings(world, variables);
    let trouble: Vec<_> = found.iter().map(String::as_str).filter(|finding| !FINE.contains(finding)).collect();
    assert_eq!(trouble, expected);
}

#[test]
fn nothing_is_wrong_where_all_is_in_order() {
    let world = world();
    assert_eq!(findings(&world, &[]), FINE);
    let output = world.run(&["doctor"]).env("PATH", "/usr/bin:/bin").env("EDITOR", "/bin/true").output();
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let lines: Vec<_> =
        text.lines().filter(|line| FINE.contains(&line.replacen("ok    ", "ok: ", 1).as_str())).collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert!(text.contains("\nok    git: git version "), "{text}");
}

#[test]
fn identities_are_looked_for_and_kept_from_others() {
    let world = world();
    let keys = world.home(".config/sops-rs/keys.txt");
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o640)).expect("set");
    let readable = "failed: permissions: `[root]/home/.config/sops-rs/keys.txt` holds an identity, and others can read it: \
                    chmod 600 [root]/home/.config/sops-rs/keys.txt";
    finds(&world, &[], &[readable]);
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o600)).expect("set");
    fs::set_permissions(world.home(".config/sops-rs"), fs::Permissions::from_mode(0o777)).expect("set");
    let replaceable = "warning: permissions: others can write to `[root]/home/.config/sops-rs`, in which an identity is, and put \
                       another one in its place: chmod go-w [root]/home/.config/sops-rs";
    finds(&world, &[], &[replaceable]);
    fs::remove_file(&keys).expect("removed");
    finds(&world, &[], &["failed: identity: there is none: make one with `sops-rs init`"]);
    let missing = "failed: identity: `gone.txt` (`SOPS_AGE_KEY_FILE`): cannot be read: no such file: while it is asked for and \
                   cannot be used, nothing can be decrypted";
    finds(&world, &[("SOPS_AGE_KEY_FILE", "gone.txt")], &[missing]);
    let key = MY_FILE.lines().last().expect("a key");
    let exported = "warning: environment: `SOPS_AGE_KEY` holds a key, every program that you start can read it: put the key \
                    into a file that only you can read, and name that in `SOPS_AGE_KEY_FILE`";
    finds(&world, &[("SOPS_AGE_KEY", key)], &["ok: identity: 1 in `SOPS_AGE_KEY`", exported]);
    world.file("me.txt", MY_FILE);
    world.chmod("me.txt", 0o600);
    let tracked = "failed: git: `me.txt` holds an identity, and git does not ignore it: move it out of the repository; if it \
                   was ever committed, make a new one";
    let found = "ok: identity: 1 in `me.txt (SOPS_AGE_KEY_FILE)`";
    finds(&world, &[("SOPS_AGE_KEY_FILE", "me.txt")], &[found, tracked]);
    world.file(".gitignore", "me.txt\n");
    finds(&world, &[("SOPS_AGE_KEY_FILE", "me.txt")], &[found]);
}

#[test]
fn the_config_is_read_and_its_rules_are_held_against_the_files() {
    let world = world();
    world.config("  - files: [\"*.env\"]\n    recipients: [me]\n  - files: [a.env]\n    recipients: [me]\n  - files: [\"dev/**\"]\n    recipients: [me]\n");
    finds(
        &world,
        &[],
        &[
            "ok: config: `.sops-rs.yaml`, 3 rules and 2 recipients",
            "warning: rules: rule 2, line 8 (`a.env`), comes too late: others apply to its 1 file: the first rule that matches \
             applies; put special ones first",
            "warning: rules: rule 3, line 10 (`dev/**`), matches no file: files that are not there yet are no trouble; else \
             look at its globs",
        ],
    );
    let text = format!("version: 1\nrecipients: {{x: {STRANGER}}}\nrules: [{{files: [\"*.env\"], recipients: [x]}}]\n");
    world.file(".sops-rs.yaml", text);
    finds(
        &world,
        &[],
        &[
            "ok: config: `.sops-rs.yaml`, 1 rule and 1 recipient",
            "warning: config: `.sops-rs.yaml`: none of its recipients is yours: you can encrypt, but not decrypt; to be a \
             reader, ask one to add {ME}",
            "warning: files: encrypted, but not as their rules say: `a.env`: see why with `sops-rs explain`, then `sops-rs \
             updatekeys a.env`",
        ],
    );
    world.file(".sops-rs.yaml", "version: 1\nrule: []\n");
    let wrong =
        "failed: config: `.sops-rs.yaml`: line 2, column 1: unknown field `rule` in the config; did you mean `rules`?";
    finds(&world, &[], &[wrong]);
    fs::remove_file(world.path(".sops-rs.yaml")).expect("removed");
    let none = "warning: config: there is no `.sops-rs.yaml` or `.sops.yaml` in this folder or above: make one with `sops-rs init`";
    finds(&world, &[], &[none]);
}

#[test]
fn what_ought_to_be_encrypted_and_is_not_is_a_failure() {
    let world = world();
    world.file("b.env", "B=canary-7f3a91\n");
    let later = "one that was committed like that is no secret any more";
    let one = format!(
        "failed: files: not encrypted, though a rule speaks of them: `b.env`: `sops-rs encrypt -i b.env` | {later}"
    );
    finds(&world, &[], &[&one]);
    world.file("sub/x.env", "X=canary-7f3a91\n");
    let output = world.run(&["doctor"]).within("sub").output();
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(text.contains("rule speaks of them: `") && text.contains(", `x.env`\n"), "{text}");
    fs::remove_file(world.path("sub/x.env")).expect("removed");
    for name in ["c", "d", "e", "f", "g"] {
        world.file(&format!("{name}.env"), "X=canary-7f3a91\n");
    }
    let many = format!(
        "failed: files: not encrypted, though a rule speaks of them: `b.env`, `c.env`, `d.env`, `e.env`, `f.env` and 1 more: \
         `sops-rs encrypt -i FILE…` | {later}"
    );
    finds(&world, &[], &[&many]);
    world.config("  - files: [\"*.env\", \"*.p12\"]\n    recipients: [me]\n");
    world.file("tls.p12", "canary-7f3a91");
    let binary = "warning: files: not encrypted, though a rule speaks of them: `tls.p12`: if they are secret, `sops-rs encrypt \
                  -i tls.p12` | if not, let the globs of the rule leave them out";
    finds(&world, &[], &[&many, binary]);
    assert!(world.run(&["encrypt", "-i", "tls.p12"]).output().status.success());
    assert!(world.run(&["git", "install"]).output().status.success());
    finds(&world, &[], &[&many]);
    fs::remove_file(world.path("tls.p12")).expect("removed");
    // What git ignores, what is empty, and what another config governs, is not meant.
    world.file(".gitignore", "[b-f].env\n");
    world.file("g.env", "");
    world.file("other/.sops-rs.yaml", "version: 1\n");
    world.file("other/x.env", "X=1\n");
    finds(&world, &[], &[]);
    world.file("h.env", world.read("a.env").replace("sops_rs__version=1", "sops_rs__version=9"));
    let found = findings(&world, &[]);
    assert!(found.iter().any(|finding| finding.starts_with("failed: files: `h.env`: metadata: line ")), "{found:?}");
    fs::remove_file(world.path("h.env")).expect("removed");
    world.encrypted("x.yaml", "x: 1\n");
    let orphan = "warning: files: encrypted, but no rule speaks of them: `x.yaml`: add a rule, so that a reader who is removed is \
                  removed from them, too";
    let unnamed = "warning: git: `.gitattributes` names no drivers for 1 file: `x.yaml`: `sops-rs git install`; a line of yours \
                   further down may speak of them, too";
    finds(&world, &[], &[orphan, unnamed]);
}

#[test]
fn git_must_leave_line_endings_alone() {
    let world = world();
    let converted = "warning: git: git changes the line endings of encrypted files: `a.env`: their values would not be what was \
                     encrypted; in .gitattributes, say for example: *.enc.yaml -text";
    for (attributes, setting, expected) in [
        ("*.env text eol=crlf\n", "", &[converted][..]),
        ("*.env eol=crlf\n", "", &[converted]),
        ("", "true", &[converted]),
        ("*.env -text\n", "true", &[]),
        ("*.env eol=lf\n", "true", &[]),
        ("* text=auto\n", "input", &[]),
    ] {
        world.file(".gitattributes", format!("*.env diff=sops-rs merge=sops-rs\n{attributes}"));
        world.shell(&format!("git config core.autocrlf '{setting}'")).gives("", "");
        finds(&world, &[], expected);
    }
    // With CRLF in it, it is the way into git that changes it.
    world.file("a.env", "A=canary-7f3a91\r\n");
    assert!(world.run(&["encrypt", "-i", "a.env"]).output().status.success());
    world.file(".gitattributes", "* text=auto\n*.env diff=sops-rs merge=sops-rs\n");
    world.shell("git config --unset core.autocrlf").gives("", "");
    finds(&world, &[], &[converted]);
    fs::remove_dir_all(world.path(".git")).expect("removed");
    finds(&world, &[], &["warning: git: this folder is in no git repository: git init"]);
    finds(
        &world,
        &[("PATH", "/nowhere")],
        &["warning: git: git is not installed: secrets are kept in git; install it"],
    );
}

#[test]
fn what_killed_runs_left_behind_is_told() {
    let world = world();
    world.file(".sops-rs-x1.tmp", "A=canary-7f3a91\n");
    // No process has this number.
    for name in ["run/sops-rs-2147483647-x/a.env", "run/sops-rs-kept-x/a.env"] {
        world.file(name, "A=canary-7f3a91\n");
    }
    for folder in ["run", "run/sops-rs-2147483647-x", "run/sops-rs-kept-x"] {
        world.chmod(folder, 0o700);
    }
    world.file(".gitignore", "run\n");
    let found = findings(&world, &[]);
    let found: Vec<_> = found.iter().filter(|finding| finding.contains(": leftovers: ")).collect();
    let own = |text: &str| found.iter().any(|finding| finding.contains(text));
    assert!(
        own("failed: leftovers: plaintext of runs that were killed: ") && own("/run/sops-rs-2147483647-x`"),
        "{found:?}"
    );
    assert!(own("warning: leftovers: plaintext that you chose to keep: ") && own("/run/sops-rs-kept-x`"), "{found:?}");
    let output = world.run(&["doctor"]).env("PATH", "/usr/bin:/bin").output();
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(text.contains("which may hold plaintext: `./.sops-rs-x1.tmp`\n"), "{text}");
    assert!(Path::new(&world.path(".sops-rs-x1.tmp")).exists(), "it changes nothing");
}

#[test]
fn a_missing_editor_is_told() {
    let world = world();
    let hint = "`sops-rs edit` needs one; name it in `SOPS_EDITOR`, `VISUAL` or `EDITOR`";
    let missing = format!("warning: editor: `no-such-editor` was not found: {hint}");
    finds(&world, &[("EDITOR", "no-such-editor --wait")], &[&missing]);
}
