//! In words: how a file differs from its rule, and who gains and who loses access by that.

use std::path::Path;

use sops_rs::dialect::native::DEFAULT_NAME;
use sops_rs::file::any::Plan;
use sops_rs::file::{Access, Drift};

use super::many;
use super::readers::Own;
use super::report::{tell, warn};

/// One line for each change. Who may edit the config could add a reader unseen, so the keys are told in full.
pub(crate) fn lines(drift: &Drift) -> Vec<String> {
    let of = |access: &Access| {
        let group = access.group.map_or_else(String::new, |number| format!(", key group {number}"));
        format!("`{}` ({}){group}{}", access.name, access.recipient, section(&access.section))
    };
    let mut lines: Vec<String> = drift.gained.iter().map(|access| format!("  new reader: {}", of(access))).collect();
    lines.extend(drift.lost.iter().map(|access| format!("  no reader any more: {}", of(access))));
    lines.extend(drift.renamed.iter().map(|renamed| {
        let (before, after, recipient) = (&renamed.before, &renamed.after, &renamed.recipient);
        format!("  another name: `{before}` → `{after}` ({recipient}){}", section(&renamed.section))
    }));
    let number = |number: Option<u8>| number.map_or_else(|| "none".to_owned(), |number| number.to_string());
    lines.extend(drift.moved.iter().map(|moved| {
        let (before, after) = (number(moved.before), number(moved.after));
        format!("  key group of `{}` ({}): {before} → {after}{}", moved.name, moved.recipient, section(&moved.section))
    }));
    lines.extend(drift.thresholds.iter().map(|change| {
        let (before, after) = (number(change.before), number(change.after));
        format!("  key groups needed: {before} → {after}{}", section(&change.section))
    }));
    lines.extend(drift.policy.iter().map(|change| format!("  policy: {change}")));
    lines
}

/// Tells them.
pub(crate) fn say_all(drift: &Drift) {
    lines(drift).iter().for_each(|line| tell(line));
}

/// Warns of the files that the identities at hand open so far, and would not any more; tells whether there are any.
///
/// It is not told of identities whose recipients are known only when somebody is asked for a passphrase.
pub(crate) fn warn_of_lockout<'c>(own: &Own, changes: impl Iterator<Item = (&'c Path, &'c Drift, &'c Plan)>) -> bool {
    let files: Vec<&Path> =
        changes.filter(|(_, drift, plan)| is_locked_out(own, drift, plan)).map(|(path, ..)| path).collect();
    if !files.is_empty() {
        let files = many::names(files.iter().copied(), many::MOST_NAMES);
        warn(&format!("you will not be able to open this afterwards: {files}"));
    }
    !files.is_empty()
}

/// Whether a section, or all of the file, has lost its last reader of `own`, or so many that their key groups are too few.
fn is_locked_out(own: &Own, drift: &Drift, plan: &Plan) -> bool {
    let lost = drift.lost.iter().filter(|access| own.has(&access.recipient)).map(|access| &access.section);
    let moved = drift.moved.iter().filter(|moved| own.has(&moved.recipient)).map(|moved| &moved.section);
    let thresholds = drift.thresholds.iter().map(|change| &change.section);
    lost.chain(moved).chain(thresholds).any(|name| !plan.opens(name, &|recipient| own.has(recipient)))
}

fn section(name: &str) -> String {
    if name == DEFAULT_NAME { String::new() } else { format!(", section `{name}`") }
}
