//! Key groups: who opens a file together, what nobody can change about that, and what updates make of it.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use proptest::prelude::*;
use sops_rs::Error;
use sops_rs::dialect::native::{Metadata, Section};
use sops_rs::error::{Step, TriedGroup};
use sops_rs::file::{
    Access, Decrypted, IdentityUnlock, Moved, NewSection, Plan, Rekeyed, ThresholdChange, Warning, decrypt, replace,
    rotate, status, update_keys, update_to,
};
use sops_rs::keys::{Identities, KeyGroups, NoInteraction, Recipient, generate_x25519};

use super::support::{
    assert_silent, document, format, globs, parts, plan, replaced, sealed, section_unverified, with_line, yaml,
};

const TEXT: &str = "a: CANARY-1\n# CANARY-2\nb: CANARY-3\n";
const NAMES: [&str; 6] = ["ann", "ben", "cid", "dot", "eve", "fay"];

/// Secret and recipient of each of [`NAMES`].
static PEOPLE: LazyLock<Vec<(String, Recipient)>> = LazyLock::new(|| {
    let person = |_: &&str| {
        let (secret, recipient) = generate_x25519();
        (secret.to_string(), recipient)
    };
    NAMES.iter().map(person).collect()
});

fn reader(person: usize) -> (String, Recipient) {
    (NAMES[person].to_owned(), PEOPLE[person].1.clone())
}

/// What these people have together.
fn identities(people: impl IntoIterator<Item = usize>) -> Identities {
    let mut identities = Identities::new();
    for person in people {
        identities.add_identity_file(PEOPLE[person].0.as_bytes(), NAMES[person]).expect("an identity");
    }
    identities
}

fn key_groups(groups: &[&[usize]], threshold: usize) -> Option<KeyGroups> {
    let group = |people: &&[usize]| people.iter().map(|&person| reader(person).1).collect();
    Some(KeyGroups::new(threshold, groups.iter().map(group).collect()).expect("key groups"))
}

fn grouped(groups: &[&[usize]], threshold: usize) -> Plan {
    let recipients = groups.iter().flat_map(|people| people.iter().map(|&person| reader(person))).collect();
    Plan { recipients, key_groups: key_groups(groups, threshold), ..plan() }
}

fn alone(people: &[usize]) -> Plan {
    Plan { recipients: people.iter().map(|&person| reader(person)).collect(), ..plan() }
}

fn opened_by(file: &str, people: impl IntoIterator<Item = usize>) -> Result<Decrypted, Error> {
    let unlock = IdentityUnlock { identities: &identities(people), interaction: &NoInteraction };
    decrypt(file.as_bytes(), yaml(), &unlock).inspect_err(assert_silent)
}

fn opens(file: &str, people: impl IntoIterator<Item = usize>) -> bool {
    match opened_by(file, people) {
        Ok(decrypted) => decrypted.document.text() == TEXT,
        Err(Error::TooFewKeyGroups { .. } | Error::NoIdentity { .. }) => false,
        Err(error) => panic!("{error}"),
    }
}

fn updated(file: &str, plan: &Plan, people: &[usize]) -> Rekeyed {
    let unlock = IdentityUnlock { identities: &identities(people.iter().copied()), interaction: &NoInteraction };
    update_keys(file.as_bytes(), yaml(), plan, &unlock, &NoInteraction).expect("it is updated")
}

fn metadata(file: &str) -> Metadata {
    status(file.as_bytes(), yaml()).expect("it can be read").expect("it is encrypted")
}

fn default(file: &str) -> Section {
    metadata(file).sections.swap_remove(0)
}

/// The base64 of a reader's wrapped key.
fn wrapped_key(file: &str, person: usize) -> String {
    let (_, entry) = file.split_once(&format!("name: {}\n", NAMES[person])).expect("the reader");
    let (_, value) = entry.split_once("wrapped_key: ").expect("a wrapped key");
    value.lines().next().expect("a line").to_owned()
}

#[test]
fn one_reader_of_each_of_so_many_groups_opens_the_file() {
    let file = sealed(TEXT, yaml(), &grouped(&[&[0, 1], &[2], &[3, 4]], 2));
    for people in [&[0, 2][..], &[1, 2], &[2, 4], &[1, 3], &[0, 1, 2, 3, 4], &[5, 4, 2]] {
        assert!(opens(&file, people.iter().copied()), "{people:?}");
    }
    for people in [&[][..], &[0], &[2], &[0, 1], &[3, 4], &[5], &[5, 2]] {
        assert!(!opens(&file, people.iter().copied()), "{people:?}");
    }
    let reader = |person: usize| (NAMES[person].to_owned(), PEOPLE[person].1.to_string());
    let group = |opened, people: &[usize]| TriedGroup {
        opened,
        readers: people.iter().map(|&person| reader(person)).collect(),
    };
    let groups = vec![group(false, &[0, 1]), group(true, &[2]), group(false, &[3, 4])];
    let error = opened_by(&file, [2, 5]).expect_err("one group is not enough");
    assert_eq!(error, Error::TooFewKeyGroups { needed: 2, groups });
    assert_eq!(error.to_string(), "1 of its 3 key groups opened (number 2), and 2 are needed");
    let error = opened_by(&file, [5]).expect_err("no group").to_string();
    assert_eq!(error, "no identity matched any of its 3 key groups, and 2 of them are needed");
}

