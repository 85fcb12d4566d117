//! A private directory for plaintext that another program must find in a file: in memory where the system has such
//! storage, wiped in the end, and by the next run when this one is killed.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use zeroize::Zeroizing;

use super::io::{self, Privacy};
use super::report::{Failure, say, warn};
use super::{environment, exit_code};

/// The names are `sops-rs-PID-RANDOM`, and `sops-rs-kept-RANDOM` for what the user wants to keep.
const PREFIX: &str = "sops-rs-";
const KEPT: &str = "kept";

/// Locked as long as the process lives that made the directory.
const LOCK: &str = ".lock";
/// The lock before it is held: it gets its name then, so that nobody takes one without a holder for a leftover.
const NEW_LOCK: &str = ".lock-new";

/// Every directory of this process, for [`wipe_all`].
static LIVE: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// A directory that only this user can enter (mode 700), outside of every git work tree. Dropping it wipes it.
#[derive(Debug)]
pub(crate) struct PrivateDir {
    path: PathBuf,
    _lock: File,
}

impl PrivateDir {
    /// Makes a directory, after wiping those that killed runs left behind. It lies in the first place that fits: the
    /// user's runtime folder or `/dev/shm`, when they are held in memory, else the folder for temporary files.
    ///
    /// # Errors
    /// When there is no place for it.
    pub(crate) fn create() -> Result<Self, Failure> {
        Self::create_in(place(|_| true)?)
    }

    /// Makes one as [`PrivateDir::create`] does, but not below a folder that other users cannot enter: one of them
    /// may be let in.
    #[cfg(unix)]
    pub(crate) fn create_reachable() -> Result<Self, Failure> {
        Self::create_in(place(is_reachable)?)
    }

    fn create_in(place: PathBuf) -> Result<Self, Failure> {
        wipe_leftovers();
        if cfg!(target_os = "linux") && !is_in_memory(&place) {
            warn(&format!("there is no storage in memory, the plaintext is put on the disk, in `{}`", place.display()));
        }
        let shown = place.display().to_string();
        let failed = |error: std::io::Error| {
            let what = format!("no private directory can be made there: {}", io::reason(&error));
            Failure::about(exit_code::OUTPUT, &shown, what)
        };
        let mut live = live();
        let mut builder = tempfile::Builder::new();
        let prefix = format!("{PREFIX}{}-", std::process::id());
        builder.prefix(&prefix).rand_bytes(16).disable_cleanup(true);
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let path = builder.tempdir_in(&place).map_err(failed)?.path().to_owned();
        live.push(path.clone());
        drop(live);
        let lock = lock(&path).map_err(|error| {
            wipe(&path);
            failed(error)
        })?;
        Ok(Self { path, _lock: lock })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes a file in it that only this user can read (mode 600), and tells its path.
    pub(crate) fn create_file(&self, name: &OsStr, bytes: &[u8]) -> Result<PathBuf, Failure> {
        let path = self.path.join(name);
        io::create(&path, bytes, Privacy::Private)?;
        Ok(path)
    }

    /// Reads a file of it, up to `limit` bytes.
    pub(crate) fn read_file(&self, name: &OsStr, limit: usize) -> Result<Zeroizing<Vec<u8>>, Failure> {
        io::read(&self.path.join(name), limit)
    }

    /// Leaves the directory to the user, under a name that no later run wipes, and tells its path.
    pub(crate) fn keep(self) -> PathBuf {
        let mut live = live();
        let random = self.path.to_string_lossy().rsplit('-').next().unwrap_or_default().to_owned();
        let kept = self.path.with_file_name(format!("{PREFIX}{KEPT}-{random}"));
        // What cannot be renamed stays where it is, until the next run.
        let kept = fs::rename(&self.path, &kept).map_or_else(|_| self.path.clone(), |()| kept);
        let _ = fs::remove_file(kept.join(LOCK));
        live.retain(|path| *path != self.path);
        kept
    }
}

impl Drop for PrivateDir {
    fn drop(&mut self) {
        wipe(&self.path);
    }
}

/// Wipes every directory of this process: the last thing to do when it ends without running destructors.
pub(crate) fn wipe_all() {
    for path in live().drain(..) {
        io::wipe(&path);
    }
}

/// Wipes the directories that killed runs of this user left behind.
pub(crate) fn wipe_leftovers() {
    for path in leftovers() {
        io::wipe(&path);
        say(&format!("`{}`: wiped what a killed run left there", path.display()));
    }
}

/// The directories that killed runs of this user left behind.
pub(crate) fn leftovers() -> impl Iterator<Item = PathBuf> {
    directories().filter(|path| is_leftover(path))
}

/// The directories that the user wanted to keep.
pub(crate) fn kept() -> impl Iterator<Item = PathBuf> {
    let start = format!("{PREFIX}{KEPT}-");
    directories().filter(move |path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&start)))
}

