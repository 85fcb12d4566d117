//! The program called `sops`, and SOPS's command lines under its own name: what `tests/sops` does not look at.

use std::os::unix::fs::symlink;
use std::path::Path;

use super::harness::{CANARY, ME, PROGRAM, Run, STRANGER, World};

/// A run of the program as `sops`, with the identity of [`ME`].
fn sops<'w>(world: &'w World, arguments: &[&str]) -> Run<'w> {
    let link = world.home("sops");
    if !link.exists() {
        symlink(PROGRAM, &link).expect("a link");
    }
    let mut run = world.command(link.to_str().expect("UTF-8"));
    run.command.args(arguments);
    run
}

/// A world with an identity and a rule of SOPS for it.
fn ready() -> World {
    let world = World::new();
    world.identity();
    world.file(".sops.yaml", format!("creation_rules:\n  - age: {ME}\n"));
    world
}

/// A world that also has an encrypted file.
fn encrypted(text: &str) -> World {
    let world = ready();
    world.file("a.yaml", text);
    sops(&world, &["encrypt", "-i", "a.yaml"]).gives("", "");
    world
}

fn stdout(run: Run<'_>) -> String {
    let output = run.output();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn the_version_is_one_that_clients_parse() {
    let world = World::new();
    let version = format!("sops 3.13.2 (sops-rs {})\n", env!("CARGO_PKG_VERSION"));
    for arguments in
        [&["--version"][..], &["-v"], &["-version", "--disable-version-check"], &["--check-for-updates", "-v"]]
    {
        sops(&world, arguments).gives(&version, "");
    }
    // The name counts, wherever the program is.
    world.run(&["--version"]).gives(&format!("sops-rs {}\n", env!("CARGO_PKG_VERSION")), "");
}

#[test]
fn help_is_about_the_program_or_a_command() {
    let world = World::new();
    for (arguments, start) in [
        (&["--help"][..], "NAME:\n   sops - "),
        (&["-h", "decrypt"], "NAME:\n   sops - "),
        (&["help", "decrypt"], "NAME:\n   sops decrypt - "),
        (&["decrypt", "-help"], "NAME:\n   sops decrypt - "),
        (&["groups"], "NAME:\n   sops groups - "),
        (&["help", "groups", "add"], "NAME:\n   sops groups add - "),
    ] {
        assert!(stdout(sops(&world, arguments)).starts_with(start), "{arguments:?}");
    }
    assert!(stdout(sops(&world, &["--help"])).contains("   --in-place, -i"));
    sops(&world, &["help", "foo"]).ends(3, "", "No help topic for 'foo'\n");
}

#[test]
fn a_misuse_gives_the_help_and_says_what_is_wrong() {
    let world = World::new();
    for (arguments, said) in [
        (&["--foo", "x"][..], "flag provided but not defined: -foo\n"),
        (&["decrypt", "-di", "x"], "flag provided but not defined: -di\n"),
        (&["decrypt", "x", "--foo"], "flag provided but not defined: -foo\n"),
        (&["decrypt", "--output"], "flag needs an argument: -output\n"),
        (&["-i=perhaps", "x"], "invalid boolean value \"perhaps\" for -i: parse error\n"),
    ] {
        let output = sops(&world, arguments).output();
        assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(1), said));
        assert!(output.stdout.starts_with(b"NAME:\n   sops"), "{arguments:?}");
    }
    sops(&world, &[]).fails(100, "Error: no file specified\n");
    sops(&world, &["publish", "x"]).fails(1, "`publish` is not available yet\n");
    sops(&world, &["keyservice"]).fails(1, "`keyservice` is not available yet\n");
}

#[test]
fn completion_offers_commands_and_options() {
    let world = World::new();
    let candidates = |words: &[&str]| stdout(sops(&world, &[words, &["--generate-bash-completion"]].concat()));
    assert!(candidates(&[]).contains("updatekeys\n"));
    assert_eq!(candidates(&["groups"]), "add\ndelete\nhelp\n");
    assert_eq!(candidates(&["decrypt", "--inp"]), "--input-type\n");
    assert_eq!(candidates(&["decrypt", "a.yaml"]), "");
    for shell in ["bash", "zsh"] {
        assert!(stdout(sops(&world, &["completion", shell])).contains("--generate-bash-completion"));
    }
}

