//! Matching an old and a new text, so that unchanged leaves keep their tokens and changed ones their ids (I8).
//!
//! Map entries match by their keys. Items of lists, and documents, match where a longest common subsequence of their
//! contents says so, and between those by position. A comment matches an equal comment, in order.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::document::Document;
use crate::leaf::{LeafKind, PathId, PathTree, Segment};

/// For each leaf of `new` the number of the leaf of `old` that it continues: a value at the same place, or an equal
/// comment. No old leaf is given twice.
pub(super) fn match_leaves(old: &Document, new: &Document) -> Vec<Option<usize>> {
    let old_nodes = Nodes::of(old);
    let new_nodes = Nodes::of(new);
    let mut matches = vec![None; new.scan().leaves.len()];
    match_comments(old, new, &mut matches);
    let mut pairs = vec![(PathTree::ROOT, PathTree::ROOT)];
    while let Some((old_path, new_path)) = pairs.pop() {
        if let (Some(old_leaf), Some(new_leaf)) = (old_nodes.leaf(old_path), new_nodes.leaf(new_path)) {
            matches[new_leaf] = Some(old_leaf);
        }
        match_children(&old_nodes, old_path, &new_nodes, new_path, &mut pairs);
    }
    matches
}

/// The tree of one document, seen from above.
struct Nodes<'d> {
    paths: &'d PathTree,
    children: Vec<Vec<PathId>>,
    leaves: Vec<Option<usize>>,
    contents: Vec<u64>,
}

impl<'d> Nodes<'d> {
    fn of(document: &'d Document) -> Self {
        let paths = &document.scan().paths;
        let mut children = vec![Vec::new(); paths.len()];
        let mut leaves = vec![None; paths.len()];
        let mut contents = vec![DefaultHasher::new(); paths.len()];
        for (number, leaf) in document.scan().leaves.iter().enumerate() {
            if leaf.kind.is_value() {
                leaves[leaf.path.index()] = Some(number);
            }
            if !leaf.kind.is_comment() {
                (leaf.kind, document.source(leaf)).hash(&mut contents[leaf.path.index()]);
            }
        }
        // Children come behind their parents, so one pass from the end sees every child before its parent.
        for path in paths.ids().rev().filter(|path| *path != PathTree::ROOT) {
            let content = contents[path.index()].finish();
            let parent = paths.parent(path).index();
            if let Some(Segment::Key { text, quoted }) = paths.last(path) {
                (text, quoted).hash(&mut contents[parent]);
            }
            content.hash(&mut contents[parent]);
            children[parent].push(path);
        }
        children.iter_mut().for_each(|siblings| siblings.reverse());
        Self { paths, children, leaves, contents: contents.iter().map(Hasher::finish).collect() }
    }

    fn leaf(&self, path: PathId) -> Option<usize> {
        self.leaves[path.index()]
    }

    fn key(&self, path: PathId) -> Option<(&'d str, bool)> {
        match self.paths.last(path) {
            Some(Segment::Key { text, quoted }) => Some((text, quoted)),
            _ => None,
        }
    }
}

fn match_children(
    old: &Nodes<'_>,
    old_path: PathId,
    new: &Nodes<'_>,
    new_path: PathId,
    pairs: &mut Vec<(PathId, PathId)>,
) {
    let old_children = &old.children[old_path.index()];
    let new_children = &new.children[new_path.index()];
    let keys: HashMap<_, _> = old_children.iter().filter_map(|&child| Some((old.key(child)?, child))).collect();
    pairs.extend(new_children.iter().filter_map(|&child| Some((*keys.get(&new.key(child)?)?, child))));
    let is_item =
        |nodes: &Nodes<'_>, children: &[PathId]| children.first().is_some_and(|&child| nodes.key(child).is_none());
    if !is_item(old, old_children) || !is_item(new, new_children) {
        return;
    }
    let contents = |nodes: &Nodes<'_>, children: &[PathId]| -> Vec<u64> {
        children.iter().map(|child| nodes.contents[child.index()]).collect()
    };
    let ops = capture_diff_slices(Algorithm::Myers, &contents(old, old_children), &contents(new, new_children));
    for op in ops {
        let (old_range, new_range) = match op {
            DiffOp::Equal { .. } | DiffOp::Replace { .. } => (op.old_range(), op.new_range()),
            DiffOp::Delete { .. } | DiffOp::Insert { .. } => continue,
        };
        pairs.extend(old_children[old_range].iter().copied().zip(new_children[new_range].iter().copied()));
    }
}

fn match_comments(old: &Document, new: &Document, matches: &mut [Option<usize>]) {
    let comments = |document: &Document| -> Vec<usize> {
        let leaves = document.scan().leaves.iter().enumerate();
        leaves.filter(|(_, leaf)| leaf.kind == LeafKind::Comment).map(|(number, _)| number).collect()
    };
    let (old_comments, new_comments) = (comments(old), comments(new));
    let sources = |document: &Document, numbers: &[usize]| -> Vec<u64> {
        let hash = |&number: &usize| {
            let mut hasher = DefaultHasher::new();
            document.source(&document.scan().leaves[number]).hash(&mut hasher);
            hasher.finish()
        };
        numbers.iter().map(hash).collect()
    };
    let ops = capture_diff_slices(Algorithm::Myers, &sources(old, &old_comments), &sources(new, &new_comments));
    for op in ops {
        if let DiffOp::Equal { old_index, new_index, len } = op {
            for step in 0..len {
                matches[new_comments[new_index + step]] = Some(old_comments[old_index + step]);
            }
        }
    }
}
