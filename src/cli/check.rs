//! `check`.

use std::num::NonZero;
use std::path::PathBuf;

use clap::Args;
use clap::ValueEnum;
use clap::builder::PossibleValue;
use sops_rs::document::MAX_ENCRYPTED_LEN;
use sops_rs::keys::Identities;

use self::finding::{Finding, Rule, Severity};
use self::inspect::{Inspected, Inspector};
use self::leaks::Reach;
use self::output::OutputFormat;
use self::past::{Past, Subject};
use self::rule_book::RuleBook;
use self::scope::{Scope, Selected};
use super::exit_code;
use super::files::{IdentityOptions, Unlocker};
use super::git::{Object, Objects};
use super::identities::{self, Machine};
use super::jobs::{self, JobOptions};
use super::report::{Failure, count, say, warn};

mod finding;
mod inspect;
mod leaks;
mod output;
mod past;
mod rule_book;
mod scope;
mod twins;

/// Check that what is to be secret is encrypted, and that nobody without a key has tampered with it
///
/// Meant for the pre-commit hook (--staged) and for CI (--against). Without an option the whole work tree is checked, and all of its history.
/// No key is needed: everything that the rules match is encrypted, well-formed, and has the readers and the policy of its rule; nothing that
/// looks like a secret is clear; no plaintext lies beside; no file is a copy of another one; and no value, link or data key is one that had been
/// replaced before, which no key can tell. Where an identity opens a file without a question, it is also verified.
///
/// Each finding is one line: where, how bad, what, and what to do. Errors end with 10; so do warnings with --strict. When there
/// is none, but the history is not here (a shallow clone), it ends with 11, for nothing can be said then.
#[derive(Debug, Args)]
#[command(after_long_help = rules())]
pub(crate) struct Arguments {
    /// Check only these files, and what is below these folders
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Check what is staged, as it is staged: for a pre-commit hook
    #[arg(long, conflicts_with = "against")]
    staged: bool,
    /// Check what differs in the work tree from where it left this revision, as `origin/main`: for CI
    #[arg(long, value_name = "REV")]
    against: Option<String>,
    /// How to print what was found
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: OutputFormat,
    /// Print JSON, as --format json does
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Let what this rule finds pass; may be repeated
    #[arg(long, value_name = "RULE", hide_possible_values = true)]
    allow: Vec<RuleName>,
    /// Let warnings fail, too
    #[arg(long)]
    strict: bool,
    /// Do not look at earlier states of the files
    #[arg(long)]
    no_history: bool,
    /// Use no identity: nothing is verified that needs one
    #[arg(long)]
    no_key: bool,
    /// Look also for the values of encrypted files in the files that are checked, in clear, in base64 or as programs spell them
    ///
    /// These are the values of all encrypted files of the repository that an identity opens, of 8 bytes or more. Common words,
    /// numbers, dates, addresses without a password, public keys and placeholders are not looked for. Values are compared
    /// whole, short ones and words only where they stand alone, and words that stand in more than 5 files are no leaks.
    ///
    /// Not for changes of people who may not read these files, where they see the report: it tells which of their guesses is right.
    #[arg(long, conflicts_with = "no_key")]
    leaks: bool,
    /// Look for them in everything that a branch or tag leads to: files, their names, commits and tags
    #[arg(long, requires = "leaks", conflicts_with_all = ["staged", "against"])]
    history: bool,
    #[command(flatten)]
    identities: IdentityOptions,
    #[command(flatten)]
    jobs: JobOptions,
}

/// The rules, for the help.
fn rules() -> String {
    let line = |rule: &Rule| format!("\n  {} ({}): {}", rule.name(), rule.severity().name(), rule.summary());
    format!("Rules:{}", Rule::ALL.iter().map(line).collect::<String>())
}

/// A rule by its name.
#[derive(Clone, Copy, Debug)]
struct RuleName(Rule);

impl ValueEnum for RuleName {
    fn value_variants<'a>() -> &'a [Self] {
        const NAMES: [RuleName; Rule::ALL.len()] = {
            let mut names = [RuleName(Rule::Config); Rule::ALL.len()];
            let mut index = 0;
            while index < names.len() {
                names[index] = RuleName(Rule::ALL[index]);
                index += 1;
            }
            names
        };
        &NAMES
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.0.name()))
    }
}

/// What was found, and in how many files.
struct Found {
    findings: Vec<Finding>,
    files: usize,
}

pub(crate) fn run(arguments: &Arguments) -> Result<u8, Failure> {
    let scope = match (&arguments.against, arguments.staged) {
        (Some(revision), _) => Scope::Against(revision.clone()),
        (None, true) => Scope::Staged,
        (None, false) => Scope::All,
    };
    let identities = if arguments.no_key { None } else { identities(&arguments.identities)? };
    let check = Check {
        scope,
        paths: &arguments.paths,
        identities,
        has_history: !arguments.no_history,
        leaks: arguments.leaks.then(|| Unlocker::find(&arguments.identities)).transpose()?,
        reach: if arguments.history { Reach::History } else { Reach::Selected },
        jobs: arguments.jobs.count(),
    };
    let mut found = check.find()?;
    found.findings.retain(|finding| !arguments.allow.iter().any(|name| name.0 == finding.rule));
    let format = if arguments.json { OutputFormat::Json } else { arguments.format };
    output::print(&found.findings, found.files, format)?;
    Ok(end(&found, arguments.strict))
}

