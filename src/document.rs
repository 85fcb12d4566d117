//! Documents: texts of one format, scanned for leaves, spliced, and given a metadata block.
//!
//! A format *scans* (text → leaves with path, span and kind) and says how a metadata block is attached. It never
//! parses and prints: the splicer replaces spans and copies every other byte (invariants I1 and I2).

use std::borrow::Cow;

use zeroize::Zeroizing;

use crate::error::Error;
use crate::leaf::{Leaf, PathId, PathTree, Span};

mod at_end;
#[cfg(test)]
pub(crate) mod battery;
mod binary;
pub mod block;
mod characters;
mod dotenv;
mod ini;
mod json;
mod lines;
mod properties;
pub mod sops;
pub(crate) mod spell;
mod splice;
mod toml;
mod yaml;

pub use binary::MAX_BINARY_LEN;
pub use block::Block;
pub(crate) use properties::{escape_key, escape_value};
pub use spell::{Edit, Place, Value};
pub(crate) use splice::{Spliced, Splicer};
pub(crate) use yaml::reindent;

/// Plaintext files are at most 64 MiB.
pub const MAX_PLAINTEXT_LEN: usize = 64 << 20;
/// Encrypted files are at most 512 MiB: a leaf of one byte takes some 130 when sealed, so this leaves room for four
/// million leaves, and keeps every span within 32 bits.
pub const MAX_ENCRYPTED_LEN: usize = 512 << 20;
/// Maps and lists nest at most this deep.
pub const MAX_NESTING: usize = 128;
/// One leaf is at most 16 MiB.
pub const MAX_LEAF_LEN: usize = 16 << 20;

/// The formats, in the order in which they are asked whether a file name is theirs.
pub static FORMATS: &[&dyn Format] =
    &[&yaml::Yaml, &json::Json, &toml::Toml, &ini::Ini, &properties::Properties, &dotenv::Dotenv, BINARY];

/// The format of files that no other one claims: any bytes, as one value.
pub static BINARY: &dyn Format = &binary::Binary;

/// The format that claims `file_name` (the last component of a path), by extension or by name.
#[must_use]
pub fn format_for_name(file_name: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|format| format.claims(file_name))
}

/// The format called `name`, as in `--input-type`.
#[must_use]
pub fn format_by_name(name: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|format| format.name() == name)
}

/// A file syntax.
pub trait Format: Sync {
    /// Its name, as in `--input-type`.
    fn name(&self) -> &'static str;

    /// Whether files of this name (without folders) are of this format.
    fn claims(&self, file_name: &str) -> bool;

    /// Whether keys have dots in them that part names as levels do elsewhere, where there are no maps: `db.user` in a
    /// properties file is one key.
    fn has_dotted_keys(&self) -> bool {
        false
    }

    /// Refuses characters that no text of this format may hold: verify, step 1.
    ///
    /// # Errors
    /// [`Error::ForbiddenCharacter`] with the first one.
    fn check_characters(&self, text: &str) -> Result<(), Error> {
        characters::check(text)
    }

    /// The text in which `bytes` are scanned, in formats of bytes that are no text themselves; `None` in all others.
    ///
    /// # Errors
    /// [`Error::Limit`].
    fn envelope(&self, bytes: &[u8]) -> Option<Result<Zeroizing<String>, Error>> {
        let _ = bytes;
        None
    }

    /// The bytes in an envelope: the reverse of [`Format::envelope`], `None` where that is.
    ///
    /// # Errors
    /// [`Error::Syntax`] for a text that is no envelope.
    fn open_envelope(&self, text: &str) -> Option<Result<Zeroizing<Vec<u8>>, Error>> {
        let _ = text;
        None
    }

    /// Finds every leaf of `text`, in the order in which they begin; spans do not overlap. `text` has no metadata
    /// block, and a root key that belongs to one (`sops-rs`, `sops`) is refused.
    ///
    /// # Errors
    /// [`Error::Syntax`], [`Error::DuplicateKey`] or [`Error::Limit`]; never with text from the file but a key.
    fn scan(&self, text: &str) -> Result<Scan, Error>;

