//! Many random pairs, each merged in all ways.

use sops_rs::error::Error;
use sops_rs::file::Document;

use crate::driver::{self, Verdict};
use crate::git;
use crate::pair::{Mix, Pair, pair};
use crate::person::Person;
use crate::tally::{Outcome, Tally};
use crate::tree::Syntax;
use crate::{DRIVER_LIMIT, INI_DRIVER_LIMIT, MANY};

/// How many pairs are in one repository.
const BATCH: usize = 500;
/// How many pairs of each mix, if nothing else is said.
const FEW: u64 = 25;

/// What came out of all pairs of a mix.
#[derive(Default)]
pub(crate) struct Report {
    /// Git on the encrypted files.
    pub(crate) git: Tally,
    /// The driver on them.
    pub(crate) driver: Tally,
    /// Seals in what the driver merged that neither side has.
    new_seals: usize,
    /// The shortest pair that needs no conflict and has one with the driver.
    needless: Option<String>,
    failures: Vec<String>,
}

/// Merges many random pairs and prints what came out; fails when a clean merge is not what it should be.
#[expect(clippy::print_stdout, reason = "the counts are what a long run is for")]
pub(crate) fn run(mix: Mix, max_edits: usize) -> (Report, u64) {
    let pairs = setting("SOPS_RS_MERGE_PAIRS").unwrap_or(FEW);
    let seed = setting("SOPS_RS_MERGE_SEED").unwrap_or(1);
    let mut report = Report::default();
    let mut numbers = 0..;
    let mut left = usize::try_from(pairs).expect("a number of pairs");
    while left > 0 {
        let batch: Vec<_> =
            numbers.by_ref().filter_map(|number| pair(seed, number, mix, max_edits)).take(left.min(BATCH)).collect();
        left -= batch.len();
        let versions: Vec<_> = batch.iter().map(|pair| &pair.versions).collect();
        for (pair, merged) in batch.iter().zip(git::merge_all(&versions)) {
            report.add(mix, pair, merged);
        }
    }
    let Report { git, driver, new_seals, needless, failures } = &report;
    println!("{mix:?}, up to {max_edits} edits on each side, seed {seed}: git\n{}", git.text());
    println!("driver, with {new_seals} seals that neither side has\n{}", driver.text());
    if pairs >= MANY && max_edits == 1 {
        println!("{}", git.table());
    }
    if let Some(needless) = needless {
        println!("a needless conflict of the driver: {needless}");
    }
    println!("{}", report.row(&format!("{mix:?} {max_edits}"), pairs));
    assert!(
        failures.is_empty(),
        "{} of {pairs} merges failed; the shortest:\n{}",
        failures.len(),
        failures.iter().min_by_key(|text| text.len()).expect("one")
    );
    let percent = report.driver.needless_percent();
    let limit = match mix {
        Mix::Usual(Syntax::Ini) if max_edits > 1 => INI_DRIVER_LIMIT,
        _ => DRIVER_LIMIT,
    };
    assert!(pairs < MANY || percent <= limit, "{percent:.2} % needless conflicts of the driver");
    (report, pairs)
}

impl Report {
    /// Judges a pair by what git made of its plaintext and of its encrypted file.
    fn add(&mut self, mix: Mix, pair: &Pair, merged: git::Merged) {
        let Pair { number, versions, person, edits, labels } = pair;
        let [merged_plain, merged_sealed] = <[_; 2]>::try_from(merged).expect("two files");
        let [plain, sealed] = [0, 1]
            .map(|file| [&versions.base, &versions.ours, &versions.theirs].map(|version| version[file].1.as_str()));
        // Under two data keys a comment of one side may come into the other's file; it stays as it is there.
        let outcome = match mix {
            Mix::Rekeyed(_) => Outcome::BothConflict,
            _ => judge(person, [plain[1], plain[2]], merged_plain.as_deref(), merged_sealed.as_deref()),
        };
        self.git.add(format!("{outcome:?}"), outcome.needless(), edits, labels);
        let merged_plain = merged_plain.filter(|text| person.scans(text));
        let (verdict, new_seals, conflicts) = driver::judge(person, plain, sealed, merged_plain.as_deref());
        self.new_seals += new_seals;
        self.driver.add(verdict.name(), verdict.needless(), edits, labels);
        let is_failure = outcome.is_failure() || verdict.is_failure();
        if is_failure || verdict == Verdict::Needless {
            let [base, ours, theirs] = plain;
            let text = format!(
                "{outcome:?} {verdict:?} pair {number}, {edits:?} {labels:?}\n\
                 == base\n{base}== ours\n{ours}== theirs\n{theirs}== merged\n{}== error\n{:?}\n{conflicts}",
                merged_plain.unwrap_or_default(),
                merged_sealed.map(|sealed| person.decrypt(&sealed).err()),
            );
            if is_failure {
                self.failures.push(text);
            } else if self.needless.as_ref().is_none_or(|shortest| text.len() < shortest.len()) {
                self.needless = Some(text);
            }
        }
    }

    /// A row of the table of all mixes.
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    fn row(&self, title: &str, pairs: u64) -> String {
        let Self { git, driver, .. } = self;
        let [gained, conflict, left] = ["Gained", "Conflict", "Left"].map(|name| driver.count(name));
        let conflicts = gained + conflict + left;
        let merged = gained as f64 * 100.0 / conflicts.max(1) as f64;
        format!(
            "| {title} | {pairs} | {} | {:.1} % | {:.2} % | {conflicts} | {merged:.1} % | {left} |",
            driver.clean(),
            git.needless_percent(),
            driver.needless_percent()
        )
    }
}

/// A number from the environment.
#[expect(clippy::disallowed_methods, reason = "a test is told by its caller how long to run")]
pub(crate) fn setting(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

/// What a merge of the plaintexts and one of the encrypted files say about each other.
fn judge(person: &Person, sides: [&str; 2], plain: Option<&str>, sealed: Option<&str>) -> Outcome {
    let scans = |text: &str| person.scans(text);
    match (plain, sealed) {
        (None, None) => Outcome::BothConflict,
        (Some(plain), None) if scans(plain) => Outcome::Needless,
        (Some(_), None) => Outcome::PlainBroken,
        (plain, Some(sealed)) => match (plain, person.decrypt(sealed)) {
            (None, Ok(_)) => Outcome::OnlySealedClean,
            (Some(plain), Ok(text)) if text == plain => Outcome::Clean,
            (_, Ok(_)) => Outcome::Differs,
            // Both sides added the same key, say: no merge of the encrypted file can be better.
            (Some(plain), Err(_)) if !scans(plain) => Outcome::PlainBroken,
            (Some(_), Err(error)) if is_new_to_both(person, sides, &error) => Outcome::Misplaced,
            (_, Err(_)) => Outcome::Invalid,
        },
    }
}

/// Whether a value is refused for being sealed, or clear, under a path that neither of the sides has: one of them renamed a
/// map or list, and the other put the value into it.
fn is_new_to_both(person: &Person, sides: [&str; 2], error: &Error) -> bool {
    let (Error::Token { path, .. } | Error::LeafNotSealed { path, .. }) = error else { return false };
    sides.iter().all(|side| {
        let document = Document::parse(side.as_bytes(), person.format).expect("a side is well-formed");
        document.scan().leaves.iter().all(|leaf| document.path(leaf.path) != *path)
    })
}
