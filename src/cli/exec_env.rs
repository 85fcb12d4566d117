//! `exec-env`.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use clap::Args;
use sops_rs::file::{EnvironmentNames, Tree};
use zeroize::Zeroizing;

use super::files::{IdentityOptions, InputOptions, Unlocker};
use super::process::CoreLimit;
use super::report::Failure;
use super::{environment, exit_code, io};

/// Run a program with the decrypted values in its environment
///
/// `exec-env FILE… -- PROGRAM ARG…` runs the program directly, without a shell; `exec-env FILE 'COMMAND'` runs the
/// one string by `sh -c`. Values in maps and lists are named by their path: `db.password` is DB_PASSWORD. Of several
/// files, later ones win. Variables that hold or locate key material (SOPS_AGE_KEY …) are taken out of the
/// environment. On Unix the program replaces this process, so signals and exit code are its own.
#[derive(Debug, Args)]
#[command(
    override_usage = "sops-rs exec-env [OPTIONS] FILE... -- PROGRAM [ARG...]\n       sops-rs exec-env [OPTIONS] FILE COMMAND"
)]
pub(crate) struct Arguments {
    /// The encrypted files, and without `--` a command for the shell
    #[arg(required = true, value_name = "FILE")]
    files: Vec<OsString>,
    /// The program and its arguments
    #[arg(last = true, value_name = "PROGRAM")]
    program: Vec<OsString>,
    /// Give the program nothing but the decrypted values
    #[arg(long)]
    pristine: bool,
    /// What joins the parts of a path
    #[arg(long, value_name = "TEXT", default_value = "_")]
    separator: String,
    /// What every name begins with
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    prefix: String,
    /// Keep names of YAML and JSON files in the case they are written in
    #[arg(long)]
    no_upcase: bool,
    #[command(flatten)]
    input: InputOptions,
    #[command(flatten)]
    identities: IdentityOptions,
}

/// Runs the program; gives its exit code where the system cannot replace this process by it.
pub(crate) fn run(arguments: &Arguments, core_limit: CoreLimit) -> Result<u8, Failure> {
    let (files, program) = split(arguments)?;
    let unlocker = Unlocker::find(&arguments.identities)?;
    let mut variables: BTreeMap<String, Zeroizing<String>> = BTreeMap::new();
    for file in files {
        variables.extend(variables_of(arguments, &unlocker, Path::new(file))?);
    }
    let (name, rest) = program.split_first().expect("split gives a program");
    let mut command = Command::new(environment::find_program(name));
    command.args(rest).env_clear();
    if !arguments.pristine {
        command.envs(environment::inherited());
    }
    command.envs(variables.iter().map(|(name, value)| (name, value.as_str())));
    core_limit.restore();
    start(command, &name.to_string_lossy())
}

/// Files and program. Without `--` the last of two words is a command for the shell, as in SOPS.
fn split(arguments: &Arguments) -> Result<(&[OsString], Vec<OsString>), Failure> {
    if !arguments.program.is_empty() {
        return Ok((&arguments.files, arguments.program.clone()));
    }
    match &arguments.files[..] {
        [_, command] => Ok((&arguments.files[..1], vec!["/bin/sh".into(), "-c".into(), command.clone()])),
        [_] => {
            let failure = Failure::new(exit_code::GENERIC, "no program to run");
            Err(failure.hint("write `sops-rs exec-env FILE… -- PROGRAM ARG…`"))
        }
        _ => {
            let failure = Failure::new(exit_code::GENERIC, "without `--` it cannot be told which words are files");
            Err(failure.hint("write `sops-rs exec-env FILE… -- PROGRAM ARG…`"))
        }
    }
}

fn variables_of(
    arguments: &Arguments,
    unlocker: &Unlocker,
    path: &Path,
) -> Result<BTreeMap<String, Zeroizing<String>>, Failure> {
    let shown = path.display().to_string();
    let format = arguments.input.format(path)?;
    let decrypted = unlocker.decrypt(path, format)?;
    if let Some(section) = decrypted.locked_section() {
        let error = sops_rs::Error::SectionLocked { section: section.to_owned() };
        return Err(unlocker.failure(&shown, error));
    }
    // The names in a dotenv file are environment names already.
    let upcase = !arguments.no_upcase && format.name() != "dotenv";
    let names = EnvironmentNames { separator: &arguments.separator, prefix: &arguments.prefix, upcase };
    Tree::of(&decrypted.document).and_then(|tree| tree.environment(&names)).map_err(|error| Failure::of(&shown, error))
}

#[cfg(unix)]
fn start(mut command: Command, name: &str) -> Result<u8, Failure> {
    use std::os::unix::process::CommandExt;
    Err(cannot_run(name, &command.exec()))
}

#[cfg(not(unix))]
fn start(mut command: Command, name: &str) -> Result<u8, Failure> {
    let status = command.status().map_err(|error| cannot_run(name, &error))?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX))
}

fn cannot_run(name: &str, error: &std::io::Error) -> Failure {
    let code = match error.kind() {
        std::io::ErrorKind::NotFound => exit_code::NOT_FOUND,
        _ => exit_code::CANNOT_RUN,
    };
    Failure::about(code, name, format_args!("cannot be run: {}", io::reason(error)))
}
