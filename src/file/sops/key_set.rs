//! The keys that a file has and those that it shall have: what changes, and what that means for the data key.

use crate::config::sops::{CreationRule, Key};
use crate::dialect::sops::{KeyGroup, KeyKind, MasterKey, Metadata, Time};
use crate::error::Error;

/// The keys of a file in their groups, and how many groups are needed.
///
/// The keys that a file has keep all their fields in it. New ones are without a wrapped key (`enc`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySet {
    /// The groups.
    pub groups: Vec<KeyGroup>,
    /// How many groups are needed, as the metadata say it; none stands for all of them.
    pub shamir_threshold: Option<usize>,
}

impl KeySet {
    /// The keys that a file has.
    #[must_use]
    pub fn of(metadata: &Metadata) -> Self {
        Self { groups: metadata.groups.clone(), shamir_threshold: metadata.shamir_threshold }
    }

    /// The keys that `rule` gives the file with these metadata, what is new added at `now`: for `updatekeys`.
    ///
    /// The threshold is the rule's; where the rule has none the file keeps its own, as far as it can.
    ///
    /// # Errors
    /// Those of [`CreationRule::groups`].
    pub fn by_rule(rule: &CreationRule, metadata: &Metadata, now: &Time) -> Result<Self, Error> {
        let (configured, _) = rule.groups()?;
        let old = |index: usize| metadata.groups.get(index);
        let groups = configured.iter().enumerate().map(|(index, keys)| KeyGroup {
            keys: keys.iter().map(|key| kept_or_new(key, index, metadata, now)).collect(),
            unknown: old(index).map(|group| group.unknown.clone()).unwrap_or_default(),
        });
        let groups: Vec<_> = groups.collect();
        let own = metadata.shamir_threshold.map(|threshold| threshold.min(groups.len()));
        let shamir_threshold = match groups.len() {
            1 => own,
            _ => rule.shamir_threshold.or(own.filter(|threshold| *threshold > 1)),
        };
        Ok(Self { groups, shamir_threshold })
    }

    /// Adds keys to the first group, but for those that it has.
    pub fn add(&mut self, keys: Vec<MasterKey>) {
        let Some(first) = self.groups.first_mut() else { return self.groups.push(group_of(keys)) };
        for key in keys {
            if !first.keys.iter().any(|other| other.is_same(&key)) {
                first.keys.push(key);
            }
        }
    }

    /// Removes keys from all groups. Those that are in none are given back.
    pub fn remove<'r>(&mut self, keys: &'r [MasterKey]) -> Vec<&'r MasterKey> {
        let is_there = |key: &&MasterKey| self.all_keys().any(|other| other.is_same(key));
        let (_, missing): (Vec<_>, Vec<_>) = keys.iter().partition(is_there);
        for group in &mut self.groups {
            group.keys.retain(|key| !keys.iter().any(|removed| removed.is_same(key)));
        }
        missing
    }

    /// Adds a group behind the others.
    pub fn add_group(&mut self, keys: Vec<MasterKey>) {
        self.groups.push(group_of(keys));
        // What a single group has there counts for nothing.
        self.shamir_threshold = self.shamir_threshold.filter(|threshold| *threshold > 1);
    }

    /// Removes the group with this number, from 0.
    ///
    /// # Errors
    /// [`Error::KeyGroups`] when there is none.
    pub fn remove_group(&mut self, number: usize) -> Result<(), Error> {
        if number >= self.groups.len() {
            return Err(Error::KeyGroups { what: "there is no group with this number; they are numbered from 0" });
        }
        self.groups.remove(number);
        Ok(())
    }

    /// Refuses what could not be opened any more, or by fewer than before because somebody did not look.
    ///
    /// # Errors
    /// [`Error::KeyGroups`] for a group without a key, and a threshold above the number of groups.
    pub(super) fn check(&self) -> Result<(), Error> {
        let what = if self.groups.is_empty() {
            "no group would be left"
        } else if self.groups.iter().any(|group| group.keys.is_empty()) {
            "a group would have no key left"
        } else if self.shamir_threshold.is_some_and(|threshold| threshold > self.groups.len()) {
            "fewer groups would be left than the Shamir threshold needs; give a new threshold, too"
        } else {
            return Ok(());
        };
        Err(Error::KeyGroups { what })
    }

    /// How `new` differs from these.
    #[must_use]
    pub fn diff(&self, new: &Self) -> KeyDiff {
        let empty = KeyGroup::default();
        let group = |number: usize| {
            let [old, new] = [self, new].map(|set| set.groups.get(number).unwrap_or(&empty));
            let names = |keys: &KeyGroup, in_other: bool, other: &KeyGroup| {
                let names = keys.keys.iter().map(KeyName::of);
                names.filter(|name| other.keys.iter().any(|key| name.is_of(key)) == in_other).collect()
            };
            GroupDiff { kept: names(new, true, old), added: names(new, false, old), removed: names(old, false, new) }
        };
        KeyDiff {
            threshold: (self.shamir_threshold != new.shamir_threshold)
                .then_some((self.shamir_threshold, new.shamir_threshold)),
            groups: (0..self.groups.len().max(new.groups.len())).map(group).collect(),
        }
    }

    /// Whether some keys that opened a file with these keys shall not open it any more with `new`: then it needs a new
    /// data key, since they know the old one.
    #[must_use]
    pub fn loses_readers(&self, new: &Self) -> bool {
        let stays = |(number, key): (usize, &MasterKey)| match new.groups.as_slice() {
            [group] => group.keys.iter().any(|other| other.is_same(key)),
            groups => groups.get(number).is_some_and(|group| group.keys.iter().any(|other| other.is_same(key))),
        };
        let keys = self.groups.iter().enumerate();
        let mut keys = keys.flat_map(|(number, group)| group.keys.iter().map(move |key| (number, key)));
        self.needed() < new.needed() || !keys.all(stays)
    }

    /// How many groups are needed.
    fn needed(&self) -> usize {
        if self.groups.len() == 1 { 1 } else { self.shamir_threshold.unwrap_or(self.groups.len()) }
    }

    /// Whether `key` stands in the group `number` with the very same wrapped key.
    pub(super) fn holds(&self, number: usize, key: &MasterKey) -> bool {
        let enc = key.enc();
        let group = self.groups.get(number).into_iter().flat_map(|group| &group.keys);
        !enc.is_empty() && group.into_iter().any(|other| other.is_same(key) && other.enc() == enc)
    }

    fn all_keys(&self) -> impl Iterator<Item = &MasterKey> {
        self.groups.iter().flat_map(|group| &group.keys)
    }
}

