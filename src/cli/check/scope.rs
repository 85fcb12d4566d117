//! Which files are checked, where their content is, and what they were before.

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::finding::{Finding, Place, Rule};
use super::rule_book;
use crate::cli::git::{Change, Entry, ObjectId, Repository, Side};
use crate::cli::report::Failure;
use crate::cli::{discover, exit_code, repository};

/// What is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The work tree, against all of its history.
    All,
    /// What differs in the work tree from where it left this revision.
    Against(String),
    /// What is about to be committed.
    Staged,
}

/// A file to look at.
pub(super) struct Candidate {
    pub(super) place: Place,
    /// Where its content is: an object, or the disk.
    pub(super) blob: Option<ObjectId>,
    /// What it was in each of the states that came before, where it differs from it.
    pub(super) before: Vec<Option<ObjectId>>,
    /// Whether it was named itself.
    pub(super) is_named: bool,
    /// Whether it is no file any more, but a symbolic link or a submodule.
    pub(super) is_link: bool,
}

/// The files in a scope.
#[derive(Default)]
pub(super) struct Selected {
    /// None outside of one.
    pub(super) repository: Option<Repository>,
    pub(super) candidates: Vec<Candidate>,
    /// The commits that came before.
    pub(super) tips: Vec<ObjectId>,
    /// The names of all files that are there, from the top: in the index, or on the disk and not ignored.
    pub(super) names: HashMap<PathBuf, Option<ObjectId>>,
    /// Files that went, and what they held.
    pub(super) deleted: Vec<Entry>,
    /// The configs of the state that came before; none when that is not compared with.
    pub(super) configs_before: Option<HashMap<PathBuf, Option<ObjectId>>>,
    /// What could not be looked at.
    pub(super) findings: Vec<Finding>,
}

/// What differs between two states.
#[derive(Default)]
struct Differences {
    /// Each file that is there now, and what it was before.
    before: HashMap<PathBuf, Option<ObjectId>>,
    /// Those that were files before, and are none any more.
    links: HashMap<PathBuf, Option<ObjectId>>,
    deleted: Vec<Entry>,
    /// Configs that were changed, added or taken away.
    configs: Vec<PathBuf>,
}

impl Differences {
    fn of(changes: Vec<Change>) -> Self {
        let mut differences = Self::default();
        for Change { old, new, .. } in changes {
            let paths = [&old, &new].into_iter().flatten().map(|entry| &entry.path);
            differences.configs.extend(paths.filter(|path| rule_book::is_config(path)).cloned());
            let old = old.filter(Entry::is_file);
            match new {
                Some(new) if new.is_file() => {
                    // Under its old name it is gone.
                    differences.deleted.extend(old.clone().filter(|old| old.path != new.path));
                    differences.before.insert(new.path, old.and_then(|old| old.id));
                }
                Some(new) if old.is_some() => drop(differences.links.insert(new.path, old.and_then(|old| old.id))),
                Some(_) => {}
                None => differences.deleted.extend(old),
            }
        }
        differences
    }

    /// Whether rules that changed may speak of a file.
    fn is_governed_anew(&self, file: &Path) -> bool {
        self.configs.iter().any(|config| is_below(file, config))
    }
}

/// The configs in a commit or tree.
fn configs(repository: &Repository, id: &ObjectId) -> Result<HashMap<PathBuf, Option<ObjectId>>, Failure> {
    let files = repository.tree(id)?.into_iter().filter(|entry| entry.is_file() && rule_book::is_config(&entry.path));
    Ok(files.map(|entry| (entry.path, entry.id)).collect())
}

/// Candidates for files that gave way to something else.
fn links(repository: &Repository, links: HashMap<PathBuf, Option<ObjectId>>) -> impl Iterator<Item = Candidate> {
    links.into_iter().map(|(name, id)| {
        let place = Place { path: repository.path_of(&name), name };
        Candidate { place, blob: None, before: vec![id], is_named: false, is_link: true }
    })
}

/// Finds the files of `scope` among and below `paths`, or everywhere when there are none.
pub(super) fn select(scope: &Scope, paths: &[PathBuf]) -> Result<Selected, Failure> {
    let repository = Repository::find(Path::new("."))?;
    match scope {
        Scope::All => all(repository, paths),
        Scope::Staged => staged(repository.map_or_else(Repository::here, Ok)?, paths),
        Scope::Against(revision) => against(repository.map_or_else(Repository::here, Ok)?, paths, revision),
    }
}

