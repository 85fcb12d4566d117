//! Metadata: the keys, the selector and the MAC of a file, in SOPS's fields. What is not known is kept as it is.

use super::rule::{Rule, SELECTORS};
use super::time::Time;
use crate::document::sops::Field;
use crate::error::sops::SopsError;

mod master_key;

pub use master_key::{KeyGroup, KeyKind, MasterKey};

/// A threshold is at most as large as there can be shares.
const MAX_THRESHOLD: usize = 255;

/// The metadata of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// Who can open the data key. With several groups each holds one share of it, and any one key opens its group's.
    pub groups: Vec<KeyGroup>,
    /// How many groups are needed; none (in old files) means that whatever can be had is combined.
    pub shamir_threshold: Option<usize>,
    /// When a value was last changed; the MAC is bound to it.
    pub last_modified: Time,
    /// The MAC's token.
    pub mac: Option<String>,
    /// Whether the MAC leaves clear values out.
    pub mac_only_encrypted: bool,
    /// The selector, when the file names one.
    pub rule: Option<Rule>,
    /// The version of the SOPS that made the file.
    pub version: String,
    /// The fields that nobody knows.
    pub unknown: Vec<(String, Field)>,
}

/// The version that new files name: that of the SOPS whose fields they have.
const VERSION: &str = "3.13.2";

impl Metadata {
    /// Metadata for a new file: for these keys, and with SOPS's defaults.
    #[must_use]
    pub fn new(groups: Vec<KeyGroup>, last_modified: Time) -> Self {
        Self {
            groups,
            shamir_threshold: None,
            last_modified,
            mac: None,
            mac_only_encrypted: false,
            rule: Some(Rule::default()),
            version: VERSION.to_owned(),
            unknown: Vec::new(),
        }
    }

    /// The metadata in a block.
    ///
    /// # Errors
    /// [`SopsError::Metadata`] naming the field, [`SopsError::NoKeys`]. Unknown fields are no error.
    pub fn from_field(block: &Field) -> Result<Self, SopsError> {
        let fields = block.as_map().ok_or_else(|| error("sops", "is not a map"))?;
        let mut names: Vec<_> = fields.iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(error(twice[0], "stands twice"));
        }
        let last_modified = text("lastmodified", block.get("lastmodified").unwrap_or(&Field::Null))?;
        let last_modified = match Time::parse(&last_modified) {
            Some(time) => time,
            None if last_modified.is_empty() => return Err(error("lastmodified", "is missing")),
            None => return Err(error("lastmodified", "is no time as in RFC 3339")),
        };
        let mut metadata = Self { rule: None, version: String::new(), ..Self::new(Vec::new(), last_modified) };
        let mut groups = Vec::new();
        for (name, field) in fields {
            match name.as_str() {
                "lastmodified" => {}
                "mac" => metadata.mac = Some(text(name, field)?).filter(|mac| !mac.is_empty()),
                "mac_only_encrypted" => {
                    metadata.mac_only_encrypted = field.to_bool().ok_or_else(|| error(name, "is no boolean"))?;
                }
                "version" => metadata.version = text(name, field)?,
                "shamir_threshold" => metadata.shamir_threshold = threshold(name, field)?,
                "key_groups" => {
                    let items = field.as_list().ok_or_else(|| error(name, "is not a list"))?;
                    groups = items.iter().map(KeyGroup::from_field).collect::<Result<_, _>>()?;
                }
                _ if KeyKind::of_list(name).is_some() => {}
                _ if SELECTORS.contains(&name.as_str()) => {
                    let text = text(name, field)?;
                    let rule = Rule::new(name, &text).filter(|_| !text.is_empty());
                    if rule.is_some() && metadata.rule.is_some() {
                        return Err(error(name, "is a second selector; a file has at most one"));
                    }
                    metadata.rule = rule.or(metadata.rule);
                }
                _ => metadata.unknown.push((name.clone(), field.clone())),
            }
        }
        check_version(&metadata.version)?;
        let own = KeyGroup::from_field(block)?;
        metadata.groups = if own.keys.is_empty() { groups } else { vec![own.without_unknown()] };
        if metadata.groups.iter().all(|group| group.keys.is_empty()) {
            return Err(SopsError::NoKeys);
        }
        Ok(metadata)
    }

    /// The block that SOPS 3.13 writes for this metadata: fields in byte order, empty ones left out.
    #[must_use]
    pub fn to_field(&self) -> Field {
        let text = |text: &str| Field::Text(text.to_owned());
        let mut fields = self.unknown.clone();
        match self.groups.as_slice() {
            [group] => fields.extend(group.lists(false)),
            groups => {
                let groups = groups.iter().map(|group| Field::Map(group.lists(true))).collect();
                fields.push(("key_groups".to_owned(), Field::List(groups)));
            }
        }
        if let Some(threshold) = self.shamir_threshold {
            fields.push(("shamir_threshold".to_owned(), Field::Number(threshold.to_string())));
        }
        fields.push(("lastmodified".to_owned(), text(&self.last_modified.whole_seconds())));
        fields.push(("mac".to_owned(), text(self.mac.as_deref().unwrap_or_default())));
        if self.mac_only_encrypted {
            fields.push(("mac_only_encrypted".to_owned(), Field::Bool(true)));
        }
        if let Some((name, rule)) = self.rule.as_ref().map(Rule::parts) {
            fields.push((name.to_owned(), text(rule)));
        }
        fields.push(("version".to_owned(), text(&self.version)));
        Field::Map(fields).sorted()
    }

    /// What the MAC is bound to: the time of the last change, in whole seconds.
    #[must_use]
    pub fn mac_aad(&self) -> String {
        self.last_modified.whole_seconds()
    }
}

