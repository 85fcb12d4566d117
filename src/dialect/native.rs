//! The native dialect, version 1: `sops-rs-format(5)` is the specification, its section names stand in the comments.
//!
//! Every leaf is sealed alone (`seal`), bound to its neighbours by a link (`chain`), and the policy, the
//! recipients and the layout are bound by a MAC (`metadata`). This module knows no format and no recipient type.

mod chain;
mod encoding;
mod groups;
mod metadata;
mod payload;
mod pieces;
mod roles;
mod seal;
mod section_keys;
mod token;

pub(crate) use chain::{Chain, LINK_LEN, Linked, chain};
pub(crate) use metadata::MAX_SECTIONS;
pub use metadata::{DEFAULT_NAME, METADATA_KEY, Metadata, Policy, Proposal, Reader, Section};
pub(crate) use payload::{Payload, PayloadKind};
pub(crate) use pieces::Pieces;
pub(crate) use roles::{Role, Roles};
pub(crate) use seal::{ID_LEN, NONCE_LEN, Sealer};
pub use section_keys::KEY_ID_LEN;
pub(crate) use section_keys::{SectionKeys, equal};
pub(crate) use token::{
    is_token_like, is_token_like_comment, read_comment_token, read_token, seal_text, token_len, write_comment_token,
    write_token,
};
