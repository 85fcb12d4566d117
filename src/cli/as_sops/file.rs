//! The file that a command of SOPS is about: where it comes from, which formats it has, and where the result goes.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use sops_rs::Error;
use sops_rs::data_key::DataKey;
use sops_rs::dialect::sops::{Metadata, Rule};
use sops_rs::document::sops::Store;
use sops_rs::document::{self, BINARY, FORMATS, Format, MAX_ENCRYPTED_LEN, MAX_PLAINTEXT_LEN};
use sops_rs::error::sops::SopsError;
use sops_rs::file;
use sops_rs::file::sops::{self, Decrypted, Documents, Losses, SealedFile};
use zeroize::Zeroizing;

use super::failure::{self, Text};
use super::grammar::Line;
use super::session::{Session, store};
use crate::cli::exit_code;
use crate::cli::io::{self, Privacy};
use crate::cli::report::{Failure, list, named, warn, word};

/// Standard input by the name of its file.
const STDIN: &str = "/dev/stdin";

/// A file by name; standard input without one.
pub(super) struct Input {
    pub(super) path: Option<PathBuf>,
    /// How messages name it, `-` for standard input.
    pub(super) shown: String,
    /// The name that formats and rules go by.
    pub(super) name: PathBuf,
    /// What it is.
    pub(super) store: Store,
    /// What the result is to be.
    pub(super) output: Store,
    pub(super) bytes: Zeroizing<Vec<u8>>,
}

impl Input {
    /// Reads the file. One that is not there fails with `missing`.
    pub(super) fn read(session: &Session<'_>, file: Option<&OsStr>, text: Text, missing: u8) -> Result<Self, Failure> {
        let mut input = Self::named(session, file);
        let limit = if text == Text::Encrypted { MAX_ENCRYPTED_LEN } else { MAX_PLAINTEXT_LEN };
        if let Some(path) = input.path.as_deref().filter(|path| !path.exists()) {
            return Err(failure::missing(missing, path.as_os_str()));
        }
        // A file that is called so is not standard input.
        let source = match input.path.as_deref() {
            None => "-".into(),
            Some(path) if path == Path::new("-") => PathBuf::from("./-"),
            Some(path) => path.to_owned(),
        };
        input.bytes = io::read(&source, limit)?;
        if text == Text::Encrypted {
            input.look_for_toml(session.line);
        }
        Ok(input)
    }

    /// The file without what is in it.
    pub(super) fn named(session: &Session<'_>, file: Option<&OsStr>) -> Self {
        let line = session.line;
        let path = file.map(PathBuf::from);
        let name = line.path("filename-override").map(Path::to_owned).or_else(|| path.clone()).unwrap_or_default();
        Self {
            shown: path.as_ref().map_or_else(|| "-".to_owned(), |path| path.display().to_string()),
            // A socket cannot be opened by that name.
            path: path.filter(|path| path != Path::new(STDIN)),
            store: store(line, "input-type", &name),
            output: store(line, "output-type", &name),
            name,
            bytes: Zeroizing::default(),
        }
    }

    /// SOPS takes TOML for binary, and so do we under its name; but what we have encrypted as TOML is read as such.
    fn look_for_toml(&mut self, line: &Line) {
        let file_name = self.name.file_name().unwrap_or_default().to_string_lossy();
        let is_named = |option| line.text(option).is_some_and(|name| Store::by_name(name).is_some());
        if Store::for_encrypted(&file_name, &self.bytes) == Store::Toml && !is_named("input-type") {
            self.store = Store::Toml;
            if !is_named("output-type") {
                self.output = Store::Toml;
            }
        }
    }

    /// The format in which values are looked for. What is taken for binary by its name alone may be any JSON.
    pub(super) fn sealed_store(&self) -> Store {
        match (self.store, self.output) {
            (Store::Binary, output) if output != Store::Binary => Store::Json,
            // The other way round: JSON whose content is wanted.
            (Store::Json, Store::Binary) => Store::Binary,
            (store, _) => store,
        }
    }

