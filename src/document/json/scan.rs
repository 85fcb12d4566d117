//! The scanner: RFC 8259 to the letter, without recursion, every byte accounted for.

use std::borrow::Cow;

use super::string;
use crate::document::block::RESERVED_KEYS;
use crate::document::{KeyedScan, MAX_NESTING, Root, Scan};
use crate::error::{Error, Position};
use crate::leaf::{Carrier, Leaf, LeafKind, PathId, PathTree, Segment, Span};

/// Why a text is refused. Places are offsets here: finding their lines costs a pass, worth it for the one error that
/// is shown.
#[derive(Debug)]
pub(super) enum Fault {
    Duplicate { offset: usize, key: String },
    Nesting { offset: usize },
    Reserved { offset: usize, key: &'static str },
    Syntax { offset: usize, what: &'static str },
}

impl Fault {
    pub(super) fn into_error(self, text: &str) -> Error {
        match self {
            Self::Duplicate { offset, key } => {
                Error::DuplicateKey { at: Position::of(text, offset), key: key.escape_debug().to_string() }
            }
            Self::Nesting { offset } => Error::Limit {
                what: "the nesting of maps and lists",
                limit: MAX_NESTING as u64,
                at: Some(Position::of(text, offset)),
            },
            Self::Reserved { offset, .. } => {
                Error::syntax(text, offset, "this key is reserved for metadata and cannot stand at the root")
            }
            Self::Syntax { offset, what } => Error::syntax(text, offset, what),
        }
    }
}

/// Finds the leaves of `text`.
pub(super) fn scan(text: &str) -> Result<Scan, Fault> {
    run(text, None)
}

/// Finds the leaves of `text` and its keys: those of metadata, and those that stand twice in one map, included.
pub(super) fn keyed_scan(text: &str) -> Result<KeyedScan, Fault> {
    let mut keys = Vec::new();
    let scan = run(text, Some(&mut keys))?;
    Ok(KeyedScan { scan, keys })
}

fn run(text: &str, all_keys: Option<&mut Vec<(PathId, u32)>>) -> Result<Scan, Fault> {
    let mut scanner = Scanner {
        text,
        at: if text.starts_with('\u{feff}') { 3 } else { 0 },
        leaves: Vec::with_capacity(text.len() / 64),
        paths: PathTree::default(),
        open: Vec::new(),
        keys: Vec::new(),
        all_keys,
    };
    scanner.skip_blank();
    let start = scanner.at;
    let is_map = scanner.peek() == Some(b'{');
    scanner.root()?;
    let span = Span::new(start..scanner.at);
    scanner.skip_blank();
    if scanner.at != text.len() {
        return Err(scanner.fault("expected the end of the text"));
    }
    let root = if is_map { Root::Map(span) } else { Root::Other(span) };
    Ok(Scan { leaves: scanner.leaves, paths: scanner.paths, documents: 1, root })
}

/// The offset behind the number, string or literal that begins at `start`, and its kind.
pub(super) fn end_of_scalar(text: &str, start: usize) -> Result<(usize, LeafKind), Fault> {
    let bytes = text.as_bytes();
    let literal = match bytes.get(start) {
        Some(b'"') => {
            return match string::end_of(bytes, start) {
                Ok(end) => Ok((end, LeafKind::Quoted)),
                Err(bad) => Err(Fault::Syntax { offset: bad.offset, what: bad.what }),
            };
        }
        Some(b'-' | b'0'..=b'9') => {
            return match end_of_number(bytes, start) {
                Some(end) => Ok((end, LeafKind::Plain)),
                None => Err(Fault::Syntax { offset: start, what: "not a number as JSON has it" }),
            };
        }
        Some(b't') => "true",
        Some(b'f') => "false",
        Some(b'n') => "null",
        _ => "",
    };
    let end = start + literal.len();
    if literal.is_empty() || bytes.get(start..end) != Some(literal.as_bytes()) {
        return Err(Fault::Syntax { offset: start, what: "expected a value" });
    }
    Ok((end, LeafKind::Plain))
}

fn end_of_number(bytes: &[u8], start: usize) -> Option<usize> {
    let digits = |from: usize| {
        let count = bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
        (count > 0).then_some(from + count)
    };
    let first = start + usize::from(bytes.get(start) == Some(&b'-'));
    let mut end = digits(first)?;
    if bytes[first] == b'0' {
        // A further digit is left for the caller to stumble over.
        end = first + 1;
    }
    if bytes.get(end) == Some(&b'.') {
        end = digits(end + 1)?;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = matches!(bytes.get(end + 1), Some(b'+' | b'-'));
        end = digits(end + 1 + usize::from(sign))?;
    }
    Some(end)
}

struct Scanner<'t, 'k> {
    text: &'t str,
    at: usize,
    leaves: Vec<Leaf>,
    paths: PathTree,
    open: Vec<Open>,
    /// The keys of all open maps with their offsets, those of the innermost one last.
    keys: Vec<(Cow<'t, str>, usize)>,
    /// All keys with their offsets, where a keyed scan is wanted.
    all_keys: Option<&'k mut Vec<(PathId, u32)>>,
}

/// A map or list that is not closed yet.
struct Open {
    path: PathId,
    items: Items,
}

enum Items {
    /// Where the map's keys begin in [`Scanner::keys`].
    Keys(usize),
    /// How many items the list has so far.
    Count(u64),
}

impl Scanner<'_, '_> {
    /// Reads one value of any size.
    fn root(&mut self) -> Result<(), Fault> {
        let mut path = Some(PathTree::ROOT);
        loop {
            path = match path {
                Some(path) => self.value(path)?,
                None if self.open.is_empty() => return Ok(()),
                None => self.behind_value()?,
            };
        }
    }

    /// Reads the value at `path`; of a map or list only as much as its bracket and first key. The path of the next
    /// value, if one follows immediately.
    fn value(&mut self, path: PathId) -> Result<Option<PathId>, Fault> {
        let (kind, close) = match self.peek() {
            Some(b'{') => (LeafKind::EmptyMap, b'}'),
            Some(b'[') => (LeafKind::EmptyList, b']'),
            _ => {
                let (end, kind) = end_of_scalar(self.text, self.at)?;
                self.leaf(self.at..end, path, kind);
                self.at = end;
                return Ok(None);
            }
        };
        if self.open.len() == MAX_NESTING {
            return Err(Fault::Nesting { offset: self.at });
        }
        let bracket = self.at;
        self.at += 1;
        self.skip_blank();
        if self.peek() == Some(close) {
            self.at += 1;
            self.leaf(bracket..bracket + 1, path, kind);
            return Ok(None);
        }
        let is_map = kind == LeafKind::EmptyMap;
        let items = if is_map { Items::Keys(self.keys.len()) } else { Items::Count(1) };
        self.open.push(Open { path, items });
        if is_map {
            return self.key(path).map(Some);
        }
        Ok(Some(self.paths.child(path, Segment::Index(0))))
    }

    /// Reads what follows a value in a map or list: a comma and all before the next value, or the bracket at the end.
    fn behind_value(&mut self) -> Result<Option<PathId>, Fault> {
        self.skip_blank();
        let byte = self.peek();
        let Some(open) = self.open.last_mut() else { return Ok(None) };
        let path = open.path;
        let next = match (&mut open.items, byte) {
            (Items::Keys(_), Some(b',')) => None,
            (Items::Count(count), Some(b',')) => {
                *count += 1;
                Some(*count - 1)
            }
            (&mut Items::Keys(first), Some(b'}')) => {
                self.check_keys(first)?;
                self.open.pop();
                self.at += 1;
                return Ok(None);
            }
            (Items::Count(_), Some(b']')) => {
                self.open.pop();
                self.at += 1;
                return Ok(None);
            }
            (Items::Keys(_), _) => return Err(self.fault("expected `,` or `}`")),
            (Items::Count(_), _) => return Err(self.fault("expected `,` or `]`")),
        };
        self.at += 1;
        self.skip_blank();
        match next {
            None => self.key(path).map(Some),
            Some(index) => Ok(Some(self.paths.child(path, Segment::Index(index)))),
        }
    }

    /// Reads a key of the map at `path`, up to the value behind it.
    fn key(&mut self, path: PathId) -> Result<PathId, Fault> {
        let offset = self.at;
        if self.peek() != Some(b'"') {
            return Err(self.fault("expected a key in double quotes"));
        }
        let text = self.text;
        let end = string::end_of(text.as_bytes(), offset)
            .map_err(|bad| Fault::Syntax { offset: bad.offset, what: bad.what })?;
        let Some(key) = string::decode(&text[offset..end]) else {
            return Err(self.fault("a key with a lone surrogate cannot be a path"));
        };
        if self.all_keys.is_none()
            && path == PathTree::ROOT
            && self.open.len() == 1
            && let Some(key) = RESERVED_KEYS.into_iter().find(|reserved| *reserved == key)
        {
            return Err(Fault::Reserved { offset, key });
        }
        self.at = end;
        self.skip_blank();
        if self.peek() != Some(b':') {
            return Err(self.fault("expected `:`"));
        }
        self.at += 1;
        self.skip_blank();
        let child = self.paths.child(path, Segment::Key { text: &key, quoted: true });
        match &mut self.all_keys {
            Some(all_keys) => all_keys.push((child, Span::new(offset..offset).start)),
            None => self.keys.push((key, offset)),
        }
        Ok(child)
    }

    /// Refuses a key that stands twice among those from `first` on, and forgets them. Sorting keeps this fast for
    /// whatever number of keys a map has.
    fn check_keys(&mut self, first: usize) -> Result<(), Fault> {
        self.keys[first..].sort_unstable();
        let twice = self.keys[first..].windows(2).filter(|pair| pair[0].0 == pair[1].0).min_by_key(|pair| pair[1].1);
        if let Some([_, (key, offset)]) = twice {
            return Err(Fault::Duplicate { offset: *offset, key: key.clone().into_owned() });
        }
        self.keys.truncate(first);
        Ok(())
    }

    fn leaf(&mut self, span: std::ops::Range<usize>, path: PathId, kind: LeafKind) {
        let span = Span::new(span);
        self.leaves.push(Leaf { span, path, kind, carrier: Carrier::DoubleQuoted, indent: 0 });
    }

    fn fault(&self, what: &'static str) -> Fault {
        Fault::Syntax { offset: self.at, what }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_blank(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }
}
