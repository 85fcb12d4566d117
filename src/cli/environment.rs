//! The process environment: what the program itself reads of it, and what it hands to children.
#![expect(clippy::disallowed_methods, reason = "this is one of the two files that read the environment")]

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

use super::identities::KEY_VARIABLES;

/// Whether `NO_COLOR` is unset or empty (no-color.org).
pub(crate) fn color_allowed() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Whether a program that git runs may ask at the terminal (`GIT_TERMINAL_PROMPT`).
pub(crate) fn may_ask_for_git() -> bool {
    std::env::var_os("GIT_TERMINAL_PROMPT").is_none_or(|value| value != "0" && value != "false")
}

/// Whether `SOPS_RS_SHOW` asks to see secrets where they are hidden otherwise.
pub(crate) fn shows_secrets() -> bool {
    std::env::var_os("SOPS_RS_SHOW").is_some_and(|value| !value.is_empty() && value != "0")
}

/// The value of a variable that stands for an option of SOPS.
pub(crate) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// The user's folder for files that end with the session (XDG Base Directory Specification), if it is named by a path from the
/// root.
pub(crate) fn runtime_folder() -> Option<PathBuf> {
    std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|path| path.is_absolute())
}

/// The folder for temporary files, from the root.
pub(crate) fn temporary_folder() -> PathBuf {
    let folder = std::env::temp_dir();
    std::path::absolute(&folder).unwrap_or(folder)
}

/// The file to which a step of GitHub Actions appends variables for the steps that follow, where it runs in one.
pub(crate) fn github_env_file() -> Option<PathBuf> {
    std::env::var_os("GITHUB_ENV").filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// The editor that the user has chosen in the first of these variables that is set, and which that is.
pub(crate) fn editor(variables: &[&'static str]) -> Option<(&'static str, OsString)> {
    let set = |&name| Some((name, std::env::var_os(name).filter(|value| !value.is_empty())?));
    variables.iter().find_map(set)
}

/// This process's environment.
pub(crate) fn all() -> impl Iterator<Item = (OsString, OsString)> {
    std::env::vars_os()
}

/// A variable of SOPS that holds no key material, if it is set and not empty.
pub(crate) fn sops_variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// The working folder, by the name under which the user went there: links in it stay.
pub(crate) fn working_folder() -> io::Result<PathBuf> {
    let here = std::env::current_dir()?;
    let named = std::env::var_os("PWD").map(PathBuf::from).filter(|path| path.is_absolute());
    Ok(named.filter(|path| path.canonicalize().is_ok_and(|path| path == here)).unwrap_or(here))
}

/// The environment for a child: this process's, without what holds or locates key material.
pub(crate) fn inherited() -> impl Iterator<Item = (OsString, OsString)> {
    all().filter(|(name, _)| !is_key_variable(name))
}

fn is_key_variable(name: &OsStr) -> bool {
    KEY_VARIABLES.iter().any(|variable| name == *variable)
}

/// Where this program is: as it is found on `PATH`, if it is, since that may be a link that stays when the program is renewed.
pub(crate) fn this_program() -> io::Result<PathBuf> {
    let program = std::env::current_exe()?;
    let found = find_program("sops-rs".as_ref());
    let is_this = found.is_absolute()
        && found.canonicalize().is_ok_and(|found| program.canonicalize().is_ok_and(|program| found == program));
    Ok(if is_this { found } else { program })
}

/// The file that `program` names, as a shell would find it: through this process's `PATH`, even when the child gets
/// another one. `program` itself when there is none.
pub(crate) fn find_program(program: &OsStr) -> PathBuf {
    let name = Path::new(program);
    let found = || {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| is_executable(file))
    };
    if name.components().count() == 1 && !program.is_empty() {
        found().unwrap_or_else(|| name.into())
    } else {
        name.into()
    }
}

/// Whether `file` is a program, or a link to one.
#[cfg(unix)]
pub(crate) fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

/// Whether `file` is there: all files are programs here.
#[cfg(not(unix))]
pub(crate) fn is_executable(file: &Path) -> bool {
    file.is_file()
}

/// `PATH` with `folder` in front.
pub(crate) fn path_with(folder: Option<&Path>) -> OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = folder.map(Path::to_owned).into_iter().chain(std::env::split_paths(&path));
    std::env::join_paths(folders).unwrap_or(path)
}
