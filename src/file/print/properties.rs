//! Trees as properties: keys with texts.

use super::refuse;
use crate::error::Error;
use crate::file::scalar::Scalar;
use crate::file::tree::Value;

/// `document` as properties.
pub(super) fn print(document: &Value) -> Result<String, Error> {
    let Value::Map(entries) = document else { return refuse(".", "properties hold keys with values") };
    let mut out = String::new();
    for (key, value) in entries {
        let Value::Scalar(scalar) = value else { return refuse(key, "properties hold no maps and lists") };
        if key.is_empty() {
            return refuse(key, "properties have no empty keys");
        }
        escape(key, " :=", &mut out);
        if *scalar != Scalar::Inherited {
            out.push('=');
            // Blanks at the beginning would be passed over.
            let blanks = scalar.text().len() - scalar.text().trim_start_matches(' ').len();
            out.push_str(&"\\ ".repeat(blanks));
            escape(&scalar.text()[blanks..], "", &mut out);
        }
        out.push('\n');
    }
    Ok(out)
}

/// Appends `text` with backslashes before the characters of `special`, comment signs and backslashes.
fn escape(text: &str, special: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{2028}' | '\u{2029}' | '\u{feff}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            '\\' | '#' | '!' => out.extend(['\\', c]),
            c if special.contains(c) => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
}
