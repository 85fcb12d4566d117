//! Who reads what of a file, whatever its dialect.

use super::Metadata;
use crate::dialect::native::{self, DEFAULT_NAME};
use crate::dialect::sops::Metadata as SopsMetadata;
use crate::file::{drift, sops};

/// A part of a file, and who reads it. Files of the sops dialect are one part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionReaders {
    /// Its name.
    pub name: String,
    /// The globs of its values; none for all those that are in no other section.
    pub paths: Vec<String>,
    /// How many of its key groups are needed; none when each reader does alone.
    pub threshold: Option<u8>,
    /// The readers: in groups by these, otherwise as they stand in the file.
    pub readers: Vec<SectionReader>,
}

/// One reader of a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionReader {
    /// The label; files of the sops dialect have none, and there it is the kind of key.
    pub name: String,
    /// The number of the key group, from 1, where there are such.
    pub group: Option<u8>,
    /// The key.
    pub recipient: String,
}

impl Metadata {
    /// The fields of its policy, without sections.
    pub(in crate::file) fn policy_fields(&self) -> drift::Fields {
        match self {
            Self::Native(metadata) => drift::fields(&metadata.policy),
            Self::Sops(metadata, store) => sops::policy_fields(metadata, *store),
        }
    }

    /// Its sections, `default` first.
    #[must_use]
    pub fn sections(&self) -> Vec<SectionReaders> {
        match self {
            Self::Native(metadata) => (0..metadata.sections.len()).map(|index| of_native(metadata, index)).collect(),
            Self::Sops(metadata, _) => vec![of_sops(metadata)],
        }
    }
}

fn of_native(metadata: &native::Metadata, index: usize) -> SectionReaders {
    let section = &metadata.sections[index];
    let globs = index.checked_sub(1).and_then(|index| metadata.policy.sections.get(index));
    let mut readers: Vec<_> = section
        .readers
        .iter()
        .map(|reader| SectionReader {
            name: reader.name.clone(),
            group: reader.group,
            recipient: reader.recipient.clone(),
        })
        .collect();
    readers.sort_by_key(|reader| reader.group);
    SectionReaders {
        name: section.name.clone(),
        paths: globs.into_iter().flatten().map(|glob| glob.as_str().to_owned()).collect(),
        threshold: section.threshold,
        readers,
    }
}

fn of_sops(metadata: &SopsMetadata) -> SectionReaders {
    let count = metadata.groups.len();
    let mut readers = Vec::new();
    for (group, number) in metadata.groups.iter().zip(1..) {
        readers.extend(group.keys.iter().map(|key| SectionReader {
            name: key.kind().list().to_owned(),
            group: (count > 1).then_some(number),
            recipient: key.name(),
        }));
    }
    let threshold = metadata.shamir_threshold.unwrap_or(count);
    SectionReaders {
        name: DEFAULT_NAME.to_owned(),
        paths: Vec::new(),
        threshold: (count > 1).then(|| u8::try_from(threshold).unwrap_or(u8::MAX)),
        readers,
    }
}
