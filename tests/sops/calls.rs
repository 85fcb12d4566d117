//! The calls of real clients, replayed: `testdata/sops-calls/calls.txt` lists them, `expected.json` what the real SOPS did.
//!
//! `SOPS_RS_TEST_ORACLE=1 SOPS_RS_RECORD=1` writes `expected.json` anew.
#![expect(clippy::disallowed_methods, reason = "an opt-in run says what it was asked to do, and records")]

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::Stdio;

use serde_json::{Map, Value as Json, json};

use crate::harness::World;
use crate::product::product;
use crate::program::{A, Sops, is_oracle, testdata};
use crate::values;

/// A line of the list.
struct Call {
    line: String,
    arguments: Vec<String>,
    stdin: String,
    code: i32,
    /// The other settings, name by name.
    settings: Vec<(String, String)>,
}

/// Where our bytes are others than SOPS's, and the values are the same: the line endings of the encrypted file stay.
const OTHER_LAYOUT: &[&str] = &["some-secrets.windows.yaml"];

/// What clients look for in a failure.
const WORDS: &[&str] = &[
    "sops metadata not found",
    "Failed to get the data key required to decrypt the SOPS file.",
    "File has not changed, exiting.",
    "no matching creation rules found",
];

#[test]
fn what_clients_call_does_what_sops_does() {
    let path = testdata("sops-calls/expected.json");
    let calls = calls();
    if is_oracle() && std::env::var_os("SOPS_RS_RECORD").is_some() {
        let results: Map<_, _> = calls.iter().map(|call| (call.line.clone(), call.record())).collect();
        let text = serde_json::to_string_pretty(&results).expect("JSON");
        fs::write(&path, text + "\n").expect("recorded");
    }
    let expected = values::json(&fs::read_to_string(&path).expect("the record"));
    let mut wrong = BTreeMap::new();
    for call in &calls {
        let (result, expected) = (call.run(), &expected[&call.line]);
        assert_eq!(expected["code"], call.code, "{}", call.line);
        if !call.is_same(&result, expected) {
            wrong.insert(&call.line, format!("expected {expected:#}\nbut it is {result:#}"));
        }
    }
    let shown: Vec<_> = wrong.iter().map(|(line, what)| format!("== {line}\n{what}")).collect();
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), calls.len(), shown.join("\n"));
    assert!(calls.len() >= 160, "only {}", calls.len());
}

fn calls() -> Vec<Call> {
    let text = fs::read_to_string(testdata("sops-calls/calls.txt")).expect("the list");
    text.lines().filter(|line| line.starts_with("sops ")).map(Call::parse).collect()
}

impl Call {
    fn parse(line: &str) -> Self {
        let (arguments, settings) = line.split_once("  # ").expect("settings");
        let mut settings: Vec<_> = words(settings)
            .iter()
            .map(|word| word.split_once('=').expect("a name"))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let mut take = |name: &str| {
            let at = settings.iter().position(|(found, _)| found == name).expect("given");
            settings.remove(at).1
        };
        let (stdin, code) = (take("stdin"), take("rc").parse().expect("a number"));
        Self { line: line.to_owned(), arguments: words(arguments)[1..].to_vec(), stdin, code, settings }
    }

