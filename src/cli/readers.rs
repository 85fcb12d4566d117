//! The readers of a repository's files: everybody with their files, or the files of one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::json;
use sops_rs::dialect::sops::{KeyGroup, MasterKey};
use sops_rs::file::any::SectionReaders;
use sops_rs::keys::{Effort, Identities, Recipient};

use super::discover::{self, CONFIG_NAME};
use super::identities::{self, Machine};
use super::report::{Failure, list, say, warn};
use super::repository::{self, EncryptedFiles, Look};
use super::terminal::{Terminal, escape};
use super::{exit_code, io, jobs};

/// The recipients of this machine's identities.
#[derive(Debug, Default)]
pub(crate) struct Own(BTreeSet<Recipient>);

impl Own {
    /// Whatever is known without running or asking anything; that something is wrong with an identity is only told.
    pub(crate) fn find() -> Self {
        match identities::find(&[], &Machine::this()) {
            Ok(found) => Self::of(&found.identities),
            Err(error) => {
                warn(&error.to_string());
                Self::default()
            }
        }
    }

    /// Those of `identities`.
    pub(crate) fn of(identities: &Identities) -> Self {
        let list = identities.list(Effort::Read, &Terminal);
        Self(list.into_iter().filter_map(|info| info.recipient).collect())
    }

    /// Whether a file's text of a recipient is one of them.
    pub(crate) fn has(&self, recipient: &str) -> bool {
        self.0.iter().any(|own| own.as_str() == recipient)
    }
}

impl Own {
    /// Whether the user's own identities confirm a key that stands in `groups` of a file of SOPS. They do not where it stands in
    /// several: somebody may have put it there, and could do alone what takes several then.
    pub(crate) fn vouches_for(&self, key: &MasterKey, groups: &[KeyGroup]) -> bool {
        let holds = |group: &&KeyGroup| group.keys.iter().any(|other| other.is_same(key));
        self.has(&key.name()) && groups.iter().filter(holds).count() == 1
    }
}

/// One reader: a key, whatever names it goes by.
struct Reader {
    names: BTreeSet<String>,
    recipient: String,
    files: Vec<ReadFile>,
}

/// What a reader reads of a file.
struct ReadFile {
    path: PathBuf,
    /// The names of the sections; none when it is all of the file.
    sections: Option<Vec<String>>,
}

/// Prints everybody who reads one of the files among and below `places` (the repository, when there are none), with the files.
pub(crate) fn print_all(places: &[PathBuf], own: &Own, as_json: bool) -> Result<(), Failure> {
    let (readers, failures) = find(places);
    if as_json {
        let file = |file: &ReadFile| json!({ "file": file.path.display().to_string(), "sections": file.sections });
        let reader = |reader: &Reader| {
            json!({
                "names": reader.names,
                "recipient": reader.recipient,
                "own": own.has(&reader.recipient),
                "files": reader.files.iter().map(file).collect::<Vec<_>>(),
            })
        };
        io::print_json(&readers.iter().map(reader).collect())?;
        return told(failures);
    }
    if readers.is_empty() && failures.is_empty() {
        say("no encrypted file was found");
    }
    let mut text = String::new();
    for reader in &readers {
        let names = reader.names.iter().cloned().collect::<Vec<_>>().join(", ");
        let mark = if own.has(&reader.recipient) { "  (you)" } else { "" };
        text.push_str(&format!("{}  {}{mark}\n", escape(&names), escape(&reader.recipient)));
        for file in &reader.files {
            let part = file.sections.as_ref().map_or_else(String::new, |names| format!("  ({})", names.join(", ")));
            text.push_str(&format!("  {}{}\n", escape(&file.path.display().to_string()), escape(&part)));
        }
    }
    io::print(text.as_bytes())?;
    told(failures)
}

/// Prints the files among and below `places` that a reader reads, one in a line.
pub(crate) fn print_files_of(reader: &str, places: &[PathBuf], as_json: bool) -> Result<(), Failure> {
    let (readers, failures) = find(places);
    let keys = keys_of(reader, &readers)?;
    if keys.len() > 1 {
        warn(&format!("`{reader}` is the name of several keys: {}", list(&keys.iter().cloned().collect::<Vec<_>>())));
    }
    let found = readers.iter().filter(|reader| keys.contains(&reader.recipient));
    let files: BTreeSet<_> = found.flat_map(|reader| reader.files.iter().map(|file| &file.path)).collect();
    if as_json {
        io::print_json(&files.iter().map(|path| path.display().to_string()).collect())?;
    } else {
        let lines: String = files.iter().map(|path| format!("{}\n", escape(&path.display().to_string()))).collect();
        io::print(lines.as_bytes())?;
    }
    told(failures)
}

