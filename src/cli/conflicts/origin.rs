//! Merging versions of which nothing proves that they come from the file's readers, once somebody vouches for them.

use sops_rs::dialect::sops::MasterKey;
use sops_rs::file::any::{self, Metadata};
use sops_rs::file::merge::{self, Conflict, ConflictKind, Labels, Merged};
use sops_rs::file::sops::Confirmed;
use sops_rs::keys::Interaction as _;

use super::{Choice, MARKER_LEN, Merging, RuleOptions, confirmed, discover};
use crate::cli::exit_code;
use crate::cli::report::{Failure, named, warn};
use crate::cli::terminal::Terminal;
use crate::cli::vouching::Vouching;

impl Merging<'_> {
    /// Merges both sides. Where that would trust whoever made one of them, the user is asked.
    pub(super) fn merge(&self) -> Result<Merged, Failure> {
        let Self { resolving, versions, .. } = self;
        let [ours, theirs] = versions.labels.each_ref().map(String::as_str);
        let labels = Labels { ours, base: "base", theirs, marker_size: MARKER_LEN };
        // A rule may have come with the branch that is merged. In the sops dialect nothing else speaks for a reader.
        let mut confirmed = match any::status(&versions.ours, resolving.format) {
            Ok(Some(Metadata::Sops(..))) => confirmed(resolving.path, &versions.ours, resolving.format),
            _ => Confirmed::default(),
        };
        let mut is_vouched_for = false;
        let is_one_sided =
            [&versions.ours, &versions.theirs].into_iter().any(|side| versions.base.as_ref() == Some(side));
        // One side would be taken as it is, whoever has made it.
        if is_one_sided && !self.have_one_data_key() {
            self.confirm_origin(&mut confirmed)?;
            is_vouched_for = true;
        }
        let mut asked = Vec::new();
        loop {
            let merge = if is_vouched_for { merge::merge_vouched } else { merge::merge };
            let merged = merge(&versions.sides(), resolving.format, &labels, &self.rekeying(&confirmed));
            let merged = merged.map_err(|error| resolving.failure(error))?;
            let Merged::Conflict { conflicts, .. } = &merged else { return Ok(merged) };
            if matches!(resolving.choice, Choice::Ours | Choice::Theirs) {
                return Ok(merged);
            }
            let is_open = |conflict: &&Conflict| match conflict.kind {
                ConflictKind::DataKey => !is_vouched_for,
                ConflictKind::Gained => !asked.contains(&conflict.path),
                _ => false,
            };
            match conflicts.iter().find(is_open) {
                Some(Conflict { kind: ConflictKind::DataKey, .. }) => {
                    self.confirm_origin(&mut confirmed)?;
                    is_vouched_for = true;
                }
                Some(Conflict { path, .. }) => {
                    confirmed.add(self.confirm_reader(path.as_deref().unwrap_or_default())?);
                    asked.push(path.clone());
                }
                None => return Ok(merged),
            }
        }
    }

    fn have_one_data_key(&self) -> bool {
        let Self { resolving, versions, .. } = self;
        any::salvage(&versions.theirs, resolving.format, &[&versions.ours], resolving.keys).is_ok()
    }

    /// Anybody can write a file to the readers of another one, in its place; and whoever was removed still has the data key that
    /// was in use then.
    fn confirm_origin(&self, confirmed: &mut Confirmed) -> Result<(), Failure> {
        let Self { resolving, versions, .. } = self;
        let what = "the data keys of both sides differ, and nothing proves that both come from who reads it now";
        self.confirm(what, "merge them all the same?", "look who made the commits of both sides")?;
        let vouching = Vouching::new(resolving.keys.unlocker.own(), resolving.yes);
        for version in [&versions.ours, &versions.theirs] {
            let Ok(Some(metadata)) = any::status(version, resolving.format) else { continue };
            let plan = discover::plan_like(&RuleOptions::default(), resolving.path, metadata.dialect()).ok();
            vouching.confirmed(&resolving.shown(), &metadata, plan.as_ref())?;
            if let Metadata::Sops(metadata, _) = metadata {
                confirmed.add(metadata.groups.into_iter().flat_map(|group| group.keys));
            }
        }
        Ok(())
    }

    /// The keys of a reader who is new on the side with the older data key.
    fn confirm_reader(&self, name: &str) -> Result<Vec<MasterKey>, Failure> {
        let Self { resolving, versions, .. } = self;
        let mut recipients = Vec::new();
        for version in [&versions.ours, &versions.theirs] {
            let Ok(Some(metadata)) = any::status(version, resolving.format) else { continue };
            let readers = metadata.sections().into_iter().flat_map(|section| section.readers);
            recipients.extend(readers.filter(|reader| reader.name == name).map(|reader| reader.recipient));
        }
        recipients.sort_unstable();
        recipients.dedup();
        let what =
            format!("only the version with the older data key has the reader `{name}` ({})", recipients.join(", "));
        self.confirm(
            &what,
            "may they read it?",
            "somebody who was removed can have put them there: look who made that commit",
        )?;
        Ok(recipients.iter().map(|recipient| MasterKey::age(recipient)).collect())
    }

    fn confirm(&self, what: &str, question: &str, advice: &str) -> Result<(), Failure> {
        let shown = self.resolving.shown();
        if self.resolving.yes {
            warn(&format!("{}: {what}", named(&shown)));
            return Ok(());
        }
        let asked = format!("{}: {what}: {question}", named(&shown));
        if Terminal.confirm(&asked, "yes", Some("no")) == Some(true) {
            return Ok(());
        }
        let failure = Failure::about(exit_code::MAC, &shown, what).hint(advice);
        Err(failure.hint("to take one of both sides, add --ours or --theirs; to go on all the same, -y/--yes"))
    }
}
