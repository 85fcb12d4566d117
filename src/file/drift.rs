//! How an encrypted file differs from what a rule says about it, and from another version of itself: who reads what, and by
//! which policy.

use std::fmt;

use super::any;
use super::plan::{Plan, SectionReaders, sorted_sections};
use crate::dialect::native::{Metadata, Policy, Reader, Section};
use crate::keys::{KeyGroups, Recipient};
use crate::select::PathGlob;

/// What has to change in a file so that it is as its plan says, or what was changed. A reader *is* its key, the name is a
/// label.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Drift {
    /// Who gets access, by section and name.
    pub gained: Vec<Access>,
    /// Who loses it, by section and name.
    pub lost: Vec<Access>,
    /// Whose name changes, by section and name.
    pub renamed: Vec<Renamed>,
    /// Who comes into another key group, by section and name.
    pub moved: Vec<Moved>,
    /// Where another number of key groups is needed, by section.
    pub thresholds: Vec<ThresholdChange>,
    /// Which parts of the policy change.
    pub policy: Vec<PolicyChange>,
}

/// The access of one reader to one section.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Access {
    /// The section; `default` holds all that is in no other one.
    pub section: String,
    /// The reader's name.
    pub name: String,
    /// The number of the reader's key group, if the section has such.
    pub group: Option<u8>,
    /// The reader's public key.
    pub recipient: String,
}

/// A reader in another key group than before.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moved {
    /// The section.
    pub section: String,
    /// The name in the plan.
    pub name: String,
    /// The public key.
    pub recipient: String,
    /// The number of the group in the file; none when the reader alone opens the section.
    pub before: Option<u8>,
    /// The same in the plan.
    pub after: Option<u8>,
}

/// Another number of key groups that are needed to open a section.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ThresholdChange {
    /// The section.
    pub section: String,
    /// The number in the file; none when each reader alone opens the section.
    pub before: Option<u8>,
    /// The same in the plan.
    pub after: Option<u8>,
}

/// A reader with another name than before.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Renamed {
    /// The section in which it has that name.
    pub section: String,
    /// The name in the file.
    pub before: String,
    /// The name in the plan.
    pub after: String,
    /// The public key.
    pub recipient: String,
}

/// A field of the policy that changes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PolicyChange {
    /// Its name as in the config: `encrypt`, `clear`, `comments`, `clear_values`, or `sections.NAME`.
    pub field: String,
    /// What it says in the file: globs, or one word; `None` for a section that the file does not have.
    pub before: Option<Vec<String>>,
    /// What it says in the plan.
    pub after: Option<Vec<String>>,
}

impl Drift {
    /// Whether the file is as its plan says.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.gained.is_empty() && !self.needs_new_data_key() && self.renamed.is_empty()
    }

    /// Whether the data keys have to change: who loses access knows the old ones, and a policy holds for a data key as
    /// long as it lives; so do groups, since whoever opened the file together may not do so any more
    /// (`sops-rs-format(5)`, "New data keys").
    #[must_use]
    pub fn needs_new_data_key(&self) -> bool {
        !(self.lost.is_empty() && self.moved.is_empty() && self.thresholds.is_empty() && self.policy.is_empty())
    }
}

impl fmt::Display for PolicyChange {
    /// As in "`clear`: `kind` → `kind`, `name`".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = |words: &Option<Vec<String>>| match words.as_deref() {
            None | Some([]) => "nothing".to_owned(),
            Some(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
        };
        write!(f, "`{}`: {} → {}", self.field, words(&self.before), words(&self.after))
    }
}

impl Plan {
    /// What differs between this plan and a file with this metadata.
    #[must_use]
    pub fn drift(&self, metadata: &Metadata) -> Drift {
        Drift::of(&Side::of_metadata(metadata), &Side::of_plan(self))
    }
}

impl Drift {
    /// What was changed from one version of a file to another one. Policies of two dialects are not compared.
    #[must_use]
    pub fn between(before: &any::Metadata, after: &any::Metadata) -> Self {
        let sections = (before.sections(), after.sections());
        let (before_fields, after_fields) = match before.dialect() == after.dialect() {
            true => (before.policy_fields(), after.policy_fields()),
            false => Default::default(),
        };
        Self::of(&Side::of_sections(&sections.0, before_fields), &Side::of_sections(&sections.1, after_fields))
    }

    /// The access of all readers of a file.
    pub(super) fn all_readers(metadata: &any::Metadata) -> Vec<Access> {
        let sections = metadata.sections();
        Self::of(&Side { fields: Vec::new(), sections: Vec::new() }, &Side::of_sections(&sections, Vec::new())).gained
    }

    fn of(before: &Side<'_>, after: &Side<'_>) -> Self {
        let mut drift = Self { policy: policy_changes(before, after), ..Self::default() };
        names(before, after).into_iter().for_each(|name| drift.section(name, before, after));
        drift.gained.sort();
        drift.lost.sort();
        drift.renamed.sort();
        drift.moved.sort();
        drift.thresholds.sort();
        drift
    }

