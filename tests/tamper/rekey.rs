//! New data keys and new readers: who may make them, what they keep, and what nobody can slip in on the way.

use sops_rs::Error;
use sops_rs::dialect::native::Metadata;
use sops_rs::error::{Position, Step};
use sops_rs::file::{
    Access, NewSection, Plan, PolicyChange, Rekeyed, Renamed, Warning, rotate, status, update_keys, update_to,
};
use sops_rs::keys::{NoInteraction, Recipient, generate_x25519};
use sops_rs::select::{ClearValues, CommentPolicy};

use super::support::{
    Person, alice, assert_silent, bob, decrypt_as, document, globs, opened, parts, plan, plan_with_clear, replaced,
    sealed, section_unverified, token, yaml,
};

const TEXT: &str = "a: CANARY-1\n# CANARY-2\nb: CANARY-3\ndb:\n  c: CANARY-4\n";

fn metadata(file: &str) -> Metadata {
    status(file.as_bytes(), yaml()).expect("it can be read").expect("it is encrypted")
}

fn updated(file: &str, plan: &Plan) -> Result<Rekeyed, Error> {
    update_keys(file.as_bytes(), yaml(), plan, &alice(), &NoInteraction)
}

fn rotated(file: &str, person: &Person) -> Result<Rekeyed, Error> {
    rotate(file.as_bytes(), yaml(), &person, &NoInteraction).inspect_err(assert_silent)
}

fn only_alice() -> Plan {
    Plan { recipients: vec![alice().reader()], ..plan() }
}

fn carol() -> (String, Recipient) {
    ("carol".to_owned(), generate_x25519().1)
}

fn access(section: &str, reader: &(String, Recipient)) -> Access {
    Access { section: section.into(), name: reader.0.clone(), group: None, recipient: reader.1.to_string() }
}

#[test]
fn a_rotation_keeps_readers_and_policy_and_follows_the_old_key() {
    let plan = Plan { comments: CommentPolicy::Clear, ..plan_with_clear(&["b"]) };
    let old = sealed(TEXT, yaml(), &plan);
    let new = rotated(&old, alice()).expect("it is rotated");
    let (before, after) = (metadata(&old), metadata(&new.text));
    assert_eq!(before.policy, after.policy);
    assert!(plan.drift(&after).is_empty());
    assert_ne!(before.sections[0].key_id, after.sections[0].key_id);
    assert_eq!((before.sections[0].follows, after.sections[0].follows.is_some()), (None, true));
    assert_eq!(opened(&new.text, yaml()), TEXT);
    assert_eq!(decrypt_as(bob(), new.text.as_bytes(), yaml()).expect("bob opens it too").document.text(), TEXT);
    assert_eq!((new.cleared, new.warnings), (vec![], vec![]));
}

#[test]
fn a_reader_who_comes_changes_the_block_only() {
    let old = sealed(TEXT, yaml(), &only_alice());
    let carol = carol();
    let plan = Plan { recipients: vec![alice().reader(), carol.clone()], ..plan() };
    let new = updated(&old, &plan).expect("it is updated");
    assert_eq!(new.drift.gained, [access("default", &carol)]);
    assert!(!new.new_data_key && new.drift.lost.is_empty() && new.drift.policy.is_empty());
    assert_eq!(parts(&old).0, parts(&new.text).0);
    let (before, after) = (&metadata(&old).sections[0], &metadata(&new.text).sections[0]);
    assert_eq!((before.key_id, before.start), (after.key_id, after.start));
    assert_eq!(before.readers[0], after.readers[0], "alice keeps her wrapped key");
    assert_eq!(after.readers[1].name, "carol");
    assert_eq!(opened(&new.text, yaml()), TEXT);
}

