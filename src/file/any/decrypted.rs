//! What a file holds, whatever its dialect.

use std::fmt;

use zeroize::Zeroizing;

use super::detect::sops_file;
use super::{Metadata, Unlock, explained};
use crate::document::sops::Store;
use crate::document::{BINARY, Format};
use crate::error::Error;
use crate::file::document::Document;
use crate::file::mask::mask as native_mask;
use crate::file::open::{self, Warning};
use crate::file::secrets::Secret;
use crate::file::sops::{self, Documents, MacCheck, unlock_data_key};
use crate::file::tree::Tree;
use crate::leaf::Leaf;

/// Decrypts a file.
///
/// # Errors
/// [`Error::NotEncrypted`], those of [`file::decrypt`](crate::file::decrypt) and of [`file::sops::decrypt`](sops::decrypt).
/// No part of the plaintext is released then.
pub fn decrypt(bytes: &[u8], format: &'static dyn Format, unlock: &dyn Unlock) -> Result<Decrypted, Error> {
    explained(bytes, || match sops_file(bytes, format)? {
        None => Ok(Decrypted(Content::Native(open::decrypt(bytes, format, unlock)?))),
        Some((sealed, store)) => {
            let data_key = unlock_data_key(sealed.metadata(), unlock)?;
            Ok(Decrypted::of_sops(sealed.decrypt(&data_key, MacCheck::Require)?, store, format))
        }
    })
}

/// Decrypts a file, and gives its text with [`MASK`](crate::file::MASK) for every encrypted value and comment. Clear values,
/// keys and layout are as they stand.
///
/// # Errors
/// Those of [`decrypt`].
pub fn mask(bytes: &[u8], format: &'static dyn Format, unlock: &dyn Unlock) -> Result<Decrypted, Error> {
    explained(bytes, || {
        let Some((sealed, store)) = sops_file(bytes, format)? else {
            return Ok(Decrypted(Content::Native(native_mask(bytes, format, unlock)?)));
        };
        let data_key = unlock_data_key(sealed.metadata(), unlock)?;
        let decrypted = sealed.decrypt(&data_key, MacCheck::Require)?;
        Ok(Decrypted::of_sops(sealed.masked(decrypted)?, store, format))
    })
}

/// A decrypted file.
#[derive(Debug)]
pub struct Decrypted(Content);

#[derive(Debug)]
enum Content {
    Native(open::Decrypted),
    Sops(SopsContent),
}

struct SopsContent {
    decrypted: sops::Decrypted,
    store: Store,
    format: &'static dyn Format,
    warnings: Vec<Warning>,
}

impl Decrypted {
    pub(super) fn of_sops(decrypted: sops::Decrypted, store: Store, format: &'static dyn Format) -> Self {
        let warnings = decrypted.unopened_comments.iter().map(|&at| Warning::CommentNotOpened { at }).collect();
        Self(Content::Sops(SopsContent { decrypted, store, format, warnings }))
    }

    pub(super) fn of_native(decrypted: open::Decrypted) -> Self {
        Self(Content::Native(decrypted))
    }

    /// The metadata.
    #[must_use]
    pub fn metadata(&self) -> Metadata {
        match &self.0 {
            Content::Native(decrypted) => Metadata::Native(decrypted.metadata.clone()),
            Content::Sops(content) => Metadata::Sops(Box::new(content.decrypted.metadata.clone()), content.store),
        }
    }

    /// What its reader should know.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        match &self.0 {
            Content::Native(decrypted) => &decrypted.warnings,
            Content::Sops(content) => &content.warnings,
        }
    }

    /// The format of the plaintext.
    #[must_use]
    pub fn format(&self) -> &'static dyn Format {
        match &self.0 {
            Content::Native(decrypted) => decrypted.document.format(),
            Content::Sops(content) => content.format,
        }
    }

    /// The name of a section that no identity opens; only files of the native dialect have sections.
    #[must_use]
    pub fn locked_section(&self) -> Option<&str> {
        match &self.0 {
            Content::Native(decrypted) => decrypted.locked_section(),
            Content::Sops(_) => None,
        }
    }

    /// The bytes of the plaintext file.
    ///
    /// # Errors
    /// Those of [`Document::into_plaintext`].
    pub fn into_plaintext(self) -> Result<Zeroizing<Vec<u8>>, Error> {
        match self.0 {
            Content::Native(decrypted) => decrypted.document.into_plaintext(),
            Content::Sops(content) => Ok(content.decrypted.plaintext),
        }
    }

    /// The bytes of a binary file; none of any other one.
    ///
    /// # Errors
    /// Those of [`Document::into_plaintext`].
    pub fn binary(&self) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
        match &self.0 {
            Content::Native(decrypted) => {
                let document = &decrypted.document;
                document.format().open_envelope(document.text()).transpose()
            }
            Content::Sops(content) => {
                Ok((content.format.name() == BINARY.name()).then(|| content.decrypted.plaintext.clone()))
            }
        }
    }

    /// Its values.
    ///
    /// # Errors
    /// Those of [`Tree::of`].
    pub fn tree(&self) -> Result<Tree, Error> {
        match &self.0 {
            Content::Native(decrypted) => Tree::of(&decrypted.document),
            Content::Sops(content) => content.tree(),
        }
    }

    /// Its values without those of sections that no identity opened.
    ///
    /// # Errors
    /// Those of [`Tree::of_opened`].
    pub fn tree_of_opened(&self) -> Result<Tree, Error> {
        match &self.0 {
            Content::Native(decrypted) => Tree::of_opened(decrypted),
            Content::Sops(content) => content.tree(),
        }
    }

    /// The encrypted values.
    ///
    /// # Errors
    /// What is wrong with the plaintext.
    pub fn secrets(&self) -> Result<Vec<Secret>, Error> {
        match &self.0 {
            Content::Native(decrypted) => decrypted.secrets(),
            Content::Sops(content) => content.secrets(),
        }
    }
}

impl SopsContent {
    /// SOPS's binary files of other formats hold a text as it was: what is in it is read as everywhere else.
    fn document(&self) -> Option<Result<Document, Error>> {
        (self.store == Store::Binary).then(|| Document::parse(&self.decrypted.plaintext, self.format))
    }

    fn tree(&self) -> Result<Tree, Error> {
        match self.document() {
            Some(document) => Tree::of(&document?),
            None => {
                let documents = Documents::of(&self.decrypted)?;
                if let Some(key) = documents.ambiguous_key() {
                    let what = "stands twice in one map, and it cannot be told which one counts";
                    return Err(Error::Misplaced { path: key.escape_debug().to_string(), what });
                }
                Ok(Tree::of_sops(&documents))
            }
        }
    }

    fn secrets(&self) -> Result<Vec<Secret>, Error> {
        let rule = self.decrypted.metadata.rule.clone().unwrap_or_default();
        match self.document() {
            Some(_) if self.format.name() == BINARY.name() => Ok(Vec::new()),
            Some(document) => of_document(&document?),
            None => sops::secrets(&self.decrypted.plaintext, self.store, &rule),
        }
    }
}

/// All values of a document.
fn of_document(document: &Document) -> Result<Vec<Secret>, Error> {
    let scan = document.scan();
    let values = scan.leaves.iter().filter(|leaf| leaf.kind.is_value());
    let path = |leaf: &Leaf| scan.paths.display(leaf.path).to_string();
    values.map(|leaf| Ok(Secret::new(path(leaf), document.value(leaf)?, document.source(leaf)))).collect()
}

impl fmt::Debug for SopsContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SopsContent({}, {} bytes)", self.store.name(), self.decrypted.plaintext.len())
    }
}
