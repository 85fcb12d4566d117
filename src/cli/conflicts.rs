//! Encrypted files that git could not merge, or that somebody merged by hand: what is made of them. What `git resolve` and
//! `edit` share.

use std::path::Path;

use sops_rs::document::{Format, MAX_ENCRYPTED_LEN};
use sops_rs::error::Error;
use sops_rs::file::any::{self, Plan, Rekeying};
use sops_rs::file::conflict::{self, Conflicted, MARKER_LEN};
use sops_rs::file::merge::{self, Conflict, ConflictKind, Labels, Merged, Sides};
use sops_rs::file::sops::{Confirmed, KeyWrap};
use zeroize::Zeroizing;

use self::marked::Marked;
use self::versions::Versions;
use super::discover::{self, RuleOptions};
use super::editing::Editing;
use super::git::Repository;
use super::io::{self, Privacy};
use super::remembered::Remembered;
use super::report::{Failure, count, named, say, tell};
use super::vouching::Vouching;
use super::{clock, exit_code};

mod by_hand;
mod marked;
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

/// The keys of a file of SOPS that a new data key may be wrapped for without a question: those that its rule names.
pub(crate) fn confirmed(path: &Path, bytes: &[u8], format: &'static dyn Format) -> Confirmed {
    let plan = |metadata: any::Metadata| discover::plan_like(&RuleOptions::default(), path, metadata.dialect()).ok();
    match any::status(bytes, format).ok().flatten().and_then(plan) {
        Some(Plan::Sops(plan)) => Confirmed::by_plan(&plan),
        _ => Confirmed::default(),
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
        let merging = Merging {
            resolving: self,
            confirmed: confirmed(self.path, &versions.ours, self.format),
            wrap: self.keys.unlocker.wrap(),
            bytes,
            versions,
        };
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
    confirmed: Confirmed,
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

    fn rekeying(&self) -> Rekeying<'_> {
        Rekeying { unlock: self.resolving.keys, wrap: &self.wrap, confirmed: &self.confirmed, now: clock::now() }
    }

    fn merge(&self) -> Result<Merged, Failure> {
        let Self { resolving, versions, .. } = self;
        let [ours, theirs] = versions.labels.each_ref().map(String::as_str);
        let labels = Labels { ours, base: "base", theirs, marker_size: MARKER_LEN };
        let merge = |rekeying: &Rekeying<'_>| {
            merge::merge(&versions.sides(), resolving.format, &labels, rekeying)
                .map_err(|error| resolving.failure(error))
        };
        let merged = merge(&self.rekeying())?;
        match &merged {
            Merged::Conflict { conflicts, .. }
                if conflicts.iter().any(|conflict| conflict.kind == ConflictKind::DataKey) =>
            {
                let confirmed = self.vouched()?;
                merge(&Rekeying { confirmed: &confirmed, ..self.rekeying() })
            }
            _ => Ok(merged),
        }
    }

    /// The keys of both sides, if the user vouches for them: a new data key is wrapped for them.
    fn vouched(&self) -> Result<Confirmed, Failure> {
        let Self { resolving, versions, confirmed, .. } = self;
        let mut confirmed = confirmed.clone();
        if matches!(resolving.choice, Choice::Ours | Choice::Theirs) {
            return Ok(confirmed);
        }
        let vouching = Vouching::new(resolving.keys.unlocker.own(), resolving.yes);
        for version in [&versions.ours, &versions.theirs] {
            let Ok(Some(metadata)) = any::status(version, resolving.format) else { continue };
            let plan = discover::plan_like(&RuleOptions::default(), resolving.path, metadata.dialect()).ok();
            vouching.confirmed(&resolving.shown(), &metadata, plan.as_ref())?;
            if let any::Metadata::Sops(metadata, _) = metadata {
                confirmed.add(metadata.groups.into_iter().flat_map(|group| group.keys));
            }
        }
        Ok(confirmed)
    }

    /// Encrypts what was made of both sides.
    fn encrypt(&self, ours: &[u8], theirs: &[u8], plaintext: &[u8]) -> Result<String, Failure> {
        let sides = Sides { base: None, ours, theirs };
        let encrypted = merge::encrypt_resolved(&sides, plaintext, self.resolving.format, &self.rekeying());
        encrypted.map(|encrypted| encrypted.text).map_err(|error| self.resolving.failure(error))
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