fn all(repository: Option<Repository>, paths: &[PathBuf]) -> Result<Selected, Failure> {
    let places = if paths.is_empty() { vec![repository::root()] } else { paths.to_vec() };
    let (folders, files): (Vec<_>, Vec<_>) = places.into_iter().partition(|path| path.is_dir());
    if let Some(missing) = files.iter().find(|path| !path.exists()) {
        let shown = missing.display().to_string();
        return Err(Failure::about(exit_code::NO_FILE, &shown, "does not exist"));
    }
    let listing = repository::list(&folders);
    let here = discover::absolute(Path::new("."))?;
    let real = here.canonicalize().unwrap_or_else(|_| here.clone());
    let top = repository.as_ref().and_then(Repository::top).unwrap_or(&real);
    // What a folder holds is on the way to it, so that its name tells where it is.
    let name = |path: &Path| match &repository {
        Some(repository) if path.is_absolute() => repository.name_of(path).unwrap_or_else(|| path.to_owned()),
        _ => {
            let whole = discover::clean(&real.join(path));
            whole.strip_prefix(top).map_or_else(|_| whole.clone(), Path::to_owned)
        }
    };
    let place = |path: PathBuf| Place { name: name(&path), path: repository::short(&here, path) };
    let mut selected = Selected::default();
    for failure in listing.failures {
        selected.findings.push(Finding::general(Rule::Unreadable, failure.message()));
    }
    let mut differences = Differences::default();
    if let Some(repository) = &repository
        && let Some(head) = repository.head()
    {
        selected.tips.push(head);
        differences = Differences::of(repository.changes(Side::Tree(head), Side::WorkTree)?);
        let is_within = within(repository, paths);
        differences.links.retain(|name, _| is_within(name));
        selected.candidates.extend(links(repository, std::mem::take(&mut differences.links)));
        selected.deleted = std::mem::take(&mut differences.deleted);
    }
    let mut seen = HashSet::new();
    let named = files.into_iter().map(|path| (path, true));
    let found = listing.files.into_iter().filter(|file| !file.ignored).map(|file| (file.path, false));
    for (path, is_named) in named.chain(found) {
        let place = place(path);
        if !seen.insert(place.name.clone()) {
            continue;
        }
        selected.names.insert(place.name.clone(), None);
        let before = differences.before.get(&place.name).copied().into_iter().collect();
        selected.candidates.push(Candidate { place, blob: None, before, is_named, is_link: false });
    }
    selected.repository = repository;
    Ok(selected)
}

fn staged(repository: Repository, paths: &[PathBuf]) -> Result<Selected, Failure> {
    refuse_unknown(&repository, paths)?;
    let mut tips: Vec<_> = repository.head().into_iter().collect();
    let first = tips.first().copied().unwrap_or_else(|| repository.empty_tree());
    let is_within = within(&repository, paths);
    let index: Vec<Entry> =
        repository.index()?.into_iter().filter(|entry| entry.stage == 0 && entry.is_file()).collect();
    let mut differences = Differences::of(repository.changes(Side::Tree(first), Side::Index)?);
    let mut before: HashMap<PathBuf, Vec<Option<ObjectId>>> =
        std::mem::take(&mut differences.before).into_iter().map(|(path, id)| (path, vec![id])).collect();
    // A merge has two histories, and takes nothing back in either.
    if let Some(other) = repository.merged() {
        let theirs = Differences::of(repository.changes(Side::Tree(other), Side::Index)?).before;
        for entry in &index {
            if !theirs.contains_key(&entry.path) && !before.contains_key(&entry.path) {
                continue;
            }
            let states = before.entry(entry.path.clone()).or_insert_with(|| vec![entry.id]);
            states.push(theirs.get(&entry.path).copied().unwrap_or(entry.id));
        }
        tips.push(other);
    }
    let mut selected = Selected { tips, ..Selected::default() };
    selected.configs_before = Some(configs(&repository, &first)?);
    selected.deleted = std::mem::take(&mut differences.deleted);
    differences.links.retain(|name, _| is_within(name));
    selected.candidates.extend(links(&repository, std::mem::take(&mut differences.links)));
    for entry in index {
        let states = before.remove(&entry.path);
        if (states.is_some() || differences.is_governed_anew(&entry.path)) && is_within(&entry.path) {
            let place = Place { path: repository.path_of(&entry.path), name: entry.path.clone() };
            let before = states.unwrap_or_default();
            selected.candidates.push(Candidate { place, blob: entry.id, before, is_named: false, is_link: false });
        }
        selected.names.insert(entry.path, entry.id);
    }
    selected.repository = Some(repository);
    Ok(selected)
}

