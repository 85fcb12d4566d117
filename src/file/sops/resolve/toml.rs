//! Scalars of TOML.

use super::{Refusal, Scalar, TOO_LARGE};
use crate::dialect::sops::{Time, Value, parse_float};

/// The value of a scalar without quotes. That it is TOML is known.
pub(super) fn plain(text: &str) -> Result<Scalar, Refusal> {
    let is_date = text.as_bytes().get(4) == Some(&b'-') && text.as_bytes()[..4].iter().all(u8::is_ascii_digit);
    Ok(Some(match text {
        "true" => Value::bool(true),
        "false" => Value::bool(false),
        _ if is_date || text.contains(':') => time(text).ok_or("this time is none that the sops dialect can hold")?,
        _ => number(&text.replace('_', "")).ok_or(TOO_LARGE)?,
    }))
}

/// A date, a time or both, with or without an offset, in one of TOML's spellings.
fn time(text: &str) -> Option<Value> {
    let text = text.to_ascii_uppercase().replacen(' ', "T", 1);
    // Seconds may be missing.
    let at = text.find(':').map(|colon| colon + 3);
    let text = match at {
        Some(at) if !text[at..].starts_with(':') => format!("{}:00{}", &text[..at], &text[at..]),
        _ => text,
    };
    Time::parse(&text).map(|time| Value::time(&time)).or_else(|| Value::local_time(&text))
}

fn number(text: &str) -> Option<Value> {
    let radix = |prefix, radix| text.strip_prefix(prefix).map(|digits| i64::from_str_radix(digits, radix).ok());
    if let Some(number) = radix("0x", 16).or_else(|| radix("0o", 8)).or_else(|| radix("0b", 2)) {
        return number.map(Value::int);
    }
    let is_integer = text.trim_start_matches(['+', '-']).bytes().all(|byte| byte.is_ascii_digit());
    if is_integer { text.parse().ok().map(Value::int) } else { parse_float(text).map(Value::float) }
}
