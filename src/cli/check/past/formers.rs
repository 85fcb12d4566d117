//! Files that had other names: what the history of a new file is, where git sees none.

use std::collections::HashMap;
use std::path::PathBuf;

use sops_rs::document::MAX_ENCRYPTED_LEN;
use sops_rs::file::any::{Metadata, SnapshotKind, Trace};

use super::Past;
use crate::cli::check::inspect::Encrypted;
use crate::cli::check::past::Subject;
use crate::cli::git::{Objects, Repository};
use crate::cli::report::Failure;

impl Past<'_> {
    /// The names under which files without a past of their own were in the repository, by the name that they have now: a file that
    /// went had their data key. git goes by how similar two files are, and comments, which anybody may add, make them differ.
    pub(super) fn formers(
        &self,
        repository: &Repository,
        new: &[&Subject<'_>],
    ) -> Result<HashMap<PathBuf, PathBuf>, Failure> {
        let mut formers = HashMap::new();
        if new.is_empty() {
            return Ok(formers);
        }
        let mut deleted = self.selected.deleted.clone();
        deleted.extend(repository.deleted(&self.selected.tips)?);
        deleted.retain(|entry| entry.is_file());
        let ids: Vec<_> = deleted.iter().filter_map(|entry| entry.id).collect();
        let mut traces = Vec::with_capacity(ids.len());
        Objects::start(repository)?.each(&ids, MAX_ENCRYPTED_LEN, |_, object| {
            traces.push(object.into_bytes().map(|bytes| Trace::of(&bytes)).unwrap_or_default());
        })?;
        let deleted = deleted.iter().filter(|entry| entry.id.is_some());
        for (entry, trace) in deleted.zip(&traces) {
            for subject in new {
                let name = &subject.candidate.place.name;
                if *name != entry.path && subject.inspected.encrypted.as_ref().is_some_and(|file| is_same(file, trace))
                {
                    formers.entry(name.clone()).or_insert_with(|| entry.path.clone());
                }
            }
        }
        Ok(formers)
    }
}

/// Whether a file has a data key of what left this trace; one of SOPS, which does not show its key, a token of it.
fn is_same(file: &Encrypted, trace: &Trace) -> bool {
    match file.snapshot.metadata() {
        Some(Metadata::Native(metadata)) => metadata.sections.iter().any(|section| trace.has_key(&section.key_id)),
        _ => {
            let values = file.snapshot.leaves().filter(|leaf| leaf.kind() == SnapshotKind::Value);
            values.filter_map(|leaf| leaf.seal()).any(|seal| trace.has_seal(seal))
        }
    }
}
