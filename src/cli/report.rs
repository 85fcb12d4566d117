//! Failures as sentences: `sops-rs: error: …`, then hints that name the next action. The only place that words them.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::fmt::{self, Write as _};
use std::io::{self, IsTerminal, Write as _};
use std::panic;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use sops_rs::document::{BINARY, Format};
use sops_rs::error::sops::{GroupReport, SopsError};
use sops_rs::error::{Error, Step};
use sops_rs::file::Encrypted;

use super::exit_code;
use super::terminal::escape;

/// Why a command failed.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The exit code.
    pub(crate) code: u8,
    /// The line of the text that it is about, from 1.
    pub(crate) line: Option<usize>,
    message: String,
    /// Further lines of the message.
    text: String,
    hints: Vec<String>,
    /// Further ones, of other files.
    others: Vec<Self>,
}

impl Failure {
    /// A failure with one message. It starts in lower case and has no full stop.
    pub(crate) fn new(code: u8, message: impl Into<String>) -> Self {
        Self { code, line: None, message: message.into(), text: String::new(), hints: Vec::new(), others: Vec::new() }
    }

    /// A failure that has to do with `file`, which is `-` for standard input.
    pub(crate) fn about(code: u8, file: &str, what: impl fmt::Display) -> Self {
        Self::new(code, format!("{}: {what}", named(file)))
    }

    /// Adds lines that stand behind the message as they are.
    #[must_use]
    pub(crate) fn with_text(self, text: String) -> Self {
        Self { text, ..self }
    }

    /// Adds what to do next.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The same where commands were named that are called `sops`, and the program was not.
    #[must_use]
    pub(crate) fn under_our_name(mut self) -> Self {
        for hint in &mut self.hints {
            *hint = hint.replace("`sops ", "`sops-rs ");
        }
        self
    }

    /// The same with another exit code.
    #[must_use]
    pub(crate) fn with_code(self, code: u8) -> Self {
        Self { code, ..self }
    }

    /// Adds a failure of another file. The exit code stays that of the first one.
    #[must_use]
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.others.push(other);
        self
    }

    /// What the library says about `file`.
    pub(crate) fn of(file: &str, error: Error) -> Self {
        let mut failure = match error {
            // Here files of both programs are looked for.
            Error::NotEncrypted => Self::about(code_of(&error), file, "not encrypted: no `sops-rs` or `sops` metadata"),
            _ => Self::about(code_of(&error), file, &error),
        };
        failure.line = error.position().map(|at| at.line);
        let word = word(file);
        match error {
            Error::AlreadyEncrypted => failure.hint(format!(
                "see it with `sops-rs decrypt {word}`; to encrypt a changed plaintext over it, use -o/--output"
            )),
            Error::Authentication { step: Step::KeyId | Step::MetadataMac, .. } => {
                failure.hint("its recipients or its policy were changed; restore the last good version from git")
            }
            Error::Authentication { .. }
            | Error::DuplicateId { .. }
            | Error::Token { .. }
            | Error::LeafNotSealed { .. } => {
                failure.hint("restore the last good version from git, then make the change on the decrypted file")
            }
            Error::ConflictMarkers { .. } => {
                failure.hint(format!("resolve the conflict with `sops-rs git resolve {word}`"))
            }
            // What a later version wrote is not damaged.
            Error::Metadata { what, .. } if what.contains("a newer sops-rs") => failure,
            Error::Metadata { .. } => failure.hint("restore the `sops-rs` block from the last good version in git"),
            Error::NoIdentity { recipients } => failure.hint(format!("encrypted to {}", readers(&recipients))),
            Error::TooFewKeyGroups { groups, .. } => {
                let locked = groups.into_iter().zip(1..).filter(|(group, _): &(_, usize)| !group.opened);
                locked.fold(failure, |failure, (group, number)| {
                    failure.hint(format!("key group {number} is {}", readers(&group.readers)))
                })
            }
            Error::NotEncrypted => failure.hint(format!("encrypt it with `sops-rs encrypt -i {word}`")),
            Error::NothingSelected { encrypt } => failure.hint(if encrypt == ["**"] {
                "it has no values, or `clear` names all of them".to_owned()
            } else {
                format!("its `encrypt` globs: {}", list(&encrypt))
            }),
            Error::OtherDialect { rule, .. } => {
                failure.hint(format!("`sops-rs convert --to {rule} {word}` changes it"))
            }
            Error::PathNotFound { similar: Some(similar), .. } => failure.hint(format!("did you mean `{similar}`?")),
            Error::Sops(error) => failure.with_hints_of(&error, &word),
            _ => failure,
        }
    }

    /// What to do about a file of the sops dialect.
    fn with_hints_of(self, error: &SopsError, word: &str) -> Self {
        match error {
            SopsError::NoDataKey { groups, .. } => groups.iter().zip(1..).fold(self, |failure, (group, number)| {
                let GroupReport::Failed(keys) = group else { return failure };
                let keys: Vec<_> =
                    keys.iter().map(|key| format!("`{}` ({})", shortened(&key.name), key.fault)).collect();
                let number: usize = number;
                let group =
                    if groups.len() > 1 { format!("key group {number} is ") } else { "encrypted to ".to_owned() };
                failure.hint(format!("{group}{}", keys.join(", ")))
            }),
            SopsError::MacMismatch | SopsError::MacNotOpened | SopsError::NoMac | SopsError::Value { .. } => {
                self.hint("restore the last good version from git, then make the change on the decrypted file")
            }
            SopsError::Metadata { .. } => self.hint("restore the `sops` block from the last good version in git"),
            SopsError::NothingSelected { .. } => {
                self.hint("look at the rule's selector: its regular expressions are about single keys, not about paths")
            }
            SopsError::CannotWrap { .. } => {
                self.hint(format!("take these keys out of its rule, then `sops-rs updatekeys {word}`"))
            }
            _ => self,
        }
    }

    /// What went wrong.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// What to do next.
    pub(crate) fn hints(&self) -> &[String] {
        &self.hints
    }

    /// Writes the failure to standard error. What several files have in common is said once.
    pub(crate) fn print(&self) {
        self.print_but(&mut HashSet::new());
    }

    /// The same as SOPS does it: the message alone, without a name before it.
    pub(crate) fn print_plain(&self) {
        tell(&self.message);
        self.text.lines().for_each(tell);
        self.hints.iter().for_each(|hint| line("hint", "\u{1b}[1;36m", hint));
        self.others.iter().for_each(Self::print_plain);
    }

    fn print_but<'f>(&'f self, said: &mut HashSet<&'f str>) {
        // SOPS's own words begin with what `line` says.
        let message = ["Error: ", "error "].iter().find_map(|beginning| self.message.strip_prefix(beginning));
        line("error", "\u{1b}[1;31m", message.unwrap_or(&self.message));
        self.text.lines().for_each(tell);
        for hint in self.hints.iter().filter(|hint| said.insert(hint)) {
            line("hint", "\u{1b}[1;36m", hint);
        }
        self.others.iter().for_each(|other| other.print_but(said));
    }
}

