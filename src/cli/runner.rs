//! Running a program with decrypted values: what `exec-env` and `exec-file` share.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::Command;

use clap::Args;
use zeroize::Zeroizing;

use super::files::is_stream;
use super::process::CoreLimit;
use super::report::Failure;
use super::{environment, exit_code, io};

#[cfg(unix)]
pub(crate) mod background;
#[cfg(unix)]
pub(crate) mod child;
#[cfg(unix)]
mod fifo;
#[cfg(unix)]
mod files;
#[cfg(not(unix))]
mod other;
#[cfg(unix)]
mod relay;
#[cfg(unix)]
mod signals;
#[cfg(unix)]
mod supervisor;
#[cfg(unix)]
mod terminal;
#[cfg(unix)]
mod user;
mod values;
#[cfg(unix)]
mod watch;

pub(crate) use values::{DEFAULT_NAMES, Sources, Variables};

/// What stands for the path of the plaintext in the words of a program.
pub(crate) const PLACEHOLDER: &str = "{}";

/// The option of the process that stays for `--background`.
pub(crate) const DETACHED: &str = "--detached";

/// Options of both commands.
#[derive(Debug, Default, Args)]
pub(crate) struct RunOptions {
    /// Hand over only the values whose paths match this glob, as `db.**`; may be repeated
    #[arg(long, value_name = "GLOB")]
    pub(crate) only: Vec<String>,
    /// Do not hand over the values whose paths match this glob; may be repeated
    #[arg(long, value_name = "GLOB")]
    pub(crate) except: Vec<String>,
    /// Hand the value at PATH over as a file whose path is in the variable VAR, as `tls.key=TLS_KEY_FILE`; may be repeated
    #[arg(long, value_name = "PATH=VAR", value_parser = as_file)]
    pub(crate) as_file: Vec<AsFile>,
    /// Run nothing when this variable is missing or empty among the values; may be repeated
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) require: Vec<String>,
    /// Go on without the values of sections that no identity opens
    #[arg(long)]
    pub(crate) partial: bool,
    /// Run the program as this user, with their groups (needs the superuser)
    #[arg(long, value_name = "NAME")]
    pub(crate) user: Option<String>,
    /// Replace this process by the program, as is done anyway where nothing is left to do afterwards
    #[arg(long, conflicts_with_all = ["as_file", "redact", "watch", "background"])]
    pub(crate) same_process: bool,
    /// Do not wait for the program
    #[arg(long)]
    pub(crate) background: bool,
    /// Replace secret values of 6 bytes or more by `***` in what the program prints, also in base64, URL and JSON spelling
    #[arg(long)]
    pub(crate) redact: bool,
    /// Run the program anew whenever one of the files changes and can be decrypted
    #[arg(long)]
    pub(crate) watch: bool,
    /// Print the names of what would be handed over, and run nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Print the names as JSON
    #[arg(long, requires = "dry_run")]
    pub(crate) json: bool,
    /// This is the process that stays for --background.
    #[arg(long, hide = true)]
    pub(crate) detached: bool,
}

/// A value that is handed over as a file.
#[derive(Clone, Debug)]
pub(crate) struct AsFile {
    /// Its path.
    pub(crate) path: String,
    /// The variable that names the file.
    pub(crate) variable: String,
}

fn as_file(text: &str) -> Result<AsFile, &'static str> {
    let (path, variable) = text.rsplit_once('=').ok_or("write it as PATH=VAR")?;
    let is_name = variable.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && variable.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_name && !path.is_empty() {
        Ok(AsFile { path: path.to_owned(), variable: variable.to_owned() })
    } else {
        Err("write it as PATH=VAR, where VAR has letters, digits and `_`, and does not begin with a digit")
    }
}

/// What a command line names.
pub(crate) struct Words<'w> {
    /// The encrypted files.
    pub(crate) files: &'w [OsString],
    /// The program and its arguments; there may be none when nothing is run.
    pub(crate) program: Vec<OsString>,
}

impl<'w> Words<'w> {
    /// Tells files from program. Without `--` the last of two words is a command for the shell, as in SOPS.
    pub(crate) fn split(
        words: &'w [OsString],
        program: &[OsString],
        command: &str,
        options: &RunOptions,
    ) -> Result<Self, Failure> {
        if !program.is_empty() {
            return Ok(Self { files: words, program: program.to_vec() });
        }
        let fail = |what| {
            let failure = Failure::new(exit_code::GENERIC, what);
            Err(failure.hint(format!("write `sops-rs {command} FILE… -- PROGRAM ARG…`")))
        };
        match words {
            [.., last] if options.dry_run && (words.len() == 1 || Path::new(last).is_file()) => {
                Ok(Self { files: words, program: Vec::new() })
            }
            [_] => fail("no program to run"),
            [_, line] => Ok(Self { files: &words[..1], program: vec!["/bin/sh".into(), "-c".into(), line.clone()] }),
            _ => fail("without `--` it cannot be told which words are files"),
        }
    }
}