#[test]
fn another_name_changes_the_block_only() {
    let old = sealed(TEXT, yaml(), &plan());
    let plan = Plan { recipients: vec![("zoe".into(), alice().recipient.clone()), bob().reader()], ..plan() };
    let new = updated(&old, &plan).expect("it is updated");
    let recipient = alice().recipient.to_string();
    let renamed = Renamed { section: "default".into(), before: "alice".into(), after: "zoe".into(), recipient };
    assert_eq!((new.drift.renamed, new.new_data_key), (vec![renamed], false));
    assert_eq!(parts(&old).0, parts(&new.text).0);
    let names: Vec<_> = metadata(&new.text).sections[0].readers.iter().map(|reader| reader.name.clone()).collect();
    assert_eq!(names, ["bob", "zoe"]);
    assert_eq!(opened(&new.text, yaml()), TEXT);
}

#[test]
fn a_reader_who_goes_leaves_a_new_data_key_behind() {
    let old = sealed(TEXT, yaml(), &plan());
    let new = updated(&old, &only_alice()).expect("it is updated");
    assert_eq!(new.drift.lost, [access("default", &bob().reader())]);
    assert!(new.new_data_key);
    assert_ne!(metadata(&old).sections[0].key_id, metadata(&new.text).sections[0].key_id);
    assert_eq!(opened(&new.text, yaml()), TEXT);
    assert!(matches!(decrypt_as(bob(), new.text.as_bytes(), yaml()), Err(Error::NoIdentity { .. })));
}

