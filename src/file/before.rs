//! What an update takes over from the encrypted file that it starts from (I8), and what it must not.

use std::collections::HashMap;
use std::ops::Range;

use super::document::Document;
use super::matching::match_leaves;
use super::moves::moved;
use super::open::SealedFile;
use crate::dialect::native::{ID_LEN, Payload, PayloadKind, Role, Roles};
use crate::document::Scan;
use crate::leaf::{Leaf, PathId, PathTree, Segment};

/// The state that an update starts from.
pub(super) struct Before<'o> {
    sealed: &'o SealedFile<'o>,
    old: &'o Document,
    /// For each leaf of the new document the old one that it continues.
    matches: Vec<Option<usize>>,
    /// How much of its old seal each leaf of the new document may keep at most.
    kept: Vec<Kept>,
}

/// How much of an old seal may be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kept {
    All,
    Id,
    Nothing,
}

/// What is left of a leaf's old seal.
#[derive(Clone, Copy)]
pub(super) enum OldSeal<'s> {
    /// All of it: the leaf did not change.
    Same(&'s [u8]),
    /// The id: another value in the same place.
    Id([u8; ID_LEN]),
}

/// Finds what leaves keep of the seals that they had.
pub(super) trait OldSeals: Sync {
    /// What the leaf number `number` of the new document keeps of its old seal.
    fn old_seal(&self, number: usize, leaf: &Leaf, payload: Payload<'_>, roles: &Roles) -> Option<OldSeal<'_>>;
}

impl<'o> Before<'o> {
    /// The opened file `sealed` holds `old`; `new`, with these `roles`, takes its place.
    ///
    /// A link covers clear leaves and documents without naming them. When two people insert equal ones at different
    /// places, both would write the same link, git would see the same change, and the merged file, which holds both,
    /// would not verify. So where the clear leaves behind a sealed one changed, it gets a new nonce: two such lines
    /// differ, and git reports the conflict. `start` has no nonce: for it the first leaf gets a new id, which it covers.
    ///
    /// A leaf may also move among leaves that its section's links do not cover, so that none of these changes. When the
    /// other side deletes it, the merge would take that change, and the leaf to its new place. So it gets a new id, too.
    pub(super) fn new(sealed: &'o SealedFile<'o>, old: &'o Document, new: &Document, roles: &Roles) -> Self {
        Self::of_matches(sealed, old, new, roles, match_leaves(old, new), None)
    }

    /// The same, where it is known which leaves match. Outside of `numbers`, those of old and new leaves, nothing changed;
    /// in each section a sealed leaf stands at their beginning and their end, if there is one further out.
    pub(super) fn of_matches(
        sealed: &'o SealedFile<'o>,
        old: &'o Document,
        new: &Document,
        roles: &Roles,
        matches: Vec<Option<usize>>,
        numbers: Option<&(Range<usize>, Range<usize>)>,
    ) -> Self {
        let sections = sealed.metadata.sections.len();
        let all = (0..old.scan().leaves.len(), 0..new.scan().leaves.len());
        let (old_numbers, new_numbers) = numbers.unwrap_or(&all).clone();
        let mut kept = vec![Kept::All; matches.len()];
        let old_runs: HashMap<_, _> =
            runs(old, &sealed.roles, sections, old_numbers).into_iter().map(|run| (run.behind, run)).collect();
        for run in runs(new, roles, sections, new_numbers) {
            let (behind, renewed, less) = match run.behind {
                Behind::Leaf(number) => match matches[number] {
                    Some(old_number) => (Behind::Leaf(old_number), Some(number), Kept::Id),
                    None => continue,
                },
                Behind::Start(section) => (Behind::Start(section), run.next, Kept::Nothing),
            };
            // A leaf that is new has an id of its own, and the link names it: nobody else writes the same one.
            let is_unique = run.next.is_some_and(|next| matches[next].is_none());
            let goes_on = is_unique || old_runs.get(&behind).is_some_and(|old_run| run.continues(new, old_run, old));
            if let (Some(number), false) = (renewed, goes_on) {
                kept[number] = less;
            }
        }
        // In a range of numbers something was set or taken out, and nothing moved.
        if numbers.is_none() {
            renew_moved(sealed, old, new, roles, &matches, &mut kept);
        }
        Self { sealed, old, matches, kept }
    }
}

impl OldSeals for Before<'_> {
    fn old_seal(&self, number: usize, leaf: &Leaf, payload: Payload<'_>, roles: &Roles) -> Option<OldSeal<'_>> {
        self.seal_of(number, leaf, payload, roles)
    }
}

impl<'o> Before<'o> {
    /// [`OldSeals::old_seal`], for as long as the old file is there.
    pub(super) fn seal_of(
        &self,
        number: usize,
        leaf: &Leaf,
        payload: Payload<'_>,
        roles: &Roles,
    ) -> Option<OldSeal<'o>> {
        let old_number = self.matches[number]?;
        if self.sealed.roles.of(old_number) != roles.of(number) || self.kept[number] == Kept::Nothing {
            return None;
        }
        let seal = self.sealed.seals.of(old_number);
        let id = *seal.first_chunk()?;
        let old_leaf = &self.old.scan().leaves[old_number];
        // A value on several lines opens to the same text only below a parent with the same indentation.
        let same_place = payload.kind != PayloadKind::SeveralLines || old_leaf.indent == leaf.indent;
        let same = same_place && self.old.source(old_leaf) == payload.text && self.kept[number] == Kept::All;
        Some(if same { OldSeal::Same(seal) } else { OldSeal::Id(id) })
    }
}

