//! Merges that the driver could get wrong: what both sides did is known, and so is what must not come of it.

use sops_rs::file::merge::Merged;
use sops_rs::select::{ClearValues, CommentPolicy};

use crate::driver::{self, Three, cut};
use crate::person::Person;
use crate::tree::Syntax;

/// What the driver made of a case, opened.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Opened {
    Clean(String),
    /// Both sides of the conflict, and the paths.
    Conflict([String; 2], Vec<String>),
}

/// Encrypts `base` and its two changed versions for both dialects, merges them, and opens the result. Nothing that begins
/// with `<` may stand in it unopened.
fn merge_in_both(syntax: Syntax, texts: Three<'_>) -> Vec<Opened> {
    let native = Person::new(syntax, ClearValues::Pinned, CommentPolicy::Encrypt);
    let mut opened = vec![merge(&native, texts)];
    if !matches!(syntax, Syntax::Properties | Syntax::Toml) {
        opened.push(merge(&Person::of_sops(syntax, false), texts));
    }
    opened
}

fn merge(person: &Person, [base, ours, theirs]: Three<'_>) -> Opened {
    let sealed = person.encrypt(base).expect("a file");
    let [ours, theirs] =
        [(ours, 60), (theirs, 120)].map(|(text, seconds)| person.update(&sealed, text, seconds).expect("a file"));
    open(person, [&sealed, &ours, &theirs])
}

/// Merges encrypted files and opens the result.
pub(crate) fn open(person: &Person, sealed: Three<'_>) -> Opened {
    let merged = driver::merge(person, sealed).expect("a merge or a conflict");
    match merged {
        Merged::Clean(text) => {
            let text = String::from_utf8(text).expect("text");
            assert!(!text.contains("<mark"), "{text}");
            Opened::Clean(person.decrypt(&text).expect("a merged file"))
        }
        Merged::Conflict { text, conflicts } => {
            let text = String::from_utf8(text).expect("text");
            assert!(!text.contains("<mark"), "{text}");
            assert!(!conflicts.is_empty(), "{text}");
            let sides = cut(&text).unwrap_or_else(|| panic!("markers in their order:\n{text}"));
            let paths = conflicts.iter().filter_map(|conflict| conflict.path.clone()).collect();
            Opened::Conflict(sides.map(|side| person.decrypt(&side).expect("a side of a conflict")), paths)
        }
    }
}

#[track_caller]
fn assert_clean(syntax: Syntax, texts: Three<'_>, expected: &str) {
    for opened in merge_in_both(syntax, texts) {
        assert_eq!(opened, Opened::Clean(expected.to_owned()));
    }
}

/// Each side of the conflict holds all of `ours`, or of `theirs`.
#[track_caller]
fn assert_conflict(syntax: Syntax, texts: Three<'_>, [ours, theirs]: [&[&str]; 2]) {
    for opened in merge_in_both(syntax, texts) {
        let Opened::Conflict(sides, _) = opened else { panic!("{opened:?}") };
        for (side, values) in sides.iter().zip([ours, theirs]) {
            assert!(values.iter().all(|value| side.contains(value)), "{side} lacks one of {values:?}");
        }
    }
}

#[test]
fn values_of_neighbouring_lines() {
    let texts = ["a: 1\nb: 2\n", "a: <mark1>\nb: 2\n", "a: 1\nb: <mark2>\n"];
    assert_clean(Syntax::Yaml, texts, "a: <mark1>\nb: <mark2>\n");
    let texts = ["A=1\nB=2\n", "A=<mark1>\nB=2\n", "A=1\nB=<mark2>\n"];
    assert_clean(Syntax::Dotenv, texts, "A=<mark1>\nB=<mark2>\n");
    let texts = ["{\"a\": 1, \"b\": 2}\n", "{\"a\": \"<mark1>\", \"b\": 2}\n", "{\"a\": 1, \"b\": \"<mark2>\"}\n"];
    for opened in merge_in_both(Syntax::Json, texts) {
        let Opened::Clean(text) = opened else { panic!("{opened:?}") };
        // SOPS escapes the brackets.
        let text = text.replace("\\u003c", "<").replace("\\u003e", ">");
        assert_eq!(text.split_whitespace().collect::<String>(), "{\"a\":\"<mark1>\",\"b\":\"<mark2>\"}");
    }
}

