//! What a merged file of the sops dialect is like: keys, selector, data key. Nothing authenticates its metadata, so nothing is
//! wrapped for a key only because it stands there.

use super::agreement::pick;
use super::side::OpenedSops;
use super::target::SopsTarget;
use super::{Conflict, ConflictKind, Stop};
use crate::data_key::DataKey;
use crate::dialect::sops::{KeyGroup, MasterKey, Metadata};
use crate::document::sops::Field;
use crate::file::any::Rekeying;
use crate::file::sops::{Wrap, wrap_data_key};

/// What two versions give. With one data key all keys stay wrapped as they are; with two there is a new one.
pub(super) fn target(
    base: Option<&OpenedSops<'_>>,
    ours: &OpenedSops<'_>,
    theirs: &OpenedSops<'_>,
    rekeying: &Rekeying<'_>,
) -> Result<SopsTarget, Stop> {
    if ours.store != theirs.store {
        return Err(Conflict { path: None, kind: ConflictKind::Layout }.into());
    }
    let metadata = metadata(base.map(|base| base.sealed.metadata()), ours.sealed.metadata(), theirs.sealed.metadata())?;
    let merged = SopsTarget { metadata, store: ours.store, data_key: ours.data_key.clone() };
    if ours.data_key.is_same(&theirs.data_key) { Ok(at(merged, rekeying)) } else { new_key(merged, rekeying) }
}

/// What one version has.
pub(super) fn as_it_is(side: &OpenedSops<'_>, rekeying: &Rekeying<'_>) -> SopsTarget {
    let metadata = side.sealed.metadata().clone();
    at(SopsTarget { metadata, store: side.store, data_key: side.data_key.clone() }, rekeying)
}

/// The same under a new data key.
pub(super) fn renewed(side: &OpenedSops<'_>, rekeying: &Rekeying<'_>) -> Result<SopsTarget, Stop> {
    new_key(as_it_is(side, rekeying), rekeying)
}

fn at(mut target: SopsTarget, rekeying: &Rekeying<'_>) -> SopsTarget {
    target.metadata.last_modified = rekeying.now.clone();
    target
}

fn new_key(target: SopsTarget, rekeying: &Rekeying<'_>) -> Result<SopsTarget, Stop> {
    let mut target = at(target, rekeying);
    let groups = target.metadata.groups.iter().enumerate();
    let mut keys = groups.flat_map(|(number, group)| group.keys.iter().map(move |key| (number, key)));
    if !keys.all(|(number, key)| rekeying.confirmed.has(number, key) && rekeying.wrap.can_wrap(key)) {
        return Err(Conflict { path: None, kind: ConflictKind::DataKey }.into());
    }
    target.data_key = DataKey::generate()?;
    wrap_data_key(&mut target.metadata, &target.data_key, rekeying.wrap)?;
    Ok(target)
}

/// All fields, each as the side has it that changed it.
fn metadata(base: Option<&Metadata>, ours: &Metadata, theirs: &Metadata) -> Result<Metadata, Conflict> {
    let readers = || Conflict { path: None, kind: ConflictKind::Readers };
    let policy = || Conflict { path: None, kind: ConflictKind::Policy };
    // Without a base only what is the same on both sides is known to be meant.
    if base.is_none() && (&ours.rule, ours.mac_only_encrypted) != (&theirs.rule, theirs.mac_only_encrypted) {
        return Err(policy());
    }
    let before = base.unwrap_or(ours);
    Ok(Metadata {
        groups: groups(base, ours, theirs).ok_or_else(readers)?,
        shamir_threshold: *pick(&before.shamir_threshold, &ours.shamir_threshold, &theirs.shamir_threshold)
            .ok_or_else(readers)?,
        rule: pick(&before.rule, &ours.rule, &theirs.rule).ok_or_else(policy)?.clone(),
        mac_only_encrypted: *pick(&before.mac_only_encrypted, &ours.mac_only_encrypted, &theirs.mac_only_encrypted)
            .ok_or_else(policy)?,
        version: pick(&before.version, &ours.version, &theirs.version).unwrap_or(&ours.version).clone(),
        unknown: unknown(base, ours, theirs),
        ..ours.clone()
    })
}

/// The keys: who came on either side comes, and a removal wins. Shares in several groups belong together, so that these are those
/// of one side.
fn groups(base: Option<&Metadata>, ours: &Metadata, theirs: &Metadata) -> Option<Vec<KeyGroup>> {
    let ([our_group], [their_group]) = (&ours.groups[..], &theirs.groups[..]) else {
        return match base {
            Some(base) => pick(&base.groups, &ours.groups, &theirs.groups).cloned(),
            None => (ours.groups == theirs.groups).then(|| ours.groups.clone()),
        };
    };
    let has = |keys: &[MasterKey], key: &MasterKey| keys.iter().any(|other| other.is_same(key));
    let in_base = |key: &MasterKey| base.is_some_and(|base| base.groups.iter().any(|group| has(&group.keys, key)));
    let kept = our_group.keys.iter().filter(|key| has(&their_group.keys, key) || !in_base(key));
    let added = their_group.keys.iter().filter(|key| !has(&our_group.keys, key) && !in_base(key));
    let keys: Vec<MasterKey> = kept.chain(added).cloned().collect();
    (!keys.is_empty()).then(|| vec![KeyGroup { keys, ..our_group.clone() }])
}

/// The fields that nobody knows: those that changed as they are now, ours where both did.
fn unknown(base: Option<&Metadata>, ours: &Metadata, theirs: &Metadata) -> Vec<(String, Field)> {
    let find = |metadata: &Metadata, name: &str| {
        metadata.unknown.iter().find(|(other, _)| other == name).map(|(_, field)| field.clone())
    };
    let mut fields: Vec<(String, Field)> = Vec::new();
    for (name, _) in ours.unknown.iter().chain(&theirs.unknown) {
        let (our, their) = (find(ours, name), find(theirs, name));
        let before = base.and_then(|base| find(base, name));
        let field = pick(&before, &our, &their).cloned().unwrap_or(our);
        if let Some(field) = field.filter(|_| !fields.iter().any(|(other, _)| other == name)) {
            fields.push((name.clone(), field));
        }
    }
    fields
}
