//! The vectors of `testdata/sops/manifest.json` as whole commands: exit code, output and words of failure.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value as Json;

use crate::harness::World;
use crate::program::{Sops, is_oracle, testdata};
use crate::values;

/// Where our output is not SOPS's byte for byte, and why; the values are the same.
const OTHER_LAYOUT: &[(&str, &str)] = &[
    (
        "conv-quoting-to-yaml",
        "U+2028 comes as an escape, not as the line break of YAML 1.1 that it is in SOPS's single quotes",
    ),
    ("crafted-bom-yaml", "the byte order mark of the encrypted file stays"),
    ("crafted-crlf-json", "the line endings of the encrypted file stay"),
    ("fixed-datakey", "a key without quotes (`n`) gets none"),
    ("yaml-unicode", "U+2028, as above"),
];

/// Where we refuse or take what SOPS does not; `docs/sops-compatibility.md` says why.
const OTHER_CODE: &[(&str, i64)] = &[];

/// What clients look for in a failure; other words of ours are others.
const WORDS: &[&str] = &[
    "sops metadata not found",
    "MAC mismatch",
    "Cannot decrypt MAC",
    "Failed to get the data key required to decrypt the SOPS file.",
    "Recovery failed because",
    "Group 0: FAILED",
    "Group 0: SUCCESS",
    "Group 1: FAILED",
    "age18whjdz5selvk70ppt2qfchpzq9r7n8aq4lyxnlt3d9dash2dpv3sdq6rqh: FAILED",
    "top-level entry called",
    "cannot operate on non-existent file",
    "Error: no file specified",
    "config file not found, or has no creation rules, and no keys provided through command line options",
    "component ['zz'] not found",
    "empty key group provided",
];

struct Entry {
    json: Json,
}

impl Entry {
    fn text(&self, name: &str) -> &str {
        self.json[name].as_str().unwrap_or_default()
    }

    /// What SOPS printed, or for a listed one what we print.
    fn stdout(&self) -> Vec<u8> {
        let other = OTHER_LAYOUT.iter().any(|(id, _)| *id == self.text("id")) && !is_oracle();
        let file =
            if other { format!("ours/{}", self.text("id")) } else { self.text("expected_stdout_file").to_owned() };
        if file.is_empty() { Vec::new() } else { fs::read(testdata("sops").join(file)).expect("the expected output") }
    }

    /// SOPS's exit code: 3.13's where the versions differ, but for that version's bug with comments in lists.
    fn code(&self) -> Option<i32> {
        let id = self.text("id");
        let other = OTHER_CODE.iter().find(|(other, _)| *other == id && !is_oracle()).map(|(_, code)| *code);
        other.or_else(|| self.json["expected_exit_code"].as_i64()).and_then(|code| i32::try_from(code).ok())
    }

    /// Runs it, and says what is wrong.
    fn check(&self, world: &World) -> Result<(), String> {
        let arguments: Vec<_> = self.json["args"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
        let mut run = world.sops(&arguments);
        run.command.env_remove("SOPS_AGE_KEY_FILE").env("HOME", "/nonexistent").env_remove("XDG_CONFIG_HOME");
        for (name, value) in self.json["env"].as_object().into_iter().flatten() {
            run = run.env(name, value.as_str().expect("a text"));
        }
        if !self.text("stdin_file").is_empty() {
            run = run.stdin(fs::read(world.path(self.text("stdin_file"))).expect("a file"));
        }
        let output = run.output();
        let stderr = String::from_utf8_lossy(&output.stderr);
        if output.status.code() != self.code() {
            return Err(format!("exit code {:?} in place of {:?}: {stderr}", output.status.code(), self.code()));
        }
        if output.stdout != self.stdout() {
            return Err(format!("other output: {}", String::from_utf8_lossy(&output.stdout)));
        }
        let theirs = self.text("stderr_3_11_0");
        if output.status.success() && theirs.is_empty() && !stderr.is_empty() {
            return Err(format!("it said {stderr}"));
        }
        // SOPS repeats the exit code of a command there, which says nothing new.
        if !output.status.success() && stderr.is_empty() && arguments[0] != "exec-env" {
            return Err("it failed without a word".to_owned());
        }
        // The report of keys is folded.
        let flat = |text: &str| text.replace("\n      | ", " ").replace('\n', " ");
        match WORDS.iter().find(|word| flat(theirs).contains(**word) && !flat(&stderr).contains(**word)) {
            Some(word) => Err(format!("it did not say \"{word}\": {stderr}")),
            None => Ok(()),
        }
    }
}

#[test]
fn every_vector_holds_as_a_command() {
    let world = World::new();
    copy(&world, "");
    let before = world.snapshot();
    let text = fs::read_to_string(testdata("sops/manifest.json")).expect("the manifest");
    let manifest = values::json(&text);
    let entries = manifest["entries"].as_array().expect("entries").iter().map(|json| Entry { json: json.clone() });
    let (mut wrong, mut count) = (BTreeMap::new(), 0);
    for entry in entries {
        count += 1;
        if let Err(what) = entry.check(&world) {
            wrong.insert(entry.text("id").to_owned(), what);
        }
    }
    let shown: Vec<_> = wrong.iter().map(|(id, what)| format!("== {id}: {what}")).collect();
    assert!(wrong.is_empty(), "{} of {count}\n{}", wrong.len(), shown.join("\n"));
    assert!(count >= 144, "only {count}");
    assert!(world.snapshot() == before, "a file was changed");
}

#[test]
fn what_is_listed_as_other_layout_has_the_same_values() {
    for (id, _) in OTHER_LAYOUT {
        let read = |folder: &str, name: &str| fs::read_to_string(testdata("sops").join(folder).join(name)).expect(id);
        let suffix = if id.ends_with("json") { "json" } else { "yaml" };
        let (ours, theirs) = (read("ours", id), read("expected", &format!("{id}.{suffix}")));
        assert_ne!(ours, theirs, "{id}");
        // Behind a line break of YAML 1.1 stands indentation.
        let theirs = theirs.replace("\u{2028}    ", "\u{2028}");
        assert_eq!(values::yaml(&ours), values::yaml(&theirs), "{id}");
    }
}

/// Copies a folder of the vectors into the work folder.
fn copy(world: &World, folder: &str) {
    for entry in fs::read_dir(testdata("sops").join(folder)).expect("a folder") {
        let entry = entry.expect("an entry");
        let name = format!("{folder}{}", entry.file_name().to_str().expect("UTF-8"));
        if entry.path().is_dir() {
            copy(world, &format!("{name}/"));
        } else {
            world.file(&name, fs::read(entry.path()).expect("readable"));
        }
    }
}
