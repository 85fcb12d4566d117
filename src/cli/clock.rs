//! The clock.

use std::time::SystemTime;

use sops_rs::dialect::sops::Time;

/// The time as files of the sops dialect have it.
pub(crate) fn now() -> Time {
    Time::of_unix(unix_time())
}

/// The time in seconds since 1970.
pub(crate) fn unix_time() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}
