//! How old the values of a version are.

use std::collections::HashMap;

use crate::file::any::SnapshotKind;
use crate::file::diff::{Change, LeafChange};

/// The values of a version, by their paths for people.
#[derive(Clone, Debug, Default)]
pub(super) struct Ages {
    pub(super) by_path: HashMap<String, Age>,
}

/// One value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Age {
    /// Its number.
    pub(super) value: usize,
    /// The version that changed it.
    pub(super) changed: usize,
    /// The version that sealed it anew.
    pub(super) sealed: usize,
}

impl Ages {
    /// Goes to the next version, whose number is `number`. A value that is new gets its number from `birth`. Gives the
    /// number of the value of each of `changes`; none for what is no value.
    pub(super) fn advance(
        &mut self,
        changes: &[LeafChange],
        number: usize,
        mut birth: impl FnMut(&str) -> usize,
    ) -> Vec<Option<usize>> {
        let is_value = |change: &LeafChange| change.kind == SnapshotKind::Value;
        // All old places before all new ones: values may have changed places.
        let take = |change: &LeafChange| match &change.before {
            Some(before) if is_value(change) => self.by_path.remove(&before.path()),
            _ => None,
        };
        let old: Vec<_> = changes.iter().map(take).collect();
        let mut values = Vec::with_capacity(changes.len());
        for (change, old) in changes.iter().zip(old) {
            let Some(after) = change.after.as_ref().filter(|_| is_value(change)) else {
                values.push(old.map(|age| age.value));
                continue;
            };
            let path = after.path();
            let mut age = old.unwrap_or_else(|| Age { value: birth(&path), changed: number, sealed: number });
            match change.change {
                Change::Changed | Change::Published => (age.changed, age.sealed) = (number, number),
                Change::Encrypted | Change::Renewed | Change::Resealed | Change::Unknown => age.sealed = number,
                Change::Added | Change::Moved | Change::Relinked | Change::Removed | Change::Shifted => {}
            }
            values.push(Some(age.value));
            self.by_path.insert(path, age);
        }
        values
    }

    /// The ages in the version `number` of what came together in it: a value is as old as where it was not touched.
    pub(super) fn joined(sides: Vec<Self>, number: usize) -> Self {
        let mut sides = sides.into_iter();
        let mut joined = sides.next().unwrap_or_default();
        let newness = |age: &Age| (age.changed == number, age.sealed == number);
        for (path, other) in sides.flat_map(|side| side.by_path) {
            let age = joined.by_path.entry(path).or_insert(other);
            if newness(&other) < newness(age) {
                *age = other;
            }
        }
        joined
    }
}
