//! The parser's options, and its errors in words that hold no text of the file.

use granit_parser::{ErrorKind, Options, ScanError, options};

use crate::document::MAX_NESTING;
use crate::error::{Error, Position};

/// How every YAML text is parsed.
pub(super) fn parser_options() -> Options {
    options! {
        // Halves of files and templates name anchors that stand elsewhere; aliases are never followed here.
        emit_unresolved_aliases: true,
        emit_anchor_events: true,
        // The default refuses a hundred comment lines in a row, which real files have.
        max_buffered_comment_events: usize::MAX,
        flow_nesting_limit: MAX_NESTING,
        block_nesting_limit: MAX_NESTING,
    }
}

/// Maps and lists nest too deep, at byte `offset`.
pub(super) fn too_deep(text: &str, offset: usize) -> Error {
    Error::Limit { what: "nesting", limit: MAX_NESTING as u64, at: Some(Position::of(text, offset)) }
}

/// A parser's error. Its own message may quote the text, so only its kind is used.
pub(super) fn error(text: &str, error: &ScanError) -> Error {
    let offset = error.marker().byte_offset().unwrap_or(text.len());
    match error.kind() {
        ErrorKind::RecursionLimitExceeded => too_deep(text, offset),
        kind => Error::syntax(text, offset, what(kind)),
    }
}

fn what(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::BlockEntryInFlowCollection => "`-` begins no list item inside of brackets",
        ErrorKind::BlockSequenceEntryNotAllowed => "a list item is not allowed here",
        ErrorKind::BomInsideDocument => "a byte order mark inside of a document",
        ErrorKind::CommentInterceptedScalar => "a comment inside of a value on several lines",
        ErrorKind::CommentNotSeparated => "a blank is missing before the comment",
        ErrorKind::DirectiveByteLimitExceeded { .. } => "a directive of more than 1024 bytes",
        ErrorKind::DocumentIndicatorInQuotedScalar => "a document ends inside of quotes",
        ErrorKind::DuplicateTagDirective | ErrorKind::DuplicateVersionDirective => "a directive stands twice",
        ErrorKind::ExpectedBlockMappingKey => "expected a key here: is the indentation right?",
        ErrorKind::ExpectedBlockSequenceEntry => "expected `-` here: is the indentation right?",
        ErrorKind::ExpectedDocumentStart => "expected `---` or the end of the file",
        ErrorKind::ExpectedFlowMappingSeparator => "expected `,` or `}`",
        ErrorKind::ExpectedFlowSequenceSeparator => "expected `,` or `]`",
        ErrorKind::ExpectedNodeContent => "expected a value here",
        ErrorKind::ExpectedWhitespace => "expected a blank here",
        ErrorKind::InvalidBlockScalarHeader => "only a comment may follow `|` or `>` on its line",
        ErrorKind::InvalidBlockScalarIndent => "a line of a block scalar is indented too little",
        ErrorKind::InvalidColonPlacement | ErrorKind::InvalidSimpleKey => {
            "a key must stand on one line of at most 1024 characters"
        }
        ErrorKind::InvalidDocumentEnd => "only a comment may follow `...`",
        ErrorKind::InvalidFlowScalarIndent
        | ErrorKind::InvalidIndentation
        | ErrorKind::InvalidQuotedScalarIndent
        | ErrorKind::TabInIndentation => "wrong indentation",
        ErrorKind::InvalidTrailingDoubleQuotedScalar | ErrorKind::InvalidTrailingSingleQuotedScalar => {
            "only a comment may follow the closing quote"
        }
        ErrorKind::MappingKeyNotAllowed | ErrorKind::MappingValueNotAllowed => {
            "a key is not allowed here: does a value with `: ` lack its quotes?"
        }
        ErrorKind::MismatchedFlowCollectionEnd { .. } | ErrorKind::MisplacedFlowCollectionEnd => {
            "a closing bracket without its opening one"
        }
        ErrorKind::MissingAnchorOrAliasName => "the name of an anchor or alias is missing",
        ErrorKind::MissingDocumentEndBeforeDirective => "`...` is missing before the directive",
        ErrorKind::SimpleKeyExpected => "a `:` is missing behind the key",
        ErrorKind::TabAtBlockScalarStart
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInPlainScalar
        | ErrorKind::TabNotAllowed => "a tab is not allowed here",
        ErrorKind::UnclosedFlowCollection { .. }
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofImplicitFlowMapping => "a bracket is not closed",
        ErrorKind::UnclosedQuotedScalar => "a quote is not closed",
        ErrorKind::UndeclaredTagHandle => "no `%TAG` line declares the handle of this tag",
        ErrorKind::UnexpectedCharacter { .. } => "this character is not allowed here",
        ErrorKind::UnknownQuotedScalarEscape => "an unknown escape behind `\\`",
        ErrorKind::UnsupportedYamlMajorVersion => "this version of YAML is not supported",
        ErrorKind::ZeroBlockScalarIndent => "a block scalar's indentation cannot be 0",
        _ => "not valid YAML",
    }
}

#[cfg(test)]
mod tests {
    use super::super::scan::scan;
    use super::*;

    #[test]
    fn errors_name_the_place_and_no_text() {
        let refused = |text: &str| scan(text).expect_err("a wrong text").to_string();
        assert_eq!(
            refused("a: CANARY: x\n"),
            "line 1, column 10: a key is not allowed here: does a value with `: ` lack its quotes?"
        );
        assert_eq!(refused("a: 1\nb: \"CANARY"), "line 2, column 4: a quote is not closed");
        assert_eq!(refused("a: !e!x CANARY\n"), "line 1, column 4: no `%TAG` line declares the handle of this tag");
    }

    #[test]
    fn nesting_is_limited_in_every_style() {
        let deep = |open: &str, close: &str, n: usize| scan(&format!("{}1{}", open.repeat(n), close.repeat(n)));
        for (open, close) in [("[", "]"), ("- ", ""), ("{a: ", "}")] {
            assert!(deep(open, close, MAX_NESTING).is_ok(), "{open}");
            assert!(matches!(deep(open, close, MAX_NESTING + 1), Err(Error::Limit { limit: 128, .. })), "{open}");
        }
        let mixed = format!("{}{}1{}", "- ".repeat(100), "[".repeat(29), "]".repeat(29));
        assert!(matches!(scan(&mixed), Err(Error::Limit { limit: 128, .. })));
    }
}
