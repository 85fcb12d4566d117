//! Whoever stands in a file of SOPS may have been put there by anybody: its metadata is not authenticated. So a new data key is
//! wrapped only for keys that a rule names, that are one's own, or that the user confirms.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use sops_rs::dialect::sops::{KeyGroup, MasterKey};
use sops_rs::file::any::{Metadata, Plan};
use sops_rs::file::sops::Confirmed;
use sops_rs::keys::Interaction as _;

use super::exit_code;
use super::readers::Own;
use super::report::{Failure, warn_once};
use super::terminal::Terminal;

/// Who is asked about, and what was answered: about each key once, however many files it stands in.
pub(crate) struct Vouching {
    own: Own,
    /// Whether nobody is asked, since everything was confirmed beforehand.
    yes: bool,
    answers: Mutex<BTreeMap<String, bool>>,
}

impl Vouching {
    /// For a user with these recipients.
    pub(crate) fn new(own: Own, yes: bool) -> Self {
        Self { own, yes, answers: Mutex::default() }
    }

    /// The keys of the file `shown` that are vouched for. There are none to vouch for in native files, whose readers are
    /// authenticated.
    ///
    /// # Errors
    /// When the user does not confirm one, or cannot be asked.
    pub(crate) fn confirmed(
        &self,
        shown: &str,
        metadata: &Metadata,
        plan: Option<&Plan>,
    ) -> Result<Confirmed, Failure> {
        let Metadata::Sops(metadata, _) = metadata else { return Ok(Confirmed::default()) };
        let mut confirmed = match plan {
            Some(Plan::Sops(plan)) => Confirmed::by_plan(plan),
            _ => Confirmed::default(),
        };
        let keys = metadata.groups.iter().enumerate();
        for (number, key) in keys.flat_map(|(number, group)| group.keys.iter().map(move |key| (number, key))) {
            if !confirmed.has(number, key) {
                self.check(shown, key, &metadata.groups)?;
                confirmed.add([key.clone()]);
            }
        }
        Ok(confirmed)
    }

    fn check(&self, shown: &str, key: &MasterKey, groups: &[KeyGroup]) -> Result<(), Failure> {
        let name = key.name();
        if self.own.vouches_for(key, groups) {
            return Ok(());
        }
        if self.yes {
            warn_once(&format!("`{shown}` is encrypted to `{name}`, which no rule names; it may read on"));
            return Ok(());
        }
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let ask = || {
            let question = format!("`{shown}` is encrypted to `{name}`, which no rule names: may it read on?");
            Terminal.confirm(&question, "yes", Some("no")) == Some(true)
        };
        if *answers.entry(name.clone()).or_insert_with(ask) {
            return Ok(());
        }
        let what = format!("is encrypted to `{name}`, which no rule names; anybody can put a key there");
        let failure = Failure::about(exit_code::GENERIC, shown, what);
        let failure = failure.hint("add a rule and run `sops-rs updatekeys`, which takes such keys out");
        Err(failure.hint("if it may read on, confirm it at a terminal, or add -y/--yes"))
    }
}
