//! The config that `init` writes.

use std::fmt::Write as _;

use super::Recipient;

const FILES: &[&str] = &["secrets/**", "*.enc.*", "*.env", ".env", ".env.*"];

pub(super) fn template(recipients: &[(String, Recipient)]) -> String {
    let mut entries = String::new();
    for (name, recipient) in recipients {
        // Writing to a string does not fail.
        let _ = writeln!(entries, "  {}: {recipient}", spelled(name));
    }
    let names: Vec<String> = recipients.iter().map(|(name, _)| spelled(name)).collect();
    let files: Vec<String> = FILES.iter().map(|glob| format!("\"{glob}\"")).collect();
    format!(
        "\
# Rules of sops-rs: which files are encrypted, and to whom. It holds no secrets, commit it.
version: 1

# Public keys by name; the names appear in messages and diffs.
recipients:
{entries}
# The first rule of which a glob matches a file applies to it. Globs are those of .gitignore, from this folder on.
rules:
  - files: [{}]
    recipients: [{}]
    # By default every value is encrypted. Exceptions are named by their paths, as in [\"metadata.**\", \"users[].name\"].
    clear: []
",
        files.join(", "),
        names.join(", "),
    )
}

/// `name` so that every YAML reader takes it for a text: in quotes, if it may look like a number, a boolean or null.
pub(super) fn spelled(name: &str) -> String {
    const WORDS: [&str; 10] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n", "inf"];
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && !WORDS.iter().any(|word| name.eq_ignore_ascii_case(word));
    if plain { name.to_owned() } else { format!("\"{name}\"") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::{ALICE, BOB, CI};
    use crate::config::{Config, FileGlob};
    use crate::select::Selection;

    fn recipients(names: &[(&str, &str)]) -> Vec<(String, Recipient)> {
        names.iter().map(|(name, key)| ((*name).to_owned(), Recipient::parse(key).unwrap())).collect()
    }

    #[test]
    fn the_template_is_a_config_that_works() {
        let recipients = recipients(&[("alice", ALICE), ("bob@laptop", BOB), ("null", CI)]);
        let config = Config::parse(&Config::template(&recipients)).unwrap();
        for path in
            ["secrets/db/prod.yaml", "app/values.enc.yaml", "a.enc.json", ".env", "app/.env.production", "prod.env"]
        {
            let rule = config.rule_for(path).unwrap();
            assert_eq!(rule.recipients, recipients, "{path}");
            assert_eq!(rule.selection, Selection::default());
        }
        for path in ["README.md", "values.yaml", "src/secrets.rs", ".sops-rs.yaml"] {
            assert!(config.rule_for(path).is_err(), "{path}");
        }
    }

    #[test]
    fn the_template_reads_as_follows() {
        let text = Config::template(&recipients(&[("alice", ALICE), ("ci", CI)]));
        let expected = format!(
            r#"# Rules of sops-rs: which files are encrypted, and to whom. It holds no secrets, commit it.
version: 1

# Public keys by name; the names appear in messages and diffs.
recipients:
  alice: {ALICE}
  ci: {CI}

# The first rule of which a glob matches a file applies to it. Globs are those of .gitignore, from this folder on.
rules:
  - files: ["secrets/**", "*.enc.*", "*.env", ".env", ".env.*"]
    recipients: [alice, ci]
    # By default every value is encrypted. Exceptions are named by their paths, as in ["metadata.**", "users[].name"].
    clear: []
"#
        );
        assert_eq!(text, expected);
    }

    #[test]
    fn its_globs_are_valid() {
        assert!(FILES.iter().all(|glob| FileGlob::parse(glob).is_ok()));
    }

    #[test]
    fn names_that_look_like_other_types_are_quoted() {
        for name in ["null", "Yes", "off", "12", "1e3", "0x1f"] {
            assert_eq!(spelled(name), format!("\"{name}\""));
        }
        for name in ["alice", "a1", "bob@laptop", "e-3"] {
            assert_eq!(spelled(name), name);
        }
    }
}
