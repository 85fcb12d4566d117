//! Redaction: secrets in a stream of bytes become [`MARK`], however the stream is cut.
//!
//! A secret is found in the spellings that programs commonly print: as it is, each of its lines, in base64, with
//! percent-encoding, as a JSON or shell string. What a program computes from a secret is not found.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use aho_corasick::automaton::{Automaton, StateID};
use aho_corasick::{Anchored, dfa, nfa};
use zeroize::Zeroizing;

mod prefilter;
mod spellings;

pub(crate) use prefilter::Prefilter;
pub use spellings::Spelling;
pub(crate) use spellings::of as spellings_of;

/// Stands in the place of secrets; one mark for all that overlap or touch.
pub const MARK: &[u8] = b"***";

/// Shorter secrets, in bytes, are not looked for: they would be found everywhere.
pub const MIN_LEN: usize = 6;

/// Longer spellings are recognised by their first so many bytes, which bounds automaton and delay.
const HEAD_LEN: usize = 64;

/// The dense automaton takes about half a kilobyte for a byte of the heads; up to this many bytes it is worth that.
const MAX_DENSE_LEN: usize = 1 << 14;

/// The secrets that are looked for, in all their spellings. It may serve several streams.
pub struct Patterns {
    automaton: Kind,
    prefilter: Prefilter<MIN_LEN>,
    /// Sorted, each once.
    spellings: Vec<Zeroizing<Vec<u8>>>,
}

enum Kind {
    Dense(dfa::DFA),
    Sparse(nfa::contiguous::NFA),
}

impl Patterns {
    /// Looks for `secrets` of at least [`MIN_LEN`] bytes. Of a spelling that is longer than 64 bytes also a beginning of at
    /// least that length is found.
    ///
    /// # Errors
    /// What is wrong, when they are more than an automaton holds: some hundred megabytes.
    pub fn new<'s>(secrets: impl IntoIterator<Item = &'s [u8]>) -> Result<Self, &'static str> {
        let mut spellings: Vec<Zeroizing<Vec<u8>>> = Vec::new();
        for secret in secrets.into_iter().filter(|secret| secret.len() >= MIN_LEN) {
            let first = spellings.len();
            spellings::of(secret, &mut |kind, spelling| {
                let spelling = Zeroizing::new(spelling);
                // Most of them are the text itself; of lines there may be too many to compare.
                let is_new = || kind == Spelling::Line || !spellings[first..].contains(&spelling);
                if spelling.len() >= MIN_LEN && is_new() {
                    spellings.push(spelling);
                }
            });
        }
        spellings.sort_unstable_by(|a, b| a.as_slice().cmp(b.as_slice()));
        spellings.dedup();
        let heads: Vec<&[u8]> = spellings.iter().map(|spelling| head(spelling)).collect();
        let automaton = if heads.iter().map(|head| head.len()).sum::<usize>() <= MAX_DENSE_LEN {
            dfa::Builder::new().prefilter(false).build(&heads).map(Kind::Dense)
        } else {
            nfa::contiguous::Builder::new().prefilter(false).build(&heads).map(Kind::Sparse)
        };
        let automaton = automaton.map_err(|_| "there are more secrets than can be looked for")?;
        let prefilter = Prefilter::new(&heads);
        Ok(Self { automaton, prefilter, spellings })
    }

    fn start(&self) -> StateID {
        match &self.automaton {
            Kind::Dense(automaton) => start(automaton),
            Kind::Sparse(automaton) => start(automaton),
        }
    }

    /// How many of the last bytes of `text` may be the beginning of a spelling that goes on.
    fn open(&self, text: &[u8]) -> usize {
        let lens = 1..HEAD_LEN.min(text.len() + 1);
        lens.rev().find(|len| self.goes_on(&text[text.len() - len..])).unwrap_or_default()
    }

    /// Whether a spelling begins so, and is longer.
    fn goes_on(&self, beginning: &[u8]) -> bool {
        let first = self.spellings.partition_point(|spelling| spelling.as_slice() < beginning);
        // The first one may be no longer; all that are come right behind it.
        let mut candidates = self.spellings[first..].iter().take(2);
        candidates.any(|spelling| spelling.len() > beginning.len() && spelling.starts_with(beginning))
    }
}

impl fmt::Debug for Patterns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Patterns({} spellings)", self.spellings.len())
    }
}

fn head(spelling: &[u8]) -> &[u8] {
    &spelling[..spelling.len().min(HEAD_LEN)]
}

fn start(automaton: &impl Automaton) -> StateID {
    automaton.start_state(Anchored::No).expect("these automata are built for searches from anywhere")
}

