//! The timelines of files: their versions from git's history, read and compared.

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use sops_rs::document::{BINARY, MAX_ENCRYPTED_LEN, format_for_name};
use sops_rs::file::any::Snapshot;
use sops_rs::file::timeline::{Timeline, VersionContent, VersionState};

use super::git::{Commit, History, Object, ObjectId, Objects, Repository, Version};
use super::report::Failure;
use super::{io, jobs, repository};

/// The timelines of some files.
pub(crate) struct Timelines {
    /// Where their versions come from.
    pub(crate) history: History,
    /// One for each file that was asked for, in that order.
    pub(crate) files: Vec<FileTimeline>,
}

/// The timeline of a file.
pub(crate) struct FileTimeline {
    /// Its path from the top of the repository.
    pub(crate) name: PathBuf,
    /// By version of the timeline: its number in the history; none for what is in the work tree and not committed.
    pub(crate) versions: Vec<Option<usize>>,
    /// What each version changed.
    pub(crate) timeline: Timeline,
}

/// So many versions are read at a time.
const CHUNK: usize = 32;

impl Timelines {
    /// Those of `files`, paths from the top, up to what is in the work tree.
    ///
    /// # Errors
    /// When git fails.
    pub(crate) fn of(repository: &Repository, files: &[PathBuf]) -> Result<Self, Failure> {
        let tips: Vec<_> = repository.head().into_iter().collect();
        let history = repository.history(&tips, files)?;
        let processes: Mutex<Vec<Objects>> = Mutex::new(Vec::new());
        let taken = || processes.lock().unwrap_or_else(PoisonError::into_inner);
        // One file gets all processors, several are done side by side.
        let all = jobs::processors();
        let (outside, inside) =
            if files.len() > 1 { (all, NonZero::<usize>::MIN) } else { (NonZero::<usize>::MIN, all) };
        let made = jobs::map(outside, files, |name| {
            let idle = taken().pop();
            let mut objects = idle.map_or_else(|| Objects::start(repository), Ok)?;
            let timeline = FileTimeline::of(repository, &history, name, &mut objects, inside)?;
            taken().push(objects);
            Ok(timeline)
        });
        let files = made.into_iter().collect::<Result<_, Failure>>()?;
        Ok(Self { history, files })
    }

    /// The commit that made a version of the history.
    pub(crate) fn commit_of(&self, version: Option<usize>) -> Option<&Commit> {
        version.map(|version| self.history.commit_of(version))
    }
}

impl FileTimeline {
    fn of(
        repository: &Repository,
        history: &History,
        name: &Path,
        objects: &mut Objects,
        jobs: NonZero<usize>,
    ) -> Result<Self, Failure> {
        let file = history.of(name);
        let mut versions: Vec<Option<usize>> =
            file.iter().flat_map(|file| file.versions.iter().rev()).copied().map(Some).collect();
        let place = |number: &usize| versions.binary_search(&Some(*number)).ok();
        let mut parents: Vec<Vec<usize>> = versions
            .iter()
            .flatten()
            .map(|&number| history.versions[number].parents.iter().filter_map(place).collect())
            .collect();
        let heads: Vec<usize> = file.iter().flat_map(|file| &file.heads).filter_map(place).collect();
        let mut failure = None;
        let mut ready = Vec::new();
        let committed = parents.len();
        if repository.top().is_some() {
            parents.push(heads);
            versions.push(None);
        }
        let mut timeline = Timeline::new(&parents, |number| {
            if number == committed {
                return in_work_tree(repository, name);
            }
            if ready.is_empty() {
                let chunk: Vec<&Version> =
                    versions[number..].iter().flatten().take(CHUNK).map(|&v| &history.versions[v]).collect();
                match contents(&chunk, objects, jobs) {
                    Ok(contents) => ready = contents,
                    Err(error) => failure = Some(error),
                }
                ready.reverse();
            }
            ready.pop().unwrap_or(VersionContent::Gone)
        });
        if let Some(failure) = failure {
            return Err(failure);
        }
        // Nothing is there and nothing was, or all is committed.
        let is_idle = timeline.versions.last().is_some_and(|events| {
            events.is_empty() || events.state == VersionState::Gone && is_gone(&timeline, &parents[committed])
        });
        if timeline.versions.len() > committed && is_idle {
            timeline.versions.pop();
            versions.pop();
        }
        Ok(Self { name: name.to_owned(), versions, timeline })
    }
}

fn is_gone(timeline: &Timeline, heads: &[usize]) -> bool {
    heads.iter().all(|&head| timeline.versions[head].state == VersionState::Gone)
}

fn contents(
    versions: &[&Version],
    objects: &mut Objects,
    jobs: NonZero<usize>,
) -> Result<Vec<VersionContent>, Failure> {
    let ids: Vec<ObjectId> = versions.iter().filter_map(|version| version.blob).collect();
    let mut found = objects.read_all(&ids, MAX_ENCRYPTED_LEN)?.into_iter();
    let pairs: Vec<(&Version, Option<Object>)> =
        versions.iter().map(|version| (*version, version.blob.and_then(|_| found.next()))).collect();
    Ok(jobs::map(jobs, &pairs, |(version, object)| match object {
        None => VersionContent::Gone,
        Some(Object::Blob(bytes)) => content(&version.path, bytes),
        Some(Object::Missing) => VersionContent::Missing,
        // Longer than any encrypted file, or a submodule.
        Some(_) => VersionContent::Plain,
    }))
}

fn in_work_tree(repository: &Repository, name: &Path) -> VersionContent {
    let path = repository.path_of(name);
    if !path.is_file() {
        return VersionContent::Gone;
    }
    io::read(&path, MAX_ENCRYPTED_LEN).map_or(VersionContent::Plain, |bytes| content(name, &bytes))
}

/// What a version is, by its name and content.
fn content(name: &Path, bytes: &[u8]) -> VersionContent {
    match repository::snapshot(name, bytes) {
        Ok(Some(snapshot)) => VersionContent::Read(snapshot),
        Ok(None) => {
            let name = name.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
            let format = format_for_name(&name).unwrap_or(BINARY);
            Snapshot::of_plain(bytes, format).map_or(VersionContent::Plain, VersionContent::Read)
        }
        Err(error) => VersionContent::Unreadable(error),
    }
}
