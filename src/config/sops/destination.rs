//! Destination rules: where `publish` puts a file.

use std::fmt;

use super::reader::Reader;
use super::rule::CreationRule;
use super::show_rule;
use super::warning::WarningKind;
use crate::config::fields::Fields;
use crate::config::node::{Node, Value, error};
use crate::error::{Error, Position};
use crate::select::Pattern;

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
    /// The pattern of the paths it is for; without one it is for every file.
    pub path_regex: Option<Pattern>,
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
        let pattern_at = fields.place("path_regex");
        let pattern = reader.text(fields.take("path_regex"))?;
        let path_regex = (!pattern.is_empty()).then(|| Pattern::new(&pattern));
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

        let problem = match path_regex.as_ref().and_then(Pattern::problem) {
            Some(why) => Some((pattern_at, format!("the `path_regex` of a destination rule does not compile: {why}"))),
            None if named.len() > 1 => Some((position, "a destination rule has more than one destination".to_owned())),
            None => None,
        };
        let problem = problem.map(|(at, what)| {
            reader.warn(at, WarningKind::BrokenRule { what: what.clone() });
            error(at, what)
        });
        Ok(Self { position, path_regex, destination: named.pop(), recreation_rule, omit_extensions, problem })
    }

    /// Whether it is for this path.
    pub(super) fn matches(&self, path: &str) -> Result<bool, Error> {
        match (&self.path_regex, &self.problem) {
            (Some(pattern), Some(problem)) if !pattern.is_valid() => Err(problem.clone()),
            (Some(pattern), _) => Ok(pattern.matches(path)),
            (None, _) => Ok(true),
        }
    }

    /// Refuses what cannot be used.
    pub(super) fn check(&self) -> Result<(), Error> {
        let recreation = self.recreation_rule.as_ref().map_or(Ok(()), CreationRule::check);
        self.problem.clone().map_or(recreation, Err)
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
        show_rule(f, self.position, self.path_regex.as_ref().map(Pattern::as_str))
    }
}
