//! A timeline in the making: version by version, oldest first.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use super::ages::{Age, Ages};
use super::{Events, ValueAge, ValueEvent, VersionContent, VersionState};
use crate::file::any::{Metadata, SealDigest, Snapshot, SnapshotKind};
use crate::file::diff::{Change, Diff, LeafChange};
use crate::file::drift::{Access, Drift};

/// What is known of the versions so far.
pub(super) struct Builder<'p> {
    parents: &'p [Vec<usize>],
    /// By version: how many of those that come from it are not there yet.
    children: Vec<usize>,
    /// By version: what it is, as long as one comes from it. The last one stays.
    states: Vec<Option<State>>,
    /// By value: the version in which it came.
    births: Vec<usize>,
    /// The versions that brought each seal.
    seals: HashMap<SealDigest, Vec<usize>>,
}

/// A version; of one that cannot be read the one before it.
#[derive(Clone)]
struct State {
    snapshot: Rc<Snapshot>,
    ages: Rc<Ages>,
}

impl<'p> Builder<'p> {
    pub(super) fn new(parents: &'p [Vec<usize>]) -> Self {
        let mut children = vec![0; parents.len()];
        parents.iter().flatten().for_each(|&parent| children[parent] += 1);
        Self { parents, children, states: Vec::new(), births: Vec::new(), seals: HashMap::new() }
    }

    /// Adds the next version.
    pub(super) fn add(&mut self, number: usize, content: VersionContent) -> Events {
        let mut before: Vec<(usize, State)> = Vec::new();
        for &parent in &self.parents[number] {
            self.children[parent] -= 1;
            let slot = &mut self.states[parent];
            let state = if self.children[parent] == 0 { slot.take() } else { slot.clone() };
            before.extend(state.map(|state| (parent, state)));
        }
        let unread = |state| (None, state);
        let (snapshot, state) = match content {
            VersionContent::Gone => unread(VersionState::Gone),
            VersionContent::Missing => unread(VersionState::Missing),
            VersionContent::Plain => unread(VersionState::Plain),
            VersionContent::Unreadable(error) => unread(VersionState::Unreadable(error)),
            VersionContent::Read(snapshot) => {
                let is_encrypted = snapshot.metadata().is_some();
                let state = if is_encrypted { VersionState::Encrypted } else { VersionState::Plain };
                (Some(Rc::new(snapshot)), state)
            }
        };
        let mut events = Events::of(state);
        let state = match snapshot {
            None => before.into_iter().next().map(|(_, state)| state),
            Some(snapshot) if before.is_empty() => Some(self.first(number, snapshot, &mut events)),
            Some(snapshot) => Some(self.next(number, snapshot, before, &mut events)),
        };
        self.states.push(state);
        events
    }

    /// The values of the last version, and whether its format has keys with dots.
    pub(super) fn values(self) -> (Vec<ValueAge>, bool) {
        let Some(Some(State { snapshot, ages })) = self.states.into_iter().next_back() else {
            return (Vec::new(), false);
        };
        let values = snapshot.leaves().filter(|leaf| leaf.kind() == SnapshotKind::Value).filter_map(|leaf| {
            let path = leaf.path();
            let Age { value, changed, sealed } = *ages.by_path.get(&path)?;
            Some(ValueAge { value, path, line: leaf.line(), is_sealed: leaf.seal().is_some(), changed, sealed })
        });
        (values.collect(), snapshot.format().has_dotted_keys())
    }

    /// A version before which there is nothing.
    fn first(&mut self, number: usize, snapshot: Rc<Snapshot>, events: &mut Events) -> State {
        let mut ages = Ages::default();
        for leaf in snapshot.leaves() {
            if leaf.kind() != SnapshotKind::Value {
                events.others += 1;
                continue;
            }
            let (value, path) = (self.births.len(), leaf.path());
            self.births.push(number);
            ages.by_path.insert(path.clone(), Age { value, changed: number, sealed: number });
            self.seen(number, leaf.seal().map(|seal| seal.seal));
            events.values.push(ValueEvent { value, change: Change::Added, path, from: None, put_back: None });
        }
        events.drift.gained = snapshot.metadata().map(everybody).unwrap_or_default();
        State { snapshot, ages: Rc::new(ages) }
    }

    /// A version that came from others.
    fn next(
        &mut self,
        number: usize,
        snapshot: Rc<Snapshot>,
        before: Vec<(usize, State)>,
        events: &mut Events,
    ) -> State {
        let mut sides = Vec::with_capacity(before.len());
        let mut born: HashMap<String, usize> = HashMap::new();
        let was_encrypted = before.iter().any(|(_, state)| state.snapshot.metadata().is_some());
        for (parent, State { snapshot: old, ages }) in before {
            let diff = Diff::between(&old, &snapshot);
            // The only one that knows them gives them away.
            let mut ages = Rc::unwrap_or_clone(ages);
            let had: HashSet<usize> = match self.parents[number].len() {
                1 => HashSet::new(),
                _ => numbers(&ages),
            };
            let births = &mut self.births;
            let values = ages.advance(&diff.leaves, number, |path| {
                *born.entry(path.to_owned()).or_insert_with(|| {
                    births.push(number);
                    births.len() - 1
                })
            });
            let has = if had.is_empty() { HashSet::new() } else { numbers(&ages) };
            sides.push(Side { parent, diff, ages, values, had, has });
        }
        for (value, change) in self.events_of(&sides) {
            let path = change.after.as_ref().or(change.before.as_ref()).map(|side| side.path()).unwrap_or_default();
            let from = change.before.as_ref().map(|side| side.path()).filter(|from| *from != path);
            let seal = change.after.as_ref().and_then(|side| side.seal);
            let put_back = seal.and_then(|seal| self.put_back(number, seal));
            self.seen(number, seal);
            events.values.push(ValueEvent { value, change: change.change, path, from, put_back });
        }
        // What befell all comments at once is told of the values.
        let is_own = |change: Change| change.is_of_value() && !matches!(change, Change::Encrypted | Change::Unknown);
        let is_other = |change: &&LeafChange| change.kind != SnapshotKind::Value && is_own(change.change);
        let others = |side: &Side| side.diff.leaves.iter().filter(is_other).count();
        events.others = sides.iter().map(others).min().unwrap_or_default();
        let (diffs, ages): (Vec<_>, Vec<_>) = sides.into_iter().map(|side| (side.diff, side.ages)).unzip();
        let mut diffs = diffs.into_iter();
        if let Some(first) = diffs.next() {
            (events.drift, events.data_keys, events.dialect) = (first.drift, first.data_keys, first.dialect);
        }
        for other in diffs {
            keep_common(&mut events.drift, &other.drift);
            events.data_keys.retain(|key| other.data_keys.contains(key));
            events.dialect = events.dialect.filter(|dialect| other.dialect == Some(*dialect));
        }
        if let Some(metadata) = snapshot.metadata().filter(|_| !was_encrypted) {
            events.drift.gained = everybody(metadata);
        }
        events.was_encrypted = Some(was_encrypted);
        State { snapshot, ages: Rc::new(Ages::joined(ages, number)) }
    }

