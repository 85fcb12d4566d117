//! The post-quantum recipients of age 1.3 (C2SP age, "mlkem768x25519"), which the `age` crate does not have yet.
//!
//! HPKE (RFC 9180) in base mode, with X-Wing (draft-connolly-cfrg-xwing-kem: ML-KEM-768 of FIPS 203 beside X25519 of RFC
//! 7748), HKDF-SHA256 and ChaCha20-Poly1305. The `hpke` crate would need a key exchange written against its hidden
//! methods, which is longer than the few lines of its key schedule.

use std::collections::HashSet;
use std::fmt;

use ::age::secrecy::ExposeSecret as _;
use ::age::{DecryptError, EncryptError};
use age_core::format::{FILE_KEY_BYTES, FileKey, Stanza};
use age_core::primitives::{bech32_decode, bech32_encode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chacha20poly1305::aead::Aead as _;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit as _};
use hkdf::Hkdf;
use ml_kem::kem::Decapsulate as _;
use ml_kem::{EncapsulateDeterministic as _, EncodedSizeUser as _, KemCore, MlKem768};
use sha2::Sha256;
use sha3::digest::{ExtendableOutput as _, FixedOutput as _, Update as _, XofReader as _};
use sha3::{Sha3_256, Shake256};
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::random;

type MlKemPublic = <MlKem768 as KemCore>::EncapsulationKey;
type MlKemSecret = <MlKem768 as KemCore>::DecapsulationKey;

/// How recipients begin.
pub(super) const RECIPIENT_START: &str = "age1pq1";
/// How identities begin.
pub(super) const IDENTITY_START: &str = "AGE-SECRET-KEY-PQ-1";

const RECIPIENT_PREFIX: &str = "age1pq";
const IDENTITY_PREFIX: &str = "age-secret-key-pq-";
const STANZA: &str = "mlkem768x25519";
const INFO: &[u8] = b"age-encryption.org/mlkem768x25519";
/// All recipients of an age file need it, or none.
const LABEL: &str = "postquantum";
/// KEM 0x647a, KDF 1, AEAD 3 (RFC 9180, section 5.1).
const SUITE: &[u8] = b"HPKE\x64\x7a\x00\x01\x00\x03";
/// X-Wing's own label (section 5.3 of the draft).
const XWING_LABEL: &[u8] = br"\.//^\";

/// An ML-KEM-768 ciphertext, which an X25519 share follows.
const MLKEM_SHARE_LEN: usize = 1088;
const MLKEM_KEY_LEN: usize = 1184;
const X25519_LEN: usize = 32;

/// A hybrid recipient, `age1pq1…`.
pub(super) struct HybridRecipient {
    mlkem: MlKemPublic,
    x25519: PublicKey,
}

/// A hybrid identity, `AGE-SECRET-KEY-PQ-1…`: the seed from which both secret keys are made.
pub(in crate::keys) struct HybridIdentity(Zeroizing<[u8; 32]>);

/// The key and the nonce of a single message.
struct MessageKey {
    key: Zeroizing<[u8; 32]>,
    nonce: [u8; 12],
}

impl HybridRecipient {
    /// `None` when it is mistyped, cut off, or no key: a number above the modulus, or a point to which every secret is 0.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let bytes = decode(text, RECIPIENT_PREFIX)?;
        if bytes.len() != MLKEM_KEY_LEN + X25519_LEN {
            return None;
        }
        let (mlkem, x25519) = bytes.split_at(MLKEM_KEY_LEN);
        let key = MlKemPublic::from_bytes(&mlkem.try_into().ok()?);
        // FIPS 203, section 7.2: the modulus check.
        if key.as_bytes()[..] != *mlkem {
            return None;
        }
        let x25519 = PublicKey::from(<[u8; X25519_LEN]>::try_from(x25519).ok()?);
        StaticSecret::from([1; X25519_LEN]).diffie_hellman(&x25519).was_contributory().then_some(())?;
        Some(Self { mlkem: key, x25519 })
    }

    /// A share for the holder of the identity, and the key that only the two know.
    fn encapsulate(&self) -> Result<(Vec<u8>, MessageKey), Error> {
        let no_key = |_| Error::InvalidKey { what: "the recipient is no key".to_owned() };
        let (mlkem_share, mlkem) = self.mlkem.encapsulate_deterministic(&(*random_seed()?).into()).map_err(no_key)?;
        let ephemeral = StaticSecret::from(*random_seed()?);
        let x25519_share = PublicKey::from(&ephemeral);
        let x25519 = ephemeral.diffie_hellman(&self.x25519);
        let key = message_key(&mlkem, x25519.as_bytes(), &x25519_share, &self.x25519);
        Ok(([&mlkem_share[..], x25519_share.as_bytes()].concat(), key))
    }
}

