//! Random plaintexts that every format can hold, with the values that they mean.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value as Json, json};

/// A value; a comment stands before an entry or an item.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    Scalar(Json),
    /// A YAML timestamp.
    Time(&'static str),
    List(Vec<(Comment, Node)>),
    Map(Vec<(Comment, &'static str, Node)>),
}

/// Words of the comment above, if any.
pub(crate) type Comment = Option<&'static str>;

const KEYS: &[&str] = &[
    "a",
    "b",
    "key",
    "secret",
    "secret_two",
    "password_enc",
    "public",
    "c:d",
    "with space",
    "é",
    "x-y",
    "last_unencrypted",
];
const TEXTS: &[&str] = &[
    "",
    "x",
    "some text",
    "42",
    "true",
    "null",
    "it's",
    "a: b",
    "# no comment",
    " led",
    "two\nlines\n",
    "é日😀",
    "- x",
    "\"q\"",
    "back\\slash",
    "tab\tx",
    "2001-12-14",
    "ENC",
    "[x]",
    "<&>",
    "1e3",
    "\n",
];
const COMMENTS: &[&str] = &["note", "clear: note", "enc: note", "- x: [", "é"];

/// A document: its root is a map.
pub(crate) fn documents() -> BoxedStrategy<Node> {
    let scalar = prop_oneof![
        6 => select(TEXTS).prop_map(|text| Node::Scalar(json!(text))),
        2 => (-99_999i64..99_999).prop_map(|number| Node::Scalar(json!(number))),
        1 => select(&[0.5, -1.25, 123.0625, 1e-4][..]).prop_map(|number| Node::Scalar(json!(number))),
        1 => any::<bool>().prop_map(|value| Node::Scalar(json!(value))),
        1 => Just(Node::Scalar(Json::Null)),
        1 => select(&["2001-12-14T21:59:43Z", "2026-01-02T03:04:05.25+01:00"][..]).prop_map(Node::Time),
    ];
    let node = scalar.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![vec((comment(), inner.clone()), 0..4).prop_map(list), map(inner, 0..4),]
    });
    map(node.boxed(), 1..7).boxed()
}

/// Sections or lines: maps whose values are texts on one line.
pub(crate) fn flat_documents(depth: u32) -> BoxedStrategy<Node> {
    let text = select(&["x", "some text", "42", "é日", "k=v", "it's", "true", "a:b"][..]);
    let mut node = text.prop_map(|text| Node::Scalar(json!(text))).boxed();
    for _ in 0..depth {
        node = map(node, 1..5).boxed();
    }
    node
}

/// A list. Of two comments above an item and above its first key, SOPS prints only one.
fn list(mut items: Vec<(Comment, Node)>) -> Node {
    for (_, item) in &mut items {
        if let Node::Map(entries) = item
            && let Some((comment, ..)) = entries.first_mut()
        {
            *comment = None;
        }
    }
    Node::List(items)
}

fn map(inner: BoxedStrategy<Node>, size: std::ops::Range<usize>) -> impl Strategy<Value = Node> {
    let entries = subsequence(KEYS, size).prop_shuffle();
    entries.prop_flat_map(move |keys| {
        let values = vec((comment(), inner.clone()), keys.len());
        values.prop_map(move |values| {
            Node::Map(values.into_iter().zip(&keys).map(|((comment, value), key)| (comment, *key, value)).collect())
        })
    })
}

fn comment() -> impl Strategy<Value = Comment> {
    prop_oneof![3 => Just(None), 1 => select(COMMENTS).prop_map(Some)]
}

impl Node {
    /// What a reader gets.
    pub(crate) fn values(&self) -> Json {
        match self {
            Self::Scalar(value) => value.clone(),
            Self::Time(text) => json!(text),
            Self::List(items) => items.iter().map(|(_, item)| item.values()).collect(),
            Self::Map(entries) => {
                entries.iter().map(|(_, key, value)| ((*key).to_owned(), value.values())).collect::<Map<_, _>>().into()
            }
        }
    }

