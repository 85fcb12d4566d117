//! Setting and unsetting one value of an encrypted file.

use super::change::{Changed, Scanning, with_value, without_value};
use super::document::Document;
use super::open::{Keys, SealedFile, Unlock, Warning};
use super::parallel;
use super::path_query::PathQuery;
use super::reseal::reseal;
use super::seal::{refuse_locked, shows};
use crate::dialect::native::{Metadata, Role, Roles};
use crate::document::{Format, Value};
use crate::error::Error;

/// What became of a file.
#[derive(Debug)]
pub struct Outcome {
    /// The new file; none when nothing changed.
    pub edited: Option<Edited>,
    /// The file's metadata.
    pub metadata: Metadata,
    /// What its reader should know.
    pub warnings: Vec<Warning>,
}

/// An encrypted file in which one value changed, opened again and found to hold it (I9).
#[derive(Debug)]
pub struct Edited {
    /// The text to write.
    pub text: String,
    /// The paths of those new values that stay clear.
    pub clear: Vec<String>,
    /// Whether a number, or `true` or `false`, gave way to a text that looks like one.
    pub retyped: bool,
}

/// Writes `value` at `query`, in the style of what stands there. Missing maps on the way are made, and the index behind
/// the last item of a list adds one. Every other leaf keeps its token, and a value that stands there already changes
/// nothing.
///
/// # Errors
/// Those of [`crate::file::decrypt`]; [`Error::SectionLocked`]; [`Error::Misplaced`] and [`Error::Unrepresentable`] where
/// the file cannot hold the value there; [`Error::NothingSelected`]; [`Error::SelfCheck`].
pub fn set(
    old: &[u8],
    format: &'static dyn Format,
    query: &PathQuery,
    value: &Value,
    unlock: &dyn Unlock,
) -> Result<Outcome, Error> {
    let query = query.meant(format.has_dotted_keys());
    change(old, format, unlock, |document, scanning| with_value(document, &query, value, scanning))
}

/// Takes the value, map or list at `query` out, with its line and the comment on it. What is left empty becomes `{}` or
/// `[]` where the format has such a thing.
///
/// # Errors
/// As [`set`]; [`Error::PathNotFound`].
pub fn unset(
    old: &[u8],
    format: &'static dyn Format,
    query: &PathQuery,
    unlock: &dyn Unlock,
) -> Result<Outcome, Error> {
    let query = query.meant(format.has_dotted_keys());
    change(old, format, unlock, |document, _| without_value(document, &query).map(Some))
}

fn change(
    old: &[u8],
    format: &'static dyn Format,
    unlock: &dyn Unlock,
    change: impl Fn(&Document, Scanning) -> Result<Option<Changed>, Error>,
) -> Result<Outcome, Error> {
    let sealed = SealedFile::read(old, format)?;
    let keys = sealed.unlock(unlock)?;
    let opened = sealed.open(&keys)?;
    refuse_locked(&sealed, &keys)?;
    let edited = match resealed(&sealed, &opened.document, &keys, &change)? {
        None => None,
        Some((changed, text, roles)) => {
            let leaves = changed.window.new.clone().map(|number| (number, &changed.document.scan().leaves[number]));
            let clear = leaves
                .filter(|(number, leaf)| shows(leaf.kind) && matches!(roles.role(*number), Role::Clear | Role::Free));
            let clear = clear.map(|(_, leaf)| changed.document.path(leaf.path)).collect();
            Some(Edited { text, clear, retyped: changed.retyped })
        }
    };
    Ok(Outcome { edited, metadata: sealed.metadata, warnings: opened.warnings })
}

/// The change, and the encrypted text with it. The new text is scanned while that is made; only when both agree is it
/// given out, otherwise everything is done again, with the scan first.
fn resealed(
    sealed: &SealedFile<'_>,
    old: &Document,
    keys: &Keys,
    change: impl Fn(&Document, Scanning) -> Result<Option<Changed>, Error>,
) -> Result<Option<(Changed, String, Roles)>, Error> {
    if let Ok(Some(changed)) = change(old, Scanning::Later) {
        let leaves = old.scan().leaves.len();
        let make = || reseal(sealed, old, &changed, keys);
        if let (true, Ok((text, roles))) = parallel::join(leaves, || changed.is_as_foretold(), make) {
            return Ok(Some((changed, text, roles)));
        }
    }
    let Some(changed) = change(old, Scanning::Now)? else { return Ok(None) };
    let (text, roles) = reseal(sealed, old, &changed, keys)?;
    Ok(Some((changed, text, roles)))
}
