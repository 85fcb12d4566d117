//! The YAML of a config file as a tree with positions.
//!
//! Read straight from the parser's events, so that every message has its line and column and our own words, and so that
//! what a policy has no use for is refused: duplicate keys, anchors and aliases (so there is nothing to blow up), tags,
//! several documents. SOPS's configs may have all but the first of these.

use std::collections::HashMap;

use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, Span};

use crate::error::{Error, Position};

/// A config nests six deep at most; more is a mistake or an attack.
const MAX_NESTING: usize = 16;

/// SOPS's configs may nest `merge` in `merge`.
const MAX_NESTING_SOPS: usize = 64;

/// Anchors and aliases make copies. All of them together hold at most this many nodes.
const MAX_COPIES: usize = 100_000;

/// What the text of a secret key is replaced by where it is no error.
pub(super) const SECRET_KEY: &str = "(a secret key)";

/// Whose config file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flavour {
    /// Ours.
    Strict,
    /// SOPS's: read as its YAML library does, with anchors, aliases, merge keys and tags; only the first document counts.
    Sops,
}

/// A value of a config file, and where it begins.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) at: Position,
    pub(super) value: Value,
    /// Whether it is a scalar without quotes, which may mean a number or a truth value.
    pub(super) plain: bool,
    /// Whether an anchor is somewhere in it, so that other parts of the file may use it.
    pub(super) anchored: bool,
}

/// The tree of a config file of SOPS.
#[derive(Debug)]
pub(super) struct Tree {
    /// None when there is nothing but white space and comments.
    pub(super) root: Option<Node>,
    /// Where further documents begin, which SOPS does not read.
    pub(super) further: Option<Position>,
    /// Where secret keys stand.
    pub(super) secrets: Vec<Position>,
}

#[derive(Clone, Debug)]
pub(super) enum Value {
    List(Vec<Node>),
    Map(Vec<Entry>),
    /// Nothing, `~` or `null`.
    Null,
    /// Any other scalar, whatever type it would have elsewhere.
    Text(String),
}

/// An entry of a map. Keys are unique within theirs.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) at: Position,
    pub(super) key: String,
    pub(super) value: Node,
}

impl Value {
    /// What this is, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
            Self::Null => "empty",
            Self::Text(_) => "a text",
        }
    }
}

/// An error at a place of a config file.
pub(super) fn error(at: Position, what: impl Into<String>) -> Error {
    Error::Config { at: Some(at), what: what.into() }
}

/// The root of `text`; `None` when it holds nothing but white space and comments.
pub(super) fn parse(text: &str) -> Result<Option<Node>, Error> {
    let mut options = Options::default();
    options.disallow_directives = true;
    // Else `files: [*.yaml]` would be "unknown anchor", which helps nobody.
    options.emit_unresolved_aliases = true;
    let mut builder = Builder::new(Flavour::Strict);
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = event.map_err(|found| not_yaml(&found))?;
        builder.take(event, place(&span))?;
    }
    Ok(builder.root)
}

/// The tree of the first document of `text`, read as SOPS reads its config.
pub(super) fn parse_sops(text: &str) -> Result<Tree, Error> {
    let mut options = Options::default();
    options.emit_unresolved_aliases = true;
    let mut builder = Builder::new(Flavour::Sops);
    let mut further = None;
    let mut documents = 0;
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = event.map_err(|found| not_yaml(&found))?;
        if matches!(event, Event::DocumentStart(..)) {
            documents += 1;
            if documents > 1 {
                further = Some(place(&span));
                break;
            }
        }
        builder.take(event, place(&span))?;
    }
    Ok(Tree { root: builder.root, further, secrets: builder.secrets })
}

fn place(span: &Span) -> Position {
    Position { line: span.start.line(), column: span.start.col() + 1 }
}

fn not_yaml(found: &ScanError) -> Error {
    let marker = found.marker();
    error(
        Position { line: marker.line(), column: marker.col() + 1 },
        format!("this is not valid YAML: {}", found.kind()),
    )
}

struct Builder {
    flavour: Flavour,
    /// Collections that are open, innermost last.
    stack: Vec<Open>,
    root: Option<Node>,
    /// What each anchor names, once it is complete.
    anchors: HashMap<usize, Node>,
    copies: usize,
    secrets: Vec<Position>,
}

struct Open {
    at: Position,
    anchor: usize,
    anchored: bool,
    kind: OpenKind,
}

enum OpenKind {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, lines: HashMap<String, usize>, key: Option<Key> },
}

struct Key {
    at: Position,
    text: String,
    /// `<<` without quotes.
    merges: bool,
}

impl Builder {
    fn new(flavour: Flavour) -> Self {
        Self { flavour, stack: Vec::new(), root: None, anchors: HashMap::new(), copies: 0, secrets: Vec::new() }
    }

