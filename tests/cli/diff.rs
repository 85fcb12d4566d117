//! `diff`: what changed in encrypted files, told without a key.

use serde_json::Value;

use crate::harness::{CANARY, ME, STRANGER, World};

const TEXT: &str = "# c\nkind: Secret\ndb:\n  user: app\n  password: hunter2\nusers:\n  - name: ann\n  - name: ben\n";

/// A repository with one encrypted file, committed.
fn repository() -> (World, String) {
    let world = World::ready();
    world.config("  - files: [\"**\"]\n    recipients: [me]\n    clear: [kind]\n");
    world.repository();
    world.file("prod.yaml", TEXT);
    world.run(&["encrypt", "-i", "prod.yaml"]).output();
    let first = world.commit("first");
    (world, first)
}

fn set(world: &World, path: &str, value: &str) {
    let output = world.run(&["set", "prod.yaml", path, value]).output();
    assert!(output.status.success(), "{output:?}");
}

/// A key as it is shown.
fn short(key: &str) -> String {
    format!("{}…{}", &key[..12], &key[key.len() - 12..])
}

/// What a run prints; nothing may be said.
#[track_caller]
fn printed(world: &World, arguments: &[&str]) -> String {
    let output = world.run(arguments).output();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn json(world: &World, arguments: &[&str]) -> Value {
    let arguments: Vec<_> = [&["diff", "--json"], arguments].concat();
    serde_json::from_str(&printed(world, &arguments)).expect("JSON")
}

#[test]
fn leaves_are_told_by_what_became_of_them() {
    let (world, first) = repository();
    world.run(&["diff"]).gives("", "");
    set(&world, "db.password", "other");
    set(&world, "db.port", "5432");
    world.run(&["unset", "prod.yaml", "users[0]"]).output();
    let expected = "\
prod.yaml  1 value changed, 1 added, 1 removed
  ├─ db
  │  ├─ ~ password           changed
  │  └─ + port               added
  └─ - users[0] before.name  removed
  the same: 1 at another index (--verbose shows them)
";
    world.run(&["diff"]).gives(expected, "");
    world.commit("second");
    set(&world, "db.password", "third");
    let second = world.commit("third");
    world.git(&["checkout", "--quiet", &first, "prod.yaml"]);
    let put_back = printed(&world, &["diff", "HEAD"]);
    let line = "~  password";
    assert!(
        !put_back.contains(line) && put_back.contains(&format!("put back to the value of {}", &first[..7])),
        "{put_back}"
    );
    assert!(!put_back.contains(&second[..7]), "{put_back}");
    // Looking back, everything is an earlier value.
    let backwards = printed(&world, &["diff", &second, &first]);
    assert!(backwards.contains("~ password") && !backwards.contains("put back"), "{backwards}");
    let found = json(&world, &["HEAD"]);
    let password =
        found[0]["leaves"].as_array().expect("leaves").iter().find(|leaf| leaf["after"]["path"] == "db.password");
    let password = password.expect("it changed");
    assert_eq!(password["put_back"]["commit"], first);
    assert_eq!(password["put_back"]["author"], "Ann");
    assert_eq!(password["put_back"]["date"], "2026-01-01");
}

#[test]
fn clear_values_are_shown_and_others_only_when_asked_for() {
    let (world, _) = repository();
    let output = world.run(&["set", "prod.yaml", "kind", "Other"]).output();
    assert!(output.status.success(), "{output:?}");
    set(&world, "db.password", CANARY);
    let expected = "\
prod.yaml  2 values changed
  ├─ ~ kind         changed, clear: \"Secret\" → \"Other\"
  └─ ~ db.password  changed
";
    let found = printed(&world, &["diff"]);
    assert!(found.contains("kind") && found.contains("\"Secret\" → \"Other\""), "{found}");
    world
        .run(&["diff", "--mask"])
        .gives(&format!("{expected}  the same: 1 sealed anew with the same value (--verbose shows them)\n"), "");
    for arguments in [
        &["diff"][..],
        &["diff", "--mask", "--verbose"],
        &["diff", "--json", "--mask"],
        &["diff", "--markdown", "--mask"],
    ] {
        let found = printed(&world, arguments);
        assert!(!found.contains(CANARY) && !found.contains("hunter2"), "{found}");
    }
    let shown = printed(&world, &["diff", "--show"]);
    assert!(shown.contains(&format!("\"hunter2\" → \"{CANARY}\"")), "{shown}");
    let shown = json(&world, &["--show"]);
    assert!(shown.to_string().contains(CANARY) && shown.to_string().contains("hunter2"));
    world
        .run(&["diff", "--show", "--markdown"])
        .command
        .output()
        .expect("it runs")
        .status
        .success()
        .then(|| panic!("refused"));
}

#[test]
fn who_gains_and_loses_access_is_told_with_what_they_read() {
    let (world, _) = repository();
    let rule =
        |readers: &str| world.config(&format!("  - files: [\"**\"]\n    recipients: [{readers}]\n    clear: [kind]\n"));
    rule("me, stranger");
    world.run(&["updatekeys", "-y", "prod.yaml"]).output();
    let stranger = short(STRANGER);
    let gained =
        format!("prod.yaml  1 reader gained\n  + reader stranger ({stranger}) now reads all of it: 4 values\n");
    world.run(&["diff"]).gives(&gained, "");
    world.commit("stranger");
    rule("me");
    world.run(&["updatekeys", "-y", "prod.yaml"]).output();
    set(&world, "db.user", "other");
    let lost = format!(
        "\
prod.yaml  4 values perhaps changed; 1 reader lost, new data key
  - reader stranger ({stranger}) no longer reads all of it: 4 values
  ! what they read they may have kept: change those values
  ~ new data key, said to follow the one before
  ? 4 values sealed anew: which of them changed cannot be told without a key; with one, --mask tells
"
    );
    world.run(&["diff"]).gives(&lost, "");
    let masked = printed(&world, &["diff", "--mask"]);
    assert!(
        masked.contains("└─ ~ db.user  changed\n") && masked.contains("3 sealed anew with the same value")
            || masked.contains("4 sealed anew"),
        "{masked}"
    );
    let found = json(&world, &[]);
    assert_eq!(found[0]["readers"]["lost"][0]["recipient"], STRANGER);
    assert_eq!(found[0]["readers"]["lost"][0]["values"], 4);
    assert_eq!(found[0]["data_keys"][0]["follows"], true);
    world.commit("rotated");
    world.file("prod.yaml", TEXT);
    world.run(&["encrypt", "-i", "prod.yaml"]).output();
    let replaced = printed(&world, &["diff"]);
    assert!(replaced.contains("! new data key, and nothing says that who made it had the one before"), "{replaced}");
    let replaced = printed(&world, &["diff", "--mask"]);
    assert!(replaced.contains("! new data key, NOT made by somebody who had the one before"), "{replaced}");
    world.home_file(".config/sops-rs/keys.txt", crate::harness::STRANGER_FILE);
    let output = world.run(&["diff", "--mask", "HEAD~1..HEAD"]).output();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("no identity matched") && said.contains("compared without a key"), "{said}");
    assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).contains("4 values perhaps changed"));
}

