//! The metadata block as typed data (format spec, "Metadata").
//!
//! Reading is strict: an unknown field, another order or another spelling of a value is refused, never dropped.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use hmac::Mac;

use super::encoding::{put_list, put_lp, put_optional, put_u64};
use super::section_keys::{KEY_ID_LEN, SectionKeys};
use crate::document::Layout;
use crate::keys::WrappedKey;
use crate::select::{ClearValues, CommentPolicy, PathGlob, Selection};

mod fields;

/// The root key of the block.
pub const METADATA_KEY: &str = "sops-rs";
/// The version that is written, and the only one that is read.
const VERSION: u64 = 1;
/// The name of the section that every file has; it is the first one.
pub const DEFAULT_NAME: &str = "default";
/// Its index.
pub(super) const DEFAULT: u16 = 0;
/// A file has at most this many sections.
pub(crate) const MAX_SECTIONS: usize = 64;
/// A section has at most this many recipients.
const MAX_RECIPIENTS: usize = 1024;
/// A file has at most this many proposals.
const MAX_PROPOSALS: usize = 1024;

/// Which leaves are sealed, and what may be changed by anybody. A change of it makes new data keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Whether comments are sealed.
    pub comments: CommentPolicy,
    /// Whether clear values are covered by links.
    pub clear_values: ClearValues,
    /// Which values are sealed.
    pub selection: Selection,
    /// The paths of each section but the default one, in the order of [`Metadata::sections`].
    pub sections: Vec<Vec<PathGlob>>,
}

/// One reader of a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    /// The label.
    pub name: String,
    /// The number of its key group, from 1, in a section that has a threshold.
    pub group: Option<u8>,
    /// The public key: this is who the reader is.
    pub recipient: String,
    /// The data key, or the share of it that belongs to its key group, wrapped to it: an age file.
    pub wrapped_key: WrappedKey,
}

/// One section of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its name; the first one is `default`.
    pub name: String,
    /// Binds the first sealed leaf.
    pub start: [u8; 32],
    /// The public id of its data key.
    pub key_id: [u8; KEY_ID_LEN],
    /// How many of its key groups are needed to open it; none when each reader does alone.
    pub threshold: Option<u8>,
    /// Who can read it, by name.
    pub readers: Vec<Reader>,
    /// After a rotation: made with the data key before.
    pub follows: Option<[u8; 32]>,
    /// Authenticates everything here but `start`.
    pub mac: [u8; 32],
}

/// A value that somebody without access put forward. No MAC covers it, and nothing but `accept` uses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// For which leaf; the sealed part says it again.
    pub path: String,
    /// An age file to the section's recipients.
    pub age_file: Vec<u8>,
    /// Why.
    pub note: Option<String>,
}

/// Everything in the block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// What is sealed.
    pub policy: Policy,
    /// The two fields of a layout that the text does not tell.
    pub layout: Layout,
    /// `default` first, the others by name.
    pub sections: Vec<Section>,
    /// Open proposals.
    pub proposals: Vec<Proposal>,
}

impl Metadata {
    /// The metadata MAC of the section number `index`, to be stored in it or compared with what is stored.
    ///
    /// It covers every field of the section but `start` and `mac`; that of `default` also the version, the policy,
    /// the layout, and what tells the other sections apart. It does not depend on the body, so that adding a reader
    /// and changing a value merge.
    pub(crate) fn mac(&self, index: usize, keys: &SectionKeys) -> [u8; 32] {
        let section = &self.sections[index];
        let mut message = Vec::new();
        if index == 0 {
            put_list(&mut message, self.policy.selection.encrypt.iter().map(|glob| glob.as_str().as_bytes()));
            put_list(&mut message, self.policy.selection.clear.iter().map(|glob| glob.as_str().as_bytes()));
        } else {
            self.put_paths(&mut message, index);
        }
        put_lp(&mut message, &section.key_id);
        let readers: Vec<Vec<u8>> = section.readers.iter().map(Reader::bytes).collect();
        put_list(&mut message, readers.iter().map(Vec::as_slice));
        put_optional(&mut message, section.follows.as_ref().map(|follows| &follows[..]));
        if index == 0 {
            put_u64(&mut message, VERSION);
            put_lp(&mut message, self.policy.comments.as_str().as_bytes());
            put_lp(&mut message, self.policy.clear_values.as_str().as_bytes());
            put_optional(&mut message, self.layout.newline_added.then_some(b"added"));
            put_optional(&mut message, self.layout.wrapped.then_some(b"true"));
            let others: Vec<Vec<u8>> = (1..self.sections.len()).map(|index| self.other_section_bytes(index)).collect();
            put_list(&mut message, others.iter().map(Vec::as_slice));
        }
        section.put_key_groups(&mut message);
        keys.mac("sops-rs/1 meta", &section.name).chain_update(&message).finalize().into_bytes().into()
    }

    fn other_section_bytes(&self, index: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        put_lp(&mut bytes, self.sections[index].name.as_bytes());
        self.put_paths(&mut bytes, index);
        put_lp(&mut bytes, &self.sections[index].key_id);
        bytes
    }

    fn put_paths(&self, out: &mut Vec<u8>, index: usize) {
        put_list(out, self.policy.sections[index - 1].iter().map(|glob| glob.as_str().as_bytes()));
    }
}

impl Reader {
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        put_lp(&mut bytes, self.name.as_bytes());
        put_lp(&mut bytes, self.recipient.as_bytes());
        put_lp(&mut bytes, self.wrapped_key.as_bytes());
        bytes
    }
}

/// Base64 as everywhere in the format: standard alphabet, no padding.
fn base64(bytes: &[u8]) -> String {
    STANDARD_NO_PAD.encode(bytes)
}
