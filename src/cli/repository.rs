//! The files of a repository: which there are, and which of them are encrypted.
//!
//! What git tracks or would add is found through the user's git, and so are single files that it ignores; folders that it
//! ignores (`target`, `node_modules`) are not entered. Outside of a repository every folder is walked.

use std::collections::HashMap;
use std::fs;
use std::io::Read as _;
use std::num::NonZero;
use std::path::{Path, PathBuf};

use sops_rs::document::{BINARY, Format, MAX_ENCRYPTED_LEN, format_for_name};
use sops_rs::error::Error;
use sops_rs::file::any::{self, Metadata, Snapshot};
use zeroize::Zeroizing;

use super::files::encrypted_as;
use super::git::{self, path_of};
use super::report::Failure;
use super::{discover, exit_code, io, jobs};

/// The files below some folders.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// By name, none twice. They begin with the folder as it was given.
    pub(crate) files: Vec<ListedFile>,
    /// Folders that cannot be read.
    pub(crate) failures: Vec<Failure>,
}

/// A file of a listing; neither a symbolic link nor behind one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ListedFile {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// Whether git ignores it.
    pub(crate) ignored: bool,
}

/// What a file turned out to be.
pub(crate) enum Look {
    /// One that this program or SOPS encrypted.
    Encrypted(EncryptedFile),
    /// Anything else.
    Other,
}

/// An encrypted file. Nothing of it is authenticated yet.
pub(crate) struct EncryptedFile {
    /// Its format, told by its name or its content.
    pub(crate) format: &'static dyn Format,
    /// All of it.
    pub(crate) bytes: Zeroizing<Vec<u8>>,
    /// Its metadata.
    pub(crate) metadata: Metadata,
}

/// The encrypted files below some folders, by name.
#[derive(Debug, Default)]
pub(crate) struct EncryptedFiles {
    /// Path and metadata of each; none is authenticated.
    pub(crate) files: Vec<(PathBuf, Metadata)>,
    /// Folders and files that cannot be read, and encrypted files whose metadata cannot be.
    pub(crate) failures: Vec<Failure>,
}

/// The root of the repository that the current folder is in, as a path from there; the current folder outside of one.
pub(crate) fn root() -> PathBuf {
    let up = git::ask(Path::new("."), &["rev-parse", "--show-cdup"]);
    let up = up.map(|output| path_of(output.strip_suffix(b"\n").unwrap_or(&output)));
    up.filter(|up| !up.as_os_str().is_empty()).unwrap_or_else(|| ".".into())
}

/// The encrypted files below `folders`.
pub(crate) fn encrypted(folders: &[PathBuf], jobs: NonZero<usize>) -> EncryptedFiles {
    let listing = list(folders);
    let looks = jobs::map(jobs, &listing.files, |file| look(&file.path));
    let mut found = EncryptedFiles { files: Vec::new(), failures: listing.failures };
    for (file, look) in listing.files.into_iter().zip(looks) {
        match look {
            Ok(Look::Encrypted(encrypted)) => found.files.push((file.path, encrypted.metadata)),
            Ok(Look::Other) => {}
            Err(failure) => found.failures.push(failure),
        }
    }
    found
}

/// All files below `folders`. A folder inside of another one is no trouble.
pub(crate) fn list(folders: &[PathBuf]) -> Listing {
    let mut listing = Listing::default();
    for folder in folders {
        match list_with_git(folder) {
            Some(files) => listing.files.extend(files),
            None => walk(folder, &mut listing),
        }
    }
    let is_temp =
        |file: &ListedFile| file.path.file_name().is_some_and(|name| io::is_temp_name(&name.to_string_lossy()));
    listing.files.retain(|file| !is_temp(file));
    // One look at where we are, and not one for each file.
    let here = discover::absolute(Path::new(".")).unwrap_or_default();
    listing.files.sort_by_cached_key(|file| (discover::clean(&here.join(&file.path)), file.ignored));
    listing.files.dedup_by_key(|file| discover::clean(&here.join(&file.path)));
    listing
}

/// The short name of a file that was found by [`root`] and lies below the current folder, which is `here`.
pub(crate) fn short(here: &Path, path: PathBuf) -> PathBuf {
    let whole = path.starts_with("..").then(|| discover::clean(&here.join(&path)));
    let below = whole.as_ref().and_then(|whole| whole.strip_prefix(here).ok()).map(Path::to_owned);
    below.unwrap_or(path)
}

