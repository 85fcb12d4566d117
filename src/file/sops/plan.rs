//! What a rule of `.sops.yaml` makes of a new file.

use crate::config::sops::CreationRule;
use crate::dialect::sops::{KeyGroup, Metadata, Rule, Time};
use crate::document::sops::Store;
use crate::error::Error;
use crate::error::sops::SopsError;

/// The metadata of a new file by `rule`, for [`wrap_data_key`](super::wrap_data_key) and then
/// [`encrypt`](super::encrypt). Selectors do not count for binary files.
///
/// # Errors
/// Those of [`CreationRule::groups`], and [`SopsError::Pattern`].
pub fn metadata_by_rule(rule: &CreationRule, store: Store, now: Time) -> Result<Metadata, Error> {
    let (groups, shamir_threshold) = rule.groups()?;
    let group = |keys: &Vec<_>| KeyGroup {
        keys: keys.iter().map(|key: &crate::config::sops::Key| key.master_key().created_at(&now)).collect(),
        unknown: Vec::new(),
    };
    let groups = groups.iter().map(group).collect();
    let selector = match &rule.selector {
        _ if store == Store::Binary => None,
        None => Some(Rule::default()),
        Some(selector) => Rule::new(selector.name, &selector.text),
    };
    if let Some(selector) = selector.as_ref().filter(|selector| !selector.is_valid()) {
        return Err(SopsError::Pattern { name: selector.parts().0 }.into());
    }
    let metadata = Metadata::new(groups, now);
    Ok(Metadata { shamir_threshold, rule: selector, mac_only_encrypted: rule.mac_only_encrypted, ..metadata })
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
