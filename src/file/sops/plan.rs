//! What a new file of the sops dialect is to be like: keys, selector, MAC.

use super::key_set::KeySet;
use crate::config::Rule as NativeRule;
use crate::config::sops::{CreationRule, Key};
use crate::dialect::sops::{KeyGroup, MasterKey, Metadata, Rule, Time};
use crate::document::Format;
use crate::document::sops::Store;
use crate::error::Error;
use crate::error::sops::SopsError;
use crate::keys::Recipient;

/// How a file of the sops dialect is to be encrypted.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The keys, in groups: any one key opens its group.
    pub groups: Vec<Vec<NamedKey>>,
    /// How many groups are needed, when there are several.
    pub shamir_threshold: Option<usize>,
    /// Which values are encrypted. It does not count for binary files.
    pub selector: Rule,
    /// Whether the MAC leaves clear values out.
    pub mac_only_encrypted: bool,
    /// Whether TOML files stay TOML, which SOPS itself cannot read: it has them whole, in JSON.
    pub with_toml: bool,
}

/// A key, and what people call it.
#[derive(Clone, Debug)]
pub struct NamedKey {
    /// Its name in `.sops-rs.yaml`; files of the sops dialect do not have one.
    pub name: Option<String>,
    /// The key, without anything wrapped to it.
    pub key: MasterKey,
}

impl Plan {
    /// What a rule of `.sops.yaml` says.
    ///
    /// # Errors
    /// Those of [`CreationRule::groups`], and [`SopsError::Pattern`].
    pub fn of_creation_rule(rule: &CreationRule) -> Result<Self, Error> {
        let (groups, shamir_threshold) = rule.groups()?;
        let key = |key: &Key| NamedKey { name: None, key: key.master_key() };
        let selector = rule.selector.as_ref().and_then(|selector| Rule::new(selector.name, &selector.text));
        Self {
            groups: groups.iter().map(|keys| keys.iter().map(key).collect()).collect(),
            shamir_threshold,
            selector: selector.unwrap_or_default(),
            mac_only_encrypted: rule.mac_only_encrypted,
            with_toml: false,
        }
        .checked()
    }

    /// What a rule of `.sops-rs.yaml` with `dialect: sops` says.
    ///
    /// # Errors
    /// [`SopsError::Pattern`].
    pub fn of_rule(rule: &NativeRule) -> Result<Self, Error> {
        let key = |(name, recipient): &(String, Recipient)| NamedKey {
            name: Some(name.clone()),
            key: MasterKey::age(recipient.as_str()),
        };
        let (groups, shamir_threshold) = match &rule.key_groups {
            None => (vec![rule.recipients.iter().map(key).collect()], None),
            Some(groups) => {
                let members = |group: &Vec<Recipient>| {
                    rule.recipients.iter().filter(|(_, recipient)| group.contains(recipient)).map(key).collect()
                };
                (groups.groups().iter().map(members).collect(), Some(groups.threshold().into()))
            }
        };
        Self {
            groups,
            shamir_threshold,
            selector: rule.selector.clone().unwrap_or_default(),
            mac_only_encrypted: rule.mac_only_encrypted,
            with_toml: true,
        }
        .checked()
    }

    /// In which format a file of ours of `format` is encrypted, which SOPS takes for one of `store`.
    #[must_use]
    pub fn store(&self, format: &dyn Format, store: Store) -> Store {
        match (self.with_toml, store) {
            (true, _) if format.name() == Store::Toml.name() => Store::Toml,
            (false, Store::Toml) => Store::Binary,
            _ => store,
        }
    }

