//! Identities: an ordered list of secret keys, and the search for the one that unwraps a data key.

use std::fmt;
use std::sync::OnceLock;

use zeroize::Zeroizing;

use super::age::{self, AgeIdentity, LockedFileFailure, LockedSsh, Plugin, Silent, SshKey};
use super::foreign::shown;
use super::interaction::Interaction;
use super::shamir::Share;
use super::{Held, WrappedKey};
use crate::data_key::DataKey;
use crate::error::Error;

mod command;
mod list;
mod shares;

use command::Command;
pub use list::{Effort, IdentityInfo, IdentitySort};

/// Longest identity file in bytes, as in SOPS.
pub const IDENTITY_FILE_LIMIT: usize = 16 * 1024 * 1024;

/// Longest ssh private key in bytes; the largest RSA key takes 4 KiB. The `age` crate reads line by line, from the start each time.
const SSH_KEY_LIMIT: usize = 64 * 1024;

/// How often a passphrase may be mistyped.
const PASSPHRASE_ATTEMPTS: usize = 3;

type Load = Box<dyn Fn() -> Result<Identities, Error> + Send + Sync>;

/// The secret keys at hand, in the order in which they were found, each with the name of its source for messages.
///
/// Files behind a passphrase are asked for once, at the first need; the answer, also a failure, holds for the whole
/// life of the list.
#[derive(Default)]
pub struct Identities {
    entries: Vec<Entry>,
}

struct Entry {
    /// Where it comes from, as messages shall call it: `` `SOPS_AGE_KEY` ``.
    source: String,
    kind: Kind,
}

enum Kind {
    /// A command that prints identities.
    Command(Command),
    /// A source that is read at the first need.
    Deferred { load: Load, loaded: OnceLock<Result<Identities, Error>> },
    /// An identity file with a passphrase.
    LockedFile { binary: Vec<u8>, unlocked: OnceLock<Result<Identities, Error>> },
    /// An ssh key with a passphrase.
    LockedSsh { key: Box<LockedSsh>, unlocked: OnceLock<Result<Silent, Error>> },
    /// A plugin's identity.
    Plugin(Plugin),
    /// An identity that needs nobody; the recipient is computed at the first need.
    Silent { identity: Silent, recipient: OnceLock<Option<String>> },
}

/// The rounds of a search: what costs less or asks less comes first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Round {
    /// Silent identities and the wrapped keys that name them.
    Own,
    /// Silent identities and all other wrapped keys.
    Others,
    /// Sources that were not read yet, with the two rounds above.
    Deferred,
    Plugins,
    LockedSsh,
    LockedFiles,
}

const ROUNDS: [Round; 6] =
    [Round::Own, Round::Others, Round::Deferred, Round::Plugins, Round::LockedSsh, Round::LockedFiles];

struct Search<'a> {
    wrapped: &'a [(&'a str, &'a WrappedKey)],
    held: Held,
    interaction: &'a dyn Interaction,
    /// The first thing that went wrong with an identity that fits; told when no other one unwraps.
    failure: Option<Error>,
}

impl Identities {
    /// An empty list.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether there is none, and no source that could have one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Leaves out those that may need somebody, or take as long as they like: commands, plugins, and what is behind a passphrase.
    #[must_use]
    pub fn unattended(mut self) -> Self {
        self.entries.retain(|entry| matches!(entry.kind, Kind::Deferred { .. } | Kind::Silent { .. }));
        self
    }

