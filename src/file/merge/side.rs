//! One version of a file, opened.

use crate::config::Dialect;
use crate::data_key::DataKey;
use crate::document::Format;
use crate::document::sops::Store;
use crate::error::Error;
use crate::file::any::{Unlock, sops_file};
use crate::file::document::Document;
use crate::file::rekey::Opening;
use crate::file::sops::{MacCheck, SealedFile, unlock_data_key};

/// A version of a file, verified.
pub(super) enum Opened<'b> {
    /// Of the native dialect.
    Native(Box<Opening<'b>>),
    /// Of SOPS's.
    Sops(Box<OpenedSops<'b>>),
    /// Not encrypted.
    Plain(Document),
}

/// A version of the sops dialect.
pub(super) struct OpenedSops<'b> {
    pub(super) sealed: SealedFile<'b>,
    pub(super) store: Store,
    pub(super) data_key: DataKey,
    pub(super) document: Document,
}

impl<'b> Opened<'b> {
    pub(super) fn read(bytes: &'b [u8], format: &'static dyn Format, unlock: &dyn Unlock) -> Result<Self, Error> {
        let Some((sealed, store)) = sops_file(bytes, format)? else {
            return match Opening::read(bytes, format, unlock) {
                Ok(opening) => Ok(Self::Native(Box::new(opening))),
                Err(Error::NotEncrypted) => Document::parse(bytes, format).map(Self::Plain),
                Err(error) => Err(error),
            };
        };
        let data_key = unlock_data_key(sealed.metadata(), unlock)?;
        let decrypted = sealed.decrypt(&data_key, MacCheck::Require)?;
        let document = Document::parse(&decrypted.plaintext, format)?;
        Ok(Self::Sops(Box::new(OpenedSops { sealed, store, data_key, document })))
    }

    pub(super) fn document(&self) -> &Document {
        match self {
            Self::Native(opening) => &opening.opened.document,
            Self::Sops(opened) => &opened.document,
            Self::Plain(document) => document,
        }
    }

    pub(super) fn dialect(&self) -> Option<Dialect> {
        match self {
            Self::Native(_) => Some(Dialect::Native),
            Self::Sops(_) => Some(Dialect::Sops),
            Self::Plain(_) => None,
        }
    }

    pub(super) fn native(&self) -> Option<&Opening<'b>> {
        match self {
            Self::Native(opening) => Some(opening),
            _ => None,
        }
    }

    pub(super) fn sops(&self) -> Option<&OpenedSops<'b>> {
        match self {
            Self::Sops(opened) => Some(opened),
            _ => None,
        }
    }

    /// The name of a section that no identity opens.
    pub(super) fn locked_section(&self) -> Option<&str> {
        let opening = self.native()?;
        let index = opening.keys.iter().position(Option::is_none)?;
        Some(&opening.sealed.metadata.sections[index].name)
    }

    /// Whether there is one.
    pub(super) fn is_partly_locked(&self) -> bool {
        self.locked_section().is_some()
    }
}
