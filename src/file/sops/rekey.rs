//! Giving a file other keys, or a new data key.
//!
//! Metadata of SOPS are not authenticated: anybody can add a key to them. So nothing is wrapped for a key only because it
//! stands in the file: somebody has to confirm it.

use super::edits::Edits;
use super::key_set::KeySet;
use super::plan::Plan;
use super::tree::Tree;
use super::unlock::{Unlock, combine, unlock_data_key, unlock_shares};
use super::wrap::{Wrap, wrap_data_key, wrap_group};
use super::{MacCheck, attach, block, checked_text};
use crate::config::sops::{CreationRule, Key};
use crate::data_key::DataKey;
use crate::dialect::sops::{Cipher, MasterKey, Metadata, Time};
use crate::document::MAX_ENCRYPTED_LEN;
use crate::document::sops::Store;
use crate::error::sops::SopsError;
use crate::error::{Error, Position};
use crate::keys::shamir;

/// The keys that somebody has vouched for: the rule of the file, or the user by name.
#[derive(Clone, Debug, Default)]
pub struct Confirmed {
    /// Each with the number of its group, where the rule has several: in another one a key could make a threshold void.
    keys: Vec<(Option<usize>, MasterKey)>,
}

impl Confirmed {
    /// Those that a rule names, each for its group.
    #[must_use]
    pub fn by_rule(rule: &CreationRule) -> Self {
        Self::by_groups(rule.key_groups.iter().map(|keys| keys.iter().map(Key::master_key).collect()).collect())
    }

    /// Those of a plan, each for its group.
    #[must_use]
    pub fn by_plan(plan: &Plan) -> Self {
        Self::by_groups(plan.groups.iter().map(|keys| keys.iter().map(|named| named.key.clone()).collect()).collect())
    }

    fn by_groups(groups: Vec<Vec<MasterKey>>) -> Self {
        let is_one = groups.len() == 1;
        let groups = groups.into_iter().enumerate();
        let keys = groups.flat_map(|(at, keys)| keys.into_iter().map(move |key| (Some(at).filter(|_| !is_one), key)));
        Self { keys: keys.collect() }
    }

    /// Adds keys that the user has named, for whatever group.
    pub fn add(&mut self, keys: impl IntoIterator<Item = MasterKey>) {
        self.keys.extend(keys.into_iter().map(|key| (None, key)));
    }

    /// Whether somebody has vouched for `key` in the group with this number, from 0.
    #[must_use]
    pub fn has(&self, group: usize, key: &MasterKey) -> bool {
        let mut confirmed = self.keys.iter().filter(|(number, _)| number.is_none_or(|number| number == group));
        confirmed.any(|(_, confirmed)| confirmed.is_same(key))
    }
}

/// When a file gets a new data key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// In any case.
    Always,
    /// When somebody who could open the file shall not open it any more ([`KeySet::loses_readers`]).
    WhenReadersLeave,
}

/// What a change of keys works with.
pub struct Rekeying<'k> {
    /// Opens the data key that the file has.
    pub unlock: &'k dyn Unlock,
    /// Wraps for keys.
    pub wrap: &'k dyn Wrap,
    /// The keys that may be wrapped for.
    pub confirmed: &'k Confirmed,
    /// The time.
    pub now: Time,
    /// Whether the MAC has to be right when values are encrypted anew. Where the data key stays it does not count.
    pub check: MacCheck,
}

/// A file with other keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rekeyed {
    /// The file.
    pub text: String,
    /// Whether it has a new data key, and with it new tokens and a new MAC.
    pub new_data_key: bool,
}

/// Gives the file `old` the keys in `keys`.
///
/// When the data key stays, so do its tokens, its MAC, the time of the last change, and what was wrapped for keys that
/// stay; with several groups new keys get shares that fit to the others'. Otherwise everything is encrypted and wrapped
/// anew.
///
/// # Errors
/// [`SopsError::Unconfirmed`], [`SopsError::CannotWrap`] and [`Error::KeyGroups`] for keys that cannot be, before anything is
/// asked for; those of [`unlock_data_key`] and [`Wrap`]; and with a new data key those of [`decrypt`](super::decrypt) and
/// [`encrypt`](super::encrypt).
pub fn rekey(
    old: &[u8],
    store: Store,
    keys: KeySet,
    rotation: Rotation,
    rekeying: &Rekeying<'_>,
) -> Result<Rekeyed, Error> {
    let text = checked_text(old, MAX_ENCRYPTED_LEN)?;
    let tree = Tree::read(store, text)?;
    let metadata = Metadata::from_field(&tree.metadata()?.ok_or(SopsError::NoMetadata)?)?;
    keys.check()?;
    let before = KeySet::of(&metadata);
    let new_data_key = rotation == Rotation::Always || before.loses_readers(&keys);
    let scope = if new_data_key { Scope::All } else { Scope::of(&before, &keys) };
    check_keys(&before, &keys, scope, rekeying)?;
    let KeySet { groups, shamir_threshold } = keys;
    let mut new = Metadata { groups, shamir_threshold, ..metadata.clone() };
    if new_data_key {
        let old_key = unlock_data_key(&metadata, rekeying.unlock)?;
        let opened = super::decrypt(old, store, &old_key, rekeying.check)?;
        let new_key = DataKey::generate()?;
        new.last_modified = rekeying.now.clone();
        wrap_data_key(&mut new, &new_key, rekeying.wrap)?;
        let text = super::encrypt(&opened.plaintext, store, &new_key, new)?;
        return Ok(Rekeyed { text, new_data_key });
    }
    wrap_again(text, store, &metadata, &mut new, scope, rekeying)?;
    Ok(Rekeyed { text: with_metadata(&tree, &new)?, new_data_key })
}

