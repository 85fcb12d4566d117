//! `encrypt`.

use std::path::{Path, PathBuf};

use clap::Args;
use sops_rs::document::{Format, MAX_ENCRYPTED_LEN, MAX_PLAINTEXT_LEN};
use sops_rs::error::Error;
use sops_rs::file::Encrypted;
use sops_rs::file::any::{self, Input, Plan, Rekeying};
use sops_rs::file::conflict;
use sops_rs::file::sops::Confirmed;
use sops_rs::keys::Interaction;
use zeroize::Zeroizing;

use super::discover::{self, RuleOptions};
use super::files::{IdentityOptions, InputOptions, Unlocker, each, encrypted_as, is_stream, reads_as};
use super::io::{self, Batch, Privacy};
use super::report::{Failure, named, say, summarise, warn};
use super::sops_keys::SopsTools;
use super::terminal::Terminal;
use super::{changes, clock, exit_code};

/// Encrypt the values of files
///
/// Which values, and to whom, is told by the first rule in `.sops-rs.yaml` that matches the file's name, or by
/// --recipient. A rule of `.sops.yaml`, or one that says `dialect: sops`, makes a file of SOPS. Without -i or -o the encrypted text goes to standard output.
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
    /// Do not ask, where the rule has readers that the output file does not have yet, or not you any more
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
        let batch = Batch::default();
        results.iter().try_for_each(|(path, done)| {
            batch.add_over(path, &done.replaces, done.encrypted.text.as_bytes(), Privacy::Public)
        })?;
        batch.commit()?;
    } else if let Some((_, Done { encrypted, replaces, .. })) = results.first() {
        let text = encrypted.text.as_bytes();
        match &arguments.output {
            Some(output) if !is_stream(output) && replaces.is_empty() => io::write(output, text, Privacy::Public)?,
            Some(output) if !is_stream(output) => io::replace(output, replaces, text, Privacy::Public)?,
            _ => io::print(text)?,
        }
    }
    for (path, done) in &results {
        summarise(arguments.input.name(path), &done.encrypted, done.format, arguments.verbose);
        if let Some(format) = done.reads_as {
            say(&format!("  it reads as {0}; --input-type {0} encrypts its values one by one", format.name()));
        }
    }
    Ok(())
}

/// An encrypted file, and what its summary needs.
struct Done {
    encrypted: Encrypted,
    /// What the file held that it takes the place of; nothing when it was not looked at.
    replaces: Zeroizing<Vec<u8>>,
    format: &'static dyn Format,
    /// The format that its text seems to have, though its name does not tell.
    reads_as: Option<&'static dyn Format>,
}

fn encrypt(arguments: &Arguments, path: &Path) -> Result<Done, Failure> {
    let shown = path.display().to_string();
    if arguments.in_place {
        io::check_replaceable(path)?;
    }
    let format = arguments.input.format(path)?;
    let bytes = io::read(path, MAX_PLAINTEXT_LEN)?;
    if bytes.trim_ascii().is_empty() {
        return Err(Failure::about(exit_code::EMPTY, &shown, "is empty, there is nothing to encrypt"));
    }
    if any::status(&bytes, format).map_err(|error| Failure::of(&shown, error))?.is_some() {
        let conflict = conflict::marker(&bytes).map(|at| Error::ConflictMarkers { at });
        return Err(Failure::of(&shown, conflict.unwrap_or(Error::AlreadyEncrypted)));
    }
    if let Some(at) = conflict::marker(&bytes) {
        warn(&format!("{}: {at}: a conflict marker of git; resolve the conflict before you encrypt", named(&shown)));
    }
    let is_fallback = arguments.input.is_fallback(format);
    if is_fallback {
        refuse_other_formats(&bytes, &shown)?;
    }
    let input = Input { plaintext: &bytes, format, store: arguments.input.store(path) };
    let plan = discover::plan_for_new(&arguments.rule, arguments.input.name(path))?;
    let mut replaces = Zeroizing::default();
    let encrypted = match &arguments.output {
        Some(output) if io::same_file(path, output) => {
            let failure = Failure::about(exit_code::CONFLICT, &shown, "is input and output");
            Err(failure.hint("use -i/--in-place to replace a file by its encrypted form"))
        }
        Some(output) if output.is_file() => {
            replaces = io::read(output, MAX_ENCRYPTED_LEN)?;
            encrypt_over(arguments, output, &replaces, input, &plan)
        }
        _ => encrypt_new(input, &plan, &shown),
    }?;
    let (format, reads_as) = (plan.format(format, input.store), is_fallback.then(|| reads_as(&bytes)).flatten());
    let replaces = if arguments.in_place { bytes } else { replaces };
    Ok(Done { encrypted, replaces, format, reads_as })
}

