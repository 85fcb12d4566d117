//! The versions that a conflict is between: in the file itself, in git's index, or in its history.

use std::collections::HashSet;
use std::path::Path;

use sops_rs::document::MAX_ENCRYPTED_LEN;
use sops_rs::error::Error;
use sops_rs::file::conflict::Conflicted;
use sops_rs::file::merge::Sides;
use zeroize::Zeroizing;

use super::Resolving;
use crate::cli::exit_code;
use crate::cli::git::{FileHistory, History, Objects, Repository};
use crate::cli::report::{Failure, named, say, word};

/// The content of a version.
type Content = Zeroizing<Vec<u8>>;

/// Two encrypted versions, and what they began with. All of them verify.
pub(super) struct Versions {
    /// None when it is not known, or does not verify.
    pub(super) base: Option<Content>,
    pub(super) ours: Content,
    /// The same as ours when there is only one version that verifies.
    pub(super) theirs: Content,
    /// What each side is called.
    pub(super) labels: [String; 2],
    /// Whether the file has no markers: somebody has merged it, and what they took should stay.
    pub(super) is_by_hand: bool,
}

impl Versions {
    /// Those of a file that holds `bytes`; none when it verifies, and is no side of a merge that is going on.
    pub(super) fn find(resolving: &Resolving<'_>, bytes: &[u8]) -> Result<Option<Self>, Failure> {
        let stages = Stages::find(resolving)?;
        let text = std::str::from_utf8(bytes).unwrap_or_default();
        let conflicted = match Conflicted::read(text) {
            Ok(conflicted) => conflicted,
            Err(_) if stages.is_some() => None,
            Err(error) => return Err(resolving.failure(error).hint("its markers are not complete: repair them first")),
        };
        let is_ours = stages.as_ref().is_some_and(|stages| stages.ours[..] == *bytes);
        if conflicted.is_none() && !is_ours && resolving.verifies(bytes)? {
            return Ok(None);
        }
        let labels = conflicted.as_ref().map_or(["ours", "theirs"], Conflicted::labels).map(str::to_owned);
        if let Some(stages) = stages {
            check(resolving, &stages.ours, "our version")?;
            check(resolving, &stages.theirs, "their version")?;
            let between = conflicted.as_ref().map(|conflicted| Self::between_markers(resolving, conflicted, &stages));
            if let Some(versions) = between.transpose()?.flatten() {
                return Ok(Some(versions));
            }
            let Stages { base, ours, theirs } = stages;
            let base = base.and_then(|base| resolving.base(&base));
            return Ok(Some(Self { base, ours, theirs, labels, is_by_hand: conflicted.is_none() && !is_ours }));
        }
        Self::in_history(resolving, labels, conflicted.is_none()).map(Some)
    }

    /// What a merge takes.
    pub(super) fn sides(&self) -> Sides<'_> {
        Sides { base: self.base.as_ref().map(|base| &base[..]), ours: &self.ours, theirs: &self.theirs }
    }

    /// Whether there is only one that verifies.
    pub(super) fn is_one(&self) -> bool {
        self.ours == self.theirs
    }

    /// All of them.
    pub(super) fn all(&self) -> impl Iterator<Item = &[u8]> {
        [&self.ours, &self.theirs].into_iter().chain(&self.base).map(|content| &content[..])
    }

    /// The sides that stand in the file, if each verifies: our driver leaves them so, in the middle of a merge. Markers that
    /// somebody has committed are not believed, since they may hold any version.
    fn between_markers(
        resolving: &Resolving<'_>,
        conflicted: &Conflicted,
        stages: &Stages,
    ) -> Result<Option<Self>, Failure> {
        let content = |text: Zeroizing<String>| Zeroizing::new(text.as_bytes().to_vec());
        let (ours, theirs) = (content(conflicted.ours()), content(conflicted.theirs()));
        if !resolving.verifies(&ours)? || !resolving.verifies(&theirs)? {
            return Ok(None);
        }
        let base = stages.base.as_ref().and_then(|base| resolving.base(base));
        let labels = conflicted.labels().map(str::to_owned);
        Ok(Some(Self { base, ours, theirs, labels, is_by_hand: false }))
    }

    /// The versions from which a broken one was merged: the parents of the commit that made it. When that was no merge, the
    /// last one that verifies.
    fn in_history(resolving: &Resolving<'_>, labels: [String; 2], is_by_hand: bool) -> Result<Self, Failure> {
        let shown = resolving.shown();
        let failed = |what: &str| {
            let failure = Failure::about(exit_code::MAC, &shown, what);
            if resolving.repository.is_some_and(Repository::is_shallow) {
                return failure
                    .hint("this clone has only the end of the history: `git fetch --unshallow` gets the rest");
            }
            failure.hint(format!(
                "restore the last good version from git; see its history with `git log {}`",
                word(&shown)
            ))
        };
        let past = resolving.repository.map(|repository| Past::find(resolving, repository)).transpose()?.flatten();
        let Some(mut past) = past else {
            return Err(failed("does not verify, and there is no history of it to repair it from"));
        };
        let found = past.versions(resolving)?;
        let Some(found) = found else { return Err(failed("does not verify, and neither does any version before it")) };
        let Found { base, ours, theirs, names } = found;
        if theirs.is_none() && !is_by_hand {
            return Err(failed("has conflict markers, and the versions it was merged from are not in its history"));
        }
        let names = names.join(" and ");
        say(&match theirs {
            Some(_) => format!("{}: it was merged of the versions in {names}", named(&shown)),
            None => format!("{}: the last version of it that verifies is that in {names}", named(&shown)),
        });
        let theirs = theirs.unwrap_or_else(|| ours.clone());
        Ok(Self { base, ours, theirs, labels, is_by_hand })
    }
}

