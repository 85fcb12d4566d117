//! What is compared with what: the words of the command line.

use std::path::{Path, PathBuf};

use super::Arguments;
use crate::cli::exit_code;
use crate::cli::git::{ObjectId, Range, Repository, Side};
use crate::cli::report::Failure;

/// What is compared.
pub(super) enum Scope {
    /// Two files.
    Files(PathBuf, PathBuf),
    /// Two sides of a repository.
    Repository(Box<Comparison>),
}

/// Two sides of a repository.
pub(super) struct Comparison {
    pub(super) repository: Repository,
    pub(super) from: Side,
    pub(super) to: Side,
    /// Names of files and folders, from the top of the repository; all files, when there are none.
    pub(super) names: Vec<PathBuf>,
}

impl Scope {
    pub(super) fn find(arguments: &Arguments) -> Result<Self, Failure> {
        let files: Vec<_> = arguments.words.iter().map(PathBuf::from).chain(arguments.paths.iter().cloned()).collect();
        let repository = if arguments.no_index { None } else { Repository::find(Path::new("."))? };
        match (repository, &files[..]) {
            (Some(repository), _) => {
                Comparison::find(repository, arguments).map(|found| Self::Repository(Box::new(found)))
            }
            (None, [old, new]) => Ok(Self::Files(old.clone(), new.clone())),
            (None, _) if arguments.no_index => Err(Failure::new(exit_code::GENERIC, "--no-index takes two files")),
            (None, _) => {
                let failure = Failure::new(exit_code::GENERIC, "this folder is in no git repository");
                Err(failure.hint("outside of one, two files are compared: `sops-rs diff OLD NEW`"))
            }
        }
    }

    /// Whether `name` is in it.
    pub(super) fn has(&self, name: &Path) -> bool {
        match self {
            Self::Files(..) => true,
            Self::Repository(comparison) => {
                let names = &comparison.names;
                names.is_empty() || names.iter().any(|place| name.starts_with(place))
            }
        }
    }
}

impl Comparison {
    fn find(repository: Repository, arguments: &Arguments) -> Result<Self, Failure> {
        let mut trees: Vec<ObjectId> = Vec::new();
        let mut paths: Vec<PathBuf> = Vec::new();
        for path in &arguments.words {
            let word = &*path.to_string_lossy();
            let may_be_revision = paths.is_empty() && trees.len() < 2 && path.to_str().is_some();
            let found = if may_be_revision { repository.range(word) } else { Err(neither(word)) };
            let is_file = Path::new(path).exists();
            match found {
                // As git has it: guessing would compare something else than was meant.
                Ok(_) if is_file && arguments.paths.is_empty() && is_bare(word) => {
                    let failure = Failure::new(exit_code::GENERIC, format!("`{word}` is a revision and a file"));
                    return Err(failure.hint("put `--` before the files, or behind the revisions"));
                }
                Ok(Range::One(tree)) => trees.push(tree),
                Ok(Range::Two(from, to)) if trees.is_empty() => trees.extend([from, to]),
                Ok(Range::Two(..)) => return Err(too_many()),
                Err(_) if is_file || is_tracked(&repository, Path::new(path)) => paths.push(path.into()),
                // Two commits without a common base, say.
                Err(failure) if word.contains("..") => return Err(failure),
                Err(_) => return Err(neither(word)),
            }
        }
        let (from, to) = match (&trees[..], arguments.staged) {
            ([], false) => (Side::Index, Side::WorkTree),
            ([], true) => (Side::Tree(repository.head().unwrap_or_else(|| repository.empty_tree())), Side::Index),
            (&[tree], false) => (Side::Tree(tree), Side::WorkTree),
            (&[tree], true) => (Side::Tree(tree), Side::Index),
            (&[from, to], false) => (Side::Tree(from), Side::Tree(to)),
            _ => return Err(too_many()),
        };
        let paths = paths.iter().chain(&arguments.paths);
        let name = |path: &PathBuf| {
            let elsewhere = || {
                let what = "lies outside of this repository";
                Failure::about(exit_code::GENERIC, &path.display().to_string(), what)
            };
            repository.name_of(path).ok_or_else(elsewhere)
        };
        let names = paths.map(name).collect::<Result<_, _>>()?;
        Ok(Self { repository, from, to, names })
    }

    /// The commit before which earlier versions are looked for; none when the other side is itself one of them.
    pub(super) fn tip(&self) -> Option<ObjectId> {
        let tip = match self.from {
            Side::Tree(id) => self.repository.commit(&id.to_string()).ok(),
            Side::Index | Side::WorkTree => self.repository.head(),
        };
        let is_before = |tip: &ObjectId| match self.to {
            Side::Tree(to) => self.repository.merge_base(tip, &to) == Some(to),
            Side::Index | Side::WorkTree => false,
        };
        tip.filter(|tip| !is_before(tip))
    }
}

/// Whether nothing of the word says that it is a revision.
fn is_bare(word: &str) -> bool {
    !word.contains("..") && !word.contains(['~', '^', '@', ':'])
}

/// Whether git has a file or folder of this name, which may be gone from the disk.
fn is_tracked(repository: &Repository, path: &Path) -> bool {
    let Some(name) = repository.name_of(path) else { return false };
    let known =
        |id| repository.tree(&id).is_ok_and(|entries| entries.iter().any(|entry| entry.path.starts_with(&name)));
    repository.head().is_some_and(known)
}

fn neither(word: &str) -> Failure {
    let what = format!("`{word}` is neither a revision that git knows nor a file");
    Failure::new(exit_code::GENERIC, what).hint("put `--` before files that are gone")
}

fn too_many() -> Failure {
    Failure::new(exit_code::GENERIC, "two sides are compared: one or two revisions, and one with --staged")
}
