//! Folders in which files are replaced: the temp files in them, and which of those a killed run left behind.
//!
//! Whoever writes temp files to a folder holds a shared lock on the folder itself (`flock`) until they are renamed. Who gets
//! it exclusively knows that every temp file in it is a leftover: the system releases the locks of a process that ends,
//! however it ends. Process numbers would not tell that; they are given again, and differ between containers.

use std::path::Path;

/// How the names of temp files begin and end; both are checked before anything is removed.
pub(super) const PREFIX: &str = ".sops-rs-";
pub(super) const SUFFIX: &str = ".tmp";

/// Whether a file of this name is a temp file of this program.
pub(crate) fn is_temp_name(name: &str) -> bool {
    name.strip_prefix(PREFIX).and_then(|rest| rest.strip_suffix(SUFFIX)).is_some_and(|rest| !rest.is_empty())
}

/// Keeps other runs from taking the temp files of this one for leftovers, as far as the file system has locks.
#[derive(Debug)]
pub(super) struct FolderLock {
    #[cfg(unix)]
    _folder: Option<std::fs::File>,
}

/// Locks `folder` for temp files, and removes those that killed runs left in it; how many these were is the second result.
#[cfg(unix)]
pub(super) fn enter(folder: &Path) -> (FolderLock, usize) {
    let mut removed = 0;
    let Ok(locked) = std::fs::File::open(folder) else { return (FolderLock { _folder: None }, 0) };
    if unix::lock_alone(&locked) {
        let temps = unix::temps(folder);
        removed = temps.iter().filter(|temp| std::fs::remove_file(temp).is_ok()).count();
    }
    unix::lock_with_others(&locked);
    (FolderLock { _folder: Some(locked) }, removed)
}

/// A folder cannot be locked here, so nothing is known about the temp files in it.
#[cfg(not(unix))]
pub(super) fn enter(_: &Path) -> (FolderLock, usize) {
    (FolderLock {}, 0)
}

/// The temp files in `folder` that killed runs left behind.
#[cfg(unix)]
pub(crate) fn leftovers(folder: &Path) -> Vec<std::path::PathBuf> {
    match std::fs::File::open(folder) {
        Ok(locked) if unix::lock_alone(&locked) => unix::temps(folder),
        _ => Vec::new(),
    }
}

/// They cannot be told from those of a run that goes on.
#[cfg(not(unix))]
pub(crate) fn leftovers(_: &Path) -> Vec<std::path::PathBuf> {
    Vec::new()
}

#[cfg(unix)]
mod unix {
    use std::fs::{self, File};
    use std::os::unix::fs::MetadataExt as _;
    use std::path::{Path, PathBuf};
    use std::thread;
    use std::time::Duration;

    use rustix::fs::{FlockOperation, flock};

    pub(super) fn lock_alone(folder: &File) -> bool {
        flock(folder, FlockOperation::NonBlockingLockExclusive).is_ok()
    }

    /// Others hold it alone for as long as it takes to list a folder. Whoever keeps it for longer wants to be in the way.
    pub(super) fn lock_with_others(folder: &File) {
        for _ in 0..200 {
            match flock(folder, FlockOperation::NonBlockingLockShared) {
                Err(rustix::io::Errno::WOULDBLOCK) => thread::sleep(Duration::from_millis(1)),
                _ => return,
            }
        }
    }

    /// The temp files of this user in `folder`.
    pub(super) fn temps(folder: &Path) -> Vec<PathBuf> {
        let user = rustix::process::geteuid().as_raw();
        let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let temps = names.filter(|name| super::is_temp_name(name)).map(|name| folder.join(name));
        let is_own = |path: &PathBuf| {
            fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.uid() == user)
        };
        temps.filter(is_own).collect()
    }
}

#[cfg(all(test, unix))]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "tests write their inputs, in temporary folders")]

    use super::*;

    #[test]
    fn leftovers_are_removed_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str| std::fs::write(folder.path().join(name), "x").unwrap();
        let others = [".sops-rs-.tmp", ".sops-rs-x.tmp.yaml", ".sops-rs.yaml", "x.sops-rs-x.tmp", ".sops-rs-x"];
        others.iter().chain(&[".sops-rs-a.tmp", ".sops-rs-Zb19xq.tmp"]).for_each(|name| put(name));
        std::os::unix::fs::symlink(".sops-rs.yaml", folder.path().join(".sops-rs-link.tmp")).unwrap();
        assert_eq!(leftovers(folder.path()).len(), 2);
        let (lock, removed) = enter(folder.path());
        assert_eq!(removed, 2);
        let there = |name: &&str| folder.path().join(name).symlink_metadata().is_ok();
        assert!(others.iter().chain(&[".sops-rs-link.tmp"]).all(there));
        drop(lock);
    }

    #[test]
    fn temp_files_of_a_run_that_goes_on_stay() {
        let folder = tempfile::tempdir().unwrap();
        let (first, _) = enter(folder.path());
        std::fs::write(folder.path().join(".sops-rs-a.tmp"), "x").unwrap();
        assert!(leftovers(folder.path()).is_empty());
        let (second, removed) = enter(folder.path());
        assert_eq!(removed, 0);
        drop(first);
        assert!(leftovers(folder.path()).is_empty(), "the second one is still there");
        drop(second);
        assert_eq!(enter(folder.path()).1, 1);
    }
}
