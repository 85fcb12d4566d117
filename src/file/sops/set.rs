//! One value of a plaintext is set or taken out, as SOPS means it: only its place in the text changes. Where a layout does
//! not allow that, the text is printed anew.

use zeroize::Zeroizing;

use super::documents::{Documents, Item, KeyPath, Losses, Node, Step};
use super::edits::Edits;
use super::spell::Layout;
use super::tree::{Item as TreeItem, Tree};
use super::{checked_text, number, resolve};
use crate::config::sops::Stores;
use crate::dialect::sops::Value;
use crate::document::sops::Store;
use crate::document::{MAX_PLAINTEXT_LEN, Place, Value as NewValue, format_by_name};
use crate::error::Error;
use crate::leaf::PathId;

mod dotenv;
mod ini;
mod model;

/// `plaintext` with `value` at `path` of its first document; none when the same value of the same type stands there. Maps and
/// lists on the way are made, an index behind the last item of a list adds one, and what is in the way gives way.
///
/// # Errors
/// [`Error::Misplaced`] for a key of a list, an index of a map, or a comment; [`Error::Unrepresentable`] for what the format
/// cannot hold; and what is wrong with the text.
pub fn set(
    plaintext: &[u8],
    store: Store,
    path: &KeyPath,
    value: &NewValue,
) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
    let old = Documents::read(plaintext, store)?;
    let node = model::node(value)?;
    if model::is_there(old.roots(), path, &node) {
        return Ok(None);
    }
    let wanted = model::with(old, path, node)?;
    change(plaintext, &wanted, |tree| match store {
        Store::Dotenv => dotenv::with(tree, path, value),
        Store::Ini => ini::with(tree, path, value),
        Store::Binary => None,
        Store::Json | Store::Toml | Store::Yaml => with(tree, path, value),
    })
    .map(Some)
}

/// `plaintext` without what stands at `path` of its first document.
///
/// # Errors
/// [`Error::PathNotFound`] when nothing does; otherwise those of [`set`].
pub fn unset(plaintext: &[u8], store: Store, path: &KeyPath) -> Result<Zeroizing<Vec<u8>>, Error> {
    let wanted = model::without(Documents::read(plaintext, store)?, path)?;
    change(plaintext, &wanted, |tree| match store {
        Store::Dotenv => dotenv::without(tree, path),
        Store::Ini => ini::without(tree, path),
        Store::Binary => None,
        Store::Json | Store::Toml | Store::Yaml => without(tree, path),
    })
}

/// The text that `edit` makes of `plaintext`, if it says what is wanted, or else that printed.
fn change(
    plaintext: &[u8],
    wanted: &Documents,
    edit: impl FnOnce(&Tree<'_>) -> Option<Zeroizing<String>>,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let store = wanted.store;
    let mut stores = Stores::default();
    if store != Store::Binary {
        let tree = Tree::read(store, checked_text(plaintext, MAX_PLAINTEXT_LEN)?)?;
        if let Some(mut edited) = edit(&tree)
            && wanted.check_same(edited.as_bytes(), store).is_ok()
        {
            return Ok(Zeroizing::new(std::mem::take(&mut *edited).into_bytes()));
        }
        stores.yaml_indent = Layout::of(&tree).step as i64;
    }
    wanted.print(store, &stores, Losses::Refused)
}

/// `value` at `path`, in YAML, JSON and TOML.
fn with(tree: &Tree<'_>, path: &KeyPath, value: &NewValue) -> Option<Zeroizing<String>> {
    let (mut at, mut rest) = (*tree.documents().first()?, path.steps.as_slice());
    while let Some((step, below)) = rest.split_first()
        && let Some(child) = child(tree, at, step)
    {
        (at, rest) = (child, below);
    }
    if let Some(tag) = tree.tag_at(at) {
        // It says how the old value is to be read.
        let start = tree.leaf(tag).span.start as usize;
        let behind = &tree.text[tree.leaf(tag).span.end as usize..];
        let mut edits = Edits::default();
        edits.remove(start..tree.text.len() - behind.trim_start_matches([' ', '\t']).len());
        let text = edits.apply(tree.text);
        return with(&Tree::read(tree.store, &text).ok()?, path, value);
    }
    let value = respelled(tree.store, value)?;
    let is_full = tree.children(at).next().is_some();
    let (place, value) = match rest.split_first() {
        Some((Step::Key(key), below)) if is_full => (Place::Key(at, key), wrapped(value, below)),
        Some((Step::Index(_), below)) if is_full => (Place::Item(at), wrapped(value, below)),
        _ => (Place::At(at), wrapped(value, rest)),
    };
    let format = format_by_name(tree.store.name())?;
    Some(format.spell(tree.text, &tree.scan, place, &value).ok()?.apply(tree.text))
}

fn without(tree: &Tree<'_>, path: &KeyPath) -> Option<Zeroizing<String>> {
    let at = find(tree, path)?;
    let format = format_by_name(tree.store.name())?;
    Some(format.remove(tree.text, &tree.scan, at).ok()?.apply(tree.text))
}

/// The node at `path`.
fn find(tree: &Tree<'_>, path: &KeyPath) -> Option<PathId> {
    path.steps.iter().try_fold(*tree.documents().first()?, |at, step| child(tree, at, step))
}

fn child(tree: &Tree<'_>, at: PathId, step: &Step) -> Option<PathId> {
    match step {
        Step::Key(key) => tree.children(at).find(|&child| tree.key(child) == Some(key)),
        Step::Index(index) => match tree.items[at.index()].get(*index)? {
            TreeItem::Node(child) if tree.key(*child).is_none() => Some(*child),
            _ => None,
        },
    }
}

/// `value` below the maps and lists that `steps` lead through.
fn wrapped(value: NewValue, steps: &[Step]) -> NewValue {
    steps.iter().rev().fold(value, |inner, step| match step {
        Step::Key(key) => NewValue::Map(vec![(key.clone(), inner)]),
        Step::Index(_) => NewValue::List(vec![inner]),
    })
}

/// `value` with numbers in spellings that read the same in `store` as in JSON.
fn respelled(store: Store, value: &NewValue) -> Option<NewValue> {
    Some(match value {
        NewValue::Number(text) => {
            let number = resolve::resolve(Store::Json, text, true, None).ok()??;
            match resolve::resolve(store, text, true, None) {
                Ok(Some(same)) if same == number => value.clone(),
                _ => NewValue::Number(number::general(number.as_float()?, 'e')),
            }
        }
        NewValue::List(items) => {
            NewValue::List(items.iter().map(|item| respelled(store, item)).collect::<Option<_>>()?)
        }
        NewValue::Map(entries) => {
            let entry = |(key, value): &(String, NewValue)| Some((key.clone(), respelled(store, value)?));
            NewValue::Map(entries.iter().map(entry).collect::<Option<_>>()?)
        }
        NewValue::Bool(_) | NewValue::Null | NewValue::Text(_) => value.clone(),
    })
}

/// What a value says where there are only texts; none for what is no text, number or boolean.
fn flat(value: &NewValue) -> Option<Zeroizing<String>> {
    match model::node(value).ok()? {
        Node::Value(value) => Some(Zeroizing::new(super::spell::flat(&value).or_else(|| text(&value))?)),
        _ => None,
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}
