//! What a merge must not do: give away what one side has sealed.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::side::{Opened, OpenedSops};
use super::target::Target;
use super::{Conflict, ConflictKind};
use crate::dialect::native::{Role, Roles};
use crate::dialect::sops::Rule;
use crate::document::sops::Store;
use crate::error::Error;
use crate::file::convert::Mark;
use crate::file::document::Document;
use crate::file::seal::{roles_for_plaintext, shows};
use crate::file::sops::marks;

/// The first value or comment that would stand in clear, and does on neither side. Whatever does on one of them, at its path and
/// with its text, is no secret any more.
pub(super) fn exposed(
    merged: &Document,
    target: &Target,
    ours: &Opened<'_>,
    theirs: &Opened<'_>,
) -> Result<Option<Conflict>, Error> {
    let known: HashSet<u64> =
        [ours, theirs].into_iter().map(clear_on).collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
    let clear = match target {
        Target::Native(native) => {
            let roles = roles_for_plaintext(&native.metadata.policy, merged)?;
            clear_by_roles(merged, &roles)
        }
        Target::Sops(target) => clear_by_rule(merged, target.store, target.metadata.rule.as_ref(), false)?,
    };
    let found = clear.into_iter().find(|(known_by, _)| !known.contains(known_by));
    Ok(found.map(|(_, path)| Conflict { path: Some(path), kind: ConflictKind::Exposed }))
}

type Clear = Vec<(u64, String)>;

fn clear_on(side: &Opened<'_>) -> Result<Vec<u64>, Error> {
    let clear = match side {
        Opened::Native(opening) => clear_by_roles(&opening.opened.document, &opening.sealed.roles),
        Opened::Sops(opened) => {
            let OpenedSops { sealed, store, document, .. } = &**opened;
            clear_by_rule(document, *store, sealed.metadata().rule.as_ref(), true)?
        }
        Opened::Plain(document) => {
            let leaves = document.scan().leaves.iter();
            leaves.map(|leaf| entry(&document.path(leaf.path), leaf.kind.is_comment(), document.source(leaf))).collect()
        }
    };
    Ok(clear.into_iter().map(|(known_by, _)| known_by).collect())
}

fn clear_by_roles(document: &Document, roles: &Roles) -> Clear {
    let leaves = document.scan().leaves.iter().enumerate();
    let is_clear = |number: usize| matches!(roles.role(number), Role::Clear | Role::Free | Role::ClearComment);
    let clear = leaves.filter(|(number, leaf)| is_clear(*number) && (shows(leaf.kind) || leaf.kind.is_comment()));
    clear.map(|(_, leaf)| entry(&document.path(leaf.path), leaf.kind.is_comment(), document.source(leaf))).collect()
}

fn clear_by_rule(document: &Document, store: Store, rule: Option<&Rule>, if_any: bool) -> Result<Clear, Error> {
    if store == Store::Binary {
        return Ok(Vec::new());
    }
    let rule = rule.cloned().unwrap_or_default();
    let marks = marks::marks(document.text(), store, &rule, if_any)?;
    let clear = marks.into_iter().filter(|mark: &Mark| !mark.is_sealed && !mark.is_empty);
    Ok(clear.map(|mark| entry(&mark.path, mark.is_comment, mark.span.of(document.text()))).collect())
}

/// What a clear leaf is known by: its place, but for the numbers of items, and its words. A comment has no place of its own.
fn entry(path: &str, is_comment: bool, source: &str) -> (u64, String) {
    let mut hasher = DefaultHasher::new();
    is_comment.hash(&mut hasher);
    if !is_comment {
        super::agreement::without_numbers(path).hash(&mut hasher);
    }
    source.split_whitespace().for_each(|word| word.hash(&mut hasher));
    (hasher.finish(), path.to_owned())
}
