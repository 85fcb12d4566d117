//! The readers of a rule: a list of names, or key groups of which several are needed.

use std::collections::BTreeMap;

use super::fields::Fields;
use super::names::Names;
use super::node::{Entry, Node, Value, error};
use super::{KeyGroups, Recipient};
use crate::error::Error;

type Readers = Vec<(String, Recipient)>;

/// Takes `recipients`, or `key_groups` and `threshold`, out of the fields of a rule.
pub(super) fn readers(fields: &mut Fields, names: &Names) -> Result<(Readers, Option<KeyGroups>), Error> {
    match (fields.take("key_groups"), fields.take("threshold")) {
        (None, None) => Ok((names.resolve(&fields.required("recipients")?.some_texts("names")?)?, None)),
        (None, Some(threshold)) => {
            Err(error(threshold.at, "`threshold` says how many `key_groups` are needed, and there are none"))
        }
        (Some(groups), threshold) => {
            if let Some(recipients) = fields.take("recipients") {
                let what = "`recipients` and `key_groups` stand in each other's place: take one of them out";
                return Err(error(recipients.at, what));
            }
            let at = groups.at;
            let what = "`threshold` is missing beside `key_groups`: how many of them are needed";
            let threshold = threshold.ok_or_else(|| error(at, what))?;
            let (readers, groups) = read(groups, names)?;
            let threshold = number(threshold, groups.len())?;
            let groups = KeyGroups::new(threshold, groups).map_err(|found| error(at, found.to_string()))?;
            Ok((readers, Some(groups)))
        }
    }
}

/// All readers by name, and the keys of each group.
fn read(entry: Entry, names: &Names) -> Result<(Readers, Vec<Vec<Recipient>>), Error> {
    let at = entry.at;
    let nodes = entry.items("lists of names")?;
    if nodes.len() < 2 {
        return Err(error(
            at,
            "`key_groups` needs two groups at least; where each reader opens alone, it is `recipients`",
        ));
    }
    let mut owners: BTreeMap<String, (usize, Recipient)> = BTreeMap::new();
    let mut groups = Vec::new();
    for (node, number) in nodes.into_iter().zip(1..) {
        let at = node.at;
        let members = members(node, number, names)?;
        for (name, recipient) in &members {
            if let Some((other, _)) = owners.insert(name.clone(), (number, recipient.clone())) {
                let what = format!("`{name}` is in the key groups {other} and {number}, and would count for both");
                return Err(error(at, what));
            }
        }
        groups.push(members.into_iter().map(|(_, recipient)| recipient).collect());
    }
    Ok((owners.into_iter().map(|(name, (_, recipient))| (name, recipient)).collect(), groups))
}

fn members(node: Node, number: usize, names: &Names) -> Result<Readers, Error> {
    let at = node.at;
    match &node.value {
        Value::List(members) if members.is_empty() => Err(error(at, format!("key group {number} has no names"))),
        Value::List(_) => names.resolve(&Entry { at, key: "key_groups".to_owned(), value: node }.texts("names")?),
        other => {
            let what = format!("`key_groups` must be a list of lists of names, but one of them is {}", other.kind());
            Err(error(at, what))
        }
    }
}

/// The value of `threshold`, for so many groups.
fn number(entry: Entry, groups: usize) -> Result<usize, Error> {
    let (at, text) = entry.text()?;
    let number = text.parse().ok().filter(|number| (2..=groups).contains(number) && text == number.to_string());
    number.ok_or_else(|| {
        let range = if groups == 2 { "2".to_owned() } else { format!("a number from 2 to {groups}") };
        error(at, format!("`threshold` must be {range} with {groups} key groups, not `{text}`"))
    })
}

#[cfg(test)]
mod tests {
    use crate::config::tests::{ALICE, BOB, CI, config};

    /// What is said of a rule with these fields, from column 9 of line 7 on.
    fn refused(fields: &str) -> String {
        config(&format!("rules: [{{files: [a], {fields}}}]")).expect_err("refused").to_string()
    }

    #[test]
    fn groups_are_names_or_groups_of_names() {
        let config = config("rules: [{files: [a], key_groups: [[ops], [ci]], threshold: 2}]").expect("a config");
        let rule = config.rule_for("a").expect("a rule");
        let names: Vec<_> = rule.recipients.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["alice", "bob", "ci"]);
        let groups = rule.key_groups.as_ref().expect("key groups");
        let keys = |group: &Vec<_>| group.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(groups.groups().iter().map(keys).collect::<Vec<_>>(), [vec![ALICE, BOB], vec![CI]]);
        assert_eq!(groups.threshold(), 2);
    }

    #[test]
    fn what_is_no_groups_is_refused() {
        for (fields, message) in [
            (
                "threshold: 2",
                "line 7, column 22: `threshold` says how many `key_groups` are needed, and there are none",
            ),
            (
                "recipients: [ops], threshold: 2",
                "line 7, column 41: `threshold` says how many `key_groups` are needed, and there are none",
            ),
            (
                "recipients: [ops], key_groups: [[alice], [bob]], threshold: 2",
                "line 7, column 22: `recipients` and `key_groups` stand in each other's place: take one of them out",
            ),
            (
                "key_groups: [[alice], [bob]]",
                "line 7, column 22: `threshold` is missing beside `key_groups`: how many of them are needed",
            ),
            (
                "key_groups: [[ops]], threshold: 2",
                "line 7, column 22: `key_groups` needs two groups at least; where each reader opens alone, it is `recipients`",
            ),
            (
                "key_groups: [alice, bob], threshold: 2",
                "line 7, column 35: `key_groups` must be a list of lists of names, but one of them is a text",
            ),
            (
                "key_groups: ops, threshold: 2",
                "line 7, column 34: `key_groups` must be a list of lists of names, but is a text",
            ),
            ("key_groups: [[alice], []], threshold: 2", "line 7, column 44: key group 2 has no names"),
            (
                "key_groups: [[alice], [bbo]], threshold: 2",
                "line 7, column 45: unknown recipient or group `bbo`; did you mean `bob`?",
            ),
            (
                "key_groups: [[alice], [ci], [ops]], threshold: 2",
                "line 7, column 50: `alice` is in the key groups 1 and 3, and would count for both",
            ),
            (
                "key_groups: [[ops], [ci]], threshold: 3",
                "line 7, column 60: `threshold` must be 2 with 2 key groups, not `3`",
            ),
            (
                "key_groups: [[ops], [ci]], treshold: 2",
                "line 7, column 49: unknown field `treshold` in a rule; did you mean `threshold`?",
            ),
        ] {
            assert_eq!(refused(fields), message, "{fields}");
        }
        for threshold in ["0", "1", "02", "-2", "+2", "two", "''", "2.0", "18446744073709551618"] {
            let message = refused(&format!("key_groups: [[alice], [bob], [ci]], threshold: {threshold}"));
            assert!(
                message.starts_with("line 7, column 69: `threshold` must be a number from 2 to 3 with 3 key groups, "),
                "{message}"
            );
        }
        let section = "sections: [{name: db, paths: [db], recipients: [ci]}]";
        assert_eq!(
            refused(&format!("key_groups: [[ops], [ci]], threshold: 2, {section}")),
            "line 7, column 63: a rule with `key_groups` cannot have `sections`, whose readers need one key alone"
        );
    }
}
