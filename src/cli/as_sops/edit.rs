//! `edit`, and a file without a command.

use std::ffi::OsStr;
use std::path::Path;

use sops_rs::dialect::sops::Metadata;
use sops_rs::document::MAX_PLAINTEXT_LEN;
use sops_rs::file::sops::{Documents, Losses};
use zeroize::Zeroizing;

use super::failure::{self, Text};
use super::file::{Input, Look};
use super::native;
use super::new_file;
use super::session::Session;
use crate::cli::editor::Editor;
use crate::cli::io::{self, Privacy};
use crate::cli::private_dir::PrivateDir;
use crate::cli::report::{Failure, tell};
use crate::cli::{exit_code, signals};

/// Lets the user edit `file`, or make it. Gives the exit code, which tells whether something changed.
pub(super) fn run(session: &Session<'_>, file: &OsStr) -> Result<u8, Failure> {
    let path = Path::new(file);
    io::check_replaceable(path)?;
    if !path.exists() {
        return new(session, file);
    }
    let input = Input::read(session, Some(file), Text::Encrypted, exit_code::INPUT)?;
    let sealed = match input.look()? {
        Look::Native(format) => return native::change(session, "edit", &input, format, &[]),
        Look::Sops(sealed) => sealed,
    };
    let opened = input.open(session, &sealed)?;
    if session.line.is_on("show-master-keys") {
        show_keys(&opened.decrypted.metadata);
    }
    let of_file = |error| failure::of(&input.shown, Text::Encrypted, error);
    let plaintext = opened.converted(session, input.output, Losses::Refused).map_err(of_file)?;
    edit(path, &plaintext, &|edited| {
        let text = input.updated(session, &sealed, &opened, edited)?;
        input.replace(text.as_bytes(), Privacy::Public)
    })
}

/// Makes a file, from an example.
fn new(session: &Session<'_>, file: &OsStr) -> Result<u8, Failure> {
    let path = Path::new(file);
    let input = Input::named(session, Some(file));
    if let Some(folder) = path.parent().filter(|folder| *folder != Path::new("") && !folder.is_dir()) {
        let what = format!("the folder `{}` does not exist", folder.display());
        return Err(Failure::about(exit_code::OUTPUT, &input.shown, what));
    }
    let metadata = new_file::metadata(session, &input.name, input.output)?;
    let example = Documents::example(input.output)
        .and_then(|example| example.print(input.output, &session.stores(), Losses::Refused))
        .map_err(|error| failure::of(&input.shown, Text::Plain, error))?;
    edit(path, &example, &|edited| {
        let encrypted = new_file::encrypted(session, edited, [input.output; 2], metadata.clone());
        let text = encrypted.map_err(|error| failure::of(&input.shown, Text::Plain, error))?;
        io::create(path, text.as_bytes(), Privacy::Public)
    })
}

/// Opens `plaintext` in the editor until `accept` takes what comes of it, or nothing is left to ask the user by.
fn edit(path: &Path, plaintext: &[u8], accept: &dyn Fn(&[u8]) -> Result<(), Failure>) -> Result<u8, Failure> {
    let editor = Editor::choose_as_sops()?;
    let folder = PrivateDir::create()?;
    signals::wipe_before_end().map_err(|error| Failure::new(exit_code::GENERIC, io::reason(&error)))?;
    let name = path.file_name().unwrap_or_default();
    let place = folder.create_file(name, plaintext)?;
    let session = editor.open(&folder, &place, path)?;
    let mut line = None;
    loop {
        let ran = session.run(line);
        ran.map_err(|failure| Failure::new(failure.code, format!("Could not run editor: {}", failure.message())))?;
        let edited = folder.read_file(name, MAX_PLAINTEXT_LEN)?;
        if *edited == plaintext {
            tell("File has not changed, exiting.");
            return Ok(exit_code::UNCHANGED);
        }
        let Err(failure) = checked(&edited).and_then(|edited| signals::uninterrupted(|| accept(edited))) else {
            return Ok(0);
        };
        failure.print();
        tell("Press Enter to return to the editor, or Ctrl+C to exit.");
        if io::read_line().is_none() {
            return Err(Failure::new(failure.code, "standard input has ended, so the edits were discarded"));
        }
        line = failure.line;
    }
}

fn checked(edited: &Zeroizing<Vec<u8>>) -> Result<&[u8], Failure> {
    if edited.trim_ascii().is_empty() {
        return Err(Failure::new(exit_code::EMPTY, "the file is empty; to keep it as it was, make the editor fail"));
    }
    Ok(edited)
}

/// Tells who can open the file.
fn show_keys(metadata: &Metadata) {
    for (number, group) in metadata.groups.iter().enumerate() {
        tell(&format!("Group {number}"));
        group.keys.iter().for_each(|key| tell(&format!("    {}: {}", key.kind().list(), key.name())));
    }
}
