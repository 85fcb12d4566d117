//! Files of SOPS: told from plaintext, so that nobody encrypts one twice or takes it for one that is not encrypted.

use serde_json::Value;
use sops_rs::document::Format;

use super::exit_code;
use super::report::Failure;

/// Whether `bytes` are a file that SOPS encrypted: they have its metadata, with a `mac` and a `version` in it.
///
/// SOPS itself writes the metadata, in one spelling, so no parser is needed for YAML and dotenv.
pub(crate) fn is_encrypted(bytes: &[u8], format: &dyn Format) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    match format.name() {
        "yaml" => has_block(text),
        "json" | "binary" => has_object(text),
        "ini" => has_section(text),
        "toml" | "properties" => false,
        _ => ["sops_mac=", "sops_version="].iter().all(|start| text.lines().any(|line| line.starts_with(start))),
    }
}

/// The failure for a command that cannot go on with such a file.
pub(crate) fn failure(shown: &str, code: u8) -> Failure {
    let failure = Failure::about(code, shown, "was encrypted by SOPS, whose files this version cannot read yet");
    let hint = if code == exit_code::ALREADY_ENCRYPTED {
        "to encrypt it with sops-rs, decrypt it with `sops` first"
    } else {
        "decrypt it with `sops`"
    };
    failure.hint(hint)
}

fn has_block(text: &str) -> bool {
    let mut lines = text.lines().skip_while(|line| line.trim_end() != "sops:").skip(1);
    let mut missing = vec!["mac:", "version:"];
    // Comments and the rest of the metadata are indented; the next line at the margin is another key.
    while let Some(line) = lines.next().filter(|line| line.starts_with(' ')) {
        missing.retain(|field| !line.trim_start().starts_with(field));
    }
    missing.is_empty()
}

fn has_section(text: &str) -> bool {
    let section = text.lines().skip_while(|line| line.trim() != "[sops]").skip(1);
    let mut missing = vec!["mac", "version"];
    for line in section.take_while(|line| !line.starts_with('[')) {
        missing.retain(|field| line.split_once('=').is_none_or(|(key, _)| key.trim() != *field));
    }
    missing.is_empty()
}

fn has_object(text: &str) -> bool {
    // A look at the text first: parsing a large file takes longer than encrypting it.
    if !text.contains("\"sops\"") {
        return false;
    }
    let root: Value = serde_json::from_str(text).unwrap_or_default();
    ["mac", "version"].iter().all(|field| root["sops"][field].is_string())
}

#[cfg(test)]
mod tests {
    use sops_rs::document::format_by_name;

    use super::is_encrypted;

    #[test]
    fn metadata_of_sops_are_found_and_nothing_else() {
        for (format, text, expected) in [
            ("yaml", "a: 1\nsops:\n    age: []\n    mac: x\n    version: 3.9.0\n", true),
            ("yaml", "a: 1\r\nsops:\r\n    mac: x\r\n    version: 3.9.0\r\nb: 1\r\n", true),
            ("yaml", "a: 1\nsops:\n    mac: x\nversion: 1\n", false),
            ("yaml", "a:\n  sops:\n    mac: x\n    version: 1\n", false),
            ("yaml", "sops: x\n", false),
            ("json", r#"{"a":1,"sops":{"mac":"x","version":"3.9.0"}}"#, true),
            ("json", r#"{"a":{"sops":{"mac":"x","version":"3.9.0"}}}"#, false),
            ("json", r#"["sops"]"#, false),
            ("json", r#"{"sops""#, false),
            ("dotenv", "A=1\nsops_mac=x\nsops_version=3.9.0\n", true),
            ("dotenv", "A=1\nsops_mac=x\n", false),
            ("ini", "[a]\nb = 1\n\n[sops]\nmac     = x\nversion = 3.9.0\n", true),
            ("ini", "[a]\nmac=x\nversion=1\n[sops]\nmac=x\n[b]\nversion=1\n", false),
            ("binary", r#"{"data":"x","sops":{"mac":"x","version":"3.9.0"}}"#, true),
            ("toml", "[sops]\nmac = 'x'\nversion = 'y'\n", false),
        ] {
            let format = format_by_name(format).unwrap();
            assert_eq!(is_encrypted(text.as_bytes(), format), expected, "{text}");
        }
    }
}
