//! What `set` and `unset` change: a place in an encrypted file.

use std::path::Path;

use sops_rs::document::{Format, MAX_ENCRYPTED_LEN};
use sops_rs::error::Error;
use sops_rs::file::PathQuery;
use sops_rs::file::any::{self, Outcome};
use zeroize::Zeroizing;

use super::files::{InputOptions, Unlocker, is_stream, warn_of};
use super::io::{self, Privacy};
use super::report::{Failure, list, named, warn, word};
use super::{discover, exit_code};

/// An encrypted file that is to be changed, and where.
pub(crate) struct Target<'p> {
    file: &'p Path,
    /// How messages name it.
    pub(crate) shown: String,
    /// Its format.
    pub(crate) format: &'static dyn Format,
    /// What it holds.
    pub(crate) bytes: Zeroizing<Vec<u8>>,
    /// The place in it.
    pub(crate) query: PathQuery,
}

impl<'p> Target<'p> {
    /// Reads path and file.
    pub(crate) fn find(file: &'p Path, path: &str, input: &InputOptions) -> Result<Self, Failure> {
        let shown = file.display().to_string();
        if is_stream(file) {
            return Err(Failure::new(exit_code::CONFLICT, "standard input cannot be changed: name a file"));
        }
        let query = PathQuery::parse(path).map_err(|error| {
            let failure = Failure::new(exit_code::BAD_VALUE, format!("the path `{path}`: {error}"));
            failure.hint("write it as `db.users[0].name` or as '[\"db\"][\"users\"][0][\"name\"]'")
        })?;
        io::check_replaceable(file)?;
        let format = input.format(file)?;
        let bytes = io::read(file, MAX_ENCRYPTED_LEN)?;
        Ok(Self { file, shown, format, bytes, query })
    }

    /// Refuses a file that is not encrypted: before anybody is asked for a value. (Changing it would tell, too, but only
    /// then.)
    pub(crate) fn check(&self) -> Result<(), Failure> {
        match any::status(&self.bytes, self.format) {
            Ok(Some(_)) => Ok(()),
            Ok(None) => Err(Failure::of(&self.shown, Error::NotEncrypted)),
            Err(error) => Err(Failure::of(&self.shown, error)),
        }
    }

    /// The failure for an error of a change.
    pub(crate) fn failure(&self, unlocker: &Unlocker, error: Error) -> Failure {
        unlocker.failure(&self.shown, error)
    }

    /// Writes what became of the file, if it changed, and tells what is remarkable. `name` is the one that its rule is
    /// chosen by.
    pub(crate) fn write(&self, name: &Path, outcome: &Outcome) -> Result<bool, Failure> {
        let shown = named(&self.shown);
        warn_of(&shown, &outcome.warnings);
        let Some(edited) = &outcome.edited else { return Ok(false) };
        discover::warn_of_dialect(&self.shown, name, outcome.metadata.dialect());
        let plan = discover::rule_plan(name, outcome.metadata.dialect())?;
        let drift = plan.and_then(|plan| plan.drift(&outcome.metadata)).unwrap_or_default();
        let differs = !drift.gained.is_empty() || drift.needs_new_data_key();
        let hint = format!("bring the file up to date with `sops-rs updatekeys {}`", word(&self.shown));
        if !edited.clear.is_empty() && differs {
            let what = format!(
                "{} would stay clear, and the file's policy or readers are not those of its rule",
                list(&edited.clear)
            );
            return Err(Failure::about(exit_code::ENCRYPT, &self.shown, what).hint(hint));
        }
        if differs {
            warn(&format!("{shown}: its policy or its readers are not those of its rule; {hint}"));
        }
        if !edited.clear.is_empty() {
            warn(&format!("{shown}: {} stays clear, as the file's policy has it", list(&edited.clear)));
        }
        if edited.retyped {
            warn(&format!("{shown}: a number or truth value gave way to a text; with --json it stays what it was"));
        }
        io::replace(self.file, &self.bytes, edited.text.as_bytes(), Privacy::Public)?;
        Ok(true)
    }
}
