//! What a new file gets: its keys and its selector, by options or by its rule.

use std::path::Path;

use sops_rs::Error;
use sops_rs::config::sops::CreationRule;
use sops_rs::data_key::DataKey;
use sops_rs::dialect::sops::{KeyGroup, Metadata, Rule, SELECTORS};
use sops_rs::document::sops::Store;
use sops_rs::file::sops::{self, Losses, metadata_by_rule, wrap_data_key};

use super::failure;
use super::file::{converted, sealed_as};
use super::session::Session;
use crate::cli::exit_code;
use crate::cli::report::Failure;

/// `plaintext`, in the first of two formats, as an encrypted file in the second one, under a new data key.
pub(super) fn encrypted(
    session: &Session<'_>,
    plaintext: &[u8],
    [from, to]: [Store; 2],
    mut metadata: Metadata,
) -> Result<String, Error> {
    let to = sealed_as(from, to);
    let plaintext = converted(session, plaintext, [from, to], Losses::Refused)?;
    let data_key = DataKey::generate()?;
    wrap_data_key(&mut metadata, &data_key, &session.tools.wrap())?;
    sops::encrypt(&plaintext, to, &data_key, metadata)
}

/// What a new file called `name` gets: keys and selector of the options and of its rule.
pub(super) fn metadata(session: &Session<'_>, name: &Path, store: Store) -> Result<Metadata, Failure> {
    let now = session.now();
    let keys = session.keys("", &now)?;
    // Where there are rules one must match, even when options name the keys.
    let rule = session.rule_for(name)?;
    let of_rule = |error| Failure::of(&name.display().to_string(), error).with_code(exit_code::GENERIC);
    let mut metadata = match rule {
        Some(rule) if keys.is_empty() => {
            if rule.key_groups.iter().any(Vec::is_empty) {
                return Err(failure::no_data_key("empty key group provided"));
            }
            metadata_by_rule(rule, store, now).map_err(of_rule)?
        }
        None if keys.is_empty() => {
            let what =
                "config file not found, or has no creation rules, and no keys provided through command line options";
            let failure = Failure::new(exit_code::GENERIC, what);
            return Err(failure.hint("name recipients with --age, or write a rule in .sops.yaml"));
        }
        _ => Metadata::new(vec![KeyGroup { keys, ..KeyGroup::default() }], now),
    };
    metadata.rule = selector(session, rule, store)?;
    metadata.mac_only_encrypted = store != Store::Binary
        && (session.line.is_on("mac-only-encrypted") || rule.is_some_and(|rule| rule.mac_only_encrypted));
    if let Some(threshold) = session.threshold()?
        && metadata.groups.len() > 1
    {
        metadata.shamir_threshold = Some(threshold);
    }
    Ok(metadata)
}

/// The selector of the options and the rule, each option in the place of the rule's own. A binary file has none.
fn selector(session: &Session<'_>, rule: Option<&CreationRule>, store: Store) -> Result<Option<Rule>, Failure> {
    let mut found = None;
    for name in SELECTORS {
        let of_rule = rule.and_then(|rule| rule.selector.as_ref()).filter(|selector| selector.name == name);
        let of_rule = of_rule.map(|selector| selector.text.as_str());
        let Some(text) = session.line.text(&name.replace('_', "-")).or(of_rule) else { continue };
        if found.replace((name, text)).is_some() {
            let what = "Error: cannot use more than one of encrypted_suffix, unencrypted_suffix, encrypted_regex, \
                        unencrypted_regex, encrypted_comment_regex, or unencrypted_comment_regex in the same file";
            return Err(Failure::new(exit_code::CONFLICT, what));
        }
    }
    Ok(match found {
        _ if store == Store::Binary => None,
        None => Some(Rule::default()),
        Some((name, text)) => Rule::new(name, text),
    })
}
