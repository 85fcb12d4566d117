//! `updatekeys`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use sops_rs::Error;
use sops_rs::file::any::{self, Plan, Rekeying};
use sops_rs::file::sops::Confirmed;
use sops_rs::file::{Drift, Rekeyed, Warning};
use sops_rs::keys::Interaction as _;

use super::discover::{self, RuleOptions};
use super::files::{IdentityOptions, Unlocker, all_of};
use super::io::{self, Batch, Privacy};
use super::many::{MOST_NAMES, Target, TargetOptions, names, say_lost_proposals, say_none};
use super::report::{Failure, count, list, say, tell, warn};
use super::terminal::{Terminal, escape};
use super::{changes, clock, exit_code};

/// Give files the readers and the policy that their rules say
///
/// Shows who gains and who loses access, also when that is yourself, and asks. New readers get the data key that a file has; when somebody loses access, or
/// the rule encrypts other values than before, a file gets a new data key and every value is encrypted anew. A failure leaves every file as it was.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    targets: TargetOptions,
    /// Only tell how the files differ from their rules, and end with 1 if one does; needs no identity
    #[arg(long, conflicts_with = "yes")]
    check: bool,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    /// The config file, instead of the nearest `.sops-rs.yaml` above each file
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    identities: IdentityOptions,
}

/// A file that is not as its rule says. What is known of it is not authenticated before it is opened.
struct Drifted {
    target: Target,
    plan: Plan,
    drift: Drift,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let rule = RuleOptions { config: arguments.config.clone(), config_only: true, ..RuleOptions::default() };
    let targets = arguments.targets.list()?;
    let looks = arguments.targets.each(&targets, |target| compare(arguments, target, &rule));
    let compared = all_of(looks.into_iter())?;
    let files = compared.iter().flatten().count();
    let drifted: Vec<Drifted> = targets
        .into_iter()
        .zip(compared)
        .filter_map(|(target, compared)| {
            let (plan, drift) = compared?;
            (!drift.is_empty()).then_some(Drifted { target, plan, drift })
        })
        .collect();
    if drifted.is_empty() {
        if files == 0 {
            say_none()
        } else {
            say(&format!("{}: as the rules say", count(files, "file")))
        }
        return Ok(());
    }
    if arguments.check {
        let lines = report(&drifted, usize::MAX).into_iter().map(|line| escape(&line) + "\n");
        io::print(lines.collect::<String>().as_bytes())?;
        let are = if drifted.len() == 1 { "is" } else { "are" };
        let what = format!("{} of {} {are} not as the rules say", drifted.len(), count(files, "file"));
        return Err(Failure::new(exit_code::GENERIC, what).hint("without --check they are changed"));
    }
    let unlocker = Unlocker::find(&arguments.identities)?;
    report(&drifted, MOST_NAMES).iter().for_each(|line| tell(line));
    let changes = drifted.iter().map(|file| (file.target.path.as_path(), &file.drift, &file.plan));
    changes::warn_of_lockout(&unlocker.own(), changes);
    if !arguments.yes {
        confirm("change the files so?")?;
    }
    update(arguments, &drifted, &unlocker)
}

/// How a file differs from its rule; `None` for one that was found and is not encrypted.
fn compare(arguments: &Arguments, target: &Target, rule: &RuleOptions) -> Result<Option<(Plan, Drift)>, Failure> {
    let Some(file) = arguments.targets.read(target)? else { return Ok(None) };
    let plan = discover::plan_like(rule, &target.path, file.metadata.dialect())?;
    let Some(drift) = plan.drift(&file.metadata) else {
        let (file, rule) = (file.metadata.dialect().as_str(), plan.dialect().as_str());
        return Err(Failure::of(&target.path.display().to_string(), Error::OtherDialect { file, rule }));
    };
    Ok(Some((plan, drift)))
}

