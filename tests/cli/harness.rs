//! A world for one test: a home, a work folder, an empty environment; and runs of the program in it.
#![expect(clippy::disallowed_methods, reason = "tests write their inputs, in temporary folders")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// The program.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_sops-rs");
/// The recipient of [`World::identity`].
pub(crate) const ME: &str = "age1a7ff2kfnj70rrs077vgzk2gerld26pm0ak877jtav9d9xezqfdnses37gs";
/// Its identity file.
pub(crate) const MY_FILE: &str = include_str!("../../testdata/keys/x25519.txt");
/// Somebody else's recipient.
pub(crate) const STRANGER: &str = "age13hspa0g3q30ztfvtl2afsgdul5hgv32wlxr5kjvcrps8qqdu4scqglpx25";
/// The stranger's identity file.
pub(crate) const STRANGER_FILE: &str = include_str!("../../testdata/keys/stranger.txt");
/// The recipient of the plugin in `tests/plugin`.
pub(crate) const MIRROR: &str = "age1mirror18cedd3";
/// A fake secret: it stands in inputs, and no failing run may say it.
pub(crate) const CANARY: &str = "canary-7f3a91";

/// Where a test happens.
pub(crate) struct World {
    folder: TempDir,
}

impl World {
    /// An empty home and an empty work folder.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::create_dir(folder.path().join("home")).expect("a home");
        fs::create_dir(folder.path().join("work")).expect("a work folder");
        Self { folder }
    }

    /// A world with an identity and a config that encrypts every file to it.
    pub(crate) fn ready() -> Self {
        let world = Self::new();
        world.identity();
        world.config("  - files: [\"**\"]\n    recipients: [me]\n");
        world
    }

    /// Puts an identity where the program keeps its own.
    pub(crate) fn identity(&self) {
        self.home_file(".config/sops-rs/keys.txt", MY_FILE);
    }

    /// Writes the config with these rules.
    pub(crate) fn config(&self, rules: &str) {
        let text = format!("version: 1\nrecipients:\n  me: {ME}\n  stranger: {STRANGER}\nrules:\n{rules}");
        self.file(".sops-rs.yaml", text);
    }

    /// A path in the work folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("work").join(name)
    }

    /// A path in the home folder.
    pub(crate) fn home(&self, name: &str) -> PathBuf {
        self.folder.path().join("home").join(name)
    }

    /// Writes a file in the work folder.
    pub(crate) fn file(&self, name: &str, text: impl AsRef<[u8]>) {
        put(&self.path(name), text.as_ref());
    }

    /// Writes a file in the home folder.
    pub(crate) fn home_file(&self, name: &str, text: impl AsRef<[u8]>) {
        put(&self.home(name), text.as_ref());
    }

    /// Writes an encrypted file in the work folder.
    pub(crate) fn encrypted(&self, name: &str, text: impl AsRef<[u8]>) {
        self.file(name, text);
        let output = self.run(&["encrypt", "-i", "-r", ME, name]).output();
        assert!(output.status.success(), "{output:?}");
    }

    /// Writes a file in the work folder that is encrypted as its rule says.
    #[track_caller]
    pub(crate) fn encrypted_by_rule(&self, name: &str, text: impl AsRef<[u8]>) {
        self.file(name, text);
        let output = self.run(&["encrypt", "-i", name]).output();
        assert!(output.status.success(), "{output:?}");
    }

    /// Writes a file in the work folder that is encrypted in the dialect of SOPS, to [`World::identity`].
    pub(crate) fn of_sops(&self, name: &str, text: impl AsRef<[u8]>) {
        self.file(name, text);
        self.home_file("rules.yaml", format!("creation_rules:\n  - age: {ME}\n"));
        let config = self.home("rules.yaml").display().to_string();
        let output = self.run(&["encrypt", "-i", "--config", &config, name]).output();
        assert!(output.status.success(), "{output:?}");
    }

    /// Reads a file of the work folder.
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("`{name}`: {error}"))
    }

    /// The mode of a file of the work folder.
    pub(crate) fn mode(&self, name: &str) -> u32 {
        fs::metadata(self.path(name)).expect("there").permissions().mode() & 0o7777
    }

    /// Sets the mode of a file of the work folder.
    pub(crate) fn chmod(&self, name: &str, mode: u32) {
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(mode)).expect("set");
    }

    /// Everything in both folders: content and mode of each file, by name.
    pub(crate) fn snapshot(&self) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
        let mut found = BTreeMap::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                let metadata = fs::symlink_metadata(&path).expect("there");
                let content = if metadata.is_file() { fs::read(&path).expect("readable") } else { Vec::new() };
                if metadata.is_dir() {
                    folders.push(path.clone());
                }
                found.insert(path, (metadata.permissions().mode(), content));
            }
        }
        found
    }

    /// The program with these arguments.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run<'_> {
        let mut run = self.command(PROGRAM);
        run.command.args(arguments);
        run
    }

    /// A line for the shell, in which `sops-rs` is the program.
    pub(crate) fn shell(&self, line: &str) -> Run<'_> {
        let folder = Path::new(PROGRAM).parent().expect("a folder").display();
        let mut run = self.command("/bin/sh");
        run.command.args(["-c", line]).env("PATH", format!("{folder}:/usr/local/bin:/usr/bin:/bin"));
        run
    }

    /// Any program.
    pub(crate) fn command(&self, program: &str) -> Run<'_> {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("HOME", self.home(""))
            .env("XDG_CONFIG_HOME", self.home(".config"))
            .current_dir(self.path(""))
            .stdin(Stdio::null());
        Run { world: self, command, input: Vec::new() }
    }

    /// Runs git in the work folder, which must succeed; gives what it prints. The clock stands at noon of 2026-01-01, and a
    /// minute later for each commit.
    #[track_caller]
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let output = self.git_run(arguments).output();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8").trim_end().to_owned()
    }

    /// git in the work folder, as [`World::git`] runs it. `sops-rs` is on its path, for hooks and drivers.
    pub(crate) fn git_run(&self, arguments: &[&str]) -> Run<'_> {
        let mut run = self.command("git");
        let folder = Path::new(PROGRAM).parent().expect("a folder").display();
        let minutes = fs::read_to_string(self.home("commits")).map_or(0, |marks| marks.len());
        if matches!(arguments.first(), Some(&("commit" | "merge" | "cherry-pick" | "revert" | "rebase" | "stash"))) {
            fs::write(self.home("commits"), ".".repeat(minutes + 1)).expect("written");
        }
        let date = format!("{} +0000", 1_767_268_800 + 60 * minutes);
        run.command.args(arguments).env("PATH", format!("{folder}:/usr/local/bin:/usr/bin:/bin"));
        run.command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_ATTR_NOSYSTEM", "1");
        run.command.env("GIT_TERMINAL_PROMPT", "0").env("GIT_EDITOR", "true");
        for role in ["AUTHOR", "COMMITTER"] {
            run.command.env(format!("GIT_{role}_NAME"), "Ann").env(format!("GIT_{role}_EMAIL"), "ann@example.com");
            run.command.env(format!("GIT_{role}_DATE"), &date);
        }
        run
    }

    /// Makes the work folder a repository, on the branch `main`.
    pub(crate) fn repository(&self) {
        self.git(&["init", "--quiet", "-b", "main"]);
    }

    /// Commits everything in the work folder; gives the commit.
    #[track_caller]
    pub(crate) fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// `text` without what differs from run to run.
    pub(crate) fn normalised(&self, text: &str) -> String {
        let text = text.replace(&format!("{}/", self.folder.path().display()), "[root]/");
        let text = replaced(&text, "ENC[AES256_GCM,", |rest| rest.find(']').map(|end| end + 1), "ENC[…]");
        let text = replaced(&text, "ENC[1:", |rest| rest.find(']').map(|end| end + 1), "ENC[…]");
        let word = |rest: &str| rest.find(|c: char| !c.is_ascii_alphanumeric());
        let text = replaced(&text, "AGE-SECRET-KEY-1", |rest| word(rest).filter(|&end| end > 50), "AGE-SECRET-KEY-…");
        let text = text.replace(ME, "{ME}").replace(STRANGER, "{STRANGER}");
        replaced(&text, "age1", |rest| word(rest).filter(|&end| end > 50), "age1…")
    }
}

