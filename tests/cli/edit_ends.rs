//! How `edit` ends: questions, signals, kills; and what is left then.

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::edit::Room;

/// How long anything may take, at most.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until something has come true.
#[track_caller]
fn wait_until(what: &str, is_true: impl Fn() -> bool) {
    let since = Instant::now();
    while !is_true() {
        assert!(since.elapsed() < PATIENCE, "{what}");
        thread::sleep(Duration::from_millis(2));
    }
}

fn send(signal: &str, child: &Child) {
    let sent = Command::new("/bin/kill").args([signal, &child.id().to_string()]).status().expect("run");
    assert!(sent.success(), "{signal}");
}

/// Starts `edit a.yaml` with an editor that runs `script`, and waits until that has made the file `ready`.
fn start(room: &Room, script: &str) -> Child {
    room.world.encrypted("a.yaml", "a: 1\nb: canary-7f3a91\n");
    let mut run = room.edit_by(script, "a.yaml");
    let child = run.command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("started");
    wait_until("the editor is not ready", || room.world.path("ready").exists());
    child
}

fn wait(mut child: Child) -> ExitStatus {
    child.wait().expect("ended")
}

#[test]
fn a_signal_ends_editor_and_program_and_wipes_the_plaintext() {
    for (signal, number) in [("-TERM", 15), ("-HUP", 1)] {
        let room = Room::new();
        let script = format!(
            "trap 'echo > told; exit 1' {}; echo 'c: 1' >> \"$1\"; : > ready; while :; do sleep 0.02; done",
            &signal[1..]
        );
        let child = start(&room, &script);
        let before = room.world.read("a.yaml");
        assert_eq!(room.left().len(), 1, "the plaintext is there");
        send(signal, &child);
        assert_eq!(wait(child).signal(), Some(number));
        assert!(room.left().is_empty(), "{signal}");
        assert!(room.world.path("told").exists(), "the editor is told, too");
        assert_eq!(room.world.read("a.yaml"), before);
    }
}

#[test]
fn an_editor_that_does_not_end_is_not_waited_for() {
    let room = Room::new();
    let child = start(&room, "trap '' TERM; : > ready; until [ -e over ]; do sleep 0.02; done; : > ended");
    send("-TERM", &child);
    assert_eq!(wait(child).signal(), Some(15));
    assert!(room.left().is_empty() && !room.world.path("ended").exists());
    room.world.file("over", "");
    wait_until("the editor still runs", || room.world.path("ended").exists());
}

#[test]
fn an_interrupt_is_the_affair_of_the_editor() {
    let room = Room::new();
    // The signal is seen by a thread of its own: the editor leaves it the time to run on a busy machine.
    let child = start(&room, ": > ready; until [ -e go ]; do sleep 0.02; done; sleep 1; echo 'c: 1' >> \"$1\"");
    send("-INT", &child);
    room.world.file("go", "");
    assert_eq!(wait(child).code(), Some(0));
    assert_eq!(room.plaintext("a.yaml"), "a: 1\nb: canary-7f3a91\nc: 1\n");
    assert!(room.left().is_empty());
}

#[test]
fn a_run_that_was_killed_is_cleaned_up_by_the_next_one() {
    let room = Room::new();
    let mut child = start(&room, ": > ready; until [ -e over ]; do sleep 0.02; done; : > ended");
    let before = room.world.read("a.yaml");
    let left = room.left();
    // Beside one that runs, nothing is wiped.
    room.edit(&["--with", "true", "a.yaml"]).ends(200, "", "`a.yaml`: nothing was changed\n");
    assert_eq!(room.left(), left);
    child.kill().expect("killed");
    wait(child);
    assert_eq!((room.left(), room.world.read("a.yaml")), (left.clone(), before));
    let path = room.runtime(&left[0]);
    assert!(path.join("a.yaml").exists());
    let said = format!("`{}`: wiped what a killed run left there\n`a.yaml`: nothing was changed\n", path.display());
    room.edit(&["--with", "true", "a.yaml"]).ends(200, "", &said);
    assert!(room.left().is_empty());
    room.world.file("over", "");
    wait_until("the editor still runs", || room.world.path("ended").exists());
}

