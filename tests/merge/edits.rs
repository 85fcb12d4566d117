//! The kinds of edits.

use crate::random::Random;
use crate::tree::{self, CLEAR, Entry, Node, Style, Syntax, Tree, Value};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Edit {
    /// The metadata gets one recipient more.
    AddReader,
    AppendAtEnd,
    AppendToMap,
    ChangeClear,
    ChangeComment,
    ChangeValue,
    Delete,
    DeleteBlock,
    DocumentDelete,
    DocumentInsert,
    Insert,
    InsertCommented,
    ItemAppend,
    ItemChange,
    ItemDelete,
    ItemInsert,
    ItemMove,
    /// An entry of a map moves to another place in it.
    Move,
    NewBlock,
    Rename,
}

/// Those that every format knows.
pub(crate) const FLAT: &[Edit] = &[
    Edit::AddReader,
    Edit::AppendAtEnd,
    Edit::ChangeClear,
    Edit::ChangeComment,
    Edit::ChangeValue,
    Edit::Delete,
    Edit::Insert,
    Edit::InsertCommented,
    Edit::Move,
    Edit::Rename,
];

/// Those for formats with maps in maps, with the flat ones.
pub(crate) const MAPS: &[Edit] = &[
    Edit::AddReader,
    Edit::AppendAtEnd,
    Edit::AppendToMap,
    Edit::ChangeClear,
    Edit::ChangeComment,
    Edit::ChangeValue,
    Edit::Delete,
    Edit::DeleteBlock,
    Edit::Insert,
    Edit::InsertCommented,
    Edit::Move,
    Edit::NewBlock,
    Edit::Rename,
];

/// Those for formats that have lists, too.
pub(crate) const NESTED: &[Edit] = &[
    Edit::AddReader,
    Edit::AppendAtEnd,
    Edit::AppendToMap,
    Edit::ChangeClear,
    Edit::ChangeComment,
    Edit::ChangeValue,
    Edit::Delete,
    Edit::DeleteBlock,
    Edit::Insert,
    Edit::InsertCommented,
    Edit::ItemAppend,
    Edit::ItemChange,
    Edit::ItemDelete,
    Edit::ItemInsert,
    Edit::ItemMove,
    Edit::Move,
    Edit::NewBlock,
    Edit::Rename,
];

/// Those that the format was measured with before it was fixed.
pub(crate) const PROTOTYPE: &[Edit] = &[
    Edit::AddReader,
    Edit::AppendAtEnd,
    Edit::AppendToMap,
    Edit::ChangeClear,
    Edit::ChangeValue,
    Edit::Delete,
    Edit::DeleteBlock,
    Edit::Insert,
    Edit::InsertCommented,
    Edit::ItemAppend,
    Edit::ItemChange,
    Edit::ItemDelete,
    Edit::ItemInsert,
    Edit::NewBlock,
    Edit::Rename,
];

/// Those that shift what links cover without naming it.
pub(crate) const HARD: &[Edit] = &[
    Edit::AppendAtEnd,
    Edit::AppendToMap,
    Edit::ChangeClear,
    Edit::Delete,
    Edit::DocumentDelete,
    Edit::DocumentInsert,
    Edit::Insert,
    Edit::ItemAppend,
    Edit::ItemDelete,
    Edit::ItemInsert,
    Edit::ItemMove,
];

