//! Trees as TOML: the values of a table first, then the tables in it.

use serde_json::Value as Json;

use super::refuse;
use crate::error::Error;
use crate::file::scalar::Scalar;
use crate::file::tree::Value;

/// `document` in TOML.
pub(super) fn print(document: &Value) -> Result<String, Error> {
    let Value::Map(entries) = document else { return refuse(".", "TOML holds keys with values") };
    let mut out = String::new();
    table(entries, "", &mut out)?;
    Ok(out)
}

/// Writes the entries of the table at `path`, whose header stands already.
fn table(entries: &[(String, Value)], path: &str, out: &mut String) -> Result<(), Error> {
    let join = |name: &str| if path.is_empty() { key(name) } else { format!("{path}.{}", key(name)) };
    for (name, value) in entries.iter().filter(|(_, value)| !is_table(value)) {
        out.push_str(&key(name));
        out.push_str(" = ");
        inline(value, &join(name), out)?;
        out.push('\n');
    }
    for (name, value) in entries.iter().filter(|(_, value)| is_table(value)) {
        let path = join(name);
        match value {
            Value::Map(inner) => {
                // A table that holds only tables needs no header.
                if inner.is_empty() || inner.iter().any(|(_, value)| !is_table(value)) {
                    header(&format!("[{path}]"), out);
                }
                table(inner, &path, out)?;
            }
            Value::List(items) => {
                for item in items {
                    header(&format!("[[{path}]]"), out);
                    if let Value::Map(inner) = item {
                        table(inner, &path, out)?;
                    }
                }
            }
            Value::Scalar(_) => {}
        }
    }
    Ok(())
}

/// Whether a value is written under headers: a map, or a list of nothing but maps.
fn is_table(value: &Value) -> bool {
    match value {
        Value::List(items) => !items.is_empty() && items.iter().all(|item| matches!(item, Value::Map(_))),
        Value::Map(_) => true,
        Value::Scalar(_) => false,
    }
}

fn header(text: &str, out: &mut String) {
    if !out.is_empty() {
        out.push('\n');
    }
    out.push_str(text);
    out.push('\n');
}

fn inline(value: &Value, path: &str, out: &mut String) -> Result<(), Error> {
    match value {
        Value::List(items) => {
            out.push('[');
            for (number, item) in items.iter().enumerate() {
                out.push_str(if number > 0 { ", " } else { "" });
                inline(item, &format!("{path}[{number}]"), out)?;
            }
            out.push(']');
        }
        Value::Map(entries) if entries.is_empty() => out.push_str("{}"),
        Value::Map(entries) => {
            for (number, (name, value)) in entries.iter().enumerate() {
                out.push_str(if number > 0 { ", " } else { "{ " });
                out.push_str(&key(name));
                out.push_str(" = ");
                inline(value, &format!("{path}.{}", key(name)), out)?;
            }
            out.push_str(" }");
        }
        Value::Scalar(Scalar::Inherited | Scalar::Null) => return refuse(path, "TOML has no null"),
        Value::Scalar(Scalar::Number(text)) if !fits(text) => {
            return refuse(path, "TOML has no whole numbers of more than 64 bits");
        }
        Value::Scalar(Scalar::Text(text)) => out.push_str(&quoted(text)),
        Value::Scalar(scalar) => out.push_str(scalar.text()),
    }
    Ok(())
}

fn fits(number: &str) -> bool {
    number.contains(['.', 'e', 'E']) || number.parse::<i64>().is_ok()
}

fn key(name: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    if !name.is_empty() && name.bytes().all(bare) { name.to_owned() } else { quoted(name) }
}

/// A basic string: JSON's escapes are among TOML's, which wants one more character escaped.
fn quoted(text: &str) -> String {
    Json::String(text.to_owned()).to_string().replace('\u{7f}', "\\u007f")
}