#[test]
fn every_format_has_a_place_for_groups() {
    let plan = grouped(&[&[0], &[1], &[2]], 2);
    for (name, text) in [
        ("yaml", TEXT),
        ("json", "{\"a\": \"CANARY\"}\n"),
        ("json", "[\"CANARY\"]"),
        ("dotenv", "A=CANARY"),
        ("toml", "a = \"CANARY\"\n"),
        ("ini", "[a]\nb = CANARY\n"),
        ("properties", "a.b = CANARY\n"),
        ("binary", "CANARY"),
    ] {
        let file = sealed(text, format(name), &plan);
        let unlock = IdentityUnlock { identities: &identities([0, 2]), interaction: &NoInteraction };
        let decrypted = decrypt(file.as_bytes(), format(name), &unlock).expect("it opens");
        assert_eq!(*decrypted.document.into_plaintext().expect("a plaintext"), text.as_bytes(), "{name}");
        let metadata = status(file.as_bytes(), format(name)).expect("read").expect("encrypted");
        assert!(plan.drift(&metadata).is_empty(), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whoever is in enough groups opens, whoever is not does not; and a rotation changes nothing about that.
    #[test]
    fn enough_groups_and_only_they_open(
        places in proptest::collection::vec(0_usize..4, NAMES.len()),
        threshold in 2_usize..=4,
        present in proptest::collection::btree_set(0..NAMES.len(), 0..=NAMES.len()),
    ) {
        let mut groups: Vec<Vec<usize>> = (0..4).map(|group| (0..NAMES.len()).filter(|&p| places[p] == group).collect()).collect();
        groups.retain(|group| !group.is_empty());
        prop_assume!(groups.len() >= 2);
        let threshold = threshold.min(groups.len());
        let groups: Vec<&[usize]> = groups.iter().map(Vec::as_slice).collect();
        let plan = grouped(&groups, threshold);
        let file = sealed(TEXT, yaml(), &plan);
        let enough = |present: &BTreeSet<usize>| {
            groups.iter().filter(|group| group.iter().any(|person| present.contains(person))).count() >= threshold
        };
        prop_assert_eq!(opens(&file, present.iter().copied()), enough(&present));
        let unlock = IdentityUnlock { identities: &identities(0..NAMES.len()), interaction: &NoInteraction };
        let rotated = rotate(file.as_bytes(), yaml(), &unlock, &NoInteraction).expect("it is rotated").text;
        prop_assert!(plan.drift(&metadata(&rotated)).is_empty());
        prop_assert_eq!(opens(&rotated, present.iter().copied()), enough(&present));
    }
}

#[test]
fn nobody_changes_groups_or_threshold_without_the_data_key() {
    let file = sealed(TEXT, yaml(), &grouped(&[&[0, 1], &[2], &[3, 4]], 3));
    let all = || 0..NAMES.len();
    let refused = |text: &str| opened_by(text, all()).expect_err("it is refused");
    let lowered = replaced(&file, "threshold: 3", "threshold: 2");
    assert_eq!(refused(&lowered), section_unverified(Step::KeyId, "default"));
    let two = sealed(TEXT, yaml(), &grouped(&[&[0, 1], &[2], &[3, 4]], 2));
    // All shares are of one line, so that any more of them give the data key, too.
    let raised = replaced(&two, "threshold: 2", "threshold: 3");
    assert_eq!(refused(&raised), section_unverified(Step::MetadataMac, "default"));
    // Of a group with two readers, one can be told to be in another group: nobody asks that one for a share.
    let moved = replaced(&two, "name: ben\n          group: 1", "name: ben\n          group: 3");
    assert_eq!(opened_by(&moved, [0, 2]).expect_err("refused"), section_unverified(Step::MetadataMac, "default"));
    assert_eq!(opened_by(&moved, [1, 2]).expect_err("refused"), section_unverified(Step::KeyId, "default"));
    // Without groups the shares are no data keys.
    let mut stripped = with_line(&two, "      threshold", |_| String::new());
    for number in 1..=3 {
        stripped = stripped.replace(&format!("          group: {number}\n"), "");
    }
    let error = refused(&stripped).to_string();
    assert!(error.ends_with("does not hold a data key of 32 bytes"), "{error}");
    // And data keys are no shares.
    let mut added = sealed(TEXT, yaml(), &alone(&[0, 1]));
    added = replaced(&added, "      recipients:\n", "      threshold: 2\n      recipients:\n");
    added = replaced(&added, "name: ann\n", "name: ann\n          group: 1\n");
    added = replaced(&added, "name: ben\n", "name: ben\n          group: 2\n");
    let error = refused(&added).to_string();
    assert!(error.ends_with("does not hold a share of a data key of 33 bytes"), "{error}");
}

#[test]
fn no_byte_of_what_says_who_is_needed_may_change() {
    let file = sealed(TEXT, yaml(), &grouped(&[&[0, 1], &[2]], 2));
    let mut at = 0;
    let mut tried = 0;
    for line in file.split_inclusive('\n') {
        if ["threshold:", "group:", "name:"].iter().any(|field| line.contains(field)) {
            for byte in at..at + line.len() - 1 {
                for flip in [0x01, 0x03, 0x04, 0x10, 0x20] {
                    let mut bytes = file.clone().into_bytes();
                    bytes[byte] ^= flip;
                    let text = String::from_utf8(bytes).expect("ASCII stays ASCII");
                    assert!(opened_by(&text, 0..NAMES.len()).is_err(), "{text}");
                    tried += 1;
                }
            }
        }
        at += line.len();
    }
    assert!(tried > 500, "{tried}");
}

#[test]
fn groups_that_are_none_are_refused_before_any_key_is_looked_for() {
    let file = sealed(TEXT, yaml(), &grouped(&[&[0, 1], &[2], &[3, 4]], 2));
    for (old, new, what) in [
        ("threshold: 2", "threshold: 1", "the threshold is less than 2, or more than the number of key groups"),
        ("threshold: 2", "threshold: 4", "the threshold is less than 2, or more than the number of key groups"),
        ("threshold: 2", "threshold: 256", "a field is not a number from 1 to 255"),
        ("threshold: 2", "threshold: 02", "a field is not a number from 1 to 255"),
        ("threshold: 2\n", "threshold: []\n", "a number was expected"),
        ("      threshold: 2\n", "", "a recipient has a group where there is no threshold"),
        ("          group: 2\n", "", "a recipient has no group where there is a threshold"),
        ("group: 2", "group: 4", "the key groups are not numbered from 1 without gaps"),
        ("group: 2", "group: 0", "a field is not a number from 1 to 255"),
    ] {
        let line = |error: &Error| matches!(error, Error::Metadata { what: found, .. } if *found == what);
        let error = status(replaced(&file, old, new).as_bytes(), yaml()).expect_err("it is refused");
        assert!(line(&error), "{old} → {new}: {error}");
    }
}

#[test]
fn a_reader_who_comes_gets_a_share_of_a_new_split_and_the_data_key_stays() {
    let old = sealed(TEXT, yaml(), &grouped(&[&[0], &[1]], 2));
    for plan in [grouped(&[&[0, 2], &[1]], 2), grouped(&[&[0], &[1], &[2]], 2)] {
        let new = updated(&old, &plan, &[0, 1]);
        let gained = Access {
            group: plan.key_groups.as_ref().and_then(|groups| groups.group_of(&reader(2).1)),
            section: "default".into(),
            name: "cid".into(),
            recipient: reader(2).1.to_string(),
        };
        assert_eq!(new.drift.gained, [gained]);
        assert!(!new.new_data_key);
        assert_eq!(parts(&old).0, parts(&new.text).0);
        assert_eq!(default(&old).key_id, default(&new.text).key_id);
        assert!(opens(&new.text, [0, 1]) && opens(&new.text, [1, 2]) && !opens(&new.text, [2]));
        // One share of the old split and one of the new.
        assert_ne!(wrapped_key(&old, 0), wrapped_key(&new.text, 0));
        let mixed = replaced(&new.text, &wrapped_key(&new.text, 1), &wrapped_key(&old, 1));
        assert_eq!(opened_by(&mixed, [0, 1]).expect_err("refused"), section_unverified(Step::KeyId, "default"));
    }
}

#[test]
fn another_name_keeps_the_shares() {
    let old = sealed(TEXT, yaml(), &grouped(&[&[0], &[1]], 2));
    let mut plan = grouped(&[&[0], &[1]], 2);
    plan.recipients[0].0 = "zoe".into();
    let new = updated(&old, &plan, &[0, 1]);
    assert!(!new.new_data_key && new.drift.renamed.len() == 1);
    let shares = |file: &str| default(file).readers.into_iter().map(|reader| reader.wrapped_key).collect::<Vec<_>>();
    assert_eq!(shares(&new.text), shares(&old).into_iter().rev().collect::<Vec<_>>(), "sorted by name");
    assert!(opens(&new.text, [0, 1]));
}

#[test]
fn whoever_opens_no_more_leaves_a_new_data_key_behind() {
    let three = grouped(&[&[0, 1], &[2], &[3]], 2);
    let moved = |person: usize, before, after| Moved {
        section: "default".into(),
        name: NAMES[person].into(),
        recipient: reader(person).1.to_string(),
        before,
        after,
    };
    let threshold = |before, after| ThresholdChange { section: "default".into(), before, after };
    for (before, after, moves, thresholds) in [
        (&three, grouped(&[&[0], &[2], &[3]], 2), vec![], vec![]),
        (&three, grouped(&[&[0], &[2, 1], &[3]], 2), vec![moved(1, Some(1), Some(2))], vec![]),
        (&three, grouped(&[&[0, 1], &[2], &[3]], 3), vec![], vec![threshold(Some(2), Some(3))]),
        (
            &three,
            alone(&[0, 1, 2, 3]),
            vec![moved(0, Some(1), None), moved(1, Some(1), None), moved(2, Some(2), None), moved(3, Some(3), None)],
            vec![threshold(Some(2), None)],
        ),
        (
            &alone(&[0, 1, 2, 3]),
            three.clone(),
            vec![moved(0, None, Some(1)), moved(1, None, Some(1)), moved(2, None, Some(2)), moved(3, None, Some(3))],
            vec![threshold(None, Some(2))],
        ),
    ] {
        let old = sealed(TEXT, yaml(), before);
        let new = updated(&old, &after, &[0, 1, 2, 3]);
        assert!(new.new_data_key);
        assert_eq!((&new.drift.moved, &new.drift.thresholds), (&moves, &thresholds));
        assert_ne!(default(&old).key_id, default(&new.text).key_id);
        assert!(default(&new.text).follows.is_some() && after.drift(&metadata(&new.text)).is_empty());
        assert!(opens(&new.text, [0, 2, 3]));
        assert_eq!(opens(&new.text, [0, 2]), after.key_groups.is_none_or(|groups| groups.threshold() == 2));
    }
}

#[test]
fn whoever_is_in_too_few_groups_changes_nothing() {
    let old = sealed(TEXT, yaml(), &grouped(&[&[0], &[1], &[2]], 2));
    let identities = identities([0]);
    let unlock = IdentityUnlock { identities: &identities, interaction: &NoInteraction };
    let locked = |result: Result<String, Error>| matches!(result, Err(Error::TooFewKeyGroups { needed: 2, .. }));
    let new = document("a: CANARY-9\n", yaml());
    let plan = alone(&[0]);
    assert!(locked(rotate(old.as_bytes(), yaml(), &unlock, &NoInteraction).map(|new| new.text)));
    assert!(locked(update_keys(old.as_bytes(), yaml(), &plan, &unlock, &NoInteraction).map(|new| new.text)));
    assert!(locked(update_to(old.as_bytes(), &new, &plan, &unlock, &NoInteraction).map(|new| new.text)));
    assert!(locked(replace(old.as_bytes(), &new, &plan, &unlock, &NoInteraction).map(|new| new.text)));
}

#[test]
fn sections_have_groups_of_their_own() {
    const PARTS: &str = "a: CANARY-1\ndb:\n  b: CANARY-2\n";
    let section = |threshold| NewSection {
        name: "db".into(),
        paths: globs(&["db.**"]),
        recipients: vec![reader(0), reader(1), reader(2)],
        key_groups: key_groups(&[&[0], &[1], &[2]], threshold),
    };
    let plan = |threshold| Plan { sections: vec![section(threshold)], ..alone(&[0, 1, 2]) };
    let file = sealed(PARTS, yaml(), &plan(2));
    let warnings = |people: &[usize]| opened_by(&file, people.iter().copied()).expect("it opens").warnings;
    assert_eq!(warnings(&[0, 2]), []);
    assert_eq!(warnings(&[0]), [Warning::SectionLocked { name: "db".into() }]);
    let identities = identities([0, 1]);
    let unlock = IdentityUnlock { identities: &identities, interaction: &NoInteraction };
    let rotated = rotate(file.as_bytes(), yaml(), &unlock, &NoInteraction).expect("it is rotated").text;
    assert!(plan(2).drift(&metadata(&rotated)).is_empty(), "a rotation keeps the groups");
    let new = updated(&file, &plan(3), &[0, 1]);
    let change = ThresholdChange { section: "db".into(), before: Some(2), after: Some(3) };
    assert_eq!((new.drift.thresholds, new.new_data_key), (vec![change], true));
}
