//! Whether the data keys of two versions are the same.

use crate::dialect::native::{self, DEFAULT_NAME};
use crate::dialect::sops::{self, MasterKey};
use crate::file::any::{Metadata, Snapshot};

/// A section whose data key is another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDataKey {
    /// The section.
    pub section: String,
    /// Whether the file says that whoever made it had the one before, which only a reader can verify; none in the sops
    /// dialect, where nothing says so, and a new data key shows in that nothing stayed.
    pub follows: Option<bool>,
    /// Whether that is so, if a reader has verified it ([`proves_to_follow`](crate::file::proves_to_follow)).
    pub proven: Option<bool>,
}

/// A reader for whom the same data key was wrapped again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewrapped {
    /// The section.
    pub section: String,
    /// The reader's name; in the sops dialect the kind of key.
    pub name: String,
    /// The key.
    pub recipient: String,
}

/// The data keys of two versions.
#[derive(Default)]
pub(super) struct DataKeys {
    pub(super) new: Vec<NewDataKey>,
    pub(super) rewrapped: Vec<Rewrapped>,
    /// Whether no seal of one version can be one of the other.
    all_differ: bool,
    /// Sections with the ids of their data keys.
    ids: [Vec<(String, [u8; native::KEY_ID_LEN])>; 2],
}

impl DataKeys {
    pub(super) fn compare(before: &Snapshot, after: &Snapshot) -> Self {
        match (before.metadata(), after.metadata()) {
            (Some(Metadata::Native(old)), Some(Metadata::Native(new))) => Self::of_native(old, new),
            (Some(Metadata::Sops(old, _)), Some(Metadata::Sops(new, _))) => Self::of_sops(old, new, before, after),
            _ => Self { all_differ: true, ..Self::default() },
        }
    }

    /// Whether a leaf of the section `before` and one of `after` may have the same seal.
    pub(super) fn are_same(&self, before: &str, after: &str) -> bool {
        let id = |version: usize, name: &str| self.ids[version].iter().find(|(section, _)| section == name);
        !self.all_differ && id(0, before).map(|(_, id)| id) == id(1, after).map(|(_, id)| id)
    }

    fn of_native(old: &native::Metadata, new: &native::Metadata) -> Self {
        let ids = |metadata: &native::Metadata| {
            metadata.sections.iter().map(|section| (section.name.clone(), section.key_id)).collect()
        };
        let mut keys = Self { ids: [ids(old), ids(new)], ..Self::default() };
        for section in &new.sections {
            let Some(before) = old.sections.iter().find(|other| other.name == section.name) else { continue };
            if before.key_id != section.key_id {
                let follows = Some(section.follows.is_some());
                keys.new.push(NewDataKey { section: section.name.clone(), follows, proven: None });
                continue;
            }
            for reader in &section.readers {
                let other = before.readers.iter().find(|other| other.recipient == reader.recipient);
                if other.is_some_and(|other| other.wrapped_key != reader.wrapped_key) {
                    keys.rewrapped.push(Rewrapped {
                        section: section.name.clone(),
                        name: reader.name.clone(),
                        recipient: reader.recipient.clone(),
                    });
                }
            }
        }
        keys
    }

    /// Nothing names the data key of a file of SOPS. One is new when every wrapped key is, and no value kept its token.
    fn of_sops(old: &sops::Metadata, new: &sops::Metadata, before: &Snapshot, after: &Snapshot) -> Self {
        let keys = |metadata: &sops::Metadata| -> Vec<MasterKey> {
            metadata.groups.iter().flat_map(|group| group.keys.iter().cloned()).collect()
        };
        let (old, new) = (keys(old), keys(new));
        let rewrapped = |key: &&MasterKey| old.iter().any(|other| other.is_same(key) && other.enc() != key.enc());
        let rewrapped: Vec<_> = new.iter().filter(rewrapped).collect();
        let kept_keys = new.iter().filter(|key| old.iter().any(|other| other.is_same(key))).count();
        let seals = |snapshot: &Snapshot| -> std::collections::HashSet<_> {
            snapshot.leaves().filter_map(|leaf| Some(leaf.seal()?.seal)).collect()
        };
        let (old_seals, new_seals) = (seals(before), seals(after));
        let is_new = rewrapped.len() == kept_keys
            && !(old_seals.is_empty() || new_seals.is_empty())
            && old_seals.is_disjoint(&new_seals);
        if is_new {
            let new = vec![NewDataKey { section: DEFAULT_NAME.to_owned(), follows: None, proven: None }];
            return Self { new, all_differ: true, ..Self::default() };
        }
        let rewrapped = rewrapped.into_iter().map(|key| Rewrapped {
            section: DEFAULT_NAME.to_owned(),
            name: key.kind().list().to_owned(),
            recipient: key.name(),
        });
        Self { rewrapped: rewrapped.collect(), ..Self::default() }
    }
}