    /// The document without comments, or without those in lists and below.
    pub(crate) fn without_comments(self, in_maps: bool) -> Self {
        match self {
            Self::List(items) => {
                Self::List(items.into_iter().map(|(_, item)| (None, item.without_comments(true))).collect())
            }
            Self::Map(entries) => {
                let entries = entries
                    .into_iter()
                    .map(|(comment, key, value)| (comment.filter(|_| !in_maps), key, value.without_comments(in_maps)));
                Self::Map(entries.collect())
            }
            other => other,
        }
    }

    /// The comments, but those of the entries with these keys.
    pub(crate) fn comments_but_of(&self, gone: &BTreeSet<String>) -> Vec<&'static str> {
        let of = |(comment, value): (&Comment, &Node)| {
            comment.iter().copied().chain(value.comments_but_of(&BTreeSet::new())).collect::<Vec<_>>()
        };
        match self {
            Self::List(items) => items.iter().flat_map(|(comment, item)| of((comment, item))).collect(),
            Self::Map(entries) => {
                let kept = entries.iter().filter(|(_, key, _)| !gone.contains(*key));
                kept.flat_map(|(comment, _, value)| of((comment, value))).collect()
            }
            _ => Vec::new(),
        }
    }

    fn entries(&self) -> &[(Comment, &'static str, Node)] {
        if let Self::Map(entries) = self { entries } else { &[] }
    }

    /// The JSON text, by default as SOPS prints it.
    pub(crate) fn json(&self) -> String {
        serde_json::to_string_pretty(&self.values()).expect("JSON") + "\n"
    }

    /// The lines of a dotenv file.
    pub(crate) fn dotenv(&self) -> String {
        let lines = self.entries().iter().flat_map(|(comment, key, value)| {
            let text = value.values().as_str().expect("a text").replace('\n', "\\n");
            [comment.map(|comment| format!("# {comment}\n")), Some(format!("{key}={text}\n"))]
        });
        lines.flatten().collect()
    }

    /// The sections of an INI file.
    pub(crate) fn ini(&self) -> String {
        let mut text = String::new();
        for (comment, name, section) in self.entries() {
            text.extend(comment.map(|comment| format!("; {comment}\n")));
            text.push_str(&format!("[{name}]\n"));
            for (comment, key, value) in section.entries() {
                text.extend(comment.map(|comment| format!("; {comment}\n")));
                let key = if key.contains(':') { format!("`{key}`") } else { (*key).to_owned() };
                text.push_str(&format!("{key} = {}\n", value.values().as_str().expect("a text")));
            }
        }
        text
    }

    /// The YAML text.
    pub(crate) fn yaml(&self) -> String {
        let mut text = String::new();
        self.write_yaml(0, &mut text);
        text
    }

    /// Writes it behind a key, a dash, or at the start; it ends with a line break.
    fn write_yaml(&self, indent: usize, text: &mut String) {
        let pad = " ".repeat(indent);
        match self {
            Self::Time(time) => text.push_str(&format!(" {time}\n")),
            Self::Scalar(value) => text.push_str(&format!(" {value}\n")),
            Self::List(items) if items.is_empty() => text.push_str(" []\n"),
            Self::Map(entries) if entries.is_empty() => text.push_str(" {}\n"),
            Self::List(items) => {
                text.push('\n');
                for (comment, item) in items {
                    text.extend(comment.map(|comment| format!("{pad}# {comment}\n")));
                    text.push_str(&format!("{pad}-"));
                    item.write_yaml(indent + 2, text);
                }
            }
            Self::Map(entries) => {
                if !text.is_empty() {
                    text.push('\n');
                }
                for (comment, key, value) in entries {
                    text.extend(comment.map(|comment| format!("{pad}# {comment}\n")));
                    text.push_str(&format!("{pad}{}:", json!(key)));
                    value.write_yaml(indent + 2, text);
                }
            }
        }
    }
}
