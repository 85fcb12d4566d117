//! `convert`: files of SOPS become native ones, and native ones files of SOPS.

use std::process::Command;

use super::harness::{ME, STRANGER, STRANGER_FILE, World};

/// Plaintexts of every format, by name, that SOPS gives back as they are.
const FILES: [(&str, &[u8]); 9] = [
    ("a.yaml", b"# canary-7f3a91\ndb: {user: app, password: canary-7f3a91}\nlist: [1, 2]\n---\nn: 1\n"),
    ("deep/b.json", b"{\n  \"a\": \"canary-7f3a91\",\n  \"b\": [1, null]\n}\n"),
    ("deep/c.env", b"# c\nA=canary-7f3a91\n\nB=two words\n"),
    ("d.ini", b"[s]\n; c\na = canary-7f3a91\n"),
    ("key.p12", b"\0\xffcanary-7f3a91"),
    (".env.local", b"A='canary-7f3a91' # why\n"),
    ("e.properties", b"a.b = canary-7f3a91\n"),
    ("f.cfg", b"[s]\na = 1\n"),
    ("g.txt", b"canary-7f3a91"),
];

/// A world in which everything is encrypted as SOPS does, to these recipients.
fn sops_world(recipients: &str) -> World {
    let world = World::new();
    world.identity();
    world.file(".sops.yaml", format!("creation_rules:\n  - age: {recipients}\n"));
    world
}

fn encrypt(world: &World, names: &[&str]) {
    let output = world.run(&[&["encrypt", "-i"], names].concat()).output();
    assert!(output.status.success(), "{output:?}");
}

/// Whether a file is one of SOPS: those have its tokens, and ours have others.
fn is_of_sops(world: &World, name: &str) -> bool {
    let text = world.read(name);
    assert!(!text.contains("canary-7f3a91"), "{name}: {text}");
    assert_ne!(text.contains("ENC[AES256_GCM,"), text.contains("ENC[1:"), "{name}: {text}");
    text.contains("ENC[AES256_GCM,")
}

fn decrypts(world: &World, name: &str, plaintext: &[u8]) {
    let output = world.run(&["decrypt", name]).output();
    assert_eq!((output.stdout.as_slice(), output.status.code()), (plaintext, Some(0)), "{name}: {output:?}");
}

#[test]
fn a_repository_goes_there_and_back() {
    let world = sops_world(ME);
    let git = world.shell("git init -q").output();
    assert!(git.status.success());
    for (name, plaintext) in FILES {
        world.file(name, plaintext);
        encrypt(&world, &[name]);
        assert!(is_of_sops(&world, name));
    }
    world.file("README.md", "sops\n");
    let translated = "# Rules of sops-rs: which files are encrypted, and to whom. Made from the rules of SOPS.\nversion: 1\n\n\
         recipients:\n  recipient-1: {ME}\n\nrules:\n  - files: [\"**\"]\n    recipients: [recipient-1]\n    \
         clear: [\"**.*_unencrypted.**\"]\n";
    let whole = |prefix: &str| {
        let why = "encrypted whole so far; its keys are readable from now on, as in all files of its format";
        let names = [".env.local", "e.properties", "f.cfg"];
        names.map(|name| format!("sops-rs: warning: `{prefix}{name}`: {why}\n")).concat()
    };
    let before = world.snapshot();
    world.run(&["convert", "--to", "native", "-r", "--dry-run"]).gives(
        translated,
        &format!("`.sops-rs.yaml` would be written:\n{}9 files would be converted to the native dialect\n", whole("")),
    );
    assert_eq!(world.snapshot(), before);
    world.run(&["convert", "--to", "native", "-r"]).within("deep").gives(
        "",
        &format!(
            "{}wrote `../.sops-rs.yaml`; `../.sops.yaml` stays until you take it out\n9 files converted to the native dialect\n",
            whole("../")
        ),
    );
    assert_eq!(world.normalised(&world.read(".sops-rs.yaml")), translated);
    for (name, plaintext) in FILES {
        assert!(!is_of_sops(&world, name));
        decrypts(&world, name, plaintext);
    }
    let before = world.snapshot();
    world.run(&["convert", "--to", "native", "-r"]).gives(
        "",
        "`.sops-rs.yaml` is there already: its rules count, `.sops.yaml` is not translated\n\
         9 files: of the native dialect already\n",
    );
    assert_eq!(world.snapshot(), before);
    world.run(&["updatekeys", "--check", "-r"]).gives("", "9 files: as the rules say\n");

    std::fs::remove_file(world.path(".sops.yaml")).expect("removed");
    let output = world.run(&["convert", "--to", "sops", "-r"]).output();
    assert!(output.status.success(), "{output:?}");
    for (name, plaintext) in FILES {
        assert!(is_of_sops(&world, name));
        decrypts(&world, name, plaintext);
    }
    let config = world.normalised(&world.read(".sops.yaml"));
    assert_eq!(
        config,
        "# Rules of SOPS: which files are encrypted, and to whom. Made from the rules of sops-rs.\nkeys:\n  \
         - &recipient-1 {ME}\n\ncreation_rules:\n  - key_groups:\n      - age:\n          - *recipient-1\n"
    );
}

