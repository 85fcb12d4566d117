//! The config, and every file below it: what ought to be encrypted is, and as its rule says.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use sops_rs::config::{Config, Dialect, Rule};
use sops_rs::document::{BINARY, Format, format_for_name};
use sops_rs::file::any::Plan;
use sops_rs::file::sops;
use sops_rs::keys::Recipient;

use super::{Finding, some};
use crate::cli::discover::{self, CONFIG_NAME, Located, RuleOptions, Rules};
use crate::cli::report::{Failure, count, word};
use crate::cli::repository::{self, ListedFile, Look};
use crate::cli::sops_config::FoundConfig;
use crate::cli::{exit_code, jobs};

/// What was seen, for the other checks.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Every file.
    pub(super) files: Vec<ListedFile>,
    /// Those that are encrypted.
    pub(super) encrypted: Vec<PathBuf>,
}

/// What of the files is not in order.
#[derive(Default)]
struct Troubles {
    /// Not encrypted, though a rule speaks of them.
    plain: Vec<String>,
    /// The same, of no format but binary: they may be notes on the secrets beside them.
    plain_binary: Vec<String>,
    /// Not as their rules say.
    drifted: Vec<String>,
    /// Encrypted in another dialect than that of their rules.
    other_dialect: Vec<String>,
    /// Encrypted, but no rule speaks of them.
    without_rule: Vec<String>,
    failures: Vec<Failure>,
    /// For each rule how many files it applies to, and how many it would if it came first.
    uses: Vec<(usize, usize)>,
}

pub(super) fn check(own: &[Recipient]) -> (Seen, Vec<Finding>) {
    const CHECK: &str = "config";
    let rules = match discover::locate(&RuleOptions::default(), Path::new(CONFIG_NAME)) {
        Ok(rules) => rules,
        Err(failure) if failure.code == exit_code::NO_CONFIG => {
            let finding =
                Finding::warning(CHECK, format!("there is no `{CONFIG_NAME}` or `.sops.yaml` in this folder or above"));
            let root = [repository::root()];
            let encrypted = repository::encrypted(&root, jobs::processors()).files;
            let encrypted = encrypted.into_iter().map(|(path, _)| path).collect();
            let seen = Seen { files: repository::list(&root).files, encrypted };
            return (seen, vec![finding.hint("make one with `sops-rs init`")]);
        }
        Err(failure) => return (Seen::default(), vec![Finding::of(CHECK, &failure)]),
    };
    let (mut findings, path) = match &rules {
        Rules::Own(located) => (config(located, own), located.path.as_path()),
        Rules::Sops(found) => (sops_config(found), found.path()),
    };
    let listing = repository::list(&[folder_of(path)]);
    let mut troubles = Troubles { failures: listing.failures, ..Troubles::default() };
    let encrypted = judge(&rules, path, &listing.files, &mut troubles);
    if let Rules::Own(located) = &rules {
        findings.extend(unused_rules(&located.config, &troubles.uses));
    }
    findings.extend(files(&encrypted, &troubles));
    (Seen { files: listing.files, encrypted }, findings)
}

/// The folder of the config at `path`, from the current one on where that is possible.
fn folder_of(path: &Path) -> PathBuf {
    let folder = path.parent().unwrap_or(Path::new("/"));
    match discover::absolute(Path::new(".")) {
        Ok(here) if here == folder => ".".into(),
        _ => folder.into(),
    }
}

fn config(located: &Located, own: &[Recipient]) -> Vec<Finding> {
    let shown = discover::shown(&located.path);
    let config = &located.config;
    let counted =
        format!("{} and {}", count(config.rules().len(), "rule"), count(config.recipients().len(), "recipient"));
    let mut findings = vec![Finding::ok("config", format!("`{shown}`, {counted}"))];
    for error in config.rules().iter().filter_map(|rule| rule.check_supported().err()) {
        findings
            .push(Finding::failed("config", format!("`{shown}`: {error}")).hint("take it out, or use a newer sops-rs"));
    }
    if let (Some(first), false) = (own.first(), config.recipients().values().any(|known| own.contains(known))) {
        let finding = Finding::warning("config", format!("`{shown}`: none of its recipients is yours"));
        findings
            .push(finding.hint(format!("you can encrypt, but not decrypt; to be a reader, ask one to add {first}")));
    }
    findings
}

