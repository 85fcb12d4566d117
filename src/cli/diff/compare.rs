//! The files that differ, read and compared.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use sops_rs::document::{Format, MAX_ENCRYPTED_LEN};
use sops_rs::file;
use sops_rs::file::any::{self, SealDigest, Snapshot};
use sops_rs::file::diff::Diff;
use zeroize::Zeroizing;

use super::earlier::Earlier;
use super::scope::{Comparison, Scope};
use crate::cli::files::Unlocker;
use crate::cli::git::{Change, Entry, Object, ObjectId, Objects, Side};
use crate::cli::report::{Failure, warn_once, word};
use crate::cli::{exit_code, io, repository};

/// A file that differs.
pub(super) struct FileDiff {
    /// Its path before, and its name from the top of the repository; none when it is new.
    pub(super) old: Option<Named>,
    /// The same after; none when it is gone.
    pub(super) new: Option<Named>,
    /// What became of it.
    pub(super) fate: Fate,
    /// Where values were put back from.
    pub(super) earlier: HashMap<SealDigest, Earlier>,
    /// Whether that could not be found out, since the clone is shallow.
    pub(super) is_history_missing: bool,
}

/// A file's name.
pub(super) struct Named {
    /// As people are told.
    pub(super) shown: String,
    /// From the top of the repository.
    pub(super) name: PathBuf,
}

/// What became of a file.
pub(super) enum Fate {
    /// It is encrypted on both sides, or came, or went.
    Changed(Diff),
    /// It was plaintext.
    Encrypted(Diff),
    /// It is plaintext.
    Decrypted(Diff),
    /// One of its versions cannot be read; whether that is the new one, and why.
    Unreadable(bool, Failure),
}

impl FileDiff {
    /// Its path as it is now, or was.
    pub(super) fn path(&self) -> &str {
        self.new.as_ref().or(self.old.as_ref()).map_or("", |named| &named.shown)
    }

    /// Its path before, when that was another one.
    pub(super) fn old_path(&self) -> Option<&str> {
        let (old, new) = (self.old.as_ref()?, self.new.as_ref()?);
        (old.name != new.name).then_some(old.shown.as_str())
    }

    /// What differs in it, as far as it can be read.
    pub(super) fn diff(&self) -> Option<&Diff> {
        match &self.fate {
            Fate::Changed(diff) | Fate::Encrypted(diff) | Fate::Decrypted(diff) => Some(diff),
            Fate::Unreadable(..) => None,
        }
    }

    /// Whether nothing happened to it that anybody would call a change.
    pub(super) fn is_same(&self) -> bool {
        let is_there = self.old.is_some() && self.new.is_some();
        matches!(&self.fate, Fate::Changed(diff) if diff.is_empty()) && is_there && self.old_path().is_none()
    }
}

/// All files of `scope` that differ and are encrypted on one side; opened, where there is an unlocker.
pub(super) fn all(scope: &Scope, unlocker: Option<&Unlocker>) -> Result<Vec<FileDiff>, Failure> {
    match scope {
        Scope::Files(old, new) => {
            let read = |path: &Path| io::read(path, MAX_ENCRYPTED_LEN).map(Some);
            let named = |path: &Path| Some(Named { shown: path.display().to_string(), name: path.to_owned() });
            let (old_bytes, new_bytes) = (read(old)?, read(new)?);
            let versions = [
                Version::of(old, &old.display().to_string(), old_bytes.as_deref(), unlocker),
                Version::of(new, &new.display().to_string(), new_bytes.as_deref(), unlocker),
            ];
            // The two names are what the user calls the sides, no renaming.
            let fate = fate(versions, || old_bytes, || new_bytes);
            let new = Named { shown: format!("{} → {}", old.display(), new.display()), name: old.clone() };
            let file = |fate| FileDiff {
                old: named(old),
                new: Some(new),
                fate,
                earlier: HashMap::new(),
                is_history_missing: false,
            };
            Ok(fate.map(file).into_iter().collect())
        }
        Scope::Repository(comparison) => in_repository(scope, comparison, unlocker),
    }
}

/// One side of a file.
enum Version {
    Broken(Failure),
    Encrypted(Box<Snapshot>),
    Nothing,
    Plain,
}

