//! JSON strings: where they end, and what they say.

use std::borrow::Cow;

use crate::json_escape::json_escape;

/// What is wrong with a string, and at which byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::document) struct BadString {
    pub(in crate::document) offset: usize,
    pub(in crate::document) what: &'static str,
}

/// The offset behind the string that begins at `start`. Every escape in it is one of RFC 8259.
pub(in crate::document) fn end_of(bytes: &[u8], start: usize) -> Result<usize, BadString> {
    let bad = |offset, what| Err(BadString { offset, what });
    if bytes.get(start) != Some(&b'"') {
        return bad(start, "expected a string");
    }
    let mut at = start + 1 + harmless(&bytes[start + 1..]);
    loop {
        at += match bytes.get(at) {
            Some(b'"') => return Ok(at + 1),
            Some(b'\\') => match bytes.get(at + 1) {
                Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
                Some(b'u') if hex(bytes.get(at + 2..at + 6)).is_some() => 6,
                _ => return bad(at, "expected an escape: one of `\"\\/bfnrt`, or `u` and four hex digits"),
            },
            Some(0..=0x1F) => return bad(at, "a control character in a string has to be escaped"),
            Some(_) => 1,
            None => return bad(start, "the string is not closed"),
        }
    }
}

/// How many bytes at least, in whole chunks, neither end a string nor need a look. Without branches: this runs over every
/// byte of every token.
fn harmless(bytes: &[u8]) -> usize {
    let is_harmless = |byte: u8| byte != b'"' && byte != b'\\' && byte > 0x1F;
    let whole = |chunk: &&[u8]| chunk.iter().fold(true, |so_far, &byte| so_far & is_harmless(byte));
    32 * bytes.chunks_exact(32).take_while(whole).count()
}

/// The text of a string that [`end_of`] found, given with its quotes. `None` for lone surrogates, which are no text.
pub(in crate::document) fn decode(source: &str) -> Option<Cow<'_, str>> {
    let mut rest = source.strip_prefix('"')?.strip_suffix('"')?;
    if !rest.contains('\\') {
        return Some(Cow::Borrowed(rest));
    }
    let mut text = String::with_capacity(rest.len());
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let mut chars = rest[at + 1..].chars();
        text.push(json_escape(&mut chars)?);
        rest = chars.as_str();
    }
    text.push_str(rest);
    Some(Cow::Owned(text))
}

fn hex(digits: Option<&[u8]>) -> Option<u32> {
    digits?.iter().try_fold(0, |value, &digit| Some(value * 16 + char::from(digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn strings_end_at_their_quote() {
        for (text, end) in
            [("\"\"", 2), ("\"a\"b\"", 3), (r#""\"\\" "#, 6), (r#""\u00e9\ud800""#, 14), ("\"é\u{2028}\"", 7)]
        {
            assert_eq!(end_of(text.as_bytes(), 0), Ok(end), "{text}");
        }
        for (text, offset) in [
            ("a", 0),
            ("\"a", 0),
            ("\"\\\"", 0),
            ("\"a\\x\"", 2),
            ("\"\\u12g4\"", 1),
            ("\"\\u12", 1),
            ("\"a\nb\"", 2),
            ("\"\\", 1),
        ] {
            assert_eq!(end_of(text.as_bytes(), 0).map_err(|bad| bad.offset), Err(offset), "{text}");
        }
    }

    #[test]
    fn escapes_are_decoded() {
        assert_eq!(decode(r#""a\"\\\/\b\f\n\r\tz""#).as_deref(), Some("a\"\\/\u{8}\u{c}\n\r\tz"));
        assert_eq!(decode(r#""\u00E9\u20ac\uD83D\uDE00!""#).as_deref(), Some("é€😀!"));
        assert!(matches!(decode("\"plain\""), Some(Cow::Borrowed("plain"))));
    }

    #[test]
    fn lone_surrogates_are_no_text() {
        for lone in [
            r#""\ud800""#,
            r#""\udc00""#,
            r#""\ud800\ud800""#,
            r#""\ud800x""#,
            r#""\ud800\u0041""#,
            r#""\udc00\ud800""#,
        ] {
            assert_eq!(end_of(lone.as_bytes(), 0), Ok(lone.len()));
            assert_eq!(decode(lone), None, "{lone}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_as_other_programs_wrote_it(text: String) {
            let written = serde_json::to_string(&text).expect("a string");
            prop_assert_eq!(end_of(written.as_bytes(), 0), Ok(written.len()));
            let decoded = decode(&written);
            prop_assert_eq!(decoded.as_deref(), Some(text.as_str()));
        }

        #[test]
        fn garbage_never_panics(text: String) {
            let _ = decode(&format!("\"\\{text}\""));
            let _ = end_of(text.as_bytes(), 0);
        }
    }
}
