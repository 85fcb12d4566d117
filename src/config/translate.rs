//! `.sops.yaml` as `.sops-rs.yaml`, and back: the same files, the same readers, the same values.
//!
//! What has no counterpart is refused, rule by rule; what only has no effect on who reads what is a note. Texts in, texts out.

use std::collections::BTreeSet;

use super::sops::{CreationRule, Key, SopsConfig};
use super::{Config, FileGlob, Rule};
use crate::error::Error;
use crate::keys::Recipient;

mod native;
mod paths;
mod sops;

pub use native::to_native;
pub use sops::to_sops;

/// A config in the other language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Translated {
    /// The text to write. It was read again, and its rules have the readers of those that they were made from.
    pub text: String,
    /// What it leaves out or says otherwise.
    pub notes: Vec<String>,
}

/// The globs of the files that a rule of SOPS is for, nearly: what a glob says of a file it also says of everything in a
/// folder of that name. None when globs cannot say it, and for a rule that is for whatever somebody encrypts.
#[must_use]
pub fn file_globs(rule: &CreationRule) -> Option<Vec<FileGlob>> {
    rule.path_regex.pattern.as_ref().and_then(|pattern| paths::globs(Some(pattern)))
}

/// Whether two configs give a file the same readers: `Err` with both, as texts for people. `path` begins at their folder.
///
/// # Errors
/// What the two say, when it is not the same.
pub fn same_readers(config: &Config, sops: &SopsConfig, path: &str) -> Result<(), (String, String)> {
    let ours = config.rule_for(path).ok().map(native_readers);
    let theirs = sops.rule_for(path).ok().flatten().and_then(sops_readers);
    if ours == theirs {
        return Ok(());
    }
    let tell = |readers: Option<Readers>| {
        readers.map_or_else(
            || "no rule".to_owned(),
            |(_, groups)| groups.into_iter().flatten().collect::<Vec<_>>().join(", "),
        )
    };
    Err((tell(ours), tell(theirs)))
}

/// How many groups of readers are needed, and the groups.
type Readers = (usize, BTreeSet<BTreeSet<String>>);

fn native_readers(rule: &Rule) -> Readers {
    let texts = |recipients: &mut dyn Iterator<Item = &Recipient>| recipients.map(ToString::to_string).collect();
    match &rule.key_groups {
        None => (1, BTreeSet::from([texts(&mut rule.recipients.iter().map(|(_, recipient)| recipient))])),
        Some(groups) => {
            (groups.threshold().into(), groups.groups().iter().map(|group| texts(&mut group.iter())).collect())
        }
    }
}

/// The readers of a rule of SOPS, as native rules name them; none when it has others.
fn sops_readers(rule: &CreationRule) -> Option<Readers> {
    let (groups, threshold) = rule.groups().ok()?;
    let texts = |keys: &Vec<Key>| keys.iter().map(|key| Some(recipient(key)?.to_string())).collect();
    Some((threshold.unwrap_or(1), groups.iter().map(texts).collect::<Option<_>>()?))
}

/// The recipient that a key is, when it is one of age.
fn recipient(key: &Key) -> Option<Recipient> {
    match key {
        Key::Age { recipient } => Recipient::parse(recipient).ok(),
        _ => None,
    }
}

/// What came out must be readable, and say the same.
fn checked(text: String, notes: Vec<String>, is_same: bool) -> Result<Translated, Vec<Error>> {
    if is_same {
        return Ok(Translated { text, notes });
    }
    Err(vec![Error::Config {
        at: None,
        what: "the translation does not read as it was meant; please report this".into(),
    }])
}
