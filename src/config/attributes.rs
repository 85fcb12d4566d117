//! File globs as patterns of `.gitattributes`.
//!
//! There a pattern that matches a folder says nothing of what is in it, so that most globs take two patterns. Git compares
//! bytes: a `?` stands for one, and a class with anything but ASCII in it is written as `?*`. Where that matches too much, a
//! file has attributes that do not matter.

use super::FileGlob;
use super::file_glob::{Component, Part};

impl FileGlob {
    /// The patterns that match together the files below `folder` that this glob does; `folder` is a path from the config file's
    /// folder to that of the `.gitattributes`, its names in order. As they stand in the file: in quotes where they need them.
    #[must_use]
    pub fn attributes_patterns(&self, folder: &[&str]) -> Vec<String> {
        let mut rests = vec![self.components()];
        for name in folder {
            rests = rests.iter().flat_map(|rest| behind(rest, name)).collect();
        }
        let mut patterns: Vec<String> = Vec::new();
        for pattern in rests.into_iter().flat_map(patterns_of) {
            let pattern = quoted(pattern);
            if !patterns.contains(&pattern) {
                patterns.push(pattern);
            }
        }
        match patterns.iter().any(|pattern| pattern == ALL) {
            true => vec![ALL.to_owned()],
            false => patterns,
        }
    }
}

/// The pattern for the file at `path`, from the folder of the `.gitattributes` on, with `/` between its names.
#[must_use]
pub fn attributes_pattern_of(path: &str) -> String {
    let mut pattern = "/".to_owned();
    path.chars().for_each(|c| push_char(c, &mut pattern));
    quoted(pattern)
}

/// Matches every file.
const ALL: &str = "*";

/// What of a glob is left for the paths in the folder called `name`.
fn behind<'c>(components: &'c [Component], name: &str) -> Vec<&'c [Component]> {
    match components.split_first() {
        None => Vec::new(),
        Some((Component::AnyNumber, rest)) => [vec![components], behind(rest, name)].concat(),
        Some((one @ Component::One(_), rest)) if one.fits(name) => vec![rest],
        Some((Component::One(_), _)) => Vec::new(),
    }
}

fn patterns_of(components: &[Component]) -> Vec<String> {
    let is_star = |component: &Component| *component == Component::One(vec![Part::Star]);
    // What matches a folder matches all that is in it.
    let inside = components.strip_suffix(&[Component::AnyNumber]).unwrap_or(components);
    let (inside, is_open) = match inside.split_last() {
        Some((last, rest)) if is_star(last) => (rest, true),
        _ => (inside, false),
    };
    let inside = inside.strip_suffix(&[Component::AnyNumber]).unwrap_or(inside);
    if inside.iter().all(|component| *component == Component::AnyNumber) {
        return vec![ALL.to_owned()];
    }
    let mut text = String::new();
    let mut was_any = false;
    for component in inside {
        match component {
            Component::AnyNumber if was_any => continue,
            Component::AnyNumber => text.push_str(if text.is_empty() { "**" } else { "/**" }),
            Component::One(parts) => {
                text.push('/');
                parts.iter().for_each(|part| push(part, &mut text));
            }
        }
        was_any = *component == Component::AnyNumber;
    }
    let folder = format!("{text}/**");
    if is_open {
        return vec![folder];
    }
    // The usual spelling; `[attr]` would begin something else.
    let name = text.strip_prefix("**/").filter(|name| !name.contains('/') && !name.starts_with("[attr]"));
    let name = name.map(|name| if name.starts_with(['!', '#']) { format!("\\{name}") } else { name.to_owned() });
    vec![name.unwrap_or(text), folder]
}

fn push(part: &Part, text: &mut String) {
    match part {
        Part::AnyChar => text.push('?'),
        Part::Char(c) => push_char(*c, text),
        Part::Star => text.push('*'),
        Part::Class { ranges, .. } if ranges.iter().any(|(_, high)| !high.is_ascii()) => text.push_str("?*"),
        Part::Class { negated, ranges } => {
            text.push_str(if *negated { "[!" } else { "[" });
            for (low, high) in ranges {
                push_in_class(*low, text);
                if high > low {
                    text.push('-');
                    push_in_class(*high, text);
                }
            }
            text.push(']');
        }
    }
}

fn push_char(c: char, text: &mut String) {
    if r"*?[\".contains(c) {
        text.push('\\');
    }
    text.push(c);
}

fn push_in_class(c: char, text: &mut String) {
    if r"]\^-[!".contains(c) {
        text.push('\\');
    }
    text.push(c);
}

/// `pattern` as git reads it at the start of a line (gitattributes(5)).
fn quoted(pattern: String) -> String {
    let needs_quotes =
        pattern.starts_with('"') || pattern.contains(|c: char| c.is_ascii_whitespace() || c.is_control());
    if !needs_quotes {
        return pattern;
    }
    let mut quoted = "\"".to_owned();
    for c in pattern.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_ascii_control() => quoted.push_str(&format!("\\{:03o}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patterns(glob: &str, folder: &[&str]) -> Vec<String> {
        FileGlob::parse(glob).unwrap().attributes_patterns(folder)
    }

    /// That git reads these as the globs are meant is shown in `tests/cli/git_attributes.rs`.
    #[test]
    fn globs_are_spelled_as_people_would() {
        for (glob, expected) in [
            ("*.enc.yaml", &["*.enc.yaml", "**/*.enc.yaml/**"][..]),
            (".env", &[".env", "**/.env/**"]),
            ("/.env", &["/.env", "/.env/**"]),
            ("secrets/**", &["/secrets/**"]),
            ("secrets/", &["**/secrets/**"]),
            ("secrets/*", &["/secrets/**"]),
            ("**/secrets/**", &["**/secrets/**"]),
            ("a/**/b", &["/a/**/b", "/a/**/b/**"]),
            ("a/**/", &["/a/*/**"]),
            ("a/**/**", &["/a/**"]),
            ("**", &["*"]),
            ("*", &["*"]),
            ("**/", &["**/*/**"]),
            ("a b", &["\"a b\"", "\"**/a b/**\""]),
            ("\"x\\*", &["\"\\\"x\\\\*\"", "**/\"x\\*/**"]),
            ("\\!x", &["\\!x", "**/!x/**"]),
            ("\\#x", &["\\#x", "**/#x/**"]),
            ("[attr]x", &["**/[attr]x", "**/[attr]x/**"]),
            ("[!a-c\\]é]x", &["?*x", "**/?*x/**"]),
            ("[!a-c\\]-]x", &["[!a-c\\]\\-]x", "**/[!a-c\\]\\-]x/**"]),
        ] {
            assert_eq!(patterns(glob, &[]), expected, "{glob}");
        }
        assert_eq!(attributes_pattern_of("a b/[x].env"), "\"/a b/\\\\[x].env\"");
    }

    #[test]
    fn a_config_above_speaks_of_the_rest_of_a_path() {
        for (glob, folder, expected) in [
            ("*.env", &["a"][..], &["*.env", "**/*.env/**"][..]),
            ("a/*.env", &["a"], &["/*.env", "/*.env/**"]),
            ("a/*.env", &["b"], &[]),
            ("a/**", &["a", "b"], &["*"]),
            ("a/**/b", &["a", "c"], &["b", "**/b/**"]),
            ("a/**/b", &["a", "b"], &["*"]),
            ("x", &["x"], &["*"]),
        ] {
            assert_eq!(patterns(glob, folder), expected, "{glob} in {folder:?}");
        }
    }
}
