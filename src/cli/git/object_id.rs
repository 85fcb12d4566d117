//! The names of git's objects.

use std::fmt;

/// The name of an object: SHA-1 or SHA-256, as the repository has it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ObjectId {
    bytes: [u8; 32],
    len: u8,
}

impl ObjectId {
    /// The whole name in hexadecimal digits; none for anything else.
    pub(crate) fn parse(hex: &[u8]) -> Option<Self> {
        let len = hex.len() / 2;
        if !matches!(hex.len(), 40 | 64) {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, digits) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
            let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            *byte = digit(digits[0])? << 4 | digit(digits[1])?;
        }
        Some(Self { bytes, len: u8::try_from(len).ok()? })
    }

    /// The name of the tree without a file, which every repository knows.
    pub(super) fn empty_tree(is_sha256: bool) -> Self {
        const SHA1: [u8; 20] = [
            0x4b, 0x82, 0x5d, 0xc6, 0x42, 0xcb, 0x6e, 0xb9, 0xa0, 0x60, 0xe5, 0x4b, 0xf8, 0xd6, 0x92, 0x88, 0xfb, 0xee,
            0x49, 0x04,
        ];
        const SHA256: [u8; 32] = [
            0x6e, 0xf1, 0x9b, 0x41, 0x22, 0x5c, 0x53, 0x69, 0xf1, 0xc1, 0x04, 0xd4, 0x5d, 0x8d, 0x85, 0xef, 0xa9, 0xb0,
            0x57, 0xb5, 0x3b, 0x14, 0xb4, 0xb9, 0xb9, 0x39, 0xdd, 0x74, 0xde, 0xcc, 0x53, 0x21,
        ];
        let mut bytes = [0; 32];
        bytes[..SHA1.len()].copy_from_slice(&SHA1);
        if is_sha256 { Self { bytes: SHA256, len: 32 } } else { Self { bytes, len: 20 } }
    }

    /// Whether it is the name of nothing: no file, or one that git has not read yet.
    pub(crate) fn is_null(&self) -> bool {
        self.bytes.iter().all(|&byte| byte == 0)
    }

    /// Its beginning, as people read it.
    pub(crate) fn short(&self) -> String {
        let mut hex = self.to_string();
        hex.truncate(10);
        hex
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.bytes.iter().take(self.len.into()).try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.short())
    }
}
