//! `hook pre-commit`.

use clap::Args;

use crate::cli::report::{self, Failure, tell};
use crate::cli::{check, environment};

/// Check what is about to be committed; git runs this
///
/// Does what `check --staged` does, and is silent when nothing is wrong. It heeds the index that git names, so that it sees what is
/// committed by `git commit -a` or `git commit FILE`, too.
#[derive(Debug, Args)]
pub(crate) struct Arguments {}

pub(super) fn run(_: &Arguments) -> Result<u8, Failure> {
    report::be_quiet();
    let code = check::staged()?;
    if code != 0 {
        if environment::variable("GIT_PREFIX").is_some_and(|folder| !folder.is_empty()) {
            tell("paths are from the top of the repository");
        }
        tell("nothing was committed; `git commit --no-verify` would, without a look");
    }
    Ok(code)
}
