//! Files: the pipeline from bytes to bytes.
//!
//! | function | flow |
//! | --- | --- |
//! | [`encrypt`] | scan → select → new data keys → wrap → seal → link → MAC → splice → attach → self-check |
//! | [`decrypt`] | detach → scan → unwrap → check MACs and links → open → splice → scan again → release |
//! | [`update`] | decrypt → match old and new leaves → seal only what changed → link → MAC → splice → self-check |
//! | [`mask`] | decrypt → splice masks in the places of the tokens |
//! | [`rotate`] | decrypt → encrypt under new data keys, which prove to follow the old ones |
//! | [`update_keys`] | decrypt → wrap the same data keys for new readers → MAC → attach → self-check; or as `rotate` |
//! | [`set`], [`unset`] | decrypt → spell → scan → seal and link what changed → MAC → splice → self-check |
//! | [`merge`](mod@merge) | decrypt three versions → merge the plaintexts → encrypt with the tokens of both sides → open again |
//! | [`convert`] | decrypt in one dialect → encrypt in the other → open again → compare |
//! | [`status`] | detach → read the metadata |
//!
//! These are for files of the native dialect; [`sops`](mod@sops) has those of SOPS, and [`any`](mod@any) takes both.
//!
//! The invariants that are kept here:
//!
//! - **I4** the output of every splice scans to the same leaves at exactly the spliced spans, all else unchanged;
//! - **I5** no plaintext is released before the whole file is authenticated;
//! - **I8** an unchanged leaf keeps its token;
//! - **I9** nothing is returned to be written that was not first opened again and found equal.

pub mod any;
mod before;
mod change;
#[cfg(test)]
mod change_tests;
pub mod conflict;
pub mod convert;
pub mod diff;
mod document;
mod doubts;
mod drift;
mod fold;
mod follows;
mod generate;
#[cfg(test)]
mod insider_tests;
mod layers;
mod mask;
mod matching;
pub mod merge;
mod moves;
mod names;
mod open;
mod outline;
mod parallel;
mod path_query;
mod plan;
mod positions;
mod print;
mod rekey;
mod release;
mod reseal;
mod scalar;
mod seal;
mod secrets;
mod set;
#[cfg(test)]
mod set_tests;
mod shares;
pub mod sops;
pub mod timeline;
mod tokens;
mod tree;
mod value;
mod window;

pub use document::Document;
pub use doubts::{Doubt, DoubtKind, Verified, doubts};
pub use drift::{Access, Drift, Moved, PolicyChange, Renamed, ThresholdChange};
pub use follows::proves_to_follow;
pub use generate::generate_text;
pub use layers::Part;
pub use mask::{MASK, mask};
pub use names::EnvironmentNames;
pub use open::{Decrypted, IdentityUnlock, Unlock, Warning, decrypt, status};
pub use outline::{Outline, OutlineValue, ValueState};
pub use path_query::PathQuery;
pub use plan::{NewSection, Plan};
pub use rekey::{Rekeyed, rotate, update_keys, update_to};
pub use seal::{Encrypted, Summary, encrypt, replace, update};
pub use secrets::Secret;
pub use set::{Edited, Outcome, set, unset};
pub use tree::Tree;
