//! Whether git knows what to do with encrypted files.

use super::repository::Seen;
use super::{Finding, some};
use crate::cli::git::Repository;
use crate::cli::integration::{HookState, drivers_are_set, files_without_drivers, hook_state};
use crate::cli::report::count;

const CHECK: &str = "git";
const INSTALL: &str = "`sops-rs git install`";

/// Nothing is expected where nothing is encrypted.
pub(super) fn check(seen: &Seen) -> Vec<Finding> {
    let Ok(Some(repository)) = Repository::find(".".as_ref()) else { return Vec::new() };
    let Some(top) = repository.top().filter(|_| !seen.encrypted.is_empty()) else { return Vec::new() };
    let mut findings = Vec::new();
    let mut warn = |what: String, hint: &str| findings.push(Finding::warning(CHECK, what).hint(hint));
    if !drivers_are_set(&repository) {
        warn("diffs show ciphertext, and merges know nothing of it: the drivers are not set".to_owned(), INSTALL);
    }
    let others: Vec<_> = files_without_drivers(&repository, &seen.encrypted);
    if !others.is_empty() {
        let others: Vec<_> = others.iter().map(|file| file.display().to_string()).collect();
        let what = format!("`.gitattributes` names no drivers for {}: {}", count(others.len(), "file"), some(&others));
        warn(what, &format!("{INSTALL}; a line of yours further down may speak of them, too"));
    }
    match hook_state(&repository, top) {
        HookState::Runs => {}
        HookState::NotExecutable => {
            warn("the pre-commit hook is not executable, so git does not run it".to_owned(), "chmod +x it");
        }
        HookState::Missing => warn("no pre-commit hook keeps plaintext out of commits".to_owned(), INSTALL),
        HookState::Elsewhere => warn(
            "no pre-commit hook keeps plaintext out of commits; `core.hooksPath` names one folder for all repositories"
                .to_owned(),
            "let its hook run `sops-rs hook pre-commit`",
        ),
    }
    if findings.is_empty() {
        findings.push(Finding::ok(CHECK, "drivers, attributes and hook are there"));
    }
    findings
}
