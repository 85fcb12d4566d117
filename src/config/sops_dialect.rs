//! What a rule with `dialect: sops` says, and no other one: SOPS's selectors, in SOPS's words.

use super::fields::Fields;
use super::node::error;
use super::rule::Dialect;
use crate::dialect::sops::{Rule as Selector, SELECTORS};
use crate::error::Error;
use crate::select::Pattern;

const MAC_ONLY_ENCRYPTED: &str = "mac_only_encrypted";

/// The fields that are read here.
pub(super) const FIELDS: &[&str] = &{
    let [a, b, c, d, e, f] = SELECTORS;
    [a, b, c, d, e, f, MAC_ONLY_ENCRYPTED]
};

/// The fields that only the native dialect has a meaning for.
const NATIVE: [&str; 6] = ["encrypt", "clear", "clear_values", "comments", "preset", "sections"];

/// The selector, and whether the MAC leaves clear values out.
pub(super) fn read(fields: &mut Fields, dialect: Dialect) -> Result<(Option<Selector>, bool), Error> {
    if dialect == Dialect::Native {
        let of_sops = FIELDS.iter().find_map(|name| fields.take(name));
        return match of_sops {
            None => Ok((None, false)),
            Some(entry) => {
                let what = format!(
                    "`{}` is for rules with `dialect: sops`; here, `encrypt` and `clear` say what is encrypted",
                    entry.key
                );
                Err(error(entry.at, what))
            }
        };
    }
    if let Some(entry) = NATIVE.iter().find_map(|name| fields.take(name)) {
        let what = format!(
            "`{}` cannot be said in files of SOPS; it has `encrypted_regex` and five more selectors",
            entry.key
        );
        return Err(error(entry.at, what));
    }
    let mut selector = None;
    for name in SELECTORS {
        let Some(entry) = fields.take(name) else { continue };
        if let Some((other, _)) = selector {
            let what = format!("a rule has both `{other}` and `{name}`; one selector is all that it can have");
            return Err(error(entry.at, what));
        }
        let (at, text) = entry.text()?;
        if text.is_empty() {
            return Err(error(at, format!("`{name}` is empty, which SOPS takes for missing")));
        }
        if let Some(why) = Pattern::new(&text).problem().filter(|_| name.ends_with("_regex")) {
            return Err(error(at, format!("this `{name}` does not compile: {why}")));
        }
        selector = Selector::new(name, &text).map(|selector| (name, selector));
    }
    let is_true = |is_true: bool| if is_true { "true" } else { "false" };
    let mac_only = fields.take(MAC_ONLY_ENCRYPTED).map(|entry| entry.choice(&[true, false], is_true)).transpose()?;
    Ok((selector.map(|(_, selector)| selector), mac_only.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use crate::config::tests::config;

    fn refused(fields: &str) -> String {
        let rule = format!("rules:\n  - files: [x]\n    recipients: [alice]\n{fields}");
        config(&rule).expect_err("a wrong rule").to_string()
    }

    #[test]
    fn a_rule_of_the_sops_dialect_has_a_selector_of_sops() {
        let rule = "rules:\n  - {files: [x], recipients: [alice], dialect: sops, encrypted_regex: ^data$, mac_only_encrypted: true}\n";
        let config = config(rule).expect("a config");
        let rule = config.rule_for("x").expect("a rule");
        let selector = rule.selector.as_ref().map(super::Selector::parts);
        assert_eq!((selector, rule.mac_only_encrypted), (Some(("encrypted_regex", "^data$")), true));
    }

    #[test]
    fn each_dialect_has_its_own_fields() {
        for (fields, error) in [
            (
                "    encrypted_regex: a\n",
                "line 10, column 5: `encrypted_regex` is for rules with `dialect: sops`; here, `encrypt` and `clear` say what is encrypted",
            ),
            (
                "    dialect: sops\n    clear: [a]\n",
                "line 11, column 5: `clear` cannot be said in files of SOPS; it has `encrypted_regex` and five more selectors",
            ),
            (
                "    dialect: sops\n    encrypted_regex: a\n    encrypted_suffix: b\n",
                "line 12, column 5: a rule has both `encrypted_regex` and `encrypted_suffix`; one selector is all that it can have",
            ),
            (
                "    dialect: sops\n    encrypted_regex: (\n",
                "line 11, column 22: this `encrypted_regex` does not compile: ",
            ),
            (
                "    dialect: sops\n    encrypted_suffix: \"\"\n",
                "line 11, column 23: `encrypted_suffix` is empty, which SOPS takes for missing",
            ),
            (
                "    dialect: sops\n    mac_only_encrypted: yes\n",
                "line 11, column 25: `mac_only_encrypted` must be `true` or `false`, not `yes`",
            ),
        ] {
            let found = refused(fields);
            assert!(found.starts_with(error), "{found}");
        }
    }
}
