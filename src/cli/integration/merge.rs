//! `git merge`: the driver by which git merges encrypted files.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use clap::Args;
use sops_rs::document::{Format, MAX_ENCRYPTED_LEN};
use sops_rs::error::{Error, Position};
use sops_rs::file::any::{self, Metadata, Rekeying};
use sops_rs::file::conflict::{self, MARKER_LEN};
use sops_rs::file::merge::{self, Conflict, ConflictKind, Labels, Merged, Sides};
use sops_rs::file::sops::Confirmed;
use zeroize::Zeroizing;

use super::rotation::Versions;
use crate::cli::conflicts::{base_of, describe, have_one_data_key};
use crate::cli::files::{IdentityOptions, InputOptions, encrypted_as};
use crate::cli::io::{self, Privacy};
use crate::cli::remembered::Remembered;
use crate::cli::report::{Failure, named, tell, word};
use crate::cli::{clock, environment, terminal};

/// What git takes for a conflict. Everything that goes wrong is one: with more than 128 git would give up the whole merge.
const CONFLICT: u8 = 1;

/// Whom git merges for when it only makes a base of several.
const INNER: &str = "Temporary merge branch";

/// Merge three versions of a file; git runs this
///
/// The result takes the place of OURS. It is merged by keys, as the plaintext would be, and what did not change keeps its
/// token; that needs an identity where both sides changed neighbouring values. Without one the encrypted lines are merged as
/// git does it. A conflict leaves markers around encrypted lines, for `sops-rs git resolve`. Exits with 0, or with 1 after a
/// conflict.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// What both began with (%O)
    #[arg(value_name = "BASE")]
    base: PathBuf,
    /// Our version, which is replaced by the result (%A)
    #[arg(value_name = "OURS")]
    ours: PathBuf,
    /// Their version (%B)
    #[arg(value_name = "THEIRS")]
    theirs: PathBuf,
    /// The length of conflict markers (%L)
    #[arg(long, value_name = "LENGTH", default_value_t = MARKER_LEN)]
    marker_size: usize,
    /// The name of the file in the repository, which tells its format and its rule (%P)
    #[arg(long, value_name = "PATH", allow_hyphen_values = true)]
    path: Option<PathBuf>,
    /// The name of the base in conflict markers (%S)
    #[arg(long, value_name = "LABEL", allow_hyphen_values = true)]
    label_base: Option<String>,
    /// The name of our version (%X)
    #[arg(long, value_name = "LABEL", allow_hyphen_values = true)]
    label_ours: Option<String>,
    /// The name of their version (%Y)
    #[arg(long, value_name = "LABEL", allow_hyphen_values = true)]
    label_theirs: Option<String>,
    #[command(flatten)]
    identities: IdentityOptions,
}

/// Merges; gives the exit code. Whatever fails, our version stays, and git keeps all three for `git resolve`.
pub(super) fn run(arguments: &Arguments) -> u8 {
    merge(arguments).unwrap_or_else(|failure| {
        failure.print();
        CONFLICT
    })
}

fn merge(arguments: &Arguments) -> Result<u8, Failure> {
    // A terminal that belongs to somebody else's screen is not asked at.
    if !std::io::stderr().is_terminal() || !environment::may_ask_for_git() {
        terminal::ask_nobody();
    }
    let name = arguments.path.as_deref().unwrap_or(&arguments.ours);
    let read = |path: &Path| io::read(path, MAX_ENCRYPTED_LEN);
    let (base, ours, theirs) = (read(&arguments.base)?, read(&arguments.ours)?, read(&arguments.theirs)?);
    let by_name = InputOptions::format_of_name(name);
    let format = [&ours, &theirs].into_iter().find_map(|side| is_sealed(side, by_name).then_some(by_name));
    let format = format.or_else(|| encrypted_as(&ours)).or_else(|| encrypted_as(&theirs)).unwrap_or(by_name);
    let driver = Driver { arguments, name, format, base, ours, theirs };
    let merged = driver.merged()?;
    let (text, code) = match &merged {
        Merged::Clean(text) => (text, 0),
        Merged::Conflict { text, .. } => (text, CONFLICT),
    };
    io::write(&arguments.ours, text, Privacy::Public)?;
    Ok(code)
}

/// One merge.
struct Driver<'a> {
    arguments: &'a Arguments,
    name: &'a Path,
    format: &'static dyn Format,
    base: Zeroizing<Vec<u8>>,
    ours: Zeroizing<Vec<u8>>,
    theirs: Zeroizing<Vec<u8>>,
}

