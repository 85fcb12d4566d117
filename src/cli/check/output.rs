//! Findings for people, and for machines.

use clap::ValueEnum;
use serde_json::{Value, json};

use super::finding::{Finding, Severity};
use crate::cli::io;
use crate::cli::report::Failure;
use crate::cli::terminal::escape;

mod github;
mod sarif;

/// How findings are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// A line for each, for people
    #[default]
    Text,
    /// One object
    Json,
    /// SARIF 2.1.0, as code scanning services read it
    Sarif,
    /// Workflow commands of GitHub Actions, which put annotations into a pull request
    Github,
}

/// Prints findings to standard output.
pub(crate) fn print(findings: &[Finding], files: usize, format: OutputFormat) -> Result<(), Failure> {
    match format {
        OutputFormat::Text => {
            let is_colored = io::is_colored_stdout();
            let lines: String = findings.iter().map(|finding| text(finding, is_colored)).collect();
            io::print(lines.as_bytes())
        }
        OutputFormat::Json => {
            io::print_json(&json!({ "files": files, "findings": findings.iter().map(object).collect::<Vec<_>>() }))
        }
        OutputFormat::Sarif => io::print_json(&sarif::log(findings)),
        OutputFormat::Github => {
            let lines: String = findings.iter().map(github::command).collect();
            io::print(lines.as_bytes())
        }
    }
}

/// Tells findings on standard error.
pub(crate) fn tell(findings: &[Finding]) {
    findings.iter().for_each(|finding| io::print_to_stderr(text(finding, false).as_bytes()));
}

/// What was found, where that is not said by a field of its own, and what to do: one sentence.
fn sentence(finding: &Finding) -> String {
    match &finding.remedy {
        None => finding.what.clone(),
        Some(remedy) => format!("{}; {remedy}", finding.what),
    }
}

fn text(finding: &Finding, is_colored: bool) -> String {
    let color = match finding.severity {
        Severity::Error => "\u{1b}[1;31m",
        Severity::Note => "\u{1b}[1;36m",
        Severity::Warning => "\u{1b}[1;33m",
    };
    let name = finding.severity.name();
    let severity = if is_colored { format!("{color}{name}\u{1b}[0m") } else { name.to_owned() };
    let place = match (&finding.place, finding.line) {
        (None, _) => String::new(),
        (Some(place), None) => format!("{}: ", escape(&place.shown())),
        (Some(place), Some(line)) => format!("{}:{line}: ", escape(&place.shown())),
    };
    format!("{place}{severity}: {} [{}]\n", escape(&sentence(finding)), finding.rule.name())
}

fn object(finding: &Finding) -> Value {
    json!({
        "rule": finding.rule.name(),
        "severity": finding.severity.name(),
        "file": finding.place.as_ref().map(|place| place.name.display().to_string()),
        "line": finding.line,
        "paths": finding.paths,
        "commit": finding.commit,
        "what": finding.what,
        "remedy": finding.remedy,
    })
}
