//! Points in time: RFC 3339, and the other spellings that a YAML timestamp may have.

use std::fmt;

const SECONDS_OF_DAY: u64 = 24 * 60 * 60;
/// The last one of the year 9999.
const LAST_SECOND: u64 = 253_402_300_799;

/// A point in time as it was written: its own offset, and a fraction of up to nine digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Time {
    year: u16,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
    nanoseconds: u32,
    /// In minutes; none for `Z`.
    offset: Option<i16>,
}

impl Time {
    /// Reads RFC 3339 with a capital `T` and `Z`, two digits each.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let two_digits = [5, 8, 11, 14, 17].iter().all(|&at| bytes.get(at..at + 2).is_some_and(is_digits));
        let separated = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
        let fits = two_digits && separated.iter().all(|&(at, sign)| bytes.get(at) == Some(&sign));
        if fits { Self::parse_yaml(text) } else { None }
    }

    /// Reads what go-yaml resolves to a timestamp: a date, with one or two digits for month and day; behind `T` or `t`
    /// a time with its zone; behind a blank a time without one. (The YAML 1.1 type has more spellings; to SOPS those are
    /// texts.)
    #[must_use]
    pub fn parse_yaml(text: &str) -> Option<Self> {
        let mut cursor = Cursor { rest: text };
        let year = cursor.digits(4, 4)?;
        cursor.sign("-")?;
        let month = cursor.digits(1, 2)? as u8;
        cursor.sign("-")?;
        let day = cursor.digits(1, 2)? as u8;
        let mut time = Self { year, month, day, hour: 0, minute: 0, second: 0, nanoseconds: 0, offset: None };
        if !cursor.rest.is_empty() {
            let zoned = !cursor.rest.starts_with(' ');
            cursor.sign(" ").or_else(|| cursor.sign("T")).or_else(|| cursor.sign("t"))?;
            time.hour = cursor.digits(1, 2)? as u8;
            cursor.sign(":")?;
            time.minute = cursor.digits(1, 2)? as u8;
            cursor.sign(":")?;
            time.second = cursor.digits(1, 2)? as u8;
            time.nanoseconds = cursor.fraction()?;
            if zoned {
                time.offset = cursor.offset()?;
            }
        }
        let is_valid = cursor.rest.is_empty()
            && (1..=12).contains(&time.month)
            && (1..=days(time.year, time.month)).contains(&time.day)
            && time.hour < 24
            && time.minute < 60
            && time.second < 60;
        is_valid.then_some(time)
    }

    /// A local date, time or both of TOML, in one spelling; none for anything else.
    pub(super) fn parse_local(text: &str) -> Option<String> {
        let whole = |text: String| Self::parse(&text).map(|time| time.to_string());
        if text.ends_with(['Z', 'z']) {
            return None;
        }
        match text {
            _ if text.as_bytes().get(2) == Some(&b':') => {
                whole(format!("2000-01-01T{text}Z")).map(|time| time[11..time.len() - 1].to_owned())
            }
            _ if text.len() == 10 => whole(format!("{text}T00:00:00Z")).map(|time| time[..10].to_owned()),
            _ => whole(format!("{text}Z")).map(|time| time[..time.len() - 1].to_owned()),
        }
    }

    /// The time so many seconds after 1970 began, in UTC; beyond the year 9999, which RFC 3339 cannot spell, its end.
    #[must_use]
    pub fn of_unix(seconds: u64) -> Self {
        let mut day = seconds.min(LAST_SECOND) / SECONDS_OF_DAY;
        let of_day = seconds.min(LAST_SECOND) % SECONDS_OF_DAY;
        let mut year: u16 = 1970;
        while day >= days_of_year(year) {
            day -= days_of_year(year);
            year += 1;
        }
        let mut month = 1;
        while day >= u64::from(days(year, month)) {
            day -= u64::from(days(year, month));
            month += 1;
        }
        Self {
            year,
            month,
            day: day as u8 + 1,
            hour: (of_day / 3600) as u8,
            minute: (of_day / 60 % 60) as u8,
            second: (of_day % 60) as u8,
            nanoseconds: 0,
            offset: None,
        }
    }

    /// RFC 3339 without the fraction: what the MAC of a file is bound to.
    #[must_use]
    pub fn whole_seconds(&self) -> String {
        Self { nanoseconds: 0, ..self.clone() }.to_string()
    }
}

