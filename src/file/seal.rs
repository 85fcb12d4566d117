//! Sealing: from a plaintext to an encrypted file.

use super::before::{Before, OldSeals};
use super::document::Document;
use super::open::{Keys, SealedFile, Unlock};
use super::parallel;
use super::plan::{Plan, SectionReaders};
use super::shares;
use super::tokens::{held, seal_leaves, tokens_len, write_leaf};
use crate::data_key::DataKey;
use crate::dialect::native::{
    Chain, Linked, MAX_SECTIONS, METADATA_KEY, Metadata, Pieces, Policy, Role, Roles, Section, SectionKeys, chain,
    is_token_like, is_token_like_comment, token_len,
};
use crate::document::{Layout, MAX_ENCRYPTED_LEN, Root, Splicer};
use crate::error::{Error, Position};
use crate::keys::{Interaction, KeyGroups};
use crate::leaf::{LeafKind, Span};

/// An encrypted file, opened again and found equal to its plaintext (I9).
#[derive(Debug)]
pub struct Encrypted {
    /// The text to write.
    pub text: String,
    /// What became of the leaves.
    pub summary: Summary,
}

/// What an encryption did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// How many values are sealed.
    pub sealed: usize,
    /// How many comments are sealed.
    pub comments: usize,
    /// How many of both kept the tokens that they had, because they did not change.
    pub kept: usize,
    /// The paths of the values that stay clear, and of dotenv keys without `=`.
    pub clear: Vec<String>,
}

/// Encrypts `document` under new data keys.
///
/// # Errors
/// [`Error::NothingSelected`] when the selection seals no value; [`Error::Wrap`]; [`Error::Syntax`] for plaintext
/// that looks encrypted; [`Error::SelfCheck`].
pub fn encrypt(document: &Document, plan: &Plan, interaction: &dyn Interaction) -> Result<Encrypted, Error> {
    encrypt_after(document, plan, &[], interaction)
}

/// Encrypts `document` in the place of the encrypted file `old`, but under new data keys, and to the readers and with
/// the policy of `plan`. The metadata prove that whoever did it held the old data keys.
///
/// # Errors
/// Those of [`crate::file::decrypt`] for `old` and of [`encrypt`] for `document`; [`Error::SectionLocked`] when a
/// section of `old` cannot be opened: whoever lacks its data key cannot prove to follow it.
pub fn replace(
    old: &[u8],
    document: &Document,
    plan: &Plan,
    unlock: &dyn Unlock,
    interaction: &dyn Interaction,
) -> Result<Encrypted, Error> {
    let sealed = SealedFile::read(old, document.format())?;
    let keys = sealed.unlock(unlock)?;
    sealed.open(&keys)?;
    encrypt_over(&sealed, &keys, document, plan, interaction)
}

/// [`replace`] for a file that was opened.
pub(super) fn encrypt_over(
    sealed: &SealedFile<'_>,
    keys: &Keys,
    document: &Document,
    plan: &Plan,
    interaction: &dyn Interaction,
) -> Result<Encrypted, Error> {
    let mut old_keys = Vec::new();
    for (index, section) in sealed.metadata.sections.iter().enumerate() {
        old_keys.push((section.name.as_str(), held(keys, index, &sealed.metadata)?));
    }
    encrypt_after(document, plan, &old_keys, interaction)
}

fn encrypt_after(
    document: &Document,
    plan: &Plan,
    old_keys: &[(&str, &SectionKeys)],
    interaction: &dyn Interaction,
) -> Result<Encrypted, Error> {
    if plan.sections.len() >= MAX_SECTIONS {
        return Err(Error::Limit { what: "the number of sections", limit: MAX_SECTIONS as u64, at: None });
    }
    let policy = plan.policy();
    let roles = roles_for_plaintext(&policy, document)?;
    let mut sections = Vec::new();
    let mut keys = Vec::new();
    for readers in plan.readers() {
        let (mut section, section_keys) = new_section(readers, interaction)?;
        let old = old_keys.iter().find(|(name, _)| *name == section.name);
        section.follows = old.map(|(name, old)| old.follows(name, section_keys.key_id()));
        sections.push(section);
        keys.push(Some(section_keys));
    }
    let metadata = Metadata { policy, layout: Layout::default(), sections, proposals: Vec::new() };
    // What reading would refuse must not be written: names, readers that stand twice, none at all.
    Metadata::from_block(metadata.to_block(), 0)?;
    seal(document, metadata, &roles, &keys, None)
}

