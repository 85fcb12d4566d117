//! Our lines in a file of somebody else's, between two marks: they can be renewed and taken away, and all else stays as it is.

use std::ops::Range;

use crate::cli::exit_code;
use crate::cli::report::Failure;

const BEGIN: &str = "# sops-rs begin";
const END: &str = "# sops-rs end";

/// Where new lines go in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Behind its first line when that names an interpreter, else at the start.
    BehindShebang,
    /// At the end.
    End,
}

/// `text`, of the file `shown`, with `lines` as ours: in the place of those that are there, or at `place`.
///
/// # Errors
/// When the second of the marks is missing.
pub(super) fn with(text: &str, shown: &str, lines: &[String], place: Place) -> Result<String, Failure> {
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut block = format!("{BEGIN} (`sops-rs git install` keeps these lines up to date){newline}");
    lines.iter().for_each(|line| block.extend([line, newline]));
    block.push_str(END);
    if let Some(range) = find(text, shown)? {
        return Ok([&text[..range.start], &block, &text[range.end..]].concat());
    }
    let at = match place {
        Place::End => text.len(),
        Place::BehindShebang if !text.starts_with("#!") => 0,
        Place::BehindShebang => text.find('\n').map_or(text.len(), |end| end + 1),
    };
    let (before, behind) = text.split_at(at);
    // Where the file has no line break at its end, it has none behind our lines either: so `without` can tell.
    let is_open = !before.is_empty() && !before.ends_with('\n');
    let (first, last) = if is_open { (newline, "") } else { ("", newline) };
    Ok([before, first, &block, last, behind].concat())
}

/// `text` as it was without our lines; none when there are none.
///
/// # Errors
/// When the second of the marks is missing.
pub(super) fn without(text: &str, shown: &str) -> Result<Option<String>, Failure> {
    let Some(Range { start, end }) = find(text, shown)? else { return Ok(None) };
    let (before, behind) = (&text[..start], &text[end..]);
    let behind = behind.strip_prefix("\r\n").or_else(|| behind.strip_prefix('\n'));
    Ok(Some(match behind {
        Some(behind) => [before, behind].concat(),
        None => before.strip_suffix("\r\n").or_else(|| before.strip_suffix('\n')).unwrap_or(before).to_owned(),
    }))
}

/// Our lines with both marks, without the line break behind them.
fn find(text: &str, shown: &str) -> Result<Option<Range<usize>>, Failure> {
    let mut start = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        match start {
            None if line.starts_with(BEGIN) => start = Some(at),
            Some(start) if line.starts_with(END) => return Ok(Some(start..at + line.trim_end().len())),
            _ => {}
        }
        at += line.len();
    }
    match start {
        None => Ok(None),
        Some(_) => {
            let what = format!("there is a line `{BEGIN}`, but no `{END}`");
            Err(Failure::about(exit_code::GENERIC, shown, what).hint("take these lines out, and run it again"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn what_was_added_can_be_taken_away() {
        for place in [Place::End, Place::BehindShebang] {
            for text in ["", "a\n", "a", "a\r\nb\r\n", "a\r\nb", "#!/bin/sh", "#!/bin/sh\nx\n", "\n\n"] {
                let first = with(text, "x", &lines(&["1", "2"]), place).expect("no marks");
                assert!(first.lines().any(|line| line == "2") && first.contains(END), "{first}");
                assert_eq!(with(&first, "x", &lines(&["1", "2"]), place).expect("both marks"), first);
                let second = with(&first, "x", &lines(&["3"]), place).expect("both marks");
                assert!(second.lines().any(|line| line == "3") && !second.lines().any(|line| line == "2"), "{second}");
                assert_eq!(without(&second, "x").expect("both marks").as_deref(), Some(text), "{second:?}");
                assert_eq!(without(text, "x").expect("no marks"), None);
                assert_eq!(text.contains("\r\n"), second.contains("\r\n"));
            }
        }
    }

    #[test]
    fn ours_come_behind_an_interpreter_and_among_the_user_s_lines_stay_there() {
        let made = with("#!/bin/sh\nx\n", "x", &lines(&["1"]), Place::BehindShebang).expect("no marks");
        assert!(made.starts_with("#!/bin/sh\n# sops-rs begin ") && made.ends_with("\n# sops-rs end\nx\n"), "{made}");
        let moved = format!("{made}y\n");
        assert!(with(&moved, "x", &lines(&["2"]), Place::End).expect("both marks").ends_with("# sops-rs end\nx\ny\n"));
        let message = with("# sops-rs begin\nx\n", "f", &[], Place::End).expect_err("one mark");
        assert_eq!(message.message(), "`f`: there is a line `# sops-rs begin`, but no `# sops-rs end`");
    }
}
