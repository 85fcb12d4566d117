//! What a version of a file leaves behind for those who look for it in later versions: seals, and the marks of data keys.

use std::collections::HashSet;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::Metadata;
use super::snapshot::{Seal, SealDigest, Snapshot, SnapshotKind, digest};
use crate::config::Dialect;
use crate::dialect::native::{ID_LEN, KEY_ID_LEN, read_token};

/// The tokens of the values in one version of a file, and what its metadata show.
///
/// It is found by its spelling, wherever it stands: a history has many versions, of which some may not be well-formed, and
/// reading each as [`Snapshot`](super::Snapshot) does takes ten times as long.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Trace {
    dialect: Option<Dialect>,
    tokens: HashSet<SealDigest>,
    seals: HashSet<SealDigest>,
    ids: HashSet<[u8; ID_LEN]>,
    key_ids: Vec<[u8; KEY_ID_LEN]>,
    starts: Vec<[u8; KEY_ID_LEN]>,
}

impl Trace {
    /// Reads any text; what is none leaves nothing.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut trace = Self::default();
        let Ok(text) = std::str::from_utf8(bytes) else { return trace };
        trace.read_native(text);
        if trace.dialect.is_none() {
            trace.read_sops(text);
        }
        trace
    }

    /// The same of what a file that was read really holds: not of what only looks like a token, in a comment for one.
    #[must_use]
    pub fn of_snapshot(snapshot: &Snapshot) -> Self {
        let mut trace = Self { dialect: snapshot.metadata().map(Metadata::dialect), ..Self::default() };
        let values = snapshot.leaves().filter(|leaf| leaf.kind() == SnapshotKind::Value);
        for seal in values.filter_map(|leaf| leaf.seal().copied()) {
            trace.tokens.insert(seal.token);
            trace.seals.insert(seal.seal);
            trace.ids.extend(seal.id);
        }
        if let Some(Metadata::Native(metadata)) = snapshot.metadata() {
            trace.key_ids = metadata.sections.iter().map(|section| section.key_id).collect();
            trace.starts = metadata.sections.iter().map(|section| section.start).collect();
        }
        trace
    }

    /// The dialect; none of a text that is no encrypted file.
    #[must_use]
    pub fn dialect(&self) -> Option<Dialect> {
        self.dialect
    }

    /// Whether this very token stands in it, with its link.
    #[must_use]
    pub fn has_token(&self, seal: &Seal) -> bool {
        self.tokens.contains(&seal.token)
    }

    /// Whether this seal stands in it, whatever follows.
    #[must_use]
    pub fn has_seal(&self, seal: &Seal) -> bool {
        self.seals.contains(&seal.seal)
    }

    /// Whether the leaf of this seal stands in it, perhaps with another value.
    #[must_use]
    pub fn has_leaf(&self, seal: &Seal) -> bool {
        match &seal.id {
            Some(id) => self.ids.contains(id),
            None => self.has_seal(seal),
        }
    }

    /// Whether a section of it has the data key of this id.
    #[must_use]
    pub fn has_key(&self, key_id: &[u8; KEY_ID_LEN]) -> bool {
        self.key_ids.contains(key_id)
    }

    /// Whether a section of it begins like this.
    #[must_use]
    pub fn has_start(&self, start: &[u8; KEY_ID_LEN]) -> bool {
        self.starts.contains(start)
    }

    fn read_native(&mut self, text: &str) {
        let mut seal = Vec::new();
        for (at, _) in text.match_indices("ENC[1:") {
            let Some(len) = text[at..].find(']') else { break };
            seal.clear();
            // That of a comment has no link: nobody vouches for comments.
            let Some(link) = read_token(&text[at..=at + len], &mut seal) else { continue };
            self.dialect = Some(Dialect::Native);
            self.tokens.insert(digest(&[&seal, &link]));
            self.seals.insert(digest(&[&seal]));
            self.ids.extend(seal.first_chunk());
        }
        if self.dialect.is_some() {
            self.key_ids = marks(text, "key_id").collect();
            self.starts = marks(text, "start").collect();
        }
    }

    fn read_sops(&mut self, text: &str) {
        for (at, _) in text.match_indices("ENC[AES256_GCM,") {
            let Some(len) = text[at..].find(']') else { break };
            let token = &text[at..=at + len];
            self.dialect = Some(Dialect::Sops);
            self.seals.insert(digest(&[token.as_bytes()]));
        }
        self.tokens = self.seals.clone();
    }
}

