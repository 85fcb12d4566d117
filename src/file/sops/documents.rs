//! What a file says, independent of any text: documents, maps, lists, typed values, and the comments among them, in
//! SOPS's order. That is what goes from one format to another.

use zeroize::Zeroizing;

use super::tree::{Item as TreeItem, Tree};
use super::whole_float::WholeFloat;
use super::{Decrypted, checked_text, comments};
use crate::dialect::sops::Value;
use crate::document::sops::Store;
use crate::document::{MAX_NESTING, MAX_PLAINTEXT_LEN};
use crate::error::Error;
use crate::leaf::{LeafKind, PathId};

mod as_tree;
mod environment;
mod example;
mod extract;
mod ini;
mod json;
mod key_path;
mod print;
mod same;
mod yaml;

pub use environment::Variable;
pub use extract::Extracted;
pub(super) use extract::child as find_step;
pub use key_path::KeyPath;
pub(super) use key_path::Step;
pub use print::Losses;

/// The section of INI that holds the keys without one.
const DEFAULT_SECTION: &str = "DEFAULT";
/// There are at most this many nodes once aliases are expanded: the bound on alias bombs.
const MAX_NODES: usize = 4 << 20;
/// What aliases stand for is at most this long: a few aliases of one long value are a bomb, too.
const MAX_COPIED_LEN: usize = 4 * MAX_PLAINTEXT_LEN;

/// The documents of a file: one, but in YAML.
pub struct Documents {
    pub(super) store: Store,
    /// Each document, a map.
    pub(super) roots: Vec<Node>,
}

/// What a map or list holds.
#[derive(Clone)]
pub enum Item {
    /// A comment without its sign.
    Comment(Zeroizing<String>),
    /// An entry of a map. A key may stand twice where SOPS allows that.
    Entry(String, Node),
    /// An item of a list.
    Element(Node),
}

/// A value, or what holds some.
#[derive(Clone)]
pub enum Node {
    /// Items and comments in order.
    List(Vec<Item>),
    /// Entries and comments in order.
    Map(Vec<Item>),
    /// Nothing.
    Null,
    /// Anything else.
    Value(Value),
}

impl Node {
    /// The items of a map or list; none of anything else.
    #[must_use]
    pub fn items(&self) -> &[Item] {
        match self {
            Self::List(items) | Self::Map(items) => items,
            Self::Null | Self::Value(_) => &[],
        }
    }

    pub(super) fn items_mut(&mut self) -> Option<&mut Vec<Item>> {
        match self {
            Self::List(items) | Self::Map(items) => Some(items),
            Self::Null | Self::Value(_) => None,
        }
    }
}

impl Item {
    /// What it holds; none for a comment.
    #[must_use]
    pub fn node(&self) -> Option<&Node> {
        match self {
            Self::Comment(_) => None,
            Self::Entry(_, node) | Self::Element(node) => Some(node),
        }
    }
}

impl Documents {
    /// Reads a plaintext. Aliases become copies of what they stand for, merge keys stay keys, and a binary file is the text
    /// under the key `data`.
    ///
    /// # Errors
    /// What is wrong with the text; [`Error::Syntax`] for a document that is no map; [`Error::Limit`] for what aliases
    /// make too large.
    pub fn read(plaintext: &[u8], store: Store) -> Result<Self, Error> {
        if store == Store::Binary {
            let data = Item::Entry("data".to_owned(), Node::Value(Value::text(plaintext)));
            return Ok(Self { store, roots: vec![Node::Map(vec![data])] });
        }
        Self::read_with(plaintext, store, &[])
    }

    /// Reads a file that was decrypted. The types are those in its tokens: a float that looks like an integer stays one.
    ///
    /// # Errors
    /// Those of [`Documents::read`].
    pub fn of(decrypted: &Decrypted) -> Result<Self, Error> {
        match decrypted.store {
            Store::Binary => Self::read(&decrypted.plaintext, Store::Binary),
            store => Self::read_with(&decrypted.plaintext, store, &decrypted.floats),
        }
    }

    fn read_with(plaintext: &[u8], store: Store, floats: &[WholeFloat]) -> Result<Self, Error> {
        let text = checked_text(plaintext, MAX_PLAINTEXT_LEN)?;
        let tree = &Tree::read(store, text)?;
        let mut reader = Reader { tree, floats, values: 0, nodes: 0, copied: 0 };
        let roots = tree.documents().into_iter().map(|root| reader.root(root)).collect::<Result<_, _>>()?;
        Ok(Self { store: tree.store, roots })
    }

    /// The documents, each a map.
    #[must_use]
    pub fn roots(&self) -> &[Node] {
        &self.roots
    }

    /// The items of the first document: the only one for most of what SOPS does.
    pub(super) fn first(&self) -> &[Item] {
        self.roots.first().map_or(&[], Node::items)
    }
}

