//! The hooks of a repository that see what is about to be committed (githooks(5)), beside those that are there.

use std::path::{Path, PathBuf};

use super::block::{self, Place};
use super::plan::{Change, Plan, config};
use super::program::Program;
use crate::cli::git::{self, Repository};
use crate::cli::report::{Failure, named};
use crate::cli::{discover, environment, io};

/// The hooks. For a merge without conflicts git runs the second one alone.
const NAMES: [&str; 2] = ["pre-commit", "pre-merge-commit"];
/// One that cannot take our lines is moved to its name with this, and called by ours.
const MOVED: &str = ".before-sops-rs";
/// What they run of this program.
const COMMAND: &str = "hook pre-commit";
/// A hook is at most this long.
const MAX_LEN: usize = 1 << 20;

const SHEBANG: &str = "#!/bin/sh\n";

/// Where a hook of a repository is.
#[derive(Debug)]
struct Site {
    path: PathBuf,
    /// Whether it is a file of the repository, so that others have it too.
    is_shared: bool,
    /// Whether another program than git runs it, which asks for no mode.
    is_husky: bool,
}

/// What is there.
enum Hook {
    /// Nothing.
    None,
    /// A script of a shell.
    Script(String),
    /// One that git does not run.
    NotExecutable,
    /// Anything else: a link, a program, a script of another interpreter.
    Other,
}

/// What of a hook is in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum State {
    /// It runs this program.
    Runs,
    /// It would, but git does not run it.
    NotExecutable,
    /// It is not there, or does not run this program.
    Missing,
    /// Hooks are shared by several repositories.
    Elsewhere,
}

/// Adds to `plan` what makes the hooks run this program.
///
/// # Errors
/// When a hook cannot be read, or our lines in it are damaged.
pub(super) fn install(repository: &Repository, top: &Path, program: &Program, plan: &mut Plan) -> Result<(), Failure> {
    if is_in_framework(top) {
        plan.say(if states(repository, top).iter().all(|(_, state)| *state == State::Runs) {
            "hooks: the pre-commit framework runs the check already".to_owned()
        } else {
            let types = NAMES.map(|name| format!("--hook-type {name}")).join(" ");
            format!("hooks: `.pre-commit-config.yaml` names the check, and `pre-commit install {types}` adds them")
        });
        return Ok(());
    }
    match Site::all(repository, top)? {
        Ok(sites) => sites.iter().try_for_each(|site| site.install(program, plan)),
        Err(folder) => {
            plan.say(format!(
                "hooks: none were added, since `core.hooksPath` names {}, for all repositories; let its {} run \
                 `sops-rs {COMMAND}`",
                named(&folder.display().to_string()),
                NAMES.join(" and ")
            ));
            Ok(())
        }
    }
}

/// Adds to `plan` what makes the hooks as they were.
///
/// # Errors
/// When a hook cannot be read, or our lines in it are damaged.
pub(super) fn uninstall(repository: &Repository, top: &Path, plan: &mut Plan) -> Result<(), Failure> {
    match Site::all(repository, top)? {
        Ok(sites) => sites.iter().try_for_each(|site| site.uninstall(plan)),
        Err(_) => Ok(()),
    }
}

