//! Files beside each other that should not be: a plaintext and what was encrypted of it, and copies.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use sops_rs::document::{BINARY, MAX_ENCRYPTED_LEN};
use sops_rs::file::any::{Metadata, Seal, Snapshot, SnapshotContent, SnapshotKind, Trace};
use zeroize::Zeroizing;

use super::finding::{Finding, Place, Rule, Severity};
use super::inspect::{Encrypted, argument, format_of};
use super::past::Subject;
use super::scope::{Scope, Selected};
use crate::cli::git::{Objects, Repository};
use crate::cli::io;
use crate::cli::report::Failure;

/// What people put into the name of an encrypted file.
const ENCRYPTED: [&str; 5] = ["enc", "encrypted", "sops", "secret", "age"];
/// What they put into that of its plaintext.
const PLAIN: [&str; 5] = ["dec", "decrypted", "plain", "plaintext", "clear"];

/// Reads other files of the scope.
struct Reader<'s> {
    selected: &'s Selected,
    objects: Option<Objects>,
}

impl Reader<'_> {
    fn read(&mut self, name: &Path) -> Option<Zeroizing<Vec<u8>>> {
        match (self.selected.names.get(name)?, &self.selected.repository) {
            (Some(id), Some(repository)) => {
                let objects = match &mut self.objects {
                    Some(objects) => objects,
                    none => none.insert(Objects::start(repository).ok()?),
                };
                objects.read(*id, MAX_ENCRYPTED_LEN).ok()?.into_bytes()
            }
            _ => io::read(&place(self.selected, name).path, MAX_ENCRYPTED_LEN).ok(),
        }
    }
}

fn place(selected: &Selected, name: &Path) -> Place {
    let path = selected.repository.as_ref().map_or_else(|| name.to_owned(), |repository| repository.path_of(name));
    Place { name: name.to_owned(), path }
}

