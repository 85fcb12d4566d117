//! Trees as text.

use crate::tree::{Node, Syntax, Tree, Value};

mod json;
mod lines;
mod toml;
mod yaml;

/// The text of `tree`.
pub(crate) fn print(tree: &Tree) -> String {
    let mut out = String::new();
    let layout = tree.style.layout;
    for (number, root) in tree.documents.iter().enumerate() {
        match tree.style.syntax {
            Syntax::Dotenv => lines::dotenv(&mut out, root, layout),
            Syntax::Ini => lines::ini(&mut out, root, layout),
            Syntax::Json => json::print(&mut out, root, layout),
            Syntax::Properties => lines::properties(&mut out, root, layout),
            Syntax::Toml => toml::print(&mut out, root, layout),
            Syntax::Yaml => {
                out.push_str(if number > 0 { "---\n" } else { "" });
                yaml::print(&mut out, root, layout);
            }
        }
    }
    if layout.crlf { out.replace('\n', "\r\n") } else { out }
}

/// Whether this is printed on lines of its own in every layout.
fn is_empty(node: &Node) -> bool {
    !matches!(node, Node::Leaf(_)) && node.children().is_empty()
}

/// A value of a format without anchors.
enum Plain<'t> {
    Empty,
    Lines(&'t [String]),
    Literal(&'t str),
    Word(&'t str),
}

impl<'t> Plain<'t> {
    fn of(value: &'t Value) -> Self {
        match value {
            Value::Alias(_) | Value::Anchored(..) => panic!("only YAML has anchors"),
            Value::Empty => Self::Empty,
            Value::Lines(lines) => Self::Lines(lines),
            Value::Literal(text) => Self::Literal(text),
            Value::Word(text) => Self::Word(text),
        }
    }
}
