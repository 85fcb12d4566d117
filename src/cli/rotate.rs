//! `rotate`.

use std::path::{Path, PathBuf};

use clap::Args;
use sops_rs::file::Warning;
use sops_rs::file::any::{self, Rekeying};

use super::discover::{self, RuleOptions};
use super::files::{IdentityOptions, Unlocker, all_of, is_stream};
use super::io::{self, Batch, Privacy};
use super::many::{MOST_NAMES, Target, TargetOptions, names, say_lost_proposals, say_none};
use super::report::{Failure, count, say, warn};
use super::vouching::Vouching;
use super::{clock, exit_code};

/// Give files a new data key and encrypt every value anew
///
/// Readers and policy stay what they are; `updatekeys` changes them. Each file is replaced, and the first one not before
/// all of them are written: a failure leaves every file as it was.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    targets: TargetOptions,
    /// Replace each file, which is done anyway; for those who know this from SOPS
    #[arg(short, long, conflicts_with = "output")]
    in_place: bool,
    /// Write to this file instead, `-` is standard output
    #[arg(short, long, value_name = "FILE", conflicts_with = "recursive")]
    output: Option<PathBuf>,
    /// Leave out files that no identity of yours opens
    #[arg(long, requires = "recursive")]
    skip_locked: bool,
    /// Do not ask whether a key that stands in a file of SOPS, and in no rule, may read it on
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    identities: IdentityOptions,
}

/// What became of a file.
enum Done {
    /// It was none of ours.
    Other,
    /// No identity opens it.
    Locked,
    Rotated(Rotated),
}

struct Rotated {
    text: Option<String>,
    /// Whether the rule says something else than the file.
    drifted: bool,
    warnings: Vec<Warning>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let targets = arguments.targets.list()?;
    if let (Some(_), [_, other, ..]) = (&arguments.output, &targets[..]) {
        let shown = other.path.display().to_string();
        return Err(Failure::about(exit_code::CONFLICT, &shown, "is a second file, and -o/--output takes one"));
    }
    let unlocker = Unlocker::find(&arguments.identities)?;
    let batch = Batch::default();
    let vouching = Vouching::new(unlocker.own(), arguments.yes);
    let results = arguments.targets.each(&targets, |target| rotate(arguments, target, &unlocker, &vouching, &batch));
    let done = all_of(results.into_iter())?;
    match (&arguments.output, &done[..]) {
        (Some(output), [Done::Rotated(Rotated { text: Some(text), .. })]) if !is_stream(output) => {
            io::write(output, text.as_bytes(), Privacy::Public)?;
        }
        (_, [Done::Rotated(Rotated { text: Some(text), .. })]) => io::print(text.as_bytes())?,
        _ => batch.commit()?,
    }
    summarise(&targets, &done);
    Ok(())
}

fn rotate(
    arguments: &Arguments,
    target: &Target,
    unlocker: &Unlocker,
    vouching: &Vouching,
    batch: &Batch,
) -> Result<Done, Failure> {
    let path = &target.path;
    let shown = path.display().to_string();
    if arguments.output.is_none() {
        io::check_replaceable(path)?;
    }
    let Some(old) = arguments.targets.read(target)? else { return Ok(Done::Other) };
    // A file without a rule is as it is.
    let plan = discover::plan_like(&RuleOptions::default(), path, old.metadata.dialect()).ok();
    discover::warn_of_dialect(&shown, path, old.metadata.dialect());
    let confirmed = vouching.confirmed(&shown, &old.metadata, plan.as_ref())?;
    let rekeying = Rekeying { unlock: unlocker, wrap: &unlocker.wrap(), confirmed: &confirmed, now: clock::now() };
    let rotated = match any::rotate(&old.bytes, old.format, &rekeying) {
        Err(error) if error.is_locked() && arguments.skip_locked => return Ok(Done::Locked),
        rotated => rotated.map_err(|error| {
            let locked = error.is_locked();
            let failure = unlocker.failure(&shown, error);
            if locked && arguments.targets.recursive {
                failure.hint("leave such files out with --skip-locked")
            } else {
                failure
            }
        })?,
    };
    let drift = plan.and_then(|plan| plan.drift(&old.metadata));
    let drifted = drift.is_some_and(|drift| !drift.is_empty());
    let text = if arguments.output.is_none() {
        batch.add_over(path, &old.bytes, rotated.text.as_bytes(), Privacy::Public)?;
        None
    } else {
        Some(rotated.text)
    };
    Ok(Done::Rotated(Rotated { text, drifted, warnings: rotated.warnings }))
}

fn summarise(targets: &[Target], done: &[Done]) {
    let paths = |wanted: fn(&Done) -> bool| -> Vec<&Path> {
        let files = targets.iter().zip(done).filter(|(_, done)| wanted(done));
        files.map(|(target, _)| target.path.as_path()).collect()
    };
    for (target, done) in targets.iter().zip(done) {
        if let Done::Rotated(Rotated { warnings, .. }) = done {
            say_lost_proposals(&target.path, warnings);
        }
    }
    let drifted = paths(|done| matches!(done, Done::Rotated(Rotated { drifted: true, .. })));
    if !drifted.is_empty() {
        let names = names(drifted.into_iter(), MOST_NAMES);
        warn(&format!("not as the rules say: {names}; see `sops-rs updatekeys --check`"));
    }
    let locked = paths(|done| matches!(done, Done::Locked));
    if !locked.is_empty() {
        warn(&format!("left as they are, since no identity opens them: {}", names(locked.into_iter(), MOST_NAMES)));
    }
    match &paths(|done| matches!(done, Done::Rotated(_)))[..] {
        [] => say_none(),
        [one] => say(&format!("`{}`: every value is encrypted anew under a new data key", one.display())),
        all => say(&format!("{}: every value is encrypted anew under new data keys", count(all.len(), "file"))),
    }
}
