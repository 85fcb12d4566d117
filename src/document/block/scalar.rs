//! How texts and lists of texts are written on one line.

use super::Block;
use crate::document::json::string;

/// Whether YAML and dotenv carry `text` without quotes. No reader of either takes such a text for anything but what
/// stands there; that `1` is a number to them does not matter.
pub(super) fn is_bare(text: &str) -> bool {
    text.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric)
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=_.@ -".contains(&b))
        && !text.ends_with(' ')
}

/// Writes a text or a list of texts as YAML and dotenv have it.
pub(super) fn write(out: &mut String, value: &Block) {
    match value {
        Block::Text(text) if is_bare(text) => out.push_str(text),
        Block::Text(text) => write_quoted(out, text),
        Block::Strings(texts) => write_list(out, texts),
        Block::List(_) | Block::Map(_) => {}
    }
}

/// The exact reverse of [`write`]; `None` for any other spelling.
pub(super) fn read(source: &str) -> Option<Block> {
    if source.starts_with('[') {
        return read_list(source).map(Block::Strings);
    }
    if !source.starts_with('"') {
        return is_bare(source).then(|| Block::Text(source.to_owned()));
    }
    let text = read_quoted(source)?;
    (!is_bare(&text)).then_some(Block::Text(text))
}

/// Writes a list as `["a", "b"]`.
pub(super) fn write_list(out: &mut String, texts: &[String]) {
    out.push('[');
    for (n, text) in texts.iter().enumerate() {
        if n > 0 {
            out.push_str(", ");
        }
        write_quoted(out, text);
    }
    out.push(']');
}

/// The exact reverse of [`write_list`].
pub(super) fn read_list(source: &str) -> Option<Vec<String>> {
    let mut texts = Vec::new();
    let mut rest = source.strip_prefix('[')?;
    loop {
        if texts.is_empty() && rest == "]" {
            return Some(texts);
        }
        let end = string::end_of(rest.as_bytes(), 0).ok()?;
        texts.push(read_quoted(&rest[..end])?);
        rest = &rest[end..];
        if rest == "]" {
            return Some(texts);
        }
        rest = rest.strip_prefix(", ")?;
    }
}

/// Writes `text` as a JSON string that is also a double-quoted YAML scalar and free of characters that no document
/// may hold: those are escaped, everything else stands for itself.
pub(in crate::document) fn write_quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}

/// The exact reverse of [`write_quoted`]; `None` for other escapes of the same text.
pub(super) fn read_quoted(source: &str) -> Option<String> {
    if string::end_of(source.as_bytes(), 0) != Ok(source.len()) {
        return None;
    }
    let text = string::decode(source)?.into_owned();
    let mut canonical = String::with_capacity(source.len());
    write_quoted(&mut canonical, &text);
    (canonical == source).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        let cases = [
            (Block::Text("age1x".to_owned()), "age1x"),
            (Block::Text("ssh-rsa A+/= me@host".to_owned()), "ssh-rsa A+/= me@host"),
            (Block::Text(String::new()), "\"\""),
            (Block::Text("a ".to_owned()), "\"a \""),
            (Block::Text("-a".to_owned()), "\"-a\""),
            (Block::Text("a: b".to_owned()), "\"a: b\""),
            (Block::Text("é\u{2028}\n\u{1}\\\"/😀".to_owned()), "\"é\\u2028\\n\\u0001\\\\\\\"/😀\""),
            (Block::Strings(vec![]), "[]"),
            (Block::Strings(vec!["a".to_owned(), "]\"".to_owned()]), "[\"a\", \"]\\\"\"]"),
        ];
        for (block, spelling) in cases {
            let mut written = String::new();
            write(&mut written, &block);
            assert_eq!(written, spelling);
            assert_eq!(read(spelling), Some(block));
        }
    }

    #[test]
    fn other_spellings_are_refused() {
        for bad in [
            "",
            " a",
            "a ",
            "'a'",
            "\"a\"",
            "\"\\u0061:\"",
            "\"\\/:\"",
            "\":",
            "\":\"x",
            "&a b",
            "*a",
            "!t a",
            "a # b",
            "a: b",
            "[ ]",
            "[\"a\",\"b\"]",
            "[\"a\", ]",
            "[\"a\"",
            "[a]",
            "[\"a\"] ",
            "[\"\\u0061\"]",
            "~",
            "\"\u{2028}\"",
            "|",
            "\"\\ud800\"",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
