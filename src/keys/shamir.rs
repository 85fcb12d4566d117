//! Shamir's secret sharing as SOPS splits a data key among key groups, any few of which then recover it.
//!
//! Byte by byte over GF(2⁸) with the polynomial x⁸+x⁴+x³+x+1 of AES (FIPS 197, section 4.2). A share is HashiCorp Vault's
//! layout: the 32 values, then their x. Nothing here branches on or indexes by a secret byte.

use std::fmt;

use zeroize::Zeroizing;

use crate::data_key::{DATA_KEY_LEN, DataKey};
use crate::error::Error;
use crate::random;

/// Length of a share in bytes: one value for each byte of the data key, and the x at which they were taken.
pub const SHARE_LEN: usize = DATA_KEY_LEN + 1;

/// The most shares that there can be: x is a byte, and not 0, where the secret itself stands.
pub const MAX_SHARES: usize = 255;

/// One key group's share of a data key. It is wiped on drop and never printed.
#[derive(Clone)]
pub struct Share(Zeroizing<[u8; SHARE_LEN]>);

impl Share {
    /// The share with these bytes; `None` when they are not 33, or when their x is 0, which would make the share the
    /// whole secret.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut share = Zeroizing::new([0; SHARE_LEN]);
        if bytes.len() != SHARE_LEN || bytes[DATA_KEY_LEN] == 0 {
            return None;
        }
        share.copy_from_slice(bytes);
        Some(Self(share))
    }

    /// The secret bytes: for wrapping only.
    #[must_use]
    pub fn expose(&self) -> &[u8; SHARE_LEN] {
        &self.0
    }

    /// Where it was taken, from 1: the number of its key group.
    #[must_use]
    pub fn x(&self) -> u8 {
        self.0[DATA_KEY_LEN]
    }
}

impl fmt::Debug for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Share(…)")
    }
}

/// Splits `data_key` into `count` shares, any `threshold` of which recover it while fewer say nothing about it. The first
/// share has x = 1, the second x = 2, and so on, as in SOPS.
///
/// # Errors
/// [`Error::KeyGroups`] unless 2 ≤ `threshold` ≤ `count` ≤ 255, [`Error::NoRandomness`].
pub fn split(data_key: &DataKey, count: usize, threshold: usize) -> Result<Vec<Share>, Error> {
    check(count, threshold)?;
    // The coefficients of x, x², … for every byte; that of x⁰ is the secret.
    let mut coefficients = Zeroizing::new(vec![0; DATA_KEY_LEN * (threshold - 1)]);
    random::fill(&mut coefficients)?;
    let share = |x: u8| {
        let mut share = Zeroizing::new([x; SHARE_LEN]);
        for (index, secret) in data_key.expose().iter().enumerate() {
            let own = coefficients.chunks_exact(threshold - 1).nth(index).unwrap_or_default();
            share[index] = own.iter().rev().fold(0, |sum, coefficient| multiply(sum ^ coefficient, x)) ^ secret;
        }
        Share(share)
    };
    Ok((1..=u8::MAX).take(count).map(share).collect())
}

/// Refuses a threshold that does not fit the number of shares.
pub(super) fn check(count: usize, threshold: usize) -> Result<(), Error> {
    let refused = |what| Err(Error::KeyGroups { what });
    if count > MAX_SHARES {
        return refused("there are more than 255 key groups");
    } else if threshold < 2 {
        return refused("the Shamir threshold must be 2 at least");
    } else if threshold > count {
        return refused("the Shamir threshold is larger than the number of key groups");
    }
    Ok(())
}

/// The data key that `shares` were split from, if there are as many as their threshold; with fewer the result is some
/// other key. More are fine.
///
/// # Errors
/// [`Error::KeyGroups`] when they are fewer than two, or two have the same x.
pub fn combine(shares: &[Share]) -> Result<DataKey, Error> {
    let secret = interpolate(shares, 0)?;
    DataKey::from_bytes(&secret[..]).ok_or(Error::KeyGroups { what: "the shares do not hold a data key" })
}

/// The share of the group with this number, from 1, that fits to `shares`, as many as their threshold or more: also one
/// that was not there before.
///
/// # Errors
/// As of [`combine`], and when there cannot be such a group.
pub fn share_of(shares: &[Share], group: usize) -> Result<Share, Error> {
    let x = u8::try_from(group).ok().filter(|x| *x != 0);
    let x = x.ok_or(Error::KeyGroups { what: "there are more than 255 key groups" })?;
    let mut share = Zeroizing::new([x; SHARE_LEN]);
    share[..DATA_KEY_LEN].copy_from_slice(&interpolate(shares, x)?[..]);
    Ok(Share(share))
}

/// The values at `at` of the polynomials on which `shares` lie.
fn interpolate(shares: &[Share], at: u8) -> Result<Zeroizing<[u8; DATA_KEY_LEN]>, Error> {
    if shares.len() < 2 {
        return Err(Error::KeyGroups { what: "one share alone does not recover a data key" });
    }
    let mut values = Zeroizing::new([0; DATA_KEY_LEN]);
    for (index, share) in shares.iter().enumerate() {
        // Lagrange's polynomial of this share. Only the x take part, which are no secrets.
        let mut weight = 1;
        for (_, other) in shares.iter().enumerate().filter(|(other, _)| *other != index) {
            if other.x() == share.x() {
                return Err(Error::KeyGroups { what: "two key groups hold the same share" });
            }
            weight = multiply(weight, multiply(other.x() ^ at, invert(other.x() ^ share.x())));
        }
        for (sum, value) in values.iter_mut().zip(share.expose()) {
            *sum ^= multiply(*value, weight);
        }
    }
    Ok(values)
}

