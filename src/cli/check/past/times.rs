//! The versions of files: when something came, and when it went.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use sops_rs::config::Dialect;
use sops_rs::file::any::Trace;

use crate::cli::check::scope::Candidate;
use crate::cli::git::{FileHistory, History, ObjectId};

/// What was found in the versions of files.
#[derive(Default)]
pub(super) struct Traces {
    /// By their spelling.
    pub(super) all: HashMap<ObjectId, Trace>,
    /// Of those that come right before, read as files are: somebody may have written a token of long ago into a comment, so
    /// that it seems not to be new.
    pub(super) before: HashMap<ObjectId, Trace>,
    /// Whether some could not be read.
    pub(super) is_partial: bool,
}

/// The history of a file, and of one that had its data key before.
#[derive(Clone, Copy)]
pub(super) struct Pasts<'p> {
    pub(super) own: Option<&'p FileHistory>,
    pub(super) former: Option<&'p FileHistory>,
}

/// What is known of the versions of files.
pub(super) struct Times<'t> {
    pub(super) history: &'t History,
    traces: &'t Traces,
    /// The names that new files had before.
    formers: &'t HashMap<PathBuf, PathBuf>,
    /// That of a file that is not there.
    none: Trace,
}

impl<'t> Times<'t> {
    pub(super) fn new(history: &'t History, traces: &'t Traces, formers: &'t HashMap<PathBuf, PathBuf>) -> Self {
        Self { history, traces, formers, none: Trace::default() }
    }

    /// What a file was in each of the states that came before.
    pub(super) fn before<'s>(&'s self, candidate: &'s Candidate) -> impl Iterator<Item = &'s Trace> {
        candidate.before.iter().map(|id| id.and_then(|id| self.traces.before.get(&id)).unwrap_or(&self.none))
    }

    /// What is known of a file's past.
    pub(super) fn pasts(&self, candidate: &Candidate) -> Pasts<'t> {
        let name = &candidate.place.name;
        let former = self.formers.get(name).and_then(|former| self.history.of(former));
        Pasts { own: self.history.of(name), former }
    }

    /// The dialect that a file had before.
    pub(super) fn dialect_before(&self, candidate: &Candidate) -> Option<Dialect> {
        candidate.before.iter().flatten().find_map(|id| self.traces.all.get(id)?.dialect())
    }

    fn trace(&self, version: usize) -> &Trace {
        self.history.versions[version].blob.and_then(|id| self.traces.all.get(&id)).unwrap_or(&self.none)
    }

    pub(super) fn is_native(&self, id: &ObjectId) -> bool {
        self.traces.all.get(id).is_some_and(|trace| trace.dialect() == Some(Dialect::Native))
    }

    /// Whether one of the versions that a version came from has what `is_in` looks for.
    fn had(&self, version: usize, is_in: &dyn Fn(&Trace) -> bool) -> bool {
        self.history.versions[version].parents.iter().any(|&parent| is_in(self.trace(parent)))
    }

    /// The newest version that lost what `is_in` looks for: of the file itself, or else of one whose place it took. That such a one went
    /// is no loss.
    pub(super) fn gone(&self, pasts: Pasts<'_>, is_in: &dyn Fn(&Trace) -> bool) -> Option<usize> {
        let has_lost = |&version: &usize| !is_in(self.trace(version)) && self.had(version, is_in);
        let own = pasts.own.iter().flat_map(|file| file.taken_back.iter().chain(&file.versions));
        let own = own.copied().find(has_lost);
        let is_there = |version: &usize| self.history.versions[*version].blob.is_some();
        let formers = pasts.former.iter().flat_map(|file| &file.versions).copied();
        own.or_else(|| formers.filter(is_there).find(has_lost))
    }

    /// The newest version that brought what `is_in` looks for.
    pub(super) fn came(&self, file: &FileHistory, is_in: &dyn Fn(&Trace) -> bool) -> Option<usize> {
        // Of a single version nothing was read: all came with it.
        if let [version] = file.versions[..] {
            return Some(version);
        }
        file.versions.iter().copied().find(|&version| is_in(self.trace(version)) && !self.had(version, is_in))
    }

    /// The content of the last version with another key, unless the file was deleted or decrypted since.
    pub(super) fn other_key(&self, file: &FileHistory, has_key: &dyn Fn(&Trace) -> bool) -> Option<ObjectId> {
        let mut next = file.heads.clone();
        let mut seen = BTreeSet::new();
        while let Some(version) = next.pop() {
            let trace = self.trace(version);
            if !seen.insert(version) || trace.dialect() != Some(Dialect::Native) {
                continue;
            }
            if !has_key(trace) {
                return self.history.versions[version].blob;
            }
            next.extend(&self.history.versions[version].parents);
        }
        None
    }
}
