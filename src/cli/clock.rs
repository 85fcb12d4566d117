//! The clock.

use std::time::SystemTime;

use sops_rs::dialect::sops::Time;

use super::report::count;

/// The time as files of the sops dialect have it.
pub(crate) fn now() -> Time {
    Time::of_unix(unix_time())
}

/// The time in seconds since 1970.
pub(crate) fn unix_time() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// How long before `now` something was, in the largest unit that says much, as `3 weeks ago`.
pub(crate) fn ago(time: u64, now: u64) -> String {
    const UNITS: [(u64, u64, &str); 6] = [
        (365 * 24 * 3600, 2, "year"),
        (30 * 24 * 3600, 2, "month"),
        (7 * 24 * 3600, 2, "week"),
        (24 * 3600, 1, "day"),
        (3600, 1, "hour"),
        (60, 1, "minute"),
    ];
    let Some(passed) = now.checked_sub(time) else { return "in the future".to_owned() };
    let unit = UNITS.iter().find(|(seconds, least, _)| passed >= seconds * least);
    let several = |n: u64, noun: &str| format!("{} ago", count(usize::try_from(n).unwrap_or(usize::MAX), noun));
    unit.map_or_else(|| "just now".to_owned(), |(seconds, _, noun)| several(passed / seconds, noun))
}

#[cfg(test)]
mod tests {
    use super::ago;

    #[test]
    fn the_time_that_passed_is_told_in_the_unit_that_fits() {
        for (days, hours, expected) in [
            (0, 0, "just now"),
            (0, 1, "1 hour ago"),
            (1, 20, "1 day ago"),
            (13, 0, "13 days ago"),
            (14, 0, "2 weeks ago"),
            (59, 0, "8 weeks ago"),
            (60, 0, "2 months ago"),
            (729, 0, "24 months ago"),
            (1100, 0, "3 years ago"),
        ] {
            assert_eq!(ago(1_000, 1_000 + days * 86_400 + hours * 3_600), expected);
        }
        assert_eq!(ago(2, 1), "in the future");
    }
}
