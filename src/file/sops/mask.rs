//! Masking: the layout of a file with every encrypted value hidden.

use zeroize::Zeroizing;

use super::Decrypted;
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
    /// What was decrypted, with the text of this file in the place of the plaintext: without the metadata, and with [`MASK`] for
    /// each token.
    pub(in crate::file) fn masked(&self, decrypted: Decrypted) -> Result<Decrypted, Error> {
        let plaintext = match self.tree.store {
            Store::Binary => Zeroizing::new(MASK.into()),
            _ => {
                let mut masked = masked(&self.tree, &self.metadata.rule.clone().unwrap_or_default())?;
                Zeroizing::new(std::mem::take(&mut *masked).into_bytes())
            }
        };
        Ok(Decrypted { plaintext, floats: Vec::new(), ..decrypted })
    }
}

fn masked(tree: &Tree<'_>, rule: &Rule) -> Result<Zeroizing<String>, Error> {
    let layout = Layout::of(tree);
    let value = Value::text(MASK);
    let mut edits = Edits::default();
    tree.walk(rule, &mut |visit| {
        let (numbers, is_comment) = match visit.what {
            _ if visit.alias.is_some() => return Ok(()),
            What::Comment(leaves) => (leaves, true),
            What::Value(_) if !visit.is_encrypted => return Ok(()),
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
