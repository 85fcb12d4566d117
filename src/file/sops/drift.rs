//! How a file of the sops dialect differs from what a rule says about it.

use super::plan::{NamedKey, Plan};
use crate::dialect::native::DEFAULT_NAME;
use crate::dialect::sops::{MasterKey, Metadata, Rule};
use crate::document::sops::Store;
use crate::file::drift::{Access, Drift, Fields, PolicyChange, ThresholdChange};

impl Plan {
    /// What differs between this plan and a file with this metadata. Keys are compared by the names that SOPS has for them,
    /// group by group. A file without a selector has SOPS's default one, and in binary files none counts.
    #[must_use]
    pub fn drift(&self, metadata: &Metadata, store: Store) -> Drift {
        let mut drift = Drift::default();
        let count = self.groups.len().max(metadata.groups.len());
        for number in 0..count {
            let group = (count > 1).then(|| u8::try_from(number + 1).unwrap_or(u8::MAX));
            let before: Vec<_> = metadata.groups.get(number).iter().flat_map(|group| &group.keys).collect();
            let after: Vec<_> = self.groups.get(number).into_iter().flatten().collect();
            let is = |key: &MasterKey, other: &MasterKey| key.kind() == other.kind() && key.name() == other.name();
            let gained = after.iter().filter(|new| !before.iter().any(|old| is(old, &new.key)));
            drift.gained.extend(gained.map(|new| access(group, new.shown(), &new.key)));
            let lost = before.iter().filter(|old| !after.iter().any(|new| is(old, &new.key)));
            drift.lost.extend(lost.map(|old| access(group, old.kind().list().to_owned(), old)));
        }
        drift.gained.sort();
        drift.lost.sort();
        let needed = |groups: usize, threshold: Option<usize>| match groups {
            1 => None,
            groups => Some(u8::try_from(threshold.unwrap_or(groups)).unwrap_or(u8::MAX)),
        };
        let before = needed(metadata.groups.len(), metadata.shamir_threshold);
        let after = needed(self.groups.len(), self.shamir_threshold);
        if before != after {
            drift.thresholds.push(ThresholdChange { section: DEFAULT_NAME.to_owned(), before, after });
        }
        drift.policy = self.policy_changes(metadata, store);
        drift
    }

    fn policy_changes(&self, metadata: &Metadata, store: Store) -> Vec<PolicyChange> {
        let after = fields(&self.selector, self.mac_only_encrypted, store);
        let pairs = policy_fields(metadata, store).into_iter().zip(after);
        let changes = pairs.filter(|(before, after)| before != after);
        changes.map(|((field, before), (_, after))| PolicyChange { field: field.to_owned(), before, after }).collect()
    }
}

/// The fields of a file's policy; in binary files no selector counts.
pub(in crate::file) fn policy_fields(metadata: &Metadata, store: Store) -> Fields {
    fields(&metadata.rule.clone().unwrap_or_default(), metadata.mac_only_encrypted, store)
}

fn fields(selector: &Rule, mac_only_encrypted: bool, store: Store) -> Fields {
    let (name, text) = selector.parts();
    vec![
        ("selector", (store != Store::Binary).then(|| vec![format!("{name}: {text}")])),
        ("mac_only_encrypted", Some(vec![mac_only_encrypted.to_string()])),
    ]
}

impl NamedKey {
    /// What messages call it: its name, or the kind of key.
    #[must_use]
    pub fn shown(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.key.kind().list().to_owned())
    }
}

fn access(group: Option<u8>, name: String, key: &MasterKey) -> Access {
    Access { section: DEFAULT_NAME.to_owned(), group, name, recipient: key.name() }
}
