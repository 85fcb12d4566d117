//! What belongs to a node or a document without being one: anchors, tags, directives.

use granit_parser::Span as At;

use super::{Latest, Scanner, gap};
use crate::leaf::{Leaf, LeafKind, Span};

impl Scanner<'_> {
    /// An anchor of the latest node.
    pub(super) fn anchor(&mut self, start: usize, end: usize) {
        let Latest { path, context, empty, key_end, tag } = self.latest;
        if let Some(leaf) = empty.and_then(|index| self.leaves.get_mut(index)) {
            let behind = (leaf.span.start as usize).max(end);
            leaf.span = Span::new(behind..behind);
            self.floor = self.floor.max(behind);
        }
        let mut span_end = key_end.unwrap_or(end).max(end);
        if let Some((index, tag_end)) = tag {
            if tag_end > start {
                span_end = end;
            } else if let Some(leaf) = self.leaves.get_mut(index) {
                leaf.span.end = Span::new(tag_end..tag_end).end;
            }
        }
        let carrier = context.carrier();
        let span = Span::new(start..span_end);
        self.leaves.push(Leaf { span, path, kind: LeafKind::Anchor, carrier, indent: context.indent });
    }

    /// The tag of the latest node, if it has one.
    pub(super) fn tag(&mut self, at: &At) {
        let Some(range) = at.tag_span().and_then(|span| span.byte_range()) else { return };
        let Latest { path, empty, key_end, .. } = self.latest;
        if let Some(leaf) = empty.and_then(|index| self.leaves.get_mut(index)) {
            let behind = (leaf.span.start as usize).max(range.end);
            leaf.span = Span::new(behind..behind);
            self.floor = self.floor.max(behind);
        }
        self.latest.tag = Some((self.leaves.len(), range.end));
        self.push(LeafKind::Tag, range.start, key_end.unwrap_or(range.end).max(range.end), path);
    }

    /// The lines between two documents that begin with `%`.
    pub(super) fn directives(&mut self, end: usize) {
        let bytes = self.text.as_bytes();
        let mut at = self.floor;
        while at < end {
            let line_end = gap::line_end(bytes, at).min(end);
            let line = self.text[at..line_end].trim_start_matches('\u{feff}');
            let is_line = at == 0 || bytes[at - 1] == b'\n';
            if is_line && line.starts_with('%') {
                let start = line_end - line.len();
                let comment = line.match_indices('#').find(|&(n, _)| line[..n].ends_with([' ', '\t']));
                let content = comment.map_or(line, |(n, _)| &line[..n]).trim_end_matches([' ', '\t']);
                self.push(LeafKind::Directive, start, start + content.len(), self.document);
            }
            at = line_end + 1;
        }
    }
}
