//! Data keys as they are found, so that nobody is asked for a passphrase or a touch twice.

use std::cell::RefCell;

use sops_rs::data_key::DataKey;
use sops_rs::dialect::native::Section;
use sops_rs::dialect::sops::KeyGroup;
use sops_rs::error::Error;
use sops_rs::error::sops::KeyReport;
use sops_rs::file::{Unlock, sops};
use sops_rs::keys::shamir::Share;

use super::files::{IdentityOptions, Unlocker};
use super::report::Failure;

/// An [`Unlocker`] with the data keys that it found.
pub(crate) struct Remembered {
    /// The one that is asked for others.
    pub(crate) unlocker: Unlocker,
    /// Those of native sections: two versions of a file may have sections of one name with different ones.
    sections: RefCell<Vec<(Section, Option<DataKey>)>>,
    /// Those of files of the sops dialect with one key group.
    groups: RefCell<Vec<(KeyGroup, DataKey)>>,
    /// Those of files with several.
    shares: RefCell<Vec<(KeyGroup, Share)>>,
}

impl Remembered {
    /// Looks for identities.
    ///
    /// # Errors
    /// When one that was asked for cannot be used.
    pub(crate) fn find(options: &IdentityOptions) -> Result<Self, Failure> {
        let unlocker = Unlocker::find(options)?;
        Ok(Self { unlocker, sections: RefCell::default(), groups: RefCell::default(), shares: RefCell::default() })
    }
}

impl Unlock for Remembered {
    fn unlock(&self, section: &Section) -> Result<Option<DataKey>, Error> {
        let is_same = |known: &Section| known.name == section.name && known.key_id == section.key_id;
        if let Some((_, key)) = self.sections.borrow().iter().find(|(known, _)| is_same(known)) {
            return Ok(key.clone());
        }
        let key = self.unlocker.unlock(section)?;
        self.sections.borrow_mut().push((section.clone(), key.clone()));
        Ok(key)
    }
}

impl sops::Unlock for Remembered {
    fn data_key(&self, group: &KeyGroup) -> Result<DataKey, Vec<KeyReport>> {
        if let Some((_, key)) = self.groups.borrow().iter().find(|(known, _)| known == group) {
            return Ok(key.clone());
        }
        let key = self.unlocker.data_key(group)?;
        self.groups.borrow_mut().push((group.clone(), key.clone()));
        Ok(key)
    }

    fn share(&self, group: &KeyGroup) -> Result<Share, Vec<KeyReport>> {
        if let Some((_, share)) = self.shares.borrow().iter().find(|(known, _)| known == group) {
            return Ok(share.clone());
        }
        let share = self.unlocker.share(group)?;
        self.shares.borrow_mut().push((group.clone(), share.clone()));
        Ok(share)
    }
}
