//! `diff`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use self::compare::FileDiff;
use self::scope::Scope;
use super::files::{IdentityOptions, Unlocker};
use super::io;
use super::marks::Paint;
use super::report::Failure;

mod compare;
mod earlier;
mod json;
mod markdown;
mod names;
mod scope;
mod text;
mod tree;
mod words;

/// Show what changed in encrypted files: values, readers, policy
///
/// As with `git diff`: without a revision the work tree is compared with the index, with one it is compared with that, and two
/// (`A B`, `A..B`, or `A...B` for what a branch changed) are compared with each other. Only files that are encrypted on
/// one side are looked at.
///
/// No key is needed: equal tokens are equal values. So nothing is verified, and whoever can change a file can change what
/// is told here. With --mask or --show both versions are decrypted, verified, and compared by their values.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// One or two revisions, as `HEAD~2` or `main..branch`; then files and folders
    #[arg(value_name = "REVISION|PATH")]
    words: Vec<OsString>,
    /// Files and folders, where they could be taken for revisions
    #[arg(last = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Compare what is staged with the last commit, or with the given one (git's `--cached`, too)
    #[arg(long, alias = "cached", conflicts_with = "no_index")]
    staged: bool,
    /// Compare two files, of a repository or not
    #[arg(long)]
    no_index: bool,
    /// Decrypt both versions and show values; needs a key
    #[arg(long, conflicts_with_all = ["markdown", "stat", "name_only"])]
    show: bool,
    /// Decrypt both versions and tell which values really changed, without showing them; needs a key
    #[arg(long)]
    mask: bool,
    /// Show also what only was written anew
    #[arg(short, long)]
    verbose: bool,
    /// Print JSON
    #[arg(long, conflicts_with_all = ["markdown", "stat", "name_only"])]
    json: bool,
    /// Print Markdown, for a comment in a pull request
    #[arg(long, conflicts_with_all = ["stat", "name_only"])]
    markdown: bool,
    /// Print one line for each file
    #[arg(long, conflicts_with = "name_only")]
    stat: bool,
    /// Print the names of the files only
    #[arg(long)]
    name_only: bool,
    /// End with 1 when there are differences
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    identities: IdentityOptions,
}

pub(crate) fn run(arguments: &Arguments) -> Result<u8, Failure> {
    let scope = Scope::find(arguments)?;
    let opens = arguments.show || arguments.mask;
    let unlocker = opens.then(|| Unlocker::find(&arguments.identities)).transpose()?;
    let mut files = compare::all(&scope, unlocker.as_ref())?;
    files.retain(|file| arguments.verbose || !file.is_same());
    files.iter_mut().for_each(names::add);
    if !arguments.name_only {
        earlier::find(&scope, &mut files)?;
    }
    let view = words::View { show: arguments.show, verbose: arguments.verbose, is_opened: opens };
    if arguments.json {
        io::print_json(&json::of(&files, &view))?;
    } else if arguments.markdown {
        io::print(markdown::of(&files, &view).as_bytes())?;
    } else if arguments.name_only {
        let names: String = files.iter().map(|file| format!("{}\n", super::terminal::escape(file.path()))).collect();
        io::print(names.as_bytes())?;
    } else {
        let paint = Paint::for_stdout();
        let text = if arguments.stat { text::stat(&files, paint) } else { text::of(&files, &view, paint) };
        io::print(text.as_bytes())?;
    }
    Ok(u8::from(arguments.exit_code && files.iter().any(|file| !FileDiff::is_same(file))))
}
