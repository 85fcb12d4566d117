//! Files of SOPS get other keys: what they hold stays, whoever leaves does not read on, and (opt-in) the real SOPS opens them.
#![expect(
    clippy::disallowed_methods,
    reason = "an opt-in run says what it was asked to do; inputs lie in a temporary folder"
)]

use proptest::prelude::*;
use sops_rs::Error;
use sops_rs::data_key::DataKey;
use sops_rs::dialect::sops::{KeyGroup, MasterKey, Metadata};
use sops_rs::document::sops::Store;
use sops_rs::file::sops::{
    self, Confirmed, DecryptionOrder, KeySet, KeyUnlock, KeyWrap, MacCheck, Rekeyed, Rekeying, Rotation,
};
use sops_rs::keys::pgp::Gpg;
use sops_rs::keys::{self, Identities, NoInteraction};

use super::interop::{Sops, name, text};
use super::{STORES, documents, rules, time, tokens};

/// An age key.
struct Person {
    secret: String,
    key: MasterKey,
}

fn people<const N: usize>() -> [Person; N] {
    [(); N].map(|()| {
        let (secret, recipient) = keys::generate_x25519();
        Person { secret: secret.to_string(), key: MasterKey::age(recipient.as_str()) }
    })
}

fn group(keys: impl IntoIterator<Item = MasterKey>) -> KeyGroup {
    KeyGroup { keys: keys.into_iter().collect(), unknown: Vec::new() }
}

/// Encrypts `plain` to some groups.
fn encrypted(
    plain: &str,
    store: Store,
    groups: Vec<KeyGroup>,
    shamir_threshold: Option<usize>,
    gpg: Option<&Gpg>,
) -> String {
    let data_key = DataKey::generate().expect("randomness");
    let mut metadata = Metadata { shamir_threshold, ..Metadata::new(groups, time("2026-11-21T10:00:00Z")) };
    sops::wrap_data_key(&mut metadata, &data_key, &KeyWrap { interaction: &NoInteraction, gpg }).expect("good keys");
    sops::encrypt(plain.as_bytes(), store, &data_key, metadata).expect("a good text")
}

fn metadata(file: &str, store: Store) -> Metadata {
    sops::status(file.as_bytes(), store).expect("readable").expect("encrypted")
}

fn data_key(file: &str, store: Store, secrets: &[&str], gpg: Option<&Gpg>) -> Result<DataKey, Error> {
    let mut identities = Identities::new();
    for secret in secrets {
        identities.add_identity_file(secret.as_bytes(), "the test's key")?;
    }
    let order = DecryptionOrder::default();
    let unlock = KeyUnlock { identities: &identities, interaction: &NoInteraction, gpg, order };
    sops::unlock_data_key(&metadata(file, store), &unlock)
}

fn plaintext(file: &str, store: Store, secrets: &[&str], gpg: Option<&Gpg>) -> Result<String, Error> {
    let data_key = data_key(file, store, secrets, gpg)?;
    let opened = sops::decrypt(file.as_bytes(), store, &data_key, MacCheck::Require)?;
    Ok(String::from_utf8(opened.plaintext.to_vec()).expect("text"))
}

/// Changes the keys of a file; all keys are confirmed.
fn rekeyed(
    file: &str,
    store: Store,
    secrets: &[&str],
    gpg: Option<&Gpg>,
    rotation: Rotation,
    change: impl FnOnce(&mut KeySet),
) -> Result<Rekeyed, Error> {
    let mut identities = Identities::new();
    for secret in secrets {
        identities.add_identity_file(secret.as_bytes(), "the test's key")?;
    }
    let order = DecryptionOrder::default();
    let unlock = KeyUnlock { identities: &identities, interaction: &NoInteraction, gpg, order };
    let mut keys = KeySet::of(&metadata(file, store));
    change(&mut keys);
    let mut confirmed = Confirmed::default();
    confirmed.add(keys.groups.iter().flat_map(|group| group.keys.clone()));
    let rekeying = Rekeying {
        unlock: &unlock,
        wrap: &KeyWrap { interaction: &NoInteraction, gpg },
        confirmed: &confirmed,
        now: time("2026-11-22T10:00:00Z"),
        check: MacCheck::Require,
    };
    sops::rekey(file.as_bytes(), store, keys, rotation, &rekeying)
}