/// Kills runs at moments that are spread over the time that one takes.
#[test]
fn killed_at_any_moment_the_file_is_the_old_or_the_new_one() {
    const RUNS: u32 = 200;
    let room = Room::new();
    room.world.encrypted("a.yaml", "a: start\nb: canary-7f3a91\n");
    let plaintext = |value: &str| format!("a: {value}\nb: canary-7f3a91\n");
    let start = |value: &str| {
        let mut run = room.edit(&["--with", &format!("sed -i 's/^a: .*/a: {value}/' {{}}"), "a.yaml"]);
        run.command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("started")
    };
    let since = Instant::now();
    assert!(wait(start("first")).success());
    let whole = since.elapsed();
    let mut changes = 0;
    for run in 0..RUNS {
        let before = room.world.read("a.yaml");
        let mut child = start(&format!("run{run}"));
        thread::sleep(whole * run / RUNS);
        child.kill().expect("killed, or ended already");
        wait(child);
        if room.world.read("a.yaml") != before {
            assert_eq!(room.plaintext("a.yaml"), plaintext(&format!("run{run}")));
            changes += 1;
        }
    }
    assert!(changes < RUNS, "some were killed in time");
    wait_until("something is left", || {
        // A program that outlives the one that was killed may still write.
        wait(start("last"));
        room.left().is_empty()
    });
    assert_eq!(room.plaintext("a.yaml"), plaintext("last"));
    let is_temp = |path: &std::path::PathBuf| path.to_string_lossy().ends_with(".tmp");
    assert!(!room.world.snapshot().keys().any(is_temp), "temp files beside the file");
}

#[test]
fn temp_files_of_killed_runs_beside_the_file_are_removed() {
    let room = Room::new();
    room.world.encrypted("a.yaml", "a: 1\n");
    room.world.file(".sops-rs-Ab12Cd.tmp", "canary-7f3a91");
    let said = "removed 1 temp file of a run that was killed\n`a.yaml`: 1 value encrypted, none clear\n";
    room.edit(&["--with", "sed -i s/1/2/", "a.yaml"]).gives("", said);
    assert!(!room.world.path(".sops-rs-Ab12Cd.tmp").exists());
}

#[cfg(target_os = "linux")]
mod at_a_terminal {
    use super::super::harness::{MIRROR, Run};
    use super::super::terminal::{Talk, converse, session};
    use super::*;

    const QUESTION: &str = "what now? [1] edit again [2] discard [3] keep: ";
    const BROKEN: &str = "sops-rs: error: `a.yaml`: line 2, column 4: a bracket is not closed\n";

    /// `edit a.yaml` at a terminal, with these answers to the question what now.
    fn edit(room: &Room, script: &str, answers: &[&str]) -> Talk {
        room.world.encrypted("a.yaml", "a: canary-7f3a91\n");
        let run: Run<'_> = session(&room.world, &["--ctty"], &["edit", "a.yaml"]);
        let run = room.place(run).env("NO_COLOR", "1").env("EDITOR", room.script(script));
        let answers: Vec<_> = answers.iter().map(|answer| (QUESTION, *answer)).collect();
        converse(&room.world, run, &answers, false)
    }

    #[test]
    fn what_cannot_be_encrypted_may_be_edited_again() {
        let room = Room::new();
        let script = "if [ -e again ]; then sed -i 's/\\[/1/' \"$1\"; else : > again; echo 'b: [' >> \"$1\"; fi";
        let (said, printed, code) = edit(&room, script, &["what?", "1"]);
        let done = "`a.yaml`: 2 values encrypted, none clear; 1 of them new or changed\n";
        let expected = format!("{BROKEN}{QUESTION}what?\n{QUESTION}1\n{done}");
        assert_eq!((said.as_str(), printed.as_str(), code), (expected.as_str(), "", Some(0)));
        assert_eq!(room.plaintext("a.yaml"), "a: canary-7f3a91\nb: 1\n");
        assert!(room.left().is_empty());
    }

