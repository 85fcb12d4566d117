//! The metadata block in JSON: the last member of the root object.

use std::borrow::Cow;

use super::scan::{self, Fault};
use crate::document::block::{newline_of, read_json_object};
use crate::document::{Block, Detached, Root};
use crate::error::{Error, line_breaks};
use crate::leaf::Span;

/// White space between tokens.
const BLANKS: [char; 4] = [' ', '\t', '\n', '\r'];

/// Puts the block behind the last member's value, with nothing but a comma between; a root that is no object becomes
/// the member `data` of one, while what stands around it stays outside.
pub(super) fn attach(body: &str, root: Root, key: &str, block: &Block) -> String {
    let newline = newline_of(body);
    let member = format!("{newline}  \"{key}\": {}", block.to_json(newline));
    match root {
        Root::Map(Span { start, end }) => {
            let inside = body[start as usize + 1..end as usize - 1].trim_end_matches(BLANKS);
            let (before, behind) = body.split_at(start as usize + 1 + inside.len());
            let comma = if inside.is_empty() { "" } else { "," };
            format!("{before}{comma}{member}{behind}")
        }
        Root::Other(span) => {
            let (before, behind) = (&body[..span.start as usize], &body[span.end as usize..]);
            let root = span.of(body);
            format!("{before}{{{newline}  \"data\": {root},{member}{newline}}}{behind}")
        }
    }
}

/// Finds the block from the end of the text: the last member of an object, behind which nothing but that object's
/// bracket stands. Since the rest of the text is scanned as JSON afterwards, that object is the root, and a second
/// block is a reserved key.
pub(super) fn detach<'t>(text: &'t str, key: &str) -> Result<Option<Detached<'t>>, Error> {
    let member = format!("\"{key}\"");
    let mut end = text.len();
    let mut found = false;
    while let Some(at) = text[..end].rfind(&member) {
        // The errors of candidates are thrown away, so that their lines need not be counted.
        if let Ok(mut detached) = take_off(text, at, &member, 0) {
            detached.line = line_of(text, at);
            return Ok(Some(detached));
        }
        found = true;
        end = at + member.len() - 1;
    }
    // The key may be one of an inner map or a mere value. If it is the root's, the block is spelled wrong or not last.
    match scan::scan(text) {
        Err(Fault::Reserved { offset, key: reserved }) if found && reserved == key => {
            take_off(text, offset, &member, line_of(text, offset)).map(Some)
        }
        Ok(_) | Err(Fault::Reserved { .. }) => Ok(None),
        // A damaged file is not one that was never encrypted.
        Err(fault) if found => Err(fault.into_error(text)),
        Err(_) => Ok(None),
    }
}

/// Takes off the member that begins at `at`, on the line `line`.
fn take_off<'t>(text: &'t str, at: usize, member: &str, line: usize) -> Result<Detached<'t>, Error> {
    let error = |what| Error::Metadata { line, what };
    let before = text[..at].trim_end_matches(BLANKS);
    let before = match before.strip_suffix(',') {
        Some(value) if !value.ends_with(BLANKS) => value,
        None if before.ends_with('{') => before,
        _ => return Err(error("the comma before the metadata does not follow a value immediately")),
    };
    let Some(object) = text[at..].strip_prefix(member).and_then(|rest| skip_blanks(rest).strip_prefix(':')) else {
        return Err(error("expected the key of the metadata block"));
    };
    let object = skip_blanks(object);
    let start = text.len() - object.len();
    let first_line = line + line_breaks(&text[at..start]);
    let (block, len) = read_json_object(object, first_line)?;
    let behind = &object[len..];
    if !skip_blanks(behind).strip_prefix('}').is_some_and(|rest| skip_blanks(rest).is_empty()) {
        return Err(error("something stands behind the metadata"));
    }
    Ok(Detached { rest: Cow::Owned([before, behind].concat()), separate: false, block, line })
}

/// Takes the object with the only member `data` off. White space inside of it is free.
pub(super) fn unwrap(rest: &str) -> Result<String, Error> {
    let unmarked = rest.strip_prefix('\u{feff}').unwrap_or(rest);
    let object = skip_blanks(unmarked);
    let inside = object.trim_end_matches(BLANKS);
    let (before, behind) = (&rest[..rest.len() - object.len()], &object[inside.len()..]);
    let value = || {
        let member = skip_blanks(inside.strip_prefix('{')?.strip_suffix('}')?);
        let value = skip_blanks(member.strip_prefix("\"data\"")?).strip_prefix(':')?;
        Some(value.trim_matches(BLANKS)).filter(|value| !value.starts_with('{'))
    };
    match value() {
        Some(value) => Ok([before, value, behind].concat()),
        None => Err(Error::Metadata { line: 0, what: "the root is not wrapped as the metadata say" }),
    }
}

fn skip_blanks(text: &str) -> &str {
    text.trim_start_matches(BLANKS)
}

fn line_of(text: &str, offset: usize) -> usize {
    line_breaks(&text[..offset]) + 1
}
