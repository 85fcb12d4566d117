//! The one file that knows the `age` crate (C2SP age, version 1): key kinds, the age file around a data key, plugins.
//!
//! Messages are our own. Those of the crate are made for its own program, in a person's language, with direction marks.

use std::io::{Read as _, Write as _};
use std::sync::{Mutex, PoisonError};
use std::{fmt, iter};

use ::age::armor::ArmoredReader;
use ::age::secrecy::{ExposeSecret as _, SecretString};
use ::age::{DecryptError, Decryptor, EncryptError, Encryptor, plugin, scrypt, ssh, x25519};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::keys::foreign::clean;
use crate::keys::interaction::Interaction;
use crate::keys::{Held, WRAPPED_KEY_LIMIT, ssh as ssh_wire};
use hybrid::{HybridIdentity, HybridRecipient};

pub(super) mod armor;
mod bridge;
mod hybrid;

/// The largest scrypt work factor for a passphrase, as in the `age` program: some seconds and 4 GiB.
const SCRYPT_WORK_LIMIT: u8 = 22;

/// A recipient as the `age` crate holds it.
enum AgeRecipient {
    Hybrid(Box<HybridRecipient>),
    Plugin(plugin::Recipient),
    Ssh(Box<ssh::Recipient>),
    X25519(x25519::Recipient),
}

/// The one text of the recipient `text`.
///
/// # Errors
/// What is wrong with it, never quoting it: somebody may have pasted a secret.
pub(super) fn canonical_recipient(text: &str) -> Result<String, &'static str> {
    Ok(match parse_recipient(text)? {
        AgeRecipient::Hybrid(recipient) => recipient.to_string(),
        AgeRecipient::Plugin(recipient) => recipient.to_string(),
        AgeRecipient::Ssh(recipient) => recipient.to_string(),
        AgeRecipient::X25519(recipient) => recipient.to_string(),
    })
}

fn parse_recipient(text: &str) -> Result<AgeRecipient, &'static str> {
    if text.starts_with(hybrid::RECIPIENT_START) {
        let recipient = HybridRecipient::parse(text).ok_or("this age recipient is mistyped or cut off")?;
        return Ok(AgeRecipient::Hybrid(Box::new(recipient)));
    }
    if let Some(rest) = text.strip_prefix("age1") {
        // The data part of Bech32 holds no `1`, so a further one ends the name of a plugin.
        return if rest.contains('1') {
            text.parse().map(AgeRecipient::Plugin).map_err(|_| "this plugin recipient is mistyped or cut off")
        } else {
            text.parse().map(AgeRecipient::X25519).map_err(|_| "this age recipient is mistyped or cut off")
        };
    }
    let mut words = text.split_ascii_whitespace();
    match (words.next(), words.next()) {
        (Some(kind @ ("ssh-ed25519" | "ssh-rsa")), Some(base64)) => {
            ssh_wire::check_public(kind, base64)?;
            let recipient = format!("{kind} {base64}").parse().map_err(|error| match error {
                ssh::ParseRecipientKeyError::RsaModulusTooLarge => "RSA keys of more than 4096 bits are not supported",
                ssh::ParseRecipientKeyError::RsaModulusTooSmall => "RSA keys of less than 2048 bits are not safe",
                _ => "this ssh key is mistyped or cut off",
            })?;
            Ok(AgeRecipient::Ssh(Box::new(recipient)))
        }
        (Some("ssh-ed25519" | "ssh-rsa"), None) => Err("this ssh key is mistyped or cut off"),
        (Some(kind), _) if kind.starts_with("sk-ssh-") || kind.starts_with("sk-ecdsa-") => {
            Err("ssh keys in a security device cannot decrypt; an age plugin can use the device")
        }
        (Some(kind), _) if kind.starts_with("ecdsa-") || kind.starts_with("ssh-") => {
            Err("ssh keys of this type are not supported, only ssh-ed25519 and ssh-rsa")
        }
        _ => Err("a recipient is an age key (`age1…`) or an ssh key (`ssh-ed25519 …`, `ssh-rsa …`); \
                  a passphrase cannot be one"),
    }
}

