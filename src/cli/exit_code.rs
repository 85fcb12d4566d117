//! Exit codes: an interface. The numbers are SOPS's where SOPS has the situation; `sops-rs(1)` lists them.

/// Anything without a code of its own: usage, config, metadata, a missing path.
pub(crate) const GENERIC: u8 = 1;
/// The input could not be read, or is not well-formed.
pub(crate) const INPUT: u8 = 2;
/// The output could not be written.
pub(crate) const OUTPUT: u8 = 3;
/// The output format cannot hold a value.
pub(crate) const UNREPRESENTABLE: u8 = 4;
/// An encryption context for AWS KMS cannot be read.
pub(crate) const BAD_CONTEXT: u8 = 6;
/// A path or a value given to `set` or `unset` cannot be read.
pub(crate) const BAD_VALUE: u8 = 7;
/// Options that exclude each other.
pub(crate) const CONFLICT: u8 = 8;
/// `check`: something was found.
pub(crate) const FINDINGS: u8 = 10;
/// `check`: nothing was found, but the history is not here.
pub(crate) const UNKNOWN: u8 = 11;
/// The file could not be encrypted: nothing selected, plaintext that looks encrypted, a recipient that fails.
pub(crate) const ENCRYPT: u8 = 23;
/// A token is malformed, missing, copied, or does not open.
pub(crate) const TOKEN: u8 = 25;
/// Keys are to be added to a file that does not exist, or removed from it.
pub(crate) const NO_FILE_FOR_KEYS: u8 = 49;
/// A link or a MAC does not match: the file was changed without its data key.
pub(crate) const MAC: u8 = 51;
/// There is no config file, and no recipient was named.
pub(crate) const NO_CONFIG: u8 = 61;
/// A path given to `--extract` or `get` cannot be read.
pub(crate) const BAD_PATH: u8 = 91;
/// The file to encrypt is empty.
pub(crate) const EMPTY: u8 = 92;
/// No file was named, or it does not exist.
pub(crate) const NO_FILE: u8 = 100;
/// The order in which keys are tried names one kind twice.
pub(crate) const BAD_ORDER: u8 = 112;
/// The program of `exec-env` or `exec-file` cannot be run.
pub(crate) const CANNOT_RUN: u8 = 126;
/// The program of `exec-env` or `exec-file` was not found.
pub(crate) const NOT_FOUND: u8 = 127;
/// No identity opens the file.
pub(crate) const NO_KEY: u8 = 128;
/// `edit`, `git resolve`: nothing was changed.
pub(crate) const UNCHANGED: u8 = 200;
/// The editor is missing, or failed.
pub(crate) const EDITOR: u8 = 201;
/// The file is encrypted already.
pub(crate) const ALREADY_ENCRYPTED: u8 = 203;
