//! Changing one value of a plaintext: finding the place, having the format spell it, and seeing that nothing else changed.

use super::document::Document;
use super::path_query::{PathQuery, Step, similar};
use super::value::{is_null, same, value_at};
use super::window::Window;
use crate::document::spell::value_leaf;
use crate::document::{Edit, MAX_PLAINTEXT_LEN, Place, Root, Value};
use crate::error::Error;
use crate::leaf::{LeafKind, PathId, PathTree, Segment, Span};

/// A plaintext with one change in it.
pub(super) struct Changed {
    pub(super) document: Document,
    pub(super) window: Window,
    /// Whether a number, or `true` or `false`, gave way to a text that looks like one.
    pub(super) retyped: bool,
    /// Whether the scan of the text is yet to be made.
    pub(super) is_foretold: bool,
}

impl Changed {
    /// Whether a scan of the text finds what was foretold.
    pub(super) fn is_as_foretold(&self) -> bool {
        let (text, format) = (self.document.text(), self.document.format());
        !self.is_foretold
            || (format.check_characters(text).is_ok()
                && text.len() <= MAX_PLAINTEXT_LEN
                && format.scan(text).is_ok_and(|scan| scan == *self.document.scan()))
    }
}

/// Whether the new text is scanned, or its scan is foretold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scanning {
    Now,
    /// Where one scalar takes the place of another, the scan is that of the old text with other spans, or else the change
    /// is refused. [`Changed::is_as_foretold`] has to find out.
    Later,
}

/// `document` with `value` at `query`; none when it stands there already.
pub(super) fn with_value(
    document: &Document,
    query: &PathQuery,
    value: &Value,
    scanning: Scanning,
) -> Result<Option<Changed>, Error> {
    let (place, wrapped) = locate(document, query, value)?;
    let mut retyped = false;
    if let Place::At(path) = place {
        let leaf = value_leaf(document.scan(), path);
        // An empty map has no path for what is to be put below it.
        let is_target = wrapped.is_none();
        if is_target {
            let old = value_at(document, path, query)?;
            if same(document.format(), value, &old) {
                return Ok(None);
            }
            retyped = is_retyped(&old, value);
        }
        if is_target && leaf.is_none() && !value.is_collection() {
            return refuse(query, "is a map or a list, and one value would replace all of it: unset it first");
        }
        check_tag(document, path, query, value)?;
    }
    let new = wrapped.as_ref().unwrap_or(value);
    let edit = document.format().spell(document.text(), document.scan(), place, new)?;
    let foretold = match (place, scanning) {
        (Place::At(path), Scanning::Later) => foretell(document, path, &edit),
        _ => None,
    };
    let is_foretold = foretold.is_some();
    let changed = match foretold {
        Some(changed) => changed,
        None => apply(document, &edit)?,
    };
    let is_there = |path| value_at(&changed, path, query).is_ok_and(|found| same(changed.format(), value, &found));
    if !find(&changed, query).is_some_and(is_there) {
        return refuse(query, DIFFERENT);
    }
    let nodes = match place {
        Place::At(path) => path.index() + 1,
        // A new entry is like none that was there.
        Place::Key(..) | Place::Item(_) => usize::MAX,
    };
    let window = Window::between(document, &changed, &edit, nodes).ok_or_else(|| misplaced(query, DIFFERENT))?;
    // What was taken out is the old value, and what came in the new one: both lie where the value does.
    let below = match place {
        Place::At(path) | Place::Key(path, _) | Place::Item(path) => path,
    };
    let is_old =
        |document: &Document, path| matches!(place, Place::At(_)) && document.scan().paths.is_below(path, below);
    if !window.removed_are(document, is_old)
        || !window.added_are(&changed, |document, path| document.scan().paths.is_below(path, below))
    {
        return refuse(query, DIFFERENT);
    }
    check_anchors(document, &changed, query)?;
    Ok(Some(Changed { document: changed, window, retyped, is_foretold }))
}

/// Whether `old` had a type that `new`, a text, only looks as if it had.
fn is_retyped(old: &Value, new: &Value) -> bool {
    let Value::Text(text) = new else { return false };
    match old {
        Value::Number(_) => matches!(Value::from_json(text), Ok(Value::Number(_))),
        Value::Bool(_) => matches!(text.as_str(), "true" | "false"),
        _ => false,
    }
}

