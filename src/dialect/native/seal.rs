//! Seals: one leaf, encrypted and bound to its path (format spec, "Seals").

use chacha20poly1305::{AeadInPlace, Tag, XNonce};

use super::encoding::{Numbers, put_lp, put_path};
use super::payload::Payload;
use super::section_keys::SectionKeys;
use crate::leaf::{PathId, PathTree};

/// Length of a leaf's id, the first part of its nonce, in bytes.
pub(crate) const ID_LEN: usize = 8;
/// Length of a nonce in bytes.
pub(crate) const NONCE_LEN: usize = 24;
/// Length of the cipher's tag in bytes.
const TAG_LEN: usize = 16;
/// The shortest seal: nonce, one block of payload, tag.
pub(super) const MIN_SEAL_LEN: usize = NONCE_LEN + 32 + TAG_LEN;

/// Seals and opens the leaves of one section.
pub(crate) struct Sealer<'k> {
    keys: &'k SectionKeys,
    section: &'k str,
    aad: Vec<u8>,
}

impl<'k> Sealer<'k> {
    /// How much longer a seal is than its payload.
    pub(crate) const OVERHEAD: usize = NONCE_LEN + TAG_LEN;

    /// A sealer for the leaves of `section`.
    pub(crate) fn new(keys: &'k SectionKeys, section: &'k str) -> Self {
        Self { keys, section, aad: Vec::new() }
    }

    /// Appends the seal of `payload`: nonce, ciphertext, tag. `path` is none for a comment: comments may be moved.
    /// The nonce must be new, but for its first [`ID_LEN`] bytes.
    pub(crate) fn seal(
        &mut self,
        nonce: &[u8; NONCE_LEN],
        payload: Payload<'_>,
        path: Option<(&PathTree, PathId)>,
        out: &mut Vec<u8>,
    ) {
        self.set_aad(path);
        out.extend_from_slice(nonce);
        let start = out.len();
        payload.write(out);
        let tag = self
            .keys
            .cipher
            .encrypt_in_place_detached(XNonce::from_slice(nonce), &self.aad, &mut out[start..])
            .expect("a leaf is far shorter than the cipher's limit");
        out.extend_from_slice(&tag);
    }

    /// Opens `seal` and appends its padded payload. `None`, with `out` as it was, when it was not sealed with this key
    /// for this path.
    pub(crate) fn open(&mut self, seal: &[u8], path: Option<(&PathTree, PathId)>, out: &mut Vec<u8>) -> Option<()> {
        self.set_aad(path);
        if seal.len() < MIN_SEAL_LEN {
            return None;
        }
        let (nonce, rest) = seal.split_at(NONCE_LEN);
        let (payload, tag) = rest.split_at(rest.len() - TAG_LEN);
        let start = out.len();
        out.extend_from_slice(payload);
        let cipher = &self.keys.cipher;
        let (nonce, tag) = (XNonce::from_slice(nonce), Tag::from_slice(tag));
        let opened = cipher.decrypt_in_place_detached(nonce, &self.aad, &mut out[start..], tag);
        if opened.is_err() {
            out.truncate(start);
        }
        opened.ok()
    }

    fn set_aad(&mut self, path: Option<(&PathTree, PathId)>) {
        self.aad.clear();
        match path {
            Some((paths, path)) => {
                self.aad.extend_from_slice(b"sops-rs/1 leaf");
                put_lp(&mut self.aad, self.section.as_bytes());
                put_path(&mut self.aad, paths, path, Numbers::None);
            }
            None => {
                self.aad.extend_from_slice(b"sops-rs/1 comment");
                put_lp(&mut self.aad, self.section.as_bytes());
            }
        }
    }
}
