//! New values in INI: bare where no reader takes them for anything else, otherwise in quotes; nothing can be escaped.

use std::borrow::Cow;

use super::{Ini, SIGNS, value};
use crate::document::Scan;
use crate::document::block::newline_of;
use crate::document::lines::{BLANKS, insert_behind, whole_lines, whole_table};
use crate::document::spell::{Edit, Place, Value, refusal, says, value_leaf};
use crate::error::Error;
use crate::leaf::{Carrier, Leaf, LeafKind, PathId, PathTree, Segment};

const NO_SPELLING: &str = "INI holds no line breaks, nor a value that needs quotes and has both sorts of them";
const TOO_DEEP: &str = "INI nests no deeper than sections and keys";

pub(super) fn spell(text: &str, scan: &Scan, place: Place<'_>, value: &Value) -> Result<Edit, Error> {
    let refuse = |what| refusal(scan, place, what);
    let newline = newline_of(text);
    match place {
        Place::At(path) => {
            let leaf = value_leaf(scan, path).ok_or_else(|| refuse("a section cannot be replaced, only its keys"))?;
            if leaf.kind == LeafKind::EmptyMap {
                let lines = entries(text, scan, value, newline).map_err(refuse)?;
                return Ok(insert_behind(text, leaf.span.range().end, &lines, newline));
            }
            let new = value.scalar_text().ok_or_else(|| refuse(TOO_DEEP))?;
            let source = replaced(text, scan, leaf, new).ok_or_else(|| refuse(NO_SPELLING))?;
            Ok(Edit::new(leaf.span.range(), source))
        }
        Place::Key(PathTree::ROOT, name) if matches!(value, Value::Map(_)) => {
            let lines = section(text, scan, name, value, newline).map_err(refuse)?;
            let blank = if text.trim().is_empty() { "" } else { newline };
            Ok(insert_behind(text, text.len(), &format!("{blank}{lines}"), newline))
        }
        Place::Key(path, key) => {
            let last =
                scan.leaves.iter().rev().find(|leaf| !leaf.kind.is_comment() && scan.paths.parent(leaf.path) == path);
            let last = last.filter(|leaf| leaf.kind != LeafKind::EmptyMap);
            let line = entry(text, scan, key, value).map_err(refuse)?;
            let Some(last) = last else {
                // A key without a section stands before all of them.
                let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
                return Ok(Edit::new(start..start, format!("{line}{newline}")));
            };
            let start = text[..last.span.start as usize].rfind('\n').map_or(0, |at| at + 1);
            let start = &text[start..].trim_start_matches('\u{feff}');
            let indent = &start[..start.len() - start.trim_start_matches(BLANKS).len()];
            Ok(insert_behind(text, last.span.range().end, &format!("{indent}{line}"), newline))
        }
        Place::Item(path) => {
            let name = match scan.paths.last(path) {
                Some(Segment::Key { text, .. }) => text,
                _ => return Err(refuse(TOO_DEEP)),
            };
            let last = last_below(scan, path).ok_or_else(|| refuse(TOO_DEEP))?;
            let lines = section(text, scan, name, value, newline).map_err(refuse)?;
            Ok(insert_behind(text, last.span.range().end, &format!("{newline}{lines}"), newline))
        }
    }
}

/// Takes out a key, or a section from its header to its last key.
pub(super) fn remove(text: &str, scan: &Scan, path: PathId) -> Result<Edit, Error> {
    let refuse = || refusal(scan, Place::At(path), "no section or key stands here");
    let last = last_below(scan, path).ok_or_else(refuse)?.span.range();
    let is_below = |leaf: &&Leaf| !leaf.kind.is_comment() && scan.paths.is_below(leaf.path, path);
    let first = scan.leaves.iter().find(is_below).ok_or_else(refuse)?;
    let start = first.span.range().start;
    if first.path == path {
        return Ok(Edit::new(whole_lines(text, start, last.end), String::new()));
    }
    // The header is the nearest line above that begins with a bracket.
    let before = text[..start].rfind('\n').map_or("", |at| &text[..at]);
    let mut lines = before.split('\n').rev();
    let mut from = before.len();
    let header = lines.find(|line| {
        let is_header = line.trim_start_matches('\u{feff}').trim_start_matches(BLANKS).starts_with('[');
        from -= line.len() + usize::from(!is_header && from > line.len());
        is_header
    });
    header.ok_or_else(refuse)?;
    Ok(Edit::new(whole_table(text, from, last.end), String::new()))
}

