//! Encrypted files that git could not merge, or that somebody merged by hand: what is made of them. What `git resolve` and
//! `edit` share.

use std::collections::HashSet;
use std::path::Path;

use sops_rs::dialect::sops::MasterKey;
use sops_rs::document::{Format, MAX_ENCRYPTED_LEN};
use sops_rs::error::Error;
use sops_rs::file::any::{self, Plan, Rekeying};
use sops_rs::file::conflict::{self, Conflicted, MARKER_LEN};
use sops_rs::file::merge::{self, Conflict, Labels, Merged, Sides};
use sops_rs::file::sops::{Confirmed, KeyWrap};
use sops_rs::file::{Encrypted, ValueState};
use zeroize::Zeroizing;

use self::marked::Marked;
use self::versions::Versions;
use super::discover::{self, RuleOptions};
use super::editing::Editing;
use super::git::Repository;
use super::io::{self, Privacy};
use super::remembered::Remembered;
use super::report::{Failure, count, list, named, say, tell, warn, word};
use super::{clock, exit_code};

mod by_hand;
mod marked;
mod origin;
mod versions;

/// An encrypted file with conflicts, and how they are to be resolved.
pub(crate) struct Resolving<'a> {
    /// The file.
    pub(crate) path: &'a Path,
    /// Its format.
    pub(crate) format: &'static dyn Format,
    /// What is taken where both sides differ.
    pub(crate) choice: Choice<'a>,
    /// Whether what nothing vouches for is taken without a question.
    pub(crate) yes: bool,
    /// Opens all versions.
    pub(crate) keys: &'a Remembered,
    /// The repository of the file.
    pub(crate) repository: Option<&'a Repository>,
}

/// What is taken where both sides differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice<'a> {
    /// What the user makes of them in the editor, or this program.
    Edit(Option<&'a str>),
    /// Our side.
    Ours,
    /// Their side.
    Theirs,
    /// The lines of both.
    Union,
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was written, and verifies.
    Resolved,
    /// It verifies as it is.
    NoConflict,
    /// Nothing was changed in the editor.
    Unchanged,
}

/// The repository that a file is in.
pub(crate) fn repository_of(file: &Path) -> Result<Option<Repository>, Failure> {
    let folder = file.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    Repository::find(folder)
}

/// Tells how to stage a file that is resolved, if it waits for that.
pub(crate) fn say_how_to_stage(repository: &Repository, file: &Path) -> Result<(), Failure> {
    let Some(name) = repository.name_of(file) else { return Ok(()) };
    if repository.index()?.iter().any(|entry| entry.stage > 0 && entry.path == name) {
        say(&format!("  stage it with `git add {}`", word(&file.display().to_string())));
    }
    Ok(())
}

/// Whether all that is wrong with an encrypted file may be that git left markers in it.
pub(crate) fn has_markers(bytes: &[u8], format: &'static dyn Format) -> bool {
    conflict::marker(bytes).is_some() && matches!(any::outline(bytes, format), Err(Error::ConflictMarkers { .. }))
}

/// Says what conflicted, by path.
pub(crate) fn describe(shown: &str, conflicts: &[Conflict]) {
    tell(&format!("{}: {}", named(shown), count(conflicts.len().max(1), "conflict")));
    for Conflict { path, kind } in conflicts {
        let path = path.as_ref().map_or_else(|| "the file".to_owned(), |path| format!("`{path}`"));
        tell(&format!("  {path} {}", kind.what()));
    }
}

/// The readers of a file whom its rule names: a data key may be wrapped for them without a question.
pub(crate) fn confirmed(path: &Path, bytes: &[u8], format: &'static dyn Format) -> Confirmed {
    let plan = |metadata: any::Metadata| discover::plan_like(&RuleOptions::default(), path, metadata.dialect()).ok();
    match any::status(bytes, format).ok().flatten().and_then(plan) {
        Some(Plan::Sops(plan)) => Confirmed::by_plan(&plan),
        Some(Plan::Native(plan)) => {
            let mut confirmed = Confirmed::default();
            let of_sections = plan.sections.into_iter().flat_map(|section| section.recipients);
            let all = plan.recipients.into_iter().chain(of_sections);
            confirmed.add(all.map(|(_, recipient)| MasterKey::age(recipient.as_str())));
            confirmed
        }
        None => Confirmed::default(),
    }
}

