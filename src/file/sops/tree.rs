//! A file as SOPS's tree: documents, maps, lists, typed scalars and comments in SOPS's order.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use zeroize::Zeroizing;

use super::comments;
use super::resolve::{self, Scalar};
use crate::dialect::sops::{METADATA_KEY, Value, is_token_like};
use crate::document::sops::{Field, Store, unescape_newlines};
use crate::document::{KeyedScan, Scan};
use crate::error::Error;
use crate::error::sops::SopsError;
use crate::file::fold;
use crate::leaf::{Leaf, LeafKind, PathId, PathTree, Segment};

/// What keys of metadata begin with in dotenv.
const DOTENV_PREFIX: &str = "sops_";

/// A file that was read.
pub(super) struct Tree<'t> {
    pub(super) store: Store,
    pub(super) text: &'t str,
    pub(super) scan: Scan,
    /// Where the key of each entry begins.
    key_starts: Vec<Option<u32>>,
    /// The items of each map and list, in SOPS's order.
    pub(super) items: Vec<Vec<Item>>,
    /// The number of the leaf that is the value at a path.
    values: Vec<Option<usize>>,
    /// The number of its tag's leaf.
    tags: HashMap<PathId, usize>,
    /// What aliases stand for.
    aliases: HashMap<PathId, PathId>,
}

/// What a map or list holds.
#[derive(Clone, Debug)]
pub(super) enum Item {
    /// The leaves of one comment: several only in INI.
    Comment(Vec<usize>),
    Node(PathId),
}

impl<'t> Tree<'t> {
    /// Reads `text`.
    pub(super) fn read(store: Store, text: &'t str) -> Result<Self, Error> {
        Self::of_scan(store, text, store.keyed_scan(text)?)
    }

    /// The same for a text full of tokens, which are not looked into.
    pub(super) fn read_sealed(store: Store, text: &'t str) -> Result<Self, Error> {
        Self::of_scan(store, text, fold::keyed_scan(store, text)?)
    }

    fn of_scan(store: Store, text: &'t str, scan: KeyedScan) -> Result<Self, Error> {
        let KeyedScan { scan, keys } = scan;
        let mut tree = Self {
            store,
            text,
            items: vec![Vec::new(); scan.paths.len()],
            values: vec![None; scan.paths.len()],
            tags: HashMap::new(),
            aliases: HashMap::new(),
            key_starts: vec![None; scan.paths.len()],
            scan,
        };
        keys.into_iter().for_each(|(path, start)| tree.key_starts[path.index()] = Some(start));
        tree.read_leaves()?;
        tree.order_items();
        Ok(tree)
    }

    /// The roots of the documents.
    pub(super) fn documents(&self) -> Vec<PathId> {
        match self.store {
            Store::Yaml => self.children(PathTree::ROOT).collect(),
            _ => vec![PathTree::ROOT],
        }
    }

    /// The nodes in a map or list, in order.
    pub(super) fn children(&self, path: PathId) -> impl Iterator<Item = PathId> {
        self.items[path.index()].iter().filter_map(|item| match item {
            Item::Comment(_) => None,
            Item::Node(path) => Some(*path),
        })
    }

    /// The last node in a map or list.
    pub(super) fn last_child(&self, path: PathId) -> Option<PathId> {
        self.items[path.index()].iter().rev().find_map(|item| match item {
            Item::Comment(_) => None,
            Item::Node(path) => Some(*path),
        })
    }

    /// The leaf number `number`.
    pub(super) fn leaf(&self, number: usize) -> &Leaf {
        &self.scan.leaves[number]
    }

