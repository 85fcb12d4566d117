//! The metadata block: every field changed, added, removed, moved and doubled.

use sops_rs::Error;
use sops_rs::error::{Position, Step};
use sops_rs::file::{Plan, replace};
use sops_rs::keys::NoInteraction;
use sops_rs::select::Selection;

use super::support::{
    Person, alice, bob, document, globs, opened, parts, plan, refused, replaced, sealed, section_unverified, swapped,
    yaml,
};

const TEXT: &str = "a: CANARY-1\nb: CANARY-2\n";
const OTHER_SPELLING: &str = "a value is not in the one spelling that is allowed";

/// A file with every field but proposals: it was rotated once, its text has no line break at the end.
fn file() -> String {
    let text = TEXT.trim_end();
    let old = sealed(text, yaml(), &plan());
    let new = replace(old.as_bytes(), &document(text, yaml()), &plan(), &alice(), &NoInteraction);
    new.expect("it can be rotated").text
}

fn mac_broken() -> Error {
    section_unverified(Step::MetadataMac, "default")
}

/// The value of a field that stands once.
fn value<'t>(text: &'t str, field: &str) -> &'t str {
    let behind = text.split_once(&format!("{field}: ")).unwrap_or_else(|| panic!("no {field} in {text}")).1;
    behind.lines().next().unwrap_or_default()
}

/// Another value of the same length in canonical base64.
fn other_base64(text: &str) -> String {
    // The first character decides about quotes.
    format!("{}{}{}", &text[..1], if &text[1..2] == "A" { "B" } else { "A" }, &text[2..])
}

/// The three lines of one reader.
fn entry<'t>(text: &'t str, person: &Person) -> &'t str {
    let start = text.find(&format!("        - name: {}\n", person.name)).expect("a reader");
    let end = text[start..].match_indices('\n').nth(2).expect("three lines").0;
    &text[start..=start + end]
}

#[test]
fn the_file_has_every_field() {
    let file = file();
    let names: Vec<&str> = parts(&file)
        .1
        .lines()
        .map(|line| line.trim_start_matches([' ', '-']).split(':').next().unwrap_or(""))
        .collect();
    let reader = ["name", "recipient", "wrapped_key"];
    let head = ["sops-rs", "version", "comments", "clear_values", "newline", "sections", "default", "start"];
    let fields = ["encrypt", "clear", "key_id", "recipients"];
    assert_eq!(names, [&head[..], &fields, &reader, &reader, &["follows", "mac"]].concat());
    assert_eq!(opened(&file, yaml()), TEXT.trim_end());
}

#[test]
fn every_line_removed() {
    let file = file();
    let (body, block) = parts(&file);
    let lines: Vec<&str> = block.split_inclusive('\n').collect();
    for removed in 1..lines.len() {
        let bad = [&[body], &lines[..removed], &lines[removed + 1..]].concat().concat();
        match (refused(&bad, yaml()), lines[removed].trim_start()) {
            // Those two are optional, so that only the MAC tells.
            (error, "newline: added\n") => assert_eq!(error, mac_broken()),
            (error, line) if line.starts_with("follows") => assert_eq!(error, mac_broken()),
            (Error::Metadata { .. }, _) => {}
            (error, line) => panic!("{error} without {line}"),
        }
    }
}

#[test]
fn every_line_doubled() {
    let file = file();
    let (body, block) = parts(&file);
    let lines: Vec<&str> = block.split_inclusive('\n').collect();
    let first = body.lines().count() + 1;
    for doubled in 1..lines.len() {
        let bad = [&[body], &lines[..=doubled], &lines[doubled..]].concat().concat();
        match refused(&bad, yaml()) {
            Error::Metadata { line, .. } if line == first + doubled + 1 => {}
            // The first of them is an item of its own, without the other fields.
            Error::Metadata { line, .. } if line == first && lines[doubled].contains("- name") => {}
            error => panic!("{error} with {} twice", lines[doubled]),
        }
    }
}

#[test]
fn every_two_lines_swapped() {
    let file = file();
    let (body, block) = parts(&file);
    let lines: Vec<&str> = block.split_inclusive('\n').collect();
    for at in 1..lines.len() - 1 {
        let mut lines = lines.clone();
        lines.swap(at, at + 1);
        let error = refused(&[body, &lines.concat()].concat(), yaml());
        assert!(matches!(error, Error::Metadata { .. }), "{error} with {} before", lines[at]);
    }
}