impl Version {
    fn of(name: &Path, shown: &str, bytes: Option<&Vec<u8>>, unlocker: Option<&Unlocker>) -> Self {
        let Some(bytes) = bytes else { return Self::Nothing };
        match repository::snapshot(name, bytes) {
            Ok(None) => Self::Plain,
            Err(error) => Self::Broken(Failure::of(shown, error)),
            Ok(Some(mut snapshot)) => {
                let open = |unlocker: &Unlocker| {
                    let decrypted = any::decrypt(bytes, snapshot.format(), unlocker);
                    let opened = decrypted.and_then(|decrypted| snapshot.open(decrypted));
                    opened.map_err(|error| unlocker.failure(shown, error))
                };
                match unlocker.map(open) {
                    // What is not meant for us is compared as without a key.
                    Some(Err(failure)) if failure.code == exit_code::NO_KEY => {
                        warn_once(&format!("{}; compared without a key", failure.message()));
                        Self::Encrypted(Box::new(snapshot))
                    }
                    Some(Err(failure)) => Self::Broken(failure),
                    _ => Self::Encrypted(Box::new(snapshot)),
                }
            }
        }
    }
}

type Bytes = Option<Zeroizing<Vec<u8>>>;

/// What became of a file with these versions; `old` and `new` read it again, if it is plaintext.
fn fate(versions: [Version; 2], old: impl FnOnce() -> Bytes, new: impl FnOnce() -> Bytes) -> Option<Fate> {
    use Version::{Broken, Encrypted, Nothing, Plain};
    let plain = |bytes: Bytes, like: &Snapshot| {
        let plain = bytes.and_then(|bytes| Snapshot::of_plain(&bytes, like.format()).ok());
        plain.unwrap_or_else(|| Snapshot::empty(like.format()))
    };
    Some(match versions {
        [Nothing | Plain, Nothing | Plain] => return None,
        [_, Broken(failure)] => Fate::Unreadable(true, failure),
        [Broken(failure), _] => Fate::Unreadable(false, failure),
        [Encrypted(old), Encrypted(new)] => Fate::Changed(Diff::between(&old, &new)),
        [Nothing, Encrypted(new)] => Fate::Changed(Diff::between(&Snapshot::empty(new.format()), &new)),
        [Encrypted(old), Nothing] => Fate::Changed(Diff::between(&old, &Snapshot::empty(old.format()))),
        [Plain, Encrypted(new)] => Fate::Encrypted(Diff::between(&plain(old(), &new), &new)),
        [Encrypted(old), Plain] => Fate::Decrypted(Diff::between(&old, &plain(new(), &old))),
    })
}

fn in_repository(
    scope: &Scope,
    comparison: &Comparison,
    unlocker: Option<&Unlocker>,
) -> Result<Vec<FileDiff>, Failure> {
    let repository = &comparison.repository;
    let mut changes = repository.changes(comparison.from, comparison.to)?;
    // git tells twice of a file that waits to be merged: that it does, and how it differs from ours.
    let path = |change: &Change| change.new.as_ref().or(change.old.as_ref()).map(|entry| entry.path.clone());
    let unmerged: HashSet<_> = changes.iter().filter(|change| change.is_unmerged).filter_map(path).collect();
    changes.retain(|change| {
        let is_in =
            |entry: &Option<Entry>| entry.as_ref().is_some_and(|entry| entry.is_file() && scope.has(&entry.path));
        let is_again = !change.is_unmerged && path(change).is_some_and(|path| unmerged.contains(&path));
        (is_in(&change.old) || is_in(&change.new)) && !is_again
    });
    let on_disk = |is_old: bool| match is_old {
        true => comparison.from == Side::WorkTree,
        false => comparison.to == Side::WorkTree,
    };
    let entry = |change: &Change, is_old: bool| {
        let entry = if is_old { change.old.clone() } else { change.new.clone() };
        entry.filter(Entry::is_file)
    };
    let read = |objects: &mut Objects, entry: Option<Entry>, is_old: bool| -> Result<Bytes, Failure> {
        let Some(entry) = entry else { return Ok(None) };
        if on_disk(is_old) {
            return io::read(&repository.path_of(&entry.path), MAX_ENCRYPTED_LEN).map(Some);
        }
        let Some(id) = entry.id else { return Ok(None) };
        Ok(objects.read(id, MAX_ENCRYPTED_LEN)?.into_bytes())
    };
    let mut objects = Objects::start(repository)?;
    let mut versions = blobs(&mut objects, comparison, &changes, unlocker)?;
    let mut files = Vec::new();
    for (number, change) in changes.iter().enumerate() {
        let mut version = |is_old: bool| -> Result<Version, Failure> {
            if let Some(version) = versions.remove(&(number, is_old)) {
                return Ok(version);
            }
            let Some(entry) = entry(change, is_old).filter(|_| on_disk(is_old)) else { return Ok(Version::Nothing) };
            let path = repository.path_of(&entry.path);
            let bytes = io::read(&path, MAX_ENCRYPTED_LEN)?;
            Ok(Version::of(&entry.path, &path.display().to_string(), Some(&bytes), unlocker))
        };
        let pair = [version(true)?, version(false)?];
        let mut again = |is_old: bool| read(&mut objects, entry(change, is_old), is_old).unwrap_or_default();
        let pair = match pair {
            [_, Version::Encrypted(_) | Version::Broken(_)] if change.is_unmerged => {
                let shown = change.new.as_ref().map(|entry| repository.path_of(&entry.path).display().to_string());
                [Version::Nothing, Version::Broken(unmerged_file(&shown.unwrap_or_default()))]
            }
            pair => pair,
        };
        let (old_bytes, new_bytes) = match &pair {
            [Version::Plain, Version::Encrypted(_)] => (again(true), None),
            [Version::Encrypted(_), Version::Plain] => (None, again(false)),
            _ => (None, None),
        };
        let format = match &pair {
            [_, Version::Encrypted(new)] => Some(new.format()),
            _ => None,
        };
        let Some(mut fate) = fate(pair, || old_bytes, || new_bytes) else { continue };
        if let (Fate::Changed(diff), Some(unlocker), Some(format)) = (&mut fate, unlocker, format)
            && diff.data_keys.iter().any(|key| key.follows.is_some())
        {
            verify_data_keys(diff, [again(true), again(false)], format, unlocker);
        }
        let named =
            |entry: Entry| Named { shown: repository.path_of(&entry.path).display().to_string(), name: entry.path };
        let (old, new) = (entry(change, true).map(named), entry(change, false).map(named));
        files.push(FileDiff { old, new, fate, earlier: HashMap::new(), is_history_missing: false });
    }
    Ok(files)
}

