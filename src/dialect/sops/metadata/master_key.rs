//! The keys that open a data key, and their groups.

use super::{error, text};
use crate::dialect::sops::time::Time;
use crate::document::sops::Field;
use crate::error::sops::SopsError;
use crate::keys::Recipient;

/// The service behind a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// age, ssh keys and plugins.
    Age,
    /// AWS KMS.
    AwsKms,
    /// Azure Key Vault.
    AzureKeyVault,
    /// Google Cloud KMS.
    GcpKms,
    /// HashiCorp Vault's transit engine.
    HashicorpVault,
    /// HuaweiCloud KMS.
    HuaweiKms,
    /// OpenPGP.
    Pgp,
}

impl KeyKind {
    /// All of them, in the order in which the keys of a group are read.
    pub const ALL: [Self; 7] =
        [Self::AwsKms, Self::GcpKms, Self::HuaweiKms, Self::AzureKeyVault, Self::HashicorpVault, Self::Pgp, Self::Age];

    /// The list of the metadata in which these keys stand.
    #[must_use]
    pub fn list(self) -> &'static str {
        match self {
            Self::Age => "age",
            Self::AwsKms => "kms",
            Self::AzureKeyVault => "azure_kv",
            Self::GcpKms => "gcp_kms",
            Self::HashicorpVault => "hc_vault",
            Self::HuaweiKms => "hckms",
            Self::Pgp => "pgp",
        }
    }

    /// The service, or the program, behind them.
    #[must_use]
    pub fn service(self) -> &'static str {
        match self {
            Self::Age => "age",
            Self::AwsKms => "AWS KMS",
            Self::AzureKeyVault => "Azure Key Vault",
            Self::GcpKms => "Google Cloud KMS",
            Self::HashicorpVault => "HashiCorp Vault",
            Self::HuaweiKms => "HuaweiCloud KMS",
            Self::Pgp => "OpenPGP",
        }
    }

    /// The kind whose keys stand in the list `name`.
    #[must_use]
    pub fn of_list(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.list() == name)
    }
}

/// One key with the data key (or a share of it) wrapped to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MasterKey {
    kind: KeyKind,
    fields: Vec<(String, Field)>,
}

impl MasterKey {
    /// A key with these fields, its wrapped key (`enc`) among them or still to be set.
    #[must_use]
    pub fn new(kind: KeyKind, fields: Vec<(String, Field)>) -> Self {
        Self { kind, fields }
    }

    /// An age recipient, without a wrapped key yet.
    #[must_use]
    pub fn age(recipient: &str) -> Self {
        Self::new(KeyKind::Age, vec![("recipient".to_owned(), Field::Text(recipient.to_owned()))])
    }

    /// The same key, added at `time`: files have that for all kinds but age.
    #[must_use]
    pub fn created_at(mut self, time: &Time) -> Self {
        if self.kind != KeyKind::Age {
            self.fields.push(("created_at".to_owned(), Field::Text(time.whole_seconds())));
        }
        self
    }

