//! Lists: merges that are known to be hard, since both sides change what the same link covers in the same way, and
//! every way of putting genuine tokens together.

use sops_rs::select::{ClearValues, CommentPolicy};

use crate::git::{self, Versions};
use crate::person::Person;
use crate::tree::Syntax;
use crate::{PLAIN, SEALED};

/// How the encrypted file merges when the plaintexts do, as they must.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Conflict,
    Same,
}

/// Merges `ours` and `theirs`, which both come from `base`.
fn merge(clear_values: ClearValues, [base, ours, theirs]: [&str; 3]) -> Outcome {
    let person = Person::new(Syntax::Yaml, clear_values, CommentPolicy::Clear);
    let sealed = person.encrypt(base).expect("a file");
    let files = |text: &str| vec![(PLAIN, text.to_owned()), (SEALED, person.update(&sealed, text, 0).expect("a file"))];
    let versions = Versions {
        base: vec![(PLAIN, base.to_owned()), (SEALED, sealed.clone())],
        ours: files(ours),
        theirs: files(theirs),
    };
    let merged = git::merge_all(&[&versions]).remove(0);
    let plain = merged[0].as_deref().expect("the plaintexts merge");
    let Some(sealed) = &merged[1] else { return Outcome::Conflict };
    assert_eq!(person.decrypt(sealed).as_deref(), Ok(plain));
    Outcome::Same
}

/// A list of maps that each end in a line which is not sealed, and a leaf behind it: with list indexes in links, both
/// sides give that leaf the same new index, and the merged list is longer than either knew.
#[test]
fn an_item_at_the_front_and_one_at_the_end() {
    let item = |name: &str| format!("  - name: {name}\n    clear_note: {name}\n");
    let text = |names: &[&str]| {
        let items: String = names.iter().map(|name| item(name)).collect();
        format!("title: t\nusers:\n{items}\nzone: z\n")
    };
    let versions = [text(&["a", "b"]), text(&["a", "b", "c"]), text(&["n", "a", "b"])];
    assert_eq!(merge(ClearValues::Free, versions.each_ref().map(String::as_str)), Outcome::Same);
    assert_eq!(merge(ClearValues::Pinned, versions.each_ref().map(String::as_str)), Outcome::Same);
}

/// Links hold the numbers of documents: both sides give the document behind the new ones the same new number.
#[test]
fn documents_in_which_everything_is_free() {
    let text = |names: &[&str]| {
        let free: String = names.iter().map(|name| format!("clear_kind: {name}\nclear_of: {name}\n---\n")).collect();
        format!("x: 1\n---\n{free}y: 1\n")
    };
    let versions = [text(&["a", "b", "c"]), text(&["a", "n", "b", "c"]), text(&["a", "b", "m", "c"])];
    assert_eq!(merge(ClearValues::Free, versions.each_ref().map(String::as_str)), Outcome::Conflict);
}

/// Empty values are covered even where clear values are free: one more is one more, wherever it was added.
#[test]
fn items_that_a_link_cannot_tell_apart() {
    let item = |name: &str| format!("  - clear_name: {name}\n    note:\n");
    let text = |names: &[&str]| {
        let items: String = names.iter().map(|name| item(name)).collect();
        format!("title: t\nusers:\n{items}\nzone: z\n")
    };
    let versions = [text(&["a", "b", "c"]), text(&["a", "b", "c", "d"]), text(&["n", "a", "b", "c"])];
    assert_eq!(merge(ClearValues::Free, versions.each_ref().map(String::as_str)), Outcome::Conflict);
}

/// The same with pinned values, kept apart by comments, which nothing covers.
#[test]
fn equal_clear_items() {
    let texts =
        ["- s\n# 1\n- \n# 2\n- \n# 3\n", "- s\n# 1\n- \n- \n# 2\n- \n# 3\n", "- s\n# 1\n- \n# 2\n- \n# 3\n- \n"];
    assert_eq!(merge(ClearValues::Pinned, texts), Outcome::Conflict);
}

/// Before the first sealed value it is `start` that covers them.
#[test]
fn equal_clear_items_at_the_start() {
    let texts =
        ["# 1\n- \n# 2\n- \n# 3\n- s\n", "# 1\n- \n- \n# 2\n- \n# 3\n- s\n", "# 1\n- \n# 2\n- \n- \n# 3\n- s\n"];
    assert_eq!(merge(ClearValues::Pinned, texts), Outcome::Conflict);
}

/// One side moves an item with an empty value, which links cover, among items that they do not cover; the link stays
/// the same. The other side adds an empty value to one of those items.
#[test]
fn a_moved_item_and_a_new_empty_value() {
    let text = |items: &str| format!("title: t\nusers:\n{items}\nzone: z\n");
    let base = text("  - clear_a:\n\n  - clear_a: 1\n  - clear_a: 2\n  - clear_a: 3\n");
    let ours = text("  - clear_a:\n\n  - clear_a: 1\n    note:\n  - clear_a: 2\n  - clear_a: 3\n");
    let theirs = text("  - clear_a: 1\n  - clear_a: 2\n  - clear_a: 3\n\n  - clear_a:\n");
    assert_eq!(merge(ClearValues::Free, [&base, &ours, &theirs]), Outcome::Conflict);
}

