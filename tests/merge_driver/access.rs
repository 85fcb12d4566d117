//! What a merge must not do: give something away, or lose what nobody here can open.

use sops_rs::file::merge::{Labels, Merged, Sides, merge_without_key};
use sops_rs::file::{self, NewSection, Plan};
use sops_rs::keys::{KeyGroups, NoInteraction};
use sops_rs::select::PathGlob;

use super::support::{Outcome, Person, cut, encrypt, format_of, outcome_of, plan};

fn globs(texts: &[&str]) -> Vec<PathGlob> {
    PathGlob::parse_all(texts.iter().copied()).expect("globs")
}

#[test]
fn a_value_that_comes_below_a_clear_path_is_not_given_away() {
    let me = Person::new();
    let mut plan = plan(&[&me]);
    plan.selection.clear = globs(&["public.**"]);
    let base = encrypt("m:\n  a: 1\n  b: 2\nz: 3\n", "yaml", &plan);
    // Renamed here, and added to there: line by line, the new value would stand in clear.
    let ours = me.update(&base, "public:\n  a: 1\n  b: 2\nz: 3\n", "yaml");
    let theirs = me.update(&base, "m:\n  a: 1\n  b: 2\n  c: hunter2\nz: 3\n", "yaml");
    let expected = Outcome::Conflict(
        "public:\n  a: 1\n  b: 2\nz: 3\n".to_owned(),
        "m:\n  a: 1\n  b: 2\n  c: hunter2\nz: 3\n".to_owned(),
        vec!["public.c Exposed".to_owned()],
    );
    for (ours, theirs, swapped) in [(&ours, &theirs, false), (&theirs, &ours, true)] {
        let sides = Sides { base: Some(base.as_bytes()), ours: ours.as_bytes(), theirs: theirs.as_bytes() };
        match me.merge(&sides, "yaml", &[]).expect("merged") {
            Merged::Conflict { text, .. } => assert!(!String::from_utf8_lossy(&text).contains("hunter2")),
            Merged::Clean(text) => panic!("{}", String::from_utf8_lossy(&text)),
        }
        if !swapped {
            assert_eq!(outcome_of(&me, "yaml", Some(&base), ours, theirs, &[]), expected);
        }
    }
}

#[test]
fn a_merge_that_leaves_nothing_to_seal_conflicts() {
    let me = Person::new();
    let mut plan = plan(&[&me]);
    plan.selection.clear = globs(&["c"]);
    let base = encrypt("a: 1\nc: 3\nb: 2\n", "yaml", &plan);
    let [ours, theirs] = ["c: 3\nb: 2\n", "a: 1\nc: 3\n"].map(|text| (me.update(&base, text, "yaml"), text.to_owned()));
    let expected = Outcome::Conflict(ours.1, theirs.1, vec![". Layout".to_owned()]);
    assert_eq!(outcome_of(&me, "yaml", Some(&base), &ours.0, &theirs.0, &[]), expected);
}

#[test]
fn no_plaintext_stands_between_conflict_markers() {
    let me = Person::new();
    let base = encrypt("a: x\n# <note>\nb: y\n", "yaml", &plan(&[&me]));
    let ours = me.update(&base, "a: <mine>\n# <note>\nb: y\n", "yaml");
    let theirs = me.update(&base, "a: <yours>\n# <other note>\nb: y\n", "yaml");
    let sides = Sides { base: Some(base.as_bytes()), ours: ours.as_bytes(), theirs: theirs.as_bytes() };
    let Merged::Conflict { text, .. } = me.merge(&sides, "yaml", &[]).expect("merged") else { panic!("a conflict") };
    let text = String::from_utf8(text).expect("a text");
    assert!(["<mine>", "<yours>", "<note>", "<other note>"].iter().all(|word| !text.contains(word)), "{text}");
    assert!(text.contains("<<<<<<< ours\na: ENC[1:"), "{text}");
    assert!(text.contains("=======\na: ENC[1:") && text.contains(">>>>>>> theirs\n"), "{text}");
}

#[test]
fn sections_that_do_not_open_are_merged_by_their_tokens() {
    let [me, other] = [(); 2].map(|()| Person::new());
    let section = NewSection {
        name: "db".to_owned(),
        paths: globs(&["db.**"]),
        recipients: vec![("p1".to_owned(), other.recipient.clone())],
        key_groups: None,
    };
    let plan = Plan { sections: vec![section], ..plan(&[&me, &other]) };
    let base = encrypt("a: 1\nx: 0\ny: 0\ndb:\n  b: 2\n  c: 3\n  d: 4\n  e: 5\n", "yaml", &plan);
    // `other` opens both sections, and whoever merges only the first one.
    let ours = other.update(&base, "a: 8\nx: 0\ny: 0\ndb:\n  b: 2\n  c: 3\n  d: 4\n  e: 5\n", "yaml");
    let theirs = other.update(&base, "a: 1\nx: 0\ny: 0\ndb:\n  b: 9\n  c: 3\n  d: 4\n  e: 5\n", "yaml");
    let text = match me.merge(
        &Sides { base: Some(base.as_bytes()), ours: ours.as_bytes(), theirs: theirs.as_bytes() },
        "yaml",
        &[],
    ) {
        Ok(Merged::Clean(text)) => text,
        other => panic!("{other:?}"),
    };
    let opened = other.open(&text, "yaml").expect("opened");
    assert_eq!(opened, "a: 8\nx: 0\ny: 0\ndb:\n  b: 9\n  c: 3\n  d: 4\n  e: 5\n");
}

