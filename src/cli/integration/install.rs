//! `git install`.

use std::path::Path;

use clap::Args;

use super::plan::{Plan, Scope};
use super::program::Program;
use super::{attributes, drivers, hooks};
use crate::cli::git::Repository;
use crate::cli::report::{Failure, say};

/// Set a repository up: encrypted files have readable diffs, merge, and are checked before each commit
///
/// Adds what the rules match to `.gitattributes`, for everybody; the drivers for diffs and merges to the git config of this
/// repository; and a pre-commit hook, beside one that is there. What is right already stays, so it can be run again, and should
/// be when rules change. `git uninstall` takes it all away.
#[derive(Debug, Default, Args)]
pub(crate) struct Arguments {
    /// Add the drivers to your own git config, for all repositories whose `.gitattributes` name them, and nothing else
    #[arg(long)]
    global: bool,
    /// Leave `.gitattributes` alone
    #[arg(long, conflicts_with = "global")]
    no_attributes: bool,
    /// Leave the hooks alone
    #[arg(long, conflicts_with = "global")]
    no_hook: bool,
    /// Let diffs show secrets, where you have a key; without this they show marks, which tell what changed
    #[arg(long)]
    show: bool,
    /// Say what would be done, and do nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
}

/// The same as without an option, where there is a repository.
pub(in crate::cli) fn set_up() -> Result<(), Failure> {
    match Repository::find(Path::new("."))? {
        Some(_) => run(&Arguments::default()),
        None => Ok(()),
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let program = Program::this()?;
    let mut plan = Plan::default();
    if arguments.global {
        drivers::install(None, Scope::Global, &program, arguments.show, &mut plan);
        return plan.carry_out(None, arguments.dry_run);
    }
    let repository = Repository::here()?;
    let mut has_attributes = false;
    if let Some(top) = repository.top() {
        if !arguments.no_attributes {
            attributes::install(top, &mut plan)?;
            has_attributes = !plan.is_empty();
        }
        if !arguments.no_hook {
            hooks::install(&repository, top, &program, &mut plan)?;
        }
    } else {
        plan.say("this repository has no files of its own: only the drivers are set");
    }
    drivers::install(Some(&repository), Scope::Local, &program, arguments.show, &mut plan);
    plan.carry_out(Some(&repository), arguments.dry_run)?;
    if has_attributes && !arguments.dry_run {
        say(
            "next: commit `.gitattributes`; each clone needs its own `sops-rs git install`, since git takes no config from others",
        );
    }
    Ok(())
}