/// The base of a merge, so that it verifies; none when it cannot be told.
///
/// After a criss-cross merge git makes it of several, and it holds conflicts itself. What these are about is left out: both sides
/// have added it then, and conflict unless they agree.
pub(crate) fn base_of(bytes: &[u8], format: &'static dyn Format, keys: &Remembered) -> Option<Zeroizing<Vec<u8>>> {
    let open = |bytes: &[u8]| any::decrypt(bytes, format, keys).ok()?.into_plaintext().ok();
    if conflict::marker(bytes).is_none() {
        return open(bytes).map(|_| Zeroizing::new(bytes.to_vec()));
    }
    let conflicted = Conflicted::read(std::str::from_utf8(bytes).ok()?).ok()??;
    let ours = conflicted.ours();
    let (a, b) = (open(ours.as_bytes())?, open(conflicted.theirs().as_bytes())?);
    let (a, b) = (std::str::from_utf8(&a).ok()?, std::str::from_utf8(&b).ok()?);
    let labels = Labels { marker_size: conflict::free_marker_len(&[a, b]), ..Labels::default() };
    let marked = merge::mark_differences(a, b, &labels).text;
    let common = Conflicted::read(&marked).ok()?.map_or(marked, |conflicted| conflicted.common());
    let base = any::update(ours.as_bytes(), common.as_bytes(), format, keys, clock::now()).ok()?;
    Some(Zeroizing::new(base.text.into_bytes()))
}

impl Resolving<'_> {
    /// Writes a file that verifies in the place of one that does not.
    pub(crate) fn resolve(&self) -> Result<Outcome, Failure> {
        io::check_replaceable(self.path)?;
        let bytes = io::read(self.path, MAX_ENCRYPTED_LEN)?;
        let Some(versions) = Versions::find(self, &bytes)? else { return Ok(Outcome::NoConflict) };
        let merging = Merging { resolving: self, wrap: self.keys.unlocker.wrap(), bytes, versions };
        merging.finish()
    }

    fn shown(&self) -> String {
        self.path.display().to_string()
    }

    fn failure(&self, error: Error) -> Failure {
        self.keys.unlocker.failure(&self.shown(), error)
    }

    /// What an encrypted version holds.
    fn open(&self, bytes: &[u8]) -> Result<any::Decrypted, Error> {
        any::decrypt(bytes, self.format, self.keys)
    }

    fn base(&self, bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        base_of(bytes, self.format, self.keys)
    }

    /// Whether a version verifies.
    ///
    /// # Errors
    /// When no identity opens it, so that it cannot be told.
    fn verifies(&self, bytes: &[u8]) -> Result<bool, Failure> {
        match self.open(bytes) {
            Ok(_) => Ok(true),
            Err(error) if error.is_locked() => Err(self.failure(error)),
            Err(_) => Ok(false),
        }
    }
}

/// A file whose versions were found.
struct Merging<'a> {
    resolving: &'a Resolving<'a>,
    wrap: KeyWrap<'a>,
    /// What the file holds now.
    bytes: Zeroizing<Vec<u8>>,
    versions: Versions,
}

