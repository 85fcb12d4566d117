//! What is to be done to a repository: found out first, then told or done.

use std::path::{Path, PathBuf};

use crate::cli::exit_code;
use crate::cli::git::{self, Repository};
use crate::cli::io::{self, Privacy};
use crate::cli::report::{Failure, say};

/// Changes that nobody has made yet, and what is to be said about them.
#[derive(Debug, Default)]
pub(super) struct Plan {
    changes: Vec<Change>,
    lines: Vec<Line>,
}

/// One change.
#[derive(Debug)]
pub(super) enum Change {
    /// A value of git's config; none takes it out.
    Config { scope: Scope, key: &'static str, value: Option<String> },
    /// A script at a place where there is none.
    MakeScript { path: PathBuf, text: String },
    /// A file under another name.
    Move { from: PathBuf, to: PathBuf },
    /// A file that goes.
    Remove { path: PathBuf },
    /// A file that holds `old`; none is there when that is empty.
    Write { path: PathBuf, old: String, new: String },
}

/// Whose config of git it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// The user's.
    Global,
    /// The repository's, with all of its work trees.
    Local,
}

impl Scope {
    /// The option of `git config`.
    pub(super) fn option(self) -> &'static str {
        match self {
            Self::Global => "--global",
            Self::Local => "--local",
        }
    }
}

#[derive(Debug)]
enum Line {
    /// What is as it should be, or cannot be otherwise.
    Said(String),
    /// What was done to something.
    Done { what: String, verb: &'static str },
}

impl Plan {
    /// Adds changes, and says that `what` was `verb`: added, removed.
    pub(super) fn change(&mut self, what: impl Into<String>, verb: &'static str, changes: Vec<Change>) {
        self.lines.push(Line::Done { what: what.into(), verb });
        self.changes.extend(changes);
    }

    /// Says something.
    pub(super) fn say(&mut self, line: impl Into<String>) {
        self.lines.push(Line::Said(line.into()));
    }

    /// Whether there is nothing to do.
    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Does it all, or only tells.
    ///
    /// # Errors
    /// What cannot be written.
    pub(super) fn carry_out(self, repository: Option<&Repository>, is_dry_run: bool) -> Result<(), Failure> {
        for change in self.changes.iter().filter(|_| !is_dry_run) {
            change.make(repository)?;
        }
        for line in &self.lines {
            match line {
                Line::Said(text) => say(text),
                Line::Done { what, verb } if is_dry_run => say(&format!("{what}: would be {verb}")),
                Line::Done { what, verb } => say(&format!("{what}: {verb}")),
            }
        }
        Ok(())
    }
}

/// What git says to these arguments about its config: in `repository`, or for the user.
///
/// # Errors
/// When it fails.
pub(super) fn config(repository: Option<&Repository>, arguments: &[&str]) -> Result<Vec<u8>, Failure> {
    match repository {
        Some(repository) => repository.output(arguments),
        None => git::ask(Path::new("."), arguments).ok_or_else(|| {
            let failure = Failure::new(exit_code::OUTPUT, "your git config cannot be written");
            failure.hint(format!("see what `git {}` says", arguments[..arguments.len().min(4)].join(" ")))
        }),
    }
}

impl Change {
    fn make(&self, repository: Option<&Repository>) -> Result<(), Failure> {
        match self {
            Self::Config { scope, key, value } => {
                let arguments = match value {
                    Some(value) => ["config", scope.option(), "--replace-all", key, value],
                    None => ["config", scope.option(), "--unset-all", key, "."],
                };
                config(repository, &arguments).map(drop)
            }
            Self::MakeScript { path, text } => {
                io::make_folder(path.parent().unwrap_or(Path::new(".")))?;
                io::make_program(path, text.as_bytes())
            }
            Self::Move { from, to } => io::move_file(from, to),
            Self::Remove { path } => io::remove_file(path),
            Self::Write { path, old, new } if path.symlink_metadata().is_ok() => {
                io::replace(path, old.as_bytes(), new.as_bytes(), Privacy::Public)
            }
            Self::Write { path, new, .. } => io::create(path, new.as_bytes(), Privacy::Public),
        }
    }
}
