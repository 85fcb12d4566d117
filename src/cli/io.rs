//! Reading and writing: standard streams, and files that are replaced whole. The only place that writes files.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, IsTerminal, Read, Write};
use std::num::NonZero;
use std::path::{Path, PathBuf};
#[cfg(unix)]
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use tempfile::{PathPersistError, TempPath};
use zeroize::Zeroizing;

use super::report::{Failure, count, say};
use super::{exit_code, jobs};

mod folder;

use folder::FolderLock;
pub(crate) use folder::is_temp_name;
#[allow(unused_imports, reason = "`doctor` tells them")]
pub(crate) use folder::leftovers;

/// Reads `path`, or standard input for `-`, up to `limit` bytes.
pub(crate) fn read(path: &Path, limit: usize) -> Result<Zeroizing<Vec<u8>>, Failure> {
    if path == Path::new("-") {
        return read_limited(io::stdin().lock(), 0, "-", limit);
    }
    let shown = path.display().to_string();
    let metadata = fs::metadata(path).map_err(|error| unreadable(&shown, &error))?;
    if metadata.is_dir() {
        return Err(Failure::about(exit_code::INPUT, &shown, "is a directory").hint("name the files in it"));
    }
    let file = File::open(path).map_err(|error| unreadable(&shown, &error))?;
    let expected = usize::try_from(metadata.len()).unwrap_or(usize::MAX).min(limit);
    read_limited(file, expected, &shown, limit)
}

fn read_limited(
    mut input: impl Read,
    expected: usize,
    shown: &str,
    limit: usize,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    // One byte more than expected, so that reading to the end does not grow the buffer.
    let mut bytes = Zeroizing::new(Vec::with_capacity(expected + 1));
    let read = input.by_ref().take(limit as u64 + 1).read_to_end(&mut bytes);
    let cannot = |error| Failure::about(exit_code::INPUT, shown, format_args!("cannot be read: {}", reason(&error)));
    read.map_err(cannot)?;
    if bytes.len() > limit {
        let what = format!("is longer than the limit of {} MiB", limit >> 20);
        return Err(Failure::about(exit_code::INPUT, shown, what));
    }
    Ok(bytes)
}

fn unreadable(shown: &str, error: &io::Error) -> Failure {
    let code = if error.kind() == io::ErrorKind::NotFound { exit_code::NO_FILE } else { exit_code::INPUT };
    Failure::about(code, shown, format_args!("cannot be read: {}", reason(error)))
}

/// Writes to standard output. A reader that went away is no error.
pub(crate) fn print(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::new(exit_code::OUTPUT, format!("standard output: {}", reason(&error))))
        }
        _ => Ok(()),
    }
}

/// Prints JSON, for machines.
pub(crate) fn print_json(value: &serde_json::Value) -> Result<(), Failure> {
    print(format!("{value:#}\n").as_bytes())
}

/// Prints one value. It has no line break of its own, so at a terminal it gets one.
pub(crate) fn print_value(bytes: &[u8]) -> Result<(), Failure> {
    print(bytes)?;
    if io::stdout().is_terminal() && !bytes.ends_with(b"\n") { print(b"\n") } else { Ok(()) }
}

/// Whether somebody types at standard input.
pub(crate) fn is_interactive() -> bool {
    io::stdin().is_terminal()
}

/// Whether standard output is a terminal that may show colors.
pub(crate) fn is_colored_stdout() -> bool {
    io::stdout().is_terminal() && super::environment::color_allowed()
}

/// Writes to standard error. Nobody is left to be told when that is gone.
pub(crate) fn print_to_stderr(bytes: &[u8]) {
    let _ = io::stderr().write_all(bytes);
}

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

/// Who may read a new file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Privacy {
    /// Only the owner: plaintext and identities.
    Private,
    /// As the system gives new files: encrypted ones.
    Public,
}

/// Refuses what cannot be replaced: before anything is read from it, and before anybody is asked for a passphrase.
pub(crate) fn check_replaceable(path: &Path) -> Result<(), Failure> {
    let shown = path.display().to_string();
    if shown == "-" {
        return Err(Failure::new(exit_code::CONFLICT, "standard input cannot be replaced: -i/--in-place needs a file"));
    }
    let Ok(metadata) = fs::metadata(path) else { return Ok(()) };
    if !metadata.is_file() && !metadata.is_dir() {
        return Err(Failure::about(exit_code::OUTPUT, &shown, "is not a regular file"));
    }
    if metadata.is_file() && metadata.permissions().readonly() {
        let failure = Failure::about(exit_code::OUTPUT, &shown, "is read-only");
        return Err(failure.hint("make it writable first"));
    }
    Ok(())
}

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
    fn commit_new(self) -> Result<(), Failure> {
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

fn cannot_write(shown: &str, error: &io::Error) -> Failure {
    Failure::about(exit_code::OUTPUT, shown, format_args!("cannot be written: {}", reason(error)))
}

/// Replaces files. The first one changes when all of them are written to the disk.
pub(crate) fn replace_all<'f>(
    mut files: impl Iterator<Item = (&'f Path, &'f [u8])>,
    privacy: Privacy,
) -> Result<(), Failure> {
    let batch = Batch::default();
    files.try_for_each(|(path, bytes)| batch.add(path, bytes, privacy))?;
    batch.commit()
}

