//! Dotenv: `KEY=value` lines. There is no one grammar; this reads what every common reader takes the same way, and
//! refuses where a mistake about where a value ends could leak it.

mod decode;
mod spell;
mod value;

use std::borrow::Cow;

use crate::document::block::newline_of;
use crate::document::lines::{BLANKS, behind_break, end_of_comment, end_of_line, skip_blanks};
use crate::document::{Block, Detached, Edit, Format, Layout, Place, Root, Scan, Value, at_end};
use crate::error::{Error, Position};
use crate::leaf::{Carrier, Leaf, LeafKind, PathId, PathTree, Segment, Span};

/// What metadata lines begin with, here and in SOPS; no line of a plaintext may.
const RESERVED_PREFIX: &str = "sops_rs__";
/// The two fields that every file of SOPS has.
const RESERVED_KEYS: [&str; 2] = ["sops_version", "sops_mac"];

/// Dotenv.
///
/// A line is blank, a comment (`#` first), `KEY=value`, or `KEY` alone, which other programs take from their own
/// environment; `export` may stand before a key. Keys consist of letters and digits (of any script, as
/// phpdotenv has it), `_`, `.` and `-`, and each stands once. Lines end with LF or CRLF.
///
/// A value in quotes (`"`, `'` or backticks) is a leaf from quote to quote; it may span lines, and only blanks and a
/// comment (a blank before its `#`) may follow. A quote that is not closed on its line, nor by a line that ends so, is
/// refused: readers disagree about it, and where it ends would depend on values further down. Every other value is
/// a leaf from right behind the `=` to the end of its line, blanks and inline comment included: some readers take
/// them for a part of it.
///
/// Also refused: comments that end in a backslash (systemd goes on reading the next line), `sops_version`, `sops_mac`
/// and every line that begins with `sops_rs__`, even inside of quotes.
#[derive(Debug)]
pub(crate) struct Dotenv;

impl Format for Dotenv {
    fn name(&self) -> &'static str {
        "dotenv"
    }

    fn claims(&self, file_name: &str) -> bool {
        // Names as `.env.json` are asked about only when the format of their extension has not claimed them.
        file_name.ends_with(".env") || file_name.starts_with(".env.")
    }

    fn scan(&self, text: &str) -> Result<Scan, Error> {
        let mut scanner = Scanner { text, leaves: Vec::new(), paths: PathTree::default(), keys: Vec::new() };
        let mut line = if text.starts_with('\u{feff}') { 3 } else { 0 };
        while line < text.len() {
            line = scanner.line(line)?;
        }
        scanner.check_keys()?;
        at_end::refuse_lines(text, RESERVED_PREFIX)?;
        let root = Root::Map(Span::new(0..text.len()));
        Ok(Scan { leaves: scanner.leaves, paths: scanner.paths, documents: 1, root })
    }

    fn decode<'t>(&self, text: &'t str, leaf: &Leaf) -> Result<Cow<'t, str>, Error> {
        let source = text
            .get(leaf.span.range())
            .ok_or_else(|| Error::syntax(text, leaf.span.range().start, "no value stands here"))?;
        Ok(match leaf.kind {
            LeafKind::Plain => Cow::Borrowed(decode::bare(source)),
            LeafKind::Quoted => decode::quoted(source.trim_start_matches(BLANKS)),
            _ => Cow::Borrowed(source),
        })
    }

    /// The source: some readers interpolate in double quotes and not in single ones, and some take blanks and an inline
    /// comment for a part of the value, so that a change of either is a change of the value.
    fn pinned<'t>(&self, text: &'t str, leaf: &Leaf) -> Result<Cow<'t, str>, Error> {
        let start = leaf.span.range().start;
        let source = text.get(leaf.span.range()).ok_or_else(|| Error::syntax(text, start, "no value stands here"))?;
        Ok(Cow::Borrowed(source))
    }

    fn is_one_leaf(&self, source: &str, leaf: &Leaf) -> bool {
        if leaf.kind == LeafKind::Comment {
            return end_of_comment(source, 0, b"#") == Ok(source.len());
        }
        let Ok(found) = value::find(source, 0) else { return false };
        // Where blanks or a comment stand around the place, only quotes keep them apart from the value.
        let fits = leaf.carrier == Carrier::Bare || found.kind == LeafKind::Quoted;
        leaf.kind.is_value() && fits && found.kind.is_value() && found.span == Span::new(0..source.len())
    }

    fn spell(&self, text: &str, scan: &Scan, place: Place<'_>, value: &Value) -> Result<Edit, Error> {
        spell::spell(text, scan, place, value)
    }

    fn remove(&self, text: &str, scan: &Scan, path: PathId) -> Result<Edit, Error> {
        spell::remove(text, scan, path)
    }

    fn layout(&self, body: &str, _: &Scan) -> Layout {
        at_end::layout(body)
    }

    fn attach(&self, body: &str, layout: Layout, _: Root, key: &str, block: &Block) -> String {
        at_end::attach(body, layout, &block.to_flat(key, newline_of(body)))
    }

    fn detach<'t>(&self, text: &'t str, key: &str) -> Result<Option<Detached<'t>>, Error> {
        at_end::detach_flat(text, key)
    }

    fn body<'t>(&self, rest: Cow<'t, str>, layout: Layout) -> Result<Cow<'t, str>, Error> {
        at_end::body(rest, layout)
    }
}

