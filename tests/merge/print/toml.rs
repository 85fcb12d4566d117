//! TOML.

use super::Plain;
use crate::layout::{Layout, Quotes};
use crate::tree::{Entry, Node};

pub(super) fn print(out: &mut String, root: &Node, layout: Layout) {
    table(out, root, layout, "");
}

/// Whether it has a header of its own.
fn is_table(Entry { node, flow, .. }: &Entry) -> bool {
    let is_map = |node: &Node| matches!(node, Node::Map(_));
    match node {
        _ if *flow => false,
        Node::Leaf(_) => false,
        Node::List(items) => !items.is_empty() && items.iter().all(|item| is_map(&item.node)),
        Node::Map(_) => true,
    }
}

/// Prints a table whose header stands already: first its values, then the tables in it.
fn table(out: &mut String, node: &Node, layout: Layout, path: &str) {
    let is_dotted = |entry: &Entry| layout.dotted && matches!(&entry.node, Node::Map(fields) if !fields.is_empty());
    let (tables, values): (Vec<&Entry>, Vec<_>) =
        node.children().iter().partition(|entry| is_table(entry) && !(is_dotted(entry) && path.is_empty()));
    for entry in values {
        value(out, entry, layout, "");
    }
    for Entry { key, node, above, .. } in tables {
        comments(out, above);
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        let Node::List(items) = node else {
            *out += &format!("[{path}]\n");
            table(out, node, layout, &path);
            continue;
        };
        for item in items {
            comments(out, &item.above);
            *out += &format!("[[{path}]]\n");
            table(out, &item.node, layout, &path);
        }
    }
}

/// Prints a key with its value, or as many dotted keys as a table has values.
fn value(out: &mut String, entry: &Entry, layout: Layout, path: &str) {
    comments(out, &entry.above);
    let key = format!("{path}{}", entry.key);
    match &entry.node {
        Node::Map(fields) if !fields.is_empty() && layout.dotted && !entry.flow => {
            fields.iter().for_each(|field| value(out, field, layout, &format!("{key}.")));
        }
        node => {
            *out += &format!("{key} = ");
            inline(out, node, layout);
            out.push('\n');
        }
    }
}

fn comments(out: &mut String, above: &[String]) {
    above.iter().for_each(|line| *out += &format!("{line}\n"));
}

fn inline(out: &mut String, node: &Node, layout: Layout) {
    let value = match node {
        Node::Leaf(value) => Plain::of(value),
        Node::List(items) if items.is_empty() => return out.push_str("[]"),
        Node::List(items) if layout.flow_lines || layout.flow == 0 => {
            out.push_str("[\n");
            for item in items {
                item.above.iter().for_each(|line| *out += &format!("  {line}\n"));
                out.push_str("  ");
                inline(out, &item.node, layout);
                out.push_str(",\n");
            }
            return out.push(']');
        }
        Node::List(items) => {
            out.push('[');
            for (number, item) in items.iter().enumerate() {
                out.push_str(if number > 0 { ", " } else { "" });
                inline(out, &item.node, layout);
            }
            return out.push(']');
        }
        Node::Map(entries) => {
            out.push('{');
            for (number, entry) in entries.iter().enumerate() {
                *out += &format!("{}{} = ", if number > 0 { ", " } else { " " }, entry.key);
                inline(out, &entry.node, layout);
            }
            return out.push_str(" }");
        }
    };
    *out += &match value {
        Plain::Empty => "\"\"".to_owned(),
        Plain::Lines(lines) => format!("\"\"\"\n{}\"\"\"", lines.join("\n")),
        Plain::Literal(text) => text.replace("null", "nan"),
        Plain::Word(text) if layout.quotes == Quotes::Double => format!("\"{text}\""),
        Plain::Word(text) => format!("'{text}'"),
    };
}
