//! Sealing: from a plaintext to a file with tokens.

use std::collections::{HashMap, VecDeque};

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::edits::Edits;
use super::open::{self, Seen};
use super::sealed_file::SealedFile;
use super::tree::Tree;
use super::walk::{Visit, What};
use super::{MacCheck, alias, attach, comments};
use crate::data_key::DataKey;
use crate::dialect::sops::{Mac, Metadata, NONCE_LEN, Value, seal as seal_token};
use crate::document::MAX_PLAINTEXT_LEN;
use crate::document::sops::Store;
use crate::error::sops::SopsError;
use crate::error::{Error, Position};
use crate::leaf::{Carrier, Leaf, LeafKind, Span};
use crate::random::Pool;

/// What binary files look like inside: the value is put in the place of the empty text.
const BINARY_ENVELOPE: &str = "{\n\t\"data\": \"\"\n}\n";

/// The tokens of an opened file by what they hold and where, for taking over what did not change. It holds digests of
/// the plaintext only. Equal values under the same keys have a token each, in their order, so that none is written twice.
#[derive(Default)]
pub(super) struct Tokens {
    tokens: HashMap<[u8; 32], VecDeque<String>>,
}

impl Tokens {
    pub(super) fn add(&mut self, aad: &str, value: &Value, token: &str) {
        self.tokens.entry(digest(aad, value)).or_default().push_back(token.to_owned());
    }

    fn take(&mut self, aad: &str, value: &Value) -> Option<String> {
        self.tokens.get_mut(&digest(aad, value))?.pop_front()
    }
}

fn digest(aad: &str, value: &Value) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update((aad.len() as u64).to_le_bytes());
    hash.update(aad);
    hash.update(value.kind().or_integer().tag());
    hash.update(value.bytes());
    hash.finalize().into()
}

/// Seals `plaintext`, and opens what came out to see that it is the same.
pub(super) fn seal(
    plaintext: &[u8],
    store: Store,
    data_key: &DataKey,
    metadata: Metadata,
    tokens: Tokens,
) -> Result<String, Error> {
    let (text, values) = if store == Store::Binary {
        seal_text(BINARY_ENVELOPE, Some(plaintext), store, data_key, metadata, tokens)?
    } else {
        let text = super::checked_text(plaintext, MAX_PLAINTEXT_LEN)?;
        seal_text(text, None, store, data_key, metadata, tokens)?
    };
    let opened = SealedFile::read(text.as_bytes(), store).and_then(|file| {
        let file = file.ok_or(SopsError::NoMetadata)?;
        open::open(&file, data_key, MacCheck::Require, None)
    });
    match opened {
        Ok(opened) if opened.values == values => Ok(text),
        // What has no spelling can be told better.
        Err(error @ Error::Unrepresentable { .. }) => Err(error),
        _ => Err(Error::SelfCheck { at: Position { line: 1, column: 1 } }),
    }
}

fn seal_text(
    text: &str,
    binary: Option<&[u8]>,
    store: Store,
    data_key: &DataKey,
    mut metadata: Metadata,
    tokens: Tokens,
) -> Result<(String, Vec<Seen>), Error> {
    let tree = Tree::read(store, text)?;
    if !tree.metadata_nodes().is_empty() {
        return Err(Error::AlreadyEncrypted);
    }
    let rule = metadata.rule.clone().unwrap_or_default();
    if store == Store::Yaml
        && let Some(prepared) = alias::prepare(&tree, &rule)?
    {
        return seal_text(&prepared, binary, store, data_key, metadata, tokens);
    }
    if matches!(store, Store::Yaml | Store::Json) && (text.trim().is_empty() || tree.documents().is_empty()) {
        return Err(Error::syntax(text, 0, "a file without a value or map cannot be encrypted"));
    }
    let mut sealer = Sealer {
        tree: &tree,
        data_key,
        binary,
        tokens,
        pool: Pool::new(),
        mac: Mac::new(metadata.mac_only_encrypted),
        edits: Edits::default(),
        values: Vec::new(),
    };
    tree.walk(&rule, &mut |visit| sealer.visit(visit))?;
    let Sealer { mut pool, mac, mut edits, values, .. } = sealer;
    let mut token = String::new();
    let mac = Value::text(mac.finish().as_bytes());
    seal_token(data_key, &pool.take::<NONCE_LEN>()?, &metadata.mac_aad(), &mac, &mut token);
    metadata.mac = Some(token);
    attach::attach(&tree, &metadata.to_field(), &mut edits)?;
    let sealed = std::mem::take(&mut *edits.apply(text));
    Ok((sealed, values))
}

struct Sealer<'a, 't> {
    tree: &'a Tree<'t>,
    data_key: &'a DataKey,
    /// What a binary file holds.
    binary: Option<&'a [u8]>,
    tokens: Tokens,
    pool: Pool,
    mac: Mac,
    edits: Edits,
    values: Vec<Seen>,
}

