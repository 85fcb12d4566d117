//! The scanner: the parser's events, turned into leaves.

use std::borrow::Cow;
use std::ops::Range;

use toml_parser::decoder::Encoding;
use toml_parser::parser::{EventReceiver, parse_document};
use toml_parser::{ErrorSink, ParseError, Raw, Source};

use super::fault::Fault;
use super::tables::{Part, Tables};
use super::value::check_scalar;
use crate::document::spell::Entry;
use crate::document::{KeyedScan, MAX_NESTING, Root, Scan};
use crate::leaf::{Carrier, Leaf, LeafKind, PathId, PathTree, Span};

/// Finds the leaves of `text`.
pub(super) fn scan(text: &str) -> Result<Scan, Fault> {
    read(text, false).map(Scanner::finish)
}

/// Finds the leaves of `text` and its keys, those of metadata included: the key of each value, and the header of each
/// table that has one.
pub(super) fn keyed_scan(text: &str) -> Result<KeyedScan, Fault> {
    let mut scanner = read(text, true)?;
    let keys = std::mem::take(&mut scanner.keys);
    Ok(KeyedScan { scan: scanner.finish(), keys })
}

/// Where headers, statements and brackets of `text` stand.
pub(super) fn marks(text: &str) -> Result<Marks, Fault> {
    read(text, false).map(|scanner| Marks { headers: scanner.headers, ..scanner.marks })
}

fn read(text: &str, with_metadata: bool) -> Result<Scanner<'_>, Fault> {
    let tokens = Source::new(text).lex().into_vec();
    let mut scanner = Scanner {
        text,
        leaves: Vec::new(),
        tables: Tables::new(with_metadata),
        table: PathTree::ROOT,
        headers: Vec::new(),
        header: None,
        key: Vec::new(),
        value: None,
        open: Vec::new(),
        marks: Marks::default(),
        key_start: 0,
        keys: Vec::new(),
        fault: None,
    };
    let mut broken: Option<ParseError> = None;
    parse_document(&tokens, &mut scanner, &mut broken);
    let broken = broken.as_ref().map(Fault::of_parser);
    // The parser goes on behind an error, so that what was found further down may come of it.
    if let Some(fault) = [broken, scanner.fault.take()].into_iter().flatten().min_by_key(Fault::offset) {
        return Err(fault);
    }
    Ok(scanner)
}

/// Where a text can be changed.
#[derive(Default)]
pub(super) struct Marks {
    /// The tables with headers, and where these begin.
    pub(super) headers: Vec<(PathId, usize)>,
    /// The keys with values that stand in no brackets.
    pub(super) statements: Vec<Statement>,
    /// The lists and inline tables, inner ones first.
    pub(super) brackets: Vec<Bracket>,
}

/// A key and its value.
pub(super) struct Statement {
    /// The table of the header before it.
    pub(super) table: PathId,
    /// The path of the value.
    pub(super) path: PathId,
    /// From the key to the end of the value.
    pub(super) range: Range<usize>,
}

/// A list or an inline table.
pub(super) struct Bracket {
    pub(super) path: PathId,
    /// From bracket to bracket.
    pub(super) range: Range<usize>,
    pub(super) entries: Vec<Entry>,
}

/// `source` as the parser has it: where it stands does not matter.
pub(super) fn raw(source: &str, encoding: Option<Encoding>) -> Raw<'_> {
    Raw::new_unchecked(source, encoding, toml_parser::Span::new_unchecked(0, source.len()))
}

struct Scanner<'t> {
    text: &'t str,
    leaves: Vec<Leaf>,
    tables: Tables<'t>,
    /// The table that the last header opened.
    table: PathId,
    /// The tables with headers, and where these begin.
    headers: Vec<(PathId, usize)>,
    /// The header that is being read: where it begins, and whether it is one of a list.
    header: Option<(usize, bool)>,
    /// The key that is being read.
    key: Vec<Part<'t>>,
    /// The path of the value that has to follow.
    value: Option<PathId>,
    open: Vec<Open>,
    marks: Marks,
    /// Where the key of the value that has to follow begins.
    key_start: usize,
    /// All keys with values, and all headers.
    keys: Vec<(PathId, u32)>,
    /// The first thing that is wrong.
    fault: Option<Fault>,
}