/// The same with a move that can also be seen as one of the other item.
#[test]
fn two_swapped_items_and_a_deleted_one() {
    let text = |items: &str| format!("title: t\nusers:\n{items}zone: z\n");
    let (empty, other) = ("- clear_a: 1\n  clear_b: 1\n  clear_c:\n", "- clear_a: 2\n  clear_b: 2\n  clear_c: 2\n");
    let [base, ours, theirs] =
        [empty.to_owned() + other, other.to_owned(), other.to_owned() + empty].map(|items| text(&items));
    assert_eq!(merge(ClearValues::Free, [&base, &ours, &theirs]), Outcome::Conflict);
}

/// One side moves a sealed value among lines that no link covers; the other one deletes it, which changes the link before
/// it. If no token changed, git would see one deletion on both sides, and an insertion: the file would hold the value, and
/// the link say that it does not.
#[test]
fn a_moved_value_that_the_other_side_deletes() {
    let free = "clear_a: 1\nclear_b: 2\nclear_c: 3\n";
    let texts = [
        format!("x: 1\n{free}clear_d: 4\ny: 2\n"),
        format!("{free}x: 1\nclear_d: 4\ny: 2\n"),
        format!("{free}clear_d: 4\ny: 2\n"),
    ];
    assert_eq!(merge(ClearValues::Free, texts.each_ref().map(String::as_str)), Outcome::Conflict);
}

/// The same behind another value, with two that move together, and past comments.
#[test]
fn moved_values_that_the_other_side_deletes() {
    for lines in ["clear_a: 1\nclear_b: 2\nclear_c: 3\n", "# a\n# b\n# c\n"] {
        for moved in ["x: 1\n", "x: 1\nz: 1\n"] {
            let texts = [
                format!("w: 0\n{moved}{lines}clear_d: 4\ny: 2\n"),
                format!("w: 0\n{lines}{moved}clear_d: 4\ny: 2\n"),
                format!("w: 0\n{lines}clear_d: 4\ny: 2\n"),
            ];
            assert_eq!(merge(ClearValues::Free, texts.each_ref().map(String::as_str)), Outcome::Conflict, "{texts:?}");
        }
    }
}

/// Every arrangement of the tokens of a list of maps: which of them, in which order, and where items begin.
#[test]
fn only_the_genuine_arrangement_of_tokens_opens() {
    let leaves: &[&str] = if cfg!(debug_assertions) { &["a", "b", "a", "b"] } else { &["a", "b", "a", "b", "a"] };
    let person = Person::new(Syntax::Yaml, ClearValues::Pinned, CommentPolicy::Clear);
    let genuine: Vec<bool> = leaves.iter().map(|key| *key == "a").collect();
    let plain = |key: &&str| format!("{key}: secret");
    let sealed = person.encrypt(&list(&leaves.iter().map(plain).collect::<Vec<_>>(), &genuine)).expect("a file");
    let (body, block) = sealed.split_at(sealed.find("sops-rs:").expect("a block"));
    let tokens: Vec<_> = body.lines().skip(1).map(|line| line[4..].to_owned()).collect();
    let mut tried = 0;
    let mut opened = Vec::new();
    for_arrangements(tokens.len(), &mut Vec::new(), &mut |order| {
        for starts in 0..1_u32 << (order.len() - 1) {
            // The first leaf always begins an item.
            let starts: Vec<_> = (0..order.len()).map(|at| at == 0 || starts >> (at - 1) & 1 == 1).collect();
            let chosen: Vec<_> = order.iter().map(|&number| tokens[number].clone()).collect();
            tried += 1;
            if person.decrypt(&(list(&chosen, &starts) + block)).is_ok() {
                opened.push((order.to_vec(), starts));
            }
        }
    });
    assert_eq!(tried, if leaves.len() == 4 { 316 } else { 3165 });
    assert_eq!(opened, [((0..leaves.len()).collect(), genuine)]);
}

/// A list of maps with these entries; an item begins where `starts` says so.
fn list(entries: &[String], starts: &[bool]) -> String {
    let lines = entries.iter().zip(starts);
    let lines: String = lines.map(|(entry, start)| format!("  {} {entry}\n", if *start { '-' } else { ' ' })).collect();
    format!("list:\n{lines}")
}

/// Calls `visit` with every sequence of different numbers below `count`, but the empty one.
fn for_arrangements(count: usize, order: &mut Vec<usize>, visit: &mut dyn FnMut(&[usize])) {
    for number in 0..count {
        if !order.contains(&number) {
            order.push(number);
            visit(order);
            for_arrangements(count, order, visit);
            order.pop();
        }
    }
}
