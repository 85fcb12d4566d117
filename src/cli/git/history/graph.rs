//! Versions, from what each commit did: which came from which.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::rc::Rc;

use super::walk::{FileChange, State, Step};
use super::{Commit, Version};
use crate::cli::git::ObjectId;

/// The versions of all files.
#[derive(Default)]
pub(super) struct Graph<'w> {
    pub(super) versions: Vec<Version>,
    pub(super) commits: Vec<Commit>,
    names: HashMap<&'w Path, usize>,
    /// For each name the candidates where the walk began.
    heads: Vec<BTreeSet<usize>>,
    sets: Sets,
}

/// For each name which versions it may have at a commit: the number of a set, 0 for none. Behind a merge these are the
/// versions of all its parents, until a content tells which it took.
type Present = Vec<u32>;

/// Sets of versions, each stored once, so that all that is known at a commit can be copied fast.
struct Sets {
    sets: Vec<Vec<usize>>,
    unions: HashMap<(u32, u32), u32>,
}

impl Default for Sets {
    fn default() -> Self {
        Self { sets: vec![Vec::new()], unions: HashMap::new() }
    }
}

impl Sets {
    fn of(&mut self, version: usize) -> u32 {
        self.add(vec![version])
    }

    fn add(&mut self, set: Vec<usize>) -> u32 {
        self.sets.push(set);
        u32::try_from(self.sets.len() - 1).unwrap_or_default()
    }

    fn get(&self, set: u32) -> &[usize] {
        &self.sets[set as usize]
    }

    fn union(&mut self, a: u32, b: u32) -> u32 {
        match (a, b) {
            (0, only) | (only, 0) => only,
            (a, b) if a == b => a,
            pair => {
                if let Some(&known) = self.unions.get(&pair) {
                    return known;
                }
                let all: BTreeSet<_> = self.get(a).iter().chain(self.get(b)).copied().collect();
                let set = self.add(all.into_iter().collect());
                self.unions.insert(pair, set);
                set
            }
        }
    }
}

impl<'w> Graph<'w> {
    /// The graph of the commits `steps`, newest first. Before `boundary` nothing is known.
    pub(super) fn of(steps: &'w [Step], boundary: &HashSet<ObjectId>) -> Self {
        let mut graph = Self::default();
        let states = |change: &'w FileChange| change.old.iter().chain([&change.new]);
        for state in steps.iter().flat_map(|step| &step.changes).flat_map(states) {
            let next = graph.names.len();
            graph.names.entry(&state.path).or_insert(next);
        }
        graph.heads = vec![BTreeSet::new(); graph.names.len()];
        let mut children: HashMap<ObjectId, usize> = HashMap::new();
        steps.iter().flat_map(|step| &step.parents).for_each(|parent| *children.entry(*parent).or_default() += 1);
        let nothing = Rc::new(vec![0; graph.names.len()]);
        let mut known: HashMap<ObjectId, Rc<Present>> = HashMap::new();
        for step in oldest_first(steps) {
            let mut parents = Vec::with_capacity(step.parents.len());
            for parent in &step.parents {
                let left = children.entry(*parent).or_default();
                *left = left.saturating_sub(1);
                // The last child takes it.
                let state = if *left == 0 { known.remove(parent) } else { known.get(parent).cloned() };
                parents.push(state.unwrap_or_else(|| Rc::clone(&nothing)));
            }
            let present = graph.after(step, parents, &nothing, boundary.contains(&step.id));
            if children.contains_key(&step.id) {
                known.insert(step.id, present);
            } else {
                for (heads, &set) in graph.heads.iter_mut().zip(present.iter()) {
                    heads.extend(graph.sets.get(set));
                }
            }
        }
        graph
    }

