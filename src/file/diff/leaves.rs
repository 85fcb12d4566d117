//! What became of each leaf.

use std::cell::LazyCell;

use zeroize::Zeroizing;

use super::content::Content;
use super::data_keys::DataKeys;
use super::pairs::{Pairs, Version};
use super::runs::Runs;
use super::{Change, LeafChange, LeafSide};
use crate::file::any::{Snapshot, SnapshotContent, SnapshotKind};
use crate::leaf::{PathId, PathTree, Segment};

/// The leaves that differ, and how many sealed values are the same.
pub(super) fn compare(before: &Snapshot, after: &Snapshot, keys: &DataKeys) -> (Vec<LeafChange>, usize) {
    let pairs = Pairs::find(before, after, keys);
    let in_order = shifted(&pairs);
    let runs = LazyCell::new(|| (Runs::of(&pairs.before), Runs::of(&pairs.after)));
    let mut changes: Vec<((usize, usize), LeafChange)> = Vec::new();
    let mut kept = 0;
    for (number, old) in pairs.after.partners.iter().enumerate() {
        let entry = pairs.after.entry(number);
        let change = match old {
            None => Some(Change::Added),
            Some(old) => match paired(&pairs, *old, number, keys, in_order[number]) {
                Some(Change::Changed) if has_id(&pairs, *old, number) && runs.0.differ(*old, &runs.1, number) => {
                    Some(Change::Renewed)
                }
                change => change,
            },
        };
        let is_same = change.is_none_or(|change| !change.is_of_value() || change == Change::Moved);
        kept += usize::from(is_same && entry.kind == SnapshotKind::Value && entry.seal().is_some());
        if let Some(change) = change {
            let before = old.map(|old| side(&pairs.before, old));
            let after = Some(side(&pairs.after, number));
            changes.push(((number + 1, 0), LeafChange { kind: entry.kind, change, before, after }));
        }
    }
    // What is gone stands behind what was before it.
    let mut place = 0;
    for (number, new) in pairs.before.partners.iter().enumerate() {
        match new {
            Some(new) => place = new + 1,
            None => {
                let (kind, before) = (pairs.before.entry(number).kind, Some(side(&pairs.before, number)));
                let change = LeafChange { kind, change: Change::Removed, before, after: None };
                changes.push(((place, number + 1), change));
            }
        }
    }
    changes.sort_by_key(|(place, _)| *place);
    (changes.into_iter().map(|(_, change)| change).collect(), kept)
}

/// What became of a leaf that is in both versions.
fn paired(pairs: &Pairs<'_>, old: usize, new: usize, keys: &DataKeys, in_order: bool) -> Option<Change> {
    let (before, after) = (&pairs.before, &pairs.after);
    let (old_entry, new_entry) = (before.entry(old), after.entry(new));
    match (&old_entry.content, &new_entry.content) {
        (SnapshotContent::Clear(_), SnapshotContent::Sealed(_)) => return Some(Change::Encrypted),
        (SnapshotContent::Sealed(_), SnapshotContent::Clear(_)) => return Some(Change::Published),
        _ => {}
    }
    let contents = (before.contents[old], after.contents[new]);
    // What SOPS leaves as it is: `""`, `null`.
    let is_left = |content| matches!(content, Content::Empty(kind) if kind.is_value());
    let is_plain = before.snapshot.metadata().is_none() || after.snapshot.metadata().is_none();
    if is_plain && (is_left(contents.0) || is_left(contents.1)) {
        return None;
    }
    let seals = (old_entry.seal(), new_entry.seal());
    if contents.0 != contents.1 {
        let sections = (before.snapshot.section_name(old_entry), after.snapshot.section_name(new_entry));
        let is_known = match contents {
            (Content::Seal(_), Content::Seal(_)) => keys.are_same(sections.0, sections.1),
            (Content::Seal(_), Content::Text { .. }) | (Content::Text { .. }, Content::Seal(_)) => false,
            _ => true,
        };
        return Some(if is_known { Change::Changed } else { Change::Unknown });
    }
    if pairs.elsewhere[new] && new_entry.kind != SnapshotKind::Comment && !is_same_path(before, old, after, new) {
        let is_shifted = in_order && before.shape(old) == after.shape(new);
        return Some(if is_shifted { Change::Shifted } else { Change::Moved });
    }
    match seals {
        (Some(old), Some(new)) if old.seal != new.seal => Some(Change::Resealed),
        (Some(old), Some(new)) if old.token != new.token => Some(Change::Relinked),
        _ => None,
    }
}

/// Whether these are two sealed values of the native dialect, of which nothing but the seals is known.
fn has_id(pairs: &Pairs<'_>, old: usize, new: usize) -> bool {
    let contents = (pairs.before.contents[old], pairs.after.contents[new]);
    matches!(contents, (Content::Seal(_), Content::Seal(_)))
        && pairs.after.entry(new).seal().is_some_and(|seal| seal.id.is_some())
}

fn is_same_path(before: &Version<'_>, old: usize, after: &Version<'_>, new: usize) -> bool {
    let segments =
        |version: &Version<'_>, number| -> Vec<String> { steps(&version.snapshot.paths, version.path(number)) };
    segments(before, old) == segments(after, new)
}

/// Which leaves of the new version stand behind each other as they did before: as many as possible of those that are paired.
fn shifted(pairs: &Pairs<'_>) -> Vec<bool> {
    let mut kept = vec![false; pairs.after.partners.len()];
    // The longest increasing run of new numbers in the order of the old ones, by patience.
    let mut piles: Vec<usize> = Vec::new();
    let mut previous: Vec<Option<usize>> = vec![None; kept.len()];
    for new in pairs.before.partners.iter().flatten().copied() {
        let pile = piles.partition_point(|&top| top < new);
        previous[new] = pile.checked_sub(1).map(|pile| piles[pile]);
        match piles.get_mut(pile) {
            Some(top) => *top = new,
            None => piles.push(new),
        }
    }
    let mut next = piles.last().copied();
    while let Some(number) = next {
        kept[number] = true;
        next = previous[number];
    }
    kept
}

fn side(version: &Version<'_>, number: usize) -> LeafSide {
    let entry = version.entry(number);
    let (text, is_string) = match version.contents[number] {
        Content::Text { text, is_string } => (Some(Zeroizing::new(text.to_owned())), is_string),
        Content::Empty(_) | Content::Seal(_) => (None, false),
    };
    let is_public = version.snapshot.metadata().is_some() && entry.seal().is_none();
    LeafSide {
        steps: steps(&version.snapshot.paths, version.path(number)),
        line: entry.line,
        section: version.snapshot.section_name(entry).to_owned(),
        seal: entry.seal().map(|seal| seal.seal),
        is_empty: matches!(entry.content, SnapshotContent::Empty),
        secret: text.clone().filter(|_| !is_public),
        clear: text.filter(|_| is_public),
        is_string,
    }
}

fn steps(paths: &PathTree, mut at: PathId) -> Vec<String> {
    let mut steps = Vec::new();
    while let Some(segment) = paths.last(at) {
        if !matches!(segment, Segment::Document(0)) {
            steps.push(segment.to_string());
        }
        at = paths.parent(at);
    }
    steps.reverse();
    steps
}
