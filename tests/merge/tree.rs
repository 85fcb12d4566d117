//! Random documents, as trees that edits work on and that are then printed.

use crate::layout::Layout;
use crate::random::Random;

/// The formats of the test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Syntax {
    Dotenv,
    Ini,
    Json,
    Properties,
    Toml,
    Yaml,
}

impl Syntax {
    /// Whether a document is one map of values.
    pub(crate) fn is_flat(self) -> bool {
        matches!(self, Self::Dotenv | Self::Properties)
    }

    /// Whether a document has lists.
    pub(crate) fn has_lists(self) -> bool {
        matches!(self, Self::Json | Self::Toml | Self::Yaml)
    }
}

/// What the keys of clear values begin with.
pub(crate) const CLEAR: &str = "clear_";

/// A document: how it is printed, and what it holds.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    pub(crate) style: Style,
    /// One root map for each document; only YAML has several.
    pub(crate) documents: Vec<Node>,
}

/// What stays the same in all versions of a document. All chances are in percent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    pub(crate) syntax: Syntax,
    pub(crate) layout: Layout,
    /// Chance of comments and blank lines before an entry, and of clear entries.
    pub(crate) comments: usize,
    pub(crate) clear: usize,
    /// Chance of values that are not sealed wherever they stand, since they are empty, and of repeated ones.
    pub(crate) empty: usize,
    /// Chance of several documents.
    pub(crate) stream: usize,
    /// Whether anchors, aliases, block scalars and comments behind values occur.
    pub(crate) rich: bool,
    /// Whether all values are words, and all keys different ones.
    pub(crate) uniform: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Node {
    Leaf(Value),
    List(Vec<Entry>),
    Map(Vec<Entry>),
}

/// An entry of a map, or an item of a list, whose key is empty.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) node: Node,
    /// Comments, and empty lines, above it.
    pub(crate) above: Vec<String>,
    /// A comment behind a value.
    pub(crate) behind: Option<String>,
    /// Whether a map or list stands in brackets.
    pub(crate) flow: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Value {
    Alias(String),
    Anchored(String, String),
    Empty,
    Lines(Vec<String>),
    /// A number or a literal.
    Literal(String),
    Word(String),
}

impl Node {
    pub(crate) fn children(&self) -> &[Entry] {
        match self {
            Self::Leaf(_) => &[],
            Self::List(entries) | Self::Map(entries) => entries,
        }
    }

    /// Calls `visit` with this node and all below it.
    pub(crate) fn walk(&mut self, visit: &mut dyn FnMut(&mut Node)) {
        visit(self);
        if let Self::List(entries) | Self::Map(entries) = self {
            entries.iter_mut().for_each(|entry| entry.node.walk(visit));
        }
    }
}

/// A random document with about `size` leaves.
pub(crate) fn generate(random: &mut Random, style: Style, size: usize) -> Tree {
    let count = if random.chance(style.stream) { random.between(2, 4) } else { 1 };
    let documents = (0..count).map(|_| root(random, style, size.div_ceil(count))).collect();
    Tree { style, documents }
}

/// The root map of a document.
pub(crate) fn root(random: &mut Random, style: Style, size: usize) -> Node {
    if style.syntax.is_flat() || random.chance(25) {
        return Node::Map((0..size).map(|_| map_entry(random, style)).collect());
    }
    let mut tree = Node::Map(map(random, style, size, 0));
    if style.syntax == Syntax::Yaml && style.rich {
        add_anchors(random, &mut tree);
    }
    tree
}

fn map(random: &mut Random, style: Style, size: usize, depth: usize) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut left = size;
    let lists = if style.uniform { 42 } else { 45 };
    let deepest = if style.syntax == Syntax::Ini { 1 } else { 3 };
    while left > 0 {
        let sort = random.below(100);
        let mut entry = map_entry(random, style);
        if depth < deepest && left >= 3 && sort < 30 {
            let size = random.between(2, left.min((left / 2).max(3)));
            entry.node = Node::Map(map(random, style, size, depth + 1));
            left -= size;
        } else if depth < deepest && left >= 3 && sort < lists && style.syntax.has_lists() {
            let size = random.between(2, left.min(6));
            entry.node = list(random, style, size, depth + 1);
            left -= size;
        } else {
            left -= 1;
        }
        if !matches!(entry.node, Node::Leaf(_)) {
            entry.behind = None;
            if style.uniform {
                // Single values are clear there, no maps of them.
                entry.key = entry.key.trim_start_matches(CLEAR).to_owned();
            }
        }
        entries.push(entry);
    }
    entries
}

