//! `log`, on real repositories.

use serde_json::{Value, json};

use super::harness::{STRANGER_FILE, World};

/// What `log` prints: commits as their subjects, without the time that passed.
#[track_caller]
fn log(world: &World, arguments: &[&str]) -> String {
    let output = world.run(&[&["log"], arguments].concat()).env("PATH", PATH).output();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(output.status.success());
    let mut text = world.normalised(&String::from_utf8(output.stdout).expect("UTF-8"));
    for line in world.git(&["log", "--all", "--format=%h %s", "--abbrev=10"]).lines() {
        let (id, subject) = line.split_once(' ').expect("a subject");
        text = text.replace(id, &format!("<{subject}>"));
    }
    let lines = text.lines().map(|line| match (line.find(" (").or(line.find("  ")), line.find(" ago")) {
        (Some(start), Some(end)) if line.contains("UTC") => {
            format!("{}{}\n", &line[..start], &line[end + 4..].trim_start_matches(')'))
        }
        _ => format!("{line}\n"),
    });
    lines.collect()
}

const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// A world with a repository and a rule for me and the stranger.
fn world() -> World {
    let world = World::ready();
    world.config("  - files: [\"**\"]\n    recipients: [me, stranger]\n    clear: [kind]\n");
    world.repository();
    world.file("a.yaml", "# c\nkind: x\ndb:\n  user: u\n  password: p\nlist: [one, two]\n");
    run(&world, &["encrypt", "-i", "a.yaml"]);
    world.commit("first");
    world
}

