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
/// What a token has around its data, about.
const TOKEN_LEN: usize = 128;

/// Whether `text` looks like a token: such plaintext cannot be told from ciphertext and is refused.
#[must_use]
pub fn is_token_like(text: &str) -> bool {
    text.starts_with("ENC[")
}

/// What begins `text` and looks like a token: its length, and all of it.
pub(crate) fn seal_text(text: &str) -> Option<(usize, &str)> {
    let inner = text.strip_prefix(START)?;
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=,:_".contains(&byte);
    let len = inner.bytes().position(|byte| !is_part(byte)).filter(|&end| inner[end..].starts_with(']'))?;
    let token = &text[..START.len() + len + 1];
    Some((token.len(), token))
}

/// Seals and opens the tokens of a file: AES-256-GCM under its data key, whose round keys are made only once.
pub struct Cipher {
    aes: Aes256,
    usual: AesGcm<Aes256, U32>,
}

impl Cipher {
    /// The cipher of the files of `data_key`.
    #[must_use]
    pub fn new(data_key: &DataKey) -> Self {
        let aes = Aes256::new(GenericArray::from_slice(data_key.expose()));
        Self { usual: AesGcm::from(aes.clone()), aes }
    }

    /// Seals `value`, bound to `aad`, and writes the token behind `out`.
    ///
    /// # Panics
    /// When `value` is empty (SOPS leaves empty texts as they are) or longer than AES-GCM's limit of 64 GiB.
    pub fn seal(&self, nonce: &[u8; NONCE_LEN], aad: &str, value: &Value, out: &mut String) {
        assert!(!value.bytes().is_empty(), "an empty text has no token");
        let mut buffer = Zeroizing::new(value.bytes().to_vec());
        let tag = self
            .usual
            .encrypt_in_place_detached(GenericArray::from_slice(nonce), aad.as_bytes(), &mut buffer)
            .expect("a leaf is at most 64 MiB");
        out.reserve(TOKEN_LEN + buffer.len() / 3 * 4);
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

    /// Opens the token `text`. Text behind its `]` is ignored, as SOPS does.
    ///
    /// # Errors
    /// [`ValueFault`]: no token, a changed one, one of another place, or one whose type does not fit what is in it.
    pub fn open(&self, aad: &str, text: &str) -> Result<Value, ValueFault> {
        let fields = Fields::read(text).ok_or(ValueFault::NotAToken)?;
        let (mut nonce, mut tag) = ([0; NONCE_LEN + 4], [0; TAG_LEN + 4]);
        let nonce = decode(fields.nonce, &mut nonce)?;
        let tag: [u8; TAG_LEN] = decode(fields.tag, &mut tag)?.try_into().map_err(|_| ValueFault::NotAToken)?;
        let mut plain = Zeroizing::new(STANDARD.decode(fields.data).map_err(|_| ValueFault::NotAToken)?);
        let is_open = match nonce.len() {
            12 => open_in_place(&AesGcm::<_, U12>::from(self.aes.clone()), nonce, aad, &mut plain, tag),
            16 => open_in_place(&AesGcm::<_, U16>::from(self.aes.clone()), nonce, aad, &mut plain, tag),
            NONCE_LEN => open_in_place(&self.usual, nonce, aad, &mut plain, tag),
            _ => return Err(ValueFault::NotAToken),
        };
        if !is_open {
            return Err(ValueFault::NotOpened);
        }
        let kind = Kind::of_tag(fields.kind).ok_or(ValueFault::UnknownType)?;
        Value::from_plaintext(kind, plain).ok_or(ValueFault::WrongType)
    }
}

/// The bytes of `field`, in a buffer that the longest one of its sort fits in.
fn decode<'b>(field: &str, buffer: &'b mut [u8]) -> Result<&'b [u8], ValueFault> {
    let len = STANDARD.decode_slice(field, buffer).map_err(|_| ValueFault::NotAToken)?;
    Ok(&buffer[..len])
}

fn open_in_place<N: ArrayLength<u8>>(
    cipher: &AesGcm<Aes256, N>,
    nonce: &[u8],
    aad: &str,
    buffer: &mut [u8],
    tag: [u8; TAG_LEN],
) -> bool {
    cipher.decrypt_in_place_detached(GenericArray::from_slice(nonce), aad.as_bytes(), buffer, &tag.into()).is_ok()
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
        // No base64 has a comma.
        let (data, rest) = text.strip_prefix(START)?.split_once(',')?;
        let (nonce, rest) = rest.strip_prefix("iv:")?.split_once(',')?;
        let (tag, rest) = rest.strip_prefix("tag:")?.split_once(',')?;
        let (kind, _) = rest.strip_prefix("type:")?.split_once(']')?;
        [data, nonce, tag, kind].iter().all(|field| !field.is_empty()).then_some(Self { data, nonce, tag, kind })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of the worked example in `testdata/sops/internals/fixed-datakey.json`.
    fn cipher() -> Cipher {
        let key = DataKey::from_bytes(&std::array::from_fn::<u8, 32, _>(|n| n as u8));
        Cipher::new(&key.expect("32 bytes"))
    }

    #[test]
    fn the_token_of_a_known_key_and_nonce_is_known() {
        let mut token = String::new();
        cipher().seal(&[0; 32], "a:", &Value::text("x"), &mut token);
        assert_eq!(
            token,
            "ENC[AES256_GCM,data:xw==,iv:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=,tag:A7Zyfo9u3rsGf9iR0+kYaQ==,type:str]"
        );
        assert!(cipher().open("a:", &token).is_ok_and(|value| value == Value::text("x")));
        assert!(cipher().open("a:", &format!("{token} and more")).is_ok_and(|value| value == Value::text("x")));
        assert_eq!(cipher().open("b:", &token).err(), Some(ValueFault::NotOpened));
        assert_eq!(cipher().open("a:", &token.replace("str", "int")).err(), Some(ValueFault::WrongType));
        assert_eq!(cipher().open("a:", &token.replace("str", "foo")).err(), Some(ValueFault::UnknownType));
        assert_eq!(cipher().open("a:", &token.replace("str", "bytes")).err(), Some(ValueFault::UnknownType));
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
            assert_eq!(cipher().open("a:", text).err(), Some(ValueFault::NotAToken), "{text}");
        }
    }
}