#[test]
fn single_files_keep_their_readers() {
    let world = World::new();
    world.identity();
    world.file("a.yaml", "a: canary-7f3a91\n");
    assert!(world.run(&["encrypt", "-i", "-r", ME, "-r", STRANGER, "a.yaml"]).output().status.success());
    world.chmod("a.yaml", 0o640);
    world.run(&["convert", "--to", "sops", "a.yaml"]).gives("", "`a.yaml`: converted to the sops dialect\n");
    assert!(is_of_sops(&world, "a.yaml"));
    assert_eq!(world.mode("a.yaml"), 0o640);
    world.run(&["convert", "--to", "sops", "a.yaml"]).gives("", "1 file: of the sops dialect already\n");
    // Nobody has signed who stands in there.
    world.run(&["convert", "--to", "native", "a.yaml"]).fails(
        1,
        "`a.yaml`\n  reader by nothing but its metadata: `recipient-2` ({STRANGER})\n\
         sops-rs: nobody can be asked, there is no terminal (no such device or address)\n\
         sops-rs: error: the readers were not confirmed, no file was changed\n\
         sops-rs: hint: check the keys against their owners', then add -y/--yes\n",
    );
    world.run(&["convert", "--to", "native", "--yes", "a.yaml"]).gives(
        "",
        "`a.yaml`\n  reader by nothing but its metadata: `recipient-2` ({STRANGER})\n\
         `a.yaml`: converted to the native dialect\n",
    );
    world.file("stranger.txt", STRANGER_FILE);
    std::fs::remove_file(world.home(".config/sops-rs/keys.txt")).expect("removed");
    world.run(&["decrypt", "--identity", "stranger.txt", "a.yaml"]).gives("a: canary-7f3a91\n", "");
}

#[test]
fn a_selector_that_only_the_metadata_have_is_confirmed() {
    let world = sops_world(ME);
    world.file("a.yaml", "a: canary-7f3a91\nk_unencrypted: x\n");
    encrypt(&world, &["a.yaml"]);
    let forged = world.read("a.yaml").replace("unencrypted_suffix: _unencrypted", "unencrypted_regex: ^(k_.*|new)$");
    world.file("a.yaml", &forged);
    let clear = "`a.yaml`\n  values in clear, now and to come, by nothing but its metadata: `unencrypted_regex: ^(k_.*|new)$`\n";
    let output = world.run(&["convert", "--to", "native", "a.yaml"]).output();
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(said.starts_with(clear) && output.status.code() == Some(1), "{said}");
    assert_eq!(world.read("a.yaml"), forged);
    let done = "`a.yaml`: converted to the native dialect\n";
    world.run(&["convert", "--to", "native", "--yes", "a.yaml"]).gives("", &format!("{clear}{done}"));
    // With a rule that says the same there is nothing to ask.
    world.file("a.yaml", forged);
    world.file(".sops.yaml", format!("creation_rules:\n  - age: {ME}\n    unencrypted_regex: ^(k_.*|new)$\n"));
    world.run(&["convert", "--to", "native", "a.yaml"]).gives("", done);
}

/// The question is one for all files.
#[cfg(target_os = "linux")]
#[test]
fn readers_are_confirmed_at_a_terminal() {
    use super::terminal::{converse, session};
    let world = World::new();
    world.identity();
    for name in ["a.yaml", "b.yaml"] {
        world.file(name, "a: canary-7f3a91\n");
        assert!(world.run(&["encrypt", "-i", "-r", ME, "-r", STRANGER, name]).output().status.success());
    }
    assert!(world.run(&["convert", "--to", "sops", "a.yaml", "b.yaml"]).output().status.success());
    let arguments = ["convert", "--to", "native", "a.yaml", "b.yaml"];
    let question = "2 files: `a.yaml`, `b.yaml`\n  reader by nothing but its metadata: `recipient-2` ({STRANGER})\n\
                    encrypt them to these readers? [1] yes [2] no: ";
    let before = world.snapshot();
    let (said, printed, code) =
        converse(&world, session(&world, &["--ctty"], &arguments), &[("[2] no: ", "no")], false);
    assert!(said.starts_with(question), "{said}");
    assert_eq!((printed.as_str(), code), ("", Some(1)));
    assert_eq!(world.snapshot(), before);
    let (said, _, code) = converse(&world, session(&world, &["--ctty"], &arguments), &[("[2] no: ", "yes")], false);
    assert!(said.ends_with("2 files converted to the native dialect\n"), "{said}");
    assert_eq!(code, Some(0));
    assert!(!is_of_sops(&world, "a.yaml") && !is_of_sops(&world, "b.yaml"));
}

