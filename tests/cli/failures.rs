//! Whatever goes wrong, the files are what they were: invariant I7 at the level of the program.

use std::fs;
use std::os::unix::fs::{FileTypeExt as _, symlink};
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use super::harness::{ME, World};

/// A file that takes a while: 6,000 values.
fn big(world: &World) -> String {
    let text: String = (0..6_000).map(|number| format!("key_{number}: value {number}\n")).collect();
    world.file("big.yaml", &text);
    text
}

#[test]
fn a_read_only_file_stays() {
    let world = World::ready();
    world.file("a.yaml", "a: canary-7f3a91\n");
    world.chmod("a.yaml", 0o444);
    let error = "sops-rs: error: `a.yaml`: is read-only\n\
                 sops-rs: hint: make it writable first\n";
    world.run(&["encrypt", "-i", "a.yaml"]).fails(3, error);
}

#[test]
fn a_disk_that_is_full_leaves_the_old_file() {
    let world = World::ready();
    let text = big(&world);
    // A limit on the size of files stands for the full disk; the signal that comes with it is ignored.
    let line = |arguments: &str| format!("trap '' XFSZ; ulimit -f 100; exec sops-rs {arguments}");
    let error = "sops-rs: error: `big.yaml`: cannot be written: file too large\n";
    world.shell(&line("encrypt -i big.yaml")).fails(3, error);
    world.shell(&line("encrypt -o new.yaml big.yaml")).fails(3, &error.replace("big", "new"));
    assert!(world.run(&["encrypt", "-i", "big.yaml"]).output().status.success());
    world.shell(&line("decrypt -i big.yaml")).fails(3, error);
    world.run(&["decrypt", "-i", "big.yaml"]).gives("", "");
    assert!(world.read("big.yaml") == text);
}

#[cfg(target_os = "linux")]
#[test]
fn standard_output_that_is_full_is_an_error() {
    let world = World::ready();
    world.encrypted("a.yaml", "a: canary-7f3a91\n");
    for arguments in ["decrypt a.yaml", "--help", "filestatus a.yaml", "man"] {
        let run = world.shell(&format!("sops-rs {arguments} > /dev/full"));
        run.fails(3, "sops-rs: error: standard output: no space left on device\n");
    }
}

#[test]
fn a_killed_process_leaves_a_whole_file() {
    let world = World::ready();
    let text = big(&world);
    let mut killed = 0;
    for round in 0..12_u64 {
        let mut run = world.run(&["encrypt", "-i", "big.yaml"]);
        let mut child = run.command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("started");
        thread::sleep(Duration::from_millis(round * round * 5));
        child.kill().expect("killed");
        killed += usize::from(!child.wait().expect("ended").success());
        for name in leftovers(&world) {
            assert!(name.starts_with(".sops-rs-") && name.ends_with(".tmp"), "{name}");
            fs::remove_file(world.path(&name)).expect("removed");
        }
        if world.read("big.yaml") != text {
            world.run(&["decrypt", "-i", "big.yaml"]).gives("", "");
            assert!(world.read("big.yaml") == text, "round {round}");
        }
    }
    assert!(killed > 0, "no process lived long enough to be killed");
}

/// What is in the work folder and was not put there.
fn leftovers(world: &World) -> Vec<String> {
    let entries = fs::read_dir(world.path("")).expect("the folder");
    let names = entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"));
    names.filter(|name| name != "big.yaml" && name != ".sops-rs.yaml").collect()
}

#[test]
fn success_leaves_nothing_but_the_file() {
    let world = World::ready();
    world.file("big.yaml", "a: 1\n");
    world.run(&["encrypt", "-i", "big.yaml"]).gives("", "`big.yaml`: 1 value encrypted, none clear\n");
    assert_eq!(leftovers(&world), [""; 0]);
}

#[test]
fn what_is_no_file_is_told() {
    let world = World::ready();
    world.file("folder.yaml/x", "");
    let folder = "sops-rs: error: `folder.yaml`: is a directory\nsops-rs: hint: name the files in it\n";
    world.run(&["encrypt", "-i", "folder.yaml"]).fails(2, folder);
    world.run(&["decrypt", "folder.yaml"]).fails(2, folder);
    world.run(&["filestatus", "folder.yaml"]).fails(2, folder);
    world.file("a.yaml", "a: 1\n");
    let error = "sops-rs: error: `folder.yaml`: is a directory\n";
    world.run(&["encrypt", "-o", "folder.yaml", "a.yaml"]).fails(3, error);
    let error = "sops-rs: error: `no/a.yaml`: cannot be written: no such file\n";
    world.run(&["encrypt", "-o", "no/a.yaml", "a.yaml"]).fails(3, error);
    let error = "sops-rs: error: `a.yaml/b.yaml`: cannot be read: not a directory\n";
    world.run(&["decrypt", "a.yaml/b.yaml"]).fails(2, error);
}

