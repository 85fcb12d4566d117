//! Pieces of a file's earlier states put into today's: what a new data key ends, and what shows under the same one.

use sops_rs::Error;
use sops_rs::error::Step;
use sops_rs::file::{Plan, replace, status, update};
use sops_rs::keys::NoInteraction;
use sops_rs::select::ClearValues;

use super::support::{
    alice, document, opened, parts, plan, refused, replaced, sealed, section_unverified, token, unverified, yaml,
};

const YESTERDAY: &str = "a: CANARY-1\nb: CANARY-2\nc: CANARY-3\n";

fn updated(file: &str, text: &str) -> String {
    update(file.as_bytes(), &document(text, yaml()), &alice()).expect("it can be updated").text
}

fn rotated(file: &str, text: &str, plan: &Plan) -> String {
    let new = replace(file.as_bytes(), &document(text, yaml()), plan, &alice(), &NoInteraction);
    new.expect("it can be rotated").text
}

fn start_broken() -> Error {
    section_unverified(Step::Start, "default")
}

#[test]
fn a_token_of_an_earlier_data_key() {
    let yesterday = sealed(YESTERDAY, yaml(), &plan());
    let today = rotated(&yesterday, YESTERDAY, &plan());
    let put_back = |key: &str| refused(&replaced(&today, &token(&today, key), &token(&yesterday, key)), yaml());
    assert_eq!(put_back("a: "), start_broken());
    assert_eq!(put_back("b: "), unverified(Step::Link, "a", 1, 4));
    assert_eq!(put_back("c: "), unverified(Step::Link, "b", 2, 4));
}

#[test]
fn an_earlier_seal_under_todays_link() {
    let yesterday = sealed(YESTERDAY, yaml(), &plan());
    let today = updated(&yesterday, &replaced(YESTERDAY, "CANARY-2", "CANARY-9"));
    let seal = |text: &str| token(text, "b: ").rsplit_once(':').expect("a link").0.to_owned();
    let bad = replaced(&today, &seal(&today), &seal(&yesterday));
    assert_eq!(refused(&bad, yaml()), unverified(Step::Link, "b", 2, 4));
    let link = |text: &str| token(text, "b: ").rsplit_once(':').expect("a link").1.to_owned();
    assert_eq!(refused(&replaced(&today, &link(&today), &link(&yesterday)), yaml()), unverified(Step::Link, "b", 2, 4));
}

#[test]
fn an_earlier_token_whose_seams_do_not_fit() {
    let yesterday = sealed(YESTERDAY, yaml(), &plan());
    // A leaf was inserted behind `a`, whose link changed therefore.
    let today = updated(&yesterday, &replaced(YESTERDAY, "b:", "new: CANARY-9\nb:"));
    let bad = replaced(&today, &token(&today, "a: "), &token(&yesterday, "a: "));
    assert_eq!(refused(&bad, yaml()), unverified(Step::Link, "a", 1, 4));
    let bad = replaced(&today, &format!("new: {}\n", token(&today, "new: ")), "");
    assert_eq!(refused(&bad, yaml()), unverified(Step::Link, "a", 1, 4));
}

#[test]
fn yesterdays_metadata_on_todays_body_and_the_reverse_under_update() {
    let yesterday = sealed(YESTERDAY, yaml(), &plan());
    let today = updated(&yesterday, &replaced(YESTERDAY, "a: CANARY-1", "new: CANARY-9\na: CANARY-1"));
    assert_eq!(refused(&[parts(&today).0, parts(&yesterday).1].concat(), yaml()), start_broken());
    assert_eq!(refused(&[parts(&yesterday).0, parts(&today).1].concat(), yaml()), start_broken());
    // Whatever leaves the first leaf in its place does not touch the metadata, so that merges are clean.
    let today = updated(&yesterday, "a: CANARY-9\nc: CANARY-3\nd: CANARY-10\n");
    assert_eq!(parts(&yesterday).1, parts(&today).1);
}

#[test]
fn yesterdays_metadata_on_todays_body_and_the_reverse_under_replace() {
    let yesterday = sealed(YESTERDAY, yaml(), &plan());
    let today = rotated(&yesterday, YESTERDAY, &plan());
    assert_eq!(refused(&[parts(&today).0, parts(&yesterday).1].concat(), yaml()), start_broken());
    assert_eq!(refused(&[parts(&yesterday).0, parts(&today).1].concat(), yaml()), start_broken());
}

