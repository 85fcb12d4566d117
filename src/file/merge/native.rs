//! What a merged file of the native dialect is like: policy, data keys, readers.

use std::collections::BTreeMap;

use super::agreement::pick;
use super::readers::{self, Wanted};
use super::{Conflict, ConflictKind, Means, Stop};
use crate::data_key::DataKey;
use crate::dialect::native::{DEFAULT_NAME, Metadata, Policy, Proposal, Reader, Section, SectionKeys, equal};
use crate::document::Layout;
use crate::error::Error;
use crate::file::any::Rekeying;
use crate::file::open::Keys;
use crate::file::rekey::Opening;
use crate::file::shares;
use crate::keys::{KeyGroups, Recipient, wrap};
use crate::select::PathGlob;

/// Metadata for the merged file; links and MACs are yet to be made.
pub(super) struct Target {
    pub(super) metadata: Metadata,
    pub(super) keys: Keys,
}

/// Two versions of a file, and what they were made from.
pub(super) struct Versions<'v, 'b> {
    pub(super) base: Option<&'v Opening<'b>>,
    pub(super) ours: &'v Opening<'b>,
    pub(super) theirs: &'v Opening<'b>,
}

impl Target {
    /// What one version is like, unchanged.
    pub(super) fn as_it_is(side: &Opening<'_>) -> Self {
        Self { metadata: side.sealed.metadata.clone(), keys: side.keys.clone() }
    }

    /// The same under new data keys, for readers that `rekeying` confirms.
    pub(super) fn renewed(side: &Opening<'_>, means: &Means<'_, '_>) -> Result<Self, Stop> {
        let mut target = Self::as_it_is(side);
        for (section, section_keys) in target.metadata.sections.iter_mut().zip(&mut target.keys) {
            let name = section.name.clone();
            let versions = SectionVersions { name: &name, base: None, ours: held(side, &name), theirs: None };
            let wanted: Vec<_> = section.readers.iter().map(Wanted::of).collect();
            if !means.is_origin_known || !wanted.iter().all(|wanted| means.has_confirmed(wanted)) {
                return Err(Conflict { path: Some(name), kind: ConflictKind::DataKey }.into());
            }
            let (renewed, keys) = versions.under_new_key(&wanted, section.threshold, means.rekeying)?;
            (*section, *section_keys) = (renewed, Some(keys));
        }
        Ok(target)
    }
}

impl Versions<'_, '_> {
    /// What the merged file is like. All sections of all versions have to be held.
    pub(super) fn target(&self, means: &Means<'_, '_>) -> Result<Target, Stop> {
        let (names, policy) = self.policy()?;
        let mut sections: Vec<Section> = Vec::new();
        let mut keys = Vec::new();
        for name in names {
            let versions = SectionVersions {
                name: &name,
                base: self.base.and_then(|base| held(base, &name)),
                ours: held(self.ours, &name),
                theirs: held(self.theirs, &name),
            };
            let default = sections.first();
            let keep = [self.ours, self.theirs].map(|side| side.sealed.metadata.policy == policy);
            let (section, section_keys) = versions.section(default, keep, means)?;
            sections.push(section);
            keys.push(Some(section_keys));
        }
        let metadata = Metadata { policy, layout: Layout::default(), sections, proposals: self.proposals() };
        // What reading would refuse must not be written.
        let metadata = Metadata::from_block(metadata.to_block(), 0)?;
        Ok(Target { metadata, keys })
    }

