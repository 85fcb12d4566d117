//! Which values of a file are encrypted: SOPS's six selectors.

use zeroize::Zeroizing;

use crate::select::Pattern;

/// One of the selectors; a file has at most one. The texts that they look at are the map keys on the way to a value,
/// one by one; list indexes do not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Encrypted is what has a matching comment right before it, or before something around it.
    EncryptedCommentRegex(Pattern),
    /// Encrypted is what has a matching key.
    EncryptedRegex(Pattern),
    /// Encrypted is what has a key with this end.
    EncryptedSuffix(String),
    /// Clear is what has a matching comment right before it, or before something around it.
    UnencryptedCommentRegex(Pattern),
    /// Clear is what has a matching key.
    UnencryptedRegex(Pattern),
    /// Clear is what has a key with this end.
    UnencryptedSuffix(String),
}

/// The names of the selectors, in metadata and in configs, of which a file has at most one.
pub const SELECTORS: [&str; 6] = [
    "encrypted_comment_regex",
    "encrypted_regex",
    "encrypted_suffix",
    "unencrypted_comment_regex",
    "unencrypted_regex",
    "unencrypted_suffix",
];

impl Default for Rule {
    /// What files without a selector have.
    fn default() -> Self {
        Self::UnencryptedSuffix("_unencrypted".to_owned())
    }
}

impl Rule {
    /// The selector called `name`.
    #[must_use]
    pub fn new(name: &str, text: &str) -> Option<Self> {
        let pattern = || Pattern::new(text);
        Some(match name {
            "encrypted_comment_regex" => Self::EncryptedCommentRegex(pattern()),
            "encrypted_regex" => Self::EncryptedRegex(pattern()),
            "encrypted_suffix" => Self::EncryptedSuffix(text.to_owned()),
            "unencrypted_comment_regex" => Self::UnencryptedCommentRegex(pattern()),
            "unencrypted_regex" => Self::UnencryptedRegex(pattern()),
            "unencrypted_suffix" => Self::UnencryptedSuffix(text.to_owned()),
            _ => return None,
        })
    }

    /// Its name in metadata, and its text.
    #[must_use]
    pub fn parts(&self) -> (&'static str, &str) {
        match self {
            Self::EncryptedCommentRegex(pattern) => (SELECTORS[0], pattern.as_str()),
            Self::EncryptedRegex(pattern) => (SELECTORS[1], pattern.as_str()),
            Self::EncryptedSuffix(suffix) => (SELECTORS[2], suffix),
            Self::UnencryptedCommentRegex(pattern) => (SELECTORS[3], pattern.as_str()),
            Self::UnencryptedRegex(pattern) => (SELECTORS[4], pattern.as_str()),
            Self::UnencryptedSuffix(suffix) => (SELECTORS[5], suffix),
        }
    }

    /// Whether its pattern compiles. One that does not never matches, so `encrypted_regex` would leave all in clear.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        match self {
            Self::EncryptedCommentRegex(pattern)
            | Self::EncryptedRegex(pattern)
            | Self::UnencryptedCommentRegex(pattern)
            | Self::UnencryptedRegex(pattern) => pattern.is_valid(),
            Self::EncryptedSuffix(_) | Self::UnencryptedSuffix(_) => true,
        }
    }

    /// Whether it looks at comments.
    #[must_use]
    pub fn is_about_comments(&self) -> bool {
        matches!(self, Self::EncryptedCommentRegex(_) | Self::UnencryptedCommentRegex(_))
    }

    /// Whether it looks for keys like this one.
    #[must_use]
    pub fn matches_key(&self, key: &str) -> bool {
        match self {
            Self::EncryptedCommentRegex(_) | Self::UnencryptedCommentRegex(_) => false,
            Self::EncryptedRegex(pattern) | Self::UnencryptedRegex(pattern) => pattern.matches(key),
            Self::EncryptedSuffix(suffix) | Self::UnencryptedSuffix(suffix) => key.ends_with(suffix.as_str()),
        }
    }

    /// Whether it encrypts the value with these keys and `comments`, or, with `is_comment`, the comment that is the
    /// last one of those.
    #[must_use]
    pub fn encrypts(&self, keys: &[&str], comments: &Comments, is_comment: bool) -> bool {
        self.encrypts_below(keys.iter().any(|key| self.matches_key(key)), comments, is_comment)
    }

    /// The same, given whether [`Rule::matches_key`] one of the keys.
    pub(crate) fn encrypts_below(&self, has_match: bool, comments: &Comments, is_comment: bool) -> bool {
        match self {
            Self::EncryptedCommentRegex(pattern) => comments.before(is_comment).any(|text| pattern.matches(text)),
            Self::EncryptedRegex(_) | Self::EncryptedSuffix(_) => has_match,
            Self::UnencryptedCommentRegex(pattern) => !comments.before(false).any(|text| pattern.matches(text)),
            Self::UnencryptedRegex(_) | Self::UnencryptedSuffix(_) => !has_match,
        }
    }
}

