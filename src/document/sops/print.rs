//! Metadata in YAML and JSON, as SOPS 3.13 writes them.

use super::Field;

impl Field {
    /// The entries of this map as YAML, each line indented by `indent` blanks and ended by `newline`.
    #[must_use]
    pub fn to_yaml(&self, indent: usize, newline: &str) -> String {
        let mut out = String::new();
        yaml_entries(self.as_map().unwrap_or_default(), indent, newline, &mut out);
        out
    }

    /// This field as JSON: each level indented by `step`, the closing bracket by `base`. With an empty `newline` all of
    /// it stands on one line, which is YAML's flow style, too.
    #[must_use]
    pub fn to_json(&self, base: &str, step: &str, newline: &str) -> String {
        let mut out = String::new();
        self.write_json(base, step, newline, &mut out);
        out
    }

    fn write_json(&self, base: &str, step: &str, newline: &str, out: &mut String) {
        let (open, close, parts): (_, _, Vec<(Option<&str>, &Self)>) = match self {
            Self::Bool(value) => return out.push_str(if *value { "true" } else { "false" }),
            Self::Null => return out.push_str("null"),
            Self::Number(text) => return out.push_str(text),
            Self::Text(text) => return out.push_str(&json_string(text)),
            Self::List(list) => ('[', ']', list.iter().map(|item| (None, item)).collect()),
            Self::Map(map) => ('{', '}', map.iter().map(|(name, field)| (Some(name.as_str()), field)).collect()),
        };
        let inner = format!("{base}{step}");
        out.push(open);
        for (number, (name, field)) in parts.iter().enumerate() {
            if number > 0 {
                out.push_str(if newline.is_empty() { ", " } else { "," });
            }
            if !newline.is_empty() {
                out.push_str(newline);
                out.push_str(&inner);
            }
            if let Some(name) = name {
                out.push_str(&json_string(name));
                out.push_str(": ");
            }
            field.write_json(&inner, step, newline, out);
        }
        if !parts.is_empty() && !newline.is_empty() {
            out.push_str(newline);
            out.push_str(base);
        }
        out.push(close);
    }
}

/// A text as a JSON string, spelled as Go does: `<`, `>`, `&`, U+2028 and U+2029 are escaped, too.
pub(crate) fn json_string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

fn yaml_entries(entries: &[(String, Field)], indent: usize, newline: &str, out: &mut String) {
    for (number, (name, field)) in entries.iter().enumerate() {
        // The first entry of a map in a list follows the `- ` of its item.
        if number > 0 || !out.ends_with("- ") {
            out.extend(std::iter::repeat_n(' ', indent));
        }
        out.push_str(&yaml_text(name));
        out.push(':');
        yaml_value(field, indent, newline, out);
    }
}

/// What stands behind the colon of an entry that is indented by `indent`. SOPS indents maps and lists by four, but
/// what belongs to a list item stands right behind its `- `, by two.
fn yaml_value(field: &Field, indent: usize, newline: &str, out: &mut String) {
    let inner = if indent % 4 == 2 { indent + 2 } else { indent + 4 };
    match field {
        Field::List(items) if !items.is_empty() => {
            out.push_str(newline);
            for item in items {
                out.extend(std::iter::repeat_n(' ', inner));
                out.push('-');
                match item {
                    Field::Map(entries) if !entries.is_empty() => {
                        out.push(' ');
                        yaml_entries(entries, inner + 2, newline, out);
                    }
                    _ => yaml_scalar(item, inner + 2, newline, out),
                }
            }
        }
        Field::Map(entries) if !entries.is_empty() => {
            out.push_str(newline);
            yaml_entries(entries, inner, newline, out);
        }
        _ => yaml_scalar(field, inner, newline, out),
    }
}

fn yaml_scalar(field: &Field, content_indent: usize, newline: &str, out: &mut String) {
    out.push(' ');
    match field {
        Field::Text(text) if is_literal(text) => {
            out.push_str(if text.ends_with('\n') { "|" } else { "|-" });
            for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
                out.push_str(newline);
                out.extend(std::iter::repeat_n(' ', if line.is_empty() { 0 } else { content_indent }));
                out.push_str(line);
            }
        }
        Field::Text(text) => out.push_str(&yaml_text(text)),
        _ => out.push_str(&field.to_json("", "", "")),
    }
    out.push_str(newline);
}