#[test]
fn a_rule_of_the_wanted_dialect_comes_first_and_its_readers_are_confirmed() {
    let world = sops_world(ME);
    for name in ["a.yaml", "b.yaml"] {
        world.file(name, "a: canary-7f3a91\nb: 2\n");
    }
    encrypt(&world, &["a.yaml", "b.yaml"]);
    world.config(
        "  - files: [a.yaml]\n    recipients: [stranger]\n  - files: [b.yaml]\n    recipients: [me]\n    clear: [a]\n",
    );
    let changes = "`a.yaml`\n  new reader: `stranger` ({STRANGER})\n  no reader any more: `age` ({ME})\n\
                   sops-rs: warning: you will not be able to open this afterwards: `a.yaml`\n";
    world.run(&["convert", "--to", "native", "a.yaml"]).fails(
        1,
        &format!(
            "{changes}sops-rs: nobody can be asked, there is no terminal (no such device or address)\n\
             sops-rs: error: the readers were not confirmed, no file was changed\n\
             sops-rs: hint: check the keys against their owners', then add -y/--yes\n"
        ),
    );
    world
        .run(&["convert", "--to", "native", "--dry-run", "a.yaml"])
        .gives("", &format!("{changes}1 file would be converted to the native dialect\n"));
    // Nothing that was a secret is published, whatever a rule says.
    world.run(&["convert", "--to", "native", "--yes", "--encrypt-more", "b.yaml"]).fails(
        23,
        "sops-rs: error: `b.yaml`: encrypted so far, clear from now on: `a`\n\
         sops-rs: hint: the rule in `.sops-rs.yaml` has to encrypt them\n",
    );
    world
        .run(&["convert", "--to", "native", "--yes", "a.yaml"])
        .gives("", &format!("{changes}`a.yaml`: converted to the native dialect\n"));
    let output = world.run(&["decrypt", "a.yaml"]).output();
    assert_eq!(output.status.code(), Some(128));
}

#[test]
fn what_was_clear_is_encrypted_only_when_asked_for() {
    let world = sops_world(ME);
    let text = "# why\nkind: Secret\ndata:\n  a: canary-7f3a91\n";
    world.file("a.yaml", text);
    world.file(".sops.yaml", format!("creation_rules:\n  - age: {ME}\n    encrypted_regex: ^data$\n"));
    encrypt(&world, &["a.yaml"]);
    world.config("  - files: [\"**\"]\n    recipients: [me]\n    encrypt: [data.**]\n");
    let change = "`a.yaml`: clear so far, encrypted from now on: `comment on line 1`\n";
    world.run(&["convert", "--to", "native", "a.yaml"]).fails(
        23,
        &format!("sops-rs: error: {change}sops-rs: hint: if that is meant to be, say so with --encrypt-more\n"),
    );
    world
        .run(&["convert", "--to", "native", "--encrypt-more", "a.yaml"])
        .gives("", &format!("sops-rs: warning: {change}`a.yaml`: converted to the native dialect\n"));
    decrypts(&world, "a.yaml", text.as_bytes());
    // And back: SOPS would leave the comment clear.
    let output = world.run(&["convert", "--to", "sops", "a.yaml"]).output();
    assert_eq!(output.status.code(), Some(23));
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(
        said.starts_with("sops-rs: error: `a.yaml`: encrypted so far, clear from now on: `comment on line 1`\n"),
        "{said}"
    );
}

