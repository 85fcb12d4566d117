//! Paths that people type: `db.users[0].name`, or SOPS's `["db"]["users"][0]["name"]`; `#1.name` is in the second YAML
//! document.

use std::borrow::Cow;
use std::fmt;

use crate::leaf::{PathId, PathTree, Segment};

/// A path to one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathQuery {
    text: String,
    document: u64,
    steps: Vec<Step>,
}

/// One step of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Into a map.
    Key(String),
    /// Into a list.
    Index(usize),
}

impl PathQuery {
    /// Reads a path. Keys with dots, brackets or quotes stand in double quotes, with JSON's escapes; so do keys that look
    /// like `#1`, which names a document of a YAML file, the first one of which is `#0`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let mut steps = Vec::new();
        let (document, mut rest) = document(text);
        while !rest.is_empty() {
            if let Some(inner) = rest.strip_prefix('[') {
                let (step, after) = match inner.chars().next() {
                    Some('"') => quoted(inner)?,
                    Some('\'') => {
                        let (key, after) = inner[1..].split_once('\'').ok_or("a quote is not closed")?;
                        (Step::Key(key.to_owned()), after)
                    }
                    _ => {
                        let end = inner.find(']').ok_or("a bracket is not closed")?;
                        let index = inner[..end].parse().map_err(|_| "in brackets stands an index or a quoted key")?;
                        (Step::Index(index), &inner[end..])
                    }
                };
                steps.push(step);
                rest = after.strip_prefix(']').ok_or("a bracket is not closed")?;
                continue;
            }
            if !steps.is_empty() {
                rest = rest.strip_prefix('.').ok_or("between keys stands a dot")?;
            }
            let (step, after) = if rest.starts_with('"') { quoted(rest)? } else { bare(rest)? };
            steps.push(step);
            rest = after;
        }
        if steps.is_empty() {
            return Err("an empty path names nothing");
        }
        Ok(Self { text: text.to_owned(), document, steps })
    }

    /// The number of the document.
    pub(super) fn document(&self) -> u64 {
        self.document
    }

    /// The path to a node of `tree`, in the syntax with dots; none for a root.
    #[must_use]
    pub fn of(tree: &PathTree, path: PathId) -> Option<Self> {
        let mut query = Self { text: String::new(), document: 0, steps: Vec::new() };
        for segment in tree.segments(path) {
            match segment {
                Segment::Document(number) => {
                    query.document = number;
                    if number > 0 {
                        query.text = format!("#{number}");
                    }
                }
                Segment::Index(index) => {
                    query.text.push_str(&format!("[{index}]"));
                    query.steps.push(Step::Index(usize::try_from(index).ok()?));
                }
                Segment::Key { text, .. } => {
                    if !query.text.is_empty() {
                        query.text.push('.');
                    }
                    query.text.push_str(&spelled(text));
                    query.steps.push(Step::Key(text.to_owned()));
                }
            }
        }
        (!query.steps.is_empty()).then_some(query)
    }

    /// What the path names in a format with or without dotted keys ([`Format::has_dotted_keys`](crate::document::Format)): with
    /// them `db.user` is one key.
    pub(super) fn meant(&self, dotted_keys: bool) -> Cow<'_, Self> {
        let key = |step: &Step| match step {
            Step::Key(key) => Some(key.clone()),
            Step::Index(_) => None,
        };
        match self.steps.iter().map(key).collect::<Option<Vec<_>>>() {
            Some(keys) if dotted_keys && keys.len() > 1 => {
                Cow::Owned(Self { steps: vec![Step::Key(keys.join("."))], ..self.clone() })
            }
            _ => Cow::Borrowed(self),
        }
    }

    /// The same path, written as one would type it in a format with dotted keys: without quotes where they are not needed.
    pub(super) fn without_quotes(self) -> Self {
        match &self.steps[..] {
            [Step::Key(key)] if Self::parse(key).is_ok_and(|typed| typed.meant(true).steps == self.steps) => {
                Self { text: key.clone(), ..self }
            }
            _ => self,
        }
    }

    /// Whether `other` is this path, or one below it.
    #[must_use]
    pub fn leads_to(&self, other: &Self) -> bool {
        other.document == self.document && other.steps.starts_with(&self.steps)
    }

    pub(super) fn steps(&self) -> &[Step] {
        &self.steps
    }
}

impl fmt::Display for PathQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A key as [`PathQuery::parse`] reads it.
fn spelled(key: &str) -> String {
    let plain = |c: char| !c.is_control() && !matches!(c, '#' | '.' | '[' | ']' | '"' | '\'');
    if !key.is_empty() && key.chars().all(plain) { key.to_owned() } else { serde_json::Value::from(key).to_string() }
}

