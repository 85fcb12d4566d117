//! What a merge may hold: judged from the leaves of the three versions, by another way than the driver's.

use std::collections::{BTreeMap, BTreeSet};

use sops_rs::document::Format;
use sops_rs::file::Document;

/// In the place of the path of a comment.
const COMMENT: &str = "comment";

/// What stands in one text: how often each value, and each comment, under each path without its numbers; and the values
/// whose paths have none.
#[derive(Default)]
struct Holding {
    counts: BTreeMap<(String, String), isize>,
    by_path: BTreeMap<String, String>,
}

/// Why `merged` is no merge of the three others; none when it may be one.
pub(crate) fn fault(format: &'static dyn Format, [base, ours, theirs]: [&str; 3], merged: &str) -> Option<String> {
    let Some(merged) = Holding::of(format, merged) else { return Some("is no file of its format".into()) };
    let [base, ours, theirs] = [base, ours, theirs].map(|text| Holding::of(format, text).expect("a file"));
    let holdings = [&base, &ours, &theirs, &merged];
    let mut has_rename = false;
    for path in paths(holdings) {
        let [base, ours, theirs, merged] = holdings.map(|holding| holding.by_path.get(path));
        match three_way(base, ours, theirs) {
            Some(expected) if expected == merged => {}
            None if merged.is_none() && is_renamed(holdings, path) => has_rename = true,
            _ if is_below_renamed(holdings, path) => has_rename = true,
            _ => return Some(format!("{path}: {base:?}, {ours:?} and {theirs:?} make {merged:?}")),
        }
    }
    let holdings = if has_rename {
        [base, ours, theirs, merged].map(Holding::without_paths)
    } else {
        [base, ours, theirs, merged]
    };
    let keys: BTreeSet<_> = holdings.iter().flat_map(|holding| holding.counts.keys()).collect();
    for key in keys {
        let [base, ours, theirs, merged] = holdings.each_ref().map(|holding| holding.count(key));
        let sum = (ours + theirs - base).max(0);
        // Both sides did the same: once, or each its own. A comment that only one side took out may stay.
        let is_same_way = (ours - base).signum() == (theirs - base).signum();
        let low = if is_same_way { sum.min(ours).min(theirs) } else { sum };
        let high = if is_same_way || key.0 == COMMENT { sum.max(ours).max(theirs) } else { sum };
        if !(low..=high).contains(&merged) {
            return Some(format!("{key:?} is there {base}, {ours} and {theirs} times, and merged {merged} times"));
        }
    }
    None
}

/// Whether a side has the value at `path`, which it took away there, at another place, and the merge has what the other side
/// made of it at another place, too.
fn is_renamed([base, ours, theirs, merged]: [&Holding; 4], path: &str) -> bool {
    [(ours, theirs), (theirs, ours)].into_iter().any(|(side, other)| {
        let (Some(old), None, Some(new)) = (base.by_path.get(path), side.by_path.get(path), other.by_path.get(path))
        else {
            return false;
        };
        side.of_value(old) >= base.of_value(old) && merged.of_value(new) > 0
    })
}

/// Whether `path` is below what one side renamed: what the other side has there, or the merge, stands under another path in the
/// merge, or in a side. Then nothing but the values themselves are compared.
fn is_below_renamed([_, ours, theirs, merged]: [&Holding; 4], path: &str) -> bool {
    let sides = [ours, theirs];
    match merged.by_path.get(path) {
        Some(value) => sides.iter().any(|side| side.of_value(value) > 0),
        None => sides.iter().filter_map(|side| side.by_path.get(path)).all(|value| merged.of_value(value) > 0),
    }
}

/// Whether both sides did different things to a value whose path has no numbers.
pub(crate) fn has_conflict(format: &'static dyn Format, versions: [&str; 3]) -> bool {
    let [base, ours, theirs] = versions.map(|text| Holding::of(format, text).expect("a file"));
    paths([&base, &ours, &theirs, &base])
        .into_iter()
        .any(|path| three_way(base.by_path.get(path), ours.by_path.get(path), theirs.by_path.get(path)).is_none())
}

/// The value that only one side changed, or both in the same way.
fn three_way<T: PartialEq>(base: T, ours: T, theirs: T) -> Option<T> {
    if ours == theirs || theirs == base {
        Some(ours)
    } else if ours == base {
        Some(theirs)
    } else {
        None
    }
}

fn paths(holdings: [&Holding; 4]) -> BTreeSet<&String> {
    holdings.into_iter().flat_map(|holding| holding.by_path.keys()).collect()
}

impl Holding {
    fn of(format: &'static dyn Format, text: &str) -> Option<Self> {
        let document = Document::parse(text.as_bytes(), format).ok()?;
        let mut holding = Self::default();
        for leaf in &document.scan().leaves {
            let path = document.path(leaf.path);
            // A comment belongs to what stands around it, and that may be what the other side added.
            let shape = if leaf.kind.is_comment() { COMMENT.to_owned() } else { without_numbers(&path) };
            let text = match leaf.kind.is_comment() {
                true => document.source(leaf).trim_end().to_owned(),
                false => {
                    let value = document.value(leaf).map(|value| value.to_string());
                    format!("{:?} {}", leaf.kind, value.unwrap_or_else(|_| document.source(leaf).to_owned()))
                }
            };
            let is_one = shape == path && leaf.kind.is_value();
            *holding.counts.entry((shape, text.clone())).or_default() += 1;
            if is_one {
                holding.by_path.insert(path, text);
            }
        }
        Some(holding)
    }

    /// The same as if all stood under one path.
    fn without_paths(self) -> Self {
        let mut counts = BTreeMap::new();
        for ((path, value), count) in self.counts {
            let path = if path == COMMENT { path } else { String::new() };
            *counts.entry((path, value)).or_default() += count;
        }
        Self { counts, by_path: self.by_path }
    }

    fn of_value(&self, value: &str) -> isize {
        self.counts.iter().filter(|((path, other), _)| path != COMMENT && other == value).map(|(_, count)| count).sum()
    }

    fn count(&self, key: &(String, String)) -> isize {
        self.counts.get(key).copied().unwrap_or(0)
    }
}

/// A path for people, without list indexes and the number of a document behind the first.
fn without_numbers(path: &str) -> String {
    let mut out = String::new();
    for part in path.split_inclusive(['[', ']', '.']) {
        if !(part.ends_with(']') || out.is_empty() && part.starts_with('#')) {
            out.push_str(part);
        }
    }
    out
}
