//! `.sops-rs.yaml`: which rule applies to a file, and what it says. Text in, [`Config`] out, no files are touched.
//!
//! It is policy, so reading is strict: an unknown field, a name that nobody has, a key under two names are errors, with
//! line and column. Config files hold no secrets, so messages may quote them. [`sops`] is the config of SOPS, and
//! [`translate`] turns one into the other.

use std::collections::BTreeMap;

use crate::error::Error;

mod attributes;
mod fields;
mod file_glob;
mod key_groups;
mod names;
mod node;
mod rule;
pub mod sops;
mod sops_dialect;
mod template;
pub mod translate;

use crate::keys::{KeyGroups, Recipient};
pub use attributes::attributes_pattern_of;
use fields::Fields;
pub use file_glob::FileGlob;
use names::Names;
pub use names::is_name;
pub use rule::{Dialect, Preset, Rule, SectionRule};

/// A config file is at most 1 MiB.
pub const MAX_CONFIG_LEN: usize = 1 << 20;

/// The version that this program reads and writes.
const VERSION: &str = "1";

/// A config file that was read.
#[derive(Clone, Debug)]
pub struct Config {
    recipients: BTreeMap<String, Recipient>,
    rules: Vec<Rule>,
}

impl Config {
    /// Reads the text of a config file.
    ///
    /// # Errors
    /// [`Error::Config`], nearly always with the position, or [`Error::Limit`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text.len() > MAX_CONFIG_LEN {
            return Err(Error::Limit { what: "the length of the config", limit: MAX_CONFIG_LEN as u64, at: None });
        }
        let Some(root) = node::parse(text)? else {
            let what = format!("the config is empty; its first line is `version: {VERSION}`");
            return Err(Error::Config { at: None, what });
        };
        let mut fields = Fields::new(root, "the config")?;
        // Before unknown fields: those of a later version are no typing errors.
        let (at, version) = fields.required("version")?.text()?;
        if version != VERSION {
            let what = format!("version `{version}` is not supported, this program reads version {VERSION}");
            return Err(node::error(at, what));
        }
        let mut fields = fields.only(&["version", "recipients", "groups", "rules"])?;
        let names = Names::read(fields.take("recipients"), fields.take("groups"))?;
        let rules = fields.take("rules").map_or(Ok(Vec::new()), |entry| entry.items("rules"))?;
        let read = |(index, node)| Rule::read(index + 1, node, &names);
        let rules = rules.into_iter().enumerate().map(read).collect::<Result<_, _>>()?;
        Ok(Self { recipients: names.recipients, rules })
    }

    /// The recipients by name, also those that no rule mentions.
    #[must_use]
    pub fn recipients(&self) -> &BTreeMap<String, Recipient> {
        &self.recipients
    }

    /// All rules in their order, also those that ask for something that this version cannot do.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule for a file: the first one of which a glob matches. `relative_path` starts at the config file's folder and
    /// has `/` between its components.
    ///
    /// # Errors
    /// [`Error::NoRule`] when none matches, and [`Error::Config`] when the one that does asks for something that this version
    /// cannot do: going on without it could give away what the rule protects.
    pub fn rule_for(&self, relative_path: &str) -> Result<&Rule, Error> {
        let Some(rule) = self.rules.iter().find(|rule| rule.glob_for(relative_path).is_some()) else {
            let tried = self.rules.iter().map(ToString::to_string).collect();
            return Err(Error::NoRule { path: relative_path.to_owned(), tried });
        };
        rule.check_supported()?;
        Ok(rule)
    }

    /// The config that `init` writes, with these recipients in one rule.
    ///
    /// It is valid when there is a recipient, the keys differ, and the names are [names](is_name) and differ.
    #[must_use]
    pub fn template(recipients: &[(String, Recipient)]) -> String {
        template::template(recipients)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::leaf::{PathTree, Segment};
    use crate::select::{ClearValues, CommentPolicy};

    pub(crate) const ALICE: &str = "age1z59alsmvx74wraacdjwqa5hhxhezxgdtu6epl37xgqmzmattffkqnaz2rl";
    pub(crate) const BOB: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKJyA9oqtyZMP9DWb8UUrCMLpKBBv31OP1+CrkRMDsDp";
    pub(crate) const CI: &str = "age10qg4pp6asrcdu9c0jnyxls7ywaw5d5p5vxd8l24llkgrnw7cl4pqyxceve";

    /// A config with three recipients, a group, and these rules from line 7 on.
    pub(crate) fn config(rules: &str) -> Result<Config, Error> {
        Config::parse(&format!(
            "version: 1\nrecipients:\n  alice: {ALICE}\n  bob: {BOB} bob@example.com\n  ci: {CI}\ngroups: {{ops: [alice, bob]}}\n{rules}"
        ))
    }

    fn refused(text: &str) -> String {
        Config::parse(text).unwrap_err().to_string()
    }

    const RULES: &str = r#"rules:
  - files: ["secrets/prod/**"]
    recipients: [ops, ci]
    encrypt: ["**"]
    clear: ["metadata.**", "kind", "apiVersion"]
    comments: clear
    clear_values: free
    dialect: native
  - files: ["secrets/**", .env]
    recipients: [alice]
"#;

    #[test]
    fn the_first_rule_that_matches_applies() {
        let config = config(RULES).unwrap();
        let names = |path| {
            let rule = config.rule_for(path).unwrap();
            rule.recipients.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(names("secrets/prod/db.yaml"), ["alice", "bob", "ci"]);
        assert_eq!(names("secrets/dev/db.yaml"), ["alice"]);
        assert_eq!(names("app/.env"), ["alice"]);
        assert_eq!(config.recipients().keys().collect::<Vec<_>>(), ["alice", "bob", "ci"]);
    }

    #[test]
    fn a_rule_says_what_it_was_told() {
        let config = config(RULES).unwrap();
        let rule = config.rule_for("secrets/prod/db.yaml").unwrap();
        assert_eq!((rule.ordinal, rule.position.line), (1, 8));
        assert_eq!(rule.recipients[1], ("bob".to_owned(), Recipient::parse(BOB).unwrap()));
        assert_eq!(
            rule.selection.clear.iter().map(|glob| glob.as_str()).collect::<Vec<_>>(),
            ["metadata.**", "kind", "apiVersion"]
        );
        assert_eq!((rule.comments, rule.clear_values), (CommentPolicy::Clear, ClearValues::Free));

        let mut tree = PathTree::default();
        let kind = tree.child(PathTree::ROOT, Segment::Key { text: "kind", quoted: false });
        let other = tree.child(PathTree::ROOT, Segment::Key { text: "other", quoted: false });
        let selector = rule.selection.selector(&tree);
        assert!(selector.is_sealed(other) && !selector.is_sealed(kind));
    }

    #[test]
    fn without_a_word_everything_is_encrypted_and_pinned() {
        let config = config(RULES).unwrap();
        let rule = config.rule_for(".env").unwrap();
        assert_eq!((rule.ordinal, rule.position.line), (2, 15));
        assert_eq!(rule.selection, crate::select::Selection::default());
        assert_eq!((rule.comments, rule.clear_values), (CommentPolicy::Encrypt, ClearValues::Pinned));
        assert_eq!(rule.dialect, Dialect::Native);
    }

    #[test]
    fn no_rule_is_an_error_that_lists_what_was_tried() {
        let error = config(RULES).unwrap().rule_for("prod/db.yaml").unwrap_err();
        assert_eq!(
            error.to_string(),
            "no rule matches `prod/db.yaml`; tried in this order: line 8 (`secrets/prod/**`); line 15 (`secrets/**`, `.env`)"
        );
        let error = Config::parse("version: 1").unwrap().rule_for("a").unwrap_err();
        assert_eq!(error.to_string(), "no rule matches `a`, the config has no rules");
    }

    #[test]
    fn only_version_1_is_read() {
        assert_eq!(refused(""), "the config is empty; its first line is `version: 1`");
        assert_eq!(refused("rules: []\n"), "line 1, column 1: `version` is missing in the config");
        let error = "line 2, column 10: version `2` is not supported, this program reads version 1";
        assert_eq!(refused("stores: {}\nversion: 2\n"), error);
        assert_eq!(refused("version: [1]\n"), "line 1, column 10: `version` must be a text, but is a list");
        assert_eq!(refused("- version: 1\n"), "line 1, column 1: the config must be a map of fields, but is a list");
        assert_eq!(refused("version\n"), "line 1, column 1: the config must be a map of fields, but is a text");
    }

    #[test]
    fn unknown_fields_are_refused() {
        let error = "line 2, column 1: unknown field `rule` in the config; did you mean `rules`?";
        assert_eq!(refused("version: 1\nrule: []\n"), error);
        let error = "line 2, column 1: unknown field `creation_rules` in the config; the fields are `version`, `recipients`, `groups`, `rules`";
        assert_eq!(refused("version: 1\ncreation_rules: []\n"), error);
        assert_eq!(
            refused("version: 1\nversion: 1\n"),
            "line 2, column 1: `version` stands here twice, first on line 1"
        );
        assert_eq!(
            refused("version: 1\nrules: {}\n"),
            "line 2, column 8: `rules` must be a list of rules, but is a map"
        );
    }

    #[test]
    fn sizes_are_limited() {
        let comment = |len: usize| format!("version: 1\n#{}", "x".repeat(len - 12));
        assert!(Config::parse(&comment(1 << 20)).is_ok());
        assert_eq!(refused(&comment((1 << 20) + 1)), "the length of the config exceeds the limit of 1048576");
        let rules = |count: usize| format!("version: 1\nrules:\n{}", "- {}\n".repeat(count));
        assert_eq!(refused(&rules(1024)), "line 3, column 3: `files` is missing in a rule");
        assert_eq!(refused(&rules(1025)), "the length of a list exceeds the limit of 1024 at line 3, column 3");
    }
}
