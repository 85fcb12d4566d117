use std::collections::BTreeSet;

use super::*;
use crate::document::{Format, format_by_name};
use crate::file::{self, Document, IdentityUnlock, Plan};
use crate::keys::{Identities, NoInteraction, Recipient};

const ALICE: &str = "age1a7ff2kfnj70rrs077vgzk2gerld26pm0ak877jtav9d9xezqfdnses37gs";
const KEY: &str = include_str!("../../../testdata/keys/x25519.txt");

fn yaml() -> &'static dyn Format {
    format_by_name("yaml").expect("a format")
}

fn document(text: &str) -> Document {
    Document::parse(text.as_bytes(), yaml()).expect("YAML")
}

fn plan() -> Plan {
    Plan::for_recipients([("alice".to_owned(), Recipient::parse(ALICE).expect("a recipient"))])
}

fn encrypted(text: &str) -> String {
    file::encrypt(&document(text), &plan(), &NoInteraction).expect("encrypted").text
}

/// `text` encrypted over `old`.
fn updated(old: &str, text: &str) -> String {
    with_key(|unlock| file::update(old.as_bytes(), &document(text), unlock).expect("updated").text)
}

fn rotated(old: &str) -> String {
    with_key(|unlock| file::rotate(old.as_bytes(), yaml(), unlock, &NoInteraction).expect("rotated").text)
}