    /// The source of the leaf number `number`.
    pub(super) fn source(&self, number: usize) -> &'t str {
        self.leaf(number).span.of(self.text)
    }

    /// The leaf of the value at `path`.
    pub(super) fn value_at(&self, path: PathId) -> Option<usize> {
        self.values[path.index()]
    }

    /// The leaf of the tag at `path`.
    pub(super) fn tag_at(&self, path: PathId) -> Option<usize> {
        self.tags.get(&path).copied()
    }

    /// Whether there is any alias.
    pub(super) fn has_aliases(&self) -> bool {
        !self.aliases.is_empty()
    }

    /// Whether `path` is `outer`, or in it.
    pub(super) fn is_inside(&self, path: PathId, outer: PathId) -> bool {
        let paths = &self.scan.paths;
        let mut path = path;
        while paths.depth(path) > paths.depth(outer) {
            path = paths.parent(path);
        }
        path == outer
    }

    /// What the alias at `path` stands for.
    pub(super) fn alias_at(&self, path: PathId) -> Option<PathId> {
        self.aliases.get(&path).copied()
    }

    /// Where the key that leads to `path` begins.
    pub(super) fn key_start(&self, path: PathId) -> Option<usize> {
        self.key_starts[path.index()].map(|start| start as usize)
    }

    /// The key that leads to `path`.
    pub(super) fn key(&self, path: PathId) -> Option<&str> {
        match self.scan.paths.last(path) {
            Some(Segment::Key { text, .. }) => Some(text),
            _ => None,
        }
    }

    /// The value of a leaf; none for null.
    pub(super) fn scalar(&self, number: usize) -> Result<Scalar, Error> {
        let leaf = self.leaf(number);
        let is_text_format = matches!(self.store, Store::Dotenv | Store::Ini);
        match leaf.kind {
            LeafKind::EmptyValue if is_text_format => return Ok(Some(Value::text(""))),
            LeafKind::EmptyValue | LeafKind::EmptyMap | LeafKind::EmptyList | LeafKind::NoValue => return Ok(None),
            _ => {}
        }
        let tag = self.tag_at(leaf.path).map(|tag| self.source(tag));
        let resolved = match self.store.decode(self.text, leaf)? {
            Cow::Borrowed(text) => resolve::resolve(self.store, text, leaf.kind == LeafKind::Plain, tag),
            Cow::Owned(text) => {
                let text = Zeroizing::new(text);
                resolve::resolve(self.store, &text, leaf.kind == LeafKind::Plain, tag)
            }
        };
        resolved.map_err(|what| Error::syntax(self.text, leaf.span.start as usize, what))
    }

    /// The value of a leaf when that looks like a token: a text whatever its format.
    pub(super) fn token(&self, number: usize) -> Option<&'t str> {
        let leaf = self.leaf(number);
        if !leaf.kind.is_value() || self.tag_at(leaf.path).is_some() {
            return None;
        }
        match self.store.decode(self.text, leaf) {
            Ok(Cow::Borrowed(text)) if is_token_like(text) => Some(text),
            _ => None,
        }
    }

    /// The nodes under which metadata stand; in dotenv each line is one.
    pub(super) fn metadata_nodes(&self) -> Vec<PathId> {
        let is_metadata = |path: &PathId| {
            self.key(*path).is_some_and(|key| match self.store {
                Store::Dotenv => key.starts_with(DOTENV_PREFIX),
                _ => key == METADATA_KEY,
            })
        };
        self.documents().into_iter().flat_map(|root| self.children(root)).filter(is_metadata).collect()
    }

    /// The metadata, those of the first document; none when the file is not encrypted.
    pub(super) fn metadata(&self) -> Result<Option<Field>, Error> {
        let nodes = self.metadata_nodes();
        let bad = |name: String| SopsError::Metadata {
            field: name.escape_debug().to_string(),
            what: "does not fit the others",
        };
        match (self.store, nodes.first()) {
            (_, None) => Ok(None),
            (Store::Dotenv, _) => {
                let name = |path| self.key(path).and_then(|key| key.strip_prefix(DOTENV_PREFIX));
                Ok(Some(Field::unflatten(&self.flat_lines(&nodes, name)?).map_err(bad)?))
            }
            (Store::Ini, Some(&section)) => {
                let nodes: Vec<_> = self.children(section).collect();
                Ok(Some(Field::unflatten(&self.flat_lines(&nodes, |path| self.key(path))?).map_err(bad)?))
            }
            (_, Some(&node)) => {
                let first = self.documents().first().copied();
                if first != Some(self.scan.paths.parent(node)) {
                    return Ok(None);
                }
                self.field(node).map(Some)
            }
        }
    }

    /// A subtree of metadata.
    fn field(&self, path: PathId) -> Result<Field, Error> {
        if self.alias_at(path).is_some() {
            let field = self.scan.paths.display(path).to_string();
            return Err(SopsError::Metadata { field, what: "is an alias" }.into());
        }
        let children: Vec<_> = self.children(path).collect();
        if let Some(&first) = children.first() {
            let mut entries = Vec::new();
            for &child in &children {
                entries.push((self.key(child).unwrap_or_default().to_owned(), self.field(child)?));
            }
            let is_map = self.key(first).is_some();
            return Ok(if is_map {
                Field::Map(entries)
            } else {
                Field::List(entries.into_iter().map(|(_, field)| field).collect())
            });
        }
        let Some(number) = self.value_at(path) else { return Ok(Field::Null) };
        let leaf = self.leaf(number);
        Ok(match leaf.kind {
            LeafKind::EmptyList => Field::List(Vec::new()),
            LeafKind::EmptyMap => Field::Map(Vec::new()),
            _ => match self.scalar(number)? {
                None => Field::Null,
                Some(value) => {
                    let text = self.store.decode(self.text, leaf)?.into_owned();
                    match value.kind().tag() {
                        "bool" => Field::Bool(value.bytes() == b"True"),
                        "int" | "float" => Field::Number(text),
                        _ => Field::Text(text),
                    }
                }
            },
        })
    }

    fn flat_lines<'s>(
        &'s self,
        nodes: &[PathId],
        name: impl Fn(PathId) -> Option<&'s str>,
    ) -> Result<Vec<(String, String)>, Error> {
        let mut lines = Vec::new();
        for &node in nodes {
            let Some(number) = self.value_at(node) else { continue };
            let value = self.store.decode(self.text, self.leaf(number))?;
            lines.push((name(node).unwrap_or_default().to_owned(), unescape_newlines(&value).into_owned()));
        }
        Ok(lines)
    }

    /// Notes where values, tags and aliases are.
    fn read_leaves(&mut self) -> Result<(), Error> {
        let mut anchors: HashMap<&str, PathId> = HashMap::new();
        for number in 0..self.scan.leaves.len() {
            let leaf = *self.leaf(number);
            let source = self.source(number);
            match leaf.kind {
                // SOPS drops a key's own anchor, as all of them; it shares its path with the value's.
                LeafKind::Anchor => drop(anchors.insert(source.trim_start_matches('&').trim_end(), leaf.path)),
                LeafKind::Alias => {
                    let target = anchors.get(source.trim_start_matches('*'));
                    let what = "an alias without an anchor before it has no value";
                    let target = target.ok_or_else(|| Error::syntax(self.text, leaf.span.start as usize, what))?;
                    self.aliases.insert(leaf.path, *target);
                    self.values[leaf.path.index()] = Some(number);
                }
                LeafKind::Tag => drop(self.tags.insert(leaf.path, number)),
                LeafKind::Comment | LeafKind::Directive => {}
                _ => self.values[leaf.path.index()] = Some(number),
            }
        }
        Ok(())
    }

    fn order_items(&mut self) {
        let paths = &self.scan.paths;
        let mut counts = vec![0_u32; paths.len()];
        paths.ids().skip(1).for_each(|path| counts[paths.parent(path).index()] += 1);
        for path in paths.ids().skip(1) {
            let parent = paths.parent(path).index();
            let items = &mut self.items[parent];
            items.reserve_exact(std::mem::take(&mut counts[parent]) as usize);
            items.push(Item::Node(path));
        }
        let mut before: HashMap<(PathId, Option<PathId>), Vec<Item>> = HashMap::new();
        for (container, item, next) in comments::place(self) {
            before.entry((container, next)).or_default().push(item);
        }
        let containers: HashSet<PathId> = before.keys().map(|&(container, _)| container).collect();
        for container in containers {
            let nodes = std::mem::take(&mut self.items[container.index()]);
            let mut items = Vec::with_capacity(nodes.len());
            for node in nodes {
                if let Item::Node(path) = node {
                    items.extend(before.remove(&(container, Some(path))).unwrap_or_default());
                }
                items.push(node);
            }
            items.extend(before.remove(&(container, None)).unwrap_or_default());
            self.items[container.index()] = items;
        }
    }
}
