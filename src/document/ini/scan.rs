//! The scanner: line by line.

use std::collections::{HashMap, HashSet};

use super::{SIGNS, value};
use crate::document::block::RESERVED_KEYS;
use crate::document::lines::{BLANKS, Bad, behind_break, end_of_comment, end_of_line, skip_blanks};
use crate::document::{Root, Scan, at_end};
use crate::error::{Error, Position};
use crate::leaf::{Carrier, Leaf, LeafKind, PathId, PathTree, Segment, Span};

/// Characters that no key has: they are what other syntaxes are made of, so that a file of one of those is not taken for
/// INI with its secrets in keys.
const NO_KEY: &[char] = &['"', '\'', '`', '{', '}', '<', '>', ';', '#', '\\'];

/// Finds the leaves of `text`.
pub(super) fn scan(text: &str) -> Result<Scan, Error> {
    let mut scanner = Scanner {
        text,
        leaves: Vec::new(),
        paths: PathTree::default(),
        repeated: repeated_sections(text),
        sections: HashMap::new(),
        last: "",
        section: PathTree::ROOT,
        headers: Vec::new(),
        keys: HashSet::new(),
        key_indent: None,
    };
    let mut line = if text.starts_with('\u{feff}') { 3 } else { 0 };
    while line < text.len() {
        line = scanner.line(line)?;
    }
    at_end::refuse_headers(text)?;
    Ok(scanner.finish())
}

/// The names of the sections that stand more than once.
fn repeated_sections(text: &str) -> HashSet<&str> {
    let mut seen = HashSet::new();
    let headers = text.lines().filter_map(|line| {
        let inside = line.trim_start_matches('\u{feff}').trim_start_matches(BLANKS).strip_prefix('[')?;
        inside.split_once(']').map(|(name, _)| name)
    });
    headers.filter(|name| !seen.insert(*name)).collect()
}

/// A section by name.
#[derive(Clone, Copy)]
enum Found {
    /// A key at the root has the name.
    Key,
    Section,
    /// A list, with this many items so far.
    List(PathId, u64),
}

struct Scanner<'t> {
    text: &'t str,
    leaves: Vec<Leaf>,
    paths: PathTree,
    repeated: HashSet<&'t str>,
    /// What stands at the root.
    sections: HashMap<&'t str, Found>,
    /// The name of the section around the line.
    last: &'t str,
    section: PathId,
    /// The sections, where their headers begin, and whether they have no entry.
    headers: Vec<(PathId, usize, bool)>,
    /// The keys of the section so far.
    keys: HashSet<&'t str>,
    /// How deep the key above is indented.
    key_indent: Option<usize>,
}

impl<'t> Scanner<'t> {
    /// Adds the sections without entries.
    fn finish(mut self) -> Scan {
        let empty = self.headers.iter().filter(|(.., is_empty)| *is_empty);
        self.leaves.extend(empty.map(|&(path, at, _)| leaf(at..at + 1, path, LeafKind::EmptyMap, Carrier::Bare)));
        self.leaves.sort_by_key(|leaf| leaf.span.start);
        Scan { leaves: self.leaves, paths: self.paths, documents: 1, root: Root::Map(Span::new(0..self.text.len())) }
    }

    /// Reads what begins on the line at `start`. The offset of the line behind it.
    fn line(&mut self, start: usize) -> Result<usize, Error> {
        let text = self.text;
        let end = end_of_line(text, start).map_err(|bad| bad.into_error(text))?;
        let at = skip_blanks(text, start);
        if at >= end {
            return Ok(behind_break(text, end));
        }
        let line = &text[at..end];
        if line.starts_with(['#', ';']) {
            return self.comment(at);
        }
        if self.key_indent.is_some_and(|indent| at - start > indent) {
            let what = "this line is indented deeper than the key above, but does not follow it: readers disagree about what it is";
            return Err(Error::syntax(text, at, what));
        }
        if line.starts_with('[') {
            return self.header(at, end);
        }
        self.entry(start, at, end)
    }

    fn comment(&mut self, start: usize) -> Result<usize, Error> {
        let end = end_of_comment(self.text, start, SIGNS).map_err(|bad| bad.into_error(self.text))?;
        let sign = self.text.as_bytes()[start];
        self.leaves.push(leaf(start..end, self.section, LeafKind::Comment, Carrier::Comment(sign)));
        Ok(behind_break(self.text, end))
    }

