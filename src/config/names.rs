//! Recipients and groups by name.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Recipient;
use super::fields::did_you_mean;
use super::node::{Entry, error};
use crate::error::{Error, Position};

/// A name is at most this long, in bytes.
const MAX_NAME_LEN: usize = 64;

/// A name, and where it stands.
pub(super) type Name = (Position, String);

/// What the names of a config stand for. Recipients and groups share one space of names.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) recipients: BTreeMap<String, Recipient>,
    groups: BTreeMap<String, Vec<Name>>,
}

impl Names {
    /// Reads the fields `recipients` and `groups`.
    pub(super) fn read(recipients: Option<Entry>, groups: Option<Entry>) -> Result<Self, Error> {
        let mut names = Self::default();
        let mut owners = HashMap::new();
        for entry in recipients.map_or(Ok(Vec::new()), |entry| entry.entries("names and public keys"))? {
            check_name(entry.at, &entry.key)?;
            let name = entry.key.clone();
            let (at, key) = entry.text()?;
            let recipient =
                Recipient::parse(&key).map_err(|found| error(at, format!("recipient `{name}`: {found}")))?;
            // A recipient is its key, so two names for one would make every list of readers longer than it is.
            if let Some(other) = owners.insert(recipient.to_string(), name.clone()) {
                return Err(error(at, format!("`{name}` has the same key as `{other}`")));
            }
            names.recipients.insert(name, recipient);
        }
        for entry in groups.map_or(Ok(Vec::new()), |entry| entry.entries("names and their members"))? {
            check_name(entry.at, &entry.key)?;
            if names.recipients.contains_key(&entry.key) {
                return Err(error(entry.at, format!("group `{}`: a recipient has this name", entry.key)));
            }
            names.groups.insert(entry.key.clone(), entry.some_texts("members")?);
        }
        for (at, member) in names.groups.values().flatten() {
            names.check_known(*at, member)?;
        }
        names.check_cycles()?;
        Ok(names)
    }

    /// The recipients that `wanted` stand for, by name, each once.
    pub(super) fn resolve(&self, wanted: &[Name]) -> Result<Vec<(String, Recipient)>, Error> {
        for (at, name) in wanted {
            self.check_known(*at, name)?;
        }
        let mut found = BTreeMap::new();
        let mut seen = BTreeSet::new();
        let mut open: Vec<&Name> = wanted.iter().collect();
        while let Some((_, name)) = open.pop() {
            if let Some(recipient) = self.recipients.get(name) {
                found.insert(name.clone(), recipient.clone());
            } else if seen.insert(name) {
                open.extend(self.groups.get(name).into_iter().flatten());
            }
        }
        Ok(found.into_iter().collect())
    }

    fn check_known(&self, at: Position, name: &str) -> Result<(), Error> {
        if self.recipients.contains_key(name) || self.groups.contains_key(name) {
            return Ok(());
        }
        if name.starts_with("age1") || name.starts_with("ssh-") {
            return Err(error(at, "a key, where only names are allowed: give it a name under `recipients`"));
        }
        let known = self.recipients.keys().chain(self.groups.keys()).map(String::as_str);
        let meant = did_you_mean(name, known).unwrap_or_default();
        Err(error(at, format!("unknown recipient or group `{name}`{meant}")))
    }

    /// Refuses groups that hold themselves. The stack is on the heap, since groups may nest a thousand deep.
    fn check_cycles(&self) -> Result<(), Error> {
        let mut done = BTreeSet::new();
        for root in self.groups.keys() {
            let mut path: Vec<(&str, std::slice::Iter<'_, Name>)> = Vec::new();
            let mut on_path = BTreeSet::new();
            let mut enter = Some(root.as_str());
            loop {
                if let Some(group) = enter.take()
                    && !done.contains(group)
                    && let Some(members) = self.groups.get(group)
                {
                    on_path.insert(group);
                    path.push((group, members.iter()));
                }
                let Some((group, members)) = path.last_mut() else { break };
                match members.next() {
                    Some((at, member)) if on_path.contains(member.as_str()) => {
                        let cycle = path.iter().map(|(name, _)| *name).skip_while(|name| name != member);
                        let cycle: Vec<&str> = cycle.chain([member.as_str()]).collect();
                        return Err(error(*at, format!("group `{member}` contains itself: {}", cycle.join(" → "))));
                    }
                    Some((_, member)) => enter = Some(member),
                    None => {
                        on_path.remove(group);
                        done.insert(*group);
                        path.pop();
                    }
                }
            }
        }
        Ok(())
    }
}

/// Whether `name` can be the name of a recipient, a group or a section: a letter or a digit, then up to 63 of those and of
/// `._@+-`, all ASCII.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._@+-".contains(c);
    name.len() <= MAX_NAME_LEN && name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(allowed)
}

