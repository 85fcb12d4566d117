//! What changes the keys of a file: `rotate` and `-r`, and `groups`.

use std::ffi::OsStr;
use std::path::Path;

use sops_rs::Error;
use sops_rs::dialect::sops::{MasterKey, Metadata};
use sops_rs::error::sops::SopsError;
use sops_rs::file::sops::{self, Confirmed, KeySet, Losses, MacCheck, Rekeying, Rotation, SealedFile};
use sops_rs::keys::Interaction as _;

use super::failure::{self, Text};
use super::file::{Input, Look, sealed_as};
use super::native;
use super::session::Session;
use crate::cli::exit_code;
use crate::cli::io::Privacy;
use crate::cli::readers::Own;
use crate::cli::report::{Failure, list};
use crate::cli::terminal::Terminal;

/// Gives `file` a new data key.
pub(super) fn rotate(session: &Session<'_>, file: &OsStr) -> Result<u8, Failure> {
    Input::check_output(session, Some(file))?;
    let line = session.line;
    let changes_keys = line.given().any(|name| name.starts_with("add-") || name.starts_with("rm-"));
    if changes_keys && !Path::new(file).exists() {
        return Err(failure::cannot_change_keys(file));
    }
    let input = Input::read(session, Some(file), Text::Encrypted, exit_code::INPUT)?;
    let sealed = match input.look()? {
        Look::Native(format) => return native::change(session, "rotate", &input, format, &[]),
        Look::Sops(sealed) => sealed,
    };
    let now = session.now();
    let added = session.keys("add-", &now)?;
    let mut keys = KeySet::of(sealed.metadata());
    keys.add(added.clone());
    keys.remove(&session.keys("rm-", &now)?);
    let mut confirmed = confirmed(session, &input)?;
    confirmed.add(added);
    let text = rekeyed(session, &input, keys, Rotation::Always, confirmed)?;
    let text = if sealed_as(input.sealed_store(), input.output) == input.sealed_store() {
        text
    } else {
        in_other_format(session, &input, &text)?
    };
    input.deliver(session, text.as_bytes(), Privacy::Public)?;
    Ok(0)
}

/// An encrypted file in the format that the output is to have.
fn in_other_format(session: &Session<'_>, input: &Input, text: &str) -> Result<String, Failure> {
    let of_file = |error| failure::of(&input.shown, Text::Encrypted, error);
    let store = input.sealed_store();
    let sealed = SealedFile::read(text.as_bytes(), store).map_err(of_file)?;
    let sealed = sealed.ok_or_else(|| of_file(SopsError::NoMetadata.into()))?;
    let opened = input.open(session, &sealed)?;
    let to = sealed_as(store, input.output);
    let plaintext = opened.converted(session, to, Losses::Refused).map_err(of_file)?;
    let metadata = Metadata { last_modified: session.now(), ..opened.decrypted.metadata };
    sops::encrypt(&plaintext, to, &opened.data_key, metadata).map_err(of_file)
}

/// `groups add`.
pub(super) fn add_group(session: &Session<'_>) -> Result<u8, Failure> {
    let added = session.keys("", &session.now())?;
    if added.is_empty() {
        return Err(failure::no_data_key("empty key group provided"));
    }
    change_groups(session, added.clone(), |keys| {
        keys.add_group(added);
        Ok(())
    })
}

/// `groups delete`.
pub(super) fn remove_group(session: &Session<'_>) -> Result<u8, Failure> {
    let index = match &session.line.words[..] {
        [index] => index.to_str().and_then(|index| index.parse().ok()),
        _ => None,
    };
    let missing = || Failure::new(exit_code::GENERIC, "error: exactly one positional argument (index) required");
    let index = index.ok_or_else(missing)?;
    change_groups(session, Vec::new(), |keys| keys.remove_group(index))
}

fn change_groups(
    session: &Session<'_>,
    named: Vec<MasterKey>,
    change: impl FnOnce(&mut KeySet) -> Result<(), Error>,
) -> Result<u8, Failure> {
    let file = session.line.value("file").unwrap_or_default();
    Input::check_output(session, Some(file))?;
    let input = Input::read(session, Some(file), Text::Encrypted, exit_code::INPUT)?;
    let sealed = match input.look()? {
        Look::Native(_) => return Err(native::unavailable(&input, "`groups`")),
        Look::Sops(sealed) => sealed,
    };
    let mut keys = KeySet::of(sealed.metadata());
    change(&mut keys).map_err(|error| failure::of(&input.shown, Text::Encrypted, error))?;
    if let Some(threshold) = session.threshold()? {
        keys.shamir_threshold = Some(threshold);
    }
    let mut confirmed = confirmed(session, &input)?;
    confirmed.add(named);
    let text = rekeyed(session, &input, keys, Rotation::WhenReadersLeave, confirmed)?;
    input.deliver(session, text.as_bytes(), Privacy::Public)?;
    Ok(0)
}

/// The keys that the rule for a file names, if there is one.
fn confirmed(session: &Session<'_>, input: &Input) -> Result<Confirmed, Failure> {
    let rule = match session.rule_for(&input.name) {
        // It names nothing then.
        Err(failure) if failure.code == exit_code::GENERIC => None,
        rule => rule?,
    };
    Ok(rule.map(Confirmed::by_rule).unwrap_or_default())
}

/// The file with other keys. Nothing is wrapped for a key that only stands in the file, where anybody can have put it: the
/// rule or an option names it, it is the user's own, or the user says so.
pub(super) fn rekeyed(
    session: &Session<'_>,
    input: &Input,
    keys: KeySet,
    rotation: Rotation,
    mut confirmed: Confirmed,
) -> Result<String, Failure> {
    session.check_local(&input.shown)?;
    if keys.groups.iter().any(|group| group.keys.is_empty()) {
        return Err(failure::no_data_key("empty key group provided"));
    }
    // Whoever can decrypt it may go on to do so.
    let own = Own::of(&session.found().identities);
    let all = keys.groups.iter().flat_map(|group| &group.keys);
    confirmed.add(all.filter(|key| own.vouches_for(key, &keys.groups)).cloned());
    let store = input.sealed_store();
    let (unlock, wrap) = (session.tools.unlock(session.found()), session.tools.wrap());
    loop {
        let rekeying = Rekeying {
            unlock: &unlock,
            wrap: &wrap,
            confirmed: &confirmed,
            now: session.now(),
            check: MacCheck::Require,
        };
        match sops::rekey(&input.bytes, store, keys.clone(), rotation, &rekeying) {
            Ok(rekeyed) => return Ok(rekeyed.text),
            Err(Error::Sops(SopsError::Unconfirmed { keys: names })) if is_accepted(&names) => {
                let all = keys.groups.iter().flat_map(|group| &group.keys);
                let is_named = |key: &&MasterKey| names.contains(&key.name().escape_debug().to_string());
                confirmed.add(all.filter(is_named).cloned());
            }
            Err(error @ Error::Sops(SopsError::Unconfirmed { .. })) => {
                let failure = Failure::about(exit_code::GENERIC, &input.shown, &error);
                return Err(failure.hint(
                    "whoever can change the file can put one there; if it is to open the file, name it in a rule of \
                     .sops.yaml, or with an option such as --add-age",
                ));
            }
            Err(error) => return Err(session.not_opened(&input.shown, error)),
        }
    }
}

/// Asks whether keys that stand in the file are to open it.
fn is_accepted(names: &[String]) -> bool {
    let question = format!("no rule names {}; are they to open the file?", list(names));
    Terminal.is_there() && Terminal.confirm(&question, "yes", Some("no")) == Some(true)
}
