//! `git textconv`: a file as git's own diff shows it.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use sops_rs::document::{FORMATS, Format, MAX_ENCRYPTED_LEN, format_for_name};
use sops_rs::file::IdentityUnlock;
use sops_rs::file::any::{self, Sketch};
use sops_rs::keys::NoInteraction;
use zeroize::Zeroizing;

use crate::cli::identities::{self, Machine};
use crate::cli::report::Failure;
use crate::cli::terminal::escape;
use crate::cli::{environment, io};

mod metadata;

/// Print a file as `git diff` shows it; git runs this
///
/// Keys, clear values and layout are as they stand. In the place of each encrypted value there is a mark, which changes when
/// the value does, and below the text stand its readers and its policy; no key is needed for that. What is not encrypted is
/// printed as it is. `git diff --no-textconv` shows the file itself, and makes patches that can be applied. Nobody is ever asked for anything, and whatever is wrong with the file, it is shown as far as possible.
///
/// With --show, or SOPS_RS_SHOW=1 in the environment, it is the plaintext if one of your identities opens the file: one that
/// needs no passphrase, plugin or command.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Show the plaintext where a key is at hand
    #[arg(long)]
    show: bool,
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let bytes = match io::read(&arguments.file, MAX_ENCRYPTED_LEN) {
        Ok(bytes) => bytes,
        Err(failure) => return notice(failure.message()),
    };
    // As git tells binary files.
    if bytes.iter().take(8000).any(|byte| *byte == 0) {
        return notice(&format!("binary, {} bytes, {}", bytes.len(), any::fingerprint(&bytes)));
    }
    let Ok(text) = std::str::from_utf8(&bytes) else { return io::print(&bytes) };
    let Some((format, sketch)) = sketch(text, &arguments.file) else {
        return io::print(any::marked(text).as_bytes());
    };
    let opened = (arguments.show || environment::shows_secrets()).then(|| open(&bytes, format));
    let mut shown = match &opened {
        Some(Ok(plaintext)) => Zeroizing::new(printable(plaintext)),
        Some(Err(_)) | None => Zeroizing::new(sketch.text),
    };
    if !shown.is_empty() && !shown.ends_with('\n') {
        shown.push('\n');
    }
    if let Some(Err(why)) = &opened {
        let _ = writeln!(shown, "# sops-rs: not decrypted: {}", escape(why));
    }
    metadata::write(&sketch.metadata, &mut shown);
    io::print(shown.as_bytes())
}

/// What is wrong goes where git looks: an error would end the whole `git diff`.
fn notice(what: &str) -> Result<(), Failure> {
    io::print(format!("‹{}›\n", escape(what)).as_bytes())
}

/// The file in the format of its name, or in any other that it is encrypted in: git's names for its temporary files begin with
/// letters of their own in old versions.
fn sketch(text: &str, file: &Path) -> Option<(&'static dyn Format, Sketch)> {
    // So has every metadata block.
    if !text.contains("sops") {
        return None;
    }
    let name = file.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let read = |format: &'static dyn Format| Some((format, Sketch::read(text.as_bytes(), format).ok()??));
    format_for_name(&name).and_then(read).or_else(|| FORMATS.iter().rev().copied().find_map(read))
}

/// The plaintext, or why there is none.
fn open(bytes: &[u8], format: &'static dyn Format) -> Result<Zeroizing<Vec<u8>>, String> {
    let found = identities::find(&[], &Machine::this()).map_err(|error| error.to_string())?;
    let identities = found.identities.unattended();
    let unlock = IdentityUnlock { identities: &identities, interaction: &NoInteraction };
    any::decrypt(bytes, format, &unlock).and_then(any::Decrypted::into_plaintext).map_err(|error| error.to_string())
}

/// A plaintext without what a terminal would obey, and with marks for what stays encrypted.
fn printable(plaintext: &[u8]) -> String {
    if plaintext.contains(&0) {
        return format!("‹binary, {} bytes, {}›\n", plaintext.len(), any::fingerprint(plaintext));
    }
    let text: Cow<'_, str> = String::from_utf8_lossy(plaintext);
    let lines = text.split_inclusive('\n').map(|line| {
        let content = line.trim_end_matches(['\r', '\n']);
        let escaped = content.split('\t').map(escape).collect::<Vec<_>>().join("\t");
        escaped + &line[content.len()..]
    });
    let text = Zeroizing::new(lines.collect::<String>());
    any::marked(&text).into_owned()
}
