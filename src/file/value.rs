//! Values that are written, and those that are read: between [`Value`] and a plaintext.

use zeroize::Zeroizing;

use super::document::Document;
use super::path_query::PathQuery;
use super::scalar::Scalar;
use super::tree::{self, Tree};
use crate::document::spell::value_leaf;
use crate::document::{Format, Value, format_by_name};
use crate::error::{Error, Position};
use crate::leaf::{LeafKind, PathId};

impl Value {
    /// Reads one JSON value: numbers keep their spelling, keys their order.
    ///
    /// # Errors
    /// [`Error::Syntax`], [`Error::DuplicateKey`], [`Error::Limit`]; places are those in `text`.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let format = format_by_name("json").expect("a format of this crate");
        // In a list, so that no key of it stands at the root, where two names are reserved.
        let wrapped = Zeroizing::new(format!("[\n{text}\n]"));
        let moved = |at: Position| Position { line: at.line.saturating_sub(1).max(1), ..at };
        let document = Document::parse(wrapped.as_bytes(), format).map_err(|error| match error {
            Error::Syntax { at, what } => Error::Syntax { at: moved(at), what },
            Error::DuplicateKey { at, key } => Error::DuplicateKey { at: moved(at), key },
            error => error,
        })?;
        let one = || Error::Syntax { at: Position { line: 1, column: 1 }, what: "expected one JSON value" };
        match Tree::of(&document)?.documents.pop().map(Self::from) {
            Some(Self::List(mut items)) if items.len() == 1 => items.pop().ok_or_else(one),
            _ => Err(one()),
        }
    }
}

impl From<tree::Value> for Value {
    fn from(value: tree::Value) -> Self {
        match value {
            tree::Value::List(items) => Self::List(items.into_iter().map(Self::from).collect()),
            tree::Value::Map(entries) => {
                Self::Map(entries.into_iter().map(|(key, value)| (key, Self::from(value))).collect())
            }
            tree::Value::Scalar(scalar) => Self::from(scalar),
        }
    }
}

impl From<Scalar> for Value {
    fn from(scalar: Scalar) -> Self {
        match scalar {
            Scalar::Bool(value) => Self::Bool(value),
            Scalar::Inherited | Scalar::Null => Self::Null,
            Scalar::Number(text) => Self::Number(text),
            // Not a text, and equal to none.
            Scalar::TomlOnly(text) => Self::Number(text),
            Scalar::Text(text) => Self::Text(Zeroizing::new(text)),
        }
    }
}

/// What stands at `path`, to which `query` leads.
pub(super) fn value_at(document: &Document, path: PathId, query: &PathQuery) -> Result<Value, Error> {
    let scan = document.scan();
    let Some(leaf) = value_leaf(scan, path) else {
        let tree = Tree::of(document)?.extract(query)?;
        return Ok(tree.documents.into_iter().next().map_or(Value::Null, Value::from));
    };
    let tag = scan.leaves.iter().find(|leaf| leaf.kind == LeafKind::Tag && leaf.path == path);
    tree::leaf_value(document, leaf, tag.map(|tag| document.source(tag))).map(Value::from)
}

/// Whether nothing stands at `path`.
pub(super) fn is_null(document: &Document, path: PathId) -> Result<bool, Error> {
    let Some(leaf) = value_leaf(document.scan(), path) else { return Ok(false) };
    Ok(matches!(tree::leaf_value(document, leaf, None)?, tree::Value::Scalar(Scalar::Null)))
}

/// Whether `found` is what a file of `format` makes of `wanted`: where it knows no types, everything is a text.
pub(super) fn same(format: &dyn Format, wanted: &Value, found: &Value) -> bool {
    let is_text = |text: &str, found: &str| text == found && matches!(Scalar::resolve(text, format), Scalar::Text(_));
    match (wanted, found) {
        (Value::Number(wanted), Value::Text(found)) => is_text(wanted, found),
        (Value::Bool(wanted), Value::Text(found)) => is_text(if *wanted { "true" } else { "false" }, found),
        _ => wanted == found,
    }
}
