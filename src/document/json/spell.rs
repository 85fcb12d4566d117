//! New values in JSON, in the style of what stands around them.

use std::borrow::Cow;
use std::ops::Range;

use super::{scan, string};
use crate::document::Scan;
use crate::document::block::write_quoted;
use crate::document::spell::{Edit, Entry, Place, Value, position, refusal, value_leaf};
use crate::error::Error;
use crate::leaf::{PathId, PathTree};

/// White space between tokens.
const BLANKS: [char; 4] = [' ', '\t', '\n', '\r'];

pub(super) fn spell(text: &str, scan: &Scan, place: Place<'_>, value: &Value) -> Result<Edit, Error> {
    let style = Style::of(text);
    match place {
        Place::At(path) => {
            let span = match value_leaf(scan, path).filter(|leaf| leaf.kind.is_value()) {
                Some(leaf) => leaf.span.range(),
                None => outline(text, path).ok_or_else(|| refusal(scan, place, NOT_FOUND))?.span,
            };
            let mut out = String::new();
            let indent = style.unit.as_ref().map(|_| indent_of_line(text, span.start).to_owned());
            style.write(value, indent.as_deref(), &mut out);
            Ok(Edit::new(span, out))
        }
        Place::Key(path, key) => insert(text, scan, place, path, Some(key), value, &style),
        Place::Item(path) => insert(text, scan, place, path, None, value, &style),
    }
}

pub(super) fn remove(text: &str, scan: &Scan, path: PathId) -> Result<Edit, Error> {
    let place = Place::At(path);
    let around = outline(text, scan.paths.parent(path)).ok_or_else(|| refusal(scan, place, NOT_FOUND))?;
    let number = position(&scan.paths, path);
    let entry = around.entries.get(number).ok_or_else(|| refusal(scan, place, NOT_FOUND))?;
    let before = number.checked_sub(1).and_then(|before| around.entries.get(before));
    let range = match (before, around.entries.get(number + 1)) {
        (_, Some(next)) => entry.start..next.start,
        (Some(before), None) => before.end..entry.end,
        (None, None) => around.span.start + 1..around.span.end - 1,
    };
    Ok(Edit::new(range, String::new()))
}

const NOT_FOUND: &str = "the place cannot be found in the text";

fn insert(
    text: &str,
    scan: &Scan,
    place: Place<'_>,
    path: PathId,
    key: Option<&str>,
    value: &Value,
    style: &Style<'_>,
) -> Result<Edit, Error> {
    let around = outline(text, path).ok_or_else(|| refusal(scan, place, NOT_FOUND))?;
    let mut out = String::new();
    let write = |out: &mut String, indent: Option<&str>| {
        if let Some(key) = key {
            write_quoted(out, key);
            out.push_str(style.colon);
        }
        style.write(value, indent, out);
    };
    let Some(last) = around.entries.last() else {
        match &style.unit {
            Some(unit) => {
                let outer = indent_of_line(text, around.span.start);
                let indent = format!("{outer}{unit}");
                out.extend([style.newline, &indent]);
                write(&mut out, Some(&indent));
                out.extend([style.newline, outer]);
            }
            None => write(&mut out, None),
        }
        return Ok(Edit::new(around.span.start + 1..around.span.end - 1, out));
    };
    let before = &text[..last.start];
    let blanks = &before[before.trim_end_matches(BLANKS).len()..];
    out.push(',');
    if blanks.contains('\n') {
        let indent = blanks.rsplit('\n').next().unwrap_or_default();
        out.push_str(blanks);
        write(&mut out, Some(indent));
    } else {
        out.push_str(if around.entries.len() > 1 { blanks } else { style.behind_comma() });
        write(&mut out, None);
    }
    Ok(Edit::new(last.end..last.end, out))
}

/// How a text is laid out.
struct Style<'t> {
    newline: &'static str,
    /// What one level is indented by; none when everything stands on one line.
    unit: Option<Cow<'t, str>>,
    /// What stands between a key and its value.
    colon: &'t str,
}

impl<'t> Style<'t> {
    /// The style of the root, or of its first entry where that tells more.
    fn of(text: &'t str) -> Self {
        let newline = crate::document::block::newline_of(text);
        let first = text.find(['{', '[']).map_or("", |open| &text[open + 1..]);
        let inside = first.trim_start_matches(BLANKS);
        let blanks = &first[..first.len() - inside.len()];
        let indent = blanks.rsplit_once('\n').map(|(_, indent)| indent);
        let unit = match indent {
            Some("") => Some("  ".into()),
            Some(indent) => Some(Cow::Borrowed(indent)),
            None => None,
        };
        let colon = text.split_once('"').and_then(|(before, _)| {
            let behind = &text[string::end_of(text.as_bytes(), before.len()).ok()?..];
            let value = behind.trim_start_matches(BLANKS).strip_prefix(':')?.trim_start_matches([' ', '\t']);
            Some(&behind[..behind.len() - value.len()]).filter(|colon| !colon.contains('\n'))
        });
        Self { newline, unit, colon: colon.unwrap_or(": ") }
    }

