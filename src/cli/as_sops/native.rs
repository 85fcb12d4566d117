//! Files of our own dialect under the name `sops`: our own commands do the work, where they have what is asked for.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use sops_rs::document::Format;

use super::file::Input;
use super::session::Session;
use crate::cli::files::{IdentityOptions, Unlocker};
use crate::cli::io::Privacy;
use crate::cli::report::Failure;
use crate::cli::{exit_code, run_words};

/// Options that do not matter for a file of ours, or are read before it comes to that.
const INDIFFERENT: &[&str] = &[
    "config",
    "decrypt",
    "decryption-order",
    "disable-version-check",
    "enable-local-keyservice",
    "filename-override",
    "in-place",
    "input-type",
    "keyservice",
    "rotate",
    "set",
    "shamir-secret-sharing-threshold",
    "verbose",
    "yes",
];

/// `decrypt`.
pub(super) fn decrypt(session: &Session<'_>, input: &Input, format: &'static dyn Format) -> Result<u8, Failure> {
    check(session, input, &["extract", "output", "output-type"])?;
    let line = session.line;
    // Clients that pipe a file name both types.
    let is_whole = line.text("extract").is_none() && line.text("output-type").is_none_or(|name| name == format.name());
    if input.path.is_some() {
        let mut words = Words::new("decrypt", input, format);
        words.switch(line.is_on("in-place"), "--in-place");
        words.option("--output", line.value("output"));
        // It replaces what is there, as SOPS does.
        words.switch(line.path("output").is_some(), "--force");
        words.option("--extract", line.value("extract"));
        words.option("--output-type", line.value("output-type"));
        return words.run(session, &[]);
    }
    if !is_whole {
        return Err(unavailable(input, "--extract and --output-type, from standard input,"));
    }
    let unlocker = Unlocker::find(&IdentityOptions::default())?;
    let decrypted = unlocker.decrypt_bytes(&input.shown, &input.bytes, format, &unlocker)?;
    let plaintext = decrypted.into_plaintext().map_err(|error| Failure::of(&input.shown, error))?;
    input.deliver(session, &plaintext, Privacy::Private)?;
    Ok(0)
}

/// `exec-env` and `exec-file`: `name` is that of the command.
pub(super) fn exec(
    session: &Session<'_>,
    name: &'static str,
    input: &Input,
    format: &'static dyn Format,
) -> Result<u8, Failure> {
    let own = ["background", "filename", "no-fifo", "output-type", "pristine", "same-process", "user"];
    check(session, input, &own)?;
    let line = session.line;
    let mut words = Words::new(name, input, format);
    for option in ["background", "no-fifo", "pristine", "same-process"] {
        words.switch(line.is_on(option), &format!("--{option}"));
    }
    for option in ["filename", "output-type", "user"] {
        words.option(&format!("--{option}"), line.value(option));
    }
    // Behind `--` would be a program.
    words.words.push(words.file);
    words.words.extend_from_slice(&line.words[1..]);
    run_words(&words.words, session.core_limit)
}

/// The commands that change a file, by their names: `rest` is what stands behind it.
pub(super) fn change(
    session: &Session<'_>,
    name: &'static str,
    input: &Input,
    format: &'static dyn Format,
    rest: &[OsString],
) -> Result<u8, Failure> {
    let line = session.line;
    check(session, input, &["idempotent", "output", "value-file", "value-stdin"])?;
    let mut words = Words::new(name, input, format);
    match name {
        "rotate" if line.path("output").is_some() => words.option("--output", line.value("output")),
        "rotate" if !line.is_on("in-place") => {
            return Err(unavailable(input, "`rotate` without --in-place or --output"));
        }
        "set" => words.switch(true, "--json"),
        "unset" => words.switch(line.is_on("idempotent"), "--ignore-missing"),
        "updatekeys" => words.switch(line.is_on("yes"), "--yes"),
        _ => {}
    }
    words.run(session, rest)
}

/// Refuses options that mean something for files of SOPS only.
fn check(session: &Session<'_>, input: &Input, own: &[&str]) -> Result<(), Failure> {
    match session.line.given().find(|name| !own.contains(name) && !INDIFFERENT.contains(name)) {
        None => Ok(()),
        Some(name) => Err(unavailable(input, &format!("`--{name}`"))),
    }
}

/// The failure for what our own commands lack.
pub(super) fn unavailable(input: &Input, what: &str) -> Failure {
    let what = format!("is a file of sops-rs's own dialect, for which {what} is not available");
    Failure::about(exit_code::GENERIC, &input.shown, what).hint("see `sops-rs --help` for what there is")
}

/// A command line of ours.
struct Words {
    words: Vec<OsString>,
    file: OsString,
}

impl Words {
    fn new(name: &str, input: &Input, format: &dyn Format) -> Self {
        let file = match input.path.as_deref() {
            None => "-".into(),
            Some(path) if path.as_os_str().as_encoded_bytes().starts_with(b"-") => Path::new(".").join(path).into(),
            Some(path) => path.into(),
        };
        Self { words: vec![name.into(), "--input-type".into(), format.name().into()], file }
    }

    fn switch(&mut self, is_on: bool, name: &str) {
        self.words.extend(is_on.then(|| name.into()));
    }

    fn option(&mut self, name: &str, value: Option<&OsStr>) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.words.extend([name.into(), value.to_owned()]);
        }
    }

    fn run(self, session: &Session<'_>, rest: &[OsString]) -> Result<u8, Failure> {
        let mut words = self.words;
        words.extend([OsString::from("--"), self.file]);
        words.extend(rest.iter().cloned());
        run_words(&words, session.core_limit)
    }
}
