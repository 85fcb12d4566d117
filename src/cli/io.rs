//! Reading and writing: standard streams, and files that are replaced whole. The only place that writes files.

use std::fs::{self, File};
use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;

use zeroize::Zeroizing;

use super::exit_code;
use super::report::Failure;

mod batch;
mod folder;
mod program;

pub(crate) use batch::{Batch, FileState};
pub(crate) use folder::{is_temp_name, leftovers};
pub(crate) use program::{link_program, make_program, move_file, remove_file, same_content};

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

/// Reads the first `len` bytes of the file at `path`, or all when it is shorter.
pub(crate) fn read_start(path: &Path, len: usize) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(len));
    let read = File::open(path).and_then(|file| file.take(len as u64).read_to_end(&mut bytes));
    read.map_err(|error| unreadable(&path.display().to_string(), &error))?;
    Ok(bytes)
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

/// Reads what somebody has typed at standard input, up to the end of a line; none when there is no more. Not a byte
/// behind it is read: it may be meant for somebody else.
pub(crate) fn read_line() -> Option<String> {
    let mut line = Vec::new();
    let mut byte = [0];
    let mut stdin = io::stdin().lock();
    while stdin.read(&mut byte).is_ok_and(|read| read > 0) {
        if byte == *b"\n" {
            return Some(String::from_utf8_lossy(&line).into_owned());
        }
        line.push(byte[0]);
    }
    None
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
