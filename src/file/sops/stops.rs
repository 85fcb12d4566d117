//! The stops of a walk as a list, so that several threads can work on them, and what was found at them.

use super::resolve::Scalar;
use super::tree::Tree;
use super::walk::What;
use crate::dialect::sops::{Mac, Rule};
use crate::document::MAX_ENCRYPTED_LEN;
use crate::error::Error;
use crate::leaf::{PathId, Span};

/// All stops of a walk, in order.
pub(super) struct Stops<'a> {
    pub(super) list: Vec<Stop<'a>>,
    aads: Aads,
}

/// What [`Visit`](super::walk::Visit) says, to be kept.
pub(super) struct Stop<'a> {
    pub(super) what: What<'a>,
    pub(super) aad: Span,
    pub(super) is_encrypted: bool,
    pub(super) alias: Option<PathId>,
}

impl<'a> Stops<'a> {
    /// The stops of a walk over `tree`.
    ///
    /// # Errors
    /// Those of [`Tree::walk`], and [`Error::Limit`] for keys that are too long in too many places.
    pub(super) fn of(tree: &'a Tree<'_>, rule: &'a Rule) -> Result<Self, Error> {
        let leaves = tree.scan.leaves.len();
        let mut stops = Self { list: Vec::with_capacity(leaves), aads: Aads(String::with_capacity(16 * leaves)) };
        tree.walk(rule, &mut |visit| {
            let aad = stops.aads.add(visit.aad)?;
            stops.list.push(Stop { what: visit.what, aad, is_encrypted: visit.is_encrypted, alias: visit.alias });
            Ok(())
        })?;
        Ok(stops)
    }

    /// What a token at `stop` is bound to.
    pub(super) fn aad(&self, stop: &Stop<'_>) -> &str {
        self.aads.of(stop.aad)
    }

    /// What the file says, given the values that were found.
    pub(super) fn into_values(self, list: Vec<Seen>) -> Values {
        Values { list, aads: self.aads }
    }
}

/// What tokens are bound to, one behind the other.
struct Aads(String);

impl Aads {
    fn add(&mut self, aad: &str) -> Result<Span, Error> {
        let start = self.0.len();
        if start + aad.len() > MAX_ENCRYPTED_LEN {
            let what = "the length of all keys on the way to all values";
            return Err(Error::Limit { what, limit: MAX_ENCRYPTED_LEN as u64, at: None });
        }
        self.0.push_str(aad);
        Ok(Span::new(start..self.0.len()))
    }

    fn of(&self, span: Span) -> &str {
        span.of(&self.0)
    }
}

/// What a file says: its values in order, and what they are bound to.
pub(super) struct Values {
    pub(super) list: Vec<Seen>,
    aads: Aads,
}

/// A value; none is null.
pub(super) struct Seen {
    pub(super) aad: Span,
    pub(super) is_encrypted: bool,
    pub(super) value: Scalar,
}

impl Values {
    /// What `seen`, one of them, is bound to.
    pub(super) fn aad(&self, seen: &Seen) -> &str {
        self.aads.of(seen.aad)
    }

    /// Adds them to a MAC.
    pub(super) fn hash(&self, mut mac: Mac) -> Mac {
        for seen in &self.list {
            if let Some(value) = &seen.value {
                mac.add(value, seen.is_encrypted);
            }
        }
        mac
    }
}

/// Numbers are the same whatever their types: `1.0` is an integer once SOPS has written it and it is read again.
impl PartialEq for Values {
    fn eq(&self, other: &Self) -> bool {
        let is_same = |(one, another): (&Seen, &Seen)| {
            let is_same = match (&one.value, &another.value) {
                (Some(one), Some(another)) => {
                    one.kind().or_integer() == another.kind().or_integer() && one.bytes() == another.bytes()
                }
                (one, another) => one.is_none() && another.is_none(),
            };
            is_same && self.aad(one) == other.aad(another)
        };
        self.list.len() == other.list.len() && self.list.iter().zip(&other.list).all(is_same)
    }
}
