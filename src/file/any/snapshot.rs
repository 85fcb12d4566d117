//! What a file shows to somebody without a key: its leaves, which of them are sealed, and which seals are the same as
//! in another version of the file.

use std::collections::HashMap;
use std::fmt;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::detect::sops_file;
use super::{Decrypted, Metadata, explained};
use crate::dialect::native::{DEFAULT_NAME, ID_LEN, METADATA_KEY, Role, is_token_like, is_token_like_comment};
use crate::document::sops::Store;
use crate::document::{BINARY, Format};
use crate::error::Error;
use crate::file::document::{Document, encrypted_text};
use crate::file::open::SealedFile;
use crate::file::path_query::PathQuery;
use crate::file::positions::Positions;
use crate::leaf::{Leaf, LeafKind, PathId, PathTree};

/// The leaves of one version of a file, in document order. Nothing in it is authenticated.
pub struct Snapshot {
    metadata: Option<Metadata>,
    format: &'static dyn Format,
    pub(in crate::file) paths: PathTree,
    pub(in crate::file) entries: Vec<Entry>,
    sections: Vec<String>,
    is_opened: bool,
}

/// One leaf.
pub(in crate::file) struct Entry {
    pub(in crate::file) path: PathId,
    pub(in crate::file) kind: SnapshotKind,
    pub(in crate::file) leaf_kind: LeafKind,
    pub(in crate::file) content: SnapshotContent,
    /// What a sealed leaf holds, and which sort of value that is, if it was opened.
    pub(in crate::file) opened: Option<(Zeroizing<String>, LeafKind)>,
    pub(in crate::file) line: usize,
    section: usize,
    is_selected: bool,
}

/// What a leaf is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SnapshotKind {
    /// A comment; its path is that of what it stands in.
    Comment,
    /// Not a value, but what gives one another meaning: an anchor, a tag, a directive.
    Mark,
    /// A value, empty ones and aliases among them.
    Value,
}

/// What stands in a leaf's place.
#[derive(Clone, PartialEq, Eq)]
pub enum SnapshotContent {
    /// What everybody can read, as readers of the format see it.
    Clear(Zeroizing<String>),
    /// Nothing that could be sealed: no text, an empty map, an empty list; in the sops dialect also what it leaves as it is.
    Empty,
    /// A token.
    Sealed(Seal),
}

/// A sealed leaf, as far as it can be compared without a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Seal {
    /// The whole token, link included.
    pub token: SealDigest,
    /// What holds the value. The same one says that the value is the same; another one says nothing when the data key is
    /// another one, or when the value was sealed again.
    pub seal: SealDigest,
    /// What a leaf of the native dialect keeps as long as it stays in its place under its data key.
    pub id: Option<[u8; ID_LEN]>,
}

/// The first half of a SHA-256, for comparing.
pub type SealDigest = [u8; 16];

/// One leaf of a [`Snapshot`].
#[derive(Clone, Copy)]
pub struct SnapshotLeaf<'s> {
    snapshot: &'s Snapshot,
    entry: &'s Entry,
}

impl Snapshot {
    /// Reads an encrypted file; none when it is not encrypted. Verify, steps 1 to 3: nothing is authenticated.
    ///
    /// # Errors
    /// [`Error::Metadata`] or that of the sops dialect, and what is wrong with the text or its tokens. In the sops dialect a
    /// value that should be a token and is none is no error: [`SnapshotLeaf::is_selected`] tells.
    pub fn read(bytes: &[u8], format: &'static dyn Format) -> Result<Option<Self>, Error> {
        explained(bytes, || Self::as_it_stands(bytes, format))
    }

    fn as_it_stands(bytes: &[u8], format: &'static dyn Format) -> Result<Option<Self>, Error> {
        if let Some((sealed, store)) = sops_file(bytes, format)? {
            let metadata = Metadata::of_sops(&sealed, store);
            return sealed.snapshot(metadata, format).map(Some);
        }
        let Some(text) = encrypted_text(bytes, format)? else { return Ok(None) };
        if format.detach(text, METADATA_KEY)?.is_none() {
            return Ok(None);
        }
        Self::of_native(SealedFile::read(bytes, format)?).map(Some)
    }