struct Reader<'a, 't> {
    tree: &'a Tree<'t>,
    /// Those that are yet to come.
    floats: &'a [WholeFloat],
    /// How many values were read: those at which a walk stops.
    values: usize,
    nodes: usize,
    /// The length of what aliases stand for.
    copied: usize,
}

impl Reader<'_, '_> {
    fn root(&mut self, path: PathId) -> Result<Node, Error> {
        let tree = self.tree;
        if tree.store == Store::Ini {
            return self.sections(path);
        }
        let node = self.node(path, 0, false)?;
        // An empty document may have comments nevertheless.
        match node {
            Node::Map(_) => Ok(node),
            Node::Null => Ok(Node::Map(self.items(path, 0, false)?)),
            Node::List(_) | Node::Value(_) => {
                let start = tree.scan.leaves.iter().find(|leaf| tree.is_inside(leaf.path, path));
                let start = start.map_or(0, |leaf| leaf.span.start as usize);
                Err(Error::syntax(tree.text, start, "SOPS takes only maps for documents"))
            }
        }
    }

    /// The sections of INI. The one without a header is always there.
    fn sections(&mut self, path: PathId) -> Result<Node, Error> {
        let tree = self.tree;
        let mut items = self.items(path, 0, false)?;
        if tree.children(path).next().is_none_or(|section| tree.key_start(section).is_some()) {
            items.insert(0, Item::Entry(DEFAULT_SECTION.to_owned(), Node::Map(Vec::new())));
        }
        Ok(Node::Map(items))
    }

    fn node(&mut self, path: PathId, depth: usize, is_copy: bool) -> Result<Node, Error> {
        let tree = self.tree;
        self.nodes += 1;
        if self.nodes > MAX_NODES || self.copied > MAX_COPIED_LEN || depth > 2 * MAX_NESTING {
            let what = "the size of the tree with its aliases expanded";
            return Err(Error::Limit { what, limit: MAX_NODES as u64, at: None });
        }
        if let Some(target) = tree.alias_at(path) {
            if tree.is_inside(path, target) {
                let path = tree.scan.paths.display(path).to_string();
                let what = "an alias stands for the node around it, which has no end";
                return Err(Error::Unrepresentable { path, what });
            }
            return self.node(target, depth + 1, true);
        }
        if let Some(first) = tree.children(path).next() {
            let items = self.items(path, depth, is_copy)?;
            return Ok(if tree.key(first).is_some() { Node::Map(items) } else { Node::List(items) });
        }
        let Some(number) = tree.value_at(path) else {
            // A section of INI without keys.
            let is_map = tree.store == Store::Ini;
            return Ok(if is_map { Node::Map(self.items(path, depth, is_copy)?) } else { Node::Null });
        };
        let leaf = tree.leaf(number);
        if is_copy {
            self.copied += leaf.span.len();
        }
        let is_empty_root = depth == 0 && matches!(leaf.kind, LeafKind::EmptyMap | LeafKind::EmptyValue);
        let float = if is_empty_root { None } else { self.next_float() };
        Ok(match leaf.kind {
            LeafKind::EmptyList => Node::List(self.items(path, depth, is_copy)?),
            LeafKind::EmptyMap => Node::Map(self.items(path, depth, is_copy)?),
            _ => match (tree.scalar(number)?, float) {
                (None, _) => Node::Null,
                (Some(value), None) => Node::Value(value),
                (Some(value), Some(float)) => Node::Value(float.of(&value)),
            },
        })
    }

    /// What is known of the next value, if that is a float.
    fn next_float(&mut self) -> Option<WholeFloat> {
        let float = self.floats.first().copied().filter(|float| float.number == self.values);
        self.values += 1;
        if float.is_some() {
            self.floats = &self.floats[1..];
        }
        float
    }

    fn items(&mut self, path: PathId, depth: usize, is_copy: bool) -> Result<Vec<Item>, Error> {
        let tree = self.tree;
        let mut items = Vec::with_capacity(tree.items[path.index()].len());
        for item in &tree.items[path.index()] {
            match item {
                // SOPS loses the comments of what an alias stands for.
                TreeItem::Comment(_) if is_copy => {}
                TreeItem::Comment(leaves) => {
                    items.push(Item::Comment(Zeroizing::new(comments::text(tree, leaves).into_owned())));
                }
                TreeItem::Node(child) => {
                    let node = self.node(*child, depth + 1, is_copy)?;
                    items.push(match tree.key(*child) {
                        Some(key) => {
                            self.copied += if is_copy { key.len() } else { 0 };
                            Item::Entry(key.to_owned(), node)
                        }
                        None => Item::Element(node),
                    });
                }
            }
        }
        Ok(items)
    }
}
