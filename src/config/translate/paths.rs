//! Patterns over paths as file globs, and back.

use crate::config::FileGlob;
use crate::config::file_glob::{Component, Part};
use crate::select::{Alternative, Pattern, PatternPart, escaped};

/// More globs are no translation that anybody would read.
const MAX_GLOBS: usize = 16;

/// The globs that match together the paths that `pattern` does, but for two things: what a glob says of a file it also says of
/// everything in a folder of that name, and a `.` without a backslash stands for no slash. `None` when there are none.
pub(super) fn globs(pattern: Option<&Pattern>) -> Option<Vec<FileGlob>> {
    let Some(pattern) = pattern else { return Some(vec![FileGlob::parse("**").ok()?]) };
    let mut texts: Vec<String> = Vec::new();
    for alternative in pattern.alternatives()? {
        for text in glob_texts(&alternative) {
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
    }
    // What is in a folder that another glob matches.
    let all = texts.clone();
    texts.retain(|text| {
        !all.iter().any(|other| text.strip_prefix(other.as_str()).is_some_and(|rest| rest.starts_with('/')))
    });
    if texts.is_empty() || texts.len() > MAX_GLOBS {
        return None;
    }
    texts.into_iter().map(|text| FileGlob::parse(&finished(text)).ok()).collect()
}

/// The pattern that matches exactly the paths that one of `globs` does; `None` when that is every path.
pub(super) fn regex(globs: &[FileGlob]) -> Option<String> {
    let mut patterns = Vec::new();
    for glob in globs {
        patterns.push(regex_of(glob)?);
    }
    Some(patterns.join("|"))
}

fn glob_texts(alternative: &Alternative) -> Vec<String> {
    let run = [PatternPart::AnyRun];
    let before = if alternative.starts { &[][..] } else { &run };
    let behind = if alternative.ends { &[][..] } else { &run };
    let parts: Vec<PatternPart> = [before, &alternative.parts, behind].concat();
    let mut texts = vec![String::new()];
    for (number, part) in parts.iter().enumerate() {
        let next = parts.get(number + 1);
        let mut longer = Vec::new();
        for text in texts {
            longer.extend(with(text, *part, next));
        }
        texts = longer;
        if texts.len() > MAX_GLOBS {
            return texts;
        }
    }
    texts.into_iter().filter(|text| !text.ends_with('/')).collect()
}

/// `text` with one part more: none when no path can go on so, two when a run may or may not go over a slash.
fn with(text: String, part: PatternPart, next: Option<&PatternPart>) -> Vec<String> {
    let begins = text.is_empty() || text.ends_with('/');
    let add = |more: &str| vec![format!("{text}{more}")];
    // Two stars beside each other would be another thing than one.
    let star = if text.ends_with('*') && !text.ends_with(r"\*") { "" } else { "*" };
    match (part, next) {
        (PatternPart::AnyRun, None) => add(if begins { "**" } else { star }),
        (PatternPart::AnyRun, Some(_)) if begins => add("**/*"),
        (PatternPart::AnyRun, Some(PatternPart::Char('/'))) => add(&format!("{star}/**")),
        (PatternPart::AnyRun, Some(_)) => [add(star), add(&format!("{star}/**/*"))].concat(),
        (PatternPart::Char('/'), _) if begins => Vec::new(),
        (PatternPart::Char(c), _) if r"*?[]{}\!".contains(c) => add(&format!("\\{c}")),
        (PatternPart::Char(c), _) => add(&c.to_string()),
        (PatternPart::Any | PatternPart::NotSlash, _) => add("?"),
        (PatternPart::NotSlashRun, _) => add(star),
    }
}

/// The usual spelling.
fn finished(text: String) -> String {
    let text = match text.strip_suffix("/?*") {
        Some(folder) => format!("{folder}/**"),
        None => text,
    };
    match text.strip_prefix("**/") {
        Some("*") => "**".to_owned(),
        Some(name) if !name.contains('/') => name.to_owned(),
        None if !text.contains('/') && text != "**" => format!("/{text}"),
        _ => text,
    }
}

fn regex_of(glob: &FileGlob) -> Option<String> {
    let mut components = glob.components();
    // What matches a folder matches all that is in it.
    components = components.strip_suffix(&[Component::AnyNumber]).unwrap_or(components);
    let is_star = |component: &Component| *component == Component::One(vec![Part::Star]);
    let (inside, open) = match components.split_last() {
        Some((last, rest)) if is_star(last) => (rest, true),
        _ => (components, false),
    };
    if inside.iter().all(|component| *component == Component::AnyNumber) {
        return None;
    }
    let mut inside: Vec<&Component> = inside.iter().collect();
    inside.dedup_by(|a, b| **a == Component::AnyNumber && a == b);
    let mut regex = String::new();
    for (number, component) in inside.iter().enumerate() {
        let is_last = number + 1 == inside.len();
        match component {
            Component::AnyNumber if number == 0 => {}
            Component::AnyNumber => regex.push_str("(.*/)?"),
            Component::One(parts) => {
                let after_any = number == 1 && *inside[0] == Component::AnyNumber;
                let parts = if after_any && parts.first() == Some(&Part::Star) {
                    &parts[1..]
                } else {
                    match (number, after_any) {
                        (0, _) => regex.push('^'),
                        (_, true) => regex.push_str("(^|/)"),
                        _ => {}
                    }
                    parts
                };
                parts.iter().for_each(|part| put(part, &mut regex));
                if !is_last || open {
                    regex.push('/');
                }
            }
        }
    }
    if !open {
        regex.push_str("(/|$)");
    }
    Some(regex)
}

fn put(part: &Part, regex: &mut String) {
    match part {
        Part::AnyChar => regex.push_str("[^/]"),
        Part::Char(c) => regex.push_str(&escaped(&c.to_string())),
        Part::Star => regex.push_str("[^/]*"),
        Part::Class { negated, ranges } => {
            regex.push_str(if *negated { "[^/" } else { "[" });
            for (low, high) in ranges {
                for c in [*low, *high] {
                    if r"\]^-[".contains(c) {
                        regex.push('\\');
                    }
                    regex.push(c);
                    if c == *low && low != high {
                        regex.push('-');
                    }
                    if low == high {
                        break;
                    }
                }
            }
            regex.push(']');
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(pattern: &str) -> Option<Vec<String>> {
        let globs = globs(Some(&Pattern::new(pattern)))?;
        Some(globs.iter().map(|glob| glob.as_str().to_owned()).collect())
    }

    #[test]
    fn common_patterns_become_globs() {
        for (pattern, expected) in [
            (r"\.ya?ml$", &["*.yml", "*.yaml"][..]),
            (r".*\.enc\.yaml$", &["*.enc.yaml"]),
            (r"^secrets/.*", &["secrets/**"]),
            (r"^secrets/.+", &["secrets/**"]),
            (r"^secrets/[^/]+\.yaml$", &["secrets/?*.yaml"]),
            (r"^secrets/.*\.yaml$", &["secrets/**/*.yaml"]),
            (r"secrets/.*", &["**/*secrets/**"]),
            (r"(^|/)prod/", &["prod/**", "**/*/prod/**"]),
            (r"(dev|staging)/.*\.json$", &["**/*dev/**/*.json", "**/*staging/**/*.json"]),
            (r"^\.env$", &["/.env"]),
            (r"^a/.*/b\.ini$", &["a/**/*/b.ini"]),
            (r"\.sops\.", &["*.sops.*"]),
            (r".*", &["**"]),
            (r"foo.*bar$", &["*foo*bar", "**/*foo*/**/*bar"]),
            (r"\.enc\.yaml(/|$)", &["*.enc.yaml"]),
        ] {
            assert_eq!(texts(pattern).expect(pattern), expected, "{pattern}");
        }
        for pattern in [r"^[a-z]+/", r"(?i)secret.yaml", r"a^b", "//", "/$"] {
            assert_eq!(texts(pattern), None, "{pattern}");
        }
    }

    #[test]
    fn globs_become_patterns() {
        for (glob, expected) in [
            ("secrets/**", Some("^secrets/")),
            ("*.enc.yaml", Some(r"\.enc\.yaml(/|$)")),
            (".env", Some(r"(^|/)\.env(/|$)")),
            ("/.env", Some(r"^\.env(/|$)")),
            ("a/**/b-?[!x-z].ini", Some(r"^a/(.*/)?b-[^/][^/x-z]\.ini(/|$)")),
            ("secrets/", Some("(^|/)secrets/")),
            ("**/**/a", Some("(^|/)a(/|$)")),
            ("**", None),
            ("*", None),
        ] {
            let glob = FileGlob::parse(glob).expect("a glob");
            assert_eq!(regex(&[glob]).as_deref(), expected);
        }
    }

    /// Each name twice, so that paths are likely to match.
    const GLOB: &str = r"/?(\*\*|a|b|\*b|a\*|\?|\[ab\]|\[!a\])(/(\*\*|a|b|\*b|a\*|\?|\[ab\]|\[!a\])){0,3}/?";

    proptest! {
        #[test]
        fn patterns_of_globs_match_the_same(glob in GLOB, path in "[ab]{1,2}(/[ab]{1,2}){0,4}") {
            if let Ok(glob) = FileGlob::parse(&glob) {
                let matches = regex(std::slice::from_ref(&glob)).is_none_or(|regex| Pattern::new(&regex).matches(&path));
                prop_assert_eq!(matches, glob.matches(&path), "{:?}", glob);
            }
        }

        #[test]
        fn globs_of_patterns_match_the_same(
            pattern in r"\^?(a|b|/|\.\*|\[\^/\]\*|(\((a|b)\|b/\))){1,6}\$?",
            path in "[ab]{1,2}(/[ab]{1,2}){0,4}",
        ) {
            let pattern = Pattern::new(&pattern);
            if let Some(globs) = globs(Some(&pattern)) {
                // What matches a folder matches all that is in it.
                let places = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
                let expected = places.into_iter().any(|end| pattern.matches(&path[..end]));
                if pattern.matches(&path) {
                    prop_assert!(globs.iter().any(|glob| glob.matches(&path)), "{:?} {:?}", pattern, globs);
                } else if globs.iter().any(|glob| glob.matches(&path)) {
                    prop_assert!(expected, "{:?} {:?}", pattern, globs);
                }
            }
        }
    }
}