impl Sealer<'_, '_> {
    fn visit(&mut self, visit: &Visit<'_>) -> Result<(), Error> {
        match visit.what {
            What::Comment(leaves) if visit.is_encrypted => self.comment(leaves, visit),
            What::Comment(_) => Ok(()),
            What::Value(number) => self.value(number, visit),
        }
    }

    fn value(&mut self, number: usize, visit: &Visit<'_>) -> Result<(), Error> {
        let tree = self.tree;
        let aad = visit.aad();
        let value = match self.binary {
            Some(bytes) => Some(Value::text(bytes)),
            None => tree.scalar(number)?,
        };
        if let Some(value) = &value {
            self.mac.add(value, visit.is_encrypted);
            if visit.is_encrypted && !value.bytes().is_empty() {
                if visit.alias.is_some() {
                    let path = tree.scan.paths.display(tree.leaf(number).path).to_string();
                    return Err(Error::Unrepresentable { path, what: "an alias of it cannot be encrypted" });
                }
                let token = self.token(&aad, value)?;
                self.put(number, &token);
            }
        }
        self.values.push(Seen { aad, value });
        Ok(())
    }

    fn token(&mut self, aad: &str, value: &Value) -> Result<String, Error> {
        if let Some(token) = self.tokens.take(aad, value) {
            return Ok(token);
        }
        let mut token = String::new();
        seal_token(self.data_key, &self.pool.take::<NONCE_LEN>()?, aad, value, &mut token);
        Ok(token)
    }

    /// Puts a token in the place of a value, in its quotes if it has any.
    fn put(&mut self, number: usize, token: &str) {
        let tree = self.tree;
        let leaf = tree.leaf(number);
        let source = tree.source(number);
        if let Some(tag) = tree.tag_at(leaf.path).filter(|&tag| !fits_tokens(tree.source(tag))) {
            let Span { start, end } = tree.leaf(tag).span;
            let behind = &tree.text[end as usize..];
            let blanks = behind.len() - behind.trim_start_matches([' ', '\t']).len();
            self.edits.remove(start as usize..end as usize + blanks);
        }
        let own = source.chars().next().filter(|quote| source.len() > 1 && source.ends_with(*quote));
        let quote = match tree.store {
            Store::Binary | Store::Json => "\"",
            Store::Dotenv => "",
            Store::Ini if own == Some('"') && !source.starts_with("\"\"\"") => "\"",
            Store::Ini if own == Some('\'') => "'",
            Store::Ini => "",
            // Between brackets a token needs quotes: these for a text without any.
            Store::Yaml if leaf.kind == LeafKind::Plain && leaf.carrier == Carrier::DoubleQuoted => "'",
            Store::Yaml if leaf.kind == LeafKind::Quoted && own == Some('"') => "\"",
            Store::Yaml if leaf.kind == LeafKind::Quoted && own == Some('\'') => "'",
            Store::Yaml => "",
        };
        self.edits.replace(leaf.span, Zeroizing::new([quote, token, quote].concat()));
    }

    fn comment(&mut self, leaves: &[usize], visit: &Visit<'_>) -> Result<(), Error> {
        let tree = self.tree;
        let text = comments::text(tree, leaves);
        let ([first, rest @ ..], false) = (leaves, text.is_empty()) else { return Ok(()) };
        let token = self.token(&visit.aad(), &Value::comment(&text))?;
        let leaf = tree.leaf(*first);
        let sign = &tree.source(*first)[..1];
        let blank = if tree.store == Store::Ini { " " } else { "" };
        self.edits.replace(leaf.span, Zeroizing::new([sign, blank, &token].concat()));
        for &number in rest {
            self.remove_comment(tree.leaf(number));
        }
        Ok(())
    }

    /// Takes out a comment whose text is in the token of another one: with its line, if it has one of its own.
    fn remove_comment(&mut self, leaf: &Leaf) {
        let text = self.tree.text;
        let Span { start, end } = leaf.span;
        let before = text[..start as usize].trim_end_matches([' ', '\t']);
        if before.is_empty() || before.ends_with('\n') {
            let line_end = text[end as usize..].find('\n').map_or(text.len(), |len| end as usize + len + 1);
            self.edits.remove(before.len()..line_end);
        } else {
            self.edits.remove(before.len()..end as usize);
        }
    }
}

/// Whether a YAML tag may stand before a token: those that say which type the value has may not.
fn fits_tokens(tag: &str) -> bool {
    let name = tag.trim_end().trim_start_matches("!<").trim_end_matches('>');
    let name = name.strip_prefix("!!").or_else(|| name.strip_prefix("tag:yaml.org,2002:"));
    name.is_none_or(|name| name == "str")
}
