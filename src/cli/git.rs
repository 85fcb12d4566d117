//! The user's git: the one place that runs it, and what it answers.
//!
//! It is run without a pager and never runs a program that a repository names, fetches nothing, and sees the objects as
//! they are, not what `refs/replace` puts in their place.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::report::{Failure, warn};
use super::{discover, environment, exit_code};

mod changes;
mod entries;
mod history;
mod object_id;
mod objects;
mod origins;
mod revision;

pub(crate) use changes::{Change, Side};
pub(crate) use entries::Entry;
pub(crate) use history::{Commit, FileHistory, History, Version};
pub(crate) use object_id::ObjectId;
pub(crate) use objects::{Object, Objects};
pub(crate) use origins::Brought;
pub(crate) use revision::Range;

/// A repository, with or without a work tree.
#[derive(Debug)]
pub(crate) struct Repository {
    facts: Facts,
    /// The index that a hook is about, from the root.
    index_file: Option<PathBuf>,
    /// Whether the variables of git are about this repository, as they are inside of its hooks and drivers.
    is_of_environment: bool,
}

/// What git says of a repository. Paths are from the root, without symbolic links.
#[derive(Debug)]
struct Facts {
    top: Option<PathBuf>,
    git_dir: PathBuf,
    common_dir: PathBuf,
    is_shallow: bool,
    is_sha256: bool,
}

impl Repository {
    /// The repository that `folder` is in. Inside of a hook or driver of that repository it is with the index that git
    /// names there; other repositories are looked at as if there were no hook.
    ///
    /// # Errors
    /// When there is no git, or it refuses the repository.
    pub(crate) fn find(folder: &Path) -> Result<Option<Self>, Failure> {
        let own = Facts::ask(folder, false);
        let names = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"];
        if names.iter().all(|name| environment::variable(name).is_none()) {
            return Ok(own?.map(|facts| Self { facts, index_file: None, is_of_environment: false }));
        }
        let depth = |facts: &Option<Facts>| {
            let top = facts.as_ref()?.top.as_deref()?;
            folder.canonicalize().is_ok_and(|folder| folder.starts_with(top)).then(|| top.components().count())
        };
        // A refused one is not the one that we were called for.
        let named = Facts::ask(Path::new("."), true).unwrap_or_default();
        // A bare one is refused where nobody names it.
        let own = if named.is_some() { own.unwrap_or_default() } else { own? };
        let is_same = matches!((&own, &named), (Some(own), Some(named)) if own.git_dir == named.git_dir);
        if is_same || own.is_none() || depth(&named) >= depth(&own) && depth(&named).is_some() {
            let index = environment::variable("GIT_INDEX_FILE").map(PathBuf::from);
            let of_named = |facts: Facts| {
                let base = facts.top.as_ref().unwrap_or(&facts.git_dir);
                let index_file = index.map(|index| base.join(index));
                Self { facts, index_file, is_of_environment: true }
            };
            return Ok(named.map(of_named));
        }
        Ok(own.map(|facts| Self { facts, index_file: None, is_of_environment: false }))
    }

    /// That of the current folder.
    ///
    /// # Errors
    /// Those of [`Repository::find`], and when there is none.
    pub(crate) fn here() -> Result<Self, Failure> {
        let none = || {
            let failure = Failure::new(exit_code::GENERIC, "this folder is in no git repository");
            failure.hint("go to one, or begin one with `git init`")
        };
        Self::find(Path::new("."))?.ok_or_else(none)
    }

    /// The folder of its work tree, from the root; none for a bare one.
    pub(crate) fn top(&self) -> Option<&Path> {
        self.facts.top.as_deref()
    }

    /// The folder in which git keeps what all work trees share: config, hooks, objects.
    pub(crate) fn common_dir(&self) -> &Path {
        &self.facts.common_dir
    }

    /// Whether the beginning of its history is missing.
    pub(crate) fn is_shallow(&self) -> bool {
        self.facts.is_shallow
    }

    /// The name that a file has in this repository: its path from the top. None for files elsewhere.
    pub(crate) fn name_of(&self, path: &Path) -> Option<PathBuf> {
        let top = self.top()?;
        let path = discover::clean(&discover::absolute(path).ok()?);
        // The folders may be reached by symbolic links; some may be gone.
        let real = path.ancestors().skip(1).find_map(|folder| {
            let rest = path.strip_prefix(folder).ok()?;
            Some(folder.canonicalize().ok()?.join(rest))
        })?;
        if path == top || real == top { Some(PathBuf::new()) } else { real.strip_prefix(top).ok().map(Path::to_owned) }
    }

    /// Where the file of this name is, as a short path from the current folder.
    pub(crate) fn path_of(&self, name: &Path) -> PathBuf {
        let Some(top) = self.top() else { return name.to_owned() };
        let here = Path::new(".").canonicalize().unwrap_or_default();
        let path = top.join(name);
        if let Ok(below) = path.strip_prefix(&here) {
            return below.to_owned();
        }
        if !here.starts_with(top) {
            return path;
        }
        let shared = here.components().zip(path.components()).take_while(|(a, b)| a == b).count();
        let up = here.components().skip(shared).map(|_| Path::new(".."));
        up.chain(path.components().skip(shared).map(|part| Path::new(part.as_os_str()))).collect()
    }

