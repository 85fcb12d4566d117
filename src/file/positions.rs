//! Positions of many places.

use crate::error::Position;
use crate::leaf::Span;

/// The positions of spans in their order, found in one pass: anybody may add a million comments that do not open, and
/// each of them is a warning.
pub(super) struct Positions<'t> {
    text: &'t str,
    /// Where the line begins on which the last span did.
    line_start: usize,
    line: usize,
}

impl<'t> Positions<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, line_start: 0, line: 1 }
    }

    /// Where `span` begins; it lies behind those that were asked for before.
    pub(super) fn next(&mut self, span: Span) -> Position {
        let within = Position::of(&self.text[self.line_start..], span.start as usize - self.line_start);
        self.line += within.line - 1;
        self.line_start = self.text[..span.start as usize].rfind('\n').map_or(0, |at| at + 1);
        Position { line: self.line, column: within.column }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_positions_are_those_of_one() {
        let text = "a: é # c\n\n  # d\r\n# e # f\n";
        let mut positions = Positions::new(text);
        for (at, _) in text.match_indices('#') {
            assert_eq!(positions.next(Span::new(at..text.len())), Position::of(text, at));
        }
    }
}
