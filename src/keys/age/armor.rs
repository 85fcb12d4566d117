//! The armored form of age files (C2SP age, "ASCII armor"), in which files of SOPS hold them.

use std::io::Read as _;

use ::age::armor::ArmoredReader;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::keys::WRAPPED_KEY_LIMIT;

/// How an armored age file begins.
const ARMOR_START: &str = "-----BEGIN AGE ENCRYPTED FILE-----";
const ARMOR_END: &str = "-----END AGE ENCRYPTED FILE-----";

/// 64 characters of base64.
const ARMOR_LINE_BYTES: usize = 48;

/// The age file `wrapped` in its armored form. The crate's writer would end lines with CRLF on Windows, in files that are
/// the same everywhere.
pub(in crate::keys) fn write(wrapped: &[u8]) -> String {
    let mut armored = format!("{ARMOR_START}\n");
    for line in wrapped.chunks(ARMOR_LINE_BYTES) {
        STANDARD.encode_string(line, &mut armored);
        armored.push('\n');
    }
    armored + ARMOR_END + "\n"
}

/// The age file whose armored form `text` is, white space around it aside.
pub(in crate::keys) fn read(text: &str) -> Option<Vec<u8>> {
    let mut wrapped = Vec::with_capacity(text.len());
    let text = text.trim_start();
    if !text.starts_with(ARMOR_START) {
        return None;
    }
    ArmoredReader::new(text.as_bytes()).take(WRAPPED_KEY_LIMIT as u64 + 1).read_to_end(&mut wrapped).ok()?;
    Some(wrapped)
}
