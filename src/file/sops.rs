//! Files of the sops dialect: from bytes to bytes, as SOPS would have it.
//!
//! What is encrypted are typed values, not source texts, and SOPS reads a file anew at every step. So quotes, comments
//! and layout stay where SOPS reads the same from them; `docs/sops-compatibility.md` lists where they cannot. The
//! invariants of [`file`](crate::file) hold: nothing is released before the MAC is checked (I5), unchanged values keep
//! their tokens (I8), and what is returned was opened again and found equal (I9).
//!
//! ```
//! use sops_rs::data_key::DataKey;
//! use sops_rs::dialect::sops::{KeyGroup, MasterKey, Metadata, Time};
//! use sops_rs::document::sops::Store;
//! use sops_rs::file::sops::{self, KeyUnlock, KeyWrap, MacCheck, SealedFile};
//! use sops_rs::keys::{self, Identities, NoInteraction};
//!
//! let (secret, recipient) = keys::generate_x25519();
//! let group = KeyGroup { keys: vec![MasterKey::age(recipient.as_str())], ..KeyGroup::default() };
//! let now = Time::parse("2026-11-21T10:00:00Z").expect("RFC 3339");
//! let mut metadata = Metadata::new(vec![group], now);
//! let data_key = DataKey::generate()?;
//! sops::wrap_data_key(&mut metadata, &data_key, &KeyWrap { interaction: &NoInteraction, gpg: None })?;
//! let plaintext = b"db: {user: app, password: 'hunter2'} # rotate me\n";
//! let encrypted = sops::encrypt(plaintext, Store::Yaml, &data_key, metadata)?;
//!
//! let mut identities = Identities::new();
//! identities.add_identity_file(secret.as_bytes(), "the example's key")?;
//! let sealed = SealedFile::read(encrypted.as_bytes(), Store::Yaml)?.expect("an encrypted file");
//! let order = sops::DecryptionOrder::default();
//! let unlock = KeyUnlock { identities: &identities, interaction: &NoInteraction, gpg: None, order };
//! let data_key = sops::unlock_data_key(sealed.metadata(), &unlock)?;
//! let decrypted = sealed.decrypt(&data_key, MacCheck::Require)?;
//! assert_eq!(*decrypted.plaintext, b"db: {user: app, password: hunter2} # rotate me\n");
//! # Ok::<(), sops_rs::Error>(())
//! ```

use std::fmt;

use zeroize::Zeroizing;

use crate::data_key::DataKey;
use crate::dialect::sops::{Metadata, Time};
use crate::document::sops::Store;
use crate::document::{MAX_ENCRYPTED_LEN, MAX_PLAINTEXT_LEN};
use crate::error::sops::SopsError;
use crate::error::{Error, Position};

mod alias;
mod attach;
mod block;
#[cfg(test)]
mod clear_keys;
mod comments;
mod documents;
mod drift;
mod edits;
mod key_set;
pub(super) mod marks;
mod mask;
mod number;
mod open;
mod outline;
mod plan;
mod rekey;
mod resolve;
mod seal;
mod sealed_file;
mod secrets;
mod set;
mod snapshot;
mod spell;
mod stops;
mod tree;
mod unlock;
mod walk;
mod whole_float;
mod wrap;

pub use documents::{Documents, Extracted, Item, KeyPath, Losses, Node, Variable};
pub(super) use drift::policy_fields;
pub use key_set::{GroupDiff, KeyDiff, KeyName, KeySet};
pub use outline::published;
pub(super) use outline::{outline_of_binary, outline_of_rule};
pub use plan::{NamedKey, Plan, metadata_by_rule};
pub use rekey::{Confirmed, Rekeyed, Rekeying, Rotation, rekey};
pub(super) use resolve::is_plain_text;
pub use sealed_file::SealedFile;
pub(super) use secrets::secrets;
pub use set::{set, unset};
pub use unlock::{DecryptionOrder, KeyUnlock, Unlock, unlock_data_key};
pub use wrap::{KeyWrap, Wrap, wrap_data_key};

use seal::Tokens;

/// A decrypted file.
pub struct Decrypted {
    /// The plaintext: text, but for binary files.
    pub plaintext: Zeroizing<Vec<u8>>,
    /// The metadata, its MAC among them.
    pub metadata: Metadata,
    /// The comments that did not open and stay as they stand: where they are in the encrypted file.
    pub unopened_comments: Vec<Position>,
    store: Store,
    floats: Vec<whole_float::WholeFloat>,
}

