//! Documents as INI, as go-ini writes it: `=` stand below each other, comments above what they belong to.

use std::borrow::Cow;

use zeroize::Zeroizing;

use super::print::{Losses, flat_value, refuse};
use super::{DEFAULT_SECTION, Item, Node};
use crate::document::sops::Store;
use crate::error::Error;

/// The sections of all documents. `source` is where they come from: in INI a key's comment is the item behind it, in other
/// formats the one before.
pub(super) fn documents(roots: &[Node], source: Store, losses: Losses) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut printer = Printer { out: Zeroizing::new(Vec::new()), source, losses, has_section: false };
    let mut above = Vec::new();
    for item in roots.iter().flat_map(Node::items) {
        match item {
            Item::Comment(text) => above.push(text.as_str()),
            Item::Entry(name, Node::Map(items)) => {
                printer.section(name, items, &above)?;
                above.clear();
            }
            Item::Entry(name, _) => return refuse(name, "INI holds sections, so each root key must be a map"),
            Item::Element(_) => {}
        }
    }
    printer.comments(&above);
    Ok(printer.out)
}

struct Printer {
    out: Zeroizing<Vec<u8>>,
    source: Store,
    losses: Losses,
    has_section: bool,
}

struct Entry<'n> {
    key: Cow<'n, str>,
    value: Cow<'n, [u8]>,
    comments: Vec<&'n str>,
}

impl Printer {
    fn section(&mut self, name: &str, items: &[Item], above: &[&str]) -> Result<(), Error> {
        // At the top it has no header.
        let has_header = self.has_section || !name.eq_ignore_ascii_case(DEFAULT_SECTION);
        if self.has_section && !self.out.is_empty() {
            self.out.push(b'\n');
        }
        self.has_section = true;
        self.comments(above);
        let mut comments = Vec::new();
        let mut entries: Vec<Entry<'_>> = Vec::new();
        for item in items {
            match item {
                Item::Comment(text) => match entries.last_mut() {
                    Some(entry) if self.source == Store::Ini => entry.comments.push(text),
                    _ => comments.push(text.as_str()),
                },
                Item::Entry(key, node) => {
                    if self.source == Store::Ini {
                        self.comments(&std::mem::take(&mut comments));
                    }
                    let path = format!("{name}.{key}");
                    let value = flat_value(&path, node, self.losses, "INI nests no deeper than sections and keys")?;
                    let key = spelled_key(key);
                    match entries.iter_mut().find(|entry| entry.key == key) {
                        Some(entry) => entry.value = value,
                        None => entries.push(Entry { key, value, comments: std::mem::take(&mut comments) }),
                    }
                }
                Item::Element(_) => {}
            }
        }
        if entries.is_empty() {
            self.comments(&std::mem::take(&mut comments));
        }
        if has_header {
            self.out.extend_from_slice(format!("[{name}]\n").as_bytes());
        }
        let width = entries.iter().map(|entry| entry.key.len()).max().unwrap_or(0);
        for Entry { key, value, comments } in &entries {
            self.comments(comments);
            self.out.extend_from_slice(key.as_bytes());
            self.out.extend(std::iter::repeat_n(b' ', width - key.len()));
            self.out.extend_from_slice(b" = ");
            self.out.extend_from_slice(&spelled(value));
            self.out.push(b'\n');
        }
        self.comments(&comments);
        Ok(())
    }

    fn comments(&mut self, comments: &[&str]) {
        comments.iter().flat_map(|text| text.split('\n')).for_each(|line| comment(line, &mut self.out));
    }
}

fn spelled_key(key: &str) -> Cow<'_, str> {
    match key {
        _ if key.contains(['"', '=', ':']) => Cow::Owned(format!("`{key}`")),
        _ if key.contains('`') => Cow::Owned(format!("\"\"\"{key}\"\"\"")),
        _ => Cow::Borrowed(key),
    }
}

fn spelled(value: &[u8]) -> Zeroizing<Vec<u8>> {
    let has = |signs: &[u8]| value.iter().any(|byte| signs.contains(byte));
    let quote: &[u8] = match () {
        () if has(b"\n`") => b"\"\"\"",
        () if has(b"#;") => b"`",
        () if value.trim_ascii().len() != value.len() => b"\"",
        () => b"",
    };
    Zeroizing::new([quote, value, quote].concat())
}

fn comment(line: &str, out: &mut Vec<u8>) {
    let (sign, rest) = match line.as_bytes().first() {
        Some(b'#') => ("# ", &line[1..]),
        Some(b';') => ("; ", &line[1..]),
        _ => ("; ", line),
    };
    out.extend_from_slice(sign.as_bytes());
    out.extend_from_slice(rest.trim().as_bytes());
    out.push(b'\n');
}
