//! Where the leaves of a plaintext stand, and which of them a selector encrypts: what another dialect is compared with.

use super::tree::Tree;
use super::walk::What;
use crate::dialect::sops::Rule;
use crate::document::sops::Store;
use crate::error::Error;
use crate::file::convert::Mark;

/// The leaves of `text`, in order. A value that several aliases stand for is encrypted when `if_any` of its places are, or all.
pub(in crate::file) fn marks(text: &str, store: Store, rule: &Rule, if_any: bool) -> Result<Vec<Mark>, Error> {
    let tree = Tree::read(store, text)?;
    let mut marks: Vec<Option<Mark>> = vec![None; tree.scan.leaves.len()];
    tree.walk(rule, &mut |visit| {
        let (numbers, is_comment) = match &visit.what {
            What::Comment(numbers) => (numbers.to_vec(), true),
            What::Value(number) => (vec![*number], false),
        };
        for number in numbers {
            let leaf = tree.leaf(number);
            let is_empty = !is_comment && tree.scalar(number)?.is_none_or(|value| value.bytes().is_empty());
            let mark = marks[number].get_or_insert(Mark {
                span: leaf.span,
                path: tree.scan.paths.display(leaf.path).to_string(),
                is_comment,
                is_empty,
                is_sealed: visit.is_encrypted,
            });
            mark.is_sealed =
                if if_any { mark.is_sealed || visit.is_encrypted } else { mark.is_sealed && visit.is_encrypted };
        }
        Ok(())
    })?;
    let mut marks: Vec<Mark> = marks.into_iter().flatten().collect();
    marks.sort_by_key(|mark| mark.span);
    Ok(marks)
}
