//! What is said about one key, in two languages: as a glob, and as a pattern of SOPS.

use super::{Alternative, PathGlob, Pattern, PatternPart, SegmentGlob};

/// A key with stars in it that match any characters: what stands between the stars. The first and the last piece may be
/// empty; one piece alone is the whole key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyGlob(Vec<String>);

impl KeyGlob {
    /// All keys that end with `suffix`.
    #[must_use]
    pub fn ending(suffix: &str) -> Self {
        Self(vec![String::new(), suffix.to_owned()])
    }

    /// The globs that match together what `pattern` does; `None` when there are none.
    #[must_use]
    pub fn of_pattern(pattern: &Pattern) -> Option<Vec<Self>> {
        pattern.alternatives()?.iter().map(Self::of_alternative).collect()
    }

    fn of_alternative(alternative: &Alternative) -> Option<Self> {
        let mut pieces = vec![String::new()];
        if !alternative.starts {
            pieces.push(String::new());
        }
        for part in &alternative.parts {
            match part {
                PatternPart::AnyRun => pieces.push(String::new()),
                PatternPart::Char(c) => pieces.last_mut()?.push(*c),
                PatternPart::Any | PatternPart::NotSlash | PatternPart::NotSlashRun => return None,
            }
        }
        if !alternative.ends {
            pieces.push(String::new());
        }
        // Two stars beside each other are one.
        let inner = 1..pieces.len().saturating_sub(1);
        let mut number = 0;
        pieces.retain(|piece| {
            number += 1;
            !(piece.is_empty() && inner.contains(&(number - 1)))
        });
        Some(Self(pieces))
    }

    /// What a glob says of a key, and whether that is all that it says: that the value has this key, at any depth. `None` when
    /// it names no key.
    #[must_use]
    pub fn of_glob(glob: &PathGlob) -> Option<(Self, bool)> {
        let key = glob.segments.iter().rev().find_map(|segment| match segment {
            SegmentGlob::Key(key) => Some(vec![key.clone()]),
            SegmentGlob::KeyLike(pieces) => Some(pieces.clone()),
            SegmentGlob::AnyNumber | SegmentGlob::AnyOne | SegmentGlob::Item => None,
        })?;
        let is_all = matches!(glob.segments.as_slice(), [SegmentGlob::AnyNumber, _, SegmentGlob::AnyNumber]);
        Some((Self(key), is_all))
    }

    /// The glob for everything that has such a key, and what is below it; `None` when globs have no spelling for that.
    #[must_use]
    pub fn below(&self) -> Option<PathGlob> {
        let key = match self.0.as_slice() {
            [key] => quoted_if_needed(key),
            pieces => pieces.join("*"),
        };
        let glob = PathGlob::parse(&format!("**.{key}.**")).ok()?;
        let segment = match self.0.as_slice() {
            [key] => SegmentGlob::Key(key.clone()),
            [first, last] if first.is_empty() && last.is_empty() => SegmentGlob::AnyOne,
            pieces => SegmentGlob::KeyLike(pieces.to_vec()),
        };
        (glob.segments == [SegmentGlob::AnyNumber, segment, SegmentGlob::AnyNumber]).then_some(glob)
    }

    /// The end, when that is all it says.
    #[must_use]
    pub fn as_ending(&self) -> Option<&str> {
        match self.0.as_slice() {
            [first, suffix] if first.is_empty() && !suffix.is_empty() => Some(suffix),
            _ => None,
        }
    }

    /// The pattern that matches what one of `keys` does.
    #[must_use]
    pub fn pattern(keys: &[Self]) -> String {
        let whole: Option<Vec<_>> = keys.iter().map(|key| key.as_whole().map(escaped)).collect();
        match whole {
            Some(whole) if whole.len() == 1 => format!("^{}$", whole[0]),
            Some(whole) => format!("^({})$", whole.join("|")),
            None => keys.iter().map(Self::regex).collect::<Vec<_>>().join("|"),
        }
    }

    fn as_whole(&self) -> Option<&str> {
        if let [key] = self.0.as_slice() { Some(key) } else { None }
    }

    fn regex(&self) -> String {
        let pieces: Vec<String> = self.0.iter().map(|piece| escaped(piece)).collect();
        let (first, last) = (pieces.first(), pieces.last());
        let start = if first.is_some_and(String::is_empty) && pieces.len() > 1 { "" } else { "^" };
        let end = if last.is_some_and(String::is_empty) && pieces.len() > 1 { "" } else { "$" };
        let inner = pieces.iter().filter(|piece| !piece.is_empty()).cloned().collect::<Vec<_>>().join(".*");
        format!("{start}{inner}{end}")
    }
}

/// `text` in a regular expression of Go or Rust, where it stands for itself.
#[must_use]
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if r"\.+*?()|[]{}^$".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

fn quoted_if_needed(key: &str) -> String {
    match PathGlob::parse(key) {
        Ok(glob) if glob.segments == [SegmentGlob::Key(key.to_owned())] => key.to_owned(),
        _ => serde_json::Value::from(key).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn globs(pattern: &str) -> Option<Vec<String>> {
        let keys = KeyGlob::of_pattern(&Pattern::new(pattern))?;
        keys.iter().map(|key| key.below().map(|glob| glob.as_str().to_owned())).collect()
    }

    #[test]
    fn patterns_become_globs_and_patterns_again() {
        for (pattern, expected) in [
            ("^(data|stringData)$", &["**.data.**", "**.stringData.**"][..]),
            ("^data$", &["**.data.**"]),
            ("password", &["**.*password*.**"]),
            ("_key$|^tok.*n$", &["**.*_key.**", "**.tok*n.**"]),
            (r"^(a\.b|x y)$", &[r#"**."a.b".**"#, r#"**."x y".**"#]),
        ] {
            assert_eq!(globs(pattern).expect(pattern), expected);
            let keys = expected.iter().map(|glob| KeyGlob::of_glob(&PathGlob::parse(glob).expect("a glob")));
            let keys: Vec<_> = keys.map(|key| key.expect("a key")).collect();
            assert!(keys.iter().all(|(_, is_all)| *is_all));
            let keys: Vec<_> = keys.into_iter().map(|(key, _)| key).collect();
            assert_eq!(KeyGlob::pattern(&keys), pattern);
        }
        assert_eq!(globs(".*").expect("any key"), ["**.*.**"]);
    }

    #[test]
    fn what_globs_cannot_say_is_none() {
        for pattern in ["a.b", "^[a-z]+$", r"a\.b", "^<<$"] {
            assert_eq!(globs(pattern), None, "{pattern}");
        }
    }

    #[test]
    fn a_key_somewhere_says_less_than_its_glob() {
        for (glob, key) in [("data.**", "data"), ("a.b[].c*", "c*"), ("**.kind", "kind"), ("a.*", "a")] {
            let (found, is_all) = KeyGlob::of_glob(&PathGlob::parse(glob).expect("a glob")).expect("a key");
            assert_eq!((found.0.join("*").as_str(), is_all), (key, false), "{glob}");
        }
        assert_eq!(KeyGlob::of_glob(&PathGlob::parse("**").expect("a glob")), None);
    }
}
