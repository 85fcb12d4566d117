//! The `.gitattributes` of a repository: which files the drivers are for.
//!
//! A config's rules stand as patterns in the file beside it. An attribute too many does no harm: the drivers take plaintext
//! as git does. Encrypted files that no rule speaks of, or none that can be said in patterns, are named one by one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sops_rs::config::sops::CONFIG_NAME as SOPS_CONFIG_NAME;
use sops_rs::config::translate::file_globs;
use sops_rs::config::{FileGlob, attributes_pattern_of};
use sops_rs::document::MAX_ENCRYPTED_LEN;

use super::block::{self, Place};
use super::drivers::DRIVER;
use super::plan::{Change, Plan};
use crate::cli::discover::{self, CONFIG_NAME};
use crate::cli::git::Repository;
use crate::cli::report::{Failure, count, list, named};
use crate::cli::{exit_code, io, jobs, repository, sops_config};

/// The name of the file.
const NAME: &str = ".gitattributes";

/// How many files are named to git at a time.
const BATCH: usize = 500;

/// The globs of a config, and what is known of it.
struct Globs {
    /// The folder of the config.
    folder: PathBuf,
    globs: Vec<FileGlob>,
}

/// Adds to `plan` what makes the attributes of the repository with the work tree `top` right.
///
/// # Errors
/// When a config or a file of attributes cannot be read.
pub(super) fn install(top: &Path, plan: &mut Plan) -> Result<(), Failure> {
    let listing = repository::list(&[top.to_owned()]);
    let mut configs = Vec::new();
    for path in configs_of(top, listing.files.iter().map(|file| file.path.as_path())) {
        configs.push(read(&path, plan)?);
    }
    let mut wanted: BTreeMap<PathBuf, Vec<String>> = BTreeMap::new();
    for Globs { folder, globs } in &configs {
        // One that is above the repository speaks of what is below its top.
        let (place, names) = match top.strip_prefix(folder) {
            Ok(inner) => (top, inner.components().map(|part| part.as_os_str().to_string_lossy()).collect()),
            Err(_) => (folder.as_path(), Vec::new()),
        };
        let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
        let patterns = wanted.entry(place.join(NAME)).or_default();
        for pattern in globs.iter().flat_map(|glob| glob.attributes_patterns(&names)) {
            if !patterns.contains(&pattern) {
                patterns.push(pattern);
            }
        }
    }
    let is_covered = |path: &Path| {
        let covers = |glob: &Globs| {
            let relative = discover::relative(&glob.folder.join(CONFIG_NAME), path);
            relative.is_some_and(|relative| glob.globs.iter().any(|glob| glob.matches(&relative)))
        };
        configs.iter().any(covers)
    };
    let is_ignored = |path: &PathBuf| listing.files.iter().any(|file| file.ignored && file.path == *path);
    let encrypted = repository::encrypted(&[top.to_owned()], jobs::processors()).files;
    // What git ignores it neither shows nor merges.
    let single = encrypted.iter().map(|(path, _)| path).filter(|path| !is_covered(path) && !is_ignored(path));
    let single: Vec<_> = single.filter_map(|path| discover::relative(&top.join(CONFIG_NAME), path)).collect();
    let patterns = wanted.entry(top.join(NAME)).or_default();
    patterns.extend(single.iter().map(|path| attributes_pattern_of(path)));
    if !single.is_empty() {
        plan.say(format!("named one by one, since no pattern of a rule is for them: {}", list(&single)));
    }
    let all = listing
        .files
        .iter()
        .map(|file| file.path.clone())
        .filter(|path| path.file_name().is_some_and(|name| name == NAME));
    // Those of configs that are gone have nothing to say any more.
    all.for_each(|path| wanted.entry(path).or_default().truncate(usize::MAX));
    if wanted.values().all(Vec::is_empty) {
        plan.say(
            "no rule and no encrypted file yet, so no attributes: run this again when there is, or `sops-rs init` now",
        );
    }
    for (path, patterns) in wanted {
        change(&path, &patterns, plan)?;
    }
    Ok(())
}

/// Adds to `plan` what takes our lines out of all files of attributes.
///
/// # Errors
/// When one cannot be read.
pub(super) fn uninstall(top: &Path, plan: &mut Plan) -> Result<(), Failure> {
    let files = repository::list(&[top.to_owned()]).files;
    for file in files.iter().filter(|file| file.path.file_name().is_some_and(|name| name == NAME)) {
        change(&file.path, &[], plan)?;
    }
    Ok(())
}

