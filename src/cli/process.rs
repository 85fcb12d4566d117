//! What the process allows to be done with its memory.

/// The core dump limit that was in force, to be put back for a child process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CoreLimit {
    #[cfg(unix)]
    before: rustix::process::Rlimit,
}

/// Switches core dumps off, and on Linux reading this process's memory by others of the same user.
///
/// Both are best effort: a system that refuses is no reason to refuse to decrypt.
pub(crate) fn forbid_core_dumps() -> CoreLimit {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let before = getrlimit(Resource::Core);
        // The hard limit stays, so that a child can have its own dumps again.
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: before.maximum });
        #[cfg(target_os = "linux")]
        let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
        CoreLimit { before }
    }
    #[cfg(not(unix))]
    CoreLimit {}
}

impl CoreLimit {
    /// Puts the limit back: what the child does with its memory is its own affair.
    pub(crate) fn restore(self) {
        #[cfg(unix)]
        let _ = rustix::process::setrlimit(rustix::process::Resource::Core, self.before);
    }
}

/// Lets this process open as many files as the system allows: each folder that is written to takes one.
pub(crate) fn raise_file_limit() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
        // More than 10,240 are refused by macOS.
        let current = Some(maximum.map_or(10_240, |maximum| maximum.min(10_240)));
        let _ = setrlimit(Resource::Nofile, Rlimit { current, maximum });
    }
}
