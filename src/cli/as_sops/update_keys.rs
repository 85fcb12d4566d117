//! `updatekeys`.

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;

use sops_rs::file::sops::{Confirmed, KeyDiff, KeySet, Rotation};

use super::failure::{self, Text};
use super::file::{Input, Look};
use super::native;
use super::rekey::rekeyed;
use super::session::Session;
use crate::cli::exit_code;
use crate::cli::io::{self, Privacy};
use crate::cli::report::{Failure, named, tell};
use crate::cli::terminal::escape;

/// Gives files the keys of their rules. All files are tried; what fails is told in the end.
pub(super) fn run(session: &Session<'_>) -> Result<u8, Failure> {
    if session.config.is_none() {
        return Err(Failure::new(exit_code::GENERIC, "config file not found"));
    }
    if session.line.words.is_empty() {
        return Err(failure::no_file());
    }
    let failures = session.line.words.iter().filter_map(|file: &OsString| update(session, file).err());
    match failures.reduce(|failure, other| failure.and(other).with_code(exit_code::GENERIC)) {
        Some(failure) => Err(failure),
        None => Ok(0),
    }
}

fn update(session: &Session<'_>, file: &OsStr) -> Result<(), Failure> {
    let input = Input::read(session, Some(file), Text::Encrypted, exit_code::GENERIC)?;
    io::check_replaceable(file.as_ref())?;
    let sealed = match input.look()? {
        Look::Native(format) => return native::change(session, "updatekeys", &input, format, &[]).map(drop),
        Look::Sops(sealed) => sealed,
    };
    let rule = session.rule_for(&input.name)?;
    let rule = rule.ok_or_else(|| Failure::new(exit_code::GENERIC, "the config file has no creation rules"))?;
    if rule.key_groups.iter().any(Vec::is_empty) {
        return Err(failure::no_data_key("empty key group provided"));
    }
    let of_file = |error| failure::of(&input.shown, Text::Encrypted, error);
    let before = KeySet::of(sealed.metadata());
    let after = KeySet::by_rule(rule, sealed.metadata(), &session.now()).map_err(of_file)?;
    let diff = before.diff(&after);
    if diff.is_empty() {
        tell(&format!("{} already up to date", named(&input.shown)));
        return Ok(());
    }
    io::print(shown(&diff).as_bytes())?;
    if !session.line.is_on("yes") && !ask()? {
        return Ok(());
    }
    let text = rekeyed(session, &input, after, Rotation::WhenReadersLeave, Confirmed::by_rule(rule))?;
    input.replace(text.as_bytes(), Privacy::Public)
}

/// What changes, in SOPS's form.
fn shown(diff: &KeyDiff) -> String {
    let mut text = String::from("The following changes will be made to the file's groups:\n");
    if let Some((before, after)) = diff.threshold {
        let [before, after] = [before, after].map(Option::unwrap_or_default);
        let _ = write!(text, "+++ shamir_threshold: {after}\n--- shamir_threshold: {before}\n");
    }
    for (number, group) in (1..).zip(&diff.groups) {
        let _ = writeln!(text, "Group {number}");
        for (mark, keys) in [("   ", &group.kept), ("+++", &group.added), ("---", &group.removed)] {
            keys.iter().for_each(|key| text.push_str(&format!("{mark} {}\n", escape(&key.name))));
        }
    }
    text
}

/// Asks until the answer is yes or no.
fn ask() -> Result<bool, Failure> {
    loop {
        io::print(b"Is this okay? (y/n):")?;
        match io::read_line().as_deref().map(str::trim) {
            Some("y" | "Y") => return Ok(true),
            Some("n" | "N") => return Ok(false),
            Some(_) => {}
            None => {
                let failure = Failure::new(exit_code::GENERIC, "standard input has ended without an answer");
                return Err(failure.hint("with -y/--yes nothing is asked"));
            }
        }
    }
}
