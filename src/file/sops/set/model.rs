//! What setting and taking out mean, on the values alone.

use super::super::documents::find_step;
use super::super::resolve;
use super::{Documents, Item, KeyPath, NewValue, Node, Step, Store, Value};
use crate::error::{Error, Position};

/// `value` as a node: numbers have JSON's types.
pub(super) fn node(value: &NewValue) -> Result<Node, Error> {
    Ok(match value {
        NewValue::Bool(value) => Node::Value(Value::bool(*value)),
        NewValue::Null => Node::Null,
        NewValue::Number(text) => match resolve::resolve(Store::Json, text, true, None) {
            Ok(Some(value)) => Node::Value(value),
            Ok(None) => Node::Null,
            Err(what) => return Err(Error::Syntax { at: Position { line: 1, column: 1 }, what }),
        },
        NewValue::Text(text) => Node::Value(Value::text(text.as_bytes())),
        NewValue::List(items) => {
            let item = |value| node(value).map(Item::Element);
            Node::List(items.iter().map(item).collect::<Result<_, _>>()?)
        }
        NewValue::Map(entries) => {
            let item = |(key, value): &(String, NewValue)| Ok(Item::Entry(key.clone(), node(value)?));
            Node::Map(entries.iter().map(item).collect::<Result<_, Error>>()?)
        }
    })
}

/// Whether `value` stands at `path`, with the same types.
pub(super) fn is_there(roots: &[Node], path: &KeyPath, value: &Node) -> bool {
    let found = roots.first().and_then(|root| path.steps.iter().try_fold(root, find_step));
    found.is_some_and(|found| is_equal(found, value))
}

/// `documents` with `value` at `path` of the first one.
pub(super) fn with(mut documents: Documents, path: &KeyPath, value: Node) -> Result<Documents, Error> {
    if documents.roots.is_empty() {
        documents.roots.push(Node::Map(Vec::new()));
    }
    if path.is_root() {
        return misplaced(path, "names the whole file and not a value in it");
    }
    put(&mut documents.roots[0], path, &path.steps, value)?;
    Ok(documents)
}

/// `documents` without what stands at `path` of the first one.
pub(super) fn without(mut documents: Documents, path: &KeyPath) -> Result<Documents, Error> {
    let missing = || Error::PathNotFound { path: path.to_string(), similar: None };
    let Some((last, above)) = path.steps.split_last() else {
        return misplaced(path, "names the whole file and not a value in it");
    };
    let mut node = documents.roots.first_mut().ok_or_else(missing)?;
    for step in above {
        node = match index_of(node, path, step)? {
            Some(index) => node.items_mut().and_then(|items| node_mut(items.get_mut(index)?)).ok_or_else(missing)?,
            None => return Err(missing()),
        };
    }
    let index = index_of(node, path, last)?.ok_or_else(missing)?;
    node.items_mut().ok_or_else(missing)?.remove(index);
    Ok(documents)
}

fn put(node: &mut Node, path: &KeyPath, steps: &[Step], value: Node) -> Result<(), Error> {
    let Some((step, rest)) = steps.split_first() else {
        *node = value;
        return Ok(());
    };
    if node.items_mut().is_none() {
        *node = made(steps, value);
        return Ok(());
    }
    let index = index_of(node, path, step)?;
    let Some(items) = node.items_mut() else { return Ok(()) };
    match index.and_then(|index| items.get_mut(index)) {
        Some(item) => match node_mut(item) {
            Some(child) => put(child, path, rest, value),
            None => misplaced(path, "names a comment, which SOPS counts among the items"),
        },
        None => {
            let child = made(rest, value);
            items.push(match step {
                Step::Key(key) => Item::Entry(key.clone(), child),
                Step::Index(_) => Item::Element(child),
            });
            Ok(())
        }
    }
}

/// The maps and lists that `steps` lead through, and `value` in the last one.
fn made(steps: &[Step], value: Node) -> Node {
    steps.iter().rev().fold(value, |inner, step| match step {
        Step::Key(key) => Node::Map(vec![Item::Entry(key.clone(), inner)]),
        Step::Index(_) => Node::List(vec![Item::Element(inner)]),
    })
}

/// Where `step` leads among the items of `node`; none when nothing is there yet.
fn index_of(node: &Node, path: &KeyPath, step: &Step) -> Result<Option<usize>, Error> {
    match (node, step) {
        (Node::List(items), Step::Index(index)) => Ok((*index < items.len()).then_some(*index)),
        (Node::Map(items), Step::Key(wanted)) => {
            Ok(items.iter().position(|item| matches!(item, Item::Entry(key, _) if key == wanted)))
        }
        (Node::List(_), Step::Key(_)) => misplaced(path, "names a key, but there is a list"),
        (Node::Map(_), Step::Index(_)) => misplaced(path, "names an item, but there is a map"),
        (Node::Null | Node::Value(_), _) => misplaced(path, "leads below a value that is no map or list"),
    }
}

fn node_mut(item: &mut Item) -> Option<&mut Node> {
    match item {
        Item::Comment(_) => None,
        Item::Entry(_, node) | Item::Element(node) => Some(node),
    }
}

fn is_equal(one: &Node, other: &Node) -> bool {
    let is_item = |(one, other): (&Item, &Item)| match (one, other) {
        (Item::Entry(key, one), Item::Entry(other_key, other)) => key == other_key && is_equal(one, other),
        (Item::Element(one), Item::Element(other)) => is_equal(one, other),
        _ => false,
    };
    match (one, other) {
        (Node::List(one), Node::List(other)) | (Node::Map(one), Node::Map(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(is_item)
        }
        (Node::Null, Node::Null) => true,
        (Node::Value(one), Node::Value(other)) => one == other,
        _ => false,
    }
}

fn misplaced<T>(path: &KeyPath, what: &'static str) -> Result<T, Error> {
    Err(Error::Misplaced { path: path.to_string(), what })
}
