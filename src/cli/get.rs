//! `get`.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Map, Value as Json};
use sops_rs::document::{BINARY, format_by_name};
use sops_rs::error::Error;
use sops_rs::file::PathQuery;
use zeroize::Zeroizing;

use super::files::{IdentityOptions, InputOptions, Unlocker};
use super::report::Failure;
use super::{exit_code, io};

/// Print values of an encrypted file
///
/// The whole file is verified first. One value is printed bare, without a line break of its own but at a terminal; several
/// get a line each. Maps and lists are printed in the format of the file.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The encrypted file; `-` is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The values' paths, as `db.users[0].name` or `["db"]["users"][0]["name"]`; `#1.kind` is in the second YAML document
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<String>,
    /// Print JSON: the value, or a map from path to value when there are several
    #[arg(long)]
    json: bool,
    /// End each value with a NUL character, as for `xargs -0`
    #[arg(short = '0', long = "null", conflicts_with = "json")]
    nul: bool,
    #[command(flatten)]
    input: InputOptions,
    #[command(flatten)]
    identities: IdentityOptions,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let queries = arguments.paths.iter().map(|path| query(path)).collect::<Result<Vec<_>, _>>()?;
    let shown = arguments.file.display().to_string();
    let format = arguments.input.format(&arguments.file)?;
    let unlocker = Unlocker::find(&arguments.identities)?;
    let decrypted = unlocker.decrypt(&arguments.file, format)?;
    let output = if arguments.json { format_by_name("json").unwrap_or(format) } else { format };
    let print = |query: &PathQuery| -> Result<Zeroizing<String>, Error> {
        let tree = decrypted.tree()?.extract(query)?;
        let text = if arguments.json { tree.print(output)? } else { tree.print_extracted(output)? };
        match decrypted.locked_section() {
            // No plaintext holds a token, so this is one that stayed.
            Some(section) if text.contains("ENC[1:") => Err(Error::SectionLocked { section: section.to_owned() }),
            _ => Ok(text),
        }
    };
    let values = queries.iter().map(print).collect::<Result<Vec<_>, _>>();
    let values = values.map_err(|error| {
        let is_printable = matches!(error, Error::Unrepresentable { .. }) && format.name() != BINARY.name();
        let failure = unlocker.failure(&shown, error);
        if is_printable && !arguments.json { failure.hint("with --json it can be printed") } else { failure }
    })?;
    match &values[..] {
        [value] if arguments.nul => io::print(Zeroizing::new(format!("{}\0", value.as_str())).as_bytes()),
        [value] => io::print_value(value.as_bytes()),
        _ if arguments.json => io::print(object(&arguments.paths, &values).as_bytes()),
        _ => io::print(lines(arguments, &values)?.as_bytes()),
    }
}

fn query(path: &str) -> Result<PathQuery, Failure> {
    PathQuery::parse(path).map_err(|error| Failure::new(exit_code::BAD_PATH, format!("the path `{path}`: {error}")))
}

/// Several values, each with its end.
fn lines(arguments: &Arguments, values: &[Zeroizing<String>]) -> Result<Zeroizing<String>, Failure> {
    let end = if arguments.nul { '\0' } else { '\n' };
    let mut text = Zeroizing::new(String::with_capacity(values.iter().map(|value| value.len() + 1).sum()));
    for (path, value) in arguments.paths.iter().zip(values) {
        if value.contains(end) {
            let (what, hint) =
                if arguments.nul { ("NUL character", "use --json") } else { ("line break", "add -0/--null or --json") };
            let what = format!("`{path}` has a {what} in it, so it could not be told where it ends");
            return Err(Failure::new(exit_code::UNREPRESENTABLE, what).hint(hint));
        }
        text.push_str(value);
        text.push(end);
    }
    Ok(text)
}

/// A JSON object of several values, which are JSON themselves.
fn object(paths: &[String], values: &[Zeroizing<String>]) -> Zeroizing<String> {
    let value = |text: &Zeroizing<String>| serde_json::from_str(text).unwrap_or(Json::Null);
    let entries: Map<_, _> = paths.iter().zip(values).map(|(path, text)| (path.clone(), value(text))).collect();
    Zeroizing::new(format!("{:#}\n", Json::Object(entries)))
}
