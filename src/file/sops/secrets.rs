//! What of a plaintext is secret.

use zeroize::Zeroizing;

use super::checked_text;
use super::tree::Tree;
use super::walk::What;
use crate::dialect::sops::Rule;
use crate::document::MAX_PLAINTEXT_LEN;
use crate::document::sops::Store;
use crate::error::Error;

/// Values, and how they stand in a text.
pub(in crate::file) type Secrets = (Vec<Zeroizing<String>>, Vec<Zeroizing<String>>);

/// The values of `plaintext` that `rule` encrypts, also in the spelling that SOPS has for them, and how they stand in the
/// text where that is not what they say.
pub(in crate::file) fn secrets(plaintext: &[u8], store: Store, rule: &Rule) -> Result<Secrets, Error> {
    let tree = Tree::read(store, checked_text(plaintext, MAX_PLAINTEXT_LEN)?)?;
    let (mut values, mut sources) = (Vec::new(), Vec::new());
    tree.walk(rule, &mut |visit| {
        let What::Value(number) = visit.what else { return Ok(()) };
        let Some(value) = tree.scalar(number)?.filter(|_| visit.is_encrypted) else { return Ok(()) };
        let text = Zeroizing::new(store.decode(tree.text, tree.leaf(number))?.into_owned());
        let source = tree.source(number).trim_matches(['"', '\'', '`']);
        if source != text.as_str() {
            sources.push(Zeroizing::new(source.to_owned()));
        }
        if let Some(canonical) = value.as_str().filter(|canonical| *canonical != text.as_str()) {
            values.push(Zeroizing::new(canonical.to_owned()));
        }
        values.push(text);
        Ok(())
    })?;
    Ok((values, sources))
}