/// How it is with the hooks, by their names.
pub(in crate::cli) fn states(repository: &Repository, top: &Path) -> [(&'static str, State); 2] {
    let command = if is_in_framework(top) { "https://pre-commit.com" } else { COMMAND };
    let sites = Site::all(repository, top);
    std::array::from_fn(|number| {
        let name = NAMES[number];
        let state = match &sites {
            Ok(Ok(sites)) => sites[number].state(command),
            Ok(Err(folder)) => {
                let site = Site { path: folder.join(name), is_shared: true, is_husky: false };
                if site.has(command) { State::Runs } else { State::Elsewhere }
            }
            Err(_) => State::Missing,
        };
        (name, state)
    })
}

/// Whether the pre-commit framework, which has a config of its own, is told to run the check.
fn is_in_framework(top: &Path) -> bool {
    let config = io::read(&top.join(".pre-commit-config.yaml"), MAX_LEN).unwrap_or_default();
    let config = String::from_utf8_lossy(&config);
    config.lines().any(|line| line.trim_start().trim_start_matches("- ").starts_with("id: sops-rs-check"))
}

impl Site {
    /// Those of `repository`, by `NAMES`; their folder, when it is one for all repositories of the user.
    fn all(repository: &Repository, top: &Path) -> Result<Result<[Self; 2], PathBuf>, Failure> {
        let answer = repository.output(["rev-parse", "--git-path", "hooks"])?;
        let folder = top.join(git::path_of(answer.trim_ascii_end()));
        let scope =
            config(Some(repository), &["config", "--show-scope", "--get", "core.hooksPath"]).unwrap_or_default();
        let is_shared = folder.starts_with(top) && !folder.starts_with(repository.common_dir());
        if !scope.is_empty() && !scope.starts_with(b"local") && !scope.starts_with(b"worktree") && !is_shared {
            return Ok(Err(folder));
        }
        // Husky's own files call those of the folder above.
        let is_husky = folder.ends_with(".husky/_");
        let folder = if is_husky { folder.parent().unwrap_or(&folder).to_owned() } else { folder };
        Ok(Ok(NAMES.map(|name| Self { path: folder.join(name), is_shared, is_husky })))
    }

    /// Adds to `plan` what makes it run this program.
    fn install(&self, program: &Program, plan: &mut Plan) -> Result<(), Failure> {
        let shown = discover::shown(&self.path);
        let what = format!("hook {}", named(&shown));
        let lines = program.hook_lines(COMMAND, self.is_shared);
        let path = self.path.clone();
        match self.look()? {
            Hook::None => {
                let text = block::with(SHEBANG, &shown, &lines, Place::End)?;
                plan.change(what, "added", vec![Change::MakeScript { path, text }]);
            }
            Hook::Script(old) => {
                let new = block::with(&old, &shown, &lines, Place::BehindShebang)?;
                let verb = if block::without(&old, &shown)?.is_some() {
                    "brought up to date"
                } else {
                    "given our lines, before what it does"
                };
                if new == old {
                    plan.say(format!("{what}: there already"));
                } else {
                    plan.change(what, verb, vec![Change::Write { path, old, new }]);
                }
            }
            Hook::NotExecutable => plan.say(format!(
                "{what}: is left alone; git does not run it, since it is not executable. Make it so, or \
                 take it away, and run this again"
            )),
            Hook::Other => {
                let moved = self.moved();
                if moved.symlink_metadata().is_ok() {
                    let failure = Failure::about(
                        crate::cli::exit_code::GENERIC,
                        &discover::shown(&moved),
                        "is in the way of the hook that is there",
                    );
                    return Err(failure.hint("move it elsewhere, or say --no-hook"));
                }
                let name = moved.file_name().unwrap_or_default().to_string_lossy();
                let text = block::with(SHEBANG, &shown, &lines, Place::End)?
                    + &format!("exec \"$(dirname \"$0\")/{name}\" \"$@\"\n");
                let what = format!("{what}: the one that is there, now `{name}`, is called by ours, which was");
                let changes = vec![Change::Move { from: path.clone(), to: moved }, Change::MakeScript { path, text }];
                plan.change(what, "added", changes);
            }
        }
        Ok(())
    }

    /// Adds to `plan` what makes it as it was.
    fn uninstall(&self, plan: &mut Plan) -> Result<(), Failure> {
        let shown = discover::shown(&self.path);
        let what = format!("hook {}", named(&shown));
        let found = match self.look()? {
            Hook::Script(old) => block::without(&old, &shown)?.map(|rest| (old, rest)),
            Hook::None | Hook::NotExecutable | Hook::Other => None,
        };
        let Some((old, new)) = found else {
            plan.say(format!("{what}: not there"));
            return Ok(());
        };
        let (path, moved) = (self.path.clone(), self.moved());
        let is_caller = new.starts_with(SHEBANG) && new.contains(MOVED) && moved.symlink_metadata().is_ok();
        if is_caller {
            plan.change(
                format!("{what}: the one that was there is back, ours was"),
                "removed",
                vec![Change::Move { from: moved, to: path }],
            );
        } else if new == SHEBANG {
            plan.change(what, "removed", vec![Change::Remove { path }]);
        } else {
            plan.change(format!("our lines in the {what}"), "removed", vec![Change::Write { path, old, new }]);
        }
        Ok(())
    }

    fn state(&self, command: &str) -> State {
        match self.look() {
            Ok(Hook::NotExecutable) if self.has(command) => State::NotExecutable,
            Ok(_) if self.has(command) => State::Runs,
            _ => State::Missing,
        }
    }

    /// Where it is moved, when it cannot take our lines.
    fn moved(&self) -> PathBuf {
        let mut path = self.path.clone().into_os_string();
        path.push(MOVED);
        path.into()
    }

    fn look(&self) -> Result<Hook, Failure> {
        let Ok(metadata) = self.path.symlink_metadata() else { return Ok(Hook::None) };
        if !self.is_husky && !environment::is_executable(&self.path) {
            return Ok(Hook::NotExecutable);
        }
        if !metadata.is_file() {
            return Ok(Hook::Other);
        }
        let Ok(bytes) = io::read(&self.path, MAX_LEN) else { return Ok(Hook::Other) };
        Ok(match std::str::from_utf8(&bytes) {
            Ok(text) if self.is_husky || is_shell(text) => Hook::Script(text.to_owned()),
            _ => Hook::Other,
        })
    }

    /// Whether these words stand in it.
    fn has(&self, words: &str) -> bool {
        let text = io::read(&self.path, MAX_LEN).unwrap_or_default();
        String::from_utf8_lossy(&text).contains(words)
    }
}

/// Whether a script is one of a shell that our lines can stand in.
fn is_shell(text: &str) -> bool {
    let Some(first) = text.lines().next().and_then(|line| line.strip_prefix("#!")) else { return false };
    let mut words = first.split_whitespace().map(|word| word.rsplit('/').next().unwrap_or(word));
    let mut name = words.next();
    if name == Some("env") {
        name = words.find(|word| !word.starts_with('-'));
    }
    name.is_some_and(|name| ["sh", "bash", "dash", "ash", "ksh", "zsh"].contains(&name.trim_end_matches(".exe")))
}

#[cfg(test)]
mod tests {
    use super::is_shell;

    #[test]
    fn scripts_of_shells_are_known_by_their_first_line() {
        for (text, expected) in [
            ("#!/bin/sh\n", true),
            ("#! /usr/bin/env -S bash -e\nx", true),
            ("#!/bin/dash -e", true),
            ("#!/usr/bin/env python3\n", false),
            ("#!/usr/bin/fish\n", false),
            ("echo\n", false),
            ("", false),
        ] {
            assert_eq!(is_shell(text), expected, "{text}");
        }
    }
}
