//! `exec-file`.

use std::ffi::OsString;
use std::path::{Component, Path};

use clap::Args;
use sops_rs::document::Format;

use super::exit_code;
use super::files::{FormatName, IdentityOptions, InputOptions, Unlocker};
use super::process::CoreLimit;
use super::report::Failure;
use super::runner::{self, DocumentFile, Given, Inherited, Job, RunOptions, Sources, Variables};

/// Run a program with the decrypted file
///
/// `exec-file FILE… -- PROGRAM ARG… {}` runs the program directly, with the path of the plaintext for every `{}`; `exec-file
/// FILE 'COMMAND {}'` runs the one string by `sh -c`. The plaintext is a pipe in a private directory: it is never on a disk, and each
/// time it is opened it can be read once, from its beginning to its end. Several files are merged, map by map, later ones
/// over earlier ones. The directory is gone when the program has ended.
#[derive(Debug, Args)]
#[command(
    override_usage = "sops-rs exec-file [OPTIONS] FILE... -- PROGRAM [ARG...] {}\n       sops-rs exec-file [OPTIONS] FILE COMMAND"
)]
pub(crate) struct Arguments {
    /// The encrypted files, and without `--` a command for the shell
    #[arg(required = true, value_name = "FILE")]
    files: Vec<OsString>,
    /// The program and its arguments; `{}` is the path of the plaintext
    #[arg(last = true, value_name = "PROGRAM")]
    program: Vec<OsString>,
    /// A regular file, readable by its owner only, for programs that read it more than once or not in order; it lies in memory
    /// where the system has such storage
    #[arg(long)]
    no_fifo: bool,
    /// The name of the plaintext, without folders; `tmp-file` with the extension of its format by default
    #[arg(long, value_name = "NAME")]
    filename: Option<String>,
    /// The format of the plaintext; that of the first file by default
    #[arg(long, value_name = "FORMAT")]
    output_type: Option<FormatName>,
    #[command(flatten)]
    run: RunOptions,
    #[command(flatten)]
    input: InputOptions,
    #[command(flatten)]
    identities: IdentityOptions,
}

/// Runs the program, and gives its exit code.
pub(crate) fn run(arguments: &Arguments, core_limit: CoreLimit) -> Result<u8, Failure> {
    let words = runner::Words::split(&arguments.files, &arguments.program, "exec-file", &arguments.run)?;
    if let Some(name) = &arguments.filename {
        check_name(name)?;
    }
    if arguments.run.same_process {
        let failure = Failure::new(exit_code::CONFLICT, "`--same-process` cannot be used with exec-file");
        return Err(failure.hint("this process stays, to remove the plaintext in the end"));
    }
    if !arguments.run.dry_run && !words.program.iter().any(|word| word.to_string_lossy().contains(runner::PLACEHOLDER))
    {
        let failure = Failure::new(exit_code::GENERIC, "the program would not know where the plaintext is");
        return Err(failure.hint("put `{}` in the place of its path"));
    }
    let unlocker = Unlocker::find(&arguments.identities)?;
    let sources = Sources::new(words.files, &arguments.input, &arguments.run, unlocker)?;
    let output = arguments.output_type.map(FormatName::format);
    if arguments.run.dry_run {
        let document = sources.read()?.document(&sources, output)?;
        return runner::print_names(document.paths.into_iter().chain(document.files.into_keys()), &arguments.run);
    }
    let load = || {
        let document = sources.read()?.document(&sources, output)?;
        let name = arguments.filename.clone().unwrap_or_else(|| default_name(document.format));
        Ok(Given {
            variables: Variables::new(),
            files: document.files,
            document: Some((name, document.content)),
            secrets: document.secrets,
        })
    };
    runner::run(&Job {
        options: &arguments.run,
        program: words.program,
        inherited: Inherited::WithoutKeys,
        files: words.files.iter().map(Path::new).collect(),
        document: Some(DocumentFile { fifo: !arguments.no_fifo }),
        load: &load,
        core_limit,
    })
}

fn default_name(format: &dyn Format) -> String {
    match format.name() {
        "binary" => "tmp-file".to_owned(),
        "dotenv" => "tmp-file.env".to_owned(),
        name => format!("tmp-file.{name}"),
    }
}

fn check_name(name: &str) -> Result<(), Failure> {
    let mut components = Path::new(name).components();
    let is_plain = matches!((components.next(), components.next()), (Some(Component::Normal(_)), None));
    if is_plain && !name.starts_with('.') && !name.contains(['/', '\\']) {
        return Ok(());
    }
    let failure = Failure::new(exit_code::GENERIC, format!("`--filename {name}`: must be a name, without folders"));
    Err(failure.hint("the file lies in a private directory; a name does not begin with a dot"))
}