#[test]
fn without_a_rule_the_selection_stays() {
    let world = sops_world(ME);
    let text = "# why\nkind: Secret\ndata:\n  a: canary-7f3a91\n";
    world.file("a.yaml", text);
    world.file(
        ".sops.yaml",
        format!("creation_rules:\n  - age: {ME}\n    encrypted_regex: ^data$\n    mac_only_encrypted: true\n"),
    );
    encrypt(&world, &["a.yaml"]);
    world.run(&["convert", "--to", "native", "a.yaml"]).gives("", "`a.yaml`: converted to the native dialect\n");
    let native = world.read("a.yaml");
    assert!(native.starts_with("# why\nkind: Secret\ndata:\n  a: ENC[1:"), "{native}");
    assert!(native.contains("  comments: clear\n  clear_values: free\n"), "{native}");
    std::fs::remove_file(world.path(".sops.yaml")).expect("removed");
    world.run(&["convert", "--to", "sops", "a.yaml"]).gives("", "`a.yaml`: converted to the sops dialect\n");
    let sops = world.read("a.yaml");
    assert!(sops.contains("encrypted_regex: \"^data$\"\n") && sops.contains("mac_only_encrypted: true\n"), "{sops}");
    decrypts(&world, "a.yaml", text.as_bytes());
}

#[test]
fn what_sops_gives_back_otherwise_is_told_first() {
    let world = World::new();
    world.identity();
    world.encrypted("a.yaml", "a: 1.0\nb: x\n# c\nc: 2001-12-14");
    let what = "`a.yaml`: would come back from SOPS in another spelling: `a`, `c`, and with another layout around the values\n";
    world.run(&["convert", "--to", "sops", "a.yaml"]).fails(
        4,
        &format!("sops-rs: error: {what}sops-rs: hint: if equal values are enough, say so with --allow-respelling\n"),
    );
    world
        .run(&["convert", "--to", "sops", "--allow-respelling", "a.yaml"])
        .gives("", &format!("sops-rs: warning: {what}`a.yaml`: converted to the sops dialect\n"));
    decrypts(&world, "a.yaml", b"a: 1\nb: x\n# c\nc: 2001-12-14T00:00:00Z\n");
    world.encrypted("a.env", "A=\"x\"\n");
    world.run(&["convert", "--to", "sops", "a.env"]).gives(
        "",
        "sops-rs: warning: `a.env`: other values for programs from the same text, since SOPS gives them with their quotes and inline \
         comments: `A`\n`a.env`: converted to the sops dialect\n",
    );
}

#[test]
fn one_file_that_is_refused_leaves_all_as_they_were() {
    let world = World::ready();
    for (name, text) in [("a.yaml", "a: 1\n"), ("b.toml", "a = 1\n"), ("c.yaml", "a: 1\nkind: x\n")] {
        world.file(name, text);
    }
    world.config(
        "  - files: [c.yaml]\n    recipients: [me]\n    clear: [kind]\n  - files: [\"**\"]\n    recipients: [me]\n",
    );
    encrypt(&world, &["a.yaml", "b.toml", "c.yaml"]);
    world.run(&["convert", "--to", "sops", "a.yaml", "b.toml", "c.yaml"]).fails(
        4,
        "sops-rs: error: `b.toml`: SOPS has no TOML\n\
         sops-rs: hint: as TOML it stays native\n\
         sops-rs: error: `c.yaml`: SOPS has no selector for its globs (encrypt: `**`, clear: `kind`): it looks at keys alone, at any depth\n\
         sops-rs: hint: say what is encrypted by a rule in `.sops.yaml`; whether it is the same is checked\n\
         sops-rs: hint: none of the files was changed\n",
    );
    // The rule says it otherwise, and for this file it is the same.
    world.file(".sops.yaml", format!("creation_rules:\n  - age: {ME}\n    unencrypted_regex: ^kind$\n"));
    world.run(&["convert", "--to", "sops", "a.yaml", "c.yaml"]).gives("", "2 files converted to the sops dialect\n");
    assert!(world.read("c.yaml").contains("\nkind: x\n"));
}

#[test]
fn keys_that_native_files_do_not_have_are_refused_until_a_rule_names_others() {
    let world = sops_world(ME);
    world.file("a.yaml", "a: canary-7f3a91\n");
    encrypt(&world, &["a.yaml"]);
    let fingerprint = "FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4";
    let pgp = format!(
        "sops:\n    pgp:\n        - created_at: \"2026-01-01T00:00:00Z\"\n          enc: x\n          fp: {fingerprint}\n"
    );
    world.file("a.yaml", world.read("a.yaml").replace("sops:\n", &pgp));
    world.run(&["convert", "--to", "native", "--yes", "a.yaml"]).fails(
        4,
        &format!(
            "sops-rs: error: `a.yaml`: native files are for age and ssh keys, not for `{fingerprint}`\n\
             sops-rs: hint: give it age recipients first, or name its readers in `.sops-rs.yaml`\n"
        ),
    );
    world.config("  - files: [\"**\"]\n    recipients: [me]\n");
    world.run(&["convert", "--to", "native", "--yes", "a.yaml"]).gives(
        "",
        &format!("`a.yaml`\n  no reader any more: `pgp` ({fingerprint})\n`a.yaml`: converted to the native dialect\n"),
    );
}

