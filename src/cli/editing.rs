//! A plaintext in the editor, and what becomes of it: what `edit` and the resolving of conflicts share.

use std::ffi::OsString;
use std::path::Path;

use sops_rs::document::MAX_PLAINTEXT_LEN;
use zeroize::Zeroizing;

use super::editor::{Editor, Session};
use super::io;
use super::private_dir::PrivateDir;
use super::report::{Failure, word};
use super::terminal::Terminal;
use super::{exit_code, signals};

/// What is edited.
pub(crate) trait Editable {
    /// The encrypted file.
    fn path(&self) -> &Path;

    /// What the editor gets.
    fn plaintext(&self) -> &[u8];

    /// Whether nobody would miss `edited`.
    fn is_unchanged(&self, edited: &[u8]) -> bool;

    /// The command that takes edits which were kept in the file `kept`.
    fn command_for(&self, kept: &str) -> String {
        let shown = self.path().display().to_string();
        let shown = word(&shown);
        format!("sops-rs encrypt --filename-override {shown} -o {shown} {}", word(kept))
    }

    /// Makes an encrypted file of it, or says that nothing changed; gives the exit code.
    fn finish(&self, edited: &[u8]) -> Result<u8, Failure>;
}

/// An editor, and a place for what it edits.
pub(crate) struct Editing {
    editor: Editor,
    folder: PrivateDir,
    is_interactive: bool,
}

impl Editing {
    /// Chooses the editor, or `program`, which asks nothing. From now on signals wipe the folder.
    pub(crate) fn prepare(program: Option<&str>) -> Result<Self, Failure> {
        let editor = Editor::choose(program)?;
        let folder = PrivateDir::create()?;
        signals::wipe_before_end().map_err(|error| Failure::new(exit_code::GENERIC, io::reason(&error)))?;
        Ok(Self { editor, folder, is_interactive: program.is_none() })
    }

    /// Lets the user edit until something comes of it, or it is given up.
    pub(crate) fn run(self, target: &dyn Editable) -> Result<u8, Failure> {
        let name = safe_name(target.path());
        let plaintext = self.folder.create_file(&name, target.plaintext())?;
        let session = self.editor.open(&self.folder, &plaintext, target.path())?;
        let edit = Edit { target, shown: target.path().display().to_string(), folder: self.folder, name, session };
        let mut line = None;
        loop {
            let failure = match edit.attempt(line) {
                Ok(code) => return Ok(code),
                Err(failure) if !self.is_interactive || !edit.has_edits() => return Err(failure),
                Err(failure) if !Terminal.is_there() => {
                    return Err(failure.hint("there is no terminal to ask at, so the edits were discarded"));
                }
                Err(failure) => failure,
            };
            failure.print();
            match Terminal.choose("what now?", &["edit again", "discard", "keep"]) {
                Some(0) => line = failure.line,
                Some(2) => return Err(edit.keep(failure.code)),
                _ => {
                    let what = "the edits were discarded, the file is as it was";
                    return Err(Failure::about(failure.code, &edit.shown, what));
                }
            }
        }
    }
}

/// A plaintext in the editor.
struct Edit<'a> {
    target: &'a dyn Editable,
    shown: String,
    folder: PrivateDir,
    /// Of the plaintext, in the folder.
    name: OsString,
    session: Session,
}

impl Edit<'_> {
    /// One run of the editor, and what comes of it.
    fn attempt(&self, line: Option<usize>) -> Result<u8, Failure> {
        self.session.run(line)?;
        self.target.finish(&self.edited()?)
    }

    fn edited(&self) -> Result<Zeroizing<Vec<u8>>, Failure> {
        self.folder.read_file(&self.name, MAX_PLAINTEXT_LEN)
    }

    /// Whether there is anything to lose.
    fn has_edits(&self) -> bool {
        self.edited().is_ok_and(|edited| !self.target.is_unchanged(&edited))
    }

    /// Leaves the edits to the user.
    fn keep(self, code: u8) -> Failure {
        let folder = self.folder.keep();
        let place = folder.join(&self.name).display().to_string();
        let what = format!("the file is as it was; the edits are kept, in plaintext, in `{place}`");
        let failure = Failure::about(code, &self.shown, what);
        let failure = failure.hint(format!("encrypt them with `{}`", self.target.command_for(&place)));
        failure.hint(format!("then remove them with `rm -r {}`", word(&folder.display().to_string())))
    }
}

/// The name of the plaintext: that of the file, so that the editor knows what it is, but nothing in it that a shell takes
/// for more than a name, since programs are given as text.
fn safe_name(path: &Path) -> OsString {
    let safe = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
    path.file_name().unwrap_or_default().to_string_lossy().chars().map(safe).collect::<String>().into()
}
