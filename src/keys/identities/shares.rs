//! The search for shares: one for each key group, of as many groups as are needed.

use super::{Identities, ROUNDS, Search};
use crate::error::Error;
use crate::keys::shamir::Share;
use crate::keys::{Held, Interaction, WrappedKey};

impl Identities {
    /// Unwraps the shares of `needed` of `groups`: of each of these the share that every one of its wrapped keys holds, named as for
    /// [`Identities::unwrap`]. What costs less or asks less is tried for all groups first, so that nobody is asked for a
    /// passphrase as long as other groups do.
    ///
    /// The result has one entry for each group. With fewer shares than `needed` no identity fits any of the other groups.
    ///
    /// # Errors
    /// Those of [`Identities::unwrap_share`], when there are fewer than `needed`.
    pub fn unwrap_shares(
        &self,
        groups: &[Vec<(&str, &WrappedKey)>],
        needed: usize,
        interaction: &dyn Interaction,
    ) -> Result<Vec<Option<Share>>, Error> {
        let search = |wrapped| Search { wrapped, held: Held::Share, interaction, failure: None };
        let mut searches: Vec<(Search<'_>, Option<Share>)> =
            groups.iter().map(|wrapped| (search(wrapped), None)).collect();
        let mut found = 0;
        for round in ROUNDS {
            for (search, share) in searches.iter_mut().filter(|(_, share)| share.is_none()) {
                if found < needed
                    && let Some(secret) = self.search(round, search)
                {
                    *share = Some(Self::share(&secret)?);
                    found += 1;
                }
            }
        }
        let mut shares = Vec::new();
        for (search, share) in searches {
            match search.failure {
                Some(failure) if share.is_none() && found < needed => return Err(failure),
                _ => shares.push(share),
            }
        }
        Ok(shares)
    }
}