#[test]
fn whole_files_come_go_and_become_plaintext() {
    let (world, _) = repository();
    let reader = format!("reader me ({})", short(ME));
    world.file("new.env", "A=1\n");
    world.run(&["encrypt", "-i", "new.env"]).output();
    world.file("ignored.txt", "sops\n");
    world.git(&["mv", "prod.yaml", "renamed.yaml"]);
    world.git(&["add", "--all"]);
    let expected = format!(
        "\
new.env  new: 1 value added
  + {reader} reads all of it: 1 value
  └─ + A  added

renamed.yaml  renamed from prod.yaml

2 files, 1 with other readers
"
    );
    world.run(&["diff", "--staged"]).gives(&expected, "");
    world.commit("moved");
    world.run(&["decrypt", "-i", "renamed.yaml"]).output();
    let expected = "\
renamed.yaml  DECRYPTED: 4 values published, 1 comment
  ! PLAINTEXT: it was encrypted, and everybody who has the repository can read it now
  ! encrypt it before it is pushed; once it is, change all its values
";
    world.run(&["diff"]).gives(expected, "");
    world.commit("plain");
    world.run(&["encrypt", "-i", "renamed.yaml"]).output();
    let expected = format!(
        "\
renamed.yaml  encrypted: 4 values encrypted, 1 comment
  ! it was plaintext, which stays in the history of git: change the values that were in it
  + {reader} reads all of it: 4 values
"
    );
    world.run(&["diff"]).gives(&expected, "");
    assert_eq!(json(&world, &[])[0]["status"], "encrypted");
    world.commit("encrypted");
    std::fs::remove_file(world.path("renamed.yaml")).expect("removed");
    let gone = printed(&world, &["diff"]);
    let expected =
        format!("renamed.yaml  deleted: 5 values removed, 1 comment\n  - {reader} read all of it: 4 values\n");
    assert_eq!(gone, expected);
    let text = world.read("new.env").replace("ENC[1:", "ENC[1:!");
    world.file("new.env", text);
    let broken = printed(&world, &["diff", "new.env"]);
    assert!(broken.starts_with("new.env  unreadable\n  ! cannot be read: `new.env`: "), "{broken}");
    world.run(&["diff", "--name-only", "--exit-code"]).ends(1, "new.env\nrenamed.yaml\n", "");
    world.git(&["checkout", "--quiet", "."]);
    world.run(&["diff", "--exit-code"]).gives("", "");
}

