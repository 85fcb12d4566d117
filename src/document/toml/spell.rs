//! New values in TOML: in the quotes that stand there, in the table that they belong to.

use super::scan::{Bracket, Marks, Statement, marks};
use super::value::{decode_string, is_scalar};
use crate::document::Scan;
use crate::document::block::{newline_of, write_quoted};
use crate::document::lines::{BLANKS, insert_behind, whole_lines, whole_table};
use crate::document::spell::{Edit, Place, Value, position, refusal, value_leaf};
use crate::error::Error;
use crate::leaf::{Leaf, LeafKind, PathId, PathTree, Segment};

const NO_NULL: &str = "TOML has no null";
const NO_PLACE: &str = "the tables around it are not laid out so that it can be written there";
const TOO_LARGE: &str = "TOML has no whole numbers of more than 64 bits";

pub(super) fn spell(text: &str, scan: &Scan, place: Place<'_>, value: &Value) -> Result<Edit, Error> {
    let refuse = |what| refusal(scan, place, what);
    let marks = || marks(text).map_err(|fault| fault.into_error(text));
    let newline = newline_of(text);
    match place {
        Place::At(path) => match value_leaf(scan, path) {
            Some(leaf) if leaf.kind.is_value() => {
                let range = leaf.span.range();
                if let (Value::Text(new), LeafKind::Quoted) = (value, leaf.kind) {
                    return Ok(Edit::new(range, in_quotes_of(leaf.span.of(text), new)));
                }
                Ok(Edit::new(range, inline(value).map_err(refuse)?))
            }
            Some(leaf) if is_header(text, leaf) => {
                let Value::Map(entries) = value else { return Err(refuse(NO_PLACE)) };
                let lines = statements(entries, newline).map_err(refuse)?;
                Ok(insert_behind(text, leaf.span.range().end, &lines, newline))
            }
            _ => {
                let marks = marks()?;
                let bracket = marks.bracket(path).ok_or_else(|| refuse(NO_PLACE))?;
                Ok(Edit::new(bracket.range.clone(), inline(value).map_err(refuse)?))
            }
        },
        Place::Key(path, key) => {
            let marks = marks()?;
            if let Some(bracket) = marks.bracket(path) {
                let entry = format!("{} = {}", key_text(key), inline(value).map_err(refuse)?);
                return bracket.insert(text, &entry).ok_or_else(|| refuse(NO_PLACE));
            }
            let edit = new_table(text, scan, path, key, value, newline).transpose();
            let edit = edit.unwrap_or_else(|| new_statement(text, scan, &marks, path, key, value, newline));
            edit.map_err(refuse)
        }
        Place::Item(path) => {
            let marks = marks()?;
            if let Some(bracket) = marks.bracket(path) {
                return bracket.insert(text, &inline(value).map_err(refuse)?).ok_or_else(|| refuse(NO_PLACE));
            }
            let Value::Map(entries) = value else { return Err(refuse("a list of tables holds tables only")) };
            let end = marks.end_below(scan, path).ok_or_else(|| refuse(NO_PLACE))?;
            let header = format!(
                "{newline}[[{}]]{newline}",
                dotted(scan, PathTree::ROOT, path).ok_or_else(|| refuse(NO_PLACE))?
            );
            let lines = header + &statements(entries, newline).map_err(refuse)?;
            Ok(insert_behind(text, end, lines.trim_end_matches(['\r', '\n']), newline))
        }
    }
}

pub(super) fn remove(text: &str, scan: &Scan, path: PathId) -> Result<Edit, Error> {
    let refuse = || refusal(scan, Place::At(path), NO_PLACE);
    let marks = marks(text).map_err(|fault| fault.into_error(text))?;
    if let Some(around) = marks.bracket(scan.paths.parent(path)) {
        return around.remove(position(&scan.paths, path)).ok_or_else(refuse);
    }
    // Everything that stands below the path, headers and statements: the lines of all of it.
    let is_below = |at: PathId| scan.paths.is_below(at, path);
    let headers: Vec<_> = marks.headers.iter().filter(|(table, _)| is_below(*table)).map(|&(_, at)| at..at).collect();
    let lines = if headers.is_empty() { whole_lines } else { whole_table };
    let statements =
        marks.statements.iter().filter(|statement| is_below(statement.path)).map(|statement| statement.range.clone());
    let all = headers.into_iter().chain(statements).reduce(|a, b| a.start.min(b.start)..a.end.max(b.end));
    let all = all.ok_or_else(refuse)?;
    Ok(Edit::new(lines(text, all.start, all.end), String::new()))
}

