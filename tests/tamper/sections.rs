//! Files with a section of its own for some of the readers.

use sops_rs::Error;
use sops_rs::error::{Position, Step};
use sops_rs::file::{NewSection, Plan, Warning, encrypt, replace, update};
use sops_rs::keys::NoInteraction;

use super::support::{
    alice, assert_silent, bob, decrypt_as, document, globs, opened, plan, refused, replaced, sealed,
    section_unverified, swapped, token, unverified, yaml,
};

const TEXT: &str = "\
app: CANARY-1
# CANARY-comment
db:
  user: CANARY-2
  password: CANARY-3
  map: {}
last: CANARY-4
";

/// `db` is for alice alone, the rest for bob too.
fn plan_with_database() -> Plan {
    let database = NewSection {
        name: "database".into(),
        paths: globs(&["db.**"]),
        recipients: vec![alice().reader()],
        key_groups: None,
    };
    Plan { sections: vec![database], ..plan() }
}

fn file() -> String {
    sealed(TEXT, yaml(), &plan_with_database())
}

/// The lines of the section `database` in the block.
fn section(file: &str) -> &str {
    &file[file.find("    database:\n").expect("a section")..]
}

#[test]
fn a_reader_of_all_sections_opens_all() {
    let decrypted = decrypt_as(alice(), file().as_bytes(), yaml()).expect("it opens");
    assert_eq!(decrypted.document.text(), TEXT);
    assert_eq!(decrypted.locked_section(), None);
}

#[test]
fn a_reader_of_one_section_sees_the_others_as_tokens() {
    let file = file();
    let decrypted = decrypt_as(bob(), file.as_bytes(), yaml()).expect("it opens");
    let tokens = ["# ", "  user: ", "  password: "].map(|key| token(&file, key));
    let seen = TEXT.replace("# CANARY-comment", &format!("# {}", tokens[0]));
    let seen = seen.replace("CANARY-2", &tokens[1]).replace("CANARY-3", &tokens[2]);
    assert_eq!(decrypted.document.text(), seen);
    assert_eq!(decrypted.warnings, [Warning::SectionLocked { name: "database".into() }]);
    assert_eq!(decrypted.locked_section(), Some("database"));
}

#[test]
fn a_reader_of_one_section_cannot_write_the_whole_file() {
    let new = document(&replaced(TEXT, "CANARY-1", "CANARY-9"), yaml());
    let locked = Error::SectionLocked { section: "database".into() };
    let updated = update(file().as_bytes(), &new, &bob()).expect_err("a section is locked");
    let rotated = replace(file().as_bytes(), &new, &plan_with_database(), &bob(), &NoInteraction);
    let rotated = rotated.expect_err("a section is locked");
    for error in [updated, rotated] {
        assert_silent(&error);
        assert_eq!(error, locked);
    }
}

#[test]
fn a_leaf_moved_between_sections() {
    let file = file();
    let bad = swapped(&file, &token(&file, "app: "), &token(&file, "  user: "));
    assert_eq!(refused(&bad, yaml()), section_unverified(Step::Start, "default"));
    let bad = replaced(&file, "last: ", "db2: ");
    assert_eq!(refused(&bad, yaml()), unverified(Step::Link, "app", 1, 6));
}

#[test]
fn a_change_in_a_section_shows_to_its_readers() {
    let file = file();
    let bad = replaced(&file, "  map: {}\n", "");
    assert_eq!(refused(&bad, yaml()), unverified(Step::Link, "db.password", 5, 13));
    let bad = replaced(&file, "  map: {}\n", "  map: {}\n  tls_verify:\n");
    assert_eq!(refused(&bad, yaml()), unverified(Step::Link, "db.password", 5, 13));
    let bad = swapped(&file, &token(&file, "  user: "), &token(&file, "  password: "));
    assert_eq!(refused(&bad, yaml()), section_unverified(Step::Start, "database"));
    // Whoever lacks its key is not told: nothing of it is opened for them either.
    assert!(decrypt_as(bob(), bad.as_bytes(), yaml()).is_ok());
}

#[test]
fn a_forged_section_shows_to_every_reader() {
    // A data key of the attacker's own, wrapped to the same public recipients, with links and a MAC that verify.
    let (genuine, evil) = (file(), sealed(&TEXT.replace("CANARY-3", "CANARY-evil"), yaml(), &plan_with_database()));
    let mut forged = replaced(&genuine, section(&genuine), section(&evil));
    for key in ["  user: ", "  password: "] {
        forged = replaced(&forged, &token(&forged, key), &token(&evil, key));
    }
    let expected = section_unverified(Step::MetadataMac, "default");
    assert_eq!(refused(&forged, yaml()), expected);
    let error = decrypt_as(bob(), forged.as_bytes(), yaml()).expect_err("the key id is under default's MAC");
    assert_eq!(error, expected);
}