impl fmt::Display for HybridRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encode(RECIPIENT_PREFIX, &[&self.mlkem.as_bytes()[..], self.x25519.as_bytes()].concat()))
    }
}

impl ::age::Recipient for HybridRecipient {
    fn wrap_file_key(&self, file_key: &FileKey) -> Result<(Vec<Stanza>, HashSet<String>), EncryptError> {
        let failed = |what: String| EncryptError::Io(std::io::Error::other(what));
        let (share, key) = self.encapsulate().map_err(|error| failed(error.to_string()))?;
        let body = ChaCha20Poly1305::new((&*key.key).into())
            .encrypt((&key.nonce).into(), &file_key.expose_secret()[..])
            .map_err(|error| failed(error.to_string()))?;
        let stanza = Stanza { tag: STANZA.to_owned(), args: vec![STANDARD_NO_PAD.encode(share)], body };
        Ok((vec![stanza], HashSet::from([LABEL.to_owned()])))
    }
}

impl HybridIdentity {
    /// A new one.
    pub(super) fn generate() -> Result<Self, Error> {
        random_seed().map(Self)
    }

    /// `None` when it is mistyped or cut off.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let bytes = decode(text, IDENTITY_PREFIX)?;
        let mut seed = Zeroizing::new([0; 32]);
        if bytes.len() != seed.len() {
            return None;
        }
        seed.copy_from_slice(&bytes);
        Some(Self(seed))
    }

    /// The text that [`HybridIdentity::parse`] reads.
    pub(super) fn secret_text(&self) -> Zeroizing<String> {
        Zeroizing::new(encode(IDENTITY_PREFIX, &self.0[..]).to_ascii_uppercase())
    }

    pub(super) fn recipient(&self) -> HybridRecipient {
        let (_, mlkem, x25519) = self.secret_keys();
        HybridRecipient { mlkem, x25519: PublicKey::from(&x25519) }
    }

    /// Both secret keys (section 5.2 of X-Wing's draft).
    fn secret_keys(&self) -> (MlKemSecret, MlKemPublic, StaticSecret) {
        let mut expanded = Zeroizing::new([0; 96]);
        let mut hash = Shake256::default();
        hash.update(&self.0[..]);
        hash.finalize_xof().read(&mut expanded[..]);
        let part = |index: usize| {
            let mut part = Zeroizing::new([0; 32]);
            part.copy_from_slice(&expanded[32 * index..][..32]);
            part
        };
        let (secret, public) = MlKem768::generate_deterministic(&(*part(0)).into(), &(*part(1)).into());
        (secret, public, StaticSecret::from(*part(2)))
    }

    /// The key in which `share` was made; another one when it was not made for this identity. `None` when it is no share.
    fn decapsulate(&self, share: &[u8]) -> Option<MessageKey> {
        if share.len() != MLKEM_SHARE_LEN + X25519_LEN {
            return None;
        }
        let (mlkem_share, x25519_share) = share.split_at(MLKEM_SHARE_LEN);
        let (mlkem, _, x25519) = self.secret_keys();
        let mlkem = mlkem.decapsulate(&mlkem_share.try_into().ok()?).ok()?;
        let x25519_share = PublicKey::from(<[u8; X25519_LEN]>::try_from(x25519_share).ok()?);
        let shared = x25519.diffie_hellman(&x25519_share);
        shared.was_contributory().then_some(())?;
        Some(message_key(&mlkem, shared.as_bytes(), &x25519_share, &PublicKey::from(&x25519)))
    }
}

