//! From the keys in metadata to the data key, and back: key groups and shares.

use crate::data_key::DataKey;
use crate::dialect::sops::{KeyGroup, KeyKind, MasterKey, Metadata};
use crate::error::Error;
use crate::error::sops::SopsError;
use crate::keys::pgp::{Fingerprint, Gpg};
use crate::keys::shamir::{self, Share};
use crate::keys::{self, Identities, Interaction, Recipient, WrappedKey};

/// Opens what is wrapped to the keys of a group.
pub trait Unlock {
    /// The data key that each key of `group` holds; none when nobody here can open it.
    ///
    /// # Errors
    /// When a key ought to open and does not, and no other one does.
    fn data_key(&self, group: &KeyGroup) -> Result<Option<DataKey>, Error>;

    /// The same for the share of a data key that a group holds when there are several.
    ///
    /// # Errors
    /// As above.
    fn share(&self, group: &KeyGroup) -> Result<Option<Share>, Error>;
}

/// [`Unlock`] with age identities and, where there is one, the `gpg` program; SOPS's default order, age first.
pub struct KeyUnlock<'k> {
    /// The identities.
    pub identities: &'k Identities,
    /// Answers prompts for passphrases and those of plugins.
    pub interaction: &'k dyn Interaction,
    /// For PGP keys.
    pub gpg: Option<&'k Gpg>,
}

impl Unlock for KeyUnlock<'_> {
    fn data_key(&self, group: &KeyGroup) -> Result<Option<DataKey>, Error> {
        let age = |wrapped: &[(&str, &WrappedKey)]| self.identities.unwrap(wrapped, self.interaction);
        self.open(group, age, |gpg, key| gpg.unwrap(&key.enc(), &key.name()))
    }

    fn share(&self, group: &KeyGroup) -> Result<Option<Share>, Error> {
        let age = |wrapped: &[(&str, &WrappedKey)]| self.identities.unwrap_share(wrapped, self.interaction);
        self.open(group, age, |gpg, key| gpg.unwrap_share(&key.enc(), &key.name()))
    }
}

impl KeyUnlock<'_> {
    fn open<T>(
        &self,
        group: &KeyGroup,
        age: impl Fn(&[(&str, &WrappedKey)]) -> Result<Option<T>, Error>,
        pgp: impl Fn(&Gpg, &MasterKey) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        let mut failure = None;
        let mut wrapped = Vec::new();
        for key in group.keys.iter().filter(|key| key.kind() == KeyKind::Age) {
            match WrappedKey::from_armored(&key.enc()) {
                Ok(enc) => wrapped.push((key.name(), enc)),
                Err(error) => drop(failure.get_or_insert(error)),
            }
        }
        let wrapped: Vec<_> = wrapped.iter().map(|(name, enc)| (name.as_str(), enc)).collect();
        match age(&wrapped) {
            Ok(Some(opened)) => return Ok(Some(opened)),
            Ok(None) => {}
            Err(error) => drop(failure.get_or_insert(error)),
        }
        let pgp_keys = group.keys.iter().filter(|key| key.kind() == KeyKind::Pgp);
        for (gpg, key) in self.gpg.into_iter().flat_map(|gpg| pgp_keys.clone().map(move |key| (gpg, key))) {
            match pgp(gpg, key) {
                Ok(opened) => return Ok(Some(opened)),
                Err(error) => drop(failure.get_or_insert(error)),
            }
        }
        failure.map_or(Ok(None), Err)
    }
}

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
                what: format!("keys of the sort `{}` are not supported", kind.list()),
            }),
        }
    }
}

/// The data key of a file.
///
/// # Errors
/// [`SopsError::NoDataKey`], or the first error of a key that ought to open; [`Error::KeyGroups`] for shares that do not
/// fit together.
pub fn unlock_data_key(metadata: &Metadata, unlock: &dyn Unlock) -> Result<DataKey, Error> {
    if let [group] = metadata.groups.as_slice() {
        return unlock.data_key(group)?.ok_or_else(|| missing(metadata, 0, 1));
    }
    let mut failure = None;
    let mut shares = Vec::new();
    for group in &metadata.groups {
        match unlock.share(group) {
            Ok(share) => shares.extend(share),
            Err(error) => drop(failure.get_or_insert(error)),
        }
    }
    let needed = metadata.shamir_threshold.unwrap_or(2).max(2);
    if shares.len() < needed {
        return Err(failure.unwrap_or_else(|| missing(metadata, shares.len(), needed)));
    }
    shamir::combine(&shares)
}

