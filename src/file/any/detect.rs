//! Which dialect a file has.

use super::{Metadata, explained};
use crate::document::Format;
use crate::document::sops::Store;
use crate::error::Error;
use crate::file::open;
use crate::file::sops::SealedFile;

/// The metadata of a file; none when it is not encrypted. Nothing is authenticated.
///
/// # Errors
/// [`Error::Metadata`], or that of the sops dialect, when there is a block that cannot be read, and what is wrong with
/// the text.
pub fn status(bytes: &[u8], format: &'static dyn Format) -> Result<Option<Metadata>, Error> {
    explained(bytes, || match sops_file(bytes, format)? {
        Some((sealed, store)) => Ok(Some(Metadata::of_sops(&sealed, store))),
        None => Ok(open::status(bytes, format)?.map(Metadata::Native)),
    })
}

/// A file of the sops dialect, and its format; none for all others, well-formed or not.
///
/// # Errors
/// What is wrong with the file, when it looks like one of the sops dialect.
pub(in crate::file) fn sops_file<'b>(
    bytes: &'b [u8],
    format: &'static dyn Format,
) -> Result<Option<(SealedFile<'b>, Store)>, Error> {
    let Some(store) = store(bytes, format) else { return Ok(None) };
    if matches!(open::status(bytes, format), Ok(Some(_))) {
        return Ok(None);
    }
    match SealedFile::read(bytes, store) {
        Ok(sealed) => Ok(sealed.map(|sealed| (sealed, store))),
        // A key called `sops` does not make metadata.
        Err(error) if has_mac(bytes) => Err(error),
        Err(_) => Ok(None),
    }
}

/// The format of SOPS that a file of ours of `format` has, if it may be one of the sops dialect: nothing but the text is
/// looked at, and no key in it. Whether there are metadata says [`status`].
fn store(bytes: &[u8], format: &dyn Format) -> Option<Store> {
    let text = std::str::from_utf8(bytes).ok()?;
    // One search is much faster than to look at each line.
    let text = text.trim_start_matches('\u{feff}');
    let has_line = |start: &str| text.starts_with(start) || text.contains(&format!("\n{start}"));
    match format.name() {
        "yaml" => (has_line("sops:") || text.contains("\"sops\"")).then_some(Store::Yaml),
        "json" => text.contains("\"sops\"").then_some(Store::Json),
        _ if is_envelope(text) => Some(Store::Binary),
        "dotenv" => ["sops_lastmodified=", "sops_mac="].into_iter().any(has_line).then_some(Store::Dotenv),
        "ini" => text.contains("[sops]").then_some(Store::Ini),
        "toml" => text.contains("[sops]").then_some(Store::Toml),
        _ => None,
    }
}

/// Whether it looks like the JSON that SOPS makes of a binary file: the data, then the metadata.
fn is_envelope(text: &str) -> bool {
    let inside = text.trim_start().strip_prefix('{').map(str::trim_start);
    inside.is_some_and(|inside| inside.starts_with("\"data\"")) && text.contains("\"sops\"")
}

/// Whether what SOPS asks of metadata stands somewhere in the text.
fn has_mac(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| ["mac", "version"].iter().all(|field| text.contains(field)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Dialect;
    use crate::document::format_by_name;

    const KEY: &str = "age__list_0__map_recipient=x\nsops_age__list_0__map_enc=x";

    #[test]
    fn metadata_of_sops_are_found_and_nothing_else() {
        let block = "    age:\n        - recipient: x\n          enc: x\n    lastmodified: \"2026-01-02T03:04:05Z\"\n";
        let yaml = format!("sops:\n{block}    mac: x\n    version: 3.9.0\n");
        let map = r#""sops":{"age":[{"recipient":"x","enc":"x"}],"lastmodified":"2026-01-02T03:04:05Z","mac":"x","version":"3.9.0"}"#;
        let flat = "lastmodified=2026-01-02T03:04:05Z\nsops_mac=x\nsops_version=3.9.0\n";
        let toml = "age = [{recipient = \"x\", enc = \"x\"}]\nlastmodified = \"2026-01-02T03:04:05Z\"\nmac = \"x\"\n\
                    version = \"3.9.0\"\n";
        for (format, text, expected) in [
            ("yaml", format!("a: 1\n{yaml}"), Ok(true)),
            ("yaml", format!("a: 1\r\n{}b: 1\r\n", yaml.replace('\n', "\r\n")), Ok(true)),
            ("yaml", format!("{{\"a\": 1, {map}}}\n"), Ok(true)),
            ("yaml", "a: 1\nsops:\n    mac: x\nversion: 1\n".into(), Err(())),
            ("yaml", "a:\n  sops:\n    mac: x\n    version: 1\n".into(), Ok(false)),
            ("json", format!("{{\"a\":1,{map}}}"), Ok(true)),
            ("json", format!("{{\"a\":{{{map}}}}}"), Ok(false)),
            ("json", r#"["sops"]"#.into(), Ok(false)),
            ("dotenv", format!("A=1\nsops_{KEY}\nsops_{flat}"), Ok(true)),
            ("dotenv", "A=1\nsops_mac=x\n".into(), Ok(false)),
            ("dotenv", format!("{{\"data\":\"x\",{map}}}"), Ok(true)),
            ("ini", format!("[a]\nb = 1\n\n[sops]\n{}\n{flat}", KEY).replace("sops_", ""), Ok(true)),
            ("binary", format!("{{\n\t\"data\": \"x\",\n\t{map}}}"), Ok(true)),
            ("binary", format!("a: 1\n{yaml}"), Ok(false)),
            ("toml", format!("{{\"data\":\"x\",{map}}}"), Ok(true)),
            ("toml", format!("a = 1\n\n[sops]\n{toml}"), Ok(true)),
            ("toml", format!("a = 1\n\n[b.sops]\n{toml}"), Ok(false)),
            ("properties", "data=1\n".into(), Ok(false)),
        ] {
            let format = format_by_name(format).expect("a format");
            let found = status(text.as_bytes(), format);
            let found = found.map(|metadata| metadata.is_some_and(|found| found.dialect() == Dialect::Sops));
            assert_eq!(found.map_err(|_| ()), expected, "{text}");
        }
    }
}