/// Makes one edit. Gives false when there is nothing that it could work on.
pub(crate) fn apply(random: &mut Random, edit: Edit, tree: &mut Tree) -> bool {
    let style = tree.style;
    let documents = tree.documents.len();
    match edit {
        Edit::DocumentDelete => {
            if documents < 2 {
                return false;
            }
            tree.documents.remove(random.below(documents));
            return true;
        }
        Edit::DocumentInsert => {
            // Documents in which everything is clear are those that nothing but their number tells apart.
            let clear = if random.chance(50) { 100 } else { style.clear };
            let size = random.between(1, 4);
            let root = tree::root(random, Style { clear, ..style }, size);
            tree.documents.insert(random.between(0, documents), root);
            return true;
        }
        _ => {}
    }
    let root = random.below(documents);
    let root = &mut tree.documents[root];
    match edit {
        Edit::AppendAtEnd => map_of(root).push(fresh(random, style, false)),
        Edit::AppendToMap => {
            let maps = count(root, |node| matches!(node, Node::Map(_))) - 1;
            if maps == 0 {
                return false;
            }
            let number = random.below(maps) + 1;
            let entry = fresh(random, style, false);
            at(root, number, |node| matches!(node, Node::Map(_)), |map| map_of(map).push(entry));
        }
        Edit::ChangeClear => return change(random, style, root, |clear, _| clear),
        Edit::ChangeValue => return change(random, style, root, |clear, _| !clear),
        Edit::ItemChange => return change(random, style, root, |clear, in_list| in_list && !(clear && style.uniform)),
        Edit::Delete => {
            let leafs = |node: &Node| node.children().iter().filter(|entry| is_leaf(entry)).count();
            let fits = |node: &Node| matches!(node, Node::Map(_)) && node.children().len() > 1 && leafs(node) > 0;
            return pick(random, root, fits, |random, map| {
                let map = map_of(map);
                let leaves: Vec<_> = (0..map.len()).filter(|&number| is_leaf(&map[number])).collect();
                map.remove(*random.choose(&leaves));
            });
        }
        Edit::DeleteBlock => {
            let map = map_of(root);
            let blocks: Vec<_> = (0..map.len()).filter(|&number| !is_leaf(&map[number])).collect();
            if blocks.is_empty() || map.len() < 2 {
                return false;
            }
            map.remove(*random.choose(&blocks));
        }
        Edit::Insert | Edit::InsertCommented => {
            let entry = fresh(random, style, edit == Edit::InsertCommented);
            return pick(
                random,
                root,
                |node| matches!(node, Node::Map(_)),
                |random, map| {
                    let map = map_of(map);
                    map.insert(random.between(0, map.len()), entry);
                },
            );
        }
        Edit::NewBlock => {
            let mut entry = fresh(random, style, false);
            entry.node = Node::Map((0..3).map(|_| fresh(random, style, false)).collect());
            let map = map_of(root);
            map.insert(random.between(0, map.len()), entry);
        }
        Edit::ItemAppend | Edit::ItemInsert => {
            return pick(
                random,
                root,
                |node| matches!(node, Node::List(_)),
                |random, list| {
                    let model = list.children().first().map(|entry| entry.node.clone());
                    let mut item = tree::item(random, style, model.as_ref());
                    item.above.clear();
                    let Node::List(list) = list else { return };
                    let place =
                        if edit == Edit::ItemAppend { list.len() } else { random.between(0, list.len().max(1) - 1) };
                    list.insert(place, item);
                },
            );
        }
        Edit::ItemDelete => {
            let fits = |node: &Node| matches!(node, Node::List(_)) && node.children().len() > 1;
            return pick(random, root, fits, |random, list| {
                let Node::List(list) = list else { return };
                list.remove(random.below(list.len()));
            });
        }
        Edit::ItemMove => {
            let fits = |node: &Node| matches!(node, Node::List(_)) && node.children().len() > 1;
            return pick(random, root, fits, shift);
        }
        Edit::Move => {
            let fits = |node: &Node| matches!(node, Node::Map(_)) && node.children().len() > 1;
            return pick(random, root, fits, shift);
        }
        Edit::ChangeComment => {
            let mut comments = Vec::new();
            above(root, &mut |line| comments.push(line));
            if comments.is_empty() {
                return false;
            }
            let number = random.below(comments.len());
            *comments[number] = random.word("# c");
        }
        Edit::Rename => {
            let new = tree::key(random, if style.uniform { Style { clear: 0, ..style } } else { style });
            let fits = |node: &Node| matches!(node, Node::Map(_)) && !node.children().is_empty();
            return pick(random, root, fits, |random, map| {
                let map = map_of(map);
                let number = random.below(map.len());
                let is_clear = style.uniform && map[number].key.starts_with(CLEAR);
                map[number].key = if is_clear { format!("{CLEAR}{new}") } else { new };
            });
        }
        Edit::AddReader | Edit::DocumentDelete | Edit::DocumentInsert => {}
    }
    true
}