    /// What is present after a commit.
    fn after(
        &mut self,
        step: &'w Step,
        parents: Vec<Rc<Present>>,
        nothing: &Rc<Present>,
        is_boundary: bool,
    ) -> Rc<Present> {
        let mut made = Vec::with_capacity(step.changes.len());
        if let Some(commit) = &step.commit {
            self.commits.push(commit.clone());
        }
        for change in &step.changes {
            let (mut before, mut discarded) = (Vec::new(), Vec::new());
            for (number, old) in change.old.iter().enumerate() {
                let present = parents.get(number).unwrap_or(nothing);
                self.split(present, old, &mut before, &mut discarded);
            }
            discarded.retain(|version| !before.contains(version));
            let commit = self.commits.len() - 1;
            let mut add = |state: &'w Path, blob, parents, discarded| {
                self.versions.push(Version { commit, path: state.to_owned(), blob, parents, discarded, is_boundary });
                made.push((self.names[state], self.versions.len() - 1));
            };
            if change.is_renamed {
                change.old.iter().for_each(|old| add(&old.path, None, before.clone(), Vec::new()));
            }
            add(&change.new.path, change.new.blob, before, discarded);
        }
        let mut parents = parents.into_iter();
        let mut present = parents.next().unwrap_or_else(|| Rc::clone(nothing));
        for other in parents {
            if !Rc::ptr_eq(&present, &other) {
                for (set, &other) in Rc::make_mut(&mut present).iter_mut().zip(other.iter()) {
                    *set = self.sets.union(*set, other);
                }
            }
        }
        if !made.is_empty() {
            let present = Rc::make_mut(&mut present);
            // Behind a file that was renamed away another one may have come.
            made.sort_by_key(|&(_, version)| self.versions[version].blob.is_some());
            for (name, version) in made {
                present[name] = self.sets.of(version);
            }
        }
        present
    }

    /// Divides the versions that `old` may be into those that have its content and the others.
    fn split(&self, present: &Present, old: &State, same: &mut Vec<usize>, others: &mut Vec<usize>) {
        let Some(&set) = self.names.get(&*old.path).and_then(|&name| present.get(name)) else { return };
        for &version in self.sets.get(set) {
            let found = if self.versions[version].blob == old.blob { &mut *same } else { &mut *others };
            if !found.contains(&version) {
                found.push(version);
            }
        }
    }

    /// The versions that a file may have where the walk began.
    pub(super) fn heads(&self, file: &Path) -> Vec<usize> {
        let name = self.names.get(file);
        name.map(|&name| self.heads[name].iter().copied().collect()).unwrap_or_default()
    }

    /// `heads` and all versions before them, newest first.
    pub(super) fn before(&self, heads: &[usize]) -> Vec<usize> {
        let mut found: BTreeSet<usize> = heads.iter().copied().collect();
        let mut open = heads.to_vec();
        while let Some(version) = open.pop() {
            let Version { parents, discarded, .. } = &self.versions[version];
            open.extend(parents.iter().chain(discarded).filter(|&&parent| found.insert(parent)));
        }
        found.into_iter().rev().collect()
    }
}

/// The commits, each behind its parents, and otherwise in the order in which they were made.
fn oldest_first(steps: &[Step]) -> Vec<&Step> {
    let places: HashMap<ObjectId, usize> = steps.iter().enumerate().map(|(place, step)| (step.id, place)).collect();
    let mut ordered = Vec::with_capacity(steps.len());
    let mut seen = vec![false; steps.len()];
    for place in (0..steps.len()).rev() {
        // Those that are open, and how many of their parents were looked at: clocks go wrong.
        let mut open = vec![(place, 0)];
        while let Some((place, looked)) = open.pop() {
            if looked == 0 && std::mem::replace(&mut seen[place], true) {
                continue;
            }
            match steps[place].parents.get(looked) {
                Some(parent) => {
                    open.push((place, looked + 1));
                    open.extend(places.get(parent).filter(|&&parent| !seen[parent]).map(|&parent| (parent, 0)));
                }
                None => ordered.push(&steps[place]),
            }
        }
    }
    ordered
}
