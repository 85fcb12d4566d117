//! SOPS's paths: `["key"][3]['other']`, as in `--extract`, `set` and `unset`.

use std::fmt;

use super::{Documents, Item, Node};
use crate::error::Error;
use crate::error::sops::SopsError;
use crate::file::path_query::{PathQuery, Step as QueryStep};

/// A path into the first document of a file; the empty one is all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPath {
    pub(in crate::file::sops) steps: Vec<Step>,
}

/// One step of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::file::sops) enum Step {
    /// Into a list, by the number of an item; SOPS counts the comments.
    Index(usize),
    /// Into a map.
    Key(String),
}

impl KeyPath {
    /// Reads `text`: components in brackets. In single or double quotes stands a key, without any escapes, so no key with
    /// `[` in it can be named; without quotes, an index from 0.
    ///
    /// # Errors
    /// [`SopsError::Path`]. SOPS exits with 91 (`--extract`) or 7 (`set`, `unset`) then.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut steps = Vec::new();
        for (number, part) in text.split('[').enumerate() {
            if number == 0 && part.is_empty() {
                continue;
            }
            let refuse = |what| Error::from(SopsError::Path { component: shown(part), what });
            let inner = part.strip_suffix(']').filter(|_| number > 0);
            let inner = inner.ok_or_else(|| refuse("does not stand in `[` and `]`"))?;
            steps.push(match inner.chars().next() {
                Some(quote @ ('"' | '\'')) => {
                    let key = inner[1..].strip_suffix(quote);
                    Step::Key(key.ok_or_else(|| refuse("is not closed by the quote that opens it"))?.to_owned())
                }
                _ => match inner.strip_prefix('+').unwrap_or(inner).parse::<i64>() {
                    Ok(index) if index >= 0 => {
                        Step::Index(usize::try_from(index).map_err(|_| refuse("is too large for an index"))?)
                    }
                    _ => return Err(refuse("is neither a key in quotes nor an index from 0")),
                },
            });
        }
        Ok(Self { steps })
    }

    /// The path that `query` is in `documents`: SOPS counts the comments of a list, too.
    ///
    /// # Errors
    /// [`Error::Misplaced`] for a path into another document than the first.
    pub(in crate::file) fn of(query: &PathQuery, documents: &Documents) -> Result<Self, Error> {
        if query.document() > 0 {
            let what = "is not in the first document of the file, and SOPS changes no other one: use `edit`";
            return Err(Error::Misplaced { path: query.to_string(), what });
        }
        let mut node = documents.roots().first();
        let mut steps = Vec::new();
        for step in query.steps() {
            let items = node.map(Node::items).unwrap_or_default();
            let (step, item) = match step {
                QueryStep::Key(key) => {
                    let is_it = |item: &&Item| matches!(item, Item::Entry(name, _) if name == key);
                    (Step::Key(key.clone()), items.iter().find(is_it))
                }
                QueryStep::Index(index) => {
                    let elements = items.iter().enumerate().filter(|(_, item)| matches!(item, Item::Element(_)));
                    let numbers: Vec<_> = elements.map(|(number, _)| number).collect();
                    let missing = || items.len() + (*index - numbers.len());
                    let number = numbers.get(*index).copied().unwrap_or_else(missing);
                    (Step::Index(number), items.get(number))
                }
            };
            steps.push(step);
            node = item.and_then(Item::node);
        }
        Ok(Self { steps })
    }

    /// Whether this is the empty path.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.steps.is_empty()
    }
}

/// The path as [`KeyPath::parse`] reads it.
impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(key) if key.contains('"') => write!(f, "['{}']", shown(key))?,
                Step::Key(key) => write!(f, "[\"{}\"]", shown(key))?,
            }
        }
        Ok(())
    }
}

/// `text` without anything that a terminal acts upon; quotes stay, since nothing in a path is an escape.
fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '\'' | '\\' => out.push(c),
            _ => out.extend(c.escape_debug()),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_stand_in_brackets() {
        let path = KeyPath::parse("[\"a.b\"]['c\"d'][3][\"\"]").expect("a path");
        let key = |key: &str| Step::Key(key.to_owned());
        assert_eq!(path.steps, [key("a.b"), key("c\"d"), Step::Index(3), key("")]);
        assert_eq!(KeyPath::parse(""), Ok(KeyPath { steps: Vec::new() }));
        for bad in [
            "a",
            "[a]",
            "[\"a\"",
            "[\"a\"]x",
            "[\"a\"] [\"b\"]",
            "[]",
            "[-1]",
            "[ 1]",
            "[\"]",
            "[\"a]",
            "[1.5]",
            "[99999999999999999999]",
        ] {
            assert!(matches!(KeyPath::parse(bad), Err(Error::Sops(SopsError::Path { .. }))), "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_path_that_is_shown_is_read_again(keys in proptest::collection::vec("[a-z\" .']{0,4}", 0..4)) {
            let both = |key: &String| !(key.contains('"') && key.contains('\''));
            let steps: Vec<_> = keys.into_iter().filter(both).map(Step::Key).collect();
            let path = KeyPath { steps };
            proptest::prop_assert_eq!(KeyPath::parse(&path.to_string()), Ok(path));
        }
    }
}
