//! What `set` and `unset` make of random files is what the real SOPS makes of them. Runs only where `SOPS_RS_TEST_SOPS` names
//! the program.

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use sops_rs::Error;
use sops_rs::config::sops::Stores;
use sops_rs::data_key::DataKey;
use sops_rs::document::Value;
use sops_rs::document::sops::Store;
use sops_rs::file::sops::{self, Documents, Item, KeyPath, Losses, MacCheck, Node};

use super::interop::{Sops, cases, name, shown, text};
use super::{STORES, documents, metadata};

const VALUES: [&str; 9] =
    ["\"v\"", "\"yes\"", "5", "1.5", "true", "null", "{\"k\": \"w\", \"l\": [1, null]}", "\"a\\nb\"", "{}"];

/// The paths of everything in `node`, and of something more in each map and list.
fn paths(node: &Node, path: &str, found: &mut Vec<String>) {
    let is_list = matches!(node, Node::List(_));
    for (number, item) in node.items().iter().enumerate() {
        let below = match item {
            Item::Comment(_) => continue,
            Item::Entry(key, _) => format!("{path}[\"{key}\"]"),
            Item::Element(_) => format!("{path}[{number}]"),
        };
        item.node().into_iter().for_each(|node| paths(node, &below, found));
        found.push(below);
    }
    if matches!(node, Node::List(_) | Node::Map(_)) {
        found.push(if is_list { format!("{path}[99]") } else { format!("{path}[\"new key\"]") });
    }
}

#[test]
fn sops_sets_and_unsets_the_same() {
    let Some(sops) = Sops::find() else { return };
    let mut runner = TestRunner::deterministic();
    let (mut failures, mut count) = (Vec::new(), 0);
    for case in 0..cases() {
        let store = STORES[case as usize % 4];
        // SOPS takes an empty comment in a list for an empty text.
        let plain = documents::random(store, 0x1234_5677 * (case + 5)).replace("#\n", "# e\n");
        let key = DataKey::generate().expect("randomness");
        let (metadata, secret) = metadata(None, &key);
        let Ok(encrypted) = sops::encrypt(plain.as_bytes(), store, &key, metadata) else { continue };
        let opened = sops::decrypt(encrypted.as_bytes(), store, &key, MacCheck::Require).expect("our own file");
        let mut found = Vec::new();
        paths(&Documents::of(&opened).expect("documents").roots()[0], "", &mut found);
        for path in found {
            let json = proptest::sample::select(&VALUES[..]).new_tree(&mut runner).expect("a value").current();
            let parsed = KeyPath::parse(&path).expect("a path");
            for is_set in [true, false] {
                let file = name(store, "changed");
                sops.write(&file, &encrypted);
                let theirs = if is_set {
                    sops.run(&secret, &["set", &file, &path, json])
                } else {
                    sops.run(&secret, &["unset", &file, &path])
                };
                let value = Value::from_json(json).expect("JSON");
                let ours = if is_set {
                    sops::set(&opened.plaintext, store, &parsed, &value)
                        .map(|changed| changed.unwrap_or(opened.plaintext.clone()))
                } else {
                    sops::unset(&opened.plaintext, store, &parsed)
                };
                let mut fail = |what: &str, details: &str| {
                    let command = if is_set { json } else { "unset" };
                    failures.push(format!(
                        "== case {case}, {what}, {path} {command}\n{}\n-- {details}",
                        text(&opened.plaintext)
                    ));
                };
                count += 1;
                match (ours, theirs.status.success()) {
                    // Null has no place in dotenv and INI, which SOPS finds out when it reads the file again.
                    (Err(Error::Unrepresentable { .. }), true) if matches!(store, Store::Dotenv | Store::Ini) => {}
                    (Err(_), false) => {}
                    (Err(error), true) => fail("we refuse", &error.to_string()),
                    (Ok(_), false) => fail("SOPS refuses", &text(&theirs.stderr)),
                    (Ok(ours), true) => {
                        let documents = Documents::read(&ours, store).expect("our own text");
                        let ours_json = documents.print(Store::Json, &Stores::default(), Losses::AsSops);
                        let theirs = sops.run(&secret, &["decrypt", "--output-type", "json", &file]);
                        let Ok(ours_json) = ours_json else { continue };
                        // SOPS gives what it sets in dotenv and INI a type, until it reads that again as text.
                        let is_flat = matches!(store, Store::Dotenv | Store::Ini);
                        let normal = |bytes: &[u8]| text(bytes).replace(if is_flat { "\"" } else { "\0" }, "");
                        if normal(&ours_json) != normal(&theirs.stdout) {
                            fail(
                                "other values",
                                &format!("{}\n-- {}{}", text(&ours), text(&theirs.stdout), text(&theirs.stderr)),
                            );
                        }
                    }
                }
            }
        }
    }
    assert!(failures.is_empty(), "{} of {count} failed:\n{}", failures.len(), shown(&failures));
}
