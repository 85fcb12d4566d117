//! One entry: where its value is, and what key and value say.

use std::borrow::Cow;

use crate::document::lines::{BLANKS, Bad, behind_break, end_of_line, skip_blanks};
use crate::leaf::{LeafKind, Span};

/// What is wrong with an escape.
pub(super) const BROKEN_ESCAPE: &str = "`\\u` needs four hex digits, and surrogates come in pairs";

/// A key and its value.
#[derive(Debug)]
pub(super) struct Entry {
    /// Unescaped.
    pub(super) key: String,
    pub(super) value: Span,
    pub(super) kind: LeafKind,
    /// The end of the last line, before its line break.
    pub(super) end: usize,
}

/// The entry whose key begins at `start`.
pub(super) fn find(text: &str, start: usize) -> Result<Entry, Bad> {
    let line_end = end_of_line(text, start)?;
    let line = &text[start..line_end];
    let key_end = start + end_of_key(line);
    if key_end == start {
        return Err(Bad { offset: start, what: "expected a key" });
    }
    if key_end == line_end && goes_on(line) {
        return Err(Bad { offset: start, what: "a key must not go on on the next line" });
    }
    let key = decode(&text[start..key_end]).ok_or(Bad { offset: start, what: BROKEN_ESCAPE })?.into_owned();
    let delimiter = skip_blanks(text, key_end).min(line_end);
    let has_delimiter = text[delimiter..line_end].starts_with(['=', ':']);
    let value = if has_delimiter { skip_blanks(text, delimiter + 1).min(line_end) } else { delimiter };
    if value == line_end {
        let (kind, at) = if has_delimiter { (LeafKind::EmptyValue, line_end) } else { (LeafKind::NoValue, key_end) };
        return Ok(Entry { key, value: Span::new(at..at), kind, end: line_end });
    }
    let end = end_of_logical_line(text, value)?;
    if decode(&text[value..end]).is_none() {
        return Err(Bad { offset: value, what: BROKEN_ESCAPE });
    }
    Ok(Entry { key, value: Span::new(value..end), kind: LeafKind::Plain, end })
}

/// Whether `source` is one value from its first byte to its last one.
pub(super) fn is_value(source: &str) -> bool {
    !source.is_empty()
        && !source.starts_with(BLANKS)
        && !source.starts_with('\n')
        && end_of_logical_line(source, 0) == Ok(source.len())
        && decode(source).is_some()
}

/// What a key or value says; `None` for a broken escape.
pub(super) fn decode(source: &str) -> Option<Cow<'_, str>> {
    let Some(first) = source.find('\\') else { return Some(Cow::Borrowed(source)) };
    let mut units: Vec<u16> = source[..first].encode_utf16().collect();
    let mut rest = &source[first..];
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        if c != '\\' {
            units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
            continue;
        }
        let Some(escaped) = rest.chars().next() else { break };
        rest = &rest[escaped.len_utf8()..];
        match escaped {
            'n' => units.push(u16::from(b'\n')),
            'r' => units.push(u16::from(b'\r')),
            't' => units.push(u16::from(b'\t')),
            'f' => units.push(0x0C),
            'u' => {
                let digits = rest.get(..4).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
                units.push(u16::from_str_radix(digits, 16).ok()?);
                rest = &rest[4..];
            }
            '\r' | '\n' => rest = rest.trim_start_matches('\n').trim_start_matches(BLANKS),
            other => units.extend_from_slice(other.encode_utf16(&mut [0; 2])),
        }
    }
    String::from_utf16(&units).ok().map(Cow::Owned)
}

/// The length of the key that `line` begins with: up to a blank, `=` or `:` without a backslash before it.
fn end_of_key(line: &str) -> usize {
    let mut escaped = false;
    for (at, c) in line.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ' ' | '\t' | '=' | ':' => return at,
            _ => {}
        }
    }
    line.len()
}

/// The end of the last of the lines that are joined with the one around `start`.
fn end_of_logical_line(text: &str, start: usize) -> Result<usize, Bad> {
    let mut start = start;
    loop {
        let end = end_of_line(text, start)?;
        if !goes_on(&text[start..end]) {
            return Ok(end);
        }
        start = behind_break(text, end);
        // Where it begins would depend on what stands behind it.
        if text[start..end_of_line(text, start)?].trim_matches(BLANKS).is_empty() {
            return Err(Bad { offset: end, what: "the line goes on, but nothing follows on the next one" });
        }
    }
}

/// Whether `line` ends in an odd number of backslashes.
fn goes_on(line: &str) -> bool {
    !(line.len() - line.trim_end_matches('\\').len()).is_multiple_of(2)
}
