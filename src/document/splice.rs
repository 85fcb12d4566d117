//! The splicer: replaces spans and copies every other byte.

use zeroize::Zeroizing;

use crate::leaf::Span;

/// Writes a text anew with some spans replaced, and notes where each leaf ends up.
///
/// Leaves are handed over in order, each once, with [`Splicer::replace`] or [`Splicer::keep`]. What lies between
/// them is copied (invariant I2); when nothing is replaced, the text comes back as it was (I1).
pub(crate) struct Splicer<'t> {
    source: &'t str,
    copied: usize,
    text: Zeroizing<String>,
    spans: Vec<Span>,
}

/// What a [`Splicer`] made.
pub(crate) struct Spliced {
    /// The new text.
    pub(crate) text: Zeroizing<String>,
    /// The span of each leaf in it, in the order in which they were handed over.
    pub(crate) spans: Vec<Span>,
}

impl<'t> Splicer<'t> {
    /// Begins to write `source` anew. `capacity` is the expected length of the result in bytes: an exact or generous
    /// one keeps copies of plaintext from being left behind by a growing buffer.
    pub(crate) fn new(source: &'t str, leaves: usize, capacity: usize) -> Self {
        let text = Zeroizing::new(String::with_capacity(capacity));
        Self { source, copied: 0, text, spans: Vec::with_capacity(leaves) }
    }

    /// Puts what `write` appends in the place of `span`.
    pub(crate) fn replace(&mut self, span: Span, write: impl FnOnce(&mut String)) {
        self.copy_to(span.start as usize);
        let start = self.text.len();
        write(&mut self.text);
        self.copied = span.end as usize;
        self.spans.push(Span::new(start..self.text.len()));
    }

    /// Leaves `span` as it is.
    pub(crate) fn keep(&mut self, span: Span) {
        self.copy_to(span.start as usize);
        let start = self.text.len();
        self.copy_to(span.end as usize);
        self.spans.push(Span::new(start..self.text.len()));
    }

    /// How long the new text is so far, in bytes.
    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }

    /// Copies the rest.
    pub(crate) fn finish(mut self) -> Spliced {
        self.copy_to(self.source.len());
        Spliced { text: self.text, spans: self.spans }
    }

    fn copy_to(&mut self, end: usize) {
        self.text.push_str(&self.source[self.copied..end]);
        self.copied = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i1_splicing_nothing_returns_the_same_bytes() {
        let source = "\u{feff}a: 1\r\nb: é";
        let mut splicer = Splicer::new(source, 1, 0);
        splicer.keep(Span::new(6..7));
        let spliced = splicer.finish();
        assert_eq!(*spliced.text, source);
        assert_eq!(spliced.spans, [Span::new(6..7)]);
    }

    #[test]
    fn i2_only_the_spans_change() {
        let mut splicer = Splicer::new("a: 1, b: 22, c: 3", 3, 0);
        splicer.replace(Span::new(3..4), |out| out.push_str("one"));
        splicer.keep(Span::new(9..11));
        splicer.replace(Span::new(16..17), |_| {});
        let spliced = splicer.finish();
        assert_eq!(*spliced.text, "a: one, b: 22, c: ");
        assert_eq!(spliced.spans, [Span::new(3..6), Span::new(11..13), Span::new(18..18)]);
    }
}
