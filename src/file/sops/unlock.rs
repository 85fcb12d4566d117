//! From the keys in metadata to the data key: the order of trying, key groups and shares.

use crate::data_key::DataKey;
use crate::dialect::sops::{KeyGroup, KeyKind, MasterKey, Metadata};
use crate::error::Error;
use crate::error::sops::{GroupReport, KeyFault, KeyReport, SopsError};
use crate::keys::pgp::Gpg;
use crate::keys::shamir::{self, Share};
use crate::keys::{Identities, Interaction, WrappedKey};

/// Opens what is wrapped to the keys of a group.
pub trait Unlock {
    /// The data key that each key of `group` holds.
    ///
    /// # Errors
    /// What each key said, when none of them opens.
    fn data_key(&self, group: &KeyGroup) -> Result<DataKey, Vec<KeyReport>>;

    /// The same for the share of a data key that a group holds when there are several.
    ///
    /// # Errors
    /// As above.
    fn share(&self, group: &KeyGroup) -> Result<Share, Vec<KeyReport>>;
}

/// The order in which the keys of a group are tried: first those of the kinds that it names, then the others in the order
/// of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecryptionOrder(Vec<KeyKind>);

impl Default for DecryptionOrder {
    /// age, then PGP.
    fn default() -> Self {
        Self(vec![KeyKind::Age, KeyKind::Pgp])
    }
}

impl DecryptionOrder {
    /// Reads the names of metadata lists with commas between. Unknown names count for nothing, as for SOPS; an empty text
    /// is the default.
    ///
    /// # Errors
    /// [`SopsError::DuplicateKeyKind`].
    pub fn parse(text: &str) -> Result<Self, SopsError> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let mut names: Vec<&str> = Vec::new();
        for name in text.split(',').map(str::trim) {
            if names.contains(&name) {
                return Err(SopsError::DuplicateKeyKind { name: name.escape_debug().to_string() });
            }
            names.push(name);
        }
        Ok(Self(names.into_iter().filter_map(KeyKind::of_list).collect()))
    }

    /// The keys of a group in the order in which they are tried.
    fn sorted<'g>(&self, group: &'g KeyGroup) -> Vec<&'g MasterKey> {
        let mut keys: Vec<_> = group.keys.iter().collect();
        keys.sort_by_key(|key| self.0.iter().position(|kind| *kind == key.kind()).unwrap_or(self.0.len()));
        keys
    }
}

/// [`Unlock`] with age identities and, where there is one, the `gpg` program.
///
/// The age keys of a group are tried together, so that an identity that needs nobody comes before one that asks for
/// something, whichever key stands first.
pub struct KeyUnlock<'k> {
    /// The identities.
    pub identities: &'k Identities,
    /// Answers prompts for passphrases and those of plugins.
    pub interaction: &'k dyn Interaction,
    /// For PGP keys.
    pub gpg: Option<&'k Gpg>,
    /// Which keys of a group are tried first.
    pub order: DecryptionOrder,
}

impl Unlock for KeyUnlock<'_> {
    fn data_key(&self, group: &KeyGroup) -> Result<DataKey, Vec<KeyReport>> {
        let age = |wrapped: &[(&str, &WrappedKey)]| self.identities.unwrap(wrapped, self.interaction);
        self.open(group, age, |gpg, key| gpg.unwrap(&key.enc(), &key.name()))
    }

    fn share(&self, group: &KeyGroup) -> Result<Share, Vec<KeyReport>> {
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
    ) -> Result<T, Vec<KeyReport>> {
        let mut reports = Vec::with_capacity(group.keys.len());
        for keys in self.order.sorted(group).chunk_by(|a, b| a.kind() == b.kind()) {
            match (keys[0].kind(), self.gpg) {
                (KeyKind::Age, _) => match open_age(keys, &age) {
                    Ok(opened) => return Ok(opened),
                    Err(tried) => reports.extend(tried),
                },
                (KeyKind::Pgp, Some(gpg)) => {
                    for key in keys {
                        match pgp(gpg, key) {
                            Ok(opened) => return Ok(opened),
                            Err(error) => reports.push(report(key, fault(error))),
                        }
                    }
                }
                _ => reports.extend(keys.iter().map(|key| report(key, KeyFault::NotSupported))),
            }
        }
        Err(reports)
    }
}

