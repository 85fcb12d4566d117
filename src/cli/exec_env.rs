//! `exec-env`.

use std::ffi::OsString;
use std::path::Path;

use clap::Args;

use super::files::{IdentityOptions, InputOptions, Unlocker};
use super::name_options::NameOptions;
use super::process::CoreLimit;
use super::report::Failure;
use super::runner::{self, Given, Inherited, Job, RunOptions, Sources};

/// Run a program with the decrypted values in its environment
///
/// `exec-env FILE… -- PROGRAM ARG…` runs the program directly, without a shell; `exec-env FILE 'COMMAND'` runs the
/// one string by `sh -c`. Values in maps and lists are named by their path: `db.password` is DB_PASSWORD, and so is a key
/// `db.password` or `db-password` of a properties file. Of several
/// files, later ones win. Variables that hold or locate key material (SOPS_AGE_KEY …) are taken out of the
/// environment. On Unix the program replaces this process, so signals and exit code are its own; with --as-file, --redact or
/// --watch it is a child, to which signals are passed on, and which this process ends like.
#[derive(Debug, Args)]
#[command(
    override_usage = "sops-rs exec-env [OPTIONS] FILE... -- PROGRAM [ARG...]\n       sops-rs exec-env [OPTIONS] FILE COMMAND"
)]
pub(crate) struct Arguments {
    /// The encrypted files, and without `--` a command for the shell
    #[arg(required = true, value_name = "FILE")]
    files: Vec<OsString>,
    /// The program and its arguments
    #[arg(last = true, value_name = "PROGRAM")]
    program: Vec<OsString>,
    /// Give the program nothing but the decrypted values
    #[arg(long)]
    pristine: bool,
    #[command(flatten)]
    names: NameOptions,
    #[command(flatten)]
    run: RunOptions,
    #[command(flatten)]
    input: InputOptions,
    #[command(flatten)]
    identities: IdentityOptions,
}

/// Runs the program; gives its exit code where this process is not replaced by it.
pub(crate) fn run(arguments: &Arguments, core_limit: CoreLimit) -> Result<u8, Failure> {
    let words = runner::Words::split(&arguments.files, &arguments.program, "exec-env", &arguments.run)?;
    let unlocker = Unlocker::find(&arguments.identities)?;
    let sources = Sources::new(words.files, &arguments.input, &arguments.run, unlocker)?;
    let load = || {
        let mut values = sources.read()?;
        let variables = values.variables(&sources, arguments.names.names("_", true))?;
        Ok(Given { variables, files: values.files, document: None, secrets: values.secrets })
    };
    if arguments.run.dry_run {
        let given = load()?;
        return runner::print_names(given.variables.into_keys().chain(given.files.into_keys()), &arguments.run);
    }
    runner::run(&Job {
        options: &arguments.run,
        program: words.program,
        inherited: if arguments.pristine { Inherited::Nothing } else { Inherited::WithoutKeys },
        files: words.files.iter().map(Path::new).collect(),
        document: None,
        load: &load,
        core_limit,
    })
}
