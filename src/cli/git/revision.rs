//! What users call commits: `HEAD~2`, `main..branch`, `main...branch`.

use super::{ObjectId, Repository};
use crate::cli::environment;
use crate::cli::exit_code;
use crate::cli::report::Failure;

/// What a revision argument means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Range {
    /// One commit or tree.
    One(ObjectId),
    /// From one to another: the base of `A...B` is already found.
    Two(ObjectId, ObjectId),
}

impl Repository {
    /// The commit at which the work tree is; none before the first one.
    pub(crate) fn head(&self) -> Option<ObjectId> {
        self.commit("HEAD").ok()
    }

    /// The commit that is being merged into that of the work tree: of several any one.
    pub(crate) fn merged(&self) -> Option<ObjectId> {
        // For drivers and its hook `pre-merge-commit` git has no `MERGE_HEAD` yet, but names what it merges in the environment.
        let named = || {
            let mut names = environment::all().filter_map(|(name, _)| name.into_string().ok());
            names.find_map(|name| self.commit(name.strip_prefix("GITHEAD_")?).ok())
        };
        self.commit("MERGE_HEAD").ok().or_else(named)
    }

    /// The commit that is called so.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn commit(&self, name: &str) -> Result<ObjectId, Failure> {
        self.resolve(name, "commit").ok_or_else(|| unknown(name))
    }

    /// The commit that is called so, or the tree.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn commit_or_tree(&self, name: &str) -> Result<ObjectId, Failure> {
        self.resolve(name, "commit").or_else(|| self.resolve(name, "tree")).ok_or_else(|| unknown(name))
    }

    /// One revision, or two with `..` or `...` between them, where a missing one is HEAD.
    ///
    /// # Errors
    /// When there is no such commit, or two have no common base.
    pub(crate) fn range(&self, text: &str) -> Result<Range, Failure> {
        let or_head = |name: &str| self.commit_or_tree(if name.is_empty() { "HEAD" } else { name });
        if let Some((from, to)) = text.split_once("...") {
            let (from, to) = (or_head(from)?, or_head(to)?);
            let none = || {
                let failure = Failure::new(exit_code::GENERIC, format!("`{text}`: these have no common base"));
                if self.is_shallow() { failure.hint("the clone is shallow: `git fetch --unshallow`") } else { failure }
            };
            return Ok(Range::Two(self.merge_base(&from, &to).ok_or_else(none)?, to));
        }
        match text.split_once("..") {
            Some((from, to)) => Ok(Range::Two(or_head(from)?, or_head(to)?)),
            None => self.commit_or_tree(text).map(Range::One),
        }
    }

    /// The best common ancestor of two commits; none when they have none, or the clone is too shallow to tell.
    pub(crate) fn merge_base(&self, a: &ObjectId, b: &ObjectId) -> Option<ObjectId> {
        let output = self.output(["merge-base", &a.to_string(), &b.to_string()]).ok()?;
        ObjectId::parse(output.trim_ascii())
    }

    /// The tree without a file.
    pub(crate) fn empty_tree(&self) -> ObjectId {
        ObjectId::empty_tree(self.facts.is_sha256)
    }

    fn resolve(&self, name: &str, kind: &str) -> Option<ObjectId> {
        let name = format!("{name}^{{{kind}}}");
        let output = self.output(["rev-parse", "--verify", "--quiet", "--end-of-options", &name]).ok()?;
        ObjectId::parse(output.trim_ascii())
    }
}

fn unknown(name: &str) -> Failure {
    Failure::new(exit_code::GENERIC, format!("git knows no commit `{name}`"))
}