    fn section(&mut self, name: &str, before: &Side<'_>, after: &Side<'_>) {
        let access = |reader: &ReaderSide<'_>| Access {
            section: name.to_owned(),
            name: reader.name.to_owned(),
            group: reader.group,
            recipient: reader.recipient.to_owned(),
        };
        let ((before_threshold, before), (after_threshold, after)) = (before.readers(name), after.readers(name));
        for reader in after {
            let Some(other) = before.iter().find(|other| other.recipient == reader.recipient) else {
                self.gained.push(access(reader));
                continue;
            };
            if other.name != reader.name {
                self.renamed.push(Renamed {
                    section: name.to_owned(),
                    before: other.name.to_owned(),
                    after: reader.name.to_owned(),
                    recipient: reader.recipient.to_owned(),
                });
            }
            if other.group != reader.group {
                self.moved.push(Moved {
                    section: name.to_owned(),
                    name: reader.name.to_owned(),
                    recipient: reader.recipient.to_owned(),
                    before: other.group,
                    after: reader.group,
                });
            }
        }
        let is_lost = |reader: &&ReaderSide<'_>| !after.iter().any(|other| other.recipient == reader.recipient);
        self.lost.extend(before.iter().filter(is_lost).map(access));
        if before_threshold != after_threshold {
            let (before, after) = (before_threshold, after_threshold);
            self.thresholds.push(ThresholdChange { section: name.to_owned(), before, after });
        }
    }
}

/// Fields of a policy by name; none for one that does not count in the file's format.
pub(super) type Fields = Vec<(&'static str, Option<Vec<String>>)>;

/// One of the two things that are compared.
struct Side<'a> {
    /// Fields of the policy.
    fields: Fields,
    /// `default` first.
    sections: Vec<SectionSide<'a>>,
}

struct SectionSide<'a> {
    name: &'a str,
    paths: Vec<String>,
    threshold: Option<u8>,
    readers: Vec<ReaderSide<'a>>,
}

struct ReaderSide<'a> {
    name: &'a str,
    recipient: &'a str,
    group: Option<u8>,
}

impl<'a> Side<'a> {
    fn of_metadata(metadata: &'a Metadata) -> Self {
        let policy = &metadata.policy;
        let paths = std::iter::once(Vec::new()).chain(policy.sections.iter().map(|paths| texts(paths)));
        let reader =
            |reader: &'a Reader| ReaderSide { name: &reader.name, recipient: &reader.recipient, group: reader.group };
        let section = |(section, paths): (&'a Section, _)| SectionSide {
            name: &section.name,
            paths,
            threshold: section.threshold,
            readers: section.readers.iter().map(reader).collect(),
        };
        Self { fields: fields(policy), sections: metadata.sections.iter().zip(paths).map(section).collect() }
    }

    fn of_plan(plan: &'a Plan) -> Self {
        let paths = sorted_sections(&plan.sections).into_iter().map(|section| texts(&section.paths));
        let paths = std::iter::once(Vec::new()).chain(paths);
        let section = |(readers, paths): (SectionReaders<'a>, _)| {
            let SectionReaders { section, recipients, key_groups } = readers;
            let reader = |(name, recipient): &'a (String, Recipient)| ReaderSide {
                name,
                recipient: recipient.as_str(),
                group: key_groups.and_then(|groups| groups.group_of(recipient)),
            };
            let threshold = key_groups.map(KeyGroups::threshold);
            SectionSide { name: section, paths, threshold, readers: recipients.iter().map(reader).collect() }
        };
        Self { fields: fields(&plan.policy()), sections: plan.readers().into_iter().zip(paths).map(section).collect() }
    }

    fn of_sections(sections: &'a [any::SectionReaders], fields: Fields) -> Self {
        let reader = |reader: &'a any::SectionReader| ReaderSide {
            name: &reader.name,
            recipient: &reader.recipient,
            group: reader.group,
        };
        let section = |section: &'a any::SectionReaders| SectionSide {
            name: &section.name,
            paths: section.paths.clone(),
            threshold: section.threshold,
            readers: section.readers.iter().map(reader).collect(),
        };
        Self { fields, sections: sections.iter().map(section).collect() }
    }

    fn section(&self, name: &str) -> Option<&SectionSide<'a>> {
        self.sections.iter().find(|section| section.name == name)
    }

    /// Who reads what lies in the section `name` on either side, and the threshold there: where there is no such section,
    /// it is in `default`.
    fn readers(&self, name: &str) -> (Option<u8>, &[ReaderSide<'a>]) {
        let section = self.section(name).or_else(|| self.sections.first());
        section.map_or((None, &[]), |section| (section.threshold, &section.readers))
    }
}

/// The fields of a policy as [`Drift::policy`] has them, without sections.
pub(super) fn fields(policy: &Policy) -> Fields {
    vec![
        ("encrypt", Some(texts(&policy.selection.encrypt))),
        ("clear", Some(texts(&policy.selection.clear))),
        ("comments", Some(vec![policy.comments.as_str().to_owned()])),
        ("clear_values", Some(vec![policy.clear_values.as_str().to_owned()])),
    ]
}

fn texts(globs: &[PathGlob]) -> Vec<String> {
    globs.iter().map(|glob| glob.as_str().to_owned()).collect()
}

fn policy_changes(before: &Side<'_>, after: &Side<'_>) -> Vec<PolicyChange> {
    let fields = before.fields.iter().zip(&after.fields).filter(|(before, after)| before != after);
    let mut changes: Vec<_> = fields
        .map(|((field, before), (_, after))| PolicyChange {
            field: (*field).to_owned(),
            before: before.clone(),
            after: after.clone(),
        })
        .collect();
    let paths = |side: &Side<'_>, name| side.section(name).map(|section| section.paths.clone());
    for name in names(before, after) {
        let (before, after) = (paths(before, name), paths(after, name));
        if before != after {
            changes.push(PolicyChange { field: format!("sections.{name}"), before, after });
        }
    }
    changes
}

/// The sections of both sides.
fn names<'a>(before: &Side<'a>, after: &Side<'a>) -> Vec<&'a str> {
    let mut names: Vec<_> = before.sections.iter().chain(&after.sections).map(|section| section.name).collect();
    names.sort_unstable();
    names.dedup();
    names
}