#[test]
fn options_stand_on_both_sides_of_the_file() {
    let world = encrypted("a: text\n");
    sops(&world, &["-d", "a.yaml", "--extract", "[\"a\"]"]).gives("text", "");
    sops(&world, &["decrypt", "a.yaml", "--extract=[\"a\"]"]).gives("text", "");
    sops(&world, &["--output-type", "json", "decrypt", "a.yaml"]).gives("{\n\t\"a\": \"text\"\n}\n", "");
    sops(&world, &["-d", "a.yaml", "-i"]).gives("", "");
    assert_eq!(world.read("a.yaml"), "a: text\n");
    sops(&world, &["-e", "-d", "a.yaml"]).fails(8, "cannot use both --decrypt and --encrypt\n");
}

#[test]
fn under_our_own_name_lines_that_only_sops_has_are_done_as_sops_does_them() {
    let world = encrypted("a: text\n");
    world.run(&["-d", "a.yaml"]).gives("a: text\n", "");
    world.run(&["decrypt", "--ignore-mac", "a.yaml"]).gives("a: text\n", "");
    world.run(&["--set", "[\"a\"] \"new\"", "a.yaml"]).gives("", "");
    world.run(&["-d", "a.yaml"]).gives("a: new\n", "");
    let file = world.read("a.yaml");
    let piped = world.run(&["decrypt"]).stdin("no file at all");
    let hint = "sops-rs: hint: say what it is, as with --input-type yaml\n";
    piped.fails(1, &format!("sops-rs: error: standard input: line 1, column 1: expected a value\n{hint}"));
    let error =
        format!("sops-rs: error: standard input: sops metadata: `data` is missing: this is no binary file\n{hint}");
    world.file("a.json", "{\"a\": 1}\n");
    world.run(&["-e", "-i", "a.json"]).gives("", "");
    world.run(&["decrypt"]).stdin(world.read("a.json")).fails(4, &error);
    world.run(&["--input-type", "yaml", "--output-type", "yaml", "-d", "/dev/stdin"]).stdin(file).gives("a: new\n", "");
    // Failures have our form then.
    let error = "sops-rs: error: cannot operate on non-existent file \"nope.yaml\"\n";
    world.run(&["-d", "nope.yaml"]).fails(100, error);
    world.file("plain.yaml", "a: 1\n");
    let error = "sops-rs: error: `plain.yaml`: sops metadata not found\n\
                 sops-rs: hint: if it is not encrypted yet: `sops-rs encrypt -i plain.yaml`\n";
    world.run(&["-d", "plain.yaml"]).fails(1, error);
    let error = "sops-rs: error: Could not generate data key: [empty key group provided]\n";
    world.run(&["groups", "add", "-f", "a.yaml"]).fails(1, error);
    // What nobody knows is told as ever.
    let output = world.run(&["a.yaml"]).output();
    assert!(String::from_utf8_lossy(&output.stderr).contains("`sops-rs decrypt a.yaml`"));
    let output = world.run(&["filestatus", "a.yaml", "b.yaml"]).output();
    assert!(String::from_utf8_lossy(&output.stderr).contains("one argument too many"));
}