    /// The names of all sections, and what is sealed in which.
    fn policy(&self) -> Result<(Vec<String>, Policy), Conflict> {
        let conflict = || Conflict { path: None, kind: ConflictKind::Policy };
        let [base, ours, theirs] =
            [self.base.unwrap_or(self.ours), self.ours, self.theirs].map(|side| &side.sealed.metadata);
        // Without a base, only what is the same on both sides is known to be meant.
        let has_base = self.base.is_some();
        let agreed = |is_same: bool| if has_base || is_same { Ok(()) } else { Err(conflict()) };
        agreed(ours.policy == theirs.policy && names(ours) == names(theirs))?;
        let [base_policy, our_policy, their_policy] = [base, ours, theirs].map(|metadata| &metadata.policy);
        let [base_globs, our_globs, their_globs] = [base, ours, theirs].map(section_globs);
        let mut sections = BTreeMap::new();
        for name in our_globs.keys().chain(their_globs.keys()) {
            let globs = [&base_globs, &our_globs, &their_globs].map(|globs| globs.get(name));
            if let Some(globs) = pick(&globs[0], &globs[1], &globs[2]).ok_or_else(conflict)? {
                sections.insert(name.clone(), (*globs).clone());
            }
        }
        let selection = |pick_globs: fn(&Policy) -> &Vec<PathGlob>| {
            pick(pick_globs(base_policy), pick_globs(our_policy), pick_globs(their_policy))
                .cloned()
                .ok_or_else(conflict)
        };
        let policy = Policy {
            comments: *pick(&base_policy.comments, &our_policy.comments, &their_policy.comments)
                .ok_or_else(conflict)?,
            clear_values: *pick(&base_policy.clear_values, &our_policy.clear_values, &their_policy.clear_values)
                .ok_or_else(conflict)?,
            selection: crate::select::Selection {
                encrypt: selection(|policy| &policy.selection.encrypt)?,
                clear: selection(|policy| &policy.selection.clear)?,
            },
            sections: sections.values().cloned().collect(),
        };
        let names = std::iter::once(DEFAULT_NAME.to_owned()).chain(sections.into_keys()).collect();
        Ok((names, policy))
    }

    /// Those of both sides, but for what one of them accepted or threw away. No MAC covers them.
    fn proposals(&self) -> Vec<Proposal> {
        let of = |side: &Opening<'_>| side.sealed.metadata.proposals.clone();
        let (base, ours, theirs) = (self.base.map_or(Vec::new(), of), of(self.ours), of(self.theirs));
        let has = |list: &[Proposal], proposal: &Proposal| list.contains(proposal);
        let kept = ours.iter().filter(|proposal| has(&theirs, proposal) || !has(&base, proposal));
        let added = theirs.iter().filter(|proposal| !has(&ours, proposal) && !has(&base, proposal));
        kept.chain(added).cloned().collect()
    }
}

fn names(metadata: &Metadata) -> Vec<&str> {
    metadata.sections.iter().map(|section| section.name.as_str()).collect()
}

fn section_globs(metadata: &Metadata) -> BTreeMap<String, Vec<PathGlob>> {
    let names = metadata.sections.iter().skip(1).map(|section| section.name.clone());
    names.zip(metadata.policy.sections.iter().cloned()).collect()
}

/// A section in one version, with its data key.
#[derive(Clone, Copy)]
struct Held<'v> {
    section: &'v Section,
    data_key: &'v DataKey,
    keys: &'v SectionKeys,
}

fn held<'v>(side: &'v Opening<'_>, name: &str) -> Option<Held<'v>> {
    let index = side.sealed.metadata.sections.iter().position(|section| section.name == name)?;
    let (data_key, keys) = (side.data_keys[index].as_ref()?, side.keys[index].as_ref()?);
    Some(Held { section: &side.sealed.metadata.sections[index], data_key, keys })
}

impl Held<'_> {
    /// Whether the data key of this version was made by somebody who held that of `old`.
    fn follows(&self, old: &Held<'_>) -> bool {
        let proof = old.keys.follows(&self.section.name, &self.section.key_id);
        self.section.follows.is_some_and(|follows| equal(&follows, &proof))
    }

    fn is_same_key(&self, other: &Held<'_>) -> bool {
        self.section.key_id == other.section.key_id
    }
}

/// One section in all versions that have it.
struct SectionVersions<'v> {
    name: &'v str,
    base: Option<Held<'v>>,
    ours: Option<Held<'v>>,
    theirs: Option<Held<'v>>,
}