/// The values of a field of metadata, in the spelling of any format: 32 bytes in base64.
fn marks<'t>(text: &'t str, field: &'t str) -> impl Iterator<Item = [u8; KEY_ID_LEN]> + 't {
    const LEN: usize = (KEY_ID_LEN * 4).div_ceil(3);
    text.match_indices(field).filter_map(|(at, _)| {
        let value = text[at + field.len()..].trim_start_matches(['"', ' ', ':', '=']).get(..LEN)?;
        STANDARD_NO_PAD.decode(value).ok()?.try_into().ok()
    })
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Trace({:?}, {} seals)", self.dialect, self.seals.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{FORMATS, format_by_name};
    use crate::file::{self, Plan};
    use crate::keys::{NoInteraction, Recipient};

    const ALICE: &str = "age1a7ff2kfnj70rrs077vgzk2gerld26pm0ak877jtav9d9xezqfdnses37gs";
    const SOPS: &str = include_str!("../../../testdata/sops/positive/yaml-comments.enc.yaml");

    #[test]
    fn a_trace_is_that_of_the_snapshot_in_every_format() {
        let plan = Plan::for_recipients([("alice".to_owned(), Recipient::parse(ALICE).expect("a recipient"))]);
        for format in FORMATS {
            let text = match format.name() {
                "json" => "{\"a\": 1, \"b\": [2, \"x\"]}\n",
                "yaml" => "# c\na: 1\nb: [2, x]\nstart: 3\nkey_id: x\n",
                "ini" => "[s]\na = 1\nb = 2\n",
                "toml" => "a = 1\nb = [2, 'x']\n",
                _ => "A=1\nB=2\n",
            };
            let document = file::Document::parse(text.as_bytes(), *format).expect("well-formed");
            let encrypted = file::encrypt(&document, &plan, &NoInteraction).expect("encrypted").text;
            let trace = Trace::of(encrypted.as_bytes());
            let snapshot = Snapshot::read(encrypted.as_bytes(), *format).expect("well-formed").expect("encrypted");
            let values = snapshot.leaves().filter(|leaf| leaf.leaf_kind().is_value());
            let seals: Vec<_> = values.filter_map(|leaf| leaf.seal()).collect();
            let is_in = |seal: &&Seal| trace.has_token(seal) && trace.has_seal(seal) && trace.has_leaf(seal);
            assert!(seals.iter().all(is_in), "{}", format.name());
            let sizes = [trace.tokens.len(), trace.seals.len(), trace.ids.len()];
            assert_eq!(sizes, [seals.len(); 3], "{}", format.name());
            assert_eq!(Trace::of_snapshot(&snapshot), trace, "{}", format.name());
            let Some(Metadata::Native(metadata)) = snapshot.metadata() else { panic!("{}", format.name()) };
            let section = &metadata.sections[0];
            assert!(trace.has_key(&section.key_id) && trace.has_start(&section.start), "{}", format.name());
            assert_eq!((trace.dialect(), trace.key_ids.len(), trace.starts.len()), (Some(Dialect::Native), 1, 1));
        }
    }

    #[test]
    fn a_trace_of_sops_is_that_of_the_snapshot() {
        let yaml = format_by_name("yaml").expect("a format");
        let (trace, snapshot) = (Trace::of(SOPS.as_bytes()), Snapshot::read(SOPS.as_bytes(), yaml));
        let snapshot = snapshot.expect("well-formed").expect("encrypted");
        assert!(snapshot.leaves().filter_map(|leaf| leaf.seal()).all(|seal| trace.has_token(seal)));
        assert_eq!(trace.dialect(), Some(Dialect::Sops));
        let whole = Trace::of_snapshot(&snapshot);
        assert_eq!(whole.dialect(), trace.dialect());
        assert!(!whole.seals.is_empty() && whole.seals.is_subset(&trace.seals));
    }

    #[test]
    fn no_text_is_too_odd() {
        for text in ["", "ENC[1:", "ENC[1:]", "ENC[1:é]", "ENC[AES256_GCM,", "key_id: é", "ENC[1:a:b]key_id"] {
            assert_eq!(Trace::of(text.as_bytes()).dialect(), None, "{text}");
        }
        assert_eq!(Trace::of(b"\xff"), Trace::default());
    }
}
