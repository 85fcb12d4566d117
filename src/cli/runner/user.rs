//! Other users of the machine, whom a program can be run as.

use std::ffi::CString;

use nix::unistd;

use crate::cli::exit_code;
use crate::cli::report::Failure;

/// A user whom the program is run as.
#[derive(Debug)]
pub(crate) struct User {
    entry: unistd::User,
}

impl User {
    /// Looks `name` up in the system's user database.
    ///
    /// # Errors
    /// When there is no such user, or this one may not become it.
    pub(crate) fn find(name: &str) -> Result<Self, Failure> {
        let fail = |what: String| Failure::new(exit_code::GENERIC, format!("`--user {name}`: {what}"));
        let entry = unistd::User::from_name(name).map_err(|error| fail(error.desc().to_lowercase()))?;
        let entry = entry.ok_or_else(|| fail("there is no such user".into()))?;
        let now = unistd::geteuid();
        if now.is_root() || now == entry.uid {
            return Ok(Self { entry });
        }
        Err(fail("only the superuser can run a program as another user".into()))
    }

    /// Makes this process the user's, with their groups, for good.
    pub(crate) fn switch(&self) -> Result<(), Failure> {
        let entry = &self.entry;
        if unistd::geteuid() == entry.uid {
            return Ok(());
        }
        let name = CString::new(entry.name.as_str()).unwrap_or_default();
        let switched = set_groups(&name, entry.gid)
            .and_then(|()| unistd::setgid(entry.gid))
            .and_then(|()| unistd::setuid(entry.uid));
        switched.map_err(|error| {
            let what = format!("cannot become user `{}`: {}", entry.name, error.desc().to_lowercase());
            Failure::new(exit_code::GENERIC, what)
        })
    }

    /// Their name.
    pub(crate) fn name(&self) -> &str {
        &self.entry.name
    }

    /// The numbers of user and group.
    pub(crate) fn owner(&self) -> (u32, u32) {
        (self.entry.uid.as_raw(), self.entry.gid.as_raw())
    }

    /// The variables that tell a program who runs it.
    pub(crate) fn variables(&self) -> [(&'static str, String); 3] {
        let name = &self.entry.name;
        let home = self.entry.dir.to_string_lossy().into_owned();
        [("HOME", home), ("USER", name.clone()), ("LOGNAME", name.clone())]
    }
}

#[cfg(not(target_vendor = "apple"))]
fn set_groups(name: &CString, group: unistd::Gid) -> nix::Result<()> {
    unistd::initgroups(name, group)
}

/// There is no safe way to it, and keeping the superuser's groups would be none.
#[cfg(target_vendor = "apple")]
fn set_groups(_: &CString, _: unistd::Gid) -> nix::Result<()> {
    Err(nix::errno::Errno::ENOTSUP)
}
