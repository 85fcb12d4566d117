//! Keys that data keys are wrapped to, in the two forms in which rules name them.

use super::reader::{Reader, is_number, must_be};
use super::warning::WarningKind;
use crate::config::fields::{Fields, with_position};
use crate::config::node::{Entry, Node, Value, error};
use crate::dialect::sops::{KeyKind, MasterKey};
use crate::document::sops::Field;
use crate::error::{Error, Position};
use crate::keys::Recipient;
use crate::keys::pgp::Fingerprint;

/// The lists of keys in a rule, in the order in which they are read.
pub(super) const FLAT_FIELDS: &[&str] =
    &["age", "pgp", "kms", "gcp_kms", "hckms", "azure_keyvault", "hc_vault_transit_uri"];

/// Their kinds.
const FLAT_KINDS: [KeyKind; 7] = [
    KeyKind::Age,
    KeyKind::Pgp,
    KeyKind::AwsKms,
    KeyKind::GcpKms,
    KeyKind::HuaweiKms,
    KeyKind::AzureKeyVault,
    KeyKind::HashicorpVault,
];

const GROUP_FIELDS: &[&str] = &["merge", "age", "pgp", "kms", "gcp_kms", "hckms", "azure_keyvault", "hc_vault"];

/// A key of a rule, with the fields that files have for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// An age recipient.
    Age {
        /// Its text as it stands in the config, with the comment of an ssh key: files keep it.
        recipient: String,
    },
    /// A key of AWS KMS.
    AwsKms {
        /// Its resource name.
        arn: String,
        /// The role to take on.
        role: Option<String>,
        /// The encryption context, sorted by name.
        context: Vec<(String, String)>,
        /// The profile of the credentials.
        profile: Option<String>,
    },
    /// A key of Azure Key Vault.
    AzureKeyVault {
        /// The vault, `https://…`.
        vault_url: String,
        /// The key's name.
        name: String,
        /// Its version; empty for the newest one, which has to be asked for.
        version: String,
    },
    /// A key of Google Cloud KMS.
    GcpKms {
        /// Its resource id, `projects/…`.
        resource_id: String,
    },
    /// A key of the transit engine of HashiCorp Vault.
    HashicorpVault {
        /// The server.
        address: String,
        /// Where the engine is.
        engine_path: String,
        /// The key's name.
        name: String,
    },
    /// A key of HuaweiCloud KMS.
    HuaweiKms {
        /// Region and id, with a colon between.
        key_id: String,
    },
    /// A PGP key.
    Pgp {
        /// Its fingerprint, without blanks.
        fingerprint: String,
    },
}

impl Key {
    /// The key as SOPS names it in messages, and compares it.
    #[must_use]
    pub fn name(&self) -> String {
        self.master_key().name()
    }

    /// The key as files have it, without what is wrapped to it. All kinds but age also need the time at which they were
    /// added, `created_at`.
    #[must_use]
    pub fn master_key(&self) -> MasterKey {
        let (kind, fields): (_, Vec<(&str, &str)>) = match self {
            Self::Age { recipient } => (KeyKind::Age, vec![("recipient", recipient)]),
            Self::AwsKms { arn, role, profile, .. } => {
                let role = role.iter().map(|role| ("role", role.as_str()));
                // SOPS writes the profile even when there is none.
                let profile = ("aws_profile", profile.as_deref().unwrap_or_default());
                (KeyKind::AwsKms, [("arn", arn.as_str())].into_iter().chain(role).chain([profile]).collect())
            }
            Self::AzureKeyVault { vault_url, name, version } => {
                (KeyKind::AzureKeyVault, vec![("vault_url", vault_url), ("name", name), ("version", version)])
            }
            Self::GcpKms { resource_id } => (KeyKind::GcpKms, vec![("resource_id", resource_id)]),
            Self::HashicorpVault { address, engine_path, name } => (
                KeyKind::HashicorpVault,
                vec![("vault_address", address), ("engine_path", engine_path), ("key_name", name)],
            ),
            Self::HuaweiKms { key_id } => (KeyKind::HuaweiKms, vec![("key_id", key_id)]),
            Self::Pgp { fingerprint } => (KeyKind::Pgp, vec![("fp", fingerprint)]),
        };
        let text = |(name, text): (&str, &str)| (name.to_owned(), Field::Text(text.to_owned()));
        let mut fields: Vec<_> = fields.into_iter().map(text).collect();
        if let Self::AwsKms { context, .. } = self
            && !context.is_empty()
        {
            let context = context.iter().map(|(name, value)| text((name, value))).collect();
            fields.push(("context".to_owned(), Field::Map(context)));
        }
        MasterKey::new(kind, fields)
    }

