//! Any bytes: one value in an envelope of JSON, as base64.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::document::json::Json;
use crate::document::spell::refusal;
use crate::document::{Block, Detached, Edit, Format, Layout, MAX_LEAF_LEN, Place, Root, Scan, Value};
use crate::error::Error;
use crate::leaf::{Leaf, LeafKind, PathId, PathTree, Segment};

/// A binary file is at most this long, in bytes: the longest whose base64, with its quotes, is still one leaf (some 12 MiB).
pub const MAX_BINARY_LEN: usize = (MAX_LEAF_LEN - 2) / 4 * 3;

const BEFORE: &str = "{\n  \"data\": \"";
const BEHIND: &str = "\"\n}\n";

/// Binary.
///
/// The text is a JSON object with the one key `data`, whose value is the file's bytes in base64 (RFC 4648, section 4, with padding). It
/// claims no name: it is for files that no other format claims.
#[derive(Debug)]
pub(crate) struct Binary;

impl Format for Binary {
    fn name(&self) -> &'static str {
        "binary"
    }

    fn claims(&self, _: &str) -> bool {
        false
    }

    fn check_characters(&self, text: &str) -> Result<(), Error> {
        Json.check_characters(text)
    }

    fn envelope(&self, bytes: &[u8]) -> Option<Result<Zeroizing<String>, Error>> {
        if bytes.len() > MAX_BINARY_LEN {
            let what = "the length of a binary file in bytes";
            return Some(Err(Error::Limit { what, limit: MAX_BINARY_LEN as u64, at: None }));
        }
        let len = BEFORE.len() + bytes.len().div_ceil(3) * 4 + BEHIND.len();
        let mut text = Zeroizing::new(String::with_capacity(len));
        text.push_str(BEFORE);
        STANDARD.encode_string(bytes, &mut text);
        text.push_str(BEHIND);
        Some(Ok(text))
    }

    fn open_envelope(&self, text: &str) -> Option<Result<Zeroizing<Vec<u8>>, Error>> {
        let open = || {
            let scan = self.scan(text)?;
            let source = scan.leaves.first().map_or("", |leaf| leaf.span.of(text)).trim_matches('"');
            let mut bytes = Zeroizing::new(Vec::with_capacity(source.len() / 4 * 3));
            match STANDARD.decode_vec(source, &mut bytes) {
                Ok(()) => Ok(bytes),
                Err(_) => Err(Error::syntax(text, 0, "the data of a binary file is not base64")),
            }
        };
        Some(open())
    }

    fn scan(&self, text: &str) -> Result<Scan, Error> {
        let scan = Json.scan(text)?;
        let is_data = |leaf: &Leaf| {
            let key = Segment::Key { text: "data", quoted: true };
            leaf.kind == LeafKind::Quoted
                && scan.paths.parent(leaf.path) == PathTree::ROOT
                && scan.paths.last(leaf.path) == Some(key)
        };
        match &scan.leaves[..] {
            [leaf] if is_data(leaf) => Ok(scan),
            _ => Err(Error::syntax(text, 0, "expected an object with the one key `data`, as of a binary file")),
        }
    }

    fn decode<'t>(&self, text: &'t str, leaf: &Leaf) -> Result<Cow<'t, str>, Error> {
        Json.decode(text, leaf)
    }

    fn is_one_leaf(&self, source: &str, leaf: &Leaf) -> bool {
        source.starts_with('"') && Json.is_one_leaf(source, leaf)
    }

    fn spell(&self, _: &str, scan: &Scan, place: Place<'_>, _: &Value) -> Result<Edit, Error> {
        Err(refusal(scan, place, "a binary file is one value: encrypt it anew"))
    }

    fn remove(&self, _: &str, scan: &Scan, path: PathId) -> Result<Edit, Error> {
        Err(refusal(scan, Place::At(path), "a binary file is one value"))
    }

    fn layout(&self, body: &str, scan: &Scan) -> Layout {
        Json.layout(body, scan)
    }

    fn attach(&self, body: &str, layout: Layout, root: Root, key: &str, block: &Block) -> String {
        Json.attach(body, layout, root, key, block)
    }

    /// Text that is not an envelope is not encrypted, whatever stands in it.
    fn detach<'t>(&self, text: &'t str, key: &str) -> Result<Option<Detached<'t>>, Error> {
        let behind = |text: &'t str, sign| text.trim_start().strip_prefix(sign);
        let data = behind(text.trim_start_matches('\u{feff}'), "{").and_then(|inside| behind(inside, "\"data\""));
        let is_envelope =
            data.and_then(|rest| behind(rest, ":")).is_some_and(|rest| rest.trim_start().starts_with('"'));
        if is_envelope { Json.detach(text, key) } else { Ok(None) }
    }

    fn body<'t>(&self, rest: Cow<'t, str>, layout: Layout) -> Result<Cow<'t, str>, Error> {
        if layout.wrapped {
            return Err(Error::Metadata {
                line: 0,
                what: "the envelope of a binary file is an object, it is not wrapped",
            });
        }
        Json.body(rest, layout)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::document::{BINARY, battery, format_for_name};

    #[test]
    fn the_battery() {
        for text in ["{\n  \"data\": \"AAEC\"\n}\n", "{\"data\":\"\"}", " { \"data\" : \"x y\" } "] {
            assert!(battery::check(&Binary, text), "{text:?}");
        }
    }

    #[test]
    fn nothing_but_an_envelope_is_accepted() {
        for bad in [
            "",
            "{}",
            "[]",
            "\"AAEC\"",
            "{\"data\":1}",
            "{\"date\":\"AAEC\"}",
            "{\"data\":[\"AAEC\"]}",
            "{\"data\":{\"data\":\"AAEC\"}}",
            "{\"data\":\"AAEC\",\"more\":\"AAEC\"}",
            "{\"data\":\"AAEC\"",
            "data: AAEC",
        ] {
            assert!(matches!(Binary.scan(bad), Err(Error::Syntax { .. })), "{bad:?}");
        }
        for bad in ["AAE", "AAF=", "AA EC", "AAEC\\n", "AAEC=", "AAEC-_"] {
            let opened = Binary.open_envelope(&format!("{{\"data\":\"{bad}\"}}"));
            assert!(matches!(opened, Some(Err(Error::Syntax { .. }))), "{bad:?}");
        }
    }

    #[test]
    fn text_that_speaks_of_metadata_is_not_encrypted() {
        for text in ["\"sops-rs\"", "{\"sops-rs\": not JSON", "the key \"sops-rs\" is reserved\n", "\u{0}\u{1}"] {
            assert!(matches!(Binary.detach(text, "sops-rs"), Ok(None)), "{text:?}");
        }
        assert!(Binary.detach("{\"data\":\"AAEC\",\"sops-rs\":{}}", "sops-rs").is_err());
        assert!(Binary.detach("{\"data\":\"AAEC\",\"sops-rs\":{\"a\"", "sops-rs").is_err());
    }

    #[test]
    fn the_length_is_bounded() {
        let text = Binary.envelope(&vec![0; MAX_BINARY_LEN]).expect("an envelope").expect("within the limit");
        let scan = Binary.scan(&text).expect("an envelope");
        assert!(scan.leaves[0].span.len() <= MAX_LEAF_LEN);
        let what = "the length of a binary file in bytes";
        let limit = Error::Limit { what, limit: MAX_BINARY_LEN as u64, at: None };
        assert_eq!(Binary.envelope(&vec![0; MAX_BINARY_LEN + 1]).map(|text| text.err()), Some(Some(limit)));
    }

    #[test]
    fn no_name_is_claimed() {
        for name in ["cert.pem", "id_rsa", "a.p12", "binary"] {
            assert!(format_for_name(name).is_none(), "{name}");
        }
        assert_eq!(BINARY.name(), "binary");
    }

    proptest! {
        #[test]
        fn any_bytes_come_back(bytes: Vec<u8>) {
            let text = Binary.envelope(&bytes).expect("an envelope").expect("within the limit");
            prop_assert!(battery::check(&Binary, &text));
            let opened = Binary.open_envelope(&text).expect("an envelope").expect("base64");
            prop_assert_eq!(&*opened, &bytes);
        }

        #[test]
        fn garbage_never_panics(text: String) {
            battery::check(&Binary, &text);
            let _ = Binary.detach(&text, "sops-rs");
            let _ = Binary.open_envelope(&text);
        }
    }
}
