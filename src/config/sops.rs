//! `.sops.yaml`, the config of SOPS: which keys and settings it gives a new file.
//!
//! It is read as SOPS reads it, and so are its mistakes: what would stop SOPS in every command is an error at once, what
//! would stop it when a rule is used is an error then. Two things are stricter: a pattern of a selector that does not compile,
//! with which SOPS would leave a whole file in clear, and numbers with a fraction. What SOPS ignores without a word is a
//! [`Warning`].

use super::MAX_CONFIG_LEN;
use super::fields::Fields;
use super::node;
use crate::error::Error;

mod destination;
mod key;
mod lookup;
mod reader;
mod rule;
mod stores;
mod warning;

pub use destination::{Destination, DestinationRule};
pub use key::Key;
pub use lookup::{ALTERNATE_NAME, CONFIG_NAME, Lookup, MAX_DEPTH, lookup, match_path};
use reader::Reader;
pub use rule::{CreationRule, PathRegex, Selector};
pub use stores::Stores;
pub use warning::{Warning, WarningKind};

const ROOT_FIELDS: &[&str] = &["creation_rules", "destination_rules", "stores"];

/// A config file of SOPS that was read.
#[derive(Clone, Debug)]
pub struct SopsConfig {
    creation_rules: Option<Vec<CreationRule>>,
    destination_rules: Vec<DestinationRule>,
    stores: Stores,
    warnings: Vec<Warning>,
}

impl SopsConfig {
    /// Reads the text of a config file.
    ///
    /// # Errors
    /// [`Error::Config`] with the position, for what makes every command of SOPS fail; [`Error::Limit`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text.len() > MAX_CONFIG_LEN {
            return Err(Error::Limit { what: "the length of the config", limit: MAX_CONFIG_LEN as u64, at: None });
        }
        let tree = node::parse_sops(text)?;
        let mut reader = Reader::default();
        let mut config = Self {
            creation_rules: None,
            destination_rules: Vec::new(),
            stores: Stores::default(),
            warnings: Vec::new(),
        };
        if let Some(root) = tree.root.filter(|root| !matches!(root.value, node::Value::Null)) {
            let mut fields = Fields::new(root, "the config")?;
            if let Some(items) = reader.nodes(fields.take("creation_rules"), "rules")? {
                let read = |(index, node)| CreationRule::read(index + 1, node, &mut reader);
                config.creation_rules = Some(items.into_iter().enumerate().map(read).collect::<Result<_, _>>()?);
            }
            for node in reader.nodes(fields.take("destination_rules"), "rules")?.unwrap_or_default() {
                config.destination_rules.push(DestinationRule::read(node, &mut reader)?);
            }
            if let Some(fields) = reader.fields(fields.take("stores"), "`stores`")? {
                config.stores = Stores::read(fields, &mut reader)?;
            }
            reader.root_is_done(fields, ROOT_FIELDS);
        }
        for at in tree.secrets {
            reader.warn(at, WarningKind::SecretKey);
        }
        if let Some(at) = tree.further {
            reader.warn(at, WarningKind::FurtherDocument);
        }
        reader.warn_of_unreachable(config.creation_rules.as_deref().unwrap_or_default());
        config.warnings = reader.warnings;
        Ok(config)
    }

    /// What SOPS ignores without a word, and rules that it would stumble over, in the order of the file. This compiles all
    /// patterns.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        let creation = self.creation_rules.iter().flatten().flat_map(CreationRule::broken_patterns);
        let destination = self.destination_rules.iter().flat_map(DestinationRule::broken_patterns);
        let broken = creation.chain(destination).filter_map(Warning::of_broken_rule);
        let mut warnings: Vec<_> = self.warnings.iter().cloned().chain(broken).collect();
        warnings.sort_by_key(|warning| warning.at);
        // What an anchor names is read as often as it is used.
        warnings.dedup();
        warnings
    }

    /// The creation rules; `None` when the config does not have any, which SOPS takes as if there were no config file.
    #[must_use]
    pub fn creation_rules(&self) -> Option<&[CreationRule]> {
        self.creation_rules.as_deref()
    }

    /// The rule for a new file: the first one that matches `path`, which is what [`match_path`] gives. `None` when the
    /// config has no creation rules.
    ///
    /// # Errors
    /// [`Error::NoRule`] when none matches; [`Error::Config`] when a pattern on the way there does not compile, or the
    /// rule cannot be used.
    pub fn rule_for(&self, path: &str) -> Result<Option<&CreationRule>, Error> {
        let Some(rules) = &self.creation_rules else { return Ok(None) };
        for rule in rules {
            if rule.path_regex.matches(path)? {
                rule.check()?;
                return Ok(Some(rule));
            }
        }
        Err(Error::NoRule { path: path.to_owned(), tried: rules.iter().map(ToString::to_string).collect() })
    }

    /// The rule for publishing a file: the first one that matches `path`, here as the user typed it.
    ///
    /// # Errors
    /// As of [`SopsConfig::rule_for`]. For SOPS a pattern that does not compile never matches here.
    pub fn destination_for(&self, path: &str) -> Result<&DestinationRule, Error> {
        for rule in &self.destination_rules {
            if rule.path_regex.matches(path)? {
                rule.check()?;
                return Ok(rule);
            }
        }
        Err(Error::NoRule {
            path: path.to_owned(),
            tried: self.destination_rules.iter().map(ToString::to_string).collect(),
        })
    }

    /// Whether it has rules for publishing.
    #[must_use]
    pub fn has_destination_rules(&self) -> bool {
        !self.destination_rules.is_empty()
    }

    /// How files are to be written.
    #[must_use]
    pub fn stores(&self) -> &Stores {
        &self.stores
    }
}

#[cfg(test)]
mod tests;
