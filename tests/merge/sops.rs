//! The same merges on files that SOPS itself has made and edited, where `SOPS_RS_TEST_SOPS` names the program.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sops_rs::file::any::Plan;
use sops_rs::file::merge::Merged;
use tempfile::TempDir;

use crate::battery::setting;
use crate::driver;
use crate::edits::Edit;
use crate::git::{self, Versions};
use crate::pair::{Mix, Pair, pair};
use crate::person::Person;
use crate::tree::Syntax;
use crate::{PLAIN, SEALED};

/// How many pairs of each format, if nothing else is said: SOPS is started four times for each.
const FEW: u64 = 25;

#[test]
#[expect(clippy::print_stdout, reason = "the counts are what a long run is for")]
fn git_and_the_driver_merge_files_of_sops_as_they_do_ours() {
    let Some(program) = program() else { return };
    let pairs = setting("SOPS_RS_MERGE_SOPS_PAIRS").unwrap_or(FEW);
    for syntax in [Syntax::Yaml, Syntax::Json, Syntax::Dotenv, Syntax::Ini] {
        let numbers = (0..).filter_map(|number| pair(1, number, Mix::Sops(syntax), 2));
        let with_values = numbers.filter(|pair| !pair.edits.concat().contains(&Edit::AddReader));
        let mut verdicts: BTreeMap<String, usize> = BTreeMap::new();
        let mut merged_by_git = 0;
        for Pair { number, person, versions, .. } in with_values.take(usize::try_from(pairs).expect("a number")) {
            let sops = Sops { program: &program, person: &person, folder: TempDir::new().expect("a folder"), syntax };
            let Some([made, ours]) = sops.versions(&versions) else { continue };
            let [made_merged, ours_merged] = <[_; 2]>::try_from(git::merge_all(&[&made, &ours])).expect("two merges");
            assert_eq!(made_merged[1].is_some(), ours_merged[1].is_some(), "{syntax:?} {number}");
            merged_by_git += usize::from(made_merged[1].is_some());
            let [plain, sealed] =
                [0, 1].map(|file| [&made.base, &made.ours, &made.theirs].map(|files| files[file].1.as_str()));
            let plain_merged = made_merged[0].as_deref().filter(|plain| person.scans(plain));
            let (verdict, ..) = driver::judge(&person, plain, sealed, plain_merged);
            assert!(!verdict.is_failure(), "{syntax:?} {number}: {verdict:?}");
            *verdicts.entry(verdict.name()).or_default() += 1;
            if let Merged::Clean(text) = driver::merge(&person, sealed).expect("a merge") {
                let text = String::from_utf8(text).expect("text");
                assert_eq!(sops.decrypt(&text), person.decrypt(&text).expect("a file"), "{syntax:?} {number}");
            }
        }
        println!("files of SOPS, {syntax:?}: git merges {merged_by_git}; the driver: {verdicts:?}");
        let compared: usize = verdicts.values().sum();
        // Renamed and moved entries, of which flat files have more, leave the MAC as it was.
        assert!(compared as u64 * 2 > pairs, "only {compared} pairs are files of SOPS");
        assert_eq!(merged_by_git, 0, "the MAC of SOPS changes with every edit");
        assert!(!verdicts.contains_key("Needless"), "{verdicts:?}");
    }
}

/// The SOPS program.
#[expect(clippy::disallowed_methods, reason = "a test is told by its caller whether to run")]
fn program() -> Option<PathBuf> {
    std::env::var_os("SOPS_RS_TEST_SOPS").map(PathBuf::from)
}

/// SOPS, working for somebody.
struct Sops<'p> {
    program: &'p Path,
    person: &'p Person,
    folder: TempDir,
    syntax: Syntax,
}

impl Sops<'_> {
    /// The versions, encrypted and edited by SOPS; and the plaintexts of these, encrypted and edited by us. None when SOPS
    /// sees no difference between two of them.
    fn versions(&self, versions: &Versions) -> Option<[Versions; 2]> {
        let Plan::Sops(plan) = &self.person.plan else { panic!("a plan of the sops dialect") };
        let recipient = self.person.recipient();
        let [base, ours, theirs] = [&versions.base, &versions.ours, &versions.theirs].map(|files| files[0].1.as_str());
        let (name, text) = plan.selector.parts();
        let rule =
            format!("  - age: {recipient}\n    {name}: {text}\n    mac_only_encrypted: {}\n", plan.mac_only_encrypted);
        write(&self.folder.path().join(".sops.yaml"), &format!("creation_rules:\n{rule}"));
        self.write("file", base);
        succeeds(&self.run(&["encrypt", "--in-place"], "file"));
        let sealed = self.read("file");
        let base = self.decrypt(&sealed);
        let base_of_us = self.person.encrypt(&base).expect("a file");
        let mut sides = Vec::new();
        for (text, seconds) in [(ours, 60), (theirs, 120)] {
            self.write("file", &sealed);
            self.write("new", text);
            let is_edited = self.run(&["edit"], "file").status.success();
            // Renamed and moved entries have the MAC that they had, and within one second SOPS writes it as it was.
            if !is_edited || mac(&self.read("file")) == mac(&sealed) {
                return None;
            }
            let text = self.decrypt(&self.read("file"));
            let of_us = self.person.update(&base_of_us, &text, seconds).expect("a file");
            sides
                .push([vec![(PLAIN, text.clone()), (SEALED, self.read("file"))], vec![(PLAIN, text), (SEALED, of_us)]]);
        }
        let [[ours, ours_of_us], [theirs, theirs_of_us]] = <[_; 2]>::try_from(sides).expect("two sides");
        let base_of_us = vec![(PLAIN, base.clone()), (SEALED, base_of_us)];
        let of_us = Versions { base: base_of_us, ours: ours_of_us, theirs: theirs_of_us };
        Some([Versions { base: vec![(PLAIN, base), (SEALED, sealed)], ours, theirs }, of_us])
    }

    fn decrypt(&self, sealed: &str) -> String {
        self.write("sealed", sealed);
        let output = self.run(&["decrypt"], "sealed");
        succeeds(&output);
        String::from_utf8(output.stdout).expect("text")
    }

    fn path(&self, name: &str) -> PathBuf {
        let extension = match self.syntax {
            Syntax::Dotenv => "env",
            Syntax::Ini => "ini",
            Syntax::Json => "json",
            Syntax::Properties | Syntax::Toml => "bin",
            Syntax::Yaml => "yaml",
        };
        self.folder.path().join(name).with_extension(extension)
    }

    fn run(&self, arguments: &[&str], name: &str) -> Output {
        let editor = format!("cp '{}'", self.path("new").display());
        Command::new(self.program)
            .args(arguments)
            .arg(self.path(name))
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", self.folder.path())
            .env("EDITOR", editor)
            .env("SOPS_AGE_KEY", self.person.secret())
            .output()
            .expect("SOPS starts")
    }

    fn write(&self, name: &str, text: &str) {
        write(&self.path(name), text);
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("a file")
    }
}

/// The token of the MAC.
fn mac(sealed: &str) -> &str {
    let start = sealed.rfind("ENC[").expect("a token");
    sealed[start..].split(']').next().unwrap_or_default()
}

#[expect(clippy::disallowed_methods, reason = "the files of a test")]
fn write(path: &Path, text: &str) {
    std::fs::write(path, text).expect("a file");
}

fn succeeds(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
