//! Three-way merges of sequences, and of texts by lines, as `git merge-file` does them.

use std::collections::HashMap;
use std::hash::Hash;
use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};
use zeroize::Zeroizing;

use super::Labels;

/// A text that was merged by lines.
#[derive(Debug)]
pub struct LineMerge {
    /// The text, with markers around what conflicts.
    pub text: Zeroizing<String>,
    /// How many conflicts there are in it.
    pub conflicts: usize,
}

/// Merges `ours` and `theirs`, which were both made from `base`, line by line. What is clean is what `git merge-file` gives,
/// unless lines that stand several times were moved.
#[must_use]
pub fn merge_lines(base: &str, ours: &str, theirs: &str, labels: &Labels<'_>) -> LineMerge {
    let lines = [base, ours, theirs].map(|text| text.split_inclusive('\n').collect::<Vec<_>>());
    let mut merge =
        LineMerge { text: Zeroizing::new(String::with_capacity(base.len() + ours.len() + theirs.len())), conflicts: 0 };
    for region in merge_slices(&lines[0], &lines[1], &lines[2], Touching::Conflicts) {
        match region.change {
            Change::None | Change::Ours | Change::Both => push(&mut merge.text, &lines[1][region.ours]),
            Change::Theirs => push(&mut merge.text, &lines[2][region.theirs]),
            Change::Conflict => {
                merge.conflicts += 1;
                let [base, ours, theirs] = [&lines[0][region.base], &lines[1][region.ours], &lines[2][region.theirs]];
                mark(&mut merge.text, Some(base), ours, theirs, labels);
            }
        }
    }
    merge
}

/// `ours` with markers around the lines in which `theirs` differs: without any merge, so that either side, cut out of the
/// markers, is what it was, byte for byte.
#[must_use]
pub fn mark_differences(ours: &str, theirs: &str, labels: &Labels<'_>) -> LineMerge {
    let lines = [ours, theirs].map(|text| text.split_inclusive('\n').collect::<Vec<_>>());
    let mut marked = LineMerge { text: Zeroizing::new(String::with_capacity(ours.len() + theirs.len())), conflicts: 0 };
    let ids = intern([&lines[0], &lines[1]]);
    for op in capture_diff_slices(Algorithm::Myers, &ids[0], &ids[1]) {
        if matches!(op, DiffOp::Equal { .. }) {
            push(&mut marked.text, &lines[0][op.old_range()]);
        } else {
            marked.conflicts += 1;
            mark(&mut marked.text, None, &lines[0][op.old_range()], &lines[1][op.new_range()], labels);
        }
    }
    marked
}

fn mark(out: &mut String, base: Option<&[&str]>, ours: &[&str], theirs: &[&str], labels: &Labels<'_>) {
    // Markers end as the lines around them do.
    let all = ours.iter().chain(theirs).chain(base.into_iter().flatten());
    let end = if all.clone().any(|line| line.ends_with("\r\n")) { "\r\n" } else { "\n" };
    let mut marker = |sign: char, label: &str, lines: &[&str]| {
        out.extend(std::iter::repeat_n(sign, labels.marker_size));
        if !label.is_empty() {
            out.push(' ');
            out.push_str(label);
        }
        out.push_str(end);
        push(out, lines);
        if !lines.is_empty() && !out.ends_with('\n') {
            out.push_str(end);
        }
    };
    marker('<', labels.ours, ours);
    if let Some(base) = base {
        marker('|', labels.base, base);
    }
    marker('=', "", theirs);
    marker('>', labels.theirs, &[]);
}

fn push(out: &mut String, lines: &[&str]) {
    lines.iter().for_each(|line| out.push_str(line));
}

/// Who changed a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    None,
    Ours,
    Theirs,
    /// Both, in the same way.
    Both,
    Conflict,
}

/// Whether changes that touch, with nothing unchanged between them, are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Touching {
    /// Always, as in git: lines next to each other are seldom independent.
    Conflicts,
    /// Only if both add something, so that it cannot be told which comes first.
    ConflictsIfBothAdd,
}

/// A part of three sequences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) change: Change,
    pub(super) base: Range<usize>,
    pub(super) ours: Range<usize>,
    pub(super) theirs: Range<usize>,
}

