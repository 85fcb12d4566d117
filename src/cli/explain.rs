//! `explain`.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use sops_rs::config::Rule;
use sops_rs::document::MAX_ENCRYPTED_LEN;
use sops_rs::error::Error;
use sops_rs::file::{self, Document, Drift, Outline, Plan, ValueState};
use sops_rs::keys::Recipient;

use super::discover::{self, Located, RuleOptions};
use super::files::{InputOptions, each};
use super::report::{Failure, count, list};
use super::terminal::escape;
use super::{changes, io, readers, sops};

/// Explain which rule applies to a file, why, and what it makes of it
///
/// Goes through the rules of the nearest `.sops-rs.yaml` in their order, and tells who would read the file and which of
/// its values would be encrypted; for an encrypted file, whether it is as its rule says. The file need not exist. Needs no
/// key, and nothing is verified.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The config file, instead of the nearest `.sops-rs.yaml` above the file
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Name every value, and whether it is encrypted
    #[arg(short, long)]
    verbose: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    input: InputOptions,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let explained = each(&arguments.files, |path| explain(arguments, path))?;
    if arguments.json {
        return io::print_json(&explained.iter().map(|(path, explained)| explained.json(path)).collect());
    }
    let texts: String = explained.iter().map(|(path, explained)| explained.text(path, arguments.verbose)).collect();
    io::print(texts.as_bytes())
}

/// What there is to say about a file.
struct Explained {
    located: Located,
    /// The place of the rule that applies, among the rules.
    rule: Option<usize>,
    /// Why this version cannot do what that rule says.
    unsupported: Option<String>,
    state: State,
}

/// What the file is today.
enum State {
    /// An encrypted one, how it differs from its rule (if it has one), and what of it is sealed.
    Encrypted {
        drift: Option<Drift>,
        outline: Outline,
    },
    Missing,
    /// A plaintext, and what its rule (if it has one) would make of it.
    Plain {
        outline: Option<Outline>,
    },
    Sops,
    /// One that cannot be read or encrypted, and why.
    Unfit(String),
}

fn explain(arguments: &Arguments, path: &Path) -> Result<Explained, Failure> {
    let options = RuleOptions { config: arguments.config.clone(), config_only: true, ..RuleOptions::default() };
    let located = discover::locate(&options, arguments.input.name(path))?;
    let rules = located.config.rules();
    let rule = rules.iter().position(|rule| rule.glob_for(&located.relative).is_some());
    let unsupported = rule.and_then(|rule| rules[rule].check_supported().err()).map(|error| error.to_string());
    let plan = rule.filter(|_| unsupported.is_none()).map(|rule| Plan::of_rule(&rules[rule]));
    let state = state(arguments, path, plan.as_ref())?;
    Ok(Explained { rule, unsupported, state, located })
}

fn state(arguments: &Arguments, path: &Path, plan: Option<&Plan>) -> Result<State, Failure> {
    if !path.exists() && path != Path::new("-") {
        return Ok(State::Missing);
    }
    let bytes = io::read(path, MAX_ENCRYPTED_LEN)?;
    let format = arguments.input.format(path)?;
    let unfit = |error: Error| State::Unfit(error.to_string());
    Ok(match file::status(&bytes, format) {
        Ok(Some(_)) => Outline::of_encrypted(&bytes, format).map_or_else(unfit, |(metadata, outline)| {
            State::Encrypted { drift: plan.map(|plan| plan.drift(&metadata)), outline }
        }),
        Ok(None) | Err(_) if sops::is_encrypted(&bytes, format) => State::Sops,
        Ok(None) => {
            let outline = || -> Result<_, Error> {
                let document = Document::parse(&bytes, format)?;
                plan.map(|plan| Outline::of_plan(&document, plan)).transpose()
            };
            outline().map_or_else(unfit, |outline| State::Plain { outline })
        }
        Err(error) => unfit(error),
    })
}

impl Explained {
    fn rules(&self) -> &[Rule] {
        self.located.config.rules()
    }

    fn text(&self, path: &Path, verbose: bool) -> String {
        let mut lines = vec![format!("  config: {}", discover::shown(&self.located.path))];
        for (number, rule) in self.rules().iter().enumerate() {
            let glob = rule.glob_for(&self.located.relative).map(|glob| glob.as_str());
            let globs = list(&rule.files.iter().map(|glob| glob.as_str().to_owned()).collect::<Vec<_>>());
            let verdict = match (glob, self.rule) {
                (Some(glob), Some(first)) if first == number => format!("applies, `{glob}` matches"),
                (Some(glob), _) => format!("comes too late, though `{glob}` matches"),
                (None, _) => format!("does not apply, no match with {globs}"),
            };
            lines.push(format!("  rule {} (line {}): {verdict}", rule.ordinal, rule.position.line));
        }
        match self.rule.map(|rule| &self.rules()[rule]) {
            None => lines.push("  no rule applies: the file cannot be encrypted without -r/--recipient".to_owned()),
            Some(rule) => lines.extend(rule_lines(rule)),
        }
        lines.extend(self.unsupported.iter().map(|why| format!("  cannot be done: {why}")));
        lines.extend(self.state_lines(verbose));
        let lines: String = lines.iter().map(|line| format!("{}\n", escape(line))).collect();
        format!("{}\n{lines}", escape(&path.display().to_string()))
    }

