//! The files that the real SOPS made, converted to native ones and back: `testdata/sops/README.md` says how they came about.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use sops_rs::Error;
use sops_rs::dialect::sops::Time;
use sops_rs::document::format_by_name;
use sops_rs::document::sops::Store;
use sops_rs::error::sops::SopsError;
use sops_rs::file::convert::{self, Converted};
use sops_rs::file::sops::{self, DecryptionOrder, KeyUnlock, KeyWrap, MacCheck};
use sops_rs::file::{self, IdentityUnlock};
use sops_rs::keys::{Identities, NoInteraction};
use zeroize::Zeroizing;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/sops")
}

/// The identities of both readers, and of those of key groups.
fn identities() -> Identities {
    let mut identities = Identities::new();
    for entry in fs::read_dir(folder().join("keys")).expect("the keys") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap_or_default();
        if text.contains("AGE-SECRET-KEY-") {
            // An encrypted identity file is none of those that are asked for a passphrase here.
            let _ = identities.add_identity_file(text.as_bytes(), &name);
        } else if text.starts_with("-----BEGIN OPENSSH PRIVATE KEY-----") {
            let _ = identities.add_ssh_private_key(&text, &name);
        }
    }
    identities
}

fn decrypt(bytes: &[u8], store: Store, identities: &Identities) -> Result<sops::Decrypted, Error> {
    let metadata = sops::status(bytes, store)?.ok_or(SopsError::NoMetadata)?;
    let order = DecryptionOrder::default();
    let unlock = KeyUnlock { identities, interaction: &NoInteraction, gpg: None, order };
    sops::decrypt(bytes, store, &sops::unlock_data_key(&metadata, &unlock)?, MacCheck::Require)
}

/// There and back; the plaintext that came back, and the last conversion.
fn there_and_back(
    decrypted: &sops::Decrypted,
    store: Store,
    identities: &Identities,
) -> Result<(Zeroizing<Vec<u8>>, Converted), Error> {
    let format = format_by_name(store.name()).expect("a format");
    let plan = convert::plan_of_sops(decrypted, store, &|_| None)?;
    let native = convert::to_native(decrypted, store, format, &plan, &NoInteraction)?;
    assert_eq!(native.changes.exposed, [""; 0]);
    let unlock = IdentityUnlock { identities, interaction: &NoInteraction };
    let opened = file::decrypt(native.text.as_bytes(), format, &unlock)?;
    let now = Time::parse("2026-11-21T10:00:00Z").expect("a time");
    let metadata = convert::metadata_of_native(&opened, now)?;
    let wrap = KeyWrap { interaction: &NoInteraction, gpg: None };
    let back = convert::to_sops(&opened, store, metadata, &wrap)?;
    let plaintext = opened.document.into_plaintext()?;
    assert!(*plaintext == *decrypted.plaintext, "not byte for byte");
    let again = decrypt(back.text.as_bytes(), store, identities)?;
    Ok((again.plaintext, back))
}

/// What native files cannot hold, or a plan like that of SOPS cannot say.
const REFUSED: [(&str, &str); 7] = [
    ("positive/dotenv-comments.enc.env", "line 9, column 1: the key `KEY` stands twice in one map"),
    ("positive/ini-comments.enc.ini", "line 19, column 19: the quoted value is not closed on its line"),
    ("positive/json-empty.enc.json", "the rule encrypts nothing in this file: none of its globs matches a value"),
    (
        "positive/undetected-renamed-clear-key.enc.yaml",
        "the rule encrypts nothing in this file: none of its globs matches a value",
    ),
    (
        "positive/undetected-type-of-clear-value.enc.yaml",
        "the rule encrypts nothing in this file: none of its globs matches a value",
    ),
    (
        "positive/yaml-opt-encrypted-comment-regex.enc.yaml",
        "its selector `encrypted_comment_regex: sops:enc` has no path globs that say the same",
    ),
    (
        "positive/yaml-opt-regex-invalid.enc.yaml",
        "its selector `encrypted_regex: pass[` has no path globs that say the same",
    ),
];

#[test]
fn what_sops_encrypted_goes_there_and_back() {
    let manifest = fs::read_to_string(folder().join("manifest.json")).expect("the manifest");
    let manifest: Json = serde_json::from_str(&manifest).expect("the manifest");
    let identities = identities();
    let mut files: BTreeMap<&str, Store> = BTreeMap::new();
    for entry in manifest["entries"].as_array().expect("entries") {
        let file = entry["file"].as_str().unwrap_or_default();
        if entry["kind"] == "positive" && file.starts_with("positive/") {
            let by_name = || Store::for_name(file);
            files.insert(file, entry["input_type"].as_str().and_then(Store::by_name).unwrap_or_else(by_name));
        }
    }
    let mut refused: BTreeMap<&str, String> = BTreeMap::new();
    let (mut same, mut other) = (0, 0);
    for (name, store) in files {
        let bytes = fs::read(folder().join(name)).expect("the file");
        let Ok(decrypted) = decrypt(&bytes, store, &identities) else { continue };
        match there_and_back(&decrypted, store, &identities) {
            Err(error) => drop(refused.insert(name, error.to_string())),
            Ok((plaintext, converted)) => {
                let changes = &converted.changes;
                assert_eq!(changes.exposed, [""; 0], "{name}");
                let is_said_to_be_same = changes.respelled.is_empty() && !changes.layout;
                assert_eq!(*plaintext == *decrypted.plaintext, is_said_to_be_same, "{name}: {changes:?}");
                *(if is_said_to_be_same { &mut same } else { &mut other }) += 1;
            }
        }
    }
    assert_eq!(refused.iter().map(|(name, why)| (*name, why.as_str())).collect::<Vec<_>>(), REFUSED);
    assert!(same > 40 && other > 0, "{same} came back byte for byte, {other} not");
}
