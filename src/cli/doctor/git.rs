//! Git: is there a repository, and does it keep encrypted files and identities as they ought to be?

use std::path::{Path, PathBuf};

use super::repository::Seen;
use super::{Finding, some};
use crate::cli::{discover, git, io};

const CHECK: &str = "git";

/// How many files are named to git at a time.
const BATCH: usize = 500;

pub(super) fn check(seen: &Seen, identities: &[PathBuf]) -> Vec<Finding> {
    let here = Path::new(".");
    let Some(version) = git::ask(here, &["--version"]) else {
        return vec![Finding::warning(CHECK, "git is not installed").hint("secrets are kept in git; install it")];
    };
    if git::ask(here, &["rev-parse", "--is-inside-work-tree"]).is_none_or(|answer| answer.trim_ascii() != b"true") {
        return vec![Finding::warning(CHECK, "this folder is in no git repository").hint("git init")];
    }
    let mut findings: Vec<_> = identities.iter().filter_map(|file| exposed(file, seen)).collect();
    let changed: Vec<_> = converted(&seen.encrypted).iter().map(|file| file.display().to_string()).collect();
    if !changed.is_empty() {
        let what = format!("git changes the line endings of encrypted files: {}", some(&changed));
        let finding = Finding::warning(CHECK, what);
        findings.push(finding.hint(
            "their values would not be what was encrypted; in .gitattributes, say for example: *.enc.yaml -text",
        ));
    }
    if findings.is_empty() {
        let version = String::from_utf8_lossy(&version).trim().to_owned();
        findings.push(Finding::ok(CHECK, version));
    }
    findings
}

/// An identity that git tracks, or would add.
fn exposed(identity: &Path, seen: &Seen) -> Option<Finding> {
    let path = std::fs::canonicalize(identity).ok()?;
    let is_it = |file: &Path| std::fs::canonicalize(file).is_ok_and(|file| file == path);
    let name = path.file_name()?;
    let listed = seen.files.iter().filter(|file| !file.ignored && file.path.file_name() == Some(name));
    listed.map(|file| &file.path).find(|file| is_it(file)).map(|file| {
        let what = format!("`{}` holds an identity, and git does not ignore it", file.display());
        Finding::failed(CHECK, what).hint("move it out of the repository; if it was ever committed, make a new one")
    })
}

/// The files whose line endings git changes on the way in or out (gitattributes(5), "End-of-line conversion").
fn converted(files: &[PathBuf]) -> Vec<PathBuf> {
    let setting = git::ask(Path::new("."), &["config", "core.autocrlf"]).unwrap_or_default();
    let autocrlf = String::from_utf8_lossy(setting.trim_ascii()).to_ascii_lowercase();
    let mut found = Vec::new();
    for batch in files.chunks(BATCH) {
        for (file, (text, eol)) in batch.iter().zip(attributes(batch)) {
            if text == "unset" {
                continue;
            }
            let is_text = matches!(text.as_str(), "set" | "auto") || eol != "unspecified" || autocrlf == "true";
            let to_crlf = eol == "crlf" || eol == "unspecified" && autocrlf == "true";
            let to_lf = is_text || autocrlf == "input";
            if to_crlf || to_lf && has_crlf(file) {
                found.push(file.clone());
            }
        }
    }
    found
}

/// The attributes `text` and `eol` of each file.
fn attributes(files: &[PathBuf]) -> Vec<(String, String)> {
    let unknown = || vec![("unset".to_owned(), String::new()); files.len()];
    let names: Option<Vec<String>> =
        files.iter().map(|file| discover::absolute(file).ok()?.to_str().map(str::to_owned)).collect();
    let Some(names) = names else { return unknown() };
    let mut arguments = vec!["check-attr", "-z", "text", "eol", "--"];
    arguments.extend(names.iter().map(String::as_str));
    let Some(output) = git::ask(Path::new("."), &arguments) else { return unknown() };
    // Name, attribute, value; each with a NUL behind it.
    let words: Vec<_> = output.split(|&byte| byte == 0).map(String::from_utf8_lossy).collect();
    let pairs = words.chunks_exact(6).map(|words| (words[2].clone().into_owned(), words[5].clone().into_owned()));
    pairs.collect()
}

fn has_crlf(file: &Path) -> bool {
    let bytes = io::read(file, sops_rs::document::MAX_ENCRYPTED_LEN);
    bytes.is_ok_and(|bytes| bytes.windows(2).any(|pair| pair == b"\r\n"))
}