/// The key of a rule for the group `number`: that of the file, if it has it.
fn kept_or_new(key: &Key, number: usize, metadata: &Metadata, now: &Time) -> MasterKey {
    let new = key.master_key().created_at(now);
    let all = metadata.groups.iter().flat_map(|group| &group.keys);
    let own = metadata.groups.get(number).into_iter().flat_map(|group| &group.keys);
    let Some(old) = own.chain(all).find(|old| old.is_same(&new)) else { return new };
    // An Azure key without a version stands for the newest one, which the file names.
    if old.kind() == KeyKind::AzureKeyVault { old.clone() } else { old.clone().with_fields_of(key.master_key()) }
}

fn group_of(keys: Vec<MasterKey>) -> KeyGroup {
    KeyGroup { keys, unknown: Vec::new() }
}

/// The name of a key, for people.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyName {
    /// The list of the metadata in which it stands, as `age`.
    pub list: &'static str,
    /// Its text.
    pub name: String,
}

impl KeyName {
    /// The name of `key`.
    #[must_use]
    pub fn of(key: &MasterKey) -> Self {
        Self { list: key.kind().list(), name: key.name() }
    }

    fn is_of(&self, key: &MasterKey) -> bool {
        self.list == key.kind().list() && self.name == key.name()
    }
}

/// What changes among the keys of a file. Keys are compared by their names, group by group, as SOPS does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyDiff {
    /// The threshold before and after, when it changes.
    pub threshold: Option<(Option<usize>, Option<usize>)>,
    /// Each group.
    pub groups: Vec<GroupDiff>,
}

impl KeyDiff {
    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.threshold.is_none() && self.groups.iter().all(|group| group.added.is_empty() && group.removed.is_empty())
    }
}

