//! Telling which identities there are: their sources, sorts and recipients, never what is secret of them.

use super::{Identities, Kind, own, unlock_file};
use crate::error::Error;
use crate::keys::{Interaction, Recipient};

/// One identity, as far as it may be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityInfo {
    /// Where it comes from, as messages call it.
    pub source: String,
    /// How it is used.
    pub sort: IdentitySort,
    /// Its recipient, where that is known.
    pub recipient: Option<Recipient>,
}

/// How an identity is used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdentitySort {
    /// Its source could not be read.
    Failed(Error),
    /// Behind a passphrase.
    Locked,
    /// By an age plugin of this name.
    Plugin(String),
    /// Without asking anybody.
    Silent,
    /// Its source, a command, was not asked yet.
    Unread,
}

/// What may be done to learn about identities; each includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effort {
    /// Keys that are slow to read are read.
    Read,
    /// Commands that print keys are run.
    Run,
    /// Passphrases are asked for.
    Ask,
}

impl Identities {
    /// All identities, in order.
    pub fn list(&self, effort: Effort, interaction: &dyn Interaction) -> Vec<IdentityInfo> {
        let mut list = Vec::new();
        for entry in &self.entries {
            let (sort, recipient) = match &entry.kind {
                Kind::Command(command) => {
                    if effort >= Effort::Run && command.loaded().is_empty() {
                        // Without a recipient it gives what it has for all of them.
                        command.ask("");
                    }
                    let loaded = command.loaded();
                    match (loaded.len(), loaded.first().map(|first| &**first)) {
                        (0, _) | (_, None) => (IdentitySort::Unread, None),
                        (1, Some(Err(error))) => (IdentitySort::Failed(error.clone()), None),
                        _ => {
                            let inner = loaded.iter().filter_map(|loaded| loaded.as_ref().as_ref().ok());
                            list.extend(inner.flat_map(|inner| inner.list(effort, interaction)));
                            continue;
                        }
                    }
                }
                Kind::Deferred { load, loaded } => match loaded.get_or_init(load) {
                    Ok(inner) => {
                        list.extend(inner.list(effort, interaction));
                        continue;
                    }
                    Err(error) => (IdentitySort::Failed(error.clone()), None),
                },
                Kind::LockedFile { unlocked, .. } if effort < Effort::Ask && unlocked.get().is_none() => {
                    (IdentitySort::Locked, None)
                }
                Kind::LockedFile { binary, unlocked } => {
                    match unlocked.get_or_init(|| unlock_file(binary, &entry.source, interaction)) {
                        Ok(inner) => {
                            list.extend(inner.list(effort, interaction));
                            continue;
                        }
                        Err(error) => (IdentitySort::Failed(error.clone()), None),
                    }
                }
                // Its public half is not behind the passphrase.
                Kind::LockedSsh { key, .. } => (IdentitySort::Locked, Some(key.recipient())),
                Kind::Plugin(plugin) => (IdentitySort::Plugin(plugin.name().to_owned()), None),
                Kind::Silent { identity, recipient } => (IdentitySort::Silent, own(identity, recipient)),
            };
            let recipient = recipient.map(|text| Recipient(text.to_owned()));
            list.push(IdentityInfo { source: entry.source.clone(), sort, recipient });
        }
        list
    }
}
