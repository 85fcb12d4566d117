//! What a file of the sops dialect shows without a key.

use std::collections::HashMap;

use zeroize::Zeroizing;

use super::comments;
use super::outline::COMMENT_END;
use super::sealed_file::SealedFile;
use super::walk::What;
use crate::dialect::sops::is_token_like;
use crate::document::Format;
use crate::error::Error;
use crate::file::any::{Metadata, Seal, Snapshot, SnapshotContent, SnapshotEntry, SnapshotKind, digest};
use crate::file::positions::Positions;
use crate::leaf::{Leaf, LeafKind};

impl SealedFile<'_> {
    /// Its snapshot. Nothing is authenticated.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub(in crate::file) fn snapshot(&self, metadata: Metadata, format: &'static dyn Format) -> Result<Snapshot, Error> {
        let rule = self.metadata.rule.clone().unwrap_or_default();
        let mut selected = HashMap::new();
        self.tree.walk(&rule, &mut |visit| {
            match visit.what {
                _ if visit.alias.is_some() => {}
                What::Comment(leaves) => selected.extend(leaves.iter().map(|&number| (number, visit.is_encrypted))),
                What::Value(number) => drop(selected.insert(number, visit.is_encrypted)),
            }
            Ok(())
        })?;
        let blocks = self.tree.metadata_nodes();
        let is_metadata = |leaf: &Leaf| blocks.iter().any(|&block| self.tree.is_inside(leaf.path, block));
        let mut positions = Positions::new(self.tree.text);
        let mut entries = Vec::with_capacity(self.tree.scan.leaves.len());
        for (number, leaf) in self.tree.scan.leaves.iter().enumerate().filter(|(_, leaf)| !is_metadata(leaf)) {
            let is_selected = selected.get(&number).copied().unwrap_or_default();
            let content = self.content(number, is_selected)?;
            let line = positions.next(leaf.span).line;
            let mut entry = SnapshotEntry::new(leaf, content, (0, is_selected), line);
            // In a list the token of a comment is an item.
            if self.tree.token(number).is_some_and(|token| token.ends_with(COMMENT_END)) {
                entry.kind = SnapshotKind::Comment;
            }
            entries.push(entry);
        }
        Ok(Snapshot::new(Some(metadata), format, self.tree.scan.paths.clone(), entries))
    }

    fn content(&self, number: usize, is_selected: bool) -> Result<SnapshotContent, Error> {
        let tree = &self.tree;
        let leaf = tree.leaf(number);
        let comment = (leaf.kind == LeafKind::Comment).then(|| comments::text(tree, &[number]));
        let comment = comment.as_deref().map(str::trim);
        if let Some(token) = tree.token(number).or(comment.filter(|text| is_token_like(text))) {
            let seal = digest(&[token.as_bytes()]);
            return Ok(SnapshotContent::Sealed(Seal { token: seal, seal, id: None }));
        }
        let is_empty = match leaf.kind {
            LeafKind::EmptyList | LeafKind::EmptyMap | LeafKind::EmptyValue | LeafKind::NoValue => true,
            LeafKind::Plain | LeafKind::Quoted if is_selected => {
                tree.scalar(number)?.is_none_or(|value| value.bytes().is_empty())
            }
            _ => comment.is_some_and(str::is_empty),
        };
        if is_empty {
            return Ok(SnapshotContent::Empty);
        }
        let text = match leaf.kind {
            LeafKind::Plain | LeafKind::Quoted => tree.store.decode(tree.text, leaf)?.into_owned(),
            _ => tree.source(number).to_owned(),
        };
        Ok(SnapshotContent::Clear(Zeroizing::new(text)))
    }
}
