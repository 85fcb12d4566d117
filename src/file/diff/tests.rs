//! Tests of differences.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::data_key::DataKey;
use crate::dialect::sops::{KeyGroup, MasterKey, Metadata as SopsMetadata, Time};
use crate::document::sops::Store;
use crate::document::{Format, format_by_name};
use crate::file::any::Decrypted;
use crate::file::sops::{self, KeyWrap, MacCheck};
use crate::file::{self, Document, IdentityUnlock, NewSection, Plan};
use crate::keys::{Identities, NoInteraction, Recipient};
use crate::select::PathGlob;

const ALICE: &str = "age1a7ff2kfnj70rrs077vgzk2gerld26pm0ak877jtav9d9xezqfdnses37gs";
const BOB: &str = "age13hspa0g3q30ztfvtl2afsgdul5hgv32wlxr5kjvcrps8qqdu4scqglpx25";
const KEY: &str = include_str!("../../../testdata/keys/x25519.txt");

fn yaml() -> &'static dyn Format {
    format_by_name("yaml").expect("a format")
}

fn plan(readers: &[(&str, &str)]) -> Plan {
    let readers = readers.iter().map(|(name, key)| ((*name).to_owned(), Recipient::parse(key).expect("a recipient")));
    let mut plan = Plan::for_recipients(readers);
    plan.selection.clear = vec![PathGlob::parse("clear.**").expect("a glob")];
    plan
}

fn document(text: &str) -> Document {
    Document::parse(text.as_bytes(), yaml()).expect("YAML")
}

fn encrypted(text: &str) -> String {
    file::encrypt(&document(text), &plan(&[("alice", ALICE)]), &NoInteraction).expect("encrypted").text
}

