//! From SOPS's config to ours.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::{Translated, checked, native_readers, paths, recipient, sops_readers};
use crate::config::sops::{CreationRule, Key, SopsConfig};
use crate::config::template::spelled;
use crate::config::{Config, FileGlob, is_name, node};
use crate::dialect::sops as dialect;
use crate::error::Error;
use crate::keys::Recipient;
use crate::select::{PathGlob, Selection};

/// `.sops-rs.yaml` for the config of SOPS in `text`. Recipients are called after their anchors there, after the comments
/// behind them, or after those of ssh keys.
///
/// # Errors
/// What [`SopsConfig::parse`] says, or one error for each rule that has no counterpart, with its place.
pub fn to_native(text: &str) -> Result<Translated, Vec<Error>> {
    let config = SopsConfig::parse(text).map_err(|error| vec![error])?;
    let rules = config.creation_rules().unwrap_or_default();
    let mut names = Names::default();
    let mut errors = Vec::new();
    let mut written = String::new();
    let mut notes = Vec::new();
    let mut last = None;
    let mut left_out = 0;
    for rule in rules {
        if let Some(line) = last {
            notes.push(format!("rule {} is left out: the one on line {line} matches every file", rule.ordinal));
            left_out += 1;
            continue;
        }
        match translate(rule, text, &mut names) {
            Ok(rule) => written.push_str(&rule),
            Err(what) => {
                let number = format!("rule {}", rule.ordinal);
                let what = if what.starts_with(&number) { what } else { format!("{number}: {what}") };
                errors.push(node::error(rule.position, what));
            }
        }
        last = rule.path_regex.pattern.is_none().then_some(rule.position.line);
    }
    if rules.is_empty() {
        errors
            .push(Error::Config { at: None, what: "it has no `creation_rules`, there is nothing to translate".into() });
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    if config.has_destination_rules() {
        notes.push("`destination_rules` are left out: nothing is published by native rules".to_owned());
    }
    if text.lines().any(|line| line.starts_with("stores:")) {
        notes.push("`stores` is left out: native files keep their layout".to_owned());
    }
    let recipients: String =
        names.names.iter().map(|(name, recipient)| format!("  {}: {recipient}\n", spelled(name))).collect();
    let text = format!(
        "# Rules of sops-rs: which files are encrypted, and to whom. Made from the rules of SOPS.\nversion: 1\n\n\
         recipients:\n{recipients}\nrules:\n{written}"
    );
    let is_same = Config::parse(&text).is_ok_and(|made| {
        made.rules().len() + left_out == rules.len()
            && made.rules().iter().zip(rules).all(|(made, rule)| Some(native_readers(made)) == sops_readers(rule))
    });
    checked(text, notes, is_same)
}

/// A rule, or why it has no counterpart.
fn translate(rule: &CreationRule, text: &str, names: &mut Names) -> Result<String, String> {
    let what = |error| match error {
        Error::Config { what, .. } => what,
        error => error.to_string(),
    };
    rule.check().map_err(what)?;
    let pattern = rule.path_regex.pattern.as_ref();
    let files = paths::globs(pattern).ok_or_else(|| {
        let pattern = pattern.map_or_else(String::new, |pattern| pattern.as_str().to_owned());
        format!("`path_regex: {pattern}` has no file globs that say the same")
    })?;
    let (groups, threshold) = rule.groups().map_err(what)?;
    let others: Vec<_> = groups.iter().flatten().filter(|key| recipient(key).is_none()).map(Key::name).collect();
    if !others.is_empty() {
        let others = others.join("`, `");
        return Err(format!("native files are for age and ssh keys, not for `{others}`: give it age recipients first"));
    }
    let readers: Vec<BTreeSet<String>> =
        groups.iter().map(|keys| keys.iter().filter_map(|key| names.name(key, text)).collect()).collect();
    let selector = match &rule.selector {
        None => dialect::Rule::default(),
        Some(selector) => dialect::Rule::new(selector.name, &selector.text).unwrap_or_default(),
    };
    let selection = selector.selection().ok_or_else(|| {
        let (name, text) = selector.parts();
        format!("`{name}: {text}` has no path globs that say the same")
    })?;
    let mut written = format!(
        "  - files: [{}]\n{}",
        quoted(files.iter().map(FileGlob::as_str)),
        written_readers(&readers, threshold)
    );
    for (field, globs, default) in [
        ("encrypt", &selection.encrypt, Selection::default().encrypt),
        ("clear", &selection.clear, Selection::default().clear),
    ] {
        if *globs != default {
            // Writing to a string does not fail.
            let _ = writeln!(written, "    {field}: [{}]", quoted(globs.iter().map(PathGlob::as_str)));
        }
    }
    if rule.mac_only_encrypted {
        written.push_str("    clear_values: free\n");
    }
    Ok(written)
}

fn written_readers(groups: &[BTreeSet<String>], threshold: Option<usize>) -> String {
    let list = |names: &BTreeSet<String>| names.iter().map(|name| spelled(name)).collect::<Vec<_>>().join(", ");
    match groups {
        [group] => format!("    recipients: [{}]\n", list(group)),
        groups => {
            let lists: Vec<_> = groups.iter().map(|group| format!("[{}]", list(group))).collect();
            let threshold = threshold.unwrap_or(groups.len());
            format!("    key_groups: [{}]\n    threshold: {threshold}\n", lists.join(", "))
        }
    }
}

fn quoted<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    texts.map(|text| serde_json::Value::from(text).to_string()).collect::<Vec<_>>().join(", ")
}

