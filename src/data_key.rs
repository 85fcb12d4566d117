//! The data key: 32 random bytes that seal the leaves of one section of one file.

use std::fmt;

use zeroize::Zeroizing;

use crate::error::Error;
use crate::random;

/// Length of a data key in bytes.
pub const DATA_KEY_LEN: usize = 32;

/// A data key. It is wiped on drop and never printed.
#[derive(Clone)]
pub struct DataKey(Zeroizing<[u8; DATA_KEY_LEN]>);

impl DataKey {
    /// A new data key from the operating system's randomness.
    ///
    /// # Errors
    /// [`Error::NoRandomness`].
    pub fn generate() -> Result<Self, Error> {
        let mut bytes = Zeroizing::new([0; DATA_KEY_LEN]);
        random::fill(&mut bytes[..])?;
        Ok(Self(bytes))
    }

    /// The data key with these bytes; `None` when they are not 32.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut key = Zeroizing::new([0; DATA_KEY_LEN]);
        if bytes.len() != key.len() {
            return None;
        }
        key.copy_from_slice(bytes);
        Some(Self(key))
    }

    /// Whether both are one key; in constant time.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        subtle::ConstantTimeEq::ct_eq(&self.0[..], &other.0[..]).into()
    }

    /// The secret bytes: for wrapping and for deriving keys only.
    #[must_use]
    pub fn expose(&self) -> &[u8; DATA_KEY_LEN] {
        &self.0
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        let key = DataKey::from_bytes(&[0x41; 32]).expect("32 bytes");
        assert_eq!(format!("{key:?}"), "DataKey(…)");
        assert!(DataKey::from_bytes(&[0; 31]).is_none());
    }
}
