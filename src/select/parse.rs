//! Reading path globs.
//!
//! ```text
//! glob    = segment *( "." segment )
//! segment = ( "**" / name / quoted / "[]" ) *"[]"
//! quoted  = a JSON string
//! ```
//!
//! A name is strict about characters, so that what looks like syntax of some other glob dialect is refused
//! and not taken for a key that never matches.

use super::{MAX_GLOB_LEN, MAX_GLOB_SEGMENTS, SegmentGlob};
use crate::error::Error;
use crate::json_escape::json_escape;

/// The segments of `text`, without `<<` and with runs of `**` made one.
pub(super) fn segments(text: &str) -> Result<Vec<SegmentGlob>, Error> {
    if text.len() > MAX_GLOB_LEN {
        return Err(Error::Limit { what: "the length of a glob", limit: MAX_GLOB_LEN as u64, at: None });
    }
    let mut reader = Reader { text, rest: text };
    let mut segments = Vec::new();
    let mut count = 0;
    loop {
        let mut next = reader.segment()?;
        while let Some(segment) = next {
            count += 1;
            if count > MAX_GLOB_SEGMENTS {
                let limit = MAX_GLOB_SEGMENTS as u64;
                return Err(Error::Limit { what: "the number of segments of a glob", limit, at: None });
            }
            let repeated = segment == SegmentGlob::AnyNumber && segments.last() == Some(&segment);
            if !repeated && !matches!(&segment, SegmentGlob::Key(key) if key == super::MERGE_KEY) {
                segments.push(segment);
            }
            next = reader.take("[]").then_some(SegmentGlob::Item);
        }
        if reader.rest.is_empty() {
            break;
        }
        if !reader.take(".") {
            return Err(reader.error("expected `.`, `[]` or the end behind a segment"));
        }
    }
    if segments.is_empty() {
        return Err(reader.error("`<<` is transparent, so this names nothing"));
    }
    Ok(segments)
}

struct Reader<'t> {
    text: &'t str,
    rest: &'t str,
}

impl Reader<'_> {
    fn error(&self, why: &str) -> Error {
        Error::Config { at: None, what: format!("glob `{}`: {why}", self.text) }
    }

    fn take(&mut self, literal: &str) -> bool {
        let rest = self.rest.strip_prefix(literal);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// The segment up to the next `.`, attached items aside; always `Some`.
    fn segment(&mut self) -> Result<Option<SegmentGlob>, Error> {
        if self.take("[]") {
            return Ok(Some(SegmentGlob::Item));
        }
        if self.take("\"") {
            return self.quoted().map(|key| Some(SegmentGlob::Key(key)));
        }
        let end = self.rest.find(['.', '[']).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        if rest.starts_with('[') && !rest.starts_with("[]") {
            return Err(self.error("only `[]` stands for list items, they have no numbers or names here"));
        }
        let special = |c: char| c.is_whitespace() || c.is_control() || "\"\\]{}?!,#".contains(c);
        if let Some(special) = name.chars().find(|&c| special(c)) {
            let special = special.escape_default();
            return Err(self.error(&format!("a key with `{special}` in it must be in double quotes")));
        }
        self.rest = rest;
        Ok(Some(match name {
            "" => return Err(self.error("empty segment (an empty key is written `\"\"`)")),
            "*" => SegmentGlob::AnyOne,
            "**" => SegmentGlob::AnyNumber,
            _ if name.contains("**") => return Err(self.error("`**` must stand alone between dots")),
            _ if name.contains('*') => SegmentGlob::KeyLike(name.split('*').map(str::to_owned).collect()),
            _ => SegmentGlob::Key(name.to_owned()),
        }))
    }

    /// A JSON string behind its first quote.
    fn quoted(&mut self) -> Result<String, Error> {
        let mut key = String::new();
        let mut chars = self.rest.chars();
        loop {
            match chars.next() {
                Some('"') => break,
                Some('\\') => match json_escape(&mut chars) {
                    Some(c) => key.push(c),
                    None => return Err(self.error("not an escape of JSON")),
                },
                Some(c) if c.is_control() => return Err(self.error("control characters must be escaped")),
                Some(c) => key.push(c),
                None => return Err(self.error("unclosed double quote")),
            }
        }
        self.rest = chars.as_str();
        Ok(key)
    }
}

#[cfg(test)]
mod tests {
    use super::SegmentGlob::{AnyNumber, AnyOne, Item, KeyLike};
    use super::*;

    fn key(text: &str) -> SegmentGlob {
        SegmentGlob::Key(text.to_owned())
    }

    fn like(pieces: &[&str]) -> SegmentGlob {
        KeyLike(pieces.iter().map(|&piece| piece.to_owned()).collect())
    }

    fn refused(text: &str) -> String {
        segments(text).unwrap_err().to_string()
    }