#[test]
fn a_pipe_is_read_but_never_replaced() {
    let world = World::ready();
    let line = "mkfifo pipe.yaml; echo 'a: 1' > pipe.yaml & sops-rs encrypt -o a.yaml pipe.yaml; wait";
    world.shell(line).gives("", "`pipe.yaml`: 1 value encrypted, none clear\n");
    // Nobody writes into it, so this would wait for ever if it read first.
    let error = "sops-rs: error: `pipe.yaml`: is not a regular file\n";
    world.run(&["encrypt", "-i", "pipe.yaml"]).fails(3, error);
    world.run(&["decrypt", "-i", "pipe.yaml"]).fails(3, error);
    assert!(fs::metadata(world.path("pipe.yaml")).unwrap().file_type().is_fifo());
}

#[test]
fn a_link_stays_a_link_and_the_mode_stays() {
    let world = World::ready();
    world.file("real/a.yaml", "a: 1\n");
    world.chmod("real/a.yaml", 0o640);
    symlink("real/a.yaml", world.path("link.yaml")).unwrap();
    world.run(&["encrypt", "-i", "link.yaml"]).gives("", "`link.yaml`: 1 value encrypted, none clear\n");
    assert_eq!(fs::read_link(world.path("link.yaml")).unwrap().to_str(), Some("real/a.yaml"));
    assert_eq!(world.mode("real/a.yaml"), 0o640);
    assert!(world.read("real/a.yaml").contains("ENC[1:"));
    world.run(&["decrypt", "-i", "link.yaml"]).gives("", "");
    assert_eq!((world.read("real/a.yaml").as_str(), world.mode("real/a.yaml")), ("a: 1\n", 0o640));
    symlink("nowhere", world.path("dangling.yaml")).unwrap();
    let error = "sops-rs: error: `dangling.yaml`: cannot be read: no such file\n";
    world.run(&["encrypt", "-i", "dangling.yaml"]).fails(100, error);
}

#[test]
fn a_new_file_has_the_mode_that_the_system_gives() {
    let world = World::ready();
    world.file("a.yaml", "a: 1\n");
    for (mask, mode) in [("022", 0o644), ("077", 0o600)] {
        let name = format!("{mask}.yaml");
        let line = format!("umask {mask}; sops-rs encrypt -o {name} a.yaml");
        world.shell(&line).gives("", "`a.yaml`: 1 value encrypted, none clear\n");
        assert_eq!(world.mode(&name), mode);
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let world = World::ready();
    let text = big(&world);
    assert!(world.run(&["encrypt", "-i", "big.yaml"]).output().status.success());
    let first = text.lines().next().unwrap();
    let line = "{ sops-rs decrypt big.yaml; echo $? >&2; } | head -n 1";
    world.shell(line).gives(&format!("{first}\n"), "0\n");
}

#[test]
fn process_substitution_is_read_by_everybody() {
    let world = World::ready();
    world.file("a.yaml", "a: 1\n");
    // /dev/fd/N leads through /proc, which guards what belongs to a process that cannot be dumped.
    let line =
        format!("sops-rs encrypt -r {ME} --input-type yaml /dev/fd/3 3< a.yaml > b.yaml && sops-rs decrypt b.yaml");
    world.shell(&line).gives("a: 1\n", "`/dev/fd/3`: 1 value encrypted, none clear\n");
}

#[test]
fn bytes_that_are_no_text_are_told_with_their_place() {
    let world = World::ready();
    for (name, bytes, error) in [
        ("a.yaml", &b"a: 1\nb: \xff\n"[..], "line 2, column 4: not UTF-8"),
        ("a.json", b"{\"a\":\xc3}", "line 1, column 6: not UTF-8"),
        (
            "a.env",
            b"A=\x00\n",
            "line 1, column 3: the character U+0000 is not allowed, some readers take it for a line break",
        ),
    ] {
        world.file(name, bytes);
        world.run(&["encrypt", "-i", name]).fails(2, &format!("sops-rs: error: `{name}`: {error}\n"));
    }
}
