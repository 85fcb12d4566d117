//! Both sides of a conflict in one plaintext, with markers.

use std::path::Path;

use sops_rs::error::Error;
use sops_rs::file::conflict::{self, Conflicted};
use sops_rs::file::merge::{Conflict, ConflictKind, mark_differences};
use zeroize::Zeroizing;

use super::{Labels, Merging, describe};
use crate::cli::editing::Editable;
use crate::cli::report::{Failure, named, say, word};
use crate::cli::{exit_code, signals};

/// The plaintext, with conflict markers around the lines in which the sides differ.
pub(super) struct Marked<'a> {
    merging: &'a Merging<'a>,
    /// The encrypted sides; each verifies.
    ours: Zeroizing<String>,
    theirs: Zeroizing<String>,
    text: Zeroizing<String>,
    marker_len: usize,
}

impl<'a> Marked<'a> {
    pub(super) fn of(
        merging: &'a Merging<'a>,
        ours: Zeroizing<String>,
        theirs: Zeroizing<String>,
        conflicts: &[Conflict],
    ) -> Result<Self, Failure> {
        let resolving = merging.resolving;
        let choose = |what: &str| {
            let failure = Failure::about(exit_code::GENERIC, &resolving.shown(), what);
            failure.hint("take one side with --ours or --theirs; afterwards it can be changed")
        };
        let open = |side: &str| {
            let decrypted = resolving.open(side.as_bytes()).map_err(|error| resolving.failure(error))?;
            if let Some(section) = decrypted.locked_section() {
                return Err(resolving.failure(Error::SectionLocked { section: section.to_owned() }));
            }
            decrypted.into_plaintext().map_err(|error| resolving.failure(error))
        };
        if let Some(conflict) = conflicts.iter().find(|conflict| !is_in_text(conflict.kind)) {
            describe(&resolving.shown(), std::slice::from_ref(conflict));
            return Err(choose("has a conflict that no editor can resolve"));
        }
        let (a, b) = (open(&ours)?, open(&theirs)?);
        let not_text = || choose("is not text, so that it cannot be merged in an editor");
        let (Ok(a), Ok(b)) = (std::str::from_utf8(&a), std::str::from_utf8(&b)) else { return Err(not_text()) };
        let marker_len = conflict::free_marker_len(&[a, b]);
        let [our_label, their_label] = merging.versions.labels.each_ref().map(String::as_str);
        let labels = Labels { ours: our_label, base: "base", theirs: their_label, marker_size: marker_len };
        let text = mark_differences(a, b, &labels).text;
        Ok(Self { merging, ours, theirs, text, marker_len })
    }

    /// Writes a file with the lines of both sides.
    pub(super) fn write_union(&self) -> Result<(), Failure> {
        let conflicted = Conflicted::read(&self.text).map_err(|error| self.merging.resolving.failure(error))?;
        let union = conflicted.map_or_else(|| self.text.clone(), |conflicted| conflicted.union());
        self.write(union.as_bytes()).map_err(|failure| {
            failure.hint(
                "both sides one after the other make no valid file here: resolve it in the editor, or take one side",
            )
        })
    }

    fn write(&self, plaintext: &[u8]) -> Result<(), Failure> {
        let text = self.merging.encrypt(self.ours.as_bytes(), self.theirs.as_bytes(), plaintext)?;
        signals::uninterrupted(|| self.merging.write(text.as_bytes()).map(drop))
    }
}

/// Whether a conflict is about what an editor shows. Readers, policies and data keys are not in the plaintext.
fn is_in_text(kind: ConflictKind) -> bool {
    !matches!(
        kind,
        ConflictKind::DataKey
            | ConflictKind::Exposed
            | ConflictKind::Gained
            | ConflictKind::Policy
            | ConflictKind::Readers
    )
}

impl Editable for Marked<'_> {
    fn path(&self) -> &Path {
        self.merging.resolving.path
    }

    fn plaintext(&self) -> &[u8] {
        self.text.as_bytes()
    }

    fn is_unchanged(&self, edited: &[u8]) -> bool {
        *edited == *self.text.as_bytes()
    }

    fn command_for(&self, kept: &str) -> String {
        let with = format!("cp {} {{}}", word(kept));
        format!("sops-rs git resolve --with {} {}", word(&with), word(&self.merging.resolving.shown()))
    }

    fn finish(&self, edited: &[u8]) -> Result<u8, Failure> {
        let shown = self.merging.resolving.shown();
        let left = std::str::from_utf8(edited).ok().and_then(|text| conflict::marker_of_len(text, self.marker_len));
        if self.is_unchanged(edited) && left.is_some() {
            say(&format!("{}: nothing was changed, the conflict stays", named(&shown)));
            return Ok(exit_code::UNCHANGED);
        }
        if let Some(at) = left {
            let mut failure = Failure::about(exit_code::INPUT, &shown, format_args!("{at}: a conflict marker is left"));
            failure.line = Some(at.line);
            return Err(failure.hint("keep the lines that are right, and remove the others with all markers"));
        }
        self.write(edited)?;
        Ok(0)
    }
}
