//! PGP keys through the real gpg, with keys made for the test. Runs only with `SOPS_RS_TEST_GPG=1`.
#![expect(clippy::disallowed_methods, reason = "an opt-in run says what it was asked to do")]

use std::path::Path;

use crate::formats::yaml;
use crate::harness::{Run, World};
use crate::program::{A, Sops, real, refused, succeeds, testdata, under_test};

/// A home of gpg's, in which an agent runs until the end of the test.
struct Keyring {
    world: World,
}

impl Drop for Keyring {
    fn drop(&mut self) {
        for home in [self.world.home("gnupg"), self.world.home("other")] {
            let _ = self
                .world
                .command("/usr/bin/gpgconf")
                .env("GNUPGHOME", home)
                .env("PATH", "/usr/bin")
                .command
                .args(["--kill", "all"])
                .status();
        }
    }
}

impl Keyring {
    fn new() -> Option<Self> {
        std::env::var_os("SOPS_RS_TEST_GPG")?;
        let keyring = Self { world: World::new() };
        for name in ["gnupg", "other"] {
            std::fs::create_dir(keyring.world.home(name)).expect("a home");
        }
        Some(keyring)
    }

    fn gpg(&self, home: &str, arguments: &[&str]) -> String {
        let mut run =
            self.world.command("/usr/bin/gpg").env("GNUPGHOME", self.world.home(home)).env("PATH", "/usr/bin:/bin");
        run.command.args(["--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""]).args(arguments);
        let output = run.output();
        assert!(output.status.success(), "gpg {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// A new key, by its fingerprint.
    fn key(&self, home: &str, name: &str) -> String {
        self.gpg(home, &["--quick-gen-key", name, "future-default", "default", "never"]);
        let list = self.gpg(home, &["--with-colons", "--list-keys", name]);
        let line = list.lines().find(|line| line.starts_with("fpr:")).expect("a fingerprint");
        line.split(':').nth(9).expect("its field").to_owned()
    }

    /// The program with this keyring, and without age identities.
    fn run(&self, program: &Path, home: &str, arguments: &[&str]) -> Run<'_> {
        let mut run = self.world.sops_at(program, arguments).env("GNUPGHOME", self.world.home(home));
        run.command.env_remove("SOPS_GPG_EXEC").env_remove("SOPS_AGE_KEY_FILE");
        run
    }

    fn runs(&self, arguments: &[&str]) -> Run<'_> {
        self.run(&under_test(), "gnupg", arguments)
    }
}

#[test]
fn files_for_pgp_keys_are_opened_by_both_programs() {
    let Some(keyring) = Keyring::new() else { return };
    let key = keyring.key("gnupg", "first");
    let programs: Vec<_> = [Some(under_test()), real()].into_iter().flatten().collect();
    for from in &programs {
        for (name, text) in
            [("a.yaml", "a: secret\n"), ("a.json", "{\n\t\"a\": \"secret\"\n}\n"), ("a.env", "A=secret\n")]
        {
            keyring.world.file(name, text);
            succeeds(keyring.run(from, "gnupg", &["encrypt", "-i", "--pgp", &key, name]));
            let encrypted = keyring.world.read(name);
            assert!(encrypted.contains(&key) && encrypted.contains("BEGIN PGP MESSAGE"), "{encrypted}");
            for to in &programs {
                assert_eq!(succeeds(keyring.run(to, "gnupg", &["decrypt", name])), text);
            }
            // gpg itself makes files in an empty home.
            assert_eq!(keyring.run(from, "other", &["decrypt", name]).output().status.code(), Some(128));
        }
    }
}

#[test]
fn any_of_several_keys_opens_a_file() {
    let Some(keyring) = Keyring::new() else { return };
    let [first, second] = [keyring.key("gnupg", "first"), keyring.key("other", "second")];
    // The public half of the second is known to the first keyring.
    let public = keyring.gpg("other", &["--armor", "--export", &second]);
    keyring.world.file("public.asc", public);
    keyring.gpg("gnupg", &["--import", "public.asc"]);
    keyring.world.file(".sops.yaml", format!("creation_rules:\n  - pgp: '{first}, {second}'\n    age: {A}\n"));
    keyring.world.file("a.yaml", "a: secret\n");
    succeeds(keyring.runs(&["encrypt", "-i", "a.yaml"]));
    let metadata = &yaml(&keyring.world.read("a.yaml"))["sops"];
    assert_eq!((&metadata["pgp"][0]["fp"], &metadata["pgp"][1]["fp"]), (&first.into(), &second.into()));
    let programs: Vec<_> = [Some(under_test()), real()].into_iter().flatten().collect();
    for program in &programs {
        for home in ["gnupg", "other"] {
            assert_eq!(succeeds(keyring.run(program, home, &["decrypt", "a.yaml"])), "a: secret\n");
        }
        let age = keyring.run(program, "nowhere", &["decrypt", "a.yaml"]);
        assert_eq!(succeeds(age.env("SOPS_AGE_KEY_FILE", testdata("sops/keys/a.txt"))), "a: secret\n");
    }
    succeeds(keyring.runs(&["set", "a.yaml", "[\"b\"]", "\"c\""]));
    succeeds(keyring.runs(&["rotate", "-i", "a.yaml"]));
    for program in &programs {
        assert_eq!(succeeds(keyring.run(program, "other", &["decrypt", "a.yaml"])), "a: secret\nb: c\n");
    }
}

#[test]
fn groups_may_mix_pgp_and_age() {
    let Some(keyring) = Keyring::new() else { return };
    let key = keyring.key("gnupg", "first");
    let rule = format!("creation_rules:\n  - key_groups: [{{pgp: [{key}]}}, {{age: [{A}]}}]\n");
    keyring.world.file(".sops.yaml", rule);
    keyring.world.file("a.yaml", "a: secret\n");
    succeeds(keyring.runs(&["encrypt", "-i", "a.yaml"]));
    refused(&keyring.world, 128, keyring.runs(&["decrypt", "a.yaml"]));
    for program in [Some(under_test()), real()].into_iter().flatten() {
        let run = keyring.run(&program, "gnupg", &["decrypt", "a.yaml"]);
        assert_eq!(succeeds(run.env("SOPS_AGE_KEY_FILE", testdata("sops/keys/a.txt"))), "a: secret\n");
    }
}

#[test]
fn another_gpg_is_named_by_a_variable() {
    let Some(keyring) = Keyring::new() else { return };
    let key = keyring.key("gnupg", "first");
    keyring.world.file("my gpg", "#!/bin/sh\necho \"$1\" >> called\nexec /usr/bin/gpg \"$@\"\n");
    keyring.world.chmod("my gpg", 0o755);
    keyring.world.file("a.yaml", "a: secret\n");
    let gpg = keyring.world.path("my gpg");
    succeeds(keyring.runs(&["encrypt", "-i", "--pgp", &key, "a.yaml"]).env("SOPS_GPG_EXEC", &gpg));
    assert_eq!(succeeds(keyring.runs(&["decrypt", "a.yaml"]).env("SOPS_GPG_EXEC", &gpg)), "a: secret\n");
    assert_eq!(keyring.world.read("called").lines().count(), 2);
    refused(&keyring.world, 128, keyring.runs(&["decrypt", "a.yaml"]).env("SOPS_GPG_EXEC", "/no/such/gpg"));
}
