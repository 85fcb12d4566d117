//! Java's properties files, as `java.util.Properties.load` reads them.

mod entry;
mod spell;

pub(crate) use spell::{escape_key, escape_value};

use std::borrow::Cow;
use std::collections::HashSet;

use crate::document::block::{RESERVED_KEYS, newline_of};
use crate::document::lines::{behind_break, end_of_comment, end_of_line, skip_blanks};
use crate::document::{Block, Detached, Edit, Format, Layout, Place, Root, Scan, Value, at_end};
use crate::error::{Error, Position};
use crate::leaf::{Carrier, Leaf, LeafKind, PathId, PathTree, Segment, Span};

/// What metadata lines begin with.
const RESERVED_PREFIX: &str = "sops_rs__";

/// What comments begin with.
const SIGNS: &[u8] = b"#!";

/// Properties.
///
/// A line is blank, a comment (`#` or `!` first), or a key and its value with `=`, `:` or blanks between. A value is a leaf from its
/// first character that is no blank to the end of its line, trailing blanks included; a line that ends in an odd number of
/// backslashes goes on with the next one. A key with nothing behind it is a leaf without value.
///
/// Refused beside broken escapes: keys that stand twice after unescaping, that are empty or go on on the next line, the
/// keys `sops` and `sops-rs`, every line that begins with `sops_rs__`, and comments that end in a backslash.
#[derive(Debug)]
pub(crate) struct Properties;

impl Format for Properties {
    fn name(&self) -> &'static str {
        "properties"
    }

    fn claims(&self, file_name: &str) -> bool {
        file_name.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("properties"))
    }

    fn has_dotted_keys(&self) -> bool {
        true
    }

    fn scan(&self, text: &str) -> Result<Scan, Error> {
        let mut leaves = Vec::new();
        let mut paths = PathTree::default();
        let mut keys = HashSet::new();
        let mut line = if text.starts_with('\u{feff}') { 3 } else { 0 };
        while line < text.len() {
            let at = skip_blanks(text, line);
            let end = end_of_line(text, line).map_err(|bad| bad.into_error(text))?;
            if at >= end {
                line = behind_break(text, end);
                continue;
            }
            if SIGNS.contains(&text.as_bytes()[at]) {
                let end = end_of_comment(text, at, SIGNS).map_err(|bad| bad.into_error(text))?;
                let carrier = Carrier::Comment(b'#');
                leaves.push(leaf(at..end, PathTree::ROOT, LeafKind::Comment, carrier));
                line = behind_break(text, end);
                continue;
            }
            let entry = entry::find(text, at).map_err(|bad| bad.into_error(text))?;
            if RESERVED_KEYS.contains(&&*entry.key) || entry.key.starts_with(RESERVED_PREFIX) {
                return Err(Error::syntax(text, at, "this key is reserved for metadata"));
            }
            let path = paths.child(PathTree::ROOT, Segment::Key { text: &entry.key, quoted: false });
            leaves.push(leaf(entry.value.range(), path, entry.kind, Carrier::Bare));
            line = behind_break(text, entry.value.range().end.max(entry.end));
            if keys.contains(&entry.key) {
                let key = entry.key.escape_debug().to_string();
                return Err(Error::DuplicateKey { at: Position::of(text, at), key });
            }
            keys.insert(entry.key);
        }
        at_end::refuse_lines(text, RESERVED_PREFIX)?;
        Ok(Scan { leaves, paths, documents: 1, root: Root::Map(Span::new(0..text.len())) })
    }

    fn decode<'t>(&self, text: &'t str, leaf: &Leaf) -> Result<Cow<'t, str>, Error> {
        let start = leaf.span.range().start;
        let Some(source) = text.get(leaf.span.range()) else {
            return Err(Error::syntax(text, start, "no value stands here"));
        };
        if leaf.kind != LeafKind::Plain {
            return Ok(Cow::Borrowed(source));
        }
        entry::decode(source).ok_or_else(|| Error::syntax(text, start, entry::BROKEN_ESCAPE))
    }

    /// The source: nobody formats these values, and other programs than Java's read them a little differently.
    fn pinned<'t>(&self, text: &'t str, leaf: &Leaf) -> Result<Cow<'t, str>, Error> {
        let start = leaf.span.range().start;
        let source = text.get(leaf.span.range()).ok_or_else(|| Error::syntax(text, start, "no value stands here"))?;
        Ok(Cow::Borrowed(source))
    }

    fn is_one_leaf(&self, source: &str, leaf: &Leaf) -> bool {
        if leaf.kind == LeafKind::Comment {
            return end_of_comment(source, 0, SIGNS) == Ok(source.len());
        }
        leaf.kind.is_value() && entry::is_value(source)
    }

    fn spell(&self, text: &str, scan: &Scan, place: Place<'_>, value: &Value) -> Result<Edit, Error> {
        spell::spell(text, scan, place, value)
    }

    fn remove(&self, text: &str, scan: &Scan, path: PathId) -> Result<Edit, Error> {
        spell::remove(text, scan, path)
    }

    fn layout(&self, body: &str, _: &Scan) -> Layout {
        at_end::layout(body)
    }

    fn attach(&self, body: &str, layout: Layout, _: Root, key: &str, block: &Block) -> String {
        at_end::attach(body, layout, &block.to_flat(key, newline_of(body)))
    }

    fn detach<'t>(&self, text: &'t str, key: &str) -> Result<Option<Detached<'t>>, Error> {
        at_end::detach_flat(text, key)
    }

    fn body<'t>(&self, rest: Cow<'t, str>, layout: Layout) -> Result<Cow<'t, str>, Error> {
        at_end::body(rest, layout)
    }
}

fn leaf(span: std::ops::Range<usize>, path: crate::leaf::PathId, kind: LeafKind, carrier: Carrier) -> Leaf {
    Leaf { span: Span::new(span), path, kind, carrier, indent: 0 }
}

#[cfg(test)]
mod tests;
