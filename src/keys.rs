//! Keys: who may read a file. Recipients wrap data keys, identities unwrap them.
//!
//! A recipient is the public half, and *is* its key: two recipients are the same when their texts are. An identity is the
//! secret half. Both are age's (X25519, post-quantum, ssh keys, plugins); `keys/age.rs` alone knows the crate behind them. Files of
//! SOPS may also be for PGP keys, through the `gpg` program. Readers may stand in [key groups](KeyGroups), of which a few are needed
//! together.

use std::fmt;

use zeroize::Zeroizing;

use crate::data_key::DataKey;
use crate::error::Error;

mod age;
mod foreign;
mod groups;
mod identities;
mod interaction;
pub mod pgp;
pub mod shamir;
mod ssh;
mod wrapped_key;

pub use groups::KeyGroups;
pub use identities::{Effort, IDENTITY_FILE_LIMIT, Identities, IdentityInfo, IdentitySort};
pub use interaction::{Interaction, NoInteraction};
use shamir::Share;
use wrapped_key::Held;
pub use wrapped_key::{WRAPPED_KEY_LIMIT, WrappedKey};

/// Longest text of a recipient in bytes.
pub const RECIPIENT_LIMIT: usize = 16 * 1024;

/// A public key to which data keys are wrapped, in its one text.
///
/// Its kinds are age's own (`age1…`, post-quantum `age1pq1…`), ssh keys (`ssh-ed25519 …`, `ssh-rsa …` with 2048 to 4096 bits, without the
/// comment), and those of age plugins (`age1name1…`).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Recipient(String);

impl Recipient {
    /// Reads a recipient; white space around it and the comment of an ssh key are dropped.
    ///
    /// # Errors
    /// [`Error::InvalidKey`], which never quotes the text: it may be a secret that was pasted in the wrong place.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let upper = text.get(..11).unwrap_or(text).to_ascii_uppercase();
        let canonical = if text.is_empty() {
            Err("a recipient is empty")
        } else if text.len() > RECIPIENT_LIMIT {
            Err("a recipient is longer than 16 KiB")
        } else if upper.starts_with("AGE-SECRET-") || upper.starts_with("AGE-PLUGIN-") {
            Err("this is an identity (a secret key), a recipient is expected: its public half, `age1…`")
        } else if text.starts_with("-----BEGIN") {
            Err("this is a private key, a recipient is expected: its public half, `ssh-ed25519 …` or `ssh-rsa …`")
        } else {
            age::canonical_recipient(text)
        };
        canonical.map(Self).map_err(|what| Error::InvalidKey { what: what.to_owned() })
    }

    /// The one text of this recipient.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recipient({})", self.0)
    }
}

/// Wraps `data_key` to `recipient`, and to nobody else. `interaction` is for plugins alone.
///
/// # Errors
/// [`Error::Wrap`] when the recipient's plugin is missing, fails or refuses.
pub fn wrap(data_key: &DataKey, recipient: &Recipient, interaction: &dyn Interaction) -> Result<WrappedKey, Error> {
    wrap_held(&data_key.expose()[..], recipient, interaction)
}

/// Wraps `share`, one key group's part of a data key, to `recipient`, as [`wrap`] does with a whole one.
///
/// # Errors
/// The same.
pub fn wrap_share(share: &Share, recipient: &Recipient, interaction: &dyn Interaction) -> Result<WrappedKey, Error> {
    wrap_held(&share.expose()[..], recipient, interaction)
}

fn wrap_held(secret: &[u8], recipient: &Recipient, interaction: &dyn Interaction) -> Result<WrappedKey, Error> {
    age::wrap(secret, &recipient.0, interaction)
        .map(WrappedKey::from_bytes)
        .map_err(|what| Error::Wrap { recipient: foreign::shown(&recipient.0), what })
}

/// A new X25519 identity: its secret text (`AGE-SECRET-KEY-1…`) and its recipient.
#[must_use]
pub fn generate_x25519() -> (Zeroizing<String>, Recipient) {
    let (secret, recipient) = age::generate_x25519();
    (secret, Recipient(recipient))
}

/// A new post-quantum identity (ML-KEM-768 with X25519): its secret text (`AGE-SECRET-KEY-PQ-1…`) and its recipient, which
/// is some 2,000 characters long.
///
/// # Errors
/// [`Error::NoRandomness`].
pub fn generate_post_quantum() -> Result<(Zeroizing<String>, Recipient), Error> {
    let (secret, recipient) = age::generate_hybrid()?;
    Ok((secret, Recipient(recipient)))
}