fn last_below(scan: &Scan, top: PathId) -> Option<&Leaf> {
    scan.leaves.iter().rev().find(|leaf| !leaf.kind.is_comment() && scan.paths.is_below(leaf.path, top))
}

/// A section with its header.
fn section(text: &str, scan: &Scan, name: &str, value: &Value, newline: &str) -> Result<String, &'static str> {
    if name.is_empty() || name.contains(|c: char| "[]".contains(c) || c.is_control()) {
        return Err("this cannot be the name of a section");
    }
    let lines = entries(text, scan, value, newline)?;
    Ok(if lines.is_empty() { format!("[{name}]") } else { format!("[{name}]{newline}{lines}") })
}

fn entries(text: &str, scan: &Scan, value: &Value, newline: &str) -> Result<String, &'static str> {
    let Value::Map(entries) = value else { return Err("a section holds keys with values") };
    let lines = entries.iter().map(|(key, value)| entry(text, scan, key, value));
    lines.collect::<Result<Vec<_>, _>>().map(|lines| lines.join(newline))
}

fn entry(text: &str, scan: &Scan, key: &str, value: &Value) -> Result<String, &'static str> {
    let other = |c: char| c.is_control() || "=:\"'`{}<>;#\\".contains(c);
    if key.is_empty() || key.trim() != key || key.starts_with('[') || key.contains(other) {
        return Err("this cannot be a key in INI");
    }
    let new = value.scalar_text().ok_or(TOO_DEEP)?;
    let source = spelled(new, None).ok_or(NO_SPELLING)?;
    Ok(format!("{key}{}{source}", delimiter(text, scan)))
}

/// What stands between the first key and its value.
fn delimiter<'t>(text: &'t str, scan: &Scan) -> &'t str {
    let first = scan.leaves.iter().find(|leaf| leaf.kind.is_value());
    let before = first.map_or("", |leaf| &text[..leaf.span.start as usize]);
    let signs = before.trim_end_matches(BLANKS);
    let sign = signs.strip_suffix(['=', ':']).map(|rest| &before[rest.trim_end_matches(BLANKS).len()..]);
    sign.unwrap_or(" = ")
}

/// The source for `new` in the place of `leaf`: in its quotes, and with an inline comment.
fn replaced(text: &str, scan: &Scan, leaf: &Leaf, new: &str) -> Option<String> {
    let old = leaf.span.of(text);
    let quoted = value::before_comment(old);
    let quote = old.chars().next().filter(|_| leaf.kind == LeafKind::Quoted || quoted.is_some());
    let said = quoted.map_or_else(|| value::decode(old), Cow::Borrowed);
    let behind =
        if leaf.kind == LeafKind::Plain && !old.contains('\n') { &old[said.len().min(old.len())..] } else { "" };
    let comment = if behind.trim_start_matches(BLANKS).starts_with(SIGNS_OF_COMMENTS) { behind } else { "" };
    let source = match spelled(new, quote)? {
        source if source.is_empty() && (leaf.carrier == Carrier::DoubleQuoted || !comment.is_empty()) => "\"\"".into(),
        source => source,
    };
    let before = match leaf.kind {
        LeafKind::NoValue => delimiter(text, scan),
        LeafKind::EmptyValue
            if text[..leaf.span.start as usize].ends_with(['=', ':']) && delimiter(text, scan).ends_with(' ') =>
        {
            " "
        }
        _ => "",
    };
    Some(format!("{before}{source}{comment}"))
}

const SIGNS_OF_COMMENTS: [char; 2] = [SIGNS[0] as char, SIGNS[1] as char];

/// A spelling that every reader takes for `text`: in `quote`, if that can hold it, or bare, or in other quotes.
fn spelled(text: &str, quote: Option<char>) -> Option<String> {
    let special = |c: char| c.is_control() || "\"'`#;\\".contains(c);
    if quote.is_none() && text.trim() == text && !text.contains(special) {
        return Some(text.to_owned());
    }
    // Some readers would take a backslash at the end for one before the quote.
    if text.ends_with('\\') {
        return None;
    }
    let quotes = quote.into_iter().chain(['"', '\'']);
    let sources = quotes.filter(|quote| !text.contains(*quote)).map(|quote| format!("{quote}{text}{quote}"));
    let place = Leaf {
        span: crate::leaf::Span::new(0..0),
        path: PathTree::ROOT,
        kind: LeafKind::Quoted,
        carrier: Carrier::Bare,
        indent: 0,
    };
    sources.into_iter().find(|source| !text.contains(char::is_control) && says(&Ini, source, &place, text))
}
