//! One rule of a config.

use std::fmt;
use std::time::Duration;

use super::fields::{Fields, with_position};
use super::file_glob::FileGlob;
use super::key_groups;
use super::names::{Name, Names, check_name};
use super::node::{Entry, Node, error};
use super::sops_dialect;
use super::{KeyGroups, Recipient};
use crate::dialect::sops::Rule as Selector;
use crate::error::{Error, Position};
use crate::select::{ClearValues, CommentPolicy, PathGlob, Selection};

const FIELDS: &[&str] = &[
    "files",
    "recipients",
    "key_groups",
    "threshold",
    "encrypt",
    "clear",
    "comments",
    "clear_values",
    "sections",
    "require",
    "rotate_after",
    "dialect",
    "preset",
];

/// The section that every file has; a rule cannot define it.
const DEFAULT_SECTION: &str = "default";

/// A rule: which files, to whom, and what of them. [`Config::rule_for`](super::Config::rule_for) hands out only those
/// that this version can act on in full.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Rule {
    /// Its number among the rules, from 1.
    pub ordinal: usize,
    /// Where it begins.
    pub position: Position,
    /// The files it is for; one glob that matches is enough.
    pub files: Vec<FileGlob>,
    /// Who reads them: names and keys, groups expanded, sorted by name, each once, at least one.
    pub recipients: Vec<(String, Recipient)>,
    /// Which of them are needed together, when one alone is not enough: each of the recipients is in a group then.
    pub key_groups: Option<KeyGroups>,
    /// Which leaves are encrypted.
    pub selection: Selection,
    /// Whether comments are.
    pub comments: CommentPolicy,
    /// Whether links cover the clear leaves that the rule names.
    pub clear_values: ClearValues,
    /// Parts with readers of their own. Not supported yet.
    pub sections: Vec<SectionRule>,
    /// The variables that must be there and not empty when a program is given the values.
    pub require: Vec<String>,
    /// The age at which values are reported; whole days.
    pub rotate_after: Option<Duration>,
    /// How encrypted files look on disk.
    pub dialect: Dialect,
    /// Which values are encrypted in [`Dialect::Sops`]; without one all but those under keys that end in `_unencrypted`.
    pub selector: Option<Selector>,
    /// Whether the MAC of [`Dialect::Sops`] leaves clear values out.
    pub mac_only_encrypted: bool,
    /// The first thing in it that is not supported, and where.
    unsupported: Option<(Position, &'static str)>,
}

/// A part of a file with readers of its own.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SectionRule {
    /// Its name, which is not `default` and not that of another section.
    pub name: String,
    /// The leaves in it; at least one glob.
    pub paths: Vec<PathGlob>,
    /// Who reads it, as in [`Rule::recipients`], all of whom are recipients of the rule too.
    pub recipients: Vec<(String, Recipient)>,
}

/// How tokens, MACs and metadata look on disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// The one of this program.
    #[default]
    Native,
    /// The one of SOPS.
    Sops,
}

impl Dialect {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Native, Self::Sops];

    /// Its name in config files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Sops => "sops",
        }
    }
}

/// A name for a selection and its policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// The values of a Kubernetes Secret: `data.**` and `stringData.**` are encrypted, `clear_values` is `free`.
    KubernetesSecret,
}

impl Preset {
    /// All of them.
    pub const ALL: [Self; 1] = [Self::KubernetesSecret];

    /// Its name in config files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::KubernetesSecret => "kubernetes-secret",
        }
    }

    /// The `encrypt` globs and the clear values policy that it stands for.
    fn meaning(self) -> (&'static [&'static str], ClearValues) {
        match self {
            Self::KubernetesSecret => (&["data.**", "stringData.**"], ClearValues::Free),
        }
    }
}

impl Rule {
    pub(super) fn read(ordinal: usize, node: Node, names: &Names) -> Result<Self, Error> {
        let fields = Fields::new(node, "a rule")?;
        let known: Vec<_> = FIELDS.iter().chain(sops_dialect::FIELDS).copied().collect();
        let mut fields = fields.only(&known)?;
        let files = file_globs(fields.required("files")?)?;
        let dialect = fields.take("dialect").map(|entry| entry.choice(&Dialect::ALL, Dialect::as_str));
        let dialect = dialect.transpose()?.unwrap_or_default();
        let (selector, mac_only_encrypted) = sops_dialect::read(&mut fields, dialect)?;
        let (recipients, key_groups) = key_groups::readers(&mut fields, names)?;

        let mut unsupported = Unsupported(None);
        let sections = match unsupported.note(fields.take("sections"), "`sections`") {
            Some(entry) if key_groups.is_some() => {
                return Err(error(
                    entry.at,
                    "a rule with `key_groups` cannot have `sections`, whose readers need one key alone",
                ));
            }
            Some(entry) => sections(entry, names, &recipients)?,
            None => Vec::new(),
        };
        let require = match fields.take("require") {
            Some(entry) => entry.some_texts("names of variables")?.into_iter().map(|(_, name)| name).collect(),
            None => Vec::new(),
        };
        let rotate_after = fields.take("rotate_after").map(age).transpose()?;

        let (selection, clear_values) = selection(&mut fields)?;
        let comments = fields.take("comments").map(|entry| entry.choice(&CommentPolicy::ALL, CommentPolicy::as_str));
        Ok(Self {
            ordinal,
            position: fields.at,
            files,
            recipients,
            key_groups,
            selection,
            comments: comments.transpose()?.unwrap_or_default(),
            clear_values,
            sections,
            require,
            rotate_after,
            dialect,
            selector,
            mac_only_encrypted,
            unsupported: unsupported.0,
        })
    }

