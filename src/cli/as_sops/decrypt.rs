//! `decrypt`, and `-d`.

use std::ffi::OsStr;

use sops_rs::Error;
use sops_rs::file::sops::{Documents, KeyPath, Losses};

use super::failure::{self, Text};
use super::file::{Input, Look};
use super::native;
use super::session::Session;
use crate::cli::exit_code;
use crate::cli::io::Privacy;
use crate::cli::report::Failure;

/// Decrypts `file`, or standard input.
pub(super) fn run(session: &Session<'_>, file: Option<&OsStr>) -> Result<u8, Failure> {
    Input::check_output(session, file)?;
    let input = Input::read(session, file, Text::Encrypted, exit_code::NO_FILE)?;
    let opened = match input.look()? {
        Look::Native(format) => return native::decrypt(session, &input, format),
        Look::Sops(sealed) => input.open(session, &sealed)?,
    };
    let of_file = |error| failure::of(&input.shown, Text::Encrypted, error);
    let bytes = match session.line.text("extract") {
        None => opened.converted(session, input.output, Losses::AsSops).map_err(of_file)?,
        Some(text) => {
            let path = KeyPath::parse(text)
                .map_err(|error| Failure::new(exit_code::BAD_PATH, format!("error parsing --extract path: {error}")))?;
            let documents = Documents::of(&opened.decrypted).map_err(of_file)?;
            let part = documents.extract(&path).map_err(|error| match error {
                Error::PathNotFound { .. } => {
                    let what = format!("error truncating tree: component {} not found", text.replace('"', "'"));
                    Failure::new(exit_code::GENERIC, what)
                }
                error => of_file(error),
            })?;
            part.print(input.output, &session.stores()).map_err(of_file)?
        }
    };
    input.deliver(session, &bytes, Privacy::Private)?;
    Ok(0)
}
