//! The manifest of a Kubernetes Secret.

use std::path::Path;

use sops_rs::document::format_for_name;
use zeroize::Zeroizing;

use super::{DeliveryOptions, Variables, text};
use crate::cli::exit_code;
use crate::cli::report::Failure;

/// Names of Secrets are at most this long, those of namespaces shorter (RFC 1123, and the Kubernetes API).
const MAX_NAME_LEN: usize = 253;
const MAX_NAMESPACE_LEN: usize = 63;

/// A Secret with `data`, which is in base64, named as the options say, or after `file`.
pub(super) fn manifest(options: &DeliveryOptions, data: &Variables, file: &Path) -> Result<Zeroizing<String>, Failure> {
    let name = match &options.name {
        Some(name) if is_name(name, MAX_NAME_LEN) => name.clone(),
        Some(name) => return Err(refused("--name", name)),
        None => name_of(file)?,
    };
    let mut head = format!("apiVersion: v1\nkind: Secret\nmetadata:\n  name: \"{name}\"\n");
    match &options.namespace {
        Some(namespace) if is_name(namespace, MAX_NAMESPACE_LEN) && !namespace.contains('.') => {
            head.push_str(&format!("  namespace: \"{namespace}\"\n"));
        }
        Some(namespace) => return Err(refused("--namespace", namespace)),
        None => {}
    }
    head.push_str("type: Opaque\n");
    head.push_str(if data.is_empty() { "data: {}\n" } else { "data:\n" });
    // In quotes: a key may look like a number, and base64 like a word of YAML.
    let entries = data.iter().map(|(key, value)| ["  \"", key, "\": \"", value, "\"\n"].concat());
    Ok(text(std::iter::once(head).chain(entries)))
}

/// The key for a file as a whole: its name, with `-` for what no key has.
pub(super) fn key_of(file: &Path) -> String {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let name = [".enc", ".sops"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
    let fitting = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' };
    name.chars().map(fitting).collect()
}

/// `secrets/Prod_db.enc.yaml` gives `prod-db`.
fn name_of(file: &Path) -> Result<String, Failure> {
    let name = file.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let is_known = |end: &str| format_for_name(&format!("x.{end}")).is_some();
    let stem = name.rsplit_once('.').filter(|(stem, end)| !stem.is_empty() && is_known(end));
    let stem = stem.map_or(&*name, |(stem, _)| stem);
    let stem = [".enc", ".sops"].iter().find_map(|end| stem.strip_suffix(end)).unwrap_or(stem);
    let fitting = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
    let name: String = stem.chars().map(fitting).collect();
    let name = name.trim_matches(['-', '.']);
    if is_name(name, MAX_NAME_LEN) {
        return Ok(name.to_owned());
    }
    let failure = Failure::about(exit_code::GENERIC, &file.display().to_string(), "gives no name for a Secret");
    Err(failure.hint("name it with --name NAME"))
}

/// Labels of lower-case letters, digits and `-`, with dots between them.
fn is_name(name: &str, limit: usize) -> bool {
    let is_label = |label: &str| {
        let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        label.bytes().all(|byte| inner(byte) || byte == b'-')
            && label.bytes().next().is_some_and(inner)
            && label.bytes().next_back().is_some_and(inner)
    };
    name.len() <= limit && name.split('.').all(is_label)
}

fn refused(option: &str, name: &str) -> Failure {
    let what = format!("`{option} {name}`: not a name for Kubernetes: lower-case letters, digits and `-`");
    Failure::new(exit_code::GENERIC, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_gives_its_secret_a_name() {
        for (file, name) in [
            ("secrets/Prod_db.enc.yaml", Some("prod-db")),
            (".env", Some("env")),
            (".env.production", Some("env.production")),
            ("app.env", Some("app")),
            ("app.PROPERTIES", Some("app")),
            ("wg0.conf", Some("wg0")),
            ("tls.p12", Some("tls.p12")),
            ("a..b.json", None),
            ("-", None),
            ("ä.yaml", None),
        ] {
            assert_eq!(name_of(Path::new(file)).ok().as_deref(), name, "{file}");
        }
        assert!(!is_name("", 253) && !is_name("a.", 253) && !is_name("A", 253) && !is_name("aa", 1));
    }
}
