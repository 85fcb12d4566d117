//! Merging two versions of an encrypted file over the one that they were made from: the work of a merge driver.
//!
//! With keys the plaintexts are merged, by lines as git does it and where that fails by what they hold, and encrypted again with
//! the tokens of both sides ([`merge`]). Without any the encrypted texts are merged by lines ([`merge_without_key`]).

use crate::dialect::sops::MasterKey;
use crate::document::Format;
use crate::error::Error;
use crate::file::any::{self, Rekeying};
use crate::file::document::utf8;
use crate::file::open::SealedFile;
use crate::file::seal::Encrypted;

mod agreement;
mod chunks;
mod contents;
mod exposure;
mod lines;
mod native;
mod plaintext;
mod readers;
mod seals;
mod side;
mod sops;
mod structure;
mod target;

pub use lines::{LineMerge, mark_differences, merge_lines};

use plaintext::Plaintext;
use side::Opened;
use target::Target;

/// Three versions of one file.
#[derive(Clone, Copy)]
pub struct Sides<'b> {
    /// What both were made from. None when there is nothing, or it is empty: both sides have added the file.
    pub base: Option<&'b [u8]>,
    /// What is here.
    pub ours: &'b [u8],
    /// What is merged into it.
    pub theirs: &'b [u8],
}

/// How conflict markers look.
#[derive(Clone, Copy, Debug)]
pub struct Labels<'l> {
    /// What stands behind `<<<<<<<`.
    pub ours: &'l str,
    /// Behind `|||||||`.
    pub base: &'l str,
    /// Behind `>>>>>>>`.
    pub theirs: &'l str,
    /// How many signs a marker has: 7 as a rule.
    pub marker_size: usize,
}

impl Default for Labels<'_> {
    fn default() -> Self {
        Self { ours: "ours", base: "base", theirs: "theirs", marker_size: 7 }
    }
}

/// A merged file.
#[derive(Debug)]
pub enum Merged {
    /// It holds the changes of both sides. What was encrypted for this was opened again and compared.
    Clean(Vec<u8>),
    /// Not all of them could stand together.
    Conflict {
        /// The file with conflict markers, around encrypted lines. When keys were at hand, each of the two sides, cut out of the
        /// markers, is a complete file that verifies.
        text: Vec<u8>,
        /// What conflicts. Empty when nothing is known but that lines do.
        conflicts: Vec<Conflict>,
    },
}

/// One thing that two sides have changed differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The path of the value, map or list, for people; for readers and data keys the name of a section. None for the whole file.
    pub path: Option<String>,
    /// What happened to it.
    pub kind: ConflictKind,
}

/// What two sides have done to one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConflictKind {
    /// Both added it, with different values.
    Added,
    /// Both changed it, differently.
    Changed,
    /// Both changed a comment or the text around it, differently.
    Comment,
    /// Their data keys differ, and nothing proves that both sides come from readers of the result: one may have been put in the place
    /// of the file, or be by somebody who was removed since.
    DataKey,
    /// A value would stand in clear that one side has sealed: because of a policy, or of the place where it came to stand.
    Exposed,
    /// A reader whom only the side with the older data key has would get the newer one, and nobody vouches for that: whoever was removed
    /// still has the older one. The path is the reader's name.
    Gained,
    /// The structure of the texts was changed in ways that cannot be told apart.
    Layout,
    /// Both changed the items of a list, and it cannot be told which belong together, or come first.
    List,
    /// Both brought the entries of a map into another order.
    Order,
    /// Both changed which values are encrypted, differently.
    Policy,
    /// Both changed the readers or key groups of a section, in ways that do not go together.
    Readers,
    /// One side changed it, the other one took it out.
    Removed,
}

impl ConflictKind {
    /// A sentence's end about it, as in "`db.password` was changed on both sides".
    #[must_use]
    pub fn what(self) -> &'static str {
        match self {
            Self::Added => "was added on both sides, with different values",
            Self::Changed => "was changed on both sides",
            Self::Comment => "has a comment or a layout that was changed on both sides",
            Self::DataKey => {
                "has different data keys on both sides, and nothing proves that both come from who reads it now"
            }
            Self::Exposed => "would stand in clear, but is encrypted on one side",
            Self::Gained => "would get a data key that the version which names this reader does not have",
            Self::Layout => "was changed on both sides in ways that cannot be merged",
            Self::List => "is a list whose items were changed on both sides",
            Self::Order => "was brought into another order on both sides",
            Self::Policy => "has rules of encryption that were changed on both sides",
            Self::Readers => "has readers that were changed on both sides",
            Self::Removed => "was changed on one side and taken out on the other one",
        }
    }
}

