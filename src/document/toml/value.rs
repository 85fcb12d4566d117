//! One value, alone.

use std::borrow::Cow;

use toml_datetime::Datetime;
use toml_parser::decoder::{Encoding, ScalarKind};
use toml_parser::parser::{EventReceiver, parse_value};
use toml_parser::{ErrorSink, ParseError, Source, Span};

use super::scan::raw;

/// Reports what is wrong with the scalar `source`, which stands at `span` of the text. The parser finds where one ends,
/// but is content with dates that are none and numbers without digits.
pub(super) fn check_scalar(source: &str, encoding: Option<Encoding>, span: Span, error: &mut dyn ErrorSink) {
    let kind = raw(source, encoding).decode_scalar(&mut (), &mut |found: ParseError| {
        error.report_error(found.with_unexpected(span));
    });
    let is_valid = match kind {
        ScalarKind::DateTime => source.parse::<Datetime>().is_ok(),
        ScalarKind::Integer(_) => source.is_ascii() && !["0x", "0o", "0b"].contains(&source),
        ScalarKind::Boolean(_) | ScalarKind::Float | ScalarKind::String => true,
    };
    if !is_valid {
        error.report_error(ParseError::new(kind.invalid_description()).with_unexpected(span));
    }
}

/// Whether `source` is one scalar from its first byte to its last one.
pub(super) fn is_scalar(source: &str) -> bool {
    let mut alone = Alone { source, fills: false };
    let mut broken: Option<ParseError> = None;
    parse_value(&Source::new(source).lex().into_vec(), &mut alone, &mut broken);
    alone.fills && broken.is_none()
}

/// Whether `source` is one comment.
pub(super) fn is_comment(source: &str) -> bool {
    let mut broken: Option<ParseError> = None;
    raw(source, None).decode_comment(&mut broken);
    broken.is_none()
}

/// The text that the string `source` stands for; `None` when it is no string.
pub(super) fn decode_string(source: &str) -> Option<Cow<'_, str>> {
    let encoding = match source.as_bytes() {
        [b'"', b'"', b'"', ..] if source.len() >= 6 => Encoding::MlBasicString,
        [b'\'', b'\'', b'\'', ..] if source.len() >= 6 => Encoding::MlLiteralString,
        [b'"', ..] => Encoding::BasicString,
        [b'\'', ..] => Encoding::LiteralString,
        _ => return None,
    };
    let mut text = Cow::Borrowed("");
    let mut broken: Option<ParseError> = None;
    let _ = raw(source, Some(encoding)).decode_scalar(&mut text, &mut broken);
    broken.is_none().then_some(text)
}

struct Alone<'s> {
    source: &'s str,
    fills: bool,
}

impl EventReceiver for Alone<'_> {
    fn inline_table_open(&mut self, _: Span, _: &mut dyn ErrorSink) -> bool {
        false
    }

    fn array_open(&mut self, _: Span, _: &mut dyn ErrorSink) -> bool {
        false
    }

    fn scalar(&mut self, span: Span, encoding: Option<Encoding>, error: &mut dyn ErrorSink) {
        self.fills = span.start() == 0 && span.end() == self.source.len();
        if self.fills {
            check_scalar(self.source, encoding, span, error);
        }
    }
}