/// The config of SOPS, and what SOPS passes over in it without a word.
fn sops_config(found: &FoundConfig) -> Vec<Finding> {
    let rules = found.config.creation_rules().unwrap_or_default().len();
    let counted = Finding::ok("config", format!("`{}` of SOPS, {}", found.shown(), count(rules, "rule")));
    let warnings = found.warnings().into_iter().map(|warning| Finding::warning("config", warning));
    std::iter::once(counted).chain(warnings).collect()
}

/// Looks at every file, and gives those that are encrypted. `config` is where `rules` are.
fn judge(rules: &Rules, config: &Path, files: &[ListedFile], troubles: &mut Troubles) -> Vec<PathBuf> {
    let own = match rules {
        Rules::Own(located) => located.config.rules(),
        Rules::Sops(_) => &[],
    };
    troubles.uses = vec![(0, 0); own.len()];
    let looks = jobs::map(jobs::processors(), files, |file| repository::look(&file.path));
    let mut encrypted = Vec::new();
    let mut governed: HashMap<PathBuf, bool> = HashMap::new();
    for (file, look) in files.iter().zip(looks) {
        let shown = discover::shown(&file.path);
        let Ok(path) = discover::absolute(&file.path) else { continue };
        // Below another config it is that one's affair.
        let folder = path.parent().unwrap_or(Path::new("/")).to_owned();
        let is_governed = || discover::nearest(&path).is_none_or(|nearest| nearest == config);
        if !*governed.entry(folder).or_insert_with(is_governed) {
            continue;
        }
        let relative = discover::relative(config, &path).unwrap_or_default();
        let matching: Vec<_> = (0..own.len()).filter(|&rule| own[rule].glob_for(&relative).is_some()).collect();
        matching.iter().for_each(|&rule| troubles.uses[rule].1 += 1);
        let rule = matching.first().map(|&rule| {
            troubles.uses[rule].0 += 1;
            &own[rule]
        });
        match look {
            Ok(Look::Encrypted(found)) => {
                match plan(rules, rule, &path, found.metadata.dialect()) {
                    Some(plan) => match plan.drift(&found.metadata) {
                        Some(drift) if drift.is_empty() => {}
                        Some(_) => troubles.drifted.push(shown),
                        None => troubles.other_dialect.push(shown),
                    },
                    None => troubles.without_rule.push(shown),
                }
                encrypted.push(file.path.clone());
            }
            // What git ignores does not get into a commit.
            Ok(Look::Other) if !file.ignored => match plain_format(&file.path) {
                Some(format) if rule.is_some() && format.name() != BINARY.name() => troubles.plain.push(shown),
                Some(_) if rule.is_some() || is_meant(rules, &path) => troubles.plain_binary.push(shown),
                _ => {}
            },
            Ok(Look::Other) => {}
            Err(failure) => troubles.failures.push(failure),
        }
    }
    encrypted
}

/// What the rules say of a file that is encrypted in `dialect`; `rule` is ours for it.
fn plan(rules: &Rules, rule: Option<&Rule>, path: &Path, dialect: Dialect) -> Option<Plan> {
    let own = rule.and_then(|rule| Plan::of_rule(rule).ok());
    match (rules, own) {
        (Rules::Own(_), Some(plan)) if plan.dialect() == dialect => Some(plan),
        (Rules::Sops(found), _) => {
            let rule = found.rule_for(path).ok()??;
            sops::Plan::of_creation_rule(rule).ok().map(Plan::Sops)
        }
        (Rules::Own(_), _) => discover::plan_like(&RuleOptions::default(), path, dialect).ok(),
    }
}

