//! To which map or list a comment belongs: what its token is bound to, and for which values it counts.
//!
//! SOPS takes that from go-yaml, which hands comments to the nodes around them by columns and blank lines.

use std::borrow::Cow;

use super::tree::{Item, Tree};
use crate::document::sops::Store;
use crate::leaf::{Carrier, Leaf, LeafKind, PathId, PathTree};

mod toml;

/// Where each comment belongs: the map or list, and the item in it that it precedes (none: it is the last).
pub(super) fn place(tree: &Tree<'_>) -> Vec<(PathId, Item, Option<PathId>)> {
    match tree.store {
        Store::Binary | Store::Json => Vec::new(),
        Store::Dotenv => place_lines(tree),
        Store::Ini => place_ini(tree),
        Store::Toml => toml::place(tree),
        Store::Yaml => Places::new(tree).place(),
    }
}

/// What a comment says, without its sign: SOPS's value of it.
pub(super) fn text<'t>(tree: &Tree<'t>, leaves: &[usize]) -> Cow<'t, str> {
    let [first, rest @ ..] = leaves else { return Cow::Borrowed("") };
    let source = tree.source(*first);
    if tree.store != Store::Ini {
        return Cow::Borrowed(&source[1..]);
    }
    // go-ini strips the first line's sign, repeated or not, and joins the lines with theirs.
    let sign = source.chars().next().unwrap_or(';');
    let first = source.trim_start_matches([sign, ' ']);
    if rest.is_empty() {
        return Cow::Borrowed(first);
    }
    let lines: Vec<_> = std::iter::once(first).chain(rest.iter().map(|&number| tree.source(number))).collect();
    Cow::Owned(lines.join("\n"))
}

fn is_comment(leaf: &Leaf) -> bool {
    leaf.kind == LeafKind::Comment
}

fn place_lines(tree: &Tree<'_>) -> Vec<(PathId, Item, Option<PathId>)> {
    let mut placed = Vec::new();
    let mut next = None;
    for (number, leaf) in tree.scan.leaves.iter().enumerate().rev() {
        if is_comment(leaf) {
            placed.push((PathTree::ROOT, Item::Comment(vec![number]), next));
        } else {
            next = Some(leaf.path);
        }
    }
    placed.reverse();
    placed
}

/// In INI a section's comment is its first item, and a key's one follows it.
fn place_ini(tree: &Tree<'_>) -> Vec<(PathId, Item, Option<PathId>)> {
    let mut groups: Vec<(PathId, Vec<usize>)> = Vec::new();
    for (number, leaf) in tree.scan.leaves.iter().enumerate().filter(|(_, leaf)| is_comment(leaf)) {
        match groups.iter_mut().rev().find(|(owner, _)| *owner == leaf.path) {
            Some((_, leaves)) => leaves.push(number),
            None => groups.push((leaf.path, vec![number])),
        }
    }
    let place = |(owner, leaves): (PathId, Vec<usize>)| {
        let parent = tree.scan.paths.parent(owner);
        if parent == PathTree::ROOT {
            let first = tree.children(owner).next();
            return (owner, Item::Comment(leaves), first);
        }
        let next = tree.children(parent).skip_while(|path| *path != owner).nth(1);
        (parent, Item::Comment(leaves), next)
    };
    groups.into_iter().map(place).collect()
}

/// Comments on lines that follow each other in one column.
struct Run {
    /// Where the last one ends.
    end: usize,
    column: usize,
    /// Whether no blank line stands before them.
    is_direct: bool,
    /// Whether a blank line, the end, or a comment in another column follows them. They then are a foot of what
    /// precedes them, at the level of their column, else they are handed to what follows.
    is_foot: bool,
}

/// YAML's nodes with their places in the text.
struct Places<'a, 't> {
    tree: &'a Tree<'t>,
    /// Where each node begins: at its key, or else with the first thing in it.
    starts: Vec<usize>,
    /// Keys and values in order: where they begin, and whose they are.
    marks: Vec<(usize, PathId)>,
}

impl<'a, 't> Places<'a, 't> {
    fn new(tree: &'a Tree<'t>) -> Self {
        let paths = &tree.scan.paths;
        let mut starts = vec![usize::MAX; paths.len()];
        let mut marks = Vec::new();
        marks.extend(paths.ids().filter_map(|path| Some((tree.key_start(path)?, path))));
        for leaf in tree.scan.leaves.iter().filter(|leaf| !is_comment(leaf) && leaf.kind != LeafKind::Directive) {
            marks.push((leaf.span.start as usize, leaf.path));
        }
        marks.sort_unstable();
        for &(start, path) in &marks {
            starts[path.index()] = starts[path.index()].min(start);
        }
        for path in paths.ids().rev() {
            let parent = paths.parent(path).index();
            starts[parent] = starts[parent].min(starts[path.index()]);
        }
        Self { tree, starts, marks }
    }

    fn place(&self) -> Vec<(PathId, Item, Option<PathId>)> {
        let comments = self.tree.scan.leaves.iter().enumerate().filter(|(_, leaf)| is_comment(leaf));
        let mut run = Run { end: 0, column: 0, is_direct: false, is_foot: false };
        comments
            .map(|(number, leaf)| {
                let (container, before) = self.home(leaf, &mut run);
                (container, Item::Comment(vec![number]), before)
            })
            .collect()
    }

