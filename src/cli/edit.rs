//! `edit`.

use std::iter;
use std::path::{Path, PathBuf};

use clap::Args;
use sops_rs::document::sops::Store;
use sops_rs::document::{Format, MAX_ENCRYPTED_LEN};
use sops_rs::error::Error;
use sops_rs::file::Encrypted;
use sops_rs::file::any::{self, Decrypted, Input, Plan};
use zeroize::Zeroizing;

use super::conflicts::{self, Choice, Outcome, Resolving};
use super::discover::{self, RuleOptions};
use super::editing::{Editable, Editing};
use super::files::{IdentityOptions, InputOptions, is_stream};
use super::io::{self, Privacy};
use super::remembered::Remembered;
use super::report::{Failure, named, say, summarise, warn, word};
use super::sops_keys::SopsTools;
use super::{clock, exit_code, signals};

mod template;

/// Edit a file in your editor, decrypted
///
/// The plaintext lies in a private directory, in memory where there is such storage, and is wiped at the end. Values
/// that you leave alone keep their tokens. What cannot be encrypted as it stands, you may edit again, discard, or keep.
/// When nothing changed, nothing is written, and the exit code is 200. To give up, make the editor fail (`:cq` in
/// Vim), or save the file as it was.
///
/// A file with conflict markers of git opens with both sides decrypted, as with `git resolve`.
///
/// A file that does not exist yet is made, encrypted as its rule says. The editor is the one in SOPS_EDITOR, VISUAL or
/// EDITOR, with arguments; its own swap, undo and backup files are switched off for Vim, Neovim, nano, Emacs and VS
/// Code. It finds the name of the encrypted file in SOPS_RS_EDIT, and no variables with key material.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Let a program edit instead, without asking anything; `{}` is the path of the plaintext, as in 'sed -i s/a/b/ {}'
    #[arg(long, value_name = "COMMAND")]
    with: Option<String>,
    #[command(flatten)]
    rule: RuleOptions,
    #[command(flatten)]
    input: InputOptions,
    #[command(flatten)]
    identities: IdentityOptions,
}

/// Edits the file; gives the exit code, which tells whether it changed.
pub(crate) fn run(arguments: &Arguments) -> Result<u8, Failure> {
    let path = arguments.file.as_path();
    if is_stream(path) {
        return Err(Failure::new(exit_code::CONFLICT, "standard input cannot be edited, `edit` needs a file"));
    }
    io::check_replaceable(path)?;
    let format = arguments.input.format(path)?;
    if path.exists() && conflicts::has_markers(&io::read(path, MAX_ENCRYPTED_LEN)?, format) {
        return resolve(arguments, format);
    }
    let editing = Editing::prepare(arguments.with.as_deref())?;
    editing.run(&Target::find(arguments, format)?)
}

/// Resolves the conflicts of the file, as `git resolve` does.
fn resolve(arguments: &Arguments, format: &'static dyn Format) -> Result<u8, Failure> {
    let keys = Remembered::find(&arguments.identities)?;
    let (path, choice) = (arguments.file.as_path(), Choice::Edit(arguments.with.as_deref()));
    let repository = conflicts::repository_of(path)?;
    let resolving = Resolving { path, format, choice, yes: false, keys: &keys, repository: repository.as_ref() };
    let outcome = resolving.resolve()?;
    if outcome == Outcome::Unchanged {
        return Ok(exit_code::UNCHANGED);
    }
    say(&format!("{}: resolved", named(&path.display().to_string())));
    repository.map_or(Ok(()), |repository| conflicts::say_how_to_stage(&repository, path))?;
    Ok(0)
}

/// The file that is edited.
struct Target<'a> {
    path: &'a Path,
    shown: String,
    format: &'static dyn Format,
    /// The format that SOPS has for it.
    store: Store,
    /// What the editor gets.
    plaintext: Zeroizing<Vec<u8>>,
    origin: Origin,
}

enum Origin {
    /// The file that is on the disk, and its data keys.
    Encrypted { bytes: Zeroizing<Vec<u8>>, keys: Remembered },
    /// There is none yet, and this is how it is to be.
    New(Plan),
}

