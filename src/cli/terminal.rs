//! The person at the terminal: questions go to the terminal itself, messages to standard error, both escaped.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use sops_rs::keys::Interaction;
use zeroize::Zeroizing;

use super::io::reason;

/// Longest line that is read from a terminal, in bytes.
const LINE_LIMIT: u64 = 4096;

/// How often a question is asked again.
const ATTEMPTS: usize = 3;

/// Whoever speaks at the terminal has it to themselves: several files may be worked on at the same time.
static TURN: Mutex<()> = Mutex::new(());

/// Waits for the terminal.
fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes the terminal if nobody else has it.
pub(crate) fn turn_if_free() -> Option<MutexGuard<'static, ()>> {
    TURN.try_lock().ok()
}

/// Whether nobody is asked anything.
static IS_MUTE: AtomicBool = AtomicBool::new(false);

/// From now on every question is refused without a word: the program was started by another one that has the terminal.
pub(crate) fn ask_nobody() {
    IS_MUTE.store(true, Relaxed);
}

/// Asks at the controlling terminal, even when standard input and output are files. Without a terminal every question
/// is refused, with a message that says so.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Terminal;

impl Interaction for Terminal {
    fn message(&self, text: &str) {
        let _turn = turn();
        // A closed standard error is no reason to fail.
        let _ = writeln!(io::stderr(), "sops-rs: {}", escape(text));
    }

    fn confirm(&self, question: &str, yes: &str, no: Option<&str>) -> Option<bool> {
        let words = [yes, no.unwrap_or("cancel")];
        let prompt = prompt(question, &words);
        for _ in 0..ATTEMPTS {
            let chosen = choice(&self.or_say_why(ask(&prompt))?, &words);
            if chosen.is_some() {
                return chosen.map(|number| number == 0);
            }
        }
        None
    }

    fn public_string(&self, question: &str) -> Option<String> {
        self.or_say_why(ask(&format!("{}: ", escape(question))))
    }

    fn passphrase(&self, question: &str) -> Option<Zeroizing<String>> {
        let typed = if IS_MUTE.load(Relaxed) {
            Err(io::ErrorKind::Unsupported.into())
        } else {
            let _turn = turn();
            rpassword::prompt_password(format!("{}: ", escape(question))).map(Zeroizing::new)
        };
        self.or_say_why(typed)
    }
}

impl Terminal {
    /// Whether there is one.
    pub(crate) fn is_there(self) -> bool {
        open().is_ok()
    }

    /// Asks for one of several words until one is chosen; tells its number from 0. `None` when the terminal goes away.
    pub(crate) fn choose(self, question: &str, words: &[&str]) -> Option<usize> {
        let prompt = prompt(question, words);
        loop {
            let chosen = choice(&self.or_say_why(ask(&prompt))?, words);
            if chosen.is_some() {
                return chosen;
            }
        }
    }

    fn or_say_why<T>(self, answer: io::Result<T>) -> Option<T> {
        let say = |error: &io::Error| {
            if !IS_MUTE.load(Relaxed) {
                self.message(&format!("nobody can be asked, there is no terminal ({})", reason(error)));
            }
        };
        answer.inspect_err(say).ok()
    }
}

fn ask(prompt: &str) -> io::Result<String> {
    let _turn = turn();
    let (input, mut output) = open()?;
    output.write_all(prompt.as_bytes())?;
    output.flush()?;
    let mut line = String::new();
    BufReader::new(input.take(LINE_LIMIT)).read_line(&mut line)?;
    // Without its line break the line is an end of input, not an answer.
    match line.strip_suffix('\n') {
        Some(answer) => Ok(answer.trim_end_matches('\r').to_owned()),
        None => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

#[cfg(unix)]
fn open() -> io::Result<(File, File)> {
    if IS_MUTE.load(Relaxed) {
        return Err(io::ErrorKind::Unsupported.into());
    }
    let terminal = OpenOptions::new().read(true).write(true).open("/dev/tty")?;
    Ok((terminal.try_clone()?, terminal))
}

#[cfg(not(unix))]
fn open() -> io::Result<(File, File)> {
    if IS_MUTE.load(Relaxed) {
        return Err(io::ErrorKind::Unsupported.into());
    }
    let device = |name| OpenOptions::new().read(true).write(true).open(name);
    Ok((device("CONIN$")?, device("CONOUT$")?))
}

fn prompt(question: &str, words: &[&str]) -> String {
    let choices = words.iter().zip(1..).map(|(word, number)| format!(" [{number}] {}", escape(word)));
    format!("{}{}: ", escape(question), choices.collect::<String>())
}

/// The number, from 0, of the word that `answer` chooses: its number, itself, or the letter that only it begins with. `None` when
/// it chooses none.
fn choice(answer: &str, words: &[&str]) -> Option<usize> {
    let answer = answer.trim().to_lowercase();
    let position = |is_chosen: &dyn Fn(&str) -> bool| words.iter().position(|word| is_chosen(&word.to_lowercase()));
    let begins = |word: &str| answer.chars().count() == 1 && word.starts_with(&answer);
    let is_alone = words.iter().filter(|word| begins(&word.to_lowercase())).count() == 1;
    let by_number = (1..=words.len()).position(|number| number.to_string() == answer);
    by_number.or_else(|| position(&|word| word == answer)).or_else(|| position(&begins).filter(|_| is_alone))
}

/// `text` without anything that a terminal obeys: control characters and marks of direction become `\u{…}`.
///
/// Names of files and keys, and the messages of plugins, are written by others; unescaped, they could repaint the
/// screen or forge a line of ours.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        let obeyed = c.is_control()
            || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if obeyed {
            escaped.extend(c.escape_unicode());
        } else {
            escaped.push(c);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_obeys_nothing_of_a_message() {
        assert_eq!(escape("é `a`\u{1b}[2J\r\n\u{9b}\u{202e}x"), "é `a`\\u{1b}[2J\\u{d}\\u{a}\\u{9b}\\u{202e}x");
    }

    #[test]
    fn a_choice_is_a_number_or_a_word() {
        for (answer, words, expected) in [
            (" 1", &["skip", "try"][..], Some(0)),
            ("2", &["skip", "try"], Some(1)),
            ("SKIP", &["skip", "try"], Some(0)),
            ("try ", &["skip", "try"], Some(1)),
            ("3", &["again", "discard", "keep"], Some(2)),
            ("", &["skip", "try"], None),
            ("0", &["skip", "try"], None),
            ("3", &["skip", "try"], None),
            ("y", &["skip", "try"], None),
            ("Y", &["yes", "no"], Some(0)),
            ("n", &["yes", "no"], Some(1)),
            ("ye", &["yes", "no"], None),
            ("s", &["skip", "stop"], None),
            ("S", &["skip", "s"], Some(1)),
        ] {
            assert_eq!(choice(answer, words), expected, "{answer}");
        }
    }
}
