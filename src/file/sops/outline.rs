//! Which values of a file are encrypted, told without a key.

use super::checked_text;
use super::sealed_file::SealedFile;
use super::tree::Tree;
use super::walk::What;
use crate::dialect::sops::Rule;
use crate::document::MAX_ENCRYPTED_LEN;
use crate::document::sops::Store;
use crate::error::Error;
use crate::file::outline::{Outline, ValueState};
use crate::leaf::{PathTree, Segment};

/// What the token of a comment ends in: in a list it stands where an item does.
const COMMENT_END: &str = ",type:comment]";

impl SealedFile<'_> {
    /// Its outline. Nothing is authenticated.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub(in crate::file) fn outline(&self) -> Result<Outline, Error> {
        of_tree(&self.tree, &self.metadata.rule.clone().unwrap_or_default())
    }
}

/// What `rule` would encrypt in `plaintext`.
///
/// # Errors
/// What is wrong with the text.
pub(in crate::file) fn outline_of_rule(plaintext: &[u8], store: Store, rule: &Rule) -> Result<Outline, Error> {
    of_tree(&Tree::read(store, checked_text(plaintext, MAX_ENCRYPTED_LEN)?)?, rule)
}

/// The outline of a binary file: one value.
pub(in crate::file) fn outline_of_binary() -> Outline {
    let mut paths = PathTree::default();
    let data = paths.child(PathTree::ROOT, Segment::Key { text: "data", quoted: true });
    Outline::of_values(paths, vec![(data, ValueState::Sealed)], 0)
}

fn of_tree(tree: &Tree<'_>, rule: &Rule) -> Result<Outline, Error> {
    let mut values = Vec::new();
    let mut comments = 0;
    tree.walk(rule, &mut |visit| {
        match visit.what {
            _ if visit.alias.is_some() => {}
            What::Comment(_) => comments += usize::from(visit.is_encrypted),
            What::Value(number) => {
                let is_comment = tree.source(number).trim_end_matches(['"', '\'']).ends_with(COMMENT_END);
                if visit.is_encrypted && is_comment {
                    comments += 1;
                    return Ok(());
                }
                let is_empty = tree.scalar(number)?.is_none_or(|value| value.bytes().is_empty());
                let state = match visit.is_encrypted {
                    _ if is_empty => ValueState::Empty,
                    true => ValueState::Sealed,
                    false => ValueState::Clear,
                };
                values.push((tree.leaf(number).path, state));
            }
        }
        Ok(())
    })?;
    Ok(Outline::of_values(tree.scan.paths.clone(), values, comments))
}
