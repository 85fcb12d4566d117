//! `git uninstall`.

use clap::Args;

use super::plan::{Plan, Scope};
use super::{attributes, drivers, hooks};
use crate::cli::git::Repository;
use crate::cli::report::Failure;

/// Take away what `git install` added, and nothing else
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Take the drivers out of your own git config, and nothing else
    #[arg(long)]
    global: bool,
    /// Say what would be done, and do nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let mut plan = Plan::default();
    if arguments.global {
        drivers::uninstall(None, Scope::Global, &mut plan);
        return plan.carry_out(None, arguments.dry_run);
    }
    let repository = Repository::here()?;
    if let Some(top) = repository.top() {
        attributes::uninstall(top, &mut plan)?;
        hooks::uninstall(&repository, top, &mut plan)?;
    }
    drivers::uninstall(Some(&repository), Scope::Local, &mut plan);
    plan.carry_out(Some(&repository), arguments.dry_run)
}
