//! What a new encrypted file is to be like: readers, selection, policies.

use crate::config::{Rule, SectionRule};
use crate::dialect::native::{DEFAULT_NAME, Metadata, Policy, Reader, Section};
use crate::error::Error;
use crate::keys::{KeyGroups, Recipient};
use crate::select::{ClearValues, CommentPolicy, PathGlob, Selection};

/// How a file is to be encrypted.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Whether comments are sealed.
    pub comments: CommentPolicy,
    /// Whether clear values are covered by links.
    pub clear_values: ClearValues,
    /// Which values are sealed.
    pub selection: Selection,
    /// Names and keys of the readers, in any order.
    pub recipients: Vec<(String, Recipient)>,
    /// Which of them are needed together, when one alone is not enough. Each of the readers is in a group then.
    pub key_groups: Option<KeyGroups>,
    /// Further sections, in any order.
    pub sections: Vec<NewSection>,
}

impl Plan {
    /// Everything is sealed, to these readers.
    #[must_use]
    pub fn for_recipients(recipients: impl IntoIterator<Item = (String, Recipient)>) -> Self {
        Self {
            comments: CommentPolicy::default(),
            clear_values: ClearValues::default(),
            selection: Selection::default(),
            recipients: recipients.into_iter().collect(),
            key_groups: None,
            sections: Vec::new(),
        }
    }

    /// What `rule` says.
    #[must_use]
    pub fn of_rule(rule: &Rule) -> Self {
        let section = |section: &SectionRule| NewSection {
            name: section.name.clone(),
            paths: section.paths.clone(),
            recipients: section.recipients.clone(),
            key_groups: None,
        };
        Self {
            comments: rule.comments,
            clear_values: rule.clear_values,
            selection: rule.selection.clone(),
            recipients: rule.recipients.clone(),
            key_groups: rule.key_groups.clone(),
            sections: rule.sections.iter().map(section).collect(),
        }
    }

    /// The policy and the readers that a file has.
    ///
    /// # Errors
    /// [`Error::Wrap`] for a reader whose key this version cannot wrap for.
    pub fn of_metadata(metadata: &Metadata) -> Result<Self, Error> {
        let recipients = |section: &Section| section.readers.iter().map(recipient).collect::<Result<Vec<_>, _>>();
        let (default, others) = metadata.sections.split_first().ok_or(Error::NotEncrypted)?;
        let mut sections = Vec::new();
        for (section, paths) in others.iter().zip(&metadata.policy.sections) {
            let (name, paths, key_groups) = (section.name.clone(), paths.clone(), key_groups(section)?);
            sections.push(NewSection { name, paths, recipients: recipients(section)?, key_groups });
        }
        let Policy { comments, clear_values, selection, .. } = metadata.policy.clone();
        let key_groups = key_groups(default)?;
        Ok(Self { comments, clear_values, selection, recipients: recipients(default)?, key_groups, sections })
    }

    /// The readers of each section, `default` first, the others by name: in the order of metadata.
    pub(super) fn readers(&self) -> Vec<SectionReaders<'_>> {
        let others = sorted_sections(&self.sections).into_iter().map(|section| SectionReaders {
            section: &section.name,
            recipients: &section.recipients,
            key_groups: section.key_groups.as_ref(),
        });
        let default = SectionReaders {
            section: DEFAULT_NAME,
            recipients: &self.recipients,
            key_groups: self.key_groups.as_ref(),
        };
        std::iter::once(default).chain(others).collect()
    }

    pub(super) fn policy(&self) -> Policy {
        Policy {
            comments: self.comments,
            clear_values: self.clear_values,
            selection: self.selection.clone(),
            sections: sorted_sections(&self.sections).iter().map(|section| section.paths.clone()).collect(),
        }
    }
}

/// A section besides the default one.
#[derive(Clone, Debug)]
pub struct NewSection {
    /// Its name.
    pub name: String,
    /// Which leaves it holds.
    pub paths: Vec<PathGlob>,
    /// Names and keys of its readers; each of them reads the default section too.
    pub recipients: Vec<(String, Recipient)>,
    /// As in [`Plan::key_groups`].
    pub key_groups: Option<KeyGroups>,
}

/// Who reads a section.
#[derive(Clone, Copy)]
pub(super) struct SectionReaders<'p> {
    /// Its name.
    pub(super) section: &'p str,
    pub(super) recipients: &'p [(String, Recipient)],
    pub(super) key_groups: Option<&'p KeyGroups>,
}

fn key_groups(section: &Section) -> Result<Option<KeyGroups>, Error> {
    let Some(threshold) = section.threshold else { return Ok(None) };
    let mut groups = Vec::new();
    for readers in section.key_groups() {
        let group: Result<Vec<_>, _> = readers.into_iter().map(|reader| Ok::<_, Error>(recipient(reader)?.1)).collect();
        groups.push(group?);
    }
    KeyGroups::new(threshold.into(), groups).map(Some)
}

fn recipient(reader: &Reader) -> Result<(String, Recipient), Error> {
    let recipient = Recipient::parse(&reader.recipient)
        .map_err(|error| Error::Wrap { recipient: format!("`{}`", reader.name), what: error.to_string() })?;
    Ok((reader.name.clone(), recipient))
}

pub(super) fn sorted_sections(sections: &[NewSection]) -> Vec<&NewSection> {
    let mut sorted: Vec<_> = sections.iter().collect();
    sorted.sort_by(|a, b| a.name.cmp(&b.name));
    sorted
}
