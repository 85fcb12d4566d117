//! From the data key to the keys in metadata: wrapping it, or the shares of key groups.

use crate::data_key::DataKey;
use crate::dialect::sops::{KeyGroup, KeyKind, MasterKey, Metadata};
use crate::error::Error;
use crate::error::sops::SopsError;
use crate::keys::pgp::{Fingerprint, Gpg};
use crate::keys::shamir::{self, Share};
use crate::keys::{self, Interaction, Recipient};

/// Wraps a data key or a share of one to a key.
pub trait Wrap {
    /// `data_key` wrapped to `key`, as it stands in the field `enc`.
    ///
    /// # Errors
    /// When the key cannot be used; nothing is written then.
    fn data_key(&self, key: &MasterKey, data_key: &DataKey) -> Result<String, Error>;

    /// The same for a share.
    ///
    /// # Errors
    /// As above.
    fn share(&self, key: &MasterKey, share: &Share) -> Result<String, Error>;

    /// Whether keys of this sort can be wrapped for at all.
    fn can_wrap(&self, _key: &MasterKey) -> bool {
        true
    }
}

/// [`Wrap`] to age recipients and, where there is the `gpg` program, PGP keys. Others are refused: their services are
/// not spoken to here.
pub struct KeyWrap<'k> {
    /// Answers the prompts of plugins.
    pub interaction: &'k dyn Interaction,
    /// For PGP keys.
    pub gpg: Option<&'k Gpg>,
}

impl Wrap for KeyWrap<'_> {
    fn data_key(&self, key: &MasterKey, data_key: &DataKey) -> Result<String, Error> {
        match self.service(key)? {
            Service::Age(recipient) => Ok(keys::wrap(data_key, &recipient, self.interaction)?.to_armored()),
            Service::Pgp(gpg, fingerprint) => gpg.wrap(data_key, &fingerprint),
        }
    }

    fn share(&self, key: &MasterKey, share: &Share) -> Result<String, Error> {
        match self.service(key)? {
            Service::Age(recipient) => Ok(keys::wrap_share(share, &recipient, self.interaction)?.to_armored()),
            Service::Pgp(gpg, fingerprint) => gpg.wrap_share(share, &fingerprint),
        }
    }

    fn can_wrap(&self, key: &MasterKey) -> bool {
        match key.kind() {
            KeyKind::Age => true,
            KeyKind::Pgp => self.gpg.is_some(),
            _ => false,
        }
    }
}

enum Service<'k> {
    Age(Recipient),
    Pgp(&'k Gpg, Fingerprint),
}

impl<'k> KeyWrap<'k> {
    fn service(&self, key: &MasterKey) -> Result<Service<'k>, Error> {
        match (key.kind(), self.gpg) {
            (KeyKind::Age, _) => Recipient::parse(&key.name()).map(Service::Age),
            (KeyKind::Pgp, Some(gpg)) => Fingerprint::parse(&key.name()).map(|key| Service::Pgp(gpg, key)),
            (kind, _) => Err(Error::Wrap {
                recipient: key.name().escape_debug().to_string(),
                what: format!("keys of {} are not supported yet", kind.service()),
            }),
        }
    }
}

/// Wraps `data_key` to every key of `metadata`, split among its groups when there are several. The threshold is then
/// the metadata's, or the number of groups, and is noted there.
///
/// # Errors
/// The first error of [`Wrap::data_key`] or [`Wrap::share`], [`SopsError::NoKeys`] for a group without a key, [`Error::KeyGroups`] for a
/// threshold that does not fit.
pub fn wrap_data_key(metadata: &mut Metadata, data_key: &DataKey, wrap: &dyn Wrap) -> Result<(), Error> {
    if metadata.groups.is_empty() || metadata.groups.iter().any(|group| group.keys.is_empty()) {
        return Err(SopsError::NoKeys.into());
    }
    if let [group] = metadata.groups.as_mut_slice() {
        return wrap_group(group, |_| false, |key| wrap.data_key(key, data_key));
    }
    let threshold = metadata.shamir_threshold.unwrap_or(metadata.groups.len());
    let shares = shamir::split(data_key, metadata.groups.len(), threshold)?;
    for (group, share) in metadata.groups.iter_mut().zip(&shares) {
        wrap_group(group, |_| false, |key| wrap.share(key, share))?;
    }
    metadata.shamir_threshold = Some(threshold);
    Ok(())
}

/// Wraps for the keys of a group, but for those that keep what they have.
pub(super) fn wrap_group(
    group: &mut KeyGroup,
    keeps: impl Fn(&MasterKey) -> bool,
    wrap: impl Fn(&MasterKey) -> Result<String, Error>,
) -> Result<(), Error> {
    for key in group.keys.iter_mut().filter(|key| !keeps(key)) {
        let enc = wrap(key)?;
        key.set_enc(enc);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::sops::Time;
    use crate::keys::NoInteraction;

    #[test]
    fn groups_that_cannot_be_wrapped_are_refused() {
        let data_key = DataKey::generate().expect("randomness");
        let (_, recipient) = keys::generate_x25519();
        let full = || KeyGroup { keys: vec![MasterKey::age(recipient.as_str())], ..KeyGroup::default() };
        let wrap = |groups: Vec<KeyGroup>, shamir_threshold| {
            let metadata = Metadata::new(groups, Time::parse("2026-01-02T03:04:05Z").expect("a time"));
            let mut metadata = Metadata { shamir_threshold, ..metadata };
            wrap_data_key(&mut metadata, &data_key, &KeyWrap { interaction: &NoInteraction, gpg: None })
        };
        for threshold in [1, 3] {
            let error = wrap(vec![full(), full()], Some(threshold));
            assert!(matches!(error, Err(Error::KeyGroups { .. })), "{error:?}");
        }
        assert_eq!(wrap(vec![full(), KeyGroup::default()], None), Err(SopsError::NoKeys.into()));
        assert_eq!(wrap(vec![full(), full()], None), Ok(()));
        let arn = ("arn".to_owned(), crate::document::sops::Field::Text("arn:x".to_owned()));
        let kms = KeyGroup { keys: vec![MasterKey::new(KeyKind::AwsKms, vec![arn])], ..KeyGroup::default() };
        let error = wrap(vec![kms], None).expect_err("no such service").to_string();
        assert_eq!(error, "cannot wrap the data key for arn:x: keys of AWS KMS are not supported yet");
    }
}
