//! New values in YAML: in the quotes, the brackets and the indentation of what stands there.

use std::ops::Range;

use super::Yaml;
use super::gap::{Skip, line_end, pass};
use super::outline::{Outline, outline};
use super::spell_value::{Around, Quotes, Style, blanks, rest_of_line, write_key};
use crate::document::Scan;
use crate::document::block::newline_of;
use crate::document::spell::{Edit, Place, Value, is_item, position, refusal, says, value_leaf};
use crate::error::Error;
use crate::leaf::{Carrier, Leaf, LeafKind, PathId, Segment};

/// What stands between brackets has no column.
const IN_BRACKETS: Around = Around { column: 0, flow: true, comment: false, last_line: false };

const NOT_FOUND: &str = "the layout around it is not one that a value can be written into; use `edit`";

pub(super) fn spell(text: &str, scan: &Scan, place: Place<'_>, value: &Value) -> Result<Edit, Error> {
    let style = style_of(text, scan);
    let edit = match place {
        Place::At(path) => match value_leaf(scan, path) {
            Some(leaf) if leaf.kind.is_value() && !value.is_collection() => {
                Some(scalar_over_scalar(text, leaf, value, &style))
            }
            Some(leaf) => over_leaf(text, scan, leaf, value, &style),
            None => over_collection(text, scan, path, value, &style),
        },
        Place::Key(path, key) => insert(text, scan, path, Some(key), value, &style),
        Place::Item(path) => insert(text, scan, path, None, value, &style),
    };
    edit.ok_or_else(|| refusal(scan, place, NOT_FOUND))
}

pub(super) fn remove(text: &str, scan: &Scan, path: PathId) -> Result<Edit, Error> {
    let refuse = || refusal(scan, Place::At(path), NOT_FOUND);
    let parent = scan.paths.parent(path);
    let around = outline(text, scan, parent).ok_or_else(refuse)?;
    let number = position(&scan.paths, path);
    let edit = if around.flow {
        remove_flow(&around, number)
    } else {
        remove_block(text, &around, number, is_item(&scan.paths, path))
    };
    edit.ok_or_else(refuse)
}

/// The indentation of the first map in a map, and the line break of the first line.
fn style_of(text: &str, scan: &Scan) -> Style {
    let is_nested = |leaf: &&Leaf| {
        let map = scan.paths.parent(leaf.path);
        let is_key = |path| matches!(scan.paths.last(path), Some(Segment::Key { .. }));
        leaf.carrier == Carrier::Bare
            && leaf.kind.is_value()
            && is_key(leaf.path)
            && is_key(map)
            && scan.paths.depth(map) == 2
    };
    let unit = scan.leaves.iter().find(is_nested).map_or(2, |leaf| usize::from(leaf.indent));
    Style { unit: unit.clamp(1, 8), newline: newline_of(text) }
}

/// A scalar in the place of another one: in its quotes, if they can hold it.
fn scalar_over_scalar(text: &str, leaf: &Leaf, value: &Value, style: &Style) -> Edit {
    let old = leaf.span.of(text);
    let end = leaf.span.range().end;
    let around = Around {
        column: usize::from(leaf.indent),
        flow: leaf.carrier == Carrier::DoubleQuoted,
        comment: rest_of_line(text, end).is_none_or(|(_, comment)| !comment.is_empty()),
        last_line: line_end(text.as_bytes(), end) == text.len(),
    };
    let mut source = String::new();
    let unit = block_indent(old).map_or(style.unit, |column| column.saturating_sub(around.column).max(1));
    Style { unit, ..*style }.write_scalar(value, Quotes::of(old), around, &mut source);
    // What stands behind a block scalar's header is a part of it, so a comment there would be lost with it.
    if let Value::Text(text) = value
        && !says(&Yaml, &source, leaf, text)
    {
        source.clear();
        crate::document::block::write_quoted(&mut source, text);
    }
    Edit::new(leaf.span.range(), source)
}