/// Encrypts `document` in the place of the encrypted file `old`: with its policy, recipients and data keys, and with
/// the tokens of all leaves that did not change (I8). An equal plaintext gives `old` itself.
///
/// # Errors
/// Those of [`crate::file::decrypt`] for `old` and of [`encrypt`] for `document`; [`Error::SectionLocked`] when a
/// section of `old` cannot be opened.
pub fn update(old: &[u8], document: &Document, unlock: &dyn Unlock) -> Result<Encrypted, Error> {
    let sealed = SealedFile::read(old, document.format())?;
    let keys = sealed.unlock(unlock)?;
    let opened = sealed.open(&keys)?;
    refuse_locked(&sealed, &keys)?;
    update_opened(old, &sealed, &keys, &opened.document, document)
}

/// [`update`] for a file that was opened: `content` is what it holds.
pub(super) fn update_opened(
    old: &[u8],
    sealed: &SealedFile<'_>,
    keys: &Keys,
    content: &Document,
    document: &Document,
) -> Result<Encrypted, Error> {
    if content.text() == document.text() {
        let text = String::from_utf8(old.to_vec()).map_err(|_| Error::NotEncrypted)?;
        let summary = summary(document, &roles_for_plaintext(&sealed.metadata.policy, document)?);
        return Ok(Encrypted { text, summary: Summary { kept: summary.sealed + summary.comments, ..summary } });
    }
    seal_over(sealed, keys, content, document, sealed.metadata.clone())
}

/// Encrypts `document` in the place of `content`, which the opened file `sealed` holds; `metadata` are that file's but for
/// the readers.
pub(super) fn seal_over(
    sealed: &SealedFile<'_>,
    keys: &Keys,
    content: &Document,
    document: &Document,
    metadata: Metadata,
) -> Result<Encrypted, Error> {
    let roles = roles_for_plaintext(&metadata.policy, document)?;
    let before = Before::new(sealed, content, document, &roles);
    seal(document, metadata, &roles, keys, Some(&before))
}

pub(super) fn refuse_locked(sealed: &SealedFile<'_>, keys: &Keys) -> Result<(), Error> {
    let section = sealed.metadata.sections.iter().zip(keys).find(|(_, keys)| keys.is_none());
    section.map_or(Ok(()), |(section, _)| Err(Error::SectionLocked { section: section.name.clone() }))
}

fn new_section(readers: SectionReaders<'_>, interaction: &dyn Interaction) -> Result<(Section, SectionKeys), Error> {
    let SectionReaders { section, recipients, key_groups } = readers;
    let data_key = DataKey::generate()?;
    let keys = SectionKeys::derive(&data_key);
    let section = Section {
        name: section.to_owned(),
        start: [0; 32],
        key_id: *keys.key_id(),
        threshold: key_groups.map(KeyGroups::threshold),
        readers: shares::wrap_all(&data_key, recipients, key_groups, interaction)?,
        follows: None,
        mac: [0; 32],
    };
    Ok((section, keys))
}

/// The roles of a plaintext's leaves; refuses what could not be told from an encrypted file.
pub(super) fn roles_for_plaintext(policy: &Policy, document: &Document) -> Result<Roles, Error> {
    let roles = Roles::assign(policy, document.text(), document.scan())?;
    for leaf in &document.scan().leaves {
        let source = document.source(leaf);
        let is_token = if leaf.kind.is_comment() { is_token_like_comment(source) } else { is_token_like(source) };
        if is_token {
            let what = "plaintext that begins with `ENC[` cannot be encrypted: it would be taken for a token";
            return Err(Error::Syntax { at: document.position(leaf), what });
        }
    }
    if roles.count(Role::Sealed) == 0 {
        let encrypt = policy.selection.encrypt.iter().map(|glob| glob.as_str().to_owned()).collect();
        return Err(Error::NothingSelected { encrypt });
    }
    Ok(roles)
}

fn summary(document: &Document, roles: &Roles) -> Summary {
    let clear = document
        .scan()
        .leaves
        .iter()
        .enumerate()
        .filter(|(number, leaf)| shows(leaf.kind) && matches!(roles.role(*number), Role::Clear | Role::Free));
    Summary {
        sealed: roles.count(Role::Sealed),
        comments: roles.count(Role::SealedComment),
        kept: 0,
        clear: clear.map(|(_, leaf)| document.path(leaf.path)).collect(),
    }
}

