//! `git install` and `git uninstall`: attributes, drivers and hook.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use sops_rs::config::{FileGlob, attributes_pattern_of};

use super::harness::{ME, World};

const NEXT: &str = "next: commit `.gitattributes`; each clone needs its own `sops-rs git install`, since git takes no config from others\n";
const DRIVERS: &str = "drivers for diffs and merges in the git config of this repository";

/// A repository with a config.
fn world() -> World {
    let world = World::ready();
    world.config("  - files: [\"*.enc.*\"]\n    recipients: [me]\n");
    world.repository();
    world
}

/// Runs the program with these arguments in the way that hooks and people find it; it must succeed. Gives what it says.
#[track_caller]
fn says(world: &World, arguments: &str) -> String {
    let output = world.shell(&format!("sops-rs {arguments}")).output();
    let said = world.normalised(&String::from_utf8(output.stderr).expect("UTF-8"));
    assert!(output.status.success() && output.stdout.is_empty(), "{said}");
    said
}

/// What is said of the hooks.
fn hooks(verb: &str) -> String {
    format!("hook `.git/hooks/pre-commit`: {verb}\nhook `.git/hooks/pre-merge-commit`: {verb}\n")
}

/// All files but those that git itself keeps up to date.
fn files(world: &World) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let mut files = world.snapshot();
    files.retain(|path, _| !path.ends_with(".git/index"));
    files
}

#[track_caller]
fn attribute(world: &World, path: &str, expected: bool) {
    let answer = world.git(&["check-attr", "diff", "--", path]);
    assert_eq!(answer.ends_with("diff: sops-rs"), expected, "{answer}");
}

#[test]
fn what_it_adds_is_said_once_and_can_be_taken_away() {
    let world = world();
    world.file(".gitattributes", "*.png binary");
    let before = files(&world);
    let again = |verb: &str| format!("2 patterns in `.gitattributes`: {verb}\n{}{DRIVERS}: {verb}\n", hooks(verb));
    assert_eq!(says(&world, "git install --dry-run"), again("would be added"));
    assert_eq!(files(&world), before);
    assert_eq!(says(&world, "git install"), again("added") + NEXT);
    attribute(&world, "sub/a.enc.yaml", true);
    attribute(&world, "a.yaml", false);
    assert!(world.git(&["check-attr", "diff", "a.png"]).ends_with("unset"));
    let installed = files(&world);
    assert_eq!(says(&world, "git install"), again("there already"));
    assert_eq!(files(&world), installed);
    assert_eq!(
        says(&world, "git uninstall"),
        format!("our lines in `.gitattributes`: removed\n{}{DRIVERS}: removed\n", hooks("removed"))
    );
    assert_eq!(files(&world), before);
    assert_eq!(says(&world, "git uninstall"), hooks("not there") + DRIVERS + ": not there\n");
}

#[test]
fn the_lines_follow_the_rules_and_the_user_s_lines_stay() {
    let world = world();
    world.file(".gitattributes", "# mine\r\n*.png binary\r\n");
    says(&world, "git install --no-hook");
    let text = world.read(".gitattributes");
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "{text}");
    world.file(".gitattributes", format!("{text}*.zip binary\r\n"));
    world.config("  - files: [\"secrets/**\"]\n    recipients: [me]\n");
    let said = says(&world, "git install --no-hook");
    assert!(said.starts_with("1 pattern in `.gitattributes`: brought up to date\n"), "{said}");
    let text = world.read(".gitattributes");
    assert!(
        text.starts_with("# mine\r\n*.png binary\r\n# sops-rs begin ") && text.ends_with("\r\n*.zip binary\r\n"),
        "{text}"
    );
    assert!(text.contains("\r\n/secrets/** diff=sops-rs merge=sops-rs\r\n") && !text.contains("*.enc.*"), "{text}");
    world.file(".sops-rs.yaml", "version: 1\n");
    let said = says(&world, "git install --no-hook");
    assert!(
        said.starts_with("no rule and no encrypted file yet")
            && said.contains("\nour lines in `.gitattributes`: removed\n")
    );
    assert_eq!(world.read(".gitattributes"), "# mine\r\n*.png binary\r\n*.zip binary\r\n");
    world.file(".gitattributes", "# sops-rs begin\n");
    world.run(&["git", "install"]).fails(
        1,
        "sops-rs: error: `.gitattributes`: there is a line `# sops-rs begin`, but no `# sops-rs end`\n\
         sops-rs: hint: take these lines out, and run it again\n",
    );
}