/// `document` without the value at `query`.
pub(super) fn without_value(document: &Document, query: &PathQuery) -> Result<Changed, Error> {
    let path = find_or_tell(document, query)?;
    let edit = document.format().remove(document.text(), document.scan(), path)?;
    let changed = apply(document, &edit)?;
    let window = Window::between(document, &changed, &edit, path.index()).ok_or_else(|| misplaced(query, DIFFERENT))?;
    let is_gone = |document: &Document, at| document.scan().paths.is_below(at, path);
    if !window.removed_are(document, is_gone)
        || !window.added_are(&changed, |_, at| document.scan().paths.is_below(path, at))
    {
        return refuse(query, DIFFERENT);
    }
    check_anchors(document, &changed, query)?;
    Ok(Changed { document: changed, window, retyped: false, is_foretold: false })
}

const DIFFERENT: &str = "cannot be changed without changing something else: use `decrypt` and `encrypt -o`";

/// Where `value` goes; and what is written there when maps or lists on the way are missing.
fn locate<'q>(document: &Document, query: &'q PathQuery, value: &Value) -> Result<(Place<'q>, Option<Value>), Error> {
    let paths = &document.scan().paths;
    let mut at = root(document, query)?;
    for (number, step) in query.steps().iter().enumerate() {
        if is_alias(document, at) {
            return refuse(query, "lies below an alias: set it where the anchor stands");
        }
        if let Some(child) = child(paths, at, step) {
            at = child;
            continue;
        }
        let rest = &query.steps()[number + 1..];
        let inner = wrap(query, rest, value)?;
        let first = paths.children(at).next().and_then(|child| paths.last(child));
        return match (first, step) {
            (Some(Segment::Key { .. }), Step::Key(key)) => {
                if !rest.is_empty() && child_named(paths, at, "<<").is_some() {
                    return refuse(query, "may lie below what `<<` merges in: set it where that stands");
                }
                Ok((Place::Key(at, key), Some(inner)))
            }
            (Some(Segment::Key { .. }), Step::Index(_)) => refuse(query, "names an item, but there is a map"),
            (Some(_), Step::Index(index)) => {
                if *index != paths.children(at).count() {
                    return refuse(
                        query,
                        "lies behind the end of the list; a new item is the one that follows the last",
                    );
                }
                Ok((Place::Item(at), Some(inner)))
            }
            (Some(_), Step::Key(_)) => refuse(query, "names a key, but there is a list"),
            (None, step) => {
                if !can_become(document, at, step)? {
                    return refuse(query, "lies below a value that is no map or list: unset that first");
                }
                Ok((Place::At(at), Some(wrap(query, &query.steps()[number..], value)?)))
            }
        };
    }
    if is_alias(document, at) {
        return refuse(query, "is an alias: set the value where the anchor stands");
    }
    Ok((Place::At(at), None))
}

/// Whether what stands at `path`, which has nothing below it, can give way to what `step` leads into.
fn can_become(document: &Document, path: PathId, step: &Step) -> Result<bool, Error> {
    let Some(leaf) = value_leaf(document.scan(), path) else { return Ok(path == PathTree::ROOT) };
    Ok(match (leaf.kind, step) {
        (LeafKind::EmptyMap, Step::Key(_)) | (LeafKind::EmptyList, Step::Index(0)) => true,
        (LeafKind::EmptyMap | LeafKind::EmptyList, _) => false,
        _ => is_null(document, path)? && matches!(step, Step::Key(_) | Step::Index(0)),
    })
}

/// `value` below the maps and lists that `steps` lead through.
fn wrap(query: &PathQuery, steps: &[Step], value: &Value) -> Result<Value, Error> {
    let around = |inner, step: &Step| match step {
        Step::Key(key) => Ok(Value::Map(vec![(key.clone(), inner)])),
        Step::Index(0) => Ok(Value::List(vec![inner])),
        Step::Index(_) => refuse(query, "lies behind the end of the list; the first item of a new one is [0]"),
    };
    steps.iter().rev().try_fold(value.clone(), around)
}

/// The node at `query`.
pub(super) fn find(document: &Document, query: &PathQuery) -> Option<PathId> {
    let paths = &document.scan().paths;
    let start = root(document, query).ok()?;
    query.steps().iter().try_fold(start, |at, step| child(paths, at, step))
}

/// The same, or where it ends.
fn find_or_tell(document: &Document, query: &PathQuery) -> Result<PathId, Error> {
    let paths = &document.scan().paths;
    let mut at = root(document, query)?;
    for step in query.steps() {
        if is_alias(document, at) {
            return refuse(query, "lies below an alias: unset it where the anchor stands");
        }
        let Some(next) = child(paths, at, step) else {
            if child_named(paths, at, "<<").is_some() {
                return refuse(query, "does not stand there itself; it may be one that `<<` merges in");
            }
            let keys = paths.children(at).filter_map(|child| match paths.last(child) {
                Some(Segment::Key { text, .. }) => Some(text),
                _ => None,
            });
            let similar = match step {
                Step::Key(key) => similar(key, keys),
                Step::Index(_) => None,
            };
            return Err(Error::PathNotFound { path: query.to_string(), similar });
        };
        at = next;
    }
    Ok(at)
}

