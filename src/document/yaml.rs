//! YAML 1.2, on the events of `granit-parser`. Its spans are trusted but for block scalars, whose header they leave
//! out, and for empty values, which have no span at all: those are found in the text between two nodes.

use std::borrow::Cow;

use crate::document::{Block, Detached, Edit, Format, KeyedScan, Layout, Place, Root, Scan, Value};
use crate::error::Error;
use crate::leaf::{Leaf, LeafKind, PathId};

mod alone;
mod attach;
mod block_scalar;
#[cfg(test)]
mod cases;
mod gap;
mod outline;
mod reindent;
mod scan;
mod spell;
mod spell_value;
mod syntax;

pub(crate) use reindent::reindent;

/// The leaves and keys of `text`, those of metadata included.
pub(super) fn keyed_scan(text: &str) -> Result<KeyedScan, Error> {
    scan::keyed_scan(text)
}

/// YAML: leaves are scalars and comments; anchors, aliases, tags and directives are clear leaves.
#[derive(Debug)]
pub(crate) struct Yaml;

impl Format for Yaml {
    fn name(&self) -> &'static str {
        "yaml"
    }

    fn claims(&self, file_name: &str) -> bool {
        file_name
            .rsplit_once('.')
            .is_some_and(|(_, end)| end.eq_ignore_ascii_case("yaml") || end.eq_ignore_ascii_case("yml"))
    }

    fn scan(&self, text: &str) -> Result<Scan, Error> {
        scan::scan(text)
    }

    fn decode<'t>(&self, text: &'t str, leaf: &Leaf) -> Result<Cow<'t, str>, Error> {
        let start = leaf.span.start as usize;
        let source = text.get(leaf.span.range()).ok_or_else(|| Error::syntax(text, start, "there is no leaf here"))?;
        if !leaf.kind.is_value() {
            return Ok(Cow::Borrowed(source));
        }
        alone::decode(source, leaf).ok_or_else(|| Error::syntax(text, start, "this value cannot be read alone"))
    }

    fn is_one_leaf(&self, source: &str, leaf: &Leaf) -> bool {
        match leaf.kind {
            LeafKind::Comment => source.starts_with('#') && !source.contains(['\n', '\r']),
            LeafKind::Plain | LeafKind::Quoted => alone::is_one_value(source, leaf),
            _ => false,
        }
    }

    fn spell(&self, text: &str, scan: &Scan, place: Place<'_>, value: &Value) -> Result<Edit, Error> {
        spell::spell(text, scan, place, value)
    }

    fn remove(&self, text: &str, scan: &Scan, path: PathId) -> Result<Edit, Error> {
        spell::remove(text, scan, path)
    }

    fn layout(&self, body: &str, scan: &Scan) -> Layout {
        attach::layout(body, scan)
    }

    fn attach(&self, body: &str, layout: Layout, _: Root, key: &str, block: &Block) -> String {
        attach::attach(body, layout, key, block)
    }

    fn detach<'t>(&self, text: &'t str, key: &str) -> Result<Option<Detached<'t>>, Error> {
        attach::detach(text, key)
    }

    fn body<'t>(&self, rest: Cow<'t, str>, layout: Layout) -> Result<Cow<'t, str>, Error> {
        attach::body(rest, layout)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_claimed_by_extension() {
        for name in ["a.yaml", "a.yml", "x.enc.yaml", "x.sops.yml", "A.YAML", ".sops-rs.yaml"] {
            assert!(Yaml.claims(name), "{name}");
        }
        for name in ["yaml", "a.yamls", "a.yaml.json", "a.json", ""] {
            assert!(!Yaml.claims(name), "{name}");
        }
    }
}
