//! New values in properties.

use crate::document::Scan;
use crate::document::block::newline_of;
use crate::document::lines::{BLANKS, insert_behind, skip_blanks, whole_lines};
use crate::document::spell::{Edit, Place, Value, refusal, value_leaf};
use crate::error::Error;
use crate::leaf::{LeafKind, PathId};

pub(super) fn spell(text: &str, scan: &Scan, place: Place<'_>, value: &Value) -> Result<Edit, Error> {
    let refuse = |what| refusal(scan, place, what);
    let new = value.scalar_text().ok_or_else(|| refuse("properties hold no maps, no lists and no null"))?;
    match place {
        Place::At(path) => {
            let leaf = value_leaf(scan, path).ok_or_else(|| refuse("properties hold keys with values"))?;
            let mut range = leaf.span.range();
            let before = if leaf.kind == LeafKind::NoValue { delimiter(text, scan) } else { "" };
            if leaf.kind == LeafKind::NoValue {
                // Blanks behind the key would be a part of the value.
                range.end = skip_blanks(text, range.end);
            }
            let source = escape_value(new);
            let has_sign = !before.is_empty() || text[..range.start].trim_end_matches(BLANKS).ends_with(['=', ':']);
            // Behind blanks alone a sign would be taken for the delimiter, and nothing for no value at all.
            let escape = match source.chars().next() {
                Some('=' | ':') if !has_sign => "\\",
                None if !has_sign => "=",
                _ => "",
            };
            Ok(Edit::new(range, format!("{before}{escape}{source}")))
        }
        Place::Key(_, "") => Err(refuse("properties have no empty keys")),
        Place::Key(_, key) => {
            let line = format!("{}{}{}", escape_key(key), delimiter(text, scan), escape_value(new));
            Ok(insert_behind(text, text.len(), &line, newline_of(text)))
        }
        Place::Item(_) => Err(refuse("properties hold no lists")),
    }
}

pub(super) fn remove(text: &str, scan: &Scan, path: PathId) -> Result<Edit, Error> {
    let missing = || refusal(scan, Place::At(path), "properties hold keys with values");
    let range = value_leaf(scan, path).ok_or_else(missing)?.span.range();
    Ok(Edit::new(whole_lines(text, range.start, range.end), String::new()))
}

/// What stands between the last key and its value.
fn delimiter<'t>(text: &'t str, scan: &Scan) -> &'t str {
    let last = scan.leaves.iter().rev().find(|leaf| leaf.kind == LeafKind::Plain);
    let before = last.map_or("", |leaf| &text[..leaf.span.start as usize]);
    let signs = before.trim_end_matches(BLANKS);
    let sign = signs.strip_suffix(['=', ':']).map(|rest| &before[rest.trim_end_matches(BLANKS).len()..]);
    sign.unwrap_or("=")
}

/// A key as it stands before its delimiter.
pub(crate) fn escape_key(key: &str) -> String {
    escape(key, " :=")
}

/// A value as it stands behind its delimiter: blanks at its beginning would be passed over.
pub(crate) fn escape_value(text: &str) -> String {
    let rest = text.trim_start_matches(' ');
    "\\ ".repeat(text.len() - rest.len()) + &escape(rest, "")
}

/// `text` with backslashes before the characters of `special`, comment signs and backslashes.
fn escape(text: &str, special: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{2028}' | '\u{2029}' | '\u{feff}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            '\\' | '#' | '!' => out.extend(['\\', c]),
            c if special.contains(c) => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}