impl Driver<'_> {
    fn merged(&self) -> Result<Merged, Failure> {
        let shown = self.name.display().to_string();
        let is_sealed = |side: &[u8]| is_sealed(side, self.format);
        if is_sealed(&self.ours) != is_sealed(&self.theirs) {
            let failure = Failure::about(CONFLICT, &shown, "is encrypted on one side only; ours stays as it is");
            return Err(
                failure.hint("see the other side with `git show :3:FILE`, then `git add` the file that you want")
            );
        }
        let sides = self.sides(self.base());
        let labels = self.labels();
        if !is_sealed(&self.ours) {
            return self.plaintexts(&labels).map_err(|error| Failure::of(&shown, error));
        }
        let without_key = merge::merge_without_key(&sides, self.format, &labels);
        if matches!(without_key, Ok(Merged::Clean(_))) && (self.is_one_sided() || self.has_one_key_id()) {
            return without_key.map_err(|error| Failure::of(&shown, error));
        }
        let (merged, why) = match self.with_key(&labels) {
            Ok(merged) => (merged, None),
            Err(failure) => match without_key.map_err(|error| Failure::of(&shown, error))? {
                // Lines alone do not tell whose file it would be.
                Merged::Clean(_) => (self.apart(&labels).map_err(|error| Failure::of(&shown, error))?, Some(failure)),
                merged @ Merged::Conflict { .. } => (merged, Some(failure)),
            },
        };
        if let (Merged::Conflict { conflicts, .. }, false) = (&merged, self.is_inner()) {
            if let Some(failure) = why {
                failure.print();
                tell(&format!("{}: merged line by line, as it is, with conflicts", named(&shown)));
            } else {
                describe(&shown, conflicts);
            }
            tell(&format!("  resolve them with `sops-rs git resolve {}`", word(&shown)));
        }
        Ok(merged)
    }

    /// Merges files that are not encrypted, as git does it.
    fn plaintexts(&self, labels: &Labels<'_>) -> Result<Merged, Error> {
        let merged = merge::merge_lines(text(&self.base)?, text(&self.ours)?, text(&self.theirs)?, labels);
        let text = merged.text.as_bytes().to_vec();
        let conflicts = Vec::new();
        Ok(if merged.conflicts == 0 { Merged::Clean(text) } else { Merged::Conflict { text, conflicts } })
    }

    /// Whether there is nothing to merge.
    fn is_one_sided(&self) -> bool {
        self.ours == self.theirs || self.base == self.ours || self.base == self.theirs
    }

    /// Both sides as they are, one beside the other: under different data keys they may be by somebody who does not read the file
    /// now. `git resolve` asks.
    fn apart(&self, labels: &Labels<'_>) -> Result<Merged, Error> {
        let [ours, theirs] = [&self.ours, &self.theirs].map(|side| text(side));
        let text = merge::mark_differences(ours?, theirs?, labels).text.as_bytes().to_vec();
        Ok(Merged::Conflict { text, conflicts: vec![Conflict { path: None, kind: ConflictKind::DataKey }] })
    }

    /// Whether both sides are sealed under the same data keys, as far as they say so themselves.
    fn has_one_key_id(&self) -> bool {
        let ids = |bytes: &[u8]| match any::status(bytes, self.format) {
            Ok(Some(Metadata::Native(metadata))) => {
                Some(metadata.sections.into_iter().map(|section| section.key_id).collect::<Vec<_>>())
            }
            _ => None,
        };
        ids(&self.ours) == ids(&self.theirs)
    }

    /// Merges the plaintexts.
    fn with_key(&self, labels: &Labels<'_>) -> Result<Merged, Failure> {
        let shown = self.name.display().to_string();
        let keys = Remembered::find(&self.arguments.identities)?;
        // Nobody is asked here, and the rules in the work tree may be those of the branch that is merged.
        let (wrap, confirmed) = (keys.unlocker.wrap(), Confirmed::default());
        let rekeying = Rekeying { unlock: &keys, wrap: &wrap, confirmed: &confirmed, now: clock::now() };
        // Opened here, both are known to verify.
        for side in [&self.ours, &self.theirs] {
            any::decrypt(side, self.format, &keys).map_err(|error| keys.unlocker.failure(&shown, error))?;
        }
        if !have_one_data_key(&self.ours, &self.theirs, self.format, &keys)
            && !self.versions().are_new_work_after_a_rotation()
        {
            return self.apart(labels).map_err(|error| keys.unlocker.failure(&shown, error));
        }
        // One that was merged itself may hold conflicts.
        let made = conflict::marker(&self.base).map(|_| base_of(&self.base, self.format, &keys));
        let base = made.as_ref().map_or(self.base(), |made| made.as_ref().map(|base| &base[..]));
        merge::merge(&self.sides(base), self.format, labels, &rekeying)
            .map_err(|error| keys.unlocker.failure(&shown, error))
    }

    fn versions(&self) -> Versions<'_> {
        let Self { name, format, base, ours, theirs, .. } = self;
        Versions { name, format: *format, base, ours, theirs }
    }

    fn sides<'s>(&'s self, base: Option<&'s [u8]>) -> Sides<'s> {
        Sides { base, ours: &self.ours, theirs: &self.theirs }
    }

    /// None when both sides have added the file.
    fn base(&self) -> Option<&[u8]> {
        Some(self.base.as_slice()).filter(|base| !base.is_empty())
    }

    fn is_inner(&self) -> bool {
        self.arguments.label_ours.as_deref().is_some_and(|label| label.starts_with(INNER))
    }

    fn labels(&self) -> Labels<'_> {
        /// Git before 2.44 does not know the labels, and gives these instead.
        const UNKNOWN: [&str; 3] = ["%S", "%X", "%Y"];
        fn label<'l>(given: &'l Option<String>, otherwise: &'l str) -> &'l str {
            given.as_deref().filter(|label| !UNKNOWN.contains(label)).unwrap_or(otherwise)
        }
        let Arguments { label_base, label_ours, label_theirs, marker_size, .. } = self.arguments;
        Labels {
            ours: label(label_ours, "ours"),
            base: label(label_base, "base"),
            theirs: label(label_theirs, "theirs"),
            // Shorter ones would not be recognised again.
            marker_size: (*marker_size).max(MARKER_LEN),
        }
    }
}

fn text(bytes: &[u8]) -> Result<&str, Error> {
    str::from_utf8(bytes).map_err(|_| Error::NotUtf8 { at: Position { line: 1, column: 1 } })
}

/// Whether a version is encrypted, well-formed or not.
fn is_sealed(bytes: &[u8], format: &'static dyn Format) -> bool {
    match any::status(bytes, format) {
        Ok(metadata) => metadata.is_some(),
        Err(_) => std::str::from_utf8(bytes).is_ok_and(|text| text.contains("ENC[")),
    }
}
