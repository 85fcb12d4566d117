//! A named pipe that gives everybody who opens it the same text.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use zeroize::Zeroizing;

use crate::cli::io::make_fifo;

/// The name of a pipe before it takes the place of the one that has a reader.
const NEXT: &str = ".next";

/// The pipe; as long as it lives it is served.
#[derive(Debug)]
pub(super) struct Fifo {
    path: PathBuf,
    stopped: Arc<Mutex<bool>>,
}

impl Fifo {
    /// Makes the pipe at `path` and begins to serve it.
    pub(super) fn serve(path: &Path, content: Zeroizing<Vec<u8>>, owner: Option<(u32, u32)>) -> io::Result<Self> {
        make_fifo(path, owner)?;
        let fifo = Self { path: path.to_owned(), stopped: Arc::default() };
        let (path, stopped) = (fifo.path.clone(), Arc::clone(&fifo.stopped));
        let serve = move || while serve_one(&path, &content, owner, &stopped).is_ok() {};
        thread::Builder::new().name("fifo".into()).spawn(serve)?;
        Ok(fifo)
    }
}

impl Drop for Fifo {
    fn drop(&mut self) {
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner) = true;
        // Who waits for a reader finds one, and sees that it is over.
        let nonblocking = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).expect("a flag");
        let _ = OpenOptions::new().read(true).custom_flags(nonblocking).open(&self.path);
    }
}

/// Serves the next reader.
fn serve_one(path: &Path, content: &[u8], owner: Option<(u32, u32)>, stopped: &Mutex<bool>) -> io::Result<()> {
    let mut pipe = OpenOptions::new().write(true).open(path)?;
    let is_stopped = stopped.lock().unwrap_or_else(PoisonError::into_inner);
    if *is_stopped {
        return Err(io::ErrorKind::Interrupted.into());
    }
    // Whoever opens it next gets a pipe of their own: in this one their text would be mixed with this reader's.
    let next = path.with_file_name(NEXT);
    make_fifo(&next, owner)?;
    fs::rename(&next, path)?;
    drop(is_stopped);
    // A reader may stop early.
    let _ = pipe.write_all(content);
    Ok(())
}