/// Wipes a directory, unless it is wiped or kept already.
fn wipe(path: &Path) {
    let mut live = live();
    if let Some(number) = live.iter().position(|other| other == path) {
        live.swap_remove(number);
        io::wipe(path);
    }
}

fn live() -> MutexGuard<'static, Vec<PathBuf>> {
    LIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn lock(folder: &Path) -> std::io::Result<File> {
    let new = folder.join(NEW_LOCK);
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let lock = options.open(&new)?;
    lock.lock()?;
    fs::rename(new, folder.join(LOCK))?;
    Ok(lock)
}

/// The folders in which directories may lie, in the order of preference.
fn places() -> impl Iterator<Item = PathBuf> {
    environment::runtime_folder().into_iter().chain(system_places()).chain([environment::temporary_folder()])
}

/// The folder for a new directory.
fn place(suits: impl Fn(&Path) -> bool) -> Result<PathBuf, Failure> {
    let fits = |place: &PathBuf| is_safe(place) && !is_in_work_tree(place) && suits(place);
    let found = places().filter(fits).find(|place| is_in_memory(place));
    found.or_else(|| Some(environment::temporary_folder()).filter(fits)).ok_or_else(|| {
        let failure =
            Failure::new(exit_code::OUTPUT, "there is no safe place for plaintext outside of a git work tree");
        failure.hint("set TMPDIR to a folder that only you can write to")
    })
}

#[cfg(target_os = "linux")]
fn system_places() -> impl Iterator<Item = PathBuf> {
    let user = rustix::process::geteuid().as_raw();
    [format!("/run/user/{user}"), "/dev/shm".to_owned()].into_iter().map(PathBuf::from)
}

#[cfg(not(target_os = "linux"))]
fn system_places() -> impl Iterator<Item = PathBuf> {
    std::iter::empty()
}

#[cfg(target_os = "linux")]
fn is_in_memory(place: &Path) -> bool {
    /// `TMPFS_MAGIC` and `RAMFS_MAGIC` of statfs(2).
    const IN_MEMORY: [u32; 2] = [0x0102_1994, 0x8584_58f6];
    // The field is wider on some machines, the numbers are not.
    rustix::fs::statfs(place).is_ok_and(|status| IN_MEMORY.contains(&(status.f_type as u32)))
}

#[cfg(not(target_os = "linux"))]
fn is_in_memory(_: &Path) -> bool {
    false
}

/// Whether nobody else can put another directory in the place of ours: the folder belongs to this user or the
/// superuser, and if others write to it, the sticky bit keeps them from renaming what is not theirs.
#[cfg(unix)]
fn is_safe(place: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(place).is_ok_and(|metadata| {
        let owned = metadata.uid() == 0 || metadata.uid() == rustix::process::geteuid().as_raw();
        metadata.is_dir() && owned && (metadata.mode() & 0o022 == 0 || metadata.mode() & 0o1000 != 0)
    })
}

/// Whether every user can enter the folder, and those around it.
#[cfg(unix)]
fn is_reachable(place: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    place.ancestors().all(|folder| fs::metadata(folder).is_ok_and(|metadata| metadata.mode() & 0o001 != 0))
}

#[cfg(not(unix))]
fn is_safe(place: &Path) -> bool {
    place.is_dir()
}

fn is_in_work_tree(place: &Path) -> bool {
    let place = fs::canonicalize(place).unwrap_or_else(|_| place.to_owned());
    place.ancestors().any(|folder| folder.join(".git").exists())
}

/// The directories of this user, live and left over. Where others could put a link to something else in the place of one,
/// none is looked for.
fn directories() -> impl Iterator<Item = PathBuf> {
    let entries =
        places().filter(|place| is_safe(place)).filter_map(|place| fs::read_dir(place).ok()).flatten().flatten();
    let ours =
        |entry: &fs::DirEntry| entry.file_name().to_string_lossy().starts_with(PREFIX) && is_own_dir(&entry.path());
    let mut paths: Vec<_> = entries.filter(ours).map(|entry| entry.path()).collect();
    // Two of the places may be one.
    paths.sort_unstable();
    paths.dedup();
    paths.into_iter()
}

#[cfg(unix)]
fn is_own_dir(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let own = |metadata: fs::Metadata| metadata.is_dir() && metadata.uid() == rustix::process::geteuid().as_raw();
    fs::symlink_metadata(path).is_ok_and(own)
}