#[test]
fn files_of_our_own_dialect_are_files_like_others() {
    let world = World::ready();
    world.encrypted("n.yaml", "a: text\n");
    sops(&world, &["-d", "n.yaml"]).gives("a: text\n", "");
    for types in [&["--input-type", "yaml"][..], &["--input-type", "yaml", "--output-type", "yaml"]] {
        let words = [&["decrypt"], types, &["/dev/stdin"]].concat();
        sops(&world, &words).stdin(world.read("n.yaml")).gives("a: text\n", "");
    }
    // The text could be a properties file as well, where quotes are a part of the value.
    world.encrypted("q.env", "A=\"x y\"\n");
    sops(&world, &["exec-env", "q.env", "echo \"$A\""]).gives("x y\n", "");
    let types = ["decrypt", "--input-type", "dotenv", "--output-type", "dotenv", "/dev/stdin"];
    sops(&world, &types).stdin(world.read("q.env")).gives("A=\"x y\"\n", "");
    sops(&world, &["decrypt", "--extract", "[\"a\"]", "--output", "out", "n.yaml"]).gives("", "");
    assert_eq!(world.read("out"), "text");
    sops(&world, &["exec-env", "n.yaml", "echo $A; exit 7"]).ends(7, "text\n", "");
    sops(&world, &["exec-file", "--no-fifo", "n.yaml", "cat {}"]).gives("a: text\n", "");
    sops(&world, &["filestatus", "n.yaml"]).gives("{\"encrypted\":true}\n", "");
    sops(&world, &["set", "n.yaml", "[\"b\"]", "-5"]).gives("", "");
    sops(&world, &["unset", "n.yaml", "[\"a\"]"]).gives("", "");
    sops(&world, &["-d", "n.yaml"]).gives("b: -5\n", "");
    let output = sops(&world, &["edit", "n.yaml"]).env("EDITOR", "true").output();
    assert_eq!(output.status.code(), Some(200));
    let before = world.read("n.yaml");
    let error = "`n.yaml`: is a file of sops-rs's own dialect, for which `rotate` without --in-place or --output is not available\n\
                 sops-rs: hint: see `sops-rs --help` for what there is\n";
    sops(&world, &["rotate", "n.yaml"]).fails(1, error);
    let output = sops(&world, &["rotate", "-i", "n.yaml"]).output();
    assert!(output.status.success() && world.read("n.yaml") != before);
    let error = "`n.yaml`: is a file of sops-rs's own dialect, for which `--ignore-mac` is not available\n\
                 sops-rs: hint: see `sops-rs --help` for what there is\n";
    sops(&world, &["decrypt", "--ignore-mac", "n.yaml"]).fails(1, error);
    let output = sops(&world, &["encrypt", "--age", ME, "n.yaml"]).output();
    assert_eq!(output.status.code(), Some(203));
}

#[test]
fn commands_get_what_sops_gives_them() {
    let world = encrypted("A: text\nB: 2\n");
    let key = "AGE-SECRET-KEY-PLACEHOLDER";
    let run = sops(&world, &["exec-env", "a.yaml", "echo $A $B $SOPS_AGE_KEY $C"]);
    run.env("SOPS_AGE_KEY", key).env("C", "c").gives(&format!("text 2 {key} c\n"), "");
    sops(&world, &["exec-env", "--pristine", "a.yaml", "echo $A $C"]).env("C", "c").gives("text\n", "");
    sops(&world, &["exec-file", "a.yaml", "basename {}; cat {}"]).gives("tmp-file\nA: text\nB: 2\n", "");
    sops(&world, &["exec-file", "--filename", ".env", "--output-type", "dotenv", "a.yaml", "basename {}; cat {}"])
        .gives(".env\nA=text\nB=2\n", "");
    sops(&world, &["exec-file", "a.yaml", "echo nothing"]).gives("nothing\n", "");
    let error = "`--filename ../x`: must be a name, without folders\n";
    sops(&world, &["exec-file", "--filename", "../x", "a.yaml", "cat {}"]).fails(1, error);
    sops(&world, &["exec-env", "a.yaml"]).fails(1, "missing file to decrypt, or command to run\n");
    let error = "cannot use both --same-process and --background\n";
    sops(&world, &["exec-env", "--background", "--same-process", "a.yaml", "true"]).fails(8, error);
    sops(&world, &["exec-env", "--same-process", "a.yaml", "exit 3"]).ends(3, "", "");
}

#[test]
fn a_command_in_the_background_is_not_waited_for() {
    let world = encrypted("A: text\n");
    // It waits for a word, and holds neither of our ends meanwhile.
    let mut make = world.command("/bin/sh");
    make.command.args(["-c", "mkfifo go done"]).env("PATH", "/usr/bin:/bin");
    make.gives("", "");
    sops(&world, &["exec-env", "-background", "a.yaml", "exec > /dev/null 2>&1; read x < go; echo $A > done"])
        .gives("", "");
    let mut shell = world.command("/bin/sh");
    shell.command.args(["-c", "echo > go; cat done"]).env("PATH", "/usr/bin:/bin");
    shell.gives("text\n", "");
}

