//! The real SOPS reads what we write, and we read what it writes. Runs only where `SOPS_RS_TEST_SOPS` names the program.
#![expect(
    clippy::disallowed_methods,
    reason = "an opt-in run says what it was asked to do; inputs lie in a temporary folder"
)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use sops_rs::data_key::DataKey;
use sops_rs::document::sops::Store;
use sops_rs::file::sops::{self, DecryptionOrder, KeyUnlock, MacCheck};
use sops_rs::keys::{Identities, NoInteraction};

use super::{STORES, documents, metadata, rules};

pub(super) struct Sops {
    program: String,
    folder: tempfile::TempDir,
}

impl Sops {
    /// The program that an opt-in run names.
    pub(super) fn find() -> Option<Self> {
        let program = std::env::var("SOPS_RS_TEST_SOPS").ok()?;
        assert!(Path::new(&program).exists(), "SOPS_RS_TEST_SOPS names no program");
        Some(Self { program, folder: tempfile::tempdir().expect("a folder") })
    }

    pub(super) fn run(&self, secret: &str, args: &[&str]) -> Output {
        let mut command = Command::new(&self.program);
        command.args(args).current_dir(self.folder.path()).env_clear().env("SOPS_AGE_KEY", secret);
        command.envs(["PATH", "GNUPGHOME"].into_iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
        command.env("HOME", self.folder.path()).output().expect("sops")
    }

    pub(super) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).expect("a text")
    }

    pub(super) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.folder.path().join(name), bytes).expect("a file");
    }
}

/// How many cases such a run tries.
pub(super) fn cases() -> u64 {
    std::env::var("SOPS_RS_TEST_SOPS_CASES").map_or(100, |cases| cases.parse().expect("a number"))
}

pub(super) fn name(store: Store, what: &str) -> String {
    let suffix = match store {
        Store::Binary => "bin",
        Store::Dotenv => "env",
        Store::Ini => "ini",
        Store::Json => "json",
        Store::Toml => "toml",
        Store::Yaml => "yaml",
    };
    format!("{what}.{suffix}")
}

/// In INI SOPS repeats lines of comments, and in YAML it indents some otherwise: those are not compared. Nor is the
/// indentation in the header of a block scalar, where SOPS always writes a 4.
pub(super) fn without_comments(store: Store, bytes: &[u8]) -> String {
    let text = text(bytes).replace("|2", "|4");
    let is_flat = |line: &&str| store != Store::Ini || !line.starts_with([';', '#']);
    let is_kept = |line: &&str| is_flat(line) && (store != Store::Yaml || !line.trim_start().starts_with('#'));
    text.split_inclusive('\n').filter(is_kept).collect()
}

pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn sops_and_we_read_each_other() {
    let Some(sops) = Sops::find() else { return };
    let cases = cases();
    let mut runner = TestRunner::deterministic();
    let (mut failures, mut comments) = (Vec::new(), Vec::new());
    for case in 0..cases {
        // SOPS has no TOML.
        let store = STORES[case as usize % 4];
        let rule = rules().new_tree(&mut runner).expect("a rule").current();
        let plain = documents::random(store, 0x9E37_79B9 * (case + 1));
        let key = DataKey::generate().expect("randomness");
        let (metadata, secret) = metadata(rule.clone(), &key);
        let recipient = metadata.groups[0].keys[0].name();
        let mut fail = |what: &str, details: &str| {
            failures.push(format!("== case {case}, {what}, {rule:?}\n{plain}\n-- {details}"))
        };

        // What SOPS makes of the same plaintext.
        let config = match &rule {
            None => String::new(),
            Some(rule) => format!("    {}: '{}'\n", rule.parts().0, rule.parts().1),
        };
        sops.write(".sops.yaml", format!("creation_rules:\n  - age: {recipient}\n{config}"));
        sops.write(&name(store, "plain"), &plain);
        let theirs = sops.run(&secret, &["encrypt", &name(store, "plain")]);
        let ours = sops::encrypt(plain.as_bytes(), store, &key, metadata);
        let ours = match (theirs.status.success(), ours) {
            (true, Ok(ours)) => ours,
            (false, Err(_)) => continue,
            (true, Err(error)) => {
                fail("we refuse", &error.to_string());
                continue;
            }
            (false, Ok(_)) => {
                fail("SOPS refuses", &text(&theirs.stderr));
                continue;
            }
        };

        // SOPS reads ours, with the same values.
        sops.write(&name(store, "theirs"), &theirs.stdout);
        sops.write(&name(store, "ours"), &ours);
        let [of_ours, of_theirs] =
            ["ours", "theirs"].map(|what| sops.run(&secret, &["decrypt", "--output-type", "json", &name(store, what)]));
        // JSON has no infinity.
        if !of_ours.status.success() && of_theirs.status.success() {
            fail("SOPS does not read ours", &format!("{}\n{ours}", text(&of_ours.stderr)));
            continue;
        }
        if of_theirs.status.success() && of_ours.stdout != of_theirs.stdout {
            fail("SOPS reads other values in ours", &format!("{}\n{}", text(&of_theirs.stdout), text(&of_ours.stdout)));
        }
        if text(&of_ours.stderr).contains("unencrypted comment")
            && !text(&of_theirs.stderr).contains("unencrypted comment")
        {
            comments.push(format!("== case {case}\n{plain}\n{ours}"));
        }

        // What we update SOPS reads, too.
        let opened = sops::decrypt(ours.as_bytes(), store, &key, MacCheck::Require).expect("our own file");
        let later = super::time("2026-11-22T10:00:00+01:00");
        let updated = sops::update(ours.as_bytes(), &opened.plaintext, store, &key, later, MacCheck::Require);
        sops.write(&name(store, "updated"), updated.expect("our own plaintext"));
        let of_updated = sops.run(&secret, &["decrypt", "--output-type", "json", &name(store, "updated")]);
        if of_updated.stdout != of_ours.stdout {
            fail(
                "SOPS does not read our update",
                &format!("{}\n{}", text(&of_updated.stdout), text(&of_updated.stderr)),
            );
        }

        // We read SOPS's, with the same bytes.
        let plaintext = sops.run(&secret, &["decrypt", &name(store, "theirs")]);
        let mut identities = Identities::new();
        identities.add_identity_file(secret.as_bytes(), "the test's key").expect("an identity");
        let unlock = KeyUnlock {
            identities: &identities,
            interaction: &NoInteraction,
            gpg: None,
            order: DecryptionOrder::default(),
        };
        let metadata = sops::status(&theirs.stdout, store).expect("metadata").expect("metadata");
        let their_key = sops::unlock_data_key(&metadata, &unlock).expect("a data key");
        match sops::decrypt(&theirs.stdout, store, &their_key, MacCheck::Require) {
            Err(error) => fail("we do not read SOPS's", &format!("{error}\n{}", text(&theirs.stdout))),
            // SOPS takes some comments of its own for those of another place, and leaves them as they are.
            Ok(_) if text(&plaintext.stdout).contains("ENC[") => {}
            Ok(opened) if without_comments(store, &opened.plaintext) != without_comments(store, &plaintext.stdout) => {
                fail("other text", &format!("SOPS:\n{}\nwe:\n{}", text(&plaintext.stdout), text(&opened.plaintext)));
            }
            Ok(_) => {}
        }
    }
    assert!(failures.is_empty(), "{} of {cases} failed:\n{}", failures.len(), shown(&failures));
    // Where a comment belongs is up to go-yaml's rules about columns and blank lines; a few odd places are others here.
    let is_rare = comments.len() * 100 <= cases as usize;
    assert!(is_rare, "{} of {cases} with comments of other places:\n{}", comments.len(), shown(&comments));
}

pub(super) fn shown(cases: &[String]) -> String {
    cases[..cases.len().min(8)].join("\n\n")
}