    #[test]
    fn an_editor_that_can_begins_at_the_line_of_the_error() {
        let room = Room::new();
        room.world.encrypted("a.yaml", "a: 1\nb: 2\n");
        let seen = room.world.home("seen");
        let run = room.place(session(&room.world, &["--ctty"], &["edit", "a.yaml"])).env("EDITOR", "vim");
        let script = "if [ -e again ]; then sed -i 's/\\[/3/' \"$file\"; else : > again; echo 'c: [' >> \"$file\"; fi";
        let (_, _, code) = converse(&room.world, run.env("SEEN", &seen).env("EDIT", script), &[(QUESTION, "1")], false);
        let words = fs::read_to_string(seen).expect("it was called");
        assert_eq!((words.lines().rev().nth(1), code), (Some("+3"), Some(0)), "{words}");
        assert_eq!(room.plaintext("a.yaml"), "a: 1\nb: 2\nc: 3\n");
    }

    #[test]
    fn edits_may_be_discarded() {
        let room = Room::new();
        let (said, _, code) = edit(&room, "echo 'b: [' >> \"$1\"", &["discard"]);
        let end = "sops-rs: error: `a.yaml`: the edits were discarded, the file is as it was\n";
        assert_eq!((said, code), (format!("{BROKEN}{QUESTION}discard\n{end}"), Some(2)));
        assert_eq!(room.plaintext("a.yaml"), "a: canary-7f3a91\n");
        assert!(room.left().is_empty());
    }

    #[test]
    fn edits_may_be_kept_and_stay_until_the_user_removes_them() {
        let room = Room::new();
        let (said, _, code) = edit(&room, "echo 'b: 1' >> \"$1\"; exit 4", &["3"]);
        let left = room.left();
        let folder = room.runtime(&left[0]);
        let (shown, file) = (folder.display(), folder.join("a.yaml"));
        let expected = format!(
            "sops-rs: error: `sh`: failed (exit status: 4)\n{QUESTION}3\n\
             sops-rs: error: `a.yaml`: the file is as it was; the edits are kept, in plaintext, in `{shown}/a.yaml`\n\
             sops-rs: hint: encrypt them with `sops-rs encrypt --filename-override a.yaml -o a.yaml {shown}/a.yaml`\n\
             sops-rs: hint: then remove them with `rm -r {shown}`\n"
        );
        assert_eq!((said, code), (expected, Some(201)));
        room.edit(&["--with", "true", "a.yaml"]).ends(200, "", "`a.yaml`: nothing was changed\n");
        assert_eq!(fs::read_to_string(&file).expect("kept"), "a: canary-7f3a91\nb: 1\n");
        let said = "`a.yaml`: the rule changed\n  another name: `recipient-1` → `me` ({ME})\n`a.yaml`: 2 values encrypted, none clear; 1 of them new or changed\n";
        let place = file.display().to_string();
        room.world.run(&["encrypt", "--filename-override", "a.yaml", "-o", "a.yaml", &place]).gives("", said);
        assert_eq!(room.plaintext("a.yaml"), "a: canary-7f3a91\nb: 1\n");
    }

    #[test]
    fn an_interrupt_at_the_question_wipes_the_plaintext() {
        let room = Room::new();
        // What the terminal makes of this character is a signal.
        let (_, _, code) = edit(&room, "echo 'b: [' >> \"$1\"", &["\u{3}"]);
        assert_ne!(code, Some(0));
        assert!(room.left().is_empty());
        assert_eq!(room.plaintext("a.yaml"), "a: canary-7f3a91\n");
    }

    #[test]
    fn nobody_is_asked_to_unlock_the_file_twice() {
        let room = Room::new();
        room.world.file("a.yaml", "a: 1\n");
        room.world.file("mirror.txt", "AGE-PLUGIN-MIRROR-1D4JEE5\n");
        let run = session(&room.world, &[], &["encrypt", "-i", "-r", MIRROR, "a.yaml"]);
        run.gives("", "sops-rs: Hello\n`a.yaml`: 1 value encrypted, none clear\n");
        fs::remove_file(room.world.path(".sops-rs.yaml")).expect("removed");
        let arguments = ["edit", "--identity", "mirror.txt", "--with", "sed -i s/1/2/", "a.yaml"];
        let run = session(&room.world, &["--ctty"], &arguments).env("XDG_RUNTIME_DIR", room.runtime(""));
        let done = "`a.yaml`: 1 value encrypted, none clear\n";
        let (said, _, code) = converse(&room.world, run, &[("PIN: ", "1234"), ("none clear", "")], true);
        assert_eq!((said, code), (format!("PIN: \n{done}"), Some(0)));
    }
}
