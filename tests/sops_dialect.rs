//! Properties of the sops dialect over random files, and (opt-in) the real SOPS as a second opinion:
//! `SOPS_RS_TEST_SOPS=/path/to/sops cargo test --test sops_dialect`.

#[path = "sops_dialect/documents.rs"]
mod documents;
#[path = "sops_dialect/interop.rs"]
mod interop;

use proptest::prelude::*;
use sops_rs::Error;
use sops_rs::data_key::DataKey;
use sops_rs::dialect::sops::{KeyGroup, MasterKey, Metadata, Rule, Time};
use sops_rs::document::sops::Store;
use sops_rs::file::sops::{self, KeyWrap, MacCheck};
use sops_rs::keys::{self, NoInteraction};

/// The stores with random texts.
const STORES: [Store; 4] = [Store::Yaml, Store::Json, Store::Dotenv, Store::Ini];

/// Metadata for a new key, and that key's secret text.
fn metadata(rule: Option<Rule>, data_key: &DataKey) -> (Metadata, String) {
    let (secret, recipient) = keys::generate_x25519();
    let group = KeyGroup { keys: vec![MasterKey::age(recipient.as_str())], unknown: Vec::new() };
    let mut metadata = Metadata { rule, ..Metadata::new(vec![group], time("2026-11-21T10:00:00Z")) };
    let wrap = KeyWrap { interaction: &NoInteraction, gpg: None };
    sops::wrap_data_key(&mut metadata, data_key, &wrap).expect("a recipient");
    (metadata, secret.to_string())
}

fn time(text: &str) -> Time {
    Time::parse(text).expect("a time")
}

fn rules() -> impl Strategy<Value = Option<Rule>> {
    let rule = |name: &'static str, text: &'static str| Just(Rule::new(name, text));
    prop_oneof![
        3 => Just(None),
        1 => rule("unencrypted_suffix", "_unencrypted"),
        1 => rule("encrypted_suffix", "b"),
        1 => rule("unencrypted_regex", "^a"),
        1 => rule("encrypted_regex", "^[ab]$"),
        1 => rule("encrypted_comment_regex", "^ *x"),
        1 => rule("unencrypted_comment_regex", "^ *clear"),
    ]
}

fn decrypted(text: &str, store: Store, key: &DataKey) -> String {
    let decrypted = sops::decrypt(text.as_bytes(), store, key, MacCheck::Require);
    let decrypted = decrypted.unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert!(decrypted.unopened_comments.is_empty(), "{text}");
    String::from_utf8(decrypted.plaintext.to_vec()).expect("text")
}

/// The lines that hold tokens, but for the MAC.
fn tokens(text: &str) -> Vec<String> {
    let tokens = text.match_indices("ENC[AES256_GCM").map(|(at, _)| {
        let end = text[at..].find(']').map_or(text.len(), |len| at + len);
        text[at..end].to_owned()
    });
    // The MAC comes last in the block, and the block last in the file.
    let mut tokens: Vec<_> = tokens.collect();
    tokens.sort();
    tokens.dedup();
    tokens
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn files_come_back(store in proptest::sample::select(&STORES[..]), seed in any::<u64>(), rule in rules()) {
        let plain = documents::random(store, seed);
        let key = DataKey::generate().expect("randomness");
        let (metadata, _) = metadata(rule, &key);
        let encrypted = sops::encrypt(plain.as_bytes(), store, &key, metadata)
            .map_err(|error| TestCaseError::fail(format!("{error}\n{plain}")))?;
        // Decrypting gives a text that is encrypted to the same tokens, and then comes back as it is.
        let first = decrypted(&encrypted, store, &key);
        let later = time("2026-11-22T10:00:00Z");
        let again = sops::update(encrypted.as_bytes(), first.as_bytes(), store, &key, later, MacCheck::Require)
            .map_err(|error| TestCaseError::fail(format!("{error}\n{first}")))?;
        prop_assert_eq!(&decrypted(&again, store, &key), &first, "{}", encrypted);
        let (before, after) = (tokens(&encrypted), tokens(&again));
        let changed = after.iter().filter(|token| !before.contains(token)).count();
        prop_assert_eq!(changed, 1, "only the MAC is new:\n{}\n{}", encrypted, again);
        // The same text again gives the same layout.
        prop_assert_eq!(encrypted.lines().count(), again.lines().count());
    }

    #[test]
    fn no_text_makes_reading_panic(store in proptest::sample::select(&Store::ALL[..]), text in "[-a:#\\[\\]{}\"'|>&*! \n=;\\\\1ENC]{0,40}") {
        let _ = sops::status(text.as_bytes(), store);
        let key = DataKey::generate().expect("randomness");
        let (metadata, _) = metadata(None, &key);
        if let Ok(encrypted) = sops::encrypt(text.as_bytes(), store, &key, metadata) {
            let opened = sops::decrypt(encrypted.as_bytes(), store, &key, MacCheck::Require);
            prop_assert!(opened.is_ok());
        }
    }

    #[test]
    fn binary_files_come_back(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let key = DataKey::generate().expect("randomness");
        let (metadata, _) = metadata(None, &key);
        let encrypted = sops::encrypt(&bytes, Store::Binary, &key, metadata).expect("any bytes");
        let opened = sops::decrypt(encrypted.as_bytes(), Store::Binary, &key, MacCheck::Require).expect("our own file");
        prop_assert_eq!(&*opened.plaintext, &bytes);
    }
}

#[test]
fn one_changed_value_changes_one_token() {
    let key = DataKey::generate().expect("randomness");
    let (metadata, _) = metadata(None, &key);
    let plain = "a: x\nlist: [x, x, 'w']\nb: {c: x} # d\n";
    let encrypted = sops::encrypt(plain.as_bytes(), Store::Yaml, &key, metadata).expect("a good text");
    let later = time("2026-11-22T10:00:00Z");
    let changed = plain.replace("c: x", "c: z");
    let updated = sops::update(encrypted.as_bytes(), changed.as_bytes(), Store::Yaml, &key, later, MacCheck::Require);
    let updated = updated.expect("a good text");
    let before = tokens(&encrypted);
    assert_eq!(tokens(&updated).iter().filter(|token| !before.contains(token)).count(), 2, "the value and the MAC");
    assert!(updated.contains("lastmodified: \"2026-11-22T10:00:00Z\""));
    assert_eq!(decrypted(&updated, Store::Yaml, &key), "a: x\nlist: [x, x, w]\nb: {c: z} # d\n");
}

#[test]
fn rotating_leaves_no_token() {
    let key = DataKey::generate().expect("randomness");
    let (old_metadata, _) = metadata(None, &key);
    let encrypted = sops::encrypt(b"{\"a\": 1, \"b\": [true, null, \"x\"]}", Store::Json, &key, old_metadata);
    let encrypted = encrypted.expect("a good text");
    let new_key = DataKey::generate().expect("randomness");
    let (new_metadata, _) = metadata(None, &new_key);
    let rotated = sops::rotate(encrypted.as_bytes(), Store::Json, &key, &new_key, new_metadata, MacCheck::Require)
        .expect("rotated");
    let before = tokens(&encrypted);
    assert!(tokens(&rotated).iter().all(|token| !before.contains(token)));
    assert_eq!(decrypted(&rotated, Store::Json, &new_key), "{\"a\": 1, \"b\": [true, null, \"x\"]}");
    assert!(matches!(sops::decrypt(rotated.as_bytes(), Store::Json, &key, MacCheck::Require), Err(Error::Sops(_))));
}
