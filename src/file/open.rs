//! Opening: from an encrypted file to its plaintext, in the nine steps of the format spec, "Verifying".

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use super::document::{Document, encrypted_text};
use super::fold::{self, Folded};
use super::{parallel, shares};
use crate::data_key::DataKey;
use crate::dialect::native::{
    LINK_LEN, METADATA_KEY, Metadata, Pieces, Role, Roles, Section, SectionKeys, is_token_like, read_comment_token,
    read_token,
};
use crate::document::{Format, Layout, Scan};
use crate::error::{Error, Position, Step};
use crate::keys::{Identities, Interaction};
use crate::leaf::Leaf;

/// Finds the data key of a section: [`crate::keys::Identities`] for files that were wrapped to somebody.
pub trait Unlock {
    /// The data key of `section`, or none when no identity fits.
    ///
    /// # Errors
    /// When an identity fits and fails; [`Error::TooFewKeyGroups`] for a section with key groups, in the place of none.
    fn unlock(&self, section: &Section) -> Result<Option<DataKey>, Error>;
}

/// [`Unlock`] with identities, and whoever answers their questions.
pub struct IdentityUnlock<'i> {
    /// The identities.
    pub identities: &'i Identities,
    /// Answers prompts for passphrases and those of plugins.
    pub interaction: &'i dyn Interaction,
}

impl Unlock for IdentityUnlock<'_> {
    fn unlock(&self, section: &Section) -> Result<Option<DataKey>, Error> {
        shares::unwrap(section, self.identities, self.interaction)
    }
}

/// Something that a reader of the plaintext should know.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// A comment that looks sealed does not open; it stays as it stands.
    CommentNotOpened {
        /// Where it stands in the encrypted file.
        at: Position,
    },
    /// A proposal waits to be accepted; its value is not used.
    Proposal {
        /// For which leaf.
        path: String,
    },
    /// No identity opens a section; its tokens stay as they stand.
    SectionLocked {
        /// Its name.
        name: String,
    },
}

/// A decrypted file.
#[derive(Debug)]
pub struct Decrypted {
    /// The plaintext.
    pub document: Document,
    /// What its reader should know.
    pub warnings: Vec<Warning>,
    /// The metadata.
    pub metadata: Metadata,
}

impl Decrypted {
    /// The name of a section that no identity opens.
    #[must_use]
    pub fn locked_section(&self) -> Option<&str> {
        self.locked_sections().next()
    }

    /// The names of all sections that no identity opens.
    pub(super) fn locked_sections(&self) -> impl Iterator<Item = &str> {
        self.warnings.iter().filter_map(|warning| match warning {
            Warning::SectionLocked { name } => Some(name.as_str()),
            _ => None,
        })
    }
}

/// Decrypts a file.
///
/// # Errors
/// [`Error::NotEncrypted`], [`Error::NoIdentity`], [`Error::Authentication`], and everything that can be wrong with
/// the text. No part of the plaintext is released then.
pub fn decrypt(bytes: &[u8], format: &'static dyn Format, unlock: &dyn Unlock) -> Result<Decrypted, Error> {
    let sealed = SealedFile::read(bytes, format)?;
    let keys = sealed.unlock(unlock)?;
    let opened = sealed.open(&keys)?;
    Ok(Decrypted { document: opened.document, warnings: opened.warnings, metadata: sealed.metadata })
}

/// The metadata of a file; none when it is not encrypted. Nothing is authenticated.
///
/// # Errors
/// [`Error::Metadata`] when there is a block that cannot be read, and what is wrong with the text.
pub fn status(bytes: &[u8], format: &'static dyn Format) -> Result<Option<Metadata>, Error> {
    let Some(text) = encrypted_text(bytes, format)? else { return Ok(None) };
    let Some(detached) = format.detach(text, METADATA_KEY)? else { return Ok(None) };
    Metadata::from_block(detached.block, detached.line).map(Some)
}

/// An encrypted file after steps 1 to 3: everything that can be told without a key.
pub(super) struct SealedFile<'b> {
    pub(super) format: &'static dyn Format,
    pub(super) metadata: Metadata,
    pub(super) body: Cow<'b, str>,
    pub(super) scan: Scan,
    pub(super) roles: Roles,
    pub(super) seals: Pieces,
    pub(super) links: Vec<Link>,
    /// Whether every value that should be sealed is: it may not be in a file that was merged by hand.
    is_strict: bool,
    /// The body with its tokens shortened, if its scan was made from that.
    folded: Option<Folded>,
}

