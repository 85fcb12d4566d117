//! What we print of random files, in every format, is what the real SOPS prints. Runs only where `SOPS_RS_TEST_SOPS` names
//! the program; without it, what is printed is read again.

use proptest::prelude::*;
use sops_rs::config::sops::Stores;
use sops_rs::data_key::DataKey;
use sops_rs::document::sops::Store;
use sops_rs::file::sops::{self, Documents, Losses, MacCheck};

use super::interop::{Sops, cases, name, shown, text, without_comments};
use super::{STORES, documents, metadata};

const ALL: Losses = Losses::AsSops;

#[test]
fn sops_prints_the_same() {
    let Some(sops) = Sops::find() else { return };
    let (mut failures, mut comments) = (Vec::new(), Vec::new());
    let cases = cases();
    for case in 0..cases {
        let store = STORES[case as usize % STORES.len()];
        let plain = documents::random(store, 0x51_7CC1 * (case + 3));
        let key = DataKey::generate().expect("randomness");
        let (metadata, secret) = metadata(None, &key);
        let Ok(encrypted) = sops::encrypt(plain.as_bytes(), store, &key, metadata) else { continue };
        let opened = sops::decrypt(encrypted.as_bytes(), store, &key, MacCheck::Require).expect("our own file");
        let read = Documents::read(&opened.plaintext, store).expect("our own plaintext");
        sops.write(&name(store, "ours"), &encrypted);
        for output in STORES {
            let theirs = sops.run(&secret, &["decrypt", "--output-type", output.name(), &name(store, "ours")]);
            let ours = read.print(output, &Stores::default(), ALL);
            let mut fail = |what: &str, ours: &str| {
                let theirs = [&*theirs.stdout, &*theirs.stderr].concat();
                failures.push(format!("== case {case}, {what}, {output:?}\n{plain}\n-- {}\n-- {ours}", text(&theirs)));
            };
            match (ours, theirs.status.success()) {
                (Err(_), false) => {}
                (Err(error), true) => fail("we refuse", &error.to_string()),
                (Ok(ours), false) => fail("SOPS refuses", &text(&ours)),
                (Ok(ours), true) if without_comments(output, &ours) != without_comments(output, &theirs.stdout) => {
                    fail("other text", &text(&ours));
                }
                (Ok(ours), true) if *ours != theirs.stdout => {
                    comments.push(format!(
                        "== case {case}, {output:?}\n{plain}\n-- {}\n-- {}",
                        text(&theirs.stdout),
                        text(&ours)
                    ));
                }
                (Ok(_), true) => {}
            }
        }
    }
    assert!(failures.is_empty(), "{} failed:\n{}", failures.len(), shown(&failures));
    println!("{} {}", comments.len(), shown(&comments));
}
