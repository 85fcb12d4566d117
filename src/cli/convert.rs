//! `convert`.

use std::collections::BTreeMap;
use std::path::Path;

use clap::{Args, ValueEnum};
use sops_rs::config::Dialect;
use sops_rs::keys::Interaction as _;

use self::configs::{Configs, is_config};
use self::files::{Done, Readers, Ready};
use super::exit_code;
use super::files::{IdentityOptions, Unlocker, all_of};
use super::io::{Batch, Privacy};
use super::many::{MOST_NAMES, Target, TargetOptions, names, say_none};
use super::report::{Failure, count, say, warn};
use super::terminal::Terminal;

mod configs;
mod files;

/// Change encrypted files into files of SOPS, or files of SOPS into native ones
///
/// The plaintext is the same byte for byte, under a new data key; what is encrypted stays encrypted, and what is clear stays clear. Files that
/// are in the wanted dialect already are left as they are. Readers are those of the wanted dialect's rule for a file, or those that it has. A config
/// that is named (`.sops.yaml`, `.sops-rs.yaml`), or found with -r, is translated. All is computed and checked before the first file is replaced.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// What the files are to be
    #[arg(long, value_name = "DIALECT")]
    to: To,
    #[command(flatten)]
    targets: TargetOptions,
    /// Do not ask, where readers are new, lost, or named by nothing but the metadata of SOPS, which nobody has signed
    #[arg(short, long)]
    yes: bool,
    /// Also encrypt values and comments that are clear so far
    #[arg(long)]
    encrypt_more: bool,
    /// Go on where SOPS gives back an equal value in another spelling (`1.0` as `1`, dates, block scalars), or another layout
    #[arg(long)]
    allow_respelling: bool,
    /// Leave out files that no identity of yours opens
    #[arg(long, requires = "recursive")]
    skip_locked: bool,
    /// Overwrite a config file in the wanted language
    #[arg(long)]
    force: bool,
    /// Only tell what would be done; translated configs are printed
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    identities: IdentityOptions,
}

/// The dialect to convert to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum To {
    /// The dialect of this program
    Native,
    /// The files of SOPS
    Sops,
}

impl To {
    fn dialect(self) -> Dialect {
        match self {
            Self::Native => Dialect::Native,
            Self::Sops => Dialect::Sops,
        }
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let to = arguments.to.dialect();
    let targets = arguments.targets.list()?;
    let configs = Configs::translate(&targets, to, arguments.force)?;
    let targets: Vec<Target> = targets.into_iter().filter(|target| !is_config(&target.path)).collect();
    let unlocker = Unlocker::find(&arguments.identities)?;
    let batch = Batch::default();
    let conversion = files::Conversion { arguments, own: unlocker.own(), unlocker: &unlocker, configs: &configs, to };
    let results = arguments.targets.each(&targets, |target| conversion.convert(target));
    let done = all_of(results.into_iter())?;
    let ready: Vec<(&Path, &Ready)> = targets
        .iter()
        .zip(&done)
        .filter_map(|(target, done)| if let Done::Ready(ready) = done { Some((&*target.path, ready)) } else { None })
        .collect();
    configs.say_all(arguments.dry_run)?;
    if ready.is_empty() && configs.is_empty() {
        let already = done.iter().filter(|done| matches!(done, Done::Already)).count();
        match already {
            0 => say_none(),
            already => say(&format!("{}: of the {} dialect already", count(already, "file"), to.as_str())),
        }
        return Ok(());
    }
    report(&ready);
    let locked: Vec<&Path> = targets
        .iter()
        .zip(&done)
        .filter_map(|(target, done)| matches!(done, Done::Locked).then_some(&*target.path))
        .collect();
    if !locked.is_empty() {
        let names = names(locked.into_iter(), MOST_NAMES);
        warn(&format!("left as they are, since no identity opens them: {names}"));
    }
    let must_ask = tell_readers(&ready);
    if arguments.dry_run {
        say(&format!("{} would be converted to the {} dialect", count(ready.len(), "file"), to.as_str()));
        return Ok(());
    }
    if must_ask && !arguments.yes && Terminal.confirm("encrypt them to these readers?", "yes", Some("no")) != Some(true)
    {
        let failure = Failure::new(exit_code::GENERIC, "the readers were not confirmed, no file was changed");
        return Err(failure.hint("check the keys against their owners', then add -y/--yes"));
    }
    configs.add_to(&batch)?;
    for (path, ready) in &ready {
        batch.add_over(path, &ready.old, ready.text.as_bytes(), Privacy::Public)?;
    }
    batch.commit()?;
    configs.say_written();
    match &ready[..] {
        [] => {}
        [(path, _)] => say(&format!("`{}`: converted to the {} dialect", path.display(), to.as_str())),
        all => say(&format!("{} converted to the {} dialect", count(all.len(), "file"), to.as_str())),
    }
    Ok(())
}

/// Warns of what is not as it was.
fn report(ready: &[(&Path, &Ready)]) {
    for (path, ready) in ready {
        ready.warnings.iter().for_each(|warning| warn(&format!("`{}`: {warning}", path.display())));
    }
}

/// Tells what somebody has to confirm, files with the same readers together; whether there is anything.
fn tell_readers(ready: &[(&Path, &Ready)]) -> bool {
    let mut groups: BTreeMap<&Readers, Vec<&Path>> = BTreeMap::new();
    for (path, ready) in ready.iter().filter(|(_, ready)| !ready.readers.is_empty()) {
        groups.entry(&ready.readers).or_default().push(path);
    }
    for (readers, paths) in &groups {
        let all = if paths.len() > 1 { format!("{}: ", count(paths.len(), "file")) } else { String::new() };
        say(&format!("{all}{}", names(paths.iter().copied(), MOST_NAMES)));
        readers.lines().iter().for_each(|line| say(line));
    }
    let locked_out: Vec<&Path> =
        ready.iter().filter(|(_, ready)| ready.readers.locks_out).map(|(path, _)| *path).collect();
    if !locked_out.is_empty() {
        warn(&format!(
            "you will not be able to open this afterwards: {}",
            names(locked_out.iter().copied(), MOST_NAMES)
        ));
    }
    !groups.is_empty()
}
