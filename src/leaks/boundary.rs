//! Whether something stands alone: what is around it does not go on as it does.

use std::ops::Range;

/// Whether neither end of the text at `range` is in the middle of a word.
pub(super) fn is_alone(text: &[u8], range: Range<usize>) -> bool {
    let (before, inside, after) = (&text[..range.start], &text[range.clone()], &text[range.end..]);
    let goes_on = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let begins_in_word = goes_on(inside.first()) && goes_on(before.last()) && !ends_in_escape(before);
    let ends_in_word = goes_on(inside.last()) && goes_on(after.first());
    !begins_in_word && !ends_in_word
}

/// Whether the last letter or digit belongs to `\n`, `\r`, `\t` or to a percent-encoded byte.
fn ends_in_escape(before: &[u8]) -> bool {
    match before {
        [.., b'\\', b'n' | b'r' | b't'] => true,
        [.., b'%', high, low] => high.is_ascii_hexdigit() && low.is_ascii_hexdigit(),
        _ => false,
    }
}
