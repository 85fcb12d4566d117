//! What a program is given as files.

use std::path::{Path, PathBuf};

use super::fifo::Fifo;
use super::user::User;
use super::{DocumentFile, Given};
use crate::cli::private_dir::PrivateDir;
use crate::cli::report::Failure;
use crate::cli::{exit_code, io};

/// The files of one run; they are gone when it is dropped.
#[derive(Debug)]
pub(super) struct Files {
    // Dropped first: it must not make a pipe in a folder that is being wiped.
    _fifo: Option<Fifo>,
    _folder: PrivateDir,
    /// The plaintext of `exec-file`.
    pub(super) plaintext: Option<PathBuf>,
    /// The other files, by variable.
    pub(super) variables: Vec<(String, PathBuf)>,
}

impl Files {
    /// Makes the files, if there are any.
    pub(super) fn of(
        given: &Given,
        document: Option<DocumentFile>,
        user: Option<&User>,
    ) -> Result<Option<Self>, Failure> {
        if given.files.is_empty() && given.document.is_none() {
            return Ok(None);
        }
        let folder = if user.is_some() { PrivateDir::create_reachable() } else { PrivateDir::create() }?;
        let owner = user.map(User::owner);
        if let Some((_, group)) = owner {
            // The folder itself stays ours: who owned it could put a link in the place of a file that we wipe.
            io::let_pass(folder.path(), group)?;
        }
        let make = |name: &str, content: &[u8]| -> Result<PathBuf, Failure> {
            let path = folder.create_file(name.as_ref(), content)?;
            owner.map_or(Ok(()), |owner| io::give_to(&path, owner))?;
            Ok(path)
        };
        let mut variables = Vec::new();
        for (name, text) in &given.files {
            variables.push((name.clone(), make(name, text.as_bytes())?));
        }
        let (mut plaintext, mut fifo) = (None, None);
        if let (Some((name, content)), Some(document)) = (&given.document, document) {
            if given.files.contains_key(name) {
                let what = format!("`--filename` and `--as-file` both name `{name}`");
                return Err(Failure::new(exit_code::CONFLICT, what));
            }
            let path = folder.path().join(name);
            if document.fifo {
                let served = Fifo::serve(&path, content.clone(), owner);
                fifo = Some(served.map_err(|error| cannot_make(&path, &error))?);
            } else {
                make(name, content)?;
            }
            plaintext = Some(path);
        }
        Ok(Some(Self { _fifo: fifo, _folder: folder, plaintext, variables }))
    }
}

fn cannot_make(path: &Path, error: &std::io::Error) -> Failure {
    let what = format!("cannot be made: {}", io::reason(error));
    Failure::about(exit_code::OUTPUT, &path.display().to_string(), what)
}
