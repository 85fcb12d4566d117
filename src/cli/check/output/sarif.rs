//! SARIF 2.1.0 (OASIS), with what GitHub asks of it.

use std::path::{Component, Path};

use serde_json::{Value, json};

use super::sentence;
use crate::cli::check::finding::{Finding, Rule};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// What names of files are relative to.
const ROOT: &str = "%SRCROOT%";

/// The log of one run.
pub(super) fn log(findings: &[Finding]) -> Value {
    let rules: Vec<_> = Rule::ALL.iter().map(|&rule| descriptor(rule)).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "sops-rs",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { ROOT: { "description": { "text": "The top of the repository." } } },
            "results": findings.iter().map(result).collect::<Vec<_>>(),
        }],
    })
}

fn descriptor(rule: Rule) -> Value {
    json!({
        "id": rule.name(),
        "name": rule.name(),
        "shortDescription": { "text": rule.summary() },
        "fullDescription": { "text": rule.summary() },
        "help": { "text": rule.summary() },
        "defaultConfiguration": { "level": rule.severity().name() },
        "properties": { "tags": ["security"] },
    })
}

fn result(finding: &Finding) -> Value {
    let rule = Rule::ALL.iter().position(|&rule| rule == finding.rule);
    // GitHub shows no result without a place: what is about no file is put at the top of the config.
    let uri = finding.place.as_ref().map_or_else(|| ".sops-rs.yaml".to_owned(), |place| uri(&place.name));
    json!({
        "ruleId": finding.rule.name(),
        "ruleIndex": rule,
        "level": finding.severity.name(),
        "message": { "text": sentence(finding) },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri, "uriBaseId": ROOT },
            "region": { "startLine": finding.line.unwrap_or(1) },
        }}],
        // Lines move; the values that a finding is about do not.
        "partialFingerprints": { "finding/v1": fingerprint(finding, &uri) },
    })
}

fn fingerprint(finding: &Finding, uri: &str) -> String {
    format!("{}:{uri}:{}", finding.rule.name(), finding.paths.join(","))
}

/// The path as a relative reference (RFC 3986): everything but unreserved characters is percent-encoded.
fn uri(path: &Path) -> String {
    let part = |component: Component<'_>| encoded(component.as_os_str().as_encoded_bytes());
    path.components().map(part).collect::<Vec<_>>().join("/")
}

fn encoded(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::check::finding::Place;

    #[test]
    fn a_result_names_its_rule_and_its_place() {
        let place = Place { name: "a b/é#?.yaml".into(), path: "x".into() };
        let finding = Finding::new(Rule::Drift, &place, "differs").remedy("do this").about(vec!["p".into()]);
        let log = log(&[finding]);
        let run = &log["runs"][0];
        let result = &run["results"][0];
        let index = result["ruleIndex"].as_u64().and_then(|index| usize::try_from(index).ok()).expect("a number");
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
        let location = &result["locations"][0]["physicalLocation"];
        assert_eq!(location["artifactLocation"]["uri"], "a%20b/%C3%A9%23%3F.yaml");
        assert_eq!(location["region"]["startLine"], 1);
        assert_eq!(result["message"]["text"], "differs; do this");
        let names: Vec<_> = Rule::ALL.iter().map(|rule| rule.name()).collect();
        assert!(names.is_sorted(), "{names:?}");
    }
}
