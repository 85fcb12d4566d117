//! What can go wrong, as data. The program turns it into sentences, hints and exit codes.
//!
//! No variant can hold a value of a file: texts are `&'static str`, places are numbers, and the only strings are key
//! names, recipients and globs, which an encrypted file shows anyway (invariant I6).

use std::fmt;

use crate::leaf::Span;

pub mod sops;

/// A place in a text, both numbers from 1. Columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The character in the line.
    pub column: usize,
}

impl Position {
    /// The position of byte `offset` of `text` (of its end, when it lies behind it).
    #[must_use]
    pub fn of(text: &str, offset: usize) -> Self {
        let mut offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &text[..offset];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self { line: line_breaks(before) + 1, column: before[line_start..].chars().count() + 1 }
    }

    /// The position at which `span` of `text` begins.
    #[must_use]
    pub fn of_span(text: &str, span: Span) -> Self {
        Self::of(text, span.start as usize)
    }
}

/// How many line breaks (LF) `text` has. Metadata blocks stand at the end of files, so whole files are counted: in
/// chunks whose count fits a byte, which is what vector registers are good at.
pub(crate) fn line_breaks(text: &str) -> usize {
    let count = |chunk: &[u8]| chunk.iter().fold(0, |count, &byte| count + u8::from(byte == b'\n'));
    text.as_bytes().chunks(usize::from(u8::MAX)).map(|chunk| usize::from(count(chunk))).sum()
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// The step of verification that failed, numbered as in `sops-rs-format(5)`, "Verifying".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// 4: the unwrapped data key does not give the file's `key_id`.
    KeyId,
    /// 5: a section's `mac`.
    MetadataMac,
    /// 6: a section's `start`.
    Start,
    /// 6: the link of a leaf.
    Link,
    /// 7: the seal of a leaf.
    Seal,
    /// 8: an opened value is not exactly one leaf of its kind, or does not lie where it was put.
    Splice,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::KeyId => "key id",
            Self::MetadataMac => "metadata MAC",
            Self::Start => "start",
            Self::Link => "link",
            Self::Seal => "seal",
            Self::Splice => "splice",
        })
    }
}

