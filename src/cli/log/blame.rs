//! For each value of a file the commit that changed it last, for people.

use sops_rs::file::timeline::ValueAge;

use super::Told;
use super::text::day;
use crate::cli::clock::ago;
use crate::cli::git::Commit;
use crate::cli::terminal::escape;

/// One row for each value: commit, author, day, how long ago, path.
pub(super) fn text(told: &Told, now: u64) -> String {
    let mut text = String::new();
    for (number, file) in told.timelines.files.iter().enumerate() {
        if told.paths.len() > 1 {
            let gap = if number > 0 { "\n" } else { "" };
            text.push_str(&format!("{gap}{}\n", escape(&told.paths[number])));
        }
        let values = file.timeline.values.iter();
        let values = values.filter(|value| told.values.as_ref().is_none_or(|told| told.contains(&value.value)));
        let rows: Vec<_> = values.map(|value| row(told, number, value, now)).collect();
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
        let widths = [width(0), width(1), width(2), width(3)];
        for row in &rows {
            for (cell, width) in row.iter().zip(widths) {
                text.push_str(&format!("{cell:width$}  "));
            }
            text.push_str(&row[4]);
            text.push('\n');
        }
    }
    text
}

fn row(told: &Told, file: usize, value: &ValueAge, now: u64) -> [String; 5] {
    let mut path = escape(&value.path);
    if !value.is_sealed {
        path.push_str("  (clear)");
    }
    if value.sealed > value.changed {
        let when = told.commit(file, value.sealed);
        let when =
            when.map_or_else(|| "since".to_owned(), |commit| format!("in {}, {}", commit.id.short(), day(commit)));
        path.push_str(&format!("  (sealed anew {when}: perhaps changed then)"));
    }
    match told.commit(file, value.changed) {
        Some(commit @ Commit { id, author, time, .. }) => {
            [id.short(), escape(author), day(commit), ago(*time, now), path]
        }
        None => ["not committed".to_owned(), String::new(), String::new(), String::new(), path],
    }
}
