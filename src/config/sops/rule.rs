//! Creation rules: what a new file gets.

use std::fmt;

use super::key::{self, FLAT_FIELDS, Key};
use super::reader::Reader;
use super::warning::WarningKind;
use crate::config::fields::Fields;
use crate::config::node::{Node, error};
use crate::dialect::sops::SELECTORS;
use crate::error::{Error, Position};
use crate::keys::shamir::MAX_SHARES;
use crate::select::Pattern;

const OTHER_FIELDS: [&str; 5] = ["aws_profile", "key_groups", "mac_only_encrypted", "path_regex", "shamir_threshold"];

/// Which values of a file are encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    /// One of [`SELECTORS`].
    pub name: &'static str,
    /// The suffix, or the pattern.
    pub text: String,
    at: Position,
}

impl Selector {
    /// Why its pattern does not compile. For SOPS it would be one that never matches.
    fn problem(&self, ordinal: usize) -> Option<Error> {
        let why = self.name.ends_with("_regex").then(|| Pattern::new(&self.text).problem())??;
        Some(error(self.at, format!("rule {ordinal} has an `{}` that does not compile: {why}", self.name)))
    }
}

/// A creation rule. [`SopsConfig::rule_for`](super::SopsConfig::rule_for) hands out only those that can be used.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CreationRule {
    /// Its number among the rules, from 1.
    pub ordinal: usize,
    /// Where it begins.
    pub position: Position,
    /// The paths it is for.
    pub path_regex: PathRegex,
    /// The keys, in groups. Each group may be empty, which [`CreationRule::groups`] refuses.
    pub key_groups: Vec<Vec<Key>>,
    /// How many groups are needed to open a file, as configured.
    pub shamir_threshold: Option<usize>,
    /// Which values are encrypted; without one all but those under keys that end in `_unencrypted`.
    pub selector: Option<Selector>,
    /// Whether the MAC leaves clear values out.
    pub mac_only_encrypted: bool,
    /// What makes it an error to use it, but for patterns that do not compile.
    problem: Option<Error>,
}

/// The pattern of the paths that a rule is for, and where it stands; without one the rule is for every file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathRegex {
    at: Position,
    /// The pattern.
    pub pattern: Option<Pattern>,
}

impl PathRegex {
    pub(super) fn read(fields: &mut Fields, reader: &mut Reader) -> Result<Self, Error> {
        let (at, text) = (fields.place("path_regex"), reader.text(fields.take("path_regex"))?);
        Ok(Self { at, pattern: (!text.is_empty()).then(|| Pattern::new(&text)) })
    }

    /// Whether the rule is for this path.
    pub(super) fn matches(&self, path: &str) -> Result<bool, Error> {
        self.problem().map_or_else(|| Ok(self.pattern.as_ref().is_none_or(|pattern| pattern.matches(path))), Err)
    }

    /// Why it does not compile.
    pub(super) fn problem(&self) -> Option<Error> {
        let why = self.pattern.as_ref()?.problem()?;
        Some(error(self.at, format!("this `path_regex` does not compile: {why}")))
    }
}

impl fmt::Display for PathRegex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.pattern {
            Some(pattern) => write!(f, "`{}`", pattern.as_str()),
            None => f.write_str("every file"),
        }
    }
}

impl CreationRule {
    pub(super) fn read(ordinal: usize, node: Node, reader: &mut Reader) -> Result<Self, Error> {
        let mut fields = Fields::new(node, "a rule")?;
        let position = fields.at;
        let path_regex = PathRegex::read(&mut fields, reader)?;
        let mut problem = None;
        let rule = Self {
            ordinal,
            position,
            path_regex,
            key_groups: Vec::new(),
            shamir_threshold: None,
            selector: None,
            mac_only_encrypted: reader.truth(fields.take("mac_only_encrypted"))?,
            problem: None,
        };
        let mut rule = Self { selector: rule.selector(&mut fields, reader, &mut problem)?, ..rule };
        let known: Vec<_> = [FLAT_FIELDS, &SELECTORS, &OTHER_FIELDS].concat();
        rule.read_keys(&mut fields, reader, &mut problem)?;
        reader.done(fields, &known);
        rule.problem = problem;
        Ok(rule)
    }

