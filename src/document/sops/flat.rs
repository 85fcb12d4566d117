//! Metadata in dotenv and INI: one scalar a line, `__map_` and `__list_N` between the names.

use std::borrow::Cow;

use super::Field;

/// Lists have at most so many items: indexes come from files that nobody has authenticated.
const MAX_ITEMS: usize = 4096;
/// Maps and lists nest at most this deep.
const MAX_DEPTH: usize = 16;

impl Field {
    /// The scalars of a map, flattened, in order. Empty maps and lists and nothing vanish.
    #[must_use]
    pub fn flatten(&self) -> Vec<(String, String)> {
        let mut lines = Vec::new();
        for (name, field) in self.as_map().unwrap_or_default() {
            flatten(name.clone(), field, &mut lines);
        }
        lines
    }

    /// The map of which [`Field::flatten`] made these lines; all scalars become texts.
    ///
    /// # Errors
    /// The name of a line that does not fit the others: a list with a missing item, a key that is both value and
    /// map, or stands twice.
    pub fn unflatten(lines: &[(String, String)]) -> Result<Self, String> {
        let mut root = Node::Map(Vec::new());
        for (name, value) in lines {
            root.insert(&steps(name), value).ok_or_else(|| name.clone())?;
        }
        root.into_field().ok_or_else(|| "__list_".to_owned())
    }
}

/// Line breaks as the two characters `\n`.
pub(crate) fn escape_newlines(text: &str) -> Cow<'_, str> {
    if text.contains('\n') { Cow::Owned(text.replace('\n', "\\n")) } else { Cow::Borrowed(text) }
}

/// The two characters `\n` as a line break: there is no escape for themselves.
pub(crate) fn unescape_newlines(text: &str) -> Cow<'_, str> {
    if text.contains("\\n") { Cow::Owned(text.replace("\\n", "\n")) } else { Cow::Borrowed(text) }
}

fn flatten(name: String, field: &Field, lines: &mut Vec<(String, String)>) {
    match field {
        Field::Bool(value) => lines.push((name, value.to_string())),
        Field::Null => {}
        Field::Number(text) | Field::Text(text) => lines.push((name, text.clone())),
        Field::List(items) => {
            for (index, item) in items.iter().enumerate() {
                flatten(format!("{name}__list_{index}"), item, lines);
            }
        }
        Field::Map(entries) => {
            for (key, field) in entries {
                flatten(format!("{name}__map_{key}"), field, lines);
            }
        }
    }
}

enum Step<'n> {
    Index(usize),
    Key(&'n str),
}

fn steps(name: &str) -> Vec<Step<'_>> {
    let mut steps = Vec::new();
    let mut rest = name;
    let mut is_index = false;
    loop {
        let next = [("__map_", false), ("__list_", true)]
            .into_iter()
            .filter_map(|(separator, is_list)| rest.find(separator).map(|at| (at, separator.len(), is_list)))
            .min_by_key(|&(at, ..)| at);
        let part = next.map_or(rest, |(at, ..)| &rest[..at]);
        // An index that is none is a key like any other, and will not fit its list.
        steps.push(match part.parse() {
            Ok(number) if is_index => Step::Index(number),
            _ => Step::Key(part),
        });
        let Some((at, len, is_list)) = next else { return steps };
        rest = &rest[at + len..];
        is_index = is_list;
    }
}

enum Node {
    List(Vec<Option<Node>>),
    Map(Vec<(String, Node)>),
    Text(String),
}

impl Node {
    fn new(steps: &[Step<'_>], value: &str) -> Self {
        match steps.first() {
            None => Self::Text(value.to_owned()),
            Some(Step::Index(_)) => Self::List(Vec::new()),
            Some(Step::Key(_)) => Self::Map(Vec::new()),
        }
    }

    fn insert(&mut self, steps: &[Step<'_>], value: &str) -> Option<()> {
        if steps.len() > MAX_DEPTH {
            return None;
        }
        let (step, rest) = steps.split_first()?;
        let (node, is_new) = match (self, step) {
            (Self::List(items), &Step::Index(index)) if index < MAX_ITEMS => {
                if items.len() <= index {
                    items.resize_with(index + 1, || None);
                }
                let is_new = items[index].is_none();
                (items[index].get_or_insert_with(|| Self::new(rest, value)), is_new)
            }
            (Self::Map(entries), Step::Key(key)) => match entries.iter().position(|(name, _)| name == key) {
                Some(at) => (&mut entries[at].1, false),
                None => {
                    entries.push(((*key).to_owned(), Self::new(rest, value)));
                    (&mut entries.last_mut()?.1, true)
                }
            },
            _ => return None,
        };
        if rest.is_empty() { is_new.then_some(()) } else { node.insert(rest, value) }
    }

    fn into_field(self) -> Option<Field> {
        Some(match self {
            Self::List(items) => Field::List(items.into_iter().map(|item| item?.into_field()).collect::<Option<_>>()?),
            Self::Map(entries) => {
                let entries = entries.into_iter().map(|(name, node)| Some((name, node.into_field()?)));
                Field::Map(entries.collect::<Option<_>>()?)
            }
            Self::Text(text) => Field::Text(text),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(lines: &[(&str, &str)]) -> Vec<(String, String)> {
        lines.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn flat_lines_become_a_tree_and_lines_again() {
        let flat = lines(&[
            ("kms__list_0__map_context__map_a", "b"),
            ("key_groups__list_1__map_age__list_0__map_enc", "x\ny"),
            ("key_groups__list_0__map_age__list_0__map_enc", "z"),
            ("version", "3.13.2"),
        ]);
        let field = Field::unflatten(&flat).expect("a tree");
        assert_eq!(field.get("key_groups").and_then(Field::as_list).map(<[Field]>::len), Some(2));
        let mut back = field.flatten();
        back.sort();
        let mut sorted = flat;
        sorted.sort();
        assert_eq!(back, sorted);
    }

    #[test]
    fn lines_that_do_not_fit_are_refused() {
        for bad in [
            &[("a__list_1", "x")][..],
            &[("a", "x"), ("a__map_b", "y")],
            &[("a__map_b", "y"), ("a", "x")],
            &[("a", "x"), ("a", "y")],
            &[("a__list_0", "x"), ("a__map_b", "y")],
            &[("a__list_99999999", "x")],
        ] {
            assert!(Field::unflatten(&lines(bad)).is_err(), "{bad:?}");
        }
    }
}