/// The link in a leaf's token, if it has one.
pub(super) type Link = Option<[u8; LINK_LEN]>;

/// The keys of each section, where an identity fits.
pub(super) type Keys = Vec<Option<SectionKeys>>;

impl<'b> SealedFile<'b> {
    /// Steps 1 to 3.
    pub(super) fn read(bytes: &'b [u8], format: &'static dyn Format) -> Result<Self, Error> {
        Self::read_like(bytes, format, None)
    }

    /// The same, for a file that may differ from `before` in a few tokens.
    pub(super) fn read_like(
        bytes: &'b [u8],
        format: &'static dyn Format,
        before: Option<&SealedFile<'_>>,
    ) -> Result<Self, Error> {
        let file = Self::read_tokens_of(bytes, format, before, true)?;
        file.check_ids()?;
        Ok(file)
    }

    /// The same for a file that was merged by hand: values may stand twice in it, and unsealed ones where sealed ones should.
    pub(super) fn read_loosely(bytes: &'b [u8], format: &'static dyn Format) -> Result<Self, Error> {
        Self::read_tokens_of(bytes, format, None, false)
    }

    fn read_tokens_of(
        bytes: &'b [u8],
        format: &'static dyn Format,
        before: Option<&SealedFile<'_>>,
        is_strict: bool,
    ) -> Result<Self, Error> {
        let text = encrypted_text(bytes, format)?.ok_or(Error::NotEncrypted)?;
        let detached = format.detach(text, METADATA_KEY)?.ok_or(Error::NotEncrypted)?;
        let line = detached.line;
        let metadata = Metadata::from_block(detached.block, line)?;
        let body = format.body(detached.rest, metadata.layout)?;
        let known = before.and_then(|before| Some((before.folded.as_ref()?, &before.scan)));
        let (scan, folded) = match known {
            Some(known) => fold::scan_like(format, &body, known)?,
            None => fold::scan(format, &body)?,
        };
        let layout = Layout { separate: detached.separate, ..metadata.layout };
        if format.layout(&body, &scan) != layout {
            return Err(Error::Metadata { line, what: "the block is not attached to this text as it says" });
        }
        let roles = Roles::assign(&metadata.policy, &body, &scan)?;
        let mut file = Self {
            format,
            metadata,
            body,
            scan,
            roles,
            seals: Pieces::default(),
            links: Vec::new(),
            is_strict,
            folded,
        };
        file.read_tokens(before)?;
        Ok(file)
    }

    /// Step 3: by the metadata's own policy every selected leaf is a token, and no other one looks like one.
    fn read_tokens(&mut self, before: Option<&SealedFile<'_>>) -> Result<(), Error> {
        let read = |numbers| self.read_some_tokens(numbers, before);
        let [first, second] = parallel::halves(self.scan.leaves.len(), read);
        let ((seals, links), (more_seals, more_links)) = (first?, second?);
        self.seals = seals.followed_by(more_seals);
        self.links = [links, more_links].concat();
        Ok(())
    }

    fn read_some_tokens(
        &self,
        numbers: Range<usize>,
        before: Option<&SealedFile<'_>>,
    ) -> Result<(Pieces, Vec<Link>), Error> {
        let leaves = &self.scan.leaves[numbers.clone()];
        // Base64 gives three bytes for four.
        let len = leaves.iter().map(|leaf| leaf.span.len() / 4 * 3).sum();
        let mut seals = Pieces::with_capacity(leaves.len(), len);
        let mut links = Vec::with_capacity(leaves.len());
        for (number, leaf) in numbers.zip(leaves) {
            let source = leaf.span.of(&self.body);
            let mut link = None;
            match self.roles.role(number) {
                Role::Sealed => {
                    // The same text is the same token, and comparing is cheaper than decoding.
                    let known = before.and_then(|before| before.token(number, source));
                    link = match known {
                        Some((seal, link)) => {
                            seals.bytes.extend_from_slice(seal);
                            Some(link)
                        }
                        None => read_token(source, &mut seals.bytes),
                    };
                    if link.is_none() && (self.is_strict || is_token_like(source)) {
                        return Err(self.token_error(leaf, is_token_like(source)));
                    }
                }
                Role::SealedComment => {
                    // A comment may be added by anybody, so one that is no token is left alone.
                    let _ = read_comment_token(source, &mut seals.bytes);
                }
                Role::Clear | Role::Free if is_token_like(source) => return Err(self.token_error(leaf, true)),
                Role::Clear | Role::ClearComment | Role::Free => {}
            }
            seals.end_leaf();
            links.push(link);
        }
        Ok((seals, links))
    }

