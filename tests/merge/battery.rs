//! Many random pairs, each merged in all ways.

use sops_rs::error::Error;
use sops_rs::file::Document;

use crate::git;
use crate::pair::{Mix, Pair, pair};
use crate::person::Person;
use crate::tally::{Outcome, Tally};

/// How many pairs are in one repository.
const BATCH: usize = 500;
/// How many pairs of each mix, if nothing else is said.
const FEW: u64 = 50;

/// Merges many random pairs and prints what came out; fails when a clean merge is not what it should be.
pub(crate) fn run(mix: Mix, max_edits: usize) -> (Tally, u64) {
    let pairs = setting("SOPS_RS_MERGE_PAIRS").unwrap_or(FEW);
    let seed = setting("SOPS_RS_MERGE_SEED").unwrap_or(1);
    let mut tally = Tally::default();
    let mut failures = Vec::new();
    let mut numbers = 0..;
    let mut left = usize::try_from(pairs).expect("a number of pairs");
    while left > 0 {
        let batch: Vec<_> =
            numbers.by_ref().filter_map(|number| pair(seed, number, mix, max_edits)).take(left.min(BATCH)).collect();
        left -= batch.len();
        let versions: Vec<_> = batch.iter().map(|pair| &pair.versions).collect();
        for (Pair { number, versions, person, edits, labels }, merged) in batch.iter().zip(git::merge_all(&versions)) {
            let [plain, sealed] = <[_; 2]>::try_from(merged).expect("two files");
            let [base, ours, theirs] =
                [&versions.base, &versions.ours, &versions.theirs].map(|files| files[0].1.as_str());
            let outcome = judge(person, [ours, theirs], plain.as_deref(), sealed.as_deref());
            tally.add(outcome, edits, labels);
            if outcome.is_failure() {
                failures.push(format!(
                    "{outcome:?} pair {number} of seed {seed}, {edits:?} {labels:?}\n\
                     == base\n{base}== ours\n{ours}== theirs\n{theirs}== merged\n{}== error\n{:?}\n",
                    plain.unwrap_or_default(),
                    sealed.map(|sealed| person.decrypt(&sealed).err()),
                ));
            }
        }
    }
    tally.print(&format!("{mix:?}, up to {max_edits} edits on each side, seed {seed}"));
    assert!(
        failures.is_empty(),
        "{} of {pairs} merges failed; the shortest:\n{}",
        failures.len(),
        failures.iter().min_by_key(|text| text.len()).expect("one")
    );
    (tally, pairs)
}

/// A number from the environment.
#[expect(clippy::disallowed_methods, reason = "a test is told by its caller how long to run")]
fn setting(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

/// What a merge of the plaintexts and one of the encrypted files say about each other.
fn judge(person: &Person, sides: [&str; 2], plain: Option<&str>, sealed: Option<&str>) -> Outcome {
    let scans = |text: &str| Document::parse(text.as_bytes(), person.format).is_ok();
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
