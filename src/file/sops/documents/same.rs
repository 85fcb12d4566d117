//! Whether a text says what was printed into it.

use super::print::flat;
use super::{DEFAULT_SECTION, Documents, Item, Node};
use crate::dialect::sops::{Kind, Value};
use crate::document::sops::Store;
use crate::error::Error;

impl Documents {
    /// Reads `text` and compares it: only comments, and types that the format does not know, may be others.
    pub(in crate::file::sops) fn check_same(&self, text: &[u8], store: Store) -> Result<(), Error> {
        let what = "the format cannot hold this so that it reads the same again";
        let refused = |path: String| Err(Error::Unrepresentable { path, what });
        let Ok(read) = Self::read(text, store) else { return refused(".".to_owned()) };
        let (ours, read) = (self.items_by_document(store), read.items_by_document(store));
        if ours.len() != read.len() {
            return refused(".".to_owned());
        }
        match ours.into_iter().zip(read).find_map(|(ours, read)| difference(ours, read, store)) {
            None => Ok(()),
            Some(path) => refused(path.escape_debug().to_string()),
        }
    }

    fn items_by_document(&self, store: Store) -> Vec<Vec<&Item>> {
        match store {
            Store::Yaml => self.roots.iter().map(|root| root.items().iter().collect()).collect(),
            // All documents are one in INI, where a section may be there without being written.
            _ => {
                let is_nothing = |item: &&Item| match item {
                    Item::Entry(key, node) => key == DEFAULT_SECTION && node.items().is_empty(),
                    _ => false,
                };
                let mut items: Vec<_> = self.roots.iter().flat_map(Node::items).collect();
                if store == Store::Ini && items.first().is_some_and(is_nothing) {
                    items.remove(0);
                }
                vec![items]
            }
        }
    }
}

/// The keys that lead to the first difference.
fn difference(ours: Vec<&Item>, read: Vec<&Item>, store: Store) -> Option<String> {
    let [ours, read] = [ours, read].map(|items| in_order(items, store));
    let mut read = read.into_iter();
    for item in ours {
        let (key, node) = match item {
            Item::Comment(_) => continue,
            Item::Entry(key, node) => (key.as_str(), node),
            Item::Element(node) => ("", node),
        };
        let other = match read.next() {
            Some(Item::Entry(other, node)) if other == key => node,
            Some(Item::Element(node)) if key.is_empty() => node,
            _ => return Some(key.to_owned()),
        };
        let below = match (node, other) {
            (Node::List(ours), Node::List(read)) | (Node::Map(ours), Node::Map(read)) => {
                difference(ours.iter().collect(), read.iter().collect(), store)
            }
            (Node::Null, Node::Null) => None,
            (Node::Value(ours), Node::Value(read)) if says(read, ours, store) => None,
            _ => Some(String::new()),
        };
        if let Some(below) = below {
            let dot = if key.is_empty() || below.is_empty() { "" } else { "." };
            return Some([key, dot, &below].concat());
        }
    }
    read.next().map(|_| String::new())
}

/// The values, in an order that they keep: in TOML tables stand behind all else.
fn in_order(mut items: Vec<&Item>, store: Store) -> Vec<&Item> {
    items.retain(|item| item.node().is_some());
    if store == Store::Toml {
        items.sort_by_key(|item| match item {
            Item::Entry(key, _) => Some(key.as_str()),
            _ => None,
        });
    }
    items
}

/// Whether `read` is what `store` makes of `value`.
fn says(read: &Value, value: &Value, store: Store) -> bool {
    let is_flat = matches!(store, Store::Dotenv | Store::Ini);
    match (value.kind(), store) {
        (Kind::Text, _) => read == value,
        _ if is_flat => read.bytes() == &*flat(value),
        (Kind::Time, Store::Json) => read.bytes() == value.bytes(),
        (kind, _) => {
            let is_zero = (value.bytes(), read.bytes()) == (b"-0", b"0");
            read.kind().or_integer() == kind.or_integer() && (read.bytes() == value.bytes() || is_zero)
        }
    }
}
