//! The places that are searched: files, what is staged, the history.

use std::collections::{HashMap, HashSet};
use std::num::NonZero;
use std::path::{Path, PathBuf};

use sops_rs::leaks::{Hit, Search};
use zeroize::Zeroizing;

use super::tally::{Spot, Tally};
use crate::cli::check::finding::Place;
use crate::cli::check::scope::Candidate;
use crate::cli::git::{Brought, Object, ObjectId, Objects, Repository};
use crate::cli::report::{Failure, count, warn};
use crate::cli::{io, jobs};

/// Longer texts, in bytes, are not searched: they are held in memory, one for each thread.
const MAX_LEN: usize = 1 << 30;

/// Searches `files`, on the disk or staged, and their names.
pub(super) fn selected(
    search: &Search,
    repository: Option<&Repository>,
    files: &[Candidate],
    jobs: NonZero<usize>,
) -> Result<Tally, Failure> {
    let mut tally = Tally::default();
    for Candidate { place, .. } in files {
        tally.add(&Spot::Name(place.clone()), &in_name(search, &place.name), false, None);
    }
    let on_disk: Vec<_> = files.iter().filter(|file| file.blob.is_none()).collect();
    let found = jobs::map(jobs, &on_disk, |file| Ok(found_in(search, &io::read(&file.place.path, MAX_LEN)?)));
    for (file, found) in on_disk.iter().zip(found) {
        let found: Result<_, Failure> = found;
        match found {
            Ok((hits, is_text)) => tally.add(&Spot::File(file.place.clone()), &hits, is_text, None),
            Err(failure) => warn(&format!("{}, and was not searched", failure.message())),
        }
    }
    let ids: Vec<_> = files.iter().filter_map(|file| file.blob).collect();
    if let (Some(repository), false) = (repository, ids.is_empty()) {
        let found = objects(search, repository, &ids, jobs)?;
        found.missing.warn("files that are staged");
        for file in files {
            if let Some(content) = file.blob.and_then(|blob| found.with_hits.get(&blob)) {
                tally.add(&Spot::File(file.place.clone()), &content.hits, content.is_text, None);
            }
        }
    }
    Ok(tally)
}

/// Searches everything that a ref leads to: files, their names, commits and tags.
pub(super) fn history(
    search: &Search,
    repository: &Repository,
    is_wanted: &dyn Fn(&Path) -> bool,
    jobs: NonZero<usize>,
) -> Result<Tally, Failure> {
    let ids = repository.objects()?;
    let mut found = objects(search, repository, &ids, jobs)?;
    found.missing.warn("objects of the history");
    let mut tally = Tally::default();
    if found.with_hits.is_empty() {
        return Ok(tally);
    }
    let place = |name: &Path| Place { name: name.to_owned(), path: repository.path_of(name) };
    // The names in a tree say nothing of the folders around it.
    let has_names = found.with_hits.values().any(|content| content.kind == Kind::Tree);
    let mut names: HashMap<PathBuf, Vec<Hit>> = HashMap::new();
    let mut reached = HashSet::new();
    repository.each_origin(&mut |commit, brought| match brought {
        Brought::Commit => {
            if let Some(content) = found.with_hits.get(&commit) {
                reached.insert(commit);
                tally.add(&Spot::Commit(commit), &content.hits, false, Some(commit));
            }
        }
        Brought::File(blob, path) => {
            if let Some(content) = found.with_hits.get(&blob) {
                reached.insert(blob);
                if is_wanted(path) {
                    tally.add(&Spot::File(place(path)), &content.hits, content.is_text, Some(commit));
                }
            }
            if has_names && is_wanted(path) {
                let hits = names.entry(path.to_owned()).or_insert_with(|| in_name(search, path));
                tally.add(&Spot::Name(place(path)), hits, false, Some(commit));
            }
        }
    })?;
    found.with_hits.retain(|id, content| !reached.contains(id) && content.kind != Kind::Tree);
    for (id, name) in repository.refs()? {
        if let Some(content) = found.with_hits.remove(&id) {
            tally.add(&Spot::Ref(name), &content.hits, false, None);
        }
    }
    if !found.with_hits.is_empty() {
        let objects = count(found.with_hits.len(), "object");
        warn(&format!(
            "values stand in {objects} of this clone that no branch or tag leads to, as older stashes and undone commits are; \
             no push takes them along"
        ));
    }
    Ok(tally)
}

fn in_name(search: &Search, name: &Path) -> Vec<Hit> {
    search.find(name.as_os_str().as_encoded_bytes())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Blob,
    Tree,
    Other,
}

struct Content {
    kind: Kind,
    hits: Vec<Hit>,
    is_text: bool,
}

/// What a search of objects gave.
#[derive(Default)]
struct Searched {
    with_hits: HashMap<ObjectId, Content>,
    missing: Missing,
}

#[derive(Default)]
struct Missing {
    objects: usize,
    too_long: usize,
}

impl Missing {
    fn warn(&self, what: &str) {
        if self.objects > 0 {
            warn(&format!("{} {what} are not in this clone, and were not searched", self.objects));
        }
        if self.too_long > 0 {
            warn(&format!("{} {what} are longer than 1 GiB, and were not searched", self.too_long));
        }
    }
}

/// Searches objects, with one git for each thread: it takes longer than the search.
fn objects(
    search: &Search,
    repository: &Repository,
    ids: &[ObjectId],
    jobs: NonZero<usize>,
) -> Result<Searched, Failure> {
    // What git keeps together it reads fast together; but some parts take longer than others.
    let len = ids.len().div_ceil(PARTS * jobs.get()).max(MIN_PART);
    let parts: Vec<_> = ids.chunks(len).collect();
    let found = jobs::map(jobs, &parts, |part| {
        let mut found = Searched::default();
        Objects::start(repository)?.each(part, MAX_LEN, |number, object| {
            let (kind, bytes) = match object {
                Object::Blob(bytes) => (Kind::Blob, bytes),
                Object::Other(bytes) if bytes.starts_with(b"tree ") || bytes.starts_with(b"object ") => {
                    (Kind::Other, bytes)
                }
                Object::Other(bytes) => (Kind::Tree, bytes),
                Object::Missing => return found.missing.objects += 1,
                Object::TooLong(_) => return found.missing.too_long += 1,
            };
            let (hits, is_text) = found_in(search, &bytes);
            if !hits.is_empty() {
                found.with_hits.insert(part[number], Content { kind, hits, is_text });
            }
        })?;
        Ok(found)
    });
    let mut all = Searched::default();
    for found in found {
        let found: Searched = found?;
        all.with_hits.extend(found.with_hits);
        all.missing.objects += found.missing.objects;
        all.missing.too_long += found.missing.too_long;
    }
    Ok(all)
}

/// Each thread gets about so many parts.
const PARTS: usize = 8;
/// Less, in objects, is not worth another git.
const MIN_PART: usize = 500;

/// What is found in a text, and whether it is one, as git sees it.
fn found_in(search: &Search, bytes: &Zeroizing<Vec<u8>>) -> (Vec<Hit>, bool) {
    const HEAD_LEN: usize = 8000;
    let hits = search.find(bytes);
    let is_text = !hits.is_empty() && !bytes[..bytes.len().min(HEAD_LEN)].contains(&0);
    (hits, is_text)
}
