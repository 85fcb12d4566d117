//! Opening: from a file with tokens to its plaintext. Nothing comes out before the MAC is checked (invariant I5).

use std::borrow::Cow;

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::edits::Edits;
use super::resolve::Scalar;
use super::seal::{Tokens, digest};
use super::sealed_file::SealedFile;
use super::spell::{self, Layout, Place};
use super::stops::{Seen, Stop, Stops, Values};
use super::tree::Tree;
use super::walk::{What, aad_of};
use super::whole_float::WholeFloat;
use super::{MacCheck, block, comments};
use crate::data_key::DataKey;
use crate::dialect::sops::{Cipher, Kind, Mac, Value, is_token_like};
use crate::document::sops::Store;
use crate::document::{MAX_LEAF_LEN, MAX_PLAINTEXT_LEN};
use crate::error::sops::{SopsError, ValueFault};
use crate::error::{Error, Position};
use crate::file::parallel;
use crate::leaf::{Leaf, LeafKind, Span};

/// The neighbours of a comment are looked for among so many leaves.
const MAX_NEIGHBOURS: usize = 256;

/// An opened file.
pub(super) struct Opened {
    pub(super) plaintext: Zeroizing<Vec<u8>>,
    pub(super) unopened_comments: Vec<Position>,
    pub(super) floats: Vec<WholeFloat>,
}

/// Opens `file`, and adds its tokens to `tokens`, if somebody wants those.
pub(super) fn open<'t>(
    file: &SealedFile<'t>,
    data_key: &DataKey,
    check: MacCheck,
    tokens: Option<&mut Tokens<'t>>,
) -> Result<Opened, Error> {
    let parts = Parts::open(file, data_key, tokens.is_some())?;
    if let Some(tokens) = tokens {
        parts.tokens.into_iter().for_each(|(digest, token)| tokens.add(digest, token));
    }
    let values = &parts.values;
    let (mac, released) = parallel::join(
        values.list.len(),
        || if check == MacCheck::Require { check_mac(file, data_key, values) } else { Ok(()) },
        || {
            if file.tree.store == Store::Binary {
                return binary(values);
            }
            let mut plaintext = splice(file, parts.edits, values);
            verify(&plaintext, file, values)?;
            Ok(Zeroizing::new(std::mem::take(&mut *plaintext).into_bytes()))
        },
    );
    mac?;
    let floats = WholeFloat::all(values);
    Ok(Opened { plaintext: released?, unopened_comments: parts.unopened_comments, floats })
}

/// Opens `file`, which was just made of `plaintext`, the text that said `values`, to see that it says the same again.
/// Binary files have no text.
pub(super) fn check(
    file: &SealedFile<'_>,
    data_key: &DataKey,
    plaintext: &str,
    values: &Values,
) -> Result<bool, Error> {
    let parts = Parts::open(file, data_key, false)?;
    check_mac(file, data_key, &parts.values)?;
    if parts.values != *values {
        return Ok(false);
    }
    if file.tree.store != Store::Binary {
        // The plaintext was read already, and has just been compared.
        let opened = splice(file, parts.edits, values);
        if *opened != plaintext {
            verify(&opened, file, values)?;
        }
    }
    Ok(true)
}

/// What came out of all stops.
struct Parts<'t> {
    edits: Edits,
    values: Values,
    tokens: Vec<([u8; 32], Cow<'t, str>)>,
    unopened_comments: Vec<Position>,
}

impl<'t> Parts<'t> {
    fn open(file: &SealedFile<'t>, data_key: &DataKey, keep_tokens: bool) -> Result<Self, Error> {
        let SealedFile { tree, metadata } = file;
        let rule = metadata.rule.clone().unwrap_or_default();
        let stops = Stops::of(tree, &rule)?;
        let cipher = Cipher::new(data_key);
        let layout = Layout::of(tree);
        let [first, second] = parallel::halves(stops.list.len(), |numbers| {
            let mut opener = Opener {
                tree,
                cipher: &cipher,
                layout,
                stops: &stops,
                edits: Edits::default(),
                keep_tokens,
                tokens: Vec::new(),
                values: Vec::with_capacity(numbers.len()),
                unopened_comments: Vec::new(),
            };
            stops.list[numbers].iter().try_for_each(|stop| opener.stop(stop))?;
            let Opener { edits, values, tokens, unopened_comments, .. } = opener;
            Ok::<_, Error>((edits, values, tokens, unopened_comments))
        });
        let (mut edits, mut values, mut tokens, mut unopened_comments) = first?;
        let (more_edits, more_values, more_tokens, more_comments) = second?;
        edits.append(more_edits);
        values.extend(more_values);
        tokens.extend(more_tokens);
        unopened_comments.extend(more_comments);
        Ok(Self { edits, values: stops.into_values(values), tokens, unopened_comments })
    }
}

