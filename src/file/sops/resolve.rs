//! What type SOPS gives a scalar: go-yaml's resolution in YAML (1.2 with some of 1.1), JSON's own, else text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::dialect::sops::{Time, Value, parse_float};
use crate::document::sops::Store;

mod toml;

/// Why a scalar has no value.
pub(super) type Refusal = &'static str;

/// A scalar: none is null.
pub(super) type Scalar = Option<Value>;

/// The value of a scalar that says `text`. `is_plain` tells that it has no quotes; `tag` is its tag in YAML.
pub(super) fn resolve(store: Store, text: &str, is_plain: bool, tag: Option<&str>) -> Result<Scalar, Refusal> {
    match store {
        Store::Yaml => match tag {
            Some(tag) => tagged(text, is_plain, tag),
            None if is_plain => plain_yaml(text),
            None => Ok(Some(Value::text(text))),
        },
        Store::Binary | Store::Json if is_plain => json(text),
        Store::Toml if is_plain => toml::plain(text),
        _ => Ok(Some(Value::text(text))),
    }
}

/// Whether a plain YAML scalar of this text is a text.
pub(in crate::file) fn is_plain_text(text: &str) -> bool {
    matches!(plain_yaml(text), Ok(Some(value)) if value == Value::text(text))
}

fn json(text: &str) -> Result<Scalar, Refusal> {
    Ok(match text {
        "null" => None,
        "true" => Some(Value::bool(true)),
        "false" => Some(Value::bool(false)),
        _ => Some(match text.parse::<i64>() {
            // `-0` is a float in Go, too: an integer has no sign there.
            Ok(number) if text != "-0" => Value::int(number),
            _ => Value::float(parse_float(text).ok_or("this number is too large for SOPS: put it in quotes")?),
        }),
    })
}

fn tagged(text: &str, is_plain: bool, tag: &str) -> Result<Scalar, Refusal> {
    let misfit = Err("this value does not fit its tag");
    let name = tag.strip_prefix("!!").or_else(|| tag.strip_prefix("tag:yaml.org,2002:"));
    let resolved = if text.is_empty() { Ok(None) } else { plain_yaml(text) };
    match name {
        None if tag == "!" && !is_plain => Ok(Some(Value::text(text))),
        None if tag == "!" => resolved,
        Some("binary") => {
            let digits: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
            let bytes = STANDARD.decode(digits).map_err(|_| "this is no base64, as its tag says")?;
            Ok(Some(Value::text(bytes)))
        }
        Some("str") => Ok(Some(Value::text(text))),
        Some(name @ ("bool" | "float" | "int" | "null" | "timestamp")) => match (resolved?, name) {
            (None, "null") => Ok(None),
            (Some(value), "float") if value.kind().tag() == "int" => {
                let number = value.as_str().and_then(parse_float);
                Ok(number.map(Value::float))
            }
            (Some(value), "timestamp") if value.kind().tag() == "time" => Ok(Some(value)),
            (Some(value), name) if value.kind().tag() == name => Ok(Some(value)),
            _ => misfit,
        },
        // Other tags say nothing to SOPS.
        _ => Ok(Some(Value::text(text))),
    }
}

fn plain_yaml(text: &str) -> Result<Scalar, Refusal> {
    let value = match text {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(None),
        "true" | "True" | "TRUE" => Value::bool(true),
        "false" | "False" | "FALSE" => Value::bool(false),
        ".nan" | ".NaN" | ".NAN" => Value::float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Value::float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Value::float(f64::NEG_INFINITY),
        _ => match text.as_bytes()[0] {
            b'0'..=b'9' | b'+' | b'-' => return digits(text),
            b'.' if is_yaml_float(text) => Value::float(parse_float(text).ok_or(TOO_LARGE)?),
            _ => Value::text(text),
        },
    };
    Ok(Some(value))
}

const TOO_LARGE: Refusal = "this number is too large for SOPS: put it in quotes";

/// What begins with a digit or sign: a time, an integer in one of five spellings, a float, or a text after all.
fn digits(text: &str) -> Result<Scalar, Refusal> {
    if let Some(time) = Time::parse_yaml(text) {
        return Ok(Some(Value::time(&time)));
    }
    let bare = text.replace('_', "");
    Ok(Some(match integer(&bare) {
        Some(number) => match i64::try_from(number) {
            Ok(number) => Value::int(number),
            Err(_) if (0..=i128::from(u64::MAX)).contains(&number) => return Err(TOO_LARGE),
            Err(_) if is_yaml_float(&bare) => Value::float(parse_float(&bare).ok_or(TOO_LARGE)?),
            Err(_) => Value::text(text),
        },
        None if is_yaml_float(&bare) => match parse_float(&bare) {
            Some(number) => Value::float(number),
            None => Value::text(text),
        },
        None => Value::text(text),
    }))
}

