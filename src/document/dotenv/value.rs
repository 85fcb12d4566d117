//! Where a value ends, and what may stand behind it.

use crate::document::lines::{Bad, LONE_RETURN, LineValue, end_of_line, skip_blanks};
use crate::leaf::{Carrier, LeafKind, Span};

/// The value that begins at `start`, right behind the `=`.
pub(super) fn find(text: &str, start: usize) -> Result<LineValue, Bad> {
    let end = end_of_line(text, start)?;
    let open = skip_blanks(text, start);
    let quote = text.as_bytes().get(open).copied().filter(|b| b"\"'`".contains(b));
    if let Some(quote) = quote {
        let unclosed =
            Bad { offset: open, what: "the quoted value is not closed, or something stands behind its quote" };
        let close = closing_quote(text.as_bytes(), open, quote).ok_or(unclosed)?;
        let on_this_line = close < end;
        // The line break before the closing quote was looked for already; this is about those inside of the value.
        refuse_lone_returns(text, open, close)?;
        let end = end_of_line(text, close)?;
        let behind = skip_blanks(text, close + 1);
        let has_comment = behind > close + 1 && text.as_bytes().get(behind) == Some(&b'#');
        if behind == end || has_comment {
            // A bare token would reach over the blanks and the comment when it is read again.
            let alone = close + 1 == end;
            let carrier = if alone { Carrier::Bare } else { Carrier::DoubleQuoted };
            let comment = has_comment.then_some(behind);
            // The blanks before the quote belong to the value: some readers take them for a part of it, so nobody may
            // put any there.
            return Ok(LineValue { span: Span::new(start..close + 1), kind: LeafKind::Quoted, carrier, comment, end });
        }
        if !on_this_line {
            return Err(unclosed);
        }
    }
    let kind = if start == end { LeafKind::EmptyValue } else { LeafKind::Plain };
    Ok(LineValue { span: Span::new(start..end), kind, carrier: Carrier::Bare, comment: None, end })
}

fn refuse_lone_returns(text: &str, start: usize, end: usize) -> Result<(), Bad> {
    let bytes = text.as_bytes();
    match (start..end).find(|&at| bytes[at] == b'\r' && bytes.get(at + 1) != Some(&b'\n')) {
        None => Ok(()),
        Some(offset) => Err(Bad { offset, what: LONE_RETURN }),
    }
}

/// The quote that closes the one at `open`: the first one without a backslash before it. In single quotes too, since
/// most readers take `\'` for a part of the value.
fn closing_quote(bytes: &[u8], open: usize, quote: u8) -> Option<usize> {
    let mut at = open + 1;
    loop {
        match *bytes.get(at)? {
            b if b == quote => return Some(at),
            b'\\' if quote != b'`' => at += 2,
            _ => at += 1,
        }
    }
}
