//! Signals that are passed on to the child.

use std::fs::{self, OpenOptions};
use std::io;
use std::sync::mpsc::Sender;
use std::thread;

use rustix::process::{Signal, getpgrp};
use rustix::termios::tcgetpgrp;
use signal_hook::iterator::Signals;

use super::supervisor::Event;

/// What is passed on, also to a child that nobody waits for.
const SIGNALS: [Signal; 9] = [
    Signal::HUP,
    Signal::INT,
    Signal::QUIT,
    Signal::TERM,
    Signal::USR1,
    Signal::USR2,
    Signal::WINCH,
    Signal::TSTP,
    Signal::CONT,
];

/// From now on signals are events, but for those that this process was started to ignore: its child ignores them, too.
pub(super) fn listen(events: Sender<Event>) -> io::Result<()> {
    let ignored = ignored();
    let heard = SIGNALS.iter().filter(|signal| ignored & 1 << (signal.as_raw() - 1) == 0);
    let mut signals = Signals::new(heard.map(|signal| signal.as_raw()))?;
    let forward = move || {
        for number in signals.forever() {
            let signal = SIGNALS.into_iter().find(|signal| signal.as_raw() == number);
            if signal.is_some_and(|signal| events.send(Event::Signal(signal)).is_err()) {
                return;
            }
        }
    };
    thread::Builder::new().name("signals".into()).spawn(forward).map(drop)
}

/// Whether the terminal sends what is typed at it (`^C`) to this process and its children.
pub(super) fn is_in_foreground() -> bool {
    let terminal = OpenOptions::new().read(true).open("/dev/tty");
    terminal.is_ok_and(|terminal| tcgetpgrp(terminal).is_ok_and(|group| group == getpgrp()))
}

/// The signals that are ignored, as in proc_pid_status(5), "SigIgn"; none where the system does not tell.
fn ignored() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default()
}
