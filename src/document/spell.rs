//! Spelling: how a value is written at a place of a text, and how an entry is taken out. A format says which bytes
//! change; everything else of the text is copied.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use zeroize::Zeroizing;

use super::{Format, Scan};
use crate::error::Error;
use crate::leaf::{Leaf, LeafKind, PathId, PathTree, Segment};

/// A value that is to be written.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as JSON spells it.
    Number(String),
    /// A text. It stays one: formats that know types write `123` in quotes.
    Text(Zeroizing<String>),
    /// Items in order.
    List(Vec<Self>),
    /// Entries in order, each key once.
    Map(Vec<(String, Self)>),
}

impl Value {
    /// A text.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::Text(Zeroizing::new(text.to_owned()))
    }

    /// What this says where there are no types but texts; none for maps, lists and null.
    pub(super) fn scalar_text(&self) -> Option<&str> {
        match self {
            Self::Bool(true) => Some("true"),
            Self::Bool(false) => Some("false"),
            Self::Number(text) => Some(text),
            Self::Text(text) => Some(text),
            Self::Null | Self::List(_) | Self::Map(_) => None,
        }
    }

    /// Whether this is a map or a list.
    #[must_use]
    pub fn is_collection(&self) -> bool {
        matches!(self, Self::List(_) | Self::Map(_))
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "Null",
            Self::Bool(_) => "Bool(…)",
            Self::Number(_) => "Number(…)",
            Self::Text(_) => "Text(…)",
            Self::List(_) => "List(…)",
            Self::Map(_) => "Map(…)",
        })
    }
}

/// Where a value is to be written.
#[derive(Clone, Copy, Debug)]
pub enum Place<'k> {
    /// In the place of what stands at this path.
    At(PathId),
    /// Behind a new key of the map at this path.
    Key(PathId, &'k str),
    /// As a further item of the list at this path.
    Item(PathId),
}

/// A change of one range of a text.
pub struct Edit {
    /// What is taken out.
    pub range: Range<usize>,
    /// What takes its place.
    pub text: Zeroizing<String>,
}

impl Edit {
    /// Puts `text` in the place of `range`.
    pub(super) fn new(range: Range<usize>, text: String) -> Self {
        Self { range, text: Zeroizing::new(text) }
    }

    /// `text` with this change.
    ///
    /// # Panics
    /// When the range does not belong to `text`.
    #[must_use]
    pub fn apply(&self, text: &str) -> Zeroizing<String> {
        let capacity = text.len() - self.range.len() + self.text.len();
        let mut changed = Zeroizing::new(String::with_capacity(capacity));
        changed.push_str(&text[..self.range.start]);
        changed.push_str(&self.text);
        changed.push_str(&text[self.range.end..]);
        changed
    }
}

impl fmt::Debug for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Edit({:?}, {} bytes)", self.range, self.text.len())
    }
}

/// One entry of a map or list, as it stands in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Where its key or item begins.
    pub(super) start: usize,
    /// Where its value begins; for items that is where they do.
    pub(super) value: usize,
    /// Where its value ends.
    pub(super) end: usize,
}

/// The leaf that is the value at `path`: none for maps and lists with something in them, and for aliases.
pub(crate) fn value_leaf(scan: &Scan, path: PathId) -> Option<&Leaf> {
    let is_value = |kind| {
        use LeafKind::{EmptyList, EmptyMap, EmptyValue, NoValue, Plain, Quoted};
        matches!(kind, EmptyList | EmptyMap | EmptyValue | NoValue | Plain | Quoted)
    };
    scan.leaves.iter().find(|leaf| leaf.path == path && is_value(leaf.kind))
}

/// The number of `path` among its siblings.
pub(super) fn position(paths: &PathTree, path: PathId) -> usize {
    paths.children(paths.parent(path)).take_while(|&sibling| sibling != path).count()
}

/// The refusal of a value that `format` cannot hold at `path`.
pub(super) fn refusal(scan: &Scan, place: Place<'_>, what: &'static str) -> Error {
    let (Place::At(path) | Place::Key(path, _) | Place::Item(path)) = place;
    let shown = scan.paths.display(path).to_string();
    let path = match place {
        Place::Key(_, key) if shown == "." => key.escape_debug().to_string(),
        Place::Key(_, key) => format!("{shown}.{}", key.escape_debug()),
        Place::At(_) | Place::Item(_) => shown,
    };
    Error::Unrepresentable { path, what }
}

/// Whether `text` is the value that readers take from `source` in the place of `leaf`.
pub(super) fn says(format: &dyn Format, source: &str, leaf: &Leaf, text: &str) -> bool {
    let alone = Leaf { span: crate::leaf::Span::new(0..source.len()), ..*leaf };
    format.is_one_leaf(source, leaf) && format.decode(source, &alone).is_ok_and(|decoded: Cow<'_, str>| decoded == text)
}

/// Whether `path` is an item of a list.
pub(super) fn is_item(paths: &PathTree, path: PathId) -> bool {
    matches!(paths.last(path), Some(Segment::Index(_)))
}
