//! What differs between two versions of an encrypted file, told without a key: its leaves, who reads them, by which policy.
//!
//! Nothing of it is authenticated: whoever can change a file can change what is told of it. [`Snapshot::open`] adds values
//! that were.

use std::collections::HashSet;

use zeroize::Zeroizing;

use super::any::{Metadata, SealDigest, Snapshot, SnapshotKind};
use super::drift::Drift;
use crate::config::Dialect;
use crate::dialect::native::Proposal;

mod content;
mod data_keys;
mod leaves;
mod pairs;
mod runs;
#[cfg(test)]
mod tests;

pub use data_keys::{NewDataKey, Rewrapped};

/// What differs.
#[derive(Debug, Default)]
pub struct Diff {
    /// The leaves that differ, in the order of the new version; those that are gone stand where they were.
    pub leaves: Vec<LeafChange>,
    /// How many sealed values stand in both with the same value, as far as that is known.
    pub kept: usize,
    /// Who gained and lost access, and what changed of the policy.
    pub drift: Drift,
    /// The sections of both versions, and how much is sealed in them: what a reader of them reads.
    pub sections: Vec<SectionSize>,
    /// Sections with another data key.
    pub data_keys: Vec<NewDataKey>,
    /// Readers for whom the same data key was wrapped again.
    pub rewrapped: Vec<Rewrapped>,
    /// The dialects, if it was converted.
    pub dialect: Option<(Dialect, Dialect)>,
    /// The names of the formats, if they differ.
    pub format: Option<(&'static str, &'static str)>,
    /// Whether the metadata block lies otherwise in the text.
    pub layout: bool,
    /// Proposals that came.
    pub proposed: Vec<ProposalNote>,
    /// Proposals that went: accepted, or taken back.
    pub settled: Vec<ProposalNote>,
}

/// How much of a section is sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionSize {
    /// Its name.
    pub name: String,
    /// The globs of its values; none for all those that are in no other section.
    pub paths: Vec<String>,
    /// How many values were sealed in it; none when it is new.
    pub before: Option<usize>,
    /// How many are; none when it is gone.
    pub after: Option<usize>,
}

/// A proposal, as far as everybody sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposalNote {
    /// For which leaf.
    pub path: String,
    /// Why.
    pub note: Option<String>,
}

/// A leaf that differs.
#[derive(Debug)]
pub struct LeafChange {
    /// What it is.
    pub kind: SnapshotKind,
    /// What became of it.
    pub change: Change,
    /// Where and what it was; none when it is new.
    pub before: Option<LeafSide>,
    /// Where and what it is; none when it is gone.
    pub after: Option<LeafSide>,
}

/// What became of a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Change {
    /// It is new.
    Added,
    /// It has another value.
    Changed,
    /// It stood clear, and is sealed now.
    Encrypted,
    /// The same stands at another path.
    Moved,
    /// It was sealed, and stands clear now.
    Published,
    /// Its neighbours changed, and so it was bound to them anew. It is the same.
    Relinked,
    /// It is gone.
    Removed,
    /// It was sealed anew, as it has to be when clear leaves around it change. Whether its value is another one, too, cannot be
    /// told without a key.
    Renewed,
    /// It was sealed anew with the same value.
    Resealed,
    /// Items before it came or went, and so it has another index. It is the same.
    Shifted,
    /// It was sealed anew under another data key, and whether its value is another one cannot be told without a key.
    Unknown,
}

/// A leaf in one of the versions.
pub struct LeafSide {
    /// The steps of its path for people, as `db`, `[0]`; of a comment those of what it stands in.
    pub steps: Vec<String>,
    /// The line on which it begins, from 1.
    pub line: usize,
    /// The name of its section.
    pub section: String,
    /// Its seal, if it is sealed.
    pub seal: Option<SealDigest>,
    /// What it says to everybody: a clear leaf of an encrypted file.
    pub clear: Option<Zeroizing<String>>,
    /// What it holds, if it was opened, or stands in a plaintext file: not for everybody.
    pub secret: Option<Zeroizing<String>>,
    /// Whether either of them is a string for readers of the format, and not a number or the like.
    pub is_string: bool,
    /// Whether nothing stands there: no value, an empty map, an empty list.
    pub is_empty: bool,
}

impl Change {
    /// Whether the value, or what stands for it, is another one than before: not so for what is only written otherwise.
    #[must_use]
    pub fn is_of_value(self) -> bool {
        !matches!(self, Self::Relinked | Self::Resealed | Self::Shifted)
    }
}