#[test]
fn a_field_unknown() {
    let file = file();
    let what = "a field is unknown, or not in its place";
    let missing = "a field is missing, unknown, or not in its place";
    for (old, new, what) in [
        ("  version: 1\n", "  version: 1\n  lastmodified: today\n", missing),
        ("      key_id: ", "      unknown: 1\n      key_id: ", missing),
        ("      follows: ", "      unknown: 1\n      follows: ", missing),
        ("sops-rs:\n", "sops-rs:\n  unknown: 1\n", missing),
    ] {
        assert_eq!(refused(&replaced(&file, old, new), yaml()), Error::Metadata { line: 3, what }, "{new}");
    }
    for end in ["  unknown: 1\n", "      unknown: 1\n"] {
        assert_eq!(refused(&format!("{file}{end}"), yaml()), Error::Metadata { line: 3, what }, "{end}");
    }
    let reader = replaced(&file, entry(&file, bob()), &format!("{}          unknown: 1\n", entry(&file, bob())));
    assert_eq!(refused(&reader, yaml()), Error::Metadata { line: 3, what });
}

#[test]
fn a_version_unknown() {
    let file = file();
    let newer = "this version of the format is not known; a newer sops-rs may read it";
    for version in ["2", "0", "10", "1.0", "01", "one"] {
        let bad = replaced(&file, "version: 1\n", &format!("version: {version}\n"));
        assert_eq!(refused(&bad, yaml()), Error::Metadata { line: 3, what: newer }, "{version}");
    }
    for version in ["\"1\"", "'1'", " 1", "1 ", "!!int 1", "+1"] {
        let bad = replaced(&file, "version: 1\n", &format!("version: {version}\n"));
        assert_eq!(refused(&bad, yaml()), Error::Metadata { line: 4, what: OTHER_SPELLING }, "{version}");
    }
}

#[test]
fn the_version_not_first() {
    let bad = swapped(&file(), "  version: 1\n", "  comments: encrypt\n");
    let what = "a field is missing, unknown, or not in its place";
    assert_eq!(refused(&bad, yaml()), Error::Metadata { line: 3, what });
}

#[test]
fn base64_not_canonical() {
    let file = file();
    for field in ["start", "key_id", "follows", "mac"] {
        let good = value(&file, field).trim_matches('"');
        // 43 characters hold 258 bits, of which the last two have to be zero.
        let last = good.chars().next_back().expect("base64");
        let unused = char::from(last as u8 + 1);
        for (bad, what) in [
            (format!("{}{unused}", &good[..42]), "a field is not canonical base64"),
            (format!("{good}="), "a field is not canonical base64"),
            (good[..40].to_owned(), "a field does not hold 32 bytes"),
            (format!("{good}AAAA"), "a field does not hold 32 bytes"),
            (format!("{}.{}", &good[..5], &good[6..]), "a field is not canonical base64"),
        ] {
            // A value that begins with a sign stands in quotes, which are not in the way of the comparison.
            let bad = replaced(&file, good, &bad);
            assert_eq!(refused(&bad, yaml()), Error::Metadata { line: 3, what }, "{field}");
        }
    }
}

#[test]
fn a_field_of_a_section_changed() {
    let file = file();
    for (field, error) in [
        ("start", section_unverified(Step::Start, "default")),
        ("key_id", section_unverified(Step::KeyId, "default")),
        ("follows", mac_broken()),
        ("mac", mac_broken()),
    ] {
        let good = value(&file, field).trim_matches('"');
        let new = other_base64(good);
        assert_eq!(refused(&replaced(&file, good, &new), yaml()), error, "{field}");
    }
}

#[test]
fn a_policy_changed() {
    let file = file();
    for (old, new) in [
        ("  comments: encrypt\n", "  comments: clear\n"),
        ("  clear_values: pinned\n", "  clear_values: free\n"),
        ("encrypt: [\"**\"]", "encrypt: [\"*\"]"),
        ("encrypt: [\"**\"]", "encrypt: [\"**\", \"c\"]"),
        ("clear: []", "clear: [\"c\"]"),
    ] {
        assert_eq!(refused(&replaced(&file, old, new), yaml()), mac_broken(), "{new}");
    }
}

#[test]
fn a2_lists_whose_borders_move() {
    // Neither glob matches anything, so that nothing but the MAC can tell.
    let plan = Plan { selection: Selection { encrypt: globs(&["*", "c"]), clear: vec![] }, ..plan() };
    let file = sealed(TEXT, yaml(), &plan);
    let bad = replaced(&replaced(&file, "[\"*\", \"c\"]", "[\"*\"]"), "clear: []", "clear: [\"c\"]");
    assert_eq!(refused(&bad, yaml()), mac_broken());
    let bad = replaced(&file, "[\"*\", \"c\"]", "[\"c\", \"*\"]");
    assert_eq!(refused(&bad, yaml()), mac_broken());
}

