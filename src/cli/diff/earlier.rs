//! Values that were put back: their seals stand in a version that is older than the one before.

use std::collections::HashSet;

use sops_rs::document::MAX_ENCRYPTED_LEN;
use sops_rs::file::any::SealDigest;

use super::compare::{Fate, FileDiff};
use super::scope::Scope;
use crate::cli::git::{Commit, Objects};
use crate::cli::report::Failure;
use crate::cli::repository;

/// A commit that brought a value before.
#[derive(Clone)]
pub(super) struct Earlier {
    pub(super) commit: Commit,
}

/// So many commits are looked at: enough for what somebody may want to have back, and fast in a long history.
const MOST_COMMITS: usize = 500;
/// So many old versions are read at most, the newest of each file first.
const MOST_VERSIONS: usize = 2000;

/// Looks for the new seals of `files` in their histories.
pub(super) fn find(scope: &Scope, files: &mut [FileDiff]) -> Result<(), Failure> {
    let Scope::Repository(comparison) = scope else { return Ok(()) };
    let seals = |file: &FileDiff| match &file.fate {
        Fate::Changed(diff) if file.old.is_some() => diff.new_seals(),
        _ => HashSet::new(),
    };
    let mut wanted: Vec<(&mut FileDiff, HashSet<SealDigest>)> = files
        .iter_mut()
        .map(|file| {
            let seals = seals(file);
            (file, seals)
        })
        .filter(|(_, seals)| !seals.is_empty())
        .collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let Some(tip) = comparison.tip() else { return Ok(()) };
    let is_shallow = comparison.repository.is_shallow();
    wanted.iter_mut().for_each(|(file, _)| file.is_history_missing = is_shallow);
    let names: Vec<_> = wanted.iter().filter_map(|(file, _)| Some(file.old.as_ref()?.name.clone())).collect();
    let history = comparison.repository.recent_history(&[tip], &names, Some(MOST_COMMITS))?;
    let each = MOST_VERSIONS / wanted.len().max(1);
    let mut reads = Vec::new();
    for (number, (file, _)) in wanted.iter().enumerate() {
        let versions = file.old.as_ref().and_then(|old| history.of(&old.name)).map(|found| &found.versions[..]);
        // The first one is the version that was compared.
        for &version in versions.unwrap_or_default().iter().skip(1).take(each.max(1)) {
            reads.extend(history.versions[version].blob.map(|blob| (number, version, blob)));
        }
    }
    let ids: Vec<_> = reads.iter().map(|(_, _, blob)| *blob).collect();
    Objects::start(&comparison.repository)?.each(&ids, MAX_ENCRYPTED_LEN, |read, object| {
        let (number, version, _) = reads[read];
        let (file, seals) = &mut wanted[number];
        let Some(bytes) = object.into_bytes().filter(|_| seals.iter().any(|seal| !file.earlier.contains_key(seal)))
        else {
            return;
        };
        if let Ok(Some(snapshot)) = repository::snapshot(&history.versions[version].path, &bytes) {
            for seal in snapshot.leaves().filter_map(|leaf| Some(leaf.seal()?.seal)).filter(|seal| seals.contains(seal))
            {
                let earlier = || Earlier { commit: history.commit_of(version).clone() };
                file.earlier.entry(seal).or_insert_with(earlier);
            }
        }
    })
}