/// Replaces `start` and what belongs to it, whose length `end` tells.
fn replaced(text: &str, start: &str, end: impl Fn(&str) -> Option<usize>, by: &str) -> String {
    let mut parts = text.split(start);
    let mut result = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match end(part) {
            Some(end) => result.extend([by, &part[end..]]),
            None => result.extend([start, part]),
        }
    }
    result
}

fn put(path: &Path, text: &[u8]) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    fs::write(path, text).expect("written");
}

/// A run to be.
pub(crate) struct Run<'w> {
    world: &'w World,
    /// For what the methods here do not cover.
    pub(crate) command: Command,
    input: Vec<u8>,
}

impl Run<'_> {
    /// Sets a variable.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// What the program reads from standard input.
    pub(crate) fn stdin(mut self, text: impl AsRef<[u8]>) -> Self {
        self.input = text.as_ref().to_owned();
        self.command.stdin(Stdio::piped());
        self
    }

    /// Runs in another folder, below the work folder.
    pub(crate) fn within(mut self, folder: &str) -> Self {
        self.command.current_dir(self.world.path(folder));
        self
    }

    /// Runs it, whatever comes of it.
    pub(crate) fn output(mut self) -> Output {
        let mut child = self.command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        if let Some(mut stdin) = child.stdin.take() {
            // A program that refuses its arguments does not read.
            let _ = stdin.write_all(&self.input);
        }
        child.wait_with_output().expect("the program ends")
    }

    /// Runs it: it must succeed and say exactly this.
    #[track_caller]
    pub(crate) fn gives(self, stdout: &str, stderr: &str) {
        self.ends(0, stdout, stderr);
    }

    /// Runs it: it must fail, print nothing, say exactly this, change no file, and give no secret away.
    #[track_caller]
    pub(crate) fn fails(self, code: i32, stderr: &str) {
        let world = self.world;
        let before = world.snapshot();
        self.ends(code, "", stderr);
        let after = world.snapshot();
        let changed: Vec<_> = before
            .iter()
            .filter(|(path, content)| after.get(*path) != Some(content))
            .map(|(path, _)| path)
            .chain(after.keys().filter(|path| !before.contains_key(*path)))
            .collect();
        assert!(changed.is_empty(), "a failing command changed {changed:?}");
    }

    /// Runs it: it must end with this code and say exactly this.
    #[track_caller]
    pub(crate) fn ends(self, code: i32, stdout: &str, stderr: &str) {
        let world = self.world;
        let output = self.output();
        let said = String::from_utf8(output.stderr).expect("UTF-8");
        let printed = String::from_utf8(output.stdout).expect("UTF-8");
        assert_eq!(world.normalised(&said), stderr, "standard error");
        assert_eq!(world.normalised(&printed), stdout, "standard output");
        assert_eq!(output.status.code(), Some(code), "exit code");
        assert!(code == 0 || !(said + &printed).contains(CANARY), "a secret was told");
    }
}
