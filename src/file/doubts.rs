//! What nothing vouches for in a file that was put together by hand.

use std::collections::BTreeMap;

use super::any::Decrypted;
use super::tree::{Tree, Value};
use crate::error::Error;
use crate::leaf::{PathTree, Segment};

/// A value that is not what a merge of the versions that verify could have made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// Its path; `.` for the whole of a binary file.
    pub path: String,
    /// What is odd about it.
    pub kind: DoubtKind,
}

/// What is odd about a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DoubtKind {
    /// No version has it there.
    Unknown,
    /// A list that no version has just so.
    UnknownList,
    /// The base has it there, or one side, and a later change is undone by it.
    PutBack,
    /// It is missing, although no side has taken it out.
    Missing,
}

/// The versions of a file that verify.
#[derive(Clone, Copy)]
pub struct Verified<'v> {
    /// What both sides began with, where it is known.
    pub base: Option<&'v Decrypted>,
    /// Our side.
    pub ours: &'v Decrypted,
    /// Their side; ours again when there is only one.
    pub theirs: &'v Decrypted,
}

/// What of `salvaged` is not as a merge of `verified` would have it: neither the value that one side has changed, nor,
/// where both have, that of either. Comments, and the order of keys, are not looked at.
///
/// # Errors
/// Those of [`Decrypted::tree`].
pub fn doubts(salvaged: &Decrypted, verified: Verified<'_>) -> Result<Vec<Doubt>, Error> {
    let Verified { base, ours, theirs } = verified;
    let read = |decrypted: &Decrypted| Values::of(decrypted);
    let base = base.map(read).transpose()?;
    let (ours, theirs, found) = (read(ours)?, read(theirs)?, read(salvaged)?);
    let mut places: Vec<&Place> = found.0.keys().collect();
    places.extend(ours.0.keys().chain(theirs.0.keys()).filter(|place| !found.0.contains_key(*place)));
    places.sort_unstable();
    places.dedup();
    let judge = |place: &Place| {
        let (a, b, found) = (ours.0.get(place), theirs.0.get(place), found.0.get(place));
        let base = base.as_ref().map(|base| base.0.get(place));
        let is_expected = match base {
            Some(base) if a == base => found == b,
            Some(base) if b == base => found == a,
            _ => found == a || found == b,
        };
        if is_expected {
            return None;
        }
        Some(match found {
            None => DoubtKind::Missing,
            Some(_) if found == a || found == b || Some(found) == base => DoubtKind::PutBack,
            Some(Content { is_list: true, .. }) => DoubtKind::UnknownList,
            Some(_) => DoubtKind::Unknown,
        })
    };
    let doubts = places.into_iter().filter_map(|place| Some((place, judge(place)?)));
    Ok(doubts.map(|(place, kind)| Doubt { path: place.shown(), kind }).collect())
}

/// All values of a file, a list as one.
struct Values(BTreeMap<Place, Content>);

/// The number of a document, and keys.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place(u64, Vec<String>);

/// A value in one spelling.
#[derive(PartialEq, Eq)]
struct Content {
    text: String,
    is_list: bool,
}

impl Values {
    fn of(decrypted: &Decrypted) -> Result<Self, Error> {
        let mut values = Self(BTreeMap::new());
        if let Some(bytes) = decrypted.binary()? {
            let text = bytes.iter().map(|byte| char::from(*byte)).collect();
            values.0.insert(Place(0, Vec::new()), Content { text, is_list: false });
            return Ok(values);
        }
        let tree: Tree = decrypted.tree()?;
        for (value, number) in tree.documents.iter().zip(0..) {
            values.add(value, Place(number, Vec::new()));
        }
        Ok(values)
    }

    fn add(&mut self, value: &Value, place: Place) {
        match value {
            Value::Map(entries) if !entries.is_empty() => {
                for (key, value) in entries {
                    let mut place = place.clone();
                    place.1.push(key.clone());
                    self.add(value, place);
                }
            }
            _ => {
                let mut text = String::new();
                spell(value, &mut text);
                self.0.insert(place, Content { text, is_list: matches!(value, Value::List(_)) });
            }
        }
    }
}

/// Writes a value so that different ones are different texts: each part with its length before it.
fn spell(value: &Value, out: &mut String) {
    match value {
        Value::List(items) => {
            out.push_str(&format!("[{}", items.len()));
            items.iter().for_each(|item| spell(item, out));
        }
        Value::Map(entries) => {
            out.push_str(&format!("{{{}", entries.len()));
            for (key, value) in entries {
                out.push_str(&format!("k{}:{key}", key.len()));
                spell(value, out);
            }
        }
        Value::Scalar(scalar) => {
            let text = scalar.text();
            out.push_str(&format!("{}{}:{text}", scalar.sign(), text.len()));
        }
    }
}

impl Place {
    fn shown(&self) -> String {
        let mut tree = PathTree::default();
        let root = tree.child(PathTree::ROOT, Segment::Document(self.0));
        let path = self.1.iter().fold(root, |path, key| tree.child(path, Segment::Key { text: key, quoted: false }));
        tree.display(path).to_string()
    }
}

#[cfg(test)]
mod tests;