#[test]
fn key_groups_stay_and_their_readers_are_merged() {
    let [a, b, c] = [(); 3].map(|()| Person::new());
    let both = Person::of(&[&a, &b]);
    let groups = |second: &[&Person]| {
        let second = second.iter().map(|person| person.recipient.clone()).collect();
        KeyGroups::new(2, vec![vec![a.recipient.clone()], second]).expect("groups")
    };
    let base_plan = Plan { key_groups: Some(groups(&[&b])), ..plan(&[&a, &b]) };
    let base = encrypt("a: 1\nb: 2\n", "yaml", &base_plan);
    let ours = both.update(&base, "a: 9\nb: 2\n", "yaml");
    let wider = Plan { key_groups: Some(groups(&[&b, &c])), ..plan(&[&a, &b, &c]) };
    let theirs = both.update(&base, "a: 1\nb: 8\n", "yaml");
    let theirs = file::update_keys(theirs.as_bytes(), format_of("yaml"), &wider, &both.unlock(), &NoInteraction);
    let theirs = theirs.expect("re-keyed").text;
    let sides = Sides { base: Some(base.as_bytes()), ours: ours.as_bytes(), theirs: theirs.as_bytes() };
    let Merged::Clean(text) = both.merge(&sides, "yaml", &[]).expect("merged") else { panic!("a clean merge") };
    for pair in [Person::of(&[&a, &b]), Person::of(&[&a, &c])] {
        assert_eq!(pair.open(&text, "yaml").expect("opened"), "a: 9\nb: 8\n");
    }
    assert!([&a, &b, &c, &Person::of(&[&b, &c])].iter().all(|few| few.open(&text, "yaml").is_err()));
}

#[test]
fn without_a_key_lines_are_merged_and_read_again() {
    let me = Person::new();
    let base = encrypt("a: 1\nb: 2\nc: 3\nd: 4\n", "yaml", &plan(&[&me]));
    let ours = me.update(&base, "a: 9\nb: 2\nc: 3\nd: 4\n", "yaml");
    let theirs = me.update(&base, "a: 1\nb: 2\nc: 3\nd: 8\n", "yaml");
    let merge = |ours: &str, theirs: &str| {
        let sides = Sides { base: Some(base.as_bytes()), ours: ours.as_bytes(), theirs: theirs.as_bytes() };
        merge_without_key(&sides, format_of("yaml"), &Labels::default()).expect("merged")
    };
    let Merged::Clean(text) = merge(&ours, &theirs) else { panic!("a clean merge") };
    assert_eq!(me.open(&text, "yaml").expect("opened"), "a: 9\nb: 2\nc: 3\nd: 8\n");
    // One token twice: what git would call clean is none.
    let line = base.lines().nth(1).expect("a line").replacen("b:", "e:", 1);
    let copied = base.replacen("sops-rs:", &format!("{line}\nsops-rs:"), 1);
    let Merged::Conflict { text, .. } = merge(&ours, &copied) else { panic!("a conflict") };
    assert_eq!(cut(&String::from_utf8(text).expect("a text")), [ours.clone(), copied]);
    // Nothing to do.
    let Merged::Clean(text) = merge(&base, &theirs) else { panic!("a clean merge") };
    assert_eq!(text, theirs.as_bytes());
}

#[test]
fn a_base_that_does_not_open_does_not_matter_to_a_merge_of_lines() {
    let [me, old] = [(); 2].map(|()| Person::new());
    let text = "a: 1\nb: 2\nc: 3\nd: 4\n";
    let base = encrypt(text, "yaml", &plan(&[&old]));
    let named = |name: &str, person: &Person| (name.to_owned(), person.recipient.clone());
    let wider = Plan::for_recipients([named("p0", &old), named("p1", &me)]);
    let widened = file::update_keys(base.as_bytes(), format_of("yaml"), &wider, &old.unlock(), &NoInteraction);
    let widened = widened.expect("re-keyed").text;
    let (ours, theirs) = (
        me.update(&widened, "a: 9\nb: 2\nc: 3\nd: 4\n", "yaml"),
        me.update(&widened, "a: 1\nb: 2\nc: 3\nd: 8\n", "yaml"),
    );
    let merged = Outcome::Clean("a: 9\nb: 2\nc: 3\nd: 8\n".to_owned());
    assert_eq!(outcome_of(&me, "yaml", Some(&base), &ours, &theirs, &[]), merged);
    // In a conflict each side is as it was.
    let theirs = me.update(&widened, "a: 7\nb: 2\nc: 3\nd: 8\n", "yaml");
    let conflict =
        Outcome::Conflict("a: 9\nb: 2\nc: 3\nd: 4\n".to_owned(), "a: 7\nb: 2\nc: 3\nd: 8\n".to_owned(), vec![]);
    assert_eq!(outcome_of(&me, "yaml", Some(&base), &ours, &theirs, &[]), conflict);
}