    /// Looks for metadata, of which there must be some.
    pub(super) fn look(&self) -> Result<Look<'_>, Failure> {
        let missing = || failure::of(&self.shown, Text::Encrypted, SopsError::NoMetadata.into());
        self.look_for_metadata()?.ok_or_else(missing)
    }

    /// Looks for metadata.
    pub(super) fn look_for_metadata(&self) -> Result<Option<Look<'_>>, Failure> {
        let sealed = SealedFile::read(&self.bytes, self.sealed_store());
        if let Ok(Some(sealed)) = sealed {
            return Ok(Some(Look::Sops(Box::new(sealed))));
        }
        match self.native_format() {
            Some(format) => Ok(Some(Look::Native(format))),
            None => sealed.map(|_| None).map_err(|error| self.unreadable(error)),
        }
    }

    /// The format in which it is an encrypted file of our own dialect: the one that is named, if it can be, since some texts
    /// are of several.
    pub(super) fn native_format(&self) -> Option<&'static dyn Format> {
        let file_name = self.name.file_name().unwrap_or_default().to_string_lossy();
        let by_store = document::format_by_name(self.store.name()).filter(|_| self.store != Store::Binary);
        let named = by_store.or_else(|| document::format_for_name(&file_name));
        let formats = [BINARY].into_iter().chain(named).chain(FORMATS.iter().copied());
        formats.into_iter().find(|format| matches!(file::status(&self.bytes, *format), Ok(Some(_))))
    }

    /// The failure for what is not what it was taken for.
    fn unreadable(&self, error: Error) -> Failure {
        let failure = failure::of(&self.shown, Text::Encrypted, error);
        // Standard input is binary for SOPS when nothing is said: JSON.
        let is_nameless = self.name.as_os_str().is_empty() && self.store == Store::Binary;
        if is_nameless { failure.hint("say what it is, as with --input-type yaml") } else { failure }
    }

    /// Decrypts what [`Input::look`] has found.
    pub(super) fn open(&self, session: &Session<'_>, sealed: &SealedFile<'_>) -> Result<Opened, Failure> {
        let data_key = session.data_key(&self.shown, sealed.metadata())?;
        let opened = sealed.decrypt(&data_key, session.mac_check());
        let decrypted = opened.map_err(|error| match error {
            Error::Sops(SopsError::Metadata { ref field, .. }) if field == "data" => self.unreadable(error),
            error => failure::of(&self.shown, Text::Encrypted, error),
        })?;
        for at in &decrypted.unopened_comments {
            warn(&format!("{}: {at}: an encrypted comment does not open, it stays as it stands", named(&self.shown)));
        }
        Ok(Opened { data_key, decrypted, store: self.sealed_store() })
    }

    /// The encrypted file with another plaintext, which is in the format of the output. Values that did not change keep
    /// their tokens, unless the format changes.
    pub(super) fn updated(
        &self,
        session: &Session<'_>,
        sealed: &SealedFile<'_>,
        opened: &Opened,
        plaintext: &[u8],
    ) -> Result<String, Failure> {
        let now = session.now();
        if opened.store == self.output {
            self.check_published(session, &opened.decrypted, plaintext)?;
        }
        let encrypted = if opened.store == self.output {
            sealed.update(plaintext, &opened.data_key, now, session.mac_check())
        } else {
            let metadata = Metadata { last_modified: now, ..opened.decrypted.metadata.clone() };
            sops::encrypt(plaintext, sealed_as(opened.store, self.output), &opened.data_key, metadata)
        };
        encrypted.map_err(|error| failure::of(&self.shown, Text::Plain, error))
    }

    /// Holds the file's selector, which nobody authenticates, against that of its rule: what would be published for it is
    /// refused where the rule says which values are to be encrypted, and told where the selector may be from an option.
    fn check_published(&self, session: &Session<'_>, old: &Decrypted, plaintext: &[u8]) -> Result<(), Failure> {
        let Ok(Some(rule)) = session.rule_for(&self.name) else { return Ok(()) };
        let selector = rule.selector.as_ref().and_then(|selector| Rule::new(selector.name, &selector.text));
        let own = old.metadata.rule.clone().unwrap_or_default();
        let (is_said, selector) = (selector.is_some(), selector.unwrap_or_default());
        let published = sops::published(&old.plaintext, plaintext, self.sealed_store(), &own, &selector);
        let published = published.map_err(|error| failure::of(&self.shown, Text::Plain, error))?;
        if published.is_empty() {
            return Ok(());
        }
        let (name, text) = own.parts();
        let clear = list(&published);
        let what = format!("{clear} would be in clear by the file's `{name}: {text}`, which its rule does not say");
        if is_said {
            let failure = Failure::about(exit_code::ENCRYPT, &self.shown, what);
            let hint = format!("if the rule is right, `sops-rs updatekeys {}` encrypts by it", word(&self.shown));
            return Err(failure.hint(hint));
        }
        warn(&format!("{}: {what}", named(&self.shown)));
        Ok(())
    }

    /// Writes a result: over the file, to a file, or to standard output.
    pub(super) fn deliver(&self, session: &Session<'_>, bytes: &[u8], privacy: Privacy) -> Result<(), Failure> {
        match (session.line.is_on("in-place"), session.line.path("output"), &self.path) {
            (true, _, Some(_)) => self.replace(bytes, privacy),
            (_, Some(path), _) => io::write(path, bytes, privacy),
            _ => io::print(bytes),
        }
    }

    /// Writes a result over the file.
    pub(super) fn replace(&self, bytes: &[u8], privacy: Privacy) -> Result<(), Failure> {
        let path = self.path.as_deref().unwrap_or(Path::new("-"));
        io::replace(path, &self.bytes, bytes, privacy)
    }

    /// Refuses what cannot be written, before anybody is asked for anything.
    pub(super) fn check_output(session: &Session<'_>, file: Option<&OsStr>) -> Result<(), Failure> {
        let in_place = session.line.is_on("in-place");
        let conflict = |what: &str| Err(Failure::new(exit_code::CONFLICT, what));
        match file {
            None if in_place => conflict("Error: cannot use --in-place when reading from stdin"),
            Some(_) if in_place && session.line.path("output").is_some() => {
                conflict("Error: cannot operate on both --output and --in-place")
            }
            Some(file) if in_place => io::check_replaceable(Path::new(file)),
            _ => Ok(()),
        }
    }
}

