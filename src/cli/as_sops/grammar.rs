//! How SOPS reads a command line: one dash or two, `--x=v`, the last one wins, commands behind the program's own options.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::table::{Command, Flag, Kind, PROGRAM};

/// Ends a command line that asks for what could follow.
const COMPLETE: &str = "--generate-bash-completion";

/// What a command line asks for.
#[derive(Debug)]
pub(super) enum Request {
    /// What could follow these words.
    Candidates { command: &'static Command, start: Option<String> },
    /// Help for the command with this full name.
    Help { command: &'static Command, name: String },
    /// To do something.
    Run(Line),
    /// The version.
    Version,
}

/// What is wrong with a command line.
#[derive(Debug)]
pub(super) struct Misuse {
    /// In SOPS's words where it has some.
    pub(super) what: String,
    pub(super) command: &'static Command,
    /// Its name, in full.
    pub(super) name: String,
    /// Whether it asks for a topic that does not exist.
    pub(super) no_topic: bool,
}

/// A command with its options and arguments.
#[derive(Debug)]
pub(super) struct Line {
    /// The command; the program itself for the form without one.
    pub(super) command: &'static Command,
    /// The arguments that are not options.
    pub(super) words: Vec<OsString>,
    /// What was given, the program's own options first.
    given: Vec<(&'static Flag, OsString)>,
    /// What is in the environment for options that were not given.
    inherited: Vec<(&'static Flag, OsString)>,
}

impl Line {
    /// Whether this switch is on.
    pub(super) fn is_on(&self, name: &str) -> bool {
        // What does not say so was refused when it was read.
        self.value(name).map_or_else(|| default(self.command, name), |value| truth(value) == Some(true))
    }

    /// The value of a text option; an empty one is none.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.value(name).and_then(OsStr::to_str).filter(|text| !text.is_empty())
    }

    /// The value of an option that names a file; an empty one is none.
    pub(super) fn path(&self, name: &str) -> Option<&Path> {
        self.value(name).filter(|value| !value.is_empty()).map(Path::new)
    }

    /// The value of a number; zero is none.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.text(name).and_then(|text| text.parse().ok()).filter(|&number| number != 0)
    }

    /// The parts, between commas, of all values of an option that adds up, or of the last one of another.
    pub(super) fn list(&self, name: &str) -> Vec<&str> {
        let named = |values: &&'_ Vec<(&'static Flag, OsString)>| values.iter().any(|(flag, _)| flag.name == name);
        let Some(values) = [&self.given, &self.inherited].into_iter().find(named) else { return Vec::new() };
        let mut texts: Vec<_> = values
            .iter()
            .filter(|(flag, _)| flag.name == name)
            .map(|(flag, value)| (flag.kind, value.to_str()))
            .collect();
        if texts.last().is_some_and(|(kind, _)| *kind != Kind::List) {
            texts.drain(..texts.len() - 1);
        }
        let texts = texts.into_iter().filter_map(|(_, text)| text);
        texts.flat_map(|text| text.split(',')).map(str::trim).filter(|text| !text.is_empty()).collect()
    }

    /// The names of the options that were given on the command line.
    pub(super) fn given(&self) -> impl Iterator<Item = &'static str> {
        self.given.iter().map(|(flag, _)| flag.name)
    }

    /// The value that counts: the last one that was given, or the environment's.
    pub(super) fn value(&self, name: &str) -> Option<&OsStr> {
        let given = self.given.iter().rev().chain(&self.inherited);
        given.into_iter().find(|(flag, _)| flag.name == name).map(|(_, value)| value.as_os_str())
    }
}

