//! `encrypt`.

use std::path::{Path, PathBuf};

use clap::Args;
use sops_rs::dialect::native::Metadata;
use sops_rs::document::{Format, MAX_ENCRYPTED_LEN, MAX_PLAINTEXT_LEN};
use sops_rs::error::Error;
use sops_rs::file::{self, Document, Encrypted, Plan};
use sops_rs::keys::Interaction;

use super::discover::{self, RuleOptions};
use super::files::{IdentityOptions, InputOptions, Unlocker, each, is_stream};
use super::io::{self, Privacy};
use super::report::{Failure, say, summarise};
use super::terminal::Terminal;
use super::{exit_code, sops};

/// Encrypt the values of files
///
/// Which values, and to whom, is told by the first rule in `.sops-rs.yaml` that matches the file's name, or by
/// --recipient. Without -i or -o the encrypted text goes to standard output.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The files; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Replace each file by its encrypted form
    #[arg(short, long, conflicts_with = "output")]
    in_place: bool,
    /// Write to this file, `-` is standard output; where it is an encrypted one that you can open, unchanged values keep their tokens
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Overwrite an output file that is not an encrypted one
    #[arg(long, requires = "output")]
    force: bool,
    /// Let new readers in without asking, where the rule has some that the output file does not have yet
    #[arg(short, long, requires = "output")]
    yes: bool,
    /// Name the values that stay clear
    #[arg(short, long)]
    verbose: bool,
    #[command(flatten)]
    rule: RuleOptions,
    #[command(flatten)]
    input: InputOptions,
    #[command(flatten)]
    identities: IdentityOptions,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    if arguments.files.len() > 1 && !arguments.in_place {
        let failure = Failure::new(exit_code::CONFLICT, "several files can only be encrypted in place");
        return Err(failure.hint("add -i/--in-place, or encrypt one at a time"));
    }
    // All of them are encrypted before the first one is written: a failure leaves every file as it was.
    let results = each(&arguments.files, |path| encrypt(arguments, path))?;
    if arguments.in_place {
        io::replace_all(results.iter().map(|(path, encrypted)| (*path, encrypted.text.as_bytes())), Privacy::Public)?;
    } else if let Some((_, encrypted)) = results.first() {
        match &arguments.output {
            Some(output) if !is_stream(output) => io::write(output, encrypted.text.as_bytes(), Privacy::Public)?,
            _ => io::print(encrypted.text.as_bytes())?,
        }
    }
    results.iter().for_each(|(path, encrypted)| summarise(arguments.input.name(path), encrypted, arguments.verbose));
    Ok(())
}

fn encrypt(arguments: &Arguments, path: &Path) -> Result<Encrypted, Failure> {
    let shown = path.display().to_string();
    if arguments.in_place {
        io::check_replaceable(path)?;
    }
    let format = arguments.input.format(path)?;
    let bytes = io::read(path, MAX_PLAINTEXT_LEN)?;
    if bytes.trim_ascii().is_empty() {
        return Err(Failure::about(exit_code::EMPTY, &shown, "is empty, there is nothing to encrypt"));
    }
    if sops::is_encrypted(&bytes, format) {
        return Err(sops::failure(&shown, exit_code::ALREADY_ENCRYPTED));
    }
    if file::status(&bytes, format).map_err(|error| Failure::of(&shown, error))?.is_some() {
        return Err(Failure::of(&shown, Error::AlreadyEncrypted));
    }
    let document = Document::parse(&bytes, format).map_err(|error| Failure::of(&shown, error))?;
    let plan = discover::plan(&arguments.rule, arguments.input.name(path))?;
    match &arguments.output {
        Some(output) if io::same_file(path, output) => {
            let failure = Failure::about(exit_code::CONFLICT, &shown, "is input and output");
            Err(failure.hint("use -i/--in-place to replace a file by its encrypted form"))
        }
        Some(output) if output.is_file() => encrypt_over(arguments, output, &document, format, &plan),
        _ => file::encrypt(&document, &plan, &Terminal).map_err(|error| Failure::of(&shown, error)),
    }
}

/// Encrypts to a file that exists: what did not change in an encrypted one keeps its tokens.
fn encrypt_over(
    arguments: &Arguments,
    output: &Path,
    document: &Document,
    format: &'static dyn Format,
    plan: &Plan,
) -> Result<Encrypted, Failure> {
    let shown = output.display().to_string();
    let old = io::read(output, MAX_ENCRYPTED_LEN)?;
    match file::status(&old, format) {
        Ok(Some(metadata)) => {
            let unlocker = Unlocker::find(&arguments.identities)?;
            let same = plan.fits(&metadata);
            let result = if same {
                file::update(&old, document, &unlocker)
            } else {
                say(&format!("`{shown}`: the rule changed, every value is encrypted anew under a new data key"));
                let result = file::replace(&old, document, plan, &unlocker, &Terminal);
                // The old readers are authenticated by now, and nothing is written yet.
                if result.is_ok() && say_readers(&metadata, plan) && !arguments.yes {
                    confirm_readers(&shown)?;
                }
                result
            };
            result.map_err(|error| unlocker.failure(&shown, error))
        }
        Ok(None) | Err(_) if !arguments.force && !old.is_empty() => {
            let failure = Failure::about(exit_code::OUTPUT, &shown, "exists and is not a file that sops-rs encrypted");
            Err(failure.hint("write elsewhere, or overwrite it with --force"))
        }
        Ok(None) | Err(_) => file::encrypt(document, plan, &Terminal).map_err(|error| Failure::of(&shown, error)),
    }
}

/// Names the readers that a file gains and loses by a changed rule: who may edit the config could add one unseen.
/// Tells whether it gains any.
fn say_readers(old: &Metadata, plan: &Plan) -> bool {
    let mut gains = false;
    let before = old.sections.first().map_or(&[][..], |section| &section.readers);
    for (name, recipient) in &plan.recipients {
        if !before.iter().any(|reader| reader.recipient == recipient.as_str()) {
            say(&format!("  new reader: `{name}` ({recipient})"));
            gains = true;
        }
    }
    for reader in before {
        if !plan.recipients.iter().any(|(_, recipient)| recipient.as_str() == reader.recipient) {
            say(&format!("  no reader any more: `{}` ({})", reader.name, reader.recipient));
        }
    }
    gains
}

/// Lets new readers in only when somebody says so.
fn confirm_readers(shown: &str) -> Result<(), Failure> {
    if Terminal.confirm("let the new readers in?", "yes", Some("no")) == Some(true) {
        return Ok(());
    }
    let failure = Failure::about(exit_code::GENERIC, shown, "new readers were not confirmed, the file was not changed");
    Err(failure.hint("check the keys above against their owners', then add -y/--yes"))
}
