//! Which leaves a change of one range of a text left alone: those before it and those behind it.

use std::ops::Range;

use super::document::Document;
use crate::document::Edit;
use crate::leaf::{Leaf, LeafKind, PathId, PathTree, Segment};

/// The leaves of an old and a new text that are not the same; all others are, in the same order, but for an index of
/// their path that a removed item shifted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Window {
    /// Their numbers in the old text.
    pub(super) old: Range<usize>,
    /// Their numbers in the new one.
    pub(super) new: Range<usize>,
    paths: Paths,
}

impl Window {
    /// Compares two texts of which `edit` makes the second out of the first. `nodes` is how many paths come before the
    /// change: a removed item has the path that its successor gets. None when leaves outside of the changed range are
    /// not what they were.
    pub(super) fn between(old: &Document, new: &Document, edit: &Edit, nodes: usize) -> Option<Self> {
        let (old_scan, new_scan) = (old.scan(), new.scan());
        let paths = Paths::between(&old_scan.paths, &new_scan.paths, nodes);
        let (old_leaves, new_leaves) = (&old_scan.leaves[..], &new_scan.leaves[..]);
        let (start, end) = (edit.range.start, edit.range.end);
        let new_end = start + edit.text.len();
        let same = |(a, b): (&Leaf, &Leaf), a_from: usize, b_from: usize| {
            a.span.range().start - a_from == b.span.range().start - b_from
                && a.span.len() == b.span.len()
                && (a.kind, a.carrier) == (b.kind, b.carrier)
                && (a.kind.is_comment() || (a.indent == b.indent && paths.new_of(a.path) == Some(b.path)))
        };
        let in_front = |leaf: &Leaf, start: usize| leaf.span.range().end <= start;
        let before = old_leaves.iter().zip(new_leaves);
        let before =
            before.take_while(|pair| in_front(pair.0, start) && in_front(pair.1, start) && same(*pair, 0, 0)).count();
        let (old_rest, new_rest) = (&old_leaves[before..], &new_leaves[before..]);
        let is_behind = |pair: (&Leaf, &Leaf)| pair.0.span.range().start >= end && pair.1.span.range().start >= new_end;
        let behind = old_rest.iter().rev().zip(new_rest.iter().rev());
        let behind = behind.take_while(|pair| is_behind(*pair) && same(*pair, end, new_end)).count();
        let window = Self { old: before..old_leaves.len() - behind, new: before..new_leaves.len() - behind, paths };
        // A leaf that the range does not touch must be among the equal ones: but for a header that becomes an empty table,
        // or no longer is one, and comments behind it.
        let touched = |leaf: &Leaf, end: usize| {
            let is_header = leaf.kind == LeafKind::EmptyMap || leaf.kind.is_comment();
            is_header || leaf.span.range().end >= start && leaf.span.range().start <= end
        };
        let is_whole = old_leaves[window.old.clone()].iter().all(|leaf| touched(leaf, end))
            && new_leaves[window.new.clone()].iter().all(|leaf| touched(leaf, new_end))
            && old_scan.documents == new_scan.documents;
        is_whole.then_some(window)
    }

    /// Whether every leaf that is in the old text only lies where `is` says; comments may lie anywhere.
    pub(super) fn removed_are(&self, old: &Document, is: impl Fn(&Document, PathId) -> bool) -> bool {
        old.scan().leaves[self.old.clone()].iter().all(|leaf| leaf.kind.is_comment() || is(old, leaf.path))
    }

    /// Whether every leaf that is in the new text only lies where `is` says.
    pub(super) fn added_are(&self, new: &Document, is: impl Fn(&Document, PathId) -> bool) -> bool {
        new.scan().leaves[self.new.clone()].iter().all(|leaf| leaf.kind.is_comment() || is(new, leaf.path))
    }

    /// The old number of the leaf number `number` of the new text, if it is the same leaf.
    pub(super) fn same(&self, number: usize) -> Option<usize> {
        if number < self.new.start {
            return Some(number);
        }
        (number >= self.new.end).then(|| number - self.new.end + self.old.end)
    }

    /// For each leaf of `new` the one of `old` that it continues: the same one, another value at its path, or an equal
    /// comment.
    pub(super) fn matches(&self, old: &Document, new: &Document) -> Vec<Option<usize>> {
        let mut matches: Vec<_> = (0..new.scan().leaves.len()).map(|number| self.same(number)).collect();
        let mut left: Vec<usize> = self.old.clone().collect();
        for number in self.new.clone() {
            let leaf = &new.scan().leaves[number];
            let continues = |&other: &usize| {
                let before = &old.scan().leaves[other];
                if leaf.kind.is_comment() {
                    before.kind.is_comment() && old.source(before) == new.source(leaf)
                } else {
                    before.kind.is_value() && leaf.kind.is_value() && self.paths.new_of(before.path) == Some(leaf.path)
                }
            };
            matches[number] = left.iter().position(continues).map(|at| left.swap_remove(at));
        }
        matches
    }
}

/// Which nodes of two path trees are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Paths {
    /// So many at the beginning.
    before: usize,
    /// From this one of the old tree on those at the end.
    behind: usize,
    /// How many nodes there were and are.
    len: (usize, usize),
}

impl Paths {
    fn between(old: &PathTree, new: &PathTree, most: usize) -> Self {
        let pairs = old.ids().zip(new.ids()).take(most);
        let before = pairs.take_while(|&(a, b)| old.parent(a) == new.parent(b) && old.last(a) == new.last(b)).count();
        let len = (old.len(), new.len());
        let mut behind = old.len();
        // Parents stand before their children, so they are compared later: each child tells where its parent must be.
        let mut first_parent = usize::MAX;
        for (a, b) in old.ids().rev().zip(new.ids().rev()).take(len.0.min(len.1) - before) {
            let (parent, new_parent) = (old.parent(a).index(), new.parent(b).index());
            let is_fixed = parent == new_parent && parent < before;
            let is_same = match (old.last(a), new.last(b)) {
                // An item in front of it was taken out.
                (Some(Segment::Index(a)), Some(Segment::Index(b))) if is_fixed => a == b || a == b + 1,
                (a, b) => a == b,
            };
            if !is_same || !(is_fixed || parent >= before && parent + len.1 == new_parent + len.0) {
                break;
            }
            if !is_fixed {
                first_parent = first_parent.min(parent);
            }
            behind = a.index();
        }
        // Parents that should have moved along, but are not among the equal ones: then none of them is trusted.
        let behind = if first_parent < behind { old.len() } else { behind };
        Self { before, behind, len }
    }

    /// The node of the new tree that is the same as `old` of the old one.
    fn new_of(&self, old: PathId) -> Option<PathId> {
        match old.index() {
            index if index < self.before => Some(old),
            index if index >= self.behind => u32::try_from(index + self.len.1 - self.len.0).ok().map(PathId),
            _ => None,
        }
    }
}
