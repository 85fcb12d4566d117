//! The command line: arguments, dispatch, and what all commands share.

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

mod decrypt;
mod demo;
mod discover;
mod encrypt;
mod environment;
mod exec_env;
mod exit_code;
mod files;
mod filestatus;
mod get;
mod identities;
mod init;
mod io;
mod keygen;
mod man;
pub(crate) mod process;
pub(crate) mod report;
mod set;
mod sops;
mod target;
mod terminal;
mod unset;
mod usage;
mod value;
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
    Get(get::Arguments),
    Set(set::Arguments),
    Unset(unset::Arguments),
    ExecEnv(exec_env::Arguments),
    Filestatus(filestatus::Arguments),
    Keygen(keygen::Arguments),
    Demo(demo::Arguments),
    #[command(hide = true)]
    Man(man::Arguments),
}

/// Runs the program; what it printed and gave back is all that is left of it.
pub(crate) fn run(core_limit: process::CoreLimit) -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage::end(&error),
    };
    let done = match arguments.command {
        Command::Init(arguments) => init::run(&arguments),
        Command::Encrypt(arguments) => encrypt::run(&arguments),
        Command::Decrypt(arguments) => decrypt::run(&arguments),
        Command::Get(arguments) => get::run(&arguments),
        Command::Set(arguments) => set::run(&arguments),
        Command::Unset(arguments) => unset::run(&arguments),
        Command::ExecEnv(arguments) => match exec_env::run(&arguments, core_limit) {
            Ok(code) => return ExitCode::from(code),
            Err(failure) => Err(failure),
        },
        Command::Filestatus(arguments) => filestatus::run(&arguments),
        Command::Keygen(arguments) => keygen::run(&arguments),
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Man(arguments) => man::run(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.print();
            ExitCode::from(failure.code)
        }
    }
}

/// The definition of the command line, for the manual page.
pub(crate) fn definition() -> clap::Command {
    Arguments::command()
}
