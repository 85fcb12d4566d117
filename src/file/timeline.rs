//! The history of a file's values: which version changed which of them, told without a key.
//!
//! A version may come from several, as merges do; then only what is as in none of them is an event. Nothing of it is
//! authenticated.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use self::ages::{Age, Ages};
use super::any::{Metadata, SealDigest, Snapshot, SnapshotContent, SnapshotKind};
use super::diff::{Change, Diff, LeafChange, NewDataKey};
use super::drift::Drift;
use crate::config::Dialect;
use crate::error::Error;

mod ages;
#[cfg(test)]
mod tests;

/// What a version is.
pub enum VersionContent {
    /// The file was deleted.
    Gone,
    /// It can be read, encrypted or not.
    Read(Snapshot),
    /// It cannot be read.
    Unreadable(Error),
}

/// The history of one file.
#[derive(Debug, Default)]
pub struct Timeline {
    /// What each version changed.
    pub versions: Vec<Events>,
    /// The values of the last version, in document order.
    pub values: Vec<ValueAge>,
}

/// What one version changed.
#[derive(Debug)]
pub struct Events {
    /// What the version is.
    pub state: VersionState,
    /// Whether no version before it could be read: all that it has is new.
    pub is_first: bool,
    /// The values that changed, in document order.
    pub values: Vec<ValueEvent>,
    /// How many comments and other marks changed.
    pub others: usize,
    /// Who gained and lost access, and what changed of the policy. Of a first version: everybody gained it.
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
    /// Not readable: why. What came before counts as if it were still there.
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

/// What is known behind a version.
#[derive(Clone)]
struct Known {
    snapshot: Rc<Snapshot>,
    ages: Rc<Ages>,
}

/// A timeline in the making.
#[derive(Default)]
struct Builder<'p> {
    parents: &'p [Vec<usize>],
    /// By version: what is known behind it, as long as a later one needs it.
    known: Vec<Option<Known>>,
    /// By value: the version in which it came.
    births: Vec<usize>,
    /// The versions that brought each seal.
    seals: HashMap<SealDigest, Vec<usize>>,
}

impl Timeline {
    /// The history of a file with these versions, each behind all those that it came from, which `parents` names. The last one
    /// is what the values are told of.
    pub fn new(parents: &[Vec<usize>], mut read: impl FnMut(usize) -> VersionContent) -> Self {
        let mut left = vec![0_usize; parents.len()];
        parents.iter().flatten().for_each(|&parent| left[parent] += 1);
        let mut builder = Builder { parents, ..Builder::default() };
        let mut timeline = Self::default();
        for number in 0..parents.len() {
            timeline.versions.push(builder.add(number, read(number), &mut left));
        }
        if let Some(Some(known)) = builder.known.pop() {
            timeline.values = known.values();
        }
        timeline
    }
}

impl Builder<'_> {
    fn add(&mut self, number: usize, content: VersionContent, left: &mut [usize]) -> Events {
        let mut before: Vec<Known> = Vec::new();
        for &parent in &self.parents[number] {
            left[parent] -= 1;
            let slot = &mut self.known[parent];
            before.extend(if left[parent] == 0 { slot.take() } else { slot.clone() });
        }
        let (snapshot, state) = match content {
            VersionContent::Read(snapshot) if snapshot.metadata().is_some() => {
                (Some(Rc::new(snapshot)), VersionState::Encrypted)
            }
            VersionContent::Read(snapshot) => (Some(Rc::new(snapshot)), VersionState::Plain),
            VersionContent::Gone => (None, VersionState::Gone),
            VersionContent::Unreadable(error) => (None, VersionState::Unreadable(error)),
        };
        let mut events = Events {
            state,
            is_first: before.is_empty(),
            values: Vec::new(),
            others: 0,
            drift: Drift::default(),
            data_keys: Vec::new(),
            dialect: None,
        };
        let known = match snapshot {
            None => before.into_iter().next(),
            Some(snapshot) if before.is_empty() => Some(self.first(number, snapshot, &mut events)),
            Some(snapshot) => Some(self.next(number, snapshot, before, &mut events)),
        };
        self.known.push(known);
        events
    }

    fn first(&mut self, number: usize, snapshot: Rc<Snapshot>, events: &mut Events) -> Known {
        let mut ages = Ages::default();
        for leaf in snapshot.leaves() {
            if leaf.kind() != SnapshotKind::Value {
                events.others += 1;
                continue;
            }
            let seal = leaf.seal().map(|seal| seal.seal);
            let (value, path) = (self.birth(number), leaf.path());
            ages.insert(path.clone(), Age { value, changed: number, sealed: number });
            let put_back = self.put_back(number, seal);
            events.values.push(ValueEvent { value, change: Change::Added, path, from: None, put_back });
        }
        if let Some(metadata) = snapshot.metadata() {
            events.drift.gained = super::diff::readers(metadata);
        }
        Known { snapshot, ages: Rc::new(ages) }
    }

    fn next(&mut self, number: usize, snapshot: Rc<Snapshot>, before: Vec<Known>, events: &mut Events) -> Known {
        let mut diffs: Vec<Diff> = before.iter().map(|known| Diff::between(&known.snapshot, &snapshot)).collect();
        let present: Vec<BTreeSet<usize>> = match &before[..] {
            [_] => Vec::new(),
            several => several.iter().map(|known| known.ages.numbers()).collect(),
        };
        let mut births = Births { next: self.births.len(), number };
        let mut sides: Vec<Ages> = Vec::with_capacity(before.len());
        for (known, diff) in before.into_iter().zip(&diffs) {
            // The only one that knows them gives them away.
            let mut ages = Rc::unwrap_or_clone(known.ages);
            ages.advance(&diff.leaves, &mut births);
            sides.push(ages);
        }
        let ages = Ages::best(sides);
        let mut first = diffs.remove(0);
        diffs.iter().for_each(|other| first.keep_common(other));
        self.births.resize(births.next, number);
        for leaf in first.leaves {
            if leaf.kind != SnapshotKind::Value {
                events.others += usize::from(leaf.change.is_of_value());
                continue;
            }
            events.values.extend(self.event(number, leaf, &ages, &present));
        }
        (events.drift, events.data_keys, events.dialect) = (first.drift, first.data_keys, first.dialect);
        Known { snapshot, ages: Rc::new(ages) }
    }
}
