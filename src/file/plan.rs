//! What a new encrypted file is to be like: readers, selection, policies.

use crate::config::{Rule, SectionRule};
use crate::dialect::native::{DEFAULT_NAME, Metadata, Policy, Section};
use crate::keys::Recipient;
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
        };
        Self {
            comments: rule.comments,
            clear_values: rule.clear_values,
            selection: rule.selection.clone(),
            recipients: rule.recipients.clone(),
            sections: rule.sections.iter().map(section).collect(),
        }
    }

    /// Whether a file with this metadata has the policy of this plan: the same values are sealed, in the same sections.
    #[must_use]
    pub fn fits_policy(&self, metadata: &Metadata) -> bool {
        let names = sorted_sections(&self.sections).into_iter().map(|section| section.name.as_str());
        let planned = std::iter::once(DEFAULT_NAME).chain(names);
        self.policy() == metadata.policy && planned.eq(metadata.sections.iter().map(|section| section.name.as_str()))
    }

    /// Whether a file with this metadata has the policy and the readers of this plan; a reader is its key.
    #[must_use]
    pub fn fits(&self, metadata: &Metadata) -> bool {
        let sorted = sorted_sections(&self.sections);
        let readers = |section: &Section| -> Vec<String> {
            let mut keys: Vec<_> = section.readers.iter().map(|reader| reader.recipient.clone()).collect();
            keys.sort_unstable();
            keys
        };
        let planned = |recipients: &[(String, Recipient)]| -> Vec<String> {
            let mut keys: Vec<_> = recipients.iter().map(|(_, recipient)| recipient.as_str().to_owned()).collect();
            keys.sort_unstable();
            keys
        };
        let others = sorted.iter().map(|section| &section.recipients);
        let plan = std::iter::once(&self.recipients).chain(others);
        self.fits_policy(metadata)
            && plan.zip(&metadata.sections).all(|(recipients, section)| planned(recipients) == readers(section))
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
}

pub(super) fn sorted_sections(sections: &[NewSection]) -> Vec<&NewSection> {
    let mut sorted: Vec<_> = sections.iter().collect();
    sorted.sort_by(|a, b| a.name.cmp(&b.name));
    sorted
}