fn with_unlock<T>(work: impl FnOnce(&IdentityUnlock<'_>) -> T) -> T {
    let mut identities = Identities::new();
    identities.add_identity_file(KEY.as_bytes(), "a test").expect("an identity");
    work(&IdentityUnlock { identities: &identities, interaction: &NoInteraction })
}

fn updated(old: &str, text: &str) -> String {
    with_unlock(|unlock| file::update(old.as_bytes(), &document(text), unlock)).expect("updated").text
}

fn read(text: &str) -> Snapshot {
    Snapshot::read(text.as_bytes(), yaml()).expect("well-formed").expect("encrypted")
}

fn opened(text: &str) -> Snapshot {
    let mut snapshot = read(text);
    let decrypted: Decrypted =
        with_unlock(|unlock| file::any::decrypt(text.as_bytes(), yaml(), unlock)).expect("decrypted");
    snapshot.open(decrypted).expect("alike");
    snapshot
}

fn shown(diff: &Diff) -> Vec<String> {
    let show = |leaf: &LeafChange| {
        let path = |side: &Option<LeafSide>| side.as_ref().map(LeafSide::path);
        let paths = match (path(&leaf.before), path(&leaf.after)) {
            (Some(before), Some(after)) if before != after => format!("{before} → {after}"),
            (before, after) => after.or(before).expect("one of them"),
        };
        let kind = if leaf.kind == SnapshotKind::Value { String::new() } else { format!("{:?} ", leaf.kind) };
        format!("{kind}{:?} {paths}", leaf.change)
    };
    diff.leaves.iter().map(show).collect()
}

#[track_caller]
fn differs(before: &str, after: &str, expected: &[&str]) {
    assert_eq!(shown(&Diff::between(&read(before), &read(after))), expected);
}

const TEXT: &str = "# c\na: 1\nb: {c: two, d: 3}\nclear: {n: 1}\nlist: [x, y, z]\n";

#[test]
fn every_sort_of_change_of_a_leaf_is_told() {
    let old = encrypted(TEXT);
    differs(&old, &old, &[]);
    let change = |from: &str, to: &str, expected: &[&str]| {
        assert!(TEXT.contains(from), "{from}");
        differs(&old, &updated(&old, &TEXT.replace(from, to)), expected);
    };
    change("two", "other", &["Changed b.c"]);
    change("n: 1", "n: 2", &["Renewed b.d", "Changed clear.n"]);
    change("n: 1", "n: \"1\"", &["Renewed b.d", "Changed clear.n"]);
    change("d: 3", "d: 3, e: 4", &["Relinked b.d", "Added b.e"]);
    change("c: two, ", "", &["Relinked a", "Removed b.c"]);
    change("[x, ", "[", &["Relinked b.d", "Removed list[0]", "Shifted list[1] → list[0]", "Shifted list[2] → list[1]"]);
    change(
        "[x, ",
        "[w, x, ",
        &[
            "Relinked b.d",
            "Added list[0]",
            "Shifted list[0] → list[1]",
            "Shifted list[1] → list[2]",
            "Shifted list[2] → list[3]",
        ],
    );
    change("a: 1", "a: &q 1", &["Mark Added a", "Renewed a"]);
    change(", z]", "]", &["Renewed list[1]", "Removed list[2]"]);
    change("# c\n", "# d\n", &["Comment Removed .", "Comment Added ."]);
    change("a: 1", "a:", &["Changed a", "Renewed b.c"]);
}

#[test]
fn an_item_that_was_put_elsewhere_moved() {
    let old = encrypted("list: [x, y, z]\n");
    let tokens: Vec<_> = old.split("ENC[").skip(1).map(|rest| rest.split(']').next().unwrap_or_default()).collect();
    let moved = old.replacen(tokens[2], "<third>", 1).replacen(tokens[0], tokens[2], 1);
    let moved = moved.replacen(tokens[1], "<second>", 1).replacen("<third>", tokens[1], 1);
    let moved = moved.replacen("<second>", tokens[0], 1);
    let expected = ["Moved list[2] → list[0]", "Shifted list[0] → list[1]", "Shifted list[1] → list[2]"];
    differs(&old, &moved, &expected);
}

#[test]
fn with_a_key_a_rotation_tells_which_values_changed() {
    let old = encrypted(TEXT);
    let new = encrypted(&TEXT.replace("two", "other").replace("a: 1", "renamed: <longer than most>"));
    let diff = Diff::between(&read(&old), &read(&new));
    assert_eq!(diff.data_keys, [NewDataKey { section: "default".into(), follows: Some(false), proven: None }]);
    assert_eq!(diff.count(SnapshotKind::Value, Change::Unknown), 5, "{:?}", shown(&diff));
    assert_eq!((diff.count(SnapshotKind::Value, Change::Removed), diff.kept), (1, 0));
    let diff = Diff::between(&opened(&old), &opened(&new));
    let is_of_value = |leaf: &&LeafChange| leaf.change.is_of_value();
    let values = Diff { leaves: diff.leaves, ..Diff::default() };
    assert_eq!(values.leaves.iter().filter(is_of_value).count(), 3, "{:?}", shown(&values));
    assert_eq!(diff.kept, 4);
    let text = |change| {
        let leaf = values.leaves.iter().find(|leaf| leaf.change == change).expect("such a leaf");
        let text =
            |side: &Option<LeafSide>| side.as_ref().and_then(|side| side.secret.clone()).map(|text| text.to_string());
        (text(&leaf.before), text(&leaf.after))
    };
    assert_eq!(text(Change::Changed), (Some("two".into()), Some("other".into())));
    let moved = encrypted(&TEXT.replace("c: two", "e: two-and-a-half"));
    let renamed = encrypted(&TEXT.replace("c: two", "f: two-and-a-half"));
    let diff = Diff::between(&opened(&moved), &opened(&renamed));
    assert_eq!(shown(&diff).iter().filter(|line| line.starts_with("Moved")).collect::<Vec<_>>(), ["Moved b.e → b.f"]);
    assert!(!format!("{diff:?}").contains("two-and-a-half"));
}

#[test]
fn what_was_plain_is_encrypted_and_back() {
    let plain = Snapshot::of_plain(TEXT.as_bytes(), yaml()).expect("YAML");
    let sealed = read(&encrypted(TEXT));
    let count = |diff: Diff, change| diff.leaves.iter().filter(|leaf| leaf.change == change).count();
    assert_eq!(count(Diff::between(&plain, &sealed), Change::Encrypted), 6 + 1);
    assert_eq!(count(Diff::between(&sealed, &plain), Change::Published), 6 + 1);
}

#[test]
fn who_gained_access_and_to_how_much_is_told() {
    let encrypt = |plan: &Plan| read(&file::encrypt(&document(TEXT), plan, &NoInteraction).expect("encrypted").text);
    let before = encrypt(&plan(&[("alice", ALICE)]));
    let mut sections = plan(&[("anna", ALICE), ("bob", BOB)]);
    sections.selection.clear.clear();
    sections.sections = vec![NewSection {
        name: "db".into(),
        paths: vec![PathGlob::parse("b.**").expect("a glob")],
        recipients: vec![("anna".into(), Recipient::parse(ALICE).expect("a recipient"))],
        key_groups: None,
    }];
    let diff = Diff::between(&before, &encrypt(&sections));
    let names = |list: &[file::Access]| {
        list.iter().map(|access| format!("{} {}", access.section, access.name)).collect::<Vec<_>>()
    };
    assert_eq!(names(&diff.drift.gained), ["default bob"]);
    assert!(diff.drift.lost.is_empty());
    assert_eq!(diff.drift.renamed.len(), 2);
    let fields: Vec<_> = diff.drift.policy.iter().map(|change| change.field.as_str()).collect();
    assert_eq!(fields, ["clear", "sections.db"]);
    let sizes: Vec<_> =
        diff.sections.iter().map(|section| (section.name.as_str(), section.before, section.after)).collect();
    assert_eq!(sizes, [("default", Some(6), Some(5)), ("db", None, Some(2))]);
    assert!(!diff.is_empty());
}

fn of_sops(text: &str, key: &DataKey, readers: &[&str]) -> String {
    let keys = readers.iter().copied().map(MasterKey::age).collect();
    let now = Time::parse("2026-11-21T10:00:00Z").expect("a time");
    let mut metadata = SopsMetadata::new(vec![KeyGroup { keys, ..KeyGroup::default() }], now);
    sops::wrap_data_key(&mut metadata, key, &KeyWrap { interaction: &NoInteraction, gpg: None }).expect("wrapped");
    sops::encrypt(text.as_bytes(), Store::Yaml, key, metadata).expect("encrypted")
}

#[test]
fn files_of_sops_are_compared_by_their_tokens() {
    let key = DataKey::generate().expect("randomness");
    let old = of_sops("# c\na: 1\nempty: \"\"\nlist: [x, y]\n", &key, &[ALICE]);
    let later = Time::parse("2026-11-22T10:00:00Z").expect("a time");
    let text = b"# c\na: 1\nempty: \"\"\nlist: [w, x, z]\n";
    let new = sops::update(old.as_bytes(), text, Store::Yaml, &key, later, MacCheck::Require).expect("updated");
    let diff = Diff::between(&read(&old), &read(&new));
    assert!(diff.data_keys.is_empty() && diff.drift.is_empty() && diff.rewrapped.is_empty());
    assert!(shown(&diff).iter().all(|line| line.contains("list")), "{:?}", shown(&diff));
    assert_eq!(diff.count(SnapshotKind::Value, Change::Added), 2);
    assert_eq!(diff.count(SnapshotKind::Value, Change::Shifted), 1);

    let plain = Snapshot::of_plain(text, yaml()).expect("YAML");
    let told = shown(&Diff::between(&read(&new), &plain));
    assert!(told.iter().all(|line| line.contains("Published")), "{told:?}");

    let other = of_sops("a: 1\nlist: [x, y]\n", &DataKey::generate().expect("randomness"), &[ALICE, BOB]);
    let diff = Diff::between(&read(&old), &read(&other));
    assert_eq!(diff.data_keys, [NewDataKey { section: "default".into(), follows: None, proven: None }]);
    assert_eq!(diff.drift.gained.len(), 1);
    assert_eq!(diff.count(SnapshotKind::Value, Change::Unknown), 3);
    let diff = Diff::between(&opened(&old), &opened(&other));
    assert_eq!(diff.count(SnapshotKind::Value, Change::Resealed), 3);

    let native = Diff::between(&read(&old), &read(&encrypted("a: 1\nlist: [x, y]\n")));
    assert_eq!(native.dialect, Some((Dialect::Sops, Dialect::Native)));
    assert!(native.drift.policy.is_empty() && native.data_keys.is_empty());
}

#[test]
fn new_seals_are_those_that_the_old_version_did_not_have() {
    let first = encrypted(TEXT);
    let second = updated(&first, &TEXT.replace("two", "other"));
    let back = Diff::between(&read(&second), &read(&first));
    let seals: HashSet<_> = read(&first).leaves().filter_map(|leaf| Some(leaf.seal()?.seal)).collect();
    assert_eq!(back.new_seals().len(), 1);
    assert!(back.new_seals().is_subset(&seals));
}

fn texts() -> impl Strategy<Value = String> {
    let value = prop::sample::select(vec!["1", "two", "<third>", "''", "{}", "[p, q]", "[q]", "{k: v, l: w}"]);
    prop::collection::btree_map("[abc]", value, 1..4)
        .prop_map(|entries| entries.into_iter().map(|(key, value)| format!("{key}: {value}\n")).collect())
}

fn paths(snapshot: &Snapshot) -> Vec<String> {
    let mut paths: Vec<_> = snapshot.leaves().map(|leaf| leaf.path()).collect();
    paths.sort();
    paths
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_difference_is_empty_or_explains_all_and_turns_around(old in texts(), new in texts(), opens in any::<bool>()) {
        let (old, new) = (format!("{old}last: 0\n"), format!("{new}last: 0\n"));
        let before = encrypted(&old);
        let after = updated(&before, &new);
        let version = |text: &str| if opens { opened(text) } else { read(text) };
        let (old, new) = (version(&before), version(&after));
        prop_assert!(Diff::between(&old, &old).is_empty());
        let diff = Diff::between(&old, &new);
        prop_assert_eq!(diff.is_empty(), before == after);

        // What went and came explains which paths there are.
        let mut explained = paths(&old);
        let path = |side: &Option<LeafSide>| side.as_ref().map(LeafSide::path);
        for gone in diff.leaves.iter().filter_map(|leaf| path(&leaf.before)) {
            let at = explained.iter().position(|path| *path == gone).expect("it was there");
            explained.remove(at);
        }
        explained.extend(diff.leaves.iter().filter_map(|leaf| path(&leaf.after)));
        explained.sort();
        prop_assert_eq!(explained, paths(&new));

        // The other way around it is the same with its ends exchanged.
        let told = |diff: &Diff, turn: bool| {
            let change = |leaf: &LeafChange| match leaf.change {
                Change::Added if turn => Change::Removed,
                Change::Removed if turn => Change::Added,
                // Of two items that changed places either one may be the one that moved.
                Change::Shifted => Change::Moved,
                change => change,
            };
            let ends = |leaf: &LeafChange| {
                let ends = (path(&leaf.before), path(&leaf.after));
                if turn { (ends.1, ends.0) } else { ends }
            };
            diff.leaves.iter().map(|leaf| (ends(leaf), change(leaf))).collect::<BTreeSet<_>>()
        };
        prop_assert_eq!(told(&diff, false), told(&Diff::between(&new, &old), true));
    }
}
