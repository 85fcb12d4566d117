//! What else is needed now and then: an editor, and a terminal to ask at.

use super::Finding;
use crate::cli::editor::Editor;
use crate::cli::terminal::Terminal;

pub(super) fn check(needs_passphrase: bool) -> Vec<Finding> {
    let mut findings = vec![match Editor::choose(None).map(|editor| editor.missing().map(str::to_owned)) {
        Ok(None) => Finding::ok("editor", "there is one"),
        Ok(Some(name)) => Finding::warning("editor", format!("`{name}` was not found"))
            .hint("`sops-rs edit` needs one; name it in `SOPS_EDITOR`, `VISUAL` or `EDITOR`"),
        Err(failure) => failure
            .hints()
            .iter()
            .fold(Finding::warning("editor", failure.message()), |finding, hint| finding.hint(hint)),
    }];
    if needs_passphrase && !Terminal.is_there() {
        let what = "there is none, so nobody can be asked for the passphrase of an identity";
        findings
            .push(Finding::warning("terminal", what).hint("give an identity without a passphrase, as CI systems do"));
    }
    findings
}