    /// Reads `[name]` and a comment behind it.
    fn header(&mut self, at: usize, end: usize) -> Result<usize, Error> {
        let text = self.text;
        let bad = |what| Err(Error::syntax(text, at, what));
        let Some((name, behind)) = text[at + 1..end].split_once(']') else {
            return bad("the header of the section is not closed");
        };
        let comment = skip_blanks(text, end - behind.len());
        let has_comment = comment < end && SIGNS.contains(&text.as_bytes()[comment]);
        if name.is_empty() || name.contains('[') || (comment < end && !has_comment) {
            return bad("expected the header of a section, with nothing behind it but a comment");
        }
        if RESERVED_KEYS.contains(&name.trim_matches(BLANKS)) {
            return bad("this section is reserved for metadata");
        }
        if !is_safe_behind_header(&text[comment..end]) {
            return bad("a comment behind a header must not hold `]`: some readers take the name to go on up to there");
        }
        self.section = self.enter(name, at)?;
        self.last = name;
        self.headers.push((self.section, at, true));
        self.keys.clear();
        self.key_indent = None;
        if has_comment { self.comment(comment) } else { Ok(behind_break(text, end)) }
    }

    /// The path of the section `name`, which begins at `at`.
    fn enter(&mut self, name: &'t str, at: usize) -> Result<PathId, Error> {
        let key = Segment::Key { text: name, quoted: false };
        let (list, number) = match self.sections.get(name) {
            Some(Found::Key | Found::Section) => return Err(self.duplicate(name, at)),
            Some(&Found::List(list, number)) => {
                // Links place a leaf by what it shares with the leaf before it. Behind one of another section nothing
                // would tell a further item from more of the last one.
                if self.last != name {
                    let what = "sections of one name must stand together, with no other section between them";
                    return Err(Error::syntax(self.text, at, what));
                }
                (list, number)
            }
            None => {
                let path = self.paths.child(PathTree::ROOT, key);
                if !self.repeated.contains(name) {
                    self.sections.insert(name, Found::Section);
                    return Ok(path);
                }
                (path, 0)
            }
        };
        self.sections.insert(name, Found::List(list, number + 1));
        Ok(self.paths.child(list, Segment::Index(number)))
    }

    /// Reads `key = value` or a key alone.
    fn entry(&mut self, start: usize, at: usize, end: usize) -> Result<usize, Error> {
        let text = self.text;
        let line = &text[at..end];
        let (key, has_value) = match line.split_once(['=', ':']) {
            Some((key, _)) => (key, true),
            None => (line, false),
        };
        let delimiter = at + key.len();
        let key = key.trim_end_matches(BLANKS);
        let path = self.key(key, at, has_value)?;
        if let Some((.., is_empty)) = self.headers.last_mut() {
            *is_empty = false;
        }
        self.key_indent = Some(at - start);
        if !has_value {
            let behind = at + key.len();
            self.leaves.push(leaf(behind..behind, path, LeafKind::NoValue, Carrier::Bare));
            return Ok(behind_break(text, end));
        }
        let begin = skip_blanks(text, delimiter + 1).min(end);
        let found = value::find(text, begin, at - start).map_err(|bad: Bad| bad.into_error(text))?;
        self.leaves.push(leaf(found.span.range(), path, found.kind, found.carrier));
        Ok(behind_break(text, found.end))
    }

    fn key(&mut self, key: &'t str, at: usize, has_value: bool) -> Result<PathId, Error> {
        // A key alone may be a line of a value that this scanner does not know to be one.
        let is_word = |key: &str| key.chars().all(|c| c.is_alphanumeric() || "_.-".contains(c));
        if key.is_empty() || key.contains(NO_KEY) || !(has_value || is_word(key)) {
            return Err(Error::syntax(
                self.text,
                at,
                "expected `key = value`; a file that is no INI is encrypted with --input-type binary",
            ));
        }
        if self.section == PathTree::ROOT {
            if RESERVED_KEYS.contains(&key) {
                return Err(Error::syntax(self.text, at, "this key is reserved for metadata"));
            }
            self.sections.insert(key, Found::Key);
        }
        if !self.keys.insert(key) {
            return Err(self.duplicate(key, at));
        }
        Ok(self.paths.child(self.section, Segment::Key { text: key, quoted: false }))
    }

    fn duplicate(&self, key: &str, at: usize) -> Error {
        Error::DuplicateKey { at: Position::of(self.text, at), key: key.escape_debug().to_string() }
    }
}

/// Whether no reader takes a part of this comment for the name of the section, as Python's configparser does up to the last
/// bracket. A token has one at its end, and what it opens to is looked at again.
fn is_safe_behind_header(comment: &str) -> bool {
    let token = comment.get(1..).and_then(|rest| rest.strip_prefix(" ENC[1:")?.strip_suffix(']'));
    !token.unwrap_or(comment).contains(']')
}

fn leaf(span: std::ops::Range<usize>, path: PathId, kind: LeafKind, carrier: Carrier) -> Leaf {
    Leaf { span: Span::new(span), path, kind, carrier, indent: 0 }
}
