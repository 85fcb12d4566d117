//! Files of either dialect: each function finds the dialect in the file itself, and keeps it.
//!
//! [`file`](crate::file) has the functions for the native dialect and [`file::sops`](mod@crate::file::sops) those for SOPS's.
//! Formats are the native ones here; those that SOPS does not have, or does not see in a file's name, are its binary
//! files: a `.properties` file of SOPS is an envelope of JSON, and its plaintext is one of properties again.

use super::conflict;
use super::outline::Outline;
use super::sops::SealedFile;
use crate::config::Dialect;
use crate::dialect::native;
use crate::dialect::sops::Metadata as SopsMetadata;
use crate::document::Format;
use crate::document::sops::Store;
use crate::error::Error;

mod change;
mod decrypted;
mod detect;
mod encrypt;
mod plan;
mod readers;
mod rekey;
mod salvage;
mod set;
mod shapes;
mod sketch;
mod snapshot;
mod trace;
mod unlock;

pub(in crate::file) use change::summary;
pub use change::update;
pub use decrypted::{Decrypted, decrypt, mask};
pub(in crate::file) use detect::sops_file;
pub use detect::status;
pub use encrypt::{Input, encrypt, outline_of_plan};
pub use plan::Plan;
pub use readers::{SectionReader, SectionReaders};
pub use rekey::{Rekeying, rotate, update_keys, update_to};
pub use salvage::salvage;
pub use set::{Outcome, set, unset};
pub use shapes::SecretShaped;
pub use sketch::{Sketch, fingerprint, marked};
pub(super) use snapshot::{Entry as SnapshotEntry, digest};
pub use snapshot::{Seal, SealDigest, Snapshot, SnapshotContent, SnapshotKind, SnapshotLeaf};
pub use trace::Trace;
pub use unlock::Unlock;

/// The outline of an encrypted file, with its metadata. Nothing is authenticated.
///
/// # Errors
/// Those of [`Outline::of_encrypted`], and the same for the sops dialect.
pub fn outline(bytes: &[u8], format: &'static dyn Format) -> Result<(Metadata, Outline), Error> {
    explained(bytes, || outline_as_it_stands(bytes, format))
}

/// Where git left conflict markers in the encrypted file `bytes`, they are what is wrong with it.
fn explained<T>(bytes: &[u8], work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    work().map_err(|error| conflict::explain(bytes, error))
}

fn outline_as_it_stands(bytes: &[u8], format: &'static dyn Format) -> Result<(Metadata, Outline), Error> {
    match detect::sops_file(bytes, format)? {
        Some((sealed, store)) => {
            let outline = sealed.outline()?;
            Ok((Metadata::of_sops(&sealed, store), outline))
        }
        None => {
            let (metadata, outline) = Outline::of_encrypted(bytes, format)?;
            Ok((Metadata::Native(metadata), outline))
        }
    }
}

/// The metadata of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Metadata {
    /// Of the native dialect.
    Native(native::Metadata),
    /// Of SOPS's, in this format of SOPS.
    Sops(Box<SopsMetadata>, Store),
}

impl Metadata {
    fn of_sops(sealed: &SealedFile<'_>, store: Store) -> Self {
        Self::Sops(Box::new(sealed.metadata().clone()), store)
    }

    /// The dialect.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        match self {
            Self::Native(_) => Dialect::Native,
            Self::Sops(..) => Dialect::Sops,
        }
    }
}
