//! Counts of what came out.

use std::collections::{BTreeMap, BTreeSet};

use crate::edits::Edit;

/// What git made of the encrypted file, beside what it made of the plaintext.
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
    /// format's specification says under "Writing".
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

    /// Whether it is a needless conflict; none when the plaintext has one itself, or is broken.
    pub(crate) fn needless(self) -> Option<bool> {
        match self {
            Self::Clean => Some(false),
            Self::Needless => Some(true),
            _ => None,
        }
    }
}

/// Merges of one sort, and how many of them had conflicts.
#[derive(Clone, Copy, Default)]
struct Rate {
    all: usize,
    conflicts: usize,
}

impl Rate {
    fn add(&mut self, is_conflict: bool) {
        self.all += 1;
        self.conflicts += usize::from(is_conflict);
    }

    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    fn percent(self) -> f64 {
        self.conflicts as f64 * 100.0 / self.all.max(1) as f64
    }
}

#[derive(Default)]
pub(crate) struct Tally {
    outcomes: BTreeMap<String, usize>,
    /// Needless conflicts in the merges whose plaintext is clean: all, by label, and by the kinds of the two edits.
    all: Rate,
    by_label: BTreeMap<String, Rate>,
    by_edits: BTreeMap<(Edit, Edit), Rate>,
}

impl Tally {
    pub(crate) fn add(
        &mut self,
        outcome: String,
        needless: Option<bool>,
        edits: &[Vec<Edit>; 2],
        labels: &BTreeSet<String>,
    ) {
        *self.outcomes.entry(outcome).or_default() += 1;
        let Some(is_needless) = needless else { return };
        self.all.add(is_needless);
        let kinds: BTreeSet<_> = edits.iter().flatten().map(|edit| format!("{edit:?}")).collect();
        for label in kinds.iter().chain(labels) {
            self.by_label.entry(label.clone()).or_default().add(is_needless);
        }
        if let [[ours], [theirs]] = [&edits[0][..], &edits[1]] {
            self.by_edits.entry((*ours.min(theirs), *ours.max(theirs))).or_default().add(is_needless);
        }
    }

    pub(crate) fn count(&self, outcome: &str) -> usize {
        self.outcomes.get(outcome).copied().unwrap_or(0)
    }

    /// Merges whose plaintext is clean.
    pub(crate) fn clean(&self) -> usize {
        self.all.all
    }

    /// Needless conflicts, in percent of the merges whose plaintext is clean.
    pub(crate) fn needless_percent(&self) -> f64 {
        self.all.percent()
    }

    /// The same for those with this label.
    pub(crate) fn needless_percent_of(&self, label: &str) -> f64 {
        self.by_label.get(label).copied().unwrap_or_default().percent()
    }

    /// What came out, and the rates by label.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for (outcome, count) in &self.outcomes {
            text += &format!("  {outcome:18}{count:7}\n");
        }
        text +=
            &format!("  needless conflicts: {:.1} % of the merges whose plaintext is clean\n", self.needless_percent());
        for (label, rate) in &self.by_label {
            text += &format!("    {label:28}{:7}{:6.1} %\n", rate.all, rate.percent());
        }
        text
    }

    /// Needless conflicts by the kinds of the edits of both sides, in percent.
    pub(crate) fn table(&self) -> String {
        let kinds: BTreeSet<_> = self.by_edits.keys().flat_map(|&(ours, theirs)| [ours, theirs]).collect();
        let mut text = String::new();
        for (row, one) in kinds.iter().enumerate() {
            text += &format!("  {:16}", format!("{one:?}"));
            for other in kinds.iter().take(row + 1) {
                let pair = (*one.min(other), *one.max(other));
                let rate = self.by_edits.get(&pair).copied().unwrap_or_default();
                let cell = if rate.all == 0 { "-".to_owned() } else { format!("{:.0}", rate.percent()) };
                text += &format!("{cell:>4}");
            }
            text.push('\n');
        }
        text
    }
}