    #[test]
    fn segments_are_separated_by_dots() {
        assert_eq!(segments("a.*.b").unwrap(), [key("a"), AnyOne, key("b")]);
        assert_eq!(segments("**.é$x").unwrap(), [AnyNumber, key("é$x")]);
        assert_eq!(segments("a.**.**.**").unwrap(), [key("a"), AnyNumber]);
    }

    #[test]
    fn list_items_are_attached_or_stand_alone() {
        let expected = [key("users"), Item, key("name")];
        assert_eq!(segments("users[].name").unwrap(), expected);
        assert_eq!(segments("users.[].name").unwrap(), expected);
        assert_eq!(segments("[][]").unwrap(), [Item, Item]);
        assert_eq!(segments("**[]").unwrap(), [AnyNumber, Item]);
        assert_eq!(segments("\"a b\"[]").unwrap(), [key("a b"), Item]);
    }

    #[test]
    fn stars_inside_of_a_segment_match_characters() {
        assert_eq!(segments("*_key").unwrap(), [like(&["", "_key"])]);
        assert_eq!(segments("db-*.a*b*c").unwrap(), [like(&["db-", ""]), like(&["a", "b", "c"])]);
    }

    #[test]
    fn quoted_keys_are_json_strings() {
        let metadata = segments(r#"metadata."app.kubernetes.io/name""#).unwrap();
        assert_eq!(metadata, [key("metadata"), key("app.kubernetes.io/name")]);
        assert_eq!(segments(r#""""#).unwrap(), [key("")]);
        assert_eq!(segments(r#""*""#).unwrap(), [key("*")], "a star in quotes is a star");
        assert_eq!(segments(r#""\"\\\/\b\f\n\r\té\u00e9\ud83d\ude00""#).unwrap(), [key("\"\\/\u{8}\u{c}\n\r\téé😀")]);
    }

    #[test]
    fn merge_keys_are_transparent() {
        assert_eq!(segments("a.<<.b").unwrap(), [key("a"), key("b")]);
        assert_eq!(segments(r#"**."<<".**"#).unwrap(), [AnyNumber]);
        assert_eq!(refused("<<"), "glob `<<`: `<<` is transparent, so this names nothing");
    }

    #[test]
    fn what_looks_like_another_dialect_is_refused() {
        assert_eq!(refused(""), "glob ``: empty segment (an empty key is written `\"\"`)");
        assert_eq!(refused("a..b"), "glob `a..b`: empty segment (an empty key is written `\"\"`)");
        assert_eq!(refused("a."), "glob `a.`: empty segment (an empty key is written `\"\"`)");
        assert_eq!(refused("a.**b"), "glob `a.**b`: `**` must stand alone between dots");
        assert_eq!(refused("***"), "glob `***`: `**` must stand alone between dots");
        let items = "only `[]` stands for list items, they have no numbers or names here";
        assert_eq!(refused("a[0]"), format!("glob `a[0]`: {items}"));
        assert_eq!(refused("a.[*]"), format!("glob `a.[*]`: {items}"));
        assert_eq!(refused("a[].[0]"), format!("glob `a[].[0]`: {items}"));
        assert_eq!(refused("a[][x"), "glob `a[][x`: expected `.`, `[]` or the end behind a segment");
        for special in ["a b", "a\tb", "a{b", "a?", "!a", "a,b", "#1", "a\\b", "a\"b\"", "a]", "a\u{a0}", "\u{1b}"] {
            assert!(refused(special).ends_with("in it must be in double quotes"), "{special:?}");
        }
        assert_eq!(refused("\tx"), "glob `\tx`: a key with `\\t` in it must be in double quotes");
    }

    #[test]
    fn bad_quotes_are_refused() {
        assert_eq!(refused("\"a"), "glob `\"a`: unclosed double quote");
        assert_eq!(refused("\"a\"b"), "glob `\"a\"b`: expected `.`, `[]` or the end behind a segment");
        assert_eq!(refused("\"\n\""), "glob `\"\n\"`: control characters must be escaped");
        for escape in [r"\x", r"\u12", r"\u+123", r"\ud83d", r"\ud83dx", r"\ud83d\n", r"\ud83d\ud83d", r"\ude00", r"\"]
        {
            let glob = format!("\"{escape}\"");
            let expected = if escape == r"\" { "unclosed double quote" } else { "not an escape of JSON" };
            assert_eq!(refused(&glob), format!("glob `{glob}`: {expected}"));
        }
    }

    #[test]
    fn limits_are_exact() {
        assert_eq!(segments(&"a".repeat(4096)).map(|found| found.len()), Ok(1));
        assert_eq!(refused(&"a".repeat(4097)), "the length of a glob exceeds the limit of 4096");
        assert_eq!(segments(&"[]".repeat(64)).map(|found| found.len()), Ok(64));
        assert_eq!(refused(&"[]".repeat(65)), "the number of segments of a glob exceeds the limit of 64");
        assert_eq!(refused(&"**.".repeat(65)), "the number of segments of a glob exceeds the limit of 64");
    }
}