/// Tries age keys, all at once.
fn open_age<T>(
    keys: &[&MasterKey],
    open: &impl Fn(&[(&str, &WrappedKey)]) -> Result<Option<T>, Error>,
) -> Result<T, Vec<KeyReport>> {
    let texts: Vec<_> = keys.iter().map(|key| (key.name(), WrappedKey::from_armored(&key.enc()))).collect();
    let wrapped = texts.iter().filter_map(|(name, enc)| Some((name.as_str(), enc.as_ref().ok()?)));
    let of_all = match open(&wrapped.collect::<Vec<_>>()) {
        Ok(Some(opened)) => return Ok(opened),
        Ok(None) => KeyFault::NoIdentity,
        Err(error) => fault(error),
    };
    let own_fault = |enc: &Result<WrappedKey, Error>| match enc {
        Ok(_) => of_all.clone(),
        Err(error) => fault(error.clone()),
    };
    Err(keys.iter().zip(&texts).map(|(key, (_, enc))| report(key, own_fault(enc))).collect())
}

fn fault(error: Error) -> KeyFault {
    match error {
        Error::NotADataKey { what } => KeyFault::NotADataKey(what),
        error => KeyFault::Failed(error.to_string()),
    }
}

fn report(key: &MasterKey, fault: KeyFault) -> KeyReport {
    KeyReport { list: key.kind().list(), name: key.name(), fault }
}

/// The data key of a file. With several groups, no more of them are asked than the threshold says, so nobody is asked for
/// a passphrase in vain; SOPS opens all.
///
/// # Errors
/// [`SopsError::NoDataKey`] with what each key said; [`SopsError::Shares`] for shares that do not fit together.
pub fn unlock_data_key(metadata: &Metadata, unlock: &dyn Unlock) -> Result<DataKey, Error> {
    if let [group] = metadata.groups.as_slice() {
        let failed = |keys| SopsError::NoDataKey { needed: 1, groups: vec![GroupReport::Failed(keys)] };
        return unlock.data_key(group).map_err(|keys| failed(keys).into());
    }
    let shares: Vec<_> = unlock_shares(metadata, unlock)?.into_iter().map(|(_, share)| share).collect();
    combine(&shares)
}

/// The data key that a file's shares make.
pub(super) fn combine(shares: &[Share]) -> Result<DataKey, Error> {
    shamir::combine(shares).map_err(|error| match error {
        Error::KeyGroups { what } => SopsError::Shares { what }.into(),
        error => error,
    })
}

