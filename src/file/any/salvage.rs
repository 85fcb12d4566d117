//! Opening what does not verify: the values of a file that was merged by hand, each for itself.

use super::Metadata;
use super::decrypted::Decrypted;
use super::detect::sops_file;
use super::{Unlock, status};
use crate::data_key::DataKey;
use crate::dialect::native::Section;
use crate::document::Format;
use crate::error::{Error, Step};
use crate::file::open::{self, section_error};
use crate::file::sops::{MacCheck, unlock_data_key};
use crate::file::{Unlock as NativeUnlock, open::SealedFile};

/// Opens each value of `broken` for itself, under the data keys of `verified`, versions of the file that verify, and under no
/// other ones: whoever made another data key could have made all of its values.
///
/// What comes out holds values that the file once had, and not more: somebody without a key may have put them together, and
/// written clear values as he liked. Nobody should use it before [`doubts`](crate::file::doubts) were answered.
///
/// # Errors
/// Those of [`decrypt`](super::decrypt), but for the links and the MACs.
pub fn salvage(
    broken: &[u8],
    format: &'static dyn Format,
    verified: &[&[u8]],
    unlock: &dyn Unlock,
) -> Result<Decrypted, Error> {
    let Some((sealed, store)) = sops_file(broken, format)? else {
        let mut sections = Vec::new();
        for version in verified {
            if let Some(Metadata::Native(metadata)) = status(version, format)? {
                sections.extend(metadata.sections);
            }
        }
        let sealed = SealedFile::read_loosely(broken, format)?;
        let keys = sealed.unlock(&Known { sections, unlock })?;
        let opened = sealed.open_loosely(&keys)?;
        let (document, warnings, metadata) = (opened.document, opened.warnings, sealed.metadata);
        return Ok(Decrypted::of_native(open::Decrypted { document, warnings, metadata }));
    };
    let mut result = Err(Error::NotEncrypted);
    for version in verified {
        let Some((version, _)) = sops_file(version, format)? else { continue };
        let data_key = unlock_data_key(version.metadata(), unlock)?;
        result = sealed.decrypt(&data_key, MacCheck::Ignore);
        if result.is_ok() {
            break;
        }
    }
    Ok(Decrypted::of_sops(result?, store, format))
}

/// Opens the data keys of sections that are known, and of no other ones.
struct Known<'u> {
    sections: Vec<Section>,
    unlock: &'u dyn Unlock,
}

impl NativeUnlock for Known<'_> {
    fn unlock(&self, section: &Section) -> Result<Option<DataKey>, Error> {
        let is_same = |known: &&Section| known.name == section.name && known.key_id == section.key_id;
        // Who reads it, the known one says: that of the broken file is not authenticated.
        let known = self.sections.iter().find(is_same).ok_or_else(|| section_error(Step::KeyId, section))?;
        NativeUnlock::unlock(self.unlock, known)
    }
}

#[cfg(test)]
mod tests;
