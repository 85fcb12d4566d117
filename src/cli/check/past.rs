//! Earlier states of files: what was changed or removed before must not come back unseen.
//!
//! Under one data key every state that a file ever had verifies, in any mixture (`sops-rs-format(5)`, "What is not detected by
//! the keys alone"). The history shows it without a key: a token that was there, was gone, and is there again.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::num::NonZero;

use sops_rs::document::{Format, MAX_ENCRYPTED_LEN};
use sops_rs::file::any::{self, Metadata, Seal, Snapshot, SnapshotKind, SnapshotLeaf, Trace};
use sops_rs::keys::Identities;

use super::finding::{Finding, Rule, Severity};
use super::inspect::{Encrypted, Inspected, argument};
use super::rule_book::Governed;
use super::scope::{Candidate, Scope, Selected};
use crate::cli::git::{FileHistory, ObjectId, Objects, Repository};
use crate::cli::report::{Failure, list};
use crate::cli::{clock, jobs};

mod formers;
mod made_anew;
mod new_key;
mod times;

use times::{Times, Traces};

/// What to do when the history is not here.
pub(super) const UNSHALLOW: &str =
    "fetch it with `git fetch --unshallow` (for actions/checkout: `fetch-depth: 0`), or do without: --no-history";

/// So many values are named in a finding.
const MOST_NAMES: usize = 5;

/// What the history tells about the files of a scope.
pub(super) struct Past<'p> {
    pub(super) scope: &'p Scope,
    pub(super) selected: &'p Selected,
    pub(super) identities: Option<&'p Identities>,
    pub(super) jobs: NonZero<usize>,
}

/// A file of which everything is known.
pub(super) struct Subject<'p> {
    pub(super) candidate: &'p Candidate,
    pub(super) governed: &'p Governed<'p>,
    pub(super) inspected: &'p Inspected,
}

