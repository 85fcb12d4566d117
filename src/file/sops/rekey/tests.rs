//! With keys that hold in clear what is wrapped to them.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::dialect::sops::{KeyGroup, KeyKind};
use crate::document::sops::Field;
use crate::file::sops::clear_keys::ClearKeys;
use crate::file::sops::{decrypt, encrypt, status};

const PLAIN: &str = "a: x # y\nb: [1, 2]\n";

/// All keys can be opened.
const KEYS: ClearKeys<'static> = ClearKeys { opens: |_| true, forbidden: &[] };

fn time(text: &str) -> Time {
    Time::parse(text).expect("a time")
}

fn group(names: &[&str]) -> KeyGroup {
    KeyGroup { keys: names.iter().map(|name| MasterKey::age(name)).collect(), ..KeyGroup::default() }
}

fn kms(enc: &str) -> MasterKey {
    let fields = [("arn", "arn:aws:kms:x"), ("created_at", "2026-01-02T03:04:05Z"), ("enc", enc)];
    let fields = fields.map(|(name, text)| (name.to_owned(), Field::Text(text.to_owned())));
    MasterKey::new(KeyKind::AwsKms, fields.to_vec())
}

/// A file with these groups, and its data key.
fn file(groups: &[&[&str]], shamir_threshold: Option<usize>) -> (String, DataKey) {
    let groups = groups.iter().map(|names| group(names)).collect();
    let metadata = Metadata::new(groups, time("2026-01-02T03:04:05Z"));
    let unknown = vec![("future".to_owned(), Field::Text("kept".to_owned()))];
    let mut metadata = Metadata { shamir_threshold, unknown, ..metadata };
    let key = DataKey::generate().expect("randomness");
    wrap_data_key(&mut metadata, &key, &KEYS).expect("groups that fit");
    (encrypt(PLAIN.as_bytes(), Store::Yaml, &key, metadata).expect("a good text"), key)
}

fn metadata(text: &str) -> Metadata {
    status(text.as_bytes(), Store::Yaml).expect("readable").expect("encrypted")
}

/// The same file with other keys in its metadata, as anybody can write them.
fn forged(text: &str, change: impl Fn(&mut Metadata)) -> String {
    let mut changed = metadata(text);
    change(&mut changed);
    with_metadata(&Tree::read(Store::Yaml, text).expect("a good file"), &changed).expect("a good file")
}

fn rekeyed_by(text: &str, keys: KeySet, rotation: Rotation, confirmed: &[&str]) -> Result<Rekeyed, Error> {
    rekeyed_with(text, keys, rotation, confirmed, &KEYS)
}

fn rekeyed_with(
    text: &str,
    keys: KeySet,
    rotation: Rotation,
    names: &[&str],
    unlock: &ClearKeys<'_>,
) -> Result<Rekeyed, Error> {
    let mut confirmed = Confirmed::default();
    confirmed.add(names.iter().map(|name| MasterKey::age(name)).chain([kms("")]));
    let now = time("2026-11-21T10:00:00Z");
    let rekeying = Rekeying { unlock, wrap: &KEYS, confirmed: &confirmed, now, check: MacCheck::Require };
    rekey(text.as_bytes(), Store::Yaml, keys, rotation, &rekeying)
}

fn changed(text: &str, change: impl FnOnce(&mut KeySet)) -> KeySet {
    let mut keys = KeySet::of(&metadata(text));
    change(&mut keys);
    keys
}

fn data_key(text: &str) -> DataKey {
    unlock_data_key(&metadata(text), &KEYS).expect("all keys are there")
}

fn plaintext(text: &str) -> String {
    let opened = decrypt(text.as_bytes(), Store::Yaml, &data_key(text), MacCheck::Require).expect("a good file");
    String::from_utf8(opened.plaintext.to_vec()).expect("UTF-8")
}

fn tokens(text: &str) -> Vec<&str> {
    text.lines().filter(|line| line.contains("ENC[") && !line.contains("mac:")).collect()
}