/// The product in GF(2⁸), with masks in place of branches.
fn multiply(mut a: u8, mut b: u8) -> u8 {
    let mut product = 0;
    for _ in 0..8 {
        product ^= a & (b & 1).wrapping_neg();
        a = (a << 1) ^ (0x1b & (a >> 7).wrapping_neg());
        b >>= 1;
    }
    product
}

/// The inverse in GF(2⁸), which is the 254th power; 0 for 0.
fn invert(a: u8) -> u8 {
    let mut square = a;
    let mut power = 1;
    for _ in 0..7 {
        square = multiply(square, square);
        power = multiply(power, square);
    }
    power
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shares in files that the real program wrote, and the key that they hold.
    const VECTORS: &str = include_str!("../../testdata/keys/shamir.txt");

    fn bytes(hex: &str) -> Vec<u8> {
        let digit = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex");
        (0..hex.len()).step_by(2).map(digit).collect()
    }

    fn share(hex: &str) -> Share {
        Share::from_bytes(&bytes(hex)).expect("a share")
    }

    #[test]
    fn shares_of_sops_recover_its_data_key() {
        let mut sets = 0;
        for block in VECTORS.split("\n\n") {
            let lines = |name| block.lines().filter_map(move |line| line.strip_prefix(name));
            let Some(key) = lines("key ").next() else { continue };
            let shares: Vec<Share> = lines("share ").map(share).collect();
            assert_eq!(shares.len(), 3);
            for chosen in [&[0, 1][..], &[0, 2], &[1, 2], &[2, 0], &[0, 1, 2], &[1, 2, 0]] {
                let chosen: Vec<Share> = chosen.iter().map(|&index| shares[index].clone()).collect();
                assert_eq!(combine(&chosen).expect("a key").expose()[..], bytes(key));
            }
            sets += 1;
        }
        assert_eq!(sets, 2);
    }

    #[test]
    fn the_field_is_that_of_aes() {
        // FIPS 197, section 4.2.
        assert_eq!((multiply(0x57, 0x83), multiply(0x57, 0x13)), (0xc1, 0xfe));
        assert_eq!(invert(0), 0);
        for a in 1..=u8::MAX {
            assert_eq!(multiply(a, invert(a)), 1, "{a}");
            assert_eq!((multiply(a, 1), multiply(1, a), multiply(a, 0)), (a, a, 0));
        }
    }

    #[test]
    fn what_cannot_be_split_is_refused() {
        let key = DataKey::from_bytes(&[7; 32]).expect("32 bytes");
        let refused = |count, threshold| split(&key, count, threshold).expect_err("refused").to_string();
        assert_eq!(refused(3, 0), "key groups: the Shamir threshold must be 2 at least");
        assert_eq!(refused(3, 1), "key groups: the Shamir threshold must be 2 at least");
        assert_eq!(refused(3, 4), "key groups: the Shamir threshold is larger than the number of key groups");
        assert_eq!(refused(256, 2), "key groups: there are more than 255 key groups");
        assert_eq!(split(&key, 255, 2).expect("shares").last().map(Share::x), Some(255));
    }

    #[test]
    fn what_cannot_be_combined_is_refused() {
        let key = DataKey::from_bytes(&[7; 32]).expect("32 bytes");
        let shares = split(&key, 3, 2).expect("shares");
        let refused = |shares: &[Share]| combine(shares).expect_err("refused").to_string();
        assert_eq!(refused(&[]), "key groups: one share alone does not recover a data key");
        assert_eq!(refused(&shares[..1]), "key groups: one share alone does not recover a data key");
        for group in [0, 256] {
            let error = share_of(&shares, group).expect_err("refused").to_string();
            assert_eq!(error, "key groups: there are more than 255 key groups");
        }
        let twice = [shares[0].clone(), shares[1].clone(), shares[0].clone()];
        assert_eq!(refused(&twice), "key groups: two key groups hold the same share");
        for wrong in [vec![1; 32], vec![1; 34], [vec![1; 32], vec![0]].concat()] {
            assert!(Share::from_bytes(&wrong).is_none());
        }
        assert_eq!(format!("{:?}", shares[0]), "Share(…)");
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

        #[test]
        fn any_threshold_of_the_shares_recovers_the_key(
            key in proptest::array::uniform32(0_u8..),
            count in 2_usize..=12,
            threshold in 2_usize..=12,
            order in proptest::collection::vec(0_u32.., 12),
            more in 0_usize..12,
        ) {
            let threshold = threshold.min(count);
            let key = DataKey::from_bytes(&key).expect("32 bytes");
            let mut shares: Vec<_> = order.into_iter().zip(split(&key, count, threshold).expect("shares")).collect();
            shares.sort_by_key(|(order, _)| *order);
            let shares: Vec<Share> = shares.into_iter().map(|(_, share)| share).collect();
            for group in 1..=count + 1 {
                let share = share_of(&shares[..threshold], group).expect("a share");
                proptest::prop_assert_eq!(usize::from(share.x()), group);
                match shares.iter().find(|known| known.x() == share.x()) {
                    Some(known) => proptest::prop_assert_eq!(known.expose(), share.expose()),
                    None => {
                        let with_new = [&shares[1..threshold], &[share][..]].concat();
                        let recovered = combine(&with_new).expect("a key");
                        proptest::prop_assert_eq!(recovered.expose(), key.expose());
                    }
                }
            }
            let enough = (threshold + more).min(count);
            let recovered = combine(&shares[..enough]).expect("a key");
            proptest::prop_assert_eq!(recovered.expose(), key.expose());
            if threshold > 2 {
                let other = combine(&shares[..threshold - 1]).expect("a key");
                proptest::prop_assert_ne!(other.expose(), key.expose());
            }
        }
    }
}
