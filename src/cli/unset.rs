//! `unset`.

use std::path::PathBuf;

use clap::Args;
use sops_rs::error::Error;
use sops_rs::file::any;

use super::clock;
use super::files::{IdentityOptions, InputOptions, Unlocker};
use super::report::{Failure, named, say};
use super::target::Target;

/// Take one value, map or list out of an encrypted file
///
/// Its line goes, and the comment on it; a map or list that is left empty stays as `{}` or `[]`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The encrypted file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The path, as `db.users[0].name` or `["db"]["users"][0]["name"]`
    #[arg(value_name = "PATH")]
    path: String,
    /// Succeed, and write nothing, when nothing is there
    #[arg(long)]
    ignore_missing: bool,
    #[command(flatten)]
    input: InputOptions,
    #[command(flatten)]
    identities: IdentityOptions,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let target = Target::find(&arguments.file, &arguments.path, &arguments.input)?;
    let unlocker = Unlocker::find(&arguments.identities)?;
    let (shown, path) = (named(&target.shown), &arguments.path);
    let outcome = match any::unset(&target.bytes, target.format, &target.query, &unlocker, clock::now()) {
        Err(Error::PathNotFound { .. }) if arguments.ignore_missing => {
            say(&format!("{shown}: nothing at `{path}`, nothing was written"));
            return Ok(());
        }
        result => result.map_err(|error| target.failure(&unlocker, error))?,
    };
    target.write(arguments.input.name(&arguments.file), &outcome)?;
    say(&format!("{shown}: `{path}` is gone"));
    Ok(())
}
