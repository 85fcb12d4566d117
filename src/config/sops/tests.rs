//! Against what the real program made of the configs in `testdata/sops-config`, and the warnings, which it does not give.

use std::collections::BTreeMap;

use super::*;
use crate::error::Position;

const ALICE: &str = "age18whjdz5selvk70ppt2qfchpzq9r7n8aq4lyxnlt3d9dash2dpv3sdq6rqh";

fn config(text: &str) -> SopsConfig {
    SopsConfig::parse(text).expect("a config")
}

fn refused(text: &str) -> String {
    SopsConfig::parse(text).expect_err("refused").to_string()
}

fn unusable(text: &str) -> String {
    config(text).rule_for("a.yaml").expect_err("unusable").to_string()
}

fn warnings(text: &str) -> Vec<String> {
    config(text).warnings().iter().map(ToString::to_string).collect()
}

/// What a file at `path` gets, in the words of `record.py`.
fn outcome(text: &str, path: &str) -> Result<String, Error> {
    let config = SopsConfig::parse(text)?;
    let Some(rule) = config.rule_for(path)? else { return Ok("error".to_owned()) };
    let (groups, threshold) = rule.groups()?;
    let mut words = Vec::new();
    for group in groups {
        // Files have a list for each kind of key.
        let names = |kind: fn(&Key) -> bool| group.iter().filter(move |key| kind(key)).map(Key::name);
        let age = names(|key| matches!(key, Key::Age { .. }));
        let keys: Vec<String> = age.chain(names(|key| matches!(key, Key::Pgp { .. }))).collect();
        if let Some(other) = names(|key| !matches!(key, Key::Age { .. } | Key::Pgp { .. })).next() {
            return Ok(format!("key {other}"));
        }
        words.push(format!("[{}]", keys.join(" ")));
    }
    words.extend(threshold.or(rule.shamir_threshold).map(|threshold| format!("shamir_threshold={threshold}")));
    let selector = rule.selector.as_ref().map_or(("unencrypted_suffix", "_unencrypted"), |s| (s.name, &s.text));
    words.push(format!("{}={}", selector.0, selector.1));
    words.extend(rule.mac_only_encrypted.then(|| "mac_only_encrypted".to_owned()));
    Ok(words.join(" "))
}

#[test]
fn files_get_what_sops_gives_them() {
    let mut seen = 0;
    for entry in std::fs::read_dir("testdata/sops-config").expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("readable");
        let recorded = |mark: &'static str| {
            let lines = text.lines().filter_map(move |line| line.strip_prefix(mark)?.split_once(" => "));
            lines.collect::<BTreeMap<_, _>>()
        };
        let ours = recorded("#= ");
        for (file, theirs) in recorded("#> ") {
            let outcome = outcome(&text, file).unwrap_or_else(|_| "error".to_owned());
            match ours.get(file) {
                None => assert_eq!(outcome, theirs, "{} {file}", path.display()),
                Some(expected) => {
                    assert_eq!(&outcome, expected, "{} {file}", path.display());
                    assert_ne!(outcome, theirs, "{} {file} is no difference", path.display());
                }
            }
            seen += 1;
        }
    }
    assert!(seen > 100, "only {seen} files");
}

#[test]
fn a_rule_says_what_it_was_told() {
    let config = config(&format!(
        "creation_rules:\n  - path_regex: ^a\n    age: {ALICE}\n    encrypted_regex: ^x$\n    mac_only_encrypted: true\n"
    ));
    let rule = config.rule_for("a.yaml").expect("usable").expect("a rule");
    assert_eq!((rule.ordinal, rule.position, rule.mac_only_encrypted), (1, Position { line: 2, column: 5 }, true));
    let selector = rule.selector.as_ref().expect("a selector");
    assert_eq!((selector.name, selector.text.as_str()), ("encrypted_regex", "^x$"));
    assert_eq!(rule.path_regex.pattern.as_ref().map(crate::select::Pattern::as_str), Some("^a"));
    let (groups, threshold) = rule.groups().expect("keys");
    assert_eq!((groups, threshold), (&[vec![Key::Age { recipient: ALICE.to_owned() }]][..], None));
    let error = config.rule_for("b.yaml").expect_err("no rule").to_string();
    assert_eq!(error, "no rule matches `b.yaml`; tried in this order: line 2 (`^a`)");
}

