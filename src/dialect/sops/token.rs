//! Tokens: `ENC[AES256_GCM,data:…,iv:…,tag:…,type:…]`, one typed value sealed with AES-256-GCM.

use aes_gcm::aead::consts::{U12, U16, U32};
use aes_gcm::aead::generic_array::{ArrayLength, GenericArray};
use aes_gcm::aes::Aes256;
use aes_gcm::{AeadInPlace, AesGcm, KeyInit};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::value::{Kind, Value};
use crate::data_key::DataKey;
use crate::error::sops::ValueFault;

/// The nonces that are written. Others have written 12 and 16 bytes, too.
pub const NONCE_LEN: usize = 32;

const START: &str = "ENC[AES256_GCM,data:";
const TAG_LEN: usize = 16;

/// Whether `text` looks like a token: such plaintext cannot be told from ciphertext and is refused.
#[must_use]
pub fn is_token_like(text: &str) -> bool {
    text.starts_with("ENC[")
}

/// Seals `value` under `data_key`, bound to `aad`, and writes the token behind `out`.
///
/// # Panics
/// When `value` is empty (SOPS leaves empty texts as they are) or longer than AES-GCM's limit of 64 GiB.
pub fn seal(data_key: &DataKey, nonce: &[u8; NONCE_LEN], aad: &str, value: &Value, out: &mut String) {
    assert!(!value.bytes().is_empty(), "an empty text has no token");
    let cipher = AesGcm::<Aes256, U32>::new(GenericArray::from_slice(data_key.expose()));
    let mut buffer = Zeroizing::new(value.bytes().to_vec());
    let tag = cipher
        .encrypt_in_place_detached(GenericArray::from_slice(nonce), aad.as_bytes(), &mut buffer)
        .expect("a leaf is at most 16 MiB");
    out.push_str(START);
    STANDARD.encode_string(&buffer[..], out);
    out.push_str(",iv:");
    STANDARD.encode_string(nonce, out);
    out.push_str(",tag:");
    STANDARD.encode_string(tag, out);
    out.push_str(",type:");
    out.push_str(value.kind().tag());
    out.push(']');
}

/// Opens the token `text` under `data_key`. Text behind its `]` is ignored, as SOPS does.
///
/// # Errors
/// [`ValueFault`]: no token, a changed one, one of another place, or one whose type does not fit what is in it.
pub fn open(data_key: &DataKey, aad: &str, text: &str) -> Result<Value, ValueFault> {
    let fields = Fields::read(text).ok_or(ValueFault::NotAToken)?;
    let decode = |field: &str| STANDARD.decode(field).map_err(|_| ValueFault::NotAToken);
    let (nonce, tag) = (decode(fields.nonce)?, decode(fields.tag)?);
    let mut plain = Zeroizing::new(decode(fields.data)?);
    if tag.len() != TAG_LEN {
        return Err(ValueFault::NotAToken);
    }
    let opened = match nonce.len() {
        12 => open_in_place::<U12>(data_key, &nonce, aad, &mut plain, &tag),
        16 => open_in_place::<U16>(data_key, &nonce, aad, &mut plain, &tag),
        NONCE_LEN => open_in_place::<U32>(data_key, &nonce, aad, &mut plain, &tag),
        _ => return Err(ValueFault::NotAToken),
    };
    if !opened {
        return Err(ValueFault::NotOpened);
    }
    let kind = Kind::of_tag(fields.kind).ok_or(ValueFault::UnknownType)?;
    Value::from_plaintext(kind, plain).ok_or(ValueFault::WrongType)
}

fn open_in_place<N: ArrayLength<u8>>(
    data_key: &DataKey,
    nonce: &[u8],
    aad: &str,
    buffer: &mut [u8],
    tag: &[u8],
) -> bool {
    let cipher = AesGcm::<Aes256, N>::new(GenericArray::from_slice(data_key.expose()));
    let (nonce, tag) = (GenericArray::from_slice(nonce), GenericArray::from_slice(tag));
    cipher.decrypt_in_place_detached(nonce, aad.as_bytes(), buffer, tag).is_ok()
}

/// The four fields of a token, each of at least one character.
struct Fields<'t> {
    data: &'t str,
    nonce: &'t str,
    tag: &'t str,
    kind: &'t str,
}

impl<'t> Fields<'t> {
    fn read(text: &'t str) -> Option<Self> {
        let (data, rest) = text.strip_prefix(START)?.split_once(",iv:")?;
        let (nonce, rest) = rest.split_once(",tag:")?;
        let (tag, rest) = rest.split_once(",type:")?;
        let (kind, _) = rest.split_once(']')?;
        [data, nonce, tag, kind].iter().all(|field| !field.is_empty()).then_some(Self { data, nonce, tag, kind })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of the worked example in `testdata/sops/internals/fixed-datakey.json`.
    fn key() -> DataKey {
        DataKey::from_bytes(&std::array::from_fn::<u8, 32, _>(|n| n as u8)).expect("32 bytes")
    }

    #[test]
    fn the_token_of_a_known_key_and_nonce_is_known() {
        let mut token = String::new();
        seal(&key(), &[0; 32], "a:", &Value::text("x"), &mut token);
        assert_eq!(
            token,
            "ENC[AES256_GCM,data:xw==,iv:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=,tag:A7Zyfo9u3rsGf9iR0+kYaQ==,type:str]"
        );
        assert!(open(&key(), "a:", &token).is_ok_and(|value| value == Value::text("x")));
        assert!(open(&key(), "a:", &format!("{token} and more")).is_ok_and(|value| value == Value::text("x")));
        assert_eq!(open(&key(), "b:", &token).err(), Some(ValueFault::NotOpened));
        assert_eq!(open(&key(), "a:", &token.replace("str", "int")).err(), Some(ValueFault::WrongType));
        assert_eq!(open(&key(), "a:", &token.replace("str", "foo")).err(), Some(ValueFault::UnknownType));
        assert_eq!(open(&key(), "a:", &token.replace("str", "bytes")).err(), Some(ValueFault::UnknownType));
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for text in [
            "",
            "x",
            "ENC[AES256_GCM,data:,iv:AAAA,tag:AAAA,type:str]",
            "ENC[AES256_GCM,data:xw==,iv:AAAA,tag:A7Zyfo9u3rsGf9iR0+kYaQ==,type:str]",
            "ENC[AES128_GCM,data:xw==,iv:AAAA,tag:AAAA,type:str]",
            "ENC[AES256_GCM,data:xw,iv:AAAAAAAAAAAAAAAA,tag:A7Zyfo9u3rsGf9iR0+kYaQ==,type:str]",
        ] {
            assert_eq!(open(&key(), "a:", text).err(), Some(ValueFault::NotAToken), "{text}");
        }
    }
}
