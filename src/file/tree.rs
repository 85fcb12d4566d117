//! Values as a tree: what `--extract`, `--output-type` and `exec-env` read of a plaintext.
//!
//! This is interpretation at the edge: what is encrypted and decrypted is always source text.

use std::collections::{HashMap, HashSet};

use super::document::Document;
use super::open::Decrypted;
use super::path_query::{PathQuery, Step, similar};
use super::scalar::Scalar;
use crate::document::{BINARY, MAX_PLAINTEXT_LEN};
use crate::error::Error;
use crate::leaf::{Leaf, LeafKind, PathId, PathTree, Segment};

/// A tree has at most this many nodes once aliases are expanded: the bound on alias bombs.
const MAX_NODES: usize = 1 << 20;
/// Its keys and values are at most this long together: a few aliases of one long value are a bomb, too.
const MAX_LEN: usize = 4 * MAX_PLAINTEXT_LEN;
/// It is at most this deep then.
const MAX_DEPTH: usize = 256;

/// One value.
#[derive(Clone)]
pub(super) enum Value {
    /// Items in order.
    List(Vec<Value>),
    /// Entries in order.
    Map(Vec<(String, Value)>),
    /// Anything else.
    Scalar(Scalar),
}

/// The values of a plaintext.
pub struct Tree {
    pub(super) documents: Vec<Value>,
    /// Where a tag stands that other formats do not know.
    pub(super) tagged: Option<String>,
    /// [`Format::has_dotted_keys`](crate::document::Format).
    pub(super) dotted_keys: bool,
}

impl Tree {
    /// Reads `document`: aliases are expanded and merge keys merged, within limits.
    ///
    /// # Errors
    /// [`Error::Limit`], [`Error::Syntax`] for an alias without an anchor or a value that cannot be decoded;
    /// [`Error::Unrepresentable`] for a binary file.
    pub fn of(document: &Document) -> Result<Self, Error> {
        Self::without(document, &HashSet::new())
    }

    /// Reads the document of `decrypted` without the values of sections that no identity opened. Items of lists keep their
    /// places; of maps and lists that hold nothing else, nothing is left.
    ///
    /// # Errors
    /// Those of [`Tree::of`].
    pub fn of_opened(decrypted: &Decrypted) -> Result<Self, Error> {
        Self::without(&decrypted.document, &decrypted.locked_leaves()?)
    }

    /// Reads `document` without the leaves with these numbers.
    fn without(document: &Document, locked: &HashSet<usize>) -> Result<Self, Error> {
        if document.format().name() == BINARY.name() {
            let what = "a binary file is one value, without keys that could be named";
            return Err(Error::Unrepresentable { path: ".".into(), what });
        }
        let mut reader = Reader::new(document, locked)?;
        let roots = reader.children[PathTree::ROOT.index()].clone();
        let is_stream =
            matches!(roots.first().and_then(|&root| document.scan().paths.last(root)), Some(Segment::Document(_)));
        // In formats whose root is always a map nothing stands for one without entries.
        let is_empty = roots.is_empty() && reader.leaves[PathTree::ROOT.index()].is_none();
        let mut root = |path| Ok(reader.value(path, 0)?.unwrap_or(Value::Map(Vec::new())));
        let documents = if is_empty {
            vec![Value::Map(Vec::new())]
        } else if is_stream {
            roots.into_iter().map(root).collect::<Result<_, Error>>()?
        } else {
            vec![root(PathTree::ROOT)?]
        };
        Ok(Self { documents, tagged: reader.tagged, dotted_keys: document.format().has_dotted_keys() })
    }

    /// The part that `query` names.
    ///
    /// # Errors
    /// [`Error::PathNotFound`].
    pub fn extract(self, query: &PathQuery) -> Result<Self, Error> {
        let value = self.find(query)?.clone();
        Ok(Self { documents: vec![value], ..self })
    }

    /// The value that `query` names.
    pub(super) fn find(&self, query: &PathQuery) -> Result<&Value, Error> {
        let query = &*query.meant(self.dotted_keys);
        let missing = |similar| Error::PathNotFound { path: query.to_string(), similar };
        let document = usize::try_from(query.document()).unwrap_or(usize::MAX);
        let mut value = self.documents.get(document).ok_or_else(|| missing(None))?;
        for step in query.steps() {
            value = match (value, step) {
                (Value::Map(entries), Step::Key(key)) => {
                    let found = entries.iter().find(|(name, _)| name == key).map(|(_, value)| value);
                    found.ok_or_else(|| missing(similar(key, entries.iter().map(|(name, _)| name.as_str()))))?
                }
                (Value::List(items), Step::Index(index)) => items.get(*index).ok_or_else(|| missing(None))?,
                _ => return Err(missing(None)),
            };
        }
        Ok(value)
    }
}

