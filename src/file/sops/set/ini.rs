//! Entries and sections of INI that are set and taken out.

use zeroize::Zeroizing;

use super::{Edits, KeyPath, NewValue, Step, Tree, child, find, flat};
use crate::document::block::newline_of;
use crate::document::sops::Store;
use crate::file::sops::block;
use crate::leaf::{PathId, PathTree};

/// `value` in the place of the old one, on a line behind the others of its section, or in a section at the end.
pub(super) fn with(tree: &Tree<'_>, path: &KeyPath, value: &NewValue) -> Option<Zeroizing<String>> {
    let mut edits = Edits::default();
    let newline = newline_of(tree.text);
    match path.steps.as_slice() {
        [name, Step::Key(key)] => match (child(tree, PathTree::ROOT, name), find(tree, path)) {
            (_, Some(at)) => {
                let span = tree.leaf(tree.value_at(at)?).span;
                let blank = if tree.text[..span.start as usize].ends_with(" =") { " " } else { "" };
                edits.replace(span, Zeroizing::new([blank, &spelled(value)?].concat()));
            }
            (Some(section), None) => {
                let (at, before, between) = end_of(tree, section)?;
                edits.insert(at, [before, &entry(key, &spelled(value)?, &between), newline].concat());
            }
            (None, None) => edits.insert(tree.text.len(), section(tree, name, [(key, value)].into_iter())?),
        },
        [name @ Step::Key(_)] => match value {
            NewValue::Map(entries) if child(tree, PathTree::ROOT, name).is_none() => {
                let entries = entries.iter().map(|(key, value)| (key, value));
                edits.insert(tree.text.len(), section(tree, name, entries)?);
            }
            _ => return None,
        },
        _ => return None,
    }
    Some(edits.apply(tree.text))
}

/// The text without the lines of a key, or without a section.
pub(super) fn without(tree: &Tree<'_>, path: &KeyPath) -> Option<Zeroizing<String>> {
    let at = find(tree, path)?;
    let start = tree.key_start(at)?;
    let mut edits = Edits::default();
    if path.steps.len() == 1 {
        edits.remove(block::section(tree, at, start));
    } else {
        let line_start = tree.text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        edits.remove(line_start..line_end(tree.text, tree.leaf(tree.value_at(at)?).span.end as usize));
    }
    Some(edits.apply(tree.text))
}

fn spelled(value: &NewValue) -> Option<String> {
    let text = flat(value)?;
    if text.is_empty() { Some(String::new()) } else { Store::spell_ini(&text).map(|source| source.into_owned()) }
}

/// A further section behind all others.
fn section<'v>(
    tree: &Tree<'_>,
    name: &Step,
    entries: impl Iterator<Item = (&'v String, &'v NewValue)>,
) -> Option<String> {
    let Step::Key(name) = name else { return None };
    let newline = newline_of(tree.text);
    let mut out = match tree.text {
        "" => String::new(),
        text if text.ends_with('\n') => newline.to_owned(),
        _ => newline.repeat(2),
    };
    out.extend(["[", name, "]", newline]);
    for (key, value) in entries {
        out.push_str(&entry(key, &spelled(value)?, " = "));
        out.push_str(newline);
    }
    Some(out)
}

/// Where a further key of `section` goes, what goes before it, and what its last key has between itself and its value.
fn end_of(tree: &Tree<'_>, section: PathId) -> Option<(usize, &'static str, String)> {
    let last = tree.last_child(section);
    let (end, between) = match last {
        None => (tree.key_start(section)?, " = ".to_owned()),
        Some(last) => {
            let value = tree.leaf(tree.value_at(last)?).span;
            let before = &tree.text[tree.key_start(last)?..value.start as usize];
            let key = before.trim_end_matches([' ', '\t']).trim_end_matches(['=', ':']);
            // The column of the sign, then what stands from there to the value.
            let column = key.chars().count();
            let blanks = column - key.trim_end().chars().count();
            (value.end as usize, format!("{}{}", " ".repeat(if blanks > 0 { column } else { 0 }), &before[key.len()..]))
        }
    };
    let end = line_end(tree.text, end);
    Some((end, if tree.text[..end].ends_with('\n') { "" } else { newline_of(tree.text) }, between))
}

/// `key` and its value, the sign between them in the column that `between` says, if there is room.
fn entry(key: &str, source: &str, between: &str) -> String {
    let key = match key {
        _ if key.contains(['"', '=', ':']) => format!("`{key}`"),
        _ if key.contains('`') => format!("\"\"\"{key}\"\"\""),
        _ => key.to_owned(),
    };
    let sign = between.trim_start_matches(' ');
    let column = between.len() - sign.len();
    let blanks = column.saturating_sub(key.chars().count()).max(usize::from(column > 0));
    [&key, &" ".repeat(blanks), sign, source].concat()
}

/// The offset behind the line in which `at` lies.
fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |len| at + len + 1)
}
