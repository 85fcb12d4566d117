//! `decrypt`.

use std::path::{Path, PathBuf};

use clap::Args;
use sops_rs::document::{MAX_ENCRYPTED_LEN, format_for_name};
use sops_rs::file::{PathQuery, any};
use zeroize::Zeroizing;

use super::delivery::{self, Delivery, DeliveryOptions, Taker};
use super::exit_code;
use super::files::{FormatName, IdentityOptions, InputOptions, Unlocker, each, is_stream};
use super::io::{self, Privacy};
use super::report::Failure;

/// Decrypt files
///
/// The whole file is verified before the first byte of plaintext leaves. Without -i or -o it goes to standard output.
///
/// With --format the values get names as in `exec-env` (`db.password` is DB_PASSWORD): `eval "$(sops-rs decrypt --format shell
/// FILE)"`, `docker run --env-file <(sops-rs decrypt --format docker-env FILE)`, a step of a workflow with `sops-rs decrypt
/// --format github FILE`, `sops-rs decrypt --format k8s-secret FILE | kubectl apply -f -`.
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
    /// Print the values by name, for a program that takes them
    #[arg(long, value_name = "TAKER", conflicts_with_all = ["in_place", "output_type"])]
    format: Option<Taker>,
    /// Print `***` for every encrypted value, and all else as it is
    #[arg(long, conflicts_with_all = ["in_place", "format"])]
    mask: bool,
    #[command(flatten)]
    delivery: DeliveryOptions,
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
        let plaintexts = results.iter().filter_map(|(path, result)| Some((*path, result.bytes()?)));
        return io::replace_all(plaintexts, Privacy::Private);
    }
    let Some((_, result)) = results.first() else { return Ok(()) };
    match (result, arguments.output.as_ref().filter(|output| !is_stream(output))) {
        (Delivery::Bytes(bytes), Some(output)) => io::write(output, bytes, Privacy::Private),
        (Delivery::Bytes(bytes), None) if query.is_some() && arguments.format.is_none() => io::print_value(bytes),
        (Delivery::Github(_), Some(_)) => {
            let failure = Failure::new(
                exit_code::CONFLICT,
                "`--format github` writes to the file $GITHUB_ENV and standard output",
            );
            Err(failure.hint("leave -o/--output out"))
        }
        (result, None) => result.print(),
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
    if !matches!(any::status(&old, format), Ok(None)) {
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
) -> Result<Delivery, Failure> {
    let shown = path.display().to_string();
    if arguments.in_place {
        io::check_replaceable(path)?;
    }
    if let Some(output) = &arguments.output {
        check_output(arguments, path, output)?;
    }
    let format = arguments.input.format(path)?;
    let decrypted = if arguments.mask { unlocker.mask(path, format)? } else { unlocker.decrypt(path, format)? };
    // In place its tokens would be left without the metadata, and nobody could ever open them again.
    let is_all_needed = arguments.in_place || arguments.format.is_some();
    if let (true, Some(section)) = (is_all_needed, decrypted.locked_section()) {
        let error = sops_rs::Error::SectionLocked { section: section.to_owned() };
        return Err(unlocker.failure(&shown, error));
    }
    if let Some(taker) = arguments.format {
        return delivery::deliver(taker, &arguments.delivery, &decrypted, query, arguments.input.name(path));
    }
    let output = arguments.output_type.map_or(format, FormatName::format);
    let convert = || -> Result<Zeroizing<Vec<u8>>, sops_rs::Error> {
        match query {
            None if output.name() == format.name() => decrypted.into_plaintext(),
            None => decrypted.tree()?.print(output).map(into_bytes),
            Some(query) => decrypted.tree()?.extract(query)?.print_extracted(output).map(into_bytes),
        }
    };
    convert().map(Delivery::Bytes).map_err(|error| Failure::of(&shown, error))
}

fn into_bytes(mut text: Zeroizing<String>) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(std::mem::take(&mut *text).into_bytes())
}