    /// The changes of values that are none of a single side, with the numbers of the values.
    fn events_of<'s>(&self, sides: &'s [Side]) -> Vec<(usize, &'s LeafChange)> {
        let Some((first, others)) = sides.split_first() else { return Vec::new() };
        if others.is_empty() {
            return first.changes().collect();
        }
        // By path; what is gone has none any more.
        let touched: Vec<HashSet<String>> = others.iter().map(Side::touched).collect();
        let is_in_all = |change: &LeafChange| {
            let path = change.after.as_ref().map(|side| side.path());
            path.is_some_and(|path| touched.iter().all(|touched| touched.contains(&path)))
        };
        let mut events: Vec<_> = first.changes().filter(|(_, change)| is_in_all(change)).collect();
        let mut gone: BTreeMap<usize, &LeafChange> = BTreeMap::new();
        for side in sides {
            let left = side.changes().filter(|(_, change)| change.after.is_none());
            gone.extend(left.filter(|(value, _)| !sides.iter().any(|other| other.has.contains(value))));
        }
        // One side had taken it out before.
        gone.retain(|&value, _| {
            sides.iter().all(|side| side.had.contains(&value) || !self.comes_from(side.parent, self.births[value]))
        });
        events.extend(gone);
        events
    }

    /// The latest version among those before `number` that brought this seal.
    fn put_back(&self, number: usize, seal: SealDigest) -> Option<usize> {
        let earlier = self.seals.get(&seal)?.iter().rev();
        earlier.copied().find(|&earlier| earlier != number && self.comes_from(number, earlier))
    }

    fn seen(&mut self, number: usize, seal: Option<SealDigest>) {
        if let Some(seal) = seal {
            self.seals.entry(seal).or_default().push(number);
        }
    }

    /// Whether `number` is `earlier`, or came from it.
    fn comes_from(&self, number: usize, earlier: usize) -> bool {
        let mut seen = HashSet::new();
        let mut open = vec![number];
        while let Some(next) = open.pop() {
            if next == earlier {
                return true;
            }
            // Whatever a version came from has a lower number.
            open.extend(self.parents[next].iter().filter(|&&parent| parent >= earlier && seen.insert(parent)));
        }
        false
    }
}

/// A version as it came from one of several others.
struct Side {
    /// The number of that other one.
    parent: usize,
    diff: Diff,
    /// By change: the number of the value.
    values: Vec<Option<usize>>,
    ages: Ages,
    /// The values that the other one had, where there are several.
    had: HashSet<usize>,
    /// The values that are there now, seen from it.
    has: HashSet<usize>,
}

impl Side {
    /// What became of values.
    fn changes(&self) -> impl Iterator<Item = (usize, &LeafChange)> {
        let numbered = self.values.iter().zip(&self.diff.leaves);
        numbered
            .filter_map(|(value, change)| Some(((*value)?, change)))
            .filter(|(_, change)| change.change.is_of_value())
    }

    /// The paths of the values that are not as they were.
    fn touched(&self) -> HashSet<String> {
        self.changes().filter_map(|(_, change)| Some(change.after.as_ref()?.path())).collect()
    }
}

/// The numbers of the values.
fn numbers(ages: &Ages) -> HashSet<usize> {
    ages.by_path.values().map(|age| age.value).collect()
}

/// Leaves what both say.
fn keep_common(drift: &mut Drift, other: &Drift) {
    drift.gained.retain(|access| other.gained.contains(access));
    drift.lost.retain(|access| other.lost.contains(access));
    drift.renamed.retain(|renamed| other.renamed.contains(renamed));
    drift.moved.retain(|moved| other.moved.contains(moved));
    drift.thresholds.retain(|threshold| other.thresholds.contains(threshold));
    drift.policy.retain(|change| other.policy.iter().any(|other| other.field == change.field));
}

/// Everybody who reads a part of a file.
fn everybody(metadata: &Metadata) -> Vec<Access> {
    let access = |section: &crate::file::any::SectionReaders| {
        let of = |reader: &crate::file::any::SectionReader| Access {
            section: section.name.clone(),
            name: reader.name.clone(),
            group: reader.group,
            recipient: reader.recipient.clone(),
        };
        section.readers.iter().map(of).collect::<Vec<_>>()
    };
    metadata.sections().iter().flat_map(access).collect()
}
