//! An encrypted file between its two steps: what is read without a key, and what needs one.

use std::fmt;

use super::block;
use super::edits::Edits;
use super::open::{self, Opened};
use super::seal::Tokens;
use super::tree::Tree;
use super::{Decrypted, MacCheck, checked_text, encrypt_with};
use crate::data_key::DataKey;
use crate::dialect::sops::{Metadata, Time};
use crate::document::MAX_ENCRYPTED_LEN;
use crate::document::sops::Store;
use crate::error::Error;

/// An encrypted file that was read, and of which nothing is authenticated yet. Its text is read only once, however much is
/// done with it.
pub struct SealedFile<'t> {
    pub(super) tree: Tree<'t>,
    pub(super) metadata: Metadata,
}

impl<'t> SealedFile<'t> {
    /// Reads a file; none when it is not encrypted.
    ///
    /// # Errors
    /// [`SopsError::Metadata`](crate::error::sops::SopsError), [`SopsError::NoKeys`](crate::error::sops::SopsError), and
    /// what is wrong with the text.
    pub fn read(bytes: &'t [u8], store: Store) -> Result<Option<Self>, Error> {
        let tree = Tree::read_sealed(store, checked_text(bytes, MAX_ENCRYPTED_LEN)?)?;
        Ok(match tree.metadata()? {
            None => None,
            Some(field) => Some(Self { metadata: Metadata::from_field(&field)?, tree }),
        })
    }

    /// Its metadata, for finding the data key.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The text without the metadata.
    pub(in crate::file) fn body(&self) -> String {
        let mut edits = Edits::default();
        block::spans(&self.tree).into_iter().for_each(|range| edits.remove(range));
        std::mem::take(&mut *edits.apply(self.tree.text))
    }

    /// Decrypts it under its data key.
    ///
    /// # Errors
    /// [`SopsError::Value`](crate::error::sops::SopsError), the three of the MAC, and what cannot be written in the file's
    /// format. No part of the plaintext is released then.
    pub fn decrypt(&self, data_key: &DataKey, check: MacCheck) -> Result<Decrypted, Error> {
        let Opened { plaintext, unopened_comments, floats, .. } = open::open(self, data_key, check, None)?;
        let store = self.tree.store;
        Ok(Decrypted { plaintext, metadata: self.metadata.clone(), unopened_comments, store, floats })
    }

    /// Encrypts `plaintext` with the tokens that `files`, all under the same data key, have for its values: the first ones first.
    pub(in crate::file) fn merge_tokens(
        files: &[&Self],
        plaintext: &[u8],
        store: Store,
        data_key: &DataKey,
        metadata: Metadata,
    ) -> Result<String, Error> {
        let mut tokens = Tokens::default();
        for file in files {
            let mut more = Tokens::default();
            open::open(file, data_key, MacCheck::Require, Some(&mut more))?;
            tokens.merge(more);
        }
        encrypt_with(plaintext, store, data_key, metadata, tokens)
    }

    /// Encrypts `plaintext` in its place, as [`update`](super::update) does.
    ///
    /// # Errors
    /// Those of [`SealedFile::decrypt`] and of [`encrypt`](super::encrypt).
    pub fn update(
        &self,
        plaintext: &[u8],
        data_key: &DataKey,
        last_modified: Time,
        check: MacCheck,
    ) -> Result<String, Error> {
        let mut tokens = Tokens::default();
        open::open(self, data_key, check, Some(&mut tokens))?;
        let metadata = Metadata { last_modified, ..self.metadata.clone() };
        encrypt_with(plaintext, self.tree.store, data_key, metadata, tokens)
    }
}

/// Not the text: its clear values are nobody else's business.
impl fmt::Debug for SealedFile<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedFile({} leaves)", self.tree.scan.leaves.len())
    }
}
