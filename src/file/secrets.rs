//! What of a decrypted file is secret, and what stayed so.

use std::collections::HashSet;
use std::fmt;

use zeroize::Zeroizing;

use super::open::Decrypted;
use super::scalar::Scalar;
use crate::dialect::native::{Role, Roles};
use crate::error::Error;
use crate::leaf::LeafKind;

/// A sealed value that was opened.
pub struct Secret {
    /// Its path for people.
    pub path: String,
    /// The value as readers see it, and in the spelling of an environment where that is another one; that of a native
    /// binary file in base64.
    pub values: Vec<Zeroizing<String>>,
    /// How it stands in the text, without the quotes around, where that is not what it says: with escapes, on several lines.
    pub source: Option<Zeroizing<String>>,
}

impl Secret {
    /// The text of a leaf at `path` that says `value`, and stands as `source`.
    pub(super) fn new(path: String, value: Zeroizing<String>, source: &str) -> Self {
        let source = source.trim_matches(['"', '\'', '`']);
        let source = (source != value.as_str()).then(|| Zeroizing::new(source.to_owned()));
        Self { path, values: vec![value], source }
    }

    /// Adds another spelling of the value, if it is one.
    pub(super) fn or(mut self, value: &str) -> Self {
        if self.values.iter().all(|known| known.as_str() != value) {
            self.values.push(Zeroizing::new(value.to_owned()));
        }
        self
    }

    /// All its texts.
    pub fn texts(&self) -> impl Iterator<Item = &Zeroizing<String>> {
        self.values.iter().chain(&self.source)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({})", self.path)
    }
}

impl Decrypted {
    /// The sealed values; those of sections that no identity opened are not among them.
    ///
    /// # Errors
    /// Those of [`Document::value`](super::Document::value).
    pub fn secrets(&self) -> Result<Vec<Secret>, Error> {
        let document = &self.document;
        let scan = document.scan();
        let roles = Roles::assign(&self.metadata.policy, document.text(), scan)?;
        let locked = self.locked_leaves()?;
        let is_open = |number: &usize| roles.role(*number) == Role::Sealed && !locked.contains(number);
        let secret = |number: usize| {
            let leaf = &scan.leaves[number];
            let value = document.value(leaf)?;
            let resolved = (leaf.kind == LeafKind::Plain).then(|| Scalar::resolve(&value, document.format()));
            let resolved = resolved.map(|scalar| Zeroizing::new(scalar.text().to_owned()));
            let secret = Secret::new(scan.paths.display(leaf.path).to_string(), value, document.source(leaf));
            Ok(match resolved {
                Some(resolved) => secret.or(&resolved),
                None => secret,
            })
        };
        (0..scan.leaves.len()).filter(is_open).map(secret).collect()
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
}
