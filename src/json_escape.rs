//! Escapes in JSON strings (RFC 8259, section 7), which the paths of leaves have, too.

use std::str::Chars;

/// What the escape means of which `chars` is what stands behind the backslash, and takes it from there. `None` for what is no
/// escape, and for lone surrogates, which are no text.
pub(crate) fn json_escape(chars: &mut Chars<'_>) -> Option<char> {
    Some(match chars.next()? {
        c @ ('"' | '\\' | '/') => c,
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => {
            let high = hex4(chars)?;
            if !(0xd800..0xdc00).contains(&high) {
                return char::from_u32(high);
            }
            if chars.next()? != '\\' || chars.next()? != 'u' {
                return None;
            }
            let low = hex4(chars).filter(|low| (0xdc00..0xe000).contains(low))?;
            return char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
        }
        _ => return None,
    })
}

fn hex4(chars: &mut Chars<'_>) -> Option<u32> {
    (0..4).try_fold(0, |value, _| Some(value * 16 + chars.next()?.to_digit(16)?))
}
