//! `check --leaks`: values of encrypted files in other places, and nothing that is none.

use std::fs;

use super::harness::{CANARY, Run, STRANGER, World};

const OTHER: &str = "hunter2hunter2";

/// A repository with two values in an encrypted file.
fn world() -> World {
    let world = World::new();
    world.identity();
    world.config("  - files: [\"secrets/**\"]\n    recipients: [me]\n");
    world.repository();
    world.encrypted("secrets/a.yaml", format!("db:\n  password: {CANARY}\nother: {OTHER}\n"));
    world
}

/// What is said of leaks, without the rest of each line behind the `;`; never a value.
#[track_caller]
fn leaks(run: Run<'_>) -> Vec<String> {
    let output = run.output();
    let (printed, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!printed.contains(CANARY) && !said.contains(CANARY), "{printed}{said}");
    assert!(!printed.contains(OTHER) && !said.contains(OTHER), "{printed}{said}");
    let found: Vec<_> = printed.lines().filter(|line| line.ends_with("[leak]")).map(str::to_owned).collect();
    assert_eq!(output.status.success(), !found.iter().any(|line| line.contains("error: ")), "{printed}{said}");
    found.iter().map(|line| line.split(';').next().expect("a part").to_owned()).collect()
}

#[test]
fn a_value_is_found_in_the_files_of_the_work_tree_in_any_spelling() {
    let world = world();
    world.file("README.md", format!("# Us\n\nLog in with {CANARY}.\nAgain: {CANARY}\n"));
    world.file("src/config.json", "{\"auth\": \"dXNlcjpjYW5hcnktN2YzYTkx\"}\n");
    world.file("src/image.bin", [b"\0\n\n", CANARY.as_bytes()].concat());
    world.file("src/ok.txt", "canary-7f3a910 canary 7f3a91\n");
    world.file(".gitignore", "*.local\n");
    world.file("notes.local", CANARY);
    world.file(&format!("src/{OTHER}/x.txt"), "");
    let value = "the value of `db.password` in `secrets/a.yaml`";
    let found = leaks(world.run(&["check", "--leaks"]));
    let expected = [
        format!("README.md:3: error: {value} stands here in clear, and in 1 more line"),
        "src: error: the value of `other` in `secrets/a.yaml` stands in the name of a file here".to_owned(),
        format!("src/config.json:1: error: {value} stands here in clear, in base64"),
        format!("src/image.bin: error: {value} stands here in clear"),
    ];
    assert_eq!(found, expected);
    // From another folder, its files alone.
    let found = leaks(world.run(&["check", "--leaks", "."]).within("src"));
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(
        found[1].starts_with("config.json:1: error: the value of `db.password` in `../secrets/a.yaml`"),
        "{found:?}"
    );
}

#[test]
fn a_value_that_is_staged_is_found_wherever_the_disk_has_it() {
    let world = world();
    world.commit("one");
    world.file("a.txt", CANARY);
    world.git(&["add", "a.txt"]);
    world.file("a.txt", "gone again\n");
    world.file("b.txt", CANARY);
    assert_eq!(leaks(world.run(&["check", "--leaks", "--staged"])).len(), 1);
    let found = leaks(world.run(&["check", "--leaks"]));
    assert_eq!(found, ["b.txt:1: error: the value of `db.password` in `secrets/a.yaml` stands here in clear"]);
}

#[test]
fn a_value_in_the_history_is_named_with_the_commit_that_brought_it() {
    let world = world();
    world.commit("one");
    world.file("old/a.txt", format!("x\n{CANARY}\n"));
    let first = world.commit("two");
    world.file("old/a.txt", format!("x\n{CANARY}\nmore\n"));
    world.commit("three");
    world.git(&["rm", "-q", "-r", "old"]);
    world.file(&format!("names/{OTHER}"), "");
    let named = world.commit("four");
    world.git(&["rm", "-q", "-r", "names"]);
    world.commit("five");
    world.file("x", "x");
    let message = world.commit(&format!("log in with {OTHER}"));
    world.git(&["tag", "-a", "-m", CANARY, "v1"]);
    // Nothing leads to it any more.
    world.file("lost.txt", OTHER);
    world.commit("six");
    world.git(&["reset", "-q", "--hard", "HEAD~1"]);
    assert_eq!(leaks(world.run(&["check", "--leaks"])), [""; 0]);
    let value = "the value of `db.password` in `secrets/a.yaml`";
    let other = "the value of `other` in `secrets/a.yaml`";
    let (first, named, message) = (&first[..10], &named[..10], &message[..10]);
    let expected = [
        format!("error: {other} stands in the commit {message} itself, as in its message"),
        format!("error: {value} stands in `refs/tags/v1`"),
        format!("names: error: {other} stands in the name of a file here, since commit {named}"),
        format!("old/a.txt:2: error: {value} stands here in clear, and in 1 later version, since commit {first}"),
    ];
    assert_eq!(leaks(world.run(&["check", "--leaks", "--history"])), expected);
    let output = world.run(&["check", "--leaks", "--history"]).output();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("1 object of this clone that no branch or tag leads to,"), "{said}");
    // Not below this folder are those in files.
    assert_eq!(leaks(world.run(&["check", "--leaks", "--history", "secrets"])).len(), 2);
}

#[test]
fn what_a_merge_brought_is_found() {
    let world = world();
    world.file("a.txt", "1\n2\n3\n");
    world.commit("one");
    world.git(&["checkout", "-q", "-b", "side"]);
    world.file("b.txt", "b\n");
    world.commit("two");
    world.git(&["checkout", "-q", "main"]);
    world.file("c.txt", "c\n");
    world.commit("three");
    world.git(&["merge", "-q", "--no-commit", "side"]);
    world.file("a.txt", format!("1\n{CANARY}\n3\n"));
    let merge = world.commit("merge");
    world.git(&["rm", "-q", "a.txt"]);
    world.commit("four");
    let value = "the value of `db.password` in `secrets/a.yaml`";
    let expected = format!("a.txt:2: error: {value} stands here in clear, since commit {}", &merge[..10]);
    assert_eq!(leaks(world.run(&["check", "--leaks", "--history"])), [expected]);
}

