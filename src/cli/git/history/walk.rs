//! `git log`, read.

use std::collections::HashSet;
use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Stdio;

use super::Commit;
use crate::cli::git::changes::read_raw;
use crate::cli::git::{ObjectId, Repository, cannot_run, path_of, succeeded};
use crate::cli::report::Failure;

/// What `git log` tells, newest first.
pub(super) struct Walk {
    pub(super) steps: Vec<Step>,
    /// Whether only commits are told that change one of the files; their parents are the nearest such ones.
    pub(super) is_by_name: bool,
}

/// A commit, and what it did to the files.
pub(super) struct Step {
    pub(super) id: ObjectId,
    pub(super) parents: Vec<ObjectId>,
    /// Only where there are changes.
    pub(super) commit: Option<Commit>,
    pub(super) changes: Vec<FileChange>,
}

/// What a commit did to a file. A merge did something when the file is not as in any parent.
pub(super) struct FileChange {
    /// The file in each parent.
    pub(super) old: Vec<State>,
    pub(super) new: State,
    pub(super) is_renamed: bool,
}

/// A path, and the content there.
pub(super) struct State {
    pub(super) path: PathBuf,
    pub(super) blob: Option<ObjectId>,
}

/// The fields before the changes of a commit.
const FORMAT: &str = "--format=%x01%H%x00%P%x00%aN%x00%aE%x00%at%x00%s%x00";

impl Walk {
    /// Walks from `tips`, looking for `names`.
    pub(super) fn new(
        repository: &Repository,
        tips: &[ObjectId],
        names: &HashSet<PathBuf>,
        is_by_name: bool,
        most: Option<usize>,
    ) -> Result<Self, Failure> {
        let mut arguments: Vec<OsString> = Vec::new();
        let options = ["--raw", "-z", "-M", "-c", "--combined-all-paths", "--no-abbrev", "--root"];
        // What a config could change: a program for signatures, colors, other encodings, paths from a folder.
        let plain = ["--no-show-signature", "--no-color", "--encoding=UTF-8", "--no-notes", "--no-relative"];
        let safe = ["--no-ext-diff", "--no-textconv", "--ignore-submodules=all", "--full-history", FORMAT];
        arguments.push("log".into());
        arguments.extend(options.into_iter().chain(plain).chain(safe).map(OsString::from));
        arguments.extend(is_by_name.then(|| "--parents".into()));
        arguments.extend(most.map(|most| format!("--max-count={most}").into()));
        arguments.extend(tips.iter().map(|tip| tip.to_string().into()));
        arguments.push("--".into());
        if is_by_name {
            arguments.extend(names.iter().map(|name| name.clone().into_os_string()));
        }
        let output = repository.output(arguments)?;
        let mut fields = output.split(|&byte| byte == 0).peekable();
        let mut walk = Self { steps: Vec::new(), is_by_name };
        while let Some(field) = fields.next() {
            let field = field.trim_ascii_start();
            if let Some(id) = field.strip_prefix(b"\x01") {
                walk.steps.extend(Step::read(id, &mut fields, names));
            }
        }
        Ok(walk)
    }

