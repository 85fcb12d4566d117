//! Key groups: readers in groups, of which several are needed together to open a file.

use super::Recipient;
use super::shamir;
use crate::error::Error;

/// Groups of readers, and how many of them are needed: one reader of each.
///
/// There are 2 to 255 groups, each with a reader at least, and nobody is in two of them: a share for each group is all
/// that there is, so who were in two would count for two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyGroups {
    threshold: u8,
    groups: Vec<Vec<Recipient>>,
}

impl KeyGroups {
    /// These groups, numbered from 1, of which `threshold` are needed.
    ///
    /// # Errors
    /// [`Error::KeyGroups`] unless 2 ≤ `threshold` ≤ number of groups ≤ 255, and for a group without a reader or a reader in
    /// two places.
    pub fn new(threshold: usize, groups: Vec<Vec<Recipient>>) -> Result<Self, Error> {
        shamir::check(groups.len(), threshold)?;
        if groups.iter().any(Vec::is_empty) {
            return Err(Error::KeyGroups { what: "a key group has no recipient" });
        }
        let mut all: Vec<_> = groups.iter().flatten().collect();
        all.sort_unstable();
        if all.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(Error::KeyGroups { what: "a recipient stands in two key groups, or twice in one" });
        }
        let threshold = u8::try_from(threshold).unwrap_or(u8::MAX);
        Ok(Self { threshold, groups })
    }

    /// How many groups are needed.
    #[must_use]
    pub fn threshold(&self) -> u8 {
        self.threshold
    }

    /// The groups, the one with the number 1 first.
    #[must_use]
    pub fn groups(&self) -> &[Vec<Recipient>] {
        &self.groups
    }

    /// The number of the group that `recipient` is in.
    #[must_use]
    pub fn group_of(&self, recipient: &Recipient) -> Option<u8> {
        let mut numbered = (1..=u8::MAX).zip(&self.groups);
        numbered.find(|(_, group)| group.contains(recipient)).map(|(number, _)| number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_is_in_one_group() {
        let [a, b, c] = [(); 3].map(|()| crate::keys::generate_x25519().1);
        let groups = KeyGroups::new(2, vec![vec![a.clone(), b.clone()], vec![c.clone()]]).expect("two groups");
        assert_eq!([&a, &b, &c].map(|recipient| groups.group_of(recipient)), [Some(1), Some(1), Some(2)]);
        assert_eq!((groups.threshold(), groups.groups().len()), (2, 2));
        assert_eq!(groups.group_of(&crate::keys::generate_x25519().1), None);
        let refused = |threshold, groups| KeyGroups::new(threshold, groups).expect_err("refused").to_string();
        let twice = "key groups: a recipient stands in two key groups, or twice in one";
        assert_eq!(refused(2, vec![vec![a.clone(), b.clone()], vec![a.clone()]]), twice);
        assert_eq!(refused(2, vec![vec![a.clone(), a.clone()], vec![b]]), twice);
        assert_eq!(refused(2, vec![vec![a.clone()], vec![]]), "key groups: a key group has no recipient");
        let large = "key groups: the Shamir threshold is larger than the number of key groups";
        assert_eq!(refused(3, vec![vec![a.clone()], vec![c.clone()]]), large);
        assert_eq!(refused(1, vec![vec![a], vec![c]]), "key groups: the Shamir threshold must be 2 at least");
    }
}
