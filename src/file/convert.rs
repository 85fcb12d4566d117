//! From one dialect to the other: the same plaintext, under a new data key.
//!
//! A conversion is a proposal: it says what would be clear and was not, what would be sealed and was not, and what would
//! not come back as it was spelled. Whether that is wanted, the caller decides before anything is written.

use std::collections::BTreeMap;

use super::document::Document;
use super::open::Decrypted;
use super::plan::Plan;
use super::seal::{encrypt, roles_for_plaintext};
use super::sops::{self, MacCheck, Wrap, marks};
use crate::config::is_name;
use crate::data_key::DataKey;
use crate::dialect::native::{Reader, Role};
use crate::dialect::sops as sops_dialect;
use crate::dialect::sops::{KeyGroup, KeyKind, MasterKey, Time};
use crate::document::sops::Store;
use crate::document::{BINARY, Format};
use crate::error::Error;
use crate::keys::{Interaction, KeyGroups, Recipient};
use crate::leaf::{LeafKind, Span};
use crate::select::{ClearValues, CommentPolicy, Selection};

mod compare;

pub use compare::Changes;

/// A leaf of a plaintext, as one of the dialects sees it.
#[derive(Clone, Debug)]
pub(in crate::file) struct Mark {
    pub(in crate::file) span: Span,
    /// For a comment that of what contains it.
    pub(in crate::file) path: String,
    pub(in crate::file) is_comment: bool,
    /// Whether there is nothing to seal: null, or an empty text.
    pub(in crate::file) is_empty: bool,
    pub(in crate::file) is_sealed: bool,
}

/// A file in the other dialect.
#[derive(Debug)]
pub struct Converted {
    /// The text to write. It was opened again, and holds the same values.
    pub text: String,
    /// What is not as it was.
    pub changes: Changes,
}

/// How a file of SOPS is to be encrypted natively, so that the same people read the same of it. `name_of` knows names for
/// readers; others are called after the comment of their ssh key, or by number.
///
/// Nothing authenticates the metadata of SOPS: somebody who knows the readers has to confirm them.
///
/// # Errors
/// [`Error::Unconvertible`] for keys that are no age recipients, and selectors that globs cannot express.
pub fn plan_of_sops(
    decrypted: &sops::Decrypted,
    store: Store,
    name_of: &dyn Fn(&Recipient) -> Option<String>,
) -> Result<Plan, Error> {
    let metadata = &decrypted.metadata;
    let mut plan = Plan::for_recipients(recipients(&metadata.groups, name_of)?);
    plan.key_groups = key_groups(metadata)?;
    if metadata.mac_only_encrypted {
        plan.clear_values = ClearValues::Free;
    }
    let rule = metadata.rule.clone().unwrap_or_default();
    let marks = sops_marks(&decrypted.plaintext, store, &rule, true)?;
    let of_sort = |comments: bool| marks.iter().filter(move |mark| mark.is_comment == comments && !mark.is_empty);
    if of_sort(true).all(|mark| !mark.is_sealed) && of_sort(true).next().is_some() {
        plan.comments = CommentPolicy::Clear;
    }
    // Whoever never left anything clear does not need a rule for it.
    if of_sort(false).any(|mark| !mark.is_sealed) {
        plan.selection = rule.selection().ok_or_else(|| {
            let (name, text) = rule.parts();
            Error::Unconvertible { what: format!("its selector `{name}: {text}` has no path globs that say the same") }
        })?;
    }
    Ok(plan)
}

/// The file of SOPS that was `decrypted`, in our own dialect: everything is sealed anew under a new data key.
///
/// # Errors
/// Those of [`encrypt`] and of [`Document::parse`]; [`Error::Syntax`] for a comment that did not open.
pub fn to_native(
    decrypted: &sops::Decrypted,
    store: Store,
    format: &'static dyn Format,
    plan: &Plan,
    interaction: &dyn Interaction,
) -> Result<Converted, Error> {
    if let Some(&at) = decrypted.unopened_comments.first() {
        let what = "this comment does not open, and its token is no text: take it out, or bring it back from git";
        return Err(Error::Syntax { at, what });
    }
    let plaintext = &decrypted.plaintext;
    let rule = decrypted.metadata.rule.clone().unwrap_or_default();
    let before = sops_marks(plaintext, store, &rule, true)?;
    let document = Document::parse(plaintext, format)?;
    let after = native_marks(&document, plan, plaintext.len())?;
    // It opens what it made, and compares it byte for byte (I9).
    let encrypted = encrypt(&document, plan, interaction)?;
    let mut changes = Changes::default();
    if store == Store::Binary && format.name() != BINARY.name() {
        changes.structure = true;
        changes.exposed = after.iter().filter(|mark| !mark.is_sealed).map(|mark| mark.path.clone()).collect();
    } else {
        changes = Changes::of_marks(plaintext, &before, &after);
        changes.read_otherwise = compare::read_otherwise(&document, store)?;
    }
    Ok(Converted { text: encrypted.text, changes })
}

