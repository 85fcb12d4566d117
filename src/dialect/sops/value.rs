//! Typed values, and the one text of each that SOPS seals and hashes.

use std::fmt;

use zeroize::Zeroizing;

use super::time::Time;

/// What a value is: the `type` of its token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `bool`
    Bool,
    /// `comment`
    Comment,
    /// `float`
    Float,
    /// `int`
    Int,
    /// `str`
    Text,
    /// `time`, since SOPS 3.10
    Time,
}

impl Kind {
    /// Its name in tokens.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Comment => "comment",
            Self::Float => "float",
            Self::Int => "int",
            Self::Text => "str",
            Self::Time => "time",
        }
    }

    /// Whether a number is a float or an integer depends on who wrote it last: one kind for both.
    #[must_use]
    pub fn or_integer(self) -> Self {
        if self == Self::Float { Self::Int } else { self }
    }

    /// The kind called `tag`. SOPS never wrote `bytes`, and breaks down on it; it is unknown here.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        [Self::Bool, Self::Comment, Self::Float, Self::Int, Self::Text, Self::Time]
            .into_iter()
            .find(|kind| kind.tag() == tag)
    }
}

/// A value with its type. The bytes are what is sealed and what the MAC covers: a text itself, `True` and `False`,
/// decimal numbers without an exponent, RFC 3339 times.
#[derive(Clone, PartialEq, Eq)]
pub struct Value {
    kind: Kind,
    bytes: Zeroizing<Vec<u8>>,
}

impl Value {
    /// A text; any bytes, for binary files.
    #[must_use]
    pub fn text(text: impl AsRef<[u8]>) -> Self {
        Self { kind: Kind::Text, bytes: Zeroizing::new(text.as_ref().to_vec()) }
    }

    /// A comment, without its sign.
    #[must_use]
    pub fn comment(text: &str) -> Self {
        Self { kind: Kind::Comment, bytes: Zeroizing::new(text.as_bytes().to_vec()) }
    }

    /// An integer.
    #[must_use]
    pub fn int(number: i64) -> Self {
        Self { kind: Kind::Int, bytes: Zeroizing::new(number.to_string().into_bytes()) }
    }

    /// A float.
    #[must_use]
    pub fn float(number: f64) -> Self {
        let text = if number.is_nan() {
            "NaN".to_owned()
        } else if number.is_infinite() {
            if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned()
        } else {
            // The shortest digits that give the number again, never with an exponent: the same as in Go.
            number.to_string()
        };
        Self { kind: Kind::Float, bytes: Zeroizing::new(text.into_bytes()) }
    }

    /// `true` or `false`.
    #[must_use]
    pub fn bool(value: bool) -> Self {
        Self { kind: Kind::Bool, bytes: Zeroizing::new(if value { b"True".to_vec() } else { b"False".to_vec() }) }
    }

    /// A point in time.
    #[must_use]
    pub fn time(time: &Time) -> Self {
        Self { kind: Kind::Time, bytes: Zeroizing::new(time.to_string().into_bytes()) }
    }

    /// A local date, time or both, as only TOML has them: in SOPS's types nothing is like that, so it is a time without
    /// an offset. None for anything else.
    #[must_use]
    pub fn local_time(text: &str) -> Option<Self> {
        let text = Time::parse_local(text)?;
        Some(Self { kind: Kind::Time, bytes: Zeroizing::new(text.into_bytes()) })
    }

    /// Whether it is what [`Value::local_time`] makes.
    #[must_use]
    pub fn is_local_time(&self) -> bool {
        self.kind == Kind::Time && self.as_str().and_then(Time::parse).is_none()
    }