#[test]
fn a_config_alone_is_translated() {
    let world = World::new();
    world.file(
        "x/.sops.yaml",
        format!(
            "creation_rules:\n  - path_regex: \\.yaml$\n    age: {ME}\n  - path_regex: '^[a-z]+$'\n    age: {ME}\n"
        ),
    );
    world.run(&["convert", "--to", "native", "x/.sops.yaml"]).fails(
        1,
        "sops-rs: error: `x/.sops.yaml`: line 4, column 5: rule 2: `path_regex: ^[a-z]+$` has no file globs that say the same\n\
         sops-rs: hint: write `x/.sops-rs.yaml` by hand, its rules count then\n",
    );
    world.file("x/.sops.yaml", format!("creation_rules:\n  - path_regex: \\.yaml$\n    age: {ME} # me\n"));
    world
        .run(&["convert", "--to", "native", "x/.sops.yaml"])
        .gives("", "wrote `x/.sops-rs.yaml`; `x/.sops.yaml` stays until you take it out\n");
    let text = world.normalised(&world.read("x/.sops-rs.yaml"));
    assert!(
        text.contains("recipients:\n  me: {ME}\n\nrules:\n  - files: [\"*.yaml\"]\n    recipients: [me]\n"),
        "{text}"
    );
    world
        .run(&["convert", "--to", "native", "x/.sops.yaml"])
        .fails(3, "sops-rs: error: `x/.sops-rs.yaml`: is there already\nsops-rs: hint: overwrite it with --force\n");
    world
        .run(&["convert", "--to", "sops", "--force", "x/.sops-rs.yaml"])
        .gives("", "wrote `x/.sops.yaml`; `x/.sops-rs.yaml` stays until you take it out\n");
    // A rule that would be for other files than before.
    world.file("x/.sops.yaml", format!("creation_rules:\n  - path_regex: \\.yaml$\n    age: {ME}\n"));
    world.file("x/y.yaml/z", "z\n");
    world.run(&["convert", "--to", "native", "--force", "x/.sops.yaml"]).fails(
        1,
        "sops-rs: error: `x/.sops-rs.yaml`: its translation has other readers for `x/y.yaml/z`: native {ME}, SOPS no rule\n\
         sops-rs: hint: write it by hand, its rules count then\n",
    );
}

#[test]
fn files_that_nobody_here_opens_can_be_left_out() {
    let world = sops_world(ME);
    world.file("a.yaml", "a: 1\n");
    encrypt(&world, &["a.yaml"]);
    world.file(".sops.yaml", format!("creation_rules:\n  - age: {STRANGER}\n"));
    world.file("b.yaml", "a: 1\n");
    encrypt(&world, &["b.yaml"]);
    std::fs::remove_file(world.path(".sops.yaml")).expect("removed");
    let output = world.run(&["convert", "--to", "native", "-r"]).output();
    assert_eq!(output.status.code(), Some(128), "{output:?}");
    world.run(&["convert", "--to", "native", "-r", "--skip-locked"]).gives(
        "",
        "sops-rs: warning: left as they are, since no identity opens them: `b.yaml`\n\
         `a.yaml`: converted to the native dialect\n",
    );
    assert!(is_of_sops(&world, "b.yaml"));
}

/// With `SOPS_RS_TEST_SOPS=/path/to/sops`: what we convert, SOPS decrypts, and the other way round.
#[test]
#[expect(clippy::disallowed_methods, reason = "the variable asks for this test")]
fn sops_decrypts_what_was_converted() {
    let Some(sops) = std::env::var_os("SOPS_RS_TEST_SOPS") else { return };
    let world = World::ready();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(&sops);
        let keys = world.home(".config/sops-rs/keys.txt");
        command.args(arguments).current_dir(world.path("")).env("SOPS_AGE_KEY_FILE", keys).output().expect("it runs")
    };
    for (name, plaintext) in FILES {
        world.file(name, plaintext);
        encrypt(&world, &[name]);
        let converted = world.run(&["convert", "--to", "sops", name]).output();
        assert!(converted.status.success(), "{converted:?}");
        let decrypted = run(&["decrypt", name]);
        assert!(decrypted.status.success(), "{name}: {decrypted:?}");
        let rotated = run(&["rotate", "-i", name]);
        assert!(rotated.status.success(), "{name}: {rotated:?}");
        let converted = world.run(&["convert", "--to", "native", name]).output();
        assert!(converted.status.success(), "{converted:?}");
        // SOPS prints files anew, as it did with ours.
        decrypts(&world, name, &decrypted.stdout);
    }
}