#[test]
fn an_editor_that_leaves_nonsense_is_called_again() {
    let world = encrypted("a: text\n");
    let before = world.read("a.yaml");
    world.file("bad", "#!/bin/sh\necho 'a: [' > \"$1\"\n");
    world.chmod("bad", 0o755);
    let output = sops(&world, &["edit", "a.yaml"]).env("EDITOR", world.path("bad")).stdin("\n\n").output();
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!((output.status.code(), said.matches("Press Enter").count()), (Some(2), 3), "{said}");
    assert!(said.ends_with("standard input has ended, so the edits were discarded\n"), "{said}");
    assert_eq!(world.read("a.yaml"), before);
    world.file("empty", "#!/bin/sh\n: > \"$1\"\n");
    world.chmod("empty", 0o755);
    let output = sops(&world, &["a.yaml"]).env("EDITOR", world.path("empty")).output();
    assert_eq!((output.status.code(), world.read("a.yaml")), (Some(92), before));
    let run = sops(&world, &["edit", "no/folder.yaml"]).env("EDITOR", "true");
    run.fails(3, "`no/folder.yaml`: the folder `no` does not exist\n");
}

#[test]
fn keys_that_only_stand_in_the_file_get_nothing() {
    let world = World::new();
    world.identity();
    world.file("a.yaml", "a: text\n");
    sops(&world, &["encrypt", "-i", "--age", &format!("{ME},{STRANGER}"), "a.yaml"]).gives("", "");
    let refusal = "`a.yaml`: `{STRANGER}` stands in the file, but no rule names it, and nobody else has confirmed it\n\
                   sops-rs: hint: whoever can change the file can put one there; if it is to open the file, name it in a rule \
                   of .sops.yaml, or with an option such as --add-age\n";
    sops(&world, &["rotate", "-i", "a.yaml"]).fails(1, refusal);
    sops(&world, &["rotate", "-i", "--add-age", STRANGER, "a.yaml"]).gives("", "");
    sops(&world, &["rotate", "-i", "--rm-age", STRANGER, "a.yaml"]).gives("", "");
    // The user's own key needs nobody's word.
    sops(&world, &["rotate", "-i", "a.yaml"]).gives("", "");
    sops(&world, &["-d", "a.yaml"]).gives("a: text\n", "");
}

#[test]
fn key_services_are_not_asked() {
    let world = encrypted("a: text\n");
    sops(&world, &["decrypt", "--keyservice", "tcp://localhost:1", "a.yaml"]).gives("a: text\n", "");
    let error = "`a.yaml`: the keys of this machine are off\n\
                 sops-rs: hint: key services (--keyservice, SOPS_KEYSERVICE) are not spoken to yet\n";
    sops(&world, &["decrypt", "--enable-local-keyservice=false", "--keyservice", "tcp://localhost:1", "a.yaml"])
        .fails(128, error);
}

#[test]
fn files_of_odd_names_and_links_are_files() {
    let world = ready();
    for name in ["-a.yaml", "a b§c!$(d)😀.yaml", "sub/x'y\".yaml"] {
        world.file(name, format!("a: {CANARY}\n"));
        sops(&world, &["encrypt", "--in-place", "--", name]).gives("", "");
        assert!(!world.read(name).contains(CANARY), "{name}");
        sops(&world, &["decrypt", "--", name]).gives(&format!("a: {CANARY}\n"), "");
    }
    symlink("-a.yaml", world.path("link.yaml")).expect("a link");
    world.chmod("-a.yaml", 0o640);
    sops(&world, &["set", "link.yaml", "[\"a\"]", "1"]).gives("", "");
    assert!(world.path("link.yaml").is_symlink());
    assert_eq!(world.mode("-a.yaml"), 0o640);
    sops(&world, &["-d", "link.yaml"]).gives("a: 1\n", "");
}