#[test]
fn different_keys_at_one_place() {
    let texts = ["a: 1\n", "a: 1\nb: <mark1>\n", "a: 1\nc: <mark2>\n"];
    for opened in merge_in_both(Syntax::Yaml, texts) {
        let Opened::Clean(text) = opened else { panic!("{opened:?}") };
        let mut lines: Vec<_> = text.lines().collect();
        lines.sort_unstable();
        assert_eq!(lines, ["a: 1", "b: <mark1>", "c: <mark2>"]);
    }
}

#[test]
fn one_key_with_two_values() {
    let texts = ["a: 1\nz: 1\n", "b: <mark1>\na: 1\nz: 1\n", "a: 1\nz: 1\nb: <mark2>\n"];
    assert_conflict(Syntax::Yaml, texts, [&["b: <mark1>", "a: 1"], &["b: <mark2>", "a: 1"]]);
    let texts = ["a: 1\nb: 2\nc: 3\n", "a: 1\nb: <mark1>\nc: 3\n", "a: 1\nb: <mark2>\nc: 3\n"];
    assert_conflict(Syntax::Yaml, texts, [&["b: <mark1>"], &["b: <mark2>"]]);
}

/// Git would put the key there twice.
#[test]
fn one_key_with_one_value_at_two_places() {
    let texts = ["a: 1\nm: 1\nz: 1\n", "b: <mark>\na: 1\nm: 1\nz: 1\n", "a: 1\nm: 1\nz: 1\nb: <mark>\n"];
    for opened in merge_in_both(Syntax::Yaml, texts) {
        let texts = match opened {
            Opened::Clean(text) => vec![text],
            Opened::Conflict(sides, _) => sides.to_vec(),
        };
        texts.iter().for_each(|text| assert_eq!(text.matches("b: <mark>").count(), 1, "{text}"));
    }
}

#[test]
fn a_deleted_value_that_was_changed() {
    let texts = ["a: 1\nb: 2\nc: 3\n", "a: 1\nc: 3\n", "a: 1\nb: <mark>\nc: 3\n"];
    assert_conflict(Syntax::Yaml, texts, [&["c: 3"], &["b: <mark>"]]);
    let texts = ["m:\n  a: 1\n  b: 2\nc: 3\n", "c: 3\n", "m:\n  a: 1\n  b: <mark>\nc: 3\n"];
    assert_conflict(Syntax::Yaml, texts, [&["c: 3"], &["b: <mark>"]]);
}

/// The new value may not be lost, under whichever key it is.
#[test]
fn a_renamed_key_whose_value_was_changed() {
    let texts = ["a: 1\nb: 2\nc: 3\n", "a: 1\nnew: 2\nc: 3\n", "a: 1\nb: <mark>\nc: 3\n"];
    never_loses(texts, "<mark>");
    let texts = ["m:\n  a: 1\n  b: 2\nc: 3\n", "new:\n  a: 1\n  b: 2\nc: 3\n", "m:\n  a: 1\n  b: <mark>\nc: 3\n"];
    never_loses(texts, "<mark>");
    never_loses([texts[0], texts[2], texts[1]], "<mark>");
}

#[track_caller]
fn never_loses(texts: Three<'_>, value: &str) {
    for opened in merge_in_both(Syntax::Yaml, texts) {
        let is_there = match &opened {
            Opened::Clean(text) => text.contains(value),
            Opened::Conflict(sides, _) => sides.iter().any(|side| side.contains(value)),
        };
        assert!(is_there, "{opened:?}");
    }
}

#[test]
fn a_moved_entry_whose_value_was_changed() {
    let texts = ["a: 1\nb: 2\nc: 3\nd: 4\n", "b: 2\nc: 3\nd: 4\na: 1\n", "a: <mark>\nb: 2\nc: 3\nd: 4\n"];
    never_loses(texts, "<mark>");
    for opened in merge_in_both(Syntax::Yaml, texts) {
        if let Opened::Clean(text) = opened {
            assert_eq!(text.matches("a: ").count(), 1, "{text}");
        }
    }
}

#[test]
fn items_that_both_sides_append() {
    let texts = ["l:\n- 1\n", "l:\n- 1\n- <mark1>\n", "l:\n- 1\n- <mark2>\n"];
    never_loses(texts, "<mark1>");
    never_loses(texts, "<mark2>");
}

