//! What a value says to a reader: as Compose and python-dotenv read it, but without interpolation.

use std::borrow::Cow;

use crate::document::lines::BLANKS;

/// A value without quotes: up to a `#` with a blank before it, without the blanks around. Backslashes and `$` stand
/// for themselves.
pub(super) fn bare(source: &str) -> &str {
    let comment = source.match_indices('#').find(|&(at, _)| source[..at].ends_with(BLANKS));
    source[..comment.map_or(source.len(), |(at, _)| at)].trim_matches(BLANKS)
}

/// A value in quotes. Single quotes and backticks: the text between, literally. Double quotes: `\n`, `\r`, `\t`, `\\`,
/// `\"` and `\$` are escapes, every other backslash stands for itself. Line breaks inside stay as they are.
pub(super) fn quoted(source: &str) -> Cow<'_, str> {
    let mut chars = source.chars();
    let quote = chars.next();
    chars.next_back();
    let mut rest = chars.as_str();
    if quote != Some('"') || !rest.contains('\\') {
        return Cow::Borrowed(rest);
    }
    let mut text = String::with_capacity(rest.len());
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let unescaped = match rest.as_bytes().get(at + 1) {
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(&b @ (b'\\' | b'"' | b'$')) => char::from(b),
            _ => {
                text.push('\\');
                rest = &rest[at + 1..];
                continue;
            }
        };
        text.push(unescaped);
        rest = &rest[at + 2..];
    }
    text.push_str(rest);
    Cow::Owned(text)
}
