//! Tests of snapshots.

use super::*;
use crate::document::format_by_name;
use crate::file::{self, IdentityUnlock, Plan};
use crate::keys::{Identities, NoInteraction, Recipient};

const ALICE: &str = "age1a7ff2kfnj70rrs077vgzk2gerld26pm0ak877jtav9d9xezqfdnses37gs";
const KEY: &str = include_str!("../../../../testdata/keys/x25519.txt");
const SOPS: &str = include_str!("../../../../testdata/sops/positive/yaml-comments.enc.yaml");

fn yaml() -> &'static dyn Format {
    format_by_name("yaml").expect("a format")
}

fn shown(snapshot: &Snapshot) -> Vec<String> {
    let content = |leaf: &SnapshotLeaf<'_>| match leaf.content() {
        SnapshotContent::Clear(text) => text.to_string(),
        SnapshotContent::Empty => "-".into(),
        SnapshotContent::Sealed(_) => "<sealed>".into(),
    };
    snapshot
        .leaves()
        .map(|leaf| format!("{} {:?} {} {}", leaf.line(), leaf.kind(), leaf.path(), content(&leaf)))
        .collect()
}

#[test]
fn a_native_file_shows_its_leaves_and_the_same_seals_after_a_change() {
    let plan = Plan::for_recipients([("alice".to_owned(), Recipient::parse(ALICE).expect("a recipient"))]);
    let document = |text: &str| file::Document::parse(text.as_bytes(), yaml()).expect("YAML");
    let text = "# c\na: &x 1\nb: {c: 2, d: {}}\ne: *x\n";
    let before = file::encrypt(&document(text), &plan, &NoInteraction).expect("encrypted").text;
    let mut identities = Identities::new();
    identities.add_identity_file(KEY.as_bytes(), "a test").expect("an identity");
    let unlock = IdentityUnlock { identities: &identities, interaction: &NoInteraction };
    let changed = document(&text.replace("2,", "3, new: 4,"));
    let after = file::update(before.as_bytes(), &changed, &unlock).expect("updated").text;
    let read = |text: &str| Snapshot::read(text.as_bytes(), yaml()).expect("well-formed").expect("encrypted");
    let (before, after) = (read(&before), read(&after));
    let expected = [
        "1 Comment . <sealed>",
        "2 Mark a &x",
        "2 Value a <sealed>",
        "3 Value b.c <sealed>",
        "3 Value b.d -",
        "4 Value e *x",
    ];
    assert_eq!(shown(&before), expected);
    assert!(before.leaves().all(|leaf| leaf.section() == "default"));
    let seals = |snapshot: &Snapshot| snapshot.leaves().filter_map(|leaf| leaf.seal().copied()).collect::<Vec<_>>();
    let (before, after) = (seals(&before), seals(&after));
    assert_eq!(before[..2], after[..2]);
    assert_eq!(before[2].id, after[2].id);
    assert!(before[2].seal != after[2].seal && before[2].token != after[2].token);
    assert!(after.iter().all(|seal| seal.id.is_some()));
}

#[test]
fn a_plaintext_file_is_clear_and_shows_no_text_in_debug() {
    let text = b"a: <mark>\nb:\n";
    assert!(Snapshot::read(text, yaml()).expect("YAML").is_none());
    let snapshot = Snapshot::of_plain(text, yaml()).expect("YAML");
    assert_eq!(shown(&snapshot), ["1 Value a <mark>", "2 Value b -"]);
    assert!(!format!("{:?}", snapshot.leaves().collect::<Vec<_>>()).contains("<mark>"));
}

#[test]
fn a_file_of_sops_shows_its_leaves_without_its_metadata() {
    let snapshot = Snapshot::read(SOPS.as_bytes(), yaml()).expect("well-formed").expect("encrypted");
    let outline = crate::file::any::outline(SOPS.as_bytes(), yaml()).expect("an outline").1;
    let count = |kind| snapshot.leaves().filter(|leaf| leaf.kind() == kind && leaf.seal().is_some()).count();
    assert_eq!(count(SnapshotKind::Value), outline.count(file::ValueState::Sealed));
    // One is empty and has no token.
    assert_eq!(count(SnapshotKind::Comment), outline.sealed_comments() - 1);
    assert!(!shown(&snapshot).iter().any(|line| line.contains(" sops")), "{:?}", shown(&snapshot));
    let published = |snapshot: &Snapshot| {
        let is_clear = |leaf: &SnapshotLeaf<'_>| matches!(leaf.content(), SnapshotContent::Clear(_));
        snapshot.leaves().filter(|leaf| leaf.is_selected() && is_clear(leaf)).count()
    };
    assert_eq!(published(&snapshot), 0);
    assert!(snapshot.leaves().all(|leaf| leaf.seal().is_none_or(|seal| seal.id.is_none())));
    let stripped = SOPS.replacen("ENC[", "<", 1);
    assert_eq!(published(&Snapshot::read(stripped.as_bytes(), yaml()).expect("well-formed").expect("encrypted")), 1);
}
