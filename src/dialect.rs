//! Dialects: how tokens, associated data, MACs and metadata look on disk.

pub mod native;
pub mod sops;