    /// The first of its globs that matches a file, whose path begins at the config file's folder.
    #[must_use]
    pub fn glob_for(&self, relative_path: &str) -> Option<&FileGlob> {
        self.files.iter().find(|glob| glob.matches(relative_path))
    }

    /// Whether this version can do all that the rule asks for.
    ///
    /// # Errors
    /// [`Error::Config`] with the first thing that it cannot do.
    pub fn check_supported(&self) -> Result<(), Error> {
        match self.unsupported {
            None => Ok(()),
            Some((at, what)) => {
                Err(error(at, format!("rule {}: {what} is not supported by this version", self.ordinal)))
            }
        }
    }
}

impl fmt::Display for Rule {
    /// Its line and its globs, as in "line 8 (`secrets/**`, `.env`)".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let globs: Vec<_> = self.files.iter().map(|glob| format!("`{}`", glob.as_str())).collect();
        write!(f, "line {} ({})", self.position.line, globs.join(", "))
    }
}

/// The first thing in a rule that this version cannot do.
struct Unsupported(Option<(Position, &'static str)>);

impl Unsupported {
    fn note(&mut self, entry: Option<Entry>, what: &'static str) -> Option<Entry> {
        if let Some(entry) = &entry {
            self.set(entry.at, what);
        }
        entry
    }

    fn set(&mut self, at: Position, what: &'static str) {
        if self.0.is_none_or(|(first, _)| at < first) {
            self.0 = Some((at, what));
        }
    }
}

fn selection(fields: &mut Fields) -> Result<(Selection, ClearValues), Error> {
    let mut selection = Selection::default();
    let mut clear_values = ClearValues::default();
    if let Some(entry) = fields.take("preset") {
        let preset = entry.choice(&Preset::ALL, Preset::as_str)?;
        for other in ["encrypt", "clear_values"] {
            if let Some(entry) = fields.take(other) {
                return Err(error(entry.at, format!("the preset `{}` says `{other}` already", preset.as_str())));
            }
        }
        let (encrypt, policy) = preset.meaning();
        selection.encrypt = PathGlob::parse_all(encrypt.iter().copied())?;
        clear_values = policy;
    }
    if let Some(entry) = fields.take("encrypt") {
        selection.encrypt = path_globs(entry.some_texts("globs")?)?;
    }
    if let Some(entry) = fields.take("clear") {
        selection.clear = path_globs(entry.texts("globs")?)?;
    }
    if let Some(entry) = fields.take("clear_values") {
        clear_values = entry.choice(&ClearValues::ALL, ClearValues::as_str)?;
    }
    Ok((selection, clear_values))
}

fn sections(entry: Entry, names: &Names, readers: &[(String, Recipient)]) -> Result<Vec<SectionRule>, Error> {
    let mut sections: Vec<SectionRule> = Vec::new();
    for node in entry.items("sections")? {
        let mut fields = Fields::new(node, "a section")?.only(&["name", "paths", "recipients"])?;
        let (at, name) = fields.required("name")?.text()?;
        check_name(at, &name)?;
        if name == DEFAULT_SECTION {
            return Err(error(at, "every file has a section `default`, for all that is in no other one"));
        }
        if sections.iter().any(|section| section.name == name) {
            return Err(error(at, format!("a second section `{name}`")));
        }
        let paths = path_globs(fields.required("paths")?.some_texts("globs")?)?;
        let entry = fields.required("recipients")?;
        let at = entry.at;
        let recipients = names.resolve(&entry.some_texts("names")?)?;
        if let Some((stranger, _)) =
            recipients.iter().find(|reader| readers.binary_search_by(|r| r.0.cmp(&reader.0)).is_err())
        {
            let what = format!(
                "section `{name}`: `{stranger}` is not among the rule's recipients, as every reader of a section must be"
            );
            return Err(error(at, what));
        }
        sections.push(SectionRule { name, paths, recipients });
    }
    Ok(sections)
}

fn file_globs(entry: Entry) -> Result<Vec<FileGlob>, Error> {
    let read = |(at, text): Name| FileGlob::parse(&text).map_err(|found| with_position(at, found));
    entry.some_texts("globs")?.into_iter().map(read).collect()
}

fn path_globs(texts: Vec<Name>) -> Result<Vec<PathGlob>, Error> {
    let read = |(at, text): Name| PathGlob::parse(&text).map_err(|found| with_position(at, found));
    texts.into_iter().map(read).collect()
}

/// A number of days or weeks.
fn age(entry: Entry) -> Result<Duration, Error> {
    // A century; longer ones are typing errors, and this keeps the arithmetic small.
    const MAX_DAYS: u64 = 36_500;
    let (at, text) = entry.text()?;
    let wrong = || error(at, format!("`rotate_after` must be days or weeks, as `90d` or `12w`, not `{text}`"));
    let (number, unit) = match text.strip_suffix('w') {
        Some(number) => (number, 7),
        None => (text.strip_suffix('d').ok_or_else(wrong)?, 1),
    };
    if number.is_empty() || number.len() > 5 || !number.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong());
    }
    let days = number.parse::<u64>().map_err(|_| wrong())? * unit;
    if !(1..=MAX_DAYS).contains(&days) {
        return Err(wrong());
    }
    Ok(Duration::from_secs(days * 24 * 60 * 60))
}

#[cfg(test)]
mod tests;
