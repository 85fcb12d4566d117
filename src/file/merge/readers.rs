//! The readers of a section, merged: who came on either side comes, and a removal wins.

use std::collections::BTreeMap;

use super::agreement::pick;
use super::{Conflict, ConflictKind};
use crate::dialect::native::{Reader, Section};

/// A reader that a merged section has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) name: String,
    pub(super) group: Option<u8>,
    pub(super) recipient: String,
}

/// The readers of a section, by name. Without a base nobody was there before, and nobody was removed.
///
/// # Errors
/// A conflict when none is left, or two would have one name.
pub(super) fn merge(
    base: Option<&Section>,
    ours: Option<&Section>,
    theirs: Option<&Section>,
    name: &str,
) -> Result<Vec<Wanted>, Conflict> {
    let conflict = || Conflict { path: Some(name.to_owned()), kind: ConflictKind::Readers };
    let by_recipient = |section: Option<&Section>| -> BTreeMap<String, Wanted> {
        let readers = section.map_or(&[][..], |section| &section.readers);
        readers.iter().map(|reader| (reader.recipient.clone(), Wanted::of(reader))).collect()
    };
    let (in_base, in_ours, in_theirs) = (by_recipient(base), by_recipient(ours), by_recipient(theirs));
    let mut wanted: Vec<Wanted> = Vec::new();
    for recipient in in_ours.keys().chain(in_theirs.keys().filter(|recipient| !in_ours.contains_key(*recipient))) {
        let before = in_base.get(recipient);
        wanted.push(match (in_ours.get(recipient), in_theirs.get(recipient)) {
            (Some(ours), Some(theirs)) => Wanted {
                // A name is a label: which of two new ones does not matter.
                name: pick(&before.unwrap_or(ours).name, &ours.name, &theirs.name).unwrap_or(&ours.name).clone(),
                group: *pick(&before.unwrap_or(ours).group, &ours.group, &theirs.group).ok_or_else(conflict)?,
                recipient: recipient.clone(),
            },
            // A side without the section has no opinion about its readers.
            (Some(only), None) if before.is_none() || theirs.is_none() => only.clone(),
            (None, Some(only)) if before.is_none() || ours.is_none() => only.clone(),
            _ => continue,
        });
    }
    wanted.sort_by(|a, b| a.name.cmp(&b.name));
    if wanted.is_empty() || wanted.windows(2).any(|pair| pair[0].name == pair[1].name) {
        return Err(conflict());
    }
    Ok(wanted)
}

impl Wanted {
    pub(super) fn of(reader: &Reader) -> Self {
        let Reader { name, group, recipient, .. } = reader;
        Self { name: name.clone(), group: *group, recipient: recipient.clone() }
    }

    /// Whether `reader` has what this one is to have, whatever the name.
    pub(super) fn is(&self, reader: &Reader) -> bool {
        self.recipient == reader.recipient && self.group == reader.group
    }
}
