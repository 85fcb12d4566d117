//! Properties of the sops dialect over random files, and (opt-in) the real SOPS as a second opinion:
//! `SOPS_RS_TEST_SOPS=/path/to/sops cargo test --test sops_dialect`.

#[path = "sops_dialect/any_dialect.rs"]
mod any_dialect;
#[path = "sops_dialect/documents.rs"]
mod documents;
#[path = "sops_dialect/interop.rs"]
mod interop;
#[path = "sops_dialect/printing.rs"]
mod printing;
#[path = "sops_dialect/rekeying.rs"]
mod rekeying;
#[path = "sops_dialect/setting.rs"]
mod setting;
#[path = "sops_dialect/setting_interop.rs"]
mod setting_interop;
#[path = "sops_dialect/toml.rs"]
mod toml;

use proptest::prelude::*;
use sops_rs::Error;
use sops_rs::config::sops::Stores;
use sops_rs::data_key::DataKey;
use sops_rs::dialect::sops::{KeyGroup, MasterKey, Metadata, Rule, Time};
use sops_rs::document::sops::Store;
use sops_rs::file::sops::{self, Documents, KeyWrap, Losses, MacCheck};
use sops_rs::keys::{self, NoInteraction};

/// The stores with random texts.
const STORES: [Store; 5] = [Store::Yaml, Store::Json, Store::Dotenv, Store::Ini, Store::Toml];

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

/// `plain` encrypted, and its data key.
fn encrypted(plain: &str, store: Store, rule: Option<Rule>) -> (String, DataKey) {
    let key = DataKey::generate().expect("randomness");
    let (metadata, _) = metadata(rule, &key);
    let encrypted = sops::encrypt(plain.as_bytes(), store, &key, metadata);
    (encrypted.unwrap_or_else(|error| panic!("{error}\n{plain}")), key)
}

#[test]
fn metadata_may_stand_anywhere() {
    let (yaml, key) = encrypted("a: x\nb:\n  c: z\n", Store::Yaml, None);
    let (body, block) = yaml.split_at(yaml.find("sops:").expect("a block"));
    let (first, second) = body.split_at(body.find("b:").expect("the second entry"));
    for moved in [format!("{block}{body}"), format!("{first}{block}\n# end\n{second}")] {
        let expected = if moved.starts_with("sops") { "a: x\nb:\n  c: z\n" } else { "a: x\n\n# end\nb:\n  c: z\n" };
        // The added comment is clear, which SOPS allows with a warning.
        let opened = sops::decrypt(moved.as_bytes(), Store::Yaml, &key, MacCheck::Require).expect("moved metadata");
        assert_eq!(std::str::from_utf8(&opened.plaintext).expect("text"), expected);
    }

    let (json, key) = encrypted("{\n  \"a\": \"x\",\n  \"b\": [1]\n}\n", Store::Json, None);
    let at = json.find(",\n  \"sops\"").expect("a block");
    let (body, block) = json.split_at(at);
    let block = block[1..].trim_end().strip_suffix('}').expect("an object").trim_end();
    let moved = format!("{{{block},{}\n}}\n", &body[1..]);
    assert_eq!(decrypted(&moved, Store::Json, &key), "{\n  \"a\": \"x\",\n  \"b\": [1]\n}\n");

    let (dotenv, key) = encrypted("A=x\nB=z\n", Store::Dotenv, None);
    let mut lines: Vec<_> = dotenv.lines().collect();
    let second = lines.remove(1);
    lines.push(second);
    assert_eq!(decrypted(&(lines.join("\n") + "\n"), Store::Dotenv, &key), "A=x\nB=z\n");
}

#[test]
fn aliases_become_copies_only_where_something_is_encrypted() {
    let plain = "base: &b\n  x_unencrypted: 1\nsame: *b\nsecret: &s {k: v}\ncopy: *s\n";
    let rule = Rule::new("encrypted_regex", "^(secret|copy)$");
    let (text, key) = encrypted(plain, Store::Yaml, rule);
    assert!(text.contains("same: *b\n") && !text.contains("*s"), "{text}");
    let expected = "base: &b\n  x_unencrypted: 1\nsame: *b\nsecret: &s {k: v}\ncopy: {\"k\": \"v\"}\n";
    assert_eq!(decrypted(&text, Store::Yaml, &key), expected);
}

#[test]
fn a_comment_may_stand_before_a_document_without_entries() {
    for plain in ["# c\n{}\n", "a: 1\n---\n# c\n{}\n", "# c\n!!map {} # d\n", "\u{feff}{a: [1]} # c\n"] {
        let read = Documents::read(plain.as_bytes(), Store::Yaml).expect("YAML");
        let printed = read.print(Store::Yaml, &Stores::default(), Losses::Refused).expect("YAML");
        assert!(std::str::from_utf8(&printed).expect("text").contains("# c\n"), "{plain}");
    }
}