#[test]
fn a_section_added_removed_renamed_or_doubled() {
    let file = file();
    let block = section(&file);
    let without = replaced(&file, block, "");
    assert_eq!(refused(&without, yaml()), section_unverified(Step::MetadataMac, "default"));
    let renamed = replaced(&file, "    database:\n", "    databases:\n");
    assert_eq!(refused(&renamed, yaml()), section_unverified(Step::MetadataMac, "default"));
    let added = format!("{file}{}", block.replace("    database:\n", "    other:\n"));
    assert_eq!(refused(&added, yaml()), section_unverified(Step::MetadataMac, "default"));
    let line = file.lines().count() + 1;
    let doubled = Error::Metadata { line, what: "a field stands twice" };
    assert_eq!(refused(&format!("{file}{block}"), yaml()), doubled);
    let order = Error::Metadata { line: 8, what: "the sections are not `default` and then others by name" };
    for name in ["a_b", "x.y"] {
        let bad = replaced(&file, "    database:\n", &format!("    {name}:\n"));
        let Error::Metadata { .. } = refused(&bad, yaml()) else { panic!("{name}") };
    }
    let unsorted = format!("{file}{}", block.replace("    database:\n", "    aaa:\n"));
    assert_eq!(refused(&unsorted, yaml()), order);
    let swapped = replaced(&file, "    default:\n", "    defaults:\n");
    assert_eq!(refused(&swapped, yaml()), order);
}

#[test]
fn the_paths_of_a_section_changed() {
    let bad = replaced(&file(), "paths: [\"db.**\"]", "paths: [\"db.**\", \"nothing\"]");
    assert_eq!(refused(&bad, yaml()), section_unverified(Step::MetadataMac, "default"));
}

#[test]
fn the_readers_of_a_section_changed() {
    let file = file();
    let start = file.rfind("        - name: alice\n").expect("its reader");
    let renamed = format!("{}{}", &file[..start], file[start..].replacen("alice", "alicia", 1));
    assert_eq!(refused(&renamed, yaml()), section_unverified(Step::MetadataMac, "database"));
}

#[test]
fn a_reader_of_a_section_who_does_not_read_default() {
    let file = file();
    let stranger = sops_rs::keys::generate_x25519().1;
    let start = file.rfind(alice().recipient.as_str()).expect("its reader");
    let bad = format!("{}{}", &file[..start], file[start..].replacen(alice().recipient.as_str(), stranger.as_str(), 1));
    let what = "a recipient of a section is not one of `default`";
    assert_eq!(refused(&bad, yaml()), Error::Metadata { line: 8, what });
}

#[test]
fn a_field_of_another_sort_of_section() {
    let file = file();
    let missing = "a field is missing, unknown, or not in its place";
    for (old, new) in [
        ("      paths: [\"db.**\"]\n", "      encrypt: [\"db.**\"]\n      clear: []\n"),
        ("      clear: []\n", "      paths: []\n"),
    ] {
        let error = Error::Metadata { line: 8, what: missing };
        assert_eq!(refused(&replaced(&file, old, new), yaml()), error, "{new}");
    }
}

#[test]
fn a_list_is_not_split() {
    let what = "a section's paths split this list: a list with all it holds belongs to one section";
    let split = |text: &str, paths: &[&str]| {
        let section =
            NewSection { name: "s".into(), paths: globs(paths), recipients: vec![alice().reader()], key_groups: None };
        let plan = Plan { sections: vec![section], ..plan() };
        let error = encrypt(&document(text, yaml()), &plan, &NoInteraction).expect_err("a list is split");
        assert_silent(&error);
        error
    };
    let text = "users:\n  - name: CANARY-1\n    password: CANARY-2\n";
    let at = Position { line: 3, column: 15 };
    assert_eq!(split(text, &["users[].password"]), Error::Syntax { at, what });
    let text = "l:\n  - [CANARY-1]\n  - {a: CANARY-2, b: {c: CANARY-3}}\n";
    let at = Position { line: 3, column: 9 };
    assert_eq!(split(text, &["l[].a"]), Error::Syntax { at, what });
    // By an outsider, who moves the border of a section in the metadata.
    let text = "users:\n  - name: CANARY-1\n    password: CANARY-2\nz: CANARY-3\n";
    let section =
        NewSection { name: "s".into(), paths: globs(&["z"]), recipients: vec![alice().reader()], key_groups: None };
    let file = sealed(text, yaml(), &Plan { sections: vec![section], ..plan() });
    let bad = replaced(&file, "paths: [\"z\"]", "paths: [\"**.password\"]");
    let at = Position { line: 3, column: 15 };
    assert_eq!(refused(&bad, yaml()), Error::Syntax { at, what });
}

#[test]
fn the_order_of_leaves_of_different_sections_is_admitted() {
    let file = file();
    let last = format!("last: {}\n", token(&file, "last: "));
    let moved = replaced(&file, &last, "");
    let moved = replaced(&moved, "\ndb:\n", &format!("\n{last}db:\n"));
    let text = replaced(&replaced(TEXT, "last: CANARY-4\n", ""), "\ndb:\n", "\nlast: CANARY-4\ndb:\n");
    assert_eq!(opened(&moved, yaml()), text);
}

#[test]
fn nobody_who_reads_default_is_told_names() {
    let stranger = sops_rs::keys::generate_x25519();
    let mut identities = sops_rs::keys::Identities::new();
    identities.add_identity_file(stranger.0.as_bytes(), "stranger").expect("an identity");
    let none = sops_rs::keys::Identities::new();
    let expected = Error::NoIdentity {
        recipients: [alice(), bob()].map(|person| (person.name.into(), person.recipient.as_str().into())).into(),
    };
    for identities in [&identities, &none] {
        let unlock = sops_rs::file::IdentityUnlock { identities, interaction: &NoInteraction };
        let error = sops_rs::file::decrypt(file().as_bytes(), yaml(), &unlock).expect_err("no key fits");
        assert_silent(&error);
        assert_eq!(error, expected);
        assert_eq!(error.to_string(), "no identity matched any of its 2 recipients");
    }
}
