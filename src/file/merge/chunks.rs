//! A plaintext as a tree of chunks: each entry of a map, and each item of a list, with the lines it stands on and the comments
//! above it. Together the chunks are the text, byte for byte.

use std::collections::HashMap;
use std::ops::Range;

use crate::document::sops::Store;
use crate::error::Error;
use crate::file::document::Document;
use crate::leaf::{Leaf, LeafKind, PathId, PathTree, Segment};

/// A document with its chunks.
pub(super) struct Chunks<'d> {
    pub(super) document: &'d Document,
    pub(super) root: Chunk,
}

/// One entry, item or document, and what lies in it.
pub(super) struct Chunk {
    pub(super) path: PathId,
    /// From the comments above it to its value's end.
    pub(super) body: Range<usize>,
    /// Where what it holds begins: everything before is the head.
    pub(super) inside: usize,
    /// The entries or items, if it is a map or a list that is written over several of them.
    pub(super) children: Vec<Chunk>,
    /// What lies behind its value up to the next chunk.
    pub(super) trail: Range<usize>,
    /// Where a comma stands in that.
    pub(super) comma: Option<usize>,
    /// The numbers of the leaves in it, but for comments.
    pub(super) leaves: Vec<usize>,
    /// The column of its key, in bytes.
    pub(super) column: usize,
}

impl<'d> Chunks<'d> {
    /// The chunks of `document`.
    ///
    /// # Errors
    /// Those of a scan.
    pub(super) fn of(document: &'d Document) -> Result<Self, Error> {
        let builder = Builder::of(document)?;
        let len = document.text().len();
        Ok(Self { document, root: builder.chunk(PathTree::ROOT, 0..len, len) })
    }

    pub(super) fn text(&self, range: Range<usize>) -> &'d str {
        &self.document.text()[range]
    }

    pub(super) fn leaf(&self, number: usize) -> &'d Leaf {
        &self.document.scan().leaves[number]
    }

    /// What a child is called among its siblings; items and documents have no name.
    pub(super) fn name(&self, chunk: &Chunk) -> Option<(&'d str, bool)> {
        match self.document.scan().paths.last(chunk.path) {
            Some(Segment::Key { text, quoted }) => Some((text, quoted)),
            _ => None,
        }
    }

    /// Whether the children of `chunk` have names.
    pub(super) fn is_map(&self, chunk: &Chunk) -> bool {
        chunk.children.first().is_some_and(|child| self.name(child).is_some())
    }
}

struct Builder<'d> {
    document: &'d Document,
    text: &'d str,
    /// Whether commas part entries, and brackets enclose them.
    is_json: bool,
    is_yaml: bool,
    children: Vec<Vec<PathId>>,
    /// Where the key of each node begins, where that is known.
    keys: HashMap<PathId, usize>,
    /// The first and the last byte of the leaves at and below each node, keys included.
    extents: Vec<Option<(usize, usize)>>,
    /// The leaves at each node itself.
    leaves: Vec<Vec<usize>>,
}

impl<'d> Builder<'d> {
    fn of(document: &'d Document) -> Result<Self, Error> {
        let (text, scan) = (document.text(), document.scan());
        let paths = &scan.paths;
        let name = document.format().name();
        let store = match name {
            "yaml" => Some(Store::Yaml),
            "json" | "binary" => Some(Store::Json),
            "toml" => Some(Store::Toml),
            _ => None,
        };
        // Both scans make their nodes in document order, so they are the same ones.
        let keyed = store.map(|store| store.keyed_scan(text)).transpose()?;
        let keyed = keyed.filter(|keyed| keyed.scan.paths == *paths).map(|keyed| keyed.keys);
        let keys: HashMap<_, _> = keyed.into_iter().flatten().map(|(path, start)| (path, start as usize)).collect();
        let mut extents: Vec<Option<(usize, usize)>> = vec![None; paths.len()];
        let mut widen = |path: PathId, start: usize, end: usize| {
            let old = extents[path.index()].unwrap_or((start, end));
            extents[path.index()] = Some((old.0.min(start), old.1.max(end)));
        };
        let mut leaves = vec![Vec::new(); paths.len()];
        for (number, leaf) in scan.leaves.iter().enumerate().filter(|(_, leaf)| !leaf.kind.is_comment()) {
            leaves[leaf.path.index()].push(number);
            widen(leaf.path, leaf.span.start as usize, leaf_end(text, leaf));
        }
        keys.iter().for_each(|(&path, &start)| widen(path, start, start));
        let mut children = vec![Vec::new(); paths.len()];
        for path in paths.ids().rev().filter(|path| *path != PathTree::ROOT) {
            let parent = paths.parent(path);
            children[parent.index()].push(path);
            if let Some((start, end)) = extents[path.index()] {
                let old = extents[parent.index()].unwrap_or((start, end));
                extents[parent.index()] = Some((old.0.min(start), old.1.max(end)));
            }
        }
        children.iter_mut().for_each(|siblings| siblings.reverse());
        let is_json = matches!(name, "json" | "binary");
        Ok(Self { document, text, is_json, is_yaml: name == "yaml", children, keys, extents, leaves })
    }