/// Checks what is staged, for the hook: what was found is told on standard error. 0 lets the commit go on.
pub(crate) fn staged() -> Result<u8, Failure> {
    let identities = identities(&IdentityOptions::default())?;
    let scope = Scope::Staged;
    let jobs = jobs::processors();
    let check = Check { scope, paths: &[], identities, has_history: true, leaks: None, reach: Reach::Selected, jobs };
    let mut found = check.find()?;
    // A clone without its history is no reason not to commit: CI has all of it.
    found.findings.retain(|finding| finding.rule != Rule::HistoryUnknown);
    output::tell(&found.findings);
    Ok(end(&found, false))
}

/// Identities that open files without asking anybody for anything.
fn identities(options: &IdentityOptions) -> Result<Option<Identities>, Failure> {
    let found = identities::find(&options.identity, &Machine::this());
    match found {
        Ok(found) => Ok(Some(found.identities.unattended())),
        Err(error) if options.identity.is_empty() => {
            warn(&error.to_string());
            Ok(None)
        }
        Err(error) => Err(Failure::new(exit_code::NO_KEY, error.to_string())),
    }
}

/// Tells how many findings there are; gives the exit code.
fn end(found: &Found, is_strict: bool) -> u8 {
    let of = |severity| found.findings.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
    let is_unknown = found.findings.iter().any(|finding| finding.rule == Rule::HistoryUnknown);
    let files = count(found.files, "encrypted file");
    say(&match (errors, warnings) {
        (0, 0) => format!("{files} checked, no errors"),
        (errors, 0) => format!("{files} checked, {}", count(errors, "error")),
        (0, warnings) => format!("{files} checked, no errors, {}", count(warnings, "warning")),
        (errors, warnings) => format!("{files} checked, {}, {}", count(errors, "error"), count(warnings, "warning")),
    });
    match (errors, warnings) {
        (0, 0) => 0,
        (0, 1) if is_unknown => exit_code::UNKNOWN,
        (0, _) if is_strict => exit_code::FINDINGS,
        (0, _) if is_unknown => exit_code::UNKNOWN,
        (0, _) => 0,
        _ => exit_code::FINDINGS,
    }
}

/// What is to be checked, and with what.
struct Check<'c> {
    scope: Scope,
    paths: &'c [PathBuf],
    identities: Option<Identities>,
    has_history: bool,
    /// Opens the files whose values are looked for.
    leaks: Option<Unlocker>,
    reach: Reach,
    jobs: NonZero<usize>,
}

impl Check<'_> {
    fn find(&self) -> Result<Found, Failure> {
        let mut selected = scope::select(&self.scope, self.paths)?;
        let book = RuleBook::read(&selected)?;
        let mut findings = std::mem::take(&mut selected.findings);
        findings.extend(book.findings.iter().cloned());
        let before = RuleBook::read_before(&selected)?;
        let governed = jobs::map(self.jobs, &selected.candidates, |candidate| {
            let mut governed = book.governed(&selected, &candidate.place);
            let before = before.as_ref().map(|book| book.governed(&selected, &candidate.place));
            governed.was_spoken_of = before.is_some_and(|before| before.is_spoken_of);
            governed
        });
        let inspected = self.inspect(&selected, &governed)?;
        let files = inspected.iter().filter(|inspected| inspected.encrypted.is_some()).count();
        let parts = selected.candidates.iter().zip(&governed).zip(&inspected);
        let subjects: Vec<_> =
            parts.map(|((candidate, governed), inspected)| Subject { candidate, governed, inspected }).collect();
        findings.extend(inspected.iter().flat_map(|inspected| inspected.findings.iter().cloned()));
        findings.extend(twins::plaintexts(&selected, &self.scope, &subjects)?);
        findings.extend(twins::copies(&selected, &self.scope, &subjects));
        if self.has_history {
            let past =
                Past { scope: &self.scope, selected: &selected, identities: self.identities.as_ref(), jobs: self.jobs };
            findings.extend(past.find(&subjects)?);
        }
        if let Some(unlocker) = &self.leaks {
            let is_unknown = findings.iter().any(|finding| finding.rule == Rule::HistoryUnknown);
            let leaks = leaks::find(&selected, self.reach, self.paths, unlocker, self.jobs)?;
            findings.extend(leaks.into_iter().filter(|leak| !is_unknown || leak.rule != Rule::HistoryUnknown));
        }
        findings.sort_by(|a, b| {
            let key = |finding: &Finding| (finding.place.clone(), finding.line, finding.rule);
            key(a).cmp(&key(b))
        });
        Ok(Found { findings, files })
    }

    fn inspect(&self, selected: &Selected, governed: &[rule_book::Governed<'_>]) -> Result<Vec<Inspected>, Failure> {
        let inspector = Inspector { scope: &self.scope, identities: self.identities.as_ref() };
        let mut staged = Vec::with_capacity(selected.candidates.len());
        let ids: Vec<_> = selected.candidates.iter().filter_map(|candidate| candidate.blob).collect();
        if let (false, Some(repository)) = (ids.is_empty(), &selected.repository) {
            staged = Objects::start(repository)?.read_all(&ids, MAX_ENCRYPTED_LEN)?;
        }
        let mut staged = staged.into_iter();
        let staged_of = |candidate: &scope::Candidate| match candidate.blob.and_then(|_| staged.next())? {
            Object::Blob(bytes) => Some(Ok(bytes)),
            Object::TooLong(_) => Some(Err("is longer than an encrypted file can be")),
            _ => Some(Err("is staged, but its content is not in the repository")),
        };
        let contents: Vec<_> = selected.candidates.iter().map(staged_of).collect();
        let numbers: Vec<usize> = (0..selected.candidates.len()).collect();
        Ok(jobs::map(self.jobs, &numbers, |&number| {
            inspector.inspect(&selected.candidates[number], contents[number].clone(), &governed[number])
        }))
    }
}