impl Marks {
    fn bracket(&self, path: PathId) -> Option<&Bracket> {
        self.brackets.iter().find(|bracket| bracket.path == path)
    }

    /// The end of the last header or statement below `path`.
    fn end_below(&self, scan: &Scan, path: PathId) -> Option<usize> {
        let headers = self.headers.iter().filter(|(table, _)| scan.paths.is_below(*table, path)).map(|&(_, at)| at + 1);
        let statements = self.statements.iter().filter(|statement| scan.paths.is_below(statement.path, path));
        headers.chain(statements.map(|statement| statement.range.end)).max()
    }
}

impl Bracket {
    fn insert(&self, text: &str, entry: &str) -> Option<Edit> {
        let Some(last) = self.entries.last() else {
            let is_list = text[self.range.start..].starts_with('[');
            let inside = if is_list { entry.to_owned() } else { format!(" {entry} ") };
            return Some(Edit::new(self.range.start + 1..self.range.end - 1, inside));
        };
        let before = &text[..last.start];
        let gap = &before[before.trim_end_matches([' ', '\t', '\r', '\n']).len()..];
        let gap = if gap.contains('\n') { gap } else { " " };
        Some(Edit::new(last.end..last.end, format!(",{gap}{entry}")))
    }

    fn remove(&self, number: usize) -> Option<Edit> {
        let entry = self.entries.get(number)?;
        let before = number.checked_sub(1).and_then(|before| self.entries.get(before));
        let range = match (before, self.entries.get(number + 1)) {
            (_, Some(next)) => entry.start..next.start,
            (Some(before), None) => before.end..entry.end,
            (None, None) => self.range.start + 1..self.range.end - 1,
        };
        Some(Edit::new(range, String::new()))
    }
}

/// A map below the root, or below tables with plain names, gets a header of its own at the end of the text; as many
/// tables as hold nothing but one table go into its name. None for other values, and other places.
fn new_table(
    text: &str,
    scan: &Scan,
    path: PathId,
    key: &str,
    value: &Value,
    newline: &str,
) -> Result<Option<Edit>, &'static str> {
    let Some(mut name) = dotted(scan, PathTree::ROOT, path) else { return Ok(None) };
    let Value::Map(mut entries) = value.clone() else { return Ok(None) };
    if path != PathTree::ROOT {
        name.push('.');
    }
    name += &key_text(key);
    while let [(key, Value::Map(inner))] = &entries[..] {
        name = format!("{name}.{}", key_text(key));
        entries = inner.clone();
    }
    let lines = format!("[{name}]{newline}{}", statements(&entries, newline)?);
    let blank = if text.trim().is_empty() { "" } else { newline };
    Ok(Some(insert_behind(text, text.len(), &format!("{blank}{}", lines.trim_end_matches(['\r', '\n'])), newline)))
}

/// A further statement in the table at `path`: behind the last one that says something of it.
fn new_statement(
    text: &str,
    scan: &Scan,
    marks: &Marks,
    path: PathId,
    key: &str,
    value: &Value,
    newline: &str,
) -> Result<Edit, &'static str> {
    let value = inline(value)?;
    let header = marks.headers.iter().rev().find(|(table, _)| *table == path);
    let is_own = |statement: &&Statement| {
        statement.table == path
            || (path != PathTree::ROOT
                && scan.paths.is_below(statement.path, path)
                && !scan.paths.is_below(statement.table, path))
    };
    if let Some(last) = marks.statements.iter().rev().find(is_own) {
        let way = dotted(scan, last.table, path).ok_or(NO_PLACE)?;
        let way = if way.is_empty() { String::new() } else { format!("{way}.") };
        let line = text[..last.range.start].rfind('\n').map_or(0, |at| at + 1);
        let line = text[line..].trim_start_matches('\u{feff}');
        let indent = &line[..line.len() - line.trim_start_matches(BLANKS).len()];
        let line = format!("{indent}{way}{} = {value}", key_text(key));
        return Ok(insert_behind(text, last.range.end, &line, newline));
    }
    let line = format!("{} = {value}", key_text(key));
    if let Some(&(_, at)) = header {
        return Ok(insert_behind(text, at + 1, &line, newline));
    }
    if path == PathTree::ROOT {
        // Before the first header, or it would belong to that.
        let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
        return Ok(Edit::new(start..start, format!("{line}{newline}")));
    }
    // The table is only the way to others so far.
    let name = dotted(scan, PathTree::ROOT, path).ok_or(NO_PLACE)?;
    Ok(insert_behind(text, text.len(), &format!("{newline}[{name}]{newline}{line}"), newline))
}