    /// The chunk of `path`, which begins and ends with `range`; what follows it begins at `limit`.
    fn chunk(&self, path: PathId, range: Range<usize>, limit: usize) -> Chunk {
        let mut leaves = Vec::new();
        self.leaves_below(path, &mut leaves);
        leaves.sort_unstable();
        let end = self.end(path, limit).clamp(range.start, range.end);
        let trail = end..range.end;
        let comma = if self.is_json { self.text[trail.clone()].find(',').map(|at| end + at) } else { None };
        let first = self.extent(path).map_or(range.start, |(start, _)| start);
        let column = first - line_start(self.text, first);
        let mut chunk =
            Chunk { path, body: range.start..end, inside: end, children: Vec::new(), trail, comma, leaves, column };
        let children: Vec<_> =
            self.children[path.index()].iter().copied().filter(|child| self.extent(*child).is_some()).collect();
        let Some((first, _)) = children.first().and_then(|&child| self.extent(child)) else { return chunk };
        if !self.are_apart(&children) || self.is_opaque(path) {
            return chunk;
        }
        if !self.is_json && path != PathTree::ROOT {
            // Nothing closes it, so its last line is that of its last child.
            (chunk.body.end, chunk.trail) = (range.end, range.end..range.end);
        }
        let end = chunk.body.end;
        let mut start = self.head_end(path, range.start, first).clamp(range.start, end);
        chunk.inside = start;
        for (number, &child) in children.iter().enumerate() {
            let next = children.get(number + 1).and_then(|&next| self.extent(next)).map(|(start, _)| start);
            let limit = next.unwrap_or(end);
            let child_end = match next {
                None if !self.is_json => end,
                _ => self.boundary(self.end(child, limit), limit).clamp(start, end),
            };
            chunk.children.push(self.chunk(child, start..child_end, limit));
            start = child_end;
        }
        chunk
    }

    fn extent(&self, path: PathId) -> Option<(usize, usize)> {
        self.extents[path.index()]
    }

    fn leaves_below(&self, path: PathId, out: &mut Vec<usize>) {
        out.extend(&self.leaves[path.index()]);
        self.children[path.index()].iter().for_each(|&child| self.leaves_below(child, out));
    }

    /// Whether none of them begins before the one before it ends: in TOML a table may be continued behind another one.
    fn are_apart(&self, children: &[PathId]) -> bool {
        let extents: Vec<_> = children.iter().filter_map(|&child| self.extent(child)).collect();
        extents.windows(2).all(|pair| pair[0].1 <= pair[1].0)
    }

    /// Where the value of `path` ends, brackets included.
    fn end(&self, path: PathId, limit: usize) -> usize {
        let Some((_, last)) = self.extent(path) else { return limit };
        if path == PathTree::ROOT {
            return if self.is_json { self.text.trim_end().len() } else { line_end(self.text, last, limit) };
        }
        let children = &self.children[path.index()];
        let Some(&child) = children.last() else { return last };
        let inner = self.end(child, limit);
        if !self.is_json && !self.is_flow(path) {
            return inner;
        }
        self.text[inner..limit.max(inner)].find(['}', ']']).map_or(inner, |at| inner + at + 1)
    }