    fn behind_comma(&self) -> &'static str {
        if self.colon.ends_with(' ') { " " } else { "" }
    }

    /// Writes `value`; `indent` is that of its line, and none when it is to stand on one line.
    fn write(&self, value: &Value, indent: Option<&str>, out: &mut String) {
        match value {
            Value::Null => out.push_str("null"),
            Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Value::Number(text) => out.push_str(text),
            Value::Text(text) => write_quoted(out, text),
            Value::List(items) => self.write_all('[', items.iter().map(|item| (None, item)), ']', indent, out),
            Value::Map(entries) => {
                self.write_all('{', entries.iter().map(|(key, value)| (Some(key.as_str()), value)), '}', indent, out);
            }
        }
    }

    fn write_all<'v>(
        &self,
        open: char,
        entries: impl ExactSizeIterator<Item = (Option<&'v str>, &'v Value)>,
        close: char,
        indent: Option<&str>,
        out: &mut String,
    ) {
        out.push(open);
        let is_empty = entries.len() == 0;
        let unit = self.unit.as_deref().unwrap_or("  ");
        let inner = indent.map(|indent| format!("{indent}{unit}"));
        for (n, (key, value)) in entries.enumerate() {
            out.push_str(if n > 0 { "," } else { "" });
            match &inner {
                Some(inner) => out.extend([self.newline, inner]),
                None => out.push_str(if n > 0 { self.behind_comma() } else { "" }),
            }
            if let Some(key) = key {
                write_quoted(out, key);
                out.push_str(self.colon);
            }
            self.write(value, inner.as_deref(), out);
        }
        if let (Some(indent), false) = (indent, is_empty) {
            out.extend([self.newline, indent]);
        }
        out.push(close);
    }
}

/// The blanks at the beginning of the line of `at`.
fn indent_of_line(text: &str, at: usize) -> &str {
    let line = &text[text[..at].rfind('\n').map_or(0, |at| at + 1)..at];
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

/// A map or list with where its entries stand.
struct Outline {
    span: Range<usize>,
    entries: Vec<Entry>,
}

/// The outline of the node at `target` of a text that was scanned. Nodes are numbered in the order in which the scanner
/// makes them: by their keys, and by the beginning of items.
fn outline(text: &str, target: PathId) -> Option<Outline> {
    let bytes = text.as_bytes();
    let skip = |at: usize| text.len() - text[at..].trim_start_matches(BLANKS).len();
    let mut at = skip(if text.starts_with('\u{feff}') { 3 } else { 0 });
    let mut nodes = 0;
    // Node, whether it is a map, and where it begins; and the entries of the target.
    let mut open: Vec<(usize, bool, usize)> = Vec::new();
    let mut found = Outline { span: 0..0, entries: Vec::new() };
    let mut node = PathTree::ROOT.index();
    loop {
        let start = at;
        let is_open = matches!(bytes.get(at)?, b'{' | b'[');
        if is_open {
            open.push((node, bytes[at] == b'{', start));
            at = skip(at + 1);
        } else {
            at = scan::end_of_scalar(text, at).ok()?.0;
        }
        // Closes whatever ends here.
        let mut ended = (!is_open).then_some((node, start));
        loop {
            if let Some((node, start)) = ended {
                if node == target.index() {
                    found.span = start..at;
                    return Some(found);
                }
                match (open.last(), found.entries.last_mut()) {
                    (Some((node, ..)), Some(entry)) if *node == target.index() => entry.end = at,
                    _ => {}
                }
                at = skip(at);
            }
            match bytes.get(at)? {
                b'}' | b']' => {
                    let (node, _, start) = open.pop()?;
                    at += 1;
                    ended = Some((node, start));
                }
                b',' => {
                    at = skip(at + 1);
                    break;
                }
                _ => break,
            }
        }
        let &(around, is_map, _) = open.last()?;
        let start = at;
        if is_map {
            at = skip(string::end_of(bytes, at).ok()?);
            at = skip(at + 1);
        }
        nodes += 1;
        node = nodes;
        if around == target.index() {
            found.entries.push(Entry { start, value: at, end: at });
        }
    }
}
