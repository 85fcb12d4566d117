//! Block scalars: where one begins and ends in the text. The parser's span covers only what it took for content.

use std::ops::Range;

use super::gap::{Skip, pass};

/// What the parser tells about a block scalar.
#[derive(Clone, Debug)]
pub(super) struct Content {
    /// From the first content byte to the first byte of what follows (its indentation excluded).
    pub(super) range: Range<usize>,
    /// The column in which the content begins: its indentation, when there is any content.
    pub(super) indent: usize,
    /// The column in which what follows begins; at most `indent` but at the end of the text.
    pub(super) end_column: usize,
}

/// The span of a block scalar from its header to its last content byte, the line break behind that excluded, so that
/// a value on one line can take its place. `floor` is the end of whatever precedes it. `None` when there is no header.
///
/// Blank lines behind the content belong to the value under `+` only, and so to the span: but for the last line
/// break again, without which the next line would move up. They are left alone under `-` and without a sign.
pub(super) fn span(text: &str, floor: usize, content: &Content) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let start = pass(bytes, floor, Skip { indicators: b":-?", prefix: true });
    if !matches!(bytes.get(start), Some(b'|' | b'>')) {
        return None;
    }
    let signs = bytes[start + 1..].iter().take(2).take_while(|byte| matches!(byte, b'+' | b'-' | b'1'..=b'9')).count();
    let header = start + 1 + signs;
    let keep = bytes[start..header].contains(&b'+');
    Some(start..end(bytes, header, keep, content).max(header))
}

fn end(bytes: &[u8], header: usize, keep: bool, content: &Content) -> usize {
    let is_empty = content.range.start <= header || content.range.is_empty();
    let mut end = content.range.end;
    if !is_empty && content.end_column > content.indent {
        // The text ends within the last content line.
        return end;
    }
    // Indentation of the next line.
    while end > header && matches!(bytes[end - 1], b' ' | b'\t') {
        end -= 1;
    }
    while end > header && bytes[end - 1] == b'\n' {
        end -= if end - 1 > header && bytes[end - 2] == b'\r' { 2 } else { 1 };
        let blanks = bytes[header..end].iter().rev().take_while(|&&byte| byte == b' ').count();
        let line_start = end - blanks;
        let is_blank = line_start > header && bytes[line_start - 1] == b'\n' && (is_empty || blanks <= content.indent);
        if keep || !is_blank {
            break;
        }
        end = line_start;
    }
    // Nothing but the header: a comment on its line is a leaf of its own then.
    if bytes[header..end].contains(&b'\n') { end } else { header }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_runs_from_the_header_to_the_last_content_byte() {
        let span = |text: &str, range, indent, end_column| {
            super::span(text, 2, &Content { range, indent, end_column }).map(|span| text[span].to_owned())
        };
        assert_eq!(span("a: &x !t # c\n |\n  y\n\nb: z", 18..21, 2, 0).as_deref(), Some("|\n  y"));
        assert_eq!(span("a: |+\n  y\n\nb: z", 8..11, 2, 0).as_deref(), Some("|+\n  y\n"));
        assert_eq!(span("a: >1-\r\n  y\r\n ", 9..14, 1, 1).as_deref(), Some(">1-\r\n  y"));
        assert_eq!(span("a: | # c\n\n\nb: z", 11..11, 0, 0).as_deref(), Some("|"));
        assert_eq!(span("a: x", 3..4, 0, 4), None);
    }
}
