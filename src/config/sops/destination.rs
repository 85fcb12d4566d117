//! Destination rules: where `publish` puts a file.

use std::fmt;

use super::reader::Reader;
use super::rule::{CreationRule, PathRegex};
use super::warning::WarningKind;
use crate::config::fields::Fields;
use crate::config::node::{Node, Value, error};
use crate::error::{Error, Position};

const FIELDS: &[&str] = &[
    "gcs_bucket",
    "gcs_prefix",
    "omit_extensions",
    "path_regex",
    "recreation_rule",
    "s3_bucket",
    "s3_prefix",
    "vault_address",
    "vault_kv_mount_name",
    "vault_kv_version",
    "vault_path",
];

/// Where files are published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// Google Cloud Storage.
    Gcs {
        /// The bucket.
        bucket: String,
        /// What names begin with.
        prefix: String,
    },
    /// S3.
    S3 {
        /// The bucket.
        bucket: String,
        /// What names begin with.
        prefix: String,
    },
    /// The key-value store of HashiCorp Vault.
    Vault {
        /// The server; empty when the environment names it.
        address: String,
        /// What names begin with.
        path: String,
        /// Where the store is.
        mount: String,
        /// Its version, 1 or 2.
        version: i64,
    },
}

/// A destination rule. [`SopsConfig::destination_for`](super::SopsConfig::destination_for) hands out only those that can
/// be used.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DestinationRule {
    /// Where it begins.
    pub position: Position,
    /// The paths it is for.
    pub path_regex: PathRegex,
    /// Where to; `None` when the rule does not say.
    pub destination: Option<Destination>,
    /// How the file is encrypted anew before it is published.
    pub recreation_rule: Option<CreationRule>,
    /// Whether names lose their extension.
    pub omit_extensions: bool,
    problem: Option<Error>,
}

impl DestinationRule {
    pub(super) fn read(node: Node, reader: &mut Reader) -> Result<Self, Error> {
        let mut fields = Fields::new(node, "a destination rule")?;
        let position = fields.at;
        let path_regex = PathRegex::read(&mut fields, reader)?;
        let [s3_bucket, s3_prefix, gcs_bucket, gcs_prefix, address, path, mount] = [
            "s3_bucket",
            "s3_prefix",
            "gcs_bucket",
            "gcs_prefix",
            "vault_address",
            "vault_path",
            "vault_kv_mount_name",
        ]
        .map(|name| reader.text(fields.take(name)));
        let version = reader.number(fields.take("vault_kv_version"))?;
        let s3 = Destination::S3 { bucket: s3_bucket?, prefix: s3_prefix? };
        let gcs = Destination::Gcs { bucket: gcs_bucket?, prefix: gcs_prefix? };
        let mount = Some(mount?).filter(|mount| !mount.is_empty()).unwrap_or_else(|| "secret".to_owned());
        let version = if version == 0 { 2 } else { version };
        let vault = Destination::Vault { address: address?, path: path?, mount, version };
        let mut named: Vec<_> = [s3, gcs, vault].into_iter().filter(Destination::is_named).collect();

        let omit_extensions = reader.truth(fields.take("omit_extensions"))?;
        let recreation = fields.take("recreation_rule").map(|entry| entry.value);
        let recreation = recreation.filter(|node| !matches!(node.value, Value::Null));
        let recreation_rule = recreation.map(|node| CreationRule::read(1, node, reader)).transpose()?;
        reader.done(fields, FIELDS);

        let problem = (named.len() > 1).then(|| {
            let what = "a destination rule has more than one destination";
            reader.warn(position, WarningKind::BrokenRule { what: what.to_owned() });
            error(position, what)
        });
        Ok(Self { position, path_regex, destination: named.pop(), recreation_rule, omit_extensions, problem })
    }

    /// Refuses what cannot be used.
    pub(super) fn check(&self) -> Result<(), Error> {
        let recreation = self.recreation_rule.as_ref().map_or(Ok(()), CreationRule::check);
        self.problem.clone().map_or(recreation, Err)
    }

    /// The patterns that do not compile.
    pub(super) fn broken_patterns(&self) -> impl Iterator<Item = Error> {
        let recreation = self.recreation_rule.iter().flat_map(CreationRule::broken_patterns);
        self.path_regex.problem().into_iter().chain(recreation)
    }
}

impl Destination {
    fn is_named(&self) -> bool {
        match self {
            Self::Gcs { bucket, .. } | Self::S3 { bucket, .. } => !bucket.is_empty(),
            Self::Vault { path, .. } => !path.is_empty(),
        }
    }
}

impl fmt::Display for DestinationRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} ({})", self.position.line, self.path_regex)
    }
}
