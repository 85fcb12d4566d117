//! Leaves of a YAML file deleted, added, renamed, moved, copied and reordered, while everything is sealed.

use sops_rs::Error;
use sops_rs::error::{Position, Step};

use super::support::{
    opened, plan, refused, replaced, sealed, section_unverified, swapped, token, unverified, with_line, yaml,
};

const TEXT: &str = "\
first: CANARY-1
db:
  user: CANARY-2
  password: CANARY-3
  hosts:
    - CANARY-4
    - CANARY-5
users:
  - name: CANARY-6
    role: CANARY-7
  - name: CANARY-8
    role: CANARY-9
last: CANARY-10
";

fn file() -> String {
    sealed(TEXT, yaml(), &plan())
}

fn start_broken() -> Error {
    section_unverified(Step::Start, "default")
}

fn link_broken(path: &str, line: usize, column: usize) -> Error {
    unverified(Step::Link, path, line, column)
}

fn at(line: usize, column: usize) -> Position {
    Position { line, column }
}

fn without_line(text: &str, start: &str) -> String {
    with_line(text, start, |_| String::new())
}

#[test]
fn an_untouched_file_opens() {
    assert_eq!(opened(&file(), yaml()), TEXT);
}

#[test]
fn two_tokens_swapped() {
    let file = file();
    let bad = swapped(&file, &token(&file, "  user: "), &token(&file, "  password: "));
    assert_eq!(refused(&bad, yaml()), link_broken("first", 1, 8));
    let bad = swapped(&file, &token(&file, "first: "), &token(&file, "last: "));
    assert_eq!(refused(&bad, yaml()), start_broken());
    let bad = swapped(&file, &token(&file, "  - name: "), &token(&file, "  hosts:"));
    assert_eq!(refused(&bad, yaml()), link_broken("db.password", 4, 13));
}

#[test]
fn tokens_of_two_list_items_swapped() {
    let file = file();
    let second = file.find("  hosts:\n").expect("the list") + "  hosts:\n    - ".len();
    let (first, second) = (token(&file[second..], ""), token(&file[second + 9..], "- "));
    assert_eq!(refused(&swapped(&file, &first, &second), yaml()), link_broken("db.password", 4, 13));
}

#[test]
fn a_leaf_deleted() {
    let file = file();
    assert_eq!(refused(&without_line(&file, "first: "), yaml()), start_broken());
    assert_eq!(refused(&without_line(&file, "  password: "), yaml()), link_broken("db.user", 3, 9));
    assert_eq!(refused(&without_line(&file, "last: "), yaml()), link_broken("users[1].role", 12, 11));
}

#[test]
fn all_leaves_deleted() {
    let file = file();
    let block = &file[file.find("sops-rs:\n").expect("a block")..];
    // An empty text is no map, so that its block would stand in a document of its own.
    assert_eq!(refused(&format!("---\n{block}"), yaml()), start_broken());
    assert_eq!(refused(&format!("{{}}\n---\n{block}"), yaml()), start_broken());
    let what = "the block is not attached to this text as it says";
    assert_eq!(refused(block, yaml()), Error::Metadata { line: 1, what });
}

#[test]
fn the_only_leaf_of_a_root_scalar_deleted() {
    let file = sealed("CANARY\n", yaml(), &plan());
    let bad = replaced(&file, &token(&file, ""), "");
    assert_eq!(refused(&bad, yaml()), start_broken());
    let bad = replaced(&file, &format!("{}\n", token(&file, "")), "");
    assert_eq!(refused(&bad, yaml()), start_broken());
    let bad = replaced(&file, &token(&file, ""), "[]");
    assert_eq!(refused(&bad, yaml()), start_broken());
}

#[test]
fn a_leaf_added_in_clear() {
    let bad = with_line(&file(), "  user: ", |line| format!("{line}  admin: true\n"));
    assert_eq!(refused(&bad, yaml()), Error::LeafNotSealed { at: at(4, 10), path: "db.admin".into() });
}

#[test]
fn a_leaf_added_as_a_copy_of_a_token() {
    let file = file();
    let bad = with_line(&file, "last: ", |line| format!("{line}copy: {}\n", token(&file, "  password: ")));
    assert_eq!(refused(&bad, yaml()), Error::DuplicateId { at: at(14, 7) });
}

#[test]
fn a_list_item_duplicated() {
    let file = file();
    let item = format!("    - {}\n", token(&file, "  hosts:"));
    assert_eq!(refused(&replaced(&file, &item, &item.repeat(2)), yaml()), Error::DuplicateId { at: at(7, 7) });
}

#[test]
fn a_key_duplicated() {
    let bad = with_line(&file(), "  password: ", |line| line.repeat(2));
    assert_eq!(refused(&bad, yaml()), Error::DuplicateKey { at: at(5, 3), key: "password".into() });
}

#[test]
fn a_leaf_added_with_a_token_of_another_file() {
    let other = sealed("db:\n  admin: CANARY-11\n", yaml(), &plan());
    let added = format!("  admin: {}\n", token(&other, "  admin: "));
    let bad = with_line(&file(), "  user: ", |line| format!("{line}{added}"));
    assert_eq!(refused(&bad, yaml()), link_broken("db.user", 3, 9));
}

#[test]
fn a_token_replaced_by_one_of_another_file() {
    let other = sealed(TEXT, yaml(), &plan());
    let file = file();
    let bad = replaced(&file, &token(&file, "last: "), &token(&other, "last: "));
    assert_eq!(refused(&bad, yaml()), link_broken("users[1].role", 12, 11));
}