#[track_caller]
fn run(world: &World, arguments: &[&str]) {
    let output = world.run(arguments).output();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn each_commit_is_told_with_what_it_changed() {
    let world = world();
    run(&world, &["set", "a.yaml", "db.password", "q"]);
    world.commit("new password");
    world.git(&["mv", "a.yaml", "b.yaml"]);
    run(&world, &["set", "b.yaml", "list[0]", "zero"]);
    run(&world, &["unset", "b.yaml", "db.user"]);
    world.commit("renamed");
    world.config("  - files: [\"**\"]\n    recipients: [me]\n    clear: [kind]\n");
    run(&world, &["updatekeys", "--yes", "b.yaml"]);
    world.commit("stranger leaves");
    let before = world.read("b.yaml");
    run(&world, &["set", "b.yaml", "db.password", "r"]);
    world.commit("another password");
    world.file("b.yaml", before);
    let all = "\
not committed yet
  ! db.password  put back to the value of <stranger leaves> (2026-01-01, Ann)

<another password>  2026-01-01 12:04 UTC  Ann
    another password
  ~ db.password  changed

<stranger leaves>  2026-01-01 12:03 UTC  Ann
    stranger leaves
  - reader stranger (age13hspa0g3…du4scqglpx25)
  ~ new data key, said to follow the one before
  ? 3 values sealed anew: which of them changed cannot be told without a key

<renamed>  2026-01-01 12:02 UTC  Ann
    renamed
  - db.user  removed
  ~ list[0]  changed

<new password>  2026-01-01 12:01 UTC  Ann
    new password
  as a.yaml
  ~ db.password  changed

<first>  2026-01-01 12:00 UTC  Ann
    first
  as a.yaml
  + reader me (age1a7ff2kfn…zqfdnses37gs)
  + reader stranger (age13hspa0g3…du4scqglpx25)
  + 5 values
";
    assert_eq!(log(&world, &["b.yaml"]), all);
    let of_user = "\
<renamed>  2026-01-01 12:02 UTC  Ann
    renamed
  - db.user  removed

<first>  2026-01-01 12:00 UTC  Ann
    first
  as a.yaml
  + db.user  added
";
    assert_eq!(log(&world, &["b.yaml", "db.user"]), of_user);
    let latest = log(&world, &["-n", "2", "b.yaml", "db"]);
    assert_eq!(latest.lines().filter(|line| line.contains("db.password")).count(), 2, "{latest}");
}

#[test]
fn a_merge_tells_what_neither_side_had() {
    let world = world();
    world.git(&["checkout", "-q", "-b", "side"]);
    run(&world, &["set", "a.yaml", "db.user", "side"]);
    world.commit("on side");
    world.git(&["checkout", "-q", "main"]);
    run(&world, &["set", "a.yaml", "list[1]", "main"]);
    world.commit("on main");
    world.git(&["merge", "-q", "--no-commit", "side"]);
    run(&world, &["set", "a.yaml", "db.password", "merged"]);
    world.commit("merge");
    let log = log(&world, &["a.yaml"]);
    let expected = "\
<merge>  2026-01-01 12:04 UTC  Ann
    merge
  ~ db.password  changed

<on main>  2026-01-01 12:02 UTC  Ann
    on main
  ~ list[1]  changed

<on side>  2026-01-01 12:01 UTC  Ann
    on side
  ~ db.user  changed

";
    assert!(log.starts_with(expected), "{log}");
}

#[test]
fn blame_names_the_commit_of_each_value() {
    let world = world();
    run(&world, &["set", "a.yaml", "db.password", "q"]);
    world.commit("second");
    run(&world, &["rotate", "a.yaml"]);
    world.commit("rotated");
    run(&world, &["set", "a.yaml", "db.user", "v"]);
    run(&world, &["set", "a.yaml", "new", "n"]);
    let output = world.run(&["log", "--blame", "a.yaml"]).env("PATH", PATH).output();
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let ids = world.git(&["log", "--reverse", "--format=%h", "--abbrev=10"]);
    let ids: Vec<_> = ids.lines().collect();
    let words: Vec<_> = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let has = |number: usize, start: &str, end: &str| {
        let line = &words[number];
        assert!(line.starts_with(start) && line.ends_with(end), "{start} {end}: {text}");
    };
    has(0, &format!("{} Ann 2026-01-01 ", ids[0]), " kind (clear)");
    let anew = format!("(sealed anew in {}, 2026-01-01: perhaps changed then)", ids[2]);
    has(1, "not committed", "db.user");
    has(2, ids[1], &format!("db.password {anew}"));
    has(3, ids[0], &format!("list[0] {anew}"));
    has(5, "not committed", "new");
    assert_eq!(words.len(), 6);

    let output = world.run(&["log", "--blame", "--json", "a.yaml", "db"]).env("PATH", PATH).output();
    let value: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let values = &value["files"][0]["values"];
    assert_eq!((&value["complete"], values.as_array().map(Vec::len)), (&json!(true), Some(2)));
    assert_eq!(values[0]["changed"], Value::Null);
    assert_eq!(values[1]["path"], "db.password");
    assert_eq!(values[1]["changed"]["subject"], "second");
    assert_eq!(values[1]["sealed_anew"]["subject"], "rotated");
    assert_eq!(values[1]["perhaps_changed"], true);
    assert_eq!(values[1]["changed"]["time"], "2026-01-01T12:01:00Z");
}

#[test]
fn json_has_what_the_text_has() {
    let world = world();
    run(&world, &["set", "a.yaml", "db.password", "q"]);
    let second = world.commit("second");
    let output = world.run(&["log", "--json", "a.yaml"]).env("PATH", PATH).output();
    let value: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let commits = value["commits"].as_array().expect("a list");
    assert_eq!(commits.len(), 2);
    let commit = json!({
        "id": second, "author": "Ann", "email": "ann@example.com", "time": "2026-01-01T12:01:00Z", "subject": "second",
    });
    assert_eq!(commits[0]["commit"], commit);
    let file = json!({
        "file": "a.yaml", "name": "a.yaml", "state": "encrypted", "was_encrypted": true,
        "values": [{ "path": "db.password", "change": "changed", "from": null, "put_back": null }],
        "others": 0, "readers": { "gained": [], "lost": [] }, "policy": [], "data_keys": [], "dialect": null,
    });
    assert_eq!(commits[0]["files"], json!([file]));
    let first = &commits[1]["files"][0];
    assert_eq!(first["was_encrypted"], Value::Null);
    assert_eq!(first["values"].as_array().map(Vec::len), Some(5));
    assert_eq!(first["readers"]["gained"][1]["name"], "stranger");
}

#[test]
fn files_of_sops_are_told_of_too() {
    let world = World::ready();
    world.repository();
    world.of_sops("s.yaml", "a: one\nb: two\n");
    world.commit("first");
    run(&world, &["set", "s.yaml", "a", "three"]);
    world.commit("second");
    run(&world, &["rotate", "s.yaml"]);
    world.commit("third");
    let expected = "\
<third>  2026-01-01 12:02 UTC  Ann
    third
  ~ new data key: no token stayed
  ? 2 values sealed anew: which of them changed cannot be told without a key

<second>  2026-01-01 12:01 UTC  Ann
    second
  ~ a  changed

<first>  2026-01-01 12:00 UTC  Ann
    first
  + reader age (age1a7ff2kfn…zqfdnses37gs)
  + 2 values
";
    assert_eq!(log(&world, &["s.yaml"]), expected);
}

#[test]
fn plaintext_and_deletion_are_told() {
    let world = World::ready();
    world.repository();
    world.file("a.env", "A=canary-7f3a91\n");
    world.commit("oops");
    run(&world, &["encrypt", "-i", "a.env"]);
    world.commit("encrypted");
    world.git(&["rm", "-q", "a.env"]);
    world.git(&["commit", "-q", "-m", "deleted"]);
    let expected = "\
<deleted>  2026-01-01 12:02 UTC  Ann
    deleted
  - deleted

<encrypted>  2026-01-01 12:01 UTC  Ann
    encrypted
  ! it was plaintext, which stays in the history of git: change the values that were in it
  + reader me (age1a7ff2kfn…zqfdnses37gs)
  + 1 value encrypted
";
    assert_eq!(log(&world, &["a.env"]), expected);
}

#[test]
fn a_folder_or_nothing_is_all_encrypted_files() {
    let world = world();
    world.file("sub/b.env", "B=1\n");
    world.file("plain.yaml", "a: 1\n");
    run(&world, &["encrypt", "-i", "sub/b.env"]);
    run(&world, &["set", "a.yaml", "db.user", "v"]);
    world.commit("both");
    let both = "\
<both>  2026-01-01 12:01 UTC  Ann
    both
  a.yaml
    ~ db.user  changed
  sub/b.env
    + reader me (age1a7ff2kfn…zqfdnses37gs)
    + reader stranger (age13hspa0g3…du4scqglpx25)
    + 1 value

";
    let all = log(&world, &[]);
    assert!(all.starts_with(both), "{all}");
    let within = world.run(&["log", "-n", "1"]).env("PATH", PATH).within("sub").output();
    let within = String::from_utf8(within.stdout).expect("UTF-8");
    assert!(within.contains("  ../a.yaml\n") && within.contains("  b.env\n"), "{within}");
    let folder = log(&world, &["sub"]);
    assert!(folder.contains("+ 1 value\n") && !folder.contains("db.user"), "{folder}");
}

#[test]
fn no_key_is_needed_and_nobody_runs_what_a_config_names() {
    let world = world();
    world.home_file(".config/sops-rs/keys.txt", STRANGER_FILE.replace("AGE-SECRET-KEY-", "broken-"));
    world.git(&["config", "log.showSignature", "true"]);
    world.git(&["config", "gpg.program", "/nonexistent/gpg"]);
    world.git(&["config", "diff.external", "touch ran"]);
    world.git(&["config", "diff.relative", "true"]);
    world.git(&["config", "log.showRoot", "false"]);
    world.git(&["config", "core.fsmonitor", "touch ran"]);
    let text = log(&world, &["a.yaml"]);
    assert!(text.ends_with("  + 5 values\n"), "{text}");
    assert!(!world.path("ran").exists());
}

#[test]
fn what_others_wrote_is_escaped() {
    let world = world();
    run(&world, &["set", "a.yaml", "kind", "y"]);
    world.git(&["add", "."]);
    world.git(&["commit", "-q", "-m", "\u{1b}[2Jx", "--author", "\u{202e}E <e@example.com>"]);
    let text = log(&world, &["-n", "1", "a.yaml"]);
    assert!(text.contains("    \\u{1b}[2Jx\n") && text.contains("  \\u{202e}E\n"), "{text}");
}

#[test]
fn a_shallow_clone_says_that_it_does_not_know() {
    let world = world();
    run(&world, &["set", "a.yaml", "kind", "y"]);
    world.commit("second");
    let from = format!("file://{}", world.path("").display());
    world.git(&["clone", "-q", "--depth", "1", &from, "clone"]);
    let output = world.run(&["log", "a.yaml"]).env("PATH", PATH).within("clone").output();
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(text.contains("  ? the history of this clone begins here\n"), "{text}");
    let warning = "sops-rs: warning: the clone is shallow: what was before its first commits is unknown; \
                   `git fetch --unshallow` gets it\n";
    assert_eq!(String::from_utf8(output.stderr).expect("UTF-8"), warning);
}

#[test]
fn what_cannot_be_told_is_said() {
    let world = world();
    world.file("plain.yaml", "a: 1\n");
    let fails = |arguments: &[&str], code, error: &str| {
        world.run(&[&["log"], arguments].concat()).env("PATH", PATH).fails(code, error);
    };
    fails(
        &["plain.yaml"],
        1,
        "sops-rs: error: `plain.yaml`: not encrypted: no `sops-rs` or `sops` metadata\n\
         sops-rs: hint: encrypt it with `sops-rs encrypt -i plain.yaml`\n",
    );
    fails(&["none.yaml"], 100, "sops-rs: error: `none.yaml`: there is no such file, and git knows of none\n");
    fails(
        &["a.yaml", "db.usr"],
        1,
        "sops-rs: error: `a.yaml`: no value at `db.usr`\nsops-rs: hint: did you mean `db.user`?\n\
         sops-rs: hint: there is no file `db.usr` either\n",
    );
    let outside = world.home("x.yaml").display().to_string();
    let error = "sops-rs: error: `[root]/home/x.yaml`: is in no git repository\n\
                 sops-rs: hint: the history of values comes from git\n";
    fails(&[&outside], 1, error);
}