impl Diff {
    /// Compares two versions of a file. Where both are opened, values are compared, else seals. One of them may be a plaintext
    /// file, or [empty](Snapshot::empty): then all readers of the other one gained access, or lost it.
    #[must_use]
    pub fn between(before: &Snapshot, after: &Snapshot) -> Self {
        let data_keys = data_keys::DataKeys::compare(before, after);
        let (leaves, kept) = leaves::compare(before, after, &data_keys);
        let mut diff = Self { leaves, kept, sections: section_sizes(before, after), ..Self::default() };
        let formats = (before.format().name(), after.format().name());
        diff.format = Some(formats).filter(|(before, after)| before != after);
        let (old, new) = match (before.metadata(), after.metadata()) {
            (Some(old), Some(new)) => (old, new),
            (old, new) => {
                diff.drift.gained = new.map(Drift::all_readers).unwrap_or_default();
                diff.drift.lost = old.map(Drift::all_readers).unwrap_or_default();
                return diff;
            }
        };
        diff.drift = Drift::between(old, new);
        diff.data_keys = data_keys.new;
        diff.rewrapped = data_keys.rewrapped;
        let dialects = (old.dialect(), new.dialect());
        diff.dialect = Some(dialects).filter(|(before, after)| before != after);
        if let (Metadata::Native(old), Metadata::Native(new)) = (old, new) {
            diff.layout = old.layout != new.layout;
            let without = |list: &[Proposal], others: &[Proposal]| {
                let list = list.iter().filter(|proposal| !others.contains(proposal));
                let note =
                    |proposal: &Proposal| ProposalNote { path: proposal.path.clone(), note: proposal.note.clone() };
                list.map(note).collect()
            };
            diff.proposed = without(&new.proposals, &old.proposals);
            diff.settled = without(&old.proposals, &new.proposals);
        }
        diff
    }

    /// Whether nothing differs that anybody would call a change: values, comments and marks stand where they were, and their
    /// readers and policy are the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.leaves.iter().any(|leaf| leaf.change.is_of_value())
            && self.drift.is_empty()
            && self.data_keys.is_empty()
            && self.rewrapped.is_empty()
            && (self.dialect, self.format, self.layout) == (None, None, false)
            && self.proposed.is_empty()
            && self.settled.is_empty()
    }

    /// How many leaves changed so.
    #[must_use]
    pub fn count(&self, kind: SnapshotKind, change: Change) -> usize {
        self.leaves.iter().filter(|leaf| leaf.kind == kind && leaf.change == change).count()
    }

    /// The seals that only the new version has: an earlier one that has such a seal is where it was put back from.
    #[must_use]
    pub fn new_seals(&self) -> HashSet<SealDigest> {
        let changed = self.leaves.iter().filter(|leaf| matches!(leaf.change, Change::Added | Change::Changed));
        changed.filter_map(|leaf| leaf.after.as_ref()?.seal).collect()
    }
}

impl LeafSide {
    /// Its path for people.
    #[must_use]
    pub fn path(&self) -> String {
        let mut path = String::new();
        for step in &self.steps {
            if !path.is_empty() && !step.starts_with('[') {
                path.push('.');
            }
            path.push_str(step);
        }
        if path.is_empty() { ".".to_owned() } else { path }
    }
}

impl std::fmt::Debug for LeafSide {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LeafSide({}, line {})", self.path(), self.line)
    }
}

fn section_sizes(before: &Snapshot, after: &Snapshot) -> Vec<SectionSize> {
    let sections = |snapshot: &Snapshot| snapshot.metadata().map(Metadata::sections).unwrap_or_default();
    let size = |snapshot: &Snapshot, name: &str| {
        let is_in = |leaf: &super::any::SnapshotLeaf<'_>| {
            leaf.kind() == SnapshotKind::Value && leaf.seal().is_some() && leaf.section() == name
        };
        snapshot.leaves().filter(is_in).count()
    };
    let (old, new) = (sections(before), sections(after));
    let gone = old.iter().filter(|section| !new.iter().any(|other| other.name == section.name));
    let names = new.iter().chain(gone);
    let has = |sections: &[super::any::SectionReaders], name: &str| sections.iter().any(|section| section.name == name);
    names
        .map(|section| SectionSize {
            name: section.name.clone(),
            paths: section.paths.clone(),
            before: has(&old, &section.name).then(|| size(before, &section.name)),
            after: has(&new, &section.name).then(|| size(after, &section.name)),
        })
        .collect()
}