/// Reads a file, as far as it takes to tell what it is: in the format of its name, or of any other name as binary.
///
/// # Errors
/// When it cannot be read, or is encrypted and its metadata cannot be.
pub(crate) fn look(path: &Path) -> Result<Look, Failure> {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    match format_for_name(&name) {
        Some(format) => look_as(path, format),
        // Most files of a repository: a few bytes of each tell whether it is worth reading.
        None if begins_as_envelope(&io::read_start(path, ENVELOPE_START)?) => look_as(path, BINARY),
        None => Ok(look_at_any(path)),
    }
}

/// The same for a file whose name does not tell its format: it was encrypted whole, or as `--input-type` said.
fn look_at_any(path: &Path) -> Look {
    // Most of these are nobody's secrets: that one cannot be read is no failure.
    judge_any(if is_text(path) { io::read(path, MAX_ENCRYPTED_LEN).unwrap_or_default() } else { Zeroizing::default() })
}

fn judge_any(bytes: Zeroizing<Vec<u8>>) -> Look {
    let text = std::str::from_utf8(&bytes).unwrap_or_default();
    let format = if may_be_encrypted(text) && has_token(text) { encrypted_as(&bytes) } else { None };
    let status = format.and_then(|format| Some((format, any::status(&bytes, format).ok()??)));
    status.map_or(Look::Other, |(format, metadata)| Look::Encrypted(EncryptedFile { format, bytes, metadata }))
}

/// The same for a file that should be of `format`.
pub(crate) fn look_as(path: &Path, format: &'static dyn Format) -> Result<Look, Failure> {
    // No encrypted file is that long.
    if fs::metadata(path).is_ok_and(|metadata| metadata.len() > MAX_ENCRYPTED_LEN as u64) {
        return Ok(Look::Other);
    }
    judge(path, io::read(path, MAX_ENCRYPTED_LEN)?, format)
}

/// What [`look`] would say of a file at `path` that holds `bytes`.
///
/// # Errors
/// When it is encrypted and its metadata cannot be read.
pub(crate) fn look_in(path: &Path, bytes: Zeroizing<Vec<u8>>) -> Result<Look, Failure> {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let format = format_for_name(&name);
    match format.or_else(|| begins_as_envelope(&bytes[..bytes.len().min(ENVELOPE_START)]).then_some(BINARY)) {
        Some(format) => judge(path, bytes, format),
        None => Ok(judge_any(bytes)),
    }
}

fn judge(path: &Path, bytes: Zeroizing<Vec<u8>>, format: &'static dyn Format) -> Result<Look, Failure> {
    let text = std::str::from_utf8(&bytes).unwrap_or_default();
    let may_be_encrypted = may_be_encrypted(text);
    let has_token = may_be_encrypted && has_token(text);
    let mut format = format;
    let mut status = if may_be_encrypted { any::status(&bytes, format) } else { Ok(None) };
    if let (Ok(None), true) = (&status, has_token)
        && let Some(other) = encrypted_as(&bytes)
    {
        // Its readers matter, whatever it is called.
        format = other;
        status = any::status(&bytes, format);
    }
    match status {
        Ok(Some(metadata)) => Ok(Look::Encrypted(EncryptedFile { format, bytes, metadata })),
        // Without a token in it, it is a text about us that is not well-formed for reasons of its own.
        Err(error) if has_token => Err(Failure::of(&path.display().to_string(), error)),
        Ok(None) | Err(_) => Ok(Look::Other),
    }
}

/// The snapshot of a version of a file, by its name and content; none when it is not encrypted.
///
/// # Errors
/// When it is encrypted and cannot be read.
pub(crate) fn snapshot(name: &Path, bytes: &[u8]) -> Result<Option<Snapshot>, Error> {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    if !may_be_encrypted(text) {
        return Ok(None);
    }
    let name = name.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let format = format_for_name(&name).unwrap_or(BINARY);
    match Snapshot::read(bytes, format) {
        Ok(Some(snapshot)) => Ok(Some(snapshot)),
        // A text about us that is not well-formed for reasons of its own.
        Ok(None) | Err(_) if !has_token(text) => Ok(None),
        Ok(None) => encrypted_as(bytes).map_or(Ok(None), |other| Snapshot::read(bytes, other)),
        Err(error) => Err(error),
    }
}

