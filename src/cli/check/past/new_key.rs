//! New data keys: whether whoever made one held the one before.

use std::collections::HashSet;

use sops_rs::document::MAX_ENCRYPTED_LEN;
use sops_rs::file::{IdentityUnlock, proves_to_follow};
use sops_rs::keys::NoInteraction;
use zeroize::Zeroizing;

use super::{Past, Subject};
use crate::cli::check::finding::{Finding, Rule};
use crate::cli::check::inspect::Encrypted;
use crate::cli::git::{Objects, Repository};
use crate::cli::report::Failure;

/// So many versions are tried between two data keys.
const MOST_VERSIONS: usize = 100;

impl Past<'_> {
    /// What is to be said of a new data key that says that it follows the one of `old`.
    pub(super) fn new_key(
        &self,
        repository: &Repository,
        subject: &Subject<'_>,
        encrypted: &Encrypted,
        old: &[u8],
    ) -> Result<Option<Finding>, Failure> {
        let place = &subject.candidate.place;
        let unknown = || {
            let what = "has a new data key; whether whoever made it held the old one, only a reader can tell";
            Finding::new(Rule::NewKey, place, what).remedy("a reader runs the same command with an identity")
        };
        let Some(identities) = self.identities else { return Ok(Some(unknown())) };
        let unlock = IdentityUnlock { identities, interaction: &NoInteraction };
        let proof = |old: &[u8], new: &[u8]| proves_to_follow(old, new, encrypted.format, &unlock);
        match proof(old, &encrypted.bytes) {
            Ok(Some(true)) => return Ok(None),
            Ok(Some(false)) => {}
            _ => return Ok(Some(unknown())),
        }
        // It may have been changed more than once: then each of the keys between has to follow one that is proved.
        let mut left = self.versions(repository, subject)?;
        let mut proved = vec![Zeroizing::new(old.to_vec())];
        while let Some(version) = proved.pop() {
            if matches!(proof(&version, &encrypted.bytes), Ok(Some(true))) {
                return Ok(None);
            }
            let (next, rest) = left.into_iter().partition(|other| matches!(proof(&version, other), Ok(Some(true))));
            left = rest;
            proved.extend::<Vec<_>>(next);
        }
        let what = "has a data key that does not follow the one before, though it says so: the file was replaced";
        let remedy = "see who changed it and why (`git log`); if you know that it is genuine, --allow replaced";
        Ok(Some(Finding::new(Rule::Replaced, place, what).remedy(remedy)))
    }

    /// The committed versions of a file, newest first.
    fn versions(&self, repository: &Repository, subject: &Subject<'_>) -> Result<Vec<Zeroizing<Vec<u8>>>, Failure> {
        let name = subject.candidate.place.name.clone();
        let heads: Vec<_> = repository.head().into_iter().chain(self.selected.tips.iter().copied()).collect();
        let history = repository.history(&heads, std::slice::from_ref(&name))?;
        let versions = history.of(&name).map(|file| file.versions.as_slice()).unwrap_or_default();
        let mut seen = HashSet::new();
        let ids = versions.iter().filter_map(|&version| history.versions[version].blob);
        let ids: Vec<_> = ids.filter(|id| seen.insert(*id)).take(MOST_VERSIONS).collect();
        let objects = Objects::start(repository)?.read_all(&ids, MAX_ENCRYPTED_LEN)?;
        Ok(objects.into_iter().filter_map(|object| object.into_bytes()).collect())
    }
}
