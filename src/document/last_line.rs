//! The line break between a body and the block behind it, in formats where the block is whole lines.

use std::borrow::Cow;

use super::Layout;
use super::block::newline_of;
use crate::error::Error;

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