/// The names that recipients get.
#[derive(Default)]
struct Names {
    names: BTreeMap<String, Recipient>,
}

impl Names {
    /// The name of a key that stands in `text`; none when it is no recipient.
    fn name(&mut self, key: &Key, text: &str) -> Option<String> {
        let Key::Age { recipient: source } = key else { return None };
        let recipient = recipient(key)?;
        if let Some((name, _)) = self.names.iter().find(|(_, known)| **known == recipient) {
            return Some(name.clone());
        }
        let wanted = name_in(text, recipient.as_str()).or_else(|| slug(source.splitn(3, ' ').nth(2)?));
        let number = self.names.len() + 1;
        let wanted = wanted.unwrap_or_else(|| format!("recipient-{number}"));
        let mut name = wanted.clone();
        for number in 2.. {
            if !self.names.contains_key(&name) {
                break;
            }
            name = format!("{wanted}-{number}");
        }
        self.names.insert(name.clone(), recipient);
        Some(name)
    }
}

/// What the config calls a key: in a comment behind it, or by an anchor before it.
fn name_in(text: &str, key: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let (before, behind) = line.split_once(key)?;
        let comment = behind.split_once(" #").and_then(|(_, comment)| slug(comment));
        let anchor = before.split_once('&').and_then(|(_, anchor)| slug(anchor.split_whitespace().next()?));
        comment.or(anchor)
    })
}

/// `text` as a name, if there is one in it.
fn slug(text: &str) -> Option<String> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "._@+-".contains(c);
    let words: Vec<_> = text.split(|c: char| !is_allowed(c)).filter(|word| !word.is_empty()).collect();
    let name = words.join("-").chars().take(48).collect::<String>();
    is_name(&name).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::{ALICE, BOB, CI};

    #[test]
    fn a_config_is_translated() {
        let text = format!(
            "keys:\n  - &alice {ALICE}\n  - &ci {CI} # build server\nstores: {{yaml: {{indent: 2}}}}\ncreation_rules:\n\
             \x20 - path_regex: ^prod/.*\\.yaml$\n    encrypted_regex: ^(data|stringData)$\n    mac_only_encrypted: true\n    \
             key_groups:\n      - age: [*alice, *ci]\n  - age: '{ALICE},{BOB} bob@example.com'\n  - age: {CI}\n"
        );
        let translated = to_native(&text).expect("a translation");
        let expected = format!(
            "# Rules of sops-rs: which files are encrypted, and to whom. Made from the rules of SOPS.\nversion: 1\n\n\
             recipients:\n  alice: {ALICE}\n  bob@example.com: {BOB}\n  build-server: {CI}\n\nrules:\n\
             \x20 - files: [\"prod/**/*.yaml\"]\n    recipients: [alice, build-server]\n    \
             encrypt: [\"**.data.**\", \"**.stringData.**\"]\n    clear_values: free\n\
             \x20 - files: [\"**\"]\n    recipients: [alice, bob@example.com]\n    clear: [\"**.*_unencrypted.**\"]\n"
        );
        assert_eq!(translated.text, expected);
        assert_eq!(
            translated.notes,
            [
                "rule 3 is left out: the one on line 11 matches every file",
                "`stores` is left out: native files keep their layout"
            ]
        );
    }

    #[test]
    fn what_has_no_counterpart_is_refused_with_its_line() {
        let text = format!(
            "creation_rules:\n  - {{path_regex: '^[a-z]+$', age: {ALICE}}}\n  - {{pgp: FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4}}\n"
        );
        let errors: Vec<_> = to_native(&text).expect_err("refused").iter().map(ToString::to_string).collect();
        assert_eq!(
            errors,
            [
                "line 2, column 5: rule 1: `path_regex: ^[a-z]+$` has no file globs that say the same",
                "line 3, column 5: rule 2: native files are for age and ssh keys, not for `FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4`: \
                 give it age recipients first"
            ]
        );
        for (rule, why) in [
            (
                format!("{{age: {ALICE}, encrypted_regex: '[a-z]'}}"),
                "`encrypted_regex: [a-z]` has no path globs that say the same",
            ),
            (
                format!("{{age: {ALICE}, encrypted_comment_regex: x}}"),
                "`encrypted_comment_regex: x` has no path globs that say the same",
            ),
            ("{key_groups: [{age: []}, {}]}".to_owned(), "key group 1 has no keys"),
        ] {
            let errors = to_native(&format!("creation_rules:\n- {rule}\n")).expect_err("refused");
            assert_eq!(errors[0].to_string(), format!("line 2, column 3: rule 1: {why}"));
        }
        let errors = to_native("stores: {}\n").expect_err("refused");
        assert_eq!(errors[0].to_string(), "it has no `creation_rules`, there is nothing to translate");
    }
}
