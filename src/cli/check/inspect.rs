//! What is wrong with a file, seen for itself.

use std::path::Path;

use sops_rs::config::Dialect;
use sops_rs::document::{BINARY, Format, MAX_ENCRYPTED_LEN, format_for_name};
use sops_rs::error::Error;
use sops_rs::file::any::{self, Metadata, SecretShaped, Snapshot, SnapshotContent};
use sops_rs::file::{Drift, IdentityUnlock, conflict};
use sops_rs::keys::{Identities, NoInteraction};
use sops_rs::secret_shape::known_secret;
use zeroize::Zeroizing;

use super::finding::{Finding, Rule, Severity};
use super::rule_book::{Governed, is_config};
use super::scope::{Candidate, Scope};
use crate::cli::report::{Failure, list, word};
use crate::cli::repository::{self, Look};
use crate::cli::runner::DEFAULT_NAMES;
use crate::cli::{changes, io};

/// What is known about a file.
#[derive(Default)]
pub(super) struct Inspected {
    pub(super) findings: Vec<Finding>,
    pub(super) encrypted: Option<Encrypted>,
    /// Whether it is a plaintext that could be encrypted.
    pub(super) is_plain: bool,
}

/// An encrypted file that is well-formed.
pub(super) struct Encrypted {
    pub(super) snapshot: Snapshot,
    pub(super) bytes: Zeroizing<Vec<u8>>,
    pub(super) format: &'static dyn Format,
}

/// What is used to look at all files.
pub(super) struct Inspector<'i> {
    pub(super) scope: &'i Scope,
    /// What opens files without a question, if that is wanted.
    pub(super) identities: Option<&'i Identities>,
}

