//! Trees as properties: keys with texts.

use super::refuse;
use crate::document::{escape_key, escape_value};
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
        out.push_str(&escape_key(key));
        if *scalar != Scalar::Inherited {
            out.push('=');
            out.push_str(&escape_value(scalar.text()));
        }
        out.push('\n');
    }
    Ok(out)
}
