//! File globs: the patterns of `.gitignore`, without negation.
//!
//! `*` and `?` match within one component, `**` any number of components, `[a-z]` and `[!a-z]` one character, `\` takes the
//! next character as it is. A glob without a slash (but at its end) matches at any depth, others from the config file's
//! folder. What matches a folder matches all that is in it; with a slash at its end a glob matches folders only.

use crate::error::Error;

/// One file glob is at most this long, in bytes.
const MAX_FILE_GLOB_LEN: usize = 4096;

/// A glob over file paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileGlob {
    text: String,
    components: Vec<Component>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Component {
    /// `**`
    AnyNumber,
    One(Vec<Part>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// `?`
    AnyChar,
    Char(char),
    /// `[a-z]`, or `[!a-z]`
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
    /// `*`
    Star,
}

impl FileGlob {
    /// Reads a glob.
    ///
    /// # Errors
    /// [`Error::Config`] without a position, also for spellings that mean nothing in `.gitignore` or something that
    /// a policy is better without (negation, braces, `..`).
    pub fn parse(text: &str) -> Result<Self, Error> {
        let error = |why: &str| Error::Config { at: None, what: format!("file glob `{text}`: {why}") };
        if text.len() > MAX_FILE_GLOB_LEN {
            return Err(Error::Limit { what: "the length of a file glob", limit: MAX_FILE_GLOB_LEN as u64, at: None });
        }
        if text.starts_with('!') {
            return Err(error("there is no negation; put a rule for the exception before this one"));
        }
        if text.starts_with("./") {
            return Err(error("globs are relative to the config file's folder already, leave the `./` out"));
        }
        if text.trim() != text {
            return Err(error("blank at the start or the end"));
        }
        let folders_only = text.ends_with('/');
        let inner = text.strip_suffix('/').unwrap_or(text);
        let anchored = inner.contains('/');
        let inner = inner.strip_prefix('/').unwrap_or(inner);

        let mut components = Vec::new();
        if !anchored {
            components.push(Component::AnyNumber);
        }
        let mut names = inner.split('/').peekable();
        while let Some(name) = names.next() {
            match name {
                "" => return Err(error("empty component")),
                "." | ".." => return Err(error("`.` and `..` are not allowed")),
                // Everything in a folder, but not the folder itself; what matches one level matches all below.
                "**" if names.peek().is_none() => components.push(Component::One(vec![Part::Star])),
                "**" => components.push(Component::AnyNumber),
                _ => components.push(Component::One(parts(name).map_err(error)?)),
            }
        }
        if folders_only {
            components.push(Component::One(vec![Part::Star]));
        }
        // What matches a folder matches all that is in it.
        components.push(Component::AnyNumber);
        Ok(Self { text: text.to_owned(), components })
    }

    /// The glob as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its components, from the config file's folder on.
    pub(super) fn components(&self) -> &[Component] {
        &self.components
    }

    /// Whether it matches a path relative to the config file's folder, with `/` between components. A path that is not
    /// below that folder (absolute, or with `..`) is never matched.
    #[must_use]
    pub fn matches(&self, relative_path: &str) -> bool {
        let names: Vec<&str> = relative_path.split('/').collect();
        if names.iter().any(|name| matches!(*name, "" | "." | "..")) {
            return false;
        }
        let fits = |component: &Component, name: &&str| component.fits(name);
        wild_match(&self.components, &names, |component| *component == Component::AnyNumber, fits)
    }
}

impl Component {
    /// Whether it can stand for a component called `name`.
    pub(super) fn fits(&self, name: &str) -> bool {
        match self {
            Self::AnyNumber => true,
            Self::One(parts) => {
                let chars: Vec<char> = name.chars().collect();
                wild_match(parts, &chars, |part| *part == Part::Star, Part::matches)
            }
        }
    }
}

impl Part {
    fn matches(&self, c: &char) -> bool {
        match self {
            Self::AnyChar | Self::Star => true,
            Self::Char(expected) => c == expected,
            Self::Class { negated, ranges } => ranges.iter().any(|&(low, high)| (low..=high).contains(c)) != *negated,
        }
    }
}

/// Whether `pattern` matches all of `items`, where what `is_star` matches any number of them. Only the last star has to be
/// tried again, since an earlier one that takes more leaves less for what follows: so this takes quadratic time at worst.
fn wild_match<P, T>(pattern: &[P], items: &[T], is_star: impl Fn(&P) -> bool, fits: impl Fn(&P, &T) -> bool) -> bool {
    let (mut at, mut item) = (0, 0);
    let mut retry = None;
    loop {
        match (pattern.get(at), items.get(item)) {
            (Some(part), _) if is_star(part) => {
                retry = Some((at + 1, item));
                at += 1;
            }
            (Some(part), Some(found)) if fits(part, found) => {
                at += 1;
                item += 1;
            }
            (None, None) => return true,
            _ => match &mut retry {
                Some((behind, from)) if *from < items.len() => {
                    *from += 1;
                    (at, item) = (*behind, *from);
                }
                _ => return false,
            },
        }
    }
}

/// One component, which is not `**`.
fn parts(name: &str) -> Result<Vec<Part>, &'static str> {
    let mut parts = Vec::new();
    let mut chars = name.chars();
    while let Some(c) = chars.next() {
        parts.push(match c {
            '*' if parts.last() == Some(&Part::Star) => return Err("`**` must stand alone between slashes"),
            '*' => Part::Star,
            '?' => Part::AnyChar,
            '[' => class(&mut chars)?,
            '\\' => Part::Char(chars.next().ok_or("`\\` at the end")?),
            '{' | '}' => return Err("no alternatives in braces; write several globs (`\\{` is a brace)"),
            c if c.is_control() => return Err("control character"),
            c => Part::Char(c),
        });
    }
    Ok(parts)
}

