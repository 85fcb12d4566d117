//! Files that the real SOPS made, and damaged ones, through the library: `testdata/sops/README.md` says how they came about.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use sops_rs::Error;
use sops_rs::config::sops::Stores;
use sops_rs::data_key::DataKey;
use sops_rs::dialect::sops::Cipher;
use sops_rs::document::sops::Store;
use sops_rs::error::sops::{GroupReport, SopsError, ValueFault};
use sops_rs::file::sops::{self, Decrypted, DecryptionOrder, Documents, KeyPath, KeyUnlock, Losses, MacCheck};
use sops_rs::keys::{Identities, NoInteraction};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/sops")
}

/// An entry of the manifest.
struct Entry {
    json: Json,
}

impl Entry {
    fn text(&self, name: &str) -> &str {
        self.json[name].as_str().unwrap_or_default()
    }

    fn args(&self) -> Vec<&str> {
        self.json["args"].as_array().into_iter().flatten().filter_map(Json::as_str).collect()
    }

    fn has(&self, arg: &str) -> bool {
        self.args().contains(&arg)
    }

    /// Whether it is about decrypting a whole file in its own format: what the library does.
    fn is_decryption(&self) -> bool {
        let is_other = ["--output-type", "--extract", "--decryption-order", "--output"].iter().any(|arg| self.has(arg));
        self.args().first() == Some(&"decrypt")
            && !is_other
            && self.text("stdin_file").is_empty()
            && !self.text("file").is_empty()
    }

    fn store(&self) -> Store {
        Store::by_name(self.text("input_type")).unwrap_or_else(|| Store::for_name(self.text("file")))
    }

    fn identities(&self) -> Identities {
        let mut identities = Identities::new();
        let env = |name: &str| self.json["env"][name].as_str();
        if let Some(file) = env("SOPS_AGE_KEY_FILE")
            && let Ok(text) = fs::read(folder().join(file))
        {
            identities.add_identity_file(&text, file).expect("an identity file");
        }
        if let Some(text) = env("SOPS_AGE_KEY") {
            identities.add_identity_file(text.as_bytes(), "SOPS_AGE_KEY").expect("identities");
        }
        if let Some(file) = env("SOPS_AGE_SSH_PRIVATE_KEY_FILE") {
            let text = fs::read_to_string(folder().join(file)).expect("an ssh key");
            identities.add_ssh_private_key(&text, file).expect("an ssh key");
        }
        identities
    }

    fn bytes(&self) -> Vec<u8> {
        fs::read(folder().join(self.text("file"))).expect("the file")
    }

    fn data_key(&self) -> Result<DataKey, Error> {
        let metadata = sops::status(&self.bytes(), self.store())?.ok_or(SopsError::NoMetadata)?;
        let unlock = KeyUnlock {
            identities: &self.identities(),
            interaction: &NoInteraction,
            gpg: None,
            order: DecryptionOrder::default(),
        };
        sops::unlock_data_key(&metadata, &unlock)
    }

    fn decrypt(&self) -> Result<Decrypted, Error> {
        let check = if self.has("--ignore-mac") { MacCheck::Ignore } else { MacCheck::Require };
        sops::decrypt(&self.bytes(), self.store(), &self.data_key()?, check)
    }
}

fn entries() -> Vec<Entry> {
    let text = fs::read_to_string(folder().join("manifest.json")).expect("the manifest");
    let manifest: Json = serde_json::from_str(&text).expect("the manifest");
    let entries = manifest["entries"].as_array().expect("entries").clone();
    entries.into_iter().map(|json| Entry { json }).collect()
}

/// Where what SOPS prints is not what we do, since we leave the text around the values as it is; `testdata/sops/ours`
/// has our text then.
const OTHER_LAYOUT: &[&str] = &["crafted-bom-yaml", "crafted-crlf-json", "fixed-datakey", "yaml-unicode"];

