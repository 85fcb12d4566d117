//! Where a scan is: in which collections, and behind which node.

use crate::leaf::{Carrier, PathId};

pub(super) struct Frame {
    pub(super) kind: FrameKind,
    pub(super) path: PathId,
    /// The column of the innermost block collection.
    pub(super) indent: u16,
    /// Whether commas and brackets end a plain value in it.
    pub(super) flow: bool,
    pub(super) start: usize,
}

pub(super) enum FrameKind {
    List {
        items: u64,
    },
    Map {
        /// The entry whose key has been read and whose value has not.
        entry: Option<PathId>,
        /// How many of the scanner's keys belong to outer maps.
        outer_keys: usize,
    },
}

/// The node that the parser reported last: its anchor is reported after it.
#[derive(Clone, Copy)]
pub(super) struct Latest {
    pub(super) path: PathId,
    pub(super) context: Context,
    /// The leaf of an empty value, which follows its anchor.
    pub(super) empty: Option<usize>,
    /// Where the key ends, if it is one.
    pub(super) key_end: Option<usize>,
    /// The leaf of its tag and where that tag ends.
    pub(super) tag: Option<(usize, usize)>,
}

#[derive(Clone, Copy)]
pub(super) struct Context {
    pub(super) indent: u16,
    pub(super) flow: bool,
}

impl Context {
    pub(super) fn carrier(self) -> Carrier {
        if self.flow { Carrier::DoubleQuoted } else { Carrier::Bare }
    }
}

/// What a node is, by its place.
pub(super) enum Place {
    Key,
    Value(PathId),
}

pub(super) const ROOT_CONTEXT: Context = Context { indent: 0, flow: false };
