//! What the policy makes of each leaf: which section it belongs to, and whether it is sealed.

use std::collections::HashSet;

use super::metadata::{DEFAULT, Policy};
use crate::document::Scan;
use crate::error::{Error, Position};
use crate::leaf::{LeafKind, PathId, PathTree, Segment};
use crate::select::{ClearValues, CommentPolicy, Globs};

/// What happens to one leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// It stays clear and is covered by the link before it.
    Clear,
    /// A comment that is left as it is, covered by nothing.
    ClearComment,
    /// A clear leaf that nothing covers, since the policy lets anybody change it.
    Free,
    /// It is sealed.
    Sealed,
    /// A comment that is sealed.
    SealedComment,
}

/// Role and section of every leaf of a scan.
#[derive(Debug)]
pub(crate) struct Roles {
    roles: Vec<(Role, u16)>,
}

impl Roles {
    /// Applies `policy` to a scan of `text`.
    ///
    /// # Errors
    /// [`Error::Syntax`] when the paths of a section split a list: its items could then not be inserted by anybody
    /// who lacks one of the sections.
    pub(crate) fn assign(policy: &Policy, text: &str, scan: &Scan) -> Result<Self, Error> {
        let selector = policy.selection.selector(&scan.paths);
        let sections = Sections::new(policy, text, scan)?;
        let anchors = scan.leaves.iter().filter(|leaf| leaf.kind == LeafKind::Anchor);
        let anchored: HashSet<PathId> = anchors.map(|leaf| leaf.path).collect();
        let mut roles: Vec<(Role, u16)> = Vec::with_capacity(scan.leaves.len());
        for leaf in &scan.leaves {
            let selected = selector.is_sealed(leaf.path);
            let role = match leaf.kind {
                LeafKind::Comment => match policy.comments {
                    CommentPolicy::Clear => Role::ClearComment,
                    CommentPolicy::Encrypt => Role::SealedComment,
                },
                LeafKind::Plain | LeafKind::Quoted if selected => Role::Sealed,
                LeafKind::Plain | LeafKind::Quoted | LeafKind::EmptyMap | LeafKind::EmptyList
                    if policy.clear_values == ClearValues::Free
                        && !selected
                        && !merges_elsewhere(&scan.paths, &anchored, leaf.path) =>
                {
                    Role::Free
                }
                _ => Role::Clear,
            };
            roles.push((role, sections.of(leaf.path)));
        }
        // A comment speaks of what follows it: it belongs to the next leaf's section, so that its readers are those
        // of the secret it may quote.
        let mut next = DEFAULT;
        for (role, section) in roles.iter_mut().rev() {
            match role {
                Role::ClearComment | Role::SealedComment => *section = next,
                _ => next = *section,
            }
        }
        Ok(Self { roles })
    }

    /// Role and section (an index into the metadata's sections) of the leaf number `index`.
    pub(crate) fn of(&self, index: usize) -> (Role, usize) {
        let (role, section) = self.roles[index];
        (role, usize::from(section))
    }

    /// The role of the leaf number `index`.
    pub(crate) fn role(&self, index: usize) -> Role {
        self.roles[index].0
    }

    /// How many leaves there are.
    pub(crate) fn len(&self) -> usize {
        self.roles.len()
    }

    /// How many leaves have `role`.
    pub(crate) fn count(&self, role: Role) -> usize {
        self.roles.iter().filter(|(candidate, _)| *candidate == role).count()
    }
}

/// Whether a leaf may come to stand elsewhere for readers of YAML, who merge what is under `<<` into the map around it,
/// and put what an anchor names into the place of its aliases. Such a leaf is never free.
fn merges_elsewhere(paths: &PathTree, anchored: &HashSet<PathId>, path: PathId) -> bool {
    let mut at = path;
    while let Some(segment) = paths.last(at) {
        if matches!(segment, Segment::Key { text: "<<", .. }) || anchored.contains(&at) {
            return true;
        }
        at = paths.parent(at);
    }
    false
}

/// The section of each path.
struct Sections {
    /// By path; empty when there is only the default section.
    of_path: Vec<u16>,
}

impl Sections {
    fn new(policy: &Policy, text: &str, scan: &Scan) -> Result<Self, Error> {
        if policy.sections.is_empty() {
            return Ok(Self { of_path: Vec::new() });
        }
        let matches: Vec<_> = policy.sections.iter().map(|paths| Globs(paths).all_matches(&scan.paths)).collect();
        let section_of = |path: PathId| {
            let found = matches.iter().position(|matches| matches.contains(path));
            found.map_or(DEFAULT, |index| u16::try_from(index + 1).expect("sections are limited to 64"))
        };
        let mut of_path = vec![DEFAULT; scan.paths.len()];
        for path in scan.paths.ids() {
            of_path[path.index()] = section_of(path);
        }
        let sections = Self { of_path };
        let mut owner: Vec<Option<u16>> = vec![None; scan.paths.len()];
        for leaf in scan.leaves.iter().filter(|leaf| !leaf.kind.is_comment()) {
            let Some(list) = outermost_list(&scan.paths, leaf.path) else { continue };
            let section = sections.of(leaf.path);
            if *owner[list.index()].get_or_insert(section) != section {
                let what = "a section's paths split this list: a list with all it holds belongs to one section";
                return Err(Error::Syntax { at: Position::of_span(text, leaf.span), what });
            }
        }
        Ok(sections)
    }

    fn of(&self, path: PathId) -> u16 {
        self.of_path.get(path.index()).copied().unwrap_or(DEFAULT)
    }
}

/// The list nearest to the root that `path` leads through.
fn outermost_list(paths: &PathTree, path: PathId) -> Option<PathId> {
    let mut list = None;
    let mut at = path;
    while let Some(segment) = paths.last(at) {
        if matches!(segment, Segment::Index(_)) {
            list = Some(paths.parent(at));
        }
        at = paths.parent(at);
    }
    list
}