    /// The same key with the fields of `other` in place of its own; what `other` does not have stays.
    #[must_use]
    pub fn with_fields_of(mut self, other: Self) -> Self {
        for (name, field) in other.fields {
            self.set(&name, field);
        }
        self
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// A field as text; empty when it is missing.
    #[must_use]
    pub fn field(&self, name: &str) -> String {
        let field = self.fields.iter().find(|(key, _)| key == name);
        field.and_then(|(_, field)| field.to_text()).unwrap_or_default()
    }

    /// All fields, those that are not known included.
    #[must_use]
    pub fn fields(&self) -> &[(String, Field)] {
        &self.fields
    }

    /// The wrapped key as SOPS has it: for age and PGP an armored text.
    #[must_use]
    pub fn enc(&self) -> String {
        self.field("enc")
    }

    /// Replaces the wrapped key.
    pub fn set_enc(&mut self, enc: String) {
        self.set("enc", Field::Text(enc));
    }

    fn set(&mut self, name: &str, field: Field) {
        match self.fields.iter_mut().find(|(other, _)| other == name) {
            Some((_, old)) => *old = field,
            None => self.fields.push((name.to_owned(), field)),
        }
    }

    /// The key as SOPS names it, in messages and when comparing.
    #[must_use]
    pub fn name(&self) -> String {
        match self.kind {
            KeyKind::Age => self.field("recipient"),
            KeyKind::AwsKms => {
                let mut name = self.field("arn");
                let [role, profile] = ["role", "aws_profile"].map(|field| self.field(field));
                if !role.is_empty() {
                    name = format!("{name}+{role}");
                }
                let context = self.fields.iter().find(|(name, _)| name == "context");
                let context = context.and_then(|(_, field)| field.as_map()).unwrap_or_default();
                let mut pairs: Vec<_> = context
                    .iter()
                    .map(|(key, value)| format!("{key}:{}", value.to_text().unwrap_or_default()))
                    .collect();
                pairs.sort();
                if !pairs.is_empty() || !profile.is_empty() {
                    name = format!("{name}|{}", pairs.join(","));
                }
                if profile.is_empty() { name } else { format!("{name}|{profile}") }
            }
            KeyKind::AzureKeyVault => {
                let [url, name, version] = ["vault_url", "name", "version"].map(|field| self.field(field));
                format!("{url}/keys/{name}/{version}")
            }
            KeyKind::GcpKms => self.field("resource_id"),
            KeyKind::HashicorpVault => {
                let [address, engine, name] =
                    ["vault_address", "engine_path", "key_name"].map(|field| self.field(field));
                format!("{address}/v1/{engine}/keys/{name}")
            }
            KeyKind::HuaweiKms => self.field("key_id"),
            KeyKind::Pgp => self.field("fp"),
        }
    }

    /// Whether this is the same key as `other`, however they are written: the comment of an ssh key does not count, nor
    /// do the case of a fingerprint's letters and, where one of two Azure keys has none, its version.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.kind == other.kind
            && match self.kind {
                KeyKind::Age => canonical_age(&self.name()) == canonical_age(&other.name()),
                KeyKind::AzureKeyVault => {
                    let [own, theirs] = [self, other].map(|key| key.field("version"));
                    let is_same = |field| self.field(field) == other.field(field);
                    is_same("vault_url") && is_same("name") && (own == theirs || own.is_empty() || theirs.is_empty())
                }
                KeyKind::Pgp => canonical_fingerprint(&self.name()) == canonical_fingerprint(&other.name()),
                _ => self.name() == other.name(),
            }
    }

    fn from_field(kind: KeyKind, field: &Field) -> Result<Self, SopsError> {
        let fields = field.as_map().ok_or_else(|| error(kind.list(), "holds something else than maps"))?;
        let key = Self { kind, fields: fields.to_vec() };
        if kind != KeyKind::Age {
            let created = text("created_at", field.get("created_at").unwrap_or(&Field::Null))?;
            Time::parse(&created).ok_or_else(|| error("created_at", "is no time as in RFC 3339"))?;
        }
        Ok(key)
    }
}

fn canonical_age(text: &str) -> String {
    Recipient::parse(text).map_or_else(|_| text.trim().to_owned(), |recipient| recipient.as_str().to_owned())
}

fn canonical_fingerprint(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_uppercase()
}

/// Keys of which any one opens what the group holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyGroup {
    /// The keys.
    pub keys: Vec<MasterKey>,
    /// The fields that nobody knows.
    pub unknown: Vec<(String, Field)>,
}