/// Each glob has an attribute of its own, and git is asked about all of them at once.
#[test]
fn git_reads_the_patterns_as_the_globs_are_meant() {
    let globs = [
        "*.enc.yaml",
        ".env",
        ".env.*",
        "/.env",
        "secrets/**",
        "**/secrets/**",
        "secrets/",
        "/secrets/",
        "secrets",
        "a/b",
        "a/*",
        "a/*.yaml",
        "a/**/b",
        "a/**/",
        "**",
        "*",
        "**/",
        "a?c",
        "[a-c]x",
        "[!a-c]x",
        "[^a-c]x",
        "[]]x",
        "[a-]x",
        r"[\]]x",
        r"\*x",
        r"\!x",
        r"\#x",
        r"\[x",
        "a*b*c",
        "a b",
        "\"q\"",
        "x/**/**/y",
        "[attr]x",
        "[!-]x",
        r"[\^a]x",
        "#x",
    ];
    let paths = [
        "a.enc.yaml",
        "x/a.enc.yaml",
        "a.yaml",
        ".env",
        "app/.env",
        ".env.prod",
        "secrets/a/b",
        "x/secrets/a",
        "secrets",
        "x/secrets",
        "a/b",
        "a/b/c",
        "x/a/b",
        "a/x/y/b",
        "a/c.yaml",
        "a/c/d.yaml",
        "abc",
        "a/c",
        "ac",
        "bx",
        "dx",
        "]x",
        "-x",
        "*x",
        "yx",
        "!x",
        "#x",
        "[x",
        "aXbYc",
        "aXbYbZ",
        "a b",
        "x/a b/c",
        "\"q\"",
        "x/y",
        "x/1/2/y",
        "attrx",
        "tx",
        "^x",
        "x.env/a/b.enc.yaml/c",
    ];
    let world = World::new();
    world.repository();
    let mut text = String::new();
    for (number, glob) in globs.iter().enumerate() {
        let glob = FileGlob::parse(glob).expect("a glob");
        glob.attributes_patterns(&[]).iter().for_each(|pattern| text.push_str(&format!("{pattern} g{number}\n")));
    }
    for (number, path) in paths.iter().enumerate() {
        text.push_str(&format!("{} p{number}\n", attributes_pattern_of(path)));
    }
    world.file(".gitattributes", text);
    let mut arguments = vec!["check-attr", "-z", "--all", "--"];
    arguments.extend(paths);
    let answer = world.git(&arguments);
    let words: Vec<&str> = answer.split('\0').collect();
    let set: Vec<_> = words.chunks_exact(3).map(|words| (words[0], words[1])).collect();
    for (number, glob) in globs.iter().enumerate() {
        let matches = |path: &str| FileGlob::parse(glob).expect("a glob").matches(path);
        for path in paths {
            assert_eq!(set.contains(&(path, &*format!("g{number}"))), matches(path), "{glob} against {path}");
        }
    }
    for (number, path) in paths.iter().enumerate() {
        let found: Vec<_> =
            set.iter().filter(|(_, name)| *name == format!("p{number}")).map(|(path, _)| *path).collect();
        assert_eq!(found, [*path], "each path matches itself alone");
    }
}