/// Finds out whether the new data keys come from those who had the old ones.
fn verify_data_keys(diff: &mut Diff, [old, new]: [Bytes; 2], format: &'static dyn Format, unlocker: &Unlocker) {
    let (Some(old), Some(new)) = (old, new) else { return };
    // Both were decrypted, so that it fails means that the old one was not.
    let proven = file::proves_to_follow(&old, &new, format, unlocker).unwrap_or_default();
    diff.data_keys.iter_mut().for_each(|key| key.proven = proven);
}

fn unmerged_file(shown: &str) -> Failure {
    let failure = Failure::about(exit_code::INPUT, shown, "waits to be merged");
    failure.hint(format!("`sops-rs git resolve {}` merges it", word(shown)))
}

/// The versions of `changes` that git has, by the number of the change and whether it is the old one: one process for all.
fn blobs(
    objects: &mut Objects,
    comparison: &Comparison,
    changes: &[Change],
    unlocker: Option<&Unlocker>,
) -> Result<HashMap<(usize, bool), Version>, Failure> {
    let mut wanted: Vec<((usize, bool), ObjectId, &Entry)> = Vec::new();
    for (number, change) in changes.iter().enumerate() {
        for (entry, is_old, side) in [(&change.old, true, comparison.from), (&change.new, false, comparison.to)] {
            if let Some(entry) = entry.as_ref().filter(|entry| side != Side::WorkTree && entry.is_file())
                && let Some(id) = entry.id
            {
                wanted.push(((number, is_old), id, entry));
            }
        }
    }
    let ids: Vec<_> = wanted.iter().map(|(_, id, _)| *id).collect();
    let mut versions = HashMap::new();
    objects.each(&ids, MAX_ENCRYPTED_LEN, |number, object| {
        let (key, _, entry) = &wanted[number];
        let shown = comparison.repository.path_of(&entry.path).display().to_string();
        let version = match object {
            Object::Blob(bytes) => Version::of(&entry.path, &shown, Some(&bytes), unlocker),
            Object::Missing => {
                let failure = Failure::about(exit_code::INPUT, &shown, "this clone does not have its content");
                Version::Broken(failure.hint("`git fetch --refetch` brings what a partial clone left out"))
            }
            // No encrypted file is that long.
            Object::TooLong(_) | Object::Other(_) => Version::Plain,
        };
        versions.insert(*key, version);
    })?;
    Ok(versions)
}