fn root(document: &Document, query: &PathQuery) -> Result<PathId, Error> {
    let paths = &document.scan().paths;
    let is_document = |path: &PathId| matches!(paths.last(*path), Some(Segment::Document(_)));
    let mut documents = paths.children(PathTree::ROOT).filter(is_document).peekable();
    let number = query.document();
    let found = match documents.peek() {
        Some(_) => documents.find(|&path| paths.last(path) == Some(Segment::Document(number))),
        None => Some(PathTree::ROOT).filter(|_| number == 0),
    };
    found.ok_or_else(|| Error::PathNotFound { path: query.to_string(), similar: None })
}

fn child(paths: &PathTree, at: PathId, step: &Step) -> Option<PathId> {
    match step {
        Step::Key(key) => child_named(paths, at, key),
        Step::Index(index) => {
            paths.children(at).find(|&child| paths.last(child) == Some(Segment::Index(*index as u64)))
        }
    }
}

fn child_named(paths: &PathTree, at: PathId, key: &str) -> Option<PathId> {
    paths.children(at).find(|&child| matches!(paths.last(child), Some(Segment::Key { text, .. }) if text == key))
}

fn is_alias(document: &Document, path: PathId) -> bool {
    document.scan().leaves.iter().any(|leaf| leaf.kind == LeafKind::Alias && leaf.path == path)
}

/// A tag says how its value is to be read: only texts may change below one that says text, or nothing known.
fn check_tag(document: &Document, path: PathId, query: &PathQuery, value: &Value) -> Result<(), Error> {
    let tag = document.scan().leaves.iter().find(|leaf| leaf.kind == LeafKind::Tag && leaf.path == path);
    match tag.map(|leaf| document.source(leaf)) {
        None => Ok(()),
        Some(tag) if matches!(value, Value::Text(_)) && (tag == "!!str" || !tag.starts_with("!!")) => Ok(()),
        Some(_) => refuse(query, "has a tag that says how it is to be read: unset it first"),
    }
}

/// No alias may lose its anchor.
fn check_anchors(old: &Document, new: &Document, query: &PathQuery) -> Result<(), Error> {
    let marks = |document: &'_ Document, kind| -> Vec<String> {
        let leaves = document.scan().leaves.iter().filter(|leaf| leaf.kind == kind);
        leaves.filter_map(|leaf| Some(document.source(leaf).get(1..)?.to_owned())).collect()
    };
    let aliases = marks(new, LeafKind::Alias);
    if aliases.is_empty() {
        return Ok(());
    }
    let (before, after) = (marks(old, LeafKind::Anchor), marks(new, LeafKind::Anchor));
    if aliases.iter().any(|alias| before.contains(alias) && !after.contains(alias)) {
        return refuse(query, "has an anchor that an alias elsewhere stands for");
    }
    Ok(())
}

fn apply(document: &Document, edit: &Edit) -> Result<Document, Error> {
    Document::of_text(edit.apply(document.text()), document.format())
}

/// The document after `edit` replaced the whole of the scalar at `path`, if that has only moved what stands behind it.
fn foretell(document: &Document, path: PathId, edit: &Edit) -> Option<Document> {
    let mut scan = document.scan().clone();
    let at = scan.leaves.iter().position(|leaf| leaf.path == path && leaf.kind.is_value())?;
    let leaf = &mut scan.leaves[at];
    if leaf.span.range() != edit.range || edit.text.is_empty() {
        return None;
    }
    let is_quoted = edit.text.trim_start_matches([' ', '\t']).starts_with(['"', '\'', '`', '|', '>']);
    leaf.kind = if is_quoted { LeafKind::Quoted } else { LeafKind::Plain };
    leaf.span = Span::new(edit.range.start..edit.range.start + edit.text.len());
    let moved = |offset: u32| Span::new(0..offset as usize + edit.text.len() - edit.range.len()).end;
    for leaf in &mut scan.leaves[at + 1..] {
        leaf.span = Span { start: moved(leaf.span.start), end: moved(leaf.span.end) };
    }
    scan.root = match scan.root {
        Root::Map(span) => Root::Map(Span { start: span.start, end: moved(span.end) }),
        Root::Other(_) => return None,
    };
    Document::from_parts(document.format(), edit.apply(document.text()), scan).ok()
}

fn misplaced(query: &PathQuery, what: &'static str) -> Error {
    Error::Misplaced { path: query.to_string(), what }
}

fn refuse<T>(query: &PathQuery, what: &'static str) -> Result<T, Error> {
    Err(misplaced(query, what))
}