/// An age file for `recipient`, which is canonical, holding `secret`.
///
/// # Errors
/// Why not: only plugins fail.
pub(super) fn wrap(secret: &[u8], recipient: &str, interaction: &dyn Interaction) -> Result<Vec<u8>, String> {
    let recipient = parse_recipient(recipient)?;
    let wrapped = match &recipient {
        AgeRecipient::Hybrid(recipient) => encrypt(secret, recipient.as_ref()),
        AgeRecipient::Plugin(recipient) => bridge::serve(interaction, |bridge| {
            let recipients = std::slice::from_ref(recipient);
            let plugin = plugin::RecipientPluginV1::new(recipient.plugin(), recipients, &[], bridge)
                .map_err(|error| resolve_message(&error))?;
            encrypt(secret, &plugin)
        })
        .unwrap_or_else(|| Err("the plugin failed".to_owned())),
        AgeRecipient::Ssh(recipient) => encrypt(secret, recipient.as_ref()),
        AgeRecipient::X25519(recipient) => encrypt(secret, recipient),
    }?;
    // Only a plugin can make it so large; nobody could unwrap it again.
    if wrapped.len() > WRAPPED_KEY_LIMIT {
        return Err(format!("the plugin made a wrapped key of more than {WRAPPED_KEY_LIMIT} bytes"));
    }
    Ok(wrapped)
}

fn encrypt(secret: &[u8], recipient: &dyn ::age::Recipient) -> Result<Vec<u8>, String> {
    let encryptor = Encryptor::with_recipients(iter::once(recipient)).map_err(|error| match &error {
        EncryptError::Plugin(_) => clean(&error.to_string()),
        EncryptError::PluginResolve(error) => resolve_message(error),
        EncryptError::Io(_) => "the plugin broke off".to_owned(),
        _ => "the recipient cannot be used alone".to_owned(),
    })?;
    let mut wrapped = Vec::with_capacity(512);
    encryptor
        .wrap_output(&mut wrapped)
        .and_then(|mut writer| {
            writer.write_all(secret)?;
            writer.finish()
        })
        .map_err(|_| "the age file cannot be written".to_owned())?;
    Ok(wrapped)
}

/// Why a wrapped key did not open, though the identity fits it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// No age file, a changed one, or one for this identity that does not open.
    Damaged,
    /// Something else is in it.
    NotHeld(Held),
    /// A plugin's message.
    Plugin(String),
    /// Longer than [`WRAPPED_KEY_LIMIT`].
    TooLong,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged => f.write_str("is damaged"),
            Self::NotHeld(held) => write!(f, "does not hold {held}"),
            Self::Plugin(message) => write!(f, "was not opened: {message}"),
            Self::TooLong => write!(f, "is longer than {WRAPPED_KEY_LIMIT} bytes"),
        }
    }
}

/// The secret in the age file `wrapped`, if it is for `identity`.
fn open(wrapped: &[u8], held: Held, identity: &dyn ::age::Identity) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
    if wrapped.len() > WRAPPED_KEY_LIMIT {
        return Err(Failure::TooLong);
    }
    let decryptor = Decryptor::new_buffered(wrapped).map_err(|_| Failure::Damaged)?;
    let reader = match decryptor.decrypt(iter::once(identity)) {
        Ok(reader) => reader,
        Err(DecryptError::NoMatchingKeys) => return Ok(None),
        Err(error @ DecryptError::Plugin(_)) => return Err(Failure::Plugin(clean(&error.to_string()))),
        Err(DecryptError::PluginResolve(error)) => return Err(Failure::Plugin(resolve_message(&error))),
        Err(_) => return Err(Failure::Damaged),
    };
    // One byte more than allowed, so that a longer text shows; the buffer never grows, which would leave copies.
    let mut plain = Zeroizing::new(Vec::with_capacity(2 * held.len()));
    reader.take(held.len() as u64 + 1).read_to_end(&mut plain).map_err(|_| Failure::Damaged)?;
    if plain.len() == held.len() { Ok(Some(plain)) } else { Err(Failure::NotHeld(held)) }
}

/// Type and first argument of every stanza of the age file `wrapped`; not authenticated, only to save prompts.
pub(super) fn stanzas(wrapped: &[u8]) -> impl Iterator<Item = (&str, &str)> {
    wrapped[..wrapped.len().min(WRAPPED_KEY_LIMIT)]
        .split(|&byte| byte == b'\n')
        .take_while(|line| !line.starts_with(b"---"))
        .filter_map(|line| std::str::from_utf8(line.strip_prefix(b"-> ")?).ok())
        .map(|line| {
            let mut words = line.split(' ');
            (words.next().unwrap_or_default(), words.next().unwrap_or_default())
        })
}

/// An identity that needs nobody.
pub(super) enum Silent {
    Hybrid(HybridIdentity),
    Ssh(Box<ssh::Identity>),
    X25519(x25519::Identity),
}

