//! Which rule of a config applies to a file, and which ones do not.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sops_rs::config::Rule;
use sops_rs::config::sops::CreationRule;
use sops_rs::error::Error;
use sops_rs::file::any::Plan;
use sops_rs::file::sops;

use crate::cli::discover::{self, Located, RuleOptions, Rules};
use crate::cli::report::{Failure, list};
use crate::cli::sops_config::{FoundConfig, NO_RULE};

/// What the rules of a config say of a file.
pub(super) struct Judgement {
    /// Where the config is, from the root.
    pub(super) config: PathBuf,
    /// All rules in their order.
    pub(super) rules: Vec<JudgedRule>,
    /// The number of the rule that applies, from 1.
    pub(super) applies: Option<usize>,
    /// What that rule says.
    pub(super) plan: Option<Plan>,
    /// Why this version cannot do it.
    pub(super) unsupported: Option<String>,
}

/// One rule, and why it applies or does not.
pub(super) struct JudgedRule {
    /// As in "rule 1 (line 6): applies, `*.yaml` matches".
    pub(super) text: String,
    pub(super) json: Value,
}

impl Judgement {
    /// Finds the config for `file`, and goes through its rules.
    pub(super) fn find(options: &RuleOptions, file: &Path) -> Result<Self, Failure> {
        match discover::locate(options, file)? {
            Rules::Own(located) => Ok(Self::of_own(located)),
            Rules::Sops(found) => Ok(Self::of_sops(&found, file)),
        }
    }

    fn of_own(located: Located) -> Self {
        let Located { config, path, relative } = located;
        let rules = config.rules();
        let applies = rules.iter().position(|rule| rule.glob_for(&relative).is_some());
        let judged = |(number, rule): (usize, &Rule)| {
            let glob = rule.glob_for(&relative).map(|glob| glob.as_str());
            let globs: Vec<_> = rule.files.iter().map(|glob| glob.as_str().to_owned()).collect();
            let verdict = match (glob, applies) {
                (Some(glob), Some(first)) if first == number => format!("applies, `{glob}` matches"),
                (Some(glob), _) => format!("comes too late, though `{glob}` matches"),
                (None, _) => format!("does not apply, no match with {}", list(&globs)),
            };
            let line = rule.position.line;
            JudgedRule {
                text: format!("rule {} (line {line}): {verdict}", rule.ordinal),
                json: json!({ "rule": rule.ordinal, "line": line, "files": globs, "match": glob }),
            }
        };
        let rule = applies.map(|number| &rules[number]);
        let plan = rule.map(Plan::of_rule).transpose();
        let unsupported = rule.and_then(|rule| rule.check_supported().err());
        let unsupported = unsupported.as_ref().or(plan.as_ref().err()).map(ToString::to_string);
        Self {
            rules: rules.iter().enumerate().map(judged).collect(),
            applies: rule.map(|rule| rule.ordinal),
            plan: plan.ok().flatten(),
            unsupported,
            config: path,
        }
    }

    fn of_sops(found: &FoundConfig, file: &Path) -> Self {
        let (rule, failure) = match found.rule_for(file) {
            Ok(rule) => (rule, None),
            Err(failure) => (None, Some(failure)),
        };
        // That no rule matches shows anyway.
        let failure = failure.filter(|failure| !failure.message().contains(NO_RULE));
        let rules = found.config.creation_rules().unwrap_or_default();
        let applies = rule.map(|rule| rule.ordinal);
        let judged = |rule: &CreationRule| {
            let verdict = match applies {
                Some(first) if first == rule.ordinal => format!("applies, {} matches", rule.path_regex),
                Some(first) if first < rule.ordinal => "comes too late".to_owned(),
                _ => format!("does not apply, no match with {}", rule.path_regex),
            };
            let (line, pattern) = (rule.position.line, rule.path_regex.pattern.as_ref());
            let pattern = pattern.map(|pattern| pattern.as_str());
            JudgedRule {
                text: format!("rule {} (line {line}): {verdict}", rule.ordinal),
                json: json!({ "rule": rule.ordinal, "line": line, "path_regex": pattern }),
            }
        };
        let plan = rule.map(sops::Plan::of_creation_rule).transpose();
        let broken = plan.as_ref().err().map(Error::to_string);
        Self {
            config: found.path().to_owned(),
            rules: rules.iter().map(judged).collect(),
            applies,
            unsupported: broken.or(failure.map(|failure| failure.message().to_owned())),
            plan: plan.ok().flatten().map(Plan::Sops),
        }
    }
}