/// The text with all values in the places of their tokens, and without metadata.
fn splice(file: &SealedFile<'_>, mut edits: Edits, values: &Values) -> Zeroizing<String> {
    let SealedFile { tree, .. } = file;
    for range in block::spans(tree) {
        edits.remove(range);
    }
    let mut plaintext = edits.apply(tree.text);
    if tree.store == Store::Yaml && values.list.is_empty() && plaintext.trim().is_empty() {
        plaintext.clear();
        plaintext.push_str("{}\n");
    }
    plaintext
}

struct Opener<'a, 't> {
    tree: &'a Tree<'t>,
    cipher: &'a Cipher,
    layout: Layout,
    stops: &'a Stops<'a>,
    edits: Edits,
    keep_tokens: bool,
    tokens: Vec<([u8; 32], Cow<'t, str>)>,
    values: Vec<Seen>,
    unopened_comments: Vec<Position>,
}

impl<'t> Opener<'_, 't> {
    fn stop(&mut self, stop: &Stop<'_>) -> Result<(), Error> {
        match stop.what {
            // Behind the last value a comment may have come into another map by the metadata.
            What::Comment(leaves) if stop.is_encrypted || is_token_like(&comments::text(self.tree, leaves)) => {
                self.comment(leaves, stop)
            }
            What::Comment(_) => Ok(()),
            What::Value(number) => self.value(number, stop),
        }
    }

    fn value(&mut self, number: usize, stop: &Stop<'_>) -> Result<(), Error> {
        let token = if stop.is_encrypted { self.tree.token(number) } else { None };
        let value = match token {
            Some(token) => self.token(number, Cow::Borrowed(token), stop)?,
            None => match self.tree.scalar(number)? {
                // What has a tag or escapes in it.
                Some(value) if stop.is_encrypted && !value.bytes().is_empty() => {
                    let token = value.as_str().filter(|_| value.kind() == Kind::Text).unwrap_or_default().to_owned();
                    self.token(number, Cow::Owned(token), stop)?
                }
                clear => Some(clear),
            },
        };
        if let Some(value) = value {
            let &Stop { aad, is_encrypted, .. } = stop;
            self.values.push(Seen { aad, is_encrypted, value });
        }
        Ok(())
    }

    /// The value in a token, which goes to its place; none for a comment of a list.
    fn token(&mut self, number: usize, token: Cow<'t, str>, stop: &Stop<'_>) -> Result<Option<Scalar>, Error> {
        let tree = self.tree;
        let leaf = tree.leaf(number);
        let path = || tree.scan.paths.display(leaf.path).to_string();
        let value = self.cipher.open(self.stops.aad(stop), &token).map_err(|fault| {
            let at = Position::of_span(tree.text, leaf.span);
            Error::from(SopsError::Value { at, path: path(), fault })
        })?;
        if value.is_local_time() && tree.store != Store::Toml {
            let at = Position::of_span(tree.text, leaf.span);
            return Err(SopsError::Value { at, path: path(), fault: ValueFault::WrongType }.into());
        }
        check_len(tree.store, value.bytes(), || Position::of_span(tree.text, leaf.span))?;
        if stop.alias.is_none() {
            if self.keep_tokens {
                self.tokens.push((digest(self.stops.aad(stop), &value), token));
            }
            let place = Place::of(tree, leaf, self.layout);
            let refused = |what| Error::Unrepresentable { path: path(), what };
            if value.kind() == Kind::Comment {
                self.list_comment(number, &value, stop, &place).map_err(refused)?;
            } else if tree.store != Store::Binary {
                let source = spell::value(tree.store, &value, &place).map_err(refused)?;
                self.edits.replace(leaf.span, source);
            }
        }
        Ok((value.kind() != Kind::Comment).then_some(Some(value)))
    }