    /// The keys of one kind in a text with commas between them, as options and variables of SOPS name them. Keys of AWS KMS
    /// get the profile, which may be empty.
    ///
    /// # Errors
    /// [`Error::Config`] for a text that is no such key. It never quotes the text.
    pub fn parse_list(kind: KeyKind, text: &str, aws_profile: &str) -> Result<Vec<Self>, Error> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let keys: Result<Vec<_>, _> = parts.map(|part| Self::parse(kind, part, aws_profile)).collect();
        Ok(keys?.into_iter().flatten().collect())
    }

    fn parse(kind: KeyKind, text: &str, aws_profile: &str) -> Result<Vec<Self>, Error> {
        Ok(vec![match kind {
            KeyKind::Age => return Self::age(text),
            KeyKind::AwsKms => Self::aws_kms(text, aws_profile),
            KeyKind::AzureKeyVault => Self::azure(text)?,
            KeyKind::GcpKms => Self::GcpKms { resource_id: text.chars().filter(|c| *c != ' ').collect() },
            KeyKind::HashicorpVault => Self::vault(text)?,
            KeyKind::HuaweiKms => Self::huawei(text)?,
            KeyKind::Pgp => Self::pgp(text)?,
        }])
    }

    /// One or several age recipients with commas between; none when there is nothing at all.
    fn age(text: &str) -> Result<Vec<Self>, Error> {
        if text.is_empty() {
            return Ok(Vec::new());
        }
        let key = |text: &str| {
            Recipient::parse(text).map_err(|found| Error::Config { at: None, what: found.to_string() })?;
            Ok(Self::Age { recipient: text.trim().to_owned() })
        };
        text.split(',').map(key).collect()
    }

    fn pgp(text: &str) -> Result<Self, Error> {
        match Fingerprint::parse(text) {
            Ok(fingerprint) => Ok(Self::Pgp { fingerprint: fingerprint.as_str().to_owned() }),
            Err(found) => Err(Error::Config { at: None, what: found.to_string() }),
        }
    }

    fn aws_kms(text: &str, profile: &str) -> Self {
        let text: String = text.chars().filter(|c| *c != ' ').collect();
        // The role has a resource name too, in one of several partitions.
        let role = text.match_indices("+arn:aws").map(|(at, _)| at).find(|&at| {
            let partition = text[at + 1..].split(':').nth(1).unwrap_or_default();
            text[at + 1..].starts_with(&format!("arn:{partition}:iam::"))
        });
        let (arn, role) = role.map_or((text.as_str(), None), |at| (&text[..at], Some(text[at + 1..].to_owned())));
        Self::AwsKms { arn: arn.to_owned(), role, context: Vec::new(), profile: some(profile) }
    }

    fn azure(text: &str) -> Result<Self, Error> {
        let wrong = || invalid("an Azure key is `https://VAULT/keys/NAME/VERSION`");
        let text = text.trim();
        let rest = text.strip_prefix("https://").ok_or_else(wrong)?;
        let mut parts = rest.split('/');
        match [parts.next(), parts.next(), parts.next(), parts.next(), parts.next()] {
            [Some(host), Some("keys"), Some(name), version, None] if !host.is_empty() && !name.is_empty() => {
                Ok(Self::AzureKeyVault {
                    vault_url: format!("https://{host}"),
                    name: name.to_owned(),
                    version: version.unwrap_or_default().to_owned(),
                })
            }
            _ => Err(wrong()),
        }
    }

    fn huawei(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        match text.split_once(':') {
            Some((region, id)) if !region.is_empty() && !id.is_empty() => {
                Ok(Self::HuaweiKms { key_id: text.to_owned() })
            }
            _ => Err(invalid("a HuaweiCloud key is `REGION:ID`")),
        }
    }

    fn vault(text: &str) -> Result<Self, Error> {
        let wrong = || invalid("a Vault key is `https://HOST/v1/ENGINE/keys/NAME`");
        let text = text.trim().trim_end_matches('/');
        let (scheme, rest) = text.split_once("://").ok_or_else(wrong)?;
        let (host, path) = rest.split_once('/').ok_or_else(wrong)?;
        let engine_and_name = path.strip_prefix("v1/").ok_or_else(wrong)?;
        let (engine_path, name) = engine_and_name.rsplit_once("/keys/").ok_or_else(wrong)?;
        if scheme.is_empty() || host.is_empty() || engine_path.is_empty() || name.is_empty() || name.contains('/') {
            return Err(wrong());
        }
        let (engine_path, name) = (engine_path.to_owned(), name.to_owned());
        Ok(Self::HashicorpVault { address: format!("{scheme}://{host}"), engine_path, name })
    }
}