/// From now on a panic tells its place only. The standard library's own words may quote the text that was worked on: a
/// string that is cut in the middle of a character, for one.
pub(crate) fn silence_panics() {
    panic::set_hook(Box::new(|panic| line("error", "\u{1b}[1;31m", &bug(panic.location()))));
}

fn bug(place: Option<&panic::Location<'_>>) -> String {
    let place =
        place.map_or_else(|| "an unknown place".to_owned(), |place| format!("{}:{}", place.file(), place.line()));
    format!("this is a bug in sops-rs, at {place}; please report it, without your file")
}

/// Writes a warning to standard error.
pub(crate) fn warn(message: &str) {
    line("warning", "\u{1b}[1;33m", message);
}

/// The same, but only once, however many files it has to do with.
pub(crate) fn warn_once(message: &str) {
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    if SAID.lock().unwrap_or_else(PoisonError::into_inner).insert(message.to_owned()) {
        warn(message);
    }
}

/// Whether what was done is left untold.
static IS_QUIET: AtomicBool = AtomicBool::new(false);

/// From now on nothing is said about what was done: some clients of SOPS take any text on standard error for a failure.
pub(crate) fn be_quiet() {
    IS_QUIET.store(true, Ordering::Relaxed);
}

/// Writes a line about what was done to standard error.
pub(crate) fn say(message: &str) {
    if !IS_QUIET.load(Ordering::Relaxed) {
        tell(message);
    }
}