fn with_key<T>(work: impl FnOnce(&IdentityUnlock<'_>) -> T) -> T {
    let mut identities = Identities::new();
    identities.add_identity_file(KEY.as_bytes(), "a test").expect("an identity");
    work(&IdentityUnlock { identities: &identities, interaction: &NoInteraction })
}

/// A version with this text.
fn read(text: &str) -> VersionContent {
    let snapshot = Snapshot::read(text.as_bytes(), yaml()).expect("well-formed");
    VersionContent::Read(snapshot.unwrap_or_else(|| Snapshot::of_plain(text.as_bytes(), yaml()).expect("YAML")))
}

/// The timeline of these versions, with the numbers of those that each came from.
fn timeline(versions: Vec<(VersionContent, &[usize])>) -> Timeline {
    let (contents, parents): (Vec<_>, Vec<_>) =
        versions.into_iter().map(|(content, parents)| (content, parents.to_vec())).unzip();
    let mut contents = contents.into_iter();
    Timeline::new(&parents, |_| contents.next().expect("each is asked for once"))
}

/// The events of a version: what became of each value.
fn shown(events: &Events) -> Vec<String> {
    let show = |event: &ValueEvent| {
        let from = event.from.as_ref().map_or_else(String::new, |from| format!(" from {from}"));
        let back = event.put_back.map_or_else(String::new, |back| format!(" as in {back}"));
        format!("{:?} {}{from}{back}", event.change, event.path)
    };
    events.values.iter().map(show).collect()
}

/// The values of the last version: when each was changed, and when it was sealed, if that is another time.
fn ages(timeline: &Timeline) -> Vec<String> {
    let show = |value: &ValueAge| match value.changed == value.sealed {
        true => format!("{} {}", value.path, value.changed),
        false => format!("{} {} sealed {}", value.path, value.changed, value.sealed),
    };
    timeline.values.iter().map(show).collect()
}

#[test]
fn a_line_of_versions_tells_what_each_changed() {
    let first = encrypted("a: 1\nb: {c: 2}\nd: [x, y]\n");
    let second = updated(&first, "a: 3\nb: {c: 2}\nd: [x, y]\n");
    let third = updated(&second, "a: 3\nz: {c: 2}\nd: [w, x, y]\n");
    let fourth = rotated(&third);
    let fifth = updated(&fourth, "a: 4\nz: {c: 2}\nd: [w, y]\n");
    let timeline = timeline(vec![
        (read(&first), &[]),
        (read(&second), &[0]),
        (VersionContent::Gone, &[1]),
        (VersionContent::Unreadable(Error::NotEncrypted), &[2]),
        (read(&third), &[3]),
        (read(&fourth), &[4]),
        (read(&fifth), &[5]),
        (read(&fourth), &[6]),
    ]);
    let events: Vec<_> = timeline.versions.iter().map(shown).collect();
    assert_eq!(events[0], ["Added a", "Added b.c", "Added d[0]", "Added d[1]"]);
    assert_eq!(timeline.versions[0].drift.gained.len(), 1);
    assert_eq!(timeline.versions[0].was_encrypted, None);
    assert_eq!(events[1], ["Changed a"]);
    assert_eq!(timeline.versions[2].state, VersionState::Gone);
    assert!(!timeline.versions[2].is_empty() && !timeline.versions[3].is_empty());
    assert_eq!(events[4], ["Removed b.c", "Added z.c", "Added d[0]"]);
    assert_eq!(events[5], ["Unknown a", "Unknown z.c", "Unknown d[0]", "Unknown d[1]", "Unknown d[2]"]);
    assert_eq!(timeline.versions[5].data_keys.len(), 1);
    assert_eq!(events[6], ["Changed a", "Removed d[1]"]);
    assert_eq!(events[7], ["Changed a as in 5", "Added d[1] as in 5"]);
    assert_eq!(ages(&timeline), ["a 7", "z.c 4 sealed 5", "d[0] 4 sealed 5", "d[1] 7", "d[2] 0 sealed 5"]);
}

#[test]
fn values_are_named_wherever_they_stood() {
    let first = encrypted("a: 1\nb: {c: 2, d: 3}\n");
    let second = updated(&first, "a: 1\nb: {d: 3}\n");
    let timeline = timeline(vec![(read(&first), &[]), (read(&second), &[0])]);
    let named = |path: &str| {
        let query = PathQuery::parse(path).expect("a path");
        timeline.named(&query).map(|values| values.into_iter().collect::<BTreeSet<_>>())
    };
    assert_eq!(named("a"), Ok([0].into()));
    assert_eq!(named("b"), Ok([2].into()));
    assert_eq!(named("b.c"), Ok([1].into()));
    assert_eq!(named("b.e"), Err(Error::PathNotFound { path: "b.e".into(), similar: Some("b.d".into()) }));
}

#[test]
fn plaintext_shows_before_and_behind() {
    let plain = "a: 1\nb: 2\n";
    let sealed = encrypted(plain);
    let timeline = timeline(vec![(read(plain), &[]), (read(&sealed), &[0]), (read(plain), &[1])]);
    let states: Vec<_> = timeline.versions.iter().map(|events| (events.state.clone(), events.was_encrypted)).collect();
    let expected =
        [(VersionState::Plain, None), (VersionState::Encrypted, Some(false)), (VersionState::Plain, Some(true))];
    assert_eq!(states, expected);
    assert_eq!(shown(&timeline.versions[1]), ["Encrypted a", "Encrypted b"]);
    assert_eq!(timeline.versions[1].drift.gained.len(), 1);
    assert_eq!(shown(&timeline.versions[2]), ["Published a", "Published b"]);
}

#[test]
fn a_merge_tells_only_what_is_as_on_no_side() {
    let text = |a: &str, b: &str, c: &str, rest: &str| format!("a: {a}\nb: {b}\nc: {c}\nd: 1\n{rest}");
    let base = encrypted(&text("1", "1", "1", "e: 1\n"));
    let ours = updated(&base, &text("2", "1", "1", "e: 1\n"));
    let theirs = updated(&base, &text("1", "2", "1", "f: 1\n"));
    // As git merges: the lines that one side changed, then a value by hand.
    let with_theirs: String = {
        let (base, ours, theirs) = (base.lines(), ours.lines(), theirs.lines().collect::<Vec<_>>());
        let lines = base.zip(ours).enumerate();
        lines.map(|(n, (base, ours))| if base == ours { theirs[n] } else { ours }.to_owned() + "\n").collect()
    };
    let merged = updated(&with_theirs, &text("2", "2", "3", "f: 1\n"));
    let timeline = timeline(vec![
        (read(&base), &[]),
        (read(&ours), &[0]),
        (read(&theirs), &[0]),
        (read(&merged), &[1, 2]),
        (read(&with_theirs), &[3]),
    ]);
    let events: Vec<_> = timeline.versions.iter().map(shown).collect();
    assert_eq!(events[1], ["Changed a"]);
    assert_eq!(events[2], ["Changed b", "Removed e", "Added f"]);
    assert_eq!(events[3], ["Changed c"]);
    // Where it comes from is the version that brought it.
    assert_eq!(events[4], ["Changed c as in 0"]);
    assert_eq!(ages(&timeline), ["a 1", "b 2", "c 4", "d 0", "f 2"]);
    assert!(timeline.versions[3].drift.is_empty() && timeline.versions[3].data_keys.is_empty());
}

#[test]
fn what_a_merge_drops_is_told_and_what_a_side_dropped_is_not() {
    let base = encrypted("a: 1\nb: 1\nz: 1\n");
    let ours = updated(&base, "b: 1\nz: 1\n");
    let theirs = updated(&base, "a: 1\nb: 1\nz: 1\nn: 1\n");
    let merged = updated(&base, "z: 1\n");
    let timeline =
        timeline(vec![(read(&base), &[]), (read(&ours), &[0]), (read(&theirs), &[0]), (read(&merged), &[1, 2])]);
    assert_eq!(shown(&timeline.versions[3]), ["Removed b", "Removed n"]);
}