#[test]
fn a_new_key_leaves_everything_else_as_it_is() {
    let (old, key) = file(&[&["a", "b"]], None);
    let keys = changed(&old, |keys| keys.add(vec![MasterKey::age("c"), MasterKey::age("a")]));
    // Only the new key has to be confirmed, since nothing is wrapped for the others.
    let new = rekeyed_by(&old, keys, Rotation::WhenReadersLeave, &["c"]).expect("a reader more");
    assert!(!new.new_data_key);
    let more: Vec<_> = new.text.lines().filter(|line| !old.contains(line)).collect();
    assert_eq!((new.text.lines().count(), &more[..]), (old.lines().count() + 2, &["          recipient: c"][..]));
    let (before, after) = (metadata(&old), metadata(&new.text));
    assert_eq!(after.groups[0].keys[..2], before.groups[0].keys);
    assert_eq!(after.groups[0].keys[2].enc(), before.groups[0].keys[0].enc());
    assert_eq!(Metadata { groups: before.groups.clone(), ..after }, before);
    assert_eq!(tokens(&new.text), tokens(&old));
    assert_eq!(data_key(&new.text).expose(), key.expose());
    assert_eq!(plaintext(&new.text), PLAIN);
}

#[test]
fn when_a_reader_leaves_everything_is_encrypted_anew() {
    let (old, key) = file(&[&["a", "b"]], None);
    let keys = changed(&old, |keys| assert!(keys.remove(&[MasterKey::age("b")]).is_empty()));
    let new = rekeyed_by(&old, keys, Rotation::WhenReadersLeave, &["a"]).expect("a reader less");
    assert!(new.new_data_key);
    assert_ne!(data_key(&new.text).expose(), key.expose());
    assert!(tokens(&new.text).iter().all(|token| !tokens(&old).contains(token)));
    let after = metadata(&new.text);
    assert_eq!(after.mac_aad(), "2026-11-21T10:00:00Z");
    assert_eq!((after.version, after.unknown), (metadata(&old).version, metadata(&old).unknown));
    assert_eq!(plaintext(&new.text), PLAIN);
}

#[test]
fn a_changed_file_is_not_blessed_by_a_new_data_key() {
    let (old, _) = file(&[&["a", "b"]], None);
    let cut: String = old.split_inclusive('\n').skip(1).collect();
    let rotate = |text: &str| rekeyed_by(text, changed(text, |_| {}), Rotation::Always, &["a", "b"]);
    assert_eq!(rotate(&cut), Err(SopsError::MacMismatch.into()));
    // Where the data key stays the MAC does too, and goes on to be wrong.
    let keys = changed(&cut, |keys| keys.add(vec![MasterKey::age("c")]));
    let new = rekeyed_by(&cut, keys, Rotation::WhenReadersLeave, &["c"]).expect("a reader more");
    assert_eq!(
        rotate(&new.text).expect_err("c is not confirmed"),
        SopsError::Unconfirmed { keys: vec!["c".into()] }.into()
    );
    let opened = decrypt(new.text.as_bytes(), Store::Yaml, &data_key(&new.text), MacCheck::Require);
    assert_eq!(opened.expect_err("cut").to_string(), Error::from(SopsError::MacMismatch).to_string());
}

#[test]
fn nothing_is_wrapped_for_a_key_that_just_stands_in_the_file() {
    let (old, _) = file(&[&["a"]], None);
    let forged = forged(&old, |metadata| metadata.groups[0].keys.push(MasterKey::age("mallory")));
    // Nobody is asked for a passphrase before.
    let forbidden = ClearKeys { opens: |_| true, forbidden: &["a"] };
    let keys = || changed(&forged, |_| {});
    let error = rekeyed_with(&forged, keys(), Rotation::Always, &["a"], &forbidden).expect_err("refused");
    assert_eq!(
        error.to_string(),
        "`mallory` stands in the file, but no rule names it, and nobody else has confirmed it"
    );
    let both = rekeyed_with(&forged, keys(), Rotation::Always, &[], &forbidden).expect_err("refused");
    assert_eq!(both, SopsError::Unconfirmed { keys: vec!["a".into(), "mallory".into()] }.into());
    assert!(rekeyed_by(&forged, keys(), Rotation::Always, &["a", "mallory"]).is_ok());
}

