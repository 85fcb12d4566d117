//! How far a long run is: one line at the terminal that goes away in the end.

use std::io::{self, IsTerminal, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::terminal;

/// What is done sooner needs no line.
const QUIET: Duration = Duration::from_millis(500);
/// Nobody reads faster.
const INTERVAL: Duration = Duration::from_millis(100);

/// Counts files. Nothing is shown where standard error is no terminal.
pub(crate) struct Progress {
    total: usize,
    done: AtomicUsize,
    shown: Mutex<Shown>,
}

struct Shown {
    /// When the next line is due; never where nobody watches.
    next: Option<Instant>,
    any: bool,
}

impl Progress {
    /// Begins to count up to `total`.
    pub(crate) fn new(total: usize) -> Self {
        let next = io::stderr().is_terminal().then(|| Instant::now() + QUIET);
        Self { total, done: AtomicUsize::new(0), shown: Mutex::new(Shown { next, any: false }) }
    }

    /// One more is done.
    pub(crate) fn step(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        let Ok(mut shown) = self.shown.try_lock() else { return };
        if shown.next.is_none_or(|next| Instant::now() < next) {
            return;
        }
        // A question that waits for its answer must not be written over.
        let Some(_turn) = terminal::turn_if_free() else { return };
        *shown = Shown { next: Some(Instant::now() + INTERVAL), any: true };
        // Whatever is said next begins where this did.
        let _ = write!(io::stderr(), "{done} of {} files\u{1b}[K\r", self.total);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown.get_mut().unwrap_or_else(PoisonError::into_inner).any {
            let _ = write!(io::stderr(), "\u{1b}[K");
        }
    }
}
