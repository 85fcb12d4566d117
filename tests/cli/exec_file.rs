//! `exec-file`.

use std::path::Path;

use super::harness::World;

fn world() -> World {
    let world = World::ready();
    world.encrypted("a.yaml", "# note\na: 'canary-7f3a91'\nb: {c: 1}\n");
    world
}

#[test]
fn a_program_reads_the_very_plaintext_as_often_as_it_likes() {
    let world = world();
    let text = "# note\na: 'canary-7f3a91'\nb: {c: 1}\n";
    world.run(&["exec-file", "a.yaml", "--", "/bin/cat", "{}"]).gives(text, "");
    world.run(&["exec-file", "a.yaml", "--", "/bin/cat", "{}", "{}", "{}"]).gives(&text.repeat(3), "");
    world.run(&["exec-file", "a.yaml", "head -n 1 {}; tail -n 1 {}; exit 7"]).ends(7, "# note\nb: {c: 1}\n", "");
    world.run(&["exec-file", "--no-fifo", "a.yaml", "--", "/bin/cat", "{}", "{}"]).gives(&text.repeat(2), "");
    world.run(&["exec-file", "a.yaml", "--", "/bin/cat", "-", "{}"]).stdin("in\n").gives(&format!("in\n{text}"), "");
}

#[test]
fn a_long_text_goes_through_the_pipe_whole() {
    let world = World::ready();
    let text: String = (0..20_000).map(|n| format!("key_{n}: value {n}\n")).collect();
    world.encrypted("a.yaml", &text);
    world.run(&["exec-file", "a.yaml", "--", "/bin/cat", "{}"]).gives(&text, "");
    // A reader that stops early, and one that begins again.
    world
        .run(&["exec-file", "a.yaml", "head -n 1 {}; tail -n 1 {}"])
        .gives("key_0: value 0\nkey_19999: value 19999\n", "");
}

#[test]
fn a_binary_file_is_handed_over_byte_by_byte() {
    let world = World::ready();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        // Xorshift (Marsaglia, 2003): any bytes will do.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    let bytes: Vec<u8> = (0..12_500).flat_map(|_| next()).collect();
    world.encrypted("a.bin", &bytes);
    for option in ["--no-fifo", "--filename=x"] {
        let output = world.run(&["exec-file", option, "a.bin", "--", "/bin/cat", "{}"]).output();
        assert!(output.status.success() && output.stdout == bytes, "{option}");
    }
    let output = world.run(&["exec-file", "a.bin", "--", "/bin/cat", "{}", "{}"]).output();
    assert!(output.stdout == bytes.repeat(2));
    world.run(&["exec-file", "a.bin", "--", "/usr/bin/basename", "{}"]).gives("tmp-file\n", "");
    world.run(&["exec-file", "--dry-run", "a.bin"]).gives(".\n", "");
    let error = "sops-rs: error: `a.bin`: a binary file is one value, without keys that could be named\n";
    world.run(&["exec-file", "--only", "data", "a.bin", "--", "/bin/cat", "{}"]).fails(4, error);
    world.run(&["exec-file", "--as-file", "data=F", "a.bin", "--", "/bin/cat", "{}"]).fails(4, error);
}

#[test]
fn text_in_a_binary_file_is_redacted_line_by_line() {
    let world = World::ready();
    world.encrypted("key.pem", "-----BEGIN KEY-----\ncanary-7f3a91\n-----END KEY-----\n");
    let line = "sed -n 2p \"$0\"; echo \"<$(head -n 1 \"$0\")>\"; echo more";
    let run = world.run(&["exec-file", "--redact", "key.pem", "--", "/bin/sh", "-c", line, "{}"]);
    run.gives("***\n<***>\nmore\n", "");
    world.encrypted("any.bin", b"\xff\0canary");
    let run = world.run(&["exec-file", "--redact", "any.bin", "--", "/bin/sh", "-c", "wc -c < \"$0\"", "{}"]);
    run.gives("8\n", "");
}

#[test]
fn the_plaintext_is_private_and_gone_afterwards() {
    let world = world();
    let look = "ls -ld \"$0\" | cut -c 1-10; ls -ld \"$(dirname \"$0\")\" | cut -c 1-10; printf %s \"$0\" > where";
    for (option, mode) in [("--filename=x", "prw-------"), ("--no-fifo", "-rw-------")] {
        let run = world.run(&["exec-file", option, "a.yaml", "--", "/bin/sh", "-c", look, "{}"]);
        run.gives(&format!("{mode}\ndrwx------\n"), "");
        let path = world.read("where");
        assert!(!Path::new(&path).exists() && !Path::new(&path).parent().expect("a folder").exists(), "{path}");
    }
}

