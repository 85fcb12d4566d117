//! Parts of trees, and trees laid over each other: what a program is given of several files.

use zeroize::Zeroizing;

use super::names::{EnvironmentNames, walk};
use super::path_query::{PathQuery, Step};
use super::scalar::Scalar;
use super::tree::{Tree, Value};
use crate::error::Error;
use crate::leaf::{PathId, PathTree, Segment};
use crate::select::{Globs, Matches, PathGlob};

/// Which values a program is given.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// Only these; all when there are none.
    pub only: Vec<PathGlob>,
    /// Not these.
    pub except: Vec<PathGlob>,
}

impl Part {
    /// Whether it is the whole.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.only.is_empty() && self.except.is_empty()
    }

    /// All globs, `only` first.
    pub fn globs(&self) -> impl Iterator<Item = &PathGlob> {
        self.only.iter().chain(&self.except)
    }
}

impl Tree {
    /// Takes everything out that is not in `part`. Items of lists keep their places: where one is taken out before others, nothing
    /// is left there.
    ///
    /// Tells for each of [`Part::globs`] whether it matches a value.
    pub fn narrow(&mut self, part: &Part) -> Vec<bool> {
        let (paths, leaves) = self.registered();
        let matches: Vec<Matches> =
            part.globs().map(|glob| Globs(std::slice::from_ref(glob)).all_matches(&paths)).collect();
        let (only, except) = matches.split_at(part.only.len());
        let any = |list: &[Matches], path| list.iter().any(|matches| matches.contains(path));
        let mut kept = leaves.iter().map(|&path| (only.is_empty() || any(only, path)) && !any(except, path));
        for document in &mut self.documents {
            if !keep(document, &mut kept) {
                *document = Value::Map(Vec::new());
            }
        }
        matches.iter().map(|matches| leaves.iter().any(|&path| matches.contains(path))).collect()
    }

    /// The paths of all values, for people.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        let (paths, leaves) = self.registered();
        leaves.into_iter().map(|path| paths.display(path).to_string()).collect()
    }

    fn registered(&self) -> (PathTree, Vec<PathId>) {
        let mut paths = PathTree::default();
        let mut leaves = Vec::new();
        for (number, document) in self.documents.iter().enumerate() {
            let root = paths.child(PathTree::ROOT, Segment::Document(number as u64));
            register(document, root, &mut paths, &mut leaves);
        }
        (paths, leaves)
    }

    /// The text of the value that `query` names.
    ///
    /// # Errors
    /// [`Error::PathNotFound`], [`Error::Unrepresentable`] for a map or a list.
    pub fn text(&self, query: &PathQuery) -> Result<Zeroizing<String>, Error> {
        match self.find(query)? {
            Value::Scalar(scalar) => Ok(Zeroizing::new(scalar.text().to_owned())),
            _ => Err(Error::Unrepresentable { path: query.to_string(), what: "a map or a list, not a single value" }),
        }
    }

    /// Takes out the value that `query` names, if there is one.
    pub fn remove(&mut self, query: &PathQuery) {
        let query = &*query.meant(self.dotted_keys);
        let document = usize::try_from(query.document()).unwrap_or(usize::MAX);
        let (Some(mut value), Some((last, steps))) = (self.documents.get_mut(document), query.steps().split_last())
        else {
            return;
        };
        for step in steps {
            let next = match (value, step) {
                (Value::Map(entries), Step::Key(key)) => {
                    entries.iter_mut().find(|(name, _)| name == key).map(|(_, value)| value)
                }
                (Value::List(items), Step::Index(index)) => items.get_mut(*index),
                _ => None,
            };
            let Some(next) = next else { return };
            value = next;
        }
        match (value, last) {
            (Value::Map(entries), Step::Key(key)) => entries.retain(|(name, _)| name != key),
            (Value::List(items), Step::Index(index)) => {
                if let Some(item) = items.get_mut(*index) {
                    *item = Value::Scalar(Scalar::Inherited);
                }
            }
            _ => {}
        }
    }

    /// Lays `upper` over this tree: maps are merged at all depths, any other value of `upper` replaces what was there.
    ///
    /// # Errors
    /// [`Error::Unrepresentable`] when one of them has several documents.
    pub fn overlay(&mut self, upper: Self) -> Result<(), Error> {
        let ([lower], [_]) = (&mut self.documents[..], &upper.documents[..]) else {
            let what = "files of several documents cannot be laid over each other";
            return Err(Error::Unrepresentable { path: ".".into(), what });
        };
        upper.documents.into_iter().for_each(|upper| overlay(lower, upper));
        self.tagged = self.tagged.take().or(upper.tagged);
        self.dotted_keys |= upper.dotted_keys;
        Ok(())
    }

    /// Those of `required` that no value has for its name, or only empty ones.
    #[must_use]
    pub fn missing<'r>(&self, required: &'r [String], names: &EnvironmentNames<'_>) -> Vec<&'r str> {
        let mut missing: Vec<&str> = required.iter().map(String::as_str).collect();
        for document in &self.documents {
            let _ = walk::<()>(document, "", names, &mut |path, scalar| {
                if !scalar.text().is_empty() {
                    let name = names.name(path);
                    missing.retain(|other| *other != name);
                }
                Ok(())
            });
        }
        missing
    }
}

