//! `check`: what came back from earlier states of files.

use proptest::prelude::*;

use super::check::found;
use super::harness::World;

const FILE: &str = "a.yaml";

/// A repository with an encrypted file in it.
fn repository(text: &str) -> World {
    let world = World::ready();
    world.config("  - files: [\"*.yaml\"]\n    recipients: [me]\n");
    world.repository();
    world.file(FILE, text);
    run(&world, &["encrypt", "-i", FILE]);
    world.commit("first");
    world
}

fn run(world: &World, arguments: &[&str]) {
    let output = world.run(arguments).output();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn set(world: &World, path: &str, value: &str) {
    let output = world.run(&["set", "--value-stdin", FILE, path]).stdin(value).output();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The line of a value.
fn line(world: &World, path: &str) -> String {
    let text = world.read(FILE);
    let found = text.lines().find(|line| line.trim_start().starts_with(&format!("{path}: ")));
    found.unwrap_or_else(|| panic!("no `{path}` in {text}")).to_owned()
}

fn replace(world: &World, from: &str, to: &str) {
    let text = world.read(FILE);
    assert_eq!(text.matches(from).count(), 1, "{from}");
    world.file(FILE, text.replacen(from, to, 1));
}

#[track_caller]
fn expect(world: &World, arguments: &[&str], code: i32, findings: &[&str]) {
    let (found_code, found) = found(world, arguments);
    assert_eq!(found, findings, "{arguments:?}");
    assert_eq!(found_code, code, "{arguments:?}");
}

/// All ways to look at a change that is in the work tree, staged, and committed at last.
#[track_caller]
fn expect_everywhere(world: &World, code: i32, findings: &[&str]) {
    expect(world, &["--no-key"], code, findings);
    expect(world, &["--no-key", "--against", "HEAD"], code, findings);
    world.git(&["add", "--all"]);
    expect(world, &["--no-key", "--staged"], code, findings);
    world.git(&["commit", "--quiet", "-m", "attack"]);
    expect(world, &["--no-key", "--against", "HEAD~1"], code, findings);
    expect(world, &["--no-key"], code, findings);
    // What came before is not told again, unless everything is looked at.
    expect(world, &["--no-key", "--against", "HEAD"], 0, &[]);
    expect(world, &["--no-key", "--staged"], 0, &[]);
}

#[test]
fn an_earlier_value_is_told_with_the_commit_that_changed_it() {
    let world = repository("a: 1\nb: 2\nc: 3\n");
    let old = line(&world, "b");
    set(&world, "b", "new");
    let changed = world.commit("change b");
    expect(&world, &[], 0, &[]);
    let new = line(&world, "b");
    replace(&world, &new, &old);
    // Nothing but the history tells: it verifies.
    run(&world, &["decrypt", FILE]);
    let text = format!(
        "a.yaml:2: error: `b` is again what {} changed or removed; set a new value, or, if it is meant so, \
         `sops-rs rotate a.yaml` [rolled-back]\n",
        &changed[..10]
    );
    world.run(&["check"]).ends(10, &text, "1 encrypted file checked, 1 error\n");
    expect_everywhere(&world, 10, &["rolled-back error a.yaml:2 b"]);
    run(&world, &["rotate", FILE]);
    expect(&world, &[], 0, &[]);
}

#[test]
fn a_token_in_a_comment_makes_no_earlier_value_known() {
    let world = repository("a: 1\nb: 2\nc: 3\n");
    let (old, old_key) = (line(&world, "b"), line(&world, "key_id"));
    set(&world, "b", "new");
    world.commit("change b");
    let new = line(&world, "b");
    // First only a comment is added, which anybody may do.
    replace(&world, &new, &format!("{new}\n# {old}\n# {old_key}"));
    expect(&world, &["--no-key"], 0, &[]);
    world.commit("comment");
    replace(&world, &format!("{new}\n# {old}"), &old);
    expect_everywhere(&world, 10, &["rolled-back error a.yaml:2 b"]);
}

#[test]
fn a_value_that_was_taken_out_by_the_link_before_it_is_told() {
    let world = repository("a: 1\nb: 2\nc: 3\n");
    let old = line(&world, "b");
    let text = run_edit(&world, "a: 1\nb: 2\nrequire_mfa: true\nc: 3\n");
    assert!(text.contains("require_mfa"));
    world.commit("add");
    let (new, added) = (line(&world, "b"), line(&world, "require_mfa"));
    assert_ne!(old, new);
    replace(&world, &new, &old);
    replace(&world, &format!("{added}\n"), "");
    run(&world, &["decrypt", FILE]);
    expect_everywhere(&world, 0, &["relinked warning a.yaml:2 b"]);
    // And back again, from before.
    replace(&world, &old, &format!("{new}\n{added}"));
    run(&world, &["decrypt", FILE]);
    let (code, found) = found(&world, &["--no-key"]);
    assert_eq!(code, 10);
    assert!(found.contains(&"rolled-back error a.yaml:3 require_mfa".to_owned()), "{found:?}");
}

/// Puts another plaintext in the place of the file's, as `edit` does.
fn run_edit(world: &World, text: &str) -> String {
    world.file("new.txt", text);
    world.file("editor.sh", "cp new.txt \"$1\"\n");
    let output = world.run(&["edit", FILE]).env("EDITOR", "sh editor.sh").output();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for name in ["new.txt", "editor.sh"] {
        std::fs::remove_file(world.path(name)).expect("removed");
    }
    world.read(FILE)
}

#[test]
fn the_first_value_is_taken_out_by_an_earlier_start() {
    let world = repository("b: 2\nc: 3\n");
    let start = line(&world, "start");
    run_edit(&world, "a: 1\nb: 2\nc: 3\n");
    world.commit("add");
    let (new, added) = (line(&world, "start"), line(&world, "a"));
    replace(&world, &new, &start);
    replace(&world, &format!("{added}\n"), "");
    run(&world, &["decrypt", FILE]);
    expect_everywhere(&world, 0, &["relinked warning a.yaml"]);
}

#[test]
fn a_replaced_file_is_told_and_a_rotated_one_is_not() {
    let world = repository("a: 1\n");
    world.file(FILE, "a: <mark>\n");
    run(&world, &["encrypt", "-i", FILE]);
    expect_everywhere(&world, 10, &["replaced error a.yaml"]);
    let world = repository("a: 1\n");
    let old = world.read(FILE);
    run(&world, &["rotate", FILE]);
    // Who has a key sees that it is a rotation.
    expect(&world, &[], 0, &[]);
    expect(&world, &["--no-key"], 0, &["new-key warning a.yaml"]);
    world.commit("rotate");
    expect(&world, &["--against", "HEAD~1"], 0, &[]);
    expect(&world, &["--against", "HEAD~1", "--no-key"], 0, &["new-key warning a.yaml"]);
    // One that only says so is found by who has a key.
    let follows = line(&world, "follows");
    world.file(FILE, "a: <mark>\n");
    run(&world, &["encrypt", "-i", FILE]);
    let mac = line(&world, "mac");
    replace(&world, &mac, &format!("{follows}\n{mac}"));
    expect(&world, &["--no-key"], 0, &["new-key warning a.yaml"]);
    let (code, found) = found(&world, &[]);
    assert_eq!((code, found.len()), (10, 2), "{found:?}");
    // The old file, with the readers of then.
    world.file(FILE, old);
    expect_everywhere(&world, 10, &["old-key error a.yaml"]);
}

#[test]
fn a_revert_is_told_and_a_rotation_ends_it() {
    let world = repository("a: 1\nb: 2\n");
    set(&world, "a", "other");
    world.commit("change");
    world.git(&["revert", "--no-edit", "HEAD"]);
    let told = "rolled-back error a.yaml:1 a";
    expect(&world, &[], 10, &[told]);
    expect(&world, &["--against", "HEAD~1"], 10, &[told]);
    // Against a state before, nothing has changed.
    expect(&world, &["--against", "HEAD~2"], 0, &[]);
    expect(&world, &["--allow", "rolled-back"], 0, &[]);
    expect(&world, &["--no-history"], 0, &[]);
    run(&world, &["rotate", FILE]);
    world.commit("rotate");
    expect(&world, &[], 0, &[]);
}

#[test]
fn a_file_that_comes_back_or_gets_another_name_is_looked_through() {
    let world = repository("a: 1\nb: 2\nc: 3\n");
    let old = line(&world, "b");
    set(&world, "b", "new");
    world.commit("change");
    let new = line(&world, "b");
    world.git(&["mv", FILE, "z.yaml"]);
    let renamed = world.read("z.yaml");
    world.commit("rename");
    expect(&world, &[], 0, &[]);
    world.file("z.yaml", renamed.replacen(&new, &old, 1));
    expect(&world, &[], 10, &["rolled-back error z.yaml:2 b"]);
    world.git(&["checkout", "--quiet", "z.yaml"]);
    world.git(&["rm", "--quiet", "z.yaml"]);
    world.commit("remove");
    world.git(&["checkout", "--quiet", "HEAD~1", "--", "z.yaml"]);
    expect(&world, &["--staged", "--no-key"], 10, &["old-key error z.yaml"]);
}

#[test]
fn a_new_name_and_many_comments_hide_no_past() {
    for is_of_sops in [false, true] {
        let world = repository("a: 1\nb: 2\nc: 3\n");
        if is_of_sops {
            run(&world, &["convert", "--to", "sops", FILE]);
            world.config("  - files: [\"*.yaml\"]\n    recipients: [me]\n    dialect: sops\n");
            world.commit("of sops");
        }
        let old = world.read(FILE);
        set(&world, "b", "new");
        world.commit("change");
        world.git(&["rm", "--quiet", FILE]);
        world.file("z.yaml", format!("{}{old}", "# none of this matters\n".repeat(300)));
        world.git(&["add", "--all"]);
        let told = ["rolled-back error z.yaml:302 b"];
        expect(&world, &["--no-key", "--staged"], 10, &told);
        expect(&world, &["--no-key", "--against", "HEAD"], 10, &told);
        // The newest one under another name is fine.
        world.git(&["reset", "--quiet", "--hard"]);
        let new = world.read(FILE);
        world.git(&["rm", "--quiet", FILE]);
        world.file("z.yaml", format!("{}{new}", "# none of this matters\n".repeat(300)));
        world.git(&["add", "--all"]);
        expect(&world, &["--no-key", "--staged"], 0, &[]);
        world.commit("rename");
        expect(&world, &["--no-key"], 0, &[]);
        expect(&world, &["--no-key", "--against", "HEAD~1"], 0, &[]);
    }
}

#[test]
fn several_rotations_are_proved_one_by_one() {
    let world = repository("a: 1\n");
    for message in ["one", "two", "three"] {
        run(&world, &["rotate", FILE]);
        world.commit(message);
    }
    expect(&world, &["--against", "HEAD~3"], 0, &[]);
    expect(&world, &[], 0, &[]);
    // One that was not committed lacks in the chain.
    run(&world, &["rotate", FILE]);
    run(&world, &["rotate", FILE]);
    expect(&world, &[], 10, &["replaced error a.yaml"]);
    world.commit("twice");
    expect(&world, &["--against", "HEAD~1"], 10, &["replaced error a.yaml"]);
    expect(&world, &[], 10, &["replaced error a.yaml"]);
}

#[test]
fn branches_are_no_earlier_states_of_each_other() {
    let world = repository("a: 1\nb: 2\nc: 3\nd: 4\ne: 5\nf: 6\n");
    world.git(&["checkout", "--quiet", "-b", "feature"]);
    set(&world, "f", "feature");
    world.commit("feature");
    world.git(&["checkout", "--quiet", "main"]);
    let old = line(&world, "a");
    set(&world, "a", "main");
    world.commit("main");
    let new = line(&world, "a");
    // The branch left before the change, and has the value of then.
    world.git(&["checkout", "--quiet", "feature"]);
    expect(&world, &["--against", "main"], 0, &[]);
    expect(&world, &[], 0, &[]);
    world.git(&["merge", "--quiet", "--no-edit", "main"]);
    expect(&world, &["--against", "main"], 0, &[]);
    expect(&world, &[], 0, &[]);
    // A merge that leaves out what the other branch did.
    replace(&world, &new, &old);
    world.git(&["commit", "--quiet", "--all", "--amend", "--no-edit"]);
    expect(&world, &["--against", "main"], 10, &["rolled-back error a.yaml:1 a"]);
    world.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    world.git(&["merge", "--quiet", "--no-commit", "main"]);
    expect(&world, &["--staged"], 0, &[]);
    replace(&world, &new, &old);
    world.git(&["add", "--all"]);
    expect(&world, &["--staged"], 10, &["rolled-back error a.yaml:1 a"]);
}

#[test]
fn what_was_encrypted_stays_so_and_in_its_dialect() {
    let world = repository("a: 1\n");
    world.config("  - files: [other.yaml]\n    recipients: [me]\n");
    world.commit("no rule");
    let encrypted = world.read(FILE);
    world.file(FILE, "a: 1\n");
    expect(&world, &[], 10, &["plaintext error a.yaml"]);
    expect(&world, &["--against", "HEAD"], 10, &["plaintext error a.yaml"]);
    world.file(FILE, encrypted);
    world.config("  - files: [\"*.yaml\"]\n    recipients: [me]\n    dialect: sops\n");
    run(&world, &["convert", "--to", "sops", FILE]);
    expect(&world, &[], 0, &["dialect warning a.yaml"]);
    world.commit("convert");
    expect(&world, &[], 0, &[]);
    expect(&world, &["--against", "HEAD~1"], 0, &["dialect warning a.yaml"]);
    // The same in files of SOPS: its MAC would show it, but only to readers.
    let old = line(&world, "a");
    set(&world, "a", "new");
    world.commit("change");
    let new = line(&world, "a");
    replace(&world, &new, &old);
    expect_everywhere(&world, 10, &["rolled-back error a.yaml:1 a"]);
}

#[test]
fn without_the_history_nothing_is_said_to_be_well() {
    let world = repository("a: 1\n");
    set(&world, "a", "2");
    world.commit("two");
    world.git(&["clone", "--quiet", "--depth", "1", &format!("file://{}", world.path("").display()), "shallow"]);
    let check = |arguments: &[&str]| {
        let output = world.run(&[&["check"], arguments].concat()).within("shallow").output();
        (output.status.code(), String::from_utf8(output.stdout).expect("UTF-8"))
    };
    let (code, text) = check(&[]);
    assert_eq!(code, Some(11), "{text}");
    assert!(text.contains("`git fetch --unshallow`") && text.ends_with("[history-unknown]\n"), "{text}");
    assert_eq!(check(&["--no-history"]), (Some(0), String::new()));
    let bare = World::ready();
    bare.file(FILE, "a: 1\n");
    run(&bare, &["encrypt", "-i", FILE]);
    expect(&bare, &[FILE], 11, &["history-unknown warning -"]);
    // Before the first commit there is nothing that could be missing.
    let new = World::ready();
    new.repository();
    new.file(FILE, "a: 1\n");
    run(&new, &["encrypt", "-i", FILE]);
    expect(&new, &[FILE], 0, &[]);
    new.git(&["add", FILE]);
    expect(&new, &["--staged"], 0, &[]);
}

#[test]
fn values_that_are_too_old_are_told() {
    let rules = |days: u32| format!("  - files: [\"*.yaml\"]\n    recipients: [me]\n    rotate_after: {days}d\n");
    let world = repository("a: 1\nb: 2\n");
    world.config(&rules(1));
    world.commit("rules");
    // The clock of these commits stands still at the beginning of 2026.
    expect(&world, &[], 0, &["overdue warning a.yaml:1 a,b"]);
    set(&world, "a", "new");
    expect(&world, &[], 0, &["overdue warning a.yaml:2 b"]);
    world.config(&rules(36_500));
    expect(&world, &[], 0, &[]);
}

#[test]
fn nothing_is_written() {
    let world = repository("a: 1\n");
    set(&world, "a", "2");
    world.git(&["add", "--all"]);
    let before = world.snapshot();
    for arguments in [&["check"][..], &["check", "--staged"], &["check", "--against", "HEAD"]] {
        run(&world, arguments);
    }
    assert!(world.snapshot() == before, "a check changed something");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn our_own_commands_leave_nothing_to_find(steps in prop::collection::vec((0..6_u8, 0..5_usize), 1..9)) {
        let world = repository("a: 1\nb: [1, 2]\nc: {d: 3}\n# end\ne: 5\n");
        let values = ["a", "b[0]", "b[1]", "c.d", "e"];
        for (number, (step, value)) in steps.into_iter().enumerate() {
            let text = format!("new {number}");
            match step {
                0 | 1 => set(&world, values[value], &text),
                2 => set(&world, &format!("added{number}"), &text),
                3 => run(&world, &["rotate", FILE]),
                4 => {
                    // Two branches that change values far from each other, and a plain merge.
                    world.git(&["checkout", "--quiet", "-b", &format!("branch{number}")]);
                    set(&world, "a", &text);
                    world.commit("there");
                    world.git(&["checkout", "--quiet", "main"]);
                    set(&world, "e", &text);
                    world.commit("here");
                    world.git(&["merge", "--quiet", "--no-edit", &format!("branch{number}")]);
                }
                _ => drop(run_edit(&world, &format!("a: 1\nb: [1, {value}]\nc: {{d: 3}}\n# {value}\ne: {number}\n"))),
            }
            let has_changed = !world.git(&["status", "--porcelain"]).is_empty();
            if has_changed {
                world.git(&["add", "--all"]);
                prop_assert_eq!(errors(&world, &["--staged"]), Vec::<String>::new());
                world.commit("step");
            }
            prop_assert_eq!(errors(&world, &[]), Vec::<String>::new());
        }
    }
}

/// All that is found, but for values that were taken out again: that looks the same, whoever does it.
fn errors(world: &World, arguments: &[&str]) -> Vec<String> {
    let (_, found) = found(world, arguments);
    found.into_iter().filter(|finding| !finding.starts_with("relinked warning")).collect()
}

#[test]
fn a_merge_that_takes_an_old_state_is_told_ever_after() {
    let world = repository("a: one\nb: 1\n");
    world.git(&["checkout", "--quiet", "-b", "pr"]);
    world.file("note.md", "text\n");
    world.commit("pr");
    world.git(&["checkout", "--quiet", "main"]);
    let old = world.read(FILE);
    set(&world, "a", "two");
    world.commit("two");
    let new = world.read(FILE);
    world.git(&["merge", "--quiet", "--no-commit", "pr"]);
    world.git(&["commit", "--quiet", "-m", "a merge as it should be"]);
    expect(&world, &["--no-key"], 0, &[]);
    world.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    world.git(&["merge", "--quiet", "--no-commit", "pr"]);
    world.file(FILE, &old);
    world.commit("a merge that takes it back");
    let told = ["rolled-back error a.yaml:1 a"];
    expect(&world, &["--no-key"], 10, &told);
    world.file("note.md", "another\n");
    world.commit("something else");
    expect(&world, &["--no-key"], 10, &told);
    world.file(FILE, &new);
    world.commit("put right");
    expect(&world, &["--no-key"], 0, &[]);
}
