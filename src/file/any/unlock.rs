//! Data keys of files of either dialect.

use super::SopsMetadata;
use crate::data_key::DataKey;
use crate::error::Error;
use crate::file::open::{IdentityUnlock, Unlock as NativeUnlock};
use crate::file::sops::{DecryptionOrder, KeyUnlock, unlock_data_key};

/// Finds the data keys of a file, whatever its dialect.
pub trait Unlock: NativeUnlock {
    /// The data key of a file of the sops dialect.
    ///
    /// # Errors
    /// Those of [`unlock_data_key`].
    fn sops_data_key(&self, metadata: &SopsMetadata) -> Result<DataKey, Error>;
}

/// Without `gpg`.
impl Unlock for IdentityUnlock<'_> {
    fn sops_data_key(&self, metadata: &SopsMetadata) -> Result<DataKey, Error> {
        let Self { identities, interaction } = *self;
        unlock_data_key(metadata, &KeyUnlock { identities, interaction, gpg: None, order: DecryptionOrder::default() })
    }
}
