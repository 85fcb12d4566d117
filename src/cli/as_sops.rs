//! The program as `sops`: SOPS's command lines, done as SOPS does them, messages and exit codes included.
//!
//! Where it differs on purpose, `docs/sops-compatibility.md` says so.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use clap::error::ErrorKind;

use super::process::CoreLimit;
use super::report::Failure;
use super::{environment, exit_code, io};

mod grammar;
mod help;
mod table;

use grammar::{Line, Misuse, Request};

/// A name of the program under which it is SOPS.
const NAME: &str = "sops";

/// Whether the program was called by SOPS's name.
pub(crate) fn is_called_so(program: &OsStr) -> bool {
    Path::new(program).file_stem().is_some_and(|stem| stem == NAME)
}

/// Runs a command line of SOPS: the words behind the program's name. Gives the exit code.
pub(crate) fn run(words: &[OsString], core_limit: CoreLimit) -> Result<u8, Failure> {
    match grammar::parse(words, &environment::variable) {
        Ok(request) => answer(request, core_limit),
        Err(misuse) => misused(&misuse),
    }
}

/// The same for a line that our own definitions do not know, if it can only be meant for SOPS.
pub(crate) fn run_unknown(words: &[OsString], error: ErrorKind, core_limit: CoreLimit) -> Option<Result<u8, Failure>> {
    let Ok(Request::Run(line)) = grammar::parse(words, &environment::variable) else { return None };
    is_meant(&line, words, error).then(|| answer(Request::Run(line), core_limit))
}

/// Whether a line that is wrong for us in the way `error` is right for SOPS.
fn is_meant(line: &Line, words: &[OsString], error: ErrorKind) -> bool {
    let begins_with_option = words.first().is_some_and(|word| word.as_encoded_bytes().starts_with(b"-"));
    let is_program = line.command.name == NAME;
    match error {
        // A file alone would be edited by SOPS; whoever types that here is told what there is.
        ErrorKind::InvalidSubcommand => !is_program || begins_with_option,
        ErrorKind::UnknownArgument => !is_program || begins_with_option && !line.words.is_empty(),
        ErrorKind::MissingRequiredArgument => line.command.name == "decrypt" && !io::is_interactive(),
        _ => false,
    }
}

fn answer(request: Request, core_limit: CoreLimit) -> Result<u8, Failure> {
    match request {
        Request::Candidates { command, start } => io::print(help::candidates(command, start.as_deref()).as_bytes())?,
        Request::Help { command, name } => io::print(help::help(command, &name).as_bytes())?,
        Request::Version => io::print(help::version().as_bytes())?,
        Request::Run(line) => return command(&line, core_limit),
    }
    Ok(0)
}

/// SOPS prints the help of the command, too; here the last lines of it are not what is wrong.
fn misused(misuse: &Misuse) -> Result<u8, Failure> {
    let code = if misuse.no_topic { exit_code::OUTPUT } else { exit_code::GENERIC };
    Err(Failure::new(code, misuse.what.clone()).hint(format!("see `{} --help`", misuse.name)))
}

fn command(line: &Line, core_limit: CoreLimit) -> Result<u8, Failure> {
    todo!("{line:?} {core_limit:?}")
}