fn error(field: &str, what: &'static str) -> SopsError {
    SopsError::Metadata { field: field.escape_debug().to_string(), what }
}

fn text(name: &str, field: &Field) -> Result<String, SopsError> {
    field.to_text().ok_or_else(|| error(name, "is no text"))
}

fn threshold(name: &str, field: &Field) -> Result<Option<usize>, SopsError> {
    let text = text(name, field)?;
    let number: usize = if text.is_empty() { 0 } else { text.parse().unwrap_or(usize::MAX) };
    if number > MAX_THRESHOLD {
        return Err(error(name, "is no number from 0 to 255"));
    }
    Ok(Some(number).filter(|&number| number > 0))
}

/// Semantic versions, and those that begin with `1.`.
fn check_version(version: &str) -> Result<(), SopsError> {
    let core = version.strip_prefix('v').unwrap_or(version).split(['-', '+']).next().unwrap_or_default();
    let parts: Vec<_> = core.split('.').collect();
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if version.starts_with("1.") || parts.len() == 3 && parts.iter().all(is_number) {
        Ok(())
    } else {
        Err(error("version", "is no version of SOPS"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(entries: &[(&str, Field)]) -> Field {
        Field::Map(entries.iter().map(|(name, field)| ((*name).to_owned(), field.clone())).collect())
    }

    fn text(text: &str) -> Field {
        Field::Text(text.to_owned())
    }

    fn block(more: &[(&str, Field)]) -> Field {
        let key = map(&[("recipient", text("age1x")), ("enc", text("armor"))]);
        let mut fields = vec![
            ("age", Field::List(vec![key])),
            ("lastmodified", text("2026-01-02T03:04:05.6Z")),
            ("mac", text("ENC[x]")),
            ("version", text("3.11.0")),
        ];
        fields.retain(|(name, _)| more.iter().all(|(other, _)| name != other));
        fields.extend_from_slice(more);
        map(&fields)
    }

    fn refusal(more: &[(&str, Field)]) -> String {
        Metadata::from_field(&block(more)).expect_err("wrong metadata").to_string()
    }

    #[test]
    fn unknown_fields_and_unsupported_keys_come_back() {
        let vault =
            map(&[("created_at", text("2026-01-02T03:04:05Z")), ("enc", text("vault:v1:x")), ("new", text("y"))]);
        let block = block(&[
            ("hc_vault", Field::List(vec![vault.clone()])),
            ("future", map(&[("a", Field::Null)])),
            ("encrypted_regex", text("^data$")),
            ("unencrypted_suffix", text("")),
            ("pgp", Field::Null),
        ]);
        let metadata = Metadata::from_field(&block).expect("metadata");
        assert_eq!(metadata.mac_aad(), "2026-01-02T03:04:05Z");
        assert_eq!(metadata.rule.as_ref().map(Rule::parts), Some(("encrypted_regex", "^data$")));
        let written = metadata.to_field();
        assert_eq!(written.get("hc_vault"), Some(&Field::List(vec![vault])));
        assert_eq!(written.get("future"), Some(&map(&[("a", Field::Null)])));
        assert_eq!(written.get("pgp"), None);
        assert_eq!(Metadata::from_field(&written).map(|metadata| metadata.to_field()), Ok(written));
    }

    #[test]
    fn wrong_fields_are_named() {
        assert_eq!(
            refusal(&[("encrypted_regex", text("a")), ("encrypted_suffix", text("b"))]),
            "sops metadata: `encrypted_suffix` is a second selector; a file has at most one"
        );
        assert_eq!(
            refusal(&[("lastmodified", text("yesterday"))]),
            "sops metadata: `lastmodified` is no time as in RFC 3339"
        );
        assert_eq!(refusal(&[("new", text("x")), ("new", text("y"))]), "sops metadata: `new` stands twice");
        assert_eq!(refusal(&[("version", text("x"))]), "sops metadata: `version` is no version of SOPS");
        assert_eq!(
            refusal(&[("mac_only_encrypted", text("maybe"))]),
            "sops metadata: `mac_only_encrypted` is no boolean"
        );
        assert_eq!(
            refusal(&[("shamir_threshold", Field::Number("256".to_owned()))]),
            "sops metadata: `shamir_threshold` is no number from 0 to 255"
        );
        assert_eq!(
            Metadata::from_field(&text("x")).expect_err("no map").to_string(),
            "sops metadata: `sops` is not a map"
        );
        let keyless = map(&[("lastmodified", text("2026-01-02T03:04:05Z")), ("version", text("1.0"))]);
        assert_eq!(Metadata::from_field(&keyless), Err(SopsError::NoKeys));
    }
}
