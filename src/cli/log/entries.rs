//! What is told: the versions of all files that changed something, by their commits.

use sops_rs::file::timeline::{Events, ValueEvent, VersionState};

use super::Told;
use crate::cli::git::{Commit, Version};

/// What one commit changed.
pub(super) struct Entry<'t> {
    /// The commit; none for what is not committed yet.
    pub(super) commit: Option<&'t Commit>,
    /// The files.
    pub(super) files: Vec<FileEntry<'t>>,
}

/// What it changed in one file.
pub(super) struct FileEntry<'t> {
    /// The number of the file.
    pub(super) file: usize,
    /// What git knows of the version; none when it is not committed.
    pub(super) version: Option<&'t Version>,
    pub(super) events: &'t Events,
    /// The values that are told of.
    pub(super) values: Vec<&'t ValueEvent>,
}

impl Told {
    /// At most `most` of them, the latest first.
    pub(super) fn entries(&self, most: usize) -> Vec<Entry<'_>> {
        let history = &self.timelines.history;
        let mut found: Vec<(usize, FileEntry<'_>)> = Vec::new();
        for (number, file) in self.timelines.files.iter().enumerate() {
            for (version, events) in file.versions.iter().zip(&file.timeline.versions) {
                let is_told = |event: &&ValueEvent| self.values.as_ref().is_none_or(|told| told.contains(&event.value));
                let values: Vec<_> = events.values.iter().filter(is_told).collect();
                let is_empty = if self.values.is_some() { values.is_empty() } else { events.is_empty() };
                // A file that nobody has encrypted yet is not told of.
                let is_early = events.state == VersionState::Plain && events.was_encrypted != Some(true);
                if is_empty || is_early {
                    continue;
                }
                let version = version.map(|version| &history.versions[version]);
                let commit = version.map_or(usize::MAX, |version| version.commit);
                found.push((commit, FileEntry { file: number, version, events, values }));
            }
        }
        found.sort_by_key(|(commit, entry)| (std::cmp::Reverse(*commit), entry.file));
        let mut entries: Vec<(usize, Entry<'_>)> = Vec::new();
        for (number, file) in found {
            match entries.last_mut() {
                Some((last, entry)) if *last == number => entry.files.push(file),
                _ => entries.push((number, Entry { commit: history.commits.get(number), files: vec![file] })),
            }
        }
        entries.into_iter().map(|(_, entry)| entry).take(most).collect()
    }

    /// The commit that made a version of a file; none when it is not committed.
    pub(super) fn commit(&self, file: usize, version: usize) -> Option<&Commit> {
        let version = self.timelines.files[file].versions.get(version).copied().flatten();
        self.timelines.commit_of(version)
    }
}