/// Takes everything from sealed leaves that moved, though the sealed leaf before each in its section is the same, and its
/// line too. Where the two moved together, only the first of them needs it.
fn renew_moved(
    sealed: &SealedFile<'_>,
    old: &Document,
    new: &Document,
    roles: &Roles,
    matches: &[Option<usize>],
    kept: &mut [Kept],
) {
    let sections = sealed.metadata.sections.len();
    let old_before = sealed_before(&sealed.roles, sections);
    let before = sealed_before(roles, sections);
    for (number, is_moved) in moved(old, new, roles, matches).into_iter().enumerate() {
        let (true, Role::Sealed, Some(old_number)) = (is_moved, roles.role(number), matches[number]) else { continue };
        let is_same_before = match (before[number], old_before[old_number]) {
            (None, None) => true,
            (Some(before), Some(old_before)) => matches[before] == Some(old_before) && kept[before] == Kept::All,
            _ => false,
        };
        let is_together = before[number].is_some_and(|before| {
            (before..number).all(|other| matches[other] == (old_number + other).checked_sub(number))
        });
        if is_same_before && !is_together {
            kept[number] = Kept::Nothing;
        }
    }
}

/// For each sealed leaf the one before it in its section.
fn sealed_before(roles: &Roles, sections: usize) -> Vec<Option<usize>> {
    let mut last = vec![None; sections];
    let before = |number| match roles.of(number) {
        (Role::Sealed, section) => last[section].replace(number),
        _ => None,
    };
    (0..roles.len()).map(before).collect()
}

/// What a run of clear leaves stands behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Behind {
    /// The sealed leaf with this number.
    Leaf(usize),
    /// Nothing sealed of the section with this number: `start` covers the run.
    Start(usize),
}

/// The clear leaves that one link covers without naming them.
struct Run {
    behind: Behind,
    /// Their numbers.
    clear: Vec<usize>,
    /// The sealed leaf that follows.
    next: Option<usize>,
    /// The numbers of the documents of the leaf before and of the next one; at the end, how many there are.
    documents: (u64, u64),
}

impl Run {
    /// Whether this run of `new` has the leaves of `old_run`, unchanged and as far from the leaf before. (They may have
    /// moved among others that nothing covers; the move alone would change no link.)
    fn continues(&self, new: &Document, old_run: &Self, old: &Document) -> bool {
        let same = |(&new_number, &old_number): (&usize, &usize)| {
            let (new_leaf, old_leaf) = (&new.scan().leaves[new_number], &old.scan().leaves[old_number]);
            new_leaf.kind == old_leaf.kind
                && new.source(new_leaf) == old.source(old_leaf)
                && way(new.scan(), self.behind, new_leaf.path) == way(old.scan(), old_run.behind, old_leaf.path)
        };
        self.documents == old_run.documents
            && self.clear.len() == old_run.clear.len()
            && self.clear.iter().zip(&old_run.clear).all(same)
    }
}

/// How `path` differs from that of the leaf before its run: where the two part, by how many items or documents, and
/// what follows. Items that were inserted further up do not change it.
fn way(scan: &Scan, behind: Behind, path: PathId) -> (usize, u64, Vec<Segment<'_>>) {
    let from = match behind {
        Behind::Leaf(number) => scan.leaves[number].path,
        Behind::Start(_) => PathTree::ROOT,
    };
    let depth = scan.paths.common_depth(from, path);
    let mut rest = scan.paths.segments(path).split_off(depth);
    let distance = match (scan.paths.segments(from).get(depth), rest.first()) {
        (Some(Segment::Index(from)), Some(Segment::Index(to)))
        | (Some(Segment::Document(from)), Some(Segment::Document(to))) => to.saturating_sub(*from),
        _ => 0,
    };
    if distance > 0 {
        rest.remove(0);
    }
    (depth, distance, rest)
}

/// The runs of every section among these leaves, those without a leaf too.
fn runs(document: &Document, roles: &Roles, sections: usize, numbers: Range<usize>) -> Vec<Run> {
    let scan = document.scan();
    let mut runs = Vec::new();
    let run = |section| Run { behind: Behind::Start(section), clear: Vec::new(), next: None, documents: (0, 0) };
    let mut open: Vec<Run> = (0..sections).map(run).collect();
    for number in numbers {
        let leaf = &scan.leaves[number];
        let (role, section) = roles.of(number);
        match role {
            Role::Clear => open[section].clear.push(number),
            Role::ClearComment | Role::Free | Role::SealedComment => {}
            Role::Sealed => {
                let here = document_of(&scan.paths, leaf);
                let next = Run {
                    behind: Behind::Leaf(number),
                    clear: Vec::new(),
                    next: None,
                    documents: (here, scan.documents),
                };
                let mut done = std::mem::replace(&mut open[section], next);
                (done.next, done.documents.1) = (Some(number), here);
                runs.push(done);
            }
        }
    }
    runs.extend(open);
    runs
}

/// The number of the document that `leaf` lies in; 0 in formats that have none.
fn document_of(paths: &PathTree, leaf: &Leaf) -> u64 {
    let mut at = leaf.path;
    while paths.depth(at) > 1 {
        at = paths.parent(at);
    }
    match paths.last(at) {
        Some(Segment::Document(number)) => number,
        _ => 0,
    }
}
