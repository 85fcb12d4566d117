//! Documents as variables of a program: what `exec-env` gives it.

use zeroize::Zeroizing;

use super::print::{flat, refuse};
use super::{Documents, Item, Node};
use crate::error::Error;

/// A variable: its name and its value.
pub type Variable = (String, Zeroizing<String>);

impl Documents {
    /// The entries of the first document in order; of equal names, the last one counts. Null is the empty text.
    ///
    /// # Errors
    /// [`Error::Unrepresentable`] for maps and lists, names with `=`, and what no variable can hold.
    pub fn environment(&self) -> Result<Vec<Variable>, Error> {
        let mut variables = Vec::new();
        for item in self.first() {
            let Item::Entry(key, node) = item else { continue };
            if key.is_empty() || key.contains(['=', '\0']) {
                return refuse(key, "this cannot be the name of a variable");
            }
            let value = match node {
                Node::List(_) | Node::Map(_) => return refuse(key, "a variable holds no maps and lists"),
                Node::Null => Zeroizing::new(String::new()),
                Node::Value(value) => match std::str::from_utf8(&flat(value)) {
                    Ok(text) if !text.contains('\0') => Zeroizing::new(text.to_owned()),
                    _ => return refuse(key, "a variable holds UTF-8 without NUL only"),
                },
            };
            variables.push((key.clone(), value));
        }
        Ok(variables)
    }
}