#[test]
fn a_selector_that_somebody_put_into_a_file_publishes_nothing() {
    let world = encrypted("a: canary-7f3a91\nkind_unencrypted: k\n");
    let forged = world.read("a.yaml").replace("unencrypted_suffix: _unencrypted", "unencrypted_regex: ^(kind_.*|new)$");
    let clear =
        "`new` would be in clear by the file's `unencrypted_regex: ^(kind_.*|new)$`, which its rule does not say\n";
    // The selector may be from an option, where the rule has none.
    world.file("a.yaml", &forged);
    sops(&world, &["set", "a.yaml", "[\"other\"]", "\"x\""]).gives("", "");
    sops(&world, &["set", "a.yaml", "[\"new\"]", "\"x\""]).gives("", &format!("sops-rs: warning: `a.yaml`: {clear}"));
    sops(&world, &["set", "a.yaml", "[\"a\"]", "\"y\""]).gives("", "");
    // It is not, where the rule says what is to be encrypted.
    world.file(".sops.yaml", format!("creation_rules:\n  - age: {ME}\n    unencrypted_regex: ^kind_\n"));
    world.file("a.yaml", &forged);
    let hint = "sops-rs: hint: if the rule is right, `sops-rs updatekeys a.yaml` encrypts by it\n";
    sops(&world, &["set", "a.yaml", "[\"new\"]", "\"canary-7f3a91\""]).fails(23, &format!("`a.yaml`: {clear}{hint}"));
    let edit = sops(&world, &["a.yaml"]).env("EDITOR", "sh -c 'echo new: canary-7f3a91 >> \"$1\"' sh");
    assert_eq!(edit.output().status.code(), Some(23));
    assert_eq!(world.read("a.yaml"), forged);
    sops(&world, &["set", "a.yaml", "[\"kind_2\"]", "\"x\""]).gives("", "");
    assert!(world.read("a.yaml").contains("\nkind_2: x\n"));
}

#[test]
fn one_s_own_key_is_confirmed_for_one_group_only() {
    use super::harness::STRANGER_FILE;
    let world = ready();
    let groups = format!("  - shamir_threshold: 2\n    key_groups:\n      - age: [{ME}]\n      - age: [{STRANGER}]\n");
    world.file(".sops.yaml", format!("creation_rules:\n{groups}"));
    world.file("a.yaml", "a: canary-7f3a91\n");
    sops(&world, &["encrypt", "-i", "a.yaml"]).gives("", "");
    // Whoever holds one of them makes somebody who holds both do it.
    let forged = world.read("a.yaml").replace(STRANGER, ME);
    for rules in [groups.as_str(), ""] {
        world.file(".sops.yaml", format!("creation_rules:\n{rules}"));
        world.file("a.yaml", &forged);
        let output = sops(&world, &["rotate", "-i", "a.yaml"]).env("SOPS_AGE_KEY", STRANGER_FILE).output();
        let said = world.normalised(&String::from_utf8(output.stderr).expect("UTF-8"));
        assert!(output.status.code() == Some(1) && said.starts_with("`a.yaml`: `{ME}`"), "{said}");
        let output = world.run(&["rotate", "a.yaml"]).env("SOPS_AGE_KEY", STRANGER_FILE).output();
        let said = world.normalised(&String::from_utf8(output.stderr).expect("UTF-8"));
        assert!(output.status.code() == Some(1) && said.contains("`a.yaml`: is encrypted to `{ME}`"), "{said}");
        assert_eq!(world.read("a.yaml"), forged);
    }
    world.file(
        "a.yaml",
        forged
            .replacen(&format!("recipient: {ME}"), "recipient: <mark>", 1)
            .replace(ME, STRANGER)
            .replace("<mark>", ME),
    );
    sops(&world, &["rotate", "-i", "a.yaml"]).env("SOPS_AGE_KEY", STRANGER_FILE).gives("", "");
}

#[test]
fn one_option_too_many_does_not_make_a_file_of_sops_where_our_rules_speak() {
    let world = World::ready();
    world.file("a.yaml", "a: canary-7f3a91\nz: 1\n");
    let error = "sops-rs: error: `a.yaml`: its rule in `.sops-rs.yaml` says how it is to be encrypted, and this is a command \
                 line of SOPS\nsops-rs: hint: `sops-rs encrypt -i a.yaml` encrypts it by its rule\n";
    for arguments in [
        &["encrypt", "--encrypted-regex", "^z$", "--age", STRANGER, "-i", "a.yaml"][..],
        &["-e", "-i", "--age", STRANGER, "a.yaml"],
        &["encrypt", "--unencrypted-suffix", "a", "--filename-override", "a.yaml", "other"],
    ] {
        world.run(arguments).fails(8, error);
    }
    // Under the other name that is what is wanted.
    assert!(stdout(sops(&world, &["-e", "--age", STRANGER, "a.yaml"])).contains("\nsops:\n"));
}

