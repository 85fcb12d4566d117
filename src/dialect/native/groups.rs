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
