//! `encrypt`, and `-e`.

use std::ffi::OsStr;

use sops_rs::document::sops::Store;

use super::failure::{self, Text};
use super::file::Input;
use super::new_file;
use super::session::Session;
use crate::cli::exit_code;
use crate::cli::io::Privacy;
use crate::cli::report::Failure;

/// Encrypts `file`, or standard input.
pub(super) fn run(session: &Session<'_>, file: Option<&OsStr>) -> Result<u8, Failure> {
    if file.is_none() && session.line.path("filename-override").is_none() {
        return Err(Failure::new(
            exit_code::CONFLICT,
            "Error: must specify --filename-override when reading from stdin",
        ));
    }
    Input::check_output(session, file)?;
    let input = Input::read(session, file, Text::Plain, exit_code::NO_FILE)?;
    if input.native_format().is_some() {
        return Err(failure::already_encrypted(&input.shown));
    }
    if input.bytes.is_empty() && input.store == Store::Yaml {
        let what = "File cannot be completely empty, it must contain at least one document";
        return Err(Failure::about(exit_code::EMPTY, &input.shown, what));
    }
    let metadata = new_file::metadata(session, &input.name, input.store)?;
    let encrypted = new_file::encrypted(session, &input.bytes, [input.store, input.output], metadata);
    let encrypted = encrypted.map_err(|error| failure::of(&input.shown, Text::Plain, error))?;
    input.deliver(session, encrypted.as_bytes(), Privacy::Public)?;
    Ok(0)
}