#[test]
fn a_token_replaced_by_plaintext() {
    let file = file();
    for (plain, error) in [
        ("evil", Error::LeafNotSealed { at: at(4, 13), path: "db.password".into() }),
        ("", link_broken("db.user", 3, 9)),
        ("{}", link_broken("db.user", 3, 9)),
        ("[]", link_broken("db.user", 3, 9)),
    ] {
        assert_eq!(refused(&replaced(&file, &token(&file, "  password: "), plain), yaml()), error, "{plain}");
    }
}

#[test]
fn a_key_renamed() {
    let file = file();
    assert_eq!(refused(&replaced(&file, "  password:", "  passwort:"), yaml()), link_broken("db.user", 3, 9));
    assert_eq!(refused(&replaced(&file, "first:", "First:"), yaml()), start_broken());
    assert_eq!(refused(&replaced(&file, "db:\n", "dB:\n"), yaml()), link_broken("first", 1, 8));
}

#[test]
fn two_keys_swapped() {
    let bad = swapped(&file(), "  user:", "  password:");
    assert_eq!(refused(&bad, yaml()), link_broken("first", 1, 8));
}

#[test]
fn a_key_normalised() {
    // é as one character and as two: other bytes, another key.
    let file = sealed("caf\u{e9}: CANARY\n", yaml(), &plan());
    assert_eq!(refused(&replaced(&file, "caf\u{e9}", "cafe\u{301}"), yaml()), start_broken());
}

#[test]
fn the_quotes_of_a_key_changed() {
    let file = sealed("1: CANARY-1\n\"yes\": CANARY-2\n'no': CANARY-3\n", yaml(), &plan());
    assert_eq!(refused(&replaced(&file, "1: ENC", "\"1\": ENC"), yaml()), start_broken());
    assert_eq!(refused(&replaced(&file, "\"yes\":", "yes:"), yaml()), link_broken("1", 1, 4));
    let same = replaced(&replaced(&file, "\"yes\":", "'yes':"), "'no':", "\"\\x6eo\":");
    assert_eq!(opened(&same, yaml()), "1: CANARY-1\n'yes': CANARY-2\n\"\\x6eo\": CANARY-3\n");
}

#[test]
fn a_leaf_moved() {
    let file = file();
    let line = format!("  password: {}\n", token(&file, "  password: "));
    let moved = format!("password: {}\n", token(&file, "  password: "));
    let bad = with_line(&replaced(&file, &line, ""), "last: ", |last| moved.clone() + last);
    assert_eq!(refused(&bad, yaml()), link_broken("db.user", 3, 9));
    // Even to where only the order in its map is another one.
    let bad = with_line(&replaced(&file, &line, ""), "  user: ", |user| line.clone() + user);
    assert_eq!(refused(&bad, yaml()), link_broken("first", 1, 8));
}

#[test]
fn a_map_moved_into_another_one() {
    let bad = replaced(&file(), "users:\n", "  users:\n");
    assert_eq!(refused(&bad, yaml()), link_broken("db.hosts[1]", 7, 7));
}

#[test]
fn a_list_reordered() {
    let file = file();
    let hosts = token(&file, "  hosts:");
    let both = format!("    - {hosts}\n");
    let behind = file.split_once(&both).expect("the first host").1;
    let second = format!("    - {}\n", token(behind, "    - "));
    let bad = replaced(&file, &format!("{both}{second}"), &format!("{second}{both}"));
    assert_eq!(refused(&bad, yaml()), link_broken("db.password", 4, 13));
}

#[test]
fn list_items_regrouped() {
    let file = sealed("- a: CANARY-1\n  b: CANARY-2\n- c: CANARY-3\n", yaml(), &plan());
    let bad = replaced(&replaced(&file, "  b: ", "- b: "), "- c: ", "  c: ");
    assert_eq!(refused(&bad, yaml()), link_broken("[0].a", 1, 6));
}

#[test]
fn an_item_split_in_two() {
    let file = file();
    let role = token(&file, "    role: ");
    let bad = replaced(&file, &format!("    role: {role}"), &format!("  - role: {role}"));
    assert_eq!(refused(&bad, yaml()), link_broken("users[0].name", 9, 11));
}

#[test]
fn a_document_split_in_two() {
    let bad = with_line(&file(), "users:", |line| format!("---\n{line}"));
    assert_eq!(refused(&bad, yaml()), link_broken("db.hosts[1]", 7, 7));
}

#[test]
fn documents_swapped_joined_and_appended() {
    let file = sealed("a: CANARY-1\n---\nb: CANARY-2\n", yaml(), &plan());
    let (a, b) = (format!("a: {}\n", token(&file, "a: ")), format!("b: {}\n", token(&file, "b: ")));
    assert_eq!(refused(&swapped(&file, &a, &b), yaml()), start_broken());
    assert_eq!(refused(&replaced(&file, "---\n", ""), yaml()), link_broken("a", 1, 4));
    assert_eq!(refused(&format!("---\n---\n{file}"), yaml()), start_broken());
    let appended = replaced(&file, "sops-rs:\n", "---\n{}\n---\nsops-rs:\n");
    assert_eq!(refused(&appended, yaml()), link_broken("#1.b", 3, 4));
}

#[test]
fn a_token_where_the_rule_says_clear() {
    let plan = super::support::plan_with_clear(&["open"]);
    let file = sealed("open: CANARY-1\nshut: CANARY-2\n", yaml(), &plan);
    let bad = replaced(&file, "CANARY-1", &token(&file, "shut: "));
    assert_eq!(refused(&bad, yaml()), Error::Token { at: at(1, 7), path: "open".into() });
    let bad = replaced(&file, "CANARY-1", "\"ENC[x\"");
    assert_eq!(refused(&bad, yaml()), Error::Token { at: at(1, 7), path: "open".into() });
}