fn list(random: &mut Random, style: Style, size: usize, depth: usize) -> Node {
    if random.chance(50) || depth >= 3 {
        return Node::List((0..size).map(|_| item(random, style, None)).collect());
    }
    let fields = if style.uniform { 2 } else { random.between(1, 3) };
    let keys: Vec<_> = (0..fields).map(|_| key(random, style)).collect();
    let model = Node::Map(keys.iter().map(|key| named(random, style, key)).collect());
    Node::List((0..size.div_ceil(keys.len())).map(|_| item(random, style, Some(&model))).collect())
}

/// A new item for a list whose items look like `model`: a map with the same keys, or a scalar.
pub(crate) fn item(random: &mut Random, style: Style, model: Option<&Node>) -> Entry {
    let mut entry = map_entry(random, style);
    entry.key.clear();
    if let Some(Node::Map(fields)) = model {
        entry.behind = None;
        entry.node = Node::Map(fields.iter().map(|field| named(random, style, &field.key)).collect());
    }
    entry
}

/// A new entry of a map.
pub(crate) fn map_entry(random: &mut Random, style: Style) -> Entry {
    let key = key(random, style);
    let mut entry = named(random, style, &key);
    entry.above = match random.below(200) {
        _ if style.syntax == Syntax::Json => Vec::new(),
        sort if sort < style.comments => vec![random.word("# c")],
        sort if sort < style.comments * 3 / 2 => vec![String::new()],
        sort if sort < style.comments * 2 => vec![String::new(), random.word("# c")],
        _ => Vec::new(),
    };
    if style.syntax == Syntax::Yaml && style.rich && random.chance(style.comments / 4) {
        entry.behind = Some(random.word("# b"));
    }
    entry
}

fn named(random: &mut Random, style: Style, key: &str) -> Entry {
    let flow = random.chance(style.layout.flow);
    Entry { key: key.to_owned(), node: Node::Leaf(value(random, style)), above: Vec::new(), behind: None, flow }
}

/// A new key. Most are unique; some collide, as when both sides of a merge add the same setting.
pub(crate) fn key(random: &mut Random, style: Style) -> String {
    let name = *random.choose(&["host", "port", "user", "pass", "url", "token", "key", "name", "mode"]);
    let name = if random.chance(style.clear) { format!("{CLEAR}{name}") } else { name.to_owned() };
    let key = if random.chance(4) && !style.uniform { name } else { random.word(&format!("{name}_")) };
    if style.syntax == Syntax::Dotenv { key.to_uppercase() } else { key }
}

/// A new value.
pub(crate) fn value(random: &mut Random, style: Style) -> Value {
    if random.chance(style.empty) {
        return if random.chance(70) { Value::Empty } else { Value::Word("same".to_owned()) };
    }
    match random.below(100) {
        _ if style.uniform => Value::Word(random.word("v")),
        0..75 => Value::Word(random.word("v")),
        75..85 => Value::Literal(random.between(1, 9999).to_string()),
        85..95 => Value::Literal((*random.choose(&["true", "false", "null"])).to_owned()),
        _ if style.rich => Value::Lines((0..random.between(1, 3)).map(|_| random.word("line ")).collect()),
        _ => Value::Word(random.word("v ")),
    }
}

/// Turns some values into anchored ones, and later ones into their aliases.
fn add_anchors(random: &mut Random, tree: &mut Node) {
    let mut names: Vec<String> = Vec::new();
    tree.walk(&mut |node| {
        if let Node::Leaf(Value::Word(word)) = node {
            if random.chance(8) {
                let name = random.word("a");
                *node = Node::Leaf(Value::Anchored(name.clone(), word.clone()));
                names.push(name);
            } else if !names.is_empty() && random.chance(8) {
                *node = Node::Leaf(Value::Alias(random.choose(&names).clone()));
            }
        }
    });
}
