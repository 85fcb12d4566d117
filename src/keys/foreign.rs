//! Texts of others in messages: those of other programs, which may say anything, and recipients, which may be long.

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

/// Longest recipient that a message names in full, in characters; those of X25519 and Ed25519 are shorter.
const RECIPIENT_SHOWN: usize = 100;

/// How messages name a recipient: of a post-quantum one, which has some 2,000 characters, the beginning, and the end, by
/// which RSA keys differ.
pub(super) fn shown(recipient: &str) -> String {
    let recipient = clean(recipient);
    let count = recipient.chars().count();
    if count <= RECIPIENT_SHOWN {
        return recipient;
    }
    let (start, end) = (recipient.chars().take(24), recipient.chars().skip(count - 12));
    start.chain(['…']).chain(end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_cannot_forge_another_one() {
        assert_eq!(clean(" touch \u{2068}it\u{2069}\n\u{1b}[2J\u{202e}\n"), "touch it  [2J");
        assert_eq!(clean(&"x".repeat(5000)).len(), MESSAGE_LIMIT);
    }

    #[test]
    fn a_long_recipient_is_shortened() {
        let x25519 = "age1a7ff2kfnj70rrs077vgzk2gerld26pm0ak877jtav9d9xezqfdnses37gs";
        assert_eq!(shown(x25519), x25519);
        let long = format!("age1pq1{}0123456789ab", "x".repeat(1000));
        assert_eq!(shown(&long), "age1pq1xxxxxxxxxxxxxxxxx…0123456789ab");
    }
}
