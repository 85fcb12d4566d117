//! Trees as text of another format. Formatting is ours here: the source's layout belongs to the source's format.

mod ini;
mod properties;
mod toml;

use serde_json::{Map, Value as Json};
use zeroize::Zeroizing;

use super::scalar::Scalar;
use super::tree::{Tree, Value};
use crate::document::Format;
use crate::error::Error;

impl Tree {
    /// The tree in `format`.
    ///
    /// # Errors
    /// [`Error::Unrepresentable`] for what the format cannot hold: several documents in JSON, null in TOML, maps in dotenv.
    pub fn print(&self, format: &dyn Format) -> Result<Zeroizing<String>, Error> {
        if let Some(path) = &self.tagged {
            return refuse(path, "its tag means something to YAML readers only");
        }
        match (format.name(), &self.documents[..]) {
            ("yaml", documents) => Ok(Zeroizing::new(yaml(documents))),
            ("json", [document]) => Ok(Zeroizing::new(json_text(document))),
            ("toml", [document]) => toml::print(document).map(Zeroizing::new),
            ("ini", [document]) => ini::print(document).map(Zeroizing::new),
            ("properties", [document]) => properties::print(document).map(Zeroizing::new),
            ("dotenv", [document]) => dotenv(document).map(Zeroizing::new),
            ("binary", _) => refuse(".", "only a binary file can be printed as one"),
            _ => refuse(".", "this format holds one document only"),
        }
    }

    /// What `--extract` prints: the bare text of a scalar without a line break behind it, anything else in `format`.
    ///
    /// # Errors
    /// As [`Tree::print`].
    pub fn print_extracted(&self, format: &dyn Format) -> Result<Zeroizing<String>, Error> {
        match &self.documents[..] {
            [Value::Scalar(scalar)] => Ok(Zeroizing::new(scalar.text().to_owned())),
            _ => self.print(format),
        }
    }
}

fn json(value: &Value) -> Json {
    match value {
        Value::List(items) => Json::Array(items.iter().map(json).collect()),
        Value::Map(entries) => {
            Json::Object(entries.iter().map(|(key, value)| (key.clone(), json(value))).collect::<Map<_, _>>())
        }
        Value::Scalar(Scalar::Bool(value)) => Json::Bool(*value),
        Value::Scalar(Scalar::Inherited | Scalar::Null) => Json::Null,
        // With arbitrary precision a number keeps its spelling.
        Value::Scalar(Scalar::Number(text)) => {
            serde_json::from_str(text).unwrap_or_else(|_| Json::String(text.clone()))
        }
        Value::Scalar(Scalar::Text(text) | Scalar::TomlOnly(text)) => Json::String(text.clone()),
    }
}

fn json_text(value: &Value) -> String {
    format!("{:#}\n", json(value))
}

fn yaml(documents: &[Value]) -> String {
    let mut out = String::new();
    for (number, document) in documents.iter().enumerate() {
        if number > 0 {
            out.push_str("---\n");
        }
        match document {
            Value::List(items) if !items.is_empty() => yaml_list(items, 0, &mut out),
            Value::Map(entries) if !entries.is_empty() => yaml_map(entries, 0, &mut out),
            flow => yaml_flow(flow, &mut out),
        }
    }
    out
}

fn yaml_map(entries: &[(String, Value)], indent: usize, out: &mut String) {
    for (key, value) in entries {
        out.push_str(&" ".repeat(indent));
        out.push_str(&yaml_text(key));
        out.push(':');
        yaml_child(value, indent + 2, out);
    }
}

fn yaml_list(items: &[Value], indent: usize, out: &mut String) {
    for item in items {
        out.push_str(&" ".repeat(indent));
        out.push('-');
        yaml_child(item, indent + 2, out);
    }
}

fn yaml_child(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::List(items) if !items.is_empty() => {
            out.push('\n');
            yaml_list(items, indent, out);
        }
        Value::Map(entries) if !entries.is_empty() => {
            out.push('\n');
            yaml_map(entries, indent, out);
        }
        flow => {
            out.push(' ');
            yaml_flow(flow, out);
        }
    }
}

fn yaml_flow(value: &Value, out: &mut String) {
    match value {
        Value::List(_) => out.push_str("[]"),
        Value::Map(_) => out.push_str("{}"),
        Value::Scalar(Scalar::Inherited | Scalar::Null) => out.push_str("null"),
        Value::Scalar(Scalar::Text(text) | Scalar::TomlOnly(text)) => out.push_str(&yaml_text(text)),
        Value::Scalar(scalar) => out.push_str(scalar.text()),
    }
    out.push('\n');
}

/// A text that every YAML reader takes for this text: bare when it is a word that means nothing else, otherwise in
/// double quotes as in JSON, of which YAML 1.2 is a superset.
fn yaml_text(text: &str) -> String {
    const TYPED: &[&str] = &["null", "true", "false", "yes", "no", "on", "off", "y", "n"];
    let word = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
    let bare = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(word)
        && !TYPED.contains(&text.to_ascii_lowercase().as_str());
    if bare { text.to_owned() } else { yaml_quoted(text) }
}

/// Characters that YAML does not print (YAML 1.2.2, section 5.1), or that readers of YAML 1.1 take for line breaks, are escaped.
fn yaml_quoted(text: &str) -> String {
    let is_escaped =
        |c: char| matches!(c, '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}');
    let quoted = Json::String(text.to_owned()).to_string();
    let mut out = String::with_capacity(quoted.len());
    for c in quoted.chars() {
        if is_escaped(c) { out.push_str(&format!("\\u{:04x}", u32::from(c))) } else { out.push(c) }
    }
    out
}

/// The error for a value at `path` that a format cannot hold.
fn refuse<T>(path: &str, what: &'static str) -> Result<T, Error> {
    Err(Error::Unrepresentable { path: path.to_owned(), what })
}

fn dotenv(value: &Value) -> Result<String, Error> {
    let Value::Map(entries) = value else { return refuse(".", "dotenv holds keys with values") };
    let mut out = String::new();
    for (key, value) in entries {
        let Value::Scalar(scalar) = value else { return refuse(key, "dotenv holds no maps and lists") };
        let name = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
        if key.is_empty() || !name {
            return refuse(key, "dotenv keys have letters, digits, `_`, `.` and `-` only");
        }
        out.push_str(key);
        if *scalar != Scalar::Inherited {
            out.push('=');
            dotenv_text(scalar.text(), &mut out);
        }
        out.push('\n');
    }
    Ok(out)
}

fn dotenv_text(text: &str, out: &mut String) {
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./:@%+,=".contains(&byte)) {
        out.push_str(text);
        return;
    }
    out.push('"');
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '"' | '\\' | '$' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests;
