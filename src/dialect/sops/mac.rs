//! The MAC: SHA-512 over all values of a file, sealed like one of them.

use sha2::{Digest as _, Sha512};
use zeroize::Zeroizing;

use super::value::{Kind, Value};

/// What goes first when only the encrypted values count, so that the two sorts of MAC never coincide: SHA-256 of `sops`.
const ONLY_ENCRYPTED: [u8; 32] = [
    0x8a, 0x3f, 0xd2, 0xad, 0x54, 0xce, 0x66, 0x52, 0x7b, 0x10, 0x34, 0xf3, 0xd1, 0x47, 0xbe, 0x0b, 0x0b, 0x97, 0x5b,
    0x3b, 0xf4, 0x4f, 0x72, 0xc6, 0xfd, 0xad, 0xec, 0x81, 0x76, 0xf2, 0x7d, 0x69,
];

/// A MAC under construction. Values are added in the order in which they stand in the file.
pub struct Mac {
    hash: Sha512,
    only_encrypted: bool,
}

impl Mac {
    /// A MAC over no value yet.
    #[must_use]
    pub fn new(only_encrypted: bool) -> Self {
        let mut hash = Sha512::new();
        if only_encrypted {
            hash.update(ONLY_ENCRYPTED);
        }
        Self { hash, only_encrypted }
    }

    /// Adds a value: not a comment, and not a clear one when only the encrypted ones count.
    pub fn add(&mut self, value: &Value, is_encrypted: bool) {
        if value.kind() != Kind::Comment && (is_encrypted || !self.only_encrypted) {
            self.hash.update(value.bytes());
        }
    }

    /// The MAC: 128 capital hexadecimal digits. It is a hash of the plaintext, so it is as secret as that.
    #[must_use]
    pub fn finish(self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(128));
        for byte in self.hash.finalize() {
            for digit in [byte >> 4, byte & 15] {
                text.push(char::from(b"0123456789ABCDEF"[usize::from(digit)]));
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_reference_come_out() {
        let mut mac = Mac::new(false);
        for value in [Value::int(1), Value::text("x"), Value::text("p"), Value::text("q"), Value::comment("no")] {
            mac.add(&value, true);
        }
        mac.add(&Value::text("plain"), false);
        assert!(mac.finish().starts_with("FB200CBF93A8B193282479A021C934BA96D5BE56377CFC1B2A32C9AB7E7D4EEB"));

        assert!(
            Mac::new(false).finish().starts_with("CF83E1357EEFB8BDF1542850D66D8007D620E4050B5715DC83F4A921D36CE9CE")
        );

        let mut mac = Mac::new(true);
        mac.add(&Value::text("s"), true);
        mac.add(&Value::text("x"), false);
        mac.add(&Value::int(2), true);
        mac.add(&Value::int(3), false);
        assert!(mac.finish().starts_with("B46C42524D2CC73E25976FF4594F60B980642924ECCDA3D549496FAD68BE0375"));
    }
}