/// The keys that lead from `top` to `path`; none when there are list items on the way.
fn dotted(scan: &Scan, top: PathId, path: PathId) -> Option<String> {
    let segments = scan.paths.segments(path);
    let keys = segments.get(scan.paths.depth(top)..)?.iter().map(|segment| match segment {
        Segment::Key { text, .. } => Some(key_text(text)),
        _ => None,
    });
    keys.collect::<Option<Vec<_>>>().map(|keys| keys.join("."))
}

/// Whether an empty table is one with a header.
fn is_header(text: &str, leaf: &Leaf) -> bool {
    leaf.kind == LeafKind::EmptyMap && leaf.span.of(text) == "["
}

fn statements(entries: &[(String, Value)], newline: &str) -> Result<String, &'static str> {
    let lines = entries.iter().map(|(key, value)| Ok(format!("{} = {}", key_text(key), inline(value)?)));
    lines.collect::<Result<Vec<_>, _>>().map(|lines| lines.join(newline))
}

/// A value on one line.
fn inline(value: &Value) -> Result<String, &'static str> {
    Ok(match value {
        Value::Null => return Err(NO_NULL),
        Value::Bool(value) => value.to_string(),
        Value::Number(text) if !text.contains(['.', 'e', 'E']) && text.parse::<i64>().is_err() => {
            return Err(TOO_LARGE);
        }
        Value::Number(text) => text.clone(),
        Value::Text(text) => quoted(text),
        Value::List(items) => {
            let items = items.iter().map(inline).collect::<Result<Vec<_>, _>>()?;
            format!("[{}]", items.join(", "))
        }
        Value::Map(entries) if entries.is_empty() => "{}".to_owned(),
        Value::Map(entries) => format!("{{ {} }}", statements(entries, ", ")?),
    })
}

/// `new` in the quotes of `old`, if they can hold it; several lines in those for it.
fn in_quotes_of(old: &str, new: &str) -> String {
    let quote = QUOTES.into_iter().find(|quote| old.starts_with(quote)).unwrap_or_default();
    if quote.len() == 3 && !new.contains('\n') { in_quotes(&quote[..1], new) } else { in_quotes(quote, new) }
}

/// The quotes of strings, the longer ones first.
pub(in crate::document) const QUOTES: [&str; 4] = ["\"\"\"", "'''", "\"", "'"];

/// `text` between two of these quotes, if they can hold it, or else as a basic string.
pub(in crate::document) fn in_quotes(quote: &str, text: &str) -> String {
    let newline = match (text.contains('\n'), text.contains("\r\n")) {
        (false, _) => "",
        (_, false) => "\n",
        (_, true) => "\r\n",
    };
    let escaped = || {
        let line = |line: &str| {
            let (line, end) = line.strip_suffix('\r').map_or((line, ""), |line| (line, "\r"));
            let quoted = quoted(line);
            [&quoted[1..quoted.len() - 1], end].concat()
        };
        text.split('\n').map(line).collect::<Vec<_>>().join("\n")
    };
    // The line break behind the first quotes says nothing.
    let sources = match quote {
        "\"\"\"" => {
            let escaped = escaped();
            let with_quotes = escaped.replace("\\\"", "\"");
            vec![format!("{quote}{newline}{with_quotes}{quote}"), format!("{quote}{newline}{escaped}{quote}")]
        }
        "'''" => vec![format!("{quote}{newline}{text}{quote}")],
        "'" => vec![format!("{quote}{text}{quote}")],
        _ => Vec::new(),
    };
    let says_it = |source: &String| is_scalar(source) && decode_string(source).is_some_and(|said| said == text);
    sources.into_iter().find(says_it).unwrap_or_else(|| quoted(text))
}

pub(in crate::document) fn key_text(key: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    if !key.is_empty() && key.bytes().all(bare) { key.to_owned() } else { quoted(key) }
}

/// A basic string.
pub(in crate::document) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    write_quoted(&mut out, text);
    out
}
