//! Whether versions under different data keys may be merged unasked: one side has rotated, and the other one goes on from what
//! was there before.
//!
//! Its data key is the older one, and proves little: whoever was removed still has it, and anybody can put an earlier state of
//! the file on a branch. Git's history tells both apart from new work.

use std::collections::HashSet;
use std::path::Path;

use sops_rs::dialect::native::Section;
use sops_rs::document::{Format, MAX_ENCRYPTED_LEN};
use sops_rs::file::any::{self, Metadata, Snapshot, Trace};

use crate::cli::git::{ObjectId, Objects, Repository};

/// Three versions of a file.
pub(super) struct Versions<'v> {
    /// Its path from the top.
    pub(super) name: &'v Path,
    pub(super) format: &'static dyn Format,
    pub(super) base: &'v [u8],
    pub(super) ours: &'v [u8],
    pub(super) theirs: &'v [u8],
}

impl Versions<'_> {
    /// Whether one side only has new data keys, nobody has ever known the older ones who does not read the newer version, and
    /// nothing that the other side has changed stood in the history of the newer version before. What cannot be told is no.
    pub(super) fn are_new_work_after_a_rotation(&self) -> bool {
        self.judge().unwrap_or(false)
    }

    fn judge(&self) -> Option<bool> {
        let [base, ours, theirs] = [self.base, self.ours, self.theirs].map(|bytes| sections(bytes, self.format));
        let (base, ours, theirs) = (base?, ours?, theirs?);
        let repository = Repository::here().ok()?;
        let (head, merged) = (repository.head()?, repository.merged());
        let (older, newer_sections, newer_tips) = match (have_same_keys(&base, &ours), have_same_keys(&base, &theirs)) {
            (false, true) => (self.theirs, ours, vec![head]),
            // Which commit theirs is, git only tells in a merge.
            (true, false) => (self.ours, theirs, vec![merged?]),
            _ => return None,
        };
        let all_tips: Vec<_> = merged.into_iter().chain([head]).collect();
        let before = self.history(&repository, &newer_tips)?;
        let anywhere = self.history(&repository, &all_tips)?;
        let is_known = before.iter().any(|version| version == self.base);
        let is_told = anywhere.iter().all(|version| self.keeps_its_readers(version, &base, &newer_sections));
        Some(is_known && is_told && self.has_nothing_put_back(older, &before)?)
    }

    /// All versions that led to these commits; none when it is not known whether there are more.
    fn history(&self, repository: &Repository, tips: &[ObjectId]) -> Option<Vec<Vec<u8>>> {
        let history = repository.history(tips, &[self.name.to_owned()]).ok()?;
        let numbers = &history.of(self.name).filter(|_| history.is_complete)?.versions;
        let blobs: Vec<_> = numbers.iter().filter_map(|&number| history.versions[number].blob).collect();
        let objects = Objects::start(repository).ok()?.read_all(&blobs, MAX_ENCRYPTED_LEN).ok()?;
        objects.into_iter().map(|object| Some(object.into_bytes()?.to_vec())).collect()
    }

    /// Whether everybody who reads `version` under one of the older data keys reads the newer version, too.
    fn keeps_its_readers(&self, version: &[u8], older: &[Section], newer: &[Section]) -> bool {
        let Some(sections) = sections(version, self.format) else { return true };
        let is_older = |section: &&Section| older.iter().any(|old| old.key_id == section.key_id);
        sections.iter().filter(is_older).all(|section| {
            let now = newer.iter().find(|other| other.name == section.name);
            let now: HashSet<_> =
                now.into_iter().flat_map(|now| &now.readers).map(|reader| &reader.recipient).collect();
            section.readers.iter().all(|reader| now.contains(&reader.recipient))
        })
    }

    /// Whether no token of `older` that the base does not have stands in a version of `before`.
    fn has_nothing_put_back(&self, older: &[u8], before: &[Vec<u8>]) -> Option<bool> {
        let (base, before) =
            (Trace::of(self.base), before.iter().map(|version| Trace::of(version)).collect::<Vec<_>>());
        let snapshot = Snapshot::read(older, self.format).ok()??;
        let mut seals = snapshot.leaves().filter_map(|leaf| leaf.seal());
        let is_new = seals.all(|seal| {
            let stood = |has: fn(&Trace, &_) -> bool| !has(&base, seal) && before.iter().any(|trace| has(trace, seal));
            !stood(Trace::has_token) && !stood(Trace::has_seal)
        });
        let starts = sections(older, self.format)?;
        let is_new_start = starts.iter().all(|section| {
            base.has_start(&section.start) || !before.iter().any(|trace| trace.has_start(&section.start))
        });
        Some(is_new && is_new_start)
    }
}

/// The sections of a file of the native dialect. Other ones prove nothing of their keys.
fn sections(bytes: &[u8], format: &'static dyn Format) -> Option<Vec<Section>> {
    match any::status(bytes, format).ok()?? {
        Metadata::Native(metadata) => Some(metadata.sections),
        Metadata::Sops(..) => None,
    }
}

fn have_same_keys(a: &[Section], b: &[Section]) -> bool {
    let key = |section: &Section| (section.name.clone(), section.key_id);
    a.iter().map(key).eq(b.iter().map(key))
}
