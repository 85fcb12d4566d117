//! The text of a new value: which quotes a scalar gets, and how maps and lists are laid out.

use super::alone;
use super::gap::line_end;
use crate::document::block::write_quoted;
use crate::document::spell::Value;

/// How a text lays out what is below something.
pub(super) struct Style {
    /// By how many columns the entries of a map stand to the right of those around them.
    pub(super) unit: usize,
    /// What ends a line.
    pub(super) newline: &'static str,
}

/// The styles of scalars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quotes {
    Plain,
    Single,
    Double,
    /// A literal block scalar.
    Block,
}

impl Quotes {
    /// The style of `source`.
    pub(super) fn of(source: &str) -> Self {
        match source.as_bytes().first() {
            Some(b'\'') => Self::Single,
            Some(b'"') => Self::Double,
            Some(b'|' | b'>') => Self::Block,
            _ => Self::Plain,
        }
    }
}

/// What a scalar is written into.
#[derive(Clone, Copy, Debug)]
pub(super) struct Around {
    /// The column of the block collection around it.
    pub(super) column: usize,
    /// Whether brackets are around it.
    pub(super) flow: bool,
    /// Whether a comment follows on its line, which would be a part of a block scalar.
    pub(super) comment: bool,
    /// Whether the line that it ends on has no line break: a block scalar would lose its last one.
    pub(super) last_line: bool,
}

impl Style {
    /// Writes a scalar; `quotes` are those it should have where they can hold it.
    pub(super) fn write_scalar(&self, value: &Value, quotes: Quotes, around: Around, out: &mut String) {
        match value {
            Value::Null => out.push_str("null"),
            Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Value::Number(text) => out.push_str(text),
            Value::Text(text) => self.write_text(text, quotes, around, out),
            Value::List(_) => out.push_str("[]"),
            Value::Map(_) => out.push_str("{}"),
        }
    }

    fn write_text(&self, text: &str, quotes: Quotes, around: Around, out: &mut String) {
        let block = !around.flow && !around.comment && can_be_block(text, around.last_line);
        if block && (quotes == Quotes::Block || text.trim_end_matches('\n').contains('\n')) {
            self.write_block_scalar(text, around.column + self.unit.max(1), out);
        } else if quotes == Quotes::Single && !text.chars().any(char::is_control) && is_printable(text) {
            out.extend(["'", &text.replace('\'', "''"), "'"]);
        } else if matches!(quotes, Quotes::Plain | Quotes::Block) && is_plain_text(text, around.flow) {
            out.push_str(text);
        } else {
            write_quoted(out, text);
        }
    }

    fn write_block_scalar(&self, text: &str, column: usize, out: &mut String) {
        let content = text.strip_suffix('\n');
        out.push_str(if content.is_some() { "|" } else { "|-" });
        for line in content.unwrap_or(text).split('\n') {
            out.push_str(self.newline);
            if !line.is_empty() {
                blanks(column, out);
                out.push_str(line);
            }
        }
    }

    /// Writes a value on one line, as it may stand between brackets.
    pub(super) fn write_flow(&self, value: &Value, around: Around, out: &mut String) {
        match value {
            Value::List(items) => {
                out.push('[');
                for (n, item) in items.iter().enumerate() {
                    out.push_str(if n > 0 { ", " } else { "" });
                    self.write_flow(item, around, out);
                }
                out.push(']');
            }
            Value::Map(entries) => {
                out.push('{');
                for (n, (key, value)) in entries.iter().enumerate() {
                    out.push_str(if n > 0 { ", " } else { "" });
                    write_key(key, true, out);
                    out.push_str(": ");
                    self.write_flow(value, around, out);
                }
                out.push('}');
            }
            scalar => self.write_scalar(scalar, Quotes::Plain, around, out),
        }
    }

