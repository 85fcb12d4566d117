//! `git install`.

use clap::Args;

use crate::cli::report::Failure;

/// Set a repository up: encrypted files show readable diffs, merge, and are checked before each commit
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Set up the drivers for all repositories of this user
    #[arg(long)]
    global: bool,
    /// Leave the hooks alone
    #[arg(long)]
    no_hook: bool,
    /// Say what would be done, and do nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
}

pub(super) fn run(_: &Arguments) -> Result<(), Failure> {
    Ok(())
}