impl Past<'_> {
    /// Looks at all subjects.
    pub(super) fn find(&self, subjects: &[Subject<'_>]) -> Result<Vec<Finding>, Failure> {
        let is_due = |subject: &&Subject<'_>| {
            *self.scope == Scope::All && subject.inspected.encrypted.is_some() || !subject.candidate.before.is_empty()
        };
        let subjects: Vec<_> = subjects.iter().filter(is_due).collect();
        if subjects.is_empty() {
            return Ok(Vec::new());
        }
        let unknown = |what: &str| Finding::general(Rule::HistoryUnknown, what);
        let Some(repository) = &self.selected.repository else {
            let finding = unknown("this is no git repository, so nothing is known about earlier states of the files");
            return Ok(vec![finding.remedy("go to one, or do without: --no-history")]);
        };
        let encrypted = subjects.iter().filter(|subject| subject.inspected.encrypted.is_some());
        let mut names: Vec<_> = encrypted.clone().map(|subject| subject.candidate.place.name.clone()).collect();
        let mut history = repository.history(&self.selected.tips, &names)?;
        let is_new = |subject: &&Subject<'_>| match subject.candidate.before.as_slice() {
            [] => history.of(&subject.candidate.place.name).is_none(),
            before => before.iter().all(Option::is_none),
        };
        let new: Vec<_> = encrypted.copied().filter(is_new).collect();
        let formers = self.formers(repository, &new)?;
        if !formers.is_empty() {
            names.extend(formers.values().cloned());
            history = repository.history(&self.selected.tips, &names)?;
        }
        let mut wanted = BTreeSet::new();
        let mut before = HashMap::new();
        for subject in &subjects {
            wanted.extend(subject.candidate.before.iter().flatten());
            if let Some(encrypted) = &subject.inspected.encrypted {
                before.extend(subject.candidate.before.iter().flatten().map(|&id| (id, encrypted.format)));
            }
            if let Some(file) = history.of(&subject.candidate.place.name).filter(|file| is_telling(file, subject)) {
                let versions = file.versions.iter().chain(&file.taken_back);
                wanted.extend(versions.filter_map(|&version| history.versions[version].blob));
            }
        }
        for former in formers.values().filter_map(|name| history.of(name)) {
            wanted.extend(former.versions.iter().filter_map(|&version| history.versions[version].blob));
        }
        let traces = self.traces(repository, &wanted.into_iter().collect::<Vec<_>>(), &before)?;
        let mut findings = Vec::new();
        if !history.is_complete {
            let what = "the clone is shallow, so nothing is known about earlier states of the files";
            findings.push(unknown(what).remedy(UNSHALLOW));
        } else if traces.is_partial {
            let what = "some earlier states of the files are not here: the clone is partial, or damaged";
            findings.push(unknown(what).remedy("fetch them with `git fetch --refetch --no-filter`"));
        }
        let times = Times::new(&history, &traces, &formers);
        for subject in subjects {
            match &subject.inspected.encrypted {
                Some(encrypted) => findings.extend(self.of_encrypted(repository, subject, encrypted, &times)?),
                None => findings.extend(self.of_plain(subject, &times)),
            }
        }
        Ok(findings)
    }

    /// Reads versions; those that came right before with their format.
    fn traces(
        &self,
        repository: &Repository,
        ids: &[ObjectId],
        before: &HashMap<ObjectId, &'static dyn Format>,
    ) -> Result<Traces, Failure> {
        // Starting one more git takes longer than to read so many.
        const MIN_SHARE: usize = 200;
        let shares: Vec<_> = ids.chunks(ids.len().div_ceil(self.jobs.get()).max(MIN_SHARE)).collect();
        let read = |share: &&[ObjectId]| -> Result<Traces, Failure> {
            let mut traces = Traces::default();
            Objects::start(repository)?.each(share, MAX_ENCRYPTED_LEN, |number, object| {
                let (id, bytes) = (share[number], object.into_bytes());
                traces.is_partial |= bytes.is_none();
                let Some(bytes) = bytes else { return };
                if let Some(&format) = before.get(&id)
                    && let Ok(Some(snapshot)) = Snapshot::read(&bytes, format)
                {
                    traces.before.insert(id, Trace::of_snapshot(&snapshot));
                }
                traces.all.insert(id, Trace::of(&bytes));
            })?;
            Ok(traces)
        };
        let mut found = Traces::default();
        for share in jobs::map(self.jobs, &shares, read) {
            let share = share?;
            found.is_partial |= share.is_partial;
            found.all.extend(share.all);
            found.before.extend(share.before);
        }
        Ok(found)
    }

    fn of_plain(&self, subject: &Subject<'_>, times: &Times<'_>) -> Option<Finding> {
        let is_told = subject.inspected.findings.iter().any(|finding| finding.severity == Severity::Error);
        let was_encrypted = times.dialect_before(subject.candidate).is_some();
        (was_encrypted && subject.inspected.is_plain && !is_told).then(|| {
            let remedy = format!("`sops-rs encrypt -i {}`", argument(&subject.candidate.place.shown()));
            Finding::new(Rule::Plaintext, &subject.candidate.place, "was encrypted before, and is not any more")
                .remedy(remedy)
        })
    }

    fn of_encrypted(
        &self,
        repository: &Repository,
        subject: &Subject<'_>,
        encrypted: &Encrypted,
        times: &Times<'_>,
    ) -> Result<Vec<Finding>, Failure> {
        let mut findings = self.keys(repository, subject, encrypted, times)?;
        findings.extend(self.made_anew(repository, subject, encrypted, times)?);
        // All that is under an old key is old.
        if !findings.iter().any(|finding| finding.rule == Rule::OldKey) {
            findings.extend(self.put_back(subject, encrypted, times));
        }
        if let (Scope::All, Some(file)) = (self.scope, times.pasts(subject.candidate).own) {
            findings.extend(overdue(subject, encrypted, times, file));
        }
        let dialect = encrypted.snapshot.metadata().map(Metadata::dialect);
        if let (Some(before), Some(dialect)) = (times.dialect_before(subject.candidate), dialect)
            && before != dialect
        {
            let what = format!("was of the dialect `{}` before, and is `{}` now", before.as_str(), dialect.as_str());
            let remedy = "if it is meant so, --allow dialect lets it pass once";
            findings.push(Finding::new(Rule::Dialect, &subject.candidate.place, what).remedy(remedy));
        }
        Ok(findings)
    }

    /// Tokens that were there, were gone, and are there again.
    fn put_back(&self, subject: &Subject<'_>, encrypted: &Encrypted, times: &Times<'_>) -> Vec<Finding> {
        let pasts = times.pasts(subject.candidate);
        // What a commit took back is that commit's affair, unless everything is looked at.
        let is_new = |is_in: &dyn Fn(&Trace) -> bool| {
            *self.scope == Scope::All || times.before(subject.candidate).any(|trace| !is_in(trace))
        };
        let gone = |is_in: &dyn Fn(&Trace) -> bool| {
            let found = is_new(is_in).then(|| times.gone(pasts, is_in)).flatten();
            found.map(|version| times.history.versions[version].commit)
        };
        let mut values: BTreeMap<usize, Vec<SnapshotLeaf<'_>>> = BTreeMap::new();
        let mut links: BTreeMap<usize, Vec<SnapshotLeaf<'_>>> = BTreeMap::new();
        for leaf in encrypted.snapshot.leaves().filter(|leaf| leaf.kind() == SnapshotKind::Value) {
            let Some(seal) = leaf.seal() else { continue };
            let has = |has: fn(&Trace, &Seal) -> bool| move |trace: &Trace| has(trace, seal);
            if let Some(commit) = gone(&has(Trace::has_seal)).or_else(|| gone(&has(Trace::has_leaf))) {
                values.entry(commit).or_default().push(leaf);
            } else if let Some(commit) = gone(&has(Trace::has_token)) {
                links.entry(commit).or_default().push(leaf);
            }
        }
        let place = &subject.candidate.place;
        let file_word = argument(&place.shown());
        let values = values.into_iter().map(|(commit, leaves)| {
            let commit = times.history.commits[commit].id.short();
            let (paths, what) = named(&leaves, ("is", "are"));
            let what = format!("{what} again what {commit} changed or removed");
            let remedy = format!("set a new value, or, if it is meant so, `sops-rs rotate {file_word}`");
            let line = leaves.first().map(SnapshotLeaf::line);
            Finding::new(Rule::RolledBack, place, what).at(line).about(paths).since(Some(commit)).remedy(remedy)
        });
        let mut findings: Vec<_> = values.collect();
        let sections = match encrypted.snapshot.metadata() {
            Some(Metadata::Native(metadata)) => metadata.sections.as_slice(),
            _ => &[],
        };
        let starts = sections.iter().filter_map(|section| gone(&|trace: &Trace| trace.has_start(&section.start)));
        let starts: Vec<_> = starts.collect();
        let commits: BTreeSet<usize> = links.keys().chain(&starts).copied().collect();
        findings.extend(commits.into_iter().map(|number| {
            let commit = times.history.commits[number].id.short();
            let leaves = links.remove(&number).unwrap_or_default();
            let (paths, behind) = match leaves.is_empty() {
                true => (Vec::new(), "at its beginning".to_owned()),
                false => {
                    let paths: Vec<_> = leaves.iter().map(SnapshotLeaf::path).collect();
                    let behind = format!("behind {}", list(&paths[..paths.len().min(MOST_NAMES)]));
                    (paths, behind)
                }
            };
            let what = format!("{behind} it is as before {commit} again: what was added there is gone");
            let line = leaves.first().map(SnapshotLeaf::line);
            let remedy = "`git diff` shows what; if that is meant so, all is well";
            Finding::new(Rule::Relinked, place, what).at(line).about(paths).since(Some(commit)).remedy(remedy)
        }));
        findings
    }

    /// Data keys that nobody has seen before, or that had been replaced.
    fn keys(
        &self,
        repository: &Repository,
        subject: &Subject<'_>,
        encrypted: &Encrypted,
        times: &Times<'_>,
    ) -> Result<Vec<Finding>, Failure> {
        let Some(Metadata::Native(metadata)) = encrypted.snapshot.metadata() else { return Ok(Vec::new()) };
        let candidate = subject.candidate;
        let pasts = times.pasts(candidate);
        let mut findings = Vec::new();
        for section in &metadata.sections {
            let has_key = |trace: &Trace| trace.has_key(&section.key_id);
            if times.before(candidate).any(has_key) {
                continue;
            }
            let is_committed = candidate.before.is_empty();
            if is_committed && *self.scope != Scope::All {
                continue;
            }
            if let Some(version) = times.gone(pasts, &has_key) {
                let commit = times.history.commit_of(version).id.short();
                let what = format!("is back under the data key that {commit} replaced, with the readers of then");
                let remedy = "take the newest version from git, and make the change in that one";
                let finding = Finding::new(Rule::OldKey, &candidate.place, what);
                findings.push(finding.since(Some(commit)).remedy(remedy));
                continue;
            }
            // What it was before: the state that it is compared with, or the last version with another key.
            let before = candidate.before.iter().flatten().find(|id| times.is_native(id)).copied();
            let before = before.or_else(|| pasts.own.and_then(|file| times.other_key(file, &has_key)));
            let Some(id) = before else { continue };
            let Some(old) = Objects::start(repository)?.read(id, MAX_ENCRYPTED_LEN)?.into_bytes() else { continue };
            let Ok(Some(Metadata::Native(other))) = any::status(&old, encrypted.format) else { continue };
            if !other.sections.iter().any(|other| other.name == section.name) {
                continue;
            }
            let replaced = |what: &str| {
                let remedy = "see who changed it and why (`git log`); signed commits tell who; if it is meant so, --allow replaced";
                Finding::new(Rule::Replaced, &candidate.place, what).remedy(remedy)
            };
            if section.follows.is_none() {
                findings.push(replaced(
                    "has another data key than before, and does not follow the old one: the file was encrypted anew, by anybody",
                ));
            } else if !is_committed || self.identities.is_some() {
                let found = self.new_key(repository, subject, encrypted, &old)?;
                // What only a reader could tell was told when it was new.
                findings.extend(found.filter(|finding| !is_committed || finding.rule != Rule::NewKey));
            }
        }
        Ok(findings)
    }
}