#[test]
fn a_rule_vouches_for_keys_in_their_groups() {
    let recipients = [(); 2].map(|()| crate::keys::generate_x25519().1);
    let [a, b] = [0, 1].map(|index| MasterKey::age(recipients[index].as_str()));
    let rule = |text: &str| {
        let config = format!("creation_rules:\n  - {text}\n").replace("$a", &a.name()).replace("$b", &b.name());
        let config = crate::config::sops::SopsConfig::parse(&config).expect("a config");
        Confirmed::by_rule(config.rule_for("x").expect("a rule").expect("a rule"))
    };
    let grouped = rule("{key_groups: [{age: [$a]}, {age: [$b]}]}");
    assert!(grouped.has(0, &a) && grouped.has(1, &b) && !grouped.has(1, &a) && !grouped.has(0, &b));
    let flat = rule("{age: $a}");
    assert!(flat.has(0, &a) && flat.has(1, &a) && !flat.has(0, &b));
}

#[test]
fn keys_of_other_services_stay_as_long_as_the_data_key() {
    let (old, _) = file(&[&["a", "b"]], None);
    let old = forged(&old, |metadata| metadata.groups[0].keys.push(kms("what only the service opens")));
    let added = changed(&old, |keys| keys.add(vec![MasterKey::age("c")]));
    let new = rekeyed_by(&old, added, Rotation::WhenReadersLeave, &["c"]).expect("a reader more").text;
    assert!(metadata(&new).groups[0].keys.contains(&kms("what only the service opens")));

    let names = &["a", "b"];
    let error = rekeyed_by(&old, changed(&old, |_| {}), Rotation::Always, names).expect_err("refused").to_string();
    assert_eq!(error, "nothing can be wrapped for `arn:aws:kms:x`: keys of this sort are not supported yet");
    let removed = changed(&old, |keys| drop(keys.remove(&[kms("")])));
    let new = rekeyed_by(&old, removed, Rotation::Always, names).expect("without the key");
    assert!(new.new_data_key && !new.text.contains("kms:"), "{}", new.text);
}

#[test]
fn new_keys_of_a_group_get_the_share_that_it_has() {
    let (old, key) = file(&[&["a"], &["b"], &["c"]], Some(2));
    let old = forged(&old, |metadata| metadata.groups[2].keys.push(kms("a share")));
    let keys = changed(&old, |keys| {
        keys.groups[1].keys.push(MasterKey::age("d"));
        keys.add_group(vec![MasterKey::age("e")]);
    });
    let new = rekeyed_by(&old, keys, Rotation::WhenReadersLeave, &["d", "e"]).expect("two readers more");
    assert!(!new.new_data_key);
    let (before, after) = (metadata(&old), metadata(&new.text));
    assert_eq!(after.shamir_threshold, Some(2));
    assert_eq!(after.groups[1].keys[1].enc(), before.groups[1].keys[0].enc());
    assert!(after.groups[2].keys.contains(&kms("a share")));
    let alone =
        |names: [usize; 2]| Metadata { groups: names.map(|at| after.groups[at].clone()).to_vec(), ..after.clone() };
    for pair in [[0, 3], [3, 1], [0, 1]] {
        let opened = unlock_data_key(&alone(pair), &KEYS).expect("two groups");
        assert_eq!(opened.expose(), key.expose(), "{pair:?}");
    }
}

#[test]
fn a_file_of_one_group_that_gets_several_has_a_new_data_key() {
    let (old, key) = file(&[&["a"]], None);
    let keys = changed(&old, |keys| keys.add_group(vec![MasterKey::age("b")]));
    assert!(KeySet::of(&metadata(&old)).loses_readers(&keys), "`a` alone could open it");
    let new = rekeyed_by(&old, keys, Rotation::WhenReadersLeave, &["a", "b"]).expect("two groups");
    assert_eq!((new.new_data_key, metadata(&new.text).shamir_threshold), (true, Some(2)));
    assert_ne!(data_key(&new.text).expose(), key.expose());

    // And back: nobody loses anything, so what is encrypted stays.
    let keys = changed(&new.text, |keys| {
        let keys_of_b = std::mem::take(&mut keys.groups[1].keys);
        keys.remove_group(1).expect("a group");
        keys.groups[0].keys.extend(keys_of_b);
        keys.shamir_threshold = None;
    });
    let back = rekeyed_by(&new.text, keys, Rotation::WhenReadersLeave, &["a", "b"]).expect("one group");
    assert_eq!((back.new_data_key, tokens(&back.text)), (false, tokens(&new.text)));
    assert_eq!(plaintext(&back.text), PLAIN);
}