    fn home(&self, comment: &Leaf, run: &mut Run) -> (PathId, Option<PathId>) {
        let text = self.tree.text;
        let paths = &self.tree.scan.paths;
        let at = comment.span.start as usize;
        let line_start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let column = text[line_start..at].chars().count();
        let next_mark = self.marks.partition_point(|&(start, _)| start < at);
        let document = self.document(comment);
        let inside = |path: &PathId| self.tree.is_inside(*path, document);
        let previous = next_mark.checked_sub(1).map(|index| self.marks[index]).filter(|(_, path)| inside(path));
        let next = self.marks.get(next_mark).map(|&(_, path)| path).filter(inside);
        let is_inline = !text[line_start..at].trim_matches([' ', '\t', '-', '?', ':']).is_empty();
        if is_inline && let Some((start, path)) = previous {
            return self.inline(start, path, line_start);
        }
        // Before the next item, at the outermost level that begins with it...
        let (head, before) = match next {
            // A document that is no map or list has nothing before which a comment could stand.
            Some(next) if next != document => {
                let mut top = next;
                while paths.parent(top) != document && self.starts[paths.parent(top).index()] > at {
                    top = paths.parent(top);
                }
                (paths.parent(top), Some(top))
            }
            _ => (document, None),
        };
        let Some((_, previous)) = previous else { return (head, before) };
        // What precedes may be the key of the map or list that is about to begin.
        if before.is_some() && self.tree.is_inside(head, previous) {
            return (head, before);
        }
        self.read_run(at, line_start, column, run);
        if let Some(before) = before.filter(|_| !run.is_foot) {
            // It is handed to what follows: to the end of the innermost map or list, if that is indented less.
            let is_deeper = self.column(before).is_some_and(|next| column > next);
            return if is_deeper { (paths.parent(previous), None) } else { (head, Some(before)) };
        }
        // ...or behind the last item of a map or list that is indented no deeper than the comment.
        let mut item = previous;
        while item != document && paths.parent(item) != head && self.tree.is_inside(paths.parent(item), document) {
            let container = paths.parent(item);
            if self
                .column(item)
                .is_some_and(|own| own <= column && (run.is_direct && item == previous || !self.is_compact(item)))
            {
                return (container, None);
            }
            item = container;
        }
        (head, before)
    }

    /// Whether `item` is one of a list whose dashes stand in the column of the key that it is the value of.
    fn is_compact(&self, item: PathId) -> bool {
        let list = self.tree.scan.paths.parent(item);
        let is_item = self.tree.key(item).is_none();
        is_item && self.tree.key(list).is_some() && self.column(list) == self.column(item)
    }

    /// A comment behind a value or key on its line counts for that item, but behind a flow collection for what is in it.
    fn inline(&self, start: usize, path: PathId, line_start: usize) -> (PathId, Option<PathId>) {
        let paths = &self.tree.scan.paths;
        let is_key = self.tree.key_start(path) == Some(start);
        let is_flow = |path: PathId| {
            let value = self.tree.value_at(path);
            value.is_some_and(|number| self.tree.leaf(number).carrier == Carrier::DoubleQuoted)
        };
        if is_key || !is_flow(path) {
            return (paths.parent(path), Some(path));
        }
        let mut collection = paths.parent(path);
        while paths.depth(collection) > 1
            && self.starts[paths.parent(collection).index()] >= line_start
            && !self.is_block_item(collection)
        {
            collection = paths.parent(collection);
        }
        (collection, self.tree.children(collection).next())
    }

    /// Whether nothing but indentation and dashes stands before the key or item at `path` on its line.
    fn is_block_item(&self, path: PathId) -> bool {
        let start = self.starts[path.index()];
        let line_start = self.tree.text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        self.tree.text[line_start..start].trim_matches([' ', '-']).is_empty()
    }

    /// Reads the comments on the lines from that of `from` on, unless they are those of `run`.
    fn read_run(&self, from: usize, line_start: usize, column: usize, run: &mut Run) {
        if from < run.end && column == run.column {
            return;
        }
        let text = self.tree.text;
        let above = text[..line_start].trim_end_matches('\n');
        let is_direct = text[..line_start].len() - above.len() == 1 && !above.ends_with("\n\r");
        let mut lines = text[from..].split_inclusive('\n');
        let mut end = from + lines.next().map_or(0, str::len);
        let mut is_foot = true;
        for line in lines {
            let content = line.trim_start_matches([' ', '\t']);
            if !content.starts_with('#') {
                is_foot = content.trim_end().is_empty();
                break;
            }
            if line.len() - content.len() != column {
                break;
            }
            end += line.len();
        }
        *run = Run { end, column, is_direct, is_foot };
    }

    /// The document that a comment belongs to: that of the path which the scan gave it.
    fn document(&self, comment: &Leaf) -> PathId {
        let paths = &self.tree.scan.paths;
        let mut path = comment.path;
        while paths.depth(path) > 1 {
            path = paths.parent(path);
        }
        // What stands before the first document is its.
        if path == PathTree::ROOT { self.tree.children(path).next().unwrap_or(path) } else { path }
    }

    /// The column of an item: of its key, or of the dash before it.
    fn column(&self, path: PathId) -> Option<usize> {
        let text = self.tree.text;
        let start = self.starts[path.index()];
        let line_start = text.get(..start)?.rfind('\n').map_or(0, |newline| newline + 1);
        if self.tree.key_start(path).is_some() {
            return Some(text[line_start..start].chars().count());
        }
        // Each list around the item on this line has a dash of its own.
        let before = &text[line_start..start];
        let dash = before.trim_end_matches([' ', '\t']).strip_suffix('-')?;
        Some(dash.chars().count())
    }
}
