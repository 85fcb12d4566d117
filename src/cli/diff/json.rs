//! Differences for machines.

use serde_json::{Value, json};
use sops_rs::file::any::SnapshotKind;
use sops_rs::file::diff::{Diff, LeafChange, LeafSide, SectionSize};
use sops_rs::file::{Access, Moved, Renamed};

use super::compare::{Fate, FileDiff};
use super::words::{self, View};
use crate::cli::marks::change_name;

/// All files.
pub(super) fn of(files: &[FileDiff], view: &View) -> Value {
    Value::Array(files.iter().map(|file| of_file(file, view)).collect())
}

fn of_file(file: &FileDiff, view: &View) -> Value {
    let status = match (&file.fate, &file.old, &file.new) {
        (Fate::Unreadable(..), ..) => "unreadable",
        (Fate::Encrypted(_), ..) => "encrypted",
        (Fate::Decrypted(_), ..) => "decrypted",
        (Fate::Changed(_), None, _) => "added",
        (Fate::Changed(_), _, None) => "deleted",
        (Fate::Changed(_), ..) if file.old_path().is_some() => "renamed",
        (Fate::Changed(_), ..) => "modified",
    };
    let mut value = json!({ "file": file.path(), "old_file": file.old_path(), "status": status });
    match &file.fate {
        Fate::Unreadable(_, failure) => value["error"] = failure.message().into(),
        Fate::Changed(diff) | Fate::Encrypted(diff) | Fate::Decrypted(diff) => {
            value["leaves"] = diff
                .leaves
                .iter()
                .filter(|leaf| view.verbose || leaf.change.is_of_value())
                .map(|leaf| of_leaf(leaf, file, view))
                .collect();
            value["is_history_missing"] = file.is_history_missing.into();
            value["unchanged"] = diff.kept.into();
            add_metadata(&mut value, diff);
        }
    }
    value
}

fn of_leaf(leaf: &LeafChange, file: &FileDiff, view: &View) -> Value {
    let kind = match leaf.kind {
        SnapshotKind::Comment => "comment",
        SnapshotKind::Mark => "mark",
        SnapshotKind::Value => "value",
    };
    let mut value = json!({ "kind": kind, "change": change_name(leaf.change) });
    let side = |side: &LeafSide| {
        let mut value = json!({
            "path": side.path(),
            "line": side.line,
            "section": side.section,
            "sealed": side.seal.is_some(),
        });
        if let Some(text) = side.clear.as_ref().or(side.secret.as_ref().filter(|_| view.show)) {
            value["text"] = text.as_str().into();
        }
        value
    };
    value["before"] = leaf.before.as_ref().map(side).into();
    value["after"] = leaf.after.as_ref().map(side).into();
    if let Some(earlier) = words::earlier(file, leaf) {
        let commit = &earlier.commit;
        value["put_back"] = json!({
            "commit": commit.id.to_string(),
            "date": words::date(earlier),
            "author": commit.author,
            "subject": commit.subject,
        });
    }
    value
}

fn add_metadata(value: &mut Value, diff: &Diff) {
    let size = |section: &str, of: fn(&SectionSize) -> Option<usize>| {
        diff.sections.iter().find(|other| other.name == section).and_then(of)
    };
    let access = |access: &Access, values: Option<usize>| {
        let Access { section, name, group, recipient } = access;
        json!({ "section": section, "name": name, "group": group, "recipient": recipient, "values": values })
    };
    let drift = &diff.drift;
    let gained = drift.gained.iter().map(|gained| access(gained, size(&gained.section, |size| size.after)));
    let lost = drift.lost.iter().map(|lost| access(lost, size(&lost.section, |size| size.before)));
    let renamed = |Renamed { section, before, after, recipient }: &Renamed| json!({ "section": section, "before": before, "after": after, "recipient": recipient });
    let moved = |Moved { section, name, recipient, before, after }: &Moved| json!({ "section": section, "name": name, "recipient": recipient, "before": before, "after": after });
    value["readers"] = json!({
        "gained": gained.collect::<Vec<_>>(),
        "lost": lost.collect::<Vec<_>>(),
        "renamed": drift.renamed.iter().map(renamed).collect::<Vec<_>>(),
        "key_groups": drift.moved.iter().map(moved).collect::<Vec<_>>(),
        "thresholds": drift.thresholds.iter().map(|change| json!({ "section": change.section, "before": change.before, "after": change.after })).collect::<Vec<_>>(),
        "rewrapped": diff.rewrapped.iter().map(|key| json!({ "section": key.section, "name": key.name, "recipient": key.recipient })).collect::<Vec<_>>(),
    });
    let policy = drift
        .policy
        .iter()
        .map(|change| json!({ "field": change.field, "before": change.before, "after": change.after }));
    value["policy"] = policy.collect();
    value["data_keys"] = diff
        .data_keys
        .iter()
        .map(|key| json!({ "section": key.section, "follows": key.follows, "proven": key.proven }))
        .collect();
    value["dialect"] =
        diff.dialect.map(|(before, after)| json!({ "before": before.as_str(), "after": after.as_str() })).into();
    value["format"] = diff.format.map(|(before, after)| json!({ "before": before, "after": after })).into();
    let proposal =
        |proposal: &sops_rs::file::diff::ProposalNote| json!({ "path": proposal.path, "note": proposal.note });
    value["proposals"] = json!({
        "added": diff.proposed.iter().map(proposal).collect::<Vec<_>>(),
        "settled": diff.settled.iter().map(proposal).collect::<Vec<_>>(),
    });
}
