//! `explain`.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use sops_rs::config::Dialect;
use sops_rs::document::MAX_ENCRYPTED_LEN;
use sops_rs::error::Error;
use sops_rs::file::any::{self, Input};
use sops_rs::file::{Document, Drift, Outline, ValueState};

use super::discover::{self, RuleOptions};
use super::files::{InputOptions, each};
use super::report::{Failure, count};
use super::terminal::escape;
use super::{changes, io};

mod judgement;
mod policy;

use judgement::Judgement;

/// Explain which rule applies to a file, why, and what it makes of it
///
/// Goes through the rules of the nearest `.sops-rs.yaml` (or `.sops.yaml` of SOPS) in their order, and tells who would read the file and which of
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
    judgement: Judgement,
    state: State,
}

/// What the file is today.
enum State {
    /// An encrypted one, how it differs from its rule (if it has one), and what of it is sealed.
    Encrypted {
        dialect: Dialect,
        drift: Option<Drift>,
        outline: Outline,
    },
    Missing,
    /// A plaintext, and what its rule (if it has one) would make of it.
    Plain {
        outline: Option<Outline>,
    },
    /// One that cannot be read or encrypted, and why.
    Unfit(String),
}

fn explain(arguments: &Arguments, path: &Path) -> Result<Explained, Failure> {
    let options = RuleOptions { config: arguments.config.clone(), config_only: true, ..RuleOptions::default() };
    let judgement = Judgement::find(&options, arguments.input.name(path))?;
    let state = state(arguments, &options, path, &judgement)?;
    Ok(Explained { judgement, state })
}

fn state(arguments: &Arguments, options: &RuleOptions, path: &Path, judgement: &Judgement) -> Result<State, Failure> {
    if !path.exists() && path != Path::new("-") {
        return Ok(State::Missing);
    }
    let bytes = io::read(path, MAX_ENCRYPTED_LEN)?;
    let format = arguments.input.format(path)?;
    let unfit = |error: Error| State::Unfit(error.to_string());
    let name = arguments.input.name(path);
    let plan = judgement.plan.as_ref().filter(|_| judgement.unsupported.is_none());
    Ok(match any::status(&bytes, format) {
        Ok(Some(_)) => any::outline(&bytes, format).map_or_else(unfit, |(metadata, outline)| {
            let dialect = metadata.dialect();
            let other = || discover::plan_like(options, name, dialect).ok()?.drift(&metadata);
            let drift = plan.and_then(|plan| plan.drift(&metadata).or_else(other));
            State::Encrypted { dialect, drift, outline }
        }),
        Ok(None) => {
            let input = Input { plaintext: &bytes, format, store: arguments.input.store(path) };
            let outline = match plan {
                Some(plan) => any::outline_of_plan(input, plan).map(Some),
                None => Document::parse(&bytes, format).map(|_| None),
            };
            outline.map_or_else(unfit, |outline| State::Plain { outline })
        }
        Err(error) => unfit(error),
    })
}

impl Explained {
    fn text(&self, path: &Path, verbose: bool) -> String {
        let Judgement { config, rules, plan, unsupported, .. } = &self.judgement;
        let mut lines = vec![format!("  config: {}", discover::shown(config))];
        lines.extend(rules.iter().map(|rule| format!("  {}", rule.text)));
        match plan {
            None if unsupported.is_some() => {}
            None => lines.push("  no rule applies: the file cannot be encrypted without -r/--recipient".to_owned()),
            Some(plan) => lines.extend(policy::lines(plan)),
        }
        lines.extend(unsupported.iter().map(|why| format!("  cannot be done: {why}")));
        lines.extend(self.state_lines(verbose));
        let lines: String = lines.iter().map(|line| format!("{}\n", escape(line))).collect();
        format!("{}\n{lines}", escape(&path.display().to_string()))
    }

    fn state_lines(&self, verbose: bool) -> Vec<String> {
        match &self.state {
            State::Encrypted { dialect, drift, outline } => {
                let counted = counted(outline);
                let encrypted = match dialect {
                    Dialect::Native => "encrypted",
                    Dialect::Sops => "encrypted in the dialect of SOPS",
                };
                let mut lines = vec![match drift {
                    None => format!("  {encrypted}: {counted}"),
                    Some(drift) if drift.is_empty() => format!("  {encrypted}, as the rule says: {counted}"),
                    Some(_) => format!("  {encrypted}, but not as the rule says: {counted}"),
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
            State::Unfit(why) => vec![format!("  cannot be encrypted or read: {why}")],
        }
    }

    fn json(&self, path: &Path) -> Value {
        let (state, drift, outline, why) = match &self.state {
            State::Encrypted { drift, outline, .. } => ("encrypted", drift.as_ref(), Some(outline), None),
            State::Missing => ("missing", None, None, None),
            State::Plain { outline } => ("plain", None, outline.as_ref(), None),
            State::Unfit(why) => ("unfit", None, None, Some(why)),
        };
        let dialect = match &self.state {
            State::Encrypted { dialect, .. } => Some(dialect.as_str()),
            _ => None,
        };
        let Judgement { config, rules, applies, plan, unsupported } = &self.judgement;
        json!({
            "file": path.display().to_string(),
            "config": config.display().to_string(),
            "rules": rules.iter().map(|rule| &rule.json).collect::<Vec<_>>(),
            "rule": applies,
            "unsupported": unsupported,
            "policy": plan.as_ref().map(policy::json),
            "dialect": dialect,
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
