//! A wrapped key: a data key, or a share of one, as a file holds it for one recipient.

use std::fmt;

use super::age::armor;
use super::shamir::SHARE_LEN;
use crate::data_key::DATA_KEY_LEN;
use crate::error::Error;

/// Longest wrapped key in bytes. The kinds of today need less than 1 KiB, post-quantum ones 2 KiB, plugins may need more.
pub const WRAPPED_KEY_LIMIT: usize = 64 * 1024;

/// A data key wrapped to one recipient: an age file in its binary form that holds exactly the 32 bytes. In files
/// with several key groups it holds a [share](super::shamir::Share) of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedKey(Vec<u8>);

impl WrappedKey {
    /// These bytes as a wrapped key; whether they are one, only unwrapping tells.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The wrapped key whose armored form this is, as files of SOPS hold it.
    ///
    /// # Errors
    /// [`Error::InvalidKey`] when it is no armored age file.
    pub fn from_armored(text: &str) -> Result<Self, Error> {
        let what = "not an armored age file (`-----BEGIN AGE ENCRYPTED FILE-----`), or a damaged one";
        armor::read(text).map(Self).ok_or_else(|| Error::InvalidKey { what: what.to_owned() })
    }

    /// The age file.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The armored form of the age file (C2SP age, "ASCII armor"), with a line break at the end.
    #[must_use]
    pub fn to_armored(&self) -> String {
        armor::write(&self.0)
    }
}

/// What a wrapped key holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    DataKey,
    Share,
}

impl Held {
    /// Its length in bytes.
    pub(super) fn len(self) -> usize {
        match self {
            Self::DataKey => DATA_KEY_LEN,
            Self::Share => SHARE_LEN,
        }
    }
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self {
            Self::DataKey => "a data key",
            Self::Share => "a share of a data key",
        };
        write!(f, "{what} of {} bytes", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_key::DataKey;
    use crate::keys::shamir::{combine, split};
    use crate::keys::{Identities, NoInteraction, Recipient, generate_post_quantum, generate_x25519, wrap, wrap_share};

    fn identities(secret: &str) -> Identities {
        let mut identities = Identities::new();
        identities.add_identity_file(secret.as_bytes(), "a test").expect("an identity");
        identities
    }

    #[test]
    fn the_armored_form_is_that_of_sops() {
        let armored = include_str!("../../testdata/keys/hybrid_sops.age");
        let wrapped = WrappedKey::from_armored(armored).expect("armored");
        assert_eq!(wrapped.to_armored(), armored);
        assert_eq!(WrappedKey::from_armored(&format!("\n {}\n\n", armored.trim_end())), Ok(wrapped.clone()));
        assert_eq!(WrappedKey::from_armored(&armored.replace('\n', "\r\n")), Ok(wrapped.clone()));

        let identities = identities(include_str!("../../testdata/keys/hybrid_sops.txt"));
        let key = identities.unwrap(&[("age1pq1…", &wrapped)], &NoInteraction).expect("no error").expect("a key");
        // As another program unwraps it.
        let expected = "be0f8bdaddfd66989269f421cee3e46cda71a156d91e5f9edd549c6735cd867b";
        assert_eq!(key.expose().iter().map(|byte| format!("{byte:02x}")).collect::<String>(), expected);
    }

    #[test]
    fn what_is_not_armored_is_refused() {
        let armored = include_str!("../../testdata/keys/hybrid_sops.age");
        let binary = include_bytes!("../../testdata/keys/x25519.age");
        let message = "not an armored age file (`-----BEGIN AGE ENCRYPTED FILE-----`), or a damaged one";
        for text in [
            "",
            "age-encryption.org/v1",
            &String::from_utf8_lossy(binary),
            &armored[..200],
            &armored.replace("END", "ENC"),
            &armored.replacen("YWdl", "YW\u{64}", 1),
        ] {
            assert_eq!(WrappedKey::from_armored(text).expect_err("refused").to_string(), message, "{text}");
        }
    }

    #[test]
    fn the_length_of_the_last_line_does_not_matter() {
        for length in 0..200 {
            let wrapped = WrappedKey::from_bytes((0..length).collect());
            assert!(wrapped.to_armored().lines().all(|line| (1..=64).contains(&line.len())));
            if length > 0 {
                assert_eq!(WrappedKey::from_armored(&wrapped.to_armored()), Ok(wrapped));
            }
        }
    }

    #[test]
    fn shares_are_wrapped_for_each_group() {
        let (secret, x25519) = generate_x25519();
        let (post_quantum_secret, post_quantum) = generate_post_quantum().expect("randomness");
        let ssh = Recipient::parse(include_str!("../../testdata/keys/ssh_ed25519.pub")).expect("a recipient");
        let key = DataKey::generate().expect("randomness");
        let shares = split(&key, 3, 2).expect("shares");
        let wrapped: Vec<_> = shares
            .iter()
            .zip([&x25519, &post_quantum, &ssh])
            .map(|(share, recipient)| wrap_share(share, recipient, &NoInteraction).expect("wrapped"))
            .collect();

        let all = identities(&format!("{}\n{}", *secret, *post_quantum_secret));
        let unwrap = |index: usize| all.unwrap_share(&[("", &wrapped[index])], &NoInteraction).expect("no error");
        let held = [unwrap(1).expect("a share"), unwrap(0).expect("a share")];
        assert_eq!(combine(&held).expect("a key").expose(), key.expose());
        assert!(unwrap(2).is_none());
    }

    #[test]
    fn a_share_is_no_data_key_and_the_other_way_round() {
        let (secret, recipient) = generate_x25519();
        let key = DataKey::generate().expect("randomness");
        let share = &split(&key, 2, 2).expect("shares")[0];
        let identities = identities(&secret);
        let wrapped = wrap_share(share, &recipient, &NoInteraction).expect("wrapped");
        assert_eq!(
            identities.unwrap(&[(recipient.as_str(), &wrapped)], &NoInteraction).expect_err("refused").to_string(),
            format!("the wrapped key for {recipient} does not hold a data key of 32 bytes")
        );
        let wrapped = wrap(&key, &recipient, &NoInteraction).expect("wrapped");
        assert_eq!(
            identities
                .unwrap_share(&[(recipient.as_str(), &wrapped)], &NoInteraction)
                .expect_err("refused")
                .to_string(),
            format!("the wrapped key for {recipient} does not hold a share of a data key of 33 bytes")
        );
    }
}