/// Whose encrypted file it is.
pub(super) enum Look<'i> {
    /// Ours, in this format.
    Native(&'static dyn Format),
    Sops(Box<SealedFile<'i>>),
}

/// A decrypted file.
pub(super) struct Opened {
    pub(super) data_key: DataKey,
    pub(super) decrypted: Decrypted,
    /// The format of the plaintext.
    pub(super) store: Store,
}

impl Opened {
    /// The plaintext in the format `to`, as [`converted`] gives it.
    pub(super) fn converted(
        &self,
        session: &Session<'_>,
        to: Store,
        losses: Losses,
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        let documents = || Documents::of(&self.decrypted);
        laid_out(session, &self.decrypted.plaintext, [self.store, to], documents, losses)
    }
}

/// A plaintext in the format `to`. In its own one it stays as it is, unless an option asks for another indentation, or the
/// config for one that cannot be.
pub(super) fn converted(
    session: &Session<'_>,
    plaintext: &[u8],
    [from, to]: [Store; 2],
    losses: Losses,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    laid_out(session, plaintext, [from, to], || Documents::read(plaintext, from), losses)
}

fn laid_out(
    session: &Session<'_>,
    plaintext: &[u8],
    [from, to]: [Store; 2],
    documents: impl FnOnce() -> Result<Documents, Error>,
    losses: Losses,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let stores = session.stores();
    let is_named = session.indent().is_some();
    let is_laid_out = match from {
        Store::Json => is_named || stores.json_indent < -1,
        // In braces nobody would find the line `sops:`, by which many tell encrypted files.
        Store::Yaml => {
            let is_in_braces = plaintext.trim_ascii_start().starts_with(b"{");
            is_named || stores.yaml_indent < 0 || is_in_braces && losses == Losses::Refused
        }
        _ => false,
    };
    if from == to && !is_laid_out {
        return Ok(Zeroizing::new(plaintext.to_owned()));
    }
    documents()?.print(to, &stores, losses)
}

/// The format of an encrypted file that is to be in the format `to`: whatever is called binary and was read as something
/// else is JSON.
pub(super) fn sealed_as(from: Store, to: Store) -> Store {
    if to == Store::Binary && from != Store::Binary { Store::Json } else { to }
}