/// Whether a rule of SOPS names such files. One without a pattern is for whatever somebody encrypts.
fn is_meant(rules: &Rules, path: &Path) -> bool {
    let Rules::Sops(found) = rules else { return false };
    found.rule_for(path).is_ok_and(|rule| rule.is_some_and(|rule| rule.path_regex.pattern.is_some()))
}

/// The format in which a file can be encrypted; none when it is empty, a config, or a file of git's own.
fn plain_format(path: &Path) -> Option<&'static dyn Format> {
    let name = path.file_name()?.to_string_lossy();
    let is_config = name.starts_with(".git") || [CONFIG_NAME, ".sops.yaml", ".sops.yml"].contains(&&*name);
    let is_empty = path.metadata().is_ok_and(|metadata| metadata.len() == 0);
    (!is_config && !is_empty).then(|| format_for_name(&name).unwrap_or(BINARY))
}

/// Rules that apply to no file.
fn unused_rules<'r>(config: &'r Config, uses: &'r [(usize, usize)]) -> impl Iterator<Item = Finding> + 'r {
    let unused = config.rules().iter().zip(uses).filter(|(_, (applied, _))| *applied == 0);
    unused.map(|(rule, (_, matched))| match matched {
        0 => Finding::warning("rules", format!("rule {}, {rule}, matches no file", rule.ordinal))
            .hint("files that are not there yet are no trouble; else look at its globs"),
        _ => {
            let what = format!(
                "rule {}, {rule}, comes too late: others apply to its {}",
                rule.ordinal,
                count(*matched, "file")
            );
            Finding::warning("rules", what).hint("the first rule that matches applies; put special ones first")
        }
    })
}

fn files(encrypted: &[PathBuf], troubles: &Troubles) -> Vec<Finding> {
    const CHECK: &str = "files";
    let Troubles { plain, plain_binary, drifted, other_dialect, without_rule, failures, .. } = troubles;
    let command = |words: &str, files: &[String]| match files {
        [file] => format!("`sops-rs {words} {}`", word(file)),
        _ => format!("`sops-rs {words} FILE…`"),
    };
    let mut findings = Vec::new();
    if !plain.is_empty() {
        let what = format!("not encrypted, though a rule speaks of them: {}", some(plain));
        let finding = Finding::failed(CHECK, what).hint(command("encrypt -i", plain));
        findings.push(finding.hint("one that was committed like that is no secret any more"));
    }
    if !plain_binary.is_empty() {
        let what = format!("not encrypted, though a rule speaks of them: {}", some(plain_binary));
        let finding =
            Finding::warning(CHECK, what).hint(format!("if they are secret, {}", command("encrypt -i", plain_binary)));
        findings.push(finding.hint("if not, let the globs of the rule leave them out"));
    }
    findings.extend(failures.iter().map(|failure| Finding::of(CHECK, failure)));
    if !drifted.is_empty() {
        let finding = Finding::warning(CHECK, format!("encrypted, but not as their rules say: {}", some(drifted)));
        let update = if drifted.len() == 1 { command("updatekeys", drifted) } else { "`sops-rs updatekeys -r`".into() };
        findings.push(finding.hint(format!("see why with `sops-rs explain`, then {update}")));
    }
    if !other_dialect.is_empty() {
        let what = format!("encrypted in another dialect than their rules say: {}", some(other_dialect));
        findings.push(Finding::warning(CHECK, what).hint("see `sops-rs convert`, or the field `dialect` of the rule"));
    }
    if !without_rule.is_empty() {
        let what = format!("encrypted, but no rule speaks of them: {}", some(without_rule));
        findings.push(
            Finding::warning(CHECK, what).hint("add a rule, so that a reader who is removed is removed from them, too"),
        );
    }
    if findings.is_empty() {
        findings.push(Finding::ok(CHECK, format!("{} encrypted", count(encrypted.len(), "file"))));
    }
    findings
}
