//! Signals that ask the program to end: what it has in private directories is wiped first, and a child that works on it is
//! told.

use std::io;
use std::process::{Command, ExitStatus};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// What the thread that waits for signals must know.
struct State {
    /// The child that runs.
    child: Option<u32>,
    /// A signal came: nothing is begun any more.
    ending: bool,
}

static STATE: Mutex<State> = Mutex::new(State { child: None, ending: false });
static CHILD_ENDED: Condvar = Condvar::new();

/// Does `work` whole: a signal that comes meanwhile ends the process after it.
pub(crate) fn uninterrupted<T>(work: impl FnOnce() -> T) -> T {
    let _state = state();
    work()
}

/// The state. Once the process is ending, nobody but the thread that ends it gets it.
fn state() -> MutexGuard<'static, State> {
    let mut state = lock();
    while state.ending {
        state = CHILD_ENDED.wait(state).unwrap_or_else(PoisonError::into_inner);
    }
    state
}

fn lock() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(unix)]
pub(crate) use unix::{run, wipe_before_end};

#[cfg(unix)]
mod unix {
    use std::thread;
    use std::time::Duration;

    use rustix::io::Errno;
    use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    use super::{CHILD_ENDED, Command, ExitStatus, PoisonError, io, lock, state};
    use crate::cli::private_dir;

    /// How long a child may take to end when it is told to. One that takes longer is left behind.
    const GRACE: Duration = Duration::from_secs(1);

    /// From now on SIGHUP, SIGINT and SIGTERM wipe all private directories before they end the process.
    ///
    /// While a child of [`run`] runs, SIGINT is its own affair, since the terminal sends it to both; the other two are passed on to it.
    pub(crate) fn wipe_before_end() -> io::Result<()> {
        let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM])?;
        thread::Builder::new().name("signals".into()).spawn(move || signals.forever().for_each(end)).map(drop)
    }

    fn end(signal: i32) {
        let mut state = lock();
        if let Some(child) = state.child {
            if signal == SIGINT {
                return;
            }
            state.ending = true;
            let signal = if signal == SIGHUP { Signal::HUP } else { Signal::TERM };
            // It is not waited for yet, so its id is still its own.
            let _ = Pid::from_raw(child.cast_signed()).map(|child| kill_process(child, signal));
            let waited = CHILD_ENDED.wait_timeout_while(state, GRACE, |state| state.child.is_some());
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.ending = true;
        private_dir::wipe_all();
        // With the state in its hands: the main thread begins nothing new.
        let _ = emulate_default_handler(signal);
    }

    /// Runs a child to its end.
    pub(crate) fn run(command: &mut Command) -> io::Result<ExitStatus> {
        let mut running = state();
        let mut child = command.spawn()?;
        running.child = Some(child.id());
        drop(running);
        // Ended, but not yet waited for: until then nobody else gets its id.
        let pid = Pid::from_child(&child);
        let wait = || waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
        while wait().is_err_and(|error| error == Errno::INTR) {}
        let mut running = lock();
        running.child = None;
        let status = child.wait();
        drop(running);
        CHILD_ENDED.notify_all();
        // When the process is ending, this is where it stays.
        drop(state());
        status
    }
}

/// Here a process that is told to end does so at once; the next run wipes what it left.
#[cfg(not(unix))]
pub(crate) fn wipe_before_end() -> io::Result<()> {
    Ok(())
}

/// Runs a child to its end.
#[cfg(not(unix))]
pub(crate) fn run(command: &mut Command) -> io::Result<ExitStatus> {
    command.status()
}
