//! `exec-env` and `exec-file`.

use std::ffi::OsStr;
use std::path::{Component, Path};

use sops_rs::file::sops::{Documents, Losses};

use super::failure::{self, Text};
use super::file::{Input, Look};
use super::native;
use super::session::Session;
use crate::cli::exit_code;
use crate::cli::report::Failure;
use crate::cli::runner::{self, DocumentFile, Given, Inherited, Job, RunOptions, Variables};

/// Runs a command with the values of a file in its environment.
pub(super) fn env(session: &Session<'_>) -> Result<u8, Failure> {
    let (file, command) = words(session)?;
    let line = session.line;
    if line.is_on("same-process") && line.is_on("background") {
        let what = "cannot use both --same-process and --background";
        return Err(Failure::new(exit_code::CONFLICT, what));
    }
    let input = Input::read(session, Some(file), Text::Encrypted, exit_code::INPUT)?;
    let opened = match input.look()? {
        Look::Native(format) => return native::exec(session, "exec-env", &input, format),
        Look::Sops(sealed) => input.open(session, &sealed)?,
    };
    let values = Documents::of(&opened.decrypted).and_then(|documents| documents.environment());
    let values =
        values.map_err(|error| failure::of(&input.shown, Text::Encrypted, error).with_code(exit_code::GENERIC))?;
    let load = || Ok(Given { variables: values.iter().cloned().collect(), ..given() });
    run(session, command, None, &load)
}

/// Runs a command with a decrypted file.
pub(super) fn file(session: &Session<'_>) -> Result<u8, Failure> {
    let (file, command) = words(session)?;
    let name = session.line.text("filename").unwrap_or("tmp-file");
    check_name(name)?;
    let input = Input::read(session, Some(file), Text::Encrypted, exit_code::INPUT)?;
    let opened = match input.look()? {
        Look::Native(format) => return native::exec(session, "exec-file", &input, format),
        Look::Sops(sealed) => input.open(session, &sealed)?,
    };
    let plaintext = opened.converted(session, input.output, Losses::AsSops);
    let plaintext = plaintext.map_err(|error| failure::of(&input.shown, Text::Encrypted, error))?;
    let load = || Ok(Given { document: Some((name.to_owned(), plaintext.clone())), ..given() });
    let document = DocumentFile { fifo: !session.line.is_on("no-fifo") };
    run(session, command, Some(document), &load)
}

/// The file and the command: exactly these.
fn words<'l>(session: &Session<'l>) -> Result<(&'l OsStr, &'l OsStr), Failure> {
    match &session.line.words[..] {
        [file, command] => Ok((file, command)),
        [] | [_] => Err(Failure::new(exit_code::GENERIC, "missing file to decrypt, or command to run")),
        _ => {
            let failure = Failure::new(exit_code::GENERIC, "a file and a command are needed, and nothing else");
            Err(failure.hint("a command with arguments is one word, in quotes"))
        }
    }
}

/// A name of a file in a folder that holds nothing else but what this program puts there.
fn check_name(name: &str) -> Result<(), Failure> {
    let mut components = Path::new(name).components();
    let is_plain = matches!((components.next(), components.next()), (Some(Component::Normal(_)), None));
    if is_plain && !name.ends_with('/') && ![".lock", ".next"].iter().any(|own| name.starts_with(own)) {
        return Ok(());
    }
    Err(Failure::new(exit_code::GENERIC, format!("`--filename {name}`: must be a name, without folders")))
}

fn given() -> Given {
    Given { variables: Variables::new(), files: Variables::new(), document: None, secrets: Vec::new() }
}

fn run(
    session: &Session<'_>,
    command: &OsStr,
    document: Option<DocumentFile>,
    load: &dyn Fn() -> Result<Given, Failure>,
) -> Result<u8, Failure> {
    let line = session.line;
    #[cfg(unix)]
    if line.is_on("background") && !session.is_detached {
        let again = std::iter::once(runner::DETACHED.into()).chain(session.words.iter().cloned());
        return runner::background::start_as("sops", again);
    }
    let options = RunOptions {
        user: line.text("user").map(str::to_owned),
        same_process: line.is_on("same-process"),
        background: line.is_on("background") && !session.is_detached,
        detached: session.is_detached,
        ..RunOptions::default()
    };
    let [shell, option] = if cfg!(windows) { ["cmd.exe", "/C"] } else { ["/bin/sh", "-c"] };
    runner::run(&Job {
        options: &options,
        program: vec![shell.into(), option.into(), command.to_owned()],
        // The command may call `sops` in turn, for which it needs the variables with keys.
        inherited: if line.is_on("pristine") { Inherited::Nothing } else { Inherited::All },
        files: Vec::new(),
        document,
        load,
        core_limit: session.core_limit,
    })
}