    /// The names of the sources, in order.
    pub fn sources(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.source.as_str())
    }

    /// Whether one of those that need nobody is the identity of `recipient`. Deferred sources count once they were read.
    #[must_use]
    pub fn is_of(&self, recipient: &str) -> bool {
        self.entries.iter().any(|entry| match &entry.kind {
            Kind::Silent { identity, recipient: known } => own(identity, known).is_some_and(|own| same(own, recipient)),
            Kind::Deferred { loaded, .. } => {
                loaded.get().is_some_and(|loaded| loaded.as_ref().is_ok_and(|inner| inner.is_of(recipient)))
            }
            _ => false,
        })
    }

    /// Adds the identities of an identity file: lines with `AGE-SECRET-KEY-1…` or `AGE-PLUGIN-…` (several in a line are
    /// allowed, for environment variables), blank lines, and comments with `#`. The whole may be encrypted with a
    /// passphrase (binary or armored), which is asked for at the first need. An ssh private key is taken, too.
    ///
    /// # Errors
    /// [`Error::InvalidKey`] naming `source` and the line, never its text, also above [`IDENTITY_FILE_LIMIT`]; nothing is
    /// added then.
    pub fn add_identity_file(&mut self, text: &[u8], source: &str) -> Result<(), Error> {
        if text.len() > IDENTITY_FILE_LIMIT {
            return Err(invalid(format!("{source}: longer than {} MiB", IDENTITY_FILE_LIMIT >> 20)));
        }
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let start = text.trim_ascii_start();
        if start.starts_with(b"age-encryption.org/") || start.starts_with(b"-----BEGIN AGE") {
            let binary =
                age::locked_file(start, IDENTITY_FILE_LIMIT).map_err(|what| invalid(format!("{source}: {what}")))?;
            self.push(source, Kind::LockedFile { binary, unlocked: OnceLock::new() });
            return Ok(());
        }
        let text = std::str::from_utf8(text).map_err(|_| invalid(format!("{source}: not UTF-8")))?;
        if start.starts_with(b"-----BEGIN") {
            return self.add_ssh_private_key(text, source);
        }
        self.add_lines(text, source)
    }

    /// Adds an ssh private key: ed25519 or RSA, in OpenSSH's form or (RSA, without passphrase) in PEM. A passphrase is
    /// asked for only when a wrapped key says that it is for this key.
    ///
    /// # Errors
    /// [`Error::InvalidKey`] naming `source`, when it is damaged or of another type.
    pub fn add_ssh_private_key(&mut self, text: &str, source: &str) -> Result<(), Error> {
        let key = if text.len() > SSH_KEY_LIMIT { Err("too long for an ssh key") } else { age::parse_ssh_key(text) };
        let kind = match key.map_err(|what| invalid(format!("{source}: {what}")))? {
            SshKey::Locked(key) => Kind::LockedSsh { key, unlocked: OnceLock::new() },
            SshKey::Silent(identity) => Kind::silent(identity),
        };
        self.push(source, kind);
        Ok(())
    }

    /// Adds a source that is slow to read, and that is read only if no silent identity before or after it fits. When it
    /// fails, that is only shown as a message.
    pub fn add_deferred(&mut self, source: &str, load: impl Fn() -> Result<Self, Error> + Send + Sync + 'static) {
        self.push(source, Kind::Deferred { load: Box::new(load), loaded: OnceLock::new() });
    }

    /// Adds a command that prints identities: `load` is called with the text of a recipient, as files name it, once for each
    /// and only if no silent identity before or after it fits. When it fails, its error is that of the search if no other
    /// identity fits either.
    pub fn add_command(&mut self, source: &str, load: impl Fn(&str) -> Result<Self, Error> + Send + Sync + 'static) {
        self.push(source, Kind::Command(Command::new(load)));
    }

    /// Unwraps the data key that every one of `wrapped` holds, with whatever identity fits one of them; `None` when none does.
    ///
    /// `wrapped` names each one's recipient as the file does: a hint for what to try first, not trusted. Identities that
    /// need nobody are tried first, then deferred sources, plugins, and at last those behind a passphrase.
    ///
    /// # Errors
    /// [`Error::InvalidKey`] when an identity fits and something is wrong: its wrapped key is damaged or does not hold
    /// 32 bytes, its plugin fails, its passphrase is wrong or cannot be asked for.
    pub fn unwrap(
        &self,
        wrapped: &[(&str, &WrappedKey)],
        interaction: &dyn Interaction,
    ) -> Result<Option<DataKey>, Error> {
        let secret = self.unwrap_held(wrapped, Held::DataKey, interaction)?;
        Ok(secret.as_deref().and_then(|secret| DataKey::from_bytes(secret)))
    }

    /// Unwraps a share of a data key, the one of a key group, as [`Identities::unwrap`] does with a whole one.
    ///
    /// # Errors
    /// The same, and [`Error::KeyGroups`] for what cannot be a share.
    pub fn unwrap_share(
        &self,
        wrapped: &[(&str, &WrappedKey)],
        interaction: &dyn Interaction,
    ) -> Result<Option<Share>, Error> {
        let secret = self.unwrap_held(wrapped, Held::Share, interaction)?;
        secret.map(|secret| Self::share(&secret)).transpose()
    }

    fn share(secret: &[u8]) -> Result<Share, Error> {
        Share::from_bytes(secret).ok_or(Error::KeyGroups { what: "a share has the x 0, which none can have" })
    }

    fn unwrap_held(
        &self,
        wrapped: &[(&str, &WrappedKey)],
        held: Held,
        interaction: &dyn Interaction,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
        let mut search = Search { wrapped, held, interaction, failure: None };
        match ROUNDS.iter().find_map(|&round| self.search(round, &mut search)) {
            Some(secret) => Ok(Some(secret)),
            None => search.failure.map_or(Ok(None), Err),
        }
    }

    fn search(&self, round: Round, search: &mut Search<'_>) -> Option<Zeroizing<Vec<u8>>> {
        self.entries.iter().find_map(|entry| match (&entry.kind, round) {
            (Kind::Silent { identity, recipient }, Round::Own | Round::Others) => {
                // A single pair is tried at once: to compute the recipient would only add to it.
                let own = if search.wrapped.len() == 1 { None } else { own(identity, recipient) };
                search.silent(identity, own, round)
            }
            (Kind::Command(command), Round::Deferred) => {
                let wrapped = search.wrapped;
                wrapped.iter().find_map(|(recipient, _)| match &*command.ask(recipient) {
                    Ok(inner) => inner.search(Round::Own, search).or_else(|| inner.search(Round::Others, search)),
                    Err(error) => search.fail(error.clone()),
                })
            }
            (Kind::Command(command), _) => {
                command.loaded().iter().find_map(|loaded| loaded.as_ref().as_ref().ok()?.search(round, search))
            }
            (Kind::Deferred { load, loaded }, Round::Deferred) => {
                let first_time = loaded.get().is_none();
                match loaded.get_or_init(load) {
                    Ok(inner) => inner.search(Round::Own, search).or_else(|| inner.search(Round::Others, search)),
                    Err(error) => {
                        if first_time {
                            search.interaction.message(&error.to_string());
                        }
                        None
                    }
                }
            }
            (Kind::Deferred { loaded, .. }, _) => loaded.get()?.as_ref().ok()?.search(round, search),
            (Kind::Plugin(plugin), Round::Plugins) => search.plugin(plugin, &entry.source),
            (Kind::LockedSsh { key, unlocked }, Round::LockedSsh) => search.locked_ssh(key, unlocked, &entry.source),
            (Kind::LockedFile { binary, unlocked }, Round::LockedFiles) if search.may_be_in_a_file() => {
                let interaction = search.interaction;
                match unlocked.get_or_init(|| unlock_file(binary, &entry.source, interaction)) {
                    Ok(inner) => [Round::Own, Round::Others, Round::Plugins]
                        .into_iter()
                        .find_map(|round| inner.search(round, search)),
                    Err(error) => search.fail(error.clone()),
                }
            }
            // Unlocked for an earlier file: silent now.
            (Kind::LockedFile { unlocked, .. }, Round::Own | Round::Others) => {
                unlocked.get()?.as_ref().ok()?.search(round, search)
            }
            _ => None,
        })
    }

    fn add_lines(&mut self, text: &str, source: &str) -> Result<(), Error> {
        let mut kinds = Vec::new();
        for (index, line) in text.lines().enumerate() {
            if line.starts_with('#') {
                continue;
            }
            for word in line.split_ascii_whitespace() {
                match age::parse_identity(word) {
                    Ok(AgeIdentity::Plugin(plugin)) => kinds.push(Kind::Plugin(plugin)),
                    Ok(AgeIdentity::Silent(identity)) => kinds.push(Kind::silent(identity)),
                    Err(what) => return Err(invalid(format!("{source}, line {}: {what}", index + 1))),
                }
            }
        }
        if kinds.is_empty() {
            return Err(invalid(format!("{source}: holds no identity")));
        }
        for kind in kinds {
            self.push(source, kind);
        }
        Ok(())
    }

    fn push(&mut self, source: &str, kind: Kind) {
        self.entries.push(Entry { source: source.to_owned(), kind });
    }
}

