//! The history for people.

use sops_rs::dialect::sops::Time;
use sops_rs::file::diff::Change;
use sops_rs::file::timeline::{Events, ValueEvent, VersionState};

use super::Told;
use super::entries::{Entry, FileEntry};
use crate::cli::clock::ago;
use crate::cli::git::Commit;
use crate::cli::marks::{self, Line, Mark, Paint, line};
use crate::cli::report::count;
use crate::cli::terminal::escape;

/// What stands behind a path is not aligned further to the right than this.
const WIDEST: usize = 44;

/// At most `most` entries, the latest first.
pub(super) fn of(told: &Told, most: usize, now: u64, paint: Paint) -> String {
    let entries = told.entries(most);
    let texts: Vec<_> = entries.iter().map(|entry| of_entry(told, entry, now, paint)).collect();
    texts.join("\n")
}

/// The day of a commit, in UTC.
pub(super) fn day(commit: &Commit) -> String {
    Time::of_unix(commit.time).to_string().chars().take(10).collect()
}

fn of_entry(told: &Told, entry: &Entry<'_>, now: u64, paint: Paint) -> String {
    let mut text = match entry.commit {
        None => format!("{}\n", paint.marked(Mark::Changed, "not committed yet")),
        Some(commit) => {
            let time: String = Time::of_unix(commit.time).to_string().replace('T', " ").chars().take(16).collect();
            let id = paint.marked(Mark::Changed, &commit.id.short());
            let (author, ago) = (escape(&commit.author), ago(commit.time, now));
            format!("{id}  {time} UTC ({ago})  {author}\n    {}\n", paint.bold(&escape(&commit.subject)))
        }
    };
    for file in &entry.files {
        let path = &told.paths[file.file];
        let lines = lines(told, file);
        let mut indent = "  ";
        if told.paths.len() > 1 {
            text.push_str(&format!("  {}\n", paint.bold(&escape(path))));
            indent = "    ";
        }
        let name =
            file.version.map(|version| &version.path).filter(|name| **name != told.timelines.files[file.file].name);
        if let Some(name) = name {
            text.push_str(&format!("{indent}{}\n", paint.dim(&format!("as {}", escape(&name.display().to_string())))));
        }
        let widths = lines.iter().filter_map(|(path, _)| Some(path.as_ref()?.chars().count()));
        let widest = widths.filter(|&width| width <= WIDEST).max().unwrap_or_default();
        for (path, Line { mark, text: words }) in &lines {
            let path = path.as_ref().map(|path| {
                let fill = " ".repeat(widest.saturating_sub(path.chars().count()) + 2);
                format!("{}{fill}", paint.marked(*mark, path))
            });
            let sign = paint.marked(*mark, &mark.sign().to_string());
            let words = match mark {
                Mark::Alarm | Mark::Same => paint.marked(*mark, &escape(words)),
                _ => escape(words),
            };
            text.push_str(&format!("{indent}{sign} {}{words}\n", path.unwrap_or_default()));
        }
    }
    text
}

/// The lines of a file in an entry, with the paths of the values that they are about, which are escaped.
fn lines(told: &Told, file: &FileEntry<'_>) -> Vec<(Option<String>, Line)> {
    let FileEntry { events, values, .. } = file;
    let mut lines = Vec::new();
    let is_whole = told.values.is_none();
    if is_whole {
        of_file(file, &mut lines);
    }
    // Of a whole file, what befell all its values at once is told in one line.
    let count_of = |change: Change| values.iter().filter(|event| event.change == change).count();
    let together: &[Change] = match (events.state == VersionState::Encrypted, events.was_encrypted) {
        _ if !is_whole => &[],
        (_, None) => &[Change::Added],
        (true, Some(false)) => &[Change::Encrypted],
        (false, Some(true)) => &[Change::Published],
        _ => &[Change::Unknown],
    };
    for &change in together {
        let n = count_of(change);
        let said = match change {
            Change::Added => line(Mark::New, count(n, "value")),
            Change::Encrypted => line(Mark::New, format!("{} encrypted", count(n, "value"))),
            Change::Published => {
                line(Mark::Alarm, format!("{} published: anybody can read them now", count(n, "value")))
            }
            _ => line(
                Mark::Unknown,
                format!("{} sealed anew: which of them changed cannot be told without a key", count(n, "value")),
            ),
        };
        lines.extend((n > 0).then_some((None, said)));
    }
    for event in values.iter().filter(|event| !together.contains(&event.change)) {
        lines.push((Some(escape(&event.path)), of_value(told, file.file, event)));
    }
    if is_whole && events.others > 0 && events.was_encrypted.is_some() {
        lines.push((None, line(Mark::Changed, count(events.others, "comment"))));
    }
    lines
}