/// Redacts one stream.
///
/// What may be the beginning of a secret is held back until more comes, or the end; everything else passes at once.
pub struct Redactor {
    patterns: Arc<Patterns>,
    state: StateID,
    /// What was not yet passed on.
    held: Zeroizing<Vec<u8>>,
    /// What is to be redacted of it.
    found: Vec<Range<usize>>,
    /// When the last thing passed on is a mark: how much of `held` it covers.
    covered: Option<usize>,
    followed: Vec<Followed>,
}

/// A long spelling whose head was found, and which goes on as far as the stream does.
struct Followed {
    spelling: usize,
    seen: usize,
}

impl Redactor {
    /// A redactor at the beginning of a stream.
    #[must_use]
    pub fn new(patterns: Arc<Patterns>) -> Self {
        let state = patterns.start();
        let held = Zeroizing::new(Vec::new());
        Self { patterns, state, held, found: Vec::new(), covered: None, followed: Vec::new() }
    }

    /// Takes the next bytes of the stream, and appends to `out` what can be passed on.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let before = self.held.len();
        self.hold(bytes);
        let followed = std::mem::take(&mut self.followed);
        followed.into_iter().for_each(|followed| self.follow(followed, before));
        let patterns = Arc::clone(&self.patterns);
        match &patterns.automaton {
            Kind::Dense(automaton) => self.scan(&patterns, automaton, before),
            Kind::Sparse(automaton) => self.scan(&patterns, automaton, before),
        }
        // Only the longest beginning of a head that the stream ends in can still become one.
        let open = if self.state == patterns.start() { 0 } else { patterns.open(&self.held) };
        self.pass(self.held.len() - open, out);
    }

    /// Ends the stream: what was held back is passed on.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        self.pass(self.held.len(), out);
        self.state = self.patterns.start();
        self.followed.clear();
        self.covered = None;
    }

    fn hold(&mut self, bytes: &[u8]) {
        if self.held.capacity() < self.held.len() + bytes.len() {
            // Growing in place would leave a copy behind that is not wiped.
            let mut larger = Zeroizing::new(Vec::with_capacity(2 * (self.held.len() + bytes.len())));
            larger.extend_from_slice(&self.held);
            self.held = larger;
        }
        self.held.extend_from_slice(bytes);
    }

    fn scan(&mut self, patterns: &Patterns, automaton: &impl Automaton, from: usize) {
        let start = start(automaton);
        let mut state = self.state;
        let mut at = from;
        loop {
            if state == start {
                at = patterns.prefilter.skip(&self.held, at);
            }
            let Some(&byte) = self.held.get(at) else { break };
            state = automaton.next_state(Anchored::No, state, byte);
            at += 1;
            if automaton.is_match(state) {
                self.found_at(automaton, state, at);
            }
        }
        self.state = state;
    }

    /// Some heads end at `end`.
    #[cold]
    fn found_at(&mut self, automaton: &impl Automaton, state: StateID, end: usize) {
        for index in 0..automaton.match_len(state) {
            let spelling = automaton.match_pattern(state, index).as_usize();
            let seen = head(&self.patterns.spellings[spelling]).len();
            self.mark(end - seen..end);
            self.follow(Followed { spelling, seen }, end);
        }
    }

    /// Goes on with a spelling of which the stream has seen a part that ends at `from`.
    fn follow(&mut self, followed: Followed, from: usize) {
        let rest = &self.patterns.spellings[followed.spelling][followed.seen..];
        let common = rest.iter().zip(&self.held[from..]).take_while(|(a, b)| a == b).count();
        let is_open = common < rest.len() && from + common == self.held.len();
        if common > 0 {
            self.mark(from..from + common);
        }
        if is_open {
            self.followed.push(Followed { seen: followed.seen + common, ..followed });
        }
    }

    fn mark(&mut self, range: Range<usize>) {
        match self.found.last_mut() {
            Some(last) if last.start <= range.start && range.start <= last.end => last.end = last.end.max(range.end),
            _ => self.found.push(range),
        }
    }

    /// Passes on what lies before `limit`, and marks that begin there.
    fn pass(&mut self, limit: usize, out: &mut Vec<u8>) {
        self.found.sort_unstable_by_key(|range| range.start);
        let mut at = self.covered.unwrap_or_default();
        let mut passed = 0;
        for range in &self.found {
            if self.covered.is_some_and(|covered| range.start <= covered) {
                at = at.max(range.end);
            } else if range.start < limit {
                out.extend_from_slice(&self.held[at..range.start]);
                out.extend_from_slice(MARK);
                at = range.end;
            } else {
                break;
            }
            self.covered = Some(at);
            passed += 1;
        }
        self.found.drain(..passed);
        if at < limit {
            out.extend_from_slice(&self.held[at..limit]);
            self.covered = None;
        }
        self.covered = self.covered.map(|covered| covered - limit);
        self.held.drain(..limit);
        for range in &mut self.found {
            *range = range.start - limit..range.end - limit;
        }
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redactor({:?})", self.patterns)
    }
}

#[cfg(test)]
mod tests;
