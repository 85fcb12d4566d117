//! Opening: from a file with tokens to its plaintext. Nothing comes out before the MAC is checked (invariant I5).

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::edits::Edits;
use super::seal::Tokens;
use super::sealed_file::SealedFile;
use super::spell::{self, Layout, Place};
use super::tree::Tree;
use super::walk::{Visit, What};
use super::{MacCheck, block, comments};
use crate::data_key::DataKey;
use crate::dialect::sops::{Kind, Mac, Metadata, Rule, Value, is_token_like, open as open_token, parse_float};
use crate::document::sops::Store;
use crate::error::sops::{SopsError, ValueFault};
use crate::error::{Error, Position};
use crate::leaf::{Leaf, LeafKind, Span};

/// The neighbours of a comment are looked for among so many leaves.
const MAX_NEIGHBOURS: usize = 256;

/// An opened file.
pub(super) struct Opened {
    pub(super) plaintext: Zeroizing<Vec<u8>>,
    pub(super) unopened_comments: Vec<Position>,
    /// Its values in order.
    pub(super) values: Vec<Seen>,
    /// Those that look like integers once they are opened.
    pub(super) floats: Vec<WholeFloat>,
}

/// A float without a fraction: the plaintext shows an integer.
#[derive(Clone, Copy)]
pub(super) struct WholeFloat {
    /// Which of the file's values it is.
    pub(super) number: usize,
    /// Whether it is the negative zero.
    pub(super) is_negative_zero: bool,
}

impl WholeFloat {
    /// `value`, an integer in the plaintext, with the type that it had.
    pub(super) fn of(self, value: &Value) -> Value {
        match value.as_str().and_then(parse_float) {
            Some(0.0) if self.is_negative_zero => Value::float(-0.0),
            Some(number) => Value::float(number),
            None => value.clone(),
        }
    }
}

/// A value and what it is bound to; none is null.
pub(super) struct Seen {
    pub(super) aad: String,
    pub(super) value: Option<Value>,
}

/// Numbers are the same whatever their types: `1.0` is an integer once SOPS has written it and it is read again.
impl PartialEq for Seen {
    fn eq(&self, other: &Self) -> bool {
        let parts = |seen: &Self| seen.value.as_ref().map(|value| value.kind().or_integer());
        let bytes = |seen: &'_ Self| seen.value.as_ref().map(|value| value.bytes().to_vec()).map(Zeroizing::new);
        self.aad == other.aad && parts(self) == parts(other) && bytes(self) == bytes(other)
    }
}

/// Opens `file`, and adds its tokens to `tokens`, if somebody wants those.
pub(super) fn open(
    file: &SealedFile<'_>,
    data_key: &DataKey,
    check: MacCheck,
    tokens: Option<&mut Tokens>,
) -> Result<Opened, Error> {
    let SealedFile { tree, metadata } = file;
    let Tree { store, text, .. } = *tree;
    let rule = metadata.rule.clone().unwrap_or_default();
    let mut opener = Opener {
        tree,
        data_key,
        layout: Layout::of(tree),
        mac: Mac::new(metadata.mac_only_encrypted),
        edits: Edits::default(),
        tokens,
        values: Vec::new(),
        floats: Vec::new(),
        unopened_comments: Vec::new(),
    };
    tree.walk(&rule, &mut |visit| opener.visit(visit))?;
    let Opener { mac, mut edits, values, floats, unopened_comments, .. } = opener;
    if check == MacCheck::Require {
        check_mac(metadata, data_key, mac)?;
    }
    for range in block::spans(tree) {
        edits.remove(range);
    }
    let plaintext = if store == Store::Binary {
        binary(&values)?
    } else {
        let mut plaintext = edits.apply(text);
        if store == Store::Yaml && values.is_empty() && plaintext.trim().is_empty() {
            plaintext.clear();
            plaintext.push_str("{}\n");
        }
        verify(&plaintext, store, &rule, &values)?;
        Zeroizing::new(std::mem::take(&mut *plaintext).into_bytes())
    };
    Ok(Opened { plaintext, unopened_comments, values, floats })
}

struct Opener<'a, 't> {
    tree: &'a Tree<'t>,
    data_key: &'a DataKey,
    layout: Layout,
    mac: Mac,
    edits: Edits,
    tokens: Option<&'a mut Tokens>,
    values: Vec<Seen>,
    floats: Vec<WholeFloat>,
    unopened_comments: Vec<Position>,
}

impl Opener<'_, '_> {
    fn visit(&mut self, visit: &Visit<'_>) -> Result<(), Error> {
        match visit.what {
            What::Comment(leaves) if visit.is_encrypted => self.comment(leaves, visit),
            What::Comment(_) => Ok(()),
            What::Value(number) => self.value(number, visit),
        }
    }

    fn value(&mut self, number: usize, visit: &Visit<'_>) -> Result<(), Error> {
        let aad = visit.aad();
        let clear = self.tree.scalar(number)?;
        let is_token = visit.is_encrypted && clear.as_ref().is_some_and(|value| !value.bytes().is_empty());
        let value = match clear {
            Some(token) if is_token => {
                let value = self.open(number, &token, &aad)?;
                if visit.alias.is_none() {
                    self.replace(number, &value, token, &aad)?;
                }
                if value.kind() == Kind::Comment {
                    return Ok(());
                }
                if value.kind() == Kind::Float && !value.bytes().contains(&b'.') {
                    let is_negative_zero = value.bytes() == b"-0";
                    self.floats.push(WholeFloat { number: self.values.len(), is_negative_zero });
                }
                Some(value)
            }
            clear => clear,
        };
        if let Some(value) = &value {
            self.mac.add(value, visit.is_encrypted);
        }
        self.values.push(Seen { aad, value });
        Ok(())
    }