impl KeyGroup {
    pub(super) fn from_field(field: &Field) -> Result<Self, SopsError> {
        let fields = field.as_map().ok_or_else(|| error("key_groups", "holds something else than maps"))?;
        let mut group = Self::default();
        for kind in KeyKind::ALL {
            let Some(list) = field.get(kind.list()) else { continue };
            for item in list.as_list().ok_or_else(|| error(kind.list(), "is not a list"))? {
                group.keys.push(MasterKey::from_field(kind, item)?);
            }
        }
        group.unknown = fields.iter().filter(|(name, _)| KeyKind::of_list(name).is_none()).cloned().collect();
        Ok(group)
    }

    /// The group of keys that stand in the block itself, whose other fields are the metadata's.
    pub(super) fn without_unknown(self) -> Self {
        Self { unknown: Vec::new(), ..self }
    }

    /// The lists of this group. In `key_groups` SOPS writes those of age and Vault even when they are empty.
    pub(super) fn lists(&self, in_key_groups: bool) -> Vec<(String, Field)> {
        let mut fields = self.unknown.clone();
        for kind in KeyKind::ALL {
            let keys = self.keys.iter().filter(|key| key.kind == kind);
            let keys: Vec<_> = keys.map(|key| Field::Map(key.fields.clone())).collect();
            let is_always_there = in_key_groups && matches!(kind, KeyKind::Age | KeyKind::HashicorpVault);
            if !keys.is_empty() || is_always_there {
                fields.push((kind.list().to_owned(), Field::List(keys)));
            }
        }
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(kind: KeyKind, fields: &[(&str, &str)]) -> String {
        let fields = fields.iter().map(|(name, text)| ((*name).to_owned(), Field::Text((*text).to_owned()))).collect();
        MasterKey::new(kind, fields).name()
    }

    #[test]
    fn one_key_may_be_written_in_several_ways() {
        let key = |kind, fields: &[(&str, &str)]| {
            let text = |(name, text): &(&str, &str)| ((*name).to_owned(), Field::Text((*text).to_owned()));
            MasterKey::new(kind, fields.iter().map(text).collect())
        };
        let ssh = include_str!("../../../../testdata/keys/ssh_ed25519.pub").trim();
        let azure = |name, version| {
            key(KeyKind::AzureKeyVault, &[("vault_url", "https://v"), ("name", name), ("version", version)])
        };
        for (a, b, expected) in [
            (MasterKey::age(ssh), MasterKey::age(&ssh.replace("TEST-ONLY", "somebody else")), true),
            (MasterKey::age("age1x"), MasterKey::age(" age1x"), true),
            (MasterKey::age("age1x"), MasterKey::age("age1y"), false),
            (key(KeyKind::Pgp, &[("fp", "AB CD")]), key(KeyKind::Pgp, &[("fp", "abcd")]), true),
            (key(KeyKind::Pgp, &[("fp", "ABCD")]), key(KeyKind::Pgp, &[("fp", "ABCD!")]), false),
            (azure("n", ""), azure("n", "1"), true),
            (azure("n", "2"), azure("n", "1"), false),
            (azure("m", ""), azure("n", ""), false),
            (key(KeyKind::GcpKms, &[("resource_id", "x")]), key(KeyKind::HuaweiKms, &[("key_id", "x")]), false),
        ] {
            assert_eq!((a.is_same(&b), b.is_same(&a)), (expected, expected), "{a:?} {b:?}");
        }
    }

    #[test]
    fn keys_have_sops_s_names() {
        assert_eq!(name(KeyKind::AwsKms, &[("arn", "arn:x"), ("role", "r")]), "arn:x+r");
        assert_eq!(name(KeyKind::AwsKms, &[("arn", "arn:x"), ("aws_profile", "p")]), "arn:x||p");
        assert_eq!(
            name(KeyKind::AzureKeyVault, &[("vault_url", "https://v"), ("name", "n"), ("version", "1")]),
            "https://v/keys/n/1"
        );
        assert_eq!(
            name(KeyKind::HashicorpVault, &[("vault_address", "http://v"), ("engine_path", "e"), ("key_name", "k")]),
            "http://v/v1/e/keys/k"
        );
    }
}
