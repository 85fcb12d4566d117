//! The merge driver, judged from outside: by the merge of the plaintexts, and by an oracle of our own.

use std::collections::HashSet;

use sops_rs::Error;
use sops_rs::file::merge::{self, Labels, Merged, Sides};

use crate::oracle;
use crate::person::Person;

/// What the driver made of a pair.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// A conflict whose text does not hold two encrypted files.
    BadConflict(String),
    /// The plaintext merges, and so it did, to the same bytes.
    Clean,
    /// Git has a conflict in the plaintext, and so has the driver: both sides did different things to one value.
    Conflict,
    /// The plaintext merges, and the driver made something else.
    Differs,
    /// The plaintext has a conflict, or merges into something broken; the driver merged it.
    Gained,
    /// As [`Verdict::Conflict`], but no value with a path of its own was changed by both sides.
    Left,
    /// The plaintext merges, the driver has a conflict.
    Needless,
    /// The merge of the plaintexts is not one by values, and the driver has one that is.
    Righted,
    /// An error.
    Refused(Error),
    /// What the driver made is no merge.
    Wrong(String),
}

impl Verdict {
    pub(crate) fn is_failure(&self) -> bool {
        matches!(self, Self::BadConflict(_) | Self::Differs | Self::Refused(_) | Self::Wrong(_))
    }

    /// Its name, for counting.
    pub(crate) fn name(&self) -> String {
        let text = format!("{self:?}");
        text.split('(').next().unwrap_or_default().to_owned()
    }

    /// Whether it is a needless conflict; none when the plaintext has one itself.
    pub(crate) fn needless(&self) -> Option<bool> {
        match self {
            Self::Clean | Self::Differs | Self::Righted => Some(false),
            Self::Needless => Some(true),
            _ => None,
        }
    }
}

/// Three texts: base, ours, theirs.
pub(crate) type Three<'t> = [&'t str; 3];

const LABELS: Labels<'static> = Labels { ours: "ours", base: "base", theirs: "theirs", marker_size: 7 };

pub(crate) fn merge(person: &Person, texts: Three<'_>) -> Result<Merged, Error> {
    person.rekeying(600, |rekeying| merge::merge(&sides(texts), person.format, &LABELS, rekeying))
}

pub(crate) fn merge_without_key(person: &Person, texts: Three<'_>) -> Result<Merged, Error> {
    merge::merge_without_key(&sides(texts), person.format, &LABELS)
}

fn sides([base, ours, theirs]: Three<'_>) -> Sides<'_> {
    Sides { base: Some(base.as_bytes()), ours: ours.as_bytes(), theirs: theirs.as_bytes() }
}

/// Merges `sealed` and judges the result by the plaintexts and by what git made of these, if it is a file. Tells also how many
/// seals are in a clean merge that neither side has, and which conflicts are in another one.
pub(crate) fn judge(
    person: &Person,
    plain: Three<'_>,
    sealed: Three<'_>,
    git: Option<&str>,
) -> (Verdict, usize, String) {
    match merge(person, sealed) {
        Err(error) => (Verdict::Refused(error), 0, String::new()),
        Ok(Merged::Conflict { text, conflicts }) => {
            (judge_conflict(person, plain, text, git), 0, format!("{conflicts:?}"))
        }
        Ok(Merged::Clean(text)) => {
            let text = String::from_utf8(text).expect("text");
            (judge_clean(person, plain, &text, git), new_seals([sealed[1], sealed[2]], &text), String::new())
        }
    }
}

fn judge_conflict(person: &Person, plain: Three<'_>, text: Vec<u8>, git: Option<&str>) -> Verdict {
    let sides = String::from_utf8(text).ok().and_then(|text| cut(&text));
    let Some(sides) = sides else { return Verdict::BadConflict("no markers".into()) };
    for side in sides {
        if let Err(error) = person.decrypt(&side) {
            return Verdict::BadConflict(format!("{error:?}"));
        }
    }
    match git {
        Some(_) => Verdict::Needless,
        None if oracle::has_conflict(person.format, plain) => Verdict::Conflict,
        None => Verdict::Left,
    }
}

fn judge_clean(person: &Person, plain: Three<'_>, merged: &str, git: Option<&str>) -> Verdict {
    let format = person.format;
    let opened = match person.decrypt(merged) {
        Err(error) => return Verdict::Wrong(format!("{error:?}")),
        Ok(opened) => opened,
    };
    match (git, oracle::fault(format, plain, &opened)) {
        (Some(git), _) if git == opened => Verdict::Clean,
        (_, Some(fault)) => Verdict::Wrong(format!("{fault}\n{opened}")),
        (Some(git), None) if oracle::fault(format, plain, git).is_none() => Verdict::Differs,
        (Some(_), None) => Verdict::Righted,
        (None, None) => Verdict::Gained,
    }
}

/// The two sides of a text with conflict markers; none when there are no markers, or not in their order.
pub(crate) fn cut(text: &str) -> Option<[String; 2]> {
    let mut sides = [String::new(), String::new()];
    // In which part we are: of both sides, or of ours, the base, theirs.
    let mut part = 0;
    let mut markers = 0;
    for line in text.split_inclusive('\n') {
        let marker = ["<<<<<<<", "|||||||", "=======", ">>>>>>>"].iter().position(|marker| line.starts_with(marker));
        match (part, marker) {
            (0, Some(0)) | (1, Some(1)) => part += 1,
            (1 | 2, Some(2)) => part = 3,
            (3, Some(3)) => part = 0,
            (_, Some(_)) => return None,
            (0, None) => sides.iter_mut().for_each(|side| side.push_str(line)),
            (1, None) => sides[0].push_str(line),
            (3, None) => sides[1].push_str(line),
            _ => {}
        }
        markers += usize::from(marker.is_some());
    }
    (part == 0 && markers > 0).then_some(sides)
}

/// How many seals of `merged` neither side has.
pub(crate) fn new_seals(sides: [&str; 2], merged: &str) -> usize {
    let seals = |text| -> HashSet<String> { seals_of(text).collect() };
    let known: HashSet<_> = sides.into_iter().flat_map(seals).collect();
    seals_of(merged).filter(|seal| !known.contains(seal)).count()
}

/// The seals of native tokens in a text.
fn seals_of(text: &str) -> impl Iterator<Item = String> {
    text.split("ENC[1:").skip(1).map(|rest| rest.split([':', ']']).next().unwrap_or_default().to_owned())
}
