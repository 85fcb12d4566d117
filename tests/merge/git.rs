//! Real git: many three-way merges in a bare repository, without a work tree.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use tempfile::TempDir;

/// One version of everything that is merged: file names and contents.
pub(crate) type Files = Vec<(&'static str, String)>;

/// A base and the two sides that began with it.
pub(crate) struct Versions {
    pub(crate) base: Files,
    pub(crate) ours: Files,
    pub(crate) theirs: Files,
}

/// What git made of one file: its merged text, or none when there were conflicts.
pub(crate) type Merged = Vec<Option<String>>;

/// Merges each of `pairs` with `git merge-tree`, the machinery behind `git merge`. The results have the files in the
/// order of the bases.
pub(crate) fn merge_all(pairs: &[&Versions]) -> Vec<Merged> {
    let folder = TempDir::new().expect("a temporary folder");
    let repository = folder.path();
    run(git(repository, &["init", "--quiet", "--bare", "."]), Vec::new());
    run(git(repository, &["fast-import", "--quiet"]), history(pairs));
    let commits: String =
        (0..pairs.len()).map(|number| format!("refs/heads/a{number} refs/heads/b{number}\n")).collect();
    let arguments = ["merge-tree", "--write-tree", "--stdin", "--name-only", "--no-messages", "-z"];
    let output = run(git(repository, &arguments), commits.into_bytes());
    let trees = read_trees(&output);
    assert_eq!(trees.len(), pairs.len(), "one merge for each pair");
    let mut names = String::new();
    for ((tree, _), pair) in trees.iter().zip(pairs) {
        pair.base.iter().for_each(|(name, _)| names += &format!("{tree}:{name}\n"));
    }
    let output = run(git(repository, &["cat-file", "--batch"]), names.into_bytes());
    let mut reader = BufReader::new(&output[..]);
    let merged = trees.iter().zip(pairs).map(|((_, conflicts), pair)| {
        let mut texts = pair.base.iter().map(|(name, _)| (*name, read_blob(&mut reader)));
        texts
            .by_ref()
            .map(|(name, text)| (!conflicts.iter().any(|conflict| conflict == name)).then_some(text))
            .collect()
    });
    merged.collect()
}

/// Git with no configuration but its own defaults.
fn git(repository: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(repository).args(arguments);
    // Set when the tests run from a git hook.
    for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_WORK_TREE"] {
        command.env_remove(name);
    }
    for name in ["GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS", "GIT_CONFIG_SYSTEM"] {
        command.env_remove(name);
    }
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_ATTR_NOSYSTEM", "1");
    for role in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{role}_NAME"), "test").env(format!("GIT_{role}_EMAIL"), "test@example.com");
    }
    command
}

/// Runs `command` with `input` and gives its output.
fn run(mut command: Command, input: Vec<u8>) -> Vec<u8> {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("git is installed, 2.40 or later");
    let mut stdin = child.stdin.take().expect("a pipe");
    // Writing and reading at once: both pipes may be full.
    let writer = thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().expect("git runs");
    // `merge-tree --stdin` gives 0 with and without conflicts.
    assert!(output.status.success(), "{command:?}: {}", output.status);
    writer.join().expect("the writer does not panic").expect("git reads its input");
    output.stdout
}

/// The input of `git fast-import`: for each pair a base and two commits on it.
fn history(pairs: &[&Versions]) -> Vec<u8> {
    let mut out = String::new();
    for (number, Versions { base, ours, theirs }) in pairs.iter().enumerate() {
        let mark = number + 1;
        for (branch, files) in [("o", base), ("a", ours), ("b", theirs)] {
            out += &format!("commit refs/heads/{branch}{number}\n");
            if branch == "o" {
                out += &format!("mark :{mark}\n");
            }
            out += "committer test <test@example.com> 1700000000 +0000\ndata 0\n";
            if branch != "o" {
                out += &format!("from :{mark}\n");
            }
            for (name, text) in files {
                out += &format!("M 644 inline {name}\ndata {}\n{text}\n", text.len());
            }
        }
    }
    out.into_bytes()
}

/// The output of `merge-tree --stdin -z`: for each merge a status, a tree, the names with conflicts, and an empty field.
fn read_trees(output: &[u8]) -> Vec<(String, Vec<String>)> {
    let text = std::str::from_utf8(output).expect("names are ASCII");
    let mut fields = text.split('\0');
    let mut trees = Vec::new();
    while let (Some(_status), Some(tree)) = (fields.next(), fields.next()) {
        let conflicts = fields.by_ref().take_while(|name| !name.is_empty()).map(str::to_owned).collect();
        trees.push((tree.to_owned(), conflicts));
    }
    trees
}

fn read_blob(reader: &mut impl BufRead) -> String {
    let mut header = String::new();
    reader.read_line(&mut header).expect("a header");
    let len = header.trim_end().rsplit(' ').next().and_then(|len| len.parse().ok());
    let mut text = vec![0; len.unwrap_or_else(|| panic!("a blob, not: {header}"))];
    reader.read_exact(&mut text).expect("the blob");
    reader.read_exact(&mut [0]).expect("a line break");
    String::from_utf8(text).expect("text")
}
