//! The clear leaves that a link covers: where they change, the sealed value before them is sealed anew with them
//! (`sops-rs-format(5)`, "Writing"), and its value may be the same.

use std::collections::{HashMap, HashSet};

use super::content::Content;
use super::pairs::Version;
use crate::file::any::SnapshotKind;
use crate::leaf::{LeafKind, Segment};

/// A clear leaf: where it stands, numbers of items aside, and what it says.
type Clear<'s> = (Vec<Segment<'s>>, LeafKind, Content<'s>);

/// The runs of clear leaves of one version.
#[derive(Default)]
pub(super) struct Runs<'s> {
    /// By the number of the sealed value before them.
    behind: HashMap<usize, Vec<Clear<'s>>>,
    /// Those before the first sealed value of a section, by the number of that.
    before: HashMap<usize, Vec<Clear<'s>>>,
    /// The numbers of the last sealed values of sections: their links say how many documents there are.
    last: HashSet<usize>,
}

impl<'s> Runs<'s> {
    pub(super) fn of(version: &Version<'s>) -> Self {
        let mut runs = Self::default();
        // By section: the last sealed value, or what is clear before the first one.
        let mut last: HashMap<&str, Result<usize, Vec<Clear<'s>>>> = HashMap::new();
        for (number, entry) in version.snapshot.entries.iter().enumerate() {
            if entry.kind == SnapshotKind::Comment {
                continue;
            }
            let last = last.entry(version.snapshot.section_name(entry)).or_insert_with(|| Err(Vec::new()));
            if entry.seal().is_some() {
                if let Err(clear) = std::mem::replace(last, Ok(number)) {
                    runs.before.insert(number, clear);
                }
                continue;
            }
            let clear = (version.shape(number), entry.leaf_kind, version.contents[number]);
            match last {
                Ok(sealed) => runs.behind.entry(*sealed).or_default().push(clear),
                Err(first) => first.push(clear),
            }
        }
        runs.last = last.into_values().filter_map(Result::ok).collect();
        runs
    }

    /// Whether what is clear around the sealed value `old` is not what is around `new` in the other version.
    pub(super) fn differ(&self, old: usize, other: &Self, new: usize) -> bool {
        self.behind.get(&old) != other.behind.get(&new)
            || self.last.contains(&old) != other.last.contains(&new)
            || self.before.get(&old).unwrap_or(&Vec::new()) != other.before.get(&new).unwrap_or(&Vec::new())
    }
}
