//! Which values of a file are encrypted, told without a key.

use std::collections::BTreeMap;

use super::checked_text;
use super::sealed_file::SealedFile;
use super::tree::Tree;
use super::walk::What;
use crate::dialect::sops::{Rule, Value};
use crate::document::MAX_ENCRYPTED_LEN;
use crate::document::sops::Store;
use crate::error::Error;
use crate::file::outline::{Outline, ValueState};
use crate::leaf::{PathTree, Segment};

/// What the token of a comment ends in: in a list it stands where an item does.
pub(super) const COMMENT_END: &str = ",type:comment]";

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

/// What a changed file would publish: the paths of values in `plaintext` that its selector `own` leaves clear although `rule`
/// would encrypt them, but for those that stand the same in `old`.
///
/// Nobody authenticates the selector of a file: somebody may have put there one that leaves clear what is to come.
///
/// # Errors
/// What is wrong with the texts.
pub fn published(old: &[u8], plaintext: &[u8], store: Store, own: &Rule, rule: &Rule) -> Result<Vec<String>, Error> {
    if store == Store::Binary || own == rule {
        return Ok(Vec::new());
    }
    let values = |text, rule: &Rule, is_encrypted| {
        let tree = Tree::read(store, checked_text(text, MAX_ENCRYPTED_LEN)?)?;
        values(&tree, rule, is_encrypted)
    };
    let (before, clear) = (values(old, own, false)?, values(plaintext, own, false)?);
    let wanted = values(plaintext, rule, true)?;
    let is_published = |(path, value): &(String, Value)| before.get(path) != Some(value) && wanted.contains_key(path);
    Ok(clear.into_iter().filter(is_published).map(|(path, _)| path).collect())
}

/// The values that are encrypted by `rule`, or those that are not. Empty ones are neither.
fn values(tree: &Tree<'_>, rule: &Rule, is_encrypted: bool) -> Result<BTreeMap<String, Value>, Error> {
    let mut values = BTreeMap::new();
    tree.walk(rule, &mut |visit| {
        if let What::Value(number) = visit.what
            && visit.is_encrypted == is_encrypted
            && let Some(value) = tree.scalar(number)?.filter(|value| !value.bytes().is_empty())
        {
            values.insert(tree.scan.paths.display(tree.leaf(number).path).to_string(), value);
        }
        Ok(())
    })?;
    Ok(values)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_new_and_clear_against_the_rule_is_published() {
        let rule = |name, text| Rule::new(name, text).expect("a selector");
        let widened = rule("unencrypted_regex", "^(kind|token|empty)$");
        let published = |old: &str, new: &str, own: &Rule, rule: &Rule| {
            published(old.as_bytes(), new.as_bytes(), Store::Yaml, own, rule).expect("well-formed")
        };
        let old = "kind: k\nempty: ''\na: 1\n";
        let narrow = rule("unencrypted_regex", "^kind$");
        for (new, expected) in [
            ("kind: k\nempty: ''\na: 1\ntoken: t\n", vec!["token"]),
            ("kind: other\nempty: e\na: 1\n---\nb: {token: t}\n", vec!["#1.b.token", "empty"]),
            ("kind: k\nempty: ''\na: 2\nb: 3\n", vec![]),
        ] {
            assert_eq!(published(old, new, &widened, &narrow), expected, "{new}");
            assert!(published(old, new, &narrow, &widened).is_empty(), "{new}");
            assert!(published(old, new, &widened, &widened).is_empty(), "{new}");
        }
    }
}
