//! Files as SOPS reads them: its five formats, where they differ from ours, and TOML, which only we have; and trees of
//! metadata in each.

use std::borrow::Cow;

use super::{Format, KeyedScan, json, toml, yaml};
use crate::error::Error;
use crate::leaf::{Leaf, LeafKind};

mod dotenv;
mod field;
mod flat;
mod ini;
mod print;
mod print_toml;

pub use field::Field;
pub(crate) use flat::{escape_newlines, unescape_newlines};
pub(crate) use print::json_string;

/// A file format as SOPS has it. Its dotenv and INI are not ours: values keep their quotes in dotenv, and in INI `#`
/// begins a comment nearly everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Store {
    /// Any bytes, encrypted in a JSON object.
    Binary,
    /// `KEY=value` lines.
    Dotenv,
    /// Sections of `key = value` lines.
    Ini,
    /// JSON.
    Json,
    /// TOML, our extension: SOPS itself takes such files for binary ones.
    Toml,
    /// YAML.
    Yaml,
}

impl Store {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Binary, Self::Dotenv, Self::Ini, Self::Json, Self::Toml, Self::Yaml];

    /// Its name, as in SOPS's `--input-type`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::Dotenv => "dotenv",
            Self::Ini => "ini",
            Self::Json => "json",
            Self::Toml => "toml",
            Self::Yaml => "yaml",
        }
    }

    /// The format called `name`.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|store| store.name() == name)
    }

    /// The format that SOPS takes a file of this name for: by its suffix, case-sensitive; anything unknown is binary, and
    /// so is TOML.
    #[must_use]
    pub fn for_name(file_name: &str) -> Self {
        let ends = |suffix| file_name.ends_with(suffix);
        match () {
            () if ends(".yaml") || ends(".yml") => Self::Yaml,
            () if ends(".json") => Self::Json,
            () if ends(".env") => Self::Dotenv,
            () if ends(".ini") => Self::Ini,
            () => Self::Binary,
        }
    }

    /// The same under our own name, where TOML is TOML.
    #[must_use]
    pub fn for_new_file(file_name: &str) -> Self {
        if file_name.ends_with(".toml") { Self::Toml } else { Self::for_name(file_name) }
    }

    /// The format of the encrypted file `bytes` of this name, whoever has written it: what SOPS makes of a TOML file is a
    /// JSON object, and no TOML begins with a brace.
    #[must_use]
    pub fn for_encrypted(file_name: &str, bytes: &[u8]) -> Self {
        let is_object = bytes.trim_ascii_start().starts_with(b"{");
        if is_object { Self::for_name(file_name) } else { Self::for_new_file(file_name) }
    }

    /// The leaves and keys of `text`, metadata included.
    pub(crate) fn keyed_scan(self, text: &str) -> Result<KeyedScan, Error> {
        match self {
            Self::Binary | Self::Json => json::keyed_scan(text),
            Self::Dotenv => dotenv::keyed_scan(text),
            Self::Ini => ini::keyed_scan(text),
            Self::Toml => {
                toml::Toml.check_characters(text)?;
                toml::keyed_scan(text)
            }
            Self::Yaml => {
                yaml::Yaml.check_characters(text)?;
                yaml::keyed_scan(text)
            }
        }
    }

    /// What SOPS reads of `leaf`, a value.
    pub(crate) fn decode<'t>(self, text: &'t str, leaf: &Leaf) -> Result<Cow<'t, str>, Error> {
        match self {
            Self::Binary | Self::Json => json::Json.decode(text, leaf),
            Self::Dotenv => Ok(unescape_newlines(leaf.span.of(text))),
            Self::Ini => Ok(ini::decode(leaf.span.of(text))),
            Self::Toml => toml::Toml.decode(text, leaf),
            Self::Yaml => {
                let value = yaml::Yaml.decode(text, leaf)?;
                if !is_open_block(text, leaf) {
                    return Ok(value);
                }
                let len = value.strip_suffix('\n').map_or(value.len(), str::len);
                Ok(Cow::Owned(value[..len].to_owned()))
            }
        }
    }

    /// The quotes around `source`, a string in TOML; empty for anything else.
    pub(crate) fn toml_quote(source: &str) -> &'static str {
        toml::QUOTES.into_iter().find(|quote| source.starts_with(quote)).unwrap_or_default()
    }

    /// `text` in TOML, between `quote` if that can hold it.
    pub(crate) fn spell_toml(quote: &str, text: &str) -> String {
        toml::in_quotes(quote, text)
    }

    /// `value` as a source text that [`Store::decode`] reads again, where it is one of INI; none when INI cannot hold it.
    pub(crate) fn spell_ini(value: &str) -> Option<Cow<'_, str>> {
        ini::spell(value)
    }
}

/// Whether `leaf` is a block scalar of YAML that ends with the text, but without a line break: go-yaml adds none to its value.
pub(crate) fn is_open_block(text: &str, leaf: &Leaf) -> bool {
    leaf.kind == LeafKind::Quoted
        && leaf.span.end as usize == text.len()
        && leaf.span.of(text).starts_with(['|', '>'])
        && leaf.span.of(text).contains('\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_told_apart_as_in_sops() {
        for (name, store) in [
            ("a.yaml", Store::Yaml),
            ("a.yml", Store::Yaml),
            ("a.YAML", Store::Binary),
            (".env", Store::Dotenv),
            ("prod.env", Store::Dotenv),
            (".env.local", Store::Binary),
            ("x.ini", Store::Ini),
            ("x.json", Store::Json),
            ("x.toml", Store::Binary),
        ] {
            assert_eq!(Store::for_name(name), store, "{name}");
        }
        assert_eq!(Store::for_new_file("x.toml"), Store::Toml);
        assert_eq!(Store::for_new_file("x.yaml"), Store::Yaml);
        assert_eq!(Store::for_encrypted("x.toml", b"\n{\"data\": 1}"), Store::Binary);
        assert_eq!(Store::for_encrypted("x.toml", b"[a]"), Store::Toml);
        assert_eq!(Store::for_encrypted("x.json", b"{}"), Store::Json);
        assert_eq!(Store::ALL.map(|store| Store::by_name(store.name())), Store::ALL.map(Some));
    }
}
