//! Merges of files whose data keys, readers, policies or dialects differ.

use sops_rs::document::sops::Store;
use sops_rs::file::merge::{Conflict, Merged, Sides};
use sops_rs::file::{self, Plan};
use sops_rs::keys::NoInteraction;
use sops_rs::select::PathGlob;

use super::support::{Outcome, Person, encrypt, encrypt_sops, format_of, outcome_of, plan};

const BASE: &str = "a: one\nb: two\nc: three\n";
const OURS: &str = "a: ours\nb: two\nc: three\n";
const THEIRS: &str = "a: one\nb: two\nc: theirs\n";
const MERGED: &str = "a: ours\nb: two\nc: theirs\n";

fn rotate(me: &Person, text: &str) -> String {
    file::rotate(text.as_bytes(), format_of("yaml"), &me.unlock(), &NoInteraction).expect("rotated").text
}

fn to(me: &Person, text: &str, plan: &Plan) -> String {
    file::update_keys(text.as_bytes(), format_of("yaml"), plan, &me.unlock(), &NoInteraction).expect("re-keyed").text
}

fn merged(me: &Person, base: &str, ours: &str, theirs: &str) -> String {
    let sides = Sides { base: Some(base.as_bytes()), ours: ours.as_bytes(), theirs: theirs.as_bytes() };
    match me.merge(&sides, "yaml", &[]).expect("merged") {
        Merged::Clean(text) => String::from_utf8(text).expect("a text"),
        Merged::Conflict { conflicts, .. } => panic!("{conflicts:?}"),
    }
}

/// What conflicts.
fn conflicts(merged: Merged) -> Vec<String> {
    let Merged::Conflict { conflicts, .. } = merged else { return Vec::new() };
    let conflict = |conflict: &Conflict| format!("{} {:?}", conflict.path.as_deref().unwrap_or("."), conflict.kind);
    conflicts.iter().map(conflict).collect()
}

/// The token behind a key.
fn token<'t>(text: &'t str, key: &str) -> &'t str {
    let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(": "));
    line.expect("a line")
}

/// The same without its link.
fn seal<'t>(text: &'t str, key: &str) -> &'t str {
    token(text, key).rsplit_once(':').expect("a link").0
}

#[test]
fn i8_each_value_keeps_the_token_of_the_side_that_changed_it() {
    let me = Person::new();
    let base = encrypt(BASE, "yaml", &plan(&[&me]));
    let (ours, theirs) = (me.update(&base, OURS, "yaml"), me.update(&base, THEIRS, "yaml"));
    let text = merged(&me, &base, &ours, &theirs);
    assert_eq!(me.open(text.as_bytes(), "yaml").expect("opened"), MERGED);
    assert_eq!(token(&text, "a"), token(&ours, "a"));
    assert_eq!(token(&text, "b"), token(&base, "b"));
    assert_eq!(token(&text, "c"), token(&theirs, "c"));
}

#[test]
fn the_newer_data_key_is_taken_when_one_side_rotated() {
    let me = Person::new();
    let base = encrypt(BASE, "yaml", &plan(&[&me]));
    let (ours, theirs) = (me.update(&base, OURS, "yaml"), me.update(&base, THEIRS, "yaml"));
    let rotated = rotate(&me, &theirs);
    for (ours, theirs) in [(&ours, &rotated), (&rotated, &ours)] {
        let text = merged(&me, &base, ours, theirs);
        assert_eq!(me.open(text.as_bytes(), "yaml").expect("opened"), MERGED);
        assert_eq!(seal(&text, "b"), seal(&rotated, "b"));
        assert_eq!(seal(&text, "c"), seal(&rotated, "c"));
        assert_eq!(token(&text, "      key_id"), token(&rotated, "      key_id"));
    }
}