#[test]
fn revisions_ranges_and_paths_mean_what_they_mean_to_git() {
    let (world, first) = repository();
    let changed = |arguments: &[&str]| printed(&world, &[&["diff", "--name-only"], arguments].concat());
    world.git(&["checkout", "--quiet", "-b", "branch"]);
    set(&world, "db.user", "b");
    world.commit("on the branch");
    world.git(&["checkout", "--quiet", "main"]);
    world.file("folder/other.env", "A=1\n");
    world.run(&["encrypt", "-i", "folder/other.env"]).output();
    world.commit("on main");
    assert_eq!(changed(&["main", "branch"]), "folder/other.env\nprod.yaml\n");
    assert_eq!(changed(&["main..branch"]), "folder/other.env\nprod.yaml\n");
    assert_eq!(changed(&["main...branch"]), "prod.yaml\n");
    assert_eq!(changed(&["main", "branch", "folder"]), "folder/other.env\n");
    assert_eq!(changed(&["main", "branch", "--", "prod.yaml"]), "prod.yaml\n");
    assert_eq!(changed(&[&first]), "folder/other.env\n");
    assert_eq!(changed(&["..branch", "--", "prod.yaml"]), "prod.yaml\n");
    set(&world, "db.user", "staged");
    world.git(&["add", "prod.yaml"]);
    assert_eq!(changed(&[]), "");
    assert_eq!(changed(&["--staged"]), "prod.yaml\n");
    assert_eq!(changed(&["--cached", &first]), "folder/other.env\nprod.yaml\n");
    let within = world.run(&["diff", "--staged", "--stat"]).within("folder");
    within.gives("../prod.yaml  1 value changed\n", "");
    world.run(&["diff", "nothing"]).fails(
        1,
        "\
sops-rs: error: `nothing` is neither a revision that git knows nor a file
sops-rs: hint: put `--` before files that are gone
",
    );
    world.file("main", "");
    world.run(&["diff", "main"]).fails(
        1,
        "\
sops-rs: error: `main` is a revision and a file
sops-rs: hint: put `--` before the files, or behind the revisions
",
    );
    world.run(&["diff", "branch", "main~1", "--staged"]).fails(
        1,
        "\
sops-rs: error: two sides are compared: one or two revisions, and one with --staged
",
    );
}

