//! Where a value ends, and what it says.

use std::borrow::Cow;

use crate::document::lines::{BLANKS, Bad, LineValue, behind_break, end_of_line, skip_blanks};
use crate::leaf::{Carrier, LeafKind, Span};

/// The value that begins at `start`, behind the delimiter and its blanks, of a key that is indented by `indent`.
pub(super) fn find(text: &str, start: usize, indent: usize) -> Result<LineValue, Bad> {
    let end = end_of_line(text, start)?;
    let quote = text[start..end].chars().next().filter(|c| "\"'`".contains(*c));
    if let Some(found) = quote.map(|quote| find_quoted(text, start, end, quote)) {
        return found;
    }
    let kind = |end| if start == end { LeafKind::EmptyValue } else { LeafKind::Plain };
    let end = end_of_continuation(text, end, indent)?;
    if text[start..end].ends_with('\\') {
        let what = "a value must not end in a backslash: some readers take the next line for a part of it";
        return Err(Bad { offset: end - 1, what });
    }
    Ok(LineValue { span: Span::new(start..end), kind: kind(end), carrier: Carrier::Bare, comment: None, end })
}

/// What a value of kind [`LeafKind::Plain`] says to a reader: the text in the quotes that it begins with, if only a comment
/// follows; else each line without the blanks around and without a comment, a blank before its sign; lines are joined as they
/// are by Python's configparser.
pub(super) fn decode(source: &str) -> Cow<'_, str> {
    if let Some(quoted) = before_comment(source) {
        return Cow::Borrowed(&quoted[1..quoted.len() - 1]);
    }
    if !source.contains('\n') {
        return Cow::Borrowed(decode_line(source));
    }
    Cow::Owned(source.lines().map(decode_line).collect::<Vec<_>>().join("\n"))
}

/// The quoted text, with its quotes, that `source` begins with, if only a comment follows.
pub(super) fn before_comment(source: &str) -> Option<&str> {
    let quote = source.chars().next().filter(|&c| is_quote(c))?;
    let close = 1 + source[1..].find(quote)?;
    let (quoted, behind) = source.split_at(close + 1);
    let is_comment = behind.starts_with(BLANKS) && behind.trim_start_matches(BLANKS).starts_with(['#', ';']);
    (is_comment && !quoted[..close].ends_with('\\')).then_some(quoted)
}

/// Readers disagree whether backticks are quotes.
fn is_quote(c: char) -> bool {
    c == '"' || c == '\''
}

fn decode_line(line: &str) -> &str {
    let comment = line.match_indices(['#', ';']).find(|&(at, _)| line[..at].ends_with(BLANKS));
    line[..comment.map_or(line.len(), |(at, _)| at)].trim_matches(BLANKS)
}

/// The value that begins with `quote` at `start`, on the line that ends at `end`.
fn find_quoted(text: &str, start: usize, end: usize, quote: char) -> Result<LineValue, Bad> {
    let inside = &text[start + 1..end];
    let Some(close) = inside.find(quote) else {
        return Err(Bad { offset: start, what: "the quoted value is not closed on its line" });
    };
    // Readers disagree whether a backslash takes the quote's meaning, and whether a comment may follow: for some it would
    // be a part of the value, which anybody could add.
    let is_alone = inside[close + 1..].trim_matches(BLANKS).is_empty();
    if is_alone && !inside[..close].ends_with('\\') && is_quote(quote) {
        let close = start + 1 + close;
        let carrier = if close + 1 == end { Carrier::Bare } else { Carrier::DoubleQuoted };
        return Ok(LineValue {
            span: Span::new(start..close + 1),
            kind: LeafKind::Quoted,
            carrier,
            comment: None,
            end,
        });
    }
    // Three quotes begin a value on several lines for some readers.
    let triple = [quote; 3].iter().collect::<String>();
    if (text[start..end].starts_with(&triple) && text[start..end].matches(&triple).count() == 1)
        || text[start..end].ends_with('\\')
    {
        return Err(Bad { offset: start, what: "the quoted value is not closed on its line" });
    }
    Ok(LineValue { span: Span::new(start..end), kind: LeafKind::Plain, carrier: Carrier::Bare, comment: None, end })
}

/// The end of the last line that belongs to the value on the line that ends at `end`: those directly below that are indented
/// deeper than its key.
fn end_of_continuation(text: &str, end: usize, indent: usize) -> Result<usize, Bad> {
    let mut end = end;
    loop {
        let next = behind_break(text, end);
        if next == text.len() {
            return Ok(end);
        }
        let line_end = end_of_line(text, next)?;
        let content = skip_blanks(text, next);
        if content >= line_end || content - next <= indent || text[content..].starts_with(['#', ';']) {
            return Ok(end);
        }
        refuse_entry(&text[content..line_end], content)?;
        end = line_end;
    }
}

/// Refuses a line that is indented deeper than the key above and looks like an entry of its own.
pub(super) fn refuse_entry(line: &str, offset: usize) -> Result<(), Bad> {
    if !line.contains(['=', ':']) && !line.starts_with('[') {
        return Ok(());
    }
    let what = "this line is indented deeper than the key above: some readers take it for a part of that value, some for a line of its own";
    Err(Bad { offset, what })
}
