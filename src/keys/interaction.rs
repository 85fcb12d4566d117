//! What a key may ask of a person: the joint at which the program puts its terminal.

use zeroize::Zeroizing;

/// Shows messages and asks questions for identities that need a person: keys with a passphrase, and plugins.
///
/// The texts come from plugins and key files in part: an implementation escapes them before they reach a terminal.
/// Every question may be refused with `None`; the identity that asked is skipped then.
pub trait Interaction {
    /// Shows a message, such as "touch your key".
    fn message(&self, text: &str);

    /// Lets the person choose between `yes` and `no` (a plain refusal when there is no word for it).
    fn confirm(&self, question: &str, yes: &str, no: Option<&str>) -> Option<bool>;

    /// Asks for something that may be seen while it is typed.
    fn public_string(&self, question: &str) -> Option<String>;

    /// Asks for a passphrase or PIN, without echo.
    fn passphrase(&self, question: &str) -> Option<Zeroizing<String>>;
}

/// Nobody is there: every question is refused, every message dropped. For machines and tests.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoInteraction;

impl Interaction for NoInteraction {
    fn message(&self, _text: &str) {}

    fn confirm(&self, _question: &str, _yes: &str, _no: Option<&str>) -> Option<bool> {
        None
    }

    fn public_string(&self, _question: &str) -> Option<String> {
        None
    }

    fn passphrase(&self, _question: &str) -> Option<Zeroizing<String>> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_answers() {
        assert_eq!(NoInteraction.confirm("sure?", "yes", None), None);
        assert_eq!(NoInteraction.public_string("name?"), None);
        assert_eq!(NoInteraction.passphrase("passphrase?"), None);
    }
}
