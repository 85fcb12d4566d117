//! Values as SOPS's YAML library (go-yaml 3) puts them into fields of a type, and what is left over as warnings.

use super::rule::CreationRule;
use super::warning::{Warning, WarningKind};
use crate::config::fields::{Fields, did_you_mean};
use crate::config::node::{Entry, Node, Value, error};
use crate::error::{Error, Position};

/// Reads values, and gathers the warnings.
#[derive(Default)]
pub(super) struct Reader {
    pub(super) warnings: Vec<Warning>,
}

impl Reader {
    pub(super) fn warn(&mut self, at: Position, kind: WarningKind) {
        self.warnings.push(Warning { at, kind });
    }

    /// Warns of the fields that were not taken.
    pub(super) fn done(&mut self, fields: Fields, known: &[&str]) {
        let owner = fields.owner();
        for entry in fields.rest() {
            let meant = other_name(&entry.key, known).or_else(|| did_you_mean(&entry.key, known.iter().copied()));
            self.warn(entry.at, WarningKind::UnknownField { field: entry.key, owner, meant });
        }
    }

    /// The same for the config itself, where further fields are a place for anchors.
    pub(super) fn root_is_done(&mut self, fields: Fields, known: &[&str]) {
        let is_meant = |entry: &Entry| entry.value.anchored || entry.key.starts_with("x-");
        self.done(fields.without(is_meant), known);
    }

    /// Warns of what comes behind a rule that matches every file.
    pub(super) fn warn_of_unreachable(&mut self, rules: &[CreationRule]) {
        let mut rules = rules.iter();
        if let Some(last) = rules.find(|rule| rule.path_regex.pattern.is_none()) {
            rules
                .for_each(|rule| self.warn(rule.position, WarningKind::UnreachableRule { behind: last.position.line }));
        }
    }

    /// A text: any scalar is one. Empty when there is none.
    pub(super) fn text(&mut self, entry: Option<Entry>) -> Result<String, Error> {
        let Some(Entry { key, value: node, .. }) = entry else { return Ok(String::new()) };
        match node.value {
            Value::Null => Ok(String::new()),
            Value::Text(text) => Ok(text),
            _ => Err(must_be(&key, &node, "a text")),
        }
    }

    /// A truth value; false when there is none.
    pub(super) fn truth(&mut self, entry: Option<Entry>) -> Result<bool, Error> {
        let Some(entry) = entry else { return Ok(false) };
        match &entry.value.value {
            Value::Null => Ok(false),
            // These also in quotes, those below only without.
            Value::Text(text) if matches!(text.as_str(), "y" | "Y" | "yes" | "on") => Ok(true),
            Value::Text(text) if matches!(text.as_str(), "n" | "N" | "no" | "off") => Ok(false),
            Value::Text(text) if entry.value.plain && matches!(text.as_str(), "true" | "True" | "TRUE") => Ok(true),
            Value::Text(text) if entry.value.plain && matches!(text.as_str(), "false" | "False" | "FALSE") => Ok(false),
            _ => Err(must_be(&entry.key, &entry.value, "`true` or `false`, without quotes")),
        }
    }

    /// A whole number; 0 when there is none.
    pub(super) fn number(&mut self, entry: Option<Entry>) -> Result<i64, Error> {
        let Some(entry) = entry else { return Ok(0) };
        match &entry.value.value {
            Value::Null => Ok(0),
            Value::Text(text) if entry.value.plain => {
                whole_number(text).ok_or_else(|| must_be(&entry.key, &entry.value, "a whole number"))
            }
            _ => Err(must_be(&entry.key, &entry.value, "a whole number, without quotes")),
        }
    }

    /// The nodes of a list, without empty ones; `None` when there is no list.
    pub(super) fn nodes(&mut self, entry: Option<Entry>, what: &str) -> Result<Option<Vec<Node>>, Error> {
        let Some(entry) = entry.filter(|entry| !matches!(entry.value.value, Value::Null)) else { return Ok(None) };
        let nodes = entry.items(what)?.into_iter().filter(|node| !matches!(node.value, Value::Null));
        Ok(Some(nodes.collect()))
    }