#[test]
fn a_program_that_never_reads_is_not_waited_for_and_one_that_dies_is_cleaned_up_after() {
    let world = world();
    world.run(&["exec-file", "a.yaml", "--", "/bin/true", "{}"]).gives("", "");
    let line = "printf %s \"$0\" > where; kill -KILL $$";
    let status = world.run(&["exec-file", "a.yaml", "--", "/bin/sh", "-c", line, "{}"]).output().status;
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(9));
    assert!(!Path::new(&world.read("where")).exists());
    let error = "sops-rs: error: `no-such-program`: cannot be run: no such file\n";
    world.run(&["exec-file", "a.yaml", "--", "no-such-program", "{}"]).fails(127, error);
}

#[test]
fn the_plaintext_has_a_name_that_tells_its_format() {
    let world = world();
    world.encrypted("a.env", "A=1\n");
    for (arguments, name) in [
        (&["a.yaml"][..], "tmp-file.yaml"),
        (&["a.env"], "tmp-file.env"),
        (&["--no-fifo", "--output-type", "json", "a.env"], "tmp-file.json"),
        (&["--filename", "config", "a.env"], "config"),
    ] {
        let all = [&["exec-file"], arguments, &["--", "/usr/bin/basename", "{}"]].concat();
        world.run(&all).gives(&format!("{name}\n"), "");
    }
    for name in ["../x", "/x", "a/b", "..", ".lock", ""] {
        let message = format!(
            "sops-rs: error: `--filename {name}`: must be a name, without folders\n\
             sops-rs: hint: the file lies in a private directory; a name does not begin with a dot\n"
        );
        world.run(&["exec-file", "--filename", name, "a.env", "--", "/bin/cat", "{}"]).fails(1, &message);
    }
}

#[test]
fn several_files_are_laid_over_each_other() {
    let world = World::ready();
    world.encrypted("base.yaml", "db: {host: a, port: 1}\nlist: [1, 2]\n");
    world.encrypted("prod.json", "{\"db\": {\"host\": \"b\"}, \"list\": [3]}");
    let run = world.run(&["exec-file", "base.yaml", "prod.json", "--", "/bin/cat", "{}"]);
    run.gives("db:\n  host: b\n  port: 1\nlist:\n  - 3\n", "");
    let run = world.run(&["exec-file", "--only", "db.*", "prod.json", "base.yaml", "--", "/bin/cat", "{}"]);
    run.gives("{\n  \"db\": {\n    \"host\": \"a\",\n    \"port\": 1\n  }\n}\n", "");
    let run = world.run(&["exec-file", "--dry-run", "--except", "list[]", "base.yaml", "prod.json"]);
    run.gives("db.host\ndb.port\n", "");
}

#[test]
fn the_program_gets_no_variables_but_those_that_name_files() {
    let world = world();
    let line = "env | grep -c canary; echo \"$F\" | sed 's|.*/||'; cat \"$F\"; cat \"$0\" > /dev/null";
    let run = world.run(&["exec-file", "--as-file", "a=F", "a.yaml", "--", "/bin/sh", "-c", line, "{}"]);
    run.gives("0\nF\ncanary-7f3a91", "");
    world
        .run(&["exec-file", "--as-file", "a=F", "--filename", "F", "a.yaml", "--", "/bin/cat", "{}"])
        .fails(8, "sops-rs: error: `--filename` and `--as-file` both name `F`\n");
}

#[test]
fn mistakes_are_told_before_anything_runs() {
    let world = world();
    world.run(&["exec-file", "a.yaml", "--", "/bin/touch", "ran"]).fails(
        1,
        "sops-rs: error: the program would not know where the plaintext is\n\
         sops-rs: hint: put `{}` in the place of its path\n",
    );
    world.run(&["exec-file", "a.yaml"]).fails(
        1,
        "sops-rs: error: no program to run\nsops-rs: hint: write `sops-rs exec-file FILE… -- PROGRAM ARG…`\n",
    );
    world.run(&["exec-file", "--same-process", "a.yaml", "--", "/bin/touch", "{}"]).fails(
        8,
        "sops-rs: error: `--same-process` cannot be used with exec-file\n\
         sops-rs: hint: this process stays, to remove the plaintext in the end\n",
    );
    world
        .run(&["exec-file", "--require", "A,B_C,D_E,X", "a.yaml", "--", "/bin/touch", "{}"])
        .fails(1, "sops-rs: error: required, but missing or empty: `D_E`, `X`\n");
    world.encrypted("b.env", "A=1\n");
    world
        .run(&["exec-file", "--output-type", "dotenv", "a.yaml", "--", "/bin/cat", "{}"])
        .fails(4, "sops-rs: error: `a.yaml`: `b`: dotenv holds no maps and lists\n");
}