#[cfg(not(unix))]
fn is_own_dir(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir())
}

/// Whether the process that made a directory is gone: nobody holds its lock. One without a lock was made a moment ago,
/// or its process died in that moment.
fn is_leftover(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let parts = name.strip_prefix(PREFIX).and_then(|rest| rest.split_once('-'));
    let Some(Ok(process)) = parts.map(|(process, _)| process.parse()) else { return false };
    match File::open(path.join(LOCK)) {
        Ok(lock) => lock.try_lock().is_ok(),
        Err(_) => !is_running(process),
    }
}

#[cfg(unix)]
fn is_running(process: i32) -> bool {
    let process = rustix::process::Pid::from_raw(process);
    // A process of somebody else runs too.
    process.is_some_and(|process| rustix::process::test_kill_process(process) != Err(rustix::io::Errno::SRCH))
}

/// It cannot be told, so what has no lock stays.
#[cfg(not(unix))]
fn is_running(_: i32) -> bool {
    true
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_directory_is_private_and_gone_when_dropped() {
        let folder = PrivateDir::create().expect("a place");
        let path = folder.path().to_owned();
        let file = folder.create_file("a.yaml".as_ref(), b"a: 1\n").expect("made");
        let mode = |path: &Path| path.metadata().expect("there").permissions().mode() & 0o7777;
        assert_eq!((mode(&path), mode(&file)), (0o700, 0o600));
        assert_eq!(*folder.read_file("a.yaml".as_ref(), 5).expect("read"), b"a: 1\n");
        assert!(folder.read_file("a.yaml".as_ref(), 4).is_err(), "the limit");
        assert!(folder.create_file("a.yaml".as_ref(), b"").is_err(), "it is there");
        fs::create_dir(path.join("sub")).expect("made");
        std::os::unix::fs::symlink("/", path.join("sub/link")).expect("made");
        assert!(!is_leftover(&path), "its lock is held");
        drop(folder);
        assert!(!path.exists());
    }

    #[test]
    fn what_is_kept_stays_and_is_no_leftover() {
        let folder = PrivateDir::create().expect("a place");
        let (before, file) = (folder.path().to_owned(), folder.create_file("x".as_ref(), b"1").expect("made"));
        let kept = folder.keep();
        assert!(!file.exists() && !before.exists() && kept.join("x").exists());
        assert!(!is_leftover(&kept));
        fs::remove_dir_all(kept).expect("removed");
    }

    #[test]
    fn a_directory_whose_process_is_gone_is_a_leftover() {
        let folder = tempfile::tempdir().expect("a folder");
        // No process has such a number.
        let dead = folder.path().join("sops-rs-2147483647-x");
        fs::create_dir(&dead).expect("made");
        assert!(is_leftover(&dead), "it has no lock");
        let lock = lock(&dead).expect("locked");
        assert!(!is_leftover(&dead), "somebody holds its lock");
        drop(lock);
        assert!(is_leftover(&dead), "nobody holds its lock");
        let alive = folder.path().join(format!("sops-rs-{}-x", std::process::id()));
        fs::create_dir(&alive).expect("made");
        assert!(!is_leftover(&alive), "it has no lock yet");
        for name in ["sops-rs-demo-x", "sops-rs-kept-x", "sops-rs-2147483647", "other"] {
            assert!(!is_leftover(&folder.path().join(name)), "{name}");
        }
    }

    #[test]
    fn wiping_leaves_files_alone_that_have_another_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let inner = folder.path().join("inner");
        fs::create_dir(&inner).expect("made");
        io::create(&folder.path().join("other"), b"text", Privacy::Private).expect("made");
        fs::hard_link(folder.path().join("other"), inner.join("a")).expect("linked");
        io::wipe(&inner);
        assert!(!inner.exists());
        assert_eq!(fs::read(folder.path().join("other")).expect("there"), b"text");
    }

    #[test]
    fn no_place_is_inside_of_a_work_tree_or_open_to_everybody() {
        let folder = tempfile::tempdir().expect("a folder");
        let below = folder.path().join("a/b");
        fs::create_dir_all(&below).expect("made");
        fs::set_permissions(&below, fs::Permissions::from_mode(0o755)).expect("set");
        assert!(!is_in_work_tree(&below) && is_safe(&below));
        fs::create_dir(folder.path().join(".git")).expect("made");
        assert!(is_in_work_tree(&below));
        fs::set_permissions(&below, fs::Permissions::from_mode(0o777)).expect("set");
        assert!(!is_safe(&below));
        fs::set_permissions(&below, fs::Permissions::from_mode(0o1777)).expect("set");
        assert!(is_safe(&below));
    }
}
