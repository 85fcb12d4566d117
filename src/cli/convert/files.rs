//! One file: opened, converted, compared.

use std::collections::BTreeMap;
use std::path::Path;

use sops_rs::config::Dialect;
use sops_rs::dialect::sops::{Metadata as SopsMetadata, Rule};
use sops_rs::document::sops::Store;
use sops_rs::error::Error;
use sops_rs::file::any::Metadata;
use sops_rs::file::convert::{self, Changes, Converted};
use sops_rs::file::sops::{self, MacCheck};
use sops_rs::file::{self, Plan};
use sops_rs::keys::Recipient;
use sops_rs::select::Selection;
use zeroize::Zeroizing;

use super::Arguments;
use super::configs::Configs;
use crate::cli::files::Unlocker;
use crate::cli::many::{MOST_NAMES, Target};
use crate::cli::readers::Own;
use crate::cli::report::{Failure, list};
use crate::cli::repository::EncryptedFile;
use crate::cli::terminal::Terminal;
use crate::cli::{clock, exit_code, io};

/// What became of a file.
pub(super) enum Done {
    /// It is in the wanted dialect.
    Already,
    /// No identity opens it.
    Locked,
    /// It was none of ours.
    Other,
    /// It can be replaced.
    Ready(Ready),
}

/// A file that can be replaced.
pub(super) struct Ready {
    /// What it held.
    pub(super) old: Zeroizing<Vec<u8>>,
    pub(super) text: String,
    /// What of its readers somebody has to confirm.
    pub(super) readers: Readers,
    pub(super) warnings: Vec<String>,
}

/// Readers that somebody has to confirm: names and keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Readers {
    /// The rule has them, the file does not.
    gained: Vec<(String, String)>,
    /// The file has them, the rule does not.
    lost: Vec<(String, String)>,
    /// Only the metadata of SOPS say that they are readers.
    unsigned: Vec<(String, String)>,
    /// The selector that leaves values clear, where only the metadata of SOPS have it.
    selector: Option<String>,
    /// Other key groups than before, though of the same readers.
    regrouped: bool,
    /// Whoever does this opens the file so far, and does not any more.
    pub(super) locks_out: bool,
}

impl Readers {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn lines(&self) -> Vec<String> {
        let lines = |what: &str, readers: &[(String, String)]| {
            readers.iter().map(|(name, key)| format!("  {what}: `{name}` ({key})")).collect::<Vec<_>>()
        };
        let mut all = lines("new reader", &self.gained);
        all.extend(lines("no reader any more", &self.lost));
        all.extend(lines("reader by nothing but its metadata", &self.unsigned));
        if let Some(selector) = &self.selector {
            all.push(format!("  values in clear, now and to come, by nothing but its metadata: `{selector}`"));
        }
        if self.regrouped {
            all.push("  other key groups than it has".to_owned());
        }
        all
    }
}

/// The readers of one side: names by keys, and which keys are together.
struct Access {
    names: BTreeMap<String, String>,
    groups: Vec<Vec<String>>,
    threshold: usize,
}

impl Access {
    fn of(groups: Vec<Vec<(String, String)>>, threshold: Option<usize>) -> Self {
        // An ssh key may have a comment, which is not part of it.
        let key = |key: &str| Recipient::parse(key).map_or_else(|_| key.to_owned(), |recipient| recipient.to_string());
        let named = groups.iter().flatten().map(|(name, text)| (key(text), name.clone()));
        let names = named.collect();
        let mut keys: Vec<Vec<String>> =
            groups.iter().map(|group| group.iter().map(|(_, text)| key(text)).collect()).collect();
        keys.iter_mut().for_each(|group| group.sort_unstable());
        keys.sort_unstable();
        Self { names, groups: keys, threshold: threshold.unwrap_or(1) }
    }

