//! What killed runs left behind, and plaintext that was kept.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::repository::Seen;
use super::{Finding, some};
use crate::cli::{io, private_dir};

pub(super) fn check(seen: &Seen) -> Vec<Finding> {
    const CHECK: &str = "leftovers";
    let mut findings = Vec::new();
    let folders: BTreeSet<PathBuf> = seen.files.iter().filter_map(|file| Some(file.path.parent()?.into())).collect();
    let here = |folder: &PathBuf| if folder.as_os_str().is_empty() { ".".into() } else { folder.clone() };
    let temps = shown(folders.iter().flat_map(|folder| io::leftovers(&here(folder))));
    if !temps.is_empty() {
        let what = format!("temp files of runs that were killed, which may hold plaintext: {}", some(&temps));
        findings.push(Finding::warning(CHECK, what).hint("the next run that writes into these folders removes them"));
    }
    let left = shown(private_dir::leftovers());
    if !left.is_empty() {
        let what = format!("plaintext of runs that were killed: {}", some(&left));
        findings.push(Finding::failed(CHECK, what).hint("the next `sops-rs edit` wipes it, or remove it"));
    }
    let kept = shown(private_dir::kept());
    if !kept.is_empty() {
        let what = format!("plaintext that you chose to keep: {}", some(&kept));
        findings.push(Finding::warning(CHECK, what).hint("remove it when you do not need it any more"));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(CHECK, "none"));
    }
    findings
}

fn shown(paths: impl Iterator<Item = PathBuf>) -> Vec<String> {
    paths.map(|path| path.display().to_string()).collect()
}