impl Silent {
    pub(super) fn open(&self, wrapped: &[u8], held: Held) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        match self {
            Self::Hybrid(identity) => open(wrapped, held, identity),
            Self::Ssh(identity) => open(wrapped, held, identity.as_ref()),
            Self::X25519(identity) => open(wrapped, held, identity),
        }
    }

    /// Its recipient, which costs about as much as half an unwrapping.
    pub(super) fn recipient(&self) -> Option<String> {
        match self {
            Self::Hybrid(identity) => Some(identity.recipient().to_string()),
            Self::Ssh(identity) => ssh_recipient(identity),
            Self::X25519(identity) => Some(identity.to_public().to_string()),
        }
    }
}

fn ssh_recipient(identity: &ssh::Identity) -> Option<String> {
    ssh::Recipient::try_from(identity.clone()).ok().map(|recipient| recipient.to_string())
}

/// An identity of a plugin; the plugin may ask its person at any time.
pub(super) struct Plugin {
    identity: plugin::Identity,
    /// Files may be opened at the same time, and there is one device to touch.
    turn: Mutex<()>,
}

impl Plugin {
    /// The plugin's name.
    pub(super) fn name(&self) -> &str {
        self.identity.plugin()
    }

    pub(super) fn open(
        &self,
        wrapped: &[u8],
        held: Held,
        interaction: &dyn Interaction,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        bridge::serve(interaction, |bridge| {
            let identities = std::slice::from_ref(&self.identity);
            let plugin = plugin::IdentityPluginV1::new(self.name(), identities, bridge)
                .map_err(|error| Failure::Plugin(resolve_message(&error)))?;
            open(wrapped, held, &plugin)
        })
        .unwrap_or_else(|| Err(Failure::Plugin("the plugin failed".to_owned())))
    }
}

/// One identity of an identity file.
pub(super) enum AgeIdentity {
    Plugin(Plugin),
    Silent(Silent),
}

/// Reads one word of an identity file.
///
/// # Errors
/// What is wrong, without a character of it.
pub(super) fn parse_identity(word: &str) -> Result<AgeIdentity, &'static str> {
    if word.starts_with(hybrid::IDENTITY_START) {
        HybridIdentity::parse(word)
            .map(|identity| AgeIdentity::Silent(Silent::Hybrid(identity)))
            .ok_or("this identity is mistyped or cut off")
    } else if word.starts_with("AGE-PLUGIN-") {
        word.parse()
            .map(|identity| AgeIdentity::Plugin(Plugin { identity, turn: Mutex::new(()) }))
            .map_err(|_| "this plugin identity is mistyped or cut off")
    } else if word.starts_with("AGE-SECRET-KEY-1") {
        word.parse()
            .map(|identity| AgeIdentity::Silent(Silent::X25519(identity)))
            .map_err(|_| "this identity is mistyped or cut off")
    } else if word.starts_with("age1") || word.starts_with("ssh-") {
        Err("this is a recipient (a public key), an identity is expected: `AGE-SECRET-KEY-1…`")
    } else {
        Err("not an identity: `AGE-SECRET-KEY-1…` or `AGE-PLUGIN-…` is expected")
    }
}

/// An ssh key with a passphrase.
pub(super) struct LockedSsh {
    key: ssh::EncryptedKey,
    recipient: String,
    tag: String,
}

impl LockedSsh {
    /// Its recipient, which the key file shows without the passphrase.
    pub(super) fn recipient(&self) -> &str {
        &self.recipient
    }

    /// Whether `wrapped` says that it is for this key.
    pub(super) fn fits(&self, wrapped: &[u8]) -> bool {
        stanzas(wrapped).any(|(kind, tag)| kind.starts_with("ssh-") && tag == self.tag)
    }

    /// `None` when the passphrase is wrong.
    pub(super) fn unlock(&self, passphrase: Zeroizing<String>) -> Option<Silent> {
        let key = self.key.decrypt(secret(passphrase)).ok()?;
        Some(Silent::Ssh(Box::new(ssh::Identity::Unencrypted(key))))
    }
}

/// An ssh key file.
pub(super) enum SshKey {
    Locked(Box<LockedSsh>),
    Silent(Silent),
}

