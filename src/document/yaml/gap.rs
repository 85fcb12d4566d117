//! The text between two nodes: blanks, comments, indicators, anchors and tags. The parser has no spans for indicators.

/// Where indicators of one kind were looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Skip {
    /// Indicators to pass by.
    pub(super) indicators: &'static [u8],
    /// Whether whatever may precede a node is passed by too: anchors, tags, the end of an earlier document.
    pub(super) prefix: bool,
}

/// The offset of the first byte from `from` on that is no blank, comment or anything else that `skip` names.
///
/// `from` is the end of a node or of an indicator, so that a `#` met on the way does begin a comment.
pub(super) fn pass(bytes: &[u8], from: usize, skip: Skip) -> usize {
    let mut at = from;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => at += 1,
            b'#' => at = line_end(bytes, at),
            b'&' | b'!' if skip.prefix => {
                at += bytes[at..].iter().position(u8::is_ascii_whitespace).unwrap_or(bytes.len() - at);
            }
            // A byte order mark may stand before every document.
            0xEF if skip.prefix && bytes[at..].starts_with("\u{feff}".as_bytes()) => at += 3,
            // A document may end more than once; the parser reports the first time only.
            b'.' if skip.prefix && bytes[at..].starts_with(b"...") && (at == 0 || bytes[at - 1] == b'\n') => at += 3,
            _ if skip.indicators.contains(&byte) => at += 1,
            _ => break,
        }
    }
    at
}

/// The offset right behind the indicator `sign`, if it is the next thing from `from` on.
pub(super) fn behind(bytes: &[u8], from: usize, sign: u8) -> Option<usize> {
    let at = pass(bytes, from, Skip { indicators: &[], prefix: false });
    (bytes.get(at) == Some(&sign)).then_some(at + 1)
}

/// The offset of the line break that ends the line of `at`, or of the end of the text.
pub(super) fn line_end(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().position(|byte| matches!(byte, b'\n' | b'\r')).map_or(bytes.len(), |length| at + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_prefixes_are_passed_by() {
        let text = b" # : c\r\n\t: &a !<x:|> |";
        assert_eq!(behind(text, 0, b':'), Some(10));
        assert_eq!(behind(text, 0, b'-'), None);
        assert_eq!(pass(text, 10, Skip { indicators: b":", prefix: true }), text.len() - 1);
        assert_eq!(pass(text, 10, Skip { indicators: b":", prefix: false }), 11);
        assert_eq!(behind(b"", 0, b':'), None);
        assert_eq!(behind(b"\n...\n: ", 0, b':'), None, "another document's");
    }
}