impl ::age::Identity for HybridIdentity {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, DecryptError>> {
        const INVALID: Option<Result<FileKey, DecryptError>> = Some(Err(DecryptError::InvalidHeader));
        if stanza.tag != STANZA {
            return None;
        }
        let [share] = &stanza.args[..] else { return INVALID };
        let Ok(share) = STANDARD_NO_PAD.decode(share) else { return INVALID };
        // Before it is opened: a longer one could be made to open with several keys.
        if stanza.body.len() != FILE_KEY_BYTES + 16 {
            return INVALID;
        }
        let Some(key) = self.decapsulate(&share) else { return INVALID };
        // A failure means that it is somebody else's stanza: ML-KEM gives a key for every share.
        let opened = ChaCha20Poly1305::new((&*key.key).into()).decrypt((&key.nonce).into(), &stanza.body[..]).ok()?;
        let opened = Zeroizing::new(opened);
        Some(Ok(FileKey::init_with_mut(|file_key| file_key.copy_from_slice(&opened))))
    }
}

/// X-Wing's combiner, and the key schedule of HPKE behind it.
fn message_key(mlkem: &[u8], x25519: &[u8; 32], share: &PublicKey, public: &PublicKey) -> MessageKey {
    let mut hash = Sha3_256::default();
    for part in [mlkem, x25519, share.as_bytes(), public.as_bytes(), XWING_LABEL] {
        hash.update(part);
    }
    let shared = Zeroizing::new(<[u8; 32]>::from(hash.finalize_fixed()));
    let (psk_id_hash, _) = extract(b"", b"psk_id_hash", b"");
    let (info_hash, _) = extract(b"", b"info_hash", INFO);
    let context = [&[0][..], &psk_id_hash, &info_hash].concat();
    let (_, secret) = extract(&shared[..], b"secret", b"");
    let mut key = MessageKey { key: Zeroizing::new([0; 32]), nonce: [0; 12] };
    expand(&secret, b"key", &context, &mut key.key[..]);
    expand(&secret, b"base_nonce", &context, &mut key.nonce);
    key
}

/// LabeledExtract (RFC 9180, section 4).
fn extract(salt: &[u8], label: &[u8], text: &[u8]) -> ([u8; 32], Hkdf<Sha256>) {
    let (hash, hkdf) = Hkdf::extract(Some(salt), &[b"HPKE-v1", SUITE, label, text].concat());
    (hash.into(), hkdf)
}

/// LabeledExpand (RFC 9180, section 4), to a key or a nonce.
fn expand(secret: &Hkdf<Sha256>, label: &[u8], context: &[u8], out: &mut [u8]) {
    let length = u16::try_from(out.len()).expect("a key or a nonce").to_be_bytes();
    secret.expand_multi_info(&[&length, b"HPKE-v1", SUITE, label, context], out).expect("far below the limit of HKDF");
}

fn random_seed() -> Result<Zeroizing<[u8; 32]>, Error> {
    let mut seed = Zeroizing::new([0; 32]);
    random::fill(&mut seed[..])?;
    Ok(seed)
}

fn decode(text: &str, prefix: &'static str) -> Option<Zeroizing<Vec<u8>>> {
    let known = |found: bech32::Hrp| if found.as_str().eq_ignore_ascii_case(prefix) { Ok(()) } else { Err(()) };
    bech32_decode(text, |_| (), known, |_, bytes| Ok(Zeroizing::new(bytes.collect()))).ok()
}

