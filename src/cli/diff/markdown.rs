//! Differences for a comment in a pull request.
//!
//! Names of files, keys and readers, and clear values are written by whoever opened the pull request: each stands in `<code>`,
//! where nobody is mentioned and nothing is linked, with every sign that Markdown or HTML could obey as a number.

use sops_rs::file::any::SnapshotKind;
use sops_rs::file::diff::LeafSide;

use super::compare::{Fate, FileDiff};
use super::words::{self, View};
use crate::cli::marks::{Mark, shortened};
use crate::cli::report::count;
use crate::cli::terminal::escape;

/// GitHub takes comments of up to 65,536 characters, and others fewer bytes than that.
const MOST_BYTES: usize = 60_000;
/// So much of one text is shown, in characters.
const MOST_TEXT: usize = 120;
/// So many leaves of a file are shown.
const MOST_LEAVES: usize = 100;
/// By this a later comment finds the one it replaces.
const MARKER: &str = "<!-- sops-rs diff -->";

/// All files, as long as they fit.
pub(super) fn of(files: &[FileDiff], view: &View) -> String {
    let heading = match files.len() {
        0 => "No encrypted file changed".to_owned(),
        n => format!("{} changed", count(n, "encrypted file")),
    };
    let mut text = format!("{MARKER}\n### {heading}\n");
    for (number, file) in files.iter().enumerate() {
        let part = of_file(file, view);
        if text.len() + part.len() > MOST_BYTES {
            let more = count(files.len() - number, "more file");
            text.push_str(&format!("\n… and {more}: `sops-rs diff` shows all.\n"));
            break;
        }
        text.push_str(&part);
    }
    let how = if view.is_opened {
        "Both versions were decrypted and verified."
    } else {
        "Told without a key, so nothing is verified."
    };
    if !files.is_empty() {
        text.push_str(&format!("\n<sub>{how}</sub>\n"));
    }
    text
}

fn of_file(file: &FileDiff, view: &View) -> String {
    let parts = [words::status(file).unwrap_or_default(), words::summary(file)];
    let what = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ");
    let is_alarm = matches!(file.fate, Fate::Decrypted(_) | Fate::Unreadable(..));
    let (open, sign) = if is_alarm { (" open", "❗ ") } else { ("", "") };
    let mut text = format!("\n<details{open}><summary>{sign}{} {}</summary>\n\n", code(file.path()), plain(&what));
    for line in words::lines(file, view) {
        text.push_str(&format!("- {}{}\n", emoji(line.mark), plain(&line.text)));
    }
    let leaves = file.diff().map(|diff| &diff.leaves[..]).unwrap_or_default();
    let told: Vec<_> = leaves.iter().filter(|leaf| words::is_told(leaf, file, view)).collect();
    if !told.is_empty() {
        text.push_str("\n| | path | |\n| --- | --- | --- |\n");
    }
    for leaf in told.iter().take(MOST_LEAVES) {
        let line = words::of_leaf(leaf, file, view);
        let path = leaf.after.as_ref().or(leaf.before.as_ref()).map(LeafSide::path).unwrap_or_default();
        let sign = if leaf.kind == SnapshotKind::Comment { " #" } else { "" };
        text.push_str(&format!(
            "| {}| {} | {} |\n",
            emoji(line.mark),
            code(&format!("{path}{sign}")),
            plain(&line.text)
        ));
    }
    if told.len() > MOST_LEAVES {
        text.push_str(&format!("\n… and {} more.\n", told.len() - MOST_LEAVES));
    }
    text.push_str("\n</details>\n");
    text
}

fn emoji(mark: Mark) -> &'static str {
    match mark {
        Mark::Alarm => "❗ ",
        Mark::Changed => "✏️ ",
        Mark::Gone => "➖ ",
        Mark::Moved => "↪️ ",
        Mark::New => "➕ ",
        Mark::Same => "",
        Mark::Unknown => "❔ ",
    }
}

/// Foreign text as code.
fn code(text: &str) -> String {
    format!("<code>{}</code>", harmless(text))
}

/// Our words with foreign ones among them: what is between backticks is code, and elsewhere nobody is mentioned and nothing is
/// linked, since a sign of no width stands in the way.
fn plain(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    let is_code = |number: usize| number % 2 == 1 && number + 1 < parts.len();
    let part = |(number, part): (usize, &&str)| if is_code(number) { code(part) } else { unlinked(part) };
    parts.iter().enumerate().map(part).collect()
}

fn unlinked(text: &str) -> String {
    let text = harmless(text);
    text.replace("&#64;", "&#64;&#8203;").replace("&#58;&#47;", "&#58;&#8203;&#47;").replace("www", "www&#8203;")
}

/// `text` with every sign as a number that Markdown or HTML could obey, and shortened.
fn harmless(text: &str) -> String {
    let mut harmless = String::new();
    for c in shortened(&escape(text), MOST_TEXT).chars() {
        let is_plain = c.is_alphanumeric() || c == ' ' || matches!(c, ',' | '→' | '…') || !c.is_ascii();
        if is_plain { harmless.push(c) } else { harmless.push_str(&format!("&#{};", u32::from(c))) }
    }
    harmless
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_name_is_obeyed() {
        for text in ["</code><img src=x>", "`a` | **b** [c](d) @user #12 https://x.y", "a\n# b\u{202e}"] {
            let shown = code(text);
            let inner = shown.strip_prefix("<code>").and_then(|rest| rest.strip_suffix("</code>")).expect("in code");
            let rest: String =
                inner.split("&#").map(|part| part.split_once(';').map_or(part, |(_, rest)| rest)).collect();
            assert!(!rest.contains(|c: char| c.is_ascii_punctuation() && c != ',' || c.is_control()), "{shown}");
        }
        assert_eq!(plain("@user"), "&#64;&#8203;user");
        assert_eq!(plain("a `@b` c`"), "a <code>&#64;b</code> c");
        assert_eq!(harmless(&"x".repeat(500)).chars().count(), MOST_TEXT + 1);
    }
}
