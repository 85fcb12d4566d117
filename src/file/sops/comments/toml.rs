//! Comments of TOML: behind something on its line they belong to that, on lines of their own to what follows.

use super::{Places, is_comment};
use crate::file::sops::tree::{Item, Tree};
use crate::leaf::{Leaf, PathId, PathTree};

/// Where each comment belongs: the table or list, and the item in it that it precedes (none: it is the last).
pub(super) fn place(tree: &Tree<'_>) -> Vec<(PathId, Item, Option<PathId>)> {
    let comments = tree.scan.leaves.iter().enumerate().filter(|(_, leaf)| is_comment(leaf));
    let mut comments = comments.peekable();
    if comments.peek().is_none() {
        return Vec::new();
    }
    let mut places = Places::new(tree);
    // Metadata come and go, so comments are placed as if there were none.
    let metadata = tree.metadata_nodes();
    places.marks.retain(|&(_, path)| !metadata.iter().any(|node| tree.is_inside(path, *node)));
    let place = |(number, leaf)| {
        let (container, before) = home(&places, leaf);
        (container, Item::Comment(vec![number]), before)
    };
    comments.map(place).collect()
}

fn home(places: &Places<'_, '_>, comment: &Leaf) -> (PathId, Option<PathId>) {
    let tree = places.tree;
    let at = comment.span.start as usize;
    let line_start = tree.text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let next_mark = places.marks.partition_point(|&(start, _)| start < at);
    let is_inline = !tree.text[line_start..at].trim_start_matches('\u{feff}').trim().is_empty();
    let previous = next_mark.checked_sub(1).map(|index| places.marks[index].1);
    if let Some(path) = previous.filter(|_| is_inline) {
        return behind(places, path, comment.path);
    }
    let container = comment.path;
    let next = places.marks.get(next_mark).map(|&(_, path)| path);
    // A comment at the end of a list belongs to that, but at the end of a table to what the next header opens.
    let Some(next) = next.filter(|next| tree.is_inside(*next, container) || is_table(tree, container)) else {
        return (container, None);
    };
    let paths = &tree.scan.paths;
    let mut top = next;
    while paths.parent(top) != PathTree::ROOT && places.starts[paths.parent(top).index()] > at {
        top = paths.parent(top);
    }
    (paths.parent(top), Some(top))
}

/// The item before a comment on its line, in which the thing at `path` is the last one.
fn behind(places: &Places<'_, '_>, path: PathId, container: PathId) -> (PathId, Option<PathId>) {
    let tree = places.tree;
    let paths = &tree.scan.paths;
    if path == container || !tree.is_inside(path, container) {
        // Behind its header, or an opening bracket.
        let is_bracket = !is_table(tree, container);
        return if is_bracket {
            (container, tree.children(container).next())
        } else {
            (paths.parent(path), Some(path))
        };
    }
    let is_statement = |path: &PathId| tree.key_start(*path).is_some() || tree.key(*path).is_none();
    let mut item = path;
    let mut way = path;
    while way != container {
        if is_statement(&way) {
            item = way;
        }
        way = paths.parent(way);
    }
    (paths.parent(item), Some(item))
}

/// Whether `path` is the root or a table with a header, and not a list or table in brackets.
fn is_table(tree: &Tree<'_>, path: PathId) -> bool {
    path == PathTree::ROOT || tree.key_start(path).is_some_and(|start| tree.text[start..].starts_with('['))
}