/// Whether a clear leaf of this kind shows something. A dotenv key without `=` does: it may be the second line of a value
/// that lacks its quotes.
pub(super) fn shows(kind: LeafKind) -> bool {
    kind.is_value() || kind == LeafKind::NoValue
}

/// Seals, links, authenticates, splices, attaches, and checks the result.
pub(super) fn seal(
    document: &Document,
    metadata: Metadata,
    roles: &Roles,
    keys: &Keys,
    before: Option<&dyn OldSeals>,
) -> Result<Encrypted, Error> {
    // Before any of it is made: tokens are a hundred times as long as the shortest values.
    check_len(tokens_len(document, roles))?;
    let (seals, kept) = seal_leaves(document, &metadata, roles, keys, before)?;
    let text = write(document, metadata, roles, keys, seals)?;
    self_check(&text, document, keys)?;
    Ok(Encrypted { text, summary: Summary { kept, ..summary(document, roles) } })
}

/// Links, authenticates, splices and attaches. What the seals hold is not looked at.
pub(super) fn write(
    document: &Document,
    mut metadata: Metadata,
    roles: &Roles,
    keys: &Keys,
    seals: Pieces,
) -> Result<String, Error> {
    let (format, scan) = (document.format(), document.scan());
    let linked = Linked { format, text: document.text(), scan, roles, seals: &seals };
    let mut links = vec![None; scan.leaves.len()];
    for index in 0..metadata.sections.len() {
        let section_keys = held(keys, index, &metadata)?;
        let name = &metadata.sections[index].name;
        let [first, second] =
            parallel::halves(scan.leaves.len(), |numbers| chain(linked, numbers, index, name, section_keys));
        let (Chain { start, links: first }, Chain { links: second, .. }) = (first?, second?);
        metadata.sections[index].start = start;
        first.into_iter().chain(second).for_each(|(number, link)| links[number] = Some(link));
    }
    let body = {
        let tokens: usize =
            (0..scan.leaves.len()).map(|number| seals.of(number).len()).filter(|&len| len > 0).map(token_len).sum();
        let mut splicer = Splicer::new(document.text(), scan.leaves.len(), document.text().len() + tokens);
        for (number, leaf) in scan.leaves.iter().enumerate() {
            splicer.replace(leaf.span, |out| {
                write_leaf(document, roles, number, seals.of(number), links[number].as_ref(), out);
            });
        }
        drop(seals);
        splicer.finish().text
    };
    attached(document, metadata, &body, keys)
}

/// Puts the metadata block, with new MACs, behind `body`: what `document` is with its tokens in place.
pub(super) fn attached(document: &Document, mut metadata: Metadata, body: &str, keys: &Keys) -> Result<String, Error> {
    let format = document.format();
    let layout = format.layout(document.text(), document.scan());
    metadata.layout = Layout { separate: false, ..layout };
    for index in 0..metadata.sections.len() {
        metadata.sections[index].mac = metadata.mac(index, held(keys, index, &metadata)?);
    }
    let root = moved_root(document.scan().root, document.text().len(), body.len());
    let text = format.attach(body, layout, root, METADATA_KEY, &metadata.to_block());
    check_len(text.len())?;
    Ok(text)
}

fn check_len(len: usize) -> Result<(), Error> {
    let what = "the encrypted file's length in bytes";
    if len > MAX_ENCRYPTED_LEN { Err(Error::Limit { what, limit: MAX_ENCRYPTED_LEN as u64, at: None }) } else { Ok(()) }
}

/// The root after a splice: no leaf lies before it or behind it but comments, and formats with comments do not look
/// at the span's end.
fn moved_root(root: Root, old_len: usize, new_len: usize) -> Root {
    let moved = |span: Span| Span::new(span.start as usize..new_len - (old_len - span.end as usize));
    match root {
        Root::Map(span) => Root::Map(moved(span)),
        Root::Other(span) => Root::Other(moved(span)),
    }
}

/// Invariant I9: what will be written is opened again and compared with the original, byte for byte.
pub(super) fn self_check(text: &str, document: &Document, keys: &Keys) -> Result<(), Error> {
    let difference = |at: usize| Error::SelfCheck { at: Position::of(document.text(), at) };
    let opened = SealedFile::read(text.as_bytes(), document.format()).and_then(|sealed| sealed.compare(keys, document));
    match opened.map_err(|_| difference(0))? {
        None => Ok(()),
        Some(at) => Err(difference(at)),
    }
}
