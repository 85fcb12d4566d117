//! The operating system's random numbers: the one place in the library that makes randomness.

use crate::error::Error;

/// Fills `bytes` with random bytes from the operating system.
///
/// # Errors
/// [`Error::NoRandomness`] when the operating system has none to give.
pub(crate) fn fill(bytes: &mut [u8]) -> Result<(), Error> {
    getrandom::fill(bytes).map_err(|_| Error::NoRandomness)
}

/// Random bytes in small portions, fetched in large ones: a system call per leaf would cost more than its seal.
pub(crate) struct Pool {
    bytes: [u8; 4096],
    used: usize,
}

impl Pool {
    /// An empty pool; the first portion fills it.
    pub(crate) fn new() -> Self {
        Self { bytes: [0; 4096], used: 4096 }
    }

    /// The next `N` bytes, at most 4096.
    pub(crate) fn take<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        if self.bytes.len() - self.used < N {
            fill(&mut self.bytes)?;
            self.used = 0;
        }
        let mut portion = [0; N];
        portion.copy_from_slice(&self.bytes[self.used..self.used + N]);
        self.used += N;
        Ok(portion)
    }
}
