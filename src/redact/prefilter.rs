//! Skips what cannot be the beginning of a pattern, several bytes at a time.
//!
//! This is the shift of Wu and Manber (A Fast Algorithm for Multi-Pattern Searching, 1994): where the last bytes of a window
//! as long as the shortest pattern stand in no pattern's first ones, no pattern begins before them.

use std::fmt;

/// The table has at least two to this many bits: it fits into the first cache.
const MIN_BITS: u32 = 17;
/// And at most so many: what is no longer in a cache takes longer to ask than it saves.
const MAX_BITS: u32 = 24;
/// So many bits for each block that is in it.
const BITS_PER_BLOCK: usize = 32;

/// The blocks in the first bytes of all patterns, which have at least `MIN_LEN`, as a set that may hold a few more.
pub(crate) struct Prefilter<const MIN_LEN: usize> {
    bits: Box<[u64]>,
    /// What takes a product to its place in the table.
    shift: u32,
}

impl<const MIN_LEN: usize> Prefilter<MIN_LEN> {
    /// What is looked up at once, in bytes.
    const BLOCK_LEN: usize = if MIN_LEN < 8 { 3 } else { 4 };
    /// How many places one look-up decides about.
    pub(crate) const SHIFT: usize = MIN_LEN - Self::BLOCK_LEN + 1;

    /// For `patterns` of at least `MIN_LEN` bytes.
    pub(crate) fn new(patterns: &[&[u8]]) -> Self {
        let blocks = patterns.len() * Self::SHIFT;
        let bits = (blocks * BITS_PER_BLOCK).max(1).ilog2().clamp(MIN_BITS, MAX_BITS);
        let mut filter = Self { bits: vec![0; 1 << (bits - 6)].into_boxed_slice(), shift: 32 - bits };
        for block in patterns.iter().flat_map(|pattern| pattern[..MIN_LEN].windows(Self::BLOCK_LEN)) {
            let mut bytes = [0; 4];
            bytes[4 - Self::BLOCK_LEN..].copy_from_slice(block);
            let number = filter.number(bytes);
            filter.bits[number / 64] |= 1 << (number % 64);
        }
        filter
    }

    /// A place from `at` on before which no pattern begins: at one of the next `SHIFT` places one may, or too little of `text`
    /// is left to tell.
    #[inline]
    pub(crate) fn skip(&self, text: &[u8], mut at: usize) -> usize {
        while let Some(window) = text.get(at..at + MIN_LEN) {
            let last = [window[MIN_LEN - 4], window[MIN_LEN - 3], window[MIN_LEN - 2], window[MIN_LEN - 1]];
            let number = self.number(last);
            if self.bits[number / 64] & 1 << (number % 64) != 0 {
                break;
            }
            at += Self::SHIFT;
        }
        at
    }

    /// The place in the table of the block that `bytes` end in.
    #[inline]
    fn number(&self, bytes: [u8; 4]) -> usize {
        // The golden ratio spreads neighbours; what is before the block is shifted out.
        let block = u32::from_le_bytes(bytes) >> (8 * (4 - Self::BLOCK_LEN));
        (block.wrapping_mul(0x9E37_79B1) >> self.shift) as usize
    }
}

impl<const MIN_LEN: usize> fmt::Debug for Prefilter<MIN_LEN> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prefilter")
    }
}
