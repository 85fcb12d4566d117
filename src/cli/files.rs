//! What the commands that take files share: formats, identities, and who can open what.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use sops_rs::data_key::DataKey;
use sops_rs::dialect::native::Section;
use sops_rs::dialect::sops::KeyGroup;
use sops_rs::document::sops::Store;
use sops_rs::document::{BINARY, FORMATS, Format, MAX_ENCRYPTED_LEN, format_for_name};
use sops_rs::error::Error;
use sops_rs::error::sops::KeyReport;
use sops_rs::file::any::{self, Decrypted};
use sops_rs::file::sops::{self, KeyWrap};
use sops_rs::file::{Document, IdentityUnlock, Unlock, Warning};
use sops_rs::keys::shamir::Share;
use sops_rs::leaf::{Leaf, Segment};

use super::identities::{self, FoundIdentities, Machine};
use super::readers::Own;
use super::report::{Failure, named, warn};
use super::sops_keys::SopsTools;
use super::terminal::Terminal;
use super::{discover, exit_code, io};

/// A file format by name: one of [`FORMATS`].
#[derive(Clone, Copy)]
pub(crate) struct FormatName(&'static dyn Format);

impl FormatName {
    /// The format.
    pub(crate) fn format(self) -> &'static dyn Format {
        self.0
    }
}

impl ValueEnum for FormatName {
    fn value_variants<'a>() -> &'a [Self] {
        static NAMES: LazyLock<Vec<FormatName>> = LazyLock::new(|| FORMATS.iter().copied().map(FormatName).collect());
        &NAMES
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.0.name()))
    }
}

impl fmt::Debug for FormatName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

/// Options that say how a file is to be read.
#[derive(Clone, Debug, Args)]
pub(crate) struct InputOptions {
    /// The format of the input, where its name does not tell; files of other names are binary
    #[arg(long, value_name = "FORMAT")]
    pub(crate) input_type: Option<FormatName>,
    /// Take format and rule from this name instead of the file's own
    #[arg(long, value_name = "NAME")]
    pub(crate) filename_override: Option<PathBuf>,
}

impl InputOptions {
    /// The format that a name tells, or binary.
    pub(crate) fn format_of_name(name: &Path) -> &'static dyn Format {
        let file_name = name.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        format_for_name(&file_name).unwrap_or(BINARY)
    }

    /// The name that format and rule are chosen by.
    pub(crate) fn name<'a>(&'a self, file: &'a Path) -> &'a Path {
        self.filename_override.as_deref().unwrap_or(file)
    }

    /// The format of `file`: the one that was named, or that its name tells, or binary.
    pub(crate) fn format(&self, file: &Path) -> Result<&'static dyn Format, Failure> {
        if let Some(name) = self.input_type {
            return Ok(name.format());
        }
        let name = self.name(file);
        if is_stream(name) {
            let failure = Failure::new(exit_code::CONFLICT, "standard input has no name to tell its format by");
            return Err(failure.hint("name it with --filename-override NAME, or say --input-type FORMAT"));
        }
        Ok(Self::format_of_name(name))
    }

    /// The format that SOPS has for `file`: the one that was named, or that its name tells. A plan may know better
    /// (`sops::Plan::store`).
    pub(crate) fn store(&self, file: &Path) -> Store {
        match self.input_type {
            Some(FormatName(format)) => Store::by_name(format.name()).unwrap_or(Store::Binary),
            None => Store::for_name(&self.name(file).file_name().unwrap_or_default().to_string_lossy()),
        }
    }

    /// Whether `format` is what is left when the name of the file tells none.
    pub(crate) fn is_fallback(&self, format: &dyn Format) -> bool {
        self.input_type.is_none() && format.name() == BINARY.name()
    }
}

/// The format in which `bytes` are an encrypted file, whatever the file is called.
pub(crate) fn encrypted_as(bytes: &[u8]) -> Option<&'static dyn Format> {
    // The envelope of a binary file is JSON too, but nobody wants that.
    let formats = std::iter::once(BINARY).chain(FORMATS.iter().copied());
    formats.into_iter().find(|format| matches!(any::status(bytes, *format), Ok(Some(_))))
}

/// The failure for a file that is encrypted in the format `other`, and was taken for one of `format`.
pub(crate) fn misnamed(shown: &str, format: &dyn Format, other: &dyn Format) -> Failure {
    let what = format!("is taken for {} by its name, but is encrypted as {}", format.name(), other.name());
    Failure::about(exit_code::INPUT, shown, what).hint(format!("say --input-type {}", other.name()))
}

