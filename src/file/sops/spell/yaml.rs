//! Scalars as go-yaml writes them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Place;
use crate::file::sops::{number, resolve};

/// A float: its special values have names of their own.
pub(super) fn float(number: f64) -> String {
    if number.is_nan() {
        ".nan".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 { ".inf" } else { "-.inf" }.to_owned()
    } else {
        number::general(number, 'e')
    }
}

/// A text in the style of the token's quotes, or else in the one that go-yaml chooses.
pub(super) fn text(bytes: &[u8], place: &Place) -> String {
    let Ok(text) = std::str::from_utf8(bytes) else { return format!("!!binary {}", STANDARD.encode(bytes)) };
    if place.quote == Some('"') {
        return double_quoted(text);
    }
    let allowed = Allowed::of(text);
    let is_safe = resolve::is_plain_text(text) && !is_old_bool(text) && !is_base_60(text) && text != "<<";
    let is_plain = is_safe && if place.is_flow { allowed.flow_plain } else { allowed.block_plain };
    match place.quote {
        // Between brackets single quotes carry the tokens of plain texts, too.
        Some('\'') if allowed.single && !(place.is_flow && is_plain) => single_quoted(text),
        Some('\'') if !place.is_flow => double_quoted(text),
        _ if text.contains('\n') && allowed.literal && place.ends_line && !place.is_flow => literal(text, place),
        _ if is_plain => text.to_owned(),
        _ if is_safe && allowed.single => single_quoted(text),
        _ => double_quoted(text),
    }
}

/// The styles in which a text says what it ought to.
struct Allowed {
    block_plain: bool,
    flow_plain: bool,
    literal: bool,
    single: bool,
}