    /// The value that a reader of this format takes from a leaf of kind [`LeafKind::Plain`](crate::leaf::LeafKind) or `Quoted`:
    /// unquoted, unescaped, folded. For other kinds the source text.
    ///
    /// # Errors
    /// [`Error::Syntax`] when `leaf` is not a leaf of `text`.
    fn decode<'t>(&self, text: &'t str, leaf: &Leaf) -> Result<Cow<'t, str>, Error>;

    /// What a link covers of a clear value: its meaning, so that a formatter may write it otherwise, but in formats
    /// whose readers disagree about that the source text.
    ///
    /// # Errors
    /// Those of [`Format::decode`].
    fn pinned<'t>(&self, text: &'t str, leaf: &Leaf) -> Result<Cow<'t, str>, Error> {
        self.decode(text, leaf)
    }

    /// Whether `source`, read alone where `leaf` stands, is exactly one leaf of its sort (a value, or a comment) that
    /// fills it. `leaf.indent` is the indentation of its parent; `leaf.carrier` tells flow from block context.
    ///
    /// This is what keeps the holder of one section's key from smuggling other leaves in (verify, step 8).
    fn is_one_leaf(&self, source: &str, leaf: &Leaf) -> bool;

    /// The change of `text`, whose scan is `scan`, that writes `value` at `place`: in the style of what stands there, or
    /// around it. Whether the result holds what was meant is for the caller to find out, with another scan.
    ///
    /// # Errors
    /// [`Error::Unrepresentable`] for a value or key that the format cannot hold there.
    fn spell(&self, text: &str, scan: &Scan, place: Place<'_>, value: &Value) -> Result<Edit, Error>;

    /// The change of `text` that takes out the entry or item at `path`, with its line and the comment on it. Nothing
    /// but that is checked.
    ///
    /// # Errors
    /// [`Error::Unrepresentable`] for what cannot be taken out, such as a root.
    fn remove(&self, text: &str, scan: &Scan, path: PathId) -> Result<Edit, Error>;

    /// How [`Format::attach`] lays out `body` and its block.
    fn layout(&self, body: &str, scan: &Scan) -> Layout;

    /// `body` with the metadata block behind it, under the root key `key`. `layout` is this
    /// format's for `body`, and `root` the root that a scan of it finds.
    fn attach(&self, body: &str, layout: Layout, root: Root, key: &str, block: &Block) -> String;

    /// Takes the metadata block under the root key `key` off `text`. `None` when there is none.
    ///
    /// # Errors
    /// [`Error::Metadata`] when there is a block in another spelling than the one that `attach` writes (indentation
    /// and line endings aside), or when anything stands behind it.
    fn detach<'t>(&self, text: &'t str, key: &str) -> Result<Option<Detached<'t>>, Error>;

    /// The body, given what [`Format::detach`] left and the layout that the metadata tell: the exact reverse of
    /// [`Format::attach`].
    ///
    /// # Errors
    /// [`Error::Metadata`] when `rest` does not have that layout.
    fn body<'t>(&self, rest: Cow<'t, str>, layout: Layout) -> Result<Cow<'t, str>, Error>;
}

/// What a scan found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// The leaves in document order.
    pub leaves: Vec<Leaf>,
    /// Their paths.
    pub paths: PathTree,
    /// How many documents the text holds: always 1 but in YAML, where an empty text has none.
    pub documents: u64,
    /// What the root of the last document is, and where.
    pub root: Root,
}

/// A scan with the keys of its maps: what the sops dialect needs, whose metadata may stand anywhere.
pub(crate) struct KeyedScan {
    /// The leaves.
    pub(crate) scan: Scan,
    /// The entries of all maps, and where the key of each begins.
    pub(crate) keys: Vec<(PathId, u32)>,
}

/// The root of the (last) document, as far as attaching a block needs to know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root {
    /// A map to which a further key can be added: a YAML block mapping without a `...` behind it, a JSON object, any
    /// dotenv text. The span is the map's.
    Map(Span),
    /// Anything else: the block needs a document of its own (YAML) or a map around the root (JSON).
    Other(Span),
}

/// How a body and its block lie in one text. The first two are told by the authenticated metadata, since the text
/// alone does not tell them; the third one shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// The body had no line break at its end; the one before the block was added.
    pub newline_added: bool,
    /// The root was not an object and stands under the key `data` of one (JSON).
    pub wrapped: bool,
    /// The block stands in a document of its own, behind a line `---` (YAML).
    pub separate: bool,
}

/// A text taken apart.
#[derive(Debug)]
pub struct Detached<'t> {
    /// The text without its block (and without the line `---` of a separate one), but with an added line break and
    /// wrapping still on it: [`Format::body`] takes them off.
    pub rest: Cow<'t, str>,
    /// Whether the block stood in a document of its own.
    pub separate: bool,
    /// The block.
    pub block: Block,
    /// The line of the text (from 1) on which the block begins.
    pub line: usize,
}