#[test]
fn without_rules_there_is_nothing_to_apply() {
    for text in ["", "# nothing\n", "stores: {}", "creation_rules:", "~", "---\n...\n"] {
        assert!(matches!(config(text).rule_for("a"), Ok(None)), "{text:?}");
        assert!(config(text).creation_rules().is_none());
    }
    assert_eq!(unusable("creation_rules: []"), "no rule matches `a.yaml`, the config has no rules");
}

#[test]
fn what_stops_sops_in_every_command_is_an_error_at_once() {
    for (text, message) in [
        ("- a", "line 1, column 1: the config must be a map of fields, but is a list"),
        ("creation_rules: {}", "line 1, column 17: `creation_rules` must be a list of rules, but is a map"),
        ("creation_rules: [a]", "line 1, column 18: a rule must be a map of fields, but is a text"),
        ("creation_rules: [{path_regex: [a]}]", "line 1, column 31: `path_regex` must be a text, but is a list"),
        (
            "creation_rules: [{key_groups: [{age: age1x}]}]",
            "line 1, column 38: `age` must be a list of recipients, but is a text",
        ),
        (
            "creation_rules: [{shamir_threshold: '2'}]",
            "line 1, column 37: `shamir_threshold` must be a whole number, without quotes, but is a text",
        ),
        (
            "creation_rules: [{mac_only_encrypted: 'true'}]",
            "line 1, column 39: `mac_only_encrypted` must be `true` or `false`, without quotes, but is a text",
        ),
        ("stores: {json: {indent: two}}", "line 1, column 25: `indent` must be a whole number, but is a text"),
        ("a: 1\na: 2", "line 2, column 1: `a` stands here twice, first on line 1"),
        ("a: [", "line 1, column 4: this is not valid YAML: unclosed bracket '['"),
    ] {
        assert_eq!(refused(text), message, "{text}");
    }
    let long = "x".repeat(MAX_CONFIG_LEN + 1);
    assert_eq!(refused(&long), "the length of the config exceeds the limit of 1048576");
}

#[test]
fn what_stops_sops_at_a_rule_is_an_error_at_that_rule() {
    for (rule, message) in [
        ("age: alice", "rule 1: `age`: a recipient is an age key (`age1…`) or an ssh key"),
        ("age: 5", "rule 1: `age` is a number; put it in quotes"),
        ("pgp: [1111111111111111]", "rule 1: `pgp` lists a number; put it in quotes"),
        ("pgp: joe@example.com", "rule 1: `pgp`: a PGP key is given by its fingerprint"),
        ("age: [null]", "rule 1: `age` must be a list of texts, but is empty"),
        ("age: ['']", "rule 1: `age` lists an empty key"),
        ("key_groups: [{merge: [{age: [bob]}]}]", "rule 1: `age`: a recipient is an age key"),
        ("hckms: [x]", "rule 1: `hckms`: a HuaweiCloud key is `REGION:ID`"),
        (
            "azure_keyvault: http://x/keys/k/1",
            "rule 1: `azure_keyvault`: an Azure key is `https://VAULT/keys/NAME/VERSION`",
        ),
        ("hc_vault_transit_uri: http://x/v1/keys", "rule 1: `hc_vault_transit_uri`: a Vault key is"),
        ("shamir_threshold: -1", "rule 1: `shamir_threshold` is negative"),
        ("path_regex: '*.yaml'", "this `path_regex` does not compile: it has a `*`, `+`, `?` or `{…}` with nothing"),
        ("encrypted_regex: '('", "rule 1 has an `encrypted_regex` that does not compile: it is malformed"),
        (
            "encrypted_regex: a, unencrypted_suffix: b",
            "rule 1 has both `encrypted_regex` and `unencrypted_suffix`; one selector is all that it can have",
        ),
    ] {
        let text = format!("creation_rules: [{{{rule}}}, {{age: {ALICE}}}]");
        let error = unusable(&text);
        let (place, what) = error.split_once(": ").expect("a place");
        assert!(place.starts_with("line 1, column ") && what.starts_with(message), "{rule}: {error}");
        // A program that lists what is wrong with a config finds it without a file.
        assert!(warnings(&text).contains(&error), "{rule}: {:?}", warnings(&text));
        assert!(!error.contains("alice") && !error.contains("joe"), "quotes what may be a secret");
    }
}