impl Allowed {
    fn of(text: &str) -> Self {
        // Most secrets are words, of which every style says what they ought to.
        if !text.is_empty() && text.bytes().fold(true, |so_far, byte| so_far & byte.is_ascii_alphanumeric()) {
            return Self { block_plain: true, flow_plain: true, literal: true, single: true };
        }
        let mut indicators =
            (text.starts_with("---") || text.starts_with("..."), text.starts_with("---") || text.starts_with("..."));
        let (mut breaks, mut special, mut tabs) = (false, false, false);
        let (mut break_blank, mut blank_break) = (false, false);
        let mut previous = '\n';
        let mut chars = text.chars().enumerate().peekable();
        while let Some((number, c)) = chars.next() {
            let before_blank = chars.peek().is_none_or(|&(_, next)| is_blank(next) || is_break(next));
            let behind_blank = is_blank(previous) || is_break(previous);
            let (block, flow) = match c {
                '#' if number == 0 || behind_blank => (true, true),
                ',' | '[' | ']' | '{' | '}' if number > 0 => (false, true),
                ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`'
                    if number == 0 =>
                {
                    (true, true)
                }
                '?' if number == 0 => (before_blank, true),
                '?' => (false, true),
                ':' => (before_blank, true),
                '-' if number == 0 => (before_blank, before_blank),
                _ => (false, false),
            };
            indicators = (indicators.0 || block, indicators.1 || flow);
            tabs |= c == '\t';
            special |= c != '\t' && !is_printable(c);
            breaks |= is_break(c);
            break_blank |= c == ' ' && is_break(previous) && number > 0;
            blank_break |= is_break(c) && previous == ' ';
            previous = c;
        }
        let edges = [text.chars().next(), text.chars().next_back()].into_iter().flatten();
        let has_edges = edges.clone().any(|c| c == ' ' || is_break(c));
        let is_simple = !(break_blank || blank_break || tabs || special);
        let plain = is_simple && !has_edges && !breaks;
        Self {
            block_plain: plain && !indicators.0,
            flow_plain: plain && !indicators.1,
            literal: !text.ends_with(' ') && !blank_break && !special && !text.is_empty(),
            single: is_simple && !breaks,
        }
    }
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// What go-yaml writes as it is. Its line breaks beside LF are left out: other readers know no such breaks.
fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
        && !matches!(c, '\u{2028}' | '\u{2029}')
}

/// The words of YAML 1.1 for which some readers take something else than a text.
fn is_old_bool(text: &str) -> bool {
    matches!(
        text,
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF"
    )
}

/// `[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?`
fn is_base_60(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let mut parts = whole.split(':');
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let first = parts.next().unwrap_or_default();
    let rest: Vec<_> = parts.collect();
    let is_part = |part: &&str| matches!(part.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9']);
    first.starts_with(|c: char| c.is_ascii_digit())
        && digits(first)
        && digits(fraction)
        && !rest.is_empty()
        && rest.iter().all(is_part)
}

fn single_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn double_quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\0' => out.push_str("\\0"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{b}' => out.push_str("\\v"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            '\u{1b}' => out.push_str("\\e"),
            '\u{85}' => out.push_str("\\N"),
            '\u{2028}' => out.push_str("\\L"),
            '\u{2029}' => out.push_str("\\P"),
            _ if is_printable(c) => out.push(c),
            _ => {
                let code = u32::from(c);
                out.push_str(&match code {
                    0..=0xFF => format!("\\x{code:02X}"),
                    0x100..=0xFFFF => format!("\\u{code:04X}"),
                    _ => format!("\\U{code:08X}"),
                });
            }
        }
    }
    out.push('"');
    out
}

/// A literal block scalar. The line break behind it is the one that followed the token.
fn literal(text: &str, place: &Place) -> String {
    let mut out = String::from("|");
    if text.starts_with([' ', '\n']) {
        out.push_str(&(place.content_column - place.column).to_string());
    }
    match text.strip_suffix('\n') {
        None => out.push('-'),
        Some(body) if body.is_empty() || body.ends_with('\n') => out.push('+'),
        Some(_) => {}
    }
    for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
        out.push_str(place.newline);
        out.extend(std::iter::repeat_n(' ', if line.is_empty() { 0 } else { place.content_column }));
        out.push_str(line);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(quote: Option<char>) -> Place {
        Place { quote, toml_quote: "", is_flow: false, ends_line: true, column: 0, content_column: 4, newline: "\n" }
    }

    #[test]
    fn texts_are_spelled_as_go_yaml_does() {
        for (value, expected) in [
            ("a b", "a b"),
            ("a:b", "a:b"),
            ("it's", "it's"),
            ("=", "="),
            ("NaN", "NaN"),
            ("1e", "1e"),
            ("1.2.3", "1.2.3"),
            ("yes", "\"yes\""),
            ("1e3", "\"1e3\""),
            ("2001-01-01", "\"2001-01-01\""),
            ("012", "\"012\""),
            ("1:30", "\"1:30\""),
            ("a: b", "'a: b'"),
            (" x", "' x'"),
            ("- x", "'- x'"),
            ("'", "''''"),
            ("a\tb", "\"a\\tb\""),
            ("\u{1}", "\"\\x01\""),
            ("\u{1F600}", "\"\\U0001F600\""),
            ("a\nb", "|-\n    a\n    b"),
            ("a\nb\n", "|\n    a\n    b"),
            ("\n", "|4+\n"),
            (" x\ny\n", "|4\n     x\n    y"),
            ("trail \nx", "\"trail \\nx\""),
            ("a\r\nb", "\"a\\r\\nb\""),
        ] {
            assert_eq!(text(value.as_bytes(), &place(None)), expected, "{value:?}");
        }
        assert_eq!(text(b"\xff\x00\x01", &place(None)), "!!binary /wAB");
    }

    #[test]
    fn the_quotes_of_the_token_stay() {
        assert_eq!(text(b"x", &place(Some('\''))), "'x'");
        assert_eq!(text(b"x", &place(Some('"'))), "\"x\"");
        assert_eq!(text(b"a\tb", &place(Some('\''))), "\"a\\tb\"");
        let flow = |quote| Place { is_flow: true, ..place(Some(quote)) };
        assert_eq!(text(b"x", &flow('\'')), "x");
        assert_eq!(text(b"x, y", &flow('\'')), "'x, y'");
        assert_eq!(text(b"x", &flow('"')), "\"x\"");
    }
}