#[test]
fn an_earlier_policy_does_not_come_back() {
    let free = Plan { clear_values: ClearValues::Free, ..super::support::plan_with_clear(&["c"]) };
    let yesterday = sealed(YESTERDAY, yaml(), &free);
    let today = rotated(&yesterday, YESTERDAY, &super::support::plan_with_clear(&["c"]));
    let mixed = replaced(&[parts(&today).0, parts(&yesterday).1].concat(), "CANARY-3", "evil");
    assert_eq!(refused(&mixed, yaml()), start_broken());
}

#[test]
fn a_field_of_yesterdays_metadata() {
    let yesterday = sealed(YESTERDAY, yaml(), &plan());
    let today = rotated(&yesterday, YESTERDAY, &plan());
    let field = |text: &str, name: &str| {
        let behind = text.split_once(name).unwrap_or_else(|| panic!("no {name} in {text}")).1;
        behind.lines().next().unwrap_or_default().to_owned()
    };
    for (name, step) in [("  start: ", Step::Start), ("  key_id: ", Step::KeyId), ("  mac: ", Step::MetadataMac)] {
        let bad = replaced(&today, &field(&today, name), &field(&yesterday, name));
        assert_eq!(refused(&bad, yaml()), section_unverified(step, "default"), "{name}");
    }
}

#[test]
fn a_rotation_shows_and_is_proven() {
    let yesterday = sealed(YESTERDAY, yaml(), &plan());
    let today = rotated(&yesterday, YESTERDAY, &plan());
    let section = |text: &str| status(text.as_bytes(), yaml()).expect("metadata").expect("metadata").sections.remove(0);
    assert_ne!(section(&yesterday).key_id, section(&today).key_id);
    assert_eq!(section(&yesterday).follows, None);
    assert!(section(&today).follows.is_some());
    assert_eq!(opened(&today, yaml()), YESTERDAY);
}

#[test]
fn a_forged_file_shows_as_another_key_id() {
    // Anybody may write a new file to the same recipients; it verifies, and that is all.
    let genuine = sealed(YESTERDAY, yaml(), &plan());
    let forged = sealed("a: CANARY-evil\n", yaml(), &plan());
    assert_eq!(opened(&forged, yaml()), "a: CANARY-evil\n");
    let section = |text: &str| status(text.as_bytes(), yaml()).expect("metadata").expect("metadata").sections.remove(0);
    assert_ne!(section(&genuine).key_id, section(&forged).key_id);
    assert_eq!(section(&forged).follows, None);
}

#[test]
fn i8_an_unchanged_leaf_keeps_its_token() {
    let yesterday = sealed(YESTERDAY, yaml(), &plan());
    let today = updated(&yesterday, &replaced(YESTERDAY, "CANARY-2", "CANARY-9"));
    let differing: Vec<(&str, &str)> = yesterday.lines().zip(today.lines()).filter(|(old, new)| old != new).collect();
    let [(old, new)] = differing[..] else { panic!("more than a line changed: {differing:?}") };
    assert!(old.starts_with("b: ") && new.starts_with("b: "));
    // The id stays, so that the leaf before keeps its link.
    assert_eq!(old[..18], new[..18]);
    assert_ne!(old[..30], new[..30]);
    assert_eq!(updated(&today, &replaced(YESTERDAY, "CANARY-2", "CANARY-9")), today, "nothing changed");
}

#[test]
fn i8_a_leaf_keeps_its_seal_when_others_come_and_go() {
    let text = "list:\n  - CANARY-1\n  - CANARY-2\n  - CANARY-3\n# CANARY\nz: CANARY-4\n";
    let yesterday = sealed(text, yaml(), &plan());
    let today = updated(&yesterday, &replaced(text, "  - CANARY-2\n", "  - CANARY-0\n  - CANARY-9\n"));
    let (old, new) = (seals(&yesterday), seals(&today));
    assert_eq!((&new[0], &new[3..]), (&old[0], &old[2..]));
    assert_eq!(parts(&yesterday).1, parts(&today).1);
}

#[test]
fn i8_a_leaf_keeps_its_seal_when_another_is_appended() {
    let yesterday = sealed(YESTERDAY, yaml(), &plan());
    let today = updated(&yesterday, &format!("{YESTERDAY}z: CANARY-9\n"));
    let (old, new) = (seals(&yesterday), seals(&today));
    assert_eq!(new[..old.len()], old);
    assert_eq!(new.len(), old.len() + 1);
}

/// The seals in `text`, in base64.
fn seals(text: &str) -> Vec<String> {
    let tokens = text.split("ENC[1:").skip(1);
    tokens.map(|token| token.split([':', ']']).next().unwrap_or_default().to_owned()).collect()
}