/// Those of `files`, which are below `top`, that the attributes do not give the drivers to.
pub(in crate::cli) fn without_drivers(repository: &Repository, files: &[PathBuf]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for batch in files.chunks(BATCH) {
        let mut arguments = ["check-attr", "-z", "diff", "merge", "--"].map(std::ffi::OsString::from).to_vec();
        arguments.extend(batch.iter().filter_map(|file| Some(discover::absolute(file).ok()?.into_os_string())));
        let Ok(output) = repository.output(&arguments) else { return found };
        // Name, attribute, value; each with a NUL behind it.
        let words: Vec<&[u8]> = output.split(|&byte| byte == 0).collect();
        let is_ours = |words: &[&[u8]]| [words[2], words[5]] == [DRIVER.as_bytes(); 2];
        found.extend(
            batch.iter().zip(words.chunks_exact(6)).filter(|(_, words)| !is_ours(words)).map(|(file, _)| file.clone()),
        );
    }
    found
}

/// The configs of the repository, and the nearest one above it when there is none at its top.
fn configs_of<'f>(top: &Path, files: impl Iterator<Item = &'f Path>) -> Vec<PathBuf> {
    let is_config = |path: &&Path| {
        path.file_name().is_some_and(|name| [CONFIG_NAME, SOPS_CONFIG_NAME].iter().any(|config| name == *config))
    };
    let mut configs: Vec<_> = files.filter(is_config).map(Path::to_owned).collect();
    let nearest = discover::nearest(&top.join(NAME));
    configs.extend(nearest.filter(|path| !configs.contains(path)));
    configs
}

fn read(path: &Path, plan: &mut Plan) -> Result<Globs, Failure> {
    let mut globs: Vec<FileGlob> = Vec::new();
    if path.ends_with(CONFIG_NAME) {
        globs.extend(discover::read(path)?.rules().iter().flat_map(|rule| rule.files.iter().cloned()));
    } else if let Some(found) = sops_config::nearest(path)? {
        for rule in found.config.creation_rules().unwrap_or_default() {
            match file_globs(rule) {
                Some(found) => globs.extend(found),
                None if rule.path_regex.pattern.is_none() => {}
                None => {
                    plan.say(format!("`{}`: rule {} cannot be said in patterns of git", found.shown(), rule.ordinal))
                }
            }
        }
    }
    Ok(Globs { folder: path.parent().unwrap_or(Path::new("/")).to_owned(), globs })
}

/// Adds to `plan` what gives the file at `path` these patterns.
fn change(path: &Path, patterns: &[String], plan: &mut Plan) -> Result<(), Failure> {
    let shown = discover::shown(path);
    let metadata = path.symlink_metadata();
    if metadata.as_ref().is_ok_and(fs::Metadata::is_symlink) {
        // It may lead out of the repository, and the patterns are somebody else's text.
        let failure = Failure::about(exit_code::INPUT, &shown, "is a symbolic link, which git does not read either");
        return Err(failure.hint("put a file in its place, or leave attributes alone with --no-attributes"));
    }
    let old = if metadata.is_ok() {
        let bytes = io::read(path, MAX_ENCRYPTED_LEN)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| Failure::about(exit_code::INPUT, &shown, "is not UTF-8"))?;
        text.to_owned()
    } else {
        String::new()
    };
    let before = block::without(&old, &shown)?;
    let lines: Vec<_> = patterns.iter().map(|pattern| format!("{pattern} diff={DRIVER} merge={DRIVER}")).collect();
    let path = path.to_owned();
    match before {
        None if lines.is_empty() => {}
        Some(before) if lines.is_empty() && before.is_empty() => {
            plan.change(named(&shown), "removed", vec![Change::Remove { path }]);
        }
        Some(before) if lines.is_empty() => {
            plan.change(
                format!("our lines in {}", named(&shown)),
                "removed",
                vec![Change::Write { path, old, new: before }],
            );
        }
        before => {
            let what = format!("{} in {}", count(lines.len(), "pattern"), named(&shown));
            let new = block::with(&old, &shown, &lines, Place::End)?;
            let verb = if before.is_some() { "brought up to date" } else { "added" };
            if new == old {
                plan.say(format!("{what}: there already"));
            } else {
                plan.change(what, verb, vec![Change::Write { path, old, new }]);
            }
        }
    }
    Ok(())
}