    /// Seal and link of the leaf number `number`, if it is a value whose token is `source`.
    fn token(&self, number: usize, source: &str) -> Option<(&[u8], [u8; LINK_LEN])> {
        self.scan.leaves.get(number).filter(|leaf| leaf.span.of(&self.body) == source)?;
        Some((self.seals.of(number), self.links[number]?))
    }

    fn token_error(&self, leaf: &Leaf, malformed: bool) -> Error {
        let at = Position::of_span(&self.body, leaf.span);
        let path = self.scan.paths.display(leaf.path).to_string();
        if malformed { Error::Token { at, path } } else { Error::LeafNotSealed { at, path } }
    }

    /// Two sealed leaves of a section with one id: one is a copy.
    fn check_ids(&self) -> Result<(), Error> {
        // An id as a number sorts three times as fast as one that is a slice.
        let id = |number| u64::from_be_bytes(*self.seals.of(number).first_chunk().expect("a seal begins with its id"));
        let mut ids: Vec<(usize, u64, usize)> = (0..self.scan.leaves.len())
            .filter(|&number| self.roles.role(number) == Role::Sealed)
            .map(|number| (self.roles.of(number).1, id(number), number))
            .collect();
        ids.sort_unstable();
        match ids.windows(2).find(|pair| (pair[0].0, pair[0].1) == (pair[1].0, pair[1].1)) {
            None => Ok(()),
            Some(pair) => {
                Err(Error::DuplicateId { at: Position::of_span(&self.body, self.scan.leaves[pair[1].2].span) })
            }
        }
    }

    /// Step 4: the data key of `default` is needed, others may be missing.
    pub(super) fn unlock(&self, unlock: &dyn Unlock) -> Result<Keys, Error> {
        Ok(self.unlock_data_keys(unlock)?.into_iter().map(|keys| Some(keys?.1)).collect())
    }

    /// Step 4, with the data keys themselves: they can be wrapped again.
    pub(super) fn unlock_data_keys(&self, unlock: &dyn Unlock) -> Result<Vec<Option<(DataKey, SectionKeys)>>, Error> {
        let mut keys = Vec::new();
        for section in &self.metadata.sections {
            let data_key = match unlock.unlock(section) {
                Err(Error::TooFewKeyGroups { .. }) if !keys.is_empty() => None,
                unlocked => unlocked?,
            };
            if data_key.is_none() && keys.is_empty() {
                let reader = |reader: &crate::dialect::native::Reader| (reader.name.clone(), reader.recipient.clone());
                return Err(Error::NoIdentity { recipients: section.readers.iter().map(reader).collect() });
            }
            let derive = |data_key: DataKey| {
                let keys = SectionKeys::derive_checked(&data_key, &section.key_id);
                Ok::<_, Error>((data_key, keys.ok_or_else(|| section_error(Step::KeyId, section))?))
            };
            keys.push(data_key.map(derive).transpose()?);
        }
        Ok(keys)
    }

    pub(super) fn leaf_error(&self, step: Step, number: usize) -> Error {
        let leaf = self.scan.leaves.get(number);
        Error::Authentication {
            step,
            path: leaf.map(|leaf| self.scan.paths.display(leaf.path).to_string()),
            at: leaf.map(|leaf| Position::of_span(&self.body, leaf.span)),
        }
    }
}

pub(super) fn section_error(step: Step, section: &Section) -> Error {
    Error::Authentication { step, path: Some(format!("{METADATA_KEY}.sections.{}", section.name)), at: None }
}

impl fmt::Debug for SealedFile<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedFile({}, {} leaves)", self.format.name(), self.scan.leaves.len())
    }
}
