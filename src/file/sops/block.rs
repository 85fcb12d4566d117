//! Where metadata stand in a file, so that they can be taken out.

use std::ops::Range;

use super::tree::Tree;
use crate::document::sops::Store;
use crate::leaf::{LeafKind, PathId, Span};

/// What has to go for the metadata to be gone: their lines, or their member with its comma.
pub(super) fn spans(tree: &Tree<'_>) -> Vec<Range<usize>> {
    let nodes = tree.metadata_nodes();
    let start = |node: &PathId| tree.key_start(*node).map(|start| (*node, start));
    if tree.store == Store::Toml {
        return nodes.iter().flat_map(|node| toml_lines(tree, *node)).collect();
    }
    nodes
        .iter()
        .filter_map(start)
        .map(|(node, start)| match tree.store {
            Store::Dotenv => whole_lines(tree.text, start, start),
            Store::Ini => section(tree, node, start),
            Store::Yaml if starts_line(tree.text, start) => yaml_lines(tree, node, start),
            Store::Binary | Store::Json | Store::Toml | Store::Yaml => member(tree, node, start),
        })
        .collect()
}

/// The offset behind the bracket that closes the flow map or list whose last leaf ends at `end`, `levels` further out.
pub(super) fn behind_brackets(text: &str, end: usize, levels: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = end;
    for _ in 0..levels {
        while bytes.get(at).is_some_and(|byte| byte.is_ascii_whitespace() || *byte == b',') {
            at += 1;
        }
        if matches!(bytes.get(at), Some(b'}' | b']')) {
            at += 1;
        }
    }
    at
}

fn whole_lines(text: &str, start: usize, end: usize) -> Range<usize> {
    let line_end = text[end..].find('\n').map_or(text.len(), |len| end + len + 1);
    let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    line_start..line_end
}

/// Whether only a byte order mark or blanks stand before `start` on its line.
fn starts_line(text: &str, start: usize) -> bool {
    let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    text[line_start..start].trim_start_matches('\u{feff}').trim_matches(' ').is_empty()
}

/// The last leaf in `node`, if it has one.
fn last_leaf(tree: &Tree<'_>, node: PathId) -> Option<usize> {
    tree.scan.leaves.iter().rposition(|leaf| leaf.kind != LeafKind::Comment && tree.is_inside(leaf.path, node))
}

/// A section with its header and the blank line before it, up to the next section.
pub(super) fn section(tree: &Tree<'_>, node: PathId, start: usize) -> Range<usize> {
    let next =
        tree.documents().into_iter().flat_map(|root| tree.children(root)).skip_while(|path| *path != node).nth(1);
    let end = next.and_then(|next| tree.key_start(next)).unwrap_or(tree.text.len());
    let blank = if next.is_none() { blank_before(tree.text, start) } else { 0 };
    start - blank..end
}

/// The lines of a block map's entry, up to the next thing at its level.
fn yaml_lines(tree: &Tree<'_>, node: PathId, start: usize) -> Range<usize> {
    let text = tree.text;
    let content_end = last_leaf(tree, node).map_or(start, |number| tree.leaf(number).span.end as usize);
    let Range { start: line_start, end: after } = whole_lines(text, start, content_end.max(start));
    let line_start = if text[..start].trim_start_matches('\u{feff}').is_empty() { start } else { line_start };
    let column = start - text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    // A flow map may have brackets on further lines; a comment or blank line below belongs to the rest.
    let mut end = after;
    for line in text[after..].split_inclusive('\n') {
        let content = line.trim_start_matches(' ');
        let is_more = line.len() - content.len() > column && !content.trim_end().is_empty();
        if !is_more && !content.starts_with(['}', ']']) {
            break;
        }
        end += line.len();
    }
    let blank = if follows_comment(tree, line_start) { blank_before(text, line_start) } else { 0 };
    line_start - blank..end
}

/// Whether the last line before `at` that is not blank holds a comment and nothing else. It belongs to what stands around
/// it when a blank line follows, but to something else when a key does, so there is one before the metadata.
pub(super) fn follows_comment(tree: &Tree<'_>, at: usize) -> bool {
    let before = tree.scan.leaves.partition_point(|leaf| (leaf.span.start as usize) < at);
    let Some(leaf) = before.checked_sub(1).map(|number| tree.leaf(number)) else { return false };
    let Span { start, end } = leaf.span;
    let line_start = tree.text[..start as usize].rfind('\n').map_or(0, |newline| newline + 1);
    leaf.kind == LeafKind::Comment
        && tree.text[line_start..start as usize].trim_matches([' ', '\t', '\u{feff}']).is_empty()
        && tree.text.get(end as usize..at).is_some_and(|between| between.trim().is_empty())
}

/// The length of the blank line before `at`, the start of a line.
fn blank_before(text: &str, at: usize) -> usize {
    let blank = ["\n\n", "\n\r\n"].into_iter().find(|blank| text[..at].ends_with(blank));
    blank.map_or(0, |blank| blank.len() - 1)
}

/// The lines of all headers and statements in a table of TOML, with the blank line before each header.
fn toml_lines(tree: &Tree<'_>, node: PathId) -> Vec<Range<usize>> {
    let text = tree.text;
    let paths = &tree.scan.paths;
    let inside = paths.ids().skip(node.index()).filter(|path| tree.is_inside(*path, node));
    let lines = inside.filter_map(|path| Some((path, tree.key_start(path)?))).map(|(path, start)| {
        if !text[start..].starts_with('[') {
            let end = last_leaf(tree, path).map_or(start, |number| {
                let leaf = tree.leaf(number);
                let is_open = matches!(leaf.kind, LeafKind::EmptyList | LeafKind::EmptyMap);
                let levels = paths.depth(leaf.path) - paths.depth(path) + usize::from(is_open);
                behind_brackets(text, leaf.span.end as usize, levels)
            });
            return whole_lines(text, start, end);
        }
        let Range { start, end } = whole_lines(text, start, start);
        start - blank_before(text, start)..end
    });
    lines.collect()
}

/// A member of a flow map or JSON object with the comma before it, or, when it is the first, behind it.
fn member(tree: &Tree<'_>, node: PathId, start: usize) -> Range<usize> {
    let text = tree.text;
    let paths = &tree.scan.paths;
    let end = last_leaf(tree, node).map_or(start, |number| {
        let leaf = tree.leaf(number);
        let is_open = matches!(leaf.kind, LeafKind::EmptyList | LeafKind::EmptyMap);
        let levels = paths.depth(leaf.path) - paths.depth(node) + usize::from(is_open);
        let Span { end, .. } = leaf.span;
        behind_brackets(text, end as usize, levels)
    });
    let blanks = [' ', '\t', '\r', '\n'];
    let before = text[..start].trim_end_matches(blanks);
    if let Some(value) = before.strip_suffix(',') {
        return value.trim_end_matches(blanks).len()..end;
    }
    let behind = text[end..].trim_start_matches(blanks);
    match behind.strip_prefix(',') {
        Some(rest) => start..text.len() - rest.trim_start_matches(blanks).len(),
        None => before.len()..text.len() - behind.len(),
    }
}