/// An integer: decimal, `0x`, `0b`, `0o`, or octal with a leading zero. Those above 128 bits are none.
fn integer(text: &str) -> Option<i128> {
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (digits, radix) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (&digits[2..], 16),
        [b'0', b'b' | b'B', ..] => (&digits[2..], 2),
        [b'0', b'o' | b'O', ..] => (&digits[2..], 8),
        [b'0', _, ..] => (&digits[1..], 8),
        _ => (digits, 10),
    };
    let is_unsigned = digits.starts_with(|c: char| c.is_ascii_hexdigit());
    let number = i128::from_str_radix(digits, radix).ok().filter(|_| is_unsigned)?;
    Some(if is_negative { -number } else { number })
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_yaml_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let fits = match mantissa.split_once('.') {
        Some((whole, fraction)) => {
            is_digits(whole) && is_digits(fraction) && !(whole.is_empty() && fraction.is_empty())
        }
        None => is_digits(mantissa) && !mantissa.is_empty(),
    };
    fits && exponent.is_none_or(|exponent| is_digits(exponent) && !exponent.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(scalar: Result<Scalar, Refusal>) -> String {
        match scalar {
            Ok(None) => "null".to_owned(),
            Ok(Some(value)) => format!("{} {}", value.kind().tag(), value.as_str().unwrap_or("<bytes>")),
            Err(_) => "refused".to_owned(),
        }
    }

    #[test]
    fn plain_scalars_of_yaml() {
        for (text, expected) in [
            ("42", "int 42"),
            ("-1", "int -1"),
            ("+1", "int 1"),
            ("0x1F", "int 31"),
            ("-0x1F", "int -31"),
            ("0o14", "int 12"),
            ("014", "int 12"),
            ("0b101", "int 5"),
            ("1_000", "int 1000"),
            ("08", "float 8"),
            ("9223372036854775807", "int 9223372036854775807"),
            ("9223372036854775808", "refused"),
            ("-9223372036854775809", "float -9223372036854776000"),
            ("123456789012345678901234567890", "float 123456789012345680000000000000"),
            ("1.0", "float 1"),
            ("1e3", "float 1000"),
            (".5", "float 0.5"),
            ("1e", "str 1e"),
            (".inf", "float +Inf"),
            ("NaN", "str NaN"),
            ("yes", "str yes"),
            ("TRUE", "bool True"),
            ("~", "null"),
            ("1:30", "str 1:30"),
            ("1.2.3", "str 1.2.3"),
            ("2001-12-14", "time 2001-12-14T00:00:00Z"),
            ("-", "str -"),
            ("0x", "str 0x"),
            ("0x-1", "str 0x-1"),
        ] {
            assert_eq!(shown(resolve(Store::Yaml, text, true, None)), expected, "{text}");
        }
    }

    #[test]
    fn tags_and_quotes() {
        for (text, is_plain, tag, expected) in [
            ("42", false, None, "str 42"),
            ("42", true, Some("!!str"), "str 42"),
            ("42", false, Some("!!int"), "int 42"),
            ("42", true, Some("!!float"), "float 42"),
            ("x", true, Some("!!int"), "refused"),
            ("aGVsbG8=", true, Some("!!binary"), "str hello"),
            ("/wAB", true, Some("!!binary"), "str <bytes>"),
            ("42", true, Some("!Ref"), "str 42"),
            ("42", true, Some("!"), "int 42"),
            ("", true, Some("!!null"), "null"),
        ] {
            assert_eq!(shown(resolve(Store::Yaml, text, is_plain, tag)), expected, "{text} {tag:?}");
        }
    }

    #[test]
    fn other_formats() {
        for (text, expected) in [("42", "int 42"), ("-0", "float -0"), ("1.0", "float 1"), ("null", "null")] {
            assert_eq!(shown(resolve(Store::Json, text, true, None)), expected);
        }
        assert_eq!(shown(resolve(Store::Json, "9223372036854775808", true, None)), "float 9223372036854776000");
        assert_eq!(shown(resolve(Store::Json, "1e999", true, None)), "refused");
        for (text, expected) in [
            ("+4_2", "int 42"),
            ("0xDEAD_beef", "int 3735928559"),
            ("0o17", "int 15"),
            ("-0b1", "refused"),
            ("9223372036854775808", "refused"),
            ("1.0", "float 1"),
            ("6.626e-34", "float 0.0000000000000000000000000000000006626"),
            ("-inf", "float -Inf"),
            ("+nan", "float NaN"),
            ("true", "bool True"),
            ("1979-05-27 07:32Z", "time 1979-05-27T07:32:00Z"),
            ("1979-05-27t00:32:00.500-07:00", "time 1979-05-27T00:32:00.5-07:00"),
            ("1979-05-27T07:32:00", "time 1979-05-27T07:32:00"),
            ("1979-05-27", "time 1979-05-27"),
            ("07:32", "time 07:32:00"),
            ("07:32:60", "refused"),
        ] {
            assert_eq!(shown(resolve(Store::Toml, text, true, None)), expected, "{text}");
        }
        assert_eq!(shown(resolve(Store::Dotenv, "42", true, None)), "str 42");
        assert_eq!(shown(resolve(Store::Ini, "true", true, None)), "str true");
    }
}