/// As many shares of the data key as are needed, each with the number of its group, from 0; all that can be had, where the
/// file does not say how many are needed.
pub(super) fn unlock_shares(metadata: &Metadata, unlock: &dyn Unlock) -> Result<Vec<(usize, Share)>, SopsError> {
    let needed = metadata.shamir_threshold.unwrap_or(2).max(2);
    let most = metadata.shamir_threshold.map_or(metadata.groups.len(), |_| needed);
    let mut shares = Vec::new();
    let mut groups = Vec::new();
    for (number, group) in metadata.groups.iter().enumerate() {
        if shares.len() == most {
            break;
        }
        groups.push(match unlock.share(group) {
            Ok(share) => {
                shares.push((number, share));
                GroupReport::Opened
            }
            Err(keys) => GroupReport::Failed(keys),
        });
    }
    if shares.len() < needed { Err(SopsError::NoDataKey { needed, groups }) } else { Ok(shares) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::sops::Time;
    use crate::error::sops::GroupReport::{Failed, Opened};
    use crate::file::sops::clear_keys::ClearKeys;
    use crate::file::sops::wrap_data_key;

    /// All keys but those named `lost` open; `never` must not be tried.
    const KEYS: ClearKeys<'static> = ClearKeys { opens: |name| name != "lost", forbidden: &["never"] };

    fn metadata(groups: &[&[&str]], threshold: Option<usize>) -> Metadata {
        let group = |names: &&[&str]| KeyGroup {
            keys: names.iter().map(|name| MasterKey::age(name)).collect(),
            ..KeyGroup::default()
        };
        let time = Time::parse("2026-01-02T03:04:05Z").expect("a time");
        let metadata = Metadata::new(groups.iter().map(group).collect(), time);
        Metadata { shamir_threshold: threshold, ..metadata }
    }

    fn wrapped(groups: &[&[&str]], threshold: Option<usize>) -> (Metadata, DataKey) {
        let mut metadata = metadata(groups, threshold);
        let data_key = DataKey::generate().expect("randomness");
        wrap_data_key(&mut metadata, &data_key, &KEYS).expect("groups that fit");
        (metadata, data_key)
    }

    #[test]
    fn one_key_of_each_group_that_is_needed_opens() {
        for (groups, threshold) in [
            (&[&["lost", "b"][..]][..], None),
            (&[&["a"], &["b"], &["c"]], None),
            (&[&["lost"], &["b"], &["c"]], Some(2)),
            (&[&["a"], &["lost"], &["c"], &["never"]], Some(2)),
        ] {
            let (metadata, data_key) = wrapped(groups, threshold);
            let opened = unlock_data_key(&metadata, &KEYS).expect("enough keys");
            assert_eq!(opened.expose(), data_key.expose());
        }
    }

    #[test]
    fn old_files_do_not_say_how_many_groups_are_needed() {
        let (metadata, data_key) = wrapped(&[&["a"], &["b"], &["c"]], Some(3));
        let metadata = Metadata { shamir_threshold: None, ..metadata };
        assert_eq!(unlock_data_key(&metadata, &KEYS).expect("all of them").expose(), data_key.expose());
    }

    #[test]
    fn shares_that_do_not_fit_together_are_told() {
        let (mut metadata, _) = wrapped(&[&["a"], &["b"]], None);
        metadata.groups[1] = metadata.groups[0].clone();
        let error = unlock_data_key(&metadata, &KEYS).expect_err("twice the same");
        assert_eq!(error, SopsError::Shares { what: "two key groups hold the same share" }.into());
    }

    #[test]
    fn too_few_keys_are_told_with_what_each_said() {
        let lost = || report(&MasterKey::age("lost"), KeyFault::NoIdentity);
        let none = "no identity opens the data key";
        for (groups, threshold, reports, message) in [
            (&[&["lost", "lost"][..]][..], None, vec![Failed(vec![lost(), lost()])], none.to_owned()),
            (&[&["lost"], &["b"]], None, vec![Failed(vec![lost()]), Opened], format!("{none} (1 of 2 key groups)")),
            (
                &[&["lost"], &["c"], &["lost"]],
                Some(2),
                vec![Failed(vec![lost()]), Opened, Failed(vec![lost()])],
                format!("{none} (1 of 2 key groups)"),
            ),
        ] {
            let (metadata, _) = wrapped(groups, threshold);
            let error = unlock_data_key(&metadata, &KEYS).expect_err("too few");
            assert_eq!(error.to_string(), message);
            let Error::Sops(SopsError::NoDataKey { groups, .. }) = error else { panic!("{error:?}") };
            assert_eq!(groups, reports);
        }
    }

    #[test]
    fn keys_are_tried_in_the_order_that_was_asked_for() {
        let kinds = [KeyKind::AwsKms, KeyKind::HashicorpVault, KeyKind::Pgp, KeyKind::Age];
        let keys: Vec<_> = kinds.iter().map(|kind| MasterKey::new(*kind, Vec::new())).collect();
        let group = KeyGroup { keys, ..KeyGroup::default() };
        for (order, expected) in [
            ("", "age pgp kms hc_vault"),
            ("age,pgp", "age pgp kms hc_vault"),
            ("pgp, age", "pgp age kms hc_vault"),
            ("hc_vault", "hc_vault kms pgp age"),
            ("nothing,,age", "age kms hc_vault pgp"),
        ] {
            let order = DecryptionOrder::parse(order).expect("an order");
            let lists: Vec<_> = order.sorted(&group).iter().map(|key| key.kind().list()).collect();
            assert_eq!(lists.join(" "), expected);
        }
        for order in ["age,pgp,age", "x,x", "pgp, pgp"] {
            let error = DecryptionOrder::parse(order).expect_err("twice");
            assert!(matches!(error, SopsError::DuplicateKeyKind { .. }), "{order}");
        }
    }

    #[test]
    fn what_each_key_said_is_told_for_itself() {
        let group = KeyGroup {
            keys: vec![
                MasterKey::new(KeyKind::AwsKms, Vec::new()),
                MasterKey::new(KeyKind::Pgp, Vec::new()),
                MasterKey::age("age1x"),
            ],
            ..KeyGroup::default()
        };
        let identities = Identities::new();
        let interaction = &crate::keys::NoInteraction;
        let unlock = KeyUnlock { identities: &identities, interaction, gpg: None, order: DecryptionOrder::default() };
        let reports = unlock.data_key(&group).expect_err("nothing opens");
        let said: Vec<_> = reports.iter().map(|report| format!("{}: {}", report.list, report.fault)).collect();
        assert_eq!(
            said,
            [
                "age: not an armored age file (`-----BEGIN AGE ENCRYPTED FILE-----`), or a damaged one",
                "pgp: keys of this sort are not supported yet",
                "kms: keys of this sort are not supported yet",
            ]
        );
    }
}
