//! What a conversion changes beside the dialect. Places only: no value is named.

use super::super::document::Document;
use super::Mark;
use crate::document::sops::Store;
use crate::error::Error;
use crate::leaf::LeafKind;

/// What is not as it was: values by their paths, comments by their lines in the plaintext.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// What was encrypted and would be clear. It must not be written so.
    pub exposed: Vec<String>,
    /// Whether the file was encrypted whole, and its keys and structure would be readable.
    pub structure: bool,
    /// What was clear and would be encrypted.
    pub sealed: Vec<String>,
    /// What would come back in another spelling, with the same meaning.
    pub respelled: Vec<String>,
    /// Whether the text around values and comments would come back otherwise: blanks, line breaks, places of comments.
    pub layout: bool,
    /// Values that programs of the other dialect read otherwise from the same text: those of dotenv and INI with quotes or
    /// inline comments.
    pub read_otherwise: Vec<String>,
}

impl Changes {
    /// Compares what is sealed before and after, by the places in `text`.
    pub(super) fn of_marks(text: &[u8], before: &[Mark], after: &[Mark]) -> Self {
        let mut changes = Self::default();
        let mut names = Names::new(text);
        let mut from = 0;
        for new in after {
            // Leaves are in order and do not overlap each other.
            from += before[from..].iter().take_while(|old| old.span.end <= new.span.start).count();
            let old = before[from..].iter().take_while(|old| old.span.start < new.span.end);
            for old in old.filter(|old| !old.is_empty && !new.is_empty && old.is_sealed != new.is_sealed) {
                // The smaller one tells more: a comment in what the other dialect takes for one value.
                let smaller = if new.span.len() < old.span.len() { new } else { old };
                let list = if old.is_sealed { &mut changes.exposed } else { &mut changes.sealed };
                list.push(names.of(smaller));
                list.dedup();
            }
        }
        changes.add_uncovered(text, before, after);
        changes
    }

    /// What one dialect takes for a value may be keys or punctuation for the other, which nobody seals.
    fn add_uncovered(&mut self, text: &[u8], before: &[Mark], after: &[Mark]) {
        let mut names = Names::new(text);
        let mut from = 0;
        for old in before.iter().filter(|old| old.is_sealed && !old.is_empty) {
            from += after[from..].iter().take_while(|new| new.span.end <= old.span.start).count();
            let mut end = old.span.range().start;
            let mut is_covered = true;
            let new = after[from..].iter().take_while(|new| new.span.start < old.span.end);
            for range in new.map(|new| new.span.range()) {
                is_covered &= is_punctuation(&text[end..range.start.max(end)]);
                end = end.max(range.end);
            }
            is_covered &= is_punctuation(&text[end.min(old.span.range().end)..old.span.range().end]);
            if is_covered {
                continue;
            }
            let name = names.of(old);
            if !self.exposed.contains(&name) {
                self.exposed.push(name);
            }
        }
    }

    /// Compares the plaintext with the one that came back. `read` finds the leaves of a text.
    pub(super) fn compare_texts(
        &mut self,
        before: &[u8],
        after: &[u8],
        read: impl Fn(&[u8]) -> Result<Vec<Mark>, Error>,
    ) -> Result<(), Error> {
        if before == after {
            return Ok(());
        }
        let (old, new) = (read(before)?, read(after)?);
        let is_pair = |(old, new): (&Mark, &Mark)| old.path == new.path && old.is_comment == new.is_comment;
        if old.len() != new.len() || !old.iter().zip(&new).all(is_pair) {
            self.layout = true;
            return Ok(());
        }
        let differs = |(old, new): &(&Mark, &Mark)| before[old.span.range()] != after[new.span.range()];
        let mut names = Names::new(before);
        self.respelled = old.iter().zip(&new).filter(differs).map(|(old, _)| names.of(old)).collect();
        self.layout = !around(before, &old).eq(around(after, &new));
        Ok(())
    }
}

/// Whether there is nothing in `piece` but blanks, quotes and the signs of comments.
fn is_punctuation(piece: &[u8]) -> bool {
    piece.iter().all(|byte| byte.is_ascii_whitespace() || b"'\"#;".contains(byte))
}

/// The pieces of `text` between leaves.
fn around<'t>(text: &'t [u8], marks: &'t [Mark]) -> impl Iterator<Item = &'t [u8]> {
    let starts = std::iter::once(0).chain(marks.iter().map(|mark| mark.span.range().end));
    let ends = marks.iter().map(|mark| mark.span.range().start).chain([text.len()]);
    starts.zip(ends).map(|(start, end)| &text[start.min(end)..end])
}

/// What leaves are called. Those of a text come in its order, and so its lines are counted once.
struct Names<'t> {
    text: &'t [u8],
    at: usize,
    line: usize,
}

impl<'t> Names<'t> {
    fn new(text: &'t [u8]) -> Self {
        Self { text, at: 0, line: 1 }
    }

    fn of(&mut self, mark: &Mark) -> String {
        if !mark.is_comment {
            return mark.path.clone();
        }
        let start = mark.span.range().start;
        if start < self.at {
            (self.at, self.line) = (0, 1);
        }
        self.line += self.text[self.at..start].iter().filter(|byte| **byte == b'\n').count();
        self.at = start;
        format!("comment on line {}", self.line)
    }
}

/// The values of dotenv and INI that SOPS and our own reader take for different ones.
pub(super) fn read_otherwise(document: &Document, store: Store) -> Result<Vec<String>, Error> {
    if !matches!(store, Store::Dotenv | Store::Ini) {
        return Ok(Vec::new());
    }
    let text = document.text();
    let is_value = |kind: LeafKind| kind.is_value();
    let theirs: Vec<_> = store.keyed_scan(text)?.scan.leaves.into_iter().filter(|leaf| is_value(leaf.kind)).collect();
    let mut names = Vec::new();
    for leaf in document.scan().leaves.iter().filter(|leaf| is_value(leaf.kind)) {
        let at = theirs.partition_point(|other| other.span.end <= leaf.span.start);
        let same_place = theirs.get(at).filter(|other| other.span.start < leaf.span.end);
        let is_same = match same_place {
            Some(other) => *store.decode(text, other)? == **document.value(leaf)?,
            None => document.value(leaf)?.is_empty(),
        };
        if !is_same {
            names.push(document.path(leaf.path));
        }
    }
    Ok(names)
}
