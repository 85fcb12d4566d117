//! From a section's readers to its data key and back: one wrapped key for each, whole or as the share of its key group.

use super::open::section_error;
use crate::data_key::DataKey;
use crate::dialect::native::{Reader, Section};
use crate::error::{Error, Step, TriedGroup};
use crate::keys::shamir::{self, Share};
use crate::keys::{Identities, Interaction, KeyGroups, Recipient, WrappedKey, wrap, wrap_share};

/// Step 4 for one section: its data key, or none when no identity fits.
///
/// # Errors
/// [`Error::TooFewKeyGroups`] in the place of none, where there are such.
pub(super) fn unwrap(
    section: &Section,
    identities: &Identities,
    interaction: &dyn Interaction,
) -> Result<Option<DataKey>, Error> {
    let Some(needed) = section.threshold else {
        return identities.unwrap(&wrapped(&section.readers), interaction);
    };
    let groups = section.key_groups();
    let wrapped: Vec<_> = groups.iter().map(|readers| wrapped(readers.iter().copied())).collect();
    let shares = identities.unwrap_shares(&wrapped, needed.into(), interaction)?;
    // A share says which group it was made for. Another one was put in the place of the group's.
    let is_own = |(share, number): (&Option<Share>, u8)| share.as_ref().is_none_or(|share| share.x() == number);
    if !shares.iter().zip(1..=u8::MAX).all(is_own) {
        return Err(section_error(Step::KeyId, section));
    }
    let held: Vec<Share> = shares.iter().flatten().cloned().collect();
    if held.len() < usize::from(needed) {
        let reader = |reader: &&Reader| (reader.name.clone(), reader.recipient.clone());
        let tried = groups.iter().zip(&shares).map(|(readers, share)| TriedGroup {
            opened: share.is_some(),
            readers: readers.iter().map(reader).collect(),
        });
        return Err(Error::TooFewKeyGroups { needed, groups: tried.collect() });
    }
    shamir::combine(&held).map(Some)
}

fn wrapped<'r>(readers: impl IntoIterator<Item = &'r Reader>) -> Vec<(&'r str, &'r WrappedKey)> {
    readers.into_iter().map(|reader| (reader.recipient.as_str(), &reader.wrapped_key)).collect()
}

/// Wraps `data_key` for each of `recipients`, by name. With key groups it is split anew, for all of them.
///
/// # Errors
/// [`Error::Wrap`]; [`Error::KeyGroups`] for a recipient in no group.
pub(super) fn wrap_all(
    data_key: &DataKey,
    recipients: &[(String, Recipient)],
    key_groups: Option<&KeyGroups>,
    interaction: &dyn Interaction,
) -> Result<Vec<Reader>, Error> {
    let shares = match key_groups {
        None => Vec::new(),
        Some(groups) => shamir::split(data_key, groups.groups().len(), groups.threshold().into())?,
    };
    let mut readers = Vec::new();
    for (name, recipient) in recipients {
        let group = group_of(recipient, key_groups)?;
        let wrapped_key = match group {
            None => wrap(data_key, recipient, interaction)?,
            Some(number) => wrap_share(&shares[usize::from(number) - 1], recipient, interaction)?,
        };
        readers.push(Reader { name: name.clone(), group, recipient: recipient.as_str().to_owned(), wrapped_key });
    }
    readers.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(readers)
}

/// The number of the group of `recipient`; none without groups.
pub(super) fn group_of(recipient: &Recipient, key_groups: Option<&KeyGroups>) -> Result<Option<u8>, Error> {
    let no_group = Error::KeyGroups { what: "a recipient is in no key group" };
    key_groups.map(|groups| groups.group_of(recipient).ok_or(no_group)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{NoInteraction, generate_x25519};

    /// A section whose readers, in the groups 1, 2 and 3, hold these shares.
    fn section(readers: &[(Recipient, &Share)]) -> Section {
        let reader = |(number, (recipient, share)): (u8, &(Recipient, &Share))| Reader {
            name: number.to_string(),
            group: Some(number),
            recipient: recipient.as_str().to_owned(),
            wrapped_key: wrap_share(share, recipient, &NoInteraction).expect("wrapped"),
        };
        Section {
            name: "default".to_owned(),
            start: [0; 32],
            key_id: [0; 32],
            threshold: Some(2),
            readers: (1..=u8::MAX).zip(readers).map(reader).collect(),
            follows: None,
            mac: [0; 32],
        }
    }

    #[test]
    fn a_share_opens_its_own_group_only() {
        let key = DataKey::generate().expect("randomness");
        let shares = shamir::split(&key, 3, 2).expect("shares");
        let mut identities = Identities::new();
        let recipients = [(); 3].map(|()| {
            let (secret, recipient) = generate_x25519();
            identities.add_identity_file(secret.as_bytes(), "test").expect("an identity");
            recipient
        });
        let unwrap = |order: [usize; 3]| {
            let readers = [0, 1, 2].map(|group: usize| (recipients[group].clone(), &shares[order[group]]));
            unwrap(&section(&readers), &identities, &NoInteraction)
        };
        assert_eq!(unwrap([0, 1, 2]).expect("opened").expect("a key").expose(), key.expose());
        // The third share is not needed, and so not looked at.
        assert!(unwrap([0, 1, 0]).expect("opened").is_some());
        for order in [[1, 0, 2], [0, 2, 1], [1, 1, 2], [2, 1, 0], [0, 0, 2]] {
            let refused = section_error(Step::KeyId, &section(&[]));
            assert_eq!(unwrap(order).map(|_| ()), Err(refused), "{order:?}");
        }
    }

    #[test]
    fn a_recipient_in_no_group_gets_nothing() {
        let key = DataKey::generate().expect("randomness");
        let [a, b, c] = [(); 3].map(|()| generate_x25519().1);
        let groups = KeyGroups::new(2, vec![vec![a.clone()], vec![b.clone()]]).expect("two groups");
        let recipients = [("a".to_owned(), a), ("b".to_owned(), b), ("c".to_owned(), c)];
        let readers = wrap_all(&key, &recipients[..2], Some(&groups), &NoInteraction).expect("wrapped");
        assert_eq!(readers.iter().map(|reader| reader.group).collect::<Vec<_>>(), [Some(1), Some(2)]);
        let error = wrap_all(&key, &recipients, Some(&groups), &NoInteraction).expect_err("refused");
        assert_eq!(error, Error::KeyGroups { what: "a recipient is in no key group" });
    }
}
