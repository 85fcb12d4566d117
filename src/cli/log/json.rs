//! The history for machines.

use serde_json::{Value, json};
use sops_rs::dialect::sops::Time;
use sops_rs::file::Access;
use sops_rs::file::timeline::{ValueEvent, VersionState};

use super::Told;
use super::entries::FileEntry;
use crate::cli::git::Commit;
use crate::cli::marks::change_name;

/// At most `most` commits, the latest first, each with the files that it changed.
pub(super) fn of_versions(told: &Told, most: usize) -> Value {
    let entries = told.entries(most);
    let files = |files: &[FileEntry<'_>]| files.iter().map(|file| of_file(told, file)).collect::<Vec<_>>();
    let entries =
        entries.iter().map(|entry| json!({ "commit": of_commit(entry.commit), "files": files(&entry.files) }));
    json!({ "complete": told.timelines.history.is_complete, "commits": entries.collect::<Vec<_>>() })
}

/// The values of each file, each with the commit that changed it last.
pub(super) fn of_values(told: &Told) -> Value {
    let mut files = Vec::new();
    for (number, file) in told.timelines.files.iter().enumerate() {
        let values = file.timeline.values.iter();
        let values = values.filter(|value| told.values.as_ref().is_none_or(|told| told.contains(&value.value)));
        let value = |value: &sops_rs::file::timeline::ValueAge| {
            json!({
                "path": value.path,
                "line": value.line,
                "sealed": value.is_sealed,
                "changed": of_commit(told.commit(number, value.changed)),
                "sealed_anew": of_commit(told.commit(number, value.sealed)),
                "perhaps_changed": value.sealed > value.changed,
            })
        };
        files.push(json!({ "file": told.paths[number], "values": values.map(value).collect::<Vec<_>>() }));
    }
    json!({ "complete": told.timelines.history.is_complete, "files": files })
}

fn of_commit(commit: Option<&Commit>) -> Value {
    let commit = commit.map(|Commit { id, author, email, time, subject }| {
        json!({
            "id": id.to_string(),
            "author": author,
            "email": email,
            "time": Time::of_unix(*time).to_string(),
            "subject": subject,
        })
    });
    commit.into()
}

fn of_file(told: &Told, file: &FileEntry<'_>) -> Value {
    let FileEntry { file: number, version, events, values } = file;
    let state = match events.state {
        VersionState::Gone => "deleted",
        VersionState::Plain => "plaintext",
        VersionState::Encrypted => "encrypted",
        VersionState::Missing => "missing",
        VersionState::Unreadable(_) => "unreadable",
    };
    let of_value = |event: &&ValueEvent| {
        let earlier = event.put_back.and_then(|version| told.commit(*number, version));
        json!({
            "path": event.path,
            "change": change_name(event.change),
            "from": event.from,
            "put_back": earlier.map(|commit| commit.id.to_string()),
        })
    };
    let mut value = json!({
        "file": told.paths[*number],
        "name": version.map(|version| version.path.display().to_string()),
        "state": state,
        "was_encrypted": events.was_encrypted,
        "values": values.iter().map(of_value).collect::<Vec<_>>(),
    });
    if let VersionState::Unreadable(error) = &events.state {
        value["error"] = error.to_string().into();
    }
    if told.values.is_none() {
        let access = |Access { section, name, group, recipient }: &Access| json!({ "section": section, "name": name, "group": group, "recipient": recipient });
        let all = |list: &[Access]| list.iter().map(access).collect::<Vec<_>>();
        let drift = &events.drift;
        value["others"] = events.others.into();
        value["readers"] = json!({ "gained": all(&drift.gained), "lost": all(&drift.lost) });
        value["policy"] = drift.policy.iter().map(|change| change.field.as_str()).collect();
        let keys = events.data_keys.iter();
        value["data_keys"] = keys.map(|key| json!({ "section": key.section, "follows": key.follows })).collect();
        let dialects =
            events.dialect.map(|(before, after)| json!({ "before": before.as_str(), "after": after.as_str() }));
        value["dialect"] = dialects.into();
    }
    value
}
