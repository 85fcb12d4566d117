//! Other data keys, other readers: the plaintext of a file stays what it is.

use std::collections::HashSet;

use super::change::summary;
use super::detect::sops_file;
use super::encrypt::Input;
use super::{Plan, Unlock, explained};
use crate::config::Dialect;
use crate::data_key::DataKey;
use crate::dialect::sops::{Metadata, Time};
use crate::document::Format;
use crate::document::sops::Store;
use crate::error::Error;
use crate::file::drift::Drift;
use crate::file::outline::{Outline, ValueState};
use crate::file::rekey::{self, Rekeyed};
use crate::file::seal::Encrypted;
use crate::file::sops::{
    self, Confirmed, KeySet, KeyWrap, MacCheck, Plan as SopsPlan, Rekeying as SopsRekeying, Rotation, SealedFile,
    unlock_data_key,
};

/// What a change of keys works with.
pub struct Rekeying<'k> {
    /// Opens the data keys that the file has.
    pub unlock: &'k dyn Unlock,
    /// Wraps for keys.
    pub wrap: &'k KeyWrap<'k>,
    /// The keys that a data key of the sops dialect may be wrapped for, where there is no plan: its metadata is not
    /// authenticated, so that a key stands in it confirms nothing.
    pub confirmed: &'k Confirmed,
    /// The time that files of the sops dialect note.
    pub now: Time,
}

impl<'k> Rekeying<'k> {
    fn sops<'s>(&'s self, confirmed: &'s Confirmed) -> SopsRekeying<'s>
    where
        'k: 's,
    {
        SopsRekeying {
            unlock: self.unlock,
            wrap: self.wrap,
            confirmed,
            now: self.now.clone(),
            check: MacCheck::Require,
        }
    }
}

/// Encrypts everything in `old` anew under new data keys, with the policy and for the readers that it has.
///
/// # Errors
/// Those of [`file::rotate`](crate::file::rotate) and [`file::sops::rekey`](sops::rekey).
pub fn rotate(old: &[u8], format: &'static dyn Format, rekeying: &Rekeying<'_>) -> Result<Rekeyed, Error> {
    explained(old, || {
        let Some((sealed, store)) = sops_file(old, format)? else {
            return rekey::rotate(old, format, rekeying.unlock, rekeying.wrap.interaction);
        };
        let keys = KeySet::of(sealed.metadata());
        let sops::Rekeyed { text, new_data_key } =
            sops::rekey(old, store, keys, Rotation::Always, &rekeying.sops(rekeying.confirmed))?;
        Ok(Rekeyed { text, drift: Drift::default(), new_data_key, cleared: Vec::new(), warnings: Vec::new() })
    })
}

/// Gives `old` the readers and the policy of `plan`, whose keys count as confirmed. As long as nobody loses access and the
/// policy stays, the data key does, too.
///
/// # Errors
/// Those of [`file::update_keys`](crate::file::update_keys) and [`file::sops::rekey`](sops::rekey);
/// [`Error::OtherDialect`].
pub fn update_keys(
    old: &[u8],
    format: &'static dyn Format,
    plan: &Plan,
    rekeying: &Rekeying<'_>,
) -> Result<Rekeyed, Error> {
    explained(old, || match (plan, sops_file(old, format)?) {
        (Plan::Native(plan), None) => rekey::update_keys(old, format, plan, rekeying.unlock, rekeying.wrap.interaction),
        (Plan::Sops(plan), Some((sealed, store))) => update_sops_keys(old, &sealed, store, plan, rekeying),
        (plan, sealed) => Err(other_dialect(plan, sealed.is_some())),
    })
}

/// Encrypts the plaintext of `input` in the place of the encrypted file `old`, with the readers and the policy of `plan`. As
/// long as these allow it (see [`update_keys`]) the data keys stay, and the tokens of all values that did not change (I8).
///
/// # Errors
/// Those of [`update_keys`] for `old` and of [`encrypt`](super::encrypt) for `input`.
pub fn update_to(old: &[u8], input: Input<'_>, plan: &Plan, rekeying: &Rekeying<'_>) -> Result<Encrypted, Error> {
    match (plan, sops_file(old, input.format)?) {
        (Plan::Native(plan), None) => {
            rekey::update_to(old, &input.document()?, plan, rekeying.unlock, rekeying.wrap.interaction)
        }
        (Plan::Sops(plan), Some((sealed, store))) => {
            let text = update_sops_to(old, &sealed, store, input, plan, rekeying)?;
            let summary = summary(&text, store, old)?;
            Ok(Encrypted { text, summary })
        }
        (plan, sealed) => Err(other_dialect(plan, sealed.is_some())),
    }
}

