//! `git uninstall`.

use clap::Args;

use crate::cli::report::Failure;

/// Take away what `git install` added, and nothing else
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// From the configuration of this user
    #[arg(long)]
    global: bool,
    /// Say what would be done, and do nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
}

pub(super) fn run(_: &Arguments) -> Result<(), Failure> {
    Ok(())
}