/// Replaces the file at `path`, which was read before and held `old`.
pub(crate) fn replace(path: &Path, old: &[u8], bytes: &[u8], privacy: Privacy) -> Result<(), Failure> {
    let batch = Batch::default();
    batch.add_over(path, old, bytes, privacy)?;
    batch.commit()
}

/// Writes `bytes` to `path`, whole or not at all; devices and pipes are written to.
pub(crate) fn write(path: &Path, bytes: &[u8], privacy: Privacy) -> Result<(), Failure> {
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
        let opened = fs::OpenOptions::new().write(true).open(path);
        let written = opened.and_then(|mut file| file.write_all(bytes));
        return written.map_err(|error| cannot_write(&path.display().to_string(), &error));
    }
    let batch = Batch::default();
    batch.add(path, bytes, privacy)?;
    batch.commit()
}

/// Appends `bytes` to the file at `path`, all or nothing.
pub(crate) fn append(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |error| cannot_write(&path.display().to_string(), &error);
    let mut file = fs::OpenOptions::new().append(true).open(path).map_err(failed)?;
    let before = file.metadata().map_err(failed)?.len();
    file.write_all(bytes).map_err(|error| {
        // What cannot be taken back was never a regular file.
        let _ = file.set_len(before);
        failed(error)
    })
}

/// Writes a new file; one that is there already stays as it is.
pub(crate) fn create(path: &Path, bytes: &[u8], privacy: Privacy) -> Result<(), Failure> {
    let batch = Batch::default();
    batch.add(path, bytes, privacy)?;
    batch.commit_new()
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

/// Whether two paths name one existing file.
pub(crate) fn same_file(a: &Path, b: &Path) -> bool {
    match (fs::canonicalize(a), fs::canonicalize(b)) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}

/// Why an operation failed, in the words of the system, without its error number.
pub(crate) fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file".into(),
        io::ErrorKind::PermissionDenied => "permission denied".into(),
        _ => {
            let text = error.to_string();
            text.split(" (os error").next().unwrap_or(&text).to_lowercase()
        }
    }
}

/// Makes `folder` and what is missing above it; what is made is accessible to its owner only.
pub(crate) fn make_private_folder(folder: &Path) -> Result<(), Failure> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| cannot_make(folder, &error))
}

/// Makes `folder` and what is missing above it, as the system gives new folders.
pub(crate) fn make_folder(folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|error| cannot_make(folder, &error))
}

fn cannot_make(folder: &Path, error: &io::Error) -> Failure {
    let what = format!("cannot be made: {}", reason(error));
    Failure::about(exit_code::OUTPUT, &folder.display().to_string(), what)
}

/// Makes a named pipe that only its owner can open: this user, or the one with these numbers of user and group.
#[cfg(unix)]
pub(crate) fn make_fifo(path: &Path, owner: Option<(u32, u32)>) -> io::Result<()> {
    nix::unistd::mkfifo(path, nix::sys::stat::Mode::S_IRUSR | nix::sys::stat::Mode::S_IWUSR)?;
    match owner {
        Some((user, group)) => std::os::unix::fs::chown(path, Some(user), Some(group)),
        None => Ok(()),
    }
}

/// Lets the group with this number pass through a folder of this user's, without seeing or changing what is in it.
#[cfg(unix)]
pub(crate) fn let_pass(folder: &Path, group: u32) -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt;
    let changed = std::os::unix::fs::chown(folder, None, Some(group))
        .and_then(|()| fs::set_permissions(folder, fs::Permissions::from_mode(0o710)));
    changed.map_err(|error| cannot_write(&folder.display().to_string(), &error))
}

/// Gives a file to the user and the group with these numbers.
#[cfg(unix)]
pub(crate) fn give_to(path: &Path, (user, group): (u32, u32)) -> Result<(), Failure> {
    let given = std::os::unix::fs::chown(path, Some(user), Some(group));
    given.map_err(|error| cannot_write(&path.display().to_string(), &error))
}

/// Overwrites every file in `folder` with zeros, and removes it with all that is in it. On storage that writes elsewhere
/// each time (flash, copy on write) the old bytes may stay; in memory they do not.
///
/// What cannot be wiped is still removed, if it can be: nobody is left to do better.
pub(crate) fn wipe(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()) {
        match fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_dir() => wipe(&path),
            Ok(metadata) => {
                if metadata.is_file() && has_one_name(&metadata) {
                    let _ = overwrite(&path, metadata.len());
                }
                let _ = fs::remove_file(&path);
            }
            Err(_) => {}
        }
    }
    let _ = fs::remove_dir(folder);
}

fn overwrite(path: &Path, len: u64) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).open(path)?;
    io::copy(&mut io::repeat(0).take(len), &mut file)?;
    file.sync_data()
}

/// Whether a file is not also another one, which is nobody's to wipe.
#[cfg(unix)]
fn has_one_name(metadata: &fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(metadata) == 1
}

#[cfg(not(unix))]
fn has_one_name(_: &fs::Metadata) -> bool {
    true
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
