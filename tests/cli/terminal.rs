//! What is asked at a terminal: passphrases and the questions of plugins. And what is said when there is none.
#![cfg(target_os = "linux")]

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::process::Stdio;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::harness::{ME, MIRROR, PROGRAM, Run, STRANGER, World};

/// The identity for [`MIRROR`].
const MIRROR_IDENTITY: &str = "AGE-PLUGIN-MIRROR-1D4JEE5\n";

/// What the program said to the terminal and to standard output, and its exit code.
pub(crate) type Talk = (String, String, Option<i32>);

/// Runs the program at a terminal of its own, and answers each prompt when it appears. All answers are secrets.
fn talk(world: &World, arguments: &[&str], colors: &str, answers: &[(&str, &str)]) -> Talk {
    converse(world, session(world, &["--ctty"], arguments).env("NO_COLOR", colors), answers, true)
}

/// Runs a [`session`] that has standard input for its terminal, and answers each prompt when it appears; answers that
/// are secrets when nothing is echoed any more. An empty answer is not given: what is said is only waited for.
pub(crate) fn converse(world: &World, mut run: Run<'_>, answers: &[(&str, &str)], secret: bool) -> Talk {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use rustix::termios::{LocalModes, tcgetattr};
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&master).and_then(|()| unlockpt(&master)).expect("its other end");
    let name = ptsname(&master, Vec::new()).expect("its name").into_string().expect("UTF-8");
    let no_ctty = i32::try_from(rustix::fs::OFlags::NOCTTY.bits()).expect("a flag");
    let slave = || OpenOptions::new().read(true).write(true).custom_flags(no_ctty).open(&name).expect("open");
    run.command.stdin(slave()).stdout(Stdio::piped()).stderr(slave());
    let mut child = run.command.spawn().expect("started");
    // Its copies of the other end must go, or the end of the talk is never seen.
    drop(run);
    let mut master = File::from(master);
    let (sender, said) = mpsc::channel();
    let mut listener = master.try_clone().expect("a copy");
    let reader = thread::spawn(move || {
        let mut buffer = [0; 1024];
        while let Ok(len @ 1..) = listener.read(&mut buffer) {
            let _ = sender.send(buffer[..len].to_vec());
        }
    });
    let mut transcript = Vec::new();
    for (prompt, answer) in answers {
        let from = transcript.len();
        while !String::from_utf8_lossy(&transcript[from..]).contains(prompt) {
            let more = said.recv_timeout(Duration::from_secs(20));
            transcript.extend(more.unwrap_or_else(|_| panic!("`{prompt}`: {}", String::from_utf8_lossy(&transcript))));
        }
        if answer.is_empty() {
            continue;
        }
        // The echo goes off right after the prompt, and a typist is slower than that.
        let since = Instant::now();
        while secret
            && !prompt.contains("[1]")
            && tcgetattr(&master).expect("its settings").local_modes.contains(LocalModes::ECHO)
        {
            assert!(since.elapsed() < Duration::from_secs(20), "the echo stays on after `{prompt}`");
            thread::sleep(Duration::from_millis(1));
        }
        master.write_all(format!("{answer}\n").as_bytes()).expect("answered");
    }
    let mut printed = String::new();
    child.stdout.take().expect("piped").read_to_string(&mut printed).expect("UTF-8");
    let code = child.wait().expect("ended").code();
    reader.join().expect("no panic");
    transcript.extend(said.try_iter().flatten());
    let transcript = String::from_utf8(transcript).expect("UTF-8").replace('\r', "");
    (world.normalised(&transcript), printed, code)
}

/// The program in a session of its own, which has no terminal, or with `--ctty` standard input for one.
pub(crate) fn session<'w>(world: &'w World, options: &[&str], arguments: &[&str]) -> Run<'w> {
    let mut run = world.command("/usr/bin/setsid");
    run.command.args(options).args(["--wait", PROGRAM]).args(arguments);
    run.env("PATH", format!("{}/tests/plugin:/usr/bin:/bin", env!("CARGO_MANIFEST_DIR")))
}

/// A world with a file for the test's keys that have passphrases.
fn locked_world() -> World {
    let world = World::new();
    let ssh = include_str!("../../testdata/keys/ssh_ed25519_passphrase.pub").trim();
    world.file("a.env", "A=canary-7f3a91\n");
    let run = world.run(&["encrypt", "-i", "-r", STRANGER, "-r", ssh, "a.env"]);
    run.gives("", "`a.env`: 1 value encrypted, none clear\n");
    world.file("locked.txt", include_bytes!("../../testdata/keys/locked_stranger.txt"));
    world
}