/// Whether the history of a file can tell anything: one version and nothing else cannot.
fn is_telling(file: &FileHistory, subject: &Subject<'_>) -> bool {
    file.versions.len() > 1 || !file.taken_back.is_empty() || !subject.candidate.before.is_empty()
}

/// The paths of values, and the beginning of a sentence about them.
fn named(leaves: &[SnapshotLeaf<'_>], (one, many): (&str, &str)) -> (Vec<String>, String) {
    let paths: Vec<_> = leaves.iter().map(SnapshotLeaf::path).collect();
    let shown = list(&paths[..paths.len().min(MOST_NAMES)]);
    let more = paths.len().saturating_sub(MOST_NAMES);
    let text = match (paths.len(), more) {
        (1, _) => format!("{shown} {one}"),
        (_, 0) => format!("{shown} {many}"),
        _ => format!("{shown} and {more} more {many}"),
    };
    (paths, text)
}

/// Values that are older than their rule allows.
fn overdue(subject: &Subject<'_>, encrypted: &Encrypted, times: &Times<'_>, file: &FileHistory) -> Option<Finding> {
    const DAY: u64 = 24 * 60 * 60;
    let limit = subject.governed.rule?.rotate_after?;
    let now = clock::unix_time();
    let age = |seal: &Seal| {
        let version = times.came(file, &|trace: &Trace| trace.has_seal(seal))?;
        Some(now.saturating_sub(times.history.commit_of(version).time))
    };
    let is_old = |leaf: &SnapshotLeaf<'_>| leaf.seal().and_then(age).is_some_and(|age| age > limit.as_secs());
    let values = encrypted.snapshot.leaves().filter(|leaf| leaf.kind() == SnapshotKind::Value);
    // What is not committed yet came today.
    let is_committed = |leaf: &SnapshotLeaf<'_>| {
        let is_in = |trace: &Trace| leaf.seal().is_some_and(|seal| trace.has_seal(seal));
        subject.candidate.before.is_empty() || times.before(subject.candidate).any(is_in)
    };
    let leaves: Vec<_> = values.filter(is_committed).filter(is_old).collect();
    let line = leaves.first()?.line();
    let (paths, what) = named(&leaves, ("is", "are"));
    let what = format!("{what} older than {} days", limit.as_secs() / DAY);
    let remedy = format!("set new values with `sops-rs edit {}`", argument(&subject.candidate.place.shown()));
    Some(Finding::new(Rule::Overdue, &subject.candidate.place, what).at(line).about(paths).remedy(remedy))
}