/// Reads an ssh private key.
///
/// # Errors
/// What is wrong, without a character of it.
pub(super) fn parse_ssh_key(text: &str) -> Result<SshKey, &'static str> {
    const DAMAGED: &str = "not an ssh private key (OpenSSH's own form, or PEM with `BEGIN RSA PRIVATE KEY`), \
                           or a damaged one";
    if !ssh_wire::private_numbers_are_sound(text) {
        return Err(DAMAGED);
    }
    match ssh::Identity::from_buffer(text.trim_start().as_bytes(), None).map_err(|_| DAMAGED)? {
        ssh::Identity::Encrypted(key) => {
            let unsupported = "ssh keys of this type are not supported, only ssh-ed25519 and ssh-rsa";
            let recipient = ssh_recipient(&ssh::Identity::Encrypted(key.clone())).ok_or(unsupported)?;
            let tag = ssh_wire::stanza_tag(&recipient).ok_or(unsupported)?;
            Ok(SshKey::Locked(Box::new(LockedSsh { key, recipient, tag })))
        }
        ssh::Identity::Unsupported(key) => Err(match key {
            ssh::UnsupportedKey::EncryptedPem => {
                "this old form of a passphrase is not safe; `ssh-keygen -o -p` changes it"
            }
            ssh::UnsupportedKey::EncryptedSsh(_) => "the cipher of its passphrase is not supported",
            ssh::UnsupportedKey::Hardware(_) => {
                "ssh keys in a security device cannot decrypt; an age plugin can use the device"
            }
            ssh::UnsupportedKey::Type(_) => "ssh keys of this type are not supported, only ssh-ed25519 and ssh-rsa",
        }),
        identity @ ssh::Identity::Unencrypted(_) => Ok(SshKey::Silent(Silent::Ssh(Box::new(identity)))),
    }
}

/// Why a passphrase did not open an identity file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LockedFileFailure {
    /// Not this passphrase.
    WrongPassphrase,
    /// Anything else.
    Other(&'static str),
}

/// The binary form of the encrypted identity file `text`, which may be armored, if a passphrase opens it.
pub(super) fn locked_file(text: &[u8], limit: usize) -> Result<Vec<u8>, &'static str> {
    let mut binary = Vec::new();
    ArmoredReader::new(text)
        .take(limit as u64)
        .read_to_end(&mut binary)
        .map_err(|_| "this encrypted identity file is damaged")?;
    let decryptor = Decryptor::new_buffered(&binary[..]).map_err(|_| "this encrypted identity file is damaged")?;
    if !decryptor.is_scrypt() {
        return Err("this identity file is encrypted to a key; only a passphrase is supported");
    }
    Ok(binary)
}

/// The text of the identity file `binary`, at most `limit` bytes.
pub(super) fn unlock_file(
    binary: &[u8],
    passphrase: Zeroizing<String>,
    limit: usize,
) -> Result<Zeroizing<Vec<u8>>, LockedFileFailure> {
    const DAMAGED: LockedFileFailure = LockedFileFailure::Other("this encrypted identity file is damaged");
    let mut identity = scrypt::Identity::new(secret(passphrase));
    identity.set_max_work_factor(SCRYPT_WORK_LIMIT);
    let decryptor = Decryptor::new_buffered(binary).map_err(|_| DAMAGED)?;
    let reader = decryptor.decrypt(iter::once(&identity as &dyn ::age::Identity)).map_err(|error| match error {
        DecryptError::DecryptionFailed | DecryptError::NoMatchingKeys => LockedFileFailure::WrongPassphrase,
        DecryptError::ExcessiveWork { .. } => LockedFileFailure::Other("its passphrase would take too long to check"),
        _ => DAMAGED,
    })?;
    let mut text = Zeroizing::new(Vec::with_capacity(binary.len()));
    reader.take(limit as u64).read_to_end(&mut text).map_err(|_| DAMAGED)?;
    Ok(text)
}

/// A new X25519 identity's secret text and recipient.
pub(super) fn generate_x25519() -> (Zeroizing<String>, String) {
    let identity = x25519::Identity::generate();
    (Zeroizing::new(identity.to_string().expose_secret().to_owned()), identity.to_public().to_string())
}

/// A new post-quantum identity's secret text and recipient.
pub(super) fn generate_hybrid() -> Result<(Zeroizing<String>, String), Error> {
    let identity = HybridIdentity::generate()?;
    Ok((identity.secret_text(), identity.recipient().to_string()))
}

fn secret(mut text: Zeroizing<String>) -> SecretString {
    SecretString::from(std::mem::take(&mut *text))
}

fn resolve_message(error: &plugin::ResolveError) -> String {
    match error {
        plugin::ResolveError::MissingPlugin { binary_name } => {
            format!("the plugin `{}` is not on the PATH", clean(binary_name))
        }
        _ => "the plugin cannot be found".to_owned(),
    }
}