/// For which keys something is wrapped.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    All,
    /// Those that are new in the only group.
    NewInGroup,
    /// Those that are new in one of several groups; the shares stay.
    NewInGroups,
}

impl Scope {
    /// When the data key stays.
    fn of(before: &KeySet, after: &KeySet) -> Self {
        match (before.groups.len(), after.groups.len()) {
            (1, 1) => Self::NewInGroup,
            (1, _) | (_, 1) => Self::All,
            // How many shares make the data key has to be known, and to stay.
            _ if before.shamir_threshold.is_some() && before.shamir_threshold == after.shamir_threshold => {
                Self::NewInGroups
            }
            _ => Self::All,
        }
    }
}

/// Refuses to wrap for keys that nobody vouched for, or that cannot be wrapped for.
fn check_keys(before: &KeySet, after: &KeySet, scope: Scope, rekeying: &Rekeying<'_>) -> Result<(), SopsError> {
    let keys = after.groups.iter().enumerate();
    let keys = keys.flat_map(|(number, group)| group.keys.iter().map(move |key| (number, key)));
    let wrapped = keys.filter(|&(number, key)| scope == Scope::All || !before.holds(number, key));
    let (mut unconfirmed, mut foreign) = (Vec::new(), Vec::new());
    for (number, key) in wrapped {
        let name = || key.name().escape_debug().to_string();
        if !rekeying.confirmed.has(number, key) {
            unconfirmed.push(name());
        } else if !rekeying.wrap.can_wrap(key) {
            foreign.push(name());
        }
    }
    if !unconfirmed.is_empty() {
        return Err(SopsError::Unconfirmed { keys: unconfirmed });
    }
    if foreign.is_empty() { Ok(()) } else { Err(SopsError::CannotWrap { keys: foreign }) }
}

/// Wraps the data key that a file has, or its shares.
fn wrap_again(
    text: &str,
    store: Store,
    old: &Metadata,
    new: &mut Metadata,
    scope: Scope,
    rekeying: &Rekeying<'_>,
) -> Result<(), Error> {
    let Rekeying { unlock, wrap, .. } = *rekeying;
    let before = KeySet::of(old);
    if scope != Scope::NewInGroups {
        let data_key = unlock_data_key(old, unlock)?;
        check_data_key(text, store, old, &data_key)?;
        return match new.groups.as_mut_slice() {
            [group] if scope == Scope::NewInGroup => {
                wrap_group(group, |key| before.holds(0, key), |key| wrap.data_key(key, &data_key))
            }
            _ => wrap_data_key(new, &data_key, wrap),
        };
    }
    let shares = unlock_shares(old, unlock)?;
    if shares.iter().any(|(number, share)| usize::from(share.x()) != number + 1) {
        return Err(SopsError::Shares { what: "a key group holds the share of another one" }.into());
    }
    let shares: Vec<_> = shares.into_iter().map(|(_, share)| share).collect();
    check_data_key(text, store, old, &combine(&shares)?)?;
    for (number, group) in new.groups.iter_mut().enumerate() {
        let share = shamir::share_of(&shares, number + 1)?;
        wrap_group(group, |key| before.holds(number, key), |key| wrap.share(key, &share))?;
    }
    Ok(())
}

/// Refuses a data key that is not the file's. With a threshold that somebody has lowered, shares give another one, and to
/// wrap that would lock everybody out.
fn check_data_key(text: &str, store: Store, metadata: &Metadata, data_key: &DataKey) -> Result<(), Error> {
    let opens = |mac: &String| Cipher::new(data_key).open(&metadata.mac_aad(), mac).is_ok();
    if metadata.mac.as_ref().is_some_and(opens) {
        return Ok(());
    }
    // The MAC does not count here, and may be a damaged one.
    super::decrypt(text.as_bytes(), store, data_key, MacCheck::Ignore).map(drop)
}

/// The file of `tree` with other metadata, and nothing else changed.
fn with_metadata(tree: &Tree<'_>, metadata: &Metadata) -> Result<String, Error> {
    let body = without_metadata(tree);
    let mut edits = Edits::default();
    attach::attach(&Tree::read(tree.store, &body)?, &metadata.to_field(), &mut edits)?;
    let changed = std::mem::take(&mut *edits.apply(&body));
    let read = Tree::read(tree.store, &changed)?;
    // Flattened, as in dotenv, empty lists are not there and numbers are texts.
    let field = Metadata::from_field(&read.metadata()?.ok_or(SopsError::NoMetadata)?)?.to_field();
    if field == metadata.to_field() && without_metadata(&read) == body {
        return Ok(changed);
    }
    Err(Error::SelfCheck { at: Position { line: 1, column: 1 } })
}

fn without_metadata(tree: &Tree<'_>) -> String {
    let mut edits = Edits::default();
    block::spans(tree).into_iter().for_each(|range| edits.remove(range));
    let body = std::mem::take(&mut *edits.apply(tree.text));
    // As in opening: nothing but metadata is an empty map.
    if tree.store == Store::Yaml && body.trim().is_empty() { "{}\n".to_owned() } else { body }
}

#[cfg(test)]
mod tests;