#[test]
fn a_policy_that_frees_a_token_or_seals_a_value() {
    let file = file();
    let bad = replaced(&file, "clear: []", "clear: [\"b\"]");
    let at = Position { line: 2, column: 4 };
    assert_eq!(refused(&bad, yaml()), Error::Token { at, path: "b".into() });
    let file = sealed(TEXT, yaml(), &super::support::plan_with_clear(&["b"]));
    let bad = replaced(&file, "clear: [\"b\"]", "clear: []");
    assert_eq!(refused(&bad, yaml()), Error::LeafNotSealed { at, path: "b".into() });
}

#[test]
fn the_layout_changed() {
    let file = file();
    let what = "the block is not attached to this text as it says";
    assert_eq!(refused(&replaced(&file, "  newline: added\n", ""), yaml()), mac_broken());
    let bad = replaced(&file, "\nsops-rs:\n", "\n\nsops-rs:\n");
    assert_eq!(refused(&bad, yaml()), Error::Metadata { line: 4, what });
    let bad = replaced(&file, "  newline: added\n", "  newline: added\n  wrapped: true\n");
    assert_eq!(refused(&bad, yaml()), Error::Metadata { line: 0, what: "YAML is never wrapped" });
    let bad = replaced(&file, "newline: added", "newline: kept");
    let value = "a flag has another value than the one it can have";
    assert_eq!(refused(&bad, yaml()), Error::Metadata { line: 3, what: value });
    let bad = replaced(&file, "\nsops-rs:\n", "\n---\nsops-rs:\n");
    assert_eq!(refused(&bad, yaml()), Error::Metadata { line: 4, what });
}

#[test]
fn a_recipient_removed() {
    let file = file();
    assert_eq!(refused(&replaced(&file, entry(&file, bob()), ""), yaml()), mac_broken());
    let recipients = vec![(bob().name.to_owned(), bob().recipient.as_str().to_owned())];
    assert_eq!(refused(&replaced(&file, entry(&file, alice()), ""), yaml()), Error::NoIdentity { recipients });
    let without = replaced(&replaced(&file, entry(&file, bob()), ""), entry(&file, alice()), "");
    assert_eq!(refused(&without, yaml()), Error::Metadata { line: 15, what: "a field has no value" });
}

#[test]
fn a_recipient_added() {
    let file = file();
    let mallory = entry(&file, bob()).replace(bob().name, "mallory");
    let twice = replaced(&file, entry(&file, bob()), &[entry(&file, bob()), &mallory].concat());
    assert_eq!(refused(&twice, yaml()), Error::Metadata { line: 3, what: "a recipient stands twice" });
    let stranger = sops_rs::keys::generate_x25519().1;
    let mallory = mallory.replace(bob().recipient.as_str(), stranger.as_str());
    let added = replaced(&file, entry(&file, bob()), &[entry(&file, bob()), &mallory].concat());
    assert_eq!(refused(&added, yaml()), mac_broken());
}

#[test]
fn a_recipient_changed() {
    let file = file();
    let stranger = sops_rs::keys::generate_x25519().1;
    for (old, new) in [
        ("name: bob", "name: bobby"),
        (bob().recipient.as_str(), stranger.as_str()),
        (alice().recipient.as_str(), stranger.as_str()),
    ] {
        assert_eq!(refused(&replaced(&file, old, new), yaml()), mac_broken(), "{old}");
    }
}

#[test]
fn a_wrapped_key_too_long() {
    let file = file();
    let line = file.lines().position(|line| line == "sops-rs:").expect("a block") + 1;
    let of_64_kib = "AAAA".repeat(64 * 1024 / 3) + "AA";
    let with = |key: &str| replaced(&file, value(&file, "wrapped_key"), key);
    let what = "a wrapped key is too long";
    assert_eq!(refused(&with(&(of_64_kib.clone() + "A")), yaml()), Error::Metadata { line, what });
    assert!(!matches!(refused(&with(&of_64_kib), yaml()), Error::Metadata { .. }));
}

#[test]
fn recipients_reordered_or_doubled() {
    let file = file();
    let (alice, bob) = (entry(&file, alice()), entry(&file, bob()));
    let unsorted = "the recipients are not sorted by name, or a name stands twice";
    let bad = replaced(&file, &[alice, bob].concat(), &[bob, alice].concat());
    assert_eq!(refused(&bad, yaml()), Error::Metadata { line: 3, what: unsorted });
    assert_eq!(refused(&replaced(&file, bob, &bob.repeat(2)), yaml()), Error::Metadata { line: 3, what: unsorted });
    assert_eq!(
        refused(&swapped(&file, "name: alice", "name: bob"), yaml()),
        Error::Metadata { line: 3, what: unsorted }
    );
}