/// Whether a file begins as a text does, which every encrypted file is.
fn is_text(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(4096).read_to_end(&mut head));
    read.is_ok() && !head.contains(&0)
}

/// Whether there is a token of either dialect.
pub(crate) fn has_token(text: &str) -> bool {
    ["ENC[1:", "ENC[AES256_GCM,"].iter().any(|token| text.contains(token))
}

/// Every encrypted file has this in it, and most others have not: cheaper than to look for the block.
fn may_be_encrypted(text: &str) -> bool {
    text.contains("sops")
}

/// So many bytes of a file are looked at: enough for the beginning of an envelope, however a formatter set it.
const ENVELOPE_START: usize = 256;

/// Whether the beginning of a file is that of a binary one's envelope, ours or SOPS's: `{"data":` with any blanks.
fn begins_as_envelope(start: &[u8]) -> bool {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let inside = start.trim_ascii_start().strip_prefix(b"{");
    inside.is_some_and(|inside| inside.trim_ascii_start().starts_with(b"\"data\""))
}

/// What git knows below `folder`; `None` when that is in no repository, or there is no git.
fn list_with_git(folder: &Path) -> Option<Vec<ListedFile>> {
    let known = git::ask(folder, &["ls-files", "-z", "--cached", "--others", "--exclude-standard"])?;
    let ignored = git::ask(folder, &["ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory"])?;
    let mut folders = Folders::new(folder);
    let mut files = Vec::new();
    for (output, ignored) in [(known, false), (ignored, true)] {
        for name in output.split(|&byte| byte == 0).filter(|name| !name.is_empty() && !name.ends_with(b"/")) {
            let path = path_of(name);
            if folders.has_file(&path) {
                files.push(ListedFile { path: below(folder, &path), ignored });
            }
        }
    }
    Some(files)
}

/// `path` behind `folder`, without a needless `./`.
fn below(folder: &Path, path: &Path) -> PathBuf {
    if folder == Path::new(".") { path.to_owned() } else { folder.join(path) }
}

/// The folders below one, as far as they were looked at: git also lists what was tracked before a symbolic link took the
/// place of a folder.
struct Folders<'f> {
    top: &'f Path,
    real: Option<PathBuf>,
    known: HashMap<PathBuf, bool>,
}

impl<'f> Folders<'f> {
    fn new(top: &'f Path) -> Self {
        Self { top, real: fs::canonicalize(top).ok(), known: HashMap::new() }
    }

    /// Whether `path`, below the top, is a regular file that no symbolic link leads to.
    fn has_file(&mut self, path: &Path) -> bool {
        let is_file = fs::symlink_metadata(self.top.join(path)).is_ok_and(|metadata| metadata.is_file());
        let Some(folder) = path.parent().filter(|_| is_file) else { return false };
        if let Some(&known) = self.known.get(folder) {
            return known;
        }
        let expected = self.real.as_ref().map(|real| real.join(folder));
        // Joining an empty path leaves a slash behind, which is no difference between paths.
        let is_real = expected.is_some() && fs::canonicalize(self.top.join(folder)).ok() == expected;
        self.known.insert(folder.to_owned(), is_real);
        is_real
    }
}

/// Finds all files below `top`, without git.
fn walk(top: &Path, listing: &mut Listing) {
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let path = below(top, &folder);
        let shown = if path.as_os_str().is_empty() { Path::new(".") } else { &path };
        let unreadable = |error: &std::io::Error| {
            let what = format!("cannot be read: {}", io::reason(error));
            Failure::about(exit_code::INPUT, &shown.display().to_string(), what)
        };
        let entries = match fs::read_dir(shown) {
            Ok(entries) => entries,
            Err(error) => {
                listing.failures.push(unreadable(&error));
                continue;
            }
        };
        for entry in entries {
            match entry.and_then(|entry| Ok((entry.file_name(), entry.file_type()?))) {
                // The folders of version control hold no files of anybody's.
                Ok((name, kind)) if kind.is_dir() && ![".git", ".hg", ".jj", ".svn"].iter().any(|vcs| name == *vcs) => {
                    folders.push(folder.join(name));
                }
                Ok((name, kind)) if kind.is_file() => {
                    listing.files.push(ListedFile { path: below(top, &folder.join(name)), ignored: false });
                }
                Ok(_) => {}
                Err(error) => listing.failures.push(unreadable(&error)),
            }
        }
    }
}

// The tests make symbolic links.
#[cfg(all(test, unix))]
mod tests;