    /// The metadata of a new file, for [`wrap_data_key`](super::wrap_data_key) and then [`encrypt`](super::encrypt).
    #[must_use]
    pub fn metadata(&self, store: Store, now: Time) -> Metadata {
        let group = |keys: &Vec<NamedKey>| KeyGroup {
            keys: keys.iter().map(|named| named.key.clone().created_at(&now)).collect(),
            unknown: Vec::new(),
        };
        let groups = self.groups.iter().map(group).collect();
        Metadata {
            shamir_threshold: self.shamir_threshold,
            rule: (store != Store::Binary).then(|| self.selector.clone()),
            mac_only_encrypted: self.mac_only_encrypted,
            ..Metadata::new(groups, now)
        }
    }

    /// The keys that this plan gives the file with these metadata: those that it has keep all their fields. New ones are added
    /// at `now`.
    pub(in crate::file) fn key_set(&self, metadata: &Metadata, now: &Time) -> KeySet {
        let group = |(number, keys): (usize, &Vec<NamedKey>)| {
            let old = metadata.groups.get(number);
            let key = |named: &NamedKey| {
                let is_same = |old: &&MasterKey| old.is_same(&named.key);
                let known = old.into_iter().flat_map(|group| &group.keys).find(is_same);
                known.cloned().unwrap_or_else(|| named.key.clone().created_at(now))
            };
            let unknown = old.map(|group| group.unknown.clone()).unwrap_or_default();
            KeyGroup { keys: keys.iter().map(key).collect(), unknown }
        };
        let groups = self.groups.iter().enumerate().map(group).collect();
        KeySet { groups, shamir_threshold: self.shamir_threshold }
    }

    fn checked(self) -> Result<Self, Error> {
        match self.selector.is_valid() {
            true => Ok(self),
            false => Err(SopsError::Pattern { name: self.selector.parts().0 }.into()),
        }
    }
}

/// The metadata of a new file by `rule`: [`Plan::metadata`].
///
/// # Errors
/// Those of [`Plan::of_creation_rule`].
pub fn metadata_by_rule(rule: &CreationRule, store: Store, now: Time) -> Result<Metadata, Error> {
    Ok(Plan::of_creation_rule(rule)?.metadata(store, now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::sops::SopsConfig;
    use crate::dialect::sops::KeyKind;

    const RECIPIENT: &str = "age1a7ff2kfnj70rrs077vgzk2gerld26pm0ak877jtav9d9xezqfdnses37gs";

    fn metadata(rule: &str, store: Store) -> Metadata {
        let config = SopsConfig::parse(&format!("creation_rules:\n  - {rule}\n")).expect("a config");
        let rule = config.rule_for("x").expect("a rule").expect("a rule");
        metadata_by_rule(rule, store, Time::parse("2026-01-02T03:04:05Z").expect("a time")).expect("metadata")
    }

    #[test]
    fn a_rule_gives_keys_and_selector() {
        let rule = format!(
            "{{age: {RECIPIENT}, kms: 'arn:aws:kms:a:b:key/c', encrypted_regex: '^data$', mac_only_encrypted: true}}"
        );
        let found = metadata(&rule, Store::Yaml);
        let keys = &found.groups[0].keys;
        assert_eq!(keys.iter().map(|key| key.kind()).collect::<Vec<_>>(), [KeyKind::Age, KeyKind::AwsKms]);
        assert_eq!(keys[1].field("created_at"), "2026-01-02T03:04:05Z");
        assert_eq!(found.rule.as_ref().map(Rule::parts), Some(("encrypted_regex", "^data$")));
        assert!(found.mac_only_encrypted && found.shamir_threshold.is_none());
        assert_eq!(metadata(&rule, Store::Binary).rule, None);
        let plain = metadata(&format!("{{age: {RECIPIENT}}}"), Store::Json);
        assert_eq!(plain.rule, Some(Rule::default()));
    }

    #[test]
    fn groups_have_a_threshold() {
        let group = format!("{{age: [{RECIPIENT}]}}");
        let found = metadata(&format!("{{key_groups: [{group}, {group}]}}"), Store::Yaml);
        assert_eq!((found.groups.len(), found.shamir_threshold), (2, Some(2)));
    }
}
