//! What `exec-env` and `exec-file` share: parts of files, values as files, what must be there, redaction, signals.

use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::decrypt::with_locked_section;
use super::harness::{ME, Run, World};

const TEXT: &str = "db: {user: app, password: canary-7f3a91}\ntls: {key: \"two\\nlines\\n\"}\nempty: ''\n";

fn world() -> World {
    let world = World::ready();
    world.encrypted("a.yaml", TEXT);
    world
}

/// Waits for something that another process does.
#[track_caller]
fn until(what: &str, mut is_done: impl FnMut() -> bool) {
    let since = Instant::now();
    while !is_done() {
        assert!(since.elapsed() < Duration::from_secs(30), "{what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Starts a run, and waits for its child to print `ready`.
fn ready(mut run: Run<'_>) -> (Child, BufReader<std::process::ChildStdout>) {
    let mut child = run.command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
    let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
    let mut line = String::new();
    stdout.read_line(&mut line).expect("a line");
    assert_eq!(line, "ready\n");
    (child, stdout)
}

fn kill(signal: &str, child: &Child) {
    let kill = Command::new("/bin/sh").args(["-c", "kill -$0 $1", signal, &child.id().to_string()]).status();
    assert!(kill.expect("run").success());
}

#[test]
fn a_program_is_given_a_part_of_the_values() {
    let world = world();
    let names = |options: &[&str], expected: &str| {
        world.run(&[&["exec-env", "--dry-run"], options, &["a.yaml"]].concat()).gives(expected, "");
    };
    names(&[], "DB_PASSWORD\nDB_USER\nEMPTY\nTLS_KEY\n");
    names(&["--only", "db.*", "--only", "empty"], "DB_PASSWORD\nDB_USER\nEMPTY\n");
    names(&["--except", "db.password", "--except", "tls.**"], "DB_USER\nEMPTY\n");
    names(&["--only", "db.**", "--except", "**.password", "--json"], "[\"DB_USER\"]\n");
    names(&["--as-file", "tls.key=KEY_FILE"], "DB_PASSWORD\nDB_USER\nEMPTY\nKEY_FILE\n");
    let run =
        world.run(&["exec-env", "--only", "db.user", "a.yaml", "--", "/bin/sh", "-c", "echo $DB_USER-$DB_PASSWORD"]);
    run.gives("app-\n", "");
    world.encrypted("b.env", "X=1\n");
    let run = world.run(&["exec-env", "--dry-run", "--only", "X", "--only", "db.user", "a.yaml", "b.env"]);
    run.gives("DB_USER\nX\n", "");
}

#[test]
fn a_glob_that_matches_nothing_is_a_mistake() {
    let world = world();
    for option in ["--only", "--except"] {
        world.run(&["exec-env", option, "db", "a.yaml", "--", "/bin/touch", "ran"]).fails(
            1,
            "sops-rs: error: the glob `db` matches no value\n\
             sops-rs: hint: globs speak of the paths in the files, as `db.*` or `db.**`, not of environment names\n",
        );
    }
    world
        .run(&["exec-env", "--only", "a..b", "a.yaml", "--", "/bin/touch", "ran"])
        .fails(1, "sops-rs: error: `--only`: glob `a..b`: empty segment (an empty key is written `\"\"`)\n");
}

#[test]
fn a_value_is_handed_over_as_a_file() {
    let world = world();
    let line = "cat \"$KEY\"; ls -ld \"$KEY\" | cut -c 1-10; echo \"${TLS_KEY-none} $DB_USER\"; printf %s \"$KEY\" > where; exit 5";
    let run = world.run(&["exec-env", "--as-file", "tls.key=KEY", "a.yaml", "--", "/bin/sh", "-c", line]);
    run.ends(5, "two\nlines\n-rw-------\nnone app\n", "");
    assert!(!Path::new(&world.read("where")).exists());
    for (value, code, message) in [
        (
            "tls.no=KEY",
            1,
            "`--as-file`: no file has a value at `tls.no`\nsops-rs: hint: paths are written as `tls.key` or `users[0].name`",
        ),
        ("tls=KEY", 4, "`a.yaml`: `tls`: a map or a list, not a single value"),
        ("tls[=KEY", 91, "`--as-file tls[`: a bracket is not closed"),
        (
            "tls.key=DB_USER",
            8,
            "`--as-file`: there is another value named `DB_USER`\nsops-rs: hint: give the file another name",
        ),
        (
            "tls.key",
            1,
            "`--as-file <PATH=VAR>`: `tls.key`: write it as PATH=VAR\n\
             sops-rs: hint: see `sops-rs exec-env --help`",
        ),
    ] {
        let run = world.run(&["exec-env", "--as-file", value, "a.yaml", "--", "/bin/touch", "ran"]);
        run.fails(code, &format!("sops-rs: error: {message}\n"));
    }
}

#[test]
fn what_is_required_must_be_there_and_not_empty() {
    let world = world();
    let run = |names: &str| world.run(&["exec-env", "--require", names, "a.yaml", "--", "/bin/touch", "ran"]);
    let run = run("DB_USER,EMPTY,NO").env("NO", "of the environment");
    run.fails(1, "sops-rs: error: required, but missing or empty: `EMPTY`, `NO`\n");
    let options = ["--require", "K", "--require", "DB_USER", "--as-file", "tls.key=K"];
    world.run(&[&["exec-env"], &options[..], &["a.yaml", "--", "/bin/echo", "ran"]].concat()).gives("ran\n", "");
}

#[test]
fn a_rule_tells_what_its_files_must_have() {
    let world = world();
    world.config("  - files: [a.yaml]\n    recipients: [me]\n    require: [DB_USER, EMPTY, DB_HOST]\n");
    for command in ["exec-env", "exec-file"] {
        world
            .run(
                &[command, "--prefix=X_", "a.yaml", "--", "/bin/touch", "{}"][..]
                    .iter()
                    .filter(|word| command == "exec-env" || !word.starts_with("--prefix"))
                    .copied()
                    .collect::<Vec<_>>(),
            )
            .fails(
                1,
                "sops-rs: error: required, but missing or empty: `EMPTY`, `DB_HOST`\n\
             sops-rs: hint: its rule says `require`; put them into `a.yaml`\n",
            );
    }
    world.config("  - files: [a.yaml]\n    recipients: [me]\n    require: [DB_USER]\n");
    world.run(&["exec-env", "--prefix", "X_", "a.yaml", "--", "/bin/sh", "-c", "echo $X_DB_USER"]).gives("app\n", "");
    // Whoever asks for a part has looked at it; what the file must have is said of the whole.
    world.run(&["exec-env", "--only", "tls.key", "a.yaml", "--", "/bin/echo", "ran"]).gives("ran\n", "");
    world.config("  - files: [other.yaml]\n    recipients: [me]\n    require: [NO]\n");
    world.run(&["exec-env", "a.yaml", "--", "/bin/echo", "ran"]).gives("ran\n", "");
}

#[test]
fn no_secret_is_printed_in_any_spelling() {
    let world = World::ready();
    world.encrypted("a.yaml", "password: canary-7f3a91 ü/?\npin: 12345\nkey: |\n  first line\n  second line\n");
    let line = "echo \"$PASSWORD $PIN\"; printf %s \"u:$PASSWORD\" | base64 >&2; printf %s \"$KEY\" | tail -n 1; \
                printf canary; printf -- '-7f3a91 ü/?'; echo; echo 'canary-7f3a91%20%C3%BC%2F%3F' '\"canary-7f3a91 \\u00fc\\/?\"'; \
                printf canary-7f; exit 3";
    let output = world.run(&["exec-env", "--redact", "a.yaml", "--", "/bin/sh", "-c", line]).output();
    assert_eq!(String::from_utf8(output.stdout).expect("UTF-8"), "*** 12345\n***\n***\n*** \"***\"\ncanary-7f");
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(said.starts_with("dT") && said.contains("***") && said.len() < 12, "{said}");
    assert_eq!(output.status.code(), Some(3));
    let run = world.run(&["exec-file", "--redact", "a.yaml", "--", "/bin/cat", "{}"]);
    run.gives("password: ***\npin: 12345\nkey: ***\n", "");
    // As it is written in a file, too, and all of a file that is one value.
    world.encrypted("d.properties", "a=canary\\:7f3a91\nb=canary-1\\\n  canary-2\n");
    world.run(&["exec-file", "--redact", "d.properties", "--", "/bin/cat", "{}"]).gives("a=***\nb=***\n", "");
    world.encrypted("d.toml", "a = \"canary\\t7f3a91\"\nb = 0x1f_ff_ff\n");
    world.run(&["exec-file", "--redact", "d.toml", "--", "/bin/cat", "{}"]).gives("a = \"***\"\nb = ***\n", "");
    world.encrypted("e.bin", b"canary-7f3a91\n\xff\0second-part");
    let output = world.run(&["exec-file", "--redact", "e.bin", "--", "/bin/cat", "{}"]).output();
    assert_eq!(output.stdout, b"***");
    world.file(".sops-rs.yaml", "");
    world.file("c.yaml", "open: everybody\nshut: nobody else\n");
    world.config("  - files: [\"**\"]\n    recipients: [me]\n    clear: [open]\n");
    world.run(&["encrypt", "-i", "c.yaml"]).gives("", "`c.yaml`: 1 value encrypted, 1 clear\n");
    let run = world.run(&["exec-env", "--redact", "c.yaml", "--", "/bin/sh", "-c", "echo $OPEN $SHUT"]);
    run.gives("everybody ***\n", "");
}

#[test]
fn a_lot_of_output_passes_unchanged() {
    let world = world();
    let line = "i=0; while [ $i -lt 20000 ]; do echo \"line $i of the output\"; i=$((i+1)); done";
    let expected: String = (0..20_000).map(|n| format!("line {n} of the output\n")).collect();
    world.run(&["exec-env", "--redact", "a.yaml", "--", "/bin/sh", "-c", line]).gives(&expected, "");
    // A reader that goes away ends the program as it would without redaction.
    let shell = world.shell("sops-rs exec-env --redact a.yaml -- /usr/bin/yes | head -n 2");
    shell.gives("y\ny\n", "");
}

#[test]
fn those_whom_the_program_leaves_behind_are_not_waited_for() {
    let world = world();
    let line = "sleep 600 & printf '%s' $! > pid; echo end";
    world.run(&["exec-env", "--redact", "a.yaml", "--", "/bin/sh", "-c", line]).gives("end\n", "");
    let kill = world.shell("kill $(cat pid)").output();
    assert!(kill.status.success(), "it was running");
}

#[test]
fn signals_reach_the_program() {
    let world = world();
    let traps = "trap 'echo TERM; exit 4' TERM; trap 'echo USR1' USR1; trap 'echo USR2' USR2; echo ready; \
                 while :; do sleep 0.01; done";
    for mode in ["--redact", "--as-file=tls.key=F", "--watch"] {
        let (mut child, mut stdout) = ready(world.run(&["exec-env", mode, "a.yaml", "--", "/bin/sh", "-c", traps]));
        for signal in ["USR1", "USR2", "TERM"] {
            kill(signal, &child);
            let mut line = String::new();
            stdout.read_line(&mut line).expect("a line");
            assert_eq!(line, format!("{signal}\n"), "{mode}");
        }
        assert_eq!(child.wait().expect("ended").code(), Some(4), "{mode}");
    }
}

#[test]
fn this_process_ends_by_the_signal_that_ended_the_program() {
    let world = world();
    for (signal, number) in [("TERM", 15), ("KILL", 9), ("SEGV", 11)] {
        let line = format!("kill -{signal} $$");
        let status = world.run(&["exec-env", "--redact", "a.yaml", "--", "/bin/sh", "-c", &line]).output().status;
        assert!(status.signal() == Some(number) || status.code() == Some(128 + number), "{signal}: {status}");
    }
    let (mut child, _stdout) =
        ready(world.run(&["exec-env", "--redact", "a.yaml", "--", "/bin/sh", "-c", "echo ready; exec sleep 600"]));
    kill("TERM", &child);
    assert_eq!(child.wait().expect("ended").signal(), Some(15));
}

#[test]
fn what_this_process_ignores_its_child_ignores_too() {
    let world = world();
    let line = "trap '' HUP; exec sops-rs exec-env --redact a.yaml -- /bin/sh -c 'kill -HUP $$; echo alive'";
    world.shell(line).gives("alive\n", "");
}

#[test]
fn the_core_limit_of_a_child_is_its_own() {
    let world = world();
    let line = "ulimit -S -c 7; exec sops-rs exec-env --redact a.yaml -- /bin/sh -c 'ulimit -S -c'";
    world.shell(line).gives("7\n", "");
}

#[test]
fn a_program_in_the_background_is_not_waited_for() {
    let world = world();
    let wait = "while ! test -e go; do sleep 0.02; done";
    let line = format!(
        "sops-rs exec-env --background a.yaml -- /bin/sh -c '{wait}; echo $DB_USER > one.tmp; mv one.tmp one' > log 2>&1 && \
         sops-rs exec-file --background a.yaml -- /bin/sh -c '{wait}; cat \"$0\" > two.tmp; echo $0 > where; mv two.tmp two' {{}} > log 2>&1 && \
         echo both"
    );
    world.shell(&line).gives("both\n", "");
    assert!(!world.path("one").exists() && !world.path("two").exists());
    world.file("go", "");
    until("both programs end", || world.path("one").exists() && world.path("two").exists());
    assert_eq!((world.read("one"), world.read("two")), ("app\n".into(), TEXT.into()));
    until("the plaintext is gone", || !Path::new(world.read("where").trim()).exists());
    assert_eq!(world.read("log"), "");
    let error = "sops-rs: error: `no-such-program`: cannot be run: no such file\n";
    world.run(&["exec-env", "--background", "a.yaml", "--", "no-such-program"]).fails(127, error);
    let error = "sops-rs: error: `--same-process` cannot be used with `--background`\nsops-rs: hint: see `sops-rs exec-env --help`\n";
    world.run(&["exec-env", "--same-process", "--background", "a.yaml", "--", "/bin/true"]).fails(8, error);
}

#[test]
fn a_program_is_started_anew_when_a_file_changes() {
    let world = World::ready();
    world.encrypted("a.env", "A=1\n");
    let mut run = world.run(&["exec-env", "--watch", "a.env", "--", "/bin/sh", "-c", "echo $A; exec sleep 600"]);
    let mut child = run.command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
    let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
    let mut stderr = BufReader::new(child.stderr.take().expect("piped"));
    let mut line = |expected: &str| {
        let mut line = String::new();
        stdout.read_line(&mut line).expect("a line");
        assert_eq!(line, expected);
    };
    let mut said = |expected: &str| {
        let mut line = String::new();
        stderr.read_line(&mut line).expect("a line");
        assert_eq!(line, expected);
    };
    line("1\n");
    world.encrypted("b.env", "A=2\n");
    std::fs::rename(world.path("b.env"), world.path("a.env")).expect("renamed");
    line("2\n");
    said("a file has changed, the program is started anew\n");
    // What cannot be decrypted changes nothing.
    let good = world.read("a.env");
    world.file("a.env", good.replacen("ENC[", "ENK[", 1));
    said("sops-rs: error: `a.env`: line 1, column 3: `A` is not encrypted, but the file's policy says that it is\n");
    said("sops-rs: hint: restore the last good version from git, then make the change on the decrypted file\n");
    said("sops-rs: warning: a file has changed and cannot be used; the program goes on with the values that it has\n");
    world.encrypted("b.env", "A=3\n");
    std::fs::rename(world.path("b.env"), world.path("a.env")).expect("renamed");
    line("3\n");
    kill("TERM", &child);
    assert_eq!(child.wait().expect("ended").signal(), Some(15));
    let mut rest = String::new();
    stderr.read_to_string(&mut rest).expect("UTF-8");
    assert_eq!(rest, "a file has changed, the program is started anew\n");
    let error = "sops-rs: error: standard input does not change: --watch needs files\n";
    world.run(&["exec-env", "--watch", "--input-type", "dotenv", "-", "--", "/bin/true"]).fails(8, error);
}

#[test]
fn only_the_superuser_may_choose_another_user() {
    let world = world();
    let run =
        |name: &str, program: &[&str]| world.run(&[&["exec-env", "--user", name, "a.yaml", "--"], program].concat());
    run("no-such-user", &["/bin/true"]).fails(1, "sops-rs: error: `--user no-such-user`: there is no such user\n");
    let id = |option: &str| {
        let output = Command::new("/usr/bin/id").arg(option).output().expect("run");
        String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
    };
    if id("-u") == "0" {
        let line = "id -un; id -G; echo $USER $LOGNAME $DB_USER";
        let output = Command::new("/usr/bin/id").args(["-G", "nobody"]).output().expect("run");
        let groups = String::from_utf8(output.stdout).expect("UTF-8");
        let expected = format!("nobody\n{groups}nobody nobody app\n");
        run("nobody", &["/bin/sh", "-c", line]).gives(&expected, "");
        let all = ["exec-env", "--redact", "--user", "nobody", "a.yaml", "--", "/bin/sh", "-c", line];
        world.run(&all).gives(&expected, "");
        let all = ["exec-file", "--user", "nobody", "a.yaml", "--", "/bin/cat", "{}"];
        world.run(&all).gives(TEXT, "");
        // They can read their file, and not put another one in its place.
        let line = "cat $F; echo; ls -l $F | cut -c 1-10; mv $F $F.old 2> /dev/null; touch $F.new 2> /dev/null; test -f $F && echo there";
        let all = ["exec-env", "--as-file", "db.user=F", "--user", "nobody", "a.yaml", "--", "/bin/sh", "-c", line];
        world.run(&all).gives("app\n-rw-------\nthere\n", "");
    } else {
        let error = "sops-rs: error: `--user root`: only the superuser can run a program as another user\n";
        run("root", &["/bin/true"]).fails(1, error);
        run(&id("-un"), &["/bin/echo", "me"]).gives("me\n", "");
    }
}

#[test]
fn key_material_stays_out_of_every_child() {
    let world = world();
    for command in [&["exec-env", "--redact"][..], &["exec-env", "--watch"], &["exec-file"]] {
        let all = [command, &["a.yaml", "--", "/bin/sh", "-c", "echo ${SOPS_AGE_KEY_FILE-none}", "{}"]].concat();
        let run = world.run(&all).env("SOPS_AGE_KEY_FILE", world.home(".config/sops-rs/keys.txt"));
        run.gives("none\n", "");
    }
    assert!(!world.read("a.yaml").contains("canary") && world.read("a.yaml").contains(ME));
}

#[test]
fn values_of_locked_sections_are_left_out_only_when_asked() {
    let world = World::ready();
    world.file("a.yaml", with_locked_section());
    world.encrypted("b.yaml", "db: {q: 2}\n");
    let warning = "sops-rs: warning: `a.yaml`: no identity opens the section `database`, it stays encrypted\n";
    for (command, word) in [("exec-env", "x"), ("exec-file", "{}")] {
        let output = world.run(&[command, "a.yaml", "--", "/bin/echo", word]).output();
        let said = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(128), &b""[..]), "{said}");
        assert!(said.ends_with("sops-rs: hint: or go on without its values: --partial\n"), "{said}");
    }
    let line = "/usr/bin/env | grep -e ^A= -e ^DB";
    let run = world.run(&["exec-env", "--pristine", "--partial", "a.yaml", "b.yaml", "--", "/bin/sh", "-c", line]);
    run.gives("A=1\nDB_Q=2\n", warning);
    world.run(&["exec-file", "--partial", "a.yaml", "--", "/bin/cat", "{}"]).gives("a: 1\n", warning);
    let run = world.run(&["exec-file", "--partial", "a.yaml", "b.yaml", "--", "/bin/cat", "{}"]);
    run.gives("a: 1\ndb:\n  q: 2\n", warning);
    world.run(&["exec-file", "--partial", "b.yaml", "--", "/bin/cat", "{}"]).gives("db: {q: 2}\n", "");
    let error = "sops-rs: error: required, but missing or empty: `DB_P`\n";
    let run = world.run(&["exec-env", "--partial", "--require", "DB_P", "a.yaml", "--", "/bin/true"]);
    run.fails(1, &format!("{warning}{error}"));
}
