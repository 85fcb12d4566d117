//! `log`.

use std::collections::HashSet;
use std::num::NonZero;
use std::path::{Path, PathBuf};

use clap::Args;
use sops_rs::error::Error;
use sops_rs::file::PathQuery;
use sops_rs::file::timeline::VersionState;

use super::git::Repository;
use super::many::say_none;
use super::marks::Paint;
use super::report::{Failure, warn};
use super::timelines::{FileTimeline, Timelines};
use super::{clock, exit_code, io, jobs, repository};

mod blame;
mod entries;
mod json;
mod text;

/// Tell who changed which value when
///
/// `log FILE` tells what each commit changed in an encrypted file, the latest first: values, readers and data keys; `log FILE
/// PATH` tells it of one value, or of those in a map or list. A folder stands for all encrypted files in it, and without
/// FILE it is the whole repository. With --blame it tells for each value of the file in the work tree which commit changed it
/// last. Renamed files and moved values are followed. No key is needed, and so nothing is verified, and a value that was
/// sealed anew by a rotation may have been changed then, too.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The files or folders; behind a single file a PATH in it
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Tell of each value which commit changed it last
    #[arg(short, long)]
    blame: bool,
    /// Tell of so many commits at most
    #[arg(short = 'n', long, value_name = "N", conflicts_with = "blame")]
    max_count: Option<NonZero<usize>>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What is to be told.
struct Told {
    timelines: Timelines,
    /// How each file is called from here.
    paths: Vec<String>,
    /// Of which values; none for everything.
    values: Option<HashSet<usize>>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let (files, path) = match &arguments.files[..] {
        [file, path] if !path.exists() && !file.is_dir() => (std::slice::from_ref(file), Some(path)),
        files => (files, None),
    };
    let repository = match files.first() {
        None => Repository::here()?,
        Some(file) => of_file(file)?,
    };
    let names = names(&repository, files)?;
    let timelines = Timelines::of(&repository, &names)?;
    let shown = |file: &FileTimeline| repository.path_of(&file.name).display().to_string();
    let paths: Vec<_> = timelines.files.iter().map(shown).collect();
    if !files.iter().any(|file| file.is_dir()) {
        timelines.files.iter().zip(&paths).take(files.len()).try_for_each(|(file, path)| check(file, path))?;
    }
    let values = match (path, timelines.files.first()) {
        (Some(path), Some(file)) => Some(values(file, &paths[0], &path.to_string_lossy())?),
        _ => None,
    };
    if names.is_empty() {
        say_none();
    }
    let told = Told { timelines, paths, values };
    let most = arguments.max_count.map_or(usize::MAX, NonZero::get);
    match (arguments.blame, arguments.json) {
        (true, true) => io::print_json(&json::of_values(&told))?,
        (true, false) => io::print(blame::text(&told, clock::unix_time()).as_bytes())?,
        (false, true) => io::print_json(&json::of_versions(&told, most))?,
        (false, false) => io::print(text::of(&told, most, clock::unix_time(), Paint::for_stdout()).as_bytes())?,
    }
    if !told.timelines.history.is_complete {
        warn("the clone is shallow: what was before its first commits is unknown; `git fetch --unshallow` gets it");
    }
    Ok(())
}

/// The repository of a file that may be gone.
fn of_file(file: &Path) -> Result<Repository, Failure> {
    let folder = if file.is_dir() { Some(file) } else { file.parent() };
    let mut folders = folder.into_iter().flat_map(Path::ancestors);
    let folder = folders.find(|folder| folder.is_dir()).unwrap_or(Path::new("."));
    let none = || {
        let failure = Failure::about(exit_code::GENERIC, &file.display().to_string(), "is in no git repository");
        failure.hint("the history of values comes from git")
    };
    Repository::find(folder)?.ok_or_else(none)
}

/// The files that are meant, by their paths from the top.
fn names(repository: &Repository, files: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let top = || repository.path_of(Path::new(""));
    let here = |path: PathBuf| if path.as_os_str().is_empty() { ".".into() } else { path };
    let (folders, files): (Vec<_>, Vec<_>) = match files {
        [] => (vec![here(top())], Vec::new()),
        files => files.iter().cloned().partition(|file| file.is_dir()),
    };
    let found = repository::encrypted(&folders, jobs::processors());
    found.failures.iter().for_each(|failure| warn(failure.message()));
    let mut seen = HashSet::new();
    let mut names = Vec::new();
    for path in files.into_iter().chain(found.files.into_iter().map(|(path, _)| path)) {
        let elsewhere = || Failure::about(exit_code::GENERIC, &path.display().to_string(), "is in another repository");
        let name = repository.name_of(&path).ok_or_else(elsewhere)?;
        if seen.insert(name.clone()) {
            names.push(name);
        }
    }
    Ok(names)
}

/// A file that was named has to be an encrypted one, now or earlier.
fn check(file: &FileTimeline, path: &str) -> Result<(), Failure> {
    let is_there = |state: &VersionState| !matches!(state, VersionState::Gone | VersionState::Plain);
    if file.timeline.versions.iter().any(|events| is_there(&events.state)) {
        return Ok(());
    }
    Err(match file.versions.is_empty() {
        true => Failure::about(exit_code::NO_FILE, path, "there is no such file, and git knows of none"),
        false => Failure::of(path, Error::NotEncrypted),
    })
}

/// The values of a file that are called so.
fn values(file: &FileTimeline, shown: &str, path: &str) -> Result<HashSet<usize>, Failure> {
    let query =
        PathQuery::parse(path).map_err(|error| Failure::new(exit_code::BAD_PATH, format!("`{path}`: {error}")))?;
    let missing = |error| Failure::of(shown, error).hint(format!("there is no file `{path}` either"));
    file.timeline.named(&query).map_err(missing)
}
