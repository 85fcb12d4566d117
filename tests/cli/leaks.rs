//! A canary in every value and in every key: nothing that fails may tell it, and nothing is left that holds it.

use std::fs;

use super::harness::{CANARY, ME, World};

/// Plaintexts with the canary wherever a value can be, each broken in its own way.
const BROKEN: &[(&str, &str)] = &[
    ("a.yaml", "a: canary-7f3a91\nb: [canary-7f3a91\n"),
    ("b.yaml", "a: \"canary-7f3a91\n"),
    ("c.yaml", "canary: 1\ncanary: canary-7f3a91\n"),
    ("d.yaml", "a: canary-7f3a91\n\tb: canary-7f3a91\n"),
    ("e.yaml", "a: ENC[canary-7f3a91]\n"),
    ("f.yaml", "a: canary-7f3a91\nsops-rs: canary-7f3a91\n"),
    ("g.yaml", "? [canary-7f3a91]\n: canary-7f3a91\n"),
    ("h.yaml", "a: *canary-7f3a91\n"),
    ("i.yaml", "# canary-7f3a91 \u{2028}\na: canary-7f3a91\n"),
    ("a.json", "{\"a\": \"canary-7f3a91\", }"),
    ("b.json", "{\"a\": canary-7f3a91}"),
    ("c.json", "{\"a\": \"canary-7f3a91"),
    ("d.json", "{\"a\": \"canary-7f3a91\"} canary-7f3a91"),
    ("e.json", "{\"\\ud800\": \"canary-7f3a91\"}"),
    ("a.env", "canary-7f3a91 is no assignment\n"),
    ("b.env", "A='canary-7f3a91\n"),
    ("c.env", "A=1\nA=canary-7f3a91\n"),
    ("d.env", "A B=canary-7f3a91\n"),
];

#[test]
fn a_plaintext_that_is_refused_is_not_told() {
    let world = World::ready();
    for (name, text) in BROKEN {
        world.file(name, text);
        let output = world.run(&["encrypt", "-i", name]).output();
        let said = String::from_utf8(output.stderr).expect("UTF-8");
        assert!(!output.status.success() && output.stdout.is_empty(), "{name}: {said}");
        assert!(said.starts_with(&format!("sops-rs: error: `{name}`: ")), "{said}");
        assert!(!said.contains(CANARY), "{name}: {said}");
        assert_eq!(world.read(name), *text);
    }
}

#[test]
fn every_cut_of_an_encrypted_file_is_refused_without_a_word_of_it() {
    let world = World::ready();
    for (name, text) in [
        ("x.yaml", "a: canary-7f3a91\nb: [canary-7f3a91]\n"),
        ("x.json", "{\"a\": \"canary-7f3a91\"}"),
        ("x.env", "A=canary-7f3a91\n"),
    ] {
        world.encrypted(name, text);
        let whole = world.read(name);
        for end in (0..whole.len() - 1).step_by(whole.len() / 40) {
            world.file(name, &whole[..end]);
            let output = world.run(&["decrypt", name]).output();
            let said = String::from_utf8(output.stderr).expect("UTF-8");
            assert!(!output.status.success() && output.stdout.is_empty(), "{name} cut at {end}");
            assert!(!said.contains(CANARY) && !said.contains("panicked"), "{said}");
        }
    }
}

#[test]
fn key_material_in_the_wrong_place_is_not_told() {
    let world = World::new();
    world.encrypted("a.env", "A=1\n");
    world.file("key", format!("{CANARY}\nAGE-SECRET-KEY-1{CANARY}\n"));
    world.file("ssh", format!("-----BEGIN OPENSSH PRIVATE KEY-----\n{CANARY}\n-----END OPENSSH PRIVATE KEY-----\n"));
    let key = format!("AGE-SECRET-KEY-1{}", CANARY.to_uppercase());
    let echo = format!("echo {key}");
    for (name, value) in [
        ("SOPS_AGE_KEY", key.as_str()),
        ("SOPS_AGE_KEY_FILE", "key"),
        ("SOPS_AGE_KEY_CMD", &echo),
        ("SOPS_AGE_SSH_PRIVATE_KEY_FILE", "ssh"),
        ("SOPS_AGE_SSH_PRIVATE_KEY_CMD", &echo),
    ] {
        let output = world.run(&["decrypt", "a.env"]).env("PATH", "/usr/bin:/bin").env(name, value).output();
        let said = String::from_utf8(output.stderr).expect("UTF-8");
        assert!(!output.status.success(), "{name}");
        assert!(said.contains(name) && !said.to_lowercase().contains(CANARY), "{said}");
    }
    let output = world.run(&["encrypt", "-r", &key, "a.env"]).output();
    assert!(!String::from_utf8(output.stderr).expect("UTF-8").to_lowercase().contains(CANARY));
}

#[test]
fn no_value_is_on_the_disk_after_encrypting_and_none_before_decrypting_fails() {
    let world = World::ready();
    world.file("tmp/x", "");
    world.file("a.yaml", "a: canary-7f3a91 # canary-7f3a91\n");
    let run = world.run(&["encrypt", "-i", "a.yaml"]).env("TMPDIR", world.path("tmp"));
    run.gives("", "`a.yaml`: 1 value and 1 comment encrypted, none clear\n");
    let text = world.read("a.yaml");
    world.file("a.yaml", text.replacen("sops-rs:\n", "more: 1\nsops-rs:\n", 1));
    let output = world.run(&["decrypt", "-o", "plain.yaml", "a.yaml"]).env("TMPDIR", world.path("tmp")).output();
    assert_eq!(output.status.code(), Some(25));
    for (path, (_, content)) in world.snapshot() {
        assert!(!String::from_utf8_lossy(&content).contains(CANARY), "{}", path.display());
    }
    assert!(fs::metadata(world.path("plain.yaml")).is_err());
}

#[test]
fn debug_output_shows_no_secret() {
    use sops_rs::document::format_by_name;
    use sops_rs::file::Document;
    use sops_rs::keys::{Identities, Recipient, generate_x25519, identity_file};
    let format = format_by_name("yaml").expect("a format");
    let document =
        Document::parse(b"a: canary-7f3a91\nb: {c: [canary-7f3a91]} # canary-7f3a91\n", format).expect("a document");
    let (secret, recipient) = generate_x25519();
    let mut identities = Identities::new();
    identities.add_identity_file(identity_file(&secret, &recipient).as_bytes(), "a test").expect("an identity");
    let key = sops_rs::data_key::DataKey::generate().expect("randomness");
    let bytes = key.expose();
    let shown = format!("{document:?} {identities:?} {key:?} {:?}", Recipient::parse(ME));
    assert!(!shown.contains(CANARY), "{shown}");
    assert!(!shown.contains(secret.as_str()), "{shown}");
    assert!(
        !shown.contains(&format!("{bytes:?}")) && !shown.contains(&format!("{}, {}, {}", bytes[0], bytes[1], bytes[2]))
    );
}
