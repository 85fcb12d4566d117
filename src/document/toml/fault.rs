//! Why a text is refused.

use toml_parser::ParseError;

use super::tables::Part;
use crate::document::MAX_NESTING;
use crate::error::{Error, Position};

/// Why a text is refused. Places are offsets: finding their lines costs a pass.
#[derive(Debug)]
pub(super) enum Fault {
    Duplicate { offset: usize, key: String },
    Nesting { offset: usize },
    Reserved { offset: usize },
    Syntax { offset: usize, what: &'static str },
}

impl Fault {
    /// A key that stands twice.
    pub(super) fn duplicate(part: &Part<'_>) -> Self {
        Self::Duplicate { offset: part.offset, key: part.text.escape_debug().to_string() }
    }

    /// A key that leads through something closed.
    pub(super) fn no_table(part: &Part<'_>) -> Self {
        Self::Syntax { offset: part.offset, what: "nothing can be added here: this key has its value already" }
    }

    /// What the parser found. Its own words may have come from the text, so only those that are known are kept.
    pub(super) fn of_parser(error: &ParseError) -> Self {
        let span = error.unexpected().or(error.context()).unwrap_or_default();
        let what = KNOWN.iter().find(|known| **known == error.description());
        Self::Syntax { offset: span.start(), what: what.unwrap_or(&"not TOML") }
    }

    pub(super) fn offset(&self) -> usize {
        let (Self::Duplicate { offset, .. }
        | Self::Nesting { offset }
        | Self::Reserved { offset }
        | Self::Syntax { offset, .. }) = self;
        *offset
    }

    pub(super) fn into_error(self, text: &str) -> Error {
        match self {
            Self::Duplicate { offset, key } => Error::DuplicateKey { at: Position::of(text, offset), key },
            Self::Nesting { offset } => Error::Limit {
                what: "the nesting of maps and lists",
                limit: MAX_NESTING as u64,
                at: Some(Position::of(text, offset)),
            },
            Self::Reserved { offset } => {
                Error::syntax(text, offset, "this key is reserved for metadata and cannot stand at the root")
            }
            Self::Syntax { offset, what } => Error::syntax(text, offset, what),
        }
    }
}

/// What the parser says most.
const KNOWN: &[&str] = &[
    "`_` may only go between digits",
    "carriage return must be followed by newline",
    "extra `=`",
    "extra assignment between key-value pairs",
    "extra comma in array",
    "extra comma in inline table",
    "integers with a radix cannot be signed",
    "invalid basic string",
    "invalid binary number",
    "invalid boolean",
    "invalid comment character",
    "invalid date-time",
    "invalid exponent",
    "invalid float",
    "invalid fraction",
    "invalid hexadecimal number",
    "invalid inline table element",
    "invalid integer number",
    "invalid key",
    "invalid key-value pair",
    "invalid literal string",
    "invalid mantissa",
    "invalid multi-line basic string",
    "invalid multi-line literal string",
    "invalid octal number",
    "invalid table",
    "invalid unquoted key",
    "invalid value",
    "key with no value",
    "keys cannot be multi-line basic strings",
    "keys cannot be multi-line literal strings",
    "missing array opening",
    "missing assignment between key-value pairs",
    "missing comma between array elements",
    "missing comma between key-value pairs",
    "missing escaped value",
    "missing inline table opening",
    "missing key for inline table element",
    "missing opening quote",
    "missing table open",
    "missing value",
    "missing value for key",
    "radix must be lowercase",
    "redundant integer number prefix",
    "redundant numeric sign",
    "string values must be quoted",
    "too few unicode value digits",
    "unclosed array",
    "unclosed array table",
    "unclosed inline table",
    "unclosed table",
    "unexpected `=` in array",
    "unexpected content",
    "unexpected key or value",
    "unexpected leading zero",
    "unexpected sign",
    "unquoted keys cannot be empty",
];