#[test]
fn what_is_no_secret_is_no_leak() {
    let world = world();
    let values = "host: db.example.com\nurl: https://example.com/login\nmode: production\nday: \"2026-11-21\"\nshort: abc123\n\
                  payments: payments\nteam: billing-people\nempty: \"\"\nport: 12345678\n";
    world.encrypted("secrets/b.yaml", values);
    world.file("secrets/plain.txt", "");
    fs::remove_file(world.path("secrets/plain.txt")).expect("removed");
    world.file("doc.md", values.replace("team: billing-people\n", ""));
    for number in 0..6 {
        world.file(&format!("teams/{number}.txt"), "billing-people");
    }
    world.commit("one");
    assert_eq!(leaks(world.run(&["check", "--leaks"])), [""; 0]);
    assert_eq!(leaks(world.run(&["check", "--leaks", "--history"])), [""; 0]);
    let output = world.run(&["check", "--leaks"]).output();
    let said = String::from_utf8_lossy(&output.stderr);
    let expected = "in more than 5 files, and so taken for mere words: `secrets/b.yaml: team`\n";
    assert!(said.contains(expected), "{said}");
    fs::remove_file(world.path("teams/0.txt")).expect("removed");
    let found = leaks(world.run(&["check", "--leaks"]));
    let expected = "teams/1.txt:1: warning: the value of `team` in `secrets/b.yaml` stands here in clear";
    assert_eq!((found.len(), found[0].as_str()), (5, expected));
    // Called a password it is one.
    world.encrypted("secrets/c.yaml", "users:\n  - password: billing-people\n");
    let found = leaks(world.run(&["check", "--leaks"]));
    let expected =
        "teams/1.txt:1: error: the value of `team` in `secrets/b.yaml` (and of 1 other path) stands here in clear";
    assert_eq!((found.len(), found[0].as_str()), (5, expected));
}

#[test]
fn values_of_both_dialects_and_of_binary_files_are_looked_for() {
    let world = world();
    world.of_sops("secrets/s.env", "TOKEN=0a1b2c3d4e5f6071\n");
    world.encrypted("secrets/c.bin", b"\0\x01binary\xff secret");
    world.file("x.txt", b"TOKEN: 0a1b2c3d4e5f6071\nAAFiaW5hcnn/IHNlY3JldA==\n");
    let found = leaks(world.run(&["check", "--leaks"]));
    let expected = [
        "x.txt:1: error: the value of `TOKEN` in `secrets/s.env` stands here in clear",
        "x.txt:2: error: the content of `secrets/c.bin` stands here in clear, in base64",
    ];
    let mut found: Vec<_> = found.iter().map(String::as_str).collect();
    found.sort_unstable();
    assert_eq!(found, expected);
}

#[test]
fn without_a_key_nothing_is_said_to_be_clean() {
    let world = world();
    world.file("secrets/theirs.yaml", "a: somebody-elses-7f3a91\n");
    let output = world.run(&["encrypt", "-i", "-r", STRANGER, "secrets/theirs.yaml"]).output();
    assert!(output.status.success(), "{output:?}");
    let output = world.run(&["check", "--leaks"]).output();
    let said = String::from_utf8_lossy(&output.stderr);
    let expected = "no identity opens `secrets/theirs.yaml`: its values are not looked for\n";
    assert!(said.contains(expected), "{said}");
    let broken = world.read("secrets/theirs.yaml").replace("ENC[1:", "ENC[1:x");
    world.file("secrets/broken.yaml", broken);
    let output = world.run(&["check", "--leaks"]).output();
    let said = String::from_utf8_lossy(&output.stderr);
    let expected = "`check` tells what is wrong with `secrets/broken.yaml`: its values are not looked for\n";
    assert!(said.contains(expected), "{said}");
    fs::remove_file(world.path("secrets/broken.yaml")).expect("removed");
    fs::remove_file(world.path("secrets/a.yaml")).expect("removed");
    let output = world.run(&["check", "--leaks"]).output();
    assert_eq!(output.status.code(), Some(128), "{output:?}");
}

#[test]
fn machines_are_told_the_commit_and_the_values() {
    let world = world();
    world.file("a.txt", CANARY);
    let commit = world.commit("one");
    let output = world.run(&["check", "--leaks", "--history", "--format", "json"]).output();
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let leak =
        told["findings"].as_array().expect("a list").iter().find(|finding| finding["rule"] == "leak").expect("one");
    assert_eq!((&leak["file"], &leak["line"], &leak["commit"]), (&"a.txt".into(), &1.into(), &commit[..10].into()));
    assert_eq!(leak["paths"], serde_json::json!(["secrets/a.yaml: db.password"]));
    assert!(!String::from_utf8_lossy(&output.stdout).contains(CANARY));
}

#[test]
fn a_shallow_clone_says_that_it_does_not_know() {
    let world = world();
    world.file("a.txt", CANARY);
    world.commit("one");
    world.git(&["rm", "-q", "a.txt"]);
    world.commit("two");
    let from = format!("file://{}", world.path("").display());
    let to = world.path("clone").display().to_string();
    world.git(&["clone", "-q", "--depth=1", &from, &to]);
    let output = world.run(&["check", "--leaks", "--history"]).within("clone").output();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(printed.contains("the clone is shallow") && !printed.contains("[leak]"), "{printed}");
}
