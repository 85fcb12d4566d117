//! Other data keys, other readers: the plaintext of a file stays what it is.

use super::document::Document;
use super::drift::Drift;
use super::open::{Keys, SealedFile, Unlock, Warning};
use super::plan::{Plan, SectionReaders};
use super::release::OpenedFile;
use super::seal::{
    Encrypted, encrypt_over, refuse_locked, roles_for_plaintext, seal_over, self_check, shows, update_opened,
};
use super::shares;
use super::tokens::held;
use crate::data_key::DataKey;
use crate::dialect::native::{METADATA_KEY, Metadata, Reader, Role};
use crate::document::Format;
use crate::error::Error;
use crate::keys::{Interaction, Recipient, wrap};

/// A file under other data keys, or with other readers; opened again and found equal to what it was (I9).
#[derive(Debug)]
pub struct Rekeyed {
    /// The text to write.
    pub text: String,
    /// How the file that was there differed from the plan; nothing for [`rotate`].
    pub drift: Drift,
    /// Whether every value is sealed anew under new data keys. If not, the body is the same, byte for byte.
    pub new_data_key: bool,
    /// The paths of values that were sealed and stand in clear now, since the plan says so.
    pub cleared: Vec<String>,
    /// What its reader should know. Under a new data key the proposals named here are gone: they hold for the old one only.
    pub warnings: Vec<Warning>,
}

/// Seals everything in `old` anew under new data keys, with the policy and for the readers that it has. The metadata prove
/// that whoever did it held the old data keys.
///
/// # Errors
/// Those of [`crate::file::decrypt`]; [`Error::SectionLocked`] when a section cannot be opened; [`Error::Wrap`];
/// [`Error::Syntax`] for a sealed comment that does not open: nobody could seal it anew.
pub fn rotate(
    old: &[u8],
    format: &'static dyn Format,
    unlock: &dyn Unlock,
    interaction: &dyn Interaction,
) -> Result<Rekeyed, Error> {
    let opening = Opening::read(old, format, unlock)?;
    let plan = Plan::of_metadata(&opening.sealed.metadata)?;
    opening.under_new_data_keys(&plan, Drift::default(), interaction)
}

/// Gives `old` the readers and the policy of `plan`.
///
/// Readers that only come or get another name leave the data keys, and the whole body of the file, as they are. When one
/// goes, or the policy changes, everything is sealed anew as by [`rotate`].
///
/// # Errors
/// Those of [`rotate`]. Sections that cannot be opened are none as long as nothing changes in them.
pub fn update_keys(
    old: &[u8],
    format: &'static dyn Format,
    plan: &Plan,
    unlock: &dyn Unlock,
    interaction: &dyn Interaction,
) -> Result<Rekeyed, Error> {
    let opening = Opening::read(old, format, unlock)?;
    let drift = plan.drift(&opening.sealed.metadata);
    if drift.needs_new_data_key() {
        return opening.under_new_data_keys(plan, drift, interaction);
    }
    let metadata = opening.metadata_for(plan, interaction)?;
    let text = opening.with_metadata(&metadata)?;
    Ok(Rekeyed { text, drift, new_data_key: false, cleared: Vec::new(), warnings: opening.opened.warnings })
}

/// Encrypts `document` in the place of the encrypted file `old`, with the readers and the policy of `plan`. As long as
/// these allow it (see [`update_keys`]) the data keys stay, and the tokens of all leaves that did not change (I8).
///
/// # Errors
/// Those of [`rotate`] for `old` and of [`crate::file::encrypt`] for `document`.
pub fn update_to(
    old: &[u8],
    document: &Document,
    plan: &Plan,
    unlock: &dyn Unlock,
    interaction: &dyn Interaction,
) -> Result<Encrypted, Error> {
    let opening = Opening::read(old, document.format(), unlock)?;
    refuse_locked(&opening.sealed, &opening.keys)?;
    let Opening { sealed, keys, opened, .. } = &opening;
    let drift = plan.drift(&sealed.metadata);
    if drift.is_empty() {
        return update_opened(old, sealed, keys, &opened.document, document);
    }
    if drift.needs_new_data_key() {
        return encrypt_over(sealed, keys, document, plan, interaction);
    }
    let metadata = opening.metadata_for(plan, interaction)?;
    seal_over(sealed, keys, &opened.document, document, metadata)
}

/// A file that was opened, with the data keys that opened it.
pub(super) struct Opening<'b> {
    pub(super) sealed: SealedFile<'b>,
    pub(super) data_keys: Vec<Option<DataKey>>,
    pub(super) keys: Keys,
    pub(super) opened: OpenedFile,
}

