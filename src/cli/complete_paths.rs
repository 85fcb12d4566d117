//! `__complete-paths`: what the completions of shells ask for the paths in a file.

use std::path::{Path, PathBuf};

use clap::Args;
use sops_rs::document::{MAX_ENCRYPTED_LEN, format_for_name};
use sops_rs::file::{Outline, any};

use super::io;
use super::report::Failure;
use super::terminal::escape;

/// The name of the command.
pub(crate) const NAME: &str = "__complete-paths";

/// Print the paths in a file, for the completions of shells
///
/// Needs no key: keys are clear in an encrypted file. Nothing is printed when there is nothing to complete.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// What each path begins with
    #[arg(allow_hyphen_values = true)]
    prefix: String,
    /// The words of the command line; the last one that is an encrypted file counts
    #[arg(allow_hyphen_values = true)]
    words: Vec<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Some(outline) = arguments.words.iter().rev().find_map(|word| outline(word)) else { return Ok(()) };
    let mut text = String::new();
    for path in outline.values().filter_map(|value| Some(value.query()?.to_string())) {
        let is_given = arguments.words.iter().any(|word| word.to_str() == Some(&path));
        // What a terminal obeys is not put on a command line.
        if path.starts_with(&arguments.prefix) && !is_given && escape(&path) == path {
            text.push_str(&path);
            text.push('\n');
        }
    }
    io::print(text.as_bytes())
}

fn outline(file: &Path) -> Option<Outline> {
    let format = format_for_name(&file.file_name()?.to_string_lossy())?;
    // A pipe would be waited for, and only read once.
    file.metadata().ok().filter(std::fs::Metadata::is_file)?;
    let bytes = io::read(file, MAX_ENCRYPTED_LEN).ok()?;
    Some(any::outline(&bytes, format).ok()?.1)
}