    /// Reads a plaintext file: all of it is clear.
    ///
    /// # Errors
    /// Those of [`Document::parse`].
    pub fn of_plain(bytes: &[u8], format: &'static dyn Format) -> Result<Self, Error> {
        let document = Document::parse(bytes, format)?;
        let mut positions = Positions::new(document.text());
        let entry = |leaf: &Leaf| {
            let content = clear(document.text(), leaf, format)?;
            Ok(Entry::new(leaf, content, (0, false), positions.next(leaf.span).line))
        };
        let entries = document.scan().leaves.iter().map(entry).collect::<Result<_, Error>>()?;
        Ok(Self::new(None, format, document.scan().paths.clone(), entries))
    }

    /// That of no file.
    #[must_use]
    pub fn empty(format: &'static dyn Format) -> Self {
        Self::new(None, format, PathTree::default(), Vec::new())
    }

    fn of_native(file: SealedFile<'_>) -> Result<Self, Error> {
        let mut positions = Positions::new(&file.body);
        let mut entries = Vec::with_capacity(file.scan.leaves.len());
        for (number, leaf) in file.scan.leaves.iter().enumerate() {
            let (role, section) = file.roles.of(number);
            let content = match file.seals.of(number) {
                // Nobody vouches for a comment: one that should be a token may be none.
                [] => clear(&file.body, leaf, file.format)?,
                seal => SnapshotContent::Sealed(Seal {
                    token: match &file.links[number] {
                        Some(link) => digest(&[seal, link]),
                        None => digest(&[seal]),
                    },
                    seal: digest(&[seal]),
                    id: seal.first_chunk().copied(),
                }),
            };
            let is_selected = matches!(role, Role::Sealed | Role::SealedComment);
            entries.push(Entry::new(leaf, content, (section, is_selected), positions.next(leaf.span).line));
        }
        Ok(Self::new(Some(Metadata::Native(file.metadata)), file.format, file.scan.paths, entries))
    }

    pub(in crate::file) fn new(
        metadata: Option<Metadata>,
        format: &'static dyn Format,
        paths: PathTree,
        entries: Vec<Entry>,
    ) -> Self {
        let sections = match &metadata {
            Some(metadata) => metadata.sections().into_iter().map(|section| section.name).collect(),
            None => vec![DEFAULT_NAME.to_owned()],
        };
        let is_opened = metadata.is_none();
        Self { metadata, format, paths, entries, sections, is_opened }
    }

    /// The metadata; none of a plaintext file.
    #[must_use]
    pub fn metadata(&self) -> Option<&Metadata> {
        self.metadata.as_ref()
    }

    /// The format.
    #[must_use]
    pub fn format(&self) -> &'static dyn Format {
        self.format
    }

    /// Adds what the sealed leaves hold, out of the decrypted file. Those of sections that were not opened stay sealed.
    ///
    /// # Errors
    /// What is wrong with the plaintext.
    pub fn open(&mut self, decrypted: Decrypted) -> Result<(), Error> {
        let is_other_format = matches!(self.metadata, Some(Metadata::Sops(_, Store::Binary)));
        let format = if is_other_format { BINARY } else { decrypted.format() };
        let plain = Self::of_plain(&decrypted.into_plaintext()?, format)?;
        let is_alike = plain.entries.len() == self.entries.len() && plain.paths == self.paths;
        let mut by_path: HashMap<(SnapshotKind, String), &Entry> = HashMap::new();
        if !is_alike {
            let values = plain.entries.iter().filter(|entry| entry.kind == SnapshotKind::Value);
            by_path.extend(values.map(|entry| ((entry.kind, plain.paths.display(entry.path).to_string()), entry)));
        }
        for (number, entry) in self.entries.iter_mut().enumerate().filter(|(_, entry)| entry.seal().is_some()) {
            let opened = match is_alike {
                true => plain.entries.get(number),
                false => by_path.get(&(entry.kind, self.paths.display(entry.path).to_string())).copied(),
            };
            entry.opened = opened.and_then(|opened| match &opened.content {
                // What was not opened stands there as it was.
                SnapshotContent::Clear(text) if !is_token_like(text) && !is_token_like_comment(text) => {
                    Some((text.clone(), opened.leaf_kind))
                }
                _ => None,
            });
        }
        self.is_opened = true;
        Ok(())
    }

    /// Whether it is known what its leaves hold, at least of some.
    pub(in crate::file) fn is_opened(&self) -> bool {
        self.is_opened
    }

    /// The name of a leaf's section.
    pub(in crate::file) fn section_name(&self, entry: &Entry) -> &str {
        &self.sections[entry.section]
    }

    /// Whether there is a section of this name.
    pub(in crate::file) fn has_section(&self, name: &str) -> bool {
        self.sections.iter().any(|section| section == name)
    }

    /// All leaves in document order.
    pub fn leaves(&self) -> impl ExactSizeIterator<Item = SnapshotLeaf<'_>> {
        self.entries.iter().map(|entry| SnapshotLeaf { snapshot: self, entry })
    }
}