/// What will change, files with the same change together; at most so many of their names.
fn report(drifted: &[Drifted], most: usize) -> Vec<String> {
    let mut groups: BTreeMap<&Drift, Vec<&Path>> = BTreeMap::new();
    for file in drifted {
        groups.entry(&file.drift).or_default().push(&file.target.path);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(_, paths)| paths.first().copied().map(Path::to_owned));
    let mut lines = Vec::new();
    for (drift, paths) in groups {
        let all = if paths.len() > 1 { format!("{}: ", count(paths.len(), "file")) } else { String::new() };
        lines.push(format!("{all}{}", names(paths.into_iter(), most)));
        lines.extend(changes::lines(drift));
        if drift.needs_new_data_key() {
            lines.push("  new data key: every value is encrypted anew".to_owned());
        }
    }
    lines
}

fn update(arguments: &Arguments, drifted: &[Drifted], unlocker: &Unlocker) -> Result<(), Failure> {
    let batch = Batch::default();
    let results = arguments.targets.each(drifted, |file| update_one(arguments, file, unlocker, &batch));
    let done = all_of(results.into_iter())?;
    for (file, changed) in drifted.iter().zip(&done) {
        if !changed.cleared.is_empty() {
            let shown = file.target.path.display();
            warn(&format!("`{shown}`: encrypted so far, clear from now on: {}", list(&changed.cleared)));
        }
    }
    // The rule was shown before, but not what it comes to.
    if !arguments.yes && done.iter().any(|changed| !changed.cleared.is_empty()) {
        confirm("write these values in clear?")?;
    }
    batch.commit()?;
    for (file, changed) in drifted.iter().zip(&done).filter(|(_, changed)| changed.new_data_key) {
        say_lost_proposals(&file.target.path, &changed.warnings);
    }
    let rotated = done.iter().filter(|changed| changed.new_data_key).count();
    say(&match (drifted, rotated) {
        ([one], 0) => format!("`{}`: changed, the data key is the same", one.target.path.display()),
        ([one], _) => format!("`{}`: changed, under a new data key", one.target.path.display()),
        (files, 0) => format!("{} changed, the data keys are the same", count(files.len(), "file")),
        (files, _) => format!("{} changed, {rotated} of them under new data keys", count(files.len(), "file")),
    });
    Ok(())
}

/// What was done to a file, without its text.
struct Changed {
    new_data_key: bool,
    cleared: Vec<String>,
    warnings: Vec<Warning>,
}

fn update_one(arguments: &Arguments, file: &Drifted, unlocker: &Unlocker, batch: &Batch) -> Result<Changed, Failure> {
    let path = &file.target.path;
    let shown = path.display().to_string();
    io::check_replaceable(path)?;
    let changed = || Failure::about(exit_code::GENERIC, &shown, "was changed meanwhile").hint("try again");
    let old = arguments.targets.read(&file.target)?.ok_or_else(changed)?;
    let (wrap, confirmed) = (unlocker.wrap(), Confirmed::default());
    let rekeying = Rekeying { unlock: unlocker, wrap: &wrap, confirmed: &confirmed, now: clock::now() };
    let rekeyed = any::update_keys(&old.bytes, old.format, &file.plan, &rekeying);
    let rekeyed = rekeyed.map_err(|error| unlocker.failure(&shown, error))?;
    // Nothing else is done than what was shown.
    if rekeyed.drift != file.drift {
        return Err(changed());
    }
    batch.add_over(path, &old.bytes, rekeyed.text.as_bytes(), Privacy::Public)?;
    let Rekeyed { new_data_key, cleared, warnings, .. } = rekeyed;
    Ok(Changed { new_data_key, cleared, warnings })
}

fn confirm(question: &str) -> Result<(), Failure> {
    if Terminal.confirm(question, "yes", Some("no")) == Some(true) {
        return Ok(());
    }
    let failure = Failure::new(exit_code::GENERIC, "not confirmed, no file was changed");
    Err(failure.hint("check the keys of new readers against their owners', then add -y/--yes"))
}
