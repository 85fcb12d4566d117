//! What the commands share that work on many encrypted files: naming them, reading them, and the threads for it.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use clap::Args;
use sops_rs::document::Format;
use sops_rs::document::sops::Store;
use sops_rs::error::Error;
use sops_rs::file::Warning;

use super::files::{FormatName, InputOptions, all_of};
use super::jobs::{self, JobOptions};
use super::progress::Progress;
use super::report::{Failure, say, warn};
use super::repository::{self, EncryptedFile, Look};
use super::{discover, exit_code, process};

/// Which files are meant.
#[derive(Debug, Args)]
pub(crate) struct TargetOptions {
    /// The files; with -r also folders, and if none is named the whole repository
    #[arg(required_unless_present = "recursive", value_name = "FILE")]
    paths: Vec<PathBuf>,
    /// Take every encrypted file below the folders; folders that git ignores are left out
    #[arg(short, long)]
    pub(crate) recursive: bool,
    /// The format of the files, where their names do not tell
    #[arg(long, value_name = "FORMAT", conflicts_with = "recursive")]
    input_type: Option<FormatName>,
    #[command(flatten)]
    jobs: JobOptions,
}

/// A file to work on.
pub(crate) struct Target {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// Whether it was named itself: it must be an encrypted one.
    pub(crate) named: bool,
}

impl TargetOptions {
    /// The files that may be meant, by name where they were found in folders.
    ///
    /// # Errors
    /// When a folder is named without -r, or one cannot be read.
    pub(crate) fn list(&self) -> Result<Vec<Target>, Failure> {
        process::raise_file_limit();
        let paths = if self.paths.is_empty() { vec![repository::root()] } else { self.paths.clone() };
        let (folders, files): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| path.is_dir());
        if let (false, Some(folder)) = (self.recursive, folders.first()) {
            let failure = Failure::about(exit_code::INPUT, &folder.display().to_string(), "is a directory");
            return Err(failure.hint("add -r/--recursive for all encrypted files in it"));
        }
        let listing = repository::list(&folders);
        all_of(listing.failures.into_iter().map(Err::<(), _>))?;
        let here = discover::absolute(Path::new("."))?;
        let whole = |path: &Path| discover::clean(&here.join(path));
        let named = files.into_iter().map(|path| Target { path, named: true });
        let found =
            listing.files.into_iter().map(|file| Target { path: repository::short(&here, file.path), named: false });
        let mut seen = HashSet::new();
        let is_new = |target: &Target| seen.insert(whole(&target.path));
        Ok(named.chain(found).filter(is_new).collect())
    }

    /// Does `work` with each of `items`, on several threads; the results are in the order of the items.
    pub(crate) fn each<T: Sync, R: Send>(&self, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
        let progress = Progress::new(items.len());
        jobs::map(self.jobs.count(), items, |item| {
            let result = work(item);
            progress.step();
            result
        })
    }

    /// Reads a file; `None` when it was found in a folder and is not an encrypted one.
    ///
    /// # Errors
    /// When it cannot be read, or was named and is not encrypted.
    pub(crate) fn read(&self, target: &Target) -> Result<Option<EncryptedFile>, Failure> {
        let look = if target.named {
            let input = InputOptions { input_type: self.input_type, filename_override: None };
            repository::look_as(&target.path, input.format(&target.path)?)
        } else {
            repository::look(&target.path)
        }?;
        let shown = target.path.display().to_string();
        match look {
            Look::Encrypted(file) => Ok(Some(file)),
            Look::Other if !target.named => Ok(None),
            Look::Other => Err(Failure::of(&shown, Error::NotEncrypted)),
        }
    }
}

impl TargetOptions {
    /// The format that SOPS has for an encrypted file of `format`: by its name, unless the format was named.
    pub(crate) fn store(&self, path: &Path, format: &dyn Format) -> Store {
        match self.input_type {
            Some(_) => Store::by_name(format.name()).unwrap_or(Store::Binary),
            None => Store::for_name(&path.file_name().unwrap_or_default().to_string_lossy()),
        }
    }
}

/// Says that there was nothing to do.
pub(crate) fn say_none() {
    say("no encrypted file was found");
}

/// Proposals are made for a data key; under another one nobody could accept them.
pub(crate) fn say_lost_proposals(file: &Path, warnings: &[Warning]) {
    for warning in warnings {
        if let Warning::Proposal { path } = warning {
            warn(&format!("`{}`: the proposal for `{path}` was made for the old data key and is gone", file.display()));
        }
    }
}

/// So many names of files fit into a message.
pub(crate) const MOST_NAMES: usize = 10;

/// Names of files for a message, at most so many of them.
pub(crate) fn names<'p>(paths: impl ExactSizeIterator<Item = &'p Path>, most: usize) -> String {
    let more = paths.len().saturating_sub(most);
    let names: Vec<_> = paths.take(most).map(|path| format!("`{}`", path.display())).collect();
    let names = names.join(", ");
    if more > 0 { format!("{names} and {more} more") } else { names }
}
