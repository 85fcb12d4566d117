//! The merge of three plaintexts: by lines where that is right, else by what they hold.

use zeroize::Zeroizing;

use super::agreement::{agrees, has_their_comments, holds_the_same};
use super::chunks::Chunks;
use super::lines::merge_lines;
use super::structure::{Side, Versions};
use super::{Conflict, ConflictKind, Labels};
use crate::document::Format;
use crate::error::Error;
use crate::file::document::Document;

/// Merged plaintexts.
#[derive(Debug)]
pub(super) enum Plaintext {
    /// One that holds the changes of both.
    Clean(Document),
    /// Two that hold the changes of both, but for those that cannot stand together.
    Conflict { ours: Document, theirs: Document, conflicts: Vec<Conflict> },
}

/// Merges `ours` and `theirs`, which were both made from `base`.
///
/// What git merges line by line comes out as git would have it, if that says what both sides say. (A key may stand twice then, or
/// the changes of both not be what either meant.)
///
/// # Errors
/// Those of scanning texts that were scanned before: none.
pub(super) fn merge(base: Option<&Document>, ours: &Document, theirs: &Document) -> Result<Plaintext, Error> {
    let format = ours.format();
    let whole = |kind| {
        let conflicts = vec![Conflict { path: None, kind }];
        Ok(Plaintext::Conflict { ours: copy(ours)?, theirs: copy(theirs)?, conflicts })
    };
    if ours.text() == theirs.text() || base.is_some_and(|base| base.text() == theirs.text()) {
        return Ok(Plaintext::Clean(copy(ours)?));
    }
    if base.is_some_and(|base| base.text() == ours.text()) {
        return Ok(Plaintext::Clean(copy(theirs)?));
    }
    if let Some(merged) = binary(base, ours, theirs)? {
        return match merged {
            Some(document) => Ok(Plaintext::Clean(document)),
            None => whole(ConflictKind::Changed),
        };
    }
    let by_lines = base.and_then(|base| {
        let merged = merge_lines(base.text(), ours.text(), theirs.text(), &Labels::default());
        Document::of_text(merged.text, format).ok().filter(|_| merged.conflicts == 0)
    });
    if let Some(document) = by_lines.as_ref().filter(|document| agrees(base, ours, theirs, document, &[])) {
        return Ok(Plaintext::Clean(copy(document)?));
    }
    let of_base = base.map(Chunks::of).transpose()?;
    let (of_ours, of_theirs) = (Chunks::of(ours)?, Chunks::of(theirs)?);
    let versions = Versions { base: of_base.as_ref(), ours: &of_ours, theirs: &of_theirs };
    let checked = |text: Zeroizing<String>, conflicts: &[Conflict]| {
        let document = Document::of_text(text, format).ok()?;
        agrees(base, ours, theirs, &document, conflicts).then_some(document)
    };
    let (text, conflicts) = versions.merge(Side::Ours);
    let merged = checked(text, &conflicts);
    if conflicts.is_empty()
        && let Some(merged) = merged
    {
        // Both gave one entry another name, say, and its comment would stand above each.
        return match has_their_comments(base, ours, theirs, &merged) {
            true => Ok(Plaintext::Clean(merged)),
            false => whole(ConflictKind::Comment),
        };
    }
    // One side gave a map another name, and the other one changed what is in it.
    if let Some(document) = by_lines.filter(|document| holds_the_same(base, ours, theirs, document)) {
        return Ok(Plaintext::Clean(document));
    }
    if let Some(merged) = merged {
        let (text, _) = versions.merge(Side::Theirs);
        if let Some(other) = checked(text, &conflicts) {
            return Ok(Plaintext::Conflict { ours: merged, theirs: other, conflicts });
        }
    }
    match conflicts.is_empty() {
        true => whole(ConflictKind::Layout),
        false => Ok(Plaintext::Conflict { ours: copy(ours)?, theirs: copy(theirs)?, conflicts }),
    }
}

/// The merge of files that are one value: by lines, if they are texts. None for all others.
fn binary(base: Option<&Document>, ours: &Document, theirs: &Document) -> Result<Option<Option<Document>>, Error> {
    let format: &'static dyn Format = ours.format();
    let bytes = |document: &Document| format.open_envelope(document.text()).transpose();
    let (Some(ours), Some(theirs)) = (bytes(ours)?, bytes(theirs)?) else { return Ok(None) };
    let base = base.map(bytes).transpose()?.flatten();
    let texts = [base.as_ref(), Some(&ours), Some(&theirs)];
    let texts = texts.map(|bytes| std::str::from_utf8(bytes?).ok().filter(|text| !text.contains('\0')));
    let [Some(base), Some(ours), Some(theirs)] = texts else { return Ok(Some(None)) };
    let merged = merge_lines(base, ours, theirs, &Labels::default());
    if merged.conflicts > 0 {
        return Ok(Some(None));
    }
    Document::parse(merged.text.as_bytes(), format).map(|document| Some(Some(document)))
}

fn copy(document: &Document) -> Result<Document, Error> {
    let text = Zeroizing::new(document.text().to_owned());
    Document::from_parts(document.format(), text, document.scan().clone())
}