#[test]
fn every_change_of_the_policy_makes_a_new_data_key() {
    let old = sealed(TEXT, yaml(), &plan());
    let words = |words: &[&str]| Some(words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
    let section = NewSection {
        name: "database".into(),
        paths: globs(&["db.**"]),
        recipients: vec![alice().reader()],
        key_groups: None,
    };
    for (changed, field, before, after) in [
        (plan_with_clear(&["b"]), "clear", words(&[]), words(&["b"])),
        (Plan { comments: CommentPolicy::Clear, ..plan() }, "comments", words(&["encrypt"]), words(&["clear"])),
        (Plan { clear_values: ClearValues::Free, ..plan() }, "clear_values", words(&["pinned"]), words(&["free"])),
        (Plan { sections: vec![section], ..plan() }, "sections.database", None, words(&["db.**"])),
    ] {
        let new = updated(&old, &changed).expect("it is updated");
        assert_eq!(new.drift.policy, [PolicyChange { field: field.into(), before, after }]);
        assert!(new.new_data_key);
        assert_eq!(new.cleared, if field == "clear" { vec!["b".to_owned()] } else { vec![] });
        let lost = if field.starts_with("sections") { vec![access("database", &bob().reader())] } else { vec![] };
        assert_eq!(new.drift.lost, lost);
        assert!(changed.drift(&metadata(&new.text)).is_empty());
        assert_eq!(opened(&new.text, yaml()), TEXT);
    }
}

fn with_database() -> Plan {
    let database = NewSection {
        name: "database".into(),
        paths: globs(&["db.**"]),
        recipients: vec![alice().reader()],
        key_groups: None,
    };
    Plan { sections: vec![database], ..plan() }
}

#[test]
fn whoever_lacks_a_section_cannot_give_it_a_new_key_but_may_let_somebody_in_elsewhere() {
    let old = sealed(TEXT, yaml(), &with_database());
    let locked = || Error::SectionLocked { section: "database".into() };
    assert_eq!(rotated(&old, bob()).map(|new| new.text), Err(locked()));
    let update = |plan: &Plan| update_keys(old.as_bytes(), yaml(), plan, &bob(), &NoInteraction);
    let removed = Plan { recipients: vec![alice().reader()], ..with_database() };
    assert_eq!(update(&removed).map(|new| new.text), Err(locked()));
    let carol = carol();
    let readers = vec![alice().reader(), bob().reader(), carol.clone()];
    let mut wider = Plan { recipients: readers, ..with_database() };
    let new = update(&wider).expect("the default section is his");
    assert_eq!(new.warnings, [Warning::SectionLocked { name: "database".into() }]);
    assert_eq!(opened(&new.text, yaml()), TEXT);
    wider.sections[0].recipients.push(carol);
    assert_eq!(update(&wider).map(|new| new.text), Err(locked()));
}

#[test]
fn a_section_that_goes_gives_the_readers_of_the_rest_access() {
    let old = sealed(TEXT, yaml(), &with_database());
    let new = updated(&old, &plan()).expect("it is updated");
    assert_eq!(new.drift.gained, [access("database", &bob().reader())]);
    assert!(new.new_data_key);
    assert_eq!(decrypt_as(bob(), new.text.as_bytes(), yaml()).expect("bob opens it").document.text(), TEXT);
}

#[test]
fn a_reader_who_was_slipped_in_gets_no_new_key() {
    let old = sealed(TEXT, yaml(), &plan());
    let stranger = generate_x25519().1;
    let forged = replaced(&old, bob().recipient.as_str(), stranger.as_str());
    let refused = section_unverified(Step::MetadataMac, "default");
    assert_eq!(rotated(&forged, alice()).map(|new| new.text), Err(refused.clone()));
    assert_eq!(updated(&forged, &plan()).map(|new| new.text), Err(refused));
}

#[test]
fn a_comment_that_does_not_open_cannot_be_sealed_anew_and_is_no_trouble_to_new_readers() {
    let other = sealed(TEXT, yaml(), &plan());
    let old = sealed(TEXT, yaml(), &only_alice());
    let old = replaced(&old, &token(&old, "# "), &token(&other, "# "));
    let at = Position { line: 2, column: 1 };
    let what = "this sealed comment does not open, so it cannot be sealed anew: remove it first";
    assert_eq!(rotated(&old, alice()).map(|new| new.text), Err(Error::Syntax { at, what }));
    let new = updated(&old, &plan()).expect("it is updated");
    assert_eq!(parts(&old).0, parts(&new.text).0);
    assert_eq!(new.warnings, [Warning::CommentNotOpened { at }]);
}

#[test]
fn a_changed_text_for_a_new_reader_keeps_the_other_tokens() {
    let old = sealed(TEXT, yaml(), &only_alice());
    let new = document(&replaced(TEXT, "CANARY-3", "CANARY-9"), yaml());
    let new = update_to(old.as_bytes(), &new, &plan(), &alice(), &NoInteraction).expect("it is updated").text;
    for key in ["a: ", "# ", "c: "] {
        assert_eq!(token(&old, key), token(&new, key), "{key}");
    }
    assert_ne!(token(&old, "b: "), token(&new, "b: "));
    assert_eq!(decrypt_as(bob(), new.as_bytes(), yaml()).expect("bob opens it").document.text().len(), TEXT.len());
    let same = update_to(new.as_bytes(), &document(&opened(&new, yaml()), yaml()), &plan(), &alice(), &NoInteraction);
    assert_eq!(same.expect("it is updated").text, new);
}

#[test]
fn a_name_that_the_format_refuses_is_not_written() {
    let old = sealed(TEXT, yaml(), &only_alice());
    let plan = Plan { recipients: vec![("a b".into(), alice().recipient.clone())], ..plan() };
    assert!(matches!(updated(&old, &plan), Err(Error::Metadata { .. })));
}

#[test]
fn line_endings_stay_as_they_are() {
    let old = sealed(TEXT, yaml(), &only_alice()).replace('\n', "\r\n");
    let new = updated(&old, &plan()).expect("it is updated").text;
    let body = |text: &str| text[..text.find("sops-rs:").expect("a block")].to_owned();
    assert_eq!(body(&old), body(&new));
    assert_eq!(new.matches('\n').count(), new.matches("\r\n").count());
    assert_eq!(opened(&new, yaml()), TEXT.replace('\n', "\r\n"));
}