fn check(resolving: &Resolving<'_>, version: &[u8], name: &str) -> Result<(), Failure> {
    match resolving.open(version) {
        Ok(_) => Ok(()),
        Err(Error::NotEncrypted) => {
            let what = format!("{name} is not encrypted");
            let failure = Failure::about(exit_code::GENERIC, &resolving.shown(), what);
            Err(failure.hint("merge it by hand, then encrypt it"))
        }
        Err(error) => Err(resolving.failure(error).hint(format!("this is {name}: merge it when it is repaired"))),
    }
}

/// What git's index holds of a file in the middle of a merge.
struct Stages {
    base: Option<Content>,
    ours: Content,
    theirs: Content,
}

impl Stages {
    fn find(resolving: &Resolving<'_>) -> Result<Option<Self>, Failure> {
        let Some(repository) = resolving.repository else { return Ok(None) };
        let Some(name) = repository.name_of(resolving.path) else { return Ok(None) };
        let entries = repository.index()?;
        let entries: Vec<_> = entries.into_iter().filter(|entry| entry.stage > 0 && entry.path == name).collect();
        if entries.is_empty() {
            return Ok(None);
        }
        let mut objects = Objects::start(repository)?;
        let mut content = |stage| -> Result<Option<Content>, Failure> {
            let entry = entries.iter().find(|entry| entry.stage == stage && entry.is_file());
            let Some(id) = entry.and_then(|entry| entry.id) else { return Ok(None) };
            Ok(objects.read(id, MAX_ENCRYPTED_LEN)?.into_bytes())
        };
        let (base, ours, theirs) = (content(1)?, content(2)?, content(3)?);
        let (Some(ours), Some(theirs)) = (ours, theirs) else {
            let shown = resolving.shown();
            let failure =
                Failure::about(exit_code::GENERIC, &shown, "one side has deleted it, and the other changed it");
            let word = word(&shown);
            return Err(failure.hint(format!("keep it with `git add {word}`, or remove it with `git rm {word}`")));
        };
        Ok(Some(Self { base, ours, theirs }))
    }
}

/// The history of a file.
struct Past {
    history: History,
    file: FileHistory,
    objects: Objects,
}

/// Versions that verify.
struct Found {
    base: Option<Content>,
    ours: Content,
    /// None when there is one version only.
    theirs: Option<Content>,
    /// The commits of both.
    names: Vec<String>,
}

impl Past {
    fn find(resolving: &Resolving<'_>, repository: &Repository) -> Result<Option<Self>, Failure> {
        let (Some(head), Some(name)) = (repository.head(), repository.name_of(resolving.path)) else { return Ok(None) };
        let mut history = repository.history(&[head], std::slice::from_ref(&name))?;
        let Some(file) = history.files.remove::<Path>(&name) else { return Ok(None) };
        Ok(Some(Self { history, file, objects: Objects::start(repository)? }))
    }

    /// Goes back from the newest version to those that verify.
    fn versions(&mut self, resolving: &Resolving<'_>) -> Result<Option<Found>, Failure> {
        let mut seen = HashSet::new();
        let mut heads = self.file.heads.clone();
        loop {
            let mut good = Vec::new();
            let mut broken = None;
            for &version in heads.iter().take(2) {
                let Some(content) = self.content(version)? else { continue };
                if resolving.verifies(&content)? {
                    good.push((version, content));
                } else {
                    broken = broken.or(Some(version));
                }
            }
            if let Some(version) = broken {
                if !seen.insert(version) {
                    return Ok(None);
                }
                heads = self.history.versions[version].parents.clone();
                continue;
            }
            let names = good.iter().map(|(version, _)| format!("`{}`", self.history.commit_of(*version).id.short()));
            let names: Vec<_> = names.collect();
            let mut good = good.into_iter();
            let Some((first, ours)) = good.next() else { return Ok(None) };
            let Some((second, theirs)) = good.next() else {
                return Ok(Some(Found { base: None, ours, theirs: None, names }));
            };
            let base = match self.common(first, second) {
                Some(version) => self.content(version)?,
                None => None,
            };
            let base = base.and_then(|base| resolving.base(&base));
            return Ok(Some(Found { base, ours, theirs: Some(theirs), names }));
        }
    }

    /// The newest version that both of two came from, or are.
    fn common(&self, a: usize, b: usize) -> Option<usize> {
        let (a, b) = (self.ancestors(a), self.ancestors(b));
        self.file.versions.iter().copied().find(|version| a.contains(version) && b.contains(version))
    }

    fn ancestors(&self, version: usize) -> HashSet<usize> {
        let mut found = HashSet::new();
        let mut rest = vec![version];
        while let Some(version) = rest.pop() {
            if found.insert(version) {
                rest.extend(&self.history.versions[version].parents);
            }
        }
        found
    }

    fn content(&mut self, version: usize) -> Result<Option<Content>, Failure> {
        let Some(id) = self.history.versions[version].blob else { return Ok(None) };
        Ok(self.objects.read(id, MAX_ENCRYPTED_LEN)?.into_bytes())
    }
}
