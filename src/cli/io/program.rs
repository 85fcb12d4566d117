//! This program under another name.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};

use super::cannot_write;
use crate::cli::report::Failure;

/// Puts a link to `program` at `link`, or a copy where links cannot be made. What is there already is replaced, in one step.
pub(crate) fn link_program(link: &Path, program: &Path) -> Result<(), Failure> {
    let temp = temp_beside(link);
    let made = make_link(program, &temp).or_else(|_| copy(program, &temp));
    let placed = made.and_then(|()| fs::rename(&temp, link));
    placed.map_err(|error| {
        let _ = fs::remove_file(&temp);
        cannot_write(&link.display().to_string(), &error)
    })
}

/// Writes a script that can be run, at a place where there is none.
pub(crate) fn make_program(path: &Path, text: &[u8]) -> Result<(), Failure> {
    let failed = |error| cannot_write(&path.display().to_string(), &error);
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o777);
    let mut file = options.open(path).map_err(failed)?;
    file.write_all(text).map_err(|error| {
        let _ = fs::remove_file(path);
        failed(error)
    })
}

/// Gives a file or a link another name, at which nothing is that should stay.
pub(crate) fn move_file(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::rename(from, to).map_err(|error| cannot_write(&to.display().to_string(), &error))
}

/// Copies the program. What somebody has put at `copy` before, perhaps a link to elsewhere, is not written to.
fn copy(program: &Path, copy: &Path) -> io::Result<()> {
    let mut from = File::open(program)?;
    let mut to = File::options().write(true).create_new(true).open(copy)?;
    io::copy(&mut from, &mut to)?;
    to.set_permissions(from.metadata()?.permissions())
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

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "test input in a temporary folder")]
    fn what_lies_in_wait_at_the_temporary_name_is_not_written_through() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        fs::write(path("program"), "new").expect("written");
        fs::write(path("elsewhere"), "old").expect("written");
        make_link(&path("elsewhere"), &temp_beside(&path("sops"))).expect("a link");
        assert!(link_program(&path("sops"), &path("program")).is_err());
        assert_eq!(fs::read(path("elsewhere")).expect("there"), b"old");
        assert!(!path("sops").exists());
        link_program(&path("sops"), &path("program")).expect("the name is free now");
        assert!(same_content(&path("sops"), &path("program")));
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "test input in a temporary folder")]
    fn a_copy_can_be_run_and_takes_nobody_s_place() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        fs::write(path("program"), "new").expect("written");
        fs::set_permissions(path("program"), fs::Permissions::from_mode(0o755)).expect("set");
        copy(&path("program"), &path("sops")).expect("copied");
        assert_eq!(path("sops").metadata().expect("there").permissions().mode() & 0o777, 0o755);
        assert_eq!(copy(&path("program"), &path("sops")).expect_err("taken").kind(), io::ErrorKind::AlreadyExists);
    }
}
