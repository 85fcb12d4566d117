//! TOML 1.1, of which every text of TOML 1.0 is one with the same meaning.

mod fault;
mod scan;
mod spell;
mod tables;
mod value;

use std::borrow::Cow;

pub(super) use spell::{QUOTES, in_quotes, key_text, quoted};

use crate::document::block::newline_of;
use crate::document::{Block, Detached, Edit, Format, KeyedScan, Layout, Place, Root, Scan, Value, at_end};
use crate::error::Error;
use crate::leaf::{Leaf, LeafKind, PathId};

/// TOML.
///
/// A leaf is a string with its quotes (of all four sorts), a number, a date or a truth value, or a comment; a token takes
/// the place of a value as a string in double quotes. An empty list or inline table is a leaf that spans its opening bracket, and so
/// is a header whose table has nothing in it: white space between brackets means nothing.
///
/// Refused beside broken syntax: keys that stand twice, also by way of dotted keys and headers; the root keys `sops` and
/// `sops-rs`, and lines that begin as the header of a block does, even in a string; and lists of tables whose items do
/// not stand together.
#[derive(Debug)]
pub(crate) struct Toml;

impl Format for Toml {
    fn name(&self) -> &'static str {
        "toml"
    }

    fn claims(&self, file_name: &str) -> bool {
        file_name.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("toml"))
    }

    fn scan(&self, text: &str) -> Result<Scan, Error> {
        let scan = scan::scan(text).map_err(|fault| fault.into_error(text))?;
        at_end::refuse_headers(text)?;
        Ok(scan)
    }

    fn decode<'t>(&self, text: &'t str, leaf: &Leaf) -> Result<Cow<'t, str>, Error> {
        let start = leaf.span.range().start;
        let no_value = || Error::syntax(text, start, "no value stands here");
        let source = text.get(leaf.span.range()).ok_or_else(no_value)?;
        if leaf.kind == LeafKind::Quoted {
            value::decode_string(source).ok_or_else(no_value)
        } else {
            Ok(source.into())
        }
    }

    fn is_one_leaf(&self, source: &str, leaf: &Leaf) -> bool {
        match leaf.kind {
            LeafKind::Comment => value::is_comment(source),
            kind => kind.is_value() && value::is_scalar(source),
        }
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
        at_end::attach(body, layout, &block.to_toml(key, newline_of(body)))
    }

    fn detach<'t>(&self, text: &'t str, key: &str) -> Result<Option<Detached<'t>>, Error> {
        let Some(split) = at_end::split_at_header(text, key)? else { return Ok(None) };
        let block = Block::from_toml(split.block, key, split.line)?;
        Ok(Some(Detached { rest: Cow::Borrowed(split.body), separate: false, block, line: split.line }))
    }

    fn body<'t>(&self, rest: Cow<'t, str>, layout: Layout) -> Result<Cow<'t, str>, Error> {
        at_end::body(rest, layout)
    }
}

/// The leaves and keys of `text`, those of metadata included.
pub(super) fn keyed_scan(text: &str) -> Result<KeyedScan, Error> {
    scan::keyed_scan(text).map_err(|fault| fault.into_error(text))
}

#[cfg(test)]
mod tests;
