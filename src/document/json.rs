//! JSON, strictly as RFC 8259 has it; only a byte order mark at the start is tolerated.

mod block;
mod scan;
mod spell;
pub(super) mod string;

use std::borrow::Cow;

use crate::document::{Block, Detached, Edit, Format, KeyedScan, Layout, Place, Root, Scan, Value};
use crate::error::Error;
use crate::leaf::{Leaf, LeafKind, PathId};

/// JSON.
///
/// A leaf is a string with its quotes, a number or a literal; a token takes its place as a string, so that neither
/// type nor quotes show. Number spelling, key order, escapes and white space are never touched. An empty map or list
/// is a leaf that spans its opening bracket only: white space inside it means nothing.
///
/// Refused beside broken syntax: keys that stand twice in one map after unescaping, keys with lone surrogates (string
/// values may have them), the root keys `sops` and `sops-rs`.
#[derive(Debug)]
pub(crate) struct Json;

impl Format for Json {
    /// Raw U+2028 and the like may stand in JSON strings; the grammar refuses control characters everywhere.
    fn check_characters(&self, _: &str) -> Result<(), Error> {
        Ok(())
    }

    fn name(&self) -> &'static str {
        "json"
    }

    fn claims(&self, file_name: &str) -> bool {
        file_name.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("json"))
    }

    fn scan(&self, text: &str) -> Result<Scan, Error> {
        scan::scan(text).map_err(|fault| fault.into_error(text))
    }

    fn decode<'t>(&self, text: &'t str, leaf: &Leaf) -> Result<Cow<'t, str>, Error> {
        let start = leaf.span.range().start;
        let Some(source) = text.get(leaf.span.range()) else {
            return Err(Error::syntax(text, start, "no value stands here"));
        };
        if leaf.kind != LeafKind::Quoted {
            return Ok(Cow::Borrowed(source));
        }
        string::decode(source).ok_or_else(|| Error::syntax(text, start, "a string with a lone surrogate is no text"))
    }

    fn is_one_leaf(&self, source: &str, leaf: &Leaf) -> bool {
        leaf.kind.is_value() && scan::end_of_scalar(source, 0).is_ok_and(|(end, _)| end == source.len())
    }

    fn spell(&self, text: &str, scan: &Scan, place: Place<'_>, value: &Value) -> Result<Edit, Error> {
        spell::spell(text, scan, place, value)
    }

    fn remove(&self, text: &str, scan: &Scan, path: PathId) -> Result<Edit, Error> {
        spell::remove(text, scan, path)
    }

    fn layout(&self, _: &str, scan: &Scan) -> Layout {
        Layout { wrapped: matches!(scan.root, Root::Other(_)), ..Layout::default() }
    }

    fn attach(&self, body: &str, _: Layout, root: Root, key: &str, block: &Block) -> String {
        block::attach(body, root, key, block)
    }

    fn detach<'t>(&self, text: &'t str, key: &str) -> Result<Option<Detached<'t>>, Error> {
        block::detach(text, key)
    }

    fn body<'t>(&self, rest: Cow<'t, str>, layout: Layout) -> Result<Cow<'t, str>, Error> {
        if layout.wrapped { block::unwrap(&rest).map(Cow::Owned) } else { Ok(rest) }
    }
}

/// The leaves and keys of `text`, in which keys may stand twice, and those of metadata too.
pub(super) fn keyed_scan(text: &str) -> Result<KeyedScan, Error> {
    scan::keyed_scan(text).map_err(|fault| fault.into_error(text))
}

#[cfg(test)]
mod tests;
