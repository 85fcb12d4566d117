//! Values as a tree: what `--extract`, `--output-type` and `exec-env` read of a plaintext.
//!
//! This is interpretation at the edge: what is encrypted and decrypted is always source text.

use std::collections::{BTreeMap, HashMap, HashSet};

use zeroize::Zeroizing;

use super::document::Document;
use super::path_query::{PathQuery, Step, similar};
use super::scalar::Scalar;
use crate::document::{BINARY, Format, MAX_PLAINTEXT_LEN};
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
}

/// How the environment names of nested values are made.
#[derive(Clone, Copy, Debug)]
pub struct EnvironmentNames<'n> {
    /// Between the parts of a path.
    pub separator: &'n str,
    /// Before every name.
    pub prefix: &'n str,
    /// Whether names are put into upper case.
    pub upcase: bool,
    /// Whether `.` and `-` in a key separate parts of a path, too.
    pub dotted_keys: bool,
}

impl EnvironmentNames<'_> {
    /// The same for values of a file of `format`: keys of dotenv are environment names already and keep their case, and
    /// those of properties are paths by custom (`db.url`).
    #[must_use]
    pub fn for_format(self, format: &dyn Format) -> Self {
        let name = format.name();
        Self { upcase: self.upcase && name != "dotenv", dotted_keys: self.dotted_keys || name == "properties", ..self }
    }

    /// The name for a path whose parts are joined.
    pub(super) fn name(&self, path: &str) -> String {
        if self.upcase { format!("{}{}", self.prefix, path.to_uppercase()) } else { format!("{}{path}", self.prefix) }
    }
}

