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

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use zeroize::Zeroizing;

    use super::*;
    use crate::data_key::DataKey;
    use crate::keys::shamir::{combine, split};
    use crate::keys::{Recipient, generate_x25519, wrap, wrap_share};

    const LOCKED: &str = include_str!("../../../testdata/keys/ssh_ed25519_passphrase");
    const LOCKED_RECIPIENT: &str = include_str!("../../../testdata/keys/ssh_ed25519_passphrase.pub");

    /// Types the passphrase, and counts how often it is asked.
    struct Typist(Cell<usize>);

    impl Interaction for Typist {
        fn message(&self, _text: &str) {}

        fn confirm(&self, _question: &str, _yes: &str, _no: Option<&str>) -> Option<bool> {
            None
        }

        fn public_string(&self, _question: &str) -> Option<String> {
            None
        }

        fn passphrase(&self, _question: &str) -> Option<Zeroizing<String>> {
            self.0.set(self.0.get() + 1);
            Some(Zeroizing::new("correct horse".to_owned()))
        }
    }

    #[test]
    fn nobody_is_asked_as_long_as_other_groups_do() {
        let key = DataKey::generate().expect("randomness");
        let shares = split(&key, 4, 2).expect("shares");
        let typist = Typist(Cell::new(0));
        let (first, silent) = generate_x25519();
        let (second, other) = generate_x25519();
        let locked = Recipient::parse(LOCKED_RECIPIENT).expect("a recipient");
        let recipients = [locked, silent, generate_x25519().1, other];
        let wrapped: Vec<_> = recipients
            .iter()
            .zip(&shares)
            .map(|(recipient, share)| wrap_share(share, recipient, &typist).expect("wrapped"))
            .collect();
        let groups: Vec<Vec<_>> =
            recipients.iter().zip(&wrapped).map(|(recipient, key)| vec![(recipient.as_str(), key)]).collect();
        let mut identities = Identities::new();
        identities.add_ssh_private_key(LOCKED, "ssh").expect("a key");
        identities.add_identity_file(first.as_bytes(), "first").expect("an identity");
        identities.add_identity_file(second.as_bytes(), "second").expect("an identity");

        for (needed, found, asked) in [
            (1, [false, true, false, false], 0),
            (2, [false, true, false, true], 0),
            (3, [true, true, false, true], 1),
            (4, [true, true, false, true], 1),
        ] {
            let shares = identities.unwrap_shares(&groups, needed, &typist).expect("no error");
            assert_eq!(shares.iter().map(Option::is_some).collect::<Vec<_>>(), found, "{needed}");
            assert_eq!(typist.0.get(), asked, "{needed}");
            let held: Vec<Share> = shares.into_iter().flatten().collect();
            assert!(needed < 2 || combine(&held).expect("a key").expose() == key.expose());
        }
    }

    #[test]
    fn a_damaged_share_is_told_when_it_is_needed() {
        let key = DataKey::generate().expect("randomness");
        let shares = split(&key, 3, 2).expect("shares");
        let typist = Typist(Cell::new(0));
        let mut identities = Identities::new();
        let mut wrapped = Vec::new();
        for share in &shares {
            let (secret, recipient) = generate_x25519();
            identities.add_identity_file(secret.as_bytes(), "test").expect("an identity");
            wrapped.push((recipient.clone(), wrap_share(share, &recipient, &typist).expect("wrapped")));
        }
        wrapped[0].1 = wrap(&key, &wrapped[0].0, &typist).expect("wrapped");
        let groups: Vec<Vec<_>> = wrapped.iter().map(|(recipient, key)| vec![(recipient.as_str(), key)]).collect();
        let found = |needed| identities.unwrap_shares(&groups, needed, &typist);
        assert_eq!(found(2).expect("two others").iter().filter(|share| share.is_some()).count(), 2);
        assert_eq!(
            found(3).expect_err("a data key is no share").to_string(),
            format!("the wrapped key for {} does not hold a share of a data key of 33 bytes", wrapped[0].0)
        );
    }
}
