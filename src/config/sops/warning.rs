//! What SOPS passes over in silence.

use std::fmt;

use crate::error::{Error, Position};

/// Something in a config that has no effect, or not the one that it looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Where.
    pub at: Position,
    /// What.
    pub kind: WarningKind,
}

/// The kinds of a [`Warning`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WarningKind {
    /// A rule that is an error for each file that it matches.
    BrokenRule {
        /// Why.
        what: String,
    },
    /// A further document, which is not read.
    FurtherDocument,
    /// A field that is known, and has no effect beside the others.
    IgnoredField {
        /// The field.
        field: String,
        /// Why not.
        why: &'static str,
    },
    /// A secret key, which ends up in the repository.
    SecretKey,
    /// A field that nobody knows.
    UnknownField {
        /// The field.
        field: String,
        /// Whose it would be, as in "a rule".
        owner: &'static str,
        /// What was probably meant.
        meant: Option<String>,
    },
    /// A rule behind one that matches every file.
    UnreachableRule {
        /// The line of the one before.
        behind: usize,
    },
}

impl Warning {
    /// What is wrong with a rule, as a warning.
    pub(super) fn of_broken_rule(found: Error) -> Option<Self> {
        let Error::Config { at: Some(at), what } = found else { return None };
        Some(Self { at, kind: WarningKind::BrokenRule { what } })
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.at)?;
        match &self.kind {
            WarningKind::BrokenRule { what } => f.write_str(what),
            WarningKind::FurtherDocument => f.write_str("a second YAML document, which is not read"),
            WarningKind::IgnoredField { field, why } => write!(f, "`{field}` has no effect: {why}"),
            WarningKind::SecretKey => {
                f.write_str("this is a secret key; a config holds public keys only, and is committed")
            }
            WarningKind::UnknownField { field, owner, meant } => {
                write!(
                    f,
                    "unknown field `{field}` in {owner}, which is ignored{}",
                    meant.as_deref().unwrap_or_default()
                )
            }
            WarningKind::UnreachableRule { behind } => {
                write!(f, "this rule is never reached: the one on line {behind} matches every file")
            }
        }
    }
}
