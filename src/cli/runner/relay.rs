//! Streams between the child and this process's own.

use std::fs::File;
use std::io::{self, ErrorKind, PipeReader, PipeWriter, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use sops_rs::redact::{Patterns, Redactor};
use zeroize::Zeroize as _;

/// How much is read at once.
const PIECE_LEN: usize = 64 << 10;

/// A child that has ended may have left others behind who hold its output. They are listened to until they are silent for so
/// long.
const SILENCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 300_000_000 };

/// The streams of one child.
#[derive(Debug)]
pub(super) struct Relays {
    threads: Vec<JoinHandle<()>>,
    /// The threads hold the other end, and see when this one is dropped.
    alive: Option<PipeWriter>,
    ended: PipeReader,
}

impl Relays {
    /// No streams yet.
    pub(super) fn new() -> io::Result<Self> {
        let (ended, alive) = io::pipe()?;
        Ok(Self { threads: Vec::new(), alive: Some(alive), ended })
    }

    /// Passes on what the child prints, without the secrets in `patterns`.
    pub(super) fn add_output(&mut self, from: OwnedFd, to: OwnedFd, patterns: &Arc<Patterns>) -> io::Result<()> {
        let output = Output { from: from.into(), to: Some(to.into()), redactor: Redactor::new(Arc::clone(patterns)) };
        let ended = self.ended.try_clone()?;
        self.spawn(move || drop(output.relay(&ended)))
    }

    /// Passes on what is typed.
    pub(super) fn add_input(&mut self, from: OwnedFd, to: OwnedFd) -> io::Result<()> {
        let ended = self.ended.try_clone()?;
        self.spawn(move || drop(relay_input(from.into(), to.into(), &ended)))
    }

    fn spawn(&mut self, relay: impl FnOnce() + Send + 'static) -> io::Result<()> {
        self.threads.push(thread::Builder::new().name("relay".into()).spawn(relay)?);
        Ok(())
    }

    /// The child has ended: passes on what is left.
    pub(super) fn finish(mut self) {
        self.alive = None;
        for thread in self.threads {
            let _ = thread.join();
        }
    }
}

struct Output {
    from: File,
    /// None when nobody reads it any more.
    to: Option<File>,
    redactor: Redactor,
}

impl Output {
    fn relay(mut self, ended: &PipeReader) -> io::Result<()> {
        let mut piece = vec![0; PIECE_LEN];
        let mut out = Vec::with_capacity(2 * PIECE_LEN);
        let mut has_ended = false;
        loop {
            let mut fds = [PollFd::new(&self.from, PollFlags::IN), PollFd::new(ended, PollFlags::IN)];
            if has_ended {
                if retry(|| poll(&mut fds[..1], Some(&SILENCE)))? == 0 {
                    break;
                }
            } else {
                retry(|| poll(&mut fds, None))?;
                has_ended = !fds[1].revents().is_empty();
                if fds[0].revents().is_empty() {
                    continue;
                }
            }
            match self.from.read(&mut piece) {
                Ok(0) => break,
                Ok(len) => {
                    self.redactor.push(&piece[..len], &mut out);
                    self.write(&mut out)?;
                }
                Err(error) if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock) => {}
                // This is how a terminal says that nobody is left at its other end.
                Err(_) => break,
            }
        }
        self.redactor.finish(&mut out);
        piece.zeroize();
        self.write(&mut out)
    }

    /// Writes `out` and empties it. When nobody reads it any more, a child that writes to a pipe finds that out itself; one that
    /// writes to a terminal must not be kept waiting.
    fn write(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        if let Some(to) = &mut self.to
            && let Err(error) = to.write_all(out)
        {
            self.to = None;
            if !rustix::termios::isatty(&self.from) {
                return Err(error);
            }
        }
        out.clear();
        Ok(())
    }
}

fn relay_input(mut from: File, mut to: File, ended: &PipeReader) -> io::Result<()> {
    let mut piece = [0; 1024];
    loop {
        let mut fds = [PollFd::new(&from, PollFlags::IN), PollFd::new(ended, PollFlags::IN)];
        retry(|| poll(&mut fds, None))?;
        if !fds[1].revents().is_empty() {
            break;
        }
        let len = from.read(&mut piece)?;
        if len == 0 {
            break;
        }
        let mut rest = &piece[..len];
        while !rest.is_empty() {
            match to.write(rest) {
                Ok(written) => rest = &rest[written..],
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    let mut fds = [PollFd::new(&to, PollFlags::OUT), PollFd::new(ended, PollFlags::IN)];
                    retry(|| poll(&mut fds, None))?;
                    if !fds[1].revents().is_empty() {
                        return Ok(());
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }
    piece.zeroize();
    Ok(())
}

fn retry<T>(mut call: impl FnMut() -> rustix::io::Result<T>) -> rustix::io::Result<T> {
    loop {
        match call() {
            Err(rustix::io::Errno::INTR) => {}
            done => return done,
        }
    }
}
