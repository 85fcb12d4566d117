//! Walks over a tree in SOPS's order, with what its selectors look at.

use super::comments;
use super::resolve;
use super::tree::{Item, Tree};
use crate::dialect::sops::{Comments, Rule};
use crate::document::sops::Store;
use crate::error::Error;
use crate::leaf::{LeafKind, PathId, Segment};

/// A walk visits at most this many values once aliases are followed: the bound on alias bombs.
const MAX_VISITS: usize = 4 << 20;
/// It goes at most this deep then.
const MAX_DEPTH: usize = 256;
const MERGE_KEY: &str = "<<";

/// One stop of a walk.
pub(super) struct Visit<'a> {
    /// What stands there.
    pub(super) what: What<'a>,
    /// The keys on the way.
    pub(super) keys: &'a [&'a str],
    /// Whether the selector encrypts it.
    pub(super) is_encrypted: bool,
    /// The outermost alias over which the walk came here: its text is not that of the value.
    pub(super) alias: Option<PathId>,
}

/// What a walk stops at.
#[derive(Clone, Copy)]
pub(super) enum What<'a> {
    /// The leaves of a comment.
    Comment(&'a [usize]),
    /// The leaf of a value.
    Value(usize),
}

impl Visit<'_> {
    /// What a token there is bound to.
    pub(super) fn aad(&self) -> String {
        let mut aad = self.keys.join(":");
        aad.push(':');
        aad
    }
}

impl Tree<'_> {
    /// Visits all values and comments in order but those of metadata, and says which ones `rule` encrypts.
    pub(super) fn walk(
        &self,
        rule: &Rule,
        visit: &mut dyn FnMut(&Visit<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let metadata = self.metadata_nodes();
        for root in self.documents() {
            let mut walk = Walk {
                tree: self,
                rule,
                metadata: &metadata,
                keys: Vec::new(),
                comments: Comments::default(),
                visits: 0,
                visit,
            };
            walk.node(root, 0, None)?;
        }
        Ok(())
    }
}

struct Walk<'a, 't> {
    tree: &'a Tree<'t>,
    rule: &'a Rule,
    metadata: &'a [PathId],
    keys: Vec<&'a str>,
    comments: Comments,
    visits: usize,
    visit: &'a mut dyn FnMut(&Visit<'_>) -> Result<(), Error>,
}

impl<'a> Walk<'a, '_> {
    fn node(&mut self, path: PathId, depth: usize, alias: Option<PathId>) -> Result<(), Error> {
        let tree = self.tree;
        self.visits += 1;
        if self.visits > MAX_VISITS || depth > MAX_DEPTH {
            let what = "the size of the tree with its aliases expanded";
            return Err(Error::Limit { what, limit: MAX_VISITS as u64, at: None });
        }
        if let Some(target) = tree.alias_at(path) {
            if tree.is_inside(path, target) {
                let path = tree.scan.paths.display(path).to_string();
                let what = "an alias stands for the node around it, which has no end";
                return Err(Error::Unrepresentable { path, what });
            }
            return self.node(target, depth + 1, alias.or(Some(path)));
        }
        let items = &tree.items[path.index()];
        let is_collection = items.iter().any(|item| matches!(item, Item::Node(_)));
        if is_collection || depth == 0 {
            self.comments.enter();
            items.iter().try_for_each(|item| self.item(item, depth, alias))?;
            self.comments.leave();
        }
        // An empty root has no value, be it written or not.
        let is_empty_root =
            |number: usize| depth == 0 && matches!(tree.leaf(number).kind, LeafKind::EmptyMap | LeafKind::EmptyValue);
        if !is_collection
            && let Some(number) = tree.value_at(path)
            && !is_empty_root(number)
        {
            let is_encrypted = self.rule.encrypts(&self.keys, &self.comments, false);
            self.stop(What::Value(number), is_encrypted, alias)?;
        }
        Ok(())
    }

    fn item(&mut self, item: &'a Item, depth: usize, alias: Option<PathId>) -> Result<(), Error> {
        let tree = self.tree;
        match item {
            Item::Comment(leaves) => {
                // SOPS does copy the comments of what an alias stands for, but only to lose them again.
                if alias.is_some() {
                    return Ok(());
                }
                self.comments.push(&comments::text(tree, leaves));
                let is_encrypted = self.rule.encrypts(&self.keys, &self.comments, true);
                self.stop(What::Comment(leaves), is_encrypted, alias)
            }
            Item::Node(path) if self.metadata.contains(path) => {
                self.comments.end_item();
                Ok(())
            }
            Item::Node(path) => {
                let key = self.entry_key(*path)?;
                self.keys.extend(key);
                self.node(*path, depth + 1, alias)?;
                if key.is_some() {
                    self.keys.pop();
                }
                self.comments.end_item();
                Ok(())
            }
        }
    }

    /// The key that leads to `path`: a text, since SOPS takes nothing else for one.
    fn entry_key(&self, path: PathId) -> Result<Option<&'a str>, Error> {
        let tree = self.tree;
        match tree.scan.paths.last(path) {
            Some(Segment::Key { text, quoted }) => {
                let is_text = quoted || tree.store != Store::Yaml || text == MERGE_KEY || resolve::is_plain_text(text);
                if is_text {
                    return Ok(Some(text));
                }
                let start = tree.key_start(path).unwrap_or_default();
                Err(Error::syntax(tree.text, start, "SOPS takes only texts as keys: put this one in quotes"))
            }
            _ => Ok(None),
        }
    }

    fn stop(&mut self, what: What<'_>, is_encrypted: bool, alias: Option<PathId>) -> Result<(), Error> {
        (self.visit)(&Visit { what, keys: &self.keys, is_encrypted, alias })
    }
}
