//! The command line: arguments, dispatch, and what all commands share.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use self::report::Failure;

mod as_sops;
mod changes;
mod check;
mod clock;
mod complete_paths;
mod completion;
mod conflicts;
mod convert;
mod decrypt;
mod delivery;
mod demo;
mod diff;
mod discover;
mod doctor;
mod edit;
mod editing;
mod editor;
mod encrypt;
mod environment;
mod exec_env;
mod exec_file;
mod exit_code;
mod explain;
mod files;
mod filestatus;
mod get;
mod git;
mod identities;
mod init;
mod install_as_sops;
mod integration;
mod io;
mod jobs;
mod keygen;
mod keys;
mod log;
mod man;
mod many;
mod marks;
mod name_options;
mod private_dir;
pub(crate) mod process;
mod progress;
mod readers;
mod remembered;
pub(crate) mod report;
mod repository;
mod rotate;
mod runner;
mod set;
mod signals;
mod sops_config;
mod sops_keys;
mod target;
mod terminal;
mod timelines;
mod unset;
mod update_keys;
mod usage;
mod value;
mod vouching;
mod who;
mod words;

/// Keeps secrets in git: encrypts the values of YAML, JSON, TOML, INI, properties and dotenv files, and nothing else of them
///
/// An encrypted file keeps its keys, comments' places, order and layout; decrypting gives back the very bytes that
/// were encrypted. Files of any other name are encrypted whole. Data keys are wrapped with age for each reader.
#[derive(Debug, Parser)]
#[command(name = "sops-rs", version, max_term_width = 100)]
#[command(
    after_long_help = "Start with `sops-rs init`, or watch `sops-rs demo`. Command lines that only SOPS has, as `sops-rs -d FILE`, `sops-rs groups add` or \
                       `sops-rs encrypt --pgp …`, are done as SOPS does them."
)]
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
    Get(get::Arguments),
    Set(set::Arguments),
    Unset(unset::Arguments),
    ExecEnv(exec_env::Arguments),
    ExecFile(exec_file::Arguments),
    Rotate(rotate::Arguments),
    #[command(name = "updatekeys")]
    UpdateKeys(update_keys::Arguments),
    Convert(convert::Arguments),
    Filestatus(filestatus::Arguments),
    Diff(diff::Arguments),
    Keygen(keygen::Arguments),
    Explain(explain::Arguments),
    Check(check::Arguments),
    Doctor(doctor::Arguments),
    Who(who::Arguments),
    Keys(keys::Arguments),
    Log(log::Arguments),
    Git(integration::GitArguments),
    Hook(integration::HookArguments),
    Demo(demo::Arguments),
    InstallAsSops(install_as_sops::Arguments),
    Completion(completion::Arguments),
    #[command(hide = true)]
    Man(man::Arguments),
    #[command(name = complete_paths::NAME, hide = true)]
    CompletePaths(complete_paths::Arguments),
    #[cfg(unix)]
    #[command(hide = true, name = runner::child::COMMAND)]
    RunChild(runner::child::Arguments),
}

/// Runs the program; what it printed and gave back is all that is left of it.
pub(crate) fn run(core_limit: process::CoreLimit) -> ExitCode {
    let mut words = std::env::args_os();
    let name = words.next().unwrap_or_default();
    let words: Vec<_> = words.collect();
    if as_sops::is_called_so(&name) {
        report::be_quiet();
        return as_sops::run(&words, core_limit);
    }
    match Arguments::try_parse() {
        Ok(arguments) => ended(dispatch(arguments, core_limit)),
        Err(error) => match as_sops::run_unknown(&words, error.kind(), &definition(), core_limit) {
            Some(result) => ended(result),
            None => usage::end(&error),
        },
    }
}

/// Runs a command line of ours; gives its exit code.
fn run_words(words: &[OsString], core_limit: process::CoreLimit) -> Result<u8, Failure> {
    let words = [OsString::from("sops-rs")].iter().chain(words).cloned().collect::<Vec<_>>();
    match Arguments::try_parse_from(words) {
        Ok(arguments) => dispatch(arguments, core_limit),
        Err(error) => Err(usage::failure(&error)),
    }
}

fn ended(result: Result<u8, Failure>) -> ExitCode {
    match result {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            failure.print();
            ExitCode::from(failure.code)
        }
    }
}

fn dispatch(arguments: Arguments, core_limit: process::CoreLimit) -> Result<u8, Failure> {
    match arguments.command {
        Command::Init(arguments) => init::run(&arguments),
        Command::Encrypt(arguments) => encrypt::run(&arguments),
        Command::Decrypt(arguments) => decrypt::run(&arguments),
        Command::Edit(arguments) => return edit::run(&arguments),
        Command::Get(arguments) => get::run(&arguments),
        Command::Set(arguments) => set::run(&arguments),
        Command::Unset(arguments) => unset::run(&arguments),
        Command::ExecEnv(arguments) => return exec_env::run(&arguments, core_limit),
        Command::ExecFile(arguments) => return exec_file::run(&arguments, core_limit),
        Command::Rotate(arguments) => rotate::run(&arguments),
        Command::UpdateKeys(arguments) => update_keys::run(&arguments),
        Command::Convert(arguments) => convert::run(&arguments),
        Command::Filestatus(arguments) => filestatus::run(&arguments),
        Command::Diff(arguments) => return diff::run(&arguments),
        Command::Keygen(arguments) => keygen::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Check(arguments) => return check::run(&arguments),
        Command::Doctor(arguments) => doctor::run(&arguments),
        Command::Who(arguments) => who::run(&arguments),
        Command::Keys(arguments) => keys::run(&arguments),
        Command::Log(arguments) => log::run(&arguments),
        Command::Git(arguments) => return integration::run_git(&arguments),
        Command::Hook(arguments) => return integration::run_hook(&arguments),
        Command::Demo(arguments) => demo::run(&arguments),
        Command::InstallAsSops(arguments) => install_as_sops::run(&arguments),
        Command::Completion(arguments) => completion::run(&arguments),
        Command::Man(arguments) => man::run(&arguments),
        Command::CompletePaths(arguments) => complete_paths::run(&arguments),
        #[cfg(unix)]
        Command::RunChild(arguments) => runner::child::run(&arguments, core_limit),
    }?;
    Ok(0)
}

/// The definition of the command line, for the manual page.
pub(crate) fn definition() -> clap::Command {
    Arguments::command()
}
