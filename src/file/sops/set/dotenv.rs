//! Lines of dotenv that are set and taken out.

use zeroize::Zeroizing;

use super::{Edits, KeyPath, NewValue, Step, Tree, child, flat};
use crate::document::sops::escape_newlines;
use crate::leaf::PathTree;

/// `value` on the line of its key, or on one more.
pub(super) fn with(tree: &Tree<'_>, path: &KeyPath, value: &NewValue) -> Option<Zeroizing<String>> {
    let [step @ Step::Key(key)] = path.steps.as_slice() else { return None };
    let value = Zeroizing::new(escape_newlines(&flat(value)?).into_owned());
    let mut edits = Edits::default();
    match child(tree, PathTree::ROOT, step) {
        Some(at) => edits.replace(tree.leaf(tree.value_at(at)?).span, value),
        None => {
            let newline = if tree.text.is_empty() || tree.text.ends_with('\n') { "" } else { "\n" };
            edits.insert(tree.text.len(), [newline, key, "=", &value, "\n"].concat());
        }
    }
    Some(edits.apply(tree.text))
}

/// The text without the line of a key.
pub(super) fn without(tree: &Tree<'_>, path: &KeyPath) -> Option<Zeroizing<String>> {
    let [step] = path.steps.as_slice() else { return None };
    let at = child(tree, PathTree::ROOT, step)?;
    let end = tree.leaf(tree.value_at(at)?).span.end as usize;
    let mut edits = Edits::default();
    edits.remove(tree.key_start(at)?..tree.text.len().min(end + 1));
    Some(edits.apply(tree.text))
}