#[test]
fn groups_need_keys_and_a_threshold_that_can_be() {
    let groups = |rule: &str| {
        let config = config(&format!("creation_rules: [{{{rule}}}]"));
        let rule = config.rule_for("a").expect("usable").expect("a rule");
        rule.groups().map(|(groups, threshold)| (groups.len(), threshold)).map_err(|error| error.to_string())
    };
    let two = format!("key_groups: [{{age: [{ALICE}]}}, {{age: [{ALICE}]}}]");
    assert_eq!(groups(&two), Ok((2, Some(2))));
    assert_eq!(groups(&format!("{two}, shamir_threshold: 2")), Ok((2, Some(2))));
    assert_eq!(groups(&format!("age: {ALICE}, shamir_threshold: 9")), Ok((1, None)));
    assert_eq!(groups("path_regex: a"), Err("line 1, column 18: rule 1 has no keys".to_owned()));
    let empty = format!("key_groups: [{{age: [{ALICE}]}}, {{}}]");
    assert_eq!(groups(&empty), Err("line 1, column 18: rule 1: key group 2 has no keys".to_owned()));
    for threshold in [1, 3] {
        let what =
            format!("rule 1: `shamir_threshold` must be 2 to 2, the number of its key groups, but is {threshold}");
        assert_eq!(groups(&format!("{two}, shamir_threshold: {threshold}")), Err(format!("line 1, column 18: {what}")));
    }
}

#[test]
fn what_sops_ignores_is_a_warning() {
    let text = format!(
        "version: 1
keys: [&alice {ALICE}]
x-notes: [a]
creation_rule: []
creation_rules:
  - path_regx: ^a
    encrypt_regex: x
    aws_profile: p
    shamir_threshold: 2
    key_groups:
      - ages: [*alice]
        age: [*alice]
        kms: [{{arn: a, profile: p}}]
    age: *alice
  - age: *alice
destination_rules:
  - s3_buckets: x
    recreation_rule: {{agee: x}}
stores: {{yml: {{}}, yaml: {{indents: 2}}}}
"
    );
    assert_eq!(
        warnings(&text),
        [
            "line 1, column 1: unknown field `version` in the config, which is ignored",
            "line 4, column 1: unknown field `creation_rule` in the config, which is ignored; did you mean `creation_rules`?",
            "line 6, column 5: unknown field `path_regx` in a rule, which is ignored; did you mean `path_regex`?",
            "line 7, column 5: unknown field `encrypt_regex` in a rule, which is ignored; did you mean `encrypted_regex`?",
            "line 8, column 5: `aws_profile` has no effect: it is for the keys under `kms` in the rule itself, and there are none",
            "line 9, column 5: `shamir_threshold` has no effect: the rule has a single key group",
            "line 11, column 9: unknown field `ages` in a key group, which is ignored; did you mean `age`?",
            "line 13, column 24: unknown field `profile` in a key of AWS KMS, which is ignored",
            "line 14, column 5: `age` has no effect: the rule has `key_groups`, whose keys alone count",
            "line 15, column 5: this rule is never reached: the one on line 6 matches every file",
            "line 17, column 5: unknown field `s3_buckets` in a destination rule, which is ignored; did you mean `s3_bucket`?",
            "line 18, column 23: unknown field `agee` in a rule, which is ignored; did you mean `age`?",
            "line 19, column 10: unknown field `yml` in `stores`, which is ignored; did you mean `yaml`?",
            "line 19, column 26: unknown field `indents` in a store, which is ignored; did you mean `indent`?",
        ]
    );
    let text = format!(
        "creation_rules: [{{azure_kv: x, hc_vault: x, key_groups: [{{hc_vault_transit_uri: x, age: [{ALICE}]}}]}}]"
    );
    assert_eq!(
        warnings(&text),
        [
            "line 1, column 19: unknown field `azure_kv` in a rule, which is ignored; did you mean `azure_keyvault`?",
            "line 1, column 32: unknown field `hc_vault` in a rule, which is ignored; did you mean `hc_vault_transit_uri`?",
            "line 1, column 59: unknown field `hc_vault_transit_uri` in a key group, which is ignored; did you mean `hc_vault`?",
        ]
    );
    assert_eq!(warnings("a: &x 1\n---\nb: 1"), ["line 2, column 1: a second YAML document, which is not read"]);
}

