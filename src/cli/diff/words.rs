//! In words: what became of a file, of its readers, and of each leaf. Nothing here is escaped.

use sops_rs::dialect::native::DEFAULT_NAME;
use sops_rs::dialect::sops::Time;
use sops_rs::file::Access;
use sops_rs::file::any::{SealDigest, SnapshotKind};
use sops_rs::file::diff::{Change, Diff, LeafChange, LeafSide, SectionSize};

use super::compare::{Fate, FileDiff};
use super::earlier::Earlier;
use crate::cli::marks::{Line, Mark, data_key, dialect, in_section, line, reader, short, shortened};
use crate::cli::report::count;

/// How much is told.
pub(super) struct View {
    /// Values, too.
    pub(super) show: bool,
    /// Also what only was written anew.
    pub(super) verbose: bool,
    /// Whether values were compared, and not seals.
    pub(super) is_opened: bool,
}

/// What is told of a clear value at most, in characters.
const MOST_TEXT: usize = 60;

/// One word for what became of the file itself; none when it is in its place.
pub(super) fn status(file: &FileDiff) -> Option<String> {
    let renamed = file.old_path().map(|old| format!("renamed from {old}"));
    match (&file.fate, &file.old, &file.new) {
        (Fate::Unreadable(..), ..) => Some("unreadable".into()),
        (Fate::Encrypted(_), ..) => Some("encrypted".into()),
        (Fate::Decrypted(_), ..) => Some("DECRYPTED".into()),
        (Fate::Changed(_), None, _) => Some("new".into()),
        (Fate::Changed(_), _, None) => Some("deleted".into()),
        (Fate::Changed(_), ..) => renamed,
    }
}

/// How much changed, as `2 values changed, 1 added; 1 reader gained`.
pub(super) fn summary(file: &FileDiff) -> String {
    let Some(diff) = file.diff() else { return String::new() };
    let mut parts = Vec::new();
    let names = [
        (Change::Changed, "changed"),
        (Change::Added, "added"),
        (Change::Removed, "removed"),
        (Change::Moved, "moved"),
        (Change::Encrypted, "encrypted"),
        (Change::Published, "published"),
        (Change::Renewed, "perhaps changed"),
        (Change::Unknown, "perhaps changed"),
    ];
    for (change, name) in names {
        let n = diff.count(SnapshotKind::Value, change);
        let noun = if parts.is_empty() { count(n, "value") } else { n.to_string() };
        parts.extend((n > 0).then(|| format!("{noun} {name}")));
    }
    let others = |kind| {
        diff.leaves
            .iter()
            .filter(|leaf| leaf.kind == kind && leaf.change.is_of_value() && leaf.change != Change::Unknown)
            .count()
    };
    for (kind, noun) in [(SnapshotKind::Comment, "comment"), (SnapshotKind::Mark, "mark")] {
        let n = others(kind);
        parts.extend((n > 0).then(|| count(n, noun)));
    }
    let mut access = Vec::new();
    let readers = |list: &[Access]| {
        let mut keys: Vec<_> = list.iter().map(|access| &access.recipient).collect();
        keys.sort_unstable();
        keys.dedup();
        keys.len()
    };
    let is_in_place = file.old.is_some() && file.new.is_some();
    if is_in_place && matches!(file.fate, Fate::Changed(_)) {
        for (n, name) in [(readers(&diff.drift.gained), "gained"), (readers(&diff.drift.lost), "lost")] {
            access.extend((n > 0).then(|| format!("{} {name}", count(n, "reader"))));
        }
    }
    access.extend((!diff.data_keys.is_empty()).then(|| "new data key".to_owned()));
    access.extend((!diff.drift.policy.is_empty()).then(|| "policy changed".to_owned()));
    access.extend(diff.dialect.map(|(_, after)| format!("now in the {}", dialect(after))));
    [parts.join(", "), access.join(", ")].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
}

