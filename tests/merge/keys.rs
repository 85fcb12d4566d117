//! The driver where data keys and readers change: what it must bring about, and what nobody may bring about with it.

use sops_rs::document::Format;
use sops_rs::file::any::Plan;
use sops_rs::file::merge::{ConflictKind, Merged};
use sops_rs::select::{ClearValues, CommentPolicy};

use crate::cases::{Opened, open};
use crate::driver;
use crate::person::{self, Person};
use crate::tree::Syntax;

const BASE: &str = "a: 1\nb: 2\nc: 3\nd: 4\n";
const EDITED: &str = "a: 1\nb: 2\nc: 3\nd: <mark>\n";

fn people() -> [Person; 2] {
    [Person::new(Syntax::Yaml, ClearValues::Pinned, CommentPolicy::Encrypt), Person::of_sops(Syntax::Yaml, false)]
}

/// The tokens of a text.
fn tokens(text: &str) -> Vec<&str> {
    text.split("ENC[").skip(1).map(|rest| rest.split(']').next().unwrap_or_default()).collect()
}

#[test]
fn one_side_rotates_and_the_other_edits() {
    for person in people() {
        let base = person.encrypt(BASE).expect("a file");
        let rotated = person.rotate(&base, 60).expect("a file");
        let edited = person.update(&base, EDITED, 120).expect("a file");
        for [ours, theirs] in [[&rotated, &edited], [&edited, &rotated]] {
            if matches!(person.plan, Plan::Sops(_)) {
                // Nothing in such files proves which data key came first, or whose it is.
                let merged = driver::merge(&person, [&base, ours, theirs]);
                let Ok(Merged::Conflict { conflicts, .. }) = merged else { panic!("{merged:?}") };
                assert_eq!(conflicts[0].kind, ConflictKind::DataKey);
                continue;
            }
            assert_eq!(open(&person, [&base, ours, theirs]), Opened::Clean(EDITED.to_owned()));
            let Ok(Merged::Clean(text)) = driver::merge(&person, [&base, ours, theirs]) else { panic!("a merge") };
            let text = String::from_utf8(text).expect("text");
            assert!(tokens(&text).iter().all(|token| !tokens(&base).contains(token)), "a token of the old data key");
        }
    }
}

/// Whoever was removed holds the data key of the other side, and may have made it. `tests/merge_driver` has what comes of it
/// when somebody vouches for it.
#[test]
fn one_side_removes_a_reader_and_the_other_adds_one_and_edits() {
    for mut person in people() {
        let (gone, new) = (person.other_identity(), person.other_identity());
        person::add_reader(&mut person.plan, "gone", gone.recipient());
        let base = person.encrypt(BASE).expect("a file");
        let mut with_new = person.plan.clone();
        person::add_reader(&mut with_new, "new", new.recipient());
        let mut without = person.plan.clone();
        person::remove_reader(&mut without, gone.recipient());
        let ours = person.update_keys(&base, &without, 60).expect("a file");
        let edited = person.update(&base, EDITED, 120).expect("a file");
        let theirs = person.update_keys(&edited, &with_new, 120).expect("a file");
        for [ours, theirs] in [[&ours, &theirs], [&theirs, &ours]] {
            match (driver::merge(&person, [&base, ours, theirs]), &person.plan) {
                (Ok(Merged::Conflict { conflicts, .. }), Plan::Native(_)) => {
                    assert!(conflicts.iter().any(|conflict| conflict.kind == ConflictKind::DataKey), "{conflicts:?}");
                }
                // The keys of files of SOPS are authenticated by nothing.
                (Ok(Merged::Conflict { .. }) | Err(_), Plan::Sops(_)) => {}
                (merged, _) => panic!("{merged:?}"),
            }
        }
    }
}

/// Somebody without any key puts another file, or another reader, into a branch.
#[test]
fn a_stranger_gains_nothing() {
    for person in people() {
        let mut stranger = person.other_identity();
        let base = person.encrypt(BASE).expect("a file");
        let edited = person.update(&base, EDITED, 60).expect("a file");
        let rotated = person.rotate(&base, 60).expect("a file");
        // A new file for the same reader, and the stranger, who needs no key for that.
        let mut with_stranger = person.plan.clone();
        person::add_reader(&mut with_stranger, "stranger", stranger.recipient());
        stranger.plan.clone_from(&with_stranger);
        let replaced = stranger.encrypt("a: evil\n").expect("a file");
        // And one for nobody but the readers that the file has. In the sops dialect nothing tells that from a new data key,
        // so that it is the rule, which vouches for the readers here, that decides.
        stranger.plan.clone_from(&person.plan);
        let replaced_for_all = stranger.encrypt("a: evil\n").expect("a file");
        let mut pairs = vec![(&edited, &replaced), (&rotated, &replaced)];
        if matches!(person.plan, Plan::Native(_)) {
            pairs.extend([(&edited, &replaced_for_all), (&rotated, &replaced_for_all)]);
        }
        for (ours, replaced) in pairs {
            for versions in [[&base, ours, replaced], [&base, replaced, ours]] {
                let merged = driver::merge(&person, versions.map(String::as_str));
                if let Ok(Merged::Clean(text)) = merged {
                    panic!("a replaced file was merged:\n{}", String::from_utf8_lossy(&text));
                }
            }
        }
        // The reader's name is in the list of readers, without a wrapped key that is one.
        let smuggled = smuggle(&base, stranger.recipient().as_str());
        for ours in [&edited, &rotated] {
            if let Ok(Merged::Clean(text)) = driver::merge(&person, [&base, ours, &smuggled]) {
                let text = String::from_utf8(text).expect("text");
                assert!(stranger.decrypt(&text).is_err(), "the stranger reads the merged file");
            }
        }
    }
}