/// A list in brackets, or an inline table, that is not closed yet.
struct Open {
    path: PathId,
    bracket: usize,
    /// How many leaves stand before it.
    leaves: usize,
    /// How many items a list has so far.
    items: Option<u64>,
    entries: Vec<Entry>,
}

impl Scanner<'_> {
    /// Adds the tables that have a header and nothing else.
    fn finish(mut self) -> Scan {
        let empty = self.headers.iter().filter(|(table, _)| self.tables.is_empty(*table));
        let empty: Vec<Leaf> =
            empty.map(|&(table, at)| leaf(at..at + 1, table, LeafKind::EmptyMap, Carrier::Bare)).collect();
        if !empty.is_empty() {
            self.leaves.extend(empty);
            self.leaves.sort_by_key(|leaf| leaf.span.start);
        }
        let root = Root::Map(Span::new(0..self.text.len()));
        Scan { leaves: self.leaves, paths: self.tables.paths, documents: 1, root }
    }

    fn fail(&mut self, fault: Fault) {
        self.fault.get_or_insert(fault);
    }

    /// The value, or nothing when something is wrong with it.
    fn checked<T>(&mut self, result: Result<T, Fault>) -> Option<T> {
        result.map_err(|fault| self.fail(fault)).ok()
    }

    /// The innermost collection around what is being read.
    fn around(&self) -> PathId {
        self.open.last().map_or(self.table, |open| open.path)
    }

    /// The path of the value that begins at `offset`: that of the key before it, or the next item's.
    fn path(&mut self, offset: usize) -> Option<PathId> {
        if let Some(path) = self.value.take() {
            let start = self.key_start;
            match self.open.last_mut() {
                Some(open) => open.entries.push(Entry { start, value: offset, end: offset }),
                None => self.marks.statements.push(Statement { table: self.table, path, range: start..offset }),
            }
            return Some(path);
        }
        let open = self.open.last_mut()?;
        let (list, number) = (open.path, open.items?);
        open.items = Some(number + 1);
        open.entries.push(Entry { start: offset, value: offset, end: offset });
        let item = self.tables.item(list, number, offset);
        self.checked(item)
    }

    fn open(&mut self, offset: usize, is_list: bool) -> bool {
        let Some(path) = self.path(offset) else { return false };
        if self.tables.paths.depth(path) >= MAX_NESTING {
            self.fail(Fault::Nesting { offset });
            return false;
        }
        if !is_list {
            self.tables.open_inline(path);
        }
        let items = is_list.then_some(0);
        self.open.push(Open { path, bracket: offset, leaves: self.leaves.len(), items, entries: Vec::new() });
        true
    }

    /// Notes where a value ends.
    fn end(&mut self, at: usize) {
        match self.open.last_mut().map(|open| open.entries.last_mut()) {
            Some(Some(entry)) => entry.end = at,
            Some(None) => {}
            None => {
                if let Some(statement) = self.marks.statements.last_mut() {
                    statement.range.end = at;
                }
            }
        }
    }

    fn close(&mut self, end: usize) {
        let Some(open) = self.open.pop() else { return };
        if self.tables.is_empty(open.path) {
            let kind = if open.items.is_some() { LeafKind::EmptyList } else { LeafKind::EmptyMap };
            // Comments may stand between the brackets.
            self.leaves.insert(open.leaves, leaf(open.bracket..open.bracket + 1, open.path, kind, Carrier::Bare));
        }
        self.marks.brackets.push(Bracket { path: open.path, range: open.bracket..end, entries: open.entries });
        self.end(end);
    }

    fn close_header(&mut self) {
        let key = std::mem::take(&mut self.key);
        let Some((bracket, is_item)) = self.header.take() else { return };
        let table = self.tables.header(&key, is_item);
        if let Some(table) = self.checked(table) {
            self.table = table;
            self.headers.push((table, bracket));
            self.keys.push((table, Span::new(bracket..bracket).start));
        }
    }
}

