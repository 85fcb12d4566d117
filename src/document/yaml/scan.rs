//! The scan: parser events, in one pass, to leaves and paths.

use std::collections::HashSet;
use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, Span as At, StructureStyle};

use super::gap::{self, Skip};
use super::{alone, block_scalar, syntax};
use crate::document::{KeyedScan, MAX_ENCRYPTED_LEN, MAX_NESTING, Root, Scan};
use crate::error::{Error, Position};
use crate::leaf::{Carrier, Leaf, LeafKind, PathId, PathTree, Segment, Span};

mod frame;
mod properties;

use frame::{Context, Frame, FrameKind, Latest, Place, ROOT_CONTEXT};

/// Finds the leaves of `text`.
pub(super) fn scan(text: &str) -> Result<Scan, Error> {
    run(text, None)
}

/// Finds the leaves of `text` and its keys, those of metadata included.
pub(super) fn keyed_scan(text: &str) -> Result<KeyedScan, Error> {
    let mut keys = Vec::new();
    let scan = run(text, Some(&mut keys))?;
    Ok(KeyedScan { scan, keys })
}

fn run(text: &str, all_keys: Option<&mut Vec<(PathId, u32)>>) -> Result<Scan, Error> {
    if text.len() > MAX_ENCRYPTED_LEN {
        return Err(Error::Limit { what: "the length of the file", limit: MAX_ENCRYPTED_LEN as u64, at: None });
    }
    let mut scanner = Scanner::new(text);
    scanner.all_keys = all_keys.is_some().then(Vec::new);
    for step in Parser::new_from_str_with_options(text, syntax::parser_options()) {
        let (event, at) = step.map_err(|error| syntax::error(text, &error))?;
        scanner.event(event, &at)?;
    }
    if let (Some(all_keys), Some(found)) = (all_keys, scanner.all_keys.take()) {
        *all_keys = found;
    }
    scanner.finish()
}

struct Scanner<'t> {
    text: &'t str,
    leaves: Vec<Leaf>,
    paths: PathTree,
    /// The open collections, the innermost last.
    frames: Vec<Frame>,
    /// The keys of all open maps, those of the innermost last.
    keys: Vec<(PathId, usize)>,
    /// All keys with their offsets, where a keyed scan is wanted; keys of metadata are allowed then.
    all_keys: Option<Vec<(PathId, u32)>>,
    documents: u64,
    /// The path of the document that is open, or of the last one.
    document: PathId,
    /// Everything of interest before this offset has been seen; no later node or indicator begins before it.
    floor: usize,
    latest: Latest,
    root: Root,
}

impl<'t> Scanner<'t> {
    fn new(text: &'t str) -> Self {
        let latest = Latest { path: PathTree::ROOT, context: ROOT_CONTEXT, empty: None, key_end: None, tag: None };
        Self {
            text,
            leaves: Vec::with_capacity(text.len() / 64),
            paths: PathTree::default(),
            frames: Vec::new(),
            keys: Vec::new(),
            all_keys: None,
            documents: 0,
            document: PathTree::ROOT,
            floor: 0,
            latest,
            root: Root::Other(Span::new(0..0)),
        }
    }

