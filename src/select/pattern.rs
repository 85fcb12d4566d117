//! Regular expressions as SOPS's files and configs have them: RE2 in Go's syntax, on the `regex` crate.

use std::fmt;
use std::sync::OnceLock;

use regex::Regex;

mod alternatives;
mod translate;

pub use alternatives::{Alternative, PatternPart};

/// A pattern, compiled at its first use: a config may have hundreds, of which a file needs a few. SOPS takes one that does not compile for one that never matches; whoever makes
/// a rule refuses it ([`Pattern::problem`]), and files that have one are still read.
#[derive(Clone)]
pub struct Pattern {
    text: String,
    regex: OnceLock<Result<Regex, &'static str>>,
}

impl Pattern {
    /// The pattern `text`.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), regex: OnceLock::new() }
    }

    /// The pattern as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it compiles.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.compiled().is_ok()
    }

    /// Why it does not compile.
    #[must_use]
    pub fn problem(&self) -> Option<&'static str> {
        self.compiled().as_ref().err().copied()
    }

    /// Whether it matches anywhere in `text`.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.compiled().as_ref().is_ok_and(|regex| regex.is_match(text))
    }

    /// The plain alternatives of which one matches wherever the pattern does; `None` when it is not that simple. The line
    /// break is taken for a character that does not occur.
    #[must_use]
    pub fn alternatives(&self) -> Option<Vec<Alternative>> {
        alternatives::alternatives(&translate::translate(&self.text).ok()?)
    }

    fn compiled(&self) -> &Result<Regex, &'static str> {
        self.regex.get_or_init(|| {
            // Whatever else the crate finds, it would say of the translation.
            translate::translate(&self.text)
                .and_then(|pattern| Regex::new(&pattern).map_err(|_| "it is malformed, or it would become too large"))
        })
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({:?})", self.text)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

#[cfg(test)]
mod tests;
