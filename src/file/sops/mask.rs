//! Masking: the layout of a file with every encrypted value hidden.

use zeroize::Zeroizing;

use super::block;
use super::checked_text;
use super::edits::Edits;
use super::spell::{self, Layout, Place};
use super::tree::Tree;
use super::walk::What;
use crate::dialect::sops::{Metadata, Value, is_token_like};
use crate::document::MAX_ENCRYPTED_LEN;
use crate::document::sops::Store;
use crate::error::Error;
use crate::file::mask::MASK;

/// The text of the encrypted file `bytes`, whose metadata are `metadata`, without those and with [`MASK`] for each token.
/// Nothing is verified: that is for the caller.
///
/// # Errors
/// What is wrong with the text.
pub(in crate::file) fn mask(bytes: &[u8], store: Store, metadata: &Metadata) -> Result<Zeroizing<Vec<u8>>, Error> {
    if store == Store::Binary {
        return Ok(Zeroizing::new(MASK.into()));
    }
    let text = checked_text(bytes, MAX_ENCRYPTED_LEN)?;
    let tree = Tree::read(store, text)?;
    let layout = Layout::of(&tree);
    let value = Value::text(MASK);
    let rule = metadata.rule.clone().unwrap_or_default();
    let mut edits = Edits::default();
    tree.walk(&rule, &mut |visit| {
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
            let place = Place::of(&tree, leaf, layout);
            let masked = match is_comment {
                true => Ok(Zeroizing::new(format!("{} {MASK}", &source[..1]))),
                false => spell::value(store, &value, &place),
            };
            let path = || tree.scan.paths.display(leaf.path).to_string();
            edits.replace(leaf.span, masked.map_err(|what| Error::Unrepresentable { path: path(), what })?);
        }
        Ok(())
    })?;
    block::spans(&tree).into_iter().for_each(|range| edits.remove(range));
    Ok(Zeroizing::new(std::mem::take(&mut *edits.apply(text)).into_bytes()))
}