    /// Writes what stands behind the `:` of a key in `around.column`, or behind a dash there: from the blank or line
    /// break on.
    pub(super) fn write_below(&self, value: &Value, behind_dash: bool, around: Around, out: &mut String) {
        let is_full = match value {
            Value::List(items) => !items.is_empty(),
            Value::Map(entries) => !entries.is_empty(),
            _ => false,
        };
        if !is_full {
            out.push(' ');
            return self.write_scalar(value, Quotes::Plain, around, out);
        }
        let column = around.column + if behind_dash { 2 } else { self.unit };
        let last_line = around.last_line;
        if behind_dash {
            // The first entry stands behind the dash.
            out.push(' ');
        } else {
            out.push_str(self.newline);
            blanks(column, out);
        }
        self.write_entries(value, Around { column, last_line, flow: false, comment: false }, out);
    }

    /// Writes the entries of a map or list in `around.column`, the first one right here.
    pub(super) fn write_entries(&self, value: &Value, around: Around, out: &mut String) {
        let next = |n: usize, out: &mut String| {
            if n > 0 {
                out.push_str(self.newline);
                blanks(around.column, out);
            }
        };
        match value {
            Value::List(items) => {
                for (n, item) in items.iter().enumerate() {
                    next(n, out);
                    out.push('-');
                    let last_line = around.last_line && n + 1 == items.len();
                    self.write_below(item, true, Around { last_line, ..around }, out);
                }
            }
            Value::Map(entries) => {
                for (n, (key, value)) in entries.iter().enumerate() {
                    next(n, out);
                    write_key(key, false, out);
                    out.push(':');
                    let last_line = around.last_line && n + 1 == entries.len();
                    self.write_below(value, false, Around { last_line, ..around }, out);
                }
            }
            _ => {}
        }
    }
}

/// Writes a key: bare when it is a plain word.
pub(super) fn write_key(key: &str, flow: bool, out: &mut String) {
    if key.len() <= 128
        && key.chars().all(|c| c.is_ascii_alphanumeric() || "_-./$@".contains(c))
        && is_plain_text(key, flow)
    {
        out.push_str(key);
    } else {
        write_quoted(out, key);
    }
}

pub(super) fn blanks(count: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', count));
}

/// Whether readers of YAML 1.1 and of 1.2 take `text` without quotes for a text, and for this one.
fn is_plain_text(text: &str, flow: bool) -> bool {
    alone::is_simple_plain(text, flow) && !text.ends_with([' ', ':']) && !has_type(text)
}

/// Whether `text` could be more than a text to some reader: a word with a meaning, a number in any spelling, a time.
fn has_type(text: &str) -> bool {
    const WORDS: [&str; 9] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];
    let numeric = |byte: u8| byte.is_ascii_hexdigit() || b"xXoOtTzZ_+-.: ".contains(&byte);
    WORDS.contains(&text.to_ascii_lowercase().as_str())
        || text.starts_with(|c: char| c.is_ascii_digit()) && text.bytes().all(numeric)
}

/// Whether a literal block scalar without an indentation indicator can hold `text`.
fn can_be_block(text: &str, last_line: bool) -> bool {
    let lines = text.strip_suffix('\n').unwrap_or(text);
    let is_content = |line: &str| line.is_empty() || !line.trim_matches([' ', '\t']).is_empty();
    let loses_break = last_line && text.ends_with('\n');
    !loses_break
        && !text.starts_with([' ', '\t', '\n'])
        && !lines.is_empty()
        && !lines.ends_with('\n')
        && lines.split('\n').all(is_content)
        && !lines.chars().any(|c| c.is_control() && c != '\n' && c != '\t')
        && is_printable(lines)
}

/// Whether no character of `text` is a line break or a mark to some reader.
fn is_printable(text: &str) -> bool {
    !text.contains(['\u{85}', '\u{2028}', '\u{2029}', '\u{feff}', '\u{fffe}', '\u{ffff}'])
}

/// Whether nothing but blanks, and perhaps a comment, stands on the rest of the line of `at`; gives its end and the
/// comment with its `#`.
pub(super) fn rest_of_line(text: &str, at: usize) -> Option<(usize, &str)> {
    let end = line_end(text.as_bytes(), at);
    let rest = text[at..end].trim_matches([' ', '\t']);
    let is_comment = rest.starts_with('#') && text[at..].starts_with([' ', '\t']);
    (rest.is_empty() || is_comment).then_some((end, rest))
}
