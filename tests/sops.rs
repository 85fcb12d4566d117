//! The program called as `sops`, judged by what the real SOPS does: the calls of its clients, its vectors as whole
//! commands, the cases of its own functional tests, and (opt-in) both programs side by side.
//!
//! `SOPS_RS_TEST_SOPS=/path/to/sops` runs the comparisons with the real program too, and with `SOPS_RS_TEST_ORACLE=1` beside it
//! all tests run against that program instead of ours: they must hold there, but for what `docs/sops-compatibility.md` lists.
//! `SOPS_RS_TEST_GPG=1` runs the tests that need gpg.
#![cfg(unix)]

#[path = "cli/harness.rs"]
#[expect(dead_code, reason = "the tests here need a part of it")]
mod harness;

#[path = "sops/calls.rs"]
mod calls;
#[path = "sops/edits.rs"]
mod edits;
#[path = "sops/exec.rs"]
mod exec;
#[path = "sops/formats.rs"]
mod formats;
#[path = "sops/gpg.rs"]
mod gpg;
#[path = "sops/keys.rs"]
mod keys;
#[path = "sops/manifest.rs"]
mod manifest;
#[path = "sops/matrix.rs"]
mod matrix;
#[path = "sops/product.rs"]
mod product;
#[path = "sops/program.rs"]
mod program;
#[path = "sops/rules.rs"]
mod rules;
#[path = "sops/set.rs"]
mod set;
#[path = "sops/values.rs"]
mod values;
