//! Metadata in TOML, which SOPS does not have: a table `[sops]`, and lists of maps as lists of tables.

use super::Field;
use crate::document::toml::{in_quotes, key_text, quoted};

impl Field {
    /// This map as the table `name`, each line ended by `newline`. Nothing has no spelling and is left out.
    #[must_use]
    pub fn to_toml(&self, name: &str, newline: &str) -> String {
        let mut out = format!("[{name}]{newline}");
        self.write_toml(name, newline, &mut out);
        out
    }

    /// The entries of a table: behind the first header of an inner one nothing of the outer one can stand.
    fn write_toml(&self, name: &str, newline: &str, out: &mut String) {
        let entries = self.as_map().unwrap_or_default();
        let (tables, values): (Vec<_>, Vec<_>) = entries.iter().partition(|(_, field)| field.is_table());
        for (key, field) in values {
            if *field != Self::Null {
                let value = field.to_toml_value();
                out.push_str(&[key_text(key).as_str(), " = ", &value, newline].concat());
            }
        }
        for (key, field) in tables {
            let name = format!("{name}.{}", key_text(key));
            let items = if let Self::List(items) = field { items.as_slice() } else { &[] };
            for item in items {
                out.push_str(&format!("{newline}[[{name}]]{newline}"));
                item.write_toml(&name, newline, out);
            }
            if items.is_empty() {
                out.push_str(&format!("{newline}[{name}]{newline}"));
                field.write_toml(&name, newline, out);
            }
        }
    }

    fn is_table(&self) -> bool {
        match self {
            Self::List(items) => !items.is_empty() && items.iter().all(|item| item.as_map().is_some()),
            Self::Map(_) => true,
            _ => false,
        }
    }

    fn to_toml_value(&self) -> String {
        let list = |parts: Vec<String>| parts.join(", ");
        match self {
            Self::Bool(value) => value.to_string(),
            Self::Number(text) if text.parse::<i64>().is_ok() => text.clone(),
            Self::Number(text) => quoted(text),
            Self::Null => "\"\"".to_owned(),
            Self::Text(text) if text.contains('\n') => in_quotes("\"\"\"", text),
            Self::Text(text) => quoted(text),
            Self::List(items) => format!("[{}]", list(items.iter().map(Self::to_toml_value).collect())),
            Self::Map(entries) => {
                let entry = |(key, field): &(String, Self)| format!("{} = {}", key_text(key), field.to_toml_value());
                format!("{{{}}}", list(entries.iter().map(entry).collect()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(entries: &[(&str, Field)]) -> Field {
        Field::Map(entries.iter().map(|(name, field)| ((*name).to_owned(), field.clone())).collect())
    }

    #[test]
    fn maps_and_lists_of_them_are_tables() {
        let text = |text: &str| Field::Text(text.to_owned());
        let key = map(&[("enc", text("-----BEGIN\nabc\n")), ("recipient", text("age1x"))]);
        let metadata = map(&[
            ("age", Field::List(vec![key.clone(), key.clone()])),
            ("key_groups", Field::List(vec![map(&[("age", Field::List(vec![key])), ("hc_vault", Field::Null)])])),
            ("kms", Field::List(Vec::new())),
            ("new field", Field::List(vec![Field::Bool(true), map(&[("a", text("b"))])])),
            ("shamir_threshold", Field::Number("2".to_owned())),
            ("version", text("3.13.2")),
        ]);
        assert_eq!(
            metadata.to_toml("sops", "\n"),
            r#"[sops]
kms = []
"new field" = [true, {a = "b"}]
shamir_threshold = 2
version = "3.13.2"

[[sops.age]]
enc = """
-----BEGIN
abc
"""
recipient = "age1x"

[[sops.age]]
enc = """
-----BEGIN
abc
"""
recipient = "age1x"

[[sops.key_groups]]

[[sops.key_groups.age]]
enc = """
-----BEGIN
abc
"""
recipient = "age1x"
"#
        );
    }
}