#[test]
fn a_block_scalar_without_a_last_line_break_has_none_in_its_value() {
    for (plain, expected) in [
        ("a: |\n  b\n  c", "a: |-\n    b\n    c\n"),
        ("a: 1\nb_unencrypted: |+ # c\n  x", "a: 1\n# c\nb_unencrypted: |-\n  x\n"),
        ("l:\n- >\n b\n c", "l:\n- b c\n"),
        ("a: |", "a: \"\"\n"),
        ("a: |2-\n   b", "a: |2-\n   b\n"),
    ] {
        let (text, key) = encrypted(plain, Store::Yaml, None);
        let opened = decrypted(&text, Store::Yaml, &key);
        let value = |text: &str| -> Vec<u8> {
            let documents = Documents::read(text.as_bytes(), Store::Yaml).expect("YAML");
            documents.print(Store::Json, &Stores::default(), Losses::AsSops).expect("JSON").to_vec()
        };
        assert_eq!(value(plain), value(&opened), "{plain}");
        assert_eq!(value(plain), value(expected), "{plain}");
    }
}

#[test]
fn comments_of_lists_that_sops_wrote_as_items_become_comments() {
    let (text, key) = encrypted("l:\n  # one\n  - a\n  # two\n", Store::Yaml, None);
    let items = text.replace("  #ENC[", "  - ENC[").replace("\n\nsops:", "\nsops:");
    assert_eq!(decrypted(&items, Store::Yaml, &key), "l:\n  # one\n  - a\n  # two\n");
    // Without its only value the list is empty, and not null.
    let lines = items.split_inclusive('\n').filter(|line| !line.contains("type:str]") || line.contains("mac:"));
    let empty: String = lines.collect();
    let opened = sops::decrypt(empty.as_bytes(), Store::Yaml, &key, MacCheck::Ignore).expect("a list of comments");
    assert_eq!(std::str::from_utf8(&opened.plaintext).expect("text"), "l:\n  # one\n  # two\n  []\n");
}

/// Before the metadata it would belong to the innermost map, and at the end of the plaintext it does not.
#[test]
fn a_comment_at_the_end_is_bound_to_the_same_map() {
    for end in ["", "\n", "\n\n"] {
        let plain = format!("c:\n  b:\n    x: z\n  # clear\n{end}");
        let (text, key) = encrypted(&plain, Store::Yaml, Rule::new("encrypted_regex", "^b$"));
        assert_eq!(decrypted(&text, Store::Yaml, &key), plain, "{text}");
    }
}

#[test]
fn comments_that_do_not_open_are_told_and_stay() {
    let (text, key) = encrypted("a: x\n# note\nb: y\n", Store::Yaml, None);
    let damaged = text.replacen("#ENC[AES256_GCM,data:", "#ENC[AES256_GCM,data:AAAA", 1);
    let opened = sops::decrypt(damaged.as_bytes(), Store::Yaml, &key, MacCheck::Require).expect("a good MAC");
    assert_eq!(opened.unopened_comments.iter().map(|at| at.line).collect::<Vec<_>>(), [2]);
    assert!(String::from_utf8_lossy(&opened.plaintext).contains("#ENC[AES256_GCM,data:AAAA"));
}

#[test]
fn no_error_holds_a_value() {
    const CANARY: &str = "CANARY7f3a";
    let (text, key) = encrypted(&format!("a: {CANARY}\nb_unencrypted: {CANARY}\n"), Store::Yaml, None);
    let other = DataKey::generate().expect("randomness");
    let changed = text.replace(&format!("b_unencrypted: {CANARY}"), &format!("b_unencrypted: {CANARY}2"));
    let clear = text.replacen("a: ENC", &format!("a: {CANARY} ENC"), 1);
    for (text, key) in [(&text, &other), (&changed, &key), (&clear, &key)] {
        let error = sops::decrypt(text.as_bytes(), Store::Yaml, key, MacCheck::Require).expect_err("a bad file");
        assert!(!format!("{error} {error:?}").contains(CANARY), "{error:?}");
    }
    for plain in [
        format!("- {CANARY}\n"),
        format!("a: !!int {CANARY}\n"),
        format!("a: {CANARY}: x\n"),
        format!("a: &x [{CANARY}, *x]\n"),
    ] {
        let (metadata, _) = metadata(None, &key);
        let error = sops::encrypt(plain.as_bytes(), Store::Yaml, &key, metadata).expect_err("a bad text");
        assert!(!format!("{error} {error:?}").contains(CANARY), "{error:?}");
    }
    let opened = sops::decrypt(text.as_bytes(), Store::Yaml, &key, MacCheck::Require).expect("a good file");
    assert!(!format!("{opened:?}").contains(CANARY));
}
