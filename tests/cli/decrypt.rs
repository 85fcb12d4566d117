//! `decrypt`.

use sops_rs::document::format_by_name;
use sops_rs::file::{Document, NewSection, Plan, encrypt};
use sops_rs::keys::{NoInteraction, Recipient};
use sops_rs::select::PathGlob;

use super::harness::{ME, STRANGER, World};

const YAML: &str = "db:\n  password: canary-7f3a91 # c\n  ports: [1, 0587, 1.10]\n\"a.b\": 'it''s'\nnone: ~\n";

#[test]
fn to_a_file_that_is_new_it_is_private() {
    let world = World::ready();
    world.encrypted("a.yaml", YAML);
    world.run(&["decrypt", "-o", "plain.yaml", "a.yaml"]).gives("", "");
    assert_eq!((world.read("plain.yaml").as_str(), world.mode("plain.yaml")), (YAML, 0o600));
    world.file("old.yaml", "x");
    world.chmod("old.yaml", 0o640);
    world.run(&["decrypt", "-o", "old.yaml", "a.yaml"]).gives("", "");
    assert_eq!((world.read("old.yaml").as_str(), world.mode("old.yaml")), (YAML, 0o640));
    world.run(&["decrypt", "-o", "-", "a.yaml"]).gives(YAML, "");
    world.shell("sops-rs decrypt -o /dev/stdout a.yaml | cat").gives(YAML, "");
    world.shell("mkfifo pipe; cat pipe & sops-rs decrypt -o pipe a.yaml; wait").gives(YAML, "");
}

#[test]
fn a_file_with_a_locked_section_is_not_replaced() {
    let world = World::ready();
    let before = with_locked_section();
    world.file("a.yaml", &before);
    let output = world.run(&["decrypt", "-i", "a.yaml"]).output();
    assert_eq!(output.status.code(), Some(128));
    assert_eq!(world.read("a.yaml"), before);
    // To look at what one can open stays possible.
    let output = world.run(&["decrypt", "a.yaml"]).output();
    assert!(output.status.success() && output.stdout.starts_with(b"a: 1\ndb:\n  p: ENC[1:"));
}

/// A YAML file of which [`World::identity`] opens a part only.
pub(crate) fn with_locked_section() -> String {
    let format = format_by_name("yaml").expect("a format");
    let document = Document::parse(b"a: 1\ndb:\n  p: canary-7f3a91\n", format).expect("a document");
    let reader = |name: &str, key: &str| (name.to_owned(), Recipient::parse(key).expect("a recipient"));
    let paths = vec![PathGlob::parse("db.**").expect("a glob")];
    let sections = vec![NewSection {
        name: "database".into(),
        paths,
        recipients: vec![reader("stranger", STRANGER)],
        key_groups: None,
    }];
    let plan = Plan { sections, ..Plan::for_recipients([reader("me", ME), reader("stranger", STRANGER)]) };
    encrypt(&document, &plan, &NoInteraction).expect("encrypted").text
}

#[test]
fn a_plaintext_never_replaces_an_encrypted_file_by_accident() {
    let world = World::ready();
    world.encrypted("a.yaml", YAML);
    world.encrypted("b.yaml", "b: 2\n");
    world.of_sops("sops.json", "{\"a\": \"x\"}");
    // A name that tells no format: it is taken for one of the input's.
    world.file("b.sealed", world.read("b.yaml"));
    for name in ["b.yaml", "b.sealed", "sops.json"] {
        let error = format!(
            "sops-rs: error: `{name}`: is an encrypted file, a plaintext would replace it\n\
             sops-rs: hint: write elsewhere, or overwrite it with --force\n"
        );
        world.run(&["decrypt", "-o", name, "a.yaml"]).fails(3, &error);
    }
    world.run(&["decrypt", "-o", "./a.yaml", "a.yaml"]).fails(
        8,
        "sops-rs: error: `./a.yaml`: is input and output\n\
         sops-rs: hint: use -i/--in-place to replace a file by its plaintext\n",
    );
    world.run(&["decrypt", "--force", "-o", "b.yaml", "a.yaml"]).gives("", "");
    assert_eq!(world.read("b.yaml"), YAML);
}

#[test]
fn one_value_is_extracted_by_either_syntax() {
    let world = World::ready();
    world.encrypted("a.yaml", YAML);
    for (path, value) in [
        ("db.password", "canary-7f3a91"),
        ("[\"db\"][\"password\"]", "canary-7f3a91"),
        ("['db']['ports'][1]", "0587"),
        ("db.ports[2]", "1.10"),
        ("\"a.b\"", "it's"),
        ("[\"a.b\"]", "it's"),
    ] {
        let output = world.run(&["decrypt", "--extract", path, "a.yaml"]).output();
        let printed = String::from_utf8(output.stdout).unwrap();
        assert_eq!((printed.trim_end_matches('\n'), output.status.code()), (value, Some(0)), "{path}");
    }
    world
        .run(&["decrypt", "--extract", "db", "--output-type", "json", "a.yaml"])
        .gives("{\n  \"password\": \"canary-7f3a91\",\n  \"ports\": [\n    1,\n    \"0587\",\n    1.10\n  ]\n}\n", "");
    world
        .run(&["decrypt", "--extract", "db.pass", "a.yaml"])
        .fails(1, "sops-rs: error: `a.yaml`: no value at `db.pass`\nsops-rs: hint: did you mean `password`?\n");
    world
        .run(&["decrypt", "--extract", "db[", "a.yaml"])
        .fails(91, "sops-rs: error: `--extract`: a bracket is not closed\n");
}

