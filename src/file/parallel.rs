//! Two threads for large files. Both always finish, so that whoever asks gets the error of the earlier step.

use std::num::NonZero;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Files with fewer leaves are done before a second thread has started.
const MIN_LEAVES: usize = 4096;

/// Runs `first` and `second`, at the same time where there are `leaves` enough for it and a second processor.
pub(super) fn join<A: Send, B>(leaves: usize, first: impl FnOnce() -> A + Send, second: impl FnOnce() -> B) -> (A, B) {
    if leaves < MIN_LEAVES || thread::available_parallelism().map_or(1, NonZero::get) < 2 {
        let first = first();
        return (first, second());
    }
    // Behind a lock, since a thread that cannot be started (their number may be limited) must not take it away.
    let first = Mutex::new(Some(first));
    let run = || first.lock().unwrap_or_else(PoisonError::into_inner).take().map(|first| first());
    thread::scope(|scope| {
        let thread = thread::Builder::new().spawn_scoped(scope, run);
        let second = second();
        let done = match thread {
            Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Err(_) => run(),
        };
        (done.expect("it is run once: in the thread, or here"), second)
    })
}

/// Runs `each` over the two halves of the numbers below `leaves`.
pub(super) fn halves<T: Send>(leaves: usize, each: impl Fn(Range<usize>) -> T + Sync) -> [T; 2] {
    let middle = leaves / 2;
    let (second, first) = join(leaves, || each(middle..leaves), || each(0..middle));
    [first, second]
}

/// The leaves of a file in parts, each of which goes to the thread that asks first.
pub(super) struct Parts {
    leaves: usize,
    count: usize,
    next: AtomicUsize,
}

impl Parts {
    /// The parts of a file with so many leaves: a small one is not divided.
    pub(super) fn new(leaves: usize) -> Self {
        Self { leaves, count: if leaves < MIN_LEAVES { 1 } else { 16 }, next: AtomicUsize::new(0) }
    }

    /// The parts that nobody has taken yet: their number, and those of their leaves.
    pub(super) fn take(&self) -> impl Iterator<Item = (usize, Range<usize>)> {
        let border = |part: usize| self.leaves * part / self.count;
        let parts = std::iter::repeat_with(|| self.next.fetch_add(1, Ordering::Relaxed));
        parts.take_while(|&part| part < self.count).map(move |part| (part, border(part)..border(part + 1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_are_run_whatever_the_size() {
        for leaves in [0, 1, MIN_LEAVES, MIN_LEAVES + 1] {
            assert_eq!(join(leaves, || 1, || 2), (1, 2));
            let [first, second] = halves(leaves, |range| range);
            assert_eq!((first.start, first.end, second.end), (0, second.start, leaves));
        }
    }

    #[test]
    fn parts_are_taken_once_and_are_everything() {
        for leaves in [0, 1, MIN_LEAVES - 1, MIN_LEAVES, MIN_LEAVES + 15, 100_003] {
            let parts = Parts::new(leaves);
            let first: Vec<_> = parts.take().take(5).collect();
            let all: Vec<_> = first.into_iter().chain(parts.take()).collect();
            assert!(all.iter().map(|(part, _)| *part).eq(0..parts.count));
            assert!(all.iter().flat_map(|(_, numbers)| numbers.clone()).eq(0..leaves));
            assert_eq!(parts.take().next(), None);
        }
    }

    #[test]
    fn a_panic_in_the_thread_comes_out() {
        let panicking = || join(MIN_LEAVES, || panic!("on purpose"), || 1);
        assert!(std::panic::catch_unwind(panicking).is_err());
    }
}
