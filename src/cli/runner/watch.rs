//! Files that may change while a program runs.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Duration;

use super::supervisor::Event;
use crate::cli::io::FileState;

/// How often they are looked at. It works on every file system, network and container mounts included, and notices a file
/// that is replaced as well as one that is written to.
const INTERVAL: Duration = Duration::from_millis(500);

/// From now on a change of one of `files` is an event, as soon as it has been quiet for one interval.
pub(super) fn watch(files: &[&Path], events: Sender<Event>) -> io::Result<()> {
    let files: Vec<PathBuf> = files.iter().map(|&file| file.to_owned()).collect();
    let mut known: Vec<Option<FileState>> = files.iter().map(|file| FileState::of(file)).collect();
    let look = move || {
        let mut is_changed = false;
        loop {
            thread::sleep(INTERVAL);
            let mut is_quiet = true;
            for (file, known) in files.iter().zip(&mut known) {
                let now = FileState::of(file);
                // A file that is gone is being replaced.
                if now.is_some() && now != *known {
                    *known = now;
                    is_quiet = false;
                }
            }
            is_changed |= !is_quiet;
            if is_changed && is_quiet {
                is_changed = false;
                if events.send(Event::Changed).is_err() {
                    return;
                }
            }
        }
    };
    thread::Builder::new().name("watch".into()).spawn(look).map(drop)
}