#[test]
fn every_format_prints_as_every_other() {
    let world = World::ready();
    world.encrypted("a.yaml", "a: 1 # c\nb: \"x y\"\n");
    world.encrypted("a.json", "{\"a\": 1, \"b\": \"x y\"}");
    world.encrypted("a.env", "A=1\nB='x y'\n");
    for (name, output_type, expected) in [
        ("a.yaml", "yaml", "a: 1 # c\nb: \"x y\"\n"),
        ("a.yaml", "json", "{\n  \"a\": 1,\n  \"b\": \"x y\"\n}\n"),
        ("a.yaml", "dotenv", "a=1\nb=\"x y\"\n"),
        ("a.json", "yaml", "a: 1\nb: \"x y\"\n"),
        ("a.json", "json", "{\"a\": 1, \"b\": \"x y\"}"),
        ("a.json", "dotenv", "a=1\nb=\"x y\"\n"),
        ("a.env", "yaml", "A: \"1\"\nB: \"x y\"\n"),
        ("a.env", "json", "{\n  \"A\": \"1\",\n  \"B\": \"x y\"\n}\n"),
        ("a.env", "dotenv", "A=1\nB='x y'\n"),
    ] {
        let output = world.run(&["decrypt", "--output-type", output_type, name]).output();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), expected, "{name} as {output_type}");
    }
    world.encrypted("deep.yaml", YAML);
    let error = "sops-rs: error: `deep.yaml`: `db`: dotenv holds no maps and lists\n";
    world.run(&["decrypt", "--output-type", "dotenv", "deep.yaml"]).fails(4, error);
}

#[test]
fn standard_input_is_decrypted() {
    let world = World::ready();
    world.encrypted("a.yaml", YAML);
    let text = world.read("a.yaml");
    world.run(&["decrypt", "--input-type", "yaml", "-"]).stdin(&text).gives(YAML, "");
    world.run(&["decrypt", "--filename-override", "x.yml", "-"]).stdin(&text).gives(YAML, "");
    let error = "sops-rs: error: standard input: not encrypted: no `sops-rs` or `sops` metadata\n\
                 sops-rs: hint: encrypt it with `sops-rs encrypt -i FILE`\n";
    world.run(&["decrypt", "--input-type", "yaml", "-"]).stdin("a: canary-7f3a91\n").fails(1, error);
}

#[test]
fn what_is_not_encrypted_is_told() {
    let world = World::ready();
    world.file("it's.env", "A=canary-7f3a91\n");
    let error = "sops-rs: error: `it's.env`: not encrypted: no `sops-rs` or `sops` metadata\n\
                 sops-rs: hint: encrypt it with `sops-rs encrypt -i 'it'\\''s.env'`\n";
    world.run(&["decrypt", "it's.env"]).fails(1, error);
    world.file("sops.env", "A=x\nsops_mac=x\nsops_version=3.9.0\n");
    let error = "sops-rs: error: `sops.env`: sops metadata: `lastmodified` is missing\n\
                 sops-rs: hint: restore the `sops` block from the last good version in git\n";
    world.run(&["decrypt", "-i", "sops.env"]).fails(1, error);
}

#[test]
fn a_changed_file_is_refused() {
    let world = World::ready();
    world.encrypted("a.yaml", "a: canary-7f3a91\nb: 2\n");
    let text = world.read("a.yaml");
    let lines: Vec<_> = text.lines().collect();
    let (a, b) = (lines[0].split_once(": ").unwrap().1, lines[1].split_once(": ").unwrap().1);
    let hint = "sops-rs: hint: restore the last good version from git, then make the change on the decrypted file\n";
    let swapped = text.replace(a, "\0").replace(b, a).replace('\0', b);
    world.file("a.yaml", swapped);
    let output = world.run(&["decrypt", "a.yaml"]).output();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(51), "{said}");
    assert!(
        output.stdout.is_empty() && said.starts_with("sops-rs: error: `a.yaml`: ") && said.ends_with(hint),
        "{said}"
    );
    world.file("a.yaml", text.replace(b, "clear"));
    let error =
        "sops-rs: error: `a.yaml`: line 2, column 4: `b` is not encrypted, but the file's policy says that it is\n";
    world.run(&["decrypt", "-i", "a.yaml"]).fails(25, &format!("{error}{hint}"));
    world.file("a.yaml", text.replace("name: recipient-1", "name: mallory"));
    let output = world.run(&["decrypt", "a.yaml"]).output();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(51), "{said}");
    assert!(said.ends_with("restore the last good version from git\n") && said.contains("metadata MAC"), "{said}");
}
