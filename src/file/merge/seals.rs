//! Which tokens the leaves of a merged native file keep (I8): those of the side that changed them.

use std::collections::HashSet;

use crate::dialect::native::{ID_LEN, Metadata, Payload, Roles};
use crate::file::before::{Before, OldSeal, OldSeals};
use crate::file::document::Document;
use crate::file::open::SealedFile;
use crate::file::tokens::payload;
use crate::leaf::Leaf;

/// An opened file whose tokens may be taken over.
pub(super) struct Source<'s> {
    pub(super) sealed: &'s SealedFile<'s>,
    pub(super) document: &'s Document,
}

/// What each leaf of a document keeps.
pub(super) struct Seals<'s>(Vec<Option<Old<'s>>>);

enum Old<'s> {
    Same(&'s [u8]),
    Id([u8; ID_LEN]),
}

impl<'s> Seals<'s> {
    /// Those that `sources` have for the leaves of `document`, the first ones first; but what stands in `base` gives way to what
    /// was made since. No id is given twice.
    pub(super) fn of(
        sources: &[Source<'s>],
        base: Option<&SealedFile<'_>>,
        document: &Document,
        metadata: &Metadata,
        roles: &Roles,
    ) -> Self {
        let old: HashSet<&[u8]> =
            base.map(|base| base.seals.iter().filter(|seal| !seal.is_empty()).collect()).unwrap_or_default();
        let befores: Vec<(Before<'s>, Vec<bool>)> = sources
            .iter()
            .filter(|source| source.sealed.metadata.policy == metadata.policy)
            .map(|source| {
                let sections = metadata.sections.iter().zip(&source.sealed.metadata.sections);
                let has_key = sections.map(|(new, old)| new.name == old.name && new.key_id == old.key_id).collect();
                (Before::new(source.sealed, source.document, document, roles), has_key)
            })
            .collect();
        let mut used = HashSet::new();
        let leaves = document.scan().leaves.iter().enumerate();
        let seals = leaves.map(|(number, leaf)| {
            let payload = payload(document, roles, number)?;
            let section = roles.of(number).1;
            let usable = befores.iter().filter(|(_, has_key)| has_key.get(section) == Some(&true));
            let kept: Vec<OldSeal<'_>> =
                usable.filter_map(|(before, _)| before.seal_of(number, leaf, payload, roles)).collect();
            let same = || {
                kept.iter().filter_map(|old| match old {
                    OldSeal::Same(seal) => Some(*seal),
                    OldSeal::Id(_) => None,
                })
            };
            let same_seal = same().find(|seal| !old.contains(seal)).or_else(|| same().next());
            let chosen = match (same_seal, kept.first()) {
                (Some(seal), _) => Old::Same(seal),
                (None, Some(OldSeal::Id(id))) => Old::Id(*id),
                (None, _) => return None,
            };
            let id: [u8; ID_LEN] = match &chosen {
                Old::Same(seal) => *seal.first_chunk()?,
                Old::Id(id) => *id,
            };
            used.insert((section, id)).then_some(chosen)
        });
        Self(seals.collect())
    }
}

impl OldSeals for Seals<'_> {
    fn old_seal(&self, number: usize, _: &Leaf, _: Payload<'_>, _: &Roles) -> Option<OldSeal<'_>> {
        match self.0.get(number)?.as_ref()? {
            Old::Same(seal) => Some(OldSeal::Same(seal)),
            Old::Id(id) => Some(OldSeal::Id(*id)),
        }
    }
}
