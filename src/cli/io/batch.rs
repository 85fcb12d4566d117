//! Files that are replaced together: written beside their places, put on the disk, and only then renamed.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::num::NonZero;
use std::path::{Path, PathBuf};
#[cfg(unix)]
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use tempfile::{PathPersistError, TempPath};

use super::folder::{self, FolderLock};
use super::{Privacy, cannot_write, check_replaceable, read};
use crate::cli::report::{Failure, count, say};
use crate::cli::{exit_code, jobs};

/// Files that are written but not yet in their places.
///
/// The new content lies in temp files beside the targets; [`Batch::commit`] puts it on the disk and renames it. Until then, and
/// when the process is killed at any moment, each target is what it was, or whole and new. Mode and, where allowed, owner are kept.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    prepared: Mutex<Vec<Prepared>>,
    // Released when the last temp file is gone.
    folders: Mutex<HashMap<PathBuf, FolderLock>>,
    leftovers: Leftovers,
}

/// How many temp files of killed runs were removed; it is said once, in the end, however that is.
#[derive(Debug, Default)]
struct Leftovers(AtomicUsize);

/// A file of a batch.
#[derive(Debug)]
struct Prepared {
    // Without an open file: a batch may have more of them than a process may open.
    temp: TempPath,
    target: PathBuf,
    /// What the target was, if it was there.
    before: Option<FileState>,
}

/// What tells that a file has changed, without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileState {
    len: u64,
    modified: Option<SystemTime>,
    number: u64,
}

impl FileState {
    /// That of a file that is there.
    pub(crate) fn of(file: &Path) -> Option<Self> {
        fs::metadata(file).ok().as_ref().map(Self::of_metadata)
    }

    fn of_metadata(metadata: &fs::Metadata) -> Self {
        #[cfg(unix)]
        let number = std::os::unix::fs::MetadataExt::ino(metadata);
        #[cfg(not(unix))]
        let number = 0;
        Self { len: metadata.len(), modified: metadata.modified().ok(), number }
    }
}

/// So many files are put on the disk at a time: the system then does it for all of them at once. A thousand files
/// took four seconds one by one and a tenth of a second so.
const SYNCS: NonZero<usize> = NonZero::new(8).expect("not zero");

impl Batch {
    /// Writes `bytes` beside `path`. A symbolic link is followed: the file it names is replaced. Several threads may do so at
    /// the same time.
    pub(crate) fn add(&self, path: &Path, bytes: &[u8], privacy: Privacy) -> Result<(), Failure> {
        self.prepare(path, None, bytes, privacy)
    }

    /// The same for a file that was read a while ago and held `old`: it must still do so.
    pub(crate) fn add_over(&self, path: &Path, old: &[u8], bytes: &[u8], privacy: Privacy) -> Result<(), Failure> {
        self.prepare(path, Some(old), bytes, privacy)
    }

    fn prepare(&self, path: &Path, old: Option<&[u8]>, bytes: &[u8], privacy: Privacy) -> Result<(), Failure> {
        check_replaceable(path)?;
        let shown = path.display().to_string();
        let failed = |error| cannot_write(&shown, &error);
        let target = if path.is_symlink() { fs::canonicalize(path).map_err(failed)? } else { path.to_owned() };
        let folder = match target.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        };
        let before = fs::metadata(&target).ok();
        if before.as_ref().is_some_and(fs::Metadata::is_dir) {
            return Err(Failure::about(exit_code::OUTPUT, &shown, "is a directory"));
        }
        if let Some(old) = old
            && read(&target, old.len()).map_or(true, |now| *now != old)
        {
            return Err(changed_meanwhile(&shown));
        }
        self.enter(folder);
        let mut builder = tempfile::Builder::new();
        let mut temp = builder.prefix(folder::PREFIX).suffix(folder::SUFFIX).tempfile_in(folder).map_err(failed)?;
        temp.write_all(bytes).map_err(failed)?;
        set_mode(temp.as_file(), before.as_ref(), privacy).map_err(failed)?;
        let before = before.as_ref().map(FileState::of_metadata);
        let prepared = Prepared { temp: temp.into_temp_path(), target, before };
        self.prepared.lock().unwrap_or_else(PoisonError::into_inner).push(prepared);
        Ok(())
    }

    fn enter(&self, folder: &Path) {
        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        if !folders.contains_key(folder) {
            let (lock, removed) = folder::enter(folder);
            self.leftovers.0.fetch_add(removed, Ordering::Relaxed);
            folders.insert(folder.to_owned(), lock);
        }
    }

    /// Puts the files in their places, the first one when all of them are on the disk.
    ///
    /// The folders are not synced as well, which would take longer than all the rest: after a power cut a file may be the old
    /// one again, but it is whole.
    pub(crate) fn commit(self) -> Result<(), Failure> {
        self.commit_by(|temp, target| temp.persist(target))
    }

    /// The same where nothing may be there yet.
    pub(crate) fn commit_new(self) -> Result<(), Failure> {
        self.commit_by(|temp, target| temp.persist_noclobber(target))
    }

    fn commit_by(self, rename: impl Fn(TempPath, &Path) -> Result<(), PathPersistError>) -> Result<(), Failure> {
        let prepared = self.prepared.into_inner().unwrap_or_else(PoisonError::into_inner);
        jobs::map(SYNCS, &prepared, Prepared::sync).into_iter().collect::<Result<(), _>>()?;
        // The others took their time: somebody may have been asked a question.
        if let Some(changed) = prepared.iter().find(|file| FileState::of(&file.target) != file.before) {
            return Err(changed_meanwhile(&changed.target.display().to_string()));
        }
        let renamed = |(done, file): (usize, Prepared)| {
            let told = |failure: Failure| match done {
                0 => failure,
                1 => failure.hint("1 file was replaced already"),
                done => failure.hint(format!("{done} files were replaced already")),
            };
            file.rename(&rename).map_err(told)
        };
        prepared.into_iter().enumerate().try_for_each(renamed)
    }
}

