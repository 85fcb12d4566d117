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
pub(super) struct Visit<'a, 'w> {
    /// What stands there.
    pub(super) what: What<'a>,
    /// What a token there is bound to.
    pub(super) aad: &'w str,
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

/// What a token below these keys is bound to.
pub(super) fn aad_of(keys: &[&str]) -> String {
    let mut aad = keys.join(":");
    aad.push(':');
    aad
}

impl Tree<'_> {
    /// Visits all values and comments in order but those of metadata, and says which ones `rule` encrypts.
    pub(super) fn walk<'a>(
        &'a self,
        rule: &'a Rule,
        visit: &mut dyn FnMut(&Visit<'a, '_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let metadata = self.metadata_nodes();
        for root in self.documents() {
            let mut walk = Walk {
                tree: self,
                rule,
                metadata: &metadata,
                aad: String::new(),
                has_match: false,
                comments: Comments::default(),
                visits: 0,
                visit,
            };
            walk.node(root, 0, None)?;
        }
        Ok(())
    }
}

struct Walk<'a, 'v, 't> {
    tree: &'a Tree<'t>,
    rule: &'a Rule,
    metadata: &'v [PathId],
    /// The keys on the way, each with a `:` behind it.
    aad: String,
    /// Whether the rule looks for one of them.
    has_match: bool,
    comments: Comments,
    visits: usize,
    visit: &'v mut dyn FnMut(&Visit<'a, '_>) -> Result<(), Error>,
}

impl<'a> Walk<'a, '_, '_> {
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
            self.stop(What::Value(number), alias)?;
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
                if self.rule.is_about_comments() {
                    self.comments.push(&comments::text(tree, leaves));
                }
                self.stop(What::Comment(leaves), alias)
            }
            Item::Node(path) if self.metadata.contains(path) => {
                self.comments.end_item();
                Ok(())
            }
            Item::Node(path) => {
                let (len, had_match) = (self.aad.len(), self.has_match);
                if let Some(key) = self.entry_key(*path)? {
                    self.aad.push_str(key);
                    self.aad.push(':');
                    self.has_match |= self.rule.matches_key(key);
                }
                self.node(*path, depth + 1, alias)?;
                self.aad.truncate(len);
                self.has_match = had_match;
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

    fn stop(&mut self, what: What<'a>, alias: Option<PathId>) -> Result<(), Error> {
        let is_comment = matches!(what, What::Comment(_));
        let is_encrypted = self.rule.encrypts_below(self.has_match, &self.comments, is_comment);
        let aad = if self.aad.is_empty() { ":" } else { &self.aad };
        (self.visit)(&Visit { what, aad, is_encrypted, alias })
    }
}