impl Entry {
    /// `place` is the section's number, and whether the policy seals it.
    pub(in crate::file) fn new(leaf: &Leaf, content: SnapshotContent, place: (usize, bool), line: usize) -> Self {
        let kind = match leaf.kind {
            LeafKind::Comment => SnapshotKind::Comment,
            LeafKind::Anchor | LeafKind::Directive | LeafKind::Tag => SnapshotKind::Mark,
            _ => SnapshotKind::Value,
        };
        let (section, is_selected) = place;
        Self { path: leaf.path, kind, leaf_kind: leaf.kind, content, opened: None, section, is_selected, line }
    }

    /// Its token, if it is sealed.
    pub(in crate::file) fn seal(&self) -> Option<&Seal> {
        match &self.content {
            SnapshotContent::Sealed(seal) => Some(seal),
            SnapshotContent::Clear(_) | SnapshotContent::Empty => None,
        }
    }
}

impl<'s> SnapshotLeaf<'s> {
    /// Its path for people; that of a comment is the path of what it stands in.
    #[must_use]
    pub fn path(&self) -> String {
        self.snapshot.paths.display(self.entry.path).to_string()
    }

    /// Its path as `get` and `--extract` take it; none for the root.
    #[must_use]
    pub fn query(&self) -> Option<PathQuery> {
        let query = PathQuery::of(&self.snapshot.paths, self.entry.path)?;
        Some(if self.snapshot.format.has_dotted_keys() { query.without_quotes() } else { query })
    }

    /// The line on which it begins, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.entry.line
    }

    /// What it is.
    #[must_use]
    pub fn kind(&self) -> SnapshotKind {
        self.entry.kind
    }

    /// The same as the scan has it.
    #[must_use]
    pub fn leaf_kind(&self) -> LeafKind {
        self.entry.leaf_kind
    }

    /// The name of its section.
    #[must_use]
    pub fn section(&self) -> &'s str {
        self.snapshot.section_name(self.entry)
    }

    /// Whether the file's own policy seals it, be it sealed or not.
    #[must_use]
    pub fn is_selected(&self) -> bool {
        self.entry.is_selected
    }

    /// What stands there.
    #[must_use]
    pub fn content(&self) -> &'s SnapshotContent {
        &self.entry.content
    }

    /// Its token, if it is sealed.
    #[must_use]
    pub fn seal(&self) -> Option<&'s Seal> {
        self.entry.seal()
    }
}

/// What a leaf that is not sealed shows.
fn clear(text: &str, leaf: &Leaf, format: &dyn Format) -> Result<SnapshotContent, Error> {
    Ok(match leaf.kind {
        LeafKind::EmptyList | LeafKind::EmptyMap | LeafKind::EmptyValue | LeafKind::NoValue => SnapshotContent::Empty,
        _ => SnapshotContent::Clear(Zeroizing::new(format.decode(text, leaf)?.into_owned())),
    })
}

pub(in crate::file) fn digest(parts: &[&[u8]]) -> SealDigest {
    let hash = parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part)).finalize();
    *hash.first_chunk().expect("a hash of 32 bytes")
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Snapshot({}, {} leaves)", self.format.name(), self.entries.len())
    }
}

impl fmt::Debug for SnapshotLeaf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SnapshotLeaf({}, {:?})", self.path(), self.entry.content)
    }
}

/// Without the text: it may be that of a plaintext file.
impl fmt::Debug for SnapshotContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clear(text) => write!(f, "Clear({} bytes)", text.len()),
            Self::Empty => f.write_str("Empty"),
            Self::Sealed(seal) => write!(f, "Sealed({:02x?})", seal.seal),
        }
    }
}

#[cfg(test)]
mod tests;
