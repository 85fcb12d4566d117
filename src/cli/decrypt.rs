//! `decrypt`.

use std::path::{Path, PathBuf};

use clap::Args;
use sops_rs::document::{MAX_ENCRYPTED_LEN, format_for_name};
use sops_rs::file::{self, PathQuery, Tree};
use zeroize::Zeroizing;

use super::files::{FormatName, IdentityOptions, InputOptions, Unlocker, each, is_stream};
use super::io::{self, Privacy};
use super::report::Failure;
use super::{exit_code, sops};

/// Decrypt files
///
/// The whole file is verified before the first byte of plaintext leaves. Without -i or -o it goes to standard output.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The files; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Replace each file by its plaintext
    #[arg(short, long, conflicts_with_all = ["output", "extract"])]
    in_place: bool,
    /// Write to this file, `-` is standard output; a new file is readable by its owner only
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Overwrite an output file that is an encrypted one
    #[arg(long, requires = "output")]
    force: bool,
    /// Print one value only, as `db.users[0].name` or `["db"]["users"][0]["name"]`
    #[arg(long, value_name = "PATH")]
    extract: Option<String>,
    /// Print in this format
    #[arg(long, value_name = "FORMAT", conflicts_with = "in_place")]
    output_type: Option<FormatName>,
    #[command(flatten)]
    input: InputOptions,
    #[command(flatten)]
    identities: IdentityOptions,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    if arguments.files.len() > 1 && !arguments.in_place {
        let failure = Failure::new(exit_code::CONFLICT, "several files can only be decrypted in place");
        return Err(failure.hint("add -i/--in-place, or decrypt one at a time"));
    }
    let query = arguments.extract.as_deref().map(PathQuery::parse).transpose();
    let query = query.map_err(|error| Failure::new(exit_code::BAD_PATH, format!("`--extract`: {error}")))?;
    let unlocker = Unlocker::find(&arguments.identities)?;
    let results = each(&arguments.files, |path| decrypt(arguments, &unlocker, path, query.as_ref()))?;
    if arguments.in_place {
        return io::replace_all(results.iter().map(|(path, bytes)| (*path, bytes.as_slice())), Privacy::Private);
    }
    let Some((_, bytes)) = results.first() else { return Ok(()) };
    match &arguments.output {
        Some(output) if !is_stream(output) => io::write(output, bytes, Privacy::Private),
        _ if query.is_some() => io::print_value(bytes),
        _ => io::print(bytes),
    }
}

/// Refuses to put a plaintext where an encrypted file is: that is nearly always a mistake, and then a leak.
fn check_output(arguments: &Arguments, input: &Path, output: &Path) -> Result<(), Failure> {
    let shown = output.display().to_string();
    if io::same_file(input, output) {
        let failure = Failure::about(exit_code::CONFLICT, &shown, "is input and output");
        return Err(failure.hint("use -i/--in-place to replace a file by its plaintext"));
    }
    if arguments.force || !output.is_file() {
        return Ok(());
    }
    let name = output.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let format = match format_for_name(&name) {
        Some(format) => format,
        None => arguments.input.format(input)?,
    };
    let old = io::read(output, MAX_ENCRYPTED_LEN)?;
    // What looks encrypted but is damaged is worth keeping too.
    if !matches!(file::status(&old, format), Ok(None)) || sops::is_encrypted(&old, format) {
        let failure = Failure::about(exit_code::OUTPUT, &shown, "is an encrypted file, a plaintext would replace it");
        return Err(failure.hint("write elsewhere, or overwrite it with --force"));
    }
    Ok(())
}

fn decrypt(
    arguments: &Arguments,
    unlocker: &Unlocker,
    path: &Path,
    query: Option<&PathQuery>,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let shown = path.display().to_string();
    if arguments.in_place {
        io::check_replaceable(path)?;
    }
    if let Some(output) = &arguments.output {
        check_output(arguments, path, output)?;
    }
    let format = arguments.input.format(path)?;
    let decrypted = unlocker.decrypt(path, format)?;
    // Its tokens would be left without the metadata, and nobody could ever open them again.
    if let (true, Some(section)) = (arguments.in_place, decrypted.locked_section()) {
        let error = sops_rs::Error::SectionLocked { section: section.to_owned() };
        return Err(unlocker.failure(&shown, error));
    }
    let document = decrypted.document;
    let output = arguments.output_type.map_or(format, FormatName::format);
    let convert = || -> Result<Zeroizing<Vec<u8>>, sops_rs::Error> {
        match query {
            None if output.name() == format.name() => document.into_plaintext(),
            None => Tree::of(&document)?.print(output).map(into_bytes),
            Some(query) => Tree::of(&document)?.extract(query)?.print_extracted(output).map(into_bytes),
        }
    };
    convert().map_err(|error| Failure::of(&shown, error))
}

fn into_bytes(mut text: Zeroizing<String>) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(std::mem::take(&mut *text).into_bytes())
}
