//! Conflict markers: reading what git leaves in a file that it could not merge, and writing the same.
//!
//! Git writes `<<<<<<<`, `=======` and `>>>>>>>` around what each side has, with `|||||||` and what both began with between
//! in the styles `diff3` and `zdiff3`. A base that was merged itself may hold conflicts with longer markers: only
//! markers as long as the first one count, everything else is content.

use zeroize::Zeroizing;

use crate::error::{Error, Position};

/// Markers have at least so many characters; so many they have if nothing says otherwise.
pub const MARKER_LEN: usize = 7;

/// What markers are made of.
const SIGNS: [char; 4] = ['<', '|', '=', '>'];

/// A text with conflicts. It may be plaintext, and is wiped.
pub struct Conflicted {
    /// Of our and their side, from the first conflict.
    labels: [String; 2],
    parts: Vec<Part>,
}

enum Part {
    /// What both sides have.
    Common(Zeroizing<String>),
    Conflict(Hunk),
}

#[derive(Default)]
struct Hunk {
    ours: Zeroizing<String>,
    /// Only in the styles that have it.
    base: Option<Zeroizing<String>>,
    theirs: Zeroizing<String>,
}

/// Where the first line is that looks like a conflict marker, but for `=======`, which other texts have too.
#[must_use]
pub fn marker(bytes: &[u8]) -> Option<Position> {
    // One search is cheaper than to look at each line, and most files have no such line.
    let text = std::str::from_utf8(bytes).ok()?;
    let may_have = |mark: &str| text.starts_with(mark) || text.contains(&format!("\n{mark}"));
    if !["<<<<<<<", ">>>>>>>", "|||||||"].into_iter().any(may_have) {
        return None;
    }
    let is_marker = |line: &str| ['<', '|', '>'].into_iter().any(|sign| marker_len(line, sign).is_some());
    let line = text.lines().position(is_marker)?;
    Some(Position { line: line + 1, column: 1 })
}

/// The length of markers that cannot be confused with anything in these texts.
#[must_use]
pub fn free_marker_len(texts: &[&str]) -> usize {
    let lens = texts.iter().flat_map(|text| text.lines()).map(|line| {
        let sign = line.chars().next().filter(|sign| SIGNS.contains(sign));
        sign.map_or(0, |sign| line.len() - line.trim_start_matches(sign).len())
    });
    lens.max().map_or(MARKER_LEN, |len| MARKER_LEN.max(len + 1))
}

/// Where the first marker of exactly this length is.
#[must_use]
pub fn marker_of_len(text: &str, len: usize) -> Option<Position> {
    let is_marker = |line: &str| SIGNS.into_iter().any(|sign| marker_len(line, sign) == Some(len));
    text.lines().position(is_marker).map(|line| Position { line: line + 1, column: 1 })
}

/// What is wrong with the encrypted file `bytes`, of which `error` says what followed from it: markers, if it has some.
pub(super) fn explain(bytes: &[u8], error: Error) -> Error {
    let follows = match &error {
        Error::Authentication { .. }
        | Error::DuplicateId { .. }
        | Error::DuplicateKey { .. }
        | Error::LeafNotSealed { .. }
        | Error::Metadata { .. }
        | Error::Syntax { .. }
        | Error::Token { .. } => true,
        Error::NotEncrypted => has_token(bytes),
        Error::Sops(_) => !error.is_locked(),
        _ => false,
    };
    match marker(bytes) {
        Some(at) if follows => Error::ConflictMarkers { at },
        _ => error,
    }
}

fn has_token(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| text.contains("ENC["))
}