/// Rows of a name and what belongs to it, indented and aligned.
pub(crate) fn columns<'r>(rows: impl Iterator<Item = (&'r str, String)>) -> String {
    let rows: Vec<_> = rows.map(|(name, rest)| (escape(name), escape(&rest))).collect();
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    rows.iter().map(|(name, rest)| format!("  {name:width$}  {rest}\n")).collect()
}

/// The keys that `reader` stands for: itself, or those that files and the nearest config call so.
fn keys_of(reader: &str, readers: &[Reader]) -> Result<BTreeSet<String>, Failure> {
    if let Ok(recipient) = Recipient::parse(reader) {
        return Ok([recipient.as_str().to_owned()].into());
    }
    let config =
        discover::find(&discover::absolute(Path::new(CONFIG_NAME))?).map(|path| discover::read(&path)).transpose()?;
    let configured = config.as_ref().and_then(|config| config.recipients().get(reader));
    let named = readers.iter().filter(|candidate| candidate.names.contains(reader));
    let named = named.map(|reader| reader.recipient.clone());
    let keys: BTreeSet<_> = named.chain(configured.map(|recipient| recipient.as_str().to_owned())).collect();
    if !keys.is_empty() {
        return Ok(keys);
    }
    let names: BTreeSet<_> = readers.iter().flat_map(|reader| &reader.names).cloned().collect();
    let failure = Failure::new(exit_code::GENERIC, format!("nobody here has the name `{}`", escape(reader)));
    Err(match names.is_empty() {
        true => failure.hint("no encrypted file was found"),
        false => failure.hint(format!("the readers are {}", list(&names.into_iter().collect::<Vec<_>>()))),
    })
}

/// The encrypted files among and below `places`, or of the repository.
fn encrypted(places: &[PathBuf]) -> EncryptedFiles {
    let (folders, files): (Vec<_>, Vec<_>) = places.iter().cloned().partition(|place| place.is_dir());
    let folders = if places.is_empty() { vec![repository::root()] } else { folders };
    let mut found = repository::encrypted(&folders, jobs::processors());
    for path in files {
        match repository::look(&path) {
            Ok(Look::Encrypted(file)) => found.files.push((path, file.metadata)),
            Ok(Look::Other) => {
                found.failures.push(Failure::of(&path.display().to_string(), sops_rs::Error::NotEncrypted));
            }
            Err(failure) => found.failures.push(failure),
        }
    }
    found.files.sort_by(|(a, _), (b, _)| a.cmp(b));
    found.files.dedup_by(|(a, _), (b, _)| a == b);
    if let Ok(here) = discover::absolute(Path::new(".")) {
        found.files.iter_mut().for_each(|(path, _)| *path = repository::short(&here, std::mem::take(path)));
    }
    found
}

fn find(places: &[PathBuf]) -> (Vec<Reader>, Vec<Failure>) {
    let EncryptedFiles { files, failures } = encrypted(places);
    let mut readers: BTreeMap<String, Reader> = BTreeMap::new();
    for (path, metadata) in &files {
        let sections = metadata.sections();
        for reader in sections.iter().flat_map(|section| &section.readers) {
            let recipient = &reader.recipient;
            let known = readers.entry(recipient.clone()).or_insert_with(|| Reader {
                names: BTreeSet::new(),
                recipient: recipient.clone(),
                files: Vec::new(),
            });
            known.names.insert(reader.name.clone());
            if known.files.last().is_none_or(|last| last.path != *path) {
                known.files.push(ReadFile { path: path.clone(), sections: part(&sections, recipient) });
            }
        }
    }
    let mut readers: Vec<_> = readers.into_values().collect();
    readers.sort_by(|a, b| (&a.names, &a.recipient).cmp(&(&b.names, &b.recipient)));
    (readers, failures)
}

/// The sections that `recipient` reads, when these are not all.
fn part(sections: &[SectionReaders], recipient: &str) -> Option<Vec<String>> {
    let held = sections.iter().filter(|section| section.readers.iter().any(|r| r.recipient == recipient));
    let held: Vec<_> = held.map(|section| section.name.clone()).collect();
    (held.len() < sections.len()).then_some(held)
}

/// What could not be read is a failure after all: the answer may lack something.
fn told(failures: Vec<Failure>) -> Result<(), Failure> {
    let mut failures = failures.into_iter();
    failures.next().map_or(Ok(()), |first| Err(failures.fold(first, Failure::and)))
}
