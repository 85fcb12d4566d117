//! What a file shows to somebody without a key: its leaves, which of them are sealed, and which seals are the same as
//! in another version of the file.

use std::fmt;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::Metadata;
use super::detect::sops_file;
use crate::dialect::native::{DEFAULT_NAME, ID_LEN, METADATA_KEY, Role};
use crate::document::Format;
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
}

/// One leaf.
pub(in crate::file) struct Entry {
    pub(in crate::file) path: PathId,
    pub(in crate::file) kind: SnapshotKind,
    pub(in crate::file) leaf_kind: LeafKind,
    pub(in crate::file) content: SnapshotContent,
    pub(in crate::file) section: usize,
    is_selected: bool,
    line: usize,
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
        Self { metadata, format, paths, entries, sections }
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
        Self { path: leaf.path, kind, leaf_kind: leaf.kind, content, section, is_selected, line }
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
        &self.snapshot.sections[self.entry.section]
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
        match &self.entry.content {
            SnapshotContent::Sealed(seal) => Some(seal),
            SnapshotContent::Clear(_) | SnapshotContent::Empty => None,
        }
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
mod tests {
    use super::*;
    use crate::document::format_by_name;
    use crate::file::{self, IdentityUnlock, Plan};
    use crate::keys::{Identities, NoInteraction, Recipient};

    const ALICE: &str = "age1a7ff2kfnj70rrs077vgzk2gerld26pm0ak877jtav9d9xezqfdnses37gs";
    const KEY: &str = include_str!("../../../testdata/keys/x25519.txt");
    const SOPS: &str = include_str!("../../../testdata/sops/positive/yaml-comments.enc.yaml");

    fn yaml() -> &'static dyn Format {
        format_by_name("yaml").expect("a format")
    }

    fn shown(snapshot: &Snapshot) -> Vec<String> {
        let content = |leaf: &SnapshotLeaf<'_>| match leaf.content() {
            SnapshotContent::Clear(text) => text.to_string(),
            SnapshotContent::Empty => "-".into(),
            SnapshotContent::Sealed(_) => "<sealed>".into(),
        };
        snapshot
            .leaves()
            .map(|leaf| format!("{} {:?} {} {}", leaf.line(), leaf.kind(), leaf.path(), content(&leaf)))
            .collect()
    }

    #[test]
    fn a_native_file_shows_its_leaves_and_the_same_seals_after_a_change() {
        let plan = Plan::for_recipients([("alice".to_owned(), Recipient::parse(ALICE).expect("a recipient"))]);
        let document = |text: &str| file::Document::parse(text.as_bytes(), yaml()).expect("YAML");
        let text = "# c\na: &x 1\nb: {c: 2, d: {}}\ne: *x\n";
        let before = file::encrypt(&document(text), &plan, &NoInteraction).expect("encrypted").text;
        let mut identities = Identities::new();
        identities.add_identity_file(KEY.as_bytes(), "a test").expect("an identity");
        let unlock = IdentityUnlock { identities: &identities, interaction: &NoInteraction };
        let changed = document(&text.replace("2,", "3, new: 4,"));
        let after = file::update(before.as_bytes(), &changed, &unlock).expect("updated").text;
        let read = |text: &str| Snapshot::read(text.as_bytes(), yaml()).expect("well-formed").expect("encrypted");
        let (before, after) = (read(&before), read(&after));
        let expected = [
            "1 Comment . <sealed>",
            "2 Mark a &x",
            "2 Value a <sealed>",
            "3 Value b.c <sealed>",
            "3 Value b.d -",
            "4 Value e *x",
        ];
        assert_eq!(shown(&before), expected);
        assert!(before.leaves().all(|leaf| leaf.section() == "default"));
        let seals = |snapshot: &Snapshot| snapshot.leaves().filter_map(|leaf| leaf.seal().copied()).collect::<Vec<_>>();
        let (before, after) = (seals(&before), seals(&after));
        assert_eq!(before[..2], after[..2]);
        assert_eq!(before[2].id, after[2].id);
        assert!(before[2].seal != after[2].seal && before[2].token != after[2].token);
        assert!(after.iter().all(|seal| seal.id.is_some()));
    }

    #[test]
    fn a_plaintext_file_is_clear_and_shows_no_text_in_debug() {
        let text = b"a: <mark>\nb:\n";
        assert!(Snapshot::read(text, yaml()).expect("YAML").is_none());
        let snapshot = Snapshot::of_plain(text, yaml()).expect("YAML");
        assert_eq!(shown(&snapshot), ["1 Value a <mark>", "2 Value b -"]);
        assert!(!format!("{:?}", snapshot.leaves().collect::<Vec<_>>()).contains("<mark>"));
    }

    #[test]
    fn a_file_of_sops_shows_its_leaves_without_its_metadata() {
        let snapshot = Snapshot::read(SOPS.as_bytes(), yaml()).expect("well-formed").expect("encrypted");
        let outline = super::super::outline(SOPS.as_bytes(), yaml()).expect("an outline").1;
        let count = |kind| snapshot.leaves().filter(|leaf| leaf.kind() == kind && leaf.seal().is_some()).count();
        assert_eq!(count(SnapshotKind::Value), outline.count(file::ValueState::Sealed));
        // One is empty and has no token.
        assert_eq!(count(SnapshotKind::Comment), outline.sealed_comments() - 1);
        assert!(!shown(&snapshot).iter().any(|line| line.contains(" sops")), "{:?}", shown(&snapshot));
        let published = |snapshot: &Snapshot| {
            let is_clear = |leaf: &SnapshotLeaf<'_>| matches!(leaf.content(), SnapshotContent::Clear(_));
            snapshot.leaves().filter(|leaf| leaf.is_selected() && is_clear(leaf)).count()
        };
        assert_eq!(published(&snapshot), 0);
        assert!(snapshot.leaves().all(|leaf| leaf.seal().is_none_or(|seal| seal.id.is_none())));
        let stripped = SOPS.replacen("ENC[", "<", 1);
        assert_eq!(
            published(&Snapshot::read(stripped.as_bytes(), yaml()).expect("well-formed").expect("encrypted")),
            1
        );
    }
}