    /// The groups of keys, and with several of them how many are needed to open a file: as configured, or all.
    ///
    /// # Errors
    /// [`Error::Config`] when a group is empty or the threshold cannot be.
    pub fn groups(&self) -> Result<(&[Vec<Key>], Option<usize>), Error> {
        if let Some(empty) = self.key_groups.iter().position(Vec::is_empty) {
            let what = match self.key_groups.len() {
                1 => format!("rule {} has no keys", self.ordinal),
                _ => format!("rule {}: key group {} has no keys", self.ordinal, empty + 1),
            };
            return Err(error(self.position, what));
        }
        let count = self.key_groups.len();
        if count == 1 {
            return Ok((&self.key_groups, None));
        }
        let threshold = self.shamir_threshold.unwrap_or(count);
        if (2..=count.min(MAX_SHARES)).contains(&threshold) {
            return Ok((&self.key_groups, Some(threshold)));
        }
        let what = format!(
            "rule {}: `shamir_threshold` must be 2 to {}, the number of its key groups, but is {threshold}",
            self.ordinal,
            count.min(MAX_SHARES)
        );
        Err(error(self.position, what))
    }

    /// Refuses what cannot be used.
    pub(in crate::config) fn check(&self) -> Result<(), Error> {
        self.problem.clone().or_else(|| self.selector.as_ref()?.problem(self.ordinal)).map_or(Ok(()), Err)
    }

    /// The patterns that do not compile.
    pub(super) fn broken_patterns(&self) -> impl Iterator<Item = Error> {
        let selector = self.selector.as_ref().and_then(|selector| selector.problem(self.ordinal));
        self.path_regex.problem().into_iter().chain(selector)
    }

    fn selector(
        &self,
        fields: &mut Fields,
        reader: &mut Reader,
        problem: &mut Option<Error>,
    ) -> Result<Option<Selector>, Error> {
        let mut selector: Option<Selector> = None;
        for name in SELECTORS {
            let (at, text) = (fields.place(name), reader.text(fields.take(name))?);
            if text.is_empty() {
                continue;
            }
            if let Some(other) = &selector {
                let both = format!("rule {} has both `{}` and `{name}`", self.ordinal, other.name);
                self.broken(at, format!("{both}; one selector is all that it can have"), reader, problem);
            }
            selector.get_or_insert(Selector { name, text, at });
        }
        Ok(selector)
    }

    fn read_keys(
        &mut self,
        fields: &mut Fields,
        reader: &mut Reader,
        problem: &mut Option<Error>,
    ) -> Result<(), Error> {
        let at = fields.place("shamir_threshold");
        let threshold = reader.number(fields.take("shamir_threshold"))?;
        match usize::try_from(threshold) {
            Ok(threshold) => self.shamir_threshold = Some(threshold).filter(|threshold| *threshold > 0),
            Err(_) => {
                self.broken(at, format!("rule {}: `shamir_threshold` is negative", self.ordinal), reader, problem)
            }
        }
        let (profile_at, profile) = (fields.place("aws_profile"), reader.text(fields.take("aws_profile"))?);
        let flat: Vec<_> = FLAT_FIELDS.iter().map(|&field| (field, fields.take(field))).collect();
        let has_kms = flat.iter().any(|(field, entry)| *field == "kms" && entry.is_some());
        let groups = reader.nodes(fields.take("key_groups"), "key groups")?.unwrap_or_default();
        let has_groups = !groups.is_empty();
        if has_groups {
            key::warn_of_flat(&flat, reader);
            for node in groups {
                let (keys, wrong) = key::group(node, reader)?;
                self.key_groups.push(keys);
                if let Some(wrong) = wrong {
                    self.break_by(wrong, reader, problem);
                }
            }
        } else {
            match key::flat(flat, &profile) {
                Ok(keys) => self.key_groups.push(keys),
                Err(wrong) => {
                    self.key_groups.push(Vec::new());
                    self.break_by(wrong, reader, problem);
                }
            }
        }
        if !profile.is_empty() && (has_groups || !has_kms) {
            let why = "it is for the keys under `kms` in the rule itself, and there are none";
            reader.warn(profile_at, WarningKind::IgnoredField { field: "aws_profile".to_owned(), why });
        }
        if self.shamir_threshold.is_some() && self.key_groups.len() == 1 {
            let why = "the rule has a single key group";
            reader.warn(at, WarningKind::IgnoredField { field: "shamir_threshold".to_owned(), why });
        }
        Ok(())
    }

    fn broken(&self, at: Position, what: String, reader: &mut Reader, problem: &mut Option<Error>) {
        reader.warn(at, WarningKind::BrokenRule { what: what.clone() });
        problem.get_or_insert(error(at, what));
    }

    fn break_by(&self, wrong: Error, reader: &mut Reader, problem: &mut Option<Error>) {
        let (at, what) = match wrong {
            Error::Config { at, what } => (at.unwrap_or(self.position), what),
            other => (self.position, other.to_string()),
        };
        self.broken(at, format!("rule {}: {what}", self.ordinal), reader, problem);
    }
}

impl fmt::Display for CreationRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} ({})", self.position.line, self.path_regex)
    }
}
