//! YAML.

use super::is_empty;
use crate::layout::{Indent, Layout, Quotes};
use crate::tree::{Entry, Node, Value};

pub(super) fn print(out: &mut String, root: &Node, layout: Layout) {
    block(out, root, layout, 0, false);
}

/// Prints what is in a map or list. `open` says that the first line has begun: the dash before it is written.
fn block(out: &mut String, node: &Node, layout: Layout, indent: usize, open: bool) {
    let lead = " ".repeat(indent);
    let step = if let Indent::Blanks(blanks) = layout.indent { blanks } else { 2 };
    let is_list = matches!(node, Node::List(_));
    if is_empty(node) {
        *out += &format!("{}{}\n", if open { "" } else { &lead }, if is_list { "[]" } else { "{}" });
    }
    for (number, entry) in node.children().iter().enumerate() {
        let continued = open && number == 0;
        if !continued {
            entry
                .above
                .iter()
                .for_each(|line| *out += &if line.is_empty() { "\n".into() } else { format!("{lead}{line}\n") });
            out.push_str(&lead);
        }
        *out += &if is_list { "-".to_owned() } else { format!("{}:", entry.key) };
        match &entry.node {
            Node::Leaf(value) => leaf(out, value, entry.behind.as_deref(), layout, indent),
            child if is_empty(child) || entry.flow => {
                out.push(' ');
                flow(out, child, layout, indent + 2);
                out.push('\n');
            }
            child if is_list => {
                out.push(' ');
                block(out, child, layout, indent + 2, true);
            }
            child => {
                out.push('\n');
                let deeper = !matches!(child, Node::List(_)) || layout.deep_lists;
                block(out, child, layout, if deeper { indent + step } else { indent }, false);
            }
        }
    }
}

fn leaf(out: &mut String, value: &Value, behind: Option<&str>, layout: Layout, indent: usize) {
    let behind = behind.map_or(String::new(), |comment| format!(" {comment}"));
    *out += &match value {
        Value::Empty => format!("{behind}\n"),
        Value::Lines(lines) => {
            let body: String = lines.iter().map(|line| format!("{}{line}\n", " ".repeat(indent + 2))).collect();
            format!(" |{behind}\n{body}")
        }
        _ => format!(" {}{behind}\n", on_one_line(value, layout)),
    };
}

/// Prints a value, map or list within brackets, or for them.
fn flow(out: &mut String, node: &Node, layout: Layout, indent: usize) {
    let (open, close) = match node {
        Node::Leaf(value) => return *out += &on_one_line(value, layout),
        Node::List(_) => ('[', ']'),
        Node::Map(_) => ('{', '}'),
    };
    let is_on_lines = layout.flow_lines && !node.children().is_empty();
    let line = |indent: usize| if is_on_lines { format!("\n{}", " ".repeat(indent)) } else { String::new() };
    out.push(open);
    for (number, Entry { key, node: child, .. }) in node.children().iter().enumerate() {
        out.push_str(match number {
            0 => "",
            _ if is_on_lines => ",",
            _ => ", ",
        });
        *out += &line(indent);
        if open == '{' {
            *out += &format!("{key}: ");
        }
        flow(out, child, layout, indent + 2);
    }
    *out += &line(indent - 2);
    out.push(close);
}

fn on_one_line(value: &Value, layout: Layout) -> String {
    match value {
        Value::Alias(name) => format!("*{name}"),
        Value::Anchored(name, text) => format!("&{name} {text}"),
        Value::Empty => "''".to_owned(),
        Value::Lines(lines) => format!("\"{}\"", lines.join("\\n")),
        Value::Literal(text) => text.clone(),
        Value::Word(text) => match layout.quotes {
            Quotes::Bare => text.clone(),
            Quotes::Double => format!("\"{text}\""),
            Quotes::Single => format!("'{text}'"),
        },
    }
}
