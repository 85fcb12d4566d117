//! What a merged file is like besides its plaintext, in whichever dialect, and encrypting it.

use super::agreement::pick;
use super::seals::{Seals, Source};
use super::side::{Opened, OpenedSops};
use super::{Conflict, ConflictKind, Means, Sides, Stop, native, sops};
use crate::config::Dialect;
use crate::data_key::DataKey;
use crate::dialect::sops::Metadata as SopsMetadata;
use crate::document::Format;
use crate::document::sops::Store;
use crate::error::Error;
use crate::file::any::{self, Rekeying};
use crate::file::document::Document;
use crate::file::open::SealedFile;
use crate::file::seal::{self, Encrypted, roles_for_plaintext};
use crate::file::sops::SealedFile as SealedSops;

/// The metadata of a merged file, and its data keys.
pub(super) enum Target {
    Native(native::Target),
    Sops(Box<SopsTarget>),
}

/// The same for the sops dialect.
pub(super) struct SopsTarget {
    pub(super) metadata: SopsMetadata,
    pub(super) store: Store,
    pub(super) data_key: DataKey,
}

impl Target {
    pub(super) fn of(
        base: Option<&Opened<'_>>,
        ours: &Opened<'_>,
        theirs: &Opened<'_>,
        means: &Means<'_, '_>,
    ) -> Result<Self, Stop> {
        let rekeying = means.rekeying;
        let (our_dialect, their_dialect) = (ours.dialect(), theirs.dialect());
        let dialect = match base {
            Some(base) => pick(&base.dialect(), &our_dialect, &their_dialect).copied(),
            None if our_dialect == their_dialect || their_dialect.is_none() => Some(our_dialect),
            None => Some(their_dialect).filter(|_| our_dialect.is_none()),
        };
        match dialect.ok_or(Conflict { path: None, kind: ConflictKind::Policy })? {
            None => Err(Error::NotEncrypted.into()),
            Some(Dialect::Native) => {
                let target = match (ours.native(), theirs.native()) {
                    (Some(ours), Some(theirs)) => {
                        native::Versions { base: base.and_then(Opened::native), ours, theirs }.target(means)?
                    }
                    (only, other) => {
                        let side = only.or(other).ok_or(Error::NotEncrypted)?;
                        let is_plain = our_dialect.is_none() || their_dialect.is_none();
                        if is_plain { native::Target::as_it_is(side) } else { native::Target::renewed(side, means)? }
                    }
                };
                Ok(Self::Native(target))
            }
            Some(Dialect::Sops) => {
                // Whom a rule names says nothing of where a file comes from.
                let unknown = || Stop::from(Conflict { path: None, kind: ConflictKind::DataKey });
                let target = match (ours.sops(), theirs.sops()) {
                    (Some(ours), Some(theirs))
                        if !means.is_origin_known && !ours.data_key.is_same(&theirs.data_key) =>
                    {
                        return Err(unknown());
                    }
                    (Some(ours), Some(theirs)) => sops::target(base.and_then(Opened::sops), ours, theirs, rekeying)?,
                    (only, other) => {
                        let side = only.or(other).ok_or(Error::NotEncrypted)?;
                        let is_plain = our_dialect.is_none() || their_dialect.is_none();
                        if !is_plain && !means.is_origin_known {
                            return Err(unknown());
                        }
                        if is_plain { sops::as_it_is(side, rekeying) } else { sops::renewed(side, rekeying)? }
                    }
                };
                Ok(Self::Sops(Box::new(target)))
            }
        }
    }

