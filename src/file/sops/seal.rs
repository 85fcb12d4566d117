//! Sealing: from a plaintext to a file with tokens.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::edits::Edits;
use super::open;
use super::resolve::Scalar;
use super::sealed_file::SealedFile;
use super::stops::{Seen, Stop, Stops, Values};
use super::tree::Tree;
use super::walk::What;
use super::{alias, attach, comments};
use crate::data_key::DataKey;
use crate::dialect::sops::{Cipher, Mac, Metadata, NONCE_LEN, Value};
use crate::document::MAX_PLAINTEXT_LEN;
use crate::document::sops::Store;
use crate::error::sops::SopsError;
use crate::error::{Error, Position};
use crate::file::parallel;
use crate::leaf::{Carrier, Leaf, LeafKind, Span};
use crate::random::Pool;

/// What binary files look like inside: the value is put in the place of the empty text.
const BINARY_ENVELOPE: &str = "{\n\t\"data\": \"\"\n}\n";

/// The tokens of an opened file by what they hold and where, for taking over what did not change. It holds digests of
/// the plaintext only. Equal values under the same keys have a token each, in their order, so that none is written twice.
#[derive(Default)]
pub(super) struct Tokens<'o> {
    tokens: HashMap<[u8; 32], VecDeque<Cow<'o, str>>>,
}

impl<'o> Tokens<'o> {
    pub(super) fn add(&mut self, digest: [u8; 32], token: Cow<'o, str>) {
        self.tokens.entry(digest).or_default().push_back(token);
    }

    /// Adds those of another version of the file, but for what both have.
    pub(super) fn merge(&mut self, others: Self) {
        for (digest, others) in others.tokens {
            let own = self.tokens.entry(digest).or_default();
            for token in others {
                if !own.contains(&token) {
                    own.push_back(token);
                }
            }
        }
    }

    fn take(&mut self, aad: &str, value: &Value) -> Option<Cow<'o, str>> {
        self.tokens.get_mut(&digest(aad, value))?.pop_front()
    }
}

/// What a token is known by: what it holds, and what it is bound to.
pub(super) fn digest(aad: &str, value: &Value) -> [u8; 32] {
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
    tokens: Tokens<'_>,
) -> Result<String, Error> {
    if store == Store::Binary {
        return seal_text(BINARY_ENVELOPE, Some(plaintext), store, data_key, metadata, tokens);
    }
    let text = super::checked_text(plaintext, MAX_PLAINTEXT_LEN)?;
    seal_text(text, None, store, data_key, metadata, tokens)
}

fn seal_text(
    text: &str,
    binary: Option<&[u8]>,
    store: Store,
    data_key: &DataKey,
    mut metadata: Metadata,
    tokens: Tokens<'_>,
) -> Result<String, Error> {
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
    let stops = Stops::of(&tree, &rule)?;
    let cipher = Cipher::new(data_key);
    let sealer = Sealer { tree: &tree, cipher: &cipher, binary, stops: &stops };
    let values = sealer.values()?;
    let kept = sealer.kept(&values, tokens);
    let mut edits = sealer.seal(&values, &kept)?;
    let seen = |(stop, value): (&Stop<'_>, Scalar)| {
        let &Stop { what, aad, is_encrypted, .. } = stop;
        matches!(what, What::Value(_)).then_some(Seen { aad, is_encrypted, value })
    };
    let seen = stops.list.iter().zip(values).filter_map(seen).collect();
    let values = stops.into_values(seen);

    let mac = values.hash(Mac::new(metadata.mac_only_encrypted)).finish();
    let mut token = String::new();
    cipher.seal(&Pool::new().take::<NONCE_LEN>()?, &metadata.mac_aad(), &Value::text(mac.as_bytes()), &mut token);
    metadata.mac = Some(token);
    attach::attach(&tree, &metadata.to_field(), &mut edits)?;
    let sealed = std::mem::take(&mut *edits.apply(text));
    check(&sealed, store, data_key, text, &values)?;
    Ok(sealed)
}

/// Invariant I9: `sealed` says what `text` did.
fn check(sealed: &str, store: Store, data_key: &DataKey, text: &str, values: &Values) -> Result<(), Error> {
    let file = SealedFile::read(sealed.as_bytes(), store);
    let is_same = file.and_then(|file| open::check(&file.ok_or(SopsError::NoMetadata)?, data_key, text, values));
    match is_same {
        Ok(true) => Ok(()),
        // What has no spelling can be told better.
        Err(error @ Error::Unrepresentable { .. }) => Err(error),
        _ => Err(Error::SelfCheck { at: Position { line: 1, column: 1 } }),
    }
}

struct Sealer<'a, 't> {
    tree: &'a Tree<'t>,
    cipher: &'a Cipher,
    /// What a binary file holds.
    binary: Option<&'a [u8]>,
    stops: &'a Stops<'a>,
}

impl Sealer<'_, '_> {
    /// What stands at each stop: a value or null, or a comment.
    fn values(&self) -> Result<Vec<Scalar>, Error> {
        let stops = &self.stops.list;
        let [first, second] = parallel::halves(stops.len(), |numbers| {
            stops[numbers].iter().map(|stop| self.value(stop)).collect::<Result<Vec<_>, _>>()
        });
        let mut values = first?;
        values.extend(second?);
        Ok(values)
    }