/// The column of the first line of a block scalar that has something on it.
fn block_indent(source: &str) -> Option<usize> {
    if Quotes::of(source) != Quotes::Block {
        return None;
    }
    let lines = source.split('\n').skip(1).map(|line| line.trim_end_matches('\r'));
    let mut columns =
        lines.filter(|line| !line.trim_start().is_empty()).map(|line| line.len() - line.trim_start_matches(' ').len());
    columns.next()
}

/// Any value in the place of one that is on one line, or of a map or list with nothing in it.
fn over_leaf(text: &str, scan: &Scan, leaf: &Leaf, value: &Value, style: &Style) -> Option<Edit> {
    let range = extent(text, leaf)?;
    let around = Around {
        column: usize::from(leaf.indent),
        flow: leaf.carrier == Carrier::DoubleQuoted,
        comment: false,
        last_line: line_end(text.as_bytes(), range.end) == text.len(),
    };
    let behind_dash = is_item(&scan.paths, leaf.path);
    replace(text, range, value, around, behind_dash, scan.paths.depth(leaf.path) == 1, style)
}

/// From the first byte of a leaf to its last one, the closing bracket of an empty collection included.
fn extent(text: &str, leaf: &Leaf) -> Option<Range<usize>> {
    let range = leaf.span.range();
    let close = match leaf.kind {
        LeafKind::EmptyMap => b'}',
        LeafKind::EmptyList => b']',
        _ => return Some(range),
    };
    let end = pass(text.as_bytes(), range.end, Skip { indicators: b"", prefix: false });
    (text.as_bytes().get(end) == Some(&close)).then_some(range.start..end + 1)
}

fn over_collection(text: &str, scan: &Scan, path: PathId, value: &Value, style: &Style) -> Option<Edit> {
    let old = outline(text, scan, path)?;
    let is_root = scan.paths.depth(path) == 1;
    if old.flow {
        let mut out = String::new();
        style.write_flow(value, IN_BRACKETS, &mut out);
        return Some(Edit::new(old.start..old.end, out));
    }
    let (end, _) = rest_of_line(text, old.end)?;
    let around =
        Around { column: outer_column(text, scan, path)?, flow: false, comment: false, last_line: end == text.len() };
    let start = if is_root { old.start } else { old.head };
    replace(text, start..end, value, around, is_item(&scan.paths, path), is_root, style)
}

/// The column of the keys or dashes around the collection at `path`.
fn outer_column(text: &str, scan: &Scan, path: PathId) -> Option<usize> {
    if scan.paths.depth(path) <= 1 {
        return Some(0);
    }
    outline(text, scan, scan.paths.parent(path)).map(|around| around.column)
}

/// Puts `value` in the place of `range`, a whole value. A map or list goes below, where there are no brackets around it.
fn replace(
    text: &str,
    range: Range<usize>,
    value: &Value,
    around: Around,
    behind_dash: bool,
    is_root: bool,
    style: &Style,
) -> Option<Edit> {
    let mut out = String::new();
    let before = text[..range.start].trim_end_matches([' ', '\t']).len();
    if around.flow {
        let blank = before == range.start && text[..before].ends_with(':');
        out.push_str(if blank { " " } else { "" });
        style.write_flow(value, around, &mut out);
        return Some(Edit::new(range, out));
    }
    let (end, comment) = rest_of_line(text, range.end)?;
    let own_line = before == 0 || text[..before].ends_with('\n');
    let is_empty = matches!(value, Value::List(items) if items.is_empty())
        || matches!(value, Value::Map(entries) if entries.is_empty());
    if !value.is_collection() || is_empty {
        if before == range.start && !own_line {
            out.push(' ');
        }
        style.write_scalar(value, Quotes::Plain, Around { comment: !comment.is_empty(), ..around }, &mut out);
        return Some(Edit::new(range, out));
    }
    if own_line || is_root {
        if !comment.is_empty() || (is_root && !own_line) {
            return None;
        }
        let column = if is_root { 0 } else { around.column + if behind_dash { 2 } else { style.unit } };
        let line = text[..before].len();
        blanks(column, &mut out);
        style.write_entries(value, Around { column, ..around }, &mut out);
        return Some(Edit::new(line..end, out));
    }
    if !comment.is_empty() {
        out.extend([" ", comment]);
    }
    // Nothing but a blank may stand between the dash and what begins on its line.
    let behind_dash = behind_dash && comment.is_empty() && text[..before].ends_with('-');
    style.write_below(value, behind_dash, around, &mut out);
    Some(Edit::new(before..end, out))
}