    /// Names that some of the files had before they had one of `names`.
    pub(super) fn older_names(
        &self,
        repository: &Repository,
        names: &HashSet<PathBuf>,
    ) -> Result<HashSet<PathBuf>, Failure> {
        let mut older = HashSet::new();
        let changes = self.steps.iter().flat_map(|step| &step.changes);
        for change in changes.filter(|change| names.contains(&change.new.path)) {
            older.extend(change.old.iter().map(|old| &old.path).filter(|path| !names.contains(*path)).cloned());
        }
        if !self.is_by_name {
            return Ok(older);
        }
        // Asked for by name, a renamed file looks like an added one.
        let adds = |step: &&Step| {
            let is_added = |change: &FileChange| change.old.iter().all(|old| old.blob.is_none());
            step.changes.iter().any(is_added)
        };
        let commits: String = self.steps.iter().filter(adds).map(|step| format!("{}\n", step.id)).collect();
        if commits.is_empty() {
            return Ok(older);
        }
        let mut command = repository.command(["diff-tree", "--stdin", "--raw", "-r", "-z", "-M", "--no-abbrev"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().map_err(|error| cannot_run(&error))?;
        let input = process.stdin.take();
        let output = std::thread::scope(|scope| {
            // Writing and reading at once: both pipes may be full. That git ended shows in its answer.
            scope.spawn(|| input.map(|mut input| input.write_all(commits.as_bytes())));
            process.wait_with_output().map_err(|error| cannot_run(&error))
        })?;
        let output = succeeded(output)?;
        let mut fields = output.split(|&byte| byte == 0);
        while let Some(field) = fields.next() {
            let change = read_raw(field, &mut fields).filter(|change| change.similarity.is_some());
            if let Some((Some(old), Some(new))) = change.map(|change| (change.old, change.new))
                && names.contains(&new.path)
                && !names.contains(&old.path)
            {
                older.insert(old.path);
            }
        }
        Ok(older)
    }
}

impl Step {
    fn read<'f>(
        id: &[u8],
        fields: &mut std::iter::Peekable<impl Iterator<Item = &'f [u8]>>,
        names: &HashSet<PathBuf>,
    ) -> Option<Self> {
        let parents = fields.next()?.split(|&byte| byte == b' ').filter_map(ObjectId::parse).collect();
        let mut texts = [fields.next()?, fields.next()?, fields.next()?, fields.next()?].into_iter();
        let mut step = Self { id: ObjectId::parse(id)?, parents, commit: None, changes: Vec::new() };
        // Between the commit and its changes there are line breaks, or empty fields.
        while let Some(header) = fields.next_if(|field| !field.starts_with(b"\x01")) {
            step.changes.extend(FileChange::read(header.trim_ascii_start(), fields).filter(|change| {
                let mut paths = change.old.iter().map(|old| &old.path);
                names.contains(&change.new.path) || paths.any(|path| names.contains(path))
            }));
        }
        if !step.changes.is_empty() {
            let mut text = || texts.next().map(|text| String::from_utf8_lossy(text).into_owned()).unwrap_or_default();
            let (author, email, time) = (text(), text(), text().parse().unwrap_or_default());
            step.commit = Some(Commit { id: step.id, author, email, time, subject: text() });
        }
        Some(step)
    }
}

impl FileChange {
    fn read<'f>(header: &[u8], fields: &mut impl Iterator<Item = &'f [u8]>) -> Option<Self> {
        let count = header.iter().take_while(|&&byte| byte == b':').count();
        if count == 0 {
            return None;
        }
        if count == 1 {
            let change = read_raw(header, fields)?;
            let is_renamed = change.similarity.is_some();
            let (old, new) = (change.old, change.new);
            let path = old.as_ref().or(new.as_ref())?.path.clone();
            let new_path = new.as_ref().map_or_else(|| path.clone(), |new| new.path.clone());
            let old = State { path, blob: old.and_then(|old| old.id) };
            let new = State { path: new_path, blob: new.and_then(|new| new.id) };
            return Some(Self { old: vec![old], new, is_renamed });
        }
        // `::MODE MODE MODE ID ID ID STATUS`, then the path in each parent and in the merge.
        let words: Vec<_> = header.get(count..)?.split(|&byte| byte == b' ').collect();
        let id = |number: usize| ObjectId::parse(words.get(count + 1 + number)?).filter(|id| !id.is_null());
        let mut old = Vec::with_capacity(count);
        for number in 0..count {
            old.push(State { path: path_of(fields.next()?), blob: id(number) });
        }
        let new = State { path: path_of(fields.next()?), blob: id(count) };
        Some(Self { old, new, is_renamed: false })
    }
}