    /// git with these arguments, in the top folder of this repository.
    pub(crate) fn command<I: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = I>) -> Command {
        let mut command = command(self.top().unwrap_or(&self.facts.git_dir), self.is_of_environment);
        if self.is_of_environment {
            command.env("GIT_DIR", &self.facts.git_dir).env_remove("GIT_PREFIX");
            self.top().map(|top| command.env("GIT_WORK_TREE", top));
            self.index_file.as_ref().map(|index| command.env("GIT_INDEX_FILE", index));
        }
        command.args(arguments);
        command
    }

    /// What git answers to these arguments.
    ///
    /// # Errors
    /// When it fails: with its own words.
    pub(crate) fn output<I: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = I>) -> Result<Vec<u8>, Failure> {
        succeeded(run(self.command(arguments))?)
    }
}

impl Facts {
    fn ask(folder: &Path, with_environment: bool) -> Result<Option<Self>, Failure> {
        let mut command = command(folder, with_environment);
        command.args(["rev-parse", "--is-shallow-repository", "--show-object-format", "--path-format=absolute"]);
        command.args(["--git-dir", "--git-common-dir", "--is-inside-work-tree", "--show-toplevel"]);
        let output = run(command)?;
        let said = String::from_utf8_lossy(&output.stderr);
        // A bare one, and the folder `.git`, have no top: the answers before that question are there all the same.
        let is_bare = said.contains("must be run in a work tree");
        if !output.status.success() && !is_bare {
            let is_none = said.contains("not a git repository") || said.contains("cannot change to");
            let is_refused = said.contains("cannot use bare repository");
            let hint = "its config may name programs; if you trust it, `GIT_DIR=FOLDER` names it";
            let failure = || if is_refused { failed(&output).hint(hint) } else { failed(&output) };
            return if is_none { Ok(None) } else { Err(failure()) };
        }
        let lines: Vec<_> = output.stdout.split(|&byte| byte == b'\n').map(|line| line.trim_ascii_end()).collect();
        let odd = || Failure::new(exit_code::GENERIC, "git tells of this repository in a way that is not understood");
        let (&[shallow, format, git_dir, common_dir, _], rest) = lines.split_first_chunk().ok_or_else(odd)?;
        let top = match rest {
            [top, b""] if !is_bare => Some(path_of(top)),
            [b""] | [] if is_bare => None,
            // A line break in the path of a folder.
            _ => return Err(odd()),
        };
        Ok(Some(Self {
            top,
            git_dir: path_of(git_dir),
            common_dir: path_of(common_dir),
            is_shallow: shallow == b"true",
            is_sha256: format == b"sha256",
        }))
    }
}

/// Runs git in `folder`, whatever hook we are in; none when it fails.
pub(crate) fn ask(folder: &Path, arguments: &[&str]) -> Option<Vec<u8>> {
    let mut command = command(folder, false);
    let output = run({
        command.args(arguments);
        command
    });
    let output = output.ok().filter(|output| output.status.success())?;
    // Folders that it cannot read.
    String::from_utf8_lossy(&output.stderr).lines().for_each(|line| warn(&format!("git: {line}")));
    Some(output.stdout)
}

/// A path as git writes it.
#[cfg(unix)]
pub(crate) fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    OsStr::from_bytes(bytes).into()
}

/// A path as git writes it.
#[cfg(not(unix))]
pub(crate) fn path_of(bytes: &[u8]) -> PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}

/// The one way in which git is run.
fn command(folder: &Path, with_environment: bool) -> Command {
    let mut command = Command::new("git");
    // A repository may name a program in its config, which git would run; and paths are no patterns here.
    command.args(["--no-pager", "--literal-pathspecs", "--no-replace-objects", "-c", "core.fsmonitor=false"]);
    // A folder that looks like a bare repository may have come with the files, and its config names programs.
    command.args(["-c", "safe.bareRepository=explicit", "-C"]);
    command.arg(folder).env_clear().envs(environment::inherited());
    // What is missing in a partial clone is not fetched; the second is for versions that do not know the first.
    command.env("GIT_NO_LAZY_FETCH", "1").env("GIT_ALLOW_PROTOCOL", "").env("GIT_TERMINAL_PROMPT", "0");
    command.env("GIT_OPTIONAL_LOCKS", "0").env("LC_ALL", "C").stdin(Stdio::null());
    if !with_environment {
        // Inside of a hook these speak of the repository that the hook runs for, and of paths from there.
        for name in OF_REPOSITORY {
            command.env_remove(name);
        }
    }
    command
}

/// The variables that say which repository is meant (`git rev-parse --local-env-vars`, without those of the config).
const OF_REPOSITORY: [&str; 10] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_GRAFT_FILE",
    "GIT_SHALLOW_FILE",
];

fn run(mut command: Command) -> Result<Output, Failure> {
    command.output().map_err(|error| cannot_run(&error))
}

fn cannot_run(error: &std::io::Error) -> Failure {
    let failure = Failure::new(exit_code::GENERIC, format!("git cannot be run: {}", super::io::reason(error)));
    failure.hint("this needs the program `git` on PATH")
}

fn succeeded(output: Output) -> Result<Vec<u8>, Failure> {
    if output.status.success() { Ok(output.stdout) } else { Err(failed(&output)) }
}

fn failed(output: &Output) -> Failure {
    let said = String::from_utf8_lossy(&output.stderr);
    let mut lines = said.lines();
    let first = lines.next().unwrap_or("it failed").trim_start_matches("fatal: ").trim_start_matches("error: ");
    let failure = Failure::new(exit_code::GENERIC, format!("git: {first}"));
    lines.map(str::trim).filter(|line| !line.is_empty()).fold(failure, Failure::hint)
}

#[cfg(all(test, unix))]
mod tests;
