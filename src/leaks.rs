//! Leaks: values that are to be secret, found in any bytes, in the spellings of programs. A value is compared whole; what
//! is no secret by its look ([`Worth`]) is not looked for.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::fmt;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::redact::{Prefilter, Spelling, spellings_of};

mod boundary;
mod worth;

pub use worth::Worth;

/// Shorter values, in bytes, are not looked for: they would be found everywhere.
pub const MIN_LEN: usize = 8;

/// Shorter values, in bytes, must stand alone: a few digits of a checksum may be the same by chance.
const MIN_LEN_WITHIN: usize = 16;

/// Longer values, in bytes, are looked for as they are only: their spellings would fill the memory.
const MAX_SPELLED_LEN: usize = 64 << 10;

/// Shorter lines of a private key, in bytes, say too little of it.
const MIN_LINE_LEN: usize = 32;

/// Which value was looked for: its number, in the order of [`Values::add`].
pub type Number = usize;

/// The values to look for. Equal ones are one.
#[derive(Default)]
pub struct Values {
    /// By their digests.
    numbers: HashMap<[u8; 32], Number>,
    words: HashSet<Number>,
    patterns: Vec<Pattern>,
}

struct Pattern {
    bytes: Zeroizing<Vec<u8>>,
    value: Number,
    spelling: Spelling,
    /// Whether what stands around it must end it.
    alone: bool,
}

impl Values {
    /// Adds a value with other texts of it, as the one that stands in its file; gives its number if it is one to look for.
    /// `is_key` tells whether a text is the name of something, as the keys of encrypted files are: a mere word then is no
    /// secret.
    pub fn add(&mut self, value: &[u8], others: &[&[u8]], is_key: &dyn Fn(&[u8]) -> bool) -> Option<Number> {
        let worth = Worth::of(value);
        if worth == Worth::Nothing || worth == Worth::Word && is_key(value) {
            return None;
        }
        let value = value.trim_ascii();
        let number = self.numbers.len();
        match self.numbers.entry(Sha256::digest(value).into()) {
            Entry::Occupied(known) => return Some(*known.get()),
            Entry::Vacant(new) => new.insert(number),
        };
        if worth == Worth::Word {
            self.words.insert(number);
        }
        let first = self.patterns.len();
        for text in std::iter::once(value).chain(others.iter().map(|other| other.trim_ascii())) {
            self.spell(text, number, worth);
        }
        self.keep_shortest(first);
        Some(number)
    }

    /// Whether a value is made of words only, which may stand somewhere without anybody's having leaked it.
    #[must_use]
    pub fn is_word(&self, number: Number) -> bool {
        self.words.contains(&number)
    }

    /// How many values there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Whether there is nothing to look for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    fn spell(&mut self, text: &[u8], value: Number, worth: Worth) {
        let is_word = worth == Worth::Word;
        let mut body = private_key(text);
        let first_line = body.next().unwrap_or_default();
        let body: Vec<_> = body.filter(|line| line.len() >= MIN_LINE_LEN && *line != first_line).collect();
        let patterns = &mut self.patterns;
        let mut add = |spelling: Spelling, bytes: Vec<u8>| {
            let bytes = Zeroizing::new(bytes);
            let is_wanted = match spelling {
                Spelling::Plain | Spelling::Percent | Spelling::Json | Spelling::Quoted => true,
                Spelling::Base64 => is_word,
                Spelling::Base64Inside => !is_word,
                // That of two keys may be the same.
                Spelling::Base64Line { first } => !first && bytes.len() > MIN_LINE_LEN,
                Spelling::Line => body.contains(&bytes.as_slice()),
            };
            if is_wanted && bytes.len() >= MIN_LEN {
                let alone = is_word || text.len() < MIN_LEN_WITHIN && spelling != Spelling::Base64Inside;
                patterns.push(Pattern { bytes, value, spelling, alone });
            }
        };
        if text.len() > MAX_SPELLED_LEN {
            add(Spelling::Plain, text.to_vec());
        } else {
            spellings_of(text, &mut add);
        }
    }

    /// Drops those of the patterns from `first` on in which a shorter one stands: it is found wherever they are.
    fn keep_shortest(&mut self, first: usize) {
        let mut new = self.patterns.split_off(first);
        new.sort_by_key(|pattern| pattern.bytes.len());
        for pattern in new {
            let is_known = |known: &Pattern| known.alone <= pattern.alone && contains(&pattern.bytes, &known.bytes);
            if !self.patterns[first..].iter().any(is_known) {
                self.patterns.push(pattern);
            }
        }
    }
}