/// A further entry behind the last one.
fn insert(text: &str, scan: &Scan, path: PathId, key: Option<&str>, value: &Value, style: &Style) -> Option<Edit> {
    let around = outline(text, scan, path)?;
    let last = around.entries.last()?;
    if around.flow {
        return insert_flow(text, &around, key, value, style);
    }
    let (end, _) = rest_of_line(text, last.end)?;
    let mut out = style.newline.to_owned();
    blanks(around.column, &mut out);
    match key {
        Some(key) => {
            write_key(key, false, &mut out);
            out.push(':');
        }
        None => out.push('-'),
    }
    let below = Around { column: around.column, flow: false, comment: false, last_line: end == text.len() };
    style.write_below(value, key.is_none(), below, &mut out);
    Some(Edit::new(end..end, out))
}

fn insert_flow(text: &str, around: &Outline, key: Option<&str>, value: &Value, style: &Style) -> Option<Edit> {
    let last = around.entries.last()?;
    let before = &text[..last.start];
    let gap = &before[before.trim_end_matches([' ', '\t', '\r', '\n']).len()..];
    let mut out = String::from(",");
    out.push_str(if gap.contains('\n') { gap } else { " " });
    if let Some(key) = key {
        if text[last.start..].starts_with('"') {
            crate::document::block::write_quoted(&mut out, key);
        } else {
            write_key(key, true, &mut out);
        }
        out.push_str(": ");
    }
    style.write_flow(value, IN_BRACKETS, &mut out);
    Some(Edit::new(last.end..last.end, out))
}

fn remove_flow(around: &Outline, number: usize) -> Option<Edit> {
    let entry = around.entries.get(number)?;
    let before = number.checked_sub(1).and_then(|before| around.entries.get(before));
    let range = match (before, around.entries.get(number + 1)) {
        (_, Some(next)) => entry.start..next.start,
        (Some(before), None) => before.end..entry.end,
        (None, None) => around.start + 1..around.end - 1,
    };
    Some(Edit::new(range, String::new()))
}

fn remove_block(text: &str, around: &Outline, number: usize, in_list: bool) -> Option<Edit> {
    let entry = around.entries.get(number)?;
    let (end, _) = rest_of_line(text, entry.end)?;
    let line = text[..entry.start].rfind('\n').map_or(0, |at| at + 1);
    let own_line = text[line..entry.start].trim_start_matches('\u{feff}').bytes().all(|byte| byte == b' ');
    let line = if text[line..].starts_with('\u{feff}') { line + 3 } else { line };
    if around.entries.len() == 1 {
        let empty = if in_list { "[]" } else { "{}" };
        let is_root = around.head <= line && own_line && around.column == 0 && text[..around.head].trim().is_empty();
        if !own_line || is_root || around.head >= line {
            return Some(Edit::new(entry.start..end, empty.to_owned()));
        }
        // The empty brackets go up, behind what introduces the map or list; comments between stay.
        let between = text[around.head..line].trim_end_matches(['\r', '\n']);
        return Some(Edit::new(around.head..end, format!(" {empty}{between}")));
    }
    if own_line {
        let behind = end + if text[end..].starts_with("\r\n") { 2 } else { usize::from(end < text.len()) };
        if behind > end {
            return Some(Edit::new(line..behind, String::new()));
        }
        // The last line of the text has no line break: the one before it goes instead.
        let before =
            text[..line].strip_suffix('\n').map_or(line, |before| before.strip_suffix('\r').unwrap_or(before).len());
        return Some(Edit::new(before..end, String::new()));
    }
    // Behind a dash: the next entry moves up, unless comments stand between.
    let next = around.entries.get(number + 1)?;
    if text[end..next.start].trim().is_empty() {
        return Some(Edit::new(entry.start..next.start, String::new()));
    }
    let dash = text[..entry.start].trim_end_matches([' ', '\t']).len();
    Some(Edit::new(dash..end, String::new()))
}