#[test]
fn a_name_that_is_none() {
    let file = file();
    let what = "a recipient's name has characters that are not allowed";
    for name in ["bob smith", "bob/x", "\"bob\\n\"", "\"\"", &"b".repeat(65)] {
        let bad = replaced(&file, "name: bob\n", &format!("name: {name}\n"));
        assert_eq!(refused(&bad, yaml()), Error::Metadata { line: 3, what }, "{name}");
    }
}

#[test]
fn a_wrapped_key_changed() {
    let (file, other) = (file(), file());
    let key = |text: &str, person| entry(text, person).rsplit_once(": ").expect("a key").1.trim_end().to_owned();
    // That of another reader can be noticed by its MAC only.
    let bad = replaced(&file, &key(&file, bob()), &key(&other, bob()));
    assert_eq!(refused(&bad, yaml()), mac_broken());
    // One that holds another data key.
    let bad = replaced(&file, &key(&file, alice()), &key(&other, alice()));
    assert_eq!(refused(&bad, yaml()), section_unverified(Step::KeyId, "default"));
    // The same data key, wrapped once more, would be none the worse; but the MAC says which one it was.
    assert_eq!(refused(&swapped(&file, &key(&file, alice()), &key(&file, bob())), yaml()), mac_broken());
}

#[test]
fn two_blocks() {
    let file = file();
    let (body, block) = parts(&file);
    let what = "the root keys `sops` and `sops-rs` are reserved for metadata";
    let reserved = |line| Error::Syntax { at: Position { line, column: 1 }, what };
    assert_eq!(refused(&format!("{body}{block}{block}"), yaml()), reserved(3));
    assert_eq!(refused(&format!("{block}---\n{file}"), yaml()), reserved(1));
    assert_eq!(refused(&format!("{body}\"sops-rs\": 1\n{block}"), yaml()), reserved(3));
    assert_eq!(
        refused(&format!("{body}? sops-rs\n: 1\n{block}"), yaml()),
        Error::Syntax { at: Position { line: 3, column: 3 }, what }
    );
}

#[test]
fn blocks_of_both_dialects() {
    let file = file();
    let (body, block) = parts(&file);
    let what = "the root keys `sops` and `sops-rs` are reserved for metadata";
    let sops = "sops:\n  mac: ENC[AES256_GCM,data:x,type:str]\n";
    let reserved = Error::Syntax { at: Position { line: 3, column: 1 }, what };
    assert_eq!(refused(&format!("{body}{sops}{block}"), yaml()), reserved);
    let behind = Error::Metadata { line: 23, what: "wrong indentation" };
    assert_eq!(refused(&format!("{body}{block}{sops}"), yaml()), behind);
}

#[test]
fn a_block_that_is_not_last() {
    let file = file();
    let line = file.lines().count() + 1;
    for behind in ["a: 1\n", "# CANARY\n", "\n", "...\n", "---\nb: 1\n", "--- # x\n", "- 1\n"] {
        match refused(&format!("{file}{behind}"), yaml()) {
            Error::Metadata { line: found, .. } => assert_eq!(found, line, "{behind:?}"),
            error => panic!("{error} with {behind:?} behind"),
        }
    }
    let (body, block) = parts(&file);
    match refused(&format!("{block}{body}"), yaml()) {
        Error::Metadata { line, .. } => assert_eq!(line, block.lines().count() + 1),
        error => panic!("{error}"),
    }
}

#[test]
fn a_block_in_another_spelling() {
    let file = file();
    for (old, new) in [
        ("sops-rs:\n", "sops-rs:\n  # CANARY\n"),
        ("comments: encrypt\n", "comments: encrypt # CANARY\n"),
        ("comments: encrypt", "comments: \"encrypt\""),
        ("comments: encrypt", "comments: &x encrypt"),
        ("comments: encrypt", "comments: *x"),
        ("comments: encrypt", "comments: !!str encrypt"),
        ("comments: encrypt", "\"comments\": encrypt"),
        ("[\"**\"]", "['**']"),
        ("clear: []", "clear: [ ]"),
        ("clear: []", "clear:"),
        ("  sections:\n", "  sections: {}\n"),
    ] {
        let error = refused(&replaced(&file, old, new), yaml());
        assert!(matches!(error, Error::Metadata { .. }), "{error} for {new:?}");
    }
    for head in ["sops-rs: \n", "\"sops-rs\":\n", "sops-rs: # c\n", "sops-rs: &x\n", "Sops-rs:\n"] {
        assert_eq!(refused(&replaced(&file, "sops-rs:\n", head), yaml()), Error::NotEncrypted, "{head:?}");
    }
}

#[test]
fn a_block_removed_is_not_encrypted() {
    assert_eq!(refused(parts(&file()).0, yaml()), Error::NotEncrypted);
    assert_eq!(refused("", yaml()), Error::NotEncrypted);
}
