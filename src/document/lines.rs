//! Lines: what the formats that are read line by line share.

use crate::error::Error;

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