    /// The values of a setting.
    fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.settings.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// Runs it in a world of its own, and tells what came of it.
    fn run(&self) -> Json {
        let world = World::new();
        let placed = |name: &str| match name {
            "TMP" => world.home("tmp8k2q"),
            _ => match name.strip_prefix("DIR/") {
                Some(name) => world.home("dir").join(name),
                None => world.path(name),
            },
        };
        let config = self.all("config").next().unwrap_or("rules.yaml");
        let config = (config != "none").then_some((".sops.yaml", config));
        for (name, file) in self.all("with").map(|value| value.rsplit_once(':').expect("a file")).chain(config) {
            let path = placed(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::copy(testdata("sops-calls/files").join(file), path).expect("copied");
        }
        for (name, target) in self.all("link").filter_map(|value| value.split_once(':')) {
            symlink(target, world.path(name)).expect("a link");
        }
        let before = files(&world);
        let arguments = self.arguments.iter().map(|argument| match argument.as_str() {
            "TMP" => placed("TMP").display().to_string(),
            "AGE1" => A.to_owned(),
            name if name.starts_with("DIR/") => placed(name).display().to_string(),
            other => other.to_owned(),
        });
        let arguments: Vec<_> = arguments.collect();
        let mut run = world.sops(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        // The program asks nobody for a newer version of itself.
        run = run.env("SOPS_DISABLE_VERSION_CHECK", "true");
        for (name, value) in self.settings.iter().filter(|(name, _)| name.starts_with(|c: char| c.is_ascii_uppercase()))
        {
            run = run.env(name, value.replace("KEYS", testdata("sops/keys").to_str().expect("UTF-8")));
        }
        let input =
            self.all("input").next().map(|file| fs::read(testdata("sops-calls/files").join(file)).expect("a file"));
        match self.stdin.as_str() {
            "pipe" => run = run.stdin(input.unwrap_or_default()),
            "socket" => drop(run.command.stdin(socket(&input.unwrap_or_default()))),
            _ => {}
        }
        let output = run.output();
        let changed: Map<_, _> = files(&world)
            .into_iter()
            .filter(|(path, bytes)| before.get(path) != Some(bytes))
            .map(|(path, bytes)| (path, product(&world, &bytes)))
            .collect();
        let stderr = String::from_utf8_lossy(&output.stderr);
        json!({
            "code": output.status.code(),
            "stdout": if self.is_about_itself() { json!({}) } else { product(&world, &output.stdout) },
            "is_silent": stderr.is_empty(),
            "stderr": if output.status.success() { "" } else { &stderr },
            "changed": changed,
        })
    }

    /// What came of it, for later runs: of a failure the first line, since others name folders of this one.
    fn record(&self) -> Json {
        let mut result = self.run();
        let line = result["stderr"].as_str().and_then(|text| text.lines().next()).unwrap_or_default().to_owned();
        result["stderr"] = Json::from(line);
        result
    }

    /// Whether it prints the program's help or version, which differ.
    fn is_about_itself(&self) -> bool {
        ["--help", "--version", "-v"].iter().any(|flag| self.arguments.iter().any(|argument| argument == flag))
    }

    fn is_same(&self, result: &Json, expected: &Json) -> bool {
        let has_other_layout = OTHER_LAYOUT.iter().any(|name| self.line.contains(name));
        // On success nothing is said, but for what `updatekeys` tells the user.
        let is_silent = self.code != 0 || result["is_silent"] == true || expected["is_silent"] == false;
        let is_same_text = |result: &Json, expected: &Json| match (result["text"].as_str(), expected["text"].as_str()) {
            (Some(result), Some(expected)) if has_other_layout => values::yaml(result) == values::yaml(expected),
            _ => is_same_in_order(result, expected),
        };
        let says = |word: &str| {
            let [ours, theirs] = [result, expected].map(|of| of["stderr"].as_str().unwrap_or_default().contains(word));
            !theirs || ours
        };
        result["code"] == expected["code"]
            && is_silent
            && is_same_text(&result["stdout"], &expected["stdout"])
            && is_same_in_order(&result["changed"], &expected["changed"])
            && WORDS.iter().all(|word| says(word))
    }
}

/// Whether two values are the same, and so is the order of their keys.
fn is_same_in_order(left: &Json, right: &Json) -> bool {
    let [left, right] = [left, right].map(|value| serde_json::to_string(value).expect("JSON"));
    left == right
}

/// The files of a world and their content; links are followed.
fn files(world: &World) -> BTreeMap<String, Vec<u8>> {
    let roots = [("", world.path("")), ("HOME/", world.home(""))];
    let mut found = BTreeMap::new();
    for (prefix, root) in roots {
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).expect("a folder") {
                let path: PathBuf = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let name = path.strip_prefix(&root).expect("below").display().to_string();
                found.insert(format!("{prefix}{name}"), fs::read(&path).expect("readable"));
            }
        }
    }
    found
}

/// A socket from which these bytes come.
fn socket(input: &[u8]) -> Stdio {
    let (mut near, far) = UnixStream::pair().expect("a socket");
    near.write_all(input).expect("taken");
    near.shutdown(Shutdown::Write).expect("closed");
    Stdio::from(OwnedFd::from(far))
}

/// The words of a line, quoted with backslashes as a shell's `printf %q` does.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut is_escaped) = (Vec::new(), String::new(), false);
    for c in line.chars() {
        match c {
            '\\' if !is_escaped => {
                is_escaped = true;
                continue;
            }
            ' ' if !is_escaped => words.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty())),
            c => word.push(c),
        }
        is_escaped = false;
    }
    words.push(word);
    words
}

#[test]
fn the_version_is_found_where_clients_look() {
    for arguments in [&["--version", "--disable-version-check"][..], &["--disable-version-check", "-v"]] {
        let output = World::new().sops(arguments).output();
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        let rest = text.strip_prefix("sops ").unwrap_or_else(|| panic!("{text:?}"));
        let end = rest.find(|c: char| c != '.' && !c.is_ascii_digit()).expect("more than digits");
        let parts: Vec<_> = rest[..end].split('.').collect();
        assert!(parts.len() == 3 && parts.iter().all(|part| !part.is_empty()), "{text:?}");
        assert!(output.status.success() && output.stderr.is_empty(), "{text:?}");
    }
}

#[test]
fn every_fixture_is_used() {
    let list = fs::read_to_string(testdata("sops-calls/calls.txt")).expect("the list");
    for entry in fs::read_dir(testdata("sops-calls/files")).expect("the folder") {
        let name = entry.expect("an entry").file_name();
        let name = OsStr::to_str(&name).expect("UTF-8");
        let is_used = [':', '='].iter().any(|before| list.contains(&format!("{before}{name}")));
        assert!(is_used || name == "rules.yaml", "`{name}` is in no call");
    }
}
