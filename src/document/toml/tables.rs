//! Which table a key leads to, and which keys may stand where: TOML 1.1, sections "Keys" to "Array of Tables".

use std::borrow::Cow;
use std::collections::HashMap;

use super::fault::Fault;
use crate::document::MAX_NESTING;
use crate::document::block::RESERVED_KEYS;
use crate::leaf::{PathId, PathTree, Segment};

/// One part of a dotted key.
#[derive(Clone, Debug)]
pub(super) struct Part<'t> {
    /// After unescaping.
    pub(super) text: Cow<'t, str>,
    /// Where it stands.
    pub(super) offset: usize,
}

/// The tables, lists and values of a document so far.
pub(super) struct Tables<'t> {
    pub(super) paths: PathTree,
    nodes: Vec<Node>,
    children: HashMap<(PathId, Cow<'t, str>), PathId>,
    /// The lists of tables that the last header leads through.
    lists: Vec<PathId>,
    /// Whether the root may have the keys of metadata.
    with_metadata: bool,
}

#[derive(Clone, Copy)]
struct Node {
    kind: Kind,
    is_empty: bool,
}

/// What stands at a path. It tells who may still add keys to it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A table with dotted keys: more of them, and headers of tables within it.
    Dotted,
    /// A table with a header of its own.
    Header,
    /// A table that is only the way to others, so that its own header may follow.
    Implied,
    /// An inline table: the keys between its braces.
    Inline,
    /// A list of tables, whose last item is given with its number.
    List { last: PathId, number: u64 },
    /// A scalar or a list in brackets.
    Value,
}

impl<'t> Tables<'t> {
    pub(super) fn new(with_metadata: bool) -> Self {
        let nodes = vec![Node { kind: Kind::Header, is_empty: true }];
        Self { paths: PathTree::default(), nodes, children: HashMap::new(), lists: Vec::new(), with_metadata }
    }

    /// The table that a header opens: `[key]`, or an item of a list for `[[key]]`.
    pub(super) fn header(&mut self, key: &[Part<'t>], is_item: bool) -> Result<PathId, Fault> {
        let Some((last, way)) = key.split_last() else { return Ok(PathTree::ROOT) };
        let before = std::mem::take(&mut self.lists);
        let mut at = PathTree::ROOT;
        for part in way {
            at = match self.child_of(at, part) {
                None => self.add_key(at, part, Kind::Implied)?,
                Some(child) => match self.kind(child) {
                    Kind::List { last, .. } => self.enter_list(child, last, &before, part)?,
                    Kind::Inline | Kind::Value => return Err(Fault::no_table(part)),
                    Kind::Dotted | Kind::Header | Kind::Implied => child,
                },
            };
        }
        let table = match (self.child_of(at, last), is_item) {
            (None, false) => self.add_key(at, last, Kind::Header)?,
            (None, true) => {
                let list = self.add_key(at, last, Kind::Value)?;
                self.add_item(list, 0, last)?
            }
            (Some(child), false) if self.kind(child) == Kind::Implied => {
                self.nodes[child.index()].kind = Kind::Header;
                child
            }
            (Some(child), true) => {
                let Kind::List { last: item, number } = self.kind(child) else { return Err(Fault::duplicate(last)) };
                self.enter_list(child, item, &before, last)?;
                self.lists.pop();
                self.add_item(child, number + 1, last)?
            }
            (Some(_), false) => return Err(Fault::duplicate(last)),
        };
        if self.paths.depth(table) >= MAX_NESTING {
            return Err(Fault::Nesting { offset: last.offset });
        }
        Ok(table)
    }

    /// The path of the value that `key` names in `table`.
    pub(super) fn value(&mut self, table: PathId, key: &[Part<'t>]) -> Result<PathId, Fault> {
        let Some((last, way)) = key.split_last() else { return Ok(table) };
        let mut at = table;
        for part in way {
            at = match self.child_of(at, part) {
                None => self.add_key(at, part, Kind::Dotted)?,
                Some(child) => match self.kind(child) {
                    Kind::Dotted => child,
                    Kind::Implied => {
                        self.nodes[child.index()].kind = Kind::Dotted;
                        child
                    }
                    Kind::Header | Kind::Inline | Kind::List { .. } | Kind::Value => return Err(Fault::no_table(part)),
                },
            };
        }
        match self.child_of(at, last) {
            None => self.add_key(at, last, Kind::Value),
            Some(_) => Err(Fault::duplicate(last)),
        }
    }

    /// The path of the item `number` of the list in brackets at `list`.
    pub(super) fn item(&mut self, list: PathId, number: u64, offset: usize) -> Result<PathId, Fault> {
        self.add(list, Segment::Index(number), Kind::Value, offset)
    }

    /// Makes the value at `path` an inline table.
    pub(super) fn open_inline(&mut self, path: PathId) {
        self.nodes[path.index()].kind = Kind::Inline;
    }

    /// Whether nothing stands below `path`.
    pub(super) fn is_empty(&self, path: PathId) -> bool {
        self.nodes[path.index()].is_empty
    }

    /// Goes into the last item of a list of tables.
    ///
    /// The items of a list, and all they hold, have to stand together. Links place a leaf by what it shares with the
    /// leaf before it; behind a leaf of another table nothing would tell a further item from more of the last one.
    fn enter_list(&mut self, list: PathId, last: PathId, before: &[PathId], part: &Part<'t>) -> Result<PathId, Fault> {
        if !before.contains(&list) {
            let what = "the items of a list of tables must stand together, with no other table between them";
            return Err(Fault::Syntax { offset: part.offset, what });
        }
        self.lists.push(list);
        Ok(last)
    }

    fn kind(&self, path: PathId) -> Kind {
        self.nodes[path.index()].kind
    }

    fn child_of(&self, parent: PathId, part: &Part<'t>) -> Option<PathId> {
        self.children.get(&(parent, part.text.clone())).copied()
    }

    fn add_key(&mut self, parent: PathId, part: &Part<'t>, kind: Kind) -> Result<PathId, Fault> {
        if parent == PathTree::ROOT && !self.with_metadata && RESERVED_KEYS.contains(&&*part.text) {
            return Err(Fault::Reserved { offset: part.offset });
        }
        let path = self.add(parent, Segment::Key { text: &part.text, quoted: false }, kind, part.offset)?;
        self.children.insert((parent, part.text.clone()), path);
        Ok(path)
    }

    fn add_item(&mut self, list: PathId, number: u64, part: &Part<'t>) -> Result<PathId, Fault> {
        let item = self.add(list, Segment::Index(number), Kind::Header, part.offset)?;
        self.nodes[list.index()].kind = Kind::List { last: item, number };
        self.lists.push(list);
        Ok(item)
    }

    fn add(&mut self, parent: PathId, segment: Segment<'_>, kind: Kind, offset: usize) -> Result<PathId, Fault> {
        if self.paths.depth(parent) >= MAX_NESTING {
            return Err(Fault::Nesting { offset });
        }
        self.nodes[parent.index()].is_empty = false;
        self.nodes.push(Node { kind, is_empty: true });
        Ok(self.paths.child(parent, segment))
    }
}
