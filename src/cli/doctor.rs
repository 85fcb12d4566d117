//! `doctor`.

use clap::Args;
use serde_json::{Value, json};

use super::files::IdentityOptions;
use super::report::{Failure, count};
use super::terminal::escape;
use super::{exit_code, io};

mod git;
mod identities;
mod integration;
mod leftovers;
mod repository;
mod tools;

/// Check that everything is in order here, and tell what to do where it is not
///
/// Looks at your identities and who else can read them, at the `.sops-rs.yaml` of this folder, at every file below it (is it
/// encrypted, and as its rule says?), at git, at what killed runs left behind, and at the programs that are needed. Nothing
/// is changed, nobody is asked for anything, and nothing is decrypted. Ends with 1 when a check fails; a warning is no failure.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    identities: IdentityOptions,
}

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Ok,
    Warning,
    Failed,
}

/// What one check found.
#[derive(Debug)]
struct Finding {
    check: &'static str,
    verdict: Verdict,
    what: String,
    /// What to do.
    hints: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let (own, mut findings) = identities::check(&arguments.identities);
    let (seen, more) = repository::check(&own.recipients);
    findings.extend(more);
    findings.extend(git::check(&seen, &own.files));
    findings.extend(integration::check(&seen));
    findings.extend(leftovers::check(&seen));
    findings.extend(tools::check(own.needs_passphrase));
    if arguments.json {
        io::print_json(&findings.iter().map(Finding::json).collect())?;
    } else {
        let is_colored = io::is_colored_stdout();
        let text: String = findings.iter().map(|finding| finding.text(is_colored)).collect();
        io::print(text.as_bytes())?;
    }
    match findings.iter().filter(|finding| finding.verdict == Verdict::Failed).count() {
        0 => Ok(()),
        failed => Err(Failure::new(exit_code::GENERIC, format!("{} failed", count(failed, "check")))),
    }
}

impl Finding {
    fn new(verdict: Verdict, check: &'static str, what: impl Into<String>) -> Self {
        Self { check, verdict, what: what.into(), hints: Vec::new() }
    }

    fn ok(check: &'static str, what: impl Into<String>) -> Self {
        Self::new(Verdict::Ok, check, what)
    }

    fn warning(check: &'static str, what: impl Into<String>) -> Self {
        Self::new(Verdict::Warning, check, what)
    }

    fn failed(check: &'static str, what: impl Into<String>) -> Self {
        Self::new(Verdict::Failed, check, what)
    }

    /// What a failure says.
    fn of(check: &'static str, failure: &Failure) -> Self {
        Self { hints: failure.hints().to_vec(), ..Self::failed(check, failure.message()) }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    fn text(&self, is_colored: bool) -> String {
        let (mark, color) = match self.verdict {
            Verdict::Ok => ("ok  ", "\u{1b}[1;32m"),
            Verdict::Warning => ("warn", "\u{1b}[1;33m"),
            Verdict::Failed => ("FAIL", "\u{1b}[1;31m"),
        };
        let mark = if is_colored { format!("{color}{mark}\u{1b}[0m") } else { mark.to_owned() };
        let mut text = format!("{mark}  {}: {}\n", self.check, escape(&self.what));
        self.hints.iter().for_each(|hint| text.push_str(&format!("      {}\n", escape(hint))));
        text
    }

    fn json(&self) -> Value {
        let verdict = match self.verdict {
            Verdict::Ok => "ok",
            Verdict::Warning => "warning",
            Verdict::Failed => "failed",
        };
        json!({ "check": self.check, "verdict": verdict, "what": self.what, "hints": self.hints })
    }
}

/// Some of `words` in backticks, and how many more there are.
fn some(words: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown = super::report::list(&words[..words.len().min(SHOWN)]);
    if words.len() > SHOWN { format!("{shown} and {} more", words.len() - SHOWN) } else { shown }
}