const DECRYPT: &[&str] = &["decrypt", "--identity", "locked.txt", "a.env"];

#[test]
fn the_passphrase_of_an_identity_file_is_asked_for_and_not_shown() {
    let world = locked_world();
    let prompt = "passphrase of `locked.txt`: ";
    let (said, printed, code) = talk(&world, DECRYPT, "1", &[(prompt, "correct horse")]);
    assert_eq!((said.as_str(), printed.as_str(), code), (&*format!("{prompt}\n"), "A=canary-7f3a91\n", Some(0)));
}

#[test]
fn the_passphrase_of_an_ssh_key_is_asked_for() {
    let world = locked_world();
    world.home_file(".ssh/id_ed25519", include_str!("../../testdata/keys/ssh_ed25519_passphrase"));
    let prompt = "passphrase of `~/.ssh/id_ed25519`: ";
    let (said, printed, code) = talk(&world, &["decrypt", "a.env"], "1", &[(prompt, "correct horse")]);
    assert_eq!((said.as_str(), printed.as_str(), code), (&*format!("{prompt}\n"), "A=canary-7f3a91\n", Some(0)));
}

#[test]
fn a_wrong_passphrase_may_be_corrected_but_not_for_ever() {
    let world = locked_world();
    let (first, again) = ("passphrase of `locked.txt`: ", "wrong; passphrase of `locked.txt`: ");
    let (_, printed, code) = talk(&world, DECRYPT, "1", &[(first, "battery staple"), (again, "correct horse")]);
    assert_eq!((printed.as_str(), code), ("A=canary-7f3a91\n", Some(0)));
    let (said, printed, code) = talk(&world, DECRYPT, "1", &[(first, "a"), (again, "b"), (again, "c")]);
    let expected = format!("{first}\n{again}\n{again}\nsops-rs: error: `a.env`: `locked.txt`: wrong passphrase\n");
    assert_eq!((said.as_str(), printed.as_str(), code), (&*expected, "", Some(1)));
}

#[test]
fn a_passphrase_is_asked_for_once_for_many_files() {
    let world = locked_world();
    let names = ["b.env", "c.env", "d.env"];
    for name in names {
        world.file(name, world.read("a.env"));
    }
    let prompt = "passphrase of `locked.txt`: ";
    let arguments = ["rotate", "-r", "--jobs", "4", "--identity", "locked.txt"];
    let (said, _, code) = talk(&world, &arguments, "1", &[(prompt, "correct horse")]);
    let done = "4 files: every value is encrypted anew under new data keys\n";
    assert_eq!((said, code), (format!("{prompt}\n{done}"), Some(0)));
}

#[test]
fn a_change_of_readers_is_confirmed() {
    let world = World::ready();
    world.file("a.env", "A=canary-7f3a91\n");
    assert!(world.run(&["encrypt", "-i", "a.env"]).output().status.success());
    world.config("  - files: [\"**\"]\n    recipients: [stranger, me]\n");
    let prompt = "change the files so? [1] yes [2] no: ";
    let shown = format!("`a.env`\n  new reader: `stranger` ({{STRANGER}})\n{prompt}");
    let before = world.read("a.env");
    let (said, _, code) = talk(&world, &["updatekeys", "a.env"], "1", &[(prompt, "no")]);
    let refused = "no\nsops-rs: error: not confirmed, no file was changed\n\
                   sops-rs: hint: check the keys of new readers against their owners', then add -y/--yes\n";
    assert_eq!((said, code), (format!("{shown}{refused}"), Some(1)));
    assert_eq!(world.read("a.env"), before);
    let (said, _, code) = talk(&world, &["updatekeys", "a.env"], "1", &[(prompt, "yes")]);
    let done = "yes\n`a.env`: changed, the data key is the same\n";
    assert_eq!((said, code), (format!("{shown}{done}"), Some(0)));
}

