//! Differences for people at a terminal.

use sops_rs::file::any::SnapshotKind;
use sops_rs::file::diff::{Change, LeafChange, LeafSide};

use super::compare::{Fate, FileDiff};
use super::tree::Node;
use super::words::{self, View};
use crate::cli::marks::{Line, Mark, Paint};
use crate::cli::report::count;
use crate::cli::terminal::escape;

/// What is behind a name is not aligned further to the right than this.
const WIDEST: usize = 44;

/// All files, one below the other.
pub(super) fn of(files: &[FileDiff], view: &View, paint: Paint) -> String {
    let texts: Vec<_> = files.iter().map(|file| of_file(file, view, paint)).collect();
    let mut text = texts.join("\n");
    if files.len() > 1 {
        text.push_str(&format!("\n{}\n", paint.dim(&total(files))));
    }
    text
}

/// One line for each file.
pub(super) fn stat(files: &[FileDiff], paint: Paint) -> String {
    let width = files.iter().map(|file| escape(file.path()).chars().count()).max().unwrap_or_default().min(WIDEST);
    let line = |file: &FileDiff| {
        let path = escape(file.path());
        let fill = " ".repeat(width.saturating_sub(path.chars().count()));
        format!("{}{fill}  {}\n", paint.bold(&path), escape(&what(file)))
    };
    let mut text: String = files.iter().map(line).collect();
    if files.len() > 1 {
        text.push_str(&format!("{}\n", paint.dim(&total(files))));
    }
    text
}

fn of_file(file: &FileDiff, view: &View, paint: Paint) -> String {
    let what = what(file);
    let dash = if what.is_empty() { "" } else { "  " };
    let what = match file.fate {
        Fate::Decrypted(_) | Fate::Unreadable(..) => paint.marked(Mark::Alarm, &escape(&what)),
        _ => paint.dim(&escape(&what)),
    };
    let mut text = format!("{}{dash}{what}\n", paint.bold(&escape(file.path())));
    for Line { mark, text: words } in words::lines(file, view) {
        text.push_str(&format!(
            "  {} {}\n",
            paint.marked(mark, &mark.sign().to_string()),
            in_color(mark, &escape(&words), paint)
        ));
    }
    let Some(diff) = file.diff() else { return text };
    // Of a file that came or went all values did.
    let mut root = Node::root();
    for leaf in diff.leaves.iter().filter(|leaf| words::is_told(leaf, file, view)) {
        let steps = leaf.after.as_ref().or(leaf.before.as_ref()).map(|side| steps(leaf, side)).unwrap_or_default();
        root.add(&steps, words::of_leaf(leaf, file, view));
    }
    root.join();
    let lines = root.draw();
    let width = |line: &super::tree::Drawn<'_, Line>| line.branches.chars().count() + 2 + line.label.chars().count();
    let widest = lines
        .iter()
        .filter(|line| line.row.is_some())
        .map(width)
        .filter(|&width| width <= WIDEST)
        .max()
        .unwrap_or_default();
    for line in &lines {
        let branches = paint.dim(&line.branches);
        match line.row {
            None => text.push_str(&format!("  {branches}{}\n", line.label)),
            Some(Line { mark, text: words }) => {
                let fill = " ".repeat(widest.saturating_sub(width(line)) + 2);
                let sign = paint.marked(*mark, &mark.sign().to_string());
                let label = paint.marked(*mark, line.label);
                text.push_str(&format!("  {branches}{sign} {label}{fill}{}\n", in_color(*mark, &escape(words), paint)));
            }
        }
    }
    let hidden = words::hidden(diff, file, view);
    if !hidden.is_empty() {
        text.push_str(&format!(
            "  {}\n",
            paint.dim(&format!("the same: {} (--verbose shows them)", hidden.join(", ")))
        ));
    }
    text
}

/// What must not be overlooked is in color, and what is of no consequence is dim.
fn in_color(mark: Mark, text: &str, paint: Paint) -> String {
    match mark {
        Mark::Alarm | Mark::Same => paint.marked(mark, text),
        _ => text.to_owned(),
    }
}

/// The steps to a leaf in the tree; the steps of the library are escaped.
fn steps(leaf: &LeafChange, side: &LeafSide) -> Vec<String> {
    let mut steps: Vec<String> = side.steps.iter().map(|step| escape(step)).collect();
    if leaf.change == Change::Removed {
        // The item of this number may be another one now.
        steps.iter_mut().filter(|step| step.starts_with('[')).for_each(|step| step.push_str(" before"));
    }
    match leaf.kind {
        SnapshotKind::Value => {}
        SnapshotKind::Comment => steps.push(format!("# (line {})", side.line)),
        SnapshotKind::Mark => steps.push(escape(side.clear.as_ref().map_or("&", |text| text.as_str()))),
    }
    steps
}

fn what(file: &FileDiff) -> String {
    let parts = [words::status(file).unwrap_or_default(), words::summary(file)];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ")
}

fn total(files: &[FileDiff]) -> String {
    let with = |is: &dyn Fn(&FileDiff) -> bool| files.iter().filter(|file| is(file)).count();
    let readers =
        with(&|file| file.diff().is_some_and(|diff| !(diff.drift.gained.is_empty() && diff.drift.lost.is_empty())));
    let alarms = with(&|file| matches!(file.fate, Fate::Decrypted(_) | Fate::Unreadable(..)));
    let mut text = count(files.len(), "file");
    if readers > 0 {
        text.push_str(&format!(", {readers} with other readers"));
    }
    if alarms > 0 {
        text.push_str(&format!(", {alarms} decrypted or unreadable"));
    }
    text
}
