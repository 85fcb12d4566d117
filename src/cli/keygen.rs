//! `keygen`.

use std::path::PathBuf;

use clap::Args;
use sops_rs::keys::{self, Recipient};

use super::exit_code;
use super::identities::Machine;
use super::io::{self, Privacy};
use super::report::{Failure, say};

/// Make an identity: a secret key, and the recipient to give to others
///
/// Writes to the place where this program looks for identities, and prints the recipient. An existing file is never
/// overwritten.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Write to this file; `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let path = match &arguments.output {
        Some(path) => path.clone(),
        None => own_file()?,
    };
    if path.as_os_str() == "-" {
        let (text, recipient) = new_identity();
        say(&format!("recipient: {recipient}"));
        return io::print(text.as_bytes());
    }
    let recipient = make(&path)?;
    say(&format!("identity written to `{}`; keep it secret, and keep a copy", path.display()));
    io::print(format!("{recipient}\n").as_bytes())
}

/// Where this program keeps its own identity.
pub(crate) fn own_file() -> Result<PathBuf, Failure> {
    Machine::this().identity_path().ok_or_else(|| {
        let failure = Failure::new(exit_code::OUTPUT, "this system names no config folder for the user");
        failure.hint("name a file with -o/--output")
    })
}

/// Makes a new identity file, readable by its owner only. Gives the recipient.
pub(crate) fn make(path: &std::path::Path) -> Result<Recipient, Failure> {
    let shown = path.display().to_string();
    if path.exists() || path.is_symlink() {
        let failure = Failure::about(exit_code::OUTPUT, &shown, "exists, and an identity is never overwritten");
        return Err(failure.hint("write elsewhere with -o/--output, or use the identity that is there"));
    }
    let (text, recipient) = new_identity();
    if let Some(folder) = path.parent() {
        io::make_private_folder(folder)?;
    }
    io::create(path, text.as_bytes(), Privacy::Private)?;
    Ok(recipient)
}

fn new_identity() -> (zeroize::Zeroizing<String>, Recipient) {
    let (secret, recipient) = keys::generate_x25519();
    (keys::identity_file(&secret, &recipient), recipient)
}
