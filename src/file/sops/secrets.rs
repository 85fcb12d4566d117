//! What of a plaintext is secret.

use zeroize::Zeroizing;

use super::checked_text;
use super::tree::Tree;
use super::walk::What;
use crate::dialect::sops::Rule;
use crate::document::MAX_PLAINTEXT_LEN;
use crate::document::sops::Store;
use crate::error::Error;
use crate::file::secrets::Secret;

/// The values of `plaintext` that `rule` encrypts, also in the spelling that SOPS has for them.
pub(in crate::file) fn secrets(plaintext: &[u8], store: Store, rule: &Rule) -> Result<Vec<Secret>, Error> {
    let tree = Tree::read(store, checked_text(plaintext, MAX_PLAINTEXT_LEN)?)?;
    let mut secrets = Vec::new();
    tree.walk(rule, &mut |visit| {
        let What::Value(number) = visit.what else { return Ok(()) };
        let Some(value) = tree.scalar(number)?.filter(|_| visit.is_encrypted) else { return Ok(()) };
        let leaf = tree.leaf(number);
        let text = Zeroizing::new(store.decode(tree.text, leaf)?.into_owned());
        let secret = Secret::new(tree.scan.paths.display(leaf.path).to_string(), text, tree.source(number));
        secrets.push(match value.as_str() {
            Some(canonical) => secret.or(canonical),
            None => secret,
        });
        Ok(())
    })?;
    Ok(secrets)
}