#[test]
fn a_key_of_a_sops_file_that_no_rule_names_is_asked_about_once() {
    let world = World::new();
    world.identity();
    let rule = |keys: &str| world.file(".sops.yaml", format!("creation_rules:\n  - age: {keys}\n"));
    rule(&format!("{ME},{STRANGER}"));
    world.file("a.yaml", "a: canary-7f3a91\n");
    world.file("b.yaml", "b: canary-7f3a91\n");
    assert!(world.run(&["encrypt", "-i", "a.yaml", "b.yaml"]).output().status.success());
    rule(ME);
    let question = "may it read on? [1] yes [2] no: ";
    let shown = format!("`a.yaml` is encrypted to `{{STRANGER}}`, which no rule names: {question}");
    let before = [world.read("a.yaml"), world.read("b.yaml")];
    let arguments = ["rotate", "--jobs", "1", "a.yaml", "b.yaml"];
    let (said, _, code) = talk(&world, &arguments, "1", &[(question, "no")]);
    let refused = "no\nsops-rs: error: `a.yaml`: is encrypted to `{STRANGER}`, which no rule names; anybody can put a key there\n";
    assert!(said.starts_with(&format!("{shown}{refused}")) && said.matches(question).count() == 1, "{said}");
    assert_eq!((code, [world.read("a.yaml"), world.read("b.yaml")]), (Some(1), before));
    let (said, _, code) = talk(&world, &arguments, "1", &[(question, "yes")]);
    let done = "yes\nsops-rs: warning: not as the rules say: `a.yaml`, `b.yaml`; see `sops-rs updatekeys --check`\n\
                2 files: every value is encrypted anew under new data keys\n";
    assert_eq!((said, code), (format!("{shown}{done}"), Some(0)));
}

#[test]
fn without_a_terminal_a_passphrase_is_refused_with_the_reason() {
    let world = locked_world();
    let run = session(&world, &[], DECRYPT).stdin("correct horse\n");
    run.fails(
        1,
        "sops-rs: nobody can be asked, there is no terminal (no such device or address)\n\
         sops-rs: error: `a.env`: `locked.txt`: needs its passphrase, and it could not be asked for\n",
    );
}

#[test]
fn a_plugin_wraps_and_unwraps_and_asks() {
    let world = World::new();
    world.file("a.env", "A=canary-7f3a91\n");
    world.file("mirror.txt", MIRROR_IDENTITY);
    let run = session(&world, &[], &["encrypt", "-i", "-r", MIRROR, "-r", ME, "a.env"]);
    run.gives("", "sops-rs: Hello\n`a.env`: 1 value encrypted, none clear\n");
    let arguments = ["decrypt", "--identity", "mirror.txt", "a.env"];
    let (said, printed, code) = talk(&world, &arguments, "1", &[("PIN: ", "1234")]);
    assert_eq!((said.as_str(), printed.as_str(), code), ("PIN: \n", "A=canary-7f3a91\n", Some(0)));
    let (said, printed, code) = talk(&world, &arguments, "1", &[("PIN: ", "4321")]);
    assert_eq!((printed.as_str(), code), ("", Some(1)), "{said}");
    assert!(said.contains("wrong PIN") && !said.contains("4321"), "{said}");
}

#[test]
fn colors_are_for_terminals_and_can_be_switched_off() {
    let world = World::new();
    let arguments = ["decrypt", "gone.env"];
    let plain = "sops-rs: error: `gone.env`: cannot be read: no such file\n";
    assert_eq!(talk(&world, &arguments, "1", &[]).0, plain);
    assert_eq!(talk(&world, &arguments, "", &[]).0, plain.replace("error:", "\u{1b}[1;31merror:\u{1b}[0m"));
    world.run(&arguments).fails(100, plain);
}

#[test]
fn a_new_value_is_asked_for_and_not_shown() {
    let world = World::ready();
    world.encrypted("a.env", "A=1\n");
    let prompt = "new value of `A`, on one line, is not shown: ";
    let (said, printed, code) = talk(&world, &["set", "a.env", "A"], "1", &[(prompt, "canary-7f3a91")]);
    let expected = format!("{prompt}\n`a.env`: `A` is set\n");
    assert_eq!((said.as_str(), printed.as_str(), code), (&*expected, "", Some(0)));
    let (said, _, code) = talk(&world, &["set", "a.env", "A"], "1", &[(prompt, "\r")]);
    let error = "sops-rs: error: no value was given, nothing was changed\n";
    assert!(code == Some(7) && said.contains(error), "{said}");
    world.run(&["get", "a.env", "A"]).gives("canary-7f3a91", "");
    world.file("b.env", "A=1\n");
    let (said, _, code) = talk(&world, &["set", "b.env", "A"], "1", &[]);
    assert!(code == Some(1) && said.starts_with("sops-rs: error: `b.env`: not encrypted"), "{said}");
}
