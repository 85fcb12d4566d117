//! What a merge may hold: judged from the leaves of the three versions, by another way than the driver's.

use std::collections::{BTreeMap, BTreeSet};

use sops_rs::document::Format;
use sops_rs::file::Document;

/// What stands in one text: how often each value, and each comment, under each path without its numbers; and the values
/// whose paths have none.
#[derive(Default)]
struct Holding {
    counts: BTreeMap<(String, String), isize>,
    by_path: BTreeMap<String, String>,
}

/// Why `merged` is no merge of the three others; none when it may be one. `base` is none when both sides began the file.
pub(crate) fn fault(format: &'static dyn Format, [base, ours, theirs]: [&str; 3], merged: &str) -> Option<String> {
    let Some(merged) = Holding::of(format, merged) else { return Some("is no file of its format".into()) };
    let [base, ours, theirs] = [base, ours, theirs].map(|text| Holding::of(format, text).expect("a file"));
    for path in paths([&base, &ours, &theirs, &merged]) {
        let [base, ours, theirs, merged] = [&base, &ours, &theirs, &merged].map(|holding| holding.by_path.get(path));
        if three_way(base, ours, theirs) != Some(merged) {
            return Some(format!("{path}: {base:?}, {ours:?} and {theirs:?} make {merged:?}"));
        }
    }
    let keys: BTreeSet<_> = [&base, &ours, &theirs, &merged].iter().flat_map(|holding| holding.counts.keys()).collect();
    for key in keys {
        let [base, ours, theirs, merged] = [&base, &ours, &theirs, &merged].map(|holding| holding.count(key));
        let sum = (ours + theirs - base).max(0);
        // Both sides did the same: once, or each its own.
        let is_same_way = (ours - base).signum() == (theirs - base).signum();
        let (low, high) = match is_same_way {
            false => (sum, sum),
            true => (sum.min(ours).min(theirs), sum.max(ours).max(theirs)),
        };
        if !(low..=high).contains(&merged) {
            return Some(format!("{key:?} is there {base}, {ours} and {theirs} times, and merged {merged} times"));
        }
    }
    None
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

fn paths<'h>(holdings: [&'h Holding; 4]) -> BTreeSet<&'h String> {
    holdings.into_iter().flat_map(|holding| holding.by_path.keys()).collect()
}

impl Holding {
    fn of(format: &'static dyn Format, text: &str) -> Option<Self> {
        let document = Document::parse(text.as_bytes(), format).ok()?;
        let mut holding = Self::default();
        for leaf in &document.scan().leaves {
            let path = document.path(leaf.path);
            let shape = without_numbers(&path);
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

    fn count(&self, key: &(String, String)) -> isize {
        self.counts.get(key).copied().unwrap_or(0)
    }
}

/// A path for people, without list indexes and the number of a document behind the first.
fn without_numbers(path: &str) -> String {
    let mut out = String::new();
    for part in path.split_inclusive(['[', ']', '.']) {
        if !part.ends_with(']') && !(out.is_empty() && part.starts_with('#')) {
            out.push_str(part);
        }
    }
    out
}
