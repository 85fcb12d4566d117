//! Paths that people type: `db.users[0].name`, or SOPS's `["db"]["users"][0]["name"]`.

use std::fmt;

use crate::leaf::{PathId, PathTree, Segment};

/// A path to one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathQuery {
    text: String,
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
    /// Reads a path. Keys with dots, brackets or quotes stand in double quotes, with JSON's escapes.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let mut steps = Vec::new();
        let mut rest = text;
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
        Ok(Self { text: text.to_owned(), steps })
    }

    /// The path to a node of `tree`, in the syntax with dots; none for what is not in the first document, which no path
    /// can name, and for the root.
    #[must_use]
    pub fn of(tree: &PathTree, path: PathId) -> Option<Self> {
        let mut query = Self { text: String::new(), steps: Vec::new() };
        for segment in tree.segments(path) {
            match segment {
                Segment::Document(0) => {}
                Segment::Document(_) => return None,
                Segment::Index(index) => {
                    query.text.push_str(&format!("[{index}]"));
                    query.steps.push(Step::Index(usize::try_from(index).ok()?));
                }
                Segment::Key { text, .. } => {
                    if !query.steps.is_empty() {
                        query.text.push('.');
                    }
                    query.text.push_str(&spelled(text));
                    query.steps.push(Step::Key(text.to_owned()));
                }
            }
        }
        (!query.steps.is_empty()).then_some(query)
    }

    /// Whether `other` is this path, or one below it.
    #[must_use]
    pub fn leads_to(&self, other: &Self) -> bool {
        other.steps.starts_with(&self.steps)
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
    let plain = |c: char| !c.is_control() && !matches!(c, '.' | '[' | ']' | '"' | '\'');
    if !key.is_empty() && key.chars().all(plain) { key.to_owned() } else { serde_json::Value::from(key).to_string() }
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
        fn a_path_that_is_spelled_is_read_again(keys in proptest::collection::vec(".{0,4}", 1..4), index in 0_u64..9) {
            let mut tree = PathTree::default();
            let mut path = tree.child(PathTree::ROOT, Segment::Document(0));
            for key in &keys {
                path = tree.child(path, Segment::Key { text: key, quoted: false });
                path = tree.child(path, Segment::Index(index));
            }
            let query = PathQuery::of(&tree, path).expect("in the first document");
            proptest::prop_assert_eq!(PathQuery::parse(&query.to_string()), Ok(query));
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
