//! `edit`.

use std::cell::RefCell;
use std::ffi::OsString;
use std::iter;
use std::path::{Path, PathBuf};

use clap::Args;
use sops_rs::data_key::DataKey;
use sops_rs::dialect::native::Section;
use sops_rs::dialect::sops::KeyGroup;
use sops_rs::document::sops::Store;
use sops_rs::document::{Format, MAX_ENCRYPTED_LEN, MAX_PLAINTEXT_LEN};
use sops_rs::error::Error;
use sops_rs::error::sops::KeyReport;
use sops_rs::file::any::{self, Decrypted, Input, Plan};
use sops_rs::file::{Encrypted, Unlock, sops};
use sops_rs::keys::shamir::Share;
use zeroize::Zeroizing;

use super::discover::{self, RuleOptions};
use super::editor::{Editor, Session};
use super::files::{IdentityOptions, InputOptions, Unlocker, is_stream};
use super::io::{self, Privacy};
use super::private_dir::PrivateDir;
use super::report::{Failure, named, say, summarise, warn, word};
use super::sops_keys::SopsTools;
use super::terminal::Terminal;
use super::{clock, exit_code, signals};

mod template;

/// Edit a file in your editor, decrypted
///
/// The plaintext lies in a private directory, in memory where there is such storage, and is wiped at the end. Values
/// that you leave alone keep their tokens. What cannot be encrypted as it stands, you may edit again, discard, or keep.
/// When nothing changed, nothing is written, and the exit code is 200. To give up, make the editor fail (`:cq` in
/// Vim), or save the file as it was.
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
    let editor = Editor::choose(arguments.with.as_deref())?;
    let folder = PrivateDir::create()?;
    signals::wipe_before_end().map_err(|error| Failure::new(exit_code::GENERIC, io::reason(&error)))?;
    let target = Target::find(arguments, format)?;
    let name = safe_name(path);
    let plaintext = folder.create_file(&name, &target.plaintext)?;
    let session = editor.open(&folder, &plaintext, path)?;
    let mut edit = Edit { target, folder, name, session };
    let mut line = None;
    loop {
        let failure = match edit.attempt(line) {
            Ok(code) => return Ok(code),
            Err(failure) if arguments.with.is_some() || !edit.has_edits() => return Err(failure),
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
                return Err(Failure::about(failure.code, &edit.target.shown, what));
            }
        }
    }
}

/// A plaintext in the editor.
struct Edit<'a> {
    target: Target<'a>,
    folder: PrivateDir,
    /// Of the plaintext, in the folder.
    name: OsString,
    session: Session,
}

impl Edit<'_> {
    /// One run of the editor, and what comes of it.
    fn attempt(&mut self, line: Option<usize>) -> Result<u8, Failure> {
        self.session.run(line)?;
        let edited = self.edited()?;
        let target = &self.target;
        if target.is_unchanged(&edited) {
            say(&format!("{}: nothing was changed", named(&target.shown)));
            return Ok(exit_code::UNCHANGED);
        }
        let encrypted = target.encrypt(&edited)?;
        signals::uninterrupted(|| target.write(encrypted.text.as_bytes()))?;
        summarise(target.path, &encrypted, target.format, false);
        Ok(0)
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
        let shown = word(&self.target.shown).into_owned();
        let folder = self.folder.keep();
        let place = folder.join(&self.name).display().to_string();
        let what = format!("the file is as it was; the edits are kept, in plaintext, in `{place}`");
        let failure = Failure::about(code, &self.target.shown, what);
        let failure = failure.hint(format!(
            "encrypt them with `sops-rs encrypt --filename-override {shown} -o {shown} {}`",
            word(&place)
        ));
        failure.hint(format!("then remove them with `rm -r {}`", word(&folder.display().to_string())))
    }
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
            let keys = Remembered {
                unlocker: Unlocker::find(&arguments.identities)?,
                keys: RefCell::default(),
                sops: RefCell::default(),
                shares: RefCell::default(),
            };
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

    fn is_unchanged(&self, edited: &[u8]) -> bool {
        let is_blank = || template::without_header(edited).trim_ascii().is_empty();
        *edited == **self.plaintext || matches!(self.origin, Origin::New(_)) && is_blank()
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

/// Data keys as they are found, so that nobody is asked for a passphrase or a touch before and after the edit.
struct Remembered {
    unlocker: Unlocker,
    /// By section.
    keys: RefCell<Vec<(String, Option<DataKey>)>>,
    /// That of a file of the sops dialect with one key group.
    sops: RefCell<Option<DataKey>>,
    /// Those of one with several.
    shares: RefCell<Vec<(KeyGroup, Share)>>,
}

impl Unlock for Remembered {
    fn unlock(&self, section: &Section) -> Result<Option<DataKey>, Error> {
        if let Some((_, key)) = self.keys.borrow().iter().find(|(name, _)| *name == section.name) {
            return Ok(key.clone());
        }
        let key = self.unlocker.unlock(section)?;
        self.keys.borrow_mut().push((section.name.clone(), key.clone()));
        Ok(key)
    }
}

impl sops::Unlock for Remembered {
    fn data_key(&self, group: &KeyGroup) -> Result<DataKey, Vec<KeyReport>> {
        let known = self.sops.borrow().clone();
        known
            .map_or_else(|| self.unlocker.data_key(group).inspect(|key| drop(self.sops.replace(Some(key.clone())))), Ok)
    }

    fn share(&self, group: &KeyGroup) -> Result<Share, Vec<KeyReport>> {
        if let Some((_, share)) = self.shares.borrow().iter().find(|(known, _)| known == group) {
            return Ok(share.clone());
        }
        let share = self.unlocker.share(group)?;
        self.shares.borrow_mut().push((group.clone(), share.clone()));
        Ok(share)
    }
}

/// The name of the plaintext: that of the file, so that the editor knows what it is, but nothing in it that a shell takes
/// for more than a name, since programs are given as text.
fn safe_name(path: &Path) -> OsString {
    let safe = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
    path.file_name().unwrap_or_default().to_string_lossy().chars().map(safe).collect::<String>().into()
}
