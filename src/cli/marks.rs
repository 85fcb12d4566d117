//! How changes are told to people: signs, colors, and the words for readers, data keys and dialects. Nothing here is escaped.

use sops_rs::config::Dialect;
use sops_rs::dialect::native::DEFAULT_NAME;
use sops_rs::file::Access;
use sops_rs::file::any::fingerprint;
use sops_rs::file::diff::{Change, NewDataKey};

use super::io;

/// What sort of line it is: its sign and color.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Must not be overlooked.
    Alarm,
    /// Another one than before.
    Changed,
    /// Not there any more.
    Gone,
    /// Elsewhere.
    Moved,
    /// Not there before.
    New,
    /// Of no consequence.
    Same,
    /// Nobody can tell without a key.
    Unknown,
}

/// One line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// What sort it is.
    pub(crate) mark: Mark,
    /// What it says.
    pub(crate) text: String,
}

/// Colors, or none.
#[derive(Clone, Copy)]
pub(crate) struct Paint {
    is_colored: bool,
}

impl Mark {
    /// The sign before the line.
    pub(crate) fn sign(self) -> char {
        match self {
            Self::Alarm => '!',
            Self::Changed => '~',
            Self::Gone => '-',
            Self::Moved => '>',
            Self::New => '+',
            Self::Same => '=',
            Self::Unknown => '?',
        }
    }
}

/// A line.
pub(crate) fn line(mark: Mark, text: impl Into<String>) -> Line {
    Line { mark, text: text.into() }
}

impl Paint {
    /// What standard output may show.
    pub(crate) fn for_stdout() -> Self {
        Self { is_colored: io::is_colored_stdout() }
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.is_colored && !text.is_empty() { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// For headings.
    pub(crate) fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    /// For what is of no consequence.
    pub(crate) fn dim(self, text: &str) -> String {
        self.with("2", text)
    }

    /// In the color of a mark.
    pub(crate) fn marked(self, mark: Mark, text: &str) -> String {
        match mark {
            Mark::Alarm => self.with("1;31", text),
            Mark::Changed => self.with("33", text),
            Mark::Gone => self.with("31", text),
            Mark::Moved => self.with("36", text),
            Mark::New => self.with("32", text),
            Mark::Same => self.dim(text),
            Mark::Unknown => self.with("35", text),
        }
    }
}

/// The name of a change for machines.
pub(crate) fn change_name(change: Change) -> &'static str {
    match change {
        Change::Added => "added",
        Change::Changed => "changed",
        Change::Encrypted => "encrypted",
        Change::Moved => "moved",
        Change::Published => "published",
        Change::Relinked => "relinked",
        Change::Removed => "removed",
        Change::Renewed => "renewed",
        Change::Resealed => "resealed",
        Change::Shifted => "shifted",
        Change::Unknown => "unknown",
    }
}

/// A reader, as `bob (age1…, key group 2)`.
pub(crate) fn reader(access: &Access) -> String {
    let group = access.group.map_or_else(String::new, |group| format!(", key group {group}"));
    format!("{} ({}{group})", access.name, short(&access.recipient))
}

/// A key, as `age1qxyz78…` and its end, or for ssh keys their kind and end: all of a kind begin alike. Of RSA keys anybody can
/// make one with any end, and long keys have parts that are free to choose: they are told by their digest.
pub(crate) fn short(recipient: &str) -> String {
    const ENDS: usize = 12;
    const MOST_TELLING: usize = 100;
    // The comment of an ssh key is no part of it.
    let key = recipient.splitn(3, ' ').take(2).collect::<Vec<_>>().join(" ");
    let len = key.chars().count();
    if len <= 3 * ENDS {
        return key;
    }
    let start: String = key.chars().take(ENDS).collect();
    if len > MOST_TELLING {
        return format!("{start}…{}", fingerprint(key.as_bytes()));
    }
    let end: String = key.chars().skip(len - ENDS).collect();
    format!("{start}…{end}")
}

/// `text` of up to `most` characters.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Where it is not the section that every file has: ` in section NAME`.
pub(crate) fn in_section(name: &str) -> String {
    if name == DEFAULT_NAME { String::new() } else { format!(" in section {name}") }
}

/// A new data key, and what is known of where it came from.
pub(crate) fn data_key(key: &NewDataKey) -> Line {
    let (mark, origin) = match (key.proven, key.follows) {
        (Some(true), _) => (Mark::Changed, ", made by somebody who had the one before"),
        (Some(false), _) => (Mark::Alarm, ", NOT made by somebody who had the one before: the file was replaced"),
        // Only who had that can verify it.
        (None, Some(true)) => (Mark::Changed, ", said to follow the one before"),
        (None, Some(false)) => (Mark::Alarm, ", and nothing says that who made it had the one before"),
        (None, None) => (Mark::Changed, ": no token stayed"),
    };
    line(mark, format!("new data key{}{origin}", in_section(&key.section)))
}

/// A dialect, behind "the".
pub(crate) fn dialect(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Native => "native dialect",
        Dialect::Sops => "dialect of SOPS",
    }
}
