//! A child that this process stays for: its files are removed in the end, its output is redacted, it is started anew.

use std::io::{self, IsTerminal, PipeReader};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, kill_process_group, waitid};
use signal_hook::low_level::emulate_default_handler;
use sops_rs::redact::Patterns;

use super::files::Files;
use super::relay::Relays;
use super::terminal::{Pty, RawMode, resize};
use super::user::User;
use super::{Given, Job, background, cannot_run, child, command, signals, watch};
use crate::cli::process::forbid_core_dumps;
use crate::cli::report::{Failure, say, warn};
use crate::cli::{exit_code, io::reason};

/// How long a child may take to end before a new one takes its place.
const GRACE: Duration = Duration::from_secs(10);

/// Something that the supervisor must act on.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    /// A file has changed.
    Changed,
    /// The child with this number has ended.
    Ended(Pid),
    /// This process got a signal.
    Signal(Signal),
}

/// Runs the program to its end, and ends as it did.
pub(super) fn run(job: &Job<'_>, given: Given, user: Option<&User>) -> Result<u8, Failure> {
    let status = supervise(job, given, user)?;
    if let Some(signal) = status.and_then(|status| status.signal()) {
        let _ = emulate_default_handler(signal);
        // That signal ends nobody here; a shell would say it so.
        return Ok(u8::try_from(128 + signal).unwrap_or(u8::MAX));
    }
    Ok(status.and_then(|status| status.code()).and_then(|code| u8::try_from(code).ok()).unwrap_or_default())
}

/// How the program ended; nothing when nobody waits for it.
fn supervise(job: &Job<'_>, mut given: Given, user: Option<&User>) -> Result<Option<ExitStatus>, Failure> {
    let (sender, events) = mpsc::channel();
    signals::listen(sender.clone()).map_err(|error| failed(&error))?;
    if job.options.watch {
        watch::watch(&job.files, sender.clone()).map_err(|error| failed(&error))?;
    }
    let mut is_first = true;
    loop {
        let running = Running::start(job, &given, user, &sender)?;
        if job.options.detached && is_first {
            background::started().map_err(|error| failed(&error))?;
            if running.is_left_alone(job) {
                return Ok(None);
            }
        }
        is_first = false;
        // The program has them now.
        drop(given);
        match running.wait(&events, job)? {
            Outcome::Ended(status) => return Ok(Some(status)),
            Outcome::Replaced(next) => given = next,
        }
    }
}

fn failed(error: &io::Error) -> Failure {
    Failure::new(exit_code::GENERIC, format!("the program cannot be looked after: {}", reason(error)))
}

enum Outcome {
    Ended(ExitStatus),
    Replaced(Given),
}

/// A child, and what belongs to it.
struct Running {
    child: Child,
    pid: Pid,
    /// Whether it is the only one that gets what is typed, and must be told what the terminal tells nobody.
    session: bool,
    /// Whether it leads a group of its own.
    group: bool,
    /// Our end of its terminal.
    master: Option<OwnedFd>,
    raw: Option<RawMode>,
    relays: Option<Relays>,
    files: Option<Files>,
}

impl Running {
    fn start(job: &Job<'_>, given: &Given, user: Option<&User>, events: &Sender<Event>) -> Result<Self, Failure> {
        let files = Files::of(given, job.document, user)?;
        let mut program = command(job, given, files.as_ref().and_then(|files| files.plaintext.as_deref()), user);
        let foreground = signals::is_in_foreground();
        let redacted = job.options.redact;
        let terminals = [io::stdout().is_terminal(), io::stderr().is_terminal()];
        let session = redacted && foreground && !job.options.detached && io::stdin().is_terminal() && terminals[0];
        if let Some(files) = &files {
            program.envs(files.variables.iter().map(|(name, path)| (name, path)));
        }
        if session || user.is_some() {
            program = child::command(&program, session, user).map_err(|error| failed(&error))?;
        }
        let group = job.options.watch && !foreground;
        if group {
            program.process_group(0);
        }
        if job.options.detached {
            program.stdin(Stdio::null());
        }
        let mut relays = None;
        let mut master = None;
        if redacted {
            let patterns = Patterns::new(given.secrets.iter().map(|secret| secret.as_slice()));
            let patterns = patterns.map_err(|what| Failure::new(exit_code::GENERIC, format!("--redact: {what}")))?;
            let wired = wire(&mut program, &Arc::new(patterns), terminals, session);
            let (wired, pty) = wired.map_err(|error| failed(&error))?;
            (relays, master) = (Some(wired), pty);
        }
        let raw = if session { Some(RawMode::enter().map_err(|error| failed(&error))?) } else { None };
        job.core_limit.restore();
        let spawned = program.spawn();
        forbid_core_dumps();
        // Its copies of the child's ends must go, or the end of the output is never seen.
        drop(program);
        let child = spawned.map_err(|error| cannot_run(&job.program[0], &error))?;
        let pid = Pid::from_child(&child);
        let events = events.clone();
        let wait = move || {
            // Ended, but not yet waited for: until then nobody else gets its number.
            let wait = || waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
            while wait().is_err_and(|error| error == rustix::io::Errno::INTR) {}
            let _ = events.send(Event::Ended(pid));
        };
        thread::Builder::new().name("wait".into()).spawn(wait).map_err(|error| failed(&error))?;
        Ok(Self { child, pid, session, group, master, raw, relays, files })
    }