/// The metadata for a native file in the dialect of SOPS: the same readers and, where SOPS has a selector for it, the same
/// selection or one that encrypts more.
///
/// # Errors
/// [`Error::Unconvertible`] for sections, proposals, and a selection for which there is no selector.
pub fn metadata_of_native(decrypted: &Decrypted, now: Time) -> Result<sops_dialect::Metadata, Error> {
    let policy = &decrypted.metadata.policy;
    let [section] = decrypted.metadata.sections.as_slice() else {
        let names: Vec<_> = decrypted.metadata.sections.iter().skip(1).map(|section| section.name.as_str()).collect();
        let what = format!("SOPS has no sections, and this file has `{}`", names.join("`, `"));
        return Err(Error::Unconvertible { what });
    };
    if let Some(proposal) = decrypted.metadata.proposals.first() {
        let what = format!("SOPS has no proposals, and one for `{}` waits here", proposal.path);
        return Err(Error::Unconvertible { what });
    }
    let groups = match section.threshold {
        None => vec![section.readers.iter().collect()],
        Some(_) => section.key_groups(),
    };
    let group = |readers: Vec<&Reader>| KeyGroup {
        keys: readers.iter().map(|reader| MasterKey::age(&reader.recipient)).collect(),
        unknown: Vec::new(),
    };
    let mut metadata = sops_dialect::Metadata::new(groups.into_iter().map(group).collect(), now);
    metadata.shamir_threshold = section.threshold.map(usize::from);
    metadata.mac_only_encrypted = policy.clear_values == ClearValues::Free;
    metadata.rule = Some(sops_selector(&policy.selection)?);
    Ok(metadata)
}

/// The selector of SOPS for `selection`.
///
/// # Errors
/// [`Error::Unconvertible`] when each would leave more clear, now or for keys to come.
pub(crate) fn sops_selector(selection: &Selection) -> Result<sops_dialect::Rule, Error> {
    sops_dialect::Rule::of_selection(selection).ok_or_else(|| {
        let globs = |globs: &[crate::select::PathGlob]| {
            globs.iter().map(|glob| format!("`{glob}`")).collect::<Vec<_>>().join(", ")
        };
        let clear =
            if selection.clear.is_empty() { String::new() } else { format!(", clear: {}", globs(&selection.clear)) };
        let what = format!(
            "SOPS has no selector for its globs (encrypt: {}{clear}): it looks at keys alone, at any depth",
            globs(&selection.encrypt)
        );
        Error::Unconvertible { what }
    })
}

/// The native file that was `decrypted`, as a file of SOPS with `metadata`, whose keys the new data key is wrapped to.
///
/// # Errors
/// Those of [`sops::encrypt`] and [`sops::wrap_data_key`]; [`Error::Unconvertible`] for TOML, and for sections that nobody
/// here can open.
pub fn to_sops(
    decrypted: &Decrypted,
    store: Store,
    mut metadata: sops_dialect::Metadata,
    wrap: &dyn Wrap,
) -> Result<Converted, Error> {
    if let Some(name) = decrypted.locked_section() {
        return Err(Error::SectionLocked { section: name.to_owned() });
    }
    let document = &decrypted.document;
    if document.format().name() == "toml" {
        return Err(Error::Unconvertible { what: "SOPS has no TOML".to_owned() });
    }
    let plaintext = document.plaintext()?;
    let rule = metadata.rule.clone().filter(|_| store != Store::Binary).unwrap_or_default();
    if store == Store::Binary {
        metadata.rule = None;
    }
    let plan = Plan::of_metadata(&decrypted.metadata)?;
    let before = native_marks(document, &plan, plaintext.len())?;
    let after = sops_marks(&plaintext, store, &rule, false)?;
    let data_key = DataKey::generate()?;
    sops::wrap_data_key(&mut metadata, &data_key, wrap)?;
    let text = sops::encrypt(&plaintext, store, &data_key, metadata)?;
    let again = sops::decrypt(text.as_bytes(), store, &data_key, MacCheck::Require)?;
    let mut changes = Changes::of_marks(&plaintext, &before, &after);
    changes.read_otherwise = compare::read_otherwise(document, store)?;
    changes.compare_texts(&plaintext, &again.plaintext, |text| sops_marks(text, store, &rule, true))?;
    Ok(Converted { text, changes })
}

