//! This program under another name.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use super::cannot_write;
use crate::cli::report::Failure;

/// Puts a link to `program` at `link`, or a copy where links cannot be made. What is there already is replaced, in one step.
pub(crate) fn link_program(link: &Path, program: &Path) -> Result<(), Failure> {
    let temp = temp_beside(link);
    let made = make_link(program, &temp).or_else(|_| fs::copy(program, &temp).map(drop));
    let placed = made.and_then(|()| fs::rename(&temp, link));
    placed.map_err(|error| {
        let _ = fs::remove_file(&temp);
        cannot_write(&link.display().to_string(), &error)
    })
}

/// A name that a later run takes for a leftover, if this one is killed.
fn temp_beside(link: &Path) -> PathBuf {
    link.with_file_name(format!("{}{}{}", super::folder::PREFIX, std::process::id(), super::folder::SUFFIX))
}

#[cfg(unix)]
fn make_link(program: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(program, link)
}

/// Links need a privilege here that few have.
#[cfg(not(unix))]
fn make_link(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Takes a file or a link away.
pub(crate) fn remove_file(path: &Path) -> Result<(), Failure> {
    fs::remove_file(path).map_err(|error| cannot_write(&path.display().to_string(), &error))
}

/// Whether two files hold the same bytes.
pub(crate) fn same_content(a: &Path, b: &Path) -> bool {
    let bytes = |path: &Path| File::open(path).map(|file| BufReader::new(file).bytes());
    let length = |path: &Path| fs::metadata(path).map(|metadata| metadata.len()).ok();
    match (bytes(a), bytes(b)) {
        (Ok(a_bytes), Ok(b_bytes)) if length(a) == length(b) => {
            a_bytes.zip(b_bytes).all(|(a, b)| matches!((a, b), (Ok(a), Ok(b)) if a == b))
        }
        _ => false,
    }
}