    fn take(&mut self, event: Event<'_>, at: Position) -> Result<(), Error> {
        let (tag, anchor) = match &event {
            Event::Scalar(_, _, anchor, tag) => (tag.is_some(), *anchor),
            Event::SequenceStart(_, anchor, tag) | Event::MappingStart(_, anchor, tag) => (tag.is_some(), *anchor),
            _ => (false, 0),
        };
        let strict = self.flavour == Flavour::Strict;
        if strict && tag {
            return Err(error(at, "`!` begins a YAML tag here; put texts that begin with it in quotes"));
        }
        if strict && anchor != 0 {
            return Err(error(at, "`&` begins a YAML anchor here; put texts that begin with it in quotes"));
        }
        match event {
            Event::Scalar(text, style, ..) => {
                let plain = style == ScalarStyle::Plain && !tag;
                let null = plain && matches!(&*text, "" | "~" | "null" | "Null" | "NULL");
                let value = if null { Value::Null } else { Value::Text(text.into_owned()) };
                self.node(Node { at, value, plain, anchored: anchor != 0 }, anchor)
            }
            Event::SequenceStart(..) => self.open(at, anchor, OpenKind::List(Vec::new())),
            Event::MappingStart(..) => {
                self.open(at, anchor, OpenKind::Map { entries: Vec::new(), lines: HashMap::new(), key: None })
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(open) = self.stack.pop() else { return Ok(()) };
                let value = match open.kind {
                    OpenKind::List(items) => Value::List(items),
                    OpenKind::Map { entries, .. } => Value::Map(entries),
                };
                self.node(Node { at: open.at, value, plain: false, anchored: open.anchored }, open.anchor)
            }
            Event::Alias(..) | Event::UnresolvedAlias(..) if strict => {
                Err(error(at, "`*` begins a YAML alias here; put globs that begin with it in quotes"))
            }
            Event::Alias(anchor) => {
                let Some(node) = self.anchors.get(&anchor) else {
                    return Err(error(at, "this alias stands inside of what it names"));
                };
                let (node, size) = (node.clone(), size(node));
                self.count_copies(size, at)?;
                // The place is that of the alias: it tells where in the file something is used in the wrong way.
                let node = Node { at, anchored: false, ..node };
                self.node(node, 0)
            }
            Event::UnresolvedAlias(..) => {
                Err(error(at, "this alias has no anchor; texts that begin with `*` need quotes"))
            }
            Event::DocumentStart(..) if self.root.is_some() => {
                Err(error(at, "a second YAML document; a config is one document"))
            }
            _ => Ok(()),
        }
    }

    fn count_copies(&mut self, nodes: usize, at: Position) -> Result<(), Error> {
        self.copies += nodes;
        if self.copies > MAX_COPIES {
            let what = "what the anchors and aliases of the config stand for";
            return Err(Error::Limit { what, limit: MAX_COPIES as u64, at: Some(at) });
        }
        Ok(())
    }

    fn open(&mut self, at: Position, anchor: usize, kind: OpenKind) -> Result<(), Error> {
        if let Some(Open { kind: OpenKind::Map { key: None, .. }, .. }) = self.stack.last() {
            return Err(error(at, "a map or a list cannot be a key"));
        }
        let limit = if self.flavour == Flavour::Strict { MAX_NESTING } else { MAX_NESTING_SOPS };
        if self.stack.len() == limit {
            return Err(Error::Limit { what: "the nesting of the config", limit: limit as u64, at: Some(at) });
        }
        self.stack.push(Open { at, anchor, anchored: anchor != 0, kind });
        Ok(())
    }

    /// Puts a whole node where it belongs: as the key or the value of the innermost map, into the innermost list, or
    /// as the root.
    fn node(&mut self, mut node: Node, anchor: usize) -> Result<(), Error> {
        if let Value::Text(text) = &mut node.value
            && is_secret_key(text)
        {
            if self.flavour == Flavour::Strict {
                return Err(error(node.at, "this is a secret key; a config holds public keys only, and is committed"));
            }
            SECRET_KEY.clone_into(text);
            self.secrets.push(node.at);
        }
        if anchor != 0 {
            self.count_copies(size(&node), node.at)?;
            self.anchors.insert(anchor, node.clone());
        }
        let Some(open) = self.stack.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        open.anchored |= node.anchored;
        match &mut open.kind {
            OpenKind::List(items) => items.push(node),
            OpenKind::Map { entries, lines, key } => match key.take() {
                Some(Key { at, merges: true, .. }) => merge(entries, lines, at, node)?,
                Some(Key { at, text, .. }) => {
                    // What came in by a merge key gives way to what stands here.
                    entries.retain(|entry| entry.key != text);
                    entries.push(Entry { at, key: text, value: node });
                }
                None => {
                    let Value::Text(text) = node.value else { return Err(error(node.at, "empty key")) };
                    if let Some(line) = lines.insert(text.clone(), node.at.line) {
                        return Err(error(node.at, format!("`{text}` stands here twice, first on line {line}")));
                    }
                    let merges = self.flavour == Flavour::Sops && node.plain && text == "<<";
                    *key = Some(Key { at: node.at, text, merges });
                }
            },
        }
        Ok(())
    }
}

/// Takes over the entries of a map, or of several, the first of which wins. What stands in `entries` under the same key stays.
fn merge(entries: &mut Vec<Entry>, lines: &HashMap<String, usize>, at: Position, node: Node) -> Result<(), Error> {
    let maps = match node.value {
        Value::List(items) => items,
        _ => vec![node],
    };
    for map in maps {
        let Value::Map(merged) = map.value else { return Err(error(at, "`<<` needs a map, or a list of maps")) };
        for entry in merged {
            if !lines.contains_key(&entry.key) && !entries.iter().any(|known| known.key == entry.key) {
                entries.push(entry);
            }
        }
    }
    Ok(())
}

/// How many nodes it is.
fn size(node: &Node) -> usize {
    match &node.value {
        Value::List(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Map(entries) => 1 + entries.iter().map(|entry| size(&entry.value)).sum::<usize>(),
        Value::Null | Value::Text(_) => 1,
    }
}

/// Whether somebody pasted the wrong half of a key. Refused here, before any message can quote it.
fn is_secret_key(text: &str) -> bool {
    let start = text.trim_start().get(..11).unwrap_or_default();
    start.eq_ignore_ascii_case("AGE-SECRET-") || start.eq_ignore_ascii_case("AGE-PLUGIN-") || start == "-----BEGIN "
}

#[cfg(test)]
mod tests;