#[test]
fn a_lowered_threshold_locks_nobody_out() {
    let (old, _) = file(&[&["a"], &["b"], &["c"]], Some(3));
    let forged = forged(&old, |metadata| metadata.shamir_threshold = Some(2));
    let keys = changed(&forged, |keys| keys.add(vec![MasterKey::age("d")]));
    let names = &["a", "b", "c", "d"];
    for rotation in [Rotation::WhenReadersLeave, Rotation::Always] {
        let error = rekeyed_by(&forged, keys.clone(), rotation, names).expect_err("another key");
        assert!(matches!(error, Error::Sops(SopsError::Value { .. })), "{error:?}");
    }
    let swapped = self::forged(&old, |metadata| metadata.groups.swap(0, 1));
    let keys = changed(&swapped, |keys| keys.add(vec![MasterKey::age("d")]));
    let error = rekeyed_by(&swapped, keys, Rotation::WhenReadersLeave, names).expect_err("another group's");
    assert_eq!(error, SopsError::Shares { what: "a key group holds the share of another one" }.into());
}

#[test]
fn groups_that_nobody_could_open_are_refused() {
    let (old, _) = file(&[&["a"], &["b"]], Some(2));
    let refused = |change: &dyn Fn(&mut KeySet)| {
        let error = rekeyed_by(&old, changed(&old, change), Rotation::Always, &["a", "b"]).expect_err("refused");
        error.to_string()
    };
    let empty = refused(&|keys| drop(keys.remove(&[MasterKey::age("b")])));
    assert_eq!(empty, "key groups: a group would have no key left");
    let one = refused(&|keys| keys.remove_group(1).expect("a group"));
    assert_eq!(
        one,
        "key groups: fewer groups would be left than the Shamir threshold needs; give a new threshold, too"
    );
    let none = refused(&|keys| keys.groups.clear());
    assert_eq!(none, "key groups: no group would be left");
    let mut keys = changed(&old, |_| {});
    assert!(keys.remove_group(2).is_err());
    keys.remove_group(0).expect("a group");
    keys.shamir_threshold = None;
    assert!(rekeyed_by(&old, keys, Rotation::WhenReadersLeave, &["b"]).expect("one group").new_data_key);
}

/// The data key that the holders of `names` get.
fn opened_by(text: &str, names: &BTreeSet<&str>) -> Option<DataKey> {
    let mut metadata = metadata(text);
    metadata.groups.iter_mut().for_each(|group| group.keys.retain(|key| names.contains(key.name().as_str())));
    let several = metadata.groups.len() > 1;
    let unlock = ClearKeys { opens: |_| true, forbidden: &[] };
    if several {
        metadata.groups.retain(|group| !group.keys.is_empty());
        if metadata.groups.len() < metadata.shamir_threshold.unwrap_or(2) {
            return None;
        }
    }
    unlock_data_key(&metadata, &unlock).ok()
}

