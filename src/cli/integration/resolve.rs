//! `git resolve`.

use std::path::{Path, PathBuf};

use clap::Args;
use sops_rs::document::MAX_ENCRYPTED_LEN;

use crate::cli::conflicts::{Choice, Outcome, Resolving, repository_of, say_how_to_stage};
use crate::cli::exit_code;
use crate::cli::files::{FormatName, IdentityOptions, InputOptions};
use crate::cli::git::Repository;
use crate::cli::io;
use crate::cli::remembered::Remembered;
use crate::cli::report::{Failure, named, say};

/// Resolve the conflicts of encrypted files
///
/// Merges both sides by their values. What is left opens in your editor, decrypted, with conflict markers; what you save is
/// encrypted, and everything that you left alone keeps its token. Conflicts that are there only since git had no key, or no
/// driver, go away by themselves.
///
/// A file that was merged by hand, or by a forge, and does not verify any more is repaired: the versions that it came from
/// are taken from git. What no merge of them could have made is listed, and has to be confirmed.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The files
    #[arg(value_name = "FILE", required_unless_present = "all")]
    files: Vec<PathBuf>,
    /// Take all encrypted files of the repository that wait to be merged
    #[arg(long, conflicts_with = "files")]
    all: bool,
    /// Where both sides differ, take ours, without an editor
    #[arg(long, group = "side")]
    ours: bool,
    /// Where both sides differ, take theirs, without an editor
    #[arg(long, group = "side")]
    theirs: bool,
    /// Where both sides differ, take the lines of both, without an editor
    #[arg(long, group = "side")]
    union: bool,
    /// Let a program edit instead, without asking anything; `{}` is the path of the plaintext
    #[arg(long, value_name = "COMMAND", conflicts_with = "side")]
    with: Option<String>,
    /// Stage what is resolved, as `git add` does
    #[arg(long)]
    add: bool,
    /// Ask nothing where nothing vouches for a version, for a reader, or for what was merged by hand
    #[arg(short, long)]
    yes: bool,
    /// The format of the files, where their names do not tell
    #[arg(long, value_name = "FORMAT")]
    input_type: Option<FormatName>,
    #[command(flatten)]
    identities: IdentityOptions,
}

/// Resolves them one after the other; gives the exit code.
pub(super) fn run(arguments: &Arguments) -> Result<u8, Failure> {
    let keys = Remembered::find(&arguments.identities)?;
    let files = if arguments.all { unmerged()? } else { arguments.files.clone() };
    if files.is_empty() {
        say("no file waits to be merged");
    }
    let mut code = 0;
    for file in &files {
        // What was done with one file is done: the others are gone on with.
        match resolve(arguments, file, &keys) {
            Ok(Outcome::Resolved | Outcome::NoConflict) => {}
            Ok(Outcome::Unchanged) => code = exit_code::UNCHANGED,
            Err(failure) if files.len() == 1 => return Err(failure),
            Err(failure) => {
                failure.print();
                code = failure.code;
            }
        }
    }
    Ok(code)
}

fn resolve(arguments: &Arguments, file: &Path, keys: &Remembered) -> Result<Outcome, Failure> {
    let repository = repository_of(file)?;
    let input = InputOptions { input_type: arguments.input_type, filename_override: None };
    let choice = match arguments {
        Arguments { ours: true, .. } => Choice::Ours,
        Arguments { theirs: true, .. } => Choice::Theirs,
        Arguments { union: true, .. } => Choice::Union,
        _ => Choice::Edit(arguments.with.as_deref()),
    };
    let format = input.format(file)?;
    let resolving = Resolving { path: file, format, choice, yes: arguments.yes, keys, repository: repository.as_ref() };
    let outcome = resolving.resolve()?;
    let shown = file.display().to_string();
    match outcome {
        Outcome::Resolved => say(&format!("{}: resolved", named(&shown))),
        Outcome::NoConflict => say(&format!("{}: has no conflict", named(&shown))),
        Outcome::Unchanged => return Ok(outcome),
    }
    if let Some(repository) = &repository {
        stage(arguments, repository, file)?;
    }
    Ok(outcome)
}

/// Stages a file that is resolved, or tells how.
fn stage(arguments: &Arguments, repository: &Repository, file: &Path) -> Result<(), Failure> {
    if !arguments.add {
        return say_how_to_stage(repository, file);
    }
    let Some(name) = repository.name_of(file) else { return Ok(()) };
    let add = ["add", "--"].map(AsRef::<std::ffi::OsStr>::as_ref);
    repository.output(add.into_iter().chain([name.as_os_str()])).map(drop)
}

/// The encrypted files that wait to be merged.
fn unmerged() -> Result<Vec<PathBuf>, Failure> {
    let repository = Repository::here()?;
    let mut names: Vec<PathBuf> =
        repository.index()?.into_iter().filter(|entry| entry.stage > 0).map(|entry| entry.path).collect();
    names.dedup();
    let files = names.iter().map(|name| repository.path_of(name));
    // Whatever else waits is nothing of ours.
    let has_tokens = |file: &PathBuf| {
        io::read(file, MAX_ENCRYPTED_LEN).is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains("ENC["))
    };
    Ok(files.filter(has_tokens).collect())
}
