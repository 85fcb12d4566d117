//! Matching many globs against many paths at once.
//!
//! All globs of a list together are one nondeterministic automaton: a state stands before one segment of one glob, or at
//! its end. A set of states is a bit set, and the set of a path follows from its parent's, so that siblings share
//! the work and no number of `**` makes anything exponential. Each path costs at most one step of each live state.

use super::{MERGE_KEY, PathGlob, SegmentGlob};
use crate::leaf::{PathId, PathTree, Segment};

/// The paths of one tree that a list of globs matches.
#[derive(Clone, Debug)]
pub struct Matches(Answers);

#[derive(Clone, Debug)]
enum Answers {
    All,
    /// One bit for each path.
    Each(Vec<u64>),
    None,
}

impl Matches {
    /// Whether one of the globs matches `path`.
    #[must_use]
    pub fn contains(&self, path: PathId) -> bool {
        match &self.0 {
            Answers::All => true,
            Answers::Each(bits) => (path.0 as usize) < bits.len() * 64 && has(bits, path.0 as usize),
            Answers::None => false,
        }
    }
}

/// The automaton of a list of globs.
pub(super) struct Matcher<'g> {
    /// What each state waits for; `None` at the end of a glob.
    states: Vec<Option<&'g SegmentGlob>>,
    /// The states at the root.
    start: Vec<u64>,
    /// The states at the end of a glob.
    end: Vec<u64>,
    /// One of the globs is `**`.
    everything: bool,
}

impl<'g> Matcher<'g> {
    pub(super) fn new(globs: &'g [PathGlob]) -> Self {
        let mut states = Vec::new();
        let mut starts = Vec::new();
        for glob in globs {
            starts.push(states.len());
            states.extend(glob.segments.iter().map(Some));
            states.push(None);
        }
        let words = states.len().div_ceil(64);
        let mut matcher = Self {
            start: vec![0; words],
            end: vec![0; words],
            everything: globs.iter().any(|glob| glob.segments == [SegmentGlob::AnyNumber]),
            states,
        };
        let mut start = vec![0; words];
        for state in starts {
            matcher.enter(&mut start, state);
        }
        matcher.start = start;
        for (state, segment) in matcher.states.iter().enumerate() {
            if segment.is_none() {
                set(&mut matcher.end, state);
            }
        }
        matcher
    }

    /// Whether one of the globs matches `path`.
    pub(super) fn matches_one(&self, tree: &PathTree, path: PathId) -> bool {
        let mut now = self.start.clone();
        let mut next = now.clone();
        for segment in tree.segments(path) {
            self.step(&now, segment, &mut next);
            std::mem::swap(&mut now, &mut next);
        }
        self.at_end(&now)
    }

    /// The answer for each path of `tree`.
    pub(super) fn matches(&self, tree: &PathTree) -> Matches {
        if self.everything {
            return Matches(Answers::All);
        }
        if self.states.is_empty() {
            return Matches(Answers::None);
        }
        let words = self.start.len();
        let paths = tree.ids();
        let mut answers = vec![0; paths.len().div_ceil(64)];
        // The paths from the root to the one looked at last, and the set of each, at `depth * words`.
        let mut stack = vec![PathTree::ROOT];
        let mut sets = self.start.clone();
        let mut missing = Vec::new();
        for path in paths {
            // In document order only `path` itself is missing, but formats may come back to a map that they left before.
            let mut known = path;
            while stack.get(tree.depth(known)) != Some(&known) {
                missing.push(known);
                known = tree.parent(known);
            }
            stack.truncate(tree.depth(known) + 1);
            while let Some(child) = missing.pop() {
                let depth = stack.len();
                sets.resize((depth + 1) * words, 0);
                let (parents, set) = sets.split_at_mut(depth * words);
                if let Some(segment) = tree.last(child) {
                    self.step(&parents[(depth - 1) * words..], segment, set);
                }
                stack.push(child);
            }
            if self.at_end(&sets[(stack.len() - 1) * words..stack.len() * words]) {
                set(&mut answers, path.0 as usize);
            }
        }
        Matches(Answers::Each(answers))
    }

    /// Sets `next` to the states that `segment` leads to from `now`.
    fn step(&self, now: &[u64], segment: Segment<'_>, next: &mut [u64]) {
        if matches!(segment, Segment::Document(_) | Segment::Key { text: MERGE_KEY, .. }) {
            next.copy_from_slice(now);
            return;
        }
        next.fill(0);
        for (at, &word) in now.iter().enumerate() {
            let mut word = word;
            while word != 0 {
                let state = at * 64 + word.trailing_zeros() as usize;
                word &= word - 1;
                match self.states[state] {
                    None => {}
                    Some(SegmentGlob::AnyNumber) => self.enter(next, state),
                    Some(glob) if glob.matches(segment) => self.enter(next, state + 1),
                    Some(_) => {}
                }
            }
        }
    }

