//! Where the entries of one map or list stand. A scan knows leaves only; this goes over the parser's events once more,
//! up to the end of that map or list.

use granit_parser::{Event, Parser, ScalarStyle, Span as At, StructureStyle};

use super::gap::{self, Skip};
use super::syntax;
use crate::document::Scan;
use crate::document::spell::Entry;
use crate::leaf::{PathId, PathTree};

/// A map or list.
#[derive(Debug)]
pub(super) struct Outline {
    /// Whether it stands in brackets.
    pub(super) flow: bool,
    /// The column of its keys or dashes, if it is a block.
    pub(super) column: usize,
    /// The end of what introduces it: the `:` or `-` before it, or an anchor or tag behind that.
    pub(super) head: usize,
    /// Where it begins: its bracket, first key or first dash.
    pub(super) start: usize,
    /// Its end: of the closing bracket, or of the last value.
    pub(super) end: usize,
    /// Its entries; an item of a block list begins at its dash.
    pub(super) entries: Vec<Entry>,
}

/// The outline of the map or list at `target`; none when something else stands there.
pub(super) fn outline(text: &str, scan: &Scan, target: PathId) -> Option<Outline> {
    let mut walk = Walk {
        text,
        scan,
        target: target.index(),
        nodes: PathTree::ROOT.index(),
        document: PathTree::ROOT.index(),
        frames: Vec::new(),
        floor: 0,
        leaf: 0,
        found: None,
        in_key: false,
    };
    for step in Parser::new_from_str_with_options(text, syntax::parser_options()) {
        let (event, at) = step.ok()?;
        if walk.event(&event, &at)? {
            return walk.found;
        }
    }
    None
}

struct Walk<'t> {
    text: &'t str,
    scan: &'t Scan,
    target: usize,
    /// How many nodes there were so far. They are numbered as the scan numbers its paths: in document order, entries by
    /// their keys.
    nodes: usize,
    document: usize,
    frames: Vec<Frame>,
    /// The end of the last node or indicator.
    floor: usize,
    /// The first leaf that was not passed yet.
    leaf: usize,
    found: Option<Outline>,
    /// Whether the latest node was a key of the target.
    in_key: bool,
}

struct Frame {
    node: usize,
    is_map: bool,
    flow: bool,
    /// The entry whose key was read.
    pending: Option<usize>,
}

