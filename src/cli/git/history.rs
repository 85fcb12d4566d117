//! The versions that files had, through renames and merges, from one `git log` for all of them.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use self::graph::Graph;
use self::walk::Walk;
use super::{ObjectId, Repository};
use crate::cli::report::Failure;

mod graph;
mod walk;

/// The histories of some files.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// The commits that made versions.
    pub(crate) commits: Vec<Commit>,
    /// All versions of all files, each behind those that it came from.
    pub(crate) versions: Vec<Version>,
    /// Each file that was asked for and that a commit has, by its path from the top.
    pub(crate) files: HashMap<PathBuf, FileHistory>,
    /// Whether nothing is missing before the first versions: the clone is not shallow.
    pub(crate) is_complete: bool,
}

/// A commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Commit {
    /// Its name.
    pub(crate) id: ObjectId,
    /// Who made the change; `.mailmap` is obeyed.
    pub(crate) author: String,
    /// Their address.
    pub(crate) email: String,
    /// When they made it, in seconds since 1970.
    pub(crate) time: u64,
    /// The first line of its message.
    pub(crate) subject: String,
}

/// One version of a file: what a commit made of it, and no parent of that commit had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    /// The number of its commit in [`History::commits`].
    pub(crate) commit: usize,
    /// Its path then, from the top.
    pub(crate) path: PathBuf,
    /// Its content; none when it was deleted.
    pub(crate) blob: Option<ObjectId>,
    /// The numbers of the versions that it came from: several when branches were merged, none when it was added.
    pub(crate) parents: Vec<usize>,
    /// The numbers of versions that were merged away before it: older ones, of which it has nothing.
    pub(crate) discarded: Vec<usize>,
    /// Whether it may be older than its commit: the clone is shallow and ends here.
    pub(crate) is_boundary: bool,
}

/// The history of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileHistory {
    /// The numbers of the versions at which the walk began, which is one but for several beginnings.
    pub(crate) heads: Vec<usize>,
    /// The numbers of all versions, newest first: none before one that came from it.
    pub(crate) versions: Vec<usize>,
    /// The numbers of versions, newest first, that no head came from, though they came from one: a merge put back what it was before them.
    pub(crate) taken_back: Vec<usize>,
}

/// So many files are asked for by name; more are faster picked from the history of everything.
const FEW: usize = 8;

/// So often names that files had before are looked for.
const MOST_ROUNDS: usize = 20;

impl Repository {
    /// The histories of `files`, paths from the top, before and with the commits `tips`.
    ///
    /// # Errors
    /// When git fails.
    pub(crate) fn history(&self, tips: &[ObjectId], files: &[PathBuf]) -> Result<History, Failure> {
        self.recent_history(tips, files, None)
    }

    /// The same, but only of the latest `most` commits: whatever they changed. It takes the same time however long the
    /// history of the repository is.
    ///
    /// # Errors
    /// When git fails.
    pub(crate) fn recent_history(
        &self,
        tips: &[ObjectId],
        files: &[PathBuf],
        most: Option<usize>,
    ) -> Result<History, Failure> {
        let mut history = History { is_complete: !self.is_shallow(), ..History::default() };
        if tips.is_empty() || files.is_empty() {
            return Ok(history);
        }
        let mut names: HashSet<PathBuf> = files.iter().cloned().collect();
        // By name git would walk on until it has found so many that change one of them.
        let is_by_name = |names: &HashSet<PathBuf>| names.len() <= FEW && most.is_none();
        let mut walk = Walk::new(self, tips, &names, is_by_name(&names), most)?;
        for _ in 0..MOST_ROUNDS {
            let older = walk.older_names(self, &names)?;
            if older.is_empty() {
                break;
            }
            names.extend(older);
            walk = Walk::new(self, tips, &names, is_by_name(&names), most)?;
        }
        history.is_complete &= most.is_none_or(|most| walk.steps.len() < most);
        let boundary = self.boundary();
        let graph = Graph::of(&walk.steps, &boundary);
        let mut trees: Option<HashMap<PathBuf, HashSet<ObjectId>>> = None;
        for file in files {
            let mut heads = graph.heads(file);
            let mut others = Vec::new();
            if heads.len() > 1 {
                // A merge took one of them; which, its content tells.
                let known = match &trees {
                    Some(trees) => trees,
                    None => trees.insert(self.contents(tips)?),
                };
                let ids = known.get(file);
                (heads, others) = heads.into_iter().partition(|&head| match graph.versions[head].blob {
                    Some(blob) => ids.is_some_and(|ids| ids.contains(&blob)),
                    None => ids.is_none(),
                });
            }
            if !heads.is_empty() {
                let versions = graph.before(&heads);
                others.retain(|other| graph.before(&[*other]).iter().any(|version| heads.contains(version)));
                let mut taken_back = graph.before(&others);
                taken_back.retain(|version| versions.binary_search_by(|other| version.cmp(other)).is_err());
                history.files.insert(file.clone(), FileHistory { heads, versions, taken_back });
            }
        }
        history.versions = graph.versions;
        history.commits = graph.commits;
        Ok(history)
    }

    /// The contents that each path has in these commits.
    fn contents(&self, tips: &[ObjectId]) -> Result<HashMap<PathBuf, HashSet<ObjectId>>, Failure> {
        let mut found: HashMap<PathBuf, HashSet<ObjectId>> = HashMap::new();
        for tip in tips {
            for entry in self.tree(tip)? {
                found.entry(entry.path).or_default().extend(entry.id);
            }
        }
        Ok(found)
    }

    /// The commits at which a shallow clone ends.
    fn boundary(&self) -> HashSet<ObjectId> {
        if !self.is_shallow() {
            return HashSet::new();
        }
        let text = std::fs::read(self.common_dir().join("shallow")).unwrap_or_default();
        text.split(|&byte| byte == b'\n').filter_map(|line| ObjectId::parse(line.trim_ascii_end())).collect()
    }
}

impl History {
    /// The commit of a version.
    pub(crate) fn commit_of(&self, version: usize) -> &Commit {
        &self.commits[self.versions[version].commit]
    }

    /// The history of a file, by its path from the top.
    pub(crate) fn of(&self, file: &Path) -> Option<&FileHistory> {
        self.files.get(file)
    }
}
