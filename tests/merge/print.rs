//! Trees as text.

use crate::tree::{Entry, Node, Style, Syntax, Tree, Value};

/// The text of `tree`.
pub(crate) fn print(tree: &Tree) -> String {
    let mut out = String::new();
    match tree.style.syntax {
        Syntax::Dotenv => tree.documents.iter().for_each(|root| dotenv(&mut out, root)),
        Syntax::Ini => tree.documents.iter().for_each(|root| {
            out.push_str("[main]\n");
            ini(&mut out, root);
        }),
        Syntax::Toml => tree.documents.iter().for_each(|root| toml(&mut out, root, "")),
        Syntax::Json => tree.documents.iter().for_each(|root| {
            json(&mut out, root, 0);
            out.push('\n');
        }),
        Syntax::Yaml => {
            for (number, root) in tree.documents.iter().enumerate() {
                if number > 0 {
                    out.push_str("---\n");
                }
                yaml(&mut out, root, tree.style, 0, false);
            }
        }
    }
    out
}

fn dotenv(out: &mut String, root: &Node) {
    for Entry { key, node, above, .. } in root.children() {
        above.iter().for_each(|line| *out += &format!("{line}\n"));
        let Node::Leaf(value) = node else { panic!("dotenv is flat") };
        let value = match value {
            Value::Empty => String::new(),
            Value::Lines(lines) => format!("\"{}\"", lines.join("\n")),
            Value::Literal(text) => text.clone(),
            Value::Word(text) => format!("'{text}'"),
            Value::Alias(_) | Value::Anchored(..) => panic!("only YAML has anchors"),
        };
        *out += &format!("{key}={value}\n");
    }
}

fn ini(out: &mut String, root: &Node) {
    for Entry { key, node, above, .. } in root.children() {
        above.iter().for_each(|line| *out += &format!("{line}\n"));
        let Node::Leaf(value) = node else { panic!("INI is flat here") };
        *out += &match value {
            Value::Empty => format!("{key} =\n"),
            Value::Lines(lines) => format!("{key} =\n    {}\n", lines.join("\n    ")),
            Value::Literal(text) | Value::Word(text) => format!("{key} = {text}\n"),
            Value::Alias(_) | Value::Anchored(..) => panic!("only YAML has anchors"),
        };
    }
}

/// Prints a table whose header stands already: first its values, then the tables in it.
fn toml(out: &mut String, node: &Node, path: &str) {
    let is_map = |node: &Node| matches!(node, Node::Map(_));
    let is_table = |node: &Node| match node {
        Node::Leaf(_) => false,
        Node::List(items) => !items.is_empty() && items.iter().all(|item| is_map(&item.node)),
        Node::Map(_) => true,
    };
    for Entry { key, node, above, .. } in node.children().iter().filter(|entry| !is_table(&entry.node)) {
        above.iter().for_each(|line| *out += &format!("{line}\n"));
        *out += &format!("{key} = ");
        toml_inline(out, node);
        out.push('\n');
    }
    for Entry { key, node, above, .. } in node.children().iter().filter(|entry| is_table(&entry.node)) {
        above.iter().for_each(|line| *out += &format!("{line}\n"));
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        let Node::List(items) = node else {
            *out += &format!("[{path}]\n");
            toml(out, node, &path);
            continue;
        };
        for item in items {
            item.above.iter().for_each(|line| *out += &format!("{line}\n"));
            *out += &format!("[[{path}]]\n");
            toml(out, &item.node, &path);
        }
    }
}

fn toml_inline(out: &mut String, node: &Node) {
    match node {
        Node::Leaf(Value::Empty) => out.push_str("\"\""),
        Node::Leaf(Value::Lines(lines)) => *out += &format!("\"\"\"\n{}\"\"\"", lines.join("\n")),
        Node::Leaf(Value::Literal(text)) => *out += &text.replace("null", "nan"),
        Node::Leaf(Value::Word(text)) => *out += &format!("'{text}'"),
        Node::Leaf(Value::Alias(_) | Value::Anchored(..)) => panic!("only YAML has anchors"),
        Node::List(items) if items.is_empty() => out.push_str("[]"),
        Node::List(items) => {
            out.push_str("[\n");
            for item in items {
                item.above.iter().for_each(|line| *out += &format!("  {line}\n"));
                out.push_str("  ");
                toml_inline(out, &item.node);
                out.push_str(",\n");
            }
            out.push(']');
        }
        Node::Map(entries) => {
            out.push('{');
            for (number, entry) in entries.iter().enumerate() {
                *out += &format!("{}{} = ", if number > 0 { ", " } else { " " }, entry.key);
                toml_inline(out, &entry.node);
            }
            out.push_str(" }");
        }
    }
}

fn json(out: &mut String, node: &Node, indent: usize) {
    let (entries, open, close) = match node {
        Node::Leaf(value) => {
            *out += &match value {
                Value::Empty => "\"\"".to_owned(),
                Value::Lines(lines) => format!("\"{}\"", lines.join("\\n")),
                Value::Literal(text) => text.clone(),
                Value::Word(text) => format!("\"{text}\""),
                Value::Alias(_) | Value::Anchored(..) => panic!("only YAML has anchors"),
            };
            return;
        }
        Node::List(entries) => (entries, '[', ']'),
        Node::Map(entries) => (entries, '{', '}'),
    };
    out.push(open);
    for (number, entry) in entries.iter().enumerate() {
        *out += if number == 0 { "\n" } else { ",\n" };
        *out += &" ".repeat(indent + 2);
        if open == '{' {
            *out += &format!("\"{}\": ", entry.key);
        }
        json(out, &entry.node, indent + 2);
    }
    if !entries.is_empty() {
        *out += &format!("\n{}", " ".repeat(indent));
    }
    out.push(close);
}

/// Prints what is in a map or list. `open` says that the first line has begun: the dash before it is written.
fn yaml(out: &mut String, node: &Node, style: Style, indent: usize, open: bool) {
    let lead = " ".repeat(indent);
    if node.children().is_empty() {
        *out +=
            &format!("{}{}\n", if open { "" } else { &lead }, if matches!(node, Node::List(_)) { "[]" } else { "{}" });
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
        *out += &if matches!(node, Node::List(_)) { "-".to_owned() } else { format!("{}:", entry.key) };
        let is_item = matches!(node, Node::List(_));
        match &entry.node {
            Node::Leaf(value) => yaml_leaf(out, value, entry.behind.as_deref(), indent),
            Node::Map(entries) if entries.is_empty() => out.push_str(" {}\n"),
            Node::List(entries) if entries.is_empty() => out.push_str(" []\n"),
            child if is_item => {
                out.push(' ');
                yaml(out, child, style, indent + 2, true);
            }
            child => {
                out.push('\n');
                let deeper = !matches!(child, Node::List(_)) || style.deep_lists;
                yaml(out, child, style, if deeper { indent + 2 } else { indent }, false);
            }
        }
    }
}

fn yaml_leaf(out: &mut String, value: &Value, behind: Option<&str>, indent: usize) {
    let behind = behind.map_or(String::new(), |comment| format!(" {comment}"));
    *out += &match value {
        Value::Alias(name) => format!(" *{name}{behind}\n"),
        Value::Anchored(name, text) => format!(" &{name} {text}{behind}\n"),
        Value::Empty => format!("{behind}\n"),
        Value::Lines(lines) => {
            let body: String = lines.iter().map(|line| format!("{}{line}\n", " ".repeat(indent + 2))).collect();
            format!(" |{behind}\n{body}")
        }
        Value::Literal(text) | Value::Word(text) => format!(" {text}{behind}\n"),
    };
}
