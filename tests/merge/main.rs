//! Promise 3 against real git: two people change different values, git merges the encrypted file by itself, and the
//! result verifies and holds what the merge of the two plaintexts holds.
//!
//! `SOPS_RS_MERGE_PAIRS` is the number of merges for each format and sort (100 when it is not set),
//! `SOPS_RS_MERGE_SEED` the seed. Git 2.40 or later is the only program needed.

mod edits;
mod git;
mod keep;
mod lists;
mod pair;
mod person;
mod print;
mod random;
mod tally;
mod tree;

use pair::{Mix, Pair, pair};
use person::Person;
use sops_rs::error::Error;
use sops_rs::file::Document;
use tally::{Outcome, Tally};
use tree::Syntax;

/// How many pairs are in one repository.
const BATCH: usize = 500;
/// Needless conflicts with one edit on each side, in percent of the merges whose plaintext is clean.
const NEEDLESS_LIMIT: f64 = 10.0;
/// The same for files with many pinned clear values: one link covers all of them up to the next sealed value.
const PINNED_LIMIT: f64 = 25.0;
/// From how many pairs on these limits are exact; fewer stray.
const MANY: u64 = 1000;

const PLAIN: &str = "plain";
const SEALED: &str = "sealed";

#[test]
fn yaml_with_one_edit_on_each_side() {
    let (tally, pairs) = merge_many(Mix::Usual(Syntax::Yaml), 1);
    let slack = if pairs < MANY { 2.0 } else { 1.0 };
    for (label, limit) in
        [("none clear", NEEDLESS_LIMIT), ("clear free", NEEDLESS_LIMIT), ("clear pinned", PINNED_LIMIT)]
    {
        let percent = tally.needless_percent(label);
        assert!(percent <= limit * slack, "{label}: {percent:.1} % needless conflicts");
    }
}

#[test]
fn yaml_with_several_edits_on_each_side() {
    merge_many(Mix::Usual(Syntax::Yaml), 5);
}

#[test]
fn lists_and_documents_with_much_that_is_clear() {
    merge_many(Mix::Hard, 2);
}

#[test]
fn json_with_one_edit_on_each_side() {
    merge_many(Mix::Usual(Syntax::Json), 1);
}

#[test]
fn json_with_several_edits_on_each_side() {
    merge_many(Mix::Usual(Syntax::Json), 5);
}

#[test]
fn dotenv_with_one_edit_on_each_side() {
    merge_many(Mix::Usual(Syntax::Dotenv), 1);
}

#[test]
fn dotenv_with_several_edits_on_each_side() {
    merge_many(Mix::Usual(Syntax::Dotenv), 5);
}

#[test]
fn toml_with_one_edit_on_each_side() {
    merge_many(Mix::Usual(Syntax::Toml), 1);
}

#[test]
fn toml_with_several_edits_on_each_side() {
    merge_many(Mix::Usual(Syntax::Toml), 5);
}

#[test]
fn ini_with_one_edit_on_each_side() {
    merge_many(Mix::Usual(Syntax::Ini), 1);
}

#[test]
fn ini_with_several_edits_on_each_side() {
    merge_many(Mix::Usual(Syntax::Ini), 5);
}

/// Merges many random pairs and prints what came out; fails when a clean merge is not what it should be.
fn merge_many(mix: Mix, max_edits: usize) -> (Tally, u64) {
    let pairs = setting("SOPS_RS_MERGE_PAIRS").unwrap_or(100);
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
        for (Pair { number, versions, person, labels }, merged) in batch.iter().zip(git::merge_all(&versions)) {
            let [plain, sealed] = <[_; 2]>::try_from(merged).expect("two files");
            let sides = [&versions.ours, &versions.theirs].map(|files| files[0].1.as_str());
            let outcome = judge(person, sides, plain.as_deref(), sealed.as_deref());
            tally.add(outcome, labels);
            if outcome.is_failure() {
                let files = [&versions.base, &versions.ours, &versions.theirs].map(|files| files[0].1.as_str());
                failures.push(format!(
                    "{outcome:?} pair {number} of seed {seed}, {labels:?}\n== base\n{}== ours\n{}== theirs\n{}== merged\n{}== error\n{:?}\n",
                    files[0], files[1], files[2], plain.unwrap_or_default(),
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
