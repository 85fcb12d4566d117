//! Changing what an encrypted file holds.

use std::collections::HashSet;

use super::Unlock;
use super::detect::sops_file;
use crate::dialect::sops::Time;
use crate::document::Format;
use crate::document::sops::Store;
use crate::error::Error;
use crate::file::document::Document;
use crate::file::outline::ValueState;
use crate::file::seal::{self, Encrypted, Summary};
use crate::file::sops::{MacCheck, SealedFile, unlock_data_key};

/// Encrypts `plaintext` in the place of the encrypted file `old`, with its policy and its keys, and with the tokens of all
/// values that did not change (I8). An equal plaintext gives `old` itself. `now` is the time that files of the sops
/// dialect note.
///
/// # Errors
/// Those of [`file::update`](crate::file::update) and [`file::sops::update`](crate::file::sops::update).
pub fn update(
    old: &[u8],
    plaintext: &[u8],
    format: &'static dyn Format,
    unlock: &dyn Unlock,
    now: Time,
) -> Result<Encrypted, Error> {
    let Some((sealed, store)) = sops_file(old, format)? else {
        return seal::update(old, &Document::parse(plaintext, format)?, unlock);
    };
    let data_key = unlock_data_key(sealed.metadata(), unlock)?;
    let is_same = *sealed.decrypt(&data_key, MacCheck::Require)?.plaintext == *plaintext;
    let text = if is_same {
        String::from_utf8(old.to_vec()).map_err(|_| Error::NotEncrypted)?
    } else {
        sealed.update(plaintext, &data_key, now, MacCheck::Require)?
    };
    let summary = summary(&text, store, old)?;
    Ok(Encrypted { text, summary })
}

/// What became of the values in the encrypted file `text` of the sops dialect, which stands in the place of `old`.
pub(in crate::file) fn summary(text: &str, store: Store, old: &[u8]) -> Result<Summary, Error> {
    let outline = SealedFile::read(text.as_bytes(), store)?.ok_or(Error::NotEncrypted)?.outline()?;
    let old = std::str::from_utf8(old).unwrap_or_default();
    let before: HashSet<&str> = tokens(old).collect();
    // The MAC has one, too, which stays when nothing changes.
    let kept = tokens(text).filter(|token| before.contains(token)).count();
    let (sealed, comments) = (outline.count(ValueState::Sealed), outline.sealed_comments());
    let clear = outline.values().filter(|value| value.state() == ValueState::Clear);
    Ok(Summary {
        sealed,
        comments,
        kept: kept.min(sealed + comments),
        clear: clear.map(|value| value.path()).collect(),
    })
}

/// Whatever looks like a token.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split("ENC[").skip(1).map(|rest| &rest[..rest.find(']').unwrap_or(rest.len())])
}