/// What changes in a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupDiff {
    /// The keys that stay.
    pub kept: Vec<KeyName>,
    /// New ones.
    pub added: Vec<KeyName>,
    /// Those that go.
    pub removed: Vec<KeyName>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::sops::SopsConfig;
    use crate::document::sops::Field;

    const SSH: &str = include_str!("../../../testdata/keys/ssh_ed25519.pub");
    const AGE: &str = "age1a7ff2kfnj70rrs077vgzk2gerld26pm0ak877jtav9d9xezqfdnses37gs";
    const OTHER: &str = "age13hspa0g3q30ztfvtl2afsgdul5hgv32wlxr5kjvcrps8qqdu4scqglpx25";

    fn time(text: &str) -> Time {
        Time::parse(text).expect("a time")
    }

    fn key(kind: KeyKind, fields: &[(&str, &str)]) -> MasterKey {
        let text = |(name, text): &(&str, &str)| ((*name).to_owned(), Field::Text((*text).to_owned()));
        MasterKey::new(kind, fields.iter().map(text).collect())
    }

    fn metadata(groups: Vec<Vec<MasterKey>>, shamir_threshold: Option<usize>) -> Metadata {
        let metadata = Metadata::new(groups.into_iter().map(group_of).collect(), time("2026-01-02T03:04:05Z"));
        Metadata { shamir_threshold, ..metadata }
    }

    fn by_rule(rule: &str, metadata: &Metadata) -> KeySet {
        let config = SopsConfig::parse(&format!("creation_rules:\n  - {rule}\n")).expect("a config");
        let rule = config.rule_for("x").expect("a rule").expect("a rule");
        KeySet::by_rule(rule, metadata, &time("2026-11-21T10:00:00Z")).expect("groups that fit")
    }

    #[test]
    fn keys_that_stay_keep_their_fields() {
        let [old, new] = ["3D16CEE4A27381B4", "AAAA0000BBBB1111"];
        let kept = [
            key(KeyKind::Age, &[("recipient", SSH.trim()), ("enc", "x"), ("note", "own")]),
            key(KeyKind::Pgp, &[("fp", &old.to_lowercase()), ("enc", "y"), ("created_at", "2020-01-01T00:00:00Z")]),
            key(KeyKind::AzureKeyVault, &[("vault_url", "https://v"), ("name", "n"), ("version", "7"), ("enc", "z")]),
        ];
        let metadata = metadata(vec![kept.to_vec()], None);
        let ssh = SSH.trim().replace("TEST-ONLY", "new-comment");
        let rule = format!("{{age: ['{ssh}', {AGE}], pgp: [{old}, {new}], azure_keyvault: ['https://v/keys/n/']}}");
        let set = by_rule(&rule, &metadata);
        let keys = &set.groups[0].keys;
        let field = |number: usize, name| keys[number].field(name);
        assert_eq!([field(0, "recipient"), field(0, "enc"), field(0, "note")], [&ssh, "x", "own"]);
        assert_eq!([field(1, "recipient"), field(1, "enc")], [AGE, ""]);
        assert_eq!([field(2, "fp"), field(2, "enc"), field(2, "created_at")], [old, "y", "2020-01-01T00:00:00Z"]);
        assert_eq!([field(3, "fp"), field(3, "created_at")], [new, "2026-11-21T10:00:00Z"]);
        assert_eq!(keys[4], kept[2]);
        assert!(!KeySet::of(&metadata).loses_readers(&set), "another comment is not another key");
    }

    #[test]
    fn a_diff_names_what_changes_in_each_group() {
        let ages = |names: &[&str]| names.iter().map(|name| MasterKey::age(name)).collect::<Vec<_>>();
        let old = KeySet::of(&metadata(vec![ages(&["a", "b"]), ages(&["c"])], Some(2)));
        let new = KeySet::of(&metadata(vec![ages(&["b", "d"])], Some(1)));
        let names = |names: &[&str]| -> Vec<_> { ages(names).iter().map(KeyName::of).collect() };
        let diff = old.diff(&new);
        assert_eq!(
            diff.groups,
            [
                GroupDiff { kept: names(&["b"]), added: names(&["d"]), removed: names(&["a"]) },
                GroupDiff { removed: names(&["c"]), ..GroupDiff::default() },
            ]
        );
        assert_eq!(diff.threshold, Some((Some(2), Some(1))));
        assert!(!diff.is_empty() && old.diff(&old).is_empty());
    }

    #[test]
    fn the_threshold_is_the_rule_s_or_else_the_file_s() {
        let one = || vec![MasterKey::age(AGE)];
        let group = |key: &str| format!("{{age: [{key}]}}");
        let groups =
            |count: usize, more: &str| format!("{{key_groups: [{}]{more}}}", vec![group(AGE); count].join(", "));
        for (old, threshold, rule, expected) in [
            (3, Some(2), groups(3, ""), Some(2)),
            (3, Some(3), groups(2, ""), Some(2)),
            (3, Some(2), groups(3, ", shamir_threshold: 3"), Some(3)),
            (1, None, groups(3, ", shamir_threshold: 2"), Some(2)),
            (1, Some(1), groups(3, ""), None),
            (3, None, groups(3, ""), None),
            (3, Some(2), format!("{{age: {AGE}}}"), Some(1)),
            (1, None, format!("{{age: '{AGE},{OTHER}'}}"), None),
        ] {
            let metadata = metadata(vec![one(); old], threshold);
            assert_eq!(by_rule(&rule, &metadata).shamir_threshold, expected, "{old} {threshold:?} {rule}");
        }
    }

    #[test]
    fn keys_are_added_once_and_removed_from_all_groups() {
        let mut set = KeySet::of(&metadata(vec![vec![MasterKey::age("a")], vec![MasterKey::age("b")]], None));
        set.add(vec![MasterKey::age("a"), MasterKey::age("b"), MasterKey::age("c")]);
        let lists = |set: &KeySet| -> Vec<Vec<String>> {
            set.groups.iter().map(|group| group.keys.iter().map(MasterKey::name).collect()).collect()
        };
        assert_eq!(lists(&set), [vec!["a", "b", "c"], vec!["b"]]);
        let removed = [MasterKey::age("b"), MasterKey::age("x")];
        assert_eq!(set.remove(&removed), [&removed[1]]);
        assert_eq!(lists(&set), [vec!["a", "c"], vec![]]);
        assert!(set.check().is_err());
    }
}
