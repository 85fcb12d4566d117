//! Everything that a repository keeps, and what brought it there.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Stdio;

use super::{ObjectId, Repository, cannot_run, path_of};
use crate::cli::exit_code;
use crate::cli::report::Failure;

/// What a commit brought.
pub(crate) enum Brought<'w> {
    /// Itself.
    Commit,
    /// A content of a file that no parent has at this path, from the top.
    File(ObjectId, &'w Path),
}

impl Repository {
    /// All objects, also those that nothing leads to any more, in the order in which git reads them fastest. What a partial
    /// clone has not fetched is not among them.
    ///
    /// # Errors
    /// When git fails.
    pub(crate) fn objects(&self) -> Result<Vec<ObjectId>, Failure> {
        let output = self.output(["cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objectname)"])?;
        Ok(output.split(|&byte| byte == b'\n').filter_map(ObjectId::parse).collect())
    }

    /// Whether objects may be missing that this repository speaks of.
    pub(crate) fn is_partial(&self) -> bool {
        self.output(["config", "--get", "extensions.partialClone"]).is_ok()
    }

    /// Gives `take` what each commit brought that a ref leads to, or `HEAD`; no commit before its children.
    ///
    /// # Errors
    /// When git fails.
    pub(crate) fn each_origin(&self, take: &mut dyn FnMut(ObjectId, Brought<'_>)) -> Result<(), Failure> {
        let options = ["--all", "--raw", "-z", "-c", "--no-renames", "--no-abbrev", "--topo-order", "--root"];
        let safe = ["--no-ext-diff", "--no-textconv", "--ignore-submodules=all", "--no-show-signature", "--no-color"];
        let format = ["--no-relative", "--no-notes", "--format=%x01%H"];
        let mut command = self.command(["log"].into_iter().chain(options).chain(safe).chain(format).chain(["--"]));
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().map_err(|e| cannot_run(&e))?;
        let mut output = process.stdout.take().map(|output| BufReader::with_capacity(1 << 16, output));
        let (mut commit, mut blob, mut field) = (None, None::<ObjectId>, Vec::new());
        while let Some(output) = &mut output {
            field.clear();
            if output.read_until(0, &mut field).map_err(|_| stopped())? == 0 {
                break;
            }
            if field.last() == Some(&0) {
                field.pop();
            }
            match (commit, blob.take()) {
                // What was deleted has no content.
                (Some(_), Some(blob)) if blob.is_null() => {}
                (Some(commit), Some(blob)) => take(commit, Brought::File(blob, &path_of(&field))),
                _ => {
                    let field = field.trim_ascii_start();
                    if let Some(id) = field.strip_prefix(b"\x01") {
                        commit = ObjectId::parse(id.trim_ascii_end());
                        commit.into_iter().for_each(|commit| take(commit, Brought::Commit));
                    } else {
                        blob = new_content(field);
                    }
                }
            }
        }
        if process.wait().is_ok_and(|status| status.success()) { Ok(()) } else { Err(stopped()) }
    }

    /// What each ref leads to, and for a tag of its own what that stands for, with its name.
    ///
    /// # Errors
    /// When git fails.
    pub(crate) fn refs(&self) -> Result<Vec<(ObjectId, String)>, Failure> {
        let output = self.output(["for-each-ref", "--format=%(objectname) %(*objectname) %(refname)"])?;
        let text = String::from_utf8_lossy(&output);
        let mut refs = Vec::new();
        for line in text.lines() {
            let mut fields = line.splitn(3, ' ');
            let (own, peeled, name) = (fields.next(), fields.next(), fields.next().unwrap_or_default());
            let ids = [own, peeled].into_iter().flatten().filter_map(|id| ObjectId::parse(id.as_bytes()));
            refs.extend(ids.map(|id| (id, name.to_owned())));
        }
        Ok(refs)
    }
}

/// The content behind the last parent's in an entry of git's raw format: `:` for each parent, their modes and the new one,
/// their contents and the new one, what was done. A path follows.
fn new_content(header: &[u8]) -> Option<ObjectId> {
    let mut words = header.split(|&byte| byte == b' ').rev();
    words.next();
    ObjectId::parse(words.next()?)
}

fn stopped() -> Failure {
    Failure::new(exit_code::GENERIC, "git stopped to tell the history").hint("`git fsck` tells what is wrong")
}
