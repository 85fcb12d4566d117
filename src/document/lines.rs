//! Lines: what the formats that are read line by line share.

use std::ops::Range;

use super::Edit;
use crate::error::Error;
use crate::leaf::{Carrier, LeafKind, Span};

/// Blanks that may stand around a key or a quoted value.
pub(super) const BLANKS: [char; 2] = [' ', '\t'];

/// What is wrong, and at which byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bad {
    pub(super) offset: usize,
    pub(super) what: &'static str,
}

impl Bad {
    pub(super) fn into_error(self, text: &str) -> Error {
        Error::syntax(text, self.offset, self.what)
    }
}

/// A value that stands behind a key on its line, and its surroundings.
#[derive(Debug)]
pub(super) struct LineValue {
    pub(super) span: Span,
    pub(super) kind: LeafKind,
    pub(super) carrier: Carrier,
    /// Where the comment behind it begins.
    pub(super) comment: Option<usize>,
    /// The end of its last line, before the line break.
    pub(super) end: usize,
}

/// The end of the line around `start`, before its line break.
pub(super) fn end_of_line(text: &str, start: usize) -> Result<usize, Bad> {
    let newline = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let has_break = newline < text.len();
    let end = if has_break && text[start..newline].ends_with('\r') { newline - 1 } else { newline };
    match text[start..end].find('\r') {
        None => Ok(end),
        Some(at) => Err(Bad { offset: start + at, what: LONE_RETURN }),
    }
}

/// The offset of the first byte from `start` that is no blank.
pub(super) fn skip_blanks(text: &str, start: usize) -> usize {
    text.len() - text[start..].trim_start_matches(BLANKS).len()
}

/// The offset behind the line break at `end`, if there is one.
pub(super) fn behind_break(text: &str, end: usize) -> usize {
    match text.as_bytes().get(end) {
        Some(b'\r') => end + 2,
        Some(_) => end + 1,
        None => end,
    }
}

/// The end of the comment that begins at `start` with one of `signs`.
pub(super) fn end_of_comment(text: &str, start: usize, signs: &[u8]) -> Result<usize, Bad> {
    if !text.as_bytes().get(start).is_some_and(|sign| signs.contains(sign)) {
        return Err(Bad { offset: start, what: "expected a comment" });
    }
    let end = end_of_line(text, start)?;
    if text[start..end].ends_with('\\') {
        return Err(Bad { offset: end - 1, what: "a comment must not end in a backslash, it hides the next line" });
    }
    Ok(end)
}

/// What is wrong with a carriage return elsewhere.
pub(super) const LONE_RETURN: &str = "a carriage return must stand before a line feed";

/// The range of whole lines from the one of `start` to the one of `end`, with their line breaks. The last line of a text
/// that has none at its end takes the one before it along.
pub(super) fn whole_lines(text: &str, start: usize, end: usize) -> Range<usize> {
    let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line = if line == 0 && text.starts_with('\u{feff}') { 3 } else { line };
    let line_end = text[end..].find('\n').map_or(text.len(), |at| end + at + 1);
    let has_break = text[..line_end].ends_with('\n') && line_end > end;
    let before = text[..line].strip_suffix('\n').map(|before| before.strip_suffix('\r').unwrap_or(before).len());
    if has_break { line..line_end } else { before.unwrap_or(line)..line_end }
}

/// The same for a table or section, with the blank line before it: what follows keeps its own.
pub(super) fn whole_table(text: &str, start: usize, end: usize) -> Range<usize> {
    let lines = whole_lines(text, start, end);
    let before = &text[..lines.start];
    let is_last = !text[lines.clone()].ends_with('\n');
    let cut = before.strip_suffix('\n').map(|before| before.strip_suffix('\r').unwrap_or(before));
    match cut {
        Some(cut) if is_last || cut.ends_with('\n') => cut.len()..lines.end,
        _ => lines,
    }
}

/// The change that puts `lines`, which are joined by line breaks, behind the line of `at`.
pub(super) fn insert_behind(text: &str, at: usize, lines: &str, newline: &str) -> Edit {
    let end = text[at..].find('\n').map_or(text.len(), |found| at + found + 1);
    if text[..end].ends_with('\n') || text[..end].trim_start_matches('\u{feff}').is_empty() {
        Edit::new(end..end, format!("{lines}{newline}"))
    } else {
        Edit::new(end..end, format!("{newline}{lines}"))
    }
}
