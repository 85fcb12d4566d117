//! The cases of toml-test (<https://github.com/toml-lang/toml-test>, revision d168c2a4f539, its list for TOML 1.1.0), copyright
//! (c) 2018 TOML authors, MIT licence, but for those that are not UTF-8, which are refused before any scan.

use std::collections::BTreeMap;

use crate::document::toml::Toml;
use crate::document::{Format, battery};

fn cases(json: &str) -> BTreeMap<String, String> {
    serde_json::from_str(json).expect("names and texts")
}

#[test]
fn valid_texts_are_accepted() {
    let cases = cases(include_str!("../../../../testdata/toml-test/valid.json"));
    let mut refused = Vec::new();
    for (name, text) in &cases {
        if !battery::check(&Toml, text) {
            refused.push(name.as_str());
        }
    }
    assert_eq!((cases.len(), refused), (220, Vec::new()));
}

#[test]
fn invalid_texts_are_refused() {
    let cases = cases(include_str!("../../../../testdata/toml-test/invalid.json"));
    let accepted: Vec<_> =
        cases.iter().filter(|(_, text)| Toml.check_characters(text).and_then(|()| Toml.scan(text)).is_ok()).collect();
    let accepted: Vec<_> = accepted.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!((cases.len(), accepted), (483, Vec::new()));
}
