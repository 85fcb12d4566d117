//! Masking: the layout of a file with every encrypted value hidden.

use zeroize::Zeroizing;

use super::block;
use super::edits::Edits;
use super::sealed_file::SealedFile;
use super::spell::{self, Layout, Place};
use super::tree::Tree;
use super::walk::What;
use crate::dialect::sops::{Rule, Value, is_token_like};
use crate::document::sops::Store;
use crate::error::Error;
use crate::file::mask::MASK;

impl SealedFile<'_> {
    /// Its text without the metadata, and with [`MASK`] for each token. Nothing is verified: that is for the caller.
    pub(in crate::file) fn masked(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        if self.tree.store == Store::Binary {
            return Ok(Zeroizing::new(MASK.into()));
        }
        let mut masked = masked(&self.tree, &self.metadata.rule.clone().unwrap_or_default())?;
        Ok(Zeroizing::new(std::mem::take(&mut *masked).into_bytes()))
    }
}

fn masked(tree: &Tree<'_>, rule: &Rule) -> Result<Zeroizing<String>, Error> {
    let layout = Layout::of(tree);
    let value = Value::text(MASK);
    let mut edits = Edits::default();
    tree.walk(rule, &mut |visit| {
        if !visit.is_encrypted || visit.alias.is_some() {
            return Ok(());
        }
        let (numbers, is_comment) = match visit.what {
            What::Comment(leaves) => (leaves, true),
            What::Value(number) => (&[number][..], false),
        };
        for &number in numbers {
            let (leaf, source) = (tree.leaf(number), tree.source(number));
            if !is_token_like(source.trim_start_matches(['#', ';', ' ', '"', '\''])) {
                continue;
            }
            let place = Place::of(tree, leaf, layout);
            let masked = match is_comment {
                true => Ok(Zeroizing::new(format!("{} {MASK}", &source[..1]))),
                false => spell::value(tree.store, &value, &place),
            };
            let path = || tree.scan.paths.display(leaf.path).to_string();
            edits.replace(leaf.span, masked.map_err(|what| Error::Unrepresentable { path: path(), what })?);
        }
        Ok(())
    })?;
    block::spans(tree).into_iter().for_each(|range| edits.remove(range));
    Ok(edits.apply(tree.text))
}