    fn open(&self, number: usize, token: &Value, aad: &str) -> Result<Value, Error> {
        let text = token.as_str().filter(|_| token.kind() == Kind::Text).ok_or(ValueFault::NotAToken);
        text.and_then(|text| open_token(self.data_key, aad, text)).map_err(|fault| {
            let leaf = self.tree.leaf(number);
            let path = self.tree.scan.paths.display(leaf.path).to_string();
            SopsError::Value { at: Position::of_span(self.tree.text, leaf.span), path, fault }.into()
        })
    }

    fn replace(&mut self, number: usize, value: &Value, token: Value, aad: &str) -> Result<(), Error> {
        let tree = self.tree;
        let leaf = tree.leaf(number);
        let place = Place::of(tree, leaf, self.layout);
        let refused = |what| Error::Unrepresentable { path: tree.scan.paths.display(leaf.path).to_string(), what };
        if let Some(tokens) = &mut self.tokens {
            tokens.add(aad, value, token.as_str().unwrap_or_default());
        }
        if value.kind() == Kind::Comment {
            return self.list_comment(number, value, aad, &place).map_err(refused);
        }
        if tree.store != Store::Binary {
            let source = spell::value(tree.store, value, &place).map_err(refused)?;
            self.edits.replace(leaf.span, source);
        }
        Ok(())
    }

    /// SOPS writes an encrypted comment of a list as one of its items.
    fn list_comment(&mut self, number: usize, value: &Value, aad: &str, place: &Place) -> Result<(), &'static str> {
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
            self.values.push(Seen { aad: aad.to_owned(), value: None });
            source.push_str(place.newline);
            source.extend(std::iter::repeat_n(' ', place.column.max(1)));
            source.push_str("[]");
        }
        self.edits.replace(Span::new(list.len()..leaf.span.end as usize), source);
        Ok(())
    }

    fn comment(&mut self, leaves: &[usize], visit: &Visit<'_>) -> Result<(), Error> {
        let tree = self.tree;
        let text = comments::text(tree, leaves);
        let Some(&first) = leaves.first().filter(|_| !text.is_empty()) else { return Ok(()) };
        let leaf = tree.leaf(first);
        let open = |aad: String| {
            let value = open_token(self.data_key, &aad, &text).ok()?;
            value.as_str().map(str::to_owned).map(|comment| (aad, value, Zeroizing::new(comment)))
        };
        let opened = open(visit.aad()).or_else(|| self.other_aads(first, visit).into_iter().find_map(open));
        let Some((aad, value, comment)) = opened else {
            self.unopened_comments.push(Position::of_span(tree.text, leaf.span));
            return Ok(());
        };
        if let Some(tokens) = &mut self.tokens {
            tokens.add(&aad, &value, &text);
        }
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
    fn other_aads(&self, number: usize, visit: &Visit<'_>) -> Vec<String> {
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
            aads.extend((0..=keys.len()).rev().map(|len| Visit { keys: &keys[..len], ..*visit }.aad()));
        }
        aads
    }
}

fn starts_line(text: &str, span: Span) -> bool {
    let start = span.start as usize;
    let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    text[line_start..start].trim_matches([' ', '\t']).is_empty()
}

fn check_mac(metadata: &Metadata, data_key: &DataKey, mac: Mac) -> Result<(), SopsError> {
    let token = metadata.mac.as_deref().ok_or(SopsError::NoMac)?;
    let stored = open_token(data_key, &metadata.mac_aad(), token).map_err(|_| SopsError::MacNotOpened)?;
    let is_same: bool = stored.bytes().ct_eq(mac.finish().as_bytes()).into();
    if is_same { Ok(()) } else { Err(SopsError::MacMismatch) }
}

/// The bytes of a binary file: the member `data`.
fn binary(values: &[Seen]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let data = values.iter().find(|seen| seen.aad == "data:").and_then(|seen| seen.value.as_ref());
    let missing = || SopsError::Metadata { field: "data".to_owned(), what: "is missing: this is no binary file" };
    Ok(Zeroizing::new(data.ok_or_else(missing)?.bytes().to_vec()))
}

/// The plaintext is read again and has to say what the tokens did (invariant I4).
fn verify(plaintext: &str, store: Store, rule: &Rule, values: &[Seen]) -> Result<(), Error> {
    let tree = Tree::read(store, plaintext)?;
    let mut expected = values.iter();
    let mut difference = None;
    tree.walk(rule, &mut |visit| {
        if let What::Value(number) = visit.what {
            let value = tree.scalar(number)?;
            let is_same =
                expected.next().is_some_and(|seen| seen.aad == visit.aad() && says(store, seen, value.as_ref()));
            if !is_same && difference.is_none() {
                difference = Some(tree.leaf(number).span);
            }
        }
        Ok(())
    })?;
    let is_all = expected.next().is_none();
    match difference {
        None if is_all => Ok(()),
        None => Err(Error::SelfCheck { at: Position::of(plaintext, plaintext.len()) }),
        Some(span) => Err(Error::SelfCheck { at: Position::of_span(plaintext, span) }),
    }
}

/// Whether a plaintext says `value`. Texts are the same texts; of others a format may only have a spelling (a float
/// without a fraction reads as an integer, a time in JSON as a text).
fn says(store: Store, seen: &Seen, value: Option<&Value>) -> bool {
    match (&seen.value, value) {
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
