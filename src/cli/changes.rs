//! In words: how a file differs from its rule, and who gains and who loses access by that.

use sops_rs::dialect::native::DEFAULT_NAME;
use sops_rs::file::{Access, Drift};

use super::report::say;

/// One line for each change. Who may edit the config could add a reader unseen, so the keys are told in full.
pub(crate) fn lines(drift: &Drift) -> Vec<String> {
    let of = |access: &Access| format!("`{}` ({}){}", access.name, access.recipient, section(&access.section));
    let mut lines: Vec<String> = drift.gained.iter().map(|access| format!("  new reader: {}", of(access))).collect();
    lines.extend(drift.lost.iter().map(|access| format!("  no reader any more: {}", of(access))));
    lines.extend(drift.renamed.iter().map(|renamed| {
        let (before, after, recipient) = (&renamed.before, &renamed.after, &renamed.recipient);
        format!("  another name: `{before}` → `{after}` ({recipient}){}", section(&renamed.section))
    }));
    lines.extend(drift.policy.iter().map(|change| format!("  policy: {change}")));
    lines
}

/// Says them.
pub(crate) fn say_all(drift: &Drift) {
    lines(drift).iter().for_each(|line| say(line));
}

fn section(name: &str) -> String {
    if name == DEFAULT_NAME { String::new() } else { format!(", section `{name}`") }
}
