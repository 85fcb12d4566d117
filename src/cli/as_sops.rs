//! The program as `sops`: SOPS's command lines, done as SOPS does them, messages and exit codes included.
//!
//! Where it differs on purpose, `docs/sops-compatibility.md` says so.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::ExitCode;

use clap::error::ErrorKind;
use sops_rs::config::Dialect;

use super::process::CoreLimit;
use super::report::{Failure, warn, word};
use super::{discover, environment, exit_code, io, runner};

mod decrypt;
mod edit;
mod encrypt;
mod exec;
mod failure;
mod file;
mod filestatus;
mod grammar;
mod help;
mod native;
mod new_file;
mod rekey;
mod session;
mod set;
mod table;
mod update_keys;

use grammar::{Line, Misuse, Request};
use session::Session;

/// A name of the program under which it is SOPS.
const NAME: &str = "sops";

/// Whether the program was called by SOPS's name.
pub(crate) fn is_called_so(program: &OsStr) -> bool {
    Path::new(program).file_stem().is_some_and(|stem| stem == NAME)
}

/// Runs a command line of SOPS: the words behind the program's name. Gives the exit code.
///
/// Failures are told as SOPS does it, without the program's name: some clients look for nothing else.
pub(crate) fn run(words: &[OsString], core_limit: CoreLimit) -> ExitCode {
    let (own, is_detached) = undetached(words);
    let result = match grammar::parse(own, &environment::variable) {
        Ok(Request::Run(line)) => start(&line, own, is_detached, core_limit),
        Ok(request) => answer(&request),
        Err(misuse) => misused(&misuse),
    };
    ExitCode::from(result.unwrap_or_else(|failure| {
        failure.print_plain();
        failure.code
    }))
}

/// Runs a line that our own `definition` does not know, if it can only be meant for SOPS.
pub(crate) fn run_unknown(
    words: &[OsString],
    error: ErrorKind,
    definition: &clap::Command,
    core_limit: CoreLimit,
) -> Option<Result<u8, Failure>> {
    let (own, is_detached) = undetached(words);
    let Ok(Request::Run(line)) = grammar::parse(own, &environment::variable) else { return None };
    let done = || start(&line, own, is_detached, core_limit).map_err(Failure::under_our_name);
    is_meant(&line, error, definition).then(|| check_dialect(&line).and_then(|()| done()))
}

/// Refuses to encrypt a file as SOPS does, under our own name, where a rule says that it is to be one of ours: by one option
/// too many it would get other readers, and clear values.
fn check_dialect(line: &Line) -> Result<(), Failure> {
    let encrypts = line.command.name == "encrypt" || line.command.name == NAME && line.is_on("encrypt");
    let file = line.path("filename-override").or_else(|| line.words.first().map(Path::new));
    let Some(file) = file.filter(|_| encrypts) else { return Ok(()) };
    match discover::rule_plan(file, Dialect::Sops) {
        Ok(Some(plan)) if plan.dialect() == Dialect::Native => {
            let shown = file.display().to_string();
            let what = "its rule in `.sops-rs.yaml` says how it is to be encrypted, and this is a command line of SOPS";
            let failure = Failure::about(exit_code::CONFLICT, &shown, what);
            Err(failure.hint(format!("`sops-rs encrypt -i {}` encrypts it by its rule", word(&shown))))
        }
        _ => Ok(()),
    }
}

/// Whether a line that is wrong for us in the way `error` is right for SOPS.
fn is_meant(line: &Line, error: ErrorKind, definition: &clap::Command) -> bool {
    let ours = match line.command.name {
        NAME => Some(definition),
        name => definition.find_subcommand(name),
    };
    let has_option = |name: &str| {
        let mut arguments = ours.into_iter().flat_map(clap::Command::get_arguments);
        let is_alias = |argument: &clap::Arg| argument.get_all_aliases().is_some_and(|names| names.contains(&name));
        arguments.any(|argument| argument.get_long() == Some(name) || is_alias(argument))
    };
    let has_other_option = || line.given().any(|name| !has_option(name));
    match error {
        // A file alone would be edited by SOPS; whoever types that here is told what there is.
        ErrorKind::InvalidSubcommand => ours.is_none(),
        ErrorKind::UnknownArgument => has_other_option(),
        ErrorKind::MissingRequiredArgument => {
            line.command.name == "decrypt" && line.words.is_empty() && !io::is_interactive()
        }
        _ => false,
    }
}

