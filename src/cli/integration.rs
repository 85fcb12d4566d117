//! What ties the program to git: the command groups `git` and `hook`.

use clap::{Args, Subcommand};

use super::report::Failure;

mod attributes;
mod block;
mod drivers;
mod hook;
mod hooks;
mod install;
mod merge;
mod plan;
mod program;
mod resolve;
mod rotation;
mod textconv;
mod uninstall;

pub(super) use attributes::without_drivers as files_without_drivers;
pub(super) use drivers::are_set as drivers_are_set;
pub(super) use hooks::{State as HookState, states as hook_states};
pub(super) use install::set_up;

/// Work with git: drivers for diffs and merges, and hooks
///
/// `git install` sets a repository up. Git runs the drivers itself then; they need not be called by hand.
#[derive(Debug, Args)]
#[command(name = "git")]
pub(crate) struct GitArguments {
    #[command(subcommand)]
    command: GitCommand,
}

// What each does is said where its arguments are.
#[derive(Debug, Subcommand)]
enum GitCommand {
    Install(install::Arguments),
    Uninstall(uninstall::Arguments),
    Textconv(textconv::Arguments),
    Merge(merge::Arguments),
    Resolve(resolve::Arguments),
}

/// Be a hook of git
#[derive(Debug, Args)]
pub(crate) struct HookArguments {
    #[command(subcommand)]
    command: HookCommand,
}

#[derive(Debug, Subcommand)]
enum HookCommand {
    PreCommit(hook::Arguments),
}

/// Runs a command of the group `git`; gives its exit code.
pub(crate) fn run_git(arguments: &GitArguments) -> Result<u8, Failure> {
    match &arguments.command {
        GitCommand::Install(arguments) => install::run(arguments),
        GitCommand::Uninstall(arguments) => uninstall::run(arguments),
        GitCommand::Textconv(arguments) => textconv::run(arguments),
        GitCommand::Merge(arguments) => return Ok(merge::run(arguments)),
        GitCommand::Resolve(arguments) => return resolve::run(arguments),
    }?;
    Ok(0)
}

/// Runs a hook; gives its exit code, which git heeds.
pub(crate) fn run_hook(arguments: &HookArguments) -> Result<u8, Failure> {
    match &arguments.command {
        HookCommand::PreCommit(arguments) => hook::run(arguments),
    }
}
