//! What a leaf says, as far as it can be compared.

use crate::document::Format;
use crate::file::any::{SealDigest, SnapshotContent, SnapshotEntry};
use crate::file::sops::is_plain_text;
use crate::leaf::LeafKind;

/// What a leaf says. Equal ones are the same value; different ones may be, if one of them is a seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Content<'s> {
    Empty(LeafKind),
    Seal(SealDigest),
    Text { text: &'s str, is_string: bool },
}

impl<'s> Content<'s> {
    /// The text of a sealed leaf counts only `with_opened` ones: of a file that is not opened nothing is known but seals.
    pub(super) fn of(entry: &'s SnapshotEntry, format: &dyn Format, with_opened: bool) -> Self {
        let text = |text: &'s str, kind| Self::Text { text, is_string: is_string(text, kind, format) };
        match (&entry.content, &entry.opened) {
            (SnapshotContent::Sealed(_), Some((opened, kind))) if with_opened => text(opened, *kind),
            (SnapshotContent::Sealed(seal), _) => Self::Seal(seal.seal),
            (SnapshotContent::Clear(clear), _) => text(clear, entry.leaf_kind),
            (SnapshotContent::Empty, _) => Self::Empty(entry.leaf_kind),
        }
    }
}

/// Whether `text` is a string for readers of the format, and not a number or the like. Where they see only strings it does
/// not matter how one is written.
fn is_string(text: &str, kind: LeafKind, format: &dyn Format) -> bool {
    match (kind, format.name()) {
        (LeafKind::Plain, "yaml") => is_plain_text(text),
        (LeafKind::Plain, "json" | "toml") => false,
        _ => true,
    }
}