/// Plaintext files beside the encrypted ones.
pub(super) fn plaintexts(
    selected: &Selected,
    scope: &Scope,
    subjects: &[Subject<'_>],
) -> Result<Vec<Finding>, Failure> {
    let mut reader = Reader { selected, objects: None };
    let mut found: HashMap<PathBuf, PathBuf> = HashMap::new();
    for subject in subjects {
        let name = &subject.candidate.place.name;
        if let Some(encrypted) = &subject.inspected.encrypted {
            let others = plain_names(name).into_iter().filter(|other| selected.names.contains_key(other));
            for other in others {
                let bytes = reader.read(&other);
                if bytes.is_some_and(|bytes| is_plaintext_of(&bytes, &other, &encrypted.snapshot)) {
                    found.insert(other, name.clone());
                }
            }
        } else if subject.inspected.is_plain && *scope != Scope::All {
            for other in encrypted_names(name).into_iter().filter(|other| selected.names.contains_key(other)) {
                let snapshot = reader.read(&other).and_then(|bytes| Snapshot::read(&bytes, format_of(&other)).ok()?);
                let Some((snapshot, bytes)) = snapshot.zip(reader.read(name)) else { continue };
                if is_plaintext_of(&bytes, name, &snapshot) {
                    found.insert(name.clone(), other);
                }
            }
        }
    }
    let tracked = match (&selected.repository, scope, found.is_empty()) {
        (_, _, true) | (None, _, _) => None,
        (Some(_), Scope::Staged | Scope::Against(_), _) => None,
        (Some(repository), Scope::All, false) => Some(tracked(repository)?),
    };
    let finding = |(plain, encrypted): (PathBuf, PathBuf)| {
        let place = place(selected, &plain);
        let file = argument(&place.shown());
        let what = format!("is the plaintext of `{}`, and lies beside it", encrypted.display());
        let finding = Finding::new(Rule::Twin, &place, what);
        match &tracked {
            Some(tracked) if !tracked.contains(&plain) => finding
                .with(Severity::Warning)
                .remedy("git does not ignore it, so the next `git add` may take it: name it in .gitignore"),
            _ => finding.remedy(format!("`git rm --cached {file}`, and name it in .gitignore")),
        }
    };
    Ok(found.into_iter().map(finding).collect())
}

fn tracked(repository: &Repository) -> Result<HashSet<PathBuf>, Failure> {
    Ok(repository.index()?.into_iter().map(|entry| entry.path).collect())
}

/// Whether a file is plaintext of what is encrypted in `snapshot`: half or more of the values there have one here. Defaults
/// beside the secrets that are laid over them are no such thing.
fn is_plaintext_of(bytes: &[u8], name: &Path, snapshot: &Snapshot) -> bool {
    let is_there = |content: &SnapshotContent| !matches!(content, SnapshotContent::Empty);
    if Trace::of(bytes).dialect().is_some() || bytes.is_empty() {
        return false;
    }
    // Of a file that is encrypted whole only the name can tell.
    if snapshot.format().name() == BINARY.name() {
        return true;
    }
    let format = Some(format_of(name)).filter(|format| format.name() != BINARY.name());
    let Ok(plain) = Snapshot::of_plain(bytes, format.unwrap_or(snapshot.format())) else { return false };
    let values = |snapshot: &Snapshot, is_wanted: &dyn Fn(&SnapshotContent) -> bool| -> HashSet<String> {
        let leaves = snapshot.leaves().filter(|leaf| leaf.kind() == SnapshotKind::Value && is_wanted(leaf.content()));
        leaves.map(|leaf| leaf.path()).collect()
    };
    let sealed = values(snapshot, &|content| matches!(content, SnapshotContent::Sealed(_)));
    let clear = values(&plain, &is_there);
    !sealed.is_empty() && sealed.intersection(&clear).count() * 2 >= sealed.len()
}

/// What the plaintext of an encrypted file may be called.
fn plain_names(name: &Path) -> Vec<PathBuf> {
    let own = text(name);
    let bare = without(&own, &ENCRYPTED);
    let mut names = bare.clone();
    for base in bare.iter().chain([&own]) {
        names.extend(with(base, &PLAIN));
    }
    beside(name, names)
}

/// What the encrypted file of a plaintext may be called.
fn encrypted_names(name: &Path) -> Vec<PathBuf> {
    let own = text(name);
    let bare = without(&own, &PLAIN);
    let mut names = bare.clone();
    for base in bare.iter().chain([&own]) {
        names.extend(with(base, &ENCRYPTED));
    }
    beside(name, names)
}

fn text(name: &Path) -> String {
    name.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn beside(name: &Path, names: Vec<String>) -> Vec<PathBuf> {
    names.into_iter().map(|other| name.with_file_name(other)).filter(|other| other != name).collect()
}

/// `a.enc.yaml` without `enc`.
fn without(name: &str, marks: &[&str]) -> Vec<String> {
    let parts: Vec<_> = name.split('.').collect();
    let at = (1..parts.len()).filter(|&index| marks.contains(&parts[index]));
    at.map(|index| [&parts[..index], &parts[index + 1..]].concat().join(".")).collect()
}

/// `a.yaml` with `enc` at each place.
fn with(name: &str, marks: &[&str]) -> Vec<String> {
    let parts: Vec<_> = name.split('.').collect();
    let at = |mark: &&str| {
        (1..=parts.len())
            .map(|index| [&parts[..index], &[*mark], &parts[index..]].concat().join("."))
            .collect::<Vec<_>>()
    };
    marks.iter().flat_map(at).collect()
}

/// Files that share a data key.
pub(super) fn copies(selected: &Selected, scope: &Scope, subjects: &[Subject<'_>]) -> Vec<Finding> {
    let encrypted = |subject: &&Subject<'_>| subject.inspected.encrypted.is_some();
    let subjects: Vec<_> = subjects.iter().filter(encrypted).collect();
    let mut owners: HashMap<Mark, &Path> = HashMap::new();
    let mut found: HashMap<PathBuf, PathBuf> = HashMap::new();
    for subject in &subjects {
        let name = &subject.candidate.place.name;
        for mark in subject.inspected.encrypted.iter().flat_map(marks) {
            let owner = *owners.entry(mark).or_insert(name);
            if owner != name {
                found.entry(name.clone()).or_insert_with(|| owner.to_owned());
            }
        }
    }
    if *scope != Scope::All {
        // Only a key that is new here can be one that others have.
        let is_new = |subject: &&&Subject<'_>| !subject.candidate.before.is_empty();
        let new: Vec<_> = subjects.iter().filter(is_new).collect();
        let mut reader = Reader { selected, objects: None };
        let own: HashSet<_> = subjects.iter().map(|subject| subject.candidate.place.name.as_path()).collect();
        let is_other = |name: &&PathBuf| {
            let format = format_of(name).name();
            !own.contains(name.as_path())
                && new.iter().any(|subject| format_of(&subject.candidate.place.name).name() == format)
        };
        let others: Vec<_> = if new.iter().any(|subject| subject.candidate.before.contains(&None)) {
            selected.names.keys().filter(is_other).collect()
        } else {
            Vec::new()
        };
        for other in others {
            let Some(trace) = reader.read(other).map(|bytes| Trace::of(&bytes)) else { continue };
            for subject in &new {
                let is_shared = |mark: Mark| match mark {
                    Mark::Key(id) => trace.has_key(&id),
                    Mark::Seal(seal) => trace.has_seal(&seal),
                };
                if subject.inspected.encrypted.iter().flat_map(marks).any(is_shared) {
                    found.insert(subject.candidate.place.name.clone(), other.clone());
                }
            }
        }
    }
    let finding = |(copy, owner): (PathBuf, PathBuf)| {
        let place = place(selected, &copy);
        let what =
            format!("has the data key of `{}`, as a copy has: values can be moved between them", owner.display());
        Finding::new(Rule::CopiedKey, &place, what).remedy(format!("`sops-rs rotate {}`", argument(&place.shown())))
    };
    found.into_iter().map(finding).collect()
}

/// What only copies of a file share.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Mark {
    Key([u8; 32]),
    /// Files of SOPS do not show which data key they have.
    Seal(Seal),
}

fn marks(encrypted: &Encrypted) -> Vec<Mark> {
    match encrypted.snapshot.metadata() {
        Some(Metadata::Native(metadata)) => metadata.sections.iter().map(|section| Mark::Key(section.key_id)).collect(),
        _ => {
            let values = encrypted.snapshot.leaves().filter(|leaf| leaf.kind() == SnapshotKind::Value);
            values.filter_map(|leaf| leaf.seal().copied()).map(Mark::Seal).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twins_are_told_by_their_names() {
        for (encrypted, plain) in [
            ("secrets.enc.yaml", "secrets.yaml"),
            ("a/secrets.yaml", "a/secrets.dec.yaml"),
            ("secrets.yaml.enc", "secrets.yaml"),
            (".env.enc", ".env"),
            (".env.encrypted", ".env"),
            (".enc.env", ".env"),
            ("x.sops.json", "x.decrypted.json"),
        ] {
            let (encrypted, plain) = (PathBuf::from(encrypted), PathBuf::from(plain));
            assert!(plain_names(&encrypted).contains(&plain), "{encrypted:?}");
            assert!(encrypted_names(&plain).contains(&encrypted), "{plain:?}");
        }
        for name in ["enc.yaml", "encoded.yaml"] {
            assert!(!plain_names(Path::new(name)).contains(&"yaml".into()), "{name}");
        }
    }
}
