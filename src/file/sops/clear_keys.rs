//! Keys for tests, which hold in clear what is wrapped to them.

use super::{Unlock, Wrap};
use crate::data_key::DataKey;
use crate::dialect::sops::{KeyGroup, KeyKind, MasterKey};
use crate::error::Error;
use crate::error::sops::{KeyFault, KeyReport};
use crate::keys::shamir::Share;

/// [`Unlock`] and [`Wrap`] without cryptography.
pub(super) struct ClearKeys<'n> {
    /// Whether the key with this name can be opened.
    pub(super) opens: fn(&str) -> bool,
    /// Keys that must not be tried.
    pub(super) forbidden: &'n [&'n str],
}

impl ClearKeys<'_> {
    fn opened(&self, group: &KeyGroup) -> Result<Vec<u8>, Vec<KeyReport>> {
        let is_forbidden = |key: &MasterKey| self.forbidden.contains(&key.name().as_str());
        assert!(!group.keys.iter().any(is_forbidden), "asked for more than is needed");
        match group.keys.iter().find(|key| self.can_wrap(key) && (self.opens)(&key.name())) {
            Some(key) => Ok(key.enc().split_whitespace().map(|byte| byte.parse().expect("a byte")).collect()),
            None => Err(group.keys.iter().map(not_opened).collect()),
        }
    }
}

fn not_opened(key: &MasterKey) -> KeyReport {
    KeyReport { list: key.kind().list(), name: key.name(), fault: KeyFault::NoIdentity }
}

fn enc(secret: &[u8]) -> Result<String, Error> {
    Ok(secret.iter().map(|byte| format!("{byte} ")).collect())
}

impl Unlock for ClearKeys<'_> {
    fn data_key(&self, group: &KeyGroup) -> Result<DataKey, Vec<KeyReport>> {
        Ok(DataKey::from_bytes(&self.opened(group)?).expect("a data key"))
    }

    fn share(&self, group: &KeyGroup) -> Result<Share, Vec<KeyReport>> {
        Ok(Share::from_bytes(&self.opened(group)?).expect("a share"))
    }
}

impl Wrap for ClearKeys<'_> {
    fn data_key(&self, _: &MasterKey, data_key: &DataKey) -> Result<String, Error> {
        enc(data_key.expose())
    }

    fn share(&self, _: &MasterKey, share: &Share) -> Result<String, Error> {
        enc(share.expose())
    }

    fn can_wrap(&self, key: &MasterKey) -> bool {
        key.kind() == KeyKind::Age
    }
}
