//! The command line: arguments, dispatch, and what all commands share.

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use self::report::Failure;

mod decrypt;
mod demo;
mod discover;
mod edit;
mod editor;
mod encrypt;
mod environment;
mod exec_env;
mod exec_file;
mod exit_code;
mod files;
mod filestatus;
mod identities;
mod init;
mod io;
mod keygen;
mod man;
mod private_dir;
pub(crate) mod process;
pub(crate) mod report;
mod runner;
mod signals;
mod sops;
mod terminal;
mod usage;
mod words;

/// Keeps secrets in git: encrypts the values of YAML, JSON and dotenv files, and nothing else of them
///
/// An encrypted file keeps its keys, comments' places, order and layout; decrypting gives back the very bytes that
/// were encrypted. Data keys are wrapped with age for each reader.
#[derive(Debug, Parser)]
#[command(name = "sops-rs", version, about, max_term_width = 100)]
#[command(after_long_help = "Start with `sops-rs init`, or watch `sops-rs demo`.")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

// What each does is said where its arguments are.
#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Arguments),
    #[command(visible_alias = "enc")]
    Encrypt(encrypt::Arguments),
    #[command(visible_alias = "dec")]
    Decrypt(decrypt::Arguments),
    Edit(edit::Arguments),
    ExecEnv(exec_env::Arguments),
    ExecFile(exec_file::Arguments),
    Filestatus(filestatus::Arguments),
    Keygen(keygen::Arguments),
    Demo(demo::Arguments),
    #[command(hide = true)]
    Man(man::Arguments),
    #[cfg(unix)]
    #[command(hide = true, name = runner::child::COMMAND)]
    RunChild(runner::child::Arguments),
}

/// Runs the program; what it printed and gave back is all that is left of it.
pub(crate) fn run(core_limit: process::CoreLimit) -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage::end(&error),
    };
    let ended = |result: Result<u8, Failure>| match result {
        Ok(code) => ExitCode::from(code),
        Err(failure) => fail(&failure),
    };
    let done = match arguments.command {
        Command::Init(arguments) => init::run(&arguments),
        Command::Encrypt(arguments) => encrypt::run(&arguments),
        Command::Decrypt(arguments) => decrypt::run(&arguments),
        Command::Edit(arguments) => return ended(edit::run(&arguments)),
        Command::ExecEnv(arguments) => return ended(exec_env::run(&arguments, core_limit)),
        Command::ExecFile(arguments) => return ended(exec_file::run(&arguments, core_limit)),
        Command::Filestatus(arguments) => filestatus::run(&arguments),
        Command::Keygen(arguments) => keygen::run(&arguments),
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Man(arguments) => man::run(&arguments),
        #[cfg(unix)]
        Command::RunChild(arguments) => runner::child::run(&arguments, core_limit),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => fail(&failure),
    }
}

fn fail(failure: &Failure) -> ExitCode {
    failure.print();
    ExitCode::from(failure.code)
}

/// The definition of the command line, for the manual page.
pub(crate) fn definition() -> clap::Command {
    Arguments::command()
}
