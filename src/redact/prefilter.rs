//! Skips what cannot be the beginning of a pattern, several bytes at a time.
//!
//! This is the shift of Wu and Manber (A Fast Algorithm for Multi-Pattern Searching, 1994) for patterns of at least
//! [`MIN_LEN`] bytes: where the last bytes of a window of that length stand in no pattern's first ones, no pattern begins
//! before them.

use std::fmt;

use super::MIN_LEN;

/// What is looked up at once, in bytes.
const BLOCK_LEN: usize = 3;
/// How many places one look-up decides about.
const SHIFT: usize = MIN_LEN - BLOCK_LEN + 1;
/// The table has two to this many bits: it fits into the first cache.
const BITS: u32 = 17;

/// The blocks in the first bytes of all patterns, as a set that may hold a few more.
pub(super) struct Prefilter {
    bits: Box<[u64]>,
}

impl Prefilter {
    /// For `patterns` of at least [`MIN_LEN`] bytes.
    pub(super) fn new(patterns: &[&[u8]]) -> Self {
        let mut bits = vec![0; 1 << (BITS - 6)].into_boxed_slice();
        for block in patterns.iter().flat_map(|pattern| pattern[..MIN_LEN].windows(BLOCK_LEN)) {
            let number = number([0, block[0], block[1], block[2]]);
            bits[number / 64] |= 1 << (number % 64);
        }
        Self { bits }
    }

    /// The first place from `at` on where a pattern may begin, or where too little of `text` is left to tell.
    #[inline]
    pub(super) fn skip(&self, text: &[u8], mut at: usize) -> usize {
        while let Some(window) = text.get(at..at + MIN_LEN) {
            let number = number([window[2], window[3], window[4], window[5]]);
            if self.bits[number / 64] & 1 << (number % 64) != 0 {
                break;
            }
            at += SHIFT;
        }
        at
    }
}

/// The place in the table of the block behind the first byte.
#[inline]
fn number(bytes: [u8; 4]) -> usize {
    // The golden ratio spreads neighbours; the first byte is shifted out.
    ((u32::from_le_bytes(bytes) >> 8).wrapping_mul(0x9E37_79B1) >> (32 - BITS)) as usize
}

impl fmt::Debug for Prefilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prefilter")
    }
}