impl Merging<'_> {
    fn finish(&self) -> Result<Outcome, Failure> {
        let Self { resolving, versions, .. } = self;
        let shown = resolving.shown();
        let merged = self.merge()?;
        if versions.is_by_hand
            && matches!(resolving.choice, Choice::Edit(_))
            && let Some(text) = self.repaired(&merged)?
        {
            return self.write(text.as_bytes());
        }
        let (text, conflicts) = match &merged {
            Merged::Clean(text) => {
                say(&format!("{}: merged by its values, without a conflict", named(&shown)));
                return self.write(text);
            }
            Merged::Conflict { text, conflicts } => (text, conflicts),
        };
        let (ours, theirs) = cut(text).map_err(|error| resolving.failure(error))?;
        match resolving.choice {
            Choice::Ours => return self.write(ours.as_bytes()),
            Choice::Theirs => return self.write(theirs.as_bytes()),
            Choice::Edit(_) | Choice::Union => {}
        }
        let marked = Marked::of(self, ours, theirs, conflicts)?;
        match resolving.choice {
            Choice::Edit(program) => {
                describe(&shown, conflicts);
                match Editing::prepare(program)?.run(&marked)? {
                    exit_code::UNCHANGED => Ok(Outcome::Unchanged),
                    _ => Ok(Outcome::Resolved),
                }
            }
            _ => marked.write_union().map(|()| Outcome::Resolved),
        }
    }

    fn rekeying<'r>(&'r self, confirmed: &'r Confirmed) -> Rekeying<'r> {
        Rekeying { unlock: self.resolving.keys, wrap: &self.wrap, confirmed, now: clock::now() }
    }

    /// Encrypts what was made of both sides.
    fn encrypt(&self, ours: &[u8], theirs: &[u8], plaintext: &[u8]) -> Result<String, Failure> {
        let sides = Sides { base: None, ours, theirs };
        // Both have the readers of the merge already.
        let confirmed = Confirmed::default();
        let encrypted = merge::encrypt_resolved(&sides, plaintext, self.resolving.format, &self.rekeying(&confirmed));
        let encrypted = encrypted.map_err(|error| self.resolving.failure(error))?;
        self.check_clear(&encrypted, ours, theirs)?;
        Ok(encrypted.text)
    }

    /// Refuses to leave in clear what the rule would seal, and tells what else stays clear that was not before.
    fn check_clear(&self, encrypted: &Encrypted, ours: &[u8], theirs: &[u8]) -> Result<(), Failure> {
        let Resolving { path, format, .. } = *self.resolving;
        let mut known = HashSet::new();
        for side in [ours, theirs] {
            let (_, outline) = any::outline(side, format).map_err(|error| self.resolving.failure(error))?;
            let clear = outline.values().filter(|value| value.state() != ValueState::Sealed);
            known.extend(clear.map(|value| value.path()));
        }
        let new: Vec<_> = encrypted.summary.clear.iter().filter(|path| !known.contains(*path)).cloned().collect();
        if new.is_empty() {
            return Ok(());
        }
        let shown = self.resolving.shown();
        let metadata = any::status(ours, format).map_err(|error| self.resolving.failure(error))?;
        let plan =
            metadata.as_ref().map(|metadata| discover::rule_plan(path, metadata.dialect())).transpose()?.flatten();
        let drift = plan.zip(metadata).and_then(|(plan, metadata)| plan.drift(&metadata)).unwrap_or_default();
        if !drift.policy.is_empty() {
            let what = format!("{} would stay clear, and the file's policy is not that of its rule", list(&new));
            let failure = Failure::about(exit_code::ENCRYPT, &shown, what);
            let word = word(&shown);
            return Err(
                failure.hint(format!("take one side with --ours or --theirs, then `sops-rs updatekeys {word}`"))
            );
        }
        warn(&format!("{}: {} stays clear, as the file's policy has it", named(&shown), list(&new)));
        Ok(())
    }

    /// Writes the file, if it verifies and nobody else has written it meanwhile.
    fn write(&self, text: &[u8]) -> Result<Outcome, Failure> {
        self.resolving.open(text).map_err(|error| self.resolving.failure(error))?;
        io::replace(self.resolving.path, &self.bytes, text, Privacy::Public)?;
        Ok(Outcome::Resolved)
    }
}

/// Both sides of a text with conflicts.
fn cut(text: &[u8]) -> Result<(Zeroizing<String>, Zeroizing<String>), Error> {
    let text = std::str::from_utf8(text).map_err(|_| Error::NotEncrypted)?;
    let conflicted = Conflicted::read(text)?.ok_or(Error::NotEncrypted)?;
    Ok((conflicted.ours(), conflicted.theirs()))
}
