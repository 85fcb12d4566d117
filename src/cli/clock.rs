//! The clock.

use std::time::SystemTime;

use sops_rs::dialect::sops::Time;

/// The time as files of the sops dialect have it.
pub(crate) fn now() -> Time {
    let elapsed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Time::of_unix(elapsed.as_secs())
}