impl Conflicted {
    /// Reads a text; none when there is no conflict in it.
    ///
    /// # Errors
    /// [`Error::ConflictMarkers`] at a marker without the others of its conflict.
    pub fn read(text: &str) -> Result<Option<Self>, Error> {
        let Some(len) = text.lines().find_map(|line| marker_len(line, '<')) else {
            return marker(text.as_bytes()).map_or(Ok(None), |at| Err(Error::ConflictMarkers { at }));
        };
        let mut parts = vec![Part::Common(Zeroizing::default())];
        let mut open = None;
        let mut labels = [None, None];
        let label = |line: &str| Some(line.trim_start_matches(SIGNS).trim().to_owned());
        for (line, number) in text.split_inclusive('\n').zip(1..) {
            let at = Position { line: number, column: 1 };
            let misplaced = || Error::ConflictMarkers { at };
            let is = |sign| marker_len(line, sign) == Some(len);
            match &mut open {
                None if is('<') => {
                    labels[0] = labels[0].take().or_else(|| label(line));
                    open = Some((Hunk::default(), Section::Ours, at));
                }
                None if is('|') || is('>') => return Err(misplaced()),
                None => match parts.last_mut() {
                    Some(Part::Common(common)) => common.push_str(line),
                    _ => parts.push(Part::Common(Zeroizing::new(line.to_owned()))),
                },
                Some((hunk, section, _)) => match section {
                    _ if is('<') => return Err(misplaced()),
                    Section::Ours if is('|') => {
                        hunk.base = Some(Zeroizing::default());
                        *section = Section::Base;
                    }
                    Section::Ours | Section::Base if is('=') => *section = Section::Theirs,
                    Section::Theirs if is('>') => {
                        labels[1] = labels[1].take().or_else(|| label(line));
                        parts.push(Part::Conflict(std::mem::take(hunk)));
                        open = None;
                    }
                    _ if is('|') || is('>') => return Err(misplaced()),
                    Section::Ours => hunk.ours.push_str(line),
                    Section::Base => hunk.base.get_or_insert_default().push_str(line),
                    Section::Theirs => hunk.theirs.push_str(line),
                },
            }
        }
        match open {
            Some((_, _, at)) => Err(Error::ConflictMarkers { at }),
            None => Ok(Some(Self { labels: labels.map(Option::unwrap_or_default), parts })),
        }
    }

    /// How many conflicts there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.parts.iter().filter(|part| matches!(part, Part::Conflict(_))).count()
    }

    /// What the markers of the first conflict call our side and theirs.
    #[must_use]
    pub fn labels(&self) -> [&str; 2] {
        self.labels.each_ref().map(String::as_str)
    }

    /// The text with our side of each conflict.
    #[must_use]
    pub fn ours(&self) -> Zeroizing<String> {
        self.with(|out, hunk| out.push_str(&hunk.ours))
    }

    /// The text with their side of each conflict.
    #[must_use]
    pub fn theirs(&self) -> Zeroizing<String> {
        self.with(|out, hunk| out.push_str(&hunk.theirs))
    }

    /// The text with both sides of each conflict, ours first; lines that both have stand there once.
    #[must_use]
    pub fn union(&self) -> Zeroizing<String> {
        self.with(|out, hunk| {
            out.push_str(&hunk.ours);
            let ours: Vec<&str> = hunk.ours.lines().collect();
            hunk.theirs
                .split_inclusive('\n')
                .filter(|line| !ours.contains(&line.trim_end_matches(['\r', '\n'])))
                .for_each(|line| out.push_str(line));
        })
    }

    /// The text without the conflicts: what both sides have.
    #[must_use]
    pub fn common(&self) -> Zeroizing<String> {
        self.with(|_, _| ())
    }

    /// The text with what both sides of each conflict began with; none when that is not said everywhere. In the style
    /// `zdiff3` it is not exactly the text that it was: lines that both sides have stand outside of the conflict, and here,
    /// too.
    #[must_use]
    pub fn base(&self) -> Option<Zeroizing<String>> {
        let is_said = |part: &Part| !matches!(part, Part::Conflict(Hunk { base: None, .. }));
        let base = |out: &mut String, hunk: &Hunk| out.push_str(hunk.base.as_deref().map_or("", String::as_str));
        self.parts.iter().all(is_said).then(|| self.with(base))
    }

    fn with(&self, side: impl Fn(&mut String, &Hunk)) -> Zeroizing<String> {
        let len = |part: &Part| match part {
            Part::Common(text) => text.len(),
            Part::Conflict(Hunk { ours, base, theirs }) => {
                ours.len() + theirs.len() + base.as_ref().map_or(0, |base| base.len())
            }
        };
        // So that it does not grow, and leave copies behind.
        let mut out = Zeroizing::new(String::with_capacity(self.parts.iter().map(len).sum()));
        for part in &self.parts {
            match part {
                Part::Common(text) => out.push_str(text),
                Part::Conflict(hunk) => side(&mut out, hunk),
            }
        }
        out
    }
}

enum Section {
    Ours,
    Base,
    Theirs,
}

/// How long the marker is that `line` is: so many of one sign, and then nothing or a blank and a label.
fn marker_len(line: &str, sign: char) -> Option<usize> {
    let rest = line.trim_start_matches(sign);
    let len = line.len() - rest.len();
    let ends = match sign {
        '=' => matches!(rest, "" | "\n" | "\r\n"),
        _ => matches!(rest, "" | "\n" | "\r\n") || rest.starts_with(' '),
    };
    (len >= MARKER_LEN && ends).then_some(len)
}

#[cfg(test)]
mod tests;
