//! `set`.

use std::path::PathBuf;

use clap::Args;
use sops_rs::file::any;

use super::files::{IdentityOptions, InputOptions, Unlocker};
use super::report::{Failure, named, say, word};
use super::target::Target;
use super::value::ValueOptions;
use super::{clock, exit_code};

/// Set one value of an encrypted file
///
/// Writes the value in the style of what stands there, and touches no other line. Missing maps are made, and the index
/// behind the last item of a list adds one: `db.users[2].name`. Without VALUE, and without an option that tells it, the
/// value is asked for and not shown. It is a text, so that `5432` gets quotes where a bare one would be a number; with
/// --json it is what it says. A value that stands there already changes nothing.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The encrypted file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The value's path, as `db.users[0].name` or `["db"]["users"][0]["name"]`; `#1.kind` is in the second YAML document
    #[arg(value_name = "PATH")]
    path: String,
    #[command(flatten)]
    value: ValueOptions,
    #[command(flatten)]
    input: InputOptions,
    #[command(flatten)]
    identities: IdentityOptions,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let target = Target::find(&arguments.file, &arguments.path, &arguments.input).map_err(|failure| {
        let is_missing = failure.code == exit_code::NO_FILE;
        let hint = format!("make it with `sops-rs edit {}`", word(&arguments.file.display().to_string()));
        if is_missing { failure.hint(hint) } else { failure }
    })?;
    if arguments.value.is_asked_for() {
        target.check()?;
    }
    let value = arguments.value.read(&arguments.path)?;
    let unlocker = Unlocker::find(&arguments.identities)?;
    let outcome = any::set(&target.bytes, target.format, &target.query, &value, &unlocker, clock::now());
    let outcome = outcome.map_err(|error| target.failure(&unlocker, error))?;
    let (shown, path) = (named(&target.shown), &arguments.path);
    if target.write(arguments.input.name(&arguments.file), &outcome)? {
        say(&format!("{shown}: `{path}` is set"));
    } else {
        say(&format!("{shown}: `{path}` has this value already, nothing was written"));
    }
    arguments.value.print(&value)
}
