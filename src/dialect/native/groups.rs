//! Key groups of a section: which readers are in which, and how many groups are needed (format spec, "Key groups").

use super::encoding::put_u64;
use super::metadata::{Reader, Section};

impl Section {
    /// The readers of each key group, that with the number 1 first; none when the section has no threshold.
    #[must_use]
    pub fn key_groups(&self) -> Vec<Vec<&Reader>> {
        let members = |number| self.readers.iter().filter(|reader| reader.group == Some(number)).collect::<Vec<_>>();
        (1..=u8::MAX).map(members).take_while(|group| !group.is_empty()).collect()
    }

    /// What the metadata MAC covers of a threshold, which is nothing when there is none.
    ///
    /// It is the end of the message, and all before it tells its own length, the number of readers included: so no two
    /// sections give the same bytes, with or without groups.
    pub(super) fn put_key_groups(&self, out: &mut Vec<u8>) {
        if let Some(threshold) = self.threshold {
            put_u64(out, threshold.into());
            self.readers.iter().for_each(|reader| put_u64(out, reader.group.unwrap_or_default().into()));
        }
    }
}

/// Refuses a threshold without groups, groups without a threshold, and what is more than all or less than two of them.
pub(super) fn check_key_groups(threshold: Option<u8>, readers: &[Reader]) -> Result<(), &'static str> {
    let mut numbers: Vec<u8> = readers.iter().filter_map(|reader| reader.group).collect();
    let Some(threshold) = threshold else {
        return if numbers.is_empty() { Ok(()) } else { Err("a recipient has a group where there is no threshold") };
    };
    if numbers.len() < readers.len() {
        return Err("a recipient has no group where there is a threshold");
    }
    numbers.sort_unstable();
    numbers.dedup();
    if !numbers.iter().copied().eq((1..=u8::MAX).take(numbers.len())) {
        return Err("the key groups are not numbered from 1 without gaps");
    }
    if threshold < 2 || usize::from(threshold) > numbers.len() {
        return Err("the threshold is less than 2, or more than the number of key groups");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::WrappedKey;

    fn section(threshold: Option<u8>, groups: &[Option<u8>]) -> Section {
        let reader = |(number, group): (usize, &Option<u8>)| Reader {
            name: format!("r{number:03}"),
            group: *group,
            recipient: format!("age1x{number}"),
            wrapped_key: WrappedKey::from_bytes(vec![1]),
        };
        Section {
            name: "default".to_owned(),
            start: [0; 32],
            key_id: [0; 32],
            threshold,
            readers: groups.iter().enumerate().map(reader).collect(),
            follows: None,
            mac: [0; 32],
        }
    }

    fn bytes(threshold: Option<u8>, groups: &[Option<u8>]) -> Vec<u8> {
        let mut bytes = Vec::new();
        section(threshold, groups).put_key_groups(&mut bytes);
        bytes
    }

    #[test]
    fn the_mac_covers_the_threshold_and_every_group() {
        assert!(bytes(None, &[None, None]).is_empty());
        let expected = [[2, 0, 0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0, 0], [255, 0, 0, 0, 0, 0, 0, 0]].concat();
        assert_eq!(bytes(Some(2), &[Some(1), Some(255)]), expected);
    }

    #[test]
    fn groups_have_numbers_without_gaps_and_the_threshold_fits() {
        let check = |threshold, groups: &[Option<u8>]| check_key_groups(threshold, &section(threshold, groups).readers);
        let all: Vec<_> = (1..=u8::MAX).map(Some).collect();
        for (threshold, groups) in [
            (None, &[None, None][..]),
            (Some(2), &[Some(2), Some(1)]),
            (Some(2), &[Some(3), Some(1), Some(3), Some(2)]),
            (Some(255), &all),
        ] {
            assert_eq!(check(threshold, groups), Ok(()), "{threshold:?} {groups:?}");
        }
        for (threshold, groups) in [
            (None, &[None, Some(1)][..]),
            (None, &[Some(1), Some(2)]),
            (Some(2), &[None, None]),
            (Some(2), &[Some(1), Some(2), None]),
            (Some(2), &[Some(1), Some(3)]),
            (Some(2), &[Some(2), Some(3)]),
            (Some(2), &[Some(1), Some(1)]),
            (Some(3), &[Some(1), Some(2)]),
            (Some(1), &[Some(1), Some(2)]),
            (Some(0), &[Some(1), Some(2)]),
        ] {
            assert!(check(threshold, groups).is_err(), "{threshold:?} {groups:?}");
        }
        let section = section(Some(2), &[Some(2), Some(1), Some(2)]);
        let names = |group: Vec<&Reader>| group.iter().map(|reader| reader.name.clone()).collect::<Vec<_>>();
        let groups: Vec<_> = section.key_groups().into_iter().map(names).collect();
        assert_eq!(groups, [vec!["r001"], vec!["r000", "r002"]]);
    }
}
