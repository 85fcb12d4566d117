//! `set` and `unset`: one value changes, and one line.

use std::process::Command;

use super::harness::{MY_FILE, Run, STRANGER, World};

const YAML: &str =
    "# settings\ndb:\n  user: app # who\n  password: 'canary-7f3a91'\n  ports: [1, 2]\nhosts:\n  - one\n";

/// The plaintext of a file.
fn plain(world: &World, name: &str) -> String {
    let output = world.run(&["decrypt", name]).output();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// How many lines git says were added and removed since the last commit.
fn numstat(world: &World, name: &str) -> String {
    let output = Command::new("git").args(["diff", "--numstat", name]).current_dir(world.path("")).output();
    let text = String::from_utf8(output.expect("git").stdout).expect("UTF-8");
    text.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
}

fn commit(world: &World) {
    for arguments in [
        &["init", "-q"][..],
        &["add", "."],
        &["-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "-m", "x"],
    ] {
        let output = Command::new("git").args(arguments).current_dir(world.path("")).output().expect("git");
        assert!(output.status.success(), "{output:?}");
    }
}

#[test]
fn one_value_is_one_line_in_every_format() {
    let world = World::ready();
    world.encrypted("a.yaml", YAML);
    world.encrypted("a.json", "{\n  \"a\": \"x\",\n  \"db\": {\n    \"password\": \"x\"\n  },\n  \"z\": 1\n}\n");
    world.encrypted("a.env", "A=1\nDB_PASSWORD=x # c\nZ=1\n");
    world.encrypted("a.toml", "a = 1 # c\n\n[db]\npassword = 'x'\n");
    world.encrypted("a.ini", "[db]\nuser = x\npassword = x ; c\n");
    world.encrypted("a.properties", "db.user=x\ndb.password = x\n");
    commit(&world);
    for (name, path, after) in [
        ("a.yaml", "db.password", YAML.replace("canary-7f3a91", "new")),
        (
            "a.json",
            "[\"db\"][\"password\"]",
            "{\n  \"a\": \"x\",\n  \"db\": {\n    \"password\": \"new\"\n  },\n  \"z\": 1\n}\n".into(),
        ),
        ("a.toml", "db.password", "a = 1 # c\n\n[db]\npassword = 'new'\n".into()),
        ("a.ini", "db.password", "[db]\nuser = x\npassword = new ; c\n".into()),
        ("a.properties", "\"db.password\"", "db.user=x\ndb.password = new\n".into()),
        ("a.env", "DB_PASSWORD", "A=1\nDB_PASSWORD=new # c\nZ=1\n".into()),
    ] {
        world.run(&["set", name, path, "new"]).gives("", &format!("`{name}`: `{path}` is set\n"));
        assert_eq!(numstat(&world, name), "1 1", "{name}");
        assert_eq!(plain(&world, name), after);
    }
}

#[test]
fn the_same_value_again_writes_nothing() {
    let world = World::ready();
    world.encrypted("a.yaml", YAML);
    let before = world.snapshot();
    let said = "`a.yaml`: `db.password` has this value already, nothing was written\n";
    world.run(&["set", "a.yaml", "db.password", "canary-7f3a91"]).gives("", said);
    let said = "`a.yaml`: `db.ports` has this value already, nothing was written\n";
    world.run(&["set", "--json", "a.yaml", "db.ports", "[1,2]"]).gives("", said);
    assert!(world.snapshot() == before);
}

#[test]
fn maps_are_made_and_lists_grow() {
    let world = World::ready();
    world.encrypted("a.yaml", YAML);
    world.run(&["set", "a.yaml", "cache.redis.url", "redis://h"]).gives("", "`a.yaml`: `cache.redis.url` is set\n");
    world.run(&["set", "a.yaml", "hosts[1]", "two"]).gives("", "`a.yaml`: `hosts[1]` is set\n");
    world.run(&["set", "--json", "a.yaml", "db.ports[2]", "5432"]).gives("", "`a.yaml`: `db.ports[2]` is set\n");
    let after = YAML.replace("[1, 2]", "[1, 2, 5432]") + "  - two\ncache:\n  redis:\n    url: redis://h\n";
    assert_eq!(plain(&world, "a.yaml"), after);
    world.run(&["unset", "a.yaml", "cache"]).gives("", "`a.yaml`: `cache` is gone\n");
    world.run(&["unset", "a.yaml", "hosts[0]"]).gives("", "`a.yaml`: `hosts[0]` is gone\n");
    world.run(&["unset", "a.yaml", "db.user"]).gives("", "`a.yaml`: `db.user` is gone\n");
    let after = YAML.replace("  user: app # who\n", "").replace("[1, 2]", "[1, 2, 5432]").replace("- one", "- two");
    assert_eq!(plain(&world, "a.yaml"), after);
}

#[test]
fn a_value_comes_from_a_file_or_standard_input() {
    let world = World::ready();
    world.encrypted("a.yaml", "a: x\n");
    let said = "`a.yaml`: `a` is set\n";
    world.run(&["set", "--value-stdin", "a.yaml", "a"]).stdin("one\n").gives("", said);
    assert_eq!(plain(&world, "a.yaml"), "a: one\n");
    world.run(&["set", "--value-stdin", "--keep-newline", "a.yaml", "a"]).stdin("one\ntwo\n").gives("", said);
    assert_eq!(plain(&world, "a.yaml"), "a: |\n  one\n  two\n");
    world.file("v", "three\r\n");
    world.run(&["set", "--value-file", "v", "a.yaml", "a"]).gives("", said);
    assert_eq!(plain(&world, "a.yaml"), "a: |-\n  three\n");
    world.run(&["set", "--value-stdin", "--json", "a.yaml", "a"]).stdin("{\"b\": [1.10, null]}\n").gives("", said);
    assert_eq!(plain(&world, "a.yaml"), "a:\n  b:\n    - 1.10\n    - null\n");
    world.file("v", b"canary-7f3a91\xff");
    world.run(&["set", "--value-file", "v", "a.yaml", "b"]).fails(
        7,
        "sops-rs: error: `v`: is not UTF-8, so it cannot be a value\n\
         sops-rs: hint: encode it, for example with base64\n",
    );
}

#[test]
fn a_number_that_becomes_a_text_is_told() {
    let world = World::ready();
    world.encrypted("a.yaml", "a: 5432\n");
    let warning =
        "sops-rs: warning: `a.yaml`: a number or truth value gave way to a text; with --json it stays what it was\n";
    world.run(&["set", "a.yaml", "a", "5433"]).gives("", &format!("{warning}`a.yaml`: `a` is set\n"));
    assert_eq!(plain(&world, "a.yaml"), "a: \"5433\"\n");
    let error = "sops-rs: error: one argument too many, or an unknown option, for `sops-rs set`\n\
                 sops-rs: hint: a value with blanks stands in quotes, one that begins with `-` behind `--`\n";
    world.run(&["set", "a.yaml", "a", "my", "canary-7f3a91"]).fails(1, error);
    world.run(&["set", "a.yaml", "a", "-canary-7f3a91"]).fails(1, error);
}

#[test]
fn a_random_value_is_not_shown_unless_asked_for() {
    let world = World::ready();
    world.encrypted("a.yaml", "a: x\n");
    let said = "a random value of 32 characters (alnum, 190 bits)\n`a.yaml`: `a` is set\n";
    world.run(&["set", "--generate", "32", "a.yaml", "a"]).gives("", said);
    let value = world.run(&["get", "a.yaml", "a"]).output().stdout;
    assert_eq!((value.len(), value.iter().all(u8::is_ascii_alphanumeric)), (32, true));
    let output = world.run(&["set", "--generate", "20", "--charset", "chars:ab", "--print", "a.yaml", "a"]).output();
    assert_eq!(world.run(&["get", "a.yaml", "a"]).output().stdout, output.stdout);
    assert!(output.stdout.len() == 20 && output.stdout.iter().all(|byte| b"ab".contains(byte)));
}

#[test]
fn mistakes_are_told_and_change_nothing() {
    let world = World::ready();
    world.encrypted("a.yaml", YAML);
    world.file("b.yaml", "a: canary-7f3a91\n");
    let fails = |run: Run<'_>, code, error: &str, hint: &str| {
        let hint = if hint.is_empty() { String::new() } else { format!("sops-rs: hint: {hint}\n") };
        run.fails(code, &format!("sops-rs: error: {error}\n{hint}"));
    };
    let run = |arguments: &[&str]| world.run(arguments);
    fails(
        run(&["set", "b.yaml", "a", "x"]),
        1,
        "`b.yaml`: not encrypted: no `sops-rs` or `sops` metadata",
        "encrypt it with `sops-rs encrypt -i b.yaml`",
    );
    let hint = "make it with `sops-rs edit gone.yaml`";
    fails(run(&["set", "gone.yaml", "a", "x"]), 100, "`gone.yaml`: cannot be read: no such file", hint);
    fails(run(&["set", "-", "a", "x"]), 8, "standard input cannot be changed: name a file", "");
    fails(
        run(&["set", "a.yaml", "a"]),
        7,
        "no value was given",
        "add --value-stdin, --value-file FILE or --generate LENGTH; at a terminal it is asked for",
    );
    fails(
        run(&["set", "a.yaml", "a[", "x"]),
        7,
        "the path `a[`: a bracket is not closed",
        "write it as `db.users[0].name` or as '[\"db\"][\"users\"][0][\"name\"]'",
    );
    fails(
        run(&["set", "--json", "a.yaml", "a", "x"]),
        7,
        "the value is not JSON: line 1, column 1: expected a value",
        "a string stands in double quotes; without --json every value is one",
    );
    fails(
        run(&["set", "--json", "a.yaml", "a", "1, 2"]),
        7,
        "the value is not JSON: line 1, column 1: expected one JSON value",
        "a string stands in double quotes; without --json every value is one",
    );
    fails(
        run(&["set", "a.yaml", "db", "x"]),
        1,
        "`a.yaml`: `db` is a map or a list, and one value would replace all of it: unset it first",
        "",
    );
    fails(
        run(&["set", "a.yaml", "db.user.x", "x"]),
        1,
        "`a.yaml`: `db.user.x` lies below a value that is no map or list: unset that first",
        "",
    );
    fails(run(&["unset", "a.yaml", "db.pasword"]), 1, "`a.yaml`: no value at `db.pasword`", "did you mean `password`?");
    fails(run(&["get", "a.yaml", "dbs"]), 1, "`a.yaml`: no value at `dbs`", "did you mean `db`?");
    run(&["unset", "--ignore-missing", "a.yaml", "x"]).gives("", "`a.yaml`: nothing at `x`, nothing was written\n");
}

#[test]
fn the_file_s_policy_holds_for_new_values() {
    let world = World::new();
    world.identity();
    world.config("  - files: [\"**\"]\n    recipients: [me]\n    clear: [\"host\"]\n");
    world.file("a.yaml", "password: canary-7f3a91\n");
    assert!(world.run(&["encrypt", "-i", "a.yaml"]).output().status.success());
    world.run(&["set", "a.yaml", "host", "h"]).gives(
        "",
        "sops-rs: warning: `a.yaml`: `host` stays clear, as the file's policy has it\n`a.yaml`: `host` is set\n",
    );
    assert!(world.read("a.yaml").contains("\nhost: h\n"));
    // The rule wants it encrypted by now, and has another reader.
    world.config("  - files: [\"**\"]\n    recipients: [me, stranger]\n");
    world.run(&["set", "a.yaml", "host", "canary-7f3a91"]).fails(
        23,
        "sops-rs: error: `a.yaml`: `host` would stay clear, and the file's policy or readers are not those of its rule\n\
         sops-rs: hint: bring the file up to date with `sops-rs updatekeys a.yaml`\n",
    );
    world.run(&["set", "a.yaml", "password", "x"]).gives(
        "",
        "sops-rs: warning: `a.yaml`: its policy or its readers are not those of its rule; \
         bring the file up to date with `sops-rs updatekeys a.yaml`\n`a.yaml`: `password` is set\n",
    );
    assert!(!world.read("a.yaml").contains(STRANGER), "no reader comes in unasked");
}

#[test]
fn the_last_secret_cannot_be_taken_out() {
    let world = World::ready();
    world.encrypted("a.yaml", "a: canary-7f3a91\n");
    world.run(&["unset", "a.yaml", "a"]).fails(
        23,
        "sops-rs: error: `a.yaml`: the rule encrypts nothing in this file: none of its globs matches a value\n\
         sops-rs: hint: it has no values, or `clear` names all of them\n",
    );
}

#[test]
fn only_a_reader_sets_a_value() {
    let world = World::ready();
    world.encrypted("a.yaml", "a: canary-7f3a91\n");
    world.home_file(".config/sops-rs/keys.txt", include_str!("../../testdata/keys/stranger.txt"));
    let output = world.run(&["set", "a.yaml", "a", "x"]).output();
    assert_eq!(output.status.code(), Some(128));
    world.home_file(".config/sops-rs/keys.txt", MY_FILE);
    assert_eq!(plain(&world, "a.yaml"), "a: canary-7f3a91\n");
}
