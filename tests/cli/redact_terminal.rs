//! A program whose output is redacted keeps its terminal.
#![cfg(target_os = "linux")]

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use super::harness::{PROGRAM, World};

/// A line of the shell at a terminal of its own, in which `$SOPS` is the program: what comes to the screen, and the exit code.
/// Each answer is typed when the text before it has come.
fn at_terminal(world: &World, line: &str, answers: &[(&str, &str)]) -> (String, Option<i32>) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&master).and_then(|()| unlockpt(&master)).expect("its other end");
    let size = Winsize { ws_row: 33, ws_col: 77, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(&master, size).expect("a size");
    let name = ptsname(&master, Vec::new()).expect("its name").into_string().expect("UTF-8");
    let no_ctty = i32::try_from(rustix::fs::OFlags::NOCTTY.bits()).expect("a flag");
    let slave = || OpenOptions::new().read(true).write(true).custom_flags(no_ctty).open(&name).expect("open");
    let mut run = world.command("/usr/bin/setsid").env("SOPS", PROGRAM).env("NO_COLOR", "1");
    run.command.args(["--ctty", "--wait", "/bin/sh", "-c", line]);
    run.command.env("PATH", "/usr/bin:/bin").stdin(slave()).stdout(slave()).stderr(slave());
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
    let mut screen = Vec::new();
    for (prompt, answer) in answers {
        while !String::from_utf8_lossy(&screen).contains(prompt) {
            let more = said.recv_timeout(Duration::from_secs(30));
            screen.extend(more.unwrap_or_else(|_| panic!("`{prompt}`: {}", String::from_utf8_lossy(&screen))));
        }
        master.write_all(answer.as_bytes()).expect("typed");
    }
    let code = child.wait().expect("ended").code();
    reader.join().expect("no panic");
    screen.extend(said.try_iter().flatten());
    (String::from_utf8(screen).expect("UTF-8"), code)
}

/// Whether the tests were started with `^C` ignored, as by `&` in a script: then their shells cannot trap it.
fn ignores_interrupts() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").expect("a status");
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).expect("the ignored signals");
    u64::from_str_radix(mask.trim(), 16).expect("a mask") & 0b10 != 0
}

fn world() -> World {
    let world = World::ready();
    world.encrypted("a.env", "A=canary-7f3a91\n");
    world
}

#[test]
fn all_three_streams_are_the_terminal() {
    let line = "exec $SOPS exec-env --redact a.env -- sh -c \
                'test -t 0 && test -t 1 && test -t 2 && stty size && echo $A && echo $A > /dev/tty; echo $A >&2; exit 3'";
    let (screen, code) = at_terminal(&world(), line, &[]);
    assert_eq!((screen.as_str(), code), ("33 77\r\n***\r\n***\r\n***\r\n", Some(3)));
}

#[test]
fn what_is_typed_reaches_the_program_and_its_echo_is_redacted() {
    let line = "exec $SOPS exec-env --redact a.env -- sh -c 'printf \"name? \"; read x; echo \"<$x>\"'";
    let (screen, code) = at_terminal(&world(), line, &[("name? ", "me canary-7f3a91\n")]);
    assert_eq!((screen.as_str(), code), ("name? me ***\r\n<me ***>\r\n", Some(0)));
}

#[test]
fn an_interrupt_is_for_the_program() {
    if ignores_interrupts() {
        return;
    }
    let line = "trap : INT; $SOPS exec-env --redact a.env -- sh -c \
                'trap \"echo caught; exit 9\" INT; echo ready; while :; do sleep 0.01; done'; echo code $?";
    let (screen, _) = at_terminal(&world(), line, &[("ready", "\u{3}")]);
    assert_eq!(screen, "ready\r\n^Ccaught\r\ncode 9\r\n");
}

#[test]
fn the_terminal_is_given_back_as_it_was() {
    let line =
        "stty -a > before; $SOPS exec-env --redact a.env -- sh -c 'stty raw -echo; kill -KILL $$'; stty -a > after";
    let world = world();
    at_terminal(&world, line, &[]);
    assert_eq!(world.read("before"), world.read("after"));
    assert!(world.read("before").contains(" icanon"));
}

#[test]
fn each_stream_that_is_a_terminal_stays_one() {
    let test = "sh -c 'for n in 0 1 2; do test -t $n && echo $n >&2; done; echo $A; echo $A >&2; echo end >&2'";
    let world = world();
    for (before, after, expected) in [
        ("", "| cat", "0\r\n2\r\n***\r\n***\r\nend\r\n"),
        ("echo x |", "", "1\r\n2\r\n***\r\n***\r\nend\r\n"),
        ("", "2> file; cat file", "***\r\n0\r\n1\r\n***\r\nend\r\n"),
    ] {
        let line = format!("{before} $SOPS exec-env --redact a.env -- {test} {after}");
        let (screen, code) = at_terminal(&world, &line, &[]);
        let sorted = |text: &str| {
            let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
            lines.sort();
            lines
        };
        assert_eq!((sorted(&screen), code), (sorted(expected), Some(0)), "{before} {after}");
    }
}

#[test]
fn files_are_cleaned_up_after_an_interrupt() {
    if ignores_interrupts() {
        return;
    }
    let line =
        "trap : INT; $SOPS exec-file a.env -- sh -c 'echo $0 > where; echo ready; exec sleep 600' {}; echo code $?";
    let world = world();
    let (screen, _) = at_terminal(&world, line, &[("ready", "\u{3}")]);
    assert_eq!(screen, "ready\r\n^Ccode 130\r\n");
    assert!(!std::path::Path::new(world.read("where").trim()).exists());
}
