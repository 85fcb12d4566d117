//! `set` and `unset`, and `--set`.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use sops_rs::Error;
use sops_rs::document::sops::Store;
use sops_rs::document::{MAX_PLAINTEXT_LEN, Value};
use sops_rs::file::sops::{self, KeyPath};
use zeroize::Zeroizing;

use super::failure::{self, Text};
use super::file::{Input, Look, converted};
use super::native;
use super::session::Session;
use crate::cli::exit_code;
use crate::cli::io::{self, Privacy};
use crate::cli::report::Failure;

/// What becomes of a value.
enum Change<'c> {
    Set(&'c str),
    Unset,
}

/// `set`.
pub(super) fn set(session: &Session<'_>) -> Result<u8, Failure> {
    let line = session.line;
    let (from_file, from_stdin) = (line.is_on("value-file"), line.is_on("value-stdin"));
    if from_file && from_stdin {
        return Err(Failure::new(exit_code::GENERIC, "Error: cannot use both --value-file and --value-stdin"));
    }
    let (file, index, value) = match &line.words[..] {
        [file, index] if from_stdin => (file, index, io::read(Path::new("-"), MAX_PLAINTEXT_LEN)?),
        [file, index, name] if from_file => {
            let value = io::read(Path::new(name), MAX_PLAINTEXT_LEN);
            (file, index, value.map_err(|failure| failure.with_code(exit_code::GENERIC))?)
        }
        [file, index, value] if !from_stdin => (file, index, Zeroizing::new(value.as_encoded_bytes().to_owned())),
        _ => {
            let needed = if from_stdin { 2 } else { 3 };
            let what = format!(
                "Error: no file specified, or index and value are missing. Need precisely {needed} positional arguments."
            );
            return Err(Failure::new(exit_code::NO_FILE, what));
        }
    };
    let value = std::str::from_utf8(&value).map_err(|_| not_json())?;
    change(session, file, &index.to_string_lossy(), &Change::Set(value))
}

/// `unset`.
pub(super) fn unset(session: &Session<'_>) -> Result<u8, Failure> {
    match &session.line.words[..] {
        [file, index] => change(session, file, &index.to_string_lossy(), &Change::Unset),
        _ => Err(Failure::new(exit_code::NO_FILE, "Error: no file specified, or index is missing")),
    }
}

/// `--set`, whose value is an index and a value with a blank between them.
pub(super) fn set_by_option(session: &Session<'_>, file: &OsStr, text: &str) -> Result<u8, Failure> {
    let invalid = || Failure::new(exit_code::BAD_VALUE, "Invalid --set format").hint("write it as '[\"key\"] VALUE'");
    let (index, value) = text.split_once("] ").ok_or_else(invalid)?;
    change(session, file, &format!("{index}]"), &Change::Set(value))
}

fn not_json() -> Failure {
    Failure::new(exit_code::BAD_VALUE, "Value for --set is not valid JSON").hint("a text stands in double quotes")
}

fn change(session: &Session<'_>, file: &OsStr, index: &str, change: &Change<'_>) -> Result<u8, Failure> {
    io::check_replaceable(Path::new(file))?;
    let input = Input::read(session, Some(file), Text::Encrypted, exit_code::INPUT)?;
    let sealed = match input.look()? {
        Look::Native(format) => {
            let name = if matches!(change, Change::Set(_)) { "set" } else { "unset" };
            return native::change(session, name, &input, format, &rest(index, change));
        }
        Look::Sops(sealed) => sealed,
    };
    let path = KeyPath::parse(index)
        .map_err(|error| Failure::new(exit_code::BAD_VALUE, format!("Invalid set index format: {error}")))?;
    let value = match change {
        Change::Set(text) => Some(match Value::from_json(text).map_err(|_| not_json())? {
            // SOPS takes lists in maps only, and its clients may count on that.
            Value::List(_) => return Err(Failure::new(exit_code::BAD_VALUE, "Invalid --set value format")),
            value => value,
        }),
        Change::Unset => None,
    };
    let opened = input.open(session, &sealed)?;
    if opened.store == Store::Binary && path.to_string() != "[\"data\"]" {
        let failure = Failure::about(exit_code::BAD_VALUE, &input.shown, "is binary, and has one value only");
        return Err(failure.hint("that is [\"data\"]"));
    }
    let old = &opened.decrypted.plaintext;
    let of_file = |error| failure::of(&input.shown, Text::Plain, error);
    let is_idempotent = session.line.is_on("idempotent");
    let new = match &value {
        Some(value) => sops::set(old, opened.store, &path, value).map_err(of_file)?,
        None => match sops::unset(old, opened.store, &path) {
            Ok(new) => Some(new),
            Err(Error::PathNotFound { .. }) if is_idempotent => None,
            Err(error @ Error::PathNotFound { .. }) => {
                return Err(Failure::about(exit_code::GENERIC, &input.shown, format!("Key not found: {error}")));
            }
            Err(error) => return Err(of_file(error)),
        },
    };
    if new.is_none() && is_idempotent {
        return Ok(0);
    }
    let new = new.as_deref().unwrap_or(old);
    let new = converted(session, new, [opened.store, input.output], sops::Losses::Refused).map_err(of_file)?;
    let text = input.updated(session, &sealed, &opened, &new)?;
    input.replace(text.as_bytes(), Privacy::Public)?;
    Ok(0)
}

/// The words behind the file of our own command.
fn rest(index: &str, change: &Change<'_>) -> Vec<OsString> {
    match change {
        Change::Set(value) => vec![index.into(), (*value).into()],
        Change::Unset => vec![index.into()],
    }
}