/// The lines of a file that are not of its metadata: those that hold tokens, but for the MAC.
fn body(file: &str) -> Vec<String> {
    let body: String = file.split_inclusive('\n').filter(|line| !line.contains("mac")).collect();
    tokens(&body)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn files_with_other_keys_hold_the_same(store in proptest::sample::select(&STORES[..]), seed in any::<u64>(), rule in rules()) {
        let plain = documents::random(store, seed);
        let [a, b] = people();
        let data_key = DataKey::generate().expect("randomness");
        let mut metadata = Metadata { rule, ..Metadata::new(vec![group([a.key.clone()])], time("2026-11-21T10:00:00Z")) };
        sops::wrap_data_key(&mut metadata, &data_key, &KeyWrap { interaction: &NoInteraction, gpg: None }).expect("a key");
        let file = sops::encrypt(plain.as_bytes(), store, &data_key, metadata)
            .map_err(|error| TestCaseError::fail(format!("{error}\n{plain}")))?;
        let before = plaintext(&file, store, &[&a.secret], None).expect("our own file");

        let with_b = rekeyed(&file, store, &[&a.secret], None, Rotation::WhenReadersLeave, |keys| keys.add(vec![b.key.clone()]))
            .map_err(|error| TestCaseError::fail(format!("{error}\n{file}")))?;
        prop_assert!(!with_b.new_data_key);
        prop_assert_eq!(body(&with_b.text), body(&file));
        for secret in [&a.secret, &b.secret] {
            prop_assert_eq!(&plaintext(&with_b.text, store, &[secret], None).expect("a key of it"), &before);
        }

        let without_a = rekeyed(&with_b.text, store, &[&b.secret], None, Rotation::WhenReadersLeave, |keys| {
            keys.remove(std::slice::from_ref(&a.key));
        }).map_err(|error| TestCaseError::fail(format!("{error}\n{}", with_b.text)))?;
        prop_assert!(without_a.new_data_key);
        prop_assert!(plaintext(&without_a.text, store, &[&a.secret], None).is_err());
        prop_assert!(sops::decrypt(without_a.text.as_bytes(), store, &data_key, MacCheck::Require).is_err());
        let after = plaintext(&without_a.text, store, &[&b.secret], None).expect("a key of it");
        prop_assert_eq!(&after, &before);

        let rekeyed = |file: &str, change: &dyn Fn(&mut KeySet)| {
            let secrets = [a.secret.as_str(), &b.secret];
            rekeyed(file, store, &secrets, None, Rotation::WhenReadersLeave, change)
                .map_err(|error| TestCaseError::fail(format!("{error}\n{file}")))
        };
        let grouped = rekeyed(&without_a.text, &|keys| keys.add_group(vec![a.key.clone()]))?;
        let [c] = people();
        let shared = rekeyed(&grouped.text, &|keys| keys.groups[1].keys.push(c.key.clone()))?;
        prop_assert_eq!((grouped.new_data_key, shared.new_data_key), (true, false));
        prop_assert_eq!(body(&shared.text), body(&grouped.text));
        let after = plaintext(&shared.text, store, &[&b.secret, &c.secret], None).expect("a key of each group");
        prop_assert_eq!(&after, &before);
        prop_assert!(plaintext(&shared.text, store, &[&a.secret, &c.secret], None).is_err());
    }
}

/// What the real SOPS says to a file.
struct Oracle(Sops);

impl Oracle {
    fn find() -> Option<Self> {
        Sops::find().map(Self)
    }

    fn decrypts(&self, file: &str, store: Store, secrets: &[&str]) -> Result<String, String> {
        self.0.write(&name(store, "ours"), file);
        let output = self.0.run(&secrets.join("\n"), &["decrypt", &name(store, "ours")]);
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }

