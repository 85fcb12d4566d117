//! The first life of a child: what can only be done by the process itself, before it becomes the program.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::process::CommandExt;
use std::process::Command;

use clap::Args;
use rustix::process::{ioctl_tiocsctty, setsid};

use super::cannot_run;
use super::user::User;
use crate::cli::io::reason;
use crate::cli::process::CoreLimit;
use crate::cli::report::Failure;
use crate::cli::{environment, exit_code};

/// The name of the command.
pub(crate) const COMMAND: &str = "run-child";

/// Before the names of the program's variables as long as this is not the program yet. What they mean to the system (`LD_PRELOAD`
/// names code to run) they must not mean to the superuser's process that is about to become another user's.
const PREFIX: &[u8] = b"SOPS_RS_CHILD_";

/// Become a program, for `exec-env` and `exec-file`
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Begin a session, with standard input for its terminal
    #[arg(long)]
    session: bool,
    /// Become this user
    #[arg(long)]
    user: Option<String>,
    /// The program
    #[arg(last = true, required = true)]
    program: Vec<OsString>,
}

/// Becomes the program.
pub(crate) fn run(arguments: &Arguments, core_limit: CoreLimit) -> Result<(), Failure> {
    if arguments.session {
        let begun = setsid().and_then(|_| ioctl_tiocsctty(io::stdin()));
        begun.map_err(|error| Failure::new(exit_code::GENERIC, format!("no terminal: {}", reason(&error.into()))))?;
    }
    if let Some(user) = &arguments.user {
        User::find(user)?.switch()?;
    }
    core_limit.restore();
    let (name, rest) = arguments.program.split_first().expect("clap asks for one");
    let variables = environment::inherited().filter_map(|(name, value)| Some((unescaped(&name)?, value)));
    Err(cannot_run(name, &Command::new(name).args(rest).env_clear().envs(variables).exec()))
}

/// The command that runs `program` so, with its environment.
pub(super) fn command(program: &Command, session: bool, user: Option<&User>) -> io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg0("sops-rs").arg(COMMAND);
    if session {
        command.arg("--session");
    }
    if let Some(user) = user {
        command.args(["--user", user.name()]);
    }
    command.arg("--").arg(program.get_program()).args(program.get_args()).env_clear();
    command.envs(program.get_envs().filter_map(|(name, value)| Some((escaped(name), value?))));
    Ok(command)
}

fn escaped(name: &OsStr) -> OsString {
    OsString::from_vec([PREFIX, name.as_bytes()].concat())
}

fn unescaped(name: &OsStr) -> Option<OsString> {
    Some(OsStr::from_bytes(name.as_bytes().strip_prefix(PREFIX)?).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_variable_means_anything_before_the_program_runs() {
        let mut program = Command::new("/bin/true");
        program.env_clear().env("LD_PRELOAD", "/x.so").env("A", "1");
        let command = command(&program, true, None).expect("a command");
        let names: Vec<_> = command.get_envs().map(|(name, _)| name.to_owned()).collect();
        assert_eq!(names, ["SOPS_RS_CHILD_A", "SOPS_RS_CHILD_LD_PRELOAD"]);
        let back: Vec<_> = names.iter().filter_map(|name| unescaped(name)).collect();
        assert_eq!(back, ["A", "LD_PRELOAD"]);
        assert_eq!(unescaped(OsStr::new("LD_PRELOAD")), None);
    }
}