fn groups() -> impl Strategy<Value = (Vec<Vec<&'static str>>, usize)> {
    let names = proptest::sample::subsequence(vec!["a", "b", "c", "d"], 1..=3);
    (proptest::collection::vec(names, 1..=3), 2_usize..=3)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whoever_loses_access_does_not_know_the_data_key((old, t) in groups(), (new, u) in groups()) {
        let threshold = |groups: &[Vec<&str>], t: usize| (groups.len() > 1).then(|| t.min(groups.len()));
        let slices: Vec<&[&str]> = old.iter().map(Vec::as_slice).collect();
        let (text, _) = file(&slices, threshold(&old, t));
        let keys = KeySet { groups: new.iter().map(|names| group(names)).collect(), shamir_threshold: threshold(&new, u) };
        // Keys that stay bring what was wrapped to them along.
        let before = metadata(&text);
        let keep = |(number, group): (usize, &KeyGroup)| {
            let old = before.groups.get(number).map(|group| &group.keys[..]).unwrap_or_default();
            let kept = |key: &MasterKey| old.iter().find(|other| other.is_same(key)).unwrap_or(key).clone();
            KeyGroup { keys: group.keys.iter().map(kept).collect(), ..KeyGroup::default() }
        };
        let keys = KeySet { groups: keys.groups.iter().enumerate().map(keep).collect(), ..keys };
        let all = ["a", "b", "c", "d"];
        let changed = rekeyed_by(&text, keys, Rotation::WhenReadersLeave, &all).expect("groups that fit");
        let key = data_key(&changed.text);
        prop_assert_eq!(plaintext(&changed.text), PLAIN);
        for bits in 1_usize..16 {
            let names: BTreeSet<_> = (0..4).filter(|at| bits & (1 << at) != 0).map(|at| all[at]).collect();
            let opened = new.iter().filter(|group| group.iter().any(|name| names.contains(name))).count();
            let expected = opened >= threshold(&new, u).unwrap_or(1);
            let now = opened_by(&changed.text, &names);
            prop_assert_eq!(now.as_ref().is_some_and(|now| now.expose() == key.expose()), expected, "{:?}", names);
            if let Some(then) = opened_by(&text, &names) && !expected {
                prop_assert_ne!(then.expose(), key.expose(), "{:?} still know the data key", names);
            }
        }
    }
}

#[test]
fn metadata_change_in_files_of_every_layout() {
    for (store, plain) in [
        (Store::Yaml, "{}\n"),
        (Store::Yaml, "{a: 1, b: [x]}\n"),
        (Store::Yaml, "a: 1\n---\nb: 2\n...\n# end\n"),
        (Store::Yaml, "\u{feff}a: 1\r\nb:\r\n  - x\r\n"),
        (Store::Yaml, "# only the head\na: |\n  x\n\n"),
        (Store::Json, "{}"),
        (Store::Json, "{\"a\": 1}"),
        (Store::Json, "{\r\n  \"a\": {\r\n    \"b\": 1\r\n  }\r\n}\r\n"),
        (Store::Dotenv, "A=1"),
        (Store::Dotenv, ""),
        (Store::Ini, "; c\n[a]\nb = 1\n"),
        (Store::Ini, ""),
        (Store::Binary, "\u{1}\n{"),
        (Store::Binary, ""),
    ] {
        let mut metadata = Metadata::new(vec![group(&["a"])], time("2026-01-02T03:04:05Z"));
        let key = DataKey::generate().expect("randomness");
        wrap_data_key(&mut metadata, &key, &KEYS).expect("a key");
        let old = encrypt(plain.as_bytes(), store, &key, metadata).unwrap_or_else(|error| panic!("{plain:?}: {error}"));
        let mut confirmed = Confirmed::default();
        confirmed.add(["a", "b"].map(MasterKey::age));
        let now = time("2026-11-21T10:00:00Z");
        let rekeying = Rekeying { unlock: &KEYS, wrap: &KEYS, confirmed: &confirmed, now, check: MacCheck::Require };
        let before = decrypt(old.as_bytes(), store, &key, MacCheck::Require).expect("a good file").plaintext;
        for rotation in [Rotation::WhenReadersLeave, Rotation::Always] {
            let metadata = status(old.as_bytes(), store).expect("readable").expect("encrypted");
            let mut keys = KeySet::of(&metadata);
            keys.add(vec![MasterKey::age("b")]);
            let new = rekey(old.as_bytes(), store, keys, rotation, &rekeying);
            let new = new.unwrap_or_else(|error| panic!("{plain:?}: {error}\n{old}")).text;
            let metadata = status(new.as_bytes(), store).expect("readable").expect("encrypted");
            assert_eq!(metadata.groups[0].keys.len(), 2);
            let key = unlock_data_key(&metadata, &KEYS).expect("all keys are there");
            let after = decrypt(new.as_bytes(), store, &key, MacCheck::Require).expect("a good file").plaintext;
            assert_eq!(after, before, "{plain:?}");
        }
    }
}