/// RFC 3339: the fraction only if there is one, without zeros at its end.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { year, month, day, hour, minute, second, nanoseconds, offset } = self;
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        if *nanoseconds != 0 {
            write!(f, ".{}", format!("{nanoseconds:09}").trim_end_matches('0'))?;
        }
        match offset {
            None | Some(0) => f.write_str("Z"),
            Some(offset) => {
                let sign = if *offset < 0 { '-' } else { '+' };
                write!(f, "{sign}{:02}:{:02}", offset.abs() / 60, offset.abs() % 60)
            }
        }
    }
}

struct Cursor<'t> {
    rest: &'t str,
}

impl Cursor<'_> {
    fn digits(&mut self, min: usize, max: usize) -> Option<u16> {
        let count = self.rest.bytes().take(max).take_while(u8::is_ascii_digit).count();
        if count < min {
            return None;
        }
        let (digits, rest) = self.rest.split_at(count);
        self.rest = rest;
        digits.parse().ok()
    }

    fn sign(&mut self, sign: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(sign)?;
        Some(())
    }

    /// `.` and digits, of which nine count; nothing is zero.
    fn fraction(&mut self) -> Option<u32> {
        let Some(behind) = self.rest.strip_prefix('.') else { return Some(0) };
        let count = behind.bytes().take_while(u8::is_ascii_digit).count();
        if count == 0 {
            return None;
        }
        let (digits, rest) = behind.split_at(count);
        self.rest = rest;
        format!("{:0<9}", &digits[..count.min(9)]).parse().ok()
    }

    fn offset(&mut self) -> Option<Option<i16>> {
        if self.sign("Z").is_some() {
            return Some(None);
        }
        let sign = if self.sign("-").is_some() { -1 } else { self.sign("+").map(|()| 1)? };
        let hours = self.digits(2, 2)?;
        self.sign(":")?;
        let minutes = self.digits(2, 2)?;
        (hours <= 24 && minutes < 60).then_some(Some(sign * (hours * 60 + minutes) as i16))
    }
}

fn is_digits(bytes: &[u8]) -> bool {
    bytes.iter().all(u8::is_ascii_digit)
}

fn days_of_year(year: u16) -> u64 {
    (1..=12).map(|month| u64::from(days(year, month))).sum()
}

fn days(year: u16, month: u8) -> u8 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn yaml(text: &str) -> Option<String> {
        Time::parse_yaml(text).map(|time| time.to_string())
    }

    #[test]
    fn timestamps_of_yaml_become_rfc_3339() {
        for (text, expected) in [
            ("2001-12-14", Some("2001-12-14T00:00:00Z")),
            ("2001-2-3", Some("2001-02-03T00:00:00Z")),
            ("2001-12-14t21:59:43.10-05:00", Some("2001-12-14T21:59:43.1-05:00")),
            ("2001-12-14 21:59:43.100", Some("2001-12-14T21:59:43.1Z")),
            ("2024-02-29", Some("2024-02-29T00:00:00Z")),
            ("2023-02-29", None),
            ("2001-12-14 21:59:43.10 -5", None),
            ("2001-01-02 03:04:05Z", None),
            ("2001-01-02T03:04Z", None),
            ("2001-13-01", None),
            ("201-12-14", None),
            ("2001-12-14x", None),
            ("", None),
        ] {
            assert_eq!(yaml(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn local_times_have_one_spelling() {
        for (text, expected) in [
            ("1979-05-27", Some("1979-05-27")),
            ("1979-05-27T07:32:00.50", Some("1979-05-27T07:32:00.5")),
            ("07:32:00", Some("07:32:00")),
            ("07:32:00.100", Some("07:32:00.1")),
            ("07:32:00.5", Some("07:32:00.5")),
            ("1979-05-27T07:32:00Z", None),
            ("1979-05-27T07:32:00+01:00", None),
            ("1979-02-29", None),
            ("07:60:00", None),
            ("07:32:00Z", None),
            ("", None),
        ] {
            assert_eq!(Time::parse_local(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn seconds_since_1970_are_a_time_in_utc() {
        for (seconds, expected) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_795_255_200, "2026-11-21T10:00:00Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (u64::MAX, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(Time::of_unix(seconds).to_string(), expected);
        }
    }

    #[test]
    fn a_file_s_time_is_strict() {
        let whole = |text: &str| Time::parse(text).map(|time| time.whole_seconds());
        assert_eq!(whole("2026-01-02T03:04:05.678Z").as_deref(), Some("2026-01-02T03:04:05Z"));
        assert_eq!(whole("2026-01-02T03:04:05+01:00").as_deref(), Some("2026-01-02T03:04:05+01:00"));
        for text in ["2026-01-02", "2026-01-02t03:04:05Z", "2026-1-2T03:04:05Z", "2026-01-02 03:04:05", ""] {
            assert_eq!(whole(text), None, "{text}");
        }
    }
}
