//! What `file::any` does with files of the sops dialect is what `file::sops` does.

use proptest::prelude::*;
use sops_rs::document::sops::Store;
use sops_rs::document::{BINARY, Format, format_by_name};
use sops_rs::file::any::{self, Input, Plan, Rekeying};
use sops_rs::file::sops::{self, Confirmed, KeyWrap, MacCheck, NamedKey, SealedFile};
use sops_rs::file::{IdentityUnlock, ValueState};
use sops_rs::keys::{self, Identities, NoInteraction};

use super::{MasterKey, Rule, STORES, documents, time};

fn format(store: Store) -> &'static dyn Format {
    format_by_name(store.name()).unwrap_or(BINARY)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn both_interfaces_agree(
        store in proptest::sample::select(&STORES[..]),
        seed in proptest::num::u64::ANY,
        selector in proptest::sample::select(vec!["unencrypted_suffix", "encrypted_regex"]),
    ) {
        let plain = documents::random(store, seed);
        let (secret, recipient) = keys::generate_x25519();
        let key = NamedKey { name: None, key: MasterKey::age(recipient.as_str()) };
        let plan = Plan::Sops(sops::Plan {
            groups: vec![vec![key]],
            shamir_threshold: None,
            selector: Rule::new(selector, if selector == "encrypted_regex" { "[a-c]" } else { "b" }).expect("a selector"),
            mac_only_encrypted: seed % 2 == 0,
            with_toml: true,
        });
        let wrap = KeyWrap { interaction: &NoInteraction, gpg: None };
        let input = Input { plaintext: plain.as_bytes(), format: format(store), store };
        let planned = any::outline_of_plan(input, &plan);
        // Some texts SOPS cannot hold, and of some the selector takes nothing.
        let Ok(encrypted) = any::encrypt(input, &plan, &wrap, time("2026-11-21T10:00:00Z")) else { return Ok(()) };

        let mut identities = Identities::new();
        identities.add_identity_file(secret.as_bytes(), "a test").expect("an identity");
        let unlock = IdentityUnlock { identities: &identities, interaction: &NoInteraction };
        let bytes = encrypted.text.as_bytes();
        let sealed = SealedFile::read(bytes, store).expect("readable").expect("encrypted");
        let data_key = sops::unlock_data_key(sealed.metadata(), &unlock).expect("our key");
        let opened = sealed.decrypt(&data_key, MacCheck::Require).expect("our own file");
        let decrypted = any::decrypt(bytes, format(store), &unlock).expect("our own file");
        prop_assert_eq!(&*decrypted.into_plaintext().expect("a plaintext"), &*opened.plaintext);

        let (metadata, outline) = any::outline(bytes, format(store)).expect("an outline");
        prop_assert_eq!(plan.drift(&metadata).map(|drift| drift.is_empty()), Some(true));
        let count = |outline: &sops_rs::file::Outline| outline.count(ValueState::Sealed);
        // What an alias stands for is encrypted once more in its place.
        if !plain.contains('*') {
            prop_assert_eq!(count(&outline), count(&planned.expect("an outline")));
        }
        prop_assert_eq!(count(&outline), encrypted.summary.sealed);

        let now = time("2026-11-22T10:00:00Z");
        let same = any::update(bytes, &opened.plaintext, format(store), &unlock, now.clone()).expect("updated");
        prop_assert_eq!(&same.text, &encrypted.text);
        let masked = any::mask(bytes, format(store), &unlock).expect("masked").into_plaintext().expect("a text");
        prop_assert!(!String::from_utf8_lossy(&masked).contains("ENC["), "{}\n{}", plain, String::from_utf8_lossy(&masked));

        // Nobody vouches for the key but the plan.
        let confirmed = Confirmed::default();
        let rekeying = Rekeying { unlock: &unlock, wrap: &wrap, confirmed: &confirmed, now };
        prop_assert!(any::rotate(bytes, format(store), &rekeying).is_err());
        let kept = any::update_keys(bytes, format(store), &plan, &rekeying).expect("nothing to do");
        prop_assert_eq!((&kept.text, kept.new_data_key), (&encrypted.text, false));
    }
}