    /// A command that changes the file.
    fn changes(&self, file: &str, store: Store, secrets: &[&str], args: &[&str]) -> String {
        self.0.write(&name(store, "ours"), file);
        let output = self.0.run(&secrets.join("\n"), &[args, &[&name(store, "ours")]].concat());
        assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
        self.0.read(&name(store, "ours"))
    }
}

/// The same values in each format.
fn plain(store: Store) -> &'static str {
    match store {
        Store::Dotenv => "A=x\nB=y z\n",
        Store::Ini => "[s]\nA = x\nB = y z\n",
        Store::Json => "{\n\t\"a\": \"x\",\n\t\"b\": [\n\t\t1,\n\t\ttrue\n\t]\n}\n",
        _ => "a: x\nb:\n    - 1\n    - true\n",
    }
}

#[test]
fn sops_opens_files_that_got_other_keys() {
    let Some(sops) = Oracle::find() else { return };
    // SOPS knows no TOML.
    for store in STORES.into_iter().filter(|store| *store != Store::Toml) {
        let [a, b, c] = people();
        let file = encrypted(plain(store), store, vec![group([a.key.clone()])], None, None);
        let secrets = [a.secret.as_str(), &b.secret, &c.secret];
        let step = |file: &str, rotation, change: &dyn Fn(&mut KeySet)| {
            rekeyed(file, store, &secrets, None, rotation, change).expect("changed").text
        };
        let with_b = step(&file, Rotation::WhenReadersLeave, &|keys| keys.add(vec![b.key.clone()]));
        for secret in [&a.secret, &b.secret] {
            assert_eq!(sops.decrypts(&with_b, store, &[secret]).as_deref(), Ok(plain(store)));
        }
        let rotated = step(&with_b, Rotation::Always, &|keys| drop(keys.remove(std::slice::from_ref(&a.key))));
        assert_eq!(sops.decrypts(&rotated, store, &[&b.secret]).as_deref(), Ok(plain(store)));
        assert!(sops.decrypts(&rotated, store, &[&a.secret]).is_err());

        let grouped = step(&rotated, Rotation::WhenReadersLeave, &|keys| {
            keys.add_group(vec![a.key.clone()]);
            keys.add_group(vec![c.key.clone()]);
            keys.shamir_threshold = Some(2);
        });
        for pair in [[0, 1], [1, 2], [2, 0]] {
            let pair = pair.map(|at| secrets[at]);
            assert_eq!(sops.decrypts(&grouped, store, &pair).as_deref(), Ok(plain(store)));
            assert!(sops.decrypts(&grouped, store, &pair[..1]).is_err());
        }

        // The other way round: what SOPS made of it, and once more by us.
        let theirs = sops.changes(&grouped, store, &secrets, &["rotate", "-i"]);
        let [d] = people();
        let shared = step(&theirs, Rotation::WhenReadersLeave, &|keys| keys.groups[1].keys.push(d.key.clone()));
        assert_eq!(body(&shared), body(&theirs));
        assert_eq!(sops.decrypts(&shared, store, &[&d.secret, &c.secret]).as_deref(), Ok(plain(store)));
        let one = step(&shared, Rotation::WhenReadersLeave, &|keys| {
            keys.groups.truncate(1);
            keys.shamir_threshold = None;
        });
        assert_eq!(sops.decrypts(&one, store, &[&b.secret]).as_deref(), Ok(plain(store)));
        assert!(plaintext(&one, store, &[&d.secret, &c.secret], None).is_err());
    }
}