/// Refuses what is not a name.
pub(super) fn check_name(at: Position, name: &str) -> Result<(), Error> {
    if is_name(name) {
        return Ok(());
    }
    let rule = "a letter or a digit, then at most 63 letters, digits and `._@+-`";
    Err(error(at, format!("`{name}` is not a name: {rule}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::node::{Value, parse};
    use crate::config::tests::{ALICE, BOB, CI};

    fn read(text: &str) -> Result<Names, Error> {
        let Value::Map(entries) = parse(text)?.unwrap().value else { panic!("a map") };
        let (groups, recipients) = entries.into_iter().partition::<Vec<_>, _>(|entry| entry.key == "groups");
        Names::read(recipients.into_iter().next(), groups.into_iter().next())
    }

    fn with_groups(groups: &str) -> Result<Names, Error> {
        read(&format!("recipients: {{alice: {ALICE}, bob: {BOB}, ci: {CI}}}\ngroups:\n{groups}"))
    }

    fn resolved(names: &Names, wanted: &[&str]) -> Vec<String> {
        let at = Position { line: 1, column: 1 };
        let wanted: Vec<Name> = wanted.iter().map(|&name| (at, name.to_owned())).collect();
        names.resolve(&wanted).unwrap().into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn groups_are_expanded_sorted_and_merged() {
        let names = with_groups("  ops: [bob, alice]\n  all: [ops, ci, ops, bob]\n").unwrap();
        assert_eq!(resolved(&names, &["ops"]), ["alice", "bob"]);
        assert_eq!(resolved(&names, &["ci", "all", "alice"]), ["alice", "bob", "ci"]);
        assert_eq!(resolved(&names, &["ci"]), ["ci"]);
        assert_eq!(names.recipients["bob"].to_string(), BOB, "without the comment");
    }

    #[test]
    fn groups_may_share_members_but_not_hold_themselves() {
        assert!(with_groups("  a: [b, c]\n  b: [d]\n  c: [d, b]\n  d: [ci]\n").is_ok());
        let error = with_groups("  a: [b]\n  b: [ci, c]\n  c: [bob, b]\n").unwrap_err();
        assert_eq!(error.to_string(), "line 5, column 12: group `b` contains itself: b → c → b");
        let error = with_groups("  a: [a]\n").unwrap_err();
        assert_eq!(error.to_string(), "line 3, column 7: group `a` contains itself: a → a");
    }

    #[test]
    fn a_thousand_groups_in_each_other_are_fine() {
        let mut groups = String::new();
        for n in 0..1000 {
            groups.push_str(&format!("  g{n}: [g{}, g{}]\n", n + 1, (n + 7).min(1000)));
        }
        groups.push_str("  g1000: [ci]\n");
        assert_eq!(resolved(&with_groups(&groups).unwrap(), &["g0", "g500"]), ["ci"]);
    }

    #[test]
    fn wrong_names_are_refused() {
        let cases = [
            ("  ops: [alcie]\n", "line 3, column 9: unknown recipient or group `alcie`; did you mean `alice`?"),
            ("  ops: [zoe]\n", "line 3, column 9: unknown recipient or group `zoe`"),
            ("  alice: [bob]\n", "line 3, column 3: group `alice`: a recipient has this name"),
            ("  ops: []\n", "line 3, column 3: `ops` has no members"),
            ("  ops: alice\n", "line 3, column 8: `ops` must be a list of members, but is a text"),
            ("  ops: [[alice]]\n", "line 3, column 9: `ops` must be a list of members, but one of them is a list"),
            (
                "  ops: [age1xyz]\n",
                "line 3, column 9: a key, where only names are allowed: give it a name under `recipients`",
            ),
            (
                "  my ops: [bob]\n",
                "line 3, column 3: `my ops` is not a name: a letter or a digit, then at most 63 letters, digits and `._@+-`",
            ),
        ];
        for (groups, message) in cases {
            assert_eq!(with_groups(groups).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn a_key_has_one_name() {
        let error = read(&format!("recipients:\n  a: {BOB}\n  b: {BOB} laptop\n")).unwrap_err();
        assert_eq!(error.to_string(), "line 3, column 6: `b` has the same key as `a`");
        let error = read(&format!("recipients:\n  a: {BOB}\n  a: {CI}\n")).unwrap_err();
        assert_eq!(error.to_string(), "line 3, column 3: `a` stands here twice, first on line 2");
    }

    #[test]
    fn wrong_keys_are_refused() {
        let error = read("recipients:\n  alice: hunter2\n").unwrap_err().to_string();
        assert!(error.starts_with("line 2, column 10: recipient `alice`: "), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
        let error = read("recipients: {alice: {key: x}}").unwrap_err();
        assert_eq!(error.to_string(), "line 1, column 21: `alice` must be a text, but is a map");
        let error = read("recipients:\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "line 1, column 11: `recipients` must be a map of names and public keys, but is empty"
        );
    }

    #[test]
    fn names_are_short_ascii() {
        for name in ["a", "9", "alice@example.com", "ci+prod_1.x-y", &"a".repeat(64)] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "-a", ".a", "@a", "a b", "é", "aé", "a/b", "a\n", &"a".repeat(65)] {
            assert!(!is_name(name), "{name}");
        }
    }
}