#[test]
fn configs_further_down_and_above_and_of_sops_have_patterns_too() {
    let world = World::ready();
    world.config("  - files: [\"repo/prod/**\", \"*.enc.*\"]\n    recipients: [me]\n");
    world.file(
        "repo/sub/.sops-rs.yaml",
        format!("version: 1\nrecipients: {{me: {ME}}}\nrules: [{{files: [/x.yaml], recipients: [me]}}]\n"),
    );
    let sops = format!(
        "creation_rules:\n  - path_regex: ^live/.*\\.json$\n    age: {ME}\n  - path_regex: (a|b)+c\n    age: {ME}\n"
    );
    world.file("repo/old/.sops.yaml", sops);
    world.git(&["init", "--quiet", "repo"]);
    world.encrypted("repo/single [1].yaml", "a: b\n");
    let output = world.shell("cd repo && sops-rs git install --no-hook").output();
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(output.status.success(), "{said}");
    assert!(said.contains("`old/.sops.yaml`: rule 2 cannot be said in patterns of git\n"), "{said}");
    assert!(said.contains("named one by one, since no pattern of a rule is for them: `single [1].yaml`\n"), "{said}");
    for (path, expected) in [
        ("prod/a", true),
        ("x.enc.yaml", true),
        ("repo/prod/a", false),
        ("sub/x.yaml", true),
        ("sub/y.yaml", false),
        ("old/live/a.json", true),
        ("old/a.json", false),
        ("single [1].yaml", true),
        ("single 1.yaml", false),
    ] {
        let answer = world.git(&["-C", "repo", "check-attr", "merge", "--", path]);
        assert_eq!(answer.ends_with("merge: sops-rs"), expected, "{answer}");
    }
}

#[test]
fn a_hook_that_is_there_is_kept() {
    let hook = "#!/bin/sh\n# mine\necho mine >> ../ran\nexit $(cat ../code)\n";
    for is_link in [false, true] {
        let world = world();
        let path = world.path(".git/hooks/pre-commit");
        world.file("../code", "0");
        if is_link {
            world.file("scripts/hook", hook);
            world.chmod("scripts/hook", 0o755);
            symlink("../../scripts/hook", &path).expect("a link");
        } else {
            world.file(".git/hooks/pre-commit", hook);
            world.chmod(".git/hooks/pre-commit", 0o755);
        }
        let before = files(&world);
        let said = says(&world, "git install");
        assert!(
            said.contains(if is_link {
                "is called by ours, which was: added"
            } else {
                "given our lines, before what it does"
            }),
            "{said}"
        );
        let installed = files(&world);
        assert!(says(&world, "git install").contains("hook `.git/hooks/pre-commit`: there already\n"));
        assert_eq!(files(&world), installed);
        world.commit("it runs");
        assert_eq!(world.read("../ran"), "mine\n");
        world.file("../code", "3");
        let refused = world.git_run(&["commit", "--quiet", "--allow-empty", "-m", "no"]).output();
        assert_eq!(refused.status.code(), Some(1), "its exit code counts");
        assert_eq!(world.read("../ran"), "mine\nmine\n");
        world.git(&["rm", "--quiet", "--cached", ".gitattributes"]);
        says(&world, "git uninstall");
        let among_hooks = |files: BTreeMap<PathBuf, (u32, Vec<u8>)>| -> Vec<_> {
            files.into_iter().filter(|(path, _)| path.to_string_lossy().contains("/hooks/")).collect()
        };
        assert_eq!(among_hooks(files(&world)), among_hooks(before));
        assert_eq!(fs::read_link(&path).is_ok(), is_link);
    }
}

#[test]
fn hooks_that_git_does_not_run_or_that_others_share_are_left_alone() {
    let world = world();
    world.file(".git/hooks/pre-commit", "#!/bin/sh\n");
    assert!(says(&world, "git install").contains("hook `.git/hooks/pre-commit`: is left alone; git does not run it"));
    assert_eq!(world.read(".git/hooks/pre-commit"), "#!/bin/sh\n");
    let folder = world.home("hooks").display().to_string();
    world.home_file(".gitconfig", format!("[core]\n  hooksPath = {folder}\n"));
    let said = says(&world, "git install");
    assert!(said.contains("hooks: none were added, since `core.hooksPath` names `[root]/home/hooks`"), "{said}");
    assert!(!world.home("hooks").exists());
    world.file(".pre-commit-config.yaml", "repos:\n  - repo: x\n    hooks:\n      - id: sops-rs-check\n");
    let expected = "hooks: `.pre-commit-config.yaml` names the check, and `pre-commit install --hook-type pre-commit --hook-type \
                    pre-merge-commit` adds them\n";
    for name in ["pre-commit", "pre-merge-commit"] {
        assert!(says(&world, "git install").contains(expected));
        let text = "#!/bin/sh\n# File generated by pre-commit: https://pre-commit.com\n";
        world.home_file(&format!("hooks/{name}"), text);
    }
    assert!(says(&world, "git install").contains("hooks: the pre-commit framework runs the check already\n"));
}

