//! INI: sections of `key = value` lines. There is no one grammar; this reads what every common reader takes the same way,
//! and refuses where a mistake about what a line is could leave a part of a value clear.

mod scan;
mod spell;
mod value;

use std::borrow::Cow;

use crate::document::block::newline_of;
use crate::document::lines::{BLANKS, end_of_comment};
use crate::document::{Block, Detached, Edit, Format, Layout, Place, Root, Scan, Value, at_end};
use crate::error::Error;
use crate::leaf::{Carrier, Leaf, LeafKind, PathId, Span};

/// What comments begin with.
const SIGNS: &[u8] = b"#;";

/// INI.
///
/// A line is blank, a comment (`#` or `;` first), the header of a section, `key = value` or `key: value`, or a key alone.
/// Keys before the first section stand at the root. A section without entries is an empty map. A section that stands
/// several times is a list, one item for each, as in WireGuard's `[Peer]`; they must follow each other. A key stands
/// once in its section.
///
/// A value in quotes (`"` or `'`, both on one line) is a leaf from quote to quote when nothing but blanks follows. Every other
/// value is a leaf from its first character to the end of its line, trailing blanks and inline comment included: some readers
/// take them for a part of it, also behind quotes. Lines below that are indented deeper than the
/// key, without `=` and `:`, belong to it too.
///
/// Refused, because readers differ about what they are: values and comments that end in a backslash, quotes that are
/// not closed on their line, comments behind a header with a `]` in them, other lines that are indented deeper than the key above, and keys with characters that
/// other syntaxes are made of.
#[derive(Debug)]
pub(crate) struct Ini;

impl Format for Ini {
    fn name(&self) -> &'static str {
        "ini"
    }

    fn claims(&self, file_name: &str) -> bool {
        file_name.rsplit_once('.').is_some_and(|(_, extension)| {
            ["ini", "cfg", "conf"].iter().any(|known| extension.eq_ignore_ascii_case(known))
        })
    }

    fn scan(&self, text: &str) -> Result<Scan, Error> {
        scan::scan(text)
    }

    fn decode<'t>(&self, text: &'t str, leaf: &Leaf) -> Result<Cow<'t, str>, Error> {
        let source = source(text, leaf)?;
        Ok(match leaf.kind {
            LeafKind::Plain => value::decode(source),
            LeafKind::Quoted => Cow::Borrowed(source.get(1..source.len() - 1).unwrap_or_default()),
            _ => Cow::Borrowed(source),
        })
    }

    /// The source: readers disagree about quotes, and about what is a comment.
    fn pinned<'t>(&self, text: &'t str, leaf: &Leaf) -> Result<Cow<'t, str>, Error> {
        source(text, leaf).map(Cow::Borrowed)
    }

    fn is_one_leaf(&self, source: &str, leaf: &Leaf) -> bool {
        if leaf.kind == LeafKind::Comment {
            return end_of_comment(source, 0, SIGNS) == Ok(source.len());
        }
        let Ok(found) = value::find(source, 0, 0) else { return false };
        let trimmed = !source.starts_with(BLANKS);
        // Where blanks stand behind the place, only quotes keep them apart from the value.
        let fits = leaf.carrier == Carrier::Bare || found.kind == LeafKind::Quoted;
        leaf.kind.is_value() && trimmed && fits && found.kind.is_value() && found.span == Span::new(0..source.len())
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
        let newline = newline_of(body);
        at_end::attach(body, layout, &format!("[{key}]{newline}{}", block.to_flat(key, newline)))
    }

    fn detach<'t>(&self, text: &'t str, key: &str) -> Result<Option<Detached<'t>>, Error> {
        let Some(split) = at_end::split_at_header(text, key)? else { return Ok(None) };
        let fields = split.block.split_once('\n').map_or("", |(_, fields)| fields);
        let block = Block::from_flat(fields, key, split.line + 1)?;
        Ok(Some(Detached { rest: Cow::Borrowed(split.body), separate: false, block, line: split.line }))
    }

    fn body<'t>(&self, rest: Cow<'t, str>, layout: Layout) -> Result<Cow<'t, str>, Error> {
        at_end::body(rest, layout)
    }
}

fn source<'t>(text: &'t str, leaf: &Leaf) -> Result<&'t str, Error> {
    let span = leaf.span.range();
    text.get(span.clone()).ok_or_else(|| Error::syntax(text, span.start, "no value stands here"))
}

#[cfg(test)]
mod tests;