    fn event(&mut self, event: Event<'_>, at: &At) -> Result<(), Error> {
        // The parser reads a string, so there are always byte offsets.
        let range = at.byte_range().unwrap_or(0..0);
        match event {
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                let Place::Value(path) = self.place() else {
                    return self.refuse(range.start, "an alias as a key is not supported");
                };
                self.push(LeafKind::Alias, range.start, range.end, path);
                self.floor = self.floor.max(range.end);
            }
            Event::Anchor(..) => self.anchor(range.start, range.end),
            Event::Comment(..) => {
                let path = self.frames.last().map_or(self.document, |frame| frame.path);
                let Context { indent, .. } = self.context();
                let carrier = Carrier::Comment(b'#');
                self.leaves.push(Leaf { span: Span::new(range), path, kind: LeafKind::Comment, carrier, indent });
            }
            Event::DocumentEnd => self.end_document(range.end > range.start, range.end),
            Event::DocumentStart(explicit, _) => {
                self.document = self.paths.child(PathTree::ROOT, Segment::Document(self.documents));
                self.documents += 1;
                self.root = Root::Other(Span::new(range.start..range.start));
                if explicit {
                    self.directives(range.start);
                    self.floor = range.end;
                }
            }
            Event::MappingEnd | Event::SequenceEnd => self.end_collection(range.end)?,
            Event::MappingStart(style, ..) => self.start_collection(true, style, at, range)?,
            Event::Scalar(_, ScalarStyle::Plain, anchor, ref tag) if range.is_empty() => {
                self.missing(anchor != 0 || tag.is_some(), at, range.start)?;
            }
            Event::Scalar(value, style, ..) => self.scalar(&value, style, at, range)?,
            Event::SequenceStart(style, ..) => self.start_collection(false, style, at, range)?,
            _ => {}
        }
        Ok(())
    }

    /// A node that is not there: the parser reports a plain `~` without a span.
    fn missing(&mut self, has_properties: bool, at: &At, start: usize) -> Result<(), Error> {
        match self.place() {
            // They could be taken for those of the value, which changes the meaning of an alias.
            Place::Key if has_properties => self.refuse(start, "an anchor or tag on an empty key is not supported"),
            Place::Key => {
                let bytes = self.text.as_bytes();
                // Up to the `:`, lest it be taken for that of the entry before; without one, right behind the `?`.
                let comma = gap::pass(bytes, self.floor, Skip { indicators: b",", prefix: false });
                let key = comma + usize::from(bytes.get(comma) == Some(&b'?'));
                let key = gap::behind(bytes, key, b':').map_or(key, |behind| behind - 1);
                self.key("", false, at, key..key)
            }
            Place::Value(path) => {
                self.node(path, None);
                let start = self.empty_value();
                self.floor = self.floor.max(start);
                self.latest.empty = Some(self.leaves.len());
                self.push(LeafKind::EmptyValue, start, start, path);
                self.tag(at);
                Ok(())
            }
        }
    }

    fn scalar(&mut self, value: &str, style: ScalarStyle, at: &At, mut range: Range<usize>) -> Result<(), Error> {
        let is_block = matches!(style, ScalarStyle::Folded | ScalarStyle::Literal);
        let is_plain = style == ScalarStyle::Plain;
        let path = match self.place() {
            Place::Key if is_block => return self.refuse(range.start, "a block scalar as a key is not supported"),
            Place::Key => return self.key(value, !is_plain, at, range),
            Place::Value(path) => path,
        };
        self.node(path, None);
        self.tag(at);
        let true_end = range.end;
        if is_block {
            let content = block_scalar::Content { indent: at.start.col(), end_column: at.end.col(), range };
            let Some(span) = block_scalar::span(self.text, self.floor, &content) else {
                return self.refuse(content.range.start, "the header of this block scalar cannot be found");
            };
            range = span;
        }
        if is_plain && has_comment(&self.text[range.clone()]) {
            // The parser passes by a comment on a line that begins with a tab; others would end the value there.
            return self.refuse(range.start, "a comment inside of a value on several lines");
        }
        let kind = if is_plain { LeafKind::Plain } else { LeafKind::Quoted };
        self.push(kind, range.start, range.end, path);
        self.floor = self.floor.max(true_end.max(range.end));
        self.check_root_scalar(path, range)
    }

    /// The root of a further document may not stand without indentation: read alone, it could not be told from a value
    /// in a map of column 0, where such lines are keys. (The first document is told by its path.)
    fn check_root_scalar(&self, path: PathId, range: Range<usize>) -> Result<(), Error> {
        if !self.frames.is_empty() || self.documents == 1 {
            return Ok(());
        }
        let leaf = self.leaves.last().filter(|leaf| leaf.path == path);
        if leaf.is_some_and(|leaf| !alone::is_one_value(&self.text[range.clone()], leaf)) {
            return self.refuse(range.start, "a further document that is one value on several lines must be indented");
        }
        Ok(())
    }

    fn key(&mut self, text: &str, quoted: bool, at: &At, range: Range<usize>) -> Result<(), Error> {
        if self.all_keys.is_none() && self.frames.len() == 1 && (text == "sops-rs" || text == "sops") {
            return self.refuse(range.start, "the root keys `sops` and `sops-rs` are reserved for metadata");
        }
        let Some(Frame { kind: FrameKind::Map { entry, .. }, path: map, .. }) = self.frames.last_mut() else {
            return self.refuse(range.start, "a key outside of a map");
        };
        let path = self.paths.child(*map, Segment::Key { text, quoted });
        *entry = Some(path);
        self.keys.push((path, range.start));
        if let Some(all_keys) = &mut self.all_keys {
            all_keys.push((path, Span::new(range.start..range.start).start));
        }
        self.node(path, Some(range.end));
        self.floor = self.floor.max(range.end);
        self.tag(at);
        Ok(())
    }

    fn start_collection(
        &mut self,
        map: bool,
        style: StructureStyle,
        at: &At,
        range: Range<usize>,
    ) -> Result<(), Error> {
        let start = range.start;
        let Place::Value(path) = self.place() else {
            return self.refuse(start, "a list or map as a key is not supported");
        };
        if self.frames.len() >= MAX_NESTING {
            return Err(syntax::too_deep(self.text, start));
        }
        self.node(path, None);
        self.tag(at);
        let outer = self.context();
        let flow = outer.flow || style == StructureStyle::Flow;
        let mut indent = outer.indent;
        if flow {
            // Empty for a pair in a list, `[a: b]`.
            self.floor = self.floor.max(range.end);
        } else {
            let first = if map { start } else { self.first_dash(start) };
            // The parser does not report the dash of a list that is indented no more than the map around it.
            if first == start || self.frames.is_empty() {
                let Ok(column) = u16::try_from(at.start.col()) else {
                    let at = Some(Position::of(self.text, start));
                    return Err(Error::Limit { what: "indentation", limit: u16::MAX.into(), at });
                };
                indent = column;
            }
            self.floor = self.floor.max(first);
        }
        let kind = if map {
            FrameKind::Map { entry: None, outer_keys: self.keys.len() }
        } else {
            FrameKind::List { items: 0 }
        };
        self.frames.push(Frame { kind, path, indent, flow, start });
        Ok(())
    }

    /// Where the first `-` of a block list stands, which the parser says begins at `start`.
    fn first_dash(&self, start: usize) -> usize {
        let in_block_map = self.frames.last().is_some_and(|frame| matches!(frame.kind, FrameKind::Map { .. }));
        if !in_block_map {
            return start;
        }
        gap::pass(self.text.as_bytes(), self.floor, Skip { indicators: b":", prefix: true }).min(start)
    }

    fn end_collection(&mut self, end: usize) -> Result<(), Error> {
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        let mut can_grow = false;
        let is_empty = match frame.kind {
            FrameKind::List { items } => items == 0,
            FrameKind::Map { outer_keys, .. } => {
                self.check_duplicates(outer_keys)?;
                let last_key = self.keys.last().and_then(|&(path, _)| self.paths.last(path));
                can_grow = !frame.flow && frame.indent == 0 && last_key != MISSING_KEY;
                let is_empty = self.keys.len() == outer_keys;
                self.keys.truncate(outer_keys);
                is_empty
            }
        };
        if is_empty {
            let is_list = matches!(frame.kind, FrameKind::List { .. });
            let kind = if is_list { LeafKind::EmptyList } else { LeafKind::EmptyMap };
            self.push(kind, frame.start, frame.start + 1, frame.path);
        }
        if frame.flow {
            self.floor = self.floor.max(end);
        }
        if self.frames.is_empty() {
            let span = Span::new(frame.start..self.floor.max(frame.start));
            self.root = if can_grow { Root::Map(span) } else { Root::Other(span) };
        }
        Ok(())
    }

    fn end_document(&mut self, explicit: bool, end: usize) {
        if explicit {
            self.floor = self.floor.max(end);
            if let Root::Map(span) = self.root {
                // Behind `...`, a further line would belong to a document of its own.
                self.root = Root::Other(span);
            }
        }
    }

    /// Where an empty value is taken to stand: right behind its `:`, `-` or `---`, or else behind its key.
    fn empty_value(&self) -> usize {
        let bytes = self.text.as_bytes();
        let behind = match self.frames.last() {
            None => None,
            Some(Frame { kind: FrameKind::List { .. }, .. }) => gap::behind(bytes, self.floor, b'-'),
            Some(Frame { kind: FrameKind::Map { .. }, .. }) => gap::behind(bytes, self.floor, b':'),
        };
        behind.unwrap_or(self.floor)
    }

    /// Takes the next place in the innermost collection.
    fn place(&mut self) -> Place {
        let Some(frame) = self.frames.last_mut() else { return Place::Value(self.document) };
        match &mut frame.kind {
            FrameKind::List { items } => {
                let path = self.paths.child(frame.path, Segment::Index(*items));
                *items += 1;
                Place::Value(path)
            }
            FrameKind::Map { entry, .. } => entry.take().map_or(Place::Key, Place::Value),
        }
    }

    fn node(&mut self, path: PathId, key_end: Option<usize>) {
        self.latest = Latest { path, context: self.context(), empty: None, key_end, tag: None };
    }

    fn context(&self) -> Context {
        self.frames.last().map_or(ROOT_CONTEXT, |frame| Context { indent: frame.indent, flow: frame.flow })
    }

    fn push(&mut self, kind: LeafKind, start: usize, end: usize, path: PathId) {
        let context = self.context();
        let carrier = context.carrier();
        self.leaves.push(Leaf { span: Span::new(start..end), path, kind, carrier, indent: context.indent });
    }

    /// Refuses a key that stands twice in the innermost map, the keys of which begin at `first`.
    fn check_duplicates(&self, first: usize) -> Result<(), Error> {
        let keys = &self.keys[first..];
        if keys.len() < 2 {
            return Ok(());
        }
        let mut seen = HashSet::with_capacity(keys.len());
        for &(path, start) in keys {
            let Some(Segment::Key { text, .. }) = self.paths.last(path) else { continue };
            if !seen.insert(text) {
                let key = text.escape_debug().to_string();
                return Err(Error::DuplicateKey { at: Position::of(self.text, start), key });
            }
        }
        Ok(())
    }

    fn refuse<T>(&self, offset: usize, what: &'static str) -> Result<T, Error> {
        Err(Error::syntax(self.text, offset, what))
    }

    fn finish(mut self) -> Result<Scan, Error> {
        // Anchors, tags and comments are reported later than what they precede.
        if !self.leaves.is_sorted_by_key(|leaf| leaf.span) {
            self.leaves.sort_by_key(|leaf| leaf.span);
        }
        let mut end = 0;
        let mut overlap = None;
        self.leaves.retain(|leaf| {
            let Span { start, .. } = leaf.span;
            if start < end {
                // The comment in a block scalar's header belongs to the value.
                if leaf.kind != LeafKind::Comment {
                    overlap.get_or_insert(start);
                }
                return false;
            }
            end = leaf.span.end;
            true
        });
        if let Some(start) = overlap {
            return self.refuse(start as usize, "this cannot be told apart from what stands before it");
        }
        Ok(Scan { leaves: self.leaves, paths: self.paths, documents: self.documents, root: self.root })
    }
}

/// Behind `?` without a key, a further line would be that key.
const MISSING_KEY: Option<Segment<'_>> = Some(Segment::Key { text: "", quoted: false });

/// Whether a plain scalar holds what would begin a comment.
fn has_comment(source: &str) -> bool {
    let bytes = source.as_bytes();
    bytes.contains(&b'\n') && bytes.windows(2).any(|pair| pair[0].is_ascii_whitespace() && pair[1] == b'#')
}