impl Walk<'_> {
    /// Takes an event in; tells whether the target has ended.
    fn event(&mut self, event: &Event<'_>, at: &At) -> Option<bool> {
        let range = at.byte_range().unwrap_or(0..0);
        match event {
            Event::Alias(_) | Event::UnresolvedAlias(_) => self.node(range.start, range.end),
            Event::Anchor(..) if self.in_key => {
                if let Some(entry) = self.found.as_mut().and_then(|found| found.entries.last_mut()) {
                    entry.start = entry.start.min(range.start);
                }
            }
            Event::Scalar(_, ScalarStyle::Plain, ..) if range.is_empty() => {
                let end = self.end_of_missing();
                self.node(range.start.max(end), end);
                self.tag(at);
            }
            Event::Scalar(_, style, ..) => {
                let block = matches!(style, ScalarStyle::Folded | ScalarStyle::Literal);
                let end = if block { self.end_of_leaf(range.start)? } else { range.end };
                self.node(range.start, end);
                self.tag(at);
            }
            Event::DocumentStart(explicit, _) => {
                self.nodes += 1;
                self.document = self.nodes;
                self.floor = if *explicit { range.end } else { self.floor };
            }
            Event::MappingStart(style, ..) => self.start(true, *style == StructureStyle::Flow, range.start),
            Event::SequenceStart(style, ..) => self.start(false, *style == StructureStyle::Flow, range.start),
            Event::MappingEnd | Event::SequenceEnd => {
                let frame = self.frames.pop()?;
                if frame.flow {
                    self.floor = self.floor.max(range.end);
                }
                let end = self.floor;
                if frame.node == self.target {
                    self.found.as_mut()?.end = end;
                    return Some(true);
                }
                self.end_value(end);
            }
            _ => {}
        }
        Some(false)
    }

    /// A scalar or alias.
    fn node(&mut self, start: usize, end: usize) {
        self.place(start);
        self.floor = self.floor.max(end);
        let floor = self.floor;
        self.end_value(floor);
    }

    fn start(&mut self, is_map: bool, flow: bool, start: usize) {
        let Some(node) = self.place(start) else { return };
        let outer_flow = self.frames.last().is_some_and(|frame| frame.flow);
        let flow = flow || outer_flow;
        let head = self.head(start);
        let bytes = self.text.as_bytes();
        let first = if flow || is_map {
            start
        } else {
            gap::pass(bytes, head, Skip { indicators: b"", prefix: true }).min(start)
        };
        if node == self.target {
            let column = self.column(first);
            self.found = Some(Outline { flow, column, head, start: first, end: start, entries: Vec::new() });
            self.in_key = false;
        }
        self.frames.push(Frame { node, is_map, flow, pending: None });
        self.floor = self.floor.max(if flow { start + 1 } else { first });
    }

    /// Gives the next node its place, and the target its next entry. None for a key.
    fn place(&mut self, start: usize) -> Option<usize> {
        self.in_key = false;
        let floor = self.floor;
        let Some(frame) = self.frames.last_mut() else { return Some(self.document) };
        let is_target = frame.node == self.target;
        if let Some(node) = frame.pending.take() {
            if let (true, Some(found)) = (is_target, self.found.as_mut())
                && let Some(entry) = found.entries.last_mut()
            {
                entry.value = start;
            }
            return Some(node);
        }
        self.nodes += 1;
        let is_map = frame.is_map;
        if is_map {
            frame.pending = Some(self.nodes);
            self.in_key = is_target;
        }
        // An anchor or tag before the entry is a part of it.
        let mut begin = start;
        if frame.flow {
            begin = gap::pass(self.text.as_bytes(), floor, Skip { indicators: b",", prefix: false }).min(start);
        }
        if !is_map && !frame.flow {
            let dash = gap::pass(self.text.as_bytes(), floor, Skip { indicators: b":", prefix: true });
            self.floor = dash + 1;
            begin = dash;
        }
        if let (true, Some(found)) = (is_target, self.found.as_mut()) {
            found.entries.push(Entry { start: begin, value: start, end: start });
        }
        (!is_map).then_some(self.nodes)
    }

    /// A value has ended; if it is one of the target's, so has its entry.
    fn end_value(&mut self, end: usize) {
        let of_target = self.frames.last().is_some_and(|frame| frame.node == self.target);
        if let (true, Some(found)) = (of_target, self.found.as_mut())
            && let Some(entry) = found.entries.last_mut()
        {
            entry.end = end;
        }
    }

    /// A tag before a key belongs to its entry.
    fn tag(&mut self, at: &At) {
        let Some(tag) = at.tag_span().and_then(|span| span.byte_range()) else { return };
        if let (true, Some(found)) = (self.in_key, self.found.as_mut())
            && let Some(entry) = found.entries.last_mut()
        {
            entry.start = entry.start.min(tag.start);
        }
    }

    /// Where a value that is not there is taken to stand.
    fn end_of_missing(&self) -> usize {
        let bytes = self.text.as_bytes();
        let sign = match self.frames.last() {
            Some(frame) if frame.is_map => b':',
            _ => b'-',
        };
        gap::behind(bytes, self.floor, sign).unwrap_or(self.floor)
    }

    /// The end of the next leaf that ends behind `at`: block scalars, whose end only the scan knows.
    fn end_of_leaf(&mut self, at: usize) -> Option<usize> {
        let leaves = &self.scan.leaves;
        while leaves.get(self.leaf).is_some_and(|leaf| leaf.span.range().end < at || !leaf.kind.is_value()) {
            self.leaf += 1;
        }
        leaves.get(self.leaf).map(|leaf| leaf.span.range().end)
    }

    /// The end of what stands before a collection that begins at `start`: the sign, and anchors or tags on its line.
    fn head(&self, start: usize) -> usize {
        let bytes = self.text.as_bytes();
        let in_map = self.frames.last().is_some_and(|frame| frame.is_map);
        let mut head = if in_map { gap::behind(bytes, self.floor, b':').unwrap_or(self.floor) } else { self.floor };
        loop {
            let blanks = bytes[head..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            let next = head + blanks;
            if next >= start || !matches!(bytes.get(next), Some(b'&' | b'!')) {
                return head;
            }
            head = next + bytes[next..].iter().position(u8::is_ascii_whitespace).unwrap_or(bytes.len() - next);
        }
    }

    fn column(&self, at: usize) -> usize {
        let line = self.text[..at].rfind('\n').map_or(0, |line| line + 1);
        self.text[line..at].trim_start_matches('\u{feff}').chars().count()
    }
}
