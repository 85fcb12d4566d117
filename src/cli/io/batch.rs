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

use tempfile::{PathPersistError, TempPath};

use super::folder::{self, FolderLock};
use super::{Privacy, cannot_write, check_replaceable};
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
}

/// So many files are put on the disk at a time: the system then does it for all of them at once. A thousand files
/// took four seconds one by one and a tenth of a second so.
const SYNCS: NonZero<usize> = NonZero::new(8).expect("not zero");

impl Batch {
    /// Writes `bytes` beside `path`. A symbolic link is followed: the file it names is replaced. Several threads may do so at
    /// the same time.
    pub(crate) fn add(&self, path: &Path, bytes: &[u8], privacy: Privacy) -> Result<(), Failure> {
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
        self.enter(folder);
        let mut builder = tempfile::Builder::new();
        let mut temp = builder.prefix(folder::PREFIX).suffix(folder::SUFFIX).tempfile_in(folder).map_err(failed)?;
        temp.write_all(bytes).map_err(failed)?;
        set_mode(temp.as_file(), before.as_ref(), privacy).map_err(failed)?;
        let prepared = Prepared { temp: temp.into_temp_path(), target };
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
        prepared.into_iter().try_for_each(|prepared| prepared.rename(&rename))
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
        let Self { temp, target } = self;
        rename(temp, &target).map_err(|error| cannot_write(&target.display().to_string(), &error.error))
    }
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
    use super::kept_mode;

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