    /// Adds `state` to `set`, and the one behind it when it waits for any number of segments, none included.
    fn enter(&self, states: &mut [u64], state: usize) {
        set(states, state);
        // No `**` follows another one, so one state further is enough.
        if self.states[state] == Some(&SegmentGlob::AnyNumber) {
            set(states, state + 1);
        }
    }

    fn at_end(&self, states: &[u64]) -> bool {
        states.iter().zip(&self.end).any(|(states, end)| states & end != 0)
    }
}

impl SegmentGlob {
    /// Whether this matches exactly one segment, `segment`.
    fn matches(&self, segment: Segment<'_>) -> bool {
        match (self, segment) {
            (Self::AnyNumber | Self::AnyOne, _) | (Self::Item, Segment::Index(_)) => true,
            (Self::Key(key), Segment::Key { text, .. }) => key == text,
            (Self::KeyLike(pieces), Segment::Key { text, .. }) => has_pieces(text, pieces),
            _ => false,
        }
    }
}

/// Whether `text` is `pieces` in their order, with anything between them. The leftmost place is the right one for each
/// piece, so nothing is ever tried twice.
fn has_pieces(text: &str, pieces: &[String]) -> bool {
    let [first, middle @ .., last] = pieces else { return false };
    let inner = text.strip_prefix(first.as_str()).and_then(|rest| rest.strip_suffix(last.as_str()));
    let Some(mut rest) = inner else { return false };
    for piece in middle {
        let Some(at) = rest.find(piece.as_str()) else { return false };
        rest = &rest[at + piece.len()..];
    }
    true
}

fn has(bits: &[u64], at: usize) -> bool {
    bits[at / 64] >> (at % 64) & 1 == 1
}