#[test]
fn a_third_data_key_is_made_when_both_sides_rotated() {
    let me = Person::new();
    let base = encrypt(BASE, "yaml", &plan(&[&me]));
    let ours = rotate(&me, &me.update(&base, OURS, "yaml"));
    let theirs = rotate(&me, &me.update(&base, THEIRS, "yaml"));
    let text = merged(&me, &base, &ours, &theirs);
    assert_eq!(me.open(text.as_bytes(), "yaml").expect("opened"), MERGED);
    let key_id = token(&text, "      key_id");
    assert!(![&base, &ours, &theirs].iter().any(|side| token(side, "      key_id") == key_id));
}

#[test]
fn readers_that_come_come_and_one_that_goes_goes() {
    let [me, old, new] = [(); 3].map(|()| Person::new());
    let base = encrypt(BASE, "yaml", &plan(&[&me, &old]));
    let with_new = to(
        &me,
        &me.update(&base, OURS, "yaml"),
        &Plan::for_recipients([
            ("p0".to_owned(), me.recipient.clone()),
            ("p1".to_owned(), old.recipient.clone()),
            ("p2".to_owned(), new.recipient.clone()),
        ]),
    );
    let without_old = to(&me, &me.update(&base, THEIRS, "yaml"), &plan(&[&me]));
    let confirmed = [&new.recipient];
    for (ours, theirs) in [(&with_new, &without_old), (&without_old, &with_new)] {
        let sides = Sides { base: Some(base.as_bytes()), ours: ours.as_bytes(), theirs: theirs.as_bytes() };
        // Whoever was removed holds the data key of the other side, and may have made it: named and all.
        assert_eq!(conflicts(me.merge(&sides, "yaml", &confirmed).expect("merged")), ["default DataKey"]);
        assert_eq!(conflicts(me.merge_vouched(&sides, "yaml", &[])), ["p2 Gained"]);
        let Merged::Clean(text) = me.merge_vouched(&sides, "yaml", &confirmed) else { panic!("a clean merge") };
        assert_eq!(me.open(&text, "yaml").expect("opened"), MERGED);
        assert_eq!(new.open(&text, "yaml").expect("opened"), MERGED);
        assert!(old.open(&text, "yaml").is_err());
    }
}

#[test]
fn a_reader_who_comes_with_an_older_data_key_has_to_be_confirmed() {
    let [me, new] = [(); 2].map(|()| Person::new());
    let base = encrypt(BASE, "yaml", &plan(&[&me]));
    let ours = rotate(&me, &me.update(&base, OURS, "yaml"));
    let theirs = to(&me, &me.update(&base, THEIRS, "yaml"), &plan(&[&me, &new]));
    let sides = Sides { base: Some(base.as_bytes()), ours: ours.as_bytes(), theirs: theirs.as_bytes() };
    assert_eq!(conflicts(me.merge(&sides, "yaml", &[]).expect("merged")), ["p1 Gained"]);
    let Merged::Clean(text) = me.merge(&sides, "yaml", &[&new.recipient]).expect("merged") else { panic!("clean") };
    assert_eq!(new.open(&text, "yaml").expect("opened"), MERGED);
    // Under one data key everybody who has it may name others.
    let ours = me.update(&base, OURS, "yaml");
    assert_eq!(new.open(merged(&me, &base, &ours, &theirs).as_bytes(), "yaml").expect("opened"), MERGED);
    // Where both sides made new data keys, too.
    let (ours, theirs) = (rotate(&me, &ours), rotate(&me, &theirs));
    let sides = Sides { base: Some(base.as_bytes()), ours: ours.as_bytes(), theirs: theirs.as_bytes() };
    assert_eq!(conflicts(me.merge(&sides, "yaml", &[]).expect("merged")), ["p1 Gained"]);
}

