//! Commands that print keys: run without a shell, and told which recipient they are asked about.

use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use sops_rs::Error;
use sops_rs::keys::IDENTITY_FILE_LIMIT;
use zeroize::Zeroizing;

use super::{KEY_CMD, SSH_CMD, cannot_read, invalid, read_to_limit};
use crate::cli::io::reason;
use crate::cli::words;

/// Tells a command which recipient it is asked about.
const RECIPIENT: &str = "SOPS_AGE_RECIPIENT";

/// What a command printed for one recipient after the other.
#[derive(Default)]
pub(super) struct Outputs(Mutex<LastOutput>);

#[derive(Default)]
struct LastOutput {
    output: Option<Zeroizing<Vec<u8>>>,
    /// Whether it was the same twice: then the command does not look at the recipient, and need not be run again.
    is_constant: bool,
}

impl Outputs {
    /// What `command` prints for `recipient`, if that is not known already.
    pub(super) fn next(
        &self,
        command: &str,
        recipient: &str,
        source: &str,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_constant {
            return Ok(None);
        }
        let output = run(command, recipient, source)?;
        last.is_constant = last.output.as_ref() == Some(&output);
        last.output = Some(output.clone());
        Ok(Some(output).filter(|_| !last.is_constant))
    }
}

/// The output of a command that prints keys. Neither the command's words nor its output get into a message.
fn run(command: &str, recipient: &str, source: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
    let words = words::split(command).ok_or_else(|| invalid(source, "a quote is not closed"))?;
    let (program, arguments) = words.split_first().ok_or_else(|| invalid(source, "names no command"))?;
    let mut child = Command::new(program)
        .args(arguments)
        // A command that calls us in turn would run itself for ever.
        .env_remove(KEY_CMD)
        .env_remove(SSH_CMD)
        .env(RECIPIENT, recipient)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| invalid(source, &format!("the command cannot be run: {}", reason(&error))))?;
    let output = child.stdout.take().map_or_else(|| Ok(Zeroizing::default()), read_to_limit);
    // Before any error leaves: the child must not stay behind as a zombie. Its pipe is closed by now.
    let status = child.wait();
    let (output, status) =
        output.and_then(|output| Ok((output, status?))).map_err(|error| invalid(source, &cannot_read(&error)))?;
    // Above the limit the pipe was closed early, which may well be why the command failed; the library says so.
    if status.success() || output.len() > IDENTITY_FILE_LIMIT {
        Ok(output)
    } else {
        Err(invalid(source, &format!("the command failed ({status})")))
    }
}