/// A class behind its `[`.
fn class(chars: &mut std::str::Chars<'_>) -> Result<Part, &'static str> {
    const UNCLOSED: &str = "unclosed `[`";
    let mut ranges = Vec::new();
    let mut negated = false;
    let mut next = chars.next();
    if let Some('!' | '^') = next {
        negated = true;
        next = chars.next();
    }
    loop {
        let low = match next.ok_or(UNCLOSED)? {
            // As in a shell, a bracket that comes first is an ordinary character.
            ']' if !ranges.is_empty() => return Ok(Part::Class { negated, ranges }),
            '[' if chars.as_str().starts_with([':', '.', '=']) => return Err("no named classes; write `[a-z]`"),
            '\\' => chars.next().ok_or(UNCLOSED)?,
            c => c,
        };
        next = chars.next();
        let mut high = low;
        if next == Some('-') && !chars.as_str().starts_with(']') {
            high = match chars.next().ok_or(UNCLOSED)? {
                '\\' => chars.next().ok_or(UNCLOSED)?,
                c => c,
            };
            next = chars.next();
        }
        if high < low {
            return Err("a range in `[…]` runs backwards");
        }
        ranges.push((low, high));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matches(glob: &str, path: &str) -> bool {
        FileGlob::parse(glob).unwrap().matches(path)
    }

    /// Each line was compared with `git check-ignore`; git alone takes `é` for two characters.
    #[test]
    fn globs_match_as_in_gitignore() {
        let cases = [
            ("*.enc.yaml", "a.enc.yaml", true),
            ("*.enc.yaml", "x/y/a.enc.yaml", true),
            ("*.enc.yaml", "a.yaml", false),
            ("*.env", ".env", true),
            (".env.*", ".env.production", true),
            (".env.*", ".env", false),
            (".env", "app/.env", true),
            (".env", "app/x.env", false),
            ("/.env", ".env", true),
            ("/.env", "app/.env", false),
            ("secrets/**", "secrets/a/b.yaml", true),
            ("secrets/**", "secrets", false),
            ("secrets/**", "x/secrets/a.yaml", false),
            ("**/secrets/**", "x/secrets/a.yaml", true),
            ("**/secrets/**", "secrets/a.yaml", true),
            ("secrets/", "secrets/a/b.yaml", true),
            ("secrets/", "x/secrets/a.yaml", true),
            ("secrets/", "secrets", false),
            ("/secrets/", "x/secrets/a.yaml", false),
            ("secrets", "secrets", true),
            ("secrets", "x/secrets/a.yaml", true),
            ("a/b", "a/b", true),
            ("a/b", "a/b/c", true),
            ("a/b", "x/a/b", false),
            ("a/*", "a/b/c", true),
            ("a/*.yaml", "a/b/c.yaml", false),
            ("a/**/b", "a/b", true),
            ("a/**/b", "a/x/y/b", true),
            ("a/**/b", "a/xb", false),
            ("**", "a/b", true),
            ("**/", "a", false),
            ("**/", "a/b", true),
            ("*", "a/b", true),
            ("a?c", "abc", true),
            ("a?c", "aéc", true),
            ("a?c", "ac", false),
            ("a/?", "a//", false),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[^a-c]x", "dx", true),
            ("[]]x", "]x", true),
            ("[a-]x", "-x", true),
            ("[\\]]x", "]x", true),
            ("\\*x", "*x", true),
            ("\\*x", "yx", false),
            ("\\!x", "!x", true),
            ("A", "a", false),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
        ];
        for (glob, path, expected) in cases {
            assert_eq!(matches(glob, path), expected, "{glob} against {path}");
        }
    }

    #[test]
    fn paths_outside_of_the_folder_match_nothing() {
        for path in ["/etc/x.yaml", "../x.yaml", "a/../x.yaml", "./x.yaml", "a//x.yaml", "", "a/"] {
            assert!(!matches("**", path), "{path}");
        }
    }

    #[test]
    fn other_spellings_are_refused() {
        let cases = [
            ("", "empty component"),
            ("/", "empty component"),
            ("a//b", "empty component"),
            ("!a", "there is no negation; put a rule for the exception before this one"),
            ("./a", "globs are relative to the config file's folder already, leave the `./` out"),
            ("../a", "`.` and `..` are not allowed"),
            ("a/.", "`.` and `..` are not allowed"),
            (" a", "blank at the start or the end"),
            ("a**", "`**` must stand alone between slashes"),
            ("a/***", "`**` must stand alone between slashes"),
            ("*.{yaml,json}", "no alternatives in braces; write several globs (`\\{` is a brace)"),
            ("a\\", "`\\` at the end"),
            ("a\u{7}b", "control character"),
            ("[a", "unclosed `[`"),
            ("[", "unclosed `[`"),
            ("[]", "unclosed `[`"),
            ("[a\\", "unclosed `[`"),
            ("[a-\\", "unclosed `[`"),
            ("[!", "unclosed `[`"),
            ("[a/b]", "unclosed `[`"),
            ("[z-a]", "a range in `[…]` runs backwards"),
            ("[[:alpha:]]", "no named classes; write `[a-z]`"),
        ];
        for (glob, why) in cases {
            let error = FileGlob::parse(glob).unwrap_err();
            assert_eq!(error.to_string(), format!("file glob `{glob}`: {why}"));
        }
        let error = FileGlob::parse(&"a".repeat(4097)).unwrap_err();
        assert_eq!(error.to_string(), "the length of a file glob exceeds the limit of 4096");
    }

    #[test]
    fn many_stars_do_not_take_long() {
        assert!(!matches(&format!("{}b", "*a".repeat(1000)), &"a".repeat(4000)));
        assert!(!matches(&format!("{}b", "**/a/".repeat(500)), &vec!["a"; 2000].join("/")));
    }

    /// The definition of `*`.
    fn naive(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern, text) {
            ([b'*', rest @ ..], _) => naive(rest, text) || matches!(text, [_, left @ ..] if naive(pattern, left)),
            ([a, rest @ ..], [b, left @ ..]) => a == b && naive(rest, left),
            (_, _) => pattern.is_empty() && text.is_empty(),
        }
    }

    proptest! {
        #[test]
        fn wild_match_agrees_with_the_definition(pattern in "[ab*]{0,8}", text in "[ab]{0,10}") {
            let found = wild_match(pattern.as_bytes(), text.as_bytes(), |c| *c == b'*', |a, b| a == b);
            prop_assert_eq!(found, naive(pattern.as_bytes(), text.as_bytes()));
        }

        #[test]
        fn what_matches_a_folder_matches_all_in_it(glob in r"[ab*?/\[\]!^\\é.-]{0,12}", path in "[abé]{1,2}(/[abé]{1,2}){0,4}") {
            if let Ok(glob) = FileGlob::parse(&glob) && glob.matches(&path) {
                prop_assert!(glob.matches(&format!("{path}/x")), "{glob:?}");
            }
        }
    }
}
