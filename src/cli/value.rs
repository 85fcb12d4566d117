//! Where the value for `set` comes from: the command line, a file, standard input, a prompt, or chance.

use std::path::{Path, PathBuf};

use clap::Args;
use sops_rs::document::Value;
use sops_rs::error::Error;
use sops_rs::file::generate_text;
use sops_rs::keys::Interaction;
use zeroize::Zeroizing;

use super::report::{Failure, say, warn};
use super::terminal::Terminal;
use super::{exit_code, io};

/// A value is at most as long as a leaf.
const MAX_VALUE_LEN: usize = sops_rs::document::MAX_LEAF_LEN;

/// Options that say what the value is.
#[derive(Debug, Args)]
pub(crate) struct ValueOptions {
    /// The value, a text. Other users can see it in the list of processes, and the shell keeps it in its history: better
    /// leave it out, and type it at the prompt
    #[arg(value_name = "VALUE", group = "source", allow_negative_numbers = true)]
    value: Option<Zeroizing<String>>,
    /// Read the value from this file; a line break at its end is not a part of it
    #[arg(long, value_name = "FILE", group = "source")]
    value_file: Option<PathBuf>,
    /// Read the value from standard input; a line break at its end is not a part of it
    #[arg(long, group = "source")]
    value_stdin: bool,
    /// Keep the line break at the end of the file or of standard input
    #[arg(long, conflicts_with_all = ["value", "generate"])]
    keep_newline: bool,
    /// Make a random value with this many characters
    #[arg(long, value_name = "LENGTH", group = "source", value_parser = clap::value_parser!(u16).range(1..=4096))]
    generate: Option<u16>,
    /// What a random value is made of: `alnum`, `hex`, `base64url`, `digits`, `ascii`, or `chars:` and the characters
    #[arg(long, value_name = "CHARSET", default_value = "alnum", requires = "generate", value_parser = charset)]
    charset: Charset,
    /// Print the random value
    #[arg(long, requires = "generate")]
    print: bool,
    /// The value is JSON: a number, `true`, `null`, a list or a map, too; a string in double quotes
    #[arg(long, conflicts_with = "generate")]
    json: bool,
}

/// What a random value is made of.
#[derive(Clone, Debug)]
struct Charset {
    name: String,
    characters: Vec<char>,
}

impl ValueOptions {
    /// Whether somebody has to type the value.
    pub(crate) fn is_asked_for(&self) -> bool {
        self.value.is_none() && self.value_file.is_none() && !self.value_stdin && self.generate.is_none()
    }

    /// The value, asked for when nothing tells it.
    pub(crate) fn read(&self, path: &str) -> Result<Value, Failure> {
        let text = self.text(path)?;
        if !self.json {
            // SOPS's way to write paths comes with its way to write values.
            if path.starts_with('[') && text.len() > 1 && text.starts_with('"') && text.ends_with('"') {
                warn("the quotes are a part of the value; with --json they are not");
            }
            return Ok(Value::Text(text));
        }
        Value::from_json(&text).map_err(|error| {
            let failure = Failure::new(exit_code::BAD_VALUE, format!("the value is not JSON: {error}"));
            match error {
                Error::Syntax { .. } => {
                    failure.hint("a string stands in double quotes; without --json every value is one")
                }
                _ => failure,
            }
        })
    }

    /// Prints the random value, if that was asked for.
    pub(crate) fn print(&self, value: &Value) -> Result<(), Failure> {
        match value {
            Value::Text(text) if self.print => io::print_value(text.as_bytes()),
            _ => Ok(()),
        }
    }

    fn text(&self, path: &str) -> Result<Zeroizing<String>, Failure> {
        if let Some(value) = &self.value {
            return Ok(value.clone());
        }
        if let Some(length) = self.generate {
            return self.generated(length);
        }
        if self.value_stdin {
            return self.read_from(Path::new("-"));
        }
        if let Some(file) = &self.value_file {
            return self.read_from(file);
        }
        if !io::is_interactive() {
            let failure = Failure::new(exit_code::BAD_VALUE, "no value was given");
            return Err(failure
                .hint("add --value-stdin, --value-file FILE or --generate LENGTH; at a terminal it is asked for"));
        }
        let asked = Terminal.passphrase(&format!("new value of `{path}`, on one line, is not shown"));
        // Who means an empty value does not come to it by a slip of the finger.
        asked.filter(|value| !value.is_empty()).ok_or_else(|| {
            let failure = Failure::new(exit_code::BAD_VALUE, "no value was given, nothing was changed");
            failure.hint("an empty value is set with '' behind the path")
        })
    }

    fn read_from(&self, file: &Path) -> Result<Zeroizing<String>, Failure> {
        let shown = file.display().to_string();
        let bytes = io::read(file, MAX_VALUE_LEN)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| {
            let failure = Failure::about(exit_code::BAD_VALUE, &shown, "is not UTF-8, so it cannot be a value");
            failure.hint("encode it, for example with base64")
        })?;
        let line = text.strip_suffix('\n').map(|text| text.strip_suffix('\r').unwrap_or(text));
        Ok(Zeroizing::new(if self.keep_newline { text } else { line.unwrap_or(text) }.to_owned()))
    }

    fn generated(&self, length: u16) -> Result<Zeroizing<String>, Failure> {
        let Charset { name, characters } = &self.charset;
        let text = generate_text(characters, usize::from(length))
            .map_err(|error| Failure::new(exit_code::GENERIC, error.to_string()))?;
        // Rounded down: what is said is there.
        let bits = f64::from(length) * f64::from(u32::try_from(characters.len()).unwrap_or(u32::MAX)).log2();
        say(&format!("a random value of {length} characters ({name}, {} bits)", bits.floor()));
        Ok(text)
    }
}

fn charset(text: &str) -> Result<Charset, String> {
    let letters = || ('a'..='z').chain('A'..='Z').chain('0'..='9');
    let (name, characters): (_, Vec<char>) = match text {
        "alnum" => (text, letters().collect()),
        "hex" => (text, ('0'..='9').chain('a'..='f').collect()),
        "base64url" => (text, letters().chain(['-', '_']).collect()),
        "digits" => (text, ('0'..='9').collect()),
        "ascii" => (text, ('!'..='~').collect()),
        _ => {
            let Some(characters) = text.strip_prefix("chars:") else {
                return Err("known are alnum, hex, base64url, digits, ascii, and `chars:` with characters".into());
            };
            let mut characters: Vec<char> = characters.chars().collect();
            characters.sort_unstable();
            characters.dedup();
            if characters.len() < 2 {
                return Err("`chars:` needs two different characters at least".into());
            }
            ("own characters", characters)
        }
    };
    Ok(Charset { name: name.to_owned(), characters })
}

#[cfg(test)]
mod tests {
    use super::charset;

    #[test]
    fn charsets_have_each_character_once() {
        for (text, len) in
            [("alnum", 62), ("hex", 16), ("base64url", 64), ("digits", 10), ("ascii", 94), ("chars:abca", 3)]
        {
            assert_eq!(charset(text).expect("a charset").characters.len(), len, "{text}");
        }
        for text in ["", "chars:", "chars:aa", "Hex"] {
            assert!(charset(text).is_err(), "{text}");
        }
    }
}
