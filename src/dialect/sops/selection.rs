//! SOPS's selectors as path globs, and back.

use super::rule::Rule;
use crate::select::{KeyGlob, PathGlob, Selection};

impl Rule {
    /// The globs that select the same values; `None` when none do. Selectors look at every key on the way to a value, so do
    /// the globs.
    #[must_use]
    pub fn selection(&self) -> Option<Selection> {
        let keys = match self {
            Self::EncryptedCommentRegex(_) | Self::UnencryptedCommentRegex(_) => return None,
            Self::EncryptedRegex(pattern) | Self::UnencryptedRegex(pattern) => KeyGlob::of_pattern(pattern)?,
            Self::EncryptedSuffix(suffix) | Self::UnencryptedSuffix(suffix) => vec![KeyGlob::ending(suffix)],
        };
        let globs: Vec<PathGlob> = keys.iter().map(KeyGlob::below).collect::<Option<_>>()?;
        Some(match self {
            Self::EncryptedRegex(_) | Self::EncryptedSuffix(_) => Selection { encrypt: globs, clear: Vec::new() },
            _ => Selection { clear: globs, ..Selection::default() },
        })
    }

    /// The selector that encrypts all that `selection` does, and perhaps more: keys count at any depth. `None` when each
    /// would leave more clear.
    #[must_use]
    pub fn of_selection(selection: &Selection) -> Option<Self> {
        let keys = |globs: &[PathGlob]| globs.iter().map(KeyGlob::of_glob).collect::<Option<Vec<_>>>();
        if selection.encrypt != Selection::default().encrypt {
            let keys: Vec<_> = keys(&selection.encrypt)?.into_iter().map(|(key, _)| key).collect();
            return match keys.as_slice() {
                [key] if key.as_ending().is_some() => Self::new("encrypted_suffix", key.as_ending()?),
                keys => Self::new("encrypted_regex", &KeyGlob::pattern(keys)),
            };
        }
        if selection.clear.is_empty() {
            return Some(Self::default());
        }
        let exact = |(key, is_exact)| if is_exact { Some(key) } else { None };
        let keys: Vec<_> = keys(&selection.clear)?.into_iter().map(exact).collect::<Option<_>>()?;
        match keys.as_slice() {
            [key] if key.as_ending().is_some() => Self::new("unencrypted_suffix", key.as_ending()?),
            keys => Self::new("unencrypted_regex", &KeyGlob::pattern(keys)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection(encrypt: &[&str], clear: &[&str]) -> Selection {
        let globs = |texts: &[&str]| PathGlob::parse_all(texts.iter().copied()).expect("globs");
        Selection { encrypt: globs(encrypt), clear: globs(clear) }
    }

    #[test]
    fn common_selectors_go_both_ways() {
        for (name, text, encrypt, clear) in [
            ("unencrypted_suffix", "_unencrypted", &["**"][..], &["**.*_unencrypted.**"][..]),
            ("encrypted_suffix", "_secret", &["**.*_secret.**"], &[]),
            ("encrypted_regex", "^(data|stringData)$", &["**.data.**", "**.stringData.**"], &[]),
            ("unencrypted_regex", "^(kind|meta.*)$", &["**"], &["**.kind.**", "**.meta*.**"]),
        ] {
            let rule = Rule::new(name, text).expect("a selector");
            let expected = selection(encrypt, clear);
            assert_eq!(rule.selection(), Some(expected.clone()), "{text}");
            let back = Rule::of_selection(&expected).expect("a selector");
            assert_eq!(back.parts().0, name);
            assert_eq!(back.selection(), Some(expected), "{text}");
        }
        for (name, text) in
            [("encrypted_comment_regex", "x"), ("encrypted_regex", "(?i)pass"), ("encrypted_suffix", "a b")]
        {
            assert_eq!(Rule::new(name, text).expect("a selector").selection(), None, "{text}");
        }
    }

    #[test]
    fn selectors_never_leave_more_clear() {
        let parts = |encrypt: &[&str], clear: &[&str]| {
            let rule = Rule::of_selection(&selection(encrypt, clear))?;
            Some((rule.parts().0, rule.parts().1.to_owned()))
        };
        let some = |name, text: &str| Some((name, text.to_owned()));
        assert_eq!(parts(&["**"], &[]), some("unencrypted_suffix", "_unencrypted"));
        assert_eq!(parts(&["data.**", "stringData.**"], &["data.x"]), some("encrypted_regex", "^(data|stringData)$"));
        assert_eq!(parts(&["users[].name"], &[]), some("encrypted_regex", "^name$"));
        assert_eq!(parts(&["*"], &[]), None);
        assert_eq!(parts(&["**"], &["kind", "metadata.**"]), None, "these are clear at the root only");
    }
}
