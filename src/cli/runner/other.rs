//! Systems without the means of Unix: the program is run and waited for.

use std::convert::Infallible;

use super::{Given, Job, cannot_run, command};
use crate::cli::exit_code;
use crate::cli::private_dir::PrivateDir;
use crate::cli::report::Failure;

/// Nobody: here no program is run as another user.
#[derive(Debug)]
pub(crate) struct User(Infallible);

impl User {
    pub(crate) fn variables(&self) -> [(&'static str, String); 0] {
        match self.0 {}
    }
}

/// Runs the program, and gives its exit code.
pub(super) fn run(job: &Job<'_>) -> Result<u8, Failure> {
    let options = job.options;
    let unavailable = [
        ("--background", options.background),
        ("--redact", options.redact),
        ("--same-process", options.same_process),
        ("--user", options.user.is_some()),
        ("--watch", options.watch),
    ];
    if let Some((name, _)) = unavailable.into_iter().find(|(_, is_used)| *is_used) {
        return Err(Failure::new(exit_code::GENERIC, format!("`{name}` is not available on this system")));
    }
    let given = (job.load)()?;
    let Given { files, document, .. } = &given;
    let folder = if files.is_empty() && document.is_none() { None } else { Some(PrivateDir::create()?) };
    let make = |name: &str, text: &str| {
        folder.as_ref().map(|folder| folder.create_file(name.as_ref(), text.as_bytes())).transpose()
    };
    // There are no named pipes in folders: it is a file in any case.
    let plaintext = document.as_ref().map(|(name, text)| make(name, text)).transpose()?.flatten();
    let mut command = command(job, &given, plaintext.as_deref(), None);
    for (variable, text) in files {
        command.envs(make(variable, text)?.map(|path| (variable, path)));
    }
    let status = command.status().map_err(|error| cannot_run(&job.program[0], &error))?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX))
}