/// The text of an identity file, as `age-keygen` writes it but for the time.
#[must_use]
pub fn identity_file(secret: &str, recipient: &Recipient) -> Zeroizing<String> {
    Zeroizing::new(format!("# public key: {recipient}\n{secret}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const X25519: &str = "age1a7ff2kfnj70rrs077vgzk2gerld26pm0ak877jtav9d9xezqfdnses37gs";

    fn refusal(text: &str) -> String {
        let error = Recipient::parse(text).expect_err("refused").to_string();
        let secret = text.get(..24).unwrap_or(text);
        assert!(text.is_empty() || !error.contains(secret), "quotes what it refuses: {error}");
        error
    }

    #[test]
    fn recipients_have_one_text() {
        let ssh = include_str!("../testdata/keys/ssh_ed25519.pub");
        let rsa = include_str!("../testdata/keys/ssh_rsa.pub");
        for (text, canonical) in [
            (format!(" {X25519}\n"), X25519.to_owned()),
            (ssh.to_owned(), ssh.replace(" TEST-ONLY\n", "")),
            (rsa.to_owned(), rsa.replace(" TEST-ONLY\n", "")),
            (ssh.replacen(' ', "  ", 1), ssh.replace(" TEST-ONLY\n", "")),
            ("age1mirror18cedd3".to_owned(), "age1mirror18cedd3".to_owned()),
        ] {
            let recipient = Recipient::parse(&text).expect("a recipient");
            assert_eq!(recipient.as_str(), canonical);
            assert_eq!(recipient.to_string(), canonical);
            assert_eq!(Recipient::parse(&canonical), Ok(recipient));
        }
    }

    #[test]
    fn refusals_say_what_was_expected_and_quote_nothing() {
        let secret = include_str!("../testdata/keys/x25519.txt").lines().last().expect("a key");
        for text in [secret, &secret.to_lowercase(), "AGE-PLUGIN-MIRROR-1D4JEE5"] {
            assert_eq!(
                refusal(text),
                "this is an identity (a secret key), a recipient is expected: its public half, `age1…`"
            );
        }
        assert_eq!(
            refusal(include_str!("../testdata/keys/ssh_ed25519")),
            "this is a private key, a recipient is expected: its public half, `ssh-ed25519 …` or `ssh-rsa …`"
        );
        assert_eq!(refusal("age1pq1pppppppppppppppppppp8yu4de"), "this age recipient is mistyped or cut off");
        assert_eq!(refusal(&X25519.replace("7gs", "7gg")), "this age recipient is mistyped or cut off");
        assert_eq!(refusal("age1mirror18cedd4"), "this plugin recipient is mistyped or cut off");
        assert_eq!(refusal("ssh-ed25519"), "this ssh key is mistyped or cut off");
        assert_eq!(refusal("ssh-rsa AAAAB3NzaC1yc2EAAAABAQAAAAEA"), "this ssh key is mistyped or cut off");
        assert_eq!(
            refusal("ecdsa-sha2-nistp256 AAAA"),
            "ssh keys of this type are not supported, only ssh-ed25519 and ssh-rsa"
        );
        assert_eq!(
            refusal("sk-ssh-ed25519@openssh.com AAAA"),
            "ssh keys in a security device cannot decrypt; an age plugin can use the device"
        );
        assert_eq!(refusal(""), "a recipient is empty");
        assert_eq!(refusal(&"age1".repeat(RECIPIENT_LIMIT)), "a recipient is longer than 16 KiB");
        assert_eq!(
            refusal("correct horse battery staple"),
            "a recipient is an age key (`age1…`) or an ssh key (`ssh-ed25519 …`, `ssh-rsa …`); a passphrase cannot be one"
        );
    }

    #[test]
    fn a_generated_identity_makes_a_file_that_is_read_again() {
        let (secret, recipient) = generate_x25519();
        let text = identity_file(&secret, &recipient);
        assert_eq!(*text, format!("# public key: {recipient}\n{}\n", *secret));
        let mut identities = Identities::new();
        identities.add_identity_file(text.as_bytes(), "a test").expect("an identity file");
        let known = IdentityInfo { source: "a test".into(), sort: IdentitySort::Silent, recipient: Some(recipient) };
        assert_eq!(identities.list(Effort::Read, &NoInteraction), [known]);
    }

    #[test]
    fn a_missing_plugin_is_named() {
        let recipient = Recipient::parse("age1nosuch1uf6nq9").expect("a recipient");
        let key = DataKey::generate().expect("randomness");
        assert_eq!(
            wrap(&key, &recipient, &NoInteraction).expect_err("no such plugin").to_string(),
            "cannot wrap the data key for age1nosuch1uf6nq9: the plugin `age-plugin-nosuch` is not on the PATH"
        );
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_parsing_panic(text in "(age1|ssh-rsa |ssh-ed25519 |AGE-)?[ -~é]{0,80}") {
            if let Ok(recipient) = Recipient::parse(&text) {
                proptest::prop_assert_eq!(Recipient::parse(recipient.as_str()), Ok(recipient));
            }
        }
    }
}