    /// SOPS writes an encrypted comment of a list as one of its items.
    fn list_comment(
        &mut self,
        number: usize,
        value: &Value,
        stop: &Stop<'_>,
        place: &Place,
    ) -> Result<(), &'static str> {
        let tree = self.tree;
        let leaf = tree.leaf(number);
        let start = leaf.span.start as usize;
        let before = tree.text[..start].trim_end_matches([' ', '\t']);
        let Some(list) = before.strip_suffix('-').filter(|_| tree.store == Store::Yaml && !place.is_flow) else {
            return Err("a comment has no place in this list");
        };
        let text = value.as_str().ok_or("a comment is no UTF-8")?;
        let mut source = spell::comment(tree.store, "#", text, place)?;
        let parent = tree.scan.paths.parent(leaf.path);
        let is_comment = |path| {
            let number = tree.value_at(path);
            number.is_some_and(|number| tree.source(number).trim_end_matches(['"', '\'']).ends_with(",type:comment]"))
        };
        // The list of nothing but comments is empty, and not null.
        if tree.last_child(parent) == Some(leaf.path) && tree.children(parent).all(is_comment) {
            self.values.push(Seen { aad: stop.aad, is_encrypted: stop.is_encrypted, value: None });
            source.push_str(place.newline);
            source.extend(std::iter::repeat_n(' ', place.column.max(1)));
            source.push_str("[]");
        }
        self.edits.replace(Span::new(list.len()..leaf.span.end as usize), source);
        Ok(())
    }

    fn comment(&mut self, leaves: &[usize], stop: &Stop<'_>) -> Result<(), Error> {
        let tree = self.tree;
        let text = comments::text(tree, leaves);
        let Some(&first) = leaves.first().filter(|_| !text.is_empty()) else { return Ok(()) };
        let leaf = tree.leaf(first);
        let open = |aad: &str| {
            let value = self.cipher.open(aad, &text).ok()?;
            let digest = self.keep_tokens.then(|| digest(aad, &value));
            value.as_str().map(str::to_owned).map(|comment| (digest, Zeroizing::new(comment)))
        };
        let others = || self.other_aads(first).iter().find_map(|aad| open(aad));
        let Some((digest, comment)) = open(self.stops.aad(stop)).or_else(others) else {
            self.unopened_comments.push(Position::of_span(tree.text, leaf.span));
            return Ok(());
        };
        self.tokens.extend(digest.map(|digest| (digest, text)));
        let place = Place { ends_line: starts_line(tree.text, leaf.span), ..Place::of(tree, leaf, self.layout) };
        let line_start = tree.text[..leaf.span.start as usize].rfind('\n').map_or(0, |newline| newline + 1);
        let place = Place { column: leaf.span.start as usize - line_start, ..place };
        let sign = &leaf.span.of(tree.text)[..1];
        let source = spell::comment(tree.store, sign, &comment, &place);
        let path = || tree.scan.paths.display(leaf.path).to_string();
        self.edits.replace(leaf.span, source.map_err(|what| Error::Unrepresentable { path: path(), what })?);
        Ok(())
    }

    /// What else a comment may be bound to: programs differ about the map or list that it belongs to, so all those
    /// around its neighbours.
    fn other_aads(&self, number: usize) -> Vec<String> {
        let tree = self.tree;
        let mut aads = Vec::new();
        if !is_token_like(tree.source(number).trim_start_matches(['#', ';', ' '])) {
            return aads;
        }
        let is_value = |leaf: &&Leaf| leaf.kind != LeafKind::Comment;
        let before = tree.scan.leaves[..number].iter().rev().take(MAX_NEIGHBOURS).find(is_value);
        let behind = tree.scan.leaves[number..].iter().take(MAX_NEIGHBOURS).find(is_value);
        for leaf in [before, behind].into_iter().flatten() {
            let mut path = leaf.path;
            let mut keys = Vec::new();
            while tree.scan.paths.depth(path) > 0 {
                keys.extend(tree.key(path));
                path = tree.scan.paths.parent(path);
            }
            keys.reverse();
            aads.extend((0..=keys.len()).rev().map(|len| aad_of(&keys[..len])));
        }
        aads
    }
}

