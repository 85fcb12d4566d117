//! What went wrong, in SOPS's words where clients look for them, and with its exit codes.

use std::ffi::OsStr;

use sops_rs::Error;
use sops_rs::error::sops::SopsError;

use crate::cli::exit_code;
use crate::cli::report::{Failure, word};

/// What a failure is about: SOPS has other codes for texts that it is to encrypt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Text {
    Encrypted,
    Plain,
}

/// How the messages begin about what SOPS reads, and cannot encrypt.
const NOT_ENCRYPTABLE: [&str; 2] = ["SOPS takes only texts as keys", "this number is too large for SOPS"];

/// What the library says about `shown`.
pub(super) fn of(shown: &str, text: Text, error: Error) -> Failure {
    let about = |code, what: String| Failure::about(code, shown, what);
    match error {
        Error::AlreadyEncrypted => already_encrypted(shown),
        Error::Sops(SopsError::MacMismatch) => about(exit_code::MAC, format!("MAC mismatch: {error}")),
        Error::Sops(SopsError::NoMac) => about(exit_code::MAC, "MAC mismatch. File has no MAC".to_owned()),
        Error::Sops(SopsError::MacNotOpened) => about(exit_code::MAC, format!("Cannot decrypt MAC: {error}")),
        Error::Sops(SopsError::NoMetadata) => about(exit_code::GENERIC, "sops metadata not found".to_owned())
            .hint(format!("if it is not encrypted yet: `sops encrypt -i {}`", word(shown))),
        // The field of a binary file that holds its content.
        Error::Sops(SopsError::Metadata { ref field, .. }) if field == "data" => {
            about(exit_code::UNREPRESENTABLE, error.to_string())
        }
        Error::Sops(SopsError::Pattern { .. }) => about(exit_code::GENERIC, error.to_string()),
        Error::Sops(SopsError::Value { .. }) => about(exit_code::TOKEN, format!("Error decrypting tree: {error}")),
        Error::KeyGroups { what } => no_data_key(what),
        Error::Wrap { .. } => no_data_key(&error.to_string()),
        Error::Syntax { what, .. }
            if text == Text::Plain && NOT_ENCRYPTABLE.iter().any(|beginning| what.starts_with(beginning)) =>
        {
            about(exit_code::ENCRYPT, error.to_string())
        }
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
    let what = "The file you have provided contains a top-level entry called 'sops', or ones that start with 'sops_': it is \
                encrypted already";
    let failure = Failure::about(exit_code::ALREADY_ENCRYPTED, shown, what);
    failure.hint("change it with `sops edit`; in a plaintext, give the entry another name")
}

/// The failure for a file that is not there.
pub(super) fn missing(code: u8, file: &OsStr) -> Failure {
    Failure::new(code, format!("Error: cannot operate on non-existent file \"{}\"", file.display()))
}

/// The same when its keys are to be changed.
pub(super) fn cannot_change_keys(file: &OsStr) -> Failure {
    let what = format!(
        "Error: cannot add or remove keys on non-existent file \"{}\", use the `edit` subcommand instead.",
        file.display()
    );
    Failure::new(exit_code::NO_FILE_FOR_KEYS, what)
}

/// The failure for a command line without a file.
pub(super) fn no_file() -> Failure {
    Failure::new(exit_code::NO_FILE, "Error: no file specified")
}

/// The failure for keys that cannot be.
pub(super) fn no_data_key(why: &str) -> Failure {
    Failure::new(exit_code::GENERIC, format!("Could not generate data key: [{why}]"))
}
