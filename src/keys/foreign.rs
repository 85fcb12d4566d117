//! Messages of other programs, which may say anything.

/// Longest message of another program that is passed on, in characters.
const MESSAGE_LIMIT: usize = 2000;

/// A foreign message on one line, shortened, without the characters that could forge or turn around another one.
pub(super) fn clean(text: &str) -> String {
    text.trim()
        .chars()
        // Direction marks: the `age` crate puts some around names, a plugin could put any.
        .filter(
            |c| !matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'),
        )
        .map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c })
        .take(MESSAGE_LIMIT)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_cannot_forge_another_one() {
        assert_eq!(clean(" touch \u{2068}it\u{2069}\n\u{1b}[2J\u{202e}\n"), "touch it  [2J");
        assert_eq!(clean(&"x".repeat(5000)).len(), MESSAGE_LIMIT);
    }
}
