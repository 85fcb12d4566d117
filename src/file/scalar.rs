//! Scalars with a type, where a reader wants one.

use crate::document::Format;

/// A value that is neither a map nor a list.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Scalar {
    /// `true` or `false`.
    Bool(bool),
    /// No value at all: a dotenv key without `=`, whose variable a program inherits.
    Inherited,
    /// Nothing.
    Null,
    /// A number, in a spelling that JSON has too.
    Number(String),
    /// A text.
    Text(String),
}

impl Scalar {
    /// The type that a plain scalar of `format` has: JSON's own, YAML's core schema (YAML 1.2.2, section 10.3.2), and
    /// text in all other formats.
    ///
    /// What YAML 1.1 and 1.2 read differently (`0644`, `yes`), and what JSON cannot spell (`.inf`), stays text.
    pub(super) fn resolve(text: &str, format: &dyn Format) -> Self {
        let is_yaml = format.name() == "yaml";
        match text {
            _ if !is_yaml && format.name() != "json" => Self::Text(text.to_owned()),
            "null" => Self::Null,
            "true" => Self::Bool(true),
            "false" => Self::Bool(false),
            "~" | "Null" | "NULL" | "" if is_yaml => Self::Null,
            "True" | "TRUE" if is_yaml => Self::Bool(true),
            "False" | "FALSE" if is_yaml => Self::Bool(false),
            _ => number(text).map_or_else(|| Self::Text(text.to_owned()), Self::Number),
        }
    }

    /// The value as text: the environment's and a terminal's view. Nothing is the empty text.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Bool(true) => "true",
            Self::Bool(false) => "false",
            Self::Inherited | Self::Null => "",
            Self::Number(text) | Self::Text(text) => text,
        }
    }
}

/// `text` when it is a JSON number; hexadecimal and octal integers of YAML in decimal.
fn number(text: &str) -> Option<String> {
    let radix = |digits: &str, radix| u128::from_str_radix(digits, radix).ok().map(|number| number.to_string());
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16).filter(|_| !digits.starts_with('+'));
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8).filter(|_| !digits.starts_with('+'));
    }
    let starts = |c: char| c.is_ascii_digit() || c == '-';
    (text.starts_with(starts) && serde_json::from_str::<serde_json::Number>(text).is_ok()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::format_by_name;

    fn resolved(text: &str, format: &str) -> String {
        match Scalar::resolve(text, format_by_name(format).expect("a format")) {
            Scalar::Bool(value) => format!("bool {value}"),
            Scalar::Inherited => "inherited".into(),
            Scalar::Null => "null".into(),
            Scalar::Number(text) => format!("number {text}"),
            Scalar::Text(text) => format!("text {text}"),
        }
    }

    #[test]
    fn only_unambiguous_numbers_are_numbers() {
        for (text, expected) in [
            ("12", "number 12"),
            ("-1.10", "number -1.10"),
            ("123456789012345678901234567890", "number 123456789012345678901234567890"),
            ("0x1F", "number 31"),
            ("0o17", "number 15"),
            ("0644", "text 0644"),
            ("12345_54321", "text 12345_54321"),
            ("+1", "text +1"),
            (".inf", "text .inf"),
            ("2024-01-01", "text 2024-01-01"),
            ("yes", "text yes"),
            ("~", "null"),
            ("TRUE", "bool true"),
        ] {
            assert_eq!(resolved(text, "yaml"), expected);
        }
        assert_eq!(resolved("12", "dotenv"), "text 12");
        assert_eq!(resolved("1e400", "json"), "number 1e400");
    }
}
