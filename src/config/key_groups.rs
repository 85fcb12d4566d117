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
    let what = || format!("`threshold` must be a number from 2 to {groups}, that of the key groups, not `{text}`");
    number.ok_or_else(|| error(at, what()))
}
