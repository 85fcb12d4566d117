//! `check --leaks`: values of encrypted files that stand somewhere else in clear.

use std::num::NonZero;
use std::path::{Path, PathBuf};

use sops_rs::redact::Spelling;

use self::own::Own;
use self::tally::{Leak, MOST_FILES, Spot};
use super::finding::{Finding, Place, Rule, Severity};
use super::scope::{self, Selected};
use crate::cli::files::Unlocker;
use crate::cli::git::Repository;
use crate::cli::report::{Failure, count, list, say};
use crate::cli::{discover, exit_code, repository};

mod own;
mod places;
mod tally;

/// Where values are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// In the files that are checked.
    Selected,
    /// In everything that a branch or tag leads to, as far as it is among or below the paths that were named.
    History,
}

/// Looks for the values of all encrypted files of the repository that a key opens.
///
/// # Errors
/// When no key opens any, and when git or a file cannot be read.
pub(super) fn find(
    selected: &Selected,
    reach: Reach,
    paths: &[PathBuf],
    unlocker: &Unlocker,
    jobs: NonZero<usize>,
) -> Result<Vec<Finding>, Failure> {
    let listing = repository::list(&[repository::root()]);
    let here = discover::absolute(Path::new("."))?;
    let known = listing.files.into_iter().filter(|file| !file.ignored);
    let files: Vec<PathBuf> = known.map(|file| repository::short(&here, file.path)).collect();
    let own = Own::open(unlocker, &files, jobs)?;
    let mut tally = match (reach, &selected.repository) {
        (Reach::Selected, repository) => {
            places::selected(&own.search, repository.as_ref(), &selected.candidates, jobs)?
        }
        (Reach::History, Some(repository)) => {
            places::history(&own.search, repository, &scope::within(repository, paths), jobs)?
        }
        (Reach::History, None) => {
            return Err(Failure::new(exit_code::GENERIC, "this folder is in no git repository, and so has no history"));
        }
    };
    say(&format!(
        "looked for {} of {}; {} by their look",
        count(own.len(), "value"),
        count(own.files, "file"),
        if own.skipped == 1 {
            "1 more is no secret".to_owned()
        } else {
            format!("{} more are no secrets", own.skipped)
        },
    ));
    let common = tally.drop_common(&own);
    if !common.is_empty() {
        let paths: Vec<_> = common.iter().flat_map(|&number| own.paths(number)).collect();
        say(&format!("in more than {MOST_FILES} files, and so taken for mere words: {}", list(&paths)));
    }
    let mut findings: Vec<_> =
        tally.into_leaks().map(|(spot, number, leak)| finding(spot, &own, number, &leak)).collect();
    let repository = selected.repository.as_ref().filter(|_| reach == Reach::History);
    if repository.is_some_and(Repository::is_shallow) {
        let what = "the clone is shallow: what was there before it was not searched";
        findings
            .push(Finding::general(Rule::HistoryUnknown, what).remedy("fetch the rest with `git fetch --unshallow`"));
    }
    if repository.is_some_and(Repository::is_partial) {
        let what = "the clone is partial: what is not here was not searched";
        findings.push(Finding::general(Rule::HistoryUnknown, what).remedy("search a whole one"));
    }
    Ok(findings)
}

fn finding(spot: Spot, own: &Own, number: usize, leak: &Leak) -> Finding {
    let name = own.name(number);
    let value = match leak.spelling {
        Spelling::Line => format!("a line of {name}"),
        Spelling::Base64Line { .. } => format!("a line of {name}, in base64,"),
        _ => name,
    };
    let spelled = match leak.spelling {
        Spelling::Plain | Spelling::Line | Spelling::Base64Line { .. } => "",
        Spelling::Base64 | Spelling::Base64Inside => ", in base64",
        Spelling::Percent => ", percent-encoded",
        Spelling::Json => ", as a JSON string",
        Spelling::Quoted => ", inside of quotes",
    };
    let commit = leak.commit.map(|commit| commit.short());
    let since = commit.as_ref().map(|commit| format!(", since commit {commit}")).unwrap_or_default();
    let more = match (leak.more_lines, leak.more_versions) {
        (0, 0) => String::new(),
        (lines, 0) => format!(", and in {}", count(lines, "more line")),
        (_, versions) => format!(", and in {}", count(versions, "later version")),
    };
    let (finding, remedy) = match spot {
        Spot::File(place) => {
            let what = format!("{value} stands here in clear{spelled}{more}{since}");
            let remedy = if leak.commit.is_some() { CHANGE } else { TAKE_OUT };
            (own.without_values(&place, what).at(leak.line), remedy)
        }
        Spot::Name(place) => {
            let what = format!("{value} stands in the name of a file here{spelled}{since}");
            (own.without_values(&place, what), if leak.commit.is_some() { CHANGE } else { RENAME })
        }
        Spot::Commit(id) => {
            let what = format!("{value} stands in the commit {} itself, as in its message{spelled}", id.short());
            (Finding::general(Rule::Leak, what), CHANGE)
        }
        Spot::Ref(name) if own.is_told_by(name.as_bytes()) => {
            (Finding::general(Rule::Leak, format!("{value} stands in a tag{spelled}")), CHANGE)
        }
        Spot::Ref(name) => (Finding::general(Rule::Leak, format!("{value} stands in `{name}`{spelled}")), CHANGE),
    };
    let finding = finding.about(own.paths(number)).since(commit);
    if own.is_word(number) {
        return finding.with(Severity::Warning).remedy(format!("{remedy}; if it is none, let its rule leave it clear"));
    }
    finding.remedy(remedy)
}

impl Own {
    /// A finding about a file; about the folder around it where the name of the file would tell a value.
    fn without_values(&self, place: &Place, what: String) -> Finding {
        let mut parts = place.name.ancestors().zip(place.path.ancestors());
        let clean = parts.find(|(name, _)| !self.is_told_by(name.as_os_str().as_encoded_bytes()));
        match clean.filter(|(name, path)| ![name, path].iter().any(|part| part.as_os_str().is_empty())) {
            Some((name, path)) => {
                Finding::new(Rule::Leak, &Place { name: name.to_owned(), path: path.to_owned() }, what)
            }
            None => Finding::general(Rule::Leak, what),
        }
    }

    fn is_told_by(&self, text: &[u8]) -> bool {
        !self.search.find(text).is_empty()
    }
}

const TAKE_OUT: &str = "take it out; if it was ever committed or shared, change the secret";
const CHANGE: &str = "change the secret: whoever has a clone has it";
const RENAME: &str = "rename the file, and change the secret if it was ever committed or shared";
