//! New values in dotenv: bare where no reader takes them for anything else, otherwise in quotes.

use super::{Dotenv, decode};
use crate::document::Scan;
use crate::document::block::newline_of;
use crate::document::lines::{BLANKS, insert_behind, whole_lines};
use crate::document::spell::{Edit, Place, Value, refusal, says, value_leaf};
use crate::error::Error;
use crate::leaf::{Carrier, Leaf, LeafKind, PathId};

pub(super) fn spell(text: &str, scan: &Scan, place: Place<'_>, value: &Value) -> Result<Edit, Error> {
    let refuse = |what| refusal(scan, place, what);
    let new = value.scalar_text().ok_or_else(|| refuse("dotenv holds no maps, no lists and no null"))?;
    const UNSPEAKABLE: &str = "a dotenv file has no spelling for this value: a control character is in it";
    match place {
        Place::At(path) => {
            let leaf = value_leaf(scan, path).ok_or_else(|| refuse("dotenv holds keys with values"))?;
            let source = replaced(leaf.span.of(text), leaf, new).ok_or_else(|| refuse(UNSPEAKABLE))?;
            let equals = if leaf.kind == LeafKind::NoValue { "=" } else { "" };
            Ok(Edit::new(leaf.span.range(), format!("{equals}{source}")))
        }
        Place::Key(_, key) => {
            if key.is_empty() || !key.chars().all(super::is_key_character) {
                return Err(refuse("a dotenv key has letters, digits, `_`, `.` and `-` only"));
            }
            let source = spelled(new, Quotes::None).ok_or_else(|| refuse(UNSPEAKABLE))?;
            Ok(insert_behind(text, text.len(), &format!("{key}={source}"), newline_of(text)))
        }
        Place::Item(_) => Err(refuse("dotenv holds no lists")),
    }
}

/// Takes the line of the value at `path` out.
pub(super) fn remove(text: &str, scan: &Scan, path: PathId) -> Result<Edit, Error> {
    let missing = || refusal(scan, Place::At(path), "dotenv holds keys with values");
    let leaf = value_leaf(scan, path).ok_or_else(missing)?;
    Ok(Edit::new(whole_lines(text, leaf.span.range().start, leaf.span.range().end), String::new()))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    None,
    Single,
    Double,
    Back,
}

/// The source for `new` in the place of `leaf`, whose own source is `old`: in its quotes where they can hold it, with the
/// blanks before them, and with an inline comment.
fn replaced(old: &str, leaf: &Leaf, new: &str) -> Option<String> {
    let inner = old.trim_start_matches(BLANKS);
    let (quotes, before, behind) = match (leaf.kind, inner.chars().next()) {
        (LeafKind::Quoted, Some('\'')) => (Quotes::Single, &old[..old.len() - inner.len()], ""),
        (LeafKind::Quoted, Some('`')) => (Quotes::Back, &old[..old.len() - inner.len()], ""),
        (LeafKind::Quoted, _) => (Quotes::Double, &old[..old.len() - inner.len()], ""),
        _ => {
            let value = decode::bare(old);
            let behind = &inner[value.len().min(inner.len())..];
            // Blanks at the end are a part of the old value for some readers; a comment is for people.
            (Quotes::None, "", if behind.trim_start_matches(BLANKS).starts_with('#') { behind } else { "" })
        }
    };
    if new.is_empty() && leaf.carrier == Carrier::Bare && quotes == Quotes::None && behind.is_empty() {
        return Some(String::new());
    }
    let source = if quotes == Quotes::None && is_bare_here(old, new) { new.to_owned() } else { spelled(new, quotes)? };
    Some(format!("{before}{source}{behind}"))
}

/// Whether `new` may stand bare where `old` did, blanks between words included if that had some.
fn is_bare_here(old: &str, new: &str) -> bool {
    let words = |text: &str| text.contains(' ') && text.split(' ').all(|word| !word.is_empty() && is_bare(word));
    words(decode::bare(old)) && words(new)
}

/// Whether every reader takes `text` without quotes for what stands there.
fn is_bare(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./:@%+,=".contains(&byte))
}

/// A source for `text`, in `quotes` if they can hold it.
fn spelled(text: &str, quotes: Quotes) -> Option<String> {
    if quotes == Quotes::None && (is_bare(text) || text.is_empty()) {
        return Some(text.to_owned());
    }
    let in_single = !text.contains(['\'', '\\', '\n', '\r', '\t']);
    let in_back = !text.contains(['`', '\\', '\n', '\r', '\t']);
    let source = match quotes {
        Quotes::None | Quotes::Single if in_single => format!("'{text}'"),
        Quotes::Back if in_back => format!("`{text}`"),
        _ => in_double_quotes(text),
    };
    let kind = LeafKind::Quoted;
    let leaf = Leaf {
        span: crate::leaf::Span::new(0..0),
        path: crate::leaf::PathTree::ROOT,
        kind,
        carrier: Carrier::Bare,
        indent: 0,
    };
    let holds = crate::document::characters::check(&source).is_ok() && says(&Dotenv, &source, &leaf, text);
    holds.then_some(source)
}

fn in_double_quotes(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '"' | '\\' | '$' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