    /// Whether the map or list at `path` stands in brackets. Some that do not are taken for such that do: they are merged less
    /// finely then.
    fn is_flow(&self, path: PathId) -> bool {
        let first = self.children[path.index()].first().and_then(|&child| self.extent(child));
        let (Some((start, _)), Some((first, _))) = (self.extent(path), first) else { return false };
        let key = self.keys.get(&path).copied();
        if self.is_yaml {
            let start = key.unwrap_or_else(|| line_start(self.text, start));
            return self.text[start.min(first)..first].contains(['{', '[']);
        }
        // The header of a table has no such sign.
        key.is_some_and(|key| self.text[key.min(first)..first].contains('='))
    }

    /// Whether what lies in `path` is not taken apart.
    fn is_opaque(&self, path: PathId) -> bool {
        match self.document.format().name() {
            "json" => false,
            "binary" => true,
            _ => path != PathTree::ROOT && self.is_flow(path),
        }
    }

    /// Where the first child's chunk begins.
    fn head_end(&self, path: PathId, start: usize, first: usize) -> usize {
        let behind_line = |from: usize| self.text[from..first].find('\n').map(|at| from + at + 1);
        if self.is_json {
            let open = self.text[start..first].find(['{', '[']).map_or(start, |at| start + at + 1);
            return self.text[open..first].find('\n').map_or(open, |at| open + at + 1);
        }
        let segment = self.document.scan().paths.last(path);
        match (segment, self.keys.get(&path)) {
            (None, _) => start,
            (Some(Segment::Document(_)), _) => {
                let head = &self.text[start..first];
                let line = head.rfind("\n---").map(|at| start + at + 1).or(head.starts_with("---").then_some(start));
                line.map_or(start, |line| behind_line(line).unwrap_or(first))
            }
            (_, Some(&key)) if self.is_yaml => behind_line(key).unwrap_or(first),
            (Some(Segment::Index(_)), _) if self.is_yaml => {
                // What stands on the line of the dash belongs to the item.
                let line = line_start(self.text, first);
                let is_dash = self.text[line.max(start)..first].trim_start().starts_with('-');
                if is_dash { first } else { self.dash_line(start, first) }
            }
            _ if self.is_yaml => start,
            // The header of the innermost table is this one's.
            _ => {
                let has_table = self.children[path.index()]
                    .first()
                    .is_some_and(|&child| !self.children[child.index()].is_empty() && !self.is_opaque(child));
                let header = self.text[start..first].find("\n[").map(|at| start + at + 1);
                let header = header.or(self.text[start..first].trim_start().starts_with('[').then_some(start));
                match header {
                    Some(header) if !has_table => behind_line(header).unwrap_or(start),
                    _ => start,
                }
            }
        }
    }

    /// Behind the line of a dash that stands alone.
    fn dash_line(&self, start: usize, first: usize) -> usize {
        let mut at = start;
        for line in self.text[start..first].split_inclusive('\n') {
            at += line.len();
            if line.trim_start().starts_with('-') && line.ends_with('\n') {
                return at;
            }
        }
        start
    }

    /// Where the chunk ends whose value ends at `end`, before what begins at `limit`.
    fn boundary(&self, end: usize, limit: usize) -> usize {
        let end = end.min(limit);
        let gap = &self.text[end..limit];
        match gap.find('\n') {
            Some(at) => end + at + 1,
            None if self.is_json => gap.find(',').map_or(end, |at| end + at + 1),
            None => limit,
        }
    }
}

/// Where a leaf ends, with the closing bracket of an empty map or list.
fn leaf_end(text: &str, leaf: &Leaf) -> usize {
    let end = leaf.span.end as usize;
    match leaf.kind {
        LeafKind::EmptyMap | LeafKind::EmptyList if leaf.span.of(text).starts_with(['{', '[']) => {
            text[end..].find(['}', ']']).map_or(end, |at| end + at + 1)
        }
        _ => end,
    }
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |at| at + 1)
}

/// Behind the line break that ends the line of `at`.
fn line_end(text: &str, at: usize, limit: usize) -> usize {
    text[at..limit].find('\n').map_or(limit, |found| at + found + 1)
}
