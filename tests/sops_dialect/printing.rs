//! What we print of random files, in every format, is what the real SOPS prints. Runs only where `SOPS_RS_TEST_SOPS` names
//! the program; without it, what is printed is read again.

use sops_rs::Error;
use sops_rs::config::sops::Stores;
use sops_rs::data_key::DataKey;
use sops_rs::dialect::sops::Rule;
use sops_rs::document::Value;
use sops_rs::document::sops::Store;
use sops_rs::file::sops::{self, Documents, KeyPath, Losses, MacCheck};

use super::interop::{Sops, cases, name, shown, text, without_comments};
use super::{STORES, documents, metadata};

/// Those that SOPS has, too.
const SOPS_STORES: [Store; 4] = [Store::Yaml, Store::Json, Store::Dotenv, Store::Ini];

const ALL: Losses = Losses::AsSops;

#[test]
fn what_toml_can_hold_is_printed_in_it() {
    let print = |text: &str| {
        let documents = Documents::read(text.as_bytes(), Store::Yaml).expect("YAML");
        documents.print(Store::Toml, &Stores::default(), Losses::Refused).map(|printed| self::text(&printed))
    };
    let plain = "m: {x: 1, t: 2001-12-14}\na: 2\nl: [1, {b: 1.0}]\nll: [{a: x, b: {c: 2}}, {a: 2}]\ne: {}\nf: .inf\n";
    let printed = print(plain).expect("TOML");
    assert!(printed.starts_with("a = 2\n"), "tables stand behind all else:\n{printed}");
    let again = Documents::read(printed.as_bytes(), Store::Toml).expect("TOML");
    assert_eq!(
        again.print(Store::Toml, &Stores::default(), Losses::Refused).map(|again| self::text(&again)),
        Ok(printed)
    );
    assert!(matches!(print("a: ~\n"), Err(Error::Unrepresentable { .. })));
    assert!(matches!(print("a: 1\n---\nb: 2\n"), Err(Error::Unrepresentable { .. })));
}

