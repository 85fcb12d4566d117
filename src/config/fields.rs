//! Reading fields strictly: which are known, of what type each is, and what was probably meant.

use super::node::{Entry, Node, Value, error};
use crate::error::{Error, Position};

/// No list or map of a config is longer. Together with its length this bounds the work that a hostile config makes.
pub(super) const MAX_ENTRIES: usize = 1024;

/// The fields of one map, each taken out once.
#[derive(Debug)]
pub(super) struct Fields {
    pub(super) at: Position,
    owner: &'static str,
    entries: Vec<Entry>,
}

impl Fields {
    /// The fields of `node`; `owner` says whose they are, as in "a rule".
    pub(super) fn new(node: Node, owner: &'static str) -> Result<Self, Error> {
        match node.value {
            Value::Map(entries) => Ok(Self { at: node.at, owner, entries }),
            other => Err(error(node.at, format!("{owner} must be a map of fields, but is {}", other.kind()))),
        }
    }

    /// Refuses fields that are not `known`.
    pub(super) fn only(self, known: &[&str]) -> Result<Self, Error> {
        match self.entries.iter().find(|entry| !known.contains(&entry.key.as_str())) {
            None => Ok(self),
            Some(Entry { at, key, .. }) => {
                let meant = did_you_mean(key, known.iter().copied());
                let meant = meant.unwrap_or_else(|| format!("; the fields are {}", list(known)));
                Err(error(*at, format!("unknown field `{key}` in {}{meant}", self.owner)))
            }
        }
    }

    /// Whose they are.
    pub(super) fn owner(&self) -> &'static str {
        self.owner
    }

    /// Those that were not taken.
    pub(super) fn rest(self) -> Vec<Entry> {
        self.entries
    }

    /// Without those of which this is true.
    pub(super) fn without(mut self, is_out: impl Fn(&Entry) -> bool) -> Self {
        self.entries.retain(|entry| !is_out(entry));
        self
    }

    /// Where the field stands, or the map when it is not there.
    pub(super) fn place(&self, name: &str) -> Position {
        self.entries.iter().find(|entry| entry.key == name).map_or(self.at, |entry| entry.at)
    }

    pub(super) fn take(&mut self, name: &str) -> Option<Entry> {
        let at = self.entries.iter().position(|entry| entry.key == name)?;
        Some(self.entries.remove(at))
    }

    pub(super) fn required(&mut self, name: &str) -> Result<Entry, Error> {
        self.take(name).ok_or_else(|| error(self.at, format!("`{name}` is missing in {}", self.owner)))
    }
}

impl Entry {
    fn must_be(&self, what: &str) -> Error {
        error(self.value.at, format!("`{}` must be {what}, but is {}", self.key, self.value.value.kind()))
    }

    /// The value as a text.
    pub(super) fn text(self) -> Result<(Position, String), Error> {
        match self.value.value {
            Value::Text(text) => Ok((self.value.at, text)),
            _ => Err(self.must_be("a text")),
        }
    }

    /// The value as one of `choices`, found by their names.
    pub(super) fn choice<T: Copy>(self, choices: &[T], name: impl Fn(T) -> &'static str) -> Result<T, Error> {
        let field = self.key.clone();
        let (at, text) = self.text()?;
        choices.iter().copied().find(|&choice| name(choice) == text).ok_or_else(|| {
            let names: Vec<&str> = choices.iter().map(|&choice| name(choice)).collect();
            let meant = did_you_mean(&text, names.iter().copied()).unwrap_or_default();
            error(at, format!("`{field}` must be {}, not `{text}`{meant}", names_or(&names)))
        })
    }

    /// The value as a list of texts. A list that must hold something is refused without, saying `what` it lists.
    pub(super) fn texts(self, what: &str) -> Result<Vec<(Position, String)>, Error> {
        let is_list = matches!(self.value.value, Value::List(_));
        if !is_list {
            return Err(self.must_be(&format!("a list of {what}")));
        }
        let field = self.key.clone();
        let text = |node: Node| match node.value {
            Value::Text(text) => Ok((node.at, text)),
            other => {
                Err(error(node.at, format!("`{field}` must be a list of {what}, but one of them is {}", other.kind())))
            }
        };
        self.items(what)?.into_iter().map(text).collect()
    }

    /// As [`Entry::texts`], with one text at least.
    pub(super) fn some_texts(self, what: &str) -> Result<Vec<(Position, String)>, Error> {
        let at = self.at;
        let field = self.key.clone();
        let texts = self.texts(what)?;
        if texts.is_empty() { Err(error(at, format!("`{field}` has no {what}"))) } else { Ok(texts) }
    }

    /// The value as a list.
    pub(super) fn items(self, what: &str) -> Result<Vec<Node>, Error> {
        match self.value.value {
            Value::List(items) if items.len() > MAX_ENTRIES => Err(too_many("the length of a list", self.value.at)),
            Value::List(items) => Ok(items),
            _ => Err(self.must_be(&format!("a list of {what}"))),
        }
    }

    /// The value as a map with free keys.
    pub(super) fn entries(self, what: &str) -> Result<Vec<Entry>, Error> {
        match self.value.value {
            Value::Map(entries) if entries.len() > MAX_ENTRIES => Err(too_many("the length of a map", self.value.at)),
            Value::Map(entries) => Ok(entries),
            _ => Err(self.must_be(&format!("a map of {what}"))),
        }
    }
}

fn too_many(what: &'static str, at: Position) -> Error {
    Error::Limit { what, limit: MAX_ENTRIES as u64, at: Some(at) }
}

/// Gives an error that has no position `at`.
pub(super) fn with_position(at: Position, found: Error) -> Error {
    match found {
        Error::Config { at: None, what } => Error::Config { at: Some(at), what },
        Error::Limit { what, limit, at: None } => Error::Limit { what, limit, at: Some(at) },
        other => other,
    }
}

/// "; did you mean …?" when one of `known` is close to `text`.
pub(super) fn did_you_mean<'k>(text: &str, known: impl Iterator<Item = &'k str>) -> Option<String> {
    // The distance takes time in the product of both lengths, and nothing that is known is longer.
    const MAX_LEN: usize = 64;
    if text.len() > MAX_LEN {
        return None;
    }
    let distance = |name: &str| strsim::damerau_levenshtein(&text.to_lowercase(), &name.to_lowercase());
    let (distance, name) = known.map(|name| (distance(name), name)).min()?;
    (distance <= 1 + name.len() / 5).then(|| format!("; did you mean `{name}`?"))
}

fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn names_or(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_names_are_suggested() {
        let known = ["recipients", "rules", "files", "encrypt"];
        let meant = |text| did_you_mean(text, known.into_iter());
        assert_eq!(meant("recipient").as_deref(), Some("; did you mean `recipients`?"));
        assert_eq!(meant("Rules").as_deref(), Some("; did you mean `rules`?"));
        assert_eq!(meant("flies").as_deref(), Some("; did you mean `files`?"));
        assert_eq!(meant("encyrpt").as_deref(), Some("; did you mean `encrypt`?"));
        assert_eq!(meant("decrypt").as_deref(), Some("; did you mean `encrypt`?"));
        assert_eq!(meant("keys"), None);
        assert_eq!(meant(&"recipients".repeat(10_000)), None);
        assert_eq!(did_you_mean("x", [].into_iter()), None);
    }
}