/// The keys that stand in a rule itself, in the lists [`FLAT_FIELDS`]: each a text with commas, or a list of such.
pub(super) fn flat(lists: Vec<(&'static str, Option<Entry>)>, profile: &str) -> Result<Vec<Key>, Error> {
    let mut keys = Vec::new();
    for ((field, entry), kind) in lists.into_iter().zip(FLAT_KINDS) {
        let Some(entry) = entry else { continue };
        for (at, text) in joined(field, &entry.value)? {
            keys.extend(Key::parse(kind, &text, profile).map_err(|found| named(at, field, found))?);
        }
    }
    Ok(keys)
}

/// The single texts of a list of keys. A text loses its empty parts; an empty one in a list is an error, as for SOPS.
fn joined(field: &str, node: &Node) -> Result<Vec<(Position, String)>, Error> {
    let parts = |node: &Node, text: &str| {
        let at = node.at;
        text.split(',').map(|part| (at, part.trim().to_owned())).collect::<Vec<_>>()
    };
    match &node.value {
        Value::Null => Ok(Vec::new()),
        Value::Text(_) if is_number(node) => Err(error(node.at, format!("`{field}` is a number; put it in quotes"))),
        Value::Text(text) => Ok(parts(node, text).into_iter().filter(|(_, part)| !part.is_empty()).collect()),
        Value::List(items) => {
            let mut all = Vec::new();
            for item in items {
                match &item.value {
                    Value::Text(text) if !is_number(item) => all.extend(parts(item, text)),
                    Value::Text(_) => {
                        return Err(error(item.at, format!("`{field}` lists a number; put it in quotes")));
                    }
                    _ => return Err(must_be(field, item, "a list of texts")),
                }
                if all.iter().any(|(_, part)| part.is_empty()) {
                    return Err(error(item.at, format!("`{field}` lists an empty key")));
                }
            }
            Ok(all)
        }
        Value::Map(_) => Err(must_be(field, node, "a text or a list of texts")),
    }
}

/// A key group, and the first thing that is wrong with one of its keys. What is merged comes first, and each key stands
/// there once.
pub(super) fn group(node: Node, reader: &mut Reader) -> Result<(Vec<Key>, Option<Error>), Error> {
    let mut fields = Fields::new(node, "a key group")?;
    let mut keys: Vec<Key> = Vec::new();
    let mut problem = None;
    for merged in reader.nodes(fields.take("merge"), "key groups")?.unwrap_or_default() {
        let (merged, wrong) = group(merged, reader)?;
        keys.extend(merged);
        problem = problem.or(wrong);
    }
    let mut add = |at: Position, field: &str, read: Result<Vec<Key>, Error>| match read {
        Ok(read) => keys.extend(read),
        Err(found) => problem = problem.take().or(Some(named(at, field, found))),
    };
    for (at, text) in reader.texts(fields.take("age"), "recipients")? {
        add(at, "age", Key::age(&text));
    }
    for (at, text) in reader.texts(fields.take("pgp"), "fingerprints")? {
        add(at, "pgp", Key::pgp(&text).map(|key| vec![key]));
    }
    for node in reader.nodes(fields.take("kms"), "keys")?.unwrap_or_default() {
        let at = node.at;
        let mut fields = Fields::new(node, "a key of AWS KMS")?;
        let [arn, role, profile] = ["arn", "role", "aws_profile"].map(|name| reader.text(fields.take(name)));
        let (role, profile) = (some(&role?), some(&profile?));
        let mut context = Vec::new();
        if let Some(pairs) = reader.fields(fields.take("context"), "the context of a key")? {
            for pair in pairs.rest() {
                context.push((pair.key.clone(), reader.text(Some(pair))?));
            }
        }
        context.sort();
        reader.done(fields, &["arn", "aws_profile", "context", "role"]);
        add(at, "kms", Ok(vec![Key::AwsKms { arn: arn?, role, context, profile }]));
    }
    for node in reader.nodes(fields.take("gcp_kms"), "keys")?.unwrap_or_default() {
        let at = node.at;
        let mut fields = Fields::new(node, "a key of Google Cloud KMS")?;
        let resource_id = reader.text(fields.take("resource_id"))?.replace(' ', "");
        reader.done(fields, &["resource_id"]);
        add(at, "gcp_kms", Ok(vec![Key::GcpKms { resource_id }]));
    }
    for node in reader.nodes(fields.take("hckms"), "keys")?.unwrap_or_default() {
        let at = node.at;
        let mut fields = Fields::new(node, "a key of HuaweiCloud KMS")?;
        let key_id = reader.text(fields.take("key_id"))?;
        reader.done(fields, &["key_id"]);
        add(at, "hckms", Key::huawei(&key_id).map(|key| vec![key]));
    }
    for node in reader.nodes(fields.take("azure_keyvault"), "keys")?.unwrap_or_default() {
        let at = node.at;
        let mut fields = Fields::new(node, "a key of Azure Key Vault")?;
        let [vault_url, name, version] = ["vaultUrl", "key", "version"].map(|name| reader.text(fields.take(name)));
        reader.done(fields, &["key", "vaultUrl", "version"]);
        add(
            at,
            "azure_keyvault",
            Ok(vec![Key::AzureKeyVault { vault_url: vault_url?, name: name?, version: version? }]),
        );
    }
    for (at, text) in reader.texts(fields.take("hc_vault"), "addresses of keys")? {
        add(at, "hc_vault", Key::vault(&text).map(|key| vec![key]));
    }
    reader.done(fields, GROUP_FIELDS);

    let mut once: Vec<Key> = Vec::with_capacity(keys.len());
    for key in keys {
        let same_kind = |other: &Key| std::mem::discriminant(other) == std::mem::discriminant(&key);
        if !once.iter().any(|other| same_kind(other) && other.name() == key.name()) {
            once.push(key);
        }
    }
    Ok((once, problem))
}

/// Warns of the keys in a rule that has key groups, which alone count then.
pub(super) fn warn_of_flat(lists: &[(&'static str, Option<Entry>)], reader: &mut Reader) {
    for entry in lists.iter().filter_map(|(_, entry)| entry.as_ref()) {
        let why = "the rule has `key_groups`, whose keys alone count";
        reader.warn(entry.at, WarningKind::IgnoredField { field: entry.key.clone(), why });
    }
}

fn named(at: Position, field: &str, found: Error) -> Error {
    match found {
        Error::Config { at: None, what } => error(at, format!("`{field}`: {what}")),
        found => with_position(at, found),
    }
}

fn invalid(what: &str) -> Error {
    Error::Config { at: None, what: what.to_owned() }
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