/// A program to run.
pub(crate) struct Job<'j> {
    /// How.
    pub(crate) options: &'j RunOptions,
    /// The program and its arguments.
    pub(crate) program: Vec<OsString>,
    /// What it gets of this process's environment.
    pub(crate) inherited: Inherited,
    /// The encrypted files.
    pub(crate) files: Vec<&'j Path>,
    /// The plaintext that it is given as a file.
    pub(crate) document: Option<DocumentFile>,
    /// Reads what it is given: at the start, and when a file has changed.
    pub(crate) load: &'j dyn Fn() -> Result<Given, Failure>,
    /// The core dump limit that it gets.
    pub(crate) core_limit: CoreLimit,
}

/// What a program gets of this process's environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inherited {
    /// All of it.
    All,
    Nothing,
    /// All but what holds or locates key material.
    WithoutKeys,
}

/// How a plaintext is handed over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DocumentFile {
    /// As a pipe instead of a regular file.
    pub(crate) fifo: bool,
}

/// What a program is given.
pub(crate) struct Given {
    /// Variables.
    pub(crate) variables: Variables,
    /// The content of files whose paths are in variables, by variable.
    pub(crate) files: Variables,
    /// The name and the content of the plaintext that `{}` stands for.
    pub(crate) document: Option<(String, Zeroizing<Vec<u8>>)>,
    /// What is to be redacted.
    pub(crate) secrets: Vec<Zeroizing<Vec<u8>>>,
}

/// Runs the program; gives its exit code, where the process is not replaced by it.
pub(crate) fn run(job: &Job<'_>) -> Result<u8, Failure> {
    let options = job.options;
    if options.watch && job.files.iter().any(|file| is_stream(file)) {
        return Err(Failure::new(exit_code::CONFLICT, "standard input does not change: --watch needs files"));
    }
    run_here(job)
}

#[cfg(unix)]
fn run_here(job: &Job<'_>) -> Result<u8, Failure> {
    use std::os::unix::process::CommandExt;
    let options = job.options;
    if options.background {
        return background::start();
    }
    let user = options.user.as_deref().map(user::User::find).transpose()?;
    let given = (job.load)()?;
    let is_alone =
        !options.detached && !options.redact && !options.watch && given.files.is_empty() && given.document.is_none();
    if !is_alone {
        return supervisor::run(job, given, user.as_ref());
    }
    if let Some(user) = &user {
        user.switch()?;
    }
    let mut command = command(job, &given, None, user.as_ref());
    job.core_limit.restore();
    Err(cannot_run(&job.program[0], &command.exec()))
}

#[cfg(not(unix))]
use other::run as run_here;

/// The program with its arguments and its environment.
fn command(job: &Job<'_>, given: &Given, plaintext: Option<&Path>, user: Option<&RunUser>) -> Command {
    let (name, arguments) = job.program.split_first().expect("there is a program");
    let filled = |word: &OsString| filled(word, plaintext);
    let mut command = Command::new(environment::find_program(&filled(name)));
    command.args(arguments.iter().map(filled)).env_clear();
    match job.inherited {
        Inherited::All => drop(command.envs(environment::all())),
        Inherited::Nothing => {}
        Inherited::WithoutKeys => drop(command.envs(environment::inherited())),
    }
    if let Some(user) = user {
        command.envs(user.variables());
    }
    command.envs(given.variables.iter().map(|(name, value)| (name, value.as_str())));
    command
}

#[cfg(unix)]
use user::User as RunUser;

#[cfg(not(unix))]
use other::User as RunUser;

/// `word` with the path of the plaintext in its places. A word that is not UTF-8 has none.
fn filled(word: &OsStr, plaintext: Option<&Path>) -> OsString {
    match (word.to_str(), plaintext) {
        (Some(text), Some(path)) if text.contains(PLACEHOLDER) => {
            text.replace(PLACEHOLDER, &path.to_string_lossy()).into()
        }
        _ => word.to_owned(),
    }
}

fn cannot_run(name: &OsStr, error: &std::io::Error) -> Failure {
    let code = match error.kind() {
        std::io::ErrorKind::NotFound => exit_code::NOT_FOUND,
        _ => exit_code::CANNOT_RUN,
    };
    Failure::about(code, &name.to_string_lossy(), format_args!("cannot be run: {}", io::reason(error)))
}

/// Prints names, one on each line or as a JSON list.
pub(crate) fn print_names(names: impl Iterator<Item = String>, options: &RunOptions) -> Result<u8, Failure> {
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    let text = if options.json {
        format!("{}\n", serde_json::Value::from(names))
    } else {
        names.iter().map(|name| format!("{name}\n")).collect()
    };
    io::print(text.as_bytes())?;
    Ok(0)
}
