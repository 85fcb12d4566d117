//! `encrypt`.

use super::harness::{CANARY, ME, World};

const YAML: &str = "# note\ndb:\n  password: canary-7f3a91 # rotate\n  port: 0587\nlist: [a, 'b']\nempty:\n";

#[test]
fn a_key_without_a_value_counts_as_clear() {
    let world = World::ready();
    // As it may be meant: a value on two lines, without quotes.
    world.file("a.env", "KEY=first\nsecond\n");
    let said = "`a.env`: 1 value encrypted, 1 clear\n  clear: second\n";
    world.run(&["encrypt", "-i", "-v", "a.env"]).gives("", said);
}

#[test]
fn to_standard_output_only_values_are_replaced() {
    let world = World::ready();
    world.file("a.yaml", YAML);
    let output = world.run(&["encrypt", "a.yaml"]).output();
    let text = world.normalised(&String::from_utf8(output.stdout).unwrap());
    let (body, metadata) = text.split_once("sops-rs:\n").unwrap();
    let body_expected =
        "# ENC[…]\ndb:\n  password: ENC[…] # ENC[…]\n  port: ENC[…]\nlist: [\"ENC[…]\", \"ENC[…]\"]\nempty:\n";
    assert_eq!(body, body_expected);
    assert!(metadata.starts_with("  version: 1\n  comments: encrypt\n"), "{metadata}");
    assert_eq!(world.read("a.yaml"), YAML);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said, "`a.yaml`: 4 values and 2 comments encrypted, none clear\n");
}

#[test]
fn in_place_and_back_gives_every_byte_again() {
    let world = World::ready();
    let texts = [
        ("a.yaml", YAML),
        ("crlf.yaml", "a: 1\r\nb: x # c\r\n"),
        ("bom.yml", "\u{feff}a: 1\nb: x"),
        ("root.json", "[1.10, \"a\\u00e9\", {\"k\": null}]"),
        ("b.json", "{\"a\": 1,\r\n \"b\": \"x\"}\r\n"),
        (".env", "export A='x y'\nB=\"two\nlines\"\nC=d # c\nEMPTY=\nNOTHING\n"),
        ("prod.env", "A=1\r\nB=2"),
        (".env.local", "A=1"),
    ];
    let names: Vec<_> = texts.iter().map(|(name, _)| *name).collect();
    texts.iter().for_each(|(name, text)| world.file(name, text));
    let output = world.run(&[&["encrypt", "-i"], &names[..]].concat()).output();
    assert!(output.status.success(), "{output:?}");
    for (name, text) in texts {
        assert!(world.read(name).contains("ENC[1:"), "{name}");
        world.run(&["decrypt", name]).gives(text, "");
    }
    world.run(&[&["decrypt", "-i"], &names[..]].concat()).gives("", "");
    for (name, text) in texts {
        assert_eq!(world.read(name), text, "{name}");
    }
}

#[test]
fn counts_are_told_and_verbose_names_what_stays_clear() {
    let world = World::new();
    world.config("  - files: [\"*\"]\n    recipients: [me]\n    clear: [kind, \"meta.**\"]\n    comments: clear\n");
    world.file("a.yaml", "kind: x # c\nmeta:\n  a.b: 1\n  l: [2]\nkey: canary-7f3a91\n");
    world
        .run(&["encrypt", "-v", "-o", "out.yaml", "a.yaml"])
        .gives("", "`a.yaml`: 1 value encrypted, 3 clear\n  clear: kind\n  clear: meta.\"a.b\"\n  clear: meta.l[0]\n");
    assert!(world.read("out.yaml").starts_with("kind: x # c\nmeta:\n  a.b: 1\n  l: [2]\nkey: ENC[1:"));
}

#[test]
fn an_encrypted_file_is_refused() {
    let world = World::ready();
    world.encrypted("a file.yaml", YAML);
    let error = "sops-rs: error: `a file.yaml`: already encrypted\n\
                 sops-rs: hint: see it with `sops-rs decrypt 'a file.yaml'`; to encrypt a changed plaintext over it, \
                 use -o/--output\n";
    world.run(&["encrypt", "-i", "a file.yaml"]).fails(203, error);
    world.run(&["encrypt", "a file.yaml"]).fails(203, error);
}

#[test]
fn a_file_of_sops_is_not_encrypted_twice() {
    let world = World::ready();
    world.of_sops("a.yaml", "a: x\n");
    world.of_sops("a.json", "{\"a\": \"x\"}");
    world.of_sops("a.env", "A=x\n");
    world.of_sops("a.pem", "x");
    for name in ["a.yaml", "a.json", "a.env", "a.pem"] {
        world.run(&["encrypt", "-i", name]).fails(
            203,
            &format!(
                "sops-rs: error: `{name}`: already encrypted\n\
                 sops-rs: hint: see it with `sops-rs decrypt {name}`; to encrypt a changed plaintext over it, use -o/--output\n"
            ),
        );
    }
}

