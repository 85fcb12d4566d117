//! The drivers for diffs and merges in git's config (gitattributes(5), gitconfig(5)).
//!
//! Whoever writes a repository decides which files they are for, but never what they run.

use super::plan::{Change, Plan, Scope, config};
use super::program::Program;
use crate::cli::git::Repository;

/// The name of the drivers, which the attributes of files refer to.
pub(super) const DRIVER: &str = "sops-rs";

const TEXTCONV: &str = "diff.sops-rs.textconv";
const CACHE: &str = "diff.sops-rs.cachetextconv";
const MERGE_NAME: &str = "merge.sops-rs.name";
const MERGE: &str = "merge.sops-rs.driver";

/// Every key that is set.
const KEYS: [&str; 4] = [TEXTCONV, CACHE, MERGE_NAME, MERGE];

/// Adds to `plan` what sets the drivers; with `show`, diffs are of plaintexts.
pub(super) fn install(repository: Option<&Repository>, scope: Scope, program: &Program, show: bool, plan: &mut Plan) {
    let found = read(repository, scope);
    let wanted = [textconv(program, show), "false".to_owned(), "sops-rs: leaf by leaf".to_owned(), merge(program)];
    let pairs = KEYS.into_iter().zip(wanted);
    let changes: Vec<_> = pairs
        .filter(|(key, value)| value_of(&found, key) != Some(value))
        .map(|(key, value)| Change::Config { scope, key, value: Some(value) })
        .collect();
    let what = what(scope);
    match (changes.len(), found.is_empty()) {
        (0, _) => plan.say(format!("{what}: there already")),
        (_, true) => plan.change(what, "added", changes),
        (_, false) => plan.change(what, "brought up to date", changes),
    }
}

/// Adds to `plan` what takes the drivers out.
pub(super) fn uninstall(repository: Option<&Repository>, scope: Scope, plan: &mut Plan) {
    let found = read(repository, scope);
    let keys = KEYS.into_iter().filter(|key| value_of(&found, key).is_some());
    let changes: Vec<_> = keys.map(|key| Change::Config { scope, key, value: None }).collect();
    if changes.is_empty() {
        plan.say(format!("{}: not there", what(scope)));
    } else {
        plan.change(what(scope), "removed", changes);
    }
}

fn what(scope: Scope) -> &'static str {
    match scope {
        Scope::Global => "drivers for diffs and merges in your git config",
        Scope::Local => "drivers for diffs and merges in the git config of this repository",
    }
}

/// Git puts the file behind the command, as `"$@"`. Without the program, or when that fails, the file is shown as it is: git would
/// break off the whole diff.
fn textconv(program: &Program, show: bool) -> String {
    let show = if show { " --show" } else { "" };
    format!("{} git textconv{show} -- \"$1\" 2>/dev/null || cat -- \"$1\"; :", program.command())
}

/// Without the program git would take our side, and call it a conflict: then it is merged as text, as if there were no driver.
fn merge(program: &Program) -> String {
    let program = program.command();
    let labels = "--path=%P --label-base=%S --label-ours=%X --label-theirs=%Y";
    format!(
        "{program} git merge %O %A %B --marker-size=%L {labels}; e=$?; \
         case $e in 126|127) git merge-file --marker-size=%L %A %O %B;; *) exit $e;; esac"
    )
}

/// Whether the drivers that count here run this program.
pub(in crate::cli) fn are_set(repository: &Repository) -> bool {
    let is_ours = |key: &str, words: &str| {
        config(Some(repository), &["config", "--get", key])
            .is_ok_and(|value| String::from_utf8_lossy(&value).contains(words))
    };
    is_ours(TEXTCONV, " git textconv ") && is_ours(MERGE, " git merge ")
}

/// The entries that are there.
fn read(repository: Option<&Repository>, scope: Scope) -> Vec<(String, String)> {
    let pattern = r"^(diff|merge)\.sops-rs\.";
    // Git fails when there is none.
    let output = config(repository, &["config", scope.option(), "-z", "--get-regexp", pattern]).unwrap_or_default();
    let entries = output.split(|&byte| byte == 0).map(String::from_utf8_lossy);
    entries.filter_map(|entry| entry.split_once('\n').map(|(key, value)| (key.to_owned(), value.to_owned()))).collect()
}

fn value_of<'f>(found: &'f [(String, String)], key: &str) -> Option<&'f String> {
    found.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value)
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::process::Command;

    use super::*;

    /// What the shell makes of `command`, run as git runs it.
    fn run(command: &str, file: &str) -> (String, Option<i32>) {
        let script = format!("{command} \"$@\"");
        let output = Command::new("/bin/sh").args(["-c", &script, command, file]).output().expect("a shell");
        (String::from_utf8_lossy(&output.stdout).into_owned(), output.status.code())
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "test input in a temporary folder")]
    fn the_program_is_called_wherever_it_is_and_a_file_is_shown_without_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("it's \"a\" $folder;");
        fs::create_dir(&path).expect("made");
        let program = path.join("sops-rs");
        fs::write(&program, "#!/bin/sh\necho \"$@\"\n").expect("written");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("set");
        let file = path.join("-a file");
        fs::write(&file, "content\n").expect("written");
        let file = file.to_str().expect("UTF-8");
        let command = textconv(&Program::at(program.to_str().expect("UTF-8")), false);
        assert_eq!(run(&command, file), (format!("git textconv -- {file}\n"), Some(0)));
        fs::remove_file(&program).expect("removed");
        assert_eq!(run(&command, file), ("content\n".to_owned(), Some(0)));
    }
}