/// Everything that the library refuses or fails at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file holds metadata of ours or of SOPS already.
    #[error("already encrypted")]
    AlreadyEncrypted,
    /// Somebody without the data key changed the file, or it was damaged.
    #[error("{}does not verify ({step}): changed by somebody without its data key, or damaged", place(.path, .at))]
    Authentication {
        /// Which check failed.
        step: Step,
        /// The leaf's path, or the section's name.
        path: Option<String>,
        /// Where, if it is a place in the body.
        at: Option<Position>,
    },
    /// The config file is wrong.
    #[error("{}{what}", .at.map_or_else(String::new, |at| format!("{at}: ")))]
    Config {
        /// Where, when known.
        at: Option<Position>,
        /// What is wrong, with a suggestion when there is one. Config files hold no secrets.
        what: String,
    },
    /// Git left conflict markers in the file.
    #[error("{at}: a conflict marker of git")]
    ConflictMarkers {
        /// The first one, or one that does not fit the others.
        at: Position,
    },
    /// A key stands twice in one map, or two keys differ only by their quotes.
    #[error("{at}: the key `{key}` stands twice in one map")]
    DuplicateKey {
        /// The second one.
        at: Position,
        /// The key, escaped.
        key: String,
    },
    /// Two sealed leaves have the same id: one is a copy of the other.
    #[error("{at}: the value is a copy of another one (same id)")]
    DuplicateId {
        /// The second one.
        at: Position,
    },
    /// A character that some parser takes for a line break, or a control character.
    #[error("{at}: the character U+{code:04X} is not allowed, some readers take it for a line break")]
    ForbiddenCharacter {
        /// Where.
        at: Position,
        /// The code point.
        code: u32,
    },
    /// A recipient, identity or key file that cannot be read.
    #[error("{what}")]
    InvalidKey {
        /// What is wrong; never key material.
        what: String,
    },
    /// Key groups among which a data key cannot be split, or shares that do not recover one.
    #[error("key groups: {what}")]
    KeyGroups {
        /// What is wrong.
        what: &'static str,
    },
    /// A value that ought to be encrypted is not.
    #[error("{at}: `{path}` is not encrypted, but the file's policy says that it is")]
    LeafNotSealed {
        /// Where.
        at: Position,
        /// Its path.
        path: String,
    },
    /// A limit is exceeded.
    #[error("{what} exceeds the limit of {limit}{}", .at.map_or_else(String::new, |at| format!(" at {at}")))]
    Limit {
        /// What is too large.
        what: &'static str,
        /// The limit.
        limit: u64,
        /// Where, when it is a place.
        at: Option<Position>,
    },
    /// The metadata block is not what this program writes.
    #[error("metadata: {}{what}", if *.line == 0 { String::new() } else { format!("line {line}: ") })]
    Metadata {
        /// The line of the file; 0 when it cannot be told.
        line: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// No identity fits.
    #[error("no identity matched {}", any_of(.recipients.len()))]
    NoIdentity {
        /// Name and recipient of each reader.
        recipients: Vec<(String, String)>,
    },
    /// The operating system gives no random numbers.
    #[error("the operating system has no random numbers to give")]
    NoRandomness,
    /// No rule of the config applies to a file.
    #[error("no rule matches `{path}`{}", tried_rules(.tried))]
    NoRule {
        /// The file, relative to the config file's folder.
        path: String,
        /// The rules in their order: line and globs of each.
        tried: Vec<String>,
    },
    /// A wrapped key opens, and what it holds is no data key, or no share of one.
    #[error("{what}")]
    NotADataKey {
        /// Which one.
        what: String,
    },
    /// The file has no metadata of ours.
    #[error("not encrypted: no `sops-rs` metadata")]
    NotEncrypted,
    /// The policy selects no value at all.
    #[error("the rule encrypts nothing in this file: none of its globs matches a value")]
    NothingSelected {
        /// The `encrypt` globs.
        encrypt: Vec<String>,
    },
    /// Not UTF-8.
    #[error("{at}: not UTF-8")]
    NotUtf8 {
        /// The first bad byte.
        at: Position,
    },
    /// A rule for files of another dialect.
    #[error("the file is of the dialect `{file}`, and its rule says `{rule}`")]
    OtherDialect {
        /// The file's.
        file: &'static str,
        /// The rule's.
        rule: &'static str,
    },
    /// A path that the file does not have.
    #[error("no value at `{path}`")]
    PathNotFound {
        /// The path as asked for.
        path: String,
        /// A key that stands where the first missing one was asked for, and is like it.
        similar: Option<String>,
    },
    /// A change that the structure of the file does not allow at a path.
    #[error("`{path}` {what}")]
    Misplaced {
        /// The path.
        path: String,
        /// Why.
        what: &'static str,
    },
    /// A section whose data key no identity unwraps, where it is needed.
    #[error("no identity opens the section `{section}`")]
    SectionLocked {
        /// Its name.
        section: String,
    },
    /// What was written does not give the original back. Nothing is written then.
    #[error("{at}: the encrypted text does not give the original back; nothing was written, please report this")]
    SelfCheck {
        /// The first difference.
        at: Position,
    },
    /// Something about a file of the sops dialect.
    #[error(transparent)]
    Sops(#[from] sops::SopsError),
    /// The text breaks the grammar of its format, or uses a part of it that cannot be encrypted.
    #[error("{at}: {what}")]
    Syntax {
        /// Where.
        at: Position,
        /// What was expected, or what is refused and why.
        what: &'static str,
    },
    /// A token that is not in the one spelling that is allowed.
    #[error("{at}: `{path}` holds a malformed token")]
    Token {
        /// Where.
        at: Position,
        /// Its path.
        path: String,
    },
    /// A file that the other dialect cannot hold.
    #[error("{what}")]
    Unconvertible {
        /// What it cannot hold: names, keys, selectors, and no value.
        what: String,
    },
    /// A format cannot hold a value.
    #[error("{}{what}", at_path(path))]
    Unrepresentable {
        /// Its path, `.` for the whole of a file.
        path: String,
        /// Why.
        what: &'static str,
    },
    /// Fewer key groups open than are needed.
    #[error("{}", groups_opened(*.needed, .groups))]
    TooFewKeyGroups {
        /// How many are needed.
        needed: u8,
        /// Each group, the one with the number 1 first.
        groups: Vec<TriedGroup>,
    },
    /// Wrapping a data key failed.
    #[error("cannot wrap the data key for {recipient}: {what}")]
    Wrap {
        /// The name, or the recipient, shortened when it is long.
        recipient: String,
        /// Why.
        what: String,
    },
}

/// A key group that identities were looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TriedGroup {
    /// Whether one was found.
    pub opened: bool,
    /// Name and recipient of each reader in it.
    pub readers: Vec<(String, String)>,
}

