//! Which files differ between commits, the index and the work tree.

use super::entries::mode_of;
use super::{Entry, ObjectId, Repository, path_of};
use crate::cli::report::Failure;

/// One end of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// A commit or tree; [`Repository::empty_tree`] before the first commit.
    Tree(ObjectId),
    /// What is staged.
    Index,
    /// What is on the disk, of the files that git tracks.
    WorkTree,
}

/// One file that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// Before; none when it was added.
    pub(crate) old: Option<Entry>,
    /// After; none when it was deleted. In the work tree it may be as it was, when git has not read it since it was written.
    pub(crate) new: Option<Entry>,
    /// How much of a renamed file stayed, in percent; none when it was not renamed.
    pub(crate) similarity: Option<u8>,
    /// Whether it waits to be merged.
    pub(crate) is_unmerged: bool,
}

impl Repository {
    /// What differs from `from` to `to`, with files that were renamed told as such. An [`Side::Index`] is compared with the
    /// work tree, and with a tree; a work tree only stands at the end.
    ///
    /// # Errors
    /// When git fails.
    pub(crate) fn changes(&self, from: Side, to: Side) -> Result<Vec<Change>, Failure> {
        let options = ["--raw", "-r", "-z", "-M", "--no-abbrev", "--no-ext-diff", "--no-textconv", "--no-relative"];
        let mut ids = Vec::new();
        let (command, is_reversed) = match (from, to) {
            (Side::Tree(a), Side::Tree(b)) => {
                ids.extend([a.to_string(), b.to_string()]);
                ("diff-tree", false)
            }
            (Side::Tree(tree), Side::WorkTree) => {
                ids.push(tree.to_string());
                ("diff-index", false)
            }
            (Side::Tree(tree), Side::Index) | (Side::Index, Side::Tree(tree)) => {
                ids.extend(["--cached".into(), tree.to_string()]);
                ("diff-index", from == Side::Index)
            }
            (Side::Index | Side::WorkTree, Side::WorkTree) => ("diff-files", false),
            (Side::WorkTree, Side::Index) => ("diff-files", true),
            (Side::WorkTree, Side::Tree(tree)) => {
                ids.push(tree.to_string());
                ("diff-index", true)
            }
            (Side::Index, Side::Index) => return Ok(Vec::new()),
        };
        let reverse = is_reversed.then_some("-R");
        let ids = ids.iter().map(String::as_str);
        let output = self.output([command].into_iter().chain(options).chain(reverse).chain(ids).chain(["--"]))?;
        let mut fields = output.split(|&byte| byte == 0);
        let mut changes = Vec::new();
        while let Some(header) = fields.next() {
            changes.extend(read_raw(header, &mut fields));
        }
        Ok(changes)
    }
}

impl Repository {
    /// The files that commits before and with `tips` took away, each as it was then.
    ///
    /// # Errors
    /// When git fails.
    pub(crate) fn deleted(&self, tips: &[ObjectId]) -> Result<Vec<Entry>, Failure> {
        if tips.is_empty() {
            return Ok(Vec::new());
        }
        let options =
            ["log", "--format=", "--diff-filter=D", "--no-renames", "--diff-merges=first-parent", "--raw", "-z"];
        let more = ["--no-abbrev", "--no-ext-diff", "--no-textconv", "--no-relative"];
        let ids: Vec<_> = tips.iter().map(ToString::to_string).collect();
        let words = options.into_iter().chain(more).chain(ids.iter().map(String::as_str)).chain(["--"]);
        let output = self.output(words)?;
        let mut fields = output.split(|&byte| byte == 0);
        let mut deleted = Vec::new();
        while let Some(header) = fields.next() {
            deleted.extend(read_raw(header.trim_ascii_start(), &mut fields).and_then(|change| change.old));
        }
        Ok(deleted)
    }
}

/// One entry of git's raw format between two sides: `:MODE MODE ID ID STATUS`, then one path, or two when it was renamed.
pub(super) fn read_raw<'f>(header: &[u8], fields: &mut impl Iterator<Item = &'f [u8]>) -> Option<Change> {
    let words: Vec<_> = header.strip_prefix(b":")?.split(|&byte| byte == b' ').collect();
    let &[old_mode, new_mode, old_id, new_id, status] = &words[..] else { return None };
    let path = path_of(fields.next()?);
    let is_renamed = matches!(status[0], b'R' | b'C');
    let new_path = if is_renamed { path_of(fields.next()?) } else { path.clone() };
    let entry = |path, mode, id| {
        let mode = mode_of(mode).filter(|&mode| mode != 0)?;
        let id = ObjectId::parse(id).filter(|id| !id.is_null());
        Some(Entry { path, mode, id, stage: 0 })
    };
    let percent = std::str::from_utf8(&status[1..]).ok().and_then(|percent| percent.parse().ok());
    Some(Change {
        old: entry(path, old_mode, old_id),
        new: entry(new_path, new_mode, new_id),
        similarity: percent.filter(|_| is_renamed),
        is_unmerged: status == b"U",
    })
}
