//! Counts of what came out.

use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// Neither merges.
    BothConflict,
    /// Both merge, and the encrypted file holds the merged plaintext.
    Clean,
    /// Both merge, but the encrypted file holds something else.
    Differs,
    /// The encrypted file merges and does not open.
    Invalid,
    /// The merge puts a value under a path that neither side has, and that the policy treats otherwise: refused there, as the
    /// format's specification says under "Updating".
    Misplaced,
    /// The plaintext merges, the encrypted file does not.
    Needless,
    /// The encrypted file merges and opens, the plaintext has conflicts.
    OnlySealedClean,
    /// The merged plaintext is no file of its format, and the encrypted one does not open either.
    PlainBroken,
}

impl Outcome {
    pub(crate) fn is_failure(self) -> bool {
        matches!(self, Self::Differs | Self::Invalid)
    }
}

#[derive(Default)]
pub(crate) struct Tally {
    counts: BTreeMap<Outcome, usize>,
    /// For each label: merges with a clean plaintext, and needless conflicts in them.
    by_label: BTreeMap<String, (usize, usize)>,
}

impl Tally {
    pub(crate) fn add(&mut self, outcome: Outcome, labels: &BTreeSet<String>) {
        *self.counts.entry(outcome).or_default() += 1;
        if matches!(outcome, Outcome::Clean | Outcome::Needless) {
            for label in labels {
                let (clean, needless) = self.by_label.entry(label.clone()).or_default();
                *clean += 1;
                *needless += usize::from(outcome == Outcome::Needless);
            }
        }
    }

    fn count(&self, outcome: Outcome) -> usize {
        self.counts.get(&outcome).copied().unwrap_or(0)
    }

    /// Needless conflicts, in percent of the merges with this label whose plaintext is clean.
    pub(crate) fn needless_percent(&self, label: &str) -> f64 {
        self.by_label.get(label).map_or(0.0, |&(clean, needless)| percent(needless, clean))
    }

    #[expect(clippy::print_stdout, reason = "the counts are what a long run is for")]
    pub(crate) fn print(&self, title: &str) {
        let mut text = format!("{title}\n");
        for (outcome, count) in &self.counts {
            text += &format!("  {:18}{count:7}\n", format!("{outcome:?}"));
        }
        let needless =
            percent(self.count(Outcome::Needless), self.count(Outcome::Needless) + self.count(Outcome::Clean));
        text += &format!("  needless conflicts: {needless:.1} % of the merges whose plaintext is clean\n");
        for (label, (clean, needless)) in &self.by_label {
            text += &format!("    {label:18}{clean:7}{:6.1} %\n", percent(*needless, *clean));
        }
        println!("{text}");
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn percent(part: usize, whole: usize) -> f64 {
    part as f64 * 100.0 / whole.max(1) as f64
}
