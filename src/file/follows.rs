//! Whether a new data key comes from somebody who held the old one (format spec, "New data keys").

use super::open::{Unlock, status};
use crate::dialect::native::{SectionKeys, equal};
use crate::document::Format;
use crate::error::Error;

/// Whether `new` proves of every data key in it that differs from that of the same section of `old` that whoever made it held
/// the old one; none when an identity is lacking for one of those. Both are files of the native dialect.
///
/// # Errors
/// [`Error::NotEncrypted`], [`Error::Metadata`], and those of `unlock`.
pub fn proves_to_follow(
    old: &[u8],
    new: &[u8],
    format: &'static dyn Format,
    unlock: &dyn Unlock,
) -> Result<Option<bool>, Error> {
    let read = |bytes| status(bytes, format)?.ok_or(Error::NotEncrypted);
    let (old, new) = (read(old)?, read(new)?);
    for section in &new.sections {
        let before = old.sections.iter().find(|before| before.name == section.name);
        let Some(before) = before.filter(|before| before.key_id != section.key_id) else { continue };
        let keys = unlock.unlock(before)?.and_then(|key| SectionKeys::derive_checked(&key, &before.key_id));
        let Some(keys) = keys else { return Ok(None) };
        let expected = keys.follows(&section.name, &section.key_id);
        if !section.follows.is_some_and(|follows| equal(&follows, &expected)) {
            return Ok(Some(false));
        }
    }
    Ok(Some(true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::format_by_name;
    use crate::file::{Document, IdentityUnlock, Plan, encrypt, rotate};
    use crate::keys::{Identities, NoInteraction, Recipient};

    const ALICE: &str = "age1a7ff2kfnj70rrs077vgzk2gerld26pm0ak877jtav9d9xezqfdnses37gs";
    const KEY: &str = include_str!("../../testdata/keys/x25519.txt");
    const STRANGER: &str = include_str!("../../testdata/keys/stranger.txt");

    #[test]
    fn only_a_rotation_proves_to_follow() {
        let format = format_by_name("dotenv").expect("a format");
        let plan = Plan::for_recipients([("alice".to_owned(), Recipient::parse(ALICE).expect("a recipient"))]);
        let document = Document::parse(b"A=1\n", format).expect("dotenv");
        let made = || encrypt(&document, &plan, &NoInteraction).expect("encrypted").text;
        let (old, replaced) = (made(), made());
        let mut identities = Identities::new();
        identities.add_identity_file(KEY.as_bytes(), "a test").expect("an identity");
        let unlock = IdentityUnlock { identities: &identities, interaction: &NoInteraction };
        let rotated = rotate(old.as_bytes(), format, &unlock, &NoInteraction).expect("rotated").text;
        let proves = |old: &str, new: &str| proves_to_follow(old.as_bytes(), new.as_bytes(), format, &unlock);
        assert_eq!(proves(&old, &old), Ok(Some(true)));
        assert_eq!(proves(&old, &rotated), Ok(Some(true)));
        assert_eq!(proves(&old, &replaced), Ok(Some(false)));
        assert_eq!(proves(&replaced, &rotated), Ok(Some(false)));
        let mut others = Identities::new();
        others.add_identity_file(STRANGER.as_bytes(), "a test").expect("an identity");
        let unlock = IdentityUnlock { identities: &others, interaction: &NoInteraction };
        assert_eq!(proves_to_follow(old.as_bytes(), rotated.as_bytes(), format, &unlock), Ok(None));
    }
}