impl Tree {
    /// Reads `document`: aliases are expanded and merge keys merged, within limits.
    ///
    /// # Errors
    /// [`Error::Limit`], [`Error::Syntax`] for an alias without an anchor or a value that cannot be decoded;
    /// [`Error::Unrepresentable`] for a binary file.
    pub fn of(document: &Document) -> Result<Self, Error> {
        if document.format().name() == BINARY.name() {
            let what = "a binary file is one value, without keys that could be named";
            return Err(Error::Unrepresentable { path: ".".into(), what });
        }
        let mut reader = Reader::new(document)?;
        let roots = reader.children[PathTree::ROOT.index()].clone();
        let is_stream =
            matches!(roots.first().and_then(|&root| document.scan().paths.last(root)), Some(Segment::Document(_)));
        let documents = if roots.is_empty() && reader.leaves[PathTree::ROOT.index()].is_none() {
            // Without entries: in formats whose root is always a map nothing stands for it.
            vec![Value::Map(Vec::new())]
        } else if is_stream {
            roots.into_iter().map(|root| reader.value(root, 0)).collect::<Result<_, _>>()?
        } else {
            vec![reader.value(PathTree::ROOT, 0)?]
        };
        Ok(Self { documents, tagged: reader.tagged })
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

    /// Environment variables for all scalars: `db.users[0]` is `DB_USERS_0`.
    ///
    /// # Errors
    /// [`Error::Unrepresentable`] for a name or a value that an environment cannot hold, and when two leaves have one
    /// name.
    pub fn environment(&self, names: &EnvironmentNames<'_>) -> Result<BTreeMap<String, Zeroizing<String>>, Error> {
        self.named(names, |name, value| match value {
            _ if !is_environment_name(name) => {
                Some("not an environment name: letters, digits and `_`, not beginning with a digit")
            }
            value if value.contains('\0') => Some("an environment variable cannot hold a NUL character"),
            _ => None,
        })
    }

    /// The entries of a Kubernetes Secret for all scalars, not in base64 yet.
    ///
    /// # Errors
    /// [`Error::Unrepresentable`] for what is no key of a Secret, and when two leaves have one name.
    pub fn secret_data(&self, names: &EnvironmentNames<'_>) -> Result<BTreeMap<String, Zeroizing<String>>, Error> {
        let what = "not a key of a Secret: at most 253 letters, digits, `-`, `_` and `.`";
        self.named(names, |name, _| (!is_secret_key(name)).then_some(what))
    }

    /// All scalars by name; `refusal` says what is wrong with a name and its value.
    fn named(
        &self,
        names: &EnvironmentNames<'_>,
        refusal: impl Fn(&str, &str) -> Option<&'static str>,
    ) -> Result<BTreeMap<String, Zeroizing<String>>, Error> {
        let mut variables = BTreeMap::new();
        for document in &self.documents {
            if matches!(document, Value::Scalar(scalar) if *scalar != Scalar::Null) {
                return Err(Error::Unrepresentable { path: ".".into(), what: "a value without a key has no name" });
            }
            walk(document, "", names, &mut |path, scalar| {
                let (name, text) = (names.name(path), scalar.text());
                if let Some(what) = refusal(&name, text) {
                    return Err(Error::Unrepresentable { path: name, what });
                }
                if variables.insert(name.clone(), Zeroizing::new(text.to_owned())).is_some() {
                    let what = "two values have this name; choose another --separator, or --no-upcase";
                    return Err(Error::Unrepresentable { path: name, what });
                }
                Ok(())
            })?;
        }
        Ok(variables)
    }
}

/// Visits the scalars below `value`, with their paths joined.
pub(super) fn walk<E>(
    value: &Value,
    path: &str,
    names: &EnvironmentNames<'_>,
    visit: &mut impl FnMut(&str, &Scalar) -> Result<(), E>,
) -> Result<(), E> {
    let join = |part: &str| {
        let part = if names.dotted_keys { part.replace(['.', '-'], names.separator) } else { part.to_owned() };
        if path.is_empty() { part } else { format!("{path}{}{part}", names.separator) }
    };
    match value {
        Value::List(items) => {
            items.iter().enumerate().try_for_each(|(index, item)| walk(item, &join(&index.to_string()), names, visit))
        }
        Value::Map(entries) => entries.iter().try_for_each(|(key, value)| walk(value, &join(key), names, visit)),
        Value::Scalar(Scalar::Inherited) => Ok(()),
        Value::Scalar(scalar) => visit(path, scalar),
    }
}

fn is_environment_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// A key of a `Secret` or `ConfigMap` (Kubernetes API, `data`): a file of this name can be made of it, too.
fn is_secret_key(name: &str) -> bool {
    (1..=253).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        && name != "."
        && !name.starts_with("..")
}

/// Builds values from a scan.
struct Reader<'d> {
    document: &'d Document,
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
    fn new(document: &'d Document) -> Result<Self, Error> {
        let scan = document.scan();
        let mut children = vec![Vec::new(); scan.paths.len()];
        for path in scan.paths.ids().filter(|path| *path != PathTree::ROOT) {
            children[scan.paths.parent(path).index()].push(path);
        }
        let mut reader = Self {
            document,
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

    fn value(&mut self, path: PathId, depth: usize) -> Result<Value, Error> {
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

    fn collection(&mut self, children: &[PathId], path: PathId, depth: usize) -> Result<Value, Error> {
        let paths = &self.document.scan().paths;
        match children.first().map(|&child| paths.last(child)) {
            None => self.leaf(path),
            Some(Some(Segment::Key { .. })) => {
                let mut entries = Vec::with_capacity(children.len());
                let mut merged = Vec::new();
                for &child in children {
                    let value = self.value(child, depth + 1)?;
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
                Ok(Value::Map(entries))
            }
            Some(_) => {
                children.iter().map(|&child| self.value(child, depth + 1)).collect::<Result<_, _>>().map(Value::List)
            }
        }
    }

    fn grow(&mut self, len: usize) -> Result<(), Error> {
        self.len += len;
        let what = "the length of all values in bytes, with aliases expanded";
        if self.len > MAX_LEN { Err(Error::Limit { what, limit: MAX_LEN as u64, at: None }) } else { Ok(()) }
    }

    fn leaf(&mut self, path: PathId) -> Result<Value, Error> {
        let Some(number) = self.leaves[path.index()] else { return Ok(Value::Scalar(Scalar::Null)) };
        let leaf = &self.document.scan().leaves[number];
        self.grow(leaf.span.len())?;
        let tag = self.tags.get(&path).map(|&tag| self.document.source(&self.document.scan().leaves[tag]));
        leaf_value(self.document, leaf, tag)
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
fn merge(entries: &mut Vec<(String, Value)>, names: &mut HashSet<String>, value: Value) {
    match value {
        Value::List(items) => items.into_iter().for_each(|item| merge(entries, names, item)),
        Value::Map(others) => entries.extend(others.into_iter().filter(|(key, _)| names.insert(key.clone()))),
        Value::Scalar(_) => {}
    }
}
