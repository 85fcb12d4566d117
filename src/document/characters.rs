//! Characters that no document may hold: verify, step 1.

use crate::error::{Error, Position};

/// Refuses the characters that some parser takes for a line break, and control characters: U+0085, U+2028, U+2029,
/// U+FEFF but at the start, C0 but TAB, LF and CRLF.
///
/// A comment may not be inert for a reader with another idea of line breaks: YAML 1.1 readers see a key in
/// `# note<U+2028>admin: true`.
///
/// # Errors
/// [`Error::ForbiddenCharacter`] with the first one.
pub(crate) fn check(text: &str) -> Result<(), Error> {
    match find(text.as_bytes()) {
        None => Ok(()),
        Some(offset) => {
            let code = text[offset..].chars().next().map_or(0, u32::from);
            Err(Error::ForbiddenCharacter { at: Position::of(text, offset), code })
        }
    }
}

/// How many bytes are looked at together: enough for the widest vector registers.
const CHUNK: usize = 128;

/// The offset of the first forbidden character.
fn find(bytes: &[u8]) -> Option<usize> {
    let chunks = bytes.chunks(CHUNK).enumerate().filter(|(_, chunk)| may_hold_forbidden(chunk));
    chunks.map(|(n, chunk)| n * CHUNK..n * CHUNK + chunk.len()).find_map(|mut range| {
        // A character is looked up in all of the text: it may end in the next chunk.
        range.find(|&at| is_forbidden(bytes, at))
    })
}

/// Whether anything but printable ASCII, TAB and LF is in `chunk`: without branches, since this runs over every byte of
/// every file.
fn may_hold_forbidden(chunk: &[u8]) -> bool {
    let unusual = |byte: u8| (byte < b' ' && byte != b'\t' && byte != b'\n') || byte >= 0x80;
    chunk.iter().fold(false, |so_far, &byte| so_far | unusual(byte))
}

/// Whether a forbidden character begins at `at`. Its first byte tells most of them.
fn is_forbidden(bytes: &[u8], at: usize) -> bool {
    match bytes[at] {
        b' '..=0x7F | b'\t' | b'\n' => false,
        b'\r' => bytes.get(at + 1) != Some(&b'\n'),
        0x00..=0x1F => true,
        0xC2 => bytes.get(at + 1) == Some(&0x85),
        0xE2 => matches!(bytes.get(at + 1..at + 3), Some([0x80, 0xA8 | 0xA9])),
        0xEF => at != 0 && bytes.get(at + 1..at + 3) == Some(&[0xBB, 0xBF]),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_breaks_of_other_parsers_are_refused() {
        for bad in
            ["\u{85}", "\u{2028}", "\u{2029}", "x\u{feff}", "\0", "\u{7}", "\r", "a\rb", "\u{b}", "\u{c}", "\u{1b}"]
        {
            assert!(check(&format!("a: 1\n# {bad}")).is_err(), "{bad:?}");
        }
        for good in ["", "\u{feff}a", "a\r\n", "\t", "é\u{2027}\u{a0}\u{e000}€"] {
            assert_eq!(check(good), Ok(()), "{good:?}");
        }
    }

    #[test]
    fn no_border_between_chunks_hides_a_character() {
        for before in CHUNK - 3..=CHUNK + 1 {
            for bad in ["\u{2028}", "\u{85}", "\u{feff}", "\r", "\u{0}"] {
                let text = format!("{}{bad}x", "a".repeat(before));
                assert_eq!(find(text.as_bytes()), Some(before), "{bad:?}");
            }
            assert_eq!(find(format!("{}\r\né", "a".repeat(before)).as_bytes()), None);
        }
    }

    #[test]
    fn the_place_is_named() {
        let error = check("a: 1\n# b\u{2028}").expect_err("a line separator");
        assert_eq!(error, Error::ForbiddenCharacter { at: Position { line: 2, column: 4 }, code: 0x2028 });
    }
}