impl EventReceiver for Scanner<'_> {
    fn std_table_open(&mut self, span: toml_parser::Span, _: &mut dyn ErrorSink) {
        self.key.clear();
        self.header = Some((span.start(), false));
    }

    fn std_table_close(&mut self, _: toml_parser::Span, _: &mut dyn ErrorSink) {
        self.close_header();
    }

    fn array_table_open(&mut self, span: toml_parser::Span, _: &mut dyn ErrorSink) {
        self.key.clear();
        self.header = Some((span.start(), true));
    }

    fn array_table_close(&mut self, _: toml_parser::Span, _: &mut dyn ErrorSink) {
        self.close_header();
    }

    fn inline_table_open(&mut self, span: toml_parser::Span, _: &mut dyn ErrorSink) -> bool {
        self.open(span.start(), false)
    }

    fn inline_table_close(&mut self, span: toml_parser::Span, _: &mut dyn ErrorSink) {
        self.close(span.end());
    }

    fn array_open(&mut self, span: toml_parser::Span, _: &mut dyn ErrorSink) -> bool {
        self.open(span.start(), true)
    }

    fn array_close(&mut self, span: toml_parser::Span, _: &mut dyn ErrorSink) {
        self.close(span.end());
    }

    fn simple_key(&mut self, span: toml_parser::Span, encoding: Option<Encoding>, error: &mut dyn ErrorSink) {
        let Some(source) = self.text.get(span.start()..span.end()) else { return };
        let mut text = Cow::Borrowed("");
        raw(source, encoding).decode_key(&mut text, &mut |found: ParseError| {
            error.report_error(found.with_unexpected(span));
        });
        self.key.push(Part { text, offset: span.start() });
    }

    fn key_val_sep(&mut self, _: toml_parser::Span, _: &mut dyn ErrorSink) {
        let key = std::mem::take(&mut self.key);
        self.key_start = key.first().map_or(0, |part| part.offset);
        let value = self.tables.value(self.around(), &key);
        self.value = self.checked(value);
        self.keys.extend(self.value.map(|path| (path, Span::new(self.key_start..self.key_start).start)));
    }

    fn scalar(&mut self, span: toml_parser::Span, encoding: Option<Encoding>, error: &mut dyn ErrorSink) {
        let Some(path) = self.path(span.start()) else { return };
        let Some(source) = self.text.get(span.start()..span.end()) else { return };
        check_scalar(source, encoding, span, error);
        let kind = if encoding.is_some() { LeafKind::Quoted } else { LeafKind::Plain };
        self.leaves.push(leaf(span.start()..span.end(), path, kind, Carrier::DoubleQuoted));
        self.end(span.end());
    }

    fn comment(&mut self, span: toml_parser::Span, error: &mut dyn ErrorSink) {
        let Some(source) = self.text.get(span.start()..span.end()) else { return };
        raw(source, None).decode_comment(&mut |found: ParseError| error.report_error(found.with_unexpected(span)));
        let path = self.around();
        self.leaves.push(leaf(span.start()..span.end(), path, LeafKind::Comment, Carrier::Comment(b'#')));
    }

    fn newline(&mut self, span: toml_parser::Span, error: &mut dyn ErrorSink) {
        let Some(source) = self.text.get(span.start()..span.end()) else { return };
        raw(source, None).decode_newline(&mut |found: ParseError| error.report_error(found.with_unexpected(span)));
    }
}

fn leaf(span: std::ops::Range<usize>, path: PathId, kind: LeafKind, carrier: Carrier) -> Leaf {
    Leaf { span: Span::new(span), path, kind, carrier, indent: 0 }
}