/// Builds values from a scan.
struct Reader<'d> {
    document: &'d Document,
    /// The numbers of leaves that have no value.
    locked: &'d HashSet<usize>,
    children: Vec<Vec<PathId>>,
    leaves: Vec<Option<usize>>,
    aliases: HashMap<PathId, PathId>,
    tags: HashMap<PathId, usize>,
    tagged: Option<String>,
    /// The nodes whose value is being read.
    entered: Vec<bool>,
    nodes: usize,
    len: usize,
}

impl<'d> Reader<'d> {
    fn new(document: &'d Document, locked: &'d HashSet<usize>) -> Result<Self, Error> {
        let scan = document.scan();
        let mut children = vec![Vec::new(); scan.paths.len()];
        for path in scan.paths.ids().filter(|path| *path != PathTree::ROOT) {
            children[scan.paths.parent(path).index()].push(path);
        }
        let mut reader = Self {
            document,
            locked,
            children,
            leaves: vec![None; scan.paths.len()],
            aliases: HashMap::new(),
            tags: HashMap::new(),
            tagged: None,
            entered: vec![false; scan.paths.len()],
            nodes: 0,
            len: 0,
        };
        let mut anchors: HashMap<&str, PathId> = HashMap::new();
        for (number, leaf) in scan.leaves.iter().enumerate() {
            let source = document.source(leaf);
            match leaf.kind {
                LeafKind::Anchor => drop(anchors.insert(source.trim_start_matches('&'), leaf.path)),
                LeafKind::Alias => {
                    let what = "an alias without an anchor before it has no value";
                    let target = anchors.get(source.trim_start_matches('*')).ok_or(what);
                    let target = target.map_err(|what| Error::Syntax { at: document.position(leaf), what })?;
                    reader.aliases.insert(leaf.path, *target);
                }
                LeafKind::Tag => {
                    let known = source == "!" || source.starts_with("!!");
                    if !known && reader.tagged.is_none() {
                        reader.tagged = Some(document.path(leaf.path));
                    }
                    reader.tags.insert(leaf.path, number);
                }
                LeafKind::Comment | LeafKind::Directive => {}
                _ => reader.leaves[leaf.path.index()] = Some(number),
            }
        }
        Ok(reader)
    }

    /// The value at `path`; none where nothing but locked leaves is.
    fn value(&mut self, path: PathId, depth: usize) -> Result<Option<Value>, Error> {
        self.nodes += 1;
        if self.nodes > MAX_NODES || depth > MAX_DEPTH {
            let what = "the size of the tree with its aliases expanded";
            return Err(Error::Limit { what, limit: MAX_NODES as u64, at: None });
        }
        if let Some(&target) = self.aliases.get(&path) {
            return self.value(target, depth + 1);
        }
        if std::mem::replace(&mut self.entered[path.index()], true) {
            return Err(Error::Unrepresentable {
                path: self.document.path(path),
                what: "an alias stands for the node around it, which has no end",
            });
        }
        let children = std::mem::take(&mut self.children[path.index()]);
        let value = self.collection(&children, path, depth);
        self.children[path.index()] = children;
        self.entered[path.index()] = false;
        value
    }

    fn collection(&mut self, children: &[PathId], path: PathId, depth: usize) -> Result<Option<Value>, Error> {
        let paths = &self.document.scan().paths;
        match children.first().map(|&child| paths.last(child)) {
            None => self.leaf(path),
            Some(Some(Segment::Key { .. })) => {
                let mut entries = Vec::with_capacity(children.len());
                let mut merged = Vec::new();
                let mut is_locked = true;
                for &child in children {
                    let Some(value) = self.value(child, depth + 1)? else { continue };
                    is_locked = false;
                    match paths.last(child) {
                        Some(Segment::Key { text: "<<", quoted: false }) => merged.push(value),
                        Some(Segment::Key { text, .. }) => {
                            self.grow(text.len())?;
                            entries.push((text.to_owned(), value));
                        }
                        _ => {}
                    }
                }
                if !merged.is_empty() {
                    let mut names = entries.iter().map(|(name, _)| name.clone()).collect();
                    merged.into_iter().for_each(|value| merge(&mut entries, &mut names, value));
                }
                Ok((!is_locked).then_some(Value::Map(entries)))
            }
            Some(_) => {
                let items = children.iter().map(|&child| self.value(child, depth + 1));
                let mut items: Vec<_> = items.collect::<Result<_, _>>()?;
                // The others keep their places.
                items.truncate(items.iter().rposition(Option::is_some).map_or(0, |last| last + 1));
                let items = items.into_iter().map(|item| item.unwrap_or(Value::Scalar(Scalar::Inherited)));
                Ok((items.len() > 0).then(|| Value::List(items.collect())))
            }
        }
    }

