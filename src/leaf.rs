//! Leaves: what a scan finds in a text, and where.
//!
//! A [`Leaf`] is a scalar, a comment, or a mark that carries meaning but cannot be sealed (an anchor, an
//! empty value). It has a [`Span`] in the text and a [`PathId`] into the scan's [`PathTree`], which stores each
//! map key once however many leaves lie below it.

use std::fmt;
use std::ops::Range;

/// A byte range of a text, end exclusive. Texts are at most 512 MiB, so 32 bits are enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// The span of `range`.
    ///
    /// # Panics
    /// When the range lies behind 4 GiB; texts are limited long before ([`crate::document::MAX_ENCRYPTED_LEN`]).
    #[must_use]
    pub fn new(range: Range<usize>) -> Self {
        let narrow = |offset: usize| u32::try_from(offset).expect("texts are limited to 512 MiB");
        Self { start: narrow(range.start), end: narrow(range.end) }
    }

    /// The span as a range for slicing.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The bytes of `text` that this span covers.
    ///
    /// # Panics
    /// When the span does not belong to `text`.
    #[must_use]
    pub fn of(self, text: &str) -> &str {
        &text[self.range()]
    }

    /// Length in bytes.
    #[must_use]
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether the span covers no byte.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// What a leaf is. The last eight carry meaning but are never sealed; together with [`LeafKind::Plain`] and
/// [`LeafKind::Quoted`] they are the kinds of clear leaves that links cover (`sops-rs-format(5)`, "Clear leaves").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LeafKind {
    /// `*name` in YAML.
    Alias,
    /// `&name` in YAML; its path is that of the node (or of the entry, for a key's anchor).
    Anchor,
    /// A comment, from its sign to the last byte before the line break.
    Comment,
    /// A `%` line in YAML; its path is the document's.
    Directive,
    /// `[]`, with or without white space inside; the span is the opening bracket alone.
    EmptyList,
    /// `{}`, likewise.
    EmptyMap,
    /// `key:` in YAML, `KEY=` in dotenv: a value with an empty span.
    EmptyValue,
    /// A key that has no value at all, as `KEY` in dotenv; the span is empty and follows the key.
    NoValue,
    /// A value without quotes: a plain YAML scalar, a JSON number or literal, a bare dotenv value.
    Plain,
    /// A value in quotes (any quotes), or a YAML block scalar; the span includes quotes or block header.
    Quoted,
    /// `!tag` in YAML, attached like an anchor.
    Tag,
}

impl LeafKind {
    /// Whether this is a value that can be sealed.
    #[must_use]
    pub fn is_value(self) -> bool {
        matches!(self, Self::Plain | Self::Quoted)
    }

    /// Whether links cover this leaf when it is clear: everything but comments.
    #[must_use]
    pub fn is_comment(self) -> bool {
        self == Self::Comment
    }
}

/// How a token is written in a leaf's place, so that the text stays well-formed around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Carrier {
    /// Nothing around the token.
    Bare,
    /// Double quotes around it.
    DoubleQuoted,
    /// A comment sign (`#` or `;`) and one blank before it.
    Comment(u8),
}

/// One leaf of a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// Where it stands.
    pub span: Span,
    /// Whose value it is; for a comment the path of whatever contains it (comments have no path of their own).
    pub path: PathId,
    /// What it is.
    pub kind: LeafKind,
    /// How a token is written in its place.
    pub carrier: Carrier,
    /// Indentation of its parent: the column of the innermost YAML block collection around it, 0 at the root and
    /// in all other formats. It matters only for values on several lines.
    pub indent: u16,
}

/// Names one node of a [`PathTree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathId(pub(crate) u32);

impl PathId {
    /// The node's number, for tables by path: less than [`PathTree::len`].
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// One step from a node to its child.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Segment<'t> {
    /// The n-th document of a YAML stream, from 0.
    Document(u64),
    /// The n-th item of a list, from 0.
    Index(u64),
    /// A map key.
    Key {
        /// The key after unescaping, not normalised.
        text: &'t str,
        /// Whether it is written in quotes: in YAML `1` and `"1"` are different keys.
        quoted: bool,
    },
}

impl fmt::Display for Segment<'_> {
    /// As in a [`DisplayPath`]: control characters are escaped, keys with dots or blanks are quoted.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let simple = |c: char| c.is_alphanumeric() || "_-<$/@".contains(c);
        match self {
            Self::Document(n) => write!(f, "#{n}"),
            Self::Index(n) => write!(f, "[{n}]"),
            Self::Key { text, .. } if !text.is_empty() && text.chars().all(simple) => f.write_str(text),
            Self::Key { text, .. } => write!(f, "{text:?}"),
        }
    }
}

/// All paths of one scan, each node once. The root is there from the start.
///
/// Nodes are made in document order, so two texts with the same structure have equal trees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathTree {
    nodes: Vec<Node>,
    keys: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Node {
    parent: u32,
    depth: u16,
    step: Step,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Document(u32),
    Index(u32),
    Key { start: u32, end: u32, quoted: bool },
    Root,
}

impl Default for PathTree {
    fn default() -> Self {
        Self { nodes: vec![Node { parent: 0, depth: 0, step: Step::Root }], keys: String::new() }
    }
}

impl PathTree {
    /// The path without segments.
    pub const ROOT: PathId = PathId(0);