/// Adds the paths of `value`'s leaves, in the order in which [`keep`] asks for them.
fn register(value: &Value, path: PathId, paths: &mut PathTree, leaves: &mut Vec<PathId>) {
    match value {
        Value::List(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                let child = paths.child(path, Segment::Index(index as u64));
                register(item, child, paths, leaves);
            }
        }
        Value::Map(entries) if !entries.is_empty() => {
            for (key, value) in entries {
                let child = paths.child(path, Segment::Key { text: key, quoted: false });
                register(value, child, paths, leaves);
            }
        }
        _ => leaves.push(path),
    }
}

/// Takes out of `value` what is not kept; whether anything is left of it.
fn keep(value: &mut Value, kept: &mut impl Iterator<Item = bool>) -> bool {
    match value {
        Value::List(items) if !items.is_empty() => {
            let mut len = 0;
            for (index, item) in items.iter_mut().enumerate() {
                if keep(item, kept) {
                    len = index + 1;
                } else {
                    *item = Value::Scalar(Scalar::Inherited);
                }
            }
            items.truncate(len);
            len > 0
        }
        Value::Map(entries) if !entries.is_empty() => {
            entries.retain_mut(|(_, value)| keep(value, kept));
            !entries.is_empty()
        }
        _ => kept.next().unwrap_or_default(),
    }
}

fn overlay(lower: &mut Value, upper: Value) {
    match (lower, upper) {
        (Value::Map(entries), Value::Map(others)) => {
            for (key, value) in others {
                match entries.iter_mut().find(|(name, _)| *name == key) {
                    Some((_, lower)) => overlay(lower, value),
                    None => entries.push((key, value)),
                }
            }
        }
        (lower, upper) => *lower = upper,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::format_by_name;
    use crate::file::Document;

    fn tree(text: &str) -> Tree {
        let format = format_by_name("yaml").expect("a format");
        Tree::of(&Document::parse(text.as_bytes(), format).expect("YAML")).expect("a tree")
    }

    fn json(tree: &Tree) -> String {
        let text = tree.print(format_by_name("json").expect("a format")).expect("JSON");
        text.split_whitespace().collect()
    }

    fn narrowed(text: &str, only: &[&str], except: &[&str]) -> (String, Vec<bool>) {
        let globs = |texts: &[&str]| PathGlob::parse_all(texts.iter().copied()).expect("globs");
        let mut tree = tree(text);
        let matched = tree.narrow(&Part { only: globs(only), except: globs(except) });
        (json(&tree), matched)
    }

    #[test]
    fn a_part_is_what_only_names_without_what_except_names() {
        let text = "a: 1\nb: {c: 2, d: 3, e: {}}\nlist: [4, {f: 5}, 6]\n<<: {g: 7}\n";
        assert_eq!(narrowed(text, &["b.**"], &[]), (r#"{"b":{"c":2,"d":3,"e":{}}}"#.into(), vec![true]));
        assert_eq!(narrowed(text, &["b.**", "g"], &["b.d"]), (r#"{"b":{"c":2,"e":{}},"g":7}"#.into(), vec![true; 3]));
        assert_eq!(narrowed(text, &["list[].f", "x"], &[]), (r#"{"list":[null,{"f":5}]}"#.into(), vec![true, false]));
        assert_eq!(narrowed(text, &[], &["**"]), ("{}".into(), vec![true]));
    }

    #[test]
    fn a_value_is_read_and_taken_out() {
        let mut tree = tree("a: {b: x, c: 0x10}\nlist: [1, 2]\n");
        let query = |text: &str| PathQuery::parse(text).expect("a path");
        assert_eq!(tree.text(&query("a.c")).expect("there").as_str(), "16");
        assert!(matches!(tree.text(&query("a")), Err(Error::Unrepresentable { .. })));
        assert!(matches!(tree.text(&query("a.x")), Err(Error::PathNotFound { .. })));
        for path in ["a.c", "list[0]", "no.such", "list[7]"] {
            tree.remove(&query(path));
        }
        assert_eq!(json(&tree), r#"{"a":{"b":"x"},"list":[null,2]}"#);
    }

    #[test]
    fn upper_values_win_and_maps_are_merged() {
        let mut lower = tree("a: {b: 1, c: {d: 2}}\nlist: [1, 2]\nx: y\n");
        lower.overlay(tree("a: {c: {e: 3}, b: {f: 4}}\nlist: [9]\nnew: {}\n")).expect("laid over");
        assert_eq!(json(&lower), r#"{"a":{"b":{"f":4},"c":{"d":2,"e":3}},"list":[9],"x":"y","new":{}}"#);
        assert!(lower.overlay(tree("a: 1\n---\na: 2\n")).is_err());
    }

    #[test]
    fn what_is_empty_is_missing() {
        let names = EnvironmentNames { separator: "_", prefix: "", upcase: true, dotted_keys: false };
        let required: Vec<String> = ["A_B", "EMPTY", "NULL", "NO", "A"].map(Into::into).into();
        let tree = tree("a: {b: 1}\nempty: ''\n\"null\":\nother-name: 1\n");
        assert_eq!(tree.missing(&required, &names), ["EMPTY", "NULL", "NO", "A"]);
    }
}
