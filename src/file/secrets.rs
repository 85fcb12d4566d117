//! What of a decrypted file is secret, and what stayed so.

use std::collections::HashSet;

use zeroize::Zeroizing;

use super::open::Decrypted;
use super::scalar::Scalar;
use crate::dialect::native::{Role, Roles};
use crate::error::Error;
use crate::leaf::{Leaf, LeafKind};

impl Decrypted {
    /// The sealed values as readers see them, and in the spelling of an environment where that is another one; that of a
    /// binary file in base64.
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

    /// The numbers of the leaves that are still sealed, since no identity opens their section.
    pub(super) fn locked_leaves(&self) -> Result<HashSet<usize>, Error> {
        let locked: HashSet<&str> = self.locked_sections().collect();
        if locked.is_empty() {
            return Ok(HashSet::new());
        }
        let scan = self.document.scan();
        let roles = Roles::assign(&self.metadata.policy, self.document.text(), scan)?;
        let is_locked = |number: &usize| {
            let (role, section) = roles.of(*number);
            role == Role::Sealed && locked.contains(self.metadata.sections[section].name.as_str())
        };
        Ok((0..scan.leaves.len()).filter(is_locked).collect())
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
