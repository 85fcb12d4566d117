//! Data keys of files of either dialect.

use crate::data_key::DataKey;
use crate::dialect::sops::KeyGroup;
use crate::error::sops::KeyReport;
use crate::file::open::{IdentityUnlock, Unlock as NativeUnlock};
use crate::file::sops::{DecryptionOrder, KeyUnlock, Unlock as SopsUnlock};
use crate::keys::shamir::Share;

/// Finds the data keys of a file, whatever its dialect.
pub trait Unlock: NativeUnlock + SopsUnlock {}

impl<T: NativeUnlock + SopsUnlock> Unlock for T {}

impl IdentityUnlock<'_> {
    /// The same for files of the sops dialect, without `gpg`.
    fn sops(&self) -> KeyUnlock<'_> {
        let Self { identities, interaction } = *self;
        KeyUnlock { identities, interaction, gpg: None, order: DecryptionOrder::default() }
    }
}

impl SopsUnlock for IdentityUnlock<'_> {
    fn data_key(&self, group: &KeyGroup) -> Result<DataKey, Vec<KeyReport>> {
        self.sops().data_key(group)
    }

    fn share(&self, group: &KeyGroup) -> Result<Share, Vec<KeyReport>> {
        self.sops().share(group)
    }
}
