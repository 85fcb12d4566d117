//! Formats with a line for each value.

use super::Plain;
use crate::layout::{Layout, Quotes};
use crate::tree::{Entry, Node};

pub(super) fn dotenv(out: &mut String, root: &Node, layout: Layout) {
    for (Entry { key, above, .. }, value) in values(root) {
        comments(out, above, "#");
        let value = match value {
            Plain::Empty => String::new(),
            Plain::Lines(lines) => format!("\"{}\"", lines.join("\n")),
            Plain::Literal(text) => text.to_owned(),
            Plain::Word(text) => match layout.quotes {
                Quotes::Bare => text.to_owned(),
                Quotes::Double => format!("\"{text}\""),
                Quotes::Single => format!("'{text}'"),
            },
        };
        *out += &format!("{}{key}={value}\n", if layout.export { "export " } else { "" });
    }
}

pub(super) fn properties(out: &mut String, root: &Node, layout: Layout) {
    for (Entry { key, above, .. }, value) in values(root) {
        comments(out, above, layout.sign);
        let value = match value {
            Plain::Empty => String::new(),
            Plain::Lines(lines) => lines.join("\\n\\\n    "),
            Plain::Literal(text) | Plain::Word(text) => text.to_owned(),
        };
        *out += &format!("{key}{}{value}\n", layout.delimiter);
    }
}

/// Values at the root stand before the first header.
pub(super) fn ini(out: &mut String, root: &Node, layout: Layout) {
    ini_values(out, root, layout);
    for Entry { key, node, above, .. } in root.children() {
        if let Node::Map(_) = node {
            comments(out, above, layout.sign);
            *out += &format!("[{key}]\n");
            ini_values(out, node, layout);
        }
    }
}

fn ini_values(out: &mut String, node: &Node, layout: Layout) {
    for (Entry { key, above, .. }, value) in values(node) {
        comments(out, above, layout.sign);
        let value = match value {
            Plain::Empty => String::new(),
            Plain::Lines(lines) => format!("\n    {}", lines.join("\n    ")),
            Plain::Literal(text) => text.to_owned(),
            Plain::Word(text) if layout.quotes == Quotes::Double => format!("\"{text}\""),
            Plain::Word(text) => text.to_owned(),
        };
        *out += format!("{key}{}{value}", layout.delimiter).trim_end_matches(' ');
        out.push('\n');
    }
}

fn comments(out: &mut String, above: &[String], sign: &str) {
    above.iter().for_each(|line| *out += &format!("{}\n", line.replacen('#', sign, 1)));
}

fn values(node: &Node) -> impl Iterator<Item = (&Entry, Plain<'_>)> {
    node.children().iter().filter_map(|entry| match &entry.node {
        Node::Leaf(value) => Some((entry, Plain::of(value))),
        Node::List(_) | Node::Map(_) => None,
    })
}
