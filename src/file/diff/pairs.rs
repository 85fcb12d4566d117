//! Which leaf of one version is which of the other.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use super::content::Content;
use super::data_keys::DataKeys;
use crate::dialect::native::ID_LEN;
use crate::file::any::{Seal, Snapshot, SnapshotContent, SnapshotEntry, SnapshotKind};
use crate::leaf::{PathId, Segment};

/// Shorter values stand in many places, and say nothing about where they came from.
const MIN_TELLING_LEN: usize = 8;

/// The pairs of two versions.
pub(super) struct Pairs<'s> {
    pub(super) before: Version<'s>,
    pub(super) after: Version<'s>,
    /// Whether a leaf of the new version may have been found at another path.
    pub(super) elsewhere: Vec<bool>,
}

/// One version: what is known of each of its leaves.
pub(super) struct Version<'s> {
    pub(super) snapshot: &'s Snapshot,
    pub(super) contents: Vec<Content<'s>>,
    /// The number of the leaf in the other version.
    pub(super) partners: Vec<Option<usize>>,
}

impl<'s> Pairs<'s> {
    /// Pairs leaves: first those that are the same at the same place, then the same elsewhere, then those of one id, then
    /// those at one place; at last values that were opened and are the same at another place.
    pub(super) fn find(before: &'s Snapshot, after: &'s Snapshot, keys: &DataKeys) -> Self {
        let with_opened = [before, after].iter().all(|snapshot| snapshot.is_opened());
        let mut pairs = Self {
            before: Version::new(before, with_opened),
            after: Version::new(after, with_opened),
            elsewhere: vec![false; after.entries.len()],
        };
        if before.paths == after.paths && before.entries.len() == after.entries.len() {
            pairs.pair_same_numbers();
        }
        let paths = [pairs.before.paths(), pairs.after.paths()];
        let same_key = keys.are_same("default", "default");
        let (old, new) = (&paths[0], &paths[1]);
        pairs.pair(false, |version, number, is_new| {
            let path = if is_new { &new[number] } else { &old[number] };
            Some((version.entry(number).kind, path.as_deref(), version.contents[number]))
        });
        pairs.pair(true, |version, number, _| {
            let content = version.contents[number];
            let shape = (!matches!(content, Content::Seal(_))).then(|| version.shape(number));
            Some((version.entry(number).kind, shape, content))
        });
        pairs.pair(true, |version, number, _| version.id(number, keys, before, after));
        pairs.pair(false, |version, number, is_new| {
            let path = if is_new { &new[number] } else { &old[number] };
            let entry = version.entry(number);
            // Comments have no place of their own: one that is not the same is another one, as far as that can be told.
            let is_placed = entry.kind != SnapshotKind::Comment || !same_key;
            is_placed.then_some((entry.kind, path.as_deref()))
        });
        pairs.pair_telling();
        pairs
    }

    /// Equal trees: mostly all but a few leaves are the same, without a look at a path.
    fn pair_same_numbers(&mut self) {
        for number in 0..self.before.contents.len() {
            let (old, new) = (self.before.entry(number), self.after.entry(number));
            let is_same = (old.path, old.kind) == (new.path, new.kind)
                && self.before.contents[number] == self.after.contents[number];
            if is_same {
                self.join(number, number);
            }
        }
    }

    /// Pairs what has the same key, in order.
    fn pair<K: Hash + Eq>(&mut self, elsewhere: bool, key: impl Fn(&Version<'s>, usize, bool) -> Option<K>) {
        let mut found: HashMap<K, VecDeque<usize>> = HashMap::new();
        for number in self.before.alone() {
            if let Some(key) = key(&self.before, number, false) {
                found.entry(key).or_default().push_back(number);
            }
        }
        if found.is_empty() {
            return;
        }
        for number in self.after.alone() {
            let old = key(&self.after, number, true).and_then(|key| found.get_mut(&key)?.pop_front());
            if let Some(old) = old {
                self.join(old, number);
                self.elsewhere[number] = elsewhere;
            }
        }
    }

    /// A value that went at one place and came at another was moved, when there is only one such.
    fn pair_telling(&mut self) {
        let mut found: HashMap<&'s str, [Vec<usize>; 2]> = HashMap::new();
        for (side, version) in [&self.before, &self.after].into_iter().enumerate() {
            for number in version.alone() {
                let is_sealed = version.entry(number).seal().is_some();
                if let (true, Content::Text { text, .. }) = (is_sealed, version.contents[number])
                    && text.len() >= MIN_TELLING_LEN
                {
                    found.entry(text).or_default()[side].push(number);
                }
            }
        }
        for [old, new] in found.into_values() {
            if let ([old], [new]) = (&old[..], &new[..]) {
                self.join(*old, *new);
                self.elsewhere[*new] = true;
            }
        }
    }

    fn join(&mut self, old: usize, new: usize) {
        self.before.partners[old] = Some(new);
        self.after.partners[new] = Some(old);
    }
}

impl<'s> Version<'s> {
    fn new(snapshot: &'s Snapshot, with_opened: bool) -> Self {
        let content = |entry| Content::of(entry, snapshot.format(), with_opened);
        let contents: Vec<_> = snapshot.entries.iter().map(content).collect();
        Self { snapshot, partners: vec![None; contents.len()], contents }
    }

    pub(super) fn entry(&self, number: usize) -> &'s SnapshotEntry {
        &self.snapshot.entries[number]
    }

    /// The leaves that have no partner yet.
    pub(super) fn alone(&self) -> Vec<usize> {
        (0..self.partners.len()).filter(|&number| self.partners[number].is_none()).collect()
    }

    /// The paths of leaves that have no partner yet.
    fn paths(&self) -> Vec<Option<String>> {
        let mut paths = vec![None; self.partners.len()];
        for number in self.alone() {
            paths[number] = Some(self.snapshot.paths.display(self.entry(number).path).to_string());
        }
        paths
    }

    /// Its path without the numbers of items.
    pub(super) fn shape(&self, number: usize) -> Vec<Segment<'s>> {
        let without = |segment| if let Segment::Index(_) = segment { Segment::Index(0) } else { segment };
        self.snapshot.paths.segments(self.path(number)).into_iter().map(without).collect()
    }

    pub(super) fn path(&self, number: usize) -> PathId {
        self.entry(number).path
    }

    /// Its id, if one of the other version may be the same.
    fn id(
        &self,
        number: usize,
        keys: &DataKeys,
        before: &Snapshot,
        after: &Snapshot,
    ) -> Option<(&'s str, [u8; ID_LEN])> {
        let entry = self.entry(number);
        let SnapshotContent::Sealed(Seal { id: Some(id), .. }) = entry.content else { return None };
        let section = self.snapshot.section_name(entry);
        let is_there = |snapshot: &Snapshot| snapshot.has_section(section);
        (is_there(before) && is_there(after) && keys.are_same(section, section)).then_some((section, id))
    }
}
