//! What a plan says: readers, and which values are encrypted.

use serde_json::{Value, json};
use sops_rs::file::any::Plan;
use sops_rs::file::{NewSection, sops};
use sops_rs::keys::{KeyGroups, Recipient};
use sops_rs::select::PathGlob;

use crate::cli::readers;
use crate::cli::report::list;

/// For people.
pub(super) fn lines(plan: &Plan) -> Vec<String> {
    let plan = match plan {
        Plan::Native(plan) => plan,
        Plan::Sops(plan) => return sops_lines(plan),
    };
    let mut lines = vec!["  readers:".to_owned()];
    lines.extend(reader_lines(&plan.recipients));
    lines.extend(plan.key_groups.iter().flat_map(|groups| group_lines(groups, &plan.recipients)));
    for section in &plan.sections {
        lines.push(format!("  readers of section {} ({}):", section.name, globs(&section.paths)));
        lines.extend(reader_lines(&section.recipients));
    }
    lines.push(format!("  encrypts {}", globs(&plan.selection.encrypt)));
    if !plan.selection.clear.is_empty() {
        lines.push(format!("  leaves clear {}", globs(&plan.selection.clear)));
    }
    lines.push(format!("  comments: {}; clear_values: {}", plan.comments.as_str(), plan.clear_values.as_str()));
    lines
}

fn group_lines(groups: &KeyGroups, recipients: &[(String, Recipient)]) -> Vec<String> {
    let name =
        |recipient: &Recipient| recipients.iter().find(|(_, other)| other == recipient).map(|(name, _)| name.clone());
    let mut lines = vec![format!("  key groups: {} of {} needed", groups.threshold(), groups.groups().len())];
    lines.extend(groups.groups().iter().zip(1..).map(|(group, number): (_, usize)| {
        format!("    key group {number}: {}", list(&group.iter().filter_map(name).collect::<Vec<_>>()))
    }));
    lines
}

fn sops_lines(plan: &sops::Plan) -> Vec<String> {
    let count = plan.groups.len();
    let mut lines = Vec::new();
    if count > 1 {
        lines.push(format!("  key groups: {} of {count} needed", plan.shamir_threshold.unwrap_or(count)));
    }
    for (group, number) in plan.groups.iter().zip(1..) {
        lines.push(if count > 1 { format!("  readers in key group {number}:") } else { "  readers:".to_owned() });
        let rows: Vec<_> = group.iter().map(|named| (named.shown(), named.key.name())).collect();
        let rows = rows.iter().map(|(name, key)| (name.as_str(), key.clone()));
        lines.extend(readers::columns(rows).lines().map(|line| format!("  {line}")));
    }
    let (name, text) = plan.selector.parts();
    lines.push(format!("  dialect: sops; {name}: `{text}`"));
    if plan.mac_only_encrypted {
        lines.push("  mac_only_encrypted: true".to_owned());
    }
    lines
}

/// For programs.
pub(super) fn json(plan: &Plan) -> Value {
    match plan {
        Plan::Native(plan) => {
            let section = |section: &NewSection| json!({ "name": section.name, "paths": texts(&section.paths), "readers": readers_json(&section.recipients, section.key_groups.as_ref()) });
            json!({
                "dialect": "native",
                "readers": readers_json(&plan.recipients, plan.key_groups.as_ref()),
                "threshold": plan.key_groups.as_ref().map(KeyGroups::threshold),
                "sections": plan.sections.iter().map(section).collect::<Vec<_>>(),
                "encrypt": texts(&plan.selection.encrypt),
                "clear": texts(&plan.selection.clear),
                "comments": plan.comments.as_str(),
                "clear_values": plan.clear_values.as_str(),
            })
        }
        Plan::Sops(plan) => {
            let readers = plan.groups.iter().zip(1..).flat_map(|(group, number): (_, usize)| {
                group
                    .iter()
                    .map(move |named| json!({ "name": named.shown(), "recipient": named.key.name(), "group": number }))
            });
            let (name, text) = plan.selector.parts();
            json!({
                "dialect": "sops",
                "readers": readers.collect::<Vec<_>>(),
                "threshold": plan.shamir_threshold,
                "selector": { name: text },
                "mac_only_encrypted": plan.mac_only_encrypted,
            })
        }
    }
}

fn reader_lines(recipients: &[(String, Recipient)]) -> Vec<String> {
    let rows = recipients.iter().map(|(name, recipient)| (name.as_str(), recipient.to_string()));
    readers::columns(rows).lines().map(|line| format!("  {line}")).collect()
}

fn readers_json(recipients: &[(String, Recipient)], groups: Option<&KeyGroups>) -> Vec<Value> {
    let reader = |(name, key): &(String, Recipient)| {
        let mut reader = json!({ "name": name, "recipient": key.as_str() });
        if let Some(group) = groups.and_then(|groups| groups.group_of(key)) {
            reader["group"] = group.into();
        }
        reader
    };
    recipients.iter().map(reader).collect()
}

fn texts(globs: &[PathGlob]) -> Vec<String> {
    globs.iter().map(|glob| glob.as_str().to_owned()).collect()
}

fn globs(globs: &[PathGlob]) -> String {
    list(&texts(globs))
}