/// Name and key of each reader.
fn recipients(
    groups: &[KeyGroup],
    name_of: &dyn Fn(&Recipient) -> Option<String>,
) -> Result<Vec<(String, Recipient)>, Error> {
    let keys = || groups.iter().flat_map(|group| &group.keys);
    let others: Vec<_> = keys().filter(|key| key.kind() != KeyKind::Age).map(MasterKey::name).collect();
    if !others.is_empty() {
        let others = others.join("`, `");
        return Err(Error::Unconvertible {
            what: format!("native files are for age and ssh keys, not for `{others}`"),
        });
    }
    let mut named: BTreeMap<String, Recipient> = BTreeMap::new();
    for (number, key) in keys().enumerate() {
        let recipient = Recipient::parse(&key.name())?;
        if named.values().any(|known| *known == recipient) {
            continue;
        }
        let text = key.name();
        let comment = text.trim().splitn(3, ' ').nth(2).map(str::trim).filter(|comment| is_name(comment));
        let name = name_of(&recipient).or(comment.map(str::to_owned)).filter(|name| !named.contains_key(name));
        named.insert(name.unwrap_or_else(|| format!("recipient-{}", number + 1)), recipient);
    }
    Ok(named.into_iter().collect())
}

/// The groups of a file that has several.
fn key_groups(metadata: &sops_dialect::Metadata) -> Result<Option<KeyGroups>, Error> {
    let group = |group: &KeyGroup| group.keys.iter().map(|key| Recipient::parse(&key.name())).collect();
    match metadata.groups.as_slice() {
        [_] => Ok(None),
        groups => {
            let threshold = metadata.shamir_threshold.unwrap_or(groups.len());
            KeyGroups::new(threshold, groups.iter().map(group).collect::<Result<_, _>>()?).map(Some)
        }
    }
}

/// The leaves that SOPS sees; a binary file is a single one.
fn sops_marks(plaintext: &[u8], store: Store, rule: &sops_dialect::Rule, if_any: bool) -> Result<Vec<Mark>, Error> {
    if store == Store::Binary {
        return Ok(vec![whole(plaintext.len(), true)]);
    }
    let text = std::str::from_utf8(plaintext).map_err(|_| Error::NotEncrypted)?;
    marks::marks(text, store, rule, if_any)
}

/// The leaves of a plaintext that `plan` seals and leaves clear.
fn native_marks(document: &Document, plan: &Plan, plaintext_len: usize) -> Result<Vec<Mark>, Error> {
    let roles = roles_for_plaintext(&plan.policy(), document)?;
    if document.format().name() == BINARY.name() {
        return Ok(vec![whole(plaintext_len, roles.count(Role::Sealed) > 0)]);
    }
    let mut marks = Vec::new();
    for (number, leaf) in document.scan().leaves.iter().enumerate() {
        if !leaf.kind.is_value() && leaf.kind != LeafKind::Comment && leaf.kind != LeafKind::NoValue {
            continue;
        }
        let is_comment = leaf.kind.is_comment();
        marks.push(Mark {
            span: leaf.span,
            path: document.path(leaf.path),
            is_comment,
            is_empty: !is_comment && document.value(leaf)?.is_empty(),
            is_sealed: matches!(roles.role(number), Role::Sealed | Role::SealedComment),
        });
    }
    Ok(marks)
}

fn whole(len: usize, is_sealed: bool) -> Mark {
    Mark { span: Span::new(0..len), path: ".".to_owned(), is_comment: false, is_empty: len == 0, is_sealed }
}

#[cfg(test)]
mod tests;