/// The comments that count for the value that a walk has come to: for each map and list around it those since its
/// last item.
#[derive(Debug, Default)]
pub struct Comments {
    levels: Vec<Vec<Zeroizing<String>>>,
}

impl Comments {
    /// A map or list is entered.
    pub fn enter(&mut self) {
        self.levels.push(Vec::new());
    }

    /// It is left.
    pub fn leave(&mut self) {
        self.levels.pop();
    }

    /// The innermost map or list has this comment, as it stands in the file, without its sign.
    pub fn push(&mut self, text: &str) {
        if let Some(level) = self.levels.last_mut() {
            level.push(Zeroizing::new(text.to_owned()));
        }
    }

    /// An item of the innermost map or list is done.
    pub fn end_item(&mut self) {
        if let Some(level) = self.levels.last_mut() {
            level.clear();
        }
    }

    /// All of them, or all but the last one.
    fn before(&self, last: bool) -> impl Iterator<Item = &str> {
        let without = self.levels.last().map_or(0, Vec::len).saturating_sub(usize::from(last));
        let innermost = self.levels.len().saturating_sub(1);
        self.levels.iter().enumerate().flat_map(move |(level, texts)| {
            let count = if level == innermost { without } else { texts.len() };
            texts[..count].iter().map(|text| text.as_str())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encrypts(name: &str, text: &str, keys: &[&str]) -> bool {
        Rule::new(name, text).expect("a selector").encrypts(keys, &Comments::default(), false)
    }

    #[test]
    fn one_key_on_the_way_is_enough() {
        for keys in [["secrets_x", "a"], ["a", "secrets_x"]] {
            assert!(encrypts("encrypted_suffix", "_x", &keys));
            assert!(!encrypts("unencrypted_suffix", "_x", &keys));
            assert!(encrypts("encrypted_regex", "^sec", &keys));
            assert!(!encrypts("unencrypted_regex", "^sec", &keys));
        }
        assert!(!encrypts("encrypted_regex", "^a$", &["aa"]));
        assert!(!encrypts("encrypted_regex", "pass[", &["pass["]), "a pattern that does not compile never matches");
        assert!(!Rule::default().encrypts(&["a_unencrypted", "b"], &Comments::default(), false));
    }

    #[test]
    fn comments_count_until_the_next_item_and_for_all_inside() {
        let rule = Rule::new("encrypted_comment_regex", "sops:enc").expect("a selector");
        let mut comments = Comments::default();
        comments.enter();
        assert!(!rule.encrypts(&["plain"], &comments, false));
        comments.push(" sops:enc");
        assert!(!rule.encrypts(&[], &comments, true), "the comment itself stays clear");
        comments.push(" after");
        assert!(rule.encrypts(&[], &comments, true));
        comments.enter();
        assert!(rule.encrypts(&["c3", "x"], &comments, false));
        comments.leave();
        comments.end_item();
        assert!(!rule.encrypts(&["c4"], &comments, false));
    }
}