#[test]
fn hooks_in_the_work_tree_know_no_path_of_this_machine() {
    for (folder, own) in [(".githooks", ".githooks"), (".husky/_", ".husky")] {
        let file = &format!("{own}/pre-commit");
        let world = world();
        world.git(&["config", "core.hooksPath", folder]);
        if folder == ".husky/_" {
            world.file(file, "npm test\n");
        }
        says(&world, "git install");
        let text = world.read(file);
        assert!(text.contains("\n  sops-rs hook pre-commit || exit\n"), "{text}");
        assert!(!text.contains("target"), "{text}");
        let merge = &format!("{own}/pre-merge-commit");
        assert!(world.read(merge).contains("\n  sops-rs hook pre-commit || exit\n"));
        assert_eq!(text.ends_with("\nnpm test\n"), folder == ".husky/_");
        says(&world, "git uninstall");
        assert_eq!(world.path(file).exists(), folder == ".husky/_");
        assert!(!world.path(merge).exists());
    }
}

#[test]
fn work_trees_share_it_and_submodules_have_their_own() {
    let world = world();
    world.commit("first");
    world.git(&["worktree", "add", "--quiet", "../tree"]);
    world.git(&["config", "extensions.worktreeConfig", "true"]);
    let output = world.shell("cd ../tree && sops-rs git install").output();
    assert!(output.status.success(), "{output:?}");
    assert!(world.git(&["config", "--local", "diff.sops-rs.textconv"]).starts_with("sops-rs git textconv "));
    assert!(world.path(".git/hooks/pre-commit").exists());
    assert!(world.path("../tree/.gitattributes").exists() && !world.path(".gitattributes").exists());
    assert!(world.git(&["-C", "../tree", "diff", "--stat"]).is_empty());

    world.git(&["clone", "--quiet", ".", "../other"]);
    world.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "../other", "module"]);
    let output = world.shell("cd module && sops-rs git install").output();
    assert!(output.status.success(), "{output:?}");
    assert!(world.path(".git/modules/module/hooks/pre-commit").exists());
    assert!(world.path("module/.gitattributes").exists());
    assert!(
        world
            .git(&["-C", "module", "config", "--local", "merge.sops-rs.driver"])
            .starts_with("sops-rs git merge %O %A %B ")
    );
}

#[test]
fn without_the_program_git_merges_lines() {
    let world = world();
    says(&world, "git install --no-hook");
    let text = |first: &str, last: &str| format!("{first}\n1\n2\n3\n{last}\n");
    world.file("a.enc.txt", text("a", "b"));
    world.commit("base");
    world.git(&["switch", "--quiet", "-c", "other"]);
    world.file("a.enc.txt", text("a", "c"));
    world.commit("theirs");
    world.git(&["switch", "--quiet", "main"]);
    world.file("a.enc.txt", text("d", "b"));
    world.commit("ours");
    let path = "/usr/local/bin:/usr/bin:/bin";
    let merge = world.git_run(&["merge", "--quiet", "-m", "both", "other"]).env("PATH", path).output();
    assert!(merge.status.success(), "{merge:?}");
    assert_eq!(world.read("a.enc.txt"), text("d", "c"));
    world.git(&["reset", "--quiet", "--hard", "HEAD~"]);
    world.file("a.enc.txt", text("d", "e"));
    world.commit("another last line");
    let merge = world.git_run(&["merge", "--quiet", "-m", "both", "other"]).env("PATH", path).output();
    assert_eq!(merge.status.code(), Some(1), "{merge:?}");
    assert!(world.read("a.enc.txt").contains("\n<<<<<<<"), "{}", world.read("a.enc.txt"));
}