#[test]
fn sops_prints_the_same() {
    let Some(sops) = Sops::find() else { return };
    let (mut failures, mut comments) = (Vec::new(), Vec::new());
    let cases = cases();
    for case in 0..cases {
        let store = SOPS_STORES[case as usize % SOPS_STORES.len()];
        // SOPS takes an empty comment in a list for an empty text.
        let plain = documents::random(store, 0x51_7CC1 * (case + 3)).replace("#\n", "# e\n");
        let key = DataKey::generate().expect("randomness");
        // SOPS 3.11 takes clear integers of JSON for floats.
        let (metadata, secret) = metadata(Rule::new("unencrypted_suffix", "<none>"), &key);
        let Ok(encrypted) = sops::encrypt(plain.as_bytes(), store, &key, metadata) else { continue };
        let opened = sops::decrypt(encrypted.as_bytes(), store, &key, MacCheck::Require).expect("our own file");
        let read = Documents::of(&opened).expect("our own plaintext");
        sops.write(&name(store, "ours"), &encrypted);
        for output in SOPS_STORES {
            let theirs = sops.run(&secret, &["decrypt", "--output-type", output.name(), &name(store, "ours")]);
            let ours = read.print(output, &Stores::default(), ALL);
            let mut fail = |what: &str, ours: &str| {
                let theirs = [&*theirs.stdout, &*theirs.stderr].concat();
                failures.push(format!("== case {case}, {what}, {output:?}\n{plain}\n-- {}\n-- {ours}", text(&theirs)));
            };
            match (ours, theirs.status.success()) {
                (Err(_), false) => {}
                // SOPS prints what the language it is written in shows of a list.
                (Err(Error::Unrepresentable { .. }), true) if output == Store::Ini => {}
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
    let is_rare = comments.len() * 25 <= cases as usize;
    assert!(is_rare, "{} of {cases} with comments in other places:\n{}", comments.len(), shown(&comments));
}

/// Numbers and times are texts elsewhere, so each format is held against itself.
fn as_json(text: &[u8], store: Store) -> String {
    let documents = Documents::read(text, store).expect("a text that was printed");
    self::text(&documents.print(Store::Json, &Stores::default(), ALL).expect("JSON"))
}

#[test]
fn sops_reads_what_was_printed_in_another_format() {
    let Some(sops) = Sops::find() else { return };
    let (mut failures, mut count) = (Vec::new(), 0);
    for case in 0..cases() {
        let store = SOPS_STORES[case as usize % SOPS_STORES.len()];
        let plain = documents::random(store, 0x2545_F491 * (case + 7)).replace("#\n", "# e\n");
        let Ok(read) = Documents::read(plain.as_bytes(), store) else { continue };
        for output in SOPS_STORES {
            let Ok(printed) = read.print(output, &Stores::default(), Losses::Refused) else { continue };
            let key = DataKey::generate().expect("randomness");
            let (metadata, secret) = metadata(None, &key);
            let Ok(encrypted) = sops::encrypt(&printed, output, &key, metadata) else { continue };
            sops.write(&name(output, "printed"), &encrypted);
            let theirs = sops.run(&secret, &["decrypt", "--output-type", "json", &name(output, "printed")]);
            let has_infinity = text(&theirs.stderr).contains("unsupported value");
            count += 1;
            if !has_infinity && text(&theirs.stdout) != as_json(&printed, output) {
                let theirs = [&*theirs.stdout, &*theirs.stderr].concat();
                failures.push(format!(
                    "== case {case}, {output:?}\n{plain}\n-- {}\n-- {}",
                    text(&printed),
                    text(&theirs)
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{} of {count} failed:\n{}", failures.len(), shown(&failures));
    assert!(count > cases(), "only {count}");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_printed_is_printed_again(
        store in proptest::sample::select(&STORES[..]),
        output in proptest::sample::select(&STORES[..]),
        seed in proptest::prelude::any::<u64>(),
    ) {
        // The negative zero is an integer once it is printed, and those have no such thing.
        let plain = documents::random(store, seed).replace("-0.0", "0.25");
        let read = Documents::read(plain.as_bytes(), store).expect("a good text");
        if let Ok(printed) = read.print(output, &Stores::default(), Losses::Refused) {
            let again = Documents::read(&printed, output).expect("a text that was printed");
            let again = again.print(output, &Stores::default(), Losses::Refused).expect("what was printed");
            // A comment behind the last item of a list may be one of what is around it when it is read again.
            proptest::prop_assert_eq!(without_comments(output, &again), without_comments(output, &printed), "{}", plain);
            let count = |text: &[u8]| text.iter().filter(|&&byte| byte == b'#').count();
            proptest::prop_assert_eq!(count(&again), count(&printed), "{}", plain);
        }
    }

    #[test]
    fn no_text_makes_printing_or_changing_panic(
        store in proptest::sample::select(&STORES[..]),
        output in proptest::sample::select(&Store::ALL[..]),
        text in "[-a:#\\[\\]{}\"'|>&*! \n=;\\\\1é]{0,40}",
        path in "(\\[(\"a?\"|[0-2])\\]){0,3}",
    ) {
        if let Ok(documents) = Documents::read(text.as_bytes(), store) {
            let _ = documents.print(output, &Stores::default(), Losses::Refused);
            let _ = documents.print(output, &Stores::default(), ALL);
            let _ = documents.environment();
            let path = KeyPath::parse(&path).expect("a path");
            let _ = documents.extract(&path).and_then(|found| found.print(output, &Stores::default()));
            let _ = sops::unset(text.as_bytes(), store, &path);
            if let Ok(Some(changed)) = sops::set(text.as_bytes(), store, &path, &Value::text("x")) {
                let changed = Documents::read(&changed, store).expect("a text that was changed");
                let found = changed.extract(&path);
                // An index behind the last item adds one at the end.
                if !path.to_string().contains(['1', '2', '0']) {
                    let found = found.expect("what was set").print(output, &Stores::default()).expect("a text");
                    proptest::prop_assert_eq!(&*found, b"x");
                }
            }
        }
    }
}
