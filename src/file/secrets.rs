//! What of a decrypted file is secret.

use zeroize::Zeroizing;

use super::open::Decrypted;
use super::scalar::Scalar;
use crate::dialect::native::{Role, Roles};
use crate::error::Error;
use crate::leaf::{Leaf, LeafKind};

impl Decrypted {
    /// The sealed values as readers see them, and in the spelling of an environment where that is another one.
    ///
    /// # Errors
    /// Those of [`Document::value`](super::Document::value).
    pub fn secrets(&self) -> Result<Vec<Zeroizing<String>>, Error> {
        let document = &self.document;
        let mut secrets = Vec::new();
        for leaf in self.sealed_leaves()? {
            let value = document.value(leaf)?;
            if leaf.kind == LeafKind::Plain {
                let resolved = Scalar::resolve(&value, document.format());
                if resolved.text() != value.as_str() {
                    secrets.push(Zeroizing::new(resolved.text().to_owned()));
                }
            }
            secrets.push(value);
        }
        Ok(secrets)
    }

    /// How the sealed values stand in the text, without the quotes around, where that is not what they say: with escapes, on
    /// several lines.
    ///
    /// # Errors
    /// Those of [`Document::value`](super::Document::value).
    pub fn secret_sources(&self) -> Result<Vec<Zeroizing<String>>, Error> {
        let mut sources = Vec::new();
        for leaf in self.sealed_leaves()? {
            let source = self.document.source(leaf).trim_matches(['"', '\'', '`']);
            if source != self.document.value(leaf)?.as_str() {
                sources.push(Zeroizing::new(source.to_owned()));
            }
        }
        Ok(sources)
    }

    fn sealed_leaves(&self) -> Result<impl Iterator<Item = &Leaf>, Error> {
        let document = &self.document;
        let roles = Roles::assign(&self.metadata.policy, document.text(), document.scan())?;
        let leaves = document.scan().leaves.iter().enumerate();
        Ok(leaves.filter(move |(number, _)| roles.role(*number) == Role::Sealed).map(|(_, leaf)| leaf))
    }
}