/// The regions of three sequences, in order; together they are all of each.
pub(super) fn merge_slices<T: Hash + Eq>(base: &[T], ours: &[T], theirs: &[T], touching: Touching) -> Vec<Region> {
    let [base_ids, our_ids, their_ids] = intern([base, ours, theirs]);
    let mut changes: Vec<(Range<usize>, Range<usize>, bool)> = Vec::new();
    for (ids, is_ours) in [(&our_ids, true), (&their_ids, false)] {
        let ops = capture_diff_slices(Algorithm::Myers, &base_ids, ids);
        let changed = ops.into_iter().filter(|op| !matches!(op, DiffOp::Equal { .. }));
        changes.extend(joined(changed).into_iter().map(|(old, new)| (old, new, is_ours)));
    }
    changes.sort_by_key(|(old, _, _)| (old.start, old.end));
    let mut regions = Vec::new();
    // How far each sequence is done.
    let mut at = [0, 0, 0];
    let mut changes = changes.into_iter().peekable();
    while let Some((first, new, is_ours)) = changes.next() {
        let mut end = first.end;
        let mut sides = [None, None];
        // Whether each side has added something.
        let mut adds = [false, false];
        let is_one = |(old, new, is_ours): &(Range<usize>, Range<usize>, bool), end: usize, adds: [bool; 2]| {
            old.start < end
                || old.start == end
                    && (touching == Touching::Conflicts || new.len() > old.len() && adds[usize::from(*is_ours)])
        };
        adds[usize::from(!is_ours)] |= new.len() > first.len();
        note(&mut sides, &first, new, is_ours);
        while let Some((old, new, is_ours)) = changes.next_if(|change| is_one(change, end, adds)) {
            end = end.max(old.end);
            adds[usize::from(!is_ours)] |= new.len() > old.len();
            note(&mut sides, &old, new, is_ours);
        }
        let same = first.start - at[0];
        if same > 0 {
            let [base, ours, theirs] = at.map(|start| start..start + same);
            regions.push(Region { change: Change::None, base, ours, theirs });
            at = at.map(|start| start + same);
        }
        let range = |side: &Option<(Range<usize>, Range<usize>)>, from: usize| match side {
            // What stands before and behind the changes of this side in the region is as in the base.
            Some((old, new)) => new.start - (old.start - first.start)..new.end + (end - old.end),
            None => from..from + (end - first.start),
        };
        let (ours_range, theirs_range) = (range(&sides[0], at[1]), range(&sides[1], at[2]));
        let change = match sides {
            [Some(_), None] => Change::Ours,
            [None, _] => Change::Theirs,
            _ if our_ids[ours_range.clone()] == their_ids[theirs_range.clone()] => Change::Both,
            _ => Change::Conflict,
        };
        at = [end, ours_range.end, theirs_range.end];
        regions.push(Region { change, base: first.start..end, ours: ours_range, theirs: theirs_range });
    }
    if at[0] < base.len() {
        let [base, ours, theirs] = [at[0]..base.len(), at[1]..ours.len(), at[2]..theirs.len()];
        regions.push(Region { change: Change::None, base, ours, theirs });
    }
    regions
}

/// What one side changed in a region: from where to where, in the base and in itself.
fn note(sides: &mut [Option<(Range<usize>, Range<usize>)>; 2], old: &Range<usize>, new: Range<usize>, is_ours: bool) {
    let side = &mut sides[usize::from(!is_ours)];
    *side = Some(match side.take() {
        None => (old.clone(), new),
        Some((first, start)) => (first.start..old.end, start.start..new.end),
    });
}

/// Changes next to each other are one.
fn joined(ops: impl Iterator<Item = DiffOp>) -> Vec<(Range<usize>, Range<usize>)> {
    let mut changes: Vec<(Range<usize>, Range<usize>)> = Vec::new();
    for op in ops {
        let (old, new) = (op.old_range(), op.new_range());
        match changes.last_mut() {
            Some((last_old, last_new)) if last_old.end == old.start && last_new.end == new.start => {
                (last_old.end, last_new.end) = (old.end, new.end);
            }
            _ => changes.push((old, new)),
        }
    }
    changes
}

/// A number for each item, equal ones for equal items: what a difference is made of, since one instance of it for all sorts of
/// items, the one that matching leaves uses too, keeps the program small.
fn intern<T: Hash + Eq, const N: usize>(sequences: [&[T]; N]) -> [Vec<u64>; N] {
    let mut numbers: HashMap<&T, u64> = HashMap::new();
    sequences.map(|sequence| {
        let number = |item| {
            let next = numbers.len() as u64;
            *numbers.entry(item).or_insert(next)
        };
        sequence.iter().map(number).collect()
    })
}
