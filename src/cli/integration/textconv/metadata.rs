//! What git's diff shows of the metadata of a file: what a reviewer wants to know, each in a line of its own.

use std::fmt::Write as _;

use sops_rs::file::any::{self, Metadata, SectionReaders};

use crate::cli::terminal::escape;

/// Longer recipients are shortened.
const SHOWN: usize = 100;

/// Appends the lines. What changes with every edit (links, MACs, times, wrapped keys) is not among them.
pub(super) fn write(metadata: &Metadata, out: &mut String) {
    // Writing to a string does not fail.
    let _ = match metadata {
        Metadata::Native(native) => {
            let policy = &native.policy;
            let globs = |globs: &[sops_rs::select::PathGlob]| {
                let globs: Vec<_> = globs.iter().map(|glob| format!("`{}`", escape(glob.as_str()))).collect();
                if globs.is_empty() { "nothing".to_owned() } else { globs.join(", ") }
            };
            writeln!(out, "# sops-rs: encrypt {}", globs(&policy.selection.encrypt))
                .and_then(|()| writeln!(out, "# sops-rs: clear {}", globs(&policy.selection.clear)))
                .and_then(|()| writeln!(out, "# sops-rs: comments {}", policy.comments.as_str()))
                .and_then(|()| writeln!(out, "# sops-rs: clear values {}", policy.clear_values.as_str()))
        }
        Metadata::Sops(sops, _) => {
            let rule = sops.rule.as_ref().map(|rule| rule.parts());
            let (name, text) = rule.unwrap_or(("no selector", ""));
            let scope = if sops.mac_only_encrypted { "encrypted values" } else { "all values" };
            writeln!(out, "# sops: {name} {}", escape(text))
                .and_then(|()| writeln!(out, "# sops: the MAC is over {scope}"))
        }
    };
    let sections = metadata.sections();
    let is_one = sections.len() == 1;
    for (number, section) in sections.iter().enumerate() {
        let key = match metadata {
            Metadata::Native(native) => Some(any::fingerprint(&native.sections[number].key_id)),
            Metadata::Sops(..) => None,
        };
        write_section(section, key, is_one, out);
    }
    if let Metadata::Native(native) = metadata {
        for proposal in &native.proposals {
            let age_file = any::fingerprint(&proposal.age_file);
            let _ = writeln!(out, "# sops-rs: proposal for `{}`, {age_file}", escape(&proposal.path));
        }
    }
}

fn write_section(section: &SectionReaders, key: Option<String>, is_one: bool, out: &mut String) {
    let program = if key.is_some() { "sops-rs" } else { "sops" };
    let place = if is_one { String::new() } else { format!(" of section {}", escape(&section.name)) };
    if let Some(key) = key {
        let _ = writeln!(out, "# {program}: data key{place} {key}");
    }
    if !section.paths.is_empty() {
        let _ = writeln!(out, "# {program}: paths{place} {}", escape(&section.paths.join(", ")));
    }
    if let Some(threshold) = section.threshold {
        let _ = writeln!(out, "# {program}: key groups needed{place} {threshold}");
    }
    for reader in &section.readers {
        let group = reader.group.map_or_else(String::new, |number| format!(" in key group {number}"));
        let name = escape(&reader.name);
        let _ = writeln!(out, "# {program}: reader{place}{group} {name} {}", recipient(&reader.recipient));
    }
}

/// A recipient in full, or, when it is very long, so that no other one looks the same.
fn recipient(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        None => escape(text),
        Some((end, _)) => format!("{}…{}", escape(&text[..end / 2]), any::fingerprint(text.as_bytes())),
    }
}