#[test]
fn a_secret_key_is_a_warning_that_does_not_quote_it() {
    let text = "keys: [AGE-SECRET-KEY-1CANARY]\ncreation_rules: [{age: AGE-SECRET-KEY-1CANARY}]";
    let all = warnings(text).join("\n");
    assert!(all.contains("line 1, column 8: this is a secret key; a config holds public keys only, and is committed"));
    assert!(!all.contains("CANARY") && !unusable(text).contains("CANARY"));
    assert!(!format!("{:?}", config(text)).contains("CANARY"));
}

#[test]
fn destinations_are_read() {
    let config = config(
        "destination_rules:
  - {path_regex: ^s3/, s3_bucket: b, s3_prefix: p/, omit_extensions: true}
  - {path_regex: ^gcs/, gcs_bucket: b}
  - {path_regex: ^vault/, vault_path: v/, vault_address: 'https://vault', vault_kv_version: 1, vault_kv_mount_name: kv}
  - {path_regex: ^two/, vault_path: v/, gcs_bucket: b}
  - {path_regex: ^none/}
  - {path_regex: '(', s3_bucket: b}
",
    );
    let rule = |path| config.destination_for(path);
    let to = |path| rule(path).expect("usable").destination.clone();
    let (bucket, path) = ("b".to_owned(), "v/".to_owned());
    assert_eq!(to("s3/a"), Some(Destination::S3 { bucket: bucket.clone(), prefix: "p/".to_owned() }));
    assert!(rule("s3/a").expect("usable").omit_extensions);
    assert_eq!(to("gcs/a"), Some(Destination::Gcs { bucket, prefix: String::new() }));
    let (address, mount) = ("https://vault".to_owned(), "kv".to_owned());
    assert_eq!(to("vault/a"), Some(Destination::Vault { address, path, mount, version: 1 }));
    assert_eq!(to("none/a"), None);
    let refused = |path| rule(path).expect_err("refused").to_string();
    assert_eq!(refused("two/a"), "line 5, column 5: a destination rule has more than one destination");
    assert_eq!(
        refused("other"),
        "line 7, column 6: this `path_regex` does not compile: it is malformed, or it would become too large"
    );
}

#[test]
fn stores_have_their_defaults() {
    assert_eq!(*config("").stores(), Stores { yaml_indent: 0, json_indent: -1, json_binary_indent: -1 });
    let text = "stores: {yaml: {indent: 2}, json: {indent: 0}, json_binary: {indent: null}, dotenv: {}, ini:}";
    assert_eq!(*config(text).stores(), Stores { yaml_indent: 2, json_indent: 0, json_binary_indent: -1 });
    assert_eq!(warnings(text), [""; 0]);
}

proptest::proptest! {
    #[test]
    fn no_text_makes_reading_panic(text in r"(creation_rules|stores|destination_rules|x): ?\n?( {0,3}(- )?(age|pgp|kms|path_regex|key_groups|merge|<<|shamir_threshold|hckms|azure_keyvault|hc_vault|a): ?(\[|\]|\{|\}|&a|\*a|!!int|[0-9]{1,3}|age1x|https://a/keys/b|'|,|~|\n)*){0,6}") {
        if let Ok(config) = SopsConfig::parse(&text) {
            let _ = config.rule_for("a");
            let _ = config.destination_for("a");
        }
    }
}
