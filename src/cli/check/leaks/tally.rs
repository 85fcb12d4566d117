//! What was found where, each value once for each place.

use std::collections::{BTreeMap, HashMap, HashSet};

use sops_rs::leaks::{Hit, Number};
use sops_rs::redact::Spelling;

use super::own::Own;
use crate::cli::check::finding::Place;
use crate::cli::git::ObjectId;

/// A word that stands in more files than that was leaked by nobody: it is one that this repository speaks of.
pub(super) const MOST_FILES: usize = 5;

/// Where something stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Spot {
    /// In a file.
    File(Place),
    /// In the name of one.
    Name(Place),
    /// In the message of a commit, or another part of it.
    Commit(ObjectId),
    /// In a tag, or what only a tag leads to.
    Ref(String),
}

/// A value in one spot.
pub(super) struct Leak {
    /// The line that it was found in first; none in a file that is no text.
    pub(super) line: Option<usize>,
    /// How it is written there.
    pub(super) spelling: Spelling,
    /// In how many more lines it stands.
    pub(super) more_lines: usize,
    /// The commit that brought it.
    pub(super) commit: Option<ObjectId>,
    /// In how many more contents that the file had.
    pub(super) more_versions: usize,
}

/// All leaks.
#[derive(Default)]
pub(super) struct Tally {
    leaks: BTreeMap<(Spot, Number), Leak>,
}

impl Tally {
    /// Adds what was found in one text; `commit` brought it. Of several for a spot the last one counts, which has to be the
    /// earliest.
    pub(super) fn add(&mut self, spot: &Spot, hits: &[Hit], is_text: bool, commit: Option<ObjectId>) {
        let mut lines: HashMap<Number, usize> = HashMap::new();
        hits.iter().for_each(|hit| *lines.entry(hit.value).or_default() += 1);
        let mut seen = HashSet::new();
        for hit in hits.iter().filter(|hit| seen.insert(hit.value)) {
            let (line, more_lines) = (is_text.then_some(hit.line), lines[&hit.value] - 1);
            let key = (spot.clone(), hit.value);
            let more_versions = self.leaks.get(&key).map_or(0, |leak| leak.more_versions + 1);
            let leak = Leak { line, spelling: hit.spelling, more_lines, commit, more_versions };
            self.leaks.insert(key, leak);
        }
    }

    /// Takes out the words that stand in many files, and gives them.
    pub(super) fn drop_common(&mut self, own: &Own) -> Vec<Number> {
        let mut files: HashMap<Number, usize> = HashMap::new();
        for (_, number) in self.leaks.keys().filter(|(_, number)| own.is_word(*number)) {
            *files.entry(*number).or_default() += 1;
        }
        let common: HashSet<_> = files.into_iter().filter(|(_, files)| *files > MOST_FILES).map(|(n, _)| n).collect();
        self.leaks.retain(|(_, number), _| !common.contains(number));
        let mut common: Vec<_> = common.into_iter().collect();
        common.sort_unstable();
        common
    }

    /// All of them, by spot.
    pub(super) fn into_leaks(self) -> impl Iterator<Item = (Spot, Number, Leak)> {
        self.leaks.into_iter().map(|((spot, number), leak)| (spot, number, leak))
    }
}