impl Inspector<'_> {
    /// Looks at a file, whose content is `staged`, or else on the disk.
    pub(super) fn inspect(
        &self,
        candidate: &Candidate,
        staged: Option<Result<Zeroizing<Vec<u8>>, &'static str>>,
        governed: &Governed<'_>,
    ) -> Inspected {
        let place = &candidate.place;
        if candidate.is_link {
            return link(candidate, governed);
        }
        let staged = match staged.transpose() {
            Ok(staged) => staged,
            Err(what) if governed.is_spoken_of => return Inspected::of(Finding::new(Rule::Unreadable, place, what)),
            Err(_) => return Inspected::default(),
        };
        if is_config(&place.name) || is_of_git(&place.name) {
            return Inspected::default();
        }
        let copy = |staged: &Zeroizing<Vec<u8>>| staged.clone();
        let look = match &staged {
            Some(bytes) => repository::look_in(&place.path, copy(bytes)),
            None => repository::look(&place.path),
        };
        let content = || staged.as_ref().map(copy).map_or_else(|| io::read(&place.path, MAX_ENCRYPTED_LEN), Ok);
        match look {
            Ok(Look::Encrypted(file)) => self.encrypted(candidate, file.bytes, file.format, governed),
            Ok(Look::Other) => self.plain(candidate, &content, governed),
            Err(failure) => Inspected::of(match content() {
                Ok(bytes) => unreadable(candidate, &bytes, &failure),
                Err(failure) => Finding::of(Rule::Unreadable, place, &failure),
            }),
        }
    }

    fn encrypted(
        &self,
        candidate: &Candidate,
        bytes: Zeroizing<Vec<u8>>,
        format: &'static dyn Format,
        governed: &Governed<'_>,
    ) -> Inspected {
        let place = &candidate.place;
        let shown = place.shown();
        let snapshot = match Snapshot::read(&bytes, format) {
            Ok(Some(snapshot)) => snapshot,
            Ok(None) => return Inspected::default(),
            Err(error) => return Inspected::of(unreadable(candidate, &bytes, &Failure::of(&shown, error))),
        };
        let Some(metadata) = snapshot.metadata() else { return Inspected::default() };
        let mut findings = Vec::new();
        let dialect = metadata.dialect();
        match governed.plan(dialect) {
            Some(plan) => match plan.drift(metadata) {
                Some(drift) if drift.is_empty() => {}
                Some(drift) => findings.push(drifted(candidate, &drift)),
                None => {
                    let (is, rule) = (dialect.as_str(), plan.dialect().as_str());
                    let what = format!("is of the dialect `{is}`, and its rule says `{rule}`");
                    let remedy = format!("`sops-rs convert --to {rule} {}`", argument(&shown));
                    let finding = Finding::new(Rule::Dialect, place, what).remedy(remedy);
                    // What is authenticated in files of ours is as good as any rule could want; SOPS's selector is not.
                    let is_less = dialect == Dialect::Sops;
                    findings.push(if is_less { finding.with(Severity::Error) } else { finding });
                }
            },
            None if governed.is_broken() => {}
            None => findings.push(
                Finding::new(Rule::Ungoverned, place, "is encrypted, but no rule speaks of it")
                    .remedy("add a rule, so that a reader who is removed is removed from it, too"),
            ),
        }
        if let Metadata::Native(metadata) = metadata {
            for proposal in &metadata.proposals {
                let what = format!("a proposal for `{}` waits to be accepted", proposal.path);
                let remedy = "a reader accepts it, or takes it out";
                findings
                    .push(Finding::new(Rule::Proposal, place, what).about(vec![proposal.path.clone()]).remedy(remedy));
            }
        }
        findings.extend(unsealed(candidate, &snapshot));
        findings.extend(snapshot.secret_shaped().iter().map(|shaped| shaped_like_secret(candidate, shaped, dialect)));
        if format.name() != BINARY.name() {
            let required = governed.rule.map(|rule| rule.require.as_slice()).unwrap_or_default();
            findings.extend(missing(candidate, &snapshot, required));
        }
        findings.extend(self.verified(candidate, &bytes, &snapshot));
        Inspected { findings, encrypted: Some(Encrypted { snapshot, bytes, format }), is_plain: false }
    }

    /// A file that is not encrypted: whether it ought to be.
    fn plain(
        &self,
        candidate: &Candidate,
        content: &dyn Fn() -> Result<Zeroizing<Vec<u8>>, Failure>,
        governed: &Governed<'_>,
    ) -> Inspected {
        let place = &candidate.place;
        let inspected = Inspected { is_plain: true, ..Inspected::default() };
        let is_spoken_of = governed.is_spoken_of || governed.was_spoken_of;
        let is_changed = !matches!(self.scope, Scope::All);
        if !is_spoken_of && !candidate.is_named && !is_changed {
            return inspected;
        }
        let bytes = match content() {
            Ok(bytes) => bytes,
            Err(_) if !is_spoken_of && !candidate.is_named => return inspected,
            Err(failure) => return Inspected::of(Finding::of(Rule::Unreadable, place, &failure)),
        };
        if is_changed && let Some(line) = identity_line(&bytes) {
            let what = "holds an age identity: whoever has it reads all files that are encrypted to it";
            let remedy = format!("`git rm --cached {}`", argument(&place.shown()));
            return Inspected::of(Finding::new(Rule::SecretShaped, place, what).at(Some(line)).remedy(remedy));
        }
        if !is_spoken_of && !candidate.is_named {
            return inspected;
        }
        if bytes.is_empty() {
            return Inspected::default();
        }
        if conflict::marker(&bytes).is_some() && repository::has_token(&String::from_utf8_lossy(&bytes)) {
            return Inspected::of(conflicted(candidate, &bytes));
        }
        if !is_spoken_of {
            return inspected;
        }
        let what = match governed.is_spoken_of {
            true => "is not encrypted, though a rule speaks of it",
            false => "is not encrypted, though a rule spoke of it before this change",
        };
        let remedy = self.encrypt(candidate);
        let is_harmless = is_example(&place.name) || is_note(&place.name) && !governed.is_meant;
        let is_secret = !is_harmless || std::str::from_utf8(&bytes).is_ok_and(|text| known_secret(text).is_some());
        let finding = Finding::new(Rule::Plaintext, place, what);
        let finding = if is_secret {
            finding.remedy(remedy)
        } else {
            let remedy = format!("if it is secret, {remedy}; if not, let the globs of the rule leave it out");
            finding.with(Severity::Warning).remedy(remedy)
        };
        Inspected { findings: vec![finding], ..inspected }
    }

    /// The commands that encrypt a file, and put it where it was found.
    pub(super) fn encrypt(&self, candidate: &Candidate) -> String {
        let file = argument(&candidate.place.shown());
        match self.scope {
            Scope::Staged => format!("`sops-rs encrypt -i {file} && git add {file}`"),
            Scope::All | Scope::Against(_) => format!("`sops-rs encrypt -i {file}`"),
        }
    }

    /// What is wrong with it for those who have a key.
    fn verified(&self, candidate: &Candidate, bytes: &[u8], snapshot: &Snapshot) -> Option<Finding> {
        let identities = self.identities?;
        let unlock = IdentityUnlock { identities, interaction: &NoInteraction };
        let error = any::decrypt(bytes, snapshot.format(), &unlock).err()?;
        let is_locked = error.is_locked();
        // Others may not open it, and some identities cannot be used here; those at hand must open what names them. Of a key
        // group they open a share at most.
        let is_told = !is_locked && matches!(error, Error::Authentication { .. } | Error::Sops(_));
        let sections = snapshot.metadata().map(Metadata::sections).unwrap_or_default();
        let is_own = sections.first().is_some_and(|section| {
            let mut readers = section.readers.iter();
            section.threshold.is_none() && readers.any(|reader| identities.is_of(&reader.recipient))
        });
        if !is_told && !is_own {
            return None;
        }
        if is_locked {
            let what = "names you as a reader, but what it holds for you was not made for your identity";
            let remedy = "take it from an earlier commit, or let another reader run `sops-rs rotate`";
            return Some(Finding::new(Rule::Unverified, &candidate.place, what).remedy(remedy));
        }
        let failure = Failure::of(&candidate.place.shown(), error);
        Some(Finding::of(Rule::Unverified, &candidate.place, &failure))
    }
}