fn start(line: &Line, words: &[OsString], is_detached: bool, core_limit: CoreLimit) -> Result<u8, Failure> {
    command(&Session::start(line, words, is_detached, core_limit)?)
}

/// The words without the one for the process that stays for `--background`, and whether it was there.
fn undetached(words: &[OsString]) -> (&[OsString], bool) {
    match words.split_first() {
        Some((first, rest)) if first == runner::DETACHED => (rest, true),
        _ => (words, false),
    }
}

fn answer(request: &Request) -> Result<u8, Failure> {
    let text = match request {
        Request::Candidates { command, start } => help::candidates(command, start.as_deref()),
        Request::Help { command, name } => help::help(command, name),
        Request::Run(_) => String::new(),
        Request::Version => help::version(),
    };
    io::print(text.as_bytes())?;
    Ok(0)
}

/// As in SOPS, the help comes with it.
fn misused(misuse: &Misuse) -> Result<u8, Failure> {
    if misuse.no_topic {
        return Err(Failure::new(exit_code::OUTPUT, misuse.what.clone()));
    }
    io::print(help::help(misuse.command, &misuse.name).as_bytes())?;
    Err(Failure::new(exit_code::GENERIC, misuse.what.clone()))
}

/// Does what a command line says.
fn command(session: &Session<'_>) -> Result<u8, Failure> {
    let line = session.line;
    let file = line.words.first().map(OsString::as_os_str);
    match line.command.name {
        NAME => without_command(session, file),
        "add" => rekey::add_group(session),
        "bash" | "zsh" => io::print(help::script(line.command.name).as_bytes()).map(|()| 0),
        "decrypt" => decrypt::run(session, only(line)),
        "delete" => rekey::remove_group(session),
        "edit" => edit::run(session, only(line).ok_or_else(failure::no_file)?),
        "encrypt" => encrypt::run(session, only(line)),
        "exec-env" => exec::env(session),
        "exec-file" => exec::file(session),
        "filestatus" => filestatus::run(session, only(line).ok_or_else(failure::no_file)?),
        "rotate" => rekey::rotate(session, only(line).ok_or_else(failure::no_file)?),
        "set" => set::set(session),
        "unset" => set::unset(session),
        "updatekeys" => update_keys::run(session),
        name => Err(Failure::new(exit_code::GENERIC, format!("`{name}` is not available yet"))),
    }
}

/// The form without a command: options say what is done, and a file alone is edited.
fn without_command(session: &Session<'_>, file: Option<&OsStr>) -> Result<u8, Failure> {
    let line = session.line;
    let file = file.ok_or_else(failure::no_file)?;
    only(line);
    let modes = ["decrypt", "encrypt", "rotate"].into_iter().filter(|mode| line.is_on(mode));
    let modes: Vec<_> = modes.chain(line.text("set").map(|_| "set")).collect();
    // SOPS does them all, and keeps the result of the last one.
    if let [one, other, ..] = modes[..] {
        return Err(Failure::new(exit_code::CONFLICT, format!("cannot use both --{one} and --{other}")));
    }
    if !Path::new(file).exists() {
        let changes_keys = line.given().any(|name| name.starts_with("add-") || name.starts_with("rm-"));
        match modes.first() {
            _ if changes_keys => return Err(failure::cannot_change_keys(file)),
            Some(&("decrypt" | "encrypt" | "rotate")) => return Err(failure::missing(exit_code::NO_FILE, file)),
            _ => {}
        }
    }
    match (modes.first(), line.text("set")) {
        (_, Some(text)) => set::set_by_option(session, file, text),
        (Some(&"decrypt"), _) => decrypt::run(session, Some(file)),
        (Some(&"encrypt"), _) => encrypt::run(session, Some(file)),
        (Some(&"rotate"), _) => rekey::rotate(session, file),
        _ => edit::run(session, file),
    }
}

/// The file of a command that takes one. What is behind it is passed over, as in SOPS.
fn only(line: &Line) -> Option<&OsStr> {
    let (first, rest) = line.words.split_first()?;
    if !rest.is_empty() {
        warn("More than one positional argument provided. Only the first one will be used!");
    }
    Some(first)
}