fn set(bits: &mut [u64], at: usize) {
    bits[at / 64] |= 1 << (at % 64);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::select::Globs;

    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Step {
        Key(&'static str),
        Index(u64),
        Document(u64),
    }

    fn segment(step: Step) -> Segment<'static> {
        match step {
            Step::Key(text) => Segment::Key { text, quoted: false },
            Step::Index(n) => Segment::Index(n),
            Step::Document(n) => Segment::Document(n),
        }
    }

    fn tree_of(path: &[Step]) -> (PathTree, PathId) {
        let mut tree = PathTree::default();
        let end = path.iter().fold(PathTree::ROOT, |parent, &step| tree.child(parent, segment(step)));
        (tree, end)
    }

    fn matches(glob: &str, path: &[Step]) -> bool {
        let globs = [PathGlob::parse(glob).unwrap()];
        let (tree, end) = tree_of(path);
        let one = Globs(&globs).matches(&tree, end);
        assert_eq!(Globs(&globs).all_matches(&tree).contains(end), one);
        one
    }

    #[test]
    fn segments_match_what_they_say() {
        use Step::{Document, Index, Key};
        let cases: &[(&str, &[Step], bool)] = &[
            ("**", &[], true),
            ("**", &[Key("a"), Index(0)], true),
            ("*", &[], false),
            ("*", &[Key("a")], true),
            ("*", &[Index(3)], true),
            ("*", &[Key("a"), Key("b")], false),
            ("[]", &[Index(3)], true),
            ("[]", &[Key("0")], false),
            ("0", &[Index(0)], false),
            ("users[].name", &[Key("users"), Index(1), Key("name")], true),
            ("users[].name", &[Key("users"), Key("x"), Key("name")], false),
            ("metadata.**", &[Key("metadata")], true),
            ("metadata.**", &[Key("metadata"), Key("a"), Index(0)], true),
            ("metadata.**", &[Key("data"), Key("metadata")], false),
            ("a.**.b", &[Key("a"), Key("b")], true),
            ("a.**.b", &[Key("a"), Key("b"), Key("b")], true),
            ("a.**.b", &[Key("a"), Key("b"), Key("c")], false),
            ("a", &[Document(2), Key("a")], true),
            ("a", &[Key("A")], false),
            ("*_key", &[Key("api_key")], true),
            ("*_key", &[Key("_key")], true),
            ("*_key", &[Key("_keys")], false),
            ("a*a", &[Key("a")], false),
            ("a*a", &[Key("aa")], true),
            ("a*b*c", &[Key("abbc")], true),
            ("a*bb*b", &[Key("abb")], false),
            ("x*", &[Index(0)], false),
            ("stringData.password", &[Key("<<"), Key("stringData"), Key("password")], true),
            ("stringData.password", &[Key("stringData"), Key("<<"), Key("password")], true),
            ("<<.stringData.password", &[Key("stringData"), Key("password")], true),
            ("*.password", &[Key("<<"), Key("password")], false),
        ];
        for &(glob, path, expected) in cases {
            assert_eq!(matches(glob, path), expected, "{glob} against {path:?}");
        }
    }

    #[test]
    fn a_list_of_globs_matches_nothing_when_it_is_empty() {
        let (tree, end) = tree_of(&[Step::Key("a")]);
        assert!(!Globs(&[]).matches(&tree, end));
        assert!(!Globs(&[]).all_matches(&tree).contains(end));
    }

    #[test]
    fn many_stars_do_not_take_long() {
        // A backtracking matcher takes some 10^30 steps here.
        let glob = PathGlob::parse(&format!("{}b", "**.*a*a*a*.".repeat(31))).unwrap();
        let mut tree = PathTree::default();
        let text = "a".repeat(10_000);
        let mut path = PathTree::ROOT;
        for _ in 0..128 {
            path = tree.child(path, Segment::Key { text: &text, quoted: false });
        }
        assert!(!Globs(&[glob]).all_matches(&tree).contains(path));
    }

    /// The definition of matching, with all its backtracking.
    fn naive(globs: &[SegmentGlob], path: &[Step]) -> bool {
        match (globs, path) {
            (_, [Step::Document(_) | Step::Key("<<"), rest @ ..]) => naive(globs, rest),
            ([], _) => path.is_empty(),
            ([SegmentGlob::AnyNumber, globs_left @ ..], _) => {
                naive(globs_left, path) || matches!(path, [_, path_left @ ..] if naive(globs, path_left))
            }
            ([glob, globs_left @ ..], [step, path_left @ ..]) => {
                let fits = match (glob, step) {
                    (SegmentGlob::AnyOne, _) | (SegmentGlob::Item, Step::Index(_)) => true,
                    (SegmentGlob::Key(key), Step::Key(text)) => key == text,
                    (SegmentGlob::KeyLike(pieces), Step::Key(text)) => naive_like(&pieces.join("*"), text),
                    _ => false,
                };
                fits && naive(globs_left, path_left)
            }
            (_, []) => false,
        }
    }

    fn naive_like(glob: &str, text: &str) -> bool {
        match glob.split_at_checked(1) {
            None => text.is_empty(),
            Some(("*", left)) => (0..=text.len()).any(|at| naive_like(left, &text[at..])),
            Some((c, left)) => text.strip_prefix(c).is_some_and(|text| naive_like(left, text)),
        }
    }

    fn any_path() -> impl Strategy<Value = Vec<Step>> {
        let key = prop::sample::select(vec!["a", "b", "ab", "aab", "ba", "<<", ""]).prop_map(Step::Key);
        let step = prop_oneof![8 => key, 2 => (0u64..2).prop_map(Step::Index), 1 => (0u64..2).prop_map(Step::Document)];
        prop::collection::vec(step, 0..7)
    }

    fn any_glob() -> impl Strategy<Value = String> {
        let names = ["**", "**", "*", "[]", "a", "b", "ab", "a*", "*b", "a*b", "*a*a*", "<<", "\"\"", "a[]", "**[]"];
        prop::collection::vec(prop::sample::select(names.to_vec()), 1..7).prop_map(|segments| segments.join("."))
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition(texts in prop::collection::vec(any_glob(), 0..40), paths in prop::collection::vec(any_path(), 1..20)) {
            let globs: Vec<PathGlob> = texts.iter().filter_map(|text| PathGlob::parse(text).ok()).collect();
            let mut tree = PathTree::default();
            let mut ends = Vec::new();
            let mut nodes: Vec<(Vec<Step>, PathId)> = vec![(Vec::new(), PathTree::ROOT)];
            for path in &paths {
                // Shared prefixes share nodes, so that the order of nodes is not always that of a document.
                for depth in 1..=path.len() {
                    if nodes.iter().all(|(known, _)| known != &path[..depth]) {
                        let parent = nodes.iter().find(|(known, _)| known == &path[..depth - 1]).unwrap().1;
                        let id = tree.child(parent, segment(path[depth - 1]));
                        nodes.push((path[..depth].to_vec(), id));
                    }
                }
                ends.push(nodes.iter().find(|(known, _)| known == path).unwrap().1);
            }
            let all = Globs(&globs).all_matches(&tree);
            for (path, end) in paths.iter().zip(ends) {
                let expected = globs.iter().any(|glob| naive(&glob.segments, path));
                prop_assert_eq!(all.contains(end), expected, "{:?} against {:?}", globs, path);
                prop_assert_eq!(Globs(&globs).matches(&tree, end), expected);
            }
        }
    }
}