/// What is told before the leaves.
pub(super) fn lines(file: &FileDiff, view: &View) -> Vec<Line> {
    let diff = match &file.fate {
        Fate::Unreadable(is_new, failure) => {
            let when = if *is_new { "cannot be read" } else { "could not be read before" };
            let hints = failure.hints().iter().map(|hint| line(Mark::Unknown, hint.as_str()));
            return std::iter::once(line(Mark::Alarm, format!("{when}: {}", failure.message()))).chain(hints).collect();
        }
        Fate::Changed(diff) | Fate::Encrypted(diff) | Fate::Decrypted(diff) => diff,
    };
    let mut lines = Vec::new();
    if matches!(file.fate, Fate::Decrypted(_)) {
        lines.push(line(
            Mark::Alarm,
            "PLAINTEXT: it was encrypted, and everybody who has the repository can read it now",
        ));
        lines.push(line(Mark::Alarm, "encrypt it before it is pushed; once it is, change all its values"));
    }
    if matches!(file.fate, Fate::Encrypted(_)) {
        lines.push(line(
            Mark::Alarm,
            "it was plaintext, which stays in the history of git: change the values that were in it",
        ));
    }
    if let Some((before, after)) = diff.dialect {
        lines.push(line(Mark::Changed, format!("converted from the {} to the {}", dialect(before), dialect(after))));
    }
    if let Some((before, after)) = diff.format {
        lines.push(line(Mark::Changed, format!("format: {before} → {after}")));
    }
    readers(file, diff, &mut lines);
    let policy = diff.drift.policy.iter().map(|change| line(Mark::Changed, format!("policy {change}")));
    lines.extend(policy);
    data_keys(diff, view, &mut lines);
    for proposal in &diff.proposed {
        let note = proposal.note.as_ref().map_or_else(String::new, |note| format!(" ({note})"));
        lines
            .push(line(Mark::New, format!("proposal for {}{note}: not used until a reader accepts it", proposal.path)));
    }
    let settled = diff.settled.iter();
    lines.extend(
        settled.map(|proposal| line(Mark::Gone, format!("proposal for {} accepted or taken back", proposal.path))),
    );
    if file.is_history_missing {
        lines.push(line(
            Mark::Unknown,
            "whether a value was put back cannot be told: the clone is shallow (`git fetch --unshallow`)",
        ));
    }
    if diff.layout {
        lines.push(line(Mark::Same, "the metadata block lies otherwise in the text"));
    }
    lines
}

fn readers(file: &FileDiff, diff: &Diff, lines: &mut Vec<Line>) {
    let drift = &diff.drift;
    let many = diff.sections.len() > 1;
    for access in &drift.gained {
        let verb = if file.old.is_some() && matches!(file.fate, Fate::Changed(_)) { "now reads" } else { "reads" };
        let part = part(diff, &access.section, |size| size.after, many);
        lines.push(line(Mark::New, format!("reader {} {verb} {part}", reader(access))));
    }
    for access in drift.lost.iter().filter(|_| !matches!(file.fate, Fate::Decrypted(_))) {
        let part = part(diff, &access.section, |size| size.before, many);
        let verb = if file.new.is_none() { "read" } else { "no longer reads" };
        lines.push(line(Mark::Gone, format!("reader {} {verb} {part}", reader(access))));
    }
    if file.new.is_some() && !drift.lost.is_empty() && matches!(file.fate, Fate::Changed(_)) {
        lines.push(line(Mark::Alarm, "what they read they may have kept: change those values"));
    }
    for renamed in &drift.renamed {
        let section = in_section(&renamed.section);
        let text = format!(
            "reader {} is called {} now ({}){section}",
            renamed.before,
            renamed.after,
            short(&renamed.recipient)
        );
        lines.push(line(Mark::Changed, text));
    }
    let number = |number: Option<u8>| number.map_or_else(|| "none".to_owned(), |number| number.to_string());
    for moved in &drift.moved {
        let (before, after) = (number(moved.before), number(moved.after));
        let section = in_section(&moved.section);
        lines.push(line(Mark::Changed, format!("key group of reader {}: {before} → {after}{section}", moved.name)));
    }
    for change in &drift.thresholds {
        let (before, after) = (number(change.before), number(change.after));
        lines
            .push(line(Mark::Changed, format!("key groups needed: {before} → {after}{}", in_section(&change.section))));
    }
}

/// What a reader of a section reads.
fn part(diff: &Diff, section: &str, size: impl Fn(&SectionSize) -> Option<usize>, many: bool) -> String {
    let found = diff.sections.iter().find(|other| other.name == section);
    let values = found.and_then(size).unwrap_or_default();
    let paths = found.map(|found| found.paths.join(", ")).filter(|paths| !paths.is_empty());
    match (section, paths) {
        (DEFAULT_NAME, _) if many => format!("{} outside of the other sections", count(values, "value")),
        (DEFAULT_NAME, _) => format!("all of it: {}", count(values, "value")),
        (name, Some(paths)) => format!("{} in section {name} ({paths})", count(values, "value")),
        (name, None) => format!("{} in section {name}", count(values, "value")),
    }
}

fn data_keys(diff: &Diff, view: &View, lines: &mut Vec<Line>) {
    lines.extend(diff.data_keys.iter().map(data_key));
    let unknown = diff.count(SnapshotKind::Value, Change::Unknown);
    if unknown > 0 {
        let how = if view.is_opened { "it was not opened" } else { "with one, --mask tells" };
        let text = format!(
            "{} sealed anew: which of them changed cannot be told without a key; {how}",
            count(unknown, "value")
        );
        lines.push(line(Mark::Unknown, text));
    }
    for key in &diff.rewrapped {
        let section = in_section(&key.section);
        lines.push(line(
            Mark::Same,
            format!("the data key was wrapped anew for {} ({}){section}", key.name, short(&key.recipient)),
        ));
    }
}

