//! `set` and `unset`, and `--set`.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use sops_rs::document::MAX_PLAINTEXT_LEN;
use sops_rs::file::sops::{KeyPath, Losses};
use zeroize::Zeroizing;

use super::edit::updated;
use super::failure::{self, Text};
use super::file::{Input, Look, converted};
use super::native;
use super::session::Session;
use crate::cli::exit_code;
use crate::cli::io::{self, Privacy};
use crate::cli::report::Failure;
