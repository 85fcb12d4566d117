//! Help, and wrong command lines.

use super::harness::World;

#[test]
fn help_is_printed_and_a_success() {
    let world = World::new();
    for arguments in [&["--help"][..], &["help"], &["-h"], &["encrypt", "--help"], &["help", "exec-env"]] {
        let output = world.run(arguments).output();
        assert!(output.status.success() && output.stderr.is_empty(), "{arguments:?}");
        assert!(String::from_utf8(output.stdout).unwrap().contains("Usage: sops-rs"), "{arguments:?}");
    }
    world.run(&["--version"]).gives(&format!("sops-rs {}\n", env!("CARGO_PKG_VERSION")), "");
}

#[test]
fn every_command_explains_itself_at_length() {
    let world = World::new();
    for (command, says) in [
        ("init", "it can be run again"),
        ("encrypt", "first rule in `.sops-rs.yaml`"),
        ("decrypt", "verified before the first byte"),
        ("exec-env", "`db.password` is DB_PASSWORD"),
        ("filestatus", "{\"encrypted\":true}"),
        ("keygen", "never overwritten"),
        ("demo", "Needs git"),
        ("keys", "nothing secret is shown"),
        ("log", "Renamed files and moved values are followed"),
        ("who", "No key is needed, and so nothing is verified"),
        ("explain", "The file need not exist"),
        ("doctor", "Nothing is changed"),
        ("completion", "~/.bashrc"),
    ] {
        let output = world.run(&[command, "--help"]).output();
        let text = String::from_utf8(output.stdout).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(says), "{command}: {text}");
    }
}

#[test]
fn without_a_command_the_help_goes_to_standard_error() {
    let world = World::new();
    let output = world.run(&[]).output();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    assert!(String::from_utf8(output.stderr).unwrap().contains("Usage: sops-rs <COMMAND>\n\nCommands:\n"));
}

/// Every command in the help, in backticks.
fn commands(world: &World) -> String {
    let help = String::from_utf8(world.run(&["--help"]).output().stdout).expect("UTF-8");
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let starts = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names: Vec<_> =
        starts.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").collect();
    assert!(names.len() > 6, "{help}");
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[test]
fn a_wrong_command_line_is_told_in_one_line_with_a_hint() {
    let world = World::new();
    world.file("notes.txt", "x");
    let see = |command: &str| format!("see `sops-rs {command} --help`");
    for (arguments, code, error, hint) in [
        (&["encript", "f"][..], 1, "`encript` is not a command", "did you mean `encrypt`?".into()),
        (
            &["notes.txt"],
            1,
            "`notes.txt` is not a command",
            "to see the file decrypted: `sops-rs decrypt notes.txt`, to edit it: `sops-rs edit notes.txt`".into(),
        ),
        (&["bogus"], 1, "`bogus` is not a command", format!("the commands are {}", commands(&world))),
        (&["-x"], 1, "`-x` is not an option of `sops-rs`", "see `sops-rs --help`".into()),
        (
            &["encrypt", "--inplace", "f"],
            1,
            "`--inplace` is not an option of `sops-rs encrypt`",
            "did you mean `--in-place`?".into(),
        ),
        (&["decrypt", "--quietly", "f"], 1, "`--quietly` is not an option of `sops-rs decrypt`", see("decrypt")),
        (&["encrypt"], 1, "missing: `<FILE>...`", see("encrypt")),
        (&["encrypt", "--force", "f"], 1, "missing: `--output <FILE>`", see("encrypt")),
        (&["decrypt", "--identity"], 1, "`--identity <FILE>`: the value is missing", see("decrypt")),
        (
            &["decrypt", "--output-type", "xml", "f"],
            1,
            "`--output-type <FORMAT>`: `xml` is not one of `yaml`, `json`, `toml`, `ini`, `properties`, `dotenv`, `binary`",
            see("decrypt"),
        ),
        (&["encrypt", "-i", "-o", "x", "f"], 8, "`--in-place` cannot be used with `--output <FILE>`", see("encrypt")),
        (&["filestatus", "a", "b"], 1, "`b` is one argument too many for `sops-rs filestatus`", see("filestatus")),
        (
            &["encrypt", "a.env", "b.env"],
            8,
            "several files can only be encrypted in place",
            "add -i/--in-place, or encrypt one at a time".into(),
        ),
        (
            &["decrypt", "a.env", "b.env"],
            8,
            "several files can only be decrypted in place",
            "add -i/--in-place, or decrypt one at a time".into(),
        ),
        (
            &["encrypt", "-"],
            8,
            "standard input has no name to tell its format by",
            "name it with --filename-override NAME, or say --input-type FORMAT".into(),
        ),
        (
            &["exec-env", "f", "env", "-i"],
            1,
            "`-i` is not an option of `sops-rs exec-env`",
            "what is the program's stands behind `--`: `sops-rs exec-env FILE… -- PROGRAM ARG…`".into(),
        ),
        (
            &["set", "f", "p", "--generate", "5", "--charset", "letters"],
            1,
            "`--charset <CHARSET>`: `letters`: known are alnum, hex, base64url, digits, ascii, and `chars:` with characters",
            see("set"),
        ),
        (&["rotate", "f", "--jobs", "many"], 1, "`--jobs <N>`: `many`: invalid digit found in string", see("rotate")),
        (&["exec-env", "f"], 1, "no program to run", "write `sops-rs exec-env FILE… -- PROGRAM ARG…`".into()),
        (
            &["exec-env", "a", "b", "c"],
            1,
            "without `--` it cannot be told which words are files",
            "write `sops-rs exec-env FILE… -- PROGRAM ARG…`".into(),
        ),
    ] {
        world.run(arguments).fails(code, &format!("sops-rs: error: {error}\nsops-rs: hint: {hint}\n"));
    }
}

#[test]
fn standard_input_cannot_be_replaced() {
    let world = World::ready();
    let error = "sops-rs: error: standard input cannot be replaced: -i/--in-place needs a file\n";
    world.run(&["encrypt", "-i", "-"]).stdin("a: 1\n").fails(8, error);
    world.run(&["decrypt", "-i", "-"]).stdin("a: 1\n").fails(8, error);
}

#[test]
fn names_are_escaped_before_they_reach_a_terminal() {
    let world = World::ready();
    let error = "sops-rs: error: `a\\u{1b}[2J\\u{a}.yaml`: cannot be read: no such file\n";
    world.run(&["decrypt", "a\u{1b}[2J\n.yaml"]).fails(100, error);
}
