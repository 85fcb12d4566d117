//! Programs that nobody waits for.
//!
//! A second process of this program stays for the child, to remove its files and to redact its output. The first one ends as
//! soon as the child runs: until then everything that can go wrong is told as usual.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};

use super::DETACHED;
use crate::cli::report::Failure;
use crate::cli::{exit_code, io::reason};

/// Starts the process that stays, with the same arguments; gives its exit code if it does not get as far as running the program.
pub(super) fn start() -> Result<u8, Failure> {
    // Only the first one is the option: clap takes it for nothing else before a `--`.
    let mut is_found = false;
    let arguments = std::env::args_os().skip(1).map(|word| {
        let is_option = !is_found && word == "--background";
        is_found |= is_option;
        if is_option { DETACHED.into() } else { word }
    });
    start_as("sops-rs", arguments)
}

/// The same with other arguments, under another name.
pub(crate) fn start_as(name: &str, arguments: impl Iterator<Item = OsString>) -> Result<u8, Failure> {
    let started = start_child(name, arguments);
    started.map_err(|error| Failure::new(exit_code::GENERIC, format!("--background: {}", reason(&error))))
}

fn start_child(name: &str, arguments: impl Iterator<Item = OsString>) -> io::Result<u8> {
    let (mut reader, writer) = io::pipe()?;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg0(name).args(arguments).stdin(Stdio::from(writer));
    let mut child = command.spawn()?;
    // Its copy of the other end.
    drop(command);
    if reader.read(&mut [0])? > 0 {
        return Ok(0);
    }
    let code = child.wait()?.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.unwrap_or(exit_code::GENERIC))
}

/// Tells the first process that the program runs: standard input is its pipe.
pub(super) fn started() -> io::Result<()> {
    let pipe: OwnedFd = io::stdin().as_fd().try_clone_to_owned()?;
    File::from(pipe).write_all(b".")
}
