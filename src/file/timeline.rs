//! The history of a file's values: which version changed which of them, told without a key.
//!
//! A version may come from several, as merges do; then only what is as in none of them is an event. Nothing of it is
//! authenticated.

use std::collections::HashSet;

use self::build::Builder;
use super::any::Snapshot;
use super::diff::{Change, NewDataKey};
use super::drift::Drift;
use super::path_query::{PathQuery, similar};
use crate::config::Dialect;
use crate::error::Error;

mod ages;
mod build;
#[cfg(test)]
mod tests;

/// What a version is.
pub enum VersionContent {
    /// The file was deleted.
    Gone,
    /// It can be read, encrypted or not.
    Read(Snapshot),
    /// It is plaintext, and not of the format that its name tells.
    Plain,
    /// It is not there to be read: the clone is partial.
    Missing,
    /// It is encrypted, and cannot be read.
    Unreadable(Error),
}

/// The history of one file.
#[derive(Debug, Default)]
pub struct Timeline {
    /// What each version changed.
    pub versions: Vec<Events>,
    /// The values of the last version, in document order.
    pub values: Vec<ValueAge>,
    dotted_keys: bool,
}

/// What one version changed.
#[derive(Debug)]
pub struct Events {
    /// What the version is.
    pub state: VersionState,
    /// Whether what it came from was encrypted; none when nothing before it could be read, and all that it has is new.
    pub was_encrypted: Option<bool>,
    /// The values that changed, in document order.
    pub values: Vec<ValueEvent>,
    /// How many comments and other marks changed.
    pub others: usize,
    /// Who gained and lost access, and what changed of the policy. Where it was not encrypted before everybody gained it.
    pub drift: Drift,
    /// Sections with another data key.
    pub data_keys: Vec<NewDataKey>,
    /// The dialects, if it was converted.
    pub dialect: Option<(Dialect, Dialect)>,
}

/// What a version is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VersionState {
    /// Deleted.
    Gone,
    /// Plaintext.
    Plain,
    /// Encrypted.
    Encrypted,
    /// Not there to be read. What came before counts as if it were still there.
    Missing,
    /// Not readable: why. The same holds.
    Unreadable(Error),
}

/// A value that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueEvent {
    /// The number of the value, which it keeps through all versions, wherever it stands.
    pub value: usize,
    /// What became of it.
    pub change: Change,
    /// Where it is, or was; for people.
    pub path: String,
    /// Where it was before, if that is another path.
    pub from: Option<String>,
    /// The number of an earlier version that made it what it is again.
    pub put_back: Option<usize>,
}

/// A value of the last version, and how old it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueAge {
    /// The number of the value.
    pub value: usize,
    /// Where it is; for people.
    pub path: String,
    /// The line on which it begins, from 1.
    pub line: usize,
    /// Whether it is sealed.
    pub is_sealed: bool,
    /// The number of the version in which it was last changed for certain.
    pub changed: usize,
    /// The number of the version that sealed it anew; behind `changed` when nobody can tell without a key whether it was
    /// changed then.
    pub sealed: usize,
}

impl Timeline {
    /// The history of a file with these versions, each behind all those that it came from, whose numbers are its `parents`.
    /// `read` is asked for each once, in order. The values are told of the last one.
    pub fn new(parents: &[Vec<usize>], mut read: impl FnMut(usize) -> VersionContent) -> Self {
        let mut builder = Builder::new(parents);
        let versions = (0..parents.len()).map(|number| builder.add(number, read(number))).collect();
        let (values, dotted_keys) = builder.values();
        Self { versions, values, dotted_keys }
    }

    /// The numbers of the values that `query` names, or that are in the map or list that it names: of the last version, or
    /// when that has none, of all that were ever there.
    ///
    /// # Errors
    /// [`Error::PathNotFound`] when there was never such a one.
    pub fn named(&self, query: &PathQuery) -> Result<HashSet<usize>, Error> {
        let query = &*query.meant(self.dotted_keys);
        let is_named = |path: &str| PathQuery::parse(path).is_ok_and(|path| query.leads_to(&path));
        let now = self.values.iter().filter(|value| is_named(&value.path)).map(|value| value.value);
        let now: HashSet<_> = now.collect();
        if !now.is_empty() {
            return Ok(now);
        }
        let events = self.versions.iter().flat_map(|version| &version.values);
        let ever: HashSet<_> = events.filter(|event| is_named(&event.path)).map(|event| event.value).collect();
        if !ever.is_empty() {
            return Ok(ever);
        }
        let path = query.to_string();
        Err(Error::PathNotFound { similar: similar(&path, self.values.iter().map(|value| value.path.as_str())), path })
    }
}

impl Events {
    fn of(state: VersionState) -> Self {
        Self {
            state,
            was_encrypted: None,
            values: Vec::new(),
            others: 0,
            drift: Drift::default(),
            data_keys: Vec::new(),
            dialect: None,
        }
    }

    /// Whether nothing is told of the version.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self.state, VersionState::Plain | VersionState::Encrypted)
            && self.was_encrypted.is_some()
            && self.values.is_empty()
            && self.others == 0
            && self.drift.is_empty()
            && self.data_keys.is_empty()
            && self.dialect.is_none()
    }
}