    /// Adds the child of `parent` that `segment` leads to. The caller makes each child once.
    ///
    /// # Panics
    /// When there are more than 2^32 nodes, items or bytes of keys, or 65,535 levels: far beyond the limits on texts.
    pub fn child(&mut self, parent: PathId, segment: Segment<'_>) -> PathId {
        let narrow = |n: u64| u32::try_from(n).expect("texts are limited to 512 MiB");
        let step = match segment {
            Segment::Document(n) => Step::Document(narrow(n)),
            Segment::Index(n) => Step::Index(narrow(n)),
            Segment::Key { text, quoted } => {
                let start = narrow(self.keys.len() as u64);
                self.keys.push_str(text);
                Step::Key { start, end: narrow(self.keys.len() as u64), quoted }
            }
        };
        let id = PathId(narrow(self.nodes.len() as u64));
        let depth = self.nodes[parent.0 as usize].depth.checked_add(1).expect("nesting is limited to 128");
        self.nodes.push(Node { parent: parent.0, depth, step });
        id
    }

    /// The paths of all nodes: the root first, each parent before its children.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = PathId> + ExactSizeIterator + use<> {
        // Every id was narrowed to 32 bits when its node was made.
        (0..self.nodes.len() as u32).map(PathId)
    }

    /// How many nodes there are, the root included.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "the root is always there")]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The parent of `path`; the root is its own.
    #[must_use]
    pub fn parent(&self, path: PathId) -> PathId {
        PathId(self.nodes[path.0 as usize].parent)
    }

    /// How many segments `path` has.
    #[must_use]
    pub fn depth(&self, path: PathId) -> usize {
        usize::from(self.nodes[path.0 as usize].depth)
    }

    /// The last segment of `path`; none for the root.
    #[must_use]
    pub fn last(&self, path: PathId) -> Option<Segment<'_>> {
        Some(match self.nodes[path.0 as usize].step {
            Step::Document(n) => Segment::Document(n.into()),
            Step::Index(n) => Segment::Index(n.into()),
            Step::Key { start, end, quoted } => Segment::Key { text: &self.keys[start as usize..end as usize], quoted },
            Step::Root => return None,
        })
    }

    /// The segments of `path`, from the root.
    #[must_use]
    pub fn segments(&self, path: PathId) -> Vec<Segment<'_>> {
        let mut segments = Vec::with_capacity(self.depth(path));
        let mut at = path;
        while let Some(segment) = self.last(at) {
            segments.push(segment);
            at = self.parent(at);
        }
        segments.reverse();
        segments
    }

    /// The children of `path` in their order.
    pub fn children(&self, path: PathId) -> impl Iterator<Item = PathId> + '_ {
        // A child stands behind its parent, and the root is nobody's child.
        self.ids().skip(path.index() + 1).filter(move |&id| self.parent(id) == path)
    }

    /// Whether `path` is `top`, or leads through it.
    #[must_use]
    pub fn is_below(&self, mut path: PathId, top: PathId) -> bool {
        while self.depth(path) > self.depth(top) {
            path = self.parent(path);
        }
        path == top
    }

    /// How many leading segments two paths share, list indexes and documents compared.
    #[must_use]
    pub fn common_depth(&self, a: PathId, b: PathId) -> usize {
        let (mut a, mut b) = (a, b);
        while self.depth(a) > self.depth(b) {
            a = self.parent(a);
        }
        while self.depth(b) > self.depth(a) {
            b = self.parent(b);
        }
        while a != b {
            a = self.parent(a);
            b = self.parent(b);
        }
        self.depth(a)
    }

    /// The path for people: `db.users[0].name`, the document only where it is not the first, as in `#1.kind`.
    #[must_use]
    pub fn display(&self, path: PathId) -> DisplayPath<'_> {
        DisplayPath { tree: self, path }
    }
}

/// A path as people read it; control characters are escaped, keys with dots or blanks are quoted.
#[derive(Debug)]
pub struct DisplayPath<'t> {
    tree: &'t PathTree,
    path: PathId,
}

impl fmt::Display for DisplayPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        for segment in self.tree.segments(self.path) {
            match segment {
                Segment::Document(0) => continue,
                Segment::Key { .. } if !first => write!(f, ".{segment}")?,
                _ => write!(f, "{segment}")?,
            }
            first = false;
        }
        if first { f.write_str(".") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_depth_compares_indexes() {
        let mut tree = PathTree::default();
        let list = tree.child(PathTree::ROOT, Segment::Key { text: "list", quoted: false });
        let first = tree.child(list, Segment::Index(0));
        let second = tree.child(list, Segment::Index(1));
        let name = tree.child(first, Segment::Key { text: "name", quoted: false });
        assert_eq!(tree.common_depth(name, second), 1);
        assert_eq!(tree.common_depth(name, first), 2);
        assert_eq!(tree.common_depth(PathTree::ROOT, name), 0);
    }

    #[test]
    fn paths_are_shown_with_quotes_where_needed() {
        let mut tree = PathTree::default();
        let document = tree.child(PathTree::ROOT, Segment::Document(1));
        let key = tree.child(document, Segment::Key { text: "a.b", quoted: true });
        let item = tree.child(key, Segment::Index(3));
        assert_eq!(tree.display(item).to_string(), "#1.\"a.b\"[3]");
        assert_eq!(tree.display(PathTree::ROOT).to_string(), ".");
    }
}
