//! Invariant I8: what did not change keeps its token, so that a diff shows what changed.

use std::collections::BTreeMap;

use sops_rs::select::{ClearValues, CommentPolicy};

use crate::edits::{self, Edit};
use crate::layout::Layout;
use crate::person::Person;
use crate::print::print;
use crate::random::Random;
use crate::tree::{self, Style, Syntax, Tree, Value};

/// How many documents of each format.
const DOCUMENTS: u64 = 100;

/// Calls `check` with random documents of every format, their owner, and their encrypted text.
fn for_documents(check: impl Fn(&mut Random, &Tree, &Person, &str)) {
    for syntax in [Syntax::Dotenv, Syntax::Ini, Syntax::Json, Syntax::Properties, Syntax::Toml, Syntax::Yaml] {
        for seed in 0..DOCUMENTS {
            let mut random = Random::new(seed << 1);
            let random = &mut random;
            let style = Style {
                syntax,
                layout: Layout::random(random, syntax),
                comments: 20,
                clear: *random.choose(&[0, 30]),
                empty: 5,
                stream: if syntax == Syntax::Yaml { 20 } else { 0 },
                rich: true,
                uniform: false,
            };
            let size = random.between(5, 40);
            let tree = tree::generate(random, style, size);
            let person = Person::new(syntax, *random.choose(&ClearValues::ALL), *random.choose(&CommentPolicy::ALL));
            // Some documents hold nothing that is sealed.
            let Ok(sealed) = person.encrypt(&print(&tree)) else { continue };
            check(random, &tree, &person, &sealed);
        }
    }
}

/// How many lines of `old` are not in `new`, and how many of `new` are not in `old`.
fn changed_lines(old: &str, new: &str) -> (usize, usize) {
    let mut counts: BTreeMap<&str, isize> = BTreeMap::new();
    old.lines().for_each(|line| *counts.entry(line).or_default() -= 1);
    new.lines().for_each(|line| *counts.entry(line).or_default() += 1);
    let sum = |sign: isize| counts.values().map(|count| (count * sign).max(0).unsigned_abs()).sum();
    (sum(-1), sum(1))
}

#[test]
fn an_equal_plaintext_changes_nothing() {
    for_documents(|_, tree, person, sealed| {
        assert_eq!(person.update(sealed, &print(tree), 0).as_deref(), Ok(sealed));
    });
}

#[test]
fn a_changed_value_changes_one_line() {
    for_documents(|random, tree, person, sealed| {
        let mut edited = tree.clone();
        let mut values = Vec::new();
        for root in &mut edited.documents {
            edits::leaves(root, false, false, &mut |value, clear, _| {
                // Clear values that are pinned take the token before them along.
                if !clear && matches!(value, Value::Lines(_) | Value::Literal(_) | Value::Word(_)) {
                    values.push(value);
                }
            });
        }
        if !values.is_empty() {
            let number = random.below(values.len());
            *values[number] = Value::Word("changed".to_owned());
            let text = print(&edited);
            let updated = person.update(sealed, &text, 0).expect("a file");
            assert_eq!(changed_lines(sealed, &updated), (1, 1), "{}=====\n{text}", print(tree));
        }
    });
}

#[test]
fn a_changed_clear_value_changes_two_lines_more_at_most() {
    edit_changes_few_lines(&[Edit::ChangeClear]);
}

#[test]
fn an_insertion_changes_two_lines_more_at_most() {
    edit_changes_few_lines(&[
        Edit::AppendAtEnd,
        Edit::AppendToMap,
        Edit::Insert,
        Edit::InsertCommented,
        Edit::ItemAppend,
        Edit::ItemInsert,
    ]);
}

#[test]
fn a_deletion_changes_two_lines_more_at_most() {
    edit_changes_few_lines(&[Edit::Delete, Edit::ItemDelete]);
}

fn edit_changes_few_lines(kinds: &[Edit]) {
    for_documents(|random, tree, person, sealed| {
        let kind = *random.choose(kinds);
        let mut edited = tree.clone();
        if tree.style.syntax.is_flat() && !edits::FLAT.contains(&kind) || !edits::apply(random, kind, &mut edited) {
            return;
        }
        let (old, new) = (print(tree), print(&edited));
        // The edit may have taken the anchor of an alias, or the last sealed value.
        let Ok(updated) = person.update(sealed, &new, 0) else { return };
        let (removed, added) = changed_lines(&old, &new);
        let (sealed_removed, sealed_added) = changed_lines(sealed, &updated);
        let is_few = sealed_removed <= removed + 2 && sealed_added <= added + 2;
        assert!(is_few, "{kind:?} -{sealed_removed} +{sealed_added} lines for -{removed} +{added}\n{old}=====\n{new}");
    });
}
