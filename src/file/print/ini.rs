//! Trees as INI: keys at the root, then sections; a list of maps is a section that repeats.

use super::refuse;
use crate::error::Error;
use crate::file::scalar::Scalar;
use crate::file::tree::Value;

/// `document` in INI.
pub(super) fn print(document: &Value) -> Result<String, Error> {
    let Value::Map(entries) = document else { return refuse(".", "INI holds sections and keys") };
    let mut out = String::new();
    for (key, value) in entries {
        if let Value::Scalar(scalar) = value {
            entry(key, scalar, key, &mut out)?;
        }
    }
    for (name, value) in entries {
        match value {
            Value::Map(entries) => section(name, entries, &mut out)?,
            Value::List(items) => {
                // One alone would be read as a map, none as nothing.
                if items.len() < 2 {
                    return refuse(name, "INI holds a list only of two or more maps, as sections of one name");
                }
                for item in items {
                    let Value::Map(entries) = item else { return refuse(name, "INI holds no lists of values") };
                    section(name, entries, &mut out)?;
                }
            }
            Value::Scalar(_) => {}
        }
    }
    Ok(out)
}

fn section(name: &str, entries: &[(String, Value)], out: &mut String) -> Result<(), Error> {
    if name.is_empty() || name.contains(|c: char| "[]".contains(c) || c.is_control()) {
        return refuse(name, "this cannot be the name of a section in INI");
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out.push_str(&format!("[{name}]\n"));
    for (key, value) in entries {
        let path = format!("{name}.{key}");
        match value {
            Value::Scalar(scalar) => entry(key, scalar, &path, out)?,
            Value::List(_) | Value::Map(_) => return refuse(&path, "INI nests no deeper than sections and keys"),
        }
    }
    Ok(())
}

fn entry(key: &str, value: &Scalar, path: &str, out: &mut String) -> Result<(), Error> {
    let other = |c: char| c.is_control() || "=:\"'`{}<>;#\\".contains(c);
    if key.is_empty() || key.trim() != key || key.starts_with('[') || key.contains(other) {
        return refuse(path, "this cannot be a key in INI");
    }
    match value {
        Scalar::Inherited => out.push_str(&format!("{key}\n")),
        Scalar::Null => return refuse(path, "INI has no null"),
        scalar => match spelled(scalar.text()) {
            Some(text) => out.push_str(&format!("{key} = {text}\n")),
            None => return refuse(path, "INI holds no line breaks, nor both sorts of quotes where one is needed"),
        },
    }
    Ok(())
}

/// A spelling that every reader takes for `text`: bare, or in quotes that it does not hold.
fn spelled(text: &str) -> Option<String> {
    let special = |c: char| c.is_control() || "\"'`#;\\".contains(c);
    if text.trim() == text && !text.contains(special) {
        return Some(text.to_owned());
    }
    if text.contains(char::is_control) || text.ends_with('\\') {
        return None;
    }
    let quote = ['"', '\''].into_iter().find(|quote| !text.contains(*quote))?;
    Some(format!("{quote}{text}{quote}"))
}
