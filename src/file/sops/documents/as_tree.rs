//! Documents as the tree that commands of our own look into and print.

use std::collections::HashSet;

use super::{Documents, Item, Node};
use crate::dialect::sops::{Kind, Value};
use crate::document::sops::Store;
use crate::file::scalar::Scalar;
use crate::file::sops::number;
use crate::file::tree::{self, Tree, merge};

/// The key of YAML whose maps belong to the one around it.
const MERGE: &str = "<<";

impl Tree {
    /// The values of `documents`, typed as SOPS types them, but with merge keys merged. Comments are left out.
    #[must_use]
    pub fn of_sops(documents: &Documents) -> Self {
        Self {
            documents: documents.roots.iter().map(|root| value(root, documents.store)).collect(),
            tagged: None,
            dotted_keys: false,
        }
    }
}

impl Documents {
    /// A key that stands twice in one map. Programs differ about which one counts, and somebody without the data key can add one
    /// with an empty value, which is in no MAC.
    pub(in crate::file) fn ambiguous_key(&self) -> Option<&str> {
        self.roots.iter().find_map(ambiguous_key)
    }
}

fn ambiguous_key(node: &Node) -> Option<&str> {
    let (Node::Map(items) | Node::List(items)) = node else { return None };
    let mut keys = HashSet::new();
    items.iter().find_map(|item| match item {
        Item::Entry(key, _) if !keys.insert(key.as_str()) => Some(key.as_str()),
        item => item.node().and_then(ambiguous_key),
    })
}

fn value(node: &Node, store: Store) -> tree::Value {
    match node {
        Node::List(items) => {
            tree::Value::List(items.iter().filter_map(Item::node).map(|node| value(node, store)).collect())
        }
        Node::Map(items) => map(items, store),
        Node::Null => tree::Value::Scalar(Scalar::Null),
        Node::Value(value) => tree::Value::Scalar(scalar(value, store)),
    }
}

fn map(items: &[Item], store: Store) -> tree::Value {
    let (mut entries, mut merged) = (Vec::new(), Vec::new());
    for item in items {
        match item {
            Item::Entry(key, node @ (Node::Map(_) | Node::List(_))) if key == MERGE => merged.push(value(node, store)),
            Item::Entry(key, node) => entries.push((key.clone(), value(node, store))),
            Item::Comment(_) | Item::Element(_) => {}
        }
    }
    if !merged.is_empty() {
        let mut names: HashSet<String> = entries.iter().map(|(name, _)| name.clone()).collect();
        merged.into_iter().for_each(|value| merge(&mut entries, &mut names, value));
    }
    tree::Value::Map(entries)
}

fn scalar(value: &Value, store: Store) -> Scalar {
    let text = || String::from_utf8_lossy(value.bytes()).into_owned();
    match value.kind() {
        Kind::Bool => Scalar::Bool(value.bytes() == b"True"),
        Kind::Comment | Kind::Text => Scalar::Text(text()),
        Kind::Float => match value.as_float().map(|float| (number::json(float), float)) {
            // Elsewhere SOPS has made floats of integers, and the other way round.
            Some((Some(text), _)) if store == Store::Toml && !text.contains(['.', 'e']) => {
                Scalar::Number(format!("{text}.0"))
            }
            Some((Some(text), _)) => Scalar::Number(text),
            Some((None, float)) if float.is_nan() => Scalar::TomlOnly("nan".to_owned()),
            Some((None, float)) => Scalar::TomlOnly(if float > 0.0 { "inf" } else { "-inf" }.to_owned()),
            None => Scalar::Text(text()),
        },
        Kind::Int => Scalar::Number(text()),
        Kind::Time => Scalar::TomlOnly(text()),
    }
}
