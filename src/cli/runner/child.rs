//! The first life of a child: what can only be done by the process itself, before it becomes the program.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

use clap::Args;
use rustix::process::{ioctl_tiocsctty, setsid};

use super::cannot_run;
use super::user::User;
use crate::cli::exit_code;
use crate::cli::io::reason;
use crate::cli::process::CoreLimit;
use crate::cli::report::Failure;

/// The name of the command.
pub(crate) const COMMAND: &str = "run-child";

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
    Err(cannot_run(name, &Command::new(name).args(rest).exec()))
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
    command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    Ok(command)
}