/// A second reader in the metadata of a YAML file, whose wrapped key is that of the first.
fn smuggle(sealed: &str, recipient: &str) -> String {
    let lines: Vec<_> = sealed.split_inclusive('\n').collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let start = lines.iter().position(|line| line.trim_start().starts_with("- ")).expect("a list of readers");
    let fields = lines[start + 1..].iter().take_while(|line| indent(line) > indent(lines[start])).count();
    let end = start + 1 + fields;
    let copy = lines[start..end].iter().map(|line| match line.split_once("recipient: ") {
        Some((key, _)) => format!("{key}recipient: {recipient}\n"),
        None => line.replace("name: me", "name: zoe"),
    });
    lines[..end].concat() + &copy.collect::<String>() + &lines[end..].concat()
}

#[test]
fn a_changed_token_is_an_error_on_either_side() {
    for person in people() {
        let base = person.encrypt(BASE).expect("a file");
        let edited = person.update(&base, EDITED, 60).expect("a file");
        let (first, second) = (tokens(&base)[0].to_owned(), tokens(&base)[1].to_owned());
        let swapped = base.replacen(&first, "-", 1).replacen(&second, &first, 1).replacen('-', &second, 1);
        for versions in [[&base, &edited, &swapped], [&base, &swapped, &edited]] {
            assert!(!matches!(driver::merge(&person, versions.map(String::as_str)), Ok(Merged::Clean(_))));
        }
    }
}

#[test]
fn one_side_is_the_base_or_both_are_equal() {
    for person in people() {
        let base = person.encrypt(BASE).expect("a file");
        let edited = person.update(&base, EDITED, 60).expect("a file");
        // Nobody's key is needed for that.
        let stranger = person.other_identity();
        for versions in [[&base, &edited, &base], [&base, &base, &edited], [&base, &edited, &edited]] {
            let merged = driver::merge(&stranger, versions.map(String::as_str));
            assert!(matches!(merged, Ok(Merged::Clean(text)) if text == edited.as_bytes()));
        }
    }
}

#[test]
fn both_sides_rotated() {
    for person in people() {
        let base = person.encrypt(BASE).expect("a file");
        let [ours, theirs] = [60, 120].map(|seconds| person.rotate(&base, seconds).expect("a file"));
        // Neither follows the other. Whatever is made of it, nothing is lost.
        if let Ok(Merged::Clean(text)) = driver::merge(&person, [&base, &ours, &theirs]) {
            assert_eq!(person.decrypt(&String::from_utf8(text).expect("text")).as_deref(), Ok(BASE));
        }
    }
}

#[test]
fn without_keys_it_is_what_git_makes() {
    let person = &people()[0];
    let text = |a: &str, z: &str| format!("a: {a}\nb: 2\nc: 3\nd: 4\ne: 5\nz: {z}\n");
    let base = person.encrypt(&text("1", "1")).expect("a file");
    let ours = person.update(&base, &text("<mark1>", "1"), 60).expect("a file");
    let theirs = person.update(&base, &text("1", "<mark2>"), 60).expect("a file");
    let merged = driver::merge_without_key(person, [&base, &ours, &theirs]).expect("a merge");
    let Merged::Clean(merged) = merged else { panic!("a conflict") };
    let merged = String::from_utf8(merged).expect("text");
    assert_eq!(person.decrypt(&merged), Ok(text("<mark1>", "<mark2>")));
    let other = person.update(&base, &text("<mark3>", "1"), 60).expect("a file");
    let merged = driver::merge_without_key(person, [&base, &ours, &other]).expect("a conflict");
    let Merged::Conflict { text, .. } = merged else { panic!("no conflict") };
    assert!(!String::from_utf8_lossy(&text).contains("<mark"));
}

/// Binary files are one value.
#[test]
fn binary_files() {
    let format: &'static dyn Format = sops_rs::document::format_by_name("binary").expect("a format");
    let mut person = Person::new(Syntax::Json, ClearValues::Pinned, CommentPolicy::Encrypt);
    person.format = format;
    let base = person.encrypt("one\ntwo\nthree\nfour\n").expect("a file");
    let ours = person.update(&base, "<mark1>\ntwo\nthree\nfour\n", 60).expect("a file");
    let theirs = person.update(&base, "one\ntwo\nthree\n<mark2>\n", 60).expect("a file");
    match open(&person, [&base, &ours, &theirs]) {
        Opened::Clean(text) => assert_eq!(text, "<mark1>\ntwo\nthree\n<mark2>\n"),
        Opened::Conflict([ours, theirs], _) => {
            assert_eq!([ours.as_str(), theirs.as_str()], ["<mark1>\ntwo\nthree\nfour\n", "one\ntwo\nthree\n<mark2>\n"]);
        }
    }
}