/// Reads the words behind the program's name. `variable` looks into the environment.
pub(super) fn parse(words: &[OsString], variable: &dyn Fn(&str) -> Option<OsString>) -> Result<Request, Misuse> {
    let (words, complete) = match words.split_last() {
        Some((last, words)) if last == COMPLETE => (words, true),
        _ => (words, false),
    };
    let mut reader = Reader { words: words.iter(), given: Vec::new(), rest: Vec::new() };
    let mut command = &PROGRAM;
    let mut name = PROGRAM.name.to_owned();
    loop {
        // Only the form without a command and the commands themselves have options behind their arguments.
        let is_last = command.commands.is_empty();
        let first = match reader.read(command, is_last) {
            Err(_) if complete => None,
            other => other.map_err(|what| Misuse { what, command, name: name.clone(), no_topic: false })?,
        };
        if !complete {
            if reader.is_on("help") {
                return Ok(Request::Help { command, name });
            }
            if std::ptr::eq(command, &PROGRAM) && reader.is_on("version") {
                return Ok(Request::Version);
            }
        }
        let word = first.and_then(OsStr::to_str);
        if let Some(next) = word.and_then(|word| command.command(word)) {
            command = next;
            name = format!("{name} {}", next.name);
            continue;
        }
        let is_group = !is_last && !std::ptr::eq(command, &PROGRAM);
        if complete {
            let start = words.last().and_then(|word| word.to_str()).filter(|word| word.starts_with('-'));
            return Ok(Request::Candidates { command, start: start.map(str::to_owned) });
        }
        match word {
            Some("help" | "h") if !is_last => {
                let topics: Vec<_> = reader.words.cloned().collect();
                return help(command, name, &topics);
            }
            None if is_group => return Ok(Request::Help { command, name }),
            Some(word) if is_group => return help(command, name, &[word.into()]),
            _ => {}
        }
        reader.rest.extend(first.map(OsStr::to_owned));
        if !is_last {
            reader.read(command, true).map_err(|what| Misuse { what, command, name: name.clone(), no_topic: false })?;
            // What belongs to the program may stand behind the file, too.
            if reader.is_on("help") {
                return Ok(Request::Help { command, name });
            }
        }
        let Reader { given, rest, .. } = reader;
        let inherited = inherited(command, variable).map_err(|what| Misuse { what, command, name, no_topic: false })?;
        return Ok(Request::Run(Line { command, words: rest, given, inherited }));
    }
}

fn help(mut command: &'static Command, mut name: String, topics: &[OsString]) -> Result<Request, Misuse> {
    for topic in topics.iter().map(|topic| topic.to_string_lossy()) {
        if command.commands.is_empty() {
            break;
        }
        let Some(next) = command.command(&topic) else {
            return Err(Misuse { what: format!("No help topic for '{topic}'"), command, name, no_topic: true });
        };
        command = next;
        name = format!("{name} {topic}");
    }
    Ok(Request::Help { command, name })
}

struct Reader<'w> {
    words: std::slice::Iter<'w, OsString>,
    given: Vec<(&'static Flag, OsString)>,
    /// Arguments.
    rest: Vec<OsString>,
}

