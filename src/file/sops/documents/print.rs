//! Documents as text of each format, in SOPS's layout.

use std::borrow::Cow;

use zeroize::Zeroizing;

use super::{Documents, Item, Node, ini, json, yaml};
use crate::config::sops::Stores;
use crate::dialect::sops::{Kind, Value};
use crate::document::format_by_name;
use crate::document::sops::{Store, escape_newlines};
use crate::error::Error;
use crate::file::Tree;
use crate::file::sops::spell;

/// What becomes of values that a format cannot hold, where SOPS writes something nevertheless.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Losses {
    /// They are errors: what is printed says the same when it is read, but for comments and types that the format does
    /// not know. For files that are to be encrypted.
    Refused,
    /// As SOPS prints: JSON and dotenv hold the first document only, and null is `<nil>` in dotenv and INI. For what is
    /// looked at.
    AsSops,
}

impl Documents {
    /// The documents in the format of `store`, with the indentation that `stores` says: byte for byte what SOPS prints,
    /// but for what `docs/sops-compatibility.md` lists.
    ///
    /// # Errors
    /// [`Error::Unrepresentable`] for what the format cannot hold, or for an indentation that SOPS refuses. SOPS exits
    /// with 4 then.
    pub fn print(&self, store: Store, stores: &Stores, losses: Losses) -> Result<Zeroizing<Vec<u8>>, Error> {
        let is_lossy = losses == Losses::AsSops;
        let text = match store {
            Store::Yaml => yaml::documents(&self.roots, yaml_step(stores)?)?,
            Store::Json => json::document(self.only(is_lossy)?, &json_step(stores)?)?,
            Store::Dotenv => dotenv(self.only(is_lossy)?, losses)?,
            Store::Ini => ini::documents(&self.roots, self.store, losses)?,
            Store::Toml => self.toml()?,
            Store::Binary => return self.binary(),
        };
        if !is_lossy {
            self.check_same(&text, store)?;
        }
        Ok(text)
    }

    /// The one document that a format can hold.
    fn only(&self, is_lossy: bool) -> Result<&[Item], Error> {
        match &self.roots[..] {
            [_, _, ..] if !is_lossy => refuse(".", "this format holds one document only"),
            _ => Ok(self.first()),
        }
    }

    /// As our own commands print it: SOPS has no TOML.
    fn toml(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        match format_by_name(Store::Toml.name()) {
            Some(format) => Ok(json::into_bytes(Tree::of_sops(self).print(format)?)),
            None => refuse(".", "there is no TOML"),
        }
    }

    fn binary(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        let data = match &self.roots[..] {
            [root] => root.items().iter().find_map(|item| match item {
                Item::Entry(key, Node::Value(value)) if key == "data" && value.kind() == Kind::Text => Some(value),
                _ => None,
            }),
            _ => None,
        };
        match data {
            Some(data) => Ok(Zeroizing::new(data.bytes().to_vec())),
            None => refuse(".", "no text under the key `data`, so this is no binary file; name another output type"),
        }
    }
}

/// Blanks per level in YAML.
pub(super) fn yaml_step(stores: &Stores) -> Result<usize, Error> {
    match stores.yaml_indent {
        0 => Ok(4),
        indent if indent < 0 => refuse(".", "the indentation of YAML in the config is negative"),
        // go-yaml's bounds.
        indent => Ok(usize::try_from(indent).ok().filter(|indent| (2..=9).contains(indent)).unwrap_or(2)),
    }
}

/// What one level is indented by in JSON.
pub(super) fn json_step(stores: &Stores) -> Result<Cow<'static, str>, Error> {
    const MAX: i64 = 1 << 10;
    match stores.json_indent {
        -1 => Ok(Cow::Borrowed("\t")),
        indent @ 0..=MAX => Ok(Cow::Owned(" ".repeat(indent.unsigned_abs() as usize))),
        _ => refuse(".", "the indentation of JSON in the config is below -1, or very large"),
    }
}

pub(super) fn refuse<T>(path: &str, what: &'static str) -> Result<T, Error> {
    Err(Error::Unrepresentable { path: path.escape_debug().to_string(), what })
}

/// What a value says where there are only texts, as in dotenv, INI and the environment.
pub(super) fn flat(value: &Value) -> Cow<'_, [u8]> {
    match value.kind() {
        Kind::Comment | Kind::Text => Cow::Borrowed(value.bytes()),
        _ => match spell::flat(value) {
            Some(text) => Cow::Owned(text.into_bytes()),
            None => Cow::Borrowed(value.bytes()),
        },
    }
}

/// The value of the entry `key` where there are only texts.
pub(super) fn flat_value<'n>(
    key: &str,
    node: &'n Node,
    losses: Losses,
    collection: &'static str,
) -> Result<Cow<'n, [u8]>, Error> {
    match node {
        Node::List(_) | Node::Map(_) => refuse(key, collection),
        Node::Null if losses == Losses::Refused => refuse(key, "is null, which this format cannot hold"),
        Node::Null => Ok(Cow::Borrowed(b"<nil>")),
        Node::Value(value) => Ok(flat(value)),
    }
}

fn dotenv(items: &[Item], losses: Losses) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut out = Zeroizing::new(Vec::new());
    for item in items {
        match item {
            Item::Comment(text) => {
                for line in text.split('\n') {
                    // Further lines of a comment of INI have kept their signs.
                    if !line.starts_with('#') || line.len() == text.len() {
                        out.push(b'#');
                    }
                    out.extend_from_slice(line.as_bytes());
                    out.push(b'\n');
                }
            }
            Item::Entry(key, node) => {
                let value = flat_value(key, node, losses, "dotenv holds no maps and lists")?;
                out.extend_from_slice(key.as_bytes());
                out.push(b'=');
                match std::str::from_utf8(&value) {
                    Ok(text) => out.extend_from_slice(escape_newlines(text).as_bytes()),
                    Err(_) => out.extend_from_slice(&value),
                }
                out.push(b'\n');
            }
            Item::Element(_) => {}
        }
    }
    Ok(out)
}
