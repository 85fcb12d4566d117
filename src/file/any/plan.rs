//! What a file is to be like, in the dialect that its rule has.

use super::Metadata;
use crate::config::{Dialect, Rule};
use crate::document::sops::Store;
use crate::document::{BINARY, Format};
use crate::error::Error;
use crate::file::drift::Drift;
use crate::file::plan::Plan as NativePlan;
use crate::file::sops::{NamedKey, Plan as SopsPlan};
use crate::keys::Recipient;

/// How a file is to be encrypted.
#[derive(Clone, Debug)]
pub enum Plan {
    /// In the native dialect.
    Native(NativePlan),
    /// In SOPS's.
    Sops(SopsPlan),
}

impl Plan {
    /// What `rule` says.
    ///
    /// # Errors
    /// Those of [`SopsPlan::of_rule`].
    pub fn of_rule(rule: &Rule) -> Result<Self, Error> {
        match rule.dialect {
            Dialect::Native => Ok(Self::Native(NativePlan::of_rule(rule))),
            Dialect::Sops => SopsPlan::of_rule(rule).map(Self::Sops),
        }
    }

    /// The dialect.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        match self {
            Self::Native(_) => Dialect::Native,
            Self::Sops(_) => Dialect::Sops,
        }
    }

    /// What differs between this plan and a file with this metadata; none when that is of another dialect, which is more
    /// than a drift.
    #[must_use]
    pub fn drift(&self, metadata: &Metadata) -> Option<Drift> {
        match (self, metadata) {
            (Self::Native(plan), Metadata::Native(metadata)) => Some(plan.drift(metadata)),
            (Self::Sops(plan), Metadata::Sops(metadata, store)) => Some(plan.drift(metadata, *store)),
            _ => None,
        }
    }

    /// The format in which a file is encrypted that has the native format `format`: SOPS knows fewer of them, and takes all others
    /// whole.
    #[must_use]
    pub fn format(&self, format: &'static dyn Format, store: Store) -> &'static dyn Format {
        match self {
            Self::Sops(plan) if plan.store(format, store) == Store::Binary => BINARY,
            _ => format,
        }
    }

    /// The names of the readers; of a key without one its beginning.
    #[must_use]
    pub fn reader_names(&self) -> Vec<String> {
        match self {
            Self::Native(plan) => plan.recipients.iter().map(|(name, _)| name.clone()).collect(),
            Self::Sops(plan) => {
                let name = |named: &NamedKey| named.name.clone().unwrap_or_else(|| beginning(&named.key.name()));
                plan.groups.iter().flatten().map(name).collect()
            }
        }
    }

    /// Whether somebody who has the keys of which `has` is true would open the section called `section`, as
    /// [`Access`](crate::file::Access) names it.
    pub fn opens(&self, section: &str, has: &dyn Fn(&str) -> bool) -> bool {
        let (groups, needed): (Vec<Vec<String>>, usize) = match self {
            Self::Native(plan) => {
                let section = plan.sections.iter().find(|other| other.name == section);
                let readers = section.map_or(&plan.recipients, |section| &section.recipients);
                let key_groups = section.map_or(&plan.key_groups, |section| &section.key_groups);
                match key_groups {
                    None => (vec![readers.iter().map(|(_, key)| key.to_string()).collect()], 1),
                    Some(groups) => {
                        let keys = |group: &Vec<Recipient>| group.iter().map(ToString::to_string).collect();
                        (groups.groups().iter().map(keys).collect(), groups.threshold().into())
                    }
                }
            }
            Self::Sops(plan) => {
                let names = |group: &Vec<NamedKey>| group.iter().map(|named| named.key.name()).collect();
                (plan.groups.iter().map(names).collect(), plan.shamir_threshold.unwrap_or(plan.groups.len()))
            }
        };
        groups.iter().filter(|group| group.iter().any(|key| has(key))).count() >= needed
    }
}

/// The beginning of a key, which tells it from others.
fn beginning(key: &str) -> String {
    const LEN: usize = 16;
    match key.char_indices().nth(LEN) {
        Some((end, _)) => format!("{}…", &key[..end]),
        None => key.to_owned(),
    }
}