fn against(repository: Repository, paths: &[PathBuf], revision: &str) -> Result<Selected, Failure> {
    let head = repository.commit("HEAD")?;
    let other = repository.commit(revision)?;
    refuse_unknown(&repository, paths)?;
    let is_within = within(&repository, paths);
    let mut selected = Selected::default();
    let base = repository.merge_base(&head, &other).unwrap_or_else(|| {
        if repository.is_shallow() {
            let what = format!("the clone is shallow, and does not tell where HEAD left `{revision}`");
            selected.findings.push(Finding::general(Rule::HistoryUnknown, what).remedy(super::past::UNSHALLOW));
        }
        other
    });
    let mut differences = Differences::of(repository.changes(Side::Tree(base), Side::WorkTree)?);
    selected.configs_before = Some(configs(&repository, &base)?);
    selected.deleted = std::mem::take(&mut differences.deleted);
    differences.links.retain(|name, _| is_within(name));
    selected.candidates.extend(links(&repository, std::mem::take(&mut differences.links)));
    let mut index: Vec<_> = repository.index()?.into_iter().filter(Entry::is_file).collect();
    // A file that waits to be merged stands there several times.
    index.dedup_by(|a, b| a.path == b.path);
    for entry in index {
        let path = repository.path_of(&entry.path);
        // What git tracks may be gone from the disk.
        if !path.is_file() {
            continue;
        }
        let state = differences.before.get(&entry.path).copied();
        if (state.is_some() || differences.is_governed_anew(&entry.path)) && is_within(&entry.path) {
            let place = Place { path, name: entry.path.clone() };
            let before = state.into_iter().collect();
            selected.candidates.push(Candidate { place, blob: None, before, is_named: false, is_link: false });
        }
        selected.names.insert(entry.path, None);
    }
    selected.tips.push(base);
    selected.repository = Some(repository);
    Ok(selected)
}

/// Refuses paths of nothing: what is mistyped would pass unchecked.
fn refuse_unknown(repository: &Repository, paths: &[PathBuf]) -> Result<(), Failure> {
    for path in paths {
        let refused = |what| Failure::about(exit_code::NO_FILE, &path.display().to_string(), what);
        let name = repository.name_of(path).ok_or_else(|| refused("is outside of this repository"))?;
        if name.as_os_str().is_empty() || path.symlink_metadata().is_ok() {
            continue;
        }
        let name = name.as_os_str();
        let is_staged = !repository.output([OsStr::new("ls-files"), "-z".as_ref(), "--".as_ref(), name])?.is_empty();
        let was_there = || -> Result<bool, Failure> {
            let Some(head) = repository.head() else { return Ok(false) };
            let head = head.to_string();
            let arguments = [OsStr::new("rev-list"), "--max-count=1".as_ref(), head.as_ref(), "--".as_ref(), name];
            Ok(!repository.output(arguments)?.is_empty())
        };
        if !is_staged && !was_there()? {
            return Err(refused("exists neither here nor in the history"));
        }
    }
    Ok(())
}

/// Whether a name is among or below `paths`.
pub(super) fn within(repository: &Repository, paths: &[PathBuf]) -> impl Fn(&Path) -> bool + use<> {
    let names: Vec<_> = paths.iter().filter_map(|path| repository.name_of(path)).collect();
    let is_all = paths.is_empty();
    move |path| is_all || names.iter().any(|name| path.starts_with(name))
}

/// Whether the rules of `config` may speak of the file.
fn is_below(file: &Path, config: &Path) -> bool {
    file.starts_with(config.parent().unwrap_or(Path::new("")))
}
