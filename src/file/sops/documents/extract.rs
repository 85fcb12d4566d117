//! One part of a file: what `--extract` prints.

use zeroize::Zeroizing;

use super::key_path::Step;
use super::print::{json_step, refuse, yaml_step};
use super::{Documents, Item, KeyPath, Losses, Node, json, yaml};
use crate::config::sops::Stores;
use crate::dialect::sops::Kind;
use crate::document::sops::Store;
use crate::error::Error;

/// A part of a file.
pub struct Extracted {
    source: Store,
    node: Node,
}

impl Documents {
    /// The part of the first document that `path` names. Indexes count the comments of a list, as SOPS does.
    ///
    /// # Errors
    /// [`Error::PathNotFound`].
    pub fn extract(&self, path: &KeyPath) -> Result<Extracted, Error> {
        let missing = || Error::PathNotFound { path: path.to_string(), similar: None };
        let root = self.roots.first().ok_or_else(missing)?;
        let node = path.steps.iter().try_fold(root, |node, step| child(node, step).ok_or_else(missing))?;
        Ok(Extracted { source: self.store, node: node.clone() })
    }
}

impl Extracted {
    /// What was found.
    #[must_use]
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// The part as SOPS prints it in the format of `store`: a text is its bytes, without a line break behind them; a map
    /// is a document; anything else is YAML with a line break, or JSON without one.
    ///
    /// # Errors
    /// [`Error::Unrepresentable`] for what the format cannot hold: in dotenv and binary files, all but texts and maps.
    pub fn print(&self, store: Store, stores: &Stores) -> Result<Zeroizing<Vec<u8>>, Error> {
        match (&self.node, store) {
            (Node::Value(value), _) if value.kind() == Kind::Text => Ok(Zeroizing::new(value.bytes().to_vec())),
            (Node::Map(_), _) => {
                let document = Documents { store: self.source, roots: vec![self.node.clone()] };
                document.print(store, stores, Losses::AsSops)
            }
            (node, Store::Yaml) => yaml::value(node, yaml_step(stores)?),
            (node, Store::Json | Store::Ini | Store::Toml) => json::value(node, &json_step(stores)?),
            (_, Store::Dotenv) => refuse(".", "dotenv holds only texts; name another output type"),
            (_, Store::Binary) => refuse(".", "a binary file is one text; name another output type"),
        }
    }
}

/// Where `step` leads from `node`.
pub(in crate::file::sops) fn child<'n>(node: &'n Node, step: &Step) -> Option<&'n Node> {
    match (node, step) {
        (Node::Map(items), Step::Key(wanted)) => items.iter().find_map(|item| match item {
            Item::Entry(key, node) if key == wanted => Some(node),
            _ => None,
        }),
        (Node::List(items), Step::Index(index)) => items.get(*index)?.node(),
        _ => None,
    }
}