impl fmt::Debug for Identities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identities")?;
        f.debug_list().entries(self.sources()).finish()
    }
}

impl Kind {
    fn silent(identity: Silent) -> Self {
        Self::Silent { identity, recipient: OnceLock::new() }
    }
}

impl Search<'_> {
    fn fail(&mut self, error: Error) -> Option<Zeroizing<Vec<u8>>> {
        self.failure.get_or_insert(error);
        None
    }

    /// `own` is the identity's recipient; without it every wrapped key counts as its own.
    fn silent(&mut self, identity: &Silent, own: Option<&str>, round: Round) -> Option<Zeroizing<Vec<u8>>> {
        let wrapped = self.wrapped;
        wrapped.iter().find_map(|(recipient, key)| {
            let named = own.is_none_or(|own| same(own, recipient));
            if named != (round == Round::Own) {
                return None;
            }
            match identity.open(key.as_bytes(), self.held) {
                Ok(secret) => secret,
                // Somebody else's damage is not this reader's business.
                Err(_) if own.is_none() && !self.is_named_by(identity, recipient) => None,
                Err(_) if !named => None,
                Err(failure) => self.fail(not_opened(recipient, &failure)),
            }
        })
    }

    fn is_named_by(&self, identity: &Silent, recipient: &str) -> bool {
        identity.recipient().is_some_and(|own| same(&own, recipient))
    }

    fn plugin(&mut self, plugin: &Plugin, source: &str) -> Option<Zeroizing<Vec<u8>>> {
        let prefix = format!("age1{}1", plugin.name());
        let wrapped = self.wrapped;
        for named in [true, false] {
            for (recipient, key) in wrapped.iter().filter(|(recipient, _)| recipient.starts_with(&prefix) == named) {
                match plugin.open(key.as_bytes(), self.held, self.interaction) {
                    Ok(Some(secret)) => return Some(secret),
                    Ok(None) => {}
                    Err(age::Failure::Plugin(message)) => {
                        self.fail(invalid(format!("{source}: {message}")));
                    }
                    Err(failure) if named => {
                        self.fail(not_opened(recipient, &failure));
                    }
                    Err(_) => {}
                }
            }
        }
        None
    }

    fn locked_ssh(
        &mut self,
        key: &LockedSsh,
        unlocked: &OnceLock<Result<Silent, Error>>,
        source: &str,
    ) -> Option<Zeroizing<Vec<u8>>> {
        if !self.wrapped.iter().any(|(_, wrapped)| key.fits(wrapped.as_bytes())) {
            return None;
        }
        let interaction = self.interaction;
        let identity = unlocked.get_or_init(|| {
            ask_passphrase(source, interaction, |passphrase| {
                key.unlock(passphrase).ok_or(LockedFileFailure::WrongPassphrase)
            })
        });
        match identity {
            Ok(identity) => [Round::Own, Round::Others]
                .into_iter()
                .find_map(|round| self.silent(identity, Some(key.recipient()), round)),
            Err(error) => self.fail(error.clone()),
        }
    }

    /// Identity files hold no ssh keys: a passphrase is not asked for when all wrapped keys are for such.
    fn may_be_in_a_file(&self) -> bool {
        self.wrapped.iter().any(|(_, key)| {
            age::stanzas(key.as_bytes()).any(|(kind, _)| !matches!(kind, "ssh-ed25519" | "ssh-rsa" | "scrypt"))
        })
    }
}

