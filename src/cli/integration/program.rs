//! How git, which runs commands by a shell, is to call this program.

use crate::cli::report::{Failure, word};
use crate::cli::{environment, exit_code, io};

/// The name of the program.
const NAME: &str = "sops-rs";

/// This program.
#[derive(Debug)]
pub(super) struct Program {
    /// Where it is, as a word of the shell.
    path: String,
    is_on_path: bool,
}

impl Program {
    /// This one.
    ///
    /// # Errors
    /// When it cannot be told where it is.
    pub(super) fn this() -> Result<Self, Failure> {
        let unknown = |why: &str| {
            let failure = Failure::new(exit_code::GENERIC, format!("it cannot be told where this program is: {why}"));
            failure.hint("put it on the PATH")
        };
        let path = environment::this_program().map_err(|error| unknown(&io::reason(&error)))?;
        let text = path.to_str().ok_or_else(|| unknown("its path is no text"))?;
        Ok(Self { path: word(text).into_owned(), is_on_path: environment::find_program(NAME.as_ref()) == path })
    }

    /// One at `path`, which is on no PATH.
    #[cfg(test)]
    pub(super) fn at(path: &str) -> Self {
        Self { path: word(path).into_owned(), is_on_path: false }
    }

    /// Its name where it is found by that, else its path: it stays right when the program is renewed elsewhere.
    pub(super) fn command(&self) -> &str {
        if self.is_on_path { NAME } else { &self.path }
    }

    /// The lines of a hook that run `arguments`, and end the hook if that fails. Programs with windows start git with a short
    /// PATH: a hook of this machine knows the path, too. One that others share does not, and lets them pass without the program.
    pub(super) fn hook_lines(&self, arguments: &str, is_shared: bool) -> Vec<String> {
        let mut lines =
            vec![format!("if command -v {NAME} >/dev/null 2>&1; then"), format!("  {NAME} {arguments} || exit")];
        if is_shared {
            lines.push("else".to_owned());
            lines.push(format!("  echo '{NAME} is not installed: nobody looks whether secrets are encrypted' >&2"));
        } else {
            lines.push(format!("elif [ -x {} ]; then", self.path));
            lines.push(format!("  {} {arguments} || exit", self.path));
            lines.push("else".to_owned());
            lines.push(format!(
                "  echo '{NAME} is gone, and cannot look whether secrets are encrypted: install it again,' >&2"
            ));
            lines.push("  echo 'take these lines out of the hook, or say git commit --no-verify' >&2".to_owned());
            lines.push("  exit 1".to_owned());
        }
        lines.push("fi".to_owned());
        lines
    }
}
