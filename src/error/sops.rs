//! What can go wrong with files of the sops dialect.

use std::fmt;

use super::Position;

/// What is wrong with a token, or with what stands in the place of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueFault {
    /// No token.
    NotAToken,
    /// A changed token, one of another place, or one under another data key.
    NotOpened,
    /// A token of a type that does not exist.
    UnknownType,
    /// What is in the token does not fit its type.
    WrongType,
}

impl fmt::Display for ValueFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAToken => "is not encrypted, or its token is damaged",
            Self::NotOpened => "does not open: changed, moved or renamed by somebody without the data key",
            Self::UnknownType => "has a type that SOPS does not know",
            Self::WrongType => "does not fit the type in its token",
        })
    }
}

/// Why a key did not open what is wrapped to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyFault {
    /// What went wrong, on one line; never key material.
    Failed(String),
    /// Nobody here has its secret half.
    NoIdentity,
    /// It opened, and held no data key: the text says so.
    NotADataKey(String),
    /// Keys of its sort are not supported.
    NotSupported,
}

impl fmt::Display for KeyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Failed(what) | Self::NotADataKey(what) => what,
            Self::NoIdentity => "no identity matched",
            Self::NotSupported => "keys of this sort are not supported yet",
        })
    }
}

/// A key that was tried in vain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyReport {
    /// The list of the metadata in which it stands, as `age`.
    pub list: &'static str,
    /// The key as SOPS names it, which is the file's text.
    pub name: String,
    /// Why it did not open.
    pub fault: KeyFault,
}

/// What became of a key group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupReport {
    /// None of its keys opened; these, in the order in which they were tried.
    Failed(Vec<KeyReport>),
    /// One of its keys did.
    Opened,
}

impl GroupReport {
    /// Whether something opened, and only what it held was wrong.
    #[must_use]
    pub fn is_without_data_key(&self) -> bool {
        let Self::Failed(keys) = self else { return false };
        !keys.is_empty() && keys.iter().all(|key| matches!(key.fault, KeyFault::NotADataKey(_)))
    }
}

/// A failure that only files of the sops dialect know. SOPS has an exit code for each.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SopsError {
    /// Keys of services that are not spoken to: no data key can be wrapped for them.
    #[error("nothing can be wrapped for {}: keys of this sort are not supported yet", quoted(.keys))]
    CannotWrap {
        /// Their names, escaped.
        keys: Vec<String>,
    },
    /// The stored MAC does not open: it, or the time of the last change, was changed.
    #[error("the MAC does not open: it or `lastmodified` was changed by somebody without the data key")]
    MacNotOpened,
    /// The MAC is another one than that of the values.
    #[error("the MAC does not match: a value was added, removed, moved or changed by somebody without the data key")]
    MacMismatch,
    /// The metadata cannot be read.
    #[error("sops metadata: `{field}` {what}")]
    Metadata {
        /// The field.
        field: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// There is no MAC.
    #[error("the file has no MAC")]
    NoMac,
    /// The selector encrypts no value at all.
    #[error("the rule encrypts nothing in this file: no value has what `{selector}` asks for")]
    NothingSelected {
        /// Name and text of the selector.
        selector: String,
    },
    /// There is no key in the metadata.
    #[error("sops metadata: no keys found in the file")]
    NoKeys,
    /// A kind of keys that stands twice in a decryption order.
    #[error("the decryption order names `{name}` twice")]
    DuplicateKeyKind {
        /// Its name, escaped.
        name: String,
    },
    /// The file has no metadata.
    #[error("not encrypted: no `sops` metadata")]
    NoMetadata,
    /// Too few key groups could be opened.
    #[error("no identity opens the data key{}", opened_groups(*.needed, .groups))]
    NoDataKey {
        /// How many groups are needed.
        needed: usize,
        /// What became of each group.
        groups: Vec<GroupReport>,
    },
    /// A selector whose pattern does not compile would leave everything in clear.
    #[error("`{name}` is no regular expression in RE2's syntax; SOPS would encrypt or leave clear the wrong values")]
    Pattern {
        /// The selector.
        name: &'static str,
    },
    /// The shares of several key groups do not make a data key.
    #[error("the shares of the key groups do not recover a data key: {what}")]
    Shares {
        /// Why.
        what: &'static str,
    },
    /// A path in SOPS's syntax that is none.
    #[error("the component `{component}` of the path {what}; write it as in [\"key\"][0]")]
    Path {
        /// The part, escaped.
        component: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// Keys that stand in the file, and that nobody has vouched for.
    #[error("{} in the file, but no rule names {}, and nobody else has confirmed it", standing(.keys), if .keys.len() == 1 { "it" } else { "them" })]
    Unconfirmed {
        /// Their names, escaped.
        keys: Vec<String>,
    },
    /// A value cannot be opened.
    #[error("{at}: `{path}` {fault}")]
    Value {
        /// Where.
        at: Position,
        /// Its path.
        path: String,
        /// What is wrong.
        fault: ValueFault,
    },
}

fn opened_groups(needed: usize, groups: &[GroupReport]) -> String {
    let opened = groups.iter().filter(|group| **group == GroupReport::Opened).count();
    if groups.len() == 1 { String::new() } else { format!(" ({opened} of {needed} key groups)") }
}

fn quoted(keys: &[String]) -> String {
    keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ")
}

fn standing(keys: &[String]) -> String {
    format!("{} {}", quoted(keys), if keys.len() == 1 { "stands" } else { "stand" })
}
