//! Blocks that are whole lines at the end of a text.

use std::borrow::Cow;

use super::block::{Block, flat_prefix, newline_of};
use super::{Detached, Layout};
use crate::error::{Error, Position, line_breaks};

/// A text taken apart at the header of its block.
pub(super) struct Split<'t> {
    pub(super) body: &'t str,
    /// The block, its header included.
    pub(super) block: &'t str,
    /// The line of the header.
    pub(super) line: usize,
}

/// Takes `text` apart at the last line that is exactly `[key]`; `None` when there is none.
///
/// # Errors
/// [`Error::Metadata`] when there is only another line that begins so.
pub(super) fn split_at_header<'t>(text: &'t str, key: &str) -> Result<Option<Split<'t>>, Error> {
    let head = format!("[{key}]");
    let is_head = |&at: &usize| {
        let behind = text[at..].strip_prefix(&head);
        behind.is_some_and(|behind| behind.is_empty() || behind.starts_with('\n') || behind.starts_with("\r\n"))
    };
    if let Some(start) = header_starts(text).filter(is_head).last() {
        let (body, block) = text.split_at(start);
        return Ok(Some(Split { body, block, line: line_breaks(body) + 1 }));
    }
    match header_starts(text).next() {
        None => Ok(None),
        Some(at) => {
            let line = Position::of(text, at).line;
            Err(Error::Metadata { line, what: "the header of the metadata is not spelled as it must be" })
        }
    }
}

/// Takes a block of flattened lines off `text`: the run of lines at its end that begin as they do.
///
/// # Errors
/// [`Error::Metadata`] when such a line stands elsewhere only, or the block has another spelling.
pub(super) fn detach_flat<'t>(text: &'t str, key: &str) -> Result<Option<Detached<'t>>, Error> {
    let prefix = flat_prefix(key);
    let mut start = text.len();
    while start > 0 {
        let before = text[..start].strip_suffix('\n').unwrap_or(&text[..start]);
        let line = before.rfind('\n').map_or(0, |at| at + 1);
        if !text[line..].starts_with(&prefix) {
            break;
        }
        start = line;
    }
    let (body, block) = text.split_at(start);
    let line = line_breaks(body) + 1;
    if block.is_empty() {
        return match line_starting_with(body, &prefix) {
            None => Ok(None),
            Some(at) => {
                let line = Position::of(body, at).line;
                Err(Error::Metadata { line, what: "something stands behind the metadata" })
            }
        };
    }
    let block = Block::from_flat(block, key, line)?;
    Ok(Some(Detached { rest: Cow::Borrowed(body), separate: false, block, line }))
}

/// Refuses lines that begin with `prefix`, wherever they stand: taking a flattened block off must not depend on quotes.
pub(super) fn refuse_lines(text: &str, prefix: &str) -> Result<(), Error> {
    match line_starting_with(text, prefix) {
        None => Ok(()),
        Some(at) => Err(Error::syntax(text, at, "a line that begins like metadata cannot be part of a value")),
    }
}

fn line_starting_with(text: &str, prefix: &str) -> Option<usize> {
    text.match_indices(prefix).map(|(at, _)| at).find(|&at| at == 0 || text.as_bytes()[at - 1] == b'\n')
}

/// Refuses lines that begin like the header of a block, wherever they stand: taking the block off must not depend on
/// what is a string.
pub(super) fn refuse_headers(text: &str) -> Result<(), Error> {
    match header_starts(text).next() {
        None => Ok(()),
        Some(at) => Err(Error::syntax(text, at, "a line that begins like metadata cannot be part of a value")),
    }
}

/// Where lines begin with a header of `sops-rs` and not of a longer key.
fn header_starts(text: &str) -> impl Iterator<Item = usize> {
    const HEADER: &str = "[sops-rs";
    let first = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let is_key = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    let starts = text.match_indices(HEADER).map(|(at, _)| at);
    starts.filter(move |&at| {
        (at == first || text[..at].ends_with('\n')) && !text[at + HEADER.len()..].starts_with(is_key)
    })
}

/// The layout of `body`: whether the line break before the block has to be added.
pub(super) fn layout(body: &str) -> Layout {
    Layout { newline_added: !body.is_empty() && !body.ends_with('\n'), ..Layout::default() }
}

/// `body` with `block`, which was written with the line breaks of `body`, behind it.
pub(super) fn attach(body: &str, layout: Layout, block: &str) -> String {
    let between = if layout.newline_added { newline_of(body) } else { "" };
    [body, between, block].concat()
}

/// Takes the added line break off `rest`: the reverse of [`attach`].
pub(super) fn body(rest: Cow<'_, str>, layout: Layout) -> Result<Cow<'_, str>, Error> {
    if !layout.newline_added {
        return Ok(rest);
    }
    // A carriage return is never a part of the body's last line, so it belongs to the added line break.
    let Some(body) = rest.strip_suffix('\n') else {
        return Err(Error::Metadata { line: 0, what: "the line break before the metadata is missing" });
    };
    let len = body.strip_suffix('\r').unwrap_or(body).len();
    Ok(match rest {
        Cow::Borrowed(rest) => Cow::Borrowed(&rest[..len]),
        Cow::Owned(mut rest) => {
            rest.truncate(len);
            Cow::Owned(rest)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_added_line_break_is_taken_off() {
        let added = Layout { newline_added: true, ..Layout::default() };
        for (rest, expected) in
            [("A=1\n", Some("A=1")), ("A=1\r\n", Some("A=1")), ("A=1\n\n", Some("A=1\n")), ("A=1", None)]
        {
            assert_eq!(body(Cow::Borrowed(rest), added).ok().as_deref(), expected);
            assert_eq!(body(Cow::Owned(rest.to_owned()), added).ok().as_deref(), expected);
        }
        let kept = body(Cow::Borrowed("A=1\n"), Layout::default());
        assert_eq!(kept.ok().as_deref(), Some("A=1\n"));
    }
}