impl Drop for Leftovers {
    fn drop(&mut self) {
        if *self.0.get_mut() > 0 {
            say(&format!("removed {} of a run that was killed", count(*self.0.get_mut(), "temp file")));
        }
    }
}

impl Prepared {
    /// Puts the temp file on the disk.
    fn sync(&self) -> Result<(), Failure> {
        // The mode may keep its owner from writing; Windows wants nothing else.
        let file = fs::OpenOptions::new().write(true).open(&self.temp).or_else(|_| File::open(&self.temp));
        let synced = file.and_then(|file| file.sync_all());
        synced.map_err(|error| cannot_write(&self.target.display().to_string(), &error))
    }

    fn rename(self, rename: impl Fn(TempPath, &Path) -> Result<(), PathPersistError>) -> Result<(), Failure> {
        let Self { temp, target, .. } = self;
        rename(temp, &target).map_err(|error| cannot_write(&target.display().to_string(), &error.error))
    }
}

fn changed_meanwhile(shown: &str) -> Failure {
    let failure = Failure::about(exit_code::OUTPUT, shown, "was changed by somebody else meanwhile");
    failure.hint("nothing was written; try again")
}

#[cfg(unix)]
fn set_mode(file: &File, before: Option<&fs::Metadata>, privacy: Privacy) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    let mode = match (before, privacy) {
        (Some(before), _) => {
            let mut now = file.metadata()?;
            if (before.uid(), before.gid()) != (now.uid(), now.gid()) {
                // Only the superuser may give files away; anybody else goes on as the file's new owner, and may keep the
                // group if it is one of theirs.
                let _ = fchown(file, Some(before.uid()), Some(before.gid()))
                    .or_else(|_| fchown(file, None, Some(before.gid())));
                now = file.metadata()?;
            }
            kept_mode(before.permissions().mode(), before.uid() == now.uid(), before.gid() == now.gid())
        }
        (None, Privacy::Private) => 0o600,
        (None, Privacy::Public) => 0o666 & !umask(),
    };
    file.set_permissions(fs::Permissions::from_mode(mode))
}

/// The mode that a file keeps when it is replaced: another group gets no more than anybody gets, and what runs with an
/// owner's or a group's rights does so for these only.
#[cfg(unix)]
fn kept_mode(mode: u32, same_owner: bool, same_group: bool) -> u32 {
    let mode = mode & if same_owner { 0o7777 } else { 0o3777 };
    if same_group { mode } else { mode & 0o5707 | (mode & 0o7) << 3 & mode & 0o70 }
}

#[cfg(unix)]
fn umask() -> u32 {
    static MASK: OnceLock<u32> = OnceLock::new();
    // Reading the mask means setting it, for all threads; what they make meanwhile is private.
    *MASK.get_or_init(|| {
        let mask = rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
        rustix::process::umask(mask);
        mask.as_raw_mode()
    })
}

#[cfg(not(unix))]
fn set_mode(_: &File, _: Option<&fs::Metadata>, _: Privacy) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "tests write their inputs, in temporary folders")]

    use super::*;

    #[test]
    fn what_somebody_else_changed_meanwhile_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        let put = |name: &str, text: &str| fs::write(path(name), text).expect("written");
        let text = |name: &str| fs::read_to_string(path(name)).expect("there");
        put("a", "1");
        put("b", "1");
        let replace = super::super::replace;
        for (name, old) in [("a", "0"), ("a", "11"), ("a", ""), ("c", "1")] {
            assert!(replace(&path(name), old.as_bytes(), b"2", Privacy::Public).is_err(), "{name} {old}");
        }
        let prepared = || {
            let batch = Batch::default();
            batch.add_over(&path("a"), b"1", b"2", Privacy::Public).expect("as it was");
            batch.add(&path("b"), b"2", Privacy::Public).expect("written");
            batch
        };
        // Somebody is asked a question now.
        let batch = prepared();
        put("b", "other");
        assert!(batch.commit().is_err());
        assert_eq!((text("a"), text("b")), ("1".to_owned(), "other".to_owned()));
        let batch = prepared();
        fs::remove_file(path("b")).expect("removed");
        assert!(batch.commit().is_err());
        assert!(!path("b").exists());
        assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), 1, "no temp file is left");
        let batch = Batch::default();
        batch.add(&path("c"), b"2", Privacy::Public).expect("written");
        batch.add(&path("a"), b"2", Privacy::Public).expect("written");
        let failure = batch.commit_new().expect_err("there is a file");
        assert_eq!(failure.hints(), ["1 file was replaced already"]);
        prepared().commit().expect("written");
        assert_eq!((text("a"), text("b")), ("2".to_owned(), "2".to_owned()));
    }

    #[test]
    fn another_group_gets_no_more_than_anybody() {
        for (mode, same_owner, same_group, expected) in [
            (0o100_640, true, true, 0o640),
            (0o640, true, false, 0o600),
            (0o664, true, false, 0o644),
            (0o604, true, false, 0o604),
            (0o6755, true, true, 0o6755),
            (0o6755, false, true, 0o2755),
            (0o6755, true, false, 0o4755),
        ] {
            assert_eq!(kept_mode(mode, same_owner, same_group), expected, "{mode:o} {same_owner} {same_group}");
        }
    }
}