    fn of_metadata(metadata: &Metadata) -> Self {
        let mut groups: BTreeMap<Option<u8>, Vec<(String, String)>> = BTreeMap::new();
        let mut threshold = None;
        for section in metadata.sections().into_iter().take(1) {
            threshold = section.threshold;
            for reader in section.readers {
                groups.entry(reader.group).or_default().push((reader.name, reader.recipient));
            }
        }
        Self::of(groups.into_values().collect(), threshold.map(usize::from))
    }

    fn of_native(plan: &Plan) -> Self {
        let named = |recipient: &Recipient| {
            let (name, recipient) = plan.recipients.iter().find(|(_, other)| other == recipient)?;
            Some((name.clone(), recipient.to_string()))
        };
        match &plan.key_groups {
            None => {
                let all = plan.recipients.iter().map(|(name, recipient)| (name.clone(), recipient.to_string()));
                Self::of(vec![all.collect()], None)
            }
            Some(groups) => {
                let all = groups.groups().iter().map(|group| group.iter().filter_map(named).collect());
                Self::of(all.collect(), Some(groups.threshold().into()))
            }
        }
    }

    fn of_sops(plan: &sops::Plan) -> Self {
        let named = |key: &sops::NamedKey| (key.shown(), key.key.name());
        let groups: Vec<_> = plan.groups.iter().map(|group| group.iter().map(named).collect()).collect();
        let threshold = (groups.len() > 1).then(|| plan.shamir_threshold.unwrap_or(groups.len()));
        Self::of(groups, threshold)
    }

    /// What somebody who has this would have to confirm to get `after`.
    fn changes_to(&self, after: &Self) -> Readers {
        let missing = |here: &Self, there: &Self| {
            let missing = here.names.iter().filter(|(key, _)| !there.names.contains_key(*key));
            missing.map(|(key, name)| (name.clone(), key.clone())).collect::<Vec<_>>()
        };
        let (gained, lost) = (missing(after, self), missing(self, after));
        let is_same = (&self.groups, self.threshold) == (&after.groups, after.threshold);
        let regrouped = gained.is_empty() && lost.is_empty() && !is_same;
        Readers { gained, lost, regrouped, ..Readers::default() }
    }
}

/// A file that was opened.
enum Opened {
    Native(Box<file::Decrypted>),
    Sops(Box<sops::Decrypted>, Store),
}

/// What all files are converted with.
pub(super) struct Conversion<'c> {
    pub(super) arguments: &'c Arguments,
    pub(super) unlocker: &'c Unlocker,
    pub(super) own: Own,
    pub(super) configs: &'c Configs,
    pub(super) to: Dialect,
}