fn own<'a>(identity: &Silent, recipient: &'a OnceLock<Option<String>>) -> Option<&'a str> {
    recipient.get_or_init(|| identity.recipient()).as_deref()
}

/// Whether a file's text of a recipient is this one. Files of SOPS keep the comment of an ssh key.
fn same(own: &str, text: &str) -> bool {
    text.strip_prefix(own).is_some_and(|rest| rest.is_empty() || own.starts_with("ssh-") && rest.starts_with(' '))
}

fn unlock_file(binary: &[u8], source: &str, interaction: &dyn Interaction) -> Result<Identities, Error> {
    let text =
        ask_passphrase(source, interaction, |passphrase| age::unlock_file(binary, passphrase, IDENTITY_FILE_LIMIT))?;
    let text = std::str::from_utf8(&text).map_err(|_| invalid(format!("{source}: not UTF-8")))?;
    let mut identities = Identities::new();
    identities.add_lines(text, source)?;
    Ok(identities)
}

fn ask_passphrase<T>(
    source: &str,
    interaction: &dyn Interaction,
    unlock: impl Fn(Zeroizing<String>) -> Result<T, LockedFileFailure>,
) -> Result<T, Error> {
    let mut question = format!("passphrase of {source}");
    for _ in 0..PASSPHRASE_ATTEMPTS {
        let passphrase = interaction
            .passphrase(&question)
            .ok_or_else(|| invalid(format!("{source}: needs its passphrase, and it could not be asked for")))?;
        match unlock(passphrase) {
            Ok(unlocked) => return Ok(unlocked),
            Err(LockedFileFailure::Other(what)) => return Err(invalid(format!("{source}: {what}"))),
            Err(LockedFileFailure::WrongPassphrase) => question = format!("wrong; passphrase of {source}"),
        }
    }
    Err(invalid(format!("{source}: wrong passphrase")))
}

fn not_opened(recipient: &str, failure: &age::Failure) -> Error {
    let what = format!("the wrapped key for {} {failure}", shown(recipient));
    if matches!(failure, age::Failure::NotHeld(_)) { Error::NotADataKey { what } } else { invalid(what) }
}

fn invalid(what: String) -> Error {
    Error::InvalidKey { what }
}

#[cfg(test)]
mod tests;
