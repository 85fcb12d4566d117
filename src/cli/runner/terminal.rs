//! A terminal for a child whose output is looked through on its way to the real one.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::OpenOptionsExt as _;

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, OutputModes, Termios, tcgetattr, tcgetwinsize, tcsetattr, tcsetwinsize};

/// A pseudo-terminal.
#[derive(Debug)]
pub(super) struct Pty {
    /// Our end; reading and writing do not block.
    pub(super) master: OwnedFd,
    /// The child's end, until the child has it.
    pub(super) slave: File,
}

impl Pty {
    /// A terminal with the settings and the size of `real`. When the real one goes on treating output (`\n` as `\r\n`), this
    /// one does not.
    pub(super) fn like(real: BorrowedFd<'_>, real_treats_output: bool) -> io::Result<Self> {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        grantpt(&master)?;
        unlockpt(&master)?;
        let name = ptsname(&master, Vec::new())?;
        let no_ctty = i32::try_from(OFlags::NOCTTY.bits()).expect("a flag");
        let slave = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(no_ctty)
            .open(std::ffi::OsStr::from_bytes(name.as_bytes()))?;
        let mut settings = tcgetattr(real)?;
        if real_treats_output {
            settings.output_modes.remove(OutputModes::OPOST);
        }
        tcsetattr(&slave, OptionalActions::Now, &settings)?;
        fcntl_setfl(&master, fcntl_getfl(&master)? | OFlags::NONBLOCK)?;
        let pty = Self { master, slave };
        pty.resize(real);
        Ok(pty)
    }

    /// Takes over the size of `real`.
    pub(super) fn resize(&self, real: BorrowedFd<'_>) {
        resize(self.master.as_fd(), real);
    }
}

/// Gives the terminal behind `master` the size of `real`; who runs in it is told by the system.
pub(super) fn resize(master: BorrowedFd<'_>, real: BorrowedFd<'_>) {
    // A size that cannot be told is no reason to stop.
    let _ = tcgetwinsize(real).and_then(|size| tcsetwinsize(master, size));
}

/// The real terminal, which passes on every key; dropping it gives it its settings back.
#[derive(Debug)]
pub(super) struct RawMode {
    before: Termios,
}

impl RawMode {
    /// Switches the terminal at standard input to raw mode.
    pub(super) fn enter() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(io::stdin(), OptionalActions::Now, &raw)?;
        Ok(Self { before })
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        let _ = tcsetattr(io::stdin(), OptionalActions::Drain, &self.before);
    }
}