#[test]
fn the_program_itself_is_not_removed_as_a_link_to_it() {
    let world = World::new();
    std::fs::create_dir(world.path("bin")).expect("a folder");
    std::fs::copy(PROGRAM, world.path("bin/sops")).expect("a copy");
    std::os::unix::fs::symlink("sops", world.path("bin/sops-rs")).expect("a link");
    let mut run = world.command(world.path("bin/sops-rs").to_str().expect("UTF-8"));
    run.command.args(["install-as-sops", "--remove", "bin"]);
    run.fails(1, "sops-rs: error: `bin/sops`: is this program itself, not a link to it\n");
    assert!(world.path("bin/sops").is_file());
}

#[test]
fn a_link_is_made_once_and_takes_nobody_s_place() {
    let world = World::new();
    let program = Path::new(PROGRAM).display().to_string();
    let output = world.run(&["install-as-sops", "bin"]).output();
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(
        output.status.success() && said.starts_with(&format!("`bin/sops`: is this program now, `{program}`\n")),
        "{said}"
    );
    assert!(said.contains("export PATH="), "{said}");
    let mut version = world.command("/bin/sh");
    version.command.args(["-c", "PATH=\"$PWD/bin:$PATH\"; sops --version"]);
    assert!(stdout(version).starts_with("sops 3."));
    let output = world.run(&["install-as-sops", "bin"]).output();
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("`bin/sops`: is this program already\n"));
    world.run(&["install-as-sops", "--remove", "bin"]).gives("", "`bin/sops`: removed\n");
    world.run(&["install-as-sops", "--remove", "bin"]).gives("", "`bin/sops`: there is nothing to remove\n");
    world.file("bin/sops", "#!/bin/sh\n");
    world.chmod("bin/sops", 0o755);
    let error = "sops-rs: error: `bin/sops`: is another program\n";
    world.run(&["install-as-sops", "bin"]).fails(1, &format!("{error}sops-rs: hint: to replace it, say --force\n"));
    world
        .run(&["install-as-sops", "--remove", "bin"])
        .fails(1, "sops-rs: error: `bin/sops`: is another program, it stays where it is\n");
    // One that comes first is told of.
    let bin = world.path("bin");
    let output = world.run(&["install-as-sops", "other"]).env("PATH", &bin).output();
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(said.contains("warning: another `sops` comes first on the PATH"), "{said}");
    let output = world.run(&["install-as-sops", "--force", "bin"]).env("PATH", &bin).output();
    assert_eq!(String::from_utf8_lossy(&output.stderr), format!("`bin/sops`: is this program now, `{program}`\n"));
}

#[test]
fn what_was_done_to_files_of_ours_is_not_told_since_clients_take_that_for_a_failure() {
    let world = ready();
    world.file("a.yaml", "a: 1\n");
    world.run(&["encrypt", "-i", "-r", ME, "a.yaml"]).gives("", "`a.yaml`: 1 value encrypted, none clear\n");
    sops(&world, &["set", "a.yaml", "[\"a\"]", "\"x\""]).gives("", "");
    sops(&world, &["decrypt", "a.yaml"]).gives("a: x\n", "");
}

#[test]
fn a_binary_file_has_one_value() {
    let world = ready();
    world.file("a.bin", "abc");
    sops(&world, &["encrypt", "-i", "a.bin"]).gives("", "");
    let error = "`a.bin`: is binary, and has one value only\nsops-rs: hint: that is [\"data\"]\n";
    sops(&world, &["set", "a.bin", "[\"other\"]", "\"x\""]).fails(7, error);
    sops(&world, &["set", "a.bin", "['data']", "\"x\""]).gives("", "");
    sops(&world, &["decrypt", "a.bin"]).gives("x", "");
}