/// Refuses what is encrypted already, in a format that its name does not tell.
fn refuse_other_formats(bytes: &[u8], shown: &str) -> Result<(), Failure> {
    if let Some(format) = encrypted_as(bytes) {
        let failure = Failure::of(shown, Error::AlreadyEncrypted);
        return Err(failure.hint(format!("it is encrypted as {}", format.name())));
    }
    Ok(())
}

/// Encrypts under new data keys.
fn encrypt_new(input: Input<'_>, plan: &Plan, shown: &str) -> Result<Encrypted, Failure> {
    let tools = SopsTools::find(None)?;
    any::encrypt(input, plan, &tools.wrap(), clock::now()).map_err(|error| Failure::of(shown, error))
}

/// Encrypts to a file that exists: what did not change in an encrypted one keeps its tokens.
fn encrypt_over(
    arguments: &Arguments,
    output: &Path,
    old: &[u8],
    input: Input<'_>,
    plan: &Plan,
) -> Result<Encrypted, Failure> {
    let shown = output.display().to_string();
    match any::status(old, input.format) {
        Ok(Some(metadata)) => {
            let unlocker = Unlocker::find(&arguments.identities)?;
            // A rule of another dialect is refused below.
            let drift = plan.drift(&metadata).unwrap_or_default();
            if drift.needs_new_data_key() {
                say(&format!("`{shown}`: the rule changed, every value is encrypted anew under a new data key"));
            } else if !drift.is_empty() {
                say(&format!("`{shown}`: the rule changed"));
            }
            let (wrap, confirmed) = (unlocker.wrap(), Confirmed::default());
            let rekeying = Rekeying { unlock: &unlocker, wrap: &wrap, confirmed: &confirmed, now: clock::now() };
            let result = any::update_to(old, input, plan, &rekeying);
            // The old readers are authenticated by now, and nothing is written yet.
            if result.is_ok() {
                changes::say_all(&drift);
                let is_locked_out = changes::warn_of_lockout(&unlocker.own(), [(output, &drift, plan)].into_iter());
                if (is_locked_out || !drift.gained.is_empty()) && !arguments.yes {
                    confirm_readers(&shown)?;
                }
            }
            result.map_err(|error| unlocker.failure(&shown, error))
        }
        Err(error @ Error::ConflictMarkers { .. }) if !arguments.force => Err(Failure::of(&shown, error)),
        Ok(None) | Err(_) if !arguments.force && !old.is_empty() => {
            let failure = Failure::about(exit_code::OUTPUT, &shown, "exists and is not a file that sops-rs encrypted");
            Err(failure.hint("write elsewhere, or overwrite it with --force"))
        }
        Ok(None) | Err(_) => encrypt_new(input, plan, &shown),
    }
}

/// Changes the readers only when somebody says so.
fn confirm_readers(shown: &str) -> Result<(), Failure> {
    if Terminal.confirm("change the readers so?", "yes", Some("no")) == Some(true) {
        return Ok(());
    }
    let failure = Failure::about(exit_code::GENERIC, shown, "the readers were not confirmed, the file was not changed");
    Err(failure.hint("check the keys of new readers against their owners', then add -y/--yes"))
}