/// What a merge works with.
struct Means<'r, 'k> {
    rekeying: &'r Rekeying<'k>,
    /// Whether somebody vouches for where both sides come from.
    is_origin_known: bool,
}

impl Means<'_, '_> {
    /// Whether the caller vouches for a reader. That both sides name it says nothing: anybody can write a file to the readers of
    /// another one.
    fn has_confirmed(&self, reader: &readers::Wanted) -> bool {
        let group = reader.group.map_or(0, |group| usize::from(group).saturating_sub(1));
        self.rekeying.confirmed.has(group, &MasterKey::age(&reader.recipient))
    }
}

/// Why there is no clean merge.
enum Stop {
    Conflict(Conflict),
    Error(Error),
}

impl From<Conflict> for Stop {
    fn from(conflict: Conflict) -> Self {
        Self::Conflict(conflict)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl<'b> Sides<'b> {
    /// The answer when a merge has nothing to do: one side has no changes, or both have the same ones.
    fn settled(&self) -> Option<&'b [u8]> {
        match () {
            () if self.ours == self.theirs || self.base == Some(self.theirs) => Some(self.ours),
            () if self.base == Some(self.ours) => Some(self.theirs),
            () => None,
        }
    }

    fn base(&self) -> Option<&'b [u8]> {
        self.base.filter(|base| !base.trim_ascii().is_empty())
    }
}

/// Merges files of either dialect, whatever their data keys. All of them are verified first, as by
/// [`any::decrypt`]; so is what comes out.
///
/// A value that one side changed is that side's, with its token as long as the data key stays. The newer data key is taken, which
/// `follows` has to prove; after a rotation on each side there is a third one. Readers whom only an older data key vouches for have to
/// be confirmed by `rekeying`. In the sops dialect, where nothing proves anything, two data keys are a conflict. That the side with the
/// older data key has nothing that was replaced before is for the caller to know, from the history of the file. A reader whom one side removed is removed.
///
/// # Errors
/// [`Error::NotEncrypted`] when a side is not encrypted and was before; those of decrypting, for instance when no identity fits
/// ([`Error::is_locked`]): [`merge_without_key`] is the way then; those of encrypting and wrapping.
pub fn merge(
    sides: &Sides<'_>,
    format: &'static dyn Format,
    labels: &Labels<'_>,
    rekeying: &Rekeying<'_>,
) -> Result<Merged, Error> {
    merge_by(sides, format, labels, &Means { rekeying, is_origin_known: false })
}

/// [`merge`] for somebody who vouches for both sides: that they come from readers of the file, even if nothing proves it, or if
/// somebody who was removed could have made one of them. New readers have to be confirmed all the same.
///
/// # Errors
/// Those of [`merge`].
pub fn merge_vouched(
    sides: &Sides<'_>,
    format: &'static dyn Format,
    labels: &Labels<'_>,
    rekeying: &Rekeying<'_>,
) -> Result<Merged, Error> {
    merge_by(sides, format, labels, &Means { rekeying, is_origin_known: true })
}

fn merge_by(
    sides: &Sides<'_>,
    format: &'static dyn Format,
    labels: &Labels<'_>,
    means: &Means<'_, '_>,
) -> Result<Merged, Error> {
    let rekeying = means.rekeying;
    if let Some(settled) = sides.settled() {
        return Ok(Merged::Clean(settled.to_vec()));
    }
    let ours = Opened::read(sides.ours, format, rekeying.unlock)?;
    let theirs = Opened::read(sides.theirs, format, rekeying.unlock)?;
    // Whoever reads both sides may not have been a reader before.
    let Ok(base) = sides.base().map(|base| Opened::read(base, format, rekeying.unlock)).transpose() else {
        return merge_unopened(sides, format, labels, rekeying);
    };
    if [base.as_ref(), Some(&ours), Some(&theirs)].into_iter().flatten().any(Opened::is_partly_locked) {
        return merge_unopened(sides, format, labels, rekeying);
    }
    let target = match Target::of(base.as_ref(), &ours, &theirs, means) {
        Ok(target) => target,
        Err(Stop::Conflict(conflict)) => return differences(sides, labels, vec![conflict]),
        Err(Stop::Error(error)) => return Err(error),
    };
    match merge_opened(sides, labels, &target, base.as_ref(), [&ours, &theirs]) {
        // Each side has taken out what the other one left of the values that are sealed.
        Err(Error::NothingSelected { .. }) => {
            differences(sides, labels, vec![Conflict { path: None, kind: ConflictKind::Layout }])
        }
        merged => merged,
    }
}