/// A text on several lines that a literal block scalar can hold: armor, above all.
fn is_literal(text: &str) -> bool {
    let body = text.strip_suffix('\n').unwrap_or(text);
    body.contains('\n')
        && !body.ends_with('\n')
        && !text.starts_with([' ', '\n'])
        && body.chars().all(|c| c == '\n' || (' '..='~').contains(&c))
}

/// A text on one line: plain where nobody can take it for something else, else in double quotes.
fn yaml_text(text: &str) -> String {
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let harmless = |c: char| c.is_ascii_alphanumeric() || "_-./+=,:[] @".contains(c);
    let lower = text.to_ascii_lowercase();
    let is_word = matches!(lower.as_str(), "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n");
    let is_version = text.split('.').count() == 3 && text.split('.').all(|part| part.parse::<u16>().is_ok());
    // A fingerprint: such letters are in no number.
    let is_hex = text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let starts = starts || is_hex && lower.contains(['a', 'b', 'c', 'd', 'f']);
    let is_plain = starts && !is_word && !text.contains(": ") && !text.ends_with([' ', ':']);
    if (is_plain || is_version) && text.chars().all(harmless) { text.to_owned() } else { json_string(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Field {
        Field::Text(text.to_owned())
    }

    fn map(entries: Vec<(&str, Field)>) -> Field {
        Field::Map(entries.into_iter().map(|(name, field)| (name.to_owned(), field)).collect())
    }

    #[test]
    fn yaml_is_laid_out_as_sops_does() {
        let key = map(vec![("recipient", text("age1x")), ("enc", text("-----BEGIN\nabc\n"))]);
        let group = map(vec![("age", Field::List(vec![key.clone()])), ("hc_vault", Field::List(vec![]))]);
        let metadata = map(vec![
            ("version", text("3.13.2")),
            ("lastmodified", text("2026-01-02T03:04:05Z")),
            ("age", Field::List(vec![key])),
            ("key_groups", Field::List(vec![group])),
            ("encrypted_regex", text("^(data|x)$")),
            ("shamir_threshold", Field::Number("2".to_owned())),
        ]);
        assert_eq!(
            metadata.sorted().to_yaml(4, "\n"),
            r#"    age:
        - enc: |
            -----BEGIN
            abc
          recipient: age1x
    encrypted_regex: "^(data|x)$"
    key_groups:
        - age:
            - enc: |
                -----BEGIN
                abc
              recipient: age1x
          hc_vault: []
    lastmodified: "2026-01-02T03:04:05Z"
    shamir_threshold: 2
    version: 3.13.2
"#
        );
    }

    #[test]
    fn plain_texts_are_taken_for_nothing_else() {
        for text in ["85D77543B3D624B63CEA9E6DBC17301B491B3F21", "0123456789abcdef", "arn:aws:kms:x", "3.13.2", "age1x"]
        {
            assert_eq!(yaml_text(text), text);
        }
        for text in ["1234567890123456", "1234567890E12345", "0x1234567890abcdef", "85D7", "2026-01-01T00:00:00Z", "no"]
        {
            assert_eq!(yaml_text(text), format!("\"{text}\""));
        }
    }

    #[test]
    fn json_is_laid_out_as_wanted() {
        let small = map(vec![("a", Field::List(vec![text("<x>\n")])), ("b", Field::Null)]);
        assert_eq!(
            small.to_json("\t", "\t", "\n"),
            "{\n\t\t\"a\": [\n\t\t\t\"\\u003cx\\u003e\\n\"\n\t\t],\n\t\t\"b\": null\n\t}"
        );
        assert_eq!(small.to_json("", "", ""), r#"{"a": ["\u003cx\u003e\n"], "b": null}"#);
        assert_eq!(Field::List(vec![]).to_json("", "  ", "\n"), "[]");
    }
}