/// Opt-in, with the real `gpg`, and the real SOPS where that is named too. `gpg` finds its folder in the environment, which a
/// test cannot change for itself: the next test is run as a child.
#[test]
fn files_for_pgp_keys() {
    if std::env::var_os("SOPS_RS_TEST_GPG").is_none_or(|value| value != "1") {
        return;
    }
    let home = tempfile::tempdir().expect("a folder");
    let gpg = |arguments: &[&str]| {
        let output = std::process::Command::new("gpg")
            .args(["--batch", "--passphrase", ""])
            .args(arguments)
            .env("GNUPGHOME", home.path())
            .output()
            .expect("gpg runs");
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    gpg(&["--quick-generate-key", "a@example.org", "future-default", "default", "never"]);
    gpg(&["--quick-generate-key", "b@example.org", "future-default", "default", "never"]);
    // It was valid for a day, long ago.
    gpg(&[
        "--faked-system-time",
        "20200101T000000",
        "--quick-generate-key",
        "c@example.org",
        "future-default",
        "default",
        "1d",
    ]);
    // Primary keys and their subkeys, in this order.
    let listed = gpg(&["--with-colons", "--list-keys"]);
    let fingerprints = listed.lines().filter_map(|line| line.strip_prefix("fpr:::::::::"));
    let fingerprints: Vec<_> = fingerprints.map(|line| line.trim_end_matches(':')).collect();
    assert_eq!(fingerprints.len(), 6, "{listed}");
    let output = std::process::Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "rekeying::with_pgp_keys_in_the_keyring", "--ignored"])
        .env("GNUPGHOME", home.path())
        .env("SOPS_RS_TEST_FINGERPRINTS", fingerprints.join(","))
        .output()
        .expect("the child runs");
    let _ = std::process::Command::new("gpgconf").args(["--kill", "gpg-agent"]).env("GNUPGHOME", home.path()).status();
    let said = text(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}{}", text(&output.stderr));
}

#[test]
#[ignore = "run by the test before, with a keyring"]
fn with_pgp_keys_in_the_keyring() {
    let fingerprints = std::env::var("SOPS_RS_TEST_FINGERPRINTS").expect("fingerprints");
    let fingerprints: Vec<_> = fingerprints.split(',').collect();
    let [a, _, b, b_subkey, expired, _] = fingerprints[..] else { panic!("{fingerprints:?}") };
    let gpg = Gpg::new("gpg");
    let pgp = |fingerprints: &str| -> Vec<MasterKey> {
        let keys = sops_rs::config::sops::Key::parse_list(sops_rs::dialect::sops::KeyKind::Pgp, fingerprints, "");
        let now = time("2026-11-21T10:00:00Z");
        keys.expect("fingerprints").iter().map(|key| key.master_key().created_at(&now)).collect()
    };
    let sops = Oracle::find();
    let [age] = people();
    let store = Store::Yaml;
    let subkey = format!("{b_subkey}!");
    for groups in [
        vec![group(pgp(&format!("{a},{b}")))],
        vec![group(pgp(&subkey))],
        vec![group(pgp(a)), group(pgp(&subkey)), group([age.key.clone()])],
    ] {
        let threshold = (groups.len() > 1).then_some(2);
        let file = encrypted(plain(store), store, groups, threshold, Some(&gpg));
        assert_eq!(plaintext(&file, store, &[], Some(&gpg)).as_deref(), Ok(plain(store)));
        let rotated =
            rekeyed(&file, store, &[], Some(&gpg), Rotation::Always, |_| {}).expect("all keys are there").text;
        assert_eq!(plaintext(&rotated, store, &[], Some(&gpg)).as_deref(), Ok(plain(store)));
        if let Some(sops) = &sops {
            assert_eq!(sops.decrypts(&file, store, &[]).as_deref(), Ok(plain(store)));
            let theirs = sops.changes(&rotated, store, &[], &["rotate", "-i", "--add-pgp", b]);
            assert_eq!(plaintext(&theirs, store, &[], Some(&gpg)).as_deref(), Ok(plain(store)));
        }
    }
    let file = encrypted(plain(store), store, vec![group([age.key.clone()])], None, None);
    let add = |key: &str| {
        let added = pgp(key);
        rekeyed(&file, store, &[&age.secret], Some(&gpg), Rotation::WhenReadersLeave, |keys| keys.add(added))
    };
    let error = add(expired).expect_err("an expired key").to_string();
    let start = format!("cannot wrap the data key for {expired}: ");
    assert!(error.starts_with(&start) && error.ends_with(" (the key has expired)"), "{error}");
    let with_b = add(b).expect("a good key").text;
    assert_eq!(plaintext(&with_b, store, &[], Some(&gpg)).as_deref(), Ok(plain(store)));
}