#[test]
fn before_the_first_commit_and_in_other_work_trees() {
    let world = World::ready();
    world.repository();
    world.encrypted("with blank\nand line.env", "A=1\n");
    world.git(&["add", "--all"]);
    world.run(&["diff", "--staged", "--name-only"]).gives("with blank\\u{a}and line.env\n", "");
    world.commit("first");
    world.git(&["worktree", "add", "--quiet", "tree", "-b", "other"]);
    let output = world.run(&["set", "with blank\nand line.env", "A", "2"]).within("tree").output();
    assert!(output.status.success(), "{output:?}");
    world.run(&["diff", "--stat"]).within("tree").gives("with blank\\u{a}and line.env  1 value changed\n", "");
    world.run(&["diff", "--stat"]).gives("", "");
}

#[test]
fn a_shallow_clone_does_not_know_what_was_put_back() {
    let (world, first) = repository();
    set(&world, "db.password", "other");
    world.commit("second");
    world.git(&["checkout", "--quiet", &first, "prod.yaml"]);
    world.commit("back");
    world.git(&["clone", "--quiet", "--depth", "2", &format!("file://{}", world.path("").display()), "clone"]);
    let expected = "\
prod.yaml  1 value changed
  ? whether a value was put back cannot be told: the clone is shallow (`git fetch --unshallow`)
  └─ ~ db.password  changed
";
    world.run(&["diff", "HEAD~1", "HEAD"]).within("clone").gives(expected, "");
}

#[test]
fn files_that_wait_to_be_merged_are_told_once() {
    let (world, _) = repository();
    world.git(&["checkout", "--quiet", "-b", "branch"]);
    set(&world, "db.password", "one");
    world.commit("one");
    world.git(&["checkout", "--quiet", "main"]);
    set(&world, "db.password", "two");
    world.commit("two");
    assert!(!world.git_run(&["merge", "--quiet", "branch"]).output().status.success());
    let expected = "\
prod.yaml  unreadable
  ! cannot be read: `prod.yaml`: waits to be merged
  ? `sops-rs git resolve prod.yaml` merges it
";
    world.run(&["diff"]).gives(expected, "");
    let found = printed(&world, &["diff", "HEAD"]);
    assert!(found.starts_with("prod.yaml  unreadable\n") && found.contains("conflict"), "{found}");
}

#[test]
fn outside_of_a_repository_two_files_are_compared() {
    let world = World::ready();
    world.encrypted("old.yaml", TEXT);
    std::fs::copy(world.path("old.yaml"), world.path("new.yaml")).expect("copied");
    assert!(world.run(&["set", "new.yaml", "db.user", "x"]).output().status.success());
    let expected = "old.yaml → new.yaml  1 value changed\n  └─ ~ db.user  changed\n";
    world.run(&["diff", "old.yaml", "new.yaml"]).gives(expected, "");
    world.run(&["diff", "--no-index", "old.yaml", "new.yaml"]).gives(expected, "");
    world.run(&["diff"]).fails(
        1,
        "\
sops-rs: error: this folder is in no git repository
sops-rs: hint: outside of one, two files are compared: `sops-rs diff OLD NEW`
",
    );
}

#[test]
fn files_of_sops_are_compared_and_converted() {
    let world = World::ready();
    world.repository();
    world.config("  - files: [\"**\"]\n    recipients: [me]\n    dialect: sops\n");
    world.of_sops("app.yaml", "a: 1\nb: {c: two}\n");
    world.git(&["add", "--all"]);
    let new = printed(&world, &["diff", "--staged"]);
    assert!(new.contains(&format!("+ reader me ({}) reads all of it: 2 values", short(ME))), "{new}");
    world.commit("first");
    assert!(world.run(&["set", "app.yaml", "b.c", "three"]).output().status.success());
    world.run(&["diff"]).gives("app.yaml  1 value changed\n  └─ ~ b.c  changed\n", "");
    world.commit("second");
    let converted = world.run(&["convert", "--to", "native", "-y", "app.yaml"]).output();
    assert!(converted.status.success(), "{converted:?}");
    let found = printed(&world, &["diff", "--mask"]);
    assert!(found.contains("~ converted from the dialect of SOPS to the native dialect"), "{found}");
    assert!(found.contains("2 sealed anew with the same value"), "{found}");
}

