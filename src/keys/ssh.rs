//! The wire form of ssh keys (RFC 4253, section 6.6; RFC 8709), checked before the `age` crate sees it.
//!
//! Recipients come from files that anybody may have written. The `age` crate (0.12) panics on a number that is all
//! zeros, and ignores bytes behind the key, which would give one key many texts.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use sha2::{Digest as _, Sha256};

/// The tag that an age stanza for this ssh key begins with: four bytes of the hash of the public key, in base64.
/// `None` when `recipient` is no ssh key.
pub(super) fn stanza_tag(recipient: &str) -> Option<String> {
    let (_, blob) = recipient.split_once(' ')?;
    let hash = Sha256::digest(STANDARD.decode(blob).ok()?);
    Some(STANDARD_NO_PAD.encode(&hash[..4]))
}

/// Refuses the public key `kind base64` unless it is well formed to its last byte.
pub(super) fn check_public(kind: &str, base64: &str) -> Result<(), &'static str> {
    const DAMAGED: &str = "this ssh key is mistyped or cut off";
    let blob = STANDARD.decode(base64).map_err(|_| DAMAGED)?;
    let mut wire = Wire(&blob);
    if wire.string() != Some(kind.as_bytes()) {
        return Err(DAMAGED);
    }
    let well_formed = match kind {
        "ssh-ed25519" => wire.string().is_some_and(|key| key.len() == 32),
        _ => {
            let exponent = wire.number();
            let modulus = wire.number();
            // Even numbers are no RSA key, and the arithmetic behind relies on odd ones.
            [exponent, modulus].iter().all(|number| number.and_then(<[u8]>::last).is_some_and(|last| last % 2 == 1))
        }
    };
    if well_formed && wire.0.is_empty() { Ok(()) } else { Err(DAMAGED) }
}

/// False for an OpenSSH private key whose numbers are malformed; true for all that this function cannot judge.
pub(super) fn private_numbers_are_sound(text: &str) -> bool {
    let Some((_, rest)) = text.split_once("-----BEGIN OPENSSH PRIVATE KEY-----") else { return true };
    let Some((body, _)) = rest.split_once("-----END OPENSSH PRIVATE KEY-----") else { return true };
    let body = zeroize::Zeroizing::new(body.split_ascii_whitespace().collect::<String>());
    let Ok(blob) = STANDARD.decode(body.as_bytes()) else { return true };
    let blob = zeroize::Zeroizing::new(blob);
    sound_private_section(&blob).unwrap_or(true)
}

/// `None` when the section is encrypted, of another type than RSA, or ends early: the `age` crate refuses or skips it.
fn sound_private_section(blob: &[u8]) -> Option<bool> {
    let mut wire = Wire(blob.strip_prefix(b"openssh-key-v1\0")?);
    if wire.string()? != b"none" {
        return None;
    }
    let (_kdf, _options, _count, _public) = (wire.string()?, wire.string()?, wire.bytes(4)?, wire.string()?);
    let mut wire = Wire(wire.string()?);
    wire.bytes(8)?;
    if wire.string()? != b"ssh-rsa" {
        return None;
    }
    Some((0..6).all(|_| wire.number().is_some()))
}

/// A reader of the ssh wire encoding (RFC 4251, section 5).
struct Wire<'a>(&'a [u8]);

impl<'a> Wire<'a> {
    fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(bytes)
    }

    fn string(&mut self) -> Option<&'a [u8]> {
        let length = self.bytes(4)?.try_into().ok().map(u32::from_be_bytes)?;
        self.bytes(length as usize)
    }

    /// A positive number in its shortest form.
    fn number(&mut self) -> Option<&'a [u8]> {
        let bytes = self.string()?;
        let sound = match bytes {
            [] => false,
            [0, second, ..] => second & 0x80 != 0,
            [first, ..] => (1..0x80).contains(first),
        };
        sound.then_some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ED25519: &str = include_str!("../../testdata/keys/ssh_ed25519.pub");

    fn rsa(exponent: &[u8], modulus: &[u8], rest: &[u8]) -> String {
        let mut blob = Vec::new();
        for part in [b"ssh-rsa".as_slice(), exponent, modulus] {
            blob.extend(u32::try_from(part.len()).expect("short").to_be_bytes());
            blob.extend(part);
        }
        blob.extend(rest);
        STANDARD.encode(blob)
    }

    #[test]
    fn public_keys_are_checked_to_the_last_byte() {
        let blob = ED25519.split(' ').nth(1).expect("a key");
        assert_eq!(check_public("ssh-ed25519", blob), Ok(()));
        assert!(check_public("ssh-rsa", blob).is_err(), "another type");
        let mut longer = STANDARD.decode(blob).expect("base64");
        longer.push(0);
        assert!(check_public("ssh-ed25519", &STANDARD.encode(&longer)).is_err(), "a byte behind");
        assert!(check_public("ssh-ed25519", &STANDARD.encode(&longer[..50])).is_err(), "cut off");
    }

    #[test]
    fn rsa_numbers_are_positive_odd_and_shortest() {
        assert_eq!(check_public("ssh-rsa", &rsa(&[1, 0, 1], &[0, 0x81, 3], &[])), Ok(()));
        for (exponent, modulus, rest) in [
            ([1, 0, 1].as_slice(), [0].as_slice(), [].as_slice()),
            (&[1, 0, 1], &[0, 0, 0], &[]),
            (&[1, 0, 1], &[], &[]),
            (&[1, 0, 1], &[0, 0x7f], &[]),
            (&[1, 0, 1], &[0x81], &[]),
            (&[1, 0, 0], &[0x71], &[]),
            (&[1, 0, 1], &[0x70], &[]),
            (&[1, 0, 1], &[0x71], &[0]),
        ] {
            assert!(check_public("ssh-rsa", &rsa(exponent, modulus, rest)).is_err(), "{exponent:?} {modulus:?}");
        }
    }

    #[test]
    fn a_private_key_with_a_zero_is_unsound() {
        let text = include_str!("../../testdata/keys/ssh_rsa");
        assert!(private_numbers_are_sound(text));
        let body: String = text.lines().filter(|line| !line.starts_with('-')).collect();
        let mut blob = STANDARD.decode(body).expect("base64");
        // The modulus of a 3072 bit key in the private section: 385 bytes behind the type's name.
        let name = blob.windows(11).rposition(|part| part == b"\0\0\0\x07ssh-rsa").expect("the private section");
        blob[name + 15..name + 15 + 385].fill(0);
        let text = format!(
            "-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n-----END OPENSSH PRIVATE KEY-----\n",
            STANDARD.encode(blob)
        );
        assert!(!private_numbers_are_sound(&text));
    }
}