#[test]
fn two_removals_make_a_data_key_that_neither_knows() {
    let [me, a, b] = [(); 3].map(|()| Person::new());
    let base = encrypt(BASE, "yaml", &plan(&[&me, &a, &b]));
    let named = |name: &str, person: &Person| (name.to_owned(), person.recipient.clone());
    let ours = to(&me, &base, &Plan::for_recipients([named("p0", &me), named("p1", &a)]));
    let theirs = to(&me, &base, &Plan::for_recipients([named("p0", &me), named("p2", &b)]));
    let ours = me.update(&ours, OURS, "yaml");
    let sides = Sides { base: Some(base.as_bytes()), ours: ours.as_bytes(), theirs: theirs.as_bytes() };
    assert_eq!(conflicts(me.merge(&sides, "yaml", &[]).expect("merged")), ["default DataKey"]);
    let Merged::Clean(text) = me.merge_vouched(&sides, "yaml", &[]) else { panic!("a clean merge") };
    assert_eq!(me.open(&text, "yaml").expect("opened"), OURS);
    assert!(a.open(&text, "yaml").is_err() && b.open(&text, "yaml").is_err());
}

#[test]
fn a_file_put_in_the_place_of_another_gets_nothing_of_ours() {
    let [me, stranger] = [(); 2].map(|()| Person::new());
    let base = encrypt(BASE, "yaml", &plan(&[&me]));
    let ours = me.update(&base, OURS, "yaml");
    // Whoever knows the public key of a reader can write such a file.
    let theirs = encrypt(THEIRS, "yaml", &plan(&[&me, &stranger]));
    let outcome = outcome_of(&me, "yaml", Some(&base), &ours, &theirs, &[]);
    let expected = vec!["default DataKey".to_owned()];
    assert_eq!(outcome, Outcome::Conflict(OURS.to_owned(), THEIRS.to_owned(), expected));
    // With the same readers nothing could be given away, but its values would be taken for theirs.
    let theirs = encrypt(THEIRS, "yaml", &plan(&[&me]));
    let outcome = outcome_of(&me, "yaml", Some(&base), &ours, &theirs, &[]);
    let expected = vec!["default DataKey".to_owned()];
    assert_eq!(outcome, Outcome::Conflict(OURS.to_owned(), THEIRS.to_owned(), expected));
    // Somebody may vouch for it, but not without seeing who comes.
    let theirs = encrypt(THEIRS, "yaml", &plan(&[&me, &stranger]));
    let sides = Sides { base: Some(base.as_bytes()), ours: ours.as_bytes(), theirs: theirs.as_bytes() };
    let confirmed = [&me.recipient, &stranger.recipient];
    assert_eq!(conflicts(me.merge(&sides, "yaml", &confirmed).expect("merged")), ["default DataKey"]);
    assert_eq!(conflicts(me.merge_vouched(&sides, "yaml", &[])), ["p1 Gained"]);
    let Merged::Clean(text) = me.merge_vouched(&sides, "yaml", &confirmed) else { panic!("a clean merge") };
    assert_eq!(me.open(&text, "yaml").expect("opened"), MERGED);
}

#[test]
fn a_policy_that_one_side_changed_stays_and_exposes_nothing_new() {
    let me = Person::new();
    let clear = |globs: &[&str]| {
        let mut plan = plan(&[&me]);
        plan.selection.clear = PathGlob::parse_all(globs.iter().copied()).expect("globs");
        plan
    };
    let base = encrypt(BASE, "yaml", &plan(&[&me]));
    let ours = me.update(&base, OURS, "yaml");
    let theirs = to(&me, &me.update(&base, THEIRS, "yaml"), &clear(&["c"]));
    let text = merged(&me, &base, &ours, &theirs);
    assert_eq!(token(&text, "c"), "theirs");
    assert!(token(&text, "a").starts_with("ENC["));
    // What theirs left clear, ours has changed, and sealed.
    let theirs = to(&me, &base, &clear(&["a"]));
    let outcome = outcome_of(&me, "yaml", Some(&base), &ours, &theirs, &[]);
    let conflicts = vec!["a Exposed".to_owned()];
    assert_eq!(outcome, Outcome::Conflict(OURS.to_owned(), BASE.to_owned(), conflicts));
    // Both changed it, otherwise.
    let ours = to(&me, &base, &clear(&["b"]));
    let outcome = outcome_of(&me, "yaml", Some(&base), &ours, &theirs, &[]);
    assert_eq!(outcome, Outcome::Conflict(BASE.to_owned(), BASE.to_owned(), vec![". Policy".to_owned()]));
}