fn other_dialect(plan: &Plan, is_sops: bool) -> Error {
    let file = if is_sops { Dialect::Sops } else { Dialect::Native };
    Error::OtherDialect { file: file.as_str(), rule: plan.dialect().as_str() }
}

fn update_sops_keys(
    old: &[u8],
    sealed: &SealedFile<'_>,
    store: Store,
    plan: &SopsPlan,
    rekeying: &Rekeying<'_>,
) -> Result<Rekeyed, Error> {
    let drift = plan.drift(sealed.metadata(), store);
    if !drift.policy.is_empty() {
        let text = encrypt_anew(sealed, store, None, plan, rekeying)?;
        let cleared = cleared(sealed, &text, store)?;
        return Ok(Rekeyed { text, drift, new_data_key: true, cleared, warnings: Vec::new() });
    }
    let rotation = if drift.needs_new_data_key() { Rotation::Always } else { Rotation::WhenReadersLeave };
    let (keys, confirmed) = (plan.key_set(sealed.metadata(), &rekeying.now), Confirmed::by_plan(plan));
    let sops::Rekeyed { text, new_data_key } = sops::rekey(old, store, keys, rotation, &rekeying.sops(&confirmed))?;
    Ok(Rekeyed { text, drift, new_data_key, cleared: Vec::new(), warnings: Vec::new() })
}

fn update_sops_to(
    old: &[u8],
    sealed: &SealedFile<'_>,
    store: Store,
    input: Input<'_>,
    plan: &SopsPlan,
    rekeying: &Rekeying<'_>,
) -> Result<String, Error> {
    let drift = plan.drift(sealed.metadata(), store);
    if drift.needs_new_data_key() {
        return encrypt_anew(sealed, store, Some(input.plaintext), plan, rekeying);
    }
    let (keys, confirmed) = (plan.key_set(sealed.metadata(), &rekeying.now), Confirmed::by_plan(plan));
    let text = match drift.is_empty() {
        true => None,
        false => Some(sops::rekey(old, store, keys, Rotation::WhenReadersLeave, &rekeying.sops(&confirmed))?.text),
    };
    let text = text.as_ref().map_or(old, String::as_bytes);
    // The data key is the same, and so are the tokens.
    let data_key = unlock_data_key(sealed.metadata(), rekeying.unlock)?;
    let sealed = SealedFile::read(text, store)?.ok_or(Error::NotEncrypted)?;
    let is_same = *sealed.decrypt(&data_key, MacCheck::Require)?.plaintext == *input.plaintext;
    match is_same {
        true => String::from_utf8(text.to_vec()).map_err(|_| Error::NotEncrypted),
        false => sealed.update(input.plaintext, &data_key, rekeying.now.clone(), MacCheck::Require),
    }
}

/// Encrypts a file, or another plaintext in its place, by `plan` under a new data key.
fn encrypt_anew(
    sealed: &SealedFile<'_>,
    store: Store,
    plaintext: Option<&[u8]>,
    plan: &SopsPlan,
    rekeying: &Rekeying<'_>,
) -> Result<String, Error> {
    let old_key = unlock_data_key(sealed.metadata(), rekeying.unlock)?;
    let opened = sealed.decrypt(&old_key, MacCheck::Require)?;
    let KeySet { groups, shamir_threshold } = plan.key_set(sealed.metadata(), &rekeying.now);
    let unknown = sealed.metadata().unknown.clone();
    let metadata = plan.metadata(store, rekeying.now.clone());
    let mut metadata = Metadata { groups, shamir_threshold, unknown, ..metadata };
    let new_key = DataKey::generate()?;
    sops::wrap_data_key(&mut metadata, &new_key, rekeying.wrap)?;
    sops::encrypt(plaintext.unwrap_or(&opened.plaintext), store, &new_key, metadata)
}

/// The paths of the values that are encrypted in `sealed` and clear in `text`, which holds the same ones.
fn cleared(sealed: &SealedFile<'_>, text: &str, store: Store) -> Result<Vec<String>, Error> {
    let (before, after) =
        (sealed.outline()?, SealedFile::read(text.as_bytes(), store)?.ok_or(Error::NotEncrypted)?.outline()?);
    let in_state = |outline: &Outline, state| -> Vec<String> {
        outline.values().filter(|value| value.state() == state).map(|value| value.path()).collect()
    };
    let sealed: HashSet<_> = in_state(&before, ValueState::Sealed).into_iter().collect();
    Ok(in_state(&after, ValueState::Clear).into_iter().filter(|path| sealed.contains(path)).collect())
}