impl Inspected {
    fn of(finding: Finding) -> Self {
        Self { findings: vec![finding], ..Self::default() }
    }
}

/// A file as a word of a command.
pub(super) fn argument(shown: &str) -> String {
    if shown.starts_with('-') { word(&format!("./{shown}")).into_owned() } else { word(shown).into_owned() }
}

/// The format that a file has by its name.
pub(super) fn format_of(name: &Path) -> &'static dyn Format {
    format_for_name(&name.file_name().unwrap_or_default().to_string_lossy()).unwrap_or(BINARY)
}

/// What git itself reads, and what keeps a folder in it.
fn is_of_git(name: &Path) -> bool {
    const NAMES: [&str; 4] = [".gitattributes", ".gitignore", ".gitkeep", ".gitmodules"];
    name.file_name().is_some_and(|name| NAMES.iter().any(|known| name == *known))
}

/// Whether a file is by its name a text about those beside it.
fn is_note(name: &Path) -> bool {
    let name = name.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    name == "readme" || name.starts_with("readme.") || name.ends_with(".md")
}

/// Whether a file is by its name an example, as `.env.example`: those hold no secrets, and are there to be read.
fn is_example(name: &Path) -> bool {
    let name = name.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    [".dist", ".example", ".sample", ".template"].iter().any(|end| name.ends_with(end))
}

/// The line at which an age identity begins, if one does.
fn identity_line(bytes: &[u8]) -> Option<usize> {
    let lines = bytes.split(|&byte| byte == b'\n').zip(1..);
    let is_identity = |line: &[u8]| line.starts_with(b"AGE-SECRET-KEY-1") && line.len() > 60;
    lines.into_iter().find(|(line, _)| is_identity(line)).map(|(_, number)| number)
}

/// What was a file and is a link: programs read whatever it leads to.
fn link(candidate: &Candidate, governed: &Governed<'_>) -> Inspected {
    if !governed.is_spoken_of && !governed.was_spoken_of {
        return Inspected { is_plain: true, ..Inspected::default() };
    }
    let what = "was a file before, and is a symbolic link or a submodule now: programs read what it leads to";
    let finding = Finding::new(Rule::Replaced, &candidate.place, what);
    Inspected::of(finding.remedy("put the file back; if it is meant so, --allow replaced"))
}

