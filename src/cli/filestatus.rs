//! `filestatus`.

use std::path::PathBuf;

use clap::Args;
use sops_rs::document::MAX_ENCRYPTED_LEN;
use sops_rs::file::any;

use super::files::{InputOptions, encrypted_as};
use super::io;
use super::report::Failure;

/// Tell whether a file is encrypted, as JSON
///
/// Prints `{"encrypted":true}` or `{"encrypted":false}`; needs no key and proves nothing. Files of SOPS count as encrypted.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The file; `-` is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    input: InputOptions,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let format = arguments.input.format(&arguments.file)?;
    let bytes = io::read(&arguments.file, MAX_ENCRYPTED_LEN)?;
    let by_content = arguments.input.is_fallback(format) && encrypted_as(&bytes).is_some();
    let encrypted = by_content || {
        let metadata = any::status(&bytes, format);
        metadata.map_err(|error| Failure::of(&arguments.file.display().to_string(), error))?.is_some()
    };
    io::print(format!("{}\n", serde_json::json!({ "encrypted": encrypted })).as_bytes())
}
