//! How an encrypted file differs from what a rule says about it.

use std::fmt;

use super::plan::{Plan, sorted_sections};
use crate::dialect::native::{DEFAULT_NAME, Metadata, Policy, Section};
use crate::keys::Recipient;
use crate::select::PathGlob;

/// What has to change in a file so that it is as its plan says. A reader *is* its key, the name is a label.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Drift {
    /// Who gets access, by section and name.
    pub gained: Vec<Access>,
    /// Who loses it, by section and name.
    pub lost: Vec<Access>,
    /// Whose name changes, by section and name.
    pub renamed: Vec<Renamed>,
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
    /// The reader's public key.
    pub recipient: String,
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
    /// long as it lives (`sops-rs-format(5)`, "Updating").
    #[must_use]
    pub fn needs_new_data_key(&self) -> bool {
        !self.lost.is_empty() || !self.policy.is_empty()
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
        let before = Side::of_metadata(metadata);
        let after = Side::of_plan(self);
        let mut drift = Drift { policy: policy_changes(&before, &after), ..Drift::default() };
        names(&before, &after).into_iter().for_each(|name| drift.section(name, &before, &after));
        drift.gained.sort();
        drift.lost.sort();
        drift.renamed.sort();
        drift
    }
}

impl Drift {
    fn section(&mut self, name: &str, before: &Side<'_>, after: &Side<'_>) {
        let access = |reader: &(&str, &str)| Access {
            section: name.to_owned(),
            name: reader.0.to_owned(),
            recipient: reader.1.to_owned(),
        };
        let (before, after) = (before.readers(name), after.readers(name));
        for reader in after {
            match before.iter().find(|other| other.1 == reader.1) {
                None => self.gained.push(access(reader)),
                Some(other) if other.0 != reader.0 => self.renamed.push(Renamed {
                    section: name.to_owned(),
                    before: other.0.to_owned(),
                    after: reader.0.to_owned(),
                    recipient: reader.1.to_owned(),
                }),
                Some(_) => {}
            }
        }
        self.lost.extend(before.iter().filter(|reader| !after.iter().any(|other| other.1 == reader.1)).map(access));
    }
}

/// One of the two things that are compared.
struct Side<'a> {
    /// Fields of the policy.
    fields: Vec<(&'static str, Vec<String>)>,
    /// `default` first.
    sections: Vec<SectionSide<'a>>,
}

struct SectionSide<'a> {
    name: &'a str,
    paths: Vec<String>,
    /// Names and keys.
    readers: Vec<(&'a str, &'a str)>,
}

impl<'a> Side<'a> {
    fn of_metadata(metadata: &'a Metadata) -> Self {
        let policy = &metadata.policy;
        let paths = std::iter::once(Vec::new()).chain(policy.sections.iter().map(|paths| texts(paths)));
        let section = |(section, paths): (&'a Section, _)| SectionSide {
            name: &section.name,
            paths,
            readers: section.readers.iter().map(|reader| (&*reader.name, &*reader.recipient)).collect(),
        };
        Self { fields: fields(policy), sections: metadata.sections.iter().zip(paths).map(section).collect() }
    }

    fn of_plan(plan: &'a Plan) -> Self {
        let readers = |recipients: &'a [(String, Recipient)]| {
            recipients.iter().map(|(name, recipient)| (&**name, recipient.as_str())).collect()
        };
        let default = SectionSide { name: DEFAULT_NAME, paths: Vec::new(), readers: readers(&plan.recipients) };
        let others = sorted_sections(&plan.sections).into_iter().map(|section| SectionSide {
            name: &section.name,
            paths: texts(&section.paths),
            readers: readers(&section.recipients),
        });
        Self { fields: fields(&plan.policy()), sections: std::iter::once(default).chain(others).collect() }
    }

    fn section(&self, name: &str) -> Option<&SectionSide<'a>> {
        self.sections.iter().find(|section| section.name == name)
    }

    /// Who reads what lies in the section `name` on either side: where there is no such section, it is in `default`.
    fn readers(&self, name: &str) -> &[(&'a str, &'a str)] {
        let section = self.section(name).or_else(|| self.sections.first());
        section.map_or(&[], |section| &section.readers)
    }
}

fn fields(policy: &Policy) -> Vec<(&'static str, Vec<String>)> {
    vec![
        ("encrypt", texts(&policy.selection.encrypt)),
        ("clear", texts(&policy.selection.clear)),
        ("comments", vec![policy.comments.as_str().to_owned()]),
        ("clear_values", vec![policy.clear_values.as_str().to_owned()]),
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
            before: Some(before.clone()),
            after: Some(after.clone()),
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
