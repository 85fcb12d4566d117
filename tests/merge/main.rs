//! Promise 3 against real git: two people change different values, git merges the encrypted file by itself, and the
//! result verifies and holds what the merge of the two plaintexts holds.
//!
//! Then the merge driver merges the same pairs, with keys. It must make the same of them where git merges the plaintext; where
//! git cannot, an oracle says whether what the driver made is a merge.
//!
//! `SOPS_RS_MERGE_PAIRS` is the number of merges for each mix of files and edits, `SOPS_RS_MERGE_SEED` the seed. Git 2.40 or
//! later is the only program needed; `SOPS_RS_TEST_SOPS=/path/to/sops` runs a sample with files that SOPS itself has made.

mod battery;
mod cases;
mod driver;
mod edits;
mod git;
mod keep;
mod keys;
mod layout;
mod lists;
mod oracle;
mod pair;
mod person;
mod print;
mod random;
mod sops;
mod tally;
mod tree;

use battery::run;
use pair::Mix;
use tree::Syntax;

/// Needless conflicts with one edit on each side, in percent of the merges whose plaintext is clean.
const NEEDLESS_LIMIT: f64 = 10.0;
/// The same for files with many pinned clear values: one link covers all of them up to the next sealed value.
const PINNED_LIMIT: f64 = 25.0;
/// What the format was measured to have before it was fixed, with one edit on each side and with up to five.
const PROTOTYPE_LIMITS: [f64; 2] = [7.3, 20.3];
/// Needless conflicts of the driver.
const DRIVER_LIMIT: f64 = 0.5;
/// The same for INI with several edits on each side, whose maps are all sections: one side renames a section while the other
/// edits in it, and the driver takes that for a deletion.
const INI_DRIVER_LIMIT: f64 = 1.5;
/// From how many pairs on these limits are exact; fewer stray.
const MANY: u64 = 1000;

const PLAIN: &str = "plain";
const SEALED: &str = "sealed";

/// As in the first measurements, on the same distribution of files and edits.
#[test]
fn the_prototype_with_one_edit_on_each_side() {
    prototype(1, PROTOTYPE_LIMITS[0]);
}

#[test]
fn the_prototype_with_several_edits_on_each_side() {
    prototype(5, PROTOTYPE_LIMITS[1]);
}

fn prototype(max_edits: usize, limit: f64) {
    let (report, pairs) = run(Mix::Prototype, max_edits);
    let percent = report.git.needless_percent();
    let slack = if pairs < MANY { 2.0 } else { 1.1 };
    assert!(percent <= limit * slack, "{percent:.1} % needless conflicts");
}

#[test]
fn yaml_with_one_edit_on_each_side() {
    let (report, pairs) = run(Mix::Usual(Syntax::Yaml), 1);
    if pairs < MANY {
        return;
    }
    for (label, limit) in
        [("none clear", NEEDLESS_LIMIT), ("clear free", NEEDLESS_LIMIT), ("clear pinned", PINNED_LIMIT)]
    {
        let percent = report.git.needless_percent_of(label);
        assert!(percent <= limit, "{label}: {percent:.1} % needless conflicts");
    }
}

#[test]
fn yaml_with_several_edits_on_each_side() {
    run(Mix::Usual(Syntax::Yaml), 5);
}

#[test]
fn lists_and_documents_with_much_that_is_clear() {
    run(Mix::Hard, 2);
}

#[test]
fn json_with_one_edit_on_each_side() {
    run(Mix::Usual(Syntax::Json), 1);
}

#[test]
fn json_with_several_edits_on_each_side() {
    run(Mix::Usual(Syntax::Json), 5);
}

#[test]
fn dotenv_with_one_edit_on_each_side() {
    run(Mix::Usual(Syntax::Dotenv), 1);
}

#[test]
fn dotenv_with_several_edits_on_each_side() {
    run(Mix::Usual(Syntax::Dotenv), 5);
}

#[test]
fn toml_with_one_edit_on_each_side() {
    run(Mix::Usual(Syntax::Toml), 1);
}

#[test]
fn toml_with_several_edits_on_each_side() {
    run(Mix::Usual(Syntax::Toml), 5);
}

#[test]
fn ini_with_one_edit_on_each_side() {
    run(Mix::Usual(Syntax::Ini), 1);
}

#[test]
fn ini_with_several_edits_on_each_side() {
    run(Mix::Usual(Syntax::Ini), 5);
}

#[test]
fn properties_with_one_edit_on_each_side() {
    run(Mix::Usual(Syntax::Properties), 1);
}

#[test]
fn properties_with_several_edits_on_each_side() {
    run(Mix::Usual(Syntax::Properties), 5);
}

#[test]
fn sops_yaml_with_up_to_two_edits_on_each_side() {
    run(Mix::Sops(Syntax::Yaml), 2);
}

#[test]
fn sops_json_with_up_to_two_edits_on_each_side() {
    run(Mix::Sops(Syntax::Json), 2);
}

#[test]
fn sops_dotenv_with_up_to_two_edits_on_each_side() {
    run(Mix::Sops(Syntax::Dotenv), 2);
}

#[test]
fn sops_ini_with_up_to_two_edits_on_each_side() {
    run(Mix::Sops(Syntax::Ini), 2);
}

/// One side has new data keys.
#[test]
fn one_side_rotated() {
    for syntax in [Syntax::Yaml, Syntax::Json, Syntax::Dotenv, Syntax::Toml, Syntax::Ini, Syntax::Properties] {
        run(Mix::Rekeyed(syntax), 2);
    }
}