impl<'a> Target<'a> {
    fn find(arguments: &'a Arguments, format: &'static dyn Format) -> Result<Self, Failure> {
        let path = arguments.file.as_path();
        let shown = path.display().to_string();
        let of_file = |error| Failure::of(&shown, error);
        let (plaintext, origin) = if path.exists() {
            let bytes = io::read(path, MAX_ENCRYPTED_LEN)?;
            let keys = Remembered::find(&arguments.identities)?;
            let decrypted = keys.unlocker.decrypt_bytes(&shown, &bytes, format, &keys)?;
            if let Some(section) = decrypted.locked_section() {
                return Err(keys.unlocker.failure(&shown, Error::SectionLocked { section: section.to_owned() }));
            }
            check_rule(arguments, &decrypted)?;
            (decrypted.into_plaintext().map_err(of_file)?, Origin::Encrypted { bytes, keys })
        } else {
            if let Some(folder) = path.parent().filter(|folder| *folder != Path::new("") && !folder.is_dir()) {
                let failure = Failure::about(exit_code::NO_FILE, &shown, "its folder does not exist");
                let folder = folder.display().to_string();
                return Err(failure.hint(format!("make it with `mkdir -p {}`", word(&folder))));
            }
            let plan = discover::plan_for_new(&arguments.rule, arguments.input.name(path))?;
            (Zeroizing::new(template::template(format, &plan).into_bytes()), Origin::New(plan))
        };
        let store = arguments.input.store(path);
        Ok(Self { path, shown, format, store, plaintext, origin })
    }

    fn encrypt(&self, edited: &[u8]) -> Result<Encrypted, Failure> {
        match &self.origin {
            Origin::Encrypted { bytes, keys } => any::update(bytes, edited, self.format, keys, clock::now())
                .map_err(|error| keys.unlocker.failure(&self.shown, error)),
            Origin::New(plan) => {
                let tools = SopsTools::find(None)?;
                let encrypt = |plaintext| {
                    let input = Input { plaintext, format: self.format, store: self.store };
                    any::encrypt(input, plan, &tools.wrap(), clock::now())
                        .map_err(|error| Failure::of(&self.shown, error))
                };
                // First as it stands in the editor, so that errors name its lines.
                let whole = encrypt(edited)?;
                let text = template::without_header(edited);
                if text.len() == edited.len() { Ok(whole) } else { encrypt(text) }
            }
        }
    }

    fn write(&self, text: &[u8]) -> Result<(), Failure> {
        let Origin::Encrypted { bytes, .. } = &self.origin else {
            return io::create(self.path, text, Privacy::Public);
        };
        if *io::read(self.path, MAX_ENCRYPTED_LEN)? != **bytes {
            let what = "was changed by somebody else while you edited it";
            let failure = Failure::about(exit_code::OUTPUT, &self.shown, what);
            return Err(failure.hint("edit the file as it is now; nothing was written"));
        }
        io::replace_all(iter::once((self.path, text)), Privacy::Public)
    }
}

impl Editable for Target<'_> {
    fn path(&self) -> &Path {
        self.path
    }

    fn plaintext(&self) -> &[u8] {
        &self.plaintext
    }

    fn is_unchanged(&self, edited: &[u8]) -> bool {
        let is_blank = || template::without_header(edited).trim_ascii().is_empty();
        *edited == **self.plaintext || matches!(self.origin, Origin::New(_)) && is_blank()
    }

    fn finish(&self, edited: &[u8]) -> Result<u8, Failure> {
        if self.is_unchanged(edited) {
            say(&format!("{}: nothing was changed", named(&self.shown)));
            return Ok(exit_code::UNCHANGED);
        }
        let encrypted = self.encrypt(edited)?;
        signals::uninterrupted(|| self.write(encrypted.text.as_bytes()))?;
        summarise(self.path, &encrypted, self.format, false);
        Ok(0)
    }
}

/// Holds an encrypted file against its rule, if it has one. New values must not stay clear because the file is older than
/// its rule; the readers are shown at least.
fn check_rule(arguments: &Arguments, decrypted: &Decrypted) -> Result<(), Failure> {
    let shown = arguments.file.display().to_string();
    let command = format!("`sops-rs updatekeys {}`", word(&shown));
    if !arguments.rule.recipient.is_empty() {
        let failure = Failure::about(exit_code::CONFLICT, &shown, "-r/--recipient is for files that do not exist yet");
        return Err(failure.hint(format!("to change its readers, change its rule, then {command}")));
    }
    let metadata = decrypted.metadata();
    let name = arguments.input.name(&arguments.file);
    let plan = match discover::plan_like(&arguments.rule, name, metadata.dialect()) {
        Err(failure) if arguments.rule.config.is_some() => return Err(failure),
        // The file itself says how it is encrypted; it may have been made without a rule.
        Err(_) => return Ok(()),
        Ok(plan) => plan,
    };
    // Another dialect was told of when the file was opened.
    let Some(drift) = plan.drift(&metadata) else { return Ok(()) };
    if !drift.policy.is_empty() {
        let what = "its rule has changed since it was encrypted: other values are to be encrypted now";
        return Err(Failure::about(exit_code::GENERIC, &shown, what).hint(format!("bring it in line first: {command}")));
    }
    if !drift.gained.is_empty() || drift.needs_new_data_key() {
        warn(&format!("{}: its readers are not those of its rule; to bring it in line: {command}", named(&shown)));
    }
    Ok(())
}