#[test]
fn markdown_holds_no_markup_of_others() {
    let (world, _) = repository();
    let name = "a</code>|@ann `x`.yaml";
    world.encrypted(name, "\"<b>@ann</b>|`x`\": 1\nkind: 2\n");
    world.git(&["add", "--all"]);
    let found = printed(&world, &["diff", "--staged", "--markdown"]);
    let expected = format!(
        "<!-- sops-rs diff -->
### 1 encrypted file changed

<details><summary><code>a&#60;&#47;code&#62;&#124;&#64;ann &#96;x&#96;&#46;yaml</code> new&#58; 2 values added</summary>

- ➕ reader recipient&#45;1 &#40;{}&#41; reads all of it&#58; 2 values

| | path | |
| --- | --- | --- |
| ➕ | <code>&#34;&#60;b&#62;&#64;ann&#60;&#47;b&#62;&#124;&#96;x&#96;&#34;</code> | added |
| ➕ | <code>kind</code> | added |

</details>

<sub>Told without a key, so nothing is verified.</sub>
",
        short(ME)
    );
    assert_eq!(found, expected);
    world.git(&["rm", "--quiet", "--cached", name]);
    let nothing = printed(&world, &["diff", "--staged", "--markdown"]);
    assert_eq!(nothing, "<!-- sops-rs diff -->\n### No encrypted file changed\n");
}

#[test]
fn json_says_everything() {
    let (world, _) = repository();
    set(&world, "db.password", "other");
    let found = json(&world, &[]);
    let seal =
        |line: u64| serde_json::json!({ "path": "db.password", "line": line, "section": "default", "sealed": true });
    let expected = serde_json::json!([{
        "file": "prod.yaml",
        "old_file": null,
        "status": "modified",
        "leaves": [{ "kind": "value", "change": "changed", "before": seal(5), "after": seal(5) }],
        "is_history_missing": false,
        "unchanged": 3,
        "readers": { "gained": [], "lost": [], "renamed": [], "key_groups": [], "thresholds": [], "rewrapped": [] },
        "policy": [],
        "data_keys": [],
        "dialect": null,
        "format": null,
        "proposals": { "added": [], "settled": [] },
    }]);
    assert_eq!(found, expected);
}

#[test]
fn keys_that_begin_alike_are_told_apart() {
    const KEYS: [(&str, &str); 2] = [
        ("AAAAC3NzaC1lZDI1NTE5AAAAIOLfKL7u1nNNByNyhG+M7w/sRm1HeTAIcGnLYp+b1IzM", "ssh-ed25519 …cGnLYp+b1IzM"),
        ("AAAAC3NzaC1lZDI1NTE5AAAAIIg1Fvte8XgN3JJsfrfoNgCg5qnc1TXupbl9/esyt6j6", "ssh-ed25519 …pbl9/esyt6j6"),
    ];
    let (world, _) = repository();
    for (key, shown) in KEYS {
        let recipient = format!("ssh-ed25519 {key}");
        world.file("other.yaml", "a: 1\n");
        let output = world.run(&["encrypt", "-i", "-r", &recipient, "other.yaml"]).output();
        assert!(output.status.success(), "{output:?}");
        world.git(&["add", "--all"]);
        let told = printed(&world, &["diff", "--staged"]);
        assert!(told.contains(&format!("({shown}) reads")), "{told}");
    }
    // Anybody can make an RSA key with a given end.
    let rsa = include_str!("../../testdata/keys/ssh_rsa.pub").trim();
    world.file("other.yaml", "a: 1\n");
    assert!(world.run(&["encrypt", "-i", "-r", rsa, "other.yaml"]).output().status.success());
    world.git(&["add", "--all"]);
    let told = printed(&world, &["diff", "--staged"]);
    let key = rsa.split(' ').nth(1).expect("a key");
    assert!(told.contains("(ssh-rsa AAAA…") && !told.contains(&key[key.len() - 8..]), "{told}");
}
