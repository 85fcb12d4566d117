//! What is in the index, and in the tree of a commit.

use std::path::PathBuf;

use super::{ObjectId, Repository, path_of};
use crate::cli::report::Failure;

/// A file in the index or in a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its path from the top.
    pub(crate) path: PathBuf,
    /// Its mode, as git has it: `0o100644`, `0o100755`, `0o120000` for a symbolic link, `0o160000` for a submodule.
    pub(crate) mode: u32,
    /// Its content; none for one in the work tree that git has not looked at.
    pub(crate) id: Option<ObjectId>,
    /// 0; or in an unmerged index 1, 2, 3 for the base, ours and theirs.
    pub(crate) stage: u8,
}

impl Entry {
    /// Whether it is a file, and not a symbolic link or submodule.
    pub(crate) fn is_file(&self) -> bool {
        self.mode & 0o170_000 == 0o100_000
    }
}

impl Repository {
    /// All that is staged, of all stages, by path.
    ///
    /// # Errors
    /// When git fails.
    pub(crate) fn index(&self) -> Result<Vec<Entry>, Failure> {
        self.staged("--stage")
    }

    /// The stages of what was unmerged until it was staged, by path: git keeps them for `git checkout --merge`.
    ///
    /// # Errors
    /// When git fails.
    pub(crate) fn once_unmerged(&self) -> Result<Vec<Entry>, Failure> {
        self.staged("--resolve-undo")
    }

    fn staged(&self, which: &str) -> Result<Vec<Entry>, Failure> {
        let output = self.output(["ls-files", which, "-z", "--full-name"])?;
        // Mode, name, stage.
        Ok(records(&output).filter_map(|(words, path)| entry(path, words[0], words.get(1)?, words.get(2)?)).collect())
    }

    /// All files of a commit or tree, by path.
    ///
    /// # Errors
    /// When git fails.
    pub(crate) fn tree(&self, id: &ObjectId) -> Result<Vec<Entry>, Failure> {
        let output = self.output(["ls-tree", "-r", "-z", "--full-tree", &id.to_string()])?;
        // Mode, kind, name.
        Ok(records(&output).filter_map(|(words, path)| entry(path, words[0], words.get(2)?, b"0")).collect())
    }
}

fn records(output: &[u8]) -> impl Iterator<Item = (Vec<&[u8]>, &[u8])> {
    output.split(|&byte| byte == 0).filter_map(|record| {
        let tab = record.iter().position(|&byte| byte == b'\t')?;
        Some((record[..tab].split(|&byte| byte == b' ').collect(), &record[tab + 1..]))
    })
}

fn entry(path: &[u8], mode: &[u8], id: &[u8], stage: &[u8]) -> Option<Entry> {
    let stage = stage.first()?.checked_sub(b'0')?;
    Some(Entry { path: path_of(path), mode: mode_of(mode)?, id: ObjectId::parse(id), stage })
}

pub(super) fn mode_of(octal: &[u8]) -> Option<u32> {
    u32::from_str_radix(std::str::from_utf8(octal).ok()?, 8).ok()
}
