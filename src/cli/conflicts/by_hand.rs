//! Files that somebody merged by hand, or on a forge: they have no markers, and do not verify.

use sops_rs::file::any;
use sops_rs::file::merge::Merged;
use sops_rs::file::{Doubt, DoubtKind, Verified, doubts};
use sops_rs::keys::Interaction as _;

use super::{Merging, cut};
use crate::cli::exit_code;
use crate::cli::report::{Failure, count, named, say, tell, warn};
use crate::cli::terminal::Terminal;

impl Merging<'_> {
    /// The file as it was merged by hand, encrypted so that it verifies; none when its values cannot be told.
    ///
    /// The file itself proves nothing: anybody can put together values that it once had. So what a merge of the versions that
    /// do verify could not have made is shown, and has to be confirmed.
    pub(super) fn repaired(&self, merged: &Merged) -> Result<Option<String>, Failure> {
        let Self { resolving, versions, bytes, .. } = self;
        let shown = resolving.shown();
        let failure = |error| resolving.failure(error);
        let known: Vec<&[u8]> = versions.all().collect();
        let salvaged = match any::salvage(bytes, resolving.format, &known, resolving.keys) {
            Ok(salvaged) => salvaged,
            Err(error) if error.is_locked() => return Err(failure(error)),
            Err(error) if versions.is_one() => {
                let failure =
                    failure(error).hint("its values cannot be told one by one, so that there is nothing to repair");
                return Err(failure.hint("to go back to the last version that verifies, add --ours"));
            }
            Err(error) => {
                warn(&format!("{}: what was merged by hand cannot be told: {error}", named(&shown)));
                say("  so it is merged anew, from the versions that verify");
                return Ok(None);
            }
        };
        let open = |bytes: &[u8]| resolving.open(bytes).map_err(failure);
        let base = versions.base.as_ref().map(|base| open(base)).transpose()?;
        let (ours, theirs) = (open(&versions.ours)?, open(&versions.theirs)?);
        let verified = Verified { base: base.as_ref(), ours: &ours, theirs: &theirs };
        let doubts = doubts(&salvaged, verified).map_err(failure)?;
        self.confirm_doubts(&doubts)?;
        let plaintext = salvaged.into_plaintext().map_err(failure)?;
        // Readers and policy are those of the merge. The versions themselves may have others: somebody may have been removed.
        let text = match merged {
            Merged::Clean(text) => self.encrypt(text, text, &plaintext),
            Merged::Conflict { text, .. } => {
                let (ours, theirs) = cut(text).map_err(failure)?;
                self.encrypt(ours.as_bytes(), theirs.as_bytes(), &plaintext)
            }
        }?;
        let and = if doubts.is_empty() { ": all its values are those of the merged versions" } else { "" };
        say(&format!("{}: repaired as it was merged by hand{and}", named(&shown)));
        say("  its readers and its policy are those of the versions that verify");
        Ok(Some(text))
    }

    fn confirm_doubts(&self, doubts: &[Doubt]) -> Result<(), Failure> {
        if doubts.is_empty() {
            return Ok(());
        }
        let shown = self.resolving.shown();
        let values = count(doubts.len(), "value");
        tell(&format!("{}: nothing vouches for {values} in it:", named(&shown)));
        for Doubt { path, kind } in doubts {
            let what = match kind {
                DoubtKind::Unknown => "no version has this value there",
                DoubtKind::UnknownList => "no version has this list just so",
                DoubtKind::PutBack => "is put back, or kept, against a change of one side",
                DoubtKind::Missing => "is missing, though no side has taken it out",
            };
            tell(&format!("  `{path}`: {what}"));
        }
        if self.resolving.yes {
            return Ok(());
        }
        if Terminal.confirm("take them as they stand in the file?", "yes", Some("no")) == Some(true) {
            return Ok(());
        }
        let what = "was not repaired: what nothing vouches for was not confirmed";
        let failure = Failure::about(exit_code::MAC, &shown, what);
        let failure = failure.hint("somebody without a key can have put them there: look at each, then add -y/--yes");
        Err(failure.hint("to merge anew from the versions that verify, add --ours or --theirs"))
    }
}
