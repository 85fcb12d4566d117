//! A pattern taken apart into plain alternatives, where it is as simple as most patterns of SOPS's rules are: what
//! turns them into globs.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, ClassUnicode, Hir, HirKind, Look};

/// A pattern that falls into more alternatives is not simple any more.
const MAX_ALTERNATIVES: usize = 32;
/// A class of so few characters is an alternative for each of them.
const MAX_CLASS: usize = 4;
/// A repetition is written out up to this number.
const MAX_REPEAT: u32 = 8;

/// One way in which a pattern matches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alternative {
    /// Whether it matches only where the text begins.
    pub starts: bool,
    /// Whether it matches only up to where the text ends.
    pub ends: bool,
    /// What it matches.
    pub parts: Vec<PatternPart>,
}

/// A part of an [`Alternative`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatternPart {
    /// Any character (`.`).
    Any,
    /// Any number of any characters (`.*`).
    AnyRun,
    /// This character.
    Char(char),
    /// Any character but a slash (`[^/]`).
    NotSlash,
    /// Any number of characters that are no slashes (`[^/]*`).
    NotSlashRun,
}

/// The alternatives of a pattern of the `regex` crate; none when it is not simple.
pub(super) fn alternatives(pattern: &str) -> Option<Vec<Alternative>> {
    let hir = ParserBuilder::new().build().parse(pattern).ok()?;
    let mut expander = Expander::default();
    expander.take(&hir)?;
    expander.done()
}

/// What came of a pattern so far: each item one alternative.
struct Expander {
    found: Vec<Vec<Token>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Token {
    Start,
    End,
    Part(PatternPart),
}

impl Default for Expander {
    fn default() -> Self {
        Self { found: vec![Vec::new()] }
    }
}

impl Expander {
    fn push(&mut self, token: Token) {
        self.found.iter_mut().for_each(|tokens| tokens.push(token));
    }

    /// Goes on in each of several ways.
    fn branch<T>(&mut self, ways: &[T], mut take: impl FnMut(&mut Self, &T) -> Option<()>) -> Option<()> {
        let mut all = Vec::new();
        for way in ways {
            let mut expander = Self { found: self.found.clone() };
            take(&mut expander, way)?;
            all.extend(expander.found);
            if all.len() > MAX_ALTERNATIVES {
                return None;
            }
        }
        self.found = all;
        Some(())
    }

    fn take(&mut self, hir: &Hir) -> Option<()> {
        match hir.kind() {
            HirKind::Empty => Some(()),
            HirKind::Literal(literal) => {
                let text = std::str::from_utf8(&literal.0).ok()?;
                text.chars().for_each(|c| self.push(Token::Part(PatternPart::Char(c))));
                Some(())
            }
            HirKind::Class(Class::Unicode(class)) => {
                if let Some(part) = wide(class) {
                    self.push(Token::Part(part));
                    return Some(());
                }
                let chars: Vec<char> =
                    class.iter().flat_map(|range| range.start()..=range.end()).take(MAX_CLASS + 1).collect();
                if chars.len() > MAX_CLASS {
                    return None;
                }
                self.branch(&chars, |expander, c| {
                    expander.push(Token::Part(PatternPart::Char(*c)));
                    Some(())
                })
            }
            HirKind::Look(Look::Start) => {
                self.push(Token::Start);
                Some(())
            }
            HirKind::Look(Look::End) => {
                self.push(Token::End);
                Some(())
            }
            HirKind::Repetition(repetition) => self.repeat(&repetition.sub, repetition.min, repetition.max),
            HirKind::Capture(capture) => self.take(&capture.sub),
            HirKind::Concat(parts) => parts.iter().try_for_each(|part| self.take(part)),
            HirKind::Alternation(ways) => self.branch(ways, |expander, way| expander.take(way)),
            HirKind::Class(Class::Bytes(_)) | HirKind::Look(_) => None,
        }
    }

    fn repeat(&mut self, hir: &Hir, min: u32, max: Option<u32>) -> Option<()> {
        if min > MAX_REPEAT {
            return None;
        }
        for _ in 0..min {
            self.take(hir)?;
        }
        match max {
            None => {
                let HirKind::Class(Class::Unicode(class)) = hir.kind() else { return None };
                let run = match wide(class)? {
                    PatternPart::NotSlash => PatternPart::NotSlashRun,
                    _ => PatternPart::AnyRun,
                };
                self.push(Token::Part(run));
                Some(())
            }
            Some(max) if max <= MAX_REPEAT => {
                let counts: Vec<u32> = (0..=max - min).collect();
                self.branch(&counts, |expander, count| (0..*count).try_for_each(|_| expander.take(hir)))
            }
            Some(_) => None,
        }
    }