#[test]
fn files_of_sops_merge_under_one_data_key_and_under_a_new_one() {
    let [me, other] = [(); 2].map(|()| Person::new());
    let base = encrypt_sops(BASE, Store::Yaml, &[&me]);
    let (ours, theirs) = (me.update(&base, OURS, "yaml"), me.update(&base, THEIRS, "yaml"));
    let text = merged(&me, &base, &ours, &theirs);
    assert_eq!(me.open(text.as_bytes(), "yaml").expect("opened"), MERGED);
    for (key, side) in [("a", &ours), ("b", &base), ("c", &theirs)] {
        assert_eq!(token(&text, key), token(side, key));
    }
    let both = me.update(&base, "a: x\nb: two\nc: four\n", "yaml");
    let outcome = outcome_of(&me, "yaml", Some(&base), &ours, &both, &[]);
    let sides = ["a: ours\nb: two\nc: four\n", "a: x\nb: two\nc: four\n"].map(str::to_owned);
    let [our_side, their_side] = sides;
    assert_eq!(outcome, Outcome::Conflict(our_side, their_side, vec!["a Changed".to_owned()]));
    // Nothing in such a file proves which data key is the newer one, or whose.
    let theirs = encrypt_sops(THEIRS, Store::Yaml, &[&me, &other]);
    let outcome = outcome_of(&me, "yaml", Some(&base), &ours, &theirs, &[&me.recipient]);
    assert_eq!(outcome, Outcome::Conflict(OURS.to_owned(), THEIRS.to_owned(), vec![". DataKey".to_owned()]));
    let confirmed = [&me.recipient, &other.recipient];
    let conflict = Outcome::Conflict(OURS.to_owned(), THEIRS.to_owned(), vec![". DataKey".to_owned()]);
    assert_eq!(outcome_of(&me, "yaml", Some(&base), &ours, &theirs, &confirmed), conflict);
    let sides = Sides { base: Some(base.as_bytes()), ours: ours.as_bytes(), theirs: theirs.as_bytes() };
    let Merged::Clean(text) = me.merge_vouched(&sides, "yaml", &confirmed) else { panic!("a clean merge") };
    assert_eq!(me.open(&text, "yaml").expect("opened"), MERGED);
}

#[test]
fn a_file_of_sops_that_a_merge_does_not_change_stays_as_it_is() {
    let me = Person::new();
    let base = encrypt_sops(BASE, Store::Yaml, &[&me]);
    let both = me.update(&base, MERGED, "yaml");
    let one = me.update(&base, OURS, "yaml");
    assert_eq!(merged(&me, &base, &both, &one), both);
    assert_eq!(merged(&me, &base, &one, &both), both);
}

#[test]
fn a_file_that_one_side_converted_or_encrypted_stays_so() {
    let me = Person::new();
    let (native, sops) = (encrypt(THEIRS, "yaml", &plan(&[&me])), encrypt_sops(THEIRS, Store::Yaml, &[&me]));
    for (base, ours, theirs, is_native) in [
        (encrypt_sops(BASE, Store::Yaml, &[&me]), encrypt_sops(OURS, Store::Yaml, &[&me]), &native, true),
        (encrypt(BASE, "yaml", &plan(&[&me])), encrypt(OURS, "yaml", &plan(&[&me])), &sops, false),
        (BASE.to_owned(), OURS.to_owned(), &native, true),
        (BASE.to_owned(), OURS.to_owned(), &sops, false),
    ] {
        let sides = Sides { base: Some(base.as_bytes()), ours: ours.as_bytes(), theirs: theirs.as_bytes() };
        match me.merge_vouched(&sides, "yaml", &[&me.recipient]) {
            Merged::Clean(text) => {
                assert_eq!(me.open(&text, "yaml").expect("opened"), MERGED);
                let text = String::from_utf8(text).expect("a text");
                assert_eq!(text.contains("\nsops-rs:"), is_native, "{text}");
            }
            Merged::Conflict { conflicts, .. } => panic!("{conflicts:?}"),
        }
    }
}
