//! sops-rs keeps secrets in git: it encrypts the values of YAML, JSON, TOML, INI, properties and dotenv
//! files, and no other byte of them; any other file whole.
//!
//! ```text
//!  bytes ─► document ─ scan ─► leaves ─► select ─► dialect ─► tokens ─ splice ─► bytes
//!           yaml json         path      which      native     seal/open            ▲
//!           toml ini …        span      leaves?               authenticate         │
//!                                                     │  ▲                         │
//!                                                     ▼  │                         │
//!                           data key ── wrap/unwrap ── keys        metadata ───────┘
//!                                                      age
//!
//!  config   .sops-rs.yaml ─► rule ─► recipients + selection        never sees a document
//! ```
//!
//! The modules, in the order of the pipeline; each imports only from those above it:
//!
//! | module | what it owns |
//! | --- | --- |
//! | [`leaf`] | leaves, their spans and paths |
//! | [`error`] | everything that can go wrong, without a secret in it |
//! | [`data_key`] | the key that seals the leaves of a file |
//! | [`select`] | which leaves are sealed: path globs and policies, and the regular expressions of SOPS |
//! | [`document`] | formats: scanning, splicing, attaching metadata |
//! | [`keys`] | recipients and identities: the one joint for kinds of keys |
//! | [`dialect`] | how tokens, links, MACs and metadata look |
//! | [`config`] | `.sops-rs.yaml`, and SOPS's `.sops.yaml` |
//! | [`file`](mod@file) | the pipeline: encrypt, decrypt, update |
//! | [`redact`] | secrets in a stream of bytes become marks; it knows no file |
//! | [`leaks`] | values found in any bytes; it knows no file either |
//! | [`secret_shape`] | what looks like a secret; it knows no file either |
//!
//! Files of SOPS go through the same modules, as [`dialect::sops`] and [`file::sops`](mod@file::sops);
//! [`file::any`](mod@file::any) takes files of both dialects.
//!
//! Verbs tell the layer: files are *encrypted* and *decrypted*, leaves *sealed* and *opened*, data keys *wrapped* and
//! *unwrapped*, text *scanned* and *spliced*.
//!
//! # Example
//!
//! ```
//! use sops_rs::document::format_for_name;
//! use sops_rs::file::{self, Document, IdentityUnlock, Plan};
//! use sops_rs::keys::{self, Identities, NoInteraction};
//!
//! let (secret, recipient) = keys::generate_x25519();
//! let format = format_for_name("app.yaml").expect("a known extension");
//!
//! let document = Document::parse(b"db: {user: app, password: hunter2} # rotate me\n", format)?;
//! let plan = Plan::for_recipients([("alice".to_owned(), recipient)]);
//! let encrypted = file::encrypt(&document, &plan, &NoInteraction)?;
//! assert!(!encrypted.text.contains("hunter2"));
//!
//! let mut identities = Identities::new();
//! identities.add_identity_file(secret.as_bytes(), "the example's key")?;
//! let unlock = IdentityUnlock { identities: &identities, interaction: &NoInteraction };
//! let decrypted = file::decrypt(encrypted.text.as_bytes(), format, &unlock)?;
//! assert_eq!(decrypted.document.text(), document.text());
//! # Ok::<(), sops_rs::Error>(())
//! ```
//!
//! # Compatibility
//!
//! Files of version 1 of the native format, which `man/sops-rs-format.5` specifies, will be read by every later
//! version. A version or a field that is not known is refused, never dropped. The library itself is young: its types
//! may still change between minor versions.
//!
//! The library reads no environment, home folder, clock or terminal; randomness comes from the operating system.

pub mod config;
pub mod data_key;
pub mod dialect;
pub mod document;
pub mod error;
pub mod file;
mod json_escape;
pub mod keys;
pub mod leaf;
pub mod leaks;
mod random;
pub mod redact;
pub mod secret_shape;
pub mod select;

pub use error::Error;
