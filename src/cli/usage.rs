//! What is wrong with a command line: clap finds it, the words and the exit code are ours.

use std::error::Error as _;
use std::path::Path;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::report::{self, Failure, list};
use super::{exit_code, io};

/// Prints help, which is a success, or what is wrong.
pub(crate) fn end(error: &clap::Error) -> ExitCode {
    let failure = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => match io::print(error.render().to_string().as_bytes()) {
            Ok(()) => return ExitCode::SUCCESS,
            Err(failure) => failure,
        },
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            io::print_to_stderr(error.render().to_string().as_bytes());
            return ExitCode::from(exit_code::GENERIC);
        }
        _ => failure(error),
    };
    failure.print();
    ExitCode::from(failure.code)
}

/// What is wrong, as a failure.
pub(super) fn failure(error: &clap::Error) -> Failure {
    let command = command(error);
    let argument = text(error, ContextKind::InvalidArg);
    let value = text(error, ContextKind::InvalidValue).unwrap_or_default();
    let (code, message) = match (error.kind(), &argument) {
        (ErrorKind::InvalidSubcommand, _) => return unknown_command(error),
        (ErrorKind::UnknownArgument, Some(argument)) => return unknown_argument(error, &command, argument),
        (ErrorKind::InvalidValue, Some(argument)) if value.is_empty() => {
            (exit_code::GENERIC, format!("`{argument}`: the value is missing"))
        }
        (ErrorKind::InvalidValue, Some(argument)) => {
            let message =
                format!("`{argument}`: `{value}` is not one of {}", list(&texts(error, ContextKind::ValidValue)));
            (exit_code::GENERIC, message)
        }
        (ErrorKind::ValueValidation, Some(argument)) => {
            let why = error.source().map(|source| format!(": {source}")).unwrap_or_default();
            (exit_code::GENERIC, format!("`{argument}`: `{value}`{why}"))
        }
        (ErrorKind::ArgumentConflict, Some(argument)) => {
            let others = list(&texts(error, ContextKind::PriorArg));
            (exit_code::CONFLICT, format!("`{argument}` cannot be used with {others}"))
        }
        (ErrorKind::MissingRequiredArgument, _) => {
            (exit_code::GENERIC, format!("missing: {}", list(&texts(error, ContextKind::InvalidArg))))
        }
        _ => {
            let text = error.render().to_string();
            (exit_code::GENERIC, text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned())
        }
    };
    Failure::new(code, message).hint(see_help(&command))
}

fn unknown_command(error: &clap::Error) -> Failure {
    let word = text(error, ContextKind::InvalidSubcommand).unwrap_or_default();
    let failure = Failure::new(exit_code::GENERIC, format!("`{word}` is not a command"));
    // Of several the last one is the nearest.
    let similar = texts(error, ContextKind::SuggestedSubcommand).into_iter().next_back();
    if Path::new(&word).is_file() {
        let file = report::word(&word);
        failure.hint(format!("to see the file decrypted: `sops-rs decrypt {file}`, to edit it: `sops-rs edit {file}`"))
    } else if let Some(similar) = similar {
        failure.hint(format!("did you mean `{similar}`?"))
    } else {
        let definition = super::definition();
        let names =
            definition.get_subcommands().filter(|command| !command.is_hide_set()).map(|c| c.get_name().to_owned());
        failure.hint(format!("the commands are {}", list(&names.collect::<Vec<_>>())))
    }
}

fn unknown_argument(error: &clap::Error, command: &str, argument: &str) -> Failure {
    if command.ends_with(" set") {
        // Whatever it is, it may be a part of the value.
        let failure =
            Failure::new(exit_code::GENERIC, format!("one argument too many, or an unknown option, for `{command}`"));
        if let Some(similar) = text(error, ContextKind::SuggestedArg) {
            return failure.hint(format!("did you mean `{similar}`?"));
        }
        return failure.hint("a value with blanks stands in quotes, one that begins with `-` behind `--`");
    }
    let what = if argument.starts_with('-') { "is not an option of" } else { "is one argument too many for" };
    let failure = Failure::new(exit_code::GENERIC, format!("`{argument}` {what} `{command}`"));
    match text(error, ContextKind::SuggestedArg) {
        Some(similar) if is_near(argument, &similar) => failure.hint(format!("did you mean `{similar}`?")),
        _ if command.starts_with("sops-rs exec-") => {
            failure.hint(format!("what is the program's stands behind `--`: `{command} FILE… -- PROGRAM ARG…`"))
        }
        _ => failure.hint(see_help(command)),
    }
}

/// Whether one word may be the other one mistyped. What clap finds similar may have a few letters in common, no more.
fn is_near(word: &str, similar: &str) -> bool {
    strsim::damerau_levenshtein(word, similar) * 3 <= similar.chars().count()
}

fn see_help(command: &str) -> String {
    format!("see `{command} --help`")
}

/// The command that the error is about, as it is typed.
fn command(error: &clap::Error) -> String {
    let usage = text(error, ContextKind::Usage).unwrap_or_default();
    let mut words = usage.split_whitespace().skip_while(|word| *word != "sops-rs").skip(1);
    match words.next() {
        Some(word) if word.starts_with(|c: char| c.is_ascii_lowercase()) => format!("sops-rs {word}"),
        // An invalid value comes without a usage line.
        _ => {
            let definition = super::definition();
            let typed = std::env::args_os().nth(1).and_then(|word| Some(definition.find_subcommand(word)?.get_name()));
            typed.map_or_else(|| "sops-rs".to_owned(), |name| format!("sops-rs {name}"))
        }
    }
}

fn text(error: &clap::Error, kind: ContextKind) -> Option<String> {
    texts(error, kind).into_iter().next()
}

fn texts(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        Some(ContextValue::StyledStr(text)) => vec![text.to_string()],
        _ => Vec::new(),
    }
}