/// The one of `keys` that was probably meant by `key`, which is not among them.
pub(super) fn similar<'k>(key: &str, keys: impl Iterator<Item = &'k str>) -> Option<String> {
    let distance = |name: &str| strsim::damerau_levenshtein(&key.to_lowercase(), &name.to_lowercase());
    let starts = |name: &str| key.len() >= 3 && name.starts_with(key);
    // Long keys are no typos of each other, and comparing them costs the product of their lengths.
    let near = keys.filter(|name| name.len() <= 128 && key.len() <= 128).map(|name| (distance(name), name));
    let near = near.filter(|&(distance, name)| distance <= 2.min(key.chars().count() / 2) || starts(name));
    near.min().map(|(_, name)| name.to_owned())
}

/// The document that a path begins with, and the rest of it.
fn document(text: &str) -> (u64, &str) {
    let number = text.strip_prefix('#').and_then(|rest| {
        let end = rest.find(['.', '[']).filter(|&end| end > 0)?;
        let number = rest[..end].bytes().all(|byte| byte.is_ascii_digit()).then(|| rest[..end].parse().ok())??;
        Some((number, rest[end..].strip_prefix('.').unwrap_or(&rest[end..])))
    });
    number.unwrap_or((0, text))
}

fn bare(text: &str) -> Result<(Step, &str), &'static str> {
    let end = text.find(['.', '[']).unwrap_or(text.len());
    if end == 0 {
        return Err("a key is missing");
    }
    Ok((Step::Key(text[..end].to_owned()), &text[end..]))
}

fn quoted(text: &str) -> Result<(Step, &str), &'static str> {
    let mut strings = serde_json::Deserializer::from_str(text).into_iter::<String>();
    match strings.next() {
        Some(Ok(key)) => Ok((Step::Key(key), &text[strings.byte_offset()..])),
        _ => Err("a quoted key is not well-formed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(text: &str) -> Result<Vec<Step>, &'static str> {
        PathQuery::parse(text).map(|query| query.steps)
    }

    #[test]
    fn both_syntaxes_are_read() {
        let expected = Ok(vec![Step::Key("db".into()), Step::Index(0), Step::Key("a.b".into()), Step::Key("n".into())]);
        assert_eq!(steps(r#"db[0]."a.b".n"#), expected);
        assert_eq!(steps(r#"["db"][0]["a.b"]['n']"#), expected);
    }

    proptest::proptest! {
        #[test]
        fn a_path_that_is_spelled_is_read_again(keys in proptest::collection::vec("#?.{0,4}", 1..4), index in 0_u64..9, document in 0_u64..3) {
            let mut tree = PathTree::default();
            let mut path = tree.child(PathTree::ROOT, Segment::Document(document));
            for key in &keys {
                path = tree.child(path, Segment::Key { text: key, quoted: false });
                path = tree.child(path, Segment::Index(index));
            }
            let query = PathQuery::of(&tree, path).expect("not a root");
            proptest::prop_assert_eq!(PathQuery::parse(&query.to_string()), Ok(query));
        }
    }

    #[test]
    fn a_document_may_be_named() {
        for (text, document, step) in [
            ("#1.a", 1, "a"),
            ("#12[\"a\"]", 12, "a"),
            ("a", 0, "a"),
            ("#1", 0, "#1"),
            ("#x.a", 0, "#x"),
            ("\"#1\".a", 0, "#1"),
        ] {
            let query = PathQuery::parse(text).expect("a path");
            assert_eq!((query.document(), &query.steps()[0]), (document, &Step::Key(step.into())), "{text}");
        }
        assert_eq!(steps("#1."), Err("an empty path names nothing"));
    }

    #[test]
    fn with_dotted_keys_a_path_is_one_key() {
        let query = |text: &str| PathQuery::parse(text).expect("a path");
        let key = |key: &str| vec![Step::Key(key.into())];
        for text in ["a.b", "\"a.b\"", "[\"a\"][\"b\"]"] {
            assert_eq!(query(text).meant(true).steps, key("a.b"), "{text}");
        }
        assert_eq!(*query("a.b").meant(false), query("a.b"));
        assert_eq!(*query("a[0].b").meant(true), query("a[0].b"));
        for (quoted, typed) in
            [("\"a.b\"", "a.b"), ("\"a..b\"", "\"a..b\""), ("\"#1.a\"", "\"#1.a\""), ("\"a[0]\"", "\"a[0]\"")]
        {
            let query = query(quoted);
            assert_eq!(query.clone().without_quotes().to_string(), typed);
            assert_eq!(PathQuery::parse(typed).expect("a path").meant(true).steps, query.steps);
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, what) in [
            ("", "an empty path names nothing"),
            ("a..b", "a key is missing"),
            ("a.", "a key is missing"),
            ("a[x]", "in brackets stands an index or a quoted key"),
            ("a[-1]", "in brackets stands an index or a quoted key"),
            ("a[0", "a bracket is not closed"),
            ("[\"a]", "a quoted key is not well-formed"),
            ("[\"a\"]b", "between keys stands a dot"),
        ] {
            assert_eq!(steps(text), Err(what), "{text}");
        }
    }
}