    /// Whether there is nothing to do when it has ended.
    fn is_left_alone(&self, job: &Job<'_>) -> bool {
        !job.options.watch && self.relays.is_none() && self.files.is_none()
    }

    /// Waits until it has ended, or a new one is to take its place.
    fn wait(mut self, events: &Receiver<Event>, job: &Job<'_>) -> Result<Outcome, Failure> {
        loop {
            match events.recv().expect("this process holds a sender") {
                Event::Ended(pid) if pid == self.pid => return self.finish().map(Outcome::Ended),
                Event::Ended(_) => {}
                Event::Signal(signal) => self.pass_on(signal),
                Event::Changed => match (job.load)() {
                    Ok(given) => {
                        self.stop(events)?;
                        say("a file has changed, the program is started anew");
                        return Ok(Outcome::Replaced(given));
                    }
                    Err(failure) => {
                        failure.print();
                        warn("a file has changed and cannot be used; the program goes on with the values that it has");
                    }
                },
            }
        }
    }

    /// The child has ended.
    fn finish(&mut self) -> Result<ExitStatus, Failure> {
        if let Some(relays) = self.relays.take() {
            relays.finish();
        }
        self.raw = None;
        self.files = None;
        self.child.wait().map_err(|error| failed(&error))
    }

    fn pass_on(&mut self, signal: Signal) {
        if let (Signal::WINCH, Some(master), Some(real)) = (signal, &self.master, real_terminal()) {
            resize(master.as_fd(), real.as_fd());
        }
        // The terminal sends these to both.
        let by_terminal = matches!(signal, Signal::INT | Signal::QUIT | Signal::TSTP | Signal::WINCH);
        let is_told = by_terminal && self.is_told_by_terminal();
        if !is_told {
            // In a session of its own nobody would start it again after the gentle one, and the system ignores that.
            self.send(if signal == Signal::TSTP && self.session { Signal::STOP } else { signal });
        }
        if signal == Signal::TSTP {
            // Whoever stopped this process gets the terminal as it was.
            let was_raw = self.raw.take().is_some();
            let _ = emulate_default_handler(signal.as_raw());
            if was_raw {
                self.raw = RawMode::enter().ok();
            }
        }
    }

    fn is_told_by_terminal(&self) -> bool {
        !self.session && !self.group && signals::is_in_foreground()
    }

    fn send(&self, signal: Signal) {
        // It is not waited for yet, so its number is still its own.
        let _ = if self.group { kill_process_group(self.pid, signal) } else { kill_process(self.pid, signal) };
    }

    /// Ends the child, at last by force.
    fn stop(&mut self, events: &Receiver<Event>) -> Result<(), Failure> {
        self.send(Signal::TERM);
        let until = Instant::now() + GRACE;
        loop {
            match events.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(Event::Ended(pid)) if pid == self.pid => break,
                Ok(Event::Signal(signal)) => self.pass_on(signal),
                Ok(Event::Changed | Event::Ended(_)) => {}
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    self.send(Signal::KILL);
                    break;
                }
            }
        }
        self.finish().map(drop)
    }
}

/// Puts relays between the program and this process's output; the child gets a terminal where there is one.
fn wire(
    program: &mut Command,
    patterns: &Arc<Patterns>,
    terminals: [bool; 2],
    session: bool,
) -> io::Result<(Relays, Option<OwnedFd>)> {
    let own = [own(io::stdout())?, own(io::stderr())?];
    let mut relays = Relays::new()?;
    let mut master = None;
    if let Some(first) = terminals.iter().position(|&terminal| terminal) {
        let pty = Pty::like(own[first].as_fd(), !session)?;
        relays.add_output(pty.master.try_clone()?, own[first].try_clone()?, patterns)?;
        if session {
            relays.add_input(self::own(io::stdin())?, pty.master.try_clone()?)?;
            program.stdin(pty.slave.try_clone()?);
        }
        for number in (0..2).filter(|&number| terminals[number]) {
            attach(program, number, pty.slave.try_clone()?.into());
        }
        master = Some(pty.master);
    }
    for number in (0..2).filter(|&number| !terminals[number]) {
        let (reader, writer) = io::pipe()?;
        relays.add_output(widened(reader).into(), own[number].try_clone()?, patterns)?;
        attach(program, number, writer.into());
    }
    Ok((relays, master))
}

fn attach(program: &mut Command, number: usize, end: Stdio) {
    if number == 0 {
        program.stdout(end)
    } else {
        program.stderr(end)
    };
}

fn own(stream: impl AsFd) -> io::Result<OwnedFd> {
    stream.as_fd().try_clone_to_owned()
}

/// The terminal that this process prints to.
fn real_terminal() -> Option<OwnedFd> {
    let is_terminal = |fd: &BorrowedFd<'_>| fd.is_terminal();
    let (stdout, stderr) = (io::stdout(), io::stderr());
    [stdout.as_fd(), stderr.as_fd()].into_iter().find(is_terminal).and_then(|fd| fd.try_clone_to_owned().ok())
}

/// The pipe with more room in it, so that both ends wake up less often.
fn widened(pipe: PipeReader) -> PipeReader {
    #[cfg(target_os = "linux")]
    let _ = rustix::pipe::fcntl_setpipe_size(&pipe, 1 << 20);
    pipe
}