/// An encrypted file that cannot be read.
fn unreadable(candidate: &Candidate, bytes: &[u8], failure: &Failure) -> Finding {
    if conflict::marker(bytes).is_some() {
        return conflicted(candidate, bytes);
    }
    Finding::of(Rule::Malformed, &candidate.place, failure)
}

fn conflicted(candidate: &Candidate, bytes: &[u8]) -> Finding {
    let line = conflict::marker(bytes).map(|at| at.line);
    let remedy = format!("`sops-rs git resolve {}`", argument(&candidate.place.shown()));
    Finding::new(Rule::Conflict, &candidate.place, "a merge left conflict markers here").at(line).remedy(remedy)
}

fn drifted(candidate: &Candidate, drift: &Drift) -> Finding {
    let lines: Vec<_> = changes::lines(drift).iter().map(|line| line.trim().to_owned()).collect();
    let what = format!("is not as its rule says: {}", lines.join("; "));
    let finding = Finding::new(Rule::Drift, &candidate.place, what);
    let finding = finding.remedy(format!("`sops-rs updatekeys {}`", argument(&candidate.place.shown())));
    // A name is only a label.
    let is_more = !drift.gained.is_empty() || drift.needs_new_data_key();
    if is_more { finding } else { finding.with(Severity::Note) }
}

/// Values that are clear although the file's own policy encrypts them: files of SOPS may be read with such.
fn unsealed(candidate: &Candidate, snapshot: &Snapshot) -> Vec<Finding> {
    let is_clear = |content: &SnapshotContent| matches!(content, SnapshotContent::Clear(_));
    let leaves = snapshot.leaves().filter(|leaf| leaf.leaf_kind().is_value() && leaf.is_selected());
    let finding = |path: String, line| {
        let what = format!("`{path}` is not encrypted, though the file's own policy says so");
        let remedy = "make the change on the decrypted file, with `sops-rs edit`";
        Finding::new(Rule::Plaintext, &candidate.place, what).at(line).about(vec![path]).remedy(remedy)
    };
    leaves.filter(|leaf| is_clear(leaf.content())).map(|leaf| finding(leaf.path(), leaf.line())).collect()
}

fn shaped_like_secret(candidate: &Candidate, shaped: &SecretShaped<'_>, dialect: Dialect) -> Finding {
    let (leaf, path) = (&shaped.leaf, shaped.leaf.path());
    let is_value = leaf.leaf_kind().is_value();
    let what = match (shaped.kind, is_value) {
        (Some(kind), true) => format!("`{path}` is clear, and looks like {kind}"),
        (Some(kind), false) => format!("a comment is clear, and looks like {kind}"),
        (None, _) => format!("`{path}` is clear, and called like a secret"),
    };
    let finding = Finding::new(Rule::SecretShaped, &candidate.place, what).at(leaf.line());
    let finding = if is_value { finding.about(vec![path]) } else { finding };
    if shaped.is_named {
        return finding.with(Severity::Warning).remedy("its rule names it clear; if it is a secret, take it out there");
    }
    finding.remedy(match (is_value, dialect) {
        (false, _) => "take it out, or encrypt comments, and make a new one: it is in the history",
        (true, Dialect::Native) => "let its rule encrypt it; if it is none, name it under `clear`",
        (true, Dialect::Sops) => "let its rule encrypt it",
    })
}

/// The variables that its rule requires, and that are not there or visibly empty.
fn missing(candidate: &Candidate, snapshot: &Snapshot, required: &[String]) -> Option<Finding> {
    if required.is_empty() {
        return None;
    }
    let variables = snapshot.variables(&DEFAULT_NAMES);
    let is_there = |name: &String| variables.iter().any(|(other, is_empty)| other == name && !is_empty);
    let missing: Vec<_> = required.iter().filter(|name| !is_there(name)).cloned().collect();
    (!missing.is_empty()).then(|| {
        let what = format!("required by its rule, but missing or empty: {}", list(&missing));
        let remedy = format!("put them in with `sops-rs edit {}`", argument(&candidate.place.shown()));
        Finding::new(Rule::Required, &candidate.place, what).about(missing).remedy(remedy)
    })
}