    /// The value of which a token of this kind says `plaintext`, in its canonical bytes: `007` is `7`, `1e3` is `1000`.
    /// None when it does not fit the kind.
    #[must_use]
    pub fn from_plaintext(kind: Kind, plaintext: Zeroizing<Vec<u8>>) -> Option<Self> {
        if kind == Kind::Text {
            return Some(Self { kind, bytes: plaintext });
        }
        let text = std::str::from_utf8(&plaintext).ok()?;
        Some(match kind {
            Kind::Bool => Self::bool(match text {
                "1" | "t" | "T" | "TRUE" | "true" | "True" => true,
                "0" | "f" | "F" | "FALSE" | "false" | "False" => false,
                _ => return None,
            }),
            Kind::Comment | Kind::Text => Self { kind, bytes: plaintext },
            Kind::Float => Self::float(parse_float(text)?),
            Kind::Int => Self::int(text.parse().ok()?),
            Kind::Time => match Time::parse(text) {
                Some(time) => Self::time(&time),
                None => Self::local_time(text)?,
            },
        })
    }

    /// What it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What is sealed and hashed.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes as text; none for a text that is not UTF-8, which only binary files have.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok()
    }

    /// The number of a float.
    #[must_use]
    pub fn as_float(&self) -> Option<f64> {
        if self.kind == Kind::Float { parse_float(self.as_str()?) } else { None }
    }
}

/// Only the kind: the rest is secret.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Value({})", self.kind.tag())
    }
}

/// A decimal number, `inf` or `nan` in any case; none above the range. (Go also takes hexadecimal floats, which SOPS
/// never wrote.)
pub(crate) fn parse_float(text: &str) -> Option<f64> {
    let number: f64 = text.parse().ok()?;
    let has_digits = text.bytes().any(|byte| byte.is_ascii_digit());
    (!has_digits || number.is_finite()).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: Kind, text: &str) -> Option<String> {
        let value = Value::from_plaintext(kind, Zeroizing::new(text.as_bytes().to_vec()))?;
        assert_eq!(value.kind(), kind);
        value.as_str().map(str::to_owned)
    }

    #[test]
    fn plaintexts_become_canonical() {
        for (kind, text, canonical) in [
            (Kind::Int, "007", "7"),
            (Kind::Int, "+5", "5"),
            (Kind::Int, "-9223372036854775808", "-9223372036854775808"),
            (Kind::Float, "1e3", "1000"),
            (Kind::Float, "1.0", "1"),
            (Kind::Float, "-0.0", "-0"),
            (Kind::Float, "1e21", "1000000000000000000000"),
            (Kind::Float, "1e-7", "0.0000001"),
            (Kind::Float, "inf", "+Inf"),
            (Kind::Float, "-Infinity", "-Inf"),
            (Kind::Float, "nan", "NaN"),
            (Kind::Bool, "t", "True"),
            (Kind::Bool, "0", "False"),
            (Kind::Time, "2001-12-14T21:59:43.10-05:00", "2001-12-14T21:59:43.1-05:00"),
            (Kind::Text, "1e3", "1e3"),
            (Kind::Comment, " x", " x"),
        ] {
            assert_eq!(read(kind, text).as_deref(), Some(canonical), "{kind:?} {text}");
        }
    }

    #[test]
    fn what_does_not_fit_its_type_is_refused() {
        for (kind, text) in [
            (Kind::Int, "0x10"),
            (Kind::Int, "1_000"),
            (Kind::Int, "9223372036854775808"),
            (Kind::Int, "1.5"),
            (Kind::Int, ""),
            (Kind::Float, "x"),
            (Kind::Float, "1e999"),
            (Kind::Bool, "yes"),
            (Kind::Time, "2001-12-14x"),
        ] {
            assert_eq!(read(kind, text), None, "{kind:?} {text}");
        }
    }

    #[test]
    fn debug_shows_the_kind_alone() {
        assert_eq!(format!("{:?}", Value::text("CANARY")), "Value(str)");
    }

    proptest::proptest! {
        #[test]
        fn floats_come_back(number in proptest::num::f64::ANY) {
            let value = Value::float(number);
            let back = value.as_float().expect("a float");
            proptest::prop_assert!(back == number || back.is_nan() && number.is_nan());
            proptest::prop_assert!(!value.as_str().expect("text").contains('e'));
        }
    }
}
