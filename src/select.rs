//! Which leaves are encrypted: leaf path globs, and the policies of a rule.
//!
//! A [`PathGlob`] speaks about leaf paths: `.` separates segments, `*` is any one segment, `**` any number of them (also
//! none), `[]` any list item, `*` inside of a segment any characters of that key. Documents do not count: a glob speaks
//! about every document. The merge key `<<` is transparent, in paths and in globs: `<<.db.password` is
//! `db.password`, since that is where readers put the value.

use std::fmt;

use crate::error::Error;
use crate::leaf::{PathId, PathTree};

mod key_glob;
mod matcher;
mod parse;
mod pattern;

pub use key_glob::KeyGlob;
pub(crate) use key_glob::escaped;
use matcher::Matcher;
pub use matcher::Matches;
pub use pattern::{Alternative, Pattern, PatternPart};

/// A list holds at most this many globs. Globs also come from the metadata of files, before those are authenticated.
pub const MAX_GLOBS: usize = 1024;
/// One glob is at most this long, in bytes.
pub const MAX_GLOB_LEN: usize = 4096;
/// One glob has at most this many segments.
pub const MAX_GLOB_SEGMENTS: usize = 64;

/// The YAML key whose map's entries count as entries of the map around it.
const MERGE_KEY: &str = "<<";

/// A glob over leaf paths.
#[derive(Clone, PartialEq, Eq)]
pub struct PathGlob {
    text: String,
    segments: Vec<SegmentGlob>,
}

/// One segment of a [`PathGlob`]. Two `AnyNumber` never follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
enum SegmentGlob {
    /// `**`
    AnyNumber,
    /// `*`
    AnyOne,
    /// `[]`
    Item,
    /// A key, spelled out.
    Key(String),
    /// A key with `*` in it: what stands between the stars, at least two pieces; the first and the last may be empty.
    KeyLike(Vec<String>),
}

impl PathGlob {
    /// Reads a glob.
    ///
    /// # Errors
    /// [`Error::Config`] without a position, or [`Error::Limit`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        Ok(Self { text: text.to_owned(), segments: parse::segments(text)? })
    }

    /// Reads a list of globs.
    ///
    /// # Errors
    /// As [`PathGlob::parse`]; also [`Error::Limit`] when there are more than [`MAX_GLOBS`].
    pub fn parse_all<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Vec<Self>, Error> {
        let mut globs = Vec::new();
        for text in texts {
            if globs.len() == MAX_GLOBS {
                return Err(Error::Limit { what: "the number of globs", limit: MAX_GLOBS as u64, at: None });
            }
            globs.push(Self::parse(text)?);
        }
        Ok(globs)
    }

    /// The glob as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for PathGlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for PathGlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PathGlob({})", self.text)
    }
}

/// A list of globs, of which one that matches is enough.
#[derive(Clone, Copy, Debug)]
pub struct Globs<'g>(pub &'g [PathGlob]);

impl Globs<'_> {
    /// Whether one of them matches `path`. For many paths of one tree, [`Globs::all_matches`] is far faster.
    #[must_use]
    pub fn matches(self, tree: &PathTree, path: PathId) -> bool {
        Matcher::new(self.0).matches_one(tree, path)
    }

    /// Tells for every path of `tree` whether one of the globs matches it.
    #[must_use]
    pub fn all_matches(self, tree: &PathTree) -> Matches {
        Matcher::new(self.0).matches(tree)
    }
}

/// What a rule encrypts: everything that `encrypt` matches and `clear` does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// What is encrypted.
    pub encrypt: Vec<PathGlob>,
    /// The exceptions, which stay clear.
    pub clear: Vec<PathGlob>,
}

impl Default for Selection {
    /// Everything is encrypted unless a rule says otherwise.
    fn default() -> Self {
        let everything = PathGlob { text: "**".to_owned(), segments: vec![SegmentGlob::AnyNumber] };
        Self { encrypt: vec![everything], clear: Vec::new() }
    }
}

impl Selection {
    /// Applies the globs to all paths of `tree` at once. What it answers for paths that are added later is not specified.
    #[must_use]
    pub fn selector(&self, tree: &PathTree) -> Selector {
        Selector { encrypt: Globs(&self.encrypt).all_matches(tree), clear: Globs(&self.clear).all_matches(tree) }
    }
}

/// A [`Selection`] applied to the paths of one scan.
#[derive(Clone, Debug)]
pub struct Selector {
    encrypt: Matches,
    clear: Matches,
}

impl Selector {
    /// Whether a value at `path` is sealed. (Whether its kind can be sealed at all is the caller's to check.)
    #[must_use]
    pub fn is_sealed(&self, path: PathId) -> bool {
        self.encrypt.contains(path) && !self.clear.contains(path)
    }
}

/// Whether comments are encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CommentPolicy {
    /// They stay as they are.
    Clear,
    /// Every comment is sealed.
    #[default]
    Encrypt,
}

impl CommentPolicy {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Encrypt, Self::Clear];

    /// Its name in config files and metadata.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Encrypt => "encrypt",
        }
    }
}

/// Whether links cover the clear values that a rule names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClearValues {
    /// Anybody may change, add and remove them, as bots do.
    Free,
    /// A change shows when the file is verified.
    #[default]
    Pinned,
}

impl ClearValues {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Pinned, Self::Free];

    /// Its name in config files and metadata.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Pinned => "pinned",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leaf::Segment;

    fn globs(texts: &[&str]) -> Vec<PathGlob> {
        PathGlob::parse_all(texts.iter().copied()).unwrap()
    }

    fn key(text: &str) -> Segment<'_> {
        Segment::Key { text, quoted: false }
    }

    #[test]
    fn clear_wins_over_encrypt() {
        let mut tree = PathTree::default();
        let document = tree.child(PathTree::ROOT, Segment::Document(0));
        let kind = tree.child(document, key("kind"));
        let data = tree.child(document, key("data"));
        let password = tree.child(data, key("password"));
        let note = tree.child(document, key("note"));
        let selection = Selection { encrypt: globs(&["data.**", "kind"]), clear: globs(&["kind"]) };
        let selector = selection.selector(&tree);
        assert!(selector.is_sealed(password));
        assert!(!selector.is_sealed(kind));
        assert!(!selector.is_sealed(note), "nothing encrypts it");
    }

    #[test]
    fn by_default_everything_is_sealed() {
        let mut tree = PathTree::default();
        let leaf = tree.child(PathTree::ROOT, key("x"));
        assert_eq!(Selection::default().encrypt, globs(&["**"]));
        let selector = Selection::default().selector(&tree);
        assert!(selector.is_sealed(leaf) && selector.is_sealed(PathTree::ROOT));
    }

    #[test]
    fn there_are_at_most_1024_globs() {
        assert_eq!(PathGlob::parse_all(vec!["a"; 1024]).map(|globs| globs.len()), Ok(1024));
        let error = PathGlob::parse_all(vec!["a"; 1025]).unwrap_err();
        assert_eq!(error.to_string(), "the number of globs exceeds the limit of 1024");
    }

    #[test]
    fn policies_have_one_name_each() {
        assert_eq!(CommentPolicy::ALL.map(CommentPolicy::as_str), ["encrypt", "clear"]);
        assert_eq!(ClearValues::ALL.map(ClearValues::as_str), ["pinned", "free"]);
    }
}