    fn grow(&mut self, len: usize) -> Result<(), Error> {
        self.len += len;
        let what = "the length of all values in bytes, with aliases expanded";
        if self.len > MAX_LEN { Err(Error::Limit { what, limit: MAX_LEN as u64, at: None }) } else { Ok(()) }
    }

    fn leaf(&mut self, path: PathId) -> Result<Option<Value>, Error> {
        let Some(number) = self.leaves[path.index()] else { return Ok(Some(Value::Scalar(Scalar::Null))) };
        if self.locked.contains(&number) {
            return Ok(None);
        }
        let leaf = &self.document.scan().leaves[number];
        self.grow(leaf.span.len())?;
        let tag = self.tags.get(&path).map(|&tag| self.document.source(&self.document.scan().leaves[tag]));
        leaf_value(self.document, leaf, tag).map(Some)
    }
}

/// What `leaf` says, given the tag before it.
pub(super) fn leaf_value(document: &Document, leaf: &Leaf, tag: Option<&str>) -> Result<Value, Error> {
    let is_text = matches!(tag, Some("!" | "!!str" | "!!binary"));
    Ok(match leaf.kind {
        LeafKind::EmptyList => Value::List(Vec::new()),
        LeafKind::EmptyMap => Value::Map(Vec::new()),
        LeafKind::NoValue => Value::Scalar(Scalar::Inherited),
        LeafKind::EmptyValue if document.format().name() != "yaml" => Value::Scalar(Scalar::Text(String::new())),
        LeafKind::Plain if !is_text => {
            let value = document.value(leaf)?;
            Value::Scalar(Scalar::resolve(&value, document.format()))
        }
        LeafKind::Plain | LeafKind::Quoted => Value::Scalar(Scalar::Text(document.value(leaf)?.to_string())),
        _ => Value::Scalar(Scalar::Null),
    })
}

/// YAML's merge key: entries that are not there yet come in behind.
pub(super) fn merge(entries: &mut Vec<(String, Value)>, names: &mut HashSet<String>, value: Value) {
    match value {
        Value::List(items) => items.into_iter().for_each(|item| merge(entries, names, item)),
        Value::Map(others) => entries.extend(others.into_iter().filter(|(key, _)| names.insert(key.clone()))),
        Value::Scalar(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::format_by_name;
    use crate::file::{IdentityUnlock, NewSection, Plan, decrypt, encrypt};
    use crate::keys::{Identities, NoInteraction, generate_x25519};
    use crate::select::PathGlob;

    #[test]
    fn what_was_not_opened_is_left_out_wherever_it_is_used() {
        let yaml = format_by_name("yaml").expect("a format");
        let text = b"db:\n  p: &p x\n  host: h\nlist: [1, {a: 2}]\nuses:\n  - *p\n  - z\n  - *p\nall: *p\nm: &m\n  \
                     <<: {v: *p}\n  w: 1\nempty: {}\n---\nlist: [3]\n";
        let document = Document::parse(text, yaml).expect("a document");
        let (secret, me) = generate_x25519();
        let (_, other) = generate_x25519();
        let paths = PathGlob::parse_all(["db.**", "list.**"]).expect("globs");
        let sections = vec![NewSection {
            name: "database".into(),
            paths,
            recipients: vec![("other".into(), other.clone())],
            key_groups: None,
        }];
        let mut plan = Plan { sections, ..Plan::for_recipients([("me".into(), me), ("other".into(), other)]) };
        plan.selection.clear = PathGlob::parse_all(["**.host"]).expect("globs");
        let encrypted = encrypt(&document, &plan, &NoInteraction).expect("it is encrypted");
        let mut identities = Identities::new();
        identities.add_identity_file(secret.as_bytes(), "test").expect("an identity");
        let unlock = IdentityUnlock { identities: &identities, interaction: &NoInteraction };
        let decrypted = decrypt(encrypted.text.as_bytes(), yaml, &unlock).expect("a part of it opens");
        let tree = Tree::of_opened(&decrypted).expect("a tree");
        let expected = "db:\n  host: h\nuses:\n  - null\n  - z\nm:\n  w: 1\nempty: {}\n---\n{}\n";
        assert_eq!(tree.print(yaml).expect("YAML").as_str(), expected);
    }
}