#[test]
fn an_item_that_one_side_deletes_and_the_other_changes() {
    let texts = ["l:\n- 1\n- 2\n- 3\n", "l:\n- 1\n- 3\n", "l:\n- 1\n- <mark>\n- 3\n"];
    assert_conflict(Syntax::Yaml, texts, [&["- 3"], &["- <mark>"]]);
}

/// One side renames a map so that the rule leaves it clear, the other puts a secret below it: the secret is never clear.
#[test]
fn a_secret_below_a_map_that_becomes_clear() {
    let base = "m:\n  a: 1\n  b: 2\nz: 3\n";
    let ours = "clear_m:\n  a: 1\n  b: 2\nz: 3\n";
    let theirs = "m:\n  a: 1\n  b: 2\n  c: <mark>\nz: 3\n";
    never_loses([base, ours, theirs], "<mark>");
    never_loses([base, theirs, ours], "<mark>");
    // `open` has checked that the secret stands nowhere unopened; the same in a list, and the other way round.
    let texts = ["l:\n- a: 1\nz: 3\n", "clear_l:\n- a: 1\nz: 3\n", "l:\n- a: 1\n- a: <mark>\nz: 3\n"];
    never_loses(texts, "<mark>");
    let texts = ["clear_m:\n  a: 1\nz: 3\n", "m:\n  a: 1\nz: 3\n", "clear_m:\n  a: 1\n  c: 4\nz: 3\n"];
    merge_in_both(Syntax::Yaml, texts);
}

#[test]
fn comments_of_both_sides() {
    let texts = ["a: 1\nb: 2\nc: 3\n", "# <mark1>\na: 1\nb: 2\nc: 3\n", "a: 1\nb: 2\n# <mark2>\nc: 3\n"];
    assert_clean(Syntax::Yaml, texts, "# <mark1>\na: 1\nb: 2\n# <mark2>\nc: 3\n");
}

#[test]
fn a_changed_comment_above_an_item_that_moved() {
    let texts = [
        "k: 1\nl:\n- 1\n# <mark1>\n- 2\n- 3\n",
        "l:\n# <mark1>\n- 2\n- 1\n- 3\nk: 1\n",
        "k: 1\nl:\n- 1\n# <mark2>\n- 2\n- 3\n",
    ];
    never_loses(texts, "<mark2>");
}

#[test]
fn both_sides_did_the_same() {
    let texts = ["a: 1\nb: 2\n", "a: <mark>\nb: 2\n", "a: <mark>\nb: 2\n"];
    assert_clean(Syntax::Yaml, texts, "a: <mark>\nb: 2\n");
    let texts = ["a: 1\nb: 2\n", "a: 1\nb: 2\nl: [x]\n", "a: 1\nb: 2\nl: [x]\n"];
    assert_clean(Syntax::Yaml, texts, texts[1]);
}

/// Every format has its own way to say it.
#[test]
fn a_value_and_a_new_entry_in_every_format() {
    let cases = [
        (Syntax::Ini, "[s]\na = 1\nb = 2\n", "[s]\na = <mark>\nb = 2\n", "[s]\na = 1\nb = 2\nc = 3\n"),
        (Syntax::Properties, "a=1\nb=2\n", "a=<mark>\nb=2\n", "a=1\nb=2\nc=3\n"),
        (Syntax::Toml, "[t]\na = 1\nb = 2\n", "[t]\na = '<mark>'\nb = 2\n", "[t]\na = 1\nb = 2\nc = 3\n"),
        (Syntax::Dotenv, "A=1\nB=2\n", "A=<mark>\nB=2\n", "A=1\nB=2\nC=3\n"),
    ];
    for (syntax, base, ours, theirs) in cases {
        let expected = ours.to_owned() + theirs.strip_prefix(base).expect("an appended line");
        for opened in merge_in_both(syntax, [base, ours, theirs]) {
            let Opened::Clean(text) = opened else { panic!("{opened:?}") };
            // SOPS writes INI and dotenv in its own way.
            let squeezed = |text: &str| text.split_whitespace().collect::<String>();
            assert_eq!(squeezed(&text), squeezed(&expected));
        }
    }
}
