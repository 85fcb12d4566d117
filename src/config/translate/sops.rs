//! From our config to SOPS's.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Translated, checked, native_readers, paths, sops_readers};
use crate::config::sops::SopsConfig;
use crate::config::{Config, Dialect, Rule, node};
use crate::dialect::sops as dialect;
use crate::error::Error;
use crate::keys::{KeyGroups, Recipient};
use crate::select::{ClearValues, CommentPolicy, PathGlob};

/// `.sops.yaml` for our config in `text`. Names become anchors.
///
/// # Errors
/// What [`Config::parse`] says, or one error for each rule that has no counterpart, with its place.
pub fn to_sops(text: &str) -> Result<Translated, Vec<Error>> {
    let config = Config::parse(text).map_err(|error| vec![error])?;
    let anchors = anchors(config.recipients());
    let mut errors = Vec::new();
    let mut notes = Vec::new();
    let mut written = String::new();
    for rule in config.rules() {
        match translate(rule, &anchors, &mut notes) {
            Ok(rule) => written.push_str(&rule),
            Err(what) => errors.push(node::error(rule.position, format!("rule {}: {what}", rule.ordinal))),
        }
    }
    if config.rules().is_empty() {
        errors.push(Error::Config { at: None, what: "it has no `rules`, there is nothing to translate".into() });
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut keys = String::new();
    for (name, recipient) in config.recipients() {
        let anchor = &anchors[name];
        let comment = if anchor == name { String::new() } else { format!(" # {name}") };
        // Writing to a string does not fail.
        let _ = writeln!(keys, "  - &{anchor} {recipient}{comment}");
    }
    let text = format!(
        "# Rules of SOPS: which files are encrypted, and to whom. Made from the rules of sops-rs.\nkeys:\n{keys}\n\
         creation_rules:\n{written}"
    );
    let is_same = SopsConfig::parse(&text).is_ok_and(|made| {
        let made = made.creation_rules().unwrap_or_default();
        made.len() == config.rules().len()
            && made.iter().zip(config.rules()).all(|(made, rule)| sops_readers(made) == Some(native_readers(rule)))
    });
    checked(text, notes, is_same)
}

/// A rule, or why it has no counterpart.
fn translate(rule: &Rule, anchors: &BTreeMap<String, String>, notes: &mut Vec<String>) -> Result<String, String> {
    if let Some(section) = rule.sections.first() {
        return Err(format!("SOPS has no sections, and it has `{}`", section.name));
    }
    let selector = match rule.dialect {
        Dialect::Native => dialect::Rule::of_selection(&rule.selection),
        Dialect::Sops => Some(rule.selector.clone().unwrap_or_default()),
    };
    let selector = selector.ok_or_else(|| {
        let globs: Vec<_> = rule.selection.clear.iter().chain(&rule.selection.encrypt).map(PathGlob::as_str).collect();
        format!("SOPS has no selector for its globs (`{}`): it looks at keys alone, at any depth", globs.join("`, `"))
    })?;
    let at = format!("rule {} (line {})", rule.ordinal, rule.position.line);
    let (name, text) = selector.parts();
    let is_default = selector == dialect::Rule::default();
    let is_native = rule.dialect == Dialect::Native;
    if is_native && selector.selection().as_ref() != Some(&rule.selection) && !is_default {
        notes.push(format!("{at}: `{name}: {text}` encrypts more than its globs, keys count at any depth"));
    }
    if is_native && is_default && rule.selection.clear.is_empty() {
        notes.push(format!("{at}: what has a key that ends in `_unencrypted` is clear for SOPS"));
    }
    match rule.comments {
        CommentPolicy::Clear => {
            notes.push(format!("{at}: `comments: clear` is left out: SOPS encrypts the comments of what it encrypts"))
        }
        CommentPolicy::Encrypt if is_native && name.starts_with("encrypted_") => {
            notes.push(format!("{at}: comments outside of what it encrypts are clear for SOPS"));
        }
        CommentPolicy::Encrypt => {}
    }
    if !rule.require.is_empty() {
        notes.push(format!("{at}: `require` is left out"));
    }
    if rule.rotate_after.is_some() {
        notes.push(format!("{at}: `rotate_after` is left out"));
    }
    let mut written = String::from("  - ");
    if let Some(regex) = paths::regex(&rule.files) {
        let _ = write!(written, "path_regex: {}\n    ", single_quoted(&regex));
    }
    if !is_default {
        let _ = write!(written, "{name}: {}\n    ", single_quoted(text));
    }
    if rule.clear_values == ClearValues::Free || rule.mac_only_encrypted {
        written.push_str("mac_only_encrypted: true\n    ");
    }
    if let Some(groups) = &rule.key_groups {
        let _ = write!(written, "shamir_threshold: {}\n    ", groups.threshold());
    }
    written.push_str("key_groups:\n");
    let one = [rule.recipients.iter().map(|(_, recipient)| recipient.clone()).collect()];
    for group in rule.key_groups.as_ref().map_or(&one[..], KeyGroups::groups) {
        written.push_str("      - age:\n");
        for (name, _) in rule.recipients.iter().filter(|(_, recipient)| group.contains(recipient)) {
            let _ = writeln!(written, "          - *{}", anchors[name]);
        }
    }
    Ok(written)
}

/// An anchor for each name: SOPS's reader takes letters, digits, `_` and `-` alone.
fn anchors(recipients: &BTreeMap<String, Recipient>) -> BTreeMap<String, String> {
    let mut anchors: BTreeMap<String, String> = BTreeMap::new();
    for name in recipients.keys() {
        let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect();
        let mut anchor = plain.clone();
        for number in 2.. {
            if !anchors.values().any(|taken| *taken == anchor) {
                break;
            }
            anchor = format!("{plain}_{number}");
        }
        anchors.insert(name.clone(), anchor);
    }
    anchors
}

fn single_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::{ALICE, BOB, CI};
    use crate::config::translate::{same_readers, to_native};

    fn config(rules: &str) -> String {
        format!(
            "version: 1\nrecipients: {{alice: {ALICE}, bob@x: {BOB}, ci: {CI}}}\ngroups: {{ops: [alice, bob@x]}}\nrules:\n{rules}"
        )
    }

    const RULES: &str = "- {files: [\"prod/**\", \"*.prod.yaml\"], recipients: [ops], preset: kubernetes-secret}\n\
                         - {files: [\"**\"], recipients: [ci], require: [A], comments: clear, clear: [\"**.*_x.**\"]}\n";

    #[test]
    fn a_config_is_translated_and_back() {
        let translated = to_sops(&config(RULES)).expect("a translation");
        let expected = format!(
            "# Rules of SOPS: which files are encrypted, and to whom. Made from the rules of sops-rs.\nkeys:\n  - &alice {ALICE}\n  \
             - &bob_x {BOB} # bob@x\n  - &ci {CI}\n\ncreation_rules:\n  - path_regex: '^prod/|\\.prod\\.yaml(/|$)'\n    \
             encrypted_regex: '^(data|stringData)$'\n    mac_only_encrypted: true\n    key_groups:\n      - age:\n          - *alice\n          \
             - *bob_x\n  - unencrypted_suffix: '_x'\n    key_groups:\n      - age:\n          - *ci\n"
        );
        assert_eq!(translated.text, expected);
        assert_eq!(
            translated.notes,
            [
                "rule 1 (line 5): `encrypted_regex: ^(data|stringData)$` encrypts more than its globs, keys count at any depth",
                "rule 1 (line 5): comments outside of what it encrypts are clear for SOPS",
                "rule 2 (line 6): `comments: clear` is left out: SOPS encrypts the comments of what it encrypts",
                "rule 2 (line 6): `require` is left out"
            ]
        );
        let back = to_native(&translated.text).expect("a translation");
        let (before, after) = (Config::parse(&config(RULES)).expect("ours"), Config::parse(&back.text).expect("ours"));
        assert_eq!(before.recipients(), after.recipients());
        let sops = SopsConfig::parse(&translated.text).expect("theirs");
        for path in ["prod/a/b", "x.prod.yaml", "x/y.prod.yaml/z", "other", "prods/x"] {
            assert_eq!(same_readers(&before, &sops, path), Ok(()), "{path}");
            assert_eq!(same_readers(&after, &sops, path), Ok(()), "{path}");
        }
    }

    #[test]
    fn rules_of_the_sops_dialect_keep_their_selectors() {
        let rule = "- {files: [\"**\"], recipients: [ci], dialect: sops, encrypted_regex: '^[a-z]+$', mac_only_encrypted: true}\n";
        let translated = to_sops(&config(rule)).expect("a translation");
        assert!(
            translated.text.contains("  - encrypted_regex: '^[a-z]+$'\n    mac_only_encrypted: true\n"),
            "{}",
            translated.text
        );
        assert_eq!(translated.notes, [""; 0]);
    }

    #[test]
    fn key_groups_go_both_ways() {
        let rule = "- {files: [\"**\"], key_groups: [[alice, ci], [bob@x]], threshold: 2}\n";
        let translated = to_sops(&config(rule)).expect("a translation");
        let groups = "    shamir_threshold: 2\n    key_groups:\n      - age:\n          - *alice\n          - *ci\n      - age:\n          \
                      - *bob_x\n";
        assert!(translated.text.ends_with(&format!("  - {}", &groups[4..])), "{}", translated.text);
        let back = to_native(&translated.text).expect("a translation").text;
        assert!(back.contains("    key_groups: [[alice, ci], [bob@x]]\n    threshold: 2\n"), "{back}");
    }

    #[test]
    fn what_has_no_counterpart_is_refused_with_its_line() {
        let errors = to_sops(&config(
            "- {files: [a], recipients: [ci], clear: [kind]}\n\
            - {files: [b], recipients: [ci], sections: [{name: s, paths: [a], recipients: [ci]}]}\n",
        ))
        .expect_err("refused");
        let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(
            errors,
            [
                "line 5, column 3: rule 1: SOPS has no selector for its globs (`kind`, `**`): it looks at keys alone, at any depth",
                "line 6, column 3: rule 2: SOPS has no sections, and it has `s`"
            ]
        );
    }

    #[test]
    fn different_readers_are_told() {
        let sops = SopsConfig::parse(&format!("creation_rules: [{{age: {ALICE}}}]")).expect("theirs");
        let ours = Config::parse(&config("- {files: [a], recipients: [ci]}\n")).expect("ours");
        assert_eq!(same_readers(&ours, &sops, "a"), Err((CI.to_owned(), ALICE.to_owned())));
        assert_eq!(same_readers(&ours, &sops, "b"), Err(("no rule".to_owned(), ALICE.to_owned())));
    }
}