    /// Encrypts `document`, with the tokens of `earlier`, an encrypted file that this target has made before, and those of both
    /// sides.
    pub(super) fn seal(
        &self,
        document: &Document,
        base: Option<&Opened<'_>>,
        sides: [&Opened<'_>; 2],
        earlier: Option<&str>,
    ) -> Result<Encrypted, Error> {
        match self {
            Self::Native(target) => target.seal(document, base, sides, earlier),
            Self::Sops(target) => target.seal(document, sides, earlier),
        }
    }
}

impl Target {
    /// Whether `side` is a file of the sops dialect with this plaintext already, and like this but for the time of its last change.
    pub(super) fn is_that_of(&self, side: &Opened<'_>, document: &Document) -> bool {
        let (Self::Sops(target), Some(side)) = (self, side.sops()) else { return false };
        let old = side.sealed.metadata();
        let (last_modified, mac) = (old.last_modified.clone(), old.mac.clone());
        target.data_key.is_same(&side.data_key)
            && SopsMetadata { last_modified, mac, ..target.metadata.clone() } == *old
            && side.document.text() == document.text()
    }
}

impl native::Target {
    fn seal(
        &self,
        document: &Document,
        base: Option<&Opened<'_>>,
        sides: [&Opened<'_>; 2],
        earlier: Option<&str>,
    ) -> Result<Encrypted, Error> {
        let roles = roles_for_plaintext(&self.metadata.policy, document)?;
        let earlier = earlier.map(|text| SealedFile::read(text.as_bytes(), document.format())).transpose()?;
        let opened = earlier.as_ref().map(|sealed| sealed.open(&self.keys)).transpose()?;
        let mut sources = Vec::new();
        if let (Some(sealed), Some(opened)) = (&earlier, &opened) {
            sources.push(Source { sealed, document: &opened.document });
        }
        for opening in sides.into_iter().filter_map(Opened::native) {
            sources.push(Source { sealed: &opening.sealed, document: &opening.opened.document });
        }
        let base = base.and_then(Opened::native).map(|base| &base.sealed);
        let seals = Seals::of(&sources, base, document, &self.metadata, &roles);
        seal::seal(document, self.metadata.clone(), &roles, &self.keys, Some(&seals))
    }
}

impl SopsTarget {
    fn seal(&self, document: &Document, sides: [&Opened<'_>; 2], earlier: Option<&str>) -> Result<Encrypted, Error> {
        let Self { metadata, store, data_key } = self;
        let earlier = earlier.map(|text| SealedSops::read(text.as_bytes(), *store)).transpose()?.flatten();
        let sides = sides.into_iter().filter_map(Opened::sops);
        let sides = sides.filter(|side| side.store == *store && side.data_key.is_same(data_key));
        let sources: Vec<_> = earlier.iter().chain(sides.map(|OpenedSops { sealed, .. }| sealed)).collect();
        let plaintext = document.plaintext()?;
        let text = SealedSops::merge_tokens(&sources, &plaintext, *store, data_key, metadata.clone())?;
        let summary = any::summary(&text, *store, &[])?;
        Ok(Encrypted { text, summary })
    }
}

/// [`super::encrypt_resolved`].
pub(super) fn encrypt_resolved(
    sides: &Sides<'_>,
    plaintext: &[u8],
    format: &'static dyn Format,
    rekeying: &Rekeying<'_>,
) -> Result<Encrypted, Error> {
    let base = sides.base().map(|base| Opened::read(base, format, rekeying.unlock)).transpose()?;
    let ours = Opened::read(sides.ours, format, rekeying.unlock)?;
    let theirs = Opened::read(sides.theirs, format, rekeying.unlock)?;
    if let Some(section) = [&ours, &theirs].into_iter().find_map(|side| side.locked_section()) {
        return Err(Error::SectionLocked { section: section.to_owned() });
    }
    let target = match Target::of(base.as_ref(), &ours, &theirs, &Means { rekeying, is_origin_known: false }) {
        Ok(target) => target,
        Err(Stop::Error(error)) => return Err(error),
        Err(Stop::Conflict(Conflict { path, kind })) => {
            return Err(Error::Misplaced { path: path.unwrap_or_else(|| ".".to_owned()), what: kind.what() });
        }
    };
    target.seal(&Document::parse(plaintext, format)?, base.as_ref(), [&ours, &theirs], None)
}
