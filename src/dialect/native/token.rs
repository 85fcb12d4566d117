//! Tokens: sealed leaves as text (format spec, "Tokens").
//!
//! `ENC[1:SEAL:LINK]`, for a comment `ENC[1:SEAL]`; base64 without padding, in the one canonical spelling. A token
//! holds no character that means anything in YAML block context, dotenv or INI.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::chain::LINK_LEN;
use super::seal::MIN_SEAL_LEN;

const PREFIX: &str = "ENC[1:";

/// Whether a source text, quotes aside, begins as tokens of any dialect do. Such plaintext is refused, and so is
/// such a clear value: it would be taken for a token.
pub(crate) fn is_token_like(source: &str) -> bool {
    source.trim_start_matches([' ', '\t', '"', '\'', '`']).starts_with("ENC[")
}

/// Whether a comment, its sign aside, begins as a token does.
pub(crate) fn is_token_like_comment(source: &str) -> bool {
    is_token_like(source.trim_start_matches(['#', ';', '!']))
}

/// Appends a token.
pub(crate) fn write_token(seal: &[u8], link: &[u8; LINK_LEN], out: &mut String) {
    out.push_str(PREFIX);
    STANDARD_NO_PAD.encode_string(seal, out);
    out.push(':');
    STANDARD_NO_PAD.encode_string(link, out);
    out.push(']');
}

/// Appends a comment's token.
pub(crate) fn write_comment_token(seal: &[u8], out: &mut String) {
    out.push_str(PREFIX);
    STANDARD_NO_PAD.encode_string(seal, out);
    out.push(']');
}

/// How long a token for a seal of `seal_len` bytes is.
pub(crate) fn token_len(seal_len: usize) -> usize {
    PREFIX.len() + (seal_len * 4).div_ceil(3) + 1 + (LINK_LEN * 4).div_ceil(3) + 1
}

/// Reads the token that fills `source`, which may stand in one pair of quotes: they only carry it. Appends the seal
/// to `seals`; gives the link. `None`, with `seals` as it was, when there is anything but one canonical token.
pub(crate) fn read_token(source: &str, seals: &mut Vec<u8>) -> Option<[u8; LINK_LEN]> {
    let inner = carried(source).strip_prefix(PREFIX)?.strip_suffix(']')?;
    let (seal, link) = inner.split_once(':')?;
    let mut link_bytes = [0; LINK_LEN];
    if STANDARD_NO_PAD.decode_slice(link, &mut link_bytes).ok()? != LINK_LEN {
        return None;
    }
    read_seal(seal, seals)?;
    Some(link_bytes)
}

/// Reads the token of a comment: a sign, one blank, the token. Appends the seal to `seals`.
pub(crate) fn read_comment_token(source: &str, seals: &mut Vec<u8>) -> Option<()> {
    let seal = source.strip_prefix(['#', ';'])?.strip_prefix(' ')?.strip_prefix(PREFIX)?.strip_suffix(']')?;
    read_seal(seal, seals)
}

/// What begins `text` and looks like a token, canonical or not: its length, and the seal in it.
pub(crate) fn seal_text(text: &str) -> Option<(usize, &str)> {
    let base64 = |text: &str| text.bytes().position(|byte| !(byte.is_ascii_alphanumeric() || b"+/".contains(&byte)));
    let inner = text.strip_prefix(PREFIX)?;
    let seal = &inner[..base64(inner)?];
    let behind = &inner[seal.len()..];
    let end = match behind.strip_prefix(':') {
        Some(link) => seal.len() + 1 + base64(link)?,
        None => seal.len(),
    };
    let is_token = !seal.is_empty() && inner[end..].starts_with(']');
    is_token.then_some((PREFIX.len() + end + 1, seal))
}

fn read_seal(text: &str, seals: &mut Vec<u8>) -> Option<()> {
    let start = seals.len();
    if STANDARD_NO_PAD.decode_vec(text, seals).is_err() || !is_seal_len(seals.len() - start) {
        seals.truncate(start);
        return None;
    }
    Some(())
}

fn is_seal_len(len: usize) -> bool {
    len >= MIN_SEAL_LEN && (len - MIN_SEAL_LEN).is_multiple_of(32)
}

fn carried(source: &str) -> &str {
    for quote in ['"', '\'', '`'] {
        if let Some(inner) = source.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return inner;
        }
    }
    source
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> String {
        let mut token = String::new();
        write_token(&[7; MIN_SEAL_LEN + 32], &[9; LINK_LEN], &mut token);
        assert_eq!(token.len(), token_len(MIN_SEAL_LEN + 32));
        token
    }

    fn reads(source: &str) -> bool {
        let mut seals = vec![1];
        let read = read_token(source, &mut seals);
        assert_eq!(seals.len() > 1, read.is_some());
        read.is_some()
    }

    #[test]
    fn tokens_are_read_with_and_without_quotes() {
        let token = token();
        assert!(reads(&token));
        assert!(reads(&format!("\"{token}\"")));
        assert!(reads(&format!("'{token}'")));
        let mut seals = Vec::new();
        assert_eq!(read_token(&token, &mut seals), Some([9; LINK_LEN]));
        assert_eq!(seals, [7; MIN_SEAL_LEN + 32]);
    }

    #[test]
    fn nothing_but_the_canonical_spelling_is_read() {
        let token = token();
        let link_at = token.rfind(':').expect("a link");
        let mut other_bits = token.clone();
        other_bits.replace_range(token.len() - 2..token.len() - 1, "R");
        for bad in [
            format!(" {token}"),
            format!("{token} "),
            format!("\"{token}'"),
            format!("\"\"{token}\"\""),
            token.replace("ENC[1:", "ENC[2:"),
            token.replace("ENC[1:", "enc[1:"),
            token.replace("]", ""),
            format!("{}=]", &token[..token.len() - 1]),
            format!("{}]", &token[..link_at]),
            other_bits,
            token.replacen("Bw", "B", 1),
            token.replacen("Bw", "B\n", 1),
            String::new(),
            "ENC[1::]".into(),
        ] {
            assert!(!reads(&bad), "{bad}");
        }
    }

    #[test]
    fn comment_tokens_have_a_sign_and_one_blank() {
        let mut token = String::from("# ");
        write_comment_token(&[7; MIN_SEAL_LEN], &mut token);
        let mut seals = Vec::new();
        assert_eq!(read_comment_token(&token, &mut seals), Some(()));
        for bad in [token.replace("# ", "#"), token.replace("# ", "#  "), format!("{token} "), token.replace('#', "%")]
        {
            assert_eq!(read_comment_token(&bad, &mut seals), None, "{bad}");
        }
        assert_eq!(seals.len(), MIN_SEAL_LEN);
    }

    #[test]
    fn plaintext_that_looks_like_a_token_is_known() {
        for source in ["ENC[", "\"ENC[1:", " 'ENC[AES256_GCM,", "ENC[x"] {
            assert!(is_token_like(source), "{source}");
        }
        assert!(is_token_like_comment("# ENC[1:") && is_token_like_comment("! ENC[1:"));
        assert!(!is_token_like("ENC (old)"));
    }
}
