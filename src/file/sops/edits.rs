//! Changes of a text, each in its place: everything else is copied (invariant I2).

use zeroize::Zeroizing;

use crate::document::Splicer;
use crate::leaf::Span;

/// Changes that are gathered in any order.
#[derive(Default)]
pub(super) struct Edits {
    edits: Vec<(Span, Zeroizing<String>)>,
}

impl Edits {
    /// Puts `text` in the place of `span`.
    pub(super) fn replace(&mut self, span: Span, text: Zeroizing<String>) {
        self.edits.push((span, text));
    }

    /// Takes the bytes out.
    pub(super) fn remove(&mut self, range: std::ops::Range<usize>) {
        self.replace(Span::new(range), Zeroizing::new(String::new()));
    }

    /// Puts `text` before the byte at `offset`.
    pub(super) fn insert(&mut self, offset: usize, text: String) {
        self.replace(Span::new(offset..offset), Zeroizing::new(text));
    }

    /// Adds all of `more`.
    pub(super) fn append(&mut self, more: Self) {
        self.edits.extend(more.edits);
    }

    /// `source` with all changes. What lies in a span that is taken out, or overlaps an earlier change, does not happen.
    pub(super) fn apply(mut self, source: &str) -> Zeroizing<String> {
        self.edits.sort_by_key(|(span, _)| *span);
        let growth: usize = self.edits.iter().map(|(_, text)| text.len()).sum();
        let mut splicer = Splicer::new(source, self.edits.len(), source.len() + growth);
        let mut end = 0;
        for (span, text) in &self.edits {
            if span.start >= end {
                splicer.replace(*span, |out| out.push_str(text));
                end = span.end;
            }
        }
        splicer.finish().text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_made_in_the_order_of_their_places() {
        let mut edits = Edits::default();
        edits.insert(9, "!".to_owned());
        edits.replace(Span::new(3..4), Zeroizing::new("one".to_owned()));
        edits.remove(4..7);
        edits.replace(Span::new(5..6), Zeroizing::new("lost".to_owned()));
        assert_eq!(*edits.apply("a: 1, b: 2"), "a: one: !2");
    }
}
