//! JSON.

use super::Plain;
use crate::layout::{Indent, Layout};
use crate::tree::Node;

pub(super) fn print(out: &mut String, root: &Node, layout: Layout) {
    node(out, root, layout, 0);
    out.push('\n');
}

fn node(out: &mut String, node: &Node, layout: Layout, depth: usize) {
    let (entries, open, close) = match node {
        Node::Leaf(value) => {
            *out += &match Plain::of(value) {
                Plain::Empty => "\"\"".to_owned(),
                Plain::Lines(lines) => format!("\"{}\"", lines.join("\\n")),
                Plain::Literal(text) => text.to_owned(),
                Plain::Word(text) => format!("\"{text}\""),
            };
            return;
        }
        Node::List(entries) => (entries, '[', ']'),
        Node::Map(entries) => (entries, '{', '}'),
    };
    out.push(open);
    for (number, entry) in entries.iter().enumerate() {
        if number > 0 {
            out.push(',');
        }
        line(out, layout, depth + 1);
        if open == '{' {
            *out += &format!("\"{}\":{}", entry.key, if layout.indent == Indent::Minified { "" } else { " " });
        }
        self::node(out, &entry.node, layout, depth + 1);
    }
    if !entries.is_empty() {
        line(out, layout, depth);
    }
    out.push(close);
}

/// Begins a new line.
fn line(out: &mut String, layout: Layout, depth: usize) {
    let indent = match layout.indent {
        Indent::Minified => return,
        Indent::Blanks(blanks) => " ".repeat(blanks * depth),
        Indent::Tab => "\t".repeat(depth),
    };
    *out += &format!("\n{indent}");
}
