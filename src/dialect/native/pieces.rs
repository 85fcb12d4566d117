//! Byte strings of leaves in one buffer: seals, and the payloads that they open to.

use zeroize::Zeroize;

/// One byte string for each of some leaves, one after the other.
#[derive(Default)]
pub(crate) struct Pieces {
    /// Their bytes.
    pub(crate) bytes: Vec<u8>,
    /// The end of each leaf's piece in `bytes`; a leaf without one ends where the one before it does.
    ends: Vec<u32>,
    /// The pieces of the leaves that follow, made by another thread.
    rest: Option<Box<Self>>,
}

impl Pieces {
    /// An empty collection with room for `leaves` leaves and `bytes` bytes: plaintext may lie in it, which a growing
    /// buffer would leave behind.
    pub(crate) fn with_capacity(leaves: usize, bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes), ends: Vec::with_capacity(leaves), rest: None }
    }

    /// Takes in the pieces of the leaves that follow, without a copy. No leaf is added to `self` after that.
    #[must_use]
    pub(crate) fn followed_by(self, rest: Self) -> Self {
        Self { rest: Some(Box::new(rest)), ..self }
    }

    /// Ends the piece of the next leaf: what was appended to `bytes` since the last call.
    pub(crate) fn end_leaf(&mut self) {
        self.ends.push(u32::try_from(self.bytes.len()).expect("texts are limited to 512 MiB"));
    }

    /// The piece of the leaf number `index`; empty when it has none.
    pub(crate) fn of(&self, index: usize) -> &[u8] {
        match &self.rest {
            Some(rest) if index >= self.ends.len() => rest.of(index - self.ends.len()),
            _ => {
                let start = if index == 0 { 0 } else { self.ends[index - 1] };
                &self.bytes[start as usize..self.ends[index] as usize]
            }
        }
    }

    /// How many bytes all of them have.
    pub(crate) fn bytes_len(&self) -> usize {
        self.bytes.len() + self.rest.as_ref().map_or(0, |rest| rest.bytes_len())
    }

    /// All pieces in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let rest = self.rest.as_ref().map_or(0, |rest| rest.ends.len());
        (0..self.ends.len() + rest).map(|index| self.of(index))
    }
}

impl Zeroize for Pieces {
    fn zeroize(&mut self) {
        self.bytes.zeroize();
        self.rest.iter_mut().for_each(|rest| rest.zeroize());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(of: &[&str]) -> Pieces {
        let mut pieces = Pieces::with_capacity(of.len(), 9);
        for piece in of {
            pieces.bytes.extend_from_slice(piece.as_bytes());
            pieces.end_leaf();
        }
        pieces
    }

    #[test]
    fn a_leaf_may_have_no_piece() {
        let pieces = pieces(&["ab", "", "c"]);
        assert_eq!(pieces.iter().collect::<Vec<_>>(), [b"ab".as_slice(), b"", b"c"]);
        assert_eq!(pieces.of(2), b"c");
    }

    #[test]
    fn two_runs_are_one() {
        let mut both = pieces(&["ab", ""]).followed_by(pieces(&["", "c"]));
        assert_eq!(both.iter().collect::<Vec<_>>(), [b"ab".as_slice(), b"", b"", b"c"]);
        assert_eq!(both.of(3), b"c");
        both.zeroize();
        assert!(both.bytes.is_empty() && both.rest.is_some_and(|rest| rest.bytes.is_empty()));
    }
}
