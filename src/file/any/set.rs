//! Setting and unsetting one value of an encrypted file.

use zeroize::Zeroizing;

use super::detect::sops_file;
use super::{Metadata, Unlock, explained};
use crate::dialect::sops::Time;
use crate::document::sops::Store;
use crate::document::{Format, Value};
use crate::error::Error;
use crate::file::change::{Scanning, with_value, without_value};
use crate::file::document::Document;
use crate::file::open::Warning;
use crate::file::outline::ValueState;
use crate::file::path_query::PathQuery;
use crate::file::scalar::Scalar;
use crate::file::set::{self as native, Edited};
use crate::file::sops::{self, Documents, KeyPath, MacCheck, SealedFile, unlock_data_key};
use crate::file::tree::{self, Tree};

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

/// Writes `value` at `query`, in the style of what stands there, and keeps all other tokens. Missing maps on the way are made,
/// and the index behind the last item of a list adds one. `now` is the time that files of the sops dialect note.
///
/// # Errors
/// Those of [`file::set`](crate::file::set) and [`file::sops::set`](sops::set); [`Error::Misplaced`] for a second document of
/// a file of the sops dialect.
pub fn set(
    old: &[u8],
    format: &'static dyn Format,
    query: &PathQuery,
    value: &Value,
    unlock: &dyn Unlock,
    now: Time,
) -> Result<Outcome, Error> {
    explained(old, || {
        let Some((sealed, store)) = sops_file(old, format)? else {
            return native::set(old, format, query, value, unlock).map(Outcome::of_native);
        };
        change((&sealed, store), format, query, unlock, now, |plaintext| {
            if store == Store::Binary {
                let document = Document::parse(plaintext, format)?;
                let query = query.meant(format.has_dotted_keys());
                let changed = with_value(&document, &query, value, Scanning::Now)?;
                let Some(changed) = changed else { return Ok(None) };
                return Ok(Some((changed.document.into_plaintext()?, changed.retyped)));
            }
            let documents = Documents::read(plaintext, store)?;
            let retyped = is_retyped(&documents, query, value)?;
            let path = KeyPath::of(query, &documents)?;
            Ok(sops::set(plaintext, store, &path, value)?.map(|plaintext| (plaintext, retyped)))
        })
    })
}

/// Takes the value, map or list at `query` out.
///
/// # Errors
/// As [`set`]; [`Error::PathNotFound`].
pub fn unset(
    old: &[u8],
    format: &'static dyn Format,
    query: &PathQuery,
    unlock: &dyn Unlock,
    now: Time,
) -> Result<Outcome, Error> {
    explained(old, || {
        let Some((sealed, store)) = sops_file(old, format)? else {
            return native::unset(old, format, query, unlock).map(Outcome::of_native);
        };
        change((&sealed, store), format, query, unlock, now, |plaintext| {
            let plaintext = if store == Store::Binary {
                let document = Document::parse(plaintext, format)?;
                without_value(&document, &query.meant(format.has_dotted_keys()))?.document.into_plaintext()?
            } else {
                let documents = Documents::read(plaintext, store)?;
                // What is missing is told as in native files, with what may have been meant.
                Tree::of_sops(&documents).find(query)?;
                sops::unset(plaintext, store, &KeyPath::of(query, &documents)?)?
            };
            Ok(Some((plaintext, false)))
        })
    })
}

/// A plaintext that `change` makes of another one, and whether a number or truth value gave way to a text; none when nothing
/// changes.
type Change = Option<(Zeroizing<Vec<u8>>, bool)>;

fn change(
    (sealed, store): (&SealedFile<'_>, Store),
    format: &'static dyn Format,
    query: &PathQuery,
    unlock: &dyn Unlock,
    now: Time,
    change: impl FnOnce(&[u8]) -> Result<Change, Error>,
) -> Result<Outcome, Error> {
    let data_key = unlock_data_key(sealed.metadata(), unlock)?;
    let opened = sealed.decrypt(&data_key, MacCheck::Require)?;
    let edited = match change(&opened.plaintext)? {
        None => None,
        Some((plaintext, retyped)) => {
            let text = sealed.update(&plaintext, &data_key, now, MacCheck::Require)?;
            let outline = super::outline(text.as_bytes(), format)?.1;
            // What was taken out is not there any more.
            let values = outline.at(query).unwrap_or_default();
            let clear = values.iter().filter(|value| value.state() == ValueState::Clear);
            Some(Edited { clear: clear.map(|value| value.path()).collect(), text, retyped })
        }
    };
    let warnings = opened.unopened_comments.into_iter().map(|at| Warning::CommentNotOpened { at });
    Ok(Outcome { edited, metadata: Metadata::of_sops(sealed, store), warnings: warnings.collect() })
}

impl Outcome {
    fn of_native(outcome: native::Outcome) -> Self {
        let native::Outcome { edited, metadata, warnings } = outcome;
        Self { edited, metadata: Metadata::Native(metadata), warnings }
    }
}

/// Whether `value` looks as if it had the type of what stands at `query`. One value in the place of a map or list would
/// replace all of that: refused, as in native files.
fn is_retyped(documents: &Documents, query: &PathQuery, value: &Value) -> Result<bool, Error> {
    let tree = Tree::of_sops(documents);
    let Ok(old) = tree.find(query) else { return Ok(false) };
    let old = match old {
        tree::Value::Scalar(scalar) => scalar,
        tree::Value::List(_) | tree::Value::Map(_) if value.is_collection() => return Ok(false),
        tree::Value::List(_) | tree::Value::Map(_) => {
            let what = "is a map or a list, and one value would replace all of it: unset it first";
            return Err(Error::Misplaced { path: query.to_string(), what });
        }
    };
    let Value::Text(text) = value else { return Ok(false) };
    Ok(match old {
        Scalar::Number(_) => matches!(Value::from_json(text), Ok(Value::Number(_))),
        Scalar::Bool(_) => matches!(text.as_str(), "true" | "false"),
        _ => false,
    })
}
