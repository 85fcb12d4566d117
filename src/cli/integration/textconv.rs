//! `git textconv`: a file as git's own diff shows it.

use std::path::PathBuf;

use clap::Args;

use crate::cli::report::Failure;

/// Print a file as `git diff` shows it; git runs this
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub(super) fn run(_: &Arguments) -> Result<(), Failure> {
    Ok(())
}