struct Scanner<'t> {
    text: &'t str,
    leaves: Vec<Leaf>,
    paths: PathTree,
    /// The keys and their offsets.
    keys: Vec<(&'t str, usize)>,
}

impl<'t> Scanner<'t> {
    /// Reads what begins on the line at `start`. The offset of the line behind it.
    fn line(&mut self, start: usize) -> Result<usize, Error> {
        let text = self.text;
        let end = end_of_line(text, start).map_err(|bad| bad.into_error(text))?;
        let mut at = skip_blanks(text, start);
        if at == end {
            return Ok(behind_break(text, end));
        }
        if text[at..end].starts_with('#') {
            return self.comment(at);
        }
        let line = &text[at..end];
        let exported = line.strip_prefix("export").map(|rest| rest.trim_start_matches(BLANKS));
        if let Some(rest) = exported
            && !rest.is_empty()
            && !rest.starts_with('=')
            && line.as_bytes().get(6).is_some_and(|b| b" \t".contains(b))
        {
            at = end - rest.len();
        }
        let (key, has_value) = match text[at..end].split_once('=') {
            Some((key, _)) => (key, true),
            None => (&text[at..end], false),
        };
        let equals = at + key.len();
        let path = self.key(key.trim_end_matches(BLANKS), at)?;
        if !has_value {
            let behind = at + key.trim_end_matches(BLANKS).len();
            self.leaf(Span::new(behind..behind), path, LeafKind::NoValue, Carrier::Bare);
            return Ok(behind_break(text, end));
        }
        let found = value::find(text, equals + 1).map_err(|bad| bad.into_error(text))?;
        self.leaf(found.span, path, found.kind, found.carrier);
        match found.comment {
            Some(comment) => self.comment(comment),
            None => Ok(behind_break(text, found.end)),
        }
    }

    fn comment(&mut self, start: usize) -> Result<usize, Error> {
        let end = end_of_comment(self.text, start, b"#").map_err(|bad| bad.into_error(self.text))?;
        self.leaf(Span::new(start..end), PathTree::ROOT, LeafKind::Comment, Carrier::Comment(b'#'));
        Ok(behind_break(self.text, end))
    }

    fn key(&mut self, key: &'t str, at: usize) -> Result<PathId, Error> {
        if key.is_empty() || !key.chars().all(is_key_character) {
            return Err(Error::syntax(self.text, at, "expected KEY=value"));
        }
        if key.starts_with(RESERVED_PREFIX) || RESERVED_KEYS.contains(&key) {
            return Err(Error::syntax(self.text, at, "this key is reserved for metadata"));
        }
        self.keys.push((key, at));
        Ok(self.paths.child(PathTree::ROOT, Segment::Key { text: key, quoted: false }))
    }

    /// Refuses a key that stands twice: readers differ in which one they take.
    fn check_keys(&mut self) -> Result<(), Error> {
        self.keys.sort_unstable();
        match self.keys.windows(2).filter(|pair| pair[0].0 == pair[1].0).min_by_key(|pair| pair[1].1) {
            Some([_, (key, at)]) => {
                Err(Error::DuplicateKey { at: Position::of(self.text, *at), key: (*key).to_owned() })
            }
            _ => Ok(()),
        }
    }

    fn leaf(&mut self, span: Span, path: PathId, kind: LeafKind, carrier: Carrier) {
        self.leaves.push(Leaf { span, path, kind, carrier, indent: 0 });
    }
}

fn is_key_character(c: char) -> bool {
    c.is_alphanumeric() || "_.-".contains(c)
}

#[cfg(test)]
mod tests;