    fn value(&self, stop: &Stop<'_>) -> Result<Scalar, Error> {
        let tree = self.tree;
        let number = match stop.what {
            What::Comment(leaves) => {
                let text = if stop.is_encrypted { comments::text(tree, leaves) } else { Cow::Borrowed("") };
                return Ok(Some(Value::comment(&text)));
            }
            What::Value(number) => number,
        };
        let value = match self.binary {
            Some(bytes) => Some(Value::text(bytes)),
            None => tree.scalar(number)?,
        };
        if let Some(value) = value.as_ref().filter(|value| stop.is_encrypted && !value.bytes().is_empty()) {
            let leaf = tree.leaf(number);
            if stop.alias.is_some() {
                let path = tree.scan.paths.display(leaf.path).to_string();
                return Err(Error::Unrepresentable { path, what: "an alias of it cannot be encrypted" });
            }
            open::check_len(tree.store, value.bytes(), || Position::of_span(tree.text, leaf.span))?;
        }
        Ok(value)
    }

    /// The token that each value keeps; nothing when there are none to keep.
    fn kept<'o>(&self, values: &[Scalar], mut tokens: Tokens<'o>) -> Vec<Option<Cow<'o, str>>> {
        if tokens.tokens.is_empty() {
            return Vec::new();
        }
        let keep = |(stop, value): (&Stop<'_>, &Scalar)| {
            let value = value.as_ref().filter(|value| stop.is_encrypted && !value.bytes().is_empty());
            value.and_then(|value| tokens.take(self.stops.aad(stop), value))
        };
        self.stops.list.iter().zip(values).map(keep).collect()
    }

    /// The changes that put all tokens in their places.
    fn seal(&self, values: &[Scalar], kept: &[Option<Cow<'_, str>>]) -> Result<Edits, Error> {
        let [first, second] = parallel::halves(values.len(), |numbers| {
            let mut pool = Pool::new();
            let mut edits = Edits::default();
            let mut token = String::new();
            for number in numbers {
                let stop = &self.stops.list[number];
                let value = values[number].as_ref().filter(|value| stop.is_encrypted && !value.bytes().is_empty());
                let Some(value) = value else { continue };
                let kept = kept.get(number).and_then(Option::as_deref);
                if kept.is_none() {
                    token.clear();
                    self.cipher.seal(&pool.take::<NONCE_LEN>()?, self.stops.aad(stop), value, &mut token);
                }
                let token = kept.unwrap_or(&token);
                match stop.what {
                    What::Comment(leaves) => self.put_comment(leaves, token, &mut edits),
                    What::Value(number) => self.put(number, token, &mut edits),
                }
            }
            Ok::<_, Error>(edits)
        });
        let mut edits = first?;
        edits.append(second?);
        Ok(edits)
    }

    /// Puts a token in the place of a value, in its quotes if it has any.
    fn put(&self, number: usize, token: &str, edits: &mut Edits) {
        let tree = self.tree;
        let leaf = tree.leaf(number);
        let source = tree.source(number);
        if let Some(tag) = tree.tag_at(leaf.path).filter(|&tag| !fits_tokens(tree.source(tag))) {
            let Span { start, end } = tree.leaf(tag).span;
            let behind = &tree.text[end as usize..];
            let blanks = behind.len() - behind.trim_start_matches([' ', '\t']).len();
            edits.remove(start as usize..end as usize + blanks);
        }
        let own = source.chars().next().filter(|quote| source.len() > 1 && source.ends_with(*quote));
        let quote = match tree.store {
            Store::Binary | Store::Json => "\"",
            Store::Dotenv => "",
            Store::Ini if own == Some('"') && !source.starts_with("\"\"\"") => "\"",
            Store::Ini if own == Some('\'') => "'",
            Store::Ini => "",
            Store::Toml if leaf.kind == LeafKind::Quoted => Store::toml_quote(source),
            Store::Toml => "\"",
            // Between brackets a token needs quotes: these for a text without any.
            Store::Yaml if leaf.kind == LeafKind::Plain && leaf.carrier == Carrier::DoubleQuoted => "'",
            Store::Yaml if leaf.kind == LeafKind::Quoted && own == Some('"') => "\"",
            Store::Yaml if leaf.kind == LeafKind::Quoted && own == Some('\'') => "'",
            Store::Yaml => "",
        };
        edits.replace(leaf.span, Zeroizing::new([quote, token, quote].concat()));
    }

    fn put_comment(&self, leaves: &[usize], token: &str, edits: &mut Edits) {
        let tree = self.tree;
        let [first, rest @ ..] = leaves else { return };
        let leaf = tree.leaf(*first);
        let sign = &tree.source(*first)[..1];
        let blank = if tree.store == Store::Ini { " " } else { "" };
        edits.replace(leaf.span, Zeroizing::new([sign, blank, token].concat()));
        for &number in rest {
            self.remove_comment(tree.leaf(number), edits);
        }
    }

    /// Takes out a comment whose text is in the token of another one: with its line, if it has one of its own.
    fn remove_comment(&self, leaf: &Leaf, edits: &mut Edits) {
        let text = self.tree.text;
        let Span { start, end } = leaf.span;
        let before = text[..start as usize].trim_end_matches([' ', '\t']);
        if before.is_empty() || before.ends_with('\n') {
            let line_end = text[end as usize..].find('\n').map_or(text.len(), |len| end as usize + len + 1);
            edits.remove(before.len()..line_end);
        } else {
            edits.remove(before.len()..end as usize);
        }
    }
}

/// Whether a YAML tag may stand before a token: those that say which type the value has may not.
fn fits_tokens(tag: &str) -> bool {
    let name = tag.trim_end().trim_start_matches("!<").trim_end_matches('>');
    let name = name.strip_prefix("!!").or_else(|| name.strip_prefix("tag:yaml.org,2002:"));
    name.is_none_or(|name| name == "str")
}
