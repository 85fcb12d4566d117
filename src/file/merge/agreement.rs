//! Whether a merged text says what its three versions say: a second opinion, by paths and values alone, on whatever a merge of
//! lines or of chunks has made.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::Conflict;
use crate::document::reindent;
use crate::file::document::Document;
use crate::leaf::{LeafKind, Segment};

/// Whether each leaf of `merged` is the one that a merge by paths gives, and none is missing. What lies in or around one of the
/// `conflicts` is not looked at.
///
/// Items of lists have no names: of them it is known only how many of each there have to be.
pub(super) fn agrees(
    base: Option<&Document>,
    ours: &Document,
    theirs: &Document,
    merged: &Document,
    conflicts: &[Conflict],
) -> bool {
    let numbered = [base, Some(ours), Some(theirs), Some(merged)].into_iter().flatten();
    let has_one_document = numbered.clone().all(|document| document.scan().documents <= 1);
    let of = |document: &Document| Values::of(document, has_one_document);
    let (in_base, ours, theirs, merged) = (base.map(of), of(ours), of(theirs), of(merged));
    let all = in_base.iter().chain([&ours, &theirs, &merged]).flat_map(|values| values.0.iter());
    let mut places: HashMap<u64, &Place> = HashMap::new();
    all.for_each(|(&key, place)| {
        places.insert(key, place);
    });
    let none = Place::default();
    places.iter().all(|(key, place)| {
        if conflicts.iter().any(|conflict| touches(conflict, place)) {
            return true;
        }
        let at = |values: &'_ Values| values.0.get(key).map_or(BTreeMap::new(), |place| place.values.clone());
        let base = in_base.as_ref().map_or(none.values.clone(), at);
        let (ours, theirs, merged) = (at(&ours), at(&theirs), at(&merged));
        if place.is_listed {
            counts_agree(&base, &ours, &theirs, &merged)
        } else {
            pick(&base, &ours, &theirs) == Some(&merged)
        }
    })
}

/// Whether `merged` has as many of each value as there have to be, wherever they are.
pub(super) fn holds_the_same(base: Option<&Document>, ours: &Document, theirs: &Document, merged: &Document) -> bool {
    let of = |document: &Document| {
        let mut all = Counts::new();
        for place in Values::of(document, true).0.into_values() {
            place.values.into_iter().for_each(|(value, count)| *all.entry(value).or_default() += count);
        }
        all
    };
    counts_agree(&base.map(of).unwrap_or_default(), &of(ours), &of(theirs), &of(merged))
}

/// Whether `merged` has no comment more often, or more rarely, than both sides together say. One that a side took out may be there.
pub(super) fn has_their_comments(
    base: Option<&Document>,
    ours: &Document,
    theirs: &Document,
    merged: &Document,
) -> bool {
    fn of(document: &Document) -> BTreeMap<&str, usize> {
        let mut all = BTreeMap::new();
        for leaf in document.scan().leaves.iter().filter(|leaf| leaf.kind.is_comment()) {
            *all.entry(document.source(leaf).trim_end()).or_default() += 1;
        }
        all
    }
    let (base, ours, theirs, merged) = (base.map(of).unwrap_or_default(), of(ours), of(theirs), of(merged));
    [&base, &ours, &theirs, &merged].into_iter().flat_map(|comments| comments.keys()).all(|comment| {
        let count = |comments: &BTreeMap<&str, usize>| comments.get(comment).copied().unwrap_or_default();
        is_between(count(&base), count(&ours), count(&theirs), count(&merged))
    })
}

/// The one of two versions that changed; none when both did, differently.
pub(super) fn pick<'v, T: PartialEq>(base: &'v T, ours: &'v T, theirs: &'v T) -> Option<&'v T> {
    match () {
        () if ours == theirs || base == theirs => Some(ours),
        () if base == ours => Some(theirs),
        () => None,
    }
}

/// How often each value stands somewhere.
type Counts = BTreeMap<u64, usize>;

#[derive(Default)]
struct Place {
    path: String,
    is_listed: bool,
    values: Counts,
}

/// What stands at each path.
struct Values(HashMap<u64, Place>);

impl Values {
    fn of(document: &Document, has_one_document: bool) -> Self {
        let scan = document.scan();
        let mut places: HashMap<u64, Place> = HashMap::new();
        for leaf in scan.leaves.iter().filter(|leaf| !leaf.kind.is_comment()) {
            let mut key = DefaultHasher::new();
            let mut is_listed = false;
            for segment in scan.paths.segments(leaf.path) {
                match segment {
                    Segment::Index(_) => is_listed = true,
                    Segment::Document(_) => is_listed |= !has_one_document,
                    Segment::Key { .. } => {}
                }
                match segment {
                    Segment::Key { text, quoted } => (1, text, quoted).hash(&mut key),
                    Segment::Index(_) | Segment::Document(_) => (0, "", false).hash(&mut key),
                }
            }
            let mark = matches!(leaf.kind, LeafKind::Anchor | LeafKind::Tag | LeafKind::Directive);
            mark.then_some(leaf.kind).hash(&mut key);
            let mut value = DefaultHasher::new();
            (leaf.kind, reindent(document.source(leaf), leaf.indent, 0)).hash(&mut value);
            let place = places.entry(key.finish()).or_default();
            if place.path.is_empty() {
                (place.path, place.is_listed) = (document.path(leaf.path), is_listed);
            }
            *place.values.entry(value.finish()).or_default() += 1;
        }
        Self(places)
    }
}

fn touches(conflict: &Conflict, place: &Place) -> bool {
    let Some(path) = &conflict.path else { return true };
    let is_below = |path: &str, top: &str| {
        top == "." || path.strip_prefix(top).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let (path, other) = (without_numbers(path), without_numbers(&place.path));
    is_below(&path, &other) || is_below(&other, &path)
}

/// A path for people without the numbers of items and documents.
pub(super) fn without_numbers(path: &str) -> String {
    let path = path.strip_prefix('#').map_or(path, |rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
    let path = path.strip_prefix('.').filter(|rest| !rest.is_empty()).unwrap_or(path);
    let mut out = String::new();
    let mut in_brackets = false;
    for c in path.chars() {
        match c {
            '[' => in_brackets = true,
            ']' => in_brackets = false,
            c if in_brackets && c.is_ascii_digit() => continue,
            _ => {}
        }
        out.push(c);
    }
    out
}

fn counts_agree(base: &Counts, ours: &Counts, theirs: &Counts, merged: &Counts) -> bool {
    let mut values: Vec<_> = [base, ours, theirs, merged].into_iter().flat_map(|counts| counts.keys()).collect();
    values.sort_unstable();
    values.dedup();
    values.into_iter().all(|value| {
        let count = |counts: &Counts| counts.get(value).copied().unwrap_or_default();
        let (base, ours, theirs, merged) = (count(base), count(ours), count(theirs), count(merged));
        match () {
            () if base == ours => merged == theirs,
            () if base == theirs => merged == ours,
            // Both added or took out some: the same ones, or others.
            () => is_between(base, ours, theirs, merged),
        }
    })
}

/// Whether there are so many as one side has, or as there are with the changes of both, or something between.
fn is_between(base: usize, ours: usize, theirs: usize, merged: usize) -> bool {
    let both = (ours + theirs).saturating_sub(base);
    merged >= ours.min(theirs).min(both) && merged <= ours.max(theirs).max(both)
}
