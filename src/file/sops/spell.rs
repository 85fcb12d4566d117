//! Opened values as source texts, spelled as SOPS spells them where nothing in the file says otherwise.

use zeroize::Zeroizing;

use super::number;
use super::tree::Tree;
use crate::dialect::sops::{Kind, Time, Value};
use crate::document::block::newline_of;
use crate::document::sops::{Store, escape_newlines, json_string};
use crate::leaf::{Carrier, Leaf, LeafKind};

pub(super) mod yaml;

/// The indentation of a file shows in its first maps.
const MAX_STEPS: usize = 64;

/// Why a value has no spelling.
pub(super) type Refusal = &'static str;

/// Where a value goes.
pub(super) struct Place {
    /// The quote around the token.
    pub(super) quote: Option<char>,
    /// The same in TOML, which has longer ones.
    pub(super) toml_quote: &'static str,
    /// Whether it stands between brackets.
    pub(super) is_flow: bool,
    /// Whether nothing follows it on its line.
    pub(super) ends_line: bool,
    /// The column of its key or dash.
    pub(super) column: usize,
    /// The column in which lines of a block scalar begin.
    pub(super) content_column: usize,
    /// The line break of the file.
    pub(super) newline: &'static str,
}

impl Place {
    /// The place of `leaf`, whose value is a token.
    pub(super) fn of(tree: &Tree<'_>, leaf: &Leaf, layout: Layout) -> Self {
        let Layout { step, newline } = layout;
        let source = leaf.span.of(tree.text);
        let behind = tree.text[leaf.span.end as usize..].trim_start_matches([' ', '\t', '\r']);
        let is_flow = tree.store == Store::Yaml && leaf.carrier == Carrier::DoubleQuoted;
        // Only block scalars need columns. A line with brackets may be as long as the file, so it is not looked at.
        let (column, content_column) = match tree.key_start(leaf.path) {
            _ if is_flow || tree.store != Store::Yaml => (0, 0),
            Some(start) => {
                let column = column_of(tree.text, start);
                (column, (column / step + 1) * step)
            }
            None => {
                let before = tree.text[..leaf.span.start as usize].trim_end_matches([' ', '\t']);
                let column = column_of(tree.text, before.char_indices().next_back().map_or(0, |(at, _)| at));
                (column, column + 2)
            }
        };
        Self {
            quote: source.chars().next().filter(|quote| leaf.kind == LeafKind::Quoted && "'\"".contains(*quote)),
            toml_quote: if tree.store == Store::Toml { Store::toml_quote(source) } else { "" },
            is_flow,
            ends_line: behind.starts_with('\n'),
            column,
            content_column,
            newline,
        }
    }
}

/// What all places of a file have in common.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    /// By how many columns maps are indented.
    pub(super) step: usize,
    newline: &'static str,
}

impl Layout {
    /// The layout of a file.
    pub(super) fn of(tree: &Tree<'_>) -> Self {
        Self { step: step(tree), newline: newline_of(tree.text) }
    }
}

/// By how many columns the maps of a file are indented; four, as SOPS does, when nothing shows.
fn step(tree: &Tree<'_>) -> usize {
    // In lists SOPS indents by two, whatever the rest has, so those do not tell.
    if tree.store != Store::Yaml {
        return 4;
    }
    let outermost = tree.documents().into_iter().flat_map(|root| tree.children(root).collect::<Vec<_>>());
    let steps = outermost.filter_map(|outer| {
        let inner = tree.children(outer).next()?;
        let columns = [inner, outer].map(|path| tree.key_start(path));
        let [inner, outer] = columns.map(|start| start.map(|start| column_of(tree.text, start)));
        inner?.checked_sub(outer?).filter(|step| (2..=9).contains(step))
    });
    steps.take(MAX_STEPS).min().unwrap_or(4)
}

/// `value` in `store`.
///
/// # Errors
/// Why that format cannot hold it there.
pub(super) fn value(store: Store, value: &Value, place: &Place) -> Result<Zeroizing<String>, Refusal> {
    let text = || value.as_str().ok_or("only YAML and binary files can hold what is not UTF-8");
    if matches!(store, Store::Dotenv | Store::Ini)
        && let Some(text) = flat(value)
    {
        return Ok(Zeroizing::new(text));
    }
    let spelled = match value.kind() {
        Kind::Bool => if value.bytes() == b"True" { "true" } else { "false" }.to_owned(),
        Kind::Float => {
            let number = value.as_float().ok_or("is no number")?;
            match store {
                Store::Toml => toml_float(number),
                Store::Yaml => yaml::float(number),
                _ => number::json(number).ok_or("JSON has no such number")?,
            }
        }
        Kind::Int => text()?.to_owned(),
        Kind::Time if matches!(store, Store::Toml | Store::Yaml) => text()?.to_owned(),
        Kind::Comment | Kind::Text | Kind::Time => match store {
            Store::Binary | Store::Json => json_string(text()?),
            Store::Dotenv => escape_newlines(text()?).into_owned(),
            Store::Ini => ini(text()?, place.quote)?,
            Store::Toml => Store::spell_toml(place.toml_quote, text()?),
            Store::Yaml => yaml::text(value.bytes(), place),
        },
    };
    Ok(Zeroizing::new(spelled))
}

/// What a value other than a text says where there are only texts; none for a text.
pub(super) fn flat(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    Some(match value.kind() {
        Kind::Comment | Kind::Text => return None,
        Kind::Bool => if value.bytes() == b"True" { "true" } else { "false" }.to_owned(),
        Kind::Float => match value.as_float() {
            Some(number) if number.is_finite() => number::flat(number),
            _ => text.to_owned(),
        },
        Kind::Int => text.to_owned(),
        Kind::Time => Time::parse(text)?.whole_seconds(),
    })
}

/// A comment with its sign. Further lines get one, too, and the indentation of the first.
pub(super) fn comment(store: Store, sign: &str, text: &str, place: &Place) -> Result<Zeroizing<String>, Refusal> {
    let blank = if store == Store::Ini { " " } else { "" };
    if !text.contains('\n') {
        return Ok(Zeroizing::new([sign, blank, text].concat()));
    }
    if !place.ends_line || store == Store::Dotenv {
        return Err("a comment on several lines has no place here");
    }
    let mut out = Zeroizing::new(String::new());
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            out.push_str(place.newline);
            out.extend(std::iter::repeat_n(' ', place.column));
        }
        // In INI all lines but the first have kept their signs.
        if number == 0 || store != Store::Ini || !line.starts_with(['#', ';']) {
            out.push_str(sign);
            out.push_str(blank);
        }
        out.push_str(line);
    }
    Ok(out)
}

/// With a fraction or an exponent, since it would be an integer without one.
fn toml_float(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let text = number::general(number, 'e');
    if text.contains(['.', 'e']) { text } else { format!("{text}.0") }
}

fn ini(text: &str, quote: Option<char>) -> Result<String, Refusal> {
    if let Some(quote) = quote
        && !text.contains([quote, '#', ';', '\n', '`', '\\'])
    {
        return Ok(format!("{quote}{text}{quote}"));
    }
    Store::spell_ini(text).map(std::borrow::Cow::into_owned).ok_or("INI as SOPS reads it cannot hold this text")
}

fn column_of(text: &str, at: usize) -> usize {
    let line_start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    text[line_start..at].trim_start_matches('\u{feff}').chars().count()
}
