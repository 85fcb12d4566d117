//! The sops dialect: the files of SOPS, up to version 3.13.
//!
//! A token holds a typed value, bound to the map keys on the way to it; a MAC covers all values in their order. What
//! the program SOPS does beyond that, or otherwise, says `docs/sops-compatibility.md`.

mod mac;
mod metadata;
mod rule;
mod selection;
mod time;
mod token;
mod value;

pub use mac::Mac;
pub use metadata::{KeyGroup, KeyKind, MasterKey, Metadata};
pub use rule::{Comments, Rule, SELECTORS};
pub use time::Time;
pub(crate) use token::seal_text;
pub use token::{Cipher, NONCE_LEN, is_token_like};
pub(crate) use value::parse_float;
pub use value::{Kind, Value};

/// The root key (and in INI the section) under which the metadata stand.
pub const METADATA_KEY: &str = "sops";
