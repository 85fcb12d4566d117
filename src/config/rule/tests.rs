use super::*;
use crate::config::tests::config;

/// The first rule of a config in which `fields` stand behind `files` and `recipients`, from line 10 on.
fn rule(fields: &str) -> Result<Rule, Error> {
    let lines: String = fields.lines().map(|line| format!("    {line}\n")).collect();
    let config = config(&format!("rules:\n  - files: [a]\n    recipients: [ops]\n{lines}"))?;
    config.rule_for("a").cloned()
}

fn refused(fields: &str) -> String {
    rule(fields).unwrap_err().to_string()
}

fn refused_rule(rule: &str) -> String {
    config(&format!("rules: [{rule}]")).unwrap_err().to_string()
}

#[test]
fn a_rule_needs_files_and_recipients() {
    assert_eq!(refused_rule("{recipients: [ops]}"), "line 7, column 9: `files` is missing in a rule");
    assert_eq!(refused_rule("{files: [a]}"), "line 7, column 9: `recipients` is missing in a rule");
    assert_eq!(refused_rule("{files: [], recipients: [ops]}"), "line 7, column 10: `files` has no globs");
    assert_eq!(refused_rule("{files: [a], recipients: []}"), "line 7, column 22: `recipients` has no names");
    assert_eq!(refused_rule("a"), "line 7, column 9: a rule must be a map of fields, but is a text");
    assert_eq!(
        refused_rule("{files: a, recipients: [ops]}"),
        "line 7, column 17: `files` must be a list of globs, but is a text"
    );
    assert_eq!(
        refused_rule("{files: ['!a'], recipients: [ops]}"),
        "line 7, column 18: file glob `!a`: there is no negation; put a rule for the exception before this one"
    );
    assert_eq!(
        refused_rule("{files: [a], recipients: [alcie]}"),
        "line 7, column 35: unknown recipient or group `alcie`; did you mean `alice`?"
    );
    assert_eq!(
        refused_rule("{files: [a], recipients: [ssh-ed25519 AAAA]}"),
        "line 7, column 35: a key, where only names are allowed: give it a name under `recipients`"
    );
}

#[test]
fn wrong_fields_are_refused() {
    let cases = [
        ("encrypted: [a]", "line 10, column 5: unknown field `encrypted` in a rule; did you mean `encrypt`?"),
        ("encrypt: []", "line 10, column 5: `encrypt` has no globs"),
        ("encrypt: a", "line 10, column 14: `encrypt` must be a list of globs, but is a text"),
        ("encrypt: [a, [b]]", "line 10, column 18: `encrypt` must be a list of globs, but one of them is a list"),
        ("clear: [a..b]", "line 10, column 13: glob `a..b`: empty segment (an empty key is written `\"\"`)"),
        ("comments: yes", "line 10, column 15: `comments` must be `encrypt` or `clear`, not `yes`"),
        (
            "comments: encrpt",
            "line 10, column 15: `comments` must be `encrypt` or `clear`, not `encrpt`; did you mean `encrypt`?",
        ),
        ("clear_values: fixed", "line 10, column 19: `clear_values` must be `pinned` or `free`, not `fixed`"),
        ("dialect: age", "line 10, column 14: `dialect` must be `native` or `sops`, not `age`"),
        ("dialect: [sops]", "line 10, column 14: `dialect` must be a text, but is a list"),
        ("preset: kubernetes", "line 10, column 13: `preset` must be `kubernetes-secret`, not `kubernetes`"),
        (
            "rotate_after: 3 months",
            "line 10, column 19: `rotate_after` must be days or weeks, as `90d` or `12w`, not `3 months`",
        ),
    ];
    for (fields, message) in cases {
        assert_eq!(refused(fields), message);
    }
    let long = "a".repeat(4097);
    let error = refused(&format!("clear: [{long}]"));
    assert_eq!(error, "the length of a glob exceeds the limit of 4096 at line 10, column 13");
}

#[test]
fn a_preset_stands_for_its_globs() {
    let rule = rule("preset: kubernetes-secret\nclear: [data.public]").unwrap();
    assert_eq!(rule.selection.encrypt, PathGlob::parse_all(["data.**", "stringData.**"]).unwrap());
    assert_eq!(rule.selection.clear, PathGlob::parse_all(["data.public"]).unwrap());
    assert_eq!((rule.clear_values, rule.comments), (ClearValues::Free, CommentPolicy::Encrypt));
    assert_eq!(
        refused("preset: kubernetes-secret\nencrypt: [a]"),
        "line 11, column 5: the preset `kubernetes-secret` says `encrypt` already"
    );
    assert_eq!(
        refused("preset: kubernetes-secret\nclear_values: free"),
        "line 11, column 5: the preset `kubernetes-secret` says `clear_values` already"
    );
}

#[test]
fn what_this_version_cannot_do_is_refused_and_not_ignored() {
    let fields = "sections: [{name: db, paths: [db.**], recipients: [alice]}]";
    assert_eq!(refused(fields), "line 10, column 5: rule 1: `sections` is not supported by this version");
    assert!(rule("dialect: native").is_ok());
    assert_eq!(rule("require: [DATABASE_URL]").unwrap().require, ["DATABASE_URL"]);
}

#[test]
fn what_comes_later_is_read_already() {
    let text = "rules:\n- files: [a]\n  recipients: [ops]\n  sections: [{name: db, paths: [db.**], recipients: [alice]}]\n  require: [A, B]\n  rotate_after: 12w\n";
    let config = config(text).unwrap();
    let rule = &config.rules[0];
    let section = &rule.sections[0];
    assert_eq!((section.name.as_str(), section.paths[0].as_str()), ("db", "db.**"));
    assert_eq!(section.recipients, rule.recipients[..1]);
    assert_eq!(rule.require, ["A", "B"]);
    assert_eq!(rule.rotate_after, Some(Duration::from_secs(84 * 86_400)));
    assert_eq!(rule.dialect, Dialect::Native);
}

#[test]
fn wrong_sections_are_refused() {
    let section = |fields: &str| refused(&format!("sections: [{{{fields}}}]"));
    assert_eq!(section("name: a"), "line 10, column 16: `paths` is missing in a section");
    assert_eq!(
        section("name: default, paths: [a], recipients: [alice]"),
        "line 10, column 23: every file has a section `default`, for all that is in no other one"
    );
    assert_eq!(section("name: a, paths: [], recipients: [alice]"), "line 10, column 26: `paths` has no globs");
    assert_eq!(
        section("name: a, path: [a], recipients: [alice]"),
        "line 10, column 26: unknown field `path` in a section; did you mean `paths`?"
    );
    assert_eq!(
        section("name: a, paths: [a], recipients: [alice, ci]"),
        "line 10, column 38: section `a`: `ci` is not among the rule's recipients, as every reader of a section must be"
    );
    assert_eq!(
        section("name: a, paths: [a], recipients: [bob]}, {name: a, paths: [b], recipients: [bob]"),
        "line 10, column 65: a second section `a`"
    );
}

#[test]
fn ages_are_days_or_weeks() {
    let age = |text: &str| refused(&format!("rotate_after: {text}"));
    for good in ["1d", "36500d", "5214w", "007d"] {
        assert!(rule(&format!("rotate_after: {good}")).is_ok(), "{good}");
    }
    for bad in ["0d", "36501d", "5215w", "d", "w", "90", "-1d", "+1d", "1.5d", "1m", "99999999999999999999d", "1 d"] {
        let expected =
            format!("line 10, column 19: `rotate_after` must be days or weeks, as `90d` or `12w`, not `{bad}`");
        assert_eq!(age(bad), expected);
    }
}