/// The format of text in which `bytes` are keys with values.
pub(crate) fn reads_as(bytes: &[u8]) -> Option<&'static dyn Format> {
    let formats = FORMATS.iter().copied().filter(|format| format.name() != BINARY.name());
    let has_keys = |format: &&'static dyn Format| {
        Document::parse(bytes, *format).is_ok_and(|document| {
            let scan = document.scan();
            let is_named = |leaf: &Leaf| matches!(scan.paths.last(leaf.path), Some(Segment::Key { .. }));
            scan.leaves.iter().any(|leaf| leaf.kind.is_value() && is_named(leaf))
        })
    };
    formats.into_iter().find(has_keys)
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
    all_of(files.iter().map(|path| work(path).map(|result| (path.as_path(), result))))
}

/// The results for several files if there was no failure, else all failures.
pub(crate) fn all_of<T>(results: impl ExactSizeIterator<Item = Result<T, Failure>>) -> Result<Vec<T>, Failure> {
    /// What fails a thousand times mostly does so for one reason.
    const MOST: usize = 10;
    let files = results.len();
    let mut done = Vec::with_capacity(files);
    let mut failures = Vec::new();
    for result in results {
        match result {
            Ok(result) => done.push(result),
            Err(failure) => failures.push(failure),
        }
    }
    let more = failures.len().saturating_sub(MOST);
    failures.truncate(MOST);
    let Some(last) = failures.pop() else { return Ok(done) };
    let last = if more > 0 { last.hint(format!("{more} more files fail")) } else { last };
    let last = if files > 1 { last.hint("none of the files was changed") } else { last };
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
    tools: SopsTools,
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
        Ok(Self { found, terminal: Terminal, tools: SopsTools::find(None)? })
    }

    /// The recipients of its identities.
    pub(crate) fn own(&self) -> Own {
        Own::of(&self.found.identities)
    }

    /// Wraps data keys for files of either dialect.
    pub(crate) fn wrap(&self) -> KeyWrap<'_> {
        self.tools.wrap()
    }

    /// Reads `path` and decrypts it; warnings about it are told.
    pub(crate) fn decrypt(&self, path: &Path, format: &'static dyn Format) -> Result<Decrypted, Failure> {
        let bytes = io::read(path, MAX_ENCRYPTED_LEN)?;
        self.decrypt_bytes(&path.display().to_string(), &bytes, format, self)
    }

    /// The same, with a mask in the place of everything that is sealed.
    pub(crate) fn mask(&self, path: &Path, format: &'static dyn Format) -> Result<Decrypted, Failure> {
        let bytes = io::read(path, MAX_ENCRYPTED_LEN)?;
        self.told(&path.display().to_string(), &bytes, format, any::mask(&bytes, format, self))
    }

    /// Decrypts the content of the file `shown`, with data keys from `unlock`, which asks this unlocker for them.
    pub(crate) fn decrypt_bytes(
        &self,
        shown: &str,
        bytes: &[u8],
        format: &'static dyn Format,
        unlock: &dyn any::Unlock,
    ) -> Result<Decrypted, Failure> {
        self.told(shown, bytes, format, any::decrypt(bytes, format, unlock))
    }

    fn told(
        &self,
        shown: &str,
        bytes: &[u8],
        format: &dyn Format,
        result: Result<Decrypted, Error>,
    ) -> Result<Decrypted, Failure> {
        let decrypted = result.map_err(|error| match error {
            Error::NotEncrypted => match encrypted_as(bytes) {
                Some(other) => misnamed(shown, format, other),
                None => self.failure(shown, Error::NotEncrypted),
            },
            error => self.failure(shown, error),
        })?;
        discover::warn_of_dialect(shown, Path::new(shown), decrypted.metadata().dialect());
        warn_of(&named(shown), decrypted.warnings());
        Ok(decrypted)
    }

    /// The failure for `error`, with what was tried when no identity fits.
    pub(crate) fn failure(&self, file: &str, error: Error) -> Failure {
        let is_locked = error.is_locked();
        let is_opened_in_part = match &error {
            Error::TooFewKeyGroups { groups, .. } => groups.iter().any(|group| group.opened),
            _ => false,
        };
        let failure = Failure::of(file, error);
        if !is_locked {
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
        failure.hint(if is_opened_in_part {
            "name an identity of another key group with --identity FILE"
        } else {
            "ask a reader to add your recipient, or name another identity with --identity FILE"
        })
    }
}

/// Tells what a reader of a decrypted file should know.
pub(crate) fn warn_of(shown: &str, warnings: &[Warning]) {
    for warning in warnings {
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

impl sops::Unlock for Unlocker {
    fn data_key(&self, group: &KeyGroup) -> Result<DataKey, Vec<KeyReport>> {
        self.tools.unlock(&self.found).data_key(group)
    }

    fn share(&self, group: &KeyGroup) -> Result<Share, Vec<KeyReport>> {
        self.tools.unlock(&self.found).share(group)
    }
}