impl<'b> Opening<'b> {
    pub(super) fn read(old: &'b [u8], format: &'static dyn Format, unlock: &dyn Unlock) -> Result<Self, Error> {
        let sealed = SealedFile::read(old, format)?;
        let (data_keys, keys): (Vec<_>, Keys) = sealed.unlock_data_keys(unlock)?.into_iter().map(Option::unzip).unzip();
        let opened = sealed.open(&keys)?;
        Ok(Self { sealed, data_keys, keys, opened })
    }

    fn under_new_data_keys(self, plan: &Plan, drift: Drift, interaction: &dyn Interaction) -> Result<Rekeyed, Error> {
        refuse_locked(&self.sealed, &self.keys)?;
        let OpenedFile { document, warnings } = self.opened;
        if let Some(&Warning::CommentNotOpened { at }) =
            warnings.iter().find(|warning| matches!(warning, Warning::CommentNotOpened { .. }))
        {
            let what = "this sealed comment does not open, so it cannot be sealed anew: remove it first";
            return Err(Error::Syntax { at, what });
        }
        let text = encrypt_over(&self.sealed, &self.keys, &document, plan, interaction)?.text;
        let cleared = if drift.policy.is_empty() { Vec::new() } else { cleared(&self.sealed, &document, plan)? };
        Ok(Rekeyed { text, drift, new_data_key: true, cleared, warnings })
    }

    /// The metadata with the readers of `plan`, which has the same sections. Whoever was a reader keeps the wrapped key.
    fn metadata_for(&self, plan: &Plan, interaction: &dyn Interaction) -> Result<Metadata, Error> {
        let mut metadata = self.sealed.metadata.clone();
        for (index, wanted) in plan.readers().into_iter().enumerate() {
            let readers = self.readers(index, wanted, interaction)?;
            if readers != metadata.sections[index].readers {
                metadata.sections[index].readers = readers;
                metadata.sections[index].mac = metadata.mac(index, held(&self.keys, index, &metadata)?);
            }
        }
        // What reading would refuse must not be written: names, readers that stand twice.
        Metadata::from_block(metadata.to_block(), 0)
    }

    /// Those of the section number `index`. Where there are key groups, a reader who comes makes all shares new: one
    /// polynomial is split among everybody at once.
    fn readers(
        &self,
        index: usize,
        wanted: SectionReaders<'_>,
        interaction: &dyn Interaction,
    ) -> Result<Vec<Reader>, Error> {
        let SectionReaders { recipients, key_groups, .. } = wanted;
        let section = &self.sealed.metadata.sections[index];
        let known = |name: &String, recipient: &str| {
            let known = section.readers.iter().find(|reader| reader.recipient == recipient);
            known.map(|known| Reader { name: name.clone(), ..known.clone() })
        };
        let data_key = || {
            let locked = || Error::SectionLocked { section: section.name.clone() };
            self.data_keys[index].as_ref().ok_or_else(locked)
        };
        let is_known = |(name, recipient): &(String, Recipient)| known(name, recipient.as_str()).is_some();
        if key_groups.is_some() && !recipients.iter().all(is_known) {
            return shares::wrap_all(data_key()?, recipients, key_groups, interaction);
        }
        let mut readers = Vec::new();
        for (name, recipient) in recipients {
            readers.push(match known(name, recipient.as_str()) {
                Some(reader) => reader,
                None => Reader {
                    name: name.clone(),
                    group: None,
                    recipient: recipient.as_str().to_owned(),
                    wrapped_key: wrap(data_key()?, recipient, interaction)?,
                },
            });
        }
        readers.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(readers)
    }

    /// The file with other metadata behind the same body.
    fn with_metadata(&self, metadata: &Metadata) -> Result<String, Error> {
        let SealedFile { format, body, scan, .. } = &self.sealed;
        let layout = format.layout(body, scan);
        let text = format.attach(body, layout, scan.root, METADATA_KEY, &metadata.to_block());
        self_check(&text, &self.opened.document, &self.keys)?;
        Ok(text)
    }
}

/// The values that are sealed in `sealed` and clear in `document` by `plan`.
fn cleared(sealed: &SealedFile<'_>, document: &Document, plan: &Plan) -> Result<Vec<String>, Error> {
    let roles = roles_for_plaintext(&plan.policy(), document)?;
    let leaves = document.scan().leaves.iter().enumerate();
    let cleared = leaves.filter(|(number, leaf)| {
        shows(leaf.kind)
            && sealed.roles.role(*number) == Role::Sealed
            && matches!(roles.role(*number), Role::Clear | Role::Free)
    });
    Ok(cleared.map(|(_, leaf)| document.path(leaf.path)).collect())
}