fn is_leaf(entry: &Entry) -> bool {
    matches!(entry.node, Node::Leaf(_))
}

fn map_of(node: &mut Node) -> &mut Vec<Entry> {
    match node {
        Node::Map(entries) => entries,
        Node::Leaf(_) | Node::List(_) => panic!("a map was chosen"),
    }
}

/// Puts one of the children of `node` to another place.
fn shift(random: &mut Random, node: &mut Node) {
    let (Node::List(children) | Node::Map(children)) = node else { return };
    let child = children.remove(random.below(children.len()));
    children.insert(random.between(0, children.len()), child);
}

/// Calls `found` with each comment that has a line of its own.
fn above<'t>(node: &'t mut Node, found: &mut dyn FnMut(&'t mut String)) {
    let (Node::List(children) | Node::Map(children)) = node else { return };
    for entry in children {
        entry.above.iter_mut().filter(|line| !line.is_empty()).for_each(&mut *found);
        above(&mut entry.node, found);
    }
}

/// A new entry, with a comment above it or nothing.
fn fresh(random: &mut Random, style: Style, commented: bool) -> Entry {
    let style = if style.uniform { Style { clear: 0, ..style } } else { style };
    let mut entry = tree::map_entry(random, style);
    entry.above.clear();
    if commented && style.syntax != Syntax::Json {
        entry.above.push(random.word("# n"));
    }
    entry
}

fn count(root: &mut Node, fits: impl Fn(&Node) -> bool) -> usize {
    let mut count = 0;
    root.walk(&mut |node| count += usize::from(fits(node)));
    count
}

/// Calls `edit` with the node number `number` of those that fit.
fn at(root: &mut Node, number: usize, fits: impl Fn(&Node) -> bool, edit: impl FnOnce(&mut Node)) {
    let mut left = number;
    let mut edit = Some(edit);
    root.walk(&mut |node| {
        if edit.is_some() && fits(node) {
            if left == 0 {
                edit.take().expect("there is one")(node);
            } else {
                left -= 1;
            }
        }
    });
}

/// Calls `edit` with a random node of those that fit; false when there is none.
fn pick(
    random: &mut Random,
    root: &mut Node,
    fits: impl Fn(&Node) -> bool,
    edit: impl FnOnce(&mut Random, &mut Node),
) -> bool {
    let count = count(root, &fits);
    if count == 0 {
        return false;
    }
    let number = random.below(count);
    at(root, number, fits, |node| edit(random, node));
    true
}

/// Gives a new value to one of the leaves that fit: by whether they are clear, and whether they are in a list.
fn change(random: &mut Random, style: Style, root: &mut Node, fits: impl Fn(bool, bool) -> bool) -> bool {
    let mut found = Vec::new();
    leaves(root, false, false, &mut |value, clear, in_list| {
        if fits(clear, in_list) && !matches!(value, Value::Alias(_)) {
            found.push(value);
        }
    });
    if found.is_empty() {
        return false;
    }
    let number = random.below(found.len());
    *found[number] = match &*found[number] {
        Value::Anchored(name, _) => Value::Anchored(name.clone(), random.word("v")),
        _ => tree::value(random, style),
    };
    true
}

/// Calls `found` with each leaf, whether its path leaves it clear, and whether it is in a list.
pub(crate) fn leaves<'t>(
    node: &'t mut Node,
    clear: bool,
    in_list: bool,
    found: &mut dyn FnMut(&'t mut Value, bool, bool),
) {
    match node {
        Node::Leaf(value) => found(value, clear, in_list),
        Node::List(items) => items.iter_mut().for_each(|item| leaves(&mut item.node, clear, true, found)),
        Node::Map(entries) => entries.iter_mut().for_each(|entry| {
            let clear = clear || entry.key.to_lowercase().starts_with(CLEAR);
            leaves(&mut entry.node, clear, in_list, found);
        }),
    }
}
