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
    /// What only TOML has without quotes: a date, a time, `inf`, `nan`. A text everywhere else.
    TomlOnly(String),
}

impl Scalar {
    /// The type that a plain scalar of `format` has: JSON's and TOML's own, YAML's core schema (YAML 1.2.2, section
    /// 10.3.2), and text in all other formats.
    ///
    /// What YAML 1.1 and 1.2 read differently (`0644`, `yes`), and what JSON cannot spell (`.inf`, dates), stays text.
    pub(super) fn resolve(text: &str, format: &dyn Format) -> Self {
        let name = format.name();
        let is_yaml = name == "yaml";
        match text {
            _ if !matches!(name, "json" | "toml" | "yaml") => Self::Text(text.to_owned()),
            "null" => Self::Null,
            "true" => Self::Bool(true),
            "false" => Self::Bool(false),
            "~" | "Null" | "NULL" | "" if is_yaml => Self::Null,
            "True" | "TRUE" if is_yaml => Self::Bool(true),
            "False" | "FALSE" if is_yaml => Self::Bool(false),
            _ if name == "toml" => toml_number(text).map_or_else(|| Self::TomlOnly(text.to_owned()), Self::Number),
            _ => number(text).map_or_else(|| Self::Text(text.to_owned()), Self::Number),
        }
    }

    /// A letter for its type.
    pub(super) fn sign(&self) -> char {
        match self {
            Self::Bool(_) => 'b',
            Self::Inherited => 'i',
            Self::Null => 'z',
            Self::Number(_) => 'n',
            Self::Text(_) => 's',
            Self::TomlOnly(_) => 't',
        }
    }

    /// The value as text: the environment's and a terminal's view. Nothing is the empty text.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Bool(true) => "true",
            Self::Bool(false) => "false",
            Self::Inherited | Self::Null => "",
            Self::Number(text) | Self::Text(text) | Self::TomlOnly(text) => text,
        }
    }
}

/// `text`, a number of TOML, as JSON has it: without `_` and `+`, binary integers in decimal like the others.
fn toml_number(text: &str) -> Option<String> {
    let plain = text.replace('_', "");
    if let Some(digits) = plain.strip_prefix("0b") {
        return u128::from_str_radix(digits, 2).ok().map(|number| number.to_string());
    }
    number(plain.strip_prefix('+').unwrap_or(&plain))
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
            Scalar::TomlOnly(text) => format!("toml {text}"),
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

    #[test]
    fn numbers_of_toml_are_spelled_as_in_json() {
        for (text, expected) in [
            ("1_000", "number 1000"),
            ("+99", "number 99"),
            ("-0", "number -0"),
            ("0xdead_BEEF", "number 3735928559"),
            ("0o755", "number 493"),
            ("0b1101", "number 13"),
            ("+1_000.5e+3", "number 1000.5e+3"),
            ("-inf", "toml -inf"),
            ("nan", "toml nan"),
            ("1979-05-27", "toml 1979-05-27"),
            ("07:32:00", "toml 07:32:00"),
            ("true", "bool true"),
        ] {
            assert_eq!(resolved(text, "toml"), expected);
        }
    }
}