#[test]
fn standard_input_takes_format_and_rule_from_a_name() {
    let world = World::new();
    world.config("  - files: [\"secrets/*\"]\n    recipients: [me]\n    clear: [b]\n");
    world.identity();
    let run = world.run(&["encrypt", "--filename-override", "secrets/a.yaml", "-o", "a.yaml", "-"]);
    run.stdin("a: canary-7f3a91\nb: 1\n").gives("", "`secrets/a.yaml`: 1 value encrypted, 1 clear\n");
    world.run(&["decrypt", "a.yaml"]).gives("a: canary-7f3a91\nb: 1\n", "");
    let run = world.run(&["encrypt", "--input-type", "dotenv", "-r", ME, "-o", "-", "-"]).stdin("A=1\n");
    let output = run.output();
    assert!(output.stdout.starts_with(b"A=ENC[1:"));
    assert_eq!(output.stderr, b"standard input: 1 value encrypted, none clear\n");
    assert!(!world.path("-").exists());
    let run = world.run(&["encrypt", "--input-type", "yaml", "-r", ME, "-"]).stdin("a: [\n");
    run.fails(2, "sops-rs: error: standard input: line 1, column 4: a bracket is not closed\n");
}

#[test]
fn recipients_of_the_command_line_need_no_config() {
    let world = World::new();
    world.identity();
    let ssh = include_str!("../../testdata/keys/ssh_ed25519.pub").trim();
    for (number, flag) in ["-r", "--recipient", "-a", "--age"].into_iter().enumerate() {
        let name = format!("{number}.yaml");
        world.file(&name, "a: 1\n");
        world
            .run(&["encrypt", "-i", flag, &format!("{ME},{ssh}"), "-r", ME, &name])
            .gives("", &format!("`{name}`: 1 value encrypted, none clear\n"));
        let text = world.read(&name);
        let named = "- name: recipient-1\n          recipient: age1a7ff2kf";
        assert!(text.contains(named) && text.contains("- name: recipient-2\n          recipient: ssh-ed25519 "));
        assert!(!text.contains("recipient-3"), "the same one twice");
        world.run(&["decrypt", &name]).gives("a: 1\n", "");
    }
}

#[test]
fn a_wrong_recipient_is_told_without_saying_what_may_be_secret() {
    let world = World::new();
    world.file("a.yaml", "a: 1\n");
    world.file("key.pub", ME);
    let identity = "AGE-SECRET-KEY-1QK8XQ360JGHWSNAMC4Z45Y76ND8UE55GV5YXCKXRQR8PHK78FZ0SAHWW09";
    let kinds =
        "a recipient is an age key (`age1…`) or an ssh key (`ssh-ed25519 …`, `ssh-rsa …`); a passphrase cannot be one";
    for (recipient, error) in [
        ("age1xyz", "`-r/--recipient age1xyz`: this age recipient is mistyped or cut off".to_owned()),
        (&ME[..40], "`-r/--recipient age1a7ff2kfnj70r…`: this age recipient is mistyped or cut off".to_owned()),
        (CANARY, format!("`-r/--recipient`: {kinds}")),
        (
            "key.pub",
            format!(
                "`-r/--recipient`: {kinds}\nsops-rs: hint: that is a file: give the recipient in it, as in -r \"$(cat FILE)\""
            ),
        ),
        (
            identity,
            "`-r/--recipient`: this is an identity (a secret key), a recipient is expected: its public half, `age1…`"
                .to_owned(),
        ),
    ] {
        world.run(&["encrypt", "-r", recipient, "a.yaml"]).fails(1, &format!("sops-rs: error: {error}\n"));
    }
}

#[test]
fn nothing_to_encrypt_is_an_error() {
    let world = World::ready();
    for (name, text) in [("a.yaml", ""), ("a.json", ""), ("a.env", "\n\n")] {
        world.file(name, text);
        let error = format!("sops-rs: error: `{name}`: is empty, there is nothing to encrypt\n");
        world.run(&["encrypt", "-i", name]).fails(92, &error);
    }
    world.file("b.json", "{}");
    let error = "sops-rs: error: `b.json`: the rule encrypts nothing in this file: none of its globs matches a value\n\
                 sops-rs: hint: it has no values, or `clear` names all of them\n";
    world.run(&["encrypt", "-i", "b.json"]).fails(23, error);
}

#[test]
fn of_several_files_all_failures_are_told_and_none_is_changed() {
    let world = World::ready();
    world.file("good.yaml", "a: canary-7f3a91\n");
    world.file("bad.json", "{\"a\": canary-7f3a91}");
    world.file("notes.conf", "canary-7f3a91 for all\n");
    world.run(&["encrypt", "-i", "good.yaml", "bad.json", "gone.env", "notes.conf"]).fails(
        2,
        "sops-rs: error: `bad.json`: line 1, column 7: expected a value\n\
         sops-rs: error: `gone.env`: cannot be read: no such file\n\
         sops-rs: error: `notes.conf`: line 1, column 1: expected `key = value`; a file that is no INI is encrypted with \
         --input-type binary\n\
         sops-rs: hint: none of the files was changed\n",
    );
}