/// Writes a line that the user has to see to standard error: what is asked about, or belongs to SOPS's own words.
pub(crate) fn tell(message: &str) {
    let mut text = escape(message);
    text.push('\n');
    // Nobody is left to be told when standard error is gone.
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Words in backticks, with commas between them.
pub(crate) fn list(words: &[String]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// How a message names an input.
pub(crate) fn named(file: &str) -> String {
    if file == "-" { "standard input".to_owned() } else { format!("`{file}`") }
}

/// `1 value`, `2 values`.
pub(crate) fn count(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

/// Tells what was encrypted; with `verbose`, also the paths of what stays clear.
pub(crate) fn summarise(path: &Path, encrypted: &Encrypted, format: &dyn Format, verbose: bool) {
    let summary = &encrypted.summary;
    let clear = if summary.clear.is_empty() { "none clear".into() } else { format!("{} clear", summary.clear.len()) };
    let comments =
        if summary.comments == 0 { String::new() } else { format!(" and {}", count(summary.comments, "comment")) };
    let name = named(&path.display().to_string());
    let changed = match (summary.kept, summary.sealed + summary.comments) {
        (0, _) => String::new(),
        (kept, all) if kept == all => "; none of them new or changed".to_owned(),
        (kept, all) => format!("; {} of them new or changed", all - kept),
    };
    if format.name() == BINARY.name() {
        return say(&format!("{name}: encrypted whole, as binary{changed}"));
    }
    say(&format!("{name}: {}{comments} encrypted, {clear}{changed}", count(summary.sealed, "value")));
    if verbose {
        summary.clear.iter().for_each(|path| say(&format!("  clear: {path}")));
    }
}

fn line(kind: &str, color: &str, message: &str) {
    let mut text = String::from("sops-rs: ");
    let colored = io::stderr().is_terminal() && super::environment::color_allowed();
    let _ = if colored { write!(text, "{color}{kind}:\u{1b}[0m ") } else { write!(text, "{kind}: ") };
    text.push_str(&escape(message));
    text.push('\n');
    let _ = io::stderr().write_all(text.as_bytes());
}

/// `file` as a word of a shell command.
pub(crate) fn word(file: &str) -> Cow<'_, str> {
    match file {
        "-" => "FILE".into(),
        file if file.bytes().all(|b| b.is_ascii_alphanumeric() || b"._/-@+,:=%".contains(&b)) => file.into(),
        file => format!("'{}'", file.replace('\'', r"'\''")).into(),
    }
}

/// Names and recipients.
fn readers(readers: &[(String, String)]) -> String {
    let readers = readers.iter().map(|(name, recipient)| format!("`{name}` ({})", shortened(recipient)));
    readers.collect::<Vec<_>>().join(", ")
}

/// Recipients are long; their beginning tells them apart.
fn shortened(recipient: &str) -> String {
    match recipient.char_indices().nth(40) {
        Some((end, _)) if recipient.len() > 70 => format!("{}…", &recipient[..end]),
        _ => recipient.to_owned(),
    }
}

/// One table: which exit code an error of the library ends in.
fn code_of(error: &Error) -> u8 {
    match error {
        Error::AlreadyEncrypted => exit_code::ALREADY_ENCRYPTED,
        Error::Authentication { step: Step::Seal | Step::Splice, .. }
        | Error::DuplicateId { .. }
        | Error::LeafNotSealed { .. }
        | Error::Token { .. } => exit_code::TOKEN,
        Error::Authentication { .. } => exit_code::MAC,
        Error::ConflictMarkers { .. }
        | Error::DuplicateKey { .. }
        | Error::ForbiddenCharacter { .. }
        | Error::Limit { .. }
        | Error::NotUtf8 { .. }
        | Error::Syntax { .. } => exit_code::INPUT,
        Error::NoIdentity { .. } | Error::SectionLocked { .. } | Error::TooFewKeyGroups { .. } => exit_code::NO_KEY,
        Error::NothingSelected { .. } | Error::SelfCheck { .. } | Error::Wrap { .. } => exit_code::ENCRYPT,
        Error::Unconvertible { .. } | Error::Unrepresentable { .. } => exit_code::UNREPRESENTABLE,
        Error::Sops(error) => code_of_sops(error),
        _ => exit_code::GENERIC,
    }
}

fn code_of_sops(error: &SopsError) -> u8 {
    match error {
        SopsError::MacMismatch | SopsError::MacNotOpened | SopsError::NoMac => exit_code::MAC,
        // As for SOPS, which goes on to the values with whatever it finds.
        SopsError::NoDataKey { groups, .. } if matches!(&groups[..], [group] if group.is_without_data_key()) => {
            exit_code::TOKEN
        }
        SopsError::NoDataKey { .. } | SopsError::Shares { .. } => exit_code::NO_KEY,
        SopsError::DuplicateKeyKind { .. } => exit_code::BAD_ORDER,
        SopsError::Pattern { .. } | SopsError::NothingSelected { .. } => exit_code::ENCRYPT,
        SopsError::Value { .. } => exit_code::TOKEN,
        _ => exit_code::GENERIC,
    }
}

#[cfg(test)]
mod tests {
    use std::panic::Location;

    use super::*;

    #[test]
    fn a_panic_tells_its_place_and_nothing_else() {
        let here = Location::caller();
        let place = format!("{}:{}", here.file(), here.line());
        assert_eq!(
            bug(Some(here)),
            format!("this is a bug in sops-rs, at {place}; please report it, without your file")
        );
    }
}
