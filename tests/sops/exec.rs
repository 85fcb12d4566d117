//! `exec-env` and `exec-file`.

use std::fs;

use crate::harness::World;
use crate::program::{Sops, is_oracle, ready, refused, succeeds};

fn encrypted() -> World {
    let world = ready();
    world.file("a.yaml", "foo: bar\nbar: |-\n  baz\n  bam\nnumber: 5\nflag: true\n");
    world.file("a.env", "# c\nFOO=bar\nTWO=l1\\nl2\n");
    for name in ["a.yaml", "a.env"] {
        world.gives_text(&["encrypt", "-i", name]);
    }
    world
}

#[test]
fn values_are_variables_of_the_command() {
    let world = encrypted();
    let run = |command: &str| world.gives_text(&["exec-env", "a.yaml", command]);
    assert_eq!(run("echo \"$foo\""), "bar\n");
    assert_eq!(run("printf '%s|' \"$bar\" \"$number\" \"$flag\""), "baz\nbam|5|true|");
    assert_eq!(world.gives_text(&["exec-env", "a.env", "printf '%s|' \"$FOO\" \"$TWO\""]), "bar|l1\nl2|");
    // The command reads what the program was given.
    let run = world.sops(&["exec-env", "a.yaml", "read line; echo \"$foo $line\""]).stdin("from outside\n");
    assert_eq!(succeeds(run), "bar from outside\n");
    let run = world.sops(&["exec-env", "a.yaml", "echo $OTHER $foo"]).env("OTHER", "kept").env("foo", "lost");
    assert_eq!(succeeds(run), "kept bar\n");
    let run = world.sops(&["exec-env", "--pristine", "a.yaml", "echo \"[$OTHER] $foo\""]).env("OTHER", "gone");
    assert_eq!(succeeds(run), "[] bar\n");
    assert_eq!(world.gives_text(&["exec-env", "--same-process", "a.yaml", "echo $foo"]), "bar\n");
}

#[test]
fn the_command_s_exit_code_is_passed_on() {
    let world = encrypted();
    for code in [1, 3, 42, 200] {
        let output = world.sops(&["exec-env", "a.yaml", &format!("exit {code}")]).output();
        assert_eq!(output.status.code(), Some(code));
        let output = world.sops(&["exec-file", "a.yaml", &format!("cat {{}} >/dev/null; exit {code}")]).output();
        assert_eq!(output.status.code(), Some(code));
    }
    let output = world.sops(&["exec-env", "--same-process", "a.yaml", "exit 7"]).output();
    assert_eq!(output.status.code(), Some(7));
}

#[test]
fn the_plaintext_is_a_file_of_the_command() {
    let world = encrypted();
    assert_eq!(
        world.gives_text(&["exec-file", "--output-type", "json", "a.env", "cat {}"]),
        "{\n\t\"FOO\": \"bar\",\n\t\"TWO\": \"l1\\nl2\"\n}\n"
    );
    let name = world.gives_text(&["exec-file", "--no-fifo", "--filename", "foobar", "a.yaml", "echo {}"]);
    assert!(name.ends_with("/foobar\n"), "{name}");
    assert!(!fs::exists(name.trim()).expect("a look"), "it is there still");
    let twice = world.gives_text(&["exec-file", "--no-fifo", "a.env", "cat {} && cat < {}"]);
    assert_eq!(twice, "# c\nFOO=bar\nTWO=l1\\nl2\n".repeat(2));
    let name = world.gives_text(&["exec-file", "a.env", "cat {} >/dev/null; echo {}"]);
    assert!(name.ends_with("/tmp-file\n"), "{name}");
    assert_eq!(world.gives_text(&["exec-file", "--no-fifo", "a.env", "ls -l {} | cut -c 1-10"]), "-rw-------\n");
    assert_eq!(world.gives_text(&["exec-file", "a.env", "echo no file asked for"]), "no file asked for\n");
}

#[test]
fn what_cannot_be_run_is_refused() {
    let world = encrypted();
    world.file("deep.yaml", "a: {b: c}\n");
    world.gives_text(&["encrypt", "-i", "deep.yaml"]);
    world.refuses(1, &["exec-env", "deep.yaml", "true"]);
    world.refuses(1, &["exec-env", "a.yaml"]);
    world.refuses(1, &["exec-file", "a.yaml"]);
    world.refuses(2, &["exec-env", "nope.yaml", "true"]);
    let wrong = crate::program::testdata("sops/keys/wrong.txt");
    refused(&world, 128, world.sops(&["exec-env", "a.yaml", "true"]).env("SOPS_AGE_KEY_FILE", wrong));
    if !is_oracle() {
        // SOPS lets the name escape from the folder up to 3.12.
        world.refuses(1, &["exec-file", "--no-fifo", "--filename", "../x", "a.yaml", "true"]);
    }
}