impl<'v> SectionVersions<'v> {
    /// The merged section, with its keys. `keep` tells whose data keys may stay: a change of the policy makes new ones.
    fn section(
        &self,
        default: Option<&Section>,
        keep: [bool; 2],
        means: &Means<'_, '_>,
    ) -> Result<(Section, SectionKeys), Stop> {
        let sections = [self.base, self.ours, self.theirs].map(|held| held.map(|held| held.section));
        let newest = self.newest();
        // Without a base it cannot be told whether the older side's readers were removed.
        let from_newest = if self.base.is_none() && sections[1].is_some() && sections[2].is_some() {
            newest.filter(|_| !self.have_same_key())
        } else {
            None
        };
        let mut wanted = match from_newest {
            Some(held) => held.section.readers.iter().map(Wanted::of).collect(),
            None => readers::merge(sections[0], sections[1], sections[2], self.name)?,
        };
        if let Some(default) = default {
            wanted.retain(|wanted| default.readers.iter().any(|reader| reader.recipient == wanted.recipient));
        }
        let conflict = |kind| Stop::from(Conflict { path: Some(self.name.to_owned()), kind });
        if !means.is_origin_known && (!self.is_proved() || self.is_known_to_others(&wanted)) {
            return Err(conflict(ConflictKind::DataKey));
        }
        if wanted.is_empty() {
            return Err(conflict(ConflictKind::Readers));
        }
        let thresholds = sections.map(|section| section.map(|section| section.threshold));
        let threshold = match thresholds {
            [_, Some(ours), None] => ours,
            [_, None, Some(theirs)] => theirs,
            [base, Some(ours), Some(theirs)] => {
                *pick(&base.unwrap_or(ours), &ours, &theirs).ok_or_else(|| conflict(ConflictKind::Readers))?
            }
            [_, None, None] => None,
        };
        let kept = newest.filter(|held| {
            let is_mine = |side: Option<Held<'_>>| side.is_some_and(|side| side.is_same_key(held));
            (keep[0] && is_mine(self.ours) || keep[1] && is_mine(self.theirs))
                && held.section.threshold == threshold
                && self.knowers(held).all(|reader| wanted.iter().any(|wanted| wanted.recipient == reader.recipient))
        });
        if let Some(gained) = self.gained(kept, &wanted, means) {
            return Err(Conflict { path: Some(gained.name.clone()), kind: ConflictKind::Gained }.into());
        }
        if let Some(held) = kept {
            return Ok((self.under(held, &wanted, threshold, means.rekeying)?, held.keys.clone()));
        }
        Ok(self.under_new_key(&wanted, threshold, means.rekeying)?)
    }

