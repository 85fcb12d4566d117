//! TOML 1.1, of which every text of TOML 1.0 is one with the same meaning.

mod fault;
mod scan;
mod tables;
mod value;

use std::borrow::Cow;

use crate::document::block::newline_of;
use crate::document::{Block, Detached, Format, Layout, Root, Scan, last_line};
use crate::error::{Error, Position, line_breaks};
use crate::leaf::{Leaf, LeafKind};

/// TOML.
///
/// A leaf is a string with its quotes (of all four sorts), a number, a date or a truth value, or a comment; a token takes
/// the place of a value as a string in double quotes. An empty list or inline table is a leaf that spans its opening bracket, and so
/// is a header whose table has nothing in it: white space between brackets means nothing.
///
/// Refused beside broken syntax: keys that stand twice, also by way of dotted keys and headers; the root keys `sops` and
/// `sops-rs`, and lines that begin as the header of a block does, even in a string; and lists of tables whose items do
/// not stand together.
#[derive(Debug)]
pub(crate) struct Toml;

impl Format for Toml {
    fn name(&self) -> &'static str {
        "toml"
    }

    fn claims(&self, file_name: &str) -> bool {
        file_name.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("toml"))
    }

    fn scan(&self, text: &str) -> Result<Scan, Error> {
        let scan = scan::scan(text).map_err(|fault| fault.into_error(text))?;
        match line_starts(text).find(|&at| begins_like_block(&text[at..])) {
            None => Ok(scan),
            Some(at) => Err(Error::syntax(text, at, "a line that begins like metadata cannot be part of a value")),
        }
    }

    fn decode<'t>(&self, text: &'t str, leaf: &Leaf) -> Result<Cow<'t, str>, Error> {
        let start = leaf.span.range().start;
        let no_value = || Error::syntax(text, start, "no value stands here");
        let source = text.get(leaf.span.range()).ok_or_else(no_value)?;
        if leaf.kind == LeafKind::Quoted {
            value::decode_string(source).ok_or_else(no_value)
        } else {
            Ok(source.into())
        }
    }

    fn is_one_leaf(&self, source: &str, leaf: &Leaf) -> bool {
        match leaf.kind {
            LeafKind::Comment => value::is_comment(source),
            kind => kind.is_value() && value::is_scalar(source),
        }
    }

    fn layout(&self, body: &str, _: &Scan) -> Layout {
        last_line::layout(body)
    }

    fn attach(&self, body: &str, layout: Layout, _: Root, key: &str, block: &Block) -> String {
        last_line::attach(body, layout, &block.to_toml(key, newline_of(body)))
    }

    fn detach<'t>(&self, text: &'t str, key: &str) -> Result<Option<Detached<'t>>, Error> {
        let head = format!("[{key}]");
        let is_head = |&at: &usize| {
            let behind = text[at..].strip_prefix(&head);
            behind.is_some_and(|behind| behind.is_empty() || behind.starts_with('\n') || behind.starts_with("\r\n"))
        };
        let Some(start) = line_starts(text).filter(is_head).last() else {
            return match line_starts(text).find(|&at| begins_like_block(&text[at..])) {
                None => Ok(None),
                Some(at) => {
                    let line = Position::of(text, at).line;
                    Err(Error::Metadata { line, what: "the header of the metadata is not spelled as it must be" })
                }
            };
        };
        let (body, block) = text.split_at(start);
        let line = line_breaks(body) + 1;
        let block = Block::from_toml(block, key, line)?;
        Ok(Some(Detached { rest: Cow::Borrowed(body), separate: false, block, line }))
    }

    fn body<'t>(&self, rest: Cow<'t, str>, layout: Layout) -> Result<Cow<'t, str>, Error> {
        last_line::body(rest, layout)
    }
}

/// Where lines begin, as far as they may be the header of a block.
fn line_starts(text: &str) -> impl Iterator<Item = usize> {
    let first = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let brackets = text.match_indices("[sops-rs").map(|(at, _)| at);
    brackets.filter(move |&at| at == first || text.as_bytes()[..at].ends_with(b"\n"))
}

/// Whether a line begins with a header of `sops-rs` and not of a longer key: taking the block off must not depend on what
/// stands in strings.
fn begins_like_block(line: &str) -> bool {
    let behind = line.strip_prefix("[sops-rs");
    behind.is_some_and(|behind| !behind.starts_with(|c: char| c.is_ascii_alphanumeric() || "_-".contains(c)))
}

#[cfg(test)]
mod tests;