impl fmt::Debug for Decrypted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Decrypted({} bytes)", self.plaintext.len())
    }
}

/// Whether the MAC of a file has to be right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MacCheck {
    /// It may be missing or wrong, as with `--ignore-mac`.
    Ignore,
    /// It must be right.
    #[default]
    Require,
}

/// The metadata of a file; none when it is not encrypted. Nothing is authenticated.
///
/// # Errors
/// [`SopsError::Metadata`], [`SopsError::NoKeys`], and what is wrong with the text.
pub fn status(bytes: &[u8], store: Store) -> Result<Option<Metadata>, Error> {
    Ok(SealedFile::read(bytes, store)?.map(|file| file.metadata))
}

/// Decrypts a file under its data key.
///
/// # Errors
/// [`SopsError::NoMetadata`], and those of [`SealedFile::read`] and [`SealedFile::decrypt`].
pub fn decrypt(bytes: &[u8], store: Store, data_key: &DataKey, check: MacCheck) -> Result<Decrypted, Error> {
    SealedFile::read(bytes, store)?.ok_or(SopsError::NoMetadata)?.decrypt(data_key, check)
}

/// Encrypts a file under `data_key`. `metadata` says who can open that, which values are encrypted, and when; its MAC is
/// made here.
///
/// # Errors
/// [`Error::AlreadyEncrypted`], [`SopsError::Pattern`] for a selector that does not compile, and what is wrong with the
/// text or has no place in a file of SOPS.
pub fn encrypt(plaintext: &[u8], store: Store, data_key: &DataKey, metadata: Metadata) -> Result<String, Error> {
    encrypt_with(plaintext, store, data_key, metadata, Tokens::default())
}

/// Encrypts `plaintext` in the place of the file `old`, with its keys and selector: a value that stands under the same
/// keys as before keeps its token, one by one. The MAC and `last_modified` are new.
///
/// # Errors
/// Those of [`decrypt`] for `old` and of [`encrypt`] for `plaintext`.
pub fn update(
    old: &[u8],
    plaintext: &[u8],
    store: Store,
    data_key: &DataKey,
    last_modified: Time,
    check: MacCheck,
) -> Result<String, Error> {
    SealedFile::read(old, store)?.ok_or(SopsError::NoMetadata)?.update(plaintext, data_key, last_modified, check)
}

/// Encrypts the file `old` anew under `new_key`, to whose keys `metadata` belongs; no token and no nonce stays.
///
/// # Errors
/// Those of [`decrypt`] and [`encrypt`].
pub fn rotate(
    old: &[u8],
    store: Store,
    old_key: &DataKey,
    new_key: &DataKey,
    metadata: Metadata,
    check: MacCheck,
) -> Result<String, Error> {
    let opened = decrypt(old, store, old_key, check)?;
    encrypt(&opened.plaintext, store, new_key, metadata)
}

fn encrypt_with(
    plaintext: &[u8],
    store: Store,
    data_key: &DataKey,
    metadata: Metadata,
    tokens: Tokens<'_>,
) -> Result<String, Error> {
    if plaintext.len() > MAX_PLAINTEXT_LEN {
        return Err(too_long(MAX_PLAINTEXT_LEN));
    }
    if let Some(rule) = metadata.rule.as_ref().filter(|rule| !rule.is_valid()) {
        return Err(SopsError::Pattern { name: rule.parts().0 }.into());
    }
    let encrypted = seal::seal(plaintext, store, data_key, metadata, tokens)?;
    if encrypted.len() > MAX_ENCRYPTED_LEN {
        return Err(too_long(MAX_ENCRYPTED_LEN));
    }
    Ok(encrypted)
}

fn checked_text(bytes: &[u8], limit: usize) -> Result<&str, Error> {
    if bytes.len() > limit {
        return Err(too_long(limit));
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let valid = Zeroizing::new(String::from_utf8_lossy(&bytes[..error.valid_up_to()]).into_owned());
        Error::NotUtf8 { at: Position::of(&valid, usize::MAX) }
    })
}

fn too_long(limit: usize) -> Error {
    Error::Limit { what: "the file's length in bytes", limit: limit as u64, at: None }
}