impl Error {
    /// A syntax error at byte `offset` of `text`.
    #[must_use]
    pub fn syntax(text: &str, offset: usize, what: &'static str) -> Self {
        Self::Syntax { at: Position::of(text, offset), what }
    }

    /// Whether an identity is all that lacks.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        matches!(
            self,
            Self::NoIdentity { .. }
                | Self::SectionLocked { .. }
                | Self::TooFewKeyGroups { .. }
                | Self::Sops(sops::SopsError::NoDataKey { .. } | sops::SopsError::Shares { .. })
        )
    }

    /// The place in the text that the error is about, if it is a place.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        match self {
            Self::Authentication { at, .. } | Self::Config { at, .. } | Self::Limit { at, .. } => *at,
            Self::ConflictMarkers { at }
            | Self::DuplicateId { at }
            | Self::DuplicateKey { at, .. }
            | Self::ForbiddenCharacter { at, .. }
            | Self::LeafNotSealed { at, .. }
            | Self::NotUtf8 { at }
            | Self::SelfCheck { at }
            | Self::Syntax { at, .. }
            | Self::Token { at, .. } => Some(*at),
            _ => None,
        }
    }
}

fn any_of(recipients: usize) -> String {
    if recipients == 1 { "its recipient".to_owned() } else { format!("any of its {recipients} recipients") }
}

fn groups_opened(needed: u8, groups: &[TriedGroup]) -> String {
    let all = groups.len();
    let opened = groups.iter().zip(1..).filter(|(group, _)| group.opened).map(|(_, number): (_, usize)| number);
    let opened: Vec<String> = opened.map(|number| number.to_string()).collect();
    match opened.len() {
        0 => format!("no identity matched any of its {all} key groups, and {needed} of them are needed"),
        1 => format!("1 of its {all} key groups opened (number {}), and {needed} are needed", opened[0]),
        some => {
            format!("{some} of its {all} key groups opened (numbers {}), and {needed} are needed", opened.join(", "))
        }
    }
}

fn tried_rules(tried: &[String]) -> String {
    if tried.is_empty() {
        return ", the config has no rules".to_owned();
    }
    format!("; tried in this order: {}", tried.join("; "))
}

fn at_path(path: &str) -> String {
    if path == "." { String::new() } else { format!("`{path}`: ") }
}

fn place(path: &Option<String>, at: &Option<Position>) -> String {
    match (path, at) {
        (Some(path), Some(at)) => format!("{at}: `{path}` "),
        (Some(path), None) => format!("`{path}` "),
        (None, Some(at)) => format!("{at}: "),
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_characters_from_one() {
        let text = "a: é\nb: x";
        assert_eq!(Position::of(text, 0), Position { line: 1, column: 1 });
        assert_eq!(Position::of(text, 4), Position { line: 1, column: 4 }, "inside a character");
        assert_eq!(Position::of(text, 6), Position { line: 2, column: 1 });
        assert_eq!(Position::of(text, 99), Position { line: 2, column: 5 });
    }
}
