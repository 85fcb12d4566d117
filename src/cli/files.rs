//! What the commands that take files share: formats, identities, and who can open what.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use sops_rs::data_key::DataKey;
use sops_rs::dialect::native::Section;
use sops_rs::document::{Format, MAX_ENCRYPTED_LEN, format_by_name, format_for_name};
use sops_rs::error::Error;
use sops_rs::file::{self, Decrypted, IdentityUnlock, Unlock, Warning};

use super::identities::{self, FoundIdentities, Machine};
use super::report::{Failure, named, warn};
use super::terminal::Terminal;
use super::{exit_code, io, sops};

/// A file format by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatName {
    Yaml,
    Json,
    Dotenv,
}

impl FormatName {
    /// The format.
    pub(crate) fn format(self) -> &'static dyn Format {
        let name = match self {
            Self::Yaml => "yaml",
            Self::Json => "json",
            Self::Dotenv => "dotenv",
        };
        format_by_name(name).expect("each of these names is a format's")
    }
}

/// Options that say how a file is to be read.
#[derive(Clone, Debug, Args)]
pub(crate) struct InputOptions {
    /// The format of the input, where its name does not tell
    #[arg(long, value_name = "FORMAT")]
    pub(crate) input_type: Option<FormatName>,
    /// Take format and rule from this name instead of the file's own
    #[arg(long, value_name = "NAME")]
    pub(crate) filename_override: Option<PathBuf>,
}

impl InputOptions {
    /// The name that format and rule are chosen by.
    pub(crate) fn name<'a>(&'a self, file: &'a Path) -> &'a Path {
        self.filename_override.as_deref().unwrap_or(file)
    }

    /// The format of `file`.
    pub(crate) fn format(&self, file: &Path) -> Result<&'static dyn Format, Failure> {
        if let Some(name) = self.input_type {
            return Ok(name.format());
        }
        let name = self.name(file);
        if is_stream(name) {
            let failure = Failure::new(exit_code::CONFLICT, "standard input has no name to tell its format by");
            return Err(failure.hint("name it with --filename-override NAME, or say --input-type FORMAT"));
        }
        let file_name = name.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        format_for_name(&file_name).ok_or_else(|| {
            let failure = Failure::about(exit_code::INPUT, &name.display().to_string(), "its name tells no format");
            failure.hint("known are .yaml, .yml, .json, .env, .env.NAME and NAME.env; or say --input-type FORMAT")
        })
    }
}

/// Where identities are looked for.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct IdentityOptions {
    /// An identity file; looked at before all others
    #[arg(long, value_name = "FILE")]
    pub(crate) identity: Vec<PathBuf>,
}

/// Does `work` with each of `files`; when it fails with some, the failures of all are told.
pub(crate) fn each<'f, T>(
    files: &'f [PathBuf],
    mut work: impl FnMut(&'f Path) -> Result<T, Failure>,
) -> Result<Vec<(&'f Path, T)>, Failure> {
    let mut done = Vec::with_capacity(files.len());
    let mut failures = Vec::new();
    for path in files {
        match work(path) {
            Ok(result) => done.push((path.as_path(), result)),
            Err(failure) => failures.push(failure),
        }
    }
    let Some(last) = failures.pop() else { return Ok(done) };
    let last = if files.len() > 1 { last.hint("none of the files was changed") } else { last };
    failures.push(last);
    let mut failures = failures.into_iter();
    let first = failures.next().expect("one was just pushed");
    Err(failures.fold(first, Failure::and))
}

/// Whether a path stands for standard input or output.
pub(crate) fn is_stream(path: &Path) -> bool {
    path == Path::new("-")
}

/// Opens data keys with the identities of this machine, which are looked for once.
pub(crate) struct Unlocker {
    found: FoundIdentities,
    terminal: Terminal,
}

impl Unlocker {
    /// Looks for identities.
    ///
    /// # Errors
    /// When one that was asked for cannot be used.
    pub(crate) fn find(options: &IdentityOptions) -> Result<Self, Failure> {
        let found = identities::find(&options.identity, &Machine::this());
        let found = found.map_err(|error| Failure::new(exit_code::NO_KEY, error.to_string()))?;
        found.warnings.iter().for_each(|warning| warn(warning));
        Ok(Self { found, terminal: Terminal })
    }

    /// Reads `path` and decrypts it; warnings about it are told.
    pub(crate) fn decrypt(&self, path: &Path, format: &'static dyn Format) -> Result<Decrypted, Failure> {
        let bytes = io::read(path, MAX_ENCRYPTED_LEN)?;
        self.decrypt_bytes(&path.display().to_string(), &bytes, format, self)
    }

    /// Decrypts the content of the file `shown`, with data keys from `unlock`, which asks this unlocker for them.
    pub(crate) fn decrypt_bytes(
        &self,
        shown: &str,
        bytes: &[u8],
        format: &'static dyn Format,
        unlock: &dyn Unlock,
    ) -> Result<Decrypted, Failure> {
        let decrypted = file::decrypt(bytes, format, unlock).map_err(|error| match error {
            Error::NotEncrypted if sops::is_encrypted(bytes, format) => sops::failure(shown, exit_code::GENERIC),
            error => self.failure(shown, error),
        })?;
        warn_of(&named(shown), &decrypted);
        Ok(decrypted)
    }

    /// The failure for `error`, with what was tried when no identity fits.
    pub(crate) fn failure(&self, file: &str, error: Error) -> Failure {
        let no_identity = matches!(error, Error::NoIdentity { .. } | Error::SectionLocked { .. });
        let failure = Failure::of(file, error);
        if !no_identity {
            return failure;
        }
        let (tried, empty) = self.found.places();
        if tried.is_empty() {
            let failure = failure.hint(format!("you have no identity; looked at {}", empty.join(", ")));
            return failure
                .hint("make one with `sops-rs init` and ask a reader to add it, or name one with --identity FILE");
        }
        let failure = failure.hint(format!("tried: {}", tried.join(", ")));
        let failure = if empty.is_empty() { failure } else { failure.hint(format!("nothing at {}", empty.join(", "))) };
        failure.hint("ask a reader to add your recipient, or name another identity with --identity FILE")
    }
}

/// Tells what a reader of a decrypted file should know.
fn warn_of(shown: &str, decrypted: &Decrypted) {
    for warning in &decrypted.warnings {
        warn(&match warning {
            Warning::CommentNotOpened { at } => {
                format!("{shown}: {at}: a sealed comment does not open, it stays as it stands")
            }
            Warning::Proposal { path } => {
                format!("{shown}: a proposal for `{path}` waits to be accepted, it is not used")
            }
            Warning::SectionLocked { name } => {
                format!("{shown}: no identity opens the section `{name}`, it stays encrypted")
            }
            other => format!("{shown}: {other:?}"),
        });
    }
}

impl Unlock for Unlocker {
    fn unlock(&self, section: &Section) -> Result<Option<DataKey>, Error> {
        IdentityUnlock { identities: &self.found.identities, interaction: &self.terminal }.unlock(section)
    }
}
