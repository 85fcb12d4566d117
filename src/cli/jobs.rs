//! The same work on many items, on several threads.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use clap::Args;

/// How many threads work.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct JobOptions {
    /// How many files are worked on at a time; as many as there are processors if not given
    #[arg(long, value_name = "N")]
    jobs: Option<NonZero<usize>>,
}

impl JobOptions {
    /// What was asked for, or one for each processor.
    pub(crate) fn count(self) -> NonZero<usize> {
        self.jobs.unwrap_or_else(processors)
    }
}

/// As many threads as can run at a time.
pub(crate) fn processors() -> NonZero<usize> {
    thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN)
}

/// Does `work` with each of `items` on up to `jobs` threads; the results are in the order of the items.
///
/// Each thread takes the next item when it is done with one, so that a large one holds up nobody.
pub(crate) fn map<T: Sync, R: Send>(jobs: NonZero<usize>, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let run = || {
        let numbers = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
        let mine = numbers.map_while(|number| Some((number, items.get(number)?)));
        mine.map(|(number, item)| (number, work(item))).collect::<Vec<_>>()
    };
    let mut done = thread::scope(|scope| {
        // A thread that cannot be started (their number may be limited) is not missed: the others take its share.
        let helpers: Vec<_> = (1..jobs.get().min(items.len()))
            .map_while(|_| thread::Builder::new().spawn_scoped(scope, run).ok())
            .collect();
        let mut done = run();
        for helper in helpers {
            done.extend(helper.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        done
    });
    done.sort_unstable_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_done_once_and_in_order() {
        for jobs in [1, 2, 7] {
            for count in [0, 1, 6, 100] {
                let items: Vec<usize> = (0..count).collect();
                let started = AtomicUsize::new(0);
                let doubled = map(NonZero::new(jobs).unwrap(), &items, |item| {
                    started.fetch_add(1, Ordering::Relaxed);
                    item * 2
                });
                assert_eq!(doubled, items.iter().map(|item| item * 2).collect::<Vec<_>>());
                assert_eq!(started.into_inner(), count);
            }
        }
    }
}