impl Conversion<'_> {
    /// Converts a file, and refuses what nobody would want.
    pub(super) fn convert(&self, target: &Target) -> Result<Done, Failure> {
        let path = &target.path;
        let shown = path.display().to_string();
        io::check_replaceable(path)?;
        let Some(file) = self.arguments.targets.read(target)? else { return Ok(Done::Other) };
        let opened = match (&file.metadata, self.to) {
            (Metadata::Native(_), Dialect::Native) | (Metadata::Sops(..), Dialect::Sops) => return Ok(Done::Already),
            (Metadata::Sops(metadata, store), Dialect::Native) => self.open_sops(&file, metadata, *store),
            (Metadata::Native(_), Dialect::Sops) => file::decrypt(&file.bytes, file.format, self.unlocker)
                .map(|decrypted| Opened::Native(Box::new(decrypted))),
        };
        let opened = match opened {
            Err(error) if error.is_locked() && self.arguments.skip_locked => return Ok(Done::Locked),
            opened => opened.map_err(|error| {
                let is_locked = error.is_locked();
                let failure = self.unlocker.failure(&shown, error);
                if is_locked && self.arguments.targets.recursive {
                    failure.hint("leave such files out with --skip-locked")
                } else {
                    failure
                }
            })?,
        };
        let (converted, readers) = match opened {
            Opened::Native(decrypted) => self.to_sops(path, &file, &decrypted),
            Opened::Sops(decrypted, store) => self.to_native(path, &file, &decrypted, store),
        }?;
        let warnings = self.judge(&shown, &converted.changes)?;
        Ok(Done::Ready(Ready { old: file.bytes, text: converted.text, readers, warnings }))
    }

    fn open_sops(&self, file: &EncryptedFile, metadata: &SopsMetadata, store: Store) -> Result<Opened, Error> {
        let data_key = sops::unlock_data_key(metadata, self.unlocker)?;
        let decrypted = sops::decrypt(&file.bytes, store, &data_key, MacCheck::Require)?;
        Ok(Opened::Sops(Box::new(decrypted), store))
    }

    fn to_native(
        &self,
        path: &Path,
        file: &EncryptedFile,
        decrypted: &sops::Decrypted,
        store: Store,
    ) -> Result<(Converted, Readers), Failure> {
        let shown = path.display().to_string();
        let before = Access::of_metadata(&file.metadata);
        let (plan, mut readers) = match self.configs.native_rule(path)? {
            Some(plan) => {
                let readers = before.changes_to(&Access::of_native(&plan));
                (plan, readers)
            }
            None => {
                let names = self.configs.names(path)?;
                let plan = convert::plan_of_sops(decrypted, store, &|key| {
                    names.iter().find(|(_, known)| known == key).map(|(name, _)| name.clone())
                });
                let plan = plan.map_err(|error| unconvertible(&shown, error, false))?;
                let readers = self.unsigned(path, &before, &plan, &decrypted.metadata)?;
                (plan, readers)
            }
        };
        readers.locks_out = self.locks_out(&before, &Access::of_native(&plan));
        let converted = convert::to_native(decrypted, store, file.format, &plan, &Terminal);
        Ok((converted.map_err(|error| unconvertible(&shown, error, store == Store::Binary))?, readers))
    }

    fn to_sops(
        &self,
        path: &Path,
        file: &EncryptedFile,
        decrypted: &file::Decrypted,
    ) -> Result<(Converted, Readers), Failure> {
        let shown = path.display().to_string();
        let before = Access::of_metadata(&file.metadata);
        let store = self.arguments.targets.store(path, file.format);
        let now = clock::now();
        let (metadata, after) = match self.configs.sops_rule(path)? {
            Some(plan) => (plan.metadata(store, now), Access::of_sops(&plan)),
            None => {
                let metadata = convert::metadata_of_native(decrypted, now);
                let metadata = metadata.map_err(|error| unconvertible(&shown, error, false))?;
                let after = Access::of_metadata(&Metadata::Sops(Box::new(metadata.clone()), store));
                (metadata, after)
            }
        };
        let mut readers = before.changes_to(&after);
        readers.locks_out = self.locks_out(&before, &after);
        let converted = convert::to_sops(decrypted, store, metadata, &self.unlocker.wrap());
        Ok((converted.map_err(|error| unconvertible(&shown, error, false))?, readers))
    }

    /// What nothing but the metadata of SOPS says: readers that are in no rule and not one's own, and a selector for which the
    /// file would go on to leave values clear.
    fn unsigned(&self, path: &Path, before: &Access, plan: &Plan, metadata: &SopsMetadata) -> Result<Readers, Failure> {
        let rule = self.configs.sops_rule(path)?;
        let own = metadata.rule.clone().unwrap_or_default();
        let is_ruled = own == Rule::default() || rule.as_ref().is_some_and(|rule| rule.selector == own);
        let is_clear = plan.selection != Selection::default();
        let selector = (is_clear && !is_ruled).then(|| {
            let (name, text) = own.parts();
            format!("{name}: {text}")
        });
        if rule.is_some_and(|rule| before.changes_to(&Access::of_sops(&rule)).is_empty()) {
            return Ok(Readers { selector, ..Readers::default() });
        }
        let readers = plan.recipients.iter().map(|(name, recipient)| (name.clone(), recipient.to_string()));
        let unsigned = readers.filter(|(_, key)| !self.own.has(key)).collect();
        Ok(Readers { unsigned, selector, ..Readers::default() })
    }

    fn locks_out(&self, before: &Access, after: &Access) -> bool {
        let opens = |access: &Access| {
            access.groups.iter().filter(|group| group.iter().any(|key| self.own.has(key))).count() >= access.threshold
        };
        opens(before) && !opens(after)
    }

    /// Refuses what was not asked for, and words the rest.
    fn judge(&self, shown: &str, changes: &Changes) -> Result<Vec<String>, Failure> {
        let Changes { exposed, structure, sealed, respelled, layout, read_otherwise } = changes;
        if !exposed.is_empty() {
            let what = format!("encrypted so far, clear from now on: {}", some(exposed));
            let failure = Failure::about(exit_code::ENCRYPT, shown, what);
            return Err(failure.hint(match self.to {
                Dialect::Native => "the rule in `.sops-rs.yaml` has to encrypt them",
                Dialect::Sops => {
                    "a rule in `.sops.yaml` with another selector may encrypt them; outside of what `encrypted_regex` and \
                     `encrypted_suffix` select comments are clear for SOPS: `comments: clear` makes them so here first"
                }
            }));
        }
        let mut warnings = Vec::new();
        if *structure {
            warnings.push(
                "encrypted whole so far; its keys are readable from now on, as in all files of its format".to_owned(),
            );
        }
        if !sealed.is_empty() {
            let what = format!("clear so far, encrypted from now on: {}", some(sealed));
            if !self.arguments.encrypt_more {
                let failure = Failure::about(exit_code::ENCRYPT, shown, what);
                return Err(failure.hint("if that is meant to be, say so with --encrypt-more"));
            }
            warnings.push(what);
        }
        if !respelled.is_empty() || *layout {
            let mut what = Vec::new();
            if !respelled.is_empty() {
                what.push(format!("in another spelling: {}", some(respelled)));
            }
            if *layout {
                what.push("with another layout around the values".to_owned());
            }
            let what = format!("would come back from SOPS {}", what.join(", and "));
            if !self.arguments.allow_respelling {
                let failure = Failure::about(exit_code::UNREPRESENTABLE, shown, what);
                return Err(failure.hint("if equal values are enough, say so with --allow-respelling"));
            }
            warnings.push(what);
        }
        if !read_otherwise.is_empty() {
            let to = match self.to {
                Dialect::Native => "`exec-env` gives them without their quotes and inline comments",
                Dialect::Sops => "SOPS gives them with their quotes and inline comments",
            };
            warnings
                .push(format!("other values for programs from the same text, since {to}: {}", some(read_otherwise)));
        }
        Ok(warnings)
    }
}

/// So many of them fit into a message.
fn some(words: &[String]) -> String {
    let shown = list(&words[..words.len().min(MOST_NAMES)]);
    match words.len().saturating_sub(MOST_NAMES) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// The failure for what the other dialect cannot hold.
fn unconvertible(shown: &str, error: Error, keeps_whole: bool) -> Failure {
    let hint = match &error {
        Error::Unconvertible { what } if what.contains("keys, not for") => {
            Some("give it age recipients first, or name its readers in `.sops-rs.yaml`")
        }
        Error::Unconvertible { what } if what.contains("path globs") => {
            Some("say what is encrypted by a rule in `.sops-rs.yaml`; whether it is the same is checked")
        }
        Error::Unconvertible { what } if what.contains("no selector") => {
            Some("say what is encrypted by a rule in `.sops.yaml`; whether it is the same is checked")
        }
        Error::Syntax { .. } if keeps_whole => Some("named by itself with --input-type binary, it stays whole"),
        Error::Unconvertible { what } if what.contains("TOML") => Some("as TOML it stays native"),
        _ => None,
    };
    let failure = Failure::of(shown, error);
    hint.into_iter().fold(failure, Failure::hint)
}