fn starts_line(text: &str, span: Span) -> bool {
    let start = span.start as usize;
    let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    text[line_start..start].trim_matches([' ', '\t']).is_empty()
}

fn check_mac(file: &SealedFile<'_>, data_key: &DataKey, values: &Values) -> Result<(), Error> {
    let metadata = &file.metadata;
    let token = metadata.mac.as_deref().ok_or(SopsError::NoMac)?;
    let stored = Cipher::new(data_key).open(&metadata.mac_aad(), token).map_err(|_| SopsError::MacNotOpened)?;
    let mac = values.hash(Mac::new(metadata.mac_only_encrypted)).finish();
    let is_same: bool = stored.bytes().ct_eq(mac.as_bytes()).into();
    if is_same { Ok(()) } else { Err(SopsError::MacMismatch.into()) }
}

/// The bytes of a binary file: the member `data`.
fn binary(values: &Values) -> Result<Zeroizing<Vec<u8>>, Error> {
    let data = values.list.iter().find(|seen| values.aad(seen) == "data:").and_then(|seen| seen.value.as_ref());
    let missing = || SopsError::Metadata { field: "data".to_owned(), what: "is missing: this is no binary file" };
    Ok(Zeroizing::new(data.ok_or_else(missing)?.bytes().to_vec()))
}

/// The plaintext is read again and has to say what the tokens did (invariant I4).
fn verify(plaintext: &str, file: &SealedFile<'_>, values: &Values) -> Result<(), Error> {
    let tree = Tree::read(file.tree.store, plaintext)?;
    let rule = file.metadata.rule.clone().unwrap_or_default();
    let mut stops = Stops::of(&tree, &rule)?;
    stops.list.retain(|stop| matches!(stop.what, What::Value(_)));
    let differs = |number: usize, seen: Option<&Seen>| {
        let stop = &stops.list[number];
        let What::Value(leaf) = stop.what else { return Ok(None) };
        let value = tree.scalar(leaf)?;
        let is_same = seen.is_some_and(|seen| {
            values.aad(seen) == stops.aad(stop) && says(tree.store, seen.value.as_ref(), value.as_ref())
        });
        Ok::<_, Error>((!is_same).then(|| tree.leaf(leaf).span))
    };
    let halves = parallel::halves(stops.list.len(), |mut numbers| {
        numbers.find_map(|number| differs(number, values.list.get(number)).transpose())
    });
    match halves.into_iter().flatten().next().transpose()? {
        None if values.list.len() <= stops.list.len() => Ok(()),
        None => Err(Error::SelfCheck { at: Position::of(plaintext, plaintext.len()) }),
        Some(span) => Err(Error::SelfCheck { at: Position::of_span(plaintext, span) }),
    }
}

/// Refuses a value that is too long; a binary file is one, and has a limit of its own.
pub(super) fn check_len(store: Store, value: &[u8], at: impl Fn() -> Position) -> Result<(), Error> {
    let limit = if store == Store::Binary { MAX_PLAINTEXT_LEN } else { MAX_LEAF_LEN };
    if value.len() <= limit {
        return Ok(());
    }
    Err(Error::Limit { what: "the length of a value or comment in bytes", limit: limit as u64, at: Some(at()) })
}

/// Whether a plaintext says `value`. Texts are the same texts; of others a format may only have a spelling (a float
/// without a fraction reads as an integer, a time in JSON as a text).
fn says(store: Store, seen: Option<&Value>, value: Option<&Value>) -> bool {
    match (seen, value) {
        (None, None) => true,
        (Some(before), Some(after)) => match (before.kind(), store) {
            (Kind::Text, _) => before == after,
            (_, Store::Dotenv | Store::Ini) => true,
            // The negative zero is one of them.
            _ => before.bytes() == after.bytes() || (before.bytes(), after.bytes()) == (b"-0", b"0"),
        },
        _ => false,
    }
}