fn missing(metadata: &Metadata, opened: usize, needed: usize) -> Error {
    let names = |group: &KeyGroup| group.keys.iter().map(MasterKey::name).collect();
    SopsError::NoDataKey { opened, needed, groups: metadata.groups.iter().map(names).collect() }.into()
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
        return wrap_group(group, |key| wrap.data_key(key, data_key));
    }
    let threshold = metadata.shamir_threshold.unwrap_or(metadata.groups.len());
    let shares = shamir::split(data_key, metadata.groups.len(), threshold)?;
    for (group, share) in metadata.groups.iter_mut().zip(&shares) {
        wrap_group(group, |key| wrap.share(key, share))?;
    }
    metadata.shamir_threshold = Some(threshold);
    Ok(())
}

fn wrap_group(group: &mut KeyGroup, wrap: impl Fn(&MasterKey) -> Result<String, Error>) -> Result<(), Error> {
    for key in &mut group.keys {
        let enc = wrap(key)?;
        key.set_enc(enc);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::sops::Field;

    /// Keys that hold what is wrapped to them in clear; those named `lost` cannot be opened.
    struct Clear;

    fn enc(secret: &[u8]) -> Result<String, Error> {
        Ok(secret.iter().map(|byte| format!("{byte} ")).collect())
    }

    fn opened(group: &KeyGroup) -> Option<Vec<u8>> {
        let key = group.keys.iter().find(|key| key.name() != "lost")?;
        Some(key.enc().split_whitespace().map(|byte| byte.parse().expect("a byte")).collect())
    }

    impl Unlock for Clear {
        fn data_key(&self, group: &KeyGroup) -> Result<Option<DataKey>, Error> {
            Ok(opened(group).and_then(|bytes| DataKey::from_bytes(&bytes)))
        }

        fn share(&self, group: &KeyGroup) -> Result<Option<Share>, Error> {
            Ok(opened(group).and_then(|bytes| Share::from_bytes(&bytes)))
        }
    }

    impl Wrap for Clear {
        fn data_key(&self, _: &MasterKey, data_key: &DataKey) -> Result<String, Error> {
            enc(data_key.expose())
        }

        fn share(&self, _: &MasterKey, share: &Share) -> Result<String, Error> {
            enc(share.expose())
        }
    }

    fn metadata(groups: &[&[&str]], threshold: Option<usize>) -> Metadata {
        let key = Field::Map(vec![("recipient".to_owned(), Field::Text("x".to_owned()))]);
        let block = Field::Map(vec![
            ("age".to_owned(), Field::List(vec![key])),
            ("lastmodified".to_owned(), Field::Text("2026-01-02T03:04:05Z".to_owned())),
            ("version".to_owned(), Field::Text("3.13.2".to_owned())),
        ]);
        let group = |names: &&[&str]| KeyGroup {
            keys: names.iter().map(|name| MasterKey::age(name)).collect(),
            ..KeyGroup::default()
        };
        let metadata = Metadata::from_field(&block).expect("metadata");
        Metadata { groups: groups.iter().map(group).collect(), shamir_threshold: threshold, ..metadata }
    }

    fn wrapped(groups: &[&[&str]], threshold: Option<usize>) -> (Metadata, DataKey) {
        let mut metadata = metadata(groups, threshold);
        let data_key = DataKey::generate().expect("randomness");
        wrap_data_key(&mut metadata, &data_key, &Clear).expect("groups that fit");
        (metadata, data_key)
    }

    #[test]
    fn one_key_of_each_group_that_is_needed_opens() {
        for (groups, threshold) in [
            (&[&["lost", "b"][..]][..], None),
            (&[&["a"], &["b"], &["c"]], None),
            (&[&["lost"], &["b"], &["c"]], Some(2)),
        ] {
            let (metadata, data_key) = wrapped(groups, threshold);
            let opened = unlock_data_key(&metadata, &Clear).expect("enough keys");
            assert_eq!(opened.expose(), data_key.expose());
        }
    }

    #[test]
    fn too_few_keys_are_told_by_number() {
        for (groups, threshold, message) in [
            (&[&["lost"][..]][..], None, "no identity opens the data key (0 of 1 key groups)"),
            (&[&["lost"], &["b"]], None, "no identity opens the data key (1 of 2 key groups)"),
            (&[&["lost"], &["lost"], &["c"]], Some(2), "no identity opens the data key (1 of 2 key groups)"),
        ] {
            let (metadata, _) = wrapped(groups, threshold);
            assert_eq!(unlock_data_key(&metadata, &Clear).expect_err("too few").to_string(), message);
        }
    }

    #[test]
    fn groups_that_cannot_be_wrapped_are_refused() {
        let data_key = DataKey::generate().expect("randomness");
        for (groups, threshold) in [(&[&["a"][..], &["b"]][..], Some(3)), (&[&["a"], &["b"]], Some(1))] {
            let error = wrap_data_key(&mut metadata(groups, threshold), &data_key, &Clear);
            assert!(matches!(error, Err(Error::KeyGroups { .. })), "{error:?}");
        }
        let empty = wrap_data_key(&mut metadata(&[&["a"], &[]], None), &data_key, &Clear);
        assert_eq!(empty, Err(SopsError::NoKeys.into()));
    }
}