fn encode(prefix: &'static str, bytes: &[u8]) -> String {
    bech32_encode(bech32::Hrp::parse_unchecked(prefix), bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use sha2::Digest as _;

    use super::*;

    const IDENTITY_FILE: &str = include_str!("../../../testdata/keys/hybrid.txt");

    fn identity() -> HybridIdentity {
        HybridIdentity::parse(IDENTITY_FILE.lines().last().expect("a key")).expect("an identity")
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// What came of a file of the testkit, in its words.
    fn outcome(age_file: &[u8], identities: &[Box<dyn ::age::Identity>]) -> (&'static str, String) {
        let failed = |what| (what, String::new());
        let age_file = ::age::armor::ArmoredReader::new(age_file);
        let Ok(decryptor) = ::age::Decryptor::new_buffered(age_file) else { return failed("header failure") };
        match decryptor.decrypt(identities.iter().map(AsRef::as_ref)) {
            Ok(mut reader) => {
                let mut payload = Vec::new();
                reader.read_to_end(&mut payload).expect("a payload");
                ("success", hex(&Sha256::digest(payload)))
            }
            Err(DecryptError::NoMatchingKeys) => failed("no match"),
            Err(_) => failed("header failure"),
        }
    }

    #[test]
    fn the_testkit_of_age_is_answered_as_it_says() {
        let mut seen = 0;
        for entry in std::fs::read_dir("testdata/age-testkit").expect("a folder") {
            let path = entry.expect("an entry").path();
            let bytes = std::fs::read(&path).expect("readable");
            let Some(end) = bytes.windows(2).position(|pair| pair == b"\n\n") else { continue };
            let head = std::str::from_utf8(&bytes[..end]).expect("text");
            let field = |name: &'static str| head.lines().filter_map(move |line| line.strip_prefix(name));
            let Some(expected) = field("expect: ").next() else { continue };
            let identities: Vec<Box<dyn ::age::Identity>> = field("identity: ")
                .map(|text| match HybridIdentity::parse(text) {
                    Some(identity) => Box::new(identity) as Box<dyn ::age::Identity>,
                    None => Box::new(text.parse::<::age::x25519::Identity>().expect("an identity")),
                })
                .collect();
            let (outcome, payload) = outcome(&bytes[end + 2..], &identities);
            assert_eq!(outcome, expected, "{}", path.display());
            assert_eq!(payload, field("payload: ").next().unwrap_or_default(), "{}", path.display());
            seen += 1;
        }
        assert_eq!(seen, 19);
    }

    #[test]
    fn keys_have_the_text_that_another_program_gives_them() {
        let recipient = IDENTITY_FILE.lines().next().and_then(|line| line.strip_prefix("# public key: "));
        assert_eq!(Some(identity().recipient().to_string().as_str()), recipient);
        assert_eq!(Some(identity().secret_text().as_str()), IDENTITY_FILE.lines().last());
        let parsed = HybridRecipient::parse(recipient.expect("a recipient")).expect("a recipient");
        assert_eq!(Some(parsed.to_string().as_str()), recipient);
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let recipient = identity().recipient();
        let good = [&recipient.mlkem.as_bytes()[..], recipient.x25519.as_bytes()].concat();
        let parse = |bytes: &[u8]| HybridRecipient::parse(&encode(RECIPIENT_PREFIX, bytes)).is_some();
        assert!(parse(&good));
        assert!(!parse(&good[1..]) && !parse(&[&good[..], &[0]].concat()), "another length");
        let mut above_modulus = good.clone();
        above_modulus[..2].fill(0xff);
        assert!(!parse(&above_modulus));
        let mut zero_point = good.clone();
        zero_point[MLKEM_KEY_LEN..].fill(0);
        assert!(!parse(&zero_point));
        assert!(HybridRecipient::parse(&encode("age1pqx", &good)).is_none(), "another prefix");
        assert!(HybridIdentity::parse(&encode(IDENTITY_PREFIX, &[7; 31])).is_none());
        assert!(HybridIdentity::parse(&encode(IDENTITY_PREFIX, &[7; 32])).is_some());
    }

    #[test]
    fn each_wrapping_is_for_its_identity_alone() {
        use ::age::{Identity as _, Recipient as _};
        let file_key = FileKey::new(Box::new([9; FILE_KEY_BYTES]));
        let (stanzas, labels) = identity().recipient().wrap_file_key(&file_key).expect("a stanza");
        assert_eq!(labels, HashSet::from([LABEL.to_owned()]));
        let opened = identity().unwrap_stanza(&stanzas[0]).expect("its own").expect("it opens");
        assert_eq!(opened.expose_secret(), &[9; FILE_KEY_BYTES]);
        assert!(HybridIdentity::generate().expect("randomness").unwrap_stanza(&stanzas[0]).is_none());
        let (again, _) = identity().recipient().wrap_file_key(&file_key).expect("a stanza");
        assert!(again[0].args != stanzas[0].args && again[0].body != stanzas[0].body);
    }
}
