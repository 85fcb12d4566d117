//! `filestatus`.

use std::ffi::OsStr;

use super::failure::Text;
use super::file::{Input, Look};
use super::session::Session;
use crate::cli::report::Failure;
use crate::cli::{exit_code, io};

/// Tells whether `file` is encrypted.
pub(super) fn run(session: &Session<'_>, file: &OsStr) -> Result<u8, Failure> {
    let input = Input::read(session, Some(file), Text::Encrypted, exit_code::GENERIC)?;
    let is_encrypted = match input.look_for_metadata()? {
        None => false,
        Some(Look::Native(_)) => true,
        Some(Look::Sops(sealed)) => sealed.metadata().mac.is_some(),
    };
    io::print(format!("{{\"encrypted\":{is_encrypted}}}\n").as_bytes())?;
    Ok(0)
}
