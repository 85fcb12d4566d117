//! What a file is to be like, in the dialect that its rule has.

use super::Metadata;
use crate::config::{Dialect, Rule};
use crate::error::Error;
use crate::file::drift::Drift;
use crate::file::plan::Plan as NativePlan;
use crate::file::sops::{NamedKey, Plan as SopsPlan};

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

    /// The names of the readers.
    pub fn reader_names(&self) -> Vec<String> {
        match self {
            Self::Native(plan) => plan.recipients.iter().map(|(name, _)| name.clone()).collect(),
            Self::Sops(plan) => plan.groups.iter().flatten().map(NamedKey::shown).collect(),
        }
    }

    /// Whether one of `own` would read the section called `section`, as [`Access`] names it.
    pub fn has_reader(&self, section: &str, own: &dyn Fn(&str) -> bool) -> bool {
        match self {
            Self::Native(plan) => {
                let section = plan.sections.iter().find(|other| other.name == section);
                let readers = section.map_or(&plan.recipients, |section| &section.recipients);
                readers.iter().any(|(_, recipient)| own(recipient.as_str()))
            }
            Self::Sops(plan) => plan.groups.iter().flatten().any(|named| own(&named.key.name())),
        }
    }
}
