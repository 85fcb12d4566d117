//! Files of SOPS of which nothing stayed: their data keys have no names, and nothing says that one follows another.

use std::collections::HashSet;

use sops_rs::config::Dialect;
use sops_rs::dialect::sops::Metadata as SopsMetadata;
use sops_rs::document::MAX_ENCRYPTED_LEN;
use sops_rs::file::any::{self, Metadata, SnapshotKind};

use super::times::Times;
use super::{Past, Subject};
use crate::cli::check::finding::{Finding, Rule, Severity};
use crate::cli::check::inspect::{Encrypted, argument};
use crate::cli::git::{Objects, Repository};
use crate::cli::report::Failure;

impl Past<'_> {
    /// Whether no value and no wrapped data key is left of what a file of SOPS was before: it was rotated, or it is another one.
    pub(super) fn made_anew(
        &self,
        repository: &Repository,
        subject: &Subject<'_>,
        encrypted: &Encrypted,
        times: &Times<'_>,
    ) -> Result<Option<Finding>, Failure> {
        let Some(Metadata::Sops(metadata, _)) = encrypted.snapshot.metadata() else { return Ok(None) };
        let candidate = subject.candidate;
        let befores = times.before(candidate).filter(|trace| trace.dialect() == Some(Dialect::Sops));
        let befores: Vec<_> = befores.collect();
        let values = encrypted.snapshot.leaves().filter(|leaf| leaf.kind() == SnapshotKind::Value);
        let stayed = |seal| befores.iter().any(|trace| trace.has_seal(seal));
        if befores.is_empty() || values.filter_map(|leaf| leaf.seal()).any(stayed) {
            return Ok(None);
        }
        let now = wrapped(metadata);
        for &id in candidate.before.iter().flatten() {
            let Some(old) = Objects::start(repository)?.read(id, MAX_ENCRYPTED_LEN)?.into_bytes() else { continue };
            let Ok(Some(Metadata::Sops(old, _))) = any::status(&old, encrypted.format) else { continue };
            if !wrapped(&old).is_disjoint(&now) {
                return Ok(None);
            }
        }
        let what =
            "all of it was made anew, the data key too: it was rotated, or replaced by anybody who knows its readers";
        let file = argument(&candidate.place.shown());
        let remedy =
            format!("see who did it and why; with a key, `sops-rs diff --mask {file}` tells which values are others");
        Ok(Some(Finding::new(Rule::Replaced, &candidate.place, what).with(Severity::Warning).remedy(remedy)))
    }
}

/// The data key, as it is wrapped for each reader.
fn wrapped(metadata: &SopsMetadata) -> HashSet<String> {
    metadata.groups.iter().flat_map(|group| &group.keys).map(|key| key.enc()).collect()
}