    fn done(self) -> Option<Vec<Alternative>> {
        let mut done: Vec<Alternative> = Vec::new();
        for tokens in self.found {
            let alternative = finish(&tokens)?;
            if !done.contains(&alternative) {
                done.push(alternative);
            }
        }
        Some(done)
    }
}

/// `.*` at an end that is not bound says nothing.
fn finish(mut tokens: &[Token]) -> Option<Alternative> {
    let mut alternative = Alternative::default();
    while let Some((Token::Start, rest)) = tokens.split_first() {
        (alternative.starts, tokens) = (true, rest);
    }
    while let Some((Token::End, rest)) = tokens.split_last() {
        (alternative.ends, tokens) = (true, rest);
    }
    while let Some((Token::Part(PatternPart::AnyRun), rest)) = tokens.split_first() {
        (alternative.starts, tokens) = (false, rest);
    }
    while let Some((Token::Part(PatternPart::AnyRun), rest)) = tokens.split_last() {
        (alternative.ends, tokens) = (false, rest);
    }
    if tokens.is_empty() && !(alternative.starts && alternative.ends) {
        return Some(Alternative::default());
    }
    // An anchor anywhere else is one that never holds, or holds in ways that are not worth the trouble.
    let part = |token: &Token| if let Token::Part(part) = token { Some(*part) } else { None };
    alternative.parts = tokens.iter().map(part).collect::<Option<_>>()?;
    Some(alternative)
}

/// A class of nearly all characters. That `.` leaves line breaks out makes no difference in names.
fn wide(class: &ClassUnicode) -> Option<PatternPart> {
    let mut left_out = class.clone();
    left_out.negate();
    let chars: Vec<char> = left_out.iter().flat_map(|range| range.start()..=range.end()).take(3).collect();
    match chars.as_slice() {
        [] | ['\n'] => Some(PatternPart::Any),
        ['/'] | ['\n', '/'] => Some(PatternPart::NotSlash),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Pattern;
    use super::*;

    /// The alternatives in a notation of their own: `^` and `$`, `*` for runs, `?` for any, `~` and `-` without slashes.
    fn told(pattern: &str) -> Option<Vec<String>> {
        let part = |part: &PatternPart| match part {
            PatternPart::Any => '?',
            PatternPart::AnyRun => '*',
            PatternPart::Char(c) => *c,
            PatternPart::NotSlash => '-',
            PatternPart::NotSlashRun => '~',
        };
        let tell = |alternative: &Alternative| {
            let (start, end) = (if alternative.starts { "^" } else { "" }, if alternative.ends { "$" } else { "" });
            format!("{start}{}{end}", alternative.parts.iter().map(part).collect::<String>())
        };
        Pattern::new(pattern).alternatives().map(|all| all.iter().map(tell).collect())
    }

    #[test]
    fn common_patterns_fall_apart() {
        for (pattern, expected) in [
            ("^(data|stringData)$", &["^data$", "^stringData$"][..]),
            ("^a|b$", &["^a", "b$"]),
            ("password", &["password"]),
            (r".*\.ya?ml$", &[".yml$", ".yaml$"]),
            (r"\.(yaml|json)$", &[".yaml$", ".json$"]),
            ("^secrets/.*", &["^secrets/"]),
            ("(^|/)prod/[^/]+$", &["^prod/-~$", "/prod/-~$"]),
            ("[Pp]ass", &["Pass", "pass"]),
            ("a.+b", &["a?*b"]),
            ("^.*$", &[""]),
            ("x{2,3}", &["xx", "xxx"]),
        ] {
            assert_eq!(told(pattern).expect(pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn others_do_not() {
        for pattern in ["[a-z]+", "(ab)*", "a^b", r"\bx", "(?i)password", "[a-z]", "x{9}", "(", "(a|b|c|d){4}"] {
            assert_eq!(told(pattern), None, "{pattern}");
        }
    }

    proptest::proptest! {
        /// What an alternative says is what the pattern matches, as far as texts can tell.
        #[test]
        fn alternatives_mean_the_same(pattern in r"(\^?(a|b|\.|\.\*|\[\^/\]\*|/|a\?|(\((a|b)\|b/\))){0,5}\$?)", text in "[ab/]{0,6}") {
            if let Some(all) = Pattern::new(&pattern).alternatives() {
                let regex = |alternative: &Alternative| {
                    let part = |part: &PatternPart| match part {
                        PatternPart::Any => ".".to_owned(),
                        PatternPart::AnyRun => ".*".to_owned(),
                        PatternPart::Char(c) => regex::escape(&c.to_string()),
                        PatternPart::NotSlash => "[^/]".to_owned(),
                        PatternPart::NotSlashRun => "[^/]*".to_owned(),
                    };
                    let (start, end) = (if alternative.starts { "^" } else { "" }, if alternative.ends { "$" } else { "" });
                    format!("{start}{}{end}", alternative.parts.iter().map(part).collect::<String>())
                };
                let matches = all.iter().any(|alternative| Pattern::new(&regex(alternative)).matches(&text));
                proptest::prop_assert_eq!(matches, Pattern::new(&pattern).matches(&text));
            }
        }
    }
}