/// The lines between the first and the last one of a private key (RFC 7468).
fn private_key(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    let inside = lines.skip_while(|line| !line.starts_with(b"-----BEGIN ") || !line.ends_with(b"PRIVATE KEY-----"));
    inside.skip(1).take_while(|line| !line.starts_with(b"-----END "))
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// Looks for all values at once.
pub struct Search {
    filter: Prefilter<MIN_LEN>,
    starts: Starts,
    /// Sorted by their bytes.
    patterns: Vec<Pattern>,
    /// The first bytes of each.
    heads: Vec<u64>,
}

/// A value, found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Which one.
    pub value: Number,
    /// How it is written.
    pub spelling: Spelling,
    /// The line that it begins in, from 1.
    pub line: usize,
}

impl Search {
    /// For all `values`.
    #[must_use]
    pub fn new(values: Values) -> Self {
        let mut patterns = values.patterns;
        patterns.sort_unstable_by(|a, b| a.bytes.cmp(&b.bytes));
        let heads: Vec<_> = patterns.iter().filter_map(|pattern| head(&pattern.bytes)).collect();
        let texts: Vec<_> = patterns.iter().map(|pattern| pattern.bytes.as_slice()).collect();
        Self { filter: Prefilter::new(&texts), starts: Starts::new(&heads), patterns, heads }
    }

    /// The values in `text`, each once for a line, in the order of the lines.
    #[must_use]
    pub fn find(&self, text: &[u8]) -> Vec<Hit> {
        let mut found = Vec::new();
        let mut lines = Lines { text, at: 0, line: 1, hits: 0 };
        let mut at = 0;
        loop {
            at = self.filter.skip(text, at);
            let Some(window) = text.get(at..).filter(|rest| rest.len() >= MIN_LEN) else { return found };
            for (start, head) in window.windows(MIN_LEN).take(Prefilter::<MIN_LEN>::SHIFT).enumerate() {
                if let Some(head) = self::head(head).filter(|&head| self.starts.may_have(head)) {
                    self.compare(text, at + start, head, &mut lines, &mut found);
                }
            }
            at += Prefilter::<MIN_LEN>::SHIFT;
        }
    }

    #[cold]
    fn compare(&self, text: &[u8], start: usize, head: u64, lines: &mut Lines<'_>, found: &mut Vec<Hit>) {
        let first = self.heads.partition_point(|&known| known < head);
        let same = self.heads[first..].iter().take_while(|&&known| known == head).count();
        for pattern in &self.patterns[first..first + same] {
            let is_here = text[start..].starts_with(&pattern.bytes)
                && (!pattern.alone || boundary::is_alone(text, start..start + pattern.bytes.len()));
            if is_here {
                lines.add(Hit { value: pattern.value, spelling: pattern.spelling, line: 0 }, start, found);
            }
        }
    }
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Values({})", self.len())
    }
}

impl fmt::Debug for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Search({} patterns)", self.patterns.len())
    }
}

/// Counts lines from hit to hit.
struct Lines<'t> {
    text: &'t [u8],
    at: usize,
    line: usize,
    /// Where the hits of the line begin.
    hits: usize,
}

impl Lines<'_> {
    /// Adds a hit at `start`, which is behind all others, unless its value was found in this line.
    fn add(&mut self, hit: Hit, start: usize, found: &mut Vec<Hit>) {
        let breaks = self.text[self.at..start].iter().filter(|&&byte| byte == b'\n').count();
        if breaks > 0 {
            self.line += breaks;
            self.hits = found.len();
        }
        self.at = start;
        if found[self.hits..].iter().all(|known| known.value != hit.value) {
            found.push(Hit { line: self.line, ..hit });
        }
    }
}

/// The first bytes of a pattern as a number that sorts as they do.
fn head(bytes: &[u8]) -> Option<u64> {
    bytes.first_chunk().map(|bytes| u64::from_be_bytes(*bytes))
}

/// The heads of all patterns, as a set that may hold a few more.
struct Starts {
    bits: Box<[u64]>,
    shift: u32,
}

impl Starts {
    fn new(heads: &[u64]) -> Self {
        let bits = (heads.len() * 32).max(1).ilog2().clamp(12, 24);
        let mut starts = Self { bits: vec![0; 1 << (bits - 6)].into_boxed_slice(), shift: 64 - bits };
        for &head in heads {
            let number = starts.number(head);
            starts.bits[number / 64] |= 1 << (number % 64);
        }
        starts
    }

    #[inline]
    fn may_have(&self, head: u64) -> bool {
        let number = self.number(head);
        self.bits[number / 64] & 1 << (number % 64) != 0
    }

    #[inline]
    fn number(&self, head: u64) -> usize {
        (head.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> self.shift) as usize
    }
}

#[cfg(test)]
mod tests;