/// Merges what the versions hold, and encrypts it as `target` says.
fn merge_opened(
    sides: &Sides<'_>,
    labels: &Labels<'_>,
    target: &Target,
    base: Option<&Opened<'_>>,
    [ours, theirs]: [&Opened<'_>; 2],
) -> Result<Merged, Error> {
    let merged = plaintext::merge(base.map(Opened::document), ours.document(), theirs.document())?;
    let seal = |document, earlier: Option<&str>| {
        target.seal(document, base, [ours, theirs], earlier).map(|encrypted| encrypted.text)
    };
    match merged {
        Plaintext::Clean(document) => match exposure::exposed(&document, target, ours, theirs)? {
            Some(conflict) => differences(sides, labels, vec![conflict]),
            None => {
                // With another time and MAC it would be a change where there is none.
                let mut both = [(ours, sides.ours), (theirs, sides.theirs)].into_iter();
                match both.find(|(side, _)| target.is_that_of(side, &document)) {
                    Some((_, bytes)) => Ok(Merged::Clean(bytes.to_vec())),
                    None => Ok(Merged::Clean(seal(&document, None)?.into_bytes())),
                }
            }
        },
        Plaintext::Conflict { ours: our_document, theirs: their_document, mut conflicts } => {
            for document in [&our_document, &their_document] {
                if let Some(conflict) = exposure::exposed(document, target, ours, theirs)? {
                    conflicts.push(conflict);
                    return differences(sides, labels, conflicts);
                }
            }
            let our_text = seal(&our_document, None)?;
            let their_text = seal(&their_document, Some(&our_text))?;
            let text = mark_differences(&our_text, &their_text, labels).text.as_bytes().to_vec();
            Ok(Merged::Conflict { text, conflicts })
        }
    }
}

/// Merges the encrypted texts by lines, as git does without a driver. What is clean was read again: each token is well-formed, and
/// none stands twice. A file of the sops dialect that both sides changed always conflicts in its MAC.
///
/// # Errors
/// None but for texts that are not UTF-8: [`Error::NotUtf8`].
pub fn merge_without_key(sides: &Sides<'_>, format: &'static dyn Format, labels: &Labels<'_>) -> Result<Merged, Error> {
    if let Some(settled) = sides.settled() {
        return Ok(Merged::Clean(settled.to_vec()));
    }
    let [base, ours, theirs] = [sides.base().unwrap_or_default(), sides.ours, sides.theirs].map(text);
    let (ours, theirs) = (ours?, theirs?);
    let LineMerge { text, conflicts } = merge_lines(base?, ours, theirs, labels);
    let text = text.as_bytes().to_vec();
    if conflicts > 0 {
        return Ok(Merged::Conflict { text, conflicts: Vec::new() });
    }
    match SealedFile::read(&text, format) {
        Ok(_) => Ok(Merged::Clean(text)),
        Err(_) => differences(sides, labels, vec![Conflict { path: None, kind: ConflictKind::Layout }]),
    }
}

/// Encrypts `plaintext`, which a person made of two versions of a file, in the place of both: with the metadata that a merge gives
/// them, and the tokens of all values that are as on one of the sides.
///
/// # Errors
/// Those of [`merge`]; [`Error::Misplaced`] when their metadata do not go together.
pub fn encrypt_resolved(
    sides: &Sides<'_>,
    plaintext: &[u8],
    format: &'static dyn Format,
    rekeying: &Rekeying<'_>,
) -> Result<Encrypted, Error> {
    target::encrypt_resolved(sides, plaintext, format, rekeying)
}

/// Where a section, or the base, does not open, its tokens are all that there is of it: they are merged by lines, which keeps their
/// links right or conflicts.
fn merge_unopened(
    sides: &Sides<'_>,
    format: &'static dyn Format,
    labels: &Labels<'_>,
    rekeying: &Rekeying<'_>,
) -> Result<Merged, Error> {
    let merged = merge_without_key(sides, format, labels)?;
    match &merged {
        Merged::Clean(text) if any::decrypt(text, format, rekeying.unlock).is_err() => {
            differences(sides, labels, vec![Conflict { path: None, kind: ConflictKind::Layout }])
        }
        Merged::Clean(_) => Ok(merged),
        Merged::Conflict { .. } => differences(sides, labels, Vec::new()),
    }
}

/// Both sides as they are, one beside the other.
fn differences(sides: &Sides<'_>, labels: &Labels<'_>, conflicts: Vec<Conflict>) -> Result<Merged, Error> {
    let marked = mark_differences(text(sides.ours)?, text(sides.theirs)?, labels);
    Ok(Merged::Conflict { text: marked.text.as_bytes().to_vec(), conflicts })
}

fn text(bytes: &[u8]) -> Result<&str, Error> {
    utf8(bytes)
}
