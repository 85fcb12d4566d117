//! Merges by lines are those of git.
#![expect(clippy::disallowed_methods, reason = "git reads files, in a temporary folder")]

use std::fs;
use std::process::Command;

use proptest::prelude::*;
use sops_rs::file::merge::{Labels, mark_differences, merge_lines};

use super::support::cut;

/// What happens to each line of the base on one side: taken out, changed, followed by a new line.
fn edits() -> impl Strategy<Value = Vec<(bool, bool, bool)>> {
    prop::collection::vec((prop::bool::weighted(0.1), prop::bool::weighted(0.15), prop::bool::weighted(0.1)), 12)
}

fn edited(edits: &[(bool, bool, bool)], side: &str) -> String {
    let lines = edits.iter().enumerate().map(|(number, &(is_gone, is_changed, is_followed))| {
        let line = match (is_gone, is_changed) {
            (true, _) => String::new(),
            (false, true) => format!("line {number} {side}\n"),
            (false, false) => format!("line {number}\n"),
        };
        // One in three new lines is the same on both sides.
        let author = if number % 3 == 0 { "both" } else { side };
        if is_followed { format!("{line}new {number} {author}\n") } else { line }
    });
    lines.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// As long as no line stands twice.
    #[test]
    fn clean_merges_and_conflicts_are_those_of_git(ours in edits(), theirs in edits(), open_end: bool) {
        let base = edited(&[(false, false, false); 12], "");
        let (mut ours, mut theirs) = (edited(&ours, "ours"), edited(&theirs, "theirs"));
        if open_end {
            [&mut ours, &mut theirs].into_iter().for_each(|text| text.truncate(text.len().saturating_sub(1)));
        }
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in [("ours", &ours), ("base", &base), ("theirs", &theirs)] {
            fs::write(folder.path().join(name), text).expect("written");
        }
        let git = Command::new("git").args(["merge-file", "-p", "--diff3"]).args(["ours", "base", "theirs"])
            .current_dir(&folder).env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null").output().expect("git");
        let merged = merge_lines(&base, &ours, &theirs, &Labels::default());
        prop_assert_eq!(merged.conflicts == 0, git.status.success());
        prop_assert_eq!(merged.text.as_str(), String::from_utf8_lossy(&git.stdout));
    }

    #[test]
    fn both_sides_can_be_cut_out_again(ours in edits(), theirs in edits()) {
        let (ours, theirs) = (edited(&ours, "ours"), edited(&theirs, "theirs"));
        let marked = mark_differences(&ours, &theirs, &Labels::default());
        prop_assert_eq!(cut(&marked.text), [ours, theirs]);
    }
}