#[test]
fn what_sops_decrypts_comes_out_the_same() {
    let mut wrong = BTreeMap::new();
    let mut count = 0;
    for entry in entries().iter().filter(|entry| entry.is_decryption() && entry.text("kind") == "positive") {
        count += 1;
        let id = entry.text("id");
        let expected = if OTHER_LAYOUT.contains(&id) {
            fs::read(folder().join("ours").join(id))
        } else {
            fs::read(folder().join(entry.text("expected_stdout_file")))
        };
        match entry.decrypt() {
            Err(error) => drop(wrong.insert(id.to_owned(), error.to_string())),
            Ok(decrypted) if *decrypted.plaintext == expected.expect("the expected text") => {}
            Ok(decrypted) => {
                drop(wrong.insert(id.to_owned(), String::from_utf8_lossy(&decrypted.plaintext).into_owned()))
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(count > 60, "only {count}");
}

/// Where a document is spelled otherwise: a line separator is escaped, since some readers take it for a line break.
const OTHER_SPELLING: &[(&str, &str, &str)] = &[
    ("conv-quoting-to-yaml", "'\u{2028}'", "\"\\L\""),
    ("yaml-unicode", "'a\u{200b}b\u{a0}c\u{2028}    d'", "\"a\u{200b}b\u{a0}c\\Ld\""),
];

/// What SOPS prints by parsing and printing anew, from what we decrypt.
#[test]
fn documents_are_printed_as_sops_prints_them() {
    let stores = Stores::default();
    let mut wrong = BTreeMap::new();
    let mut count = 0;
    let entries = entries();
    for entry in &entries {
        let id = entry.text("id");
        let is_printed = entry.args().first() == Some(&"decrypt")
            && entry.text("kind") == "positive"
            && !entry.text("expected_stdout_file").is_empty()
            && !entry.text("file").is_empty();
        if !is_printed {
            continue;
        }
        count += 1;
        let args = entry.args();
        let option = |name: &str| args.iter().position(|arg| *arg == name).map(|at| args[at + 1]);
        let output = option("--output-type").and_then(Store::by_name).unwrap_or(entry.store());
        let printed = entry.decrypt().and_then(|decrypted| {
            let documents = Documents::of(&decrypted)?;
            match option("--extract") {
                Some(path) => documents.extract(&KeyPath::parse(path)?)?.print(output, &stores),
                None => documents.print(output, &stores, Losses::AsSops),
            }
        });
        let mut expected = fs::read(folder().join(entry.text("expected_stdout_file"))).expect("the expected text");
        for (_, theirs, ours) in OTHER_SPELLING.iter().filter(|(name, ..)| *name == id) {
            let text = String::from_utf8(expected).expect("text");
            assert!(text.contains(theirs), "{id}");
            expected = text.replace(theirs, ours).into_bytes();
        }
        match printed {
            Ok(printed) if *printed == expected => {}
            Ok(printed) => drop(wrong.insert(id, String::from_utf8_lossy(&printed).into_owned())),
            Err(error) => drop(wrong.insert(id, error.to_string())),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(count > 60, "only {count}");
}

/// The error that SOPS's exit code stands for.
fn fits(exit_code: i64, error: &Error) -> bool {
    match error {
        Error::Sops(SopsError::Value { .. }) => exit_code == 25,
        Error::Sops(SopsError::MacMismatch | SopsError::MacNotOpened | SopsError::NoMac) => exit_code == 51,
        Error::Sops(SopsError::NoDataKey { groups, .. }) => {
            // What holds something else than a data key SOPS notices only at the values.
            exit_code == if groups.iter().any(GroupReport::is_without_data_key) { 25 } else { 128 }
        }
        Error::Sops(SopsError::Metadata { field, .. }) if field == "data" => exit_code == 4,
        Error::Sops(SopsError::Metadata { .. } | SopsError::NoMetadata) => exit_code == 1,
        Error::Syntax { .. } => [1, 2, 23, 92].contains(&exit_code),
        Error::AlreadyEncrypted => exit_code == 203,
        _ => false,
    }
}

#[test]
fn what_sops_refuses_is_refused_for_the_same_reason() {
    let mut count = 0;
    for entry in entries().iter().filter(|entry| entry.is_decryption() && entry.text("kind") == "negative") {
        count += 1;
        let error = entry.decrypt().expect_err(entry.text("id"));
        let exit_code = entry.json["expected_exit_code"].as_i64().expect("an exit code");
        assert!(fits(exit_code, &error), "{}: {error} does not fit {exit_code}", entry.text("id"));
    }
    assert!(count >= 40, "only {count}");
}

#[test]
fn a_value_s_fault_is_told_apart() {
    let entries = entries();
    for (id, fault) in [
        ("neg-tampered-data", ValueFault::NotOpened),
        ("neg-swapped-values", ValueFault::NotOpened),
        ("neg-unpadded-base64", ValueFault::NotAToken),
        ("neg-clear-string", ValueFault::NotAToken),
        ("neg-type-changed", ValueFault::WrongType),
    ] {
        let entry = entries.iter().find(|entry| entry.text("id") == id).expect("an entry");
        match entry.decrypt() {
            Err(Error::Sops(SopsError::Value { fault: found, .. })) => assert_eq!(found, fault, "{id}"),
            other => panic!("{id}: {other:?}"),
        }
    }
}

#[test]
fn what_sops_does_not_encrypt_is_refused() {
    let encrypted = fs::read(folder().join("positive/yaml-basic.enc.yaml")).expect("a file");
    let metadata = sops::status(&encrypted, Store::Yaml).expect("metadata").expect("metadata");
    let data_key = DataKey::generate().expect("randomness");
    for (file, exit_code) in [
        ("positive/yaml-basic.enc.yaml", 203),
        ("plain/empty.yaml", 92),
        ("plain/bad-intkey.yaml", 23),
        ("plain/bad-uint64.yaml", 23),
        ("plain/bad-topscalar.yaml", 2),
        ("plain/bad-array.json", 2),
    ] {
        let plaintext = fs::read(folder().join(file)).expect("a file");
        let error = sops::encrypt(&plaintext, Store::for_name(file), &data_key, metadata.clone()).expect_err(file);
        assert!(fits(exit_code, &error), "{file}: {error}");
    }
}

#[test]
fn what_sops_encrypts_is_encrypted_to_the_same_values() {
    let mut count = 0;
    for entry in entries().iter().filter(|entry| entry.is_decryption() && !entry.text("plaintext_source").is_empty()) {
        let id = entry.text("id");
        let bytes = entry.bytes();
        let data_key = DataKey::generate().expect("randomness");
        let plain = fs::read(folder().join(entry.text("plaintext_source"))).expect("the plaintext");
        let metadata = sops::status(&bytes, entry.store()).expect("metadata").expect("metadata");
        // The first is refused since it would leave everything in clear, the second for a lone surrogate in it.
        if ["yaml-opt-regex-invalid", "json-quoting"].contains(&id) {
            assert!(sops::encrypt(&plain, entry.store(), &data_key, metadata).is_err(), "{id}");
            continue;
        }
        count += 1;
        let ours = sops::encrypt(&plain, entry.store(), &data_key, metadata);
        let ours = ours.unwrap_or_else(|error| panic!("{id}: {error}"));
        let opened = sops::decrypt(ours.as_bytes(), entry.store(), &data_key, MacCheck::Require).expect("our own file");
        assert!(opened.unopened_comments.is_empty(), "{id}");
        let theirs = mac(std::str::from_utf8(&bytes).expect("text"), entry.store(), &entry.data_key().expect("a key"));
        assert_eq!(mac(&ours, entry.store(), &data_key), theirs, "{id}");
    }
    assert!(count >= 38, "only {count}");
}

fn mac(text: &str, store: Store, data_key: &DataKey) -> Vec<u8> {
    let metadata = sops::status(text.as_bytes(), store).expect("metadata").expect("metadata");
    let token = metadata.mac.clone().expect("a MAC");
    Cipher::new(data_key).open(&metadata.mac_aad(), &token).expect("a MAC").bytes().to_vec()
}

#[test]
fn metadata_are_written_as_sops_3_13_does() {
    for file in ["v313-yaml", "v313-shamir"] {
        let text = fs::read_to_string(folder().join(format!("positive/{file}.enc.yaml"))).expect("a file");
        let metadata = sops::status(text.as_bytes(), Store::Yaml).expect("metadata").expect("metadata");
        let (_, block) = text.split_once("\nsops:\n").expect("a block");
        assert_eq!(metadata.to_field().to_yaml(4, "\n"), block, "{file}");
    }
}
