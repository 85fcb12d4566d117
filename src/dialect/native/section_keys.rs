//! The keys derived from a section's data key (format spec, "Keys").

use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::encoding::put_lp;
use crate::data_key::DataKey;

/// Length of a key id in bytes.
pub const KEY_ID_LEN: usize = 32;

/// What a data key gives: the cipher for leaves, the MAC for links and metadata, and the public id.
#[derive(Clone)]
pub(crate) struct SectionKeys {
    pub(super) cipher: XChaCha20Poly1305,
    link: Hmac<Sha256>,
    key_id: [u8; KEY_ID_LEN],
}

impl SectionKeys {
    /// Derives everything from `data_key` with HKDF-SHA256 (RFC 5869) without salt: the input is a uniform key.
    pub(crate) fn derive(data_key: &DataKey) -> Self {
        let hkdf = Hkdf::<Sha256>::new(None, data_key.expose());
        let expand = |info: &str| {
            let mut key = Zeroizing::new([0; 32]);
            hkdf.expand(info.as_bytes(), &mut key[..]).expect("32 bytes are within HKDF's limit");
            key
        };
        let leaf_key = expand("sops-rs/1 leaf");
        let link_key = expand("sops-rs/1 link");
        Self {
            cipher: XChaCha20Poly1305::new((&*leaf_key).into()),
            link: <Hmac<Sha256> as Mac>::new_from_slice(&link_key[..]).expect("HMAC takes keys of any length"),
            key_id: *expand("sops-rs/1 id"),
        }
    }

    /// Derives the keys of a data key that was unwrapped for a section with this `key_id`; `None` when it is not
    /// the one. Recipients cannot be given different data keys: XChaCha20-Poly1305 does not commit to its key, but
    /// the id and the full-length MACs do.
    pub(crate) fn derive_checked(data_key: &DataKey, key_id: &[u8; KEY_ID_LEN]) -> Option<Self> {
        let keys = Self::derive(data_key);
        equal(&keys.key_id, key_id).then_some(keys)
    }

    /// The public id of the data key.
    pub(crate) fn key_id(&self) -> &[u8; KEY_ID_LEN] {
        &self.key_id
    }

    /// A MAC under the link key that has taken in `domain` and `lp(section)`.
    pub(super) fn mac(&self, domain: &str, section: &str) -> Hmac<Sha256> {
        let mut prefix = domain.as_bytes().to_vec();
        put_lp(&mut prefix, section.as_bytes());
        self.link.clone().chain_update(&prefix)
    }

    /// What a rotation from this data key to the one called `new_key_id` leaves in the metadata: proof that whoever
    /// rotated held the old key.
    pub(crate) fn follows(&self, section: &str, new_key_id: &[u8; KEY_ID_LEN]) -> [u8; 32] {
        let mut field = Vec::new();
        put_lp(&mut field, new_key_id);
        self.mac("sops-rs/1 follows", section).chain_update(&field).finalize().into_bytes().into()
    }
}

/// Compares in constant time.
pub(crate) fn equal(a: &[u8], b: &[u8]) -> bool {
    subtle::ConstantTimeEq::ct_eq(a, b).into()
}
