//! What went wrong, in SOPS's words where clients look for them, and with its exit codes.

use std::fmt::Write as _;

use sops_rs::Error;
use sops_rs::error::sops::{GroupReport, KeyFault, KeyReport, SopsError};

use crate::cli::exit_code;
use crate::cli::report::{Failure, named};

/// Lines of the report about keys are not longer.
const WIDTH: usize = 75;
/// Why a key did not open stands in narrower lines.
const INNER_WIDTH: usize = 60;

/// What a failure is about: SOPS has other codes for texts that it is to encrypt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Text {
    Encrypted,
    Plain,
}

/// What the library says about `shown`.
pub(super) fn of(shown: &str, text: Text, error: Error) -> Failure {
    let about = |code, what: String| Failure::about(code, shown, what);
    match error {
        Error::AlreadyEncrypted => already_encrypted(shown),
        Error::Sops(error) => match error {
            SopsError::MacMismatch | SopsError::NoMac => about(exit_code::MAC, format!("MAC mismatch: {error}")),
            SopsError::MacNotOpened => about(exit_code::MAC, format!("Cannot decrypt MAC: {error}")),
            SopsError::NoMetadata => about(exit_code::GENERIC, "sops metadata not found".to_owned())
                .hint(format!("encrypt it with `sops encrypt -i {}`", crate::cli::report::word(shown))),
            SopsError::Pattern { .. } => about(exit_code::ENCRYPT, error.to_string()),
            SopsError::Value { .. } => about(exit_code::TOKEN, format!("Error decrypting tree: {error}")),
            error => about(exit_code::GENERIC, error.to_string()),
        },
        Error::DuplicateKey { .. }
        | Error::ForbiddenCharacter { .. }
        | Error::Limit { .. }
        | Error::NotUtf8 { .. }
        | Error::Syntax { .. }
            if text == Text::Encrypted =>
        {
            about(exit_code::GENERIC, error.to_string())
        }
        error => Failure::of(shown, error),
    }
}

/// The failure for a file that has metadata where none may be.
pub(super) fn already_encrypted(shown: &str) -> Failure {
    let what = "has a top-level entry called 'sops' (or one that starts with 'sops_'): it is encrypted already";
    let failure = Failure::about(exit_code::ALREADY_ENCRYPTED, shown, what);
    failure.hint("to change it, use `sops edit`; in a plaintext, rename the entry")
}

/// The failure for a file that is not there.
pub(super) fn missing(code: u8, shown: &str) -> Failure {
    Failure::new(code, format!("cannot operate on non-existent file \"{shown}\""))
}

/// The report of all that was tried to open the data key of `shown`; `places` is where keys were looked for.
pub(super) fn no_data_key(shown: &str, needed: usize, groups: &[GroupReport], places: &str) -> Failure {
    let mut text = String::new();
    for (number, group) in groups.iter().enumerate() {
        let GroupReport::Failed(keys) = group else {
            let _ = writeln!(text, "\nGroup {number}: SUCCESS");
            continue;
        };
        let _ = writeln!(text, "\nGroup {number}: FAILED");
        for key in keys {
            let _ = writeln!(text, "  {}: FAILED", key.name);
            let mut lead = "    - | ";
            for line in wrapped(&reason(key, places), INNER_WIDTH) {
                let _ = writeln!(text, "{lead}{line}");
                lead = "      | ";
            }
        }
    }
    let opened = groups.iter().filter(|group| **group == GroupReport::Opened).count();
    let end = if groups.len() == 1 {
        "Recovery failed because no master key was able to decrypt the file: at least one of its keys has to open it."
            .to_owned()
    } else {
        format!(
            "Recovery failed because the file was encrypted with a Shamir threshold of {needed}, but only {opened} \
             part(s) were recovered. A key group gives its part when one of its keys opens."
        )
    };
    text.push('\n');
    wrapped(&end, WIDTH).iter().for_each(|line| text.extend([line, "\n"]));
    let what = "Failed to get the data key required to decrypt the SOPS file.";
    Failure::new(exit_code::NO_KEY, format!("{}: {what}", named(shown))).with_text(text)
}

fn reason(key: &KeyReport, places: &str) -> String {
    match &key.fault {
        KeyFault::NoIdentity => format!("identity did not match any of the recipients{places}"),
        fault => fault.to_string(),
    }
}

/// `text` in lines of at most `width` characters, broken at blanks.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => line.extend([" ", word]),
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_has_a_line_for_each_group_and_key() {
        let key = KeyReport { list: "age", name: "age1x".to_owned(), fault: KeyFault::NoIdentity };
        let groups = [GroupReport::Opened, GroupReport::Failed(vec![key])];
        let failure = no_data_key("f", 2, &groups, ". Did not find keys in locations `SOPS_AGE_KEY`");
        assert_eq!(failure.code, 128);
        assert_eq!(
            failure.text(),
            "\nGroup 0: SUCCESS\n\nGroup 1: FAILED\n  age1x: FAILED\n    - | identity did not match any of the \
             recipients. Did not\n      | find keys in locations `SOPS_AGE_KEY`\n\nRecovery failed because the file was \
             encrypted with a Shamir threshold of 2,\nbut only 1 part(s) were recovered. A key group gives its part when \
             one of\nits keys opens.\n"
        );
    }
}
