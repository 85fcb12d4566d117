//! `hook pre-commit`: no commit adds a plaintext that a rule wants encrypted.

use std::fs;
use std::path::Path;
use std::process::Output;

use super::harness::{CANARY, PROGRAM, World};

/// A repository with the hook, and one commit.
fn world() -> World {
    let world = World::ready();
    world.config("  - files: [\"*.enc.*\"]\n    recipients: [me]\n");
    world.repository();
    assert!(world.shell("sops-rs git install").output().status.success());
    world.commit("first");
    world
}

fn plaintext(world: &World, name: &str) {
    world.file(name, format!("a: {CANARY}\n"));
}

fn commit(world: &World, arguments: &[&str]) -> Output {
    world.git_run(&[&["commit", "--quiet", "-m", "next"], arguments].concat()).output()
}

#[track_caller]
fn commits(world: &World, arguments: &[&str]) {
    let output = commit(world, arguments);
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}

#[track_caller]
fn refuses(world: &World, arguments: &[&str], file: &str) {
    let head = world.git_run(&["rev-parse", "--verify", "--quiet", "HEAD"]).output().stdout;
    let output = commit(world, arguments);
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.starts_with(&format!("{file}: error: is not encrypted, though a rule speaks of it; ")), "{said}");
    assert!(said.ends_with("nothing was committed; `git commit --no-verify` would, without a look\n"), "{said}");
    assert!(!said.contains(CANARY));
    assert_eq!(world.git_run(&["rev-parse", "--verify", "--quiet", "HEAD"]).output().stdout, head);
}

#[test]
fn a_plaintext_is_refused_and_the_command_that_is_offered_helps() {
    let world = world();
    plaintext(&world, "it's a.enc.yaml");
    world.git(&["add", "--all"]);
    refuses(&world, &[], "it's a.enc.yaml");
    let said = String::from_utf8(commit(&world, &[]).stderr).expect("UTF-8");
    let (_, rest) = said.split_once('`').expect("a command");
    let (command, _) = rest.split_once('`').expect("closed");
    assert!(world.shell(command).output().status.success(), "{command}");
    commits(&world, &[]);
    assert!(world.git(&["show", "HEAD:it's a.enc.yaml"]).contains("ENC[1:"));
}

#[test]
fn what_is_committed_counts_and_not_what_lies_in_the_work_tree() {
    let world = world();
    plaintext(&world, "a.enc.yaml");
    commits(&world, &["--allow-empty"]);
    world.git(&["add", "a.enc.yaml"]);
    world.encrypted_by_rule("a.enc.yaml", "a: b\n");
    refuses(&world, &[], "a.enc.yaml");
    world.git(&["add", "a.enc.yaml"]);
    plaintext(&world, "a.enc.yaml");
    commits(&world, &[]);
    // `git commit -a` and `git commit FILE` have an index of their own.
    refuses(&world, &["-a"], "a.enc.yaml");
    refuses(&world, &["a.enc.yaml"], "a.enc.yaml");
    world.git(&["add", "a.enc.yaml"]);
    world.file("notes.txt", "1\n");
    world.git(&["add", "notes.txt"]);
    commits(&world, &["notes.txt"]);
    refuses(&world, &[], "a.enc.yaml");
    refuses(&world, &["--amend"], "a.enc.yaml");
    assert!(commit(&world, &["--no-verify"]).status.success());
}

#[test]
fn the_first_commit_and_those_of_branches_and_work_trees_are_looked_at() {
    let world = World::ready();
    world.config("  - files: [\"*.enc.*\"]\n    recipients: [me]\n");
    world.repository();
    assert!(world.shell("sops-rs git install").output().status.success());
    plaintext(&world, "a.enc.yaml");
    world.git(&["add", "--all"]);
    refuses(&world, &[], "a.enc.yaml");
    world.encrypted_by_rule("a.enc.yaml", "a: 1\nb: 2\n");
    world.git(&["add", "--all"]);
    commits(&world, &[]);

    world.git(&["worktree", "add", "--quiet", "--detach", "../tree"]);
    plaintext(&world, "../tree/sub/b.enc.yaml");
    world.git(&["-C", "../tree", "add", "--all"]);
    let output = world.git_run(&["commit", "--quiet", "-m", "no"]).within("../tree/sub").output();
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.starts_with("sub/b.enc.yaml: error: ") && said.contains("\npaths are from the top of the repository\n"),
        "{said}"
    );

    // The commit that ends a merge with conflicts.
    world.git(&["switch", "--quiet", "-c", "other"]);
    world.file("notes.txt", "1\n");
    world.commit("theirs");
    world.git(&["switch", "--quiet", "main"]);
    world.file("notes.txt", "2\n");
    world.commit("ours");
    assert_eq!(world.git_run(&["merge", "--quiet", "other"]).output().status.code(), Some(1));
    world.file("notes.txt", "3\n");
    plaintext(&world, "c.enc.yaml");
    world.git(&["add", "--all"]);
    refuses(&world, &[], "c.enc.yaml");
    world.git(&["rm", "--quiet", "--cached", "c.enc.yaml"]);
    commits(&world, &[]);
    assert!(!world.path(".git/MERGE_HEAD").exists());
}

#[test]
fn a_hook_finds_the_program_without_a_path_and_says_when_it_is_gone() {
    let world = world();
    plaintext(&world, "a.enc.yaml");
    world.git(&["add", "--all"]);
    let path = "/usr/local/bin:/usr/bin:/bin";
    let output = world.git_run(&["commit", "-m", "no"]).env("PATH", path).output();
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("a.enc.yaml: error: "), "{output:?}");
    let folder = Path::new(PROGRAM).parent().expect("a folder").display().to_string();
    let hook = world.read(".git/hooks/pre-commit");
    assert!(hook.contains(&folder), "{hook}");
    world.file(".git/hooks/pre-commit", hook.replace(&folder, "/nowhere"));
    let output = world.git_run(&["commit", "-m", "no"]).env("PATH", path).output();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("sops-rs is gone, "), "{output:?}");
    // One that is shared lets those pass who have no sops-rs.
    fs::remove_file(world.path(".git/hooks/pre-commit")).expect("removed");
    world.git(&["config", "core.hooksPath", ".githooks"]);
    assert!(world.shell("sops-rs git install").output().status.success());
    refuses(&world, &[], "a.enc.yaml");
    let output = world.git_run(&["commit", "--quiet", "-m", "yes"]).env("PATH", path).output();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "sops-rs is not installed: nobody looks whether secrets are encrypted\n"
    );
}

/// With `SOPS_RS_TEST_PRE_COMMIT` (the path of the framework's program) it is also held against that.
#[test]
#[expect(clippy::disallowed_methods, reason = "the variable asks for a part of this test")]
fn the_hooks_for_the_framework_are_commands_of_ours() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml");
    let text = fs::read_to_string(&manifest).expect("there");
    let field = |name: &str| -> Vec<String> {
        let values = text.lines().filter_map(|line| line.trim_start_matches(['-', ' ']).strip_prefix(name));
        values.map(|value| value.trim().to_owned()).collect()
    };
    assert_eq!(field("id:"), ["sops-rs-check", "sops-rs-check-system"]);
    let world = world();
    for entry in field("entry:") {
        assert!(world.shell(&entry).output().status.success(), "{entry}");
    }
    assert_eq!(field("pass_filenames:"), ["false", "false"]);
    if let Some(program) = std::env::var_os("SOPS_RS_TEST_PRE_COMMIT") {
        let mut run = world.command(&program.to_string_lossy());
        run.command.arg("validate-manifest").arg(&manifest);
        run.gives("", "");
    }
}