    fn state_lines(&self, verbose: bool) -> Vec<String> {
        match &self.state {
            State::Encrypted { drift, outline } => {
                let counted = counted(outline);
                let mut lines = vec![match drift {
                    None => format!("  encrypted: {counted}"),
                    Some(drift) if drift.is_empty() => format!("  encrypted, as the rule says: {counted}"),
                    Some(_) => format!("  encrypted, but not as the rule says: {counted}"),
                }];
                lines.extend(drift.iter().flat_map(changes::lines).map(|line| format!("  {line}")));
                lines.extend(value_lines(outline, verbose));
                lines
            }
            State::Missing => vec!["  there is no such file yet".to_owned()],
            State::Plain { outline: None } => vec!["  not encrypted".to_owned()],
            State::Plain { outline: Some(outline) } => {
                let mut lines = vec![format!("  not encrypted; encrypting would make it: {}", counted(outline))];
                lines.extend(value_lines(outline, verbose));
                lines
            }
            State::Sops => vec!["  encrypted by SOPS".to_owned()],
            State::Unfit(why) => vec![format!("  cannot be encrypted or read: {why}")],
        }
    }

    fn json(&self, path: &Path) -> Value {
        let rule = |rule: &Rule| {
            json!({
                "rule": rule.ordinal,
                "line": rule.position.line,
                "files": rule.files.iter().map(|glob| glob.as_str()).collect::<Vec<_>>(),
                "match": rule.glob_for(&self.located.relative).map(|glob| glob.as_str()),
            })
        };
        let applies = self.rule.map(|rule| &self.rules()[rule]);
        let (state, drift, outline, why) = match &self.state {
            State::Encrypted { drift, outline } => ("encrypted", drift.as_ref(), Some(outline), None),
            State::Missing => ("missing", None, None, None),
            State::Plain { outline } => ("plain", None, outline.as_ref(), None),
            State::Sops => ("sops", None, None, None),
            State::Unfit(why) => ("unfit", None, None, Some(why)),
        };
        json!({
            "file": path.display().to_string(),
            "config": self.located.path.display().to_string(),
            "rules": self.rules().iter().map(rule).collect::<Vec<_>>(),
            "rule": applies.map(|rule| rule.ordinal),
            "unsupported": self.unsupported,
            "policy": applies.map(policy_json),
            "state": state,
            "why": why,
            "as_the_rule_says": drift.map(Drift::is_empty),
            "changes": drift.map(change_texts),
            "encrypted_values": outline.map(|outline| paths(outline, ValueState::Sealed)),
            "clear_values": outline.map(|outline| paths(outline, ValueState::Clear)),
            "encrypted_comments": outline.map(Outline::sealed_comments),
        })
    }
}

/// What a rule says.
fn rule_lines(rule: &Rule) -> Vec<String> {
    let mut lines = vec!["  readers:".to_owned()];
    lines.extend(reader_lines(&rule.recipients));
    for section in &rule.sections {
        lines.push(format!("  readers of section {} ({}):", section.name, globs(&section.paths)));
        lines.extend(reader_lines(&section.recipients));
    }
    lines.push(format!("  encrypts {}", globs(&rule.selection.encrypt)));
    if !rule.selection.clear.is_empty() {
        lines.push(format!("  leaves clear {}", globs(&rule.selection.clear)));
    }
    lines.push(format!("  comments: {}; clear_values: {}", rule.comments.as_str(), rule.clear_values.as_str()));
    lines
}

fn reader_lines(recipients: &[(String, Recipient)]) -> Vec<String> {
    let rows = recipients.iter().map(|(name, recipient)| (name.as_str(), recipient.to_string()));
    readers::columns(rows).lines().map(|line| format!("  {line}")).collect()
}

fn globs(globs: &[sops_rs::select::PathGlob]) -> String {
    list(&globs.iter().map(|glob| glob.as_str().to_owned()).collect::<Vec<_>>())
}

fn policy_json(rule: &Rule) -> Value {
    let readers = |recipients: &[(String, Recipient)]| -> Vec<_> {
        recipients.iter().map(|(name, key)| json!({ "name": name, "recipient": key.as_str() })).collect()
    };
    let texts =
        |globs: &[sops_rs::select::PathGlob]| globs.iter().map(|glob| glob.as_str().to_owned()).collect::<Vec<_>>();
    let section = |section: &sops_rs::config::SectionRule| json!({ "name": section.name, "paths": texts(&section.paths), "readers": readers(&section.recipients) });
    json!({
        "readers": readers(&rule.recipients),
        "sections": rule.sections.iter().map(section).collect::<Vec<_>>(),
        "encrypt": texts(&rule.selection.encrypt),
        "clear": texts(&rule.selection.clear),
        "comments": rule.comments.as_str(),
        "clear_values": rule.clear_values.as_str(),
    })
}

fn change_texts(drift: &Drift) -> Vec<String> {
    changes::lines(drift).iter().map(|line| line.trim().to_owned()).collect()
}

/// "2 values and 1 comment encrypted, 1 clear".
fn counted(outline: &Outline) -> String {
    let comments = match outline.sealed_comments() {
        0 => String::new(),
        comments => format!(" and {}", count(comments, "comment")),
    };
    let clear = match outline.count(ValueState::Clear) {
        0 => "none clear".to_owned(),
        clear => format!("{clear} clear"),
    };
    format!("{}{comments} encrypted, {clear}", count(outline.count(ValueState::Sealed), "value"))
}

fn value_lines(outline: &Outline, verbose: bool) -> impl Iterator<Item = String> {
    outline.values().filter(move |_| verbose).filter_map(|value| match value.state() {
        ValueState::Clear => Some(format!("    clear: {}", value.path())),
        ValueState::Sealed => Some(format!("    encrypted: {}", value.path())),
        ValueState::Empty => None,
    })
}

fn paths(outline: &Outline, state: ValueState) -> Vec<String> {
    outline.values().filter(|value| value.state() == state).map(|value| value.path()).collect()
}