/// The globs come with the repository, and so does the link: they must not get into another file of the user's.
#[test]
fn attributes_are_not_written_through_a_link() {
    let world = world();
    world.home_file(".bashrc", "true\n");
    symlink(world.home(".bashrc"), world.path(".gitattributes")).expect("a link");
    let before = files(&world);
    for arguments in ["git install", "init"] {
        let output = world.shell(&format!("sops-rs {arguments}")).output();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains("is a symbolic link"), "{arguments}: {said}");
    }
    assert_eq!(files(&world), before);
    assert_eq!(fs::read_to_string(world.home(".bashrc")).expect("a file"), "true\n");
}

#[test]
fn a_comment_about_the_framework_keeps_no_hook_away() {
    let world = world();
    world.file(".pre-commit-config.yaml", "repos: []\n# id: sops-rs-check\n");
    assert!(says(&world, "git install").contains(&hooks("added")));
}

#[test]
fn what_git_ignores_is_not_named() {
    let world = world();
    world.encrypted("own.yaml", "a: b\n");
    world.encrypted("other.yaml", "a: b\n");
    world.file(".gitignore", "own.yaml\n");
    let said = says(&world, "git install --no-hook");
    assert!(said.starts_with("named one by one, since no pattern of a rule is for them: `other.yaml`\n"), "{said}");
    assert!(!world.read(".gitattributes").contains("own.yaml"));
}

#[test]
fn the_user_s_config_is_written_when_that_is_said_and_nothing_else_is() {
    let world = World::ready();
    let before = world.snapshot();
    assert_eq!(says(&world, "git install --global"), "drivers for diffs and merges in your git config: added\n");
    let config = fs::read_to_string(world.home(".gitconfig")).expect("there");
    assert!(config.contains("[diff \"sops-rs\"]") && config.contains("[merge \"sops-rs\"]"), "{config}");
    assert_eq!(
        says(&world, "git install --global"),
        "drivers for diffs and merges in your git config: there already\n"
    );
    assert_eq!(says(&world, "git uninstall --global"), "drivers for diffs and merges in your git config: removed\n");
    let mut after = world.snapshot();
    assert_eq!(after.remove(&world.home(".gitconfig")).map(|(_, text)| text), Some(Vec::new()));
    assert_eq!(after, before);
    world.run(&["git", "install"]).fails(
        1,
        "sops-rs: error: this folder is in no git repository\nsops-rs: hint: go to one, or begin one with `git init`\n",
    );
}

#[test]
fn init_sets_git_up_and_doctor_misses_what_is_gone() {
    let world = World::new();
    world.repository();
    let said = says(&world, "init");
    assert!(said.contains("hook `.git/hooks/pre-commit`: added\n") && said.contains(NEXT), "{said}");
    assert!(!says(&world, "init --no-git").contains("hook"));
    world.file("a.enc.yaml", "a: b\n");
    says(&world, "encrypt -i a.enc.yaml");
    let doctor = || {
        let output = world.shell("sops-rs doctor").env("EDITOR", "true").output();
        let lines = String::from_utf8(output.stdout).expect("UTF-8");
        lines.lines().filter(|line| line.contains("  git: ")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(doctor()[1..], ["ok    git: drivers, attributes and hooks are there"]);
    world.file(".gitattributes", format!("{}*.yaml -diff\n", world.read(".gitattributes")));
    assert_eq!(doctor()[1..], ["warn  git: `.gitattributes` names no drivers for 1 file: `a.enc.yaml`"]);
    world.chmod(".git/hooks/pre-commit", 0o644);
    assert!(doctor().contains(&"warn  git: the pre-commit hook is not executable, so git does not run it".to_owned()));
    fs::remove_file(world.path(".git/hooks/pre-commit")).expect("removed");
    fs::remove_file(world.path(".git/hooks/pre-merge-commit")).expect("removed");
    world.git(&["config", "--remove-section", "merge.sops-rs"]);
    let found = doctor();
    for expected in [
        "warn  git: no pre-commit hook keeps plaintext out of commits",
        "warn  git: no pre-merge-commit hook keeps plaintext out of merges",
    ] {
        assert!(found.contains(&expected.to_owned()), "{found:?}");
    }
    assert!(found.iter().any(|line| line.contains("the drivers are not set")), "{found:?}");
}