impl<'w> Reader<'w> {
    /// Reads options; up to the first argument, which is given back, or up to the end.
    fn read(&mut self, command: &'static Command, to_end: bool) -> Result<Option<&'w OsStr>, String> {
        while let Some(word) = self.words.next() {
            if word == "--" {
                if !to_end {
                    return Ok(self.words.next().map(OsString::as_os_str));
                }
                self.rest.extend(self.words.by_ref().cloned());
                return Ok(None);
            }
            if is_argument(word, !self.rest.is_empty()) {
                if !to_end {
                    return Ok(Some(word));
                }
                self.rest.push(word.clone());
                continue;
            }
            self.option(command, word)?;
        }
        Ok(None)
    }

    fn option(&mut self, command: &'static Command, word: &OsStr) -> Result<(), String> {
        let bytes = word.as_encoded_bytes();
        let dashes = if bytes.starts_with(b"--") { 2 } else { 1 };
        let at = bytes.iter().position(|&byte| byte == b'=');
        let name = String::from_utf8_lossy(&bytes[dashes..at.unwrap_or(bytes.len())]).into_owned();
        if name.is_empty() || name.starts_with('-') {
            return Err(format!("bad flag syntax: {}", word.display()));
        }
        let flag = command.flag(&name).or_else(|| PROGRAM.flag(&name).filter(|flag| flag.name == "help"));
        let Some(flag) = flag else { return Err(format!("flag provided but not defined: -{name}")) };
        let value = match at {
            Some(at) => split_off(word, at + 1),
            None if flag.kind == Kind::Switch => "true".into(),
            None => self.words.next().cloned().ok_or_else(|| format!("flag needs an argument: -{name}"))?,
        };
        check(flag, &value).map_err(|what| match flag.kind {
            Kind::Switch => format!("invalid boolean value {what} for -{name}: parse error"),
            _ => format!("invalid value {what} for flag -{name}: parse error"),
        })?;
        self.given.push((flag, value));
        Ok(())
    }

    fn is_on(&self, name: &str) -> bool {
        self.given.iter().rev().find(|(flag, _)| flag.name == name).is_some_and(|(_, value)| truth(value) == Some(true))
    }
}

/// Whether `word` is no option: a lone dash, and behind the first argument a negative number, which `set` may be given.
fn is_argument(word: &OsStr, has_argument: bool) -> bool {
    let bytes = word.as_encoded_bytes();
    let is_number = || has_argument && bytes[1].is_ascii_digit();
    bytes.len() < 2 || bytes[0] != b'-' || is_number()
}

/// What stands behind the `=` of an option.
#[cfg(unix)]
fn split_off(word: &OsStr, at: usize) -> OsString {
    use std::os::unix::ffi::OsStrExt;
    OsStr::from_bytes(&word.as_bytes()[at..]).to_owned()
}

#[cfg(not(unix))]
fn split_off(word: &OsStr, at: usize) -> OsString {
    word.to_string_lossy()[at..].into()
}

/// Whether `value` is one for `flag`; if not, the value in quotes.
fn check(flag: &Flag, value: &OsStr) -> Result<(), String> {
    let is_fine = match flag.kind {
        Kind::Switch => truth(value).is_some(),
        Kind::Number => value.to_str().is_some_and(|text| text.parse::<i64>().is_ok()),
        // Names of files need not be UTF-8.
        Kind::Text if matches!(flag.name, "config" | "file" | "filename-override" | "output") => true,
        Kind::List | Kind::Text => value.to_str().is_some(),
    };
    if is_fine { Ok(()) } else { Err(format!("\"{}\"", value.display())) }
}

/// The truth in a word, as Go reads it.
fn truth(word: &OsStr) -> Option<bool> {
    match word.to_str()? {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

fn default(command: &Command, name: &str) -> bool {
    command.flag(name).is_some_and(Flag::is_on_by_default)
}

/// The values in the environment for the options of the command, and of the program.
fn inherited(
    command: &'static Command,
    variable: &dyn Fn(&str) -> Option<OsString>,
) -> Result<Vec<(&'static Flag, OsString)>, String> {
    let mut found: Vec<(&'static Flag, OsString)> = Vec::new();
    let general =
        PROGRAM.flags.iter().filter(|flag| std::ptr::eq(command, &PROGRAM) || command.flag(flag.name).is_none());
    let own = command.flags.iter().filter(|_| !std::ptr::eq(command, &PROGRAM));
    for flag in own.chain(general) {
        let Some(value) = flag.variable.and_then(variable) else { continue };
        // Go takes an empty truth for a false one.
        let value = if flag.kind == Kind::Switch && value.is_empty() { "false".into() } else { value };
        check(flag, &value).map_err(|what| {
            let kind = if flag.kind == Kind::Switch { "bool" } else { "text" };
            format!(
                "could not parse {what} as {kind} value for flag {} (`{}`)",
                flag.name,
                flag.variable.unwrap_or_default()
            )
        })?;
        found.push((flag, value));
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