/// What became of the file, its readers and its keys.
fn of_file(file: &FileEntry<'_>, lines: &mut Vec<(Option<String>, Line)>) {
    let Events { state, was_encrypted, drift, data_keys, dialect, .. } = file.events;
    let mut add = |line| lines.push((None, line));
    match (state, was_encrypted) {
        (VersionState::Gone, _) => add(line(Mark::Gone, "deleted")),
        (VersionState::Missing, _) => add(line(Mark::Unknown, "not in this clone, which is a partial one")),
        (VersionState::Unreadable(error), _) => add(line(Mark::Alarm, format!("cannot be read: {error}"))),
        (VersionState::Plain, _) => {
            add(line(Mark::Alarm, "PLAINTEXT: it was encrypted, and everybody who has the repository can read this"));
        }
        (VersionState::Encrypted, Some(false)) => add(line(
            Mark::Alarm,
            "it was plaintext, which stays in the history of git: change the values that were in it",
        )),
        (VersionState::Encrypted, None) if file.version.is_some_and(|version| version.is_boundary) => {
            add(line(Mark::Unknown, "the history of this clone begins here"));
        }
        (VersionState::Encrypted, _) => {}
    }
    if let Some((before, after)) = dialect {
        let (before, after) = (marks::dialect(*before), marks::dialect(*after));
        add(line(Mark::Changed, format!("converted from the {before} to the {after}")));
    }
    let part = |section: &str| marks::in_section(section);
    for access in &drift.gained {
        add(line(Mark::New, format!("reader {}{}", marks::reader(access), part(&access.section))));
    }
    for access in &drift.lost {
        add(line(Mark::Gone, format!("reader {}{}", marks::reader(access), part(&access.section))));
    }
    for renamed in &drift.renamed {
        let (before, after) = (&renamed.before, &renamed.after);
        add(line(Mark::Changed, format!("reader {before} is called {after}{}", part(&renamed.section))));
    }
    for section in drift.moved.iter().map(|moved| &moved.section).chain(drift.thresholds.iter().map(|t| &t.section)) {
        add(line(Mark::Changed, format!("key groups{}", part(section))));
    }
    drift.policy.iter().for_each(|change| add(line(Mark::Changed, format!("policy {change}"))));
    data_keys.iter().for_each(|key| add(marks::data_key(key)));
}

fn of_value(told: &Told, file: usize, event: &ValueEvent) -> Line {
    if let Some(version) = event.put_back {
        let whence = match told.commit(file, version) {
            Some(commit) => format!("{} ({}, {})", commit.id.short(), day(commit), commit.author),
            None => "an earlier version".to_owned(),
        };
        return line(Mark::Alarm, format!("put back to the value of {whence}"));
    }
    match event.change {
        Change::Added => line(Mark::New, "added"),
        Change::Removed => line(Mark::Gone, "removed"),
        Change::Changed => line(Mark::Changed, "changed"),
        Change::Encrypted => line(Mark::New, "encrypted"),
        Change::Published => line(Mark::Alarm, "published: anybody can read it now"),
        Change::Unknown => line(Mark::Unknown, "sealed anew under the new data key"),
        Change::Renewed => line(Mark::Unknown, "perhaps changed: sealed anew, as what is clear around it changed"),
        Change::Moved | Change::Relinked | Change::Resealed | Change::Shifted => {
            let from = event.from.as_ref().map_or_else(String::new, |from| format!("moved from {from}"));
            line(Mark::Moved, from)
        }
    }
}