    /// A list of texts with their places, without empty ones.
    pub(super) fn texts(&mut self, entry: Option<Entry>, what: &str) -> Result<Vec<(Position, String)>, Error> {
        let field = entry.as_ref().map(|entry| entry.key.clone()).unwrap_or_default();
        let text = |node: Node| match node.value {
            Value::Text(text) => Ok((node.at, text)),
            _ => Err(must_be(&field, &node, "a list of texts")),
        };
        self.nodes(entry, what)?.unwrap_or_default().into_iter().map(text).collect()
    }

    /// The fields of a map; `None` when there is no map.
    pub(super) fn fields(&mut self, entry: Option<Entry>, owner: &'static str) -> Result<Option<Fields>, Error> {
        let node = entry.map(|entry| entry.value).filter(|node| !matches!(node.value, Value::Null));
        node.map(|node| Fields::new(node, owner)).transpose()
    }
}

/// Some lists of keys have one name in files, one in rules, and one in key groups.
fn other_name(name: &str, known: &[&str]) -> Option<String> {
    let names: &[&str] = match name {
        "azure_kv" => &["azure_keyvault"],
        "hc_vault" | "hc_vault_transit_uri" => &["hc_vault", "hc_vault_transit_uri"],
        _ => &[],
    };
    let name = names.iter().find(|name| known.contains(name))?;
    Some(format!("; did you mean `{name}`?"))
}

/// An error about the value of `field`. It never quotes it: it may be anything.
pub(super) fn must_be(field: &str, node: &Node, what: &str) -> Error {
    error(node.at, format!("`{field}` must be {what}, but is {}", node.value.kind()))
}

/// Whether a scalar without quotes is a number, and no text, for a field that may hold several types.
pub(super) fn is_number(node: &Node) -> bool {
    let Value::Text(text) = &node.value else { return false };
    node.plain && (whole_number(text).is_some() || float(text).is_some())
}

/// The number in YAML's and Go's spellings: `0x`, `0o`, `0b`, a leading 0 for octal ones, and `_` anywhere. A number with a
/// fraction of zero is whole.
fn whole_number(text: &str) -> Option<i64> {
    let digits = text.replace('_', "");
    let (sign, digits) = match digits.strip_prefix(['-', '+']) {
        Some(rest) => (if digits.starts_with('-') { "-" } else { "" }, rest),
        None => ("", digits.as_str()),
    };
    let (radix, digits) = match digits.get(..2) {
        Some("0x" | "0X") => (16, &digits[2..]),
        Some("0o" | "0O") => (8, &digits[2..]),
        Some("0b" | "0B") => (2, &digits[2..]),
        Some(start) if start.starts_with('0') && digits.bytes().all(|byte| matches!(byte, b'0'..=b'7')) => (8, digits),
        _ => (10, digits),
    };
    if radix == 10 && !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        #[expect(clippy::cast_possible_truncation, reason = "whole, and far from the limits")]
        return float(text).filter(|number| number.fract() == 0.0 && number.abs() < 1e15).map(|number| number as i64);
    }
    if digits.starts_with(['-', '+']) {
        return None;
    }
    i64::from_str_radix(&format!("{sign}{digits}"), radix).ok()
}

fn float(text: &str) -> Option<f64> {
    let number = text.strip_prefix(['-', '+']).unwrap_or(text);
    let starts =
        number.starts_with(|c: char| c.is_ascii_digit() || c == '.') && number.contains(|c: char| c.is_ascii_digit());
    let allowed = number.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
    if starts && allowed { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_go_s_spellings() {
        for (text, number) in [
            ("2", Some(2)),
            ("-1", Some(-1)),
            ("+3", Some(3)),
            ("2.0", Some(2)),
            ("2e1", Some(20)),
            ("0x1F", Some(31)),
            ("0o17", Some(15)),
            ("017", Some(15)),
            ("08", Some(8)),
            ("0b101", Some(5)),
            ("-0x2", Some(-2)),
            ("2_0", Some(20)),
            ("0", Some(0)),
            ("2.5", None),
            ("two", None),
            ("", None),
            ("-", None),
            ("--1", None),
            ("0x-1", None),
            (".", None),
            ("1e400", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(whole_number(text), number, "{text}");
        }
    }
}