    /// A reader who would get a data key only because the holder of an older one says so, and for whom nobody vouches: whoever was
    /// removed still holds that.
    fn gained<'w>(&self, kept: Option<Held<'v>>, wanted: &'w [Wanted], means: &Means<'_, '_>) -> Option<&'w Wanted> {
        let (Some(ours), Some(theirs)) = (self.ours, self.theirs) else { return None };
        let reads = |held: Held<'_>, wanted: &Wanted| {
            held.section.readers.iter().any(|reader| reader.recipient == wanted.recipient)
        };
        let is_known = |wanted: &Wanted| match kept {
            Some(held) => self.knowers(&held).any(|reader| reader.recipient == wanted.recipient),
            None if self.have_same_key() => true,
            None => reads(ours, wanted) && reads(theirs, wanted),
        };
        wanted.iter().find(|wanted| !is_known(wanted) && !means.has_confirmed(wanted))
    }

    /// Whether somebody holds a data key of one side who shall not read the result: what that side changed may be by them.
    fn is_known_to_others(&self, wanted: &[Wanted]) -> bool {
        let (Some(ours), Some(theirs)) = (self.ours, self.theirs) else { return false };
        let is_wanted = |reader: &Reader| wanted.iter().any(|wanted| wanted.recipient == reader.recipient);
        !self.have_same_key() && [ours, theirs].iter().any(|side| !self.knowers(side).all(is_wanted))
    }

    fn have_same_key(&self) -> bool {
        self.ours.zip(self.theirs).is_some_and(|(ours, theirs)| ours.is_same_key(&theirs))
    }

    /// The version with the newer data key, where there is a proof of that.
    fn newest(&self) -> Option<Held<'v>> {
        let (ours, theirs) = match (self.ours, self.theirs) {
            (Some(ours), Some(theirs)) => (ours, theirs),
            (only, None) | (None, only) => return only,
        };
        match () {
            () if ours.is_same_key(&theirs) || ours.follows(&theirs) => Some(ours),
            () if theirs.follows(&ours) => Some(theirs),
            () => None,
        }
    }

    /// Whether the data keys of both sides come from people who held one that was there before. If not, one of the files may
    /// have been put in the place of the other by somebody who never could read it.
    fn is_proved(&self) -> bool {
        let (Some(ours), Some(theirs)) = (self.ours, self.theirs) else { return true };
        let from_base = |side: &Held<'_>| self.base.is_some_and(|base| side.is_same_key(&base) || side.follows(&base));
        self.newest().is_some() || from_base(&ours) && from_base(&theirs)
    }

    /// Everybody for whom the data key of `held` was wrapped.
    fn knowers(&self, held: &Held<'v>) -> impl Iterator<Item = &'v Reader> {
        let key_id = held.section.key_id;
        let versions = [self.base, self.ours, self.theirs].into_iter().flatten();
        versions.filter(move |version| version.section.key_id == key_id).flat_map(|version| &version.section.readers)
    }

    /// The section under the data key that `held` has.
    fn under(
        &self,
        held: Held<'v>,
        wanted: &[Wanted],
        threshold: Option<u8>,
        rekeying: &Rekeying<'_>,
    ) -> Result<Section, Error> {
        let interaction = rekeying.wrap.interaction;
        // One polynomial is split among everybody at once.
        let is_as_it_was = wanted.iter().all(|wanted| held.section.readers.iter().any(|reader| wanted.is(reader)));
        let readers = if threshold.is_some() && !is_as_it_was {
            wrap_all(held.data_key, wanted, threshold, rekeying)?
        } else {
            let known = |wanted: &Wanted| {
                let mut knowers = held.section.readers.iter().chain(self.knowers(&held));
                knowers.find(|reader| wanted.is(reader)).map(|reader| reader.wrapped_key.clone())
            };
            let reader = |wanted: &Wanted| -> Result<Reader, Error> {
                let Wanted { name, group, recipient } = wanted.clone();
                let wrapped_key = match known(wanted) {
                    Some(known) => known,
                    None => wrap(held.data_key, &parse(wanted)?, interaction)?,
                };
                Ok(Reader { name, group, recipient, wrapped_key })
            };
            wanted.iter().map(reader).collect::<Result<_, _>>()?
        };
        Ok(Section { readers, threshold, ..held.section.clone() })
    }

    /// The section under a data key that follows ours.
    fn under_new_key(
        &self,
        wanted: &[Wanted],
        threshold: Option<u8>,
        rekeying: &Rekeying<'_>,
    ) -> Result<(Section, SectionKeys), Error> {
        let data_key = DataKey::generate()?;
        let keys = SectionKeys::derive(&data_key);
        let old = self.ours.or(self.theirs);
        let section = Section {
            name: self.name.to_owned(),
            start: [0; 32],
            key_id: *keys.key_id(),
            threshold,
            readers: wrap_all(&data_key, wanted, threshold, rekeying)?,
            follows: old.map(|old| old.keys.follows(self.name, keys.key_id())),
            mac: [0; 32],
        };
        Ok((section, keys))
    }
}

fn wrap_all(
    data_key: &DataKey,
    wanted: &[Wanted],
    threshold: Option<u8>,
    rekeying: &Rekeying<'_>,
) -> Result<Vec<Reader>, Error> {
    let recipients =
        wanted.iter().map(|wanted| Ok((wanted.name.clone(), parse(wanted)?))).collect::<Result<Vec<_>, Error>>()?;
    let groups = threshold.map(|threshold| {
        let count = wanted.iter().filter_map(|wanted| wanted.group).max().unwrap_or_default();
        let group = |number| {
            let members = wanted.iter().zip(&recipients).filter(|(wanted, _)| wanted.group == Some(number));
            members.map(|(_, (_, recipient))| recipient.clone()).collect()
        };
        KeyGroups::new(threshold.into(), (1..=count).map(group).collect())
    });
    shares::wrap_all(data_key, &recipients, groups.transpose()?.as_ref(), rekeying.wrap.interaction)
}

fn parse(wanted: &Wanted) -> Result<Recipient, Error> {
    Recipient::parse(&wanted.recipient)
        .map_err(|error| Error::Wrap { recipient: format!("`{}`", wanted.name), what: error.to_string() })
}