/// What became of a leaf, behind its name.
pub(super) fn of_leaf(leaf: &LeafChange, file: &FileDiff, view: &View) -> Line {
    let what = match leaf.kind {
        SnapshotKind::Comment => "comment ",
        SnapshotKind::Mark => "mark ",
        SnapshotKind::Value => "",
    };
    // The name of a mark is what it says.
    let says = |side: &Option<LeafSide>| match side {
        Some(side) if leaf.kind != SnapshotKind::Mark => match said(side, view) {
            Some(text) => format!(": {text}"),
            None if side.is_empty => ", empty".to_owned(),
            None => String::new(),
        },
        _ => String::new(),
    };
    let clear = |side: &Option<LeafSide>| match side {
        Some(side) if side.clear.is_some() && leaf.kind == SnapshotKind::Value => ", clear",
        _ => "",
    };
    let (before, after) = (&leaf.before, &leaf.after);
    let earlier = after.as_ref().and_then(|side| side.seal).and_then(|seal| file.earlier.get(&seal));
    let from = || before.as_ref().map(LeafSide::path).unwrap_or_default();
    match leaf.change {
        Change::Added => match earlier {
            Some(earlier) => line(Mark::Alarm, format!("{what}put back as in {}{}", commit(earlier), says(after))),
            None => line(Mark::New, format!("{what}added{}{}", clear(after), says(after))),
        },
        Change::Removed => line(Mark::Gone, format!("{what}removed{}{}", clear(before), says(before))),
        Change::Changed => {
            let values = match (
                before.as_ref().and_then(|side| said(side, view)),
                after.as_ref().and_then(|side| said(side, view)),
            ) {
                (Some(before), Some(after)) => format!(": {before} → {after}"),
                (None, Some(after)) => format!(", now {after}"),
                (Some(before), None) => format!(", was {before}"),
                (None, None) if after.as_ref().is_some_and(|side| side.is_empty) => ", empty now".to_owned(),
                (None, None) => String::new(),
            };
            match earlier {
                Some(earlier) => {
                    line(Mark::Alarm, format!("{what}put back to the value of {}{values}", commit(earlier)))
                }
                None => line(Mark::Changed, format!("{what}changed{}{values}", clear(after))),
            }
        }
        Change::Encrypted => line(Mark::New, format!("{what}encrypted{}", says(after))),
        Change::Published => line(Mark::Alarm, format!("{what}published: anybody can read it now")),
        Change::Moved => line(Mark::Moved, format!("{what}moved from {}", from())),
        Change::Shifted => line(Mark::Same, format!("{what}the same as {} before", from())),
        Change::Relinked => line(Mark::Same, format!("{what}the same, bound to its neighbours anew")),
        Change::Resealed => line(Mark::Same, format!("{what}the same, sealed anew")),
        Change::Unknown => line(Mark::Unknown, format!("{what}sealed anew under the new data key")),
        Change::Renewed => {
            line(Mark::Unknown, format!("{what}perhaps changed: sealed anew, as what is clear around it changed"))
        }
    }
}

/// Whether a leaf is told of.
pub(super) fn is_told(leaf: &LeafChange, file: &FileDiff, view: &View) -> bool {
    let is_said_of_all = match leaf.change {
        Change::Encrypted => matches!(file.fate, Fate::Encrypted(_)),
        Change::Published => matches!(file.fate, Fate::Decrypted(_)),
        Change::Removed => file.new.is_none(),
        Change::Unknown => true,
        change => !change.is_of_value(),
    };
    view.verbose || !is_said_of_all
}

/// What is not told of, as `2 re-linked`.
pub(super) fn hidden(diff: &Diff, file: &FileDiff, view: &View) -> Vec<String> {
    let count = |change| diff.leaves.iter().filter(|leaf| leaf.change == change && !is_told(leaf, file, view)).count();
    let names = [
        (Change::Relinked, "bound to new neighbours"),
        (Change::Shifted, "at another index"),
        (Change::Resealed, "sealed anew with the same value"),
    ];
    names
        .into_iter()
        .filter(|(change, _)| count(*change) > 0)
        .map(|(change, name)| format!("{} {name}", count(change)))
        .collect()
}

/// What a leaf says, as far as it may be shown.
fn said(side: &LeafSide, view: &View) -> Option<String> {
    let (text, most) = match (&side.clear, &side.secret) {
        (Some(clear), _) => (clear, if view.verbose { usize::MAX } else { MOST_TEXT }),
        (None, Some(secret)) if view.show => (secret, usize::MAX),
        _ => return None,
    };
    let text: &str = text;
    let shown = if side.is_string { serde_json::Value::from(text).to_string() } else { text.to_owned() };
    Some(shortened(&shown, most))
}

/// A commit, as `3f2a91c (2026-01-02, Ann)`.
fn commit(earlier: &Earlier) -> String {
    format!("{} ({}, {})", earlier.commit.id.short(), date(earlier), earlier.commit.author)
}

/// The day of a commit.
pub(super) fn date(earlier: &Earlier) -> String {
    Time::of_unix(earlier.commit.time).to_string().chars().take(10).collect()
}

/// Where the value of a leaf was put back from.
pub(super) fn earlier<'f>(file: &'f FileDiff, leaf: &LeafChange) -> Option<&'f Earlier> {
    let seal: SealDigest = leaf.after.as_ref()?.seal?;
    file.earlier.get(&seal)
}
