//! Documents as JSON, as SOPS writes it: comments are dropped.

use zeroize::Zeroizing;

use super::print::refuse;
use super::{Item, Node};
use crate::dialect::sops::Kind;
use crate::document::sops::json_string;
use crate::error::Error;
use crate::file::sops::number;

/// One document, each level of it indented by `step`.
pub(super) fn document(items: &[Item], step: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut printer = Printer { step, depth: 0, out: Zeroizing::new(String::new()) };
    printer.items(items, '{', '}')?;
    printer.out.push('\n');
    Ok(into_bytes(printer.out))
}

/// One value, without a line break behind it.
pub(super) fn value(node: &Node, step: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut printer = Printer { step, depth: 0, out: Zeroizing::new(String::new()) };
    printer.node(node, "")?;
    Ok(into_bytes(printer.out))
}

pub(super) fn into_bytes(mut text: Zeroizing<String>) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(std::mem::take(&mut *text).into_bytes())
}

/// A float or nothing else, as JSON spells it.
pub(super) fn float(number: Option<f64>, key: &str) -> Result<String, Error> {
    match number.and_then(number::json) {
        Some(text) => Ok(text),
        None => refuse(key, "JSON has no infinity, and nothing that is no number"),
    }
}

struct Printer<'s> {
    step: &'s str,
    depth: usize,
    out: Zeroizing<String>,
}

impl Printer<'_> {
    fn items(&mut self, items: &[Item], open: char, close: char) -> Result<(), Error> {
        self.out.push(open);
        self.depth += 1;
        let mut is_empty = true;
        for item in items {
            let Some(node) = item.node() else { continue };
            if !is_empty {
                self.out.push(',');
            }
            is_empty = false;
            self.line();
            let key = match item {
                Item::Entry(key, _) => {
                    self.out.push_str(&json_string(key));
                    self.out.push_str(": ");
                    key.as_str()
                }
                _ => "",
            };
            self.node(node, key)?;
        }
        self.depth -= 1;
        if !is_empty {
            self.line();
        }
        self.out.push(close);
        Ok(())
    }

    fn node(&mut self, node: &Node, key: &str) -> Result<(), Error> {
        let value = match node {
            Node::List(items) => return self.items(items, '[', ']'),
            Node::Map(items) => return self.items(items, '{', '}'),
            Node::Null => {
                self.out.push_str("null");
                return Ok(());
            }
            Node::Value(value) => value,
        };
        let text = String::from_utf8_lossy(value.bytes());
        match value.kind() {
            Kind::Bool => self.out.push_str(if value.bytes() == b"True" { "true" } else { "false" }),
            Kind::Int => self.out.push_str(&text),
            Kind::Float => self.out.push_str(&float(value.as_float(), key)?),
            Kind::Comment | Kind::Text | Kind::Time => self.out.push_str(&Zeroizing::new(json_string(&text))),
        }
        Ok(())
    }

    fn line(&mut self) {
        self.out.push('\n');
        for _ in 0..self.depth {
            self.out.push_str(self.step);
        }
    }
}
